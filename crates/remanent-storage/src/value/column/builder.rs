//! Builds a flat column value by value, or from parts of other columns.

use super::views::{INLINE_MAX, Views, inline, place, view_of};
use super::{Column, ColumnData, i32_value, i64_value, i128_value, stored_value};
use crate::error::{Error, Result, state};
use crate::value::bitmap::BitmapBuilder;
use crate::value::blob::{Blob, Blobs, Content, Reference};
use crate::value::numeric::PACKED_LEN;
use crate::value::{Bitmap, Buffer, Interval, Numeric, Physical, Type, Value};
use std::sync::Arc;

/// Builds a flat column value by value.
#[derive(Debug, Clone)]
pub struct ColumnBuilder {
    ty: Type,
    data: Building,
    /// None while no row is NULL.
    validity: Option<BitmapBuilder>,
    len: usize,
}

#[derive(Debug, Clone)]
enum Building {
    Bool(BitmapBuilder),
    I16(Vec<i16>),
    I32(Vec<i32>),
    I64(Vec<i64>),
    I128(Vec<i128>),
    F32(Vec<f32>),
    F64(Vec<f64>),
    Interval(Vec<Interval>),
    Bytes(Strings),
}

/// Views under construction: `done` buffers, then the `open` one that long strings are added to.
#[derive(Debug, Clone, Default)]
struct Strings {
    views: Vec<u128>,
    done: Vec<Buffer<u8>>,
    open: Vec<u8>,
    /// What reads the references among the rows; None where there are none.
    blobs: Option<Blobs>,
    /// Some value only looks like a reference.
    lookalike: bool,
}

/// A byte buffer is closed at this size, so that offsets fit and slices do not pin too much.
const VIEW_BUFFER: usize = 1 << 20;

/// A text, bytea or vector is at most so long (PostgreSQL's limit for a field).
pub const VALUE_MAX: usize = (1 << 30) - 1;

impl Strings {
    #[inline]
    fn push(&mut self, bytes: &[u8]) {
        if bytes.len() <= INLINE_MAX {
            return self.views.push(view_of(bytes, 0, 0));
        }
        assert!(bytes.len() <= VALUE_MAX, "a value of {} bytes got past its check", bytes.len());
        if self.open.len() + bytes.len() > VIEW_BUFFER && !self.open.is_empty() {
            self.done.push(std::mem::take(&mut self.open).into());
        }
        self.views.push(view_of(bytes, self.done.len() as u32, self.open.len() as u32));
        self.open.extend_from_slice(bytes);
    }

    /// Adds a value that is what it is.
    fn push_plain(&mut self, bytes: &[u8]) -> Result<()> {
        if Reference::is(bytes) {
            self.lookalike = true;
            self.tell_apart()?;
        }
        self.push(bytes);
        Ok(())
    }

    /// Adds a large value: by reference, where it is stored.
    fn push_blob(&mut self, blob: &Blob) -> Result<()> {
        if let Content::Stored(blobs, reference) = blob.stored_content()?
            && self.blobs.as_ref().is_none_or(|own| own.same_store(&blobs))
        {
            match &mut self.blobs {
                Some(own) => own.join(&blobs),
                None => self.blobs = Some(blobs),
            }
            self.tell_apart()?;
            self.push(&reference.encode());
            return Ok(());
        }
        self.push_plain(checked(&blob.load()?)?)
    }

    fn tell_apart(&self) -> Result<()> {
        match self.lookalike && self.blobs.is_some() {
            true => Err(Error::new(
                state::INVALID_PARAMETER_VALUE,
                "a value that looks like a reference to a large value stands in a column with such references",
            )
            .with_hint("Insert it with a statement of its own.")),
            false => Ok(()),
        }
    }

    fn get(&self, i: usize) -> &[u8] {
        let view = &self.views[i];
        match inline(view) {
            Some(bytes) => bytes,
            None => {
                let (buffer, offset, len) = place(*view);
                let buffer = self.done.get(buffer).map_or(self.open.as_slice(), |b| b.as_slice());
                &buffer[offset..offset + len]
            }
        }
    }
}

