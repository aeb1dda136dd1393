//! Tables that several threads read: the answers, their order, the sums and the errors are those of one thread.

use remanent::{Connection, Database, params};
use remanent_storage::world::sim::{SimWorld, seeds};

/// `t` on disk and in memory, with rows deleted and changed, and `small`.
fn filled(memory: usize) -> (tempfile::TempDir, Database, Connection) {
    let dir = tempfile::tempdir().unwrap();
    let db = Database::options().memory_limit(memory).open(dir.path().join("db")).unwrap();
    let conn = db.connect().unwrap();
    let rows = "SELECT g, g % 7, sin(g), g * 31 % 977 / 8.0, CASE g % 11 WHEN 0 THEN NULL ELSE 'w' || g * 61 % 301 END";
    for sql in [
        "CREATE TABLE t (id bigint PRIMARY KEY, i integer, f float8, n numeric(9,2), w text)",
        "CREATE TABLE small (i integer, name text)",
        "INSERT INTO small VALUES (1, 'one'), (2, 'two'), (5, 'five')",
        &format!("INSERT INTO t {rows} FROM generate_series(1, 20000) g"),
        "flush",
        &format!("INSERT INTO t {rows} FROM generate_series(20001, 30000) g"),
        "DELETE FROM t WHERE id % 10 = 3",
        "UPDATE t SET f = f * 2 WHERE id % 100 = 5",
    ] {
        match sql {
            "flush" => db.flush().unwrap(),
            _ => drop(conn.execute(sql, params![]).unwrap_or_else(|e| panic!("{sql}: {e}"))),
        }
    }
    (dir, db, conn)
}

fn helpers(conn: &Connection, count: u32) {
    let sql = format!("SET min_parallel_table_scan_rows = 0; SET max_parallel_workers_per_gather = {count}");
    conn.execute(&sql, params![]).unwrap();
}

fn answer(conn: &Connection, sql: &str) -> Result<Vec<String>, String> {
    let text = |error: remanent::Error| format!("{} {error}", error.code());
    let rows = conn.query(sql, params![]).map_err(text)?;
    let line = |row: remanent::Result<remanent::Row>| {
        let row = row.map_err(text)?;
        Ok(row.values().iter().map(ToString::to_string).collect::<Vec<_>>().join("|"))
    };
    rows.map(line).collect()
}

