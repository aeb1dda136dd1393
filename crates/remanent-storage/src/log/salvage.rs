//! Reading a damaged log: every record that is whole, and which are missing.
//!
//! The walk is recovery's own. Where it ends and something later says that it should not have, the next frame that is whole
//! and can belong to this history begins a new walk: of a later record, and not of an earlier life or attempt, which is what
//! leftovers are. The torn end of a crash ends it, as in recovery. Each walk takes the frame it was led to, so the salvage
//! comes to an end, and no file is searched twice for what says that it goes on.

use super::Record;
use super::format::{BODY_MAX, FILE_HEADER, FRAME_HEADER, FileHeader, FrameHeader, Kind, seed};
use super::read::{Claim, End, Found, Tip, Window, claim, find_each, next_header, start, walk, walk_from};
use crate::Lsn;
use crate::error::{Error, Result, state};
use crate::world::{Disk, OpenMode};
use std::path::Path;

/// Hands over every record above `floor` that is whole, in order. `floor` None: from the first file on. What is missing
/// goes to `report`; an error is one of the sink's.
pub fn salvage(
    disk: &dyn Disk,
    dir: &Path,
    salt: u32,
    floor: Option<Lsn>,
    sink: &mut dyn FnMut(Record) -> Result<()>,
    report: &mut dyn FnMut(Error),
) -> Result<()> {
    let found = match find_each(disk, dir, salt, OpenMode::Read, report) {
        Ok(found) => found,
        Err(e) => {
            report(e);
            return Ok(());
        }
    };
    if found.is_empty() {
        report(Error::new(state::DATA_CORRUPTED, format!("the log in \"{}\" is gone", dir.display())));
    }
    let oldest = found.iter().filter_map(|file| Some(file.header?.first)).min();
    let floor = floor.unwrap_or(oldest.unwrap_or(1).saturating_sub(1));
    let mut refused = None;
    let mut hand_over = |h: &FrameHeader, body: &[u8]| {
        let record = Record { epoch: h.epoch, lsn: h.lsn, time: h.time, body: body.to_vec() };
        sink(record).map_err(|e| refused.insert(e).clone())
    };
    let mut walked = walk(&found, start(&found, floor.saturating_add(1)), floor, &mut hand_over);
    let mut judge = Judge::default();
    let mut stood = (0, Tip { lsn: floor, ..Tip::START });
    loop {
        let (at, offset, tip) = match walked {
            Ok(end) => match judge.goes_on(&found, &end, floor) {
                true => (end.at, end.offset, end.tip),
                false => break,
            },
            // A read failed: on behind the file.
            Err(e) => {
                report(e);
                (stood.0 + 1, 0, stood.1)
            }
        };
        let Some((next, from, header)) = resume(&found, at, offset, &tip) else {
            report(gap(&found, at, offset, tip.lsn.saturating_add(1), None));
            break;
        };
        let before = header.lsn - Lsn::from(header.kind == Kind::Record);
        if before > tip.lsn.max(floor) {
            report(gap(&found, at, offset, tip.lsn.max(floor).saturating_add(1), Some(before)));
        }
        let durable = tip.durable.max(header.durable).min(before);
        let (epoch, attempt) = (header.epoch, header.attempt);
        let tip = Tip { lsn: before, chain: header.chain, epoch, attempt, durable, closed: false };
        stood = (next, tip);
        walked = walk_from(&found, next, from, tip, floor, &mut hand_over);
    }
    refused.map_or(Ok(()), Err)
}

/// Whether a log goes on behind the ends of walks, each later than the one before. It remembers what said so last and never
/// looks at a byte of a file twice: a log of a million breaks is read in the time of one.
#[derive(Default)]
struct Judge {
    /// The file in which the last walk ended.
    ended: usize,
    claim: Option<Claim>,
}

