//! Many threads, few syncs.

use super::{open, put};
use remanent_storage::log::{Log, LogOptions};
use remanent_storage::world::sim::{SimWorld, seeds};
use remanent_storage::world::{OpenMode, World};
use std::cell::Cell;
use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

#[test]
fn threads_that_wait_together_are_synced_together() {
    let (total, runs) = (Cell::new(0), Cell::new(0));
    seeds("threads_that_wait_together_are_synced_together", 100, |seed| {
        let sim = SimWorld::new(seed);
        let world = sim.world();
        let stats = sim.run(move || {
            let log = Arc::new(open(&world, 1).unwrap().0);
            let threads: Vec<_> = (0..8)
                .map(|t| {
                    let log = log.clone();
                    let work = move || {
                        for i in 0..5 {
                            put(&log, &format!("{t} {i}")).unwrap();
                        }
                    };
                    world.spawn("committer", work).unwrap()
                })
                .collect();
            threads.into_iter().for_each(|t| t.join());
            assert_eq!(log.durable(), 40);
            log.stats()
        });
        assert_eq!(stats.records, 40);
        assert!(stats.writes <= stats.syncs + stats.files);
        total.set(total.get() + stats.syncs);
        runs.set(runs.get() + 1);
    });
    // One schedule may be unlucky; most are not.
    assert!(total.get() < runs.get() * 30, "{} syncs in {} runs of 40 commits", total.get(), runs.get());
}

#[test]
fn nobody_sleeps_through_its_commit() {
    // On the real machine: a lost wake-up would leave a thread waiting for ever, and this test in its time-out.
    let dir = tempfile::tempdir().unwrap();
    let world = World::real();
    let log =
        Log::open(&world, &dir.path().join("wal"), LogOptions::default(), 0, 1, &mut |_| Ok(())).unwrap();
    let log = Arc::new(log);
    let (done, ended) = mpsc::channel();
    let threads: Vec<_> = (0..16)
        .map(|t| {
            let (log, done) = (log.clone(), done.clone());
            let work = move || {
                for i in 0..100 {
                    let ticket = log.append(format!("{t} {i}").into_bytes()).unwrap();
                    if i % 5 == 0 { log.write_to(&ticket) } else { log.sync_to(&ticket) }.unwrap();
                }
                done.send(()).unwrap();
            };
            world.spawn("committer", work).unwrap()
        })
        .collect();
    for _ in 0..16 {
        ended.recv_timeout(Duration::from_secs(60)).expect("a thread sleeps through its commit");
    }
    threads.into_iter().for_each(|t| t.join());
    log.close().unwrap();
    let stats = log.stats();
    assert_eq!((log.durable(), stats.records), (1600, 1600));
    let mut lsn = 0;
    drop(log);
    Log::open(&world, &dir.path().join("wal"), LogOptions::default(), 0, 2, &mut |record| {
        lsn += 1;
        assert_eq!(record.lsn, lsn);
        Ok(())
    })
    .unwrap();
    assert_eq!(lsn, 1600);
}

#[test]
fn a_write_does_not_wait_for_a_sync_in_progress() {
    // In some schedule a record is written between the begin and the end of another thread's sync.
    let overtakes = |seed| {
        let sim = SimWorld::new(seed);
        let world = sim.world();
        sim.run(move || {
            let log = Arc::new(open(&world, 1).unwrap().0);
            let syncer = {
                let log = log.clone();
                world.spawn("syncer", move || _ = put(&log, "durable").unwrap()).unwrap()
            };
            let ticket = log.append(b"written".to_vec()).unwrap();
            log.write_to(&ticket).unwrap();
            let overtook = log.durable() < ticket.lsn;
            syncer.join();
            overtook
        })
    };
    assert!((0..50).any(overtakes));
}

#[test]
fn closing_beside_committers_keeps_what_was_acknowledged() {
    seeds("closing_beside_committers_keeps_what_was_acknowledged", 300, |seed| {
        let sim = SimWorld::new(seed);
        let world = sim.world();
        let kept = sim.run(move || {
            let log = Arc::new(open(&world, 1).unwrap().0);
            let kept = Arc::new(remanent_storage::world::sync::Mutex::new(0u64));
            let threads: Vec<_> = (0..4)
                .map(|t| {
                    let (log, kept) = (log.clone(), kept.clone());
                    let work = move || {
                        for i in 0..4 {
                            match put(&log, &format!("{t} {i}")) {
                                Ok(_) => *kept.lock() += 1,
                                Err(e) => return assert_eq!(e.code(), "57P01"),
                            }
                        }
                    };
                    world.spawn("committer", work).unwrap()
                })
                .collect();
            log.idle_mark().unwrap();
            log.close().unwrap();
            log.close().unwrap();
            threads.into_iter().for_each(|t| t.join());
            let kept = *kept.lock();
            assert_eq!(log.durable(), kept);
            kept
        });
        let (_, seen) = open(&super::world_of(sim.disk()), 2).unwrap();
        assert_eq!(seen.len() as u64, kept);
    });
}

/// How fast it is here: `cargo test --release -p remanent-storage --test log_suite -- --ignored --nocapture`, with
/// `TMPDIR` on the disk in question.
#[test]
#[ignore = "a measurement"]
fn commits_per_second() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::real();
    let options = LogOptions { file_size: 16 << 20, ..LogOptions::default() };
    for _ in 0..2 {
        println!("bare loop:  {:7.0} write-and-syncs/s", bare_loop(&world, &dir.path().join("bare")));
    }
    for threads in [1u32, 2, 4, 16, 1, 16] {
        let path = dir.path().join(format!("{threads}-{}", world.random()));
        let log = Arc::new(Log::open(&world, &path, options.clone(), 0, 1, &mut |_| Ok(())).unwrap());
        let begin = world.monotonic();
        let running: Vec<_> = (0..threads)
            .map(|_| {
                let (log, clock) = (log.clone(), world.clock.clone());
                let work = move || {
                    while clock.monotonic() - begin < Duration::from_secs(2) {
                        let ticket = log.append(vec![7; 100]).unwrap();
                        log.sync_to(&ticket).unwrap();
                    }
                };
                world.spawn("committer", work).unwrap()
            })
            .collect();
        running.into_iter().for_each(|t| t.join());
        let took = (world.monotonic() - begin).as_secs_f64();
        let stats = log.stats();
        println!(
            "{threads:2} threads: {:7.0} commits/s, {:7.0} syncs/s, {:.1} per sync",
            stats.records as f64 / took,
            stats.syncs as f64 / took,
            stats.records as f64 / stats.syncs as f64
        );
    }
}

/// What the device gives one thread that writes 156 bytes and syncs, in a file of zeros.
fn bare_loop(world: &World, path: &std::path::Path) -> f64 {
    let file = world.disk.open(path, OpenMode::CreateNew).unwrap();
    file.write_at(&vec![0; 16 << 20], 0).unwrap();
    file.sync().unwrap();
    let (begin, mut n) = (world.monotonic(), 0);
    while world.monotonic() - begin < Duration::from_secs(2) {
        file.write_at(&[7; 156], n * 156).unwrap();
        file.sync().unwrap();
        n += 1;
    }
    world.disk.remove(path).unwrap();
    n as f64 / (world.monotonic() - begin).as_secs_f64()
}
