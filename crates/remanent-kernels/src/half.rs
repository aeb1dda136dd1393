//! Floats of 16 bits (IEEE 754 binary16): conversions, and the form whose bytes are in order.
//!
//! ```
//! use remanent_kernels::half::{from_f32, to_f32};
//! assert_eq!(from_f32(1.0), 0x3c00);
//! assert_eq!(to_f32(0xc000), -2.0);
//! assert_eq!(from_f32(65520.0), 0x7c00); // infinity
//! ```

use crate::wide::dispatch;

/// The nearest float of 16 bits, ties to even; infinity for what is too large.
#[inline]
pub fn from_f32(v: f32) -> u16 {
    let bits = v.to_bits();
    let sign = (bits >> 16 & 0x8000) as u16;
    let magnitude = bits & 0x7fff_ffff;
    if magnitude >= 0x7f80_0000 {
        return sign | 0x7c00 | if magnitude > 0x7f80_0000 { 0x200 } else { 0 };
    }
    if magnitude < 0x3880_0000 {
        // Below the least normal one: a multiple of 2^-24, rounded by the addition.
        let shifted = f32::from_bits(magnitude) + 0.5;
        return sign | (shifted.to_bits() - 0.5f32.to_bits()) as u16;
    }
    let odd = magnitude >> 13 & 1;
    let rounded = magnitude + 0xfff + odd - ((127 - 15) << 23);
    let half = rounded >> 13;
    sign | if half >= 0x7c00 { 0x7c00 } else { half as u16 }
}

/// The float of these 16 bits.
#[inline]
pub fn to_f32(bits: u16) -> f32 {
    let sign = u32::from(bits & 0x8000) << 16;
    let magnitude = u32::from(bits & 0x7fff) << 13;
    // Exponents move by a multiplication, which sees to subnormals too.
    let value = f32::from_bits(magnitude) * f32::from_bits(0x7780_0000);
    let value = if bits & 0x7c00 == 0x7c00 { magnitude | 0x7f80_0000 } else { value.to_bits() };
    f32::from_bits(value | sign)
}

/// The number whose order among others is that of the floats.
#[inline]
pub fn ordered(bits: u16) -> u16 {
    if bits & 0x8000 != 0 { !bits } else { bits | 0x8000 }
}

/// The float's bits of such a number.
#[inline]
fn unordered(number: u16) -> u16 {
    if number & 0x8000 != 0 { number & 0x7fff } else { !number }
}

dispatch! {
    /// Reads floats from their ordered form in big-endian bytes, behind what `out` has.
    pub fn read_ordered(bytes: &[u8], out: &mut Vec<f32>) {
        let (pairs, _) = bytes.as_chunks::<2>();
        out.extend(pairs.iter().map(|pair| to_f32(unordered(u16::from_be_bytes(*pair)))));
    }
}

/// Sums `f(x, y)` over the elements, in 16 partial sums.
#[inline(always)]
fn fold(bytes: &[u8], other: &[f32], f: impl Fn(f32, f32) -> f32) -> f32 {
    let (pairs, _) = bytes.as_chunks::<2>();
    let read = |pair: &[u8; 2]| to_f32(unordered(u16::from_be_bytes(*pair)));
    let ((a, a_rest), (b, b_rest)) = (pairs.as_chunks::<16>(), other.as_chunks::<16>());
    let mut lanes = [0.0f32; 16];
    for (x, y) in a.iter().zip(b) {
        for j in 0..16 {
            lanes[j] += f(read(&x[j]), y[j]);
        }
    }
    let sum = lanes.iter().fold(0.0, |sum, lane| sum + lane);
    a_rest.iter().zip(b_rest).fold(sum, |sum, (x, &y)| sum + f(read(x), y))
}

dispatch! {
    /// The squared Euclidean distance of a vector in ordered bytes from another.
    pub fn l2_squared(bytes: &[u8], other: &[f32]) -> f32 {
        fold(bytes, other, |x, y| (x - y) * (x - y))
    }
}

dispatch! {
    /// The inner product of a vector in ordered bytes with another.
    pub fn inner_product(bytes: &[u8], other: &[f32]) -> f32 {
        fold(bytes, other, |x, y| x * y)
    }
}

dispatch! {
    /// The sum of absolute differences of a vector in ordered bytes from another.
    pub fn l1(bytes: &[u8], other: &[f32]) -> f32 {
        fold(bytes, other, |x, y| (x - y).abs())
    }
}

dispatch! {
    /// The inner product of a vector in ordered bytes with itself.
    pub fn norm_squared(bytes: &[u8]) -> f32 {
        let mut floats = Vec::new();
        read_ordered(bytes, &mut floats);
        floats.iter().fold(0.0, |sum, v| sum + v * v)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_float_of_16_bits_comes_back() {
        for bits in 0..=u16::MAX {
            let v = to_f32(bits);
            assert_eq!(v.is_nan(), from_f32(v) & 0x7fff > 0x7c00, "{bits:04x}");
            if !v.is_nan() {
                assert_eq!(from_f32(v), bits, "{v}");
                assert_eq!(unordered(ordered(bits)), bits);
            }
        }
    }

    #[test]
    fn halfway_goes_to_even() {
        assert_eq!(from_f32(1.0 + 1.0 / 2048.0), 0x3c00);
        assert_eq!(from_f32(1.0 + 3.0 / 2048.0), 0x3c02);
        assert_eq!(from_f32(65519.0), 0x7bff);
        assert_eq!(from_f32(2.0f32.powi(-25)), 0);
        assert_eq!(from_f32(3.0 * 2.0f32.powi(-25)), 2);
    }

    #[test]
    fn distances_are_those_of_the_elements() {
        let a: Vec<f32> = (0..37).map(|i| (i % 7) as f32 - 3.0).collect();
        let b: Vec<f32> = (0..37).map(|i| (i % 5) as f32).collect();
        let bytes: Vec<u8> = a.iter().flat_map(|&v| ordered(from_f32(v)).to_be_bytes()).collect();
        let plain = |f: &dyn Fn(f32, f32) -> f32| a.iter().zip(&b).map(|(&x, &y)| f(x, y)).sum::<f32>();
        assert_eq!(l2_squared(&bytes, &b), plain(&|x, y| (x - y) * (x - y)));
        assert_eq!(inner_product(&bytes, &b), plain(&|x, y| x * y));
        assert_eq!(l1(&bytes, &b), plain(&|x, y| (x - y).abs()));
        assert_eq!(norm_squared(&bytes), plain(&|x, _| x * x));
    }
}
