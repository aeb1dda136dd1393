//! Bytes that reach the device, for flash: of an append-mostly series and of scattered keys, in durable batches of 100,
//! with 64 MB of memory. Counted at the device, so with the file system's own and with whatever else the machine writes
//! meanwhile: it should be idle. Remanent's own counters tell log, flush and merge apart.

use super::child::{in_child, numbers};
use super::fresh;
use crate::engine::{Keys, ROW_BYTES, Setup};
use crate::measure::device_bytes;
use crate::peers::{FJALL, Peer, REMANENT, SQLITE};
use crate::table::{Asked, figure, less};
use std::path::Path;

const ROWS: i64 = 2_000_000;

pub fn wear() {
    for (order, what) in [("series", "a series"), ("scattered", "scattered keys")] {
        let figures = [REMANENT, SQLITE, FJALL].map(|peer| {
            let dir = fresh();
            in_child(&["wear", peer.name, order], dir.path())
        });
        let of = |i: usize| [("SQLite", figures[1][i]), ("fjall", figures[2][i])];
        let parts: Vec<String> = ["log", "flush", "merge"]
            .iter()
            .zip(&figures[0][2..])
            .map(|(n, x)| format!("{n} {}", figure(*x)))
            .collect();
        let rows = format!("2 M rows of {what} in batches of 100");
        less("wear", format!("{rows}: written ({} MB)", parts.join(", ")), "MB").row(
            figures[0][0],
            &of(0),
            Asked::Nothing,
        );
        less("wear", format!("{rows}: bytes written per byte of rows"), "").row(
            figures[0][1],
            &of(1),
            Asked::Nothing,
        );
    }
}

pub fn child(peer: Peer, dir: &Path, more: &[&str]) {
    let scattered = more[0] == "scattered";
    let before = device_bytes(dir);
    let db = (peer.open)(dir, Setup::FULL.memory(64 << 20));
    let mut session = db.session();
    for from in (0..ROWS).step_by(100) {
        session.batch(Keys { scattered, ..Keys::range(from, 100) });
    }
    db.flush();
    let own = db.written().unwrap_or_default();
    drop(session);
    drop(db);
    let written = device_bytes(dir) - before;
    let [log, flush, merge] = own.map(|bytes| bytes / 1e6);
    numbers(&[written / 1e6, written / (ROWS as f64 * ROW_BYTES), log, flush, merge]);
}
