//! Space on the device: how much is left to others, and who is refused for it.
//!
//! Rows are refused below `min_free_space`, deletes are not; merges that would leave less than half of it are not begun. The device is
//! asked again after four tenths of a second, or when much was written meanwhile. To ask takes tens of microseconds, so while commits are not
//! synced the thread that syncs them asks in time ([`Core::look_at_space`]), and with the usual `wal_writer_delay` none of them does.

use crate::error::{Error, Result, state};
use crate::txn::core::Core;
use crate::world::mutation;
use crate::world::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Refuses writes before the device is full, so that other programs live on and deleting still works.
pub struct Space {
    /// Bytes of the device that are left to others.
    min: AtomicU64,
    /// When it was looked at last, in microseconds of the monotonic clock, plus one; how much was free then; how many
    /// bytes of rows had been written.
    looked: AtomicU64,
    free: AtomicU64,
    written: AtomicU64,
}

/// How long an answer about free space is good for, unless much is written meanwhile.
const SPACE_LOOK: Duration = Duration::from_millis(400);

impl Space {
    pub(super) fn new(min: u64) -> Self {
        Space {
            min: AtomicU64::new(min),
            looked: AtomicU64::new(0),
            free: AtomicU64::new(u64::MAX),
            written: AtomicU64::new(0),
        }
    }

    pub(super) fn set_min(&self, min: u64) {
        self.min.store(min, Ordering::Relaxed);
    }
}

impl Core {
    /// 53100 where the device has less free than `min_free_space`: for whatever adds rows. `much`: looks anew, since a lot
    /// is about to be written; otherwise an answer is good for a while.
    pub fn admit_space(&self, much: bool) -> Result<()> {
        let space = &self.space;
        let min = space.min.load(Ordering::Relaxed);
        if min == 0 || mutation("ignore_free_space") {
            return Ok(());
        }
        let now = self.instant();
        let taken = self.gate.taken();
        let looked = space.looked.load(Ordering::Relaxed);
        let written = taken.saturating_sub(space.written.load(Ordering::Relaxed));
        let old = now.saturating_sub(looked) > SPACE_LOOK.as_micros() as u64;
        if much || looked == 0 || old || written > min / 8 {
            self.look_at_space();
        }
        let free = space.free.load(Ordering::Relaxed);
        if free >= min {
            return Ok(());
        }
        let message = format!("no more rows are taken: the device has {free} bytes free");
        Err(Error::new(state::DISK_FULL, message)
            .with_detail(format!("min_free_space leaves {min} bytes to other programs."))
            .with_hint("Free space on the device, delete rows or drop tables, then try again."))
    }

    /// Asks the device what is free, unless nobody wants to know.
    pub fn look_at_space(&self) {
        let space = &self.space;
        if space.min.load(Ordering::Relaxed) > 0 {
            let (now, taken) = (self.instant(), self.gate.taken());
            space.free.store(self.free_space(), Ordering::Relaxed);
            space.looked.store(now, Ordering::Relaxed);
            space.written.store(taken, Ordering::Relaxed);
        }
    }

    /// Microseconds of the monotonic clock, plus one.
    fn instant(&self) -> u64 {
        u64::try_from(self.world.monotonic().as_micros()).unwrap_or(u64::MAX - 1) + 1
    }

    /// Bytes free on the device; as many as can be where it cannot be told.
    pub fn free_space(&self) -> u64 {
        self.world.disk.free_space(&self.dir).ok().flatten().unwrap_or(u64::MAX)
    }

    /// True if the device has room for a file of so many bytes, made for no reason that cannot wait.
    pub fn has_room(&self, bytes: u64) -> bool {
        self.free_space() >= bytes.saturating_add(self.space.min.load(Ordering::Relaxed) / 2)
    }
}
