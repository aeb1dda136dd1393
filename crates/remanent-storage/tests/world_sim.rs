//! That the simulated world is as bad as the real one can be, and exactly as bad as it says.

use remanent_storage::world::sim::{Crashes, Fault, Notes, Op, POWER_LOSS, Rng, SimDisk, SimWorld, Survival};
use remanent_storage::world::sync::{Condvar, Mutex, RwLock, yield_point};
use remanent_storage::world::{Disk, File, OpenMode, World};
use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const DIR: &str = "/db";
const FILE: &str = "/db/file";

/// A disk with one durable file of these bytes, and a handle on it.
fn disk_with(seed: u64, bytes: &[u8]) -> (SimDisk, Arc<dyn File>) {
    let disk = SimDisk::new(seed);
    disk.put(FILE, bytes);
    let file = disk.open(Path::new(FILE), OpenMode::ReadWrite).unwrap();
    (disk, file)
}

fn panic_of(body: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(body)).expect_err("this should have panicked");
    match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(panic) => (*panic.downcast_ref::<&str>().unwrap()).to_owned(),
    }
}

// ---- what a power loss does to bytes ----

#[test]
fn synced_bytes_survive_every_crash_and_unsynced_ones_change_only_where_written() {
    for seed in 0..2000 {
        let mut rng = Rng::new(seed);
        let (disk, file) = disk_with(seed, &[1; 3000]);
        let mut allowed: Vec<BTreeSet<u8>> = vec![[1].into(); 3000];
        for value in 2..2 + rng.below(6) as u8 {
            let (at, len) = (rng.below(2500) as usize, rng.below(1500) as usize);
            allowed.resize(allowed.len().max(at + len), [0].into());
            file.write_at(&vec![value; len], at as u64).unwrap();
            allowed[at..at + len].iter_mut().for_each(|a| _ = a.insert(value));
            if rng.one_in(4) {
                file.sync().unwrap();
                let now = disk.contents(FILE).unwrap();
                assert_eq!(disk.durable_contents(FILE).unwrap(), now);
                allowed = now.iter().map(|b| [*b].into()).collect();
            }
        }
        let least = disk.durable_contents(FILE).unwrap().len();
        disk.crash();
        let bytes = disk.contents(FILE).unwrap();
        assert!(bytes.len() >= least && bytes.len() <= allowed.len(), "seed {seed}");
        for (i, byte) in bytes.iter().enumerate() {
            // A hole in what grew reads as zero.
            let hole = i >= least && *byte == 0;
            assert!(
                hole || allowed[i].contains(byte),
                "seed {seed}: byte {i} is {byte}, not {:?}",
                allowed[i]
            );
        }
    }
}

/// What the seeds make of two unsynced writes of 1,024 bytes each over durable zeros.
fn outcomes_of_two_writes() -> BTreeSet<[u8; 4]> {
    let one = |seed| {
        let (disk, file) = disk_with(seed, &[0; 2048]);
        file.write_at(&[1; 1024], 0).unwrap();
        file.write_at(&[2; 1024], 1024).unwrap();
        disk.crash();
        let bytes = disk.contents(FILE).unwrap();
        [bytes[0], bytes[512], bytes[1024], bytes[1536]]
    };
    (0..500).map(one).collect()
}

#[test]
fn unsynced_writes_are_lost_kept_torn_and_reordered() {
    let outcomes = outcomes_of_two_writes();
    assert!(outcomes.contains(&[0, 0, 0, 0]), "nothing survives");
    assert!(outcomes.contains(&[1, 1, 2, 2]), "everything survives");
    assert!(outcomes.contains(&[1, 1, 0, 0]), "the first write survives");
    assert!(outcomes.contains(&[0, 0, 2, 2]), "the second survives without the first");
    assert!(outcomes.contains(&[1, 0, 0, 0]), "the first is torn");
    assert!(outcomes.contains(&[0, 1, 2, 0]), "sectors survive out of order");
    assert_eq!(outcomes.len(), 16);
}

