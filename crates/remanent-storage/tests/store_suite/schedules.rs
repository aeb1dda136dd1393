//! Sessions beside each other, flush and merge beside them, under schedules that seeds draw.
//!
//! Each test says what may never happen under any schedule; each seed is run twice and gives the same trace.

use super::support::{self, add, assert_tidy, create, get, now, rows, statement, together};
use remanent_storage::store::{Options, Store};
use remanent_storage::txn::Txn;
use remanent_storage::txn::locks::Mode;
use remanent_storage::world::World;
use remanent_storage::world::sim::{Notes, SimWorld, seeds};
use remanent_storage::{Error, Result};
use std::sync::Arc;

/// A store with tables `a` and `b`, in a world whose seed picks who goes next.
fn store(world: &World, options: Options) -> Arc<Store> {
    let store = support::open(world, options).unwrap();
    let mut txn = store.begin(None).unwrap();
    create(&mut txn, "a").unwrap();
    create(&mut txn, "b").unwrap();
    txn.commit().unwrap();
    store
}

fn background() -> Options {
    // So little memory that the background is busy.
    Options { background: true, memory_limit: 128 << 10, log_limit: 4 << 10, ..support::options() }
}

/// Runs `body` under `count` seeds, each twice, and compares the traces.
fn twice(test: &str, count: u64, body: fn(&World)) {
    seeds(test, count, |seed| {
        let run = || {
            let sim = SimWorld::new(seed);
            let world = sim.world();
            sim.run(move || body(&world));
            sim.trace_hash()
        };
        assert_eq!(run(), run(), "the same seed gives the same trace");
    });
}

fn put(store: &Store, name: &str, rows: &[(i64, u64)]) {
    let mut txn = store.begin(None).unwrap();
    support::insert(&mut txn, name, rows).unwrap();
    txn.commit().unwrap();
}

#[test]
fn no_update_of_a_counter_is_lost() {
    twice("no_update_of_a_counter_is_lost", 150, |world| {
        let store = store(world, background());
        put(&store, "a", &[(1, 0)]);
        let increments = |by: u64| -> Box<dyn FnOnce() + Send> {
            let store = Arc::clone(&store);
            Box::new(move || {
                for _ in 0..by {
                    let mut txn = store.begin(None).unwrap();
                    add(&mut txn, "a", 1, 1).unwrap();
                    txn.commit().unwrap();
                }
            })
        };
        let flusher: Box<dyn FnOnce() + Send> = {
            let store = Arc::clone(&store);
            Box::new(move || (0..2).for_each(|_| store.flush().and_then(|()| store.maintain()).unwrap()))
        };
        together(world, vec![increments(5), increments(4), increments(3), flusher]);
        assert_eq!(now(&store).unwrap()["a"], [(1, 12)].into());
        store.close().unwrap();
        assert_tidy(world, 2).unwrap();
    });
}

#[test]
fn a_lock_that_is_released_wakes_who_waits() {
    let prompt = Notes::<u64>::default();
    let tried = seeds("a_lock_that_is_released_wakes_who_waits", 120, |seed| {
        let sim = SimWorld::new(seed);
        let world = sim.world();
        let took = sim.run(move || {
            let store = store(&world, support::options());
            put(&store, "a", &[(1, 0)]);
            let begun = world.monotonic();
            let adder = || -> Box<dyn FnOnce() + Send> {
                let (store, world) = (Arc::clone(&store), world.clone());
                Box::new(move || {
                    for _ in 0..4 {
                        let mut txn = store.begin(Some(false)).unwrap();
                        add(&mut txn, "a", 1, 1).unwrap();
                        world.sleep(std::time::Duration::from_micros(50));
                        txn.commit().unwrap();
                    }
                })
            };
            together(&world, vec![adder(), adder(), adder()]);
            assert_eq!(now(&store).unwrap()["a"], [(1, 12)].into());
            world.monotonic() - begun
        });
        prompt.update(|prompt| *prompt += u64::from(took < std::time::Duration::from_millis(20)));
    });
    // Simulated time, hence exact. A waiter looks around every 20 ms; a released lock must wake it before. (Under
    // many seeds the simulated machine stalls, and then it looks first.)
    let prompt = prompt.update(|prompt| *prompt);
    assert!(prompt >= tried / 6, "{prompt} of {tried} runs without a waiter's look");
}

