//! Opening a log: replay, the judgement of its end, and leaving a clean end behind.
//!
//! What was replayed is made durable before anybody may see it: after a crash of the process alone it may
//! have come from the operating system's cache. Then the place of the cut is wiped, and so are
//! the headers of later files that the cut took out of the log, so that a second crash can neither complete the
//! record that was cut nor start a later walk in such a file. Each step may be repeated.

use super::files::{Ready, UNFINISHED, Used, make};
use super::format::FILE_HEADER;
use super::queue::Shared;
use super::read::{End, Found, damage, evidence, file_name, find, start, walk};
use super::writer::Writer;
use super::{LogOptions, Record};
use crate::error::{Error, Result, state};
use crate::world::{Disk, OpenMode, join};
use crate::{Epoch, Lsn};
use std::collections::VecDeque;
use std::path::Path;

pub(super) fn open(
    disk: &dyn Disk,
    dir: &Path,
    options: &LogOptions,
    floor: Lsn,
    epoch: Epoch,
    replay: &mut dyn FnMut(Record) -> Result<()>,
) -> Result<Shared> {
    disk.create_dir(dir).map_err(|e| Error::io("create directory", dir, &e))?;
    let unfinished = join(dir, UNFINISHED);
    if disk.exists(&unfinished).map_err(|e| Error::io("look for", &unfinished, &e))? {
        disk.remove(&unfinished).map_err(|e| Error::io("remove", &unfinished, &e))?;
    }
    let mut found = find(disk, dir, options.salt, OpenMode::ReadWrite)?;
    let mut marks = VecDeque::new();
    let (mut position, mut records) = (0, 0);
    let first = start(&found, floor.saturating_add(1));
    let end = walk(&found, first, floor, &mut |h, body| {
        if h.epoch >= epoch {
            return Err(future(dir, h.epoch, epoch));
        }
        records += 1;
        super::queue::advance(&mut marks, &mut position, h.lsn, body.len() as u64);
        replay(Record { epoch: h.epoch, lsn: h.lsn, time: h.time, body: body.to_vec() })
    })?;
    if end.tip.epoch >= epoch {
        return Err(future(dir, end.tip.epoch, epoch));
    }
    if found.is_empty() && floor == 0 {
        let made = make(disk, dir, 1, options.file_size, false)?;
        let path = join(dir, &file_name(1));
        let seed = super::format::seed(options.salt, 1);
        found.push(Found { number: 1, path, len: made.len, file: made.file, seed, header: None });
    } else {
        // The closing mark of the life before this one: nothing was written behind it.
        let clean = end.tip.closed && end.tip.epoch.saturating_add(1) == epoch && end.tip.lsn >= floor;
        if !clean {
            if let Some(evidence) = evidence(&found, &end, floor)? {
                return Err(damage(&found, &end, &evidence));
            }
            cut(&found, first.unwrap_or(0), &end)?;
        }
    }
    let mut shared = assemble(disk, dir, options, found, first.unwrap_or(0), &end)?;
    shared.marks = marks;
    shared.position = position;
    Ok(shared)
}

pub(super) fn future(dir: &Path, seen: Epoch, epoch: Epoch) -> Error {
    let message = format!(
        "the log in \"{}\" has reached epoch {seen}, but the database's epoch {epoch} only begins",
        dir.display()
    );
    Error::new(state::DATA_CORRUPTED, message)
        .with_hint("Its MANIFEST has lost its end, or files of two copies of the database were mixed.")
}

/// Makes what was walked durable and wipes what the cut leaves behind.
fn cut(found: &[Found], first: usize, end: &End) -> Result<()> {
    let wipe = |file: &Found, offset: u64| {
        let zeros = [0; FILE_HEADER];
        let room = file.len.saturating_sub(offset).min(FILE_HEADER as u64);
        let zeros = zeros.get(..room as usize).unwrap_or_default();
        file.file.write_at(zeros, offset).map_err(|e| Error::io("write to", &file.path, &e))
    };
    let sync = |file: &Found| file.file.sync().map_err(|e| Error::io("sync", &file.path, &e));
    for (i, file) in found.iter().enumerate().skip(first) {
        if i == end.at {
            wipe(file, end.offset)?;
        } else if i > end.at && file.header.is_some() {
            wipe(file, 0)?;
        } else if i > end.at {
            continue;
        }
        sync(file)?;
    }
    Ok(())
}

/// Sorts the files into those in use and those that are ready, and removes the rest.
fn assemble(
    disk: &dyn Disk,
    dir: &Path,
    options: &LogOptions,
    found: Vec<Found>,
    first: usize,
    end: &End,
) -> Result<Shared> {
    let mut used = VecDeque::new();
    let mut ready = VecDeque::new();
    let mut writer = None;
    let mut last_file = 0;
    let mut removed = false;
    for (i, file) in found.into_iter().enumerate() {
        let Found { number, len, header, .. } = file;
        if i <= end.at {
            let begin = match header {
                // What lies before the walk's first file is all at or below the floor.
                _ if i < first => 0,
                Some(header) if i < end.at || end.offset > 0 => header.first,
                _ => end.tip.lsn + 1,
            };
            used.push_back(Used { number, first: begin, len });
            if i == end.at {
                writer = Some(Writer::at(file, end, options.file_size));
                last_file = number;
            }
        } else if number == last_file + 1 && len == options.file_size {
            ready.push_back(Ready { number, len, file: file.file });
            last_file = number;
        } else {
            disk.remove(&file.path).map_err(|e| Error::io("remove", &file.path, &e))?;
            removed = true;
        }
    }
    if removed {
        disk.sync_dir(dir).map_err(|e| Error::io("sync", dir, &e))?;
    }
    let writer = writer.ok_or_else(|| Error::internal("the log has no file to write to"))?;
    Ok(Shared::new(writer, end.tip.durable, used, ready, last_file))
}
