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

use remanent_storage::value::{Column, ColumnData, Decimal, Interval, Type};
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
    Some(match ty {
        Type::Bool => 1,
        Type::Int2 => 16,
        Type::Int4 | Type::Date | Type::Float4 => 32,
        Type::Int8 | Type::Timestamp | Type::Timestamptz | Type::Float8 => 64,
        Type::Numeric(Some((precision, _))) if precision <= 18 => 64,
        Type::Interval => 96,
        Type::Numeric(_) | Type::Text | Type::Bytea | Type::Vector(_) => return None,
    })
}

/// Bytes of a numeric in a byte key: sign and exponent, then the digits from the left.
const NUMERIC_BYTES: usize = 17;

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

    /// The keys of `rows` rows of the layout's columns.
    pub fn encode(&self, columns: &[Column], rows: usize) -> Result<RowKeys> {
        debug_assert_eq!(columns.len(), self.parts.len());
        if self.words { Ok(RowKeys::Words(self.words(columns, rows))) } else { self.bytes(columns, rows) }
    }

    fn words(&self, columns: &[Column], rows: usize) -> Vec<u128> {
        let mut keys = vec![0u128; rows];
        for (part, column) in self.parts.iter().zip(columns) {
            let bits = width(part.ty).unwrap_or(0);
            let flip = if part.descending { u128::MAX >> (128 - bits) } else { 0 };
            let null = u128::from(!part.nulls_first);
            let (valid_word, null_word) = ((1 - null) << bits, null << bits);
            let flat = flatten(column);
            let validity = flat.validity();
            each_integer(&flat, |i, value| {
                keys[i] = keys[i] << (bits + 1) | valid_word | (value ^ flip);
            });
            if let Some(validity) = validity {
                for (i, key) in keys.iter_mut().enumerate() {
                    if !validity.get(i) {
                        *key = (*key >> (bits + 1)) << (bits + 1) | null_word;
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
                let fixed = width(part.ty).map_or(NUMERIC_BYTES, |bits| bits.div_ceil(8) as usize);
                sizes.iter_mut().for_each(|size| *size += 1 + fixed);
            }
        }
    }

    fn write(&self, part: &KeyPart, column: &Column, out: &mut [u8], at: &mut [usize]) {
        let flip = if part.descending { 0xFF } else { 0 };
        let null = u8::from(!part.nulls_first);
        if let ColumnData::Bytes(views) = column.data() {
            for (i, at) in at.iter_mut().enumerate() {
                let valid = column.is_valid(i);
                let mut put = |bytes: &[u8], flip: u8| {
                    for (to, from) in out[*at..].iter_mut().zip(bytes) {
                        *to = from ^ flip;
                    }
                    *at += bytes.len();
                };
                put(&[if valid { 1 - null } else { null }], 0);
                if !valid {
                    continue;
                }
                let value = views.get(i);
                for piece in value.split_inclusive(|&b| b == 0) {
                    put(piece, flip);
                    if piece.last() == Some(&0) {
                        put(&[0xFF], flip);
                    }
                }
                put(&[0, 0], flip);
            }
            return;
        }
        let mut put = |i: usize, bytes: &[u8]| {
            let valid = column.is_valid(i);
            out[at[i]] = if valid { 1 - null } else { null };
            if valid {
                for (to, from) in out[at[i] + 1..].iter_mut().zip(bytes) {
                    *to = from ^ flip;
                }
            }
            at[i] += 1 + bytes.len();
        };
        match (column.data(), width(part.ty)) {
            (_, Some(bits)) => {
                let len = bits.div_ceil(8) as usize;
                each_integer(column, |i, value| put(i, &value.to_be_bytes()[16 - len..]));
            }
            (ColumnData::I128(values), None) => {
                for (i, &packed) in values.iter().enumerate() {
                    let decimal = match part.ty {
                        Type::Numeric(Some((_, scale))) => Decimal { mantissa: packed, scale },
                        _ => Decimal::unpack(packed),
                    };
                    put(i, &decimal_bytes(decimal));
                }
            }
            _ => debug_assert!(false, "no key encoding of {}", part.ty),
        }
    }
}

fn flatten(column: &Column) -> Column {
    if column.is_flat() { column.clone() } else { column.flatten() }
}

/// Calls `f` with each row's value as an unsigned integer that sorts as the value does. What it gives under a
/// NULL is of the column's width, and otherwise unspecified.
fn each_integer(flat: &Column, mut f: impl FnMut(usize, u128)) {
    match flat.data() {
        ColumnData::Bool(b) => b.iter().enumerate().for_each(|(i, v)| f(i, u128::from(v))),
        ColumnData::I16(b) => {
            b.iter().enumerate().for_each(|(i, &v)| f(i, u128::from(v as u16 ^ 1 << 15)));
        }
        ColumnData::I32(b) => {
            b.iter().enumerate().for_each(|(i, &v)| f(i, u128::from(v as u32 ^ 1 << 31)));
        }
        ColumnData::I64(b) => {
            b.iter().enumerate().for_each(|(i, &v)| f(i, u128::from(v as u64 ^ 1 << 63)));
        }
        ColumnData::F32(b) => b.iter().enumerate().for_each(|(i, &v)| f(i, u128::from(float4_order(v)))),
        ColumnData::F64(b) => b.iter().enumerate().for_each(|(i, &v)| f(i, u128::from(float8_order(v)))),
        ColumnData::Interval(b) => b.iter().enumerate().for_each(|(i, &v)| f(i, interval_order(v))),
        _ => debug_assert!(false, "not a column of fixed width"),
    }
}

fn float8_order(value: f64) -> u64 {
    let bits = match value {
        0.0 => 0,
        v if v.is_nan() => f64::NAN.to_bits() & (u64::MAX >> 1),
        v => v.to_bits(),
    };
    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
}

fn float4_order(value: f32) -> u32 {
    let bits = match value {
        0.0 => 0,
        v if v.is_nan() => f32::NAN.to_bits() & (u32::MAX >> 1),
        v => v.to_bits(),
    };
    if bits >> 31 == 1 { !bits } else { bits | 1 << 31 }
}

/// All microseconds, a month being 30 days and a day 24 hours, as PostgreSQL compares intervals. |value| < 2^78.
fn interval_order(value: Interval) -> u128 {
    let days = i128::from(value.months) * 30 + i128::from(value.days);
    let micros = days * 86_400_000_000 + i128::from(value.micros);
    (micros + (1 << 95)) as u128
}

/// Sign and exponent, then the digits moved to the left, so that trailing zeros do not count.
fn decimal_bytes(value: Decimal) -> [u8; NUMERIC_BYTES] {
    let mut out = [0u8; NUMERIC_BYTES];
    if value.mantissa == 0 {
        out[0] = 0x80;
        return out;
    }
    let magnitude = value.mantissa.unsigned_abs();
    let digits = magnitude.ilog10() as i32 + 1;
    // 38 digits fit 127 bits; a decimal has at most 36.
    let aligned = magnitude.saturating_mul(10u128.pow((38 - digits).max(0) as u32));
    // −scale + digits lies within −36 ..= 38.
    out[0] = 0xC0u8.saturating_add_signed((digits - i32::from(value.scale)) as i8);
    out[1..].copy_from_slice(&aligned.to_be_bytes());
    if value.mantissa < 0 {
        out.iter_mut().for_each(|b| *b = !*b);
    }
    out
}
