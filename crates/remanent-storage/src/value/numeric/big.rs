//! Finite numbers of any number of digits: what a [`Decimal`] does not hold.

use super::natural::Natural;
use crate::error::Result;
use crate::value::Decimal;
use crate::value::decimal::{MAX_DIGITS, division_by_zero, overflow};
use std::cmp::Ordering;

/// Digits before the point, at most (PostgreSQL's limit).
pub const MAX_WHOLE: usize = 131_072;
/// Digits after the point, at most (PostgreSQL's limit).
pub const MAX_FRACTION: usize = 16_383;
/// Results that must be rounded have at most so many decimals (PostgreSQL's `NUMERIC_MAX_DISPLAY_SCALE`).
pub const MAX_RESULT_SCALE: i64 = 1000;
/// And at least so many significant digits (`NUMERIC_MIN_SIG_DIGITS`).
pub const MIN_DIGITS: i64 = 16;

/// `±mantissa / 10^scale`; 0 is not negative.
#[derive(Debug, Clone)]
pub struct Big {
    pub negative: bool,
    pub mantissa: Natural,
    pub scale: usize,
}

/// What becomes of digits that are cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// They are dropped.
    Cut,
    /// Half away from zero.
    Half,
    /// Towards the greater number.
    Up,
    /// Towards the lesser number.
    Down,
}

impl Big {
    pub fn new(negative: bool, mantissa: Natural, scale: usize) -> Self {
        Big { negative: negative && !mantissa.is_zero(), mantissa, scale }
    }

    pub fn one() -> Self {
        Decimal::ONE.into()
    }

    pub fn is_zero(&self) -> bool {
        self.mantissa.is_zero()
    }

    /// As a decimal, where it is one.
    pub fn to_decimal(&self) -> Option<Decimal> {
        if self.scale > MAX_DIGITS.into() || self.mantissa.digits() > MAX_DIGITS.into() {
            return None;
        }
        let m = i128::try_from(self.mantissa.to_u128()?).ok()?;
        Decimal::new(if self.negative { -m } else { m }, self.scale as u8)
    }

    /// Where its first digit stands: 0 for 1 to 9.99…; 0 for 0.
    pub fn magnitude(&self) -> i64 {
        match self.mantissa.digits() {
            0 => 0,
            digits => digits as i64 - 1 - self.scale as i64,
        }
    }

    /// PostgreSQL's weight: where its first digit in base 10,000 stands.
    pub fn weight(&self) -> i64 {
        self.magnitude().div_euclid(4)
    }

    /// Its first two digits in base 10,000 as one number, and where the second stands; None for 0.
    fn leading(&self) -> Option<(f64, i64)> {
        if self.is_zero() {
            return None;
        }
        let (head, skipped) = self.mantissa.to_f64_parts();
        // head · 10^(skipped - scale), cut to the digits from 10^(4 · (weight - 1)) on.
        let unit = 4 * (self.weight() - 1);
        let shift = skipped as i64 - self.scale as i64 - unit;
        Some(((head * 10f64.powi(shift as i32) + 1e-6).floor(), unit))
    }

    /// About where the first digit of its logarithm stands (PostgreSQL's `estimate_ln_dweight`).
    pub fn ln_weight(&self) -> i64 {
        let within = |limit: i128| {
            let tenths: Big = Decimal { mantissa: limit, scale: 1 }.into();
            self.cmp(&tenths)
        };
        if within(9).is_ge() && within(11).is_le() {
            return self.add(&Big::one().neg()).magnitude();
        }
        match self.leading() {
            None => 0,
            Some((digits, unit)) => {
                let ln = digits.ln() + unit as f64 * std::f64::consts::LN_10;
                ln.abs().log10() as i64
            }
        }
    }

    /// The nearest float, or infinity.
    pub fn to_f64(&self) -> f64 {
        self.to_string().parse().unwrap_or(f64::NAN)
    }

    pub fn neg(&self) -> Self {
        Big::new(!self.negative, self.mantissa.clone(), self.scale)
    }

    /// The mantissa at a scale that is not less.
    fn at(&self, scale: usize) -> Natural {
        self.mantissa.times_ten(scale.saturating_sub(self.scale))
    }

    pub fn add(&self, other: &Self) -> Self {
        let scale = self.scale.max(other.scale);
        let (a, b) = (self.at(scale), other.at(scale));
        if self.negative == other.negative {
            return Big::new(self.negative, a.add(&b), scale);
        }
        match a.cmp(&b) {
            Ordering::Less => Big::new(other.negative, b.sub(&a), scale),
            _ => Big::new(self.negative, a.sub(&b), scale),
        }
    }

    pub fn mul(&self, other: &Self) -> Self {
        let negative = self.negative != other.negative;
        Big::new(negative, self.mantissa.mul(&other.mantissa), self.scale + other.scale)
    }

