//! From packed bits to values: lines, differences, floats as ordered integers.
//!
//! The storage engine encodes every fixed-width value as an i64, its *carrier*. A float's
//! carrier is its bits, mapped so that the integers' order is the floats' order (a negative
//! float has all bits but the sign flipped); the mapping is its own inverse.

use crate::bitpack::{each_32, each_64, get};
use crate::wide::dispatch;

/// Fraction bits of a line's slope.
pub const SLOPE_BITS: u32 = 10;

/// Value `i` of the line through `base`: `base + floor(slope · i / 1024)`, wrapping.
#[inline]
pub fn line(base: i64, slope: i64, i: usize) -> i64 {
    base.wrapping_add(slope.wrapping_mul(i as i64) >> SLOPE_BITS)
}

/// Appends a value `n` times: where vectors of values begin.
#[inline(never)]
pub fn fill(value: i64, n: usize, out: &mut Vec<i64>) {
    match value {
        0 => out.resize(out.len() + n, 0),
        value => out.resize(out.len() + n, value),
    }
}

dispatch! {
    /// Appends `base` plus each little-endian number of 1, 2, 4 or 8 bytes.
    pub fn from_bytes(bytes: &[u8], size: usize, base: i64, out: &mut Vec<i64>) {
        match size {
            1 => out.extend(bytes.iter().map(|&b| base.wrapping_add(i64::from(b)))),
            2 => out.extend(bytes.as_chunks().0.iter().map(|&b| base.wrapping_add(u16::from_le_bytes(b).into()))),
            4 => out.extend(bytes.as_chunks().0.iter().map(|&b| base.wrapping_add(u32::from_le_bytes(b).into()))),
            _ => out.extend(bytes.as_chunks().0.iter().map(|&b| base.wrapping_add(i64::from_le_bytes(b)))),
        }
    }
}

dispatch! {
    /// Fills `out` with packed distances above a line: the inverse of packing `value − line`.
    pub fn unpack_above_line(bytes: &[u8], width: u32, base: i64, slope: i64, out: &mut [i64]) {
        let above = |i: usize, packed: u64| line(base, slope, i).wrapping_add(packed as i64);
        let n = out.len();
        if width <= 32 {
            let (rows, rest) = out.as_chunks_mut::<32>();
            let row = |i: usize, packed: &[u32]| {
                if slope == 0 {
                    let row = rows[i / 32].iter_mut().zip(packed);
                    row.for_each(|(value, &p)| *value = base.wrapping_add(i64::from(p)));
                } else {
                    for (lane, (value, p)) in rows[i / 32].iter_mut().zip(packed).enumerate() {
                        *value = above(i + lane, u64::from(*p));
                    }
                }
            };
            each_32(bytes, width, 0, n, row, |i, packed| rest[i % 32] = above(i, packed.into()));
        } else {
            let (rows, rest) = out.as_chunks_mut::<16>();
            let row = |i: usize, packed: &[u64]| {
                for (lane, (value, p)) in rows[i / 16].iter_mut().zip(packed).enumerate() {
                    *value = above(i + lane, *p);
                }
            };
            each_64(bytes, width, 0, n, row, |i, packed| rest[i % 16] = above(i, packed));
        }
    }
}

dispatch! {
    /// Fills `out` with running sums: `out[0] = first`, each further value the one before plus `least` plus its packed
    /// difference. `start` is the place of `out[0]` in the packed block, a multiple of 32.
    pub fn unpack_differences(bytes: &[u8], width: u32, start: usize, first: i64, least: i64, out: &mut [i64]) {
        let skipped = if out.is_empty() { 0 } else { get(bytes, width, start) as i64 };
        let mut value = first.wrapping_sub(least).wrapping_sub(skipped);
        let mut next = |packed: u64| {
            value = value.wrapping_add(least).wrapping_add(packed as i64);
            value
        };
        // Both closures below need the running value; rows come first, so the rest is summed afterwards.
        let n = out.len();
        if width <= 32 {
            let (rows, rest) = out.as_chunks_mut::<32>();
            let row = |i: usize, packed: &[u32]| {
                for (value, p) in rows[i / 32].iter_mut().zip(packed) {
                    *value = next(u64::from(*p));
                }
            };
            each_32(bytes, width, start, n, row, |i, packed| rest[i % 32] = packed.into());
            rest.iter_mut().for_each(|value| *value = next(*value as u64));
        } else {
            let (rows, rest) = out.as_chunks_mut::<16>();
            let row = |i: usize, packed: &[u64]| {
                for (value, p) in rows[i / 16].iter_mut().zip(packed) {
                    *value = next(*p);
                }
            };
            each_64(bytes, width, start, n, row, |i, packed| rest[i % 16] = packed as i64);
            rest.iter_mut().for_each(|value| *value = next(*value as u64));
        }
    }
}

