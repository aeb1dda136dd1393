//! The rows nearest to a vector: 50,000 sentence embeddings of 384 dimensions (`BENCH_WORDNET`, a directory with `vectors.npy`; without
//! it as many synthetic ones, in clusters), the last 500 of which ask. One thread, warm. Beside it faiss, hnswlib, usearch, sqlite-vec,
//! LanceDB and pgvector, where `bench/peers.sh` has made them a Python environment (`bench/vectors.py`), and moteDB where
//! `bench/peers.sh motedb` has built it (`bench/motedb/`).

use super::setting;
use crate::measure::{median, memory, size};
use crate::peers::python::{self, Line};
use crate::table::{Asked, Figure, less};
use remanent::{Connection, Database, Statement, Value, params};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// Of the embeddings; of synthetic ones `BENCH_DIM`.
const DIM: usize = 384;
const QUERIES: usize = 500;

/// Half floats of a NumPy array of rows of `DIM`.
pub fn read(path: &Path) -> Option<Vec<Vec<f32>>> {
    let bytes = std::fs::read(path).ok()?;
    let header = usize::from(u16::from_le_bytes([*bytes.get(8)?, *bytes.get(9)?]));
    let halves = bytes.get(10 + header..)?.chunks_exact(2).map(|b| half(u16::from_le_bytes([b[0], b[1]])));
    let flat: Vec<f32> = halves.collect();
    Some(flat.chunks_exact(DIM).map(<[f32]>::to_vec).collect())
}

fn half(bits: u16) -> f32 {
    let (sign, exponent, fraction) = (bits >> 15, (bits >> 10) & 31, bits & 0x3ff);
    let magnitude = match exponent {
        0 => f32::from(fraction) * 2f32.powi(-24),
        e => (1.0 + f32::from(fraction) / 1024.0) * 2f32.powi(i32::from(e) - 15),
    };
    if sign == 1 { -magnitude } else { magnitude }
}

fn synthetic(rows: usize, dim: usize) -> Vec<Vec<f32>> {
    let mut state = 1u64;
    let mut next = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1 << 23) as f32 - 1.0
    };
    let centres: Vec<Vec<f32>> = (0..1000).map(|_| (0..dim).map(|_| next()).collect()).collect();
    (0..rows).map(|i| centres[i * 7919 % 1000].iter().map(|c| c + 0.6 * next()).collect()).collect()
}

struct Asking<'a> {
    conn: &'a Connection,
    queries: &'a [Vec<f32>],
}

impl Asking<'_> {
    fn ask(&self, statement: &Statement, to: &[f32]) -> Vec<i64> {
        let rows = statement.query(params![to.to_vec()]).expect("query");
        rows.map(|row| row.and_then(|row| row.get(0)).expect("id")).collect()
    }

    fn prepare(&self, filter: &str, recall: f64) -> Statement<'_> {
        self.conn.execute(&format!("SET vector.recall = {recall}"), params![]).expect("set");
        let sql = format!("SELECT id FROM g {filter} ORDER BY v <-> $1 LIMIT 10");
        self.conn.prepare(&sql).expect("prepare")
    }

    /// What each query's nearest rows are.
    fn truth(&self, filter: &str) -> Vec<Vec<i64>> {
        let exact = self.prepare(filter, 1.0);
        self.queries.iter().map(|to| self.ask(&exact, to)).collect()
    }

    /// The median time in microseconds and the mean recall at a setting.
    fn run(&self, filter: &str, recall: f64, truth: &[Vec<i64>]) -> (f64, f64) {
        let statement = self.prepare(filter, recall);
        self.queries.iter().for_each(|to| drop(self.ask(&statement, to)));
        let (mut times, mut found, mut all) = (Vec::new(), 0, 0);
        for (to, truth) in self.queries.iter().zip(truth) {
            let begin = Instant::now();
            let got = self.ask(&statement, to);
            times.push(begin.elapsed().as_secs_f64() * 1e6);
            assert_eq!(got.len(), truth.len(), "{filter}");
            all += truth.len();
            found += truth.iter().filter(|id| got.contains(id)).count();
        }
        (median(times), found as f64 / all.max(1) as f64)
    }
}

/// What peers say of themselves.
fn peers(data: &Path, dim: usize) -> Vec<Line> {
    let dim = dim.to_string();
    let args = [data.as_os_str(), dim.as_ref()];
    let mut lines = python::ask("vectors.py", &args);
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/peers/motedb/release/motedb-peer");
    lines.extend(python::said(Command::new(built), &args, "moteDB"));
    lines
}

