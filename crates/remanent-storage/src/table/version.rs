//! A table's segments: what they are just now, and where a row went when they were replaced.
//!
//! A [`Table`] points to one immutable [`TableVersion`]. Flush and merge publish a new version; a
//! reader keeps the one it began with. A replaced segment carries a [`Forward`]: the ordinal map of
//! the rewrite that replaced it, so that a mark which was aimed at it before the swap lands on the
//! same row after it. Holding a handle keeps its forward, and so the chain, alive.
//!
//! A table that gets columns keeps its segments, whose rows do not have them. Here is the one place that knows:
//! [`Table::version`] hands out every segment as its definition sees it ([`Shape`]), so that all who read count columns as the
//! definition does. Handles on one segment share everything but that.

use super::hot::{Found, HotSegment};
use super::{IndexProbe, Named, RowId, TableDef};
use crate::Lsn;
use crate::error::Result;
use crate::index::list::IndexList;
use crate::index::parts::Parts;
use crate::index::primary::PrimaryCold;
use crate::index::{IndexDef, IndexId, KeySpan, Place};
use crate::segment::Shape;
use crate::segment::blob::{BlobFiles, Uses};
use crate::segment::cold::ColdSegment;
use crate::segment::deletes::Deletes;
use crate::segment::hot::LIVE;
use crate::value::{Column, Type, Value};
use crate::world::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use crate::world::sync::{Mutex, RwLock};
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

pub use super::located::{Forward, Located, Newest};

/// One table while the store is open.
pub struct Table {
    /// What it was declared as.
    pub def: Arc<TableDef>,
    /// The types of the stored columns: the declared ones, then the hidden key where there is one.
    pub types: Vec<Type>,
    /// The stored columns with their numbers.
    pub shape: Arc<Shape>,
    /// Its primary key as an index.
    pub primary: Arc<IndexDef>,
    /// Which indexes its segments keep parts of.
    pub indexes: Arc<IndexList>,
    /// Shared with what the table was declared as before and will be: its rows stay when its definition changes.
    state: Arc<TableState>,
    /// Segments that are published as another definition sees them, and as this one does.
    seen: Mutex<Option<[Arc<TableVersion>; 2]>>,
}

/// The segments of a table and what is known of them.
struct TableState {
    version: RwLock<Arc<TableVersion>>,
    blobs: Arc<BlobFiles>,
    next_row_id: AtomicI64,
    /// All changes up to here are in cold segments and marks files that the manifest knows.
    flushed: AtomicU64,
    /// The newest change; `flushed` or older where nothing waits for a flush.
    changed: AtomicU64,
    /// The oldest change that waits for a flush; [`LIVE`] where there is none.
    oldest: AtomicU64,
    /// The record that took a column away last.
    narrowed: AtomicU64,
    /// Up to which value of the column by which rows are old the background has swept, and put rows into buckets; which segments then fitted the disk
    /// budget. Neither is kept beyond this life.
    swept: AtomicI64,
    downsampled: AtomicI64,
    fitted: AtomicU64,
    /// Files of keys that unflushed records name, with those records.
    key_files: Mutex<Vec<(Lsn, Arc<KeyFile>)>>,
}

/// A file of deleted keys: recovery needs it as long as the record that names it is not flushed.
pub struct KeyFile {
    /// The file.
    pub path: PathBuf,
    /// Set when nobody needs it: dropping the last handle retires it.
    pub obsolete: AtomicBool,
    /// Files that nobody can reach any more, for the background to remove.
    pub retired: Arc<Mutex<Vec<PathBuf>>>,
}

impl Drop for KeyFile {
    fn drop(&mut self) {
        if self.obsolete.load(Ordering::Acquire) {
            self.retired.lock().push(std::mem::take(&mut self.path));
        }
    }
}

/// One immutable list of a table's segments.
#[derive(Clone)]
pub struct TableVersion {
    /// Where new rows go.
    pub hot: Arc<HotHandle>,
    /// Hot segments that are being flushed, oldest first.
    pub frozen: Vec<Arc<HotHandle>>,
    /// On disk, oldest first.
    pub cold: Vec<Arc<ColdHandle>>,
    /// How all of them are seen.
    shape: Arc<Shape>,
}

