//! The hot segment: the newest rows of one table, in memory, in the order they were committed.
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
//! A row is appended by `apply` with the lsn that created it, and marked with the lsn that
//! deleted it ([`LIVE`] until then). An update is a mark and an append. The primary part maps a
//! key to its newest row here, and each row to the older version of the same key.
//!
//! One thread appends and marks at a time (the one that holds the store's apply lock); any number
//! read. A scan takes the sealed chunks by reference and copies the tail ([`HotSegment::views`]),
//! so it never holds the lock while it works.
//!
//! When the tail is full, versions in it that no snapshot can reach are dropped before it is
//! sealed; a counter updated a thousand times a second therefore never fills a chunk.
//!
//! # Invariants
//!
//! 1. Sealed chunks hold exactly [`CHUNK_ROWS`] rows, so `ordinal / CHUNK_ROWS` is the chunk.
//! 2. Ordinals of sealed rows never change; ordinals of the tail change only when it is pruned,
//!    and never after [`HotSegment::freeze`].
//! 3. A row is visible to snapshot S when `created ≤ S` and not `deleted ≤ S` (design rule 1);
//!    [`visible`] is the one place that says so for hot rows.
//!
//! # Limits
//!
//! 2³² − 1 rows. Dead rows in sealed chunks keep their memory until the flush.

use crate::Lsn;
use crate::error::Result;
use crate::index::{HotPart, Part, primary::PrimaryHot};
use crate::value::{Column, ColumnBuilder, Type, Value};
use crate::world::sync::RwLock;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// Rows of a sealed chunk.
pub const CHUNK_ROWS: usize = 1024;

/// The `deleted` lsn of a row that is not deleted.
pub const LIVE: Lsn = Lsn::MAX;

/// The tail is pruned when at least one in so many of its rows can go; otherwise it is sealed as it is.
const PRUNE_SHARE: usize = 4;

/// Bytes that a row takes beside its values: two lsns and its entry in the primary part.
const ROW_OVERHEAD: usize = 16 + 32;

/// Design rule 1.
pub fn visible(created: Lsn, deleted: Lsn, snapshot: Lsn) -> bool {
    created <= snapshot && deleted > snapshot
}

/// The newest rows of one table, in memory.
pub struct HotSegment {
    id: u32,
    types: Vec<Type>,
    state: RwLock<State>,
}

