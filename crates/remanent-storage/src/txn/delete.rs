//! Rows out of a table: DELETE, and UPDATE, which is a delete and an insert.
//!
//! Few rows are deleted one by one: the key locked, the row located, both remembered. Once that takes more than
//! a spill's worth of memory the transaction locks the table (escalation), and from there on a row is an ordinal in a set
//! ([`Gone`](crate::table::gone::Gone)) and a key in a file:
//!
//! ```text
//!   DELETE FROM t        rows 1 to 2,600 of 10 million    row locks, keys: 520 KB
//!                        the rest                         the table's lock, 1.2 MB of bits, 30 MB of keys in seg/44.keys
//!   COMMIT               a record of 40 KB that names the file
//! ```
//!
//! Who cannot have the table at once, because others write there, goes on row by row as long as there is some memory left, and
//! then waits.

use super::insert::{check_row, key_columns, load_keys, weight};
use super::{Txn, refuse_system};
use crate::catalog::FIRST_USER_TABLE;
use crate::error::{Error, Result};
use crate::segment::deletes::Deletes;
use crate::table::gone::Home;
use crate::table::hot::ROW_OVERHEAD;
use crate::table::version::{ColdHandle, Located, Newest, Table};
use crate::table::{RowId, TableDef};
use crate::txn::keys::KeyRun;
use crate::txn::locks::{Mode, Taken, Target, Wait};
use crate::txn::writes::value_weight;
use crate::value::blob::LARGE;
use crate::value::{Batch, Column, Key, Value};
use crate::world::mutation;
use std::sync::Arc;

/// Memory of deletes in one table after which the table is wanted alone, in spills; and after which it is waited for.
const WANTED: usize = 1;
const NEEDED: usize = 4;

impl Txn {
    /// Deletes rows that a scan of this statement delivered: their key columns and where they lie. A row that
    /// another transaction changed since the snapshot is `Error::restart`.
    pub fn delete(&mut self, table: &Arc<TableDef>, keys: &Batch, at: &[RowId]) -> Result<()> {
        refuse_system(table)?;
        let table = self.begin_write(table, 0)?;
        self.delete_stored(&table, &keys_of(&keys.compact()), at, None)
    }

    /// Replaces rows that a scan of this statement delivered by new ones (all declared columns, in order).
    /// `assigned` are the columns that the statement sets.
    pub fn update(
        &mut self,
        table: &Arc<TableDef>,
        keys: &Batch,
        at: &[RowId],
        rows: &Batch,
        assigned: &[usize],
    ) -> Result<()> {
        refuse_system(table)?;
        self.core.admit_space(false)?;
        let (keys, rows) = (keys.compact(), rows.compact());
        let bytes = rows.columns.iter().map(weight).sum::<usize>() + rows.rows * ROW_OVERHEAD;
        let table = self.begin_write(table, bytes)?;
        let mut columns: Vec<Column> = rows.columns.iter().map(Column::flatten).collect();
        if table.def.key.is_empty() {
            columns.extend(keys.columns.iter().map(Column::flatten));
        }
        load_keys(&table, &mut columns)?;
        let new_keys = KeyRun::of(&key_columns(&table.def, &columns));
        let old_keys = keys_of(&keys);
        let unique = self.writes(&table)?.unique_indexes();
        // Who waits for the row's key in a unique index waits for this one.
        let gives_up = unique.iter().flat_map(|def| def.read()).any(|column| assigned.contains(&column));
        self.delete_stored(&table, &old_keys, at, (!gives_up).then_some(&new_keys))?;
        let mask = mask(&table.def, assigned);
        self.insert_stored(&table, &columns, Some(&old_keys), Some(mask))
    }

