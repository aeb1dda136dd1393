//! Puts the checksums of a changed file right, so that what lies behind them is reached.
//!
//! Each function walks a file as far as its lengths lead and writes the checksums anew where they belong; where the walk
//! leads astray it ends. The formats are those of the modules that own them.

use crc32c::{crc32c, crc32c_append};

fn word(bytes: &[u8], at: usize) -> Option<usize> {
    bytes.get(at..at.checked_add(4)?).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]) as usize)
}

fn put(bytes: &mut [u8], at: usize, crc: u32) {
    if let Some(place) = bytes.get_mut(at..at + 4) {
        place.copy_from_slice(&crc.to_le_bytes());
    }
}

/// The checksum of `bytes[from..to]`, at `at`.
fn seal(bytes: &mut [u8], from: usize, to: usize, at: usize) {
    if let Some(part) = bytes.get(from..to) {
        let crc = crc32c(part);
        put(bytes, at, crc);
    }
}

/// A paged file (`segment/page.rs`): header, pages, the footer's locators, tail.
pub fn paged(bytes: &mut [u8]) {
    const TAIL: usize = 32;
    seal(bytes, 0, 8, 8);
    let Some(tail) = bytes.len().checked_sub(TAIL) else { return };
    let footer =
        bytes.get(tail..tail + 8).map_or(0, |b| u64::from_le_bytes(b.try_into().unwrap_or_default()));
    let footer = usize::try_from(footer).unwrap_or(usize::MAX).min(tail);
    let mut at = 16;
    while let Some(len) = word(bytes, at + 4) {
        if len < 16 || len > footer.saturating_sub(at) {
            break;
        }
        let old: [u8; 4] = bytes[at..at + 4].try_into().unwrap_or_default();
        seal(bytes, at + 4, at + len, at);
        let new: [u8; 4] = bytes[at..at + 4].try_into().unwrap_or_default();
        // The footer repeats it.
        if old != new
            && let Some(place) = bytes[footer..tail].windows(4).position(|four| four == old)
        {
            bytes[footer + place..footer + place + 4].copy_from_slice(&new);
        }
        at += len;
    }
    seal(bytes, footer, tail, tail + 12);
    seal(bytes, tail, tail + 20, tail + 20);
}

/// The manifest (`store/manifest/frame.rs`): header, frames in a chain.
pub fn manifest(bytes: &mut [u8]) {
    seal(bytes, 0, 12, 12);
    let (mut at, mut before) = (16, 12);
    while let (Some(len), true) = (word(bytes, at), bytes.len() >= at + 16) {
        bytes.copy_within(before..before + 4, at + 4);
        seal(bytes, at + 16, (at + 16).saturating_add(len), at + 8);
        seal(bytes, at, at + 12, at + 12);
        before = at + 12;
        at = (at + 16).saturating_add(len);
    }
}

/// A file of the log (`log/format.rs`), of the log with that salt.
pub fn log(bytes: &mut [u8], salt: u32, file: u64) {
    const FILE_HEADER: usize = 64;
    const FRAME: usize = 56;
    let seed = crc32c_append(salt, &file.to_le_bytes());
    if bytes.len() < FILE_HEADER {
        return;
    }
    let crc = crc32c_append(seed, &bytes[..60]);
    put(bytes, 60, crc);
    let (mut at, mut before) = (FILE_HEADER, 48);
    while bytes.len() >= at + FRAME && bytes[at..at + 3] == [0xEB, 0x52, 0x4D] {
        let len = word(bytes, at + 4).unwrap_or(0);
        bytes.copy_within(before..before + 4, at + 40);
        let end = (at + FRAME).saturating_add(len);
        match len {
            0 => put(bytes, at + 44, 0),
            _ => seal(bytes, at + FRAME, end, at + 44),
        }
        let crc = crc32c_append(seed, &bytes[at..at + 52]);
        put(bytes, at + 52, crc);
        before = at + 52;
        at = end;
    }
}

/// A file of delete marks (`segment/marks.rs`): header, entries.
pub fn marks(bytes: &mut [u8]) {
    seal(bytes, 0, 12, 12);
    let mut at = 16;
    while let Some(len) = word(bytes, at + 16) {
        let end = (at + 20).saturating_add(len);
        seal(bytes, at + 4, end, at);
        at = end;
    }
}

/// A notice or a slot (`txn/board.rs`, `store/readers.rs`): the checksum is the last of its `len` bytes.
pub fn notice(bytes: &mut [u8], len: usize) {
    seal(bytes, 0, len - 4, len - 4);
}
