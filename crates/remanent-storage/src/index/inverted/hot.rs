//! An inverted index beside a hot segment: a map from items to rows.
//!
//! Rows of the last chunk may be dropped and numbered anew, so their items are kept by row until the next chunk begins.

use super::extract::Extractor;
use super::search::{self, EachList, Lists, Postings};
use crate::error::{Error, Result};
use crate::index::{Cost, Hits, HotPart, IndexDef, Part, Probe, ProbeStats, Rows, ScoreBound};
use crate::segment::RowSet;
use crate::segment::hot::CHUNK_ROWS;
use crate::value::Column;
use crate::world::mutation;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What an item takes beside its bytes, and a row in its list.
const ITEM_BYTES: usize = 120;
const ROW_BYTES: usize = 6;

/// The rows of an item.
struct List {
    item: Arc<[u8]>,
    rows: Vec<u32>,
}

/// An inverted index beside a hot segment.
pub struct InvertedHot {
    def: IndexDef,
    /// Places in `lists`.
    items: BTreeMap<Arc<[u8]>, u32>,
    lists: Vec<List>,
    /// Lists that no item has.
    free: Vec<u32>,
    len: u32,
    /// The lists of the last rows, from a multiple of [`CHUNK_ROWS`] on.
    recent: Vec<Box<[u32]>>,
    memory: usize,
}

impl InvertedHot {
    /// Without rows.
    pub fn new(def: IndexDef) -> Self {
        InvertedHot {
            def,
            items: BTreeMap::new(),
            lists: Vec::new(),
            free: Vec::new(),
            len: 0,
            recent: Vec::new(),
            memory: 0,
        }
    }

    /// The list of an item, made where there is none.
    fn list_of(&mut self, item: &[u8]) -> u32 {
        if let Some(&list) = self.items.get(item) {
            return list;
        }
        let item: Arc<[u8]> = item.into();
        self.memory += item.len() + ITEM_BYTES;
        let new = List { item: Arc::clone(&item), rows: Vec::new() };
        let place = match self.free.pop() {
            Some(free) => {
                self.lists[free as usize] = new;
                free
            }
            None => {
                self.lists.push(new);
                self.lists.len() as u32 - 1
            }
        };
        self.items.insert(item, place);
        place
    }

    fn push(&mut self, items: &[&[u8]]) {
        let lists: Box<[u32]> = items.iter().map(|item| self.list_of(item)).collect();
        for &list in &lists {
            self.lists[list as usize].rows.push(self.len);
        }
        self.memory += lists.len() * ROW_BYTES;
        if (self.len as usize).is_multiple_of(CHUNK_ROWS) {
            self.recent.clear();
        }
        self.recent.push(lists);
        self.len += 1;
    }

    /// Forgets an item that no row has any more.
    fn release(&mut self, list: u32) {
        let List { item, rows } = &self.lists[list as usize];
        if rows.is_empty() {
            self.memory = self.memory.saturating_sub(item.len() + ITEM_BYTES);
            self.items.remove(item);
            self.free.push(list);
        }
    }

    /// Forgets rows further back than their lists are kept by row.
    fn truncate_lists(&mut self, len: u32) {
        let lists: Vec<u32> = self.items.values().copied().collect();
        for list in lists {
            let rows = &mut self.lists[list as usize].rows;
            let kept = rows.partition_point(|&row| row < len);
            self.memory = self.memory.saturating_sub((rows.len() - kept) * ROW_BYTES);
            rows.truncate(kept);
            self.release(list);
        }
        self.len = len;
    }
}

impl Postings for List {
    fn count(&self) -> u32 {
        self.rows.len() as u32
    }

    fn all(&self, out: &mut Vec<u32>) -> Result<()> {
        out.extend_from_slice(&self.rows);
        Ok(())
    }

    fn among(&self, rows: &[u32], out: &mut Vec<u32>) -> Result<()> {
        search::common(&self.rows, rows, out);
        Ok(())
    }
}

impl Postings for &List {
    fn count(&self) -> u32 {
        (**self).count()
    }

    fn all(&self, out: &mut Vec<u32>) -> Result<()> {
        (**self).all(out)
    }

    fn among(&self, rows: &[u32], out: &mut Vec<u32>) -> Result<()> {
        (**self).among(rows, out)
    }
}

impl Lists for InvertedHot {
    fn rows(&self) -> u32 {
        self.len
    }

    fn find<'a>(&'a self, item: &[u8]) -> Result<Option<Box<dyn Postings + 'a>>> {
        let list = self.items.get(item).and_then(|&list| self.lists.get(list as usize));
        Ok(list.map(|list| Box::new(list) as Box<dyn Postings + 'a>))
    }

    fn prefixed(&self, prefix: &[u8], each: EachList<'_>) -> Result<()> {
        for (item, &list) in
            self.items.range(Arc::from(prefix)..).take_while(|(item, _)| item.starts_with(prefix))
        {
            if !each(item, &self.lists[list as usize])? {
                break;
            }
        }
        Ok(())
    }
}

impl Part for InvertedHot {
    fn cost(&self, probe: &Probe) -> Option<Cost> {
        super::cost(self, probe)
    }

    fn serves(&self, probe: &Probe) -> bool {
        super::asks_for_items(probe)
    }

    fn search<'a>(
        &'a self,
        probe: &'a Probe,
        within: Option<&'a RowSet>,
        _stats: &'a ProbeStats,
        _bound: &'a ScoreBound,
    ) -> Result<Box<dyn Hits + 'a>> {
        Ok(Box::new(Rows { rows: super::found(self, probe)?.into_iter(), within }))
    }

    fn distinct(&self) -> Option<f64> {
        Some(self.items.len() as f64)
    }

    fn memory(&self) -> usize {
        size_of::<InvertedHot>() + self.memory
    }
}

impl HotPart for InvertedHot {
    fn insert(&mut self, first_ordinal: u32, columns: &[Column]) -> Result<()> {
        if first_ordinal != self.len {
            let message = format!("rows from {first_ordinal} on were added to an index of {} rows", self.len);
            return Err(Error::internal(message));
        }
        let rows = self.def.columns.first().and_then(|&c| columns.get(c)).map_or(0, Column::len);
        let def = self.def.clone();
        let mut extractor = Extractor::new(&def);
        for row in 0..rows {
            let items = extractor.row(columns, row).map(|list| list.distinct()).unwrap_or_default();
            self.push(&items);
        }
        Ok(())
    }

    fn truncate(&mut self, len: u32) {
        while self.len > len {
            let Some(lists) = self.recent.pop() else { return self.truncate_lists(len) };
            self.len -= 1;
            self.memory = self.memory.saturating_sub(lists.len() * ROW_BYTES);
            for list in lists {
                self.lists[list as usize].rows.pop();
                self.release(list);
            }
        }
    }

    fn retain_from(&mut self, first: u32, keep: &[bool]) {
        if mutation("stale_item_ordinals") {
            return;
        }
        let base = self.len - self.recent.len() as u32;
        let tail = self.recent.iter().skip(first.saturating_sub(base) as usize).zip(keep);
        let kept = tail.filter(|(_, keep)| **keep).map(|(lists, _)| {
            lists.iter().map(|&list| Arc::clone(&self.lists[list as usize].item)).collect()
        });
        let kept: Vec<Vec<Arc<[u8]>>> = kept.collect();
        self.truncate(first);
        for items in &kept {
            self.push(&items.iter().map(AsRef::as_ref).collect::<Vec<&[u8]>>());
        }
    }
}
