//! SQL's `numeric`: exact numbers of up to 131,072 digits before the point and 16,383 after it, NaN and the infinities.
//!
//! Nearly all numbers are [`Decimal`]s, which fit 16 bytes; kernels work on those, and come here when a result does
//! not fit. A [`Numeric`] holds either; what fits a `Decimal` always is one, so the two never hold the same form of a number.
//!
//! | file | holds |
//! |---|---|
//! | `mod` | [`Numeric`]: its arithmetic with NaN and infinities, its order, its text |
//! | `big` | finite numbers of any size; `natural`: their digits |
//! | `power` | roots, powers, logarithms |
//! | `bytes` | the form in columns and in the log |
//!
//! ```
//! use remanent_storage::value::Numeric;
//! let n: Numeric = "1e40".parse().unwrap();
//! assert_eq!(n.add(&"0.5".parse().unwrap()).unwrap().to_string(), format!("1{}.5", "0".repeat(40)));
//! ```
//!
//! Result scales are PostgreSQL's (`numeric.c`), as are order (NaN is greatest) and errors.

pub(super) mod big;
mod bytes;
pub(super) mod natural;
pub mod power;

use super::Decimal;
use super::decimal::{division_by_zero, infinite_field, overflow};
use crate::error::{Error, Result, state};
use big::{Big, Rounding};
pub(in crate::value) use bytes::PACKED_LEN;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

/// An exact number, NaN or an infinity. Equality and order are by value (`1.0 = 1.00`), NaN equals NaN and is greatest;
/// the scale is kept for display, as PostgreSQL does.
#[derive(Debug, Clone)]
pub enum Numeric {
    /// A number of at most 36 digits: nearly all are.
    Decimal(Decimal),
    /// One of more.
    Big(BigNumber),
    /// Not a number.
    NaN,
    /// Greater than all numbers.
    Infinity,
    /// Less than all numbers.
    NegativeInfinity,
}

/// A number of more digits than a [`Decimal`] has.
#[derive(Debug, Clone)]
pub struct BigNumber(Box<Big>);

/// What arithmetic with something infinite or NaN comes to: the signs of both sides; None for NaN.
enum Side {
    NaN,
    Infinite(i32),
    Finite(i32),
}

impl Numeric {
    /// 0
    pub const ZERO: Numeric = Numeric::Decimal(Decimal::ZERO);

    pub(super) fn from_big(big: Big) -> Result<Self> {
        Ok(match big.to_decimal() {
            Some(d) => Numeric::Decimal(d),
            None => {
                let big = big.checked()?;
                // Rounding may have made it short.
                match big.to_decimal() {
                    Some(d) => Numeric::Decimal(d),
                    None => Numeric::Big(BigNumber(Box::new(big))),
                }
            }
        })
    }

    /// The digits of a finite number.
    pub(super) fn big(&self) -> Option<Big> {
        match self {
            Numeric::Decimal(d) => Some((*d).into()),
            Numeric::Big(big) => Some(big.0.as_ref().clone()),
            _ => None,
        }
    }

    /// The number `mantissa / 10^scale`.
    pub fn scaled(mantissa: i128, scale: u8) -> Self {
        match Decimal::new(mantissa, scale) {
            Some(d) => Numeric::Decimal(d),
            None => {
                let big = Big::new(mantissa < 0, mantissa.unsigned_abs().into(), scale.into());
                Numeric::Big(BigNumber(Box::new(big)))
            }
        }
    }

    /// The number where it has at most 36 digits.
    pub fn as_decimal(&self) -> Option<Decimal> {
        match self {
            Numeric::Decimal(d) => Some(*d),
            _ => None,
        }
    }

    fn infinite(sign: i32) -> Self {
        match sign {
            1.. => Numeric::Infinity,
            0 => Numeric::NaN,
            _ => Numeric::NegativeInfinity,
        }
    }

