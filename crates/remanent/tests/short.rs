//! The short paths of statements about one row give what their plans give.

use remanent::{Connection, Database, Value, params};
use tempfile::TempDir;

/// Rows of a table, and the last error's code where one came.
fn all(conn: &Connection, table: &str) -> Vec<String> {
    let rows = conn.query(&format!("SELECT * FROM {table} ORDER BY a, b"), params![]).unwrap();
    rows.map(|row| format!("{:?}", row.unwrap().values())).collect()
}

/// Two tables with the same rows: `short` is written by statements that have short paths, `long` by the same ones with a key that
/// is computed.
fn pair() -> (TempDir, Database) {
    let dir = tempfile::tempdir().unwrap();
    let db = Database::open(dir.path().join("t.rem")).unwrap();
    let conn = db.connect().unwrap();
    for table in ["short", "long"] {
        let create = "(a bigint, b text, n int NOT NULL, x float8, note text, d numeric(6, 2), m int, PRIMARY KEY (a, b))";
        conn.execute(&format!("CREATE TABLE {table} {create}"), params![]).unwrap();
        for a in 0..40i64 {
            let values = params![a, if a % 2 == 0 { "even" } else { "" }, a as i32, a as f64 / 4.0];
            conn.execute(&format!("INSERT INTO {table} VALUES ($1, $2, $3, $4, NULL, 1.25)"), values)
                .unwrap();
        }
    }
    (dir, db)
}

/// What an UPDATE sets, with `$3` and `$4`, and values for them.
fn changes(step: u64) -> (&'static str, Value, Value) {
    let n = Value::Int4((step % 7) as i32);
    let text = Value::from("ü".repeat((step % 5) as usize).as_str());
    match step % 17 {
        0 => ("n = n + $3, note = $4", n, text),
        1 => ("x = x * 2, n = $3, note = note || $4", n, text),
        2 => ("note = $4, n = length(coalesce(note, '')) + $3", n, text),
        3 => ("x = $3::int / (n - 3), note = $4", n, text),
        4 => ("n = $3, note = $4", Value::Null, text),
        5 => ("d = d + $3, note = $4", n, Value::Null),
        6 => ("d = d * 10000 + $3, note = $4", n, text),
        7 => ("n = (SELECT count(*) FROM generate_series(1, $3))::int, note = $4", n, text),
        8 => ("a = a + 0 * $3, note = $4", n, text),
        9 => ("n = $3, note = $4", Value::Int8(4), text),
        10 => ("note = repeat($4, 9000), n = $3", n, text),
        11 => ("x = 'NaN', n = n - $3, note = note || $4", n, text),
        12 => ("note = b, n = $3 + length($4)", n, text),
        13 => ("x = a, n = $3, note = b || $4", n, text),
        14 => ("m = n, note = $4 || $3", n, text),
        15 => ("m = n, n = m, note = $4 || $3", n, text),
        _ => ("n = 2147483647, x = $3, note = $4", n, text),
    }
}

#[test]
fn updates_by_key_do_what_their_plans_do() {
    let (_dir, db) = pair();
    let conn = db.connect().unwrap();
    for round in 0..400u64 {
        let step = round.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
        let (set, p, q) = changes(step);
        // Some of them are not there, some are of the other text.
        let (a, b) = (
            Value::Int8((step >> 8) as i64 % 44),
            Value::from(if step >> 16 & 1 == 0 { "even" } else { "" }),
        );
        match round % 40 {
            3 => conn.execute("BEGIN", params![]).map(drop).unwrap(),
            9 => conn.execute("SAVEPOINT s", params![]).map(drop).unwrap(),
            12 => conn.execute("ROLLBACK TO s", params![]).map(drop).unwrap(),
            20 => conn.execute("COMMIT", params![]).map(drop).unwrap(),
            30 => db.flush().unwrap(),
            _ => {}
        }
        let inside = (3..20).contains(&(round % 40));
        let run = |table: &str, key: &str| {
            let sql = format!("UPDATE {table} SET {set} WHERE a = {key} AND b = $2");
            // A statement that fails must not end the transaction of the test.
            inside.then(|| conn.execute("SAVEPOINT here", params![]).unwrap());
            let done = conn.execute(&sql, &[a.clone(), b.clone(), p.clone(), q.clone()][..]);
            if inside && done.is_err() {
                conn.execute("ROLLBACK TO here", params![]).unwrap();
            }
            done.map_err(|error| error.to_string().replace(table, "t"))
        };
        assert_eq!(run("short", "$1"), run("long", "$1 + 0"), "{round}: {set} for {a:?} {b:?} {p:?} {q:?}");
        if round % 7 == 0 {
            assert_eq!(all(&conn, "short"), all(&conn, "long"), "after {round}: {set}");
        }
    }
    assert_eq!(all(&conn, "short"), all(&conn, "long"));
}

