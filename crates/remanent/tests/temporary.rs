//! Temporary tables: they cost no sync, may be larger than memory, end with their session and do not outlive a crash.

use remanent::{Connection, Database, params};
use std::path::Path;

fn number(connection: &Connection, sql: &str) -> i64 {
    connection.query_one(sql, params![]).unwrap().get(0).unwrap()
}

fn syncs(connection: &Connection) -> i64 {
    number(connection, "SELECT value FROM rem_stat WHERE name = 'log_syncs'")
}

#[test]
fn a_commit_that_writes_temporary_tables_only_waits_for_no_sync() {
    let dir = tempfile::tempdir().unwrap();
    // Nothing else syncs while this runs.
    let options = Database::options().wal_writer_delay(std::time::Duration::from_secs(600));
    let database = options.open(dir.path().join("t.rem")).unwrap();
    let connection = database.connect().unwrap();
    let run = |sql: &str| connection.execute(sql, params![]).unwrap();
    run("CREATE TABLE p (id int PRIMARY KEY)");
    run("INSERT INTO p VALUES (0)");
    let before = syncs(&connection);
    run("CREATE TEMP TABLE t (id serial PRIMARY KEY, note text)");
    run("CREATE INDEX t_note ON t (note)");
    for i in 0..20 {
        run(&format!("INSERT INTO t (note) VALUES ('{i}')"));
    }
    run("BEGIN; UPDATE t SET note = note || 'x'; COMMENT ON TABLE t IS 'mine'; COMMIT");
    assert_eq!(syncs(&connection), before);
    // Beside others they are part of what is synced.
    run("BEGIN; INSERT INTO p SELECT id FROM t; DELETE FROM t; COMMIT");
    assert!(syncs(&connection) > before);
    assert_eq!(number(&connection, "SELECT count(*) FROM p"), 21);
}

#[test]
fn rows_that_a_commit_forgets_never_reach_the_log() {
    let dir = tempfile::tempdir().unwrap();
    let database = Database::open(dir.path().join("t.rem")).unwrap();
    let connection = database.connect().unwrap();
    let run = |sql: &str| connection.execute(sql, params![]).unwrap();
    run("CREATE TEMP TABLE t (note text) ON COMMIT DELETE ROWS");
    let log = "SELECT bytes FROM rem_written WHERE purpose = 'log'";
    let before = number(&connection, log);
    run("BEGIN; INSERT INTO t SELECT repeat('x', 1000) FROM generate_series(1, 1000); COMMIT");
    let written = number(&connection, log) - before;
    assert!(written < 100_000, "{written} bytes of log");
    assert_eq!(number(&connection, "SELECT count(*) FROM t"), 0);
}

#[test]
fn they_may_be_larger_than_memory() {
    let dir = tempfile::tempdir().unwrap();
    let database = Database::options().memory_limit(8 << 20).open(dir.path().join("t.rem")).unwrap();
    let connection = database.connect().unwrap();
    let run = |sql: &str| connection.execute(sql, params![]).unwrap();
    run("CREATE TEMP TABLE t (id int PRIMARY KEY, note text)");
    for i in 0..20 {
        let (from, to) = (i * 1000, i * 1000 + 999);
        let values = format!("SELECT i, repeat(md5(i::text), 32) FROM generate_series({from}, {to}) i");
        run(&format!("INSERT INTO t {values}"));
    }
    assert_eq!(number(&connection, "SELECT count(*) FROM t WHERE note LIKE md5(id::text) || '%'"), 20_000);
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &to.join(entry.file_name())),
            false => drop(std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap()),
        }
    }
}

#[test]
fn nothing_is_left_of_them_after_a_crash_or_when_their_session_has_ended() {
    let dir = tempfile::tempdir().unwrap();
    let (path, crashed) = (dir.path().join("t.rem"), dir.path().join("crashed.rem"));
    let database = Database::open(&path).unwrap();
    let connection = database.connect().unwrap();
    let other = database.connect().unwrap();
    let make = "CREATE TYPE mood AS ENUM ('a'); CREATE TABLE kept (id int); INSERT INTO kept VALUES (1);
                CREATE TEMP TABLE t (id serial, m mood); INSERT INTO t (m) VALUES ('a');
                CREATE TEMP VIEW v AS SELECT * FROM t; CREATE TEMP SEQUENCE s";
    connection.execute(make, params![]).unwrap();
    other.execute("CREATE TEMP TABLE t (id int)", params![]).unwrap();
    connection.execute("CREATE TABLE last (id int)", params![]).unwrap();
    let temporary = "SELECT count(*) FROM pg_class WHERE relpersistence = 't'";
    assert_eq!(number(&connection, temporary), 5);
    copy(&path, &crashed);
    {
        let database = Database::open(&crashed).unwrap();
        let connection = database.connect().unwrap();
        assert_eq!(number(&connection, temporary), 0);
        assert_eq!(number(&connection, "SELECT count(*) FROM kept"), 1);
        connection.execute("CREATE TEMP TABLE t (id int)", params![]).unwrap();
        assert_eq!(number(&connection, "SELECT count(*) FROM t"), 0);
    }
    drop(connection);
    assert_eq!(number(&other, temporary), 1);
    other.execute("DROP TYPE mood", params![]).unwrap();
    drop(other);
    let connection = database.connect().unwrap();
    assert_eq!(number(&connection, temporary), 0);
}
