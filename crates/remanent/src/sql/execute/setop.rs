//! INTERSECT and EXCEPT: the right rows are counted, the left ones stream past.

use super::grouping::Grouping;
use super::{Input, Operator, Report, Reservation, Run, pull};
use crate::sql::plan;
use remanent_storage::error::Result;
use remanent_storage::value::{Batch, Column, Type};

/// Left rows that the right side has, or has not.
pub struct SetOp {
    op: plan::SetOp,
    all: bool,
    left: Input,
    /// None once it is counted.
    right: Option<Input>,
    rows: Grouping,
    /// For each distinct row: how many more left rows the right ones meet.
    counts: Vec<u64>,
    /// For each distinct row, without ALL: whether it came out, or cannot any more.
    spent: Vec<bool>,
    memory: Reservation,
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
            rows: Grouping::new(types),
            counts: Vec::new(),
            spent: Vec::new(),
            memory: env.context.memory.reserve(),
        }
    }

    fn number(&mut self, batch: &Batch) -> Result<Vec<u32>> {
        let mut numbers = Vec::new();
        let values = batch.columns.iter().map(Column::loaded).collect::<Result<Vec<_>>>()?;
        self.rows.insert(&values, batch.rows, &mut numbers)?;
        self.counts.resize(self.rows.len(), 0);
        self.spent.resize(self.rows.len(), false);
        self.memory.hold(self.rows.memory() + self.counts.capacity() * 9)?;
        Ok(numbers)
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
        if let Some(mut right) = self.right.take() {
            while let Some(batch) = pull(&mut right, env)? {
                for number in self.number(&batch.compact())? {
                    self.counts[number as usize] += 1;
                }
            }
        }
        while let Some(batch) = pull(&mut self.left, env)? {
            let mut batch = batch.compact();
            let numbers = self.number(&batch)?;
            let kept: Vec<u32> =
                (0..batch.rows as u32).filter(|&row| self.passes(numbers[row as usize] as usize)).collect();
            if !kept.is_empty() {
                batch.selection = (kept.len() < batch.rows).then(|| kept.into());
                return Ok(Some(batch));
            }
        }
        Ok(None)
    }

    fn report(&self) -> Report {
        Report { memory: self.memory.peak(), ..Report::default() }
    }
}
