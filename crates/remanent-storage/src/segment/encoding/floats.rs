//! Decimal fractions as integers: 21.37 is 2137 / 10².
//!
//! Measured values often have few decimal digits. Where `digits / 10^e`, correctly rounded,
//! is exactly the float (true for every decimal of up to 15 digits: both operands are exact
//! in 64 bits and IEEE division rounds once), the digits are encoded instead of the bits.
//! What does not come out exactly is an exception beside them. After Afroozeh, Kuffo and
//! Boncz, "ALP: Adaptive lossless floating-point compression" (SIGMOD 2024), with a division
//! instead of their two multiplications.

use super::ints::{self, Ints};
use super::{Cursor, Effort, Parse};
use remanent_kernels::carrier::{
    digits, flip_f32, flip_f64, from_digits, scaled_to_f32, scaled_to_f64, to_digits, to_f32, to_f64,
};

/// Persisted tag, do not renumber; apart from those of `ints`.
const SCALED: u8 = 6;
/// Powers of ten; all are exact.
const POWERS: [f64; 18] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17];
/// Values looked at to choose the exponent.
const SAMPLE: usize = 32;

/// Appends a scaled section if it takes less than `limit` bytes; else nothing. `narrow`: the carriers are those of
/// 32-bit floats.
pub fn write(values: &[i64], narrow: bool, limit: usize, effort: Effort, out: &mut Vec<u8>) -> bool {
    let step = values.len().div_ceil(SAMPLE);
    let sample: Vec<i64> = values.iter().step_by(step).copied().collect();
    let (mut exponent, mut best) = (0, 0);
    for (e, &power) in POWERS.iter().enumerate() {
        let n = sample.iter().filter(|&&v| digits(v, narrow, power).is_some()).count();
        if n > best {
            (exponent, best) = (e, n);
        }
        if best == sample.len() {
            break;
        }
    }
    if best * 4 < sample.len() * 3 {
        return false;
    }
    let mut exceptions = Vec::new();
    let digits = to_digits(values, narrow, POWERS[exponent], &mut exceptions);
    let plan = ints::plan(&digits, effort);
    if 4 + plan.size + exceptions.len() * 10 >= limit {
        return false;
    }
    out.extend_from_slice(&[SCALED, exponent as u8]);
    out.extend_from_slice(&(exceptions.len() as u16).to_le_bytes());
    plan.write(&digits, out);
    exceptions.iter().for_each(|place| out.extend_from_slice(&place.to_le_bytes()));
    exceptions.iter().for_each(|&place| out.extend_from_slice(&values[usize::from(place)].to_le_bytes()));
    true
}

/// A parsed section of floats.
#[derive(Debug, Clone, Copy)]
pub struct Floats<'a> {
    values: Ints<'a>,
    scaled: Option<Scaled<'a>>,
}

#[derive(Debug, Clone, Copy)]
struct Scaled<'a> {
    exponent: usize,
    places: &'a [u8],
    raw: &'a [u8],
}

impl<'a> Floats<'a> {
    /// Takes a section of `len` floats from the cursor.
    pub fn parse(cursor: &mut Cursor<'a>, len: usize) -> Parse<Self> {
        if cursor.rest.first() != Some(&SCALED) {
            return Ok(Floats { values: Ints::parse(cursor, len)?, scaled: None });
        }
        cursor.take(1)?;
        let (exponent, count) = (usize::from(cursor.u8()?), usize::from(cursor.u16()?));
        if exponent >= POWERS.len() || count > len {
            return Err("a section of scaled floats has an impossible exponent or number of exceptions");
        }
        let values = Ints::parse(cursor, len)?;
        let (places, raw) = (cursor.take(2 * count)?, cursor.take(8 * count)?);
        let mut ends = places.as_chunks::<2>().0.iter().map(|&place| usize::from(u16::from_le_bytes(place)));
        if !ends.clone().is_sorted_by(|a, b| a < b) || ends.next_back().is_some_and(|last| last >= len) {
            return Err("the exceptions of a section of scaled floats do not ascend within it");
        }
        Ok(Floats { values, scaled: Some(Scaled { exponent, places, raw }) })
    }

    /// The carriers of all values, of 32-bit floats where `narrow`, as [`Ints::decoded`].
    pub fn decoded(&self, narrow: bool) -> Parse<Vec<u8>> {
        let mut values = self.values.all()?;
        if let Some(scaled) = &self.scaled {
            let power = POWERS[scaled.exponent];
            values.iter_mut().for_each(|value| *value = from_digits(*value, narrow, power));
            for (place, raw) in scaled.exceptions() {
                values[place] = raw;
            }
        }
        Ok(ints::to_bytes(&values))
    }

    /// The one carrier of a constant section.
    pub fn constant(&self) -> Option<i64> {
        self.values.constant().filter(|_| self.scaled.is_none())
    }

    /// The carrier of value `i`, of a 32-bit float where `narrow`; panics where `i` is not below the length.
    pub fn get(&self, i: usize, narrow: bool) -> Parse<i64> {
        let Some(scaled) = &self.scaled else { return self.values.get(i) };
        match scaled.exception(i) {
            Some(carrier) => Ok(carrier),
            None => Ok(from_digits(self.values.get(i)?, narrow, POWERS[scaled.exponent])),
        }
    }

    /// True if one value costs decoding all.
    pub fn is_compressed(&self) -> bool {
        self.values.is_compressed()
    }

    /// All values as 64-bit floats.
    pub fn decode_f64(&self, out: &mut Vec<f64>) -> Parse<()> {
        let mut carriers = Vec::with_capacity(super::SECTION_MAX);
        self.values.decode(&mut carriers)?;
        let Some(scaled) = &self.scaled else {
            to_f64(&carriers, out);
            return Ok(());
        };
        let start = out.len();
        scaled_to_f64(&carriers, POWERS[scaled.exponent], out);
        for (place, raw) in scaled.exceptions() {
            out[start + place] = f64::from_bits(flip_f64(raw) as u64);
        }
        Ok(())
    }

    /// All values as 32-bit floats.
    pub fn decode_f32(&self, out: &mut Vec<f32>) -> Parse<()> {
        let mut carriers = Vec::with_capacity(super::SECTION_MAX);
        self.values.decode(&mut carriers)?;
        let Some(scaled) = &self.scaled else {
            to_f32(&carriers, out);
            return Ok(());
        };
        let start = out.len();
        scaled_to_f32(&carriers, POWERS[scaled.exponent], out);
        for (place, raw) in scaled.exceptions() {
            out[start + place] = f32::from_bits(flip_f32(raw as i32) as u32);
        }
        Ok(())
    }
}

impl Scaled<'_> {
    /// The carrier at place `i`, if it is an exception; their places ascend.
    fn exception(&self, i: usize) -> Option<i64> {
        let places = self.places.as_chunks::<2>().0;
        let at = places.binary_search_by_key(&(i as u16), |&place| u16::from_le_bytes(place)).ok()?;
        self.raw.as_chunks().0.get(at).map(|&raw| i64::from_le_bytes(raw))
    }

    fn exceptions(&self) -> impl Iterator<Item = (usize, i64)> + '_ {
        self.places.chunks_exact(2).zip(self.raw.chunks_exact(8)).map(|(place, raw)| {
            let place = usize::from(u16::from_le_bytes([place[0], place[1]]));
            (place, i64::from_le_bytes(raw.try_into().unwrap_or_default()))
        })
    }
}
