//! One row, updated ten thousand times a second for a minute beside a snapshot that was taken before: what memory and
//! files grow to, how long readers of that row take, and what is given back when the snapshot ends. Synchronous off.

use super::child::{in_child, numbers};
use super::{fresh, setting};
use crate::engine::{Engine, Keys, Setup};
use crate::measure::{memory, percentile, size};
use crate::peers::{Peer, REMANENT, SQLITE};
use crate::table::{Asked, less, more};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const RATE: u32 = 10_000;
/// Rows beside the counter.
const ROWS: i64 = 100_000;
/// How long space may take to return.
const AFTER: Duration = Duration::from_secs(5);

pub fn counter() {
    let [ours, theirs]: [Vec<f64>; 2] = [REMANENT, SQLITE].map(|peer| {
        let dir = fresh();
        in_child(&["counter", peer.name], dir.path())
    });
    let row = |i: usize, what: &str, unit: &str, is_more: bool, asked: Asked| {
        let figure = if is_more { more("counter", what, unit) } else { less("counter", what, unit) };
        let at = |all: &Vec<f64>| all.get(i).copied().unwrap_or(f64::NAN);
        figure.row(at(&ours), &[("SQLite", at(&theirs))], asked);
    };
    row(
        0,
        "one row updated for a minute beside a snapshot: updates done",
        "/s",
        true,
        Asked::AtLeast(9_900.0),
    );
    row(1, "peak resident memory meanwhile", "MB", false, Asked::Nothing);
    row(2, "largest on disk meanwhile", "MB", false, Asked::Nothing);
    row(3, "reads of that row, median, first tenth", "µs", false, Asked::Nothing);
    row(4, "reads of that row, median, last tenth", "µs", false, Asked::Nothing);
    row(5, "reads of that row, p99, last tenth", "µs", false, Asked::Nothing);
    row(6, "on disk 5 s after the snapshot ended", "MB", false, Asked::Nothing);
    row(7, "of that, other than the log, which is kept for reuse", "MB", false, Asked::Nothing);
    row(8, "resident memory then", "MB", false, Asked::Nothing);
}

/// In a process of its own.
pub fn child(peer: Peer, dir: &Path) {
    let time = Duration::from_secs(setting("BENCH_SECONDS", 60));
    let db = (peer.open)(dir, Setup::OFF);
    db.session().bulk(Keys::range(0, ROWS));
    let mut old = db.session();
    old.hold_snapshot();
    let stop = AtomicBool::new(false);
    let (done, reads, largest) = std::thread::scope(|scope| {
        let (db, stop) = (&*db, &stop);
        let reader = scope.spawn(move || read_all_the_time(db, stop));
        let watcher = scope.spawn(move || watch(dir, stop));
        let done = update_at_rate(db, time);
        stop.store(true, Ordering::Relaxed);
        (done, reader.join().unwrap(), watcher.join().unwrap())
    });
    let peak = memory("VmHWM") / 1e6;
    old.execute("COMMIT");
    drop(old);
    std::thread::sleep(AFTER);
    let tenth = reads.len() / 10;
    let sorted = |part: &[Duration]| {
        let mut part = part.to_vec();
        part.sort_unstable();
        part
    };
    let (first, last) = (sorted(&reads[..tenth]), sorted(&reads[reads.len() - tenth..]));
    let micros = |sorted: &[Duration], share| percentile(sorted, share).as_secs_f64() * 1e6;
    numbers(&[
        f64::from(done) / time.as_secs_f64(),
        peak,
        largest / 1e6,
        micros(&first, 0.5),
        micros(&last, 0.5),
        micros(&last, 0.99),
        size(dir) / 1e6,
        (size(dir) - size(&dir.join("bench.rem").join("wal"))) / 1e6,
        memory("VmRSS") / 1e6,
    ]);
}

/// Ten updates each millisecond, as many as are due.
fn update_at_rate(db: &dyn Engine, time: Duration) -> u32 {
    let mut session = db.session();
    let begun = Instant::now();
    let mut done = 0;
    while begun.elapsed() < time {
        let due = (begun.elapsed().as_secs_f64() * f64::from(RATE)) as u32;
        if due > done {
            let now = (due - done).min(100);
            session.updates(&vec![777; now as usize]);
            done += now;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    done
}

fn read_all_the_time(db: &dyn Engine, stop: &AtomicBool) -> Vec<Duration> {
    let mut session = db.session();
    let mut took = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let begun = Instant::now();
        session.points(&[777]);
        took.push(begun.elapsed());
        std::thread::sleep(Duration::from_millis(1));
    }
    took
}

/// The largest that the files were, looked at ten times a second.
fn watch(dir: &Path, stop: &AtomicBool) -> f64 {
    let mut largest: f64 = 0.0;
    while !stop.load(Ordering::Relaxed) {
        largest = largest.max(size(dir));
        std::thread::sleep(Duration::from_millis(100));
    }
    largest
}