#[test]
fn a_sector_may_be_torn_at_any_byte_but_only_where_it_was_written() {
    let mut torn = BTreeSet::new();
    for seed in 0..2000 {
        let (disk, file) = disk_with(seed, &[1; 512]);
        file.write_at(&[2; 100], 50).unwrap();
        disk.crash();
        let bytes = disk.contents(FILE).unwrap();
        let twos = bytes.iter().filter(|b| **b == 2).count();
        let expected: Vec<u8> = (0..512).map(|i| if (50..50 + twos).contains(&i) { 2 } else { 1 }).collect();
        assert_eq!(bytes, expected);
        torn.insert(twos);
    }
    assert!(torn.contains(&0) && torn.contains(&100) && torn.len() > 50, "{} kinds of tears", torn.len());
}

#[test]
fn growth_is_lost_in_part_and_never_shows_what_was_not_written() {
    let mut lens = BTreeSet::new();
    let mut holes = 0;
    for seed in 0..1000 {
        let (disk, file) = disk_with(seed, b"");
        for i in 0..4 {
            file.write_at(&[i + 1; 700], u64::from(i) * 700).unwrap();
        }
        disk.crash();
        let bytes = disk.contents(FILE).unwrap();
        for (i, byte) in bytes.iter().enumerate() {
            assert!(*byte == 0 || usize::from(*byte) == i / 700 + 1);
        }
        holes += usize::from(bytes.contains(&0));
        lens.insert(bytes.len());
    }
    assert!(lens.contains(&0) && lens.contains(&2800) && lens.contains(&1400), "{lens:?}");
    assert!(holes > 10, "{holes} files had holes");
}

#[test]
fn a_truncation_is_an_order() {
    let mut seen = BTreeSet::new();
    for seed in 0..500 {
        let (disk, file) = disk_with(seed, &[1; 1024]);
        file.set_len(0).unwrap();
        file.write_at(&[2; 512], 512).unwrap();
        disk.crash();
        let bytes = disk.contents(FILE).unwrap();
        seen.insert((bytes.len(), bytes.first().copied(), bytes.get(600).copied()));
    }
    assert!(seen.contains(&(1024, Some(1), Some(1))), "not truncated, and the write after it lost with it");
    assert!(seen.contains(&(0, None, None)), "truncated");
    assert!(seen.contains(&(1024, Some(0), Some(2))), "truncated and written");
    assert!(!seen.iter().any(|s| s.1 == Some(1) && s.2 == Some(2)), "{seen:?}");
}

#[test]
fn the_caller_may_say_what_survives() {
    for (survival, expected) in [(Survival::Nothing, b"aaaa"), (Survival::Everything, b"abba")] {
        let (disk, file) = disk_with(3, b"aaaa");
        file.write_at(b"bb", 1).unwrap();
        disk.crash_with(survival);
        assert_eq!(disk.contents(FILE).unwrap(), expected);
    }
}

// ---- what a power loss does to names ----

#[test]
fn a_synced_file_is_lost_with_its_unsynced_name() {
    let lost = |seed| {
        let disk = SimDisk::new(seed);
        disk.create_dir(Path::new(DIR)).unwrap();
        let file = disk.open(Path::new(FILE), OpenMode::CreateNew).unwrap();
        file.write_at(b"data", 0).unwrap();
        file.sync().unwrap();
        disk.crash();
        match disk.contents(FILE) {
            None => true,
            Some(bytes) => {
                assert_eq!(bytes, b"data");
                false
            }
        }
    };
    let lost = (0..200).filter(|&seed| lost(seed)).count();
    assert!((50..150).contains(&lost), "{lost} of 200");
}

#[test]
fn a_synced_name_survives_with_what_was_synced_of_its_file() {
    for seed in 0..200 {
        let disk = SimDisk::new(seed);
        disk.create_dir(Path::new(DIR)).unwrap();
        let file = disk.open(Path::new(FILE), OpenMode::CreateNew).unwrap();
        disk.sync_dir(Path::new(DIR)).unwrap();
        file.write_at(b"data", 0).unwrap();
        disk.crash_with(Survival::Nothing);
        assert_eq!(disk.contents(FILE).unwrap(), b"");
    }
}

