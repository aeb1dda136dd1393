//! LIMIT and OFFSET.

use super::grouping::Grouping;
use super::project::evaluate;
use super::{Input, Operator, Run, pull};
use crate::sql::expr::Expr;
use crate::sql::plan::SortKey;
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::{Batch, Value};

/// What LIMIT and OFFSET say: how many rows (None: all) and how many are skipped.
pub fn bounds(limit: Option<&Expr>, offset: Option<&Expr>, env: &Run<'_>) -> Result<(Option<usize>, usize)> {
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
    ties: Option<Ties>,
}

/// WITH TIES: by what rows are equal, and the key of the last row that came out within the limit.
struct Ties {
    exprs: Vec<Expr>,
    seen: Grouping,
    last: Option<u32>,
}

impl Limit {
    /// At most `limit` rows after the first `offset`.
    pub fn new(input: Input, limit: Option<usize>, offset: usize, ties: &[SortKey]) -> Self {
        let ties = (!ties.is_empty() && limit != Some(0)).then(|| Ties {
            exprs: ties.iter().map(|key| key.expr.clone()).collect(),
            seen: Grouping::new(ties.iter().map(|key| key.expr.ty())),
            last: None,
        });
        Limit { input, left: limit.unwrap_or(usize::MAX), skip: offset, ties }
    }

    /// Behind the limit: the rows that are equal to the last one within it.
    fn tied(&mut self, env: &Run<'_>) -> Result<Option<Batch>> {
        let Some(ties) = &mut self.ties else { return Ok(None) };
        let Some(batch) = pull(&mut self.input, env)? else {
            self.ties = None;
            return Ok(None);
        };
        let numbers = ties.number(&batch, env)?;
        let equal = numbers.iter().take_while(|number| Some(**number) == ties.last).count();
        if equal < batch.len() {
            self.ties = None;
        }
        Ok((equal > 0).then(|| slice(batch, 0, equal)))
    }
}

impl Ties {
    fn number(&mut self, batch: &Batch, env: &Run<'_>) -> Result<Vec<u32>> {
        let mut numbers = Vec::new();
        let keys = evaluate(&self.exprs, batch, env)?;
        self.seen.insert(&keys, batch.len(), &mut numbers)?;
        Ok(numbers)
    }
}

impl Operator for Limit {
    fn next(&mut self, env: &Run<'_>) -> Result<Option<Batch>> {
        while self.left > 0 {
            let Some(batch) = pull(&mut self.input, env)? else { return Ok(None) };
            let rows = batch.len();
            if self.skip >= rows {
                self.skip -= rows;
                continue;
            }
            let mut take = (rows - self.skip).min(self.left);
            if let Some(ties) = &mut self.ties
                && take == self.left
            {
                let numbers = ties.number(&batch, env)?;
                let last = numbers[self.skip + take - 1];
                ties.last = Some(last);
                let more = numbers[self.skip + take..].iter().take_while(|number| **number == last).count();
                self.left += more;
                take += more;
                if self.skip + take < rows {
                    self.ties = None;
                }
            }
            let part = slice(batch, self.skip, take);
            self.skip = 0;
            self.left -= take;
            return Ok(Some(part));
        }
        self.tied(env)
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
