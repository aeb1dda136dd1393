//! Locks that are taken while a statement reads: rows of SELECT … FOR UPDATE, and advisory locks.
//!
//! A scan outlives its call into the transaction, and expressions never see it; so what they lock goes through a
//! [`Locker`], a part of the transaction that can be handed around. Its locks end, and are rolled back to a savepoint,
//! with those of the transaction itself. A session's own advisory locks ([`SessionLocks`]) outlive transactions.
//!
//! A row is locked first and looked at then: when it has changed since the statement's snapshot, that is
//! [`Error::restart`], as for a write. So the versions that a locking statement returns are the newest ones, and stay so.
//!
//! Rows that are so many that their locks outgrow a spill are locked by their table, as those of a large DELETE are (escalation):
//!
//! ```text
//!   SELECT … FOR UPDATE    rows 1 to 3,000 of 10 million    a lock each: 520 KB
//!                          the rest                         the table's lock
//! ```
//!
//! FOR SHARE shares the table with others who do so, and keeps out those who write. Who cannot have the table at once goes on row by
//! row as long as there is some memory left, and then waits; with SKIP LOCKED and NOWAIT, which may not wait, that is the end of it
//! (53200, as in PostgreSQL where its table of locks is full). Those find each row locked where others hold the table so.

use crate::Lsn;
use crate::catalog::FIRST_USER_TABLE;
use crate::error::{Error, Result, state};
use crate::map::SortedMap;
use crate::table::version::Table;
use crate::table::{RowId, TableId};
use crate::txn::Interrupt;
use crate::txn::core::Core;
use crate::txn::delete::locate;
use crate::txn::locks::{Held, Mode, Owner, Taken, Target, Wait};
use crate::value::Key;
use crate::world::mutation;
use crate::world::sync::Mutex;
use crate::world::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;

/// What to do about a row that someone else has locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RowWait {
    /// Wait.
    Block,
    /// Leave it out.
    Skip,
    /// 55P03
    Refuse,
}

/// An advisory lock: whether it was named by two numbers of 32 bits, and the number.
pub type Advisory = (bool, i64);

/// Memory of a transaction's row locks after which their table is wanted alone, in spills; and after which it is needed.
const WANTED: usize = 1;
const NEEDED: usize = 4;

/// What the lock of a row takes beside two copies of its key.
const LOCK_OVERHEAD: usize = 176;

/// The row locks of a transaction, and the tables that took their place.
#[derive(Default)]
struct Rows {
    bytes: usize,
    /// Which tables are held, how, and how much was held before.
    tables: Vec<(TableId, Mode, usize)>,
}

/// Takes locks for a transaction while its statement runs.
pub struct Locker {
    core: Arc<Core>,
    owner: Owner,
    session: Option<Arc<SessionLocks>>,
    held: Mutex<Held>,
    rows: Mutex<Rows>,
}

/// Whose rows a locking read returns.
pub struct LockedTable {
    table: Arc<Table>,
    snapshot: Lsn,
    /// Others hold the table in the place of its rows, and the statement may not wait.
    taken: bool,
}

impl Locker {
    pub(super) fn new(core: &Arc<Core>, owner: Owner, session: Option<Arc<SessionLocks>>) -> Self {
        Locker { core: Arc::clone(core), owner, session, held: Mutex::default(), rows: Mutex::default() }
    }

    fn take(&self, target: Target, mode: Mode, wait: Wait, interrupt: &Interrupt) -> Result<Taken> {
        // The manager may sleep: no latch is held meanwhile.
        let mut fresh = Held::default();
        let taken = self.core.locks.take(self.owner, &mut fresh, target, mode, wait, interrupt);
        if !fresh.is_empty() {
            self.held.lock().append(fresh);
        }
        taken
    }

    pub(super) fn len(&self) -> usize {
        self.held.lock().len()
    }

    pub(super) fn release_from(&self, from: usize) {
        let mut held = std::mem::take(&mut *self.held.lock());
        let before = held.len();
        self.core.locks.release_from(self.owner, &mut held, from);
        *self.held.lock() = held;
        let mut rows = self.rows.lock();
        rows.tables.retain(|(.., at)| *at < from);
        rows.bytes = (rows.bytes as u128 * from.min(before) as u128 / before.max(1) as u128) as usize;
    }

