//! Prepared statements.

use crate::session::Work;
use crate::{Connection, Params, Result, ResultColumn, Row, Rows, Type};
use std::cell::RefCell;

/// A statement that was prepared once and runs often, with other parameters each time.
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let db = remanent::Database::open(dir.path().join("robot.rem"))?;
/// # let conn = db.connect()?;
/// use remanent::params;
/// # conn.execute("CREATE TABLE imu (ts bigint PRIMARY KEY, ax float8)", params![])?;
/// let insert = conn.prepare("INSERT INTO imu VALUES ($1, $2)")?;
/// for ts in 0..10i64 {
///     insert.execute(params![ts, 0.5])?;
/// }
/// let point = conn.prepare("SELECT ax FROM imu WHERE ts = $1")?;
/// assert_eq!(point.query_one(params![7i64])?.get::<f64>(0)?, 0.5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Statement<'c> {
    conn: &'c Connection,
    work: RefCell<Work>,
}

impl<'c> Statement<'c> {
    pub(crate) fn new(conn: &'c Connection, work: Work) -> Self {
        Statement { conn, work: RefCell::new(work) }
    }

    /// Runs it to its end; how many rows it inserted, updated or deleted.
    pub fn execute(&self, params: impl Params) -> Result<u64> {
        let work = &mut *self.work.borrow_mut();
        self.conn.session().run(work, params.values())?.finish()
    }

    /// Runs it and returns its rows as they are asked for.
    pub fn query(&self, params: impl Params) -> Result<Rows> {
        self.conn.session().run(&mut self.work.borrow_mut(), params.values())
    }

    /// Its one row; another number of rows is an error (P0002, P0003).
    pub fn query_one(&self, params: impl Params) -> Result<Row> {
        self.query(params)?.only()
    }

    /// The columns of its rows, as of now; empty for a statement that returns none.
    pub fn columns(&self) -> Vec<ResultColumn> {
        self.work.borrow().columns().to_vec()
    }

    /// The types of `$1, $2, …`.
    pub fn params(&self) -> Vec<Type> {
        self.work.borrow().params().to_vec()
    }
}

impl std::fmt::Debug for Statement<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Statement")
    }
}
