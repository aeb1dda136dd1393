//! Bit packing: blocks of unsigned integers of `width` bits each.
//!
//! A block is laid out in *lanes*, so that unpacking needs the same shift in every lane of
//! a row and the compiler turns it into vector instructions whatever the width is (the
//! idea of Afroozeh and Boncz, "The FastLanes compression layout", VLDB 2023, without its
//! reordering: values come out in their own order).
//!
//! - Widths 0 to 32 use 32 lanes of 32-bit words, widths 33 to 64 use 16 lanes of 64-bit words.
//! - Value i is in lane i mod L, row i / L. A lane holds its values one after the other from the least significant
//!   bit of its first word on; word k of lane l is at byte (k · L + l) · word size, little-endian.
//! - n values take ceil(ceil(n / L) · width / word bits) words per lane, 128 bytes each: [`packed_len`].
//!
//! Example: 64 values of width 4 have two rows of 32 lanes; byte 0 holds value 0 in its low
//! half and value 32 in its high half.
//!
//! Limits: n ≤ 4,096, mostly 1,024. Bytes that are too short for what is asked panic: callers check with [`packed_len`].

/// Most values of a block.
pub const BLOCK: usize = 4096;
/// Bytes that one word of all lanes takes.
const STRIPE: usize = 128;
const LANES_32: usize = 32;
const LANES_64: usize = 16;

/// How many bits the greatest of the values takes.
pub fn width_of(greatest: u64) -> u32 {
    64 - greatest.leading_zeros()
}

/// Bytes that `n` values of that width take.
pub fn packed_len(n: usize, width: u32) -> usize {
    let (lanes, bits) = if width <= 32 { (LANES_32, 32) } else { (LANES_64, 64) };
    (n.div_ceil(lanes) * width as usize).div_ceil(bits) * STRIPE
}

/// Appends the packed form of values, of which only the lowest `width` bits count.
pub fn pack(values: &[u64], width: u32, out: &mut Vec<u8>) {
    assert!(values.len() <= BLOCK && width <= 64);
    let start = out.len();
    out.resize(start + packed_len(values.len(), width), 0);
    if width == 0 {
        return;
    }
    let out = &mut out[start..];
    if width <= 32 {
        let (lanes, mask) = (out.as_chunks_mut::<4>().0, u64::MAX >> (64 - width));
        for (row, values) in values.chunks(LANES_32).enumerate() {
            let (word, shift) = (row * width as usize / 32 * LANES_32, row as u32 * width % 32);
            for (lane, value) in values.iter().enumerate() {
                let shifted = (value & mask) << shift;
                or_32(&mut lanes[word + lane], shifted as u32);
                if shift + width > 32 {
                    or_32(&mut lanes[word + LANES_32 + lane], (shifted >> 32) as u32);
                }
            }
        }
    } else {
        let (lanes, mask) = (out.as_chunks_mut::<8>().0, u64::MAX >> (64 - width));
        for (row, values) in values.chunks(LANES_64).enumerate() {
            let (word, shift) = (row * width as usize / 64 * LANES_64, row as u32 * width % 64);
            for (lane, value) in values.iter().enumerate() {
                let shifted = u128::from(value & mask) << shift;
                or_64(&mut lanes[word + lane], shifted as u64);
                if shift + width > 64 {
                    or_64(&mut lanes[word + LANES_64 + lane], (shifted >> 64) as u64);
                }
            }
        }
    }
}

fn or_32(bytes: &mut [u8; 4], bits: u32) {
    *bytes = (u32::from_le_bytes(*bytes) | bits).to_le_bytes();
}

fn or_64(bytes: &mut [u8; 8], bits: u64) {
    *bytes = (u64::from_le_bytes(*bytes) | bits).to_le_bytes();
}

/// Value `i` alone.
#[inline]
pub fn get(bytes: &[u8], width: u32, i: usize) -> u64 {
    if width == 0 {
        return 0;
    }
    if width <= 32 {
        let (row, lane) = (i / LANES_32, i % LANES_32);
        let (word, shift) = (row * width as usize / 32 * STRIPE + lane * 4, row as u32 * width % 32);
        let low = u64::from(word_32(bytes, word));
        let high = if shift + width > 32 { u64::from(word_32(bytes, word + STRIPE)) } else { 0 };
        (low | high << 32) >> shift & (u64::MAX >> (64 - width))
    } else {
        let (row, lane) = (i / LANES_64, i % LANES_64);
        let (word, shift) = (row * width as usize / 64 * STRIPE + lane * 8, row as u32 * width % 64);
        let low = u128::from(word_64(bytes, word));
        let high = if shift + width > 64 { u128::from(word_64(bytes, word + STRIPE)) } else { 0 };
        ((low | high << 64) >> shift) as u64 & (u64::MAX >> (64 - width))
    }
}

#[inline]
fn word_32(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap_or_default())
}

#[inline]
fn word_64(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap_or_default())
}

