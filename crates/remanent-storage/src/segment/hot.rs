//! Hot rows: the newest rows of one table, in memory, in the order they were committed.
//!
//! # Model
//!
//! ```text
//!   ordinal   0 ──────────── 1023   1024 ───────── 2047   2048 … 2051
//!             sealed chunk 0        sealed chunk 1        tail (≤ 1,024 rows)
//!   columns   Arc, immutable        Arc, immutable        builders
//!   created   lsn per row           lsn per row           lsn per row
//!   deleted   atomic lsn per row    atomic lsn per row    lsn per row
//! ```
//!
//! A row is appended with the lsn that created it, and marked with the lsn that deleted it ([`LIVE`] until
//! then). An update is a mark and an append. `table::hot` puts the parts of the indexes beside the rows, and a
//! lock around both.
//!
//! A scan takes the sealed chunks by reference and copies the tail ([`HotRows::views`]), so it never holds that
//! lock while it works.
//!
//! When the tail is full, versions in it that no snapshot can reach are dropped before it is
//! sealed; a counter updated a thousand times a second therefore never fills a chunk.
//!
//! # Invariants
//!
//! 1. Sealed chunks hold exactly [`CHUNK_ROWS`] rows, so `ordinal / CHUNK_ROWS` is the chunk.
//! 2. Ordinals of sealed rows never change; ordinals of the tail change only when it is pruned
//!    ([`HotRows::make_room`]), which the owner never asks of a frozen segment.
//! 3. A row is visible to snapshot S when `created ≤ S` and not `deleted ≤ S` (design rule 1);
//!    [`visible`] is the one place that says so for hot rows.
//!
//! # Limits
//!
//! 2³² − 1 rows. Dead rows in sealed chunks keep their memory until the flush.

use crate::Lsn;
use crate::error::Result;
use crate::segment::shape::{self, Held, Shape};
use crate::value::{Column, ColumnBuilder, Type, Value};
use crate::world::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::Arc;

/// Rows of a sealed chunk.
pub const CHUNK_ROWS: usize = 1024;

/// The `deleted` lsn of a row that is not deleted.
pub const LIVE: Lsn = Lsn::MAX;

/// The tail is pruned when at least one in so many of its rows can go; otherwise it is sealed as it is.
const PRUNE_SHARE: usize = 4;

/// Design rule 1.
pub fn visible(created: Lsn, deleted: Lsn, snapshot: Lsn) -> bool {
    created <= snapshot && deleted > snapshot
}

/// The newest rows of one table, in memory.
pub struct HotRows {
    types: Vec<Type>,
    chunks: Vec<Arc<Chunk>>,
    tail: Tail,
    /// Bytes of the sealed chunks.
    sealed_memory: usize,
}

/// Rows of the tail that were dropped: from `first` on, those whose `keep` is false. The others are numbered anew
/// without gaps.
pub struct Pruned {
    /// The ordinal of the tail's first row.
    pub first: u32,
    /// Per row of the tail as it was.
    pub keep: Vec<bool>,
}

struct Chunk {
    columns: Vec<Column>,
    created: Vec<Lsn>,
    created_max: Lsn,
    deleted: Vec<AtomicU64>,
    /// How many rows are marked deleted.
    marks: AtomicU32,
}

struct Tail {
    columns: Vec<ColumnBuilder>,
    created: Vec<Lsn>,
    deleted: Vec<Lsn>,
}

impl Tail {
    fn new(types: &[Type]) -> Self {
        Tail {
            columns: types.iter().map(|&t| ColumnBuilder::new(t)).collect(),
            created: Vec::new(),
            deleted: Vec::new(),
        }
    }
}

/// A version of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version {
    /// Where it lies in this segment.
    pub ordinal: u32,
    /// Who made it.
    pub created: Lsn,
    /// Who deleted it; [`LIVE`] if nobody.
    pub deleted: Lsn,
}

/// Up to [`CHUNK_ROWS`] rows of a hot segment, as they stood when the view was taken.
pub struct HotView {
    /// The ordinal of the first row.
    pub base: u32,
    /// How many rows.
    pub rows: usize,
    source: Source,
    /// The columns as a definition sees them; None: as they are.
    seen: Option<Vec<Column>>,
}

enum Source {
    Sealed(Arc<Chunk>),
    Tail { columns: Vec<Column>, created: Vec<Lsn>, deleted: Vec<Lsn> },
}

impl HotRows {
    /// No rows yet.
    pub fn new(types: Vec<Type>) -> Self {
        HotRows { chunks: Vec::new(), tail: Tail::new(&types), sealed_memory: 0, types }
    }

    /// How many rows, all versions counted.
    pub fn len(&self) -> usize {
        self.chunks.len() * CHUNK_ROWS + self.tail.created.len()
    }

    /// True if there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many rows are marked deleted.
    pub fn marked(&self) -> usize {
        let sealed = self.chunks.iter().map(|chunk| chunk.marks.load(Ordering::Acquire) as usize);
        sealed.sum::<usize>() + self.tail.deleted.iter().filter(|&&deleted| deleted != LIVE).count()
    }

