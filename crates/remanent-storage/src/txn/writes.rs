//! A transaction's private segment: what it wrote in one table and nobody else sees yet.
//!
//! Rows are columns in memory, addressed by ordinal in the order they were written; rows that the
//! transaction itself deletes again are marked. Committed rows that it deletes are remembered by key, with
//! where they lie; those of them that are many ([`TableWrites::hide_among_many`]) by where they lie only, while their keys go to a
//! file that the record names. When the rows outgrow the store's spill size they are written as a cold segment that only
//! this transaction knows ([`TableWrites::spilled`]); its record then names the file instead of holding the rows.
//!
//! Segments of its own that came since the last savepoint are merged, eight to one ([`TableWrites::to_merge`]), so that a large
//! load does not become thousands of small files.
//!
//! A savepoint is a few lengths, and sets that are shared until they change: everything here only grows.

use crate::error::{Error, Result};
use crate::index::IndexDef;
use crate::segment::deletes::{Deletes, RowSet};
use crate::segment::keys::KeyWriter;
use crate::table::gone::{DeletedRows, Gone, Home};
use crate::table::ordinals::OrdinalMap;
use crate::table::rewrite::MemoryChunk;
use crate::table::scan::{Own, OwnRows};
use crate::table::sweep::{Sweep, Swept};
use crate::table::version::{ColdHandle, KeyFile, Located, Table, TableVersion};
use crate::txn::change::{Attached, KeyRange, Origin, TableChange};
use crate::txn::core::Core;
use crate::txn::keys::{KeyRun, OwnKeys};
use crate::txn::unique::UniqueKeys;
use crate::value::{Column, ColumnBuilder, Key, Value};
use rustc_hash::FxHashSet;
use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Rows of a sealed batch.
const SEAL_ROWS: usize = 4096;

/// So many deleted keys are compared one by one.
const FEW_DELETES: usize = 8;

/// What a delete that is remembered by key takes beside four copies of the key: two for itself, two for its lock.
const DELETE_BYTES: usize = 200;

/// What a transaction wrote in one table.
pub struct TableWrites {
    /// The table.
    pub table: Arc<Table>,
    /// True once the transaction holds the table for itself: keys need no locks any more.
    pub exclusive: bool,
    /// It is in the place of another one, all of whose rows are written anew.
    pub rewritten: bool,
    key: Vec<usize>,
    sealed: Vec<Vec<Column>>,
    /// Rows in `sealed`.
    sealed_rows: u32,
    tail: Vec<ColumnBuilder>,
    tail_rows: u32,
    origins: Vec<Origin>,
    /// Own rows in memory that are deleted again, in the order that happened.
    dead: Vec<u32>,
    dead_set: FxHashSet<u32>,
    /// Own rows in memory by key.
    keys: OwnKeys,
    /// And by their keys in unique indexes.
    unique: Vec<UniqueKeys>,
    /// Committed rows that are deleted, in the order that happened.
    deletes: Vec<(Key, Located)>,
    /// Their keys, once they are more than [`FEW_DELETES`].
    hidden: Option<Arc<FxHashSet<Key>>>,
    /// Committed rows that are deleted, where they are many. Moved along with the segments, also while reading.
    gone: RefCell<Option<Arc<Gone>>>,
    /// The keys of those, in files.
    key_files: Vec<KeyRunFile>,
    /// Committed rows that leave by their age, and where they lie.
    sweeps: Vec<(Sweep, Swept)>,
    attached: Vec<Arc<ColdHandle>>,
    /// Rows of each attached segment that are deleted again.
    attached_dead: Vec<Arc<RowSet>>,
    /// How often each attached segment was merged.
    tiers: Vec<u8>,
    spills: Vec<Spill>,
    /// (attached, spills) at the last mark: those stay as they are.
    pinned: Cell<(usize, usize)>,
    memory: usize,
    delete_memory: usize,
}

