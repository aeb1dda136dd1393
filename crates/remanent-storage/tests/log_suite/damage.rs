//! Wrong bytes: flipped, spliced, missing, made up.

use super::{DIR, FIRST, bodies, open, open_from, put, verify, world, world_of};
use remanent_storage::log::{Log, LogOptions, salvage};
use remanent_storage::world::Disk;
use remanent_storage::world::sim::{Rng, SimDisk};
use std::path::Path;

/// Five records; the last two not yet called durable by anything, unless `marked`.
fn log_of_five(marked: bool) -> SimDisk {
    let (disk, world) = world();
    let (log, _) = open(&world, 1).unwrap();
    for body in ["one", "two", "three", "four"] {
        put(&log, body).unwrap();
    }
    put(&log, "five").unwrap();
    if marked {
        log.idle_mark().unwrap();
    }
    drop(log);
    disk.restart();
    disk
}

const ALL: [&str; 5] = ["one", "two", "three", "four", "five"];

/// Offsets of the records, and where the idle mark begins.
fn starts() -> Vec<u64> {
    let mut at = 64;
    let mut starts = vec![];
    for body in ALL {
        starts.push(at);
        at += 56 + body.len() as u64;
    }
    starts.push(at);
    starts
}

#[test]
fn a_flip_of_any_bit_that_a_later_write_calls_durable_is_damage_with_its_place() {
    let starts = starts();
    let mark = starts[5];
    for bit in 0..mark * 8 {
        let disk = log_of_five(true);
        disk.flip_bit(FIRST, bit);
        let world = world_of(&disk);
        let error = open(&world, 2).unwrap_err();
        assert_eq!(error.code(), "XX001", "bit {bit}: {error}");
        let at = starts.iter().rev().find(|&&at| at <= bit / 8).copied().unwrap_or(0);
        let place = format!("\"{FIRST}\" is damaged at byte {at}:");
        assert!(error.message().starts_with(&place), "bit {bit}: {error}");
        // Nothing was changed on the way: the check finds the same.
        let (_, errors) = verify(&world, 0);
        assert_eq!(errors.len(), 1);
        assert_eq!(errors[0].message(), error.message());
    }
}

#[test]
fn a_flip_in_the_unmarked_tail_is_cut_and_never_believed() {
    let starts = starts();
    // Record four was called durable by five; five by nobody.
    for bit in starts[4] * 8..starts[5] * 8 {
        let disk = log_of_five(false);
        disk.flip_bit(FIRST, bit);
        let (log, seen) = open(&world_of(&disk), 2).unwrap();
        assert_eq!(bodies(&seen), ALL[..4], "bit {bit}");
        assert_eq!(put(&log, "new").unwrap(), 5);
        drop(log);
        let (_, seen) = open(&world_of(&disk), 3).unwrap();
        assert_eq!(bodies(&seen), ["one", "two", "three", "four", "new"]);
    }
}

#[test]
fn a_flip_in_the_mark_itself_costs_nothing() {
    let mark = starts()[5];
    for bit in mark * 8..(mark + 56) * 8 {
        let disk = log_of_five(true);
        disk.flip_bit(FIRST, bit);
        assert_eq!(bodies(&open(&world_of(&disk), 2).unwrap().1), ALL, "bit {bit}");
    }
}

#[test]
fn damage_in_every_file_of_a_longer_log_is_found_by_open_and_by_verify() {
    let (disk, world) = world();
    let (log, _) = open(&world, 1).unwrap();
    for i in 0..30 {
        put(&log, &format!("{i:0600}")).unwrap();
    }
    log.close().unwrap();
    assert_eq!(verify(&world, 0).0, 30);
    let files = disk.files();
    assert_eq!(files.len(), 5);
    let mut rng = Rng::new(3);
    for file in &files {
        for _ in 0..200 {
            // Six records of 656 bytes behind a header of 64 are durable in each file.
            let bit = rng.below((64 + 6 * 656) * 8);
            let fork = disk.fork(1);
            fork.flip_bit(file, bit);
            let world = world_of(&fork);
            let error = open(&world, 2).unwrap_err();
            assert_eq!(error.code(), "XX001");
            assert!(error.message().contains(&*file.to_string_lossy()) || bit < 64 * 8, "{bit} {error}");
            let (good, errors) = verify(&world, 0);
            assert_eq!(errors.len(), 1, "{errors:?}");
            assert!(good < 30);
        }
    }
}

#[test]
fn two_damaged_files_are_two_reports() {
    let (disk, world) = world();
    let (log, _) = open(&world, 1).unwrap();
    for i in 0..30 {
        put(&log, &format!("{i:0600}")).unwrap();
    }
    log.close().unwrap();
    disk.flip_bit("/db/wal/0000000002.log", 8 * 1000);
    disk.flip_bit("/db/wal/0000000004.log", 8 * 2000);
    let (good, errors) = verify(&world_of(&disk), 0);
    assert_eq!(errors.len(), 2);
    // File 2 is good up to its second record, file 4 up to its third.
    assert_eq!(good, 6 + 1 + 6 + 2 + 6);
}

