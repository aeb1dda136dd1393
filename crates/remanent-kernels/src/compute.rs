//! Loops of expression evaluation over plain slices: comparisons to bit masks,
//! arithmetic that notices overflow, sums and extremes, distances.
//!
//! A mask is `u64` words, bit `i % 64` of word `i / 64` for row i, zero past the end
//! (the layout of `Bitmap`). Loops are written so that the compiler vectorises
//! them and exist twice where that pays, see [`wide`](crate::wide).
//!
//! ```
//! use remanent_kernels::compute::{compare_const_i32, mask_rows, Order};
//! let (mut mask, mut rows) = (Vec::new(), Vec::new());
//! compare_const_i32(Order::Lt, &[5, 1, 3], 4, &mut mask);
//! mask_rows(&mask, &mut rows);
//! assert_eq!(rows, [1, 2]);
//! ```
//!
//! Limits: integer comparisons only know the orders `=`, `<`, `<=`; the others are their
//! inverses ([`invert`]). Floats compare with NaN greatest and -0 = 0 by [`float_keys`].

use crate::wide::dispatch;

/// The orders that comparison loops know; the other three are inverses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// a = b
    Eq,
    /// a < b
    Lt,
    /// a <= b
    Le,
}

/// Integer operations that may overflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the variants are the operations")]
pub enum Arith {
    Add,
    Sub,
    Mul,
    Div,
}

/// 64 bytes that are 0 or 1 as 64 bits.
#[inline(always)]
fn pack64(bytes: &[u8; 64]) -> u64 {
    let mut word = 0;
    for k in 0..8 {
        let eight = u64::from_le_bytes([
            bytes[8 * k],
            bytes[8 * k + 1],
            bytes[8 * k + 2],
            bytes[8 * k + 3],
            bytes[8 * k + 4],
            bytes[8 * k + 5],
            bytes[8 * k + 6],
            bytes[8 * k + 7],
        ]);
        // Byte i moves to bit 56 + i; nothing carries into the top byte.
        word |= (eight.wrapping_mul(0x0102_0408_1020_4080) >> 56) << (8 * k);
    }
    word
}

#[inline(always)]
fn mask_one<T: Copy>(values: &[T], out: &mut Vec<u64>, test: impl Fn(T) -> bool) {
    out.clear();
    out.reserve_exact(values.len().div_ceil(64));
    let mut bytes = [0u8; 64];
    let (chunks, rest) = values.as_chunks::<64>();
    for chunk in chunks {
        for j in 0..64 {
            bytes[j] = u8::from(test(chunk[j]));
        }
        out.push(pack64(&bytes));
    }
    if !rest.is_empty() {
        bytes = [0; 64];
        for (byte, &value) in bytes.iter_mut().zip(rest) {
            *byte = u8::from(test(value));
        }
        out.push(pack64(&bytes));
    }
}

#[inline(always)]
fn mask_two<T: Copy>(a: &[T], b: &[T], out: &mut Vec<u64>, test: impl Fn(T, T) -> bool) {
    out.clear();
    out.reserve_exact(a.len().div_ceil(64));
    let mut bytes = [0u8; 64];
    let ((left, left_rest), (right, right_rest)) = (a.as_chunks::<64>(), b.as_chunks::<64>());
    for (x, y) in left.iter().zip(right) {
        for j in 0..64 {
            bytes[j] = u8::from(test(x[j], y[j]));
        }
        out.push(pack64(&bytes));
    }
    if !left_rest.is_empty() {
        bytes = [0; 64];
        for (byte, (&x, &y)) in bytes.iter_mut().zip(left_rest.iter().zip(right_rest)) {
            *byte = u8::from(test(x, y));
        }
        out.push(pack64(&bytes));
    }
}

