//! How long the rows of a table stay: what `WITH (…)` of CREATE TABLE and `SET (…)` of ALTER TABLE say of it.
//!
//! ```text
//!   CREATE TABLE imu (at timestamptz PRIMARY KEY, …) WITH (retention = '7 days', disk_budget = '2GB')
//!
//!   retention     rows whose time is older than now − 7 days leave
//!   disk_budget   the oldest rows leave as long as the table's cold files are more than that
//!   downsample    rows become one for each bucket of time ([`downsample`](super::downsample))
//!   time_column   which column is the time; otherwise the first one of the primary key that is a time
//! ```
//!
//! The options are kept in the table's definition as they were written ([`TableDef::options`]) and read anew by who needs
//! them, so a definition has no second form that could disagree. Whoever changes a definition asks [`Lifetime::of`]
//! whether its options still mean something.
//!
//! # Limits
//!
//! A `timestamp` is taken for UTC, a `date` for its midnight in UTC. A row whose time is NULL or
//! `infinity` never leaves. Where there is
//! neither a time nor a primary key, `disk_budget` goes by the order of insertion.

use super::TableDef;
use super::downsample::Downsample;
use crate::error::{Error, Result, state};
use crate::value::datetime::{date_of_timestamp, timestamp_minus};
use crate::value::units::{BYTES, quantity, with_unit};
use crate::value::{Interval, Type, Value};

/// How long rows stay, at least.
pub const RETENTION: &str = "retention";
/// How many bytes the cold files may take.
pub const DISK_BUDGET: &str = "disk_budget";
/// How old rows become fewer.
pub const DOWNSAMPLE: &str = "downsample";
/// Which column is the time.
pub const TIME_COLUMN: &str = "time_column";

/// The shortest retention, in microseconds.
const RETENTION_MIN: i128 = 1_000_000;
/// The smallest budget: about one small segment.
const BUDGET_MIN: f64 = 65536.0;
/// The largest one.
const BUDGET_MAX: f64 = (1u64 << 52) as f64;

/// What the options of a table mean.
#[derive(Debug, Clone, PartialEq)]
pub struct Lifetime {
    /// The stored column by which rows are old: a time, or what grows with every row.
    pub column: usize,
    /// Rows older than that leave.
    pub retention: Option<Interval>,
    /// Bytes of cold files that the table may take.
    pub disk_budget: Option<u64>,
    /// How old rows become fewer.
    pub downsample: Option<Downsample>,
}

impl Lifetime {
    /// True if there is an option of that name.
    pub fn knows(name: &str) -> bool {
        [RETENTION, DISK_BUDGET, DOWNSAMPLE, TIME_COLUMN].contains(&name)
    }

    /// What a definition says; None where its rows stay for good. Errors: 22023 for what is no interval or size, or outside of
    /// its bounds; 42703, 42804 for a time column that is not there or is no time; 42P16 where one is needed.
    pub fn of(def: &TableDef) -> Result<Option<Lifetime>> {
        let retention = def.option(RETENTION).map(retention).transpose()?;
        let disk_budget = def.option(DISK_BUDGET).map(budget).transpose()?;
        let downsample = def.option(DOWNSAMPLE);
        let needs_time = retention.is_some() || downsample.is_some();
        let named = def.option(TIME_COLUMN).map(|name| named_column(def, name, needs_time));
        let named = named.transpose()?;
        let needs = match (retention, downsample, disk_budget) {
            (None, None, None) => return Ok(None),
            (Some(_), ..) => RETENTION,
            (None, Some(_), _) => DOWNSAMPLE,
            (None, None, Some(_)) => DISK_BUDGET,
        };
        let found = named.or_else(|| {
            def.key.iter().copied().find(|&column| def.columns.get(column).is_some_and(|c| is_time(c.ty)))
        });
        let column = match found {
            Some(column) => column,
            // The hidden key counts rows as they come.
            None if !needs_time && def.key.is_empty() => def.columns.len(),
            None => return Err(no_time(def, needs)),
        };
        let downsample = downsample.map(|text| Downsample::of(def, column, text)).transpose()?;
        Ok(Some(Lifetime { column, retention, disk_budget, downsample }))
    }

    /// Where the rows begin that may stay at a time, in the column's own numbers ([`number`]); None where retention says
    /// nothing, or reaches back beyond all times.
    pub fn cutoff(&self, def: &TableDef, now: i64) -> Option<i64> {
        self.before(def, now, self.retention?)
    }

    /// The same of any interval.
    pub fn before(&self, def: &TableDef, now: i64, span: Interval) -> Option<i64> {
        let at = timestamp_minus(now, span).ok()?;
        match def.columns.get(self.column)?.ty.plain() {
            Type::Date => Some(date_of_timestamp(at).into()),
            _ => Some(at),
        }
    }
}

