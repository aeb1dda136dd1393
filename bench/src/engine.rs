//! What every engine is asked to do: the same table, the same rows, the same questions.
//!
//! The table is `imu (ts bigint primary key, ax, ay, az double precision, note text)`.

use std::path::Path;
use std::time::Duration;

/// How a commit is made durable.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Sync {
    /// Every commit is synced before it is acknowledged.
    Full,
    /// Commits are written; the operating system syncs when it likes.
    Off,
}

/// An open database.
pub trait Engine: Send + std::marker::Sync {
    /// A session of one thread.
    fn session(&self) -> Box<dyn Session>;
    /// Moves what is buffered to its final place.
    fn flush(&self);
}

/// One thread's session.
pub trait Session {
    /// Rows `[from, from + rows)`, each in a transaction of its own, by one prepared statement. `each` hears how
    /// long every single one took.
    fn inserts(&mut self, from: i64, rows: i64, each: &mut dyn FnMut(Duration));
    /// The same rows in one transaction of prepared inserts.
    fn batch(&mut self, from: i64, rows: i64);
    /// The same by the fastest way in that the engine offers.
    fn bulk(&mut self, from: i64, rows: i64);
    /// `SELECT az WHERE ts = $1` for each key, prepared once; the sum of what came.
    fn points(&mut self, keys: &[i64]) -> f64;
    /// The first value of a query.
    fn scalar(&mut self, sql: &str) -> f64;
}

/// Opens or creates.
pub type Open = fn(&Path, Sync) -> Box<dyn Engine>;

/// The row with that key: values of a sensor that drifts, so that neither engine gets constants.
pub fn row(ts: i64) -> (f64, f64, f64, &'static str) {
    let t = ts as f64;
    (
        (t * 0.01).sin(),
        ((ts * 7919) % 1000) as f64 / 1000.0,
        9.81 + ((ts * 31) % 100) as f64 / 1000.0,
        ["idle", "taxi", "climb", "cruise"][(ts % 4) as usize],
    )
}

/// The aggregate queries of the scan scenario.
pub const AGGREGATES: [&str; 3] = [
    "SELECT sum(ax) + avg(ay) + min(az) + max(az) FROM imu",
    "SELECT count(*) FROM imu WHERE ay > 0.5 AND az < 9.85",
    "SELECT max(c) FROM (SELECT note, count(*) AS c FROM imu GROUP BY note) AS g",
];