    /// Rows that the tail can take before [`make_room`](Self::make_room).
    pub fn room(&self) -> usize {
        CHUNK_ROWS - self.tail.created.len()
    }

    /// Bytes held.
    pub fn memory(&self) -> usize {
        let tail: usize = self.tail.columns.iter().map(ColumnBuilder::memory).sum();
        self.sealed_memory + tail + self.tail.created.capacity() * 16
    }

    /// Adds at most [`room`](Self::room) rows that the record `lsn` created.
    pub fn append(&mut self, lsn: Lsn, columns: &[Column]) {
        let rows = columns.first().map_or(0, Column::len);
        assert!(rows <= self.room());
        for (builder, column) in self.tail.columns.iter_mut().zip(columns) {
            builder.append(column, None);
        }
        self.tail.created.extend(std::iter::repeat_n(lsn, rows));
        self.tail.deleted.extend(std::iter::repeat_n(LIVE, rows));
    }

    /// Adds a row that the record `lsn` created, where there is room. An error, and nothing is added, where a value is not of its
    /// column's type.
    pub fn append_row(&mut self, lsn: Lsn, row: &[Value]) -> Result<()> {
        let kept = self.tail.created.len();
        assert!(kept < CHUNK_ROWS && row.len() == self.types.len());
        let columns = &mut self.tail.columns;
        if let Err(e) = columns.iter_mut().zip(row).try_for_each(|(builder, value)| builder.push(value)) {
            columns.iter_mut().for_each(|builder| builder.truncate(kept));
            return Err(e);
        }
        self.tail.created.push(lsn);
        self.tail.deleted.push(LIVE);
        Ok(())
    }

    /// The types of its columns.
    pub fn types(&self) -> &[Type] {
        &self.types
    }

    /// A row's lsns.
    pub fn version(&self, ordinal: u32) -> Version {
        let (chunk, row) = (ordinal as usize / CHUNK_ROWS, ordinal as usize % CHUNK_ROWS);
        let (created, deleted) = match self.chunks.get(chunk) {
            Some(chunk) => (chunk.created[row], chunk.deleted[row].load(Ordering::Acquire)),
            None => (self.tail.created[row], self.tail.deleted[row]),
        };
        Version { ordinal, created, deleted }
    }

    /// One value of a row.
    pub fn value(&self, ordinal: u32, column: usize) -> Value {
        let (chunk, row) = (ordinal as usize / CHUNK_ROWS, ordinal as usize % CHUNK_ROWS);
        match self.chunks.get(chunk) {
            Some(chunk) => chunk.columns[column].value(row),
            None => self.tail.columns[column].value(row),
        }
    }

    /// Marks a row as deleted by the record `lsn`.
    pub fn set_deleted(&mut self, ordinal: u32, lsn: Lsn) {
        let (chunk, row) = (ordinal as usize / CHUNK_ROWS, ordinal as usize % CHUNK_ROWS);
        match self.chunks.get(chunk) {
            Some(chunk) => {
                chunk.deleted[row].store(lsn, Ordering::Release);
                chunk.marks.fetch_add(1, Ordering::Release);
            }
            None => self.tail.deleted[row] = lsn,
        }
    }

    /// Makes room in a full tail: where enough of its rows can be seen by nobody (`reachable(created, deleted)` is
    /// false), drops them and says which; otherwise seals it.
    pub fn make_room(&mut self, reachable: &dyn Fn(Lsn, Lsn) -> bool) -> Option<Pruned> {
        let tail = &self.tail;
        let keep: Vec<bool> = (0..tail.created.len())
            .map(|i| tail.deleted[i] == LIVE || reachable(tail.created[i], tail.deleted[i]))
            .collect();
        let gone = keep.iter().filter(|k| !**k).count();
        if gone * PRUNE_SHARE < CHUNK_ROWS {
            self.seal();
            return None;
        }
        let first = (self.chunks.len() * CHUNK_ROWS) as u32;
        self.prune(&keep);
        Some(Pruned { first, keep })
    }

    fn prune(&mut self, keep: &[bool]) {
        let rows: Vec<u32> = (0..keep.len() as u32).filter(|&i| keep[i as usize]).collect();
        let old = std::mem::replace(&mut self.tail, Tail::new(&self.types));
        for (new, old) in self.tail.columns.iter_mut().zip(old.columns) {
            new.append(&old.finish(), Some(&rows));
        }
        self.tail.created = rows.iter().map(|&i| old.created[i as usize]).collect();
        self.tail.deleted = rows.iter().map(|&i| old.deleted[i as usize]).collect();
    }

