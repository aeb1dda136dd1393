//! Comparisons of plain slices to bit masks, and what becomes of masks and of chosen rows.
//!
//! A mask is `u64` words, bit `i % 64` of word `i / 64` for row i, zero past the end
//! (the layout of `Bitmap`). Loops are written so that the compiler vectorises
//! them and exist twice where that pays, see [`wide`](crate::wide).
//!
//! ```
//! use remanent_kernels::compare::{compare_const_i32, mask_rows, Order};
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

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(mask: &[u64]) -> Vec<u32> {
        let mut rows = Vec::new();
        mask_rows(mask, &mut rows);
        rows
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
}
