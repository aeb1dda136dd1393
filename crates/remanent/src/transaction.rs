//! Changes that belong together.

use crate::{Appender, Connection, Params, Result, Row, Rows, Statement};

/// An open transaction. It is rolled back when dropped. Other use of its connection takes part in it.
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let db = remanent::Database::open(dir.path().join("robot.rem"))?;
/// # let conn = db.connect()?;
/// use remanent::params;
/// # conn.execute("CREATE TABLE t (a int)", params![])?;
/// let tx = conn.begin()?;
/// tx.execute("INSERT INTO t VALUES (1)", params![])?;
/// drop(tx); // nothing happened
/// assert_eq!(conn.query_one("SELECT count(*) FROM t", params![])?.get::<i64>(0)?, 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// After a statement has failed, all others fail (25P02) until it is rolled back, as in PostgreSQL.
pub struct Transaction<'c> {
    conn: &'c Connection,
    /// Which transaction of the connection it is; statements may have ended it and begun another.
    number: u64,
}

impl<'c> Transaction<'c> {
    pub(crate) fn new(conn: &'c Connection, number: u64) -> Self {
        Transaction { conn, number }
    }

    /// As [`Connection::execute`].
    pub fn execute(&self, sql: &str, params: impl Params) -> Result<u64> {
        self.conn.execute(sql, params)
    }

    /// As [`Connection::query`].
    pub fn query(&self, sql: &str, params: impl Params) -> Result<Rows> {
        self.conn.query(sql, params)
    }

    /// As [`Connection::query_one`].
    pub fn query_one(&self, sql: &str, params: impl Params) -> Result<Row> {
        self.conn.query_one(sql, params)
    }

    /// As [`Connection::prepare`].
    pub fn prepare(&self, sql: &str) -> Result<Statement<'_>> {
        self.conn.prepare(sql)
    }

    /// As [`Connection::appender`]; its rows are part of this transaction.
    pub fn appender(&self, table: &str) -> Result<Appender<'_>> {
        self.conn.appender(table)
    }

    /// Makes its changes durable and visible. 25P02 if a statement in it failed: then it was rolled back. 25P01 if a
    /// statement (COMMIT, ROLLBACK) has ended it already.
    pub fn commit(self) -> Result<()> {
        self.conn.session().commit_block(self.number)
    }

    /// Undoes its changes.
    pub fn rollback(self) -> Result<()> {
        self.conn.session().rollback_block(self.number)
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        // Ended already where it was committed or rolled back.
        let _ = self.conn.session().rollback_block(self.number);
    }
}

impl std::fmt::Debug for Transaction<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Transaction")
    }
}
