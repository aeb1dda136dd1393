//! What kernels are written with: arguments as slices or per row, results as columns.

use super::Args;
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::{
    Bitmap, Buffer, Column, ColumnBuilder, ColumnData, Decimal, Interval, Type, Value,
};

/// The rows where no column is NULL; None: all. Constants count as not NULL.
pub fn all_valid(columns: &[Column], rows: usize) -> Option<Bitmap> {
    let mut all: Option<Bitmap> = None;
    for validity in columns.iter().filter_map(Column::validity) {
        all = Some(match all {
            None => validity.clone(),
            Some(held) => {
                Bitmap::new((0..rows.div_ceil(64)).map(|i| held.word(i) & validity.word(i)).collect(), rows)
            }
        });
    }
    all
}

/// The same column, NULL also where `validity` says so.
pub fn mask_nulls(column: Column, validity: Option<&Bitmap>) -> Column {
    let Some(validity) = validity else { return column };
    let rows = column.len();
    let flat = if column.is_flat() { column } else { column.flatten() };
    let both = match flat.validity() {
        None => validity.clone(),
        Some(held) => {
            Bitmap::new((0..rows.div_ceil(64)).map(|i| held.word(i) & validity.word(i)).collect(), rows)
        }
    };
    Column::flat(flat.ty(), flat.data().clone(), Some(both))
}

/// One value a row: `values`, or the one of a constant repeated.
fn broadcast<T: Copy>(values: Buffer<T>, constant: bool, rows: usize) -> Buffer<T> {
    match constant {
        true => vec![values[0]; rows].into(),
        false => values,
    }
}

fn widen<T: Copy, U>(values: &[T], f: impl Fn(T) -> U) -> Buffer<U> {
    values.iter().map(|&v| f(v)).collect::<Vec<U>>().into()
}

/// The data of a column that is flat or constant, and whether it is constant.
fn inner(column: &Column) -> (&ColumnData, bool) {
    match column.as_constant() {
        Some(one) => (one.data(), true),
        None => (column.data(), false),
    }
}

/// The integers of an integer, date or timestamp column, as 64 bits; one a row.
pub fn i64s(column: &Column) -> Result<Buffer<i64>> {
    let (data, constant) = inner(column);
    let values = match data {
        ColumnData::I64(v) => v.clone(),
        ColumnData::I32(v) => widen(v, i64::from),
        ColumnData::I16(v) => widen(v, i64::from),
        _ => return Err(wrong_layout(column)),
    };
    Ok(broadcast(values, constant, column.len()))
}

/// The integers of an integer or date column of 32 bits; one a row. None: it has another width.
pub fn i32s(column: &Column) -> Option<Buffer<i32>> {
    match inner(column) {
        (ColumnData::I32(v), constant) => Some(broadcast(v.clone(), constant, column.len())),
        _ => None,
    }
}

/// The numbers of a float column, as doubles; one a row.
pub fn f64s(column: &Column) -> Result<Buffer<f64>> {
    let (data, constant) = inner(column);
    let values = match data {
        ColumnData::F64(v) => v.clone(),
        ColumnData::F32(v) => widen(v, f64::from),
        _ => return Err(wrong_layout(column)),
    };
    Ok(broadcast(values, constant, column.len()))
}

/// The intervals of a column; one a row.
pub fn intervals(column: &Column) -> Result<Buffer<Interval>> {
    match inner(column) {
        (ColumnData::Interval(v), constant) => Ok(broadcast(v.clone(), constant, column.len())),
        _ => Err(wrong_layout(column)),
    }
}

/// The decimals of a numeric column that has no others; one a row.
pub fn decimals(column: &Column) -> Result<Buffer<Decimal>> {
    let (data, constant) = inner(column);
    // What lies under a NULL may be no decimal at all.
    let sound = |d: Decimal| Decimal::new(d.mantissa, d.scale).unwrap_or(Decimal { mantissa: 0, scale: 0 });
    let values = match (data, column.ty().fixed_scale()) {
        (ColumnData::I64(v), Some(scale)) => widen(v, |m| Decimal { mantissa: m.into(), scale }),
        (ColumnData::I128(v), Some(scale)) => widen(v, |mantissa| sound(Decimal { mantissa, scale })),
        (ColumnData::I128(v), None) => widen(v, |packed| sound(Decimal::unpack(packed))),
        _ => return Err(wrong_layout(column)),
    };
    Ok(broadcast(values, constant, column.len()))
}

/// The bytes as text; 22021 names those that are none.
pub fn utf8(bytes: &[u8]) -> Result<&str> {
    std::str::from_utf8(bytes).map_err(|error| {
        let bad = bytes.get(error.valid_up_to()..).unwrap_or_default();
        let length = match bad.first() {
            Some(0xc0..=0xdf) => 2,
            Some(0xe0..=0xef) => 3,
            Some(0xf0..=0xf7) => 4,
            _ => 1,
        };
        let shown: Vec<String> = bad.iter().take(length).map(|byte| format!("0x{byte:02x}")).collect();
        let message = format!("invalid byte sequence for encoding \"UTF8\": {}", shown.join(" "));
        Error::new(state::CHARACTER_NOT_IN_REPERTOIRE, message)
    })
}

pub fn wrong_layout(column: &Column) -> Error {
    Error::internal(format!("a kernel was given a column of {}", column.ty()))
}

pub fn out_of_range(ty: Type) -> Error {
    Error::new(state::NUMERIC_VALUE_OUT_OF_RANGE, format!("{ty} out of range"))
}

pub fn division_by_zero() -> Error {
    Error::new(state::DIVISION_BY_ZERO, "division by zero")
}

