//! Keeping data: backups, saving what a damaged database still holds, and how long a commit may stay unsynced.

use remanent::{Connection, Database, Result, params, salvage};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

fn code<T>(result: Result<T>) -> &'static str {
    match result {
        Ok(_) => panic!("this should have been an error"),
        Err(error) => error.code(),
    }
}

fn count(conn: &Connection) -> i64 {
    conn.query_one("SELECT count(*) FROM t", params![]).unwrap().get(0).unwrap()
}

fn text(conn: &Connection, sql: &str) -> String {
    conn.query_one(sql, params![]).unwrap().get(0).unwrap()
}

/// A database with `t (a int PRIMARY KEY, b text)` of so many rows, in files, and one more row in the log.
fn filled(rows: i32) -> (TempDir, PathBuf, Database, Connection) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.rem");
    let db = Database::open(&path).unwrap();
    let conn = db.connect().unwrap();
    conn.execute("CREATE TABLE t (a int PRIMARY KEY, b text)", params![]).unwrap();
    let mut appender = conn.appender("t").unwrap();
    (1..=rows).for_each(|a| appender.append(params![a, format!("row {a}")]).unwrap());
    appender.finish().unwrap();
    db.flush().unwrap();
    conn.execute("INSERT INTO t VALUES (0, 'in the log')", params![]).unwrap();
    (dir, path, db, conn)
}

#[test]
fn a_backup_is_opened_as_it_is() {
    let (dir, _, db, conn) = filled(5000);
    let copy = dir.path().join("copy of a.rem");
    conn.execute(&format!("BACKUP TO '{}'", copy.display()), params![]).unwrap();
    conn.execute("DELETE FROM t WHERE a < 4000", params![]).unwrap();
    let made = db.backup(dir.path().join("b.rem")).unwrap();
    assert!(made.linked >= 2 && made.copied >= 1, "{made:?}");
    db.flush().unwrap();
    assert_eq!(count(&conn), 1001);
    for (name, rows) in [("copy of a.rem", 5001), ("b.rem", 1001)] {
        assert_eq!(Database::check(dir.path().join(name)).unwrap().damage.len(), 0);
        let db = Database::options().create(false).open(dir.path().join(name)).unwrap();
        let conn = db.connect().unwrap();
        assert_eq!(count(&conn), rows);
        conn.execute("INSERT INTO t VALUES (-1, 'new')", params![]).unwrap();
        assert_eq!(count(&conn), rows + 1);
    }
    assert_eq!(count(&conn), 1001);
}

#[test]
fn backup_refuses_what_it_must() {
    let (dir, path, db, conn) = filled(10);
    let full = format!("BACKUP TO '{}'", path.display());
    assert_eq!(code(conn.execute(&full, params![])), "58P02");
    assert_eq!(code(db.backup(&path)), "58P02");
    let to = format!("BACKUP TO '{}'", dir.path().join("x.rem").display());
    conn.execute("BEGIN", params![]).unwrap();
    assert_eq!(code(conn.execute(&to, params![])), "25001");
    conn.execute("ROLLBACK", params![]).unwrap();
    for wrong in ["BACKUP", "BACKUP TO", "BACKUP TO x", "BACKUP 'x'", "BACKUP TO 'x' y"] {
        assert_eq!(code(conn.execute(wrong, params![])), "42601", "{wrong}");
    }
    assert!(!dir.path().join("x.rem").exists());
    conn.execute(&to, params![]).unwrap();
    assert_eq!(code(conn.execute(&to, params![])), "58P02");
    // A table may be called so.
    conn.execute("CREATE TABLE backup (backup int)", params![]).unwrap();
}

/// The largest file with that ending.
fn largest(path: &Path, ending: &str) -> PathBuf {
    let files = fs::read_dir(path.join("seg")).unwrap().map(|entry| entry.unwrap().path());
    let of_kind = files.filter(|file| file.to_string_lossy().ends_with(ending));
    of_kind.max_by_key(|file| fs::metadata(file).unwrap().len()).unwrap()
}

