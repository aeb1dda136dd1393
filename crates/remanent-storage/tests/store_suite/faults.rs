//! Calls that fail, syncs that fail, disks that fill up: an error that says so, no wrong answer, nothing lost.

use super::script::{self, Plan, Script, Seen};
use super::support::{self, LONG, assert_same, assert_tidy, create, now, rows, world_of};
use remanent_storage::Result;
use remanent_storage::store::{Options, Store, check};
use remanent_storage::table::files::FOLDER;
use remanent_storage::world::sim::{Fault, Notes, Op, SimDisk, SimWorld, Survival, seeds};
use remanent_storage::world::{Disk, World};
use std::path::Path;
use std::sync::Arc;

/// A store with table `a` of ten rows, half of them flushed.
fn store(disk: &SimDisk) -> (World, Arc<Store>) {
    let world = world_of(disk);
    let store = support::open(&world, support::options()).unwrap();
    let mut txn = store.begin(None).unwrap();
    create(&mut txn, "a").unwrap();
    txn.commit().unwrap();
    put(&store, 0..5).unwrap();
    store.flush().unwrap();
    put(&store, 5..10).unwrap();
    (world, store)
}

fn put(store: &Store, ids: std::ops::Range<i64>) -> Result<()> {
    let mut txn = store.begin(None)?;
    support::insert(&mut txn, "a", &ids.map(|id| (id, 1)).collect::<Vec<_>>())?;
    txn.commit()
}

fn count(store: &Store) -> usize {
    rows(&store.begin(None).unwrap(), "a").unwrap().len()
}

/// Writes are refused with an error that says why, reads go on, and the next open recovers.
fn assert_poisoned(disk: &SimDisk, store: &Arc<Store>, least: usize) {
    for _ in 0..3 {
        for refused in
            [put(store, 50..51).unwrap_err(), store.flush().unwrap_err(), store.maintain().unwrap_err()]
        {
            assert_eq!(refused.code(), "58030", "{refused}");
            assert!(refused.message().contains("accepts no more"), "{refused}");
            assert!(refused.message().contains("could not sync"), "{refused}");
            assert!(refused.hint().unwrap().contains("open the database again"), "{refused}");
        }
        assert!(count(store) >= least);
    }
    assert_eq!(store.close().unwrap_err().code(), "58030");
    disk.crash();
    let world = world_of(disk);
    let store = support::open(&world, support::options()).unwrap();
    assert!(count(&store) >= least);
    put(&store, 60..61).unwrap();
    store.close().unwrap();
    assert_tidy(&world, 1).unwrap();
}

#[test]
fn a_failed_sync_of_the_log_refuses_every_later_write() {
    seeds("a_failed_sync_of_the_log_refuses_every_later_write", 40, |seed| {
        let disk = SimDisk::new(seed);
        let (_, store) = store(&disk);
        disk.inject(Fault::on(Op::Sync).of("/wal/"));
        let refused = put(&store, 20..21).unwrap_err();
        assert_eq!(refused.code(), "58030");
        // Nobody knows whether it is there, so nobody sees it.
        assert_eq!(count(&store), 10);
        assert_poisoned(&disk, &store, 10);
    });
}

#[test]
fn a_failed_sync_of_the_manifest_refuses_every_later_write() {
    seeds("a_failed_sync_of_the_manifest_refuses_every_later_write", 40, |seed| {
        let disk = SimDisk::new(seed);
        let (_, store) = store(&disk);
        disk.inject(Fault::on(Op::Sync).of("MANIFEST"));
        assert_eq!(store.flush().unwrap_err().code(), "58030");
        assert_poisoned(&disk, &store, 10);
    });
}

#[test]
fn a_failed_sync_of_the_folder_refuses_every_later_write() {
    seeds("a_failed_sync_of_the_folder_refuses_every_later_write", 40, |seed| {
        let disk = SimDisk::new(seed);
        let (_, store) = store(&disk);
        disk.inject(Fault::on(Op::SyncDir).of("/seg"));
        assert_eq!(store.flush().unwrap_err().code(), "58030");
        assert_poisoned(&disk, &store, 10);
    });
}

