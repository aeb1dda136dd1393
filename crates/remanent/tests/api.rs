//! The library's surface: what its users write, and what they get.

use remanent::{Connection, Database, Result, Rows, Type, Value, params};
use std::sync::atomic::{AtomicBool, Ordering};
use tempfile::TempDir;

fn open() -> (TempDir, Database) {
    let dir = tempfile::tempdir().unwrap();
    let db = Database::open(dir.path().join("t.rem")).unwrap();
    (dir, db)
}

/// A database with `t (a int PRIMARY KEY, b text)` holding 1 to `rows`, and a connection to it.
fn filled(rows: i32) -> (TempDir, Database, Connection) {
    let (dir, db) = open();
    let conn = db.connect().unwrap();
    conn.execute("CREATE TABLE t (a int PRIMARY KEY, b text)", params![]).unwrap();
    let mut appender = conn.appender("t").unwrap();
    for a in 1..=rows {
        appender.append(params![a, format!("row {a}")]).unwrap();
    }
    appender.finish().unwrap();
    (dir, db, conn)
}

fn count(conn: &Connection) -> i64 {
    conn.query_one("SELECT count(*) FROM t", params![]).unwrap().get(0).unwrap()
}

/// The code of the error that there must be.
fn code<T>(result: Result<T>) -> &'static str {
    match result {
        Ok(_) => panic!("this should have been an error"),
        Err(error) => error.code(),
    }
}

fn texts(rows: Rows) -> Vec<String> {
    let text = |row: Result<remanent::Row>| {
        row.unwrap().values().iter().map(Value::to_string).collect::<Vec<_>>().join("|")
    };
    rows.map(text).collect()
}

fn query(conn: &Connection, sql: &str) -> Vec<String> {
    texts(conn.query(sql, params![]).unwrap())
}

#[test]
fn the_example_that_everything_is_written_against() -> Result<()> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("robot.rem");
    let db = Database::options().memory_limit(64 << 20).open(&path)?;
    let conn = db.connect()?;
    let create = "CREATE TABLE imu (ts bigint PRIMARY KEY, ax float8, ay float8, az float8)";
    assert_eq!(conn.execute(create, params![])?, 0);
    let insert = "INSERT INTO imu VALUES ($1, $2, $3, $4)";
    assert_eq!(conn.execute(insert, params![1i64, 0.1, 0.2, 9.8])?, 1);
    let stmt = conn.prepare("SELECT ax FROM imu WHERE ts = $1")?;
    let mut seen = Vec::new();
    for row in stmt.query(params![1i64])? {
        let ax: f64 = row?.get(0)?;
        seen.push(ax);
    }
    assert_eq!(seen, [0.1]);
    for row in conn.query("SELECT ts, ax FROM imu ORDER BY ts", params![])? {
        let ts: i64 = row?.get("ts")?;
        assert_eq!(ts, 1);
    }
    let tx = conn.begin()?;
    assert_eq!(tx.execute("DELETE FROM imu WHERE ts < $1", params![10i64])?, 1);
    tx.commit()?;
    let mut app = conn.appender("imu")?;
    app.append(params![2i64, 0.0, 0.0, 9.8])?;
    app.finish()?;
    let row = conn.query_one("SELECT count(*), max(ts) FROM imu", params![])?;
    assert_eq!((row.get::<i64>(0)?, row.get::<i64>(1)?), (1, 2));
    conn.interrupter().interrupt();
    db.flush()?;
    drop(stmt);
    drop(conn);
    db.close()?;
    let again = Database::open(&path)?.connect();
    assert!(again.is_ok());
    Ok(())
}

#[test]
fn handles_go_where_threads_go() {
    fn shared<T: Clone + Send + Sync>() {}
    fn sent<T: Send>() {}
    shared::<Database>();
    shared::<remanent::Interrupter>();
    sent::<Connection>();
    sent::<Rows>();
}

#[test]
fn a_row_is_read_by_position_and_by_name() {
    let (_dir, _db, conn) = filled(1);
    let rows = conn.query("SELECT a, b, NULL::int AS n FROM t", params![]).unwrap();
    let names: Vec<_> = rows.columns().iter().map(|c| (c.name(), c.ty())).collect();
    assert_eq!(names, [("a", Type::Int4), ("b", Type::Text), ("n", Type::Int4)]);
    let row = rows.map(Result::unwrap).next().unwrap();
    assert_eq!(row.get::<i32>(0).unwrap(), 1);
    assert_eq!(row.get::<String>("b").unwrap(), "row 1");
    assert_eq!(row.get::<Option<i32>>("n").unwrap(), None);
    assert!(row.value(2).is_null());
    assert_eq!(code(row.get::<i32>("n")), "42804");
    assert_eq!(code(row.get::<i32>("b")), "42804");
    assert_eq!(code(row.get::<i32>("x")), "42703");
    assert_eq!(code(row.get::<i32>(3)), "42703");
}

