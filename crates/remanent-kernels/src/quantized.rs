//! Vectors as one bit a dimension, and inner products estimated from the bits (RaBitQ: Gao and Long, "RaBitQ: Quantizing
//! High-Dimensional Vectors with a Theoretical Error Bound for Approximate Nearest Neighbor Search", SIGMOD 2024).
//!
//! A vector r, rotated at random, is kept as the signs of its elements, b. With S the sum of a query's elements where b is set
//! and Q the sum of all of them,
//!
//! ```text
//!   <r, q>  ≈  f · (2 S − Q)      f = |r|² / Σ |rᵢ|
//! ```
//!
//! without bias, and with an error of about |r| |q| / √dim. S is looked up: each four dimensions have a table of the 16 sums that
//! their bits can mean, in six bits each, and one instruction looks 32 of them up. So codes lie in blocks of 32 vectors:
//!
//! ```text
//!   byte 16 g + i of a block: dimensions 4 g … 4 g + 3 of vector i (low half) and of vector i + 16 (high half)
//! ```
//!
//! Limits: an odd number of groups is padded with one that is zero everywhere.

use crate::prefetch::prefetch;
use crate::wide::dispatch;

/// Vectors in a block of codes.
pub const BLOCK: usize = 32;

/// Sums that are looked up are so many levels at most, so that [`TOGETHER`] of them are added up in eight bits. What that rounds
/// off is a twentieth of the error that one bit a dimension has.
const LEVELS: usize = 63;
/// Sums that are added up before they are widened.
#[cfg(target_arch = "x86_64")]
const TOGETHER: usize = 4;

/// How many groups of four dimensions a code has: even.
pub fn groups(dim: usize) -> usize {
    dim.div_ceil(8) * 2
}

/// Bytes of a block of codes.
pub fn block_bytes(dim: usize) -> usize {
    groups(dim) * 16
}

/// A rotation that is always the same for a number of dimensions: signs and Hadamard transforms in turn, over the first and the
/// last dimensions whose number is a power of two.
pub struct Rotation {
    signs: Vec<f32>,
    dim: usize,
}

const ROUNDS: usize = 4;

impl Rotation {
    /// The rotation of vectors of `dim` elements.
    pub fn new(dim: usize) -> Self {
        let mut state = 0x9e37_79b9_7f4a_7c15u64;
        let mut sign = || {
            // splitmix64
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = state;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            if (z ^ (z >> 31)) & 1 == 0 { 1.0 } else { -1.0 }
        };
        Rotation { signs: (0..ROUNDS * dim).map(|_| sign()).collect(), dim }
    }

    /// Rotates a vector in place; one of another length is left as it is.
    pub fn apply(&self, v: &mut [f32]) {
        if v.len() == self.dim && self.dim > 0 {
            rotate(&self.signs, v);
        }
    }
}

dispatch! {
    fn rotate(signs: &[f32], v: &mut [f32]) {
        let dim = v.len();
        let power = 1usize << dim.ilog2();
        let scale = 1.0 / (power as f32).sqrt();
        for round in 0..ROUNDS {
            v.iter_mut().zip(&signs[round * dim..]).for_each(|(x, sign)| *x *= sign);
            let part = if round % 2 == 0 { &mut v[..power] } else { &mut v[dim - power..] };
            let mut half = 1;
            while half < power {
                for pair in part.chunks_exact_mut(2 * half) {
                    let (a, b) = pair.split_at_mut(half);
                    for (a, b) in a.iter_mut().zip(b) {
                        (*a, *b) = (*a + *b, *a - *b);
                    }
                }
                half *= 2;
            }
            part.iter_mut().for_each(|x| *x *= scale);
        }
    }
}

/// Puts the signs of a rotated vector into place `i` of a block that is zero there; the factor f, 0 for a vector that is zero.
pub fn encode(rotated: &[f32], block: &mut [u8], i: usize) -> f32 {
    let (mut squares, mut sum) = (0.0f32, 0.0f32);
    let (at, shift) = if i < 16 { (i, 0) } else { (i - 16, 4) };
    for (d, &x) in rotated.iter().enumerate() {
        squares += x * x;
        sum += x.abs();
        if x > 0.0
            && let Some(byte) = block.get_mut(d / 4 * 16 + at)
        {
            *byte |= 1 << (d % 4 + shift);
        }
    }
    if sum > 0.0 { squares / sum } else { 0.0 }
}

/// What a rotated query has to say to codes.
#[derive(Default)]
pub struct Tables {
    /// 16 sums a group.
    sums: Vec<u8>,
    /// 2 S − Q is `scale` times what is looked up, plus `offset`.
    scale: f32,
    offset: f32,
}

