//! Space on disk: what is deleted leaves it without a command; what is truncated or dropped, with the last snapshot that sees
//! it.
#![allow(clippy::disallowed_methods, reason = "waits for background threads of the real world")]

use remanent::{Connection, Database, params};
use std::path::Path;
use std::time::Duration;

const ROWS: i64 = 60_000;

fn open(dir: &Path) -> Database {
    Database::options().memory_limit(16 << 20).synchronous_commit(false).open(dir).unwrap()
}

fn fill(conn: &Connection, table: &str) {
    let mut appender = conn.appender(table).unwrap();
    for id in 0..ROWS {
        appender
            .append(params![
                id,
                format!("{:x} is no note worth keeping", id.wrapping_mul(0x1e37_79b9_7f4a_7c15))
            ])
            .unwrap();
    }
    appender.finish().unwrap();
}

/// Bytes of the files of tables.
fn bytes(dir: &Path) -> u64 {
    let files = std::fs::read_dir(dir.join("seg")).unwrap();
    files.filter_map(|file| file.ok()?.metadata().ok()).map(|file| file.len()).sum()
}

/// Waits until the background has made the files no larger than that.
fn shrinks_to(dir: &Path, limit: u64) {
    let mut left = u64::MAX;
    for _ in 0..600 {
        left = bytes(dir);
        if left <= limit {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("{left} bytes are left, {limit} were to be");
}

fn count(conn: &Connection, table: &str) -> i64 {
    conn.query_one(&format!("SELECT count(*) FROM {table}"), params![]).unwrap().get(0).unwrap()
}

#[test]
fn a_table_emptied_by_delete_leaves_the_disk() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("s.rem");
    let db = open(&dir);
    let conn = db.connect().unwrap();
    conn.execute("CREATE TABLE t (id bigint PRIMARY KEY, note text)", params![]).unwrap();
    fill(&conn, "t");
    db.flush().unwrap();
    let full = bytes(&dir);
    assert!(full > 1 << 20, "{full}");
    assert_eq!(conn.execute("DELETE FROM t WHERE id >= 1000", params![]).unwrap(), ROWS as u64 - 1000);
    shrinks_to(&dir, full / 4);
    assert_eq!(conn.execute("DELETE FROM t", params![]).unwrap(), 1000);
    shrinks_to(&dir, full / 16);
    assert_eq!(count(&conn, "t"), 0);
}

#[test]
fn truncated_and_dropped_tables_are_empty_at_once_and_leave_the_disk_with_the_last_reader() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("s.rem");
    let db = open(&dir);
    let (conn, old) = (db.connect().unwrap(), db.connect().unwrap());
    for table in ["t", "u"] {
        conn.execute(&format!("CREATE TABLE {table} (id bigint PRIMARY KEY, note text)"), params![]).unwrap();
        fill(&conn, table);
    }
    db.flush().unwrap();
    let full = bytes(&dir);
    old.execute("BEGIN ISOLATION LEVEL REPEATABLE READ", params![]).unwrap();
    assert_eq!(count(&old, "t"), ROWS);
    let insert = conn.prepare("INSERT INTO t VALUES ($1, $2)").unwrap();

    conn.execute("BEGIN", params![]).unwrap();
    conn.execute("TRUNCATE TABLE ONLY t, u RESTART IDENTITY CASCADE", params![]).unwrap();
    assert_eq!((count(&conn, "t"), count(&conn, "u"), count(&old, "u")), (0, 0, ROWS));
    conn.execute("ROLLBACK", params![]).unwrap();
    assert_eq!((count(&conn, "t"), count(&conn, "u")), (ROWS, ROWS));

    conn.execute("TRUNCATE t", params![]).unwrap();
    conn.execute("DROP TABLE u", params![]).unwrap();
    assert_eq!((count(&conn, "t"), count(&old, "t"), count(&old, "u")), (0, ROWS, ROWS));
    insert.execute(params![7i64, "after"]).unwrap();
    assert_eq!((count(&conn, "t"), count(&old, "t")), (1, ROWS));
    db.flush().unwrap();
    // A merge may have made them smaller, not less.
    assert!(bytes(&dir) > full / 2, "{} of {full}", bytes(&dir));
    old.execute("COMMIT", params![]).unwrap();
    shrinks_to(&dir, full / 16);
    assert_eq!(conn.execute("TRUNCATE v", params![]).unwrap_err().code(), "42P01");
    drop(insert);
    drop((conn, old));
    db.close().unwrap();
    assert_eq!(count(&open(&dir).connect().unwrap(), "t"), 1);
}

/// Rows in memory, and segments, of table t.
fn places(conn: &Connection) -> (i64, i64) {
    let sql = "SELECT hot_rows, segments FROM rem_stat_table WHERE table_name = 't'";
    let row = conn.query_one(sql, params![]).unwrap();
    (row.get(0).unwrap(), row.get(1).unwrap())
}

#[test]
fn what_is_left_of_a_large_load_goes_to_a_file_too() {
    let dir = tempfile::tempdir().unwrap();
    // Half a megabyte of a transaction's rows goes to a file.
    let db = open(dir.path());
    let conn = db.connect().unwrap();
    conn.execute("CREATE TABLE t (a int PRIMARY KEY, b text)", params![]).unwrap();
    let load = "INSERT INTO t SELECT g, repeat(md5(g::text), 8) FROM generate_series(1, 3000) g";
    conn.execute(load, params![]).unwrap();
    assert_eq!(places(&conn).0, 0, "rows in memory");
    let row = conn.query_one("SELECT count(*) FROM t WHERE b = repeat(md5(a::text), 8)", params![]).unwrap();
    assert_eq!(row.get::<i64>(0).unwrap(), 3000);
}

#[test]
fn a_table_that_is_written_anew_is_one_segment_where_there_is_memory() {
    let dir = tempfile::tempdir().unwrap();
    let db = Database::options().memory_limit(512 << 20).open(dir.path().join("f.rem")).unwrap();
    let conn = db.connect().unwrap();
    conn.execute("CREATE TABLE t (a int PRIMARY KEY, b text)", params![]).unwrap();
    let fill = "INSERT INTO t SELECT g, repeat(g::text, 200) FROM generate_series(10000, 21999) g";
    conn.execute(fill, params![]).unwrap();
    conn.execute("ALTER TABLE t ALTER COLUMN a TYPE bigint", params![]).unwrap();
    assert_eq!(places(&conn), (0, 1));
    let sql = "SELECT count(*), count(*) FILTER (WHERE a = 15000) FROM t WHERE b = repeat(a::text, 200)";
    let row = conn.query_one(sql, params![]).unwrap();
    assert_eq!((row.get::<i64>(0).unwrap(), row.get::<i64>(1).unwrap()), (12_000, 1));
}
