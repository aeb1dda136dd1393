//! A session with the database.

use crate::session::{Entered, Session, Shared};
use crate::{Appender, Params, Result, Row, Rows, Statement, Transaction};
use remanent_storage::table::TableDef;
use remanent_storage::txn::Interrupt;
use std::cell::RefCell;
use std::sync::Arc;

/// A session: statements run one after the other, each in its own transaction unless one was begun. It can be handed
/// to another thread, but two threads need one each.
pub struct Connection {
    /// Borrowed during a call only; no call runs code of the user's.
    pub(crate) session: RefCell<Session>,
    interrupt: Arc<Interrupt>,
}

impl Connection {
    pub(crate) fn new(shared: &Arc<Shared>) -> Result<Self> {
        let interrupt = shared.store.new_interrupt();
        let session = RefCell::new(Session::new(shared, &interrupt)?);
        Ok(Connection { session, interrupt })
    }

    /// The session, for a call.
    pub(crate) fn session(&self) -> Entered<'_> {
        Entered::new(self.session.borrow_mut())
    }

    /// Runs a statement to its end; how many rows it inserted, updated or deleted. Without parameters, the text may
    /// hold several statements: all of them are one transaction unless they say otherwise themselves (BEGIN, COMMIT),
    /// and the rows of all are counted.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let db = remanent::Database::open(dir.path().join("robot.rem"))?;
    /// # let conn = db.connect()?;
    /// use remanent::params;
    /// conn.execute("CREATE TABLE t (a int PRIMARY KEY); INSERT INTO t VALUES (1), (2)", params![])?;
    /// assert_eq!(conn.execute("DELETE FROM t WHERE a > $1", params![0])?, 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn execute(&self, sql: &str, params: impl Params) -> Result<u64> {
        self.session().execute_text(sql, params.values())
    }

    /// Runs a statement and returns its rows as they are asked for. Of several statements, the rows of the last.
    pub fn query(&self, sql: &str, params: impl Params) -> Result<Rows> {
        self.session().query_text(sql, params.values())
    }

    /// The one row of a query; another number of rows is an error (P0002, P0003).
    pub fn query_one(&self, sql: &str, params: impl Params) -> Result<Row> {
        self.query(sql, params)?.only()
    }

    /// Prepares a statement to run it more than once. Its plan is kept until tables change, then made anew.
    pub fn prepare(&self, sql: &str) -> Result<Statement<'_>> {
        let work = self.session().prepare(sql)?;
        Ok(Statement::new(self, work))
    }

    /// Begins a transaction. 25001 if one is open.
    pub fn begin(&self) -> Result<Transaction<'_>> {
        let number = self.session().begin()?;
        Ok(Transaction::new(self, number))
    }

    /// The fast way to add many rows to a table, see [`Appender`].
    pub fn appender(&self, table: &str) -> Result<Appender<'_>> {
        Appender::new(self, table)
    }

    /// Whether a transaction is open, and whether a statement in it has failed.
    pub fn status(&self) -> TransactionStatus {
        self.session().status()
    }

    /// The tables there are, as the open transaction sees them, in order of name.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let db = remanent::Database::open(dir.path().join("robot.rem"))?;
    /// # let conn = db.connect()?;
    /// conn.execute("CREATE TABLE imu (ts bigint PRIMARY KEY, ax float8)", remanent::params![])?;
    /// let tables = conn.tables()?;
    /// assert_eq!((tables[0].name.as_str(), tables[0].columns[1].name.as_str()), ("imu", "ax"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn tables(&self) -> Result<Vec<Arc<TableDef>>> {
        self.session().tables()
    }

    /// Something to end a running statement with, from another thread.
    pub fn interrupter(&self) -> Interrupter {
        Interrupter { interrupt: Arc::clone(&self.interrupt) }
    }
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Connection")
    }
}

/// What a session's transaction is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransactionStatus {
    /// None is open: a statement is a transaction of its own.
    Idle,
    /// One is open.
    Open,
    /// One is open and a statement in it has failed: all others fail (25P02) until it ends.
    Failed,
}

/// Ends the running statement of a connection from another thread.
#[derive(Debug, Clone)]
pub struct Interrupter {
    interrupt: Arc<Interrupt>,
}

impl Interrupter {
    /// The statement that is running, or whose rows are being read, ends with 57014. Nothing happens where there is
    /// none: the next statement is not affected.
    pub fn interrupt(&self) {
        self.interrupt.set();
    }

    /// How many rows the running statement has read from tables so far, or the last one read.
    pub fn rows_read(&self) -> u64 {
        self.interrupt.rows()
    }
}
