//! Key columns as one comparable thing a row: what sorting, grouping, joining and DISTINCT compare.
//!
//! Row-wise comparison of typed columns needs a branch on the type per value. Here the key columns of a whole
//! batch are encoded column by column into one key a row, and from then on only integers or bytes are compared
//! (normalised keys: Goetz Graefe, "Implementing Sorting in Database Systems", 2006).
//!
//! - Equal keys ⇔ SQL says the values are not distinct (NULL = NULL, −0 = 0, NaN = NaN, 1.0 = 1.00, and a
//!   month is 30 days).
//! - They also sort as ORDER BY sorts: each column ascending or descending, its NULLs first or last.
//! - Where all columns together fit 128 bits a key is a `u128` ([`RowKeys::Words`]); otherwise it is bytes.
//!
//! A column is a null bit, then its value as an unsigned integer that sorts as the value does (the sign bit
//! flipped; floats as IEEE 754 totalOrder), and for DESC with all bits flipped. In byte keys the null bit is a
//! whole byte, and text is escaped: `00` becomes `00 FF`, and `00 00` ends it.
//!
//! Limits: the keys of one call take at most 4 GiB.

use super::numberkey;
use crate::sql::plan::SortKey;
use remanent_kernels::order;
use remanent_storage::value::{Column, ColumnData, Decimal, Interval, Physical, Type};
use remanent_storage::{Error, Result, error::state};

/// How one key column is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyPart {
    /// The column's type.
    pub ty: Type,
    /// Sorts downwards.
    pub descending: bool,
    /// NULLs sort before all values.
    pub nulls_first: bool,
}

impl KeyPart {
    /// A key column whose order does not matter.
    pub fn unordered(ty: Type) -> Self {
        KeyPart { ty, descending: false, nulls_first: false }
    }

    /// A column of an ORDER BY.
    pub fn of(key: &SortKey) -> Self {
        KeyPart { ty: key.expr.ty(), descending: key.descending, nulls_first: key.nulls_first }
    }
}

/// How rows become keys.
#[derive(Debug, Clone)]
pub struct KeyLayout {
    parts: Vec<KeyPart>,
    words: bool,
}

/// One key a row.
#[derive(Debug, Clone)]
pub enum RowKeys {
    /// Keys of at most 128 bits.
    Words(Vec<u128>),
    /// Key `i` is `bytes[ends[i - 1]..ends[i]]`.
    Bytes {
        /// All keys, one behind the other.
        bytes: Vec<u8>,
        /// Where each ends.
        ends: Vec<u32>,
    },
}

/// How many bits a value takes in a word key; None: it has no fixed width of at most 127 bits.
fn width(ty: Type) -> Option<u32> {
    Some(match ty.plain() {
        Type::Bool => 1,
        Type::Int2 => 16,
        Type::Int4 | Type::Date | Type::Float4 => 32,
        ty if ty == Type::Int8 || ty.is_oid() => 64,
        Type::Time | Type::Timestamp | Type::Timestamptz | Type::Float8 => 64,
        Type::Numeric(_) if ty.physical() == Physical::I64 => 64,
        Type::Interval => 96,
        _ => return None,
    })
}

impl KeyLayout {
    /// Keys that sort as ORDER BY does.
    pub fn ordered(parts: Vec<KeyPart>) -> Self {
        let bits = parts.iter().try_fold(0u32, |sum, part| Some(sum + 1 + width(part.ty)?));
        KeyLayout { parts, words: bits.is_some_and(|bits| bits <= 128) }
    }

    /// Keys that are only compared for equality.
    pub fn unordered(types: impl IntoIterator<Item = Type>) -> Self {
        Self::ordered(types.into_iter().map(KeyPart::unordered).collect())
    }

    /// True if keys are words.
    pub fn is_words(&self) -> bool {
        self.words
    }

