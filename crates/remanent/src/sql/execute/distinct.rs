//! DISTINCT: each distinct row once, as soon as it comes. Where memory is short, rows unlike all before are laid down by
//! their values and looked at afterwards, part by part. Where those of DISTINCT ON come in the order of their keys the last key is
//! kept.

use super::aggregate::parted;
use super::grouping::Grouping;
use super::partition::Partitions;
use super::project::evaluate;
use super::{Input, Operator, Report, Reservation, Run, pull};
use crate::sql::expr::Expr;
use remanent_storage::Result;
use remanent_storage::value::{Batch, Column, Type};

/// Each distinct row once.
pub struct Distinct {
    input: Input,
    /// The types of the columns.
    types: Vec<Type>,
    /// What rows agree in; None: all columns.
    keys: Option<Vec<Expr>>,
    /// Rows come in the order of these.
    sorted: bool,
    seen: Grouping,
    groups: Vec<u32>,
    memory: Reservation,
    /// Rows unlike all seen so far, from where on memory was short.
    rest: Option<Partitions>,
    /// How often the rows at hand were parted.
    level: u32,
    /// Rows yet to be seen, and how often they were parted.
    pending: Vec<(Input, u32)>,
    spilled: u64,
}

impl Distinct {
    /// Each distinct row of an input whose columns have these types.
    pub fn new(input: Input, types: Vec<Type>, env: &Run<'_>) -> Self {
        let seen = Grouping::new(types.iter().copied());
        Distinct::of(input, types, None, seen, env)
    }

    /// Of the rows that agree in these expressions, the first; `sorted` says that they come in the order of these.
    pub fn on(input: Input, keys: Vec<Expr>, sorted: bool, env: &Run<'_>) -> Self {
        let seen = Grouping::new(keys.iter().map(Expr::ty));
        Distinct { sorted, ..Distinct::of(input, Vec::new(), Some(keys), seen, env) }
    }

    fn of(input: Input, types: Vec<Type>, keys: Option<Vec<Expr>>, seen: Grouping, env: &Run<'_>) -> Self {
        let memory = env.context.memory.reserve();
        let (groups, pending) = (Vec::new(), Vec::new());
        Distinct {
            input,
            types,
            keys,
            sorted: false,
            seen,
            groups,
            memory,
            rest: None,
            level: 0,
            pending,
            spilled: 0,
        }
    }

    /// The next rows unlike all before them, of the rows at hand.
    fn new_rows(&mut self, env: &Run<'_>) -> Result<Option<Batch>> {
        while let Some(batch) = pull(&mut self.input, env)? {
            let mut batch = batch.compact();
            let before = self.seen.len();
            let values = match &self.keys {
                None => batch.columns.iter().map(Column::loaded).collect::<Result<Vec<_>>>()?,
                Some(keys) => evaluate(keys, &batch, env)?,
            };
            if let Some(rest) = &mut self.rest {
                self.seen.find(&values, batch.rows, &mut self.groups)?;
                rest.add(&parted(&batch, &self.groups).1, env)?;
                continue;
            }
            self.seen.insert(&values, batch.rows, &mut self.groups)?;
            let new = first_rows(&self.groups, before);
            let full = self.memory.hold(self.seen.memory());
            if let (Err(_), Some(keys), true) = (&full, &self.keys, self.sorted) {
                // The last one is all that may come again.
                self.seen = Grouping::new(keys.iter().map(Expr::ty));
                let last: Vec<Column> = values.iter().map(|column| column.slice(batch.rows - 1, 1)).collect();
                self.seen.insert(&last, 1, &mut self.groups)?;
                self.memory.exceed(self.seen.memory());
            } else if let Err(full) = full {
                let all = |(i, &ty): (usize, &Type)| Expr::column(i, ty);
                let exprs = self.types.iter().enumerate().map(all).collect();
                self.rest = Some(Partitions::new(exprs, self.types.clone(), self.level, full, env)?);
                self.memory.exceed(self.seen.memory());
            }
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
}

impl Operator for Distinct {
    fn next(&mut self, env: &Run<'_>) -> Result<Option<Batch>> {
        loop {
            if let Some(batch) = self.new_rows(env)? {
                return Ok(Some(batch));
            }
            if let Some(rest) = self.rest.take() {
                let level = self.level + 1;
                self.spilled += rest.bytes;
                self.pending.extend(rest.finish(env)?.into_iter().flatten().map(|part| (part, level)));
            }
            let Some((part, level)) = self.pending.pop() else { return Ok(None) };
            self.memory.hold(0)?;
            (self.input, self.level) = (part, level);
            self.seen = Grouping::new(self.types.iter().copied());
        }
    }

    fn report(&self) -> Report {
        Report { memory: self.memory.peak(), spilled: self.spilled, ..Report::default() }
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
