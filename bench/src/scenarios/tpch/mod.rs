//! The 22 queries of TPC-H: every answer compared with DuckDB's, then timed hot, medians, one thread: how long that thread
//! was on a processor, so that neighbours on the machine do not count.
//!
//! | variable | names |
//! |---|---|
//! | `BENCH_TPCH_SCALE` | the scale factor in hundredths; default 100, which is 1 |
//! | `BENCH_TPCH_ONLY` | the one query to run |
//! | `BENCH_TPCH_SQLITE` | 0: without SQLite, which takes minutes |
//! | `BENCH_TPCH_KEEP` | a directory where the databases stay, to be used again |

mod tables;

use super::{ROUNDS, fresh, setting, with_duckdb};
use crate::engine::{Session, Setup};
use crate::measure::{median, thread_time};
use crate::peers::{Peer, REMANENT, SQLITE};
use crate::table::{Asked, less};
use std::path::{Path, PathBuf};
use tables::TABLES;

const QUERIES: &str = include_str!("queries.sql");

/// What SQLite's dialect says otherwise: dates are texts, and it counts no calendar.
const SQLITE_SAYS: &[(&str, &str)] = &[
    ("date '1998-12-01' - interval '90 day'", "'1998-09-02'"),
    ("date '1993-07-01' + interval '3 month'", "'1993-10-01'"),
    ("date '1993-10-01' + interval '3 month'", "'1994-01-01'"),
    ("date '1994-01-01' + interval '1 year'", "'1995-01-01'"),
    ("date '1995-09-01' + interval '1 month'", "'1995-10-01'"),
    ("date '1996-01-01' + interval '3 month'", "'1996-04-01'"),
    ("0.06 - 0.01", "0.05"),
    ("0.06 + 0.01", "0.07"),
    ("date '", "'"),
    ("extract(year from l_shipdate)", "cast(strftime('%Y', l_shipdate) as integer)"),
    ("extract(year from o_orderdate)", "cast(strftime('%Y', o_orderdate) as integer)"),
    ("substring(c_phone from 1 for 2)", "substr(c_phone, 1, 2)"),
];

/// The slowest of SQLite's queries are not waited for again.
const ONCE: f64 = 3000.0;

pub fn tpch() {
    let scale = setting("BENCH_TPCH_SCALE", 100) as f64 / 100.0;
    let only = setting("BENCH_TPCH_ONLY", 0) as usize;
    let queries: Vec<(usize, String)> = QUERIES
        .split("-- Q")
        .skip(1)
        .map(|text| text.split_once('\n').unwrap())
        .map(|(number, sql)| (number.parse().unwrap(), sql.replace(":FRACTION", &format!("{}", 0.0001 / scale))))
        .filter(|(number, _)| only == 0 || only == *number)
        .collect();
    let sqlite = if setting("BENCH_TPCH_SQLITE", 1) == 1 { vec![SQLITE] } else { Vec::new() };
    let sides: Vec<Peer> = [REMANENT].into_iter().chain(with_duckdb(&[])).chain(sqlite).collect();
    let mut figures: Vec<Vec<f64>> = Vec::new();
    let mut expected: Vec<Vec<Vec<String>>> = Vec::new();
    for side in &sides {
        let dir = fresh();
        let kept = std::env::var_os("BENCH_TPCH_KEEP").map(|dir| PathBuf::from(dir).join(side.name));
        let dir = kept.unwrap_or_else(|| dir.path().to_owned());
        let dialect = |sql: &str| match side.name == SQLITE.name {
            true => SQLITE_SAYS.iter().fold(sql.to_owned(), |sql, (from, to)| sql.replace(from, to)),
            false => sql.to_owned(),
        };
        let db = loaded(*side, &dir, scale);
        let mut session = db.session();
        if side.name == "DuckDB" {
            session.execute("SET threads = 1");
        }
        let mut times = Vec::new();
        for (i, (number, sql)) in queries.iter().enumerate() {
            let sql = dialect(sql);
            let begun = thread_time();
            let answer = session.answer(&sql);
            let first = (thread_time() - begun).as_secs_f64() * 1e3;
            match expected.get(i) {
                Some(expected) => compare(*number, side.name, &answer, expected),
                None => expected.push(answer),
            }
            times.push(if first > ONCE { first } else { time(session.as_mut(), &sql) });
            eprintln!("Q{number} {} {:.1} ms", side.name, times[i]);
        }
        figures.push(times);
    }
    report(&sides, &queries, &figures, scale);
}

/// A database with the eight tables, opened anew, so that all of it lies on disk.
fn loaded(side: Peer, dir: &Path, scale: f64) -> Box<dyn crate::engine::Engine> {
    let setup = Setup::OFF.memory(4 << 30);
    if !dir.exists() || dir.read_dir().is_ok_and(|mut files| files.next().is_none()) {
        std::fs::create_dir_all(dir).unwrap();
        let db = (side.open)(dir, setup);
        let mut session = db.session();
        for table in &TABLES {
            session.load(table.name, table.columns, &mut |add| (table.rows)(scale, add));
        }
        db.flush();
        if side.name == SQLITE.name {
            session.execute("ANALYZE");
        }
    }
    (side.open)(dir, setup)
}

fn time(session: &mut dyn Session, sql: &str) -> f64 {
    let once = |_| {
        let begun = thread_time();
        session.answer(sql);
        (thread_time() - begun).as_secs_f64() * 1e3
    };
    median((0..ROUNDS).map(once).collect())
}

/// Numbers may differ in their last digits: DuckDB and SQLite divide and average in doubles.
fn compare(query: usize, peer: &str, theirs: &[Vec<String>], ours: &[Vec<String>]) {
    let same = |a: &String, b: &String| match (a.parse::<f64>(), b.parse::<f64>()) {
        (Ok(a), Ok(b)) => (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1.0),
        _ => a == b,
    };
    let rows = |a: &Vec<String>, b: &Vec<String>| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b));
    for (theirs, ours) in theirs.iter().zip(ours) {
        assert!(rows(theirs, ours), "Q{query}: {peer} says {theirs:?}, Remanent {ours:?}");
    }
    assert_eq!(theirs.len(), ours.len(), "Q{query}: rows of {peer} and of Remanent");
}

fn report(sides: &[Peer], queries: &[(usize, String)], figures: &[Vec<f64>], scale: f64) {
    for (i, (number, _)) in queries.iter().enumerate() {
        let peers: Vec<(&str, f64)> =
            sides.iter().zip(figures).skip(1).map(|(side, times)| (side.name, times[i])).collect();
        less("tpch", format!("scale {scale}, Q{number}"), "ms").row(figures[0][i], &peers, Asked::Nothing);
    }
    let mean = |times: &[f64]| (times.iter().map(|t| t.ln()).sum::<f64>() / times.len() as f64).exp();
    let peers: Vec<(&str, f64)> =
        sides.iter().zip(figures).skip(1).map(|(side, times)| (side.name, mean(times))).collect();
    let what = format!("scale {scale}, geometric mean");
    less("tpch", what, "ms").row(mean(&figures[0]), &peers, Asked::Nothing);
}
