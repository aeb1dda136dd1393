//! What can be asked of the database itself: bytes written, sizes, counters; in SQL and in the API.

use remanent::{Connection, Database, params};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

fn filled() -> (TempDir, PathBuf, Database, Connection) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("robot.rem");
    let db = Database::open(&path).unwrap();
    let conn = db.connect().unwrap();
    conn.execute("CREATE TABLE t (a int PRIMARY KEY, b text)", params![]).unwrap();
    for a in 0..1000 {
        conn.execute("INSERT INTO t VALUES ($1, 'some text')", params![a]).unwrap();
    }
    (dir, path, db, conn)
}

fn number(conn: &Connection, sql: &str) -> i64 {
    conn.query_one(sql, params![]).unwrap_or_else(|e| panic!("{sql}: {e}")).get(0).unwrap()
}

fn written(conn: &Connection, purpose: &str) -> i64 {
    number(conn, &format!("SELECT bytes FROM rem_written WHERE purpose = '{purpose}'"))
}

fn bytes_in(dir: &Path) -> u64 {
    let entries = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap());
    entries
        .map(|entry| match entry.file_type().unwrap().is_dir() {
            true => bytes_in(&entry.path()),
            false => entry.metadata().unwrap().len(),
        })
        .sum()
}

#[test]
fn every_byte_that_is_written_is_counted_by_what_for() {
    let (dir, _, db, conn) = filled();
    assert!(written(&conn, "log") > 1000 * 20, "{}", written(&conn, "log"));
    assert!(written(&conn, "manifest") > 0);
    let before = db.stats().written;
    db.flush().unwrap();
    let after = db.stats().written;
    assert!(after.flush > before.flush, "{after:?}");
    assert_eq!((after.merge, after.blobs), (before.merge, 0));
    // A large transaction writes its segments itself.
    conn.execute("ALTER SYSTEM SET memory_limit = '8MB'", params![]).unwrap();
    let mut appender = conn.appender("t").unwrap();
    (0..100_000).for_each(|i| appender.append(params![1000 + i, format!("loaded {i}")]).unwrap());
    appender.finish().unwrap();
    assert!(db.stats().written.load > 100_000, "{:?}", db.stats().written);
    db.backup(dir.path().join("copy.rem")).unwrap();
    assert!(written(&conn, "other") > 0);
    let sum = number(&conn, "SELECT sum(bytes)::bigint FROM rem_written WHERE purpose <> 'total'");
    assert!(written(&conn, "total") >= sum);
}

#[test]
fn what_was_ever_written_outlives_the_opening_and_a_copy_begins_anew() {
    let (dir, path, db, conn) = filled();
    db.flush().unwrap();
    let ever = db.stats().written_ever;
    assert_eq!(ever, db.stats().written, "the first opening");
    let reader = Database::options().read_only(true).open(&path).unwrap();
    assert!(reader.stats().written_ever.log > 0, "what the manifest says");
    drop(reader);
    let copy = dir.path().join("copy.rem");
    db.backup(&copy).unwrap();
    let before = db.stats().written_ever;
    drop(conn);
    db.close().unwrap();
    let db = Database::open(&path).unwrap();
    let (now, ever) = (db.stats().written, db.stats().written_ever);
    assert!(now.log < before.log && ever.log >= before.log + now.log, "{before:?} {ever:?} {now:?}");
    assert!(ever.flush >= before.flush && ever.total() > before.total());
    let conn = db.connect().unwrap();
    assert_eq!(
        number(&conn, "SELECT bytes_ever FROM rem_written WHERE purpose = 'flush'") as u64,
        db.stats().written_ever.flush
    );
    let copied = Database::open(&copy).unwrap().stats();
    assert_eq!(copied.written_ever, copied.written);
}