impl Tables {
    /// The tables of a rotated query.
    pub fn new(query: &[f32]) -> Self {
        let groups = groups(query.len());
        let mut fours: Vec<[f32; 4]> = query.as_chunks::<4>().0.to_vec();
        let rest = query.as_chunks::<4>().1;
        fours.push([0, 1, 2, 3].map(|i| rest.get(i).copied().unwrap_or(0.0)));
        fours.resize(groups, [0.0; 4]);
        let range = fours.iter().map(|q| q.iter().map(|x| x.abs()).sum::<f32>()).fold(0.0, f32::max);
        // No sum of all groups may leave 16 bits.
        let levels = (65_535 / groups.max(1)).min(LEVELS) as f32;
        let step = if range > 0.0 { range / levels } else { 1.0 };
        let mut sums = vec![0; groups * 16];
        let base = tabulate(&fours, step, levels, &mut sums);
        let all: f32 = query.iter().sum();
        Tables { sums, scale: 2.0 * step, offset: 2.0 * base - all }
    }

    /// Of blocks of `len` bytes one behind the other, with so many vectors: the places and the estimates, `base + constant − times ·
    /// factor · (2 S − Q)`, of those that, less `times · factor · slack`, are not above `bar`. Behind the codes of a block lie the
    /// constants and the factors of all its vectors, floats.
    pub fn scan(
        &self,
        blocks: &[u8],
        len: usize,
        vectors: usize,
        by: &Estimate,
        bar: f32,
        out: &mut Vec<Near>,
    ) {
        let (scale, offset, slack) = (-by.times * self.scale, -by.times * self.offset, by.times * by.slack);
        let by = [by.base, scale, offset, slack, bar];
        let (read, mut estimates) = (self.sums.len() + 8 * BLOCK, [0.0; BLOCK]);
        let mut rest = blocks;
        for first in (0..vectors).step_by(BLOCK) {
            let Some((block, behind)) = rest.split_at_checked(len) else { return };
            rest = behind;
            prefetch(rest.get(..read.min(rest.len())).unwrap_or_default());
            let (codes, numbers) = block.split_at_checked(self.sums.len()).unwrap_or((block, &[]));
            let numbers = numbers.as_chunks::<4>().0;
            let Some((constants, numbers)) = numbers.split_first_chunk() else { return };
            let Some((factors, _)) = numbers.split_first_chunk() else { return };
            let mut sums = [0u16; BLOCK];
            look_up(codes, &self.sums, &mut sums);
            let there = u32::MAX >> (BLOCK - (vectors - first).min(BLOCK));
            let mut left = estimate(constants, factors, &sums, by, &mut estimates) & there;
            while left != 0 {
                let i = left.trailing_zeros();
                left &= left - 1;
                out.push(Near { place: first as u32 + i, estimate: estimates[i as usize % BLOCK] });
            }
        }
    }
}

/// A vector that may be near.
#[derive(Debug, Clone, Copy)]
pub struct Near {
    /// Which one.
    pub place: u32,
    /// See [`Tables::scan`].
    pub estimate: f32,
}

/// See [`Tables::scan`]. With n · [`ERROR`] · |q| as slack, n standard errors are taken off.
#[derive(Clone, Copy)]
pub struct Estimate {
    /// What all vectors have.
    pub base: f32,
    /// How often the inner product counts.
    pub times: f32,
    /// The error that the inner product may have, as a multiple of the vector's factor.
    pub slack: f32,
}

/// The standard error of an estimated inner product with q, for each |q| and each f: of random vectors Σ |rᵢ| is |r| √(2 dim / π), which
/// makes f √(2 dim / π) of |r|, and √(π / 2 − 1) of |r| |q| / √dim is the error.
pub const ERROR: f32 = 0.6028;

/// |r| is so many times f √dim, of random vectors: √(2 / π).
pub const LENGTH: f32 = 0.7979;

dispatch! {
    /// The 16 sums of each group, above the least of them, in steps; the sum of the least ones.
    fn tabulate(fours: &[[f32; 4]], step: f32, levels: f32, sums: &mut [u8]) -> f32 {
        let (mut base, inverse) = (0.0, 1.0 / step);
        for (q, sums) in fours.iter().zip(sums.as_chunks_mut::<16>().0) {
            let lowest = q.iter().map(|x| x.min(0.0)).sum::<f32>();
            base += lowest;
            let mut all = [-lowest; 16];
            for (i, &x) in q.iter().enumerate() {
                // Those with the bit are those without it and x.
                for bits in 0..1 << i {
                    all[bits | 1 << i] = all[bits] + x;
                }
            }
            for (out, sum) in sums.iter_mut().zip(all) {
                // Beside 2²³ what is behind the point is rounded away, and the last bits are the whole number.
                *out = ((sum * inverse).clamp(0.0, levels) + 8_388_608.0).to_bits() as u8;
            }
        }
        base
    }
}

