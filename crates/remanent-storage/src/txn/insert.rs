//! Rows into a transaction: NOT NULL, keys locked and looked for, the private segment.

use super::{Txn, refuse_system};
use crate::catalog::FIRST_USER_TABLE;
use crate::error::{Error, Result, state};
use crate::index::{IndexId, PRIMARY};
use crate::table::gone::Home;
use crate::table::hot::ROW_OVERHEAD;
use crate::table::version::Table;
use crate::table::{ColumnDef, TableDef};
use crate::txn::keys::KeyRun;
use crate::txn::locks::{Mode, Target, Wait};
use crate::txn::unique::{FreeRows, TakenRow, duplicate};
use crate::txn::writes::value_weight;
use crate::value::blob::LARGE;
use crate::value::{Batch, Column, ColumnData, Key, Type, Value};
use crate::world::mutation;
use rustc_hash::FxHashSet;
use std::sync::Arc;

impl Txn {
    /// Inserts rows: all declared columns, in order, each of the declared type (for a table with a hidden key
    /// the key is made here). NOT NULL is checked here (23502), so is the key (23505).
    pub fn insert(&mut self, table: &Arc<TableDef>, rows: &Batch) -> Result<()> {
        refuse_system(table)?;
        self.core.admit_space(false)?;
        let rows = rows.compact();
        let bytes = rows.columns.iter().map(weight).sum::<usize>() + rows.rows * ROW_OVERHEAD;
        let table = self.begin_write(table, bytes)?;
        let mut columns: Vec<Column> = rows.columns.iter().map(Column::flatten).collect();
        load_keys(&table, &mut columns)?;
        if table.def.key.is_empty() {
            let first = table.reserve_row_ids(rows.rows);
            let ids: Vec<i64> = (first..first + rows.rows as i64).collect();
            columns.push(Column::flat(Type::Int8, ColumnData::I64(ids.into()), None));
        }
        self.insert_stored(&table, &columns, None, None)
    }

    /// As [`insert`](Txn::insert) for those rows whose keys are free; the others, ascending: their key is that of a
    /// living row, or of a row before them. Their keys are locked. `arbiters`: in which indexes keys may be taken
    /// ([`PRIMARY`] for the primary key); None: in all. In the others a key that is taken is 23505.
    pub fn insert_free(
        &mut self,
        table: &Arc<TableDef>,
        rows: &Batch,
        arbiters: Option<&[IndexId]>,
    ) -> Result<FreeRows> {
        refuse_system(table)?;
        self.core.admit_space(false)?;
        let rows = rows.compact();
        let bytes = rows.columns.iter().map(weight).sum::<usize>() + rows.rows * ROW_OVERHEAD;
        let table = self.begin_write(table, bytes)?;
        let mut columns: Vec<Column> = rows.columns.iter().map(Column::flatten).collect();
        load_keys(&table, &mut columns)?;
        check_not_null(&table.def, &columns)?;
        if table.def.key.is_empty() {
            let first = table.reserve_row_ids(rows.rows);
            let ids: Vec<i64> = (first..first + rows.rows as i64).collect();
            columns.push(Column::flat(Type::Int8, ColumnData::I64(ids.into()), None));
        }
        let keys = KeyRun::of(&key_columns(&table.def, &columns));
        let taken = match self.writes(&table)?.unique_indexes().is_empty() {
            false => self.free_rows(&table, &columns, &keys, arbiters)?,
            true if table.def.key.is_empty() => Vec::new(),
            true => {
                let taken = self.taken(&table, &keys, false)?;
                taken.iter().for_each(|&row| self.saw_newest(&table, keys.get(row as usize)));
                let key = |row: u32| Key(keys.get(row as usize).into());
                taken.into_iter().map(|row| TakenRow { row, index: PRIMARY, key: key(row) }).collect()
            }
        };
        let mut next = taken.iter().map(|taken| taken.row).peekable();
        let free: Vec<u32> = (0..rows.rows as u32).filter(|row| next.next_if_eq(row).is_none()).collect();
        let inserted = free.iter().map(|&row| Key(keys.get(row as usize).into())).collect();
        if !free.is_empty() {
            let columns: Vec<Column> = columns.iter().map(|column| column.gather(&free)).collect();
            let stored = self.store_large(&table.def, &columns)?;
            self.writes(&table)?.push(stored.as_deref().unwrap_or(&columns), &keys.gather(&free), None);
            self.spill_when_large(&table)?;
        }
        Ok(FreeRows { rows: taken, inserted })
    }

