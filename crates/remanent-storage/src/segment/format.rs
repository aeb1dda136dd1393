//! What a cold segment's file holds: column pages, zone maps, footer.
//!
//! A cold segment is a [paged file](super::page) with magic `REMCOLD`. Stream c holds the
//! pages of column c; the stream after the last column holds the rows' created lsns as one
//! more column; the stream after that holds the zone maps, and the one after that bundles. Numbers are
//! little-endian; varints as in [encodings](super::encoding).
//!
//! ## Column page
//!
//! Position: the first row. A page holds up to 16 vectors of 1,024 rows (the last of a segment may be
//! shorter), each of which decodes alone; or, where one vector is too large for a page, a part
//! of a vector; or one oversized value. Only that page may exceed [`BODY_MAX`](super::page::BODY_MAX), and one with a dictionary of
//! many strings, up to 60 KB.
//!
//! | offset in page | size | what |
//! |---|---|---|
//! | 16 | 1 | n, number of chunks |
//! | 17 | 1 | flags: 1 dictionary, 2 part of a vector (n = 1), 4 narrow |
//! | 18 | 1 | layout of the values: [`layout_tag`] |
//! | 19 | 1 | zero |
//! | 20 | 4 | number of rows |
//! | 24 | 2 | number of dictionary entries |
//! | 26 | 2 n | offset of each chunk in the page; equal chunks are stored once |
//! | 26 + 2 n | | with a dictionary: its section; then the chunks |
//!
//! A chunk is a vector: its validity, then a [section](super::encoding). Validity is one byte,
//! 0: no row is NULL; 1: every row is, and nothing follows; 2: a bit per row follows (set: not
//! NULL), least significant first, in 8-byte words. With a dictionary the section holds the
//! carriers of codes, places in the dictionary. Which sections:
//!
//! | layout | carriers | dictionary and sections |
//! |---|---|---|
//! | boolean, 16-, 32- and 64-bit integers | the value | of carriers |
//! | floats | bits in order | of carriers, or scaled |
//! | 128-bit integers, narrow | the value, where all of the page fit in 64 bits | of carriers |
//! | intervals, narrow | microseconds, where all of the page have no months and days | of carriers |
//! | 128-bit integers, intervals | | of byte strings of 16 bytes (interval: months i32, days i32, microseconds i64) |
//! | bytes | | of byte strings |
//!
//! ## Bundle
//!
//! Position: its number. A column all of whose rows are in one page of at most 4 KB shares a page of the file with others
//! like it; so a small table is one page. The body is column pages without headers, each after the number of its
//! column (2 bytes) and the length of its body (2 bytes). Offsets in such a column page are counted as if a page
//! header came before its body.
//!
//! ## Zone page
//!
//! Position: its number. Holds up to 256 zone maps, those of column 0's pages in order, then of column 1's, and so on;
//! the created lsns have none. The body begins with the place in it of each zone map (2 bytes each). A zone map:
//!
//! | size | what |
//! |---|---|
//! | 1 | flags: 1 has min and max, 2 min is cut, 4 max is cut, 8 integer sum, 16 float sum, 32 max is min |
//! | varint | number of NULLs |
//! | 1 + n | with flag 1: least value, after its length: its [key](crate::value::key) without the tag byte, cut to 16 bytes |
//! | 1 + n | with flag 1 and without 32: greatest value, as the least |
//! | 1 + n | with flag 8: the sum (of mantissas, where the type has a scale) after its length: the bytes of an i128 up to the last that is not only sign |
//! | 8 | with flag 16: the sum, f64 |
//!
//! ## Footer
//!
//! | size | what |
//! |---|---|
//! | varint | number of rows |
//! | varint | oldest created lsn |
//! | varint | newest created lsn less the oldest |
//! | | bundles: their number (varint), then for each its length (varint), offset (varint), checksum (4) |
//! | | zone pages, as bundles |
//! | varint | number of columns, the created lsns not counted |
//! | | per column, then for the created lsns: type tag ([`Type::tag`](crate::value::Type::tag)), number of pages (varint), then per page: |
//! | varint | first row, less that of the page before |
//! | varint | twice the length of the page: offset (varint) and checksum (4) follow; or |
//! | varint | twice the length of the body plus 1: the number of the bundle and the place in it follow, varints |
//!
//! Then, in a table that has got columns since it was made, the [numbers](super::shape) of the columns, a varint each.
//!
//! A type tag has 4 bytes; where the last three are zero only the first is written, else it is written with the highest
//! bit set. Where all rows have the same created lsn, that column has no pages. Place in a bundle: where the page
//! would begin if a page header came before its body.
//!
//! ## Example
//!
//! A segment of one smallint column with the rows 7, NULL, 9, all created at lsn 5 (page
//! headers, see [`super::page`], are left out):
//!
//! ```text
//! bundle 0   0000 1c00                               column 0, 28 bytes
//!            01 00 01 00 03000000 0000 1c00          1 chunk, no flags, layout 1, 3 rows, no dictionary, chunk at 28
//!            02 0500000000000000                     validity: rows 0 and 2
//!            07 04 02 0e 02 0104                     section: bins, 7 + 2 · (0, 0, 1) (under the NULL: 7)
//! zone       0200                                    at 2
//!            09 01                                   range, integer sum; 1 NULL
//!            02 8007, 02 8009                        7 and 9 as key bytes
//!            01 10                                   the sum, 16
//! footer     03 05 00                                3 rows, created at 5 and no later
//!            01 30 10 …                              1 bundle: 48 bytes at 16
//!            01 1c 40 …                              1 zone page: 28 bytes at 64
//!            01                                      1 column
//!            02 01 00 39 00 04                       smallint, 1 page: row 0, 28 bytes in bundle 0 at 4
//!            04 00                                   created lsns: bigint, no pages
//! ```

