//! Large values on a disk that does its worst. (The scripts of the other files have large notes too: crashes at every
//! change, failed calls, followers, backups and salvage see them there.)

use super::support::{self, HOME, HUGE, answers, assert_tidy, create, delete, now, text, update, world_of};
use remanent_storage::Result;
use remanent_storage::segment::blob::FOLDER;
use remanent_storage::store::salvage::salvage;
use remanent_storage::store::{Options, Store, check};
use remanent_storage::txn::{Interrupt, Txn};
use remanent_storage::world::sim::{Fault, Op, SimDisk, seeds};
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn start(disk: &SimDisk, options: Options) -> Arc<Store> {
    let store = support::open(&world_of(disk), options).unwrap();
    change(&store, |txn| create(txn, "a"));
    store
}

fn change(store: &Store, body: impl FnOnce(&mut Txn) -> Result<()>) {
    let mut txn = store.begin(None).unwrap();
    body(&mut txn).and_then(|()| txn.commit()).unwrap();
}

fn insert(store: &Store, ids: std::ops::Range<i64>) {
    let rows: Vec<(i64, u64)> = ids.map(|id| (id, HUGE + id as u64)).collect();
    change(store, |txn| support::insert(txn, "a", &rows));
}

fn files(disk: &SimDisk) -> Vec<PathBuf> {
    disk.files().into_iter().filter(|path| path.parent() == Some(&Path::new(HOME).join(FOLDER))).collect()
}

fn bytes(disk: &SimDisk) -> usize {
    files(disk).iter().map(|path| disk.contents(path).unwrap().len()).sum()
}

#[test]
fn a_file_goes_with_its_last_row_and_no_sooner() {
    let disk = SimDisk::new(1);
    let store = start(&disk, support::options());
    insert(&store, 0..20);
    store.flush().unwrap();
    // Beside the live ones, a snapshot sees them until it ends.
    let reader = store.begin(None).unwrap();
    change(&store, |txn| delete(txn, "a", &(0..20).collect::<Vec<_>>(), false));
    for _ in 0..3 {
        store.maintain().unwrap();
    }
    assert_eq!(answers(&reader).unwrap()["a"].len(), 20);
    assert!(files(&disk).len() > 4);
    drop(reader);
    for _ in 0..3 {
        store.maintain().unwrap();
    }
    assert_eq!(files(&disk), Vec::<PathBuf>::new());
    store.close().unwrap();
}

#[test]
fn rows_that_live_keep_their_values_through_updates_flushes_and_merges() {
    seeds("rows_that_live_keep_their_values_through_updates_flushes_and_merges", 10, |seed| {
        let disk = SimDisk::new(seed);
        let store = start(&disk, support::options());
        insert(&store, 0..12);
        let written = store.stats().blob_written;
        for round in 0..12 {
            store.flush().unwrap();
            store.maintain().unwrap();
            change(&store, |txn| support::insert(txn, "a", &[(1000 + round, 3)]));
        }
        let stats = store.stats();
        assert!(stats.merge_written > 0);
        // Never copied by flush and merge.
        assert_eq!(stats.blob_written, written);
        let found = now(&store).unwrap();
        assert_eq!(found["a"].iter().filter(|(_, n)| **n >= HUGE).count(), 12);
        store.close().unwrap();
        assert_tidy(&world_of(&disk), 1).unwrap();
    });
}

#[test]
fn a_ring_buffer_needs_bounded_space_and_moves_nothing() {
    let disk = SimDisk::new(3);
    let store = start(&disk, support::options());
    let (mut most, mut put) = (0, 0);
    for id in 0..600 {
        insert(&store, id..id + 1);
        put += text(HUGE + id as u64).len();
        if id >= 30 {
            change(&store, |txn| delete(txn, "a", &[id - 30], false));
        }
        store.maintain().unwrap();
        most = most.max(bytes(&disk));
    }
    // 30 live ones of 14 KB on average; two files' worth named by hot rows, four of dead bytes, two open ones.
    assert!(most < 30 * 20_000 * 5 / 3 + 8 * (48 << 10) + 20_000, "{most}");
    assert!(store.stats().blob_written < put as u64 * 11 / 10, "{put} {:?}", store.stats());
    assert_eq!(now(&store).unwrap()["a"].len(), 30);
    store.close().unwrap();
    assert_tidy(&world_of(&disk), 1).unwrap();
}