/// As [`mask_one`] and [`mask_two`], for what the processor has no vectors of: row by row, not laid out 64 times.
#[inline(always)]
fn mask_rows_of(rows: usize, out: &mut Vec<u64>, test: impl Fn(usize) -> bool) {
    out.clear();
    out.reserve_exact(rows.div_ceil(64));
    for begin in (0..rows).step_by(64) {
        let mut word = 0;
        for row in begin..rows.min(begin + 64) {
            word |= u64::from(test(row)) << (row % 64);
        }
        out.push(word);
    }
}

/// The mask of that many rows, all of them set.
fn all(rows: usize, out: &mut Vec<u64>) {
    out.clear();
    out.resize(rows.div_ceil(64), 0);
    invert(out, rows);
}

macro_rules! compare {
    ($one:ident, $two:ident, $ty:ty, $one_loop:ident, $two_loop:ident) => {
        /// The mask of rows whose value stands in that order to a constant.
        pub fn $one(order: Order, values: &[$ty], constant: $ty, out: &mut Vec<u64>) {
            match (order, constant.checked_add(1)) {
                (Order::Le, Some(above)) => $one_loop(false, values, above, out),
                (Order::Le, None) => all(values.len(), out),
                _ => $one_loop(order == Order::Eq, values, constant, out),
            }
        }
        /// The mask of rows where `a` stands in that order to `b`; equally long slices.
        pub fn $two(order: Order, a: &[$ty], b: &[$ty], out: &mut Vec<u64>) {
            match order {
                Order::Le => {
                    $two_loop(false, b, a, out);
                    invert(out, a.len());
                }
                _ => $two_loop(order == Order::Eq, a, b, out),
            }
        }
    };
}

/// The loops of [`compare`]: equal, or otherwise less.
macro_rules! compare_loops {
    ($one:ident, $two:ident, $ty:ty) => {
        dispatch! {
            fn $one(equal: bool, values: &[$ty], constant: $ty, out: &mut Vec<u64>) {
                match equal {
                    true => mask_one(values, out, |v| v == constant),
                    false => mask_one(values, out, |v| v < constant),
                }
            }
        }
        dispatch! {
            fn $two(equal: bool, a: &[$ty], b: &[$ty], out: &mut Vec<u64>) {
                match equal {
                    true => mask_two(a, b, out, |x, y| x == y),
                    false => mask_two(a, b, out, |x, y| x < y),
                }
            }
        }
    };
}

compare_loops!(one_i32, two_i32, i32);
compare_loops!(one_i64, two_i64, i64);

fn one_i128(equal: bool, values: &[i128], constant: i128, out: &mut Vec<u64>) {
    match equal {
        true => mask_rows_of(values.len(), out, |i| values[i] == constant),
        false => mask_rows_of(values.len(), out, |i| values[i] < constant),
    }
}

fn two_i128(equal: bool, a: &[i128], b: &[i128], out: &mut Vec<u64>) {
    let rows = a.len().min(b.len());
    let (a, b) = (&a[..rows], &b[..rows]);
    match equal {
        true => mask_rows_of(rows, out, |i| a[i] == b[i]),
        false => mask_rows_of(rows, out, |i| a[i] < b[i]),
    }
}

compare!(compare_const_i32, compare_i32, i32, one_i32, two_i32);
compare!(compare_const_i64, compare_i64, i64, one_i64, two_i64);
compare!(compare_const_i128, compare_i128, i128, one_i128, two_i128);

dispatch! {
    fn one_f64(equal: bool, values: &[f64], constant: f64, out: &mut Vec<u64>) {
        match equal {
            true => mask_one(values, out, |v| v == constant),
            false => mask_one(values, out, |v| v < constant),
        }
    }
}

/// As [`compare_const_i64`] for a constant that is not NaN; NaN among the values is greatest.
pub fn compare_const_f64(order: Order, values: &[f64], constant: f64, out: &mut Vec<u64>) {
    match order {
        Order::Le if constant == f64::INFINITY => {
            one_i64(false, &float_keys(values), float_key(f64::NAN), out)
        }
        Order::Le => one_f64(false, values, constant.next_up(), out),
        _ => one_f64(order == Order::Eq, values, constant, out),
    }
}

