//! Sections of byte strings; see the [module](super) for their bytes.

use super::ints::{self, Ints};
use super::{Cursor, Parse};
use lz4_flex::block::{compress_into, decompress_into, get_maximum_output_size};
use std::borrow::Cow;

/// Persisted tags, do not renumber.
const PLAIN: u8 = 1;
const LZ4: u8 = 2;

/// LZ4 must save at least one part in so many: it decodes slower.
const LZ4_GAIN: usize = 5;
/// Fewer bytes than this are not worth a try.
const LZ4_LEAST: usize = 256;
/// LZ4 cannot expand a byte to more than this.
const LZ4_EXPANSION: usize = 255;

/// Byte strings one after the other.
#[derive(Debug, Clone, Default)]
pub struct Strings {
    /// Where each ends in `data`.
    pub ends: Vec<i64>,
    /// All bytes.
    pub data: Vec<u8>,
}

impl Strings {
    /// Adds one.
    pub fn push(&mut self, bytes: &[u8]) {
        self.data.extend_from_slice(bytes);
        self.ends.push(self.data.len() as i64);
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// True if there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// String `i`; panics where there is none.
    pub fn get(&self, i: usize) -> &[u8] {
        &self.data[self.start(i)..self.ends[i] as usize]
    }

    /// Where string `i` begins in `data`; for the number of strings, where the next would.
    pub fn start(&self, i: usize) -> usize {
        if i == 0 { 0 } else { self.ends[i - 1] as usize }
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.ends.clear();
        self.data.clear();
    }

    /// Bytes held.
    pub fn memory(&self) -> usize {
        self.ends.capacity() * 8 + self.data.capacity()
    }
}

/// Appends the section of strings `[start, end)`, at least one and at most 1,024.
pub fn write(strings: &Strings, start: usize, end: usize, out: &mut Vec<u8>) {
    let from = strings.start(start);
    let data = &strings.data[from..strings.start(end)];
    let ends: Vec<i64> = strings.ends[start..end].iter().map(|e| e - from as i64).collect();
    let plan = ints::plan(&ends);
    if data.len() >= LZ4_LEAST {
        let mut packed = vec![0; get_maximum_output_size(data.len())];
        let n = compress_into(data, &mut packed).unwrap_or(data.len());
        if n + data.len() / LZ4_GAIN < data.len() {
            out.push(LZ4);
            plan.write(&ends, out);
            out.extend_from_slice(&(n as u32).to_le_bytes());
            return out.extend_from_slice(&packed[..n]);
        }
    }
    out.push(PLAIN);
    plan.write(&ends, out);
    out.extend_from_slice(data);
}

/// A parsed section of byte strings.
#[derive(Debug, Clone, Copy)]
pub struct Bytes<'a> {
    ends: Ints<'a>,
    len: usize,
    /// Length of all strings together, uncompressed.
    total: usize,
    stored: &'a [u8],
    compressed: bool,
}

impl<'a> Bytes<'a> {
    /// Takes a section of `len` strings from the cursor.
    pub fn parse(cursor: &mut Cursor<'a>, len: usize) -> Parse<Self> {
        let tag = cursor.u8()?;
        if tag != PLAIN && tag != LZ4 {
            return Err("a section of strings has an unknown tag");
        }
        let ends = Ints::parse(cursor, len)?;
        let total = usize::try_from(ends.get(len - 1)).map_err(|_| "a string ends before it begins")?;
        let stored = match tag {
            PLAIN => cursor.take(total)?,
            _ => {
                let n = cursor.u32()? as usize;
                cursor.take(n)?
            }
        };
        if total > stored.len().saturating_mul(LZ4_EXPANSION) {
            return Err("a section of strings claims to expand to more than it can");
        }
        Ok(Bytes { ends, len, total, stored, compressed: tag == LZ4 })
    }

    /// True if getting at one string costs decompressing all of them.
    pub fn is_compressed(&self) -> bool {
        self.compressed
    }

    /// All bytes, uncompressed; borrowed where they are stored so.
    pub fn data(&self) -> Parse<Cow<'a, [u8]>> {
        if !self.compressed {
            return Ok(Cow::Borrowed(self.stored));
        }
        let mut data = vec![0; self.total];
        match decompress_into(self.stored, &mut data) {
            Ok(n) if n == self.total => Ok(Cow::Owned(data)),
            _ => Err("a compressed section of strings does not decompress"),
        }
    }

    /// Where string `i` begins and ends in the data; panics where `i` is not below the length.
    pub fn range(&self, i: usize) -> Parse<std::ops::Range<usize>> {
        let start = if i == 0 { 0 } else { self.ends.get(i - 1) };
        self.checked(start, self.ends.get(i))
    }

    /// Where every string begins and ends in the data.
    pub fn ranges(&self) -> Parse<Vec<std::ops::Range<usize>>> {
        let mut ends = Vec::with_capacity(self.len);
        self.ends.decode(&mut ends);
        let mut start = 0;
        ends.into_iter()
            .map(|end| {
                let range = self.checked(start, end);
                start = end;
                range
            })
            .collect()
    }

    fn checked(&self, start: i64, end: i64) -> Parse<std::ops::Range<usize>> {
        match start >= 0 && start <= end && end as usize <= self.total {
            true => Ok(start as usize..end as usize),
            false => Err("a string lies outside its section"),
        }
    }
}
