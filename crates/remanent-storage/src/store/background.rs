//! The threads that flush, merge and sync, and who may work on segments when.

use super::Inner;
use crate::error::{Error, Result, state};
use crate::log::Log;
use crate::world::{Thread, mutation};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// How long the background sleeps when nobody calls it.
const REST: Duration = Duration::from_secs(1);

/// How long it sleeps after a failure.
const RETRY: Duration = Duration::from_millis(200);

/// The right to work on segments and the manifest; given back when dropped. Not a latch: it may be held across
/// I/O, and nobody but other maintenance waits for it.
pub struct Exclusive<'a>(&'a Inner);

impl Drop for Exclusive<'_> {
    fn drop(&mut self) {
        *self.0.busy.lock() = false;
        self.0.free.notify_one();
    }
}

/// The right to merge; given back when dropped. Whoever has it takes [`Exclusive`] only for the moments in which it works
/// on the manifest.
pub struct Merging<'a>(&'a Inner);

impl Drop for Merging<'_> {
    fn drop(&mut self) {
        self.0.merging.store(false, Ordering::Release);
    }
}

/// Starts the threads of a store.
pub fn start(inner: &Arc<Inner>) -> Result<Vec<Box<dyn Thread>>> {
    let mut threads = Vec::new();
    let spawn = |name: &str, body: fn(&Inner)| {
        let shared = Arc::clone(inner);
        let thread = inner.core.world.threads.spawn(name, Box::new(move || body(&shared)));
        thread.map_err(|e| Error::new(state::OUT_OF_MEMORY, format!("could not start a thread: {e}")))
    };
    threads.push(spawn("remanent-background", run)?);
    threads.push(spawn("remanent-log", sync_timer)?);
    threads.push(spawn("remanent-notice", announce)?);
    Ok(threads)
}

/// Flushes and merges when called or when it has rested. After a failure it rests even if it is called: on a full disk the
/// same work would fail again at once, having written most of its files again.
fn run(inner: &Inner) {
    inner.core.world.threads.give_way();
    let gate = &inner.core.gate;
    let mut failed = false;
    while !inner.stop.load(Ordering::Acquire) {
        {
            let mut wanted = gate.wanted.lock();
            if failed {
                // Calls find it set and wake nobody.
                *wanted = true;
                wanted = gate.wake.wait_timeout(wanted, RETRY).0;
            } else if !*wanted {
                wanted = gate.wake.wait_timeout(wanted, REST).0;
            }
            *wanted = false;
        }
        if inner.stop.load(Ordering::Acquire) {
            return;
        }
        let done = inner.maintain();
        failed = done.is_err();
        *gate.trouble.lock() = done.err();
    }
}

/// Syncs what was committed without a sync before it is older than `wal_writer_delay`, by as much as the slowest of the
/// last syncs took, twice. Sleeps for good while every commit is synced.
fn sync_timer(inner: &Inner) {
    let Some(log) = &inner.core.log else { return };
    let timer = &inner.core.sync_timer;
    let stopped = || inner.stop.load(Ordering::Acquire);
    let mut slowest = Duration::ZERO;
    loop {
        let mut unsynced = timer.unsynced.lock();
        let begun = loop {
            match unsynced.oldest {
                Some(begun) => break begun,
                None if stopped() => break Duration::ZERO,
                None => unsynced = timer.wake.wait(unsynced),
            }
        };
        drop(unsynced);
        loop {
            // The delay may be changed meanwhile.
            let delay = timer.delay();
            let ahead = (delay / 4).max(slowest * 2).min(delay);
            let mut wait = begun + (delay - ahead);
            if mutation("late_sync_timer") {
                wait += delay * 2;
            }
            let left = wait.saturating_sub(inner.core.world.monotonic());
            let unsynced = timer.unsynced.lock();
            if left.is_zero() || stopped() {
                break;
            }
            drop(timer.wake.wait_timeout(unsynced, left));
        }
        {
            let mut unsynced = timer.unsynced.lock();
            unsynced.syncing = unsynced.oldest.take();
        }
        let begun = inner.core.world.monotonic();
        // An error poisons the log; the next commit reports it.
        let _ = log.sync_all();
        slowest = inner.core.world.monotonic().saturating_sub(begun).max(slowest - slowest / 8);
        timer.unsynced.lock().syncing = None;
        inner.core.look_at_space();
        if stopped() {
            return;
        }
    }
}

/// Announces commits that went unannounced because nobody followed. Sleeps while there are none.
fn announce(inner: &Inner) {
    let Some(board) = &inner.core.board else { return };
    let stopped = || inner.stop.load(Ordering::Acquire);
    while !stopped() {
        board.make_up(&stopped);
        if board.behind(inner.core.snapshots.published()) {
            inner.core.announce();
        }
    }
}

impl Inner {
    /// Waits for the right to work on segments and the manifest.
    pub(super) fn exclusive(&self) -> Exclusive<'_> {
        let mut busy = self.busy.lock();
        while *busy {
            busy = self.free.wait(busy);
        }
        *busy = true;
        drop(busy);
        Exclusive(self)
    }

    /// The right to merge; None where somebody merges already.
    pub(super) fn try_merging(&self) -> Option<Merging<'_>> {
        (!self.merging.swap(true, Ordering::AcqRel)).then(|| Merging(self))
    }

    /// One round of background work: let rows leave that are too old, flush what is due, merge, recycle, clean up.
    pub(super) fn maintain(&self) -> Result<()> {
        if self.options.read_only {
            return Ok(());
        }
        let log = self.core.writable()?;
        // Not enough space for the next file of the log is no reason not to make space.
        let prepared = log.prepare();
        let done = self.with_spare_space(log, &|| self.maintain_all());
        self.remove_retired();
        self.tend_followers();
        done.and(prepared)?;
        let (appended, durable) = (log.appended(), log.durable());
        // Nothing was committed since the last round: say what is durable (design rule 5).
        let idle = appended == durable && self.seen.swap(durable, Ordering::AcqRel) == durable;
        if idle { log.idle_mark() } else { Ok(()) }
    }

    /// Where work fails because the disk is full, gives up the files that the log holds ready and tries again: what is
    /// flushed, dropped and merged frees more than that.
    pub(super) fn with_spare_space(&self, log: &Log, work: &dyn Fn() -> Result<()>) -> Result<()> {
        match work() {
            Err(e) if e.state() == state::DISK_FULL => {
                self.remove_retired();
                if log.shed(0)? { work() } else { Err(e) }
            }
            done => done,
        }
    }

    fn maintain_all(&self) -> Result<()> {
        let retired = {
            let _work = self.exclusive();
            // What is damaged or locked there holds up nothing else.
            let retired = self.retire_rows();
            self.flush_due()?;
            self.drop_tables()?;
            retired
        };
        let retired = retired.and(self.downsample_due());
        self.merge_due()?;
        self.tend_parts()?;
        let _work = self.exclusive();
        self.fold_marks()?;
        self.advance_log()?;
        retired
    }
}
