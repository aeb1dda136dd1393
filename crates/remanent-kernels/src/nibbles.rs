//! Vectors as four bits a dimension: what [`quantized`](crate::quantized) says in one bit, said again for the few that its error
//! leaves in doubt (the longer codes of Gao et al., "Practical and Asymptotically Optimal Quantization of High-Dimensional Vectors
//! in Euclidean Space for Approximate Nearest Neighbor Search", SIGMOD 2025).
//!
//! An element of a rotated vector r becomes a whole number 0 … 15 that stands for c = number − 7.5, on a scale of the vector's own.
//! Then, without bias,
//!
//! ```text
//!   <r, q>  ≈  f · <c, q>      f = |r|² / <c, r>      error about |r| |q| tan(r, c) / √dim
//! ```
//!
//! The scale never has to be known: of some that are tried, the one is taken whose c points the most like r. The query is kept in
//! eight bits an element, so that whole numbers are multiplied.
//!
//! Byte i of a code holds elements i (low half) and i + [`code_len`] (high half).
//!
//! Limits: elements behind the last are zero in the query.

use crate::wide::dispatch;

/// Bytes of a code: so many that 16 are read at a time.
pub fn code_len(dim: usize) -> usize {
    dim.div_ceil(32) * 16
}

/// The greatest element, as a multiple of the scales that are tried.
const REACH: [f32; 5] = [4.5, 5.5, 6.5, 7.5, 9.5];

/// Writes the code of a rotated vector; its factor f, and the squared tangent of the angle between code and vector. Both are 0 for a
/// vector that is zero.
pub fn encode(rotated: &[f32], code: &mut [u8]) -> (f32, f32) {
    let greatest = rotated.iter().fold(0.0f32, |most, x| most.max(x.abs()));
    let squares = rotated.iter().map(|x| x * x).sum::<f32>();
    if squares <= 0.0 || !squares.is_finite() {
        return (0.0, 0.0);
    }
    let mut best = (0.0f32, 0.0f32, 0.0f32);
    for reach in REACH {
        let inverse = reach / greatest;
        let (product, own) = agreement(rotated, inverse);
        let cosine = product / (own * squares).sqrt();
        if cosine > best.0 {
            best = (cosine, inverse, product);
        }
    }
    let (cosine, inverse, product) = best;
    let half = code.len();
    for (i, &x) in rotated.iter().enumerate() {
        let number = (level(x, inverse) + 7.5) as u8;
        let (at, shift) = if i < half { (i, 0) } else { (i - half, 4) };
        if let Some(byte) = code.get_mut(at) {
            *byte |= number << shift;
        }
    }
    (squares / product, (1.0 / (cosine * cosine) - 1.0).max(0.0))
}

/// What an element is taken for: a whole number and a half.
#[inline(always)]
fn level(x: f32, inverse: f32) -> f32 {
    // Truncation towards zero of what is never below it: no call of the library's floor.
    let shifted = (x * inverse + 8.0).clamp(0.0, 15.0);
    f32::from(shifted as u8) - 7.5
}

dispatch! {
    /// <c, r> and |c|² of the code that a scale makes.
    fn agreement(rotated: &[f32], inverse: f32) -> (f32, f32) {
        let mut lanes = [[0.0f32; 8]; 2];
        let (chunks, rest) = rotated.as_chunks::<8>();
        for x in chunks {
            for j in 0..8 {
                let c = level(x[j], inverse);
                lanes[0][j] += c * x[j];
                lanes[1][j] += c * c;
            }
        }
        let mut sums = lanes.map(|lanes| lanes.iter().sum::<f32>());
        for &x in rest {
            let c = level(x, inverse);
            sums[0] += c * x;
            sums[1] += c * c;
        }
        (sums[0], sums[1])
    }
}

/// A rotated query.
#[derive(Default)]
pub struct Query {
    /// Twice [`code_len`] elements.
    numbers: Vec<i8>,
    scale: f32,
    /// 7.5 times the sum of all, scaled.
    offset: f32,
}

impl Query {
    /// Of a rotated query.
    pub fn new(query: &[f32]) -> Self {
        let greatest = query.iter().fold(0.0f32, |most, x| most.max(x.abs()));
        let scale = if greatest > 0.0 { greatest / 127.0 } else { 1.0 };
        let mut numbers: Vec<i8> = query.iter().map(|x| ((x / scale + 128.5) as i32 - 128) as i8).collect();
        numbers.resize(2 * code_len(query.len()), 0);
        let sum: i32 = numbers.iter().map(|&x| i32::from(x)).sum();
        Query { numbers, scale, offset: 7.5 * scale * sum as f32 }
    }

    /// <c, q>, of a code as long as the query's.
    pub fn product(&self, code: &[u8]) -> f32 {
        let (low, high) = self.numbers.split_at(self.numbers.len() / 2);
        self.scale * product(code, low, high) as f32 - self.offset
    }
}

#[allow(unsafe_code, reason = "calling the forms of this function for AVX after asking the processor")]
fn product(code: &[u8], low: &[i8], high: &[i8]) -> i32 {
    #[cfg(target_arch = "x86_64")]
    {
        let has_bytes = std::arch::is_x86_feature_detected!("avx512bw");
        if has_bytes && std::arch::is_x86_feature_detected!("avx512vnni") {
            // SAFETY: the processor has AVX-512 with its instructions for bytes and for their products.
            return unsafe { product_avx512(code, low, high) };
        }
        if std::arch::is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has AVX2.
            return unsafe { product_avx2(code, low, high) };
        }
    }
    product_plain(code, low, high)
}

