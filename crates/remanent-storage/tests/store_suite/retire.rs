//! Rows that leave by their age: by retention and by disk budgets.
//!
//! A row is (at timestamptz, id bigint, note text) under the key (at, id); `at` is the simulated now when it was made, unless a
//! test says otherwise, and the note is [`text`] of the id. Time passes by sleeping.

use super::support::{self, HOME, HUGE, LONG, assert_tidy, text};
use remanent_storage::Result;
use remanent_storage::index::{IndexDef, KeyOrder, KeySpan};
use remanent_storage::store::salvage::salvage;
use remanent_storage::store::{Options, Store, check};
use remanent_storage::table::ordered::Walk;
use remanent_storage::table::{ColumnDef, ColumnRange, RowId, RowTest, ScanRequest, TableDef};
use remanent_storage::txn::Txn;
use remanent_storage::value::{Batch, Column, Key, Type, Value};
use remanent_storage::world::World;
use remanent_storage::world::sim::{Crashes, Notes, Rng, SimWorld, seeds};
use std::collections::BTreeSet;
use std::ops::Bound;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

pub const HOUR: i64 = 3_600_000_000;
pub const MINUTE: i64 = HOUR / 60;

/// When, and which.
type Row = (i64, i64);

pub fn options() -> Options {
    Options { memory_limit: 4 << 20, ..support::options() }
}

pub fn pass(world: &World, micros: i64) {
    world.sleep(Duration::from_micros(micros as u64));
}

fn define(set: &[(&str, &str)]) -> TableDef {
    let of = |name: &str, ty| ColumnDef::new(name, ty);
    let columns = vec![of("at", Type::Timestamptz), of("id", Type::Int8), of("note", Type::Text)];
    let mut def = TableDef::new(0, "t", columns, vec![0, 1]);
    set.iter().for_each(|(name, value)| def.set_option(name, Some((*value).to_string())));
    def
}

/// Makes the table, with an index on its ids.
pub fn create(store: &Store, set: &[(&str, &str)]) -> Result<()> {
    let mut txn = store.begin(Some(true))?;
    let def = txn.create(define(set))?;
    txn.create_index(IndexDef {
        id: 0,
        table: def.id,
        name: "t_id".to_string(),
        kind: "btree".into(),
        columns: vec![1],
        types: vec![Type::Int8],
        orders: vec![KeyOrder::default()],
        classes: Vec::new(),
        parameters: Vec::new(),
        include: Vec::new(),
        unique: false,
        nulls_not_distinct: false,
        constraint: false,
        filter: None,
    })?;
    txn.commit()
}

fn t(txn: &Txn) -> Arc<TableDef> {
    Arc::clone(txn.catalog().table("t").unwrap())
}

fn batch(rows: &[Row]) -> Batch {
    let column = |ty, value: &dyn Fn(&Row) -> Value| Column::from_values(ty, rows.iter().map(value)).unwrap();
    let at = column(Type::Timestamptz, &|row| Value::Timestamptz(row.0));
    let id = column(Type::Int8, &|row| Value::Int8(row.1));
    Batch::new(vec![at, id, column(Type::Text, &|row| Value::Text(text(row.1 as u64)))], rows.len())
}

fn keys(rows: &[Row]) -> Batch {
    let mut batch = batch(rows);
    batch.columns.pop();
    batch
}

fn insert(store: &Store, rows: &[Row]) -> Result<()> {
    let mut txn = store.begin(Some(true))?;
    let table = t(&txn);
    txn.insert(&table, &batch(rows))?;
    txn.commit()
}

/// So many rows of now.
pub fn fill(store: &Store, world: &World, ids: std::ops::Range<i64>) -> Vec<Row> {
    let rows: Vec<Row> = ids.map(|id| (world.now(), id)).collect();
    rows.chunks(500).for_each(|rows| insert(store, rows).unwrap());
    rows
}

