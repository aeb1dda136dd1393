//! Exact decimal numbers of up to 36 digits: SQL's `numeric`, nearly always.
//!
//! A [`Decimal`] is an integer and the number of its digits that stand after the point: `12.50` is
//! `1250 / 10^2`. The scale is kept for display, as PostgreSQL does; equality, order and hash are by
//! value (`1.0 = 1.00`).
//!
//! ```
//! use remanent_storage::value::Decimal;
//! let third = Decimal::from(1).div("3.0".parse().unwrap()).unwrap();
//! assert_eq!(third.to_string(), "0.33333333333333333333");
//! assert_eq!("12.50".parse::<Decimal>().unwrap(), "12.5".parse::<Decimal>().unwrap());
//! ```
//!
//! Result scales are PostgreSQL's (`numeric.c`: the larger scale for +, − and %, the sum for ×,
//! `select_div_scale` for ÷).
//!
//! Limits: a result that has more than 36 digits, or more than 36 after the point, is None: it is a
//! [`Numeric`](super::Numeric) of another kind, which computes it.

use super::wide;
use crate::error::{Error, Result, state};
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

/// How many digits a number has at most.
pub const MAX_DIGITS: u8 = 36;
/// How many of them stand after the point at most.
pub const MAX_SCALE: u8 = 36;
/// Mantissas stay below this: 10^36, which leaves [`Decimal::pack`] 6 bits of an i128 for the scale.
const LIMIT: u128 = 10u128.pow(MAX_DIGITS as u32);
/// A quotient has at least so many significant digits (PostgreSQL's `NUMERIC_MIN_SIG_DIGITS`).
const DIV_MIN_DIGITS: i32 = 16;

/// An exact number: `mantissa / 10^scale`. At most 36 digits; scale at most 36.
/// Equality and order are by value (`1.0 = 1.00`); the scale is kept for display, as PostgreSQL does.
#[derive(Debug, Clone, Copy)]
pub struct Decimal {
    /// The digits as one integer.
    pub mantissa: i128,
    /// How many of them stand after the point.
    pub scale: u8,
}

pub(super) fn overflow() -> Error {
    Error::new(state::NUMERIC_VALUE_OUT_OF_RANGE, "value overflows numeric format")
}

impl Decimal {
    /// 0
    pub const ZERO: Decimal = Decimal { mantissa: 0, scale: 0 };
    /// 1
    pub const ONE: Decimal = Decimal { mantissa: 1, scale: 0 };

    /// The number `mantissa / 10^scale`; None where it has more than 36 digits or decimals.
    pub fn new(mantissa: i128, scale: u8) -> Option<Self> {
        (mantissa.unsigned_abs() < LIMIT && scale <= MAX_SCALE).then_some(Decimal { mantissa, scale })
    }

    /// How many digits the mantissa has; 0 has none.
    pub fn digits(self) -> u32 {
        self.mantissa.unsigned_abs().checked_ilog10().map_or(0, |n| n + 1)
    }

    /// The form in a column of `numeric` without precision: mantissa above, scale in the low 6 bits.
    pub fn pack(self) -> i128 {
        self.mantissa << 6 | i128::from(self.scale)
    }

    /// The inverse of [`pack`](Decimal::pack).
    pub fn unpack(packed: i128) -> Self {
        Decimal { mantissa: packed >> 6, scale: packed as u8 & 63 }
    }

    /// The same number with another scale, rounded half away from zero; None where it does not fit.
    pub fn rescale(self, scale: u8) -> Option<Self> {
        if scale >= self.scale {
            let m = match self.mantissa {
                0 => 0,
                m => m.checked_mul(10i128.checked_pow(u32::from(scale - self.scale))?)?,
            };
            return Decimal::new(m, scale);
        }
        let divisor = 10i128.checked_pow(u32::from(self.scale - scale))?;
        let (quotient, rest) = (self.mantissa / divisor, self.mantissa % divisor);
        let up = i128::from(rest.unsigned_abs() >= divisor.unsigned_abs().div_ceil(2));
        Decimal::new(quotient + up * self.mantissa.signum(), scale)
    }

