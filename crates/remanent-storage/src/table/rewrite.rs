//! Writing cold segments: the common work of flush, merge and bulk loads.
//!
//! A source delivers rows in key order, oldest version first within a key ([`SortedRows`]); [`write_segment`]
//! writes them with the part of every index and says where each source row went. [`MemoryRows`] sorts rows
//! that are in memory, [`MergedRows`] merges cold segments. Neither knows of locks or manifests: these are
//! plain functions over immutable inputs (design idea 5).
//!
//! Limits: one target segment of at most 2³² − 1 rows; a merge keeps one vector of each source in memory.

use super::files;
use super::ordinals::OrdinalMap;
use super::version::{ColdHandle, Table};
use crate::Lsn;
use crate::error::{Error, Result, state};
use crate::index::{self, IndexDef, IndexId, MergeSource, PRIMARY, PartWriter};
use crate::segment::blob::{Summary, Tally};
use crate::segment::{Before, ColdSegment, ColdWriter, PageCache, Shape};
use crate::value::key::encode_column_row;
use crate::value::{Column, ColumnBuilder, Type};
use crate::world::{Disk, World};
use std::path::Path;
use std::sync::Arc;

/// Rows of one step of a rewrite, and of a vector in a cold segment.
const STEP_ROWS: usize = 1024;

/// Rows in key order, and which source rows they are.
pub struct SortedBatch {
    /// All stored columns.
    pub columns: Vec<Column>,
    /// Who made each row.
    pub created: Vec<Lsn>,
    /// Each row's source and ordinal there.
    pub origin: Vec<(u32, u32)>,
}

/// Delivers rows in key order, versions of a key oldest first.
pub trait SortedRows {
    /// A map for each source, in which all its rows are gone as yet.
    fn maps(&self) -> Vec<OrdinalMap>;
    /// The next rows, at most 1,024; None at the end.
    fn next(&mut self) -> Result<Option<SortedBatch>>;
    /// What columns the rows have, and where their key is; None: those of the table.
    fn shape(&self) -> Option<(Arc<Shape>, Vec<usize>)> {
        None
    }
    /// The cold segments that are its sources, as [`maps`](SortedRows::maps) counts them, where all are such.
    fn sources(&self) -> Vec<Arc<ColdHandle>> {
        Vec::new()
    }
}

/// A cold segment that was written and synced, and is not yet part of anything.
pub struct Written {
    /// Its number.
    pub id: u32,
    /// Its rows; 0: no file was written.
    pub rows: u32,
    /// The length of its file.
    pub bytes: u64,
    /// Its smallest key.
    pub min_key: Vec<u8>,
    /// Its largest key.
    pub max_key: Vec<u8>,
    /// The lsn of its oldest and newest row.
    pub created: (Lsn, Lsn),
    /// Per source: source ordinal → ordinal here.
    pub maps: Vec<OrdinalMap>,
    /// The large values that its rows name.
    pub blobs: Summary,
    /// The indexes that it has a part of, beside the primary key.
    pub parts: Vec<IndexId>,
}

/// Where a segment is written, and what it will hold.
pub struct Target<'a> {
    /// The outside.
    pub world: &'a World,
    /// The database directory.
    pub dir: &'a Path,
    /// The number of the new segment.
    pub id: u32,
    /// The table.
    pub table: &'a Table,
    /// Pages that the index build reads.
    pub cache: &'a Arc<PageCache>,
    /// True where its size matters more than the time it takes to write.
    pub thorough: bool,
}

/// Writes rows as one cold segment with its index parts, all synced. `step` is called now and then with the bytes so far; an error
/// from it ends the work. On an error the files are removed as far as the disk allows.
pub fn write_segment(
    target: &Target<'_>,
    rows: &mut dyn SortedRows,
    step: &mut dyn FnMut(u64) -> Result<()>,
) -> Result<Written> {
    let indexes = target.table.indexes.get();
    let written = try_write(target, &indexes, rows, step);
    let nothing = matches!(&written, Ok(written) if written.rows == 0);
    if written.is_err() || nothing {
        let parts = indexes.iter().map(|def| def.id).chain([PRIMARY]);
        let paths = parts.map(|part| files::part(target.dir, target.id, part));
        for path in paths.chain([files::segment(target.dir, target.id)]) {
            let _ = target.world.disk.remove(&path);
        }
    }
    written
}

