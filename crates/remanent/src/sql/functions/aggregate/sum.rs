//! sum and avg.
//!
//! Integers (and numerics of up to 18 digits, by their mantissas) are summed exactly in 128 bits, so
//! that no order of rows overflows where PostgreSQL would not; other numerics as decimals as long as they fit, floats as doubles.

use super::{Accumulator, AggregateFunction, Present, aggregate, column_of, settled};
use crate::sql::functions::exact::Numbers;
use crate::sql::functions::support::{f64s, float_overflow, i64s, intervals, out_of_range};
use crate::sql::functions::{FLOAT4, FLOAT8, INT2, INT4, INT8, INTERVAL, NUMERIC, VECTOR, short};
use remanent_kernels::compare::{gather_f64, gather_i64};
use remanent_kernels::sums::{grouped_sum_f64, grouped_sum_i64, sum_f64, sum_i32, sum_i64};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::segment::Sum;
use remanent_storage::value::column::floats;
use remanent_storage::value::{
    Bitmap, Column, ColumnData, Decimal, Interval, Numeric, Physical, Type, Value,
};
use rustc_hash::{FxHashMap, FxHashSet};

const EXACT: Type = Type::Numeric(None);

pub(super) static AGGREGATES: &[AggregateFunction] = &[
    aggregate(
        "sum",
        &[
            (&[INT4], Type::Int8),
            (&[INT8], EXACT),
            (&[FLOAT8], Type::Float8),
            (&[NUMERIC], EXACT),
            (&[FLOAT4], Type::Float4),
            (&[INT2], Type::Int8),
            (&[INTERVAL], Type::Interval),
            (&[VECTOR], Type::Vector(None)),
        ],
        |args, ty| make(args, ty, false),
    ),
    aggregate(
        "avg",
        &[
            (&[INT4], EXACT),
            (&[INT8], EXACT),
            (&[FLOAT8], Type::Float8),
            (&[NUMERIC], EXACT),
            (&[FLOAT4], Type::Float8),
            (&[INT2], EXACT),
            (&[INTERVAL], Type::Interval),
            (&[VECTOR], Type::Vector(None)),
        ],
        |args, ty| make(args, ty, true),
    ),
];

pub(super) fn make(args: &[Type], ty: Type, mean: bool) -> Box<dyn Accumulator> {
    match args.first() {
        Some(Type::Float4 | Type::Float8) => {
            Box::new(Floats { ty, mean, sums: Vec::new(), counts: Vec::new() })
        }
        Some(exact @ Type::Numeric(_)) if exact.physical() != Physical::I64 => Box::new(Decimals {
            mean,
            short: Some((0, Vec::new())),
            sums: Vec::new(),
            large: FxHashMap::default(),
            counts: Vec::new(),
        }),
        Some(Type::Interval) => Box::new(Intervals { mean, sums: Vec::new(), counts: Vec::new() }),
        Some(Type::Vector(_)) => Box::new(Vectors { mean, sums: Vec::new(), counts: Vec::new() }),
        first => {
            let scale = first.and_then(|ty| ty.fixed_scale()).unwrap_or(0);
            Box::new(Integers {
                ty,
                mean,
                scale,
                sums: Vec::new(),
                counts: Vec::new(),
                nans: FxHashSet::default(),
            })
        }
    }
}

/// Whole numbers, or mantissas of one scale.
struct Integers {
    ty: Type,
    mean: bool,
    scale: u8,
    sums: Vec<i128>,
    counts: Vec<i64>,
    /// The groups in which there was NaN.
    nans: FxHashSet<usize>,
}

impl Accumulator for Integers {
    fn resize(&mut self, groups: usize) {
        let groups = groups.max(self.sums.len());
        self.sums.resize(groups, 0);
        self.counts.resize(groups, 0);
    }

