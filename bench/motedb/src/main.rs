//! moteDB as a peer of the scenario `vectors`, one thread: prints peer, figure, value, recall, tabs between, as `bench/vectors.py` does.
//!
//! The arguments are a file of 32-bit floats and how many are a row, the last 500 of which ask for their 10 nearest among the others; then
//! names of the peers that are wanted: it is silent where `motedb` is none of them.
//!
//! It is asked twice. Its SQL compares all rows, index or not, where there are no more than 200,000; and a condition is always asked of the
//! nearest that such a scan found. Its index is asked through its own call, which gives row numbers and has no condition. How far a search
//! in the index goes is set when the index is made, so that each effort is an index of its own: the default, and one that is told to
//! look further where that one does not reach the recall.

use motedb::types::{ArcVec, SqlRow, Value};
use motedb::{DBConfig, Database, QueryResult};
use std::collections::HashMap;
use std::path::Path;
use std::time::Instant;

const QUERIES: usize = 500;
const K: usize = 10;
const WANTED: f64 = 0.985;
const PEER: &str = "moteDB 0.16";
const FILTERS: [(&str, u64, u64); 4] =
    [("part < 500", 0, 500), ("part < 100", 0, 100), ("part < 10", 0, 10), ("part = 7", 7, 8)];

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn part(id: usize) -> u64 {
    ((id as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33) % 1000
}

fn say(peer: &str, what: &str, value: f64, recall: f64) {
    println!("{peer}\t{what}\t{value}\t{recall}");
}

/// The nearest of the rows that a part's bounds let in.
fn nearest(rows: &[Vec<f32>], query: &[f32], (from, to): (u64, u64)) -> Vec<usize> {
    let distance = |row: &[f32]| -> f32 { row.iter().zip(query).map(|(a, b)| (a - b) * (a - b)).sum() };
    let inside = rows.iter().enumerate().filter(|(id, _)| (from..to).contains(&part(*id)));
    let mut all: Vec<(f32, usize)> = inside.map(|(id, row)| (distance(row), id)).collect();
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    all.iter().take(K).map(|(_, id)| *id).collect()
}

/// The median time of the queries in microseconds, and the recall; a tenth of them is asked before.
fn measure(
    queries: &[Vec<f32>],
    truth: &[Vec<usize>],
    mut search: impl FnMut(&[f32]) -> Outcome<Vec<usize>>,
) -> Outcome<(f64, f64)> {
    for query in queries.iter().take(queries.len() / 10) {
        search(query)?;
    }
    let (mut times, mut found, mut all) = (Vec::new(), 0, 0);
    for (query, exact) in queries.iter().zip(truth) {
        let begin = Instant::now();
        let got = search(query)?;
        times.push(begin.elapsed().as_secs_f64() * 1e6);
        all += exact.len();
        found += exact.iter().filter(|id| got.contains(id)).count();
    }
    times.sort_by(f64::total_cmp);
    Ok((times[times.len() / 2], found as f64 / all.max(1) as f64))
}

fn size(path: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(path) else {
        return std::fs::metadata(path).map_or(0, |data| data.len());
    };
    entries.flatten().map(|entry| size(&entry.path())).sum()
}

/// A table of the rows, and which number each of them has inside.
fn load(db: &Database, rows: &[Vec<f32>], dim: usize) -> Outcome<HashMap<u64, usize>> {
    db.execute(&format!("CREATE TABLE g (id INT PRIMARY KEY, part INT, v VECTOR({dim}))"))?;
    let mut numbers = HashMap::new();
    for (chunk, some) in rows.chunks(5000).enumerate() {
        let row = |(i, v): (usize, &Vec<f32>)| {
            let id = chunk * 5000 + i;
            let mut row = SqlRow::new();
            row.insert("id".into(), Value::Integer(id as i64));
            row.insert("part".into(), Value::Integer(part(id) as i64));
            row.insert("v".into(), Value::Vector(ArcVec::new(v.clone())));
            row
        };
        let given =
            db.batch_insert_with_vectors_map("g", some.iter().enumerate().map(row).collect(), &["v"])?;
        numbers.extend(given.into_iter().enumerate().map(|(i, number)| (number, chunk * 5000 + i)));
    }
    db.execute("CHECKPOINT")?;
    Ok(numbers)
}

fn by_sql(db: &Database, query: &[f32], filter: &str) -> Outcome<Vec<usize>> {
    let sql = format!("SELECT id FROM g {filter} ORDER BY v <-> ? LIMIT {K}");
    let found = db.execute_prepared(&sql, vec![Value::Vector(ArcVec::new(query.to_vec()))])?;
    let QueryResult::Select { rows, .. } = found.materialize()? else {
        return Err("a query without rows".into());
    };
    let id = |row: &Vec<Value>| match row.first() {
        Some(Value::Integer(id)) => Some(*id as usize),
        _ => None,
    };
    Ok(rows.iter().filter_map(id).collect())
}

fn run(file: &str, dim: usize) -> Outcome<()> {
    let floats: Vec<f32> =
        std::fs::read(file)?.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
    let all: Vec<Vec<f32>> = floats.chunks_exact(dim).map(<[f32]>::to_vec).collect();
    let (rows, queries) = all.split_at(all.len().saturating_sub(QUERIES));
    let truth: Vec<Vec<usize>> = queries.iter().map(|query| nearest(rows, query, (0, 1000))).collect();
    for (note, options) in [("", ""), (", search_list 600", " WITH (search_list = 600)")] {
        let dir = tempfile::tempdir()?;
        let path = dir.path().join("g.mote");
        let db = Database::create_with_config(&path, DBConfig::default())?;
        let numbers = load(&db, rows, dim)?;
        if options.is_empty() {
            let peer = format!("{PEER}, SQL: all rows");
            let few = &queries[..50];
            let (value, recall) = measure(few, &truth, |query| by_sql(&db, query, ""))?;
            say(&peer, "search", value, recall);
            for (filter, from, to) in FILTERS {
                let truth: Vec<Vec<usize>> =
                    few.iter().map(|query| nearest(rows, query, (from, to))).collect();
                let condition = format!("WHERE {filter}");
                let (value, recall) = measure(few, &truth, |query| by_sql(&db, query, &condition))?;
                say(&peer, filter, value, recall);
            }
        }
        let before = size(&path);
        let peer = format!("{PEER}, index{note}");
        let begin = Instant::now();
        db.execute(&format!("CREATE VECTOR INDEX g_v ON g(v){options}"))?;
        db.execute("CHECKPOINT")?;
        say(&peer, "build", begin.elapsed().as_secs_f64(), 0.0);
        say(&peer, "bytes", size(&path).saturating_sub(before) as f64 / rows.len() as f64, 0.0);
        let search = |db: &Database, query: &[f32]| -> Outcome<Vec<usize>> {
            let found = db.vector_search("g_v", query, K)?;
            Ok(found.iter().filter_map(|(number, _)| numbers.get(number).copied()).collect())
        };
        let (value, recall) = measure(queries, &truth, |query| search(&db, query))?;
        say(&peer, "search", value, recall);
        db.close()?;
        drop(db);
        let begin = Instant::now();
        let db = Database::open(&path)?;
        search(&db, &queries[0])?;
        say(&peer, "open", begin.elapsed().as_secs_f64() * 1e3, 0.0);
        db.close()?;
        if recall >= WANTED {
            break;
        }
    }
    Ok(())
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [file, dim, wanted @ ..] = &args[..] else {
        eprintln!("usage: motedb-peer FLOATS HOW_MANY_A_ROW [PEER...]");
        std::process::exit(2);
    };
    if !wanted.is_empty() && !wanted.iter().any(|name| name == "motedb") {
        return;
    }
    if let Err(error) = dim.parse().map_err(Into::into).and_then(|dim| run(file, dim)) {
        eprintln!("vectors: moteDB is left out: {error}");
    }
}
