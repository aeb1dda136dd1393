//! The threads that flush, merge and sync, and who may work on segments when.

use super::Inner;
use crate::error::{Error, Result, state};
use crate::log::Log;
use crate::world::Thread;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// How long the background sleeps when nobody calls it.
const REST: Duration = Duration::from_secs(1);

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
    Ok(threads)
}

/// Flushes and merges when called or when it has rested.
fn run(inner: &Inner) {
    inner.core.world.threads.give_way();
    let gate = &inner.core.gate;
    while !inner.stop.load(Ordering::Acquire) {
        {
            let mut wanted = gate.wanted.lock();
            if !*wanted {
                wanted = gate.wake.wait_timeout(wanted, REST).0;
            }
            *wanted = false;
        }
        if inner.stop.load(Ordering::Acquire) {
            return;
        }
        let done = inner.maintain();
        *gate.trouble.lock() = done.err();
    }
}

/// Syncs what was committed without a sync, so that no more than `wal_writer_delay` can be lost. Sleeps for good
/// while every commit is synced.
fn sync_timer(inner: &Inner) {
    let Some(log) = &inner.core.log else { return };
    let timer = &inner.core.sync_timer;
    let stopped = || inner.stop.load(Ordering::Acquire);
    loop {
        let mut armed = timer.armed.lock();
        while !*armed && !stopped() {
            armed = timer.wake.wait(armed);
        }
        if !stopped() {
            armed = timer.wake.wait_timeout(armed, inner.options.wal_writer_delay).0;
        }
        *armed = false;
        drop(armed);
        // An error poisons the log; the next commit reports it.
        let _ = log.sync_all();
        if stopped() {
            return;
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

    /// One round of background work: flush what is due, merge, recycle, clean up.
    pub(super) fn maintain(&self) -> Result<()> {
        if self.options.read_only {
            return Ok(());
        }
        let log = self.core.writable()?;
        let done = self.maintain_all(log);
        self.remove_retired();
        done?;
        let (appended, durable) = (log.appended(), log.durable());
        // Nothing was committed since the last round: say what is durable (design rule 5).
        let idle = appended == durable && self.seen.swap(durable, Ordering::AcqRel) == durable;
        if idle { log.idle_mark() } else { Ok(()) }
    }

    fn maintain_all(&self, log: &Log) -> Result<()> {
        log.prepare()?;
        {
            let _work = self.exclusive();
            self.flush_due()?;
            self.drop_tables()?;
        }
        self.merge_due()?;
        let _work = self.exclusive();
        self.fold_marks()?;
        self.advance_log()
    }

    /// Removes files that the manifest has forgotten and nobody reads any more.
    pub(super) fn remove_retired(&self) {
        let files = std::mem::take(&mut *self.core.retired.lock());
        for path in files {
            // What cannot be removed now is an orphan, which the next open removes.
            let _ = self.core.world.disk.remove(&path);
        }
    }
}