    /// In how many bits of a word the parts from this one on lie; None: keys are bytes.
    pub fn bits_from(&self, part: usize) -> Option<u32> {
        let rest = self.parts.iter().skip(part);
        self.words.then(|| rest.map(|part| 1 + width(part.ty).unwrap_or(0)).sum())
    }

    /// The keys of `rows` rows of the layout's columns.
    pub fn encode(&self, columns: &[Column], rows: usize) -> Result<RowKeys> {
        debug_assert_eq!(columns.len(), self.parts.len());
        if self.words { Ok(RowKeys::Words(self.words(columns, rows))) } else { self.bytes(columns, rows) }
    }

    fn words(&self, columns: &[Column], rows: usize) -> Vec<u128> {
        let (mut keys, mut values) = (Vec::new(), Vec::new());
        if columns.is_empty() {
            keys.resize(rows, 0);
        }
        for (i, (part, column)) in self.parts.iter().zip(columns).enumerate() {
            let bits = width(part.ty).unwrap_or(0);
            let flat = flatten(column);
            let valid = part.nulls_first;
            match flat.data() {
                ColumnData::Interval(intervals) => {
                    let flip = if part.descending { u128::MAX >> (128 - bits) } else { 0 };
                    keys.resize(rows, 0u128);
                    for (key, &interval) in keys.iter_mut().zip(intervals.iter()) {
                        let value = interval_order(interval) ^ flip;
                        *key = *key << (bits + 1) | u128::from(valid) << bits | value;
                    }
                }
                _ => {
                    let flip = if part.descending { u64::MAX >> (64 - bits) } else { 0 };
                    integers(&flat, &mut values);
                    match i {
                        0 => order::begin(&mut keys, &values, bits, flip, valid),
                        _ => order::append(&mut keys, &values, bits, flip, valid),
                    }
                }
            }
            if let Some(validity) = flat.validity() {
                for (row, key) in keys.iter_mut().enumerate() {
                    if !validity.get(row) {
                        *key = (*key >> (bits + 1)) << (bits + 1) | u128::from(!valid) << bits;
                    }
                }
            }
        }
        keys
    }

    fn bytes(&self, columns: &[Column], rows: usize) -> Result<RowKeys> {
        let columns: Vec<Column> = columns.iter().map(flatten).collect();
        let mut sizes = vec![0usize; rows];
        for (part, column) in self.parts.iter().zip(&columns) {
            self.add_sizes(part, column, &mut sizes);
        }
        let mut total = 0usize;
        for size in &mut sizes {
            let start = total;
            total += *size;
            *size = start;
        }
        if total > u32::MAX as usize {
            return Err(Error::new(state::PROGRAM_LIMIT_EXCEEDED, "the keys of one batch exceed 4 GiB"));
        }
        let mut bytes = vec![0u8; total];
        let mut at = sizes;
        for (part, column) in self.parts.iter().zip(&columns) {
            self.write(part, column, &mut bytes, &mut at);
        }
        // Each row was written from its start to its end, which is where its cursor stands now.
        Ok(RowKeys::Bytes { bytes, ends: at.into_iter().map(|end| end as u32).collect() })
    }

    fn add_sizes(&self, part: &KeyPart, column: &Column, sizes: &mut [usize]) {
        match column.data() {
            ColumnData::Bytes(_) if column.is_wide() => {
                for (i, size) in sizes.iter_mut().enumerate() {
                    *size += 1 + match column.is_valid(i) {
                        true => numberkey::of_row(column, i).len(),
                        false => numberkey::SHORT,
                    };
                }
            }
            ColumnData::Bytes(views) => {
                for (i, size) in sizes.iter_mut().enumerate() {
                    *size += 1;
                    if column.is_valid(i) {
                        let value = views.get(i);
                        *size += value.len() + value.iter().filter(|&&b| b == 0).count() + 2;
                    }
                }
            }
            _ => {
                let fixed = width(part.ty).map_or(numberkey::SHORT, |bits| bits.div_ceil(8) as usize);
                sizes.iter_mut().for_each(|size| *size += 1 + fixed);
            }
        }
    }

