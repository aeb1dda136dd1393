//! Rows into a table with an index of every kind, in batches of 1,000: what the indexes cost who writes, and whether a control loop
//! beside it notices. The glosses of WordNet with their embeddings (`BENCH_WORDNET`; without it the scenario is left out), a
//! time and a place each.
//!
//! | index | ours | PostgreSQL | SQLite |
//! |---|---|---|---|
//! | by time | btree | btree | btree |
//! | by words | GIN of a tsvector | the same | FTS5 |
//! | by place | gist | gist of PostGIS | R*Tree |
//! | by vector, 384 numbers | hnsw | none: a column of bytes | none: a column of bytes |
//!
//! So the fair row is the one without an index of vectors. Commits are durable on every side, SQLite in WAL. One thread writes; ours
//! has a thread in the background besides, PostgreSQL a process. At the end everything is flushed, ours with all parts of the indexes;
//! SQLite's WAL is checkpointed, PostgreSQL's pages are (`CHECKPOINT`): that is in the time.
//!
//! The loop: 200 durable inserts a second into a table of its own, while a second thread brings 10 batches of 100 rows a second and a third forces a flush
//! every half second; first into a table without indexes, then into one with all four.

use super::control_loop::PERIOD;
use super::{fresh, setting, vectors};
use crate::measure::percentile;
use crate::peers::postgres::Server;
use crate::table::{Asked, less, more};
use remanent::{Connection, Database, Value, params};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const BATCH: usize = 1000;

/// A row: words, a vector, a place. Its number is its time.
struct Row {
    words: String,
    vector: Vec<f32>,
    x: f64,
    y: f64,
}

fn rows(dir: &Path) -> Option<Vec<Row>> {
    let vectors = vectors::read(&dir.join("vectors.npy"))?;
    let scratch = fresh();
    let db = Database::options().open(scratch.path().join("csv.rem")).ok()?;
    let conn = db.connect().ok()?;
    conn.execute("CREATE TABLE g (id bigint, part text, words text, gloss text)", params![]).ok()?;
    let copy = format!("COPY g FROM '{}' WITH (FORMAT csv, HEADER)", dir.join("glosses.csv").display());
    conn.execute(&copy, params![]).ok()?;
    let glosses = conn.query("SELECT gloss FROM g ORDER BY id", params![]).ok()?;
    let place = |i: usize, by: usize| (i * by % 100_003) as f64 / 100_003.0 * 20.0;
    let row = |(i, (gloss, vector)): (usize, (_, Vec<f32>))| -> Option<Row> {
        let gloss: remanent::Result<remanent::Row> = gloss;
        let words = gloss.ok()?.get(0).ok()?;
        Some(Row { words, vector, x: place(i, 7919), y: place(i, 31_337) })
    };
    glosses.zip(vectors).enumerate().map(row).collect()
}

const INDEXES: [&str; 4] = [
    "CREATE INDEX ON t USING btree (ts)",
    "CREATE INDEX ON t USING gin (to_tsvector('english', words))",
    "CREATE INDEX ON t USING gist (at)",
    "CREATE INDEX ON t USING hnsw (v vector_l2_ops)",
];
const INSERT: &str = "INSERT INTO t VALUES ($1, $2, $3, $4, ST_SetSRID(ST_MakePoint($5, $6), 4326))";

fn open(dir: &Path, indexes: &[&str]) -> Database {
    let db = Database::options().memory_limit(256 << 20).open(dir.join("i.rem")).expect("open");
    let conn = db.connect().expect("connect");
    let table = "CREATE TABLE t (id bigint PRIMARY KEY, ts bigint, words text, v vector(384), at geometry(Point, 4326))";
    conn.execute(table, params![]).expect("table");
    for sql in indexes {
        conn.execute(sql, params![]).expect("index");
    }
    db
}

fn batch(conn: &Connection, first: i64, rows: &[Row]) {
    let tx = conn.begin().expect("begin");
    let insert = tx.prepare(INSERT).expect("prepare");
    for (id, row) in (first..).zip(rows) {
        let vector = Value::Vector(row.vector.clone());
        insert.execute(params![id, id * 1000, row.words.as_str(), vector, row.x, row.y]).expect("row");
    }
    drop(insert);
    tx.commit().expect("commit");
}

/// Rows a second, and how long the longest batch took in milliseconds.
fn ours(rows: &[Row], indexes: &[&str]) -> (f64, f64) {
    let dir = fresh();
    let db = open(dir.path(), indexes);
    let conn = db.connect().expect("connect");
    let (begin, mut longest) = (Instant::now(), 0.0f64);
    for (i, some) in rows.chunks(BATCH).enumerate() {
        let begun = Instant::now();
        batch(&conn, (i * BATCH) as i64, some);
        longest = longest.max(begun.elapsed().as_secs_f64() * 1e3);
    }
    db.flush().expect("flush");
    (rows.len() as f64 / begin.elapsed().as_secs_f64(), longest)
}

fn bytes(vector: &[f32]) -> Vec<u8> {
    vector.iter().flat_map(|x| x.to_le_bytes()).collect()
}

