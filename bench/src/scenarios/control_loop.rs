//! A robot's loop: 200 inserts a second, and how long each takes from call to return, beside two readers, forced flushes
//! and merges.
//!
//! The device itself now and then takes milliseconds, more in some minutes than in others, and so does the scheduler beside
//! busy readers. So a bare write and sync stands in the same loop, half a period from each insert: same thread,
//! same readers, same background, same instants of the device.
//!
//! ```text
//! ms      0        2.5       5        7.5       10
//!         insert   bare      insert   bare      insert ...
//! ```
//!
//! The bare side writes as many bytes as a record has, behind each other into a preallocated file, as the log does. With
//! synchronous off neither syncs. The rows have keys without order between a million that came in 16 loads, each of
//! which covers all keys, so that flushes overlap and merges follow.

use super::{fresh, setting};
use crate::engine::{AGGREGATES, Engine, Keys, Setup, Sync};
use crate::measure::percentile;
use crate::peers::{Peer, REMANENT, SQLITE};
use crate::table::{Asked, figure, less};
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

pub const PERIOD: Duration = Duration::from_millis(5);
/// Bytes of a record of one row: its header and the row.
const RECORD: usize = 128;
const LOADS: i64 = 16;
const ROWS: i64 = 1_000_000;

/// How long each took from call to return.
#[derive(Default)]
struct Samples {
    insert: Vec<Duration>,
    bare: Vec<Duration>,
}

impl Samples {
    fn add(&mut self, other: Samples) {
        self.insert.extend(other.insert);
        self.bare.extend(other.bare);
    }

    fn sort(&mut self) {
        self.insert.sort_unstable();
        self.bare.sort_unstable();
    }
}

pub fn durable() {
    let [ours, theirs] = pooled(Setup::FULL);
    for (name, share, asked) in [("median", 0.5, None), ("p99", 0.99, None), ("p99.9", 0.999, Some(100.0))] {
        rows("loop", "200 Hz durable insert", name, share, asked, &ours, &theirs);
    }
    rows("loop", "200 Hz durable insert", "max", 1.0, Some(1000.0), &ours, &theirs);
}

pub fn off() {
    let [ours, theirs] = pooled(Setup::OFF);
    let what = "200 Hz insert, synchronous off";
    for (name, share, asked) in [
        ("median", 0.5, Asked::Nothing),
        ("p99.9", 0.999, Asked::AtMost(50.0)),
        ("max", 1.0, Asked::AtMost(2000.0)),
    ] {
        let [mine, his, bare] = [&ours.insert, &theirs.insert, &ours.bare].map(|all| micros(all, share));
        let his_bare = micros(&theirs.bare, share);
        less("loop-off", format!("{what}, {name}"), "µs").row(mine, &[("SQLite", his)], asked);
        let over = format!("{name}, over bare write ({} and {} µs)", figure(bare), figure(his_bare));
        less("loop-off", over, "µs").difference(mine - bare, ("SQLite", his - his_bare), Asked::Nothing);
    }
}

fn micros(samples: &[Duration], share: f64) -> f64 {
    percentile(samples, share).as_secs_f64() * 1e6
}

/// The figure itself, and what lies over the bare loop of the same run.
fn rows(
    scenario: &str,
    what: &str,
    name: &str,
    share: f64,
    most: Option<f64>,
    ours: &Samples,
    theirs: &Samples,
) {
    let [mine, his] = [ours, theirs].map(|all| micros(&all.insert, share));
    let [bare, his_bare] = [ours, theirs].map(|all| micros(&all.bare, share));
    less(scenario, format!("{what}, {name}"), "µs").row(mine, &[("SQLite", his)], Asked::Nothing);
    let over = format!("{name}, over bare write and sync ({} and {} µs)", figure(bare), figure(his_bare));
    let asked = most.map_or(Asked::Nothing, Asked::AtMost);
    less(scenario, over, "µs").difference(mine - bare, ("SQLite", his - his_bare), asked);
}

