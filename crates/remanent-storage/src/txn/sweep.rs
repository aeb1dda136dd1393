//! Rows that leave by their age, as a transaction of the background takes them out.
//!
//! It holds the table as one of many who write there, and no row: a row that is swept may be one that another transaction has
//! located to delete or replace. Whose record comes first decides, and nothing is lost:
//!
//! ```text
//!   T locates row 7, deletes or replaces it     sweep at record 900     T commits, record 901
//!                                                row 7 goes             T's delete of it is left out (`Core::leave_swept`);
//!                                                                       a new row 7 is a row of record 901, and stays
//! ```
//!
//! So an UPDATE of a row that leaves meanwhile is not undone: the row is there again in its new form, until the next sweep.

use super::Txn;
use super::insert::key_columns;
use crate::Lsn;
use crate::error::{Error, Result};
use crate::table::TableDef;
use crate::table::sweep::Sweep;
use crate::txn::keys::KeyRun;
use crate::txn::locks::{Mode, Taken, Target, Wait};
use crate::txn::writes::TableWrites;
use crate::value::{Column, Key};
use std::sync::Arc;

impl Txn {
    /// Takes out the rows of a table that came up to the record `upto`, at most up to this transaction's snapshot, and have
    /// from `low` to below `high` in a stored column. Returns how many there are; None where others hold the table alone.
    /// Nobody may flush from here to the commit.
    pub fn sweep(
        &mut self,
        table: &Arc<TableDef>,
        column: usize,
        (low, high): (i64, i64),
        upto: Lsn,
    ) -> Result<Option<u64>> {
        self.core.writable()?;
        let table = self.table(table)?;
        let target = Target::Table(table.def.id);
        let Txn { core, held, owner, interrupt, .. } = self;
        if core.locks.take(*owner, held, target, Mode::Share, Wait::Never, interrupt)? == Taken::No {
            return Ok(None);
        }
        self.check_newest(&table.def)?;
        let column = u32::try_from(column).map_err(|_| Error::internal("a column beyond all"))?;
        let sweep = Sweep { column, low, high, upto: upto.min(self.snapshot.lsn) };
        let rows = sweep.find(&table.version())?;
        let count = rows.count();
        if count > 0 {
            let writes = self.writes.or_insert_with(table.def.id, || TableWrites::new(Arc::clone(&table)));
            writes.sweep(sweep, rows);
        }
        Ok(Some(count))
    }

    /// Puts rows, all stored columns, in the place of some that this transaction sweeps. False, and nothing is put, where a key
    /// is locked, or is that of a row which came since the snapshot.
    pub fn put_swept(&mut self, table: &Arc<TableDef>, columns: &[Column]) -> Result<bool> {
        let table = self.table(table)?;
        let keys = KeyRun::of(&key_columns(&table.def, columns));
        for i in 0..keys.len() {
            let target = Target::Row(table.def.id, Key(keys.get(i).into()));
            let Txn { core, held, owner, interrupt, .. } = self;
            if core.locks.take(*owner, held, target, Mode::Update, Wait::Never, interrupt)? == Taken::No {
                return Ok(false);
            }
            let newest = table.version().newest(keys.get(i))?;
            if newest.is_some_and(|newest| newest.lives && newest.created > self.snapshot.lsn) {
                return Ok(false);
            }
        }
        let stored = self.store_large(&table.def, columns)?;
        self.writes(&table)?.push(stored.as_deref().unwrap_or(columns), &keys, None);
        Ok(true)
    }
}
