//! Power lost at every change of the disk, under every schedule that the seeds give.
//!
//! The epoch and the floor live in a manifest beside the log, as in a database.

use super::{DIR, small};
use remanent_storage::log::{Log, Status, Ticket};
use remanent_storage::store::manifest::{Edit, Manifest};
use remanent_storage::world::World;
use remanent_storage::world::sim::{Crashes, Notes, Rng};
use remanent_storage::world::sync::Mutex;
use remanent_storage::{Error, Lsn, Result};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

const HOME: &str = "/db";

/// What the world outside saw of a workload.
#[derive(Clone, Default)]
struct Seen {
    /// What was appended last under each lsn, and in which order that happened.
    appended: BTreeMap<Lsn, Vec<u8>>,
    /// Everything up to here was acknowledged as durable.
    durable: Lsn,
    /// What a process that started after another had died was shown: everything up to here.
    shown: Lsn,
}

/// A body that says who it is, and is as long as it is told.
fn body(id: u64, len: usize) -> Vec<u8> {
    let pattern = (0..len).map(|i| (id.wrapping_mul(31).wrapping_add(i as u64 / 7)) as u8);
    id.to_le_bytes().into_iter().chain(pattern).collect()
}

/// One life begins: manifest, epoch, log; what it replays.
fn open(world: &World) -> Result<(Manifest, Log, BTreeMap<Lsn, Vec<u8>>)> {
    let home = Path::new(HOME);
    world.disk.create_dir(home).map_err(|e| Error::io("create", home, &e))?;
    let (manifest, state) = match Manifest::open(&world.disk, home) {
        Err(e) if e.code() == "3D000" => {
            let manifest = Manifest::create(&world.disk, home, &[Edit::Identity { id: 7 }])?;
            let state = manifest.state();
            (manifest, state)
        }
        opened => opened?,
    };
    manifest.commit(&[Edit::Epoch { epoch: state.epoch + 1 }])?;
    let mut replayed = BTreeMap::new();
    let mut next = state.log_floor + 1;
    let log = Log::open(world, Path::new(DIR), small(), state.log_floor, state.epoch + 1, &mut |r| {
        assert_eq!(r.lsn, next, "records come in order, without gaps");
        next += 1;
        replayed.insert(r.lsn, r.body);
        Ok(())
    })?;
    Ok((manifest, log, replayed))
}

fn append(log: &Log, notes: &Notes<Seen>, body: Vec<u8>) -> Result<Ticket> {
    let ticket = log.append(body.clone())?;
    notes.update(|seen| seen.appended.insert(ticket.lsn, body));
    Ok(ticket)
}

fn acknowledge(notes: &Notes<Seen>, lsn: Lsn) {
    notes.update(|seen| seen.durable = seen.durable.max(lsn));
}

/// Two lives; in each, threads commit records of many sizes, some durable and some only written, while a background
/// thread makes files ready, moves the floor and marks.
fn workload(world: &World, notes: &Notes<Seen>, lives: u64, threads: u64, commits: u64) -> Result<()> {
    for life in 0..lives {
        let (manifest, log, replayed) = open(world)?;
        notes.update(|seen| seen.shown = replayed.keys().last().copied().unwrap_or(0).max(seen.shown));
        let log = Arc::new(log);
        let failed = Arc::new(Mutex::new(None::<Error>));
        let mut running = Vec::new();
        for thread in 0..threads {
            let (log, notes) = (log.clone(), notes.clone());
            let mut rng = Rng::new(world.random());
            let mut work = move || -> Result<()> {
                for i in 0..commits {
                    let id = life << 32 | thread << 16 | i;
                    let len = *rng.pick(&[0, 10, 400, 700, 2500, 5000]);
                    let ticket = append(&log, &notes, body(id, len))?;
                    if rng.one_in(3) {
                        log.write_to(&ticket)?;
                        assert!(!matches!(log.status(&ticket), Status::Pending | Status::Failed(_)));
                    } else {
                        log.sync_to(&ticket)?;
                        assert!(log.durable() >= ticket.lsn);
                        acknowledge(&notes, ticket.lsn);
                    }
                }
                Ok(())
            };
            let failed = failed.clone();
            let work = move || _ = work().map_err(|e| failed.lock().get_or_insert(e).clone());
            running.push(world.spawn("committer", work).map_err(|_| Error::internal("spawn"))?);
        }
        let background = || -> Result<()> {
            log.prepare()?;
            let floor = log.durable().saturating_sub(3);
            manifest.commit(&[Edit::LogFloor { lsn: floor }])?;
            log.recycle(floor)?;
            log.idle_mark()
        };
        let first = background();
        running.into_iter().for_each(|thread| thread.join());
        let failed = failed.lock().clone();
        failed.map_or(Ok(()), Err)?;
        first.and_then(|()| background())?;
        if life % 2 == 1 {
            log.close()?;
            acknowledge(notes, log.appended());
        }
    }
    Ok(())
}

