//! Locks on rows, tables and numbers of the user's, held from the statement to the end of the transaction.
//!
//! A row is locked by (table, key bytes) in one of four modes. Tables and advisory numbers use two of them: `Share` is
//! "one of many" (transactions that write row by row; `pg_advisory_lock_shared`), `Update` is "alone" (bulk loads,
//! DDL; `pg_advisory_lock`). Who conflicts is PostgreSQL's table (its manual, section 13.3.2):
//!
//! | held → wanted ↓ | KeyShare | Share | NoKeyUpdate | Update |
//! |---|---|---|---|---|
//! | KeyShare    |   |   |   | × |
//! | Share       |   |   | × | × |
//! | NoKeyUpdate |   | × | × | × |
//! | Update      | × | × | × | × |
//!
//! Readers take none. INSERT and DELETE lock `Update`, an UPDATE that keeps the key `NoKeyUpdate`.
//!
//! # Waiting
//!
//! Who cannot have a lock waits in line: behind the holders that conflict, and behind those who came before with a
//! request that conflicts (so a stream of short shared locks starves nobody). Two do not stand in line: who holds the
//! target already and wants it stronger, and who wants a row shared (as in PostgreSQL, where readers of a row that is
//! shared do not ask who else waits).
//!
//! ```text
//!   T1 holds row 7 Share      T2 wants Update: waits for T1      T3 wants Update: waits for T1, and for T2
//!   T1 ends                   T2 has it                          T3 waits for T2
//! ```
//!
//! A session waits for one lock at a time. Before it sleeps it walks from session to session along what each waits
//! for; a walk that comes back to it is a deadlock (40P01), which fails the one that closed it. Where only places in line
//! close the circle, those who wait leave the line instead.
//!
//! # Invariants
//!
//! 1. Of two holds on a target by different owners, neither conflicts with the other.
//! 2. A [`Held`] has an entry for each target of its owner, with the mode before; undoing its entries from a length on
//!    restores what was held at that length.
//! 3. A session is in `waiting` from before its first sleep until it has the lock or gives up.
//!
//! These are not latches: nothing is held but the manager's own mutex, and that only for a look-up.

use crate::error::{Error, Result, state};
use crate::table::TableId;
use crate::txn::Interrupt;
use crate::value::Key;
use crate::world::mutation;
use crate::world::sync::{Condvar, Mutex, MutexGuard};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::hash_map::Entry;
use std::time::Duration;

/// A running transaction's number.
pub type TxnId = u64;

/// How long a waiter sleeps before it looks at its interrupt again.
const LOOK: Duration = Duration::from_millis(20);

/// For how many locks there may be room that are not there.
const ROOM: usize = 4096;

/// Who holds or wants a lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner {
    /// The transaction; for what outlives transactions, the session.
    pub txn: TxnId,
    /// The session, which is one thread at a time: its transactions wait together. From the same counter.
    pub session: u64,
}

/// What can be locked.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Target {
    /// A row. Table 0 stands for the names of tables.
    Row(TableId, Key),
    /// A table.
    Table(TableId),
    /// All rows of a table, which is held because they are so many. Nobody waits for this: it says so to those who may not wait
    /// for a row.
    Rows(TableId),
    /// A number of the user's; true: two of 32 bits.
    Advisory(bool, i64),
}

/// How something is locked, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// The row's key stays: FOR KEY SHARE. Of a table: it stays; of those who refer to its rows or share some.
    KeyShare,
    /// The row stays: FOR SHARE. Of a table: one of those who write rows one by one.
    Share,
    /// The row changes, its key stays: FOR NO KEY UPDATE, UPDATE. Of a table: it is shared with those who do not write in it.
    NoKeyUpdate,
    /// The row goes, or comes: FOR UPDATE, DELETE, INSERT. Of a table: alone.
    Update,
}

impl Mode {
    /// True if two owners cannot hold these two at once.
    pub fn conflicts(self, other: Mode) -> bool {
        use Mode::{KeyShare, NoKeyUpdate, Share, Update};
        match (self.min(other), self.max(other)) {
            (KeyShare, strong) => strong == Update,
            (Share, strong) => strong >= NoKeyUpdate && !mutation("shared_lock_ignored"),
            (NoKeyUpdate | Update, _) => true,
        }
    }
}

