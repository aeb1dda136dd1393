//! From packed bits to values: lines, differences, floats as ordered integers.
//!
//! The storage engine encodes every fixed-width value as an i64, its *carrier*. A float's
//! carrier is its bits, mapped so that the integers' order is the floats' order (a negative
//! float has all bits but the sign flipped); the mapping is its own inverse.

use crate::bitpack::{BLOCK, unpack_u32, unpack_u64};

/// Fraction bits of a line's slope.
pub const SLOPE_BITS: u32 = 10;

/// Value `i` of the line through `base`: `base + floor(slope · i / 1024)`, wrapping.
#[inline]
pub fn line(base: i64, slope: i64, i: usize) -> i64 {
    base.wrapping_add(slope.wrapping_mul(i as i64) >> SLOPE_BITS)
}

/// Fills `out` with packed distances above a line: the inverse of packing `value − line`.
pub fn unpack_above_line(bytes: &[u8], width: u32, base: i64, slope: i64, out: &mut [i64]) {
    assert!(out.len() <= BLOCK);
    if width <= 32 {
        let mut packed = [0u32; BLOCK];
        let packed = &mut packed[..out.len()];
        unpack_u32(bytes, width, 0, packed);
        if slope == 0 {
            out.iter_mut().zip(packed).for_each(|(v, p)| *v = base.wrapping_add(i64::from(*p)));
        } else {
            for (i, (v, p)) in out.iter_mut().zip(packed).enumerate() {
                *v = line(base, slope, i).wrapping_add(i64::from(*p));
            }
        }
    } else {
        let mut packed = [0u64; BLOCK];
        let packed = &mut packed[..out.len()];
        unpack_u64(bytes, width, 0, packed);
        for (i, (v, p)) in out.iter_mut().zip(packed).enumerate() {
            *v = line(base, slope, i).wrapping_add(*p as i64);
        }
    }
}

/// Fills `out` with running sums: `out[0] = first`, each further value the one before plus `least` plus its packed
/// difference. `start` is the place of `out[0]` in the packed block, a multiple of 32.
pub fn unpack_differences(bytes: &[u8], width: u32, start: usize, first: i64, least: i64, out: &mut [i64]) {
    assert!(out.len() <= BLOCK);
    let mut packed = [0u64; BLOCK];
    let packed = &mut packed[..out.len()];
    unpack_u64(bytes, width, start, packed);
    let mut value = first.wrapping_sub(least).wrapping_sub(packed.first().map_or(0, |&p| p as i64));
    for (v, p) in out.iter_mut().zip(packed) {
        value = value.wrapping_add(least).wrapping_add(*p as i64);
        *v = value;
    }
}

/// What a choice of encoding needs to know of a run of carriers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// The least.
    pub min: i64,
    /// The greatest.
    pub max: i64,
    /// How many runs of equal values.
    pub runs: usize,
    /// The least difference of neighbours, wrapping.
    pub step_min: i64,
    /// The greatest difference of neighbours, wrapping.
    pub step_max: i64,
}

/// The shape of values; of none, all zero.
pub fn shape(values: &[i64]) -> Shape {
    let Some(&first) = values.first() else {
        return Shape { min: 0, max: 0, runs: 0, step_min: 0, step_max: 0 };
    };
    let (mut min, mut max, mut runs) = (first, first, 1);
    let (mut step_min, mut step_max) = (i64::MAX, i64::MIN);
    for (a, b) in values.iter().zip(&values[1..]) {
        let step = b.wrapping_sub(*a);
        min = min.min(*b);
        max = max.max(*b);
        runs += usize::from(a != b);
        step_min = step_min.min(step);
        step_max = step_max.max(step);
    }
    if values.len() == 1 {
        (step_min, step_max) = (0, 0);
    }
    Shape { min, max, runs, step_min, step_max }
}

/// The least and the greatest distance of values from a line through `base`, wrapping.
pub fn above_line(values: &[i64], base: i64, slope: i64) -> (i64, i64) {
    values.iter().enumerate().fold((i64::MAX, i64::MIN), |(min, max), (i, v)| {
        let distance = v.wrapping_sub(line(base, slope, i));
        (min.min(distance), max.max(distance))
    })
}

/// The sum of values.
pub fn sum(values: &[i64]) -> i128 {
    // Halves of 32 bits sum up in 64 bits without overflow for up to 2^31 values.
    let (mut high, mut low) = (0i64, 0u64);
    for v in values {
        high += v >> 32;
        low += *v as u64 & 0xffff_ffff;
    }
    (i128::from(high) << 32) + i128::from(low)
}

/// A float's bits as its carrier, and back.
#[inline]
pub fn flip_f64(bits: i64) -> i64 {
    bits ^ ((bits >> 63) as u64 >> 1) as i64
}

/// A float's bits as its carrier, and back.
#[inline]
pub fn flip_f32(bits: i32) -> i32 {
    bits ^ ((bits >> 31) as u32 >> 1) as i32
}

/// Carriers to floats.
pub fn to_f64(carriers: &[i64]) -> Vec<f64> {
    carriers.iter().map(|&c| f64::from_bits(flip_f64(c) as u64)).collect()
}

/// Carriers to floats.
pub fn to_f32(carriers: &[i64]) -> Vec<f32> {
    carriers.iter().map(|&c| f32::from_bits(flip_f32(c as i32) as u32)).collect()
}

/// Floats to carriers.
pub fn from_f64(values: &[f64], out: &mut Vec<i64>) {
    out.extend(values.iter().map(|v| flip_f64(v.to_bits() as i64)));
}

/// Floats to carriers.
pub fn from_f32(values: &[f32], out: &mut Vec<i64>) {
    out.extend(values.iter().map(|v| i64::from(flip_f32(v.to_bits() as i32))));
}

/// Carriers to the integers they were widened from.
pub fn to_i32(carriers: &[i64]) -> Vec<i32> {
    carriers.iter().map(|&c| c as i32).collect()
}

/// Carriers to the integers they were widened from.
pub fn to_i16(carriers: &[i64]) -> Vec<i16> {
    carriers.iter().map(|&c| c as i16).collect()
}

/// Carriers to bits: 1 for what is not 0.
pub fn to_bits(carriers: &[i64]) -> Vec<u64> {
    carriers
        .chunks(64)
        .map(|chunk| chunk.iter().enumerate().fold(0, |word, (i, &c)| word | u64::from(c != 0) << i))
        .collect()
}

/// Decimal fractions to floats: `digits / divisor`, correctly rounded.
pub fn scaled_to_f64(digits: &[i64], divisor: f64) -> Vec<f64> {
    digits.iter().map(|&d| d as f64 / divisor).collect()
}

/// As [`scaled_to_f64`], rounded again to 32 bits.
pub fn scaled_to_f32(digits: &[i64], divisor: f64) -> Vec<f32> {
    digits.iter().map(|&d| (d as f64 / divisor) as f32).collect()
}