/// The rows that a scan delivers; the key, and the index on ids, must say the same.
fn rows(txn: &Txn) -> Result<BTreeSet<Row>> {
    let table = t(txn);
    let request = ScanRequest { columns: vec![0, 1, 2], ..ScanRequest::default() };
    let mut scan = txn.scan(&table, &request)?;
    let mut found = BTreeSet::new();
    while let Some(batch) = scan.next()? {
        let batch = batch.compact();
        for i in 0..batch.rows {
            let value = |c: usize| batch.columns[c].value(i).loaded();
            let (Value::Timestamptz(at), Value::Int8(id), Value::Text(note)) =
                (value(0)?, value(1)?, value(2)?)
            else {
                panic!("a row has other types")
            };
            assert_eq!(note, text(id as u64), "the note of row {id}");
            assert!(found.insert((at, id)), "row {id} was delivered twice");
        }
    }
    for (at, id) in found.iter().take(50) {
        let key = Key::encode(&[Value::Timestamptz(*at), Value::Int8(*id)]);
        assert!(txn.get(&table, &key, &[1])?.is_some(), "row {id} by its key");
    }
    let index = Arc::clone(&txn.catalog().indexes_of(table.id)[0]);
    let request = ScanRequest { columns: vec![0, 1], ..ScanRequest::default() };
    let walk = Walk { index, span: KeySpan::default(), backward: false, groups: 0 };
    let (mut walked, Some(mut scan)) = (BTreeSet::new(), txn.scan_ordered(&table, &request, &walk)?) else {
        return Ok(found);
    };
    while let Some(batch) = scan.next()? {
        let batch = batch.compact();
        for i in 0..batch.rows {
            if let (Value::Timestamptz(at), Value::Int8(id)) =
                (batch.columns[0].value(i), batch.columns[1].value(i))
            {
                walked.insert((at, id));
            }
        }
    }
    assert_eq!(walked, found, "rows by the index, and by a scan");
    Ok(found)
}

fn look(store: &Store) -> Result<BTreeSet<Row>> {
    rows(&store.begin(None)?)
}

pub fn now(store: &Store) -> BTreeSet<Row> {
    look(store).unwrap()
}

pub fn set(rows: &[Row]) -> BTreeSet<Row> {
    rows.iter().copied().collect()
}

/// In a simulated world, so that time passes.
pub fn simulated(body: impl FnOnce(World) + Send + 'static) {
    let sim = SimWorld::new(7);
    let world = sim.world();
    sim.run(move || body(world));
}

#[test]
fn whole_segments_leave_with_all_their_files() {
    simulated(|world| {
        let store = support::open(&world, options()).unwrap();
        create(&store, &[("retention", "10 hours")]).unwrap();
        let mut made = Vec::new();
        for hour in 0..6 {
            made.push(fill(&store, &world, hour * 1000..hour * 1000 + 600));
            // Large values: their files go with their rows.
            made.push(fill(&store, &world, HUGE as i64 + hour * 10..HUGE as i64 + hour * 10 + 4));
            store.flush().unwrap();
            pass(&world, HOUR);
        }
        store.maintain().unwrap();
        assert_eq!(now(&store), set(&made.concat()));
        let (before, segments) = (store.stats(), store.table_size("t").unwrap().segments);
        assert_eq!(segments, 6, "a segment an hour");
        pass(&world, 6 * HOUR + MINUTE);
        // Made between 12:00 and 17:00, it is past midnight: 10 hours ago was 14:01.
        store.maintain().unwrap();
        assert_eq!(now(&store), set(&made[6..].concat()));
        store.maintain().unwrap();
        let after = store.stats();
        assert_eq!(store.table_size("t").unwrap().segments, 3);
        assert_eq!(after.blob_named * 2, before.blob_named);
        assert!(
            after.blob_bytes < before.blob_bytes * 3 / 4,
            "{} of {}",
            after.blob_bytes,
            before.blob_bytes
        );
        assert_eq!(after.merge_written, before.merge_written, "nothing was written anew");
        store.close().unwrap();
        assert_tidy(&world, 1).unwrap();
    });
}

