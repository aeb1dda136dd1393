//! Parquet: the schema says what the columns are, so rows are read once.
//!
//! | Parquet | SQL |
//! |---|---|
//! | BOOLEAN, FLOAT and FLOAT16, DOUBLE | boolean, real, double precision |
//! | INT32, INT64 by their width and sign | smallint, integer, bigint; unsigned 64 bits: numeric(20) |
//! | DECIMAL(p, s) | numeric(p, s) |
//! | STRING, ENUM; JSON; UUID; other bytes | text; jsonb; uuid; bytea |
//! | DATE, TIME | date, time |
//! | TIMESTAMP, INT96 | timestamptz, or timestamp where it is not adjusted to UTC; nanoseconds are cut to microseconds |
//! | lists, maps, groups | jsonb |
//!
//! Limits: a file whose pages are damaged is refused by the reader where it notices; Parquet's checksums are optional.
//! Pages compressed with Zstandard need the feature `zstd`; LZO and Brotli are refused.

use super::load::{Chunk, Load};
use super::target::{Found, Target};
use super::{Source, open, stem};
use crate::failure::{Failure, Result};
use parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type as Physical};
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use parquet::schema::types::Type;
use remanent::Value;
use remanent::json::write_string;
use std::fmt::Write;
use std::fs::File;

/// Microseconds from 1970-01-01 to 2000-01-01.
const UNIX_TO_SQL_US: i64 = 946_684_800_000_000;
const UNIX_TO_SQL_DAYS: i32 = 10_957;

/// What the numbers and bytes of a column mean, where their physical type does not say.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Meaning {
    Plain,
    Date,
    /// Units of a second: a time of the day, or since 1970.
    Time(i64),
    Timestamp(i64),
    Uuid,
    Text,
}

fn failure(source: &Source, error: &ParquetError) -> Failure {
    let what = format!("\"{}\" cannot be read: {error}", source.path.display());
    let hint = what.contains("zstd") && !cfg!(feature = "zstd");
    Failure::Other(what, hint.then(|| "This program was built without the feature \"zstd\".".to_owned()))
}

fn reader(source: &Source) -> Result<SerializedFileReader<File>> {
    drop(open(&source.path)?);
    let file = File::open(&source.path).map_err(|e| Failure::file("open", &source.path, &e))?;
    SerializedFileReader::new(file).map_err(|e| failure(source, &e))
}

fn root(reader: &SerializedFileReader<File>) -> &[parquet::schema::types::TypePtr] {
    reader.metadata().file_metadata().schema().get_fields()
}

/// The columns.
pub fn survey(source: &Source) -> Result<Vec<Found>> {
    let reader = reader(source)?;
    let mut columns = Vec::new();
    for field in root(&reader) {
        check(field, source)?;
        columns.push((field.name().to_owned(), sql_type(field)));
    }
    Ok(vec![Found { name: stem(&source.path), columns, nameless: false, note: None }])
}

/// The rows.
pub fn load(source: &Source, found: &[Found], targets: &[Target], load: &mut Load<'_>) -> Result<()> {
    let (Some(found), Some(target)) = (found.first(), targets.first()) else { return Ok(()) };
    target.all_columns(found, &source.path)?;
    let reader = reader(source)?;
    let meanings: Vec<Meaning> = root(&reader).iter().map(|field| meaning(field)).collect();
    let mut chunk = Chunk::new(target.copy(""));
    let mut text = String::new();
    let rows = reader.get_row_iter(None).map_err(|e| failure(source, &e))?;
    for (number, row) in (1u64..).zip(rows) {
        let row = row.map_err(|e| failure(source, &e))?;
        for ((_, field), meaning) in row.get_column_iter().zip(&meanings) {
            text.clear();
            let there = write_field(field, *meaning, &mut text);
            chunk.field(there.then_some(text.as_str()));
        }
        chunk.end_row(number, load)?;
        source.count(1);
    }
    chunk.flush(load)
}

