//! INSERT, UPDATE and DELETE: batches from the input into the transaction.
//!
//! The input's scans began before the first write, and deliver no row written after that (the Halloween problem
//! does not arise). Errors that ask for a restart on a new snapshot pass through to the session.

use super::{Env, Input, pull};
use remanent_storage::error::{Error, Result};
use remanent_storage::table::{RowId, TableDef};
use remanent_storage::txn::Txn;
use remanent_storage::value::{Batch, Column, ColumnData};
use std::sync::Arc;

/// Inserts all rows of the input: all declared columns in order.
pub fn insert(table: &Arc<TableDef>, mut input: Input, txn: &mut Txn, env: &Env) -> Result<u64> {
    let mut affected = 0;
    while let Some(batch) = pull(&mut input, env)? {
        let batch = batch.compact();
        txn.insert(table, &batch)?;
        affected += batch.rows as u64;
    }
    Ok(affected)
}

/// Replaces rows, setting the `assigned` columns: the input delivers their keys, where they lie, and the new rows.
pub fn update(
    table: &Arc<TableDef>,
    mut input: Input,
    assigned: &[usize],
    txn: &mut Txn,
    env: &Env,
) -> Result<u64> {
    let keys = table.key_columns().len();
    let mut affected = 0;
    while let Some(batch) = pull(&mut input, env)? {
        let mut batch = batch.compact();
        if batch.columns.len() != keys + 1 + table.columns.len() {
            return Err(Error::internal("an update of the wrong width"));
        }
        let new = Batch::new(batch.columns.split_off(keys + 1), batch.rows);
        let at = row_ids(batch.columns.pop())?;
        txn.update(table, &batch, &at, &new, assigned)?;
        affected += batch.rows as u64;
    }
    Ok(affected)
}

/// Deletes rows: the input delivers their keys and where they lie.
pub fn delete(table: &Arc<TableDef>, mut input: Input, txn: &mut Txn, env: &Env) -> Result<u64> {
    let mut affected = 0;
    while let Some(batch) = pull(&mut input, env)? {
        let mut batch = batch.compact();
        let at = row_ids(batch.columns.pop())?;
        txn.delete(table, &batch, &at)?;
        affected += batch.rows as u64;
    }
    Ok(affected)
}

pub(super) fn row_ids(column: Option<Column>) -> Result<Vec<RowId>> {
    match column.map(|column| column.flatten()).as_ref().map(Column::data) {
        Some(ColumnData::I64(packed)) => Ok(packed.iter().copied().map(RowId::unpack).collect()),
        _ => Err(Error::internal("rows without their places")),
    }
}