    /// The quotient at a scale, rounded half away from zero or cut; the divisor is not 0.
    pub fn div_to(&self, other: &Self, scale: usize, rounding: Rounding) -> Self {
        let shift = scale as i64 + other.scale as i64 - self.scale as i64;
        let a = self.mantissa.times_ten(shift.max(0) as usize);
        let b = other.mantissa.times_ten(shift.min(0).unsigned_abs() as usize);
        let quotient = if rounding == Rounding::Half { a.div_round(&b) } else { a.div_rem(&b).0 };
        Big::new(self.negative != other.negative, quotient, scale)
    }

    /// The quotient with PostgreSQL's scale (`select_div_scale`); 22012 where the divisor is 0.
    pub fn div(&self, other: &Self) -> Result<Self> {
        if other.is_zero() {
            return Err(division_by_zero());
        }
        let first =
            |n: &Big| n.leading().map_or((0.0, 0), |(digits, _)| ((digits / 1e4).floor(), n.weight()));
        let ((a, weight_a), (b, weight_b)) = (first(self), first(other));
        let weight = weight_a - weight_b - i64::from(a <= b);
        let least = self.scale.max(other.scale) as i64;
        let scale = (MIN_DIGITS - 4 * weight).max(least).clamp(0, MAX_RESULT_SCALE);
        Ok(self.div_to(other, scale as usize, Rounding::Half))
    }

    /// The remainder with the sign of the dividend; 22012 where the divisor is 0.
    pub fn rem(&self, other: &Self) -> Result<Self> {
        if other.is_zero() {
            return Err(division_by_zero());
        }
        let scale = self.scale.max(other.scale);
        let (_, rest) = self.at(scale).div_rem(&other.at(scale));
        Ok(Big::new(self.negative, rest, scale))
    }

    /// At a scale, which may be negative: then zeros stand before the point.
    pub fn to_scale(&self, scale: i64, rounding: Rounding) -> Self {
        let drop = self.scale as i64 - scale;
        if drop <= 0 {
            return Big::new(self.negative, self.at(scale as usize), scale as usize);
        }
        let (quotient, cut) = self.mantissa.over_ten(drop as usize);
        let up = match rounding {
            Rounding::Cut => false,
            Rounding::Half => cut.half.is_ge(),
            Rounding::Up => !cut.zero && !self.negative,
            Rounding::Down => !cut.zero && self.negative,
        };
        let quotient = if up { quotient.add(&Natural::from(1)) } else { quotient };
        let zeros = scale.min(0).unsigned_abs() as usize;
        Big::new(self.negative, quotient.times_ten(zeros), scale.max(0) as usize)
    }

    /// Without zeros at the end of its decimals.
    pub fn trimmed(&self) -> Self {
        let zeros = if self.is_zero() { self.scale } else { self.mantissa.trailing_zeros().min(self.scale) };
        self.to_scale((self.scale - zeros) as i64, Rounding::Cut)
    }

    /// 22003 where it has more digits before the point than a numeric can; its decimals are rounded to what it can.
    pub fn checked(self) -> Result<Self> {
        let rounded = match self.scale > MAX_FRACTION {
            true => self.to_scale(MAX_FRACTION as i64, Rounding::Half),
            false => self,
        };
        match rounded.mantissa.digits() > MAX_WHOLE + rounded.scale {
            true => Err(overflow()),
            false => Ok(rounded),
        }
    }
}

impl From<Decimal> for Big {
    fn from(d: Decimal) -> Self {
        Big::new(d.mantissa < 0, d.mantissa.unsigned_abs().into(), d.scale.into())
    }
}

impl PartialEq for Big {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Big {}

impl PartialOrd for Big {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Big {
    fn cmp(&self, other: &Self) -> Ordering {
        let sign = |n: &Big| i8::from(!n.is_zero()) * if n.negative { -1 } else { 1 };
        let by_size = || {
            let scale = self.scale.max(other.scale);
            self.magnitude().cmp(&other.magnitude()).then_with(|| self.at(scale).cmp(&other.at(scale)))
        };
        sign(self).cmp(&sign(other)).then_with(|| match sign(self) {
            0 => Ordering::Equal,
            1 => by_size(),
            _ => by_size().reverse(),
        })
    }
}

impl std::fmt::Display for Big {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let digits = self.mantissa.to_digits();
        let (whole, fraction) = digits.split_at(digits.len().saturating_sub(self.scale));
        f.write_str(if self.negative { "-" } else { "" })?;
        f.write_str(if whole.is_empty() { "0" } else { whole })?;
        if self.scale > 0 {
            f.write_str(".")?;
            (fraction.len()..self.scale).try_for_each(|_| f.write_str("0"))?;
            f.write_str(fraction)?;
        }
        Ok(())
    }
}
