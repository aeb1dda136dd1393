//! Sections of byte strings; see the [module](super) for their bytes.

use super::ints::{self, Ints};
use super::{Cursor, Effort, Parse};
use lz4_flex::block::{compress_into, decompress_into, get_maximum_output_size};
use std::borrow::Cow;
use std::ops::Range;

/// Persisted tags, do not renumber.
const PLAIN: u8 = 1;
const LZ4: u8 = 2;

/// LZ4 must save at least one part in so many: it decodes slower.
const LZ4_GAIN: usize = 5;
/// Fewer bytes than this are not worth a try.
const LZ4_LEAST: usize = 256;
/// LZ4 cannot expand a byte to more than this.
const LZ4_EXPANSION: usize = 255;
/// About how many bytes are compressed together: what reading one string decompresses.
const BLOCK: usize = 4 << 10;

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

/// Appends the section of strings `[start, end)`, at least one and at most 1,024. `compress`: LZ4 may be used.
pub fn write(strings: &Strings, start: usize, end: usize, compress: bool, out: &mut Vec<u8>) {
    let from = strings.start(start);
    let data = &strings.data[from..strings.start(end)];
    let ends: Vec<i64> = strings.ends[start..end].iter().map(|e| e - from as i64).collect();
    let plan = ints::plan(&ends, Effort::Fast);
    if compress && data.len() >= LZ4_LEAST {
        let rows = (BLOCK * ends.len() / data.len()).clamp(1, ends.len());
        let (blocks, packed) = compress_blocks(data, &ends, rows);
        if packed.len() + data.len() / LZ4_GAIN < data.len() {
            out.push(LZ4);
            plan.write(&ends, out);
            out.extend_from_slice(&(rows as u16).to_le_bytes());
            ints::plan(&blocks, Effort::Fast).write(&blocks, out);
            return out.extend_from_slice(&packed);
        }
    }
    out.push(PLAIN);
    plan.write(&ends, out);
    out.extend_from_slice(data);
}

/// The strings in blocks of `rows`, each compressed alone, and where each block ends.
fn compress_blocks(data: &[u8], ends: &[i64], rows: usize) -> (Vec<i64>, Vec<u8>) {
    let (mut blocks, mut packed, mut start) = (Vec::new(), Vec::new(), 0);
    for last in ends.chunks(rows).filter_map(|block| block.last()) {
        let block = &data[start..*last as usize];
        let at = packed.len();
        packed.resize(at + get_maximum_output_size(block.len()), 0);
        let n = compress_into(block, &mut packed[at..]).unwrap_or(usize::MAX);
        packed.truncate(at + n.min(block.len()));
        if n >= block.len() {
            // A block as long as its strings is them.
            packed.truncate(at);
            packed.extend_from_slice(block);
        }
        blocks.push(packed.len() as i64);
        start = *last as usize;
    }
    (blocks, packed)
}

/// A parsed section of byte strings.
#[derive(Debug, Clone, Copy)]
pub struct Bytes<'a> {
    ends: Ints<'a>,
    len: usize,
    /// Length of all strings together, uncompressed.
    total: usize,
    stored: &'a [u8],
    blocks: Option<Blocks<'a>>,
}

/// Compressed blocks of strings.
#[derive(Debug, Clone, Copy)]
struct Blocks<'a> {
    /// Strings in a block.
    rows: usize,
    ends: Ints<'a>,
}

impl<'a> Bytes<'a> {
    /// Takes a section of `len` strings from the cursor.
    pub fn parse(cursor: &mut Cursor<'a>, len: usize) -> Parse<Self> {
        let tag = cursor.u8()?;
        if tag != PLAIN && tag != LZ4 {
            return Err("a section of strings has an unknown tag");
        }
        let ends = Ints::parse(cursor, len)?;
        let total = usize::try_from(ends.get(len - 1)?).map_err(|_| "a string ends before it begins")?;
        if tag == PLAIN {
            return Ok(Bytes { ends, len, total, stored: cursor.take(total)?, blocks: None });
        }
        let rows = usize::from(cursor.u16()?);
        let count = len.checked_div(rows).map(|_| len.div_ceil(rows)).ok_or("a block holds no strings")?;
        let blocks = Ints::parse(cursor, count)?;
        let stored = usize::try_from(blocks.get(count - 1)?).map_err(|_| "a block ends before it begins")?;
        let stored = cursor.take(stored)?;
        if total > stored.len().saturating_mul(LZ4_EXPANSION) {
            return Err("a section of strings claims to expand to more than it can");
        }
        Ok(Bytes { ends, len, total, stored, blocks: Some(Blocks { rows, ends: blocks }) })
    }

