//! Computed columns. Where all are plain columns of the input, they are handed on with its selection.

use super::gather::Feed;
use super::limit::slice;
use super::{Input, Operator, Run, pull};
use crate::sql::expr::Expr;
use crate::sql::functions::sequence;
use remanent_storage::Result;
use remanent_storage::value::{Batch, Column, ColumnBuilder};

/// Computed columns.
pub struct Project {
    input: Input,
    exprs: Vec<Expr>,
    /// The input's columns, where every expression is one.
    picks: Option<Vec<usize>>,
    /// What one expression says of a row depends on what others did for it: `nextval('s'), currval('s')`.
    by_rows: bool,
}

impl Project {
    /// One column an expression.
    pub fn new(input: Input, exprs: Vec<Expr>) -> Self {
        let pick = |expr: &Expr| match expr {
            Expr::Column { index, .. } => Some(*index),
            _ => None,
        };
        let picks = exprs.iter().map(pick).collect();
        let by_rows = sequence::depend(&exprs);
        Project { input, exprs, picks, by_rows }
    }
}

impl Project {
    /// All expressions for a row, then those for the next.
    fn one_by_one(&self, batch: &Batch, env: &Run<'_>) -> Result<Batch> {
        let mut columns: Vec<_> = self.exprs.iter().map(|expr| ColumnBuilder::new(expr.ty())).collect();
        for row in 0..batch.len() {
            let values = evaluate(&self.exprs, &slice(batch.clone(), row, 1), env)?;
            for (column, value) in columns.iter_mut().zip(&values) {
                column.push(&value.value(0))?;
            }
        }
        Ok(Batch::new(columns.into_iter().map(ColumnBuilder::finish).collect(), batch.len()))
    }
}

impl Operator for Project {
    fn next(&mut self, env: &Run<'_>) -> Result<Option<Batch>> {
        let Some(batch) = pull(&mut self.input, env)? else { return Ok(None) };
        if let Some(picks) = &self.picks {
            let columns: Option<Vec<Column>> = picks.iter().map(|&i| batch.columns.get(i).cloned()).collect();
            if let Some(columns) = columns {
                return Ok(Some(Batch { columns, rows: batch.rows, selection: batch.selection }));
            }
        }
        if self.by_rows && batch.len() > 1 {
            return self.one_by_one(&batch, env).map(Some);
        }
        let carried = self.exprs.iter().map(|expr| expr.carry(&batch, &env.eval()));
        Ok(Some(Batch::new(carried.collect::<Result<_>>()?, batch.len())))
    }

    fn prepare(&mut self, env: &Run<'_>) -> Result<bool> {
        self.input.prepare(env)
    }

    fn again(&self, feed: &Feed, env: &Run<'_>) -> Option<Input> {
        Some(Box::new(Project::new(self.input.again(feed, env)?, self.exprs.clone())))
    }
}

/// The values of several expressions for the selected rows.
pub fn evaluate(exprs: &[Expr], batch: &Batch, env: &Run<'_>) -> Result<Vec<Column>> {
    exprs.iter().map(|expr| expr.evaluate(batch, &env.eval())).collect()
}
