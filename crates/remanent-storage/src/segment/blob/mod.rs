//! Files of large values: each is written once, before the record that names it, and never again.
//!
//! # Model
//!
//! ```text
//!   blob/0000000012.blob     header │ value A, page 0 │ A 1 │ A 2 │ value B, page 0 │ …
//!   a row's column           reference: file 12, offset 16, 40,000 bytes, checksum
//! ```
//!
//! A value is a run of pages, all full but the last. A writer has a file for itself while it writes a value, then lays it
//! back ([`BlobFiles::write`]), and the next appends there, until the file is full; so there are as many open files as
//! there were ever values written at once. A file is appended to only by the process that made it. Its bytes are synced
//! before the record that names them is written ([`BlobFiles::sync`]), whatever `synchronous_commit` says: the record may
//! reach the disk by itself, and what it names must be there then.
//!
//! Who names a file holds it: segments, hot and cold, transactions, readers ([`Uses`]). When the last lets go the file is
//! dead and is removed by the background (`Inner::remove_retired`), after the log is durable that far.
//! [`BlobFiles::sparse`] are files most of whose bytes nobody names any more: a merge moves what lives in them.
//!
//! # Format (version 1)
//!
//! Little-endian. The header, 16 bytes:
//!
//! | offset | size | field |
//! |---:|---:|---|
//! | 0 | 7 | magic `REMBLOB` |
//! | 7 | 1 | version, 1 |
//! | 8 | 4 | the file's number |
//! | 12 | 4 | CRC-32C of bytes 0..12 |
//!
//! A page, 16 bytes and at most 16,384 of the value:
//!
//! | offset | size | field |
//! |---:|---:|---|
//! | 0 | 4 | CRC-32C of the file's number (4 bytes), the page's offset in the file (8), bytes 4..16, the data |
//! | 4 | 4 | which page of its value it is, from 0 |
//! | 8 | 4 | bytes of data |
//! | 12 | 4 | zero |
//! | 16 | | data |
//!
//! Worked example (`tests/blob_format.rs` holds the code to it): file 7 with the value `frame`,
//! whose reference is file 7, offset 16,
//! length 5 and the CRC-32C of the page's first four bytes, `122892d5`.
//!
//! ```text
//! 00  52 45 4d 42 4c 4f 42 01  07 00 00 00 29 7b b0 8d REMBLOB, version 1, file 7
//! 10  fb d5 c2 9d 00 00 00 00  05 00 00 00 00 00 00 00   page 0 of its value, 5 bytes
//! 20  66 72 61 6d 65                                  frame
//! ```
//!
//! # Not guaranteed
//!
//! Bytes between the pages of named values are nobody's: what transactions left that failed or crashed.

mod files;
mod read;
mod write;

pub use files::{BlobFiles, Summary, Tally, Uses, blob_file};
pub use read::verify;

use crate::value::blob::Reference;

/// The folder of the files.
pub const FOLDER: &str = "blob";

const MAGIC: [u8; 7] = *b"REMBLOB";
const VERSION: u8 = 1;
/// Bytes of a file's header, and of a page's.
const HEADER: usize = 16;
const _: () = assert!(HEADER == 7 + 1 + 4 + 4);

/// Data of a full page.
const PAGE: usize = 16 << 10;
const _: () = assert!(crate::value::blob::SLICE.is_multiple_of(PAGE));

/// The checksum of a page: bound to its place.
fn page_crc(file: u32, offset: u64, rest: &[u8]) -> u32 {
    let crc = crc32c::crc32c(&file.to_le_bytes());
    crc32c::crc32c_append(crc32c::crc32c_append(crc, &offset.to_le_bytes()), rest)
}

/// Bytes that a value of so many bytes takes in a file.
fn stored_len(len: u32) -> u64 {
    u64::from(len) + u64::from(len).div_ceil(PAGE as u64).max(1) * HEADER as u64
}

/// The end of a value in its file.
fn end_of(reference: &Reference) -> u64 {
    reference.offset.saturating_add(stored_len(reference.len))
}