/// A hot segment.
pub struct HotHandle {
    /// The rows.
    pub segment: HotSegment,
    shared: Arc<HotState>,
}

impl Deref for HotHandle {
    type Target = HotState;

    fn deref(&self) -> &HotState {
        &self.shared
    }
}

/// What changes about a hot segment beside its rows and, once it was flushed, where they went.
pub struct HotState {
    /// What its rows were counted as in the store's hot memory.
    pub charged: AtomicUsize,
    /// The large values that its rows name or named.
    pub blobs: Uses,
    /// Set when the flush is installed.
    pub forward: OnceLock<Forward>,
}

/// A cold segment.
pub struct ColdHandle {
    /// The rows.
    pub segment: Arc<ColdSegment>,
    shared: Arc<ColdState>,
}

impl Deref for ColdHandle {
    type Target = ColdState;

    fn deref(&self) -> &ColdState {
        &self.shared
    }
}

/// What is known of a cold segment, and what changes about it: its delete marks and, once it was merged, where its rows went.
pub struct ColdState {
    /// Its number, in the names of its files.
    pub id: u32,
    /// How often its rows were merged.
    pub level: u8,
    /// Bytes of its file.
    pub bytes: u64,
    /// The smallest key in it, as [`crate::value::Key`] bytes.
    pub min_key: Vec<u8>,
    /// The largest key in it.
    pub max_key: Vec<u8>,
    /// The lsn of its oldest and newest row.
    pub created: (Lsn, Lsn),
    /// Key to ordinal.
    pub primary: Arc<PrimaryCold>,
    /// What it has of other indexes.
    pub parts: Parts,
    /// The large values that its rows name, deleted ones included.
    pub blobs: Uses,
    /// Which rows are gone.
    pub deletes: RwLock<Deletes>,
    /// The generation of its `.del` file; 0: none.
    pub generation: AtomicU32,
    /// The manifest knows it. False between the commit that attached it and the next flush.
    pub listed: AtomicBool,
    /// Set when a merge is installed.
    pub forward: OnceLock<Forward>,
    /// Set when the manifest has durably forgotten it: dropping the last handle retires its files.
    pub obsolete: AtomicBool,
    /// Its files, and where they go to be removed.
    pub files: Vec<PathBuf>,
    /// Files that nobody can reach any more, for the background to remove.
    pub retired: Arc<Mutex<Vec<PathBuf>>>,
}

impl Drop for ColdState {
    /// Design rule 6: only after the last reader is gone and the manifest has forgotten the segment.
    fn drop(&mut self) {
        if self.obsolete.load(Ordering::Acquire) {
            self.retired.lock().append(&mut self.files);
            self.parts.obsolete();
        }
    }
}

impl Table {
    /// A table without rows, whose hot segment has number `hot_id`.
    pub fn new(def: Arc<TableDef>, hot_id: u32, blobs: &Arc<BlobFiles>) -> Self {
        let shape = Arc::new(def.shape());
        let indexes = Arc::<IndexList>::default();
        let hot = new_hot(&def, &shape, hot_id, blobs, &indexes.get());
        let version = TableVersion { hot, frozen: Vec::new(), cold: Vec::new(), shape: Arc::clone(&shape) };
        let state = TableState {
            version: RwLock::new(Arc::new(version)),
            blobs: Arc::clone(blobs),
            next_row_id: AtomicI64::new(1),
            flushed: AtomicU64::new(0),
            changed: AtomicU64::new(0),
            oldest: AtomicU64::new(LIVE),
            narrowed: AtomicU64::new(0),
            swept: AtomicI64::new(i64::MIN),
            downsampled: AtomicI64::new(i64::MIN),
            fitted: AtomicU64::new(0),
            key_files: Mutex::default(),
        };
        let (primary, types) = (Arc::new(def.primary()), shape.types().to_vec());
        Table { def, types, shape, primary, indexes, state: Arc::new(state), seen: Mutex::default() }
    }

