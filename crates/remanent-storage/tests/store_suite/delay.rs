//! Commits that do not wait for their sync: what a crash may take of them, and until when.

use super::support::{self, create, now, together, world_of};
use remanent_storage::store::{Options, Store};
use remanent_storage::world::sim::{Notes, Rng, SimDisk, SimWorld, Survival, seeds};
use std::cell::Cell;
use std::sync::Arc;
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

/// The ids of table `a`, after a power loss right now that takes all it can.
fn left_now(disk: &SimDisk, seed: u64) -> Vec<i64> {
    let fork = disk.fork(seed);
    fork.crash_with(if seed.is_multiple_of(2) { Survival::Nothing } else { Survival::Seeded });
    let store = support::open(&world_of(&fork), support::options()).unwrap();
    now(&store).unwrap().get("a").map(|rows| rows.keys().copied().collect()).unwrap_or_default()
}

#[test]
fn nothing_older_than_the_delay_is_lost_at_any_moment() {
    let lost = Cell::new(0);
    seeds("nothing_older_than_the_delay_is_lost_at_any_moment", 25, |seed| {
        let sim = SimWorld::new(seed);
        let (world, disk) = (sim.world(), sim.disk().clone());
        let taken = sim.run(move || {
            let options = Options { background: true, wal_writer_delay: DELAY, ..support::options() };
            let store = support::open(&world, options).unwrap();
            let mut txn = store.begin(None).unwrap();
            create(&mut txn, "a").unwrap();
            txn.commit().unwrap();
            // When each row was acknowledged.
            let told = Notes::<Vec<(i64, Duration)>>::default();
            let taken = Notes::<u64>::default();
            let mut bodies: Vec<Box<dyn FnOnce() + Send>> = Vec::new();
            for writer in 0..2 {
                let (store, world, told) = (Arc::clone(&store), world.clone(), told.clone());
                let mut rng = Rng::new(world.random());
                bodies.push(Box::new(move || {
                    for n in 0..40 {
                        let id = writer * 1000 + n;
                        put(&store, id, rng.one_in(9));
                        let at = world.monotonic();
                        told.update(|told| told.push((id, at)));
                        // Now and then it is quiet for longer than the delay.
                        let pause = if rng.one_in(12) { 90_000 } else { rng.below(9_000) };
                        world.sleep(Duration::from_micros(pause));
                    }
                }));
            }
            let (world, disk, count) = (world.clone(), disk.clone(), taken.clone());
            let mut rng = Rng::new(world.random());
            let looker = world.clone();
            bodies.push(Box::new(move || {
                for _ in 0..70 {
                    looker.sleep(Duration::from_micros(rng.below(6_000)));
                    let at = looker.monotonic();
                    let acknowledged = told.update(|told| told.clone());
                    let left = left_now(&disk, rng.below(1 << 40));
                    for (id, when) in acknowledged.iter().filter(|(id, _)| !left.contains(id)) {
                        let age = at.saturating_sub(*when);
                        assert!(age <= DELAY, "row {id} was acknowledged {age:?} ago and is lost");
                        count.update(|count| *count += 1);
                    }
                }
            }));
            together(&world, bodies);
            store.close().unwrap();
            taken.update(|taken| *taken)
        });
        lost.set(lost.get() + taken);
    });
    // A crash does take what is younger.
    assert!(lost.get() > 500, "{}", lost.get());
}

#[test]
fn a_commit_that_does_not_wait_is_not_seen_before_a_durable_one_ahead_of_it() {
    seeds("a_commit_that_does_not_wait_is_not_seen_before_a_durable_one_ahead_of_it", 40, |seed| {
        let sim = SimWorld::new(seed);
        let (world, disk) = (sim.world(), sim.disk().clone());
        sim.run(move || {
            let store = support::open(&world, support::options()).unwrap();
            let mut txn = store.begin(None).unwrap();
            create(&mut txn, "a").unwrap();
            txn.commit().unwrap();
            let durable = Arc::clone(&store);
            let first = world.spawn("durable", move || put(&durable, 1, true)).unwrap();
            let ahead = store.stats().log_written;
            world.sleep(Duration::from_micros(seed * 3));
            let written = store.stats().log_written > ahead;
            put(&store, 2, false);
            let seen = now(&store).unwrap()["a"].clone();
            // Whoever was written first is seen first, and the one that waits is on the disk by then.
            assert!(!written || seen.contains_key(&1), "{seen:?}");
            if seen.contains_key(&1) {
                assert!(left_now(&disk, 0).contains(&1));
            }
            first.join();
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
