//! Roots, powers and logarithms, with PostgreSQL's number of decimals: at least 16 significant digits and no fewer
//! decimals than the arguments have (`numeric.c`, PostgreSQL 15).
//!
//! The numbers in between are [`Big`]s with guard digits: `exp` halves its argument until its series (Taylor's)
//! converges fast and squares the result as often; `ln` takes the double's logarithm for a start and corrects it by the series
//! of the area hyperbolic tangent, whose argument is then about 10^-16.

use super::big::{Big, MAX_RESULT_SCALE, MIN_DIGITS, Rounding};
use crate::error::{Error, Result, state};
use crate::value::Decimal;
use crate::value::decimal::overflow;
use std::cmp::Ordering;

/// Digits beyond those asked for.
const GUARD: i64 = 12;

/// 2201F where a root would be complex.
pub fn negative_root() -> Error {
    Error::new(state::INVALID_ARGUMENT_FOR_POWER, "cannot take square root of a negative number")
}

/// Refuses what has no logarithm, by how it compares with zero.
pub fn check_logarithm(sign: Option<Ordering>) -> Result<()> {
    let message = match sign {
        Some(Ordering::Equal) => "cannot take logarithm of zero",
        Some(Ordering::Less) => "cannot take logarithm of a negative number",
        _ => return Ok(()),
    };
    Err(Error::new(state::INVALID_ARGUMENT_FOR_LOG, message))
}

/// The scale of a result whose first digit stands at about `magnitude`.
fn result_scale(magnitude: i64, of: &[&Big]) -> i64 {
    let least = of.iter().map(|n| n.scale as i64).max().unwrap_or(0);
    (MIN_DIGITS - magnitude).max(least).clamp(0, MAX_RESULT_SCALE)
}

fn small(mantissa: i128) -> Big {
    Decimal { mantissa, scale: 0 }.into()
}

impl Big {
    /// The root of a number that is not negative, to so many decimals.
    fn root(&self, scale: i64) -> Big {
        // One digit more decides the rounding; what lies beyond it is not 5 exactly, or the root is whole there.
        let scale = scale + 1;
        let mantissa = self.to_scale(2 * scale, Rounding::Cut).mantissa.sqrt();
        Big::new(false, mantissa, scale as usize).to_scale(scale - 1, Rounding::Half)
    }

    /// The square root.
    pub fn sqrt(&self) -> Result<Big> {
        if self.negative {
            return Err(negative_root());
        }
        Ok(self.root(result_scale((self.weight() + 1) * 2 - 1, &[self])))
    }

    /// The root to so many decimals.
    pub fn sqrt_to(&self, scale: i64) -> Big {
        self.root(scale)
    }

    fn product(&self, other: &Big, scale: i64) -> Big {
        self.mul(other).to_scale(scale, Rounding::Half)
    }

    /// e^self to so many decimals. The argument is at most 6,000 or so away from 0.
    fn exp_to(&self, scale: i64) -> Big {
        let value = self.to_f64();
        // Digits before the point of the result, and of the powers of two that errors grow by.
        let whole = (value * std::f64::consts::LOG10_E).max(0.0) as i64 + 1;
        let halvings = (value.abs().max(1e-3).log2() as i64 + 9).max(0);
        let work = scale + whole + GUARD + halvings / 3;
        let divisor = small(1i128 << halvings.min(100));
        let x = self.div_to(&divisor, work as usize, Rounding::Half);
        let (mut sum, mut term) = (Big::one().to_scale(work, Rounding::Cut), Big::one());
        for n in 1.. {
            term = term.mul(&x).div_to(&small(n), work as usize, Rounding::Half);
            if term.is_zero() {
                break;
            }
            sum = sum.add(&term);
        }
        for _ in 0..halvings {
            sum = sum.product(&sum, work);
        }
        sum.to_scale(scale, Rounding::Half)
    }

    /// The natural logarithm of a positive number, to so many decimals.
    fn ln_to(&self, scale: i64) -> Big {
        let power = self.magnitude();
        let work = scale + GUARD;
        if power == 0 || power == -1 {
            return self.ln_near_one(work).to_scale(scale, Rounding::Half);
        }
        // ln(m · 10^power) = ln(m) + power · ln(10), with m from 1 to 9.99…
        let m = match power {
            0.. => Big::new(false, self.mantissa.clone(), self.scale + power as usize),
            _ => self.mul(&Big::new(
                false,
                super::natural::Natural::power_of_ten(power.unsigned_abs() as usize),
                0,
            )),
        };
        let tens = small(10).ln_near_one(work).mul(&small(power.into()));
        m.ln_near_one(work).add(&tens).to_scale(scale, Rounding::Half)
    }

    /// The logarithm of a number from 0.1 to 10.
    fn ln_near_one(&self, work: i64) -> Big {
        if self.cmp(&Big::one()).is_eq() {
            return Big::new(false, Default::default(), work as usize);
        }
        let estimate = self.to_f64().ln();
        let start = match Decimal::from_f64(estimate) {
            // Beside one the start is 0: a start of 15 digits would cancel nothing.
            Ok(start) if estimate.abs() > 1e-8 => Big::from(start),
            _ => small(0),
        };
        // ln(x) = start + ln(x · e^-start); ln(y) = 2 · artanh((y - 1) / (y + 1)).
        let rest = self.product(&start.neg().exp_to(work + 4), work + 4);
        let rest = if start.is_zero() { self.clone() } else { rest };
        let one = Big::one();
        let t = rest.add(&one.neg()).div_to(&rest.add(&one), work as usize + 4, Rounding::Half);
        let square = t.product(&t, work + 4);
        let (mut sum, mut power) = (t.clone(), t);
        for n in 1.. {
            power = power.product(&square, work + 4);
            let term = power.div_to(&small(2 * n + 1), work as usize + 4, Rounding::Half);
            if term.is_zero() {
                break;
            }
            sum = sum.add(&term);
        }
        start.add(&sum.add(&sum)).to_scale(work, Rounding::Half)
    }

