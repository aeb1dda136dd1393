//! Rows that wait for their INSERT, and which of them it was that failed.
//!
//! An INSERT of many rows says what is wrong, not of which row. Where one fails, halves of it are tried in the same
//! transaction until the first bad row stands alone: twelve tries at most, and none where all is well. Where bad rows are
//! skipped, what is left of both halves stays.

use crate::sql::bind::BoundCopy;
use crate::sql::execute::write::{write as write_plan, write_some};
use crate::sql::execute::{Context, Env};
use remanent_storage::error::{Error, Result};
use remanent_storage::txn::Txn;
use remanent_storage::value::column::BATCH_ROWS;
use remanent_storage::value::{Batch, ColumnBuilder, Type};
use std::sync::Arc;

/// Rows of so many bytes are handed on, however few they are.
const BATCH_BYTES: usize = 4 << 20;

/// The rows of the next INSERT.
pub struct Load {
    types: Vec<Type>,
    pub builders: Vec<ColumnBuilder>,
    /// Of each row: its line, and where in `raw` its text ends.
    lines: Vec<(u64, usize)>,
    raw: Vec<u8>,
    /// Where the snapshot is too old for a row, a new one may be taken.
    again: bool,
}

/// A row that cannot be inserted.
pub struct Bad {
    /// The number of its line.
    pub line: u64,
    /// The line.
    pub text: Vec<u8>,
    /// Why.
    pub error: Error,
}

impl Load {
    /// For rows of these types.
    pub fn new(types: Vec<Type>, again: bool) -> Self {
        let builders = types.iter().map(|&ty| ColumnBuilder::with_capacity(ty, BATCH_ROWS)).collect();
        Load { types, builders, lines: Vec::new(), raw: Vec::new(), again }
    }

    /// A value was added to each builder: that was a row.
    pub fn row(&mut self, line: u64, text: &[u8]) {
        self.raw.extend_from_slice(text);
        self.lines.push((line, self.raw.len()));
    }

    /// What builders hold of a row that failed half way goes.
    pub fn undo(&mut self) {
        let rows = self.lines.len();
        self.builders.iter_mut().for_each(|builder| builder.truncate(rows));
    }

    /// The line of the first row that waits.
    pub fn first(&self) -> Option<u64> {
        self.lines.first().map(|(line, _)| *line)
    }

    /// True if it is time to write them.
    pub fn is_full(&self) -> bool {
        self.lines.len() == BATCH_ROWS || self.raw.len() >= BATCH_BYTES
    }

    /// Inserts the rows; how many were. Without `skip` the first bad row undoes all of them; with it bad rows are left out and
    /// told in their order.
    pub fn write(
        &mut self,
        bound: &BoundCopy,
        txn: &mut Txn,
        context: &Context,
        skip: Option<&mut Vec<Bad>>,
    ) -> std::result::Result<u64, Bad> {
        let rows = self.lines.len();
        let fresh = |(b, &ty): (&mut ColumnBuilder, &Type)| {
            std::mem::replace(b, ColumnBuilder::with_capacity(ty, BATCH_ROWS)).finish()
        };
        let columns = self.builders.iter_mut().zip(&self.types).map(fresh).collect();
        let batch = Batch::new(columns, rows);
        // A row that is put aside must be known now; otherwise its parent may come with a later batch.
        let (again, whole) = (self.again, skip.is_some());
        let insert = |from: usize, to: usize, txn: &mut Txn| match rows {
            0 => Ok(0),
            _ => insert(bound, batch.slice(from, to - from), txn, context, (again, whole)),
        };
        let done = match skip {
            None => self.all(rows, txn, &insert),
            Some(bad) => self.good(rows, txn, &insert, bad),
        };
        self.lines.clear();
        self.raw.clear();
        done
    }

    fn all(&self, rows: usize, txn: &mut Txn, insert: &Insert<'_>) -> std::result::Result<u64, Bad> {
        let before = txn.savepoint();
        let mut error = match insert(0, rows, txn) {
            Ok(affected) => return Ok(affected),
            Err(error) => error,
        };
        // The shortest beginning of the batch that fails ends with the first bad row.
        let (mut good, mut bad) = (0, rows);
        while is_of_a_row(&error) && bad - good > 1 {
            let middle = good + (bad - good) / 2;
            txn.rollback_to(&before);
            match insert(0, middle, txn) {
                Ok(_) => good = middle,
                Err(e) => (bad, error) = (middle, e),
            }
        }
        Err(self.bad(good, error))
    }

    fn good(
        &self,
        rows: usize,
        txn: &mut Txn,
        insert: &Insert<'_>,
        bad: &mut Vec<Bad>,
    ) -> std::result::Result<u64, Bad> {
        let mut affected = 0;
        let mut todo = vec![(0, rows)];
        while let Some((from, to)) = todo.pop() {
            let before = txn.savepoint();
            match insert(from, to, txn) {
                Ok(rows) => affected += rows,
                Err(error) if !is_of_a_row(&error) => return Err(self.bad(from, error)),
                Err(error) => {
                    txn.rollback_to(&before);
                    match to - from {
                        ..=1 => bad.push(self.bad(from, error)),
                        rows => todo.extend([(from + rows / 2, to), (from, from + rows / 2)]),
                    }
                }
            }
        }
        Ok(affected)
    }

    fn bad(&self, row: usize, error: Error) -> Bad {
        let start = row.checked_sub(1).and_then(|i| self.lines.get(i)).map_or(0, |(_, end)| *end);
        let (line, end) = self.lines.get(row).copied().unwrap_or_default();
        let text = self.raw.get(start..end).unwrap_or_default().to_vec();
        Bad { line, text, error }
    }
}

/// Inserts the rows from one to before another.
type Insert<'a> = dyn Fn(usize, usize, &mut Txn) -> Result<u64> + 'a;

/// `whole`: nothing follows that the rows could wait for.
fn insert(
    bound: &BoundCopy,
    batch: Batch,
    txn: &mut Txn,
    context: &Context,
    (again, whole): (bool, bool),
) -> Result<u64> {
    let Some((plan, given)) = &bound.insert else {
        return Err(Error::internal("COPY FROM without a table"));
    };
    loop {
        let before = txn.savepoint();
        given.put(batch.clone());
        let mut env = Env::new(context.clone(), Vec::new(), None);
        env.catalog = Some(Arc::clone(txn.catalog()));
        let write = if whole { write_plan } else { write_some };
        match write(plan, txn, &env) {
            // A key was deleted since the snapshot, which nothing here depends on.
            Err(error) if again && error.is_restart() => {
                context.interrupt.check()?;
                txn.rollback_to(&before);
                txn.begin_statement();
            }
            done => return Ok(done?.affected),
        }
    }
}

/// True for errors of data and of constraints: it is a row that is wrong, not the world.
pub fn is_of_a_row(error: &Error) -> bool {
    let code = error.code();
    !error.is_restart() && ["22", "23", "54"].iter().any(|class| code.starts_with(class))
}
