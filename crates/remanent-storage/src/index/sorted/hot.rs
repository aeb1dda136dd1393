//! A sorted index beside a hot segment: an ordered set of (key, ordinal).
//!
//! Rows of the last chunk may be dropped and numbered anew, so their keys are kept by row until the next chunk begins.

use super::{span_of, walk};
use crate::error::{Error, Result};
use crate::index::{Cost, Hits, HotPart, IndexDef, KeySpan, Part, Place, Probe, ProbeStats, ScoreBound};
use crate::segment::RowSet;
use crate::segment::hot::CHUNK_ROWS;
use crate::value::Column;
use crate::world::mutation;
use std::collections::BTreeSet;
use std::collections::btree_set::Range;
use std::ops::Bound;

/// What an entry takes beside its key.
const ENTRY_BYTES: usize = 72;
/// Entries that are counted to price a probe: one in so many, but at least and at most these.
const COUNTED_SHARE: usize = 8;
const COUNTED_MIN: usize = 256;
const COUNTED_MAX: usize = 8192;

type Entry = (Box<[u8]>, u32);

/// A sorted index beside a hot segment.
pub struct SortedHot {
    def: IndexDef,
    entries: BTreeSet<Entry>,
    len: u32,
    /// The keys of the last rows, from a multiple of [`CHUNK_ROWS`] on; None: not in the index.
    recent: Vec<Option<Box<[u8]>>>,
    memory: usize,
}

impl SortedHot {
    /// Without rows.
    pub fn new(def: IndexDef) -> Self {
        SortedHot { def, entries: BTreeSet::new(), len: 0, recent: Vec::new(), memory: 0 }
    }

    fn push(&mut self, key: Option<Box<[u8]>>) {
        if (self.len as usize).is_multiple_of(CHUNK_ROWS) {
            self.recent.clear();
        }
        self.recent.push(key.clone());
        if let Some(key) = key {
            self.memory += key.len() + ENTRY_BYTES;
            self.entries.insert((key, self.len));
        }
        self.len += 1;
    }

    /// The entries of a span behind a place.
    fn range(&self, span: &KeySpan, place: &Place, backward: bool) -> Option<Range<'_, Entry>> {
        if span.is_empty() {
            return None;
        }
        let end = |key: &[u8]| (Box::from(key), 0);
        let mut low = Bound::Included(end(&span.low));
        let mut high = span.high.as_ref().map_or(Bound::Unbounded, |high| Bound::Excluded(end(high)));
        if let Place::Behind(key, ordinal) = place {
            let last = (key.clone(), *ordinal);
            match (backward, &low) {
                // The range would be an empty one, which the set does not take.
                (true, Bound::Included(first)) if *first >= last => return None,
                (true, _) => high = Bound::Excluded(last),
                (false, _) => low = Bound::Excluded(last),
            }
        }
        Some(self.entries.range((low, high)))
    }
}

impl Part for SortedHot {
    fn cost(&self, probe: &Probe) -> Option<Cost> {
        let entries = self.range(&span_of(probe)?, &Place::Start, false);
        let most = (self.len as usize / COUNTED_SHARE).clamp(COUNTED_MIN, COUNTED_MAX);
        let counted = entries.map_or(0, |entries| entries.take(most).count());
        // Where there are many, it is taken to be a third.
        let rows = if counted < most { counted as f64 } else { f64::from(self.len) / 3.0 };
        Some(Cost { rows, nanos: 500.0 + 50.0 * rows })
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
        let Some(mut entries) = self.range(span, place, backward) else { return Ok(false) };
        let full = out.len().saturating_add(max);
        let mut last: Option<&Entry> = None;
        while out.len() < full {
            match if backward { entries.next_back() } else { entries.next() } {
                Some(entry) => {
                    out.push(entry.1);
                    last = Some(entry);
                }
                None => return Ok(false),
            }
        }
        if let Some((key, ordinal)) = last {
            *place = Place::Behind(key.clone(), *ordinal);
        }
        Ok(true)
    }

    fn distinct(&self) -> Option<f64> {
        // From a sample of what lies first.
        let mut last: Option<&[u8]> = None;
        let (mut seen, mut distinct) = (0.0, 0.0);
        for (key, _) in self.entries.iter().take(COUNTED_MIN) {
            seen += 1.0;
            if last.replace(key) != Some(key) {
                distinct += 1.0;
            }
        }
        (seen > 0.0).then(|| distinct / seen * f64::from(self.len))
    }

    fn memory(&self) -> usize {
        size_of::<SortedHot>() + self.memory
    }
}

impl HotPart for SortedHot {
    fn insert(&mut self, first_ordinal: u32, columns: &[Column]) -> Result<()> {
        if first_ordinal != self.len {
            let message = format!("rows from {first_ordinal} on were added to an index of {} rows", self.len);
            return Err(Error::internal(message));
        }
        let rows = self.def.columns.first().and_then(|&c| columns.get(c)).map_or(0, Column::len);
        let mut key = Vec::new();
        for row in 0..rows {
            key.clear();
            self.def.encode_row(&mut key, columns, row);
            self.push(self.def.holds(columns, row).then(|| key.as_slice().into()));
        }
        Ok(())
    }

    fn truncate(&mut self, len: u32) {
        while self.len > len {
            let Some(key) = self.recent.pop() else {
                // Further back than keys are kept by row.
                self.entries.retain(|(_, ordinal)| *ordinal < len);
                self.memory = self.entries.iter().map(|(key, _)| key.len() + ENTRY_BYTES).sum();
                self.len = len;
                return;
            };
            self.len -= 1;
            if let Some(key) = key {
                self.memory = self.memory.saturating_sub(key.len() + ENTRY_BYTES);
                self.entries.remove(&(key, self.len));
            }
        }
    }

    fn retain_from(&mut self, first: u32, keep: &[bool]) {
        if mutation("stale_index_ordinals") {
            return;
        }
        let base = self.len - self.recent.len() as u32;
        let recent = self.recent.clone();
        let tail = recent.iter().skip(first.saturating_sub(base) as usize);
        let kept: Vec<Option<Box<[u8]>>> =
            tail.zip(keep).filter(|(_, keep)| **keep).map(|(key, _)| key.clone()).collect();
        self.truncate(first);
        kept.into_iter().for_each(|key| self.push(key));
    }
}