#[test]
fn rows_in_memory_leave_and_those_that_come_late_stay_until_the_next_sweep() {
    simulated(|world| {
        let store = support::open(&world, options()).unwrap();
        create(&store, &[("retention", "1 hour")]).unwrap();
        // Full chunks and a tail.
        let old = fill(&store, &world, 0..2500);
        pass(&world, 30 * MINUTE);
        let young = fill(&store, &world, 3000..3010);
        store.maintain().unwrap();
        assert_eq!(now(&store), set(&[old.clone(), young.clone()].concat()));
        pass(&world, 31 * MINUTE);
        store.maintain().unwrap();
        assert_eq!(now(&store), set(&young));
        let late = (world.now() - 2 * HOUR, 5000);
        insert(&store, &[late]).unwrap();
        store.maintain().unwrap();
        assert!(now(&store).contains(&late), "swept just now");
        pass(&world, MINUTE);
        store.maintain().unwrap();
        assert_eq!(now(&store), set(&young));
        // All of it again from the log.
        drop(store);
        let store = support::open(&world, options()).unwrap();
        assert_eq!(now(&store), set(&young));
    });
}

#[test]
fn an_older_snapshot_goes_on_seeing_what_has_left() {
    simulated(|world| {
        let store = support::open(&world, options()).unwrap();
        create(&store, &[("retention", "1 hour")]).unwrap();
        let mut all = fill(&store, &world, 0..1500);
        store.flush().unwrap();
        pass(&world, 40 * MINUTE);
        all.extend(fill(&store, &world, 2000..2600));
        let old = store.begin(None).unwrap();
        for _ in 0..3 {
            pass(&world, 30 * MINUTE);
            store.maintain().unwrap();
            store.flush().unwrap();
            assert_eq!(rows(&old).unwrap(), set(&all));
        }
        assert!(now(&store).is_empty());
        assert!(store.table_size("t").unwrap().segments > 0);
        drop(old);
        store.maintain().unwrap();
        assert_eq!(store.table_size("t").unwrap().segments, 0, "what nobody sees any more is dropped");
        store.close().unwrap();
        assert_tidy(&world, 1).unwrap();
    });
}

#[test]
fn the_row_that_a_transaction_replaces_may_leave_meanwhile() {
    simulated(|world| {
        for flushed in [false, true] {
            let store = support::open(&world, options()).unwrap();
            if !flushed {
                create(&store, &[("retention", "1 hour")]).unwrap();
            }
            let base = if flushed { 100 } else { 0 };
            let old = fill(&store, &world, base..base + 3);
            if flushed {
                store.flush().unwrap();
            }
            pass(&world, 2 * HOUR);
            let mut txn = store.begin(Some(true)).unwrap();
            let table = t(&txn);
            txn.delete(&table, &keys(&old[..1]), &[] as &[RowId]).unwrap();
            txn.update(&table, &keys(&old[1..2]), &[], &batch(&old[1..2]), &[2]).unwrap();
            store.maintain().unwrap();
            assert!(now(&store).is_empty());
            txn.commit().unwrap();
            assert_eq!(now(&store), set(&old[1..2]), "the row is there again as it was written now");
            drop(store);
            let store = support::open(&world, options()).unwrap();
            assert_eq!(now(&store), set(&old[1..2]));
            store.maintain().unwrap();
            assert!(now(&store).is_empty(), "and leaves with the next sweep");
            store.close().unwrap();
        }
    });
}

#[test]
fn a_delete_of_a_row_that_left_meanwhile_is_replayed() {
    for flushed in [false, true] {
        let sim = SimWorld::new(13);
        let world = sim.world();
        let left = sim.run(move || {
            let store = support::open(&world, options()).unwrap();
            create(&store, &[("retention", "1 hour")]).unwrap();
            let old = fill(&store, &world, 0..3);
            pass(&world, 50 * MINUTE);
            // So many that the old ones are not worth a flush.
            fill(&store, &world, 100..200);
            if flushed {
                store.flush().unwrap();
            }
            pass(&world, 15 * MINUTE);
            let mut txn = store.begin(Some(true)).unwrap();
            let table = t(&txn);
            txn.delete(&table, &keys(&old[..1]), &[] as &[RowId]).unwrap();
            txn.update(&table, &keys(&old[1..2]), &[], &batch(&old[1..2]), &[2]).unwrap();
            store.maintain().unwrap();
            assert_eq!(now(&store).len(), 100);
            txn.commit().unwrap();
            let left = now(&store);
            assert_eq!(left.len(), 101);
            std::mem::forget(store);
            left
        });
        sim.disk().crash();
        let world = support::world_of(sim.disk());
        let store = support::open(&world, options()).unwrap();
        assert_eq!(now(&store), left, "flushed: {flushed}");
    }
}