fn try_write(
    target: &Target<'_>,
    indexes: &[Arc<IndexDef>],
    rows: &mut dyn SortedRows,
    step: &mut dyn FnMut(u64) -> Result<()>,
) -> Result<Written> {
    let disk = &target.world.disk;
    let path = files::segment(target.dir, target.id);
    let mut maps = rows.maps();
    let (shape, key_columns) = match rows.shape() {
        Some((shape, key)) => (shape, key),
        None => (Arc::clone(&target.table.shape), target.table.def.key_columns()),
    };
    let writer = ColdWriter::create(disk.as_ref(), &path, shape.types())?
        .owned_by(target.table.def.id)
        .numbered(shape.numbers());
    let writer = if target.thorough { writer.thorough() } else { writer };
    let mut writer = writer.keyed(&key_columns);
    let (mut count, mut min_key, mut max_key) = (0u32, Vec::new(), Vec::new());
    let mut blobs = Tally::default();
    while let Some(batch) = rows.next()? {
        step(writer.written())?;
        for (i, &(source, ordinal)) in batch.origin.iter().enumerate() {
            let map = maps.get_mut(source as usize);
            map.ok_or_else(|| Error::internal("a rewritten row without a source"))?
                .set(ordinal, count + i as u32);
        }
        let last = batch.origin.len().saturating_sub(1);
        if count == 0 {
            key_into(&mut min_key, &batch.columns, &key_columns, 0);
        }
        key_into(&mut max_key, &batch.columns, &key_columns, last);
        blobs.add(&batch.columns);
        writer.append(&batch.columns, &batch.created)?;
        count = count.checked_add(batch.origin.len() as u32).ok_or_else(|| {
            Error::new(state::PROGRAM_LIMIT_EXCEEDED, "a segment would hold more than 2^32 rows")
        })?;
    }
    let (summary, blobs) = (writer.finish()?, blobs.finish());
    if count == 0 {
        return Ok(Written {
            id: target.id,
            rows: 0,
            bytes: 0,
            min_key,
            max_key,
            created: (0, 0),
            maps,
            blobs,
            parts: Vec::new(),
        });
    }
    let created = (summary.created_min, summary.created_max);
    let cache = Arc::clone(target.cache);
    let segment = ColdSegment::shaped(Arc::clone(disk), path, target.id, &shape, count, created, cache);
    let segment = segment.seen_by(&target.table.shape);
    write_part(disk.as_ref(), target.dir, &target.table.def.primary(), &segment)?;
    let mut parts = Vec::new();
    for def in indexes {
        step(summary.bytes)?;
        merge_part(target, def, &rows.sources(), &maps, &segment)?;
        parts.push(def.id);
    }
    let bytes = summary.bytes;
    Ok(Written { id: target.id, rows: count, bytes, min_key, max_key, created, maps, blobs, parts })
}

/// Writes the part of an index for a segment, synced. What an error leaves of it is the caller's to remove.
pub fn write_part(disk: &dyn Disk, dir: &Path, def: &IndexDef, segment: &ColdSegment) -> Result<()> {
    let path = files::part(dir, segment.file_id(), def.id);
    let mut out = PartWriter::create(disk, &path)?.within(segment.work_memory());
    index::kind(&def.kind)?.build(def, segment, &mut out)?;
    out.finish()?;
    Ok(())
}

/// Writes the part of an index for the target of a merge: of the sources' parts, where they have some.
fn merge_part(
    target: &Target<'_>,
    def: &IndexDef,
    sources: &[Arc<ColdHandle>],
    maps: &[OrdinalMap],
    segment: &ColdSegment,
) -> Result<()> {
    let (disk, kind) = (target.world.disk.as_ref(), index::kind(&def.kind)?);
    let handles: Option<Vec<_>> = sources.iter().map(|source| source.parts.get(def.id)).collect();
    let Some(handles) = handles.filter(|handles| !handles.is_empty()) else {
        return write_part(disk, target.dir, def, segment);
    };
    let path = files::part(target.dir, segment.file_id(), def.id);
    let merged = || {
        let mut held = Vec::with_capacity(sources.len());
        for ((source, handle), map) in sources.iter().zip(&handles).zip(maps) {
            let part = Some(handle.open(def, &source.segment)?);
            held.push(MergeSource { part, segment: &source.segment, map });
        }
        let mut out = PartWriter::create(disk, &path)?.within(segment.work_memory());
        kind.merge(def, &held, segment, &mut out)?;
        out.finish().map(drop)
    };
    match merged() {
        // What is damaged of a part is in the rows still.
        Err(e) if e.state() == state::DATA_CORRUPTED => {
            let _ = disk.remove(&path);
            write_part(disk, target.dir, def, segment)
        }
        done => done,
    }
}

