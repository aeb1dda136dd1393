//! What a cold segment's file holds: column pages, zone maps, footer.
//!
//! A cold segment is a [paged file](super::page) with magic `REMCOLD`. Stream c holds the
//! pages of column c; the stream after the last column holds the rows' created lsns as one
//! more column; the stream after that holds the zone maps. Numbers are little-endian.
//!
//! ## Column page
//!
//! Position: the first row. A page holds up to 16 vectors of 1,024 rows (the last of a segment may be
//! shorter), each of which decodes alone; or, where one vector is too large for a page, a part
//! of a vector; or one oversized value, the only page whose body may exceed [`BODY_MAX`](super::page::BODY_MAX).
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
//! ## Zone page
//!
//! Position: its number. Holds up to 256 zone maps of 56 bytes, those of column 0's pages in order,
//! then of column 1's, and so on; the created lsns have none.
//!
//! | offset | size | what |
//! |---|---|---|
//! | 0 | 4 | number of NULLs |
//! | 4 | 1 | flags: 1 has min and max, 2 min is cut, 4 max is cut, 8 integer sum, 16 float sum |
//! | 5 | 1 | length of min |
//! | 6 | 1 | length of max |
//! | 7 | 1 | zero |
//! | 8 | 16 | least value: its [key](crate::value::key) without the tag byte, cut to 16 bytes, padded with zeros |
//! | 24 | 16 | greatest value, as the least |
//! | 40 | 16 | sum of the values: i128 (of mantissas, where the type has a scale), or f64 in the first 8 bytes |
//!
//! ## Footer
//!
//! | size | what |
//! |---|---|
//! | 4 | number of rows |
//! | 8 | oldest created lsn |
//! | 8 | newest created lsn |
//! | 4 | number of columns, the created lsns not counted |
//! | | per column, then for the created lsns: type tag (4 bytes, [`type_tag`]), number of pages u32, then per page its locator (16 bytes) and first row u32 |
//! | 4 | number of zone pages, then the locator of each |
//!
//! ## Example
//!
//! A segment of one smallint column with the rows 7, NULL, 9, all created at lsn 5 (page
//! headers, see [`super::page`], are left out):
//!
//! ```text
//! column 0   01 00 01 00 03000000 0000 1c00          1 chunk, no flags, layout 1, 3 rows, no dictionary, chunk at 28
//!            02 0500000000000000                     validity: rows 0 and 2
//!            05 01 0700000000000000 00 00 02         section: bytes of size 1 above 7 (under the NULL: 7)
//! created    01 00 03 00 03000000 0000 1c00          layout 3
//!            00 01 0500000000000000                  no NULLs; constant 5
//! zone       01000000 09 02 02 00                    1 NULL; range cut nowhere, integer sum; 2 and 2 bytes
//!            8007 + 14 zeros, 8009 + 14 zeros        7 and 9 as key bytes
//!            10 + 15 zeros                           the sum, 16
//! ```

use super::encoding::bytes::Bytes;
use super::encoding::floats::Floats;
use super::encoding::ints::Ints;
use super::encoding::{Cursor, Parse};
use super::page::{Locator, Magic, PAGE_HEADER, le16, le32};
use crate::Lsn;
use crate::value::{Physical, Type};

/// The magic of cold segments, with the version.
pub const MAGIC: Magic = *b"REMCOLD\x01";
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

/// The tag of a type. Persisted, do not renumber.
pub fn type_tag(ty: Type) -> [u8; 4] {
    match ty {
        Type::Bool => [1, 0, 0, 0],
        Type::Int2 => [2, 0, 0, 0],
        Type::Int4 => [3, 0, 0, 0],
        Type::Int8 => [4, 0, 0, 0],
        Type::Float4 => [5, 0, 0, 0],
        Type::Float8 => [6, 0, 0, 0],
        Type::Numeric(None) => [7, 0, 0, 0],
        Type::Numeric(Some((precision, scale))) => [7, 1, precision, scale],
        Type::Text => [8, 0, 0, 0],
        Type::Bytea => [9, 0, 0, 0],
        Type::Date => [10, 0, 0, 0],
        Type::Timestamp => [11, 0, 0, 0],
        Type::Timestamptz => [12, 0, 0, 0],
        Type::Interval => [13, 0, 0, 0],
        Type::Vector(None) => [14, 0, 0, 0],
        Type::Vector(Some(n)) => {
            let [low, high] = n.to_le_bytes();
            [14, 1, low, high]
        }
    }
}

/// The type of a tag; None: there is none of it.
pub fn type_of_tag(tag: [u8; 4]) -> Option<Type> {
    let plain = [
        Type::Bool,
        Type::Int2,
        Type::Int4,
        Type::Int8,
        Type::Float4,
        Type::Float8,
        Type::Numeric(None),
        Type::Text,
        Type::Bytea,
        Type::Date,
        Type::Timestamp,
        Type::Timestamptz,
        Type::Interval,
        Type::Vector(None),
    ];
    match tag {
        [7, 1, precision, scale] => Some(Type::Numeric(Some((precision, scale)))),
        [14, 1, low, high] => Some(Type::Vector(Some(u16::from_le_bytes([low, high])))),
        _ => plain.into_iter().find(|&ty| type_tag(ty) == tag),
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
    /// True if row `i` is not NULL.
    pub fn is_valid(&self, i: usize) -> bool {
        self.values.is_some() && self.validity.is_none_or(|bits| bits[i / 8] >> (i % 8) & 1 == 1)
    }
}

/// Zone maps on a zone page.
pub const ZONES_PER_PAGE: usize = 256;
/// Length of a zone map.
pub const ZONE: usize = 56;
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

/// A parsed zone map.
#[derive(Debug, Clone, Copy)]
pub struct ZoneView<'a>(&'a [u8; ZONE]);