    fn update(&mut self, groups: Option<&[u32]>, args: &[Column], rows: usize) -> Result<()> {
        let column = settled(&args[0]);
        let present = Present::of(args, rows);
        if let (Present::All, None, ColumnData::I32(values)) = (&present, groups, column.data()) {
            self.sums[0] += i128::from(sum_i32(values));
            self.counts[0] += rows as i64;
            return Ok(());
        }
        if let Numbers::Any(values) = numbers_of(&column)? {
            return present.each(groups, rows, &mut |row, group| {
                match values[row].as_decimal().and_then(|d| d.rescale(self.scale)) {
                    Some(d) => self.sums[group] += d.mantissa,
                    None => {
                        self.nans.insert(group);
                    }
                }
                self.counts[group] += 1;
                Ok(())
            });
        }
        let (values, groups) = present.pick(i64s(&column)?, groups, gather_i64);
        match groups {
            None => {
                self.sums[0] += sum_i64(&values);
                self.counts[0] += values.len() as i64;
            }
            Some(groups) => grouped_sum_i64(&values, &groups, &mut self.sums, &mut self.counts),
        }
        Ok(())
    }

    fn add(&mut self, group: usize, count: i64, sum: Option<(Sum, u8)>) -> Result<()> {
        if let Some((Sum::Int(sum), _)) = sum {
            self.sums[group] += sum;
            self.counts[group] += count;
        }
        Ok(())
    }

    fn merge(&mut self, into: usize, from: usize) -> Result<()> {
        self.sums[into] += self.sums[from];
        self.counts[into] += self.counts[from];
        if self.nans.contains(&from) {
            self.nans.insert(into);
        }
        Ok(())
    }

    fn of_group(&mut self, group: usize) -> Result<Option<Box<dyn Accumulator>>> {
        let nans = self.nans.get(&group).map(|_| 0).into_iter().collect();
        let (sums, counts) = (vec![self.sums[group]], vec![self.counts[group]]);
        Ok(Some(Box::new(Integers { sums, counts, nans, ..*self })))
    }

    fn finish(&mut self) -> Result<Column> {
        if self.ty == EXACT && !self.mean && self.nans.is_empty() {
            return short_sums(&self.sums, &self.counts, self.scale);
        }
        column_of(self.ty, self.sums.len(), &mut |g| {
            if self.counts[g] == 0 {
                return Ok(None);
            }
            if self.nans.contains(&g) {
                return Ok(Some(Value::Numeric(Numeric::NaN)));
            }
            if self.ty == Type::Int8 {
                let sum = i64::try_from(self.sums[g]).map_err(|_| out_of_range(Type::Int8))?;
                return Ok(Some(Value::Int8(sum)));
            }
            exact_result(Numeric::scaled(self.sums[g], self.scale), self.counts[g], self.mean)
        })
    }

    fn memory(&self) -> usize {
        self.sums.capacity() * 16 + self.counts.capacity() * 8
    }
}

fn exact_result(sum: Numeric, count: i64, mean: bool) -> Result<Option<Value>> {
    Ok(Some(Value::Numeric(if mean { sum.div(&Decimal::from(count).into())? } else { sum })))
}

/// The numbers where some of a numeric column are kept as bytes.
fn numbers_of(column: &Column) -> Result<Numbers> {
    if column.is_wide() { Numbers::of(column) } else { Ok(Numbers::Short(Vec::new().into())) }
}

/// A sum of short numerics: fewer than 2^32 of 18 digits have at most 28.
fn short_sum(mantissa: i128, scale: u8) -> Result<Decimal> {
    Decimal::new(mantissa, scale).ok_or_else(|| Error::internal("a sum of short numerics is too long"))
}

/// A column of such sums, NULL where nothing was counted.
fn short_sums(sums: &[i128], counts: &[i64], scale: u8) -> Result<Column> {
    let pack = |&mantissa: &i128| Ok(short_sum(mantissa, scale)?.pack());
    let packed = sums.iter().map(pack).collect::<Result<Vec<i128>>>()?;
    let valid: Bitmap = counts.iter().map(|&count| count > 0).collect();
    Ok(Column::flat(EXACT, ColumnData::I128(packed.into()), Some(valid)))
}

/// Sums in 128 bits; what does not fit moves to a number of any size, and they begin anew.
struct Decimals {
    mean: bool,
    /// While all that came are short numerics of one scale: that scale, and sums of mantissas.
    short: Option<(u8, Vec<i128>)>,
    sums: Vec<Decimal>,
    large: FxHashMap<usize, Numeric>,
    counts: Vec<i64>,
}