use super::encoding::bytes::Bytes;
use super::encoding::floats::Floats;
use super::encoding::ints::Ints;
use super::encoding::{Cursor, Parse, put_varint};
use super::page::{Locator, Magic, PAGE_HEADER, le16, le32};
use crate::Lsn;
use crate::value::Physical;

/// The magic of cold segments, with the version.
pub const MAGIC: Magic = *b"REMCOLD\x02";
/// Rows of a vector.
pub const VECTOR_ROWS: usize = 1024;
/// Most vectors of a page: bounds what a writer buffers, and keeps zone maps sharp.
pub const PAGE_VECTORS: usize = 16;
/// Length of a column page's header before the chunk offsets, page header included.
pub const COLUMN_HEADER: usize = PAGE_HEADER + 10;

/// Flags of a column page. Persisted, do not renumber.
pub const DICTIONARY: u8 = 1;
/// The page holds a part of a vector.
pub const PART: u8 = 2;
/// 16-byte values are stored as carriers.
pub const NARROW: u8 = 4;

/// Validity of a chunk. Persisted, do not renumber.
pub const ALL_VALID: u8 = 0;
/// Every row is NULL.
pub const ALL_NULL: u8 = 1;
/// A bitmap follows.
pub const SOME_NULL: u8 = 2;

/// The tag of a layout. Persisted, do not renumber.
pub fn layout_tag(physical: Physical) -> u8 {
    match physical {
        Physical::Bool => 0,
        Physical::I16 => 1,
        Physical::I32 => 2,
        Physical::I64 => 3,
        Physical::I128 => 4,
        Physical::F32 => 5,
        Physical::F64 => 6,
        Physical::Interval => 7,
        Physical::Bytes => 8,
    }
}

/// A parsed column page.
#[derive(Debug, Clone, Copy)]
pub struct PageView<'a> {
    page: &'a [u8],
    /// How many rows.
    pub rows: usize,
    chunks: usize,
    flags: u8,
    physical: Physical,
    dictionary: Option<Dictionary<'a>>,
}

/// The distinct values of a page.
#[derive(Debug, Clone, Copy)]
pub struct Dictionary<'a> {
    /// How many.
    pub len: usize,
    /// The values.
    pub values: Section<'a>,
}

/// One vector, or a part of one.
#[derive(Debug, Clone, Copy)]
pub struct Chunk<'a> {
    /// How many rows.
    pub rows: usize,
    /// The validity bits, in whole words; None: no row is NULL.
    pub validity: Option<&'a [u8]>,
    /// The values; None: every row is NULL.
    pub values: Option<Section<'a>>,
    /// Where `values` are codes: what they mean.
    pub dictionary: Option<Dictionary<'a>>,
}