const QUERIES: [&str; 36] = [
    "SELECT * FROM t",
    "SELECT id, w FROM t WHERE i = 3 AND f > 0.5",
    "SELECT id + 1, upper(w) FROM t WHERE w LIKE '%17%'",
    "SELECT sum(f), avg(f), sum(n), count(*), stddev(f) FROM t",
    "SELECT w, sum(f), array_agg(id) FROM t WHERE id > 100 GROUP BY w",
    "SELECT i, string_agg(w, ',') FROM t WHERE id < 9000 GROUP BY i",
    "SELECT id, f FROM t ORDER BY i, f DESC LIMIT 50",
    "SELECT i, w FROM t ORDER BY i LIMIT 40",
    "SELECT t.id, name FROM t JOIN small s ON t.i = s.i WHERE f < -0.9",
    "SELECT s.name, count(t.id) FROM small s LEFT JOIN t ON t.i = s.i AND t.f > 0 GROUP BY s.name",
    "SELECT id FROM t LIMIT 10 OFFSET 12000",
    "SELECT DISTINCT w FROM t",
    "SELECT a.id, b.id FROM t a JOIN t b ON a.id = b.id + 20000 WHERE a.f > 0.7",
    "SELECT id, sum(f) OVER (PARTITION BY i ORDER BY id) FROM t WHERE id % 3 = 0",
    "SELECT id FROM t WHERE i > (SELECT avg(i) FROM t) AND EXISTS (SELECT 1 FROM small s WHERE s.i = t.i)",
    "SELECT id FROM t WHERE id < 0",
    // Joins that stream by, of each kind.
    "SELECT t.id, s.name FROM t LEFT JOIN small s ON t.i = s.i AND t.f > 0",
    "SELECT id, w FROM t WHERE NOT EXISTS (SELECT 1 FROM small s WHERE s.i = t.i)",
    "SELECT id FROM t WHERE i NOT IN (SELECT i FROM small)",
    "SELECT id FROM t WHERE w IN (SELECT w FROM t WHERE id < 50)",
    "SELECT id, (SELECT name FROM small s WHERE s.i = t.i) FROM t WHERE id % 5 = 0",
    "SELECT a.id, b.id FROM t a JOIN t b ON a.i = b.i WHERE b.id < 400 AND a.id < 3000",
    "SELECT t.id FROM t JOIN small s ON t.i = s.i AND s.name = 'none'",
    "SELECT t.id, s.name, u.name FROM t JOIN small s ON t.i = s.i JOIN small u ON t.i + 1 = u.i WHERE t.f > 0.5",
    // Groups of parts.
    "SELECT w, sum(i), avg(n), count(f), min(w), max(n), count(*) FILTER (WHERE i > 3), avg(i) FROM t GROUP BY w",
    "SELECT id, avg(n), sum(id), sum(n), count(n) FROM t GROUP BY id",
    "SELECT count(*), count(w), sum(n), sum(id), avg(i), avg(id), min(id), max(w) FROM t",
    "SELECT count(*), sum(n), avg(i), min(id), max(w) FROM t WHERE id < 0",
    "SELECT w, count(*) FROM t WHERE id < 0 GROUP BY w",
    "SELECT s.name, sum(t.n * 2), avg(t.id), min(t.w), count(*) FROM t JOIN small s ON t.i = s.i GROUP BY s.name",
    "SELECT a.w, sum(b.n), count(*) FROM t a JOIN t b ON a.id = b.id + 1 JOIN small s ON s.i = b.i GROUP BY a.w",
    // Sums of floats of all sizes, whose last digits tell in which order they were made.
    "SELECT w, sum(f), avg(f / id), sum(f::real), avg((f * 1e9)::real), min(f), max(f), count(*) FROM t GROUP BY w",
    "SELECT sum(f * 10 ^ (id % 30)), avg(f), sum(n), min(f), max(f) FROM t WHERE i <> 2",
    "SELECT id % 10, sum(f * 10 ^ (id % 20)) FILTER (WHERE f > 0), avg(f) FROM t GROUP BY 1",
    "SELECT id / 2, sum(f), count(*) FROM t GROUP BY id / 2",
    "SELECT s.name, sum(t.f), avg(t.f * s.i) FROM t JOIN small s ON t.i = s.i GROUP BY s.name",
];

#[test]
fn several_threads_answer_as_one_does() {
    let (_dir, _db, conn) = filled(256 << 20);
    for sql in QUERIES {
        helpers(&conn, 0);
        let alone = answer(&conn, sql);
        assert!(alone.is_ok(), "{sql}: {alone:?}");
        for count in [1, 3] {
            helpers(&conn, count);
            assert!(answer(&conn, sql) == alone, "{count} helpers: {sql}");
        }
    }
}

/// Numbers of all sizes and scales, and those that are none: sums of parts are the sums of all to the digit.
#[test]
fn sums_of_parts_are_exact() {
    let dir = tempfile::tempdir().unwrap();
    let db = Database::options().open(dir.path().join("db")).unwrap();
    let conn = db.connect().unwrap();
    for sql in [
        "CREATE TABLE e (g integer, n numeric, s numeric(9,2), b bigint, m smallint, d date)",
        "INSERT INTO e SELECT g % 9, CASE g % 9
             WHEN 0 THEN g * 1.5 WHEN 1 THEN g * 1.500 WHEN 2 THEN 1e38 + g WHEN 3 THEN -g * 1e-30
             WHEN 4 THEN CASE g WHEN 7600 THEN 'NaN'::numeric ELSE g END WHEN 5 THEN NULL ELSE g END,
             CASE g WHEN 5001 THEN 'NaN' ELSE g * 0.07 END, 9223372036854775807 - g,
             CASE g % 4 WHEN 0 THEN NULL ELSE g % 100 END, date '2020-01-01' + g
         FROM generate_series(1, 12000) g",
    ] {
        conn.execute(sql, params![]).unwrap();
    }
    for sql in [
        "SELECT g, sum(n), avg(n), min(n), max(n), count(n) FROM e GROUP BY g",
        "SELECT g, sum(s), avg(s), min(s), max(s), sum(b), avg(b), sum(m), avg(m), max(d) FROM e GROUP BY g",
        "SELECT sum(n), avg(n), sum(s), avg(s), sum(b), avg(b), sum(m), avg(m), min(d), count(m) FROM e",
        "SELECT d, sum(b * 2.00), avg(s) FILTER (WHERE m > 50) FROM e WHERE g < 4 GROUP BY d",
    ] {
        helpers(&conn, 0);
        let alone = answer(&conn, sql);
        assert!(alone.is_ok(), "{sql}: {alone:?}");
        helpers(&conn, 2);
        assert_eq!(answer(&conn, sql), alone, "{sql}");
    }
}

