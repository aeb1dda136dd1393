//! Series: rows by (sensor, time). The latest row, of one sensor or of each, is found at the ends of segments.

use remanent::{Connection, Database, params};

/// What a statement answers, a row a line.
fn ask(conn: &Connection, sql: &str) -> Vec<String> {
    let rows = conn.query(sql, params![]).unwrap_or_else(|error| panic!("{sql}: {error}"));
    let text = |row: remanent::Row| {
        let values: Vec<String> = row.values().iter().map(ToString::to_string).collect();
        values.join("|")
    };
    rows.map(|row| text(row.unwrap())).collect()
}

/// Vectors read of cold segments, and skipped.
fn vectors(conn: &Connection, sql: &str) -> (u64, u64) {
    let plan = ask(conn, &format!("EXPLAIN (ANALYZE, BUFFERS) {sql}")).join("\n");
    let line = plan.lines().find(|line| line.contains("Vectors:")).unwrap_or_else(|| panic!("{plan}"));
    let number = |name: &str| {
        let rest = line.split_once(name).unwrap_or_else(|| panic!("{line}")).1;
        rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap()
    };
    (number("read="), number("skipped="))
}

/// 200,000 rows of 20 sensors in some cold segments, and a few newer ones in memory.
fn filled(dir: &tempfile::TempDir) -> Database {
    let db = Database::options().background(false).open(dir.path().join("s.rem")).unwrap();
    let conn = db.connect().unwrap();
    conn.execute("CREATE TABLE m (sensor int, at timestamp, v float8, PRIMARY KEY (sensor, at))", params![])
        .unwrap();
    conn.execute("CREATE TABLE log (at timestamp PRIMARY KEY, v int)", params![]).unwrap();
    for part in 0..4 {
        let (from, to) = (part * 2500, part * 2500 + 2499);
        let at = "timestamp '2024-01-01' + g * interval '1 s'";
        conn.execute(
            &format!(
                "INSERT INTO m SELECT s, {at}, g FROM generate_series({from}, {to}) g, generate_series(1, 20) s"
            ),
            params![],
        )
        .unwrap();
        conn.execute(
            &format!("INSERT INTO log SELECT {at}, g FROM generate_series({from} * 10, {to} * 10) g"),
            params![],
        )
        .unwrap();
        db.flush().unwrap();
    }
    conn.execute("INSERT INTO m VALUES (7, '2024-02-01', 1)", params![]).unwrap();
    conn.execute("DELETE FROM m WHERE sensor = 9 AND at > '2024-01-01 02:00'", params![]).unwrap();
    conn.execute("INSERT INTO log VALUES ('2024-03-01', 1)", params![]).unwrap();
    drop(conn);
    db
}

#[test]
fn the_latest_row_touches_few_vectors() {
    let dir = tempfile::tempdir().unwrap();
    let db = filled(&dir);
    let conn = db.connect().unwrap();
    let latest = "SELECT at, v FROM log ORDER BY at DESC LIMIT 1";
    assert_eq!(ask(&conn, latest), ["2024-03-01 00:00:00|1"]);
    let (read, skipped) = vectors(&conn, latest);
    assert!(read <= 1 && skipped >= 90, "{read} {skipped}");
    conn.execute("DELETE FROM log WHERE at = '2024-03-01'", params![]).unwrap();
    assert_eq!(ask(&conn, latest), ["2024-01-02 03:46:30|99990"]);
    for sql in [latest, "SELECT max(at) FROM log", "SELECT min(at) FROM log", "SELECT last(v, at) FROM log"] {
        let (read, skipped) = vectors(&conn, sql);
        assert!(read <= 1 && skipped >= 90, "{sql}: {read} {skipped}");
    }
    let of_one = "SELECT at, v FROM m WHERE sensor = 3 ORDER BY at DESC LIMIT 1";
    assert_eq!(ask(&conn, of_one), ["2024-01-01 02:46:39|9999"]);
    let (read, skipped) = vectors(&conn, of_one);
    assert!(read <= 4 && skipped > 150, "{read} {skipped}");
}