#[test]
fn of_those_who_insert_the_same_key_exactly_one_succeeds() {
    twice("of_those_who_insert_the_same_key_exactly_one_succeeds", 150, |world| {
        let store = store(world, background());
        let winners = Notes::<Vec<(i64, u64)>>::default();
        let session = |who: u64| -> Box<dyn FnOnce() + Send> {
            let (store, winners) = (Arc::clone(&store), winners.clone());
            Box::new(move || {
                for id in 0..4 {
                    let mut txn = store.begin(None).unwrap();
                    match support::insert(&mut txn, "a", &[(id, who)]) {
                        Ok(()) => {
                            txn.commit().unwrap();
                            winners.update(|w| w.push((id, who)));
                        }
                        Err(e) => assert_eq!(e.code(), "23505", "{e}"),
                    }
                }
            })
        };
        together(world, vec![session(1), session(2), session(3)]);
        let mut won = winners.update(|w| w.clone());
        won.sort_unstable();
        assert_eq!(won.iter().map(|w| w.0).collect::<Vec<_>>(), [0, 1, 2, 3]);
        assert_eq!(now(&store).unwrap()["a"], won.into_iter().collect());
    });
}

#[test]
fn a_key_that_is_rolled_back_goes_to_the_one_who_waits() {
    twice("a_key_that_is_rolled_back_goes_to_the_one_who_waits", 60, |world| {
        let store = store(world, support::options());
        let mut first = store.begin(None).unwrap();
        support::insert(&mut first, "a", &[(1, 1)]).unwrap();
        let second: Box<dyn FnOnce() + Send> = {
            let store = Arc::clone(&store);
            Box::new(move || {
                let mut txn = store.begin(None).unwrap();
                support::insert(&mut txn, "a", &[(1, 2)]).unwrap();
                txn.commit().unwrap();
            })
        };
        let end: Box<dyn FnOnce() + Send> = Box::new(move || first.rollback());
        together(world, vec![second, end]);
        assert_eq!(now(&store).unwrap()["a"], [(1, 2)].into());
    });
}

#[test]
fn the_second_writer_of_a_row_waits_for_the_first() {
    twice("the_second_writer_of_a_row_waits_for_the_first", 60, |world| {
        let store = store(world, support::options());
        put(&store, "a", &[(1, 10), (2, 20)]);
        let mut first = store.begin(None).unwrap();
        add(&mut first, "a", 1, 5).unwrap();
        let order = Notes::<Vec<&str>>::default();
        let second: Box<dyn FnOnce() + Send> = {
            let (store, order) = (Arc::clone(&store), order.clone());
            Box::new(move || {
                let mut txn = store.begin(None).unwrap();
                // Another row is free.
                add(&mut txn, "a", 2, 1).unwrap();
                add(&mut txn, "a", 1, 1).unwrap();
                order.update(|o| o.push("second wrote"));
                txn.commit().unwrap();
            })
        };
        let noted = order.clone();
        let end: Box<dyn FnOnce() + Send> = Box::new(move || {
            noted.update(|o| o.push("first commits"));
            first.commit().unwrap();
        });
        together(world, vec![second, end]);
        assert_eq!(order.update(|o| o.clone()), ["first commits", "second wrote"]);
        assert_eq!(now(&store).unwrap()["a"], [(1, 16), (2, 21)].into());
    });
}

#[test]
fn a_deadlock_ends_for_one_of_them() {
    twice("a_deadlock_ends_for_one_of_them", 100, |world| {
        let store = store(world, support::options());
        put(&store, "a", &[(1, 0), (2, 0), (3, 0)]);
        let ended = Notes::<Vec<bool>>::default();
        let session = |ids: [i64; 3]| -> Box<dyn FnOnce() + Send> {
            let (store, ended) = (Arc::clone(&store), ended.clone());
            Box::new(move || {
                let mut txn = store.begin(None).unwrap();
                let done = ids.iter().try_for_each(|&id| add(&mut txn, "a", id, 1));
                let done = done.and_then(|()| txn.commit());
                if let Err(e) = &done {
                    assert_eq!(e.code(), "40P01", "{e}");
                }
                ended.update(|e| e.push(done.is_ok()));
            })
        };
        together(world, vec![session([1, 2, 3]), session([2, 3, 1]), session([3, 1, 2])]);
        let succeeded = ended.update(|e| e.iter().filter(|done| **done).count()) as u64;
        assert!(succeeded >= 1, "all three were ended");
        assert_eq!(now(&store).unwrap()["a"], [(1, succeeded), (2, succeeded), (3, succeeded)].into());
    });
}

