//! Queries that every engine answers: all answers compared, then timed hot, medians. On one thread: how long that thread was
//! on a processor, so that neighbours on the machine do not count. On two, where the engine has them: by the clock, so the
//! machine must be idle.
//!
//! | variable | names |
//! |---|---|
//! | `BENCH_ONLY` | the one query to run, by its place from 1 on |
//! | `BENCH_THREADS` | 1 or 2: only that many threads |
//! | `BENCH_SQLITE` | 0: without SQLite, which takes minutes |
//! | `BENCH_KEEP` | a directory where the databases stay, to be used again |

use super::{ROUNDS, fresh, setting, with_duckdb};
use crate::engine::{Engine, Feed, Field, Session, Setup};
use crate::measure::{median, thread_time};
use crate::peers::{Peer, REMANENT, SQLITE};
use crate::table::{Asked, less};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// Hands each row of a table to a loader.
pub type Rows = fn(scale: f64, add: &mut dyn FnMut(&[Field]));

pub struct Table {
    pub name: &'static str,
    pub columns: &'static str,
    pub rows: Rows,
}

/// Tables and questions.
pub struct Suite<'a> {
    /// The scenario.
    pub name: &'a str,
    /// What its size is called, and how large it is.
    pub size: String,
    pub scale: f64,
    pub tables: &'a [Table],
    /// The name and the text of each.
    pub queries: Vec<(String, String)>,
    /// What is asked beside DuckDB: of each query, and of the geometric mean.
    pub asked: (Option<f64>, f64),
    /// What SQLite's dialect says otherwise; None: it does not know what is asked.
    pub sqlite: Option<&'a [(&'a str, &'a str)]>,
}

/// Queries that take so many milliseconds are not waited for again.
const ONCE: f64 = 3000.0;

/// How many threads may answer, and by which clock they are timed.
struct Threads {
    count: u64,
    name: &'static str,
    now: fn() -> Duration,
}

const THREADS: [Threads; 2] = [
    Threads { count: 1, name: "one thread", now: thread_time },
    Threads { count: 2, name: "two threads", now: clock },
];

/// Time since the first call.
fn clock() -> Duration {
    static BEGUN: OnceLock<Instant> = OnceLock::new();
    BEGUN.get_or_init(Instant::now).elapsed()
}