/// What to do where a lock cannot be had at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// Wait for it.
    Block,
    /// Do without.
    Never,
}

/// What came of asking for a lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It was free, or held already.
    AtOnce,
    /// It was had after a wait, so that what was read before may have changed.
    Waited,
    /// [`Wait::Never`], and others have it.
    No,
}

/// All locks of a store.
#[derive(Default)]
pub struct Locks {
    state: Mutex<State>,
    released: Condvar,
}

#[derive(Default)]
struct State {
    locks: FxHashMap<Target, Holders>,
    /// Who sleeps, by session, and on what.
    waiting: FxHashMap<u64, Waiting>,
    /// How many have waited.
    tickets: u64,
}

#[derive(Debug, Clone, Copy)]
struct Hold {
    owner: Owner,
    mode: Mode,
}

/// Who holds a target; most have one holder.
enum Holders {
    One(Hold),
    Many(Vec<Hold>),
}

struct Waiting {
    /// The place in line.
    ticket: u64,
    request: Request,
}

#[derive(Clone)]
struct Request {
    owner: Owner,
    target: Target,
    mode: Mode,
    /// Stands in line behind earlier requests.
    in_line: bool,
}

/// What one transaction holds, in the order it took it, each with the mode in which it held the target before.
#[derive(Default)]
pub struct Held(Vec<(Target, Option<Mode>)>);

impl Held {
    /// How much is held: a place to go back to with [`Locks::release_from`].
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True if nothing is.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes over what was taken on behalf of the same owner.
    pub fn append(&mut self, mut other: Held) {
        self.0.append(&mut other.0);
    }
}

impl Holders {
    fn as_slice(&self) -> &[Hold] {
        match self {
            Holders::One(hold) => std::slice::from_ref(hold),
            Holders::Many(holds) => holds,
        }
    }

    fn as_mut_slice(&mut self) -> &mut [Hold] {
        match self {
            Holders::One(hold) => std::slice::from_mut(hold),
            Holders::Many(holds) => holds,
        }
    }

    fn add(&mut self, new: Hold) {
        match self {
            Holders::One(first) => *self = Holders::Many(vec![*first, new]),
            Holders::Many(holds) => holds.push(new),
        }
    }

    /// Removes an owner's hold; true if no other is left.
    fn remove(&mut self, owner: Owner) -> bool {
        match self {
            Holders::One(hold) => hold.owner == owner,
            Holders::Many(holds) => {
                holds.retain(|hold| hold.owner != owner);
                holds.is_empty()
            }
        }
    }
}

impl Request {
    /// True if a hold, or an earlier request, of that owner in that mode stands in the way of this one.
    fn yields_to(&self, owner: Owner, mode: Mode) -> bool {
        let same = match &self.target {
            // A session does not compete with itself for what it locks by hand.
            Target::Advisory(..) => owner.session == self.owner.session,
            _ => owner == self.owner,
        };
        let shared = matches!(self.target, Target::Table(_))
            && (self.mode, mode) == (Mode::NoKeyUpdate, Mode::NoKeyUpdate);
        !same && !shared && self.mode.conflicts(mode)
    }
}

impl State {
    fn holders(&self, target: &Target) -> &[Hold] {
        self.locks.get(target).map_or(&[], Holders::as_slice)
    }

