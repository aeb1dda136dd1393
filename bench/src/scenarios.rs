//! The scenarios. Each prints its own rows.

use crate::engine::{AGGREGATES, Engine, Open, Sync};
use crate::measure::{figure, median, memory, percentile, report, size};
use crate::{remanent_side, sqlite_side};
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// All scenarios by name.
pub const ALL: &[(&str, fn())] = &[
    ("durable", durable),
    ("threads", threads),
    ("off", off),
    ("batches", batches),
    ("bulk", bulk),
    ("loop", control_loop),
    ("frames", || crate::frames::run(fresh)),
    ("points", points),
    ("scans", scans),
    ("open", open),
    ("size", disk_size),
    ("memory", peak_memory),
];

const ROUNDS: usize = 5;
const SIDES: [(&str, Open); 2] = [("remanent", remanent_side::OPEN), ("sqlite", sqlite_side::OPEN)];

fn fresh() -> tempfile::TempDir {
    match std::env::var_os("BENCH_DIR") {
        Some(dir) => tempfile::tempdir_in(dir).unwrap(),
        None => tempfile::tempdir().unwrap(),
    }
}

/// Runs both sides in turn, `rounds` times, each in a fresh directory; the median of each.
fn versus(rounds: usize, run: impl Fn(Open, &Path) -> f64) -> [f64; 2] {
    let mut figures = [Vec::new(), Vec::new()];
    for _ in 0..rounds {
        for (i, (_, open)) in SIDES.iter().enumerate() {
            let dir = fresh();
            figures[i].push(run(*open, dir.path()));
        }
    }
    figures.map(median)
}

fn per_second(rows: i64, begun: Instant) -> f64 {
    rows as f64 / begun.elapsed().as_secs_f64()
}

fn inserts_per_second(open: Open, dir: &Path, sync: Sync, rows: i64) -> f64 {
    let db = open(dir, sync);
    let mut session = db.session();
    let begun = Instant::now();
    session.inserts(0, rows, &mut |_| {});
    per_second(rows, begun)
}

fn durable() {
    let [ours, theirs] = versus(ROUNDS, |open, dir| inserts_per_second(open, dir, Sync::Full, 5_000));
    report("durable insert, 1 thread", "rows/s", ours, theirs, true);
}

fn off() {
    let [ours, theirs] = versus(ROUNDS, |open, dir| inserts_per_second(open, dir, Sync::Off, 200_000));
    report("insert, synchronous off, 1 thread", "rows/s", ours, theirs, true);
}

fn threads() {
    const EACH: i64 = 500;
    let [ours, theirs] = versus(3, |open, dir| {
        let db = open(dir, Sync::Full);
        let begun = Instant::now();
        std::thread::scope(|scope| {
            for t in 0..16 {
                let db = &db;
                scope.spawn(move || db.session().inserts(t * EACH, EACH, &mut |_| {}));
            }
        });
        per_second(16 * EACH, begun)
    });
    report("durable insert, 16 threads", "rows/s", ours, theirs, true);
}

fn batches() {
    let [ours, theirs] = versus(ROUNDS, |open, dir| {
        let db = open(dir, Sync::Full);
        let mut session = db.session();
        let begun = Instant::now();
        for batch in 0..200 {
            session.batch(batch * 1000, 1000);
        }
        per_second(200_000, begun)
    });
    report("durable batches of 1,000", "rows/s", ours, theirs, true);
}

fn bulk() {
    let [ours, theirs] = versus(3, |open, dir| {
        let db = open(dir, Sync::Full);
        let mut session = db.session();
        let begun = Instant::now();
        session.bulk(0, 5_000_000);
        per_second(5_000_000, begun)
    });
    report("5 M rows × 5 columns, appender", "rows/s", ours, theirs, true);
}

/// Inserts at 200 Hz for `time`; how long each took from call to return.
fn at_200_hz(time: Duration, mut insert: impl FnMut(i64) -> Duration) -> Vec<Duration> {
    let begun = Instant::now();
    let mut samples = Vec::new();
    while begun.elapsed() < time {
        let next = Duration::from_millis(5) * samples.len() as u32;
        std::thread::sleep(next.saturating_sub(begun.elapsed()));
        samples.push(insert(samples.len() as i64));
    }
    samples
}

fn loop_beside_readers(open: Open, time: Duration) -> Vec<Duration> {
    let dir = fresh();
    let db = open(dir.path(), Sync::Full);
    db.session().bulk(0, 1_000_000);
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let (db, stop) = (&db, &stop);
        scope.spawn(move || {
            let mut session = db.session();
            while !stop.load(Ordering::Relaxed) {
                session.scalar(AGGREGATES[0]);
                std::thread::sleep(Duration::from_millis(20));
            }
        });
        scope.spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                std::thread::sleep(Duration::from_millis(500));
                db.flush();
            }
        });
        let mut session = db.session();
        let samples = at_200_hz(time, |i| {
            let mut took = Duration::ZERO;
            session.inserts(10_000_000 + i, 1, &mut |t| took = t);
            took
        });
        stop.store(true, Ordering::Relaxed);
        samples
    })
}

/// Writes and syncs 128 bytes at 200 Hz into a preallocated file: what the device itself costs.
fn bare_loop(time: Duration) -> Vec<Duration> {
    let dir = fresh();
    let file = File::create(dir.path().join("bare")).unwrap();
    file.write_all_at(&vec![0; 4 << 20], 0).unwrap();
    file.sync_all().unwrap();
    at_200_hz(time, |i| {
        let begun = Instant::now();
        file.write_all_at(&[7; 128], i as u64 * 128).unwrap();
        file.sync_data().unwrap();
        begun.elapsed()
    })
}

