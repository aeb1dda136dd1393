//! GROUP BY and aggregate functions.
//!
//! Each batch's rows get the numbers of their groups; each aggregate's state is then fed whole columns with
//! those numbers beside them. Without GROUP BY there is one group and no number is made at all.

use super::distinct::first_rows;
use super::grouping::Grouping;
use super::limit::slice;
use super::project::evaluate;
use super::{Env, Input, Operator, Reservation, Rows, pull};
use crate::sql::expr::Expr;
use crate::sql::functions::aggregate::Accumulator;
use crate::sql::plan::AggregateCall;
use remanent_storage::Result;
use remanent_storage::value::column::BATCH_ROWS;
use remanent_storage::value::{Batch, Column, ColumnData, Type};

/// One row a group: the grouping expressions, then the aggregates.
pub struct HashAggregate {
    /// None once it is drained.
    input: Option<Input>,
    group: Vec<Expr>,
    calls: Vec<Call>,
    groups: Groups,
    memory: Reservation,
    output: Option<Batch>,
    at: usize,
}

/// One aggregate and its state.
struct Call {
    args: Vec<Expr>,
    filter: Option<Expr>,
    /// For DISTINCT: the pairs of group and arguments seen so far.
    seen: Option<Grouping>,
    state: Box<dyn Accumulator>,
}

impl HashAggregate {
    /// Groups of the input's rows.
    pub fn new(input: Input, group: &[Expr], aggregates: &[AggregateCall], env: &Env) -> Self {
        let call = |call: &AggregateCall| {
            let args = call.aggregate.args.clone();
            let types = std::iter::once(Type::Int4).chain(args.iter().map(Expr::ty));
            let seen = call.distinct.then(|| Grouping::new(types));
            Call { args, filter: call.filter.clone(), seen, state: call.aggregate.accumulator() }
        };
        HashAggregate {
            input: Some(input),
            group: group.to_vec(),
            calls: aggregates.iter().map(call).collect(),
            groups: Groups::new(group.iter().map(Expr::ty).collect()),
            memory: env.context.memory.reserve(),
            output: None,
            at: 0,
        }
    }

    fn consume(&mut self, mut input: Input, env: &Env) -> Result<()> {
        let grouped = !self.group.is_empty();
        if !grouped {
            self.calls.iter_mut().for_each(|call| call.state.resize(1));
        }
        let mut numbers = Vec::new();
        while let Some(batch) = pull(&mut input, env)? {
            if grouped {
                let keys = evaluate(&self.group, &batch, env)?;
                self.groups.number(&keys, batch.len(), &mut numbers)?;
            }
            for call in &mut self.calls {
                if grouped {
                    call.state.resize(self.groups.len());
                }
                call.feed(&batch, grouped.then_some(&numbers[..]), env)?;
            }
            let states: usize = self.calls.iter().map(Call::memory).sum();
            self.memory.hold(states + self.groups.memory())?;
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<Batch> {
        let rows = if self.group.is_empty() { 1 } else { self.groups.len() };
        let mut columns = self.groups.take_keys();
        for call in &mut self.calls {
            columns.push(call.state.finish()?);
        }
        Ok(Batch::new(columns, rows))
    }
}

impl Operator for HashAggregate {
    fn next(&mut self, env: &Env) -> Result<Option<Batch>> {
        if let Some(input) = self.input.take() {
            self.consume(input, env)?;
            self.output = Some(self.finish()?);
        }
        let Some(output) = &self.output else { return Ok(None) };
        let len = (output.rows - self.at).min(BATCH_ROWS);
        if len == 0 {
            self.output = None;
            return Ok(None);
        }
        let part = slice(output.clone(), self.at, len);
        self.at += len;
        Ok(Some(part))
    }
}

impl Call {
    /// Adds the selected rows of a batch; `groups` has one number for each, None: all are group 0.
    fn feed(&mut self, batch: &Batch, groups: Option<&[u32]>, env: &Env) -> Result<()> {
        if self.filter.is_none() && self.seen.is_none() {
            let args = evaluate(&self.args, batch, env)?;
            return self.state.update(groups, &args, batch.len());
        }
        let mut batch = batch.compact();
        let mut chosen: Option<Vec<u32>> = groups.map(<[u32]>::to_vec);
        let narrow = |numbers: &mut Option<Vec<u32>>, rows: &[u32]| {
            if let Some(numbers) = numbers {
                *numbers = rows.iter().map(|&row| numbers[row as usize]).collect();
            }
        };
        if let Some(filter) = &self.filter {
            let rows = filter.filter(&batch, &env.eval())?;
            narrow(&mut chosen, &rows);
            batch.selection = Some(rows);
        }
        let mut args = evaluate(&self.args, &batch, env)?;
        let mut rows = batch.len();
        if let Some(seen) = &mut self.seen {
            let before = seen.len();
            let group: Vec<i32> = match &chosen {
                Some(numbers) => numbers.iter().map(|&n| n as i32).collect(),
                None => vec![0; rows],
            };
            let mut keys = vec![Column::flat(Type::Int4, ColumnData::I32(group.into()), None)];
            keys.extend(args.iter().cloned());
            let mut pairs = Vec::new();
            seen.insert(&keys, rows, &mut pairs)?;
            let new = first_rows(&pairs, before);
            narrow(&mut chosen, &new);
            args = args.iter().map(|column| column.gather(&new)).collect();
            rows = new.len();
        }
        self.state.update(chosen.as_deref(), &args, rows)
    }

    fn memory(&self) -> usize {
        self.state.memory() + self.seen.as_ref().map_or(0, Grouping::memory)
    }
}

/// The groups found so far and their keys.
struct Groups {
    grouping: Grouping,
    keys: Rows,
}

impl Groups {
    fn new(types: Vec<Type>) -> Self {
        Groups { grouping: Grouping::new(types.iter().copied()), keys: Rows::new(types) }
    }

    fn len(&self) -> usize {
        self.keys.len
    }

    fn memory(&self) -> usize {
        self.grouping.memory() + self.keys.memory()
    }

    fn take_keys(&mut self) -> Vec<Column> {
        std::mem::replace(&mut self.keys, Rows::new([])).finish()
    }

    /// The number of each row's group; `numbers` is overwritten.
    fn number(&mut self, keys: &[Column], rows: usize, numbers: &mut Vec<u32>) -> Result<()> {
        let before = self.grouping.len();
        self.grouping.insert(keys, rows, numbers)?;
        if self.grouping.len() > before {
            self.keys.append(keys, rows, Some(&first_rows(numbers, before)));
        }
        Ok(())
    }
}
