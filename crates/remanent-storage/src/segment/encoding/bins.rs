//! Sections of bins: values, or differences of neighbours, as numbers in [bins](remanent_kernels::bins).
//!
//! | size | after the tag |
//! |---|---|
//! | 1 | flags: how many times differences were taken (0 to 2), and 4: there is a multiplier |
//! | varint | length of the body |
//! | varint each | the first value of each time differences were taken |
//! | varint | base |
//! | varint | the multiplier |
//! | | the body |
//!
//! A value (or difference) is base + number · multiplier. The first values and the base are signed: zigzag.
//!
//! Example: 100, 105, 110, 115 are `07 04 02 c801 05 02e4`: no differences, a multiplier, a body of 2 bytes, base 100,
//! multiplier 5, and the numbers 0, 1, 2, 3 of width 2 in one bin.
//!
//! Limits: one value costs decoding all, 3 to 6 µs; point reads keep what they decoded in the page cache.

use super::{Cursor, Parse, SECTION_MAX, put_varint, unzigzag, zigzag};
use crate::world::mutation;
use remanent_kernels::bins::{cost, decode, encode};
use remanent_kernels::carrier::sum_numbers;

/// Persisted tag, do not renumber; apart from those of `ints`.
pub(super) const BINS: u8 = 7;
/// Flags: how many times differences of neighbours are taken.
const ORDER: u8 = 3;
/// Flags: a multiplier follows the base.
const MULTIPLIED: u8 = 4;
/// Most times that differences are taken.
const ORDER_MAX: usize = 2;
/// Numbers that the cost of an order is judged by.
const SAMPLE: usize = 192;

/// Bins before they are decoded: `base` of the section is added to each number.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bins<'a> {
    order: usize,
    firsts: [i64; ORDER_MAX],
    multiplier: u64,
    body: &'a [u8],
}

impl<'a> Bins<'a> {
    /// Takes the section without its tag, of more values than its order; returns it with its base.
    pub(super) fn parse(cursor: &mut Cursor<'a>, len: usize) -> Parse<(i64, Self)> {
        let flags = cursor.u8()?;
        let order = usize::from(flags & ORDER);
        if flags & !(ORDER | MULTIPLIED) != 0 || order > ORDER_MAX || order >= len {
            return Err("a section of bins has unknown flags");
        }
        let size = cursor.varint()? as usize;
        let mut firsts = [0; ORDER_MAX];
        for first in &mut firsts[..order] {
            *first = unzigzag(cursor.varint()?);
        }
        let base = unzigzag(cursor.varint()?);
        let multiplier = if flags & MULTIPLIED == 0 { 1 } else { cursor.varint()? };
        Ok((base, Bins { order, firsts, multiplier, body: cursor.take(size)? }))
    }

    /// Fills `out` with the values.
    #[inline(never)]
    pub(super) fn decode(&self, base: i64, out: &mut [i64]) -> Parse<()> {
        let mut numbers = [0; SECTION_MAX];
        let numbers = numbers.get_mut(..out.len() - self.order).ok_or(MALFORMED)?;
        decode(self.body, numbers).ok_or(MALFORMED)?;
        let multiplier = if mutation("forget_multiplier") { 1 } else { self.multiplier };
        sum_numbers(numbers, base, multiplier, &self.firsts[..self.order], out);
        Ok(())
    }
}

/// What is wrong with bins that do not decode.
const MALFORMED: &str = "a section of bins does not decode";

/// Values, or their differences, as numbers from 0 on.
struct Latents {
    /// What each difference begins with.
    firsts: Vec<i64>,
    base: i64,
    multiplier: u64,
    numbers: Vec<u64>,
}

fn latents(values: &[i64], order: usize) -> Latents {
    let (mut rest, mut firsts) = (values.to_vec(), Vec::new());
    for _ in 0..order {
        firsts.push(rest[0]);
        rest = rest.windows(2).map(|pair| pair[1].wrapping_sub(pair[0])).collect();
    }
    let base = rest.iter().copied().min().unwrap_or(0);
    let mut numbers: Vec<u64> = rest.iter().map(|v| v.wrapping_sub(base) as u64).collect();
    let mut multiplier = 0;
    for &number in &numbers {
        multiplier = greatest_divisor(multiplier, number);
        if multiplier == 1 {
            break;
        }
    }
    if multiplier > 1 {
        numbers.iter_mut().for_each(|number| *number /= multiplier);
    }
    Latents { firsts, base, multiplier, numbers }
}

fn greatest_divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// The smallest section of bins, as far as a sample tells.
pub(super) fn section(values: &[i64]) -> Vec<u8> {
    let orders = 0..values.len().min(ORDER_MAX + 1);
    let all: Vec<Latents> = orders.map(|order| latents(values, order)).collect();
    let size = |latents: &Latents| {
        let numbers = &latents.numbers;
        let sample: Vec<u64> = numbers.iter().step_by(numbers.len().div_ceil(SAMPLE)).copied().collect();
        cost(&sample) as usize * numbers.len() / sample.len() + latents.firsts.len() * 64
    };
    let Some(best) = all.iter().min_by_key(|&latents| size(latents)) else { return Vec::new() };
    let mut body = Vec::new();
    encode(&best.numbers, &mut body);
    let multiplied = best.multiplier > 1;
    let mut out = vec![BINS, best.firsts.len() as u8 | if multiplied { MULTIPLIED } else { 0 }];
    put_varint(body.len() as u64, &mut out);
    best.firsts.iter().chain([&best.base]).for_each(|&v| put_varint(zigzag(v), &mut out));
    if multiplied {
        put_varint(best.multiplier, &mut out);
    }
    out.append(&mut body);
    out
}
