//! LIMIT and OFFSET.

use super::{Env, Input, Operator, pull};
use crate::sql::expr::Expr;
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::{Batch, Value};

/// What LIMIT and OFFSET say: how many rows (None: all) and how many are skipped.
pub fn bounds(limit: Option<&Expr>, offset: Option<&Expr>, env: &Env) -> Result<(Option<usize>, usize)> {
    let count =
        |expr: Option<&Expr>, code, name: &str| match expr.map(|e| e.value(&env.eval())).transpose()? {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Int8(n)) => match usize::try_from(n) {
                Ok(n) => Ok(Some(n)),
                Err(_) => Err(Error::new(code, format!("{name} must not be negative"))),
            },
            Some(_) => Err(Error::internal("a row count is not a bigint")),
        };
    let limit = count(limit, state::INVALID_ROW_COUNT_IN_LIMIT, "LIMIT")?;
    let offset = count(offset, state::INVALID_ROW_COUNT_IN_OFFSET, "OFFSET")?;
    Ok((limit, offset.unwrap_or(0)))
}

/// Some of the rows.
pub struct Limit {
    input: Input,
    left: usize,
    skip: usize,
}

impl Limit {
    /// At most `limit` rows after the first `offset`.
    pub fn new(input: Input, limit: Option<usize>, offset: usize) -> Self {
        Limit { input, left: limit.unwrap_or(usize::MAX), skip: offset }
    }
}

impl Operator for Limit {
    fn next(&mut self, env: &Env) -> Result<Option<Batch>> {
        while self.left > 0 {
            let Some(batch) = pull(&mut self.input, env)? else { return Ok(None) };
            let rows = batch.len();
            if self.skip >= rows {
                self.skip -= rows;
                continue;
            }
            let take = (rows - self.skip).min(self.left);
            let part = slice(batch, self.skip, take);
            self.skip = 0;
            self.left -= take;
            return Ok(Some(part));
        }
        Ok(None)
    }
}

/// `len` of the rows that count, from the `start`th on.
pub fn slice(batch: Batch, start: usize, len: usize) -> Batch {
    match &batch.selection {
        _ if start == 0 && len == batch.len() => batch,
        Some(selection) => {
            let selection = Some(selection.slice(start, len));
            Batch { columns: batch.columns, rows: batch.rows, selection }
        }
        None => Batch::new(batch.columns.iter().map(|column| column.slice(start, len)).collect(), len),
    }
}
