//! Vector indexes: as many rows as there are, each with its distance, in order; and among them the share of the true neighbours that
//! was asked for, whatever the filter and its relation to the query.

use super::harness::{Random, Subject, answer, compare_with_scans};
use super::recall::Found;
use remanent::{Connection, Database, Result, Value, params};
use std::cell::RefCell;
use std::cmp::Ordering;

/// So many places that vectors lie around.
const PLACES: u64 = 12;

/// A number around 0, at most 1 away.
fn noise(random: &mut Random) -> f64 {
    (0..3).map(|_| random.below(2001) as f64 / 1000.0 - 1.0).sum::<f64>() / 3.0
}

/// A vector near a place.
fn near(random: &mut Random, place: u64, dim: usize) -> Vec<f64> {
    let mut centre = Random(place * 7919 + dim as u64);
    (0..dim).map(|_| noise(&mut centre) * 2.0 + noise(random)).collect()
}

fn written(vector: &[f64]) -> String {
    let numbers: Vec<String> = vector.iter().map(|x| format!("{x:.3}")).collect();
    format!("[{}]", numbers.join(","))
}

/// A vector as SQL writes it; some are 0, and some come often.
pub fn vector(random: &mut Random, dim: usize) -> String {
    match random.below(30) {
        0 => written(&vec![0.0; dim]),
        1 | 2 => written(&near(&mut Random(5), 3, dim)),
        _ => {
            let place = random.below(PLACES);
            written(&near(random, place, dim))
        }
    }
}

pub fn value(random: &mut Random, column: &str) -> String {
    if column == "n" {
        return random.below(20).to_string();
    }
    if random.below(15) == 0 {
        return "NULL".to_string();
    }
    format!("'{}'", vector(random, if column == "v" { 20 } else { 5 }))
}

pub fn condition(random: &mut Random) -> String {
    match random.below(7) {
        0 => format!("n = {}", random.below(20)),
        1 => format!("n < {}", random.below(20)),
        2 => format!("id % 7 = {}", random.below(7)),
        3 => format!("(n = {} OR h IS NULL)", random.below(20)),
        4 => format!("id < {}", random.below(400)),
        // What is far from most that is asked.
        5 => format!("v <-> '{}' < 4", vector(random, 20)),
        _ => "n BETWEEN 5 AND 15".to_string(),
    }
}

fn question(random: &mut Random, table: &str) -> String {
    let (column, dim) = [("v", 20), ("h", 5)][random.below(2) as usize];
    let (op, to) = (random.one(&["<->", "<->", "<=>", "<#>", "<+>"]), vector(random, dim));
    let by = match random.below(5) {
        0 => format!("'{to}' {op} {column}"),
        _ => format!("{column} {op} '{to}'"),
    };
    let condition = match random.below(3) {
        0 => "true".to_owned(),
        _ => condition(random),
    };
    let limit = random.one(&["1", "3", "10", "10 OFFSET 4", "40", "1000", "0"]);
    format!("SELECT id, {by} AS far FROM {table} WHERE {condition} ORDER BY far LIMIT {limit}")
}

/// How far each row of an answer is.
fn distances(rows: &[Vec<Value>]) -> Vec<f64> {
    let far = |row: &Vec<Value>| match &row[1] {
        Value::Float8(far) => *far,
        Value::Null => f64::INFINITY,
        other => panic!("a distance is {other:?}"),
    };
    rows.iter().map(far).collect()
}

/// As PostgreSQL orders them: what is not a number is greatest, but for NULL.
fn order(a: f64, b: f64) -> Ordering {
    let key = |x: f64| (x.is_infinite() && x > 0.0, x.is_nan());
    key(a).cmp(&key(b)).then(a.partial_cmp(&b).unwrap_or(Ordering::Equal))
}