#[test]
fn rows_of_the_transaction_come_last_and_those_it_deleted_not_at_all() {
    let (_dir, _db, conn) = filled(256 << 20);
    conn.execute(
        "BEGIN; INSERT INTO t SELECT g, 3, 0.25, 1, 'own' FROM generate_series(50001, 53000) g",
        params![],
    )
    .unwrap();
    conn.execute(
        "DELETE FROM t WHERE id BETWEEN 15000 AND 25000; UPDATE t SET w = 'new' WHERE id < 40",
        params![],
    )
    .unwrap();
    for sql in QUERIES {
        helpers(&conn, 0);
        let alone = answer(&conn, sql);
        helpers(&conn, 2);
        assert!(answer(&conn, sql) == alone, "{sql}");
    }
}

#[test]
fn the_first_error_is_the_one_that_is_told() {
    let (_dir, _db, conn) = filled(256 << 20);
    let sql = "SELECT ('1' || CASE WHEN id > 17000 THEN 'x' || id ELSE '' END)::integer FROM t";
    helpers(&conn, 0);
    let alone = answer(&conn, sql);
    assert!(alone.as_ref().is_err_and(|error| error.contains("1x17001")), "{alone:?}");
    helpers(&conn, 3);
    for _ in 0..20 {
        assert_eq!(answer(&conn, sql), alone);
    }
    // And rows before it are there for who reads no further.
    let rows = conn.query(sql, params![]).unwrap();
    assert_eq!(rows.take(5000).filter(Result::is_ok).count(), 5000);
    // In what streams past a join, and in groups.
    for sql in [
        "SELECT t.id, s.name FROM t JOIN small s ON t.i = s.i AND 1 / (t.id - 17001) < 5",
        "SELECT i, sum(1 / (id - 17001)) FROM t GROUP BY i",
        "SELECT s.name, count(*) FROM t JOIN small s ON t.i = s.i WHERE sqrt(17001 - t.id) > 0 GROUP BY s.name",
    ] {
        helpers(&conn, 0);
        let alone = answer(&conn, sql);
        assert!(alone.is_err(), "{sql}");
        helpers(&conn, 3);
        assert_eq!(answer(&conn, sql), alone, "{sql}");
    }
}

#[test]
fn who_reads_no_further_or_is_cancelled_leaves_nobody_behind() {
    let (_dir, db, conn) = filled(256 << 20);
    helpers(&conn, 3);
    for first in [1, 1500, 12_000] {
        let rows = conn.query("SELECT id, f, w FROM t", params![]).unwrap();
        assert_eq!(rows.take(first).count(), first);
    }
    let mut rows = conn.query("SELECT id, f, w FROM t", params![]).unwrap();
    assert!(rows.next().unwrap().is_ok());
    conn.interrupter().interrupt();
    let ended = rows.find_map(Result::err);
    assert_eq!(ended.unwrap().code(), "57014");
    assert_eq!(answer(&conn, "SELECT count(*) FROM t"), Ok(vec!["27000".to_string()]));
    // A hundred million rows, of which little is made ahead.
    let many = "SELECT a.id, b.w FROM t a JOIN t b ON a.i = b.i";
    for first in [1, 30_000] {
        let rows = conn.query(many, params![]).unwrap();
        assert_eq!(rows.take(first).filter(Result::is_ok).count(), first);
    }
    let mut rows = conn.query(many, params![]).unwrap();
    assert!(rows.next().unwrap().is_ok());
    conn.interrupter().interrupt();
    assert_eq!(rows.find_map(Result::err).unwrap().code(), "57014");
    // Groups of them, which nobody waits for.
    let groups = "SELECT a.w, count(*), sum(b.n) FROM t a JOIN t b ON a.i = b.i GROUP BY a.w";
    conn.execute("SET statement_timeout = '50ms'", params![]).unwrap();
    assert!(answer(&conn, groups).unwrap_err().starts_with("57014"));
    drop(conn);
    db.close().unwrap();
}

