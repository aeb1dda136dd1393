//! Files that come round.

use super::{DIR, bodies, open, open_from, put, small, verify, world, world_of};
use remanent_storage::world::Disk;
use remanent_storage::world::sim::SimDisk;
use std::path::Path;

fn names(disk: &SimDisk) -> Vec<String> {
    disk.list(Path::new(DIR))
        .unwrap()
        .into_iter()
        .map(|e| e.name.trim_matches('0').replace(".log", ""))
        .collect()
}

/// Six of these fill a file.
fn long(i: u64) -> String {
    format!("{i:0600}")
}

#[test]
fn files_below_the_floor_become_the_next_ones() {
    let (disk, world) = world();
    let (log, _) = open(&world, 1).unwrap();
    for i in 1..=20 {
        put(&log, &long(i)).unwrap();
    }
    assert_eq!(names(&disk), ["1", "2", "3", "4"]);
    assert_eq!(log.size(), 4 * 4096);
    log.recycle(11).unwrap();
    assert_eq!(names(&disk), ["2", "3", "4", "5"]);
    log.recycle(20).unwrap();
    // Two are ready; the third goes.
    assert_eq!(names(&disk), ["4", "5", "6"]);
    assert_eq!(log.size(), 3 * 4096);
    let made = disk.counters();
    for i in 21..=36 {
        put(&log, &long(i)).unwrap();
    }
    assert_eq!(names(&disk), ["4", "5", "6"]);
    assert_eq!(disk.counters().dir_syncs, made.dir_syncs, "no file was made");
    drop(log);
    let (_, seen) = open_from(&world, 20, 2).unwrap();
    assert_eq!(bodies(&seen), (21..=36).map(long).collect::<Vec<_>>());
    let (good, errors) = verify(&world, 20);
    assert_eq!((good, errors.len()), (16, 0));
}

#[test]
fn a_background_thread_makes_the_next_file_in_synced_slices() {
    let sim = remanent_storage::world::sim::SimWorld::new(1);
    let disk = sim.disk().clone();
    let options = remanent_storage::log::LogOptions { file_size: 2 << 20, ..small() };
    let log = remanent_storage::log::Log::open(&sim.world(), Path::new(DIR), options, 0, 1, &mut |_| Ok(()))
        .unwrap();
    let before = disk.counters();
    assert!(log.prepare().unwrap());
    let after = disk.counters();
    assert_eq!(
        (after.writes - before.writes, after.syncs - before.syncs, after.dir_syncs - before.dir_syncs),
        (4, 5, 1)
    );
    assert!(!log.prepare().unwrap());
    for _ in 0..3 {
        put(&log, &"x".repeat(1 << 20)).unwrap();
    }
    // One more write and sync for the switch, and a file made by the committing thread for the third.
    assert_eq!(names(&disk), ["1", "2", "3"]);
    assert_eq!(log.stats().files, 2);
}

#[test]
fn a_record_larger_than_a_file_gets_one_of_its_size_which_is_not_kept() {
    let (disk, world) = world();
    let (log, _) = open(&world, 1).unwrap();
    put(&log, "small").unwrap();
    put(&log, &"x".repeat(10_000)).unwrap();
    put(&log, "small again").unwrap();
    let lens: Vec<_> = disk.list(Path::new(DIR)).unwrap().iter().map(|e| e.len).collect();
    assert_eq!(lens, [4096, 64 + 56 + 10_000, 4096]);
    assert_eq!(log.size(), 4096 + 10_120 + 4096);
    log.recycle(2).unwrap();
    assert_eq!(names(&disk), ["3", "4"]);
    drop(log);
    assert_eq!(bodies(&open_from(&world, 2, 2).unwrap().1), ["small again"]);
}