/// The mask of rows whose short view (at most 12 bytes, inline) is that one.
pub fn equal_views(views: &[u128], constant: u128, out: &mut Vec<u64>) {
    mask_rows_of(views.len(), out, |i| views[i] == constant);
}

/// The mask of rows whose view has these low 64 bits: length and first four bytes. For longer texts than
/// [`equal_views`] takes; the rest is to be compared yet.
pub fn equal_heads(views: &[u128], head: u64, out: &mut Vec<u64>) {
    mask_rows_of(views.len(), out, |i| views[i] as u64 == head);
}

dispatch! {
    /// Where `needle` first is in `text`, both UTF-8.
    pub fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
        find_in(text, needle)
    }
}

/// Where `needle` first is in `text`. Places whose first and last byte fit are found many at once and looked at one by one
/// (Muła, "SIMD-friendly algorithms for substring searching", 2018); for long needles, where that could take their
/// product, the standard library's search is used if both are UTF-8.
#[inline(always)]
pub(crate) fn find_in(text: &[u8], needle: &[u8]) -> Option<usize> {
    let (Some(&first), Some(&last)) = (needle.first(), needle.last()) else { return Some(0) };
    if needle.len() > 64
        && let (Ok(text), Ok(needle)) = (std::str::from_utf8(text), std::str::from_utf8(needle))
    {
        return text.find(needle);
    }
    let places = (text.len() + 1).checked_sub(needle.len())?;
    let (begins, ends) = (&text[..places], &text[needle.len() - 1..]);
    let is = |at: usize| text[at..].starts_with(needle);
    let mut at = 0;
    while let (Some(begin), Some(end)) = (begins.get(at..at + 32), ends.get(at..at + 32)) {
        let mut fits = [0u8; 32];
        for j in 0..32 {
            fits[j] = u8::from((begin[j] == first) & (end[j] == last));
        }
        if fits != [0; 32]
            && let Some(j) = (0..32).find(|&j| fits[j] != 0 && is(at + j))
        {
            return Some(at + j);
        }
        at += 32;
    }
    (at..places).find(|&at| begins[at] == first && ends[at] == last && is(at))
}

macro_rules! gather {
    ($name:ident, $ty:ty) => {
        /// The values at these places, all of which there must be.
        pub fn $name(values: &[$ty], places: &[u32]) -> Vec<$ty> {
            places.iter().map(|&i| values[i as usize]).collect()
        }
    };
}

gather!(gather_i64, i64);
gather!(gather_f64, f64);
gather!(gather_u32, u32);

/// Integers that compare as the floats do: NaN greatest, -0 = 0.
pub fn float_keys(values: &[f64]) -> Vec<i64> {
    values.iter().map(|&v| float_key(v)).collect()
}

/// The integer of one float.
pub fn float_key(v: f64) -> i64 {
    if v.is_nan() {
        return i64::MAX;
    }
    let bits = (v + 0.0).to_bits() as i64;
    bits ^ (((bits >> 63) as u64) >> 1) as i64
}

/// Inverts the first `len` bits of a mask.
pub fn invert(mask: &mut [u64], len: usize) {
    for word in mask.iter_mut() {
        *word = !*word;
    }
    if !len.is_multiple_of(64)
        && let Some(last) = mask.get_mut(len / 64)
    {
        *last &= (1 << (len % 64)) - 1;
    }
}

/// The rows whose bit is set, ascending, appended to `rows`.
#[inline(never)]
pub fn mask_rows(mask: &[u64], rows: &mut Vec<u32>) {
    rows.reserve(mask.iter().map(|w| w.count_ones() as usize).sum());
    for (i, &word) in mask.iter().enumerate() {
        let base = (i * 64) as u32;
        if word == u64::MAX {
            rows.extend(base..base + 64);
            continue;
        }
        let mut left = word;
        while left != 0 {
            rows.push(base + left.trailing_zeros());
            left &= left - 1;
        }
    }
}

