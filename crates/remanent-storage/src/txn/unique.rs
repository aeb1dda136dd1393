//! UNIQUE: keys of secondary indexes, locked and looked for at the statement.
//!
//! As for the primary key, who writes a row locks its key in each unique index, `(index, key)`, so of two who bring the same key
//! the second waits. Who gives a key up (a DELETE, an UPDATE of its columns) holds the row: who finds that row under the key
//! waits for it, and looks again.
//!
//! ```text
//!   T1  DELETE the row with a = 1       locks the row
//!   T2  INSERT a = 1                    locks (index, 1); finds the row; waits for it
//!   T1  COMMIT                          T2 looks again: the key is free
//! ```
//!
//! A key with a NULL is not looked at, unless NULLs are not distinct. Who holds the table alone takes no locks.
//!
//! A transaction's own rows in memory are found by [`UniqueKeys`], those it has moved to files by the parts of these.

use super::Txn;
use super::insert::key_columns;
use crate::catalog::Catalog;
use crate::error::{Error, Result, state};
use crate::index::{IndexDef, IndexId, PRIMARY};
use crate::table::version::Table;
use crate::table::{TableDef, TableId};
use crate::txn::keys::KeyRun;
use crate::txn::locks::{Mode, Target, Wait};
use crate::txn::writes::TableWrites;
use crate::value::{Column, Key, Value, key};
use crate::world::mutation;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// A transaction's own rows in memory by their keys in a unique index.
pub struct UniqueKeys {
    /// The index.
    pub def: Arc<IndexDef>,
    /// The newest row with a key.
    newest: FxHashMap<Key, u32>,
    /// The row before with the same key.
    older: FxHashMap<u32, u32>,
}

/// About how many bytes an own row takes beside its key.
const ROW_BYTES: usize = 48;

impl UniqueKeys {
    /// Without rows.
    pub fn new(def: &Arc<IndexDef>) -> Self {
        UniqueKeys { def: Arc::clone(def), newest: FxHashMap::default(), older: FxHashMap::default() }
    }

    /// Adds the rows from `first` on; returns about how many bytes that takes.
    pub fn push(&mut self, first: u32, columns: &[Column]) -> usize {
        let mut bytes = 0;
        for row in 0..columns.first().map_or(0, Column::len) {
            if self.def.counts(columns, row) {
                let mut key = Vec::new();
                self.def.encode_row(&mut key, columns, row);
                bytes += key.len() + ROW_BYTES;
                if let Some(older) = self.newest.insert(Key(key.into()), first + row as u32) {
                    self.older.insert(first + row as u32, older);
                }
            }
        }
        bytes
    }

    /// The newest row with a key for which `lives` is true.
    pub fn find(&self, key: &[u8], lives: &dyn Fn(u32) -> bool) -> Option<u32> {
        let newest = self.newest.get(key).copied();
        std::iter::successors(newest, |row| self.older.get(row).copied()).find(|&row| lives(row))
    }

    /// Forgets the rows from `rows` on.
    pub fn truncate(&mut self, rows: u32) {
        let UniqueKeys { newest, older, .. } = self;
        newest.retain(|_, row| {
            let kept =
                std::iter::successors(Some(*row), |row| older.get(row).copied()).find(|&row| row < rows);
            kept.inspect(|&kept| *row = kept).is_some()
        });
        older.retain(|row, _| *row < rows);
    }

    /// Forgets all rows.
    pub fn clear(&mut self) {
        (self.newest, self.older) = Default::default();
    }
}

/// A row that is not inserted, since another one has its key in a unique index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenRow {
    /// Its place among the rows.
    pub row: u32,
    /// The index.
    pub index: IndexId,
    /// The primary key of the other one.
    pub key: Key,
}

/// What [`Txn::insert_free`] did.
#[derive(Debug, Default)]
pub struct FreeRows {
    /// The rows that are not inserted, in their order.
    pub rows: Vec<TakenRow>,
    /// The primary keys of those that are, in their order.
    pub inserted: Vec<Key>,
}

impl Txn {
    /// The indexes that this transaction's writes in a table must keep: those of the newest catalog, which stay as long as the
    /// table is locked, and its own DDL.
    pub(super) fn indexes_to_keep(&self, newest: &Catalog, id: TableId) -> Vec<Arc<IndexDef>> {
        let newest = newest.indexes_of(id);
        let Some(own) = &self.own_catalog else { return newest.to_vec() };
        let (before, own) = (self.snapshot.catalog.indexes_of(id), own.catalog.indexes_of(id));
        let has = |list: &[Arc<IndexDef>], id| list.iter().any(|def| def.id == id);
        let kept = newest.iter().filter(|def| !has(before, def.id) || has(own, def.id));
        // Its columns may be elsewhere in this transaction's definition of the table.
        let kept = kept.map(|def| own.iter().find(|held| held.id == def.id).unwrap_or(def));
        kept.chain(own.iter().filter(|def| !has(newest, def.id))).cloned().collect()
    }

