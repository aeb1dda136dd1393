//! The manifest: all of a commit or nothing of it, after any crash; damage is never believed.

mod crash;
mod damage;
mod model;

use remanent_storage::store::manifest::{Edit, Manifest, SegmentMeta, State, verify};
use remanent_storage::world::Disk;
use remanent_storage::world::sim::SimDisk;
use remanent_storage::{Error, Result};
use std::path::Path;
use std::sync::Arc;

const DIR: &str = "/db";
const FILE: &str = "/db/MANIFEST";

fn shared(disk: &SimDisk) -> Arc<dyn Disk> {
    Arc::new(disk.clone())
}

fn create(disk: &SimDisk, edits: &[Edit]) -> Result<Manifest> {
    disk.create_dir(Path::new(DIR)).unwrap();
    Manifest::create(&shared(disk), Path::new(DIR), edits)
}

fn open(disk: &SimDisk) -> Result<(Manifest, State)> {
    Manifest::open(&shared(disk), Path::new(DIR))
}

fn check(disk: &SimDisk) -> (Option<State>, Vec<Error>) {
    let mut errors = Vec::new();
    let state = verify(disk, Path::new(DIR), &mut |e| errors.push(e));
    (state, errors)
}

fn segment(id: u32) -> SegmentMeta {
    SegmentMeta {
        id,
        rows: 1000 + id,
        bytes: 1 << 33,
        created_min: 5,
        created_max: 1 << 40,
        level: 2,
        min_key: vec![1, 2, 3],
        max_key: vec![0xff; 200],
        parts: vec![0, 300],
        deletes: 0,
        blobs: vec![],
    }
}

fn hex(bytes: &[u8]) -> String {
    let line = |(i, line): (usize, &[u8])| {
        let cells: String = line.iter().map(|b| format!(" {b:02x}")).collect();
        format!("{:03x} {cells}\n", i * 16)
    };
    bytes.chunks(16).enumerate().map(line).collect()
}

/// One edit of every kind, in two frames.
fn every_kind() -> (Vec<Edit>, Vec<Edit>) {
    let first = vec![
        Edit::Identity { id: 0xfeed },
        Edit::Epoch { epoch: 1 },
        Edit::NextFile { id: 9 },
        Edit::AddSegment { table: 1, segment: SegmentMeta { max_key: vec![9], ..segment(7) } },
        Edit::AddSegment { table: 2, segment: SegmentMeta { max_key: vec![9], parts: vec![], ..segment(8) } },
        Edit::AddMarks { file: 5, bytes: 300 },
        Edit::NextRowId { table: 1, id: -3 },
    ];
    let second = vec![
        Edit::SetDeletes { segment: 7, generation: 2 },
        Edit::RemoveSegment { segment: 8 },
        Edit::RemoveMarks { file: 5 },
        Edit::Flushed { table: 1, lsn: 1 << 40 },
        Edit::DropTable { table: 2 },
        Edit::LogFloor { lsn: 77 },
    ];
    (first, second)
}

#[test]
fn every_kind_of_edit_to_the_letter() {
    let disk = SimDisk::new(1);
    let (first, second) = every_kind();
    let manifest = create(&disk, &first).unwrap();
    manifest.commit(&second).unwrap();
    assert_eq!(hex(&disk.contents(FILE).unwrap()), include_str!("golden_manifest.txt"));
}

#[test]
fn the_golden_bytes_are_a_manifest() {
    let digits = include_str!("golden_manifest.txt").lines().flat_map(|l| l[3..].split_whitespace());
    let bytes: Vec<u8> = digits.map(|d| u8::from_str_radix(d, 16).unwrap()).collect();
    let disk = SimDisk::new(1);
    disk.put(FILE, &bytes);
    let (_, state) = open(&disk).unwrap();
    let mut want = State::default();
    let (first, second) = every_kind();
    first.iter().chain(&second).for_each(|edit| want.apply(edit).unwrap());
    assert_eq!(state, want);
    assert_eq!((state.epoch, state.log_floor, state.next_file, state.identity), (1, 77, 9, 0xfeed));
    let segments: Vec<_> = state.segments_of(1).map(|s| (s.id, s.deletes)).collect();
    assert_eq!(segments, [(7, 2)]);
    assert_eq!(state.next_row_id.get(&1), Some(&-3));
}

