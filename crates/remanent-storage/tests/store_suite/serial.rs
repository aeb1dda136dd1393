//! Serializable transactions under schedules that seeds draw: the races of the window that they are tested against.

use super::support::{self, at, batch, create, get, now, places, rows, table, together};
use remanent_storage::error::Result;
use remanent_storage::store::{Options, Store};
use remanent_storage::table::{ColumnRange, ScanRequest};
use remanent_storage::txn::Txn;
use remanent_storage::value::Value;
use remanent_storage::world::World;
use remanent_storage::world::sim::{Fault, Notes, Op, Rng, SimWorld, seeds};
use std::ops::Bound;
use std::sync::Arc;

fn store(world: &World, options: Options) -> Arc<Store> {
    let store = support::open(world, options).unwrap();
    let mut txn = store.begin(None).unwrap();
    create(&mut txn, "a").unwrap();
    create(&mut txn, "b").unwrap();
    txn.commit().unwrap();
    store
}

fn put(store: &Store, name: &str, rows: &[(i64, u64)]) {
    let mut txn = store.begin(None).unwrap();
    support::insert(&mut txn, name, rows).unwrap();
    txn.commit().unwrap();
}

fn serializable(store: &Store) -> Txn {
    let mut txn = store.begin(None).unwrap();
    txn.begin_serializable();
    txn
}

/// How many rows have ids from `low` to `high`.
fn count(txn: &Txn, name: &str, low: i64, high: i64) -> Result<u64> {
    let end = |id: i64| Bound::Included(Value::Int8(id));
    let range = ColumnRange { column: 0, low: end(low), high: end(high) };
    let request = ScanRequest { columns: vec![0], ranges: vec![range], ..ScanRequest::default() };
    let mut scan = txn.scan(&table(txn, name)?, &request)?;
    let mut count = 0;
    while let Some(rows) = scan.next()? {
        let rows = rows.compact();
        count += (0..rows.rows)
            .filter(|&i| matches!(rows.columns[0].value(i), Value::Int8(id) if id >= low && id <= high))
            .count() as u64;
    }
    Ok(count)
}

fn insert(txn: &mut Txn, name: &str, rows: &[(i64, u64)]) -> Result<()> {
    txn.insert(&table(txn, name)?, &batch(rows))
}

/// Adds to a row of that id, on the transaction's own snapshot.
fn add(txn: &mut Txn, name: &str, id: i64, by: u64) -> Result<()> {
    let table = table(txn, name)?;
    let found = places(txn, name)?;
    let place = &found[&id];
    let (keys, at) = at(&[place]);
    txn.update(&table, &keys, &at, &batch(&[(id, place.note + by)]), &[1])
}

/// True if it committed, false if others were in its way.
fn ended(done: Result<()>) -> bool {
    match done {
        Ok(()) => true,
        Err(e) => {
            assert!(["40001", "40P01"].contains(&e.code()), "{e}");
            false
        }
    }
}

#[test]
fn rows_number_themselves_without_gaps() {
    // Each counts the rows and adds one or many behind them, with the count in each: in a serial order every
    // transaction finds exactly what came before it. Plain writers and flushes beside them.
    seeds("rows_number_themselves_without_gaps", 60, |seed| {
        let sim = SimWorld::new(seed);
        let world = sim.world();
        sim.run(move || {
            let options = Options { background: true, memory_limit: 2 << 20, ..support::options() };
            let store = store(&world, options);
            let committed = Notes::<Vec<(u64, u64)>>::default();
            let session = |seed: u64| -> Box<dyn FnOnce() + Send> {
                let (store, committed) = (Arc::clone(&store), committed.clone());
                Box::new(move || {
                    let mut rng = Rng::new(seed);
                    for session in 0..5 {
                        let mut txn = serializable(&store);
                        let n = count(&txn, "a", 0, 1 << 20).unwrap();
                        // Ids that no other session gives: only the test at commit is in the way.
                        let first = (seed % 1000) as i64 * 1000 + session * 200;
                        let many = if rng.one_in(3) { 150 } else { 1 };
                        let new: Vec<(i64, u64)> = (first..first + many).map(|id| (id, n)).collect();
                        if ended(insert(&mut txn, "a", &new).and_then(|()| txn.commit())) {
                            committed.update(|c| c.push((n, many as u64)));
                        }
                    }
                })
            };
            let plain: Box<dyn FnOnce() + Send> = {
                let store = Arc::clone(&store);
                Box::new(move || (0..4).for_each(|id| put(&store, "b", &[(id, 1)])))
            };
            let flusher: Box<dyn FnOnce() + Send> = {
                let store = Arc::clone(&store);
                Box::new(move || (0..2).for_each(|_| store.flush().and_then(|()| store.maintain()).unwrap()))
            };
            let sessions = [1, 2, 3].map(|n| session(1000 * world.random().min(1 << 40) + n));
            together(&world, sessions.into_iter().chain([plain, flusher]).collect());
            let mut committed = committed.update(|c| c.clone());
            committed.sort_unstable();
            let mut next = 0;
            for (n, rows) in committed {
                assert_eq!(n, next, "each saw all that came before it");
                next += rows;
            }
            assert_eq!(now(&store).unwrap()["a"].len() as u64, next);
        });
    });
}

