//! The log's files: made ready ahead of need, taken into use, recycled.
//!
//! A file that is ready has its name, its length and its zeros (or the leftovers of an earlier use) durably, so
//! that writing to it changes no metadata. One thread at a time makes or recycles files (`preparing`);
//! numbers rise without gaps from the oldest file in use to the last one ready.

use super::read::file_name;
use super::{FileRef, Log};
use crate::Lsn;
use crate::error::{Error, Result};
use crate::world::sync::MutexGuard;
use crate::world::{Disk, OpenMode, join};
use std::collections::VecDeque;
use std::path::Path;

use super::queue::Shared;

/// Background writes go in slices of this size, each synced, so that the device's queue is short when a commit's
/// sync arrives (design section 7).
const SLICE: usize = 512 << 10;

/// A file that holds log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Used {
    pub number: u64,
    /// The first record that may be in it.
    pub first: Lsn,
    pub len: u64,
}

/// A file that waits to be used.
pub(super) struct Ready {
    pub number: u64,
    pub len: u64,
    pub file: FileRef,
}

/// The name of a file that is not ready yet; removed at open.
pub(super) const UNFINISHED: &str = "new.tmp";

/// Makes a file of zeros under its name, durably. `background`: in slices, each synced.
pub(super) fn make(disk: &dyn Disk, dir: &Path, number: u64, len: u64, background: bool) -> Result<Ready> {
    let unfinished = join(dir, UNFINISHED);
    let made = fill(disk, &unfinished, len, background).and_then(|file| {
        let path = join(dir, &file_name(number));
        disk.rename(&unfinished, &path).map_err(|e| Error::io("rename", &unfinished, &e))?;
        disk.sync_dir(dir).map_err(|e| Error::io("sync", dir, &e))?;
        Ok(Ready { number, len, file })
    });
    if made.is_err() {
        // Gives the space back; where even that fails, the next open does it.
        let _ = disk.remove(&unfinished);
    }
    made
}

fn fill(disk: &dyn Disk, path: &Path, len: u64, background: bool) -> Result<FileRef> {
    if disk.exists(path).map_err(|e| Error::io("look for", path, &e))? {
        disk.remove(path).map_err(|e| Error::io("remove", path, &e))?;
    }
    let file = disk.open(path, OpenMode::CreateNew).map_err(|e| Error::io("create", path, &e))?;
    let zeros = vec![0; SLICE.min(len as usize)];
    let mut at = 0;
    while at < len {
        let slice = zeros.get(..(len - at).min(SLICE as u64) as usize).unwrap_or_default();
        file.prefill_at(slice, at).map_err(|e| Error::io("write to", path, &e))?;
        at += slice.len() as u64;
        if background {
            file.sync().map_err(|e| Error::io("write to", path, &e))?;
        }
    }
    file.sync().map_err(|e| Error::io("sync", path, &e))?;
    Ok(file)
}

impl Log {
    /// Makes the next file ready if none is: for a background thread, so that no commit has to. True if it did.
    pub fn prepare(&self) -> Result<bool> {
        let mut shared = self.shared.lock();
        shared.check_open()?;
        if !shared.ready.is_empty() || shared.preparing {
            return Ok(false);
        }
        shared.preparing = true;
        let number = shared.last_file + 1;
        drop(shared);
        let made = make(self.disk(), &self.dir, number, self.options.file_size, true);
        let mut shared = self.shared.lock();
        let made = made.map(|ready| {
            shared.last_file = number;
            shared.ready.push_back(ready);
            true
        });
        self.end_preparing(shared);
        made
    }

    /// The next file to write to; makes it if the background has not.
    pub(super) fn take_file(&self) -> Result<Ready> {
        let mut shared = self.shared.lock();
        loop {
            if let Some(ready) = shared.ready.pop_front() {
                return Ok(ready);
            }
            if !shared.preparing {
                break;
            }
            shared = self.wait_prepared(shared);
        }
        shared.preparing = true;
        let number = shared.last_file + 1;
        drop(shared);
        let made = make(self.disk(), &self.dir, number, self.options.file_size, false);
        let mut shared = self.shared.lock();
        if made.is_ok() {
            shared.last_file = number;
        }
        self.end_preparing(shared);
        made
    }

