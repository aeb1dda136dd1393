//! Resident memory of a process: while it loads, while it inserts keys without order at a limit, and idle.
//!
//! The figures hold all of the process, so also this program and its peers' code (about 5 MB).

use super::child::{in_child, numbers};
use super::fresh;
use crate::engine::{Keys, Setup};
use crate::measure::memory as resident;
use crate::peers::{FJALL, Peer, REMANENT, SQLITE};
use crate::table::{Asked, less, more};
use std::path::Path;
use std::time::{Duration, Instant};

const SIDES: [Peer; 3] = [REMANENT, SQLITE, FJALL];
/// So many rows, or as many as come in within the time.
const SUSTAINED: i64 = 3_000_000;
const SUSTAINED_TIME: Duration = Duration::from_secs(20);

pub fn memory() {
    for (what, scenarios) in [
        ("peak resident, 5 M rows in by appender", ["fill"].as_slice()),
        ("resident, idle, 5 M rows stored", &["fill", "idle"]),
    ] {
        let figures = SIDES.map(|peer| {
            let dir = fresh();
            scenarios.iter().map(|s| in_child(&[s, peer.name], dir.path())[0]).last().unwrap_or(f64::NAN)
        });
        let peers = [("SQLite", figures[1]), ("fjall", figures[2])];
        less("memory", what, "MB").row(figures[0], &peers, Asked::Nothing);
    }
    for limit in [16, 64, 256] {
        let figures = SIDES.map(|peer| {
            let dir = fresh();
            in_child(&["sustained", peer.name, &limit.to_string()], dir.path())
        });
        let peers = |i: usize| [("SQLite", figures[1][i]), ("fjall", figures[2][i])];
        let what = format!(
            "peak resident, 3 M scattered keys in batches of 1,000 or 20 s of them, limit {limit} MB"
        );
        let most = (f64::from(limit) * 1.048_576 + 5.0).round();
        less("memory", what, "MB").row(figures[0][0], &peers(0), Asked::AtMost(most));
        let what = format!("rows in meanwhile, limit {limit} MB");
        more("memory", what, "rows/s").row(figures[0][1], &peers(1), Asked::Nothing);
    }
}

pub fn fill(peer: Peer, dir: &Path) {
    let db = (peer.open)(dir, Setup::FULL);
    db.session().bulk(Keys::range(0, 5_000_000));
    db.flush();
    numbers(&[resident("VmHWM") / 1e6]);
}

pub fn idle(peer: Peer, dir: &Path) {
    let db = (peer.open)(dir, Setup::FULL);
    db.session().points(&[777]);
    numbers(&[resident("VmRSS") / 1e6]);
}

pub fn sustained(peer: Peer, dir: &Path, more: &[&str]) {
    let limit: usize = more[0].parse().unwrap();
    let db = (peer.open)(dir, Setup::FULL.memory(limit << 20));
    let mut session = db.session();
    let begun = Instant::now();
    let mut rows = 0;
    while rows < SUSTAINED && begun.elapsed() < SUSTAINED_TIME {
        session.batch(Keys::scattered(rows, 1000));
        rows += 1000;
    }
    let rate = rows as f64 / begun.elapsed().as_secs_f64();
    numbers(&[resident("VmHWM") / 1e6, rate]);
}
