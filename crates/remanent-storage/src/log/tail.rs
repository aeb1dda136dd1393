//! Following a log that another process writes.
//!
//! A [`Tail`] stands behind a record and goes on from there as far as it is told that records are committed. It
//! reads what the writer wrote through the operating system's cache, so it needs no sync of anybody's. It writes nothing.
//!
//! ```text
//!   writer    … 41 42 43 44·          44 is being written
//!   READERS   committed 43
//!   tail      … 41│                   follow(43) hands over 42 and 43
//! ```
//!
//! The writer may recycle a file under it, if the follower is not known or has used up its budget: the file then has
//! another number, so no frame of it passes for one of the old file's (module `format`), the chain ends early,
//! and [`Tail::follow`] says so. Whoever follows then begins anew from the manifest.

use super::format::{FILE_HEADER, FrameHeader};
use super::read::{End, Found, Tip, damage, evidence, find, open, start, walk_file};
use super::{LogOptions, Record};
use crate::error::Result;
use crate::world::{Disk, OpenMode};
use crate::{Epoch, Lsn};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A place in a log that is read along.
pub struct Tail {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    salt: u32,
    floor: Lsn,
    file: Found,
    offset: u64,
    tip: Tip,
    reason: &'static str,
}

impl Tail {
    /// Stands at the beginning of the newest file that has the record behind `floor`, or has room for it; None if there is
    /// no such file (any more).
    pub fn open(
        disk: &Arc<dyn Disk>,
        dir: &Path,
        options: &LogOptions,
        floor: Lsn,
    ) -> Result<Option<Tail>> {
        let mut found = find(&**disk, dir, options.salt, OpenMode::Read)?;
        let at = start(&found, floor.saturating_add(1));
        let Some(file) = at.map(|at| found.swap_remove(at)) else { return Ok(None) };
        let Some(header) = file.header else { return Ok(None) };
        let (disk, dir, tip) = (Arc::clone(disk), dir.to_path_buf(), Tip::of(&header));
        let offset = FILE_HEADER as u64;
        Ok(Some(Tail { disk, dir, salt: options.salt, floor, file, offset, tip, reason: "" }))
    }

    /// The last record that was passed.
    pub fn lsn(&self) -> Lsn {
        self.tip.lsn
    }

    /// Goes on to the record `until` at most and hands over those above the floor; true if it got there. An error of the
    /// sink ends it; the record is not passed then.
    pub fn follow(&mut self, until: Lsn, sink: &mut dyn FnMut(Record) -> Result<()>) -> Result<bool> {
        let mut hand_over = |h: &FrameHeader, body: &[u8]| {
            sink(Record { epoch: h.epoch, lsn: h.lsn, time: h.time, body: body.to_vec() })
        };
        loop {
            let bounds = (self.floor, until);
            self.reason = walk_file(&self.file, &mut self.tip, &mut self.offset, bounds, &mut hand_over)?;
            if self.tip.lsn >= until {
                return Ok(true);
            }
            let next = open(&*self.disk, &self.dir, self.file.number + 1, self.salt, OpenMode::Read)?;
            let Some(next) = next else { return Ok(false) };
            match next.header {
                Some(header) if self.tip.continues_in(&header) => {
                    self.tip.enter(&header);
                    self.file = next;
                    self.offset = FILE_HEADER as u64;
                }
                _ => return Ok(false),
            }
        }
    }

    /// The last whole record that stands in the log now, committed or not.
    pub fn end(&self) -> Result<Lsn> {
        let again = open(&*self.disk, &self.dir, self.file.number, self.salt, OpenMode::Read)?;
        let Some(file) = again else { return Ok(self.tip.lsn) };
        let mut ahead = Tail {
            disk: Arc::clone(&self.disk),
            dir: self.dir.clone(),
            floor: self.tip.lsn,
            file,
            ..*self
        };
        ahead.follow(Lsn::MAX, &mut |_| Ok(()))?;
        Ok(ahead.tip.lsn)
    }

    /// Of a log that nobody writes and that was followed to its end, `epoch` being the last life: XX001 if what ended it is
    /// damage and not the torn end of a crash.
    pub fn judge(&self, epoch: Epoch) -> Result<()> {
        if self.tip.closed && self.tip.epoch == epoch && self.tip.lsn >= self.floor {
            return Ok(());
        }
        let found = find(&*self.disk, &self.dir, self.salt, OpenMode::Read)?;
        let Some(at) = found.iter().position(|f| f.number == self.file.number) else { return Ok(()) };
        let end = End { at, offset: self.offset, tip: self.tip, reason: self.reason };
        match evidence(&found, &end, self.floor)? {
            Some(evidence) => Err(damage(&found, &end, &evidence)),
            None => Ok(()),
        }
    }
}
