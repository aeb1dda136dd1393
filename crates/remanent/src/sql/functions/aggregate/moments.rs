//! stddev, variance and their kin.
//!
//! Of floats by Youngs and Cramer's updating formulas (1971), as PostgreSQL does, so that the digits agree. Of integers and
//! numerics exactly: with n values x shifted by the first, the variance is
//! (n Σx² - (Σx)²) / (n (n - 1)), which no shift changes.
//!
//! Limits: where Σx² of integers, shifted, does not fit 128 bits the result has the precision of a double.

use super::{Accumulator, AggregateFunction, Present, aggregate, column_of, settled};
use crate::sql::functions::exact::Numbers;
use crate::sql::functions::support::{f64s, float_overflow, i64s};
use crate::sql::functions::{FLOAT4, FLOAT8, INT2, INT4, INT8, NUMERIC, Signature};
use remanent_kernels::compare::{gather_f64, gather_i64};
use remanent_kernels::sums::{Moments, add_moments};
use remanent_storage::error::Result;
use remanent_storage::value::{Column, Decimal, Numeric, Type, Value};

static SIGNATURES: &[Signature] = &[
    (&[INT4], Type::Numeric(None)),
    (&[INT8], Type::Numeric(None)),
    (&[FLOAT8], Type::Float8),
    (&[FLOAT4], Type::Float8),
    (&[NUMERIC], Type::Numeric(None)),
    (&[INT2], Type::Numeric(None)),
];

pub(super) static AGGREGATES: &[AggregateFunction] = &[
    aggregate("stddev", SIGNATURES, |a, _| make(a, true, true)),
    aggregate("stddev_samp", SIGNATURES, |a, _| make(a, true, true)),
    aggregate("stddev_pop", SIGNATURES, |a, _| make(a, true, false)),
    aggregate("variance", SIGNATURES, |a, _| make(a, false, true)),
    aggregate("var_samp", SIGNATURES, |a, _| make(a, false, true)),
    aggregate("var_pop", SIGNATURES, |a, _| make(a, false, false)),
];

/// What of the moments is asked for.
#[derive(Clone, Copy)]
struct Wanted {
    /// The root of the variance.
    root: bool,
    /// Of a sample: divided by n - 1.
    sample: bool,
}

fn make(args: &[Type], root: bool, sample: bool) -> Box<dyn Accumulator> {
    let wanted = Wanted { root, sample };
    match args.first() {
        Some(Type::Float4 | Type::Float8) => Box::new(Floats { wanted, groups: Vec::new() }),
        Some(Type::Int2 | Type::Int4 | Type::Int8) => Box::new(Integers { wanted, groups: Vec::new() }),
        _ => Box::new(Exact { wanted, groups: Vec::new() }),
    }
}

#[derive(Clone, Copy, Default)]
struct FloatMoments {
    n: f64,
    sum: f64,
    squares: f64,
}

impl FloatMoments {
    /// PostgreSQL's float8_accum.
    fn add(&mut self, v: f64) -> Result<()> {
        let before = *self;
        self.n += 1.0;
        self.sum += v;
        if before.n > 0.0 {
            let d = v * self.n - self.sum;
            self.squares += d * d / (self.n * before.n);
            if self.sum.is_infinite() || self.squares.is_infinite() {
                if before.sum.is_finite() && v.is_finite() {
                    return Err(float_overflow());
                }
                self.squares = f64::NAN;
            }
        } else if !v.is_finite() {
            self.squares = f64::NAN;
        }
        Ok(())
    }
}

impl FloatMoments {
    /// PostgreSQL's float8_combine.
    fn merge(&mut self, more: FloatMoments) {
        if self.n == 0.0 || more.n == 0.0 {
            if self.n == 0.0 {
                *self = more;
            }
            return;
        }
        let n = self.n + more.n;
        let d = self.sum / self.n - more.sum / more.n;
        self.squares += more.squares + self.n * more.n * d * d / n;
        (self.n, self.sum) = (n, self.sum + more.sum);
    }
}

struct Floats {
    wanted: Wanted,
    groups: Vec<FloatMoments>,
}