    /// As [`update`](Txn::update) for one row that keeps its key, which names it, and that was [found](Txn::find) there: a value for
    /// each declared column, none of them in a file. The table has a declared key. Error::restart, and nothing happened, where
    /// it has other indexes.
    pub fn update_row(
        &mut self,
        table: &Arc<TableDef>,
        (key, at): (&Key, RowId),
        row: &[&Value],
        assigned: &[usize],
    ) -> Result<()> {
        refuse_system(table)?;
        self.core.admit_space(false)?;
        let bytes = row.iter().map(|value| value_weight(value).min(LARGE)).sum::<usize>() + ROW_OVERHEAD;
        let table = self.begin_write(table, bytes)?;
        if !table.indexes.is_empty() {
            return Err(Error::restart());
        }
        check_row(&table.def, row)?;
        let keys = KeyRun::of_key(key);
        self.delete_stored(&table, &keys, &[at], Some(&keys))?;
        let mask = Some(mask(&table.def, assigned));
        match self.store_large_row(&table.def, row)? {
            None => self.writes(&table)?.push_row(row, &keys, mask)?,
            Some(stored) => self.writes(&table)?.push_row(&stored.iter().collect::<Vec<_>>(), &keys, mask)?,
        }
        self.spill_when_large(&table)
    }

    /// Of rows that a scan of this statement delivered, which of them the statement has deleted or replaced since; None: a row
    /// of the transaction's own, of which that is not known.
    pub fn deleted_since(&self, table: &TableDef, keys: &Batch, at: &[RowId]) -> Result<Vec<Option<bool>>> {
        let keys = keys_of(keys);
        let Some(writes) = self.writes.get(&table.id) else { return Ok(vec![Some(false); keys.len()]) };
        let many = writes.has_gone().then(|| self.table(table).map(|table| table.version()));
        let many = many.transpose()?;
        let many = many.as_ref().map(|version| (version, writes.gone(version)));
        let deleted = |(i, at): (usize, &RowId)| -> Result<Option<bool>> {
            let own =
                |segment| segment == RowId::PRIVATE || writes.own_segments().iter().any(|c| c.id == segment);
            if own(at.segment) {
                return Ok(None);
            }
            let key = keys.get(i);
            let (false, Some((version, gone))) = (writes.hides(key), &many) else {
                return Ok(Some(writes.hides(key)));
            };
            let is_there = version.cold.iter().any(|cold| cold.id == at.segment)
                || version.hots().any(|hot| hot.segment.id() == at.segment);
            if is_there {
                return Ok(Some(gone.contains(at.segment, at.ordinal)));
            }
            let newest = version.newest(key)?;
            let home = newest.as_ref().and_then(|newest| Home::of(&newest.located, key));
            Ok(Some(home.is_some_and(|(home, ordinal)| gone.contains(home.id(), ordinal))))
        };
        at.iter().enumerate().map(deleted).collect()
    }

    /// Deletes rows by key: own ones, or committed ones that are as the snapshot saw them. `new` are the keys of the
    /// rows that take their places.
    pub(super) fn delete_stored(
        &mut self,
        table: &Arc<Table>,
        keys: &KeyRun,
        at: &[RowId],
        new: Option<&KeyRun>,
    ) -> Result<()> {
        match self.has_many(table)? {
            true => self.delete_many(table, keys, at)?,
            false => self.delete_each(table, keys, at, new)?,
        }
        self.writes(table)?.settle_attached();
        Ok(())
    }

    /// True if the table's deletes are so many that they are not remembered one by one any more.
    fn has_many(&mut self, table: &Table) -> Result<bool> {
        let Txn { core, writes, held, interrupt, owner, .. } = self;
        let id = table.def.id;
        let writes = writes.get_mut(&id).ok_or_else(|| Error::internal("a write was not begun"))?;
        let memory = writes.delete_memory();
        if id < FIRST_USER_TABLE || memory <= WANTED * core.spill() {
            return Ok(writes.has_gone());
        }
        if !writes.exclusive {
            let wait = if memory > NEEDED * core.spill() { Wait::Block } else { Wait::Never };
            let taken = core.locks.take_rows(*owner, held, id, Mode::Update, wait, interrupt)?;
            writes.exclusive = taken != Taken::No;
        }
        Ok(writes.exclusive)
    }

