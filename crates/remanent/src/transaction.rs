//! Changes that belong together.

use crate::{Appender, Connection, Params, Result, Row, Rows, Statement};
use std::fmt;

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

    /// A place to come back to: what is done from here on can be undone without the rest.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let db = remanent::Database::open(dir.path().join("robot.rem"))?;
    /// # let conn = db.connect()?;
    /// use remanent::params;
    /// # conn.execute("CREATE TABLE t (a int PRIMARY KEY)", params![])?;
    /// let tx = conn.begin()?;
    /// tx.execute("INSERT INTO t VALUES (1)", params![])?;
    /// let risky = tx.savepoint()?;
    /// match tx.execute("INSERT INTO t VALUES (2), (1)", params![]) {
    ///     Ok(_) => risky.release()?,
    ///     Err(_) => risky.rollback()?, // the transaction goes on as if that had not been
    /// }
    /// tx.commit()?;
    /// assert_eq!(conn.query_one("SELECT count(*) FROM t", params![])?.get::<i64>(0)?, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn savepoint(&self) -> Result<Savepoint<'_>> {
        let name = self.conn.session().nameless_savepoint(self.number)?;
        Ok(Savepoint { conn: self.conn, name })
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

impl fmt::Debug for Transaction<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Transaction")
    }
}

/// A place in a transaction to come back to. Dropped, what was done since is undone.
pub struct Savepoint<'t> {
    conn: &'t Connection,
    name: String,
}

impl Savepoint<'_> {
    /// Keeps what was done since, as a part of the transaction. 25P02 if a statement has failed, 3B001 if the place is
    /// no more.
    pub fn release(self) -> Result<()> {
        self.conn.session().release(&self.name)
    }

    /// Undoes what was done since, a failure too. 3B001 if the place is no more.
    pub fn rollback(self) -> Result<()> {
        let mut session = self.conn.session();
        session.rollback_to(&self.name)?;
        session.release(&self.name)
    }
}

impl Drop for Savepoint<'_> {
    fn drop(&mut self) {
        // No more where it was released or rolled back, or the transaction has ended.
        let mut session = self.conn.session();
        let _ = session.rollback_to(&self.name).and_then(|()| session.release(&self.name));
    }
}

impl fmt::Debug for Savepoint<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Savepoint")
    }
}
