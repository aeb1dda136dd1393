//! Vector indexes: as many rows as there are, in the right order, at the recall that was asked for; with filters, deletes, a
//! transaction's own rows, NULLs, and after flushes, merges and reopening.

use remanent::{Connection, Database, Row, Value, params};

/// Numbers from a seed.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    /// Between -1 and 1, more often near 0.
    fn float(&mut self) -> f32 {
        let mut sum = 0.0;
        for _ in 0..3 {
            sum += (self.next() % 2000) as f32 / 1000.0 - 1.0;
        }
        sum / 3.0
    }
}

/// A vector near to one of 20 places.
fn vector(random: &mut Random, dim: usize) -> Vec<f32> {
    let place = random.next() % 20;
    let mut centre = Random(place * 7919 + 1);
    (0..dim).map(|_| centre.float() * 2.0 + random.float()).collect()
}

struct Fixture {
    _dir: tempfile::TempDir,
    db: Database,
    conn: Connection,
}

fn fixture(rows: usize, dim: usize, ty: &str) -> Fixture {
    let dir = tempfile::tempdir().unwrap();
    let db = Database::open(dir.path().join("v.rem")).unwrap();
    let conn = db.connect().unwrap();
    conn.execute(&format!("CREATE TABLE t (id bigint PRIMARY KEY, part int, v {ty}({dim}))"), params![])
        .unwrap();
    let mut random = Random(42);
    let mut app = conn.appender("t").unwrap();
    for id in 0..rows as i64 {
        app.append(vec![
            Value::Int8(id),
            Value::Int4((id % 100) as i32),
            Value::Vector(vector(&mut random, dim)),
        ])
        .unwrap();
    }
    app.finish().unwrap();
    db.flush().unwrap();
    Fixture { _dir: dir, db, conn }
}

fn ids(conn: &Connection, sql: &str, to: &[f32]) -> Vec<i64> {
    let rows = conn.query(sql, params![to.to_vec()]).unwrap();
    rows.map(|row| row.unwrap().get(0).unwrap()).collect()
}

/// The mean share of the true neighbours that come out of the index, over some queries.
fn recall(conn: &Connection, sql: &str, dim: usize, queries: u64) -> f64 {
    let (mut found, mut all) = (0, 0);
    let mut random = Random(4711);
    for _ in 0..queries {
        let to = vector(&mut random, dim);
        let got = ids(conn, sql, &to);
        conn.execute("SET enable_indexscan = off", params![]).unwrap();
        let exact = ids(conn, sql, &to);
        conn.execute("SET enable_indexscan = on", params![]).unwrap();
        assert_eq!(got.len(), exact.len(), "{sql}");
        all += exact.len();
        found += exact.iter().filter(|id| got.contains(id)).count();
    }
    found as f64 / all.max(1) as f64
}

fn explain(conn: &Connection, sql: &str, to: &[f32]) -> String {
    let rows = conn.query(&format!("EXPLAIN {sql}"), params![to.to_vec()]).unwrap();
    rows.map(|row| row.unwrap().get::<String>(0).unwrap() + "\n").collect()
}

#[test]
fn recall_is_what_was_asked_for() {
    for (ty, operator, class) in [
        ("vector", "<->", "vector_l2_ops"),
        ("vector", "<=>", "vector_cosine_ops"),
        ("vector", "<#>", "vector_ip_ops"),
        ("vector", "<+>", "vector_l1_ops"),
        ("halfvec", "<->", "halfvec_l2_ops"),
    ] {
        let dim = 24;
        let Fixture { conn, .. } = &fixture(6000, dim, ty);
        conn.execute(&format!("CREATE INDEX i ON t USING hnsw (v {class})"), params![]).unwrap();
        let sql = format!("SELECT id FROM t ORDER BY v {operator} $1 LIMIT 10");
        assert!(explain(conn, &sql, &[0.0; 24]).contains("Index Scan using i"), "{operator}");
        for asked in [0.9, 0.99] {
            conn.execute(&format!("SET vector.recall = {asked}"), params![]).unwrap();
            let got = recall(conn, &sql, dim, 40);
            assert!(got >= asked - 0.02, "{ty} {operator}: {got} of {asked}");
        }
        conn.execute("SET vector.recall = 1", params![]).unwrap();
        assert_eq!(recall(conn, &sql, dim, 5), 1.0);
        conn.execute("RESET vector.recall", params![]).unwrap();
        for filter in ["part < 50", "part < 10", "part = 7", "part = 7 AND id % 5 = 2", "id = 77", "id < 0"] {
            let sql = format!("SELECT id FROM t WHERE {filter} ORDER BY v {operator} $1 LIMIT 10");
            let got = recall(conn, &sql, dim, 20);
            assert!(got >= 0.93 || filter == "id < 0", "{operator} {filter}: {got}");
        }
    }
}

