//! Transactions that delete or replace more rows than they may remember one by one: keys in a file, rows as ordinals that
//! follow flushes and merges.

use super::support::{self, HOME, Rows, answers, assert_same, assert_tidy, create, get, now, rows, world_of};
use remanent_storage::store::{Store, check};
use remanent_storage::table::files::FOLDER;
use remanent_storage::txn::Interrupt;
use remanent_storage::world::World;
use remanent_storage::world::sim::{Crashes, Notes, SimDisk};
use remanent_storage::{Result, txn::Txn};
use std::path::Path;

/// Far more than the spill size of these stores lets a transaction remember by key.
const ROWS: i64 = 900;

/// How many segments the rows are in: all but one cold and enough for a merge, the last one in memory.
const PARTS: i64 = 9;

/// Rows 0, 1, 2 …, each segment with every ninth.
fn fill(store: &Store) -> Result<Rows> {
    let mut txn = store.begin(None)?;
    create(&mut txn, "a")?;
    txn.commit()?;
    for part in 0..PARTS {
        let mut txn = store.begin(None)?;
        let some: Vec<(i64, u64)> =
            (0..ROWS).filter(|id| id % PARTS == part).map(|id| (id, id as u64)).collect();
        support::insert(&mut txn, "a", &some)?;
        txn.commit()?;
        if part < PARTS - 1 {
            store.flush()?;
        }
    }
    Ok((0..ROWS).map(|id| (id, id as u64)).collect())
}

fn delete(txn: &mut Txn, expected: &mut Rows, ids: impl Iterator<Item = i64>) -> Result<()> {
    let ids: Vec<i64> = ids.filter(|id| expected.contains_key(id)).collect();
    for some in ids.chunks(50) {
        support::delete(txn, "a", some, true)?;
        some.iter().for_each(|id| _ = expected.remove(id));
    }
    Ok(())
}

fn update(txn: &mut Txn, expected: &mut Rows, ids: impl Iterator<Item = i64>, note: u64) -> Result<()> {
    let new: Vec<(i64, u64)> =
        ids.filter(|id| expected.contains_key(id)).map(|id| (id, note + id as u64)).collect();
    for some in new.chunks(50) {
        support::update(txn, "a", some, true)?;
        expected.extend(some.iter().copied());
    }
    Ok(())
}

fn key_files(world: &World) -> usize {
    let files = world.disk.list(&Path::new(HOME).join(FOLDER)).unwrap();
    files.iter().filter(|file| file.name.ends_with(".keys")).count()
}

#[test]
fn many_deletes_follow_flushes_and_merges_and_are_their_transactions_own() {
    let disk = SimDisk::new(3);
    let world = world_of(&disk);
    let store = support::open(&world, support::options()).unwrap();
    let before = fill(&store).unwrap();
    let old = store.begin(None).unwrap();
    let mut expected = before.clone();
    let mut txn = store.begin(None).unwrap();
    delete(&mut txn, &mut expected, (0..ROWS).filter(|id| id % 4 == 0)).unwrap();
    assert_eq!(key_files(&world), 1);
    assert_eq!(rows(&txn, "a").unwrap(), expected);
    // Rows in memory move to the disk under it.
    assert!(store.stats().hot_bytes > 1000);
    store.flush().unwrap();
    assert!(store.stats().hot_bytes < 1000);
    assert_eq!(rows(&txn, "a").unwrap(), expected);
    let kept = (txn.savepoint(), expected.clone());
    delete(&mut txn, &mut expected, (0..ROWS).filter(|id| id % 5 == 0)).unwrap();
    update(&mut txn, &mut expected, (0..ROWS).filter(|id| id % 7 == 0), 2_000).unwrap();
    assert_eq!(rows(&txn, "a").unwrap(), expected);
    txn.rollback_to(&kept.0);
    expected = kept.1;
    assert_eq!(rows(&txn, "a").unwrap(), expected);
    delete(&mut txn, &mut expected, (0..ROWS).filter(|id| id % 6 == 0)).unwrap();
    update(&mut txn, &mut expected, (0..ROWS).filter(|id| id % 7 == 0), 1_000).unwrap();
    update(&mut txn, &mut expected, (0..ROWS).filter(|id| id % 14 == 0), 3_000).unwrap();
    delete(&mut txn, &mut expected, (0..ROWS).filter(|id| id % 21 == 0)).unwrap();
    // A key that it has deleted is free for itself, one that it has not is not.
    support::insert(&mut txn, "a", &[(4, 44)]).unwrap();
    expected.insert(4, 44);
    assert_eq!(support::insert(&mut txn, "a", &[(1, 1)]).unwrap_err().code(), "23505");
    assert_eq!(rows(&txn, "a").unwrap(), expected);
    assert_eq!(rows(&old, "a").unwrap(), before);
    // And all of them to one segment, which only the commit learns of.
    let segments = store.stats().segments;
    store.maintain().unwrap();
    assert!(store.stats().segments < segments / 2);
    let backup = Path::new("/copy");
    txn.commit().unwrap();
    assert_eq!(rows(&old, "a").unwrap(), before);
    assert_eq!(now(&store).unwrap()["a"], expected);
    assert!(key_files(&world) > 0);
    drop(old);

    // Recovery, a follower and a copy find the same; the files go when the deletes are flushed.
    let image = disk.fork(9);
    std::mem::forget(store);
    disk.crash();
    let store = support::open(&world, support::options()).unwrap();
    assert_eq!(now(&store).unwrap()["a"], expected);
    assert!(key_files(&world) > 0);
    store.backup(backup, &Interrupt::default()).unwrap();
    let copy = Store::open(world.clone(), backup, support::options()).unwrap();
    assert_eq!(now(&copy).unwrap()["a"], expected);
    drop(copy);
    store.flush().unwrap();
    store.maintain().unwrap();
    assert_eq!((now(&store).unwrap()["a"].clone(), key_files(&world)), (expected.clone(), 0));
    store.close().unwrap();
    assert_tidy(&world, 1).unwrap();
    let follower = support::open(
        &world_of(&image),
        remanent_storage::store::Options { read_only: true, ..support::options() },
    )
    .unwrap();
    assert_eq!(get(&follower.begin(None).unwrap(), "a", 4).unwrap(), Some(44));
    assert_eq!(now(&follower).unwrap()["a"], expected);
}