impl Accumulator for Floats {
    fn resize(&mut self, groups: usize) {
        self.groups.resize(groups.max(self.groups.len()), FloatMoments::default());
    }

    fn update(&mut self, groups: Option<&[u32]>, args: &[Column], rows: usize) -> Result<()> {
        let column = settled(&args[0]);
        let (values, groups) = Present::of(args, rows).pick(f64s(&column)?, groups, gather_f64);
        for (i, &v) in values.iter().enumerate() {
            self.groups[groups.as_ref().map_or(0, |g| g[i] as usize)].add(v)?;
        }
        Ok(())
    }

    fn merge(&mut self, into: usize, from: usize) -> Result<()> {
        let more = self.groups[from];
        self.groups[into].merge(more);
        Ok(())
    }

    fn of_group(&mut self, group: usize) -> Result<Option<Box<dyn Accumulator>>> {
        Ok(Some(Box::new(Floats { groups: vec![self.groups[group]], ..*self })))
    }

    fn finish(&mut self) -> Result<Column> {
        let Wanted { root, sample } = self.wanted;
        column_of(Type::Float8, self.groups.len(), &mut |g| {
            let FloatMoments { n, squares, .. } = self.groups[g];
            let by = if sample { n - 1.0 } else { n };
            if by <= 0.0 {
                return Ok(None);
            }
            let variance = squares / by;
            Ok(Some(Value::Float8(if root { variance.sqrt() } else { variance })))
        })
    }

    fn memory(&self) -> usize {
        self.groups.capacity() * size_of::<FloatMoments>()
    }
}

/// Sums of what is left of each value after the first was taken away.
#[derive(Clone)]
struct ExactMoments {
    n: i64,
    first: Numeric,
    sum: Numeric,
    squares: Numeric,
}

const NOTHING: ExactMoments =
    ExactMoments { n: 0, first: Numeric::ZERO, sum: Numeric::ZERO, squares: Numeric::ZERO };

impl ExactMoments {
    fn add(&mut self, v: &Numeric) -> Result<()> {
        if self.n == 0 {
            self.first = v.clone();
        }
        self.n += 1;
        let shifted = v.sub(&self.first)?;
        self.sum = self.sum.add(&shifted)?;
        self.squares = self.squares.add(&shifted.mul(&shifted)?)?;
        Ok(())
    }

    /// Adds the moments of other values, which were shifted by another first one.
    fn merge(&mut self, more: ExactMoments) -> Result<()> {
        if self.n == 0 || more.n == 0 {
            if self.n == 0 {
                *self = more;
            }
            return Ok(());
        }
        let shift = more.first.sub(&self.first)?;
        let whole = count(more.n).mul(&shift)?;
        let cross = shift.mul(&more.sum)?.mul(&count(2))?;
        self.sum = self.sum.add(&more.sum)?.add(&whole)?;
        self.squares = self.squares.add(&more.squares)?.add(&cross)?.add(&whole.mul(&shift)?)?;
        self.n += more.n;
        Ok(())
    }

    fn result(&self, wanted: Wanted) -> Result<Option<Value>> {
        exact_result(self.n, &self.sum, &self.squares, wanted)
    }
}

fn count(n: i64) -> Numeric {
    Decimal::from(n).into()
}

/// From n, Σx and Σx².
fn exact_result(n: i64, sum: &Numeric, squares: &Numeric, wanted: Wanted) -> Result<Option<Value>> {
    let by = if wanted.sample { n - 1 } else { n };
    if by <= 0 {
        return Ok(None);
    }
    let numerator = count(n).mul(squares)?.sub(&sum.mul(sum)?)?;
    if numerator.scale().is_none() {
        return Ok(Some(Value::Numeric(Numeric::NaN)));
    }
    if numerator.signum() <= 0 {
        return Ok(Some(Value::Numeric(Numeric::ZERO)));
    }
    let variance = numerator.div(&count(n).mul(&count(by))?)?;
    let result = match variance.scale() {
        Some(scale) if wanted.root => variance.sqrt_to(scale)?,
        _ => variance,
    };
    Ok(Some(Value::Numeric(result)))
}

/// Integers.
struct Integers {
    wanted: Wanted,
    groups: Vec<Moments>,
}

