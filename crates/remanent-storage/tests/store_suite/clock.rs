//! Clocks that are wrong when a database is opened, and what leaves by them: a wrong clock takes no rows, a right one does in time.

use super::retire::{HOUR, MINUTE, create, fill, now, options, pass, set, simulated};
use super::support::{self, assert_tidy};
use remanent_storage::store::Store;
use remanent_storage::world::sync::atomic::{AtomicI64, Ordering};
use remanent_storage::world::{Clock, World};
use std::sync::Arc;
use std::time::Duration;

const DAY: i64 = 24 * HOUR;
const YEAR: i64 = 365 * DAY;

/// A clock that says as much more than the world's.
struct Skewed {
    clock: Arc<dyn Clock>,
    by: Arc<AtomicI64>,
}

impl Clock for Skewed {
    fn now(&self) -> i64 {
        self.clock.now() + self.by.load(Ordering::Relaxed)
    }

    fn monotonic(&self) -> Duration {
        self.clock.monotonic()
    }
}

fn skewed(world: World) -> (World, Arc<AtomicI64>) {
    let by = Arc::new(AtomicI64::new(0));
    let clock = Arc::new(Skewed { clock: Arc::clone(&world.clock), by: Arc::clone(&by) });
    (World { clock, ..world }, by)
}

/// So many hours in which the background works once an hour.
fn hours(store: &Store, world: &World, hours: i64) {
    for _ in 0..hours {
        pass(world, HOUR);
        store.maintain().unwrap();
    }
}

#[test]
fn a_clock_that_is_years_ahead_at_an_opening_takes_no_rows_for_a_day() {
    simulated(|world| {
        let (world, by) = skewed(world);
        let mut made = Vec::new();
        store_again(&world, |store| {
            create(store, &[("retention", "7 days")]).unwrap();
            made.extend(fill(store, &world, 0..1000));
            store.maintain().unwrap();
        });
        for opening in 1..4 {
            by.store(12 * YEAR, Ordering::Relaxed);
            store_again(&world, |store| {
                store.maintain().unwrap();
                hours(store, &world, 5);
                assert_eq!(now(store), set(&made));
            });
            by.store(0, Ordering::Relaxed);
            store_again(&world, |store| {
                store.maintain().unwrap();
                made.extend(fill(store, &world, opening * 1000..opening * 1000 + 500));
                assert_eq!(now(store), set(&made));
            });
        }
        let by_then = world.now();
        store_again(&world, |store| {
            store.maintain().unwrap();
            hours(store, &world, 7 * 24 - 13);
            let left = now(store);
            assert!(left.iter().all(|(at, _)| *at + 8 * DAY > by_then), "{left:?}");
            assert!(left.len() < made.len());
            hours(store, &world, 24);
            assert!(now(store).is_empty());
        });
        assert_tidy(&world, 1).unwrap();
    });
}

/// Opens, does something, closes.
fn store_again(world: &World, body: impl FnOnce(&Store)) {
    let store = support::open(world, options()).unwrap();
    body(&store);
    store.close().unwrap();
}

#[test]
fn a_clock_without_a_battery_keeps_no_rows_for_good_and_takes_none_too_early() {
    simulated(|world| {
        let (world, by) = skewed(world);
        let mut made = Vec::new();
        store_again(&world, |store| {
            create(store, &[("retention", "4 days")]).unwrap();
            made.extend(fill(store, &world, 0..600));
            hours(store, &world, 8);
        });
        for day in 1..7 {
            // A night; it boots in 1970, and is told the time after some minutes.
            pass(&world, 16 * HOUR);
            by.store(-56 * YEAR, Ordering::Relaxed);
            store_again(&world, |store| {
                store.maintain().unwrap();
                pass(&world, 5 * MINUTE);
                store.maintain().unwrap();
                let here = now(store);
                by.store(0, Ordering::Relaxed);
                store.maintain().unwrap();
                assert_eq!(now(store), here, "nothing leaves while the clock is in doubt");
                made.extend(fill(store, &world, day * 1000..day * 1000 + 100));
                hours(store, &world, 2);
                let there = now(store);
                assert!(there.iter().all(|(at, _)| at + 4 * DAY + 2 * HOUR > world.now()));
                assert!(made.iter().all(|row| row.0 + 4 * DAY < world.now() || there.contains(row)));
                hours(store, &world, 6);
            });
        }
        assert_tidy(&world, 1).unwrap();
    });
}
