//! The primary key of a cold segment, whose rows lie in key order.
//!
//! Per vector of 1,024 rows the part keeps a *fence*: a short byte string that is above the
//! last key of the vector before and not above the first key of this one. Per 12 vectors it
//! keeps a page of Bloom filter, unless the key columns themselves take less room than that (a time series at a
//! steady rate): searching them costs no more. A lookup compares the key with the segment's least and
//! greatest, finds the vector by its fence, asks the filter, and searches the key columns
//! of that vector ([`ColdSegment::seek`]).
//!
//! Stream 0, fences; position: the first vector of the page. Numbers are little-endian.
//!
//! | offset in page | size | what |
//! |---|---|---|
//! | 16 | 4 | n, number of fences |
//! | 20 | 4 | length of the prefix that all of them share |
//! | 24 | 4 n | end of each fence's rest, counted from the first rest |
//! | 24 + 4 n | | the prefix, then the rests |
//!
//! Stream 1, [filter](super::filter); position: its number. Page g holds the keys of vectors 12 g to 12 g + 11;
//! the body is the filter's blocks.
//!
//! | size | footer |
//! |---|---|
//! | 1 | 1: a part of kind primary; do not renumber |
//! | 4 | number of rows |
//! | 4 + n, 4 + n | least and greatest key, each after its length |
//! | 4 | number of fence pages; per page: locator (16 bytes), first vector u32, its fence after its length |
//! | 4 | number of filter pages (0: there is no filter), then the locator of each |
//!
//! Example: fences `01 80 05` and `01 80 09` are
//! `02000000 02000000 01000000 02000000 0180 05 09`.
//!
//! Limits: a segment's rows must be in key order, versions of a key next to one another.

use super::super::{
    Cost, Hits, KeySpan, Part, PartReader, PartWriter, Place, Probe, ProbeStats, Rows, ScoreBound,
};
use super::filter;
use super::hash::hash;
use crate::error::{Error, Result};
use crate::segment::encoding::{Cursor, Parse};
use crate::segment::page::{BODY_MAX, Locator, PAGE_HEADER, le32};
use crate::segment::{ColdSegment, RowSet, VECTOR_ROWS};
use crate::value::Column;
use crate::value::key::encode_column_row;
use std::cmp::Ordering;
use std::ops::{Bound, Range};
use std::sync::{Arc, OnceLock};

/// Streams of the part. Persisted, do not renumber.
const FENCES: u32 = 0;
const FILTER: u32 = 1;
/// The part's kind in its footer. Persisted, do not renumber.
const KIND: u8 = 1;
/// Vectors of a filter page.
const FILTER_VECTORS: u32 = 12;

/// One page of fences under construction.
#[derive(Default)]
struct FencePage {
    first: u32,
    fences: Vec<Vec<u8>>,
    bytes: usize,
}

impl FencePage {
    fn write(&mut self, pages: &mut Vec<FenceAt>, out: &mut PartWriter<'_>) -> Result<()> {
        let Some(first) = self.fences.first() else { return Ok(()) };
        let shared = self.fences.iter().fold(first.len(), |n, fence| common(&first[..n], fence));
        let mut head = Vec::new();
        head.extend_from_slice(&(self.fences.len() as u32).to_le_bytes());
        head.extend_from_slice(&(shared as u32).to_le_bytes());
        let mut rests = Vec::new();
        for fence in &self.fences {
            rests.extend_from_slice(&fence[shared..]);
            head.extend_from_slice(&(rests.len() as u32).to_le_bytes());
        }
        let at = out.page(FENCES, self.first, &[&head, &first[..shared], &rests])?;
        pages.push(FenceAt { at, vector: self.first, fence: first.clone() });
        *self = FencePage { first: self.first + self.fences.len() as u32, ..FencePage::default() };
        Ok(())
    }
}

