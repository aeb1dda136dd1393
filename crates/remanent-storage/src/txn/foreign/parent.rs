//! The rows that are named: is one there, and does it stay until the transaction ends?

use super::ForeignKey;
use crate::catalog::Catalog;
use crate::error::{Error, Result};
use crate::index::{IndexDef, PRIMARY};
use crate::table::gone::Home;
use crate::table::version::Table;
use crate::table::{ConstraintDef, TableDef, TableId};
use crate::txn::locks::{Mode, Taken, Target, Wait};
use crate::txn::unique::living;
use crate::txn::{Txn, undefined_table};
use crate::value::{Key, Value};
use crate::world::mutation;
use std::sync::Arc;

/// What the lock of a parent takes, about. Once they take more than a spill, the table of the parents is locked against writers, if it
/// can be had at once.
const LOCK: usize = 200;

/// What a key leads to.
enum Found {
    /// A row of this transaction's own.
    Own,
    /// A committed row: its primary key.
    Committed(Key),
    Nothing,
}

impl Txn {
    /// Holds a table that foreign keys look at, so that it stays what it is; others go on writing in it.
    pub(super) fn hold_for_keys(&mut self, def: &Arc<TableDef>) -> Result<Arc<Table>> {
        self.core.writable()?;
        let table = self.table(def)?;
        self.lock(Target::Table(def.id), Mode::KeyShare)?;
        self.check_newest(def)?;
        Ok(table)
    }

    /// True once no other transaction can change the keys of a parent's rows, so that they need no locks.
    pub(super) fn holds_parents(&mut self, parent: &Table) -> Result<bool> {
        let Txn { core, held, owner, interrupt, writes, open, .. } = self;
        if writes.get(&parent.def.id).is_some_and(|writes| writes.exclusive) {
            return Ok(true);
        }
        if open.locked * LOCK < core.spill() {
            return Ok(false);
        }
        let id = parent.def.id;
        let taken = core.locks.take_rows(*owner, held, id, Mode::NoKeyUpdate, Wait::Never, interrupt)?;
        Ok(taken != Taken::No)
    }

    /// True if a parent's row has that key of the index, values in the order of the foreign key, and stays until the transaction ends.
    pub(super) fn parent_stays(
        &mut self,
        key: &ForeignKey,
        parent: &Arc<Table>,
        values: &[Value],
        held_alone: bool,
    ) -> Result<bool> {
        let held_alone = held_alone || mutation("unlocked_parents");
        let wanted = key.index_key(values);
        let before = self.held.len();
        let mut locked: Option<Key> = None;
        if key.index.id == PRIMARY && !held_alone {
            // Mostly it is there, and nobody is about to change it: one look is enough.
            let taken = self.lock_parent(parent, &wanted, Wait::Never)?;
            locked = (taken != Taken::No).then(|| wanted.clone());
        }
        loop {
            match self.find_parent(parent, &key.index, &wanted)? {
                Found::Own => return Ok(true),
                Found::Committed(row) => {
                    if self.keeps_snapshot
                        && parent.version().find(row.as_bytes(), self.snapshot.lsn)?.is_none()
                    {
                        return Ok(false);
                    }
                    if held_alone || locked.as_ref() == Some(&row) {
                        return Ok(true);
                    }
                    self.lock_parent(parent, &row, Wait::Block)?;
                    locked = Some(row);
                }
                Found::Nothing => {
                    let Txn { core, held, owner, .. } = self;
                    core.locks.release_from(*owner, held, before);
                    if self.keeps_snapshot && self.snapshot_has(key, parent, &wanted)? {
                        return Err(Error::restart());
                    }
                    return Ok(false);
                }
            }
        }
    }

    fn lock_parent(&mut self, parent: &Table, row: &Key, wait: Wait) -> Result<Taken> {
        let Txn { core, held, owner, interrupt, open, .. } = self;
        open.locked += 1;
        let target = Target::Row(parent.def.id, row.clone());
        core.locks.take(*owner, held, target, Mode::KeyShare, wait, interrupt)
    }