pub fn float_overflow() -> Error {
    Error::new(state::NUMERIC_VALUE_OUT_OF_RANGE, "value out of range: overflow")
}

pub fn float_underflow() -> Error {
    Error::new(state::NUMERIC_VALUE_OUT_OF_RANGE, "value out of range: underflow")
}

/// Integers as a column of an integer or time type; 22003 for one that does not fit. Rows that are not valid
/// may hold anything.
pub fn integer_column(ty: Type, values: Vec<i64>, valid: Option<Bitmap>) -> Result<Column> {
    let fits = |i: usize, ok: bool| ok || valid.as_ref().is_some_and(|v| !v.get(i));
    let data = match ty {
        Type::Int2 => {
            let mut all = true;
            let narrow = values.iter().enumerate().map(|(i, &v)| {
                all &= fits(i, i16::try_from(v).is_ok());
                v as i16
            });
            let narrow: Vec<i16> = narrow.collect();
            if !all {
                return Err(out_of_range(ty));
            }
            ColumnData::I16(narrow.into())
        }
        Type::Int4 | Type::Date => {
            let mut all = true;
            let narrow = values.iter().enumerate().map(|(i, &v)| {
                all &= fits(i, i32::try_from(v).is_ok());
                v as i32
            });
            let narrow: Vec<i32> = narrow.collect();
            if !all {
                return Err(out_of_range(ty));
            }
            ColumnData::I32(narrow.into())
        }
        _ => ColumnData::I64(values.into()),
    };
    Ok(Column::flat(ty, data, valid))
}

/// Doubles as a column of a float type; 22003 for a finite one too large for `real`.
pub fn float_column(ty: Type, values: Vec<f64>, valid: Option<Bitmap>) -> Result<Column> {
    if ty != Type::Float4 {
        return Ok(Column::flat(ty, ColumnData::F64(values.into()), valid));
    }
    let narrow: Vec<f32> = values.iter().map(|&v| v as f32).collect();
    for (i, (&small, &large)) in narrow.iter().zip(&values).enumerate() {
        let lost = small.is_infinite() && large.is_finite() || small == 0.0 && large != 0.0;
        if lost && valid.as_ref().is_none_or(|v| v.get(i)) {
            return Err(if small == 0.0 { float_underflow() } else { float_overflow() });
        }
    }
    Ok(Column::flat(ty, ColumnData::F32(narrow.into()), valid))
}

/// A truth value a row, from a mask.
pub fn bool_column(mask: Vec<u64>, rows: usize, valid: Option<Bitmap>) -> Column {
    Column::flat(Type::Bool, ColumnData::Bool(Bitmap::new(mask, rows)), valid)
}

impl Args<'_> {
    /// True if no argument of that row is NULL.
    pub(super) fn is_valid(&self, row: usize) -> bool {
        self.valid.as_ref().is_none_or(|v| v.get(row))
    }

    /// Row by row over the valid rows: for functions whose cost is elsewhere.
    pub(super) fn map(&self, f: &mut dyn FnMut(usize) -> Result<Value>) -> Result<Column> {
        let mut out = ColumnBuilder::new(self.ty);
        for row in 0..self.rows {
            match self.is_valid(row) {
                true => out.push(&f(row)?)?,
                false => out.push_null(),
            }
        }
        Ok(out.finish())
    }

    /// Row by row over the valid rows, for text results: `f` appends to the empty string it is given.
    pub(super) fn map_text(&self, f: &mut dyn FnMut(usize, &mut String) -> Result<()>) -> Result<Column> {
        self.map_some(&mut |row, text| f(row, text).map(|()| true))
    }

    /// As [`map_text`](Args::map_text), where a row may have no result: NULL where `f` says false.
    pub(super) fn map_some(&self, f: &mut dyn FnMut(usize, &mut String) -> Result<bool>) -> Result<Column> {
        let mut out = ColumnBuilder::new(self.ty);
        let mut text = String::new();
        for row in 0..self.rows {
            text.clear();
            match self.is_valid(row) && f(row, &mut text)? {
                true => out.push_bytes(text.as_bytes()),
                false => out.push_null(),
            }
        }
        Ok(out.finish())
    }

    /// Row by row over the valid rows, for integer results.
    pub(super) fn map_int(&self, f: &mut dyn FnMut(usize) -> Result<i64>) -> Result<Column> {
        let mut out = vec![0; self.rows];
        for (row, slot) in out.iter_mut().enumerate() {
            if self.is_valid(row) {
                *slot = f(row)?;
            }
        }
        integer_column(self.ty, out, self.valid.clone())
    }

    /// Row by row over the valid rows, for float results.
    pub(super) fn map_float(&self, f: &mut dyn FnMut(usize) -> Result<f64>) -> Result<Column> {
        let mut out = vec![0.0; self.rows];
        for (row, slot) in out.iter_mut().enumerate() {
            if self.is_valid(row) {
                *slot = f(row)?;
            }
        }
        float_column(self.ty, out, self.valid.clone())
    }

    /// The mask of the valid rows for which `f` is true.
    pub(super) fn map_bool(&self, f: &mut dyn FnMut(usize) -> Result<bool>) -> Result<Column> {
        let mut mask = vec![0u64; self.rows.div_ceil(64)];
        for row in 0..self.rows {
            if self.is_valid(row) && f(row)? {
                mask[row / 64] |= 1 << (row % 64);
            }
        }
        Ok(bool_column(mask, self.rows, self.valid.clone()))
    }

    /// Argument `i` of a row as text.
    pub(super) fn text(&self, i: usize, row: usize) -> Result<&str> {
        utf8(self.columns[i].bytes(row))
    }
}
