//! Commits that do not wait for their sync: what a crash may take of them, and until when.

use super::support::{self, create, now, world_of};
use remanent_storage::store::{Options, Store};
use remanent_storage::world::sim::{SimWorld, Survival, seeds};
use std::time::Duration;

const DELAY: Duration = Duration::from_millis(50);

fn put(store: &Store, id: i64, durable: bool) {
    let mut txn = store.begin(Some(durable)).unwrap();
    support::insert(&mut txn, "a", &[(id, 1)]).unwrap();
    txn.commit().unwrap();
}

#[test]
fn commits_that_do_not_wait_are_durable_after_the_delay() {
    seeds("commits_that_do_not_wait_are_durable_after_the_delay", 40, |seed| {
        let sim = SimWorld::new(seed);
        let (world, disk) = (sim.world(), sim.disk().clone());
        sim.run(move || {
            let options = Options { background: true, wal_writer_delay: DELAY, ..support::options() };
            let store = support::open(&world, options).unwrap();
            let mut txn = store.begin(None).unwrap();
            create(&mut txn, "a").unwrap();
            txn.commit().unwrap();
            let left = || {
                let fork = disk.fork(seed);
                fork.crash_with(Survival::Nothing);
                let store = support::open(&world_of(&fork), support::options()).unwrap();
                now(&store).unwrap()["a"].len()
            };
            for round in 0..3 {
                put(&store, round, false);
                assert_eq!(now(&store).unwrap()["a"].len(), round as usize + 1, "visible at once");
                // The time of a sync, and of a machine that stands still for a second, on top.
                world.sleep(DELAY + Duration::from_secs(3));
                assert_eq!(left(), round as usize + 1, "durable after the delay");
            }
            // One that waits takes along all before it.
            put(&store, 7, false);
            put(&store, 8, true);
            assert_eq!(left(), 5);
            store.close().unwrap();
        });
    });
}

#[test]
fn a_flush_and_a_close_make_durable_what_did_not_wait() {
    for close in [false, true] {
        let sim = SimWorld::new(1);
        let world = sim.world();
        let store = support::open(&world, support::options()).unwrap();
        let mut txn = store.begin(Some(false)).unwrap();
        create(&mut txn, "a").unwrap();
        txn.commit().unwrap();
        put(&store, 1, false);
        if close { store.close() } else { store.flush() }.unwrap();
        sim.disk().crash_with(Survival::Nothing);
        let store = support::open(&world, support::options()).unwrap();
        assert_eq!(now(&store).unwrap()["a"].len(), 1);
    }
}
