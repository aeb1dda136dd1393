//! Who slows writers: where rows in memory outrun the flush, and where segments outrun the merge.
//!
//! ```text
//!   hot memory   0 ──────── ¼ ──────── ½ ──────────────── ¾ ── limit
//!                           a flush    each byte costs     wait for the flush
//!                           begins     x / (1 − x) × 10 ns (x: 0 at ½, 1 at ¾)
//! ```
//!
//! The price of a byte rises without a step, so writers together come to rest at the pace of the flush, wherever that is, and
//! a statement waits by what it adds. Waits too short to sleep are gathered over statements.
//!
//! Limits: what is admitted is on its way to hot memory and not there yet; that much the limit can be exceeded by.

use crate::error::{Error, Result, state};
use crate::table::policy::DEPTH_CAP;
use crate::txn::Interrupt;
use crate::world::World;
use crate::world::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use crate::world::sync::{Condvar, Mutex};
use std::time::Duration;

/// Where merges do not keep up: how long a commit waits for each segment above [`DEPTH_CAP`] and each so many bytes of
/// rows, and how long at most.
const DEPTH_PAUSE: Duration = Duration::from_micros(50);
const DEPTH_BYTES: usize = 16 << 10;
const DEPTH_PAUSE_MAX: Duration = Duration::from_millis(50);
/// Shorter pauses are not worth a call of the system: few rows do no harm.
const DEPTH_PAUSE_MIN: Duration = Duration::from_micros(20);

/// Above half of the hot share, a statement waits so long for each byte at the middle between there and the limit.
const PAUSE_BYTE: Duration = Duration::from_nanos(10);
/// What statements are to wait is gathered until it is worth a call of the system, and slept off in steps between which
/// they look whether it is still needed.
const PAUSE_MIN: Duration = Duration::from_micros(60);
const PAUSE_STEP: Duration = Duration::from_millis(2);
/// How long writers wait at the limit while the background makes no room.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long a statement of that many bytes waits where hot memory is `over` what is free of charge and `room` above that is
/// all there is. Halfway that is 100 MB/s for all writers together; at the pace of a slow card, 10 MB/s, nine tenths are used.
fn pause(over: usize, room: usize, bytes: usize) -> Duration {
    let share = over as f64 / room.max(1) as f64;
    PAUSE_BYTE.mul_f64(bytes as f64 * share / (1.0 - share).max(0.01)).min(PATIENCE)
}

/// How long a commit of that many bytes waits where a key is covered by so many segments above the cap.
fn brake(over: usize, bytes: usize) -> Duration {
    let pause = DEPTH_PAUSE.mul_f64(over.min(DEPTH_CAP) as f64 * bytes as f64 / DEPTH_BYTES as f64);
    if pause < DEPTH_PAUSE_MIN { Duration::ZERO } else { pause.min(DEPTH_PAUSE_MAX) }
}

/// Slows writers whose rows outrun the flush, and tells the background that there is work.
pub struct Gate {
    limit: AtomicUsize,
    used: AtomicUsize,
    /// How many segments more than [`DEPTH_CAP`] cover some key while a merge is due there.
    depth_over: AtomicUsize,
    /// Bytes of rows that ever came.
    taken: AtomicU64,
    /// Bytes of rows that ever went.
    given: AtomicU64,
    /// Nanoseconds that statements were to be slowed by and were not yet, since each was too short.
    owed: AtomicU64,
    /// Set by whoever wants the background to look; the background waits on the condition.
    pub wanted: Mutex<bool>,
    /// Notified when `wanted` is set.
    pub wake: Condvar,
    /// The last error of background work; None while it succeeds.
    pub trouble: Mutex<Option<Error>>,
}

impl Gate {
    /// A gate for that many bytes of hot segments.
    pub(super) fn new(limit: usize) -> Self {
        Gate {
            limit: AtomicUsize::new(limit),
            used: AtomicUsize::new(0),
            depth_over: AtomicUsize::new(0),
            taken: AtomicU64::new(0),
            given: AtomicU64::new(0),
            owed: AtomicU64::new(0),
            wanted: Mutex::new(false),
            wake: Condvar::new(),
            trouble: Mutex::new(None),
        }
    }

    /// Bytes that hot segments may hold from now on.
    pub(super) fn set_limit(&self, limit: usize) {
        self.limit.store(limit, Ordering::Relaxed);
    }

    fn limit(&self) -> usize {
        self.limit.load(Ordering::Relaxed)
    }

    /// Bytes in hot segments.
    pub fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    /// Hot memory after which a flush begins.
    pub fn flush_at(&self) -> usize {
        self.limit() / 4
    }

    /// Bytes that a flush has moved to disk.
    pub fn give_back(&self, bytes: usize) {
        let _ = self
            .used
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| Some(used.saturating_sub(bytes)));
        self.given.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// The background says how many segments cover some key that a merge is due for.
    pub fn set_depth(&self, depth: usize) {
        self.depth_over.store(depth.saturating_sub(DEPTH_CAP), Ordering::Relaxed);
    }

