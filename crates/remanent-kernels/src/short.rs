//! Vectors in sixteen bits an element: where many of them are compared with one, and a hundred-thousandth of their lengths does not
//! matter.
//!
//! A vector is kept as whole numbers, as long as [`LENGTH`] altogether, and a scale. So the product of two fits in 32 bits, whatever
//! their elements are, and so does each of its partial sums (Cauchy and Schwarz).
//!
//! ```
//! use remanent_kernels::short::Short;
//! let many = Short::new(&[3.0, 4.0, 0.0, -2.0], 2);
//! let mut products = Vec::new();
//! many.products(&[1.0, 1.0], &mut products);
//! assert!((products[0] - 7.0).abs() < 1e-3 && (products[1] + 2.0).abs() < 1e-3);
//! ```
//!
//! Limits: a vector that has no finite length, or none, is zero.

/// The length of the whole numbers of a vector, but for what is rounded.
const LENGTH: f32 = 32_000.0;

/// Vectors, one after the other.
#[derive(Default)]
pub struct Short {
    dim: usize,
    numbers: Vec<i16>,
    /// Of each vector.
    scales: Vec<f32>,
}

impl Short {
    /// The vectors of `dim` elements that lie one after the other in `vectors`.
    pub fn new(vectors: &[f32], dim: usize) -> Self {
        let mut short = Short { dim, numbers: Vec::with_capacity(vectors.len()), scales: Vec::new() };
        vectors.chunks_exact(dim.max(1)).for_each(|v| {
            let scale = shorten(v, &mut short.numbers);
            short.scales.push(scale);
        });
        short
    }

    /// Bytes of memory.
    pub fn memory(&self) -> usize {
        2 * self.numbers.len() + 4 * self.scales.len()
    }

    /// Appends the inner product of each vector with `x`, about.
    pub fn products(&self, x: &[f32], out: &mut Vec<f32>) {
        let mut numbers = Vec::with_capacity(x.len());
        let scale = shorten(x, &mut numbers);
        let vectors = self.numbers.chunks_exact(self.dim.max(1));
        out.extend(vectors.zip(&self.scales).map(|(v, own)| own * scale * product(v, &numbers) as f32));
    }
}

/// Appends the whole numbers of a vector; their scale.
fn shorten(v: &[f32], out: &mut Vec<i16>) -> f32 {
    let length = v.iter().map(|x| x * x).sum::<f32>().sqrt();
    let (scale, inverse) =
        if length > 0.0 && length.is_finite() { (length / LENGTH, LENGTH / length) } else { (0.0, 0.0) };
    // Truncation towards zero of what is never below it: no call of the library's floor.
    out.extend(v.iter().map(|x| ((x * inverse + 32_768.5) as i32 - 32_768) as i16));
    scale
}

#[allow(unsafe_code, reason = "calling the forms of this function for AVX after asking the processor")]
fn product(a: &[i16], b: &[i16]) -> i32 {
    #[cfg(target_arch = "x86_64")]
    {
        if std::arch::is_x86_feature_detected!("avx512bw") {
            // SAFETY: the processor has AVX-512 with its instructions for bytes and words.
            return unsafe { product_avx512(a, b) };
        }
        if std::arch::is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has AVX2.
            return unsafe { product_avx2(a, b) };
        }
    }
    product_plain(a, b)
}

fn product_plain(a: &[i16], b: &[i16]) -> i32 {
    a.iter().zip(b).map(|(&a, &b)| i32::from(a) * i32::from(b)).fold(0, i32::wrapping_add)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
#[allow(unsafe_code, reason = "loads of 32 bytes")]
fn product_avx2(a: &[i16], b: &[i16]) -> i32 {
    use std::arch::x86_64::*;
    let mut sum = _mm256_setzero_si256();
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<16>(), b.as_chunks::<16>());
    for (a, b) in a.iter().zip(b) {
        // SAFETY: both are 32 bytes, and these loads need no alignment.
        let (a, b) =
            unsafe { (_mm256_loadu_si256(a.as_ptr().cast()), _mm256_loadu_si256(b.as_ptr().cast())) };
        sum = _mm256_add_epi32(sum, _mm256_madd_epi16(a, b));
    }
    let sum = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
    let sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0b01_00_11_10));
    let sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0b10_11_00_01));
    _mm_cvtsi128_si32(sum).wrapping_add(product_plain(a_rest, b_rest))
}

/// As [`product_avx2`], of 32 elements at a time.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw")]
#[allow(unsafe_code, reason = "loads of 64 bytes")]
fn product_avx512(a: &[i16], b: &[i16]) -> i32 {
    use std::arch::x86_64::*;
    let mut sum = _mm512_setzero_si512();
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<32>(), b.as_chunks::<32>());
    for (a, b) in a.iter().zip(b) {
        // SAFETY: both are 64 bytes, and these loads need no alignment.
        let (a, b) =
            unsafe { (_mm512_loadu_si512(a.as_ptr().cast()), _mm512_loadu_si512(b.as_ptr().cast())) };
        sum = _mm512_add_epi32(sum, _mm512_madd_epi16(a, b));
    }
    _mm512_reduce_add_epi32(sum).wrapping_add(product_plain(a_rest, b_rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers between -1 and 1.
    fn noise(seed: u32, n: usize) -> Vec<f32> {
        let mut x = seed;
        let mut next = || {
            x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (x >> 8) as f32 / (1 << 23) as f32 - 1.0
        };
        (0..n).map(|_| next()).collect()
    }

    #[test]
    fn products_are_near_the_exact_ones() {
        for dim in [1, 3, 16, 33, 384, 16_000] {
            let (x, others) = (noise(1, dim), noise(2, 5 * dim));
            let mut out = Vec::new();
            Short::new(&others, dim).products(&x, &mut out);
            assert_eq!(out.len(), 5);
            let length = |v: &[f32]| v.iter().map(|x| x * x).sum::<f32>().sqrt();
            for (v, found) in others.chunks(dim).zip(out) {
                let exact: f32 = x.iter().zip(v).map(|(a, b)| a * b).sum();
                assert!((found - exact).abs() <= 1e-4 * length(&x) * length(v), "{dim}: {found} {exact}");
            }
        }
    }

    #[test]
    fn all_forms_multiply_the_same() {
        for dim in [1, 15, 16, 17, 32, 100, 384, 16_000] {
            let (mut a, mut b) = (Vec::new(), Vec::new());
            shorten(&noise(3, dim), &mut a);
            // The same twice is the greatest product that there is.
            for seed in [3, 4] {
                b.clear();
                shorten(&noise(seed, dim), &mut b);
                let plain = product_plain(&a, &b);
                assert_eq!(product(&a, &b), plain, "{dim}");
                #[cfg(target_arch = "x86_64")]
                if std::arch::is_x86_feature_detected!("avx2") {
                    // SAFETY: the processor has AVX2.
                    #[allow(unsafe_code, reason = "the form that processors with AVX-512 do not call")]
                    let found = unsafe { product_avx2(&a, &b) };
                    assert_eq!(found, plain, "{dim}");
                }
            }
        }
    }

    #[test]
    fn vectors_without_length_are_zero() {
        let mut out = Vec::new();
        Short::new(&[0.0, 0.0, f32::MAX, f32::MAX, f32::NAN, 1.0], 2).products(&[1.0, 2.0], &mut out);
        assert_eq!(out, [0.0; 3]);
        Short::default().products(&[], &mut out);
        assert_eq!(out, [0.0; 3]);
    }
}