    /// The number as `numeric(precision, scale)` keeps it: rounded, and 22003 where it is too large. For types whose
    /// values are decimals of that scale ([`Type::fixed_scale`](super::Type::fixed_scale)).
    pub fn fit(self, precision: u16, scale: u8) -> Result<Self> {
        match self.rescale(scale) {
            Some(d) if d.digits() <= u32::from(precision) => Ok(d),
            _ => Err(field_overflow(precision, scale.into())),
        }
    }

    /// The same number without zeros at the end of its decimals.
    pub fn normalize(self) -> Self {
        let (mut m, mut scale) = (self.mantissa, self.scale);
        while scale > 0 && m % 10 == 0 {
            (m, scale) = (m / 10, scale - 1);
        }
        Decimal { mantissa: m, scale }
    }

    /// True for a number without a fraction.
    pub fn is_integer(self) -> bool {
        self.normalize().scale == 0
    }

    /// -1, 0 or 1.
    pub fn signum(self) -> i32 {
        self.mantissa.signum() as i32
    }

    /// The number without its sign.
    pub fn abs(self) -> Self {
        Decimal { mantissa: self.mantissa.abs(), scale: self.scale }
    }

    /// The sum; None where it does not fit.
    #[allow(clippy::should_implement_trait, reason = "fails, so it is not the operator")]
    pub fn add(self, other: Self) -> Option<Self> {
        let scale = self.scale.max(other.scale);
        let (a, b) = (self.rescale(scale)?, other.rescale(scale)?);
        Decimal::new(a.mantissa + b.mantissa, scale)
    }

    /// The difference; None where it does not fit.
    #[allow(clippy::should_implement_trait, reason = "fails, so it is not the operator")]
    pub fn sub(self, other: Self) -> Option<Self> {
        self.add(-other)
    }

    /// The product; None where it does not fit.
    #[allow(clippy::should_implement_trait, reason = "fails, so it is not the operator")]
    pub fn mul(self, other: Self) -> Option<Self> {
        Decimal::new(self.mantissa.checked_mul(other.mantissa)?, self.scale + other.scale)
    }

    /// The quotient with PostgreSQL's scale; None where it does not fit or the divisor is 0.
    #[allow(clippy::should_implement_trait, reason = "fails, so it is not the operator")]
    pub fn div(self, other: Self) -> Option<Self> {
        if other.mantissa == 0 {
            return None;
        }
        let scale = div_scale(self, other);
        if scale > MAX_SCALE.into() {
            return None;
        }
        let (a, b) = (self.mantissa.unsigned_abs(), other.mantissa.unsigned_abs());
        // quotient · 10^scale = a · 10^shift / b
        let shift = scale + i32::from(other.scale) - i32::from(self.scale);
        let quotient = if shift >= 0 {
            // 10^72 is the most that is asked for: two factors of at most 10^36.
            let first = shift.min(MAX_DIGITS.into());
            let a = wide::mul(a, 10u128.pow(first as u32));
            wide::mul_div_round(a, 10u128.pow((shift - first) as u32), b)?
        } else {
            match b.checked_mul(10u128.pow(shift.unsigned_abs())) {
                Some(b) => wide::mul_div_round((0, a), 1, b)?,
                None => 0, // the divisor is more than a hundred times the dividend
            }
        };
        let sign = self.mantissa.signum() * other.mantissa.signum();
        Decimal::new(i128::try_from(quotient).ok()? * sign, scale as u8)
    }

    /// The remainder with the sign of the dividend; None where it does not fit or the divisor is 0.
    #[allow(clippy::should_implement_trait, reason = "fails, so it is not the operator")]
    pub fn rem(self, other: Self) -> Option<Self> {
        let scale = self.scale.max(other.scale);
        let (a, b) = (self.rescale(scale)?, other.rescale(scale)?);
        Decimal::new(a.mantissa.checked_rem(b.mantissa)?, scale)
    }

    /// Rounded half away from zero to so many decimals; a negative number rounds before the point. None where it does
    /// not fit.
    pub fn round(self, scale: i32) -> Option<Self> {
        self.to_scale(scale, |quotient, rest, divisor| {
            quotient + i128::from(rest.unsigned_abs() >= divisor.div_ceil(2)) * self.mantissa.signum()
        })
    }

    /// Cut to so many decimals; a negative number cuts before the point. None where it does not fit.
    pub fn trunc(self, scale: i32) -> Option<Self> {
        self.to_scale(scale, |quotient, _, _| quotient)
    }

