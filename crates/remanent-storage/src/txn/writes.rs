//! A transaction's private segment: what it wrote in one table and nobody else sees yet.
//!
//! Rows are columns in memory, addressed by ordinal in the order they were written; rows that the
//! transaction itself deletes again are marked. Committed rows that it deletes are remembered by key, with
//! where they lie. When the rows outgrow the store's spill size they are written as a cold segment that only
//! this transaction knows ([`TableWrites::spilled`]); its record then names the file instead of holding the rows.
//!
//! A savepoint is a few lengths: everything here only grows.

use crate::error::{Error, Result};
use crate::segment::deletes::Deletes;
use crate::table::ordinals::OrdinalMap;
use crate::table::rewrite::MemoryChunk;
use crate::table::scan::{Own, OwnRows};
use crate::table::version::{ColdHandle, Located, Table};
use crate::txn::change::{Attached, Origin, TableChange};
use crate::value::key::{encode_column_row, encode_value};
use crate::value::{Column, ColumnBuilder, Key, Value};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Rows of a sealed batch.
const SEAL_ROWS: usize = 4096;

/// What a transaction wrote in one table.
pub struct TableWrites {
    /// The table.
    pub table: Arc<Table>,
    /// True once the transaction holds the table for itself: keys need no locks any more.
    pub exclusive: bool,
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
    /// Committed rows that are deleted, in the order that happened.
    deletes: Vec<(Key, Located)>,
    hidden: Arc<FxHashSet<Key>>,
    attached: Vec<Arc<ColdHandle>>,
    /// Rows of attached segments that are deleted again: (which, ordinal).
    attached_dead: Vec<(usize, u32)>,
    spills: Vec<Spill>,
    memory: usize,
}

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
#[derive(Debug, Clone, Default)]
pub struct Mark {
    rows: u32,
    dead: usize,
    deletes: usize,
    attached: usize,
    attached_dead: usize,
    spills: usize,
    /// Whether the transaction had the table for itself.
    pub exclusive: bool,
}

impl TableWrites {
    /// No writes yet.
    pub fn new(table: Arc<Table>) -> Self {
        let tail = table.types.iter().map(|&t| ColumnBuilder::new(t)).collect();
        TableWrites {
            key: table.def.key_columns(),
            table,
            exclusive: false,
            sealed: Vec::new(),
            sealed_rows: 0,
            tail,
            tail_rows: 0,
            origins: Vec::new(),
            dead: Vec::new(),
            dead_set: FxHashSet::default(),
            keys: OwnKeys::default(),
            deletes: Vec::new(),
            hidden: Arc::default(),
            attached: Vec::new(),
            attached_dead: Vec::new(),
            spills: Vec::new(),
            memory: 0,
        }
    }

    /// True if there is nothing to commit.
    pub fn is_empty(&self) -> bool {
        self.rows() == 0 && self.deletes.is_empty() && self.attached.is_empty()
    }

    /// Rows in memory, deleted ones included.
    pub fn rows(&self) -> u32 {
        self.sealed_rows + self.tail_rows
    }

    /// About how many bytes the rows in memory take.
    pub fn memory(&self) -> usize {
        self.memory
    }

    /// The own living row in memory with that key.
    pub fn own(&self, key: &[u8]) -> Option<u32> {
        self.keys.find(key).filter(|ordinal| !self.dead_set.contains(ordinal))
    }

    /// True if this transaction deleted the committed row with that key.
    pub fn hides(&self, key: &[u8]) -> bool {
        !self.hidden.is_empty() && self.hidden.contains(key)
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
        self.pushed(rows, first, keys, updated);
    }

