//! Processes that read what another one writes.
//!
//! Process 0 writes, others follow, on one simulated disk. What a follower shows is always a state that the writer's
//! history has, at or behind every commit that was acknowledged before its statement began, and never an earlier one than
//! it has shown before.

use super::script::{self, Mostly, Plan, Seen};
use super::support::{
    self, HOME, Rows, State, answers, assert_same, assert_tidy, create, delete, difference, insert, now,
    update,
};
use remanent_storage::store::{Options, Store, manifest};
use remanent_storage::txn::Txn;
use remanent_storage::txn::board::Notice;
use remanent_storage::world::World;
use remanent_storage::world::sim::{Fault, Notes, Op, Rng, SimDisk, SimWorld, seeds};
use remanent_storage::{Error, Result};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

fn reading() -> Options {
    Options { read_only: true, ..support::options() }
}

/// A world without threads, as that process sees it.
fn process(disk: &SimDisk, process: u32) -> World {
    SimWorld::with_disk(1, disk.clone()).process(process)
}

fn writer(disk: &SimDisk) -> Arc<Store> {
    let store = support::open(&process(disk, 0), support::options()).unwrap();
    change(&store, |txn| create(txn, "a"));
    store
}

fn follower(disk: &SimDisk) -> Arc<Store> {
    support::open(&process(disk, 1), reading()).unwrap()
}

fn change(store: &Store, body: impl FnOnce(&mut Txn) -> Result<()>) {
    let mut txn = store.begin(None).unwrap();
    body(&mut txn).and_then(|()| txn.commit()).unwrap();
}

/// The rows of table `a` that a new statement sees.
fn a(store: &Store) -> Rows {
    now(store).unwrap().remove("a").unwrap_or_default()
}

fn numbers(range: std::ops::Range<i64>, note: u64) -> Vec<(i64, u64)> {
    range.map(|id| (id, note)).collect()
}

fn file_names(disk: &SimDisk, folder: &str) -> Vec<String> {
    let files = disk.files().into_iter().filter(|path| path.parent() == Some(&Path::new(HOME).join(folder)));
    files.map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect()
}

/// Who follows beside a script, and what it has seen.
struct Watcher {
    store: Arc<Store>,
    notes: Notes<Seen>,
    /// The index of the last state that was seen.
    last: usize,
    old: Option<(Txn, State)>,
    /// Every commit is announced before it returns.
    fresh: bool,
    /// What was acknowledged when the writer was killed: its threads go on in vain.
    killed: Notes<Option<usize>>,
}

impl Watcher {
    /// Opens as soon as there is a database.
    fn open(world: &World, notes: &Notes<Seen>) -> Watcher {
        loop {
            match support::open(world, reading()) {
                Ok(store) => {
                    return Watcher {
                        store,
                        notes: notes.clone(),
                        last: 0,
                        old: None,
                        fresh: true,
                        killed: Notes::default(),
                    };
                }
                Err(e) => assert_eq!(e.code(), "3D000", "{e:?}"),
            }
            world.sleep(Duration::from_micros(300));
        }
    }

    fn look(&mut self, rng: &mut Rng) {
        let acknowledged = self.notes.update(|seen| seen.acknowledged);
        let acknowledged = self.killed.update(|at| at.map_or(acknowledged, |at| at.min(acknowledged)));
        let least = if self.fresh { acknowledged.max(self.last) } else { self.last };
        let txn = self.store.begin(None).unwrap();
        let found = answers(&txn).unwrap();
        self.last = self.notes.update(|seen| {
            let at = (least..seen.states.len()).find(|&i| seen.states[i] == found);
            at.unwrap_or_else(|| {
                let earlier = (0..least).rev().find(|&i| seen.states[i] == found);
                let expected = &seen.states[least];
                panic!(
                    "a follower saw neither state {least} nor a later one (but {earlier:?}): {}",
                    difference(&found, expected)
                )
            })
        });
        if let Some((old, state)) = self.old.take_if(|_| rng.one_in(3)) {
            assert_same(&answers(&old).unwrap(), &state, "an old snapshot of a follower");
        }
        if self.old.is_none() && rng.one_in(3) {
            self.old = Some((txn, found));
        }
    }
}