#[test]
fn renames_and_removals_come_back_or_stay() {
    let mut seen = BTreeSet::new();
    for seed in 0..300 {
        let disk = SimDisk::new(seed);
        disk.put("/db/current", b"old");
        disk.put("/db/next", b"new");
        disk.put("/db/junk", b"junk");
        disk.rename(Path::new("/db/next"), Path::new("/db/current")).unwrap();
        disk.remove(Path::new("/db/junk")).unwrap();
        disk.crash();
        let current = disk.contents("/db/current").unwrap();
        let renamed = disk.contents("/db/next").is_none();
        // A rename is atomic: the target is there, old or new, and the source goes with the change.
        assert_eq!(current, if renamed { b"new" } else { b"old" });
        seen.insert((renamed, disk.contents("/db/junk").is_none()));
    }
    assert_eq!(seen.len(), 4, "each apart: {seen:?}");
    for seed in 0..100 {
        let disk = SimDisk::new(seed);
        disk.put("/db/current", b"old");
        disk.put("/db/next", b"new");
        disk.rename(Path::new("/db/next"), Path::new("/db/current")).unwrap();
        disk.sync_dir(Path::new(DIR)).unwrap();
        disk.crash();
        assert_eq!(disk.contents("/db/current").unwrap(), b"new");
        assert_eq!(disk.files(), [Path::new("/db/current")]);
    }
}

#[test]
fn handles_and_locks_do_not_outlive_the_power_or_the_process() {
    for end in [SimDisk::crash as fn(&SimDisk), SimDisk::restart] {
        let (disk, file) = disk_with(1, b"data");
        let lock = disk.lock(Path::new("/db/LOCK"), "first").unwrap();
        end(&disk);
        assert!(file.read_at(&mut [0], 0).is_err());
        assert!(file.write_at(&[0], 0).is_err());
        assert!(file.sync().is_err());
        let _second = disk.lock(Path::new("/db/LOCK"), "second").unwrap();
        drop(lock); // the guard of a dead process releases nothing
        assert_eq!(disk.lock(Path::new("/db/LOCK"), "third").err().unwrap().kind(), ErrorKind::WouldBlock);
    }
}

#[test]
fn a_killed_process_loses_nothing_but_makes_nothing_durable() {
    let (disk, file) = disk_with(1, b"aaaa");
    file.write_at(b"bb", 1).unwrap();
    disk.restart();
    assert_eq!(disk.contents(FILE).unwrap(), b"abba");
    disk.crash_with(Survival::Nothing);
    assert_eq!(disk.contents(FILE).unwrap(), b"aaaa");
}

// ---- faults on demand ----

#[test]
fn after_a_failed_sync_the_next_one_succeeds_and_data_is_lost() {
    let mut lost = 0;
    for seed in 0..200 {
        let (disk, file) = disk_with(seed, &[1; 2048]);
        file.write_at(&[2; 2048], 0).unwrap();
        disk.inject(Fault::on(Op::Sync));
        assert!(file.sync().is_err());
        assert_eq!(disk.contents(FILE).unwrap(), [2; 2048]); // reads see it still
        file.sync().unwrap();
        disk.crash();
        let bytes = disk.contents(FILE).unwrap();
        assert!(bytes.chunks(512).all(|s| s.iter().all(|b| *b == 1 || *b == 2)));
        lost += usize::from(bytes.contains(&1));
    }
    assert!(lost > 100, "lost in {lost} of 200");
}

#[test]
fn the_chosen_call_fails_and_no_other() {
    let (disk, file) = disk_with(1, b"data");
    disk.inject(Fault::on(Op::Write).after(2));
    let results: Vec<bool> = (0..4).map(|i| file.write_at(b"x", i).is_ok()).collect();
    assert_eq!(results, [true, true, false, true]);
    disk.inject(Fault::on(Op::Read).of("file").forever());
    disk.inject(Fault::on(Op::Rename).of("elsewhere"));
    assert!(file.read_at(&mut [0], 0).is_err() && file.read_at(&mut [0], 0).is_err());
    disk.rename(Path::new(FILE), Path::new("/db/b")).unwrap();
    assert_eq!(file.read_at(&mut [0], 0).unwrap(), 1, "the fault was on the old name");
    disk.clear_faults();
    assert_eq!(file.read_at(&mut [0; 9], 0).unwrap(), 4);
}

