//! INTERSECT and EXCEPT: the right rows are counted, the left ones stream past.
//!
//! Where memory is short no more distinct rows are begun: rows unlike all that are known are laid down by their values, left and
//! right ones, and looked at afterwards, part by part ([`super::partition`]).

use super::aggregate::parted;
use super::grouping::Grouping;
use super::partition::{Nothing, Partitions};
use super::{Input, Operator, Report, Reservation, Run, pull};
use crate::sql::expr::Expr;
use crate::sql::plan;
use remanent_kernels::table::MISSING;
use remanent_storage::error::Result;
use remanent_storage::value::{Batch, Column, Type};

/// Left rows that the right side has, or has not.
pub struct SetOp {
    op: plan::SetOp,
    all: bool,
    types: Vec<Type>,
    left: Input,
    /// None once it is counted.
    right: Option<Input>,
    rows: Grouping,
    /// For each distinct row: how many more left rows the right ones meet.
    counts: Vec<u64>,
    /// For each distinct row, without ALL: whether it came out, or cannot any more.
    spent: Vec<bool>,
    memory: Reservation,
    /// The right and the left rows unlike all that are known, from where on memory was short.
    rest: Option<[Partitions; 2]>,
    /// How often the rows at hand were parted.
    level: u32,
    /// Right and left rows yet to be looked at, and how often they were parted.
    pending: Vec<(Input, Input, u32)>,
    spilled: u64,
}

impl SetOp {
    /// Both inputs have columns of these types.
    pub fn new(
        op: plan::SetOp,
        all: bool,
        left: Input,
        right: Input,
        types: Vec<Type>,
        env: &Run<'_>,
    ) -> Self {
        SetOp {
            op,
            all,
            left,
            right: Some(right),
            rows: Grouping::new(types.iter().copied()),
            types,
            counts: Vec::new(),
            spent: Vec::new(),
            memory: env.context.memory.reserve(),
            rest: None,
            level: 0,
            pending: Vec::new(),
            spilled: 0,
        }
    }

    /// The rows that have a number, and those; the others are laid down by side: 0 the right one, 1 the left one.
    fn number(&mut self, batch: &Batch, side: usize, env: &Run<'_>) -> Result<(Batch, Vec<u32>)> {
        let mut batch = batch.compact();
        let mut numbers = Vec::new();
        batch.columns = batch.columns.iter().map(Column::loaded).collect::<Result<Vec<_>>>()?;
        if let Some(rest) = &mut self.rest {
            self.rows.find(&batch.columns, batch.rows, &mut numbers)?;
            let (known, others) = parted(&batch, &numbers);
            rest[side].add(&others, env)?;
            numbers.retain(|&number| number != MISSING);
            return Ok((known.compact(), numbers));
        }
        self.rows.insert(&batch.columns, batch.rows, &mut numbers)?;
        self.counts.resize(self.rows.len(), 0);
        self.spent.resize(self.rows.len(), false);
        let held = self.rows.memory() + self.counts.capacity() * 9;
        if let Err(full) = self.memory.hold(held) {
            let exprs: Vec<Expr> = (0..).zip(&self.types).map(|(i, &ty)| Expr::column(i, ty)).collect();
            let part = || Partitions::new(exprs.clone(), self.types.clone(), self.level, full.clone(), env);
            self.rest = Some([part()?, part()?]);
            self.memory.exceed(held);
        }
        Ok((batch, numbers))
    }

    /// The next rows that come out, of the rows at hand.
    fn some(&mut self, env: &Run<'_>) -> Result<Option<Batch>> {
        if let Some(mut right) = self.right.take() {
            while let Some(batch) = pull(&mut right, env)? {
                for number in self.number(&batch, 0, env)?.1 {
                    self.counts[number as usize] += 1;
                }
            }
        }
        while let Some(batch) = pull(&mut self.left, env)? {
            let (mut batch, numbers) = self.number(&batch, 1, env)?;
            let kept: Vec<u32> =
                (0..batch.rows as u32).filter(|&row| self.passes(numbers[row as usize] as usize)).collect();
            if !kept.is_empty() {
                batch.selection = (kept.len() < batch.rows).then(|| kept.into());
                return Ok(Some(batch));
            }
        }
        Ok(None)
    }

    /// True if a left row with this number comes out.
    fn passes(&mut self, number: usize) -> bool {
        let met = self.counts[number] > 0;
        match self.all {
            true => {
                self.counts[number] -= u64::from(met);
                met == (self.op == plan::SetOp::Intersect)
            }
            false => {
                let new = !std::mem::replace(&mut self.spent[number], true);
                new && met == (self.op == plan::SetOp::Intersect)
            }
        }
    }
}

impl Operator for SetOp {
    fn next(&mut self, env: &Run<'_>) -> Result<Option<Batch>> {
        loop {
            if let Some(batch) = self.some(env)? {
                return Ok(Some(batch));
            }
            if let Some([right, left]) = self.rest.take() {
                self.spilled += right.bytes + left.bytes;
                let level = self.level + 1;
                for (right, left) in right.finish(env)?.into_iter().zip(left.finish(env)?) {
                    // Without a left row nothing comes out.
                    let right = right.unwrap_or_else(|| Box::new(Nothing));
                    self.pending.extend(left.map(|left| (right, left, level)));
                }
            }
            let Some((right, left, level)) = self.pending.pop() else { return Ok(None) };
            self.memory.hold(0)?;
            (self.right, self.left, self.level) = (Some(right), left, level);
            self.rows = Grouping::new(self.types.iter().copied());
            (self.counts, self.spent) = (Vec::new(), Vec::new());
        }
    }

    fn report(&self) -> Report {
        Report { memory: self.memory.peak(), spilled: self.spilled, ..Report::default() }
    }
}