#[test]
fn a_failed_sync_of_a_new_segment_only_throws_it_away() {
    let disk = SimDisk::new(1);
    let (world, store) = store(&disk);
    for part in [".seg", ".idx"] {
        disk.inject(Fault::on(Op::Sync).of(part));
        assert_eq!(store.flush().unwrap_err().code(), "58030");
        assert_eq!(count(&store), 10);
    }
    put(&store, 10..11).unwrap();
    store.flush().unwrap();
    disk.crash_with(Survival::Nothing);
    let store = support::open(&world, support::options()).unwrap();
    assert_eq!(count(&store), 11);
    store.close().unwrap();
    assert_tidy(&world, 1).unwrap();
}

/// Runs a script on a disk with a fault, then without it, then after a crash or a restart.
fn with_fault(seed: u64, fault: Fault) -> bool {
    let sim = SimWorld::new(seed);
    let world = sim.world();
    let disk = sim.disk().clone();
    disk.inject(fault);
    let plan = Plan { go_on: true, ..Plan::new(14) };
    let notes = Notes::<Seen>::default();
    let told = notes.clone();
    let script_seed = seed % 5;
    let struck = sim.run(move || {
        match Script::begin(&world, script_seed, &plan, &told) {
            Ok(mut script) => {
                (0..plan.steps).for_each(|step| script.step(step).unwrap());
                let struck = disk.faults() == 0;
                disk.clear_faults();
                // Without the fault everything can be read again.
                script.look().unwrap();
                script.end().unwrap();
                struck
            }
            Err(_) => disk.faults() == 0,
        }
    });
    match seed % 2 {
        0 => sim.disk().crash(),
        _ => sim.disk().restart(),
    }
    let seen = notes.update(|seen| seen.clone());
    let world = world_of(sim.disk());
    let store = support::open(&world, support::options()).unwrap();
    let state = now(&store).unwrap();
    seen.expect(&state);
    store.maintain().unwrap();
    assert_same(&now(&store).unwrap(), &state, "after maintenance");
    store.close().unwrap();
    assert_tidy(&world, state.len()).unwrap();
    struck
}

/// Every call of a kind fails in turn, once.
fn each_fails(test: &str, ops: &[Op], stride: u64) {
    seeds(test, 1, |round| {
        for (kind, &op) in ops.iter().enumerate() {
            let mut struck = 0;
            let mut misses = 0;
            for n in 0.. {
                let seed = round * 1_000_003 + n * stride + kind as u64;
                match with_fault(seed, Fault::on(op).after(n * stride)) {
                    true => struck += 1,
                    false => misses += 1,
                }
                if misses > 3 {
                    break;
                }
            }
            assert!(struck > 0, "{op:?} never failed");
        }
    });
}

#[test]
fn each_write_that_fails_loses_nothing() {
    each_fails("each_write_that_fails_loses_nothing", &[Op::Write], 1);
}

#[test]
fn each_sync_that_fails_loses_nothing() {
    each_fails("each_sync_that_fails_loses_nothing", &[Op::Sync, Op::SyncDir], 1);
}

#[test]
fn each_read_that_fails_gives_no_wrong_answer() {
    each_fails("each_read_that_fails_gives_no_wrong_answer", &[Op::Read], 5);
}

#[test]
fn each_other_call_that_fails_loses_nothing() {
    let ops = [Op::Create, Op::Open, Op::Rename, Op::Remove, Op::CreateDir, Op::List, Op::Exists, Op::Len];
    each_fails("each_other_call_that_fails_loses_nothing", &ops, 2);
}

#[test]
fn files_that_cannot_be_read_are_errors_until_they_can() {
    let disk = SimDisk::new(1);
    let (world, store) = store(&disk);
    store.flush().unwrap();
    store.close().unwrap();
    drop(store);
    let store = support::open(&world, support::options()).unwrap();
    disk.inject(Fault::on(Op::Read).of(".seg").forever());
    let txn = store.begin(None).unwrap();
    assert_eq!(support::get(&txn, "a", 3).unwrap_err().code(), "58030");
    assert_eq!(rows(&txn, "a").unwrap_err().code(), "58030");
    // What is in memory is not affected, nor are writes of it.
    put(&store, 70..71).unwrap();
    assert_eq!(support::get(&store.begin(None).unwrap(), "a", 70).unwrap(), Some(1));
    disk.clear_faults();
    assert_eq!(rows(&txn, "a").unwrap().len(), 10);
    assert_eq!(count(&store), 11);
}

