//! SERIALIZABLE: who may commit beside whom, and what the one who may not is told.

use remanent::{Connection, Database, Error, Result, params};
use tempfile::TempDir;

struct Two {
    _dir: TempDir,
    db: Database,
    a: Connection,
    b: Connection,
}

/// A database that a script has filled, and two connections.
fn two_with(memory_limit: usize, script: &str) -> Two {
    let dir = tempfile::tempdir().unwrap();
    let db = Database::options().memory_limit(memory_limit).open(dir.path().join("t.rem")).unwrap();
    let (a, b) = (db.connect().unwrap(), db.connect().unwrap());
    a.execute(script, params![]).unwrap();
    Two { _dir: dir, db, a, b }
}

fn two(script: &str) -> Two {
    two_with(64 << 20, script)
}

const DOCTORS: &str = "CREATE TABLE doctors (id int PRIMARY KEY, shift int, on_call boolean, note text);
    INSERT INTO doctors VALUES (1, 1, true, 'a'), (2, 1, true, 'b'), (3, 2, true, 'c'), (4, 2, true, 'd')";

fn begin(conn: &Connection) {
    conn.execute("BEGIN ISOLATION LEVEL SERIALIZABLE", params![]).unwrap();
}

fn run(conn: &Connection, sql: &str) {
    conn.execute(sql, params![]).unwrap();
}

fn number(conn: &Connection, sql: &str) -> i64 {
    conn.query_one(sql, params![]).unwrap().get(0).unwrap()
}

fn commit(conn: &Connection) -> Result<u64> {
    conn.execute("COMMIT", params![])
}

fn refused(conn: &Connection) -> Error {
    let error = commit(conn).unwrap_err();
    assert_eq!(error.code(), "40001");
    error
}

/// `a` runs its statement in a transaction and writes; `b` commits its own meanwhile. True if `a` may commit.
fn beside(script: &str, reads: &str, meanwhile: &str) -> bool {
    let t = two(&format!("{script}; CREATE TABLE log (n int)"));
    begin(&t.a);
    run(&t.a, reads);
    run(&t.b, meanwhile);
    run(&t.a, "INSERT INTO log VALUES (1)");
    let done = commit(&t.a);
    assert_eq!(number(&t.b, "SELECT count(*) FROM log"), i64::from(done.is_ok()), "all or nothing");
    match done {
        Ok(_) => true,
        Err(error) => {
            assert_eq!(error.code(), "40001", "{error}");
            false
        }
    }
}

#[test]
fn two_doctors_cannot_both_leave() {
    let t = two(DOCTORS);
    let on_call = "SELECT count(*) FROM doctors WHERE on_call AND shift = 1";
    for conn in [&t.a, &t.b] {
        begin(conn);
        assert_eq!(number(conn, on_call), 2);
    }
    run(&t.a, "UPDATE doctors SET on_call = false WHERE id = 1");
    run(&t.b, "UPDATE doctors SET on_call = false WHERE id = 2");
    commit(&t.a).unwrap();
    let error = refused(&t.b);
    assert_eq!(
        error.message(),
        "could not serialize access due to read/write dependencies among transactions"
    );
    assert_eq!(
        error.detail(),
        Some("A transaction that committed meanwhile changed what was read of table \"doctors\".")
    );
    assert_eq!(error.hint(), Some("The transaction might succeed if retried."));
    assert_eq!(number(&t.b, on_call), 1);
    // Once more, on what is there now.
    begin(&t.b);
    assert_eq!(number(&t.b, on_call), 1);
    commit(&t.b).unwrap();
}

#[test]
fn those_of_different_shifts_can() {
    let t = two(DOCTORS);
    for (conn, shift) in [(&t.a, 1), (&t.b, 2)] {
        begin(conn);
        let sql = format!("SELECT count(*) FROM doctors WHERE on_call AND shift = {shift}");
        assert_eq!(number(conn, &sql), 2);
    }
    run(&t.a, "UPDATE doctors SET on_call = false WHERE id = 1");
    run(&t.b, "UPDATE doctors SET on_call = false WHERE id = 3");
    commit(&t.a).unwrap();
    commit(&t.b).unwrap();
}