#[test]
fn what_does_not_fit_into_memory_comes_in_the_same_order() {
    let (_dir, db, conn) = filled(16 << 20);
    for sql in [
        "SELECT id, w, n FROM t ORDER BY f, id",
        "SELECT id, min(w), sum(f) FROM t GROUP BY id",
        "SELECT a.id, b.w FROM t a JOIN t b ON a.id = b.id + 1",
    ] {
        let with = |count: u32| {
            helpers(&conn, count);
            answer(&conn, sql).unwrap_or_else(|error| panic!("{sql}, {count} helpers: {error}"))
        };
        // Rows that are flushed or merged meanwhile come in another order, whoever reads them.
        let settled = (0..100).find_map(|_| {
            let (before, together, after) = (with(0), with(2), with(0));
            (before == after).then_some((before, together))
        });
        let (alone, together) = settled.expect("the rows come to rest");
        assert!(together == alone, "{sql}: {} rows, {} with helpers", alone.len(), together.len());
    }
    drop((conn, db));
    // What joins and groups lay down: the same rows, groups in whatever order.
    let (_dir, db, conn) = filled(6 << 20);
    for sql in [
        "SELECT a.id, a.w, b.w FROM t a JOIN t b ON a.id = b.id + 1",
        "SELECT id, min(w), sum(n), avg(n), count(*) FROM t GROUP BY id",
        "SELECT a.id, sum(b.n), max(b.w) FROM t a JOIN t b ON a.id = b.id + 1 GROUP BY a.id",
        "SELECT s.name, a.id, a.w, b.w FROM t a JOIN t b ON a.id = b.id + 1 LEFT JOIN small s ON s.i = a.i",
    ] {
        helpers(&conn, 0);
        let mut alone = answer(&conn, sql);
        helpers(&conn, 2);
        let mut shared = answer(&conn, sql);
        let explained = answer(&conn, &format!("EXPLAIN (ANALYZE, TIMING off, SUMMARY off) {sql}")).unwrap();
        assert!(explained.iter().any(|line| line.contains("Disk: ")), "{explained:#?}");
        alone.iter_mut().for_each(|rows| rows.sort_unstable());
        shared.iter_mut().for_each(|rows| rows.sort_unstable());
        assert!(shared == alone, "{sql}");
    }
    drop((conn, db));
}

#[test]
fn what_is_volatile_and_what_writes_is_right() {
    let (_dir, _db, conn) = filled(256 << 20);
    helpers(&conn, 2);
    conn.execute("CREATE SEQUENCE s", params![]).unwrap();
    let numbered = answer(&conn, "SELECT nextval('s') FROM t").unwrap();
    assert_eq!((numbered.len(), numbered[0].as_str(), numbered[26_999].as_str()), (27_000, "1", "27000"));
    assert_eq!(conn.execute("UPDATE t SET f = 0 WHERE i = 3", params![]).unwrap(), 3857);
    assert_eq!(answer(&conn, "SELECT count(*) FROM t WHERE f = 0").unwrap(), ["3857"]);
    assert_eq!(conn.execute("INSERT INTO t SELECT -id, i, f, n, w FROM t", params![]).unwrap(), 27_000);
    assert_eq!(answer(&conn, "SELECT count(*), sum(id) FROM t").unwrap(), ["54000|0"]);
    assert_eq!(answer(&conn, "SELECT id FROM t WHERE id > 29990 FOR UPDATE").unwrap().len(), 9);
}

