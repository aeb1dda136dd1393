//! Reading a log back: the walk along the chain, and the judgement of what ends it.
//!
//! The walk begins in the newest file that starts at or before the first wanted record and follows
//! frame after frame, file after file, as long as each is whole and continues the chain ([`Tip::accepts`]).
//! What ends it is the torn end of a crash, unless
//!
//! 1. the caller's floor calls the missing record durable (its data has left the log for segments), or
//! 2. some valid header further on, in this file or a later one, carries a durable lsn at or past it.
//!
//! Then it is damage (design rule 5). A durable lsn is only ever written after its sync, so such a claim is
//! true whatever life it comes from; no cut ever goes below one.
//!
//! After a life that ended with its closing mark nothing was written, so nothing has to be searched.

use super::format::{BODY_MAX, FILE_HEADER, FRAME_HEADER, FRAME_MAGIC, FileHeader, FrameHeader, Kind, seed};
use crate::error::{Error, Result, state};
use crate::world::{Disk, File, OpenMode, join, mutation};
use crate::{Epoch, Lsn};
use remanent_kernels::sort::sort_by;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How much is read at once; frames are mostly much smaller.
const WINDOW: usize = 256 << 10;

/// How much is read at first: who follows a log mostly finds a record or two.
const FIRST: usize = 8 << 10;

/// The name of a log file.
pub(super) fn file_name(number: u64) -> String {
    format!("{number:010}.log")
}

/// The number of a log file, from its name.
fn file_number(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(".log")?;
    (digits.len() >= 10 && digits.bytes().all(|b| b.is_ascii_digit())).then(|| digits.parse().ok()).flatten()
}

/// A file that was found in the directory.
pub(super) struct Found {
    pub number: u64,
    pub path: PathBuf,
    pub len: u64,
    pub file: Arc<dyn File>,
    pub seed: u32,
    /// None: none that is valid for this number, so the file was not begun, or its header is damaged.
    pub header: Option<FileHeader>,
}

/// Opens all log files of a directory, in order of their numbers.
pub(super) fn find(disk: &dyn Disk, dir: &Path, salt: u32, mode: OpenMode) -> Result<Vec<Found>> {
    let mut first = Ok(());
    let found = find_each(disk, dir, salt, mode, &mut |e| first = Err(e))?;
    first.map(|()| found)
}

/// As [`find`]; files that cannot be looked into are reported.
pub(super) fn find_each(
    disk: &dyn Disk,
    dir: &Path,
    salt: u32,
    mode: OpenMode,
    report: &mut dyn FnMut(Error),
) -> Result<Vec<Found>> {
    let entries = disk.list(dir).map_err(|e| Error::io("list", dir, &e))?;
    let mut found = Vec::new();
    for entry in entries {
        let Some(number) = file_number(&entry.name) else { continue };
        match open(disk, dir, number, salt, mode) {
            Ok(file) => found.extend(file),
            Err(e) => report(e),
        }
    }
    sort_by(&mut found, &|a, b| a.number.cmp(&b.number));
    Ok(found)
}

/// Opens the log file of that number; None if it is not there: whoever writes the log may just have given it
/// another one.
pub(super) fn open(
    disk: &dyn Disk,
    dir: &Path,
    number: u64,
    salt: u32,
    mode: OpenMode,
) -> Result<Option<Found>> {
    let path = join(dir, &file_name(number));
    let file = match disk.open(&path, mode) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        file => file.map_err(|e| Error::io("open", &path, &e))?,
    };
    let len = file.len().map_err(|e| Error::io("look at", &path, &e))?;
    let mut bytes = [0; FILE_HEADER];
    let n = file.read_at(&mut bytes, 0).map_err(|e| Error::io("read", &path, &e))?;
    let seed = seed(salt, number);
    let header = match FileHeader::decode(&bytes, seed) {
        Ok(header) => header.filter(|h| n == FILE_HEADER && h.file == number),
        Err(version) => {
            return Err(Error::new(
                state::FEATURE_NOT_SUPPORTED,
                format!("\"{}\" has log format {version}, which this version does not know", path.display()),
            )
            .with_hint("Open the database with a newer version of Remanent."));
        }
    };
    Ok(Some(Found { number, path, len, file, seed, header }))
}

/// Where the walk begins: the newest file that starts at or before `first`; None if no file does.
pub(super) fn start(found: &[Found], first: Lsn) -> Option<usize> {
    found.iter().rposition(|f| f.header.is_some_and(|h| h.first <= first))
}