pub fn vectors() {
    let dir = tempfile::tempdir().expect("directory");
    let given = std::env::var_os("BENCH_WORDNET").map(|dir| PathBuf::from(dir).join("vectors.npy"));
    let rows = setting("BENCH_VECTORS", 50_000) as usize;
    let all = given
        .as_deref()
        .and_then(read)
        .unwrap_or_else(|| synthetic(rows, setting("BENCH_DIM", 384) as usize));
    let dim = all.first().map_or(0, Vec::len);
    let (rows, queries) = all.split_at(all.len() - QUERIES);
    let db = Database::options().memory_limit(512 << 20).open(dir.path().join("v.rem")).expect("open");
    let conn = db.connect().expect("connect");
    let sql = format!("CREATE TABLE g (id bigint PRIMARY KEY, part int NOT NULL, v vector({dim}))");
    conn.execute(&sql, params![]).expect("table");
    let begin = Instant::now();
    let mut app = conn.appender("g").expect("appender");
    for (id, v) in (0i64..).zip(rows) {
        // Not in the order of ids, so that a part of the rows is not a part of the table.
        let part = (id as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33;
        app.append(vec![Value::Int8(id), Value::Int4((part % 1000) as i32), Value::Vector(v.clone())])
            .expect("row");
    }
    app.finish().expect("load");
    db.flush().expect("flush");
    eprintln!("vectors: {} rows loaded in {:.1} s", rows.len(), begin.elapsed().as_secs_f64());
    let begin = Instant::now();
    conn.execute("CREATE INDEX g_v ON g USING hnsw (v vector_l2_ops)", params![]).expect("index");
    let build = begin.elapsed().as_secs_f64();
    eprintln!(
        "vectors: after the build {:.0} MB resident, at most {:.0}, {:.0} of them the rows of this program",
        memory("VmRSS") / 1e6,
        memory("VmHWM") / 1e6,
        (all.len() * dim * 4) as f64 / 1e6
    );
    let data = dir.path().join("vectors.f32");
    let bytes: Vec<u8> = all.iter().flatten().flat_map(|x| x.to_le_bytes()).collect();
    std::fs::write(&data, bytes).expect("data");
    let peers = peers(&data, dim);
    let of = |what: &str| python::of(&peers, what);
    let row = |what: String, unit: &'static str, ours: f64, theirs: Vec<(String, f64)>, asked: Asked| {
        let theirs: Vec<(&str, f64)> = theirs.iter().map(|(name, figure)| (name.as_str(), *figure)).collect();
        Figure { scenario: "vectors", what, unit, more_is_better: false }.row(ours, &theirs, asked);
    };
    row(format!("build, {} x {dim}", rows.len()), "s", build, of("build"), Asked::AtMost(10.0));
    let asking = Asking { conn: &conn, queries };
    let truth = asking.truth("");
    for recall in [0.9, 0.95, 0.985, 0.995] {
        let (time, got) = asking.run("", recall, &truth);
        let what = format!("10 nearest, recall set to {recall}, is {got:.3}");
        let asked = if recall == 0.985 { Asked::AtMost(80.0) } else { Asked::Nothing };
        row(what, "us", time, if recall == 0.985 { of("search") } else { Vec::new() }, asked);
    }
    for (what, filter) in
        [("50 %", "part < 500"), ("10 %", "part < 100"), ("1 %", "part < 10"), ("0.1 %", "part = 7")]
    {
        let filter = format!("WHERE {filter}");
        let (time, got) = asking.run(&filter, 0.985, &asking.truth(&filter));
        let what = format!("10 nearest of {what}, recall set to 0.985, is {got:.3}");
        row(what, "us", time, of(filter.trim_start_matches("WHERE ")), Asked::Nothing);
    }
    let parts = std::fs::read_dir(dir.path().join("v.rem/seg")).expect("segments").flatten();
    let parts = parts.filter(|entry| entry.file_name().to_string_lossy().ends_with(".idx"));
    let bytes: u64 = parts.filter_map(|entry| entry.metadata().ok()).map(|data| data.len()).sum();
    // On disk; in memory are the centroids alone, and what of the rest the page cache keeps.
    row(
        "bytes of index on disk a vector".into(),
        "B",
        bytes as f64 / rows.len() as f64,
        of("bytes"),
        Asked::Nothing,
    );
    let (rows, time) = first_query(dir.path(), conn, db, &queries[0]);
    let what = format!("open, and the first query ({rows} rows)");
    let opened = of("open");
    let opened: Vec<(&str, f64)> = opened.iter().map(|(name, figure)| (name.as_str(), *figure)).collect();
    less("vectors", what, "ms").row(time, &opened, Asked::Nothing);
    eprintln!("vectors: the directory is {:.0} MB", size(dir.path()) / 1e6);
}

/// Opens the database again, and asks once: how many rows, and how many milliseconds it took.
fn first_query(dir: &Path, conn: Connection, db: Database, to: &[f32]) -> (usize, f64) {
    drop(conn);
    drop(db);
    let begin = Instant::now();
    let db = Database::options().memory_limit(512 << 20).open(dir.join("v.rem")).expect("open");
    let conn = db.connect().expect("connect");
    let statement = conn.prepare("SELECT id FROM g ORDER BY v <-> $1 LIMIT 10").expect("prepare");
    let rows = statement.query(params![to.to_vec()]).expect("query").count();
    (rows, begin.elapsed().as_secs_f64() * 1e3)
}
