//! Times in buckets, as TimescaleDB has them: `time_bucket`, and `time_bucket_gapfill` with `locf` and `interpolate`, which fill
//! buckets without rows (`bind/gapfill.rs`).
//!
//! ```text
//! SELECT time_bucket('5 min', at), avg(v) FROM imu GROUP BY 1
//! SELECT time_bucket('1 day', at, 'Europe/Oslo')      days as clocks there have them
//! ```

use super::support::{i64s, integer_column, intervals};
use super::{
    ANY, Args, BOOL, DATE, ELEMENT, FLOAT4, FLOAT8, Function, INT2, INT4, INT8, INTERVAL, Signature, TEXT,
    TIMESTAMP, TIMESTAMPTZ, f, zone,
};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::bucket;
use remanent_storage::value::datetime::{self, is_infinite};
use remanent_storage::value::interval::MICROS_PER_DAY;
use remanent_storage::value::{Column, Element, Interval, Type, Value, Zone};

/// Buckets that are filled where they have no rows.
pub(crate) const GAPFILL: &str = "time_bucket_gapfill";
/// The last value carried forward.
pub(crate) const LOCF: &str = "locf";
/// Values on the line between their neighbours.
pub(crate) const INTERPOLATE: &str = "interpolate";

static PLAIN: &[Signature] = &[
    (&[INTERVAL, TIMESTAMP], Type::Timestamp),
    (&[INTERVAL, TIMESTAMPTZ], Type::Timestamptz),
    (&[INTERVAL, DATE], Type::Date),
    (&[INTERVAL, TIMESTAMP, TIMESTAMP], Type::Timestamp),
    (&[INTERVAL, TIMESTAMPTZ, TIMESTAMPTZ], Type::Timestamptz),
    (&[INTERVAL, DATE, DATE], Type::Date),
];
static MOVED: &[Signature] = &[
    (&[INTERVAL, TIMESTAMP, INTERVAL], Type::Timestamp),
    (&[INTERVAL, TIMESTAMPTZ, INTERVAL], Type::Timestamptz),
    (&[INTERVAL, DATE, INTERVAL], Type::Date),
];
static ZONED: &[Signature] = &[
    (&[INTERVAL, TIMESTAMPTZ, TEXT], Type::Timestamptz),
    (&[INTERVAL, TIMESTAMPTZ, TEXT, TIMESTAMPTZ], Type::Timestamptz),
    (&[INTERVAL, TIMESTAMPTZ, TEXT, TIMESTAMPTZ, INTERVAL], Type::Timestamptz),
];
static NUMBERS: &[Signature] = &[
    (&[INT2, INT2], Type::Int2),
    (&[INT4, INT4], Type::Int4),
    (&[INT8, INT8], Type::Int8),
    (&[INT2, INT2, INT2], Type::Int2),
    (&[INT4, INT4, INT4], Type::Int4),
    (&[INT8, INT8, INT8], Type::Int8),
];
static FILLED: &[Signature] = &[
    (&[INTERVAL, TIMESTAMP], Type::Timestamp),
    (&[INTERVAL, TIMESTAMPTZ], Type::Timestamptz),
    (&[INTERVAL, DATE], Type::Date),
    (&[INTERVAL, TIMESTAMP, TIMESTAMP, TIMESTAMP], Type::Timestamp),
    (&[INTERVAL, TIMESTAMPTZ, TIMESTAMPTZ, TIMESTAMPTZ], Type::Timestamptz),
    (&[INTERVAL, DATE, DATE, DATE], Type::Date),
    (&[INT2, INT2], Type::Int2),
    (&[INT4, INT4], Type::Int4),
    (&[INT8, INT8], Type::Int8),
    (&[INT2, INT2, INT2, INT2], Type::Int2),
    (&[INT4, INT4, INT4, INT4], Type::Int4),
    (&[INT8, INT8, INT8, INT8], Type::Int8),
    (&[INTERVAL, TIMESTAMPTZ, TEXT], Type::Timestamptz),
    (&[INTERVAL, TIMESTAMPTZ, TEXT, TIMESTAMPTZ, TIMESTAMPTZ], Type::Timestamptz),
];
const ITSELF: Type = Type::Array(Element::ITSELF);
static LAST: &[Signature] =
    &[(&[ELEMENT], ITSELF), (&[ELEMENT, ELEMENT], ITSELF), (&[ELEMENT, ELEMENT, BOOL], ITSELF)];
