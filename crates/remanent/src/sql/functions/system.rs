//! The database itself: its name, its size, its counters.
//!
//! ```text
//! SELECT current_database()                           the directory's name without its ending
//! SELECT pg_size_pretty(pg_database_size(current_database()))
//! SELECT pg_total_relation_size('imu')                the files of a table's segments and indexes, and its rows in memory
//! SELECT * FROM rem_written                           bytes written, for flash wear (`bind/system.rs`)
//! ```
//!
//! Sizes are those of now, whatever the snapshot; rows that are in memory count with what they take there (on disk they are
//! part of the log).

use super::{Args, Function, INT8, NUMERIC, OID, REGCLASS, Signature, TEXT, f};
use crate::sql::bind::relation_of_oid;
use remanent_storage::error::{Error, Result, state};
use remanent_storage::store::{Store, TableSize};
use remanent_storage::value::{Column, ColumnBuilder, Decimal, Numeric, Type, Value};
use std::sync::Arc;

/// What functions know of the database they run in.
#[derive(Clone)]
pub struct Instance {
    /// The store.
    pub store: Arc<Store>,
    /// What it is called.
    pub name: Arc<str>,
}

static NAME: &[Signature] = &[(&[], Type::Text)];
static SIZE: &[Signature] = &[(&[TEXT], Type::Int8)];
static OF_RELATION: [Signature; 2] = [(&[REGCLASS], Type::Int8), (&[REGCLASS, TEXT], Type::Int8)];

/// A counter of the database.
pub(crate) const COUNTER: &str = "rem_counter";
/// A counter of a table.
pub(crate) const TABLE_COUNTER: &str = "rem_table_counter";

pub(super) static FUNCTIONS: &[Function] = &[
    f("current_database", NAME, current_database).stable(),
    f("current_catalog", NAME, current_database).stable(),
    f("pg_database_size", &[(&[TEXT], Type::Int8), (&[OID], Type::Int8)], database_size).volatile(),
    f("pg_relation_size", &OF_RELATION, |a| table_size(a, |size| size.segment_bytes + size.hot_bytes))
        .volatile(),
    f("pg_table_size", OF_RELATION.split_at(1).0, |a| {
        table_size(a, |size| size.segment_bytes + size.hot_bytes)
    })
    .volatile(),
    f("pg_indexes_size", OF_RELATION.split_at(1).0, |a| table_size(a, |size| size.index_bytes)).volatile(),
    f("pg_total_relation_size", OF_RELATION.split_at(1).0, |a| {
        table_size(a, |size| size.segment_bytes + size.hot_bytes + size.index_bytes)
    })
    .volatile(),
    f("pg_size_pretty", &[(&[INT8], Type::Text), (&[NUMERIC], Type::Text)], size_pretty),
    f("pg_size_bytes", SIZE, size_bytes),
    f(COUNTER, SIZE, counter).volatile(),
    f(TABLE_COUNTER, &[(&[TEXT, TEXT], Type::Int8)], table_counter).volatile(),
];

pub(super) fn instance<'a>(args: &Args<'a>) -> Result<&'a Instance> {
    let message = "this can be asked only by a statement of a session";
    args.ctx.instance.ok_or_else(|| Error::new(state::FEATURE_NOT_SUPPORTED, message))
}

fn current_database(args: &Args<'_>) -> Result<Column> {
    Column::constant(Type::Text, &Value::from(&*instance(args)?.name), args.rows)
}

/// One number a row, from the texts of the row.
fn each(args: &Args<'_>, of: &mut dyn FnMut(&[String]) -> Result<i64>) -> Result<Column> {
    let mut values = ColumnBuilder::new(Type::Int8);
    for row in 0..args.rows {
        let text = |column: &Column| match column.value(row) {
            Value::Text(text) => Some(text),
            _ => None,
        };
        let texts: Option<Vec<String>> = args.columns.iter().map(text).collect();
        values.push(&match texts {
            Some(texts) => Value::Int8(of(&texts)?),
            None => Value::Null,
        })?;
    }
    Ok(values.finish())
}

