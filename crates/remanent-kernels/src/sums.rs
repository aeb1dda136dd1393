//! Sums, extremes and moments of plain slices, of all values or of each group's.
//!
//! Groups are numbers beside the values, each below the length of the slices of results.
//!
//! ```
//! use remanent_kernels::sums::{grouped_sum_f64, sum_i64};
//! assert_eq!(sum_i64(&[i64::MAX, 1]), i64::MAX as i128 + 1);
//! let (mut sums, mut counts) = ([0.0; 2], [0; 2]);
//! grouped_sum_f64(&[1.0, 2.0, 4.0], &[0, 1, 0], &mut sums, &mut counts);
//! assert_eq!((sums, counts), ([5.0, 2.0], [2, 1]));
//! ```
//!
//! Limits: sums of floats without groups are made in lanes, so they differ in their last bits from those of one value after the other.

use crate::arith::magnitude_i64;
use crate::wide::dispatch;

dispatch! {
    /// The sum; cannot overflow below 2^32 values.
    pub fn sum_i32(values: &[i32]) -> i64 {
        values.iter().map(|&v| i64::from(v)).sum()
    }
}

dispatch! {
    /// The exact sum.
    pub fn sum_i64(values: &[i64]) -> i128 {
        // The halves are summed apart: 2^31 of either cannot overflow 64 bits.
        let mut sum = 0i128;
        for part in values.chunks(1 << 30) {
            let (mut high, mut low) = (0i64, 0u64);
            for &v in part {
                high += v >> 32;
                low += v as u64 & 0xffff_ffff;
            }
            sum += (i128::from(high) << 32) + i128::from(low);
        }
        sum
    }
}

dispatch! {
    /// The sum, in 16 interleaved partial sums where there are many values.
    pub fn sum_f64(values: &[f64]) -> f64 {
        let (chunks, rest) = values.as_chunks::<16>();
        let mut lanes = [0.0f64; 16];
        if chunks.len() < 4 {
            return values.iter().fold(0.0, |sum, v| sum + v);
        }
        for chunk in chunks {
            for j in 0..16 {
                lanes[j] += chunk[j];
            }
        }
        lanes.iter().chain(rest).fold(0.0, |sum, v| sum + v)
    }
}

macro_rules! extent {
    ($name:ident, $ty:ty) => {
        dispatch! {
            /// The least and the greatest value; the type's greatest and least for none.
            pub fn $name(values: &[$ty]) -> ($ty, $ty) {
                let (mut low, mut high) = (<$ty>::MAX, <$ty>::MIN);
                for &v in values {
                    low = low.min(v);
                    high = high.max(v);
                }
                (low, high)
            }
        }
    };
}

extent!(extent_i32, i32);
extent!(extent_i64, i64);

dispatch! {
    /// The least and the greatest value but NaN (∞ and -∞ for none), and whether there is a NaN.
    pub fn extent_f64(values: &[f64]) -> (f64, f64, bool) {
        let (mut low, mut high, mut nan) = ([f64::INFINITY; 8], [f64::NEG_INFINITY; 8], [false; 8]);
        let (chunks, rest) = values.as_chunks::<8>();
        for chunk in chunks {
            for j in 0..8 {
                let v = chunk[j];
                low[j] = if v < low[j] { v } else { low[j] };
                high[j] = if v > high[j] { v } else { high[j] };
                nan[j] |= v.is_nan();
            }
        }
        for (j, &v) in rest.iter().enumerate() {
            low[j] = if v < low[j] { v } else { low[j] };
            high[j] = if v > high[j] { v } else { high[j] };
            nan[j] |= v.is_nan();
        }
        let least = low.iter().fold(f64::INFINITY, |m, &v| if v < m { v } else { m });
        let greatest = high.iter().fold(f64::NEG_INFINITY, |m, &v| if v > m { v } else { m });
        (least, greatest, nan.contains(&true))
    }
}

/// So many groups are summed one after the other: then no sum waits for the one before it to be stored.
const FEW_GROUPS: usize = 8;

