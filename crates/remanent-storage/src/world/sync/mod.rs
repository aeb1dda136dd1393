//! Locks whose waits the simulated scheduler can see.
//!
//! The same interface as `std::sync`, without poisoning: a panic while a lock is held leaves the data as it is,
//! and the panic itself is the report. There are two implementations of that one interface:
//!
//! - [`plain`](self), the product: a newtype over `std::sync` that costs nothing.
//! - `simulated`, under feature `simulation`: a thread of a simulation (`sim::SimWorld::run`) gives the baton back
//!   wherever it would wait, and the seed decides who runs next; any other thread uses `std::sync`. It remembers
//!   who holds what and since which line, so that a deadlock is a report and a lock held across I/O is a failed
//!   test (design rule 10).
//!
//! # Example
//!
//! ```
//! use remanent_storage::world::sync::{Condvar, Mutex};
//! let queue = Mutex::new(vec![1]);
//! let changed = Condvar::new();
//! let mut items = queue.lock();
//! while items.is_empty() {
//!     items = changed.wait(items); // wakes spuriously, so always in a loop
//! }
//! assert_eq!(items.pop(), Some(1));
//! ```
//!
//! # Rule 10, and what to do instead
//!
//! No [`Mutex`] or [`RwLock`] guard is held across a call to a [`Disk`](super::Disk) or [`File`](super::File):
//! a reader that wants the lock would wait for the device. Where I/O itself must go one at a time (edits of the
//! manifest, flushes of one table), take a [`Turn`]: only those who queue for the same I/O ever wait for it.
//!
//! # Limits
//!
//! Simulated threads and other threads must not wait for each other through one lock or condvar. Atomics are seen where they
//! are those of [`atomic`], one access at a time: weaker orders are not explored.

#[cfg(feature = "simulation")]
pub mod atomic;
#[cfg(not(feature = "simulation"))]
mod plain;
#[cfg(feature = "simulation")]
mod simulated;

#[cfg(not(feature = "simulation"))]
pub use std::sync::atomic;

#[cfg(not(feature = "simulation"))]
pub use plain::{Condvar, Mutex, MutexGuard, ReadGuard, RwLock, WriteGuard, yield_point};
#[cfg(feature = "simulation")]
pub(super) use simulated::assert_unlocked;
#[cfg(feature = "simulation")]
pub use simulated::{Condvar, Mutex, MutexGuard, ReadGuard, RwLock, WriteGuard, yield_point};

/// One at a time, also across I/O.
///
/// Not a latch: nobody who only reads or commits may ever take it. It is for work that does I/O and must not
/// overlap with itself.
///
/// ```
/// use remanent_storage::world::sync::Turn;
/// let edits = Turn::new();
/// let turn = edits.take();
/// // ... write, sync, rename ...
/// assert!(edits.try_take().is_none());
/// drop(turn);
/// assert!(edits.try_take().is_some());
/// ```
#[derive(Debug, Default)]
pub struct Turn {
    taken: Mutex<bool>,
    free: Condvar,
}

/// The turn, until dropped.
#[must_use = "the turn ends when this is dropped"]
pub struct TurnGuard<'a>(&'a Turn);

impl Turn {
    /// A turn that nobody has.
    pub const fn new() -> Self {
        Turn { taken: Mutex::new(false), free: Condvar::new() }
    }

    /// Waits until nobody has it.
    pub fn take(&self) -> TurnGuard<'_> {
        let mut taken = self.taken.lock();
        while *taken {
            taken = self.free.wait(taken);
        }
        *taken = true;
        TurnGuard(self)
    }

    /// Takes it if nobody has it.
    pub fn try_take(&self) -> Option<TurnGuard<'_>> {
        let mut taken = self.taken.lock();
        match std::mem::replace(&mut *taken, true) {
            true => None,
            false => Some(TurnGuard(self)),
        }
    }
}

impl Drop for TurnGuard<'_> {
    fn drop(&mut self) {
        *self.0.taken.lock() = false;
        self.0.free.notify_one();
    }
}