#[test]
fn no_two_take_the_last_one() {
    // Two rows must never both be 0: each checks the other one before it takes its own. Schedules decide who is tested
    // against a record that was on its way when it began.
    seeds("no_two_take_the_last_one", 300, |seed| {
        let sim = SimWorld::new(seed);
        let world = sim.world();
        sim.run(move || {
            let store = store(&world, support::options());
            put(&store, "a", &[(0, 0), (1, 0)]);
            let take = |mine: i64, durable: bool| -> Box<dyn FnOnce() + Send> {
                let store = Arc::clone(&store);
                Box::new(move || {
                    let mut txn = serializable(&store);
                    txn.set_synchronous_commit(durable);
                    if get(&txn, "a", 1 - mine).unwrap() == Some(0) {
                        let _ = ended(add(&mut txn, "a", mine, 1).and_then(|()| txn.commit()));
                    }
                })
            };
            // Others keep records on their way, and the window open or not.
            let other: Box<dyn FnOnce() + Send> = {
                let store = Arc::clone(&store);
                Box::new(move || {
                    put(&store, "b", &[(1, 1)]);
                    drop(serializable(&store));
                    put(&store, "b", &[(2, 1)]);
                })
            };
            together(&world, vec![take(0, true), take(1, seed % 2 == 0), other]);
            let left = now(&store).unwrap()["a"].values().sum::<u64>();
            assert!(left <= 1, "both were taken");
        });
    });
}

#[test]
fn a_duplicate_key_is_something_seen() {
    let sim = SimWorld::new(1);
    let world = sim.world();
    sim.run(move || {
        let store = store(&world, support::options());
        put(&store, "a", &[(1, 1)]);
        // The row with the key is older than the snapshot, and stays: nothing is in the way.
        let mut txn = serializable(&store);
        assert_eq!(insert(&mut txn, "a", &[(1, 2)]).unwrap_err().code(), "23505");
        txn.commit().unwrap();
        // It is newer than the snapshot: what else was read is older.
        let mut txn = serializable(&store);
        assert_eq!(rows(&txn, "b").unwrap().len(), 0);
        put(&store, "a", &[(2, 2)]);
        assert_eq!(insert(&mut txn, "a", &[(2, 3)]).unwrap_err().code(), "23505");
        let error = txn.commit().unwrap_err();
        assert_eq!(error.code(), "40001");
        assert_eq!(
            error.detail(),
            Some("A transaction that committed meanwhile changed what was read of table \"a\".")
        );
    });
}

#[test]
fn a_record_on_its_way_counts_for_those_who_begin_meanwhile() {
    let sim = SimWorld::new(3);
    let (world, disk) = (sim.world(), sim.disk().clone());
    sim.run(move || {
        let store = store(&world, support::options());
        put(&store, "a", &[(0, 0)]);
        for (name, may) in [("a", false), ("b", true)] {
            // A snapshot from the moment when the record stands in the log and is not visible yet.
            let begun = Notes::<Option<Txn>>::default();
            let (note, within) = (begun.clone(), Arc::clone(&store));
            disk.hook("/wal/", 0, move || note.update(|begun| *begun = Some(serializable(&within))));
            let mut txn = store.begin(None).unwrap();
            support::update(&mut txn, "a", &[(0, 1)], false).unwrap();
            txn.commit().unwrap();
            let mut open = begun.update(Option::take).unwrap();
            rows(&open, name).unwrap();
            insert(&mut open, "b", &[(50 + i64::from(may), 1)]).unwrap();
            assert_eq!(ended(open.commit()), may, "it read {name}");
        }
    });
}

#[test]
fn numbers_that_are_given_twice_hide_no_record() {
    // A record whose write fails gives its number back. Positions in the window go on.
    let sim = SimWorld::new(7);
    let (world, disk) = (sim.world(), sim.disk().clone());
    sim.run(move || {
        let store = store(&world, support::options());
        put(&store, "a", &[(0, 0), (1, 0)]);
        for (changed, may) in [(1, false), (2, true)] {
            let mut open = serializable(&store);
            get(&open, "a", 1).unwrap();
            disk.inject(Fault::on(Op::Write).of("/wal/"));
            let mut failing = store.begin(None).unwrap();
            support::insert(&mut failing, "b", &[(1, 1)]).unwrap();
            failing.commit().unwrap_err();
            let mut txn = store.begin(None).unwrap();
            if changed == 1 {
                support::update(&mut txn, "a", &[(1, 7)], false).unwrap();
            } else {
                support::insert(&mut txn, "a", &[(2, 7)]).unwrap();
            }
            txn.commit().unwrap();
            insert(&mut open, "b", &[(changed, 1)]).unwrap();
            assert_eq!(ended(open.commit()), may, "row {changed} changed");
        }
    });
}