/// Opens what is left, twice, and holds it against what was seen.
fn check(world: &World, seen: &Seen) -> Result<()> {
    let mut last = 0;
    for _ in 0..2 {
        let (manifest, log, replayed) = open(world)?;
        let floor = manifest.state().log_floor;
        let end = replayed.keys().last().copied().unwrap_or(floor);
        assert!(end >= seen.durable, "acknowledged up to {}, recovered up to {end}", seen.durable);
        assert!(end >= seen.shown, "shown up to {}, recovered up to {end}", seen.shown);
        assert!(end >= last, "what one recovery showed, the next has");
        for (lsn, body) in &replayed {
            let after = body.starts_with(b"after the crash");
            assert!(after || seen.appended.get(lsn) == Some(body), "record {lsn} is not what was appended");
            assert!(!after || *lsn > seen.durable);
        }
        let ticket = log.append(b"after the crash".to_vec())?;
        log.sync_to(&ticket)?;
        assert_eq!(ticket.lsn, end + 1);
        last = ticket.lsn;
    }
    Ok(())
}

#[test]
fn acknowledged_records_survive_a_crash_at_every_change() {
    Crashes::new("acknowledged_records_survive_a_crash_at_every_change")
        .rounds(12)
        .recovery_stride(3)
        .run(|world: &World, notes: &Notes<Seen>| workload(world, notes, 3, 1, 8), check);
}

#[test]
fn acknowledged_records_of_many_threads_survive_a_crash_at_every_change() {
    Crashes::new("acknowledged_records_of_many_threads_survive_a_crash_at_every_change")
        .rounds(6)
        .recovery_stride(4)
        .run(|world: &World, notes: &Notes<Seen>| workload(world, notes, 2, 4, 4), check);
}

#[test]
fn a_written_record_survives_the_death_of_the_process_alone() {
    let (disk, world) = super::world();
    let (log, _) = super::open(&world, 1).unwrap();
    let ticket = log.append(b"written".to_vec()).unwrap();
    log.write_to(&ticket).unwrap();
    assert_eq!((log.written(), log.durable()), (1, 0));
    disk.restart();
    let world = super::world_of(&disk);
    let (_, seen) = super::open(&world, 2).unwrap();
    assert_eq!(super::bodies(&seen), ["written"]);
    // Shown once, it is durable: the power may go now.
    disk.crash_with(remanent_storage::world::sim::Survival::Nothing);
    let (_, seen) = super::open(&super::world_of(&disk), 3).unwrap();
    assert_eq!(super::bodies(&seen), ["written"]);
}

#[test]
fn a_clean_end_is_read_once_and_not_searched() {
    let (disk, world) = super::world();
    let (log, _) = super::open(&world, 1).unwrap();
    super::put(&log, "a").unwrap();
    log.close().unwrap();
    assert_eq!(super::put(&log, "b").unwrap_err().code(), "57P01");
    let before = disk.counters();
    super::open(&world, 2).unwrap();
    let after = disk.counters();
    assert_eq!((after.writes, after.syncs), (before.writes, before.syncs));
    // The file's header, then its beginning; nothing is read twice.
    assert_eq!(after.reads - before.reads, 2);
}

#[test]
fn a_record_that_was_cut_is_not_completed_by_the_next_write() {
    // Two records that differ in their first bytes only. The first attempt lost a sector in the middle and was cut;
    // of the second, written by the next life, everything but its beginning arrives.
    let (disk, world) = super::world();
    let (log, _) = super::open(&world, 1).unwrap();
    super::put(&log, "one").unwrap();
    let long = |first: &str| format!("{first}{}", "x".repeat(2000));
    let ticket = log.append(long("old").into_bytes()).unwrap();
    log.write_to(&ticket).unwrap();
    drop(log);
    let mut torn = disk.contents(super::FIRST).unwrap();
    torn[1024..1536].fill(0);
    disk.put(super::FIRST, &torn);

    let (log, seen) = super::open(&super::world_of(&disk), 2).unwrap();
    assert_eq!(super::bodies(&seen), ["one"]);
    let mut mixed = disk.durable_contents(super::FIRST).unwrap();
    let ticket = log.append(long("new").into_bytes()).unwrap();
    log.write_to(&ticket).unwrap();
    drop(log);
    mixed[512..].copy_from_slice(&disk.contents(super::FIRST).unwrap()[512..]);
    disk.put(super::FIRST, &mixed);

    let (_, seen) = super::open(&super::world_of(&disk), 3).unwrap();
    assert_eq!(super::bodies(&seen), ["one"]);
}

#[test]
fn a_file_that_was_cut_out_of_the_log_is_no_place_to_begin() {
    // Records 1 to 8 in two files, unsynced; the first file's end is lost, the second file arrived.
    let (disk, world) = super::world();
    let (log, _) = super::open(&world, 1).unwrap();
    for i in 1..=8 {
        log.append(format!("{i:0600}").into_bytes()).unwrap();
    }
    log.sync_all().unwrap();
    drop(log);
    let mut torn = disk.contents(super::FIRST).unwrap();
    torn[64 + 3 * 656..].fill(0);
    disk.put(super::FIRST, &torn);
    let second = disk.contents("/db/wal/0000000002.log").unwrap();

    // The next life counts on past the second file's first record, still in the first file.
    let (log, seen) = super::open(&super::world_of(&disk), 2).unwrap();
    assert_eq!(seen.len(), 3);
    assert_eq!(&disk.durable_contents("/db/wal/0000000002.log").unwrap()[64..], &second[64..]);
    for i in 4..=9 {
        assert_eq!(super::put(&log, &format!("new {i}")).unwrap(), i);
    }
    drop(log);
    // A floor in the second file's range must not lead there.
    let (_, seen) = super::open_from(&super::world_of(&disk), 7, 3).unwrap();
    assert_eq!(super::bodies(&seen), ["new 8", "new 9"]);
}