/// One in ten rows lives on: files of which little lives are emptied.
#[test]
fn living_values_are_moved_out_of_mostly_dead_files() {
    let disk = SimDisk::new(4);
    let store = start(&disk, support::options());
    for id in 0..400 {
        insert(&store, id..id + 1);
        if id % 10 != 0 {
            change(&store, |txn| delete(txn, "a", &[id], false));
        }
        store.maintain().unwrap();
    }
    for _ in 0..20 {
        store.flush().unwrap();
        store.maintain().unwrap();
    }
    let live: usize = (0..400).step_by(10).map(|id| text(HUGE + id).len()).sum();
    assert!(bytes(&disk) < live * 2 + 7 * (48 << 10), "{} {live}", bytes(&disk));
    assert_eq!(now(&store).unwrap()["a"].len(), 40);
    store.close().unwrap();
    assert_tidy(&world_of(&disk), 1).unwrap();
    let store = support::open(&world_of(&disk), support::options()).unwrap();
    assert_eq!(now(&store).unwrap()["a"].len(), 40);
}

#[test]
fn what_is_rolled_back_or_refused_leaves_no_file() {
    let disk = SimDisk::new(5);
    let store = start(&disk, support::options());
    let mut txn = store.begin(None).unwrap();
    support::insert(&mut txn, "a", &(0..10).map(|id| (id, HUGE)).collect::<Vec<_>>()).unwrap();
    txn.rollback();
    store.maintain().unwrap();
    assert_eq!(files(&disk), Vec::<PathBuf>::new());
    // A crash in the middle: the next open removes what nothing names.
    let mut txn = store.begin(None).unwrap();
    support::insert(&mut txn, "a", &[(1, HUGE)]).unwrap();
    std::mem::forget(txn);
    std::mem::forget(store);
    disk.restart();
    assert!(!files(&disk).is_empty());
    let store = support::open(&world_of(&disk), support::options()).unwrap();
    assert_eq!(files(&disk), Vec::<PathBuf>::new());
    store.close().unwrap();
}

/// The one that writes a commit's record has synced what it names, also where the commit itself does not wait.
#[test]
fn a_record_names_only_what_is_synced() {
    for durable in [true, false] {
        seeds("a_record_names_only_what_is_synced", 60, |seed| {
            let disk = SimDisk::new(seed);
            let store = start(&disk, support::options());
            store.flush().unwrap();
            for id in 0..4 {
                let mut txn = store.begin(Some(durable)).unwrap();
                support::insert(&mut txn, "a", &[(id, HUGE + id as u64)]).unwrap();
                txn.commit().unwrap();
            }
            std::mem::forget(store);
            disk.crash();
            let store = support::open(&world_of(&disk), support::options()).unwrap();
            // Reads every value, so one that was lost is an error here.
            let found = now(&store).unwrap();
            assert!(!durable || found["a"].len() == 4);
        });
    }
}

#[test]
fn a_failed_sync_of_a_blob_file_refuses_every_later_write() {
    for op in [Op::Sync, Op::SyncDir] {
        let disk = SimDisk::new(7);
        let store = start(&disk, support::options());
        insert(&store, 0..1);
        // So that the next one begins a file.
        change(&store, |txn| support::insert(txn, "a", &(10..14).map(|id| (id, HUGE)).collect::<Vec<_>>()));
        disk.inject(Fault::on(op).of("/blob"));
        let put = |ids: std::ops::Range<i64>| {
            let mut txn = store.begin(None)?;
            support::insert(&mut txn, "a", &ids.map(|id| (id, HUGE)).collect::<Vec<_>>())?;
            txn.commit()
        };
        let first = (20..28).map(|id| put(id..id + 1)).find(Result::is_err).unwrap().unwrap_err();
        assert!(first.code() == "58030" && first.message().contains("accepts no more"), "{first}");
        assert_eq!(put(30..31).unwrap_err().code(), "58030");
        let before = now(&store).unwrap();
        let _ = store.close();
        disk.crash();
        let store = support::open(&world_of(&disk), support::options()).unwrap();
        assert_eq!(now(&store).unwrap(), before);
    }
}

#[test]
fn a_full_disk_costs_the_statement_and_nothing_else() {
    let disk = SimDisk::new(8);
    let store = start(&disk, support::options());
    insert(&store, 0..3);
    disk.set_capacity(disk.used());
    let mut txn = store.begin(None).unwrap();
    let refused = support::insert(&mut txn, "a", &[(5, HUGE)]).unwrap_err();
    assert_eq!(refused.code(), "53100", "{refused}");
    txn.rollback();
    assert_eq!(now(&store).unwrap()["a"].len(), 3);
    disk.set_capacity(1 << 30);
    insert(&store, 5..9);
    assert_eq!(now(&store).unwrap()["a"].len(), 7);
    store.close().unwrap();
    assert_tidy(&world_of(&disk), 1).unwrap();
}

