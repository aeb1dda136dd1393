//! Statements that end before their time, transactions that nobody ends, and places to come back to.

use remanent::{Connection, Database, Result, params};
use std::sync::atomic::{AtomicBool, Ordering};
use tempfile::TempDir;

/// A database with `t (a int PRIMARY KEY, b int)` holding 1 to `rows`, all b 0.
fn filled(rows: i32) -> (TempDir, Database, Connection) {
    let dir = tempfile::tempdir().unwrap();
    let db = Database::open(dir.path().join("t.rem")).unwrap();
    let conn = db.connect().unwrap();
    conn.execute("CREATE TABLE t (a int PRIMARY KEY, b int)", params![]).unwrap();
    let mut appender = conn.appender("t").unwrap();
    (1..=rows).for_each(|a| appender.append(params![a, 0]).unwrap());
    appender.finish().unwrap();
    (dir, db, conn)
}

fn code<T>(result: Result<T>) -> &'static str {
    match result {
        Ok(_) => panic!("this should have been an error"),
        Err(error) => error.code(),
    }
}

fn numbers(conn: &Connection, sql: &str) -> Vec<i64> {
    let rows = conn.query(sql, params![]).unwrap();
    rows.map(|row| row.unwrap().get(0).unwrap()).collect()
}

#[test]
fn a_cancelled_statement_is_whole_or_nothing() {
    let (_dir, db, conn) = filled(20_000);
    let stop = conn.interrupter();
    let reader = db.connect().unwrap();
    let (mut raised, mut ended) = (0, 0);
    for round in 0..60u32 {
        let started = AtomicBool::new(false);
        let done = std::thread::scope(|scope| {
            scope.spawn(|| {
                while !started.load(Ordering::Acquire) {
                    std::thread::yield_now();
                }
                // Each round a bit later: within the scan, the locking, the commit, or after it.
                (0..round * round * 40).for_each(|_| std::hint::spin_loop());
                stop.interrupt();
            });
            started.store(true, Ordering::Release);
            conn.execute("UPDATE t SET b = b + 1", params![])
        });
        match done {
            Ok(rows) => {
                assert_eq!(rows, 20_000);
                raised += 1;
            }
            Err(error) => {
                assert_eq!(error.code(), "57014", "{error}");
                ended += 1;
            }
        }
        assert_eq!(numbers(&reader, "SELECT DISTINCT b FROM t"), [raised], "after {ended} cancels");
    }
    // What was cancelled holds nothing.
    assert_eq!(reader.execute("UPDATE t SET b = 0", params![]).unwrap(), 20_000);
}

#[test]
fn a_statement_ends_at_its_timeout_wherever_it_is() {
    let (_dir, _db, conn) = filled(4_000);
    let slow = [
        "SELECT count(*) FROM t x, t y, t z",
        "SELECT x.a + y.a AS s FROM t x, t y, t z ORDER BY s LIMIT 3",
        "SELECT DISTINCT x.a * y.a + z.a FROM t x, t y, t z",
        "SELECT x.a % 7 AS g, sum(y.b) FROM t x, t y, t z GROUP BY x.a % 7",
        "SELECT a FROM t WHERE a = (SELECT count(*) FROM t x, t y, t z)",
        "DELETE FROM t WHERE a IN (SELECT x.a FROM t x, t y, t z WHERE x.a + y.a + z.a < 0)",
        "CREATE TABLE u (a int); INSERT INTO u SELECT x.a FROM t x, t y, t z WHERE x.a + y.a + z.a < 0",
    ];
    conn.execute("SET statement_timeout = 40", params![]).unwrap();
    for statement in slow {
        assert_eq!(code(conn.execute(statement, params![])), "57014", "{statement}");
    }
    conn.execute("SET statement_timeout = 0", params![]).unwrap();
    assert_eq!(numbers(&conn, "SELECT count(*) FROM t"), [4_000]);
    assert_eq!(code(conn.query("SELECT * FROM u", params![])), "42P01");
}

