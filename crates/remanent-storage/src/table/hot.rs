//! The hot segment of a table: the newest rows with the parts of its indexes beside them.
//!
//! One thread appends and marks at a time (the one that holds the store's apply lock); any number read. The
//! primary part maps a key to its newest row here, and each row to the older version of the same key, so a
//! snapshot finds its version by walking back:
//!
//! ```text
//!   key 7 ─→ row 41 (created 90, live) ─→ row 12 (created 30, deleted 90) ─→ none
//!   snapshot 95 sees row 41; snapshot 60 sees row 12; snapshot 20 sees nothing here
//! ```
//!
//! A frozen segment gets no more rows and is never pruned; marks set on it are also kept in a list for the
//! flush that turns it into a cold one.

use crate::Lsn;
use crate::error::Result;
use crate::index::primary::PrimaryHot;
use crate::index::{self, HotPart, IndexDef, IndexId, KeySpan, PRIMARY, Part, Place};
use crate::segment::deletes::RowSet;
use crate::segment::hot::{CHUNK_ROWS, HotRows, HotView, LIVE, Version};
use crate::segment::shape::{Held, Lens, Shape};
use crate::table::{IndexProbe, Named};
use crate::value::{Column, Key, Type, Value};
use crate::world::sync::RwLock;
use std::sync::Arc;

/// Bytes that a row takes beside its values: two lsns and its entry in the primary part.
pub const ROW_OVERHEAD: usize = 16 + 32;
/// Bytes that a row takes in the part of a secondary index, about.
const INDEX_ROW: usize = 96;
/// So many rows are copied one by one rather than with all the tail.
const FEW_ROWS: usize = 16;

/// The newest rows of one table and the parts of its indexes.
///
/// A handle: of a table that has got columns there are several, each of which counts columns as its shape does.
pub struct HotSegment {
    id: u32,
    state: Arc<RwLock<State>>,
    /// The shape of its rows.
    shape: Arc<Shape>,
    /// The shape that it is seen through, and where the rows have its columns; None: theirs.
    seen: Option<(Arc<Shape>, Lens)>,
}

struct State {
    rows: HotRows,
    primary: PrimaryHot,
    /// Parts of the other indexes.
    parts: Vec<(Arc<IndexDef>, Box<dyn HotPart>)>,
    /// How often rows of the tail were dropped, and the others numbered anew.
    prunes: u64,
    /// Bytes that the rows of the tail were counted as.
    tail: usize,
    frozen: bool,
    late_marks: Vec<(Lsn, u32)>,
}

/// What a key probe found.
#[derive(Debug, PartialEq)]
pub enum Found {
    /// The visible version is here.
    Visible,
    /// The newest version that the snapshot knows of here is deleted, by that record: no older segment needs to be
    /// asked, but the row may have come back with a segment that a transaction brought along.
    Deleted(Lsn),
    /// Nothing is known of that key here.
    Absent,
}

impl HotSegment {
    /// An empty segment for rows of these types, identified by the columns `key`, with parts of these indexes.
    pub fn new(id: u32, shape: &Arc<Shape>, key: Vec<usize>, indexes: &[Arc<IndexDef>]) -> Self {
        // A kind that is not known has no part, and so is not used.
        let part = |def: &Arc<IndexDef>| Some((Arc::clone(def), index::kind(&def.kind).ok()?.hot(def)));
        let state = State {
            rows: HotRows::new(shape.types().to_vec()),
            primary: PrimaryHot::new(key),
            parts: indexes.iter().filter_map(part).collect(),
            prunes: 0,
            tail: 0,
            frozen: false,
            late_marks: Vec::new(),
        };
        HotSegment { id, state: Arc::new(RwLock::new(state)), shape: Arc::clone(shape), seen: None }
    }

    /// The same segment, seen through another shape.
    pub fn seen_by(&self, shape: &Arc<Shape>) -> Self {
        let lens = shape.lens(self.shape.numbers(), self.shape.types().len());
        let seen = lens.map(|lens| (Arc::clone(shape), lens));
        HotSegment { id: self.id, state: Arc::clone(&self.state), shape: Arc::clone(&self.shape), seen }
    }

    /// The shape of its rows, however it is seen.
    pub fn shape(&self) -> &Arc<Shape> {
        &self.shape
    }

    /// The same segment as its rows are.
    pub fn plain(&self) -> Self {
        self.seen_by(&self.shape)
    }

    /// Where rows have these columns, all of which they have.
    pub fn places(&self, columns: &[usize]) -> Vec<usize> {
        self.held(columns)
    }

