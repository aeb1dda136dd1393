//! Vectors of values, laid out as Arrow lays them out, and batches of them.
//!
//! A [`Column`] is flat (one value a row), constant (one value for all rows) or a
//! dictionary (one code a row). NULLs are a validity bitmap beside the data; the data
//! under a NULL is unspecified (zero when built here) and is never looked at.
//!
//! | file | holds |
//! |---|---|
//! | `mod` | [`Column`]: reading, slicing, gathering |
//! | `builder` | [`ColumnBuilder`]: making flat columns |
//! | `views` | [`Views`]: strings in 16 bytes each |
//! | `batch` | [`Batch`]: columns that travel together |
//! | `large` | columns that hold references to large values |
//!
//! ```
//! use remanent_storage::value::{Column, Type, Value};
//! let c = Column::from_values(Type::Int8, [Value::Int8(7), Value::Null]).unwrap();
//! assert_eq!(c.len(), 2);
//! assert!(c.value(1).is_null());
//! ```
//!
//! Columns are immutable and shared: slices and gathered strings point into the buffers of the column
//! they came from and keep them alive. What is kept for long goes through [`Column::compact`].

mod batch;
mod builder;
mod large;
mod views;

pub use batch::Batch;
pub use builder::{ColumnBuilder, VALUE_MAX};
pub use views::{INLINE_MAX, Views, view_of};

use super::blob::{Blob, Blobs, Reference};
use super::{Array, Bitmap, Buffer, Decimal, Interval, Jsonb, Numeric, Physical, Type, Value};
use crate::error::Result;
use std::sync::Arc;

/// How many rows an operator hands on at most.
pub const BATCH_ROWS: usize = 2048;

/// So many bytes that are not needed do no harm.
const COMPACT_SLACK: usize = 1024;

/// A vector of values of one type.
#[derive(Debug, Clone)]
pub struct Column {
    ty: Type,
    len: usize,
    data: ColumnData,
    /// None: no row is NULL.
    validity: Option<Bitmap>,
}

/// The values of a column by their [`Physical`] layout, or indirectly.
#[derive(Debug, Clone)]
pub enum ColumnData {
    /// One bit each.
    Bool(Bitmap),
    /// smallint
    I16(Buffer<i16>),
    /// integer, date
    I32(Buffer<i32>),
    /// bigint, timestamps, short numerics
    I64(Buffer<i64>),
    /// long numerics
    I128(Buffer<i128>),
    /// real
    F32(Buffer<f32>),
    /// double precision
    F64(Buffer<f64>),
    /// interval
    Interval(Buffer<Interval>),
    /// text, bytea, vector; numerics of which some do not fit the type's layout ([`Numeric::encode`])
    Bytes(Views),
    /// The one row of that flat column, for every row. NULL is in the inner column.
    Constant(Box<Column>),
    /// Row i is row `codes[i]` of the flat `values`; NULLs are in the outer column's validity.
    Dictionary {
        /// One code a row; under a NULL, any valid code.
        codes: Buffer<u32>,
        /// The distinct values.
        values: Arc<Column>,
    },
}

impl Column {
    /// A flat column. Panics where the data is not of the type's layout, or the lengths differ.
    pub fn flat(ty: Type, data: ColumnData, validity: Option<Bitmap>) -> Self {
        let len = match (&data, ty.physical()) {
            (ColumnData::Bool(b), Physical::Bool) => b.len(),
            (ColumnData::I16(b), Physical::I16) => b.len(),
            (ColumnData::I32(b), Physical::I32) => b.len(),
            (ColumnData::I64(b), Physical::I64) => b.len(),
            (ColumnData::I128(b), Physical::I128) => b.len(),
            (ColumnData::F32(b), Physical::F32) => b.len(),
            (ColumnData::F64(b), Physical::F64) => b.len(),
            (ColumnData::Interval(b), Physical::Interval) => b.len(),
            (ColumnData::Bytes(v), Physical::Bytes) => v.views.len(),
            (ColumnData::Bytes(v), _) if matches!(ty, Type::Numeric(_)) => v.views.len(),
            _ => panic!("column data does not have the layout of {ty}"),
        };
        assert!(validity.as_ref().is_none_or(|v| v.len() == len));
        let ty = ty.plain();
        Column { ty, len, data, validity }
    }

    /// The same value in every row. A value of another layout than the type's is an error.
    pub fn constant(ty: Type, value: &Value, len: usize) -> Result<Self> {
        let mut one = ColumnBuilder::new(ty);
        one.push(value)?;
        let ty = ty.plain();
        Ok(Column { ty, len, data: ColumnData::Constant(Box::new(one.finish())), validity: None })
    }

