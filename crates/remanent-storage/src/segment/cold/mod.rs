//! Cold segments: immutable rows in a file.
//!
//! A [`ColdWriter`] takes rows in segment order (flush and merge bring them in key order) and
//! writes a file whose format is specified in [`format`](super::format). A [`ColdSegment`] reads it:
//! vectors of 1,024 rows for scans ([`read`](ColdSegment::read)), single values for point reads
//! ([`value`](ColdSegment::value), [`gather`](ColdSegment::gather)), zone maps to skip what
//! cannot match ([`may_match`](ColdSegment::may_match)).
//!
//! ```
//! use remanent_storage::segment::{ColdSegment, ColdWriter, PageCache};
//! use remanent_storage::value::{Column, Type, Value};
//! use remanent_storage::world::World;
//! use std::sync::Arc;
//! # let dir = tempfile::tempdir().unwrap();
//! # let path = dir.path().join("1.seg");
//! let world = World::real();
//! let column = Column::from_values(Type::Int8, [7, 8].map(Value::Int8))?;
//! let mut writer = ColdWriter::create(&*world.disk, &path, &[Type::Int8])?;
//! writer.append(&[column], &[1, 1])?;
//! let made = writer.finish()?;
//!
//! let cache = Arc::new(PageCache::new(1 << 20));
//! let created = (made.created_min, made.created_max);
//! let segment = ColdSegment::open(world.disk, path, 1, vec![Type::Int8], made.rows, created, cache);
//! assert_eq!(segment.value(0, 1)?.to_string(), "8");
//! # Ok::<(), remanent_storage::Error>(())
//! ```
//!
//! | file | holds |
//! |---|---|
//! | `writer` | [`ColdWriter`]: all columns, zone pages, footer |
//! | `bundle` | pages that small columns share |
//! | `column` | one column: rows to vectors, vectors to pages, the choice of encoding |
//! | `dictionary` | the distinct values of a page |
//! | `pending` | the rows of a vector before they are encoded; carriers and values |
//! | `decode` | chunks to columns and values: here a cold page is decoded |
//! | `found` | reading what is left of a damaged file |
//! | `kept` | chunks that point reads keep decoded |
//! | `segment` | [`ColdSegment`]: the file as a definition of its table sees it |
//! | `seek` | binary search where rows lie in key order |
//! | `zones` | zone maps: building and asking them |
//!
//! How a read runs: find the page of the row in the footer (in memory after the first touch),
//! get it from the cache (verified when it entered), find the vector's chunk, decode it. Where one value costs
//! decoding all (bins) or a block of them (short strings), point reads and searches keep the decoded chunk, and the dictionary of
//! the page, in the cache too (`kept`), 8 to some 40 KB each, under the same budget and dropped with the file, and look there
//! first; scans do not.
//!
//! What reads a column below [`ColdSegment`] counts as the file does; whoever is above, as the definition does that the segment is
//! seen through ([`shape`](super::shape)).
//!
//! Invariants: a file is never changed after `finish`; every byte that reaches a caller came
//! through a page whose checksum was verified (design rule 5).
//!
//! Limits: fewer than 2^32 − 1 rows; the footer takes 40 bytes of memory per page.

mod bundle;
mod column;
mod decode;
mod dictionary;
mod found;
mod kept;
mod pending;
mod seek;
mod segment;
mod writer;
mod zones;

pub use super::format::VECTOR_ROWS;
pub use found::Described;
pub use segment::ColdSegment;
pub use writer::{ColdSummary, ColdWriter};
pub use zones::{Sum, Zone};

use super::encoding::Parse;
use super::format::{Chunk, Footer, PageAt, PageView, ZONES_PER_PAGE, ZoneView};
use super::page::PagedReader;
use super::shape::{Held, Shape, mark};
use crate::Lsn;
use crate::error::{Error, Result};
use crate::value::kinds::Kind;
use crate::value::{Buffer, Column, ColumnData, Physical, Type, Value};
use decode::Decoder;
use std::cell::RefCell;
use std::ops::Bound;
use std::path::Path;
use std::sync::{Arc, OnceLock};

/// An immutable segment in a file, its columns as the file has them. Reads go through the page cache.
pub struct Stored {
    file: PagedReader,
    /// The columns of the table as it was when the file was opened; only the footer knows those of the file.
    expected: Arc<Shape>,
    rows: u32,
    created: (Lsn, Lsn),
    known: OnceLock<Known>,
}