fn key_into(out: &mut Vec<u8>, columns: &[Column], key: &[usize], row: usize) {
    out.clear();
    for &k in key {
        encode_column_row(out, &columns[k], row);
    }
}

/// Rows in memory that are to become a cold segment.
pub struct MemoryChunk {
    /// All stored columns.
    pub columns: Vec<Column>,
    /// The source ordinal of the first row.
    pub base: u32,
    /// Per row: who made it, or None where the row is to be dropped.
    pub keep: Vec<Option<Lsn>>,
}

/// Rows in memory in key order.
pub struct MemoryRows {
    chunks: Vec<MemoryChunk>,
    shape: Arc<Shape>,
    key: Vec<usize>,
    rows: u32,
    /// (chunk, row) in key order.
    order: Vec<(u32, u32)>,
    at: usize,
}

impl MemoryRows {
    /// Sorts the rows that are kept, unless they lie in key order already (a time series does).
    pub fn new(chunks: Vec<MemoryChunk>, shape: &Arc<Shape>, key: &[usize]) -> Self {
        let mut order = Vec::new();
        let (mut sorted, mut last, mut this) = (true, Vec::new(), Vec::new());
        for (c, chunk) in chunks.iter().enumerate() {
            for (row, _) in chunk.keep.iter().enumerate().filter(|(_, keep)| keep.is_some()) {
                order.push((c as u32, row as u32));
                if sorted {
                    key_into(&mut this, &chunk.columns, key, row);
                    sorted = last <= this;
                    std::mem::swap(&mut last, &mut this);
                }
            }
        }
        if !sorted {
            let key_of = |&(c, row): &(u32, u32)| {
                let mut bytes = Vec::new();
                key_into(&mut bytes, &chunks[c as usize].columns, key, row as usize);
                bytes.into_boxed_slice()
            };
            // Stable: versions of a key stay in the order they were made.
            order.sort_by_cached_key(key_of);
        }
        let rows = chunks.iter().map(|c| c.base + c.keep.len() as u32).max().unwrap_or(0);
        MemoryRows { chunks, shape: Arc::clone(shape), key: key.to_vec(), rows, order, at: 0 }
    }
}

impl SortedRows for MemoryRows {
    fn shape(&self) -> Option<(Arc<Shape>, Vec<usize>)> {
        Some((Arc::clone(&self.shape), self.key.clone()))
    }

    fn maps(&self) -> Vec<OrdinalMap> {
        vec![OrdinalMap::each(self.rows)]
    }

    fn next(&mut self) -> Result<Option<SortedBatch>> {
        let part = &self.order[self.at..(self.at + STEP_ROWS).min(self.order.len())];
        if part.is_empty() {
            return Ok(None);
        }
        self.at += part.len();
        let mut builders: Vec<ColumnBuilder> =
            self.shape.types().iter().map(|&t| ColumnBuilder::new(t)).collect();
        for run in part.chunk_by(|a, b| a.0 == b.0 && a.1 + 1 == b.1) {
            let chunk = &self.chunks[run[0].0 as usize];
            for (builder, column) in builders.iter_mut().zip(&chunk.columns) {
                builder.append(&column.slice(run[0].1 as usize, run.len()), None);
            }
        }
        let created = part.iter().map(|&(c, r)| self.chunks[c as usize].keep[r as usize].unwrap_or(0));
        Ok(Some(SortedBatch {
            created: created.collect(),
            origin: part.iter().map(|&(c, r)| (0, self.chunks[c as usize].base + r)).collect(),
            columns: builders.into_iter().map(ColumnBuilder::finish).collect(),
        }))
    }
}

/// Says whether a row of a merge's source is kept: (source, ordinal, created).
pub type Keep<'a> = dyn FnMut(usize, u32, Lsn) -> bool + 'a;

/// Cold segments merged by key.
pub struct MergedRows<'a> {
    sources: Vec<Cursor>,
    types: Vec<Type>,
    key: Vec<usize>,
    keep: Box<Keep<'a>>,
}

/// Where a merge stands in one source.
struct Cursor {
    handle: Arc<ColdHandle>,
    vector: u32,
    row: usize,
    columns: Vec<Column>,
    before: Before,
    created: Vec<Lsn>,
    /// The keys of the vector's rows, and where each ends.
    keys: Vec<u8>,
    ends: Vec<u32>,
}