impl Suite<'_> {
    pub fn run(&self) {
        let only = setting("BENCH_ONLY", 0) as usize;
        let asked = |i: usize| only == 0 || only == i + 1;
        let sqlite = self.sqlite.filter(|_| setting("BENCH_SQLITE", 1) == 1).map(|_| SQLITE);
        let sides: Vec<Peer> = [REMANENT].into_iter().chain(with_duckdb(&[])).chain(sqlite).collect();
        let mut figures: [Vec<Vec<f64>>; 2] = Default::default();
        let mut expected: Vec<Vec<Vec<String>>> = Vec::new();
        for (n, side) in sides.iter().enumerate() {
            let dir = fresh();
            let kept = std::env::var_os("BENCH_KEEP").map(|dir| PathBuf::from(dir).join(side.name));
            let db = self.loaded(*side, &kept.unwrap_or_else(|| dir.path().to_owned()));
            let mut session = db.session();
            for threads in THREADS {
                if ![0, threads.count].contains(&setting("BENCH_THREADS", 0)) {
                    continue;
                }
                let setting = match side.name {
                    "DuckDB" => format!("SET threads = {}", threads.count),
                    name if name == REMANENT.name => {
                        format!("SET max_parallel_workers_per_gather = {}", threads.count - 1)
                    }
                    // SQLite has one thread.
                    _ if threads.count > 1 => continue,
                    _ => String::new(),
                };
                if !setting.is_empty() {
                    session.execute(&setting);
                }
                let mut times = vec![f64::NAN; self.queries.len()];
                for (i, (name, sql)) in self.queries.iter().enumerate().filter(|(i, _)| asked(*i)) {
                    let sql = match side.name == SQLITE.name {
                        true => self
                            .sqlite
                            .unwrap_or_default()
                            .iter()
                            .fold(sql.clone(), |sql, (a, b)| sql.replace(a, b)),
                        false => sql.clone(),
                    };
                    let begun = (threads.now)();
                    let answer = session.answer(&sql);
                    let first = ((threads.now)() - begun).as_secs_f64() * 1e3;
                    expected.resize(self.queries.len().max(expected.len()), Vec::new());
                    match n == 0 && expected[i].is_empty() {
                        false => compare(name, side.name, &answer, &expected[i]),
                        true => expected[i] = answer,
                    }
                    let mut time = || time(session.as_mut(), &sql, threads.now);
                    times[i] = if first > ONCE { first } else { time() };
                    eprintln!("{name} {} {} {:.1} ms", side.name, threads.name, times[i]);
                }
                figures[threads.count as usize - 1].push(times);
            }
        }
        for (threads, figures) in THREADS.iter().zip(&figures).filter(|(_, figures)| !figures.is_empty()) {
            self.report(threads, &sides[..figures.len()], figures);
        }
    }

    /// A database with the tables, opened anew, so that all of it lies on disk.
    fn loaded(&self, side: Peer, dir: &Path) -> Box<dyn Engine> {
        let setup = Setup::OFF.memory(4 << 30);
        if !dir.exists() || dir.read_dir().is_ok_and(|mut files| files.next().is_none()) {
            std::fs::create_dir_all(dir).unwrap();
            let db = (side.open)(dir, setup);
            let mut session = db.session();
            for table in self.tables {
                let rows: Feed<'_> = &mut |add| (table.rows)(self.scale, add);
                session.load(table.name, table.columns, rows);
            }
            db.flush();
            if side.name == SQLITE.name {
                session.execute("ANALYZE");
            }
        }
        (side.open)(dir, setup)
    }

    fn report(&self, threads: &Threads, sides: &[Peer], figures: &[Vec<f64>]) {
        let row = |what: &str, of: &dyn Fn(&[f64]) -> f64, least: [Option<f64>; 2]| {
            for (side, times) in sides.iter().zip(figures).skip(1) {
                let asked = least[usize::from(side.name == SQLITE.name)].map_or(Asked::Nothing, Asked::Ratio);
                let what = format!("{}, {}, {what}", self.size, threads.name);
                less(self.name, what, "ms").row(of(&figures[0]), &[(side.name, of(times))], asked);
            }
        };
        for (i, (name, _)) in self.queries.iter().enumerate().filter(|(i, _)| !figures[0][*i].is_nan()) {
            row(name, &|times| times[i], [self.asked.0, None]);
        }
        let mean = |times: &[f64]| {
            let known: Vec<f64> = times.iter().copied().filter(|time| !time.is_nan()).map(f64::ln).collect();
            (known.iter().sum::<f64>() / known.len() as f64).exp()
        };
        row("geometric mean", &mean, [Some(self.asked.1), Some(10.0)]);
    }
}

fn time(session: &mut dyn Session, sql: &str, now: fn() -> Duration) -> f64 {
    let once = |_| {
        let begun = now();
        session.answer(sql);
        (now() - begun).as_secs_f64() * 1e3
    };
    median((0..ROUNDS).map(once).collect())
}

/// Numbers may differ in their last digits: DuckDB and SQLite divide and average in doubles.
fn compare(query: &str, peer: &str, theirs: &[Vec<String>], ours: &[Vec<String>]) {
    let same = |a: &String, b: &String| match (a.parse::<f64>(), b.parse::<f64>()) {
        (Ok(a), Ok(b)) => (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1.0),
        _ => a == b,
    };
    let rows =
        |a: &Vec<String>, b: &Vec<String>| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b));
    for (theirs, ours) in theirs.iter().zip(ours) {
        assert!(rows(theirs, ours), "{query}: {peer} says {theirs:?}, Remanent {ours:?}");
    }
    assert_eq!(theirs.len(), ours.len(), "{query}: rows of {peer} and of Remanent");
}
