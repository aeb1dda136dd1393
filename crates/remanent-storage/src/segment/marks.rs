//! Files of delete marks: `seg/N.marks` and `seg/S.G.del`.
//!
//! A flush writes the recent marks of all segments as one *run* (`.marks`): one entry per
//! segment and deleting record. A merge or a settling writes what is settled of one segment
//! (`.del`): one entry with lsn 0. Both are the same format, written once and immutable.
//!
//! | offset | size | what |
//! |---|---|---|
//! | 0 | 7 | `REMMARK` |
//! | 7 | 1 | version, 1 |
//! | 8 | 4 | number of entries |
//! | 12 | 4 | CRC-32C of bytes 0 to 12 |
//! | 16 | | the entries, one after the other, to the end of the file |
//!
//! | offset in entry | size | what |
//! |---|---|---|
//! | 0 | 4 | CRC-32C of the rest of the entry |
//! | 4 | 4 | segment |
//! | 8 | 8 | lsn of the record that deleted the rows; 0: settled |
//! | 16 | 4 | n |
//! | 20 | n | the ordinals, in Roaring's portable format |
//!
//! All numbers are little-endian. Example: rows 1 and 2 of segment 7, deleted by record 9:
//!
//! ```text
//! 52454d4d41524b 01 01000000 ac335f8c
//! 7676fd19 07000000 0900000000000000 14000000
//! 3a300000 01000000 0000 0100 10000000 0100 0200
//! ```
//!
//! Limits: a file is read as a whole; nobody needs a part of it.

use super::deletes::RowSet;
use crate::Lsn;
use crate::error::{Error, Result};
use crate::world::{Disk, OpenMode};
use std::path::Path;

const MAGIC: &[u8; 8] = b"REMMARK\x01";
const HEADER: usize = 16;
const ENTRY: usize = 20;
/// Background writes go to the disk in slices of this size, each synced (design section 7).
const SLICE: usize = 512 << 10;

/// The rows of one segment that one record deleted; lsn 0: settled.
#[derive(Debug, Clone, PartialEq)]
pub struct MarkEntry {
    /// The segment.
    pub segment: u32,
    /// The record.
    pub lsn: Lsn,
    /// The rows.
    pub rows: RowSet,
}

/// Writes and syncs a new file of marks; returns its length. Syncing the directory is the caller's work.
pub fn write_marks(disk: &dyn Disk, path: &Path, entries: &[MarkEntry]) -> Result<u64> {
    let mut out = Vec::new();
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&(entries.len() as u32).to_le_bytes());
    out.extend_from_slice(&crc32c::crc32c(&out).to_le_bytes());
    for entry in entries {
        let start = out.len();
        out.extend_from_slice(&[0; 4]);
        out.extend_from_slice(&entry.segment.to_le_bytes());
        out.extend_from_slice(&entry.lsn.to_le_bytes());
        out.extend_from_slice(&[0; 4]);
        entry.rows.encode(&mut out);
        let n = (out.len() - start - ENTRY) as u32;
        out[start + 16..start + ENTRY].copy_from_slice(&n.to_le_bytes());
        let crc = crc32c::crc32c(&out[start + 4..]);
        out[start..start + 4].copy_from_slice(&crc.to_le_bytes());
    }
    let file = disk.open(path, OpenMode::CreateNew).map_err(|e| Error::io("create", path, &e))?;
    for (i, slice) in out.chunks(SLICE).enumerate() {
        file.write_at(slice, (i * SLICE) as u64).map_err(|e| Error::io("write to", path, &e))?;
        file.sync().map_err(|e| Error::io("sync", path, &e))?;
    }
    Ok(out.len() as u64)
}

/// Reads a file of marks and verifies all of it.
pub fn read_marks(disk: &dyn Disk, path: &Path) -> Result<Vec<MarkEntry>> {
    let read = |e| Error::io("read from", path, &e);
    let file = disk.open(path, OpenMode::Read).map_err(|e| Error::io("open", path, &e))?;
    let mut bytes = vec![0; file.len().map_err(read)? as usize];
    file.read_exact_at(&mut bytes, 0).map_err(read)?;
    parse(&bytes).map_err(|(at, what)| Error::corrupt(path, at as u64, what))
}

/// The entries of a damaged file of marks that are whole; `known` says whether there is such a segment.
pub fn salvage_marks(disk: &dyn Disk, path: &Path, known: &dyn Fn(u32) -> bool) -> Vec<MarkEntry> {
    let read = || {
        let file = disk.open(path, OpenMode::Read)?;
        let mut bytes = vec![0; usize::try_from(file.len()?).unwrap_or(0)];
        file.read_exact_at(&mut bytes, 0).map(|()| bytes)
    };
    let bytes: Vec<u8> = read().unwrap_or_default();
    let word = |at: usize| bytes.get(at..at + 4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]));
    let (mut entries, mut at) = (Vec::new(), HEADER);
    while at + ENTRY <= bytes.len() {
        let n = word(at + 16).unwrap_or(0) as usize;
        let whole =
            word(at + 4).is_some_and(known).then(|| bytes.get(at + 4..)?.get(..ENTRY - 4 + n)).flatten();
        let entry = whole.filter(|rest| word(at) == Some(crc32c::crc32c(rest))).and_then(|rest| {
            let lsn = Lsn::from_le_bytes(*rest.get(4..12)?.first_chunk()?);
            Some(MarkEntry { segment: word(at + 4)?, lsn, rows: RowSet::decode(rest.get(ENTRY - 4..)?)? })
        });
        at += if entry.is_some() { ENTRY + n } else { 1 };
        entries.extend(entry);
    }
    entries
}

/// Reads every byte of a file of marks and reports what is damaged.
pub fn verify_marks(disk: &dyn Disk, path: &Path, report: &mut dyn FnMut(Error)) {
    if let Err(error) = read_marks(disk, path) {
        report(error);
    }
}

fn parse(bytes: &[u8]) -> std::result::Result<Vec<MarkEntry>, (usize, &'static str)> {
    let word = |at: usize| bytes.get(at..at + 4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]));
    if bytes.get(..8) != Some(MAGIC) {
        return Err((0, "not a file of delete marks of a known version"));
    }
    if bytes.len() < HEADER || word(12) != Some(crc32c::crc32c(&bytes[..12])) {
        return Err((12, "the header does not match its checksum"));
    }
    let count = word(8).unwrap_or(0);
    let (mut entries, mut at) = (Vec::new(), HEADER);
    for _ in 0..count {
        let (Some(crc), Some(segment), Some(low), Some(high), Some(n)) =
            (word(at), word(at + 4), word(at + 8), word(at + 12), word(at + 16))
        else {
            return Err((at, "the file ends inside an entry"));
        };
        let Some(rows) = bytes.get(at + ENTRY..).and_then(|rest| rest.get(..n as usize)) else {
            return Err((at, "the file ends inside an entry"));
        };
        if crc32c::crc32c(&bytes[at + 4..at + ENTRY + n as usize]) != crc {
            return Err((at, "an entry does not match its checksum"));
        }
        let rows = RowSet::decode(rows).ok_or((at + ENTRY, "an entry is not a set of rows"))?;
        entries.push(MarkEntry { segment, lsn: u64::from(high) << 32 | u64::from(low), rows });
        at += ENTRY + n as usize;
    }
    match at == bytes.len() {
        true => Ok(entries),
        false => Err((at, "the file goes on after its last entry")),
    }
}