/// A file of keys in the making.
struct KeyRunFile {
    file: u32,
    handle: KeyFile,
    writer: KeyWriter,
    /// How many of its keys count; None: all that are and will be written.
    kept: Option<u64>,
    min_key: Vec<u8>,
    max_key: Vec<u8>,
}

impl KeyRunFile {
    fn keys(&self) -> u64 {
        self.kept.unwrap_or_else(|| self.writer.keys())
    }
}

/// Segments of a transaction's own, and which rows of each are deleted again.
pub type OwnSegments = (Vec<Arc<ColdHandle>>, Vec<Arc<RowSet>>);

/// How many segments of a transaction's own become one.
const MERGE_WIDTH: usize = 8;

/// Rows that moved from memory to an attached segment: all of them, those deleted again as marks.
struct Spill {
    /// Their segment, by its place among the attached.
    which: usize,
    /// How many they were.
    rows: u32,
    /// Ordinal in memory → ordinal in the segment.
    map: OrdinalMap,
    /// The deleted ones, in the order that happened.
    dead: Vec<u32>,
    /// How many of the rows were not undone since: those before.
    kept: u32,
}

/// How far a table's writes had come.
#[derive(Clone, Default)]
pub struct Mark {
    rows: u32,
    dead: usize,
    deletes: usize,
    gone: Option<Arc<Gone>>,
    /// Files of keys, and keys in the last of them.
    key_files: (usize, u64),
    attached: usize,
    attached_dead: Vec<Arc<RowSet>>,
    spills: usize,
    /// Whether the transaction had the table for itself.
    pub exclusive: bool,
}

impl TableWrites {
    /// No writes yet; large enough not to be moved around.
    pub fn new(table: Arc<Table>) -> Box<Self> {
        let tail = table.types.iter().map(|&t| ColumnBuilder::new(t)).collect();
        Box::new(TableWrites {
            key: table.def.key_columns(),
            table,
            exclusive: false,
            rewritten: false,
            sealed: Vec::new(),
            sealed_rows: 0,
            tail,
            tail_rows: 0,
            origins: Vec::new(),
            dead: Vec::new(),
            dead_set: FxHashSet::default(),
            keys: OwnKeys::default(),
            unique: Vec::new(),
            deletes: Vec::new(),
            hidden: None,
            gone: RefCell::default(),
            key_files: Vec::new(),
            sweeps: Vec::new(),
            attached: Vec::new(),
            attached_dead: Vec::new(),
            tiers: Vec::new(),
            spills: Vec::new(),
            pinned: Cell::default(),
            memory: 0,
            delete_memory: 0,
        })
    }

    /// Says which indexes the table has, of which own rows need be found by the unique ones.
    pub fn set_indexes(&mut self, indexes: &[Arc<IndexDef>]) {
        self.unique.retain(|unique| indexes.iter().any(|def| def.id == unique.def.id));
        for def in indexes.iter().filter(|def| def.unique) {
            if let Some(held) = self.unique.iter_mut().find(|unique| unique.def.id == def.id) {
                // It may have another name.
                held.def = Arc::clone(def);
            } else {
                let mut unique = UniqueKeys::new(def);
                for (base, columns) in self.batches() {
                    self.memory += unique.push(base, &columns);
                }
                self.unique.push(unique);
            }
        }
    }

    /// The unique indexes of the table, the primary key apart.
    pub fn unique_indexes(&self) -> Vec<Arc<IndexDef>> {
        self.unique.iter().map(|unique| Arc::clone(&unique.def)).collect()
    }

    /// The own living row with a key of a unique index: its primary key.
    pub fn own_holder(&self, def: &Arc<IndexDef>, key: &[u8]) -> Result<Option<Key>> {
        let lives = |row: u32| !self.dead_set.contains(&row);
        let unique = self.unique.iter().find(|unique| unique.def.id == def.id);
        if let Some(row) = unique.and_then(|unique| unique.find(key, &lives)) {
            return Ok(self.key_of(row));
        }
        for (cold, dead) in self.attached.iter().zip(&self.attached_dead) {
            for ordinal in cold.rows_with(def, key)? {
                if !dead.contains(ordinal) {
                    let value = |&c: &usize| cold.segment.value(c, ordinal);
                    let values: Vec<Value> = self.key.iter().map(value).collect::<Result<_>>()?;
                    return Ok(Some(Key::encode(&values)));
                }
            }
        }
        Ok(None)
    }

