//! min, max, and the bit aggregates, which fold integers likewise.

use super::{Accumulator, AggregateFunction, Present, aggregate, column_of, settled};
use crate::sql::functions::bits;
use crate::sql::functions::support::{f64s, i64s, integer_column};
use crate::sql::functions::{
    ARRAY, Arg, BIT, BPCHAR, DATE, FLOAT4, FLOAT8, INT2, INT4, INT8, INTERVAL, NUMERIC, OID, Signature, TEXT,
    TIME, TIMESTAMP, TIMESTAMPTZ, TIMETZ,
};
use remanent_kernels::compare::{gather_f64, gather_i64};
use remanent_kernels::sums::{extent_f64, extent_i32, extent_i64, grouped_extreme_f64, grouped_extreme_i64};
use remanent_storage::error::Result;
use remanent_storage::value::kinds::Kind;
use remanent_storage::value::{
    Bitmap, Column, ColumnBuilder, ColumnData, Element, Type, Value, value::compare_floats,
};

static ORDERED: &[Signature] = &[
    (&[INT4], Type::Int4),
    (&[INT8], Type::Int8),
    (&[FLOAT8], Type::Float8),
    (&[FLOAT4], Type::Float4),
    (&[TIMESTAMPTZ], Type::Timestamptz),
    (&[TIMESTAMP], Type::Timestamp),
    (&[DATE], Type::Date),
    (&[INT2], Type::Int2),
    (&[NUMERIC], Type::Numeric(None)),
    (&[TEXT], Type::Text),
    (&[INTERVAL], Type::Interval),
    (&[TIME], Type::Time),
    (&[TIMETZ], Type::Other(Kind::TimeTz, 0)),
    (&[OID], Type::Oid),
    (&[BPCHAR], Type::Char(None)),
    (&[ARRAY], Type::Array(Element::ANY)),
    (&[Arg::Enum], Type::Array(Element::ITSELF)),
];
static BITS: &[Signature] = &[
    (&[INT2], Type::Int2),
    (&[INT4], Type::Int4),
    (&[INT8], Type::Int8),
    (&[BIT], Type::Other(Kind::Bit, 0)),
];

