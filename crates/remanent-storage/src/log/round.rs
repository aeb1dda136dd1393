//! Group commit: who writes, who syncs, who waits and who is woken.
//!
//! Syncs go in rounds. The thread that leads round *r* writes everything queued, fixes the round's *target* (the
//! last record written) and syncs. A thread whose record is at or below the target waits for *r*; one that
//! came later waits for *r + 1*. When *r* ends, all who wait for it are woken, and of those who wait for *r + 1* just
//! one, to lead it: the others would only find the lead taken and sleep again. Two condition variables, for odd and
//! even rounds, are enough, because nobody waits for a round later than the next.
//!
//! A record sealed at the lead's write carries the durable lsn of that moment, so with many writers every round
//! confirms the one before it.

use super::queue::{Entry, Shared};
use super::writer::Terms;
use super::{Log, Ticket, format::Kind};
use crate::Lsn;
use crate::error::{Error, Result};
use crate::world::mutation;
use crate::world::sync::MutexGuard;

type Guard<'a> = MutexGuard<'a, Shared>;

impl Log {
    /// Returns once the record, and all before it, are written to the file. An error: the record is not in the log
    /// (after a failed sync: or nobody knows).
    pub fn write_to(&self, ticket: &Ticket) -> Result<()> {
        let mut shared = self.shared.lock();
        loop {
            if let Some(error) = shared.failure(ticket) {
                return Err(error);
            }
            if shared.written >= ticket.lsn {
                return Ok(());
            }
            shared.check_poison()?;
            shared = self.write_or_wait(shared, false);
        }
    }

    /// Returns once the record, and all before it, are synced (design rule 3). An error: it is not in the log, or,
    /// after a failed sync, nobody knows.
    pub fn sync_to(&self, ticket: &Ticket) -> Result<()> {
        let mut shared = self.shared.lock();
        loop {
            if let Some(error) = shared.failure(ticket) {
                return Err(error);
            }
            if shared.durable >= ticket.lsn {
                return Ok(());
            }
            shared.check_poison()?;
            shared = match shared.syncing {
                false => self.lead(shared),
                true => self.wait_round(shared, ticket.lsn),
            };
        }
    }

    /// Syncs everything that was appended before the call.
    pub fn sync_all(&self) -> Result<()> {
        let shared = self.shared.lock();
        let ticket = Ticket { lsn: shared.appended, attempt: shared.attempt };
        drop(shared);
        self.sync_to(&ticket)
    }

    /// Makes everything durable, then says so in the log itself, unless it stands there already: from then on damage
    /// to any record is known for what it is (design rule 5). For a timer when nothing was committed for a while.
    pub fn idle_mark(&self) -> Result<()> {
        self.sync_all()?;
        let shared = self.shared.lock();
        if shared.claimed >= shared.durable {
            return Ok(());
        }
        self.mark(shared, Kind::Idle)
    }

    /// Makes everything durable and ends this life of the log in order: the next open need not search for a torn
    /// end. Later appends are 57P01.
    pub fn close(&self) -> Result<()> {
        self.sync_all()?;
        let shared = self.shared.lock();
        if shared.closed {
            return Ok(());
        }
        self.mark(shared, Kind::Close)
    }

