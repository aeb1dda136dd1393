//! CREATE, ALTER, DROP and TRUNCATE: the steps that the binder made, one after the other.

use super::{Env, Input, Run, gather, open, pull, rules};
use crate::sql::bind;
use crate::sql::expr::Expr;
use crate::sql::plan::{Commented, Define, Plan, Rules, Step};
use remanent_storage::catalog::EntryKind;
use remanent_storage::catalog::comments::{PartKind, Subject};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::index::IndexDef;
use remanent_storage::table::TableDef;
use remanent_storage::txn::Txn;
use remanent_storage::value::{Batch, Value};
use std::sync::Arc;

/// Runs the steps; how many rows were inserted.
pub fn run(define: &Define, txn: &mut Txn, env: &Env) -> Result<u64> {
    run_steps(&define.steps, define.tag, txn, env)
}

fn run_steps(steps: &[Step], tag: &str, txn: &mut Txn, env: &Env) -> Result<u64> {
    let mut rows = 0;
    for step in steps {
        // What the steps before have made can be named.
        let env = Env { catalog: Some(Arc::clone(txn.catalog())), ..env.clone() };
        refuse_open(step, tag, txn)?;
        if let Step::Reshape { made, copied, .. } = step {
            let next = if reshaped(step, txn, &env)? { made } else { copied };
            renew_open(txn, &env);
            rows += run_steps(next, tag, txn, &env)?;
            continue;
        }
        match one(step, txn, &env)? {
            Some(more) => rows += more,
            None => break,
        }
        renew_open(txn, &env);
    }
    Ok(rows)
}

/// True if a table has got other columns; false where its rows have to be copied, which also says what is wrong with NULLs in them.
fn reshaped(step: &Step, txn: &mut Txn, env: &Env) -> Result<bool> {
    let Step::Reshape { old, new, gone, values, indexes, .. } = step else { return Ok(false) };
    let (one, run) = (Batch::new(Vec::new(), 1), Run::new(env, None));
    let value = |(position, expr): &(usize, Expr)| -> Result<(usize, Value)> {
        Ok((*position, expr.evaluate(&one, &run.eval())?.value(0)))
    };
    let values = values.iter().map(value).collect::<Result<Vec<_>>>()?;
    let refused = |(position, value): &(usize, Value)| {
        value.is_null() && new.columns.get(*position).is_none_or(|column| column.not_null)
    };
    if values.iter().any(refused) {
        return Ok(false);
    }
    let old = current(old, txn)?;
    txn.reshape(&old, new.clone(), gone, &values, indexes)
}

/// One step; None where it is the last.
fn one(step: &Step, txn: &mut Txn, env: &Env) -> Result<Option<u64>> {
    match step {
        Step::Create { def, or_leave } => {
            txn.read_names([def.name.as_str()].into_iter());
            match txn.create(def.clone()) {
                // Someone else was quicker.
                Err(error) if *or_leave && error.state() == state::DUPLICATE_TABLE => return Ok(None),
                done => drop(done?),
            }
        }
        Step::Alter { old, new } => drop(txn.alter(&current(old, txn)?, new.clone())?),
        Step::Drop(def) => {
            txn.read_names([def.name.as_str()].into_iter());
            txn.drop_relation(&current(def, txn)?)?;
        }
        Step::Empty(def) => drop(txn.empty(&current(def, txn)?)?),
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
            txn.lock_all_rows(&old)?;
            let input = opened(rows, txn, env)?;
            let new = txn.replace(&old, new.clone())?;
            fill(&new, input, rules.as_deref(), txn, env).map_err(|error| duplicates(error, &new))?;
        }
        Step::Index { table: (schema, name), def, or_leave } => {
            txn.read_names([def.name.as_str()].into_iter());
            let table = txn.catalog().relation(schema, name).map(|table| table.id);
            let table = table.ok_or_else(Error::restart)?;
            match txn.create_index(IndexDef { table, ..def.clone() }) {
                Err(error) if *or_leave && error.state() == state::DUPLICATE_TABLE => return Ok(None),
                done => drop(done?),
            }
        }
        Step::DropIndex(def) => txn.drop_index(def)?,
        Step::RenameIndex(def, name) => txn.rename_index(def, name)?,
        Step::Rebuild(def) => txn.rebuild_index(def)?,
        Step::Fill { name: (schema, name), rows } => {
            let input = opened(rows, txn, env)?;
            let made = txn.catalog().relation(schema, name).cloned();
            let table = made.ok_or_else(|| Error::internal("a table that was just made is not there"))?;
            return fill(&table, input, None, txn, env).map(Some);
        }
        Step::Check { table, rows, error } => {
            txn.lock_all_rows(&current(table, txn)?)?;
            let mut input = opened(rows, txn, env)?;
            if pull(&mut input, &Run::new(env, None))?.is_some() {
                return Err(error.clone());
            }
        }
        Step::Refer { table: (schema, table), name, validate } => {
            refer(schema, table, name, *validate, txn, env)?
        }
        Step::CreateEnum(def) => txn.create_enum(def.clone())?,
        Step::AlterEnum(def) => txn.alter_enum(def)?,
        Step::DropEnum(id) => txn.drop_enum(*id)?,
        Step::Comment(of, text) => comment(of, text.as_deref(), txn, env)?,
        // Run by who called this.
        Step::Reshape { .. } => {}
        Step::Entry { kind, name, value } => txn.set_entry(*kind, name, value.as_deref())?,
    }
    Ok(Some(0))
}

