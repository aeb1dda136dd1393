//! Fixed-point numbers of 128 bits before and 256 behind the point, for roots, exponentials and logarithms
//! of `numeric`: 38 digits before the point, 77 behind it.
//!
//! Textbook methods: exp by its series after halving the argument, ln by one cubic step (Halley) from
//! the double's logarithm, reciprocals and roots by Newton from the double's.
//!
//! Limits: what does not fit gives None; the last ten digits or so are not to be believed.

use std::cmp::Ordering;

const LIMBS: usize = 6;
const FRACTION: usize = 4;

/// Sign and magnitude; limbs of 64 bits, least significant first.
#[derive(Debug, Clone, Copy)]
pub struct Fixed {
    negative: bool,
    limbs: [u64; LIMBS],
}

impl Fixed {
    pub const ZERO: Fixed = Fixed { negative: false, limbs: [0; LIMBS] };

    pub fn integer(v: i128) -> Fixed {
        let m = v.unsigned_abs();
        let mut limbs = [0; LIMBS];
        (limbs[FRACTION], limbs[FRACTION + 1]) = (m as u64, (m >> 64) as u64);
        Fixed { negative: v < 0, limbs }
    }

    /// mantissa / 10^scale
    pub fn decimal(mantissa: i128, scale: u8) -> Fixed {
        let mut v = Fixed::integer(mantissa);
        for step in powers_of_ten(scale) {
            v = v.div_small(step);
        }
        v
    }

    /// The nearest integer to v · 10^scale, halves away from zero.
    pub fn to_decimal(self, scale: u8) -> Option<i128> {
        let mut v = self;
        for step in powers_of_ten(scale) {
            v = v.mul_small(step)?;
        }
        let up = u128::from(v.limbs[FRACTION - 1] >> 63);
        let whole = u128::from(v.limbs[FRACTION]) | u128::from(v.limbs[FRACTION + 1]) << 64;
        let m = i128::try_from(whole.checked_add(up)?).ok()?;
        Some(if v.negative { -m } else { m })
    }

    pub fn from_f64(v: f64) -> Option<Fixed> {
        if !v.is_finite() || v.abs() >= 2f64.powi(127) {
            return None;
        }
        let (bits, exponent) = (v.abs().to_bits(), (v.abs().to_bits() >> 52) as i32 - 1075);
        let mantissa = if v == 0.0 { 0 } else { (bits & ((1 << 52) - 1)) | 1 << 52 };
        // mantissa · 2^exponent, and the point is at bit 256.
        let shift = exponent + 64 * FRACTION as i32;
        let mut limbs = [0; LIMBS];
        if shift >= 0 {
            let (limb, bit) = (shift as usize / 64, shift as usize % 64);
            let wide = u128::from(mantissa) << bit;
            limbs[limb] = wide as u64;
            if limb + 1 < LIMBS {
                limbs[limb + 1] = (wide >> 64) as u64;
            }
        } else if shift > -64 {
            limbs[0] = mantissa >> -shift;
        }
        Some(Fixed { negative: v < 0.0, limbs })
    }

    pub fn to_f64(self) -> f64 {
        let mut v = 0.0;
        for (i, &limb) in self.limbs.iter().enumerate() {
            v += limb as f64 * 2f64.powi(64 * (i as i32 - FRACTION as i32));
        }
        if self.negative { -v } else { v }
    }

    pub fn neg(self) -> Fixed {
        Fixed { negative: !self.negative, limbs: self.limbs }
    }

    pub fn is_zero(self) -> bool {
        self.limbs == [0; LIMBS]
    }

    fn magnitude_cmp(&self, other: &Fixed) -> Ordering {
        self.limbs.iter().rev().cmp(other.limbs.iter().rev())
    }

    pub fn add(self, other: Fixed) -> Option<Fixed> {
        if self.negative == other.negative {
            let mut limbs = [0; LIMBS];
            let mut carry = 0u128;
            for (i, limb) in limbs.iter_mut().enumerate() {
                carry += u128::from(self.limbs[i]) + u128::from(other.limbs[i]);
                *limb = carry as u64;
                carry >>= 64;
            }
            return (carry == 0).then_some(Fixed { negative: self.negative, limbs });
        }
        let (large, small) = match self.magnitude_cmp(&other) {
            Ordering::Less => (other, self),
            _ => (self, other),
        };
        let mut limbs = [0; LIMBS];
        let mut borrow = false;
        for (i, limb) in limbs.iter_mut().enumerate() {
            let (v, first) = large.limbs[i].overflowing_sub(small.limbs[i]);
            let (v, second) = v.overflowing_sub(borrow.into());
            (*limb, borrow) = (v, first || second);
        }
        Some(Fixed { negative: large.negative, limbs })
    }

    pub fn sub(self, other: Fixed) -> Option<Fixed> {
        self.add(other.neg())
    }

