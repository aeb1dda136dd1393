//! Roots, powers and logarithms of numeric, with PostgreSQL's number of decimals: at least 16 significant
//! digits and no fewer decimals than the arguments have (`numeric.c`, PostgreSQL 15).
//!
//! Limits: a numeric has 36 digits here; where PostgreSQL would give more, decimals are dropped.

use super::fixed::Fixed;
use super::support::division_by_zero;
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::Decimal;
use remanent_storage::value::decimal::{MAX_DIGITS, MAX_SCALE};
use std::cmp::Ordering;

/// How many significant digits a result has at least.
const MIN_DIGITS: i32 = 16;

fn overflow() -> Error {
    Error::new(state::NUMERIC_VALUE_OUT_OF_RANGE, "value overflows numeric format")
}

pub(super) fn negative_root() -> Error {
    // PostgreSQL: ERRCODE_INVALID_ARGUMENT_FOR_POWER_FUNCTION.
    Error::new(state::INVALID_ARGUMENT_FOR_POWER, "cannot take square root of a negative number")
}

/// Refuses what has no logarithm, by how it compares with zero.
pub(super) fn check_logarithm(sign: Option<Ordering>) -> Result<()> {
    let message = match sign {
        Some(Ordering::Equal) => "cannot take logarithm of zero",
        Some(Ordering::Less) => "cannot take logarithm of a negative number",
        _ => return Ok(()),
    };
    Err(Error::new(state::INVALID_ARGUMENT_FOR_LOG, message))
}

fn fixed(d: Decimal) -> Fixed {
    Fixed::decimal(d.mantissa, d.scale)
}

/// Rounded to so many decimals, or to as many as fit.
fn rounded(v: Fixed, scale: i32) -> Result<Decimal> {
    let mut scale = scale.clamp(0, MAX_SCALE.into()) as u8;
    loop {
        if let Some(d) = v.to_decimal(scale).and_then(|m| Decimal::new(m, scale)) {
            return Ok(d);
        }
        scale = scale.checked_sub(1).ok_or_else(overflow)?;
    }
}

/// The position of the first digit: 0 for 1 to 9.99.
fn magnitude(d: Decimal) -> i32 {
    d.digits() as i32 - 1 - i32::from(d.scale)
}

/// PostgreSQL's weight: the position of the first digit in base 10,000.
fn weight(d: Decimal) -> i32 {
    if d.mantissa == 0 { 0 } else { magnitude(d).div_euclid(4) }
}

pub(super) fn sqrt(d: Decimal) -> Result<Decimal> {
    if d.mantissa < 0 {
        return Err(negative_root());
    }
    let scale = (MIN_DIGITS - (2 * weight(d) + 1)).max(d.scale.into());
    sqrt_to(d, scale.clamp(0, MAX_SCALE.into()) as u8)
}

/// The root of a number that is not negative, to so many decimals.
pub(super) fn sqrt_to(d: Decimal, scale: u8) -> Result<Decimal> {
    match d.mantissa {
        0 => rounded(Fixed::ZERO, scale.into()),
        _ => rounded(fixed(d).sqrt().ok_or_else(overflow)?, scale.into()),
    }
}

pub(super) fn exp(d: Decimal) -> Result<Decimal> {
    // The decimal weight of the result.
    let weight = (d.to_f64() * std::f64::consts::LOG10_E).clamp(-1000.0, 1000.0) as i32;
    let scale = (MIN_DIGITS - weight).max(d.scale.into());
    rounded(fixed(d).exp().ok_or_else(overflow)?, scale)
}

/// About where the first digit of ln(d) is (`estimate_ln_dweight`).
fn ln_weight(d: Decimal) -> i32 {
    let v = d.to_f64();
    if (0.9..=1.1).contains(&v) {
        let one = Decimal { mantissa: 1, scale: 0 };
        return match d.sub(one) {
            Ok(rest) if rest.mantissa != 0 => {
                // The first digit in base 10,000 counts by its own decimal digits.
                magnitude(rest)
            }
            _ => 0,
        };
    }
    v.ln().abs().log10() as i32
}

pub(super) fn ln(d: Decimal) -> Result<Decimal> {
    check_logarithm(Some(d.mantissa.cmp(&0)))?;
    let scale = (MIN_DIGITS - ln_weight(d)).max(d.scale.into());
    rounded(fixed(d).ln().ok_or_else(overflow)?, scale)
}

pub(super) fn log10(d: Decimal) -> Result<Decimal> {
    log(Decimal { mantissa: 10, scale: 0 }, d)
}

pub(super) fn log(base: Decimal, d: Decimal) -> Result<Decimal> {
    check_logarithm(Some(base.mantissa.cmp(&0)))?;
    check_logarithm(Some(d.mantissa.cmp(&0)))?;
    let scale = (MIN_DIGITS - (ln_weight(d) - ln_weight(base))).max(base.scale.into()).max(d.scale.into());
    let divisor = fixed(base).ln().ok_or_else(overflow)?;
    if fixed(base).sub(Fixed::integer(1)).is_some_and(Fixed::is_zero) {
        return Err(division_by_zero());
    }
    let quotient = || fixed(d).ln()?.mul(divisor.reciprocal()?);
    rounded(quotient().ok_or_else(overflow)?, scale)
}

pub(super) fn power(base: Decimal, exponent: Decimal) -> Result<Decimal> {
    let invalid = |message| Err(Error::new(state::INVALID_ARGUMENT_FOR_POWER, message));
    let whole =
        exponent.is_integer().then(|| exponent.to_i64().and_then(|e| i32::try_from(e).ok())).flatten();
    if base.mantissa == 0 && exponent.mantissa < 0 {
        return invalid("zero raised to a negative power is undefined");
    }
    if let Some(n) = whole {
        return power_whole(base, n);
    }
    if base.mantissa == 0 {
        return rounded(Fixed::ZERO, MIN_DIGITS);
    }
    if base.mantissa < 0 {
        return invalid("a negative number raised to a non-integer power yields a complex result");
    }
    let log = fixed(base).ln().and_then(|l| l.mul(fixed(exponent))).ok_or_else(overflow)?;
    let weight = (log.to_f64() * std::f64::consts::LOG10_E).clamp(-1000.0, 1000.0) as i32;
    let scale = (MIN_DIGITS - weight).max(base.scale.into()).max(exponent.scale.into());
    rounded(log.exp().ok_or_else(overflow)?, scale)
}

fn power_whole(base: Decimal, n: i32) -> Result<Decimal> {
    let scale = MIN_DIGITS.max(base.scale.into());
    let estimate = f64::from(n) * base.to_f64().abs().log10();
    if n != 0 && base.mantissa != 0 && estimate > f64::from(MAX_DIGITS) + 1.0 {
        return Err(overflow());
    }
    if base.mantissa == 0 && n != 0 || estimate < -60.0 {
        return rounded(Fixed::ZERO, scale);
    }
    // Square and multiply; a negative power is the reciprocal of the positive one.
    let raise = || {
        let (mut result, mut square, mut left) = (Fixed::integer(1), fixed(base), n.unsigned_abs());
        if n < 0 {
            square = square.reciprocal()?;
        }
        loop {
            if left & 1 == 1 {
                result = result.mul(square)?;
            }
            left >>= 1;
            if left == 0 {
                return Some(result);
            }
            square = square.mul(square)?;
        }
    };
    rounded(raise().ok_or_else(overflow)?, scale)
}
