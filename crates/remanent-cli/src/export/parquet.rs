//! Parquet: row groups of up to 65,536 rows, Snappy pages, every column optional.
//!
//! The types are those that `import/parquet.rs` reads back as what they were; what Parquet has no type for (interval, arrays,
//! vectors, numerics without a precision or with more than 38 digits) is text.

use super::Out;
use crate::failure::{Failure, Result};
use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::{ByteArray, FixedLenByteArray};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type as Schema;
use remanent::error::state;
use remanent::{Connection, Error, ResultColumn, Type, Value, params};
use std::sync::Arc;

/// Rows of one row group, unless they have more bytes than that.
const GROUP_ROWS: usize = 65_536;
const GROUP_BYTES: usize = 64 << 20;
/// Microseconds and days from 1970-01-01 to 2000-01-01.
const UNIX_TO_SQL_US: i64 = 946_684_800_000_000;
const UNIX_TO_SQL_DAYS: i32 = 10_957;

fn failure(error: &ParquetError) -> Failure {
    Failure::other(format!("could not write the file: {error}"))
}

/// Writes the rows of a query; how many there were.
pub fn write(conn: &Connection, query: &str, out: &mut Out) -> Result<u64> {
    let rows = conn.query(query, params![])?;
    let mut columns = Vec::new();
    let mut fields = Vec::new();
    for column in rows.columns() {
        fields.push(Arc::new(schema(column).map_err(|e| failure(&e))?));
        columns.push(Column {
            ty: column.ty(),
            name: column.name().to_owned(),
            values: values(column.ty()),
            there: Vec::new(),
        });
    }
    if columns.is_empty() {
        return Err(Failure::other("the query has no columns"));
    }
    let root = Schema::group_type_builder("schema").with_fields(fields).build().map_err(|e| failure(&e))?;
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let writer = SerializedFileWriter::new(out, Arc::new(root), Arc::new(properties));
    let mut writer = writer.map_err(|e| failure(&e))?;
    let (mut count, mut bytes, mut held) = (0, 0, 0);
    for row in rows {
        let row = row?;
        for (column, value) in columns.iter_mut().zip(row.values()) {
            bytes += column.push(&value.loaded()?)?;
        }
        (count, held) = (count + 1, held + 1);
        if held == GROUP_ROWS || bytes >= GROUP_BYTES {
            group(&mut columns, &mut writer).map_err(|e| failure(&e))?;
            (bytes, held) = (0, 0);
        }
    }
    if held > 0 {
        group(&mut columns, &mut writer).map_err(|e| failure(&e))?;
    }
    writer.close().map_err(|e| failure(&e))?;
    Ok(count)
}

fn group(
    columns: &mut [Column],
    writer: &mut SerializedFileWriter<&mut Out>,
) -> std::result::Result<(), ParquetError> {
    let mut group = writer.next_row_group()?;
    for column in columns {
        let Some(mut out) = group.next_column()? else { break };
        column.write(out.untyped())?;
        out.close()?;
    }
    group.close()?;
    Ok(())
}

/// A column of the row group at hand.
struct Column {
    name: String,
    ty: Type,
    values: Values,
    /// 1 for a value, 0 for NULL: Parquet's definition levels.
    there: Vec<i16>,
}

/// Its values without NULLs.
enum Values {
    Bool(Vec<bool>),
    Int32(Vec<i32>),
    Int64(Vec<i64>),
    Float(Vec<f32>),
    Double(Vec<f64>),
    Bytes(Vec<ByteArray>),
    Fixed(Vec<FixedLenByteArray>),
}

fn values(ty: Type) -> Values {
    match physical(ty) {
        Physical::BOOLEAN => Values::Bool(Vec::new()),
        Physical::INT32 => Values::Int32(Vec::new()),
        Physical::INT64 => Values::Int64(Vec::new()),
        Physical::FLOAT => Values::Float(Vec::new()),
        Physical::DOUBLE => Values::Double(Vec::new()),
        Physical::FIXED_LEN_BYTE_ARRAY => Values::Fixed(Vec::new()),
        Physical::BYTE_ARRAY | Physical::INT96 => Values::Bytes(Vec::new()),
    }
}

fn physical(ty: Type) -> Physical {
    match ty.plain() {
        Type::Bool => Physical::BOOLEAN,
        Type::Int2 | Type::Int4 | Type::Date => Physical::INT32,
        Type::Int8 | Type::Timestamp | Type::Timestamptz | Type::Time => Physical::INT64,
        Type::Float4 => Physical::FLOAT,
        Type::Float8 => Physical::DOUBLE,
        Type::Uuid => Physical::FIXED_LEN_BYTE_ARRAY,
        _ if decimal(ty).is_some() => Physical::FIXED_LEN_BYTE_ARRAY,
        _ => Physical::BYTE_ARRAY,
    }
}

/// Precision and scale of a numeric that Parquet's decimals hold.
fn decimal(ty: Type) -> Option<(i32, i32)> {
    match ty {
        Type::Numeric(Some((precision, scale))) => {
            let (precision, scale) = (i32::from(precision), i32::from(scale));
            ((1..=38).contains(&precision) && (0..=precision).contains(&scale)).then_some((precision, scale))
        }
        _ => None,
    }
}

