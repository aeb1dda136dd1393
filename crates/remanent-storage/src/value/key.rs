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
//! | time | 8: as bigint |
//! | uuid, json | as bytea |
//! | enum types | the value's place, as bytea |
//! | character(n) | as text, without the blanks at its end |
//! | array | per element `01` and the element as a column; then `00`, the number of dimensions, per dimension length and lower bound as integers |
//! | jsonb | `01` an empty array at the top; `02` null; `03` a text; `04` a numeric; `05`, `06` false, true; `07` the number of elements in 4, each; `08` the number of pairs in 4, of each the key as text and the value |
//! | interval | 10: the microseconds of months (30 days), days (24 hours) and time, plus 2^79, big-endian |
//! | numeric | 0: `80`. Else with the value as 0.D1D2…Dn · 100^E in base 100, D1 and Dn not 0: `c0`+E (E beyond ±48: `f1` or `8f`, then E in 4, big-endian, sign bit flipped), then 2·Di+1 for all but the last, 2·Dn for the last; negative: all of these bytes flipped. Infinity `f2`, -infinity `0d`, NaN `ff` |
//!
//! Example: `(7::bigint, 'ab', NULL)` is `01 8000000000000007  01 6162 00  ff`;
//! `123.4::numeric` is 0.012340 · 100^2, so `01 c2 03 2f 50`.
//!
//! Limits: what is equal but differs in form cannot be told back: [`decode`] gives the canonical form.

use super::array::{Dimension, MAX_DIMENSIONS};
use super::bytes::Reader;
use super::characters::{Excess, limit, trimmed};
use super::inline::InlineBytes;
use super::json::{Json, JsonbRef, Kind, MAX_DEPTH};
use super::{
    Array, Column, ColumnData, Decimal, Interval, Numeric, Type, Value, column::floats, kinds, record,
};
use crate::error::Result;

