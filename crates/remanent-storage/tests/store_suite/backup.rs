//! A copy made while writes go on: is it one state, whole, and does it leave the original alone?

use super::script::{Plan, Script, Seen};
use super::support::{self, State, assert_same, assert_tidy_in, create, now, rows, together, world_of};
use remanent_storage::Result;
use remanent_storage::store::{Options, Store, check};
use remanent_storage::txn::Interrupt;
use remanent_storage::world::sim::{
    Fault, Notes, Op, POWER_LOSS, SimDisk, SimWorld, Survival, crash_seeds, seeds,
};
use remanent_storage::world::{Disk, World};
use std::path::Path;
use std::sync::Arc;

const COPY: &str = "/backup/copy";

fn back_up(store: &Store) -> Result<()> {
    store.backup(Path::new(COPY), &Interrupt::default()).map(drop)
}

fn open_copy(world: &World) -> Result<Arc<Store>> {
    Store::open(world.clone(), Path::new(COPY), Options { create: false, ..support::options() })
}

/// The copy shows that, is tidy, can be written to, and goes on doing so.
fn assert_copy(world: &World, state: &State, what: &str) -> Result<()> {
    let report = check::check(world, Path::new(COPY))?;
    assert_eq!(format!("{:?}", report.damage), "[]", "{what}");
    let copy = open_copy(world)?;
    assert_same(&now(&copy)?, state, what);
    let mut txn = copy.begin(None)?;
    create(&mut txn, "new")?;
    support::insert(&mut txn, "new", &[(1, 1)])?;
    txn.commit()?;
    copy.close()?;
    assert_tidy_in(world, Path::new(COPY), state.len() + 1)?;
    let copy = open_copy(world)?;
    let mut expected = state.clone();
    expected.insert("new".into(), [(1, 1)].into());
    assert_same(&now(&copy)?, &expected, what);
    copy.close()
}

fn scripted(world: &World, seed: u64, steps: u64) -> Script {
    let mut script = Script::begin(world, seed, &Plan::new(steps), &Notes::<Seen>::default()).unwrap();
    (0..steps).for_each(|step| script.step(step).unwrap());
    script
}

#[test]
fn a_backup_is_the_database_as_it_was() {
    seeds("a_backup_is_the_database_as_it_was", 40, |seed| {
        let sim = SimWorld::new(seed);
        let (world, disk) = (sim.world(), sim.disk().clone());
        sim.run(move || {
            let mut script = scripted(&world, seed, 16);
            let then = now(&script.store).unwrap();
            if seed % 3 == 0 {
                // A file system without links.
                disk.inject(Fault::on(Op::HardLink).forever());
            }
            back_up(&script.store).unwrap();
            disk.clear_faults();
            // What happens to the original afterwards is not the copy's business, and the other way round.
            (0..12).for_each(|step| script.step(step).unwrap());
            assert_copy(&world, &then, "the copy").unwrap();
            script.look().unwrap();
            script.end().unwrap();
        });
    });
}