    fn side(&self) -> Side {
        match self {
            Numeric::NaN => Side::NaN,
            Numeric::Infinity => Side::Infinite(1),
            Numeric::NegativeInfinity => Side::Infinite(-1),
            Numeric::Decimal(d) => Side::Finite(d.signum()),
            // A zero with more than 36 decimals is one.
            Numeric::Big(big) if big.0.is_zero() => Side::Finite(0),
            Numeric::Big(big) => Side::Finite(if big.0.negative { -1 } else { 1 }),
        }
    }

    /// True for NaN.
    pub fn is_nan(&self) -> bool {
        matches!(self, Numeric::NaN)
    }

    /// -1, 0 or 1; 0 for NaN.
    pub fn signum(&self) -> i32 {
        match self.side() {
            Side::NaN => 0,
            Side::Infinite(sign) | Side::Finite(sign) => sign,
        }
    }

    /// How many decimals it has; None for NaN and infinities.
    pub fn scale(&self) -> Option<i32> {
        Some(match self {
            Numeric::Decimal(d) => d.scale.into(),
            Numeric::Big(big) => big.0.scale as i32,
            _ => return None,
        })
    }

    /// The short way, where both numbers and the result are short.
    fn short(&self, other: &Self, op: fn(Decimal, Decimal) -> Option<Decimal>) -> Option<Self> {
        Some(Numeric::Decimal(op(self.as_decimal()?, other.as_decimal()?)?))
    }

    fn with(&self, other: &Self, op: fn(&Big, &Big) -> Result<Big>) -> Result<Self> {
        match (self.big(), other.big()) {
            (Some(a), Some(b)) => Numeric::from_big(op(&a, &b)?),
            _ => Ok(Numeric::NaN),
        }
    }

    fn map(&self, op: &dyn Fn(&Big) -> Result<Big>) -> Result<Self> {
        match self.big() {
            Some(a) => Numeric::from_big(op(&a)?),
            None => Ok(self.clone()),
        }
    }

    /// The number with the other sign.
    pub fn negated(&self) -> Self {
        match self {
            Numeric::Decimal(d) => Numeric::Decimal(-*d),
            Numeric::Big(big) => Numeric::Big(BigNumber(Box::new(big.0.neg()))),
            Numeric::NaN => Numeric::NaN,
            Numeric::Infinity => Numeric::NegativeInfinity,
            Numeric::NegativeInfinity => Numeric::Infinity,
        }
    }

    /// The number without its sign.
    pub fn abs(&self) -> Self {
        if self.signum() < 0 { self.negated() } else { self.clone() }
    }

    /// The sum; 22003 where it is too large.
    pub fn add(&self, other: &Self) -> Result<Self> {
        if let Some(sum) = self.short(other, Decimal::add) {
            return Ok(sum);
        }
        match (self.side(), other.side()) {
            (Side::Finite(_), Side::Finite(_)) => self.with(other, |a, b| Ok(a.add(b))),
            (Side::NaN, _) | (_, Side::NaN) => Ok(Numeric::NaN),
            (Side::Infinite(a), Side::Infinite(b)) => Ok(Numeric::infinite((a + b).signum())),
            (Side::Infinite(sign), _) | (_, Side::Infinite(sign)) => Ok(Numeric::infinite(sign)),
        }
    }

    /// The difference; 22003 where it is too large.
    pub fn sub(&self, other: &Self) -> Result<Self> {
        self.add(&other.negated())
    }

    /// The product; 22003 where it is too large.
    pub fn mul(&self, other: &Self) -> Result<Self> {
        if let Some(product) = self.short(other, Decimal::mul) {
            return Ok(product);
        }
        match (self.side(), other.side()) {
            (Side::Finite(_), Side::Finite(_)) => self.with(other, |a, b| Ok(a.mul(b))),
            (Side::NaN, _) | (_, Side::NaN) => Ok(Numeric::NaN),
            (Side::Infinite(a), Side::Infinite(b) | Side::Finite(b))
            | (Side::Finite(a), Side::Infinite(b)) => Ok(Numeric::infinite(a * b)),
        }
    }

    /// The quotient with PostgreSQL's scale; 22012 where the divisor is 0.
    pub fn div(&self, other: &Self) -> Result<Self> {
        if let Some(quotient) = self.short(other, Decimal::div) {
            return Ok(quotient);
        }
        self.divide(other, Big::div)
    }