#[test]
fn who_holds_the_table_alone_is_not_disturbed() {
    simulated(|world| {
        let store = support::open(&world, options()).unwrap();
        create(&store, &[("retention", "1 hour")]).unwrap();
        let old = fill(&store, &world, 0..10);
        pass(&world, 2 * HOUR);
        let mut txn = store.begin(Some(true)).unwrap();
        let table = t(&txn);
        txn.lock_alone(&table).unwrap();
        store.maintain().unwrap();
        assert_eq!(now(&store), set(&old));
        drop(txn);
        store.maintain().unwrap();
        assert!(now(&store).is_empty());
    });
}

#[test]
fn a_serializable_transaction_hears_of_what_left_among_its_reads() {
    simulated(|world| {
        let store = support::open(&world, options()).unwrap();
        create(&store, &[("retention", "1 hour")]).unwrap();
        fill(&store, &world, 0..10);
        pass(&world, 90 * MINUTE);
        fill(&store, &world, 20..30);
        let recent = world.now() - HOUR / 2;
        for (since, code) in [(i64::MIN + 1, Some("40001")), (recent, None)] {
            let mut txn = store.begin(Some(true)).unwrap();
            txn.begin_serializable();
            let table = t(&txn);
            let low = Bound::Included(Value::Timestamptz(since));
            let ranges = vec![ColumnRange { column: 0, low, high: Bound::Unbounded }];
            let test = Some(RowTest::new(|_| true));
            let request = ScanRequest { columns: vec![0], ranges, test, ..ScanRequest::default() };
            let mut scan = txn.scan(&table, &request).unwrap();
            while scan.next().unwrap().is_some() {}
            txn.insert(&table, &batch(&[(world.now() - 2 * HOUR, 40)])).unwrap();
            pass(&world, MINUTE);
            store.maintain().unwrap();
            assert_eq!(txn.commit().err().map(|e| e.code().to_string()).as_deref(), code);
        }
    });
}

#[test]
fn a_budget_keeps_the_newest_segments() {
    simulated(|world| {
        let store = support::open(&world, options()).unwrap();
        create(&store, &[("disk_budget", "256kB")]).unwrap();
        let mut all = Vec::new();
        let mut most = 0;
        for hour in 0..30 {
            all.extend(fill(&store, &world, hour * 1000..hour * 1000 + 400));
            all.extend(fill(&store, &world, LONG as i64 + hour * 100..LONG as i64 + hour * 100 + 60));
            store.flush().unwrap();
            store.maintain().unwrap();
            pass(&world, HOUR);
            most = most.max(store.table_size("t").unwrap().segment_bytes);
        }
        let size = store.table_size("t").unwrap();
        let bytes = size.segment_bytes + size.index_bytes;
        assert!(bytes <= 256 << 10, "{bytes}");
        let left = now(&store);
        assert!(left.len() > 460 * 4 && left.len() < all.len(), "{} of {}", left.len(), all.len());
        let oldest = left.first().unwrap().0;
        let newer: BTreeSet<Row> = all.into_iter().filter(|row| row.0 >= oldest).collect();
        assert_eq!(left, newer, "the newest, without gaps");
        // What is not flushed stays whatever it takes.
        let fresh = fill(&store, &world, 100_000..101_000);
        store.maintain().unwrap();
        assert!(set(&fresh).is_subset(&now(&store)));
        store.close().unwrap();
        assert_tidy(&world, 1).unwrap();
    });
}

#[test]
fn a_budget_cuts_a_segment_that_is_more_than_all_of_it() {
    simulated(|world| {
        let store = support::open(&world, options()).unwrap();
        create(&store, &[]).unwrap();
        let start = world.now();
        let all: Vec<Row> = (0..6000).map(|id| (start + id * MINUTE, id)).collect();
        all.chunks(500).for_each(|rows| insert(&store, rows).unwrap());
        store.flush().unwrap();
        store.maintain().unwrap();
        let mut txn = store.begin(Some(true)).unwrap();
        let old = t(&txn);
        let mut new = TableDef::clone(&old);
        new.set_option("disk_budget", Some("100kB".to_string()));
        txn.alter(&old, new).unwrap();
        txn.commit().unwrap();
        for _ in 0..12 {
            store.maintain().unwrap();
        }
        let size = store.table_size("t").unwrap();
        assert!(size.segment_bytes + size.index_bytes <= 100 << 10, "{size:?}");
        let left = now(&store);
        assert!(left.len() > 1000, "{}", left.len());
        assert_eq!(left, set(&all[6000 - left.len()..]));
    });
}

