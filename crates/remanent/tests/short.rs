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
        let create =
            "(a bigint, b text, n int NOT NULL, x float8, note text, d numeric(6, 2), PRIMARY KEY (a, b))";
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
    match step % 13 {
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