#[test]
fn a_full_disk_loses_nothing_and_writing_goes_on_when_there_is_space() {
    seeds("a_full_disk_loses_nothing_and_writing_goes_on_when_there_is_space", 60, |seed| {
        let sim = SimWorld::new(seed);
        let world = sim.world();
        let disk = sim.disk().clone();
        sim.run(move || {
            let plan = Plan { go_on: true, ..Plan::new(20) };
            let notes = Notes::<Seen>::default();
            let mut script = Script::begin(&world, seed, &plan, &notes).unwrap();
            disk.set_capacity(disk.used() + (seed % 20) * 4096);
            (0..plan.steps).for_each(|step| script.step(step).unwrap());
            let codes = std::mem::take(&mut script.codes);
            assert!(codes.iter().all(|code| *code == "53100"), "{codes:?}");
            script.look().unwrap();
            disk.set_capacity(1 << 30);
            // Everything that was acknowledged is there, everything works again.
            script.look().unwrap();
            script.transaction().unwrap();
            script.flush().unwrap();
            script.spill().unwrap();
            script.store.maintain().unwrap();
            script.look().unwrap();
            let last = now(&script.store).unwrap();
            assert_same(
                &last,
                notes.update(|seen| seen.states.last().cloned()).as_ref().unwrap(),
                "the last state",
            );
            script.drop_others();
            if seed % 2 == 0 {
                script.store.close().unwrap();
                assert_tidy(&world, last.len()).unwrap();
            } else {
                std::mem::forget(script);
                disk.crash();
            }
            let store = support::open(&world, support::options()).unwrap();
            assert_same(&now(&store).unwrap(), &last, "after the next open");
        });
    });
}

#[test]
fn rows_are_refused_before_the_disk_is_full_and_deleting_goes_on() {
    let sim = SimWorld::new(3);
    let (world, disk) = (sim.world(), sim.disk().clone());
    sim.run(move || {
        let options = Options { min_free_space: 256 << 10, ..support::options() };
        let store = support::open(&world, options).unwrap();
        for name in ["a", "b"] {
            let mut txn = store.begin(None).unwrap();
            create(&mut txn, name).unwrap();
            txn.commit().unwrap();
        }
        disk.set_capacity(disk.used() + (640 << 10));
        let fill = |id: i64| {
            let mut txn = store.begin(None)?;
            support::insert(
                &mut txn,
                "b",
                &(0..40).map(|i| (id * 40 + i, LONG + id as u64)).collect::<Vec<_>>(),
            )?;
            txn.commit()?;
            store.maintain()
        };
        let mut filled = 0;
        let refused = loop {
            match fill(filled) {
                Ok(()) => filled += 1,
                Err(e) => break e,
            }
        };
        assert_eq!(refused.code(), "53100");
        assert!(refused.detail().unwrap().contains("min_free_space leaves 262144"), "{refused}");
        // Half of what is left to others is left by everything that the background may still do.
        disk.sync_dir(Path::new("/db/seg")).unwrap();
        let free = disk.free_space(Path::new("/")).unwrap().unwrap();
        assert!(free >= 128 << 10, "{free}");
        assert!(filled > 20, "{filled}");
        for refused in [put(&store, 0..1), fill(filled)] {
            assert_eq!(refused.unwrap_err().code(), "53100");
        }
        assert_eq!(rows(&store.begin(None).unwrap(), "b").unwrap().len() as i64, filled * 40);
        let mut txn = store.begin(None).unwrap();
        // Not half of them: cold rows like these are smaller than the keys in the record that deletes them.
        support::delete(&mut txn, "b", &(0..(filled * 20).min(2_000)).collect::<Vec<_>>(), false).unwrap();
        txn.commit().unwrap();
        let mut txn = store.begin(None).unwrap();
        txn.drop_table("b").unwrap();
        txn.commit().unwrap();
        store.maintain().unwrap();
        store.maintain().unwrap();
        disk.sync_dir(Path::new("/db/seg")).unwrap();
        // There is room again, and nobody had to open anything anew.
        world.sleep(std::time::Duration::from_millis(450));
        put(&store, 0..5).unwrap();
        assert_eq!(count(&store), 5);
        store.close().unwrap();
        assert_tidy(&world, 1).unwrap();
    });
}