#[test]
fn what_can_be_read_of_a_damaged_database_is_saved() {
    let (dir, path, db, conn) = filled(60_000);
    drop(conn);
    db.close().unwrap();
    let segment = largest(&path, ".seg");
    let mut bytes = fs::read(&segment).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&segment, &bytes).unwrap();
    let checked = Database::check(&path).unwrap();
    assert_eq!((checked.damage.len(), checked.lost.len()), (1, 1));
    let said = checked.lost[0].to_string();
    assert!(said.contains("rows lost of table \"t\", keys ("), "{said}");
    let saved = dir.path().join("saved.rem");
    let report = salvage(&path, &saved).unwrap();
    assert_eq!(report.losses.len(), 1);
    let [table] = &report.tables[..] else { panic!("{report:?}") };
    assert!(table.lost > 1000 && table.lost < 40_000 && !table.doubtful, "{table:?}");
    assert_eq!(Some(table.lost), checked.lost[0].rows);
    let db = Database::open(&saved).unwrap();
    let conn = db.connect().unwrap();
    assert_eq!(count(&conn) as u64, 60_001 - table.lost);
    assert_eq!(fs::read(&segment).unwrap(), bytes);
    assert_eq!(code(salvage(&path, &saved)), "58P02");
    assert_eq!(code(salvage(dir.path().join("nothing"), dir.path().join("new"))), "3D000");
}

#[test]
fn synchronous_commit_is_the_databases_then_the_sessions_then_the_transactions() {
    let dir = tempfile::tempdir().unwrap();
    let options = Database::options().synchronous_commit(false).wal_writer_delay(Duration::from_millis(50));
    let db = options.min_free_space(1 << 20).open(dir.path().join("a.rem")).unwrap();
    let conn = db.connect().unwrap();
    conn.execute("CREATE TABLE t (a int)", params![]).unwrap();
    assert_eq!(text(&conn, "SHOW synchronous_commit"), "off");
    assert_eq!(text(&conn, "SHOW wal_writer_delay"), "50ms");
    assert_eq!(text(&conn, "SHOW min_free_space"), "1MB");
    let synced = |sql: &str| {
        let before = db.stats().log_syncs;
        conn.execute(sql, params![]).unwrap();
        db.stats().log_syncs - before
    };
    conn.execute("SET synchronous_commit = on", params![]).unwrap();
    assert!(synced("INSERT INTO t VALUES (1)") >= 1);
    assert!(
        synced(
            "BEGIN; SET LOCAL synchronous_commit = off; SET LOCAL synchronous_commit = on; INSERT INTO t VALUES (2); COMMIT"
        ) >= 1
    );
    assert_eq!(text(&conn, "SHOW synchronous_commit"), "on");
    conn.execute("BEGIN; SET LOCAL synchronous_commit = off; INSERT INTO t VALUES (3)", params![]).unwrap();
    assert_eq!(text(&conn, "SHOW synchronous_commit"), "off");
    conn.execute("COMMIT", params![]).unwrap();
    assert_eq!(text(&conn, "SHOW synchronous_commit"), "on");
    conn.execute("RESET synchronous_commit", params![]).unwrap();
    assert_eq!(text(&conn, "SHOW synchronous_commit"), "off");
    for fixed in ["wal_writer_delay", "min_free_space", "memory_limit"] {
        assert_eq!(code(conn.execute(&format!("SET {fixed} = 1"), params![])), "55P02", "{fixed}");
    }
    assert_eq!(count(&conn), 3);
}

#[test]
fn a_database_that_a_process_writes_is_neither_checked_nor_salvaged() {
    let (dir, path, db, conn) = filled(10);
    let to = dir.path().join("saved.rem");
    for refused in [Database::check(&path).err(), salvage(&path, &to).err()] {
        let error = refused.expect("somebody writes it");
        assert_eq!(error.code(), "55006");
        assert!(error.message().contains(&format!("in use by process {}", std::process::id())), "{error}");
        assert!(error.hint().unwrap().contains("BACKUP TO"), "{error}");
    }
    assert!(!to.exists());
    drop(conn);
    let reader = Database::options().read_only(true).open(&path).unwrap();
    db.close().unwrap();
    // Who only reads is in nobody's way.
    assert!(Database::check(&path).unwrap().damage.is_empty());
    assert_eq!(salvage(&path, &to).unwrap().tables[0].rows, 11);
    drop(reader);
}