    /// The cold segments of this transaction's own.
    pub fn own_segments(&self) -> &[Arc<ColdHandle>] {
        &self.attached
    }

    /// True if there is nothing to commit.
    pub fn is_empty(&self) -> bool {
        self.rows() == 0
            && self.deletes.is_empty()
            && self.attached.is_empty()
            && !self.has_gone()
            && self.sweeps.is_empty()
    }

    /// Rows leave by their age. Not undone with a savepoint: only the background does this.
    pub fn sweep(&mut self, sweep: Sweep, rows: Swept) {
        self.sweeps.push((sweep, rows));
    }

    /// Rows in memory, deleted ones included.
    pub fn rows(&self) -> u32 {
        self.sealed_rows + self.tail_rows
    }

    /// About how many bytes the rows in memory take.
    pub fn memory(&self) -> usize {
        self.memory
    }

    /// About how many bytes the deletes take that are remembered by key, with their locks.
    pub fn delete_memory(&self) -> usize {
        self.delete_memory
    }

    /// The own living row in memory with that key.
    pub fn own(&self, key: &[u8]) -> Option<u32> {
        self.keys.find(key).filter(|ordinal| !self.dead_set.contains(ordinal))
    }

    /// True if this transaction deleted the committed row with that key, and not among many.
    pub fn hides(&self, key: &[u8]) -> bool {
        match &self.hidden {
            Some(hidden) => hidden.contains(key),
            None => self.deletes.iter().any(|(held, _)| held.as_bytes() == key),
        }
    }

    /// The committed rows that it deleted among many, by where they lie in that version of the table, the newest one.
    pub fn gone(&self, version: &TableVersion) -> Arc<Gone> {
        let mut gone = self.gone.borrow_mut();
        let Some(gone) = gone.as_mut() else { return Arc::default() };
        if let Some(moved) = gone.at(version) {
            *gone = Arc::new(moved);
        }
        Arc::clone(gone)
    }

    /// True if there are such rows.
    pub fn has_gone(&self) -> bool {
        self.gone.borrow().as_ref().is_some_and(|gone| !gone.is_empty())
    }

    /// The own living row with that key in an attached segment: which, and where.
    pub fn attached_row(&self, key: &[u8]) -> Result<Option<(usize, u32)>> {
        for (i, cold) in self.attached.iter().enumerate() {
            for ordinal in cold.lookup(key)? {
                if cold.deletes.read().deleted_at(ordinal).is_none() {
                    return Ok(Some((i, ordinal)));
                }
            }
        }
        Ok(None)
    }

    /// Adds rows whose keys the caller has checked and locked.
    pub fn push(&mut self, columns: &[Column], keys: &KeyRun, updated: Option<Box<[u8]>>) {
        let rows = columns.first().map_or(0, Column::len) as u32;
        let first = self.rows();
        for (builder, column) in self.tail.iter_mut().zip(columns) {
            builder.append(column, None);
        }
        self.memory += columns.iter().map(Column::weight).sum::<usize>();
        self.memory += self.unique.iter_mut().map(|unique| unique.push(first, columns)).sum::<usize>();
        self.pushed(rows, first, keys, updated);
    }

    /// Adds one row, all stored columns, whose key the caller has checked and locked. An error is that a value is not of
    /// its column's type; nothing is added then.
    pub fn push_row(&mut self, row: &[&Value], keys: &KeyRun, updated: Option<Box<[u8]>>) -> Result<()> {
        let (first, kept) = (self.rows(), self.tail_rows as usize);
        if let Err(e) = self.tail.iter_mut().zip(row).try_for_each(|(builder, value)| builder.push(value)) {
            self.tail.iter_mut().for_each(|builder| builder.truncate(kept));
            return Err(e);
        }
        self.memory += row.iter().map(|value| value_weight(value)).sum::<usize>();
        self.pushed(1, first, keys, updated);
        Ok(())
    }