dispatch! {
    fn estimate(
        constants: &[[u8; 4]; BLOCK],
        factors: &[[u8; 4]; BLOCK],
        sums: &[u16; BLOCK],
        by: [f32; 5],
        out: &mut [f32; BLOCK],
    ) -> u32 {
        let [base, scale, offset, slack, bar] = by;
        let mut above = 0;
        for i in 0..BLOCK {
            let (constant, factor) = (f32::from_le_bytes(constants[i]), f32::from_le_bytes(factors[i]));
            out[i] = base + constant + factor * (scale * f32::from(sums[i]) + offset);
            above |= u32::from(out[i] - slack * factor > bar) << i;
        }
        !above
    }
}

#[allow(unsafe_code, reason = "calling the forms of this function for AVX after asking the processor")]
fn look_up(block: &[u8], tables: &[u8], out: &mut [u16; BLOCK]) {
    #[cfg(target_arch = "x86_64")]
    {
        if std::arch::is_x86_feature_detected!("avx512bw") {
            // SAFETY: the processor has AVX-512 with its instructions for bytes.
            return unsafe { look_up_avx512(block, tables, out) };
        }
        if std::arch::is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has AVX2.
            return unsafe { look_up_avx2(block, tables, out) };
        }
    }
    look_up_plain(block, tables, out);
}