/// Refuses what the reader knows no value for.
fn check(ty: &Type, source: &Source) -> Result<()> {
    if ty.is_group() {
        return ty.get_fields().iter().try_for_each(|field| check(field, source));
    }
    use ConvertedType as C;
    let converted = ty.get_basic_info().converted_type();
    let decimal = |precision: i32, scale: i32| (0..=precision).contains(&scale);
    let known = match (ty.get_physical_type(), converted) {
        (_, C::DECIMAL) => {
            matches!(ty, Type::PrimitiveType { precision, scale, .. } if decimal(*precision, *scale))
        }
        (_, C::NONE) => true,
        (Physical::INT32, C::INT_8 | C::INT_16 | C::INT_32 | C::UINT_8 | C::UINT_16 | C::UINT_32) => true,
        (Physical::INT32, C::DATE | C::TIME_MILLIS) => true,
        (Physical::INT64, C::INT_64 | C::UINT_64 | C::TIME_MICROS) => true,
        (Physical::INT64, C::TIMESTAMP_MILLIS | C::TIMESTAMP_MICROS) => true,
        (Physical::BYTE_ARRAY, C::UTF8 | C::ENUM | C::JSON | C::BSON) => true,
        _ => false,
    };
    match known {
        true => Ok(()),
        false => {
            let (name, path) = (ty.name(), source.path.display());
            let what = format!("column \"{name}\" of \"{path}\" is of a type that is not read: {converted}");
            Err(Failure::other(what))
        }
    }
}

fn units(unit: &TimeUnit) -> i64 {
    match unit {
        TimeUnit::MILLIS => 1_000,
        TimeUnit::MICROS => 1_000_000,
        TimeUnit::NANOS => 1_000_000_000,
    }
}

fn meaning(ty: &Type) -> Meaning {
    let info = ty.get_basic_info();
    if ty.is_group() {
        return Meaning::Plain;
    }
    match (info.logical_type_ref(), info.converted_type()) {
        (Some(LogicalType::Timestamp(t)), _) => Meaning::Timestamp(units(&t.unit)),
        (Some(LogicalType::Time(t)), _) => Meaning::Time(units(&t.unit)),
        (Some(LogicalType::Date), _) => Meaning::Date,
        (Some(LogicalType::Uuid), _) => Meaning::Uuid,
        (Some(LogicalType::String | LogicalType::Enum | LogicalType::Json), _) => Meaning::Text,
        (_, ConvertedType::TIMESTAMP_MILLIS) => Meaning::Timestamp(1_000),
        (_, ConvertedType::TIMESTAMP_MICROS) => Meaning::Timestamp(1_000_000),
        (_, ConvertedType::TIME_MILLIS) => Meaning::Time(1_000),
        (_, ConvertedType::TIME_MICROS) => Meaning::Time(1_000_000),
        (_, ConvertedType::DATE) => Meaning::Date,
        _ => Meaning::Plain,
    }
}

fn sql_type(ty: &Type) -> String {
    let info = ty.get_basic_info();
    // A repeated field is a list, whatever it is of.
    if ty.is_group() || info.has_repetition() && info.repetition() == parquet::basic::Repetition::REPEATED {
        return "jsonb".to_owned();
    }
    use ConvertedType as C;
    let logical = info.logical_type_ref();
    let converted = info.converted_type();
    let name = match (ty.get_physical_type(), converted) {
        (_, C::DECIMAL) => match ty {
            Type::PrimitiveType { precision, scale, .. } => return format!("numeric({precision},{scale})"),
            Type::GroupType { .. } => "numeric",
        },
        _ if matches!(meaning(ty), Meaning::Date) => "date",
        _ if matches!(meaning(ty), Meaning::Time(_)) => "time",
        (Physical::INT64, _) if matches!(meaning(ty), Meaning::Timestamp(_)) => match logical {
            Some(LogicalType::Timestamp(t)) if !t.is_adjusted_to_u_t_c => "timestamp",
            _ => "timestamptz",
        },
        (Physical::INT96, _) => "timestamptz",
        (Physical::BOOLEAN, _) => "boolean",
        (Physical::INT32, C::INT_8 | C::INT_16 | C::UINT_8) => "smallint",
        (Physical::INT32, C::UINT_32) => "bigint",
        (Physical::INT32, _) => "integer",
        (Physical::INT64, C::UINT_64) => "numeric(20)",
        (Physical::INT64, _) => "bigint",
        (Physical::FLOAT, _) => "real",
        (Physical::DOUBLE, _) => "double precision",
        _ => match (logical, converted) {
            (Some(LogicalType::Float16), _) => "real",
            (Some(LogicalType::Uuid), _) => "uuid",
            (Some(LogicalType::Json), _) | (_, C::JSON) => "jsonb",
            (Some(LogicalType::String | LogicalType::Enum), _) | (_, C::UTF8 | C::ENUM) => "text",
            _ => "bytea",
        },
    };
    name.to_owned()
}