/// A foreign key begins to hold.
fn refer(schema: &str, table: &str, name: &str, validate: bool, txn: &mut Txn, env: &Env) -> Result<()> {
    let catalog = Arc::clone(txn.catalog());
    let child = catalog.relation(schema, table).ok_or_else(Error::restart)?;
    let referred = bind::foreign_key(child, name, &catalog, &env.context.path)?;
    let key = &referred.key;
    for held in [&key.parent, &key.child] {
        txn.read_names([held.name.as_str()].into_iter());
        txn.lock_alone(held)?;
    }
    if validate { txn.validate_foreign_key(key) } else { Ok(()) }
}

/// Foreign keys that have still to look at something do so in the tables that there are now.
fn renew_open(txn: &mut Txn, env: &Env) {
    let catalog = Arc::clone(txn.catalog());
    txn.renew_open_keys(&|key| {
        let child = catalog.relation(&key.child.schema, &key.child.name)?;
        // Between two steps of one statement a constraint may not make sense.
        let now = bind::foreign_key(child, &key.name, &catalog, &env.context.path).ok()?;
        Some(Arc::clone(&now.key))
    });
}

/// 55006 for a definition that must stay, since foreign keys have still to look at something.
fn refuse_open(step: &Step, tag: &str, txn: &Txn) -> Result<()> {
    let def = match step {
        Step::Alter { old, .. } | Step::Reshape { old, .. } | Step::Rewrite { old, .. } => old,
        Step::Drop(old) | Step::Empty(old) => old,
        _ => return Ok(()),
    };
    if !txn.has_open_keys(def) {
        return Ok(());
    }
    let what = tag.strip_suffix(" TABLE").filter(|what| *what == "TRUNCATE").unwrap_or(tag);
    let message = format!("cannot {what} \"{}\" because it has pending trigger events", def.name);
    Err(Error::new(state::OBJECT_IN_USE, message))
}

/// COMMENT ON. Of another database it says nothing, as in PostgreSQL, which warns.
fn comment(of: &Commented, text: Option<&str>, txn: &mut Txn, env: &Env) -> Result<()> {
    match of {
        Commented::Relation((schema, name), part) => {
            let def = txn.catalog().relation(schema, name).cloned().ok_or_else(Error::restart)?;
            let (lock, on) = match part {
                Some((kind, part)) if *kind == PartKind::Index => (part, Subject::Part(def.id, *kind, part)),
                Some((kind, part)) => (name, Subject::Part(def.id, *kind, part)),
                None => (name, Subject::Relation(def.id)),
            };
            txn.comment(&def, lock, &on.to_string(), text)
        }
        Commented::Database(name) => {
            let own = env.context.instance.as_ref().is_some_and(|instance| *instance.name == **name);
            let entry = Subject::Database.to_string();
            if own { txn.set_entry(EntryKind::Comment, &entry, text) } else { Ok(()) }
        }
    }
}

/// Rows that were there before their key was.
fn duplicates(error: Error, table: &TableDef) -> Error {
    if error.state() != state::UNIQUE_VIOLATION {
        return error;
    }
    let message = format!("could not create unique index \"{}\"", table.key_name());
    let detail = error.detail().unwrap_or_default().replace("already exists.", "is duplicated.");
    Error::new(state::UNIQUE_VIOLATION, message).with_detail(detail)
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