#[test]
fn the_index_answers_as_the_rows_do() {
    let dim = 8;
    let fixture = fixture(3000, dim, "vector");
    let conn = &fixture.conn;
    conn.execute("CREATE INDEX i ON t USING vector (v) WITH (recall = 0.999)", params![]).unwrap();
    let sql = "SELECT id FROM t ORDER BY v <-> $1 LIMIT 20";
    let same = |what: &str| {
        let got = recall(conn, sql, dim, 15);
        assert!(got > 0.98, "{what}: {got}");
    };
    same("at first");
    conn.execute("DELETE FROM t WHERE id % 3 = 0", params![]).unwrap();
    same("deleted");
    conn.execute("UPDATE t SET v = v + v WHERE id % 7 = 1", params![]).unwrap();
    same("updated");
    let tx = conn.begin().unwrap();
    tx.execute("DELETE FROM t WHERE id % 5 = 1", params![]).unwrap();
    tx.execute("INSERT INTO t SELECT id + 10000, 1, v FROM t WHERE id < 100", params![]).unwrap();
    same("within a transaction");
    tx.rollback().unwrap();
    same("rolled back");
    conn.execute("INSERT INTO t SELECT id + 20000, 1, v * v FROM t WHERE id < 1500", params![]).unwrap();
    fixture.db.flush().unwrap();
    same("two segments");
    conn.execute("DELETE FROM t WHERE id < 1500", params![]).unwrap();
    fixture.db.flush().unwrap();
    same("merged, perhaps");
}

#[test]
fn rows_without_a_place_come_last() {
    let dim = 3;
    let Fixture { conn, db, .. } = &fixture(50, dim, "vector");
    conn.execute("INSERT INTO t VALUES (100, 0, NULL), (101, 0, '[0,0,0]'), (102, 0, NULL)", params![])
        .unwrap();
    db.flush().unwrap();
    conn.execute("CREATE INDEX i ON t USING ivfflat (v vector_cosine_ops) WITH (lists = 4)", params![])
        .unwrap();
    let sql = "SELECT id FROM t ORDER BY v <=> $1, id LIMIT 100";
    let all = ids(conn, sql, &[1.0, 2.0, 3.0]);
    assert_eq!(all.len(), 53);
    assert_eq!(all[50..], [101, 100, 102]);
    let sql = "SELECT id FROM t ORDER BY v <=> $1 LIMIT 53";
    let mut all = ids(conn, sql, &[1.0, 2.0, 3.0]);
    assert_eq!(all[50], 101);
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 53);
    assert_eq!(ids(conn, "SELECT id FROM t ORDER BY v <=> $1 LIMIT 51", &[0.0, 0.0, 0.0]).len(), 51);
    assert_eq!(ids(conn, "SELECT id FROM t ORDER BY v <=> $1 LIMIT 0", &[1.0, 0.0, 0.0]), []);
    let error =
        conn.query_one("SELECT id FROM t ORDER BY v <=> $1 LIMIT 1", params![vec![1.0f32]]).unwrap_err();
    assert_eq!(error.code(), "22000");
}

