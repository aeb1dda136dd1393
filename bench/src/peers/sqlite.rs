//! SQLite through rusqlite: WAL, synchronous FULL or OFF, a 64 MB cache, as its own advice has it.
//!
//! A flush is a passive checkpoint, which waits for nobody and holds up no writer.

use crate::engine::{Engine, Keys, Open, Session, Setup, Sync, row};
use rusqlite::{Connection, params};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

struct Sqlite {
    path: PathBuf,
    setup: Setup,
    /// Keeps the WAL open.
    _first: std::sync::Mutex<Connection>,
}

fn connect(path: &Path, setup: Setup) -> Connection {
    let conn = Connection::open(path).unwrap();
    conn.busy_timeout(Duration::from_secs(60)).unwrap();
    let level = if setup.sync == Sync::Full { "FULL" } else { "OFF" };
    let cache = setup.memory.unwrap_or(64 << 20) >> 10;
    conn.execute_batch(&format!(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = {level}; PRAGMA cache_size = -{cache};"
    ))
    .unwrap();
    conn
}

pub const OPEN: Open = |dir: &Path, setup: Setup| {
    let path = dir.join("bench.sqlite");
    let conn = connect(&path, setup);
    conn.execute_batch(
        "CREATE TABLE IF NOT EXISTS imu (ts integer PRIMARY KEY, ax real, ay real, az real, note text)",
    )
    .unwrap();
    Box::new(Sqlite { path, setup, _first: std::sync::Mutex::new(conn) })
};

impl Engine for Sqlite {
    fn session(&self) -> Box<dyn Session> {
        Box::new(SqliteSession(connect(&self.path, self.setup)))
    }

    fn flush(&self) {
        let conn = connect(&self.path, self.setup);
        conn.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())).unwrap();
    }
}

struct SqliteSession(Connection);

const INSERT: &str = "INSERT INTO imu VALUES (?1, ?2, ?3, ?4, ?5)";

impl Session for SqliteSession {
    fn inserts(&mut self, keys: Keys, each: &mut dyn FnMut(Duration)) {
        let mut statement = self.0.prepare(INSERT).unwrap();
        for ts in keys.iter() {
            let (ax, ay, az, note) = row(ts);
            let begun = Instant::now();
            statement.execute(params![ts, ax, ay, az, note]).unwrap();
            each(begun.elapsed());
        }
    }

    fn batch(&mut self, keys: Keys) {
        let tx = self.0.transaction().unwrap();
        {
            let mut statement = tx.prepare(INSERT).unwrap();
            for ts in keys.iter() {
                let (ax, ay, az, note) = row(ts);
                statement.execute(params![ts, ax, ay, az, note]).unwrap();
            }
        }
        tx.commit().unwrap();
    }

    fn bulk(&mut self, keys: Keys) {
        self.batch(keys);
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

    fn scalar(&mut self, sql: &str) -> Option<f64> {
        Some(self.0.query_row(sql, [], |row| row.get(0)).unwrap())
    }

    fn execute(&mut self, sql: &str) -> bool {
        self.0.execute_batch(sql).unwrap();
        true
    }

    fn updates(&mut self, key: i64, times: u32) {
        let mut statement = self.0.prepare_cached("UPDATE imu SET ax = ax + 1 WHERE ts = ?1").unwrap();
        for _ in 0..times {
            statement.execute(params![key]).unwrap();
        }
    }
}
