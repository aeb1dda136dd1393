//! Zone maps: what is known of a page without reading it. Built here, asked in [`may_match`].

use super::pending::{NAN_CARRIER, Pending, bytes_value, carrier_value, wide_value};
use crate::error::Result;
use crate::segment::encoding::put_varint;
use crate::segment::format::{
    BOUND_MAX, FLOAT_SUM, HAS_RANGE, INT_SUM, MAX_CUT, MIN_CUT, ONE_VALUE, ZoneView,
};
use crate::value::blob::Reference;
use crate::value::key::{decode, encode_value};
use crate::value::{Physical, Type, Value};
use remanent_kernels::carrier;
use std::ops::Bound;

/// What is known of a page without reading it.
#[derive(Debug, Clone)]
pub struct Zone {
    /// The first row.
    pub first_row: u32,
    /// How many rows.
    pub rows: u32,
    /// How many of them are NULL.
    pub nulls: u32,
    /// The least and the greatest value, where they are kept exactly (NaN is greatest; of values that SQL calls
    /// equal, one stands for all: 0.0 for -0.0, 1 for 1.00).
    pub range: Option<(Value, Value)>,
    /// The sum of the values that are not NULL.
    pub sum: Option<Sum>,
}

/// A sum that neither overflowed nor lost a digit, floats apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Sum {
    /// Of integers; of numerics with a fixed scale, of their mantissas.
    Int(i128),
    /// Of floats, added in 64 bits from the first row to the last within each vector.
    Float(f64),
}

/// A value's key without its tag byte: NULL is not in a zone map.
fn key_bytes(value: &Value) -> Vec<u8> {
    let mut out = Vec::with_capacity(BOUND_MAX + 1);
    encode_value(&mut out, value);
    out.drain(..1);
    out
}

/// The key of text and bytea, escaped as `encode_value` does it, of no more bytes than a zone map keeps plus one.
fn text_key(ty: Type, bytes: &[u8]) -> Vec<u8> {
    let head = &bytes[..bytes.len().min(BOUND_MAX + 1)];
    let mut out = Vec::with_capacity(BOUND_MAX + 1);
    // Bytea has the encoding of text, and any bytes will do for it.
    debug_assert!(ty.is_bytewise());
    encode_value(&mut out, &Value::Bytea(head.to_vec()));
    out.drain(..1);
    out
}

/// Builds the zone map of one page from its vectors.
#[derive(Debug, Default)]
pub(super) struct ZoneBuilder {
    nulls: u32,
    /// Least and greatest as key bytes.
    range: Option<(Vec<u8>, Vec<u8>)>,
    /// Some value is large: its reference says nothing of its place in the order.
    large: bool,
    /// None once it overflowed.
    sum: Option<Sum>,
}

impl ZoneBuilder {
    pub(super) fn new(ty: Type) -> Self {
        let sum = match ty {
            Type::Int2 | Type::Int4 | Type::Int8 => Some(Sum::Int(0)),
            Type::Numeric(_) => ty.fixed_scale().map(|_| Sum::Int(0)),
            Type::Float4 | Type::Float8 => Some(Sum::Float(0.0)),
            _ => None,
        };
        ZoneBuilder { nulls: 0, range: None, large: false, sum }
    }

    /// Takes in rows `[start, end)` of a settled vector.
    pub(super) fn add(&mut self, ty: Type, rows: &Pending, start: usize, end: usize) {
        let valid = || (start..end).filter(|&i| rows.is_valid(i));
        let count = if rows.nulls == 0 { end - start } else { valid().count() };
        self.nulls += (end - start - count) as u32;
        if count == 0 {
            return;
        }
        self.add_sum(ty, rows, start, end);
        match ty.physical() {
            Physical::Bytes => {
                if !ty.is_bytewise() {
                    return;
                }
                let values = || valid().map(|i| rows.strings.get(i));
                self.large = self.large || values().any(Reference::is);
                if let (Some(min), Some(max)) = (values().min(), values().max()) {
                    self.widen(text_key(ty, min), text_key(ty, max));
                }
            }
            Physical::I128 | Physical::Interval => {
                for i in valid() {
                    let key = match rows.big.binary_search_by_key(&i, |(row, _)| *row) {
                        Ok(at) => key_bytes(&bytes_value(ty, &rows.big[at].1)),
                        Err(_) => key_bytes(&wide_value(ty, rows.wide[i])),
                    };
                    self.widen(key.clone(), key);
                }
            }
            physical => {
                let (min, max) = carrier::min_max(&rows.carriers[start..end]);
                if matches!(physical, Physical::F32 | Physical::F64) && has_nan(ty, min, max) {
                    for i in valid() {
                        let key = key_bytes(&carrier_value(ty, rows.carriers[i]));
                        self.widen(key.clone(), key);
                    }
                } else {
                    self.widen(key_bytes(&carrier_value(ty, min)), key_bytes(&carrier_value(ty, max)));
                }
            }
        }
    }

