//! A sorted index of a cold segment.
//!
//! The part's pages are described in [`page`](super::page); its footer:
//!
//! | size | footer |
//! |---|---|
//! | 1 | 2: a part of kind btree; do not renumber |
//! | 4 | number of rows |
//! | 4 | number of distinct keys |
//! | 4 | number of leaves |
//! | 4 + n, 4 + n | least and greatest key, each after its length |
//! | 4 | number of inner pages; per page: locator (16 bytes), number of its first leaf u32, its first fence after its length |
//!
//! Example, of the part of three rows in the example of the pages, but for the locator:
//! `02 03000000 02000000 01000000 03000000 018005 03000000 018007 01000000 (locator) 00000000 01000000 01`.

use super::build::{INNER, LEAVES};
use super::page::Leaf;
use super::{span_of, walk};
use crate::error::{Error, Result};
use crate::index::tree::{Read, Tree, put, take};
use crate::index::{Cost, Hits, IndexDef, KeySpan, Part, PartReader, Place, Probe, ProbeStats, ScoreBound};
use crate::segment::encoding::{Cursor, Parse};
use crate::segment::{ColdSegment, RowSet};
use crate::value::Column;
use rustc_hash::FxHashMap;
use std::sync::{Arc, OnceLock};

/// Keys whose rows are kept while a part is compared with its rows.
const KEYS_KEPT: usize = 4096;

/// The part's kind in its footer. Persisted, do not renumber.
const KIND: u8 = 2;

/// What a part says of itself.
pub(super) struct Footer {
    pub rows: u32,
    pub distinct: u32,
    pub least: Vec<u8>,
    pub greatest: Vec<u8>,
    pub tree: Tree,
}

impl Footer {
    pub fn encode(&self) -> Vec<u8> {
        let mut out = vec![KIND];
        for field in [self.rows, self.distinct, self.tree.leaves] {
            out.extend_from_slice(&field.to_le_bytes());
        }
        put(&mut out, &self.least);
        put(&mut out, &self.greatest);
        self.tree.encode(&mut out);
        out
    }

    fn decode(bytes: &[u8], end: u64) -> Parse<Self> {
        let mut cursor = Cursor { rest: bytes };
        if cursor.u8()? != KIND {
            return Err("not a part of a sorted index");
        }
        let (rows, distinct, leaves) = (cursor.u32()?, cursor.u32()?, cursor.u32()?);
        let (least, greatest) = (take(&mut cursor)?, take(&mut cursor)?);
        let tree = Tree::decode(&mut cursor, leaves, INNER, end)?;
        match cursor.rest.is_empty() && (leaves == 0) == (rows == 0) {
            true => Ok(Footer { rows, distinct, least, greatest, tree }),
            false => Err("the footer does not end where it should"),
        }
    }

    fn memory(&self) -> usize {
        self.tree.memory() + self.least.capacity() + self.greatest.capacity()
    }
}

/// A sorted index of a cold segment.
pub struct SortedCold {
    part: PartReader,
    segment: Arc<ColdSegment>,
    /// It may lack rows.
    partial: bool,
    footer: OnceLock<Footer>,
}

/// An entry's place: its leaf, and which of the leaf's it is.
type Spot = (u32, usize);

impl SortedCold {
    /// Opens a part of a segment; no I/O.
    pub fn open(part: PartReader, segment: Arc<ColdSegment>, partial: bool) -> Self {
        SortedCold { part, segment, partial, footer: OnceLock::new() }
    }

    /// The footer, read at the first touch; of two threads that meet, one reads in vain.
    fn footer(&self) -> Result<&Footer> {
        if let Some(footer) = self.footer.get() {
            return Ok(footer);
        }
        let (bytes, offset) = self.part.footer()?;
        let footer = Footer::decode(&bytes, offset).map_err(|what| self.part.corrupt(offset, what))?;
        if footer.rows > self.segment.rows() || !self.partial && footer.rows < self.segment.rows() {
            return Err(self.part.corrupt(offset, "the part belongs to another segment"));
        }
        let _ = self.footer.set(footer);
        self.footer.get().ok_or_else(|| Error::internal("a cell that was just set is empty"))
    }

