//! Keys: byte strings that sort as the values they were made from.
//!
//! A key is its columns' encodings one after the other. Comparing two keys of the same column
//! types byte by byte gives the order of the values ([`Value::compare`](super::Value::compare)), column by column,
//! NULL last (PostgreSQL's ASC). Values that SQL calls equal have equal bytes: `1.0` and `1.00`,
//! `0.0` and `-0.0`, `interval '1 mon'` and `interval '30 days'`. No encoding is a prefix of another
//! of its type, so a key of the first columns is a prefix of the whole key.
//!
//! Every column begins with a tag: `01` a value follows, `ff` NULL. Then (do not renumber: keys are persisted):
//!
//! | type | bytes after the tag |
//! |---|---|
//! | boolean | 1: `00` or `01` |
//! | smallint, integer, bigint, date, timestamps | 2, 4 or 8: big-endian, sign bit flipped |
//! | real, double precision | 4 or 8: big-endian bits; negative: all flipped, else: sign bit flipped; one NaN; -0 is 0 |
//! | text, bytea | the bytes, `00` as `01 01` and `01` as `01 02`; then `00` |
//! | vector | per element `01` and the bytes of a real; then `00` |
//! | interval | 10: the microseconds of months (30 days), days (24 hours) and time, plus 2^79, big-endian |
//! | numeric | 0: `80`. Else with the value as 0.D1D2…Dn · 100^E in base 100, D1 and Dn not 0: `c0`+E, then 2·Di+1 for all but the last, 2·Dn for the last; negative: all of these bytes flipped |
//!
//! Example: `(7::bigint, 'ab', NULL)` is `01 8000000000000007  01 6162 00  ff`;
//! `123.4::numeric` is 0.012340 · 100^2, so `01 c2 03 2f 50`.
//!
//! Limits: what is equal but differs in form cannot be told back: [`decode`] gives the canonical form.

use super::bytes::Reader;
use super::{Column, ColumnData, Decimal, Interval, Type, Value, column::floats};
use crate::error::Result;

/// Who a row is: the bytes of its key values, in an encoding whose bytewise order is the
/// values' order. The log and the key locks speak of (table, key), never of ordinals.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(pub Box<[u8]>);

/// Tag: a value follows. Persisted, do not renumber.
const VALUE: u8 = 0x01;
/// Tag: NULL. Greater than [`VALUE`]: NULL sorts last. Persisted, do not renumber.
const NULL: u8 = 0xff;
/// Ends text, bytea and vector.
const END: u8 = 0x00;
/// Before a byte that would read as [`END`] or [`ESCAPE`], which follows plus one.
const ESCAPE: u8 = 0x01;
/// First byte of the numeric 0.
const ZERO: u8 = 0x80;
/// First byte of a positive numeric below 1 and not below 0.01.
const EXPONENT: u8 = 0xc0;
/// Added to an interval's microseconds, so that they sort unsigned in 10 bytes.
const INTERVAL_BIAS: i128 = 1 << 79;

impl Key {
    /// The key of values, each of its column's type.
    pub fn encode(values: &[Value]) -> Key {
        let mut out = Vec::with_capacity(9 * values.len());
        for value in values {
            encode_value(&mut out, value);
        }
        Key(out.into())
    }