/// Who a row is: the bytes of its key values, in an encoding whose bytewise order is the
/// values' order. The log and the key locks speak of (table, key), never of ordinals.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(pub InlineBytes);

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
/// The greatest exponent that stands in the first byte.
const EXPONENT_MAX: i32 = 0x30;
/// First byte of a numeric with a greater exponent; of one with a lesser.
const HUGE: u8 = 0xf1;
const TINY: u8 = 0x8f;
/// The numerics that have no digits.
const INFINITY: u8 = 0xf2;
const NEGATIVE_INFINITY: u8 = !INFINITY;
const NAN: u8 = 0xff;
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
        Value::Int8(v) | Value::Timestamp(v) | Value::Timestamptz(v) | Value::Time(v) => put_i64(out, *v),
        Value::Float4(v) => put_f32(out, *v),
        Value::Float8(v) => put_f64(out, *v),
        Value::Numeric(v) => put_numeric(out, v),
        Value::Text(v) | Value::Json(v) => put_escaped(out, v.as_bytes()),
        Value::Char(v) => put_escaped(out, trimmed(v.as_bytes())),
        Value::Uuid(v) => put_escaped(out, v),
        Value::Other(kinds::Kind::Record, fields) => put_escaped(out, &record::sort_key(fields)),
        Value::Enum(_, bytes) | Value::Other(_, bytes) => put_escaped(out, bytes),
        Value::Array(v) => put_array(out, v),
        Value::Jsonb(v) => put_json(out, v.view(), true),
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
        ColumnData::I64(b) => match column.ty().fixed_scale() {
            Some(scale) => put_decimal(out, Decimal { mantissa: b[row].into(), scale }),
            None => put_i64(out, b[row]),
        },
        ColumnData::I32(b) => put_i32(out, b[row]),
        ColumnData::Bytes(v) => match column.ty() {
            Type::Vector(_) => put_vector(out, floats(v.get(row))),
            Type::Numeric(_) => put_numeric(out, &Numeric::decode(v.get(row)).unwrap_or(Numeric::NaN)),
            Type::Char(_) => put_escaped(out, trimmed(v.get(row))),
            Type::Jsonb => put_json(out, JsonbRef::new(v.get(row)), true),
            Type::Array(_) | Type::Other(kinds::Kind::Record, _) => {
                out.pop();
                encode_value(out, &column.value(row));
            }
            _ => put_escaped(out, v.get(row)),
        },
        ColumnData::Bool(b) => out.push(u8::from(b.get(row))),
        ColumnData::I16(b) => put_i16(out, b[row]),
        ColumnData::I128(b) => put_decimal(
            out,
            match column.ty().fixed_scale() {
                Some(scale) => Decimal { mantissa: b[row], scale },
                None => Decimal::unpack(b[row]),
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

fn put_array(out: &mut Vec<u8>, array: &Array) {
    for value in array.values() {
        out.push(VALUE);
        encode_value(out, value);
    }
    out.extend([END, array.dimensions().len() as u8]);
    for dimension in array.dimensions() {
        put_i32(out, dimension.length);
        put_i32(out, dimension.lower);
    }
}

/// Tags of a jsonb: in the order of its kinds.
mod json {
    pub const LEAST: u8 = 1;
    pub const NULL: u8 = 2;
    pub const STRING: u8 = 3;
    pub const NUMBER: u8 = 4;
    pub const FALSE: u8 = 5;
    pub const TRUE: u8 = 6;
    pub const ARRAY: u8 = 7;
    pub const OBJECT: u8 = 8;
}

fn put_json(out: &mut Vec<u8>, value: JsonbRef<'_>, top: bool) {
    match value.kind() {
        Kind::Null => out.push(json::NULL),
        Kind::Bool(v) => out.push(if v { json::TRUE } else { json::FALSE }),
        Kind::Number => {
            out.push(json::NUMBER);
            put_numeric(out, &value.number().unwrap_or(Numeric::ZERO));
        }
        Kind::String => {
            out.push(json::STRING);
            put_escaped(out, value.text().unwrap_or_default().as_bytes());
        }
        Kind::Array if top && value.count() == 0 => out.push(json::LEAST),
        Kind::Array => {
            out.push(json::ARRAY);
            out.extend_from_slice(&(value.count() as u32).to_be_bytes());
            value.elements().for_each(|item| put_json(out, item, false));
        }
        Kind::Object => {
            out.push(json::OBJECT);
            out.extend_from_slice(&(value.count() as u32).to_be_bytes());
            for (key, value) in value.pairs() {
                put_escaped(out, key.as_bytes());
                put_json(out, value, false);
            }
        }
    }
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

fn put_numeric(out: &mut Vec<u8>, v: &Numeric) {
    match v {
        Numeric::Decimal(v) => put_decimal(out, *v),
        zero if zero.signum() == 0 && !zero.is_nan() => out.push(ZERO),
        Numeric::NaN => out.push(NAN),
        Numeric::Infinity => out.push(INFINITY),
        Numeric::NegativeInfinity => out.push(NEGATIVE_INFINITY),
        Numeric::Big(_) => {
            let Some(big) = v.big() else { return };
            // An even number of digits after the point, and before it.
            let mut digits = big.mantissa.to_digits();
            let mut scale = big.scale as i32;
            if scale % 2 == 1 {
                (digits, scale) = (digits + "0", scale + 1);
            }
            if digits.len() % 2 == 1 {
                digits.insert(0, '0');
            }
            let pairs: Vec<u8> = digits
                .as_bytes()
                .as_chunks::<2>()
                .0
                .iter()
                .map(|[a, b]| (a - b'0') * 10 + (b - b'0'))
                .collect();
            let n = pairs.len() - pairs.iter().rev().take_while(|&&pair| pair == 0).count();
            put_pairs(out, &pairs[..n], pairs.len() as i32 - scale / 2, big.negative);
        }
    }
}

/// The number 0.D1D2… · 100^exponent; neither the first nor the last digit is 0.
fn put_pairs(out: &mut Vec<u8>, digits: &[u8], exponent: i32, negative: bool) {
    let flip = if negative { 0xff } else { 0 };
    if exponent.abs() <= EXPONENT_MAX {
        out.push(EXPONENT.wrapping_add(exponent as u8) ^ flip);
    } else {
        out.push((if exponent > 0 { HUGE } else { TINY }) ^ flip);
        out.extend((exponent ^ i32::MIN).to_be_bytes().map(|b| b ^ flip));
    }
    for (i, digit) in digits.iter().enumerate() {
        out.push((2 * digit + u8::from(i + 1 < digits.len())) ^ flip);
    }
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
    digits[..n].reverse();
    put_pairs(out, &digits[..n], n as i32 - scale / 2, v.mantissa < 0);
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
    Ok(match ty.plain() {
        Type::Precise(_) => return Err(r.corrupt("no values are of a precise type")),
        Type::Bool => match r.u8()? {
            v @ 0..=1 => Value::Bool(v == 1),
            v => return Err(r.corrupt(format_args!("{v:02x} is not a boolean"))),
        },
        Type::Int2 => Value::Int2(r.i16()?.swap_bytes() ^ i16::MIN),
        Type::Int4 => Value::Int4(r.i32()?.swap_bytes() ^ i32::MIN),
        Type::Date => Value::Date(r.i32()?.swap_bytes() ^ i32::MIN),
        Type::Int8
        | Type::Oid
        | Type::Regclass
        | Type::Regtype
        | Type::Regnamespace
        | Type::Regproc
        | Type::Regrole => Value::Int8(r.i64()?.swap_bytes() ^ i64::MIN),
        Type::Timestamp => Value::Timestamp(r.i64()?.swap_bytes() ^ i64::MIN),
        Type::Timestamptz => Value::Timestamptz(r.i64()?.swap_bytes() ^ i64::MIN),
        Type::Float4 => Value::Float4(take_f32(r)?),
        Type::Float8 => {
            let bits = r.u64()?.swap_bytes();
            let flip = if bits >> 63 == 1 { 1 << 63 } else { u64::MAX };
            Value::Float8(f64::from_bits(bits ^ flip))
        }
        Type::Numeric(form) => {
            let v = take_numeric(r)?;
            Value::Numeric(match form {
                Some((precision, scale)) => {
                    v.fit(precision, scale).map_err(|_| r.corrupt("a number is too large for its type"))?
                }
                None => v,
            })
        }
        Type::Text | Type::Varchar(_) | Type::Name => Value::Text(take_text(r)?),
        Type::Char(length) => {
            let text = take_text(r)?;
            Value::Char(
                limit(&text, length, true, Excess::Refuse).map_err(|_| r.corrupt("a text is too long"))?,
            )
        }
        Type::Other(kind, modifier) => {
            let bytes = take_escaped(r)?;
            if !kind.holds(&bytes, modifier) {
                return Err(r.corrupt(format_args!("a key is no {}", kind.described().name)));
            }
            Value::Other(kind, bytes.into())
        }
        Type::Json => Value::Json(take_text(r)?),
        Type::Jsonb => Value::Jsonb(take_json(r, 0)?.encode()),
        Type::Uuid => {
            let bytes = take_escaped(r)?;
            Value::Uuid(bytes.try_into().map_err(|_| r.corrupt("a uuid has 16 bytes"))?)
        }
        Type::Enum(of) => Value::Enum(of, take_escaped(r)?.into()),
        Type::Time => Value::Time(r.i64()?.swap_bytes() ^ i64::MIN),
        Type::Array(element) => Value::Array(Box::new(take_array(r, element.ty())?)),
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

fn take_text(r: &mut Reader<'_>) -> Result<String> {
    let bytes = take_escaped(r)?;
    String::from_utf8(bytes).map_err(|_| r.corrupt("a text is not valid UTF-8"))
}

fn take_array(r: &mut Reader<'_>, element: Type) -> Result<Array> {
    let mut values = Vec::new();
    loop {
        match r.u8()? {
            VALUE => values.push(decode_value(r, element)?),
            END => break,
            tag => return Err(r.corrupt(format_args!("{tag:02x} is not a tag of an array"))),
        }
    }
    let mut dimensions = Vec::new();
    for _ in 0..r.u8()? {
        let length = r.i32()?.swap_bytes() ^ i32::MIN;
        let lower = r.i32()?.swap_bytes() ^ i32::MIN;
        if length < 1 || dimensions.len() == MAX_DIMENSIONS {
            return Err(r.corrupt("an array has an impossible extent"));
        }
        dimensions.push(Dimension { length, lower });
    }
    Array::new(element, dimensions, values).map_err(|_| r.corrupt("an array has an impossible extent"))
}

fn take_json(r: &mut Reader<'_>, depth: usize) -> Result<Json> {
    if depth > MAX_DEPTH + 1 {
        return Err(r.corrupt("a jsonb is nested too deep"));
    }
    Ok(match r.u8()? {
        json::LEAST => Json::Array(Vec::new()),
        json::NULL => Json::Null,
        json::STRING => Json::String(take_text(r)?),
        json::NUMBER => Json::Number(take_numeric(r)?),
        json::FALSE => Json::Bool(false),
        json::TRUE => Json::Bool(true),
        json::ARRAY => {
            let mut items = Vec::new();
            for _ in 0..r.u32()?.swap_bytes() {
                items.push(take_json(r, depth + 1)?);
            }
            Json::Array(items)
        }
        json::OBJECT => {
            let mut pairs = Vec::new();
            for _ in 0..r.u32()?.swap_bytes() {
                pairs.push((take_text(r)?, take_json(r, depth + 1)?));
            }
            Json::Object(pairs)
        }
        tag => return Err(r.corrupt(format_args!("{tag:02x} is not a tag of a jsonb"))),
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

fn take_numeric(r: &mut Reader<'_>) -> Result<Numeric> {
    let first = r.u8()?;
    match first {
        ZERO => return Ok(Numeric::ZERO),
        NAN => return Ok(Numeric::NaN),
        INFINITY => return Ok(Numeric::Infinity),
        NEGATIVE_INFINITY => return Ok(Numeric::NegativeInfinity),
        _ => {}
    }
    let flip = if first < ZERO { 0xff } else { 0 };
    let exponent = match first ^ flip {
        HUGE | TINY => i64::from(r.u32()?.swap_bytes() as i32 ^ if flip == 0 { i32::MIN } else { i32::MAX }),
        byte => i64::from(byte) - i64::from(EXPONENT),
    };
    let mut digits = Vec::new();
    loop {
        let digit = r.u8()? ^ flip;
        if digit >= 200 {
            return Err(r.corrupt("a number has an impossible digit"));
        }
        digits.extend([b'0' + digit / 20, b'0' + digit / 2 % 10]);
        if digit % 2 == 0 {
            break;
        }
    }
    if digits.last() == Some(&b'0') {
        digits.pop();
    }
    // 0.D1D2… · 100^exponent
    let text = String::from_utf8(digits).unwrap_or_default();
    let sign = if flip == 0 { "" } else { "-" };
    let number: Result<Numeric> = format!("{sign}0.{text}e{}", 2 * exponent).parse();
    number.ok().filter(|n| n.signum() != 0).ok_or_else(|| r.corrupt("a number has too many digits"))
}
