//! The bytes of a small log, to the letter.

use super::{DIR, FIRST};
use remanent_storage::log::{Log, LogOptions};
use remanent_storage::world::World;
use remanent_storage::world::sim::{SimDisk, SimWorld};
use remanent_storage::world::{Clock, Disk};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// A clock that counts up from 5.
struct Counting(std::sync::atomic::AtomicI64);

impl Clock for Counting {
    fn now(&self) -> i64 {
        self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
    }
    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
}

fn hex(bytes: &[u8]) -> String {
    let line = |(i, line): (usize, &[u8])| {
        let cells: String = line.iter().map(|b| format!(" {b:02x}")).collect();
        format!("{:03x} {cells}\n", i * 16)
    };
    bytes.chunks(16).enumerate().map(line).collect()
}

/// The log of the format page's example, closed.
fn example() -> (SimDisk, World) {
    let sim = SimWorld::new(1);
    let world = World { clock: Arc::new(Counting(5.into())), ..sim.world() };
    let options = LogOptions { file_size: 4096, ready: 2, salt: 0 };
    let log = Log::open(&world, Path::new(DIR), options, 0, 1, &mut |_| Ok(())).unwrap();
    let ticket = log.append(b"hi".to_vec()).unwrap();
    log.sync_to(&ticket).unwrap();
    log.close().unwrap();
    (sim.disk().clone(), world)
}

#[test]
fn one_record_and_a_closing_mark_to_the_letter() {
    let bytes = example().0.contents(FIRST).unwrap();
    assert_eq!(bytes.len(), 4096);
    let used = 64 + 56 + 2 + 56;
    assert_eq!(hex(&bytes[..used]), include_str!("golden_log.txt"));
    assert!(bytes[used..].iter().all(|&b| b == 0));
}

#[test]
fn the_golden_bytes_are_a_log() {
    // What version 1 wrote must stay readable: the bytes come from the file, not from the writer.
    let digits = include_str!("golden_log.txt").lines().flat_map(|l| l[3..].split_whitespace());
    let mut bytes: Vec<u8> = digits.map(|d| u8::from_str_radix(d, 16).unwrap()).collect();
    bytes.resize(4096, 0);
    let disk = SimDisk::new(1);
    disk.put(FIRST, &bytes);
    let world = SimWorld::with_disk(1, disk).world();
    let options = LogOptions { file_size: 4096, ready: 2, salt: 0 };
    let mut seen = Vec::new();
    Log::open(&world, Path::new(DIR), options, 0, 2, &mut |r| {
        seen.push((r.epoch, r.lsn, r.time, r.body));
        Ok(())
    })
    .unwrap();
    assert_eq!(seen, [(1, 1, 5, b"hi".to_vec())]);
}

#[test]
fn a_log_of_a_later_version_is_refused_by_name() {
    let (disk, world) = example();
    let mut bytes = disk.contents(FIRST).unwrap();
    bytes[8] = 2;
    let seed = crc32c::crc32c_append(0, &1u64.to_le_bytes());
    let crc = crc32c::crc32c_append(seed, &bytes[..60]);
    bytes[60..64].copy_from_slice(&crc.to_le_bytes());
    disk.put(FIRST, &bytes);
    let options = LogOptions { file_size: 4096, ready: 2, salt: 0 };
    let error = Log::open(&world, Path::new(DIR), options, 0, 2, &mut |_| Ok(())).unwrap_err();
    assert_eq!(error.code(), "0A000");
    assert!(error.message().contains("log format 2"), "{error}");
}

#[test]
fn a_commit_is_one_write_and_one_sync_and_a_mark_once_in_a_while() {
    let sim = SimWorld::new(1);
    let disk = sim.disk().clone();
    let log = Log::open(&sim.world(), Path::new(DIR), LogOptions::default(), 0, 1, &mut |_| Ok(())).unwrap();
    let before = disk.counters();
    for _ in 0..10 {
        super::put(&log, "x").unwrap();
    }
    let after = disk.counters();
    assert_eq!(
        (after.writes - before.writes, after.syncs - before.syncs, after.dir_syncs - before.dir_syncs),
        (10, 10, 0)
    );
    log.sync_all().unwrap();
    assert_eq!(disk.counters(), after);
    log.idle_mark().unwrap();
    log.idle_mark().unwrap();
    let marked = disk.counters();
    assert_eq!((marked.writes - after.writes, marked.syncs - after.syncs), (1, 1));
    assert_eq!(disk.list(Path::new(DIR)).unwrap()[0].len, 4 << 20);
}