fn common(a: &[u8], b: &[u8]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

/// Writes the part of a segment: one pass over the key columns, a filter page and a fence page in memory.
pub(super) fn build(columns: &[usize], segment: &ColdSegment, out: &mut PartWriter<'_>) -> Result<()> {
    let (mut fence_pages, mut filter_pages) = (Vec::new(), Vec::new());
    let mut page = FencePage::default();
    let (mut first, mut last, mut key) = (Vec::new(), Vec::new(), Vec::new());
    let mut hashes = Vec::new();
    let filtered = segment.stored_bytes(columns)? > filter::size(segment.rows() as usize) as u64;
    for vector in 0..segment.vectors() {
        let read: Vec<Column> = columns.iter().map(|&c| segment.read(c, vector)).collect::<Result<_>>()?;
        for row in 0..read.first().map_or(0, Column::len) {
            key.clear();
            read.iter().for_each(|column| encode_column_row(&mut key, column, row));
            if vector == 0 && row == 0 {
                first.clone_from(&key);
            } else if key < last {
                return Err(Error::internal("the rows of a cold segment are not in key order"));
            }
            if row == 0 {
                // The shortest prefix that is above the key before; the key itself where they are equal.
                let fence = key[..key.len().min(common(&last, &key) + 1)].to_vec();
                if page.bytes + fence.len() + 4 > BODY_MAX - 8 {
                    page.write(&mut fence_pages, out)?;
                }
                page.bytes += fence.len() + 4;
                page.fences.push(fence);
            }
            if filtered && (hashes.is_empty() || key != last) {
                hashes.push(hash(&key));
            }
            std::mem::swap(&mut key, &mut last);
        }
        let full = (vector + 1).is_multiple_of(FILTER_VECTORS) || vector + 1 == segment.vectors();
        if filtered && full {
            let mut bits = vec![0; filter::size(hashes.len())];
            hashes.drain(..).for_each(|hash| filter::insert(&mut bits, hash));
            filter_pages.push(out.page(FILTER, vector / FILTER_VECTORS, &[&bits])?);
        }
    }
    page.write(&mut fence_pages, out)?;
    let footer = Footer {
        rows: segment.rows(),
        least: first,
        greatest: last,
        fences: fence_pages,
        filters: filter_pages,
    };
    out.footer(footer.encode());
    Ok(())
}

/// Where a fence page is.
struct FenceAt {
    at: Locator,
    /// Its first vector.
    vector: u32,
    /// Its first fence.
    fence: Vec<u8>,
}

struct Footer {
    rows: u32,
    least: Vec<u8>,
    greatest: Vec<u8>,
    fences: Vec<FenceAt>,
    filters: Vec<Locator>,
}

fn put(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
    out.extend_from_slice(bytes);
}

fn take(cursor: &mut Cursor<'_>) -> Parse<Vec<u8>> {
    let n = cursor.u32()? as usize;
    Ok(cursor.take(n)?.to_vec())
}

impl Footer {
    fn encode(&self) -> Vec<u8> {
        let mut out = vec![KIND];
        out.extend_from_slice(&self.rows.to_le_bytes());
        put(&mut out, &self.least);
        put(&mut out, &self.greatest);
        out.extend_from_slice(&(self.fences.len() as u32).to_le_bytes());
        for page in &self.fences {
            page.at.encode(&mut out);
            out.extend_from_slice(&page.vector.to_le_bytes());
            put(&mut out, &page.fence);
        }
        out.extend_from_slice(&(self.filters.len() as u32).to_le_bytes());
        self.filters.iter().for_each(|at| at.encode(&mut out));
        out
    }

    fn decode(bytes: &[u8], end: u64) -> Parse<Self> {
        let mut cursor = Cursor { rest: bytes };
        if cursor.u8()? != KIND {
            return Err("not a part of a primary key");
        }
        let (rows, least, greatest) = (cursor.u32()?, take(&mut cursor)?, take(&mut cursor)?);
        let mut fences: Vec<FenceAt> = Vec::new();
        for _ in 0..cursor.u32()? {
            let (at, vector) = (Self::locator(&mut cursor, end)?, cursor.u32()?);
            if fences.last().map_or(vector != 0, |last| vector <= last.vector) {
                return Err("the fence pages do not follow one another");
            }
            fences.push(FenceAt { at, vector, fence: take(&mut cursor)? });
        }
        let mut filters = Vec::new();
        for _ in 0..cursor.u32()? {
            filters.push(Self::locator(&mut cursor, end)?);
        }
        let vectors = rows.div_ceil(VECTOR_ROWS as u32);
        let whole = cursor.rest.is_empty()
            && (filters.is_empty() || filters.len() as u32 == vectors.div_ceil(FILTER_VECTORS))
            && fences.is_empty() == (rows == 0);
        match whole {
            true => Ok(Footer { rows, least, greatest, fences, filters }),
            false => Err("the footer does not end where it should"),
        }
    }

    fn locator(cursor: &mut Cursor<'_>, end: u64) -> Parse<Locator> {
        let at =
            Locator::decode(cursor.take(Locator::SIZE)?.first_chunk().ok_or("a locator ends too early")?);
        match at.offset.checked_add(at.len.into()).is_some_and(|past| past <= end) {
            true => Ok(at),
            false => Err("the footer names a page outside the file"),
        }
    }

    fn memory(&self) -> usize {
        let fences: usize = self.fences.iter().map(|f| size_of::<FenceAt>() + f.fence.capacity()).sum();
        fences + self.filters.capacity() * Locator::SIZE + self.least.capacity() + self.greatest.capacity()
    }
}

/// A parsed fence page.
struct Fences<'a> {
    len: usize,
    ends: &'a [u8],
    prefix: &'a [u8],
    rests: &'a [u8],
}