#[test]
fn a_backup_beside_writes_flushes_and_merges_is_one_state() {
    seeds("a_backup_beside_writes_flushes_and_merges_is_one_state", 60, |seed| {
        let sim = SimWorld::new(seed);
        let (world, disk) = (sim.world(), sim.disk().clone());
        sim.run(move || {
            let options = Options { background: true, log_limit: 4 << 10, ..support::options() };
            let store = support::open(&world, options).unwrap();
            let mut txn = store.begin(None).unwrap();
            create(&mut txn, "a").unwrap();
            create(&mut txn, "h").unwrap();
            txn.commit().unwrap();
            if seed % 2 == 0 {
                disk.inject(Fault::on(Op::HardLink).forever());
            }
            // Transaction n replaces row n % 20 of "a" and adds row n to "h": a state says how many there were.
            let writer = {
                let (store, world) = (Arc::clone(&store), world.clone());
                move || {
                    for n in 0..60i64 {
                        let mut txn = store.begin(Some(n % 3 == 0)).unwrap();
                        let row = [(n % 20, n as u64)];
                        match n < 20 {
                            true => support::insert(&mut txn, "a", &row).unwrap(),
                            false => support::update(&mut txn, "a", &row, n % 2 == 0).unwrap(),
                        }
                        // Every seventh is so large that it comes in a segment of its own.
                        let many = if n % 7 == 3 { 60 } else { 1 };
                        let rows: Vec<_> =
                            (0..many).map(|i| (n * 100 + i, support::LONG + n as u64)).collect();
                        support::insert(&mut txn, "h", &rows).unwrap();
                        txn.commit().unwrap();
                        world.sleep(std::time::Duration::from_micros(200));
                    }
                }
            };
            let flusher = {
                let store = Arc::clone(&store);
                move || (0..12).for_each(|_| store.flush().and_then(|()| store.maintain()).unwrap())
            };
            let backup = {
                let (store, world) = (Arc::clone(&store), world.clone());
                move || {
                    world.sleep(std::time::Duration::from_micros(world.random() % 20_000));
                    let before = transactions(&now(&store).unwrap());
                    back_up(&store).unwrap();
                    let after = transactions(&now(&store).unwrap());
                    let copy = now(&open_copy(&world).unwrap()).unwrap();
                    let copied = transactions(&copy);
                    assert!(before <= copied && copied <= after, "{before}, {copied}, {after}");
                }
            };
            together(&world, vec![Box::new(writer), Box::new(flusher), Box::new(backup)]);
            store.close().unwrap();
        });
    });
}

/// How many transactions a state consists of; panics if it is not exactly the first so many.
fn transactions(state: &State) -> i64 {
    let done = state["h"].keys().last().map_or(0, |last| last / 100 + 1);
    let mut expected = State::from([("a".into(), Default::default()), ("h".into(), Default::default())]);
    for n in 0..done {
        expected.get_mut("a").unwrap().insert(n % 20, n as u64);
        let many = if n % 7 == 3 { 60 } else { 1 };
        let rows = (0..many).map(|i| (n * 100 + i, support::LONG + n as u64));
        expected.get_mut("h").unwrap().extend(rows);
    }
    assert_same(state, &expected, "not a prefix of the transactions");
    done
}

/// A disk with a scripted database in it, the state it shows, and the changes that a backup of it makes.
fn prepared(seed: u64) -> (SimDisk, State, u64) {
    let sim = SimWorld::new(seed);
    let (world, disk) = (sim.world(), sim.disk().clone());
    let state = sim.run(move || {
        let script = scripted(&world, seed, 14);
        script.store.close().unwrap();
        drop(script);
        now(&support::open(&world, support::options()).unwrap()).unwrap()
    });
    let trial = disk.fork(seed);
    let store = support::open(&world_of(&trial), support::options()).unwrap();
    let before = trial.counters().changes;
    back_up(&store).unwrap();
    let changes = trial.counters().changes - before;
    (disk, state, changes)
}

#[test]
fn a_crash_in_a_backup_leaves_a_whole_copy_or_none() {
    crash_seeds("a_crash_in_a_backup_leaves_a_whole_copy_or_none", 3, |seed| {
        let (disk, state, changes) = prepared(seed);
        assert!(changes > 20, "{changes}");
        let (mut none, mut whole) = (0, 0);
        for change in 0.. {
            let disk = disk.fork(change);
            if seed % 2 == 1 {
                disk.inject(Fault::on(Op::HardLink).forever());
            }
            let store = support::open(&world_of(&disk), support::options()).unwrap();
            disk.crash_after(change);
            let done = back_up(&store);
            let lost = done.as_ref().is_err_and(|e| e.message().contains(POWER_LOSS));
            assert!(done.is_ok() || lost, "{done:?}");
            drop(store);
            disk.crash();
            let world = world_of(&disk);
            match open_copy(&world) {
                Ok(copy) => {
                    drop(copy);
                    assert_copy(&world, &state, "after the crash").unwrap();
                    whole += 1;
                }
                Err(e) => {
                    assert!(lost, "a finished backup is gone: {e:?}");
                    assert_eq!(e.code(), "3D000", "{e:?}");
                    assert_eq!(check::check(&world, Path::new(COPY)).unwrap_err().code(), "3D000");
                    none += 1;
                }
            }
            let store = support::open(&world, support::options()).unwrap();
            assert_same(&now(&store).unwrap(), &state, "the original");
            if !lost {
                break;
            }
        }
        assert!(none > changes / 2 && whole > 0, "{none} {whole}");
        // The last was no crash.
        none + whole - 1
    });
}