    /// The whole part of the quotient, as PostgreSQL's `div()`.
    pub fn div_trunc(&self, other: &Self) -> Result<Self> {
        self.divide(other, |a, b| match b.is_zero() {
            true => Err(division_by_zero()),
            false => Ok(a.div_to(b, 0, Rounding::Cut)),
        })
    }

    fn divide(&self, other: &Self, op: fn(&Big, &Big) -> Result<Big>) -> Result<Self> {
        match (self.side(), other.side()) {
            (Side::Finite(_), Side::Finite(_)) => self.with(other, op),
            (Side::NaN, _) | (_, Side::NaN) | (Side::Infinite(_), Side::Infinite(_)) => Ok(Numeric::NaN),
            (Side::Infinite(_), Side::Finite(0)) => Err(division_by_zero()),
            (Side::Infinite(a), Side::Finite(b)) => Ok(Numeric::infinite(a * b)),
            (Side::Finite(_), Side::Infinite(_)) => Ok(Numeric::ZERO),
        }
    }

    /// The remainder with the sign of the dividend; 22012 where the divisor is 0.
    pub fn rem(&self, other: &Self) -> Result<Self> {
        match (self.side(), other.side()) {
            (Side::Finite(_), Side::Finite(_)) => self.with(other, Big::rem),
            (Side::NaN, _) | (_, Side::NaN) => Ok(Numeric::NaN),
            (Side::Infinite(_), Side::Finite(0)) => Err(division_by_zero()),
            (Side::Infinite(_), _) => Ok(Numeric::NaN),
            (Side::Finite(_), Side::Infinite(_)) => Ok(self.clone()),
        }
    }

    fn to_scale(&self, scale: i32, rounding: Rounding) -> Result<Self> {
        // PostgreSQL clamps the wish to what it can hold.
        let scale = i64::from(scale).clamp(-(big::MAX_WHOLE as i64), big::MAX_FRACTION as i64);
        self.map(&|n| Ok(n.to_scale(scale, rounding)))
    }

    /// Rounded half away from zero to so many decimals; a negative number rounds before the point.
    pub fn round(&self, scale: i32) -> Result<Self> {
        self.to_scale(scale, Rounding::Half)
    }

    /// Cut to so many decimals; a negative number cuts before the point.
    pub fn trunc(&self, scale: i32) -> Result<Self> {
        self.to_scale(scale, Rounding::Cut)
    }

    /// The smallest whole number that is not below.
    pub fn ceil(&self) -> Result<Self> {
        self.to_scale(0, Rounding::Up)
    }

    /// The largest whole number that is not above.
    pub fn floor(&self) -> Result<Self> {
        self.to_scale(0, Rounding::Down)
    }

    /// The same number without zeros at the end of its decimals.
    pub fn trimmed(&self) -> Result<Self> {
        self.map(&|n| Ok(n.trimmed()))
    }

    /// The number as `numeric(precision, scale)` keeps it: rounded, and 22003 where it is too large.
    pub fn fit(&self, precision: u16, scale: i16) -> Result<Self> {
        match self.side() {
            Side::NaN => Ok(Numeric::NaN),
            Side::Infinite(_) => Err(infinite_field(precision, scale)),
            Side::Finite(_) => {
                let rounded = self.map(&|n| Ok(n.to_scale(scale.into(), Rounding::Half)))?;
                let limit = i64::from(precision) - i64::from(scale);
                match rounded.big() {
                    Some(n) if !n.is_zero() && n.magnitude() >= limit => {
                        Err(super::decimal::field_overflow(precision, scale))
                    }
                    _ => Ok(rounded),
                }
            }
        }
    }

    /// The square root; 2201F where the number is negative.
    pub fn sqrt(&self) -> Result<Self> {
        match self {
            Numeric::NegativeInfinity => Err(power::negative_root()),
            _ => self.map(&Big::sqrt),
        }
    }

