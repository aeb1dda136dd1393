//! One segment on its way through a walk.

use super::{FIRST, MOST, Shared, Walk};
use crate::Lsn;
use crate::error::Result;
use crate::index::parts::PartHandle;
use crate::index::{HotPart, Part, Place};
use crate::segment::RowSet;
use crate::segment::VECTOR_ROWS;
use crate::segment::hot::{HotView, visible};
use crate::table::scan::Touched;
use crate::table::version::{ColdHandle, HotHandle};
use crate::value::{Column, ColumnBuilder, Key, Type};
use std::sync::Arc;

/// One segment, or a chunk of a hot one.
pub(super) struct Source {
    from: From,
    /// As rows say where they lie.
    pub segment: u32,
    /// False for the transaction's own rows.
    committed: bool,
    /// None of its rows comes before this key; it has not been looked into yet.
    pub ahead: Option<Vec<u8>>,
    /// Rows that are read, in order: all stored columns, of which those not wanted are empty.
    pub columns: Vec<Column>,
    pub ordinals: Vec<u32>,
    pub keys: Vec<Vec<u8>>,
    pub at: usize,
    size: usize,
    done: bool,
    /// Vectors that were read.
    vectors: RowSet,
}

/// Where rows come from.
pub(super) enum From {
    Cold {
        handle: Arc<ColdHandle>,
        /// None: the primary key.
        part: Option<Arc<PartHandle>>,
        place: Place,
    },
    Hot {
        handle: Arc<HotHandle>,
        views: Vec<HotView>,
        rows: u32,
        prunes: u64,
        place: Place,
    },
    /// Rows to be sorted here.
    Unsorted {
        views: Vec<HotView>,
    },
    /// Rows sorted here: of each its view and its place in it.
    Sorted {
        views: Vec<HotView>,
        order: Vec<(u32, u32)>,
    },
}

impl Source {
    pub fn new(from: From, segment: u32, committed: bool, ahead: Option<Vec<u8>>) -> Self {
        Source {
            from,
            segment,
            committed,
            ahead,
            columns: Vec::new(),
            ordinals: Vec::new(),
            keys: Vec::new(),
            at: 0,
            size: FIRST,
            done: false,
            vectors: RowSet::new(),
        }
    }

    /// The key of its next row, or one that is not behind it.
    pub fn head(&self) -> Option<&[u8]> {
        self.ahead.as_deref().or_else(|| self.keys.get(self.at).map(Vec::as_slice))
    }

    /// Adds what was read and left out of a cold segment.
    pub fn count(&self, touched: &mut Touched) {
        let From::Cold { handle, .. } = &self.from else { return };
        let (read, all) = (self.vectors.len(), u64::from(handle.segment.vectors()));
        touched.segments_read += u64::from(read > 0);
        touched.segments_skipped += u64::from(read == 0);
        touched.vectors_read += read;
        touched.vectors_skipped += all.saturating_sub(read);
    }

    /// Goes on at the beginning of the walk's span, which was narrowed.
    pub fn leap(&mut self, walk: &Walk) {
        let beyond = |key: &Vec<u8>| walk.span.contains(key);
        let rest = self.keys.get(self.at..).unwrap_or_default();
        match rest.iter().position(beyond) {
            Some(kept) => self.at += kept,
            None if self.done => self.at = self.keys.len(),
            None => {
                self.at = self.keys.len();
                if let From::Cold { place, .. } | From::Hot { place, .. } = &mut self.from {
                    *place = Place::Start;
                    self.size = 1;
                }
            }
        }
    }

    /// Reads more rows where none is left, unless its turn has not come.
    pub fn fill(&mut self, shared: &Shared) -> Result<()> {
        while self.at >= self.keys.len() && !self.done && self.ahead.is_none() {
            let (max, mut rows, mut keys) = (self.size, Vec::new(), Vec::new());
            self.size = (max * 2).min(MOST);
            let Walk { index, span, backward, .. } = &shared.walk;
            let mut unsorted = None;
            match &mut self.from {
                From::Cold { handle, part, place } => {
                    let part: &dyn Part = match part {
                        Some(part) => part.open(index, &handle.segment)?,
                        None => handle.primary.as_ref(),
                    };
                    self.done = !part.ordered_keyed(span, *backward, place, &mut rows, &mut keys, max)?;
                }
                From::Hot { handle, rows: count, prunes, place, views } => {
                    let walk = &mut |part: &dyn HotPart| part.ordered(span, *backward, place, &mut rows, max);
                    match handle.segment.ordered(index.id, *prunes, walk)? {
                        Some(more) => self.done = !more,
                        None => unsorted = Some((std::mem::take(views), place.clone())),
                    }
                    // Rows that came since the scan began.
                    rows.retain(|row| row < count);
                }
                From::Unsorted { views } => unsorted = Some((std::mem::take(views), Place::Start)),
                From::Sorted { order, .. } => {
                    let taken = order.len().min(max);
                    rows.extend(0..taken as u32);
                    self.done = taken == order.len();
                }
            }
            match unsorted {
                Some((views, place)) => {
                    let order = shared.sorted(&views, &place);
                    self.from = From::Sorted { views, order };
                }
                None => self.read(shared, rows, keys)?,
            }
        }
        Ok(())
    }