    /// The same rows under another definition, which lays rows out as this one or has other columns of the same table.
    pub fn redefined(&self, def: TableDef) -> Self {
        let (shape, indexes) = match self.def.same_layout(&def) {
            true => (Arc::clone(&self.shape), Arc::clone(&self.indexes)),
            // An index may name a column that only one of them has.
            false => (Arc::new(def.shape()), Arc::new(self.indexes.again())),
        };
        let (primary, types) = (Arc::new(def.primary()), shape.types().to_vec());
        let (state, seen) = (Arc::clone(&self.state), Mutex::default());
        Table { def: Arc::new(def), types, shape, primary, indexes, state, seen }
    }

    /// Keeps a file of keys that the record `lsn` names until that is flushed.
    pub fn keep_keys(&self, lsn: Lsn, file: Arc<KeyFile>) {
        self.state.key_files.lock().push((lsn, file));
    }

    /// The files of keys that unflushed records up to `lsn` name.
    pub fn key_files(&self, lsn: Lsn) -> Vec<Arc<KeyFile>> {
        self.state
            .key_files
            .lock()
            .iter()
            .filter(|(by, _)| *by <= lsn)
            .map(|(_, file)| Arc::clone(file))
            .collect()
    }

    /// The manifest says durably that everything up to `lsn` is flushed (or the table is gone): forgets the files of keys of
    /// those records.
    pub fn forget_keys(&self, lsn: Lsn) {
        let gone: Vec<_> = self.state.key_files.lock().extract_if(.., |(by, _)| *by <= lsn).collect();
        gone.iter().for_each(|(_, file)| file.obsolete.store(true, Ordering::Release));
    }

    /// The segments just now, as this definition sees them.
    pub fn version(&self) -> Arc<TableVersion> {
        let published = Arc::clone(&self.state.version.read());
        if published.shape.same(&self.shape) {
            return published;
        }
        let mut held = self.seen.lock();
        match &*held {
            Some([of, seen]) if Arc::ptr_eq(of, &published) => Arc::clone(seen),
            _ => {
                let seen = Arc::new(published.seen_by(&self.shape));
                *held = Some([published, Arc::clone(&seen)]);
                seen
            }
        }
    }

    /// The same, as the definition with that shape saw them.
    pub fn version_by(&self, shape: &Arc<Shape>) -> TableVersion {
        self.version().seen_by(shape)
    }

    /// Publishes other segments, as the newest definition sees them. Only under the store's apply lock.
    pub fn publish(&self, version: TableVersion) {
        let mut held = self.state.version.write();
        let mut version = match version.shape.same(&held.shape) {
            true => version,
            false => version.seen_by(&held.shape),
        };
        version.shape = Arc::clone(&held.shape);
        *held = Arc::new(version);
    }

    /// This definition has other columns than the one before, and is committed; by the record `narrowed`, where it has some no more.
    /// Its rows go to a hot segment of their own. Only under the store's apply lock.
    pub fn reshape(&self, narrowed: Option<Lsn>, hot_id: u32) {
        if let Some(lsn) = narrowed {
            self.state.narrowed.store(lsn, Ordering::Release);
        }
        let mut version = self.version().as_ref().clone();
        let hot = new_hot(&self.def, &self.shape, hot_id, &self.state.blobs, &self.indexes.get());
        let before = std::mem::replace(&mut version.hot, hot);
        before.segment.freeze();
        if before.segment.rows() > 0 {
            version.frozen.push(before);
        }
        *self.state.version.write() = Arc::new(version);
        // What was seen until here holds segments that are replaced one day.
        *self.seen.lock() = None;
    }

    /// Puts a new hot segment in the place of the present one, which is frozen and returned. Only under the
    /// store's apply lock.
    pub fn freeze(&self, hot_id: u32) -> Arc<HotHandle> {
        let mut version = self.version().as_ref().clone();
        let hot = new_hot(&self.def, &self.shape, hot_id, &self.state.blobs, &self.indexes.get());
        let frozen = std::mem::replace(&mut version.hot, hot);
        frozen.segment.freeze();
        version.frozen.push(Arc::clone(&frozen));
        self.publish(version);
        frozen
    }

    /// The record that took a column away last: older snapshots may look for that, which a merge leaves out.
    pub fn narrowed(&self) -> Lsn {
        self.state.narrowed.load(Ordering::Acquire)
    }

    /// Reserves hidden keys for `rows` new rows; returns the first.
    pub fn reserve_row_ids(&self, rows: usize) -> i64 {
        self.state.next_row_id.fetch_add(rows as i64, Ordering::Relaxed)
    }