/// The value; then the time and the value before, the time and the value behind.
static LINE: &[Signature] = &[
    (&[FLOAT8], Type::Float8),
    (&[FLOAT4], Type::Float4),
    (&[INT2], Type::Int2),
    (&[INT4], Type::Int4),
    (&[INT8], Type::Int8),
    (&[FLOAT8, ANY, FLOAT8, ANY, FLOAT8], Type::Float8),
    (&[FLOAT4, ANY, FLOAT4, ANY, FLOAT4], Type::Float4),
    (&[INT2, ANY, INT2, ANY, INT2], Type::Int2),
    (&[INT4, ANY, INT4, ANY, INT4], Type::Int4),
    (&[INT8, ANY, INT8, ANY, INT8], Type::Int8),
];

pub(super) static FUNCTIONS: &[Function] = &[
    f("time_bucket", PLAIN, plain),
    f("time_bucket", MOVED, moved).stable(),
    f("time_bucket", ZONED, zoned).stable().sees_null(),
    f("time_bucket", NUMBERS, |args| {
        let origin = args.columns.get(2).map(i64s).transpose()?;
        numbers(args, &|row| origin.as_ref().map_or(0, |origin| origin[row]))
    }),
    f(GAPFILL, FILLED, filled).stable().sees_null(),
    f(LOCF, LAST, |_| Err(outside(LOCF))).sees_null(),
    f(INTERPOLATE, LINE, |_| Err(outside(INTERPOLATE))).sees_null(),
];

/// What a call outside of its place is told.
pub(crate) fn outside(name: &str) -> Error {
    let message = format!("{name} can only be used in an aggregation query with {GAPFILL}");
    Error::new(state::FEATURE_NOT_SUPPORTED, message)
}

/// The beginning of a time's bucket; dates are times at midnight.
fn bucket_of(width: Interval, t: i64, origin: Option<i64>, ty: Type) -> Result<i64> {
    if ty != Type::Date {
        return bucket::of(width, t, origin);
    }
    if width.micros % MICROS_PER_DAY != 0 {
        let message = "interval must not have sub-day precision";
        return Err(Error::new(state::INVALID_PARAMETER_VALUE, message));
    }
    let midnight = |days: i64| datetime::timestamp_of_date(days as i32);
    let begins = bucket::of(width, midnight(t)?, origin.map(midnight).transpose()?)?;
    Ok(datetime::date_of_timestamp(begins).into())
}

/// A width as a value: the beginning of the bucket of a time, a date or a number, as the clocks of a zone have it.
pub(crate) fn begin_of(width: &Value, t: i64, ty: Type, zone: Option<&Zone>) -> Result<i64> {
    match (width, zone) {
        (Value::Interval(width), Some(zone)) if !is_infinite(t) => {
            zone::moment(bucket::of(*width, zone.local(t), None)?, zone)
        }
        (Value::Interval(width), _) => bucket_of(*width, t, None, ty),
        (width, _) => {
            let (least, greatest) = ends(ty);
            bucket::whole(number(width), t, 0, least, greatest)
        }
    }
}

/// The beginning of the next bucket, likewise.
pub(crate) fn next_of(width: &Value, t: i64, ty: Type, zone: Option<&Zone>) -> Result<i64> {
    let ended = || Error::new(state::DATETIME_FIELD_OVERFLOW, "timestamp out of range");
    match (width, zone) {
        (Value::Interval(width), Some(zone)) => zone::moment(bucket::next(*width, zone.local(t))?, zone),
        (Value::Interval(width), None) if ty == Type::Date => {
            let next = bucket::next(*width, datetime::timestamp_of_date(t as i32)?)?;
            Ok(datetime::date_of_timestamp(next).into())
        }
        (Value::Interval(width), None) => bucket::next(*width, t),
        (width, _) => t.checked_add(number(width)).ok_or_else(ended),
    }
}

/// An integer or a time as a number: microseconds, days of a date.
pub(crate) fn number(value: &Value) -> i64 {
    match value {
        Value::Int2(v) => (*v).into(),
        Value::Int4(v) | Value::Date(v) => (*v).into(),
        Value::Int8(v) | Value::Timestamp(v) | Value::Timestamptz(v) => *v,
        _ => 0,
    }
}

