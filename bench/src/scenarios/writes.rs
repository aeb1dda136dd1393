//! Rows in: one by one (`durable`, `threads`, `off`), in transactions (`batches`), in bulk (`bulk`); rows changed (`updates`).

use super::{ROUNDS, per_second, versus, versus_many, with_duckdb};
use crate::engine::{Keys, Setup};
use crate::measure::cpu_seconds;
use crate::peers::{self, FJALL, Peer, SQLITE};
use crate::table::{Asked, less, more};
use std::path::Path;
use std::time::Instant;

fn inserts_per_second(peer: Peer, dir: &Path, setup: Setup, rows: i64) -> f64 {
    let db = (peer.open)(dir, setup);
    let mut session = db.session();
    let begun = Instant::now();
    session.inserts(Keys::range(0, rows), &mut |_| {});
    per_second(rows, begun)
}

pub fn durable() {
    let peers = with_duckdb(&[SQLITE, FJALL]);
    let found = versus(ROUNDS, &peers, |peer, dir| inserts_per_second(peer, dir, Setup::FULL, 5_000));
    more("durable", "durable insert, 1 thread", "rows/s").row(found.ours, &found.peers, Asked::Ratio(0.95));
}

pub fn off() {
    let found =
        versus(ROUNDS, &[SQLITE, FJALL], |peer, dir| inserts_per_second(peer, dir, Setup::OFF, 200_000));
    more("off", "insert, synchronous off, 1 thread", "rows/s").row(found.ours, &found.peers, Asked::Nothing);
}

/// 16 threads, and one thread of the same run for the ratio between them.
pub fn threads() {
    const EACH: i64 = 500;
    let [many, times] = versus_many(3, &[SQLITE, FJALL], |peer, dir| {
        let (one_dir, many_dir) = (dir.join("one"), dir.join("many"));
        std::fs::create_dir(&one_dir).unwrap();
        std::fs::create_dir(&many_dir).unwrap();
        let one = inserts_per_second(peer, &one_dir, Setup::FULL, 5_000);
        let db = (peer.open)(&many_dir, Setup::FULL);
        let begun = Instant::now();
        std::thread::scope(|scope| {
            for t in 0..16 {
                let db = &db;
                scope.spawn(move || db.session().inserts(Keys::range(t * EACH, EACH), &mut |_| {}));
            }
        });
        let many = per_second(16 * EACH, begun);
        [many, many / one]
    });
    more("threads", "durable insert, 16 threads", "rows/s").row(many.ours, &many.peers, Asked::Ratio(5.0));
    more("threads", "16 threads over one thread", "×").row(times.ours, &[], Asked::AtLeast(3.0));
}

/// Rows of a table that is on disk, each changed once.
pub fn updates() {
    const ROWS: i64 = 200_000;
    let found = versus(ROUNDS, &[SQLITE, FJALL], |peer, dir| {
        let db = (peer.open)(dir, Setup::OFF);
        let mut session = db.session();
        session.bulk(Keys::range(0, ROWS));
        db.flush();
        let keys: Vec<i64> = (0..ROWS / 4).map(|i| i.wrapping_mul(7_368_787) % ROWS).collect();
        let begun = Instant::now();
        session.updates(&keys);
        begun.elapsed().as_secs_f64() * 1e6 / keys.len() as f64
    });
    let what = "update of one row by key, synchronous off";
    less("updates", what, "µs").row(found.ours, &found.peers, Asked::AtMost(5.0));
}

pub fn batches() {
    let found = versus(ROUNDS, &[SQLITE, FJALL], |peer, dir| {
        let db = (peer.open)(dir, Setup::FULL);
        let mut session = db.session();
        let begun = Instant::now();
        for batch in 0..200 {
            session.batch(Keys::range(batch * 1000, 1000));
        }
        per_second(200_000, begun)
    });
    more("batches", "durable batches of 1,000", "rows/s").row(found.ours, &found.peers, Asked::Nothing);
}

/// The time counts from the first row to the acknowledgement of all; the processor also what runs on until the engine is
/// closed.
pub fn bulk() {
    const ROWS: i64 = 5_000_000;
    const COPIED: i64 = 1_000_000;
    let [wall, cpu] = versus_many(3, &with_duckdb(&[SQLITE, FJALL]), |peer, dir| {
        let used = cpu_seconds();
        let db = (peer.open)(dir, Setup::FULL);
        let mut session = db.session();
        let begun = Instant::now();
        session.bulk(Keys::range(0, ROWS));
        let wall = per_second(ROWS, begun);
        drop(session);
        drop(db);
        [wall, ROWS as f64 / (cpu_seconds() - used)]
    });
    let what = format!("{} M rows × 5 columns", ROWS / 1_000_000);
    more("bulk", format!("{what}, appender"), "rows/s").row(wall.ours, &wall.peers, Asked::AtLeast(1.5e6));
    more("bulk", format!("{what}, by processor time"), "rows/s").row(cpu.ours, &cpu.peers, Asked::Nothing);
    let peers: Vec<Peer> = [SQLITE].into_iter().chain(peers::duckdb()).collect();
    let found = versus(3, &peers, |peer, dir| {
        let db = (peer.open)(dir, Setup::FULL);
        let mut session = db.session();
        session.bulk(Keys::range(0, COPIED));
        db.flush();
        session.execute(
            "CREATE TABLE copy (ts bigint PRIMARY KEY, ax double precision, ay double precision, \
             az double precision, note text)",
        );
        let begun = Instant::now();
        session.execute("INSERT INTO copy SELECT * FROM imu");
        per_second(COPIED, begun)
    });
    more("bulk", "1 M rows, INSERT … SELECT", "rows/s").row(found.ours, &found.peers, Asked::Nothing);
}