    fn delete_each(
        &mut self,
        table: &Arc<Table>,
        keys: &KeyRun,
        at: &[RowId],
        new: Option<&KeyRun>,
    ) -> Result<()> {
        let snapshot = self.snapshot.lsn;
        let Txn { core, writes, held, interrupt, owner, .. } = self;
        let writes = writes.get_mut(&table.def.id).ok_or_else(|| Error::internal("a write was not begun"))?;
        for i in 0..keys.len() {
            let key = keys.get(i);
            let stays = new.is_some_and(|new| new.get(i) == key);
            let mode = if stays { Mode::NoKeyUpdate } else { Mode::Update };
            if !writes.exclusive {
                let target = Target::Row(table.def.id, Key(key.into()));
                core.locks.take(*owner, held, target, mode, Wait::Block, interrupt)?;
            }
            if writes.kill_own(key)? || writes.hides(key) {
                // What it hides was delivered by a scan that began before this statement deleted it: nothing is left to do.
                continue;
            }
            match locate(table, key, at.get(i))? {
                Some(newest) if is_as_seen(&newest, snapshot) => writes.hide(Key(key.into()), newest.located),
                // Changed or deleted since the snapshot.
                _ => return Err(Error::restart()),
            }
        }
        Ok(())
    }

    /// The same where the table is held alone: nobody else changes what is found.
    fn delete_many(&mut self, table: &Arc<Table>, keys: &KeyRun, at: &[RowId]) -> Result<()> {
        let snapshot = self.snapshot.lsn;
        let Txn { core, writes, .. } = self;
        let writes = writes.get_mut(&table.def.id).ok_or_else(|| Error::internal("a write was not begun"))?;
        let version = table.version();
        // Moves them to where their rows are in this version.
        writes.gone(&version);
        let mut here: Option<(Arc<ColdHandle>, Home, Deletes)> = None;
        for i in 0..keys.len() {
            let key = keys.get(i);
            let row = at.get(i).copied().unwrap_or(RowId { segment: RowId::PRIVATE, ordinal: 0 });
            if here.as_ref().is_none_or(|(cold, ..)| cold.id != row.segment) {
                let cold = version.cold.iter().find(|cold| cold.id == row.segment);
                here = cold.map(|cold| {
                    (Arc::clone(cold), Home::Cold(Arc::clone(cold)), cold.deletes.read().clone())
                });
            }
            // A scan delivered it and nobody has deleted it: it is as the snapshot saw it.
            if let Some((_, home, deletes)) = &here
                && !writes.hides(key)
            {
                if deletes.deleted_at(row.ordinal).is_some() {
                    return Err(Error::restart());
                }
                if writes.hide_among_many(core, key, home, row.ordinal)? {
                    continue;
                }
            }
            if writes.kill_own(key)? || writes.hides(key) {
                continue;
            }
            let newest = version.newest(key)?.filter(|newest| newest.lives).ok_or_else(Error::restart)?;
            let Some((home, ordinal)) = Home::of(&newest.located, key) else { return Err(Error::restart()) };
            if writes.gone(&version).contains(home.id(), ordinal) {
                continue;
            }
            if !is_as_seen(&newest, snapshot) {
                return Err(Error::restart());
            }
            writes.hide_among_many(core, key, &home, ordinal)?;
        }
        Ok(())
    }
}

/// True if a row lives and is the one that the snapshot saw.
pub(super) fn is_as_seen(newest: &Newest, snapshot: crate::Lsn) -> bool {
    newest.lives && (newest.created <= snapshot || mutation("weak_first_updater"))
}

/// The newest committed version of a key. Where a scan said that the row lies in a cold segment which still has
/// it, that is asked first.
pub(super) fn locate(table: &Table, key: &[u8], at: Option<&RowId>) -> Result<Option<Newest>> {
    let version = table.version();
    if let Some(at) = at
        && let Some(cold) = version.cold.iter().find(|c| c.id == at.segment)
    {
        let lives = cold.deletes.read().deleted_at(at.ordinal).is_none();
        if lives {
            let located = Located::Cold(Arc::clone(cold), at.ordinal);
            return Ok(Some(Newest { located, created: cold.created_at(at.ordinal)?, lives }));
        }
    }
    version.newest(key)
}

/// A bit for each column that is set.
pub(super) fn mask(def: &TableDef, assigned: &[usize]) -> Box<[u8]> {
    let mut mask = vec![0u8; def.columns.len().div_ceil(8)];
    for &column in assigned {
        if let Some(byte) = mask.get_mut(column / 8) {
            *byte |= 1 << (column % 8);
        }
    }
    mask.into()
}

fn keys_of(keys: &Batch) -> KeyRun {
    KeyRun::of(&keys.columns.iter().collect::<Vec<_>>())
}