#[test]
fn a_table_can_be_dropped_on_a_disk_that_is_full_to_the_last_byte() {
    let disk = SimDisk::new(1);
    let world = world_of(&disk);
    let options = Options { log_file_size: 64 << 10, ..support::options() };
    let store = support::open(&world, options).unwrap();
    for name in ["a", "b"] {
        let mut txn = store.begin(None).unwrap();
        create(&mut txn, name).unwrap();
        support::insert(&mut txn, name, &(0..30).map(|id| (id, LONG + 1)).collect::<Vec<_>>()).unwrap();
        txn.commit().unwrap();
    }
    store.maintain().unwrap();
    disk.set_capacity(disk.used());
    let mut txn = store.begin(None).unwrap();
    txn.drop_table("b").unwrap();
    txn.commit().unwrap();
    store.maintain().unwrap();
    disk.sync_dir(Path::new("/db/seg")).unwrap();
    let before = disk.free_space(Path::new("/")).unwrap().unwrap();
    assert!(before >= 8 << 10, "{before}");
    put(&store, 50..53).unwrap();
    assert_eq!(count(&store), 33);
    disk.set_capacity(1 << 30);
    store.close().unwrap();
    assert_tidy(&world, 1).unwrap();
}

#[test]
fn work_that_fails_for_ever_does_not_fill_the_disk() {
    for (op, path) in
        [(Op::Write, "MANIFEST"), (Op::Create, ".marks"), (Op::Create, ".idx"), (Op::Create, ".del")]
    {
        let disk = SimDisk::new(1);
        let (world, store) = store(&disk);
        let mut txn = store.begin(None).unwrap();
        support::delete(&mut txn, "a", &[1], false).unwrap();
        txn.commit().unwrap();
        disk.inject(Fault::on(op).of(path).forever());
        let _ = store.flush();
        store.maintain().unwrap_or(());
        let used = disk.used();
        for _ in 0..30 {
            let _ = store.flush();
            let _ = store.maintain();
            assert_eq!(count(&store), 9);
        }
        // A simulated disk gives space back when the removal is durable.
        disk.sync_dir(&Path::new(support::HOME).join(FOLDER)).unwrap();
        assert!(disk.used() <= used, "{op:?} of {path}: {} bytes, then {}", used, disk.used());
        disk.clear_faults();
        store.flush().unwrap();
        store.maintain().unwrap();
        assert_eq!(count(&store), 9);
        store.close().unwrap();
        assert_tidy(&world, 1).unwrap();
    }
}

#[test]
fn a_database_in_use_names_its_holder() {
    let disk = SimDisk::new(1);
    let (world, store) = store(&disk);
    let refused = support::open(&world, support::options()).err().unwrap();
    assert_eq!(refused.code(), "55006");
    assert!(refused.message().contains(&std::process::id().to_string()), "{refused}");
    assert_eq!(check::check(&world, Path::new(support::HOME)).unwrap_err().code(), "55006");
    store.close().unwrap();
    support::open(&world, support::options()).unwrap();
}

#[test]
fn without_synchronous_commit_a_failed_sync_refuses_the_writes_after_it() {
    let disk = SimDisk::new(1);
    let world = world_of(&disk);
    let options = Options { synchronous_commit: false, ..support::options() };
    let store = support::open(&world, options).unwrap();
    let mut txn = store.begin(None).unwrap();
    create(&mut txn, "a").unwrap();
    txn.set_synchronous_commit(true);
    txn.commit().unwrap();
    put(&store, 0..3).unwrap();
    disk.inject(Fault::on(Op::Sync).of("/wal/"));
    // A commit that waits for its sync takes the others along.
    let mut txn = store.begin(Some(true)).unwrap();
    support::insert(&mut txn, "a", &[(9, 9)]).unwrap();
    assert_eq!(txn.commit().unwrap_err().code(), "58030");
    assert_eq!(count(&store), 3);
    assert_poisoned(&disk, &store, 0);
}

#[test]
fn the_scripts_run_with_faults_do_not_stop_at_the_first() {
    // That the tests above go on after an error is what makes them bite.
    let sim = SimWorld::new(1);
    let world = sim.world();
    sim.disk().inject(Fault::on(Op::Create).of(".seg").forever());
    let plan = Plan { go_on: true, ..Plan::new(24) };
    let done = sim.run(move || script::run(&world, 1, &plan, &Notes::default())).unwrap();
    assert!(done.errors > 3, "{done:?}");
}