fn number(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

fn database_size(args: &Args<'_>) -> Result<Column> {
    let instance = instance(args)?;
    if args.columns.first().is_some_and(|column| column.ty() == Type::Oid) {
        // There is one, whatever its number.
        let size = instance.store.disk_size().map(number)?;
        return args.map(&mut |_| Ok(Value::Int8(size)));
    }
    each(args, &mut |texts| match texts {
        [name] if **name == *instance.name => instance.store.disk_size().map(number),
        texts => {
            let message = format!("database \"{}\" does not exist", texts.concat());
            Err(Error::new(state::INVALID_CATALOG_NAME, message))
        }
    })
}

/// NULL for a number that is no table's; what has no rows, and what others have not committed, takes nothing.
fn table_size(args: &Args<'_>, of: fn(TableSize) -> u64) -> Result<Column> {
    let store = &instance(args)?.store;
    args.map(&mut |row| match (args.columns[0].value(row), args.ctx.catalog) {
        (Value::Int8(oid), Some(catalog)) => Ok(match relation_of_oid(oid, catalog) {
            // All of a table is its main fork.
            Ok(_) if args.columns.get(1).is_some_and(|fork| fork.value(row) != Value::from("main")) => {
                Value::Int8(0)
            }
            Ok(def) => Value::Int8(number(of(store.table_size_of(def.id).unwrap_or_default()))),
            Err(_) => Value::Null,
        }),
        _ => Ok(Value::Null),
    })
}

/// After PostgreSQL's manual, 9.27.7: halves are rounded up, and a unit ends at 10 × 1024 of it.
fn size_pretty(args: &Args<'_>) -> Result<Column> {
    let mut values = ColumnBuilder::new(Type::Text);
    for row in 0..args.rows {
        values.push(&match args.columns.first().map(|column| column.value(row)) {
            Some(Value::Int8(bytes)) => Value::from(pretty(bytes)),
            Some(Value::Numeric(bytes)) => {
                Value::from(match bytes.to_i64().filter(|_| bytes.scale() == Some(0)) {
                    Some(bytes) => pretty(bytes),
                    None => pretty_numeric(bytes)?,
                })
            }
            _ => Value::Null,
        })?;
    }
    Ok(values.finish())
}

const UNITS: [&str; 6] = ["bytes", "kB", "MB", "GB", "TB", "PB"];

/// pg_size_bytes: a number and a unit.
fn size_bytes(args: &Args<'_>) -> Result<Column> {
    args.map_int(&mut |row| {
        let text = args.text(0, row)?;
        let invalid = || Error::new(state::INVALID_PARAMETER_VALUE, format!("invalid size: \"{text}\""));
        let trimmed = text.trim();
        let end =
            trimmed.find(|c: char| c.is_ascii_alphabetic() && c != 'e' && c != 'E').unwrap_or(trimmed.len());
        let (number, unit) = (trimmed[..end].trim(), &trimmed[end..]);
        let number: Numeric = number.parse().map_err(|_| invalid())?;
        let step = UNITS.iter().position(|known| known.eq_ignore_ascii_case(unit));
        let step = if unit.is_empty() || unit.eq_ignore_ascii_case("b") { Some(0) } else { step };
        let Some(step) = step else {
            return Err(invalid()
                .with_detail(format!("Invalid size unit: \"{unit}\"."))
                .with_hint("Valid units are \"bytes\", \"kB\", \"MB\", \"GB\", \"TB\", and \"PB\"."));
        };
        let factor = Decimal::from(1i64 << (10 * step)).into();
        number.mul(&factor)?.to_i64().ok_or_else(|| super::support::out_of_range(Type::Int8))
    })
}

fn pretty(bytes: i64) -> String {
    // In halves of the unit from the second on, so that the last step can round.
    let (mut size, mut unit) = (bytes, 0);
    let limit = |unit: usize| if unit == 0 { 10 * 1024 } else { 20 * 1024 - 1 };
    while size.unsigned_abs() >= limit(unit) && unit + 1 < UNITS.len() {
        size = if unit == 0 { size >> 9 } else { size / 1024 };
        unit += 1;
    }
    let size = if unit == 0 { size } else { (size + size.signum()) / 2 };
    format!("{size} {}", UNITS.get(unit).copied().unwrap_or_default())
}

/// The same of what is no whole number, or a larger one.
fn pretty_numeric(mut size: Numeric) -> Result<String> {
    let whole = |number: i64| Numeric::from(Decimal::from(number));
    let mut unit = 0;
    let limit = |unit: usize| if unit == 0 { 10 * 1024 } else { 20 * 1024 - 1 };
    while !size.is_nan() && size.abs() >= whole(limit(unit)) && unit + 1 < UNITS.len() {
        size = size.div_trunc(&whole(if unit == 0 { 512 } else { 1024 }))?;
        unit += 1;
    }
    if unit > 0 && !size.is_nan() {
        size = size.add(&whole(size.signum().into()))?.div_trunc(&whole(2))?;
    }
    Ok(format!("{size} {}", UNITS.get(unit).copied().unwrap_or_default()))
}

fn counter(args: &Args<'_>) -> Result<Column> {
    let store = &instance(args)?.store;
    let (stats, limits) = (store.stats(), store.limits());
    let whole = |size: usize| size as u64;
    each(args, &mut |texts| {
        let name = texts.concat();
        let of = |name: &str, written: [(&str, u64); 7], total: u64| {
            written.into_iter().chain([("total", total)]).find(|(known, _)| *known == name).map(|(_, b)| b)
        };
        let found = match name.split_once(':') {
            Some(("written", name)) => of(name, stats.written.each(), stats.written.total()),
            Some(("ever", name)) => of(name, stats.written_ever.each(), stats.written_ever.total()),
            _ => Some(match name.as_str() {
                "lsn" => stats.lsn,
                "hot_bytes" => whole(stats.hot_bytes),
                "segments" => whole(stats.segments),
                "segment_bytes" => stats.segment_bytes,
                "log_bytes" => stats.log_bytes,
                "log_syncs" => stats.log_syncs,
                "cache_bytes" => whole(stats.cache_bytes),
                "cache_misses" => stats.cache_misses,
                "lock_waits" => whole(stats.lock_waits),
                "loads" => stats.loads,
                "memory_limit" => whole(limits.memory_limit),
                _ => return Err(no_counter(&name)),
            }),
        };
        found.map(number).ok_or_else(|| no_counter(&name))
    })
}

fn table_counter(args: &Args<'_>) -> Result<Column> {
    let store = &instance(args)?.store;
    each(args, &mut |texts| {
        let [table, name] = texts else { return Err(no_counter("")) };
        // By its number, as the view has it. Dropped meanwhile: nothing is left of it.
        let size = table.parse().map_or_else(|_| store.table_size(table), |id| store.table_size_of(id));
        let size = size.unwrap_or_default();
        Ok(number(match name.as_str() {
            "rows" => size.rows,
            "hot_rows" => size.hot_rows,
            "hot_bytes" => size.hot_bytes,
            "segments" => size.segments,
            "segment_bytes" => size.segment_bytes,
            "index_bytes" => size.index_bytes,
            other => return Err(no_counter(other)),
        }))
    })
}

fn no_counter(name: &str) -> Error {
    Error::new(state::INVALID_PARAMETER_VALUE, format!("there is no counter \"{name}\""))
        .with_hint("SELECT * FROM rem_stat, rem_written and rem_stat_table show those that there are.")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// PostgreSQL 15.
    #[test]
    fn sizes_are_printed_as_postgresql_does() {
        for (bytes, printed) in [
            (0, "0 bytes"),
            (10_239, "10239 bytes"),
            (10_240, "10 kB"),
            (10_751, "10 kB"),
            (10_752, "11 kB"),
            (10_485_247, "10239 kB"),
            (10_485_248, "10 MB"),
            (1_073_741_824, "1024 MB"),
            (10_737_418_240, "10 GB"),
            (-10_240, "-10 kB"),
            (i64::MAX, "8192 PB"),
        ] {
            assert_eq!(pretty(bytes), printed, "{bytes}");
        }
    }
}