impl Decimals {
    /// Goes on with a scale for each group.
    fn spread(&mut self) -> Result<()> {
        let Some((scale, sums)) = self.short.take() else { return Ok(()) };
        self.sums = vec![Decimal::ZERO; self.counts.len()];
        for ((sum, mantissa), &count) in self.sums.iter_mut().zip(sums).zip(&self.counts) {
            if count > 0 {
                *sum = short_sum(mantissa, scale)?;
            }
        }
        Ok(())
    }

    fn add(&mut self, group: usize, value: Decimal) -> Result<()> {
        match self.sums[group].add(value) {
            Some(sum) => self.sums[group] = sum,
            None => {
                let full = std::mem::replace(&mut self.sums[group], value);
                self.add_large(group, &full.into())?;
            }
        }
        Ok(())
    }

    fn add_large(&mut self, group: usize, value: &Numeric) -> Result<()> {
        let held = self.large.entry(group).or_insert(Numeric::ZERO);
        *held = held.add(value)?;
        Ok(())
    }
}

impl Accumulator for Decimals {
    fn resize(&mut self, groups: usize) {
        let groups = groups.max(self.counts.len());
        match &mut self.short {
            Some((_, sums)) => sums.resize(groups, 0),
            None => self.sums.resize(groups, Decimal::ZERO),
        }
        self.counts.resize(groups, 0);
    }

    fn update(&mut self, groups: Option<&[u32]>, args: &[Column], rows: usize) -> Result<()> {
        let column = settled(&args[0]);
        let present = Present::of(args, rows);
        if let (Some((scale, sums)), Some((values, of))) = (&mut self.short, short::mantissas(&column))
            && (*scale == of || self.counts.iter().all(|&count| count == 0))
        {
            *scale = of;
            let (values, groups) = present.pick(values, groups, gather_i64);
            match groups {
                None => {
                    sums[0] += sum_i64(&values);
                    self.counts[0] += values.len() as i64;
                }
                Some(groups) => grouped_sum_i64(&values, &groups, sums, &mut self.counts),
            }
            return Ok(());
        }
        self.spread()?;
        let values = Numbers::of(&column)?;
        present.each(groups, rows, &mut |row, group| {
            self.counts[group] += 1;
            match &values {
                Numbers::Short(values) => self.add(group, values[row]),
                Numbers::Any(values) => self.add_large(group, &values[row]),
            }
        })
    }

    fn add(&mut self, group: usize, count: i64, sum: Option<(Sum, u8)>) -> Result<()> {
        self.spread()?;
        if let Some((Sum::Int(sum), scale)) = sum {
            self.add_large(group, &Numeric::scaled(sum, scale))?;
            self.counts[group] += count;
        }
        Ok(())
    }

    fn merge(&mut self, into: usize, from: usize) -> Result<()> {
        self.spread()?;
        if self.counts[from] > 0 {
            self.add(into, self.sums[from])?;
            if let Some(large) = self.large.get(&from).cloned() {
                self.add_large(into, &large)?;
            }
            self.counts[into] += self.counts[from];
        }
        Ok(())
    }

    fn of_group(&mut self, group: usize) -> Result<Option<Box<dyn Accumulator>>> {
        self.spread()?;
        let large = self.large.get(&group).map(|large| (0, large.clone())).into_iter().collect();
        let (sums, counts) = (vec![self.sums[group]], vec![self.counts[group]]);
        Ok(Some(Box::new(Decimals { short: None, sums, large, counts, ..*self })))
    }

    fn finish(&mut self) -> Result<Column> {
        if let (Some((scale, sums)), false) = (&self.short, self.mean) {
            return short_sums(sums, &self.counts, *scale);
        }
        self.spread()?;
        column_of(EXACT, self.sums.len(), &mut |g| match self.counts[g] {
            0 => Ok(None),
            count => {
                let sum = Numeric::from(self.sums[g]);
                let sum = self.large.get(&g).map_or(Ok(sum.clone()), |large| large.add(&sum))?;
                exact_result(sum, count, self.mean)
            }
        })
    }