fn product_plain(code: &[u8], low: &[i8], high: &[i8]) -> i32 {
    let both = code.iter().zip(low.iter().zip(high));
    both.map(|(&byte, (&a, &b))| i32::from(byte & 15) * i32::from(a) + i32::from(byte >> 4) * i32::from(b))
        .sum()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
#[allow(unsafe_code, reason = "loads of 16 bytes")]
fn product_avx2(code: &[u8], low: &[i8], high: &[i8]) -> i32 {
    use std::arch::x86_64::*;
    let mut sum = _mm256_setzero_si256();
    let nibble = _mm_set1_epi8(15);
    let ones = _mm256_set1_epi16(1);
    let ((code, _), (low, _), (high, _)) =
        (code.as_chunks::<16>(), low.as_chunks::<16>(), high.as_chunks::<16>());
    for ((code, low), high) in code.iter().zip(low).zip(high) {
        // SAFETY: each is 16 bytes, and these loads need no alignment.
        let (code, low, high) = unsafe {
            let low = _mm_loadu_si128(low.as_ptr().cast());
            (_mm_loadu_si128(code.as_ptr().cast()), low, _mm_loadu_si128(high.as_ptr().cast()))
        };
        let halves =
            _mm256_set_m128i(_mm_and_si128(_mm_srli_epi16(code, 4), nibble), _mm_and_si128(code, nibble));
        // At most 2 · 15 · 127: sixteen bits hold it.
        let pairs = _mm256_maddubs_epi16(halves, _mm256_set_m128i(high, low));
        sum = _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, ones));
    }
    let sum = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
    let sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0b01_00_11_10));
    let sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0b10_11_00_01));
    _mm_cvtsi128_si32(sum)
}

/// As [`product_avx2`], of 64 bytes at a time.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,avx512f,avx512bw,avx512vnni")]
#[allow(unsafe_code, reason = "loads of 64 bytes")]
fn product_avx512(code: &[u8], low: &[i8], high: &[i8]) -> i32 {
    use std::arch::x86_64::*;
    let mut sums = [_mm512_setzero_si512(); 2];
    let nibble = _mm512_set1_epi8(15);
    let ((code, code_rest), (low, low_rest), (high, high_rest)) =
        (code.as_chunks::<64>(), low.as_chunks::<64>(), high.as_chunks::<64>());
    for ((code, low), high) in code.iter().zip(low).zip(high) {
        // SAFETY: each is 64 bytes, and these loads need no alignment.
        let (code, low, high) = unsafe {
            let low = _mm512_loadu_si512(low.as_ptr().cast());
            (_mm512_loadu_si512(code.as_ptr().cast()), low, _mm512_loadu_si512(high.as_ptr().cast()))
        };
        let upper = _mm512_and_si512(_mm512_srli_epi16(code, 4), nibble);
        sums[0] = _mm512_dpbusd_epi32(sums[0], _mm512_and_si512(code, nibble), low);
        sums[1] = _mm512_dpbusd_epi32(sums[1], upper, high);
    }
    let sum = _mm512_reduce_add_epi32(_mm512_add_epi32(sums[0], sums[1]));
    if code_rest.is_empty() { sum } else { sum + product_avx2(code_rest, low_rest, high_rest) }
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
        // The sum of four is nearly normal.
        (0..n).map(|_| next() + next() + next() + next()).collect()
    }

    #[test]
    fn all_forms_multiply_the_same() {
        for dim in [1, 16, 17, 100, 384, 1536, 16_000] {
            let query = Query::new(&noise(3, dim));
            let mut code = vec![0; code_len(dim)];
            encode(&noise(4, dim), &mut code);
            let (low, high) = query.numbers.split_at(query.numbers.len() / 2);
            let plain = product_plain(&code, low, high);
            assert_eq!(product(&code, low, high), plain, "{dim}");
            #[cfg(target_arch = "x86_64")]
            if std::arch::is_x86_feature_detected!("avx2") {
                // SAFETY: the processor has AVX2.
                #[allow(unsafe_code, reason = "the form that processors with AVX-512 do not call")]
                let found = unsafe { product_avx2(&code, low, high) };
                assert_eq!(found, plain, "{dim}");
            }
        }
    }

    #[test]
    fn estimates_are_seven_times_nearer_than_those_of_one_bit() {
        let dim = 384;
        let query = noise(5, dim);
        let reader = Query::new(&query);
        let length = |v: &[f32]| v.iter().map(|x| x * x).sum::<f32>().sqrt();
        let (mut squares, mut rows) = (0.0f64, 0);
        for seed in 100..300 {
            let v = noise(seed, dim);
            let mut code = vec![0; code_len(dim)];
            let (factor, _) = encode(&v, &mut code);
            let exact: f32 = v.iter().zip(&query).map(|(a, b)| a * b).sum();
            let off = (factor * reader.product(&code) - exact) / (length(&v) * length(&query))
                * (dim as f32).sqrt();
            squares += f64::from(off * off);
            rows += 1;
        }
        let spread = (squares / f64::from(rows)).sqrt();
        assert!(spread < 0.13, "{spread}");
    }

    #[test]
    fn vectors_without_length_have_no_code() {
        let mut code = vec![0; code_len(20)];
        assert_eq!(encode(&[0.0; 20], &mut code), (0.0, 0.0));
        assert_eq!(encode(&[f32::MAX; 20], &mut code), (0.0, 0.0));
        assert_eq!(Query::new(&[0.0; 20]).product(&code), 0.0);
    }
}