    fn pushed(&mut self, rows: u32, first: u32, keys: &KeyRun, updated: Option<Box<[u8]>>) {
        self.tail_rows += rows;
        self.memory += self.keys.push(first, keys);
        match self.origins.last_mut() {
            Some(last) if last.updated == updated => last.rows += rows,
            _ => self.origins.push(Origin { rows, updated }),
        }
        if self.tail_rows as usize >= SEAL_ROWS {
            self.seal();
        }
    }

    fn seal(&mut self) {
        if self.tail_rows == 0 {
            return;
        }
        let fresh = self.table.types.iter().map(|&t| ColumnBuilder::new(t)).collect();
        let full = std::mem::replace(&mut self.tail, fresh);
        self.sealed.push(full.into_iter().map(ColumnBuilder::finish).collect());
        self.sealed_rows += self.tail_rows;
        self.tail_rows = 0;
    }

    /// Deletes the own living row with that key, if there is one. One in an attached segment is gone for readers once
    /// [`settle_attached`](Self::settle_attached) was called.
    pub fn kill_own(&mut self, key: &[u8]) -> Result<bool> {
        if let Some(ordinal) = self.own(key) {
            self.kill(ordinal);
            return Ok(true);
        }
        let Some((which, ordinal)) = self.attached_row(key)? else { return Ok(false) };
        self.kill_attached(which, ordinal);
        Ok(true)
    }

    /// Deletes an own row in memory.
    fn kill(&mut self, ordinal: u32) {
        if self.dead_set.insert(ordinal) {
            self.dead.push(ordinal);
        }
    }

    fn kill_attached(&mut self, which: usize, ordinal: u32) {
        if let Some(dead) = self.attached_dead.get_mut(which) {
            Arc::make_mut(dead).insert(ordinal);
        }
    }

    /// Deletes a committed row.
    pub fn hide(&mut self, key: Key, located: Located) {
        if let Some(hidden) = &mut self.hidden {
            Arc::make_mut(hidden).insert(key.clone());
        }
        self.delete_memory += DELETE_BYTES + 4 * key.as_bytes().len();
        self.deletes.push((key, located));
        if self.hidden.is_none() && self.deletes.len() > FEW_DELETES {
            self.hidden = Some(self.hidden_keys());
        }
    }

    /// The keys of the committed rows that it deleted, and not among many.
    fn hidden_keys(&self) -> Arc<FxHashSet<Key>> {
        match &self.hidden {
            Some(hidden) => Arc::clone(hidden),
            None => Arc::new(self.deletes.iter().map(|(key, _)| key.clone()).collect()),
        }
    }

    /// Deletes a committed row of a table that the transaction holds alone: its key goes to a file. False if it was deleted
    /// so already.
    pub fn hide_among_many(&mut self, core: &Core, key: &[u8], home: &Home, ordinal: u32) -> Result<bool> {
        if !Arc::make_mut(self.gone.get_mut().get_or_insert_default()).insert(home, ordinal) {
            return Ok(false);
        }
        if self.key_files.last().is_none_or(|file| file.kept.is_some()) {
            let file = core.new_file();
            let handle = core.key_file(file);
            let writer = KeyWriter::create(core.world.disk.as_ref(), &handle.path)?;
            let (min_key, max_key) = (key.to_vec(), key.to_vec());
            self.key_files.push(KeyRunFile { file, handle, writer, kept: None, min_key, max_key });
        }
        if let Some(file) = self.key_files.last_mut() {
            file.writer.push(key)?;
            if key < file.min_key.as_slice() {
                file.min_key = key.to_vec();
            }
            if key > file.max_key.as_slice() {
                file.max_key.clear();
                file.max_key.extend_from_slice(key);
            }
        }
        Ok(true)
    }