#[test]
fn what_is_rolled_back_leaves_no_files_and_frees_the_table() {
    let disk = SimDisk::new(4);
    let world = world_of(&disk);
    let store = support::open(&world, support::options()).unwrap();
    let before = fill(&store).unwrap();
    let mut txn = store.begin(None).unwrap();
    let savepoint = txn.savepoint();
    delete(&mut txn, &mut before.clone(), 0..ROWS).unwrap();
    assert_eq!(rows(&txn, "a").unwrap(), Rows::new());
    txn.undo_to(&savepoint);
    assert_eq!(rows(&txn, "a").unwrap(), before);
    let mut other = store.begin(None).unwrap();
    support::delete(&mut other, "a", &[1], true).unwrap();
    other.commit().unwrap();
    delete(&mut txn, &mut before.clone(), 2..ROWS).unwrap();
    drop(txn);
    store.maintain().unwrap();
    assert_eq!(key_files(&world), 0);
    let expected: Rows = before.into_iter().filter(|(id, _)| *id != 1).collect();
    assert_eq!(now(&store).unwrap()["a"], expected);
}

#[test]
fn a_row_that_changed_since_the_snapshot_is_not_deleted_among_many() {
    let world = world_of(&SimDisk::new(5));
    let store = support::open(&world, support::options()).unwrap();
    let before = fill(&store).unwrap();
    let mut txn = store.begin(None).unwrap();
    let (mut places, table) = (support::places(&txn, "a").unwrap(), support::table(&txn, "a").unwrap());
    // Cold, cold and hot.
    for id in [600, 601, 602] {
        let mut other = store.begin(None).unwrap();
        support::update(&mut other, "a", &[(id, 7)], true).unwrap();
        other.commit().unwrap();
    }
    let changed: Vec<_> = [600, 601, 602].iter().map(|id| places.remove(id).unwrap()).collect();
    for some in places.values().collect::<Vec<_>>().chunks(50) {
        let (keys, at) = support::at(some);
        txn.delete(&table, &keys, &at).unwrap();
    }
    for place in &changed {
        let (keys, at) = support::at(&[place]);
        assert!(txn.delete(&table, &keys, &at).unwrap_err().is_restart(), "row {}", place.key);
    }
    assert_eq!(before.len() as i64, ROWS);
}

/// What may be there after a crash.
#[derive(Clone, Default)]
struct Seen {
    before: Option<Rows>,
    after: Option<Rows>,
    done: bool,
}

fn change(world: &World, notes: &Notes<Seen>) -> Result<()> {
    let store = support::open(world, support::options())?;
    let mut expected = fill(&store)?;
    notes.update(|seen| seen.before = Some(expected.clone()));
    let mut txn = store.begin(None)?;
    delete(&mut txn, &mut expected, (0..ROWS).filter(|id| id % 2 == 0))?;
    update(&mut txn, &mut expected, (0..ROWS).filter(|id| id % 3 == 0), 1_000)?;
    notes.update(|seen| seen.after = Some(expected.clone()));
    txn.commit()?;
    notes.update(|seen| seen.done = true);
    store.flush()?;
    store.maintain()?;
    store.close()
}

fn recover(world: &World, seen: &Seen) -> Result<()> {
    let Some(before) = &seen.before else { return Ok(()) };
    assert_eq!(format!("{:?}", check::check(world, Path::new(HOME))?.damage), "[]");
    let store = support::open(world, support::options())?;
    let found = now(&store)?;
    let after = seen.after.as_ref();
    assert!(
        Some(&found["a"]) == after || (!seen.done && found["a"] == *before),
        "{}",
        support::difference(&found, &[("a".into(), after.unwrap_or(before).clone())].into())
    );
    let expected = answers(&store.begin(None)?)?;
    store.flush()?;
    store.maintain()?;
    assert_same(&now(&store)?, &expected, "after maintenance");
    store.close()?;
    assert_tidy(world, 1)
}

#[test]
fn a_crash_beside_many_deletes_leaves_all_of_them_or_none() {
    let test = "a_crash_beside_many_deletes_leaves_all_of_them_or_none";
    let runs = Crashes::new(test).rounds(1).stride(2).recovery_stride(9).run(change, recover);
    println!("{runs} crashes");
}
