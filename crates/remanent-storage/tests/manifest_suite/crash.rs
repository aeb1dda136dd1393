//! Power lost at every change, writes and syncs that fail.

use super::{DIR, FILE, create, open, segment};
use remanent_storage::store::manifest::{Edit, Manifest, State};
use remanent_storage::world::World;
use remanent_storage::world::sim::{Crashes, Fault, Notes, Op, SimDisk, Survival};
use remanent_storage::{Error, Result};
use std::path::Path;

/// The states after each commit that was begun, and how many of them were acknowledged. Before all: no database.
#[derive(Clone, Default)]
struct Seen {
    states: Vec<State>,
    acknowledged: usize,
}

/// Adds and removes so many segments with long keys that the file is written anew several times.
fn workload(world: &World, notes: &Notes<Seen>) -> Result<()> {
    let dir = Path::new(DIR);
    world.disk.create_dir(dir).map_err(|e| Error::io("create", dir, &e))?;
    let begun = |edits: &[Edit]| {
        notes.update(|seen| {
            let mut state = seen.states.last().cloned().unwrap_or_default();
            edits.iter().for_each(|edit| state.apply(edit).unwrap());
            seen.states.push(state);
        });
    };
    let done = || notes.update(|seen| seen.acknowledged = seen.states.len());
    let first = [Edit::Identity { id: 7 }];
    begun(&first);
    let mut manifest = Manifest::create(&world.disk, dir, &first)?;
    done();
    for i in 1..=30u32 {
        let big = |id| {
            let mut segment = segment(id);
            segment.max_key = vec![id as u8; 9000];
            segment
        };
        let mut edits =
            vec![Edit::AddSegment { table: i % 3, segment: big(i) }, Edit::LogFloor { lsn: i.into() }];
        if i > 2 {
            edits.push(Edit::RemoveSegment { segment: i - 2 });
        }
        begun(&edits);
        manifest.commit(&edits)?;
        done();
        if i % 10 == 0 {
            drop(manifest);
            manifest = Manifest::open(&world.disk, dir)?.0;
        }
    }
    Ok(())
}

#[test]
fn a_commit_is_there_in_whole_or_not_at_all_after_a_crash_at_every_change() {
    Crashes::new("a_commit_is_there_in_whole_or_not_at_all_after_a_crash_at_every_change").rounds(10).run(
        |world: &World, notes: &Notes<Seen>| workload(world, notes),
        |world: &World, seen: &Seen| {
            for _ in 0..2 {
                match Manifest::open(&world.disk, Path::new(DIR)) {
                    Ok((manifest, state)) => {
                        let at =
                            seen.states.iter().position(|s| *s == state).expect("a state that was committed");
                        assert!(
                            at + 1 >= seen.acknowledged,
                            "state {at}, acknowledged {}",
                            seen.acknowledged
                        );
                        // Changes nothing, but is a commit.
                        manifest.commit(&[])?;
                        assert_eq!(manifest.state(), state);
                    }
                    Err(e) if e.code() == "3D000" && seen.acknowledged == 0 => {}
                    Err(e) => return Err(e),
                }
            }
            Ok(())
        },
    );
}

#[test]
fn the_file_stays_short() {
    let disk = SimDisk::new(1);
    let manifest = create(&disk, &[]).unwrap();
    for i in 1..=3000 {
        manifest.commit(&[Edit::AddSegment { table: 1, segment: segment(i) }]).unwrap();
        if i > 5 {
            manifest.commit(&[Edit::RemoveSegment { segment: i - 5 }]).unwrap();
        }
        assert!(disk.contents(FILE).unwrap().len() <= (64 << 10) + 300);
    }
    drop(manifest);
    let ids: Vec<_> = open(&disk).unwrap().1.segments.keys().copied().collect();
    assert_eq!(ids, [2996, 2997, 2998, 2999, 3000]);
}

#[test]
fn a_failed_write_changes_nothing_and_later_commits_succeed() {
    for seed in 0..50 {
        let disk = SimDisk::new(seed);
        let manifest = create(&disk, &[Edit::Epoch { epoch: 1 }]).unwrap();
        disk.inject(Fault::on(Op::Write));
        let error = manifest.commit(&[Edit::Epoch { epoch: 2 }]).unwrap_err();
        assert_eq!(error.code(), "58030");
        assert_eq!(manifest.state().epoch, 1);
        assert_eq!(open(&disk.fork(seed)).unwrap().1.epoch, 1);
        manifest.commit(&[Edit::NextFile { id: 5 }]).unwrap();
        disk.crash();
        let state = open(&disk).unwrap().1;
        assert_eq!((state.epoch, state.next_file), (1, 5));
    }
}

