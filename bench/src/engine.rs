//! What every engine is asked to do: the same table, the same rows, the same questions.
//!
//! The table is `imu (ts bigint primary key, ax, ay, az double precision, note text)`; a key-value store gets the key
//! big-endian and the rest as one value. [`Keys`] says which rows; [`row`] says what is in them.
//!
//! An engine that cannot do something says so with `None` ([`Session::scalar`]); a scenario names the peers it asks.

use std::path::Path;
use std::time::Duration;

/// A value of a row of any table.
pub enum Field {
    Int(i64),
    Float(f64),
    /// Of a `numeric(15, 2)`, times 100.
    Cents(i64),
    /// Days since 1970-01-01.
    Day(i32),
    /// Microseconds since 1970-01-01.
    Time(i64),
    Text(String),
}

/// Hands rows to the one who adds them.
pub type Feed<'a> = &'a mut dyn FnMut(&mut dyn FnMut(&[Field]));

/// How a commit is made durable.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Sync {
    /// Every commit is synced before it is acknowledged.
    Full,
    /// Commits are written; the operating system or a timer syncs.
    Off,
}

/// How a database is opened.
#[derive(Clone, Copy)]
pub struct Setup {
    pub sync: Sync,
    /// The memory it may use, in bytes (SQLite: its page cache); None: 256 MB, SQLite 64 MB.
    pub memory: Option<usize>,
}

impl Setup {
    pub const FULL: Setup = Setup { sync: Sync::Full, memory: None };
    pub const OFF: Setup = Setup { sync: Sync::Off, memory: None };

    pub fn memory(self, bytes: usize) -> Setup {
        Setup { memory: Some(bytes), ..self }
    }
}

/// Which rows: `key = first + step * i` for `i` in `[from, from + rows)`, or those keys scattered.
#[derive(Clone, Copy)]
pub struct Keys {
    pub from: i64,
    pub rows: i64,
    pub first: i64,
    pub step: i64,
    /// The keys come in an order without pattern, all different.
    pub scattered: bool,
}

impl Keys {
    /// `[from, from + rows)`.
    pub fn range(from: i64, rows: i64) -> Keys {
        Keys { from, rows, first: 0, step: 1, scattered: false }
    }

    /// The `from`th and following of the scattered keys.
    pub fn scattered(from: i64, rows: i64) -> Keys {
        Keys { scattered: true, ..Keys::range(from, rows) }
    }

    pub fn iter(self) -> impl Iterator<Item = i64> {
        (self.from..self.from + self.rows).map(move |i| self.first + self.step * self.at(i))
    }

    /// Multiplying by an odd number permutes the numbers below a power of two.
    fn at(self, i: i64) -> i64 {
        if self.scattered { i.wrapping_mul(0x9e37_79b9_7f4a_7c15_u64 as i64) & ((1 << 40) - 1) } else { i }
    }
}

/// An open database.
pub trait Engine: Send + std::marker::Sync {
    /// A session of one thread.
    fn session(&self) -> Box<dyn Session>;
    /// Moves what is buffered to its final place, without holding up anybody.
    fn flush(&self);
    /// What the engine itself says it wrote: log, flush, merge.
    fn written(&self) -> Option<[f64; 3]> {
        None
    }
}

/// One thread's session.
pub trait Session {
    /// Rows, each in a transaction of its own, by one prepared statement. `each` hears how long every single one took.
    fn inserts(&mut self, keys: Keys, each: &mut dyn FnMut(Duration));
    /// Rows in one transaction of prepared inserts.
    fn batch(&mut self, keys: Keys);
    /// Rows by the fastest way in that takes them one by one, all or nothing.
    fn bulk(&mut self, keys: Keys);
    /// `SELECT az WHERE ts = $1` for each key, prepared once; the sum of what came.
    fn points(&mut self, keys: &[i64]) -> f64;
    /// The first value of a query; None where there are no queries.
    fn scalar(&mut self, sql: &str) -> Option<f64>;
    /// Runs a statement; false where there are none.
    fn execute(&mut self, sql: &str) -> bool;
    /// Makes a table and fills it by the fastest way in.
    fn load(&mut self, _table: &str, _columns: &str, _rows: Feed<'_>) {
        unimplemented!("there are no tables");
    }
    /// All rows of a query, as text.
    fn answer(&mut self, _sql: &str) -> Vec<Vec<String>> {
        unimplemented!("there are no queries");
    }
    /// Opens a snapshot and reads from it; the next call of `execute("COMMIT")` ends it.
    fn hold_snapshot(&mut self) {
        self.execute("BEGIN");
        self.scalar("SELECT count(*) FROM imu WHERE ts < 10");
    }
    /// `UPDATE imu SET ax = ax + 1 WHERE ts = $1` for each key, prepared once, each a transaction.
    fn updates(&mut self, keys: &[i64]);
    /// Makes a plan of `SELECT az FROM imu WHERE ts = $1` and throws it away; false where there are no plans.
    fn plan(&mut self) -> bool {
        false
    }
}

/// Opens or creates.
pub type Open = fn(&Path, Setup) -> Box<dyn Engine>;

/// The row with that key: values of a sensor that drifts, so that no engine gets constants.
pub fn row(ts: i64) -> (f64, f64, f64, &'static str) {
    let t = ts as f64;
    (
        (t * 0.01).sin(),
        ts.wrapping_mul(7919).rem_euclid(1000) as f64 / 1000.0,
        9.81 + ts.wrapping_mul(31).rem_euclid(100) as f64 / 1000.0,
        ["idle", "taxi", "climb", "cruise"][(ts & 3) as usize],
    )
}

/// Bytes of a row as the user sees them: four numbers of eight bytes and a word.
pub const ROW_BYTES: f64 = 37.0;

/// The aggregate queries of the scan scenario.
pub const AGGREGATES: [&str; 3] = [
    "SELECT sum(ax) + avg(ay) + min(az) + max(az) FROM imu",
    "SELECT count(*) FROM imu WHERE ay > 0.5 AND az < 9.85",
    "SELECT max(c) FROM (SELECT note, count(*) AS c FROM imu GROUP BY note) AS g",
];
