//! The edits that a manifest is a list of, and their bytes.

use crate::error::Result;
use crate::value::bytes::{Reader, put_bytes, put_varint, unzigzag, zigzag};
use crate::{Epoch, Lsn};

/// One cold segment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SegmentMeta {
    /// Its number, and its file's.
    pub id: u32,
    /// How many rows it holds, deleted ones included.
    pub rows: u32,
    /// The size of its file.
    pub bytes: u64,
    /// The lowest lsn that created a row in it.
    pub created_min: Lsn,
    /// The highest.
    pub created_max: Lsn,
    /// How often its rows were merged.
    pub level: u8,
    /// The lowest key in it.
    pub min_key: Vec<u8>,
    /// The highest.
    pub max_key: Vec<u8>,
    /// The indexes that have a part file for it.
    pub parts: Vec<u32>,
    /// The generation of its file of delete marks; 0: it has none.
    pub deletes: u32,
    /// The files with large values that its rows name, and how many bytes of each. Written where there are any.
    pub blobs: Vec<(u32, u64)>,
}

/// One change of what the database consists of. The numbers are the persisted tags: do not renumber.
#[derive(Debug, Clone, PartialEq, Eq)]
#[repr(u8)]
pub enum Edit {
    /// A table has one segment more.
    AddSegment {
        /// The table.
        table: u32,
        /// The segment.
        segment: SegmentMeta,
    } = 1,
    /// A segment is gone.
    RemoveSegment {
        /// Its number.
        segment: u32,
    } = 2,
    /// A segment's delete marks are in a new file.
    SetDeletes {
        /// The segment.
        segment: u32,
        /// The file's generation.
        generation: u32,
    } = 3,
    /// There is one more file of recent marks.
    AddMarks {
        /// Its number.
        file: u32,
        /// Its size.
        bytes: u64,
    } = 4,
    /// A file of recent marks is gone.
    RemoveMarks {
        /// Its number.
        file: u32,
    } = 5,
    /// All changes to a table up to an lsn are in its segments and marks.
    Flushed {
        /// The table.
        table: u32,
        /// The lsn.
        lsn: Lsn,
    } = 6,
    /// A table and all its segments are gone.
    DropTable {
        /// The table.
        table: u32,
    } = 7,
    /// Nothing needs the log up to here any more.
    LogFloor {
        /// The last record that is not needed.
        lsn: Lsn,
    } = 8,
    /// A life of the database begins.
    Epoch {
        /// Its number.
        epoch: Epoch,
    } = 9,
    /// Files below this number are taken.
    NextFile {
        /// The next number to give.
        id: u32,
    } = 10,
    /// Hidden keys below this number are taken.
    NextRowId {
        /// The table.
        table: u32,
        /// The next key to give.
        id: i64,
    } = 11,
    /// The number that tells this database from all others; made once, at random.
    Identity {
        /// The number.
        id: u64,
    } = 12,
    /// How many bytes were ever written to files, in the order of `world::meter::Written::each`.
    Written {
        /// The counts.
        bytes: Vec<u64>,
    } = 13,
    /// A segment has parts of other indexes than before.
    SetParts {
        /// The segment.
        segment: u32,
        /// The indexes that have a part file for it.
        parts: Vec<u32>,
    } = 14,
    /// The time by which rows leave, and for how long the clock has said another one (`store::clock`). Written where rows do.
    Clock {
        /// Microseconds since 2000.
        known: i64,
        /// Microseconds; below zero: the clock is behind.
        doubted: i64,
    } = 15,
}

