//! What all these tests share: a database of small tables whose every row says what it must look like, and the
//! ways to ask it.
//!
//! A row is (id bigint, note text); the note of number n is [`text`]`(n)`, so a wrong row is seen wherever it turns up.
//! Tables whose name begins with `h` have no declared key. A table may have got columns ([`widen`]): `xN` holds a number of its own in
//! every row whose note came after N, and another one, which no row holds, in those before.

use remanent_storage::error::state;
use remanent_storage::index::{IndexDef, KeyOrder, KeySpan, PRIMARY};
use remanent_storage::store::manifest;
use remanent_storage::store::{Options, Store, check};
use remanent_storage::table::files::FOLDER;
use remanent_storage::table::ordered::Walk;
use remanent_storage::table::{ColumnDef, RowId, ScanRequest, TableDef};
use remanent_storage::txn::locker::RowWait;
use remanent_storage::txn::locks::Mode;
use remanent_storage::txn::{Interrupt, Txn};
use remanent_storage::value::{Batch, Column, Key, Type, Value};
use remanent_storage::world::World;
use remanent_storage::world::sim::{SimDisk, SimWorld};
use remanent_storage::{Error, Result};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

/// Where the database is.
pub const HOME: &str = "/db";

/// The rows of one table: id to number of the note.
pub type Rows = BTreeMap<i64, u64>;

/// The rows of all tables, by name.
pub type State = BTreeMap<String, Rows>;

/// Notes from here on are a few hundred bytes long, so that a hundred of them outgrow a small store's memory.
pub const LONG: u64 = 1 << 40;

/// Notes from here on are large values: they lie in blob files.
pub const HUGE: u64 = 1 << 41;

/// The note of a number. The number stands in front.
pub fn text(n: u64) -> String {
    let repeats = match n {
        HUGE.. => 700 + n as usize % 2 * 900,
        LONG.. => 20,
        _ => n as usize % 5,
    };
    format!("{n} {}", format!("{n:12x}").repeat(repeats))
}

/// A store that fits a simulation: small log files, spills above 16 KB, no threads.
pub fn options() -> Options {
    Options {
        memory_limit: 512 << 10,
        log_file_size: 8 << 10,
        min_free_space: 0,
        blob_file_size: 48 << 10,
        background: false,
        ..Options::default()
    }
}

pub fn open(world: &World, options: Options) -> Result<Arc<Store>> {
    Store::open(world.clone(), Path::new(HOME), options)
}

/// A world without threads around that disk: calls may be made from the test itself.
pub fn world_of(disk: &SimDisk) -> World {
    SimWorld::with_disk(1, disk.clone()).world()
}

fn column(name: &str, ty: Type) -> ColumnDef {
    ColumnDef::new(name, ty)
}

/// The row that says how many columns a table has got, in what is known of its rows.
pub const WIDTH: i64 = 10 << 40;

/// What a column is in a row with that note; `since`: the note after which it came.
fn extra(since: u64, note: u64) -> i64 {
    match note % LONG > since {
        true => (note % LONG) as i64 * 1000 + since as i64,
        false => -(since as i64),
    }
}

/// The columns that a table has got: where they are, and the notes after which they came.
fn extras(table: &TableDef) -> impl Iterator<Item = (usize, u64)> {
    let named = table.columns.iter().enumerate().skip(2);
    named.filter_map(|(at, column)| Some((at, column.name.strip_prefix('x')?.parse().ok()?)))
}

/// Gives a table a column, without touching its rows, all of whose notes are `since` or before.
pub fn widen(txn: &mut Txn, name: &str, since: u64) -> Result<()> {
    let old = table(txn, name)?;
    let (mut new, at) = (TableDef::clone(&old), old.columns.len());
    new.columns.push(column(&format!("x{since}"), Type::Int8));
    let value = Value::Int8(extra(since, 0));
    assert!(txn.reshape(&old, new, &[], &[(at, value)], &[])?, "the rows would be copied");
    Ok(())
}