#[test]
fn a_full_disk_takes_what_fits() {
    let (disk, file) = disk_with(1, &[1; 4096]);
    disk.set_capacity(3 * 4096);
    file.set_len(1 << 30).unwrap(); // sparse: nothing is allocated
    assert_eq!(disk.free_space(Path::new(DIR)).unwrap(), Some(8192));
    file.write_at(&[2; 4096], 4096).unwrap();
    assert_eq!(file.write_at(&[3; 8192], 8192).unwrap_err().kind(), ErrorKind::StorageFull);
    let mut buf = [9; 3];
    file.read_exact_at(&mut buf, 12287).unwrap();
    assert_eq!(buf, [3, 0, 0], "the page that fits was written, the one that does not was not");
    file.write_at(&[4; 100], 0).unwrap(); // overwriting needs no room
    file.set_len(4096).unwrap();
    assert_eq!(disk.free_space(Path::new(DIR)).unwrap(), Some(8192));
}

#[test]
fn bits_flip_and_files_shrink_on_demand() {
    let (disk, file) = disk_with(1, b"abc");
    disk.flip_bit(FILE, 8); // bit 0 of byte 1: 'b' is 0x62
    let mut buf = [0; 3];
    file.read_exact_at(&mut buf, 0).unwrap();
    assert_eq!(&buf, b"acc");
    disk.truncate(FILE, 1);
    disk.crash();
    assert_eq!(disk.contents(FILE).unwrap(), b"a");
}

#[test]
fn a_device_may_lie_about_syncs() {
    let (disk, file) = disk_with(1, b"a");
    disk.lie_about_syncs(true);
    file.write_at(b"b", 0).unwrap();
    file.sync().unwrap();
    disk.crash_with(Survival::Nothing);
    assert_eq!(disk.contents(FILE).unwrap(), b"a");
}

#[test]
fn calls_are_counted() {
    let (disk, file) = disk_with(1, b"");
    let before = disk.counters();
    file.write_at(&[0; 10], 0).unwrap();
    file.sync().unwrap();
    file.read_at(&mut [0; 4], 8).unwrap();
    disk.sync_dir(Path::new(DIR)).unwrap();
    let after = disk.counters();
    let counts = [
        after.writes - before.writes,
        after.bytes_written - before.bytes_written,
        after.syncs - before.syncs,
        after.reads - before.reads,
        after.bytes_read - before.bytes_read,
        after.dir_syncs - before.dir_syncs,
        after.changes - before.changes,
    ];
    assert_eq!(counts, [1, 10, 1, 1, 2, 1, 3]);
}

#[test]
fn the_power_goes_at_the_chosen_change() {
    let mut in_flight = BTreeSet::new();
    for seed in 0..50 {
        let (disk, file) = disk_with(seed, b"....");
        disk.crash_after(2);
        file.write_at(b"0", 0).unwrap();
        file.read_at(&mut [0], 0).unwrap(); // not a change
        file.write_at(b"1", 1).unwrap();
        assert_eq!(file.write_at(b"2", 2).unwrap_err().to_string(), POWER_LOSS);
        assert!(!disk.is_powered());
        assert_eq!(file.write_at(b"3", 3).unwrap_err().to_string(), POWER_LOSS);
        assert_eq!(file.read_at(&mut [0], 0).unwrap_err().to_string(), POWER_LOSS);
        assert_eq!(disk.exists(Path::new(FILE)).unwrap_err().to_string(), POWER_LOSS);
        disk.crash_with(Survival::Everything);
        in_flight.insert(disk.contents(FILE).unwrap());
    }
    assert_eq!(in_flight, [b"01..".to_vec(), b"012.".to_vec()].into(), "the call in flight may take effect");
}

#[test]
fn a_fork_goes_its_own_way() {
    let (disk, file) = disk_with(1, b"aaaa");
    file.write_at(b"bb", 0).unwrap();
    let fork = disk.fork(2);
    file.sync().unwrap();
    fork.crash_with(Survival::Nothing);
    disk.crash_with(Survival::Nothing);
    assert_eq!(
        (disk.contents(FILE).unwrap(), fork.contents(FILE).unwrap()),
        (b"bbaa".to_vec(), b"aaaa".to_vec())
    );
    // The same seed, the same fate.
    let fates: Vec<_> = [7, 7, 8, 9, 10, 11]
        .into_iter()
        .map(|seed| {
            let (disk, file) = disk_with(1, &[0; 8192]);
            (0..16).for_each(|i| file.write_at(&[1; 512], i * 512).unwrap());
            let fork = disk.fork(seed);
            fork.crash();
            fork.contents(FILE).unwrap()
        })
        .collect();
    assert_eq!(fates[0], fates[1]);
    assert!(fates.iter().collect::<BTreeSet<_>>().len() > 2);
}

