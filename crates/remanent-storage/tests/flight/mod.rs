//! A store in a simulated world, one table in it, and a naive model of that table.
#![allow(dead_code, reason = "each test program uses its part")]

use remanent_storage::store::{Options, Store};
use remanent_storage::table::{ColumnDef, RowId, ScanRequest};
use remanent_storage::txn::Txn;
use remanent_storage::value::{Batch, Column, Key, Type, Value};
use remanent_storage::world::World;
use remanent_storage::world::sim::Rng;
use remanent_storage::{Error, Result};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::Path;
use std::sync::Arc;

/// Where the database lies.
pub const DIR: &str = "/db/robot.rem";

/// The rows of one table: id and note.
pub type Rows = BTreeMap<i64, String>;

/// Opens the database with small limits, so that flushes, merges and log files come often.
pub fn open(world: &World, background: bool) -> Result<Arc<Store>> {
    let options = Options { background, memory_limit: 8 << 20, log_limit: 64 << 10, ..Options::default() };
    Store::open(world.clone(), Path::new(DIR), options)
}

/// Makes the table.
pub fn create(store: &Store) -> Result<()> {
    let column = |name: &str, ty| ColumnDef { name: name.into(), ty, not_null: false, default: None };
    let mut txn = store.begin(None)?;
    txn.create_table("t", vec![column("id", Type::Int8), column("note", Type::Text)], vec![0])?;
    txn.commit()
}

/// Rows as the engine takes them.
pub fn batch(rows: &[(i64, String)]) -> Batch {
    let id = Column::from_values(Type::Int8, rows.iter().map(|r| Value::Int8(r.0))).unwrap();
    let note =
        Column::from_values(Type::Text, rows.iter().map(|r| Value::Text(r.1.as_str().into()))).unwrap();
    Batch::new(vec![id, note], rows.len())
}

/// One transaction: deletes, then inserts.
#[derive(Debug, Clone, Default)]
pub struct Change {
    pub delete: Vec<i64>,
    pub insert: Vec<(i64, String)>,
}

impl Change {
    /// A random change that fits these rows; `n` numbers it.
    pub fn random(rng: &mut Rng, rows: &Rows, n: u64) -> Change {
        let mut change = Change::default();
        let mut after = rows.clone();
        for _ in 0..rng.below(4) {
            let ids: Vec<i64> = after.keys().copied().collect();
            if !ids.is_empty() {
                let id = *rng.pick(&ids);
                after.remove(&id);
                change.delete.push(id);
            }
        }
        for _ in 0..=rng.below(6) {
            let id = rng.below(40) as i64;
            let note = format!("{n}:{}", "x".repeat(rng.below(30) as usize));
            if let Entry::Vacant(free) = after.entry(id) {
                free.insert(note.clone());
                change.insert.push((id, note));
            }
        }
        change
    }

    /// True if it changes nothing.
    pub fn is_empty(&self) -> bool {
        self.delete.is_empty() && self.insert.is_empty()
    }

    /// Does the same to the model.
    pub fn apply(&self, rows: &mut Rows) {
        self.delete.iter().for_each(|id| _ = rows.remove(id));
        rows.extend(self.insert.iter().cloned());
    }

    /// Writes and commits it.
    pub fn commit(&self, store: &Store, durable: Option<bool>) -> Result<()> {
        let mut txn = store.begin(durable)?;
        self.write(&mut txn)?;
        txn.commit()
    }

    /// Writes it in a transaction.
    pub fn write(&self, txn: &mut Txn) -> Result<()> {
        let table = txn.catalog().table("t").cloned().ok_or_else(|| Error::internal("no table"))?;
        if !self.delete.is_empty() {
            let ids = self.delete.iter().map(|&id| Value::Int8(id));
            let keys = Batch::new(vec![Column::from_values(Type::Int8, ids)?], self.delete.len());
            txn.delete(&table, &keys, &[] as &[RowId])?;
        }
        if !self.insert.is_empty() {
            txn.insert(&table, &batch(&self.insert))?;
        }
        Ok(())
    }
}

/// What a scan of the table gives; None: there is no table.
pub fn scan(store: &Store) -> Result<Option<Rows>> {
    scan_in(&store.begin(None)?)
}

/// What a scan in a transaction gives.
pub fn scan_in(txn: &Txn) -> Result<Option<Rows>> {
    let Some(table) = txn.catalog().table("t").cloned() else { return Ok(None) };
    let mut scan = txn.scan(&table, &ScanRequest { columns: vec![0, 1], ..ScanRequest::default() })?;
    let mut rows = Rows::new();
    while let Some(batch) = scan.next()? {
        let batch = batch.compact();
        for i in 0..batch.rows {
            let (Value::Int8(id), Value::Text(note)) = (batch.columns[0].value(i), batch.columns[1].value(i))
            else {
                panic!("a row of other types");
            };
            assert!(rows.insert(id, note.to_string()).is_none(), "row {id} was delivered twice");
        }
    }
    Ok(Some(rows))
}

/// Point reads agree with the scan.
pub fn check_gets(store: &Store, rows: &Rows) -> Result<()> {
    let txn = store.begin(None)?;
    let Some(table) = txn.catalog().table("t").cloned() else { return Ok(()) };
    for id in -1..41 {
        let got = txn.get(&table, &Key::encode(&[Value::Int8(id)]), &[1])?;
        assert_eq!(got.map(|row| row[0].to_string()).as_ref(), rows.get(&id), "row {id}");
    }
    Ok(())
}

/// What a workload of one writer tells its check: every state that a recovery may show.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// The states after each commit that was tried; None: no table.
    pub states: Vec<Option<Rows>>,
    /// How many of them were acknowledged as durable.
    pub durable: usize,
}

impl History {
    /// A commit that leads to that state is about to be tried.
    pub fn push(&mut self, state: Option<Rows>) {
        self.states.push(state);
    }

    /// Everything up to the last state is durable.
    pub fn all_durable(&mut self) {
        self.durable = self.states.len();
    }

    /// A recovery shows one of the states, and none older than the last durable one (design rules 2 and 3).
    pub fn check(&self, rows: &Option<Rows>) {
        let at = match self.states.iter().rposition(|state| state == rows) {
            Some(at) => at,
            // A check that lost power may have made the table again.
            None if rows.as_ref().is_none_or(Rows::is_empty) => 0,
            None => panic!("never a state of the table: {rows:?}\nof {:#?}", self.states),
        };
        assert!(at + 1 >= self.durable, "state {at} was recovered, {} are durable", self.durable);
    }
}