impl Edit {
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        let mut fields = Vec::new();
        let mut put = |v: u64| put_varint(&mut fields, v);
        let tag = match self {
            Edit::AddSegment { table, segment } => {
                put(u64::from(*table));
                segment.encode(&mut fields);
                1
            }
            Edit::RemoveSegment { segment } => {
                put(u64::from(*segment));
                2
            }
            Edit::SetDeletes { segment, generation } => {
                put(u64::from(*segment));
                put(u64::from(*generation));
                3
            }
            Edit::AddMarks { file, bytes } => {
                put(u64::from(*file));
                put(*bytes);
                4
            }
            Edit::RemoveMarks { file } => {
                put(u64::from(*file));
                5
            }
            Edit::Flushed { table, lsn } => {
                put(u64::from(*table));
                put(*lsn);
                6
            }
            Edit::DropTable { table } => {
                put(u64::from(*table));
                7
            }
            Edit::LogFloor { lsn } => {
                put(*lsn);
                8
            }
            Edit::Epoch { epoch } => {
                put(*epoch);
                9
            }
            Edit::NextFile { id } => {
                put(u64::from(*id));
                10
            }
            Edit::NextRowId { table, id } => {
                put(u64::from(*table));
                put(zigzag(*id));
                11
            }
            Edit::Identity { id } => {
                put(*id);
                12
            }
            Edit::Written { bytes } => {
                put(bytes.len() as u64);
                bytes.iter().for_each(|&bytes| put(bytes));
                13
            }
            Edit::SetParts { segment, parts } => {
                put(u64::from(*segment));
                put(parts.len() as u64);
                parts.iter().for_each(|&part| put(u64::from(part)));
                14
            }
            Edit::Clock { known, doubted } => {
                put(zigzag(*known));
                put(zigzag(*doubted));
                15
            }
        };
        out.push(tag);
        put_bytes(out, &fields);
    }

    pub(in crate::store) fn decode(r: &mut Reader<'_>) -> Result<Edit> {
        let tag = r.u8()?;
        let r = &mut Reader::new(r.bytes()?);
        let edit = match tag {
            1 => Edit::AddSegment { table: small(r)?, segment: SegmentMeta::decode(r)? },
            2 => Edit::RemoveSegment { segment: small(r)? },
            3 => Edit::SetDeletes { segment: small(r)?, generation: small(r)? },
            4 => Edit::AddMarks { file: small(r)?, bytes: r.varint()? },
            5 => Edit::RemoveMarks { file: small(r)? },
            6 => Edit::Flushed { table: small(r)?, lsn: r.varint()? },
            7 => Edit::DropTable { table: small(r)? },
            8 => Edit::LogFloor { lsn: r.varint()? },
            9 => Edit::Epoch { epoch: r.varint()? },
            10 => Edit::NextFile { id: small(r)? },
            11 => Edit::NextRowId { table: small(r)?, id: unzigzag(r.varint()?) },
            12 => Edit::Identity { id: r.varint()? },
            13 => Edit::Written { bytes: (0..r.count(1)?).map(|_| r.varint()).collect::<Result<_>>()? },
            14 => Edit::SetParts {
                segment: small(r)?,
                parts: (0..r.count(1)?).map(|_| small(r)).collect::<Result<_>>()?,
            },
            15 => Edit::Clock { known: unzigzag(r.varint()?), doubted: unzigzag(r.varint()?) },
            _ => return Err(r.corrupt(format_args!("there is no edit of kind {tag}"))),
        };
        r.finish()?;
        Ok(edit)
    }
}

/// A varint that fits 32 bits.
fn small(r: &mut Reader<'_>) -> Result<u32> {
    let v = r.varint()?;
    u32::try_from(v).map_err(|_| r.corrupt(format_args!("{v} is too large")))
}

impl SegmentMeta {
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        for v in [u64::from(self.id), u64::from(self.rows), self.bytes, self.created_min, self.created_max] {
            put_varint(out, v);
        }
        out.push(self.level);
        put_bytes(out, &self.min_key);
        put_bytes(out, &self.max_key);
        put_varint(out, self.parts.len() as u64);
        for part in &self.parts {
            put_varint(out, u64::from(*part));
        }
        put_varint(out, u64::from(self.deletes));
        if self.blobs.is_empty() {
            return;
        }
        put_varint(out, self.blobs.len() as u64);
        for (file, bytes) in &self.blobs {
            put_varint(out, u64::from(*file));
            put_varint(out, *bytes);
        }
    }

    fn decode(r: &mut Reader<'_>) -> Result<SegmentMeta> {
        Ok(SegmentMeta {
            id: small(r)?,
            rows: small(r)?,
            bytes: r.varint()?,
            created_min: r.varint()?,
            created_max: r.varint()?,
            level: r.u8()?,
            min_key: r.bytes()?.to_vec(),
            max_key: r.bytes()?.to_vec(),
            parts: (0..r.count(1)?).map(|_| small(r)).collect::<Result<_>>()?,
            deletes: small(r)?,
            blobs: match r.is_empty() {
                true => Vec::new(),
                false => (0..r.count(2)?).map(|_| Ok((small(r)?, r.varint()?))).collect::<Result<_>>()?,
            },
        })
    }
}