/// Reads a file piece by piece.
pub(super) struct Window<'a> {
    found: &'a Found,
    bytes: Vec<u8>,
    base: u64,
}

impl<'a> Window<'a> {
    pub fn new(found: &'a Found) -> Self {
        Window { found, bytes: Vec::new(), base: 0 }
    }

    /// `len` bytes at `offset`; None if the file ends before.
    pub fn get(&mut self, offset: u64, len: usize) -> Result<Option<&[u8]>> {
        let inside = |base: u64, have: usize| {
            let from = usize::try_from(offset.checked_sub(base)?).ok()?;
            let to = from.checked_add(len)?;
            (to <= have).then_some(from..to)
        };
        if inside(self.base, self.bytes.len()).is_none() {
            let more = if self.bytes.is_empty() { FIRST } else { WINDOW };
            self.bytes.resize(len.max(more), 0);
            self.base = offset;
            let read = self.found.file.read_at(&mut self.bytes, offset);
            let n =
                read.map_err(|e| Error::io(&format!("read at byte {offset} of"), &self.found.path, &e))?;
            self.bytes.truncate(n);
        }
        Ok(inside(self.base, self.bytes.len()).and_then(|range| self.bytes.get(range)))
    }

    fn frame_header(&mut self, offset: u64) -> Result<Option<FrameHeader>> {
        let seed = self.found.seed;
        let bytes = self.get(offset, FRAME_HEADER)?.and_then(|b| b.first_chunk());
        Ok(bytes.and_then(|b| FrameHeader::decode(b, seed)))
    }
}

/// How far the chain has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tip {
    pub lsn: Lsn,
    pub chain: u32,
    pub epoch: Epoch,
    pub attempt: u32,
    /// The highest durable lsn that was read.
    pub durable: Lsn,
    /// The last frame is a closing mark.
    pub closed: bool,
}

impl Tip {
    /// Where the chain stands before the first record.
    pub const START: Tip = Tip { lsn: 0, chain: 0, epoch: 0, attempt: 0, durable: 0, closed: false };

    pub fn of(header: &FileHeader) -> Tip {
        Tip {
            lsn: header.first.saturating_sub(1),
            chain: header.chain,
            epoch: header.epoch,
            durable: header.durable,
            ..Tip::START
        }
    }

    /// True if that file continues the chain where it stands.
    pub(super) fn continues_in(&self, header: &FileHeader) -> bool {
        header.first == self.lsn.wrapping_add(1)
            && header.epoch >= self.epoch
            && (header.chain == self.chain || mutation("skip_chain_check"))
    }

    /// Goes over into the file that continues the chain.
    pub(super) fn enter(&mut self, header: &FileHeader) {
        self.durable = self.durable.max(header.durable);
        self.epoch = header.epoch;
        self.closed = false;
    }

    /// Why a valid header is no continuation of the chain: leftovers of an earlier life, or damage.
    fn accepts(&self, h: &FrameHeader) -> std::result::Result<(), &'static str> {
        if h.chain != self.chain && !mutation("skip_chain_check") {
            return Err("it does not follow the one before it");
        }
        let lsn = self.lsn.wrapping_add(u64::from(h.kind == Kind::Record));
        if h.lsn != lsn || h.durable > self.lsn {
            return Err("it has the number of another");
        }
        // Of equal bytes from two lives, or from two attempts of one life, only the newer may stand.
        if h.epoch < self.epoch || (h.epoch == self.epoch && h.attempt < self.attempt) {
            return Err("it belongs to an earlier life");
        }
        Ok(())
    }

    fn advance(&mut self, h: &FrameHeader) {
        *self = Tip {
            lsn: h.lsn,
            chain: h.crc,
            epoch: h.epoch,
            attempt: h.attempt,
            durable: self.durable.max(h.durable),
            closed: h.kind == Kind::Close,
        };
    }
}

/// Where a walk ended, and why.
pub(super) struct End {
    /// Index of the file.
    pub at: usize,
    pub offset: u64,
    pub tip: Tip,
    pub reason: &'static str,
}

/// What the walk hands over per record: its header, its body and the bytes of log it took.
pub(super) type Sink<'a> = &'a mut dyn FnMut(&FrameHeader, &[u8]) -> Result<()>;