/// Words of every lane from word `word` on.
#[inline(always)]
fn stripe<const W: usize>(bytes: &[u8], word: usize) -> &[[u8; W]] {
    bytes[word * STRIPE..word * STRIPE + STRIPE].as_chunks::<W>().0
}

/// The number of lanes as a number the compiler does not know: a loop of known, small length would be unrolled
/// into scalar instructions before it could become vector instructions.
#[inline(always)]
fn opaque(lanes: usize) -> usize {
    std::hint::black_box(lanes)
}

/// Calls `row` with each full row of 32 values of width ≤ 32 from value `start` on, a multiple of 32, then `one` with
/// each value of the rest, `n` values in all. Both are told the place of their (first) value, counted from `start`.
#[inline(always)]
pub(crate) fn each_32(
    bytes: &[u8],
    width: u32,
    start: usize,
    n: usize,
    mut row: impl FnMut(usize, &[u32]),
    mut one: impl FnMut(usize, u32),
) {
    assert!(width <= 32 && start.is_multiple_of(LANES_32));
    let lanes = opaque(LANES_32).min(LANES_32);
    let mask = if width == 0 { 0 } else { u32::MAX >> (32 - width) };
    let mut values = [0; LANES_32];
    for r in 0..n / LANES_32 {
        let bit = (start / LANES_32 + r) * width as usize;
        let (word, shift) = (bit / 32, bit as u32 % 32);
        if width == 0 {
        } else if shift + width <= 32 {
            for (value, low) in values[..lanes].iter_mut().zip(stripe::<4>(bytes, word)) {
                *value = u32::from_le_bytes(*low) >> shift & mask;
            }
        } else {
            let (low, high) = (stripe::<4>(bytes, word), stripe::<4>(bytes, word + 1));
            for ((value, low), high) in values[..lanes].iter_mut().zip(low).zip(high) {
                let bits = u32::from_le_bytes(*low) >> shift | u32::from_le_bytes(*high) << (32 - shift);
                *value = bits & mask;
            }
        }
        row(r * LANES_32, &values[..lanes]);
    }
    (n / LANES_32 * LANES_32..n).for_each(|i| one(i, get(bytes, width, start + i) as u32));
}

/// As [`each_32`] with rows of 16 values of width > 32.
#[inline(always)]
pub(crate) fn each_64(
    bytes: &[u8],
    width: u32,
    start: usize,
    n: usize,
    mut row: impl FnMut(usize, &[u64]),
    mut one: impl FnMut(usize, u64),
) {
    assert!(width > 32 && width <= 64 && start.is_multiple_of(LANES_64));
    let lanes = opaque(LANES_64).min(LANES_64);
    let mask = u64::MAX >> (64 - width);
    let mut values = [0; LANES_64];
    for r in 0..n / LANES_64 {
        let bit = (start / LANES_64 + r) * width as usize;
        let (word, shift) = (bit / 64, bit as u32 % 64);
        if shift + width <= 64 {
            for (value, low) in values[..lanes].iter_mut().zip(stripe::<8>(bytes, word)) {
                *value = u64::from_le_bytes(*low) >> shift & mask;
            }
        } else {
            let (low, high) = (stripe::<8>(bytes, word), stripe::<8>(bytes, word + 1));
            for ((value, low), high) in values[..lanes].iter_mut().zip(low).zip(high) {
                let bits = u64::from_le_bytes(*low) >> shift | u64::from_le_bytes(*high) << (64 - shift);
                *value = bits & mask;
            }
        }
        row(r * LANES_64, &values[..lanes]);
    }
    (n / LANES_64 * LANES_64..n).for_each(|i| one(i, get(bytes, width, start + i)));
}

/// Unpacks `out.len()` values of width ≤ 32 from value `start` on, a multiple of 32.
#[inline(never)]
pub fn unpack_u32(bytes: &[u8], width: u32, start: usize, out: &mut [u32]) {
    let (rows, rest) = out.as_chunks_mut::<LANES_32>();
    let n = rows.len() * LANES_32 + rest.len();
    let row = |i: usize, row: &[u32]| rows[i / LANES_32].copy_from_slice(row);
    each_32(bytes, width, start, n, row, |i, value| rest[i % LANES_32] = value);
}

/// Unpacks `out.len()` values of any width from value `start` on, a multiple of 32.
#[inline(never)]
pub fn unpack_u64(bytes: &[u8], width: u32, start: usize, out: &mut [u64]) {
    let n = out.len();
    if width > 32 {
        let (rows, rest) = out.as_chunks_mut::<LANES_64>();
        let row = |i: usize, row: &[u64]| rows[i / LANES_64].copy_from_slice(row);
        each_64(bytes, width, start, n, row, |i, value| rest[i % LANES_64] = value);
    } else {
        let (rows, rest) = out.as_chunks_mut::<LANES_32>();
        let row = |i: usize, row: &[u32]| {
            rows[i / LANES_32].iter_mut().zip(row).for_each(|(value, &p)| *value = p.into());
        };
        each_32(bytes, width, start, n, row, |i, value| rest[i % LANES_32] = value.into());
    }
}