/// Sessions that move amounts between accounts in two tables, readers that add them up, and work in the background.
fn transfers(world: &World, options: Options) {
    let store = store(world, options);
    let accounts: Vec<(i64, u64)> = (0..4).map(|id| (id, 100)).collect();
    put(&store, "a", &accounts);
    put(&store, "b", &accounts);
    let sum = |txn: &Txn| -> Result<u64> {
        let total: u64 = rows(txn, "a")?.values().sum();
        Ok(total + rows(txn, "b")?.values().sum::<u64>())
    };
    let session = |seed: u64| -> Box<dyn FnOnce() + Send> {
        let store = Arc::clone(&store);
        Box::new(move || {
            let mut rng = remanent_storage::world::sim::Rng::new(seed);
            let mut left = 4;
            while left > 0 {
                let mut txn = store.begin(None).unwrap();
                let (from, to) = (rng.below(4) as i64, rng.below(4) as i64);
                let amount = rng.below(9) as i64;
                let done = add(&mut txn, "a", from, -amount).and_then(|()| add(&mut txn, "b", to, amount));
                match done.and_then(|()| txn.commit()) {
                    Ok(()) => left -= 1,
                    Err(e) => assert_eq!(e.code(), "40P01", "{e}"),
                }
            }
        })
    };
    let reader = || -> Box<dyn FnOnce() + Send> {
        let store = Arc::clone(&store);
        Box::new(move || {
            for _ in 0..4 {
                let txn = store.begin(None).unwrap();
                assert_eq!(sum(&txn).unwrap(), 800);
                // The same snapshot later shows the same, whatever was flushed meanwhile.
                let before = rows(&txn, "a").unwrap();
                store.maintain().unwrap();
                assert_eq!(rows(&txn, "a").unwrap(), before);
                assert_eq!(sum(&txn).unwrap(), 800);
            }
        })
    };
    let flusher: Box<dyn FnOnce() + Send> = {
        let store = Arc::clone(&store);
        Box::new(move || (0..3).for_each(|_| store.flush().and_then(|()| store.maintain()).unwrap()))
    };
    together(world, vec![session(world.random()), session(world.random()), reader(), reader(), flusher]);
    assert_eq!(sum(&store.begin(None).unwrap()).unwrap(), 800);
    let last = now(&store).unwrap();
    store.close().unwrap();
    assert_tidy(world, 2).unwrap();
    let store = support::open(world, support::options()).unwrap();
    assert_eq!(now(&store).unwrap(), last);
}

#[test]
fn snapshots_are_consistent_under_transfers_flush_and_merge() {
    twice("snapshots_are_consistent_under_transfers_flush_and_merge", 60, |world| {
        transfers(world, background())
    });
}

#[test]
fn snapshots_are_consistent_where_commits_do_not_wait_for_the_sync() {
    twice("snapshots_are_consistent_where_commits_do_not_wait_for_the_sync", 40, |world| {
        transfers(world, Options { synchronous_commit: false, ..background() });
    });
}

#[test]
fn what_one_sees_the_next_sees_too() {
    // Writer n adds row n once it has seen row n - 1; a reader that sees n sees all before. Some wait for their sync,
    // some do not.
    twice("what_one_sees_the_next_sees_too", 100, |world| {
        let store = store(world, background());
        let count = 6;
        let writer = |n: i64| -> Box<dyn FnOnce() + Send> {
            let (store, world) = (Arc::clone(&store), world.clone());
            Box::new(move || {
                loop {
                    let seen = n == 0 || get(&store.begin(None).unwrap(), "a", n - 1).unwrap().is_some();
                    if seen {
                        break;
                    }
                    world.sleep(std::time::Duration::from_micros(50));
                }
                let mut txn = store.begin(Some(n % 2 == 0)).unwrap();
                support::insert(&mut txn, "a", &[(n, 1)]).unwrap();
                txn.commit().unwrap();
                // One's own commit is visible at once.
                assert_eq!(get(&store.begin(None).unwrap(), "a", n).unwrap(), Some(1));
            })
        };
        let reader: Box<dyn FnOnce() + Send> = {
            let store = Arc::clone(&store);
            Box::new(move || {
                let mut last = 0;
                while last < count as usize {
                    let found = rows(&store.begin(None).unwrap(), "a").unwrap();
                    let all: Vec<i64> = found.keys().copied().collect();
                    assert_eq!(all, (0..all.len() as i64).collect::<Vec<_>>());
                    assert!(all.len() >= last, "what was seen is gone");
                    last = all.len();
                    store.world().sleep(std::time::Duration::from_micros(200));
                }
            })
        };
        let mut bodies: Vec<_> = (0..count).rev().map(writer).collect();
        bodies.push(reader);
        together(world, bodies);
    });
}