#[test]
fn one_row_means_one_row() {
    let (_dir, _db, conn) = filled(2);
    assert_eq!(code(conn.query_one("SELECT a FROM t WHERE a > 5", params![])), "P0002");
    assert_eq!(code(conn.query_one("SELECT a FROM t", params![])), "P0003");
    assert_eq!(
        conn.query_one("SELECT b FROM t WHERE a = 2", params![]).unwrap().value(0).to_string(),
        "row 2"
    );
}

#[test]
fn parameters_come_in_many_ways() {
    let (_dir, _db, conn) = filled(3);
    let sql = "SELECT a FROM t WHERE a >= $1 AND b <> $2";
    let vector = vec![Value::from(2), Value::from("row 3")];
    assert_eq!(texts(conn.query(sql, params![2, "row 3"]).unwrap()), ["2"]);
    assert_eq!(texts(conn.query(sql, &vector).unwrap()), ["2"]);
    assert_eq!(texts(conn.query(sql, vector.as_slice()).unwrap()), ["2"]);
    assert_eq!(texts(conn.query(sql, vector).unwrap()), ["2"]);
    // Converted to the parameter's type as an assignment would; text is read.
    assert_eq!(texts(conn.query(sql, params![2i64, "row 3"]).unwrap()), ["2"]);
    assert_eq!(texts(conn.query(sql, params!["2", "row 3"]).unwrap()), ["2"]);
    assert_eq!(code(conn.query(sql, params![2])), "42P02");
    assert_eq!(code(conn.query(sql, params![2, "x", 3])), "42P02");
    assert_eq!(code(conn.query(sql, params!["two", "x"])), "22P02");
    assert_eq!(code(conn.query(sql, params![true, "x"])), "42804");
    // It is of the type that the other side of a UNION has.
    assert_eq!(texts(conn.query("SELECT $1 UNION ALL SELECT 2", params!["1"]).unwrap()), ["1", "2"]);
    assert_eq!(code(conn.execute("BEGIN", params![1])), "42P02");
    assert_eq!(texts(conn.query("SELECT 1", ()).unwrap()), ["1"]);
}

#[test]
fn errors_say_where() {
    let (_dir, _db, conn) = filled(0);
    let error = conn.query("SELECT nope FROM t", params![]).unwrap_err();
    assert_eq!((error.code(), error.position()), ("42703", Some(7)));
    let error = conn.execute("SELECT 1; SELEC 2", params![]).unwrap_err();
    assert_eq!((error.code(), error.position()), ("42601", Some(10)));
    let error = conn.execute("SELECT 1; SELECT x", params![]).unwrap_err();
    assert_eq!((error.code(), error.position()), ("42703", Some(17)));
    let error = conn.prepare("SELECT 1 +").unwrap_err();
    assert_eq!((error.code(), error.position()), ("42601", Some(10)));
    assert_eq!(code(conn.execute("LISTEN t", params![])), "0A000");
}

#[test]
fn a_script_is_one_transaction() {
    let (_dir, _db, conn) = filled(0);
    assert_eq!(
        conn.execute("INSERT INTO t VALUES (1), (2); DELETE FROM t WHERE a = 1;", params![]).unwrap(),
        3
    );
    assert_eq!(query(&conn, "SELECT a FROM t"), ["2"]);
    // The second fails: nothing happened.
    let script = "INSERT INTO t VALUES (3); INSERT INTO t VALUES (2)";
    assert_eq!(code(conn.execute(script, params![])), "23505");
    assert_eq!(query(&conn, "SELECT a FROM t"), ["2"]);
    // What was committed in between stays.
    let script = "INSERT INTO t VALUES (3); COMMIT; INSERT INTO t VALUES (4); INSERT INTO t VALUES (2)";
    assert_eq!(code(conn.execute(script, params![])), "23505");
    assert_eq!(query(&conn, "SELECT a FROM t ORDER BY a"), ["2", "3"]);
    // A transaction that is begun and not ended stays open.
    conn.execute("BEGIN; INSERT INTO t VALUES (5)", params![]).unwrap();
    conn.execute("ROLLBACK", params![]).unwrap();
    assert_eq!(count(&conn), 2);
    // Later statements see the tables that earlier ones made; the last one's rows are the answer.
    let script = "CREATE TABLE u (x int); INSERT INTO u VALUES (7); SELECT x FROM u";
    assert_eq!(query(&conn, script), ["7"]);
    assert_eq!(code(conn.execute("SELECT $1; SELECT 2", params![1])), "42601");
    assert_eq!(conn.execute("", params![]).unwrap(), 0);
    assert_eq!(conn.execute(" ; -- nothing\n;", params![]).unwrap(), 0);
}