    fn seal(&mut self) {
        let tail = std::mem::replace(&mut self.tail, Tail::new(&self.types));
        let columns: Vec<Column> = tail.columns.into_iter().map(ColumnBuilder::finish).collect();
        let marks = tail.deleted.iter().filter(|&&d| d != LIVE).count() as u32;
        self.sealed_memory += columns.iter().map(Column::memory).sum::<usize>() + CHUNK_ROWS * 16;
        self.chunks.push(Arc::new(Chunk {
            columns,
            created_max: tail.created.iter().copied().max().unwrap_or(0),
            created: tail.created,
            deleted: tail.deleted.into_iter().map(AtomicU64::new).collect(),
            marks: AtomicU32::new(marks),
        }));
    }

    /// One row as it stands now, with the wanted columns.
    pub fn view_of(&self, ordinal: u32, wanted: &[usize]) -> HotView {
        let Version { created, deleted, .. } = self.version(ordinal);
        let value = |i: usize| match wanted.contains(&i) {
            true => Column::from_values(self.types[i], [self.value(ordinal, i)]).ok(),
            false => None,
        };
        let columns = (0..self.types.len())
            .map(|i| value(i).unwrap_or_else(|| ColumnBuilder::new(self.types[i]).finish()))
            .collect();
        let source = Source::Tail { columns, created: vec![created], deleted: vec![deleted] };
        HotView { base: ordinal, rows: 1, source, seen: None }
    }

    /// All rows as they stand now: the sealed chunks by reference, of the tail a copy of the wanted columns
    /// (the others are left empty).
    pub fn views(&self, wanted: &[usize]) -> Vec<HotView> {
        let sealed = self.chunks.iter().enumerate().map(|(i, chunk)| HotView {
            base: (i * CHUNK_ROWS) as u32,
            rows: CHUNK_ROWS,
            source: Source::Sealed(Arc::clone(chunk)),
            seen: None,
        });
        let mut views: Vec<HotView> = sealed.collect();
        let tail = &self.tail;
        if !tail.created.is_empty() {
            let copy = |i: usize| match wanted.contains(&i) {
                true => tail.columns[i].snapshot(),
                false => ColumnBuilder::new(self.types[i]).finish(),
            };
            let source = Source::Tail {
                columns: (0..self.types.len()).map(copy).collect(),
                created: tail.created.clone(),
                deleted: tail.deleted.clone(),
            };
            let base = (self.chunks.len() * CHUNK_ROWS) as u32;
            views.push(HotView { base, rows: tail.created.len(), source, seen: None });
        }
        views
    }
}

impl HotView {
    /// One row that every snapshot sees.
    pub fn single(ordinal: u32, columns: Vec<Column>) -> Self {
        HotView {
            base: ordinal,
            rows: 1,
            source: Source::Tail { columns, created: vec![0], deleted: vec![LIVE] },
            seen: None,
        }
    }

    /// The same rows through a shape: where they have its columns is what the lens says.
    pub fn seen_by(mut self, shape: &Shape, lens: &[Held], wanted: &[usize]) -> Self {
        self.seen = Some(shape::seen(shape, lens, self.columns(), self.rows, wanted));
        self
    }

    /// Rows of a transaction itself, which every snapshot sees, but for those not selected.
    pub fn own(base: u32, columns: Vec<Column>, selection: Option<Vec<u32>>) -> Self {
        let rows = columns.first().map_or(0, Column::len);
        let mut deleted = vec![if selection.is_some() { 0 } else { LIVE }; rows];
        for row in selection.into_iter().flatten() {
            if let Some(deleted) = deleted.get_mut(row as usize) {
                *deleted = LIVE;
            }
        }
        HotView { base, rows, source: Source::Tail { columns, created: vec![0; rows], deleted }, seen: None }
    }

    /// The columns. Those of the tail that were not wanted are empty.
    pub fn columns(&self) -> &[Column] {
        match (&self.seen, &self.source) {
            (Some(columns), _) | (None, Source::Tail { columns, .. }) => columns,
            (None, Source::Sealed(chunk)) => &chunk.columns,
        }
    }

    /// Who made row `i` of the view.
    pub fn created(&self, i: usize) -> Lsn {
        match &self.source {
            Source::Sealed(chunk) => chunk.created[i],
            Source::Tail { created, .. } => created[i],
        }
    }

    /// Who deleted row `i` of the view, as far as is known now for a sealed chunk.
    pub fn deleted(&self, i: usize) -> Lsn {
        match &self.source {
            Source::Sealed(chunk) => chunk.deleted[i].load(Ordering::Acquire),
            Source::Tail { deleted, .. } => deleted[i],
        }
    }

    /// The rows a snapshot sees, ascending; None: all of them.
    pub fn visible(&self, snapshot: Lsn) -> Option<Vec<u32>> {
        if let Source::Sealed(chunk) = &self.source
            && chunk.created_max <= snapshot
            && chunk.marks.load(Ordering::Acquire) == 0
        {
            return None;
        }
        let seen = (0..self.rows as u32)
            .filter(|&i| visible(self.created(i as usize), self.deleted(i as usize), snapshot));
        let seen: Vec<u32> = seen.collect();
        (seen.len() < self.rows).then_some(seen)
    }
}
