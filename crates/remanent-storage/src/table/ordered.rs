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
//! A hot segment whose rows were numbered anew since the scan began, or which has no part, is sorted from the rows as they were
//! at the beginning. Where a cold segment has no part there is no such scan: the caller sorts.
//!
//! Limits: one span of keys.

use super::gone::Gone;
use super::scan::Own;
use super::version::{ColdHandle, HotHandle, TableVersion};
use super::{RowId, ScanRequest};
use crate::Lsn;
use crate::error::{Error, Result};
use crate::index::parts::PartHandle;
use crate::index::{IndexDef, KeySpan, Place};
use crate::segment::hot::{HotView, visible};
use crate::value::{Batch, Column, ColumnBuilder, ColumnData, Key, Type};
use rustc_hash::FxHashSet;
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
}

/// A running scan.
pub struct OrderedScan {
    walk: Walk,
    snapshot: Lsn,
    columns: Vec<usize>,
    row_ids: bool,
    types: Vec<Type>,
    /// The primary key's columns.
    key: Vec<usize>,
    /// The stored columns to read.
    read: Vec<usize>,
    hidden: Arc<FxHashSet<Key>>,
    gone: Arc<Gone>,
    sources: Vec<Source>,
    /// Rows to deliver next.
    size: usize,
}

/// One segment on its way through a scan.
struct Source {
    from: From,
    /// As rows say where they lie.
    segment: u32,
    /// False for the transaction's own rows.
    committed: bool,
    /// Rows that are read, in order: all stored columns, of which those not wanted are empty.
    columns: Vec<Column>,
    ordinals: Vec<u32>,
    keys: Vec<Vec<u8>>,
    at: usize,
    size: usize,
    done: bool,
}