#[test]
fn the_example_of_the_format_page() {
    let disk = SimDisk::new(1);
    create(&disk, &[Edit::Epoch { epoch: 1 }]).unwrap();
    let bytes = disk.contents(FILE).unwrap();
    let page = include_str!("../../src/store/manifest/mod.rs");
    for line in hex(&bytes).lines() {
        let cells: Vec<&str> = line[3..].split_whitespace().collect();
        let (left, right) = cells.split_at(cells.len().min(8));
        let shown = match right.is_empty() {
            true => format!("//! {}  {}", &line[1..3], left.join(" ")),
            false => format!("//! {}  {}  {}", &line[1..3], left.join(" "), right.join(" ")),
        };
        assert!(page.contains(&shown), "the page lacks\n{shown}");
    }
}

#[test]
fn a_commit_is_one_write_and_one_sync() {
    let disk = SimDisk::new(1);
    let manifest = create(&disk, &[]).unwrap();
    let before = disk.counters();
    manifest.commit(&[Edit::Epoch { epoch: 1 }, Edit::NextFile { id: 2 }]).unwrap();
    let after = disk.counters();
    assert_eq!(
        (after.writes - before.writes, after.syncs - before.syncs, after.dir_syncs - before.dir_syncs),
        (1, 1, 0)
    );
}

#[test]
fn what_is_no_database_is_told_so() {
    let disk = SimDisk::new(1);
    disk.create_dir(Path::new(DIR)).unwrap();
    let error = open(&disk).unwrap_err();
    assert_eq!((error.code(), error.message()), ("3D000", "\"/db\" is not a Remanent database"));
    for other in [&b""[..], b"SQLite format 3\0 and much more of it", b"REM", &[0; 4096]] {
        disk.put(FILE, other);
        assert_eq!(open(&disk).unwrap_err().code(), "3D000");
        assert_eq!(check(&disk).1[0].code(), "3D000");
    }
    let mut later = *b"REMANENT\x02\0\0\0....";
    let crc = crc32c::crc32c(&later[..12]);
    later[12..].copy_from_slice(&crc.to_le_bytes());
    disk.put(FILE, &later);
    assert_eq!(open(&disk).unwrap_err().code(), "0A000");
}

#[test]
fn a_database_is_not_made_twice() {
    let disk = SimDisk::new(1);
    create(&disk, &[]).unwrap();
    assert_eq!(create(&disk, &[]).unwrap_err().code(), "58P02");
}

#[test]
fn contradictions_are_refused_and_change_nothing() {
    let disk = SimDisk::new(1);
    let manifest = create(&disk, &[Edit::AddSegment { table: 1, segment: segment(1) }]).unwrap();
    let before = (disk.contents(FILE), manifest.state());
    for edit in [
        Edit::AddSegment { table: 2, segment: segment(1) },
        Edit::RemoveSegment { segment: 2 },
        Edit::SetDeletes { segment: 2, generation: 1 },
        Edit::RemoveMarks { file: 1 },
    ] {
        let error = manifest.commit(&[Edit::Epoch { epoch: 9 }, edit]).unwrap_err();
        assert_eq!(error.code(), "XX000");
        assert_eq!((disk.contents(FILE), manifest.state()), before);
    }
    manifest.commit(&[Edit::Epoch { epoch: 9 }]).unwrap();
}

#[test]
fn numbers_that_rise_never_fall() {
    let mut state = State::default();
    for n in [5u32, 3, 9, 1] {
        let (lsn, id) = (u64::from(n), i64::from(n));
        for edit in [
            Edit::Epoch { epoch: lsn },
            Edit::LogFloor { lsn },
            Edit::NextFile { id: n },
            Edit::Flushed { table: 1, lsn },
            Edit::NextRowId { table: 1, id },
        ] {
            state.apply(&edit).unwrap();
        }
    }
    assert_eq!((state.epoch, state.log_floor, state.next_file), (9, 9, 9));
    assert_eq!((state.flushed.get(&1), state.next_row_id.get(&1)), (Some(&9), Some(&9)));
}