/// Adds each value to its group's sum and one to its count. Every group is below the slices' length.
#[inline(never)]
pub fn grouped_sum_i64(values: &[i64], groups: &[u32], sums: &mut [i128], counts: &mut [i64]) {
    let fit = || magnitude_i64(values) + values.len().ilog2() < 62;
    if sums.len() <= FEW_GROUPS && values.len() >= 64 && fit() {
        for (group, (sum, count)) in sums.iter_mut().zip(counts).enumerate() {
            let (more, rows) = sum_of_group(values, groups, group as u32);
            *sum += i128::from(more);
            *count += rows;
        }
        return;
    }
    for (&v, &g) in values.iter().zip(groups) {
        sums[g as usize] += i128::from(v);
        counts[g as usize] += 1;
    }
}

dispatch! {
    /// The sum and the number of the values of one group.
    fn sum_of_group(values: &[i64], groups: &[u32], group: u32) -> (i64, i64) {
        let (mut sum, mut rows) = (0i64, 0i64);
        for (&v, &g) in values.iter().zip(groups) {
            let mask = -i64::from(g == group);
            sum = sum.wrapping_add(v & mask);
            rows -= mask;
        }
        (sum, rows)
    }
}

/// As [`grouped_sum_i64`], for floats.
#[inline(never)]
pub fn grouped_sum_f64(values: &[f64], groups: &[u32], sums: &mut [f64], counts: &mut [i64]) {
    for (&v, &g) in values.iter().zip(groups) {
        sums[g as usize] += v;
        counts[g as usize] += 1;
    }
}

/// Counts the rows of each group.
#[inline(never)]
pub fn grouped_count(groups: &[u32], counts: &mut [i64]) {
    for &g in groups {
        counts[g as usize] += 1;
    }
}

/// As [`grouped_extreme_i64`], for floats: NaN is greatest, and of zeros the first stays.
#[inline(never)]
pub fn grouped_extreme_f64(
    values: &[f64],
    groups: &[u32],
    greatest: bool,
    best: &mut [f64],
    counts: &mut [i64],
) {
    for (&v, &g) in values.iter().zip(groups) {
        let (held, count) = (&mut best[g as usize], &mut counts[g as usize]);
        let (more, less) = if greatest { (v, *held) } else { (*held, v) };
        if *count == 0 || more > less || more.is_nan() && !less.is_nan() {
            *held = v;
        }
        *count += 1;
    }
}

/// Keeps the least (or greatest) value of each group; a group's count tells whether it has one.
#[inline(never)]
pub fn grouped_extreme_i64(
    values: &[i64],
    groups: &[u32],
    greatest: bool,
    best: &mut [i64],
    counts: &mut [i64],
) {
    for (&v, &g) in values.iter().zip(groups) {
        let g = g as usize;
        let held = best[g];
        if counts[g] == 0 || (v != held && (v > held) == greatest) {
            best[g] = v;
        }
        counts[g] += 1;
    }
}

/// The sums that a variance needs, of values less `shift` (which changes no variance): of the differences, and of their squares
/// as far as 128 bits hold them, and of both as doubles for when they do not.
#[derive(Debug, Clone, Copy, Default)]
pub struct Moments {
    /// How many values.
    pub n: i64,
    /// What was taken away from each: the first.
    pub shift: i64,
    /// Σ d
    pub sum: i128,
    /// Σ d², unless `overflow`.
    pub squares: i128,
    /// Σ d² has not fit.
    pub overflow: bool,
    /// Σ d² roughly.
    pub rough: f64,
}

impl Moments {
    #[inline(always)]
    fn add(&mut self, v: i64) {
        if self.n == 0 {
            self.shift = v;
        }
        self.n += 1;
        let d = i128::from(v) - i128::from(self.shift);
        self.sum += d;
        // |d| < 2^64, so its square may take 128 bits.
        let square = d.unsigned_abs().checked_mul(d.unsigned_abs()).and_then(|s| i128::try_from(s).ok());
        let (sum, over) = self.squares.overflowing_add(square.unwrap_or(0));
        (self.squares, self.overflow) = (sum, self.overflow | over | square.is_none());
        self.rough += d as f64 * d as f64;
    }
}