    /// The one row of this flat column, `len` times. Panics where there is not exactly one.
    pub fn repeat(self, len: usize) -> Self {
        assert!(self.is_flat() && self.len == 1);
        Column { ty: self.ty, len, data: ColumnData::Constant(Box::new(self)), validity: None }
    }

    /// NULL in every row.
    pub fn null(ty: Type, len: usize) -> Self {
        let mut one = ColumnBuilder::new(ty);
        one.push_null();
        let ty = ty.plain();
        Column { ty, len, data: ColumnData::Constant(Box::new(one.finish())), validity: None }
    }

    /// Row i is row `codes[i]` of the flat `values`, NULL where `validity` or the value says so. Panics where a
    /// code of a row that is not NULL lies outside of `values`.
    pub fn dictionary(codes: Buffer<u32>, values: Arc<Column>, validity: Option<Bitmap>) -> Self {
        assert!(values.is_flat() && validity.as_ref().is_none_or(|v| v.len() == codes.len()));
        if values.is_empty() {
            assert!(validity.map_or(0, |v| v.count_ones()) == 0 || codes.is_empty());
            return Column::null(values.ty, codes.len());
        }
        assert!(codes.iter().all(|&c| (c as usize) < values.len));
        let (ty, len) = (values.ty, codes.len());
        let Some(inner) = &values.validity else {
            return Column { ty, len, data: ColumnData::Dictionary { codes, values }, validity };
        };
        let both = codes
            .iter()
            .enumerate()
            .map(|(i, &code)| inner.get(code as usize) && validity.as_ref().is_none_or(|v| v.get(i)));
        let validity = Some(both.collect());
        let values = Arc::new(Column { validity: None, ..values.as_ref().clone() });
        Column { ty, len, data: ColumnData::Dictionary { codes, values }, validity }
    }

    /// From values, each of the type's layout.
    pub fn from_values(ty: Type, values: impl IntoIterator<Item = Value>) -> Result<Self> {
        let mut builder = ColumnBuilder::new(ty);
        for value in values {
            builder.push(&value)?;
        }
        Ok(builder.finish())
    }

    /// The SQL type.
    pub fn ty(&self) -> Type {
        self.ty
    }

    /// The same data seen as another type of the same layout.
    pub fn with_type(mut self, ty: Type) -> Self {
        assert_eq!(ty.physical(), self.ty.physical());
        let ty = ty.plain();
        match &mut self.data {
            ColumnData::Constant(one) => one.ty = ty,
            ColumnData::Dictionary { values, .. } => Arc::make_mut(values).ty = ty,
            _ => {}
        }
        self.ty = ty;
        self
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        self.len
    }

    /// True if there is no row.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The data.
    pub fn data(&self) -> &ColumnData {
        &self.data
    }

    /// The validity bitmap of the outer layer; None: no row is NULL here (a constant may still be).
    pub fn validity(&self) -> Option<&Bitmap> {
        self.validity.as_ref()
    }

    /// True for numerics that are kept as bytes, since the type's layout does not hold all of them.
    pub fn is_wide(&self) -> bool {
        match &self.data {
            ColumnData::Bytes(_) => matches!(self.ty, Type::Numeric(_)),
            ColumnData::Constant(one) => one.is_wide(),
            ColumnData::Dictionary { values, .. } => values.is_wide(),
            _ => false,
        }
    }

    /// True for neither constant nor dictionary.
    pub fn is_flat(&self) -> bool {
        !matches!(self.data, ColumnData::Constant(_) | ColumnData::Dictionary { .. })
    }

    /// The one-row column behind a constant column.
    pub fn as_constant(&self) -> Option<&Column> {
        match &self.data {
            ColumnData::Constant(one) => Some(one),
            _ => None,
        }
    }

    /// True if row `i` is not NULL.
    pub fn is_valid(&self, i: usize) -> bool {
        assert!(i < self.len);
        match &self.data {
            ColumnData::Constant(one) => one.is_valid(0),
            _ => self.validity.as_ref().is_none_or(|v| v.get(i)),
        }
    }

    /// How many rows are NULL.
    pub fn null_count(&self) -> usize {
        match (&self.data, &self.validity) {
            (ColumnData::Constant(one), _) => one.null_count() * self.len,
            (_, Some(validity)) => self.len - validity.count_ones(),
            (_, None) => 0,
        }
    }