/// Follows the chain from the beginning of `found[at]` (None: there is no beginning) as far as it goes. Bodies of records at or below `floor`
/// are not read: their data is elsewhere. A refusal by the sink ends the walk with its error.
pub(super) fn walk(found: &[Found], at: Option<usize>, floor: Lsn, sink: Sink<'_>) -> Result<End> {
    let begin = at.and_then(|at| found.get(at)).and_then(|f| f.header.as_ref());
    let (Some(at), Some(tip)) = (at, begin.map(Tip::of)) else {
        return Ok(End { at: 0, offset: 0, tip: Tip::START, reason: "the file's header is not valid" });
    };
    walk_from(found, at, FILE_HEADER as u64, tip, floor, sink)
}

/// As [`walk`], from a place where the chain stands at `tip`.
pub(super) fn walk_from(
    found: &[Found],
    mut at: usize,
    mut begin: u64,
    mut tip: Tip,
    floor: Lsn,
    sink: Sink<'_>,
) -> Result<End> {
    loop {
        let Some(here) = found.get(at) else {
            return Err(Error::internal("the log's walk left its files"));
        };
        let mut offset = begin;
        begin = FILE_HEADER as u64;
        let reason = walk_file(here, &mut tip, &mut offset, (floor, Lsn::MAX), sink)?;
        let next = found.get(at + 1).filter(|next| next.number == here.number + 1);
        match next.and_then(|next| next.header) {
            Some(header) if tip.continues_in(&header) => {
                tip.enter(&header);
                at += 1;
            }
            _ => return Ok(End { at, offset, tip, reason }),
        }
    }
}

/// Follows the chain inside one file from `offset` on, which moves along; returns why it ended. Of `(floor, until)`, bodies up to
/// the first are passed over, and behind the second no frame is looked at.
pub(super) fn walk_file(
    found: &Found,
    tip: &mut Tip,
    offset: &mut u64,
    (floor, until): (Lsn, Lsn),
    sink: Sink<'_>,
) -> Result<&'static str> {
    let mut window = Window::new(found);
    while tip.lsn < until {
        let Some(h) = window.frame_header(*offset)? else {
            return Ok("its header is not valid");
        };
        if let Err(reason) = tip.accepts(&h) {
            return Ok(reason);
        }
        let len = h.len as usize;
        if len > BODY_MAX || (h.kind != Kind::Record && len != 0) {
            return Ok("its length is not possible");
        }
        let behind = *offset + (FRAME_HEADER + len) as u64;
        if h.kind == Kind::Record && h.lsn > floor {
            let Some(body) = window.get(*offset + FRAME_HEADER as u64, len)? else {
                return Ok("the file ends inside it");
            };
            if crc32c::crc32c(body) != h.body_crc {
                return Ok("its content does not match its checksum");
            }
            sink(&h, body)?;
        } else if behind > found.len {
            return Ok("the file ends inside it");
        }
        tip.advance(&h);
        *offset = behind;
    }
    Ok("it is not wanted")
}

/// What calls the record behind `end` durable, in words; None: nothing does, so this is the log's torn end.
pub(super) fn evidence(found: &[Found], end: &End, floor: Lsn) -> Result<Option<String>> {
    let missing = end.tip.lsn.saturating_add(1);
    if missing <= floor {
        return Ok(Some(format!("everything up to record {floor} had been written")));
    }
    let claim = claim(found, end.at, (end.at, end.offset), missing)?;
    let path = |claim: &Claim| found.get(claim.at).map(|file| file.path.display().to_string());
    Ok(claim.map(|claim| {
        let path = path(&claim).unwrap_or_default();
        format!("the write at byte {} of \"{path}\" came after it", claim.offset)
    }))
}

/// A header of a file or a frame that calls records durable: in which file, where, and up to which.
#[derive(Debug, Clone, Copy)]
pub(super) struct Claim {
    pub at: usize,
    pub offset: u64,
    pub durable: Lsn,
}

/// The first header at or behind a place (file, byte) that calls record `missing` durable, after a walk that ended in file `ended`.
pub(super) fn claim(
    found: &[Found],
    ended: usize,
    (at, offset): (usize, u64),
    missing: Lsn,
) -> Result<Option<Claim>> {
    for (i, file) in found.iter().enumerate().skip(at) {
        // A later file that was never begun has no valid header. One that was begun and then damaged does not
        // either, so the first of them is searched all the same.
        if i > ended + 1 && file.header.is_none() {
            continue;
        }
        let from = if i == at { offset } else { 0 };
        if let Some(header) = file.header.filter(|h| from == 0 && h.durable >= missing) {
            return Ok(Some(Claim { at: i, offset: 0, durable: header.durable }));
        }
        if let Some((offset, header)) = next_header(file, from, &|h| h.durable >= missing)? {
            return Ok(Some(Claim { at: i, offset, durable: header.durable }));
        }
    }
    Ok(None)
}