/// Adds each value to the moments of its group; without groups all to the first.
pub fn add_moments(values: &[i64], groups: Option<&[u32]>, moments: &mut [Moments]) {
    match groups {
        None => {
            let mut m = moments[0];
            values.iter().for_each(|&v| m.add(v));
            moments[0] = m;
        }
        Some(groups) => values.iter().zip(groups).for_each(|(&v, &g)| moments[g as usize].add(v)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extremes_of_floats_have_nan_above_all() {
        let values = [1.0, f64::NAN, -0.0, 0.0, f64::INFINITY, f64::NAN, -3.0, f64::NEG_INFINITY];
        let groups = [0, 0, 1, 1, 2, 3, 0, 2];
        let (mut least, mut greatest, mut counts) = ([7.0; 5], [7.0; 5], [0; 5]);
        grouped_extreme_f64(&values, &groups, false, &mut least, &mut counts);
        assert_eq!(counts, [3, 2, 2, 1, 0]);
        counts = [0; 5];
        grouped_extreme_f64(&values, &groups, true, &mut greatest, &mut counts);
        let bits = |values: [f64; 5]| values.map(f64::to_bits);
        assert_eq!(bits(least), bits([-3.0, -0.0, f64::NEG_INFINITY, f64::NAN, 7.0]));
        assert_eq!(bits(greatest), bits([f64::NAN, -0.0, f64::INFINITY, f64::NAN, 7.0]));
    }

    #[test]
    fn few_groups_are_summed_as_many_are() {
        for values in [vec![i64::MAX; 200], (0..200).map(|i| i * 1_000_003 - 9_999_999).collect()] {
            let groups: Vec<u32> = (0..200).map(|i| i * i % 7).collect();
            let (mut few, mut few_rows) = ([1i128; 7], [2i64; 7]);
            let (mut many, mut many_rows) = ([1i128; 70], [2i64; 70]);
            grouped_sum_i64(&values, &groups, &mut few, &mut few_rows);
            grouped_sum_i64(&values, &groups, &mut many, &mut many_rows);
            assert_eq!((&few[..], &few_rows[..]), (&many[..7], &many_rows[..7]));
            assert_eq!(few.iter().sum::<i128>() - 7, values.iter().map(|&v| i128::from(v)).sum::<i128>());
        }
    }

    #[test]
    fn sums_and_extremes_are_exact() {
        let values: Vec<i64> = vec![i64::MAX, i64::MAX, i64::MIN, -5, 7];
        assert_eq!(sum_i64(&values), i128::from(i64::MAX) * 2 + i128::from(i64::MIN) + 2);
        assert_eq!(extent_i64(&values), (i64::MIN, i64::MAX));
        assert_eq!(sum_i32(&[i32::MAX; 100]), i64::from(i32::MAX) * 100);
        assert_eq!(sum_f64(&[0.5; 1000]), 500.0);
        let (low, high, nan) = extent_f64(&[3.0, f64::NAN, -2.0, 9.0]);
        assert_eq!((low, high, nan), (-2.0, 9.0, true));
    }

    #[test]
    fn moments_give_the_variance_and_tell_when_they_cannot() {
        let mut moments = [Moments::default(); 2];
        add_moments(&[i64::MAX, i64::MAX - 2, i64::MAX - 4], None, &mut moments);
        assert_eq!((moments[0].n, moments[0].sum, moments[0].squares), (3, -6, 20));
        add_moments(&[7, 9, i64::MIN, i64::MAX], Some(&[1, 1, 1, 1]), &mut moments);
        assert!(!moments[1].overflow);
        add_moments(&[i64::MIN; 4], Some(&[1; 4]), &mut moments);
        assert!(moments[1].overflow && moments[1].rough > 1e38);
    }
}