/// A closed database with five large values in files of their own kind, and other rows.
fn five() -> SimDisk {
    let disk = SimDisk::new(9);
    let store = start(&disk, support::options());
    insert(&store, 0..5);
    change(&store, |txn| support::insert(txn, "a", &[(100, 1), (101, 2)]));
    change(&store, |txn| update(txn, "a", &[(101, HUGE + 7)], true));
    store.close().unwrap();
    disk
}

#[test]
fn a_wrong_bit_in_a_page_is_an_error_with_its_place_and_costs_that_row() {
    let disk = five();
    let [path] = &files(&disk)[..] else {
        return each_bit(&disk);
    };
    panic!("only {}", path.display());
}

fn each_bit(disk: &SimDisk) {
    let (mut errors, mut places) = (0, std::collections::BTreeSet::new());
    for path in files(disk) {
        let len = disk.contents(&path).unwrap().len() as u64;
        for byte in (0..len).step_by(1201).chain(0..40) {
            let damaged = disk.fork(byte);
            damaged.flip_bit(&path, byte * 8 + byte % 8);
            let world = world_of(&damaged);
            let report = check::check(&world, Path::new(HOME)).unwrap();
            let store = support::open(&world, support::options()).unwrap();
            let read = now(&store);
            // A page of a named value, or the header: everything in these files is.
            let error = read.expect_err("a wrong bit was not seen");
            assert!(["XX001", "0A000"].contains(&error.code()), "{error}");
            assert!(error.to_string().contains(&*path.to_string_lossy()), "{error}");
            assert!(!report.damage.is_empty() && !report.lost.is_empty(), "byte {byte}");
            places.insert(error.to_string());
            std::mem::forget(store);
            damaged.restart();
            let saved = salvage(&world_of(&damaged), Path::new(HOME), Path::new("/saved")).unwrap();
            let table = &saved.tables[0];
            assert_eq!(table.rows + table.lost, 7, "{saved:?}");
            let lost: u64 = report.lost.iter().filter_map(|loss| loss.rows).sum();
            assert_eq!(table.lost, lost, "{saved:?} {report:?}");
            if byte >= 16 {
                assert_eq!(table.lost, 1, "{saved:?}");
            }
            errors += 1;
        }
    }
    assert!(errors > 100 && places.len() > 5, "{errors} {places:?}");
}

#[test]
fn a_missing_file_costs_its_rows() {
    let disk = five();
    for path in files(&disk) {
        let damaged = disk.fork(1);
        let world = world_of(&damaged);
        world.disk.remove(&path).unwrap();
        let report = check::check(&world, Path::new(HOME)).unwrap();
        assert!(report.damage.iter().any(|e| e.message().contains("missing")), "{report:?}");
        let saved = salvage(&world, Path::new(HOME), Path::new("/saved")).unwrap();
        assert_eq!(saved.tables[0].lost, report.lost.len() as u64);
        assert!(saved.tables[0].lost > 0);
    }
}

#[test]
fn a_backup_has_the_values_and_outlives_the_original() {
    for links in [true, false] {
        let disk = SimDisk::new(11);
        let store = start(&disk, support::options());
        insert(&store, 0..6);
        if !links {
            disk.inject(Fault::on(Op::HardLink).forever());
        }
        let expected = now(&store).unwrap();
        store.backup(Path::new("/backup"), &Interrupt::default()).unwrap();
        change(&store, |txn| delete(txn, "a", &[0, 1, 2, 3, 4, 5], false));
        insert(&store, 10..14);
        for _ in 0..3 {
            store.flush().unwrap();
            store.maintain().unwrap();
        }
        let copy = Store::open(world_of(&disk), Path::new("/backup"), support::options()).unwrap();
        assert_eq!(now(&copy).unwrap(), expected);
        insert(&copy, 20..24);
        assert_eq!(now(&copy).unwrap()["a"].len(), 10);
        assert_eq!(now(&store).unwrap()["a"].len(), 4);
        let whole = check::check(&world_of(&disk), Path::new("/nowhere"));
        assert_eq!(whole.unwrap_err().code(), "3D000");
    }
}
