//! Groupings that take of whole pages what zone maps say: the answers are those of reading every row.

use remanent::{Connection, Database, params};
use remanent_storage::world::sim::{SimDisk, SimWorld, seeds};

fn run(conn: &Connection, sql: &str) {
    conn.execute(sql, params![]).unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// What a statement answers, a row a line, or its error.
fn answer(conn: &Connection, sql: &str) -> Result<Vec<String>, String> {
    let text = |error: remanent::Error| format!("{} {error}", error.code());
    let rows = conn.query(sql, params![]).map_err(text)?;
    let line = |row: remanent::Result<remanent::Row>| {
        let row = row.map_err(text)?;
        Ok(row.values().iter().map(ToString::to_string).collect::<Vec<_>>().join("|"))
    };
    let mut lines = rows.map(line).collect::<Result<Vec<_>, String>>()?;
    lines.sort_unstable();
    Ok(lines)
}

/// The same answer with and without summaries, and with several threads.
fn same(conn: &Connection, sql: &str) -> Result<Vec<String>, String> {
    run(conn, "SET enable_summaries = off");
    let read = answer(conn, sql);
    run(conn, "SET enable_summaries = on");
    assert_eq!(answer(conn, sql), read, "{sql}");
    run(conn, "SET min_parallel_table_scan_rows = 0; SET max_parallel_workers_per_gather = 2");
    assert_eq!(answer(conn, sql), read, "several threads: {sql}");
    run(conn, "RESET min_parallel_table_scan_rows; RESET max_parallel_workers_per_gather");
    read
}

/// Vectors read, and those that zone maps answered.
fn vectors(conn: &Connection, sql: &str) -> (u64, u64) {
    let plan = answer(conn, &format!("EXPLAIN (ANALYZE, BUFFERS) {sql}")).unwrap().join("\n");
    let line = plan.lines().find(|line| line.contains("Vectors:")).unwrap_or_else(|| panic!("{plan}"));
    let number = |name: &str| {
        let rest = line.split_once(name).map_or("0", |(_, rest)| rest);
        rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap()
    };
    (number("read="), number("summarised="))
}

/// Rows `from .. to`, one in twenty seconds. Floats are eighths, so that their sums are exact in any order.
fn rows(from: u32, to: u32) -> String {
    format!(
        "INSERT INTO r SELECT timestamp '2024-01-01' + g * interval '20 s', g / 30000, g % 100 - 50, g * 7919 % 100003,
            g::bigint * 1000003 % 9000000000, (g * 31 % 977) / 8.0, (g * 17 % 1009) / 8.0 + 1, (g * 13 % 5003) / 100.0,
            g * 1000.5, CASE WHEN g % 9 <> 0 THEN g / 10.0 END, CASE WHEN g % 40000 > 20000 THEN g END, date '2024-01-01' + g / 4320,
            timestamptz '2024-01-01 00:00+00' + g * interval '20 s', 'w' || g % 301, (g % 7 = 0)
         FROM generate_series({from}, {} - 1) g",
        to
    )
}

const TABLE: &str =
    "CREATE TABLE r (at timestamp PRIMARY KEY, part int, s smallint, i int, b bigint, x real, f float8,
    n numeric(9,2), w numeric(30,4), u numeric, half int, d date, z timestamptz, t text, q bool)";

/// 120,000 rows in cold segments.
fn filled(dir: &tempfile::TempDir) -> Database {
    let db = Database::options().background(false).open(dir.path().join("r.rem")).unwrap();
    let conn = db.connect().unwrap();
    run(&conn, TABLE);
    for from in [0, 40_000, 80_000] {
        run(&conn, &rows(from, from + 40_000));
        db.flush().unwrap();
    }
    drop(conn);
    db
}

