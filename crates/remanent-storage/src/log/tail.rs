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
    /// None: nothing was found yet.
    at: Option<Place>,
}

/// Behind a frame.
struct Place {
    file: Found,
    offset: u64,
    tip: Tip,
    /// Why it went no further.
    reason: &'static str,
}

impl Tail {
    /// Stands before the record behind `floor`; reads nothing yet.
    pub fn new(disk: &Arc<dyn Disk>, dir: &Path, options: &LogOptions, floor: Lsn) -> Tail {
        let (disk, dir) = (Arc::clone(disk), dir.to_path_buf());
        Tail { disk, dir, salt: options.salt, floor, at: None }
    }

    /// The last record that was passed.
    pub fn lsn(&self) -> Lsn {
        self.at.as_ref().map_or(self.floor, |at| at.tip.lsn)
    }

    /// The newest file that has the record behind the floor, or has room for it.
    fn begin(&self) -> Result<Option<Place>> {
        let mut found = find(&*self.disk, &self.dir, self.salt, OpenMode::Read)?;
        let file = start(&found, self.floor.saturating_add(1)).map(|at| found.swap_remove(at));
        Ok(file.and_then(|file| {
            let tip = Tip::of(&file.header?);
            Some(Place { file, offset: FILE_HEADER as u64, tip, reason: "" })
        }))
    }

    /// Goes on to the record `until` at most and hands over those above the floor; true if it got there. An error of the
    /// sink ends it; the record is not passed then.
    pub fn follow(&mut self, until: Lsn, sink: &mut dyn FnMut(Record) -> Result<()>) -> Result<bool> {
        if self.at.is_none() {
            self.at = self.begin()?;
        }
        let Some(at) = &mut self.at else { return Ok(until <= self.floor) };
        let mut hand_over = |h: &FrameHeader, body: &[u8]| {
            sink(Record { epoch: h.epoch, lsn: h.lsn, time: h.time, body: body.to_vec() })
        };
        loop {
            let bounds = (self.floor, until);
            at.reason = walk_file(&at.file, &mut at.tip, &mut at.offset, bounds, &mut hand_over)?;
            if at.tip.lsn >= until {
                return Ok(true);
            }
            let next = open(&*self.disk, &self.dir, at.file.number + 1, self.salt, OpenMode::Read)?;
            let Some(next) = next else { return Ok(false) };
            match next.header {
                Some(header) if at.tip.continues_in(&header) => {
                    at.tip.enter(&header);
                    at.file = next;
                    at.offset = FILE_HEADER as u64;
                }
                _ => return Ok(false),
            }
        }
    }

    /// The last whole record that stands in the log now, committed or not.
    pub fn end(&self) -> Result<Lsn> {
        let at = match &self.at {
            None => None,
            Some(Place { file, offset, tip, .. }) => {
                let file = open(&*self.disk, &self.dir, file.number, self.salt, OpenMode::Read)?;
                file.map(|file| Place { file, offset: *offset, tip: *tip, reason: "" })
            }
        };
        let (disk, dir) = (Arc::clone(&self.disk), self.dir.clone());
        let mut ahead = Tail { disk, dir, salt: self.salt, floor: self.lsn(), at };
        ahead.follow(Lsn::MAX, &mut |_| Ok(()))?;
        Ok(ahead.lsn())
    }

    /// Of a log that nobody writes and that was followed to its end, `epoch` being the last life: XX001 if what ended it is
    /// damage and not the torn end of a crash.
    pub fn judge(&self, epoch: Epoch) -> Result<()> {
        let closed = |at: &Place| at.tip.closed && at.tip.epoch == epoch && at.tip.lsn >= self.floor;
        if self.at.as_ref().is_some_and(closed) {
            return Ok(());
        }
        let found = find(&*self.disk, &self.dir, self.salt, OpenMode::Read)?;
        let end = match &self.at {
            Some(at) => found.iter().position(|f| f.number == at.file.number).map(|i| End {
                at: i,
                offset: at.offset,
                tip: at.tip,
                reason: at.reason,
            }),
            None if found.is_empty() && self.floor == 0 => None,
            None => Some(End { at: 0, offset: 0, tip: Tip::START, reason: "the file's header is not valid" }),
        };
        let Some(end) = end else { return Ok(()) };
        match evidence(&found, &end, self.floor)? {
            Some(evidence) => Err(damage(&found, &end, &evidence)),
            None => Ok(()),
        }
    }
}