fn ends(ty: Type) -> (i64, i64) {
    match ty {
        Type::Int2 => (i16::MIN.into(), i16::MAX.into()),
        Type::Int4 => (i32::MIN.into(), i32::MAX.into()),
        _ => (i64::MIN, i64::MAX),
    }
}

fn plain(args: &Args<'_>) -> Result<Column> {
    let (width, t) = (intervals(&args.columns[0])?, i64s(&args.columns[1])?);
    let origin = args.columns.get(2).map(i64s).transpose()?;
    args.map_int(&mut |row| bucket_of(width[row], t[row], origin.as_ref().map(|origin| origin[row]), args.ty))
}

/// Buckets that begin later by an interval.
fn moved(args: &Args<'_>) -> Result<Column> {
    let (width, t, by) =
        (intervals(&args.columns[0])?, i64s(&args.columns[1])?, intervals(&args.columns[2])?);
    let plus = |t: i64, by: Interval| match args.ty {
        Type::Timestamptz => zone::plus(t, by, args.ctx.zone),
        _ => datetime::timestamp_plus(t, by),
    };
    args.map_int(&mut |row| {
        if args.ty != Type::Date {
            let begins = bucket::of(width[row], plus(t[row], by[row].neg()?)?, None)?;
            return plus(begins, by[row]);
        }
        let midnight = datetime::timestamp_of_date(t[row] as i32)?;
        let begins = bucket::of(width[row], plus(midnight, by[row].neg()?)?, None)?;
        Ok(datetime::date_of_timestamp(plus(begins, by[row])?).into())
    })
}

/// Buckets as the clocks of a zone have them, from an origin on, later by an interval; either may be NULL.
fn zoned(args: &Args<'_>) -> Result<Column> {
    args.map_all(&mut |row| {
        let [width, t, name] = [0, 1, 2].map(|i| args.columns[i].value(row));
        let (Value::Interval(width), Value::Timestamptz(t), Value::Text(name)) = (width, t, name) else {
            return Ok(Value::Null);
        };
        if is_infinite(t) {
            return Ok(Value::Timestamptz(t));
        }
        let zone = Zone::meant(&name)?;
        let origin = match args.columns.get(3).map(|origin| origin.value(row)) {
            Some(Value::Timestamptz(origin)) => Some(zone.local(origin)),
            _ => None,
        };
        let by = match args.columns.get(4).map(|by| by.value(row)) {
            Some(Value::Interval(by)) => by,
            _ => Interval::default(),
        };
        let local = datetime::timestamp_minus(zone.local(t), by)?;
        let begins = datetime::timestamp_plus(bucket::of(width, local, origin)?, by)?;
        Ok(Value::Timestamptz(zone::moment(begins, &zone)?))
    })
}

fn numbers(args: &Args<'_>, origin: &dyn Fn(usize) -> i64) -> Result<Column> {
    let (width, t) = (i64s(&args.columns[0])?, i64s(&args.columns[1])?);
    let (least, greatest) = ends(args.ty);
    args.map_int(&mut |row| bucket::whole(width[row], t[row], origin(row), least, greatest))
}

/// Which bucket a row is in. Where the buckets to be filled begin and end says nothing of that.
fn filled(args: &Args<'_>) -> Result<Column> {
    let zone = args.columns.get(2).filter(|column| column.ty() == Type::Text);
    let mut valid = Vec::with_capacity(args.rows);
    let mut out = Vec::with_capacity(args.rows);
    for row in 0..args.rows {
        let (width, t) = (args.columns[0].value(row), args.columns[1].value(row));
        let name = zone.map(|zone| zone.value(row));
        let known = !width.is_null() && !t.is_null() && name.as_ref().is_none_or(|name| !name.is_null());
        valid.push(known);
        out.push(match (known, name) {
            (false, _) => 0,
            (true, Some(Value::Text(name))) => {
                begin_of(&width, number(&t), args.ty, Some(&Zone::meant(&name)?))?
            }
            (true, _) => begin_of(&width, number(&t), args.ty, None)?,
        });
    }
    integer_column(args.ty, out, Some(valid.into_iter().collect()))
}