#[test]
fn a_read_by_key_is_that_key() {
    let read = "SELECT note FROM doctors WHERE id = 1";
    assert!(!beside(DOCTORS, read, "UPDATE doctors SET note = 'z' WHERE id = 1"));
    assert!(!beside(DOCTORS, read, "DELETE FROM doctors WHERE id = 1"));
    assert!(!beside(DOCTORS, read, "UPDATE doctors SET id = 7 WHERE id = 1"));
    assert!(beside(DOCTORS, read, "UPDATE doctors SET note = 'z' WHERE id = 2"));
    assert!(beside(DOCTORS, read, "INSERT INTO doctors VALUES (5, 1, true, 'e')"));
    // A row that is not there was read, too.
    let miss = "SELECT note FROM doctors WHERE id = 9";
    assert!(!beside(DOCTORS, miss, "INSERT INTO doctors VALUES (9, 1, true, 'e')"));
    assert!(!beside(DOCTORS, miss, "UPDATE doctors SET id = 9 WHERE id = 1"));
    assert!(beside(DOCTORS, miss, "INSERT INTO doctors VALUES (8, 1, true, 'e')"));
}

#[test]
fn a_scan_is_its_condition() {
    let read = "SELECT note FROM doctors WHERE shift >= 2 AND note < 'd'";
    // Rows that come, go, change, and those that come or go by a change.
    assert!(!beside(DOCTORS, read, "INSERT INTO doctors VALUES (9, 3, false, 'a')"));
    assert!(!beside(DOCTORS, read, "DELETE FROM doctors WHERE id = 3"));
    assert!(!beside(DOCTORS, read, "UPDATE doctors SET note = 'b' WHERE id = 3"));
    assert!(!beside(DOCTORS, read, "UPDATE doctors SET shift = 2 WHERE id = 1"));
    assert!(!beside(DOCTORS, read, "UPDATE doctors SET note = 'x' WHERE id = 3"));
    assert!(beside(DOCTORS, read, "INSERT INTO doctors VALUES (9, 3, false, 'd')"));
    assert!(beside(DOCTORS, read, "INSERT INTO doctors VALUES (9, 3, false, NULL)"));
    assert!(beside(DOCTORS, read, "DELETE FROM doctors WHERE id <> 3"));
    assert!(beside(DOCTORS, read, "UPDATE doctors SET shift = 3 WHERE id = 4"));
    // Two changes that leave nothing behind changed nothing in the end, but who reads between them would see it.
    let twice = "UPDATE doctors SET shift = 2 WHERE id = 1; UPDATE doctors SET shift = 1 WHERE id = 1";
    assert!(beside(DOCTORS, read, twice), "in one transaction nobody does");
}

#[test]
fn conditions_that_are_no_ranges_are_tested_as_they_are() {
    let even = "SELECT note FROM doctors WHERE id % 2 = 0 AND length(note) = 1";
    assert!(!beside(DOCTORS, even, "UPDATE doctors SET note = 'y' WHERE id = 2"));
    assert!(beside(DOCTORS, even, "UPDATE doctors SET note = 'y' WHERE id = 3"));
    assert!(!beside(DOCTORS, even, "UPDATE doctors SET note = 'long' WHERE id = 2"));
    assert!(beside(DOCTORS, even, "INSERT INTO doctors VALUES (6, 1, true, 'long')"));
    let listed = "SELECT note FROM doctors WHERE shift IN (0, 5)";
    assert!(beside(DOCTORS, listed, "UPDATE doctors SET note = 'z' WHERE shift = 2"));
    assert!(!beside(DOCTORS, listed, "UPDATE doctors SET shift = 5 WHERE id = 1"));
    let either = "SELECT note FROM doctors WHERE id = 1 OR note = 'c'";
    assert!(!beside(DOCTORS, either, "DELETE FROM doctors WHERE id = 3"));
    assert!(beside(DOCTORS, either, "DELETE FROM doctors WHERE id = 4"));
    // It would have failed on that row, so it may have read it.
    let fails = "SELECT note FROM doctors WHERE 10 / (shift - 3) > 100";
    assert!(!beside(DOCTORS, fails, "UPDATE doctors SET shift = 3 WHERE id = 1"));
    assert!(beside(DOCTORS, fails, "UPDATE doctors SET shift = 4 WHERE id = 1"));
}

