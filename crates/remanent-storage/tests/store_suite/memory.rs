//! Memory: hot rows stay within their share of the limit, whoever writes how fast.

use super::support::{self, LONG, add, assert_tidy, create, get, now, rows, together, world_of};
use remanent_storage::store::{Options, Store};
use remanent_storage::world::sim::{Notes, SimDisk, SimWorld, seeds};
use std::sync::Arc;

fn put(store: &Store, first: i64, count: i64) -> remanent_storage::Result<()> {
    let mut txn = store.begin(None)?;
    support::insert(&mut txn, "a", &(first..first + count).map(|id| (id, LONG)).collect::<Vec<_>>())?;
    txn.commit()
}

fn made(store: &Store) {
    let mut txn = store.begin(None).unwrap();
    create(&mut txn, "a").unwrap();
    txn.commit().unwrap();
}

#[test]
fn writers_that_outrun_the_flush_are_slowed() {
    seeds("writers_that_outrun_the_flush_are_slowed", 10, |seed| {
        let sim = SimWorld::new(seed);
        let world = sim.world();
        sim.run(move || {
            let limit = 512 << 10;
            let options = Options { background: true, memory_limit: limit, ..support::options() };
            let store = support::open(&world, options).unwrap();
            made(&store);
            let largest = Notes::<usize>::default();
            let writer = |me: i64| -> Box<dyn FnOnce() + Send> {
                let (store, largest) = (Arc::clone(&store), largest.clone());
                Box::new(move || {
                    for i in 0..60 {
                        put(&store, (me * 1000 + i) * 20, 20).unwrap();
                        let used = store.stats().hot_bytes;
                        largest.update(|l| *l = used.max(*l));
                    }
                })
            };
            together(&world, vec![writer(0), writer(1), writer(2)]);
            // 1.2 MB in all; half of the limit is the share of hot rows.
            let largest = largest.update(|l| *l);
            assert!(largest <= limit / 2, "{largest} bytes of hot rows");
            assert!(largest >= limit / 8, "the limit was never near: {largest}");
            assert_eq!(now(&store).unwrap()["a"].len(), 3600);
            store.close().unwrap();
            assert_tidy(&world, 1).unwrap();
        });
    });
}

#[test]
fn where_nothing_is_flushed_writers_are_refused_with_53200_and_go_on_after_a_flush() {
    let world = SimWorld::new(1).world();
    let store = support::open(&world, Options { memory_limit: 512 << 10, ..support::options() }).unwrap();
    made(&store);
    let mut first = 0;
    let refused = loop {
        match put(&store, first, 20) {
            Ok(()) => first += 20,
            Err(e) => break e,
        }
    };
    assert_eq!(refused.code(), "53200", "{refused}");
    assert!(refused.hint().is_some());
    assert!(store.stats().hot_bytes <= 256 << 10);
    // Reads go on, and so do writes once there is room.
    assert_eq!(rows(&store.begin(None).unwrap(), "a").unwrap().len() as i64, first);
    store.flush().unwrap();
    assert_eq!(store.stats().hot_bytes, 0);
    put(&store, first, 20).unwrap();
    store.close().unwrap();
}

#[test]
fn a_counter_beside_an_old_snapshot_stays_small() {
    let disk = SimDisk::new(1);
    let options = Options {
        synchronous_commit: false,
        memory_limit: 4 << 20,
        log_file_size: 1 << 20,
        ..support::options()
    };
    let store = support::open(&world_of(&disk), options).unwrap();
    made(&store);
    let mut txn = store.begin(None).unwrap();
    support::insert(&mut txn, "a", &[(1, 5), (2, 9)]).unwrap();
    txn.commit().unwrap();
    let old = store.begin(None).unwrap();
    let mut middle = None;
    for n in 0..20_000u64 {
        if n == 7000 {
            middle = Some(store.begin(None).unwrap());
        }
        let mut txn = store.begin(None).unwrap();
        add(&mut txn, "a", 1, 5).unwrap();
        txn.commit().unwrap();
        let used = store.stats().hot_bytes;
        assert!(used < 400 << 10, "{used} bytes after {n} updates of one row");
    }
    let seen = |txn: &remanent_storage::txn::Txn| (rows(txn, "a").unwrap(), get(txn, "a", 1).unwrap());
    assert_eq!(seen(&old), ([(1, 5), (2, 9)].into(), Some(5)));
    assert_eq!(seen(middle.as_ref().unwrap()), ([(1, 35_005), (2, 9)].into(), Some(35_005)));
    assert_eq!(seen(&store.begin(None).unwrap()), ([(1, 100_005), (2, 9)].into(), Some(100_005)));
    // Neither a flush nor a merge takes the old versions from those who see them.
    store.flush().unwrap();
    store.maintain().unwrap();
    assert_eq!(seen(&old), ([(1, 5), (2, 9)].into(), Some(5)));
    assert_eq!(seen(middle.as_ref().unwrap()), ([(1, 35_005), (2, 9)].into(), Some(35_005)));
    assert_eq!(store.stats().hot_bytes, 0);
}

#[test]
fn what_is_dropped_or_flushed_is_given_back() {
    let disk = SimDisk::new(1);
    let store = support::open(&world_of(&disk), support::options()).unwrap();
    for _ in 0..5 {
        made(&store);
        put(&store, 0, 50).unwrap();
        assert!(store.stats().hot_bytes > 10_000);
        let mut txn = store.begin(None).unwrap();
        support::delete(&mut txn, "a", &[1, 2, 3], true).unwrap();
        txn.commit().unwrap();
        let mut txn = store.begin(None).unwrap();
        txn.drop_table("a").unwrap();
        txn.commit().unwrap();
        store.maintain().unwrap();
        store.flush().unwrap();
        assert_eq!(store.stats().hot_bytes, 0);
    }
}
