//! CREATE TABLE, DROP TABLE, TRUNCATE, and indexes.

use crate::sql::plan::IndexChange;
use remanent_storage::error::{Error, Result, state};
use remanent_storage::index::IndexDef;
use remanent_storage::table::ColumnDef;
use remanent_storage::txn::Txn;

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
    }
}

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
            }
        }
    }
    for name in names {
        if txn.catalog().table(name).is_some() {
            txn.drop_table(name)?;
        }
    }
    Ok(0)
}

/// Empties tables, all or none.
pub fn truncate(names: &[String], txn: &mut Txn) -> Result<u64> {
    names.iter().try_for_each(|name| txn.truncate_table(name)).map(|()| 0)
}
