//! Answers: rows one by one, or batches of columns.
//!
//! [`Rows`] owns all it reads from: it does not borrow its connection, and sees the database as it was when the
//! statement began, however long it takes to read. What it still has to read keeps old rows on disk and in memory
//! until it is read to its end or dropped.

use crate::session::Signals;
use crate::sql::{Execution, ResultColumn};
use crate::{Batch, BlobReader, Column, Error, FromValue, Result, Type, Value};
use remanent_storage::error::{SqlState, state};
use remanent_storage::value::Zone;
use std::sync::Arc;

const NO_DATA_FOUND: SqlState = SqlState("P0002");
const TOO_MANY_ROWS: SqlState = SqlState("P0003");

/// The rows of an answer, read as they are asked for. An error ends them.
pub struct Rows {
    columns: Arc<[ResultColumn]>,
    source: Source,
    affected: u64,
    /// The transaction that an error here makes fail.
    block: Option<(Arc<Signals>, u64)>,
    /// The session's time zone when the statement began.
    zone: Zone,
}

enum Source {
    Running {
        execution: Box<Execution>,
        /// The batch at hand, and which of its rows comes next.
        batch: Option<(Batch, usize)>,
    },
    /// The row of a read by key, or what a statement without a plan answers.
    Ready(std::vec::IntoIter<Vec<Value>>),
    /// A read by key that found one row; apart from `Ready`, to save the vector.
    One(Vec<Value>),
    Done,
}

impl Rows {
    pub(crate) fn running(
        columns: Arc<[ResultColumn]>,
        execution: Execution,
        block: Option<(Arc<Signals>, u64)>,
    ) -> Self {
        let affected = execution.affected();
        let source = match columns.is_empty() && affected > 0 {
            true => Source::Done,
            false => Source::Running { execution: Box::new(execution), batch: None },
        };
        Rows { columns, source, affected, block, zone: Zone::UTC }
    }

    pub(crate) fn one(columns: Arc<[ResultColumn]>, row: Option<Vec<Value>>) -> Self {
        let source = row.map_or(Source::Done, Source::One);
        Rows { columns, source, affected: 0, block: None, zone: Zone::UTC }
    }

    pub(crate) fn ready(columns: Arc<[ResultColumn]>, rows: Vec<Vec<Value>>) -> Self {
        Rows { columns, source: Source::Ready(rows.into_iter()), affected: 0, block: None, zone: Zone::UTC }
    }

    /// Of a statement that wrote one row, or would have.
    pub(crate) fn wrote(columns: &Arc<[ResultColumn]>, affected: u64) -> Self {
        let columns = Arc::clone(columns);
        Rows { columns, source: Source::Done, affected, block: None, zone: Zone::UTC }
    }

    /// Of a statement that wrote or read so many rows and returns none.
    pub(crate) fn written(affected: u64) -> Self {
        Rows { affected, ..Rows::none() }
    }

    /// The same rows of a session in a time zone.
    pub(crate) fn in_zone(self, zone: &Zone) -> Self {
        Rows { zone: zone.clone(), ..self }
    }