/// The same expression for the vector of every layout of fixed width.
macro_rules! fixed_width {
    ($data:expr, $v:ident => $do:expr, $other:pat => $otherwise:expr) => {
        match $data {
            Building::I16($v) => $do,
            Building::I32($v) => $do,
            Building::I64($v) => $do,
            Building::I128($v) => $do,
            Building::F32($v) => $do,
            Building::F64($v) => $do,
            Building::Interval($v) => $do,
            $other => $otherwise,
        }
    };
}

macro_rules! push_fixed {
    ($($(#[$doc:meta])* $name:ident: $ty:ty => $layout:ident;)*) => {$(
        $(#[$doc])*
        #[inline]
        pub fn $name(&mut self, v: $ty) {
            match &mut self.data {
                Building::$layout(values) => values.push(v),
                _ => wrong_layout(stringify!($name), self.ty),
            }
            self.mark_valid();
        }
    )*};
}

#[cold]
fn wrong_layout(function: &str, ty: Type) -> ! {
    panic!("{function} on a column of {ty}")
}

impl ColumnBuilder {
    /// An empty column of that type.
    pub fn new(ty: Type) -> Self {
        Self::with_capacity(ty, 0)
    }

    /// An empty column of that type with room for so many rows.
    pub fn with_capacity(ty: Type, rows: usize) -> Self {
        let data = match ty.physical() {
            Physical::Bool => Building::Bool(BitmapBuilder::with_capacity(rows)),
            Physical::I16 => Building::I16(Vec::with_capacity(rows)),
            Physical::I32 => Building::I32(Vec::with_capacity(rows)),
            Physical::I64 => Building::I64(Vec::with_capacity(rows)),
            Physical::I128 => Building::I128(Vec::with_capacity(rows)),
            Physical::F32 => Building::F32(Vec::with_capacity(rows)),
            Physical::F64 => Building::F64(Vec::with_capacity(rows)),
            Physical::Interval => Building::Interval(Vec::with_capacity(rows)),
            Physical::Bytes => {
                Building::Bytes(Strings { views: Vec::with_capacity(rows), ..Strings::default() })
            }
        };
        ColumnBuilder { ty: ty.plain(), data, validity: None, len: 0 }
    }

    /// Makes room for so many more rows.
    pub fn reserve(&mut self, rows: usize) {
        fixed_width!(&mut self.data, v => v.reserve(rows), other => match other {
            Building::Bytes(strings) => strings.views.reserve(rows),
            Building::Bool(bits) => bits.reserve(rows),
            _ => {}
        });
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

    #[inline]
    fn mark_valid(&mut self) {
        if let Some(bits) = &mut self.validity {
            bits.push(true);
        }
        self.len += 1;
    }

    /// Adds a NULL.
    pub fn push_null(&mut self) {
        fixed_width!(&mut self.data, v => v.push(Default::default()), other => match other {
            Building::Bytes(strings) => strings.views.push(0),
            Building::Bool(bits) => bits.push(false),
            _ => {}
        });
        let len = self.len;
        self.validity.get_or_insert_with(|| BitmapBuilder::filled(len, true)).push(false);
        self.len += 1;
    }

    /// Adds a boolean; panics on a column of another layout, as do its siblings.
    #[inline]
    pub fn push_bool(&mut self, v: bool) {
        match &mut self.data {
            Building::Bool(bits) => bits.push(v),
            _ => wrong_layout("push_bool", self.ty),
        }
        self.mark_valid();
    }

    push_fixed! {
        /// Adds a smallint.
        push_i16: i16 => I16;
        /// Adds an integer or a date.
        push_i32: i32 => I32;
        /// Adds a bigint, a timestamp, or a short numeric at the column's scale.
        push_i64: i64 => I64;
        /// Adds a long numeric at the column's scale, or packed where the column has none.
        push_i128: i128 => I128;
        /// Adds a real.
        push_f32: f32 => F32;
        /// Adds a double precision.
        push_f64: f64 => F64;
        /// Adds an interval.
        push_interval: Interval => Interval;
    }

    /// Adds bytes to a column that is laid out as bytes; panics on another. Text is UTF-8, a vector is the
    /// little-endian bytes of its floats, neither longer than [`VALUE_MAX`]: the caller has checked it.
    #[inline]
    pub fn push_bytes(&mut self, bytes: &[u8]) {
        match &mut self.data {
            Building::Bytes(strings) => strings.push(bytes),
            _ => wrong_layout("push_bytes", self.ty),
        }
        self.mark_valid();
    }

    /// Adds a number to a numeric column. From the first that the type's layout does not hold on, all are kept as bytes.
    pub fn push_numeric(&mut self, n: &Numeric) -> Result<()> {
        let Type::Numeric(_) = self.ty else {
            return Err(mismatch(self.ty, &Value::Numeric(n.clone())));
        };
        match (&self.data, self.ty.fixed_scale(), n) {
            (Building::I64(_), Some(scale), Numeric::Decimal(d)) => {
                let scaled = d.rescale(scale).and_then(|d| i64::try_from(d.mantissa).ok());
                self.push_i64(scaled.ok_or_else(|| mismatch(self.ty, &Value::Numeric(n.clone())))?);
            }
            (Building::I128(_), Some(scale), Numeric::Decimal(d)) => {
                let scaled = d.rescale(scale).ok_or_else(|| mismatch(self.ty, &Value::Numeric(n.clone())))?;
                self.push_i128(scaled.mantissa);
            }
            (Building::I128(_), None, Numeric::Decimal(d)) => self.push_i128(d.pack()),
            (Building::Bytes(_), _, _) => self.push_wide(n),
            _ => {
                self.widen();
                self.push_numeric(n)?;
            }
        }
        Ok(())
    }

    /// Adds a number as bytes.
    fn push_wide(&mut self, n: &Numeric) {
        let mut bytes = Vec::with_capacity(PACKED_LEN);
        n.encode(&mut bytes);
        self.push_bytes(&bytes);
    }

    /// Turns the numbers so far into bytes.
    fn widen(&mut self) {
        let mut strings = Strings::default();
        for i in 0..self.len {
            let mut bytes = Vec::with_capacity(PACKED_LEN);
            match self.value(i) {
                Value::Numeric(n) => n.encode(&mut bytes),
                _ => bytes.clear(),
            }
            strings.push(&bytes);
        }
        self.data = Building::Bytes(strings);
    }

    /// Adds a value of the type's layout; another is an error (casting is the caller's work).
    pub fn push(&mut self, value: &Value) -> Result<()> {
        match (&mut self.data, value) {
            (_, Value::Null) => self.push_null(),
            (Building::Bool(_), Value::Bool(x)) => self.push_bool(*x),
            (Building::I16(_), Value::Int2(x)) => self.push_i16(*x),
            (Building::I32(_), Value::Int4(x) | Value::Date(x)) => self.push_i32(*x),
            (
                Building::I64(_),
                Value::Int8(x) | Value::Timestamp(x) | Value::Timestamptz(x) | Value::Time(x),
            ) => self.push_i64(*x),
            (_, Value::Numeric(n)) => self.push_numeric(n)?,
            (Building::F32(_), Value::Float4(x)) => self.push_f32(*x),
            (Building::F64(_), Value::Float8(x)) => self.push_f64(*x),
            (Building::Interval(_), Value::Interval(x)) => self.push_interval(*x),
            (Building::Bytes(strings), Value::Text(x)) if self.ty.is_text() => {
                strings.push_plain(checked(x.as_bytes())?)?;
                self.mark_valid();
            }
            (Building::Bytes(strings), Value::Bytea(x)) if self.ty == Type::Bytea => {
                strings.push_plain(checked(x)?)?;
                self.mark_valid();
            }
            (Building::Bytes(strings), Value::Blob(blob)) if blob.ty().same_values(self.ty) => {
                strings.push_blob(blob)?;
                self.mark_valid();
            }
            (Building::Bytes(_), Value::Vector(x)) if matches!(self.ty, Type::Vector(_)) => {
                let bytes: Vec<u8> = x.iter().flat_map(|f| f.to_le_bytes()).collect();
                self.push_bytes(checked(&bytes)?);
            }
            (Building::Bytes(_), value) if value.type_of().is_some_and(|ty| ty.same_values(self.ty)) => {
                match value {
                    Value::Char(x) | Value::Json(x) => self.push_bytes(checked(x.as_bytes())?),
                    Value::Uuid(x) => self.push_bytes(x),
                    Value::Other(_, bytes) => self.push_bytes(checked(bytes)?),
                    Value::Enum(_, place) => self.push_bytes(checked(place)?),
                    Value::Jsonb(x) => self.push_bytes(checked(x.as_bytes())?),
                    Value::Array(x) => {
                        let mut bytes = Vec::new();
                        x.encode(&mut bytes);
                        self.push_bytes(checked(&bytes)?);
                    }
                    _ => return Err(mismatch(self.ty, value)),
                }
            }
            _ => return Err(mismatch(self.ty, value)),
        }
        Ok(())
    }

    /// Adds rows `rows` of a column of the same layout, or all of them. Long strings are copied, so that the
    /// other column's buffers are not kept alive.
    pub fn append(&mut self, column: &Column, rows: Option<&[u32]>) {
        assert_eq!(self.ty.physical(), column.ty().physical());
        let gathered;
        let (flat, rows) = match (rows, column.is_flat()) {
            (rows, true) => (column, rows),
            (None, false) => {
                gathered = column.flatten();
                (&gathered, None)
            }
            (Some(rows), false) => {
                gathered = column.gather(rows).flatten();
                (&gathered, None)
            }
        };
        match (&self.data, flat.is_wide()) {
            (Building::Bytes(_), false) if matches!(self.ty, Type::Numeric(_)) => {
                let of = |i: usize| rows.map_or(i, |rows| rows[i] as usize);
                for i in (0..rows.map_or(flat.len(), <[u32]>::len)).map(of) {
                    match flat.value(i) {
                        Value::Numeric(n) => self.push_wide(&n),
                        _ => self.push_null(),
                    }
                }
                return;
            }
            (Building::I64(_) | Building::I128(_), true) => self.widen(),
            _ => {}
        }
        fn extend<T: Copy>(to: &mut Vec<T>, from: &[T], rows: Option<&[u32]>) {
            match rows {
                None => to.extend_from_slice(from),
                Some(rows) => to.extend(rows.iter().map(|&r| from[r as usize])),
            }
        }
        match (&mut self.data, flat.data()) {
            (Building::Bool(v), ColumnData::Bool(b)) => v.extend(b, rows),
            (Building::I16(v), ColumnData::I16(b)) => extend(v, b, rows),
            (Building::I32(v), ColumnData::I32(b)) => extend(v, b, rows),
            (Building::I64(v), ColumnData::I64(b)) => extend(v, b, rows),
            (Building::I128(v), ColumnData::I128(b)) => extend(v, b, rows),
            (Building::F32(v), ColumnData::F32(b)) => extend(v, b, rows),
            (Building::F64(v), ColumnData::F64(b)) => extend(v, b, rows),
            (Building::Interval(v), ColumnData::Interval(b)) => extend(v, b, rows),
            (Building::Bytes(v), ColumnData::Bytes(b)) => {
                match (&mut v.blobs, &b.blobs) {
                    (Some(own), Some(more)) => own.join(more),
                    (own, Some(more)) => *own = Some(more.clone()),
                    (_, None) => {}
                }
                // What a NULL points at is not looked at, so not copied either.
                let mut push = |row: usize| match flat.is_valid(row) {
                    true => v.push(b.get(row)),
                    false => v.views.push(0),
                };
                match rows {
                    None => (0..flat.len()).for_each(push),
                    Some(rows) => rows.iter().for_each(|&r| push(r as usize)),
                }
            }
            _ => unreachable!("layouts were compared above"),
        }
        let added = rows.map_or(flat.len(), <[u32]>::len);
        self.append_validity(flat.validity(), rows, added);
    }

    fn append_validity(&mut self, validity: Option<&Bitmap>, rows: Option<&[u32]>, added: usize) {
        match (&mut self.validity, validity) {
            (None, None) => {}
            (Some(bits), None) => bits.push_many(added, true),
            (bits, Some(more)) => {
                let len = self.len;
                bits.get_or_insert_with(|| BitmapBuilder::filled(len, true)).extend(more, rows);
            }
        }
        self.len += added;
    }

    /// Drops rows from the end until `len` are left. Long strings of dropped rows stay until
    /// [`finish`](Self::finish)ed columns are gone.
    pub fn truncate(&mut self, len: usize) {
        if len >= self.len {
            return;
        }
        fixed_width!(&mut self.data, v => v.truncate(len), other => match other {
            Building::Bytes(strings) => strings.views.truncate(len),
            Building::Bool(bits) => bits.truncate(len),
            _ => {}
        });
        if let Some(bits) = &mut self.validity {
            bits.truncate(len);
        }
        self.len = len;
    }

    /// The rows so far as a column; what was built goes on.
    pub fn snapshot(&self) -> Column {
        self.clone().finish()
    }

    /// True if row `i` is not NULL; panics where `i >= len`.
    pub fn is_valid(&self, i: usize) -> bool {
        assert!(i < self.len);
        self.validity.as_ref().is_none_or(|bits| bits.get(i))
    }

    /// The value of row `i`; panics where `i >= len`.
    pub fn value(&self, i: usize) -> Value {
        if !self.is_valid(i) {
            return Value::Null;
        }
        match &self.data {
            Building::Bool(v) => Value::Bool(v.get(i)),
            Building::I16(v) => Value::Int2(v[i]),
            Building::I32(v) => i32_value(self.ty, v[i]),
            Building::I64(v) => i64_value(self.ty, v[i]),
            Building::I128(v) => i128_value(self.ty, v[i]),
            Building::F32(v) => Value::Float4(v[i]),
            Building::F64(v) => Value::Float8(v[i]),
            Building::Interval(v) => Value::Interval(v[i]),
            Building::Bytes(v) => stored_value(self.ty, v.get(i), v.blobs.as_ref()),
        }
    }

    /// The column; the builder is spent.
    pub fn finish(self) -> Column {
        let data = match self.data {
            Building::Bool(v) => ColumnData::Bool(v.finish()),
            Building::I16(v) => ColumnData::I16(v.into()),
            Building::I32(v) => ColumnData::I32(v.into()),
            Building::I64(v) => ColumnData::I64(v.into()),
            Building::I128(v) => ColumnData::I128(v.into()),
            Building::F32(v) => ColumnData::F32(v.into()),
            Building::F64(v) => ColumnData::F64(v.into()),
            Building::Interval(v) => ColumnData::Interval(v.into()),
            Building::Bytes(Strings { views, mut done, open, blobs, .. }) => {
                if !open.is_empty() {
                    done.push(open.into());
                }
                ColumnData::Bytes(Views { views: views.into(), buffers: Arc::new(done), blobs, plain: false })
            }
        };
        Column::flat(self.ty, data, self.validity.map(BitmapBuilder::finish))
    }

    /// As [`finish`](Self::finish), without spare capacity: for columns that are kept.
    pub fn finish_tight(mut self) -> Column {
        fixed_width!(&mut self.data, v => v.shrink_to_fit(), other => if let Building::Bytes(strings) = other {
            strings.views.shrink_to_fit();
            strings.open.shrink_to_fit();
        });
        self.finish()
    }

    /// Bytes held so far.
    pub fn memory(&self) -> usize {
        fn bytes<T>(v: &Vec<T>) -> usize {
            v.capacity() * size_of::<T>()
        }
        let data = fixed_width!(&self.data, v => bytes(v), other => match other {
            Building::Bytes(s) => {
                bytes(&s.views) + s.open.capacity() + s.done.iter().map(Buffer::memory).sum::<usize>()
            }
            Building::Bool(bits) => bits.memory(),
            _ => 0,
        });
        data + self.validity.as_ref().map_or(0, BitmapBuilder::memory)
    }
}

fn checked(bytes: &[u8]) -> Result<&[u8]> {
    match bytes.len() <= VALUE_MAX {
        true => Ok(bytes),
        false => Err(Error::new(
            state::PROGRAM_LIMIT_EXCEEDED,
            format!("a value of {} bytes is larger than the limit of {VALUE_MAX} bytes", bytes.len()),
        )),
    }
}

fn mismatch(ty: Type, value: &Value) -> Error {
    let found = value.type_of().map_or("NULL".to_string(), |t| t.to_string());
    Error::internal(format!("a value of {found} does not fit a column of {ty}"))
}
