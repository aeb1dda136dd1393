//! stddev, variance and their kin.
//!
//! Of floats by Youngs and Cramer's updating formulas (1971), as PostgreSQL does, so that the digits agree. Of integers and
//! numerics exactly: with n values x shifted by the first, the variance is
//! (n Σx² - (Σx)²) / (n (n - 1)), which no shift changes.
//!
//! Limits: where the exact numerator has more than 36 digits the result has the precision of a double.

use super::{Accumulator, AggregateFunction, Present, aggregate, column_of, settled};
use crate::sql::functions::exact;
use crate::sql::functions::support::{decimals, f64s, float_overflow, i64s};
use crate::sql::functions::{FLOAT4, FLOAT8, INT2, INT4, INT8, NUMERIC, Signature};
use remanent_kernels::compute::{Moments, add_moments, gather_f64, gather_i64};
use remanent_storage::error::Result;
use remanent_storage::value::{Column, Decimal, Type, Value};

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
        Some(Type::Int2 | Type::Int4 | Type::Int8) => {
            Box::new(Integers { wanted, scale: 0, groups: Vec::new() })
        }
        Some(Type::Numeric(Some((precision, scale)))) if *precision <= 18 => {
            Box::new(Integers { wanted, scale: *scale, groups: Vec::new() })
        }
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

/// Sums of what is left of each value after the first was taken away; doubles beside them for when the digits run out.
#[derive(Clone, Copy)]
struct ExactMoments {
    n: i64,
    first: Decimal,
    sums: Option<(Decimal, Decimal)>,
    rough: FloatMoments,
}

const ZERO: Decimal = Decimal { mantissa: 0, scale: 0 };
const NOTHING: ExactMoments = ExactMoments {
    n: 0,
    first: ZERO,
    sums: Some((ZERO, ZERO)),
    rough: FloatMoments { n: 0.0, sum: 0.0, squares: 0.0 },
};

impl ExactMoments {
    fn add(&mut self, v: Decimal) -> Result<()> {
        if self.n == 0 {
            self.first = v;
        }
        self.n += 1;
        let shifted = v.sub(self.first)?;
        self.sums = self.sums.and_then(|(sum, squares)| {
            let square = exact_product(shifted, shifted)?;
            Some((sum.add(shifted).ok()?, squares.add(square).ok()?))
        });
        self.rough.add(shifted.to_f64())
    }

    /// Adds the moments of other values, which were shifted by another first one.
    fn merge(&mut self, more: ExactMoments) -> Result<()> {
        if self.n == 0 || more.n == 0 {
            if self.n == 0 {
                *self = more;
            }
            return Ok(());
        }
        let shift = more.first.sub(self.first)?;
        let count = Decimal { mantissa: more.n.into(), scale: 0 };
        let moved = |(sum, squares): (Decimal, Decimal)| {
            let (whole, twice) = (exact_product(count, shift)?, Decimal { mantissa: 2, scale: 0 });
            let cross = exact_product(exact_product(twice, shift)?, sum)?;
            let square = exact_product(whole, shift)?;
            Some((sum.add(whole).ok()?, squares.add(cross).ok()?.add(square).ok()?))
        };
        self.sums = self.sums.and_then(|(sum, squares)| {
            let (more_sum, more_squares) = moved(more.sums?)?;
            Some((sum.add(more_sum).ok()?, squares.add(more_squares).ok()?))
        });
        self.n += more.n;
        let mut rough = more.rough;
        rough.sum += rough.n * shift.to_f64();
        self.rough.merge(rough);
        Ok(())
    }

    /// n Σx² - (Σx)²
    fn numerator(&self) -> Option<Decimal> {
        let (sum, squares) = self.sums?;
        let n = Decimal { mantissa: self.n.into(), scale: 0 };
        exact_product(n, squares)?.sub(exact_product(sum, sum)?).ok()
    }

    fn result(&self, wanted: Wanted) -> Result<Option<Value>> {
        exact_result(self.n, self.numerator(), self.rough.squares, wanted)
    }
}

/// From the exact numerator n Σx² - (Σx)², or where there is none from the rough Σ(x - mean)².
fn exact_result(n: i64, numerator: Option<Decimal>, rough: f64, wanted: Wanted) -> Result<Option<Value>> {
    let by = if wanted.sample { n - 1 } else { n };
    if by <= 0 {
        return Ok(None);
    }
    let Some(numerator) = numerator else {
        let variance = rough / by as f64;
        let rough = if wanted.root { variance.sqrt() } else { variance };
        return Ok(Some(Value::Numeric(Decimal::from_f64(rough)?)));
    };
    if numerator.mantissa <= 0 {
        return Ok(Some(Value::Numeric(ZERO)));
    }
    let divisor = Decimal { mantissa: i128::from(n) * i128::from(by), scale: 0 };
    let variance = numerator.div(divisor)?;
    let result = if wanted.root { exact::sqrt_to(variance, variance.scale)? } else { variance };
    Ok(Some(Value::Numeric(result)))
}

/// Integers, and numerics of one scale by their mantissas.
struct Integers {
    wanted: Wanted,
    scale: u8,
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

    fn finish(&mut self) -> Result<Column> {
        column_of(Type::Numeric(None), self.groups.len(), &mut |g| {
            let m = &self.groups[g];
            let numerator = || {
                let product = i128::from(m.n).checked_mul(if m.overflow { i128::MAX } else { m.squares })?;
                Decimal::new(product.checked_sub(m.sum.checked_mul(m.sum)?)?, self.scale.checked_mul(2)?)
            };
            let unit = 10f64.powi(self.scale.into());
            let rough = (m.rough - m.sum as f64 / m.n as f64 * m.sum as f64).max(0.0) / unit / unit;
            exact_result(m.n, numerator(), rough, self.wanted)
        })
    }

    fn memory(&self) -> usize {
        self.groups.capacity() * size_of::<Moments>()
    }
}

/// The product with all its decimals; None where it does not fit.
fn exact_product(a: Decimal, b: Decimal) -> Option<Decimal> {
    Decimal::new(a.mantissa.checked_mul(b.mantissa)?, a.scale.checked_add(b.scale)?)
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
        let values = decimals(&column)?;
        Present::of(args, rows).each(groups, rows, &mut |row, group| self.groups[group].add(values[row]))
    }

    fn merge(&mut self, into: usize, from: usize) -> Result<()> {
        let more = self.groups[from];
        self.groups[into].merge(more)
    }

    fn finish(&mut self) -> Result<Column> {
        let wanted = self.wanted;
        column_of(Type::Numeric(None), self.groups.len(), &mut |g| self.groups[g].result(wanted))
    }

    fn memory(&self) -> usize {
        self.groups.capacity() * size_of::<ExactMoments>()
    }
}