/// How many bytes without the first one of a frame are passed over at once.
const STRIDE: usize = 256;

/// The first valid frame header at or behind `from` that is wanted, and where it is.
pub(super) fn next_header(
    found: &Found,
    mut from: u64,
    wanted: &dyn Fn(&FrameHeader) -> bool,
) -> Result<Option<(u64, FrameHeader)>> {
    // Mostly it is near.
    let mut bytes = vec![0; FIRST];
    loop {
        let n = found.file.read_at(&mut bytes, from);
        let n = n.map_err(|e| Error::io(&format!("read at byte {from} of"), &found.path, &e))?;
        let have = bytes.get(..n).unwrap_or_default();
        let mut i = 0;
        while let Some(frame) = have.get(i..).and_then(<[u8]>::first_chunk) {
            // Most of what is searched is preallocated zeros: passed over in strides.
            let stride = have.get(i..i + STRIDE).filter(|part| !part.contains(&FRAME_MAGIC[0]));
            if stride.is_some() {
                i += STRIDE;
                continue;
            }
            if frame.starts_with(&FRAME_MAGIC)
                && let Some(header) = FrameHeader::decode(frame, found.seed).filter(wanted)
            {
                return Ok(Some((from + i as u64, header)));
            }
            i += 1;
        }
        if n < bytes.len() {
            return Ok(None);
        }
        // The next piece begins where no whole header was left to look at.
        from += (n - FRAME_HEADER + 1) as u64;
        bytes.resize((2 * n).min(WINDOW), 0);
    }
}

/// The error for a bad record that must have been good.
pub(super) fn damage(found: &[Found], end: &End, evidence: &str) -> Error {
    let missing = end.tip.lsn.saturating_add(1);
    match found.get(end.at) {
        Some(file) => Error::corrupt(
            &file.path,
            end.offset,
            format!("record {missing} of the log is bad: {}, yet {evidence}", end.reason),
        ),
        None => Error::new(
            state::DATA_CORRUPTED,
            format!("record {missing} of the log is missing, yet {evidence}"),
        ),
    }
}

/// Hands over every record above `floor` of a log that nobody writes, up to the first that is bad.
pub fn records(
    disk: &dyn Disk,
    dir: &Path,
    options: &super::LogOptions,
    floor: Lsn,
    sink: &mut dyn FnMut(super::Record) -> Result<()>,
) -> Result<()> {
    let found = find(disk, dir, options.salt, OpenMode::Read)?;
    let first = start(&found, floor.saturating_add(1));
    let mut hand_over = |h: &FrameHeader, body: &[u8]| {
        sink(super::Record { epoch: h.epoch, lsn: h.lsn, time: h.time, body: body.to_vec() })
    };
    walk(&found, first, floor, &mut hand_over).map(drop)
}

/// Checks every record above `floor` of a log that nobody writes. Damage goes to `report`, and the check goes on in
/// the next file that can be read; returns how many records are good.
///
/// `options` must have the salt the log was written with. A log that ends torn is not damaged; one that is of a later
/// `epoch` than the database's last is, since it cannot be opened with it.
pub fn verify(
    disk: &dyn Disk,
    dir: &Path,
    options: &super::LogOptions,
    floor: Lsn,
    epoch: Epoch,
    report: &mut dyn FnMut(Error),
) -> Result<u64> {
    let found = find(disk, dir, options.salt, OpenMode::Read)?;
    let mut good = 0;
    let mut from = start(&found, floor.saturating_add(1));
    loop {
        let walked = walk(&found, from, floor, &mut |_, _| {
            good += 1;
            Ok(())
        });
        let stopped = match walked {
            Ok(end) => {
                if end.tip.epoch > epoch {
                    report(super::open::future(dir, end.tip.epoch, epoch.saturating_add(1)));
                }
                match evidence(&found, &end, floor) {
                    Ok(Some(evidence)) => report(damage(&found, &end, &evidence)),
                    Ok(None) => break,
                    Err(e) => report(e),
                }
                end.at
            }
            Err(e) => {
                report(e);
                from.unwrap_or(0)
            }
        };
        from = (stopped + 1..found.len()).find(|&i| found.get(i).is_some_and(|f| f.header.is_some()));
        if from.is_none() {
            break;
        }
    }
    Ok(good)
}
