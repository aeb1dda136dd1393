//! Columns and values as bytes: the bodies of log records.
//!
//! A batch is written column by column. The reader knows the types from the schema version of the
//! record, so the bytes hold none. The layout (persisted, do not renumber):
//!
//! ```text
//! batch    = rows:varint  column*
//! column   = 00 values(rows)                        no row is NULL
//!          | 01 validity values(rows that are set)  a bit per row, 1 = not NULL, least significant first, padded with 0
//!          | 02 values(1)                           every row has that value
//!          | 03                                     every row is NULL
//!          | 04, 05, 06                             as 00, 01, 02, of numerics as bytes (see `numeric`): values as of text
//! values   = boolean: a bit each, padded with 0
//!            smallint, integer, bigint, date, time, timestamps, real, double precision: 2, 4 or 8 bytes each
//!            numeric: 8 bytes each for precision ≤ 18, else 16 (see `Physical`)
//!            interval: months 4, days 4, microseconds 8
//!            text, bytea, vector, uuid, json, jsonb, arrays: the length of each as a varint, then the bytes of all
//! ```
//!
//! Numbers are little-endian. Example: the columns `bigint (7, NULL)` and `text ('a', 'bcd')`:
//!
//! ```text
//! 02                                  two rows
//! 01 01 0700000000000000              validity 0b01, then the one value
//! 00 01 03 61 626364                  no NULL; lengths 1 and 3; the bytes
//! ```
//!
//! A single value ([`encode_value`]) carries its type as a tag, so catalog rows and parameters need no schema.
//!
//! Everything that does not fit is an error of state `XX001`; no count found in the bytes leads to an
//! allocation that the bytes could not fill. Decoded text is UTF-8, numerics keep to their precision,
//! vectors to their length.

use super::blob::{LARGE, REFERENCE};
use super::bytes::{Reader, put_bytes, put_varint, unzigzag, zigzag};
use super::kinds::Kind;
use super::{
    Array, Bitmap, Buffer, Column, ColumnBuilder, ColumnData, Decimal, Element, Interval, Jsonb, Numeric,
    Physical, Type, Value,
};
use crate::error::Result;

/// How a column is written. Persisted, do not renumber.
mod form {
    pub const PLAIN: u8 = 0;
    pub const NULLABLE: u8 = 1;
    pub const CONSTANT: u8 = 2;
    pub const NULL: u8 = 3;
    /// Added to the first three: numbers that the type's layout does not hold, as bytes.
    pub const WIDE: u8 = 4;
}

/// Appends equally long columns. Panics where their lengths differ.
pub fn encode_batch(out: &mut Vec<u8>, columns: &[Column]) {
    let rows = columns.first().map_or(0, Column::len);
    put_varint(out, rows as u64);
    for column in columns {
        assert_eq!(column.len(), rows, "columns of one batch are equally long");
        encode_column(out, column);
    }
}

/// True if a value of a column of that type is one that [`encode_row`] takes: a number of fixed width, or bytes that are neither
/// long nor look like a reference to such; or NULL.
pub fn is_plain(ty: Type, value: &Value) -> bool {
    let short = |len: usize| len < LARGE && len != REFERENCE;
    match (ty.physical(), value) {
        (_, Value::Null) => true,
        _ if matches!(ty, Type::Numeric(_)) => false,
        (Physical::Bool, Value::Bool(_)) | (Physical::I16, Value::Int2(_)) => true,
        (Physical::I32, Value::Int4(_) | Value::Date(_)) => true,
        (Physical::I64, Value::Int8(_) | Value::Timestamp(_) | Value::Timestamptz(_) | Value::Time(_)) => {
            true
        }
        (Physical::F32, Value::Float4(_)) | (Physical::F64, Value::Float8(_)) => true,
        (Physical::Bytes, Value::Text(text)) => ty.is_text() && short(text.len()),
        (Physical::Bytes, Value::Bytea(bytes)) => ty == Type::Bytea && short(bytes.len()),
        _ => false,
    }
}