/// What a reader of one vector after the other keeps of the page before: for each column whose page has a dictionary of strings, the
/// file, the column and the place of the page, and the strings. One at a time a column, tens of KB.
#[derive(Default)]
pub struct Before(RefCell<Vec<Entries>>);

type Entries = ((u64, usize, usize), Option<Arc<Column>>);

/// What the footer says.
struct Known {
    footer: Footer,
    /// The types of its columns.
    types: Vec<Type>,
}

/// The footer of a file, and where it is.
fn read_footer(file: &PagedReader) -> Result<(Footer, u64)> {
    let (bytes, offset, marked) = file.marked_footer()?;
    let footer = Footer::decode(&bytes, offset).map_err(|what| file.corrupt(offset, what))?;
    // Files that were written before there were marks have none.
    match marked == mark(&footer.numbers) || marked == 0 {
        true => Ok((footer, offset)),
        false => Err(file.corrupt(12, "the header speaks of other columns than the footer")),
    }
}

impl Stored {
    /// Its file.
    pub(crate) fn file(&self) -> &PagedReader {
        &self.file
    }

    /// How many rows.
    pub fn rows(&self) -> u32 {
        self.rows
    }

    /// How many vectors of up to 1,024 rows.
    pub fn vectors(&self) -> u32 {
        self.rows.div_ceil(VECTOR_ROWS as u32)
    }

    /// The types of the file's columns, once its footer was read.
    fn types(&self) -> &[Type] {
        self.known.get().map_or(self.expected.types(), |known| &known.types)
    }

    /// The oldest and the newest created lsn.
    pub fn created_range(&self) -> (Lsn, Lsn) {
        self.created
    }

    /// The file.
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// The number of the file in the cache.
    pub fn file_id(&self) -> u32 {
        self.file.id() as u32
    }

    /// The footer, read at the first touch. Nobody waits here: of two threads that meet, one reads in vain.
    fn footer(&self) -> Result<&Footer> {
        if let Some(known) = self.known.get() {
            return Ok(&known.footer);
        }
        let (footer, offset) = read_footer(&self.file)?;
        // A transaction writes its own segments before it has an lsn; such a file says 0 for all rows.
        let attached = footer.created == (0, 0) && self.created.0 == self.created.1;
        let types = self.types_in(&footer);
        let types = types.filter(|_| {
            footer.rows == self.rows
                && (footer.created == self.created || attached)
                && footer.columns.last().is_some_and(|created| created.tag == Type::Int8.tag())
        });
        let Some(types) = types else {
            return Err(self.file.corrupt(offset, "the file holds another segment than the manifest says"));
        };
        let _ = self.known.set(Known { footer, types });
        let known = self.known.get().ok_or_else(|| Error::internal("a cell that was just set is empty"))?;
        Ok(&known.footer)
    }

    /// The types of the columns of a file; None where it has one that it cannot have. Those that the table had when the file was
    /// opened are of its types; others came or went since.
    fn types_in(&self, footer: &Footer) -> Option<Vec<Type>> {
        let columns = footer.columns.len().saturating_sub(1);
        let expected = self.expected.types();
        let lens = self.expected.lens(&footer.numbers, columns);
        if self.expected.numbers().is_empty() && footer.numbers.is_empty() && lens.is_some() {
            return None;
        }
        let types = footer.columns.iter().take(columns).map(|column| Type::of_tag(column.tag));
        let mut types = types.collect::<Option<Vec<Type>>>()?;
        for (i, &ty) in expected.iter().enumerate() {
            let at = lens.as_ref().map_or(Some(Held::At(i)), |lens| lens.get(i).copied());
            let Some(Held::At(at)) = at else { continue };
            if footer.columns.get(at).map(|column| column.tag) != Some(ty.tag()) {
                return None;
            }
            types[at] = ty;
        }
        Some(types)
    }

    /// The numbers of its columns, and how many it has.
    fn numbers(&self) -> Result<(&[u32], usize)> {
        let footer = self.footer()?;
        Ok((&footer.numbers, footer.columns.len().saturating_sub(1)))
    }

    fn pages(&self, column: usize) -> Result<&[PageAt]> {
        match self.footer()?.columns.get(column) {
            Some(column) => Ok(&column.pages),
            None => Err(Error::internal(format!("a cold segment has no column {column}"))),
        }
    }