    /// The next hidden key to be given.
    pub fn next_row_id(&self) -> i64 {
        self.state.next_row_id.load(Ordering::Relaxed)
    }

    /// Hidden keys below that one are taken.
    pub fn raise_row_id(&self, next: i64) {
        self.state.next_row_id.fetch_max(next, Ordering::Relaxed);
    }

    /// Up to where rows have left by their age.
    pub fn swept(&self) -> i64 {
        self.state.swept.load(Ordering::Relaxed)
    }

    /// Rows have left up to there.
    pub fn set_swept(&self, upto: i64) {
        self.state.swept.store(upto, Ordering::Relaxed);
    }

    /// Up to where rows have been put into buckets.
    pub fn downsampled(&self) -> i64 {
        self.state.downsampled.load(Ordering::Relaxed)
    }

    /// Rows have been put into buckets up to there.
    pub fn set_downsampled(&self, upto: i64) {
        self.state.downsampled.store(upto, Ordering::Relaxed);
    }

    /// What [`set_fitted`](Table::set_fitted) said last.
    pub fn fitted(&self) -> u64 {
        self.state.fitted.load(Ordering::Relaxed)
    }

    /// The segments of which this is the sum fit the disk budget.
    pub fn set_fitted(&self, sum: u64) {
        self.state.fitted.store(sum, Ordering::Relaxed);
    }

    /// All changes up to here are durable outside the log.
    pub fn flushed(&self) -> Lsn {
        self.state.flushed.load(Ordering::Acquire)
    }

    /// Says that all changes up to `lsn` are durable outside the log, and whether newer ones wait. Only under
    /// the store's apply lock.
    pub fn set_flushed(&self, lsn: Lsn) {
        self.state.flushed.fetch_max(lsn, Ordering::AcqRel);
        let waits = self.state.changed.load(Ordering::Acquire) > lsn;
        self.state.oldest.store(if waits { lsn + 1 } else { LIVE }, Ordering::Release);
    }

    /// The newest record that changed this table.
    pub fn changed(&self) -> Lsn {
        self.state.changed.load(Ordering::Acquire)
    }

    /// Says that the record `lsn` changed this table. Only under the store's apply lock.
    pub fn set_changed(&self, lsn: Lsn) {
        self.state.changed.store(lsn, Ordering::Release);
        self.state.oldest.fetch_min(lsn, Ordering::AcqRel);
    }

    /// The oldest change that waits for a flush; [`LIVE`] where there is none.
    pub fn oldest_unflushed(&self) -> Lsn {
        self.state.oldest.load(Ordering::Acquire)
    }

    /// Makes an index one of those that its segments keep parts of; the hot ones get theirs now. Only under the store's apply
    /// lock, or where nobody else writes in the table.
    /// Returns about how many bytes that takes.
    pub fn add_index(&self, def: &Arc<IndexDef>) -> Result<usize> {
        if !def.has_parts() {
            return Ok(0);
        }
        // In this order: a segment that takes the place of the hot one meanwhile has a part from the beginning.
        self.indexes.add(def);
        let mut bytes = 0;
        for hot in self.version().hots() {
            let taken = hot.segment.add_index(def)?;
            hot.charged.fetch_add(taken, Ordering::Relaxed);
            bytes += taken;
        }
        Ok(bytes)
    }

    /// Forgets the parts in memory of the indexes for which `keep` is false. Those on disk go later.
    pub fn retain_indexes(&self, keep: &dyn Fn(IndexId) -> bool) {
        let gone = self.indexes.retain(keep);
        for hot in self.version().hots() {
            gone.iter().for_each(|&id| hot.segment.drop_index(id));
        }
    }

    /// Bytes of the hot segments.
    pub fn hot_memory(&self) -> usize {
        let version = self.version();
        version.frozen.iter().chain([&version.hot]).map(|h| h.segment.memory()).sum()
    }
}

fn new_hot(
    def: &TableDef,
    shape: &Arc<Shape>,
    id: u32,
    blobs: &Arc<BlobFiles>,
    indexes: &[Arc<IndexDef>],
) -> Arc<HotHandle> {
    let segment = HotSegment::new(id, shape, def.key_columns(), indexes);
    let (charged, blobs) = (AtomicUsize::new(0), Uses::new(blobs));
    let shared = Arc::new(HotState { charged, blobs, forward: OnceLock::new() });
    Arc::new(HotHandle { segment, shared })
}