    /// True if the rows of a table need no locks of their own: it is held, since they are so many.
    fn holds_all(&self, table: &Table, mode: Mode, wait: RowWait, interrupt: &Interrupt) -> Result<bool> {
        let (id, spill, of_table) = (table.def.id, self.core.spill(), of_all(mode));
        let bytes = {
            let rows = self.rows.lock();
            if rows.tables.iter().any(|(held, how, _)| *held == id && *how >= of_table) {
                return Ok(true);
            }
            rows.bytes
        };
        if id < FIRST_USER_TABLE || bytes <= WANTED * spill {
            return Ok(false);
        }
        let (needed, waits) = (bytes > NEEDED * spill, wait == RowWait::Block);
        let at = self.len();
        let how = if needed && waits { Wait::Block } else { Wait::Never };
        let mut fresh = Held::default();
        let taken = self.core.locks.take_rows(self.owner, &mut fresh, id, of_table, how, interrupt);
        self.held.lock().append(fresh);
        let taken = taken?;
        if taken != Taken::No {
            self.rows.lock().tables.push((id, of_table, at));
        } else if needed {
            let message = format!("out of memory for locks of rows in relation \"{}\"", table.def.name);
            return Err(Error::new(state::OUT_OF_MEMORY, message)
                .with_hint("Lock fewer rows in a transaction, or raise memory_limit."));
        }
        Ok(taken != Taken::No)
    }

    /// A table whose rows are to be locked as that snapshot sees them: keeps others from dropping it, or loading it alone, until the
    /// transaction ends.
    pub(super) fn table(
        &self,
        table: Arc<Table>,
        snapshot: Lsn,
        mode: Mode,
        wait: RowWait,
        interrupt: &Interrupt,
    ) -> Result<LockedTable> {
        let id = table.def.id;
        let how = if mode <= Mode::Share { Mode::KeyShare } else { Mode::Share };
        let mut taken = false;
        if wait == RowWait::Block || self.take(Target::Table(id), how, Wait::Never, interrupt)? == Taken::No {
            taken = wait != RowWait::Block && self.core.locks.holds_rows(id);
            if !taken {
                self.take(Target::Table(id), how, Wait::Block, interrupt)?;
            }
        }
        Ok(LockedTable { table, snapshot, taken })
    }

    /// Locks a row that a scan of this statement delivered; false: others have it, and it is to be skipped. A row that
    /// changed since the snapshot is [`Error::restart`].
    pub fn row(
        &self,
        locked: &LockedTable,
        key: &Key,
        at: RowId,
        mode: Mode,
        wait: RowWait,
        interrupt: &Interrupt,
    ) -> Result<bool> {
        let LockedTable { table, snapshot, taken } = locked;
        if *taken {
            return if wait == RowWait::Skip { Ok(false) } else { Err(not_available(table)) };
        }
        if !self.holds_all(table, mode, wait, interrupt)?
            && !self.one_row(table, key, mode, wait, interrupt)?
        {
            return Ok(false);
        }
        if at.segment == RowId::PRIVATE || mutation("lock_without_looking") {
            return Ok(true);
        }
        match locate(table, key.as_bytes(), Some(&at))? {
            Some(newest) if newest.lives && newest.created <= *snapshot => Ok(true),
            _ => Err(Error::restart()),
        }
    }

    /// Takes the lock of one row; false: it is to be skipped.
    fn one_row(
        &self,
        table: &Table,
        key: &Key,
        mode: Mode,
        wait: RowWait,
        interrupt: &Interrupt,
    ) -> Result<bool> {
        let how = if wait == RowWait::Block { Wait::Block } else { Wait::Never };
        let target = Target::Row(table.def.id, key.clone());
        let before = self.len();
        match self.take(target, mode, how, interrupt)? {
            Taken::No if wait == RowWait::Skip => Ok(false),
            Taken::No => Err(not_available(table)),
            _ => {
                // Not where it was held already.
                let fresh = self.len() - before;
                self.rows.lock().bytes += fresh * (LOCK_OVERHEAD + 2 * key.as_bytes().len());
                Ok(true)
            }
        }
    }

    /// `pg_advisory_xact_lock` and its kin: until the transaction ends. False: others have it, and `wait` says not to.
    pub fn advisory(&self, lock: Advisory, shared: bool, wait: Wait, interrupt: &Interrupt) -> Result<bool> {
        let target = Target::Advisory(lock.0, lock.1);
        Ok(self.take(target, mode_of(shared), wait, interrupt)? != Taken::No)
    }

