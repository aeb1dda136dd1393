//! Exact decimal numbers.

/// How many digits a number has at most.
pub const MAX_DIGITS: u8 = 36;
/// How many of them stand after the point at most.
pub const MAX_SCALE: u8 = 36;
/// Mantissas stay below this: 10^36, which leaves [`Decimal::pack`] 6 bits of an i128 for the scale.
const LIMIT: u128 = 10u128.pow(MAX_DIGITS as u32);

/// An exact number: `mantissa / 10^scale`. At most 36 digits; scale at most 36.
/// Equality and order are by value (`1.0 = 1.00`); the scale is kept for display, as PostgreSQL does.
#[derive(Debug, Clone, Copy)]
pub struct Decimal {
    /// The digits as one integer.
    pub mantissa: i128,
    /// How many of them stand after the point.
    pub scale: u8,
}

impl Decimal {
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
            let factor = 10i128.checked_pow(u32::from(scale - self.scale))?;
            return Some(Decimal { mantissa: self.mantissa.checked_mul(factor)?, scale });
        }
        let divisor = 10i128.checked_pow(u32::from(self.scale - scale))?;
        let (quotient, rest) = (self.mantissa / divisor, self.mantissa % divisor);
        let up = i128::from(rest.unsigned_abs() >= divisor.unsigned_abs().div_ceil(2));
        Some(Decimal { mantissa: quotient + up * self.mantissa.signum(), scale })
    }
}