impl HotHandle {
    /// True if both are handles on the same segment.
    pub fn is(&self, other: &HotHandle) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }

    fn seen_by(&self, shape: &Arc<Shape>) -> Arc<Self> {
        Arc::new(HotHandle { segment: self.segment.seen_by(shape), shared: Arc::clone(&self.shared) })
    }
}

impl TableVersion {
    /// The same segments, seen through another shape.
    fn seen_by(&self, shape: &Arc<Shape>) -> Self {
        TableVersion {
            hot: self.hot.seen_by(shape),
            frozen: self.frozen.iter().map(|hot| hot.seen_by(shape)).collect(),
            cold: self.cold.iter().map(|cold| cold.seen_by(shape)).collect(),
            shape: Arc::clone(shape),
        }
    }

    /// The hot segments, newest first.
    pub fn hots(&self) -> impl Iterator<Item = &Arc<HotHandle>> {
        std::iter::once(&self.hot).chain(self.frozen.iter().rev())
    }

    /// The wanted columns of the row with that key that a snapshot sees, appended to `out`, and where it lies: for a row of a
    /// hot segment without its place there. None if it sees none.
    pub fn get(
        &self,
        key: &[u8],
        snapshot: Lsn,
        columns: &[usize],
        out: &mut Vec<Value>,
    ) -> Result<Option<RowId>> {
        let mut gone = 0;
        for hot in self.hots() {
            match hot.segment.get(key, snapshot, columns, out) {
                Found::Visible => return Ok(Some(RowId { segment: hot.segment.id(), ordinal: 0 })),
                Found::Deleted(by) => {
                    gone = by;
                    break;
                }
                Found::Absent => {}
            }
        }
        for cold in self.cold_since(gone) {
            if let Some(ordinal) = cold.find(key, snapshot)? {
                for &column in columns {
                    out.push(cold.segment.value(column, ordinal)?);
                }
                return Ok(Some(RowId { segment: cold.id, ordinal }));
            }
        }
        Ok(None)
    }

    /// Where the row with that key lies that a snapshot sees.
    pub fn find(&self, key: &[u8], snapshot: Lsn) -> Result<Option<RowId>> {
        let hot = self.hots().find_map(|hot| Some((hot.segment.id(), hot.segment.seen(key, snapshot)?)));
        let gone = match hot {
            Some((segment, version)) if version.deleted > snapshot => {
                return Ok(Some(RowId { segment, ordinal: version.ordinal }));
            }
            Some((_, version)) => version.deleted,
            None => 0,
        };
        for cold in self.cold_since(gone) {
            if let Some(ordinal) = cold.find(key, snapshot)? {
                return Ok(Some(RowId { segment: cold.id, ordinal }));
            }
        }
        Ok(None)
    }

    /// The newest committed version of a key, if any segment knows one.
    pub fn newest(&self, key: &[u8]) -> Result<Option<Newest>> {
        let hot = self.hots().find_map(|hot| Some((hot, hot.segment.newest(key)?)));
        let hot = hot.map(|(hot, version)| {
            let lives = version.deleted == LIVE;
            (
                Newest { located: Located::Hot(Arc::clone(hot)), created: version.created, lives },
                version.deleted,
            )
        });
        let (hot, gone) = match hot {
            Some((newest, _)) if newest.lives => return Ok(Some(newest)),
            Some((newest, deleted)) => (Some(newest), deleted),
            None => (None, 0),
        };
        // Versions of a key may lie in several cold segments; at most one of them lives.
        for cold in self.cold_since(gone) {
            for ordinal in cold.lookup(key)? {
                if cold.deletes.read().deleted_at(ordinal).is_none() {
                    let created = cold.created_at(ordinal)?;
                    let located = Located::Cold(Arc::clone(cold), ordinal);
                    return Ok(Some(Newest { located, created, lives: true }));
                }
            }
        }
        Ok(hot)
    }

