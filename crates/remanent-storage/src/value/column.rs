//! Vectors of values, laid out as Arrow lays them out, and batches of them.
//!
//! A [`Column`] is flat (one value a row), constant (one value for all rows) or a
//! dictionary (one code a row). NULLs are a validity bitmap beside the data; the data
//! under a NULL is unspecified (zero when built here) and is never looked at.
//!
//! ```
//! use remanent_storage::value::{Column, Type, Value};
//! let c = Column::from_values(Type::Int8, [Value::Int8(7), Value::Null]).unwrap();
//! assert_eq!(c.len(), 2);
//! assert!(c.value(1).is_null());
//! ```

use super::{Bitmap, Buffer, Decimal, Interval, Physical, Type, Value};
use crate::error::{Error, Result};
use std::sync::Arc;

/// How many rows an operator hands on at most.
pub const BATCH_ROWS: usize = 2048;

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
    /// text, bytea, vector
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

/// Byte strings as 16-byte views, the layout of Arrow's BinaryView: the low 32 bits are the
/// length; up to 12 bytes follow inline, longer ones have a 4-byte prefix, a buffer number and
/// an offset.
#[derive(Debug, Clone)]
pub struct Views {
    /// One view a row.
    pub views: Buffer<u128>,
    /// What long views point into.
    pub buffers: Arc<Vec<Buffer<u8>>>,
}

impl Views {
    /// The bytes of row `i`.
    pub fn get(&self, i: usize) -> &[u8] {
        let view = &self.views[i];
        let len = *view as u32 as usize;
        if len <= 12 {
            inline(view, len)
        } else {
            let (buffer, offset) = ((*view >> 64) as u32 as usize, (*view >> 96) as u32 as usize);
            &self.buffers[buffer][offset..offset + len]
        }
    }
}

/// The view of `bytes`, which lie in buffer `buffer` at `offset` where they are longer than 12.
pub fn view_of(bytes: &[u8], buffer: u32, offset: u32) -> u128 {
    let mut view = [0u8; 16];
    view[..4].copy_from_slice(&(bytes.len() as u32).to_le_bytes());
    if bytes.len() <= 12 {
        view[4..4 + bytes.len()].copy_from_slice(bytes);
    } else {
        view[4..8].copy_from_slice(&bytes[..4]);
        view[8..12].copy_from_slice(&buffer.to_le_bytes());
        view[12..].copy_from_slice(&offset.to_le_bytes());
    }
    u128::from_le_bytes(view)
}