#[test]
fn a_backup_that_fails_leaves_nothing_and_the_original_alone() {
    let (disk, state, _) = prepared(2);
    let ops = [Op::Write, Op::Sync, Op::SyncDir, Op::Create, Op::CreateDir, Op::Rename, Op::Open, Op::List];
    let mut failed = 0;
    for op in ops {
        for after in 0.. {
            let disk = disk.fork(after);
            let world = world_of(&disk);
            let store = support::open(&world, support::options()).unwrap();
            disk.inject(Fault::on(Op::HardLink).forever());
            disk.inject(Fault::on(op).of("/backup").after(after));
            let done = back_up(&store);
            disk.clear_faults();
            if done.is_ok() {
                assert_copy(&world, &state, "the copy").unwrap();
                break;
            }
            failed += 1;
            let left: Vec<_> = disk.files().into_iter().filter(|file| file.starts_with("/backup")).collect();
            assert!(left.is_empty(), "{op:?} {after}: {left:?}");
            assert_same(&now(&store).unwrap(), &state, "the original");
            back_up(&store).unwrap();
            store.close().unwrap();
        }
    }
    assert!(failed > 30, "{failed}");
}

#[test]
fn a_backup_takes_what_only_the_log_names_and_what_a_full_disk_keeps_there() {
    let disk = SimDisk::new(1);
    let world = world_of(&disk);
    let store = support::open(&world, support::options()).unwrap();
    let mut txn = store.begin(None).unwrap();
    create(&mut txn, "b").unwrap();
    support::insert(&mut txn, "b", &(0..100).map(|id| (id, support::LONG)).collect::<Vec<_>>()).unwrap();
    txn.commit().unwrap();
    let mut txn = store.begin(None).unwrap();
    support::delete(&mut txn, "b", &[3, 4], false).unwrap();
    txn.commit().unwrap();
    let state = now(&store).unwrap();
    // Nothing can be flushed, so that all of it comes from the log.
    disk.inject(Fault::on(Op::Create).of("/db/seg").forever());
    back_up(&store).unwrap();
    disk.clear_faults();
    let copy = open_copy(&world).unwrap();
    assert_same(&now(&copy).unwrap(), &state, "the copy");
    drop(copy);
    // The original may lose all; the copy's bytes are its own or have a name of their own.
    for file in disk.files().into_iter().filter(|file| file.starts_with("/db")) {
        disk.remove(&file).unwrap();
    }
    disk.crash_with(Survival::Nothing);
    assert_copy(&world_of(&disk), &state, "without the original").unwrap();
}

#[test]
fn a_directory_that_is_not_empty_is_refused_and_left_alone() {
    let disk = SimDisk::new(1);
    let world = world_of(&disk);
    let store = support::open(&world, support::options()).unwrap();
    back_up(&store).unwrap();
    let before = disk.files();
    for dir in [COPY, support::HOME, "/db/seg"] {
        if dir == "/db/seg" {
            disk.put("/db/seg/stranger", b"");
        }
        let refused = store.backup(Path::new(dir), &Interrupt::default()).unwrap_err();
        assert_eq!(refused.code(), "58P02", "{refused}");
    }
    disk.remove(Path::new("/db/seg/stranger")).unwrap();
    assert_eq!(disk.files(), before);
    let interrupt = Interrupt::default();
    interrupt.set();
    let mut txn = store.begin(None).unwrap();
    create(&mut txn, "a").unwrap();
    support::insert(&mut txn, "a", &[(1, 1)]).unwrap();
    txn.commit().unwrap();
    let ended = store.backup(Path::new("/elsewhere"), &interrupt).unwrap_err();
    assert_eq!(ended.code(), "57014");
    assert!(!disk.files().iter().any(|file| file.starts_with("/elsewhere")));
    assert_eq!(rows(&store.begin(None).unwrap(), "a").unwrap().len(), 1);
    store.close().unwrap();
    assert_eq!(back_up(&store).unwrap_err().code(), "57P01");
}