#[test]
fn a_transaction_is_all_or_nothing() {
    let (_dir, db, conn) = filled(1);
    let other = db.connect().unwrap();
    let tx = conn.begin().unwrap();
    tx.execute("INSERT INTO t VALUES (2)", params![]).unwrap();
    // Other use of the connection takes part; other connections see nothing yet.
    conn.execute("INSERT INTO t VALUES (3)", params![]).unwrap();
    assert_eq!((count(&conn), count(&other)), (3, 1));
    assert_eq!(code(conn.begin()), "25001");
    tx.commit().unwrap();
    assert_eq!(count(&other), 3);

    let tx = conn.begin().unwrap();
    tx.execute("DELETE FROM t", params![]).unwrap();
    tx.rollback().unwrap();
    let tx = conn.begin().unwrap();
    tx.execute("DELETE FROM t", params![]).unwrap();
    drop(tx);
    assert_eq!(count(&conn), 3);
}

#[test]
fn statements_of_a_with_change_a_row_once() {
    let (_dir, _db, conn) = filled(2);
    let tx = conn.begin().unwrap();
    tx.execute("INSERT INTO t VALUES (8)", params![]).unwrap();
    // Also one that the transaction itself had written.
    let sql = "WITH x AS (UPDATE t SET a = a + 10 WHERE a IN (1, 8) RETURNING a), y AS (DELETE FROM t RETURNING a) \
               SELECT 'x' || a FROM x UNION ALL SELECT 'y' || a FROM y ORDER BY 1";
    assert_eq!(texts(tx.query(sql, params![]).unwrap()), ["x11", "x18", "y2"]);
    tx.commit().unwrap();
    assert_eq!(query(&conn, "SELECT a FROM t ORDER BY a"), ["11", "18"]);
}

#[test]
fn a_failed_transaction_can_only_be_rolled_back() {
    let (_dir, _db, conn) = filled(1);
    let tx = conn.begin().unwrap();
    tx.execute("INSERT INTO t VALUES (2)", params![]).unwrap();
    assert_eq!(code(tx.execute("INSERT INTO t VALUES (1)", params![])), "23505");
    assert_eq!(code(tx.query("SELECT 1", params![])), "25P02");
    assert_eq!(code(tx.prepare("SELECT 1")), "25P02");
    assert_eq!(code(tx.execute("SET application_name = 'x'", params![])), "25P02");
    // Whoever commits learns that nothing was stored.
    assert_eq!(code(tx.commit()), "25P02");
    assert_eq!(count(&conn), 1);
    // In SQL, COMMIT rolls back, as in PostgreSQL.
    conn.execute("BEGIN", params![]).unwrap();
    conn.execute("INSERT INTO t VALUES (2)", params![]).unwrap();
    assert_eq!(code(conn.execute("SELEC", params![])), "42601");
    assert_eq!(code(conn.execute("BEGIN", params![])), "25P02");
    conn.execute("COMMIT", params![]).unwrap();
    assert_eq!(count(&conn), 1);
}

#[test]
fn sql_and_handles_share_one_transaction() {
    let (_dir, _db, conn) = filled(0);
    let tx = conn.begin().unwrap();
    tx.execute("INSERT INTO t VALUES (1); COMMIT", params![]).unwrap();
    conn.execute("BEGIN; INSERT INTO t VALUES (2)", params![]).unwrap();
    // That transaction is over; the one that is open now is not its business.
    assert_eq!(code(tx.commit()), "25P01");
    assert_eq!(count(&conn), 2);
    conn.execute("ROLLBACK", params![]).unwrap();
    assert_eq!(count(&conn), 1);
    // Without a transaction they do nothing.
    conn.execute("COMMIT", params![]).unwrap();
    conn.execute("ROLLBACK", params![]).unwrap();
    assert_eq!(code(conn.execute("COMMIT AND CHAIN", params![])), "25P01");
    conn.execute("BEGIN; INSERT INTO t VALUES (2); COMMIT AND CHAIN; INSERT INTO t VALUES (3)", params![])
        .unwrap();
    conn.execute("ROLLBACK", params![]).unwrap();
    assert_eq!(count(&conn), 2);
    assert_eq!(code(conn.execute("SAVEPOINT s", params![])), "25P01");
}