    /// How far the writes have come.
    pub fn mark(&self) -> Mark {
        self.pinned.set((self.attached.len(), self.spills.len()));
        Mark {
            rows: self.rows(),
            dead: self.dead.len(),
            deletes: self.deletes.len(),
            gone: self.gone.borrow().clone(),
            key_files: (self.key_files.len(), self.key_files.last().map_or(0, KeyRunFile::keys)),
            attached: self.attached.len(),
            attached_dead: self.attached_dead.clone(),
            spills: self.spills.len(),
            exclusive: self.exclusive,
        }
    }

    /// Undoes what came after a mark, which earlier marks survive, and itself.
    pub fn rollback_to(&mut self, mark: &Mark) {
        // The first spill after the mark moved the mark's rows to a segment, so it stays, with no more than those.
        let crossed = self.spills.len() > mark.spills;
        self.spills.truncate(mark.spills + 1);
        let kept = match (crossed, self.spills.last()) {
            (true, Some(spill)) => spill.which + 1,
            _ => mark.attached,
        };
        for dropped in self.attached.drain(kept.min(self.attached.len())..) {
            dropped.obsolete.store(true, Ordering::Release);
        }
        self.tiers.truncate(kept);
        self.attached_dead = mark.attached_dead.clone();
        self.attached_dead.resize_with(self.attached.len(), Arc::default);
        self.pinned.set((mark.attached, mark.spills));
        self.undo_gone(mark);
        if let Some(spill) = self.spills.last_mut().filter(|_| crossed) {
            // Those that lived at the mark live again.
            spill.kept = spill.kept.min(mark.rows);
            spill.dead.truncate(mark.dead);
            let dead: FxHashSet<u32> = spill.dead.iter().copied().collect();
            let gone = (0..spill.rows).filter(|o| *o >= spill.kept || dead.contains(o));
            if let Some(set) = self.attached_dead.get_mut(spill.which) {
                *set = Arc::new(gone.filter_map(|o| spill.map.get(o)).collect());
            }
        }
        self.settle_attached();
        for (key, _) in self.deletes.drain(mark.deletes.min(self.deletes.len())..) {
            if let Some(hidden) = &mut self.hidden {
                Arc::make_mut(hidden).remove(&key);
            }
            self.delete_memory -= (DELETE_BYTES + 4 * key.as_bytes().len()).min(self.delete_memory);
        }
        if crossed {
            self.forget_rows();
            return;
        }
        let revived: Vec<u32> = self.dead.drain(mark.dead.min(self.dead.len())..).collect();
        for ordinal in &revived {
            self.dead_set.remove(ordinal);
        }
        self.dead_set.retain(|ordinal| *ordinal < mark.rows);
        self.keys.truncate(mark.rows);
        self.unique.iter_mut().for_each(|unique| unique.truncate(mark.rows));
        for ordinal in revived.into_iter().filter(|o| *o < mark.rows) {
            if let Some(key) = self.key_of(ordinal) {
                self.keys.point(key, ordinal);
            }
        }
        self.truncate(mark.rows);
    }

    /// Undoes what came after a mark of the deletes that are many. Keys that are in a file already stay there and do not count.
    fn undo_gone(&mut self, mark: &Mark) {
        *self.gone.get_mut() = mark.gone.clone();
        let (files, keys) = mark.key_files;
        for dropped in self.key_files.drain(files.min(self.key_files.len())..) {
            dropped.handle.obsolete.store(true, Ordering::Release);
        }
        if let Some(last) = self.key_files.last_mut().filter(|last| last.keys() > keys) {
            last.kept = Some(keys);
        }
    }

    /// Makes the attached segments' marks what `attached_dead` says.
    pub fn settle_attached(&self) {
        for (cold, dead) in self.attached.iter().zip(&self.attached_dead) {
            if cold.deletes.read().settled() != dead.as_ref() {
                *cold.deletes.write() = Deletes::from_settled(dead.as_ref().clone());
            }
        }
    }