    /// Slows a commit of that many bytes where merges do not keep up.
    pub fn brake(&self, world: &World, bytes: usize) {
        let over = self.depth_over.load(Ordering::Relaxed);
        let pause = if over == 0 { Duration::ZERO } else { brake(over, bytes) };
        if !pause.is_zero() {
            world.threads.sleep(pause);
        }
    }

    /// Bytes of rows that ever came.
    pub(super) fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }

    /// Tells the background to look.
    pub fn call(&self) {
        let mut wanted = self.wanted.lock();
        if !*wanted {
            *wanted = true;
            self.wake.notify_one();
        }
    }

    /// Says anew how many bytes there are.
    pub fn set_used(&self, bytes: usize) {
        self.used.store(bytes, Ordering::Relaxed);
    }

    /// Bytes that have come into hot segments.
    pub fn take(&self, bytes: usize) {
        let before = self.used.fetch_add(bytes, Ordering::Relaxed);
        self.taken.fetch_add(bytes as u64, Ordering::Relaxed);
        if before + bytes > self.flush_at() && before <= self.flush_at() {
            self.call();
        }
    }

    /// Slows a statement that adds so many bytes where hot memory is above half of the limit: by their number, and the more
    /// the nearer the limit is, so that writers come down to the pace of the flush without ever being stopped. At the limit,
    /// which only a flush that stands still lets them reach, waits until there is less; 53200 where the background has not
    /// made room for ten seconds.
    pub(super) fn admit(&self, world: &World, interrupt: &Interrupt, bytes: usize) -> Result<()> {
        let used = self.used();
        if used <= self.slow_from() {
            return Ok(());
        }
        self.call();
        let pause = pause(used - self.slow_from(), self.limit() / 4, bytes);
        let owed = self.owed.fetch_add(pause.as_nanos() as u64, Ordering::Relaxed) + pause.as_nanos() as u64;
        if owed < PAUSE_MIN.as_nanos() as u64 && used < self.full() {
            return Ok(());
        }
        self.wait(world, interrupt, Duration::from_nanos(self.owed.swap(0, Ordering::Relaxed)))
    }

    fn wait(&self, world: &World, interrupt: &Interrupt, mut owed: Duration) -> Result<()> {
        let (mut since, mut given) = (world.monotonic(), self.given.load(Ordering::Relaxed));
        while self.used() >= self.full() || !owed.is_zero() {
            let step = if owed.is_zero() { PAUSE_STEP } else { owed.min(PAUSE_STEP) };
            world.sleep(step);
            owed = owed.saturating_sub(step);
            if self.used() <= self.slow_from() {
                return Ok(());
            }
            interrupt.check()?;
            if self.used() < self.full() {
                continue;
            }
            if let Some(why) = self.trouble.lock().clone().filter(|why| why.state() == state::DISK_FULL) {
                return Err(
                    why.with_detail("Rows in memory wait to be flushed, and there is no space for them.")
                );
            }
            let (now, progress) = (world.monotonic(), self.given.load(Ordering::Relaxed));
            if progress != given {
                (since, given) = (now, progress);
            }
            if now.saturating_sub(since) > PATIENCE {
                return Err(self.stuck());
            }
        }
        Ok(())
    }

    #[cold]
    fn stuck(&self) -> Error {
        let used = self.used();
        let e = Error::new(
            state::OUT_OF_MEMORY,
            format!("memory limit reached: {used} bytes of rows wait to be flushed"),
        );
        match self.trouble.lock().clone() {
            Some(why) => e.with_detail(format!("The last flush failed: {why}")),
            None => e.with_hint("Write more slowly, or open the database with a larger memory_limit."),
        }
    }

    /// Hot memory above which writers are slowed.
    fn slow_from(&self) -> usize {
        self.limit() / 2
    }

    /// Hot memory that is never exceeded by more than what is on its way.
    fn full(&self) -> usize {
        self.limit() / 2 + self.limit() / 4
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_wait_by_their_bytes_and_smoothly_longer_towards_the_limit() {
        let nanos = |over, bytes| pause(over, 1 << 20, bytes).as_nanos();
        assert_eq!(
            [(0, 1 << 30), (1 << 19, 100), (1 << 19, 1000)].map(|(o, b)| nanos(o, b)),
            [0, 1_000, 10_000]
        );
        assert_eq!([1 << 20, 1 << 21].map(|over| nanos(over, 100)), [100_000, 200_000]);
        let steps: Vec<u128> = (0..=90).map(|i| nanos(i * (1 << 20) / 100, 1 << 20)).collect();
        assert!(steps.windows(2).all(|w| w[0] < w[1] && w[1] - w[0] <= 200_000 + w[0] / 8), "{steps:?}");
    }

    #[test]
    fn the_brake_grows_with_depth_and_bytes_and_spares_single_rows() {
        let micros = |over, bytes| brake(over, bytes).as_micros();
        assert_eq!(
            [(1, 100), (8, 100), (1, 16 << 10), (3, 32 << 10)].map(|(o, b)| micros(o, b)),
            [0, 0, 50, 300]
        );
        assert_eq!(
            [(8, 16 << 20), (100, 16 << 20), (100, 16 << 10)].map(|(o, b)| micros(o, b)),
            [50_000, 50_000, 400]
        );
    }
}
