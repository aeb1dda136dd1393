//! The bytes of the log: the only place that knows an offset.
//!
//! A file is a file header, then frames, each right behind the other; behind the last
//! frame lie zeros or leftovers. All numbers are little-endian, nothing is padded.
//!
//! File header, 64 bytes:
//!
//! | offset | size | field |
//! |---:|---:|---|
//! | 0 | 8 | magic `REMANLOG` |
//! | 8 | 1 | version, 1 |
//! | 9 | 7 | zero |
//! | 16 | 8 | the file's number, as in its name |
//! | 24 | 8 | lsn of the first record that may be in it |
//! | 32 | 8 | epoch at that time |
//! | 40 | 8 | durable lsn at that time |
//! | 48 | 4 | chain: header CRC of the last frame of the file before; 0 at the beginning |
//! | 52 | 8 | zero |
//! | 60 | 4 | CRC of bytes 0..60 |
//!
//! Frame: a header of 56 bytes, then the body.
//!
//! | offset | size | field |
//! |---:|---:|---|
//! | 0 | 3 | magic `EB 52 4D` |
//! | 3 | 1 | kind: 1 record, 2 idle mark, 3 closing mark |
//! | 4 | 4 | length of the body; 0 for a mark |
//! | 8 | 8 | epoch |
//! | 16 | 8 | lsn; of a mark: that of the last record |
//! | 24 | 8 | wall time, µs since 2000-01-01 UTC |
//! | 32 | 8 | durable lsn when this was written |
//! | 40 | 4 | chain: header CRC of the frame before |
//! | 44 | 4 | CRC-32C of the body, 0 if it is empty |
//! | 48 | 4 | attempt: how many writes had failed in this epoch |
//! | 52 | 4 | CRC of bytes 0..52 |
//!
//! Both header CRCs are CRC-32C that starts from a seed made of the database's salt and the file's number,
//! so what an earlier use of a recycled file left behind never passes for a frame of this one. CRC is a
//! bijection of its seed: leftovers fail for certain, not only probably.
//!
//! Worked example: salt 0, file 1 of a new database, one record `hi` of epoch 1, written at time 5
//! (`tests/log_suite/format.rs` holds the log to it):
//!
//! ```text
//! 000  52 45 4d 41 4e 4c 4f 47  01 00 00 00 00 00 00 00   REMANLOG, version 1
//! 010  01 00 00 00 00 00 00 00  01 00 00 00 00 00 00 00   file 1, first lsn 1
//! 020  01 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00   epoch 1, durable lsn 0
//! 030  00 00 00 00 00 00 00 00  00 00 00 00 2c ce 17 d5   chain 0, header CRC
//! 040  eb 52 4d 01 02 00 00 00  01 00 00 00 00 00 00 00   record, 2 bytes, epoch 1
//! 050  01 00 00 00 00 00 00 00  05 00 00 00 00 00 00 00   lsn 1, time 5
//! 060  00 00 00 00 00 00 00 00  00 00 00 00 c2 d9 9d f5   durable lsn 0, chain 0, CRC of "hi"
//! 070  00 00 00 00 91 d2 05 09  68 69                     attempt 0, header CRC, "hi"
//! 07a  eb 52 4d 03 ..                                     closing mark; its chain is 91 d2 05 09
//! ```

use crate::{Epoch, Lsn};

const FILE_MAGIC: [u8; 8] = *b"REMANLOG";
/// The version of this format. Do not renumber.
pub(super) const VERSION: u8 = 1;
/// Length of a file's header.
pub(super) const FILE_HEADER: usize = 64;
/// Length of a frame's header.
pub(super) const FRAME_HEADER: usize = 56;
/// Where every frame begins.
pub(super) const FRAME_MAGIC: [u8; 3] = [0xEB, 0x52, 0x4D];
/// The longest body (design section 7: a record holds at most 16 MB; more goes through `Attach`).
pub const BODY_MAX: usize = 16 << 20;

const _: () = assert!(FILE_HEADER == 8 + 1 + 7 + 8 + 8 + 8 + 8 + 4 + 8 + 4);
const _: () = assert!(FRAME_HEADER == 3 + 1 + 4 + 8 + 8 + 8 + 8 + 4 + 4 + 4 + 4);
const _: () = assert!(BODY_MAX <= u32::MAX as usize);

/// What a frame is. Do not renumber.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A record of the log.
    Record = 1,
    /// Says the durable lsn again because nothing else is being written.
    Idle = 2,
    /// The last frame of a life that ended in order.
    Close = 3,
}

/// Where the CRCs of a file's headers start.
pub(super) fn seed(salt: u32, file: u64) -> u32 {
    crc32c::crc32c_append(salt, &file.to_le_bytes())
}