    /// Gives back the files whose records are all at or below `floor`: they become the next files, or go if enough
    /// are ready. The caller has made `floor` durable; the log will be opened with no lower one.
    pub fn recycle(&self, floor: Lsn) -> Result<()> {
        let mut shared = self.shared.lock();
        while shared.preparing {
            shared = self.wait_prepared(shared);
        }
        shared.check_open()?;
        let floor = floor.min(shared.durable);
        let mut old = VecDeque::new();
        while shared.used.get(1).is_some_and(|next| next.first <= floor + 1) {
            old.extend(shared.used.pop_front());
        }
        while shared.marks.get(1).is_some_and(|(lsn, _)| *lsn <= floor) {
            shared.marks.pop_front();
        }
        // What one round of flushes used the next will use: without growing and shrinking, no file is made twice. What
        // comes back now may have been kept for longer, for a follower or a backup.
        let newest = shared.used.back().map_or(0, |file| file.number);
        let begun = newest.saturating_sub(shared.recycled_at) as usize;
        shared.recycled_at = newest;
        shared.demand = begun.min(old.len()).max(shared.demand - shared.demand / 4);
        if old.is_empty() {
            return Ok(());
        }
        shared.preparing = true;
        drop(shared);
        let result = self.recycle_files(&old);
        self.end_preparing(self.shared.lock());
        result
    }

    /// Removes files that are ready, but for `keep` of them: where their space is needed more. True if there were any.
    pub fn shed(&self, keep: usize) -> Result<bool> {
        let mut shared = self.shared.lock();
        while shared.preparing {
            shared = self.wait_prepared(shared);
        }
        shared.check_poison()?;
        // Their handles go before they do: a file that is open keeps its space.
        let mut spare = Vec::new();
        while shared.ready.len() > keep {
            spare.extend(shared.ready.pop_back().map(|ready| ready.number));
        }
        if spare.is_empty() {
            return Ok(false);
        }
        shared.last_file -= spare.len() as u64;
        shared.preparing = true;
        drop(shared);
        let disk = self.disk();
        let removed = spare.iter().try_for_each(|&number| {
            let path = join(&self.dir, &file_name(number));
            disk.remove(&path).map_err(|e| Error::io("remove", &path, &e))
        });
        let synced = disk.sync_dir(&self.dir).map_err(|e| Error::io("sync", &self.dir, &e));
        self.end_preparing(self.shared.lock());
        removed.and(synced).map(|()| true)
    }

    /// Renames or removes. What was renamed is ready only once its old name is gone for good: otherwise a crash
    /// could give a file with new records its old number.
    fn recycle_files(&self, old: &VecDeque<Used>) -> Result<()> {
        let disk = self.disk();
        let shared = self.shared.lock();
        let mut last = shared.last_file;
        let mut wanted = self.options.ready.max(shared.demand).saturating_sub(shared.ready.len());
        drop(shared);
        let mut renamed = Vec::new();
        for used in old {
            let path = join(&self.dir, &file_name(used.number));
            if wanted == 0 || used.len != self.options.file_size {
                disk.remove(&path).map_err(|e| Error::io("remove", &path, &e))?;
                continue;
            }
            let file = disk.open(&path, OpenMode::ReadWrite).map_err(|e| Error::io("open", &path, &e))?;
            let new = join(&self.dir, &file_name(last + 1));
            disk.rename(&path, &new).map_err(|e| Error::io("rename", &path, &e))?;
            last += 1;
            wanted -= 1;
            renamed.push(Ready { number: last, len: used.len, file });
        }
        disk.sync_dir(&self.dir).map_err(|e| Error::io("sync", &self.dir, &e))?;
        let mut shared = self.shared.lock();
        shared.last_file = last;
        shared.ready.extend(renamed);
        Ok(())
    }

    fn wait_prepared<'a>(&'a self, mut shared: MutexGuard<'a, Shared>) -> MutexGuard<'a, Shared> {
        shared.prepare_waiters += 1;
        let mut shared = self.prepared.wait(shared);
        shared.prepare_waiters -= 1;
        shared
    }

    fn end_preparing(&self, mut shared: MutexGuard<'_, Shared>) {
        shared.preparing = false;
        if shared.prepare_waiters > 0 {
            self.prepared.notify_all();
        }
    }
}