#[test]
fn a_column_that_was_not_read_does_not_count() {
    let by_key = "SELECT note FROM doctors WHERE id = 3";
    assert!(beside(DOCTORS, by_key, "UPDATE doctors SET on_call = false"));
    assert!(beside(DOCTORS, by_key, "UPDATE doctors SET note = note, shift = 9"), "it is what it was");
    let scan = "SELECT note FROM doctors WHERE shift = 2";
    assert!(beside(DOCTORS, scan, "UPDATE doctors SET on_call = false"));
    assert!(!beside(DOCTORS, scan, "UPDATE doctors SET shift = 1 WHERE id = 3"));
    assert!(!beside(DOCTORS, scan, "UPDATE doctors SET shift = 2, on_call = false WHERE id = 1"));
    let tested = "SELECT note FROM doctors WHERE shift % 2 = 0";
    assert!(beside(DOCTORS, tested, "UPDATE doctors SET on_call = false"));
    assert!(!beside(DOCTORS, tested, "UPDATE doctors SET note = 'z' WHERE id = 3"));
    assert!(beside(DOCTORS, "SELECT count(*) FROM doctors", "UPDATE doctors SET shift = 9"));
    assert!(!beside(DOCTORS, "SELECT count(*) FROM doctors", "DELETE FROM doctors WHERE id = 1"));
    // The row that has the key is another one, though one of that key was there and is there.
    let moved = "DELETE FROM doctors WHERE id = 3; UPDATE doctors SET id = 3 WHERE id = 4";
    assert!(!beside(DOCTORS, by_key, moved));
    // Two reads of the same rows add up.
    let both = "SELECT note FROM doctors WHERE shift = 2; SELECT on_call FROM doctors WHERE shift = 2";
    assert!(!beside(DOCTORS, both, "UPDATE doctors SET on_call = false"));
    let both = "SELECT note FROM doctors WHERE id = 3; SELECT on_call FROM doctors WHERE id = 3";
    assert!(!beside(DOCTORS, both, "UPDATE doctors SET on_call = false"));
    // Equal is not the same.
    let numbers = "CREATE TABLE n (id int PRIMARY KEY, a numeric, b float8, c interval, d int);
        INSERT INTO n VALUES (1, 1.0, 0, '1 day', 1)";
    for (column, value) in [("a", "1.00"), ("b", "'-0'"), ("c", "'24 hours'")] {
        let read = format!("SELECT {column} FROM n WHERE d = 1");
        assert!(!beside(numbers, &read, &format!("UPDATE n SET {column} = {value}")), "{column}");
    }
}

#[test]
fn every_way_of_reading_counts() {
    let script = &format!(
        "{DOCTORS}; CREATE TABLE other (id int PRIMARY KEY, n int); INSERT INTO other VALUES (1, 1)"
    );
    for read in [
        "SELECT count(*) FROM doctors",
        "SELECT 1 WHERE EXISTS (SELECT 1 FROM doctors WHERE id > 3)",
        "SELECT (SELECT note FROM doctors WHERE id = 5)",
        "SELECT o.n FROM other o JOIN doctors d ON d.id = o.id",
        "SELECT note FROM doctors ORDER BY id LIMIT 1",
        "INSERT INTO other SELECT id + 10, shift FROM doctors",
        "UPDATE doctors SET shift = 1 WHERE note LIKE 'c%' OR on_call AND id = 1",
        "DELETE FROM doctors WHERE shift = 2 AND note <> 'd'",
    ] {
        assert!(!beside(script, read, "INSERT INTO doctors VALUES (5, 2, true, 'c')"), "{read}");
        assert!(beside(script, read, "UPDATE other SET n = 5 WHERE id = 77"), "{read}");
    }
}

