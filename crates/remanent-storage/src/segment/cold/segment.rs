//! A file of rows as a definition of its table sees it.

use super::{Before, Stored, Zone, zones};
use crate::Lsn;
use crate::error::Result;
use crate::segment::cache::PageCache;
use crate::segment::format::MAGIC;
use crate::segment::page::PagedReader;
use crate::segment::shape::{Held, Lens, Shape};
use crate::value::{Column, Type, Value};
use crate::world::Disk;
use std::ops::{Bound, Deref, Range};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

/// The least and the greatest value of a column.
type Ends = (Value, Value);

/// An immutable segment in a file. Shared by `Arc`; columns are counted as in its shape, and those that the file lacks are what the
/// shape says of them.
pub struct ColdSegment {
    stored: Arc<Stored>,
    shape: Arc<Shape>,
    /// Once the footer was read: where the columns lie.
    lens: OnceLock<Option<Lens>>,
    /// Per column, once asked: the least and the greatest value.
    ranges: Box<[OnceLock<Option<Ends>>]>,
}

impl Deref for ColdSegment {
    type Target = Stored;

    fn deref(&self) -> &Stored {
        &self.stored
    }
}

impl ColdSegment {
    /// The segment in a file; no I/O. `file_id` names the file in the cache and is never given twice; the rest is
    /// as the writer was told and as its [`ColdSummary`](super::ColdSummary) says.
    pub fn open(
        disk: Arc<dyn Disk>,
        path: PathBuf,
        file_id: u32,
        types: Vec<Type>,
        rows: u32,
        created: (Lsn, Lsn),
        cache: Arc<PageCache>,
    ) -> ColdSegment {
        ColdSegment::shaped(disk, path, file_id, &Arc::new(Shape::plain(types)), rows, created, cache)
    }

    /// The same of a table that may have got columns.
    pub fn shaped(
        disk: Arc<dyn Disk>,
        path: PathBuf,
        file_id: u32,
        shape: &Arc<Shape>,
        rows: u32,
        created: (Lsn, Lsn),
        cache: Arc<PageCache>,
    ) -> ColdSegment {
        let file = PagedReader::new(disk, path, file_id.into(), MAGIC, cache);
        let (expected, known) = (Arc::clone(shape), OnceLock::new());
        ColdSegment::through(&Arc::new(Stored { file, expected, rows, created, known }), shape)
    }

    fn through(stored: &Arc<Stored>, shape: &Arc<Shape>) -> ColdSegment {
        let ranges = shape.types().iter().map(|_| OnceLock::new()).collect();
        let (stored, shape) = (Arc::clone(stored), Arc::clone(shape));
        ColdSegment { stored, shape, lens: OnceLock::new(), ranges }
    }

    /// The same segment, seen through another shape.
    pub fn seen_by(&self, shape: &Arc<Shape>) -> ColdSegment {
        ColdSegment::through(&self.stored, shape)
    }

    pub(super) fn stored(&self) -> &Stored {
        &self.stored
    }

    /// What whoever makes something of its rows may hold: a part of what the page cache may, so that it follows the memory limit.
    pub fn work_memory(&self) -> usize {
        self.stored.file.cache().budget() / 4
    }

    /// The types of its columns.
    pub fn types(&self) -> &[Type] {
        self.shape.types()
    }

    /// Where the file has the columns; None: where the shape does.
    fn lens(&self) -> Result<Option<&Lens>> {
        if self.lens.get().is_none() {
            let (numbers, columns) = self.stored.numbers()?;
            let _ = self.lens.set(self.shape.lens(numbers, columns));
        }
        Ok(self.lens.get().and_then(Option::as_ref))
    }

    /// Where the file has a column; None: nowhere, and the shape says what it is.
    fn at(&self, column: usize) -> Result<Option<usize>> {
        let Some(lens) = self.lens()? else { return Ok(Some(column)) };
        match lens.get(column) {
            Some(Held::At(at)) => Ok(Some(*at)),
            _ if self.shape.missing(column).is_some() => Ok(None),
            _ => Err(self.stored.file.corrupt(0, format_args!("there is no column {column}"))),
        }
    }

    /// One vector of a column: 1,024 rows, the last of a segment perhaps fewer. Constant where all values are the
    /// same; a dictionary for byte strings that repeat; else flat.
    pub fn read(&self, column: usize, vector: u32) -> Result<Column> {
        match self.at(column)? {
            Some(at) => self.stored.read(at, vector),
            None => Ok(self.shape.absent(column, self.stored.extent(vector)?.1)),
        }
    }