    /// The key of one row: `columns` are the key's columns in key order.
    pub fn from_row(columns: &[&Column], row: usize) -> Key {
        let mut out = Vec::with_capacity(9 * columns.len());
        for column in columns {
            encode_column_row(&mut out, column, row);
        }
        Key(out.into())
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl AsRef<[u8]> for Key {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl std::borrow::Borrow<[u8]> for Key {
    fn borrow(&self) -> &[u8] {
        &self.0
    }
}

/// Appends one value.
pub fn encode_value(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => return out.push(NULL),
        _ => out.push(VALUE),
    }
    match value {
        Value::Null => {}
        Value::Bool(v) => out.push(u8::from(*v)),
        Value::Int2(v) => put_i16(out, *v),
        Value::Int4(v) | Value::Date(v) => put_i32(out, *v),
        Value::Int8(v) | Value::Timestamp(v) | Value::Timestamptz(v) => put_i64(out, *v),
        Value::Float4(v) => put_f32(out, *v),
        Value::Float8(v) => put_f64(out, *v),
        Value::Numeric(v) => put_decimal(out, *v),
        Value::Text(v) => put_escaped(out, v.as_bytes()),
        Value::Bytea(v) => put_escaped(out, v),
        Value::Interval(v) => put_interval(out, *v),
        Value::Vector(v) => put_vector(out, v.iter().copied()),
        // Whoever makes keys has loaded their values.
        Value::Blob(v) => put_escaped(out, &v.load().unwrap_or_default()),
    }
}

/// Appends row `row` of one column; panics where there is no such row.
pub fn encode_column_row(out: &mut Vec<u8>, column: &Column, row: usize) {
    if !column.is_valid(row) {
        return out.push(NULL);
    }
    out.push(VALUE);
    match column.data() {
        ColumnData::I64(b) => match column.ty() {
            Type::Numeric(Some((_, scale))) => put_decimal(out, Decimal { mantissa: b[row].into(), scale }),
            _ => put_i64(out, b[row]),
        },
        ColumnData::I32(b) => put_i32(out, b[row]),
        ColumnData::Bytes(v) => match column.ty() {
            Type::Vector(_) => put_vector(out, floats(v.get(row))),
            _ => put_escaped(out, v.get(row)),
        },
        ColumnData::Bool(b) => out.push(u8::from(b.get(row))),
        ColumnData::I16(b) => put_i16(out, b[row]),
        ColumnData::I128(b) => put_decimal(
            out,
            match column.ty() {
                Type::Numeric(Some((_, scale))) => Decimal { mantissa: b[row], scale },
                _ => Decimal::unpack(b[row]),
            },
        ),
        ColumnData::F32(b) => put_f32(out, b[row]),
        ColumnData::F64(b) => put_f64(out, b[row]),
        ColumnData::Interval(b) => put_interval(out, b[row]),
        ColumnData::Constant(one) => {
            out.pop();
            encode_column_row(out, one, 0);
        }
        ColumnData::Dictionary { codes, values } => {
            out.pop();
            encode_column_row(out, values, codes[row] as usize);
        }
    }
}

fn put_i16(out: &mut Vec<u8>, v: i16) {
    out.extend_from_slice(&(v ^ i16::MIN).to_be_bytes());
}

fn put_i32(out: &mut Vec<u8>, v: i32) {
    out.extend_from_slice(&(v ^ i32::MIN).to_be_bytes());
}

fn put_i64(out: &mut Vec<u8>, v: i64) {
    out.extend_from_slice(&(v ^ i64::MIN).to_be_bytes());
}

fn put_f32(out: &mut Vec<u8>, v: f32) {
    let bits = if v.is_nan() { f32::NAN.to_bits() & !(1 << 31) } else { (v + 0.0).to_bits() };
    let flip = if bits >> 31 == 1 { u32::MAX } else { 1 << 31 };
    out.extend_from_slice(&(bits ^ flip).to_be_bytes());
}

fn put_f64(out: &mut Vec<u8>, v: f64) {
    let bits = if v.is_nan() { f64::NAN.to_bits() & !(1 << 63) } else { (v + 0.0).to_bits() };
    let flip = if bits >> 63 == 1 { u64::MAX } else { 1 << 63 };
    out.extend_from_slice(&(bits ^ flip).to_be_bytes());
}

fn put_vector(out: &mut Vec<u8>, elements: impl Iterator<Item = f32>) {
    for v in elements {
        out.push(VALUE);
        put_f32(out, v);
    }
    out.push(END);
}

fn put_escaped(out: &mut Vec<u8>, bytes: &[u8]) {
    out.reserve(bytes.len() + 1);
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|&b| b <= ESCAPE) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(&[ESCAPE, rest[at] + 1]);
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
    out.push(END);
}

fn put_interval(out: &mut Vec<u8>, v: Interval) {
    let biased = v.comparable() + INTERVAL_BIAS;
    out.extend_from_slice(&biased.to_be_bytes()[6..]);
}

fn put_decimal(out: &mut Vec<u8>, v: Decimal) {
    if v.mantissa == 0 {
        return out.push(ZERO);
    }
    let mut scale = i32::from(v.scale);
    let mut m = v.mantissa.unsigned_abs();
    if scale % 2 == 1 {
        (m, scale) = (m.saturating_mul(10), scale + 1);
    }
    // Base-100 digits, last first; leading zeros of the array are not used.
    let (mut digits, mut n) = ([0u8; 20], 0);
    while m > 0 && n < digits.len() {
        let digit = (m % 100) as u8;
        m /= 100;
        if digit == 0 && n == 0 {
            scale -= 2;
            continue;
        }
        digits[n] = digit;
        n += 1;
    }
    let exponent = n as i32 - scale / 2;
    let flip = if v.mantissa < 0 { 0xff } else { 0 };
    out.push(EXPONENT.wrapping_add(exponent as u8) ^ flip);
    for i in (0..n).rev() {
        out.push((2 * digits[i] + u8::from(i > 0)) ^ flip);
    }
}

/// The values of a key, in canonical form (see the module's limits). Damaged bytes are an error of state `XX001`.
pub fn decode(key: &[u8], types: &[Type]) -> Result<Vec<Value>> {
    let mut reader = Reader::new(key);
    let values = types.iter().map(|&ty| decode_value(&mut reader, ty)).collect::<Result<Vec<_>>>()?;
    reader.finish()?;
    Ok(values)
}

/// The value that a key begins with, and how many bytes it takes.
pub fn decode_first(key: &[u8], ty: Type) -> Result<(Value, usize)> {
    let mut reader = Reader::new(key);
    let value = decode_value(&mut reader, ty)?;
    Ok((value, key.len() - reader.rest().len()))
}

fn decode_value(r: &mut Reader<'_>, ty: Type) -> Result<Value> {
    match r.u8()? {
        VALUE => {}
        NULL => return Ok(Value::Null),
        tag => return Err(r.corrupt(format_args!("{tag:02x} is not a tag of a key"))),
    }
    Ok(match ty {
        Type::Bool => match r.u8()? {
            v @ 0..=1 => Value::Bool(v == 1),
            v => return Err(r.corrupt(format_args!("{v:02x} is not a boolean"))),
        },
        Type::Int2 => Value::Int2(r.i16()?.swap_bytes() ^ i16::MIN),
        Type::Int4 => Value::Int4(r.i32()?.swap_bytes() ^ i32::MIN),
        Type::Date => Value::Date(r.i32()?.swap_bytes() ^ i32::MIN),
        Type::Int8 => Value::Int8(r.i64()?.swap_bytes() ^ i64::MIN),
        Type::Timestamp => Value::Timestamp(r.i64()?.swap_bytes() ^ i64::MIN),
        Type::Timestamptz => Value::Timestamptz(r.i64()?.swap_bytes() ^ i64::MIN),
        Type::Float4 => Value::Float4(take_f32(r)?),
        Type::Float8 => {
            let bits = r.u64()?.swap_bytes();
            let flip = if bits >> 63 == 1 { 1 << 63 } else { u64::MAX };
            Value::Float8(f64::from_bits(bits ^ flip))
        }
        Type::Numeric(form) => {
            let v = take_decimal(r)?;
            Value::Numeric(match form {
                Some((_, scale)) => {
                    v.rescale(scale).ok_or_else(|| r.corrupt("a number is too large for its type"))?
                }
                None => v,
            })
        }
        Type::Text => {
            let bytes = take_escaped(r)?;
            Value::Text(String::from_utf8(bytes).map_err(|_| r.corrupt("a text is not valid UTF-8"))?)
        }
        Type::Bytea => Value::Bytea(take_escaped(r)?),
        Type::Interval => {
            let mut raw = [0; 16];
            raw[6..].copy_from_slice(r.take(10)?);
            Value::Interval(
                Interval::from_comparable(i128::from_be_bytes(raw) - INTERVAL_BIAS)
                    .ok_or_else(|| r.corrupt("an interval is too long"))?,
            )
        }
        Type::Vector(_) => {
            let mut elements = Vec::new();
            loop {
                match r.u8()? {
                    VALUE => elements.push(take_f32(r)?),
                    END => break,
                    tag => return Err(r.corrupt(format_args!("{tag:02x} is not a tag of a vector"))),
                }
            }
            Value::Vector(elements)
        }
    })
}

fn take_f32(r: &mut Reader<'_>) -> Result<f32> {
    let bits = r.u32()?.swap_bytes();
    let flip = if bits >> 31 == 1 { 1 << 31 } else { u32::MAX };
    Ok(f32::from_bits(bits ^ flip))
}

fn take_escaped(r: &mut Reader<'_>) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    loop {
        match r.u8()? {
            END => return Ok(bytes),
            ESCAPE => match r.u8()? {
                b @ 1..=2 => bytes.push(b - 1),
                b => return Err(r.corrupt(format_args!("01 {b:02x} is not an escape"))),
            },
            b => bytes.push(b),
        }
    }
}