    /// The time zone of the session that asked: who prints moments as PostgreSQL does prints them with
    /// [`Value::text_in`] in it.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    pub(crate) fn none() -> Self {
        Rows { columns: Arc::new([]), source: Source::Done, affected: 0, block: None, zone: Zone::UTC }
    }

    /// The columns' names and types; empty for a statement that returns no rows.
    pub fn columns(&self) -> &[ResultColumn] {
        &self.columns
    }

    /// How many rows the statement inserted, updated or deleted.
    pub fn affected(&self) -> u64 {
        self.affected
    }

    /// The rows in columns: batches of at most 2,048 rows, without a selection. Faster than row by row. Large values are
    /// in memory, a few MB of them a batch: to read them piece by piece, go row by row.
    pub fn batches(self) -> Batches {
        Batches { rows: self }
    }

    /// Reads to the end; how many rows were written.
    pub(crate) fn finish(mut self) -> Result<u64> {
        while self.next_batch()?.is_some() {}
        Ok(self.affected)
    }

    /// The only row.
    pub(crate) fn only(mut self) -> Result<Row> {
        let Some(row) = self.next() else {
            return Err(Error::new(NO_DATA_FOUND, "query returned no rows"));
        };
        let row = row?;
        match self.next() {
            None => Ok(row),
            Some(Err(error)) => Err(error),
            Some(Ok(_)) => Err(Error::new(TOO_MANY_ROWS, "query returned more than one row")
                .with_hint("Make sure the query returns a single row, or use LIMIT 1.")),
        }
    }

    /// The next batch that was not begun.
    fn next_batch(&mut self) -> Result<Option<Batch>> {
        let values = match std::mem::replace(&mut self.source, Source::Done) {
            Source::Running { mut execution, batch } => {
                if let Some((batch, next)) = batch
                    && next < batch.len()
                {
                    self.source = Source::Running { execution, batch: None };
                    let batch = batch.compact();
                    return Ok(Some(batch.slice(next, batch.rows - next)));
                }
                let pulled = self.watch(execution.next())?;
                if pulled.is_some() {
                    self.source = Source::Running { execution, batch: None };
                }
                return Ok(pulled.map(|batch| batch.compact()));
            }
            Source::One(row) => vec![row],
            Source::Ready(rows) => rows.collect(),
            Source::Done => return Ok(None),
        };
        if values.is_empty() {
            return Ok(None);
        }
        let column = |(i, column): (usize, &ResultColumn)| {
            Column::from_values(
                column.ty,
                values.iter().map(|row| row.get(i).cloned().unwrap_or(Value::Null)),
            )
        };
        let columns = self.columns.iter().enumerate().map(column).collect::<Result<Vec<_>>>()?;
        Ok(Some(Batch::new(columns, values.len())))
    }

    /// An error while reading makes the transaction fail that the statement is part of.
    fn watch<T>(&self, result: Result<T>) -> Result<T> {
        if let (Err(_), Some((signals, number))) = (&result, &self.block) {
            signals.fail(*number);
        }
        result
    }

    fn next_values(&mut self) -> Result<Option<Vec<Value>>> {
        match &mut self.source {
            Source::Done => return Ok(None),
            Source::Ready(rows) => return Ok(rows.next()),
            Source::One(_) => {}
            Source::Running { execution, batch } => loop {
                if let Some((batch, next)) = batch
                    && let Some(row) = row_of(batch, *next)
                {
                    *next += 1;
                    return Ok(Some(batch.columns.iter().map(|column| column.value(row)).collect()));
                }
                *batch = match execution.next() {
                    Ok(Some(pulled)) => Some((pulled, 0)),
                    end => {
                        self.source = Source::Done;
                        return self.watch(end).map(|_| None);
                    }
                };
            },
        }
        match std::mem::replace(&mut self.source, Source::Done) {
            Source::One(row) => Ok(Some(row)),
            _ => Ok(None),
        }
    }
}

/// Where the `n`th selected row of a batch is; None past the last.
fn row_of(batch: &Batch, n: usize) -> Option<usize> {
    match &batch.selection {
        Some(selection) => selection.get(n).map(|&row| row as usize),
        None => (n < batch.rows).then_some(n),
    }
}

impl Iterator for Rows {
    type Item = Result<Row>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.next_values() {
            Ok(values) => values.map(|values| Ok(Row { columns: Arc::clone(&self.columns), values })),
            Err(error) => Some(Err(error)),
        }
    }
}

impl std::fmt::Debug for Rows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rows").field("columns", &self.columns).finish_non_exhaustive()
    }
}

/// The rows of an answer in columns, see [`Rows::batches`].
#[derive(Debug)]
pub struct Batches {
    rows: Rows,
}

impl Batches {
    /// The columns' names and types.
    pub fn columns(&self) -> &[ResultColumn] {
        self.rows.columns()
    }
}

impl Iterator for Batches {
    type Item = Result<Batch>;

    fn next(&mut self) -> Option<Self::Item> {
        let load = |batch: Batch| {
            let columns = batch.columns.iter().map(Column::loaded).collect::<Result<_>>()?;
            Ok(Batch::new(columns, batch.rows))
        };
        self.rows.next_batch().and_then(|batch| batch.map(load).transpose()).transpose()
    }
}

