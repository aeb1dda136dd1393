//! The database that is saved into.

use super::definitions::Form;
use super::rows::Rows;
use crate::catalog::EntryKind;
use crate::catalog::comments::Subject;
use crate::error::{Error, Result, state};
use crate::index::IndexDef;
use crate::store::{Options, Store};
use crate::table::{RelationKind, TableDef, TableId};
use crate::txn::sequence::Asker;
use crate::txn::{Interrupt, Txn};
use crate::value::{Batch, Column, Value};
use crate::world::World;
use std::path::Path;
use std::sync::Arc;

/// Rows of one transaction. Whatever outgrows memory is spilled long before.
const TRANSACTION_ROWS: u64 = 1 << 20;

/// The new database.
pub struct Target {
    store: Arc<Store>,
}

impl Target {
    pub fn create(world: &World, dir: &Path) -> Result<Target> {
        // Without threads: between transactions it is told to work.
        let options = Options { background: false, log_file_size: 1 << 20, ..Options::default() };
        Ok(Target { store: Store::open(world.clone(), dir, options)? })
    }

    /// Makes a table.
    pub fn table(&mut self, def: &TableDef) -> Result<Saving> {
        let mut txn = self.store.begin(Some(true))?;
        let made = txn.create(def.clone())?;
        txn.commit()?;
        let txn = self.store.begin(Some(true))?;
        let table = txn.catalog().relation(&made.schema, &made.name).cloned();
        let table = table.ok_or_else(|| Error::internal("a table that was just made is not there"))?;
        Ok(Saving { store: Arc::clone(&self.store), txn, table, rows: 0, pending: 0 })
    }

    /// Makes an index of a table that was saved.
    pub fn index(&mut self, table: &TableDef, def: IndexDef) -> Result<()> {
        let mut txn = self.store.begin(Some(true))?;
        let known = txn.catalog().relation(&table.schema, &table.name).cloned();
        let known = known.ok_or_else(|| Error::internal("a table that was just made is not there"))?;
        let ty = |&column: &usize| known.columns.get(column).map(|column| column.ty);
        let types = def.columns.iter().map(ty).collect::<Option<Vec<_>>>();
        let mut others = def.include.iter().chain(&def.filter);
        let types = types.filter(|_| others.all(|&column| column < known.columns.len()));
        let lost =
            || Error::new(state::DATA_CORRUPTED, format!("columns of index \"{}\" are lost", def.name));
        let types = types.ok_or_else(lost)?;
        let name = def.name.clone();
        let made = txn.create_index(IndexDef { table: known.id, types, ..def });
        if made.is_ok() {
            return txn.commit();
        }
        // The rows do not meet its constraint, which goes with it.
        drop(txn);
        let mut new = TableDef::clone(&known);
        new.constraints.retain(|held| held.name != name);
        if new != *known {
            let mut txn = self.store.begin(Some(true))?;
            txn.alter(&known, new)?;
            txn.commit()?;
        }
        made.map(drop)
    }

    /// Stores entries of the catalog. Comments speak of tables by their numbers, which are others here.
    pub fn set(&mut self, entries: &[(EntryKind, String, String)], tables: &[Form]) -> Result<()> {
        let mut txn = self.store.begin(Some(true))?;
        let catalog = Arc::clone(txn.catalog());
        let number = |id: TableId| {
            let def = &tables.iter().find(|form| form.def.id == id)?.def;
            catalog.relation(&def.schema, &def.name).map(|def| def.id)
        };
        for (kind, name, value) in entries {
            let moved = match Subject::of(name).filter(|_| *kind == EntryKind::Comment) {
                Some(Subject::Relation(id)) => number(id).map(|id| Subject::Relation(id).to_string()),
                Some(Subject::Part(id, part, of)) => {
                    number(id).map(|id| Subject::Part(id, part, of).to_string())
                }
                _ => Some(name.clone()),
            };
            if let Some(name) = moved {
                txn.set_entry(*kind, &name, Some(value))?;
            }
        }
        txn.commit()
    }

    pub fn finish(self) -> Result<()> {
        self.store.close()
    }
}

/// A table that is being filled.
pub struct Saving {
    store: Arc<Store>,
    txn: Txn,
    table: Arc<TableDef>,
    rows: u64,
    pending: u64,
}

impl Saving {
    /// Inserts rows; those that the table refuses go to `refused`.
    pub fn insert(&mut self, rows: &Rows<'_>, refused: &mut dyn FnMut(Error)) -> Result<()> {
        if rows.keep.is_empty() {
            return Ok(());
        }
        if let RelationKind::Sequence(_) = self.table.kind {
            return self.go_on(rows);
        }
        let selection: Vec<u32> = rows.keep.iter().map(|&i| i as u32).collect();
        match self.put(rows.columns, selection.clone()) {
            Ok(()) => {}
            Err(e) if !is_refusal(&e) => return Err(e),
            Err(_) => {
                for row in selection {
                    match self.put(rows.columns, vec![row]) {
                        Err(e) if !is_refusal(&e) => return Err(e),
                        done => done.err().into_iter().for_each(&mut *refused),
                    }
                }
            }
        }
        if self.pending >= TRANSACTION_ROWS {
            self.commit()?;
        }
        Ok(())
    }

    /// The sequence goes on where it stood.
    fn go_on(&mut self, rows: &Rows<'_>) -> Result<()> {
        let interrupt = Arc::new(Interrupt::default());
        let asker = Asker { session: None, interrupt: &interrupt, durable: true };
        for &row in rows.keep {
            let values: Vec<Value> = rows.columns.iter().map(|column| column.value(row)).collect();
            if let [Value::Int8(last), _, Value::Bool(called), ..] = values.as_slice() {
                self.store.set_value(&self.table, *last, *called, &asker)?;
                self.rows += 1;
            }
        }
        Ok(())
    }

    fn put(&mut self, columns: &[Column], selection: Vec<u32>) -> Result<()> {
        let declared = columns.iter().take(self.table.columns.len()).cloned().collect();
        let count = selection.len() as u64;
        let mut batch = Batch::new(declared, columns.first().map_or(0, Column::len));
        batch.selection = Some(selection.into());
        let savepoint = self.txn.savepoint();
        self.txn.begin_statement();
        self.txn.insert(&self.table, &batch).inspect_err(|_| self.txn.rollback_to(&savepoint))?;
        self.rows += count;
        self.pending += count;
        Ok(())
    }

    fn commit(&mut self) -> Result<()> {
        let next = self.store.begin(Some(true))?;
        std::mem::replace(&mut self.txn, next).commit()?;
        self.pending = 0;
        self.store.maintain()
    }

    /// How many rows were inserted.
    pub fn finish(mut self) -> Result<u64> {
        self.commit()?;
        Ok(self.rows)
    }
}

/// Refusals concern the row; all other errors the database.
fn is_refusal(error: &Error) -> bool {
    [state::UNIQUE_VIOLATION, state::NOT_NULL_VIOLATION].contains(&error.state())
}