#[test]
fn isolation_levels_say_which_snapshot() {
    let (_dir, db, conn) = filled(1);
    let other = db.connect().unwrap();
    let add = |a: i32| other.execute("INSERT INTO t VALUES ($1)", params![a]).unwrap();
    conn.execute("BEGIN", params![]).unwrap();
    assert_eq!(count(&conn), 1);
    add(2);
    assert_eq!(count(&conn), 2);
    conn.execute("ROLLBACK; BEGIN ISOLATION LEVEL REPEATABLE READ", params![]).unwrap();
    add(3);
    assert_eq!(count(&conn), 3, "the snapshot is taken by the first statement");
    add(4);
    assert_eq!(count(&conn), 3);
    // What changed since cannot be changed here.
    other.execute("UPDATE t SET b = 'new' WHERE a = 1", params![]).unwrap();
    assert_eq!(code(conn.execute("UPDATE t SET b = 'newer' WHERE a = 1", params![])), "40001");
    conn.execute("ROLLBACK", params![]).unwrap();
    conn.execute("BEGIN; SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SELECT 1", params![]).unwrap();
    assert_eq!(query(&conn, "SHOW transaction_isolation"), ["repeatable read"]);
    let late = "SET TRANSACTION ISOLATION LEVEL READ COMMITTED";
    assert_eq!(code(conn.execute(late, params![])), "25001");
}

#[test]
fn a_read_only_transaction_writes_nothing() {
    let (_dir, _db, conn) = filled(1);
    conn.execute("BEGIN READ ONLY", params![]).unwrap();
    assert_eq!(count(&conn), 1);
    let error = conn.execute("DELETE FROM t", params![]).unwrap_err();
    assert_eq!(error.message(), "cannot execute DELETE in a read-only transaction");
    assert_eq!(error.code(), "25006");
    conn.execute("ROLLBACK", params![]).unwrap();
    conn.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", params![]).unwrap();
    assert_eq!(code(conn.execute("INSERT INTO t VALUES (2)", params![])), "25006");
    conn.execute("BEGIN READ WRITE; INSERT INTO t VALUES (2); COMMIT", params![]).unwrap();
    assert_eq!(count(&conn), 2);
}

#[test]
fn no_increment_is_lost() {
    const ROUNDS: i64 = 100;
    let (_dir, db, conn) = filled(0);
    conn.execute("CREATE TABLE counter (id int PRIMARY KEY, n bigint)", params![]).unwrap();
    conn.execute("INSERT INTO counter VALUES (1, 0)", params![]).unwrap();
    std::thread::scope(|scope| {
        for explicit in [false, true, false] {
            let conn = db.connect().unwrap();
            scope.spawn(move || {
                let add = conn.prepare("UPDATE counter SET n = n + 1 WHERE id = 1").unwrap();
                for _ in 0..ROUNDS {
                    let tx = explicit.then(|| conn.begin().unwrap());
                    assert_eq!(add.execute(params![]).unwrap(), 1);
                    if let Some(tx) = tx {
                        tx.commit().unwrap();
                    }
                }
            });
        }
    });
    assert_eq!(query(&conn, "SELECT n FROM counter"), [(3 * ROUNDS).to_string()]);
}

#[test]
fn an_interrupt_ends_a_statement_that_waits() {
    let (_dir, db, conn) = filled(1);
    let tx = conn.begin().unwrap();
    tx.execute("UPDATE t SET b = 'locked'", params![]).unwrap();
    let waiting = db.connect().unwrap();
    let (stop, done) = (waiting.interrupter(), AtomicBool::new(false));
    std::thread::scope(|scope| {
        let waits = scope.spawn(|| {
            let ended = waiting.execute("UPDATE t SET b = 'second'", params![]);
            done.store(true, Ordering::Release);
            (ended, waiting)
        });
        // It may not have begun yet: an interrupt before that does nothing.
        while !done.load(Ordering::Acquire) {
            stop.interrupt();
            std::thread::yield_now();
        }
        let (ended, waiting) = waits.join().unwrap();
        assert_eq!(code(ended), "57014");
        tx.commit().unwrap();
        // The next statement is not affected.
        assert_eq!(waiting.execute("UPDATE t SET b = 'third'", params![]).unwrap(), 1);
    });
}

