//! Sections of byte strings; see the [module](super) for their bytes.

use super::ints::{self, Ints};
use super::{Cursor, Effort, Parse};
use lz4_flex::block::{compress_into, decompress_into, get_maximum_output_size};
use remanent_kernels::fsst::{Decoder, Symbols, table_len};
use std::borrow::Cow;
use std::ops::Range;

/// Persisted tags, do not renumber.
const PLAIN: u8 = 1;
const LZ4: u8 = 2;
const CODES: u8 = 3;

/// Symbols must save at least one part in so many; as much more than LZ4, of which one string costs a block.
const CODES_GAIN: usize = 8;
/// Symbols of another section are used as long as their codes are at most one part in so many longer.
const STALE: usize = 16;
/// Bytes of a string, on average, from which on its end decodes alone.
const WIDE: usize = 256;
/// So many strings are few: their ends decode alone. Two and three are as the examples of the format have them.
const FEW_STRINGS: Range<usize> = 4..25;
/// LZ4 must save at least one part in so many: it decodes slower.
const LZ4_GAIN: usize = 5;
/// Fewer bytes than this are not worth a try.
const LZ4_LEAST: usize = 256;
/// LZ4 cannot expand a byte to more than this.
const LZ4_EXPANSION: usize = 255;
/// Sections of at most so many bytes of strings, or half as many of codes, are kept decoded where rows are read one by one.
const KEPT_MAX: usize = 32 << 10;
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

/// What may be tried to make strings small.
#[derive(Debug, Default)]
pub struct Packer {
    /// Blocks of strings together.
    pub lz4: bool,
    /// Frequent substrings as codes.
    pub codes: bool,
    /// The symbols found last, and how many bytes of codes there were for how many of strings.
    symbols: Option<(Symbols, usize, usize)>,
}

impl Packer {
    /// One that may try these.
    pub fn new(lz4: bool, codes: bool) -> Self {
        Packer { lz4, codes, symbols: None }
    }

    /// The strings as codes, where each ends in them, and the table.
    fn encode(&mut self, data: &[u8], ends: &[i64]) -> (Vec<i64>, Vec<u8>, Vec<u8>) {
        let encode = |symbols: &Symbols| {
            let (mut codes, mut code_ends, mut start) = (Vec::new(), Vec::with_capacity(ends.len()), 0);
            for &end in ends {
                symbols.encode(&data[start..end as usize], &mut codes);
                code_ends.push(codes.len() as i64);
                start = end as usize;
            }
            (code_ends, codes)
        };
        let mut table = Vec::new();
        if let Some((symbols, codes_before, before)) = &self.symbols {
            let (code_ends, codes) = encode(symbols);
            if codes.len() * before <= codes_before * data.len() * (STALE + 1) / STALE {
                symbols.write(&mut table);
                return (code_ends, codes, table);
            }
        }
        let symbols = Symbols::train(data, ends);
        let (code_ends, codes) = encode(&symbols);
        symbols.write(&mut table);
        self.symbols = Some((symbols, codes.len(), data.len()));
        (code_ends, codes, table)
    }
}

/// Appends a section of strings as codes: where the codes of each end, the table of symbols, all codes.
pub fn write_codes(ends: &[i64], table: &[u8], codes: &[u8], out: &mut Vec<u8>) {
    out.push(CODES);
    ints::plan(ends, Effort::Alone).write(ends, out);
    out.extend_from_slice(table);
    out.extend_from_slice(codes);
}