/// Writes a value as SQL reads it; false for NULL.
fn write_field(field: &Field, meaning: Meaning, out: &mut String) -> bool {
    // Writing to a string does not fail.
    let _ = match (field, meaning) {
        (Field::Null, _) => return false,
        (Field::Int(days) | Field::Date(days), Meaning::Date) => match days.checked_sub(UNIX_TO_SQL_DAYS) {
            Some(days) => write!(out, "{}", Value::Date(days)),
            None => write!(out, "{days} days since 1970"),
        },
        (Field::Int(n) | Field::TimeMillis(n), Meaning::Time(units)) => write_time((*n).into(), units, out),
        (Field::Long(n) | Field::TimeMicros(n), Meaning::Time(units)) => write_time(*n, units, out),
        (Field::Long(n), Meaning::Timestamp(units)) => write_timestamp(*n, units, out),
        (Field::TimestampMillis(n), _) => write_timestamp(*n, 1_000, out),
        (Field::TimestampMicros(n), _) => write_timestamp(*n, 1_000_000, out),
        (Field::Bytes(bytes), Meaning::Uuid) => match <[u8; 16]>::try_from(bytes.data()) {
            Ok(uuid) => write!(out, "{}", Value::Uuid(uuid)),
            Err(_) => write_hex(bytes.data(), out),
        },
        (Field::Bytes(bytes), Meaning::Text) => write!(out, "{}", String::from_utf8_lossy(bytes.data())),
        (Field::Bytes(bytes), _) => write_hex(bytes.data(), out),
        (Field::Str(text), _) => write!(out, "{text}"),
        (Field::Float(v), _) => write!(out, "{v}"),
        (Field::Double(v), _) => write!(out, "{v}"),
        (Field::Float16(v), _) => write!(out, "{}", v.to_f32()),
        (Field::Group(_) | Field::ListInternal(_) | Field::MapInternal(_), _) => {
            write_json(field, out);
            Ok(())
        }
        (other, _) => write!(out, "{other}"),
    };
    true
}

fn write_hex(bytes: &[u8], out: &mut String) -> std::fmt::Result {
    out.push_str("\\x");
    bytes.iter().try_for_each(|byte| write!(out, "{byte:02x}"))
}

fn write_time(n: i64, units: i64, out: &mut String) -> std::fmt::Result {
    let us = i128::from(n) * 1_000_000 / i128::from(units);
    match i64::try_from(us) {
        Ok(us @ 0..=86_400_000_000) => write!(out, "{}", Value::Time(us)),
        _ => write!(out, "{n}/{units} s"),
    }
}

/// What is out of SQL's range is written as what it is, which no type takes.
fn write_timestamp(n: i64, units: i64, out: &mut String) -> std::fmt::Result {
    let us = (i128::from(n) * 1_000_000).div_euclid(i128::from(units)) - i128::from(UNIX_TO_SQL_US);
    match i64::try_from(us) {
        Ok(us) if us != i64::MIN && us != i64::MAX => write!(out, "{}", Value::Timestamp(us)),
        _ => write!(out, "{n}/{units} s since 1970"),
    }
}

/// A nested value as JSON; what JSON has no form for is a string.
fn write_json(field: &Field, out: &mut String) {
    let list = |elements: &[Field], out: &mut String| {
        out.push('[');
        for (i, element) in elements.iter().enumerate() {
            if i > 0 {
                out.push(',');
            }
            write_json(element, out);
        }
        out.push(']');
    };
    let _ = match field {
        Field::Null => write!(out, "null"),
        Field::Bool(v) => write!(out, "{v}"),
        Field::Float(v) if v.is_finite() => write!(out, "{v}"),
        Field::Double(v) if v.is_finite() => write!(out, "{v}"),
        Field::Byte(_) | Field::Short(_) | Field::Int(_) | Field::Long(_) => write!(out, "{field}"),
        Field::UByte(_) | Field::UShort(_) | Field::UInt(_) | Field::ULong(_) => write!(out, "{field}"),
        Field::Decimal(_) => write!(out, "{field}"),
        Field::ListInternal(elements) => {
            list(elements.elements(), out);
            Ok(())
        }
        Field::Group(row) => {
            out.push('{');
            for (i, (name, field)) in row.get_column_iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                let _ = write_string(out, name);
                out.push(':');
                write_json(field, out);
            }
            write!(out, "}}")
        }
        Field::MapInternal(map) => {
            out.push('{');
            for (i, (key, field)) in map.entries().iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                let mut name = String::new();
                write_field(key, Meaning::Plain, &mut name);
                let _ = write_string(out, &name);
                out.push(':');
                write_json(field, out);
            }
            write!(out, "}}")
        }
        other => {
            let mut text = String::new();
            let meaning =
                if matches!(other, Field::Date(_)) { Meaning::Date } else { Meaning::Time(1_000_000) };
            let meaning = if matches!(other, Field::TimeMillis(_)) { Meaning::Time(1_000) } else { meaning };
            write_field(other, meaning, &mut text);
            write_string(out, &text)
        }
    };
}
