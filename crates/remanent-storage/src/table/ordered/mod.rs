//! The visible rows of one table in the order of an index.
//!
//! Each segment's part delivers its rows in order, some at a time; here they are merged. What a snapshot sees, what the
//! transaction has deleted and its own rows are as in [`scan`](super::scan):
//!
//! ```text
//!   cold 7    a  d  d  k        ┐
//!   cold 9    b  c  z           ├──→  a  b  c  d  d  e  k  z      ten rows, if ten are wanted: the first few of each
//!   hot       e                 ┘
//! ```
//!
//! The primary key is walked as other indexes are. Its cold segments lie in its order and say their least and greatest key, hot
//! rows do so chunk by chunk: a segment or a chunk is looked into when its turn comes ([`Source::ahead`]), so the latest row
//! of a series costs a few vectors of the segments that end with it.
//!
//! Of rows that agree in the first columns of the index the first may be all that is wanted ([`Walk::groups`]): the others are
//! leapt over by searching for the next key that differs.
//!
//! A hot segment whose rows were numbered anew since the scan began, or which has no part, is sorted from the rows as they were
//! at the beginning. Where a cold segment has no part there is no such scan: the caller sorts.
//!
//! Where a part on disk tells the keys of its rows, no column is read that keys tell ([`IndexDef::tells`]): only which rows are
//! visible is asked of the segment.
//!
//! Limits: one span of keys.

mod source;

use super::RowId;
use super::ScanRequest;
use super::gone::Gone;
use super::scan::{Own, Touched};
use super::version::TableVersion;
use crate::Lsn;
use crate::error::{Error, Result};
use crate::index::{IndexDef, KeySpan, PRIMARY, Place};
use crate::segment::hot::HotView;
use crate::value::{Batch, Column, ColumnBuilder, ColumnData, Key, Type};
use rustc_hash::FxHashSet;
use source::{From, Source};
use std::sync::Arc;

/// Rows that are asked of a segment at first, and at most.
const FIRST: usize = 16;
const MOST: usize = 1024;

/// Which rows of an index, and in which direction.
#[derive(Debug, Clone)]
pub struct Walk {
    /// The index.
    pub index: Arc<IndexDef>,
    /// The keys.
    pub span: KeySpan,
    /// The greatest first.
    pub backward: bool,
    /// Of the rows that agree in so many first columns, only the first; 0: all rows.
    pub groups: usize,
}

/// A running scan.
pub struct OrderedScan {
    shared: Shared,
    columns: Vec<usize>,
    row_ids: bool,
    sources: Vec<Source>,
    /// Rows to deliver next.
    size: usize,
    /// Of segments that were left out at the beginning.
    touched: Touched,
}

/// What all sources of a scan go by.
struct Shared {
    /// Its span begins behind the group delivered last.
    walk: Walk,
    snapshot: Lsn,
    types: Vec<Type>,
    /// The primary key's columns.
    key: Vec<usize>,
    /// The stored columns to read.
    read: Vec<usize>,
    /// Those that are wanted whatever the keys tell.
    asked: Vec<usize>,
    hidden: Arc<FxHashSet<Key>>,
    gone: Arc<Gone>,
}

