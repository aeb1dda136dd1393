//! Values as unsigned integers that sort as the values do, and keys put together from them.
//!
//! Integers get their sign bit flipped. Floats are IEEE 754 bits, all flipped where negative and else with the sign bit
//! set, after −0 became 0 and every NaN the same, greatest one.
//!
//! Nothing here is inlined into its caller, which is compiled for size ([`wide`](crate::wide)).

/// smallint
#[inline(never)]
pub fn from_i16(values: &[i16], out: &mut Vec<u64>) {
    out.clear();
    out.extend(values.iter().map(|&v| u64::from(v as u16 ^ 1 << 15)));
}

/// integer, date
#[inline(never)]
pub fn from_i32(values: &[i32], out: &mut Vec<u64>) {
    out.clear();
    out.extend(values.iter().map(|&v| u64::from(v as u32 ^ 1 << 31)));
}

/// bigint, timestamps, short numerics
#[inline(never)]
pub fn from_i64(values: &[i64], out: &mut Vec<u64>) {
    out.clear();
    out.extend(values.iter().map(|&v| v as u64 ^ 1 << 63));
}

/// real: 32 bits
#[inline(never)]
pub fn from_f32(values: &[f32], out: &mut Vec<u64>) {
    out.clear();
    out.extend(values.iter().map(|&v| {
        let bits = if v.is_nan() { 0x7fc0_0000 } else { (v + 0.0).to_bits() };
        u64::from(if bits >> 31 == 1 { !bits } else { bits | 1 << 31 })
    }));
}

/// double precision
#[inline(never)]
pub fn from_f64(values: &[f64], out: &mut Vec<u64>) {
    out.clear();
    out.extend(values.iter().map(|&v| {
        let bits = if v.is_nan() { 0x7ff8_0000_0000_0000 } else { (v + 0.0).to_bits() };
        if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
    }));
}

/// Shifts each key left by `bits` + 1 and puts the value there, XORed with `flip`, the bit `valid` above it.
/// `bits` is at most 64.
#[inline(never)]
pub fn append(keys: &mut [u128], values: &[u64], bits: u32, flip: u64, valid: bool) {
    let above = u128::from(valid) << bits;
    for (key, &value) in keys.iter_mut().zip(values) {
        *key = *key << (bits + 1) | above | u128::from(value ^ flip);
    }
}

/// As [`append`] to keys that are all 0.
#[inline(never)]
pub fn begin(keys: &mut Vec<u128>, values: &[u64], bits: u32, flip: u64, valid: bool) {
    let above = u128::from(valid) << bits;
    keys.clear();
    keys.extend(values.iter().map(|&value| above | u128::from(value ^ flip)));
}

/// Appends the rows whose key is at most that.
#[inline(never)]
pub fn rows_up_to(keys: &[u128], most: u128, rows: &mut Vec<u32>) {
    let start = rows.len();
    let mut len = start;
    rows.resize(start + keys.len(), 0);
    for (row, &key) in keys.iter().enumerate() {
        rows[len] = row as u32;
        len += usize::from(key <= most);
    }
    rows.truncate(len);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_sort_with_one_zero_and_nan_last() {
        let values = [f64::NEG_INFINITY, -1.5, -0.0, 0.0, f64::MIN_POSITIVE, 2.0, f64::INFINITY, -f64::NAN];
        let mut out = Vec::new();
        from_f64(&values, &mut out);
        assert!(out.is_sorted());
        assert_eq!(out[2], out[3]);
        assert!(out[6] < out[7]);
        let values: Vec<f32> = values.iter().map(|&v| v as f32).collect();
        let mut short = Vec::new();
        from_f32(&values, &mut short);
        assert!(short.is_sorted() && short[2] == short[3] && short[7] <= u64::from(u32::MAX));
    }

    #[test]
    fn keys_are_put_together_from_the_left() {
        let mut values = Vec::new();
        from_i16(&[-1, 1], &mut values);
        let mut keys = Vec::new();
        begin(&mut keys, &values, 16, 0, false);
        append(&mut keys, &[5, 6], 8, 0xff, true);
        assert_eq!(keys, [0x7fff << 9 | 1 << 8 | 0xfa, 0x8001 << 9 | 1 << 8 | 0xf9]);
    }
}