impl<'a> Fences<'a> {
    fn parse(page: &'a [u8]) -> Parse<Self> {
        let mut cursor = Cursor { rest: page.get(PAGE_HEADER..).unwrap_or_default() };
        let (len, shared) = (cursor.u32()? as usize, cursor.u32()? as usize);
        let ends = cursor.take(len.saturating_mul(4))?;
        let prefix = cursor.take(shared)?;
        match len > 0 {
            true => Ok(Fences { len, ends, prefix, rests: cursor.rest }),
            false => Err("a fence page is empty"),
        }
    }

    fn rest(&self, i: usize) -> Parse<&'a [u8]> {
        let start = if i == 0 { 0 } else { le32(self.ends, 4 * i - 4) };
        self.rests.get(start as usize..le32(self.ends, 4 * i) as usize).ok_or("a fence lies outside its page")
    }

    /// How many fences come before `key`, and whether the last of them is `key`; see [`before`].
    fn before(&self, key: &[u8], after: bool) -> Parse<(usize, bool)> {
        let n = key.len().min(self.prefix.len());
        match self.prefix[..n].cmp(&key[..n]) {
            Ordering::Less => return Ok((self.len, false)),
            Ordering::Greater => return Ok((0, false)),
            Ordering::Equal if n < self.prefix.len() => return Ok((if after { self.len } else { 0 }, false)),
            Ordering::Equal => {}
        }
        let key = &key[n..];
        let (mut low, mut high) = (0, self.len);
        while low < high {
            let middle = (low + high) / 2;
            match before(self.rest(middle)?, key, after) {
                true => low = middle + 1,
                false => high = middle,
            }
        }
        Ok((low, low > 0 && self.rest(low - 1)? == key))
    }
}

/// True if a fence is below `key`; with `after`, also if it is `key` or begins with it.
fn before(fence: &[u8], key: &[u8], after: bool) -> bool {
    match after {
        true => &fence[..fence.len().min(key.len())] <= key,
        false => fence < key,
    }
}

/// The primary key of a cold segment.
pub struct PrimaryCold {
    columns: Vec<usize>,
    part: PartReader,
    segment: Arc<ColdSegment>,
    footer: OnceLock<Footer>,
}

impl PrimaryCold {
    /// Opens a part over these columns of the segment, in key order; no I/O.
    pub fn open(columns: Vec<usize>, part: PartReader, segment: Arc<ColdSegment>) -> Self {
        PrimaryCold { columns, part, segment, footer: OnceLock::new() }
    }

    /// The footer, read at the first touch; of two threads that meet, one reads in vain.
    fn footer(&self) -> Result<&Footer> {
        if let Some(footer) = self.footer.get() {
            return Ok(footer);
        }
        let (bytes, offset) = self.part.footer()?;
        let footer = Footer::decode(&bytes, offset).map_err(|what| self.part.corrupt(offset, what))?;
        if footer.rows != self.segment.rows() {
            return Err(self.part.corrupt(offset, "the part belongs to another segment"));
        }
        let _ = self.footer.set(footer);
        self.footer.get().ok_or_else(|| Error::internal("a cell that was just set is empty"))
    }