impl OrderedScan {
    /// Begins a scan; None where a cold segment has no part of the index. The arguments are those of
    /// [`TableScan::new`](super::scan::TableScan::new).
    pub fn new(
        version: &TableVersion,
        snapshot: Lsn,
        request: &ScanRequest,
        walk: &Walk,
        types: &[Type],
        key: &[usize],
        own: Own,
    ) -> Result<Option<Self>> {
        let mut asked = request.columns.clone();
        if !own.hidden.is_empty() {
            asked.extend(key);
        }
        let mut read: Vec<usize> = asked.iter().copied().chain(walk.index.read()).collect();
        for columns in [&mut asked, &mut read] {
            columns.sort_unstable();
            columns.dedup();
        }
        let Own { rows, attached, hidden, gone } = own;
        let (types, key) = (types.to_vec(), key.to_vec());
        let shared = Shared { walk: walk.clone(), snapshot, types, key, read, asked, hidden, gone };
        let mut scan = OrderedScan {
            shared,
            columns: request.columns.clone(),
            row_ids: request.row_ids,
            sources: Vec::new(),
            size: FIRST,
            touched: Touched::default(),
        };
        let colds = version.cold.iter().filter(|cold| cold.created.0 <= snapshot).map(|cold| (cold, true));
        for (cold, committed) in colds.chain(attached.iter().map(|cold| (cold, false))) {
            let primary = walk.index.id == PRIMARY;
            let part = cold.parts.get(walk.index.id);
            if part.is_none() && !primary {
                return Ok(None);
            }
            let ends = primary.then_some((cold.min_key.as_slice(), cold.max_key.as_slice()));
            let ahead = ends.map(|(least, greatest)| ahead(walk, least, greatest));
            if ahead == Some(None) {
                scan.touched.segments_skipped += 1;
                scan.touched.vectors_skipped += u64::from(cold.segment.vectors());
                continue;
            }
            let from = From::Cold { handle: Arc::clone(cold), part, place: Place::Start };
            let segment = if committed { cold.id } else { RowId::PRIVATE };
            scan.sources.push(Source::new(from, segment, committed, ahead.flatten()));
        }
        for hot in version.frozen.iter().chain([&version.hot]) {
            if walk.index.id == PRIMARY {
                for (view, least, greatest) in hot.segment.spread_views(&scan.shared.read) {
                    if let Some(ahead) = ahead(walk, &least, &greatest) {
                        let from = From::Unsorted { views: vec![view] };
                        scan.sources.push(Source::new(from, hot.segment.id(), true, Some(ahead)));
                    }
                }
                continue;
            }
            let (views, prunes) = hot.segment.numbered_views(&scan.shared.read);
            let rows = views.last().map_or(0, |view| view.base + view.rows as u32);
            let from = From::Hot { handle: Arc::clone(hot), views, rows, prunes, place: Place::Start };
            scan.sources.push(Source::new(from, hot.segment.id(), true, None));
        }
        let views = rows.into_iter().map(|rows| HotView::own(rows.base, rows.columns, rows.selection));
        let views: Vec<HotView> = views.collect();
        if !views.is_empty() {
            scan.sources.push(Source::new(From::Unsorted { views }, RowId::PRIVATE, false, None));
        }
        Ok(Some(scan))
    }

    /// The next visible rows; never an empty batch; None at the end.
    #[allow(clippy::should_implement_trait, reason = "an iterator of results cannot be read with `?` alone")]
    pub fn next(&mut self) -> Result<Option<Batch>> {
        Ok(self.next_keyed()?.map(|(batch, _)| batch))
    }

    /// As [`next`](Self::next), with the rows' keys.
    pub fn next_keyed(&mut self) -> Result<Option<(Batch, Vec<Vec<u8>>)>> {
        let mut builders: Vec<ColumnBuilder> =
            self.columns.iter().map(|&c| ColumnBuilder::new(self.shared.type_of(c))).collect();
        let (mut ids, mut keys) = (Vec::new(), Vec::new());
        while keys.len() < self.size {
            let Some(first) = self.first()? else { break };
            let run = if self.shared.walk.groups > 0 { 1 } else { self.run(first) };
            let run = run.min(self.size - keys.len());
            let Some(source) = self.sources.get_mut(first) else { break };
            for (builder, &c) in builders.iter_mut().zip(&self.columns) {
                if let Some(column) = source.columns.get(c) {
                    builder.append(&column.slice(source.at, run), None);
                }
            }
            let rows = source.at..source.at + run;
            let ordinals = source.ordinals.get(rows.clone()).unwrap_or_default();
            ids.extend(ordinals.iter().map(|&ordinal| RowId { segment: source.segment, ordinal }.pack()));
            keys.extend(source.keys.get_mut(rows).into_iter().flatten().map(std::mem::take));
            let (last, groups) = (source.at + run - 1, self.shared.walk.groups);
            source.at += run;
            if groups > 0 {
                let mut group = Vec::new();
                self.shared.walk.index.encode_first(&mut group, &source.columns, last, groups);
                self.leap(&group);
            }
        }
        self.size = (self.size * 2).min(MOST);
        if keys.is_empty() {
            return Ok(None);
        }
        let mut columns: Vec<Column> = builders.into_iter().map(ColumnBuilder::finish).collect();
        if self.row_ids {
            columns.push(Column::flat(Type::Int8, ColumnData::I64(ids.into()), None));
        }
        Ok(Some((Batch::new(columns, keys.len()), keys)))
    }