    /// As [`insert`](Txn::insert) for one row, a value for each declared column.
    pub fn insert_row(&mut self, table: &Arc<TableDef>, row: &[&Value]) -> Result<()> {
        refuse_system(table)?;
        self.core.admit_space(false)?;
        if row.iter().any(|value| matches!(value, Value::Blob(_))) && self.has_keys_of(table, row) {
            let loaded: Vec<Value> = row.iter().map(|value| value.loaded()).collect::<Result<_>>()?;
            return self.insert_row(table, &loaded.iter().collect::<Vec<_>>());
        }
        let bytes = row.iter().map(|value| value_weight(value).min(LARGE)).sum::<usize>() + ROW_OVERHEAD;
        let table = self.begin_write(table, bytes)?;
        check_row(&table.def, row)?;
        if !table.indexes.is_empty() {
            let column =
                |(value, column): (&&Value, &ColumnDef)| Column::from_values(column.ty, [(*value).clone()]);
            let mut columns = row.iter().zip(&table.def.columns).map(column).collect::<Result<Vec<_>>>()?;
            if table.def.key.is_empty() {
                columns.push(Column::from_values(Type::Int8, [Value::Int8(table.reserve_row_ids(1))])?);
            }
            load_keys(&table, &mut columns)?;
            return self.insert_stored(&table, &columns, None, None);
        }
        if table.def.key.is_empty() {
            let id = Value::Int8(table.reserve_row_ids(1));
            let stored = self.store_large_row(&table.def, row)?;
            let of = |i: usize| stored.as_ref().and_then(|stored| stored.get(i));
            let row: Vec<&Value> =
                row.iter().enumerate().map(|(i, v)| of(i).unwrap_or(v)).chain([&id]).collect();
            self.writes(&table)?.push_row(&row, &KeyRun::of_row([&id].into_iter()), None)?;
        } else {
            let key = || table.def.key.iter().filter_map(|&k| row.get(k).copied());
            let keys = KeyRun::of_row(key());
            if self.first_taken(&table, &keys)?.is_some() {
                self.saw_newest(&table, keys.get(0));
                let values: Vec<Value> = key().cloned().collect();
                return Err(duplicate(&table.def, &table.def.primary(), &values));
            }
            match self.store_large_row(&table.def, row)? {
                None => self.writes(&table)?.push_row(row, &keys, None)?,
                Some(stored) => {
                    self.writes(&table)?.push_row(&stored.iter().collect::<Vec<_>>(), &keys, None)?;
                }
            }
        }
        self.spill_when_large(&table)
    }

    /// Adds rows, all stored columns, whose keys must be new. `replaced`: the keys of the rows that they take the place of.
    pub(super) fn insert_stored(
        &mut self,
        table: &Arc<Table>,
        columns: &[Column],
        replaced: Option<&KeyRun>,
        updated: Option<Box<[u8]>>,
    ) -> Result<()> {
        check_not_null(&table.def, columns)?;
        let fresh = table.def.key.is_empty() && updated.is_none();
        let key_columns = key_columns(&table.def, columns);
        let keys = KeyRun::of(&key_columns);
        // Rows that keep their keys, which nobody else can have meanwhile.
        let kept = replaced.is_some_and(|replaced| keys.ascends() && *replaced == keys);
        let taken = if fresh || kept { None } else { self.first_taken(table, &keys)? };
        if !self.writes(table)?.unique_indexes().is_empty() {
            self.check_unique(table, columns, updated.as_deref(), taken.unwrap_or(keys.len()))?;
        }
        if let Some(row) = taken {
            self.saw_newest(table, keys.get(row));
            let values: Vec<Value> = key_columns.iter().map(|c| c.value(row)).collect();
            return Err(duplicate(&table.def, &table.def.primary(), &values));
        }
        let stored = self.store_large(&table.def, columns)?;
        self.writes(table)?.push(stored.as_deref().unwrap_or(columns), &keys, updated);
        self.spill_when_large(table)
    }

    /// True if a value that is kept apart is of a key of a table.
    fn has_keys_of(&self, def: &TableDef, row: &[&Value]) -> bool {
        let indexes = self.table(def).map(|table| table.indexes.get());
        let of_indexes = indexes.iter().flat_map(|list| list.iter()).flat_map(|def| &def.columns);
        def.key.iter().chain(of_indexes).any(|&k| matches!(row.get(k), Some(Value::Blob(_))))
    }

    pub(super) fn spill_when_large(&mut self, table: &Table) -> Result<()> {
        let writes = self.writes(table)?;
        let (memory, rewritten) = (writes.memory(), writes.rewritten);
        let most = if rewritten { self.core.spill_rewritten() } else { self.core.spill() };
        if memory > most && table.def.id >= FIRST_USER_TABLE {
            self.spill(table.def.id)?;
        }
        Ok(())
    }

    /// A row under that key was found that may be newer than the snapshot.
    pub(super) fn saw_newest(&self, table: &Table, key: &[u8]) {
        if let Some(reader) = &self.reader {
            reader.beyond.set(true);
            reader.reads.borrow_mut().key(table.def.id, &Key(key.into()), &[]);
        }
    }

    /// Locks keys; the first that a living row has, or that comes twice.
    pub(super) fn first_taken(&mut self, table: &Arc<Table>, keys: &KeyRun) -> Result<Option<usize>> {
        Ok(self.taken(table, keys, true)?.first().map(|&row| row as usize))
    }