enum From {
    Cold {
        handle: Arc<ColdHandle>,
        part: Arc<PartHandle>,
        place: Place,
    },
    Hot {
        handle: Arc<HotHandle>,
        views: Vec<HotView>,
        rows: u32,
        prunes: u64,
        place: Place,
    },
    /// Rows sorted here: of each its view and its place in it.
    Sorted {
        views: Vec<HotView>,
        order: Vec<(u32, u32)>,
    },
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
        let mut read: Vec<usize> = request.columns.iter().copied().chain(walk.index.read()).collect();
        if !own.hidden.is_empty() {
            read.extend(key);
        }
        read.sort_unstable();
        read.dedup();
        let mut sources = Vec::new();
        let colds = version.cold.iter().filter(|cold| cold.created.0 <= snapshot).map(|cold| (cold, true));
        for (cold, committed) in colds.chain(own.attached.iter().map(|cold| (cold, false))) {
            let Some(part) = cold.parts.get(walk.index.id) else { return Ok(None) };
            let from = From::Cold { handle: Arc::clone(cold), part, place: Place::Start };
            sources.push(Source::new(from, if committed { cold.id } else { RowId::PRIVATE }, committed));
        }
        for hot in version.frozen.iter().chain([&version.hot]) {
            let (views, prunes) = hot.segment.numbered_views(&read);
            let rows = views.last().map_or(0, |view| view.base + view.rows as u32);
            let from = From::Hot { handle: Arc::clone(hot), views, rows, prunes, place: Place::Start };
            sources.push(Source::new(from, hot.segment.id(), true));
        }
        let mut scan = OrderedScan {
            walk: walk.clone(),
            snapshot,
            columns: request.columns.clone(),
            row_ids: request.row_ids,
            types: types.to_vec(),
            key: key.to_vec(),
            read,
            hidden: own.hidden,
            gone: own.gone,
            sources,
            size: FIRST,
        };
        let rows = own.rows.into_iter().map(|rows| HotView::own(rows.base, rows.columns, rows.selection));
        let views: Vec<HotView> = rows.collect();
        if !views.is_empty() {
            let order = scan.sorted(&views, None);
            scan.sources.push(Source::new(From::Sorted { views, order }, RowId::PRIVATE, false));
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
            self.columns.iter().map(|&c| ColumnBuilder::new(self.type_of(c))).collect();
        let (mut ids, mut keys) = (Vec::new(), Vec::new());
        while keys.len() < self.size {
            let Some(first) = self.first()? else { break };
            let run = self.run(first).min(self.size - keys.len());
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
            source.at += run;
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

    fn type_of(&self, column: usize) -> Type {
        self.types.get(column).copied().unwrap_or(Type::Int8)
    }

    /// The source with the next row.
    fn first(&mut self) -> Result<Option<usize>> {
        for i in 0..self.sources.len() {
            self.fill(i)?;
        }
        let heads = self.sources.iter().enumerate().filter_map(|(i, source)| Some((source.head()?, i)));
        let first = match self.walk.backward {
            true => heads.max_by(|a, b| a.0.cmp(b.0).then(b.1.cmp(&a.1))),
            false => heads.min(),
        };
        Ok(first.map(|(_, i)| i))
    }

    /// How many rows of the source with the next row come before those of any other.
    fn run(&self, first: usize) -> usize {
        let others = self.sources.iter().enumerate().filter(|(i, _)| *i != first);
        let others = others.filter_map(|(_, source)| source.head());
        let bound = if self.walk.backward { others.max() } else { others.min() };
        let Some(source) = self.sources.get(first) else { return 0 };
        let rest = source.keys.get(source.at..).unwrap_or_default();
        match (bound, self.walk.backward) {
            (None, _) => rest.len(),
            (Some(bound), true) => rest.partition_point(|key| key.as_slice() >= bound).max(1),
            (Some(bound), false) => rest.partition_point(|key| key.as_slice() <= bound).max(1),
        }
    }

    /// Reads more rows of a source where none is left.
    fn fill(&mut self, i: usize) -> Result<()> {
        loop {
            let Some(source) = self.sources.get_mut(i) else { return Ok(()) };
            if source.at < source.keys.len() || source.done {
                return Ok(());
            }
            let (max, mut rows) = (source.size, Vec::new());
            source.size = (max * 2).min(MOST);
            let Walk { index, span, backward } = &self.walk;
            let mut renumbered = None;
            match &mut source.from {
                From::Cold { handle, part, place } => {
                    let part = part.open(index, &handle.segment)?;
                    source.done = !part.ordered(span, *backward, place, &mut rows, max)?;
                }
                From::Hot { handle, rows: count, prunes, place, views } => {
                    let walk = &mut |part: &dyn crate::index::HotPart| {
                        part.ordered(span, *backward, place, &mut rows, max)
                    };
                    match handle.segment.ordered(index.id, *prunes, walk)? {
                        Some(more) => source.done = !more,
                        None => renumbered = Some((std::mem::take(views), place.clone())),
                    }
                    // Rows that came since the scan began.
                    rows.retain(|row| row < count);
                }
                From::Sorted { order, .. } => {
                    let taken = order.len().min(max);
                    rows.extend(0..taken as u32);
                    source.done = taken == order.len();
                }
            }
            match renumbered {
                Some((views, place)) => {
                    let order = self.sorted(&views, Some(&place));
                    if let Some(source) = self.sources.get_mut(i) {
                        source.from = From::Sorted { views, order };
                    }
                }
                None => self.read(i, rows)?,
            }
        }
    }

    /// The visible ones among some rows of a source, with their keys.
    fn read(&mut self, i: usize, rows: Vec<u32>) -> Result<()> {
        let OrderedScan { sources, snapshot, gone, read, types, walk, hidden, key, .. } = self;
        let Some(source) = sources.get_mut(i) else { return Ok(()) };
        let mut columns: Vec<Column> = types.iter().map(|&ty| ColumnBuilder::new(ty).finish()).collect();
        let mut ordinals = Vec::new();
        match &mut source.from {
            From::Cold { handle, .. } => {
                let snapshot = if source.committed { *snapshot } else { Lsn::MAX - 1 };
                for ordinal in rows {
                    let created = match handle.created.1 <= snapshot {
                        true => 0,
                        false => handle.created_at(ordinal)?,
                    };
                    let seen = created <= snapshot && !handle.deletes.read().is_deleted(ordinal, snapshot);
                    if seen && !(source.committed && gone.contains(handle.id, ordinal)) {
                        ordinals.push(ordinal);
                    }
                }
                for &c in read.iter() {
                    if let Some(column) = columns.get_mut(c) {
                        *column = handle.segment.gather(c, &ordinals)?;
                    }
                }
            }
            From::Hot { views, .. } => {
                let place = |ordinal: u32| {
                    let view = views.partition_point(|view| view.base <= ordinal).checked_sub(1)?;
                    Some((view, (ordinal - views.get(view)?.base) as usize))
                };
                let places: Vec<(usize, usize)> = rows.into_iter().filter_map(place).collect();
                ordinals = gather(views, &places, read, &mut columns, types, &|view, row, ordinal| {
                    visible(view.created(row), view.deleted(row), *snapshot)
                        && !gone.contains(source.segment, ordinal)
                });
            }
            From::Sorted { views, order } => {
                let taken: Vec<(usize, usize)> =
                    order.drain(..rows.len()).map(|(view, row)| (view as usize, row as usize)).collect();
                let (committed, segment) = (source.committed, source.segment);
                ordinals = gather(views, &taken, read, &mut columns, types, &|view, row, ordinal| {
                    visible(view.created(row), view.deleted(row), *snapshot)
                        && !(committed && gone.contains(segment, ordinal))
                });
            }
        }
        if source.committed && !hidden.is_empty() {
            let keys: Vec<&Column> = key.iter().filter_map(|&c| columns.get(c)).collect();
            let shown = |i: &u32| !hidden.contains(&Key::from_row(&keys, *i as usize));
            let kept: Vec<u32> = (0..ordinals.len() as u32).filter(shown).collect();
            if kept.len() < ordinals.len() {
                ordinals = kept.iter().filter_map(|&i| ordinals.get(i as usize).copied()).collect();
                for &c in read.iter() {
                    if let Some(column) = columns.get_mut(c) {
                        *column = column.gather(&kept);
                    }
                }
            }
        }
        let encode = |row: usize| {
            let mut key = Vec::new();
            walk.index.encode_row(&mut key, &columns, row);
            key
        };
        source.keys = (0..ordinals.len()).map(encode).collect();
        (source.columns, source.ordinals, source.at) = (columns, ordinals, 0);
        Ok(())
    }

    /// The rows of views whose keys lie in the span, in order; those behind a place.
    fn sorted(&self, views: &[HotView], behind: Option<&Place>) -> Vec<(u32, u32)> {
        let mut rows: Vec<(Vec<u8>, u32, u32)> = Vec::new();
        for (v, view) in views.iter().enumerate() {
            for row in 0..view.rows {
                let mut key = Vec::new();
                self.walk.index.encode_row(&mut key, view.columns(), row);
                if self.walk.span.contains(&key) && self.walk.index.holds(view.columns(), row) {
                    rows.push((key, v as u32, row as u32));
                }
            }
        }
        rows.sort_unstable();
        if let Some(Place::Behind(key, ordinal)) = behind {
            let at = |(other, v, row): &(Vec<u8>, u32, u32)| {
                let base = views.get(*v as usize).map_or(0, |view| view.base);
                other.as_slice().cmp(key).then((base + row).cmp(ordinal))
            };
            match self.walk.backward {
                true => rows.retain(|row| at(row).is_lt()),
                false => rows.retain(|row| at(row).is_gt()),
            }
        }
        if self.walk.backward {
            rows.reverse();
        }
        rows.into_iter().map(|(_, view, row)| (view, row)).collect()
    }
}

/// Reads rows of views for which `seen` is true; their ordinals.
fn gather(
    views: &[HotView],
    rows: &[(usize, usize)],
    read: &[usize],
    columns: &mut [Column],
    types: &[Type],
    seen: &dyn Fn(&HotView, usize, u32) -> bool,
) -> Vec<u32> {
    let mut builders: Vec<ColumnBuilder> = types.iter().map(|&ty| ColumnBuilder::new(ty)).collect();
    let mut ordinals = Vec::new();
    for &(v, row) in rows {
        let Some(view) = views.get(v) else { continue };
        let ordinal = view.base + row as u32;
        if !seen(view, row, ordinal) {
            continue;
        }
        ordinals.push(ordinal);
        for &c in read {
            if let (Some(builder), Some(column)) = (builders.get_mut(c), view.columns().get(c)) {
                builder.append(column, Some(&[row as u32]));
            }
        }
    }
    for (column, builder) in columns.iter_mut().zip(builders) {
        *column = builder.finish();
    }
    ordinals
}

impl Source {
    fn new(from: From, segment: u32, committed: bool) -> Self {
        Source {
            from,
            segment,
            committed,
            columns: Vec::new(),
            ordinals: Vec::new(),
            keys: Vec::new(),
            at: 0,
            size: FIRST,
            done: false,
        }
    }

    fn head(&self) -> Option<&[u8]> {
        self.keys.get(self.at).map(Vec::as_slice)
    }
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