fn take_decimal(r: &mut Reader<'_>) -> Result<Decimal> {
    let first = r.u8()?;
    if first == ZERO {
        return Ok(Decimal { mantissa: 0, scale: 0 });
    }
    let flip = if first < ZERO { 0xff } else { 0 };
    let exponent = i32::from(first ^ flip) - i32::from(EXPONENT);
    let (mut m, mut n) = (0i128, 0i32);
    loop {
        let digit = r.u8()? ^ flip;
        m = m
            .checked_mul(100)
            .and_then(|m| m.checked_add((digit / 2).into()))
            .filter(|_| digit < 200)
            .ok_or_else(|| r.corrupt("a number has too many digits"))?;
        n += 1;
        if digit % 2 == 0 {
            break;
        }
    }
    let mut scale = 2 * (n - exponent);
    if m % 10 == 0 {
        (m, scale) = (m / 10, scale - 1);
    }
    if scale < 0 {
        m = 10i128.checked_pow(scale.unsigned_abs()).and_then(|f| m.checked_mul(f)).unwrap_or(0);
        scale = 0;
    }
    let sign = if flip == 0 { 1 } else { -1 };
    u8::try_from(scale)
        .ok()
        .and_then(|scale| Decimal::new(m * sign, scale))
        .filter(|d| d.mantissa != 0)
        .ok_or_else(|| r.corrupt("a number has too many digits"))
}