    /// Own segments that are to become one, with what is deleted in each: the last ones, where they are of one size, and no
    /// savepoint needs them as they are.
    pub fn to_merge(&self) -> Option<OwnSegments> {
        let (attached, spills) = self.pinned.get();
        // The first spill after a mark has rows of before it.
        let crossing = self.spills.get(spills).map_or(0, |spill| spill.which + 1);
        let from =
            self.attached.len().checked_sub(MERGE_WIDTH).filter(|from| *from >= attached.max(crossing))?;
        let tiers = self.tiers.get(from..)?;
        let same = tiers.iter().all(|tier| Some(tier) == tiers.first());
        let last = || (self.attached[from..].to_vec(), self.attached_dead[from..].to_vec());
        same.then(last)
    }

    /// The segments of [`to_merge`](Self::to_merge) were written as that one; None where no row was left.
    pub fn merged(&mut self, cold: Option<Arc<ColdHandle>>) {
        let from = self.attached.len().saturating_sub(MERGE_WIDTH);
        for replaced in self.attached.drain(from..) {
            replaced.obsolete.store(true, Ordering::Release);
        }
        let tier = self.tiers.get(from).copied().unwrap_or(0).saturating_add(1);
        self.tiers.truncate(from);
        self.attached_dead.truncate(from);
        self.spills.retain(|spill| spill.which < from);
        if let Some(cold) = cold {
            self.attach(cold, tier, RowSet::new());
        }
    }

    fn attach(&mut self, cold: Arc<ColdHandle>, tier: u8, dead: RowSet) {
        self.attached.push(cold);
        self.attached_dead.push(Arc::new(dead));
        self.tiers.push(tier);
    }

    fn truncate(&mut self, rows: u32) {
        while self.sealed_rows > rows {
            let Some(batch) = self.sealed.pop() else { break };
            let len = batch.first().map_or(0, Column::len) as u32;
            self.sealed_rows -= len;
            self.tail = self.table.types.iter().map(|&t| ColumnBuilder::new(t)).collect();
            self.tail_rows = 0;
            if self.sealed_rows < rows {
                for (builder, column) in self.tail.iter_mut().zip(&batch) {
                    builder.append(column, None);
                }
                self.tail_rows = len;
            }
        }
        let keep = rows.saturating_sub(self.sealed_rows);
        for builder in &mut self.tail {
            builder.truncate(keep as usize);
        }
        self.tail_rows = self.tail_rows.min(keep);
        let mut left = rows;
        self.origins.retain_mut(|origin| {
            origin.rows = origin.rows.min(left);
            left -= origin.rows;
            origin.rows > 0
        });
    }

    /// (batch start, columns) of all rows in memory.
    fn batches(&self) -> Vec<(u32, Vec<Column>)> {
        let mut base = 0;
        let mut batches = Vec::new();
        for columns in &self.sealed {
            batches.push((base, columns.clone()));
            base += columns.first().map_or(0, Column::len) as u32;
        }
        if self.tail_rows > 0 {
            batches.push((base, self.tail.iter().map(ColumnBuilder::snapshot).collect()));
        }
        batches
    }

    fn living(&self, base: u32, rows: u32) -> Option<Vec<u32>> {
        if self.dead_set.is_empty() {
            return None;
        }
        let living: Vec<u32> = (0..rows).filter(|i| !self.dead_set.contains(&(base + i))).collect();
        (living.len() < rows as usize).then_some(living)
    }

    /// The values of an own row in memory.
    pub fn row(&self, ordinal: u32) -> Option<Vec<Column>> {
        let mut base = 0;
        for columns in &self.sealed {
            let rows = columns.first().map_or(0, Column::len) as u32;
            if ordinal < base + rows {
                return Some(columns.iter().map(|c| c.slice((ordinal - base) as usize, 1)).collect());
            }
            base += rows;
        }
        let at = (ordinal - base) as usize;
        if at >= self.tail_rows as usize {
            return None;
        }
        let one = |b: &ColumnBuilder| Column::from_values(b.ty(), [b.value(at)]);
        self.tail.iter().map(one).collect::<Result<_>>().ok()
    }