#[test]
fn sizes_are_asked_for_as_in_postgresql() {
    let (_dir, path, db, conn) = filled();
    conn.execute("CREATE TABLE \"Empty\" (a int)", params![]).unwrap();
    assert_eq!(number(&conn, "SELECT pg_total_relation_size('\"Empty\"')"), 0);
    let hot = number(&conn, "SELECT pg_table_size('t')");
    assert!(hot > 10_000, "{hot}");
    db.flush().unwrap();
    let files = bytes_in(&path.join("seg")) as i64;
    let (table, indexes) =
        (number(&conn, "SELECT pg_relation_size('public.T')"), number(&conn, "SELECT pg_indexes_size('t')"));
    assert!(table > 0 && table < hot && indexes > 0, "{table} {indexes} {hot}");
    assert_eq!(number(&conn, "SELECT pg_total_relation_size('t')"), table + indexes);
    assert!(table + indexes < files, "the catalog takes some, too");
    assert_eq!(number(&conn, "SELECT pg_database_size(current_database())"), bytes_in(&path) as i64);
    let by_oid = "SELECT pg_total_relation_size(oid) FROM pg_class WHERE relname = 't'";
    assert_eq!(number(&conn, by_oid), table + indexes);
    conn.execute("CREATE SCHEMA s; CREATE TABLE s.t (a int); INSERT INTO s.t VALUES (1)", params![]).unwrap();
    let other = number(&conn, "SELECT pg_table_size('s.t')");
    assert!(other > 0 && other != table, "{other}");
    let sizes =
        "SELECT pg_size_pretty(10.5), pg_size_pretty(1000000.5), pg_size_pretty(-1000000000000000000000.0)";
    let row = conn.query_one(sizes, params![]).unwrap();
    let texts = [0, 1, 2].map(|i| row.get::<String>(i).unwrap());
    assert_eq!(texts, ["10.5 bytes", "977 kB", "-888178 PB"]);
    let code = |sql: &str| {
        conn.query(sql, params![]).and_then(|rows| rows.collect::<Result<Vec<_>, _>>()).unwrap_err().code()
    };
    assert_eq!(code("SELECT pg_table_size('nothing')"), "42P01");
    assert_eq!(code("SELECT pg_database_size('nothing')"), "3D000");
    assert_eq!(code("SELECT rem_counter('nothing')"), "22023");
    let nothing: Option<i64> =
        conn.query_one("SELECT pg_table_size(NULL)", params![]).unwrap().get(0).unwrap();
    assert_eq!(nothing, None);
}

#[test]
fn counters_are_relations() {
    let (_dir, _, db, conn) = filled();
    db.flush().unwrap();
    conn.execute("INSERT INTO t VALUES (-1, '')", params![]).unwrap();
    let row = conn
        .query_one("SELECT rows, hot_rows, segments FROM rem_stat_table WHERE table_name = 't'", params![])
        .unwrap();
    assert_eq!((0..3).map(|i| row.get(i).unwrap()).collect::<Vec<i64>>(), [1001, 1, 1]);
    assert_eq!(
        number(&conn, "SELECT count(*) FROM rem_stat_table s JOIN rem_table t ON t.name = s.table_name"),
        1
    );
    assert_eq!(number(&conn, "SELECT value FROM rem_stat WHERE name = 'lsn'") as u64, db.stats().lsn);
    // Prepared once, it goes on counting, and knows the tables that come.
    let counts = conn.prepare("SELECT sum(hot_rows)::bigint FROM rem_stat_table").unwrap();
    let count = || counts.query(params![]).unwrap().next().unwrap().unwrap().get::<i64>(0).unwrap();
    assert_eq!(count(), 1);
    let other = db.connect().unwrap();
    other.execute("CREATE TABLE u (a int); INSERT INTO u VALUES (1), (2)", params![]).unwrap();
    assert_eq!(count(), 3);
    // Of tables of one name each counts for itself.
    other
        .execute("CREATE SCHEMA s; CREATE TABLE s.t (a int); INSERT INTO s.t VALUES (1), (2), (3)", params![])
        .unwrap();
    let in_s = "SELECT rows FROM rem_stat_table WHERE table_name = 't' AND schema_name = 's'";
    assert_eq!(number(&conn, in_s), 3);
    // A table of the user's of that name is meant.
    conn.execute("CREATE TABLE rem_stat (mine int)", params![]).unwrap();
    assert_eq!(number(&conn, "SELECT count(*) FROM rem_stat"), 0);
}
