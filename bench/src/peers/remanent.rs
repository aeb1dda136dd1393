//! Remanent through its public API.

use crate::engine::{Engine, Feed, Field, Keys, Open, Session, Setup, Sync, row};
use remanent::{Connection, Database, Numeric, Value, params};
use std::path::Path;
use std::time::{Duration, Instant};

struct Remanent(Database);

pub const OPEN: Open = |dir: &Path, setup: Setup| {
    let mut options = Database::options().synchronous_commit(setup.sync == Sync::Full);
    if let Some(bytes) = setup.memory {
        options = options.memory_limit(bytes);
    }
    let db = options.open(dir.join("bench.rem")).unwrap();
    let conn = db.connect().unwrap();
    let create =
        "CREATE TABLE IF NOT EXISTS imu (ts bigint PRIMARY KEY, ax float8, ay float8, az float8, note text)";
    conn.execute(create, params![]).unwrap();
    drop(conn);
    Box::new(Remanent(db))
};

impl Engine for Remanent {
    fn session(&self) -> Box<dyn Session> {
        Box::new(RemanentSession(self.0.connect().unwrap()))
    }

    fn flush(&self) {
        self.0.flush().unwrap();
    }

    fn written(&self) -> Option<[f64; 3]> {
        let stats = self.0.stats();
        Some([stats.log_written, stats.flush_written, stats.merge_written].map(|bytes| bytes as f64))
    }
}

struct RemanentSession(Connection);

const INSERT: &str = "INSERT INTO imu VALUES ($1, $2, $3, $4, $5)";

impl Session for RemanentSession {
    fn inserts(&mut self, keys: Keys, each: &mut dyn FnMut(Duration)) {
        let statement = self.0.prepare(INSERT).unwrap();
        for ts in keys.iter() {
            let (ax, ay, az, note) = row(ts);
            let begun = Instant::now();
            statement.execute(params![ts, ax, ay, az, note]).unwrap();
            each(begun.elapsed());
        }
    }

    fn batch(&mut self, keys: Keys) {
        let tx = self.0.begin().unwrap();
        let statement = tx.prepare(INSERT).unwrap();
        for ts in keys.iter() {
            let (ax, ay, az, note) = row(ts);
            statement.execute(params![ts, ax, ay, az, note]).unwrap();
        }
        drop(statement);
        tx.commit().unwrap();
    }

    fn bulk(&mut self, keys: Keys) {
        let mut appender = self.0.appender("imu").unwrap();
        for ts in keys.iter() {
            let (ax, ay, az, note) = row(ts);
            appender.append(params![ts, ax, ay, az, note]).unwrap();
        }
        appender.finish().unwrap();
    }

    fn points(&mut self, keys: &[i64]) -> f64 {
        let statement = self.0.prepare("SELECT az FROM imu WHERE ts = $1").unwrap();
        let mut sum = 0.0;
        for &key in keys {
            for row in statement.query(params![key]).unwrap() {
                let az: f64 = row.unwrap().get(0).unwrap();
                sum += az;
            }
        }
        sum
    }

    fn scalar(&mut self, sql: &str) -> Option<f64> {
        Some(match self.0.query_one(sql, params![]).unwrap().value(0) {
            Value::Float8(x) => *x,
            Value::Int8(x) => *x as f64,
            other => other.to_string().parse().unwrap(),
        })
    }

    fn execute(&mut self, sql: &str) -> bool {
        self.0.execute(sql, params![]).unwrap();
        true
    }

    fn load(&mut self, table: &str, columns: &str, rows: Feed<'_>) {
        self.execute(&format!("CREATE TABLE {table} ({columns})"));
        let mut appender = self.0.appender(table).unwrap();
        let value = |field: &Field| match field {
            Field::Int(v) => Value::Int8(*v),
            Field::Float(v) => Value::Float8(*v),
            Field::Cents(v) => Value::Numeric(Numeric::scaled(i128::from(*v), 2)),
            // Remanent's clock begins in the year 2000.
            Field::Day(v) => Value::Date(v - 10_957),
            Field::Time(v) => Value::Timestamp(v - 10_957 * 86_400_000_000),
            Field::Text(v) => Value::Text(v.clone()),
        };
        rows(&mut |row| {
            let row: Vec<Value> = row.iter().map(value).collect();
            appender.append(&row[..]).unwrap();
        });
        appender.finish().unwrap();
    }

    fn answer(&mut self, sql: &str) -> Vec<Vec<String>> {
        let text = |value: &Value| if value.is_null() { "NULL".to_owned() } else { value.to_string() };
        let rows = self.0.query(sql, params![]).unwrap_or_else(|e| panic!("{e:?} in\n{sql}"));
        rows.map(|row| row.unwrap().values().iter().map(text).collect()).collect()
    }

    fn hold_snapshot(&mut self) {
        // A transaction of the default level has a snapshot per statement.
        self.execute("BEGIN ISOLATION LEVEL REPEATABLE READ");
        self.scalar("SELECT count(*) FROM imu WHERE ts < 10");
    }

    fn plan(&mut self) -> bool {
        self.0.prepare("SELECT az FROM imu WHERE ts = $1").is_ok()
    }

    fn updates(&mut self, keys: &[i64]) {
        let statement = self.0.prepare("UPDATE imu SET ax = ax + 1 WHERE ts = $1").unwrap();
        for &key in keys {
            statement.execute(params![key]).unwrap();
        }
    }
}