/// The sum of packed values `[start, start + n)`, wrapping; `start` is a multiple of 32.
#[inline(never)]
pub fn sum_packed(bytes: &[u8], width: u32, start: usize, n: usize) -> i64 {
    let (mut sum, mut rest) = (0i64, 0i64);
    let one = |v: u64| v as i64;
    if width <= 32 {
        let row = |_: usize, row: &[u32]| {
            sum = sum.wrapping_add(row.iter().map(|&v| u64::from(v)).sum::<u64>() as i64);
        };
        each_32(bytes, width, start, n, row, |_, v| rest = rest.wrapping_add(i64::from(v)));
    } else {
        let row = |_: usize, row: &[u64]| sum = row.iter().fold(sum, |sum, &v| sum.wrapping_add(one(v)));
        each_64(bytes, width, start, n, row, |_, v| rest = rest.wrapping_add(one(v)));
    }
    sum.wrapping_add(rest)
}

dispatch! {
    /// The distances of values from a line, ready to be packed.
    pub fn distances(values: &[i64], base: i64, slope: i64) -> Vec<u64> {
        values.iter().enumerate().map(|(i, v)| v.wrapping_sub(line(base, slope, i)) as u64).collect()
    }
}

/// The differences of neighbours less `least`, ready to be packed; 0 at every multiple of `anchor`.
#[inline(never)]
pub fn differences(values: &[i64], least: i64, anchor: usize) -> Vec<u64> {
    let mut out = vec![0; values.len()];
    for (out, pair) in out[1.min(values.len())..].iter_mut().zip(values.windows(2)) {
        *out = pair[1].wrapping_sub(pair[0]).wrapping_sub(least) as u64;
    }
    out.iter_mut().step_by(anchor).for_each(|out| *out = 0);
    out
}

/// Appends the values at these places; false, and nothing is appended, where one lies outside.
#[inline(never)]
pub fn gather(values: &[i64], places: &[i64], out: &mut Vec<i64>) -> bool {
    let inside = places.iter().fold(true, |inside, &p| inside & ((p as u64) < values.len() as u64));
    if inside {
        out.extend(places.iter().map(|&p| values[p as usize]));
    }
    inside
}

dispatch! {
    /// True if one of the values is that one.
    pub fn has(values: &[i64], value: i64) -> bool {
        values.chunks(64).any(|some| some.iter().fold(false, |any, &v| any | (v == value)))
    }
}

/// Places as codes; None where one lies outside of `len` values.
#[inline(never)]
pub fn codes_of(places: &[i64], len: usize) -> Option<Vec<u32>> {
    let inside = places.iter().fold(true, |inside, &p| inside & ((p as u64) < len as u64));
    inside.then(|| places.iter().map(|&p| p as u32).collect())
}