    /// True if getting at a string costs decompressing others.
    pub fn is_compressed(&self) -> bool {
        self.blocks.is_some()
    }

    /// All bytes, uncompressed; borrowed where they are stored so.
    pub fn data(&self) -> Parse<Cow<'a, [u8]>> {
        let Some(blocks) = &self.blocks else { return Ok(Cow::Borrowed(self.stored)) };
        let mut data = vec![0; self.total];
        for block in 0..self.len.div_ceil(blocks.rows) {
            let range = self.block_range(blocks, block)?;
            self.decompress(blocks, block, &mut data[range])?;
        }
        Ok(Cow::Owned(data))
    }

    /// String `i` alone; panics where `i` is not below the length.
    pub fn get(&self, i: usize) -> Parse<Cow<'a, [u8]>> {
        let range = self.range(i)?;
        let Some(blocks) = &self.blocks else {
            return Ok(Cow::Borrowed(self.stored.get(range).unwrap_or_default()));
        };
        let block = self.block_range(blocks, i / blocks.rows)?;
        let mut data = vec![0; block.len()];
        self.decompress(blocks, i / blocks.rows, &mut data)?;
        let within = range.start.wrapping_sub(block.start)..range.end.wrapping_sub(block.start);
        data.get(within).map(|bytes| Cow::Owned(bytes.to_vec())).ok_or(OUTSIDE)
    }

    /// Where the strings of a block lie in the data.
    fn block_range(&self, blocks: &Blocks<'_>, block: usize) -> Parse<Range<usize>> {
        let last = self.len.min((block + 1) * blocks.rows) - 1;
        let start = if block == 0 { 0 } else { self.ends.get(block * blocks.rows - 1)? };
        self.checked(start, self.ends.get(last)?)
    }

    /// Fills `out` with the strings of a block.
    fn decompress(&self, blocks: &Blocks<'_>, block: usize, out: &mut [u8]) -> Parse<()> {
        let start = if block == 0 { 0 } else { blocks.ends.get(block - 1)? };
        let range = usize::try_from(start).ok().zip(usize::try_from(blocks.ends.get(block)?).ok());
        let stored = range.and_then(|(start, end)| self.stored.get(start..end)).ok_or(OUTSIDE)?;
        if stored.len() == out.len() {
            out.copy_from_slice(stored);
            return Ok(());
        }
        match decompress_into(stored, out) {
            Ok(n) if n == out.len() => Ok(()),
            _ => Err("a compressed section of strings does not decompress"),
        }
    }

    /// Where string `i` begins and ends in the data; panics where `i` is not below the length.
    fn range(&self, i: usize) -> Parse<Range<usize>> {
        let start = if i == 0 { 0 } else { self.ends.get(i - 1)? };
        self.checked(start, self.ends.get(i)?)
    }

    /// Where every string begins and ends in the data.
    pub fn ranges(&self) -> Parse<Vec<Range<usize>>> {
        let mut ends = Vec::with_capacity(self.len);
        self.ends.decode(&mut ends)?;
        let mut start = 0;
        ends.into_iter()
            .map(|end| {
                let range = self.checked(start, end);
                start = end;
                range
            })
            .collect()
    }

    fn checked(&self, start: i64, end: i64) -> Parse<Range<usize>> {
        match start >= 0 && start <= end && end as usize <= self.total {
            true => Ok(start as usize..end as usize),
            false => Err(OUTSIDE),
        }
    }
}

/// What is wrong with a string or a block that is not where it should be.
const OUTSIDE: &str = "a string lies outside its section";
