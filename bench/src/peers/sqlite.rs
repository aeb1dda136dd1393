//! SQLite through rusqlite: WAL, synchronous FULL or OFF, a 64 MB cache, as its own advice has it.
//!
//! A flush is a passive checkpoint, which waits for nobody and holds up no writer.

use crate::engine::{Engine, Feed, Field, Keys, Open, Session, Setup, Sync, row};
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, params, params_from_iter};
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

    fn load(&mut self, table: &str, columns: &str, rows: Feed<'_>) {
        self.0.execute_batch(&format!("CREATE TABLE {table} ({columns}); BEGIN")).unwrap();
        let value = |field: &Field| match field {
            Field::Int(v) | Field::Time(v) => Value::Integer(*v),
            Field::Float(v) => Value::Real(*v),
            Field::Cents(v) => Value::Real(*v as f64 / 100.0),
            Field::Day(v) => Value::Text(date(*v)),
            Field::Text(v) => Value::Text(v.clone()),
        };
        let mut sql = None;
        rows(&mut |row| {
            let sql = sql.get_or_insert_with(|| {
                format!("INSERT INTO {table} VALUES ({})", vec!["?"; row.len()].join(", "))
            });
            let mut statement = self.0.prepare_cached(sql).unwrap();
            statement.execute(params_from_iter(row.iter().map(value))).unwrap();
        });
        self.0.execute_batch("COMMIT").unwrap();
    }

    fn answer(&mut self, sql: &str) -> Vec<Vec<String>> {
        let mut statement = self.0.prepare(sql).unwrap_or_else(|e| panic!("{e} in\n{sql}"));
        let columns = statement.column_count();
        let text = |value: ValueRef<'_>| match value {
            ValueRef::Null => "NULL".to_owned(),
            ValueRef::Integer(v) => v.to_string(),
            ValueRef::Real(v) => v.to_string(),
            ValueRef::Text(v) | ValueRef::Blob(v) => String::from_utf8_lossy(v).into_owned(),
        };
        let row = |row: &rusqlite::Row<'_>| {
            (0..columns).map(|i| row.get_ref(i).map(text)).collect::<rusqlite::Result<Vec<String>>>()
        };
        statement.query_map([], row).unwrap().map(Result::unwrap).collect()
    }

    fn plan(&mut self) -> bool {
        self.0.prepare("SELECT az FROM imu WHERE ts = ?1").is_ok()
    }

    fn updates(&mut self, keys: &[i64]) {
        let mut statement = self.0.prepare_cached("UPDATE imu SET ax = ax + 1 WHERE ts = ?1").unwrap();
        for &key in keys {
            statement.execute(params![key]).unwrap();
        }
    }
}

/// A day since 1970-01-01 as text (Howard Hinnant, "chrono-compatible low-level date algorithms").
fn date(day: i32) -> String {
    let days = day + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let (day, month) = (of_year - (153 * month + 2) / 5 + 1, if month < 10 { month + 3 } else { month - 9 });
    let year = year + era * 400 + i32::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}
