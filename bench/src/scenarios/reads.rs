//! Rows out: by key (`points`) and all of them (`scans`); what it takes to begin (`plan`).

use super::{ROUNDS, fresh, versus, with_duckdb};
use crate::engine::{AGGREGATES, Keys, Setup};
use crate::measure::median;
use crate::peers::{FJALL, Peer, REMANENT, SQLITE};
use crate::table::{Asked, less};
use std::path::Path;
use std::time::Instant;

fn keys(rows: i64, count: usize) -> Vec<i64> {
    (0..count as i64).map(|i| i.wrapping_mul(7_368_787) % rows).collect()
}

pub fn points() {
    const ROWS: i64 = 1_000_000;
    const READS: usize = 200_000;
    let time = |peer: Peer, dir: &Path, rows: i64, flush: bool| {
        let db = (peer.open)(dir, Setup::OFF);
        let mut session = db.session();
        if flush {
            session.bulk(Keys::range(0, rows));
            db.flush();
        } else {
            for from in (0..rows).step_by(1000) {
                session.batch(Keys::range(from, 1000));
            }
        }
        let keys = keys(rows, READS);
        session.points(&keys);
        let begun = Instant::now();
        session.points(&keys);
        begun.elapsed().as_secs_f64() * 1e6 / READS as f64
    };
    let peers = [SQLITE, FJALL];
    let found = versus(3, &peers, |peer, dir| time(peer, dir, 50_000, false));
    less("points", "point read, prepared, hot", "µs").row(found.ours, &found.peers, Asked::AtMost(1.0));
    let found = versus(3, &peers, |peer, dir| time(peer, dir, ROWS, true));
    let what = "point read, prepared, 1 M rows on disk, cached";
    less("points", what, "µs").row(found.ours, &found.peers, Asked::Ratio(1.0));
}

/// From the text to a statement that can run.
pub fn plan() {
    const TIMES: u32 = 20_000;
    let found = versus(ROUNDS, &with_duckdb(&[SQLITE]), |peer, dir| {
        let db = (peer.open)(dir, Setup::OFF);
        let mut session = db.session();
        session.batch(Keys::range(0, 1000));
        session.plan();
        let begun = Instant::now();
        for _ in 0..TIMES {
            session.plan();
        }
        begun.elapsed().as_secs_f64() * 1e6 / f64::from(TIMES)
    });
    let what = "parse, bind and plan a point query";
    less("plan", what, "µs").row(found.ours, &found.peers, Asked::AtMost(15.0));
}

pub fn scans() {
    let sides: Vec<Peer> = [REMANENT].into_iter().chain(with_duckdb(&[SQLITE])).collect();
    let mut figures = vec![[0.0; AGGREGATES.len()]; sides.len()];
    for (side, figures) in sides.iter().zip(&mut figures) {
        let dir = fresh();
        let db = (side.open)(dir.path(), Setup::OFF);
        let mut session = db.session();
        session.bulk(Keys::range(0, 5_000_000));
        db.flush();
        for (figure, sql) in figures.iter_mut().zip(AGGREGATES) {
            session.scalar(sql);
            let once = |_| {
                let begun = Instant::now();
                session.scalar(sql);
                begun.elapsed().as_secs_f64() * 1e3
            };
            *figure = median((0..ROUNDS).map(once).collect());
        }
    }
    let whats = ["aggregates of three columns", "count with two conditions", "group by text"];
    for (i, what) in whats.iter().enumerate() {
        for (side, theirs) in sides.iter().zip(&figures).skip(1) {
            let asked = if side.name == "SQLite" { Asked::Ratio(5.0) } else { Asked::Nothing };
            less("scans", format!("5 M rows, {what}"), "ms").row(
                figures[0][i],
                &[(side.name, theirs[i])],
                asked,
            );
        }
    }
}