    /// The columns of indexes hold no references, and no key is too long.
    pub(super) fn load_index_keys(table: &Table, columns: &mut [Column]) -> Result<()> {
        for def in table.indexes.get().iter() {
            for &c in &def.columns {
                if let Some(column) = columns.get_mut(c).filter(|column| column.may_be_large()) {
                    *column = column.loaded()?;
                }
            }
            def.check_lengths(columns)?;
        }
        Ok(())
    }

    /// Locks the keys of rows in the unique indexes of a table, and looks for them: the first of the rows before `end` whose
    /// key another row has is 23505. `assigned`: only indexes of one of these columns, as bits.
    pub(super) fn check_unique(
        &mut self,
        table: &Arc<Table>,
        columns: &[Column],
        assigned: Option<&[u8]>,
        end: usize,
    ) -> Result<()> {
        let defs = self.writes(table)?.unique_indexes();
        let mut found: Option<(usize, Error)> = None;
        for def in defs {
            let set =
                |c: usize| assigned.is_none_or(|mask| mask.get(c / 8).is_some_and(|b| b >> (c % 8) & 1 == 1));
            if !def.read().any(set) {
                continue;
            }
            let end = found.as_ref().map_or(end, |(row, _)| *row);
            let mut seen: FxHashMap<Key, ()> = FxHashMap::default();
            for row in (0..end).filter(|&row| def.counts(columns, row)) {
                let key = index_key(&def, columns, row);
                let taken =
                    end > 1 && seen.contains_key(key.as_bytes()) || self.holder(table, &def, &key)?.is_some();
                if taken {
                    let values = def.columns.iter().filter_map(|&c| columns.get(c));
                    let values: Vec<Value> = values.map(|column| column.value(row)).collect();
                    self.saw_values(table, &def, &values);
                    found = Some((row, duplicate(&table.def, &def, &values)));
                    break;
                }
                if end > 1 {
                    seen.insert(key, ());
                }
            }
        }
        found.map_or(Ok(()), |(_, error)| Err(error))
    }

    /// As [`insert_free`](Txn::insert_free) where a table has unique indexes: decides row by row. `arbiters`: in which indexes a
    /// key may be taken; None: in all. In another it is 23505.
    pub(super) fn free_rows(
        &mut self,
        table: &Arc<Table>,
        columns: &[Column],
        keys: &KeyRun,
        arbiters: Option<&[IndexId]>,
    ) -> Result<Vec<TakenRow>> {
        let defs = self.writes(table)?.unique_indexes();
        let arbiter = |id: IndexId| arbiters.is_none_or(|ids| ids.contains(&id));
        let mut seen: FxHashMap<(IndexId, Key), u32> = FxHashMap::default();
        let mut taken = Vec::new();
        'rows: for row in 0..keys.len() {
            let own = Key(keys.get(row).into());
            let mut fresh = Vec::new();
            if !table.def.key.is_empty() {
                let held = seen.contains_key(&(PRIMARY, own.clone()))
                    || self.first_taken(table, &keys.gather(&[row as u32]))?.is_some();
                if held {
                    self.saw_newest(table, own.as_bytes());
                    if !arbiter(PRIMARY) {
                        let values = key_columns(&table.def, columns);
                        let values: Vec<Value> = values.iter().map(|column| column.value(row)).collect();
                        return Err(duplicate(&table.def, &table.def.primary(), &values));
                    }
                    taken.push(TakenRow { row: row as u32, index: PRIMARY, key: own });
                    continue;
                }
                fresh.push((PRIMARY, own.clone()));
            }
            for def in defs.iter().filter(|def| def.counts(columns, row)) {
                let key = index_key(def, columns, row);
                let holder = match seen.get(&(def.id, key.clone())) {
                    Some(&before) => Some(Key(keys.get(before as usize).into())),
                    None => self.holder(table, def, &key)?,
                };
                let Some(holder) = holder else {
                    fresh.push((def.id, key));
                    continue;
                };
                let values = def.columns.iter().filter_map(|&c| columns.get(c));
                let values: Vec<Value> = values.map(|column| column.value(row)).collect();
                self.saw_values(table, def, &values);
                if !arbiter(def.id) {
                    return Err(duplicate(&table.def, def, &values));
                }
                taken.push(TakenRow { row: row as u32, index: def.id, key: holder });
                continue 'rows;
            }
            seen.extend(fresh.into_iter().map(|key| (key, row as u32)));
        }
        Ok(taken)
    }

    /// Locks a key of a unique index; the primary key of the living row that has it, if any.
    fn holder(&mut self, table: &Arc<Table>, def: &Arc<IndexDef>, key: &Key) -> Result<Option<Key>> {
        let Txn { core, writes, held, interrupt, owner, .. } = self;
        let writes = writes.get(&table.def.id).ok_or_else(|| Error::internal("a write was not begun"))?;
        if !writes.exclusive && !mutation("unlocked_index_keys") {
            let target = Target::Row(def.id, key.clone());
            core.locks.take(*owner, held, target, Mode::Update, Wait::Block, interrupt)?;
        }
        if mutation("skip_unique_check") {
            return Ok(None);
        }
        if let Some(own) = writes.own_holder(def, key.as_bytes())? {
            return Ok(Some(own));
        }
        let mut waited: Option<Key> = None;
        loop {
            let Some(row) = living(table, Some(writes), def, key.as_bytes())? else { return Ok(None) };
            if writes.exclusive || waited.as_ref() == Some(&row) {
                return Ok(Some(row));
            }
            // Who deletes it, or gives it another key, holds it alone.
            let before = held.len();
            let target = Target::Row(table.def.id, row.clone());
            core.locks.take(*owner, held, target, Mode::KeyShare, Wait::Block, interrupt)?;
            core.locks.release_from(*owner, held, before);
            waited = Some(row);
        }
    }

    /// A row with these values was found that may be newer than the snapshot.
    fn saw_values(&self, table: &Table, def: &IndexDef, values: &[Value]) {
        if let Some(reader) = &self.reader {
            use crate::table::{ColumnRange, ScanRequest};
            use std::ops::Bound::Included;
            reader.beyond.set(true);
            let range = |(&column, value): (&usize, &Value)| {
                let (low, high) = (Included(value.clone()), Included(value.clone()));
                (!value.is_null()).then_some(ColumnRange { column, low, high })
            };
            let ranges = def.columns.iter().zip(values).filter_map(range).collect();
            reader.reads.borrow_mut().scan(table.def.id, &ScanRequest { ranges, ..ScanRequest::default() });
        }
    }
}