    /// The least and the greatest key, encoded; None where the segment has no rows.
    pub fn bounds(&self) -> Result<Option<(&[u8], &[u8])>> {
        let footer = self.footer()?;
        Ok((footer.rows > 0).then_some((footer.least.as_slice(), footer.greatest.as_slice())))
    }

    /// How many fences of the segment come before `key`, and whether the last of them is `key`.
    fn fences_before(&self, footer: &Footer, key: &[u8], after: bool) -> Result<(u32, bool)> {
        let page = footer.fences.partition_point(|page| before(&page.fence, key, after));
        let Some(page) = page.checked_sub(1).and_then(|page| footer.fences.get(page)) else {
            return Ok((0, false));
        };
        let bytes = self.part.page(page.at, FENCES, page.vector)?;
        let found = Fences::parse(&bytes).and_then(|fences| fences.before(key, after));
        let (count, exact) = found.map_err(|what| self.part.corrupt(page.at.offset, what))?;
        Ok((page.vector + count as u32, exact))
    }

    /// The rows of a vector.
    fn rows_of(&self, vector: u32) -> Range<u32> {
        let start = vector * VECTOR_ROWS as u32;
        start..self.segment.rows().min(start.saturating_add(VECTOR_ROWS as u32))
    }

    /// The first row whose key is not below `key` (`after`: is above it and does not begin with it); the number of
    /// rows where there is none. `key` may be a prefix of a key.
    pub fn seek(&self, key: &[u8], after: bool) -> Result<u32> {
        // The last key of a vector is not above the next fence: only the last vector whose fence comes before the
        // place searched for can hold it, or the next begins with it.
        let (fences, _) = self.fences_before(self.footer()?, key, after)?;
        let Some(vector) = fences.checked_sub(1) else { return Ok(0) };
        let found = self.segment.equal(&self.columns, self.rows_of(vector), key)?;
        Ok(if after { found.end } else { found.start })
    }

    /// The rows with that whole (encoded) key, from the oldest to the newest; empty where there is none.
    pub fn find(&self, key: &[u8]) -> Result<Range<u32>> {
        let footer = self.footer()?;
        if footer.rows == 0 || key < footer.least.as_slice() || key > footer.greatest.as_slice() {
            return Ok(0..0);
        }
        let (fences, exact) = self.fences_before(footer, key, true)?;
        let last = fences.saturating_sub(1);
        // Where the key is a fence, the vectors before may end with it.
        let first = match exact {
            true => self.fences_before(footer, key, false)?.0.saturating_sub(1),
            false => last,
        };
        if first / FILTER_VECTORS == last / FILTER_VECTORS
            && !self.may_hold(footer, last / FILTER_VECTORS, key)?
        {
            return Ok(0..0);
        }
        let mut found = 0..0;
        for vector in first..=last {
            let rows = self.rows_of(vector);
            let equal = self.segment.equal(&self.columns, rows.clone(), key)?;
            if !equal.is_empty() {
                found = if found.is_empty() { equal } else { found.start..equal.end };
            }
        }
        Ok(found)
    }

    /// False if the filter page says that no key of its vectors is `key`.
    fn may_hold(&self, footer: &Footer, page: u32, key: &[u8]) -> Result<bool> {
        let Some(&at) = footer.filters.get(page as usize) else { return Ok(true) };
        let bytes = self.part.page(at, FILTER, page)?;
        Ok(filter::contains(bytes.get(PAGE_HEADER..).unwrap_or_default(), hash(key)))
    }

    /// The rows whose keys lie between the ends, which may be prefixes of keys (see [`Probe::KeyRange`]).
    pub fn range(&self, low: Bound<&[u8]>, high: Bound<&[u8]>) -> Result<Range<u32>> {
        let start = match low {
            Bound::Unbounded => 0,
            Bound::Included(key) => self.seek(key, false)?,
            Bound::Excluded(key) => self.seek(key, true)?,
        };
        let end = match high {
            Bound::Unbounded => self.segment.rows(),
            Bound::Included(key) => self.seek(key, true)?,
            Bound::Excluded(key) => self.seek(key, false)?,
        };
        Ok(start..end.max(start))
    }