#[test]
fn a_short_update_sees_and_waits_as_any_other() {
    let (_dir, db) = pair();
    let (one, two) = (db.connect().unwrap(), db.connect().unwrap());
    let add = "UPDATE short SET n = n + 10 WHERE a = 4 AND b = 'even'";
    let n = |conn: &Connection| -> i32 {
        conn.query_one("SELECT n FROM short WHERE a = 4", params![]).unwrap().get(0).unwrap()
    };
    // Changed since the snapshot: READ COMMITTED sees the new row, REPEATABLE READ is refused.
    two.execute("BEGIN ISOLATION LEVEL REPEATABLE READ", params![]).unwrap();
    assert_eq!(n(&two), 4);
    assert_eq!(one.execute(add, params![]).unwrap(), 1);
    assert_eq!(two.execute(add, params![]).unwrap_err().code(), "40001");
    two.execute("ROLLBACK", params![]).unwrap();
    two.execute("BEGIN", params![]).unwrap();
    assert_eq!(n(&two), 14);
    assert_eq!(one.execute(add, params![]).unwrap(), 1);
    assert_eq!(two.execute(add, params![]).unwrap(), 1);
    two.execute("COMMIT", params![]).unwrap();
    assert_eq!(n(&one), 34);
    // Its own rows, twice; and a row that it deleted.
    one.execute("BEGIN", params![]).unwrap();
    assert_eq!(one.execute(add, params![]).unwrap(), 1);
    assert_eq!(one.execute(add, params![]).unwrap(), 1);
    assert_eq!((n(&one), n(&two)), (54, 34));
    one.execute("DELETE FROM short WHERE a = 4", params![]).unwrap();
    assert_eq!(one.execute(add, params![]).unwrap(), 0);
    one.execute("ROLLBACK", params![]).unwrap();
    assert_eq!(n(&one), 34);
    // A row that another session holds is waited for, and no longer than was said.
    one.execute("BEGIN", params![]).unwrap();
    one.execute(add, params![]).unwrap();
    two.execute("SET lock_timeout = '20ms'", params![]).unwrap();
    assert_eq!(two.execute(add, params![]).unwrap_err().code(), "55P03");
    one.execute("COMMIT", params![]).unwrap();
    assert_eq!(two.execute(add, params![]).unwrap(), 1);
    assert_eq!(n(&one), 54);
    // Serializable: two that read what the other writes cannot both have it.
    for conn in [&one, &two] {
        conn.execute("BEGIN ISOLATION LEVEL SERIALIZABLE", params![]).unwrap();
    }
    let from = |read: i32, write: i32| {
        format!(
            "UPDATE short SET n = (SELECT max(n) FROM short WHERE a = {read}) WHERE a = {write} AND b = 'even'"
        )
    };
    one.execute(&from(6, 8), params![]).unwrap();
    two.execute("UPDATE short SET n = 77 WHERE a = 6 AND b = 'even'", params![]).unwrap();
    assert_eq!(
        two.query_one("SELECT n FROM short WHERE a = 8", params![]).unwrap().get::<i32>(0).unwrap(),
        8
    );
    one.execute("COMMIT", params![]).unwrap();
    assert_eq!(two.execute("COMMIT", params![]).unwrap_err().code(), "40001");
}

/// What the short path computes by itself, at the edges where it must not.
#[test]
fn counters_overflow_as_any_other_sum() {
    let dir = tempfile::tempdir().unwrap();
    let db = Database::open(dir.path().join("t.rem")).unwrap();
    let conn = db.connect().unwrap();
    let create =
        "CREATE TABLE t (k int PRIMARY KEY, i int, b bigint, f float8, s smallint, at timestamp, note text)";
    conn.execute(create, params![]).unwrap();
    conn.execute("INSERT INTO t VALUES (1, 5, 6, 0.5, 7, '2024-02-03', 'x')", params![]).unwrap();
    let shown = || conn.query_one("SELECT i, b, f, s, at, note FROM t", params![]).unwrap().values().to_vec();
    let run = |set: &str| {
        conn.execute(&format!("UPDATE t SET {set} WHERE k = 1"), params![]).map_err(|e| e.code().to_string())
    };
    assert_eq!(run("i = i + 1, b = b * 2 - 1, f = f - 1.25, s = s + 1"), Ok(1));
    let moment = shown()[4].clone();
    let (i, b) = (Value::Int4(6), Value::Int8(11));
    let before = [i, b, Value::Float8(-0.75), Value::Int2(8), moment, Value::from("x")];
    assert_eq!(shown(), before);
    for (set, code) in [
        ("i = i + 2147483647", "22003"),
        ("i = i * 1000000000", "22003"),
        ("i = -2147483647 - i", "22003"),
        ("b = b + 9223372036854775807", "22003"),
        ("b = b * b * 9223372036854775807", "22003"),
        ("f = f * 1e308 * 1e308", "22003"),
        ("f = f * 1e-300 * 1e-300", "22003"),
        ("s = s * 30000", "22003"),
    ] {
        assert_eq!(run(set), Err(code.to_string()), "{set}");
        assert_eq!(shown(), before, "{set}");
    }
    assert_eq!(run("f = f - f, i = i - 6, note = note || i"), Ok(1));
    assert_eq!(shown()[..3], [Value::Int4(0), Value::Int8(11), Value::Float8(0.0)]);
    assert_eq!(run("i = NULL, f = 'Infinity', b = b + i"), Ok(1));
    assert_eq!(run("i = i + 1, f = f + 1, b = b - 1"), Ok(1));
    let after = [Value::Null, Value::Int8(10), Value::Float8(f64::INFINITY)];
    assert_eq!(shown()[..3], after);
}

