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
use remanent_storage::error::Result;
use remanent_storage::value::{Buffer, Column, Decimal, Type, Value};

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
        let (values, groups) = Present::of(args, rows).pick(f64s(&column)?, groups);
        for (i, &v) in values.iter().enumerate() {
            self.groups[groups.as_ref().map_or(0, |g| g[i] as usize)].add(v)?;
        }
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

    /// n Σx² - (Σx)²
    fn numerator(&self) -> Option<Decimal> {
        let (sum, squares) = self.sums?;
        let n = Decimal { mantissa: self.n.into(), scale: 0 };
        exact_product(n, squares)?.sub(exact_product(sum, sum)?).ok()
    }

    fn result(&self, wanted: Wanted) -> Result<Option<Value>> {
        let by = if wanted.sample { self.n - 1 } else { self.n };
        if by <= 0 {
            return Ok(None);
        }
        let Some(numerator) = self.numerator() else {
            let variance = self.rough.squares / by as f64;
            let rough = if wanted.root { variance.sqrt() } else { variance };
            return Ok(Some(Value::Numeric(Decimal::from_f64(rough)?)));
        };
        if numerator.mantissa <= 0 {
            return Ok(Some(Value::Numeric(ZERO)));
        }
        let divisor = Decimal { mantissa: i128::from(self.n) * i128::from(by), scale: 0 };
        let variance = numerator.div(divisor)?;
        Ok(Some(Value::Numeric(if wanted.root {
            exact::sqrt_to(variance, variance.scale)?
        } else {
            variance
        })))
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
        let values: Buffer<Decimal> = match column.ty() {
            Type::Numeric(_) => decimals(&column)?,
            _ => i64s(&column)?
                .iter()
                .map(|&v| Decimal { mantissa: v.into(), scale: 0 })
                .collect::<Vec<_>>()
                .into(),
        };
        Present::of(args, rows).each(groups, rows, &mut |row, group| self.groups[group].add(values[row]))
    }

    fn finish(&mut self) -> Result<Column> {
        let wanted = self.wanted;
        column_of(Type::Numeric(None), self.groups.len(), &mut |g| self.groups[g].result(wanted))
    }

    fn memory(&self) -> usize {
        self.groups.capacity() * size_of::<ExactMoments>()
    }
}