    pub fn mul(self, other: Fixed) -> Option<Fixed> {
        let mut wide = [0u64; 2 * LIMBS];
        for i in 0..LIMBS {
            let mut carry = 0u128;
            for j in 0..LIMBS {
                carry += u128::from(self.limbs[i]) * u128::from(other.limbs[j]) + u128::from(wide[i + j]);
                wide[i + j] = carry as u64;
                carry >>= 64;
            }
            wide[i + LIMBS] = carry as u64;
        }
        if wide[FRACTION + LIMBS..].iter().any(|&limb| limb != 0) {
            return None;
        }
        let mut limbs = [0; LIMBS];
        limbs.copy_from_slice(&wide[FRACTION..FRACTION + LIMBS]);
        Some(Fixed { negative: self.negative != other.negative, limbs })
    }

    fn mul_small(self, factor: u64) -> Option<Fixed> {
        let mut limbs = [0; LIMBS];
        let mut carry = 0u128;
        for (limb, &own) in limbs.iter_mut().zip(&self.limbs) {
            carry += u128::from(own) * u128::from(factor);
            *limb = carry as u64;
            carry >>= 64;
        }
        (carry == 0).then_some(Fixed { negative: self.negative, limbs })
    }

    fn div_small(self, divisor: u64) -> Fixed {
        let mut limbs = [0; LIMBS];
        let mut rest = 0u128;
        for i in (0..LIMBS).rev() {
            let part = rest << 64 | u128::from(self.limbs[i]);
            limbs[i] = (part / u128::from(divisor)) as u64;
            rest = part % u128::from(divisor);
        }
        Fixed { negative: self.negative, limbs }
    }

    /// 1 / v, for a v whose reciprocal fits.
    pub fn reciprocal(self) -> Option<Fixed> {
        let two = Fixed::integer(2);
        let mut r = Fixed::from_f64(1.0 / self.to_f64())?;
        // 53 bits, then 106, 212, 424.
        for _ in 0..3 {
            r = r.mul(two.sub(self.mul(r)?)?)?;
        }
        Some(r)
    }

    /// The root of a positive number.
    pub fn sqrt(self) -> Option<Fixed> {
        let three = Fixed::integer(3);
        let mut r = Fixed::from_f64(1.0 / self.to_f64().sqrt())?;
        for _ in 0..3 {
            r = r.mul(three.sub(self.mul(r)?.mul(r)?)?)?.div_small(2);
        }
        self.mul(r)
    }

    /// e^v
    pub fn exp(self) -> Option<Fixed> {
        match self.to_f64() {
            v if v > 88.0 => None,
            v if v < -180.0 => Some(Fixed::ZERO),
            // The reciprocal of so large a number would not fit.
            v if v < -88.0 => {
                let half = self.div_small(2).exp()?;
                half.mul(half)
            }
            v if v < 0.0 => self.neg().exp_positive()?.reciprocal(),
            _ => self.exp_positive(),
        }
    }

    fn exp_positive(self) -> Option<Fixed> {
        const HALVINGS: u32 = 15;
        let r = self.div_small(1 << HALVINGS);
        let (mut sum, mut term) = (Fixed::integer(1), Fixed::integer(1));
        for n in 1..64 {
            term = term.mul(r)?.div_small(n);
            if term.is_zero() {
                break;
            }
            sum = sum.add(term)?;
        }
        for _ in 0..HALVINGS {
            sum = sum.mul(sum)?;
        }
        Some(sum)
    }

    /// The natural logarithm of a positive number.
    pub fn ln(self) -> Option<Fixed> {
        let mut y = Fixed::from_f64(self.to_f64().ln())?;
        // y + 2 (v - e^y) / (v + e^y): from 53 bits to 159, then more than there are. A number below one goes by
        // its reciprocal's logarithm, which keeps its digits.
        if self.to_f64() < 0.5 {
            return Some(self.reciprocal()?.ln()?.neg());
        }
        for _ in 0..2 {
            let e = y.exp()?;
            let step = self.sub(e)?.mul(self.add(e)?.reciprocal()?)?;
            y = y.add(step.mul_small(2)?)?;
        }
        Some(y)
    }
}

/// 10^n as factors that fit 64 bits.
fn powers_of_ten(n: u8) -> impl Iterator<Item = u64> {
    let n = u32::from(n);
    (0..n.div_ceil(19)).map(move |i| 10u64.pow((n - 19 * i).min(19)))
}

#[cfg(test)]
mod tests {
    use super::Fixed;

    #[test]
    fn the_constants_to_35_digits() {
        let digits = |v: Option<Fixed>| v.and_then(|v| v.to_decimal(35)).unwrap();
        assert_eq!(digits(Fixed::integer(1).exp()), 271828182845904523536028747135266250);
        assert_eq!(digits(Fixed::integer(2).ln()), 69314718055994530941723212145817657);
        assert_eq!(digits(Fixed::integer(2).sqrt()), 141421356237309504880168872420969808);
        assert_eq!(digits(Fixed::decimal(5, 1).ln()), -69314718055994530941723212145817657);
        assert_eq!(digits(Fixed::integer(3).reciprocal()), 33333333333333333333333333333333333);
        assert_eq!(digits(Fixed::integer(-1).exp()), 36787944117144232159552377016146087);
    }

    #[test]
    fn what_does_not_fit_is_none() {
        assert!(Fixed::integer(100).exp().is_none());
        assert!(Fixed::integer(i128::MAX).mul(Fixed::integer(4)).is_none());
        assert!(Fixed::integer(-200).exp().unwrap().is_zero());
    }
}