/// Interleaved runs of both engines, pooled. SQLite's are half as long.
fn pooled(setup: Setup) -> [Samples; 2] {
    let time = Duration::from_secs(setting("BENCH_SECONDS", 20));
    let mut pool: [Samples; 2] = Default::default();
    for _ in 0..setting("BENCH_RUNS", 5) {
        for ((peer, time), pool) in [(REMANENT, time), (SQLITE, time / 2)].into_iter().zip(&mut pool) {
            pool.add(run(peer, setup, time));
        }
    }
    pool.iter_mut().for_each(Samples::sort);
    pool
}

/// One run of one engine in a fresh directory.
fn run(peer: Peer, setup: Setup, time: Duration) -> Samples {
    let dir = fresh();
    let db = (peer.open)(dir.path(), setup);
    // Every second key is left for the loop.
    for load in 0..LOADS {
        let keys = Keys { from: 0, rows: ROWS / LOADS, first: load * 2, step: LOADS * 2, scattered: false };
        db.session().bulk(keys);
    }
    let before = db.written();
    let stop = AtomicBool::new(false);
    let samples = std::thread::scope(|scope| {
        let (db, stop) = (&*db, &stop);
        scope.spawn(move || scanning_reader(db, stop));
        scope.spawn(move || point_reader(db, stop));
        scope.spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                std::thread::sleep(Duration::from_millis(500));
                db.flush();
            }
        });
        let samples = beat(db, setup, time, dir.path());
        stop.store(true, Ordering::Relaxed);
        samples
    });
    if let (Some(before), Some(after)) = (before, db.written()) {
        let [log, flush, merge] = [0, 1, 2].map(|i| figure(after[i] - before[i]));
        eprintln!("loop: wrote log {log}, flush {flush}, merge {merge} bytes");
    }
    samples
}

fn scanning_reader(db: &dyn Engine, stop: &AtomicBool) {
    let mut session = db.session();
    while !stop.load(Ordering::Relaxed) {
        session.scalar(AGGREGATES[0]);
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn point_reader(db: &dyn Engine, stop: &AtomicBool) {
    let mut session = db.session();
    let keys: Vec<i64> = Keys::scattered(0, 500).iter().map(|key| key % ROWS * 2).collect();
    while !stop.load(Ordering::Relaxed) {
        session.points(&keys);
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A file of its final size, to which the bare side writes.
pub struct Preallocated(File);

impl Preallocated {
    pub fn in_dir(dir: &Path) -> Self {
        let file = File::create(dir.join("bare")).unwrap();
        // A page at a time, as the log is filled: what came in one piece is dearer to write to on ext4.
        (0..1024).for_each(|page| file.write_all_at(&[0; 4096], page * 4096).unwrap());
        file.sync_all().unwrap();
        Preallocated(file)
    }

    /// One record's worth of bytes, at its place.
    pub fn write(&self, place: i64, sync: bool) {
        self.0.write_all_at(&[7; RECORD], place as u64 * RECORD as u64).unwrap();
        if sync {
            self.0.sync_data().unwrap();
        }
    }
}

/// Inserts and bare writes in turn, each at 200 Hz, half a period apart.
fn beat(db: &dyn Engine, setup: Setup, time: Duration, dir: &Path) -> Samples {
    let file = Preallocated::in_dir(dir);
    let mut session = db.session();
    let mut samples = Samples::default();
    let begun = Instant::now();
    for beat in 0u32.. {
        let at = PERIOD * beat;
        if at >= time {
            break;
        }
        std::thread::sleep(at.saturating_sub(begun.elapsed()));
        // A prime step through a million places: each key once, in no order.
        let from = i64::from(beat) * 617_717 % ROWS;
        let keys = Keys { from, rows: 1, first: 1, step: 2, scattered: false };
        session.inserts(keys, &mut |took| samples.insert.push(took));
        std::thread::sleep((at + PERIOD / 2).saturating_sub(begun.elapsed()));
        let begun = Instant::now();
        file.write(beat.into(), setup.sync == Sync::Full);
        samples.bare.push(begun.elapsed());
    }
    samples
}