    /// Where rows have wanted columns: those that they have at all.
    fn held(&self, wanted: &[usize]) -> Vec<usize> {
        let Some((_, lens)) = &self.seen else { return wanted.to_vec() };
        let held = wanted.iter().filter_map(|&column| match lens.get(column) {
            Some(Held::At(at)) => Some(*at),
            _ => None,
        });
        held.collect()
    }

    fn show(&self, view: HotView, wanted: &[usize]) -> HotView {
        match &self.seen {
            Some((shape, lens)) => view.seen_by(shape, lens, wanted),
            None => view,
        }
    }

    fn views_of(&self, rows: &HotRows, wanted: &[usize]) -> Vec<HotView> {
        if self.seen.is_none() {
            return rows.views(wanted);
        }
        let views = rows.views(&self.held(wanted));
        views.into_iter().map(|view| self.show(view, wanted)).collect()
    }

    fn value_of(&self, rows: &HotRows, ordinal: u32, column: usize) -> Value {
        let Some((shape, lens)) = &self.seen else { return rows.value(ordinal, column) };
        match lens.get(column) {
            Some(Held::At(at)) => rows.value(ordinal, *at),
            _ => shape.missing(column).cloned().unwrap_or(Value::Null),
        }
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// How many rows, all versions counted.
    pub fn rows(&self) -> usize {
        self.state.read().rows.len()
    }

    /// How many rows, all versions counted, and how many of them are deleted.
    pub fn marked(&self) -> (usize, usize) {
        let state = self.state.read();
        (state.rows.len(), state.rows.marked())
    }

    /// Bytes held.
    pub fn memory(&self) -> usize {
        let state = self.state.read();
        state.rows.memory() + state.primary.memory() + state.part_memory()
    }

    /// Adds rows that the record `lsn` created. `reachable(created, deleted)` says whether some snapshot
    /// can still see a version; those that none can see may be dropped. Returns about how many bytes the rows take,
    /// and how many were dropped.
    pub fn append(
        &self,
        lsn: Lsn,
        columns: &[Column],
        reachable: &dyn Fn(Lsn, Lsn) -> bool,
    ) -> Result<(usize, usize)> {
        let rows = columns.first().map_or(0, Column::len);
        let mut bytes = columns.iter().map(Column::weight).sum::<usize>() + rows * ROW_OVERHEAD;
        let mut guard = self.state.write();
        bytes += guard.parts.len() * rows * INDEX_ROW;
        let (mut at, mut dropped) = (0, 0);
        while at < rows {
            dropped += guard.make_room(reachable);
            let State { rows: hot, primary, parts, tail, .. } = &mut *guard;
            let take = hot.room().min(rows - at);
            let first = hot.len() as u32;
            let some: Vec<Column>;
            let taken = match take == rows {
                true => columns,
                false => {
                    some = columns.iter().map(|c| c.slice(at, take)).collect();
                    &some
                }
            };
            primary.insert(first, taken)?;
            parts.iter_mut().try_for_each(|(_, part)| part.insert(first, taken))?;
            hot.append(lsn, taken);
            *tail += bytes * take / rows;
            at += take;
        }
        Ok((bytes, dropped))
    }

    /// As [`append`](Self::append) for one row, a value for each column, with its key and about how many bytes it takes.
    pub fn append_row(
        &self,
        lsn: Lsn,
        key: &[u8],
        row: &[Value],
        bytes: usize,
        reachable: &dyn Fn(Lsn, Lsn) -> bool,
    ) -> Result<(usize, usize)> {
        let mut guard = self.state.write();
        if !guard.parts.is_empty() {
            let column = |(&ty, value): (&Type, &Value)| Column::from_values(ty, [value.clone()]);
            let columns: Result<Vec<Column>> = guard.rows.types().iter().zip(row).map(column).collect();
            drop(guard);
            return self.append(lsn, &columns?, reachable);
        }
        let dropped = guard.make_room(reachable);
        guard.rows.append_row(lsn, row)?;
        guard.primary.insert_key(key);
        guard.tail += bytes;
        Ok((bytes, dropped))
    }

    /// Marks the newest version of a key as deleted by the record `lsn`. False if there is none that lives.
    pub fn mark(&self, lsn: Lsn, key: &[u8]) -> bool {
        let mut state = self.state.write();
        let Some(ordinal) = state.primary.newest(key) else { return false };
        if state.rows.version(ordinal).deleted != LIVE {
            return false;
        }
        state.rows.set_deleted(ordinal, lsn);
        if state.frozen {
            state.late_marks.push((lsn, ordinal));
        }
        true
    }

    /// Marks rows as deleted by the record `lsn`; those that are already keep their mark.
    pub fn mark_rows(&self, lsn: Lsn, rows: &RowSet) {
        let mut state = self.state.write();
        let len = state.rows.len() as u32;
        rows.range(0..len).for_each(|ordinal| state.mark(lsn, ordinal));
    }

    /// Marks those rows that lived in the last chunk when it began with the row `first`, and of whose value of a column and
    /// maker `takes` holds: since then they may have been numbered anew, but none has left these places.
    pub fn mark_last(&self, lsn: Lsn, first: u32, column: usize, takes: &dyn Fn(&Value, Lsn) -> bool) {
        let mut state = self.state.write();
        let end = state.rows.len().min(first as usize + CHUNK_ROWS) as u32;
        for ordinal in first..end {
            let created = state.rows.version(ordinal).created;
            if takes(&self.value_of(&state.rows, ordinal, column), created) {
                state.mark(lsn, ordinal);
            }
        }
    }

    /// The newest version of a key here.
    pub fn newest(&self, key: &[u8]) -> Option<Version> {
        let state = self.state.read();
        let ordinal = state.primary.newest(key)?;
        Some(state.rows.version(ordinal))
    }

    /// The newest version of a key that a snapshot knows of, deleted or not.
    pub fn seen(&self, key: &[u8], snapshot: Lsn) -> Option<Version> {
        self.state.read().seen(key, snapshot)
    }

    /// The version of a key that a snapshot sees; its wanted columns are added to `out`.
    pub fn get(&self, key: &[u8], snapshot: Lsn, columns: &[usize], out: &mut Vec<Value>) -> Found {
        let state = self.state.read();
        match state.seen(key, snapshot) {
            None => Found::Absent,
            Some(version) if version.deleted <= snapshot => Found::Deleted(version.deleted),
            Some(version) => {
                out.extend(columns.iter().map(|&c| self.value_of(&state.rows, version.ordinal, c)));
                Found::Visible
            }
        }
    }

    /// All rows as they stand now: the sealed chunks by reference, of the tail a copy of the wanted columns
    /// (the others are left empty).
    pub fn views(&self, wanted: &[usize]) -> Vec<HotView> {
        self.views_of(&self.state.read().rows, wanted)
    }

    /// Gives it a part of an index, unless it has one: of all rows that are there, which must not change meanwhile. Only under
    /// the store's apply lock, or where nobody else writes in the table.
    /// Returns about how many bytes that takes.
    pub fn add_index(&self, def: &Arc<IndexDef>) -> Result<usize> {
        let mut part = index::kind(&def.kind)?.hot(def);
        loop {
            if self.has_index(def.id) {
                return Ok(0);
            }
            let (views, prunes) = {
                let state = self.state.read();
                (self.views_of(&state.rows, &def.read().collect::<Vec<_>>()), state.prunes)
            };
            part.truncate(0);
            let mut rows = 0;
            for view in &views {
                part.insert(view.base, view.columns())?;
                rows = view.base as usize + view.rows;
            }
            let mut state = self.state.write();
            if state.prunes == prunes && state.rows.len() == rows {
                state.parts.push((Arc::clone(def), part));
                return Ok(rows * INDEX_ROW);
            }
        }
    }

    /// Forgets the part of an index.
    pub fn drop_index(&self, id: IndexId) {
        self.state.write().parts.retain(|(def, _)| def.id != id);
    }

    /// True if it has a part of an index.
    pub fn has_index(&self, id: IndexId) -> bool {
        self.state.read().parts.iter().any(|(def, _)| def.id == id)
    }

    /// Looks into the part of an index; None where there is none.
    pub fn with_index<T>(&self, id: IndexId, look: &mut dyn FnMut(&dyn HotPart) -> T) -> Option<T> {
        let state = self.state.read();
        state.part(id).map(look)
    }

    /// The rows with a key of an index that nobody has deleted: ordinals and primary keys. None where it has no part of that
    /// index.
    pub fn living(&self, id: IndexId, key: &[u8]) -> Result<Option<Vec<(u32, Key)>>> {
        let state = self.state.read();
        let Some(part) = state.part(id) else { return Ok(None) };
        let mut rows = Vec::new();
        part.ordered(&KeySpan::prefixed(key.to_vec()), false, &mut Place::Start, &mut rows, usize::MAX)?;
        rows.retain(|&row| state.rows.version(row).deleted == LIVE);
        Ok(Some(rows.into_iter().map(|row| (row, Key(state.primary.key(row).into()))).collect()))
    }

    /// The rows as [`views`](Self::views) gives them, and which of them are among those of each probe; where they are few, only
    /// those. Without parts of the indexes: all rows.
    pub fn views_within(&self, wanted: &[usize], probes: &[IndexProbe]) -> Result<(Vec<HotView>, Named)> {
        let state = self.state.read();
        let all = IndexProbe::common(probes, &mut |probe| {
            state.part(probe.index.id).map_or(Ok(None), |part| probe.rows(part))
        });
        let mut all = all?;
        if let Some(rows) = all.rows.take_if(|rows| rows.len() <= FEW_ROWS as u64) {
            let held = self.held(wanted);
            let view = |row| self.show(state.rows.view_of(row, &held), wanted);
            return Ok((rows.iter().map(view).collect(), all));
        }
        Ok((self.views_of(&state.rows, wanted), all))
    }

    /// All rows as they stand now, and how often rows were numbered anew before.
    pub fn numbered_views(&self, wanted: &[usize]) -> (Vec<HotView>, u64) {
        let state = self.state.read();
        (self.views_of(&state.rows, wanted), state.prunes)
    }

    /// All rows as they stand now, chunk by chunk, each with its least and its greatest primary key.
    pub fn spread_views(&self, wanted: &[usize]) -> Vec<(HotView, Vec<u8>, Vec<u8>)> {
        let state = self.state.read();
        let spread = |view: HotView| {
            let (least, greatest) = state.primary.spread(view.base as usize / CHUNK_ROWS)?;
            Some((view, least.to_vec(), greatest.to_vec()))
        };
        self.views_of(&state.rows, wanted).into_iter().filter_map(spread).collect()
    }

    /// More rows of a walk over an index, as [`Part::ordered`]; None where it has no part of that index, or rows were numbered
    /// anew since that was done `prunes` times.
    pub fn ordered(
        &self,
        id: IndexId,
        prunes: u64,
        walk: &mut dyn FnMut(&dyn HotPart) -> Result<bool>,
    ) -> Result<Option<bool>> {
        let state = self.state.read();
        match state.part(id).filter(|_| state.prunes == prunes) {
            Some(part) => walk(part).map(Some),
            None => Ok(None),
        }
    }

    /// No more rows come; marks from now on are also kept for [`take_late_marks`](Self::take_late_marks).
    pub fn freeze(&self) {
        self.state.write().frozen = true;
    }

    /// The marks set since it was frozen or last asked, oldest first.
    pub fn take_late_marks(&self) -> Vec<(Lsn, u32)> {
        std::mem::take(&mut self.state.write().late_marks)
    }
}

impl State {
    /// Makes room for at least one row; about how many bytes of rows that nobody can see any more that dropped.
    fn make_room(&mut self, reachable: &dyn Fn(Lsn, Lsn) -> bool) -> usize {
        if self.rows.room() > 0 {
            return 0;
        }
        let counted = std::mem::take(&mut self.tail);
        let Some(pruned) = self.rows.make_room(reachable) else { return 0 };
        self.primary.retain_from(pruned.first, &pruned.keep);
        self.parts.iter_mut().for_each(|(_, part)| part.retain_from(pruned.first, &pruned.keep));
        self.prunes += 1;
        let kept = pruned.keep.iter().filter(|keep| **keep).count();
        self.tail = counted * kept / pruned.keep.len().max(1);
        counted - self.tail
    }

    /// Marks a row, unless it is marked already.
    fn mark(&mut self, lsn: Lsn, ordinal: u32) {
        if self.rows.version(ordinal).deleted == LIVE {
            self.rows.set_deleted(ordinal, lsn);
            if self.frozen {
                self.late_marks.push((lsn, ordinal));
            }
        }
    }

    fn part(&self, id: IndexId) -> Option<&dyn HotPart> {
        if id == PRIMARY {
            return Some(&self.primary);
        }
        self.parts.iter().find(|(def, _)| def.id == id).map(|(_, part)| part.as_ref())
    }

    fn part_memory(&self) -> usize {
        self.parts.iter().map(|(_, part)| part.memory()).sum()
    }

    fn seen(&self, key: &[u8], snapshot: Lsn) -> Option<Version> {
        let mut next = self.primary.newest(key);
        while let Some(ordinal) = next {
            let version = self.rows.version(ordinal);
            if version.created <= snapshot {
                return Some(version);
            }
            next = self.primary.older(ordinal);
        }
        None
    }
}
