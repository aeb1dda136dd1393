//! Since when commits that did not wait for their sync have been without it, and who is woken to sync them.
//!
//! ```text
//!   commit at 0 ms      oldest 0           the timer's thread (store::background) wakes at delay − what a sync lately took
//!   commit at 90 ms     oldest 0           … syncs: oldest → syncing
//!   commit at 260 ms    syncing 0          with a delay of 200 ms the device is slow: this one syncs itself
//! ```

use crate::world::sync::atomic::{AtomicU64, Ordering};
use crate::world::sync::{Condvar, Mutex};
use std::time::Duration;

/// Wakes the thread that syncs commits which did not wait for their sync.
pub struct SyncTimer {
    /// How long such a commit may stay unsynced, in microseconds.
    delay: AtomicU64,
    /// What waits for its sync.
    pub unsynced: Mutex<Unsynced>,
    /// Notified when something begins to wait, and at the end.
    pub wake: Condvar,
}

/// Since when commits wait for their sync, by the monotonic clock.
#[derive(Debug, Default)]
pub struct Unsynced {
    /// The oldest that no sync has begun for.
    pub oldest: Option<Duration>,
    /// The oldest of those that are being synced.
    pub syncing: Option<Duration>,
}

impl SyncTimer {
    pub(super) fn new(delay: Duration) -> Self {
        let timer =
            SyncTimer { delay: AtomicU64::new(0), unsynced: Mutex::default(), wake: Condvar::default() };
        timer.set_delay(delay);
        timer
    }

    /// How long such a commit may stay unsynced.
    pub fn delay(&self) -> Duration {
        Duration::from_micros(self.delay.load(Ordering::Relaxed))
    }

    pub(super) fn set_delay(&self, delay: Duration) {
        self.delay.store(u64::try_from(delay.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// A commit begins to wait for its sync. True if others have waited too long: then it must sync itself, so that what
    /// a crash can take never spans more than the delay.
    pub(super) fn arm(&self, now: Duration) -> bool {
        let mut unsynced = self.unsynced.lock();
        let oldest = unsynced.syncing.or(unsynced.oldest);
        let first = unsynced.oldest.is_none();
        if first {
            unsynced.oldest = Some(now);
        }
        drop(unsynced);
        if first {
            self.wake.notify_one();
        }
        oldest.is_some_and(|since| now.saturating_sub(since) > self.delay())
    }

    /// Wakes the thread though nothing waits.
    pub fn call(&self) {
        let _unsynced = self.unsynced.lock();
        self.wake.notify_one();
    }
}