/// The header of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FileHeader {
    pub file: u64,
    pub first: Lsn,
    pub epoch: Epoch,
    pub durable: Lsn,
    pub chain: u32,
}

impl FileHeader {
    pub fn encode(&self, seed: u32) -> [u8; FILE_HEADER] {
        let mut b = [0; FILE_HEADER];
        put(&mut b, 0, FILE_MAGIC);
        put(&mut b, 8, [VERSION]);
        put(&mut b, 16, self.file.to_le_bytes());
        put(&mut b, 24, self.first.to_le_bytes());
        put(&mut b, 32, self.epoch.to_le_bytes());
        put(&mut b, 40, self.durable.to_le_bytes());
        put(&mut b, 48, self.chain.to_le_bytes());
        let crc = crc32c::crc32c_append(seed, &b[..60]);
        put(&mut b, 60, crc.to_le_bytes());
        b
    }

    /// None: these bytes are not the header of that file in this format. `Err(version)`: they are one of a
    /// version that this program does not know.
    pub fn decode(b: &[u8; FILE_HEADER], seed: u32) -> Result<Option<FileHeader>, u8> {
        if b[..8] != FILE_MAGIC || crc32c::crc32c_append(seed, &b[..60]).to_le_bytes() != b[60..] {
            return Ok(None);
        }
        if b[8] != VERSION {
            return Err(b[8]);
        }
        Ok(Some(FileHeader {
            file: u64::from_le_bytes(get(b, 16)),
            first: u64::from_le_bytes(get(b, 24)),
            epoch: u64::from_le_bytes(get(b, 32)),
            durable: u64::from_le_bytes(get(b, 40)),
            chain: u32::from_le_bytes(get(b, 48)),
        }))
    }
}

/// The header of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FrameHeader {
    pub kind: Kind,
    pub len: u32,
    pub epoch: Epoch,
    pub lsn: Lsn,
    pub time: i64,
    pub durable: Lsn,
    pub chain: u32,
    pub body_crc: u32,
    pub attempt: u32,
    /// The CRC of this header, which the next frame repeats as its chain. Set by `decode`; `encode` returns it.
    pub crc: u32,
}

impl FrameHeader {
    /// The bytes and their CRC.
    pub fn encode(&self, seed: u32) -> ([u8; FRAME_HEADER], u32) {
        let mut b = [0; FRAME_HEADER];
        put(&mut b, 0, FRAME_MAGIC);
        put(&mut b, 3, [self.kind as u8]);
        put(&mut b, 4, self.len.to_le_bytes());
        put(&mut b, 8, self.epoch.to_le_bytes());
        put(&mut b, 16, self.lsn.to_le_bytes());
        put(&mut b, 24, self.time.to_le_bytes());
        put(&mut b, 32, self.durable.to_le_bytes());
        put(&mut b, 40, self.chain.to_le_bytes());
        put(&mut b, 44, self.body_crc.to_le_bytes());
        put(&mut b, 48, self.attempt.to_le_bytes());
        let crc = crc32c::crc32c_append(seed, &b[..52]);
        put(&mut b, 52, crc.to_le_bytes());
        (b, crc)
    }

    /// None: these bytes are not a frame's header of the file with this seed.
    pub fn decode(b: &[u8; FRAME_HEADER], seed: u32) -> Option<FrameHeader> {
        if b[..3] != FRAME_MAGIC {
            return None;
        }
        let crc = crc32c::crc32c_append(seed, &b[..52]);
        let kind = match b[3] {
            1 => Kind::Record,
            2 => Kind::Idle,
            3 => Kind::Close,
            _ => return None,
        };
        let h = FrameHeader {
            kind,
            len: u32::from_le_bytes(get(b, 4)),
            epoch: u64::from_le_bytes(get(b, 8)),
            lsn: u64::from_le_bytes(get(b, 16)),
            time: i64::from_le_bytes(get(b, 24)),
            durable: u64::from_le_bytes(get(b, 32)),
            chain: u32::from_le_bytes(get(b, 40)),
            body_crc: u32::from_le_bytes(get(b, 44)),
            attempt: u32::from_le_bytes(get(b, 48)),
            crc,
        };
        (crc.to_le_bytes() == b[52..]).then_some(h)
    }
}

/// Writes a field; offsets are this module's constants, so they are in range.
fn put<const N: usize, const M: usize>(b: &mut [u8; M], at: usize, field: [u8; N]) {
    b[at..at + N].copy_from_slice(&field);
}

fn get<const N: usize, const M: usize>(b: &[u8; M], at: usize) -> [u8; N] {
    let mut field = [0; N];
    field.copy_from_slice(&b[at..at + N]);
    field
}