    /// e^self; 22003 where it is too large.
    pub fn exp(&self) -> Result<Big> {
        let value = self.to_f64();
        let magnitude = (value * std::f64::consts::LOG10_E).clamp(-2000.0, 2000.0) as i64;
        let scale = result_scale(magnitude, &[self]);
        match value.abs() >= 6000.0 {
            true if value > 0.0 => Err(overflow()),
            true => Ok(Big::new(false, Default::default(), scale as usize)),
            false => Ok(self.exp_to(scale)),
        }
    }

    fn sign(&self) -> Ordering {
        match self.is_zero() {
            true => Ordering::Equal,
            false if self.negative => Ordering::Less,
            false => Ordering::Greater,
        }
    }

    /// The natural logarithm.
    pub fn ln(&self) -> Result<Big> {
        check_logarithm(Some(self.sign()))?;
        Ok(self.ln_to(result_scale(self.ln_weight(), &[self])))
    }

    /// The logarithm to a base.
    pub fn log(&self, base: &Big) -> Result<Big> {
        check_logarithm(Some(base.sign()))?;
        check_logarithm(Some(self.sign()))?;
        let (base_weight, weight) = (base.ln_weight(), self.ln_weight());
        let scale = result_scale(weight - base_weight, &[base, self]);
        // Both logarithms with as many significant digits as the quotient has, and some.
        let digits = scale + (weight - base_weight).max(0) + GUARD;
        let divisor = base.ln_to((digits - base_weight).max(0) + GUARD);
        if divisor.is_zero() {
            return Err(crate::value::decimal::division_by_zero());
        }
        let dividend = self.ln_to((digits - weight).max(0) + GUARD);
        Ok(dividend.div_to(&divisor, scale as usize, Rounding::Half))
    }

    /// self^exponent.
    pub fn power(&self, exponent: &Big) -> Result<Big> {
        let invalid = |message| Err(Error::new(state::INVALID_ARGUMENT_FOR_POWER, message));
        if self.is_zero() && exponent.negative {
            return invalid("zero raised to a negative power is undefined");
        }
        let whole = exponent.to_scale(0, Rounding::Cut);
        let is_whole = whole.cmp(exponent).is_eq();
        if self.negative && !is_whole {
            return invalid("a negative number raised to a non-integer power yields a complex result");
        }
        let n = whole.to_decimal().and_then(Decimal::to_i64).and_then(|n| i32::try_from(n).ok());
        if let (true, Some(n)) = (is_whole, n) {
            return self.power_whole(n);
        }
        if self.is_zero() {
            return Ok(Big::new(false, Default::default(), MIN_DIGITS as usize));
        }
        let negative = self.negative && whole.mantissa.is_odd();
        let base = Big::new(false, self.mantissa.clone(), self.scale);
        let rough = base.ln_to((8 - base.ln_weight()).clamp(0, MAX_RESULT_SCALE)).mul(exponent).to_f64();
        if rough.abs() > 6020.0 {
            return match rough > 0.0 {
                true => Err(overflow()),
                false => Ok(Big::new(false, Default::default(), MAX_RESULT_SCALE as usize)),
            };
        }
        let magnitude = (rough * std::f64::consts::LOG10_E) as i64;
        let scale = result_scale(magnitude, &[self, exponent]);
        // An error of the logarithm counts as often as the exponent says, relative to the result.
        let digits = scale + magnitude.max(0) + exponent.magnitude().max(0) + GUARD;
        let log = base.ln_to(digits).mul(exponent).to_scale(digits, Rounding::Half);
        let result = log.exp_to(scale);
        Ok(Big::new(negative, result.mantissa, result.scale))
    }

    fn power_whole(&self, n: i32) -> Result<Big> {
        let (head, skipped) = self.mantissa.to_f64_parts();
        let log = if self.is_zero() { 0.0 } else { head.log10() + (skipped as f64 - self.scale as f64) };
        let weight = f64::from(n) * log;
        if weight > super::big::MAX_WHOLE as f64 {
            return Err(overflow());
        }
        // Whatever the size of the result, unlike other powers.
        let scale = MIN_DIGITS.max(self.scale as i64).min(MAX_RESULT_SCALE);
        if weight + 1.0 < -(scale as f64) {
            return Ok(Big::new(false, Default::default(), scale as usize));
        }
        match n {
            0 => return Ok(Big::one().to_scale(scale, Rounding::Cut)),
            1 => return Ok(self.to_scale(scale, Rounding::Half)),
            -1 => return Ok(Big::one().div_to(self, scale as usize, Rounding::Half)),
            _ => {}
        }
        // Square and multiply with so many significant digits that n errors of the last do not count.
        let digits = (scale + weight.max(0.0) as i64 + GUARD + 10).max(MIN_DIGITS);
        let short = |n: Big| match n.mantissa.digits() as i64 - digits {
            0.. if n.scale > 0 => {
                let scale = n.scale as i64 - (n.mantissa.digits() as i64 - digits);
                n.to_scale(scale.max(0), Rounding::Half)
            }
            _ => n,
        };
        let (mut result, mut square, mut left) = (Big::one(), self.clone(), n.unsigned_abs());
        loop {
            if left & 1 == 1 {
                result = short(result.mul(&square));
            }
            left >>= 1;
            if left == 0 {
                break;
            }
            square = short(square.mul(&square));
        }
        Ok(match n < 0 {
            true => Big::one().div_to(&result, scale as usize, Rounding::Half),
            false => result.to_scale(scale, Rounding::Half),
        })
    }
}
