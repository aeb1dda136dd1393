//! Decimal fractions as integers: 21.37 is 2137 / 10².
//!
//! Measured values often have few decimal digits. Where `digits / 10^e`, correctly rounded,
//! is exactly the float (true for every decimal of up to 15 digits: both operands are exact
//! in 64 bits and IEEE division rounds once), the digits are encoded instead of the bits.
//! What does not come out exactly is an exception beside them. After Afroozeh, Kuffo and
//! Boncz, "ALP: Adaptive lossless floating-point compression" (SIGMOD 2024), with a division
//! instead of their two multiplications.

use super::ints::{self, Ints};
use super::{Cursor, Parse};
use remanent_kernels::carrier::{flip_f32, flip_f64, scaled_to_f32, scaled_to_f64};

/// Persisted tag, do not renumber; apart from those of `ints`.
const SCALED: u8 = 6;
/// Powers of ten; all are exact.
const POWERS: [f64; 16] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];
/// Digits beyond this are not exact as a float.
const DIGITS_MAX: f64 = 9e15;
/// Values looked at to choose the exponent.
const SAMPLE: usize = 32;

/// Which float the carriers stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Float {
    /// real
    F32,
    /// double precision
    F64,
}

impl Float {
    /// The float of a carrier, widened.
    fn widen(self, carrier: i64) -> f64 {
        match self {
            Float::F32 => f32::from_bits(flip_f32(carrier as i32) as u32).into(),
            Float::F64 => f64::from_bits(flip_f64(carrier) as u64),
        }
    }

    /// The carrier of a decimal fraction.
    fn carrier(self, digits: i64, exponent: usize) -> i64 {
        let value = digits as f64 / POWERS[exponent];
        match self {
            Float::F32 => flip_f32((value as f32).to_bits() as i32).into(),
            Float::F64 => flip_f64(value.to_bits() as i64),
        }
    }

    /// The digits of a carrier at an exponent, if they give exactly that carrier back.
    fn digits(self, carrier: i64, exponent: usize) -> Option<i64> {
        let scaled = (self.widen(carrier) * POWERS[exponent]).round();
        // NaN fails the comparison, so it is an exception.
        if !(scaled.abs() <= DIGITS_MAX) {
            return None;
        }
        Some(scaled as i64).filter(|&digits| self.carrier(digits, exponent) == carrier)
    }
}

/// Appends a scaled section if it takes less than `limit` bytes; else nothing.
pub fn write(values: &[i64], float: Float, limit: usize, out: &mut Vec<u8>) -> bool {
    let step = values.len().div_ceil(SAMPLE);
    let fits = |e: usize| values.iter().step_by(step).filter(|&&v| float.digits(v, e).is_some()).count();
    let sampled = values.len().div_ceil(step);
    let (mut exponent, mut best) = (0, 0);
    for e in 0..POWERS.len() {
        let n = fits(e);
        if n > best {
            (exponent, best) = (e, n);
        }
        if best == sampled {
            break;
        }
    }
    if best * 4 < sampled * 3 {
        return false;
    }
    let (mut digits, mut places, mut raw) = (Vec::with_capacity(values.len()), Vec::new(), Vec::new());
    for (i, &value) in values.iter().enumerate() {
        match float.digits(value, exponent) {
            Some(d) => digits.push(d),
            None => {
                digits.push(digits.last().copied().unwrap_or(0));
                places.extend_from_slice(&(i as u16).to_le_bytes());
                raw.extend_from_slice(&value.to_le_bytes());
            }
        }
    }
    let plan = ints::plan(&digits);
    if 4 + plan.size + places.len() + raw.len() >= limit {
        return false;
    }
    out.extend_from_slice(&[SCALED, exponent as u8]);
    out.extend_from_slice(&((places.len() / 2) as u16).to_le_bytes());
    plan.write(&digits, out);
    out.extend_from_slice(&places);
    out.extend_from_slice(&raw);
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
        if places.chunks_exact(2).any(|p| usize::from(u16::from_le_bytes([p[0], p[1]])) >= len) {
            return Err("an exception of a section of scaled floats lies outside it");
        }
        Ok(Floats { values, scaled: Some(Scaled { exponent, places, raw }) })
    }

    /// The one carrier of a constant section.
    pub fn constant(&self) -> Option<i64> {
        self.values.constant().filter(|_| self.scaled.is_none())
    }

    /// The carrier of value `i`; panics where `i` is not below the length.
    pub fn get(&self, i: usize, float: Float) -> i64 {
        match &self.scaled {
            None => self.values.get(i),
            Some(scaled) => {
                let exception = scaled.exceptions().find(|(place, _)| *place == i);
                exception.map_or_else(|| float.carrier(self.values.get(i), scaled.exponent), |(_, raw)| raw)
            }
        }
    }

    /// All values as 64-bit floats.
    pub fn decode_f64(&self, out: &mut Vec<f64>) {
        let mut carriers = Vec::with_capacity(super::SECTION_MAX);
        self.values.decode(&mut carriers);
        let Some(scaled) = &self.scaled else {
            return out.extend(remanent_kernels::carrier::to_f64(&carriers));
        };
        let start = out.len();
        out.extend(scaled_to_f64(&carriers, POWERS[scaled.exponent]));
        for (place, raw) in scaled.exceptions() {
            out[start + place] = f64::from_bits(flip_f64(raw) as u64);
        }
    }

    /// All values as 32-bit floats.
    pub fn decode_f32(&self, out: &mut Vec<f32>) {
        let mut carriers = Vec::with_capacity(super::SECTION_MAX);
        self.values.decode(&mut carriers);
        let Some(scaled) = &self.scaled else {
            return out.extend(remanent_kernels::carrier::to_f32(&carriers));
        };
        let start = out.len();
        out.extend(scaled_to_f32(&carriers, POWERS[scaled.exponent]));
        for (place, raw) in scaled.exceptions() {
            out[start + place] = f32::from_bits(flip_f32(raw as i32) as u32);
        }
    }
}

impl Scaled<'_> {
    fn exceptions(&self) -> impl Iterator<Item = (usize, i64)> + '_ {
        self.places.chunks_exact(2).zip(self.raw.chunks_exact(8)).map(|(place, raw)| {
            let place = usize::from(u16::from_le_bytes([place[0], place[1]]));
            (place, i64::from_le_bytes(raw.try_into().unwrap_or_default()))
        })
    }
}
