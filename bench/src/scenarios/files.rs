//! The files: how long it takes to open them, and how large they are.

use super::{fresh, versus, with_duckdb};
use crate::engine::{Keys, Setup};
use crate::measure::{median, size};
use crate::peers::{FJALL, Peer, REMANENT, SQLITE};
use crate::table::{Asked, less};
use std::time::Instant;

const ROWS: i64 = 1_000_000;

pub fn open() {
    let sides: Vec<Peer> = [REMANENT].into_iter().chain(with_duckdb(&[SQLITE, FJALL])).collect();
    let figures: Vec<(&str, f64)> = sides
        .iter()
        .map(|side| {
            let dir = fresh();
            (side.open)(dir.path(), Setup::FULL).session().bulk(Keys::range(0, ROWS));
            let once = |_| {
                let begun = Instant::now();
                let db = (side.open)(dir.path(), Setup::FULL);
                db.session().points(&[777]);
                begun.elapsed().as_secs_f64() * 1e3
            };
            (side.name, median((0..21).map(once).collect()))
        })
        .collect();
    less("open", "clean, 1 M rows, to the first row", "ms").row(
        figures[0].1,
        &figures[1..],
        Asked::AtMost(1.0),
    );
}

pub fn size_on_disk() {
    let found = versus(1, &with_duckdb(&[SQLITE, FJALL]), |peer, dir| {
        let db = (peer.open)(dir, Setup::FULL);
        db.session().bulk(Keys::range(0, ROWS));
        db.flush();
        drop(db);
        size(dir) / 1e6
    });
    less("size", "on disk, 1 M rows × 5 columns, closed", "MB").row(found.ours, &found.peers, Asked::Nothing);
}
