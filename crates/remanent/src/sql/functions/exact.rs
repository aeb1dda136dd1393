//! Kernels of numeric: over decimals of 16 bytes as long as everything fits them, and else over numerics of any size.
//!
//! A function is given twice: on [`Decimal`]s, None where the result does not fit, and on [`Numeric`]s, which
//! is asked then. A batch is tried the first way as a whole.

use super::support::decimals;
use super::{Args, Column};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::txn::Interrupt;
use remanent_storage::value::{Buffer, ColumnBuilder, ColumnData, Decimal, Numeric, Value};

/// The numbers of a numeric column, one a row; anything under a NULL.
pub enum Numbers {
    /// All fit.
    Short(Buffer<Decimal>),
    /// Some do not.
    Any(Vec<Numeric>),
}

impl Numbers {
    /// Those of a column that is flat or constant.
    pub fn of(column: &Column) -> Result<Self> {
        if !column.is_wide() {
            return Ok(Numbers::Short(decimals(column)?));
        }
        let of = |value| match value {
            Value::Numeric(n) => n,
            _ => Numeric::ZERO,
        };
        Ok(Numbers::Any(column.values().map(of).collect()))
    }

    /// The number of a row.
    pub fn get(&self, row: usize) -> Numeric {
        match self {
            Numbers::Short(v) => Numeric::Decimal(v[row]),
            Numbers::Any(v) => v[row].clone(),
        }
    }
}

/// A function of one number: on short ones, on any.
pub type One = (fn(Decimal) -> Option<Decimal>, fn(&Numeric) -> Result<Numeric>);
/// A function of two.
pub type Two = (fn(Decimal, Decimal) -> Option<Decimal>, fn(&Numeric, &Numeric) -> Result<Numeric>);

/// Row by row a number.
pub fn one(args: &Args<'_>, (short, any): One) -> Result<Column> {
    let x = Numbers::of(&args.columns[0])?;
    if let Numbers::Short(x) = &x
        && let Some(column) = args.map_decimal(&mut |i| short(x[i]))
    {
        return Ok(column);
    }
    args.map_numeric(&mut |i| any(&x.get(i)))
}

/// Row by row a number of two.
pub fn two(args: &Args<'_>, (short, any): Two) -> Result<Column> {
    let (x, y) = (Numbers::of(&args.columns[0])?, Numbers::of(&args.columns[1])?);
    if let (Numbers::Short(x), Numbers::Short(y)) = (&x, &y)
        && let Some(column) = args.map_decimal(&mut |i| short(x[i], y[i]))
    {
        return Ok(column);
    }
    args.map_numeric(&mut |i| any(&x.get(i), &y.get(i)))
}

/// There is no short way.
pub fn never(_: Decimal) -> Option<Decimal> {
    None
}

/// There is no short way.
pub fn never_two(_: Decimal, _: Decimal) -> Option<Decimal> {
    None
}

impl Args<'_> {
    /// Row by row over the valid rows, for numeric results; None where one does not fit.
    pub(super) fn map_decimal(&self, f: &mut dyn FnMut(usize) -> Option<Decimal>) -> Option<Column> {
        let mut out = vec![0; self.rows];
        for (row, slot) in out.iter_mut().enumerate() {
            if self.is_valid(row) {
                *slot = f(row)?.pack();
            }
        }
        Some(Column::flat(self.ty, ColumnData::I128(out.into()), self.valid.clone()))
    }

    /// Row by row over the valid rows, for numeric results of any size.
    pub(super) fn map_numeric(&self, f: &mut dyn FnMut(usize) -> Result<Numeric>) -> Result<Column> {
        let mut out = ColumnBuilder::with_capacity(self.ty, self.rows);
        for row in 0..self.rows {
            // One power or product of large numbers takes milliseconds.
            self.ctx.interrupt.check()?;
            match self.is_valid(row) {
                true => out.push_numeric(&f(row)?)?,
                false => out.push_null(),
            }
        }
        Ok(out.finish())
    }
}

/// The greatest common divisor, as PostgreSQL's `gcd`.
pub fn gcd(x: &Numeric, y: &Numeric) -> Result<Numeric> {
    if x.scale().is_none() || y.scale().is_none() {
        return Ok(Numeric::NaN);
    }
    let (mut a, mut b) = (x.abs(), y.abs());
    let scale = x.scale().max(y.scale()).unwrap_or(0);
    while b.signum() != 0 {
        let rest = a.rem(&b)?;
        (a, b) = (b, rest);
    }
    a.round(scale)
}

/// The least common multiple.
pub fn lcm(x: &Numeric, y: &Numeric) -> Result<Numeric> {
    if x.scale().is_none() || y.scale().is_none() {
        return Ok(Numeric::NaN);
    }
    let scale = x.scale().max(y.scale()).unwrap_or(0);
    if x.signum() == 0 || y.signum() == 0 {
        return Numeric::ZERO.round(scale);
    }
    x.div_trunc(&gcd(x, y)?)?.mul(y)?.abs().round(scale)
}

/// n!, as PostgreSQL's `factorial`.
pub fn factorial(n: i64, interrupt: &Interrupt) -> Result<Numeric> {
    let refuse = |message| Err(Error::new(state::NUMERIC_VALUE_OUT_OF_RANGE, message));
    if n < 0 {
        return refuse("factorial of a negative number is undefined");
    }
    if n > 32_177 {
        return refuse("value overflows numeric format");
    }
    (2..=n).try_fold(Numeric::from(Decimal::ONE), |product, i| {
        interrupt.check()?;
        product.mul(&Decimal::from(i).into())
    })
}