fn schema(column: &ResultColumn) -> std::result::Result<Schema, ParquetError> {
    let ty = column.ty();
    let logical = match ty.plain() {
        Type::Bool | Type::Int4 | Type::Int8 | Type::Float4 | Type::Float8 | Type::Bytea => None,
        Type::Int2 => Some(LogicalType::integer(16, true)),
        Type::Date => Some(LogicalType::Date),
        Type::Time => Some(LogicalType::time(false, TimeUnit::MICROS)),
        Type::Timestamp => Some(LogicalType::timestamp(false, TimeUnit::MICROS)),
        Type::Timestamptz => Some(LogicalType::timestamp(true, TimeUnit::MICROS)),
        Type::Uuid => Some(LogicalType::Uuid),
        Type::Json | Type::Jsonb => Some(LogicalType::Json),
        _ => match decimal(ty) {
            Some((precision, scale)) => Some(LogicalType::decimal(scale, precision)),
            None => Some(LogicalType::String),
        },
    };
    let (precision, scale) = decimal(ty).unwrap_or((-1, -1));
    let length = if physical(ty) == Physical::FIXED_LEN_BYTE_ARRAY { 16 } else { -1 };
    Schema::primitive_type_builder(column.name(), physical(ty))
        .with_repetition(Repetition::OPTIONAL)
        .with_logical_type(logical)
        .with_precision(precision)
        .with_scale(scale)
        .with_length(length)
        .build()
}

impl Column {
    /// Adds a value; about how many bytes it has.
    fn push(&mut self, value: &Value) -> Result<usize> {
        self.there.push(i16::from(!value.is_null()));
        if value.is_null() {
            return Ok(1);
        }
        match (&mut self.values, value) {
            (Values::Bool(values), Value::Bool(v)) => values.push(*v),
            (Values::Int32(values), Value::Int2(v)) => values.push((*v).into()),
            (Values::Int32(values), Value::Int4(v)) => values.push(*v),
            (Values::Int32(values), Value::Date(days)) => {
                let days =
                    days.checked_add(UNIX_TO_SQL_DAYS).filter(|_| !matches!(*days, i32::MIN | i32::MAX));
                values.push(days.ok_or_else(|| out_of_range(&self.name, value))?);
            }
            (Values::Int64(values), Value::Int8(v) | Value::Time(v)) => values.push(*v),
            (Values::Int64(values), Value::Timestamp(us) | Value::Timestamptz(us)) => {
                let us = us.checked_add(UNIX_TO_SQL_US).filter(|_| !matches!(*us, i64::MIN | i64::MAX));
                values.push(us.ok_or_else(|| out_of_range(&self.name, value))?);
            }
            (Values::Float(values), Value::Float4(v)) => values.push(*v),
            (Values::Double(values), Value::Float8(v)) => values.push(*v),
            (Values::Fixed(values), Value::Uuid(v)) => values.push(v.to_vec().into()),
            (Values::Fixed(values), _) => {
                let scaled = unscaled(&value.to_string(), decimal(self.ty).map_or(0, |(_, scale)| scale));
                let scaled = scaled.ok_or_else(|| out_of_range(&self.name, value))?;
                values.push(scaled.to_be_bytes().to_vec().into());
            }
            (Values::Bytes(values), Value::Bytea(bytes)) => {
                values.push(bytes.clone().into());
                return Ok(bytes.len() + 16);
            }
            (Values::Bytes(values), value) => {
                let text = value.to_string();
                let len = text.len() + 16;
                values.push(text.into_bytes().into());
                return Ok(len);
            }
            _ => return Err(Failure::other(format!("column \"{}\" has a value of another type", self.name))),
        }
        Ok(16)
    }

    /// Writes what it holds, which is then gone.
    fn write(&mut self, out: &mut ColumnWriter<'_>) -> std::result::Result<(), ParquetError> {
        let there = std::mem::take(&mut self.there);
        let there = Some(there.as_slice());
        match (&mut self.values, out) {
            (Values::Bool(v), ColumnWriter::BoolColumnWriter(w)) => {
                w.write_batch(&std::mem::take(v), there, None)
            }
            (Values::Int32(v), ColumnWriter::Int32ColumnWriter(w)) => {
                w.write_batch(&std::mem::take(v), there, None)
            }
            (Values::Int64(v), ColumnWriter::Int64ColumnWriter(w)) => {
                w.write_batch(&std::mem::take(v), there, None)
            }
            (Values::Float(v), ColumnWriter::FloatColumnWriter(w)) => {
                w.write_batch(&std::mem::take(v), there, None)
            }
            (Values::Double(v), ColumnWriter::DoubleColumnWriter(w)) => {
                w.write_batch(&std::mem::take(v), there, None)
            }
            (Values::Bytes(v), ColumnWriter::ByteArrayColumnWriter(w)) => {
                w.write_batch(&std::mem::take(v), there, None)
            }
            (Values::Fixed(v), ColumnWriter::FixedLenByteArrayColumnWriter(w)) => {
                w.write_batch(&std::mem::take(v), there, None)
            }
            _ => return Err(ParquetError::General("a column of another type".into())),
        }?;
        Ok(())
    }
}

/// The digits of a number without its point; None for NaN and infinities.
fn unscaled(text: &str, scale: i32) -> Option<i128> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let scale = usize::try_from(scale).ok()?;
    if fraction.len() > scale {
        return None;
    }
    format!("{whole}{fraction}{}", "0".repeat(scale - fraction.len())).parse().ok()
}

fn out_of_range(column: &str, value: &Value) -> Error {
    let message = format!("Parquet has no value for {value} in column \"{column}\"");
    Error::new(state::NUMERIC_VALUE_OUT_OF_RANGE, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits() {
        assert_eq!(unscaled("-12.30", 2), Some(-1230));
        assert_eq!((unscaled("7", 3), unscaled("0.5", 0), unscaled("NaN", 2)), (Some(7000), None, None));
    }
}