// ---- the scheduler ----

/// A busy little program: three workers share a queue, a lock, a file and a clock.
fn busy(world: World) -> Vec<u64> {
    let queue = Arc::new((Mutex::new(Vec::new()), Condvar::new()));
    let done = Arc::new(RwLock::new(Vec::new()));
    world.disk.create_dir(Path::new(DIR)).unwrap();
    let file = world.disk.open(Path::new(FILE), OpenMode::CreateNew).unwrap();
    let worker = |n: u64| {
        let (world, queue, done, file) = (world.clone(), queue.clone(), done.clone(), file.clone());
        move || loop {
            let mut items = queue.0.lock();
            let item = loop {
                match items.pop() {
                    Some(item) => break item,
                    None => items = queue.1.wait_timeout(items, Duration::from_millis(5)).0,
                }
            };
            drop(items);
            if item == 0 {
                return;
            }
            file.write_at(&[n as u8; 8], item * 8).unwrap();
            world.sleep(Duration::from_micros(world.random() % 300));
            file.sync().unwrap();
            done.write().push(item);
        }
    };
    let workers: Vec<_> = (0..3).map(|n| world.spawn("worker", worker(n)).unwrap()).collect();
    for item in [1, 2, 3, 4, 5, 6, 7, 8, 9] {
        queue.0.lock().push(item);
        queue.1.notify_one();
        if done.read().len() < 3 {
            yield_point();
        }
    }
    while done.read().len() < 9 {
        world.sleep(Duration::from_millis(1));
    }
    *queue.0.lock() = vec![0; 3];
    queue.1.notify_all();
    workers.into_iter().for_each(|t| t.join());
    let order = done.read();
    order.clone()
}

#[test]
fn the_same_seed_gives_the_same_trace() {
    let mut traces = BTreeSet::new();
    let mut orders = BTreeSet::new();
    for seed in 0..150 {
        let run = || {
            let sim = SimWorld::new(seed);
            sim.record_trace();
            let world = sim.world();
            let order = sim.run(move || busy(world));
            (sim.trace(), sim.trace_hash(), order, sim.disk().contents(FILE))
        };
        let (first, second) = (run(), run());
        if let Some(i) = (0..first.0.len()).find(|&i| first.0.get(i) != second.0.get(i)) {
            panic!("seed {seed}, event {i}: {:?} and {:?}", first.0.get(i), second.0.get(i));
        }
        assert_eq!(first, second);
        let mut sorted = first.2.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
        traces.insert(first.1);
        orders.insert(first.2);
    }
    assert_eq!(traces.len(), 150, "every seed has its own trace");
    assert!(orders.len() > 50, "{} orders", orders.len());
}

#[test]
fn time_passes_only_in_the_simulation() {
    let sim = SimWorld::new(1);
    let world = sim.world();
    let (slept, order) = sim.run(move || {
        let order = Arc::new(Mutex::new(Vec::new()));
        let sleeper = |hours: u64| {
            let (world, order) = (world.clone(), order.clone());
            move || {
                world.sleep(Duration::from_secs(hours * 3600));
                order.lock().push(hours);
            }
        };
        let start = world.monotonic();
        let threads: Vec<_> = [3, 1, 2].map(|h| world.spawn("sleeper", sleeper(h)).unwrap()).into();
        threads.into_iter().for_each(|t| t.join());
        let order = order.lock().clone();
        (world.monotonic() - start, order)
    });
    assert_eq!((slept.as_secs(), order), (3 * 3600, vec![1, 2, 3]));
}

#[test]
fn a_deadlock_is_reported_with_who_waits_for_what() {
    let run = |seed| {
        let sim = SimWorld::new(seed);
        let world = sim.world();
        sim.try_run(move || {
            let locks = Arc::new((Mutex::new(()), Mutex::new(())));
            let other = locks.clone();
            let thread = world.spawn("backwards", move || {
                let _b = other.1.lock();
                let _a = other.0.lock();
            });
            {
                let _a = locks.0.lock();
                let _b = locks.1.lock();
            }
            thread.unwrap().join();
        })
    };
    let report = (0..100).find_map(|seed| run(seed).err()).expect("some seed finds the deadlock");
    assert!(report.starts_with("deadlock: every thread waits (seed "), "{report}");
    assert_eq!(report.matches("waits for a Mutex at").count(), 2, "{report}");
    assert!(
        report.contains("held by 1/backwards since crates/remanent-storage/tests/world_sim.rs:"),
        "{report}"
    );
    assert!((0..100).any(|seed| run(seed).is_ok()), "and some seed misses it");
}

