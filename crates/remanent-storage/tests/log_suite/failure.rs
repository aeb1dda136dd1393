//! Writes and syncs that fail.

use super::{bodies, open, put, world, world_of};
use remanent_storage::log::{BODY_MAX, Status};
use remanent_storage::world::sim::{Fault, Op, SimWorld, Survival};
use std::sync::Arc;

#[test]
fn a_failed_write_fails_its_records_for_ever_and_later_ones_succeed() {
    let (disk, world) = world();
    let (log, _) = open(&world, 1).unwrap();
    put(&log, "kept").unwrap();
    let lost = [log.append(b"lost 1".to_vec()).unwrap(), log.append(b"lost 2".to_vec()).unwrap()];
    assert!(matches!(log.status(&lost[1]), Status::Pending));
    disk.inject(Fault::on(Op::Write).of("wal"));
    let error = log.sync_to(&lost[0]).unwrap_err();
    assert_eq!(error.code(), "58030");
    assert_eq!((log.appended(), log.written(), log.durable()), (1, 1, 1));
    // The next records take the same numbers; the old tickets know that they are not meant.
    assert_eq!(put(&log, "new 1").unwrap(), 2);
    assert_eq!(put(&log, "new 2").unwrap(), 3);
    for ticket in &lost {
        assert!(matches!(log.status(ticket), Status::Failed(_)));
        assert_eq!(log.write_to(ticket).unwrap_err().message(), error.message());
        assert_eq!(log.sync_to(ticket).unwrap_err().message(), error.message());
    }
    drop(log);
    disk.crash();
    assert_eq!(bodies(&open(&world_of(&disk), 2).unwrap().1), ["kept", "new 1", "new 2"]);
}

#[test]
fn records_reported_failed_are_gone_even_if_the_power_goes_at_once() {
    for seed in 0..300 {
        let sim = SimWorld::new(seed);
        let disk = sim.disk().clone();
        let (log, _) = open(&sim.world(), 1).unwrap();
        put(&log, "kept").unwrap();
        for body in ["lost 1", "lost 2"] {
            log.append(body.as_bytes().to_vec()).unwrap();
        }
        disk.inject(Fault::on(Op::Write).of("wal"));
        log.sync_all().unwrap_err();
        // Equal to what was lost, and torn: the leftovers behind it must not complete it.
        let again = log.append(b"lost 1".to_vec()).unwrap();
        if seed % 2 == 0 {
            log.write_to(&again).unwrap();
        }
        drop(log);
        disk.crash();
        let (_, seen) = open(&world_of(&disk), 2).unwrap();
        let seen = bodies(&seen);
        assert!(seen == ["kept"] || (seed % 2 == 0 && seen == ["kept", "lost 1"]), "seed {seed}: {seen:?}");
    }
}

#[test]
fn old_tickets_stay_failed_through_many_failures() {
    let (disk, world) = world();
    let (log, _) = open(&world, 1).unwrap();
    let (mut kept, mut lost) = (Vec::new(), Vec::new());
    for round in 0..20 {
        for _ in 0..round % 3 {
            let ticket = log.append(b"kept".to_vec()).unwrap();
            log.write_to(&ticket).unwrap();
            kept.push(ticket);
        }
        disk.inject(Fault::on(Op::Write).of("wal"));
        lost.extend([log.append(b"lost".to_vec()).unwrap(), log.append(b"lost".to_vec()).unwrap()]);
        log.sync_all().unwrap_err();
    }
    log.sync_all().unwrap();
    assert!(kept.iter().all(|t| matches!(log.status(t), Status::Durable)));
    assert!(lost.iter().all(|t| matches!(log.status(t), Status::Failed(_))));
    assert_eq!(log.durable(), kept.len() as u64);
}

#[test]
fn a_full_disk_is_an_error_until_there_is_space() {
    let (disk, world) = world();
    let (log, _) = open(&world, 1).unwrap();
    let mut bodies_kept = Vec::new();
    disk.set_capacity(disk.used() + 2048);
    let error = loop {
        let body = format!("{:0500}", bodies_kept.len());
        match put(&log, &body) {
            Ok(_) => bodies_kept.push(body),
            Err(error) => break error,
        }
    };
    assert_eq!(error.code(), "53100");
    assert_eq!(put(&log, &"x".repeat(600)).unwrap_err().code(), "53100");
    assert!(bodies_kept.len() > 3);
    disk.set_capacity(1 << 30);
    put(&log, "space").unwrap();
    bodies_kept.push("space".into());
    drop(log);
    disk.crash();
    assert_eq!(bodies(&open(&world_of(&disk), 2).unwrap().1), bodies_kept);
}