#[test]
fn what_cannot_be_indexed_is_refused() {
    let Fixture { conn, .. } = &fixture(1, 3, "vector");
    conn.execute("CREATE TABLE u (v vector, w int)", params![]).unwrap();
    for (sql, code) in [
        ("CREATE INDEX ON u USING hnsw (v)", "22023"),
        ("CREATE INDEX ON u USING hnsw (w)", "42704"),
        ("CREATE INDEX ON t USING hnsw (v vector_nearness_ops)", "42704"),
        ("CREATE INDEX ON t USING hnsw (v) WITH (recall = 2)", "22023"),
        ("CREATE UNIQUE INDEX ON t USING hnsw (v)", "0A000"),
        ("CREATE INDEX ON t USING ivfflat (v) WITH (lists = 2000)", "22023"),
        ("SET vector.recall = 0", "22023"),
    ] {
        assert_eq!(conn.execute(sql, params![]).unwrap_err().code(), code, "{sql}");
    }
}

#[test]
fn a_damaged_part_is_an_error_and_no_wrong_row() {
    let Fixture { _dir: dir, db, conn } = fixture(2000, 8, "vector");
    conn.execute("CREATE INDEX i ON t USING hnsw (v)", params![]).unwrap();
    let sql = "SELECT id FROM t ORDER BY v <-> $1 LIMIT 10";
    let to = [0.5f32; 8];
    let whole = ids(&conn, sql, &to);
    drop(conn);
    db.close().unwrap();
    let path = dir.path().join("v.rem");
    let parts: Vec<_> =
        std::fs::read_dir(path.join("seg")).unwrap().map(|entry| entry.unwrap().path()).collect();
    let is_part = |path: &&std::path::PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        name.ends_with(".idx") && !name.ends_with(".0.idx")
    };
    let parts: Vec<_> = parts.iter().filter(is_part).collect();
    assert!(!parts.is_empty());
    let mut refused = 0;
    for part in parts {
        let bytes = std::fs::read(part).unwrap();
        for at in (0..bytes.len()).step_by((bytes.len() / 150).max(1)) {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << (at % 8);
            std::fs::write(part, &damaged).unwrap();
            let db = Database::open(&path).unwrap();
            let conn = db.connect().unwrap();
            let answer = conn
                .query(sql, params![to.to_vec()])
                .and_then(|rows| rows.map(|row| row?.get::<i64>(0)).collect::<remanent::Result<Vec<i64>>>());
            match answer {
                Ok(rows) => assert_eq!(rows, whole, "byte {at}"),
                Err(error) => {
                    assert_eq!(error.code(), "XX001", "byte {at}: {error}");
                    refused += 1;
                }
            }
        }
        std::fs::write(part, &bytes).unwrap();
    }
    assert!(refused > 10, "{refused}");
}

#[test]
fn recall_holds_in_few_dimensions() {
    for dim in [2, 3, 8, 16] {
        let Fixture { conn, .. } = &fixture(4000, dim, "vector");
        conn.execute("CREATE INDEX i ON t USING hnsw (v)", params![]).unwrap();
        // Two standard errors of the mean, where each query has one neighbour.
        let one = 2.0 * (0.95f64 * 0.05 / 100.0).sqrt();
        for (asked, within, sql) in [
            (0.95, 0.02, "SELECT id FROM t ORDER BY v <-> $1 LIMIT 10"),
            (0.99, 0.02, "SELECT id FROM t ORDER BY v <-> $1 LIMIT 10"),
            (0.95, one, "SELECT id FROM t ORDER BY v <-> $1 LIMIT 1"),
            (0.95, 0.02, "SELECT id FROM t WHERE part < 20 ORDER BY v <-> $1 LIMIT 10"),
        ] {
            conn.execute(&format!("SET vector.recall = {asked}"), params![]).unwrap();
            let got = recall(conn, sql, dim, 100);
            assert!(got >= asked - within, "{dim} {sql}: {got} of {asked}");
        }
    }
}