/// An answer by the index beside that of a scan: as many rows, each with its own distance, in order. How many of them are no farther
/// than the last of the scan's is counted.
pub fn compare_ranked(conn: &Connection, question: &str, found: &mut Found) -> Result<()> {
    let set = |sql: &str| conn.execute(sql, params![]);
    let ranked = answer(conn, question)?;
    set("SET vector.recall = 1")?;
    let exact = distances(&answer(conn, question)?);
    set("RESET vector.recall")?;
    set("SET enable_indexscan = off")?;
    let plain = distances(&answer(conn, question)?);
    let (all, _) = question.split_once(" ORDER BY ").unwrap();
    let all = answer(conn, all)?;
    set("SET enable_indexscan = on")?;
    let same =
        |a: &[f64], b: &[f64]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| order(*a, *b).is_eq());
    assert!(same(&exact, &plain), "{question}, at recall 1");
    assert_eq!(ranked.len(), plain.len(), "{question}");
    let far = distances(&ranked);
    assert!(far.is_sorted_by(|a, b| order(*a, *b).is_le()), "{question}: {far:?}");
    let mut ids: Vec<i64> = Vec::new();
    for row in &ranked {
        let same = |other: &Vec<Value>| row.iter().zip(other).all(|(a, b)| a.compare(b).is_eq());
        assert!(all.iter().any(same), "{question}: {row:?}");
        let Value::Int8(id) = row[0] else { panic!("an id is {:?}", row[0]) };
        ids.push(id);
    }
    ids.sort_unstable();
    assert!(ids.is_sorted_by(|a, b| a < b), "{question}: a row twice");
    // A sorted answer that falls behind at one place stays behind: rows at the same distance count as each other.
    if let Some(&last) = plain.last() {
        found.add(far.iter().filter(|far| order(**far, last).is_le()).count(), plain.len());
    }
    Ok(())
}

#[test]
fn what_an_index_ranks_first_is_what_lies_nearest() {
    let found = RefCell::new(Found::default());
    let subject = Subject {
        columns: "v vector(20), h halfvec(5), n int",
        names: &["v", "h", "n"],
        indexes: &[
            "USING hnsw (v)",
            "USING vector (v vector_cosine_ops)",
            "USING ivfflat (v vector_ip_ops) WITH (lists = 7)",
            "USING diskann (v vector_l1_ops)",
            "USING hnsw (h)",
            "USING hnsw (h halfvec_cosine_ops)",
            "USING hnsw (h halfvec_ip_ops)",
            "USING hnsw (h halfvec_l1_ops)",
            "(n)",
        ],
        unique: &[""],
        value,
        condition,
        question,
        compare: &|conn, question| compare_ranked(conn, question, &mut found.borrow_mut()),
    };
    compare_with_scans("what_an_index_ranks_first_is_what_lies_nearest", 8, &subject);
    found.borrow().assert_keeps(0.95, "all questions");
}

const DIM: usize = 24;

/// A vector near a place.
type Near = fn(&mut Random, u64, usize) -> Vec<f64>;

/// One that in a few of its dimensions lies far off: its nearest by the sum of differences are others than by their squares.
fn spiked(random: &mut Random, place: u64, dim: usize) -> Vec<f64> {
    let mut vector = near(random, place, dim);
    (0..random.below(4)).for_each(|_| vector[random.below(dim as u64) as usize] += 6.0 * noise(random));
    vector
}

/// A table of several segments and a few rows in memory. `place`: around which of the places the vector lies; `n`: any number.
fn fixture(rows: u64, class: &str) -> (tempfile::TempDir, Database, Connection) {
    fixture_of(rows, class, near)
}

fn fixture_of(rows: u64, class: &str, near: Near) -> (tempfile::TempDir, Database, Connection) {
    let dir = tempfile::tempdir().unwrap();
    let db = Database::options().background(false).open(dir.path().join("v.rem")).unwrap();
    let conn = db.connect().unwrap();
    let table = format!("CREATE TABLE t (id bigint PRIMARY KEY, n int, place int, v vector({DIM}))");
    conn.execute(&table, params![]).unwrap();
    let mut random = Random(42);
    for part in 0..4 {
        let mut app = conn.appender("t").unwrap();
        for i in 0..rows / 4 {
            let place = random.below(PLACES);
            let v = near(&mut random, place, DIM).into_iter().map(|x| x as f32).collect();
            let (id, n) = ((part * rows / 4 + i) as i64, random.below(1000) as i32);
            let row = [Value::Int8(id), Value::Int4(n), Value::Int4(place as i32), Value::Vector(v)];
            app.append(row.to_vec()).unwrap();
        }
        app.finish().unwrap();
        db.flush().unwrap();
        if part == 1 {
            conn.execute(&format!("CREATE INDEX i ON t USING hnsw (v {class})"), params![]).unwrap();
        }
    }
    conn.execute("DELETE FROM t WHERE n % 10 = 3", params![]).unwrap();
    // A few that are in memory only.
    conn.execute("INSERT INTO t SELECT id + 100000, n, place, v FROM t WHERE n = 8", params![]).unwrap();
    (dir, db, conn)
}

