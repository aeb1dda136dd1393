//! `first(value, time)` and `last(value, time)`: the value of the row with the least or the greatest time; `histogram`.
//!
//! As TimescaleDB has them: rows without a time do not count, a value may be NULL; of rows of the same time the first that
//! comes stays.

use super::{Accumulator, AggregateFunction, Present, aggregate, settled};
use crate::sql::functions::support::{f64s, i64s};
use crate::sql::functions::{ANY, ARRAY, ELEMENT, FLOAT8, INT4, Signature};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::txn::writes::value_weight;
use remanent_storage::value::{Array, Column, Element, Type, Value};

static VALUE: &[Signature] =
    &[(&[ELEMENT, ANY], Type::Array(Element::ITSELF)), (&[ARRAY, ANY], Type::Array(Element::ANY))];

pub(super) static AGGREGATES: &[AggregateFunction] = &[
    aggregate("first", VALUE, |_, ty| make(ty, false)),
    aggregate("last", VALUE, |_, ty| make(ty, true)),
    aggregate("histogram", &[(&[FLOAT8, FLOAT8, FLOAT8, INT4], COUNTS)], |_, _| {
        Box::new(Histogram { groups: Vec::new(), bytes: 0 })
    }),
];

const COUNTS: Type = Type::Array(Element::of(Type::Int4));

fn make(ty: Type, greatest: bool) -> Box<dyn Accumulator> {
    Box::new(Ends { ty, greatest, held: Vec::new(), bytes: 0 })
}

/// The time and the value of the row held of each group.
struct Ends {
    ty: Type,
    greatest: bool,
    held: Vec<Option<(Value, Value)>>,
    bytes: usize,
}

impl Ends {
    fn is_better(&self, time: &Value, group: usize) -> bool {
        self.held[group].as_ref().is_none_or(|(held, _)| {
            let order = time.compare(held);
            order.is_ne() && order.is_gt() == self.greatest
        })
    }

    fn hold(&mut self, group: usize, time: Value, value: Value) {
        self.bytes += value_weight(&time) + value_weight(&value);
        if let Some((time, value)) = self.held[group].replace((time, value)) {
            self.bytes = self.bytes.saturating_sub(value_weight(&time) + value_weight(&value));
        }
    }
}

impl Accumulator for Ends {
    fn resize(&mut self, groups: usize) {
        self.held.resize(groups.max(self.held.len()), None);
    }

    fn update(&mut self, groups: Option<&[u32]>, args: &[Column], rows: usize) -> Result<()> {
        let (values, times) = (settled(&args[0]), settled(&args[1]));
        let present = Present::of(&args[1..2], rows);
        // Of one group only the best row of all is looked at.
        if groups.is_none()
            && matches!(times.ty(), Type::Int8 | Type::Timestamp | Type::Timestamptz)
            && let Ok(numbers) = i64s(&times)
        {
            let mut best: Option<(i64, usize)> = None;
            present.each(None, rows, &mut |row, _| {
                let time = numbers[row];
                if best.is_none_or(|(held, _)| time != held && (time > held) == self.greatest) {
                    best = Some((time, row));
                }
                Ok(())
            })?;
            if let Some((_, row)) = best.filter(|(_, row)| self.is_better(&times.value(*row), 0)) {
                self.hold(0, times.value(row), values.value(row).loaded()?);
            }
            return Ok(());
        }
        present.each(groups, rows, &mut |row, group| {
            let time = times.value(row).loaded()?;
            if self.is_better(&time, group) {
                self.hold(group, time, values.value(row).loaded()?);
            }
            Ok(())
        })
    }

    fn merge(&mut self, into: usize, from: usize) -> Result<()> {
        if let Some((time, value)) = self.held[from].clone()
            && self.is_better(&time, into)
        {
            self.hold(into, time, value);
        }
        Ok(())
    }

    fn of_group(&mut self, group: usize) -> Result<Option<Box<dyn Accumulator>>> {
        Ok(Some(Box::new(Ends { held: vec![self.held[group].clone()], bytes: 0, ..*self })))
    }

