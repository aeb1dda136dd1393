//! 30 frames of 1 MB a second beside a loop of 200 small durable inserts a second; a ring of five seconds of frames.
//! Every insert is durable when it returns, on both sides. Between two inserts of the loop stands a bare write and sync of
//! as many bytes, as in `loop`: what the device itself takes beside such frames.

use super::control_loop::Preallocated;
use super::{fresh, setting};
use crate::measure::{device_bytes, percentile};
use crate::table::{Asked, figure, less, more};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const FRAME: usize = 1 << 20;
const FRAMES_PER_SECOND: u32 = 30;
/// Frames that stay.
const KEPT: i64 = 150;

/// What one side did.
#[derive(Default)]
struct Took {
    /// How long the small inserts took.
    small: Vec<Duration>,
    /// How long the bare writes between them.
    bare: Vec<Duration>,
    /// How long the frames.
    large: Vec<Duration>,
    /// Bytes that reached the device's queue.
    bytes: f64,
}

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

fn beside(
    dir: &Path,
    time: Duration,
    mut small: impl FnMut(i64) + Send,
    mut large: impl FnMut(i64, &[u8]) + Send,
) -> Took {
    let stop = AtomicBool::new(false);
    let file = Preallocated::in_dir(dir);
    let in_turn = move |i: i64| match i % 2 {
        0 => small(i / 2),
        _ => file.write(i / 2, true),
    };
    let frames: Vec<Vec<u8>> = (0..16).map(frame).collect();
    let before = device_bytes(dir);
    std::thread::scope(|scope| {
        let (stop, frames) = (&stop, &frames);
        let small = scope.spawn(move || steady(400, stop, in_turn));
        let large = scope.spawn(move || {
            steady(FRAMES_PER_SECOND, stop, |id| large(id, &frames[id as usize % frames.len()]))
        });
        std::thread::sleep(time);
        stop.store(true, Ordering::Relaxed);
        let both = small.join().unwrap();
        Took {
            small: both.iter().step_by(2).copied().collect(),
            bare: both.iter().skip(1).step_by(2).copied().collect(),
            large: large.join().unwrap(),
            bytes: device_bytes(dir) - before,
        }
    })
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
pub fn frames() {
    let seconds = setting("BENCH_SECONDS", 10);
    let time = Duration::from_secs(seconds);
    let mut pooled: [Took; 2] = Default::default();
    for _ in 0..3 {
        for (side, run) in pooled.iter_mut().zip([remanent as fn(&Path, Duration) -> Took, sqlite]) {
            let dir = fresh();
            let took = run(dir.path(), time);
            side.small.extend(took.small);
            side.bare.extend(took.bare);
            side.large.extend(took.large);
            side.bytes += took.bytes;
        }
    }
    for side in &mut pooled {
        [&mut side.small, &mut side.bare, &mut side.large]
            .into_iter()
            .for_each(|samples| samples.sort_unstable());
    }
    let [ours, theirs] = &pooled;
    let rate = |side: &Took| side.large.len() as f64 / (3 * seconds) as f64;
    let sqlite = |theirs: f64| [("SQLite", theirs)];
    let kept_up = "frames of 1 MB kept up with";
    more("frames", kept_up, "/s").row(rate(ours), &sqlite(rate(theirs)), Asked::AtLeast(29.5));
    for (name, share, most) in [
        ("median", 0.5, None),
        ("p99", 0.99, None),
        ("p99.9", 0.999, Some(100.0)),
        ("max", 1.0, Some(1000.0)),
    ] {
        let micros = |samples: &[Duration]| percentile(samples, share).as_secs_f64() * 1e6;
        let [mine, his] = [ours, theirs].map(|side| micros(&side.small));
        let [bare, his_bare] = [ours, theirs].map(|side| micros(&side.bare));
        let what = format!("200 Hz durable insert beside 30 frames/s of 1 MB, {name}");
        less("frames", what, "µs").row(mine, &sqlite(his), Asked::Nothing);
        let over = format!("{name}, over bare write and sync ({} and {} µs)", figure(bare), figure(his_bare));
        let asked = most.map_or(Asked::Nothing, Asked::AtMost);
        less("frames", over, "µs").difference(mine - bare, ("SQLite", his - his_bare), asked);
        let what = format!("durable frame of 1 MB, {name}");
        less("frames", what, "µs").row(micros(&ours.large), &sqlite(micros(&theirs.large)), Asked::Nothing);
    }
    let per_frame = |side: &Took| side.bytes / (side.large.len() * FRAME) as f64;
    let what = "bytes written per byte of frames, bare writes included";
    less("frames", what, "").row(per_frame(ours), &sqlite(per_frame(theirs)), Asked::Nothing);
}