    /// Looks into a leaf.
    fn leaf<T>(&self, read: &Read, look: impl FnOnce(&Leaf<'_>) -> Parse<T>) -> Result<T> {
        let found = Leaf::parse(&read.page).and_then(|leaf| look(&leaf));
        found.map_err(|what| self.part.corrupt(read.at.at.offset, what))
    }

    /// Reads a leaf by its number, which there is.
    fn read(&self, number: u32) -> Result<Read> {
        self.footer()?.tree.read(&self.part, LEAVES, number)
    }

    /// The place of the first entry whose key is not below `key`; past the last entry of a leaf where that is the first of the
    /// next.
    fn place(&self, key: &[u8]) -> Result<Spot> {
        let (leaf, read) = self.footer()?.tree.read_at(&self.part, LEAVES, key)?;
        let entry = self.leaf(&read, |leaf| leaf.below(key))?;
        Ok((leaf, entry))
    }

    /// About how many entries come before `key`.
    fn before(&self, key: &[u8]) -> Result<f64> {
        let footer = self.footer()?;
        if footer.rows == 0 || key <= footer.least.as_slice() {
            return Ok(0.0);
        }
        if key > footer.greatest.as_slice() {
            return Ok(footer.rows.into());
        }
        let (_, read) = footer.tree.read_at(&self.part, LEAVES, key)?;
        Ok(f64::from(read.at.first) + self.leaf(&read, |leaf| leaf.below(key))? as f64)
    }

    /// How many entries a span has; exact, for the price of two leaves.
    pub fn count(&self, span: &KeySpan) -> Result<f64> {
        let high = match &span.high {
            Some(high) => self.before(high)?,
            None => self.footer()?.rows.into(),
        };
        Ok((high - self.before(&span.low)?).max(0.0))
    }

    /// Where the entries of a span begin and end.
    fn bounds(&self, span: &KeySpan) -> Result<(Spot, Spot)> {
        let footer = self.footer()?;
        let outside = footer.rows == 0
            || span.is_empty()
            || span.low > footer.greatest
            || span.high.as_ref().is_some_and(|high| *high <= footer.least);
        if outside {
            return Ok(((0, 0), (0, 0)));
        }
        let end = match &span.high {
            Some(high) => self.place(high)?,
            None => (footer.tree.leaves, 0),
        };
        Ok((self.place(&span.low)?, end))
    }

    /// Adds up to `max` rows between two places, which move together, and their keys where they are wanted; false if none is left.
    fn step(
        &self,
        ends: &mut (Spot, Spot),
        backward: bool,
        out: &mut Vec<u32>,
        mut keys: Option<&mut Vec<Vec<u8>>>,
        max: usize,
    ) -> Result<bool> {
        let (start, end) = ends;
        let full = out.len().saturating_add(max);
        while *start < *end {
            if out.len() >= full {
                return Ok(true);
            }
            let number = match (backward, end.1) {
                (true, 0) => end.0 - 1,
                (true, _) => end.0,
                (false, _) => start.0,
            };
            let read = self.read(number)?;
            let added = out.len();
            let (from, to) = self.leaf(&read, |leaf| {
                let from = if number == start.0 { start.1 } else { 0 };
                let to = if number == end.0 { end.1.min(leaf.rows()) } else { leaf.rows() };
                let wanted = (full - out.len()).min(to.saturating_sub(from));
                for i in 0..wanted {
                    let entry = if backward { to - 1 - i } else { from + i };
                    out.push(leaf.ordinal(entry));
                    if let Some(keys) = &mut keys {
                        let mut key = Vec::new();
                        leaf.key(entry, &mut key)?;
                        keys.push(key);
                    }
                }
                if out.iter().skip(added).any(|&row| row >= self.segment.rows()) {
                    return Err("a part names a row that its segment has not");
                }
                Ok(if backward { (from, to - wanted) } else { (from + wanted, to) })
            })?;
            match (backward, from >= to) {
                (true, false) => *end = (number, to),
                (true, true) => *end = (number, 0),
                (false, false) => *start = (number, from),
                (false, true) => *start = (number + 1, 0),
            }
        }
        Ok(false)
    }
}

impl SortedCold {
    fn walk_on(
        &self,
        span: &KeySpan,
        backward: bool,
        place: &mut Place,
        out: &mut Vec<u32>,
        keys: Option<&mut Vec<Vec<u8>>>,
        max: usize,
    ) -> Result<bool> {
        let mut ends = match place {
            Place::Between(start, end) => (*start, *end),
            _ => self.bounds(span)?,
        };
        let more = self.step(&mut ends, backward, out, keys, max)?;
        *place = Place::Between(ends.0, ends.1);
        Ok(more)
    }
}

impl Part for SortedCold {
    fn cost(&self, probe: &Probe) -> Option<Cost> {
        // What is damaged is reported by the search.
        let rows = self.count(&span_of(probe)?).unwrap_or_else(|_| self.segment.rows().into());
        Some(Cost { rows, nanos: 2000.0 + 5.0 * rows })
    }