#[test]
fn a_planted_lost_wake_up_is_found() {
    // The flag is tested before the lock is taken: the notification may come in between.
    let run = |seed| {
        let sim = SimWorld::new(seed);
        let world = sim.world();
        sim.try_run(move || {
            let shared = Arc::new((AtomicBool::new(false), Mutex::new(()), Condvar::new()));
            let setter = shared.clone();
            let thread = world.spawn("setter", move || {
                setter.0.store(true, Ordering::SeqCst);
                setter.2.notify_all();
            });
            while !shared.0.load(Ordering::SeqCst) {
                drop(shared.2.wait(shared.1.lock()));
            }
            thread.unwrap().join();
        })
    };
    let found = (0..100).filter_map(|seed| run(seed).err().map(|report| (seed, report))).next();
    let (seed, report) = found.expect("some seed finds the lost wake-up");
    assert!(report.contains("main waits for a notification at"), "{report}");
    assert_eq!(run(seed).unwrap_err(), report, "the seed replays it");
}

#[test]
fn a_planted_check_then_act_race_is_found() {
    let sold = |seed, careful: bool| {
        let sim = SimWorld::new(seed);
        let world = sim.world();
        sim.run(move || {
            let tickets = Arc::new(Mutex::new(1));
            let buy = |tickets: Arc<Mutex<i32>>| {
                move || {
                    let mut left = tickets.lock();
                    if *left > 0 {
                        if !careful {
                            drop(left);
                            left = tickets.lock();
                        }
                        *left -= 1;
                    }
                }
            };
            let other = world.spawn("buyer", buy(tickets.clone())).unwrap();
            buy(tickets.clone())();
            other.join();
            let left = *tickets.lock();
            1 - left
        })
    };
    assert!((0..100).any(|seed| sold(seed, false) == 2), "some seed sells the ticket twice");
    assert!((0..100).all(|seed| sold(seed, true) == 1));
}

#[test]
fn a_race_between_atomics_is_found_at_yield_points() {
    let lost = |seed| {
        let sim = SimWorld::new(seed);
        let world = sim.world();
        sim.run(move || {
            let sum = Arc::new(std::sync::atomic::AtomicU32::new(0));
            let add = |sum: Arc<std::sync::atomic::AtomicU32>| {
                move || {
                    let seen = sum.load(Ordering::SeqCst);
                    yield_point();
                    sum.store(seen + 1, Ordering::SeqCst);
                }
            };
            let other = world.spawn("adder", add(sum.clone())).unwrap();
            add(sum.clone())();
            other.join();
            sum.load(Ordering::SeqCst) == 1
        })
    };
    assert!((0..100).any(lost));
}

#[test]
fn waits_wake_spuriously_under_some_seeds() {
    let spurious = |seed| {
        let sim = SimWorld::new(seed);
        let world = sim.world();
        sim.run(move || {
            let shared = Arc::new((Mutex::new(false), Condvar::new()));
            let setter = shared.clone();
            let thread = world.spawn("setter", move || {
                *setter.0.lock() = true;
                setter.1.notify_all();
            });
            let mut wakes_too_early = 0;
            let mut ready = shared.0.lock();
            while !*ready {
                ready = shared.1.wait(ready);
                wakes_too_early += usize::from(!*ready);
            }
            drop(ready);
            thread.unwrap().join();
            wakes_too_early
        })
    };
    assert!((0..200).any(|seed| spurious(seed) > 0));
    assert!((0..200).any(|seed| spurious(seed) == 0));
}

#[test]
fn a_lock_held_across_io_is_a_failed_test() {
    let (_disk, file) = disk_with(1, b"data");
    let lock = Mutex::new(());
    let shared = RwLock::new(());
    let text = panic_of(|| {
        let _guard = lock.lock();
        let _ = file.sync();
    });
    assert!(
        text.starts_with("rule 10: the lock taken at crates/remanent-storage/tests/world_sim.rs:"),
        "{text}"
    );
    assert!(text.ends_with("is held across I/O: Sync of /db/file"), "{text}");
    panic_of(|| {
        let _guard = shared.read();
        let _ = file.len();
    });
    drop(lock.lock());
    drop(shared.read());
    drop(shared.write());
    file.sync().unwrap();
}