/// Appends one row of [plain](is_plain) values: the bytes that [`encode_batch`] makes of its columns.
pub fn encode_row(out: &mut Vec<u8>, row: &[Value]) {
    put_varint(out, 1);
    for value in row {
        match value {
            Value::Null => {
                out.push(form::NULL);
                continue;
            }
            _ => out.push(form::PLAIN),
        }
        match value {
            Value::Bool(v) => out.push(u8::from(*v)),
            Value::Int2(v) => out.extend_from_slice(&v.to_le_bytes()),
            Value::Int4(v) | Value::Date(v) => out.extend_from_slice(&v.to_le_bytes()),
            Value::Int8(v) | Value::Timestamp(v) | Value::Timestamptz(v) | Value::Time(v) => {
                out.extend_from_slice(&v.to_le_bytes());
            }
            Value::Float4(v) => out.extend_from_slice(&v.to_le_bytes()),
            Value::Float8(v) => out.extend_from_slice(&v.to_le_bytes()),
            Value::Text(v) => put_bytes(out, v.as_bytes()),
            Value::Bytea(v) => put_bytes(out, v),
            _ => debug_assert!(false, "a value that is not plain"),
        }
    }
}

fn encode_column(out: &mut Vec<u8>, column: &Column) {
    let rows = column.len();
    let nulls = column.null_count();
    if nulls > 0 && nulls == rows {
        return out.push(form::NULL);
    }
    // A slice may hold only what the layout does, after all.
    if column.is_wide()
        && column.is_flat()
        && let Ok(tight) = Column::from_values(column.ty(), column.values())
        && !tight.is_wide()
    {
        return encode_column(out, &tight);
    }
    let wide = if column.is_wide() { form::WIDE } else { 0 };
    match column.data() {
        ColumnData::Constant(one) if rows > 0 => {
            out.push(form::CONSTANT | wide);
            return encode_values(out, one);
        }
        ColumnData::Constant(_) | ColumnData::Dictionary { .. } => {
            return encode_column(out, &column.flatten());
        }
        _ => {}
    }
    match column.validity() {
        Some(validity) if nulls > 0 => {
            out.push(form::NULLABLE | wide);
            encode_bits(out, validity);
            encode_values(out, &column.gather(&validity.ones().collect::<Vec<_>>()));
        }
        _ => {
            out.push(form::PLAIN | wide);
            encode_values(out, column);
        }
    }
}

fn encode_bits(out: &mut Vec<u8>, bits: &Bitmap) {
    let mut left = bits.len().div_ceil(8);
    for i in 0..bits.len().div_ceil(64) {
        let bytes = bits.word(i).to_le_bytes();
        out.extend_from_slice(&bytes[..left.min(8)]);
        left = left.saturating_sub(8);
    }
}

/// All rows of a flat column, none of which is NULL.
fn encode_values(out: &mut Vec<u8>, column: &Column) {
    match column.data() {
        ColumnData::Bool(b) => encode_bits(out, b),
        ColumnData::I16(b) => out.extend(b.iter().flat_map(|v| v.to_le_bytes())),
        ColumnData::I32(b) => out.extend(b.iter().flat_map(|v| v.to_le_bytes())),
        ColumnData::I64(b) => out.extend(b.iter().flat_map(|v| v.to_le_bytes())),
        ColumnData::I128(b) => out.extend(b.iter().flat_map(|v| v.to_le_bytes())),
        ColumnData::F32(b) => out.extend(b.iter().flat_map(|v| v.to_le_bytes())),
        ColumnData::F64(b) => out.extend(b.iter().flat_map(|v| v.to_le_bytes())),
        ColumnData::Interval(b) => b.iter().for_each(|v| encode_interval(out, v)),
        ColumnData::Bytes(v) => {
            for view in v.views.iter() {
                put_varint(out, u64::from(*view as u32));
            }
            for i in 0..column.len() {
                out.extend_from_slice(v.get(i));
            }
        }
        ColumnData::Constant(_) | ColumnData::Dictionary { .. } => unreachable!("flattened by the caller"),
    }
}

fn encode_interval(out: &mut Vec<u8>, v: &Interval) {
    out.extend_from_slice(&v.months.to_le_bytes());
    out.extend_from_slice(&v.days.to_le_bytes());
    out.extend_from_slice(&v.micros.to_le_bytes());
}