    /// The visible ones among some rows, with their keys. `keys`: of each, or none.
    fn read(&mut self, shared: &Shared, rows: Vec<u32>, mut keys: Vec<Vec<u8>>) -> Result<()> {
        let Shared { snapshot, gone, read, asked, types, walk, hidden, key, .. } = shared;
        let mut columns: Vec<Column> = types.iter().map(|&ty| ColumnBuilder::new(ty).finish()).collect();
        let mut ordinals = Vec::new();
        match &mut self.from {
            From::Cold { handle, .. } => {
                let snapshot = if self.committed { *snapshot } else { Lsn::MAX - 1 };
                let (known, mut seen_keys) = (keys.len() == rows.len(), Vec::new());
                for (i, ordinal) in rows.into_iter().enumerate() {
                    let created = match handle.created.1 <= snapshot {
                        true => 0,
                        false => handle.created_at(ordinal)?,
                    };
                    let seen = created <= snapshot && !handle.deletes.read().is_deleted(ordinal, snapshot);
                    if seen && !(self.committed && gone.contains(handle.id, ordinal)) {
                        ordinals.push(ordinal);
                        seen_keys.extend(keys.get_mut(i).map(std::mem::take));
                    }
                }
                keys = seen_keys;
                // What a key tells is not read from the row.
                let told = if known { walk.index.told(&keys, asked, &mut columns)? } else { Vec::new() };
                let wanted = if known && walk.groups == 0 { asked } else { read };
                for &c in wanted.iter().filter(|c| !told.contains(c)) {
                    if let Some(column) = columns.get_mut(c) {
                        *column = handle.segment.gather(c, &ordinals)?;
                        for ordinal in &ordinals {
                            self.vectors.insert(ordinal / VECTOR_ROWS as u32);
                        }
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
                        && !gone.contains(self.segment, ordinal)
                });
            }
            From::Sorted { views, order } => {
                let taken: Vec<(usize, usize)> =
                    order.drain(..rows.len()).map(|(view, row)| (view as usize, row as usize)).collect();
                let (committed, segment) = (self.committed, self.segment);
                ordinals = gather(views, &taken, read, &mut columns, types, &|view, row, ordinal| {
                    visible(view.created(row), view.deleted(row), *snapshot)
                        && !(committed && gone.contains(segment, ordinal))
                });
            }
            From::Unsorted { .. } => {}
        }
        if self.committed && !hidden.is_empty() {
            let of: Vec<&Column> = key.iter().filter_map(|&c| columns.get(c)).collect();
            let shown = |i: &u32| !hidden.contains(&Key::from_row(&of, *i as usize));
            let kept: Vec<u32> = (0..ordinals.len() as u32).filter(shown).collect();
            if kept.len() < ordinals.len() {
                ordinals = kept.iter().filter_map(|&i| ordinals.get(i as usize).copied()).collect();
                keys = kept.iter().filter_map(|&i| keys.get_mut(i as usize).map(std::mem::take)).collect();
                for &c in read.iter() {
                    if let Some(column) = columns.get_mut(c).filter(|column| !column.is_empty()) {
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
        self.keys = match keys.len() == ordinals.len() {
            true => keys,
            false => (0..ordinals.len()).map(encode).collect(),
        };
        // Rows that were sorted before the walk leapt over them.
        let passed = self.keys.iter().position(|key| walk.span.contains(key)).unwrap_or(self.keys.len());
        (self.columns, self.ordinals, self.at) = (columns, ordinals, passed);
        Ok(())
    }
}

impl Shared {
    /// The rows of views whose keys lie in the span, in order; those behind a place.
    fn sorted(&self, views: &[HotView], behind: &Place) -> Vec<(u32, u32)> {
        let (mut rows, mut key): (Vec<(Vec<u8>, u32, u32)>, _) = (Vec::new(), Vec::new());
        for (v, view) in views.iter().enumerate() {
            for row in 0..view.rows {
                key.clear();
                self.walk.index.encode_row(&mut key, view.columns(), row);
                if self.walk.span.contains(&key) && self.walk.index.holds(view.columns(), row) {
                    rows.push((key.clone(), v as u32, row as u32));
                }
            }
        }
        rows.sort_unstable();
        if let Place::Behind(key, ordinal) = behind {
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