/// Runs a script as process 0 and watches it from process 1.
fn watch(test: &str, count: u64, plan: &Plan) {
    let (mut loads, mut lives) = (0, 0);
    seeds(test, count, |seed| {
        let sim = SimWorld::new(seed);
        let (world, reader) = (sim.world(), sim.process(1));
        let (plan, background) = (plan.clone(), plan.options.background);
        let (loaded, epoch) = sim.run(move || {
            let notes = Notes::new(seed);
            let write = {
                let (world, notes) = (world.clone(), notes.clone());
                move || assert!(script::run(&world, seed, &plan, &notes).is_ok())
            };
            let writer = world.spawn("writer", write).unwrap();
            let mut rng = Rng::new(seed);
            let mut watcher = Watcher::open(&reader, &notes);
            // With threads, those who came before the writer has noticed wait a moment.
            watcher.fresh = !background;
            for _ in 0..15 {
                watcher.look(&mut rng);
                reader.sleep(Duration::from_micros(rng.below(2000)));
            }
            writer.join();
            watcher.look(&mut rng);
            watcher.old = None;
            let loads = watcher.store.stats().loads;
            watcher.store.close().unwrap();
            (loads, manifest::peek(&*world.disk, Path::new(HOME)).unwrap().epoch)
        });
        assert!(loaded <= 1 + 2 * epoch, "{loaded} loads in {epoch} lives");
        loads += loaded;
        lives += epoch;
    });
    assert!(loads <= count + lives, "it reads along: {loads} loads of {count} followers in {lives} lives");
}

#[test]
fn what_a_follower_shows_is_a_prefix_of_the_history() {
    watch("what_a_follower_shows_is_a_prefix_of_the_history", 60, &Plan::new(30));
}

#[test]
fn a_follower_sees_what_is_written_and_not_yet_synced() {
    let options = Options { synchronous_commit: false, ..support::options() };
    watch("a_follower_sees_what_is_written_and_not_yet_synced", 30, &Plan { options, ..Plan::new(30) });
}

#[test]
fn a_follower_sees_columns_come() {
    let plan = Plan { mostly: Mostly::Columns, ..Plan::new(30) };
    watch("a_follower_sees_columns_come", 40, &plan);
}

#[test]
fn a_follower_reads_along_beside_background_threads() {
    let options =
        Options { background: true, memory_limit: 256 << 10, log_limit: 8 << 10, ..support::options() };
    watch("a_follower_reads_along_beside_background_threads", 30, &Plan { options, ..Plan::new(30) });
}

#[test]
fn a_follower_outlives_a_writer_that_is_killed_at_any_call() {
    seeds("a_follower_outlives_a_writer_that_is_killed_at_any_call", 60, |seed| {
        let sim = SimWorld::new(seed);
        let disk = sim.disk().clone();
        let (world, reader) = (sim.process(2), sim.process(1));
        let after = Rng::new(seed).below(1200);
        let (notes, killed) = (Notes::<Seen>::new(seed), Notes::<Option<usize>>::default());
        disk.hook("", after, {
            let (disk, notes, killed) = (disk.clone(), notes.clone(), killed.clone());
            move || {
                killed.update(|at| *at = Some(notes.update(|seen| seen.acknowledged)));
                disk.kill(2);
            }
        });
        let next = sim.world();
        sim.run(move || {
            let write = {
                let (world, notes) = (world.clone(), notes.clone());
                move || drop(script::run(&world, seed, &Plan::new(30), &notes))
            };
            let writer = world.spawn("writer", write).unwrap();
            let mut rng = Rng::new(seed);
            let mut watcher = None;
            for _ in 0..10 {
                if watcher.is_none() && manifest::peek(&*reader.disk, Path::new(HOME)).is_ok() {
                    watcher = Some(Watcher { killed: killed.clone(), ..Watcher::open(&reader, &notes) });
                }
                if let Some(watcher) = &mut watcher {
                    watcher.look(&mut rng);
                }
                reader.sleep(Duration::from_micros(rng.below(3000)));
            }
            writer.join();
            disk.unhook();
            disk.kill(2);
            killed.update(|at| {
                at.get_or_insert(notes.update(|seen| seen.acknowledged));
            });
            let Some(mut watcher) = watcher else { return };
            watcher.look(&mut rng);
            // Who opens now sees all that any of them has seen.
            let mut late = Watcher { killed, last: watcher.last, ..Watcher::open(&reader, &notes) };
            late.look(&mut rng);
            let store = support::open(&next, support::options()).unwrap();
            let found = now(&store).unwrap();
            assert_same(&now(&watcher.store).unwrap(), &found, "after recovery");
            notes.update(|seen| {
                assert!(seen.states[late.last..].contains(&found), "not a state that may be there")
            });
            // The next life.
            let mut txn = store.begin(None).unwrap();
            create(&mut txn, "n").and_then(|()| insert(&mut txn, "n", &[(1, 2)])).unwrap();
            txn.commit().unwrap();
            store.flush().and_then(|()| store.maintain()).unwrap();
            let found = now(&store).unwrap();
            for watcher in [watcher, late] {
                assert_same(&now(&watcher.store).unwrap(), &found, "in the next life");
                watcher.store.close().unwrap();
            }
            store.maintain().and_then(|()| store.close()).unwrap();
            assert_tidy(&next, found.len()).unwrap();
        });
    });
}