/// Asks so many queries with a filter; `{place}` in it is the place of the query.
fn measure(conn: &Connection, op: &str, filter: &str, limit: usize, queries: u64) -> Found {
    measure_of(conn, op, filter, limit, queries, near)
}

fn measure_of(conn: &Connection, op: &str, filter: &str, limit: usize, queries: u64, near: Near) -> Found {
    let mut random = Random(4711);
    let mut found = Found::default();
    for _ in 0..queries {
        let place = random.below(PLACES);
        let to = written(&near(&mut random, place, DIM));
        let filter = filter.replace("{place}", &place.to_string());
        let by = format!("v {op} '{to}'");
        let sql = format!("SELECT id, {by} AS far FROM t WHERE {filter} ORDER BY far LIMIT {limit}");
        let ranked = distances(&answer(conn, &sql).unwrap());
        conn.execute("SET enable_indexscan = off", params![]).unwrap();
        let plain = distances(&answer(conn, &sql).unwrap());
        conn.execute("SET enable_indexscan = on", params![]).unwrap();
        assert_eq!(ranked.len(), plain.len(), "{sql}");
        if let Some(&last) = plain.last() {
            found.add(ranked.iter().filter(|far| **far <= last).count(), plain.len());
        }
    }
    found
}

#[test]
fn recall_is_kept_whatever_the_setting() {
    for (op, class) in [
        ("<->", "vector_l2_ops"),
        ("<=>", "vector_cosine_ops"),
        ("<#>", "vector_ip_ops"),
        ("<+>", "vector_l1_ops"),
    ] {
        let (_dir, _db, conn) = fixture(8000, class);
        for asked in [0.8, 0.9, 0.95, 0.99] {
            conn.execute(&format!("SET vector.recall = {asked}"), params![]).unwrap();
            for (limit, queries) in [(1, 300), (10, 200), (50, 100)] {
                let found = measure(&conn, op, "true", limit, queries);
                found.assert_keeps(asked, &format!("{op} LIMIT {limit}"));
            }
        }
    }
}

#[test]
fn recall_and_rows_are_kept_whatever_the_filter() {
    let (_dir, _db, conn) = fixture(8000, "vector_l2_ops");
    for filter in [
        "n < 500",
        "n < 100",
        "n < 10",
        "n = 7",
        "id = 77",
        "id < 0",
        // Those that lie where the query does, those that lie elsewhere, and both.
        "place = {place}",
        "place <> {place}",
        "place = ({place} + 1) % 12",
        "place = ({place} + 1) % 12 AND n < 300",
        "(place = ({place} + 5) % 12 OR n = 3)",
        "place IN (({place} + 1) % 12, ({place} + 2) % 12, ({place} + 3) % 12)",
    ] {
        for (limit, queries) in [(1, 400), (10, 150), (100, 50)] {
            let found = measure(&conn, "<->", filter, limit, queries);
            if filter != "id < 0" {
                found.assert_keeps(0.95, &format!("{filter} LIMIT {limit}"));
            }
        }
    }
}

#[test]
fn recall_is_kept_where_estimates_are_of_another_distance() {
    let (_dir, _db, conn) = fixture_of(8000, "vector_l1_ops", spiked);
    for asked in [0.8, 0.95, 0.99] {
        conn.execute(&format!("SET vector.recall = {asked}"), params![]).unwrap();
        for filter in ["true", "n < 100", "place = ({place} + 1) % 12"] {
            for (limit, queries) in [(1, 300), (10, 200), (50, 100)] {
                let found = measure_of(&conn, "<+>", filter, limit, queries, spiked);
                found.assert_keeps(asked, &format!("{filter} LIMIT {limit}"));
            }
        }
    }
}