fn control_loop() {
    let time = Duration::from_secs(std::env::var("BENCH_LOOP").ok().and_then(|s| s.parse().ok()).unwrap_or(20));
    let mut pooled: [Vec<Duration>; 3] = Default::default();
    for _ in 0..3 {
        pooled[0].extend(loop_beside_readers(remanent_side::OPEN, time));
        pooled[1].extend(loop_beside_readers(sqlite_side::OPEN, time));
        pooled[2].extend(bare_loop(time));
    }
    for samples in &mut pooled {
        samples.sort();
    }
    for (name, share) in [("median", 0.5), ("p99", 0.99), ("p99.9", 0.999), ("max", 1.0)] {
        let [ours, theirs, bare] = [0, 1, 2].map(|i| percentile(&pooled[i], share).as_secs_f64() * 1e6);
        let what = format!("200 Hz durable insert beside a reader and flushes, {name} (bare {})", figure(bare));
        report(&what, "µs", ours, theirs, false);
    }
}

fn keys(rows: i64, count: usize) -> Vec<i64> {
    (0..count as i64).map(|i| i.wrapping_mul(7_368_787) % rows).collect()
}

fn points() {
    const ROWS: i64 = 1_000_000;
    const READS: usize = 200_000;
    let time = |open: Open, dir: &Path, rows: i64, flush: bool| {
        let db = open(dir, Sync::Off);
        let mut session = db.session();
        if flush {
            session.bulk(0, rows);
            db.flush();
        } else {
            for from in (0..rows).step_by(1000) {
                session.batch(from, 1000);
            }
        }
        let keys = keys(rows, READS);
        session.points(&keys);
        let begun = Instant::now();
        session.points(&keys);
        begun.elapsed().as_secs_f64() * 1e6 / READS as f64
    };
    let [ours, theirs] = versus(3, |open, dir| time(open, dir, 50_000, false));
    report("point read, prepared, hot", "µs", ours, theirs, false);
    let [ours, theirs] = versus(3, |open, dir| time(open, dir, ROWS, true));
    report("point read, prepared, 1 M rows on disk, cached", "µs", ours, theirs, false);
}

fn scans() {
    let mut figures: [[Vec<f64>; 2]; 3] = Default::default();
    for (side, (_, open)) in SIDES.iter().enumerate() {
        let dir = fresh();
        let db = open(dir.path(), Sync::Off);
        let mut session = db.session();
        session.bulk(0, 5_000_000);
        db.flush();
        for (query, sql) in AGGREGATES.iter().enumerate() {
            session.scalar(sql);
            for _ in 0..ROUNDS {
                let begun = Instant::now();
                session.scalar(sql);
                figures[query][side].push(begun.elapsed().as_secs_f64() * 1e3);
            }
        }
    }
    for (what, [ours, theirs]) in ["aggregates", "filtered count", "group by"].iter().zip(figures) {
        report(&format!("scan of 5 M rows, {what}"), "ms", median(ours), median(theirs), false);
    }
}

fn open() {
    let prepare = |open: Open, dir: &Path| {
        let db = open(dir, Sync::Full);
        let mut session = db.session();
        session.bulk(0, 1_000_000);
        drop(session);
        drop(db);
    };
    let mut figures = [Vec::new(), Vec::new()];
    for (side, (_, engine)) in SIDES.iter().enumerate() {
        let dir = fresh();
        prepare(*engine, dir.path());
        for _ in 0..21 {
            let begun = Instant::now();
            let db = engine(dir.path(), Sync::Full);
            db.session().points(&[777]);
            figures[side].push(begun.elapsed().as_secs_f64() * 1e3);
        }
    }
    let [ours, theirs] = figures.map(median);
    report("open, clean, 1 M rows, to the first row", "ms", ours, theirs, false);
}

fn disk_size() {
    let [ours, theirs] = versus(1, |open, dir| {
        let db: Box<dyn Engine> = open(dir, Sync::Full);
        db.session().bulk(0, 1_000_000);
        db.flush();
        drop(db);
        size(dir) / 1e6
    });
    report("size on disk, 1 M rows × 5 columns, closed", "MB", ours, theirs, false);
}

fn in_child(scenario: &str, side: &str, dir: &Path) -> Vec<f64> {
    let me: PathBuf = std::env::current_exe().unwrap();
    let out = Command::new(me).args(["--child", scenario, side]).arg(dir).output().unwrap();
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    text.split_whitespace().filter_map(|n| n.parse().ok()).collect()
}

fn peak_memory() {
    let mut figures = Vec::new();
    for (side, _) in SIDES {
        let dir = fresh();
        let peak = in_child("fill", side, dir.path())[0];
        let idle = in_child("idle", side, dir.path())[0];
        figures.push([peak, idle]);
    }
    report("peak resident memory, 5 M rows in", "MB", figures[0][0], figures[1][0], false);
    report("resident memory, idle, 5 M rows stored", "MB", figures[0][1], figures[1][1], false);
}

/// What a child process does: prints its figure and ends.
pub fn child(scenario: &str, side: &str, dir: &Path) {
    let open = SIDES.iter().find(|(name, _)| *name == side).unwrap().1;
    let db = open(dir, Sync::Full);
    match scenario {
        "fill" => {
            db.session().bulk(0, 5_000_000);
            db.flush();
            println!("{}", memory("VmHWM") / 1e6);
        }
        _ => {
            db.session().points(&[777]);
            println!("{}", memory("VmRSS") / 1e6);
        }
    }
}