#[test]
fn after_a_power_loss_a_follower_shows_what_recovery_will() {
    let mut shown = 0;
    seeds("after_a_power_loss_a_follower_shows_what_recovery_will", 80, |seed| {
        let sim = SimWorld::new(seed);
        let (world, disk) = (sim.world(), sim.disk().clone());
        let plan = Plan {
            options: Options { synchronous_commit: seed % 2 == 0, ..support::options() },
            ..Plan::new(24)
        };
        disk.crash_after(Rng::new(seed).below(700));
        // It ends where the power goes.
        let _ = sim.run(move || script::run(&world, seed, &plan, &Notes::default()));
        disk.crash();
        let found = match support::open(&process(&disk, 1), reading()) {
            Ok(other) => now(&other).unwrap(),
            Err(e) => return assert_eq!(e.code(), "3D000", "{e:?}"),
        };
        let store = support::open(&process(&disk, 0), support::options()).unwrap();
        assert_same(&now(&store).unwrap(), &found, "what recovery found");
        shown += 1;
    });
    assert!(shown > 40, "{shown}");
}

#[test]
fn a_notice_is_what_its_page_says() {
    let notice = Notice { epoch: 3, committed: 300, durable: 299, generation: 1, process: 258 };
    let bytes = notice.encode();
    let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
    let lines = [
        "52454d52454144010300000000000000",
        "2c010000000000002b01000000000000",
        "01000000000000000201000000000000",
        "0000000000000000000000000b024749",
    ];
    assert_eq!(hex, lines.concat());
    assert_eq!(Notice::decode(&bytes), Some(notice));
    for bit in 0..bytes.len() * 8 {
        let mut wrong = bytes;
        wrong[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(Notice::decode(&wrong), None, "bit {bit}");
    }
}

#[test]
fn a_commit_that_returned_is_seen_by_the_next_statement() {
    let disk = SimDisk::new(1);
    let store = writer(&disk);
    let other = follower(&disk);
    for (id, durable) in [(1, true), (2, false), (3, false), (4, true)] {
        let mut txn = store.begin(Some(durable)).unwrap();
        insert(&mut txn, "a", &[(id, 7)]).and_then(|()| txn.commit()).unwrap();
        assert_eq!(a(&other), numbers(1..id + 1, 7).into_iter().collect());
    }
    let old = other.begin(None).unwrap();
    change(&store, |txn| delete(txn, "a", &[1, 2], false));
    assert_eq!(a(&other), Rows::from([(3, 7), (4, 7)]));
    assert_eq!(support::rows(&old, "a").unwrap().len(), 4);
    assert_eq!(other.stats().loads, 1);
    other.close().unwrap();
    assert_eq!(other.begin(None).err().unwrap().code(), "57P01");
    store.maintain().and_then(|()| store.close()).unwrap();
    assert_tidy(&process(&disk, 0), 1).unwrap();
}

#[test]
fn what_is_flushed_leaves_a_followers_memory() {
    let disk = SimDisk::new(1);
    let store = writer(&disk);
    let other = follower(&disk);
    (0..10).for_each(|part| change(&store, |txn| insert(txn, "a", &numbers(part * 50..part * 50 + 50, 3))));
    assert_eq!(a(&other).len(), 500);
    let before = other.stats().hot_bytes;
    store.flush().unwrap();
    assert_eq!(a(&other).len(), 500);
    let after = other.stats().hot_bytes;
    assert!(before > 10_000 && after < before / 10, "{before} bytes, then {after}");
    assert_eq!((other.stats().loads, other.stats().segments), (1, store.stats().segments));
}

#[test]
fn what_was_deleted_since_the_flush_stays_so_when_a_follower_takes_over_a_merge() {
    let disk = SimDisk::new(1);
    let store = writer(&disk);
    // Segments that all cover the same keys, so that they are merged.
    for part in 0..8 {
        change(&store, |txn| insert(txn, "a", &(0..50).map(|i| (i * 8 + part, 1)).collect::<Vec<_>>()));
        store.flush().unwrap();
    }
    let other = follower(&disk);
    let mut expected: Rows = numbers(0..400, 1).into_iter().collect();
    assert_eq!(a(&other), expected);
    let segments = other.stats().segments;
    change(&store, |txn| delete(txn, "a", &[3, 5, 8, 13, 21], false));
    [3, 5, 8, 13, 21].iter().for_each(|id| _ = expected.remove(id));
    assert_eq!(a(&other), expected);
    store.maintain().unwrap();
    assert_eq!(a(&other), expected);
    assert!(other.stats().segments < segments, "nothing was merged");
    assert_eq!(other.stats().loads, 1);
}

/// Rows in cold segments, a follower with a snapshot that has read nothing yet, and then a writer that replaces them all.
fn replaced_under_a_snapshot(disk: &SimDisk, budget: u64) -> (Arc<Store>, Arc<Store>, Txn) {
    let options = Options { follower_budget: budget, ..support::options() };
    let store = support::open(&process(disk, 0), options).unwrap();
    change(&store, |txn| create(txn, "a"));
    for part in 0..3 {
        change(&store, |txn| insert(txn, "a", &numbers(part * 50..part * 50 + 50, 1)));
        store.flush().unwrap();
    }
    let other = follower(disk);
    let old = other.begin(None).unwrap();
    for round in 0..4 {
        change(&store, |txn| update(txn, "a", &numbers(0..150, 2 + round), false));
        store.flush().and_then(|()| store.maintain()).unwrap();
    }
    (store, other, old)
}

#[test]
fn files_are_kept_as_long_as_a_follower_needs_them() {
    let disk = SimDisk::new(1);
    let (store, other, old) = replaced_under_a_snapshot(&disk, 1 << 30);
    let kept = file_names(&disk, "seg").len();
    assert_eq!(a(&other), numbers(0..150, 5).into_iter().collect());
    store.maintain().unwrap();
    assert_eq!(support::rows(&old, "a").unwrap(), numbers(0..150, 1).into_iter().collect());
    drop(old);
    // It says so with the next thing that happens.
    change(&store, |txn| insert(txn, "a", &[(1000, 1)]));
    assert_eq!(a(&other).len(), 151);
    store.maintain().unwrap();
    assert!(file_names(&disk, "seg").len() < kept, "files are kept though nobody needs them");
    assert_eq!(other.stats().loads, 1);
    // Open while the writer closes: what it reads is still there.
    store.close().unwrap();
    assert_eq!(a(&other).len(), 151);
    other.close().unwrap();
    let store = support::open(&process(&disk, 0), support::options()).unwrap();
    store.close().unwrap();
    assert_tidy(&process(&disk, 0), 1).unwrap();
}

#[test]
fn a_follower_past_the_budget_hears_that_its_snapshot_is_too_old() {
    let disk = SimDisk::new(1);
    let (store, other, old) = replaced_under_a_snapshot(&disk, 0);
    let error = answers(&old).err().unwrap();
    assert_eq!(error.code(), "72000", "{error:?}");
    assert!(error.message().contains("the writing process has retired it"), "{error:?}");
    assert!(error.hint().unwrap().contains("follower_budget"), "{error:?}");
    // The next statement sees what is there now.
    assert_eq!(a(&other), numbers(0..150, 5).into_iter().collect());
    drop(old);
    store.close().unwrap();
    assert_eq!(a(&other).len(), 150);
}

#[test]
fn the_log_is_kept_for_a_follower_that_sleeps_up_to_the_budget() {
    for (budget, loads) in [(1 << 30, 1), (20 << 10, 2)] {
        let disk = SimDisk::new(1);
        let options = Options { follower_budget: budget, ..support::options() };
        let store = support::open(&process(&disk, 0), options).unwrap();
        change(&store, |txn| create(txn, "a"));
        let other = follower(&disk);
        assert_eq!(a(&other).len(), 0);
        for round in 0..80 {
            change(&store, |txn| insert(txn, "a", &numbers(round * 20..round * 20 + 20, 9)));
            if round % 5 == 4 {
                store.flush().and_then(|()| store.maintain()).unwrap();
            }
        }
        let asleep: usize = file_names(&disk, "wal").len();
        assert_eq!(a(&other).len(), 1600);
        assert_eq!(other.stats().loads, loads, "with a budget of {budget}");
        change(&store, |txn| insert(txn, "a", &[(5000, 1)]));
        assert_eq!(a(&other).len(), 1601);
        store.flush().and_then(|()| store.maintain()).unwrap();
        let log: usize = file_names(&disk, "wal").len();
        // What is kept for the next flushes, and nothing for the follower.
        assert!(log <= 8, "{log} log files though the follower is awake");
        assert!(budget < 1 << 30 || asleep > 2 * log, "{asleep} log files while it slept, {log} now");
    }
}

#[test]
fn without_a_writer_all_that_recovery_would_find_is_shown_and_nothing_is_written() {
    for kill in [true, false] {
        let disk = SimDisk::new(1);
        let store = writer(&disk);
        change(&store, |txn| insert(txn, "a", &numbers(0..50, 1)));
        store.flush().unwrap();
        change(&store, |txn| update(txn, "a", &numbers(10..20, 2), false));
        if kill {
            disk.kill(0);
        } else {
            store.close().unwrap();
        }
        let image = || -> Vec<_> {
            disk.files().into_iter().map(|path| (path.clone(), disk.contents(path).unwrap())).collect()
        };
        let before = image();
        let others = [follower(&disk), follower(&disk)];
        for other in &others {
            assert_eq!(a(other).values().filter(|&&note| note == 2).count(), 10);
            let error = create(&mut other.begin(None).unwrap(), "b").err().unwrap();
            assert_eq!(error.code(), "25006");
            other.flush().and_then(|()| other.maintain()).unwrap();
        }
        others.iter().for_each(|other| other.close().unwrap());
        // The followers' word is the only trace.
        let without_word = |image: Vec<(std::path::PathBuf, Vec<u8>)>| -> Vec<_> {
            let cut = |(path, mut bytes): (std::path::PathBuf, Vec<u8>)| {
                if path.ends_with("READERS") {
                    bytes.truncate(64);
                }
                (path, bytes)
            };
            image.into_iter().map(cut).collect()
        };
        assert_eq!(without_word(image()), without_word(before));
    }
}

#[test]
fn a_medium_that_cannot_be_written_is_read() {
    let disk = SimDisk::new(1);
    let store = writer(&disk);
    change(&store, |txn| insert(txn, "a", &numbers(0..50, 1)));
    store.close().unwrap();
    for op in [Op::Lock, Op::Write, Op::Create, Op::Sync, Op::SyncDir, Op::Remove, Op::Rename, Op::SetLen] {
        disk.inject(Fault::on(op).forever());
    }
    let other = follower(&disk);
    assert_eq!(a(&other).len(), 50);
    other.close().unwrap();
}

#[test]
fn the_slot_of_a_dead_follower_is_removed_and_holds_nothing_back() {
    let disk = SimDisk::new(1);
    let (store, other, old) = replaced_under_a_snapshot(&disk, 1 << 30);
    assert_eq!(file_names(&disk, "readers").len(), 1);
    let kept = file_names(&disk, "seg").len();
    disk.kill(1);
    store.maintain().unwrap();
    assert_eq!(file_names(&disk, "readers").len(), 0);
    assert!(file_names(&disk, "seg").len() < kept, "files are kept for the dead");
    drop((other, old));
    store.close().unwrap();
    assert_tidy(&process(&disk, 0), 1).unwrap();
}

#[test]
fn a_second_writer_is_told_who_has_it_and_what_to_do() {
    let disk = SimDisk::new(1);
    let store = writer(&disk);
    let error: Error = support::open(&process(&disk, 3), support::options()).err().unwrap();
    assert_eq!(error.code(), "55006");
    assert_eq!(error.message(), format!("database \"/db\" is in use by process {}", std::process::id()));
    assert!(error.hint().unwrap().contains("--read-only"), "{error:?}");
    store.close().unwrap();
}

#[test]
fn damage_in_the_log_is_an_error_where_nobody_writes() {
    let disk = SimDisk::new(1);
    let store = writer(&disk);
    for id in 0..20 {
        change(&store, |txn| insert(txn, "a", &[(id, 1)]));
    }
    store.maintain().unwrap();
    store.maintain().unwrap();
    disk.kill(0);
    let log = Path::new(HOME).join("wal").join(&file_names(&disk, "wal")[0]);
    disk.flip_bit(log, 8 * 900);
    let error = support::open(&process(&disk, 1), reading()).err().unwrap();
    assert_eq!(error.code(), "XX001", "{error:?}");
}