#[test]
fn who_only_reads_always_commits() {
    let t = two(DOCTORS);
    begin(&t.a);
    assert_eq!(number(&t.a, "SELECT sum(shift) FROM doctors"), 6);
    run(&t.b, "UPDATE doctors SET shift = 10");
    run(&t.b, "CREATE TABLE new (a int)");
    assert_eq!(number(&t.a, "SELECT sum(shift) FROM doctors"), 6, "one snapshot");
    commit(&t.a).unwrap();
    t.a.execute("BEGIN ISOLATION LEVEL SERIALIZABLE, READ ONLY, DEFERRABLE", params![]).unwrap();
    assert_eq!(number(&t.a, "SELECT sum(shift) FROM doctors"), 40);
    let late = t.a.execute("SET TRANSACTION READ WRITE", params![]).unwrap_err();
    assert_eq!(
        (late.code(), late.message()),
        ("25001", "transaction read-write mode must be set before any query")
    );
}

#[test]
fn the_reader_of_the_batch_and_the_receipt_sees_one_order() {
    // The report reads batch 1 as complete; then no receipt may come into it.
    let t = two("CREATE TABLE batch (id int PRIMARY KEY, n int); INSERT INTO batch VALUES (1, 1);
         CREATE TABLE receipts (id int PRIMARY KEY, batch int)");
    begin(&t.a);
    assert_eq!(number(&t.a, "SELECT n FROM batch WHERE id = 1"), 1);
    run(&t.a, "INSERT INTO receipts VALUES (1, 1)");
    begin(&t.b);
    run(&t.b, "UPDATE batch SET n = 2 WHERE id = 1");
    commit(&t.b).unwrap();
    begin(&t.b);
    assert_eq!(number(&t.b, "SELECT n FROM batch WHERE id = 1"), 2);
    assert_eq!(number(&t.b, "SELECT count(*) FROM receipts WHERE batch = 1"), 0);
    commit(&t.b).unwrap();
    refused(&t.a);
}

#[test]
fn a_table_that_is_made_or_dropped_is_a_change_for_who_has_named_it() {
    let script = &format!("{DOCTORS}; CREATE TABLE empty (id int PRIMARY KEY, n int)");
    let count = "SELECT count(*) FROM doctors";
    for (reads, meanwhile) in [
        (count, "DROP TABLE doctors"),
        (count, "DROP TABLE doctors; CREATE TABLE doctors (id int)"),
        (count, "BEGIN; CREATE TABLE new (a int); DROP TABLE doctors; CREATE TABLE newer (a int); COMMIT"),
        // Not a row was there to be read, or none was asked for.
        ("SELECT * FROM empty", "DROP TABLE empty"),
        ("SELECT n FROM empty WHERE id = 7", "DROP TABLE empty"),
        ("SELECT n FROM empty WHERE false", "DROP TABLE empty"),
        ("EXPLAIN SELECT n FROM empty", "DROP TABLE empty"),
        ("SELECT (SELECT count(*) FROM empty WHERE false)", "DROP TABLE empty"),
        // That there is none is read, too.
        ("DROP TABLE IF EXISTS nurses", "CREATE TABLE nurses (id int)"),
        ("CREATE TABLE IF NOT EXISTS doctors (id int)", "DROP TABLE doctors"),
        // The catalog is tables like others.
        ("SELECT count(*) FROM rem_table", "CREATE TABLE nurses (id int)"),
        ("SELECT name FROM rem_table WHERE name = 'empty'", "DROP TABLE empty"),
        ("SELECT count(*) FROM rem_entry", "ALTER DATABASE current SET lock_timeout = 5"),
    ] {
        assert!(!beside(script, reads, meanwhile), "{reads} beside {meanwhile}");
    }
    for (reads, meanwhile) in [
        (count, "CREATE TABLE nurses (id int)"),
        (count, "CREATE TABLE nurses (id int); DROP TABLE nurses"),
        (count, "DROP TABLE empty"),
        (count, "ALTER DATABASE current SET lock_timeout = 5"),
        ("SELECT name FROM rem_table WHERE name = 'doctors'", "CREATE TABLE nurses (id int)"),
        ("CREATE TABLE own (id int); INSERT INTO own VALUES (1)", "CREATE TABLE nurses (id int)"),
    ] {
        assert!(beside(script, reads, meanwhile), "{reads} beside {meanwhile}");
    }
    let t = two(DOCTORS);
    begin(&t.a);
    run(&t.a, "CREATE TABLE own (id int PRIMARY KEY); INSERT INTO own VALUES (1)");
    assert_eq!(number(&t.a, "SELECT count(*) FROM own"), 1);
    run(&t.b, "UPDATE doctors SET shift = 5");
    commit(&t.a).unwrap();
    assert_eq!(number(&t.b, "SELECT count(*) FROM own"), 1);
}

#[test]
fn a_bulk_load_is_the_span_of_its_keys() {
    let load = "INSERT INTO t SELECT a.id + 100 * b.id, 1 FROM digits a, digits b";
    let script = &format!(
        "CREATE TABLE digits (id int PRIMARY KEY); INSERT INTO digits VALUES {};
         CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t VALUES (-5, 0), (20000, 0); CREATE TABLE log (n int)",
        (0..100).map(|i| format!("({i})")).collect::<Vec<_>>().join(", ")
    );
    let beside = |reads: &str| {
        // Room for a few hundred rows: the load goes to a segment of its own.
        let t = two_with(512 << 10, script);
        begin(&t.a);
        run(&t.a, reads);
        run(&t.b, load);
        assert_eq!(number(&t.b, "SELECT count(*) FROM t"), 10_002);
        run(&t.a, "INSERT INTO log VALUES (1)");
        commit(&t.a).is_ok()
    };
    assert!(!beside("SELECT n FROM t"));
    assert!(!beside("SELECT n FROM t WHERE id = 7000"));
    assert!(!beside("SELECT n FROM t WHERE id > 9000"));
    assert!(!beside("SELECT n FROM t WHERE n = 5"), "nothing is known of n");
    assert!(beside("SELECT n FROM t WHERE id = -5"));
    assert!(beside("SELECT n FROM t WHERE id > 10000"));
    assert!(beside("SELECT n FROM t WHERE id < 0 AND n = 0"));
}

#[test]
fn of_many_deleted_rows_the_keys_are_known() {
    let script = "CREATE TABLE digits (id int PRIMARY KEY);
         INSERT INTO digits VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9);
         CREATE TABLE t (id int PRIMARY KEY, n int);
         INSERT INTO t SELECT a.id + 10 * b.id + 100 * c.id + 1000 * d.id, 1 FROM digits a, digits b, digits c, digits d";
    assert!(!beside(script, "SELECT n FROM t WHERE id = 4000", "DELETE FROM t WHERE id < 5000"));
    assert!(beside(script, "SELECT n FROM t WHERE id = 6000", "DELETE FROM t WHERE id < 5000"));
    assert!(!beside(script, "SELECT n FROM t WHERE id > 4990", "DELETE FROM t WHERE id < 5000"));
    assert!(beside(script, "SELECT n FROM t WHERE id >= 5000", "DELETE FROM t WHERE id < 5000"));
    assert!(!beside(script, "SELECT n FROM t WHERE n = 2", "DELETE FROM t WHERE id < 5000"));
    assert!(beside(script, "SELECT n FROM t WHERE n = 2", "DELETE FROM t WHERE id < 500"));
}