#[test]
fn a_missing_file_is_damage() {
    let (disk, world) = world();
    let (log, _) = open(&world, 1).unwrap();
    for i in 0..30 {
        put(&log, &format!("{i:0600}")).unwrap();
    }
    log.close().unwrap();
    for file in disk.files() {
        let fork = disk.fork(1);
        fork.remove(&file).unwrap();
        let last = file.to_string_lossy().ends_with("5.log");
        let floor = if last { 25 } else { 0 };
        // Without its last file the log looks shorter; only a floor can tell.
        let error = open_from(&world_of(&fork), floor, 2).unwrap_err();
        assert_eq!(error.code(), "XX001", "{error}");
    }
    for file in disk.files() {
        disk.remove(&file).unwrap();
    }
    let error = open_from(&world_of(&disk), 30, 2).unwrap_err();
    assert!(error.message().contains("everything up to record 30 had been written"), "{error}");
}

#[test]
fn a_record_of_another_history_does_not_join_the_chain() {
    // Two logs that differ in record one; their second records are equal but for the chain.
    let log = |first: &str| {
        let (disk, world) = world();
        let (log, _) = open(&world, 1).unwrap();
        for body in [first, "two", "three"] {
            put(&log, body).unwrap();
        }
        drop(log);
        disk
    };
    let (a, b) = (log("one"), log("uno"));
    let mut spliced = a.contents(FIRST).unwrap();
    let from = 64 + 56 + 3;
    spliced[from..].copy_from_slice(&b.contents(FIRST).unwrap()[from..]);
    a.put(FIRST, &spliced);
    let error = open(&world_of(&a), 2).unwrap_err();
    assert!(error.message().contains("does not follow the one before it"), "{error}");
}

#[test]
fn a_later_life_than_the_callers_is_refused() {
    let (disk, world) = world();
    let (log, _) = open(&world, 5).unwrap();
    put(&log, "x").unwrap();
    drop(log);
    for epoch in [1, 5] {
        let error = open(&world_of(&disk), epoch).unwrap_err();
        assert_eq!(error.code(), "XX001");
        assert!(error.message().contains("epoch 5"), "{error}");
    }
}

#[test]
fn a_refused_replay_ends_the_open() {
    let disk = log_of_five(true);
    let mut seen = 0;
    let refused = Log::open(&world_of(&disk), Path::new(DIR), super::small(), 0, 2, &mut |_| {
        seen += 1;
        Err(remanent_storage::Error::internal("no"))
    });
    assert_eq!((refused.unwrap_err().message(), seen), ("no", 1));
}

#[test]
fn an_unreadable_sector_is_an_error_and_not_an_end() {
    use remanent_storage::world::sim::{Fault, Op};
    for skip in 0..3 {
        let disk = log_of_five(true);
        disk.inject(Fault::on(Op::Read).of("wal").after(skip));
        match open(&world_of(&disk), 2) {
            Err(error) => assert_eq!(error.code(), "58030"),
            Ok((_, seen)) => assert_eq!(bodies(&seen), ALL),
        }
    }
}

#[test]
fn mutated_bytes_never_panic_and_never_yield_what_was_not_written() {
    let disk = log_of_five(true);
    let good = disk.contents(FIRST).unwrap();
    let used = starts()[5] as usize + 56;
    for seed in 0..4000 {
        let mut rng = Rng::new(seed);
        let mut bytes = good.clone();
        for _ in 0..=rng.below(4) {
            let (at, len) = (rng.below(used as u64) as usize, rng.below(64) as usize);
            let to = (at + len).min(used);
            match rng.below(4) {
                0 => bytes[at..to].fill(0),
                1 => bytes[at..to].iter_mut().for_each(|b| *b = rng.below(256) as u8),
                2 => {
                    let from = rng.below((used - (to - at)) as u64) as usize;
                    let copy = bytes[from..from + (to - at)].to_vec();
                    bytes[at..to].copy_from_slice(&copy);
                }
                _ => bytes.truncate(at),
            }
            bytes.resize(4096, 0);
        }
        if rng.one_in(4) {
            bytes.truncate(rng.below(4096) as usize);
        }
        let fork = SimDisk::new(seed);
        fork.put(FIRST, &bytes);
        let world = world_of(&fork);
        verify(&world, 0);
        match open(&world, 2) {
            Ok((_, seen)) => assert_eq!(bodies(&seen), ALL[..seen.len()], "seed {seed}"),
            Err(error) => assert_eq!(error.code(), "XX001", "seed {seed}: {error}"),
        }
    }
}

#[test]
fn a_log_of_many_breaks_is_salvaged_in_reads_that_grow_with_their_number() {
    let (disk, world) = world();
    let options = LogOptions { file_size: 1 << 20, ready: 1, salt: 7 };
    let log = Log::open(&world, Path::new(DIR), options, 0, 1, &mut |_| Ok(())).unwrap();
    // Nothing calls a record durable before the mark behind the last.
    for n in 0..2000 {
        log.append(format!("{n:04}").into_bytes()).unwrap();
    }
    put(&log, "last").unwrap();
    log.idle_mark().unwrap();
    drop(log);
    disk.restart();
    (1..2000).step_by(2).for_each(|n| disk.flip_bit(FIRST, (64 + 60 * n + 56) * 8));
    let (mut found, mut missing) = (Vec::new(), 0);
    let before = disk.counters().bytes_read;
    let mut sink = |record: remanent_storage::log::Record| {
        found.push(record.lsn);
        Ok(())
    };
    salvage(&disk, Path::new(DIR), 7, Some(0), &mut sink, &mut |_| missing += 1).unwrap();
    let read = disk.counters().bytes_read - before;
    assert_eq!(missing, 1000);
    assert_eq!(found, (1..=1999).step_by(2).chain([2001]).collect::<Vec<_>>());
    assert!(read < 1000 * (48 << 10), "{read} bytes read for 1000 breaks");
}