/// The rows whose code has a 1, of `within` or all, in order, appended to `rows`. No code is past the end of `chosen`.
#[inline(never)]
pub fn select_codes(codes: &[u32], chosen: &[u8], within: Option<&[u32]>, rows: &mut Vec<u32>) {
    let mut len = rows.len();
    rows.resize(len + within.map_or(codes.len(), <[u32]>::len), 0);
    let mut note = |row: u32, code: u32| {
        rows[len] = row;
        len += usize::from(chosen[code as usize]);
    };
    match within {
        None => codes.iter().zip(0..).for_each(|(&code, row)| note(row, code)),
        Some(within) => within.iter().for_each(|&row| note(row, codes[row as usize])),
    }
    rows.truncate(len);
}

/// The rows of `from` whose bit is set, in order, appended to `rows`. No row is past the end of the mask.
#[inline(never)]
pub fn mask_retain(mask: &[u64], from: &[u32], rows: &mut Vec<u32>) {
    let mut len = rows.len();
    rows.resize(len + from.len(), 0);
    for &row in from {
        rows[len] = row;
        len += (mask[row as usize / 64] >> (row % 64) & 1) as usize;
    }
    rows.truncate(len);
}

dispatch! {
    /// How many bits the values have beside their sign, at most.
    fn magnitude_i64(values: &[i64]) -> u32 {
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

    fn rows(mask: &[u64]) -> Vec<u32> {
        let mut rows = Vec::new();
        mask_rows(mask, &mut rows);
        rows
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
    fn codes_are_selected_within_what_is_left() {
        let (codes, chosen) = ([2, 0, 1, 2, 2, 1], [1, 0, 1]);
        let mut rows = vec![9];
        select_codes(&codes, &chosen, None, &mut rows);
        assert_eq!(rows, [9, 0, 1, 3, 4]);
        rows.clear();
        select_codes(&codes, &chosen, Some(&[1, 2, 4, 5]), &mut rows);
        assert_eq!(rows, [1, 4]);
    }

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
    fn comparisons_agree_with_the_plain_ones() {
        let a: Vec<i64> = (0..200).map(|i| (i * 7919) % 31 - 15).collect();
        let b: Vec<i64> = (0..200).map(|i| (i * 104_729) % 31 - 15).collect();
        let mut mask = Vec::new();
        for order in [Order::Eq, Order::Lt, Order::Le] {
            let holds = |x: i64, y: i64| match order {
                Order::Eq => x == y,
                Order::Lt => x < y,
                Order::Le => x <= y,
            };
            let expected = |y: &dyn Fn(usize) -> i64| -> Vec<u32> {
                (0..200).filter(|&i| holds(a[i], y(i))).map(|i| i as u32).collect()
            };
            compare_const_i64(order, &a, 3, &mut mask);
            assert_eq!(rows(&mask), expected(&|_| 3));
            compare_i64(order, &a, &b, &mut mask);
            assert_eq!(rows(&mask), expected(&|i| b[i]));
            let kept = rows(&mask);
            invert(&mut mask, 200);
            assert_eq!(rows(&mask).len() + kept.len(), 200);
        }
    }

    #[test]
    fn comparisons_hold_at_the_ends_of_the_types() {
        let of = |order: Order, test: &dyn Fn(Order, &mut Vec<u64>)| {
            let mut mask = vec![u64::MAX; 3];
            test(order, &mut mask);
            assert_eq!(mask.len(), 2, "70 rows are two words");
            assert!(mask[1] < 1 << 6, "nothing is set past the end");
            rows(&mask)
                .iter()
                .map(|row| row % 7)
                .collect::<std::collections::BTreeSet<u32>>()
                .into_iter()
                .collect::<Vec<_>>()
        };
        let ints = [i64::MIN, -1, 0, 1, 2, i64::MAX - 1, i64::MAX].repeat(10);
        let wide: Vec<i128> = [i128::MIN, -1, 0, 1, 2, i128::MAX - 1, i128::MAX].repeat(10);
        let floats = [f64::NEG_INFINITY, -1.0, -0.0, 0.0, 5e-324, f64::INFINITY, f64::NAN].repeat(10);
        let up_to = |n: u32| (0..n).collect::<Vec<u32>>();
        let int = |order, c| of(order, &|o, m| compare_const_i64(o, &ints, c, m));
        assert_eq!(int(Order::Le, i64::MAX), up_to(7));
        assert_eq!(int(Order::Lt, i64::MAX), up_to(6));
        assert_eq!(int(Order::Le, i64::MIN), [0]);
        assert_eq!(int(Order::Lt, i64::MIN), []);
        assert_eq!(int(Order::Le, 0), up_to(3));
        let long = |order, c| of(order, &|o, m| compare_const_i128(o, &wide, c, m));
        assert_eq!(long(Order::Le, i128::MAX), up_to(7));
        assert_eq!(long(Order::Eq, i128::MAX), [6]);
        assert_eq!(long(Order::Lt, 1), up_to(3));
        assert_eq!(of(Order::Le, &|o, m| compare_i128(o, &wide, &wide, m)), up_to(7));
        assert_eq!(of(Order::Lt, &|o, m| compare_i128(o, &wide, &wide, m)), []);
        let float = |order, c| of(order, &|o, m| compare_const_f64(o, &floats, c, m));
        assert_eq!(float(Order::Le, f64::INFINITY), up_to(6));
        assert_eq!(float(Order::Lt, f64::INFINITY), up_to(5));
        assert_eq!(float(Order::Le, -0.0), up_to(4));
        assert_eq!(float(Order::Lt, 0.0), up_to(2));
        assert_eq!(float(Order::Eq, 0.0), [2, 3]);
        assert_eq!(float(Order::Le, f64::NEG_INFINITY), [0]);
        assert_eq!(float(Order::Le, f64::MAX), up_to(5));
        let views: Vec<u128> = (0..70).map(|i| (i % 7) << 64 | 5).collect();
        assert_eq!(of(Order::Eq, &|_, m| equal_views(&views, 3 << 64 | 5, m)), [3]);
        assert_eq!(of(Order::Eq, &|_, m| equal_heads(&views, 5, m)), up_to(7));
    }

    #[test]
    fn floats_order_with_nan_greatest_and_one_zero() {
        let sorted = [f64::NEG_INFINITY, -1.5, -0.0, 1e-300, 2.0, f64::INFINITY, f64::NAN];
        let keys = float_keys(&sorted);
        assert!(keys.windows(2).all(|w| w[0] < w[1]));
        assert_eq!(float_key(-0.0), float_key(0.0));
        assert_eq!(float_key(-f64::NAN), float_key(f64::NAN));
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

    fn out_i64() -> Vec<i64> {
        Vec::new()
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
    fn a_needle_is_found_wherever_it_is() {
        let found = |text: &str, needle: &str| find(text.as_bytes(), needle.as_bytes());
        let long = "na".repeat(50);
        for (text, needle) in
            [("banana", "nan"), ("banana", "banana"), ("banana", ""), ("banana", "a"), ("banana", "nab")]
        {
            assert_eq!(found(text, needle), text.find(needle), "{needle} in {text}");
        }
        assert_eq!(found("ban", "bana"), None);
        // Beyond the places that are looked at together, and for long needles.
        for before in [0, 1, 31, 32, 33, 70] {
            let text = format!("{}xyz{}", "na".repeat(before), "na".repeat(40));
            assert_eq!(found(&text, "xyz"), Some(2 * before));
            assert_eq!(found(&text, "xy"), Some(2 * before));
        }
        assert_eq!(found(&format!("x{long}"), &long), Some(1));
        assert_eq!(found(&format!("x{long}"), &format!("{long}x")), None);
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