#[test]
fn a_table_is_made_once_and_dropped_once() {
    twice("a_table_is_made_once_and_dropped_once", 80, |world| {
        let store = store(world, background());
        let outcomes = Notes::<Vec<&'static str>>::default();
        let session = |who: u64| -> Box<dyn FnOnce() + Send> {
            let (store, outcomes) = (Arc::clone(&store), outcomes.clone());
            Box::new(move || {
                for _ in 0..2 {
                    let attempt = |body: &dyn Fn(&mut Txn) -> Result<()>| -> Result<()> {
                        let mut txn = store.begin(None)?;
                        statement(&mut txn, |txn| body(txn))?;
                        txn.commit()
                    };
                    match attempt(&|txn| create(txn, "c")) {
                        Ok(()) => outcomes.update(|o| o.push("made")),
                        Err(e) => assert_eq!(e.code(), "42P07", "{e}"),
                    }
                    match attempt(&|txn| support::insert(txn, "c", &[(who as i64, who)])) {
                        Ok(()) => {}
                        Err(e) => assert!(["42P01", "23505"].contains(&e.code()), "{e}"),
                    }
                    match attempt(&|txn| txn.drop_table("c")) {
                        Ok(()) => outcomes.update(|o| o.push("dropped")),
                        Err(e) => assert_eq!(e.code(), "42P01", "{e}"),
                    }
                }
            })
        };
        together(world, vec![session(1), session(2)]);
        let outcomes = outcomes.update(|o| o.clone());
        let count = |what: &str| outcomes.iter().filter(|o| **o == what).count();
        let there = usize::from(now(&store).unwrap().contains_key("c"));
        assert_eq!(count("made"), count("dropped") + there, "{outcomes:?}");
        store.close().unwrap();
        assert_tidy(world, 2 + there).unwrap();
    });
}

#[test]
fn an_interrupted_wait_ends_with_57014() {
    twice("an_interrupted_wait_ends_with_57014", 40, |world| {
        let store = store(world, support::options());
        put(&store, "a", &[(1, 0)]);
        let mut first = store.begin(None).unwrap();
        add(&mut first, "a", 1, 1).unwrap();
        let interrupt = Arc::new(remanent_storage::txn::Interrupt::default());
        let waiter: Box<dyn FnOnce() + Send> = {
            let (store, interrupt) = (Arc::clone(&store), Arc::clone(&interrupt));
            Box::new(move || {
                let mut txn = store.begin(None).unwrap();
                txn.set_interrupt(interrupt);
                let ended: Error = add(&mut txn, "a", 1, 1).unwrap_err();
                assert_eq!(ended.code(), "57014");
            })
        };
        let stop: Box<dyn FnOnce() + Send> = Box::new(move || interrupt.set());
        together(world, vec![waiter, stop]);
        first.commit().unwrap();
        assert_eq!(now(&store).unwrap()["a"], [(1, 1)].into());
    });
}