/// Rows that come in turns, as those of sensors that are read one after the other: a sample of every hundredth row, or every second one,
/// would be of one place, or of half of them.
#[test]
fn recall_is_kept_where_rows_come_in_turns() {
    const PLACES: u64 = 100;
    let (rows, dim) = (25_600u64, 24);
    let near = |random: &mut Random, place: u64| -> Vec<f32> {
        let mut centre = Random(place * 7919 + 1);
        (0..dim).map(|_| centre.float() * 2.0 + 0.6 * random.float()).collect()
    };
    let dir = tempfile::tempdir().unwrap();
    let db = Database::open(dir.path().join("v.rem")).unwrap();
    let conn = db.connect().unwrap();
    conn.execute(&format!("CREATE TABLE t (id bigint PRIMARY KEY, v vector({dim}))"), params![]).unwrap();
    let mut random = Random(42);
    let mut app = conn.appender("t").unwrap();
    for id in 0..rows {
        app.append(vec![Value::Int8(id as i64), Value::Vector(near(&mut random, id % PLACES))]).unwrap();
    }
    app.finish().unwrap();
    db.flush().unwrap();
    conn.execute("CREATE INDEX i ON t USING hnsw (v)", params![]).unwrap();
    // Filters that let many rows pass and few, wherever the query is, and one that lets all pass there or none.
    let filters = ["true", "id % 3 <> 1", "id % 5 = 2", "id % 97 = 3", "id % 100 < 50"];
    for (asked, filter) in [0.9, 0.98].into_iter().flat_map(|asked| filters.map(|filter| (asked, filter))) {
        conn.execute(&format!("SET vector.recall = {asked}"), params![]).unwrap();
        let (mut found, mut all) = (0, 0);
        let queries = if filter == "true" { 2 * PLACES } else { PLACES };
        for query in 0..queries {
            let to = near(&mut random, query % PLACES);
            let sql = &format!("SELECT id FROM t WHERE {filter} ORDER BY v <-> $1 LIMIT 10");
            let got = ids(&conn, sql, &to);
            conn.execute("SET enable_indexscan = off", params![]).unwrap();
            let exact = ids(&conn, sql, &to);
            conn.execute("SET enable_indexscan = on", params![]).unwrap();
            assert_eq!(got.len(), 10, "{filter}");
            all += exact.len();
            found += exact.iter().filter(|id| got.contains(id)).count();
        }
        let got = f64::from(found as u32) / all as f64;
        assert!(got >= asked - 0.01, "{got} of {asked}, {filter}");
    }
}

#[test]
fn strings_of_bits_are_found_as_vectors_are() {
    let dim = 64;
    let Fixture { db, conn, .. } = &fixture(6000, dim, "vector");
    conn.execute("CREATE TABLE b (id bigint PRIMARY KEY, part int, v bit(64))", params![]).unwrap();
    conn.execute("INSERT INTO b SELECT id, part, binary_quantize(v)::bit(64) FROM t", params![]).unwrap();
    conn.execute("UPDATE b SET v = 0::bit(64) WHERE id % 100 = 3", params![]).unwrap();
    conn.execute("UPDATE b SET v = NULL WHERE id % 100 = 4", params![]).unwrap();
    db.flush().unwrap();
    for (operator, class) in [("<~>", "bit_hamming_ops"), ("<%>", "bit_jaccard_ops")] {
        conn.execute(&format!("CREATE INDEX i{class} ON b USING hnsw (v {class})"), params![]).unwrap();
        let near = format!("v {operator} binary_quantize($1::vector)::bit(64)");
        // Many are equally far: what counts is how far those are that are found.
        let distances = |filter: &str, to: &[f32]| -> Vec<f64> {
            let sql = format!("SELECT {near} FROM b WHERE {filter} ORDER BY {near} LIMIT 10");
            let rows = conn.query(&sql, params![to.to_vec()]).unwrap();
            let distance = |row: Row| row.get::<Option<f64>>(0).unwrap().unwrap_or(f64::INFINITY);
            rows.map(|row| distance(row.unwrap())).collect()
        };
        let plan = explain(conn, &format!("SELECT id FROM b ORDER BY {near} LIMIT 10"), &[1.0; 64]);
        assert!(plan.contains("Index Scan using i"), "{plan}");
        for filter in ["true", "part < 50", "part = 7", "part = 3", "id = 77", "id < 0"] {
            let (mut found, mut all) = (0, 0);
            let mut random = Random(4711);
            for _ in 0..30 {
                let to = vector(&mut random, dim);
                let got = distances(filter, &to);
                conn.execute("SET enable_indexscan = off", params![]).unwrap();
                let exact = distances(filter, &to);
                conn.execute("SET enable_indexscan = on", params![]).unwrap();
                assert_eq!(got.len(), exact.len(), "{operator} {filter}");
                assert!(got.is_sorted());
                let bar = exact.last().copied().unwrap_or_default();
                found += got.iter().filter(|distance| **distance <= bar).count();
                all += exact.len();
            }
            assert!(found as f64 >= 0.93 * all as f64, "{operator} {filter}: {found} of {all}");
        }
        // No bit at all: as far from everything as can be, by Jaccard.
        assert!(distances("true", &[-1.0; 64]).iter().all(|distance| *distance <= 1.0));
    }
}