    fn memory(&self) -> usize {
        let short = self.short.as_ref().map_or(0, |(_, sums)| sums.capacity() * 16);
        let large = self.large.capacity() * (size_of::<Numeric>() + 64);
        short + self.sums.capacity() * size_of::<Decimal>() + self.counts.capacity() * 8 + large
    }
}

struct Floats {
    ty: Type,
    mean: bool,
    sums: Vec<f64>,
    counts: Vec<i64>,
}

impl Accumulator for Floats {
    fn resize(&mut self, groups: usize) {
        let groups = groups.max(self.sums.len());
        self.sums.resize(groups, 0.0);
        self.counts.resize(groups, 0);
    }

    fn update(&mut self, groups: Option<&[u32]>, args: &[Column], rows: usize) -> Result<()> {
        let column = settled(&args[0]);
        let (values, groups) = Present::of(args, rows).pick(f64s(&column)?, groups, gather_f64);
        match groups {
            None => {
                let before = self.sums[0];
                self.sums[0] += sum_f64(&values);
                self.counts[0] += values.len() as i64;
                // Finite values must not make an infinity.
                let burst = self.sums[0].is_infinite() || self.sums[0].is_nan() && !before.is_nan();
                if burst && before.is_finite() && values.iter().all(|v| v.is_finite()) {
                    return Err(float_overflow());
                }
            }
            Some(groups) => {
                // Of few groups all are looked at, not each row's.
                let all_finite = |sums: &[f64]| {
                    sums.len() <= groups.len() && sums.iter().all(|sum| sum.is_finite())
                        || groups.iter().all(|&g| sums[g as usize].is_finite())
                };
                let finite = all_finite(&self.sums);
                grouped_sum_f64(&values, &groups, &mut self.sums, &mut self.counts);
                let burst = finite && !all_finite(&self.sums);
                if burst && values.iter().all(|v| v.is_finite()) {
                    return Err(float_overflow());
                }
            }
        }
        Ok(())
    }

    fn add(&mut self, group: usize, count: i64, sum: Option<(Sum, u8)>) -> Result<()> {
        if let Some((Sum::Float(sum), _)) = sum {
            let before = self.sums[group];
            self.sums[group] += sum;
            self.counts[group] += count;
            // What is known is finite.
            if before.is_finite() && self.sums[group].is_infinite() {
                return Err(float_overflow());
            }
        }
        Ok(())
    }

    fn merge(&mut self, into: usize, from: usize) -> Result<()> {
        self.sums[into] += self.sums[from];
        self.counts[into] += self.counts[from];
        Ok(())
    }

    fn of_group(&mut self, group: usize) -> Result<Option<Box<dyn Accumulator>>> {
        let (sums, counts) = (vec![self.sums[group]], vec![self.counts[group]]);
        Ok(Some(Box::new(Floats { sums, counts, ..*self })))
    }

    fn finish(&mut self) -> Result<Column> {
        column_of(self.ty, self.sums.len(), &mut |g| {
            let (sum, count) = (self.sums[g], self.counts[g]);
            if count == 0 {
                return Ok(None);
            }
            if self.mean {
                return Ok(Some(Value::Float8(sum / count as f64)));
            }
            if self.ty == Type::Float8 {
                return Ok(Some(Value::Float8(sum)));
            }
            let small = sum as f32;
            if small.is_infinite() && sum.is_finite() {
                return Err(float_overflow());
            }
            Ok(Some(Value::Float4(small)))
        })
    }

    fn memory(&self) -> usize {
        (self.sums.capacity() + self.counts.capacity()) * 8
    }
}

struct Intervals {
    mean: bool,
    sums: Vec<Interval>,
    counts: Vec<i64>,
}

impl Accumulator for Intervals {
    fn resize(&mut self, groups: usize) {
        let groups = groups.max(self.sums.len());
        self.sums.resize(groups, Interval::default());
        self.counts.resize(groups, 0);
    }