    /// Locks keys; those that a living row has, or that came before, or only the first of them.
    fn taken(&mut self, table: &Arc<Table>, keys: &KeyRun, first_only: bool) -> Result<Vec<u32>> {
        let Txn { core, writes, held, interrupt, owner, snapshot, .. } = self;
        let writes = writes.get(&table.def.id).ok_or_else(|| Error::internal("a write was not begun"))?;
        let mut seen = (!keys.ascends()).then(FxHashSet::default);
        let mut version = table.version();
        let mut taken = Vec::new();
        for row in 0..keys.len() {
            if first_only && !taken.is_empty() {
                break;
            }
            let key = keys.get(row);
            if seen.as_mut().is_some_and(|seen| !seen.insert(key)) {
                taken.push(row as u32);
                continue;
            }
            let early =
                mutation("check_then_act") && !version.newest(key)?.is_some_and(|newest| newest.lives);
            // Who replaces a row has locked its key already.
            if !writes.exclusive && !writes.hides(key) {
                let target = Target::Row(table.def.id, Key(key.into()));
                core.locks.take(*owner, held, target, Mode::Update, Wait::Block, interrupt)?;
                // What was committed before the lock was ours may be in newer segments.
                version = table.version();
            }
            if writes.own(key).is_some() || writes.attached_row(key)?.is_some() {
                taken.push(row as u32);
                continue;
            }
            if writes.hides(key) || early {
                continue;
            }
            let Some(newest) = version.newest(key)? else { continue };
            if !newest.lives {
                // Deleted since the snapshot, which goes on seeing it: the new row would be a second one under its key.
                if version.find(key, snapshot.lsn)?.is_some() {
                    return Err(Error::restart());
                }
            } else {
                let gone = || {
                    Home::of(&newest.located, key)
                        .is_some_and(|(home, at)| writes.gone(&version).contains(home.id(), at))
                };
                if !writes.has_gone() || !gone() {
                    taken.push(row as u32);
                }
            }
        }
        Ok(taken)
    }
}

/// The key's columns among a row's.
pub(super) fn key_columns<'a>(def: &TableDef, columns: &'a [Column]) -> Vec<&'a Column> {
    def.key_columns().into_iter().filter_map(|k| columns.get(k)).collect()
}

/// The columns of keys hold no references.
pub(super) fn load_keys(table: &Table, columns: &mut [Column]) -> Result<()> {
    for &key in &table.def.key {
        if let Some(column) = columns.get_mut(key) {
            *column = column.loaded()?;
        }
    }
    Txn::load_index_keys(table, columns)
}

/// About how many bytes of a column go to memory: large values do not.
pub(super) fn weight(column: &Column) -> usize {
    match column.may_be_large() {
        true => (0..column.len()).map(|row| column.bytes(row).len().min(LARGE)).sum(),
        false => column.weight(),
    }
}

/// As [`check_not_null`] for one row.
pub(super) fn check_row(def: &TableDef, row: &[&Value]) -> Result<()> {
    match (0..row.len()).find(|&i| row.get(i).is_some_and(|value| value.is_null()) && is_required(def, i)) {
        Some(i) => {
            let shown = row.iter().take(def.visible()).map(|&value| value.clone());
            Err(null_violation(def, i, shown.collect()))
        }
        None => Ok(()),
    }
}

fn check_not_null(def: &TableDef, columns: &[Column]) -> Result<()> {
    for (i, column) in columns.iter().take(def.columns.len()).enumerate() {
        if column.null_count() > 0 && is_required(def, i) {
            let row = (0..column.len()).find(|&row| !column.is_valid(row)).unwrap_or(0);
            let values = columns[..def.visible()].iter().map(|c| c.value(row)).collect();
            return Err(null_violation(def, i, values));
        }
    }
    Ok(())
}

/// True if a column may not be NULL.
pub(super) fn is_required(def: &TableDef, column: usize) -> bool {
    def.key.contains(&column) || def.columns.get(column).is_some_and(|c| c.not_null)
}

#[cold]
fn null_violation(def: &TableDef, column: usize, row: Vec<Value>) -> Error {
    let name = def.columns.get(column).map_or("", |c| &c.name);
    let message =
        format!("null value in column \"{name}\" of relation \"{}\" violates not-null constraint", def.name);
    Error::new(state::NOT_NULL_VIOLATION, message).with_detail(failing_row(&row))
}

/// A row that was refused, as PostgreSQL shows it: of long values the first 64 bytes.
pub fn failing_row(row: &[Value]) -> String {
    const SHOWN: usize = 64;
    let shown = |value: &Value| {
        let mut text = if value.is_null() { "null".to_string() } else { value.to_string() };
        if text.len() > SHOWN {
            text.truncate(text.floor_char_boundary(SHOWN));
            text.push_str("...");
        }
        text
    };
    format!("Failing row contains ({}).", row.iter().map(shown).collect::<Vec<_>>().join(", "))
}