/// The inline bytes of a short view. Views are little-endian in memory on every target we build for.
#[cfg(target_endian = "little")]
#[allow(unsafe_code, reason = "a view of plain bytes; safe slices of a u128 need a copy per access")]
fn inline(view: &u128, len: usize) -> &[u8] {
    debug_assert!(len <= 12);
    // SAFETY: a u128 is 16 initialised bytes; 4 + len ≤ 16; the borrow keeps the view alive.
    unsafe { std::slice::from_raw_parts(std::ptr::from_ref(view).cast::<u8>().add(4), len.min(12)) }
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
            _ => panic!("column data does not have the layout of {ty}"),
        };
        assert!(validity.as_ref().is_none_or(|v| v.len() == len));
        Column { ty, len, data, validity }
    }

    /// The same value in every row. A value of another layout than the type's is an error.
    pub fn constant(ty: Type, value: &Value, len: usize) -> Result<Self> {
        let mut one = ColumnBuilder::new(ty);
        one.push(value)?;
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
        Column { ty, len, data: ColumnData::Constant(Box::new(one.finish())), validity: None }
    }

    /// Row i is row `codes[i]` of `values`, NULL where `validity` says so.
    pub fn dictionary(codes: Buffer<u32>, values: Arc<Column>, validity: Option<Bitmap>) -> Self {
        assert!(values.is_flat() && codes.iter().all(|&c| (c as usize) < values.len.max(1)));
        Column { ty: values.ty, len: codes.len(), data: ColumnData::Dictionary { codes, values }, validity }
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
            ColumnData::I32(b) => match self.ty {
                Type::Date => Value::Date(b[i]),
                _ => Value::Int4(b[i]),
            },
            ColumnData::I64(b) => match self.ty {
                Type::Timestamp => Value::Timestamp(b[i]),
                Type::Timestamptz => Value::Timestamptz(b[i]),
                Type::Numeric(Some((_, scale))) => Value::Numeric(Decimal { mantissa: b[i].into(), scale }),
                _ => Value::Int8(b[i]),
            },
            ColumnData::I128(b) => Value::Numeric(match self.ty {
                Type::Numeric(Some((_, scale))) => Decimal { mantissa: b[i], scale },
                _ => Decimal::unpack(b[i]),
            }),
            ColumnData::F32(b) => Value::Float4(b[i]),
            ColumnData::F64(b) => Value::Float8(b[i]),
            ColumnData::Interval(b) => Value::Interval(b[i]),
            ColumnData::Bytes(views) => {
                let bytes = views.get(i);
                match self.ty {
                    Type::Text => Value::Text(String::from_utf8_lossy(bytes).into_owned()),
                    Type::Vector(_) => Value::Vector(floats(bytes).collect()),
                    _ => Value::Bytea(bytes.to_vec()),
                }
            }
        }
    }

    /// The bytes of row `i` of a text, bytea or vector column, whatever its shape; empty under a NULL.
    pub fn bytes(&self, i: usize) -> &[u8] {
        assert!(i < self.len);
        match &self.data {
            ColumnData::Bytes(views) => views.get(i),
            ColumnData::Constant(one) => one.bytes(0),
            ColumnData::Dictionary { codes, values } => values.bytes(codes[i] as usize),
            _ => &[],
        }
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
                ColumnData::Bytes(Views { views: v.views.slice(start, len), buffers: Arc::clone(&v.buffers) })
            }
            ColumnData::Constant(one) => ColumnData::Constant(one.clone()),
            ColumnData::Dictionary { codes, values } => {
                ColumnData::Dictionary { codes: codes.slice(start, len), values: Arc::clone(values) }
            }
        };
        Column { ty: self.ty, len, data, validity: self.validity.as_ref().map(|v| v.slice(start, len)) }
    }

    /// The chosen rows in the chosen order, flat (a constant stays constant).
    pub fn gather(&self, rows: &[u32]) -> Self {
        if let ColumnData::Constant(one) = &self.data {
            let data = ColumnData::Constant(one.clone());
            return Column { ty: self.ty, len: rows.len(), data, validity: None };
        }
        fn pick<T: Copy>(from: &[T], rows: &[u32]) -> Buffer<T> {
            rows.iter().map(|&r| from[r as usize]).collect::<Vec<_>>().into()
        }
        let data = match &self.data {
            ColumnData::Bool(b) => ColumnData::Bool(rows.iter().map(|&r| b.get(r as usize)).collect()),
            ColumnData::I16(b) => ColumnData::I16(pick(b, rows)),
            ColumnData::I32(b) => ColumnData::I32(pick(b, rows)),
            ColumnData::I64(b) => ColumnData::I64(pick(b, rows)),
            ColumnData::I128(b) => ColumnData::I128(pick(b, rows)),
            ColumnData::F32(b) => ColumnData::F32(pick(b, rows)),
            ColumnData::F64(b) => ColumnData::F64(pick(b, rows)),
            ColumnData::Interval(b) => ColumnData::Interval(pick(b, rows)),
            ColumnData::Bytes(v) => {
                ColumnData::Bytes(Views { views: pick(&v.views, rows), buffers: Arc::clone(&v.buffers) })
            }
            ColumnData::Dictionary { codes, values } => {
                ColumnData::Dictionary { codes: pick(codes, rows), values: Arc::clone(values) }
            }
            ColumnData::Constant(_) => unreachable!("handled above"),
        };
        let validity = self.validity.as_ref().map(|v| rows.iter().map(|&r| v.get(r as usize)).collect());
        Column { ty: self.ty, len: rows.len(), data, validity }
    }

    /// The same rows with one value a row.
    pub fn flatten(&self) -> Self {
        match &self.data {
            ColumnData::Constant(one) => one.gather(&vec![0; self.len]),
            ColumnData::Dictionary { codes, values } => {
                let mut flat = values.gather(codes);
                if let Some(validity) = &self.validity {
                    flat.validity = Some(validity.clone());
                }
                flat
            }
            _ => self.clone(),
        }
    }

    /// About how many bytes the rows themselves take, whatever else the buffers behind them hold.
    pub fn weight(&self) -> usize {
        let fixed = match self.ty.physical() {
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

/// Builds a flat column value by value.
#[derive(Debug, Clone)]
pub struct ColumnBuilder {
    ty: Type,
    data: Building,
    /// Words of validity bits; None while no row is NULL.
    validity: Option<Vec<bool>>,
    len: usize,
}

#[derive(Debug, Clone)]
enum Building {
    Bool(Vec<bool>),
    I16(Vec<i16>),
    I32(Vec<i32>),
    I64(Vec<i64>),
    I128(Vec<i128>),
    F32(Vec<f32>),
    F64(Vec<f64>),
    Interval(Vec<Interval>),
    Bytes { views: Vec<u128>, done: Vec<Buffer<u8>>, open: Vec<u8> },
}

/// A byte buffer is closed at this size, so that offsets fit and slices do not pin too much.
const VIEW_BUFFER: usize = 1 << 20;

impl ColumnBuilder {
    /// An empty column of that type.
    pub fn new(ty: Type) -> Self {
        let data = match ty.physical() {
            Physical::Bool => Building::Bool(Vec::new()),
            Physical::I16 => Building::I16(Vec::new()),
            Physical::I32 => Building::I32(Vec::new()),
            Physical::I64 => Building::I64(Vec::new()),
            Physical::I128 => Building::I128(Vec::new()),
            Physical::F32 => Building::F32(Vec::new()),
            Physical::F64 => Building::F64(Vec::new()),
            Physical::Interval => Building::Interval(Vec::new()),
            Physical::Bytes => Building::Bytes { views: Vec::new(), done: Vec::new(), open: Vec::new() },
        };
        ColumnBuilder { ty, data, validity: None, len: 0 }
    }

    /// The SQL type.
    pub fn ty(&self) -> Type {
        self.ty
    }

    /// How many rows so far.
    pub fn len(&self) -> usize {
        self.len
    }

    /// True before the first row.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    fn mark(&mut self, valid: bool) {
        if let Some(bits) = &mut self.validity {
            bits.push(valid);
        } else if !valid {
            let mut bits = vec![true; self.len];
            bits.push(false);
            self.validity = Some(bits);
        }
        self.len += 1;
    }

    /// Adds a NULL.
    pub fn push_null(&mut self) {
        match &mut self.data {
            Building::Bool(v) => v.push(false),
            Building::I16(v) => v.push(0),
            Building::I32(v) => v.push(0),
            Building::I64(v) => v.push(0),
            Building::I128(v) => v.push(0),
            Building::F32(v) => v.push(0.0),
            Building::F64(v) => v.push(0.0),
            Building::Interval(v) => v.push(Interval::default()),
            Building::Bytes { views, .. } => views.push(0),
        }
        self.mark(false);
    }

    /// Adds bytes to a text, bytea or vector column.
    pub fn push_bytes(&mut self, bytes: &[u8]) {
        let Building::Bytes { views, done, open } = &mut self.data else {
            panic!("push_bytes on a column of {}", self.ty)
        };
        if bytes.len() <= 12 {
            views.push(view_of(bytes, 0, 0));
        } else {
            if open.len() + bytes.len() > VIEW_BUFFER && !open.is_empty() {
                done.push(std::mem::take(open).into());
            }
            views.push(view_of(bytes, done.len() as u32, open.len() as u32));
            open.extend_from_slice(bytes);
        }
        self.mark(true);
    }

    /// Adds a value of the type's layout; another is an error (casting is the caller's work).
    pub fn push(&mut self, value: &Value) -> Result<()> {
        match (&mut self.data, value) {
            (_, Value::Null) => {
                self.push_null();
                return Ok(());
            }
            (Building::Bool(v), Value::Bool(x)) => v.push(*x),
            (Building::I16(v), Value::Int2(x)) => v.push(*x),
            (Building::I32(v), Value::Int4(x) | Value::Date(x)) => v.push(*x),
            (Building::I64(v), Value::Int8(x) | Value::Timestamp(x) | Value::Timestamptz(x)) => v.push(*x),
            (Building::I64(v), Value::Numeric(d)) => match self.ty {
                Type::Numeric(Some((_, scale))) => {
                    let scaled = d.rescale(scale).and_then(|d| i64::try_from(d.mantissa).ok());
                    v.push(scaled.ok_or_else(|| mismatch(self.ty, value))?);
                }
                _ => return Err(mismatch(self.ty, value)),
            },
            (Building::I128(v), Value::Numeric(d)) => v.push(match self.ty {
                Type::Numeric(Some((_, scale))) => {
                    d.rescale(scale).ok_or_else(|| mismatch(self.ty, value))?.mantissa
                }
                _ => d.pack(),
            }),
            (Building::F32(v), Value::Float4(x)) => v.push(*x),
            (Building::F64(v), Value::Float8(x)) => v.push(*x),
            (Building::Interval(v), Value::Interval(x)) => v.push(*x),
            (Building::Bytes { .. }, Value::Text(x)) if self.ty == Type::Text => {
                self.push_bytes(x.as_bytes());
                return Ok(());
            }
            (Building::Bytes { .. }, Value::Bytea(x)) if self.ty == Type::Bytea => {
                self.push_bytes(x);
                return Ok(());
            }
            (Building::Bytes { .. }, Value::Vector(x)) if matches!(self.ty, Type::Vector(_)) => {
                let bytes: Vec<u8> = x.iter().flat_map(|f| f.to_le_bytes()).collect();
                self.push_bytes(&bytes);
                return Ok(());
            }
            _ => return Err(mismatch(self.ty, value)),
        }
        self.mark(true);
        Ok(())
    }

    /// Adds rows `rows` of a column of the same layout, or all of them.
    pub fn append(&mut self, column: &Column, rows: Option<&[u32]>) {
        assert_eq!(self.ty.physical(), column.ty.physical());
        let gathered;
        let flat = match (rows, column.is_flat()) {
            (None, true) => column,
            (None, false) => {
                gathered = column.flatten();
                &gathered
            }
            (Some(rows), _) => {
                gathered = column.gather(rows).flatten();
                &gathered
            }
        };
        let added = flat.len;
        match (&mut self.data, &flat.data) {
            (Building::Bool(v), ColumnData::Bool(b)) => v.extend(b.iter()),
            (Building::I16(v), ColumnData::I16(b)) => v.extend_from_slice(b),
            (Building::I32(v), ColumnData::I32(b)) => v.extend_from_slice(b),
            (Building::I64(v), ColumnData::I64(b)) => v.extend_from_slice(b),
            (Building::I128(v), ColumnData::I128(b)) => v.extend_from_slice(b),
            (Building::F32(v), ColumnData::F32(b)) => v.extend_from_slice(b),
            (Building::F64(v), ColumnData::F64(b)) => v.extend_from_slice(b),
            (Building::Interval(v), ColumnData::Interval(b)) => v.extend_from_slice(b),
            (Building::Bytes { .. }, ColumnData::Bytes(b)) => {
                for i in 0..added {
                    if flat.is_valid(i) {
                        self.push_bytes(b.get(i));
                    } else {
                        self.push_null();
                    }
                }
                return;
            }
            _ => unreachable!("layouts were compared above"),
        }
        match (&mut self.validity, &flat.validity) {
            (Some(bits), Some(more)) => bits.extend(more.iter()),
            (Some(bits), None) => bits.extend(std::iter::repeat_n(true, added)),
            (None, Some(more)) => {
                let mut bits = vec![true; self.len];
                bits.extend(more.iter());
                self.validity = Some(bits);
            }
            (None, None) => {}
        }
        self.len += added;
    }

    /// Drops rows from the end until `len` are left.
    pub fn truncate(&mut self, len: usize) {
        if len >= self.len {
            return;
        }
        match &mut self.data {
            Building::Bool(v) => v.truncate(len),
            Building::I16(v) => v.truncate(len),
            Building::I32(v) => v.truncate(len),
            Building::I64(v) => v.truncate(len),
            Building::I128(v) => v.truncate(len),
            Building::F32(v) => v.truncate(len),
            Building::F64(v) => v.truncate(len),
            Building::Interval(v) => v.truncate(len),
            Building::Bytes { views, .. } => views.truncate(len),
        }
        if let Some(bits) = &mut self.validity {
            bits.truncate(len);
        }
        self.len = len;
    }

    /// The rows so far as a column; what was built goes on.
    pub fn snapshot(&self) -> Column {
        self.clone().finish()
    }

    /// The value of row `i`; panics where `i >= len`.
    pub fn value(&self, i: usize) -> Value {
        if self.validity.as_ref().is_some_and(|bits| !bits[i]) {
            return Value::Null;
        }
        match &self.data {
            Building::Bytes { views, done, open } => {
                let view = views[i];
                let len = view as u32 as usize;
                let bytes = if len <= 12 {
                    inline(&views[i], len)
                } else {
                    let (buffer, offset) = ((view >> 64) as u32 as usize, (view >> 96) as u32 as usize);
                    let buffer = done.get(buffer).map_or(open.as_slice(), |b| b.as_slice());
                    &buffer[offset..offset + len]
                };
                match self.ty {
                    Type::Text => Value::Text(String::from_utf8_lossy(bytes).into_owned()),
                    Type::Vector(_) => Value::Vector(floats(bytes).collect()),
                    _ => Value::Bytea(bytes.to_vec()),
                }
            }
            Building::Bool(v) => Value::Bool(v[i]),
            Building::I16(v) => Value::Int2(v[i]),
            Building::I32(v) if self.ty == Type::Date => Value::Date(v[i]),
            Building::I32(v) => Value::Int4(v[i]),
            Building::I64(v) => match self.ty {
                Type::Timestamp => Value::Timestamp(v[i]),
                Type::Timestamptz => Value::Timestamptz(v[i]),
                Type::Numeric(Some((_, scale))) => Value::Numeric(Decimal { mantissa: v[i].into(), scale }),
                _ => Value::Int8(v[i]),
            },
            Building::I128(v) => Value::Numeric(match self.ty {
                Type::Numeric(Some((_, scale))) => Decimal { mantissa: v[i], scale },
                _ => Decimal::unpack(v[i]),
            }),
            Building::F32(v) => Value::Float4(v[i]),
            Building::F64(v) => Value::Float8(v[i]),
            Building::Interval(v) => Value::Interval(v[i]),
        }
    }

    /// The column; the builder is spent.
    pub fn finish(self) -> Column {
        let data = match self.data {
            Building::Bool(v) => ColumnData::Bool(v.into_iter().collect()),
            Building::I16(v) => ColumnData::I16(v.into()),
            Building::I32(v) => ColumnData::I32(v.into()),
            Building::I64(v) => ColumnData::I64(v.into()),
            Building::I128(v) => ColumnData::I128(v.into()),
            Building::F32(v) => ColumnData::F32(v.into()),
            Building::F64(v) => ColumnData::F64(v.into()),
            Building::Interval(v) => ColumnData::Interval(v.into()),
            Building::Bytes { views, mut done, open } => {
                if !open.is_empty() {
                    done.push(open.into());
                }
                ColumnData::Bytes(Views { views: views.into(), buffers: Arc::new(done) })
            }
        };
        let validity = self.validity.map(|bits| bits.into_iter().collect());
        Column { ty: self.ty, len: self.len, data, validity }
    }

    /// Bytes held so far.
    pub fn memory(&self) -> usize {
        let data = match &self.data {
            Building::Bool(v) => v.capacity(),
            Building::I16(v) => v.capacity() * 2,
            Building::I32(v) => v.capacity() * 4,
            Building::I64(v) => v.capacity() * 8,
            Building::I128(v) => v.capacity() * 16,
            Building::F32(v) => v.capacity() * 4,
            Building::F64(v) => v.capacity() * 8,
            Building::Interval(v) => v.capacity() * 16,
            Building::Bytes { views, done, open } => {
                views.capacity() * 16 + open.capacity() + done.iter().map(Buffer::memory).sum::<usize>()
            }
        };
        data + self.validity.as_ref().map_or(0, Vec::capacity)
    }
}

fn mismatch(ty: Type, value: &Value) -> Error {
    let found = value.type_of().map_or("NULL".to_string(), |t| t.to_string());
    Error::internal(format!("a value of {found} does not fit a column of {ty}"))
}

/// Columns of equal length, of which the selected rows count.
#[derive(Debug, Clone)]
pub struct Batch {
    /// The columns; all have `rows` rows.
    pub columns: Vec<Column>,
    /// How many rows each column has (there may be no column).
    pub rows: usize,
    /// The rows that count, ascending; None: all.
    pub selection: Option<Buffer<u32>>,
}

impl Batch {
    /// All rows of equally long columns. `rows` is asked for since there may be no column.
    pub fn new(columns: Vec<Column>, rows: usize) -> Self {
        assert!(columns.iter().all(|c| c.len() == rows));
        Batch { columns, rows, selection: None }
    }

    /// How many rows count.
    pub fn len(&self) -> usize {
        self.selection.as_ref().map_or(self.rows, |s| s.len())
    }

    /// True if no row counts.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The same rows without a selection.
    pub fn compact(&self) -> Self {
        match &self.selection {
            None => self.clone(),
            Some(rows) => Batch::new(self.columns.iter().map(|c| c.gather(rows)).collect(), rows.len()),
        }
    }

    /// Bytes this batch keeps alive.
    pub fn memory(&self) -> usize {
        self.columns.iter().map(Column::memory).sum::<usize>()
            + self.selection.as_ref().map_or(0, Buffer::memory)
    }
}