    /// The rows whose keys lie in a span.
    fn span(&self, span: &KeySpan) -> Result<Range<u32>> {
        let low = if span.low.is_empty() { Bound::Unbounded } else { Bound::Included(span.low.as_slice()) };
        self.range(low, span.high.as_deref().map_or(Bound::Unbounded, Bound::Excluded))
    }
}

impl Part for PrimaryCold {
    fn cost(&self, probe: &Probe) -> Option<Cost> {
        let rows = f64::from(self.segment.rows());
        Some(match probe {
            Probe::Key(_) => Cost { rows: rows.min(1.0), nanos: 500.0 },
            // A third per end: nothing is read to answer this.
            Probe::KeyRange { low, high } => {
                let ends = [low, high].iter().filter(|end| !matches!(end, Bound::Unbounded)).count();
                let rows = rows / 3f64.powi(ends as i32);
                Cost { rows, nanos: 1000.0 + rows }
            }
            // What is damaged is reported by the search.
            Probe::Span(span) => {
                let rows = self.span(span).map_or(rows, |found| found.len() as f64);
                Cost { rows, nanos: 2000.0 + rows }
            }
            _ => return None,
        })
    }

    fn search<'a>(
        &'a self,
        probe: &'a Probe,
        within: Option<&'a RowSet>,
        _stats: &'a ProbeStats,
        _bound: &'a ScoreBound,
    ) -> Result<Box<dyn Hits + 'a>> {
        fn bytes(end: &Bound<crate::value::Key>) -> Bound<&[u8]> {
            end.as_ref().map(|key| key.as_bytes())
        }
        match probe {
            Probe::Key(key) => Ok(Box::new(Rows { rows: self.find(key.as_bytes())?.rev(), within })),
            Probe::KeyRange { low, high } => {
                Ok(Box::new(Rows { rows: self.range(bytes(low), bytes(high))?, within }))
            }
            Probe::Span(span) => Ok(Box::new(Rows { rows: self.span(span)?, within })),
            _ => Err(Error::internal("a primary key was asked for what is no key")),
        }
    }

    fn ordered(
        &self,
        span: &KeySpan,
        backward: bool,
        place: &mut Place,
        out: &mut Vec<u32>,
        max: usize,
    ) -> Result<bool> {
        let Range { mut start, mut end } = match place {
            Place::Rows(rest) => rest.clone(),
            _ => self.span(span)?,
        };
        let taken = max.min((end - start) as usize) as u32;
        match backward {
            true => {
                out.extend((end - taken..end).rev());
                end -= taken;
            }
            false => {
                out.extend(start..start + taken);
                start += taken;
            }
        }
        *place = Place::Rows(start..end);
        Ok(start < end)
    }

    fn distinct(&self) -> Option<f64> {
        Some(self.segment.rows().into())
    }

    fn memory(&self) -> usize {
        size_of::<PrimaryCold>() + self.footer.get().map_or(0, Footer::memory)
    }

    fn verify(&self, report: &mut dyn FnMut(Error)) {
        let (footer, end) = match self.footer().and_then(|f| Ok((f, self.part.footer()?.1))) {
            Ok(found) => found,
            Err(error) => return report(error),
        };
        let mut pages: Vec<(Locator, u32, u32)> =
            footer.fences.iter().map(|page| (page.at, FENCES, page.vector)).collect();
        pages.extend(footer.filters.iter().enumerate().map(|(i, &at)| (at, FILTER, i as u32)));
        let mut vectors = 0;
        let mut check = |bytes: &[u8], stream: u32, _: u32| {
            if stream == FENCES {
                let parsed = Fences::parse(bytes).and_then(|fences| {
                    vectors += fences.len;
                    (0..fences.len).try_for_each(|i| fences.rest(i).map(drop))
                });
                parsed.map_err(|what| self.part.corrupt(0, what))?;
            }
            Ok(())
        };
        self.part.verify(pages, end, &mut check, report);
        if vectors != self.segment.vectors() as usize {
            report(
                self.part.corrupt(end, "the part has another number of fences than the segment has vectors"),
            );
        }
    }
}