    fn type_of(&self, column: usize) -> Type {
        self.types().get(column).copied().unwrap_or(Type::Int8)
    }

    /// The place in `pages` of the page with that row.
    fn place(&self, pages: &[PageAt], row: u32) -> usize {
        // Pages mostly have the same number of rows: try where it would be then.
        let guess = (u64::from(row) * pages.len() as u64 / u64::from(self.rows.max(1))) as usize;
        let begins = |place: usize| pages.get(place).is_none_or(|page| page.first_row > row);
        for place in [guess, guess.wrapping_sub(1)] {
            if place < pages.len() && !begins(place) && begins(place + 1) {
                return place;
            }
        }
        pages.partition_point(|page| page.first_row <= row).saturating_sub(1)
    }

    /// The page that covers a row, and its first row.
    fn page(&self, column: usize, row: u32) -> Result<(Buffer<u8>, PageAt)> {
        let pages = self.pages(column)?;
        match pages.get(self.place(pages, row)) {
            Some(&page) if page.first_row <= row && row < self.rows => {
                let (stream, position) = self.name(column, &page);
                Ok((self.file.page(page.at, stream, position)?, page))
            }
            _ if row < self.rows => {
                Err(self.file.corrupt(0, format_args!("no page holds row {row} of column {column}")))
            }
            _ => Err(Error::internal(format!("a cold segment of {} rows has no row {row}", self.rows))),
        }
    }

    /// Stream and position of the page of the file that holds a column page.
    fn name(&self, column: usize, page: &PageAt) -> (u32, u32) {
        match page.bundled {
            None => (column as u32, page.first_row),
            Some(bundled) => (self.bundle_stream(), bundled.bundle),
        }
    }

    fn bundle_stream(&self) -> u32 {
        self.types().len() as u32 + 2
    }