    fn finish(&mut self) -> Result<Column> {
        let held = std::mem::take(&mut self.held).into_iter();
        Column::from_values(self.ty, held.map(|held| held.map_or(Value::Null, |(_, value)| value)))
    }

    fn memory(&self) -> usize {
        self.bytes + self.held.capacity() * size_of::<Option<(Value, Value)>>()
    }
}

/// How many values lie below a range, in each of its equal parts, and above it.
struct Histogram {
    groups: Vec<Vec<i32>>,
    bytes: usize,
}

/// So many parts a histogram has at most.
const PARTS: i64 = 1 << 20;

impl Accumulator for Histogram {
    fn resize(&mut self, groups: usize) {
        self.groups.resize(groups.max(self.groups.len()), Vec::new());
    }

    fn update(&mut self, groups: Option<&[u32]>, args: &[Column], rows: usize) -> Result<()> {
        let columns: Vec<Column> = args.iter().map(settled).collect();
        let [value, low, high] = [0, 1, 2].map(|i| f64s(&columns[i]));
        let (value, low, high, count) = (value?, low?, high?, i64s(&columns[3])?);
        Present::of(args, rows).each(groups, rows, &mut |row, group| {
            let part = part_of(value[row], low[row], high[row], count[row])?;
            let counts = &mut self.groups[group];
            let length = count[row] as usize + 2;
            if counts.is_empty() {
                counts.resize(length, 0);
                self.bytes += 4 * length;
            } else if counts.len() != length {
                let message = "number of buckets must not change between calls";
                return Err(Error::new(state::INVALID_PARAMETER_VALUE, message));
            }
            if let Some(place) = counts.get_mut(part) {
                let full = || Error::new(state::NUMERIC_VALUE_OUT_OF_RANGE, "integer out of range");
                *place = place.checked_add(1).ok_or_else(full)?;
            }
            Ok(())
        })
    }

    fn merge(&mut self, into: usize, from: usize) -> Result<()> {
        let more = self.groups[from].clone();
        let held = &mut self.groups[into];
        held.resize(held.len().max(more.len()), 0);
        held.iter_mut().zip(more).for_each(|(held, more)| *held = held.saturating_add(more));
        Ok(())
    }

    fn finish(&mut self) -> Result<Column> {
        let list = |counts: Vec<i32>| match counts.is_empty() {
            true => Ok(Value::Null),
            false => Array::list(Type::Int4, counts.into_iter().map(Value::Int4).collect()).map(Value::from),
        };
        let values = std::mem::take(&mut self.groups).into_iter().map(list).collect::<Result<Vec<_>>>()?;
        Column::from_values(COUNTS, values)
    }

    fn memory(&self) -> usize {
        self.bytes + self.groups.capacity() * size_of::<Vec<i32>>()
    }
}

/// 0 below the range, the number of parts and 1 above it.
fn part_of(value: f64, low: f64, high: f64, count: i64) -> Result<usize> {
    let bad = |message: &str| Err(Error::new(state::INVALID_ARGUMENT_FOR_WIDTH_BUCKET, message));
    if count <= 0 {
        return bad("count must be greater than zero");
    }
    if count > PARTS {
        let message = format!("a histogram has at most {PARTS} buckets");
        return Err(Error::new(state::PROGRAM_LIMIT_EXCEEDED, message));
    }
    if value.is_nan() || low.is_nan() || high.is_nan() {
        return bad("operand, lower bound, and upper bound cannot be NaN");
    }
    if low.is_infinite() || high.is_infinite() {
        return bad("lower and upper bounds must be finite");
    }
    if low > high {
        return bad("lower bound cannot exceed upper bound");
    }
    if low == high {
        return bad("lower bound cannot equal upper bound");
    }
    if value < low {
        return Ok(0);
    }
    if value >= high {
        return Ok(count as usize + 1);
    }
    // Halved, so that no difference is infinite.
    let share = (value / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0);
    Ok(((share * count as f64) as usize).min(count as usize - 1) + 1)
}