impl<'a> ZoneView<'a> {
    /// Zone map `i` of a zone page.
    pub fn parse(page: &'a [u8], i: usize) -> Parse<Self> {
        let bytes = page.get(PAGE_HEADER + i * ZONE..).and_then(|rest| rest.first_chunk());
        let zone = ZoneView(bytes.ok_or("a zone page ends too early")?);
        match zone.0[5] as usize <= BOUND_MAX && zone.0[6] as usize <= BOUND_MAX && zone.0[7] == 0 {
            true => Ok(zone),
            false => Err("a zone map has an impossible length"),
        }
    }

    /// How many rows are NULL.
    pub fn nulls(&self) -> u32 {
        le32(self.0, 0)
    }

    /// The flags.
    pub fn flags(&self) -> u8 {
        self.0[4]
    }

    /// The least and the greatest value as key bytes, perhaps cut; None where there are none.
    pub fn range(&self) -> Option<(&'a [u8], &'a [u8])> {
        let (min, max) = (usize::from(self.0[5]), usize::from(self.0[6]));
        (self.flags() & HAS_RANGE != 0).then(|| (&self.0[8..8 + min], &self.0[24..24 + max]))
    }

    /// The bytes of the sum.
    pub fn sum(&self) -> [u8; 16] {
        self.0[40..].try_into().unwrap_or_default()
    }
}

/// Where a column page is, and which row it begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageAt {
    /// Where.
    pub at: Locator,
    /// The first row.
    pub first_row: u32,
}

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
}

impl Footer {
    /// The persisted form.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        out.extend_from_slice(&self.rows.to_le_bytes());
        out.extend_from_slice(&self.created.0.to_le_bytes());
        out.extend_from_slice(&self.created.1.to_le_bytes());
        out.extend_from_slice(&(self.columns.len().saturating_sub(1) as u32).to_le_bytes());
        for column in &self.columns {
            out.extend_from_slice(&column.tag);
            out.extend_from_slice(&(column.pages.len() as u32).to_le_bytes());
            for page in &column.pages {
                page.at.encode(&mut out);
                out.extend_from_slice(&page.first_row.to_le_bytes());
            }
        }
        out.extend_from_slice(&(self.zones.len() as u32).to_le_bytes());
        self.zones.iter().for_each(|at| at.encode(&mut out));
        out
    }

    /// Reads the persisted form; `end` is where the pages end in the file.
    pub fn decode(bytes: &[u8], end: u64) -> Parse<Self> {
        let mut cursor = Cursor { rest: bytes };
        let rows = cursor.u32()?;
        let created = (cursor.i64()? as u64, cursor.i64()? as u64);
        let count = cursor.u32()? as usize;
        let mut columns = Vec::new();
        for _ in 0..=count {
            columns.push(ColumnPages::decode(&mut cursor, rows, end)?);
        }
        let count = cursor.u32()? as usize;
        let mut zones = Vec::with_capacity(count.min(cursor.rest.len() / Locator::SIZE));
        for _ in 0..count {
            zones.push(locator(&mut cursor, end)?);
        }
        let pages: usize = columns.iter().rev().skip(1).map(|column| column.pages.len()).sum();
        if zones.len() != pages.div_ceil(ZONES_PER_PAGE) || !cursor.rest.is_empty() {
            return Err("the footer does not end where it should");
        }
        Ok(Footer { rows, created, columns, zones })
    }

    /// Bytes held.
    pub fn memory(&self) -> usize {
        let columns: usize = self.columns.iter().map(|c| c.pages.capacity() * size_of::<PageAt>()).sum();
        columns
            + self.columns.capacity() * size_of::<ColumnPages>()
            + self.zones.capacity() * size_of::<Locator>()
    }
}

fn locator(cursor: &mut Cursor<'_>, end: u64) -> Parse<Locator> {
    let at = Locator::decode(cursor.take(Locator::SIZE)?.first_chunk().ok_or("a locator ends too early")?);
    match at.offset.checked_add(at.len.into()).is_some_and(|past| past <= end) {
        true => Ok(at),
        false => Err("the footer names a page outside the file"),
    }
}

impl ColumnPages {
    fn decode(cursor: &mut Cursor<'_>, rows: u32, end: u64) -> Parse<Self> {
        let tag = *cursor.take(4)?.first_chunk().ok_or("a type tag ends too early")?;
        let count = cursor.u32()? as usize;
        let mut pages: Vec<PageAt> = Vec::with_capacity(count.min(cursor.rest.len() / (Locator::SIZE + 4)));
        for _ in 0..count {
            let (at, first_row) = (locator(cursor, end)?, cursor.u32()?);
            let follows = match pages.last() {
                None => first_row == 0,
                Some(last) => first_row > last.first_row,
            };
            if !follows || first_row >= rows {
                return Err("the pages of a column do not follow one another");
            }
            pages.push(PageAt { at, first_row });
        }
        match (count == 0) == (rows == 0) {
            true => Ok(ColumnPages { tag, pages }),
            false => Err("a column has no pages"),
        }
    }
}
