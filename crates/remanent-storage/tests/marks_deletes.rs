//! Delete marks against a model, and their files.

mod cold_support;

use cold_support::*;
use proptest::prelude::{ProptestConfig, proptest};
use remanent_storage::segment::{Deletes, MarkEntry, RowSet, read_marks, verify_marks, write_marks};
use std::collections::BTreeMap;
use std::path::Path;

/// Compares marks with a map from row to lsn, in which what is settled is 0.
fn check(deletes: &Deletes, model: &BTreeMap<u32, u64>, rows: u32, horizon: u64, rng: &mut Rng) {
    assert_eq!(deletes.count(), model.len() as u64);
    assert_eq!(deletes.is_empty(), model.is_empty());
    for _ in 0..30 {
        let row = rng.below(rows.into()) as u32;
        assert_eq!(deletes.deleted_at(row), model.get(&row).copied(), "row {row}");
        let snapshot = horizon + rng.below(60);
        let gone = |row: u32| model.get(&row).is_some_and(|&lsn| lsn <= snapshot);
        assert_eq!(deletes.is_deleted(row, snapshot), gone(row));
        let start = rng.below(rows.into()) as u32;
        let end = (start + rng.below(3000) as u32).min(rows);
        let expected: Vec<u32> = (start..end).filter(|&r| !gone(r)).map(|r| r - start).collect();
        match deletes.visible(start..end, snapshot) {
            None => assert_eq!(expected.len(), (end - start) as usize),
            Some(visible) => assert_eq!(visible, expected),
        }
    }
    let since = horizon + rng.below(50);
    let mut later: Vec<(u64, u32)> =
        model.iter().filter(|(_, lsn)| **lsn > since).map(|(row, lsn)| (*lsn, *row)).collect();
    later.sort();
    let mut said: Vec<_> = deletes.since(since).iter().collect();
    said.sort_unstable();
    assert_eq!(said, later);
    let settled: RowSet = model.iter().filter(|(_, lsn)| **lsn == 0).map(|(row, _)| *row).collect();
    assert_eq!(deletes.settled(), &settled);
    let recent: Vec<(u64, u32)> = deletes
        .recent()
        .iter()
        .flat_map(|(lsn, set)| set.iter().map(|r| (*lsn, r)).collect::<Vec<_>>())
        .collect();
    let mut all: Vec<(u64, u32)> = model.iter().filter(|(_, l)| **l > 0).map(|(r, l)| (*l, *r)).collect();
    all.sort();
    assert_eq!(recent, all);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]

    #[test]
    fn marks_against_a_model(seed: u64, rows in 1u32..20_000) {
        let mut rng = Rng(seed);
        let (mut deletes, mut model) = (Deletes::default(), BTreeMap::new());
        let (mut lsn, mut horizon) = (0, 0);
        for _ in 0..40 {
            let (before, before_model) = (deletes.clone(), model.clone());
            lsn += 1 + rng.below(2);
            if rng.chance(12) {
                horizon += rng.below(lsn - horizon + 1);
                deletes.settle(horizon);
                model.values_mut().filter(|l| **l <= horizon).for_each(|l| *l = 0);
            } else if rng.chance(2) {
                for _ in 0..rng.below(100) {
                    lsn += 1;
                    let row = rng.below(rows.into()) as u32;
                    assert_eq!(deletes.mark_one(lsn, row), !model.contains_key(&row));
                    model.entry(row).or_insert(lsn);
                }
            } else {
                let n = if rng.chance(5) { rng.below(2000) } else { rng.below(20) };
                let marked: Vec<u32> = (0..n).map(|_| rng.below(rows.into()) as u32).collect();
                match rng.chance(4) {
                    true => deletes.mark_set(lsn, &marked.iter().copied().collect()),
                    false => deletes.mark(lsn, &marked),
                }
                marked.into_iter().for_each(|row| { model.entry(row).or_insert(lsn); });
            }
            check(&deletes, &model, rows, horizon, &mut rng);
            if rng.chance(10) {
                // What others hold does not change.
                check(&before, &before_model, rows, horizon, &mut rng);
            }
        }
    }
}

fn set(rows: &[u32]) -> RowSet {
    rows.iter().copied().collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[test]
fn a_file_of_marks_in_bytes() {
    let (disk, path) = (MemDisk::default(), Path::new("seg/0000000002.marks"));
    let entries = [MarkEntry { segment: 7, lsn: 9, rows: set(&[1, 2]) }];
    assert_eq!(write_marks(&disk, path, &entries).unwrap(), 56);
    let expected = "52454d4d41524b01\
                    01000000ac335f8c\
                    7676fd1907000000090000000000000014000000\
                    3a300000010000000000010010000000\
                    01000200";
    assert_eq!(hex(&disk.bytes(path)), expected);
    assert_eq!(read_marks(&disk, path).unwrap(), entries);
}

#[test]
fn marks_come_back_and_are_synced() {
    let (disk, path) = (MemDisk::default(), Path::new("seg/0000000003.marks"));
    let mut rng = Rng(5);
    let mut wild = |n: u64| (0..n).map(|_| rng.next() as u32).collect::<RowSet>();
    let entries: Vec<MarkEntry> = (0..100)
        .map(|i| MarkEntry { segment: i % 7, lsn: u64::from(i) << 20, rows: wild(u64::from(i) * 20) })
        .collect();
    let bytes = write_marks(&disk, path, &entries).unwrap();
    assert_eq!(disk.bytes(path).len() as u64, bytes);
    let synced = disk.synced(path);
    assert_eq!(*synced.last().unwrap() as u64, bytes);
    assert!(synced.windows(2).all(|pair| pair[1] - pair[0] <= 512 << 10));
    assert_eq!(read_marks(&disk, path).unwrap(), entries);
    assert_eq!(write_marks(&disk, path, &entries).unwrap_err().code(), "58030");
}

#[test]
fn every_damaged_byte_and_every_lost_one_is_found() {
    let (disk, path) = (MemDisk::default(), Path::new("seg/0000000007.1.del"));
    let entries = [
        MarkEntry { segment: 7, lsn: 0, rows: (0..5000).step_by(3).collect() },
        MarkEntry { segment: 8, lsn: 12, rows: set(&[]) },
    ];
    write_marks(&disk, path, &entries).unwrap();
    let whole = disk.bytes(path);
    let found = |bytes: &[u8]| {
        disk.put(path, bytes.to_vec());
        let mut found = 0;
        verify_marks(&disk, path, &mut |e| {
            assert_eq!(e.code(), "XX001");
            found += 1;
        });
        found == 1
    };
    assert!(!found(&whole));
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << (at % 8);
        assert!(found(&bytes), "byte {at}");
        assert!(found(&whole[..at]), "{at} bytes");
    }
    assert!(found(&[&whole[..], &[0]].concat()));
}