/// A section of either kind.
#[derive(Debug, Clone, Copy)]
pub enum Section<'a> {
    /// Carriers of integers.
    Ints(Ints<'a>),
    /// Carriers of floats.
    Floats(Floats<'a>),
    /// Byte strings.
    Bytes(Bytes<'a>),
}

impl Section<'_> {
    /// True if getting at a value costs decoding others.
    pub fn is_compressed(&self) -> bool {
        match self {
            Section::Ints(ints) => ints.is_compressed(),
            Section::Floats(floats) => floats.is_compressed(),
            Section::Bytes(bytes) => bytes.is_compressed(),
        }
    }
}

impl Section<'_> {
    /// True if one value costs decoding others, so that all are kept decoded for who reads some.
    pub fn is_kept(&self) -> bool {
        match self {
            Section::Bytes(bytes) => bytes.is_kept(),
            numbers => numbers.is_compressed(),
        }
    }

    /// The same of a dictionary, which all rows of a page read.
    pub fn costs(&self) -> bool {
        match self {
            Section::Bytes(bytes) => bytes.costs(),
            numbers => numbers.is_compressed(),
        }
    }

    /// Of how many rows each is better got alone than from all, where all of them cost something.
    pub fn few(&self) -> usize {
        match self {
            // Each decompresses a block.
            Section::Bytes(bytes) if !bytes.is_kept() => bytes.blocks() / 2,
            Section::Bytes(_) => FEW_STRINGS,
            // Each is taken from what is kept decoded.
            _ => FEW,
        }
    }
}

impl<'a> PageView<'a> {
    /// Parses a page of a column with that layout.
    pub fn parse(page: &'a [u8], physical: Physical) -> Parse<Self> {
        if page.len() < COLUMN_HEADER {
            return Err("a column page is shorter than its header");
        }
        let (chunks, flags, rows) = (usize::from(page[16]), page[17], le32(page, 20) as usize);
        if page[18] != layout_tag(physical) || page[19] != 0 {
            return Err("a column page holds values of another layout");
        }
        let fits = match flags & PART {
            0 => chunks <= PAGE_VECTORS && chunks == rows.div_ceil(VECTOR_ROWS),
            _ => chunks == 1 && rows <= VECTOR_ROWS,
        };
        if !fits || rows == 0 {
            return Err("a column page has an impossible number of rows");
        }
        let mut view = PageView { page, rows, chunks, flags, physical, dictionary: None };
        if flags & DICTIONARY != 0 {
            let rest = page.get(COLUMN_HEADER + 2 * chunks..).unwrap_or_default();
            let len = usize::from(le16(page, 24));
            let values = match view.is_bytes() {
                true => Section::Bytes(Bytes::parse(&mut Cursor { rest }, len)?),
                false => Section::Ints(Ints::parse(&mut Cursor { rest }, len)?),
            };
            view.dictionary = Some(Dictionary { len, values });
        }
        Ok(view)
    }

    /// True if values are byte strings: of a bytes column, or 16 bytes each.
    fn is_bytes(&self) -> bool {
        match self.physical {
            Physical::Bytes => true,
            Physical::I128 | Physical::Interval => self.flags & NARROW == 0,
            _ => false,
        }
    }

    /// How many chunks.
    pub fn chunks(&self) -> usize {
        self.chunks
    }

    /// True if the page holds a part of a vector.
    pub fn is_part(&self) -> bool {
        self.flags & PART != 0
    }

    /// Chunk `i`.
    pub fn chunk(&self, i: usize) -> Parse<Chunk<'a>> {
        if i >= self.chunks {
            return Err("a column page has fewer vectors than it should");
        }
        let rows = (self.rows - i * VECTOR_ROWS).min(VECTOR_ROWS);
        let offset = usize::from(le16(self.page, COLUMN_HEADER + 2 * i));
        let mut cursor = Cursor { rest: self.page.get(offset..).ok_or("a vector lies outside its page")? };
        let validity = match cursor.u8()? {
            ALL_VALID => None,
            ALL_NULL => return Ok(Chunk { rows, validity: None, values: None, dictionary: None }),
            SOME_NULL => Some(cursor.take(rows.div_ceil(64) * 8)?),
            _ => return Err("a vector has an unknown kind of validity"),
        };
        let values = if self.dictionary.is_some() {
            Section::Ints(Ints::parse(&mut cursor, rows)?)
        } else if self.is_bytes() {
            Section::Bytes(Bytes::parse(&mut cursor, rows)?)
        } else if matches!(self.physical, Physical::F32 | Physical::F64) {
            Section::Floats(Floats::parse(&mut cursor, rows)?)
        } else {
            Section::Ints(Ints::parse(&mut cursor, rows)?)
        };
        Ok(Chunk { rows, validity, values: Some(values), dictionary: self.dictionary })
    }
}