    /// What it has read and left out so far, of cold segments.
    pub fn touched(&self) -> Touched {
        let mut touched = self.touched;
        self.sources.iter().for_each(|source| source.count(&mut touched));
        touched
    }

    /// Goes on behind a group of rows.
    fn leap(&mut self, group: &[u8]) {
        let walk = &mut self.shared.walk;
        let rest = KeySpan::prefixed(group.to_vec());
        match (walk.backward, rest.high) {
            (true, _) => walk.span.high = Some(rest.low),
            (false, Some(high)) => walk.span.low = high,
            // Nothing is above.
            (false, None) => walk.span.high = Some(walk.span.low.clone()),
        }
        self.sources.iter_mut().for_each(|source| source.leap(walk));
    }

    /// The source with the next row.
    fn first(&mut self) -> Result<Option<usize>> {
        loop {
            for source in &mut self.sources {
                source.fill(&self.shared)?;
            }
            let heads = self.sources.iter().enumerate().filter_map(|(i, source)| Some((source.head()?, i)));
            let first = match self.shared.walk.backward {
                true => heads.max_by(|a, b| a.0.cmp(b.0).then(b.1.cmp(&a.1))),
                false => heads.min(),
            };
            let first = first.map(|(_, i)| i);
            match first.and_then(|i| self.sources.get_mut(i)).filter(|source| source.ahead.is_some()) {
                // Its turn may have come: look.
                Some(source) => source.ahead = None,
                None => return Ok(first),
            }
        }
    }

    /// How many rows of the source with the next row come before those of any other.
    fn run(&self, first: usize) -> usize {
        let others = self.sources.iter().enumerate().filter(|(i, _)| *i != first);
        let others = others.filter_map(|(_, source)| source.head());
        let backward = self.shared.walk.backward;
        let bound = if backward { others.max() } else { others.min() };
        let Some(source) = self.sources.get(first) else { return 0 };
        let rest = source.keys.get(source.at..).unwrap_or_default();
        match (bound, backward) {
            (None, _) => rest.len(),
            (Some(bound), true) => rest.partition_point(|key| key.as_slice() >= bound).max(1),
            (Some(bound), false) => rest.partition_point(|key| key.as_slice() <= bound).max(1),
        }
    }
}

impl Shared {
    fn type_of(&self, column: usize) -> Type {
        self.types.get(column).copied().unwrap_or(Type::Int8)
    }
}

/// A key that none comes before of rows between these keys; None where none of them is wanted.
fn ahead(walk: &Walk, least: &[u8], greatest: &[u8]) -> Option<Vec<u8>> {
    let KeySpan { low, high } = &walk.span;
    if greatest < low.as_slice() || high.as_ref().is_some_and(|high| least >= high.as_slice()) {
        return None;
    }
    Some(match (walk.backward, high) {
        (true, Some(high)) => greatest.min(high).to_vec(),
        (true, None) => greatest.to_vec(),
        (false, _) => least.max(low).to_vec(),
    })
}

/// The first key that two rows have, of those that count.
pub fn first_duplicate(scan: &mut OrderedScan, counts: &dyn Fn(&[u8]) -> bool) -> Result<Option<Vec<u8>>> {
    let mut last: Option<Vec<u8>> = None;
    while let Some((_, keys)) = scan.next_keyed()? {
        for key in keys {
            if last.as_ref() == Some(&key) && counts(&key) {
                return Ok(Some(key));
            }
            last = Some(key);
        }
    }
    Ok(None)
}

/// An error for who needs such a scan and cannot have it.
pub fn missing() -> Error {
    Error::internal("a segment has no part of an index that is needed")
}