#[test]
fn a_cancelled_statement_fails_its_transaction() {
    let (_dir, db, conn) = filled(10);
    let other = db.connect().unwrap();
    let tx = conn.begin().unwrap();
    tx.execute("UPDATE t SET b = 1 WHERE a = 1", params![]).unwrap();
    let place = tx.savepoint().unwrap();
    tx.execute("SET LOCAL statement_timeout = 20", params![]).unwrap();
    let slow = "SELECT count(*) FROM t q, t r, t s, t u, t v, t w, t x, t y, t z";
    assert_eq!(code(tx.execute(slow, params![])), "57014");
    assert_eq!(code(tx.execute("SELECT 1", params![])), "25P02");
    place.rollback().unwrap();
    tx.execute("UPDATE t SET b = 2 WHERE a = 2", params![]).unwrap();
    tx.commit().unwrap();
    assert_eq!(numbers(&other, "SELECT b FROM t WHERE b > 0 ORDER BY a"), [1, 2]);
}

#[test]
fn savepoints_are_released_rolled_back_or_dropped() {
    let (_dir, _db, conn) = filled(0);
    let insert = |a: i32| conn.execute("INSERT INTO t VALUES ($1, 0)", params![a]);
    let tx = conn.begin().unwrap();
    let kept = tx.savepoint().unwrap();
    insert(1).unwrap();
    let inner = tx.savepoint().unwrap();
    insert(2).unwrap();
    inner.rollback().unwrap();
    kept.release().unwrap();
    let dropped = tx.savepoint().unwrap();
    insert(3).unwrap();
    drop(dropped);
    // One around another goes with it.
    let outer = tx.savepoint().unwrap();
    insert(4).unwrap();
    let inner = tx.savepoint().unwrap();
    insert(5).unwrap();
    outer.rollback().unwrap();
    assert_eq!(code(inner.release()), "3B001");
    // That failure is of the handle, not of the transaction.
    insert(6).unwrap();
    let failed = tx.savepoint().unwrap();
    assert_eq!(code(insert(6)), "23505");
    assert_eq!(code(failed.release()), "25P02");
    insert(7).unwrap();
    tx.commit().unwrap();
    assert_eq!(numbers(&conn, "SELECT a FROM t ORDER BY a"), [1, 6, 7]);
    let tx = conn.begin().unwrap();
    let late = tx.savepoint().unwrap();
    conn.execute("COMMIT", params![]).unwrap();
    assert_eq!(code(late.release()), "25P01");
    assert_eq!(code(tx.savepoint()), "25P01");
}

#[test]
fn an_appender_and_its_connection_do_not_wait_for_each_other() {
    let (_dir, _db, conn) = filled(0);
    let mut appender = conn.appender("t").unwrap();
    (1..=3_000).for_each(|a| appender.append(params![a, 0]).unwrap());
    assert_eq!(code(conn.execute("INSERT INTO t VALUES (7, 1)", params![])), "40P01");
    assert_eq!(code(conn.execute("DROP TABLE t", params![])), "40P01");
    assert_eq!(appender.finish().unwrap(), 3_000);
    assert_eq!(code(conn.execute("INSERT INTO t VALUES (7, 1)", params![])), "23505");
}

#[test]
fn a_connection_that_goes_lets_go() {
    let (_dir, db, conn) = filled(1);
    for timeout in ["0", "1h"] {
        let gone = db.connect().unwrap();
        gone.execute(&format!("SET idle_in_transaction_session_timeout = '{timeout}'"), params![]).unwrap();
        gone.execute("BEGIN; UPDATE t SET b = 9; SELECT pg_advisory_lock(1)", params![]).unwrap();
        drop(gone);
        assert_eq!(conn.execute("UPDATE t SET b = 1", params![]).unwrap(), 1);
        assert_eq!(numbers(&conn, "SELECT 1::bigint WHERE pg_try_advisory_lock(1)"), [1]);
        conn.execute("SELECT pg_advisory_unlock(1)", params![]).unwrap();
    }
}

#[test]
fn an_idle_transaction_holds_no_closing_up() {
    let (_dir, db, conn) = filled(1);
    conn.execute("SET idle_in_transaction_session_timeout = '1h'; BEGIN; UPDATE t SET b = 9", params![])
        .unwrap();
    db.close().unwrap();
    assert_eq!(code(conn.execute("COMMIT", params![])), "57P01");
}

#[test]
fn rows_of_a_locking_query_can_be_read_after_its_transaction() {
    let (_dir, _db, conn) = filled(3_000);
    let rows = conn.query("SELECT a FROM t ORDER BY a FOR UPDATE", params![]).unwrap();
    conn.execute("DELETE FROM t", params![]).unwrap();
    assert_eq!(rows.count(), 3_000);
}