    /// Adds one row, all stored columns, whose key the caller has checked and locked. An error is that a value is not of
    /// its column's type; nothing is added then.
    pub fn push_row(&mut self, row: &[&Value], keys: &KeyRun) -> Result<()> {
        let (first, kept) = (self.rows(), self.tail_rows as usize);
        if let Err(e) = self.tail.iter_mut().zip(row).try_for_each(|(builder, value)| builder.push(value)) {
            self.tail.iter_mut().for_each(|builder| builder.truncate(kept));
            return Err(e);
        }
        self.memory += row.iter().map(|value| value_weight(value)).sum::<usize>();
        self.pushed(1, first, keys, None);
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

    /// Deletes an own row in memory.
    pub fn kill(&mut self, ordinal: u32) {
        if self.dead_set.insert(ordinal) {
            self.dead.push(ordinal);
        }
    }

    /// Deletes an own row in an attached segment.
    pub fn kill_attached(&mut self, which: usize, ordinal: u32) {
        if let Some(cold) = self.attached.get(which) {
            cold.deletes.write().mark(1, &[ordinal]);
            self.attached_dead.push((which, ordinal));
        }
    }

    /// Deletes a committed row.
    pub fn hide(&mut self, key: Key, located: Located) {
        Arc::make_mut(&mut self.hidden).insert(key.clone());
        self.memory += 96 + 2 * key.as_bytes().len();
        self.deletes.push((key, located));
    }

    /// How far the writes have come.
    pub fn mark(&self) -> Mark {
        Mark {
            rows: self.rows(),
            dead: self.dead.len(),
            deletes: self.deletes.len(),
            attached: self.attached.len(),
            attached_dead: self.attached_dead.len(),
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
        self.attached_dead.truncate(mark.attached_dead);
        if let Some(spill) = self.spills.last_mut().filter(|_| crossed) {
            // Those that lived at the mark live again.
            spill.kept = spill.kept.min(mark.rows);
            spill.dead.truncate(mark.dead);
            let dead: FxHashSet<u32> = spill.dead.iter().copied().collect();
            let gone = (0..spill.rows).filter(|o| *o >= spill.kept || dead.contains(o));
            self.attached_dead.extend(gone.filter_map(|o| Some((spill.which, spill.map.get(o)?))));
        }
        self.settle_attached();
        for (key, _) in self.deletes.drain(mark.deletes.min(self.deletes.len())..) {
            Arc::make_mut(&mut self.hidden).remove(&key);
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
        for ordinal in revived.into_iter().filter(|o| *o < mark.rows) {
            if let Some(key) = self.key_of(ordinal) {
                self.keys.point(key, ordinal);
            }
        }
        self.truncate(mark.rows);
    }

    /// Makes the attached segments' marks what `attached_dead` says.
    fn settle_attached(&mut self) {
        for (i, cold) in self.attached.iter().enumerate() {
            let mut deletes = Deletes::default();
            let dead = self.attached_dead.iter().filter(|d| d.0 == i).map(|d| d.1);
            deletes.mark(1, &dead.collect::<Vec<_>>());
            *cold.deletes.write() = deletes;
        }
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

    /// What a scan of this transaction adds to the committed rows.
    pub fn for_scan(&self) -> Own {
        let rows = self.batches().into_iter().map(|(base, columns)| {
            let count = columns.first().map_or(0, Column::len) as u32;
            OwnRows { selection: self.living(base, count), columns, base }
        });
        Own { rows: rows.collect(), attached: self.attached.clone(), hidden: Arc::clone(&self.hidden) }
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
        self.attached_dead.extend(dead.iter().filter_map(|&o| Some((which, map.get(o)?))));
        self.attached.push(cold);
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
        self.memory = self.deletes.len() * 128;
    }

    /// What the record says of this table, and where the rows lie that it deletes.
    pub fn finish(&mut self) -> (TableChange, Vec<Located>) {
        let mut rows = Vec::new();
        let mut origins = Vec::new();
        for (base, columns) in self.batches() {
            let count = columns.first().map_or(0, Column::len) as u32;
            match self.living(base, count) {
                None => rows.push(columns),
                Some(living) if living.is_empty() => {}
                Some(living) => rows.push(columns.iter().map(|c| c.gather(&living)).collect()),
            }
        }
        let mut at = 0;
        for origin in &self.origins {
            let lives = (at..at + origin.rows).filter(|o| !self.dead_set.contains(o)).count() as u32;
            at += origin.rows;
            if lives > 0 {
                origins.push(Origin { rows: lives, updated: origin.updated.clone() });
            }
        }
        let attached = self.attached.iter().enumerate().map(|(i, cold)| {
            let mut marks: Vec<u32> = self.attached_dead.iter().filter(|d| d.0 == i).map(|d| d.1).collect();
            marks.sort_unstable();
            Attached {
                file: cold.id,
                rows: cold.segment.rows(),
                bytes: cold.bytes,
                min_key: cold.min_key.clone(),
                max_key: cold.max_key.clone(),
                marks,
                blobs: cold.blobs.list(),
            }
        });
        let (deletes, located) = self.deletes.iter().cloned().unzip();
        let table = self.table.def.id;
        let change =
            TableChange { table, schema_version: 1, attached: attached.collect(), deletes, rows, origins };
        (change, located)
    }

    /// The transaction is over without a commit: its files go.
    pub fn abandon(&mut self) {
        for cold in self.attached.drain(..) {
            cold.obsolete.store(true, Ordering::Release);
        }
    }

    /// An internal error that names this table.
    pub fn internal(&self, what: &str) -> Error {
        Error::internal(format!("table \"{}\": {what}", self.table.def.name))
    }
}

/// About how many bytes a value takes in a column.
fn value_weight(value: &Value) -> usize {
    match value {
        Value::Text(text) => 16 + text.len(),
        Value::Bytea(bytes) => 16 + bytes.len(),
        Value::Blob(_) => 64,
        Value::Vector(items) => 16 + 4 * items.len(),
        Value::Numeric(_) | Value::Interval(_) => 16,
        _ => 8,
    }
}

/// Encoded keys one after the other.
#[derive(Default)]
pub struct KeyRun {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl KeyRun {
    /// The keys of all rows of these columns.
    pub fn of(key: &[&Column]) -> Self {
        let rows = key.first().map_or(0, |c| c.len());
        let mut run = KeyRun { bytes: Vec::with_capacity(rows * 10), ends: Vec::with_capacity(rows) };
        for row in 0..rows {
            for column in key {
                encode_column_row(&mut run.bytes, column, row);
            }
            run.ends.push(run.bytes.len());
        }
        run
    }

    /// These keys.
    pub fn of_keys(keys: &[Key]) -> Self {
        let mut run = KeyRun::default();
        for key in keys {
            run.bytes.extend_from_slice(key.as_bytes());
            run.ends.push(run.bytes.len());
        }
        run
    }

    /// Some of them.
    pub fn gather(&self, rows: &[u32]) -> Self {
        let mut run = KeyRun::default();
        for &row in rows {
            run.bytes.extend_from_slice(self.get(row as usize));
            run.ends.push(run.bytes.len());
        }
        run
    }

    /// Bytes they take.
    pub fn memory(&self) -> usize {
        self.bytes.len() + 8 * self.ends.len()
    }

    /// The key of one row: the values of its key columns.
    pub fn of_row<'a>(key: impl Iterator<Item = &'a Value>) -> Self {
        let mut bytes = Vec::with_capacity(10);
        key.for_each(|value| encode_value(&mut bytes, value));
        KeyRun { ends: vec![bytes.len()], bytes }
    }

    /// How many keys.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// True if there is no key.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Key `i`.
    pub fn get(&self, i: usize) -> &[u8] {
        let start = if i == 0 { 0 } else { self.ends[i - 1] };
        &self.bytes[start..self.ends[i]]
    }

    /// The last key.
    pub fn last(&self) -> Option<&[u8]> {
        self.len().checked_sub(1).map(|i| self.get(i))
    }

    /// True if every key is greater than the one before it.
    pub fn ascends(&self) -> bool {
        (1..self.len()).all(|i| self.get(i - 1) < self.get(i))
    }
}

/// Own rows by key: as long as rows come in key order (a time series does), the keys in a row, found by
/// bisection; from the first that does not on, a hash table.
enum OwnKeys {
    Ordered(KeyRun),
    Hashed(FxHashMap<Key, u32>),
}

impl Default for OwnKeys {
    fn default() -> Self {
        OwnKeys::Ordered(KeyRun::default())
    }
}

impl OwnKeys {
    /// Adds the keys of the rows from `first` on; returns about how many bytes that takes.
    fn push(&mut self, first: u32, keys: &KeyRun) -> usize {
        if let OwnKeys::Ordered(run) = self {
            let follows = keys.is_empty() || run.last().is_none_or(|last| last < keys.get(0));
            if follows && run.len() == first as usize && keys.ascends() {
                let base = run.bytes.len();
                run.bytes.extend_from_slice(&keys.bytes);
                run.ends.extend(keys.ends.iter().map(|end| base + end));
                return keys.bytes.len() + 8 * keys.len();
            }
            let map = (0..run.len()).map(|i| (Key(run.get(i).into()), i as u32)).collect();
            *self = OwnKeys::Hashed(map);
        }
        let OwnKeys::Hashed(map) = self else { return 0 };
        map.extend((0..keys.len()).map(|i| (Key(keys.get(i).into()), first + i as u32)));
        keys.bytes.len() + 48 * keys.len()
    }

    /// The newest own row with that key, living or not.
    fn find(&self, key: &[u8]) -> Option<u32> {
        match self {
            OwnKeys::Hashed(map) => map.get(key).copied(),
            OwnKeys::Ordered(run) => {
                if run.last().is_none_or(|last| key > last) {
                    return None;
                }
                let (mut low, mut high) = (0, run.len());
                while low < high {
                    let middle = (low + high) / 2;
                    if run.get(middle) < key { low = middle + 1 } else { high = middle }
                }
                (low < run.len() && run.get(low) == key).then_some(low as u32)
            }
        }
    }

    /// Makes that row the one its key is found at.
    fn point(&mut self, key: Key, ordinal: u32) {
        if let OwnKeys::Hashed(map) = self {
            map.insert(key, ordinal);
        }
    }

    /// Forgets the rows from `rows` on.
    fn truncate(&mut self, rows: u32) {
        match self {
            OwnKeys::Hashed(map) => map.retain(|_, ordinal| *ordinal < rows),
            OwnKeys::Ordered(run) => {
                run.ends.truncate(rows as usize);
                run.bytes.truncate(run.ends.last().copied().unwrap_or(0));
            }
        }
    }
}
