//! Who works for a while lets those go first who commit.
//!
//! # Model
//!
//! A commit sleeps while the device syncs and needs a processor for some microseconds afterwards. Where all of them
//! are busy, the system gives it one when somebody's slice is over: that took 4 to 5 ms on a machine with two cores and
//! two readers, ten times the sync. The same happens where it met a lock that a reader holds who lost his processor. So a
//! store counts the commits that are under way ([`Turns::commit`]; a one-row INSERT is from its beginning), and whoever
//! may run for long asks now and then ([`Turns::give`]): readers between batches and between reads by key, flush and
//! merge between steps. While nobody commits, that is one load of a number that nobody writes.
//!
//! ```text
//!   writer   commit: write, sync, sleep ........ wakes  apply, acknowledged
//!   reader   batch  batch, gives its turn  batch        gives its turn, goes on
//! ```
//!
//! Limits: the operating system chooses who comes next. Giving a turn while nobody waits for a processor changes nothing;
//! while somebody else does, a reader loses a slice, at most as often as it runs beside a commit.

use crate::world::sync::atomic::{AtomicU32, Ordering};
use crate::world::{Threads, mutation};
use std::sync::Arc;

/// How many commits are under way in a store. Thread-safe.
pub struct Turns {
    commits: AtomicU32,
    threads: Arc<dyn Threads>,
}

/// A commit that is under way, until it is dropped.
pub struct UnderWay<'a>(&'a Turns);

impl Turns {
    /// None are under way.
    pub fn new(threads: Arc<dyn Threads>) -> Self {
        Turns { commits: AtomicU32::new(0), threads }
    }

    /// A commit begins.
    pub fn commit(&self) -> UnderWay<'_> {
        // A hint that orders nothing.
        self.commits.fetch_add(1, Ordering::Relaxed);
        UnderWay(self)
    }

    /// Lets others have the processor if one of them may be a commit.
    pub fn give(&self) {
        if self.commits.load(Ordering::Relaxed) > 0 && !mutation("keep_turn") {
            self.threads.yield_now();
        }
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.commits.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::Thread;
    use std::io;
    use std::time::Duration;

    /// Counts the turns that were given.
    #[derive(Default)]
    struct Counted(AtomicU32);

    impl Threads for Counted {
        fn spawn(&self, _: &str, _: Box<dyn FnOnce() + Send>) -> io::Result<Box<dyn Thread>> {
            Err(io::ErrorKind::Unsupported.into())
        }
        fn sleep(&self, _: Duration) {}
        fn yield_now(&self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
        fn random(&self) -> u64 {
            0
        }
    }

    #[test]
    fn turns_are_given_while_somebody_commits() {
        let counted = Arc::new(Counted::default());
        let turns = Turns::new(counted.clone());
        let given = || {
            turns.give();
            counted.0.swap(0, Ordering::Relaxed)
        };
        assert_eq!(given(), 0);
        let first = turns.commit();
        let second = turns.commit();
        assert_eq!(given(), 1);
        drop(first);
        assert_eq!(given(), 1);
        drop(second);
        assert_eq!(given(), 0);
    }
}