/// Rows that are transactions of their own, beside those that wait for them and what comes of them after a restart.
#[test]
fn rows_written_alone_are_as_any_other() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("t.rem");
    let db = Database::open(&path).unwrap();
    let (one, two) = (db.connect().unwrap(), db.connect().unwrap());
    one.execute("CREATE TABLE t (k bigint PRIMARY KEY, n int NOT NULL, note text)", params![]).unwrap();
    let insert = one.prepare("INSERT INTO t VALUES ($1, $2, $3)").unwrap();
    for k in 0..3000i64 {
        insert.execute(params![k, 1i32, "somewhat longer than what lies in a view"]).unwrap();
    }
    let code = |done: remanent::Result<u64>| done.unwrap_err().code().to_string();
    assert_eq!(code(insert.execute(params![7i64, 1i32, "twice"])), "23505");
    assert_eq!(code(insert.execute(params![5000i64, None::<i32>, "null"])), "23502");
    assert_eq!(code(insert.execute(params![None::<i64>, 1i32, "null"])), "23502");
    // A key that somebody is about to insert, and to take back.
    two.execute("BEGIN", params![]).unwrap();
    two.execute("INSERT INTO t VALUES (4000, 2, NULL)", params![]).unwrap();
    one.execute("SET lock_timeout = '20ms'", params![]).unwrap();
    assert_eq!(code(insert.execute(params![4000i64, 3i32, None::<&str>])), "55P03");
    two.execute("ROLLBACK", params![]).unwrap();
    insert.execute(params![4000i64, 3i32, None::<&str>]).unwrap();
    // A key that is free again; one whose row an older snapshot still sees.
    two.execute("BEGIN ISOLATION LEVEL REPEATABLE READ", params![]).unwrap();
    let seen = |conn: &Connection| -> i64 {
        conn.query_one("SELECT sum(n) FROM t WHERE k IN (8, 9)", params![]).unwrap().get(0).unwrap()
    };
    assert_eq!(seen(&two), 2);
    one.execute("DELETE FROM t WHERE k = 8", params![]).unwrap();
    insert.execute(params![8i64, 10i32, "again"]).unwrap();
    one.execute("UPDATE t SET n = n + 4 WHERE k = 9", params![]).unwrap();
    assert_eq!((seen(&one), seen(&two)), (15, 2));
    two.execute("COMMIT", params![]).unwrap();
    // An index that comes while single rows do; a table that is emptied under a prepared statement.
    let update = two.prepare("UPDATE t SET n = n + 1, note = $2 WHERE k = $1").unwrap();
    update.execute(params![10i64, "before"]).unwrap();
    one.execute("CREATE INDEX ON t (note)", params![]).unwrap();
    update.execute(params![10i64, "after"]).unwrap();
    insert.execute(params![4001i64, 1i32, "after"]).unwrap();
    let named = "SELECT count(*) FROM t WHERE note = 'after'";
    assert_eq!(one.query_one(named, params![]).unwrap().get::<i64>(0).unwrap(), 2);
    one.execute("TRUNCATE t", params![]).unwrap();
    assert_eq!(update.execute(params![10i64, "gone"]).unwrap(), 0);
    for k in 0..200i64 {
        insert.execute(params![k, 1i32, "new"]).unwrap();
        update.execute(params![k, "changed"]).unwrap();
    }
    drop((insert, update));
    drop((one, two, db));
    let db = Database::open(&path).unwrap();
    let conn = db.connect().unwrap();
    let row = conn.query_one("SELECT count(*), sum(n), min(note), max(note) FROM t", params![]).unwrap();
    let expected = [Value::Int8(200), Value::Int8(400), Value::from("changed"), Value::from("changed")];
    assert_eq!(row.values(), expected);
}