fn sqlite(rows: &[Row]) -> f64 {
    let dir = fresh();
    let conn = rusqlite::Connection::open(dir.path().join("i.sqlite")).expect("sqlite");
    conn.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536;
         CREATE TABLE t (id integer PRIMARY KEY, ts integer, words text, v blob); CREATE INDEX t_ts ON t (ts);
         CREATE VIRTUAL TABLE f USING fts5(words, content = '', tokenize = 'porter unicode61');
         CREATE VIRTUAL TABLE r USING rtree(id, x0, x1, y0, y1, +x, +y)",
    )
    .expect("tables");
    let begin = Instant::now();
    for (i, some) in rows.chunks(BATCH).enumerate() {
        conn.execute_batch("BEGIN").expect("begin");
        let mut table = conn.prepare_cached("INSERT INTO t VALUES (?1, ?2, ?3, ?4)").expect("prepare");
        let mut words = conn.prepare_cached("INSERT INTO f (rowid, words) VALUES (?1, ?2)").expect("prepare");
        let mut place =
            conn.prepare_cached("INSERT INTO r VALUES (?1, ?2, ?2, ?3, ?3, ?2, ?3)").expect("prepare");
        for (id, row) in ((i * BATCH) as i64..).zip(some) {
            table.execute((id, id * 1000, &row.words, bytes(&row.vector))).expect("row");
            words.execute((id, &row.words)).expect("words");
            place.execute((id, row.x, row.y)).expect("place");
        }
        conn.execute_batch("COMMIT").expect("commit");
    }
    conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).expect("checkpoint");
    rows.len() as f64 / begin.elapsed().as_secs_f64()
}

fn postgres(rows: &[Row]) -> Option<f64> {
    let server = Server::start()?;
    let mut client = server.connect();
    client.batch_execute("CREATE EXTENSION postgis").ok()?;
    let table =
        "CREATE TABLE t (id bigint PRIMARY KEY, ts bigint, words text, v bytea, at geometry(Point, 4326))";
    client.batch_execute(table).expect("table");
    INDEXES[..3].iter().for_each(|sql| client.batch_execute(sql).expect("index"));
    let insert = client.prepare(INSERT).expect("prepare");
    let begin = Instant::now();
    for (i, some) in rows.chunks(BATCH).enumerate() {
        let mut tx = client.transaction().expect("begin");
        for (id, row) in ((i * BATCH) as i64..).zip(some) {
            let vector = bytes(&row.vector);
            tx.execute(&insert, &[&id, &(id * 1000), &row.words, &vector, &row.x, &row.y]).expect("row");
        }
        tx.commit().expect("commit");
    }
    client.batch_execute("CHECKPOINT").expect("checkpoint");
    Some(rows.len() as f64 / begin.elapsed().as_secs_f64())
}

/// How long each insert of the loop took, sorted.
fn beat(rows: &[Row], indexes: &[&str]) -> Vec<Duration> {
    let dir = fresh();
    let db = open(dir.path(), indexes);
    let conn = db.connect().expect("connect");
    conn.execute("CREATE TABLE imu (ts bigint PRIMARY KEY, ax float8, ay float8, az float8)", params![])
        .expect("table");
    let (stop, time) = (AtomicBool::new(false), Duration::from_secs(setting("BENCH_SECONDS", 20)));
    let mut samples = Vec::new();
    std::thread::scope(|scope| {
        let (db, stop) = (&db, &stop);
        scope.spawn(move || {
            let conn = db.connect().expect("connect");
            let batches = rows.chunks(100).cycle().enumerate();
            for (i, some) in batches.take_while(|_| !stop.load(Ordering::Relaxed)) {
                batch(&conn, i as i64 * 100, some);
                std::thread::sleep(Duration::from_millis(100));
            }
        });
        scope.spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                std::thread::sleep(Duration::from_millis(500));
                db.flush().expect("flush");
            }
        });
        let insert = conn.prepare("INSERT INTO imu VALUES ($1, $2, $3, $4)").expect("prepare");
        let begun = Instant::now();
        for beat in 0.. {
            let at = PERIOD * beat;
            if at >= time {
                break;
            }
            std::thread::sleep(at.saturating_sub(begun.elapsed()));
            let begin = Instant::now();
            insert.execute(params![i64::from(beat), 0.5, -0.25, 9.81]).expect("row");
            samples.push(begin.elapsed());
        }
        stop.store(true, Ordering::Relaxed);
    });
    samples.sort_unstable();
    samples
}

pub fn ingest() {
    let dir = PathBuf::from(std::env::var_os("BENCH_WORDNET").unwrap_or_default());
    let Some(rows) = rows(&dir) else {
        return eprintln!("ingest: BENCH_WORDNET names no directory with glosses.csv and vectors.npy");
    };
    let peers = [("SQLite, FTS5, R*Tree", Some(sqlite(&rows))), ("PostgreSQL 15, PostGIS", postgres(&rows))];
    let peers: Vec<(&str, f64)> = peers.into_iter().filter_map(|(name, rate)| Some((name, rate?))).collect();
    let asked = Asked::Nothing;
    for (what, indexes, peers) in [
        ("no index but the key", &INDEXES[..0], &[][..]),
        ("indexes by time, words and place", &INDEXES[..3], &peers[..]),
        ("indexes by time, words, place and vector", &INDEXES[..], &[][..]),
    ] {
        let (rate, longest) = ours(&rows, indexes);
        more("ingest", format!("durable batches of {BATCH}, {what}"), "rows/s").row(rate, peers, asked);
        less("ingest", format!("longest batch, {what}"), "ms").row(longest, &[], asked);
    }
    let [without, with] = [&INDEXES[..0], &INDEXES[..]].map(|indexes| beat(&rows, indexes));
    for (name, share) in [("median", 0.5), ("p99", 0.99), ("p99.9", 0.999), ("max", 1.0)] {
        let [without, with] = [&without, &with].map(|all| percentile(all, share).as_secs_f64() * 1e6);
        let what = format!("200 Hz durable insert beside 1,000 rows/s with four indexes, {name}");
        less("ingest", what, "µs").row(with, &[("the same without indexes", without)], asked);
    }
}