    /// True if the transaction's snapshot has a row with that key, which is gone by now.
    fn snapshot_has(&self, key: &ForeignKey, parent: &Table, wanted: &Key) -> Result<bool> {
        if self.writes.get(&parent.def.id).is_some_and(|writes| !writes.is_empty()) {
            // It may be gone because this transaction deleted it.
            return Ok(false);
        }
        match key.index.id {
            PRIMARY => Ok(parent.version().find(wanted.as_bytes(), self.snapshot.lsn)?.is_some()),
            _ => {
                let values = key.index.decode(wanted.as_bytes())?;
                Ok(!self.find_by_index(&key.index, &values, false)?.is_empty())
            }
        }
    }

    /// True if a row with that key is there for this transaction: its own, or the newest committed one.
    pub(super) fn has_parent(&self, key: &ForeignKey, parent: &Arc<Table>, values: &[Value]) -> Result<bool> {
        let found = self.find_parent(parent, &key.index, &key.index_key(values))?;
        Ok(!matches!(found, Found::Nothing))
    }

    fn find_parent(&self, parent: &Arc<Table>, index: &Arc<IndexDef>, key: &Key) -> Result<Found> {
        let writes = self.writes.get(&parent.def.id).map(|writes| &**writes);
        if index.id != PRIMARY {
            if let Some(writes) = writes
                && writes.own_holder(index, key.as_bytes())?.is_some()
            {
                return Ok(Found::Own);
            }
            let found = living(parent, writes, index, key.as_bytes())?;
            return Ok(found.map_or(Found::Nothing, Found::Committed));
        }
        if let Some(writes) = writes {
            if writes.own(key.as_bytes()).is_some() || writes.attached_row(key.as_bytes())?.is_some() {
                return Ok(Found::Own);
            }
            if writes.hides(key.as_bytes()) {
                return Ok(Found::Nothing);
            }
        }
        let version = parent.version();
        let Some(newest) = version.newest(key.as_bytes())?.filter(|newest| newest.lives) else {
            return Ok(Found::Nothing);
        };
        if let Some(writes) = writes.filter(|writes| writes.has_gone())
            && let Some((home, at)) = Home::of(&newest.located, key.as_bytes())
            && writes.gone(&version).contains(home.id(), at)
        {
            return Ok(Found::Nothing);
        }
        Ok(Found::Committed(key.clone()))
    }

    /// `Error::restart` where a table, locked, is not any more what the snapshot has of it; 42P01 where it is gone.
    pub(in crate::txn) fn check_newest(&self, def: &TableDef) -> Result<()> {
        let (seen, newest) = (&self.snapshot.catalog, self.core.snapshots.catalog());
        if seen.version() == newest.version() {
            return Ok(());
        }
        match (seen.by_id(def.id), newest.by_id(def.id)) {
            (Some(before), Some(now)) if !Arc::ptr_eq(&before.def, &now.def) && before.def != now.def => {
                Err(Error::restart())
            }
            // The foreign keys that refer to it are part of what it is.
            (Some(_), Some(_)) if referring(seen, &def.name) != referring(&newest, &def.name) => {
                Err(Error::restart())
            }
            (Some(_), None) => {
                // Truncated or rewritten: the statement goes on in the table that took its place.
                let replaced = newest.relation(&def.schema, &def.name).is_some();
                Err(if replaced { Error::restart() } else { undefined_table(&def.name) })
            }
            _ => Ok(()),
        }
    }
}

/// The foreign keys that may refer to a table of that name, each with its table's number.
fn referring<'a>(catalog: &'a Catalog, name: &str) -> Vec<(TableId, &'a ConstraintDef)> {
    catalog.referring(name).into_iter().map(|(child, held)| (child.id, held)).collect()
}