    fn widen(&mut self, low: Vec<u8>, high: Vec<u8>) {
        match &mut self.range {
            None => self.range = Some((low, high)),
            Some((min, max)) => {
                if low < *min {
                    *min = low;
                }
                if high > *max {
                    *max = high;
                }
            }
        }
    }

    fn add_sum(&mut self, ty: Type, rows: &Pending, start: usize, end: usize) {
        let valid = || (start..end).filter(|&i| rows.is_valid(i));
        match &mut self.sum {
            None => {}
            Some(Sum::Int(sum)) => {
                let nan = ty.fixed_scale().is_some()
                    && rows.carriers[start.min(rows.carriers.len())..].contains(&NAN_CARRIER);
                let more = if !rows.big.is_empty() || nan {
                    None
                } else if !rows.wide.is_empty() {
                    valid().try_fold(0i128, |sum, i| sum.checked_add(rows.wide[i]))
                } else if rows.nulls == 0 {
                    Some(carrier::sum(&rows.carriers[start..end]))
                } else {
                    Some(valid().map(|i| i128::from(rows.carriers[i])).sum())
                };
                self.sum = more.and_then(|more| sum.checked_add(more)).map(Sum::Int);
            }
            Some(Sum::Float(sum)) => {
                for i in valid() {
                    *sum += match carrier_value(ty, rows.carriers[i]) {
                        Value::Float8(v) => v,
                        Value::Float4(v) => v.into(),
                        _ => 0.0,
                    };
                }
            }
        }
    }

    /// The persisted form.
    pub(super) fn finish(self) -> Vec<u8> {
        let mut out = vec![0];
        let mut flags = 0;
        put_varint(self.nulls.into(), &mut out);
        if let Some((min, max)) = self.range.as_ref().filter(|_| !self.large) {
            flags |= HAS_RANGE;
            flags |= if min.len() > BOUND_MAX { MIN_CUT } else { 0 };
            flags |= if max.len() > BOUND_MAX { MAX_CUT } else { 0 };
            let (min, max) = (&min[..min.len().min(BOUND_MAX)], &max[..max.len().min(BOUND_MAX)]);
            put(min, &mut out);
            match min == max {
                true => flags |= ONE_VALUE,
                false => put(max, &mut out),
            }
        }
        match self.sum {
            Some(Sum::Int(sum)) => {
                flags |= INT_SUM;
                // Without the bytes that only repeat the sign.
                let bits = 129 - (sum ^ sum >> 127).leading_zeros() as usize;
                put(&sum.to_le_bytes()[..bits.div_ceil(8)], &mut out);
            }
            Some(Sum::Float(sum)) => {
                flags |= FLOAT_SUM;
                out.extend_from_slice(&sum.to_le_bytes());
            }
            None => {}
        }
        out[0] = flags;
        out
    }
}

/// Appends bytes after their length.
fn put(bytes: &[u8], out: &mut Vec<u8>) {
    out.push(bytes.len() as u8);
    out.extend_from_slice(bytes);
}

/// True if floats between these carriers may be NaN: infinity is the last number on either side.
fn has_nan(ty: Type, min: i64, max: i64) -> bool {
    let (low, high) = match ty {
        Type::Float4 => (
            i64::from(carrier::flip_f32(f32::NEG_INFINITY.to_bits() as i32)),
            i64::from(carrier::flip_f32(f32::INFINITY.to_bits() as i32)),
        ),
        _ => (
            carrier::flip_f64(f64::NEG_INFINITY.to_bits() as i64),
            carrier::flip_f64(f64::INFINITY.to_bits() as i64),
        ),
    };
    min < low || max > high
}

