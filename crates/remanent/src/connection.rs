//! A session with the database.

use crate::session::{CHUNK, Entered, Session, Shared};
use crate::sql::execute::{Policy, Rejected};
use crate::{Appender, Error, Params, Result, Row, Rows, Statement, Transaction};
use remanent_storage::error::state;
use remanent_storage::table::TableDef;
use remanent_storage::txn::Interrupt;
use std::cell::RefCell;
use std::io::{self, Read, Write};
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

    /// Runs `COPY … FROM STDIN` with what a reader delivers; how many rows were added: all, or none where it fails. One line
    /// of the data and one batch of rows are in memory at a time. Errors as PostgreSQL's (22P04, 22P02, …); their
    /// [`context`](Error::context) says in which line and column.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let db = remanent::Database::open(dir.path().join("robot.rem"))?;
    /// # let conn = db.connect()?;
    /// conn.execute("CREATE TABLE imu (ts bigint PRIMARY KEY, ax float8)", remanent::params![])?;
    /// let data = "ts,ax\n1,0.5\n2,\n";
    /// assert_eq!(conn.copy_in("COPY imu FROM STDIN (FORMAT csv, HEADER)", data.as_bytes())?, 2);
    /// let mut out = Vec::new();
    /// conn.copy_out("COPY imu TO STDOUT", &mut out)?;
    /// assert_eq!(out, b"1\t0.5\n2\t\\N\n");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn copy_in(&self, sql: &str, mut input: impl Read) -> Result<u64> {
        self.copy_from(sql, &mut input, None)
    }

    /// As [`copy_in`](Connection::copy_in), but lines that are no rows (class 22 and 23 of SQLSTATE: what does not convert,
    /// what a constraint refuses) are handed to `rejected`, in their order, and the rest is added. An error of `rejected`
    /// ends it, and nothing is added.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let db = remanent::Database::open(dir.path().join("robot.rem"))?;
    /// # let conn = db.connect()?;
    /// conn.execute("CREATE TABLE imu (ts bigint PRIMARY KEY, ax float8)", remanent::params![])?;
    /// let mut bad = Vec::new();
    /// let added = conn.copy_in_skipping("COPY imu FROM STDIN CSV", "1,0.5\nx,2\n1,3\n".as_bytes(), |line| {
    ///     bad.push((line.line, line.error.code()));
    ///     Ok(())
    /// })?;
    /// assert_eq!((added, bad), (1, vec![(2, "22P02"), (3, "23505")]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn copy_in_skipping(
        &self,
        sql: &str,
        mut input: impl Read,
        mut rejected: impl FnMut(Rejected) -> Result<()>,
    ) -> Result<u64> {
        self.copy_from(sql, &mut input, Some(&mut rejected))
    }

    /// Runs `COPY … TO STDOUT`; how many rows were written.
    pub fn copy_out(&self, sql: &str, mut output: impl Write) -> Result<u64> {
        self.copy_to(sql, &mut output)
    }

    fn copy_from(
        &self,
        sql: &str,
        input: &mut dyn Read,
        mut skip: Option<&mut dyn FnMut(Rejected) -> Result<()>>,
    ) -> Result<u64> {
        let policy = if skip.is_some() { Policy::Skip } else { Policy::Fail };
        let mut copying = {
            let mut session = self.session();
            let copy = session.parse_copy(sql, true)?;
            session.begin_copy(&copy, policy)?
        };
        let mut chunk = vec![0; CHUNK];
        loop {
            // The reader is the user's: it may use the connection.
            let read = match input.read(&mut chunk) {
                Ok(read) => read,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => {
                    self.session().abort_copy(&copying);
                    return Err(Error::new(state::IO_ERROR, format!("could not read the data of COPY: {e}")));
                }
            };
            match read {
                0 => self.session().finish_copy(&mut copying)?,
                _ => self.session().feed_copy(&mut copying, chunk.get(..read).unwrap_or_default())?,
            }
            if let Some(rejected) = &mut skip {
                let told = copying.rejected().into_iter().try_for_each(rejected);
                if let Err(error) = told {
                    self.session().abort_copy(&copying);
                    return Err(error);
                }
            }
            if read == 0 {
                return self.session().end_copy(copying);
            }
        }
    }

    fn copy_to(&self, sql: &str, output: &mut dyn Write) -> Result<u64> {
        let mut copying = {
            let mut session = self.session();
            let copy = session.parse_copy(sql, false)?;
            session.copy_rows(&copy)?
        };
        let failed =
            |e: io::Error| Error::new(state::IO_ERROR, format!("could not write the data of COPY: {e}"));
        let done = copying.write(&mut |bytes| output.write_all(bytes).map_err(failed));
        let done = done.and_then(|count| output.flush().map(|()| count).map_err(failed));
        self.session().end_copy_out(&copying, done)
    }

    /// Whether a transaction is open, and whether a statement in it has failed.
    pub fn status(&self) -> TransactionStatus {
        self.session().status()
    }

    /// What SQL calls a type: that of an enum type only its database knows.
    pub fn type_name(&self, ty: crate::Type) -> Result<String> {
        self.session().type_name(ty)
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