#[test]
fn a_budget_keeps_the_newest_beside_rows_of_a_wrong_clock() {
    // 1970, far ahead, infinity.
    for wrong in [-1_000_000 * HOUR, 1_000_000 * HOUR, i64::MAX] {
        simulated(move |world| {
            let store = support::open(&world, options()).unwrap();
            create(&store, &[("disk_budget", "256kB")]).unwrap();
            let start = world.now();
            let mut all = Vec::new();
            for hour in 0..24 {
                all.extend(fill(&store, &world, hour * 1000..hour * 1000 + 400));
                let at = if wrong == i64::MAX { wrong } else { start + wrong };
                insert(&store, &[(at, hour)]).unwrap();
                store.flush().unwrap();
                store.maintain().unwrap();
                pass(&world, HOUR);
            }
            let size = store.table_size("t").unwrap();
            assert!(size.segment_bytes + size.index_bytes <= 256 << 10, "{size:?}");
            let right = |row: &Row| row.0 >= start && row.0 < start + 100 * HOUR;
            let left: BTreeSet<Row> = now(&store).into_iter().filter(right).collect();
            assert!(left.len() > 400 * 3, "{wrong}: {} of {}", left.len(), all.len());
            let oldest = left.first().unwrap().0;
            let newer: BTreeSet<Row> = all.into_iter().filter(|row| row.0 >= oldest).collect();
            assert_eq!(left, newer, "the newest, without gaps");
        });
    }
}

/// What a crash may leave: every row that is too young to leave and was not deleted, and none that had gone.
#[derive(Clone, Default)]
struct Expected {
    /// Acknowledged, and by when they were made.
    made: BTreeSet<Row>,
    /// On their way.
    maybe: BTreeSet<Row>,
    /// Seen to have gone.
    gone: BTreeSet<Row>,
    /// Rows from then on have not left.
    cutoff: i64,
}

fn work(world: &World, notes: &Notes<Expected>) -> Result<()> {
    let mut rng = Rng::new(notes.round());
    let store = support::open(world, Options { memory_limit: 512 << 10, log_limit: 24 << 10, ..options() })?;
    create(&store, &[("retention", "1 hour")])?;
    let mut id = 0;
    for _ in 0..6 {
        let count = [1, 30, 300][rng.below(3) as usize];
        let rows: Vec<Row> =
            (id..id + count).map(|id| (world.now() - rng.below(20) as i64 * MINUTE, id)).collect();
        id += count;
        notes.update(|e| e.maybe.extend(rows.iter().copied()));
        insert(&store, &rows)?;
        notes.update(|e| e.made.extend(rows.iter().copied()));
        if rng.one_in(2) {
            let some: Vec<Row> = look(&store)?.into_iter().filter(|_| rng.one_in(9)).collect();
            let mut txn = store.begin(Some(true))?;
            let table = t(&txn);
            txn.delete(&table, &keys(&some), &[])?;
            // They may be gone from here on, and are from the commit on.
            notes.update(|e| some.iter().for_each(|row| _ = e.made.remove(row)));
            txn.commit()?;
            notes.update(|e| e.gone.extend(some));
        }
        if rng.one_in(3) {
            store.flush()?;
        }
        pass(world, rng.below(25) as i64 * MINUTE);
        notes.update(|e| e.cutoff = world.now() - HOUR);
        store.maintain()?;
        let left = look(&store)?;
        notes.update(|e| {
            let gone: Vec<Row> = e.made.iter().filter(|row| !left.contains(row)).copied().collect();
            assert!(gone.iter().all(|row| row.0 < e.cutoff), "a row left too early");
            e.made.retain(|row| left.contains(row));
            e.gone.extend(gone);
        });
    }
    store.close()
}

