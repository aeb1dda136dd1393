//! The store against a naive model: random transactions, snapshots, flushes, merges and reopens; the answers
//! are equal at every snapshot. A failing seed is printed; `REMANENT_SEED=n` runs that one alone.

use remanent_storage::store::{Options, Store};
use remanent_storage::table::{ColumnDef, RowId, ScanRequest, TableDef};
use remanent_storage::txn::{Savepoint, Txn};
use remanent_storage::value::{Batch, Column, Key, Type, Value};
use remanent_storage::world::World;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

type Rows = BTreeMap<i64, String>;

/// SplitMix64 (Steele, Lea, Flood 2014).
struct Random(u64);

impl Random {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % below
    }
}

struct Writer {
    txn: Txn,
    /// Changes against the committed rows: None deletes.
    changes: BTreeMap<i64, Option<String>>,
    locked: BTreeSet<i64>,
    savepoint: Option<(Savepoint, BTreeMap<i64, Option<String>>)>,
}

struct Reader {
    txn: Txn,
    seen: Rows,
}

struct Test {
    store: Arc<Store>,
    committed: Rows,
    writers: Vec<Writer>,
    readers: Vec<Reader>,
    random: Random,
    keys: u64,
}

fn open(dir: &Path, memory_limit: usize) -> Arc<Store> {
    Store::open(World::real(), dir, Options { background: false, memory_limit, ..Options::default() })
        .unwrap()
}

fn table(txn: &Txn) -> Arc<TableDef> {
    txn.catalog().table("t").cloned().unwrap()
}

fn batch(rows: &[(i64, String)]) -> Batch {
    let id = Column::from_values(Type::Int8, rows.iter().map(|r| Value::Int8(r.0))).unwrap();
    let note = Column::from_values(Type::Text, rows.iter().map(|r| Value::Text(r.1.clone()))).unwrap();
    Batch::new(vec![id, note], rows.len())
}

fn keys(ids: &[i64]) -> Batch {
    Batch::new(vec![Column::from_values(Type::Int8, ids.iter().map(|&i| Value::Int8(i))).unwrap()], ids.len())
}

/// All rows by a scan, with where each lies.
fn scan(txn: &Txn) -> BTreeMap<i64, (String, RowId)> {
    let request = ScanRequest { columns: vec![0, 1], row_ids: true, ..ScanRequest::default() };
    let mut scan = txn.scan(&table(txn), &request).unwrap();
    let mut out = BTreeMap::new();
    while let Some(batch) = scan.next().unwrap() {
        let batch = batch.compact();
        for i in 0..batch.rows {
            let (Value::Int8(id), Value::Text(note), Value::Int8(at)) =
                (batch.columns[0].value(i), batch.columns[1].value(i), batch.columns[2].value(i))
            else {
                panic!("a column has another type")
            };
            assert!(out.insert(id, (note, RowId::unpack(at))).is_none(), "row {id} was delivered twice");
        }
    }
    out
}

fn check(txn: &Txn, expected: &Rows, random: &mut Random, keys: u64) {
    let found: Rows = scan(txn).into_iter().map(|(id, (note, _))| (id, note)).collect();
    assert_eq!(&found, expected);
    for _ in 0..5 {
        let id = random.next(keys) as i64;
        let row = txn.get(&table(txn), &Key::encode(&[Value::Int8(id)]), &[1]).unwrap();
        assert_eq!(row.map(|r| r[0].to_string()).as_ref(), expected.get(&id), "row {id}");
    }
}

impl Writer {
    fn view(&self, committed: &Rows) -> Rows {
        let mut view = committed.clone();
        for (id, change) in &self.changes {
            match change {
                Some(note) => view.insert(*id, note.clone()),
                None => view.remove(id),
            };
        }
        view
    }
}

impl Test {
    fn step(&mut self, dir: &Path, memory: usize) {
        match self.random.next(100) {
            // A spill takes the table for itself; in one thread nobody else may hold it then.
            0..8 if self.writers.len() < if memory < 64 << 20 { 1 } else { 3 } => {
                let txn = self.store.begin(None).unwrap();
                let changes = BTreeMap::new();
                self.writers.push(Writer { txn, changes, locked: BTreeSet::new(), savepoint: None });
            }
            8..12 if self.readers.len() < 4 => {
                let txn = self.store.begin(None).unwrap();
                self.readers.push(Reader { txn, seen: self.committed.clone() });
            }
            12..16 if !self.readers.is_empty() => {
                let at = self.random.next(self.readers.len() as u64) as usize;
                let reader = self.readers.swap_remove(at);
                check(&reader.txn, &reader.seen, &mut self.random, self.keys);
            }
            16..30 if !self.writers.is_empty() => self.end_writer(),
            30..34 => self.store.flush().unwrap(),
            34..40 => self.store.maintain().unwrap(),
            40 => {
                self.writers.clear();
                self.readers.clear();
                if self.random.next(2) == 0 {
                    self.store.close().unwrap();
                }
                // Otherwise the log has what no flush wrote.
                let store = std::mem::replace(&mut self.store, open(&dir.join("none"), memory));
                std::mem::forget(store);
                std::fs::remove_file(dir.join("a.rem/LOCK")).unwrap();
                self.store = open(&dir.join("a.rem"), memory);
                let txn = self.store.begin(None).unwrap();
                check(&txn, &self.committed, &mut self.random, self.keys);
            }
            _ if !self.writers.is_empty() => self.write(),
            _ => {}
        }
    }