    fn search<'a>(
        &'a self,
        probe: &'a Probe,
        within: Option<&'a RowSet>,
        _stats: &'a ProbeStats,
        _bound: &'a ScoreBound,
    ) -> Result<Box<dyn Hits + 'a>> {
        walk(self, probe, within)
    }

    fn ordered(
        &self,
        span: &KeySpan,
        backward: bool,
        place: &mut Place,
        out: &mut Vec<u32>,
        max: usize,
    ) -> Result<bool> {
        self.walk_on(span, backward, place, out, None, max)
    }

    fn ordered_keyed(
        &self,
        span: &KeySpan,
        backward: bool,
        place: &mut Place,
        out: &mut Vec<u32>,
        keys: &mut Vec<Vec<u8>>,
        max: usize,
    ) -> Result<bool> {
        self.walk_on(span, backward, place, out, Some(keys), max)
    }

    fn distinct(&self) -> Option<f64> {
        self.footer().ok().map(|footer| footer.distinct.into())
    }

    fn memory(&self) -> usize {
        size_of::<SortedCold>() + self.footer.get().map_or(0, Footer::memory)
    }

    /// It has no row twice; here each is looked for under its key.
    fn agrees(&self, def: &IndexDef) -> Result<bool> {
        let mut columns: Vec<Column> = self.segment.types().iter().map(|&ty| Column::null(ty, 0)).collect();
        let mut known: FxHashMap<Vec<u8>, RowSet> = FxHashMap::default();
        for vector in 0..self.segment.vectors() {
            for c in def.read() {
                if let Some(column) = columns.get_mut(c) {
                    *column = self.segment.read(c, vector)?;
                }
            }
            for (row, ordinal) in self.segment.rows_of(vector).enumerate() {
                let mut key = Vec::new();
                def.encode_row(&mut key, &columns, row);
                if known.len() > KEYS_KEPT {
                    known.clear();
                }
                let rows = match known.get(&key) {
                    Some(rows) => rows,
                    None => {
                        let (span, mut rows) = (KeySpan::prefixed(key.clone()), Vec::new());
                        self.ordered(&span, false, &mut Place::Start, &mut rows, usize::MAX)?;
                        known.entry(key).or_insert(rows.into_iter().collect())
                    }
                };
                if rows.contains(ordinal) != def.holds(&columns, row) {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    fn verify(&self, report: &mut dyn FnMut(Error)) {
        let footer = match self.footer().and_then(|footer| Ok((footer, self.part.footer()?.1))) {
            Ok((footer, end)) => {
                if let Err(error) = self.verify_pages(footer, end, report) {
                    return report(error);
                }
                footer
            }
            Err(error) => return report(error),
        };
        if let Err(error) = self.verify_order(footer) {
            report(error);
        }
    }
}

impl SortedCold {
    fn verify_pages(&self, footer: &Footer, end: u64, report: &mut dyn FnMut(Error)) -> Result<()> {
        let pages = footer.tree.pages(&self.part, LEAVES)?;
        self.part.verify(pages, end, &mut |_, _, _| Ok(()), report);
        Ok(())
    }

    /// Every row at most once, keys in order and within the least and the greatest.
    fn verify_order(&self, footer: &Footer) -> Result<()> {
        let (mut seen, mut entries) = (RowSet::new(), 0u64);
        let (mut last, mut key) = (Vec::new(), Vec::new());
        for number in 0..footer.tree.leaves {
            let read = self.read(number)?;
            self.leaf(&read, |leaf| {
                for entry in 0..leaf.rows() {
                    leaf.key(entry, &mut key)?;
                    if key < last || key < footer.least || key > footer.greatest {
                        return Err("the keys of a part are not in order");
                    }
                    std::mem::swap(&mut key, &mut last);
                    seen.insert(leaf.ordinal(entry));
                    entries += 1;
                }
                Ok(())
            })?;
        }
        let rows = u64::from(footer.rows);
        if entries != rows || seen.len() != rows || seen.max().is_some_and(|max| max >= self.segment.rows()) {
            return Err(self.part.corrupt(0, "a part does not have each row of its segment once"));
        }
        Ok(())
    }
}