/// Takes one of those away again.
pub fn narrow(txn: &mut Txn, name: &str, which: usize) -> Result<()> {
    let old = table(txn, name)?;
    let mut new = TableDef::clone(&old);
    new.columns.remove(2 + which);
    assert!(txn.reshape(&old, new, &[2 + which], &[], &[])?, "the rows would be copied");
    Ok(())
}

/// Makes a table; its name says whether it has a key.
pub fn create(txn: &mut Txn, name: &str) -> Result<()> {
    let key = if name.starts_with('h') { vec![] } else { vec![0] };
    txn.create_table(name, vec![column("id", Type::Int8), column("note", Type::Text)], key)
}

pub fn table(txn: &Txn, name: &str) -> Result<Arc<TableDef>> {
    let found = txn.catalog().table(name).cloned();
    found.ok_or_else(|| Error::new(state::UNDEFINED_TABLE, format!("table {name} is not there")))
}

fn ids(ids: impl IntoIterator<Item = i64>) -> Column {
    Column::from_values(Type::Int8, ids.into_iter().map(Value::Int8)).unwrap()
}

/// Rows as the store takes them.
pub fn batch(rows: &[(i64, u64)]) -> Batch {
    let notes = Column::from_values(Type::Text, rows.iter().map(|r| Value::Text(text(r.1)))).unwrap();
    Batch::new(vec![ids(rows.iter().map(|r| r.0)), notes], rows.len())
}

/// The same with the columns that the table has got.
pub fn batch_of(table: &TableDef, rows: &[(i64, u64)]) -> Batch {
    let mut batch = batch(rows);
    for (_, since) in extras(table) {
        let values = rows.iter().map(|row| Value::Int8(extra(since, row.1)));
        batch.columns.push(Column::from_values(Type::Int8, values).unwrap());
    }
    batch
}

pub fn insert(txn: &mut Txn, name: &str, rows: &[(i64, u64)]) -> Result<()> {
    txn.begin_statement();
    let table = table(txn, name)?;
    txn.insert(&table, &batch_of(&table, rows))
}

/// The keys of rows as the store takes them, and where they lie if they were looked for.
fn locate(txn: &Txn, table: &TableDef, wanted: &[i64], look: bool) -> Result<(Batch, Vec<RowId>)> {
    if !look && !table.key.is_empty() {
        return Ok((Batch::new(vec![ids(wanted.iter().copied())], wanted.len()), Vec::new()));
    }
    let places = places(txn, &table.name)?;
    let found: Vec<&Place> = wanted
        .iter()
        .map(|id| {
            places
                .get(id)
                .ok_or_else(|| Error::new(state::UNDEFINED_OBJECT, format!("row {id} is not there")))
        })
        .collect::<Result<_>>()?;
    Ok(at(&found))
}

/// The keys of rows that a scan delivered, and where they lie.
pub fn at(found: &[&Place]) -> (Batch, Vec<RowId>) {
    let keys = ids(found.iter().map(|place| place.key));
    (Batch::new(vec![keys], found.len()), found.iter().map(|place| place.at).collect())
}

/// Replaces notes. `look`: rows are found by a scan, as UPDATE does; otherwise by key.
pub fn update(txn: &mut Txn, name: &str, rows: &[(i64, u64)], look: bool) -> Result<()> {
    txn.begin_statement();
    let table = table(txn, name)?;
    let wanted: Vec<i64> = rows.iter().map(|r| r.0).collect();
    let (keys, at) = locate(txn, &table, &wanted, look)?;
    txn.update(&table, &keys, &at, &batch_of(&table, rows), &[1])
}

pub fn delete(txn: &mut Txn, name: &str, wanted: &[i64], look: bool) -> Result<()> {
    txn.begin_statement();
    let table = table(txn, name)?;
    let (keys, at) = locate(txn, &table, wanted, look)?;
    txn.delete(&table, &keys, &at)
}

/// Runs all these at once and waits for them.
pub fn together(world: &World, bodies: Vec<Box<dyn FnOnce() + Send>>) {
    let threads: Vec<_> = bodies.into_iter().map(|body| world.spawn("session", body).unwrap()).collect();
    threads.into_iter().for_each(|thread| thread.join());
}