/// One row of an answer.
#[derive(Debug, Clone)]
pub struct Row {
    columns: Arc<[ResultColumn]>,
    values: Vec<Value>,
}

impl Row {
    /// A column's value as a Rust type. Errors: 42703 there is no such column, 42804 it is of another type or NULL
    /// (read it as an Option), 22003 it does not fit.
    pub fn get<T: FromValue>(&self, column: impl RowIndex) -> Result<T> {
        let index = column.position(&self.columns)?;
        match self.values.get(index) {
            Some(value) => T::from_value(value),
            None => Err(no_column(index, self.values.len())),
        }
    }

    /// Reads a text or bytea piece by piece, however large it is; it can be read as long as the reader lives, whatever
    /// becomes of the row. Errors: 42703 there is no such column, 42804 it is of another type or NULL.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let db = remanent::Database::open(dir.path().join("robot.rem"))?;
    /// # let conn = db.connect()?;
    /// use remanent::{Blob, params};
    /// use std::io::Read;
    /// conn.execute("CREATE TABLE frames (id int PRIMARY KEY, frame bytea)", params![])?;
    /// let camera = std::io::repeat(7).take(1_000_000);
    /// conn.execute("INSERT INTO frames VALUES (1, $1)", params![Blob::from_reader(camera)])?;
    /// let row = conn.query_one("SELECT frame FROM frames WHERE id = 1", params![])?;
    /// let mut head = [0; 16];
    /// row.get_blob_reader("frame")?.read_exact(&mut head)?;
    /// assert_eq!(head, [7; 16]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn get_blob_reader(&self, column: impl RowIndex) -> Result<BlobReader> {
        let index = column.position(&self.columns)?;
        match self.values.get(index) {
            Some(Value::Blob(blob)) => blob.reader(),
            Some(Value::Bytea(bytes)) => Ok(BlobReader::of_bytes(bytes.clone())),
            Some(Value::Text(text)) => Ok(BlobReader::of_bytes(text.clone().into_bytes())),
            Some(other) => {
                let ty = other.type_of().map_or("NULL".to_owned(), |ty| format!("a value of type {ty}"));
                let message = format!("cannot read {ty} as bytes");
                Err(Error::new(state::DATATYPE_MISMATCH, message))
            }
            None => Err(no_column(index, self.values.len())),
        }
    }

    /// A column's value; a large one is a handle ([`Value::Blob`]), which [`Row::get`] and [`Value::loaded`] read. Panics
    /// where there is no such column, as indexing a slice does; [`Row::get`] does not.
    pub fn value(&self, column: usize) -> &Value {
        &self.values[column]
    }

    /// All values in order.
    pub fn values(&self) -> &[Value] {
        &self.values
    }

    /// All values in order.
    pub fn into_values(self) -> Vec<Value> {
        self.values
    }

    /// The columns' names and types.
    pub fn columns(&self) -> &[ResultColumn] {
        &self.columns
    }
}

fn no_column(index: usize, count: usize) -> Error {
    let message = format!("there is no column {index}: the row has {count}, counted from 0");
    Error::new(state::UNDEFINED_COLUMN, message)
}

/// What names a column of a row: its position from 0, or its name.
pub trait RowIndex {
    /// The column's position; 42703 where there is none.
    fn position(&self, columns: &[ResultColumn]) -> Result<usize>;
}

impl RowIndex for usize {
    fn position(&self, columns: &[ResultColumn]) -> Result<usize> {
        match *self < columns.len() {
            true => Ok(*self),
            false => Err(no_column(*self, columns.len())),
        }
    }
}

impl RowIndex for &str {
    fn position(&self, columns: &[ResultColumn]) -> Result<usize> {
        columns
            .iter()
            .position(|column| column.name == *self)
            .ok_or_else(|| Error::new(state::UNDEFINED_COLUMN, format!("column \"{self}\" does not exist")))
    }
}

impl ResultColumn {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its type.
    pub fn ty(&self) -> Type {
        self.ty
    }
}