    fn key_of(&self, ordinal: u32) -> Option<Key> {
        let row = self.row(ordinal)?;
        let columns: Vec<&Column> = self.key.iter().map(|&k| &row[k]).collect();
        Some(Key::from_row(&columns, 0))
    }

    /// What a scan of this transaction adds to the committed rows of that version.
    pub fn for_scan(&self, version: &TableVersion) -> Own {
        let rows = self.batches().into_iter().map(|(base, columns)| {
            let count = columns.first().map_or(0, Column::len) as u32;
            OwnRows { selection: self.living(base, count), columns, base }
        });
        Own {
            rows: rows.collect(),
            attached: self.attached.clone(),
            hidden: self.hidden_keys(),
            gone: self.gone(version),
        }
    }

    /// The own row with that key, wanted columns only, wherever it lies.
    pub fn get(&self, key: &Key, columns: &[usize], out: &mut Vec<Value>) -> Result<bool> {
        if let Some(row) = self.own(key.as_bytes()).and_then(|ordinal| self.row(ordinal)) {
            out.extend(columns.iter().map(|&c| row[c].value(0)));
            return Ok(true);
        }
        if let Some((which, ordinal)) = self.attached_row(key.as_bytes())? {
            for &column in columns {
                out.push(self.attached[which].segment.value(column, ordinal)?);
            }
            return Ok(true);
        }
        Ok(false)
    }

    /// The rows in memory for writing as a cold segment, deleted ones included; None if there is none.
    pub fn to_spill(&self) -> Option<Vec<MemoryChunk>> {
        let chunks = self.batches().into_iter().map(|(base, columns)| {
            let rows = columns.first().map_or(0, Column::len);
            MemoryChunk { columns, base, keep: vec![Some(0); rows] }
        });
        (self.rows() > 0).then(|| chunks.collect())
    }

    /// The rows in memory were written as that segment; `map` says where each went.
    pub fn spilled(&mut self, cold: Arc<ColdHandle>, map: OrdinalMap) {
        let which = self.attached.len();
        let dead = std::mem::take(&mut self.dead);
        self.attach(cold, 0, dead.iter().filter_map(|&o| map.get(o)).collect());
        let rows = self.rows();
        self.spills.push(Spill { which, rows, map, dead, kept: rows });
        self.settle_attached();
        self.forget_rows();
    }

    fn forget_rows(&mut self) {
        self.sealed.clear();
        self.sealed_rows = 0;
        self.tail = self.table.types.iter().map(|&t| ColumnBuilder::new(t)).collect();
        self.tail_rows = 0;
        self.origins.clear();
        self.dead.clear();
        self.dead_set.clear();
        self.keys = OwnKeys::default();
        self.unique.iter_mut().for_each(UniqueKeys::clear);
        self.memory = 0;
    }

    /// What the record would say of this table now.
    pub fn so_far(&self) -> TableChange {
        let deletes = self.deletes.iter().map(|(key, _)| key.clone()).collect();
        self.change(self.batches(), self.origins.clone(), deletes)
    }

    /// What the record says of this table, and where the rows lie that it deletes. The rows in memory and the deletes move
    /// there: nothing is read or written here any more.
    pub fn finish(&mut self) -> (TableChange, DeletedRows) {
        let (deletes, each) = std::mem::take(&mut self.deletes).into_iter().unzip();
        let mut base = 0;
        let mut batches = Vec::with_capacity(self.sealed.len() + 1);
        for columns in std::mem::take(&mut self.sealed) {
            let rows = columns.first().map_or(0, Column::len) as u32;
            batches.push((base, columns));
            base += rows;
        }
        if self.tail_rows > 0 {
            let tail = std::mem::take(&mut self.tail);
            batches.push((base, tail.into_iter().map(ColumnBuilder::finish).collect()));
        }
        (self.sealed_rows, self.tail_rows) = (0, 0);
        let origins = std::mem::take(&mut self.origins);
        let change = self.change(batches, origins, deletes);
        let many = self.gone(&self.table.version()).as_ref().clone();
        let swept = self.sweeps.iter().map(|(_, rows)| rows.clone()).collect();
        (change, DeletedRows { each, many, swept })
    }