#[test]
fn the_latest_row_of_each_series_touches_few_vectors() {
    let dir = tempfile::tempdir().unwrap();
    let db = filled(&dir);
    let conn = db.connect().unwrap();
    for sql in [
        "SELECT DISTINCT ON (sensor) sensor, at, v FROM m ORDER BY sensor, at DESC",
        "SELECT sensor, max(at), last(v, at) FROM m GROUP BY sensor ORDER BY sensor",
        "SELECT sensor, max(at), last(v, at) FROM m WHERE at > '2023-12-01' AND sensor < 21 GROUP BY 1 ORDER BY 1",
    ] {
        let rows = ask(&conn, sql);
        assert_eq!(rows.len(), 20, "{sql}");
        assert_eq!(rows[2], "3|2024-01-01 02:46:39|9999", "{sql}");
        assert_eq!(rows[6], "7|2024-02-01 00:00:00|1", "{sql}");
        assert_eq!(rows[8], "9|2024-01-01 02:00:00|7200", "{sql}");
        let (read, skipped) = vectors(&conn, sql);
        assert!(read <= 100 && skipped >= 90, "{sql}: {read} {skipped}");
    }
    let series = "SELECT DISTINCT sensor FROM m";
    assert_eq!(ask(&conn, series).len(), 20);
    assert!(vectors(&conn, series).0 <= 80);
}

#[test]
fn rows_of_the_transaction_are_the_latest_too() {
    let dir = tempfile::tempdir().unwrap();
    let db = filled(&dir);
    let (conn, other) = (db.connect().unwrap(), db.connect().unwrap());
    let latest = "SELECT v FROM m WHERE sensor = 3 ORDER BY at DESC LIMIT 1";
    let each = "SELECT last(v, at) FROM m GROUP BY sensor HAVING sensor = 3";
    conn.execute("BEGIN", params![]).unwrap();
    conn.execute("INSERT INTO m VALUES (3, '2025-01-01', -1)", params![]).unwrap();
    other.execute("INSERT INTO m VALUES (3, '2024-06-01', -2)", params![]).unwrap();
    for sql in [latest, each] {
        assert_eq!(ask(&conn, sql), ["-1"], "{sql}");
        assert_eq!(ask(&other, sql), ["-2"], "{sql}");
    }
    conn.execute("DELETE FROM m WHERE sensor = 3 AND at >= '2024-01-01 02:46:39'", params![]).unwrap();
    for sql in [latest, each] {
        assert_eq!(ask(&conn, sql), ["9998"], "{sql}");
        assert_eq!(ask(&other, sql), ["-2"], "{sql}");
    }
    conn.execute("ROLLBACK", params![]).unwrap();
    assert_eq!(ask(&conn, latest), ["-2"]);
}

#[test]
fn who_wants_a_row_of_each_series_leaps() {
    let dir = tempfile::tempdir().unwrap();
    let db = filled(&dir);
    let conn = db.connect().unwrap();
    conn.execute("CREATE INDEX m_v ON m (sensor, v DESC)", params![]).unwrap();
    let leaps = |sql: &str| {
        let plan = ask(&conn, &format!("EXPLAIN {sql}")).join("\n");
        plan.contains("First of Each: sensor").then(|| plan.contains("Backward"))
    };
    for (sql, how) in [
        ("SELECT DISTINCT ON (sensor) sensor, at, v FROM m ORDER BY sensor, at DESC", Some(true)),
        ("SELECT DISTINCT ON (sensor) sensor, at, v FROM m ORDER BY sensor DESC, at", Some(false)),
        (
            "SELECT DISTINCT ON (sensor) * FROM m WHERE sensor < 5 AND at > '2024-01-01' ORDER BY sensor, at DESC",
            Some(true),
        ),
        ("SELECT DISTINCT ON (sensor) * FROM m WHERE at < '2024-01-02' ORDER BY sensor, at", Some(false)),
        ("SELECT sensor, last(v, at), max(at), last(v * 2, at) FROM m GROUP BY sensor", Some(true)),
        ("SELECT sensor, first(v, at), min(at) FROM m WHERE sensor IN (1, 2) GROUP BY sensor", Some(false)),
        ("SELECT DISTINCT sensor FROM m", Some(false)),
        ("SELECT sensor FROM m GROUP BY sensor", Some(false)),
        // A condition may leave other rows than the last one, or the times are of two ends.
        ("SELECT DISTINCT ON (sensor) * FROM m WHERE at < '2024-01-02' ORDER BY sensor, at DESC", None),
        ("SELECT DISTINCT ON (sensor) * FROM m WHERE v > 5 ORDER BY sensor, at DESC", None),
        ("SELECT sensor, first(v, at), max(at) FROM m GROUP BY sensor", None),
        ("SELECT sensor, count(*) FROM m GROUP BY sensor", None),
        ("SELECT sensor, max(at) FILTER (WHERE v > 2) FROM m GROUP BY sensor", None),
        // NULLs would come first.
        ("SELECT sensor, max(v) FROM m GROUP BY sensor", None),
        ("SELECT DISTINCT ON (sensor) sensor, v FROM m ORDER BY sensor, v DESC", Some(false)),
        ("SELECT DISTINCT at FROM m", None),
    ] {
        assert_eq!(leaps(sql), how, "{sql}");
    }
}
