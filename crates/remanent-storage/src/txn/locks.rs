//! Locks on keys and tables, held from the statement to the end of the transaction.
//!
//! A key lock is exclusive and names (table, key bytes). A table lock is shared by all that write
//! single rows ([`TableLock::Rows`]) and exclusive for bulk loads and DDL ([`TableLock::All`]). Readers
//! take none. A transaction waits for one lock at a time; before it sleeps it walks from holder to
//! holder, and a walk that comes back to it is a deadlock (40P01), which fails the one that closed it.
//!
//! These are not latches: nothing is held but the manager's own mutex, and that only for a look-up.

use crate::error::{Error, Result, state};
use crate::table::TableId;
use crate::txn::Interrupt;
use crate::value::Key;
use crate::world::sync::{Condvar, Mutex};
use rustc_hash::{FxHashMap, FxHashSet};
use std::time::Duration;

/// A running transaction's number.
pub type TxnId = u64;

/// How long a waiter sleeps before it looks at its interrupt again.
const LOOK: Duration = Duration::from_millis(20);

/// How a table is locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableLock {
    /// Shared by all that write rows one by one under key locks.
    Rows,
    /// For one transaction alone: bulk loads, DDL.
    All,
}

/// All locks of a store.
#[derive(Default)]
pub struct Locks {
    state: Mutex<State>,
    released: Condvar,
}

#[derive(Default)]
struct State {
    keys: FxHashMap<(TableId, Key), TxnId>,
    tables: FxHashMap<TableId, Table>,
    /// Who sleeps, and on what.
    waiting: FxHashMap<TxnId, Wanted>,
}

#[derive(Default)]
struct Table {
    rows: FxHashSet<TxnId>,
    all: Option<TxnId>,
}

#[derive(Clone)]
enum Wanted {
    Key(TableId, Key),
    Table(TableId, TableLock),
}

/// What one transaction holds.
#[derive(Default)]
pub struct Held {
    keys: Vec<(TableId, Key)>,
    tables: Vec<TableId>,
}

impl State {
    fn blockers(&self, txn: TxnId, wanted: &Wanted) -> Vec<TxnId> {
        match wanted {
            Wanted::Key(table, key) => {
                let holder = self.keys.get(&(*table, key.clone())).copied();
                holder.into_iter().filter(|&h| h != txn).collect()
            }
            Wanted::Table(table, mode) => {
                let Some(table) = self.tables.get(table) else { return Vec::new() };
                let rows = table.rows.iter().copied().filter(|_| *mode == TableLock::All);
                rows.chain(table.all).filter(|&h| h != txn).collect()
            }
        }
    }

    /// True if waiting for `wanted` would make `txn` wait for itself.
    fn closes_cycle(&self, txn: TxnId, wanted: &Wanted) -> bool {
        let mut open = self.blockers(txn, wanted);
        let mut seen = FxHashSet::default();
        while let Some(holder) = open.pop() {
            if holder == txn {
                return true;
            }
            if !seen.insert(holder) {
                continue;
            }
            if let Some(wanted) = self.waiting.get(&holder) {
                open.extend(self.blockers(holder, wanted));
            }
        }
        false
    }
}

impl Locks {
    /// Locks a key; waits for its holder. True if it had to wait, so that what was read before may have changed.
    pub fn key(
        &self,
        txn: TxnId,
        held: &mut Held,
        table: TableId,
        key: &Key,
        interrupt: &Interrupt,
    ) -> Result<bool> {
        let mut state = self.state.lock();
        let wanted = Wanted::Key(table, key.clone());
        let mut waited = false;
        loop {
            match state.keys.entry((table, key.clone())) {
                std::collections::hash_map::Entry::Vacant(entry) => {
                    entry.insert(txn);
                    held.keys.push((table, key.clone()));
                    return Ok(waited);
                }
                std::collections::hash_map::Entry::Occupied(entry) if *entry.get() == txn => {
                    return Ok(waited);
                }
                std::collections::hash_map::Entry::Occupied(_) => {}
            }
            state = self.wait(state, txn, &wanted, interrupt)?;
            waited = true;
        }
    }

    /// Locks a table; waits for those who hold it otherwise. True if it had to wait.
    pub fn table(
        &self,
        txn: TxnId,
        held: &mut Held,
        table: TableId,
        mode: TableLock,
        interrupt: &Interrupt,
    ) -> Result<bool> {
        let mut state = self.state.lock();
        let wanted = Wanted::Table(table, mode);
        let mut waited = false;
        while !state.blockers(txn, &wanted).is_empty() {
            state = self.wait(state, txn, &wanted, interrupt)?;
            waited = true;
        }
        let entry = state.tables.entry(table).or_default();
        let known = match mode {
            TableLock::Rows => !entry.rows.insert(txn),
            TableLock::All => entry.all.replace(txn).is_some(),
        };
        if !known {
            held.tables.push(table);
        }
        Ok(waited)
    }

    fn wait<'a>(
        &'a self,
        mut state: crate::world::sync::MutexGuard<'a, State>,
        txn: TxnId,
        wanted: &Wanted,
        interrupt: &Interrupt,
    ) -> Result<crate::world::sync::MutexGuard<'a, State>> {
        interrupt.check()?;
        if state.closes_cycle(txn, wanted) {
            return Err(Error::new(state::DEADLOCK_DETECTED, "deadlock detected")
                .with_detail("This transaction waits for one that waits for it.")
                .with_hint("Roll back and run the transaction again."));
        }
        state.waiting.insert(txn, wanted.clone());
        let (mut state, _) = self.released.wait_timeout(state, LOOK);
        state.waiting.remove(&txn);
        Ok(state)
    }

    /// Releases all that a transaction holds.
    pub fn release(&self, txn: TxnId, held: &mut Held) {
        if held.keys.is_empty() && held.tables.is_empty() {
            return;
        }
        let mut state = self.state.lock();
        for key in held.keys.drain(..) {
            state.keys.remove(&key);
        }
        for id in held.tables.drain(..) {
            if let Some(table) = state.tables.get_mut(&id) {
                table.rows.remove(&txn);
                table.all = table.all.filter(|&t| t != txn);
                if table.rows.is_empty() && table.all.is_none() {
                    state.tables.remove(&id);
                }
            }
        }
        let waited_for = !state.waiting.is_empty();
        drop(state);
        if waited_for {
            self.released.notify_all();
        }
    }
}