dispatch! {
    /// The least and the greatest value; of none, the greatest and the least there can be.
    pub fn min_max(values: &[i64]) -> (i64, i64) {
        values.iter().fold((i64::MAX, i64::MIN), |(min, max), &v| (min.min(v), max.max(v)))
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

dispatch! {
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
}

dispatch! {
    /// The least and the greatest distance of values from a line through `base`, wrapping.
    pub fn above_line(values: &[i64], base: i64, slope: i64) -> (i64, i64) {
        values.iter().enumerate().fold((i64::MAX, i64::MIN), |(min, max), (i, v)| {
            let distance = v.wrapping_sub(line(base, slope, i));
            (min.min(distance), max.max(distance))
        })
    }
}

dispatch! {
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

dispatch! {
    /// Appends the floats of carriers.
    pub fn to_f64(carriers: &[i64], out: &mut Vec<f64>) {
        out.extend(carriers.iter().map(|&c| f64::from_bits(flip_f64(c) as u64)));
    }
}

dispatch! {
    /// Appends the floats of carriers.
    pub fn to_f32(carriers: &[i64], out: &mut Vec<f32>) {
        out.extend(carriers.iter().map(|&c| f32::from_bits(flip_f32(c as i32) as u32)));
    }
}

dispatch! {
    /// Floats to carriers.
    pub fn from_f64(values: &[f64], out: &mut Vec<i64>) {
        out.extend(values.iter().map(|v| flip_f64(v.to_bits() as i64)));
    }
}

dispatch! {
    /// Floats to carriers.
    pub fn from_f32(values: &[f32], out: &mut Vec<i64>) {
        out.extend(values.iter().map(|v| i64::from(flip_f32(v.to_bits() as i32))));
    }
}

/// Carriers to the integers they were widened from.
#[inline(never)]
pub fn to_i32(carriers: &[i64]) -> Vec<i32> {
    carriers.iter().map(|&c| c as i32).collect()
}

/// Carriers to the integers they were widened from.
#[inline(never)]
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

/// Digits of a decimal fraction beyond this are not converted exactly.
pub const DIGITS_MAX: i64 = (1 << 51) - 1;

/// 1.5 · 2^52: floats of this size have a step of 1, so that the bits below it are an integer.
const ROUND: f64 = 6_755_399_441_055_744.0;

/// `digits` as a float: adding them to the bits of [`ROUND`] puts them into its fraction. Unlike a cast, this is a
/// vector instruction everywhere.
#[inline]
fn float(digits: i64) -> f64 {
    f64::from_bits((ROUND.to_bits() as i64).wrapping_add(digits) as u64) - ROUND
}

/// The digits of floats at a power of ten, where dividing them by it gives exactly the float back; else the digits
/// before, and the place is appended to `exceptions`. `narrow`: the carriers are those of 32-bit floats.
#[inline(never)]
pub fn to_digits(carriers: &[i64], narrow: bool, power: f64, exceptions: &mut Vec<u16>) -> Vec<i64> {
    let mut last = 0;
    let mut out = Vec::with_capacity(carriers.len());
    for (i, &carrier) in carriers.iter().enumerate() {
        match digits(carrier, narrow, power) {
            Some(digits) => last = digits,
            None => exceptions.push(i as u16),
        }
        out.push(last);
    }
    out
}

/// The digits of one float, see [`to_digits`].
#[inline]
pub fn digits(carrier: i64, narrow: bool, power: f64) -> Option<i64> {
    let value = match narrow {
        true => f32::from_bits(flip_f32(carrier as i32) as u32).into(),
        false => f64::from_bits(flip_f64(carrier) as u64),
    };
    // Adding and taking away 1.5 · 2^52 rounds to the nearest integer.
    let scaled = value * power;
    if scaled.is_nan() || scaled.abs() > DIGITS_MAX as f64 {
        return None;
    }
    let digits = (scaled + ROUND).to_bits() as i64 - ROUND.to_bits() as i64;
    (from_digits(digits, narrow, power) == carrier).then_some(digits)
}

/// The carrier of the float nearest to `digits / power`.
#[inline]
pub fn from_digits(digits: i64, narrow: bool, power: f64) -> i64 {
    let value = float(digits) / power;
    match narrow {
        true => flip_f32((value as f32).to_bits() as i32).into(),
        false => flip_f64(value.to_bits() as i64),
    }
}

dispatch! {
    /// Appends decimal fractions as floats: `digits / divisor`, correctly rounded, for digits up to [`DIGITS_MAX`].
    pub fn scaled_to_f64(digits: &[i64], divisor: f64, out: &mut Vec<f64>) {
        out.extend(digits.iter().map(|&d| float(d) / divisor));
    }
}

dispatch! {
    /// As [`scaled_to_f64`], rounded again to 32 bits.
    pub fn scaled_to_f32(digits: &[i64], divisor: f64, out: &mut Vec<f32>) {
        out.extend(digits.iter().map(|&d| (float(d) / divisor) as f32));
    }
}

/// Fills `out` with values: base + number · multiplier, summed up once for each of `firsts`, which they begin with.
/// `out` is as long as both together.
#[inline(never)]
pub fn sum_numbers(numbers: &[u64], base: i64, multiplier: u64, firsts: &[i64], out: &mut [i64]) {
    let (head, tail) = out.split_at_mut(firsts.len().min(out.len()));
    let value = |number: u64| base.wrapping_add(number.wrapping_mul(multiplier) as i64);
    match *firsts {
        [] => tail.iter_mut().zip(numbers).for_each(|(out, &number)| *out = value(number)),
        [mut sum] => {
            head.fill(sum);
            for (out, &number) in tail.iter_mut().zip(numbers) {
                sum = sum.wrapping_add(value(number));
                *out = sum;
            }
        }
        [mut sum, mut step, ..] => {
            for out in head {
                *out = sum;
                sum = sum.wrapping_add(step);
            }
            // The second value is the first and the first step.
            sum = sum.wrapping_sub(step);
            for (out, &number) in tail.iter_mut().zip(numbers) {
                step = step.wrapping_add(value(number));
                sum = sum.wrapping_add(step);
                *out = sum;
            }
        }
    }
}
