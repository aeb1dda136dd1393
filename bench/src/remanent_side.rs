//! Remanent through its public API.

use crate::engine::{Engine, Open, Session, Sync, row};
use remanent::{Connection, Database, Value, params};
use std::path::Path;
use std::time::{Duration, Instant};

struct Remanent(Database);

pub const OPEN: Open = |dir: &Path, sync: Sync| {
    let db = Database::options().synchronous_commit(sync == Sync::Full).open(dir.join("bench.rem")).unwrap();
    let conn = db.connect().unwrap();
    let create = "CREATE TABLE IF NOT EXISTS imu (ts bigint PRIMARY KEY, ax float8, ay float8, az float8, note text)";
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
}

struct RemanentSession(Connection);

const INSERT: &str = "INSERT INTO imu VALUES ($1, $2, $3, $4, $5)";

impl Session for RemanentSession {
    fn inserts(&mut self, from: i64, rows: i64, each: &mut dyn FnMut(Duration)) {
        let statement = self.0.prepare(INSERT).unwrap();
        for ts in from..from + rows {
            let (ax, ay, az, note) = row(ts);
            let begun = Instant::now();
            statement.execute(params![ts, ax, ay, az, note]).unwrap();
            each(begun.elapsed());
        }
    }

    fn batch(&mut self, from: i64, rows: i64) {
        let tx = self.0.begin().unwrap();
        let statement = tx.prepare(INSERT).unwrap();
        for ts in from..from + rows {
            let (ax, ay, az, note) = row(ts);
            statement.execute(params![ts, ax, ay, az, note]).unwrap();
        }
        drop(statement);
        tx.commit().unwrap();
    }

    fn bulk(&mut self, from: i64, rows: i64) {
        let mut appender = self.0.appender("imu").unwrap();
        for ts in from..from + rows {
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

    fn scalar(&mut self, sql: &str) -> f64 {
        match self.0.query_one(sql, params![]).unwrap().value(0) {
            Value::Float8(x) => *x,
            Value::Int8(x) => *x as f64,
            other => other.to_string().parse().unwrap(),
        }
    }
}