#[test]
fn an_interrupt_ends_rows_that_are_being_read() {
    let (_dir, _db, conn) = filled(10_000);
    let mut rows = conn.query("SELECT a FROM t", params![]).unwrap();
    rows.next().unwrap().unwrap();
    conn.interrupter().interrupt();
    let read: Vec<_> = rows.collect();
    assert!(read.len() < 9_999);
    assert_eq!(read.last().unwrap().as_ref().unwrap_err().code(), "57014");
    assert_eq!(count(&conn), 10_000);
}

#[test]
fn rows_see_the_database_as_it_was() {
    let (_dir, _db, conn) = filled(5_000);
    let mut rows = conn.query("SELECT a FROM t", params![]).unwrap();
    assert_eq!(rows.next().unwrap().unwrap().get::<i32>(0).unwrap(), 1);
    // The connection is free meanwhile.
    conn.execute("DELETE FROM t", params![]).unwrap();
    assert_eq!(count(&conn), 0);
    assert_eq!(rows.count(), 4_999);
}

#[test]
fn an_error_while_reading_makes_the_transaction_fail() {
    let (_dir, _db, conn) = filled(5_000);
    let tx = conn.begin().unwrap();
    let mut rows = tx.query("SELECT 1 / (a - 4000) FROM t", params![]).unwrap();
    assert!(rows.next().unwrap().is_ok());
    assert_eq!(rows.find_map(Result::err).unwrap().code(), "22012");
    assert_eq!(code(tx.query("SELECT 1", params![])), "25P02");
    drop(tx);
    assert_eq!(code(conn.execute("SELECT 1 / (a - 4000) FROM t", params![])), "22012");
}

#[test]
fn batches_are_the_same_rows_in_columns() {
    let (_dir, _db, conn) = filled(5_000);
    let mut rows = conn.query("SELECT a, b FROM t WHERE a % 2 = 0", params![]).unwrap();
    assert_eq!(rows.next().unwrap().unwrap().get::<i32>(0).unwrap(), 2);
    let mut seen = Vec::new();
    for batch in rows.batches() {
        let batch = batch.unwrap();
        assert!(batch.selection.is_none() && batch.rows <= 2048 && batch.rows > 0);
        seen.extend(batch.columns[0].values().map(|v| v.to_string()));
    }
    let wanted: Vec<_> = (2..=2_500).map(|i| (2 * i).to_string()).collect();
    assert_eq!(seen, wanted);
    let point = conn.query("SELECT b FROM t WHERE a = 7", params![]).unwrap();
    let batches: Vec<_> = point.batches().map(Result::unwrap).collect();
    assert_eq!(batches.len(), 1);
    assert_eq!(batches[0].columns[0].value(0).to_string(), "row 7");
}

#[test]
fn a_prepared_statement_follows_its_tables() {
    let (_dir, _db, conn) = filled(1);
    let by_key = conn.prepare("SELECT b FROM t WHERE a = $1").unwrap();
    let all = conn.prepare("SELECT * FROM t").unwrap();
    assert_eq!((by_key.params(), by_key.columns()[0].ty()), (vec![Type::Int4], Type::Text));
    assert_eq!(texts(by_key.query(params![1]).unwrap()), ["row 1"]);
    conn.execute("DROP TABLE t; CREATE TABLE t (b bigint, a text PRIMARY KEY)", params![]).unwrap();
    conn.execute("INSERT INTO t VALUES (7, '1')", params![]).unwrap();
    assert_eq!(texts(by_key.query(params!["1"]).unwrap()), ["7"]);
    assert_eq!(by_key.columns()[0].ty(), Type::Int8);
    assert_eq!(texts(all.query(params![]).unwrap()), ["7|1"]);
    conn.execute("DROP TABLE t", params![]).unwrap();
    assert_eq!(code(by_key.query(params!["1"])), "42P01");
    assert_eq!(code(all.execute(params![])), "42P01");
}

#[test]
fn a_text_means_what_its_tables_are_now() {
    let (_dir, db, conn) = filled(1);
    let sql = "SELECT * FROM t WHERE a = 1";
    assert_eq!(query(&conn, sql), ["1|row 1"]);
    assert_eq!(query(&conn, sql), ["1|row 1"]);
    let other = db.connect().unwrap();
    other.execute("DROP TABLE t; CREATE TABLE t (a int); INSERT INTO t VALUES (1), (1)", params![]).unwrap();
    assert_eq!(query(&conn, sql), ["1", "1"]);
}