impl Chunk<'_> {
    /// True if getting at a value costs decoding others.
    pub fn is_compressed(&self) -> bool {
        self.values.is_some_and(|values| values.is_compressed())
    }

    /// True if row `i` is not NULL.
    pub fn is_valid(&self, i: usize) -> bool {
        self.values.is_some() && self.validity.is_none_or(|bits| bits[i / 8] >> (i % 8) & 1 == 1)
    }
}

/// Of so few rows of a vector, each is taken from what is kept decoded.
const FEW: usize = 8;
/// The same of strings, of which decoding all costs more.
const FEW_STRINGS: usize = VECTOR_ROWS / 4;
/// Zone maps on a zone page.
pub const ZONES_PER_PAGE: usize = 256;
/// Most bytes of a bound in a zone map.
pub const BOUND_MAX: usize = 16;
/// Flags of a zone map. Persisted, do not renumber.
pub const HAS_RANGE: u8 = 1;
/// The least value is longer than what is kept of it.
pub const MIN_CUT: u8 = 2;
/// The greatest value is longer than what is kept of it.
pub const MAX_CUT: u8 = 4;
/// The sum is an integer.
pub const INT_SUM: u8 = 8;
/// The sum is a float.
pub const FLOAT_SUM: u8 = 16;
/// The greatest value is the least, and not stored again.
pub const ONE_VALUE: u8 = 32;

/// A parsed zone map.
#[derive(Debug, Clone, Copy)]
pub struct ZoneView<'a> {
    flags: u8,
    nulls: u32,
    min: &'a [u8],
    max: &'a [u8],
    sum: [u8; 16],
}

impl<'a> ZoneView<'a> {
    /// Zone map `i` of a zone page.
    pub fn parse(page: &'a [u8], i: usize) -> Parse<Self> {
        let body = page.get(PAGE_HEADER..).unwrap_or_default();
        let (start, count) = (usize::from(le16(body, 2 * i)), usize::from(le16(body, 0)) / 2);
        let rest = body.get(start..).filter(|_| i < count);
        let mut cursor = Cursor { rest: rest.ok_or("a zone page ends too early")? };
        let (flags, nulls) = (cursor.u8()?, cursor.varint()? as u32);
        let bound = |cursor: &mut Cursor<'a>| match usize::from(cursor.u8()?) {
            len @ 0..=BOUND_MAX => cursor.take(len),
            _ => Err("a zone map has an impossible length"),
        };
        let (mut min, mut max): (&[u8], &[u8]) = (&[], &[]);
        if flags & HAS_RANGE != 0 {
            min = bound(&mut cursor)?;
            max = if flags & ONE_VALUE != 0 { min } else { bound(&mut cursor)? };
        }
        let mut sum = [0; 16];
        if flags & FLOAT_SUM != 0 {
            sum[..8].copy_from_slice(cursor.take(8)?);
        } else if flags & INT_SUM != 0 {
            let bytes = bound(&mut cursor)?;
            // Of a negative number the bytes that are left out are all ones.
            sum.fill(if bytes.last().is_some_and(|&b| b >= 0x80) { 0xff } else { 0 });
            sum[..bytes.len()].copy_from_slice(bytes);
        }
        Ok(ZoneView { flags, nulls, min, max, sum })
    }

    /// How many rows are NULL.
    pub fn nulls(&self) -> u32 {
        self.nulls
    }

    /// The flags.
    pub fn flags(&self) -> u8 {
        self.flags
    }

    /// The least and the greatest value as key bytes, perhaps cut; None where there are none.
    pub fn range(&self) -> Option<(&'a [u8], &'a [u8])> {
        (self.flags & HAS_RANGE != 0).then_some((self.min, self.max))
    }

    /// The bytes of the sum.
    pub fn sum(&self) -> [u8; 16] {
        self.sum
    }
}

