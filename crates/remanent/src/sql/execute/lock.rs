//! SELECT … FOR UPDATE: rows are locked as they pass.
//!
//! Each row is locked in every table that the clauses mean, in the order of the rows, and only then handed on; one that
//! others have locked is left out where SKIP LOCKED says so. A row that changed since the statement's snapshot asks for
//! a restart on a new one (`remanent_storage::txn::locker`), under which what was locked stays locked.

use super::write::row_ids;
use super::{Input, Operator, Run, pull};
use crate::sql::plan::RowLock;
use remanent_storage::error::{Error, Result};
use remanent_storage::table::RowId;
use remanent_storage::txn::Txn;
use remanent_storage::txn::locker::{LockedTable, Locker};
use remanent_storage::value::{Batch, Column, Key};

/// Locks rows.
pub struct LockRows {
    input: Input,
    tables: Vec<(RowLock, LockedTable)>,
    one_by_one: bool,
    /// The batch at hand, and which of its rows is next.
    batch: Option<(Passing, usize)>,
}

/// A batch with what identifies its rows.
struct Passing {
    batch: Batch,
    /// For each table, where each row lies.
    places: Vec<Vec<RowId>>,
}

impl LockRows {
    /// Locks the rows of `input`. Takes the locks on the tables themselves, which keep them from being dropped.
    pub fn new(input: Input, tables: &[RowLock], one_by_one: bool, txn: &Txn) -> Result<Self> {
        let table = |lock: &RowLock| Ok((lock.clone(), txn.lock_rows_of(&lock.table, lock.mode, lock.wait)?));
        let tables = tables.iter().map(table).collect::<Result<_>>()?;
        Ok(LockRows { input, tables, one_by_one, batch: None })
    }

    fn passing(&self, batch: Batch) -> Result<Passing> {
        let batch = batch.compact();
        let place = |(lock, _): &(RowLock, LockedTable)| {
            row_ids(lock.identity.last().and_then(|&at| batch.columns.get(at)).cloned())
        };
        let places = self.tables.iter().map(place).collect::<Result<_>>()?;
        Ok(Passing { batch, places })
    }

    /// Locks one row in every table; false: it is left out.
    fn lock(&self, passing: &Passing, row: usize, locker: &Locker, env: &Run<'_>) -> Result<bool> {
        for ((lock, table), places) in self.tables.iter().zip(&passing.places) {
            let key = lock.identity.split_last().map_or(&[][..], |(_, key)| key);
            let key: Vec<&Column> = key.iter().filter_map(|&at| passing.batch.columns.get(at)).collect();
            let Some(&at) = places.get(row) else { return Err(Error::internal("a row without its place")) };
            let key = Key::from_row(&key, row);
            if !locker.row(table, &key, at, lock.mode, lock.wait, &env.context.interrupt)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

impl Operator for LockRows {
    fn next(&mut self, env: &Run<'_>) -> Result<Option<Batch>> {
        let Some(locker) = env.locks.as_deref() else {
            return Err(Error::internal("rows are locked outside a transaction"));
        };
        loop {
            let (passing, mut row) = match self.batch.take() {
                Some(at_hand) => at_hand,
                None => match pull(&mut self.input, env)? {
                    Some(batch) => (self.passing(batch)?, 0),
                    None => return Ok(None),
                },
            };
            let mut locked = Vec::new();
            while row < passing.batch.rows && (locked.is_empty() || !self.one_by_one) {
                env.context.interrupt.check()?;
                if self.lock(&passing, row, locker, env)? {
                    locked.push(row as u32);
                }
                row += 1;
            }
            let out = passing.batch.columns.iter().map(|column| column.gather(&locked)).collect();
            if row < passing.batch.rows {
                self.batch = Some((passing, row));
            }
            if !locked.is_empty() {
                return Ok(Some(Batch::new(out, locked.len())));
            }
        }
    }
}