#[test]
fn a_point_read_sees_its_own_transaction() {
    let (_dir, db, conn) = filled(3);
    let other = db.connect().unwrap();
    let point = conn.prepare("SELECT b FROM t WHERE a = $1").unwrap();
    let elsewhere = other.prepare("SELECT b FROM t WHERE a = $1").unwrap();
    let tx = conn.begin().unwrap();
    tx.execute("UPDATE t SET b = 'mine' WHERE a = 1; DELETE FROM t WHERE a = 2", params![]).unwrap();
    let read = |statement: &remanent::Statement<'_>, a: i32| texts(statement.query(params![a]).unwrap());
    assert_eq!([read(&point, 1), read(&point, 2)].concat(), ["mine"]);
    assert_eq!([read(&elsewhere, 1), read(&elsewhere, 2)].concat(), ["row 1", "row 2"]);
    tx.commit().unwrap();
    assert_eq!([read(&elsewhere, 1), read(&elsewhere, 2)].concat(), ["mine"]);
    assert_eq!(point.query(params![None::<i32>]).unwrap().count(), 0);
}

#[test]
fn an_appender_converts_as_insert_would() {
    let (_dir, _db, conn) = filled(0);
    conn.execute("CREATE TABLE u (i bigint, n numeric(6, 2), d date, v vector(2), s text)", params![])
        .unwrap();
    let mut appender = conn.appender("u").unwrap();
    appender.append(params![1i16, 1.005f64, "2020-02-29", vec![1f32, 2.0], 7]).unwrap();
    appender.append(params![None::<i64>, 3, None::<String>, "[3,4]", None::<String>]).unwrap();
    assert_eq!(appender.finish().unwrap(), 2);
    assert_eq!(query(&conn, "SELECT * FROM u WHERE i = 1"), ["1|1.01|2020-02-29|[1,2]|7"]);
    assert_eq!(query(&conn, "SELECT n, v FROM u WHERE i IS NULL"), ["3.00|[3,4]"]);
}

#[test]
fn an_appender_refuses_single_rows_and_goes_on() {
    let (_dir, _db, conn) = filled(0);
    let mut appender = conn.appender("t").unwrap();
    assert_eq!(code(appender.append(params![1])), "42601");
    assert_eq!(code(appender.append(params![i64::MAX, "too large"])), "22003");
    let error = appender.append(params![true, "no number"]).unwrap_err();
    assert_eq!((error.code(), error.detail()), ("42804", Some("It is meant for column \"a\".")));
    appender.append(params![1, "good"]).unwrap();
    assert_eq!(appender.finish().unwrap(), 1);
    assert_eq!(query(&conn, "SELECT * FROM t"), ["1|good"]);
    for wrong in ["nowhere", "other.t", "t t", "", "\"T\""] {
        assert_eq!(code(conn.appender(wrong)), "42P01", "{wrong}");
    }
    for name in ["T", "public.t", "\"t\""] {
        conn.appender(name).unwrap().finish().unwrap();
    }
}

#[test]
fn an_appender_is_one_transaction() {
    let (_dir, db, conn) = filled(0);
    let other = db.connect().unwrap();
    let mut appender = conn.appender("t").unwrap();
    for a in 0..5_000 {
        appender.append(params![a, None::<&str>]).unwrap();
    }
    assert_eq!((count(&conn), count(&other)), (0, 0));
    drop(appender);
    assert_eq!(count(&conn), 0);
    let mut appender = conn.appender("t").unwrap();
    for a in [1, 2, 1] {
        appender.append(params![a, None::<&str>]).unwrap();
    }
    assert_eq!(code(appender.finish()), "23505");
    assert_eq!(count(&conn), 0);
    // What a full batch meets ends the appender.
    conn.execute("INSERT INTO t VALUES (2000)", params![]).unwrap();
    let mut appender = conn.appender("t").unwrap();
    let failed = (0..5_000).find_map(|a| appender.append(params![a, None::<&str>]).err()).unwrap();
    assert_eq!(failed.code(), "23505");
    assert_eq!(code(appender.append(params![9_999, None::<&str>])), "25P02");
    assert_eq!(code(appender.finish()), "25P02");
    assert_eq!(count(&conn), 1);
}