    fn write(&self, part: &KeyPart, column: &Column, out: &mut [u8], at: &mut [usize]) {
        let (valid, null) = (u8::from(part.nulls_first), u8::from(!part.nulls_first));
        let mut put = |at: &mut usize, bytes: &[u8]| {
            let to = &mut out[*at..*at + bytes.len()];
            to.copy_from_slice(bytes);
            if part.descending {
                to.iter_mut().for_each(|byte| *byte = !*byte);
            }
            *at += bytes.len();
        };
        // The byte before a value is never flipped: where NULLs go is said apart from the direction.
        let mark = |bit: u8| if part.descending { !bit } else { bit };
        let mut values = Vec::new();
        if let (Some(bits), true) = (width(part.ty), part.ty.plain() != Type::Interval) {
            integers(column, &mut values);
            let skip = 8 - bits.div_ceil(8) as usize;
            for (row, at) in at.iter_mut().enumerate() {
                let is_valid = column.is_valid(row);
                put(at, &[mark(if is_valid { valid } else { null })]);
                match is_valid {
                    true => put(at, &values[row].to_be_bytes()[skip..]),
                    // Zeros, whatever lies under the NULL: NULLs are equal.
                    false => *at += 8 - skip,
                }
            }
            return;
        }
        for (row, at) in at.iter_mut().enumerate() {
            let is_valid = column.is_valid(row);
            put(at, &[mark(if is_valid { valid } else { null })]);
            match column.data() {
                ColumnData::Interval(_) if !is_valid => *at += 12,
                ColumnData::I128(_) if !is_valid => *at += numberkey::SHORT,
                ColumnData::Bytes(_) if column.is_wide() => match is_valid {
                    true => put(at, &numberkey::of_row(column, row)),
                    false => *at += numberkey::SHORT,
                },
                ColumnData::Bytes(views) if is_valid => {
                    let value = views.get(row);
                    match value.contains(&0) {
                        false => put(at, value),
                        true => value.split_inclusive(|&b| b == 0).for_each(|piece| {
                            put(at, piece);
                            put(at, if piece.last() == Some(&0) { &[0xFF] } else { &[] });
                        }),
                    }
                    put(at, &[0, 0]);
                }
                ColumnData::Interval(intervals) => {
                    put(at, &interval_order(intervals[row]).to_be_bytes()[4..])
                }
                ColumnData::I128(packed) => {
                    let decimal = match part.ty.fixed_scale() {
                        Some(scale) => Decimal { mantissa: packed[row], scale },
                        None => Decimal::unpack(packed[row]),
                    };
                    put(at, &numberkey::decimal(decimal));
                }
                _ => {}
            }
        }
    }
}

fn flatten(column: &Column) -> Column {
    let flat = if column.is_flat() { column.clone() } else { column.flatten() };
    if flat.is_wide() && width(flat.ty()).is_some() { numberkey::mantissas(&flat) } else { flat.sortable() }
}

/// Each row's value as an unsigned integer that sorts as the value does; of any value under a NULL.
fn integers(flat: &Column, out: &mut Vec<u64>) {
    match flat.data() {
        ColumnData::Bool(b) => {
            out.clear();
            out.extend(b.iter().map(u64::from));
        }
        ColumnData::I16(b) => order::from_i16(b, out),
        ColumnData::I32(b) => order::from_i32(b, out),
        ColumnData::I64(b) => order::from_i64(b, out),
        ColumnData::F32(b) => order::from_f32(b, out),
        ColumnData::F64(b) => order::from_f64(b, out),
        _ => debug_assert!(false, "not a column of fixed width"),
    }
}

/// All microseconds, a month being 30 days and a day 24 hours, as PostgreSQL compares intervals. |value| < 2^78.
fn interval_order(value: Interval) -> u128 {
    let days = i128::from(value.months) * 30 + i128::from(value.days);
    let micros = days * 86_400_000_000 + i128::from(value.micros);
    (micros + (1 << 95)) as u128
}
