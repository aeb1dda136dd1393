//! Aggregates of parts of the rows, and the aggregate of those.
//!
//! | of rows | of a part | of the parts |
//! |---|---|---|
//! | count | count | [`COUNT`], their sum, 0 without any |
//! | sum of numbers | sum | sum |
//! | avg of numbers | sum, count | [`MEAN`], sum by sum of counts |
//! | min, max | min, max | min, max |
//!
//! Sums of floats depend on where parts begin and end: who makes parts sees to it that the rows alone say that
//! ([`Aggregate::is_exact`]).
//!
//! Limits: moments and what grows have no parts.

use super::{Accumulator, Aggregate, AggregateFunction, column_of, lookup, sum};
use crate::sql::functions::support::i64s;
use remanent_storage::error::Result;
use remanent_storage::value::{Column, ColumnData, Decimal, Type, Value};
use remanent_storage::world::mutation;

static COUNT: AggregateFunction =
    AggregateFunction { name: "count", signatures: &[], make: |_, _| Box::new(Parts::default()) };
static MEAN: AggregateFunction = AggregateFunction {
    name: "avg",
    signatures: &[],
    make: |types, ty| {
        let sum = Some(sum::make(types, ty, false));
        Box::new(Parts { sum, counts: Vec::new() })
    },
};

impl Aggregate {
    /// The aggregates of parts of the rows, and that of their values, which lacks these as its arguments. None: there are no parts.
    pub fn parts(&self) -> Option<(Vec<Aggregate>, Aggregate)> {
        let first = self.args.first().map(|arg| arg.ty());
        let exact = matches!(first, Some(Type::Int2 | Type::Int4 | Type::Int8 | Type::Numeric(_)));
        let float = matches!(first, Some(Type::Float4 | Type::Float8));
        let (of, function) = match self.function.name {
            "count" => (vec![self.clone()], &COUNT),
            "avg" if exact || float => {
                let ty = match first {
                    Some(Type::Int2 | Type::Int4) => Type::Int8,
                    _ if float => Type::Float8,
                    _ => Type::Numeric(None),
                };
                let sum = Aggregate { function: lookup("sum").next()?, ty, ..self.clone() };
                let count = Aggregate { function: lookup("count").next()?, ty: Type::Int8, ..self.clone() };
                (vec![sum, count], &MEAN)
            }
            // As long as they are parts, they are not rounded to their type.
            "sum" if float => (vec![Aggregate { ty: Type::Float8, ..self.clone() }], self.function),
            "sum" if exact => (vec![self.clone()], self.function),
            "min" | "max" => (vec![self.clone()], self.function),
            _ => return None,
        };
        Some((of, Aggregate { function, args: Vec::new(), ty: self.ty }))
    }

    /// True if the result is the same to the digit whatever the parts are.
    pub fn is_exact(&self) -> bool {
        let float = matches!(self.args.first().map(|arg| arg.ty()), Some(Type::Float4 | Type::Float8));
        !(float && matches!(self.function.name, "sum" | "avg"))
    }
}

/// Counts of parts, and their sums beside them for a mean.
#[derive(Default)]
struct Parts {
    sum: Option<Box<dyn Accumulator>>,
    counts: Vec<i64>,
}

impl Accumulator for Parts {
    fn resize(&mut self, groups: usize) {
        self.counts.resize(groups.max(self.counts.len()), 0);
        self.sum.iter_mut().for_each(|sum| sum.resize(groups));
    }

    fn update(&mut self, groups: Option<&[u32]>, args: &[Column], rows: usize) -> Result<()> {
        if let Some(sum) = &mut self.sum {
            sum.update(groups, &args[..1], rows)?;
        }
        let counts = args.last().map(|counts| i64s(&counts.flatten())).transpose()?;
        for (row, &count) in counts.iter().flat_map(|counts| counts.iter()).enumerate() {
            let count = if mutation("parts_counted_as_rows") { 1 } else { count };
            self.counts[groups.map_or(0, |groups| groups[row] as usize)] += count;
        }
        Ok(())
    }

    fn merge(&mut self, into: usize, from: usize) -> Result<()> {
        self.counts[into] += self.counts[from];
        self.sum.as_mut().map_or(Ok(()), |sum| sum.merge(into, from))
    }

    fn finish(&mut self) -> Result<Column> {
        let counts = std::mem::take(&mut self.counts);
        let Some(sum) = &mut self.sum else {
            return Ok(Column::flat(Type::Int8, ColumnData::I64(counts.into()), None));
        };
        let sums = sum.finish()?;
        column_of(sums.ty(), counts.len(), &mut |group| {
            Ok(match sums.value(group) {
                Value::Numeric(sum) => Some(Value::Numeric(sum.div(&Decimal::from(counts[group]).into())?)),
                Value::Float8(sum) => Some(Value::Float8(sum / counts[group] as f64)),
                _ => None,
            })
        })
    }

    fn memory(&self) -> usize {
        self.counts.capacity() * 8 + self.sum.as_ref().map_or(0, |sum| sum.memory())
    }
}
