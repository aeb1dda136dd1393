<<<<<<< HEAD
//! CREATE, ALTER, DROP and TRUNCATE: the steps that the binder made, one after the other.
||||||| c9b5300
//! CREATE TABLE, DROP TABLE and TRUNCATE.
=======
//! CREATE TABLE, DROP TABLE, TRUNCATE, and indexes.
>>>>>>> index

<<<<<<< HEAD
use super::{Env, Input, Run, gather, open, pull, rules};
use crate::sql::plan::{Define, Plan, Rules, Step};
||||||| c9b5300
=======
use crate::sql::plan::IndexChange;
>>>>>>> index
use remanent_storage::error::{Error, Result, state};
<<<<<<< HEAD
use remanent_storage::table::TableDef;
||||||| c9b5300
use remanent_storage::table::ColumnDef;
=======
use remanent_storage::index::IndexDef;
use remanent_storage::table::ColumnDef;
>>>>>>> index
use remanent_storage::txn::Txn;
use std::sync::Arc;

<<<<<<< HEAD
/// Runs the steps; how many rows were inserted.
pub fn run(define: &Define, txn: &mut Txn, env: &Env) -> Result<u64> {
    let mut rows = 0;
    for step in &define.steps {
        match one(step, txn, env) {
            Ok(Some(more)) => rows += more,
            Ok(None) => break,
            Err(error) => return Err(error),
        }
||||||| c9b5300
/// Makes a table.
pub fn create_table(
    name: &str,
    columns: &[ColumnDef],
    key: &[usize],
    if_not_exists: bool,
    txn: &mut Txn,
) -> Result<u64> {
    txn.read_names([name].into_iter());
    if if_not_exists && txn.catalog().table(name).is_some() {
        return Ok(0);
    }
    match txn.create_table(name, columns.to_vec(), key.to_vec()) {
        // Someone else was quicker.
        Err(error) if if_not_exists && error.state() == state::DUPLICATE_TABLE => Ok(0),
        done => done.map(|()| 0),
=======
/// Makes a table.
pub fn create_table(
    name: &str,
    columns: &[ColumnDef],
    key: &[usize],
    indexes: &[IndexDef],
    if_not_exists: bool,
    txn: &mut Txn,
) -> Result<u64> {
    txn.read_names([name].into_iter());
    if if_not_exists && txn.catalog().table(name).is_some() {
        return Ok(0);
    }
    match txn.create_table(name, columns.to_vec(), key.to_vec()) {
        // Someone else was quicker.
        Err(error) if if_not_exists && error.state() == state::DUPLICATE_TABLE => Ok(0),
        done => {
            done?;
            let table = txn.catalog().table(name).map_or(0, |table| table.id);
            indexes
                .iter()
                .try_for_each(|def| txn.create_index(IndexDef { table, ..def.clone() }).map(drop))?;
            Ok(0)
        }
>>>>>>> index
    }
    Ok(rows)
}

<<<<<<< HEAD
/// One step; None where it is the last.
fn one(step: &Step, txn: &mut Txn, env: &Env) -> Result<Option<u64>> {
    match step {
        Step::Create { def, or_leave } => {
            txn.read_names([def.name.as_str()].into_iter());
            match txn.create(def.clone()) {
                // Someone else was quicker.
                Err(error) if *or_leave && error.state() == state::DUPLICATE_TABLE => return Ok(None),
                done => drop(done?),
||||||| c9b5300
/// Drops tables, all or none.
pub fn drop_tables(names: &[String], if_exists: bool, txn: &mut Txn) -> Result<u64> {
    txn.read_names(names.iter().map(String::as_str));
    if !if_exists {
        for name in names {
            if txn.catalog().table(name).is_none() {
                let message = format!("table \"{name}\" does not exist");
                return Err(Error::new(state::UNDEFINED_TABLE, message));
=======
/// Makes, drops or rebuilds indexes.
pub fn change_index(change: &IndexChange, txn: &mut Txn) -> Result<u64> {
    match change {
        IndexChange::Create { def, if_not_exists } => match txn.create_index(def.clone()) {
            Err(error) if *if_not_exists && error.state() == state::DUPLICATE_TABLE => {}
            done => drop(done?),
        },
        IndexChange::Drop { names, if_exists } => {
            for name in names {
                if !*if_exists || txn.catalog().index(name).is_some() {
                    txn.drop_index(name)?;
                }
            }
        }
        IndexChange::Rebuild(names) => names.iter().try_for_each(|name| txn.rebuild_index(name))?,
    }
    Ok(0)
}

/// Drops tables, all or none.
pub fn drop_tables(names: &[String], if_exists: bool, txn: &mut Txn) -> Result<u64> {
    txn.read_names(names.iter().map(String::as_str));
    if !if_exists {
        for name in names {
            if txn.catalog().table(name).is_none() {
                let message = format!("table \"{name}\" does not exist");
                return Err(Error::new(state::UNDEFINED_TABLE, message));
>>>>>>> index
            }
        }
        Step::Alter { old, new } => drop(txn.alter(&current(old, txn)?, new.clone())?),
        Step::Drop(def) => {
            txn.read_names([def.name.as_str()].into_iter());
            txn.drop_relation(&current(def, txn)?)?;
        }
        Step::Empty(def) => drop(txn.replace(&current(def, txn)?, TableDef::clone(def))?),
        Step::Restart { old, new, at } => {
            let (last, called) = match at {
                Some(at) => *at,
                None => match &env.context.instance {
                    Some(instance) => instance.store.last_value(old)?,
                    None => return Err(Error::internal("a sequence is changed without a database")),
                },
            };
            txn.restart_sequence(&current(old, txn)?, new.clone(), last, called)?;
        }
        Step::Rewrite { old, new, rows, rules } => {
            let old = current(old, txn)?;
            txn.lock_alone(&old)?;
            let input = opened(rows, txn, env)?;
            let new = txn.replace(&old, new.clone())?;
            fill(&new, input, rules.as_deref(), txn, env)?;
        }
        Step::Fill { name: (schema, name), rows } => {
            let input = opened(rows, txn, env)?;
            let made = txn.catalog().relation(schema, name).cloned();
            let table = made.ok_or_else(|| Error::internal("a table that was just made is not there"))?;
            return fill(&table, input, None, txn, env).map(Some);
        }
        Step::Check { table, rows, error } => {
            txn.lock_alone(&current(table, txn)?)?;
            let mut input = opened(rows, txn, env)?;
            if pull(&mut input, &Run::new(env, None))?.is_some() {
                return Err(error.clone());
            }
        }
        Step::Entry { kind, name, value } => txn.set_entry(*kind, name, value.as_deref())?,
    }
    Ok(Some(0))
}

/// The definition under that number as the steps before have left it; `Error::restart` where it is gone.
fn current(def: &Arc<TableDef>, txn: &Txn) -> Result<Arc<TableDef>> {
    let found = txn.catalog().by_id(def.id).map(|table| Arc::clone(&table.def));
    found.ok_or_else(Error::restart)
}

fn opened(rows: &Plan, txn: &Txn, env: &Env) -> Result<Input> {
    let run = Run::new(env, Some(txn));
    let input = open(rows, &run)?;
    if rows.opens_late() { gather(input, &run) } else { Ok(input) }
}

fn fill(
    table: &Arc<TableDef>,
    mut input: Input,
    rules: Option<&Rules>,
    txn: &mut Txn,
    env: &Env,
) -> Result<u64> {
    let mut count = 0;
    while let Some(batch) = pull(&mut input, &Run::new(env, None))? {
        let batch = rules::obeyed(rules, batch.compact(), &Run::new(env, None))?;
        txn.insert(table, &batch)?;
        count += batch.rows as u64;
    }
    Ok(count)
}
