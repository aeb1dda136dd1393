//! Transactions: snapshots, private segments, key locks, commit.

use crate::catalog::Catalog;
use crate::error::{Error, Result, state};
use crate::table::{ColumnDef, RowId, ScanRequest, TableDef};
use crate::value::{Batch, Key, Value};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A request to end the running statement, settable from any thread.
#[derive(Debug, Default)]
pub struct Interrupt(AtomicBool);

impl Interrupt {
    /// Asks the running statement to end with 57014.
    pub fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Forgets the request; called when a statement begins.
    pub fn clear(&self) {
        self.0.store(false, Ordering::Relaxed);
    }

    /// 57014 if the statement was asked to end.
    pub fn check(&self) -> Result<()> {
        match self.0.load(Ordering::Relaxed) {
            true => Err(Error::new(state::QUERY_CANCELED, "canceling statement due to user request")),
            false => Ok(()),
        }
    }
}

/// One transaction: reads a snapshot, buffers its writes, commits them as one record of the log.
/// Dropping it rolls back.
pub struct Txn {
    _private: (),
}

/// A place in a transaction's writes to come back to.
#[derive(Debug, Clone)]
pub struct Savepoint {
    _private: (),
}

/// The visible rows of one table, batch by batch. Independent of the transaction that made it:
/// rows written after it began are not delivered.
pub struct Scan {
    _private: (),
}

impl Scan {
    /// The next rows: at most 2,048, never an empty batch; None at the end.
    pub fn next(&mut self) -> Result<Option<Batch>> {
        Err(Error::internal("frame"))
    }
}

impl Txn {
    /// The catalog as this transaction sees it, its own changes included.
    pub fn catalog(&self) -> &Arc<Catalog> {
        unimplemented!()
    }

    /// Begins a statement: under READ COMMITTED, takes a new snapshot.
    pub fn begin_statement(&mut self) {}

    /// What ends the running statement from another thread.
    pub fn set_interrupt(&mut self, _interrupt: Arc<Interrupt>) {}

    /// Begins a scan of a table at this snapshot, own writes included.
    pub fn scan(&self, _table: &Arc<TableDef>, _request: &ScanRequest) -> Result<Scan> {
        Err(Error::internal("frame"))
    }

    /// The row with that key, if it is visible: the wanted columns in order.
    pub fn get(&self, _table: &Arc<TableDef>, _key: &Key, _columns: &[usize]) -> Result<Option<Vec<Value>>> {
        Err(Error::internal("frame"))
    }

    /// Inserts rows: all declared columns, in order, each of the declared type (for a table with a hidden key
    /// the key is made here). NOT NULL is checked here (23502), so is the key (23505).
    pub fn insert(&mut self, _table: &Arc<TableDef>, _rows: &Batch) -> Result<()> {
        Err(Error::internal("frame"))
    }

    /// Deletes rows that a scan of this statement delivered: their key columns and where they lie. A row that
    /// another transaction changed since the snapshot is `Error::restart`.
    pub fn delete(&mut self, _table: &Arc<TableDef>, _keys: &Batch, _at: &[RowId]) -> Result<()> {
        Err(Error::internal("frame"))
    }

    /// Replaces rows that a scan of this statement delivered by new ones (all declared columns, in order).
    pub fn update(
        &mut self,
        _table: &Arc<TableDef>,
        _keys: &Batch,
        _at: &[RowId],
        _rows: &Batch,
    ) -> Result<()> {
        Err(Error::internal("frame"))
    }

    /// Makes a table; 42P07 where the name is taken.
    pub fn create_table(&mut self, _name: &str, _columns: Vec<ColumnDef>, _key: Vec<usize>) -> Result<()> {
        Err(Error::internal("frame"))
    }

    /// Drops a table; 42P01 where there is none.
    pub fn drop_table(&mut self, _name: &str) -> Result<()> {
        Err(Error::internal("frame"))
    }

    /// A place to come back to.
    pub fn savepoint(&self) -> Savepoint {
        Savepoint { _private: () }
    }

    /// Undoes the writes since a savepoint; key locks stay.
    pub fn rollback_to(&mut self, _savepoint: &Savepoint) {}

    /// Commits; when it returns, the changes are visible and (unless synchronous_commit is off) durable.
    pub fn commit(self) -> Result<()> {
        Err(Error::internal("frame"))
    }

    /// Undoes everything.
    pub fn rollback(self) {}
}