    /// Who stands in the way of a request whose place in line is `ticket`; without the `line`, who holds what it wants.
    fn blockers<'a>(
        &'a self,
        request: &'a Request,
        ticket: u64,
        line: bool,
    ) -> impl Iterator<Item = Owner> + 'a {
        let held = self.holders(&request.target).iter().filter(|h| request.yields_to(h.owner, h.mode));
        let ahead = self.waiting.values().filter(move |other| {
            line && request.in_line
                && other.ticket < ticket
                && other.request.target == request.target
                && request.yields_to(other.request.owner, other.request.mode)
        });
        held.map(|hold| hold.owner).chain(ahead.map(|other| other.request.owner))
    }

    /// True if waiting for this would make a session wait for itself.
    fn closes_cycle(&self, request: &Request, ticket: u64, line: bool) -> bool {
        let mut open: Vec<Owner> = self.blockers(request, ticket, line).collect();
        let mut seen = FxHashSet::default();
        while let Some(Owner { session, .. }) = open.pop() {
            if session == request.owner.session {
                return true;
            }
            if let Some(other) = self.waiting.get(&session).filter(|_| seen.insert(session)) {
                open.extend(self.blockers(&other.request, other.ticket, line));
            }
        }
        false
    }

    /// Gives the lock, which nothing stands in the way of; the mode before.
    fn grant(&mut self, owner: Owner, target: &Target, mode: Mode) -> Option<Mode> {
        let Some(holders) = self.locks.get_mut(target) else {
            self.locks.insert(target.clone(), Holders::One(Hold { owner, mode }));
            return None;
        };
        match holders.as_mut_slice().iter_mut().find(|hold| hold.owner == owner) {
            Some(hold) => Some(std::mem::replace(&mut hold.mode, mode)),
            None => {
                holders.add(Hold { owner, mode });
                None
            }
        }
    }

    /// Makes an owner's hold no stronger than `mode`; None: ends it.
    fn weaken(&mut self, owner: Owner, target: Target, mode: Option<Mode>) {
        let Entry::Occupied(mut entry) = self.locks.entry(target) else { return };
        match mode {
            None => {
                if entry.get_mut().remove(owner) {
                    entry.remove();
                }
            }
            Some(mode) => {
                let own = entry.get_mut().as_mut_slice().iter_mut().find(|hold| hold.owner == owner);
                own.into_iter().for_each(|hold| hold.mode = hold.mode.min(mode));
            }
        }
    }
}

impl Locks {
    /// Takes a lock; waits for those who stand in the way, unless told not to. Errors: 40P01 a deadlock, 55P03
    /// `lock_timeout`, 57014 the interrupt.
    pub fn take(
        &self,
        owner: Owner,
        held: &mut Held,
        target: Target,
        mode: Mode,
        wait: Wait,
        interrupt: &Interrupt,
    ) -> Result<Taken> {
        let mut state = self.state.lock();
        // Mostly nobody holds it and nobody waits.
        if state.waiting.is_empty()
            && let Entry::Vacant(entry) = state.locks.entry(target.clone())
        {
            entry.insert(Holders::One(Hold { owner, mode }));
            held.0.push((target, None));
            return Ok(Taken::AtOnce);
        }
        let own = state.holders(&target).iter().find(|hold| hold.owner == owner).map(|hold| hold.mode);
        let mode = match (&target, own, mode) {
            // Who shares all rows of a table and writes in it shares it with nobody.
            (Target::Table(_), Some(Mode::NoKeyUpdate), Mode::Share)
            | (Target::Table(_), Some(Mode::Share), Mode::NoKeyUpdate) => Mode::Update,
            _ => mode,
        };
        if own.is_some_and(|own| own >= mode) {
            return Ok(Taken::AtOnce);
        }
        let shares_row = matches!(target, Target::Row(..)) && mode <= Mode::Share;
        let request = Request { owner, target, mode, in_line: own.is_none() && !shares_row };
        let free = state.blockers(&request, u64::MAX, true).next().is_none();
        let taken = match (free, wait) {
            (true, _) => Taken::AtOnce,
            (false, Wait::Never) => return Ok(Taken::No),
            (false, Wait::Block) => {
                state = self.wait(state, &request, interrupt)?;
                Taken::Waited
            }
        };
        let before = state.grant(owner, &request.target, mode);
        held.0.push((request.target, before));
        Ok(taken)
    }

    /// Takes a table in the place of its rows, which are too many for locks of their own.
    pub fn take_rows(
        &self,
        owner: Owner,
        held: &mut Held,
        table: TableId,
        mode: Mode,
        wait: Wait,
        interrupt: &Interrupt,
    ) -> Result<Taken> {
        let taken = self.take(owner, held, Target::Table(table), mode, wait, interrupt)?;
        if taken != Taken::No {
            self.take(owner, held, Target::Rows(table), Mode::KeyShare, Wait::Never, interrupt)?;
        }
        Ok(taken)
    }