    /// The cold segments, newest first, that may have a row made by the record `gone` or later: where a hot segment
    /// knows a key as deleted by `gone`, only a segment that came with a transaction can have a newer row of it.
    fn cold_since(&self, gone: Lsn) -> impl Iterator<Item = &Arc<ColdHandle>> {
        self.cold.iter().rev().filter(move |cold| cold.created.1 >= gone)
    }
}

impl ColdHandle {
    /// A handle on a segment.
    pub fn new(segment: Arc<ColdSegment>, state: ColdState) -> Arc<Self> {
        Arc::new(ColdHandle { segment, shared: Arc::new(state) })
    }

    /// True if both are handles on the same segment, with the same marks.
    pub fn is(&self, other: &ColdHandle) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }

    fn seen_by(&self, shape: &Arc<Shape>) -> Arc<Self> {
        let segment = Arc::new(self.segment.seen_by(shape));
        Arc::new(ColdHandle { segment, shared: Arc::clone(&self.shared) })
    }

    /// The same segment with other marks: a handle of its own, which shares what was read.
    pub fn with_deletes(&self, deletes: Deletes) -> Arc<ColdHandle> {
        let state = ColdState {
            id: self.id,
            level: self.level,
            bytes: self.bytes,
            min_key: self.min_key.clone(),
            max_key: self.max_key.clone(),
            created: self.created,
            primary: Arc::clone(&self.primary),
            parts: self.parts.clone(),
            blobs: self.blobs.again(),
            deletes: RwLock::new(deletes),
            generation: AtomicU32::new(self.generation.load(Ordering::Acquire)),
            listed: AtomicBool::new(true),
            forward: OnceLock::new(),
            obsolete: AtomicBool::new(false),
            files: self.files.clone(),
            retired: Arc::clone(&self.retired),
        };
        ColdHandle::new(Arc::clone(&self.segment), state)
    }

    /// The rows with that key, all versions.
    pub fn lookup(&self, key: &[u8]) -> Result<std::ops::Range<u32>> {
        if key < self.min_key.as_slice() || key > self.max_key.as_slice() {
            return Ok(0..0);
        }
        self.primary.find(key)
    }

    /// The row with that key that a snapshot sees.
    pub fn find(&self, key: &[u8], snapshot: Lsn) -> Result<Option<u32>> {
        if self.created.0 > snapshot {
            return Ok(None);
        }
        for ordinal in self.lookup(key)? {
            let created = match self.created.1 <= snapshot {
                true => 0,
                false => self.created_at(ordinal)?,
            };
            if created <= snapshot && !self.deletes.read().is_deleted(ordinal, snapshot) {
                return Ok(Some(ordinal));
            }
        }
        Ok(None)
    }

    /// The rows that are among those of each probe whose index it has a part of.
    pub fn within(&self, probes: &[IndexProbe]) -> Result<Named> {
        IndexProbe::common(probes, &mut |probe| {
            let Some(part) = self.parts.get(probe.index.id) else { return Ok(None) };
            probe.rows(part.open(&probe.index, &self.segment)?)
        })
    }

    /// All its rows with a key of a unique index, deleted ones too; where it has no part of that index, all rows are looked at.
    pub fn rows_with(&self, def: &Arc<IndexDef>, key: &[u8]) -> Result<Vec<u32>> {
        let mut rows = Vec::new();
        if let Some(part) = self.parts.get(def.id) {
            let span = KeySpan::prefixed(key.to_vec());
            part.open(def, &self.segment)?.ordered(&span, false, &mut Place::Start, &mut rows, usize::MAX)?;
            return Ok(rows);
        }
        let mut columns: Vec<Column> = self.segment.types().iter().map(|&ty| Column::null(ty, 0)).collect();
        let mut held = Vec::new();
        for vector in 0..self.segment.vectors() {
            for c in def.read() {
                if let Some(column) = columns.get_mut(c) {
                    *column = self.segment.read(c, vector)?;
                }
            }
            for (row, ordinal) in self.segment.rows_of(vector).enumerate() {
                held.clear();
                def.encode_row(&mut held, &columns, row);
                if held == key && def.holds(&columns, row) {
                    rows.push(ordinal);
                }
            }
        }
        Ok(rows)
    }

    /// Who made a row.
    pub fn created_at(&self, ordinal: u32) -> Result<Lsn> {
        self.segment.created_at(ordinal)
    }
}