#[test]
fn a_full_disk_is_an_error_until_there_is_space() {
    let disk = SimDisk::new(1);
    let manifest = create(&disk, &[]).unwrap();
    disk.set_capacity(disk.used());
    let mut added = 0;
    let error = loop {
        match manifest.commit(&[Edit::AddSegment { table: 1, segment: segment(added + 1) }]) {
            Ok(()) => added += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(error.code(), "53100");
    assert_eq!(manifest.state().segments.len() as u32, added);
    disk.set_capacity(1 << 30);
    manifest.commit(&[Edit::AddSegment { table: 1, segment: segment(added + 1) }]).unwrap();
    disk.crash();
    assert_eq!(open(&disk).unwrap().1.segments.len() as u32, added + 1);
}

#[test]
fn a_rewrite_that_finds_no_space_leaves_the_old_file() {
    let disk = SimDisk::new(1);
    drop(create(&disk, &[]).unwrap());
    // Its handle would still bear the name under which the file was made.
    let manifest = open(&disk).unwrap().0;
    disk.inject(Fault::on(Op::Write).of("MANIFEST.new").forever());
    for i in 1..=1000 {
        manifest.commit(&[Edit::AddSegment { table: 1, segment: segment(i) }]).unwrap();
        manifest.commit(&[Edit::RemoveSegment { segment: i }]).unwrap();
    }
    assert!(disk.contents(FILE).unwrap().len() > 200_000);
    disk.clear_faults();
    for i in 1001..=2000 {
        manifest.commit(&[Edit::AddSegment { table: 1, segment: segment(i) }]).unwrap();
        manifest.commit(&[Edit::RemoveSegment { segment: i }]).unwrap();
    }
    assert!(disk.contents(FILE).unwrap().len() < 70_000);
    assert_eq!(disk.files().len(), 1);
}

#[test]
fn a_failed_sync_poisons_for_ever() {
    let disk = SimDisk::new(1);
    let manifest = create(&disk, &[Edit::Epoch { epoch: 1 }]).unwrap();
    disk.inject(Fault::on(Op::Sync));
    let error = manifest.commit(&[Edit::Epoch { epoch: 2 }]).unwrap_err();
    assert_eq!(error.code(), "58030");
    assert!(error.message().starts_with("the manifest accepts no more changes: could not sync"), "{error}");
    let before = disk.counters();
    for _ in 0..3 {
        assert_eq!(manifest.commit(&[Edit::Epoch { epoch: 3 }]).unwrap_err().code(), "58030");
    }
    assert_eq!(disk.counters(), before);
    assert_eq!(manifest.state().epoch, 1);
    drop(manifest);
    disk.crash_with(Survival::Nothing);
    assert_eq!(open(&disk).unwrap().1.epoch, 1);
}

#[test]
fn commits_of_many_threads_are_all_there() {
    use remanent_storage::world::sim::{SimWorld, seeds};
    seeds("commits_of_many_threads_are_all_there", 100, |seed| {
        let sim = SimWorld::new(seed);
        let world = sim.world();
        let manifest = std::sync::Arc::new(create(sim.disk(), &[]).unwrap());
        sim.run(move || {
            let threads: Vec<_> = (0..4u32)
                .map(|t| {
                    let manifest = manifest.clone();
                    let work = move || {
                        for i in 0..3 {
                            let segment = segment(1 + t * 10 + i);
                            manifest.commit(&[Edit::AddSegment { table: t, segment }]).unwrap();
                        }
                    };
                    world.spawn("committer", work).unwrap()
                })
                .collect();
            threads.into_iter().for_each(|t| t.join());
        });
        sim.disk().crash();
        let ids: Vec<_> = open(sim.disk()).unwrap().1.segments.keys().copied().collect();
        assert_eq!(ids, [1, 2, 3, 11, 12, 13, 21, 22, 23, 31, 32, 33]);
    });
}

#[test]
fn what_one_open_showed_the_next_shows_too() {
    // The process dies between the write and the sync of a commit; the next one reads it from the cache.
    for seed in 0..20 {
        let disk = SimDisk::new(seed);
        let manifest = create(&disk, &[Edit::Epoch { epoch: 1 }]).unwrap();
        disk.crash_after(1);
        manifest.commit(&[Edit::Epoch { epoch: 2 }]).unwrap_err();
        disk.restart();
        assert_eq!(open(&disk).unwrap().1.epoch, 2);
        disk.crash_with(Survival::Nothing);
        assert_eq!(open(&disk).unwrap().1.epoch, 2);
    }
}