    /// The smallest whole number that is not below; None where it does not fit.
    pub fn ceil(self) -> Option<Self> {
        self.to_scale(0, |quotient, rest, _| quotient + i128::from(rest > 0))
    }

    /// The largest whole number that is not above; None where it does not fit.
    pub fn floor(self) -> Option<Self> {
        self.to_scale(0, |quotient, rest, _| quotient - i128::from(rest < 0))
    }

    fn to_scale(self, scale: i32, pick: impl Fn(i128, i128, u128) -> i128) -> Option<Self> {
        if scale >= self.scale.into() {
            return self.rescale(u8::try_from(scale).ok()?);
        }
        let divisor = 10i128.checked_pow(i32::from(self.scale).checked_sub(scale)? as u32)?;
        let m = pick(self.mantissa / divisor, self.mantissa % divisor, divisor.unsigned_abs());
        let zeros = 10i128.checked_pow(scale.min(0).unsigned_abs())?;
        Decimal::new(m.checked_mul(zeros)?, scale.max(0) as u8)
    }

    /// The position of the first digit: v is at least 10^magnitude and below ten times that. 0 for 0.
    fn magnitude(self) -> i32 {
        self.mantissa.unsigned_abs().checked_ilog10().map_or(0, |n| n as i32 - i32::from(self.scale))
    }

    /// PostgreSQL's weight and first digit in base 10,000.
    fn leading(self) -> (i32, u32) {
        if self.mantissa == 0 {
            return (0, 0);
        }
        let weight = self.magnitude().div_euclid(4);
        let shift = i32::from(self.scale) + 4 * weight;
        let m = self.mantissa.unsigned_abs();
        let first = match shift {
            0.. => m / 10u128.checked_pow(shift as u32).unwrap_or(u128::MAX),
            _ => m * 10u128.pow(shift.unsigned_abs()),
        };
        (weight, first as u32)
    }

    /// From a float as PostgreSQL casts it: 15 significant digits; 22003 where it does not fit.
    pub fn from_f64(v: f64) -> Result<Self> {
        parse_short(&format!("{v:.14e}")).map(Decimal::normalize).ok_or_else(overflow)
    }

    /// From a float as PostgreSQL casts it: 6 significant digits; 22003 where it does not fit.
    pub fn from_f32(v: f32) -> Result<Self> {
        parse_short(&format!("{v:.5e}")).map(Decimal::normalize).ok_or_else(overflow)
    }

    /// The nearest float.
    pub fn to_f64(self) -> f64 {
        let m = self.mantissa.unsigned_abs();
        if m < 1 << 53 && self.scale <= 22 {
            // Both are exact, so the quotient is rounded once.
            return self.mantissa as f64 / 10f64.powi(self.scale.into());
        }
        self.to_string().parse().unwrap_or(f64::NAN)
    }

    /// The nearest float.
    pub fn to_f32(self) -> f32 {
        self.to_string().parse().unwrap_or(f32::NAN)
    }

    /// Rounded half away from zero to a whole number; None where that is no i64.
    pub fn to_i64(self) -> Option<i64> {
        i64::try_from(self.rescale(0)?.mantissa).ok()
    }

    /// The cast to bigint: [`to_i64`](Decimal::to_i64), or 22003.
    pub fn to_i64_checked(self) -> Result<i64> {
        self.to_i64().ok_or_else(|| Error::new(state::NUMERIC_VALUE_OUT_OF_RANGE, "bigint out of range"))
    }
}

/// PostgreSQL's `select_div_scale`: at least 16 significant digits and the scales of both operands.
fn div_scale(a: Decimal, b: Decimal) -> i32 {
    let ((weight_a, first_a), (weight_b, first_b)) = (a.leading(), b.leading());
    let weight = weight_a - weight_b - i32::from(first_a <= first_b);
    (DIV_MIN_DIGITS - 4 * weight).max(a.scale.into()).max(b.scale.into()).max(0)
}

pub(super) fn division_by_zero() -> Error {
    Error::new(state::DIVISION_BY_ZERO, "division by zero")
}

