//! 30 frames of 1 MB a second beside a loop of 200 small durable inserts a second; a ring of five seconds of frames.
//! Every insert is durable when it returns, on both sides.

use crate::measure::{figure, percentile, report};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const FRAME: usize = 1 << 20;
const FRAMES_PER_SECOND: u32 = 30;
/// Frames that stay.
const KEPT: i64 = 150;

/// What one side did: how long the small inserts took, how long the frames, bytes that reached the device's queue.
type Took = (Vec<Duration>, Vec<Duration>, f64);

/// Calls at a steady rate until told to stop.
fn steady(rate: u32, stop: &AtomicBool, mut call: impl FnMut(i64)) -> Vec<Duration> {
    let (begun, mut samples) = (Instant::now(), Vec::new());
    while !stop.load(Ordering::Relaxed) {
        let next = Duration::from_secs(1) / rate * samples.len() as u32;
        std::thread::sleep(next.saturating_sub(begun.elapsed()));
        let call_begun = Instant::now();
        call(samples.len() as i64);
        samples.push(call_begun.elapsed());
    }
    samples
}

/// Frames that no compression makes smaller.
fn frame(id: i64) -> Vec<u8> {
    let mut x = id as u64 | 1;
    let words = (0..FRAME / 8).flat_map(|_| {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        x.to_le_bytes()
    });
    words.collect()
}

fn beside(dir: &Path, time: Duration, small: impl FnMut(i64) + Send, mut large: impl FnMut(i64, &[u8]) + Send) -> Took {
    let stop = AtomicBool::new(false);
    let frames: Vec<Vec<u8>> = (0..16).map(frame).collect();
    let before = written(dir);
    std::thread::scope(|scope| {
        let (stop, frames) = (&stop, &frames);
        let small = scope.spawn(move || steady(200, stop, small));
        let large = scope.spawn(move || {
            steady(FRAMES_PER_SECOND, stop, |id| large(id, &frames[id as usize % frames.len()]))
        });
        std::thread::sleep(time);
        stop.store(true, Ordering::Relaxed);
        (small.join().unwrap(), large.join().unwrap(), written(dir) - before)
    })
}

/// Bytes that the device of a directory has written, by the kernel's count of sectors; other programs' too. (What
/// /proc/self/io counts are pages made dirty, 2 MB for 128 bytes where a file lies in large folios.)
fn written(dir: &Path) -> f64 {
    let device = std::fs::metadata(dir).unwrap().dev();
    let (major, minor) = (device >> 8 & 0xfff, device & 0xff | device >> 12 & 0xfff00);
    let stat = std::fs::read_to_string(format!("/sys/dev/block/{major}:{minor}/stat")).unwrap_or_default();
    let sectors = stat.split_whitespace().nth(6).and_then(|field| field.parse::<f64>().ok());
    sectors.unwrap_or(f64::NAN) * 512.0
}

fn remanent(dir: &Path, time: Duration) -> Took {
    use remanent::{Database, params};
    let db = Database::open(dir.join("robot.rem")).unwrap();
    let conn = db.connect().unwrap();
    conn.execute("CREATE TABLE imu (ts bigint PRIMARY KEY, ax float8, ay float8, az float8)", params![])
        .unwrap();
    conn.execute("CREATE TABLE frames (id bigint PRIMARY KEY, frame bytea)", params![]).unwrap();
    drop(conn);
    let (small, large) = (db.clone(), db.clone());
    let mut session = None;
    let mut camera = None;
    beside(
        dir,
        time,
        move |i| {
            let conn = session.get_or_insert_with(|| small.connect().unwrap());
            conn.execute("INSERT INTO imu VALUES ($1, $2, $3, $4)", params![i, 0.1, 0.2, 9.8]).unwrap();
        },
        move |id, frame| {
            let conn = camera.get_or_insert_with(|| large.connect().unwrap());
            conn.execute("INSERT INTO frames VALUES ($1, $2)", params![id, frame]).unwrap();
            if id % 10 == 0 {
                conn.execute("DELETE FROM frames WHERE id < $1", params![id - KEPT]).unwrap();
            }
        },
    )
}

fn sqlite(dir: &Path, time: Duration) -> Took {
    use rusqlite::{Connection, params};
    let connect = |path: &Path| {
        let conn = Connection::open(path).unwrap();
        conn.busy_timeout(Duration::from_secs(60)).unwrap();
        let pragmas = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536;";
        conn.execute_batch(pragmas).unwrap();
        conn
    };
    let path = dir.join("bench.sqlite");
    let (small, large) = (connect(&path), connect(&path));
    small.execute_batch("CREATE TABLE imu (ts integer PRIMARY KEY, ax real, ay real, az real)").unwrap();
    small.execute_batch("CREATE TABLE frames (id integer PRIMARY KEY, frame blob)").unwrap();
    beside(
        dir,
        time,
        move |i| {
            let mut insert = small.prepare_cached("INSERT INTO imu VALUES (?1, ?2, ?3, ?4)").unwrap();
            insert.execute(params![i, 0.1, 0.2, 9.8]).unwrap();
        },
        move |id, frame| {
            let mut insert = large.prepare_cached("INSERT INTO frames VALUES (?1, ?2)").unwrap();
            insert.execute(params![id, frame]).unwrap();
            if id % 10 == 0 {
                large.execute("DELETE FROM frames WHERE id < ?1", params![id - KEPT]).unwrap();
            }
        },
    )
}

/// The scenario.
pub fn run(fresh: fn() -> tempfile::TempDir) {
    let seconds = std::env::var("BENCH_LOOP").ok().and_then(|s| s.parse().ok()).unwrap_or(10);
    let time = Duration::from_secs(seconds);
    let mut pooled: [Took; 2] = Default::default();
    for _ in 0..3 {
        for (side, run) in pooled.iter_mut().zip([remanent as fn(&Path, Duration) -> Took, sqlite]) {
            let dir = fresh();
            let (small, large, bytes) = run(dir.path(), time);
            side.0.extend(small);
            side.1.extend(large);
            side.2 += bytes;
        }
    }
    let counts = [&pooled[0], &pooled[1]].map(|side| (side.0.len(), side.1.len()));
    let lag = |i: usize| figure(counts[i].1 as f64 / (3 * seconds) as f64);
    println!("| frames/s kept up with (30 wanted) | {} | {} | |", lag(0), lag(1));
    for side in &mut pooled {
        side.0.sort();
        side.1.sort();
    }
    for (name, share) in [("median", 0.5), ("p99", 0.99), ("p99.9", 0.999), ("max", 1.0)] {
        let micros = |samples: &[Duration]| percentile(samples, share).as_secs_f64() * 1e6;
        let what = format!("200 Hz durable insert beside 30 frames/s of 1 MB, {name}");
        report(&what, "µs", micros(&pooled[0].0), micros(&pooled[1].0), false);
        let what = format!("durable frame of 1 MB, {name}");
        report(&what, "µs", micros(&pooled[0].1), micros(&pooled[1].1), false);
    }
    let per_frame = |i: usize| pooled[i].2 / (counts[i].1 * FRAME) as f64;
    report("bytes written per byte of frames", "", per_frame(0), per_frame(1), false);
}