    /// Writes and syncs a mark.
    fn mark<'a>(&'a self, mut shared: Guard<'a>, kind: Kind) -> Result<()> {
        while shared.syncing {
            shared = self.wait_round(shared, Lsn::MAX);
        }
        let entry = Entry { kind, time: self.world.now(), body: Vec::new() };
        let ticket = match shared.append(entry) {
            Ok(ticket) => ticket,
            Err(error) => {
                // This thread may have been woken to lead: somebody else must.
                self.wake_all_rounds();
                return Err(error);
            }
        };
        shared.closed |= kind == Kind::Close;
        shared = self.lead(shared);
        shared.check_poison()?;
        shared.failure(&Ticket { lsn: Lsn::MAX, ..ticket }).map_or(Ok(()), Err)
    }

    /// Leads one round: write, fix the target, sync, wake.
    fn lead<'a>(&'a self, mut shared: Guard<'a>) -> Guard<'a> {
        shared.syncing = true;
        shared.round += 1;
        shared.target = Lsn::MAX;
        // A thread that writes without a sync may be at it: its records belong to this round too.
        while shared.poison.is_none() && (!shared.queue.is_empty() || shared.writer.is_none()) {
            let mine = shared.writer.is_some();
            shared = self.write_or_wait(shared, true);
            if mine {
                break;
            }
        }
        shared.target = shared.written;
        if shared.poison.is_none() && shared.dirty {
            shared = self.sync_files(shared);
        }
        self.end_round(shared)
    }

    /// Syncs every file written to since the last sync, and moves `durable` to the round's target.
    fn sync_files<'a>(&'a self, mut shared: Guard<'a>) -> Guard<'a> {
        let left = shared.unsynced.clone();
        let active = shared.active.clone();
        let target = shared.target;
        shared.dirty = false;
        drop(shared);
        let mut synced = Ok(());
        for file in left.iter().chain([&active]) {
            if synced.is_ok() && !mutation("skip_log_sync") {
                synced = file.sync();
            }
        }
        let mut shared = self.shared.lock();
        match synced {
            Ok(()) => {
                shared.durable = target;
                shared.unsynced.drain(..left.len());
                shared.stats.syncs += 1;
            }
            Err(e) => shared.poison(&Error::io("sync", &self.dir, &e)),
        }
        shared
    }

    fn end_round<'a>(&'a self, mut shared: Guard<'a>) -> Guard<'a> {
        shared.syncing = false;
        let this = (shared.round & 1) as usize;
        let next = 1 - this;
        let failed = shared.poison.is_some();
        let wake = |round: usize| shared.round_waiters.get(round).is_some_and(|&n| n > 0);
        if wake(this) && !mutation("lost_wakeup") {
            self.round(this).notify_all();
        }
        match wake(next) {
            true if failed => self.round(next).notify_all(),
            true => self.round(next).notify_one(),
            false => {}
        }
        shared
    }

    fn wake_all_rounds(&self) {
        self.rounds.iter().for_each(|round| round.notify_all());
    }

    fn round(&self, parity: usize) -> &crate::world::sync::Condvar {
        let [even, odd] = &self.rounds;
        if parity == 0 { even } else { odd }
    }

    /// Waits for the end of the round that will sync `lsn`.
    fn wait_round<'a>(&'a self, mut shared: Guard<'a>, lsn: Lsn) -> Guard<'a> {
        let parity = ((shared.round + u64::from(lsn > shared.target)) & 1) as usize;
        if let Some(n) = shared.round_waiters.get_mut(parity) {
            *n += 1;
        }
        let mut shared = self.round(parity).wait(shared);
        if let Some(n) = shared.round_waiters.get_mut(parity) {
            *n -= 1;
        }
        shared
    }

    /// Writes the queue if nobody writes; otherwise waits until the writer is free. `synced`: who calls syncs then.
    fn write_or_wait<'a>(&'a self, mut shared: Guard<'a>, synced: bool) -> Guard<'a> {
        let Some(mut writer) = shared.writer.take() else {
            shared.writer_waiters += 1;
            let mut shared = self.writer_free.wait(shared);
            shared.writer_waiters -= 1;
            return shared;
        };
        let mut batch = std::mem::take(&mut shared.queue);
        let terms = Terms { epoch: self.epoch, durable: shared.durable, attempt: shared.attempt, synced };
        drop(shared);
        let written = self.write_batch(&mut writer, &batch, &terms);
        batch.clear();
        let wiped = if written.is_err() { self.wipe(&mut writer) } else { Ok(()) };
        let mut shared = self.shared.lock();
        shared.writer = Some(writer);
        if shared.queue.capacity() == 0 {
            // Room for those that come next.
            shared.queue = batch;
        }
        match (written, wiped) {
            (Ok(()), _) => {}
            (Err(error), Ok(())) => shared.rewind(error),
            (Err(_), Err(error)) => shared.poison(&error),
        }
        if shared.writer_waiters > 0 {
            self.writer_free.notify_all();
        }
        if shared.attempt != terms.attempt || shared.poison.is_some() {
            // Whose record failed need not wait for the end of a round to hear of it.
            self.wake_all_rounds();
        }
        shared
    }
}