    fn end_writer(&mut self) {
        let at = self.random.next(self.writers.len() as u64) as usize;
        let writer = self.writers.swap_remove(at);
        if self.random.next(4) == 0 {
            return;
        }
        let view = writer.view(&self.committed);
        writer.txn.commit().unwrap();
        self.committed = view;
    }

    fn write(&mut self) {
        let at = self.random.next(self.writers.len() as u64) as usize;
        let taken: BTreeSet<i64> = self
            .writers
            .iter()
            .enumerate()
            .filter(|(i, _)| *i != at)
            .flat_map(|(_, w)| w.locked.iter().copied())
            .collect();
        let count = if self.random.next(8) == 0 { 200 } else { 1 + self.random.next(4) };
        let ids: BTreeSet<i64> = (0..count).map(|_| self.random.next(self.keys) as i64).collect();
        let ids: Vec<i64> = ids.into_iter().filter(|id| !taken.contains(id)).collect();
        let kind = self.random.next(10);
        let writer = &mut self.writers[at];
        writer.txn.begin_statement();
        let view = writer.view(&self.committed);
        writer.locked.extend(&ids);
        let note = format!("note {} of a length that needs a buffer", self.random.next(1000));
        let t = table(&writer.txn);
        match kind {
            0..4 => {
                let fresh: Vec<(i64, String)> =
                    ids.iter().filter(|id| !view.contains_key(id)).map(|&id| (id, note.clone())).collect();
                if let Some(&dup) = ids.iter().find(|id| view.contains_key(id)) {
                    let e = writer.txn.insert(&t, &batch(&[(dup, note.clone())])).unwrap_err();
                    assert_eq!(e.code(), "23505");
                }
                if !fresh.is_empty() {
                    writer.txn.insert(&t, &batch(&fresh)).unwrap();
                }
                writer.changes.extend(fresh.into_iter().map(|(id, note)| (id, Some(note))));
            }
            4..8 => {
                let present: Vec<i64> = ids.into_iter().filter(|id| view.contains_key(id)).collect();
                if present.is_empty() {
                    return;
                }
                let places = scan(&writer.txn);
                let at: Vec<RowId> = present.iter().map(|id| places[id].1).collect();
                if kind < 6 {
                    let new: Vec<_> = present.iter().map(|&id| (id, note.clone())).collect();
                    writer.txn.update(&t, &keys(&present), &at, &batch(&new), &[1]).unwrap();
                    writer.changes.extend(new.into_iter().map(|(id, note)| (id, Some(note))));
                } else {
                    writer.txn.delete(&t, &keys(&present), &at).unwrap();
                    writer.changes.extend(present.into_iter().map(|id| (id, None)));
                }
            }
            8 => writer.savepoint = Some((writer.txn.savepoint(), writer.changes.clone())),
            _ => {
                if let Some((savepoint, changes)) = writer.savepoint.take() {
                    writer.txn.rollback_to(&savepoint);
                    writer.changes = changes;
                }
            }
        }
        let view = writer.view(&self.committed);
        check(&writer.txn, &view, &mut self.random, self.keys);
    }
}

fn run(seed: u64, steps: u64) {
    let dir = tempfile::tempdir().unwrap();
    // A small limit makes transactions spill and hot segments flush.
    let memory = if seed.is_multiple_of(2) { 1 << 20 } else { 64 << 20 };
    let keys = [20, 300, 3000][seed as usize % 3];
    let store = open(&dir.path().join("a.rem"), memory);
    let mut txn = store.begin(None).unwrap();
    let column = |name: &str, ty| ColumnDef::new(name, ty);
    txn.create_table("t", vec![column("id", Type::Int8), column("note", Type::Text)], vec![0]).unwrap();
    txn.commit().unwrap();
    let random = Random(seed);
    let mut test =
        Test { store, committed: Rows::new(), writers: Vec::new(), readers: Vec::new(), random, keys };
    for _ in 0..steps {
        test.step(dir.path(), memory);
    }
    for reader in std::mem::take(&mut test.readers) {
        check(&reader.txn, &reader.seen, &mut test.random, keys);
    }
    test.writers.clear();
    test.store.close().unwrap();
    drop(test);
    let report = remanent_storage::store::check::check(&World::real(), &dir.path().join("a.rem")).unwrap();
    assert_eq!(format!("{:?}", report.damage), "[]");
}

#[test]
fn answers_equal_the_models_at_every_snapshot() {
    let seeds = match std::env::var("REMANENT_SEED") {
        Ok(seed) => vec![seed.parse().unwrap()],
        Err(_) => (0..16).collect(),
    };
    for seed in seeds {
        let done = std::panic::catch_unwind(|| run(seed, 300));
        if let Err(cause) = done {
            eprintln!("replay: REMANENT_SEED={seed} cargo test -p remanent-storage --test store_model");
            std::panic::resume_unwind(cause);
        }
    }
}