fn index_key(def: &IndexDef, columns: &[Column], row: usize) -> Key {
    let mut key = Vec::new();
    def.encode_row(&mut key, columns, row);
    Key(key.into())
}

/// The committed living row with a key of an index that the transaction has not deleted: its primary key.
pub(super) fn living(
    table: &Table,
    writes: Option<&TableWrites>,
    def: &Arc<IndexDef>,
    key: &[u8],
) -> Result<Option<Key>> {
    let version = table.version();
    let gone = writes.filter(|writes| writes.has_gone()).map(|writes| writes.gone(&version));
    let shown = |segment: u32, ordinal: u32, row: &Key| {
        !writes.is_some_and(|writes| writes.hides(row.as_bytes()))
            && gone.as_ref().is_none_or(|gone| !gone.contains(segment, ordinal))
    };
    for hot in version.hots() {
        let rows = match hot.segment.living(def.id, key)? {
            Some(rows) => rows,
            None => {
                hot.segment.add_index(def)?;
                hot.segment.living(def.id, key)?.unwrap_or_default()
            }
        };
        for (ordinal, row) in rows {
            if shown(hot.segment.id(), ordinal, &row) {
                return Ok(Some(row));
            }
        }
    }
    let columns = table.def.key_columns();
    for cold in &version.cold {
        for ordinal in cold.rows_with(def, key)? {
            if cold.deletes.read().deleted_at(ordinal).is_some() {
                continue;
            }
            let values: Vec<Value> =
                columns.iter().map(|&c| cold.segment.value(c, ordinal)).collect::<Result<_>>()?;
            let row = Key::encode(&values);
            if shown(cold.id, ordinal, &row) {
                return Ok(Some(row));
            }
        }
    }
    Ok(None)
}

/// 23505
#[cold]
pub(super) fn duplicate(table: &TableDef, def: &IndexDef, key: &[Value]) -> Error {
    let message = format!("duplicate key value violates unique constraint \"{}\"", def.name);
    Error::new(state::UNIQUE_VIOLATION, message).with_detail(described(table, def, key, "already exists"))
}

/// `Key (a, b)=(1, x) …`
pub(super) fn described(table: &TableDef, def: &IndexDef, key: &[Value], what: &str) -> String {
    let names: Vec<String> = def.columns.iter().map(|&c| table.label(c)).collect();
    let text = |value: &Value| if value.is_null() { "null".to_string() } else { value.to_string() };
    let values: Vec<String> = key.iter().map(text).collect();
    format!("Key ({})=({}) {what}.", names.join(", "), values.join(", "))
}

/// The values of a primary key, one a column.
pub fn key_values(table: &TableDef, key: &Key) -> Result<Vec<Value>> {
    key::decode(key.as_bytes(), &table.primary().types)
}