pub(super) static AGGREGATES: &[AggregateFunction] = &[
    aggregate("min", ORDERED, |_, ty| make(ty, Fold::Min)),
    aggregate("max", ORDERED, |_, ty| make(ty, Fold::Max)),
    aggregate("bit_and", BITS, |_, ty| make(ty, Fold::And)),
    aggregate("bit_or", BITS, |_, ty| make(ty, Fold::Or)),
    aggregate("bit_xor", BITS, |_, ty| make(ty, Fold::Xor)),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fold {
    Min,
    Max,
    And,
    Or,
    Xor,
}

fn make(ty: Type, fold: Fold) -> Box<dyn Accumulator> {
    match ty {
        Type::Float4 | Type::Float8 => {
            Box::new(Floats { ty, greatest: fold == Fold::Max, best: Vec::new(), counts: Vec::new() })
        }
        Type::Text | Type::Other(Kind::TimeTz, _) => {
            Box::new(Texts { ty, greatest: fold == Fold::Max, best: Vec::new() })
        }
        Type::Numeric(_) | Type::Interval | Type::Char(_) | Type::Array(_) | Type::Enum(_) => {
            Box::new(Values { ty, greatest: fold == Fold::Max, best: Vec::new() })
        }
        Type::Other(..) => Box::new(Strings { ty, fold, held: Vec::new() }),
        _ => Box::new(Integers { ty, fold, best: Vec::new(), counts: Vec::new() }),
    }
}

/// Integers and times.
struct Integers {
    ty: Type,
    fold: Fold,
    best: Vec<i64>,
    counts: Vec<i64>,
}

impl Integers {
    fn take(&mut self, group: usize, value: i64, count: i64) {
        let held = self.best[group];
        self.best[group] = match self.fold {
            _ if self.counts[group] == 0 => value,
            Fold::Min => held.min(value),
            Fold::Max => held.max(value),
            Fold::And => held & value,
            Fold::Or => held | value,
            Fold::Xor => held ^ value,
        };
        self.counts[group] += count;
    }
}

impl Accumulator for Integers {
    fn resize(&mut self, groups: usize) {
        let groups = groups.max(self.best.len());
        self.best.resize(groups, 0);
        self.counts.resize(groups, 0);
    }

    fn update(&mut self, groups: Option<&[u32]>, args: &[Column], rows: usize) -> Result<()> {
        let column = settled(&args[0]);
        let present = Present::of(args, rows);
        let extreme = matches!(self.fold, Fold::Min | Fold::Max);
        if let (Present::All, None, ColumnData::I32(values), true) =
            (&present, groups, column.data(), extreme)
        {
            let (low, high) = extent_i32(values);
            self.take(0, if self.fold == Fold::Min { low } else { high }.into(), rows as i64);
            return Ok(());
        }
        let (values, groups) = present.pick(i64s(&column)?, groups, gather_i64);
        match groups {
            _ if values.is_empty() => {}
            None if extreme => {
                let (low, high) = extent_i64(&values);
                self.take(0, if self.fold == Fold::Min { low } else { high }, values.len() as i64);
            }
            Some(groups) if extreme => {
                let greatest = self.fold == Fold::Max;
                grouped_extreme_i64(&values, &groups, greatest, &mut self.best, &mut self.counts);
            }
            groups => {
                for (i, &value) in values.iter().enumerate() {
                    self.take(groups.as_ref().map_or(0, |g| g[i] as usize), value, 1);
                }
            }
        }
        Ok(())
    }

    fn merge(&mut self, into: usize, from: usize) -> Result<()> {
        if self.counts[from] > 0 {
            self.take(into, self.best[from], self.counts[from]);
        }
        Ok(())
    }

    fn of_group(&mut self, group: usize) -> Result<Option<Box<dyn Accumulator>>> {
        let (best, counts) = (vec![self.best[group]], vec![self.counts[group]]);
        Ok(Some(Box::new(Integers { best, counts, ..*self })))
    }

    fn finish(&mut self) -> Result<Column> {
        let valid: Bitmap = self.counts.iter().map(|&n| n > 0).collect();
        integer_column(self.ty, std::mem::take(&mut self.best), Some(valid))
    }

    fn memory(&self) -> usize {
        (self.best.capacity() + self.counts.capacity()) * 8
    }
}

struct Floats {
    ty: Type,
    greatest: bool,
    best: Vec<f64>,
    counts: Vec<i64>,
}

impl Floats {
    fn take(&mut self, group: usize, value: f64, count: i64) {
        let order = compare_floats(value, self.best[group]);
        if self.counts[group] == 0 || order.is_ne() && order.is_gt() == self.greatest {
            self.best[group] = value;
        }
        self.counts[group] += count;
    }
}

impl Accumulator for Floats {
    fn resize(&mut self, groups: usize) {
        let groups = groups.max(self.best.len());
        self.best.resize(groups, 0.0);
        self.counts.resize(groups, 0);
    }

    fn update(&mut self, groups: Option<&[u32]>, args: &[Column], rows: usize) -> Result<()> {
        let column = settled(&args[0]);
        let (values, groups) = Present::of(args, rows).pick(f64s(&column)?, groups, gather_f64);
        match groups {
            _ if values.is_empty() => {}
            None => {
                let (low, high, nan) = extent_f64(&values);
                // NaN is greatest; where there is nothing else it is also least.
                let only_nan = nan && low > high;
                let value = match self.greatest {
                    true if nan => f64::NAN,
                    true => high,
                    false if only_nan => f64::NAN,
                    false => low,
                };
                self.take(0, value, values.len() as i64);
            }
            Some(groups) => {
                grouped_extreme_f64(&values, &groups, self.greatest, &mut self.best, &mut self.counts)
            }
        }
        Ok(())
    }

    fn merge(&mut self, into: usize, from: usize) -> Result<()> {
        if self.counts[from] > 0 {
            self.take(into, self.best[from], self.counts[from]);
        }
        Ok(())
    }

    fn of_group(&mut self, group: usize) -> Result<Option<Box<dyn Accumulator>>> {
        let (best, counts) = (vec![self.best[group]], vec![self.counts[group]]);
        Ok(Some(Box::new(Floats { best, counts, ..*self })))
    }

    fn finish(&mut self) -> Result<Column> {
        column_of(self.ty, self.best.len(), &mut |g| {
            let value = match self.ty {
                Type::Float4 => Value::Float4(self.best[g] as f32),
                _ => Value::Float8(self.best[g]),
            };
            Ok((self.counts[g] > 0).then_some(value))
        })
    }

    fn memory(&self) -> usize {
        (self.best.capacity() + self.counts.capacity()) * 8
    }
}

/// Texts, and what else is ordered by its bytes.
struct Texts {
    ty: Type,
    greatest: bool,
    best: Vec<Option<Vec<u8>>>,
}

impl Accumulator for Texts {
    fn resize(&mut self, groups: usize) {
        self.best.resize(groups.max(self.best.len()), None);
    }

    fn update(&mut self, groups: Option<&[u32]>, args: &[Column], rows: usize) -> Result<()> {
        let column = settled(&args[0]);
        Present::of(args, rows).each(groups, rows, &mut |row, group| {
            let value = column.bytes(row);
            let better = match &self.best[group] {
                None => true,
                Some(held) if self.greatest => value > held.as_slice(),
                Some(held) => value < held.as_slice(),
            };
            if better {
                self.best[group] = Some(value.to_vec());
            }
            Ok(())
        })
    }

    fn merge(&mut self, into: usize, from: usize) -> Result<()> {
        let better = match (&self.best[into], &self.best[from]) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(held), Some(new)) if self.greatest => new > held,
            (Some(held), Some(new)) => new < held,
        };
        if better {
            self.best[into] = self.best[from].clone();
        }
        Ok(())
    }

    fn of_group(&mut self, group: usize) -> Result<Option<Box<dyn Accumulator>>> {
        Ok(Some(Box::new(Texts { best: vec![self.best[group].clone()], ..*self })))
    }

    fn finish(&mut self) -> Result<Column> {
        let mut out = ColumnBuilder::new(self.ty);
        for best in std::mem::take(&mut self.best) {
            match best {
                Some(bytes) => out.push_bytes(&bytes),
                None => out.push_null(),
            }
        }
        Ok(out.finish())
    }

    fn memory(&self) -> usize {
        let held = self.best.iter().flatten().map(Vec::capacity).sum::<usize>();
        held + self.best.capacity() * size_of::<Option<Vec<u8>>>()
    }
}