#[test]
fn taking_a_lock_again_is_reported_at_once() {
    let sim = SimWorld::new(1);
    let report = sim.try_run(|| {
        let lock = RwLock::new(());
        let _first = lock.read();
        let _second = lock.read();
    });
    let report = report.unwrap_err();
    assert!(report.contains("this thread takes the RwLock (shared) at"), "{report}");
}

#[test]
fn a_panic_that_nobody_joins_fails_the_run() {
    for seed in 0..20 {
        let sim = SimWorld::new(seed);
        let world = sim.world();
        let text = panic_of(|| {
            sim.run(move || {
                drop(world.spawn("worker", || panic!("the worker's reason")).unwrap());
                world.sleep(Duration::from_secs(1));
            });
        });
        assert_eq!(text, "the worker's reason");
    }
}

#[test]
fn a_thread_left_waiting_fails_the_run() {
    let sim = SimWorld::new(1);
    let world = sim.world();
    let report = sim.try_run(move || {
        let _thread = world.spawn("forgotten", || {
            let (lock, never) = (Mutex::new(()), Condvar::new());
            let mut guard = lock.lock();
            loop {
                guard = never.wait(guard);
            }
        });
    });
    let report = report.unwrap_err();
    assert!(report.contains("1/forgotten waits for a notification at"), "{report}");
}

#[test]
fn threads_outside_a_simulation_use_the_same_locks() {
    let world = World::real();
    let shared = Arc::new((Mutex::new(0), Condvar::new()));
    let other = shared.clone();
    let thread = world.spawn("real", move || {
        *other.0.lock() = 1;
        other.1.notify_one();
    });
    let mut value = shared.0.lock();
    while *value == 0 {
        value = shared.1.wait(value);
    }
    drop(value);
    thread.unwrap().join();
}

// ---- crash tests ----

/// Appends numbers of eight bytes, synced one by one unless `careless`; notes each once it is acknowledged.
fn append(world: &World, acknowledged: &Notes<u64>, careless: bool) -> std::io::Result<()> {
    world.disk.create_dir(Path::new(DIR))?;
    let file = world.disk.open(Path::new(FILE), OpenMode::CreateNew)?;
    world.disk.sync_dir(Path::new(DIR))?;
    for n in 1..=20u64 {
        file.write_at(&n.to_le_bytes(), (n - 1) * 8)?;
        if !careless {
            file.sync()?;
        }
        acknowledged.update(|last| *last = n);
    }
    Ok(())
}

/// Everything that was acknowledged is there.
fn recover(world: &World, acknowledged: &u64) -> std::io::Result<()> {
    let mut bytes = vec![0; *acknowledged as usize * 8];
    if *acknowledged > 0 {
        let file = world.disk.open(Path::new(FILE), OpenMode::ReadWrite)?;
        file.read_exact_at(&mut bytes, 0)?;
        file.sync()?;
    }
    for (i, number) in bytes.chunks_exact(8).enumerate() {
        assert_eq!(u64::from_le_bytes(number.try_into().unwrap()), i as u64 + 1);
    }
    Ok(())
}

#[test]
fn a_careful_workload_survives_a_crash_at_every_change() {
    let crashes = Crashes::new("a_careful_workload_survives_a_crash_at_every_change").rounds(3);
    crashes.run(|world, acknowledged| append(world, acknowledged, false), recover);
}

#[test]
fn a_careless_workload_is_caught() {
    let crashes = Crashes::new("a_careless_workload_is_caught");
    let text = panic_of(|| {
        crashes.run(|world, acknowledged| append(world, acknowledged, true), recover);
    });
    assert!(text.contains("left == right") || text.contains("the check failed"), "{text}");
}

#[test]
fn a_workload_that_fails_under_power_is_caught() {
    let crashes = Crashes::new("a_workload_that_fails_under_power_is_caught");
    let text = panic_of(|| {
        crashes.run(|_: &World, _: &Notes<u64>| Err("of its own accord"), |_, _| Ok(()));
    });
    assert_eq!(text, "the workload failed: of its own accord");
}
