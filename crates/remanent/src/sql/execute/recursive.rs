//! WITH RECURSIVE: the first rows, then round by round what the step makes of the rows of the round before.

use super::grouping::Grouping;
use super::laid::Laid;
use super::{Input, Operator, Reservation, Run, distinct::first_rows, open, pull};
use crate::sql::plan::Plan;
use remanent_storage::error::Result;
use remanent_storage::value::{Batch, Column, Type};
use std::sync::Arc;

/// A recursive query on its way.
pub struct Recursive {
    /// The number by which the step reads the round before.
    id: usize,
    /// The round that is being computed.
    input: Option<Input>,
    step: Arc<Plan>,
    /// UNION: the rows that came so far.
    seen: Option<Grouping>,
    /// The new rows of this round.
    round: Laid,
    memory: Reservation,
}

impl Recursive {
    /// The rows of `first`, and what `step` makes of them; with `distinct` each row once.
    pub fn new(
        id: usize,
        first: Input,
        step: &Plan,
        distinct: bool,
        types: Vec<Type>,
        env: &Run<'_>,
    ) -> Self {
        Recursive {
            id,
            input: Some(first),
            step: Arc::new(step.clone()),
            seen: distinct.then(|| Grouping::new(types)),
            round: Laid::default(),
            memory: env.context.memory.reserve(),
        }
    }
}

impl Operator for Recursive {
    fn next(&mut self, env: &Run<'_>) -> Result<Option<Batch>> {
        loop {
            let Some(input) = &mut self.input else { return Ok(None) };
            if let Some(batch) = pull(input, env)? {
                let mut batch = batch.compact();
                if let Some(seen) = &mut self.seen {
                    let (before, mut numbers) = (seen.len(), Vec::new());
                    let values = batch.columns.iter().map(Column::loaded).collect::<Result<Vec<_>>>()?;
                    seen.insert(&values, batch.rows, &mut numbers)?;
                    let new = first_rows(&numbers, before);
                    if new.is_empty() {
                        continue;
                    }
                    batch.selection = (new.len() < batch.rows).then(|| new.into());
                    batch = batch.compact();
                    self.memory.hold(seen.memory())?;
                }
                self.round.push(batch.clone(), env)?;
                return Ok(Some(batch));
            }
            let round = std::mem::take(&mut self.round);
            if round.is_empty() {
                self.input = None;
                return Ok(None);
            }
            env.shared.known(self.id, round);
            self.input = Some(open(&self.step, env)?);
        }
    }
}