#[test]
fn what_is_kept_to_compare_with_is_bounded() {
    let t = two_with(
        1 << 20,
        "CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY, note text); CREATE TABLE log (n int)",
    );
    begin(&t.a);
    assert_eq!(number(&t.a, "SELECT count(*) FROM a"), 0);
    let insert = t.b.prepare("INSERT INTO b VALUES ($1, $2)").unwrap();
    for id in 0..200 {
        insert.execute(params![id, "x".repeat(200)]).unwrap();
    }
    run(&t.a, "INSERT INTO log VALUES (1)");
    let error = refused(&t.a);
    assert_eq!(
        error.hint(),
        Some("Make serializable transactions shorter, or open the database with a larger memory_limit.")
    );
    // Who only reads needs none of it.
    begin(&t.a);
    assert_eq!(number(&t.a, "SELECT count(*) FROM a"), 0);
    for id in 200..400 {
        insert.execute(params![id, "x".repeat(200)]).unwrap();
    }
    commit(&t.a).unwrap();
    // And who begins now starts anew.
    begin(&t.a);
    run(&t.a, "INSERT INTO log SELECT count(*) FROM b");
    commit(&t.a).unwrap();
    assert_eq!(number(&t.b, "SELECT n FROM log"), 400);
    drop(insert);
    drop(t.db);
}

