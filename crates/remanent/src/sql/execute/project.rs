//! Computed columns. Where all are plain columns of the input, they are handed on with its selection.

use super::gather::Feed;
use super::{Input, Operator, Run, pull};
use crate::sql::expr::Expr;
use remanent_storage::Result;
use remanent_storage::value::{Batch, Column};

/// Computed columns.
pub struct Project {
    input: Input,
    exprs: Vec<Expr>,
    /// The input's columns, where every expression is one.
    picks: Option<Vec<usize>>,
}

impl Project {
    /// One column an expression.
    pub fn new(input: Input, exprs: Vec<Expr>) -> Self {
        let pick = |expr: &Expr| match expr {
            Expr::Column { index, .. } => Some(*index),
            _ => None,
        };
        let picks = exprs.iter().map(pick).collect();
        Project { input, exprs, picks }
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
