//! Arithmetic row by row over plain slices, which notices overflow.
//!
//! ```
//! use remanent_kernels::arith::{Arith, arith_i32};
//! let mut out = Vec::new();
//! assert!(!arith_i32(Arith::Add, &[1, 2], &[10, 20], &mut out));
//! assert_eq!(out, [11, 22]);
//! assert!(arith_i32(Arith::Mul, &[i32::MAX], &[2], &mut out), "overflows");
//! ```
//!
//! Limits: which row overflowed is for the caller to find; integers are not divided here.

use crate::wide::dispatch;

/// Integer operations that may overflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the variants are the operations")]
pub enum Arith {
    Add,
    Sub,
    Mul,
    Div,
}

dispatch! {
    /// How many bits the values have beside their sign, at most.
    pub(crate) fn magnitude_i64(values: &[i64]) -> u32 {
        let all = values.iter().fold(0, |all, &v| all | v ^ v >> 63);
        64 - all.leading_zeros()
    }
}

macro_rules! integer {
    ($vis:vis, $name:ident, $ty:ty, $double:ty) => {
        dispatch! {
            /// Row by row, wrapping around; true if any row overflowed. `Div` is not known here.
            $vis fn $name(op: Arith, a: &[$ty], b: &[$ty], out: &mut Vec<$ty>) -> bool {
                out.clear();
                out.resize(a.len().min(b.len()), 0);
                let mut over: $ty = 0;
                let rows = out.iter_mut().zip(a.iter().zip(b));
                match op {
                    Arith::Add => rows.for_each(|(o, (&x, &y))| {
                        *o = x.wrapping_add(y);
                        over |= (x ^ *o) & (y ^ *o);
                    }),
                    Arith::Sub => rows.for_each(|(o, (&x, &y))| {
                        *o = x.wrapping_sub(y);
                        over |= (x ^ y) & (x ^ *o);
                    }),
                    Arith::Mul | Arith::Div => rows.for_each(|(o, (&x, &y))| {
                        let product = <$double>::from(x) * <$double>::from(y);
                        *o = product as $ty;
                        over |= -<$ty>::from(<$double>::from(*o) != product);
                    }),
                }
                over < 0
            }
        }
    };
}

integer!(pub, arith_i32, i32, i64);
integer!(, any_i64, i64, i128);

/// Row by row, wrapping around; true if any row overflowed. `Div` is not known here.
pub fn arith_i64(op: Arith, a: &[i64], b: &[i64], out: &mut Vec<i64>) -> bool {
    // Products of few bits need no 128 to be checked in.
    if op == Arith::Mul && magnitude_i64(a) + magnitude_i64(b) < 63 {
        short_products(a, b, out);
        return false;
    }
    any_i64(op, a, b, out)
}

dispatch! {
    fn short_products(a: &[i64], b: &[i64], out: &mut Vec<i64>) {
        out.clear();
        out.extend(a.iter().zip(b).map(|(&x, &y)| x.wrapping_mul(y)));
    }
}

dispatch! {
    /// Row by row; true if any result is infinite or NaN, or 0 though it is none exactly, so that the caller
    /// looks for overflow, underflow and division by zero.
    pub fn arith_f64(op: Arith, a: &[f64], b: &[f64], out: &mut Vec<f64>) -> bool {
        out.clear();
        out.resize(a.len().min(b.len()), 0.0);
        let mut odd = false;
        let rows = out.iter_mut().zip(a.iter().zip(b));
        match op {
            Arith::Add => rows.for_each(|(o, (x, y))| {
                *o = x + y;
                odd |= !o.is_finite();
            }),
            Arith::Sub => rows.for_each(|(o, (x, y))| {
                *o = x - y;
                odd |= !o.is_finite();
            }),
            Arith::Mul => rows.for_each(|(o, (x, y))| {
                *o = x * y;
                odd |= !o.is_finite() | ((*o == 0.0) & (*x != 0.0) & (*y != 0.0));
            }),
            Arith::Div => rows.for_each(|(o, (x, y))| {
                *o = x / y;
                odd |= !o.is_finite() | ((*o == 0.0) & (*x != 0.0));
            }),
        }
        odd
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn out_i64() -> Vec<i64> {
        Vec::new()
    }

    #[test]
    fn products_overflow_where_the_wide_ones_do() {
        let ends = [0, 1, -1, 1 << 31, -1 << 31, (1 << 31) - 1, 1 << 32, -1 << 32, i64::MAX, i64::MIN];
        let mut out = Vec::new();
        for x in ends {
            for y in ends {
                let wide = i128::from(x) * i128::from(y);
                let over = arith_i64(Arith::Mul, &[x; 9], &[y; 9], &mut out);
                assert_eq!((over, out[8]), (i64::try_from(wide).is_err(), wide as i64), "{x} {y}");
            }
        }
    }

    #[test]
    fn integer_overflow_is_noticed() {
        let mut out = Vec::new();
        assert!(!arith_i32(Arith::Add, &[1, i32::MAX], &[2, 0], &mut out));
        assert_eq!(out, [3, i32::MAX]);
        assert!(arith_i32(Arith::Add, &[i32::MAX], &[1], &mut out));
        assert!(arith_i64(Arith::Sub, &[i64::MIN], &[1], &mut out_i64()));
        assert!(!arith_i64(Arith::Sub, &[i64::MIN], &[-1], &mut out_i64()));
        assert!(arith_i64(Arith::Mul, &[i64::MIN], &[-1], &mut out_i64()));
        assert!(!arith_i64(Arith::Mul, &[1 << 31], &[-(1 << 32)], &mut out_i64()));
        assert!(arith_i32(Arith::Mul, &[65536], &[65536], &mut out));
    }
}