#[test]
fn more_reads_than_are_remembered_become_coarser() {
    let script =
        "CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t VALUES (1, 1), (1000, 1), (5000, 5)";
    let t = two(&format!("{script}; CREATE TABLE log (n int)"));
    let get = t.a.prepare("SELECT n FROM t WHERE id = $1").unwrap();
    let attempt = |meanwhile: &str| {
        begin(&t.a);
        for id in 1000..18_000 {
            get.query(params![id]).unwrap().for_each(drop);
        }
        run(&t.b, meanwhile);
        run(&t.a, "INSERT INTO log VALUES (1)");
        commit(&t.a).is_ok()
    };
    assert!(attempt("UPDATE t SET n = 2 WHERE id = 1"));
    assert!(!attempt("UPDATE t SET n = 2 WHERE id = 5000"));
    assert!(!attempt("INSERT INTO t VALUES (17999, 1)"));
    assert!(attempt("INSERT INTO t VALUES (18000, 1)"));
    // So many scans are the whole table.
    let scan = t.a.prepare("SELECT id FROM t WHERE n = $1").unwrap();
    let attempt = |scans: i32| {
        begin(&t.a);
        for n in 100..100 + scans {
            scan.query(params![n]).unwrap().for_each(drop);
        }
        run(&t.b, "UPDATE t SET n = n + 1 WHERE id = 1");
        run(&t.a, "INSERT INTO log VALUES (1)");
        commit(&t.a).is_ok()
    };
    assert!(attempt(256));
    assert!(!attempt(257));
}

#[test]
fn it_can_be_the_default() {
    let t = two(DOCTORS);
    run(&t.a, "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE");
    let show =
        |name: &str| t.a.query_one(&format!("SHOW {name}"), params![]).unwrap().get::<String>(0).unwrap();
    assert_eq!(show("default_transaction_isolation"), "serializable");
    run(&t.a, "BEGIN");
    assert_eq!(show("transaction_isolation"), "serializable");
    assert_eq!(number(&t.a, "SELECT count(*) FROM doctors"), 4);
    run(&t.b, "DELETE FROM doctors WHERE id = 4");
    run(&t.a, "DELETE FROM doctors WHERE id = 3");
    refused(&t.a);
    run(&t.a, "DELETE FROM doctors WHERE id = 3");
    assert_eq!(number(&t.a, "SELECT count(*) FROM doctors"), 2);
}

#[test]
fn who_finds_a_name_taken_that_it_could_not_see_is_tested_even_if_it_wrote_nothing() {
    let t = two(DOCTORS);
    begin(&t.a);
    assert_eq!(number(&t.a, "SELECT count(*) FROM rem_table WHERE name = 'nurses'"), 0);
    run(&t.b, "CREATE TABLE nurses (id int)");
    run(&t.a, "CREATE TABLE IF NOT EXISTS nurses (id int)");
    refused(&t.a);
}