/// Reads what [`encode_batch`] wrote for columns of these types.
pub fn decode_batch(r: &mut Reader<'_>, types: &[Type]) -> Result<Vec<Column>> {
    let rows = r.varint()?;
    let rows = match u32::try_from(rows) {
        Ok(rows) => rows as usize,
        Err(_) => return Err(r.corrupt(format_args!("{rows} rows are more than a batch can have"))),
    };
    types.iter().map(|&ty| decode_column(r, ty, rows)).collect()
}

fn decode_column(r: &mut Reader<'_>, ty: Type, rows: usize) -> Result<Column> {
    let tag = r.u8()?;
    let (form, values) =
        match tag & form::WIDE != 0 && matches!(ty, Type::Numeric(_)) && tag < form::WIDE + form::NULL {
            true => (tag & !form::WIDE, decode_strings as Values),
            false => (tag, decode_values as Values),
        };
    Ok(match form {
        form::PLAIN => values(r, ty, rows)?,
        form::NULLABLE => {
            let validity = decode_bits(r, rows)?;
            let set = validity.count_ones();
            let dense = values(r, ty, set)?;
            spread(&dense, validity)
        }
        form::CONSTANT => values(r, ty, 1)?.repeat(rows),
        form::NULL => Column::null(ty, rows),
        other => return Err(r.corrupt(format_args!("{other} is not a form of a column"))),
    })
}