#[test]
fn what_a_recycled_file_held_never_comes_back() {
    // File 1 comes round as file 3, full of valid frames of its old life; then it is begun and torn.
    for cut in 0..700 {
        let (disk, world) = world();
        let (log, _) = open(&world, 1).unwrap();
        for i in 1..=12 {
            put(&log, &long(i)).unwrap();
        }
        log.recycle(6).unwrap();
        put(&log, &long(13)).unwrap();
        drop(log);
        let path = "/db/wal/0000000003.log";
        let mut bytes = disk.contents(path).unwrap();
        // The old life's bytes stand where the new one's did not arrive.
        let old = {
            let (disk, world) = super::world();
            let (log, _) = open(&world, 1).unwrap();
            for i in 1..=6 {
                put(&log, &long(i)).unwrap();
            }
            disk.contents(super::FIRST).unwrap()
        };
        let from = cut.min(64 + 656);
        bytes[from..].copy_from_slice(&old[from..]);
        disk.put(path, &bytes);
        let (log, seen) = open_from(&world_of(&disk), 6, 2).unwrap();
        let end = if cut >= 64 + 56 + 600 { 13 } else { 12 };
        let all: Vec<_> = (7..=end).map(long).collect();
        let seen = bodies(&seen);
        // The two lives' bodies share their zeros, so some cuts still leave record 13 whole.
        assert!(
            seen == all || (end == 12 && seen[..6] == all && seen.len() == 7 && seen[6] == long(13)),
            "{cut}"
        );
        let next = put(&log, "next").unwrap();
        drop(log);
        let (_, again) = open_from(&world_of(&disk), 6, 3).unwrap();
        assert_eq!(again.len() as u64, next - 6);
        assert_eq!(again.last().unwrap().body, b"next");
    }
}

#[test]
fn a_floor_beyond_the_durable_end_frees_nothing_that_is_not_synced() {
    let (disk, world) = world();
    let (log, _) = open(&world, 1).unwrap();
    for i in 1..=14 {
        let ticket = log.append(long(i).into_bytes()).unwrap();
        log.write_to(&ticket).unwrap();
    }
    log.recycle(14).unwrap();
    assert_eq!(names(&disk), ["1", "2", "3"]);
    log.sync_all().unwrap();
    log.recycle(14).unwrap();
    assert_eq!(names(&disk), ["3", "4", "5"]);
}

#[test]
fn bytes_since_a_record_is_about_what_follows_it() {
    let (_, world) = world();
    let options = remanent_storage::log::LogOptions { file_size: 1 << 20, ..small() };
    let open = |floor, epoch| {
        remanent_storage::log::Log::open(&world, Path::new(DIR), options.clone(), floor, epoch, &mut |_| {
            Ok(())
        })
        .unwrap()
    };
    let log = open(0, 1);
    for _ in 0..1000 {
        let ticket = log.append(vec![1; 1000]).unwrap();
        log.write_to(&ticket).unwrap();
    }
    let close_to = |got: u64, want: u64| assert!(got.abs_diff(want) <= 70_000, "{got} {want}");
    close_to(log.bytes_since(0), 1000 * 1056);
    close_to(log.bytes_since(500), 500 * 1056);
    assert_eq!(log.bytes_since(1000), 0);
    log.close().unwrap();
    let log = open(400, 2);
    close_to(log.bytes_since(400), 600 * 1056);
    close_to(log.bytes_since(900), 100 * 1056);
}

#[test]
fn in_a_steady_rhythm_no_file_is_made_anew() {
    let (disk, world) = world();
    let (log, _) = open(&world, 1).unwrap();
    let mut next = 1;
    let mut round = || {
        for i in next..next + 60 {
            put(&log, &long(i)).unwrap();
        }
        next += 60;
        log.recycle(next - 1).unwrap();
    };
    round();
    round();
    let (files, made) = (names(&disk).len(), disk.counters());
    for _ in 0..10 {
        round();
    }
    let after = disk.counters();
    assert_eq!(names(&disk).len(), files, "no more files than before");
    // Names change once a round; a file that is made would sync the folder too, and be filled with zeros.
    assert_eq!(after.dir_syncs - made.dir_syncs, 10);
    assert!(
        after.bytes_written - made.bytes_written < 600 * 900,
        "{}",
        after.bytes_written - made.bytes_written
    );
    // Where space is needed, they can go, but for the one in use.
    assert!(log.shed(0).unwrap());
    assert!(!log.shed(0).unwrap());
    assert_eq!(names(&disk).len(), 1);
    put(&log, "goes on").unwrap();
    for i in next..next + 20 {
        put(&log, &long(i)).unwrap();
    }
    drop(log);
    let (_, seen) = open_from(&world, next - 1, 2).unwrap();
    assert_eq!(seen.len(), 21);
    assert_eq!(verify(&world, next - 1).1.len(), 0);
}