#[test]
fn explain_says_how_many_helped_and_what_all_of_them_read() {
    let (_dir, _db, conn) = filled(256 << 20);
    let explained = |sql: &str| {
        let sql = format!("EXPLAIN (ANALYZE, BUFFERS, TIMING off, SUMMARY off) {sql}");
        answer(&conn, &sql).unwrap().join("\n")
    };
    let facts = |text: &str| {
        let facts = ["Workers: ", "Segments: ", "Vectors: "];
        let lines =
            text.lines().map(str::trim).filter(|line| facts.iter().any(|fact| line.starts_with(fact)));
        lines.map(str::to_string).collect::<Vec<_>>()
    };
    let sql = "SELECT count(*) FROM t WHERE f > 0.5 AND id > 5000";
    helpers(&conn, 0);
    let alone = explained(sql);
    helpers(&conn, 2);
    let shared = explained(sql);
    let mut expected = vec!["Workers: 2".to_string()];
    expected.extend(facts(&alone));
    assert_eq!(expected.len(), 3, "{alone}");
    assert_eq!(facts(&shared), expected, "{shared}");
    // The same of a join that streams past, and of groups that are made in parts.
    let sql = "SELECT s.name, count(*) FROM t JOIN small s ON t.i = s.i WHERE t.f > 0.5 GROUP BY s.name";
    helpers(&conn, 0);
    let mut expected = facts(&explained(sql));
    helpers(&conn, 2);
    let text = explained(sql);
    expected.insert(0, "Workers: 2".to_string());
    assert_eq!(facts(&text), expected, "{text}");
    let sql = "SELECT count(*) FROM t WHERE f > 0.5 AND id > 5000";
    // A table that is small for the bound, or a scan that ends soon, has no helper.
    conn.execute("SET min_parallel_table_scan_rows = 40000", params![]).unwrap();
    assert_eq!(explained(sql), alone);
    conn.execute("RESET min_parallel_table_scan_rows", params![]).unwrap();
    let show = |name: &str| answer(&conn, &format!("SHOW {name}")).unwrap();
    assert_eq!(show("min_parallel_table_scan_rows"), ["131072"]);
    assert_eq!(
        conn.execute("SET max_parallel_workers_per_gather = -1", params![]).unwrap_err().code(),
        "22023"
    );
}

/// Whatever thread goes on: the same answer, and nobody waits for ever.
#[test]
fn in_any_order_of_threads_the_answer_is_one() {
    seeds("in_any_order_of_threads_the_answer_is_one", 12, |seed| {
        let sim = SimWorld::new(seed);
        let world = sim.world();
        sim.run(move || {
            let options = Database::options().background(false);
            let db = options.open_in(world.clone(), "p.rem").unwrap();
            let conn = db.connect().unwrap();
            conn.execute("CREATE TABLE t (id bigint PRIMARY KEY, f float8)", params![]).unwrap();
            let fill = |low: i64, high: i64| {
                let sql = format!("INSERT INTO t SELECT g, sin(g) FROM generate_series({low}, {high}) g");
                conn.execute(&sql, params![]).unwrap();
            };
            fill(1, 6000);
            db.flush().unwrap();
            fill(6001, 9000);
            let ask = || {
                let rows = answer(&conn, "SELECT sum(f), count(*), max(id) FROM t WHERE id % 3 > 0").unwrap();
                let failed = answer(&conn, "SELECT 1 / (id - 5000) FROM t").unwrap_err();
                let first = conn.query("SELECT id FROM t WHERE f < 2", params![]).unwrap();
                let first: Vec<i64> = first.take(1500).map(|row| row.unwrap().get(0).unwrap()).collect();
                let groups = answer(
                    &conn,
                    "SELECT a.id % 13, count(*), avg(b.id) FROM t a JOIN t b ON a.id = b.id + 1 AND b.id < 4000
                     GROUP BY a.id % 13",
                );
                let pairs = conn.query("SELECT a.id FROM t a JOIN t b ON a.id % 9 = b.id WHERE b.f > 0", params![]);
                let pairs = pairs.unwrap().take(700).map(|row| row.unwrap().get(0).unwrap());
                (rows, failed, first, groups.unwrap(), pairs.collect::<Vec<i64>>())
            };
            helpers(&conn, 0);
            let alone = ask();
            helpers(&conn, 2);
            assert!(ask() == alone);
            drop(conn);
            db.close().unwrap();
        });
    });
}