#[test]
fn transactions_that_outgrow_memory_take_turns_with_others() {
    twice("transactions_that_outgrow_memory_take_turns_with_others", 12, |world| {
        let store = store(world, background());
        put(&store, "a", &[(0, 10), (1, 10), (2, 10)]);
        // Each loads many rows and raises a row that all of them raise, before or after the load.
        let loader = |me: i64| -> Box<dyn FnOnce() + Send> {
            let store = Arc::clone(&store);
            Box::new(move || {
                let many: Vec<(i64, u64)> = (0..90).map(|i| (me * 1000 + i, support::LONG)).collect();
                loop {
                    let mut txn = store.begin(None).unwrap();
                    let first = if me % 2 == 0 { add(&mut txn, "a", 0, 1) } else { Ok(()) };
                    let loaded =
                        first.and_then(|()| statement(&mut txn, |txn| support::insert(txn, "a", &many)));
                    let last =
                        if me % 2 == 1 { loaded.and_then(|()| add(&mut txn, "a", 0, 1)) } else { loaded };
                    match last.and_then(|()| txn.commit()) {
                        Ok(()) => break,
                        Err(e) => assert_eq!(e.code(), "40P01", "{e}"),
                    }
                }
            })
        };
        let small: Box<dyn FnOnce() + Send> = {
            let store = Arc::clone(&store);
            Box::new(move || {
                let mut left = vec![1, 0, 2, 1];
                while let Some(&id) = left.last() {
                    let mut txn = store.begin(None).unwrap();
                    match add(&mut txn, "a", id, 1).and_then(|()| txn.commit()) {
                        Ok(()) => _ = left.pop(),
                        // It waits for a row of a load that waits for the table.
                        Err(e) => assert_eq!(e.code(), "40P01", "{e}"),
                    }
                }
            })
        };
        let reader: Box<dyn FnOnce() + Send> = {
            let store = Arc::clone(&store);
            Box::new(move || {
                for _ in 0..3 {
                    // Of each load all rows or none, and with them what it added.
                    let found = rows(&store.begin(None).unwrap(), "a").unwrap();
                    let loads = found.len() as u64 - 3;
                    assert_eq!(loads % 90, 0);
                    assert!(
                        (10 + loads / 90..=11 + loads / 90).contains(&found[&0]),
                        "{loads} rows, {}",
                        found[&0]
                    );
                    store.maintain().unwrap();
                }
            })
        };
        together(world, vec![loader(1), loader(2), loader(3), small, reader]);
        let found = now(&store).unwrap();
        assert_eq!((found["a"].len(), found["a"][&0], found["a"][&1], found["a"][&2]), (273, 14, 12, 11));
        store.close().unwrap();
        assert_tidy(world, 2).unwrap();
    });
}

#[test]
fn who_shares_a_row_sees_it_unchanged() {
    twice("who_shares_a_row_sees_it_unchanged", 80, |world| {
        let store = store(world, support::options());
        put(&store, "a", &[(1, 0), (2, 0)]);
        // A writer raises both rows; a sharer locks one row shared, looks at both, and looks again.
        let writer = |first: i64| -> Box<dyn FnOnce() + Send> {
            let store = Arc::clone(&store);
            Box::new(move || {
                for _ in 0..3 {
                    let mut txn = store.begin(None).unwrap();
                    let both = add(&mut txn, "a", first, 1).and_then(|()| add(&mut txn, "a", 3 - first, 1));
                    match both.and_then(|()| txn.commit()) {
                        Ok(()) => {}
                        Err(e) => assert_eq!(e.code(), "40P01", "{e}"),
                    }
                }
            })
        };
        let sharer = |id: i64, mode: Mode| -> Box<dyn FnOnce() + Send> {
            let store = Arc::clone(&store);
            Box::new(move || {
                for _ in 0..4 {
                    let mut txn = store.begin(None).unwrap();
                    let locked = statement(&mut txn, |txn| support::lock(txn, "a", id, mode));
                    if let Err(e) = locked {
                        assert_eq!(e.code(), "40P01", "{e}");
                        continue;
                    }
                    let seen = get(&txn, "a", id).unwrap();
                    txn.begin_statement();
                    assert_eq!(get(&txn, "a", id).unwrap(), seen, "under {mode:?}");
                    // Stronger, where others may share it too: one of them may be ended.
                    let raised = if mode == Mode::Share { add(&mut txn, "a", id, 0) } else { Ok(()) };
                    match raised {
                        Ok(()) => assert_eq!(get(&txn, "a", id).unwrap(), seen, "under {mode:?}"),
                        Err(e) => assert_eq!(e.code(), "40P01", "{e}"),
                    }
                }
            })
        };
        let sessions = vec![
            writer(1),
            writer(2),
            sharer(1, Mode::Share),
            sharer(1, Mode::Share),
            sharer(2, Mode::Update),
        ];
        together(world, sessions);
        assert_eq!(store.stats().lock_waits, 0);
        let found = now(&store).unwrap();
        assert_eq!(found["a"][&1], found["a"][&2]);
        // Nothing is left locked.
        let mut txn = store.begin(None).unwrap();
        add(&mut txn, "a", 1, 1).and_then(|()| add(&mut txn, "a", 2, 1)).unwrap();
        txn.commit().unwrap();
    });
}