#[test]
fn the_index_knows_the_values_that_are_ordered_by() {
    for (ty, operator, class) in [
        ("vector", "<->", "vector_l2_ops"),
        ("vector", "<=>", "vector_cosine_ops"),
        ("vector", "<#>", "vector_ip_ops"),
        ("vector", "<+>", "vector_l1_ops"),
        ("halfvec", "<->", "halfvec_l2_ops"),
        ("halfvec", "<=>", "halfvec_cosine_ops"),
        ("halfvec", "<#>", "halfvec_ip_ops"),
    ] {
        let dim = 20;
        let Fixture { conn, db, .. } = &fixture(3000, dim, ty);
        conn.execute(&format!("CREATE INDEX i ON t USING hnsw (v {class}) WITH (recall = 0.999)"), params![])
            .unwrap();
        conn.execute("INSERT INTO t SELECT id + 10000, 7, v FROM t WHERE id % 3 = 0", params![]).unwrap();
        db.flush().unwrap();
        // Rows that no index knows, and rows without a vector.
        conn.execute("INSERT INTO t SELECT id + 20000, 7, v FROM t WHERE id % 60 = 1", params![]).unwrap();
        conn.execute("INSERT INTO t VALUES (90000, 7, NULL), (90001, 7, NULL)", params![]).unwrap();
        let one = conn.prepare(&format!("SELECT v {operator} $2 FROM t WHERE id = $1")).unwrap();
        let mut random = Random(99);
        for (sql, count) in [
            (format!("SELECT id, v {operator} $1 AS d FROM t ORDER BY d LIMIT 12"), 12),
            (format!("SELECT id, v {operator} $1 AS d FROM t ORDER BY v {operator} $1 LIMIT 9 OFFSET 4"), 9),
            (format!("SELECT id, v {operator} $1 AS d FROM t WHERE part < 40 ORDER BY d LIMIT 12"), 12),
            (format!("SELECT id, d FROM (SELECT *, v {operator} $1 AS d FROM t) t ORDER BY d LIMIT 12"), 12),
            (format!("SELECT id, v {operator} $1 AS d FROM t WHERE id > 19000 ORDER BY d LIMIT 1000"), 102),
            (format!("SELECT id, v {operator} $1 AS d FROM t WHERE id > 19000 ORDER BY d LIMIT 0"), 0),
        ] {
            assert!(count == 0 || explain(conn, &sql, &[0.5; 20]).contains("Order By"), "{sql}");
            for _ in 0..4 {
                let to = vector(&mut random, dim);
                let rows = conn.query(&sql, params![to.clone()]).unwrap().map(Result::unwrap);
                let rows: Vec<(i64, Option<f64>)> =
                    rows.map(|row| (row.get(0).unwrap(), row.get(1).unwrap())).collect();
                assert_eq!(rows.len(), count, "{sql}");
                for (id, d) in &rows {
                    let value: Option<f64> = one.query_one(params![*id, to.clone()]).unwrap().get(0).unwrap();
                    assert_eq!(d.map(f64::to_bits), value.map(f64::to_bits), "{sql}: {id}");
                }
                let place = |d: &Option<f64>| d.unwrap_or(f64::INFINITY);
                assert!(rows.is_sorted_by(|a, b| place(&a.1) <= place(&b.1)), "{sql}: {rows:?}");
            }
        }
    }
}