/// Strings of bits, all of a group of one length.
struct Strings {
    ty: Type,
    fold: Fold,
    held: Vec<Option<Vec<u8>>>,
}

impl Strings {
    fn take(&mut self, group: usize, value: &[u8]) -> Result<()> {
        let op = match self.fold {
            Fold::And => bits::AND,
            Fold::Or => bits::OR,
            _ => bits::XOR,
        };
        if let Some(slot) = self.held.get_mut(group) {
            *slot = Some(match slot {
                None => value.to_vec(),
                Some(held) => bits::combined(held, value, op)?,
            });
        }
        Ok(())
    }
}

impl Accumulator for Strings {
    fn resize(&mut self, groups: usize) {
        self.held.resize(groups.max(self.held.len()), None);
    }

    fn update(&mut self, groups: Option<&[u32]>, args: &[Column], rows: usize) -> Result<()> {
        let column = settled(&args[0]);
        Present::of(args, rows).each(groups, rows, &mut |row, group| self.take(group, column.bytes(row)))
    }

    fn merge(&mut self, into: usize, from: usize) -> Result<()> {
        match self.held.get(from).cloned().flatten() {
            Some(value) => self.take(into, &value),
            None => Ok(()),
        }
    }

    fn finish(&mut self) -> Result<Column> {
        let mut out = ColumnBuilder::new(self.ty);
        for held in std::mem::take(&mut self.held) {
            match held {
                Some(bytes) => out.push_bytes(&bytes),
                None => out.push_null(),
            }
        }
        Ok(out.finish())
    }

    fn memory(&self) -> usize {
        let held = self.held.iter().flatten().map(Vec::capacity).sum::<usize>();
        held + self.held.capacity() * size_of::<Option<Vec<u8>>>()
    }
}

/// Numerics and intervals.
struct Values {
    ty: Type,
    greatest: bool,
    best: Vec<Value>,
}

impl Accumulator for Values {
    fn resize(&mut self, groups: usize) {
        self.best.resize(groups.max(self.best.len()), Value::Null);
    }

    fn update(&mut self, groups: Option<&[u32]>, args: &[Column], rows: usize) -> Result<()> {
        let column = settled(&args[0]);
        Present::of(args, rows).each(groups, rows, &mut |row, group| {
            let value = column.value(row);
            let order = value.compare(&self.best[group]);
            if self.best[group].is_null() || order.is_ne() && order.is_gt() == self.greatest {
                self.best[group] = value;
            }
            Ok(())
        })
    }

    fn merge(&mut self, into: usize, from: usize) -> Result<()> {
        let order = self.best[from].compare(&self.best[into]);
        let better = self.best[into].is_null() || order.is_ne() && order.is_gt() == self.greatest;
        if better && !self.best[from].is_null() {
            self.best[into] = self.best[from].clone();
        }
        Ok(())
    }

    fn of_group(&mut self, group: usize) -> Result<Option<Box<dyn Accumulator>>> {
        Ok(Some(Box::new(Values { best: vec![self.best[group].clone()], ..*self })))
    }

    fn finish(&mut self) -> Result<Column> {
        column_of(self.ty, self.best.len(), &mut |g| Ok(Some(self.best[g].clone())))
    }

    fn memory(&self) -> usize {
        self.best.capacity() * size_of::<Value>()
    }
}