/// What is asked, and whether pages answer some of it.
const QUESTIONS: &[(bool, &str)] = &[
    (true, "SELECT count(*) FROM r"),
    (true, "SELECT count(*), count(half), count(t), count(u) FROM r"),
    (true, "SELECT sum(s), avg(s), min(s), max(s) FROM r"),
    (true, "SELECT sum(i), avg(i), min(i), max(i), sum(b), avg(b), min(b), max(b) FROM r"),
    (true, "SELECT sum(f), avg(f), min(f), max(f) FROM r"),
    (true, "SELECT sum(n), avg(n), max(n), min(n) FROM r"),
    (true, "SELECT sum(w), avg(w) FROM r"),
    (true, "SELECT sum(half), avg(half), min(half), max(half), count(half) FROM r"),
    (true, "SELECT min(d), max(d), min(z), max(z), min(part) FROM r"),
    (true, "SELECT count(*), sum(f) FROM r WHERE at >= '2024-01-03' AND at < '2024-01-20 07:00:05'"),
    (true, "SELECT count(*), sum(f) FROM r WHERE part BETWEEN 1 AND 2 AND at IS NOT NULL"),
    (true, "SELECT time_bucket('7 days', at), sum(f), count(*), min(f), max(f), avg(f) FROM r GROUP BY 1"),
    (true, "SELECT time_bucket('10 days', z), sum(f), count(*) FROM r WHERE at < '2024-01-25' GROUP BY 1"),
    (true, "SELECT date_bin('9 days', at, timestamp '2000-01-01'), avg(b) FROM r GROUP BY 1"),
    (true, "SELECT date_trunc('month', at), max(x), sum(x), avg(x) FROM r GROUP BY 1"),
    (true, "SELECT time_bucket('1 month', d), count(half) FROM r GROUP BY 1 HAVING count(*) > 5"),
    (true, "SELECT part, count(*), sum(n) FROM r GROUP BY part"),
    (true, "SELECT part, time_bucket('4 days', at), sum(i) FROM r GROUP BY 1, 2"),
    (true, "SELECT time_bucket('8 days', at) FROM r GROUP BY 1"),
    (true, "SELECT sum(f) / count(*) FROM (SELECT f FROM r WHERE at < '2024-01-20') s"),
    (false, "SELECT sum(u), min(u) FROM r"),
    (false, "SELECT min(x), max(w), min(t) FROM r"),
    (false, "SELECT min(x) FROM r"),
    (true, "SELECT count(*) FROM r WHERE t >= 'w' AND t < 'x'"),
    (false, "SELECT count(DISTINCT s) FROM r"),
    (false, "SELECT sum(i) FILTER (WHERE s > 0) FROM r"),
    (false, "SELECT sum(i + 1) FROM r"),
    (false, "SELECT count(*) FROM r WHERE i % 2 = 0"),
    (false, "SELECT count(*) FROM r WHERE s <> 3"),
    (false, "SELECT count(*) FROM r WHERE s = 3 OR at < '2024-01-10'"),
    (false, "SELECT s, sum(f) FROM r GROUP BY s"),
    (false, "SELECT half, count(*) FROM r GROUP BY half"),
    (false, "SELECT extract(hour FROM at), sum(f) FROM r GROUP BY 1"),
    (false, "SELECT part, count(*) FROM r GROUP BY ROLLUP (part)"),
    (false, "SELECT q, count(*) FROM r GROUP BY q"),
    (false, "SELECT stddev(f) FROM r"),
];