/// Appends the section of strings `[start, end)`, at least one and at most 1,024.
pub fn write(strings: &Strings, start: usize, end: usize, packer: &mut Packer, out: &mut Vec<u8>) {
    let from = strings.start(start);
    let data = &strings.data[from..strings.start(end)];
    let ends: Vec<i64> = strings.ends[start..end].iter().map(|e| e - from as i64).collect();
    // Of wide strings a page has few, of which one is read without the others. Of few strings, as in the dictionary of a page that
    // every read by key looks into, bins would save some bytes and cost as much to decode as hundreds.
    let alone = data.len() / ends.len().max(1) >= WIDE || FEW_STRINGS.contains(&ends.len());
    let effort = if alone { Effort::Alone } else { Effort::Fast };
    let mut limit = usize::MAX;
    let mut blocked = None;
    if packer.lz4 && data.len() >= LZ4_LEAST {
        let rows = (BLOCK * ends.len() / data.len()).clamp(1, ends.len());
        let (blocks, packed) = compress_blocks(data, &ends, rows);
        if packed.len() + data.len() / LZ4_GAIN < data.len() {
            limit = packed.len();
            blocked = Some((rows, blocks, packed));
        }
    }
    if packer.codes && data.len() >= LZ4_LEAST {
        let (code_ends, codes, table) = packer.encode(data, &ends);
        let size = codes.len() + table.len();
        if size - size / CODES_GAIN < limit && size + data.len() / CODES_GAIN < data.len() {
            out.push(CODES);
            ints::plan(&code_ends, effort).write(&code_ends, out);
            out.extend_from_slice(&table);
            return out.extend_from_slice(&codes);
        }
    }
    let plan = ints::plan(&ends, effort);
    if let Some((rows, blocks, packed)) = blocked {
        out.push(LZ4);
        plan.write(&ends, out);
        out.extend_from_slice(&(rows as u16).to_le_bytes());
        ints::plan(&blocks, effort).write(&blocks, out);
        return out.extend_from_slice(&packed);
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

/// Strings one after the other, and where each begins and ends.
pub type Unpacked<'a> = (Cow<'a, [u8]>, Vec<Range<usize>>);

/// A parsed section of byte strings.
#[derive(Debug, Clone, Copy)]
pub struct Bytes<'a> {
    /// Where each string ends; of codes: where its codes do.
    ends: Ints<'a>,
    len: usize,
    /// Nothing ends after that: the last of `ends`, or what LZ4 could make of what is stored.
    total: usize,
    stored: &'a [u8],
    packing: Packing<'a>,
}