/// A statement under READ COMMITTED: run again on a new snapshot where it met a newer row.
pub fn statement(txn: &mut Txn, mut body: impl FnMut(&mut Txn) -> Result<()>) -> Result<()> {
    loop {
        let savepoint = txn.savepoint();
        txn.begin_statement();
        match body(txn) {
            Err(e) if e.is_restart() => txn.rollback_to(&savepoint),
            done => return done,
        }
    }
}

/// `UPDATE name SET note = note + by WHERE id = id`.
pub fn add(txn: &mut Txn, name: &str, id: i64, by: i64) -> Result<()> {
    statement(txn, |txn| {
        let table = table(txn, name)?;
        let found = places(txn, name)?;
        let place = &found[&id];
        let (keys, at) = at(&[place]);
        let rows = [(id, place.note.strict_add_signed(by))];
        txn.update(&table, &keys, &at, &batch_of(&table, &rows), &[1])
    })
}

/// Locks a row as SELECT … FOR UPDATE and its kin do.
pub fn lock(txn: &mut Txn, name: &str, id: i64, mode: Mode) -> Result<()> {
    let table = table(txn, name)?;
    let at = places(txn, name)?[&id].at;
    let locked = txn.lock_rows_of(&table, mode, RowWait::Block)?;
    let key = Key::encode(&[Value::Int8(id)]);
    txn.locker().row(&locked, &key, at, mode, RowWait::Block, &Interrupt::default()).map(drop)
}

/// A row that a scan delivered.
pub struct Place {
    /// The id, or the hidden key where the table has one.
    pub key: i64,
    /// The number of its note.
    pub note: u64,
    /// Where it lies.
    pub at: RowId,
}

/// All rows of a table by a scan. Panics on a row that is not what it must be, and on one that comes twice.
pub fn places(txn: &Txn, name: &str) -> Result<BTreeMap<i64, Place>> {
    let table = table(txn, name)?;
    let key = table.key_columns()[0];
    let columns = [0, 1, key].into_iter().chain(extras(&table).map(|(at, _)| at)).collect();
    let request = ScanRequest { columns, row_ids: true, ..ScanRequest::default() };
    let mut scan = txn.scan(&table, &request)?;
    let (mut found, mut keys) = (BTreeMap::new(), BTreeSet::new());
    while let Some(batch) = scan.next()? {
        let batch = batch.compact();
        for i in 0..batch.rows {
            let values: Vec<Value> =
                batch.columns.iter().map(|c| c.value(i).loaded()).collect::<Result<_>>()?;
            let [Value::Int8(id), Value::Text(note), Value::Int8(key), got @ .., Value::Int8(at)] =
                &values[..]
            else {
                panic!("a row of {name} has other types: {values:?}")
            };
            assert_extras(&table, *id, note, got);
            let place = Place { key: *key, note: number(name, *id, note), at: RowId::unpack(*at) };
            assert!(keys.insert(*key), "key {key} of {name} was delivered twice");
            assert!(found.insert(*id, place).is_none(), "row {id} of {name} was delivered twice");
        }
    }
    Ok(found)
}

/// Panics unless the columns that a table has got hold what they must.
fn assert_extras(table: &TableDef, id: i64, note: &str, got: &[Value]) {
    let n = number(&table.name, id, note);
    let got: Vec<Option<i64>> = got
        .iter()
        .map(|value| match value {
            Value::Int8(n) => Some(*n),
            _ => None,
        })
        .collect();
    let expected: Vec<Option<i64>> = extras(table).map(|(_, since)| Some(extra(since, n))).collect();
    assert_eq!(got, expected, "row {id} of {}, {n}", table.name);
}

thread_local! {
    /// The last note that was compared: many rows have the same.
    static LAST: RefCell<(u64, String)> = const { RefCell::new((u64::MAX, String::new())) };
}

fn number(table: &str, id: i64, note: &str) -> u64 {
    let n = note.split(' ').next().and_then(|n| n.parse().ok()).unwrap_or(u64::MAX);
    LAST.with_borrow_mut(|last| {
        if last.0 != n {
            *last = (n, text(n));
        }
        assert_eq!(last.1, note, "the note of row {id} of {table}");
    });
    n
}