    fn update(&mut self, groups: Option<&[u32]>, args: &[Column], rows: usize) -> Result<()> {
        let values = intervals(&settled(&args[0]))?;
        Present::of(args, rows).each(groups, rows, &mut |row, group| {
            self.sums[group] = self.sums[group].add(values[row])?;
            self.counts[group] += 1;
            Ok(())
        })
    }

    fn merge(&mut self, into: usize, from: usize) -> Result<()> {
        if self.counts[from] > 0 {
            self.sums[into] = self.sums[into].add(self.sums[from])?;
            self.counts[into] += self.counts[from];
        }
        Ok(())
    }

    fn of_group(&mut self, group: usize) -> Result<Option<Box<dyn Accumulator>>> {
        let (sums, counts) = (vec![self.sums[group]], vec![self.counts[group]]);
        Ok(Some(Box::new(Intervals { sums, counts, ..*self })))
    }

    fn finish(&mut self) -> Result<Column> {
        column_of(Type::Interval, self.sums.len(), &mut |g| {
            Ok(match (self.counts[g], self.mean) {
                (0, _) => None,
                (count, true) => Some(Value::Interval(self.sums[g].div(count as f64)?)),
                (_, false) => Some(Value::Interval(self.sums[g])),
            })
        })
    }

    fn memory(&self) -> usize {
        self.sums.capacity() * 16 + self.counts.capacity() * 8
    }
}

/// Vectors, element by element in double precision.
struct Vectors {
    mean: bool,
    sums: Vec<Vec<f64>>,
    counts: Vec<i64>,
}

impl Accumulator for Vectors {
    fn resize(&mut self, groups: usize) {
        let groups = groups.max(self.sums.len());
        self.sums.resize(groups, Vec::new());
        self.counts.resize(groups, 0);
    }

    fn update(&mut self, groups: Option<&[u32]>, args: &[Column], rows: usize) -> Result<()> {
        let column = settled(&args[0]);
        Present::of(args, rows).each(groups, rows, &mut |row, group| {
            let bytes = column.bytes(row);
            let sum = &mut self.sums[group];
            if self.counts[group] == 0 {
                sum.resize(bytes.len() / 4, 0.0);
            }
            if sum.len() != bytes.len() / 4 {
                let message = format!("expected {} dimensions, not {}", sum.len(), bytes.len() / 4);
                return Err(Error::new(state::DATA_EXCEPTION, message));
            }
            sum.iter_mut().zip(floats(bytes)).for_each(|(sum, v)| *sum += f64::from(v));
            self.counts[group] += 1;
            Ok(())
        })
    }

    fn merge(&mut self, into: usize, from: usize) -> Result<()> {
        let more = self.sums[from].clone();
        let sum = &mut self.sums[into];
        if self.counts[into] == 0 {
            sum.resize(more.len(), 0.0);
        }
        if self.counts[from] > 0 && sum.len() != more.len() {
            let message = format!("expected {} dimensions, not {}", sum.len(), more.len());
            return Err(Error::new(state::DATA_EXCEPTION, message));
        }
        sum.iter_mut().zip(more).for_each(|(sum, v)| *sum += v);
        self.counts[into] += self.counts[from];
        Ok(())
    }

    fn of_group(&mut self, group: usize) -> Result<Option<Box<dyn Accumulator>>> {
        let (sums, counts) = (vec![self.sums[group].clone()], vec![self.counts[group]]);
        Ok(Some(Box::new(Vectors { sums, counts, ..*self })))
    }

    fn finish(&mut self) -> Result<Column> {
        column_of(Type::Vector(None), self.sums.len(), &mut |g| {
            let count = self.counts[g];
            if count == 0 {
                return Ok(None);
            }
            let by = if self.mean { count as f64 } else { 1.0 };
            let vector: Vec<f32> = self.sums[g].iter().map(|sum| (sum / by) as f32).collect();
            match vector.iter().any(|v| v.is_infinite()) {
                true => Err(float_overflow()),
                false => Ok(Some(Value::Vector(vector))),
            }
        })
    }

    fn memory(&self) -> usize {
        let sums: usize = self.sums.iter().map(|s| s.capacity() * 8 + size_of::<Vec<f64>>()).sum();
        sums + self.counts.capacity() * 8
    }
}
