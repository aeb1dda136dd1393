//! What ends a running statement before its time: a request from another thread, or a clock. And, for who waits for it, how
//! many rows it has read so far.
//!
//! The statement asks ([`Interrupt::check`]) between batches, before it waits and while it waits; nothing is ever
//! stopped from outside. So whatever holds a lock or writes a file is whole when the statement ends.
//!
//! ```text
//!   session           interrupt.begin(statement_timeout, lock_timeout)   the clock runs
//!   another thread    interrupt.set()                                    57014 at the next check
//!   scan, sort, wait  interrupt.check()?                                 57014 after the deadline too
//!   lock manager      interrupt.lock_deadline()                          55P03 after it
//! ```
//!
//! Limits: a sync of the log and the sort of rows in memory are not interrupted; a commit that has its place in the log
//! is not undone.

use crate::error::{Error, Result, state};
use crate::txn::turns::{Turns, UnderWay};
use crate::world::Clock;
use crate::world::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// A request to end the running statement, settable from any thread, and the statement's deadlines.
#[derive(Default)]
pub struct Interrupt {
    asked: AtomicBool,
    /// When the statement has run too long: microseconds of the monotonic clock; 0: never.
    deadline: AtomicU64,
    /// How long it may wait for one lock, in microseconds; 0: for ever.
    lock_timeout: AtomicU64,
    /// How many rows it has read.
    rows: AtomicU64,
    /// None: there are no deadlines.
    clock: Option<Arc<dyn Clock>>,
    /// None: nobody commits beside it.
    turns: Option<Arc<Turns>>,
}

impl Interrupt {
    /// One with deadlines by this clock, of a statement that gives way to those commits.
    pub fn new(clock: Arc<dyn Clock>, turns: Arc<Turns>) -> Self {
        Interrupt { clock: Some(clock), turns: Some(turns), ..Interrupt::default() }
    }

    /// A short statement that ends in a commit is under way until what this returns is dropped: it, too, should not wait
    /// for a processor.
    pub fn hurry(&self) -> Option<UnderWay<'_>> {
        self.turns.as_deref().map(Turns::commit)
    }

    /// Asks the running statement to end with 57014.
    pub fn set(&self) {
        self.asked.store(true, Ordering::Relaxed);
    }

    /// Forgets the request; called before what it may end.
    pub fn clear(&self) {
        self.asked.store(false, Ordering::Relaxed);
        self.rows.store(0, Ordering::Relaxed);
    }

    /// The statement has read so many rows more.
    pub fn count(&self, rows: usize) {
        self.rows.fetch_add(rows as u64, Ordering::Relaxed);
    }

    /// How many rows the statement has read.
    pub fn rows(&self) -> u64 {
        self.rows.load(Ordering::Relaxed)
    }

    /// A statement begins: how long it may run, and how long wait for each lock; zero: for ever.
    pub fn begin(&self, statement_timeout: Duration, lock_timeout: Duration) {
        let end = match (&self.clock, statement_timeout.is_zero()) {
            (Some(clock), false) => micros(clock.monotonic().saturating_add(statement_timeout)).max(1),
            _ => 0,
        };
        self.deadline.store(end, Ordering::Relaxed);
        self.lock_timeout.store(micros(lock_timeout), Ordering::Relaxed);
    }

    /// Lets a commit go first that waits for a processor.
    pub fn give_turn(&self) {
        if let Some(turns) = &self.turns {
            turns.give();
        }
    }

    /// 57014 if the statement was asked to end or has run too long. Gives its turn to commits.
    pub fn check(&self) -> Result<()> {
        self.give_turn();
        if self.asked.load(Ordering::Relaxed) {
            return Err(Error::new(state::QUERY_CANCELED, "canceling statement due to user request"));
        }
        let deadline = self.deadline.load(Ordering::Relaxed);
        match deadline != 0 && self.now().is_some_and(|now| micros(now) >= deadline) {
            true => Err(Error::new(state::QUERY_CANCELED, "canceling statement due to statement timeout")),
            false => Ok(()),
        }
    }

    /// When a wait for a lock that begins now has lasted too long, by [`now`](Interrupt::now); None: never.
    pub fn lock_deadline(&self) -> Option<Duration> {
        let timeout = self.lock_timeout.load(Ordering::Relaxed);
        let now = (timeout != 0).then(|| self.now()).flatten()?;
        Some(now.saturating_add(Duration::from_micros(timeout)))
    }

    /// When the statement has run too long, by [`now`](Interrupt::now); None: never.
    pub fn deadline(&self) -> Option<Duration> {
        let deadline = self.deadline.load(Ordering::Relaxed);
        (deadline != 0 && self.clock.is_some()).then(|| Duration::from_micros(deadline))
    }

    /// The monotonic clock; None where there are no deadlines.
    pub fn now(&self) -> Option<Duration> {
        self.clock.as_ref().map(|clock| clock.monotonic())
    }
}

impl fmt::Debug for Interrupt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Interrupt").field("asked", &self.asked).finish_non_exhaustive()
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