pub(super) fn field_overflow(precision: u16, scale: i16) -> Error {
    let below = match i32::from(precision) - i32::from(scale) {
        0 => "1".to_string(),
        n => format!("10^{n}"),
    };
    Error::new(state::NUMERIC_VALUE_OUT_OF_RANGE, "numeric field overflow").with_detail(format!(
        "A field with precision {precision}, scale {scale} must round to an absolute value less than {below}."
    ))
}

pub(super) fn infinite_field(precision: u16, scale: i16) -> Error {
    Error::new(state::NUMERIC_VALUE_OUT_OF_RANGE, "numeric field overflow").with_detail(format!(
        "A field with precision {precision}, scale {scale} cannot hold an infinite value."
    ))
}

/// The digits of a number without a sign, leading zeros left out, and how many of them stand after the point (fewer than
/// none: zeros follow); None where it is no number.
pub(super) fn scan(text: &str) -> Option<(Vec<u8>, i64)> {
    let (digits, exponent) = match text.split_once(['e', 'E']) {
        Some((digits, exponent)) => (digits, parse_exponent(exponent)?),
        None => (text, 0),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all = || whole.bytes().chain(fraction.bytes());
    if all().next().is_none() || !all().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let scale = i64::try_from(fraction.len()).ok()?.saturating_sub(exponent);
    let digits: Vec<u8> = all().skip_while(|&b| b == b'0').collect();
    let scale = if digits.is_empty() { scale.max(0) } else { scale };
    Some((digits, scale))
}

/// Reads PostgreSQL's forms of numeric; None for what is none, or no decimal.
pub(super) fn parse_short(text: &str) -> Option<Decimal> {
    let body = text.trim_matches(super::text::SPACE);
    let (sign, body) = match body.as_bytes().first()? {
        b'-' => (-1, &body[1..]),
        b'+' => (1, &body[1..]),
        _ => (1, body),
    };
    let (digits, scale) = scan(body)?;
    if digits.len() > MAX_DIGITS.into() {
        return None;
    }
    let m = digits.iter().fold(0, |m, b| m * 10 + i128::from(b - b'0'));
    let zeros = 10i128.checked_pow(u32::try_from(scale.min(0).unsigned_abs()).ok()?)?;
    Decimal::new(m.checked_mul(zeros)? * sign, u8::try_from(scale.max(0)).ok()?)
}

fn parse_exponent(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let limit = i64::from(i32::MAX);
    let n = digits.parse::<i64>().unwrap_or(limit).min(limit);
    Some(if text.starts_with('-') { -n } else { n })
}

impl FromStr for Decimal {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        match text.parse::<super::Numeric>()? {
            super::Numeric::Decimal(d) => Ok(d),
            _ => Err(overflow().with_detail(format!("A decimal has at most {MAX_DIGITS} digits."))),
        }
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.mantissa.unsigned_abs().to_string();
        let scale = usize::from(self.scale);
        let sign = if self.mantissa < 0 { "-" } else { "" };
        if scale == 0 {
            return write!(f, "{sign}{digits}");
        }
        let (whole, fraction) = digits.split_at(digits.len().saturating_sub(scale));
        write!(f, "{sign}{}.{fraction:0>scale$}", if whole.is_empty() { "0" } else { whole })
    }
}

impl std::ops::Neg for Decimal {
    type Output = Decimal;
    fn neg(self) -> Decimal {
        Decimal { mantissa: -self.mantissa, scale: self.scale }
    }
}

macro_rules! from_integer {
    ($($ty:ty),*) => {$(
        impl From<$ty> for Decimal {
            fn from(v: $ty) -> Self {
                Decimal { mantissa: v.into(), scale: 0 }
            }
        }
    )*};
}
from_integer!(i16, i32, i64, u32, u64);

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        if self.scale == other.scale {
            return self.mantissa.cmp(&other.mantissa);
        }
        let sign = self.mantissa.signum();
        sign.cmp(&other.mantissa.signum()).then_with(|| {
            let align = |d: &Decimal, other: &Decimal| {
                let zeros = u32::from(other.scale.saturating_sub(d.scale)).min(38);
                wide::mul(d.mantissa.unsigned_abs(), 10u128.pow(zeros))
            };
            let order = align(self, other).cmp(&align(other, self));
            if sign < 0 { order.reverse() } else { order }
        })
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Decimal {}

impl Hash for Decimal {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        let d = self.normalize();
        (d.mantissa, d.scale).hash(hasher);
    }
}