/// The body of a zone page: where each zone map begins, then the zone maps.
pub fn zone_page(zones: &[Vec<u8>]) -> Vec<u8> {
    let mut at = 2 * zones.len();
    let mut out = Vec::with_capacity(at * 16);
    for zone in zones {
        out.extend_from_slice(&(at as u16).to_le_bytes());
        at += zone.len();
    }
    zones.iter().for_each(|zone| out.extend_from_slice(zone));
    out
}

/// Where a column page is, and which row it begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageAt {
    /// Where; of a bundled page: where the bundle is.
    pub at: Locator,
    /// The first row.
    pub first_row: u32,
    /// Of a bundled page: where it lies in the bundle.
    pub bundled: Option<Bundled>,
}

/// Where a bundled page lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bundled {
    /// The number of the bundle.
    pub bundle: u32,
    /// Where the page would begin if it had a header of its own.
    pub start: u32,
    /// The length of its body.
    pub len: u32,
}

impl PageAt {
    /// The column page in the page of the file.
    pub fn slice<'a>(&self, page: &'a [u8]) -> Parse<&'a [u8]> {
        let Some(bundled) = self.bundled else { return Ok(page) };
        let (start, len) = (bundled.start as usize, bundled.len as usize);
        page.get(start..start + PAGE_HEADER + len).ok_or("a column page lies outside its bundle")
    }

    fn encode(&self, out: &mut Vec<u8>) {
        match self.bundled {
            Some(Bundled { bundle, start, len }) => {
                put_varint(u64::from(len) << 1 | 1, out);
                put_varint(bundle.into(), out);
                put_varint(start.into(), out);
            }
            None => {
                put_varint(u64::from(self.at.len) << 1, out);
                put_locator(&self.at, out);
            }
        }
    }

    fn decode(cursor: &mut Cursor<'_>, first_row: u32, bundles: &[Locator], end: u64) -> Parse<Self> {
        let len = cursor.varint()?;
        if len & 1 == 0 {
            return Ok(PageAt { at: locator(cursor, len >> 1, end)?, first_row, bundled: None });
        }
        let (bundle, start, len) = (small(cursor)?, small(cursor)?, len >> 1);
        let at = *bundles.get(bundle as usize).ok_or("the footer names a bundle that is not there")?;
        match u64::from(start) + PAGE_HEADER as u64 + len <= at.len.into() {
            true => Ok(PageAt { at, first_row, bundled: Some(Bundled { bundle, start, len: len as u32 }) }),
            false => Err("a column page lies outside its bundle"),
        }
    }
}

/// Largest body of a column's only page that is bundled with others.
pub const BUNDLED_MAX: usize = 4 << 10;
/// Length of what precedes a column page in a bundle: the column's number u16, the length of its body u16.
pub const BUNDLED_HEADER: usize = 4;

/// One column as the footer describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnPages {
    /// The type's tag.
    pub tag: [u8; 4],
    /// Its pages in row order.
    pub pages: Vec<PageAt>,
}

/// The footer of a cold segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Footer {
    /// How many rows.
    pub rows: u32,
    /// The oldest and the newest created lsn.
    pub created: (Lsn, Lsn),
    /// The columns, the created lsns last.
    pub columns: Vec<ColumnPages>,
    /// The zone pages.
    pub zones: Vec<Locator>,
    /// The bundles.
    pub bundles: Vec<Locator>,
    /// The numbers of the columns in their table, the created lsns not counted; empty: 0, 1, 2 and so on.
    pub numbers: Vec<u32>,
}

fn put_locator(at: &Locator, out: &mut Vec<u8>) {
    put_varint(at.offset, out);
    out.extend_from_slice(&at.crc.to_le_bytes());
}

/// A locator of a page of `len` bytes.
fn locator(cursor: &mut Cursor<'_>, len: u64, end: u64) -> Parse<Locator> {
    let (offset, crc) = (cursor.varint()?, cursor.u32()?);
    match (u32::try_from(len), offset.checked_add(len).is_some_and(|past| past <= end)) {
        (Ok(len), true) => Ok(Locator { offset, len, crc }),
        _ => Err("the footer names a page outside the file"),
    }
}

fn put_locators(pages: &[Locator], out: &mut Vec<u8>) {
    put_varint(pages.len() as u64, out);
    for at in pages {
        put_varint(at.len.into(), out);
        put_locator(at, out);
    }
}