impl Judge {
    /// True if something says that the log goes on behind that end.
    fn goes_on(&mut self, found: &[Found], end: &End, floor: Lsn) -> bool {
        let missing = end.tip.lsn.saturating_add(1);
        if found.is_empty() || missing <= floor {
            return !found.is_empty();
        }
        // Which files are looked into depends on it.
        if std::mem::replace(&mut self.ended, end.at) != end.at {
            self.claim = None;
        }
        let here = (end.at, end.offset);
        let known = self.claim.map(|claim| ((claim.at, claim.offset), claim.durable));
        if known.is_some_and(|(place, durable)| place >= here && durable >= missing) {
            return true;
        }
        let from = known.map_or(here, |((at, offset), _)| here.max((at, offset + 1)));
        match claim(found, end.at, from, missing) {
            Ok(claim) => {
                self.claim = claim;
                claim.is_some()
            }
            // What cannot be read may say so.
            Err(_) => true,
        }
    }
}

/// The next frame that can belong to the history that has come to `tip`.
fn resume(found: &[Found], at: usize, offset: u64, tip: &Tip) -> Option<(usize, u64, FrameHeader)> {
    let wanted = |h: &FrameHeader| {
        let record = h.kind == Kind::Record;
        let later = if record { h.lsn > tip.lsn } else { h.lsn >= tip.lsn };
        // What the walk would not take it would end at, and be led here again.
        let sound = h.durable <= h.lsn.saturating_sub(record.into())
            && if record { h.len as usize <= BODY_MAX } else { h.len == 0 };
        let attempt = if h.epoch == tip.epoch { tip.attempt } else { 0 };
        later && sound && (h.epoch, h.attempt) >= (tip.epoch, attempt)
    };
    for (i, file) in found.iter().enumerate().skip(at) {
        let mut from = if i == at { offset.max(FILE_HEADER as u64) } else { FILE_HEADER as u64 };
        let mut window = Window::new(file);
        while let Ok(Some((place, header))) = next_header(file, from, &wanted) {
            let body = window.get(place + FRAME_HEADER as u64, header.len as usize);
            if body.is_ok_and(|body| body.is_some_and(|body| crc32c::crc32c(body) == header.body_crc)) {
                return Some((i, place, header));
            }
            // The header is good, so what lies behind it is its body.
            from = place + FRAME_HEADER as u64 + u64::from(header.len);
        }
    }
    None
}

fn gap(found: &[Found], at: usize, offset: u64, first: Lsn, last: Option<Lsn>) -> Error {
    let what = match last {
        Some(last) if last == first => format!("record {first} of the log cannot be read"),
        Some(last) => format!("records {first} to {last} of the log cannot be read"),
        None => format!("the log from record {first} on cannot be read"),
    };
    match found.get(at) {
        Some(file) => Error::corrupt(&file.path, offset, what),
        None => Error::new(state::DATA_CORRUPTED, what),
    }
}

/// The salt that the log in a folder was written with, computed from its files: CRC is a bijection of its seed, so the
/// seed follows from a header and its CRC. None: no file says it twice.
pub fn find_salt(disk: &dyn Disk, dir: &Path) -> Option<u32> {
    // With a wrong salt only the headers are not recognised.
    let found = find_each(disk, dir, 0, OpenMode::Read, &mut |_| {}).ok()?;
    found.iter().find_map(|file| {
        let mut window = Window::new(file);
        let header: [u8; FILE_HEADER] = *window.get(0, FILE_HEADER).ok()??.first_chunk()?;
        let crc = u32::from_le_bytes(*header.last_chunk()?);
        let own = invert(crc, header.get(..FILE_HEADER - 4)?);
        let salt = invert(own, &file.number.to_le_bytes());
        let valid = FileHeader::decode(&header, seed(salt, file.number)).ok()??.file == file.number;
        let first = *window.get(FILE_HEADER as u64, FRAME_HEADER).ok()??.first_chunk()?;
        // Any header gives some seed; that the first frame agrees proves it.
        (valid && FrameHeader::decode(&first, own).is_some()).then_some(salt)
    })
}

/// The CRC-32C from which these bytes lead to `crc`.
fn invert(crc: u32, bytes: &[u8]) -> u32 {
    const POLYNOMIAL: u32 = 0x82F6_3B78;
    let mut c = !crc;
    for byte in bytes.iter().rev() {
        for _ in 0..8 {
            c = match c >> 31 {
                1 => (c ^ POLYNOMIAL) << 1 | 1,
                _ => c << 1,
            };
        }
        c ^= u32::from(*byte);
    }
    !c
}