/// One row by a key probe.
pub fn get(txn: &Txn, name: &str, key: i64) -> Result<Option<u64>> {
    let table = table(txn, name)?;
    let columns: Vec<usize> = [0, 1].into_iter().chain(extras(&table).map(|(at, _)| at)).collect();
    let row = txn.get(&table, &Key::encode(&[Value::Int8(key)]), &columns)?;
    let Some(row) = row else { return Ok(None) };
    let row = row.iter().map(Value::loaded).collect::<Result<Vec<_>>>()?;
    match &row[..] {
        [Value::Int8(id), Value::Text(note), got @ ..] => {
            assert_extras(&table, *id, note, got);
            Ok(Some(number(name, *id, note)))
        }
        other => panic!("a row of {name} has other types: {other:?}"),
    }
}

/// The rows of a table, by a scan; key probes must say the same.
pub fn rows(txn: &Txn, name: &str) -> Result<Rows> {
    let places = places(txn, name)?;
    for place in places.values() {
        assert_eq!(get(txn, name, place.key)?, Some(place.note), "key {} of {name}", place.key);
    }
    index_answers(txn, name, &places)?;
    let absent = places.values().map(|p| p.key + 1).chain([-1, 0, 7]);
    let present: BTreeSet<i64> = places.values().map(|p| p.key).collect();
    for key in absent.filter(|key| !present.contains(key)).take(40) {
        assert_eq!(get(txn, name, key)?, None, "key {key} of {name}");
    }
    let mut rows: Rows = places.into_iter().map(|(id, place)| (id, place.note)).collect();
    let table = table(txn, name)?;
    let got = extras(&table).count();
    if got > 0 {
        rows.insert(WIDTH, got as u64);
    }
    Ok(rows)
}

/// Makes an index on the ids of a table; in two orders, so that both are walked.
pub fn create_index(txn: &mut Txn, name: &str, unique: bool) -> Result<()> {
    let descending = name.starts_with('h');
    let def = IndexDef {
        id: 0,
        table: table(txn, name)?.id,
        name: format!("{name}_id"),
        kind: "btree".into(),
        columns: vec![0],
        types: vec![Type::Int8],
        orders: vec![KeyOrder { descending, nulls_first: descending }],
        classes: Vec::new(),
        parameters: Vec::new(),
        include: Vec::new(),
        unique,
        nulls_not_distinct: false,
        constraint: false,
        filter: None,
    };
    txn.create_index(def).map(drop)
}

/// Each index of a table says what the scan said: all rows in its order, each row by its id, and none that is not there.
fn index_answers(txn: &Txn, name: &str, places: &BTreeMap<i64, Place>) -> Result<()> {
    let table = table(txn, name)?;
    let primary = (!table.key.is_empty()).then(|| Arc::new(table.primary()));
    for def in txn.catalog().indexes_of(table.id).iter().chain(&primary) {
        let request = ScanRequest { columns: vec![0], ..ScanRequest::default() };
        for backward in [false, true] {
            let walk = Walk { index: Arc::clone(def), span: KeySpan::default(), backward, groups: 0 };
            let Some(mut scan) = txn.scan_ordered(&table, &request, &walk)? else { continue };
            let mut walked = Vec::new();
            while let Some(batch) = scan.next()? {
                walked.extend(batch.compact().columns[0].values());
            }
            let mut ids: Vec<Value> = places.keys().map(|&id| Value::Int8(id)).collect();
            if def.orders[0].descending != backward {
                ids.reverse();
            }
            assert_eq!(walked, ids, "the order of {} in {name}, backward: {backward}", def.name);
        }
        if def.id == PRIMARY {
            continue;
        }
        let there = places.keys().take(30).map(|&id| (id, 1));
        let absent = [-3, 200, 3000].into_iter().filter(|id| !places.contains_key(id)).map(|id| (id, 0));
        for (id, count) in there.chain(absent) {
            let found = txn.find_by_index(def, &[Value::Int8(id)], false)?;
            assert_eq!(found.len(), count, "rows of id {id} by {} in {name}", def.name);
        }
    }
    Ok(())
}