fn locators(cursor: &mut Cursor<'_>, end: u64) -> Parse<Vec<Locator>> {
    let count = cursor.varint()?;
    let mut pages = Vec::new();
    for _ in 0..count {
        let len = cursor.varint()?;
        pages.push(locator(cursor, len, end)?);
    }
    Ok(pages)
}

/// A number of 32 bits.
fn small(cursor: &mut Cursor<'_>) -> Parse<u32> {
    u32::try_from(cursor.varint()?).map_err(|_| "a number is too large")
}

impl Footer {
    /// The persisted form.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let counts = [self.rows.into(), self.created.0, self.created.1.wrapping_sub(self.created.0)];
        counts.into_iter().for_each(|n| put_varint(n, &mut out));
        put_locators(&self.bundles, &mut out);
        put_locators(&self.zones, &mut out);
        put_varint(self.columns.len().saturating_sub(1) as u64, &mut out);
        for column in &self.columns {
            put_tag(column.tag, &mut out);
            put_varint(column.pages.len() as u64, &mut out);
            let mut row = 0;
            for page in &column.pages {
                put_varint(u64::from(page.first_row - row), &mut out);
                row = page.first_row;
                page.encode(&mut out);
            }
        }
        self.numbers.iter().for_each(|&number| put_varint(number.into(), &mut out));
        out
    }

    /// Reads the persisted form; `end` is where the pages end in the file.
    pub fn decode(bytes: &[u8], end: u64) -> Parse<Self> {
        let mut cursor = Cursor { rest: bytes };
        let (rows, oldest) = (small(&mut cursor)?, cursor.varint()?);
        let created = (oldest, oldest.wrapping_add(cursor.varint()?));
        let (bundles, zones) = (locators(&mut cursor, end)?, locators(&mut cursor, end)?);
        let count = cursor.varint()?;
        let mut columns = Vec::new();
        for i in 0..=count {
            let column = ColumnPages::decode(&mut cursor, rows, &bundles, end)?;
            // The created lsns have no pages where all are the same.
            let empty = rows == 0 || (i == count && created.0 == created.1);
            if column.pages.is_empty() != empty {
                return Err("a column has no pages, or too many");
            }
            columns.push(column);
        }
        let mut numbers = Vec::new();
        if !cursor.rest.is_empty() {
            for _ in 0..count {
                numbers.push(small(&mut cursor)?);
            }
        }
        let pages: usize = columns.iter().rev().skip(1).map(|column| column.pages.len()).sum();
        if zones.len() != pages.div_ceil(ZONES_PER_PAGE) || !cursor.rest.is_empty() {
            return Err("the footer does not end where it should");
        }
        Ok(Footer { rows, created, columns, zones, bundles, numbers })
    }

    /// Bytes held.
    pub fn memory(&self) -> usize {
        let columns: usize = self.columns.iter().map(|c| c.pages.capacity() * size_of::<PageAt>()).sum();
        columns
            + self.columns.capacity() * size_of::<ColumnPages>()
            + (self.zones.capacity() + self.bundles.capacity()) * size_of::<Locator>()
    }
}

/// A type's tag in as few bytes as it needs: most have one.
fn put_tag(tag: [u8; 4], out: &mut Vec<u8>) {
    match tag {
        [tag, 0, 0, 0] => out.push(tag),
        [tag, rest @ ..] => {
            out.push(tag | 0x80);
            out.extend_from_slice(&rest);
        }
    }
}

impl ColumnPages {
    fn decode(cursor: &mut Cursor<'_>, rows: u32, bundles: &[Locator], end: u64) -> Parse<Self> {
        let mut tag = [cursor.u8()?, 0, 0, 0];
        if tag[0] & 0x80 != 0 {
            tag[0] &= 0x7f;
            tag[1..].copy_from_slice(cursor.take(3)?);
        }
        let count = cursor.varint()?;
        let (mut pages, mut row) = (Vec::new(), 0u32);
        for i in 0..count {
            let step = small(cursor)?;
            row = row.checked_add(step).filter(|&row| row < rows).unwrap_or(rows);
            if (i == 0) != (step == 0) || row == rows {
                return Err("the pages of a column do not follow one another");
            }
            pages.push(PageAt::decode(cursor, row, bundles, end)?);
        }
        Ok(ColumnPages { tag, pages })
    }
}