    /// The square root of a number that is not negative, to so many decimals.
    pub fn sqrt_to(&self, scale: i32) -> Result<Self> {
        self.map(&|n| Ok(n.sqrt_to(scale.into())))
    }

    /// e to the power of the number.
    pub fn exp(&self) -> Result<Self> {
        match self {
            Numeric::NegativeInfinity => Ok(Numeric::ZERO),
            _ => self.map(&Big::exp),
        }
    }

    /// The natural logarithm; 2201E where there is none.
    pub fn ln(&self) -> Result<Self> {
        match self {
            Numeric::NegativeInfinity => Err(no_logarithm()),
            _ => self.map(&Big::ln),
        }
    }

    /// The logarithm to a base; 2201E where there is none.
    pub fn log(&self, base: &Self) -> Result<Self> {
        if self.is_nan() || base.is_nan() {
            return Ok(Numeric::NaN);
        }
        let lowest = |n: &Numeric| power::check_logarithm(Some(n.signum().cmp(&0)));
        lowest(base)?;
        lowest(self)?;
        match (self.side(), base.side()) {
            (Side::Infinite(_), Side::Infinite(_)) => Ok(Numeric::NaN),
            (Side::Infinite(_), _) => Ok(Numeric::Infinity),
            (_, Side::Infinite(_)) => Ok(Numeric::ZERO),
            _ => self.with(base, Big::log),
        }
    }

    /// The number to the power of another; 2201F where that is undefined.
    pub fn power(&self, exponent: &Self) -> Result<Self> {
        let one = |n: &Numeric| n.cmp(&Numeric::Decimal(Decimal::ONE)).is_eq();
        match (self.side(), exponent.side()) {
            (Side::Finite(_), Side::Finite(_)) => self.with(exponent, Big::power),
            (Side::NaN, Side::Finite(0)) => Ok(Numeric::Decimal(Decimal::ONE)),
            (Side::NaN, _) => Ok(Numeric::NaN),
            (_, Side::NaN) => Ok(if one(self) { Numeric::Decimal(Decimal::ONE) } else { Numeric::NaN }),
            _ => self.infinite_power(exponent),
        }
    }

    /// One side is infinite.
    fn infinite_power(&self, exponent: &Self) -> Result<Self> {
        let invalid = |message| Err(Error::new(state::INVALID_ARGUMENT_FOR_POWER, message));
        let one = Numeric::Decimal(Decimal::ONE);
        let whole = |n: &Numeric| n.big().is_none_or(|b| b.trimmed().scale == 0);
        if self.signum() == 0 && exponent.signum() < 0 {
            return invalid("zero raised to a negative power is undefined");
        }
        if self.signum() < 0 && !whole(exponent) {
            return invalid("a negative number raised to a non-integer power yields a complex result");
        }
        if self.cmp(&one).is_eq() || exponent.signum() == 0 {
            return Ok(one);
        }
        if let Side::Infinite(sign) = exponent.side() {
            let order = self.abs().cmp(&one);
            return Ok(match (self.signum(), order, sign) {
                (0, _, _) => Numeric::ZERO,
                (_, Ordering::Equal, _) => one,
                (_, Ordering::Greater, 1) | (_, Ordering::Less, -1) => Numeric::Infinity,
                _ => Numeric::ZERO,
            });
        }
        if exponent.signum() < 0 {
            return Ok(Numeric::ZERO);
        }
        let odd = exponent.big().is_some_and(|b| b.to_scale(0, Rounding::Cut).mantissa.is_odd());
        Ok(if self.signum() < 0 && odd { Numeric::NegativeInfinity } else { Numeric::Infinity })
    }

    /// From a float as PostgreSQL casts it: 15 significant digits.
    pub fn from_f64(v: f64) -> Self {
        match Decimal::from_f64(v) {
            Ok(d) => Numeric::Decimal(d),
            Err(_) => Numeric::from_float(v, &format!("{v:.14e}")),
        }
    }

    /// From a float as PostgreSQL casts it: 6 significant digits.
    pub fn from_f32(v: f32) -> Self {
        match Decimal::from_f32(v) {
            Ok(d) => Numeric::Decimal(d),
            Err(_) => Numeric::from_float(v.into(), &format!("{v:.5e}")),
        }
    }

