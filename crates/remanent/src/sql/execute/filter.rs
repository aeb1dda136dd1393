//! The rows for which a condition is true: narrows the selection, copies nothing.

use super::gather::Feed;
use super::{Input, Operator, Run, pull};
use crate::sql::expr::Expr;
use remanent_storage::Result;
use remanent_storage::value::Batch;

/// The rows for which a condition is true.
pub struct Filter {
    input: Input,
    predicate: Expr,
}

impl Filter {
    /// The rows of `input` for which `predicate` is true.
    pub fn new(input: Input, predicate: Expr) -> Self {
        Filter { input, predicate }
    }
}

impl Operator for Filter {
    fn next(&mut self, env: &Run<'_>) -> Result<Option<Batch>> {
        while let Some(mut batch) = pull(&mut self.input, env)? {
            let selection = self.predicate.filter(&batch, &env.eval())?;
            if selection.is_empty() {
                continue;
            }
            if selection.len() < batch.len() {
                batch.selection = Some(selection);
            }
            return Ok(Some(batch));
        }
        Ok(None)
    }

    fn prepare(&mut self, env: &Run<'_>) -> Result<bool> {
        self.input.prepare(env)
    }

    fn again(&self, feed: &Feed, env: &Run<'_>) -> Option<Input> {
        Some(Box::new(Filter::new(self.input.again(feed, env)?, self.predicate.clone())))
    }
}