#[derive(Debug, Clone, Copy)]
enum Packing<'a> {
    Plain,
    Blocks(Blocks<'a>),
    /// The table of symbols.
    Codes(&'a [u8]),
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
        if !matches!(tag, PLAIN | LZ4 | CODES) {
            return Err("a section of strings has an unknown tag");
        }
        let ends = Ints::parse(cursor, len)?;
        if tag != LZ4 {
            let total = usize::try_from(ends.get(len - 1)?).map_err(|_| "a string ends before it begins")?;
            let packing = match tag {
                PLAIN => Packing::Plain,
                _ => Packing::Codes(cursor.take(table_len(cursor.rest).ok_or(NO_TABLE)?)?),
            };
            return Ok(Bytes { ends, len, total, stored: cursor.take(total)?, packing });
        }
        let rows = usize::from(cursor.u16()?);
        let count = len.checked_div(rows).map(|_| len.div_ceil(rows)).ok_or("a block holds no strings")?;
        let blocks = Ints::parse(cursor, count)?;
        let stored = usize::try_from(blocks.get(count - 1)?).map_err(|_| "a block ends before it begins")?;
        let stored = cursor.take(stored)?;
        // Where the last string ends costs decoding all ends, perhaps; who reads one does not ask.
        let total = stored.len().saturating_mul(LZ4_EXPANSION);
        Ok(Bytes { ends, len, total, stored, packing: Packing::Blocks(Blocks { rows, ends: blocks }) })
    }

    /// True if getting at a string costs decompressing others.
    pub fn is_compressed(&self) -> bool {
        matches!(self.packing, Packing::Blocks(_))
    }

    /// How many blocks there are to decompress; 0 where a string costs no other.
    pub fn blocks(&self) -> usize {
        match &self.packing {
            Packing::Blocks(blocks) => self.len.div_ceil(blocks.rows),
            _ => 0,
        }
    }

    /// True if the strings are worth keeping decoded for who reads some of them: they are packed, and few bytes.
    pub fn is_kept(&self) -> bool {
        match &self.packing {
            Packing::Plain => false,
            Packing::Blocks(_) => self.blocks() * BLOCK <= KEPT_MAX,
            Packing::Codes(_) => self.total <= KEPT_MAX / 2,
        }
    }

    /// True if one string costs more than its bytes, of a dictionary: these are never many bytes.
    pub fn costs(&self) -> bool {
        let packed = !matches!(self.packing, Packing::Plain);
        packed || self.ends.is_compressed() && self.total <= KEPT_MAX
    }

    /// All strings as they are kept for [`of_decoded`](Bytes::of_decoded): where each ends, 8 bytes each, then they.
    pub fn decoded(&self) -> Parse<Vec<u8>> {
        let (data, ranges) = self.all()?;
        let mut kept: Vec<u8> = ranges.iter().flat_map(|range| (range.end as i64).to_le_bytes()).collect();
        kept.extend_from_slice(&data);
        Ok(kept)
    }

    /// The `len` strings that [`decoded`](Bytes::decoded) returned, of which each costs no other.
    pub fn of_decoded(len: usize, kept: &'a [u8]) -> Parse<Self> {
        let (ends, stored) =
            kept.split_at_checked(8 * len).ok_or("decoded strings belong to another section")?;
        let ends = Ints::of_decoded(len, ends)?;
        Ok(Bytes { ends, len, total: stored.len(), stored, packing: Packing::Plain })
    }

    /// All strings, one after the other, borrowed where they are stored so, and where each begins and ends.
    pub fn all(&self) -> Parse<Unpacked<'a>> {
        let ranges = self.ranges()?;
        match &self.packing {
            Packing::Plain => Ok((Cow::Borrowed(self.stored), ranges)),
            Packing::Codes(table) => {
                let decoder = Decoder::new(table).ok_or(NO_TABLE)?;
                let (mut data, mut strings) = (Vec::new(), Vec::with_capacity(self.len));
                for codes in ranges {
                    let start = data.len();
                    decoder.decode(self.stored.get(codes).ok_or(OUTSIDE)?, &mut data).ok_or(NO_CODES)?;
                    strings.push(start..data.len());
                }
                Ok((Cow::Owned(data), strings))
            }
            Packing::Blocks(blocks) => {
                let mut data = vec![0; ranges.last().map_or(0, |last| last.end)];
                let (mut ends, mut begin) = (Vec::with_capacity(self.blocks()), 0);
                blocks.ends.decode(&mut ends)?;
                for (block, strings) in ranges.chunks(blocks.rows).enumerate() {
                    let end = *ends.get(block).ok_or(OUTSIDE)?;
                    let of_block =
                        strings.first().zip(strings.last()).map(|(first, last)| first.start..last.end);
                    let out = of_block.and_then(|range| data.get_mut(range)).ok_or(OUTSIDE)?;
                    self.decompress(begin, end, out)?;
                    begin = end;
                }
                Ok((Cow::Owned(data), ranges))
            }
        }
    }

    /// String `i` alone; panics where `i` is not below the length.
    pub fn get(&self, i: usize) -> Parse<Cow<'a, [u8]>> {
        let range = self.range(i)?;
        match &self.packing {
            Packing::Plain => Ok(Cow::Borrowed(self.stored.get(range).unwrap_or_default())),
            Packing::Codes(table) => {
                let (codes, mut data) = (self.stored.get(range).ok_or(OUTSIDE)?, Vec::new());
                Decoder::new(table).ok_or(NO_TABLE)?.decode(codes, &mut data).ok_or(NO_CODES)?;
                Ok(Cow::Owned(data))
            }
            Packing::Blocks(blocks) => {
                let block = self.block_range(blocks, i / blocks.rows)?;
                let mut data = vec![0; block.len()];
                let begin =
                    (i / blocks.rows).checked_sub(1).map_or(Ok(0), |before| blocks.ends.get(before))?;
                self.decompress(begin, blocks.ends.get(i / blocks.rows)?, &mut data)?;
                let within = range.start.wrapping_sub(block.start)..range.end.wrapping_sub(block.start);
                data.get(within).map(|bytes| Cow::Owned(bytes.to_vec())).ok_or(OUTSIDE)
            }
        }
    }

    /// Where the strings of a block lie in the data.
    fn block_range(&self, blocks: &Blocks<'_>, block: usize) -> Parse<Range<usize>> {
        let last = self.len.min((block + 1) * blocks.rows) - 1;
        let start = if block == 0 { 0 } else { self.ends.get(block * blocks.rows - 1)? };
        self.checked(start, self.ends.get(last)?)
    }

    /// Fills `out` with the strings of a block that is stored from there to there.
    fn decompress(&self, begin: i64, end: i64, out: &mut [u8]) -> Parse<()> {
        let range = usize::try_from(begin).ok().zip(usize::try_from(end).ok());
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

    /// Where every string, or its codes, begin and end in what is stored.
    fn ranges(&self) -> Parse<Vec<Range<usize>>> {
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
/// What is wrong with symbols.
const NO_TABLE: &str = "a section of strings has no table of symbols";
/// What is wrong with codes.
const NO_CODES: &str = "a string has codes that mean nothing";