/// The number by which a value of a time column, or of one that counts, is older than another: microseconds, days, or itself.
pub fn number(value: &Value) -> Option<i64> {
    match value {
        Value::Timestamp(at) | Value::Timestamptz(at) | Value::Int8(at) => Some(*at),
        // As infinite as those of the others.
        Value::Date(i32::MAX) => Some(i64::MAX),
        Value::Date(i32::MIN) => Some(i64::MIN),
        Value::Date(day) => Some((*day).into()),
        Value::Int4(n) => Some((*n).into()),
        Value::Int2(n) => Some((*n).into()),
        _ => None,
    }
}

/// The inverse of [`number`], as far as a type reaches.
pub fn value(ty: Type, number: i64) -> Value {
    let within = |least: i64, most: i64| number.clamp(least, most);
    match ty.plain() {
        Type::Timestamp => Value::Timestamp(number),
        Type::Timestamptz => Value::Timestamptz(number),
        Type::Date => Value::Date(within(i32::MIN.into(), i32::MAX.into()) as i32),
        Type::Int4 => Value::Int4(within(i32::MIN.into(), i32::MAX.into()) as i32),
        Type::Int2 => Value::Int2(within(i16::MIN.into(), i16::MAX.into()) as i16),
        _ => Value::Int8(number),
    }
}

fn is_time(ty: Type) -> bool {
    matches!(ty.plain(), Type::Timestamp | Type::Timestamptz | Type::Date)
}

fn invalid(message: String) -> Error {
    Error::new(state::INVALID_PARAMETER_VALUE, message)
}

fn out_of_bounds(name: &str, text: &str, valid: String) -> Error {
    invalid(format!("value {text} out of bounds for option \"{name}\"")).with_detail(valid)
}

/// An interval of a second or more, none of whose parts is negative: one of mixed signs could lead to the future. A number without a
/// unit would be seconds, which nobody means: none.
pub(super) fn span(text: &str) -> Option<Interval> {
    if is_bare(text) {
        return None;
    }
    match Value::parse(text, Type::Interval) {
        Ok(Value::Interval(span)) => {
            let whole = span.months.min(span.days) >= 0 && span.micros >= 0;
            (whole && span.comparable() >= RETENTION_MIN).then_some(span)
        }
        _ => None,
    }
}

fn is_bare(text: &str) -> bool {
    text.trim().parse::<f64>().is_ok_and(|number| number >= 1.0)
}

fn retention(text: &str) -> Result<Interval> {
    if let Some(span) = span(text) {
        return Ok(span);
    }
    match Value::parse(text, Type::Interval) {
        Ok(_) if !is_bare(text) => {
            Err(out_of_bounds(RETENTION, text, "Valid values are at least \"1 second\".".to_string()))
        }
        _ => Err(invalid(format!("invalid value for interval option \"{RETENTION}\": {text}"))
            .with_hint("An interval is written as in '7 days' or '90 minutes'.")),
    }
}

fn budget(text: &str) -> Result<u64> {
    let bytes = quantity(text, BYTES).filter(|bytes| bytes.is_finite());
    let bytes = bytes.ok_or_else(|| {
        invalid(format!("invalid value for size option \"{DISK_BUDGET}\": {text}"))
            .with_hint("Valid units for this parameter are \"B\", \"kB\", \"MB\", \"GB\", \"TB\".")
    })?;
    if !(BUDGET_MIN..=BUDGET_MAX).contains(&bytes) {
        let (least, most) = (with_unit(BUDGET_MIN, BYTES), with_unit(BUDGET_MAX, BYTES));
        let valid = format!("Valid values are between \"{least}\" and \"{most}\".");
        return Err(out_of_bounds(DISK_BUDGET, text, valid));
    }
    Ok(bytes as u64)
}

fn named_column(def: &TableDef, name: &str, needs_time: bool) -> Result<usize> {
    let column = def.columns.iter().take(def.visible()).position(|column| column.name == name);
    let Some(column) = column else {
        let message = format!("column \"{name}\" named in option \"{TIME_COLUMN}\" does not exist");
        return Err(Error::new(state::UNDEFINED_COLUMN, message));
    };
    let ty = def.columns[column].ty;
    let counts = matches!(ty, Type::Int2 | Type::Int4 | Type::Int8);
    if is_time(ty) || counts && !needs_time {
        return Ok(column);
    }
    let message = format!("column \"{name}\" named in option \"{TIME_COLUMN}\" is of type {ty}");
    Err(Error::new(state::DATATYPE_MISMATCH, message).with_detail(format!(
        "A time is of type timestamp, timestamptz or date; for \"{DISK_BUDGET}\" alone also of a type of whole numbers."
    )))
}

fn no_time(def: &TableDef, option: &str) -> Error {
    let message = format!("option \"{option}\" needs a time, and table \"{}\" has none", def.name);
    Error::new(state::INVALID_TABLE_DEFINITION, message)
        .with_detail(
            "It is the first column of the primary key that is of type timestamp, timestamptz or date.",
        )
        .with_hint(format!("Name another column in the option \"{TIME_COLUMN}\"."))
}
