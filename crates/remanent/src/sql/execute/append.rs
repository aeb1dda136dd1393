//! The rows of several inputs, one input after the other.

use super::{Input, Operator, Run, pull};
use remanent_storage::Result;
use remanent_storage::value::Batch;

/// The rows of several inputs.
pub struct Append {
    /// Last one first.
    inputs: Vec<Input>,
}

impl Append {
    /// The rows of `inputs` in order.
    pub fn new(mut inputs: Vec<Input>) -> Self {
        inputs.reverse();
        Append { inputs }
    }
}

impl Operator for Append {
    fn next(&mut self, env: &Run<'_>) -> Result<Option<Batch>> {
        while let Some(input) = self.inputs.last_mut() {
            if let Some(batch) = pull(input, env)? {
                return Ok(Some(batch));
            }
            self.inputs.pop();
        }
        Ok(None)
    }
}
