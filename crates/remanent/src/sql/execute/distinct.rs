//! DISTINCT: each distinct row once, as soon as it comes.

use super::grouping::Grouping;
use super::project::evaluate;
use super::{Input, Operator, Report, Reservation, Run, pull};
use crate::sql::expr::Expr;
use remanent_storage::Result;
use remanent_storage::value::{Batch, Column, Type};

/// Each distinct row once.
pub struct Distinct {
    input: Input,
    /// What rows agree in; None: all columns.
    keys: Option<Vec<Expr>>,
    seen: Grouping,
    groups: Vec<u32>,
    memory: Reservation,
}

impl Distinct {
    /// Each distinct row of an input whose columns have these types.
    pub fn new(input: Input, types: Vec<Type>, env: &Run<'_>) -> Self {
        let memory = env.context.memory.reserve();
        Distinct { input, keys: None, seen: Grouping::new(types), groups: Vec::new(), memory }
    }

    /// Of the rows that agree in these expressions, the first.
    pub fn on(input: Input, keys: Vec<Expr>, env: &Run<'_>) -> Self {
        let memory = env.context.memory.reserve();
        let seen = Grouping::new(keys.iter().map(Expr::ty));
        Distinct { input, keys: Some(keys), seen, groups: Vec::new(), memory }
    }
}

impl Operator for Distinct {
    fn next(&mut self, env: &Run<'_>) -> Result<Option<Batch>> {
        while let Some(batch) = pull(&mut self.input, env)? {
            let mut batch = batch.compact();
            let before = self.seen.len();
            match &self.keys {
                None => {
                    let values = batch.columns.iter().map(Column::loaded).collect::<Result<Vec<_>>>()?;
                    self.seen.insert(&values, batch.rows, &mut self.groups)?
                }
                Some(keys) => {
                    self.seen.insert(&evaluate(keys, &batch, env)?, batch.rows, &mut self.groups)?
                }
            }
            self.memory.hold(self.seen.memory())?;
            let new = first_rows(&self.groups, before);
            if new.is_empty() {
                continue;
            }
            if new.len() < batch.rows {
                batch.selection = Some(new.into());
            }
            return Ok(Some(batch));
        }
        Ok(None)
    }

    fn report(&self) -> Report {
        Report { memory: self.memory.peak(), ..Report::default() }
    }
}

/// The rows that began a group, where the groups below `before` are older. New groups are numbered as they come.
pub fn first_rows(groups: &[u32], before: usize) -> Vec<u32> {
    let mut next = before as u32;
    let mut rows = Vec::new();
    for (row, &group) in groups.iter().enumerate() {
        if group == next {
            rows.push(row as u32);
            next += 1;
        }
    }
    rows
}