#[test]
fn a_transaction_that_idled_too_long_says_so() {
    let (_dir, db, conn) = filled(1);
    let other = db.connect().unwrap();
    let tx = conn.begin().unwrap();
    let patience = "SET LOCAL idle_in_transaction_session_timeout = 20";
    tx.execute(&format!("UPDATE t SET b = 1; {patience}"), params![]).unwrap();
    // Waits until the transaction is ended for it.
    assert_eq!(other.execute("UPDATE t SET b = b + 5", params![]).unwrap(), 1);
    assert_eq!(code(tx.execute("UPDATE t SET b = 2", params![])), "25P03");
    assert_eq!(code(tx.commit()), "25P03");
    assert_eq!(numbers(&conn, "SELECT b FROM t"), [5]);
}

#[test]
fn every_wait_ends_when_it_is_cancelled_and_holds_nothing_more() {
    let (dir, db, conn) = filled(10);
    conn.execute("BEGIN; UPDATE t SET b = 1 WHERE a = 1; SELECT pg_advisory_lock(7)", params![]).unwrap();
    for waits in [
        "UPDATE t SET b = 2 WHERE a = 1",
        "SELECT * FROM t WHERE a = 1 FOR KEY SHARE; DELETE FROM t WHERE a = 1",
        "INSERT INTO t VALUES (11, 0), (1, 0)",
        "DROP TABLE t",
        "SELECT pg_advisory_lock(7)",
        "ALTER DATABASE current SET lock_timeout = 1; DROP TABLE t",
    ] {
        let other = db.connect().unwrap();
        let stop = other.interrupter();
        other.execute("BEGIN; CREATE TABLE own (a int); SAVEPOINT s", params![]).unwrap();
        let done = std::thread::scope(|scope| {
            let waiting = scope.spawn(move || (other.execute(waits, params![]), other));
            while db.stats().lock_waits == 0 {
                std::thread::yield_now();
            }
            stop.interrupt();
            waiting.join()
        });
        let (done, other) = done.unwrap();
        assert_eq!(code(done), "57014", "{waits}");
        assert_eq!(db.stats().lock_waits, 0);
        assert_eq!(code(other.execute("SELECT 1", params![])), "25P02", "{waits}");
        other
            .execute("ROLLBACK TO s; INSERT INTO own VALUES (1); COMMIT; DROP TABLE own", params![])
            .unwrap();
        assert_eq!(numbers(&other, "SELECT count(*) FROM rem_entry"), [0]);
        other.execute("UPDATE t SET b = 3 WHERE a = 2", params![]).unwrap();
    }
    // Nobody is left who would stand in the way.
    conn.execute("ROLLBACK", params![]).unwrap();
    conn.execute("DROP TABLE t", params![]).unwrap();
    drop(dir);
}

#[test]
fn an_appender_writes_nothing_where_transactions_only_read() {
    let (_dir, _db, conn) = filled(1);
    conn.execute("SET default_transaction_read_only = on", params![]).unwrap();
    assert_eq!(code(conn.appender("t")), "25006");
}

#[test]
fn who_sleeps_wakes_when_the_statement_has_run_too_long() {
    let (_dir, _db, conn) = filled(1);
    conn.execute("SET statement_timeout = 20", params![]).unwrap();
    for sql in ["SELECT pg_sleep(1e9)", "SELECT pg_sleep_for('1 year')", "SELECT pg_sleep_until('infinity')"]
    {
        let ended = conn.query(sql, params![]).and_then(|rows| rows.last().unwrap());
        assert_eq!(code(ended), "57014", "{sql}");
    }
    conn.execute("SELECT pg_sleep(0), pg_sleep(-1), pg_sleep('NaN'), pg_sleep_for('-1 day')", params![])
        .unwrap();
}

#[cfg(feature = "text")]
#[test]
fn a_headline_of_a_long_text_ends_when_the_statement_has_run_too_long() {
    let (_dir, _db, conn) = filled(1);
    conn.execute("SET statement_timeout = 50", params![]).unwrap();
    let sql = "SELECT ts_headline('simple', repeat('a b c ', 200000), 'a & b & !c', 'MaxWords=30000, MinWords=20000')";
    let ended = conn.query(sql, params![]).and_then(|rows| rows.last().unwrap());
    assert_eq!(code(ended), "57014");
}