impl Accumulator for Integers {
    fn resize(&mut self, groups: usize) {
        self.groups.resize(groups.max(self.groups.len()), Moments::default());
    }

    fn update(&mut self, groups: Option<&[u32]>, args: &[Column], rows: usize) -> Result<()> {
        let column = settled(&args[0]);
        let (values, groups) = Present::of(args, rows).pick(i64s(&column)?, groups, gather_i64);
        add_moments(&values, groups.as_deref(), &mut self.groups);
        Ok(())
    }

    fn merge(&mut self, into: usize, from: usize) -> Result<()> {
        let more = self.groups[from];
        let held = &mut self.groups[into];
        if held.n == 0 || more.n == 0 {
            if held.n == 0 {
                *held = more;
            }
            return Ok(());
        }
        // What was taken away from each of the others, seen from our first value.
        let shift = i128::from(more.shift) - i128::from(held.shift);
        let moved = || {
            let whole = i128::from(more.n).checked_mul(shift)?;
            let cross = shift.checked_mul(2)?.checked_mul(more.sum)?;
            let squares = more.squares.checked_add(cross)?.checked_add(whole.checked_mul(shift)?)?;
            Some((more.sum.checked_add(whole)?, held.squares.checked_add(squares)?))
        };
        let rough = more.rough + shift as f64 * (2.0 * more.sum as f64 + more.n as f64 * shift as f64);
        match moved() {
            Some((sum, squares)) => {
                held.sum = held.sum.saturating_add(sum);
                held.squares = squares;
            }
            None => {
                held.sum =
                    held.sum.saturating_add(more.sum.saturating_add(shift.saturating_mul(more.n.into())));
                held.overflow = true;
            }
        }
        held.overflow |= more.overflow;
        held.n += more.n;
        held.rough += rough;
        Ok(())
    }

    fn of_group(&mut self, group: usize) -> Result<Option<Box<dyn Accumulator>>> {
        Ok(Some(Box::new(Integers { groups: vec![self.groups[group]], ..*self })))
    }

    fn finish(&mut self) -> Result<Column> {
        column_of(Type::Numeric(None), self.groups.len(), &mut |g| {
            let m = &self.groups[g];
            if !m.overflow {
                let exact = |n| Numeric::scaled(n, 0);
                return exact_result(m.n, &exact(m.sum), &exact(m.squares), self.wanted);
            }
            let by = if self.wanted.sample { m.n - 1 } else { m.n };
            let variance = (m.rough - m.sum as f64 / m.n as f64 * m.sum as f64).max(0.0) / by as f64;
            let rough = if self.wanted.root { variance.sqrt() } else { variance };
            Ok((by > 0).then(|| Value::Numeric(Numeric::from_f64(rough))))
        })
    }

    fn memory(&self) -> usize {
        self.groups.capacity() * size_of::<Moments>()
    }
}

struct Exact {
    wanted: Wanted,
    groups: Vec<ExactMoments>,
}

impl Accumulator for Exact {
    fn resize(&mut self, groups: usize) {
        self.groups.resize(groups.max(self.groups.len()), NOTHING);
    }

    fn update(&mut self, groups: Option<&[u32]>, args: &[Column], rows: usize) -> Result<()> {
        let column = settled(&args[0]);
        let values = Numbers::of(&column)?;
        Present::of(args, rows).each(groups, rows, &mut |row, group| self.groups[group].add(&values.get(row)))
    }

    fn merge(&mut self, into: usize, from: usize) -> Result<()> {
        let more = self.groups[from].clone();
        self.groups[into].merge(more)
    }

    fn of_group(&mut self, group: usize) -> Result<Option<Box<dyn Accumulator>>> {
        Ok(Some(Box::new(Exact { groups: vec![self.groups[group].clone()], ..*self })))
    }

    fn finish(&mut self) -> Result<Column> {
        let wanted = self.wanted;
        column_of(Type::Numeric(None), self.groups.len(), &mut |g| self.groups[g].result(wanted))
    }

    fn memory(&self) -> usize {
        self.groups.capacity() * size_of::<ExactMoments>()
    }
}