    /// The value of row `i`; panics where `i >= len`.
    pub fn value(&self, i: usize) -> Value {
        if !self.is_valid(i) {
            return Value::Null;
        }
        match &self.data {
            ColumnData::Constant(one) => one.value(0),
            ColumnData::Dictionary { codes, values } => values.value(codes[i] as usize),
            ColumnData::Bool(b) => Value::Bool(b.get(i)),
            ColumnData::I16(b) => Value::Int2(b[i]),
            ColumnData::I32(b) => i32_value(self.ty, b[i]),
            ColumnData::I64(b) => i64_value(self.ty, b[i]),
            ColumnData::I128(b) => i128_value(self.ty, b[i]),
            ColumnData::F32(b) => Value::Float4(b[i]),
            ColumnData::F64(b) => Value::Float8(b[i]),
            ColumnData::Interval(b) => Value::Interval(b[i]),
            ColumnData::Bytes(views) => stored_value(self.ty, views.get(i), views.blobs.as_ref()),
        }
    }

    /// The same rows as bytes that sort, and are equal, as the values are; the column itself where it is so already, or is
    /// not made of bytes.
    pub fn sortable(&self) -> Column {
        if self.ty.physical() != Physical::Bytes || self.ty.is_bytewise() {
            return self.clone();
        }
        if let ColumnData::Dictionary { codes, values } = &self.data {
            let values = Arc::new(values.sortable());
            return Column {
                ty: Type::Bytea,
                data: ColumnData::Dictionary { codes: codes.clone(), values },
                ..self.clone()
            };
        }
        if let ColumnData::Constant(one) = &self.data {
            let one = Box::new(one.sortable());
            return Column { ty: Type::Bytea, data: ColumnData::Constant(one), ..self.clone() };
        }
        let mut out = ColumnBuilder::with_capacity(Type::Bytea, self.len);
        let mut key = Vec::new();
        for i in 0..self.len {
            key.clear();
            match self.is_valid(i) {
                true => {
                    super::key::encode_column_row(&mut key, self, i);
                    out.push_bytes(&key);
                }
                false => out.push_null(),
            }
        }
        out.finish()
    }