    /// The locks of the session, which outlive the transaction.
    pub fn session(&self) -> Result<&SessionLocks> {
        let missing = || Error::internal("advisory locks of a session, outside of any");
        self.session.as_deref().ok_or_else(missing)
    }
}

/// What a session holds until it gives it back or ends: advisory locks; and whether it has made temporary relations.
pub struct SessionLocks {
    core: Arc<Core>,
    owner: Owner,
    /// How often each is held alone and shared.
    counts: Mutex<SortedMap<Advisory, [u32; 2]>>,
    /// What the running statement has locked, in case that it runs again.
    recent: Mutex<Vec<(Advisory, bool)>>,
    temporary: AtomicBool,
}

impl SessionLocks {
    pub(crate) fn new(core: &Arc<Core>) -> Self {
        let session = core.new_txn();
        let owner = Owner { txn: session, session };
        SessionLocks {
            core: Arc::clone(core),
            owner,
            counts: Mutex::default(),
            recent: Mutex::default(),
            temporary: AtomicBool::new(false),
        }
    }

    /// It makes a temporary relation.
    pub(super) fn note_temporary(&self) {
        self.temporary.store(true, Ordering::Relaxed);
    }

    /// True if it has made a temporary relation at some time.
    pub fn made_temporary(&self) -> bool {
        self.temporary.load(Ordering::Relaxed)
    }

    /// The session's number.
    pub fn id(&self) -> u64 {
        self.owner.session
    }

    /// `pg_advisory_lock` and its kin. Locked twice, it is to be unlocked twice. False: others have it, and `wait` says
    /// not to.
    pub fn lock(&self, lock: Advisory, shared: bool, wait: Wait, interrupt: &Interrupt) -> Result<bool> {
        let target = Target::Advisory(lock.0, lock.1);
        // What is held is in `counts`, not in a list.
        let mut unlisted = Held::default();
        let taken =
            self.core.locks.take(self.owner, &mut unlisted, target, mode_of(shared), wait, interrupt)?;
        if taken == Taken::No {
            return Ok(false);
        }
        let mut counts = self.counts.lock();
        if let Some(count) = counts.or_default(lock).get_mut(usize::from(shared)) {
            *count = count.saturating_add(1);
        }
        drop(counts);
        self.recent.lock().push((lock, shared));
        Ok(true)
    }

    /// A statement begins.
    pub fn begin_statement(&self) {
        self.recent.lock().clear();
    }

    /// It will run again: what it has locked so far is given back.
    pub fn undo_statement(&self) {
        for (lock, shared) in std::mem::take(&mut *self.recent.lock()) {
            self.unlock(lock, shared);
        }
    }

    /// `pg_advisory_unlock`; false where it is not held.
    pub fn unlock(&self, lock: Advisory, shared: bool) -> bool {
        let mut counts = self.counts.lock();
        let Some(held) = counts.get_mut(&lock) else { return false };
        let Some(count) = held.get_mut(usize::from(shared)).filter(|count| **count > 0) else { return false };
        *count -= 1;
        let left = match held {
            [0, 0] => None,
            [0, _] => Some(Mode::Share),
            _ => Some(Mode::Update),
        };
        if left.is_none() {
            counts.remove(&lock);
        }
        drop(counts);
        self.core.locks.weaken(self.owner, Target::Advisory(lock.0, lock.1), left);
        true
    }

    /// `pg_advisory_unlock_all`
    pub fn unlock_all(&self) {
        for (lock, _) in std::mem::take(&mut *self.counts.lock()) {
            self.core.locks.weaken(self.owner, Target::Advisory(lock.0, lock.1), None);
        }
    }
}

impl Drop for SessionLocks {
    fn drop(&mut self) {
        self.unlock_all();
    }
}

/// How a table is held in the place of rows.
fn of_all(mode: Mode) -> Mode {
    if mode <= Mode::Share { Mode::NoKeyUpdate } else { Mode::Update }
}

fn not_available(table: &Table) -> Error {
    let message = format!("could not obtain lock on row in relation \"{}\"", table.def.name);
    Error::new(state::LOCK_NOT_AVAILABLE, message)
}

fn mode_of(shared: bool) -> Mode {
    if shared { Mode::Share } else { Mode::Update }
}