fn look_up_plain(block: &[u8], tables: &[u8], out: &mut [u16; BLOCK]) {
    let (codes, _) = block.as_chunks::<16>();
    let (tables, _) = tables.as_chunks::<16>();
    for (codes, table) in codes.iter().zip(tables) {
        for i in 0..16 {
            out[i] += u16::from(table[usize::from(codes[i] & 15)]);
            out[i + 16] += u16::from(table[usize::from(codes[i] >> 4)]);
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
#[allow(unsafe_code, reason = "loads and stores of 32 bytes")]
fn look_up_avx2(block: &[u8], tables: &[u8], out: &mut [u16; BLOCK]) {
    use std::arch::x86_64::*;
    let low = _mm256_set1_epi8(15);
    // Per half of a code: sums of all bytes as 16-bit numbers, whose high bytes are too many, and sums of the odd bytes.
    let mut all = [_mm256_setzero_si256(); 2];
    let mut odd = [_mm256_setzero_si256(); 2];
    let add = |codes: &[[u8; 32]], tables: &[[u8; 32]], all: &mut [__m256i; 2], odd: &mut [__m256i; 2]| {
        let mut bytes = [_mm256_setzero_si256(); 2];
        for (codes, tables) in codes.iter().zip(tables) {
            // SAFETY: both are 32 bytes, and these loads need no alignment.
            let (codes, tables) = unsafe {
                (_mm256_loadu_si256(codes.as_ptr().cast()), _mm256_loadu_si256(tables.as_ptr().cast()))
            };
            let halves = [_mm256_and_si256(codes, low), _mm256_and_si256(_mm256_srli_epi16(codes, 4), low)];
            for i in 0..2 {
                bytes[i] = _mm256_add_epi8(bytes[i], _mm256_shuffle_epi8(tables, halves[i]));
            }
        }
        for i in 0..2 {
            all[i] = _mm256_add_epi16(all[i], bytes[i]);
            odd[i] = _mm256_add_epi16(odd[i], _mm256_srli_epi16(bytes[i], 8));
        }
    };
    let (codes, codes_rest) = block.as_chunks::<32>().0.as_chunks::<TOGETHER>();
    let (tables, tables_rest) = tables.as_chunks::<32>().0.as_chunks::<TOGETHER>();
    codes.iter().zip(tables).for_each(|(codes, tables)| add(codes, tables, &mut all, &mut odd));
    add(codes_rest, tables_rest, &mut all, &mut odd);
    for (out, (all, odd)) in out.as_chunks_mut::<16>().0.iter_mut().zip(all.into_iter().zip(odd)) {
        let even = _mm256_sub_epi16(all, _mm256_slli_epi16(odd, 8));
        // The upper half of a register is the next group of the same vectors.
        let even = _mm_add_epi16(_mm256_castsi256_si128(even), _mm256_extracti128_si256(even, 1));
        let odd = _mm_add_epi16(_mm256_castsi256_si128(odd), _mm256_extracti128_si256(odd, 1));
        let in_turn = _mm256_set_m128i(_mm_unpackhi_epi16(even, odd), _mm_unpacklo_epi16(even, odd));
        // SAFETY: the array is 32 bytes, and this store needs no alignment.
        unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast(), in_turn) };
    }
}

/// As [`look_up_avx2`], of four groups at a time.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw")]
#[allow(unsafe_code, reason = "loads and stores of 64 bytes")]
fn look_up_avx512(block: &[u8], tables: &[u8], out: &mut [u16; BLOCK]) {
    use std::arch::x86_64::*;
    let low = _mm512_set1_epi8(15);
    let mut all = [_mm512_setzero_si512(); 2];
    let mut odd = [_mm512_setzero_si512(); 2];
    let mut bytes = [_mm512_setzero_si512(); 2];
    let ((codes, codes_rest), (tables, tables_rest)) = (block.as_chunks::<64>(), tables.as_chunks::<64>());
    // Behind the last group are codes of 0 and tables of zeros.
    let (mut last, mut last_tables) = ([0u8; 64], [0u8; 64]);
    last.iter_mut().zip(codes_rest).for_each(|(to, from)| *to = *from);
    last_tables.iter_mut().zip(tables_rest).for_each(|(to, from)| *to = *from);
    let rest = (!tables_rest.is_empty()).then_some((&last, &last_tables));
    for (at, (codes, tables)) in codes.iter().zip(tables).chain(rest).enumerate() {
        // SAFETY: both are 64 bytes, and these loads need no alignment.
        let (codes, tables) = unsafe {
            (_mm512_loadu_si512(codes.as_ptr().cast()), _mm512_loadu_si512(tables.as_ptr().cast()))
        };
        let halves = [_mm512_and_si512(codes, low), _mm512_and_si512(_mm512_srli_epi16(codes, 4), low)];
        for i in 0..2 {
            bytes[i] = _mm512_add_epi8(bytes[i], _mm512_shuffle_epi8(tables, halves[i]));
        }
        if at % TOGETHER == TOGETHER - 1 {
            for i in 0..2 {
                all[i] = _mm512_add_epi16(all[i], bytes[i]);
                odd[i] = _mm512_add_epi16(odd[i], _mm512_srli_epi16(bytes[i], 8));
            }
            bytes = [_mm512_setzero_si512(); 2];
        }
    }
    for i in 0..2 {
        all[i] = _mm512_add_epi16(all[i], bytes[i]);
        odd[i] = _mm512_add_epi16(odd[i], _mm512_srli_epi16(bytes[i], 8));
    }
    for (out, (all, odd)) in out.as_chunks_mut::<16>().0.iter_mut().zip(all.into_iter().zip(odd)) {
        let even = _mm512_sub_epi16(all, _mm512_slli_epi16(odd, 8));
        // Each quarter of a register is a group of the same vectors.
        let even = _mm256_add_epi16(_mm512_castsi512_si256(even), _mm512_extracti64x4_epi64(even, 1));
        let odd = _mm256_add_epi16(_mm512_castsi512_si256(odd), _mm512_extracti64x4_epi64(odd, 1));
        let even = _mm_add_epi16(_mm256_castsi256_si128(even), _mm256_extracti128_si256(even, 1));
        let odd = _mm_add_epi16(_mm256_castsi256_si128(odd), _mm256_extracti128_si256(odd, 1));
        let in_turn = _mm256_set_m128i(_mm_unpackhi_epi16(even, odd), _mm_unpacklo_epi16(even, odd));
        // SAFETY: the array is 32 bytes, and this store needs no alignment.
        unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast(), in_turn) };
    }
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
    fn rotations_keep_lengths_and_angles() {
        for dim in [1, 2, 3, 7, 8, 100, 384] {
            let rotation = Rotation::new(dim);
            let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
            let (mut a, mut b) = (noise(1, dim), noise(2, dim));
            let before = (dot(&a, &a), dot(&a, &b));
            rotation.apply(&mut a);
            rotation.apply(&mut b);
            let after = (dot(&a, &a), dot(&a, &b));
            assert!((before.0 - after.0).abs() < 1e-3 && (before.1 - after.1).abs() < 1e-3, "{dim}");
        }
    }

    #[test]
    fn all_forms_look_up_the_same() {
        for dim in [1, 8, 20, 384, 1536, 16_000] {
            let query = noise(3, dim);
            let tables = Tables::new(&query);
            let mut block = vec![0; block_bytes(dim)];
            for i in 0..BLOCK {
                encode(&noise(10 + i as u32, dim), &mut block, i);
            }
            let (mut plain, mut fast) = ([0; BLOCK], [0; BLOCK]);
            look_up_plain(&block, &tables.sums, &mut plain);
            look_up(&block, &tables.sums, &mut fast);
            assert_eq!(plain, fast, "{dim}");
            #[cfg(target_arch = "x86_64")]
            if std::arch::is_x86_feature_detected!("avx2") {
                // SAFETY: the processor has AVX2.
                #[allow(unsafe_code, reason = "the form that processors with AVX-512 do not call")]
                unsafe {
                    look_up_avx2(&block, &tables.sums, &mut fast);
                }
                assert_eq!(plain, fast, "{dim}");
            }
        }
    }

    #[test]
    fn blocks_are_scanned_one_behind_the_other() {
        let (dim, len) = (20, block_bytes(20) + 12 * BLOCK);
        let tables = Tables::new(&noise(5, dim));
        let mut blocks = vec![0; 3 * len];
        for (i, block) in blocks.chunks_exact_mut(len).enumerate() {
            for place in 0..BLOCK {
                encode(&noise((100 * i + place) as u32, dim), block, place);
                // Factors that rise from vector to vector.
                let at = block_bytes(dim) + 4 * (BLOCK + place);
                block[at..at + 4].copy_from_slice(&(1.0 + place as f32).to_le_bytes());
            }
        }
        let scan = |blocks: &[u8], vectors, bar| {
            let (mut near, by) = (Vec::new(), Estimate { base: 0.0, times: 2.0, slack: 0.1 });
            tables.scan(blocks, len, vectors, &by, bar, &mut near);
            near.iter().map(|near| (near.place, near.estimate)).collect::<Vec<_>>()
        };
        let all = scan(&blocks, 2 * BLOCK + 5, f32::INFINITY);
        assert_eq!(
            all.iter().map(|near| near.0).collect::<Vec<_>>(),
            (0..2 * BLOCK as u32 + 5).collect::<Vec<_>>()
        );
        for (i, block) in blocks.chunks_exact(len).enumerate().take(2) {
            let alone: Vec<f32> = scan(block, BLOCK, f32::INFINITY).iter().map(|near| near.1).collect();
            assert_eq!(alone, all[i * BLOCK..][..BLOCK].iter().map(|near| near.1).collect::<Vec<_>>());
        }
        let below = |near: &&(u32, f32)| near.1 - 0.2 * (1.0 + (near.0 % BLOCK as u32) as f32) <= 0.0;
        let expected: Vec<(u32, f32)> = all.iter().filter(below).copied().collect();
        assert!(!expected.is_empty() && expected.len() < all.len());
        assert_eq!(scan(&blocks, 2 * BLOCK + 5, 0.0), expected);
        assert!(scan(&blocks[..len - 1], BLOCK, f32::INFINITY).is_empty());
    }

    #[test]
    fn estimates_are_near_the_inner_products() {
        let dim = 384;
        let rotation = Rotation::new(dim);
        let mut query = noise(4, dim);
        rotation.apply(&mut query);
        let tables = Tables::new(&query);
        let length = |v: &[f32]| v.iter().map(|x| x * x).sum::<f32>().sqrt();
        let mut block = vec![0; block_bytes(dim)];
        let (mut vectors, mut factors) = (Vec::new(), Vec::new());
        for i in 0..BLOCK {
            let mut v: Vec<f32> = noise(50 + i as u32, dim).iter().zip(&query).map(|(a, b)| a + b).collect();
            rotation.apply(&mut v);
            factors.push(encode(&v, &mut block, i));
            vectors.push(v);
        }
        block.extend_from_slice(&[0; 4 * BLOCK]);
        factors.iter().for_each(|factor: &f32| block.extend_from_slice(&factor.to_le_bytes()));
        let (mut near, by) = (Vec::new(), Estimate { base: 0.0, times: -1.0, slack: 0.0 });
        tables.scan(&block, block.len(), BLOCK, &by, f32::INFINITY, &mut near);
        assert_eq!(near.len(), BLOCK);
        let bound = length(&query) / (dim as f32).sqrt() * 4.0;
        for i in 0..BLOCK {
            let exact: f32 = vectors[i].iter().zip(&query).map(|(a, b)| a * b).sum();
            let estimate = near[i].estimate;
            assert_eq!(near[i].place as usize, i);
            assert!((exact - estimate).abs() < bound * length(&vectors[i]), "{i}: {exact} {estimate}");
        }
    }
}
