//! Distances of vectors, one of which lies in little-endian bytes as it is stored.
//!
//! ```
//! use remanent_kernels::distance::l2_squared;
//! let stored: Vec<u8> = [3.0f32, 4.0].iter().flat_map(|v| v.to_le_bytes()).collect();
//! assert_eq!(l2_squared(&stored, &[0.0, 0.0]), 25.0);
//! ```
//!
//! Limits: sums are of single precision, in lanes; dimensions beyond those of the shorter vector do not count.

use crate::wide::dispatch;

#[inline(always)]
fn float(bytes: &[u8; 4]) -> f32 {
    f32::from_le_bytes(*bytes)
}

/// Sums `f(x, y)` over the elements, in 16 partial sums.
#[inline(always)]
fn fold_floats(bytes: &[u8], other: &[f32], f: impl Fn(f32, f32) -> f32) -> f32 {
    let (floats, _) = bytes.as_chunks::<4>();
    let ((a, a_rest), (b, b_rest)) = (floats.as_chunks::<16>(), other.as_chunks::<16>());
    let mut lanes = [0.0f32; 16];
    for (x, y) in a.iter().zip(b) {
        for j in 0..16 {
            lanes[j] += f(float(&x[j]), y[j]);
        }
    }
    let mut sum = 0.0;
    for lane in lanes {
        sum += lane;
    }
    for (x, &y) in a_rest.iter().zip(b_rest) {
        sum += f(float(x), y);
    }
    sum
}

dispatch! {
    /// The squared Euclidean distance of a vector in little-endian bytes from another.
    pub fn l2_squared(bytes: &[u8], other: &[f32]) -> f32 {
        fold_floats(bytes, other, |x, y| (x - y) * (x - y))
    }
}

dispatch! {
    /// The inner product of a vector in little-endian bytes with another.
    pub fn inner_product(bytes: &[u8], other: &[f32]) -> f32 {
        fold_floats(bytes, other, |x, y| x * y)
    }
}

dispatch! {
    /// The sum of absolute differences of a vector in little-endian bytes from another.
    pub fn l1(bytes: &[u8], other: &[f32]) -> f32 {
        fold_floats(bytes, other, |x, y| (x - y).abs())
    }
}

dispatch! {
    /// The inner product of a vector in little-endian bytes with itself.
    pub fn norm_squared(bytes: &[u8]) -> f32 {
        let (floats, _) = bytes.as_chunks::<4>();
        let (chunks, rest) = floats.as_chunks::<16>();
        let mut lanes = [0.0f32; 16];
        for chunk in chunks {
            for j in 0..16 {
                let x = float(&chunk[j]);
                lanes[j] += x * x;
            }
        }
        let sum = lanes.iter().fold(0.0, |sum, v| sum + v);
        rest.iter().map(float).fold(sum, |sum, x| sum + x * x)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        let a: Vec<f32> = (0..37).map(|i| i as f32).collect();
        let b: Vec<f32> = (0..37).map(|i| (i * 2) as f32).collect();
        let bytes: Vec<u8> = a.iter().flat_map(|f| f.to_le_bytes()).collect();
        let squares: f32 = (0..37).map(|i| (i * i) as f32).sum();
        assert_eq!(l2_squared(&bytes, &b), squares);
        assert_eq!(inner_product(&bytes, &b), 2.0 * squares);
        assert_eq!(l1(&bytes, &b), 666.0);
        assert_eq!(norm_squared(&bytes), squares);
    }
}