impl Cursor {
    fn load(&mut self, types: usize, key: &[usize]) -> Result<bool> {
        if self.vector >= self.handle.segment.vectors() {
            self.ends.clear();
            return Ok(false);
        }
        let segment = &self.handle.segment;
        self.columns =
            (0..types).map(|c| segment.read_on(c, self.vector, &self.before)).collect::<Result<_>>()?;
        self.created = segment.created(self.vector)?.to_vec();
        self.keys.clear();
        self.ends.clear();
        for row in 0..self.created.len() {
            for &k in key {
                encode_column_row(&mut self.keys, &self.columns[k], row);
            }
            self.ends.push(self.keys.len() as u32);
        }
        self.row = 0;
        Ok(true)
    }

    fn key(&self, row: usize) -> &[u8] {
        let start = if row == 0 { 0 } else { self.ends[row - 1] as usize };
        &self.keys[start..self.ends[row] as usize]
    }

    fn done(&self) -> bool {
        self.ends.is_empty()
    }

    /// The order of the next rows: by key, then by who made them.
    fn head(&self) -> (&[u8], Lsn) {
        (self.key(self.row), self.created[self.row])
    }
}

impl<'a> MergedRows<'a> {
    /// Begins a merge of these segments.
    pub fn new(handles: &[Arc<ColdHandle>], table: &Table, keep: Box<Keep<'a>>) -> Result<Self> {
        let key = table.def.key_columns();
        let mut sources = Vec::new();
        for handle in handles {
            let handle = Arc::clone(handle);
            let mut cursor = Cursor {
                handle,
                vector: 0,
                row: 0,
                columns: Vec::new(),
                before: Before::default(),
                created: Vec::new(),
                keys: Vec::new(),
                ends: Vec::new(),
            };
            cursor.load(table.types.len(), &key)?;
            sources.push(cursor);
        }
        Ok(MergedRows { sources, types: table.types.clone(), key, keep })
    }

    /// The source with the smallest next row, and how many of its loaded rows come before any other's.
    fn next_run(&self) -> Option<(usize, usize)> {
        let live = || self.sources.iter().enumerate().filter(|(_, c)| !c.done());
        let (first, cursor) = live().min_by(|(_, a), (_, b)| a.head().cmp(&b.head()))?;
        let other = live().filter(|(i, _)| *i != first).map(|(_, c)| c.head()).min();
        let rest = cursor.ends.len() - cursor.row;
        let run = match other {
            None => rest,
            Some(other) => {
                let (mut low, mut high) = (1, rest);
                while low < high {
                    let middle = (low + high) / 2;
                    let row = cursor.row + middle;
                    if (cursor.key(row), cursor.created[row]) <= other {
                        low = middle + 1
                    } else {
                        high = middle
                    }
                }
                low
            }
        };
        Some((first, run))
    }
}

impl SortedRows for MergedRows<'_> {
    fn sources(&self) -> Vec<Arc<ColdHandle>> {
        self.sources.iter().map(|source| Arc::clone(&source.handle)).collect()
    }

    fn maps(&self) -> Vec<OrdinalMap> {
        let rows = || self.sources.iter().map(|c| c.handle.segment.rows());
        let total = rows().map(u64::from).sum();
        rows().map(|rows| OrdinalMap::merging(rows, total)).collect()
    }

    fn next(&mut self) -> Result<Option<SortedBatch>> {
        let mut builders: Vec<ColumnBuilder> = self.types.iter().map(|&t| ColumnBuilder::new(t)).collect();
        let (mut created, mut origin) = (Vec::new(), Vec::new());
        while origin.len() < STEP_ROWS {
            let Some((source, run)) = self.next_run() else { break };
            let run = run.min(STEP_ROWS - origin.len());
            let cursor = &mut self.sources[source];
            let base = cursor.vector * STEP_ROWS as u32;
            let kept: Vec<u32> = (cursor.row..cursor.row + run)
                .filter(|&row| (self.keep)(source, base + row as u32, cursor.created[row]))
                .map(|row| row as u32)
                .collect();
            for (builder, column) in builders.iter_mut().zip(&cursor.columns) {
                if kept.len() == run {
                    builder.append(&column.slice(cursor.row, run), None);
                } else {
                    builder.append(column, Some(&kept));
                }
            }
            created.extend(kept.iter().map(|&row| cursor.created[row as usize]));
            origin.extend(kept.iter().map(|&row| (source as u32, base + row)));
            cursor.row += run;
            if cursor.row == cursor.ends.len() {
                cursor.vector += 1;
                cursor.load(self.types.len(), &self.key)?;
            }
        }
        if origin.is_empty() {
            return Ok(None);
        }
        let columns = builders.into_iter().map(ColumnBuilder::finish).collect();
        Ok(Some(SortedBatch { columns, created, origin }))
    }
}