    /// True if somebody holds a table in the place of its rows.
    pub fn holds_rows(&self, table: TableId) -> bool {
        !self.state.lock().holders(&Target::Rows(table)).is_empty()
    }

    /// Waits until nothing stands in the way of a request.
    fn wait<'a>(
        &'a self,
        mut state: MutexGuard<'a, State>,
        request: &Request,
        interrupt: &Interrupt,
    ) -> Result<MutexGuard<'a, State>> {
        let (session, ticket, until) = (request.owner.session, state.tickets, interrupt.lock_deadline());
        state.tickets += 1;
        let mut request = request.clone();
        let mut look = true;
        loop {
            request.in_line &= state.waiting.get(&session).is_none_or(|me| me.request.in_line);
            let ended = self.may_wait(&mut state, &mut request, ticket, look, until, interrupt);
            let free = state.blockers(&request, ticket, true).next().is_none();
            if ended.is_err() || free {
                state.waiting.remove(&session);
                if !state.waiting.is_empty() {
                    // Those behind may be next.
                    self.released.notify_all();
                }
                return ended.map(|()| state);
            }
            state.waiting.insert(session, Waiting { ticket, request: request.clone() });
            let time = [until, interrupt.deadline()].into_iter().flatten().min();
            let left = time.zip(interrupt.now()).map(|(end, now)| end.saturating_sub(now));
            (state, look) = self.released.wait_timeout(state, left.map_or(LOOK, |left| left.min(LOOK)));
        }
    }

    /// Why a request may not wait any longer. `look` for deadlocks: before the first sleep, and after each that nobody
    /// ended.
    fn may_wait(
        &self,
        state: &mut State,
        request: &mut Request,
        ticket: u64,
        look: bool,
        until: Option<Duration>,
        interrupt: &Interrupt,
    ) -> Result<()> {
        interrupt.check()?;
        if until.zip(interrupt.now()).is_some_and(|(end, now)| now >= end) {
            let message = "canceling statement due to lock timeout";
            return Err(Error::new(state::LOCK_NOT_AVAILABLE, message));
        }
        if !look || !state.closes_cycle(request, ticket, true) {
            return Ok(());
        }
        if !state.closes_cycle(request, ticket, false) {
            request.in_line = false;
            state.waiting.values_mut().for_each(|waiting| waiting.request.in_line = false);
            self.released.notify_all();
            return Ok(());
        }
        Err(Error::new(state::DEADLOCK_DETECTED, "deadlock detected")
            .with_detail("This transaction waits for one that waits for it.")
            .with_hint("Roll back and run the transaction again."))
    }

    /// Releases what a transaction took since its [`Held::len`] was `from`.
    pub fn release_from(&self, owner: Owner, held: &mut Held, from: usize) {
        if held.len() <= from {
            return;
        }
        let mut state = self.state.lock();
        for (target, before) in held.0.drain(from..).rev() {
            state.weaken(owner, target, before);
        }
        // What very many locks took is given back.
        if state.locks.capacity() > ROOM && state.locks.len() < ROOM / 2 {
            state.locks.shrink_to(ROOM / 2);
        }
        self.tell(state);
    }

    /// Releases all that a transaction holds.
    pub fn release(&self, owner: Owner, held: &mut Held) {
        self.release_from(owner, held, 0);
    }

    /// Makes an owner's hold on a target no stronger than `mode`; None: ends it.
    pub fn weaken(&self, owner: Owner, target: Target, mode: Option<Mode>) {
        let mut state = self.state.lock();
        state.weaken(owner, target, mode);
        self.tell(state);
    }

    /// How many sessions wait for a lock that they cannot have yet.
    pub fn waiting(&self) -> usize {
        let state = self.state.lock();
        let waits = |w: &&Waiting| state.blockers(&w.request, w.ticket, true).next().is_some();
        state.waiting.values().filter(waits).count()
    }

    fn tell(&self, state: MutexGuard<'_, State>) {
        let waited_for = !state.waiting.is_empty();
        drop(state);
        if waited_for {
            self.released.notify_all();
        }
    }
}
