//! One row that is a transaction of its own: an INSERT or an UPDATE by key outside of a block, as devices run them all day.
//!
//! ```text
//!   the long way    lock · find · private segment (columns) · record · apply          any statement
//!   here            lock · find ·                             record · apply          values all the way
//! ```
//!
//! Nothing is buffered, since nobody reads between the write and its commit: the values go into the record and into the hot
//! segment as they are. What is locked, looked for, written and applied is the same, so that nobody can tell which way a row came.
//!
//! Limits: tables with a declared key and no other index, values that are [plain](is_plain), transactions that have written
//! nothing and are not SERIALIZABLE, none of which is open either. For all else, and for every error about keys, the long way is
//! taken, which finds the same once more.

use super::delete::{is_as_seen, locate, mask};
use super::insert::is_required;
use super::{LockTarget, Txn, refuse_system};
use crate::error::{Error, Result};
use crate::table::gone::{DeletedRows, Gone};
use crate::table::hot::ROW_OVERHEAD;
use crate::table::{RowId, TableDef};
use crate::txn::change::{Change, NewRow, Origin, TableChange};
use crate::txn::core::Commit;
use crate::txn::locks::Mode;
use crate::txn::writes::value_weight;
use crate::value::codec::is_plain;
use crate::value::{Key, Value};
use crate::world::mutation;
use std::sync::Arc;

impl Txn {
    /// Inserts one row, a value for each declared column, and commits; `key` is its encoded key. With `replaces`, as
    /// [`update_row`](Txn::update_row): instead of the row with that key, found there, of which those columns are set. False, and
    /// nothing happened but locks, where the long way has to be taken. After true the transaction is at its end, and the values
    /// are taken.
    pub fn commit_row(
        &mut self,
        def: &Arc<TableDef>,
        key: &Key,
        row: &mut Vec<Value>,
        replaces: Option<(RowId, &[usize])>,
    ) -> Result<bool> {
        refuse_system(def)?;
        let fresh = self.writes.is_empty() && self.own_catalog.is_none() && self.reader.is_none();
        let faulty = mutation("check_then_act") || mutation("early_lock_release");
        if !fresh || faulty || def.is_temporary() || self.core.serial.is_open() {
            return Ok(false);
        }
        self.core.writable()?;
        let table = self.table(def)?;
        let plain = || row.iter().zip(&table.types).all(|(value, &ty)| is_plain(ty, value));
        if def.key.is_empty() || !table.indexes.is_empty() || row.len() != table.types.len() || !plain() {
            return Ok(false);
        }
        if row.iter().enumerate().any(|(i, value)| value.is_null() && is_required(def, i)) {
            return Ok(false);
        }
        self.core.admit_space(false)?;
        let bytes = row.iter().map(value_weight).sum::<usize>() + ROW_OVERHEAD;
        self.core.admit(&self.interrupt, bytes)?;
        self.lock(LockTarget::Table(def.id), Mode::Share)?;
        self.check_newest(def)?;
        let mode = if replaces.is_some() { Mode::NoKeyUpdate } else { Mode::Update };
        self.lock(LockTarget::Row(def.id, key.clone()), mode)?;
        let (mut deletes, mut each, mut updated) = (Vec::new(), Vec::new(), None);
        match replaces {
            Some((at, assigned)) => match locate(&table, key.as_bytes(), Some(&at))? {
                Some(newest) if is_as_seen(&newest, self.snapshot.lsn) => {
                    deletes.push(key.clone());
                    each.push(newest.located);
                    updated = Some(mask(def, assigned));
                }
                // Changed or deleted since the snapshot.
                _ => return Err(Error::restart()),
            },
            None if table.version().newest(key.as_bytes())?.is_some() => return Ok(false),
            None => {}
        }
        self.core.gate.brake(&self.core.world, bytes);
        let values = std::mem::take(row).into();
        let change = TableChange {
            table: def.id,
            schema_version: table.def.generation() + 1,
            deletes,
            row: Some(NewRow { key: key.clone(), values, bytes }),
            origins: vec![Origin { rows: 1, updated }],
            ..TableChange::default()
        };
        let located = DeletedRows { each, many: Gone::default(), swept: Vec::new() };
        self.core.commit(Commit {
            change: Change { tables: vec![change] },
            located: vec![located],
            durable: self.durable,
            reader: None,
            footprint: None,
            begun: self.begun,
        })?;
        Ok(true)
    }
}