    /// Runs `read` on the chunk of a page that covers `row`, told the place of the row in the chunk.
    fn chunk<T>(
        &self,
        column: usize,
        row: u32,
        read: impl FnOnce(&Chunk<'_>, usize, &Buffer<u8>) -> Parse<T>,
    ) -> Result<T> {
        let (page, at) = self.page(column, row)?;
        let place = (row - at.first_row) as usize;
        let physical = self.type_of(column).physical();
        let parsed = at.slice(&page).and_then(|slice| PageView::parse(slice, physical)).and_then(|view| {
            let chunk = view.chunk(place / VECTOR_ROWS)?;
            match place % VECTOR_ROWS < chunk.rows {
                true => read(&chunk, place % VECTOR_ROWS, &page),
                false => Err("a column page has fewer rows than it should"),
            }
        });
        parsed.map_err(|what| self.file.corrupt(at.at.offset, what))
    }

    /// As [`chunk`](Stored::chunk), for single values: where they are kept, no page is looked at.
    fn point_chunk(
        &self,
        column: usize,
        row: u32,
        read: &mut dyn FnMut(&Chunk<'_>, usize) -> Parse<()>,
    ) -> Result<()> {
        if let Some(done) = self.read_kept(column, row, &mut |chunk, place, _| read(chunk, place)) {
            return done.map_err(|what| self.file.corrupt(0, what));
        }
        self.chunk(column, row, |chunk, place, page| {
            self.with_kept(column, row - place as u32, chunk, page, &mut |chunk, _| read(chunk, place))
        })
    }

    /// The rows of a vector: the first, and how many.
    fn extent(&self, vector: u32) -> Result<(u32, usize)> {
        let first = vector.checked_mul(VECTOR_ROWS as u32).filter(|&first| first < self.rows);
        match first {
            Some(first) => Ok((first, VECTOR_ROWS.min((self.rows - first) as usize))),
            None => {
                Err(Error::internal(format!("a cold segment of {} rows has no vector {vector}", self.rows)))
            }
        }
    }

    /// One vector of a column: 1,024 rows, the last of a segment perhaps fewer. Constant where all values are the
    /// same; a dictionary for byte strings that repeat; else flat.
    pub fn read(&self, column: usize, vector: u32) -> Result<Column> {
        self.read_one(column, vector, &mut None)
    }

    /// As [`read`](Stored::read), of who reads one vector after the other: of vectors of a page the dictionary is decoded once.
    pub fn read_on(&self, column: usize, vector: u32, before: &Before) -> Result<Column> {
        if self.type_of(column).physical() != Physical::Bytes {
            return self.read(column, vector);
        }
        let pages = self.pages(column)?;
        let place = self.place(pages, vector.saturating_mul(VECTOR_ROWS as u32));
        let page = (self.file.id(), column, place);
        let mut held = before.0.borrow_mut();
        let at = held.iter().position(|(of, _)| (of.0, of.1) == (page.0, column)).unwrap_or_else(|| {
            // Nobody goes back to an earlier segment.
            held.retain(|(of, _)| of.0 == page.0);
            held.push((page, None));
            held.len() - 1
        });
        let (of, entries) = &mut held[at];
        if *of != page {
            (*of, *entries) = (page, None);
        }
        self.read_one(column, vector, entries)
    }

    fn read_one(&self, column: usize, vector: u32, entries: &mut Option<Arc<Column>>) -> Result<Column> {
        let (first, rows) = self.extent(vector)?;
        let ty = self.type_of(column);
        let mut decoder = None;
        let (mut row, end) = (first, first + rows as u32);
        while row < end {
            let taken = self.chunk(column, row, |chunk, _, page| {
                if chunk.rows == rows {
                    return decode::vector(ty, chunk, page, entries).map(|column| (rows, Some(column)));
                }
                decoder.get_or_insert_with(|| Decoder::new(ty)).chunk(chunk, page)?;
                Ok((chunk.rows, None))
            })?;
            match taken {
                (_, Some(column)) => return Ok(column),
                (n, None) => row += n as u32,
            }
        }
        match decoder.map(Decoder::finish) {
            Some(column) if column.len() == rows => Ok(column),
            _ => Err(self.file.corrupt(0, format_args!("the parts of vector {vector} do not add up to it"))),
        }
    }

    /// As [`read`](Stored::read), of who reads the same vectors again and again: whole numbers that cost decoding are kept decoded.
    pub fn read_often(&self, column: usize, vector: u32) -> Result<Column> {
        let (ty, mut found) = (self.type_of(column), None);
        let (first, rows) = self.extent(vector)?;
        let numbers = !matches!(
            ty.physical(),
            Physical::Bytes | Physical::F32 | Physical::F64 | Physical::I128 | Physical::Interval
        );
        if numbers {
            self.point_chunk(column, first, &mut |chunk, _| {
                // Numbers are in no page that they are of.
                found = (chunk.rows == rows && chunk.values.is_some())
                    .then(|| decode::vector(ty, chunk, &Buffer::from(Vec::new()), &mut None))
                    .transpose()?;
                Ok(())
            })?;
        }
        found.map_or_else(|| self.read(column, vector), Ok)
    }

    /// One value, decoded alone where the encoding allows it.
    pub fn value(&self, column: usize, ordinal: u32) -> Result<Value> {
        let (ty, mut value) = (self.type_of(column), Value::Null);
        self.point_chunk(column, ordinal, &mut |chunk, i| {
            value = decode::value(ty, chunk, i)?;
            Ok(())
        })?;
        Ok(value)
    }

    /// The chosen rows of a column, in the chosen order, flat.
    pub fn gather(&self, column: usize, ordinals: &[u32]) -> Result<Column> {
        let ty = self.type_of(column);
        // Of short strings, the chunk may be kept decoded.
        let strings = ty.physical() == Physical::Bytes
            && !matches!(ty, Type::Vector(_) | Type::Other(Kind::HalfVec, _));
        let mut decoder = Decoder::new(ty);
        let mut rest = ordinals;
        while let Some(&first) = rest.first() {
            let mut taken = 0;
            let mut of_kept = |chunk: &Chunk<'_>, i: usize, kept: &Buffer<u8>| {
                let base = first - i as u32;
                let inside = |row: &&u32| row.checked_sub(base).is_some_and(|i| (i as usize) < chunk.rows);
                taken = rest.iter().take_while(inside).count();
                rest[..taken].iter().try_for_each(|row| decoder.row(chunk, (row - base) as usize, kept))
            };
            if let Some(done) = strings.then(|| self.read_kept(column, first, &mut of_kept)).flatten() {
                done.map_err(|what| self.file.corrupt(0, what))?;
                rest = &rest[taken..];
                continue;
            }
            let taken = self.chunk(column, first, |chunk, i, page| {
                // Rows of the same chunk follow one another where the ordinals ascend.
                let base = first - i as u32;
                let inside = |row: u32| row.checked_sub(base).map(|i| i as usize).filter(|&i| i < chunk.rows);
                let n = rest.iter().take_while(|&&row| inside(row).is_some()).count();
                let few = chunk.values.map_or(0, |values| values.few());
                if n <= few.max(1) || !chunk.is_compressed() {
                    self.with_kept(column, base, chunk, page, &mut |chunk, page| {
                        rest[..n].iter().try_for_each(|row| decoder.row(chunk, (row - base) as usize, page))
                    })?;
                    return Ok(n);
                }
                // Decoding all once is cheaper than decoding all for every row.
                let mut all = Decoder::new(ty);
                all.chunk(chunk, page)?;
                let first = decoder.take_buffers(&mut all);
                rest[..n].iter().for_each(|row| decoder.copy(&all, (row - base) as usize, first));
                Ok(n)
            })?;
            rest = &rest[taken..];
        }
        Ok(decoder.finish())
    }

    /// The created lsns of one vector.
    pub fn created(&self, vector: u32) -> Result<Buffer<u64>> {
        let (_, rows) = self.extent(vector)?;
        if self.created.0 == self.created.1 {
            return Ok(vec![self.created.0; rows].into());
        }
        let (_, columns) = self.numbers()?;
        let column = self.read(columns, vector)?.flatten();
        match column.data() {
            ColumnData::I64(lsns) => Ok(lsns.iter().map(|&lsn| lsn as u64).collect::<Vec<_>>().into()),
            _ => Err(Error::internal("created lsns are not 64-bit integers")),
        }
    }

    /// The created lsn of one row.
    pub fn created_at(&self, ordinal: u32) -> Result<Lsn> {
        if self.created.0 == self.created.1 {
            return Ok(self.created.0);
        }
        let (_, columns) = self.numbers()?;
        match self.value(columns, ordinal)? {
            Value::Int8(lsn) => Ok(lsn as u64),
            _ => Err(Error::internal("a created lsn is not a 64-bit integer")),
        }
    }

    /// The created lsns of the chosen rows.
    fn created_of(&self, ordinals: &[u32]) -> Result<Vec<Lsn>> {
        let (_, columns) = self.numbers()?;
        match self.gather(columns, ordinals)?.data() {
            ColumnData::I64(lsns) => Ok(lsns.iter().map(|&lsn| lsn as u64).collect()),
            _ => Err(Error::internal("created lsns are not 64-bit integers")),
        }
    }

    /// Runs `read` on the zone map of page `page` of a column.
    fn with_zone<T>(&self, column: usize, page: usize, read: impl FnOnce(&ZoneView<'_>) -> T) -> Result<T> {
        let footer = self.footer()?;
        let before: usize = footer.columns.iter().take(column).map(|c| c.pages.len()).sum();
        let (zone_page, place) = ((before + page) / ZONES_PER_PAGE, (before + page) % ZONES_PER_PAGE);
        let Some(&at) = footer.zones.get(zone_page) else {
            return Err(Error::internal("a page without a zone map"));
        };
        let bytes = self.file.page(at, self.types().len() as u32 + 1, zone_page as u32)?;
        let view = ZoneView::parse(&bytes, place).map_err(|what| self.file.corrupt(at.offset, what))?;
        Ok(read(&view))
    }

    /// False if no row of the vector can have a value within the bounds; NULL never lies within. Bounds of
    /// another type than the column's tell nothing.
    pub fn may_match(
        &self,
        column: usize,
        vector: u32,
        low: Bound<&Value>,
        high: Bound<&Value>,
    ) -> Result<bool> {
        let (first, rows) = self.extent(vector)?;
        let ty = self.type_of(column);
        let ends = (zones::End::new(ty, low), zones::End::new(ty, high));
        let pages = self.pages(column)?;
        let end = first + rows as u32;
        for place in self.place(pages, first)..pages.len() {
            if pages[place].first_row >= end {
                break;
            }
            let rows = self.page_rows(pages, place);
            if self.with_zone(column, place, |zone| zones::may_match(zone, rows, &ends.0, &ends.1))? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The row after the last of the page that begins with `first`.
    fn page_end(&self, column: usize, first: u32) -> Result<u32> {
        let pages = self.pages(column)?;
        let next = pages.partition_point(|page| page.first_row <= first);
        Ok(pages.get(next).map_or(self.rows, |page| page.first_row))
    }

    /// How many rows the page at that place has, by where the next begins.
    fn page_rows(&self, pages: &[PageAt], place: usize) -> u32 {
        pages.get(place + 1).map_or(self.rows, |next| next.first_row) - pages[place].first_row
    }

    /// The zone map of page `page` of a column; None past the last page.
    pub fn zone(&self, column: usize, page: usize) -> Result<Option<Zone>> {
        let pages = self.pages(column)?;
        if page >= pages.len() || column >= self.types().len() {
            return Ok(None);
        }
        let (first, rows) = (pages[page].first_row, self.page_rows(pages, page));
        self.with_zone(column, page, |view| zones::zone(view, self.type_of(column), first, rows))?.map(Some)
    }

    /// The zone map of the page of a column that covers a row.
    pub fn zone_of(&self, column: usize, row: u32) -> Result<Zone> {
        let place = self.place(self.pages(column)?, row);
        let zone = self.zone(column, place)?.filter(|zone| row.wrapping_sub(zone.first_row) < zone.rows);
        zone.ok_or_else(|| self.file.corrupt(0, format_args!("no page holds row {row} of column {column}")))
    }

    /// Reads every byte and reports everything that is damaged.
    pub fn verify(&self, report: &mut dyn FnMut(Error)) {
        let (footer, end) = match self.footer().and_then(|f| Ok((f, self.file.marked_footer()?.1))) {
            Ok(found) => found,
            Err(error) => return report(error),
        };
        let mut pages = Vec::new();
        for (stream, column) in footer.columns.iter().enumerate() {
            let own = column.pages.iter().filter(|page| page.bundled.is_none());
            pages.extend(own.map(|page| (page.at, stream as u32, page.first_row)));
        }
        let bundle = self.bundle_stream();
        pages.extend(footer.bundles.iter().enumerate().map(|(i, &at)| (at, bundle, i as u32)));
        let zones = footer.columns.len() as u32;
        pages.extend(footer.zones.iter().enumerate().map(|(i, &at)| (at, zones, i as u32)));
        let mut check = |bytes: &[u8], stream: u32, position: u32| {
            if stream == bundle {
                return self.check_bundle(bytes, position);
            }
            if stream == zones {
                return Ok(());
            }
            let pages = self.pages(stream as usize)?;
            self.check_page(bytes, stream as usize, self.place(pages, position))
        };
        self.file.verify(pages, end, &mut check, report);
    }

    /// As [`check_page`](Stored::check_page), for every column page of a bundle.
    fn check_bundle(&self, bytes: &[u8], bundle: u32) -> Result<()> {
        for column in 0..=self.types().len() {
            let of = |page: &PageAt| page.bundled.is_some_and(|bundled| bundled.bundle == bundle);
            if self.pages(column)?.first().is_some_and(of) {
                self.check_page(bytes, column, 0)?;
            }
        }
        Ok(())
    }

    /// Decodes all of a column page and compares its rows with the footer.
    fn check_page(&self, bytes: &[u8], column: usize, place: usize) -> Result<()> {
        let pages = self.pages(column)?;
        let Some(at) = pages.get(place) else { return Ok(()) };
        let page: Buffer<u8> = bytes.to_vec().into();
        let ty = self.type_of(column);
        let checked =
            at.slice(&page).and_then(|slice| PageView::parse(slice, ty.physical())).and_then(|view| {
                let rows = self.page_rows(pages, place) as usize;
                if view.rows != rows
                    || (!view.is_part() && !(at.first_row as usize).is_multiple_of(VECTOR_ROWS))
                {
                    return Err("a column page has another number of rows than the footer says");
                }
                (0..view.chunks()).try_for_each(|i| Decoder::new(ty).chunk(&view.chunk(i)?, &page))
            });
        checked.map_err(|what| self.file.corrupt(at.at.offset, what))
    }

    /// How many bytes of the file these columns take.
    pub fn stored(&self, columns: &[usize]) -> Result<u64> {
        let len = |page: &PageAt| u64::from(page.bundled.map_or(page.at.len, |bundled| bundled.len));
        columns.iter().try_fold(0, |sum, &c| Ok(sum + self.pages(c)?.iter().map(len).sum::<u64>()))
    }

    /// Bytes held outside the page cache.
    pub fn memory(&self) -> usize {
        size_of::<ColdSegment>() + self.known.get().map_or(0, |known| known.footer.memory())
    }
}