/// The zone map as values.
pub(super) fn zone(view: &ZoneView<'_>, ty: Type, first_row: u32, rows: u32) -> Result<Zone> {
    let exact = view.flags() & (MIN_CUT | MAX_CUT) == 0;
    let range = match view.range().filter(|_| exact) {
        Some((min, max)) => Some((value_of(ty, min)?, value_of(ty, max)?)),
        None => None,
    };
    let sum = match view.flags() & (INT_SUM | FLOAT_SUM) {
        INT_SUM => Some(Sum::Int(i128::from_le_bytes(view.sum()))),
        FLOAT_SUM => Some(Sum::Float(f64::from_bits(i128::from_le_bytes(view.sum()) as u64))),
        _ => None,
    };
    Ok(Zone { first_row, rows, nulls: view.nulls(), range, sum })
}

fn value_of(ty: Type, key: &[u8]) -> Result<Value> {
    // The tag of a value; the zone map leaves it out.
    let whole = [&[1], key].concat();
    Ok(decode(&whole, &[ty])?.pop().unwrap_or(Value::Null))
}

/// An end of a range of values, ready to be compared with zone maps.
pub(super) enum End {
    /// No limit, or one that zone maps cannot tell anything of.
    Open,
    /// NULL: nothing qualifies.
    Never,
    /// Key bytes, and whether the end itself qualifies.
    At(Vec<u8>, bool),
}

impl End {
    pub(super) fn new(ty: Type, bound: Bound<&Value>) -> End {
        let (value, included) = match bound {
            Bound::Unbounded => return End::Open,
            Bound::Included(value) => (value, true),
            Bound::Excluded(value) => (value, false),
        };
        let comparable = match (ty, value.type_of()) {
            (_, None) => return End::Never,
            (Type::Numeric(_), Some(Type::Numeric(_))) => true,
            (ty, _) if ty.physical() == Physical::Bytes && !ty.is_bytewise() => false,
            (ty, Some(of)) => ty.same_values(of),
        };
        match comparable {
            true => End::At(key_bytes(value), included),
            false => End::Open,
        }
    }
}

/// False if no value of a page of `rows` rows can lie between the ends.
pub(super) fn may_match(view: &ZoneView<'_>, rows: u32, low: &End, high: &End) -> bool {
    if matches!(low, End::Never) || matches!(high, End::Never) || view.nulls() >= rows {
        return false;
    }
    let Some((min, max)) = view.range() else { return true };
    let above = match low {
        // A cut greatest value stands for everything that begins with it.
        End::At(low, _) if view.flags() & MAX_CUT != 0 => &low[..low.len().min(max.len())] <= max,
        End::At(low, true) => low.as_slice() <= max,
        End::At(low, false) => low.as_slice() < max,
        _ => true,
    };
    let below = match high {
        // A cut least value is below every value that begins with it.
        End::At(high, true) => min <= high.as_slice(),
        End::At(high, false) => min < high.as_slice(),
        _ => true,
    };
    above && below
}

/// The zone map of rows that all have one value.
pub(super) fn of_value(ty: Type, value: &Value, rows: u32) -> Result<Zone> {
    let nulls = if value.is_null() { rows } else { 0 };
    let key = key_bytes(value);
    let range = match !value.is_null() && has_range(ty) && key.len() <= BOUND_MAX {
        true => Some((value_of(ty, &key)?, value_of(ty, &key)?)),
        false => None,
    };
    let number = match value {
        Value::Int2(v) => Some(i128::from(*v)),
        Value::Int4(v) => Some(i128::from(*v)),
        Value::Int8(v) => Some(i128::from(*v)),
        _ => None,
    };
    let sum = number.and_then(|number| number.checked_mul(rows.into())).map(Sum::Int);
    Ok(Zone { first_row: 0, rows, nulls, range, sum })
}

/// False if a value cannot lie within bounds; NULL never does.
pub(super) fn value_may_match(ty: Type, value: &Value, low: Bound<&Value>, high: Bound<&Value>) -> bool {
    let ends = (End::new(ty, low), End::new(ty, high));
    if matches!(ends, (End::Never, _) | (_, End::Never)) || value.is_null() {
        return false;
    }
    let key = key_bytes(value);
    let above = match &ends.0 {
        End::At(low, included) => *low < key || *included && *low == key,
        _ => true,
    };
    let below = match &ends.1 {
        End::At(high, included) => key < *high || *included && key == *high,
        _ => true,
    };
    !has_range(ty) || above && below
}

/// True if zone maps say between which values those of the type lie.
fn has_range(ty: Type) -> bool {
    ty.physical() != Physical::Bytes || ty.is_bytewise()
}
