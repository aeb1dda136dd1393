//! count, bool_and, bool_or, every.

use super::{Accumulator, AggregateFunction, Present, aggregate, column_of};
use crate::sql::functions::{ANY, BOOL};
use remanent_kernels::sums::grouped_count;
use remanent_storage::error::Result;
use remanent_storage::segment::Sum;
use remanent_storage::value::{Column, ColumnData, Type, Value};

pub(super) static AGGREGATES: &[AggregateFunction] = &[
    aggregate("count", &[(&[], Type::Int8), (&[ANY], Type::Int8)], |_, _| Box::new(Count(Vec::new()))),
    aggregate("bool_and", &[(&[BOOL], Type::Bool)], |_, _| logic(false)),
    aggregate("every", &[(&[BOOL], Type::Bool)], |_, _| logic(false)),
    aggregate("bool_or", &[(&[BOOL], Type::Bool)], |_, _| logic(true)),
];

struct Count(Vec<i64>);

impl Accumulator for Count {
    fn resize(&mut self, groups: usize) {
        self.0.resize(groups.max(self.0.len()), 0);
    }

    fn update(&mut self, groups: Option<&[u32]>, args: &[Column], rows: usize) -> Result<()> {
        let present = Present::of(args, rows);
        match (&present, groups) {
            (Present::All, None) => self.0[0] += rows as i64,
            (Present::Some(valid), None) => self.0[0] += valid.count_ones() as i64,
            (Present::All, Some(groups)) => grouped_count(groups, &mut self.0),
            _ => present.each(groups, rows, &mut |_, group| {
                self.0[group] += 1;
                Ok(())
            })?,
        }
        Ok(())
    }

    fn add(&mut self, group: usize, count: i64, _: Option<(Sum, u8)>) -> Result<()> {
        self.0[group] += count;
        Ok(())
    }

    fn merge(&mut self, into: usize, from: usize) -> Result<()> {
        self.0[into] += self.0[from];
        Ok(())
    }

    fn of_group(&mut self, group: usize) -> Result<Option<Box<dyn Accumulator>>> {
        Ok(Some(Box::new(Count(vec![self.0[group]]))))
    }

    fn finish(&mut self) -> Result<Column> {
        let counts = std::mem::take(&mut self.0);
        Ok(Column::flat(Type::Int8, ColumnData::I64(counts.into()), None))
    }

    fn memory(&self) -> usize {
        self.0.capacity() * 8
    }
}

/// AND or OR of truth values; `decides` is the value that settles it.
struct Logic {
    held: Vec<Option<bool>>,
    decides: bool,
}

fn logic(decides: bool) -> Box<dyn Accumulator> {
    Box::new(Logic { held: Vec::new(), decides })
}

impl Accumulator for Logic {
    fn resize(&mut self, groups: usize) {
        self.held.resize(groups.max(self.held.len()), None);
    }

    fn update(&mut self, groups: Option<&[u32]>, args: &[Column], rows: usize) -> Result<()> {
        let decides = self.decides;
        Present::of(args, rows).each(groups, rows, &mut |row, group| {
            let value = matches!(args[0].value(row), Value::Bool(true));
            let held = &mut self.held[group];
            *held = if value == decides { Some(value) } else { Some(held.unwrap_or(value)) };
            Ok(())
        })
    }

    fn merge(&mut self, into: usize, from: usize) -> Result<()> {
        self.held[into] = match (self.held[into], self.held[from]) {
            (Some(a), Some(b)) => Some(if a == self.decides { a } else { b }),
            (a, b) => a.or(b),
        };
        Ok(())
    }

    fn of_group(&mut self, group: usize) -> Result<Option<Box<dyn Accumulator>>> {
        Ok(Some(Box::new(Logic { held: vec![self.held[group]], ..*self })))
    }

    fn finish(&mut self) -> Result<Column> {
        column_of(Type::Bool, self.held.len(), &mut |g| Ok(self.held[g].map(Value::Bool)))
    }

    fn memory(&self) -> usize {
        self.held.capacity()
    }
}
