//! The rows of a vector on their way into a page: carriers or byte strings, and which are NULL.

use crate::segment::encoding::bytes::Strings;
use crate::segment::format::VECTOR_ROWS;
use crate::value::{Bitmap, Column, ColumnData, Decimal, Interval, Numeric, Physical, Type, Value};
use remanent_kernels::carrier::{from_f32, from_f64};

/// Up to one vector of a column.
pub(super) struct Pending {
    physical: Physical,
    /// The numerics that the layout does not hold, by row; it has 0 in their places.
    pub(super) big: Vec<(usize, Vec<u8>)>,
    /// One carrier a row; of 16-byte values, those that are narrow.
    pub(super) carriers: Vec<i64>,
    /// 16-byte values.
    pub(super) wide: Vec<i128>,
    /// Byte strings; of 16-byte values, once they are known not to be narrow.
    pub(super) strings: Strings,
    /// One bit a row; set: not NULL.
    pub(super) valid: Vec<u64>,
    pub(super) rows: usize,
    pub(super) nulls: usize,
}

impl Pending {
    pub(super) fn new(physical: Physical) -> Self {
        Pending {
            physical,
            big: Vec::new(),
            carriers: Vec::new(),
            wide: Vec::new(),
            strings: Strings::default(),
            valid: vec![0; VECTOR_ROWS / 64],
            rows: 0,
            nulls: 0,
        }
    }

    /// Adds rows, which the vector has room for.
    pub(super) fn push(&mut self, column: &Column) {
        let flat = match self.physical {
            // Byte strings are read through any shape.
            Physical::Bytes => column.clone(),
            _ => column.flatten(),
        };
        let nulls = flat.null_count();
        self.nulls += nulls;
        for i in 0..flat.len() {
            let (valid, at) = (nulls == 0 || flat.is_valid(i), self.rows + i);
            self.valid[at / 64] |= u64::from(valid) << (at % 64);
        }
        let start = self.carriers.len();
        match flat.data() {
            ColumnData::Bool(b) => self.carriers.extend(b.iter().map(i64::from)),
            ColumnData::I16(b) => self.carriers.extend(b.iter().map(|&v| i64::from(v))),
            ColumnData::I32(b) => self.carriers.extend(b.iter().map(|&v| i64::from(v))),
            ColumnData::I64(b) => self.carriers.extend_from_slice(b),
            ColumnData::F32(b) => from_f32(b, &mut self.carriers),
            ColumnData::F64(b) => from_f64(b, &mut self.carriers),
            ColumnData::I128(b) => self.wide.extend_from_slice(b),
            ColumnData::Interval(b) => self.wide.extend(b.iter().map(|v| interval_bits(*v))),
            _ if flat.is_wide() => (0..flat.len()).for_each(|i| self.push_wide(&flat, i)),
            _ => (0..flat.len()).for_each(|i| match flat.is_valid(i) {
                true => self.strings.push(flat.bytes(i)),
                false => self.strings.push(&[]),
            }),
        }
        if self.nulls > 0 {
            self.fill(start);
        }
        self.rows += flat.len();
    }

    /// Adds row `i` of numerics that are kept as bytes.
    fn push_wide(&mut self, column: &Column, i: usize) {
        let value = column.value(i);
        if self.physical == Physical::I64 {
            let scale = column.ty().fixed_scale();
            return self.carriers.push(match value {
                Value::Numeric(Numeric::Decimal(d)) => {
                    scale.and_then(|scale| d.rescale(scale)).map_or(0, |d| d.mantissa as i64)
                }
                Value::Numeric(_) => NAN_CARRIER,
                _ => 0,
            });
        }
        self.wide.push(match (value, column.ty().fixed_scale()) {
            (Value::Numeric(Numeric::Decimal(d)), None) => d.pack(),
            (Value::Numeric(Numeric::Decimal(d)), Some(scale)) => d.rescale(scale).map_or(0, |d| d.mantissa),
            (Value::Numeric(n), _) => {
                let mut bytes = Vec::new();
                n.encode(&mut bytes);
                self.big.push((self.wide.len(), bytes));
                0
            }
            _ => 0,
        });
    }

    /// Puts the value before each NULL in its place, so that it costs nothing.
    fn fill(&mut self, start: usize) {
        for i in start..self.carriers.len() {
            if !self.is_valid(i) {
                self.carriers[i] = if i == 0 { 0 } else { self.carriers[i - 1] };
            }
        }
        for i in 0..self.wide.len() {
            if !self.is_valid(i) {
                self.wide[i] = if i == 0 { 0 } else { self.wide[i - 1] };
            }
        }
    }