    /// As [`read`](ColdSegment::read), of who reads one vector after the other.
    pub fn read_on(&self, column: usize, vector: u32, before: &Before) -> Result<Column> {
        match self.at(column)? {
            Some(at) => self.stored.read_on(at, vector, before),
            None => self.read(column, vector),
        }
    }

    /// As [`read`](ColdSegment::read), of who reads the same vectors again and again: whole numbers that cost decoding are kept decoded.
    pub fn read_often(&self, column: usize, vector: u32) -> Result<Column> {
        match self.at(column)? {
            Some(at) => self.stored.read_often(at, vector),
            None => self.read(column, vector),
        }
    }

    /// One value, decoded alone where the encoding allows it.
    pub fn value(&self, column: usize, ordinal: u32) -> Result<Value> {
        match self.at(column)? {
            Some(at) => self.stored.value(at, ordinal),
            None => Ok(self.shape.missing(column).cloned().unwrap_or(Value::Null)),
        }
    }

    /// The chosen rows of a column, in the chosen order, flat.
    pub fn gather(&self, column: usize, ordinals: &[u32]) -> Result<Column> {
        match self.at(column)? {
            Some(at) => self.stored.gather(at, ordinals),
            None => Ok(self.shape.absent(column, ordinals.len()).flatten()),
        }
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
        match (self.at(column)?, self.shape.missing(column)) {
            (Some(at), _) => self.stored.may_match(at, vector, low, high),
            (None, Some(value)) => Ok(zones::value_may_match(self.shape.types()[column], value, low, high)),
            (None, None) => Ok(true),
        }
    }

    /// The zone map of page `page` of a column; None past the last page.
    pub fn zone(&self, column: usize, page: usize) -> Result<Option<Zone>> {
        if column >= self.types().len() {
            return Ok(None);
        }
        match self.at(column)? {
            Some(at) => self.stored.zone(at, page),
            None => (page == 0 && self.rows() > 0).then(|| self.zone_of(column, 0)).transpose(),
        }
    }

    /// The zone map of the page of a column that covers a row.
    pub fn zone_of(&self, column: usize, row: u32) -> Result<Zone> {
        match (self.at(column)?, self.shape.missing(column)) {
            (Some(at), _) => self.stored.zone_of(at, row),
            (None, value) => {
                zones::of_value(self.shape.types()[column], value.unwrap_or(&Value::Null), self.rows())
            }
        }
    }

    /// The least and the greatest value of a column. None: there is none, or zone maps do not say it exactly.
    pub fn range(&self, column: usize) -> Result<Option<(&Value, &Value)>> {
        let Some(known) = self.ranges.get(column) else { return Ok(None) };
        if known.get().is_none() {
            let _ = known.set(self.find_range(column)?);
        }
        Ok(known.get().and_then(Option::as_ref).map(|(low, high)| (low, high)))
    }

    fn find_range(&self, column: usize) -> Result<Option<Ends>> {
        let mut all: Option<Ends> = None;
        for page in 0.. {
            let Some(zone) = self.zone(column, page)? else { break };
            all = match (all, zone.range) {
                (all, None) if zone.nulls == zone.rows => all,
                (_, None) => return Ok(None),
                (None, range) => range,
                (Some((low, high)), Some((least, greatest))) => Some((
                    if least.compare(&low).is_lt() { least } else { low },
                    if greatest.compare(&high).is_gt() { greatest } else { high },
                )),
            };
        }
        Ok(all)
    }

    /// How many bytes of the file these columns take.
    pub fn stored_bytes(&self, columns: &[usize]) -> Result<u64> {
        let held = columns.iter().filter_map(|&column| self.at(column).transpose());
        self.stored.stored(&held.collect::<Result<Vec<_>>>()?)
    }

    /// Of rows `[start, end)`, which lie in one vector in order of the key of `columns`: those whose key begins with
    /// `key`. Where there is none, an empty range at the first row whose key is above.
    pub fn equal(&self, columns: &[usize], rows: Range<u32>, key: &[u8]) -> Result<Range<u32>> {
        if self.lens()?.is_none() {
            return self.stored.equal(columns, rows, key);
        }
        // A column of a key is never missing.
        let held = columns.iter().map(|&column| Ok(self.at(column)?.unwrap_or(column)));
        self.stored.equal(&held.collect::<Result<Vec<_>>>()?, rows, key)
    }
}