#[test]
fn a_failed_sync_poisons_for_ever() {
    let (disk, world) = world();
    let (log, _) = open(&world, 1).unwrap();
    put(&log, "kept").unwrap();
    let ticket = log.append(b"unknown".to_vec()).unwrap();
    disk.inject(Fault::on(Op::Sync).of("wal"));
    let error = log.sync_to(&ticket).unwrap_err();
    assert_eq!(error.code(), "58030");
    assert!(error.message().starts_with("the log accepts no more writes: could not sync"), "{error}");
    let before = disk.counters();
    for _ in 0..3 {
        assert_eq!(log.append(b"no".to_vec()).unwrap_err().code(), "58030");
        assert_eq!(log.sync_to(&ticket).unwrap_err().code(), "58030");
        assert_eq!(log.sync_all().unwrap_err().code(), "58030");
        assert_eq!(log.idle_mark().unwrap_err().code(), "58030");
        assert_eq!(log.prepare().unwrap_err().code(), "58030");
        assert_eq!(log.recycle(1).unwrap_err().code(), "58030");
        assert_eq!(log.close().unwrap_err().code(), "58030");
    }
    assert_eq!(disk.counters(), before, "the device is left alone");
    assert_eq!(log.durable(), 1);
    assert!(log.poisoned().is_some());
    assert!(matches!(log.status(&ticket), Status::Written));
    drop(log);
    disk.crash_with(Survival::Nothing);
    let (_, seen) = open(&world_of(&disk), 2).unwrap();
    assert_eq!(seen[0].body, b"kept");
}

#[test]
fn leftovers_that_cannot_be_wiped_poison() {
    let (disk, world) = world();
    let (log, _) = open(&world, 1).unwrap();
    let ticket = log.append(b"x".to_vec()).unwrap();
    disk.inject(Fault::on(Op::Write).of("wal").forever());
    let error = log.write_to(&ticket).unwrap_err();
    assert!(error.message().contains("could not clean up after a failed write"), "{error}");
    assert!(matches!(log.status(&ticket), Status::Failed(_)));
    disk.clear_faults();
    assert_eq!(log.append(b"y".to_vec()).unwrap_err().code(), "58030");
}

#[test]
fn every_thread_hears_of_a_failure_and_later_commits_succeed() {
    remanent_storage::world::sim::seeds(
        "every_thread_hears_of_a_failure_and_later_commits_succeed",
        300,
        |seed| {
            let sim = SimWorld::new(seed);
            let world = sim.world();
            let disk = sim.disk().clone();
            let faulty = disk.clone();
            let kept = sim.run(move || {
                let log = Arc::new(open(&world, 1).unwrap().0);
                faulty.inject(Fault::on(Op::Write).of("wal").after(seed % 7));
                let kept = Arc::new(remanent_storage::world::sync::Mutex::new(Vec::new()));
                let threads: Vec<_> = (0..5)
                    .map(|t| {
                        let (log, kept) = (log.clone(), kept.clone());
                        let work = move || {
                            for i in 0..4 {
                                let body = format!("{t} {i}");
                                let ticket = log.append(body.clone().into_bytes()).unwrap();
                                let done = match (t + i) % 2 {
                                    0 => log.write_to(&ticket),
                                    _ => log.sync_to(&ticket),
                                };
                                if done.is_ok() {
                                    kept.lock().push((ticket.lsn, body));
                                }
                            }
                        };
                        world.spawn("committer", work).unwrap()
                    })
                    .collect();
                threads.into_iter().for_each(|t| t.join());
                log.sync_all().unwrap();
                let mut kept = kept.lock().clone();
                kept.sort_unstable();
                kept
            });
            disk.crash();
            let (_, seen) = open(&world_of(&disk), 2).unwrap();
            let seen: Vec<_> =
                seen.iter().map(|r| (r.lsn, String::from_utf8(r.body.clone()).unwrap())).collect();
            assert_eq!(seen, kept);
        },
    );
}

#[test]
fn a_record_above_the_limit_is_refused() {
    let (_, world) = world();
    let (log, _) = open(&world, 1).unwrap();
    let error = log.append(vec![0; BODY_MAX + 1]).unwrap_err();
    assert_eq!(error.code(), "54000");
    let ticket = log.append(vec![1; BODY_MAX]).unwrap();
    log.sync_to(&ticket).unwrap();
    drop(log);
    let (log, seen) = open(&world, 2).unwrap();
    assert_eq!(seen[0].body, vec![1; BODY_MAX]);
    assert_eq!(put(&log, "after").unwrap(), 2);
}