    /// Called when the vector is complete: NULLs at its beginning take the first value, and 16-byte values become
    /// carriers (true) or byte strings (false).
    pub(super) fn settle(&mut self) -> bool {
        if self.nulls > 0 && self.nulls < self.rows {
            let first = (0..self.rows).find(|&i| self.is_valid(i)).unwrap_or(0);
            if !self.carriers.is_empty() {
                let value = self.carriers[first];
                self.carriers[..first].fill(value);
            }
            if !self.wide.is_empty() {
                let value = self.wide[first];
                self.wide[..first].fill(value);
            }
        }
        if self.wide.is_empty() {
            return false;
        }
        let narrow = |v: &i128| match self.physical {
            Physical::I128 => i64::try_from(*v).ok(),
            // Months and days are the low half.
            _ => (*v as u64 == 0).then_some((*v >> 64) as i64),
        };
        let carriers: Option<Vec<i64>> =
            if self.big.is_empty() { self.wide.iter().map(narrow).collect() } else { None };
        match carriers {
            Some(carriers) => {
                self.carriers = carriers;
                true
            }
            None => {
                let mut big = self.big.iter().peekable();
                for (row, v) in self.wide.iter().enumerate() {
                    match big.next_if(|(at, _)| *at == row) {
                        Some((_, bytes)) => self.strings.push(bytes),
                        None => self.strings.push(&v.to_le_bytes()),
                    }
                }
                false
            }
        }
    }

    pub(super) fn is_valid(&self, i: usize) -> bool {
        self.valid[i / 64] >> (i % 64) & 1 == 1
    }

    /// The validity of rows `[start, end)` as a bitmap.
    pub(super) fn validity(&self, start: usize, end: usize) -> Bitmap {
        Bitmap::new(self.valid.clone(), VECTOR_ROWS).slice(start, end - start)
    }

    pub(super) fn clear(&mut self) {
        self.carriers.clear();
        self.wide.clear();
        self.big.clear();
        self.strings.clear();
        self.valid.fill(0);
        (self.rows, self.nulls) = (0, 0);
    }

    pub(super) fn memory(&self) -> usize {
        self.carriers.capacity() * 8 + self.wide.capacity() * 16 + self.strings.memory()
    }
}

/// The carrier of NaN among numerics of up to 18 digits: it is greater than all others.
pub(super) const NAN_CARRIER: i64 = i64::MAX;

/// An interval as the 16 bytes of its persisted form: months, days, microseconds.
pub(super) fn interval_bits(v: Interval) -> i128 {
    i128::from(v.micros) << 64 | i128::from(v.days as u32) << 32 | i128::from(v.months as u32)
}

/// The inverse of [`interval_bits`].
pub(super) fn interval_of(bits: i128) -> Interval {
    Interval { months: bits as i32, days: (bits >> 32) as i32, micros: (bits >> 64) as i64 }
}

/// The value of a 16-byte layout.
pub(super) fn wide_value(ty: Type, bits: i128) -> Value {
    match ty {
        Type::Interval => Value::Interval(interval_of(bits)),
        _ => Value::Numeric(Numeric::Decimal(match ty.fixed_scale() {
            Some(scale) => Decimal { mantissa: bits, scale },
            None => Decimal::unpack(bits),
        })),
    }
}

/// The 16-byte value of a narrow carrier.
pub(super) fn widen(ty: Type, carrier: i64) -> i128 {
    match ty {
        Type::Interval => i128::from(carrier) << 64,
        _ => i128::from(carrier),
    }
}

/// The value of a carrier.
pub(super) fn carrier_value(ty: Type, carrier: i64) -> Value {
    use remanent_kernels::carrier::{flip_f32, flip_f64};
    match ty {
        Type::Bool => Value::Bool(carrier != 0),
        Type::Int2 => Value::Int2(carrier as i16),
        Type::Int4 => Value::Int4(carrier as i32),
        Type::Date => Value::Date(carrier as i32),
        Type::Int8
        | Type::Oid
        | Type::Regclass
        | Type::Regtype
        | Type::Regnamespace
        | Type::Regproc
        | Type::Regrole => Value::Int8(carrier),
        Type::Timestamp => Value::Timestamp(carrier),
        Type::Timestamptz => Value::Timestamptz(carrier),
        Type::Time => Value::Time(carrier),
        Type::Float4 => Value::Float4(f32::from_bits(flip_f32(carrier as i32) as u32)),
        Type::Float8 => Value::Float8(f64::from_bits(flip_f64(carrier) as u64)),
        _ if ty.physical() == Physical::I64 && carrier == NAN_CARRIER => Value::Numeric(Numeric::NaN),
        _ => wide_value(ty, widen(ty, carrier)),
    }
}

/// The value of a byte string.
pub(super) fn bytes_value(ty: Type, bytes: &[u8]) -> Value {
    match ty {
        Type::Numeric(_) if bytes.len() != 16 => {
            Value::Numeric(Numeric::decode(bytes).unwrap_or(Numeric::NaN))
        }
        _ if ty.physical() == Physical::Bytes => crate::value::column::bytes_value(ty, bytes),
        _ => wide_value(ty, i128_of(bytes)),
    }
}

/// A 16-byte value from its persisted form; 0 where the length is another (parsing has checked).
pub(super) fn i128_of(bytes: &[u8]) -> i128 {
    i128::from_le_bytes(bytes.try_into().unwrap_or_default())
}