/// What reads so many values of a type.
type Values = fn(&mut Reader<'_>, Type, usize) -> Result<Column>;

/// Puts the values of `dense` where `validity` has its ones.
fn spread(dense: &Column, validity: Bitmap) -> Column {
    fn place<T: Copy + Default>(from: &[T], validity: &Bitmap) -> Buffer<T> {
        let mut from = from.iter();
        validity
            .iter()
            .map(|valid| if valid { from.next().copied().unwrap_or_default() } else { T::default() })
            .collect::<Vec<_>>()
            .into()
    }
    let data = match dense.data() {
        ColumnData::Bool(b) => {
            let mut bits = b.iter();
            ColumnData::Bool(validity.iter().map(|valid| valid && bits.next().unwrap_or(false)).collect())
        }
        ColumnData::I16(b) => ColumnData::I16(place(b, &validity)),
        ColumnData::I32(b) => ColumnData::I32(place(b, &validity)),
        ColumnData::I64(b) => ColumnData::I64(place(b, &validity)),
        ColumnData::I128(b) => ColumnData::I128(place(b, &validity)),
        ColumnData::F32(b) => ColumnData::F32(place(b, &validity)),
        ColumnData::F64(b) => ColumnData::F64(place(b, &validity)),
        ColumnData::Interval(b) => ColumnData::Interval(place(b, &validity)),
        ColumnData::Bytes(v) => {
            let views = place(&v.views, &validity);
            ColumnData::Bytes(super::Views { views, ..v.clone() })
        }
        ColumnData::Constant(_) | ColumnData::Dictionary { .. } => unreachable!("decoded flat"),
    };
    Column::flat(dense.ty(), data, Some(validity))
}

fn decode_bits(r: &mut Reader<'_>, len: usize) -> Result<Bitmap> {
    let bytes = r.take(len.div_ceil(8))?;
    let words: Vec<u64> = bytes
        .chunks(8)
        .map(|chunk| {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            u64::from_le_bytes(word)
        })
        .collect();
    let padding = words.last().map_or(0, |last| if len.is_multiple_of(64) { 0 } else { last >> (len % 64) });
    match padding {
        0 => Ok(Bitmap::new(words, len)),
        _ => Err(r.corrupt("bits after the last row are set")),
    }
}

macro_rules! decode_fixed {
    ($r:expr, $rows:expr, $ty:ty) => {{
        const SIZE: usize = size_of::<$ty>();
        let all = $rows.checked_mul(SIZE).unwrap_or(usize::MAX);
        let mut values: Vec<$ty> = Vec::new();
        values.extend($r.take(all)?.chunks_exact(SIZE).map(|chunk| {
            let mut raw = [0; SIZE];
            raw.copy_from_slice(chunk);
            <$ty>::from_le_bytes(raw)
        }));
        values
    }};
}

fn decode_values(r: &mut Reader<'_>, ty: Type, rows: usize) -> Result<Column> {
    let data = match ty.physical() {
        Physical::Bool => ColumnData::Bool(decode_bits(r, rows)?),
        Physical::I16 => ColumnData::I16(decode_fixed!(r, rows, i16).into()),
        Physical::I32 => ColumnData::I32(decode_fixed!(r, rows, i32).into()),
        Physical::I64 => {
            let values = decode_fixed!(r, rows, i64);
            if let (Type::Numeric(Some((precision, _))), Some(_)) = (ty, ty.fixed_scale()) {
                let limit = 10u64.pow(precision.min(18).into());
                check(r, values.iter().all(|v| v.unsigned_abs() < limit), ty)?;
            }
            ColumnData::I64(values.into())
        }
        Physical::I128 => {
            let values = decode_fixed!(r, rows, i128);
            let fits = values.iter().all(|&v| match ty {
                Type::Numeric(Some((precision, scale))) if ty.fixed_scale().is_some() => {
                    Decimal::new(v, scale as u8).is_some_and(|d| d.digits() <= u32::from(precision))
                }
                _ => Decimal::new(v >> 6, v as u8 & 63).is_some(),
            });
            check(r, fits, ty)?;
            ColumnData::I128(values.into())
        }
        Physical::F32 => ColumnData::F32(decode_fixed!(r, rows, f32).into()),
        Physical::F64 => ColumnData::F64(decode_fixed!(r, rows, f64).into()),
        Physical::Interval => {
            let raw = decode_fixed!(r, rows, u128);
            let values = raw.iter().map(|&v| Interval {
                months: v as i32,
                days: (v >> 32) as i32,
                micros: (v >> 64) as i64,
            });
            ColumnData::Interval(values.collect::<Vec<_>>().into())
        }
        Physical::Bytes => return decode_strings(r, ty, rows),
    };
    Ok(Column::flat(ty, data, None))
}

fn check(r: &Reader<'_>, fits: bool, ty: Type) -> Result<()> {
    match fits {
        true => Ok(()),
        false => Err(r.corrupt(format_args!("a value is not a {ty}"))),
    }
}

fn decode_strings(r: &mut Reader<'_>, ty: Type, rows: usize) -> Result<Column> {
    // Each length takes at least a byte, so `rows` is believable once they are read.
    if rows > r.remaining() {
        return Err(r.corrupt(format_args!("{rows} texts are more than there are")));
    }
    let mut lengths = Vec::with_capacity(rows);
    for _ in 0..rows {
        let length = r.varint()?;
        match usize::try_from(length) {
            Ok(length) if length <= r.remaining() => lengths.push(length),
            _ => return Err(r.corrupt(format_args!("a length of {length} is more than there is"))),
        }
    }
    let mut builder = ColumnBuilder::new(ty);
    if let Type::Numeric(_) = ty {
        for length in lengths {
            match Numeric::decode(r.take(length)?) {
                Some(n) => builder
                    .push(&Value::Numeric(n))
                    .map_err(|_| r.corrupt("a value is too large for its type"))?,
                None => return Err(r.corrupt("a value is not a numeric")),
            }
        }
        return Ok(builder.finish());
    }
    for length in lengths {
        let bytes = r.take(length)?;
        let fits = match ty {
            Type::Text | Type::Varchar(_) | Type::Name | Type::Char(_) | Type::Json => {
                std::str::from_utf8(bytes).is_ok()
            }
            Type::Uuid => bytes.len() == 16,
            Type::Jsonb => Jsonb::from_bytes(bytes).is_ok(),
            Type::Array(element) => Array::decode(bytes, element.ty()).is_ok(),
            Type::Other(kind, modifier) => kind.holds(bytes, modifier),
            Type::Vector(Some(n)) => bytes.len() == 4 * usize::from(n),
            Type::Vector(None) => bytes.len() % 4 == 0,
            _ => true,
        };
        check(r, fits, ty)?;
        builder.push_bytes(bytes);
    }
    Ok(builder.finish())
}

/// Begins an array among single values.
pub(super) const ARRAY_TAG: u8 = tag::ARRAY;

/// Tags of single values. Persisted, do not renumber.
mod tag {
    pub const NULL: u8 = 0;
    pub const FALSE: u8 = 1;
    pub const TRUE: u8 = 2;
    pub const INT2: u8 = 3;
    pub const INT4: u8 = 4;
    pub const INT8: u8 = 5;
    pub const FLOAT4: u8 = 6;
    pub const FLOAT8: u8 = 7;
    pub const NUMERIC: u8 = 8;
    pub const TEXT: u8 = 9;
    pub const BYTEA: u8 = 10;
    pub const DATE: u8 = 11;
    pub const TIMESTAMP: u8 = 12;
    pub const TIMESTAMPTZ: u8 = 13;
    pub const INTERVAL: u8 = 14;
    pub const VECTOR: u8 = 15;
    pub const BIG_NUMERIC: u8 = 16;
    pub const CHAR: u8 = 17;
    pub const UUID: u8 = 18;
    pub const TIME: u8 = 19;
    pub const JSON: u8 = 20;
    pub const JSONB: u8 = 21;
    pub const ARRAY: u8 = 22;
    pub const ENUM: u8 = 23;
    pub const OTHER: u8 = 24;
}

/// Appends one value with its type: a tag, then integers, dates and times as zigzag varints, floats and numerics
/// ([`Decimal::pack`]) little-endian, intervals as in a column, values of enum types with the type's number as a varint, the rest with a varint length (of a vector: its
/// elements). `5::bigint` is `05 0a`, `'ab'` is `09 02 61 62`.
pub fn encode_value(out: &mut Vec<u8>, value: &Value) {
    let mut integer = |tag: u8, v: i64| {
        out.push(tag);
        put_varint(out, zigzag(v));
    };
    match value {
        Value::Null => out.push(tag::NULL),
        Value::Bool(v) => out.push(if *v { tag::TRUE } else { tag::FALSE }),
        Value::Int2(v) => integer(tag::INT2, (*v).into()),
        Value::Int4(v) => integer(tag::INT4, (*v).into()),
        Value::Int8(v) => integer(tag::INT8, *v),
        Value::Date(v) => integer(tag::DATE, (*v).into()),
        Value::Timestamp(v) => integer(tag::TIMESTAMP, *v),
        Value::Timestamptz(v) => integer(tag::TIMESTAMPTZ, *v),
        Value::Float4(v) => {
            out.push(tag::FLOAT4);
            out.extend_from_slice(&v.to_le_bytes());
        }
        Value::Float8(v) => {
            out.push(tag::FLOAT8);
            out.extend_from_slice(&v.to_le_bytes());
        }
        Value::Numeric(Numeric::Decimal(v)) => {
            out.push(tag::NUMERIC);
            out.extend_from_slice(&v.pack().to_le_bytes());
        }
        Value::Numeric(v) => {
            let mut bytes = Vec::new();
            v.encode(&mut bytes);
            out.push(tag::BIG_NUMERIC);
            put_bytes(out, &bytes);
        }
        Value::Text(v) => {
            out.push(tag::TEXT);
            put_bytes(out, v.as_bytes());
        }
        Value::Char(v) => {
            out.push(tag::CHAR);
            put_bytes(out, v.as_bytes());
        }
        Value::Other(kind, v) => {
            out.extend([tag::OTHER, *kind as u8]);
            put_bytes(out, v);
        }
        Value::Json(v) => {
            out.push(tag::JSON);
            put_bytes(out, v.as_bytes());
        }
        Value::Jsonb(v) => {
            out.push(tag::JSONB);
            put_bytes(out, v.as_bytes());
        }
        Value::Uuid(v) => {
            out.push(tag::UUID);
            out.extend_from_slice(v);
        }
        Value::Time(v) => integer(tag::TIME, *v),
        Value::Enum(of, place) => {
            out.push(tag::ENUM);
            put_varint(out, u64::from(*of));
            put_bytes(out, place);
        }
        Value::Array(v) => {
            let mut bytes = Vec::new();
            v.encode(&mut bytes);
            out.push(tag::ARRAY);
            out.extend_from_slice(&Type::Array(Element::of(v.element())).tag());
            put_bytes(out, &bytes);
        }
        Value::Bytea(v) => {
            out.push(tag::BYTEA);
            put_bytes(out, v);
        }
        Value::Interval(v) => {
            out.push(tag::INTERVAL);
            encode_interval(out, v);
        }
        Value::Vector(v) => {
            out.push(tag::VECTOR);
            put_varint(out, v.len() as u64);
            out.extend(v.iter().flat_map(|x| x.to_le_bytes()));
        }
        // The catalog, which this is for, has none.
        Value::Blob(_) => out.push(tag::NULL),
    }
}

/// Reads what [`encode_value`] wrote.
pub fn decode_value(r: &mut Reader<'_>) -> Result<Value> {
    Ok(match r.u8()? {
        tag::NULL => Value::Null,
        tag::FALSE => Value::Bool(false),
        tag::TRUE => Value::Bool(true),
        tag::INT2 => Value::Int2(decode_integer(r)?),
        tag::INT4 => Value::Int4(decode_integer(r)?),
        tag::INT8 => Value::Int8(decode_integer(r)?),
        tag::FLOAT4 => Value::Float4(r.f32()?),
        tag::FLOAT8 => Value::Float8(r.f64()?),
        tag::NUMERIC => {
            let packed = r.i128()?;
            let d = Decimal::unpack(packed);
            check(r, Decimal::new(d.mantissa, d.scale).is_some(), Type::Numeric(None))?;
            Value::Numeric(d.into())
        }
        tag::BIG_NUMERIC => match Numeric::decode(r.bytes()?) {
            Some(n) => Value::Numeric(n),
            None => return Err(r.corrupt("a value is not a numeric")),
        },
        tag::TEXT => Value::Text(r.str()?.to_string()),
        tag::CHAR => Value::Char(r.str()?.to_string()),
        tag::JSON => Value::Json(r.str()?.to_string()),
        tag::JSONB => Value::Jsonb(Jsonb::from_bytes(r.bytes()?)?),
        tag::UUID => Value::Uuid(r.take(16)?.try_into().unwrap_or_default()),
        tag::TIME => Value::Time(decode_integer(r)?),
        tag::ENUM => {
            let of = r.varint()?;
            check(r, of < u64::from(Type::ENUMS), Type::Enum(0))?;
            Value::Enum(of as u32, r.bytes()?.into())
        }
        tag::OTHER => {
            let Some(kind) = Kind::of_number(r.u8()?) else {
                return Err(r.corrupt("a value is of an unknown type"));
            };
            let bytes = r.bytes()?;
            if !kind.holds(bytes, 0) {
                return Err(r.corrupt(format_args!("a value is no {}", kind.described().name)));
            }
            Value::Other(kind, bytes.into())
        }
        tag::ARRAY => {
            let ty = r.take(4)?.try_into().ok().and_then(Type::of_tag);
            let Some(Type::Array(element)) = ty else {
                return Err(r.corrupt("an array has elements of an unknown type"));
            };
            Value::Array(Box::new(Array::decode(r.bytes()?, element.ty())?))
        }
        tag::BYTEA => Value::Bytea(r.bytes()?.to_vec()),
        tag::DATE => Value::Date(decode_integer(r)?),
        tag::TIMESTAMP => Value::Timestamp(decode_integer(r)?),
        tag::TIMESTAMPTZ => Value::Timestamptz(decode_integer(r)?),
        tag::INTERVAL => Value::Interval(Interval { months: r.i32()?, days: r.i32()?, micros: r.i64()? }),
        tag::VECTOR => {
            let n = r.count(4)?;
            Value::Vector(super::column::floats(r.take(4 * n)?).collect())
        }
        other => return Err(r.corrupt(format_args!("{other} is not a tag of a value"))),
    })
}

fn decode_integer<T: TryFrom<i64>>(r: &mut Reader<'_>) -> Result<T> {
    let v = unzigzag(r.varint()?);
    T::try_from(v).map_err(|_| r.corrupt(format_args!("{v} is too large for its type")))
}