    fn from_float(v: f64, text: &str) -> Self {
        match v.is_finite() {
            false if v.is_nan() => Numeric::NaN,
            false => Numeric::infinite(if v > 0.0 { 1 } else { -1 }),
            true => text.parse::<Numeric>().and_then(|n| n.trimmed()).unwrap_or(Numeric::NaN),
        }
    }

    /// The nearest float; infinity where it is too large.
    pub fn to_f64(&self) -> f64 {
        match self {
            Numeric::Decimal(d) => d.to_f64(),
            Numeric::Big(big) => big.0.to_f64(),
            Numeric::NaN => f64::NAN,
            Numeric::Infinity => f64::INFINITY,
            Numeric::NegativeInfinity => f64::NEG_INFINITY,
        }
    }

    /// Rounded half away from zero to a whole number; None where that is no i64.
    pub fn to_i64(&self) -> Option<i64> {
        match self {
            Numeric::Decimal(d) => d.to_i64(),
            Numeric::Big(big) => big.0.to_scale(0, Rounding::Half).to_decimal()?.to_i64(),
            _ => None,
        }
    }
}

fn no_logarithm() -> Error {
    Error::new(state::INVALID_ARGUMENT_FOR_LOG, "cannot take logarithm of a negative number")
}

impl From<Decimal> for Numeric {
    fn from(d: Decimal) -> Self {
        Numeric::Decimal(d)
    }
}

impl std::str::FromStr for Numeric {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        if let Some(d) = super::decimal::parse_short(text) {
            return Ok(Numeric::Decimal(d));
        }
        let body = text.trim_matches(super::text::SPACE);
        let (sign, unsigned) = match body.as_bytes().first() {
            Some(b'-') => (-1, &body[1..]),
            Some(b'+') => (1, &body[1..]),
            _ => (1, body),
        };
        if ["inf", "infinity"].iter().any(|s| s.eq_ignore_ascii_case(unsigned)) {
            return Ok(Numeric::infinite(sign));
        }
        if body.eq_ignore_ascii_case("nan") {
            return Ok(Numeric::NaN);
        }
        let (digits, scale) =
            super::decimal::scan(unsigned).ok_or_else(|| super::text::invalid(text, "numeric"))?;
        let whole = digits.len() as i64 - scale;
        if scale > big::MAX_FRACTION as i64 || !digits.is_empty() && whole > big::MAX_WHOLE as i64 {
            return Err(overflow());
        }
        let mantissa = natural::Natural::from_digits(&digits).times_ten(scale.min(0).unsigned_abs() as usize);
        Numeric::from_big(Big::new(sign < 0, mantissa, scale.max(0) as usize))
    }
}

impl fmt::Display for Numeric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Numeric::Decimal(d) => d.fmt(f),
            Numeric::Big(big) => big.0.fmt(f),
            Numeric::NaN => f.write_str("NaN"),
            Numeric::Infinity => f.write_str("Infinity"),
            Numeric::NegativeInfinity => f.write_str("-Infinity"),
        }
    }
}

impl Ord for Numeric {
    fn cmp(&self, other: &Self) -> Ordering {
        if let (Numeric::Decimal(a), Numeric::Decimal(b)) = (self, other) {
            return a.cmp(b);
        }
        let rank = |n: &Numeric| match n {
            Numeric::NegativeInfinity => 0,
            Numeric::Decimal(_) | Numeric::Big(_) => 1,
            Numeric::Infinity => 2,
            Numeric::NaN => 3,
        };
        rank(self).cmp(&rank(other)).then_with(|| self.big().cmp(&other.big()))
    }
}

impl PartialOrd for Numeric {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Numeric {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Numeric {}

impl Hash for Numeric {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        // 1.000… with more than 36 digits equals the decimal 1.
        match self.trimmed().unwrap_or(Numeric::NaN) {
            Numeric::Decimal(d) => d.hash(hasher),
            other => other.to_string().hash(hasher),
        }
    }
}