/// All rows of all tables, by scans and by key probes.
pub fn answers(txn: &Txn) -> Result<State> {
    let tables = txn.catalog().tables();
    tables.iter().map(|table| Ok((table.name.clone(), rows(txn, &table.name)?))).collect()
}

/// What a new transaction sees.
pub fn now(store: &Store) -> Result<State> {
    answers(&store.begin(None)?)
}

/// Panics unless two states are the same; says what is different.
pub fn assert_same(found: &State, expected: &State, what: &str) {
    assert!(found == expected, "{what}: {}", difference(found, expected));
}

/// What is different, for people.
pub fn difference(found: &State, expected: &State) -> String {
    let mut out = String::new();
    let names: BTreeSet<_> = found.keys().chain(expected.keys()).collect();
    for name in names {
        match (found.get(name), expected.get(name)) {
            (Some(found), Some(expected)) => {
                let gone: Vec<_> =
                    expected.iter().filter(|(id, n)| found.get(id) != Some(n)).take(8).collect();
                let new: Vec<_> =
                    found.iter().filter(|(id, n)| expected.get(id) != Some(n)).take(8).collect();
                if !gone.is_empty() || !new.is_empty() {
                    out += &format!("{name} lacks {gone:?}, has {new:?}; ");
                }
            }
            (found, _) => {
                out += &format!("{name} is {}; ", if found.is_some() { "there" } else { "missing" })
            }
        }
    }
    out
}

/// After `close`: the directory holds what the manifest names and nothing else, and all of it is whole.
pub fn assert_tidy(world: &World, tables: usize) -> Result<()> {
    assert_tidy_in(world, Path::new(HOME), tables)
}

/// The same of any directory.
pub fn assert_tidy_in(world: &World, home: &Path, tables: usize) -> Result<()> {
    let names = |folder: &str| names(world, &home.join(folder));
    let mut damage = Vec::new();
    let state = manifest::verify(&*world.disk, home, &mut |e| damage.push(e));
    // Fine only where the power went, which the caller knows.
    let Some(state) = state else { return Err(damage.swap_remove(0)) };
    let mut named = BTreeSet::new();
    for segment in state.segments.values().map(|s| &s.meta) {
        named.insert(format!("{:010}.seg", segment.id));
        named.extend(segment.parts.iter().map(|part| format!("{:010}.{part}.idx", segment.id)));
        if segment.deletes > 0 {
            named.insert(format!("{:010}.{}.del", segment.id, segment.deletes));
        }
    }
    named.extend(state.marks.keys().map(|file| format!("{file:010}.marks")));
    assert_eq!(names(FOLDER)?, named, "files in seg/, and what the manifest names");
    let blobs = state.segments.values().flat_map(|s| &s.meta.blobs);
    let blobs: BTreeSet<String> = blobs.map(|(file, _)| format!("{file:010}.blob")).collect();
    let there = if world.disk.exists(&home.join("blob")).unwrap() { names("blob")? } else { BTreeSet::new() };
    assert_eq!(there, blobs, "files in blob/, and what the manifest names");
    let owners: BTreeSet<u32> = state.segments.values().map(|s| s.table).collect();
    assert!(owners.len() <= tables + 3, "segments of {owners:?}, but only {tables} tables");
    let log = names("wal")?;
    assert!(log.len() <= 4 && log.iter().all(|name| name.ends_with(".log")), "wal/ holds {log:?}");
    assert_eq!(names("tmp")?, BTreeSet::new());
    let top = names("")?;
    let known = ["LOCK", "MANIFEST", "READERS"].map(String::from).into();
    assert!(top.is_subset(&known), "the directory holds {top:?}");
    let report = check::check(world, home)?;
    assert_eq!(format!("{:?}", report.damage), "[]");
    assert_eq!(report.tables, tables);
    Ok(())
}

fn names(world: &World, dir: &Path) -> Result<BTreeSet<String>> {
    let entries = world.disk.list(dir).map_err(|e| Error::io("list", dir, &e))?;
    Ok(entries.into_iter().map(|e| e.name).collect())
}