    /// All values in order.
    pub fn values(&self) -> impl Iterator<Item = Value> + '_ {
        (0..self.len).map(|i| self.value(i))
    }

    /// The bytes of row `i` of a column that is laid out as bytes, whatever its shape; empty under a NULL.
    pub fn bytes(&self, i: usize) -> &[u8] {
        if !self.is_valid(i) {
            return &[];
        }
        match &self.data {
            ColumnData::Bytes(views) => views.get(i),
            ColumnData::Constant(one) => one.bytes(0),
            ColumnData::Dictionary { codes, values } => values.bytes(codes[i] as usize),
            _ => &[],
        }
    }

    /// The text of row `i` of a text column, whatever its shape; empty under a NULL.
    pub fn str(&self, i: usize) -> &str {
        // Whoever fills a text column has checked that it is UTF-8.
        std::str::from_utf8(self.bytes(i)).unwrap_or("\u{fffd}")
    }

    /// Rows `[start, start + len)`; copies nothing.
    pub fn slice(&self, start: usize, len: usize) -> Self {
        assert!(start.checked_add(len).is_some_and(|end| end <= self.len));
        let data = match &self.data {
            ColumnData::Bool(b) => ColumnData::Bool(b.slice(start, len)),
            ColumnData::I16(b) => ColumnData::I16(b.slice(start, len)),
            ColumnData::I32(b) => ColumnData::I32(b.slice(start, len)),
            ColumnData::I64(b) => ColumnData::I64(b.slice(start, len)),
            ColumnData::I128(b) => ColumnData::I128(b.slice(start, len)),
            ColumnData::F32(b) => ColumnData::F32(b.slice(start, len)),
            ColumnData::F64(b) => ColumnData::F64(b.slice(start, len)),
            ColumnData::Interval(b) => ColumnData::Interval(b.slice(start, len)),
            ColumnData::Bytes(v) => {
                ColumnData::Bytes(Views { views: v.views.slice(start, len), ..v.clone() })
            }
            ColumnData::Constant(one) => ColumnData::Constant(one.clone()),
            ColumnData::Dictionary { codes, values } => {
                ColumnData::Dictionary { codes: codes.slice(start, len), values: Arc::clone(values) }
            }
        };
        Column { ty: self.ty, len, data, validity: self.validity.as_ref().map(|v| v.slice(start, len)) }
    }

    /// The chosen rows in the chosen order (a constant stays constant, a dictionary a dictionary). Panics where there
    /// is no such row.
    pub fn gather(&self, rows: &[u32]) -> Self {
        fn pick<T: Copy>(from: &[T], rows: &[u32]) -> Buffer<T> {
            rows.iter().map(|&r| from[r as usize]).collect::<Vec<_>>().into()
        }
        let data = match &self.data {
            ColumnData::Bool(b) => ColumnData::Bool(b.gather(rows)),
            ColumnData::I16(b) => ColumnData::I16(pick(b, rows)),
            ColumnData::I32(b) => ColumnData::I32(pick(b, rows)),
            ColumnData::I64(b) => ColumnData::I64(pick(b, rows)),
            ColumnData::I128(b) => ColumnData::I128(pick(b, rows)),
            ColumnData::F32(b) => ColumnData::F32(pick(b, rows)),
            ColumnData::F64(b) => ColumnData::F64(pick(b, rows)),
            ColumnData::Interval(b) => ColumnData::Interval(pick(b, rows)),
            ColumnData::Bytes(v) => ColumnData::Bytes(Views { views: pick(&v.views, rows), ..v.clone() }),
            ColumnData::Dictionary { codes, values } => {
                ColumnData::Dictionary { codes: pick(codes, rows), values: Arc::clone(values) }
            }
            ColumnData::Constant(one) => {
                assert!(rows.iter().all(|&r| (r as usize) < self.len));
                ColumnData::Constant(one.clone())
            }
        };
        let validity = self.validity.as_ref().map(|v| v.gather(rows));
        Column { ty: self.ty, len: rows.len(), data, validity }
    }

    /// The same rows with one value a row.
    pub fn flatten(&self) -> Self {
        match &self.data {
            ColumnData::Constant(one) => one.spread(self.len),
            ColumnData::Dictionary { codes, values } => {
                Column { validity: self.validity.clone(), ..values.gather(codes) }
            }
            _ => self.clone(),
        }
    }

    /// The one row of this flat column in `len` rows, flat.
    fn spread(&self, len: usize) -> Self {
        fn fill<T: Copy>(from: &[T], len: usize) -> Buffer<T> {
            from.first().map_or(Vec::new(), |&v| vec![v; len]).into()
        }
        let data = match &self.data {
            ColumnData::Bool(b) => ColumnData::Bool(Bitmap::filled(len, b.get(0))),
            ColumnData::I16(b) => ColumnData::I16(fill(b, len)),
            ColumnData::I32(b) => ColumnData::I32(fill(b, len)),
            ColumnData::I64(b) => ColumnData::I64(fill(b, len)),
            ColumnData::I128(b) => ColumnData::I128(fill(b, len)),
            ColumnData::F32(b) => ColumnData::F32(fill(b, len)),
            ColumnData::F64(b) => ColumnData::F64(fill(b, len)),
            ColumnData::Interval(b) => ColumnData::Interval(fill(b, len)),
            ColumnData::Bytes(v) => ColumnData::Bytes(Views { views: fill(&v.views, len), ..v.clone() }),
            ColumnData::Constant(_) | ColumnData::Dictionary { .. } => {
                unreachable!("a constant's row is flat")
            }
        };
        let validity = self.validity.as_ref().map(|v| Bitmap::filled(len, v.get(0)));
        Column { ty: self.ty, len, data, validity }
    }

    /// The rows of all columns one after the other, flat; one column alone stays as it is. All are of the layout of
    /// `ty`.
    pub fn concat(ty: Type, columns: &[Column]) -> Self {
        if let [only] = columns {
            return only.clone().with_type(ty);
        }
        let mut builder = ColumnBuilder::with_capacity(ty, columns.iter().map(Column::len).sum());
        for column in columns {
            builder.append(column, None);
        }
        builder.finish()
    }

    /// The same rows in buffers of their own, where the present ones are much larger than the rows need: so a
    /// slice or a gathered column can be kept without keeping what it came from.
    pub fn compact(&self) -> Self {
        let needed = match &self.data {
            ColumnData::Constant(one) => {
                return Column { data: ColumnData::Constant(Box::new(one.compact())), ..self.clone() };
            }
            ColumnData::Dictionary { codes, values } => {
                if values.len > 2 * self.len {
                    return self.flatten().compact();
                }
                codes.len() * 4 + values.memory()
            }
            ColumnData::Bytes(v) => v.views.len() * 16 + v.long_bytes(),
            ColumnData::Bool(b) => b.len() / 8,
            _ => self.weight(),
        };
        let validity = self.validity.as_ref().map_or(0, |v| v.len() / 8);
        if self.memory() <= 2 * (needed + validity) + COMPACT_SLACK {
            return self.clone();
        }
        match &self.data {
            ColumnData::Dictionary { codes, values } => Column {
                data: ColumnData::Dictionary { codes: codes.to_vec().into(), values: Arc::clone(values) },
                validity: self.validity.as_ref().map(Bitmap::compact),
                ..self.clone()
            },
            _ => {
                let mut builder = ColumnBuilder::with_capacity(self.ty, self.len);
                builder.append(self, None);
                builder.finish_tight()
            }
        }
    }

    /// About how many bytes the rows themselves take, whatever else the buffers behind them hold.
    pub fn weight(&self) -> usize {
        let fixed = match self.ty.physical() {
            _ if self.is_wide() => return (0..self.len).map(|i| 16 + self.bytes(i).len()).sum(),
            Physical::Bool => 1,
            Physical::I16 => 2,
            Physical::I32 | Physical::F32 => 4,
            Physical::I64 | Physical::F64 => 8,
            Physical::I128 | Physical::Interval => 16,
            Physical::Bytes => return (0..self.len).map(|i| 16 + self.bytes(i).len()).sum(),
        };
        fixed * self.len
    }

    /// Bytes this column keeps alive.
    pub fn memory(&self) -> usize {
        let data = match &self.data {
            ColumnData::Bool(b) => b.memory(),
            ColumnData::I16(b) => b.memory(),
            ColumnData::I32(b) => b.memory(),
            ColumnData::I64(b) => b.memory(),
            ColumnData::I128(b) => b.memory(),
            ColumnData::F32(b) => b.memory(),
            ColumnData::F64(b) => b.memory(),
            ColumnData::Interval(b) => b.memory(),
            ColumnData::Bytes(v) => v.views.memory() + v.buffers.iter().map(Buffer::memory).sum::<usize>(),
            ColumnData::Constant(one) => one.memory(),
            ColumnData::Dictionary { codes, values } => codes.memory() + values.memory(),
        };
        size_of::<Column>() + data + self.validity.as_ref().map_or(0, Bitmap::memory)
    }
}

