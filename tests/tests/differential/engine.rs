//! The side under test: a database in a temporary directory and a session.

use super::outcome::{Answer, Failure, Outcome};
use remanent::{Connection, Database, Result, Value, params};
use tempfile::TempDir;

/// An open database.
pub struct Engine {
    open: Option<(Connection, Database)>,
    dir: TempDir,
}

impl Engine {
    /// An empty one.
    pub fn new() -> Engine {
        let mut engine = Engine { open: None, dir: tempfile::tempdir().expect("a directory") };
        engine.reopen();
        engine
    }

    /// What a statement comes to.
    pub fn run(&self, sql: &str) -> Outcome {
        let (connection, _) = self.open.as_ref().expect("it is open");
        self.answer(connection, sql).map_err(|error| Failure {
            code: error.code().to_owned(),
            message: error.message().to_owned(),
            position: error
                .position()
                .map(|byte| 1 + sql.get(..byte).map_or(0, |before| before.chars().count())),
        })
    }

    fn answer(&self, connection: &Connection, sql: &str) -> Result<Answer> {
        let rows = connection.query(sql, params![])?;
        let columns: Vec<_> =
            rows.columns().iter().map(|column| (column.name().to_owned(), column.ty().to_string())).collect();
        let count = rows.affected();
        let text = |value: &Value| match value {
            Value::Null => None,
            value => Some(value.to_string()),
        };
        let read: Vec<Vec<_>> =
            rows.map(|row| Ok(row?.values().iter().map(text).collect())).collect::<Result<_>>()?;
        let rows = (!columns.is_empty() || !read.is_empty()).then_some(read);
        Ok(Answer { columns, rows, count })
    }

    /// Makes hot rows cold.
    pub fn flush(&self) {
        let (_, database) = self.open.as_ref().expect("it is open");
        database.flush().expect("a flush");
    }

    /// Closes the database and opens it again; what was not committed is gone.
    pub fn reopen(&mut self) {
        if let Some((connection, database)) = self.open.take() {
            drop(connection);
            database.close().expect("it closes");
        }
        let options = Database::options().synchronous_commit(false).memory_limit(64 << 20);
        let database = options.open(self.dir.path().join("one.rem")).expect("it opens");
        let connection = database.connect().expect("a session");
        connection.execute("SET statement_timeout = '10s'", params![]).expect("a setting");
        self.open = Some((connection, database));
    }
}