#[test]
fn pages_answer_for_their_rows() {
    let dir = tempfile::tempdir().unwrap();
    let db = filled(&dir);
    let conn = db.connect().unwrap();
    for (known, sql) in QUESTIONS {
        same(&conn, sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
        let (_, summarised) = vectors(&conn, sql);
        assert_eq!(summarised > 0, *known, "{sql}: {summarised}");
    }
    assert_eq!(same(&conn, "SELECT count(*), sum(f) FROM r").unwrap(), ["120000|7679436.125"]);
    assert_eq!(vectors(&conn, "SELECT count(*), sum(i), max(f) FROM r"), (0, 120));
    let week = "SELECT time_bucket('7 days', at), sum(f), count(*) FROM r GROUP BY 1";
    let (read, summarised) = vectors(&conn, week);
    assert!(read <= 64 && read + summarised >= 120, "{read} {summarised}");
    run(&conn, "SET enable_summaries = off");
    assert_eq!(vectors(&conn, week), (120, 0));
}

#[test]
fn rows_that_are_gone_changed_new_or_hidden_are_not_counted_by_pages() {
    let dir = tempfile::tempdir().unwrap();
    let db = filled(&dir);
    let (conn, other) = (db.connect().unwrap(), db.connect().unwrap());
    let all = |conn: &Connection| {
        for (_, sql) in QUESTIONS {
            same(conn, sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
        }
    };
    let count = "SELECT count(*), sum(f), sum(i) FROM r";
    let before = same(&conn, count).unwrap();
    // An older snapshot does not see what others do.
    run(&other, "BEGIN ISOLATION LEVEL REPEATABLE READ");
    assert_eq!(same(&other, count).unwrap(), before);
    run(&conn, "DELETE FROM r WHERE at = '2024-01-02 00:00'");
    run(&conn, "UPDATE r SET f = f + 1, i = NULL WHERE at BETWEEN '2024-01-25' AND '2024-01-25 00:10'");
    assert_eq!(same(&conn, "SELECT count(*), count(i) FROM r").unwrap(), ["119999|119968"]);
    assert!(vectors(&conn, count).1 > 60);
    all(&conn);
    assert_eq!(same(&other, count).unwrap(), before);
    run(&conn, &rows(120_000, 140_000));
    db.flush().unwrap();
    assert_eq!(same(&conn, "SELECT count(*) FROM r").unwrap(), ["139999"]);
    assert_eq!(same(&other, count).unwrap(), before);
    run(&other, "COMMIT");
    // Own rows and deletes, by key and of many rows, and back again.
    run(&conn, &format!("BEGIN; {}", rows(140_000, 140_100)));
    assert_eq!(same(&conn, "SELECT count(*) FROM r").unwrap(), ["140099"]);
    run(&conn, "SAVEPOINT s; DELETE FROM r WHERE at = '2024-01-05'");
    assert_eq!(same(&conn, "SELECT count(*) FROM r").unwrap(), ["140098"]);
    all(&conn);
    run(&conn, "ROLLBACK TO s; DELETE FROM r WHERE part = 2");
    assert_eq!(same(&conn, "SELECT count(*) FROM r").unwrap(), ["110099"]);
    all(&conn);
    run(&conn, "ROLLBACK");
    assert_eq!(same(&conn, "SELECT count(*) FROM r").unwrap(), ["139999"]);
    run(&conn, "BEGIN; DELETE FROM r WHERE part = 1");
    assert_eq!(same(&conn, "SELECT count(*) FROM r").unwrap(), ["109999"]);
    run(&conn, "COMMIT");
    all(&conn);
    for _ in 0..3 {
        db.flush().unwrap();
        db.maintain().unwrap();
        all(&conn);
    }
    run(&conn, "TRUNCATE r");
    all(&conn);
}

#[test]
fn values_that_sums_and_ends_cannot_hold_are_read() {
    let dir = tempfile::tempdir().unwrap();
    let db = Database::options().background(false).open(dir.path().join("v.rem")).unwrap();
    let conn = db.connect().unwrap();
    let ask = "SELECT g / 40000, count(f), sum(f), avg(f), min(f), max(f), sum(x), min(x), count(n), sum(n), max(n),
        sum(b), avg(b), min(b), max(b), sum(w) FROM v GROUP BY 1";
    let alone = [
        "SELECT sum(f), min(f), max(f) FROM v",
        "SELECT sum(x), min(x), max(x), avg(x) FROM v",
        "SELECT sum(n), min(n), max(n), avg(n) FROM v",
        "SELECT sum(b), avg(b), min(b), max(b) FROM v",
        "SELECT sum(w), avg(w) FROM v",
        "SELECT sum(i) FROM v",
        "SELECT min(z), max(z) FROM v",
        "SELECT time_bucket('1 day', z), count(*) FROM v GROUP BY 1",
        "SELECT count(*) FROM v WHERE f > 'infinity'",
        "SELECT count(*) FROM v WHERE f = 0",
    ];
    let table = "CREATE TABLE v (g int PRIMARY KEY, f float8, x real, n numeric(9,2), b bigint, i bigint, w numeric(36,2), z timestamp)";
    let fill = |value: &str| {
        run(&conn, &format!("DROP TABLE IF EXISTS v; {table}"));
        run(&conn, &format!("INSERT INTO v SELECT g, {value} FROM generate_series(1, 40000) g"));
        db.flush().unwrap();
        for sql in alone.iter().chain([&ask]) {
            let _ = same(&conn, sql);
        }
    };
    let min = "SELECT min(f), sum(f), count(f) FROM v";
    fill("NULL, NULL, NULL, NULL, NULL, NULL, NULL");
    assert_eq!(same(&conn, min).unwrap(), ["||0"]);
    assert_eq!(vectors(&conn, "SELECT sum(f), max(b), min(x), sum(w) FROM v"), (0, 40));
    fill("'NaN', 'NaN', 'NaN', 1, 1, 1, 'infinity'");
    assert_eq!(same(&conn, min).unwrap(), ["NaN|NaN|40000"]);
    fill(
        "CASE WHEN g = 777 THEN 'NaN'::float8 ELSE g END, g, CASE WHEN g = 20001 THEN 'NaN' ELSE 1.10 END, g, g, g, '-infinity'",
    );
    assert_eq!(same(&conn, min).unwrap(), ["1|NaN|40000"]);
    assert_eq!(same(&conn, "SELECT min(n), max(n), sum(n) FROM v").unwrap(), ["1.10|NaN|NaN"]);
    fill(
        "CASE WHEN g = 777 THEN '-infinity'::float8 ELSE g END, CASE WHEN g = 9 THEN 'infinity'::float8 ELSE g END, g, g, g, g, '2024-01-01'",
    );
    assert_eq!(same(&conn, min).unwrap(), ["-Infinity|-Infinity|40000"]);
    fill(
        "CASE g % 30000 WHEN 777 THEN '-infinity'::float8 WHEN 10 THEN 'infinity' ELSE g END, g, g, g, g, g, '2024-01-01'",
    );
    fill("'-0', '-0', 0, 0, 0, 0, NULL");
    assert_eq!(same(&conn, "SELECT min(f), max(f), count(f) FROM v").unwrap(), ["-0|-0|40000"]);
    fill("CASE WHEN g % 2 = 0 THEN '-0'::float8 ELSE 5 END, g % 3, g % 1000, -g, g, g, NULL");
    // Sums too large for their type, within a page and over all of them.
    fill(
        "1.7e308, 3e38, 9999999.99, 9223372036854775807, 9223372036854775807, 9999999999999999999999999999999999.99, NULL",
    );
    assert_eq!(same(&conn, "SELECT sum(b) FROM v").unwrap(), ["368934881474191032280000"]);
    assert_eq!(same(&conn, "SELECT sum(w) FROM v").unwrap(), ["399999999999999999999999999999999999600.00"]);
    assert!(same(&conn, "SELECT sum(f) FROM v").unwrap_err().starts_with("22003"));
    assert!(same(&conn, "SELECT sum(x) FROM v").unwrap_err().starts_with("22003"));
    fill("9e303, 3e38, 0.05, -9223372036854775808, 1, -9999999999999999999999999999999999.99, NULL");
    assert!(same(&conn, "SELECT sum(f) FROM v").unwrap_err().starts_with("22003"));
    fill("g, g, g / 100.0, g, g, 1.50, timestamp '2024-01-01' + g * interval '1 min'");
    assert_eq!(same(&conn, "SELECT min(n), max(n), sum(w) FROM v").unwrap(), ["0.01|400.00|60000.00"]);
}

#[test]
fn buckets_by_clocks_that_are_set_back_are_not_taken_from_pages() {
    let dir = tempfile::tempdir().unwrap();
    let db = filled(&dir);
    let conn = db.connect().unwrap();
    let by_clock = [
        "SELECT date_trunc('week', z), sum(f) FROM r GROUP BY 1",
        "SELECT z::date, count(*) FROM r GROUP BY 1",
    ];
    for (zone, known) in [("UTC", true), ("America/St_Johns", false), ("+05:30", true)] {
        run(&conn, &format!("SET TIME ZONE '{zone}'"));
        for sql in by_clock {
            same(&conn, sql).unwrap();
        }
        assert_eq!(vectors(&conn, by_clock[0]).1 > 0, known, "{zone}");
    }
    let named = "SELECT time_bucket('7 days', z, 'Europe/Oslo'), sum(f) FROM r GROUP BY 1";
    same(&conn, named).unwrap();
    assert_eq!(vectors(&conn, named).1, 0);
}

#[test]
fn many_groups_are_made_in_little_memory() {
    let dir = tempfile::tempdir().unwrap();
    let db =
        Database::options().background(false).memory_limit(16 << 20).open(dir.path().join("m.rem")).unwrap();
    let conn = db.connect().unwrap();
    run(&conn, "CREATE TABLE m (k int, g int, v float8, PRIMARY KEY (k, g))");
    for k in 0..30 {
        run(
            &conn,
            &format!(
                "INSERT INTO m SELECT {k} + g / 1024, g % 1024, g / 4.0 FROM generate_series({}, {}) g",
                k * 4096,
                k * 4096 + 4095
            ),
        );
        db.flush().unwrap();
    }
    let sql = "SELECT k, sum(v), count(*), min(v) FROM m GROUP BY k";
    let _ = same(&conn, sql);
    same(&conn, "SELECT k, g, sum(v) FROM m GROUP BY k, g").unwrap();
}

#[test]
fn a_transaction_that_read_pages_is_tested_like_one_that_read_rows() {
    let dir = tempfile::tempdir().unwrap();
    let db = filled(&dir);
    let (a, b) = (db.connect().unwrap(), db.connect().unwrap());
    run(&a, "CREATE TABLE log (n bigint)");
    run(
        &a,
        "BEGIN ISOLATION LEVEL SERIALIZABLE; INSERT INTO log SELECT sum(f) FROM r WHERE at < '2024-01-20'",
    );
    run(&b, "UPDATE r SET f = 0 WHERE at = '2024-01-07'");
    assert_eq!(a.execute("COMMIT", params![]).unwrap_err().code(), "40001");
}

/// A small generator: the same numbers for the same seed.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

#[test]
fn random_changes_leave_pages_and_rows_of_one_mind() {
    seeds("summaries", 24, |seed| {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let disk = SimDisk::new(seed);
        let world = SimWorld::with_disk(seed, disk.clone()).world();
        let open =
            || Database::options().background(false).memory_limit(24 << 20).open_in(world.clone(), "s.rem");
        let mut db = open().unwrap();
        let conn = db.connect().unwrap();
        run(
            &conn,
            "CREATE TABLE r (k int, g int, f float8, b bigint, n numeric(7,2), o int, PRIMARY KEY (k, g))",
        );
        drop(conn);
        let mut next = 0;
        for _ in 0..30 {
            let conn = db.connect().unwrap();
            let (k, from) = (random.below(3), random.below(40_000));
            let to = from + 1 + random.below(3) * random.below(9_000);
            let open_block = random.below(4) == 0;
            if open_block {
                run(&conn, "BEGIN");
            }
            match random.below(12) {
                0..4 => {
                    let rows = 1 + random.below(9_000);
                    run(
                        &conn,
                        &format!(
                            "INSERT INTO r SELECT {k}, g, (g % 4001) / 8.0 - {}, g * 77, g % 999 / 100.0, CASE WHEN g % {} > 900 THEN g END
                             FROM generate_series({next}, {} - 1) g",
                            random.below(900),
                            random.below(4000) + 1,
                            next + rows,
                        ),
                    );
                    next += rows;
                }
                4 => run(&conn, &format!("DELETE FROM r WHERE k = {k} AND g = {from}")),
                5 => run(&conn, &format!("DELETE FROM r WHERE g BETWEEN {from} AND {to} AND g % 3 = 0")),
                6 => run(
                    &conn,
                    &format!("UPDATE r SET f = 3.5, o = NULL WHERE g BETWEEN {from} AND {to} AND k = {k}"),
                ),
                7 => run(&conn, &format!("DELETE FROM r WHERE k = {k} AND g < {from}")),
                8 => {
                    drop(conn);
                    disk.crash_after(random.below(60));
                    let _ = db.flush();
                    let _ = db.maintain();
                    std::mem::forget(db);
                    disk.crash();
                    db = open().unwrap();
                    continue;
                }
                9 => db.maintain().unwrap(),
                _ => db.flush().unwrap(),
            }
            let cond = match random.below(4) {
                0 => String::new(),
                1 => format!("WHERE g >= {from}"),
                2 => format!("WHERE k = {k} AND g < {to}"),
                _ => format!("WHERE g >= {from} AND g < {} AND f > -2000", to + 20_000),
            };
            for sql in [
                format!(
                    "SELECT count(*), sum(f), avg(b), sum(n), min(f), max(n), count(o), sum(o) FROM r {cond}"
                ),
                format!("SELECT k, count(*), sum(f), max(b), sum(n) FROM r {cond} GROUP BY k"),
                format!(
                    "SELECT time_bucket({}, g), count(o), min(f), sum(b) FROM r {cond} GROUP BY 1",
                    1 + random.below(40_000)
                ),
            ] {
                same(&conn, &sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
            }
            if open_block {
                run(&conn, if random.below(2) == 0 { "COMMIT" } else { "ROLLBACK" });
            }
        }
    });
}