struct State {
    chunks: Vec<Arc<Chunk>>,
    tail: Tail,
    primary: PrimaryHot,
    /// Bytes of the sealed chunks.
    sealed_memory: usize,
    /// Frozen: marks are logged for the flush that is turning this segment into a cold one.
    frozen: bool,
    late_marks: Vec<(Lsn, u32)>,
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

/// What a key probe found.
#[derive(Debug, PartialEq)]
pub enum Found {
    /// The visible version is here.
    Visible,
    /// The newest version the snapshot knows of is here and deleted: no other segment needs to be asked.
    Deleted,
    /// Nothing is known of that key here.
    Absent,
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
}

enum Source {
    Sealed(Arc<Chunk>),
    Tail { columns: Vec<Column>, created: Vec<Lsn>, deleted: Vec<Lsn> },
}

impl HotSegment {
    /// An empty segment for rows of these types, identified by the columns `key`.
    pub fn new(id: u32, types: Vec<Type>, key: Vec<usize>) -> Self {
        let state = State {
            chunks: Vec::new(),
            tail: Tail::new(&types),
            primary: PrimaryHot::new(key),
            sealed_memory: 0,
            frozen: false,
            late_marks: Vec::new(),
        };
        HotSegment { id, types, state: RwLock::new(state) }
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// How many rows, all versions counted.
    pub fn rows(&self) -> usize {
        self.state.read().rows()
    }

    /// Bytes held.
    pub fn memory(&self) -> usize {
        let state = self.state.read();
        let tail: usize = state.tail.columns.iter().map(ColumnBuilder::memory).sum();
        state.sealed_memory + tail + state.tail.created.capacity() * 16 + state.primary.memory()
    }

    /// Adds rows that the record `lsn` created. `reachable(created, deleted)` says whether some snapshot
    /// can still see a version; those that none can see may be dropped. Returns about how many bytes it took.
    pub fn append(
        &self,
        lsn: Lsn,
        columns: &[Column],
        reachable: &dyn Fn(Lsn, Lsn) -> bool,
    ) -> Result<usize> {
        let rows = columns.first().map_or(0, Column::len);
        let mut state = self.state.write();
        let mut at = 0;
        while at < rows {
            if state.tail.created.len() == CHUNK_ROWS {
                state.make_room(&self.types, reachable);
            }
            let take = (CHUNK_ROWS - state.tail.created.len()).min(rows - at);
            let part: Vec<Column> = match (at, take == rows) {
                (0, true) => columns.to_vec(),
                _ => columns.iter().map(|c| c.slice(at, take)).collect(),
            };
            let first = state.rows() as u32;
            state.primary.insert(first, &part)?;
            for (builder, column) in state.tail.columns.iter_mut().zip(&part) {
                builder.append(column, None);
            }
            state.tail.created.extend(std::iter::repeat_n(lsn, take));
            state.tail.deleted.extend(std::iter::repeat_n(LIVE, take));
            at += take;
        }
        Ok(columns.iter().map(Column::weight).sum::<usize>() + rows * ROW_OVERHEAD)
    }

    /// Marks the newest version of a key as deleted by the record `lsn`. False if there is none that lives.
    pub fn mark(&self, lsn: Lsn, key: &[u8]) -> bool {
        let mut state = self.state.write();
        let Some(ordinal) = state.primary.newest(key) else { return false };
        if state.version(ordinal).deleted != LIVE {
            return false;
        }
        state.set_deleted(ordinal, lsn);
        if state.frozen {
            state.late_marks.push((lsn, ordinal));
        }
        true
    }

    /// The newest version of a key here.
    pub fn newest(&self, key: &[u8]) -> Option<Version> {
        let state = self.state.read();
        let ordinal = state.primary.newest(key)?;
        Some(state.version(ordinal))
    }

    /// The newest version of a key that a snapshot knows of, deleted or not.
    pub fn seen(&self, key: &[u8], snapshot: Lsn) -> Option<Version> {
        let state = self.state.read();
        let mut next = state.primary.newest(key);
        while let Some(ordinal) = next {
            let version = state.version(ordinal);
            if version.created <= snapshot {
                return Some(version);
            }
            next = state.primary.older(ordinal);
        }
        None
    }

    /// The version of a key that a snapshot sees; its wanted columns are added to `out`.
    pub fn get(&self, key: &[u8], snapshot: Lsn, columns: &[usize], out: &mut Vec<Value>) -> Found {
        let state = self.state.read();
        let mut next = state.primary.newest(key);
        while let Some(ordinal) = next {
            let version = state.version(ordinal);
            if version.created <= snapshot {
                if version.deleted <= snapshot {
                    return Found::Deleted;
                }
                out.extend(columns.iter().map(|&c| state.value(ordinal, c)));
                return Found::Visible;
            }
            next = state.primary.older(ordinal);
        }
        Found::Absent
    }

    /// All rows as they stand now: the sealed chunks by reference, of the tail a copy of the wanted columns
    /// (the others are left empty).
    pub fn views(&self, wanted: &[usize]) -> Vec<HotView> {
        let state = self.state.read();
        let mut views: Vec<HotView> = state
            .chunks
            .iter()
            .enumerate()
            .map(|(i, chunk)| HotView {
                base: (i * CHUNK_ROWS) as u32,
                rows: CHUNK_ROWS,
                source: Source::Sealed(Arc::clone(chunk)),
            })
            .collect();
        let tail = &state.tail;
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
            let base = (state.chunks.len() * CHUNK_ROWS) as u32;
            views.push(HotView { base, rows: tail.created.len(), source });
        }
        views
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
    fn rows(&self) -> usize {
        self.chunks.len() * CHUNK_ROWS + self.tail.created.len()
    }

    fn version(&self, ordinal: u32) -> Version {
        let (chunk, row) = (ordinal as usize / CHUNK_ROWS, ordinal as usize % CHUNK_ROWS);
        let (created, deleted) = match self.chunks.get(chunk) {
            Some(chunk) => (chunk.created[row], chunk.deleted[row].load(Ordering::Acquire)),
            None => (self.tail.created[row], self.tail.deleted[row]),
        };
        Version { ordinal, created, deleted }
    }

    fn value(&self, ordinal: u32, column: usize) -> Value {
        let (chunk, row) = (ordinal as usize / CHUNK_ROWS, ordinal as usize % CHUNK_ROWS);
        match self.chunks.get(chunk) {
            Some(chunk) => chunk.columns[column].value(row),
            None => self.tail.columns[column].value(row),
        }
    }

    fn set_deleted(&mut self, ordinal: u32, lsn: Lsn) {
        let (chunk, row) = (ordinal as usize / CHUNK_ROWS, ordinal as usize % CHUNK_ROWS);
        match self.chunks.get(chunk) {
            Some(chunk) => {
                chunk.deleted[row].store(lsn, Ordering::Release);
                chunk.marks.fetch_add(1, Ordering::Release);
            }
            None => self.tail.deleted[row] = lsn,
        }
    }

    /// Makes room in a full tail: drops what no snapshot reaches, or seals it.
    fn make_room(&mut self, types: &[Type], reachable: &dyn Fn(Lsn, Lsn) -> bool) {
        let tail = &self.tail;
        let keep: Vec<bool> = (0..CHUNK_ROWS)
            .map(|i| tail.deleted[i] == LIVE || reachable(tail.created[i], tail.deleted[i]))
            .collect();
        let gone = keep.iter().filter(|k| !**k).count();
        if gone * PRUNE_SHARE >= CHUNK_ROWS && !self.frozen {
            self.prune(types, &keep);
        } else {
            self.seal(types);
        }
    }

    fn prune(&mut self, types: &[Type], keep: &[bool]) {
        let first = (self.chunks.len() * CHUNK_ROWS) as u32;
        self.primary.retain_from(first, keep);
        let rows: Vec<u32> = (0..keep.len() as u32).filter(|&i| keep[i as usize]).collect();
        let old = std::mem::replace(&mut self.tail, Tail::new(types));
        for (new, old) in self.tail.columns.iter_mut().zip(old.columns) {
            new.append(&old.finish(), Some(&rows));
        }
        self.tail.created = rows.iter().map(|&i| old.created[i as usize]).collect();
        self.tail.deleted = rows.iter().map(|&i| old.deleted[i as usize]).collect();
    }

    fn seal(&mut self, types: &[Type]) {
        let tail = std::mem::replace(&mut self.tail, Tail::new(types));
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
}

impl HotView {
    /// One row that every snapshot sees.
    pub fn single(ordinal: u32, columns: Vec<Column>) -> Self {
        HotView {
            base: ordinal,
            rows: 1,
            source: Source::Tail { columns, created: vec![0], deleted: vec![LIVE] },
        }
    }

    /// The columns. Those of the tail that were not wanted are empty.
    pub fn columns(&self) -> &[Column] {
        match &self.source {
            Source::Sealed(chunk) => &chunk.columns,
            Source::Tail { columns, .. } => columns,
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
        if let Source::Sealed(chunk) = &self.source {
            if chunk.created_max <= snapshot && chunk.marks.load(Ordering::Acquire) == 0 {
                return None;
            }
        }
        let seen = (0..self.rows as u32)
            .filter(|&i| visible(self.created(i as usize), self.deleted(i as usize), snapshot));
        let seen: Vec<u32> = seen.collect();
        (seen.len() < self.rows).then_some(seen)
    }
}