fn recover(world: &World, expected: &Expected) -> Result<()> {
    match check::check(world, Path::new(HOME)) {
        Err(e) if e.code() == "3D000" => return Ok(()),
        report => assert_eq!(format!("{:?}", report?.damage), "[]", "after the crash"),
    }
    let store = support::open(world, options())?;
    if store.begin(None)?.catalog().table("t").is_none() {
        assert!(expected.made.is_empty());
        return store.close();
    }
    let left = look(&store)?;
    assert!(left.is_disjoint(&expected.gone), "a row is back");
    assert!(left.iter().all(|row| expected.maybe.contains(row)), "a row that never was");
    let lost = expected.made.iter().find(|row| row.0 >= expected.cutoff && !left.contains(row));
    assert_eq!(lost, None, "a row is lost");
    store.maintain()?;
    let (still, cutoff) = (look(&store)?, world.now() - HOUR);
    assert!(still.is_subset(&left), "a row is back");
    assert!(left.iter().all(|row| row.0 < cutoff || still.contains(row)), "a row left too early");
    store.close()?;
    assert_tidy(world, 1)
}

#[test]
fn a_crash_beside_rows_that_leave_brings_none_back_and_takes_no_other() {
    let test = "a_crash_beside_rows_that_leave_brings_none_back_and_takes_no_other";
    let runs = Crashes::new(test).rounds(3).recovery_stride(11).run(work, recover);
    println!("{runs} crashes");
}

#[test]
fn who_follows_sees_the_same_rows_leave() {
    seeds("who_follows_sees_the_same_rows_leave", 12, |seed| {
        let sim = SimWorld::new(seed);
        let (world, reader) = (sim.world(), sim.process(1));
        sim.run(move || {
            let store = support::open(&world, options()).unwrap();
            create(&store, &[("retention", "1 hour")]).unwrap();
            let follower = support::open(&reader, Options { read_only: true, ..options() }).unwrap();
            let mut rng = Rng::new(seed);
            let mut old: Option<(Txn, BTreeSet<Row>)> = None;
            let mut id = 0;
            for _ in 0..25 {
                let count = [1, 40, 1200][rng.below(3) as usize];
                let rows: Vec<Row> =
                    (id..id + count).map(|id| (world.now() - rng.below(40) as i64 * MINUTE, id)).collect();
                id += count;
                insert(&store, &rows).unwrap();
                if rng.one_in(2) {
                    store.flush().unwrap();
                }
                pass(&world, rng.below(20) as i64 * MINUTE);
                if rng.one_in(3) {
                    // Seen before and after, so that the sweep comes alone.
                    now(&follower);
                }
                store.maintain().unwrap();
                let txn = follower.begin(None).unwrap();
                assert_eq!(rows_of(&txn), now(&store));
                if let Some((old, seen)) = old.take_if(|_| rng.one_in(3)) {
                    assert_eq!(rows_of(&old), seen, "an older snapshot of the follower");
                }
                if old.is_none() {
                    let seen = rows_of(&txn);
                    old = Some((txn, seen));
                }
            }
        });
    });
}

fn rows_of(txn: &Txn) -> BTreeSet<Row> {
    rows(txn).unwrap()
}

#[test]
fn what_has_left_is_not_saved_out_of_a_damaged_database() {
    let sim = SimWorld::new(11);
    let world = sim.world();
    let young = sim.run(move || {
        let store = support::open(&world, options()).unwrap();
        create(&store, &[("retention", "1 hour")]).unwrap();
        fill(&store, &world, 0..20);
        pass(&world, 50 * MINUTE);
        let young = fill(&store, &world, 100..200);
        store.flush().unwrap();
        let hot: Vec<Row> = (300..310).map(|id| (world.now() - 55 * MINUTE, id)).collect();
        insert(&store, &hot).unwrap();
        pass(&world, 15 * MINUTE);
        store.maintain().unwrap();
        assert_eq!(now(&store), set(&young));
        // Few of the segment's rows have left, so only the log says so.
        std::mem::forget(store);
        young
    });
    sim.disk().crash();
    let world = support::world_of(sim.disk());
    let saved = Path::new("/saved");
    let report = salvage(&world, Path::new(HOME), saved).unwrap();
    assert!(report.losses.is_empty(), "{:?}", report.losses);
    let store = Store::open(world, saved, options()).unwrap();
    assert_eq!(now(&store), set(&young));
    let def = t(&store.begin(None).unwrap());
    assert_eq!(def.option("retention"), Some("1 hour"));
}
