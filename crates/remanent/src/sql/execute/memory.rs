//! The memory that operators hold: counted before it hurts.
//!
//! Sorting, grouping and joining keep rows in memory. Each such operator owns a [`Reservation`] of its connection's
//! [`MemoryBudget`] and tells it after every batch what it holds. Past the limit that is 53200, which operators that can lay
//! rows down on disk take as the sign to do so.
//!
//! ```text
//! let budget = MemoryBudget::new(1 << 20);
//! let mut sort = budget.reserve();
//! sort.hold(4096)?;        // 4 KiB in use
//! sort.hold(1 << 30)?;     // 53200: out of memory
//! ```
//!
//! So that operators above and below one that takes all it can get have something to begin with, a quarter is kept for those that hold
//! little ([`SMALL`]).
//!
//! Limits: what is counted is what columns and tables occupy; a batch in flight (at most 2,048 rows) is not.

use remanent_storage::world::sync::atomic::{AtomicUsize, Ordering};
use remanent_storage::{Error, Result, error::state};
use std::sync::Arc;

/// What counts as little: a sixteenth of a budget, and of small budgets so much, if it is not more than half.
const SMALL: usize = 64 << 10;

/// How much memory the operators that share it may hold together.
#[derive(Debug)]
pub struct MemoryBudget {
    held: AtomicUsize,
    limit: Arc<AtomicUsize>,
}

impl MemoryBudget {
    /// A budget of so many bytes.
    pub fn new(limit: usize) -> Arc<Self> {
        MemoryBudget::shared(Arc::new(AtomicUsize::new(limit)))
    }

    /// One whose limit somebody else may change.
    pub fn shared(limit: Arc<AtomicUsize>) -> Arc<Self> {
        Arc::new(MemoryBudget { held: AtomicUsize::new(0), limit })
    }

    /// Bytes held just now.
    pub fn held(&self) -> usize {
        self.held.load(Ordering::Relaxed)
    }

    /// The most bytes.
    pub fn limit(&self) -> usize {
        self.limit.load(Ordering::Relaxed)
    }

    /// A share of this budget, empty at first.
    pub fn reserve(self: &Arc<Self>) -> Reservation {
        Reservation { budget: Arc::clone(self), held: 0, peak: 0 }
    }
}

/// What one operator holds; given back when dropped.
#[derive(Debug)]
pub struct Reservation {
    budget: Arc<MemoryBudget>,
    held: usize,
    peak: usize,
}

impl Reservation {
    /// Says that `bytes` are held now; 53200 where all together exceed the budget.
    pub fn hold(&mut self, bytes: usize) -> Result<()> {
        let limit = self.budget.limit();
        let little = (limit / 16).max(SMALL.min(limit / 2));
        self.hold_within(bytes, if bytes <= little { limit } else { limit - limit / 4 })
    }

    /// The same where all together may have half of the budget.
    pub fn hold_half(&mut self, bytes: usize) -> Result<()> {
        self.hold_within(bytes, self.budget.limit() / 2)
    }

    fn hold_within(&mut self, bytes: usize, most: usize) -> Result<()> {
        let before = self.budget.held.load(Ordering::Relaxed);
        if bytes > self.held && before.saturating_add(bytes - self.held) > most {
            return Err(out_of_memory(bytes, self.budget.limit()));
        }
        if bytes >= self.held {
            self.budget.held.fetch_add(bytes - self.held, Ordering::Relaxed);
        } else {
            self.budget.held.fetch_sub(self.held - bytes, Ordering::Relaxed);
        }
        self.held = bytes;
        self.peak = self.peak.max(bytes);
        Ok(())
    }

    /// Says that `bytes` are held now by somebody who makes room, or takes no more: what is beyond the limit is not counted, nor
    /// the last eighth below it, which is left to the others.
    pub fn exceed(&mut self, bytes: usize) {
        let limit = self.budget.limit();
        let others = self.budget.held.load(Ordering::Relaxed).saturating_sub(self.held);
        let counted = bytes.min((limit - limit / 8).saturating_sub(others));
        self.budget.held.fetch_add(counted, Ordering::Relaxed);
        self.budget.held.fetch_sub(self.held, Ordering::Relaxed);
        self.held = counted;
        self.peak = self.peak.max(bytes);
    }

    /// The most bytes held so far.
    pub fn peak(&self) -> usize {
        self.peak
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.budget.held.fetch_sub(self.held, Ordering::Relaxed);
    }
}

fn out_of_memory(bytes: usize, limit: usize) -> Error {
    Error::new(state::OUT_OF_MEMORY, "out of memory")
        .with_detail(format!("A sort, a grouping or a join needs {bytes} bytes; the limit is {limit}."))
        .with_hint("Raise memory_limit, or let the statement hold fewer rows at a time.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_dropped_is_free_again() {
        let budget = MemoryBudget::new(100);
        let mut one = budget.reserve();
        one.hold(60).unwrap();
        let mut two = budget.reserve();
        assert_eq!(two.hold(41).unwrap_err().code(), "53200");
        one.hold(20).unwrap();
        two.hold(41).unwrap();
        assert_eq!(budget.held(), 61);
        drop(one);
        assert_eq!(budget.held(), 41);
    }
}