#[test]
fn an_appender_takes_part_in_an_open_transaction() {
    let (_dir, _db, conn) = filled(0);
    let append = |tx: &remanent::Transaction<'_>, rows: std::ops::Range<i32>| {
        let mut appender = tx.appender("t").unwrap();
        rows.for_each(|a| appender.append(params![a, None::<&str>]).unwrap());
        appender.finish().unwrap();
    };
    let tx = conn.begin().unwrap();
    append(&tx, 0..3_000);
    tx.rollback().unwrap();
    assert_eq!(count(&conn), 0);
    let tx = conn.begin().unwrap();
    append(&tx, 0..3_000);
    append(&tx, 3_000..3_010);
    assert_eq!(count(&conn), 3_010);
    tx.commit().unwrap();
    assert_eq!(count(&conn), 3_010);
    // Dropped with rows in it: nothing but all of the transaction can be undone.
    for rows in [5_000..8_000, 5_000..5_001] {
        let tx = conn.begin().unwrap();
        let mut appender = tx.appender("t").unwrap();
        rows.for_each(|a| appender.append(params![a, None::<&str>]).unwrap());
        drop(appender);
        assert_eq!(code(tx.commit()), "25P02");
        assert_eq!(count(&conn), 3_010);
    }
}

#[test]
fn closing_is_for_the_last_handle() {
    let (dir, db, conn) = filled(3);
    let clone = db.clone();
    assert_eq!(code(db.close()), "55006");
    assert_eq!(count(&conn), 3);
    conn.execute("BEGIN; INSERT INTO t VALUES (4)", params![]).unwrap();
    clone.close().unwrap();
    assert_eq!(code(conn.execute("COMMIT", params![])), "57P01");
    assert_eq!(code(conn.execute("SELECT 1", params![])), "57P01");
    assert_eq!(code(conn.begin()), "57P01");
    assert_eq!(code(conn.appender("t")), "57P01");
    // The directory is free, though a connection is still around.
    let db = Database::open(dir.path().join("t.rem")).unwrap();
    assert_eq!(count(&db.connect().unwrap()), 3);
    // Dropped, it closes as well.
    drop(db);
    let db = Database::open(dir.path().join("t.rem")).unwrap();
    assert_eq!(count(&db.connect().unwrap()), 3);
}

#[test]
fn a_database_has_one_writer() {
    let (dir, db, _conn) = filled(0);
    let path = dir.path().join("t.rem");
    assert_eq!(code(Database::open(&path)), "55006");
    drop(db);
    let db = Database::options().read_only(true).open(&path).unwrap();
    let conn = db.connect().unwrap();
    assert_eq!(count(&conn), 0);
    assert_eq!(code(conn.execute("INSERT INTO t VALUES (1)", params![])), "25006");
    drop(db);
    let nowhere = dir.path().join("nowhere");
    assert!(Database::options().create(false).open(&nowhere).is_err());
    assert!(!nowhere.exists());
}

#[test]
fn others_read_what_one_writes() {
    let (dir, db, writer) = filled(3);
    let path = dir.path().join("t.rem");
    let other = Database::options().read_only(true).open(&path).unwrap();
    let reader = other.connect().unwrap();
    let point = |id: i64| query(&reader, &format!("SELECT a FROM t WHERE a = {id}"));
    assert_eq!(count(&reader), 3);
    writer.execute("INSERT INTO t VALUES (100)", params![]).unwrap();
    // In its first milliseconds a reader perhaps does not see the newest; from then on each statement sees all.
    for _ in 0..1000 {
        if count(&reader) == 4 {
            break;
        }
        #[allow(
            clippy::disallowed_methods,
            reason = "the writer looks for new readers in a thread of its own"
        )]
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    assert_eq!((count(&reader), point(100).len()), (4, 1));
    writer.execute("SET synchronous_commit = off; INSERT INTO t VALUES (101)", params![]).unwrap();
    assert_eq!((count(&reader), point(101).len()), (5, 1));
    // A block under READ COMMITTED sees each commit, one under REPEATABLE READ what it saw first.
    let committed = other.connect().unwrap();
    committed.execute("BEGIN", params![]).unwrap();
    reader.execute("BEGIN ISOLATION LEVEL REPEATABLE READ", params![]).unwrap();
    assert_eq!((count(&committed), count(&reader)), (5, 5));
    writer.execute("DELETE FROM t WHERE a < 100; CREATE TABLE n (x int)", params![]).unwrap();
    db.flush().unwrap();
    assert_eq!((count(&committed), count(&reader)), (2, 5));
    assert_eq!(code(committed.execute("INSERT INTO n VALUES (1)", params![])), "25006");
    committed.execute("ROLLBACK", params![]).unwrap();
    reader.execute("COMMIT", params![]).unwrap();
    assert_eq!(count(&reader), 2);
    assert_eq!(query(&reader, "SELECT * FROM n").len(), 0);
    // The writer comes and goes.
    drop(writer);
    db.close().unwrap();
    assert_eq!(count(&reader), 2);
    let db = Database::open(&path).unwrap();
    db.connect().unwrap().execute("INSERT INTO t VALUES (7)", params![]).unwrap();
    assert_eq!((count(&reader), point(7).len()), (3, 1));
    assert_eq!(code(other.connect().unwrap().execute("DROP TABLE t", params![])), "25006");
}