    fn change(
        &self,
        batches: Vec<(u32, Vec<Column>)>,
        mut origins: Vec<Origin>,
        deletes: Vec<Key>,
    ) -> TableChange {
        let mut rows = Vec::with_capacity(batches.len());
        for (base, columns) in batches {
            let count = columns.first().map_or(0, Column::len) as u32;
            match self.living(base, count) {
                None => rows.push(columns),
                Some(living) if living.is_empty() => {}
                Some(living) => rows.push(columns.iter().map(|c| c.gather(&living)).collect()),
            }
        }
        if !self.dead_set.is_empty() {
            let mut at = 0;
            origins.retain_mut(|origin| {
                let (first, end) = (at, at + origin.rows);
                at = end;
                origin.rows = (first..end).filter(|o| !self.dead_set.contains(o)).count() as u32;
                origin.rows > 0
            });
        }
        let attached = self.attached.iter().zip(&self.attached_dead).map(|(cold, dead)| Attached {
            file: cold.id,
            rows: cold.segment.rows(),
            bytes: cold.bytes,
            min_key: cold.min_key.clone(),
            max_key: cold.max_key.clone(),
            marks: dead.iter().collect(),
            blobs: cold.blobs.list(),
            parts: cold.parts.ids(),
        });
        TableChange {
            table: self.table.def.id,
            schema_version: self.table.def.generation() + 1,
            attached: attached.collect(),
            deletes,
            rows,
            row: None,
            origins,
            key_files: Vec::new(),
            sweeps: self.sweeps.iter().map(|(sweep, _)| *sweep).collect(),
            then: None,
        }
    }

    /// Writes what is left of the files of keys, for the record to name.
    pub fn finish_keys(&mut self) -> Result<Vec<KeyRange>> {
        for file in self.key_files.extract_if(.., |file| file.keys() == 0) {
            file.handle.obsolete.store(true, Ordering::Release);
        }
        let finish = |file: &mut KeyRunFile| {
            let bytes = file.writer.finish()?;
            let (min_key, max_key) = (file.min_key.clone(), file.max_key.clone());
            Ok(KeyRange { file: file.file, keys: file.keys(), bytes, min_key, max_key })
        };
        self.key_files.iter_mut().map(finish).collect()
    }

    /// The transaction is over without a commit: its files go.
    pub fn abandon(&mut self) {
        for cold in self.attached.drain(..) {
            cold.obsolete.store(true, Ordering::Release);
        }
        for file in self.key_files.drain(..) {
            file.handle.obsolete.store(true, Ordering::Release);
        }
    }

    /// An internal error that names this table.
    pub fn internal(&self, what: &str) -> Error {
        Error::internal(format!("table \"{}\": {what}", self.table.def.name))
    }
}

/// About how many bytes a value takes in a column.
pub fn value_weight(value: &Value) -> usize {
    match value {
        Value::Text(text) => 16 + text.len(),
        Value::Bytea(bytes) => 16 + bytes.len(),
        Value::Blob(_) => 64,
        Value::Char(text) | Value::Json(text) => 16 + text.len(),
        Value::Jsonb(json) => 16 + json.as_bytes().len(),
        Value::Array(array) => 16 + array.values().iter().map(value_weight).sum::<usize>(),
        Value::Uuid(_) => 32,
        Value::Enum(_, bytes) | Value::Other(_, bytes) => 16 + bytes.len(),
        Value::Vector(items) => 16 + 4 * items.len(),
        Value::Numeric(_) | Value::Interval(_) => 16,
        _ => 8,
    }
}