/// The floats of a vector's bytes.
pub fn floats(bytes: &[u8]) -> impl Iterator<Item = f32> + '_ {
    bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
}

fn i32_value(ty: Type, v: i32) -> Value {
    match ty {
        Type::Date => Value::Date(v),
        _ => Value::Int4(v),
    }
}

fn i64_value(ty: Type, v: i64) -> Value {
    match ty {
        Type::Timestamp => Value::Timestamp(v),
        Type::Timestamptz => Value::Timestamptz(v),
        Type::Time => Value::Time(v),
        _ => match ty.fixed_scale() {
            Some(scale) => Value::Numeric(Numeric::Decimal(Decimal { mantissa: v.into(), scale })),
            None => Value::Int8(v),
        },
    }
}

fn i128_value(ty: Type, v: i128) -> Value {
    Value::Numeric(Numeric::Decimal(match ty.fixed_scale() {
        Some(scale) => Decimal { mantissa: v, scale },
        None => Decimal::unpack(v),
    }))
}

/// The value of stored bytes: where `blobs` can read large ones, a reference is a handle on one.
fn stored_value(ty: Type, bytes: &[u8], blobs: Option<&Blobs>) -> Value {
    match (blobs, blobs.map(|_| Reference::decode(bytes))) {
        (Some(blobs), Some(Ok(Some(reference)))) => Value::Blob(Blob::stored(ty, blobs.clone(), reference)),
        _ => bytes_value(ty, bytes),
    }
}

pub(crate) fn bytes_value(ty: Type, bytes: &[u8]) -> Value {
    match ty {
        Type::Text | Type::Varchar(_) | Type::Name => {
            Value::Text(String::from_utf8_lossy(bytes).into_owned())
        }
        Type::Char(_) => Value::Char(String::from_utf8_lossy(bytes).into_owned()),
        Type::Json => Value::Json(String::from_utf8_lossy(bytes).into_owned()),
        Type::Jsonb => Value::Jsonb(Jsonb::trusted(bytes)),
        Type::Uuid => Value::Uuid(bytes.try_into().unwrap_or_default()),
        Type::Enum(of) => Value::Enum(of, bytes.into()),
        Type::Other(kind, _) => Value::Other(kind, bytes.into()),
        Type::Array(element) => {
            let element = element.ty();
            Value::Array(Box::new(Array::decode(bytes, element).unwrap_or_else(|_| Array::empty(element))))
        }
        Type::Vector(_) => Value::Vector(floats(bytes).collect()),
        // Whoever fills a column has checked what it holds.
        Type::Numeric(_) => Value::Numeric(Numeric::decode(bytes).unwrap_or(Numeric::NaN)),
        _ => Value::Bytea(bytes.to_vec()),
    }
}
