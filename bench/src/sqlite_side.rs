//! SQLite through rusqlite: WAL, synchronous FULL or OFF, a 64 MB cache, as its own advice has it.

use crate::engine::{Engine, Open, Session, Sync, row};
use rusqlite::{Connection, params};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

struct Sqlite {
    path: PathBuf,
    sync: Sync,
    /// Keeps the WAL open.
    _first: std::sync::Mutex<Connection>,
}

fn connect(path: &Path, sync: Sync) -> Connection {
    let conn = Connection::open(path).unwrap();
    conn.busy_timeout(Duration::from_secs(60)).unwrap();
    let level = if sync == Sync::Full { "FULL" } else { "OFF" };
    conn.execute_batch(&format!(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = {level}; PRAGMA cache_size = -65536;"
    ))
    .unwrap();
    conn
}

pub const OPEN: Open = |dir: &Path, sync: Sync| {
    let path = dir.join("bench.sqlite");
    let conn = connect(&path, sync);
    conn.execute_batch(
        "CREATE TABLE IF NOT EXISTS imu (ts integer PRIMARY KEY, ax real, ay real, az real, note text)",
    )
    .unwrap();
    Box::new(Sqlite { path, sync, _first: std::sync::Mutex::new(conn) })
};

impl Engine for Sqlite {
    fn session(&self) -> Box<dyn Session> {
        Box::new(SqliteSession(connect(&self.path, self.sync)))
    }

    fn flush(&self) {
        let conn = connect(&self.path, self.sync);
        conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    }
}

struct SqliteSession(Connection);

const INSERT: &str = "INSERT INTO imu VALUES (?1, ?2, ?3, ?4, ?5)";

impl Session for SqliteSession {
    fn inserts(&mut self, from: i64, rows: i64, each: &mut dyn FnMut(Duration)) {
        let mut statement = self.0.prepare(INSERT).unwrap();
        for ts in from..from + rows {
            let (ax, ay, az, note) = row(ts);
            let begun = Instant::now();
            statement.execute(params![ts, ax, ay, az, note]).unwrap();
            each(begun.elapsed());
        }
    }

    fn batch(&mut self, from: i64, rows: i64) {
        let tx = self.0.transaction().unwrap();
        {
            let mut statement = tx.prepare(INSERT).unwrap();
            for ts in from..from + rows {
                let (ax, ay, az, note) = row(ts);
                statement.execute(params![ts, ax, ay, az, note]).unwrap();
            }
        }
        tx.commit().unwrap();
    }

    fn bulk(&mut self, from: i64, rows: i64) {
        self.batch(from, rows);
    }

    fn points(&mut self, keys: &[i64]) -> f64 {
        let mut statement = self.0.prepare("SELECT az FROM imu WHERE ts = ?1").unwrap();
        let mut sum = 0.0;
        for &key in keys {
            let mut rows = statement.query(params![key]).unwrap();
            while let Some(row) = rows.next().unwrap() {
                let az: f64 = row.get(0).unwrap();
                sum += az;
            }
        }
        sum
    }

    fn scalar(&mut self, sql: &str) -> f64 {
        self.0.query_row(sql, [], |row| row.get(0)).unwrap()
    }
}