#[test]
fn settings_are_set_shown_and_reset() {
    let (_dir, _db, conn) = filled(0);
    let show = |name: &str| query(&conn, &format!("SHOW {name}")).concat();
    assert_eq!(conn.query("SHOW timezone", params![]).unwrap().columns()[0].name(), "TimeZone");
    assert_eq!((show("timezone"), show("synchronous_commit")), ("UTC".into(), "on".into()));
    conn.execute("SET synchronous_commit = off; INSERT INTO t VALUES (1)", params![]).unwrap();
    assert_eq!((show("synchronous_commit"), count(&conn)), ("off".into(), 1));
    conn.execute("BEGIN; SET application_name TO 'one'; ROLLBACK", params![]).unwrap();
    assert_eq!(show("application_name"), "");
    conn.execute("BEGIN; SET application_name TO 'one'; SET LOCAL synchronous_commit TO on", params![])
        .unwrap();
    assert_eq!((show("application_name"), show("synchronous_commit")), ("one".into(), "on".into()));
    conn.execute("COMMIT", params![]).unwrap();
    assert_eq!((show("application_name"), show("synchronous_commit")), ("one".into(), "off".into()));
    conn.execute("RESET ALL", params![]).unwrap();
    assert_eq!((show("application_name"), show("synchronous_commit")), ("".into(), "on".into()));
    conn.execute("SET TIME ZONE 'UTC'; SET client_encoding TO 'utf8'", params![]).unwrap();
    conn.execute("SET TIME ZONE 2", params![]).unwrap();
    assert_eq!(show("timezone"), "<+02>-02");
    let rows = conn.query("SELECT timestamptz '2024-07-01 00:00Z'", params![]).unwrap();
    let (zone, row) = (rows.zone().clone(), rows.last().unwrap().unwrap());
    assert_eq!(row.value(0).text_in(&zone), "2024-07-01 02:00:00+02");
    conn.execute("RESET TIME ZONE", params![]).unwrap();
    assert_eq!(code(conn.execute("SET TIME ZONE 'Nowhere'", params![])), "22023");
    assert_eq!(code(conn.execute("SET server_version TO '16'", params![])), "55P02");
    assert_eq!(code(conn.execute("SET nonsense TO 1", params![])), "42704");
    assert_eq!(code(conn.query("SHOW nonsense", params![])), "42704");
    assert!(query(&conn, "SHOW ALL").contains(&"TimeZone|UTC|".to_string()));
}

#[test]
fn what_was_committed_is_there_after_reopening() {
    let (dir, db, conn) = filled(100);
    conn.execute("UPDATE t SET b = 'changed' WHERE a = 7; DELETE FROM t WHERE a > 90", params![]).unwrap();
    db.flush().unwrap();
    conn.execute("INSERT INTO t VALUES (200, 'late')", params![]).unwrap();
    drop(conn);
    db.close().unwrap();
    let db = Database::open(dir.path().join("t.rem")).unwrap();
    let conn = db.connect().unwrap();
    assert_eq!(query(&conn, "SELECT count(*), max(a) FROM t"), ["91|200"]);
    assert_eq!(query(&conn, "SELECT b FROM t WHERE a = 7"), ["changed"]);
    drop((conn, db));
    let report = Database::check(dir.path().join("t.rem")).unwrap();
    assert_eq!((report.damage.len(), report.tables), (0, 1));
}

#[test]
fn a_file_is_not_a_database() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("notes.txt");
    std::fs::write(&path, "dear diary").unwrap();
    assert_eq!(code(Database::open(&path)), "3D000");
    assert_eq!(code(Database::check(&path)), "3D000");
    assert_eq!(std::fs::read(&path).unwrap(), b"dear diary");
}
