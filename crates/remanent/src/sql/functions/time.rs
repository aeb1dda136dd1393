//! Times of day; OVERLAPS.
//!
//! A time and an interval are added within the day: `time '23:00' + interval '2 h'` is 01:00. `(a, b) OVERLAPS (c, d)` is a
//! call of `overlaps`: ends may be given in either order, or as lengths, and may be NULL where the answer does not depend on them.

use super::support::{f64s, i64s, intervals};
use super::{
    Args, DATE, FLOAT8, Function, INT4, INTERVAL, Signature, TEXT, TIME, TIMESTAMP, TIMESTAMPTZ, TIMETZ, f,
};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::datetime::{self, Extracted, Field};
use remanent_storage::value::interval::MICROS_PER_DAY;
use remanent_storage::value::timetz::TimeTz;
use remanent_storage::value::{Column, Interval, Type, Value};

static OVERLAPS: &[Signature] = &[
    (&[TIMESTAMPTZ, TIMESTAMPTZ, TIMESTAMPTZ, TIMESTAMPTZ], Type::Bool),
    (&[TIMESTAMPTZ, INTERVAL, TIMESTAMPTZ, INTERVAL], Type::Bool),
    (&[TIMESTAMPTZ, TIMESTAMPTZ, TIMESTAMPTZ, INTERVAL], Type::Bool),
    (&[TIMESTAMPTZ, INTERVAL, TIMESTAMPTZ, TIMESTAMPTZ], Type::Bool),
    (&[TIMESTAMP, TIMESTAMP, TIMESTAMP, TIMESTAMP], Type::Bool),
    (&[TIMESTAMP, INTERVAL, TIMESTAMP, INTERVAL], Type::Bool),
    (&[TIMESTAMP, TIMESTAMP, TIMESTAMP, INTERVAL], Type::Bool),
    (&[TIMESTAMP, INTERVAL, TIMESTAMP, TIMESTAMP], Type::Bool),
    (&[TIME, TIME, TIME, TIME], Type::Bool),
    (&[TIME, INTERVAL, TIME, INTERVAL], Type::Bool),
    (&[TIME, TIME, TIME, INTERVAL], Type::Bool),
    (&[TIME, INTERVAL, TIME, TIME], Type::Bool),
    (&[TIMETZ, TIMETZ, TIMETZ, TIMETZ], Type::Bool),
];

pub(super) static FUNCTIONS: &[Function] = &[
    f("+", &[(&[TIME, INTERVAL], Type::Time)], |a| shift(a, 0, 1, 1)),
    f("+", &[(&[INTERVAL, TIME], Type::Time)], |a| shift(a, 1, 0, 1)),
    f("-", &[(&[TIME, INTERVAL], Type::Time)], |a| shift(a, 0, 1, -1)),
    f("-", &[(&[TIME, TIME], Type::Interval)], |a| {
        let (x, y) = (i64s(&a.columns[0])?, i64s(&a.columns[1])?);
        a.map(&mut |i| Ok(Value::Interval(Interval { months: 0, days: 0, micros: x[i] - y[i] })))
    }),
    f("+", &[(&[DATE, TIME], Type::Timestamp)], |a| at_time(a, 0, 1)),
    f("+", &[(&[TIME, DATE], Type::Timestamp)], |a| at_time(a, 1, 0)),
    f("extract", &[(&[TEXT, TIME], Type::Numeric(None))], extract),
    f("date_part", &[(&[TEXT, TIME], Type::Float8)], extract),
    f("make_time", &[(&[INT4, INT4, FLOAT8], Type::Time)], make_time),
    f("overlaps", OVERLAPS, overlaps).sees_null(),
];

/// A time of day plus or minus the time of an interval, whose days do not matter.
fn shift(args: &Args<'_>, time: usize, by: usize, sign: i64) -> Result<Column> {
    let (time, by) = (i64s(&args.columns[time])?, intervals(&args.columns[by])?);
    args.map_int(&mut |i| {
        let by = by[i].micros.rem_euclid(MICROS_PER_DAY);
        Ok((time[i] + sign * by).rem_euclid(MICROS_PER_DAY))
    })
}

/// The time of a day.
fn at_time(args: &Args<'_>, date: usize, time: usize) -> Result<Column> {
    let (date, time) = (i64s(&args.columns[date])?, i64s(&args.columns[time])?);
    args.map_int(&mut |i| {
        let midnight = datetime::timestamp_of_date(date[i] as i32)?;
        datetime::timestamp_plus(midnight, Interval { months: 0, days: 0, micros: time[i] })
    })
}

fn extract(args: &Args<'_>) -> Result<Column> {
    let time = i64s(&args.columns[1])?;
    args.map(&mut |i| {
        let found = day_part(Field::of(args.text(0, i)?, Type::Time)?, time[i], Type::Time)?;
        let value = match args.ty {
            Type::Float8 => found.float().map(Value::Float8),
            _ => found.numeric().map(Value::Numeric),
        };
        Ok(value.unwrap_or(Value::Null))
    })
}

/// A part of a time of day; 0A000 for one that values of the type have not.
pub(super) fn day_part(field: Field, micros: i64, ty: Type) -> Result<Extracted> {
    match field {
        Field::Hour
        | Field::Minute
        | Field::Second
        | Field::Millisecond
        | Field::Microsecond
        | Field::Epoch => Interval { months: 0, days: 0, micros }.extract(field),
        other => Err(other.unsupported(ty)),
    }
}

/// Microseconds of a time of day; 22008 for one that there is not.
pub fn time_of(hour: i64, minute: i64, second: f64) -> Result<i64> {
    let within = (0..24).contains(&hour) && (0..60).contains(&minute) && (0.0..=60.0).contains(&second);
    let midnight_after = hour == 24 && minute == 0 && second == 0.0;
    if !(within || midnight_after) {
        let message = format!("time field value out of range: {hour}:{minute:02}:{second:02}");
        return Err(Error::new(state::DATETIME_FIELD_OVERFLOW, message));
    }
    Ok((hour * 60 + minute) * 60_000_000 + (second * 1e6).round_ties_even() as i64)
}

fn make_time(args: &Args<'_>) -> Result<Column> {
    let (hour, minute, second) = (i64s(&args.columns[0])?, i64s(&args.columns[1])?, f64s(&args.columns[2])?);
    args.map_int(&mut |i| time_of(hour[i], minute[i], second[i]))
}

/// An end of a span: itself, or so long after its beginning. None: NULL.
fn end_of(start: &Value, end: Value) -> Result<Option<i64>> {
    Ok(match (start, end) {
        (_, Value::Time(t) | Value::Timestamp(t) | Value::Timestamptz(t)) => Some(t),
        // Times with a zone are told apart by it where they are the same moment.
        (_, Value::Other(_, bytes)) => TimeTz::decode(&bytes)
            .map(|time| ((time.micros - i64::from(time.east) * 1_000_000) << 18) - i64::from(time.east)),
        (Value::Time(t), Value::Interval(by)) => {
            Some((t + by.micros.rem_euclid(MICROS_PER_DAY)).rem_euclid(MICROS_PER_DAY))
        }
        (Value::Timestamp(t) | Value::Timestamptz(t), Value::Interval(by)) => {
            Some(datetime::timestamp_plus(*t, by)?)
        }
        _ => None,
    })
}

/// A span's ends in order; of one that is NULL nothing is known but that it is no earlier. None: both are NULL.
fn span(args: &Args<'_>, at: usize, row: usize) -> Result<Option<(i64, Option<i64>)>> {
    let start = args.columns[at].value(row);
    let end = end_of(&start, args.columns[at + 1].value(row))?;
    let start = end_of(&Value::Null, start)?;
    Ok(match (start, end) {
        (None, None) => None,
        (None, Some(only)) | (Some(only), None) => Some((only, None)),
        (Some(a), Some(b)) => Some((a.min(b), Some(a.max(b)))),
    })
}

fn overlaps(args: &Args<'_>) -> Result<Column> {
    args.map_all(&mut |row| {
        let (Some(a), Some(b)) = (span(args, 0, row)?, span(args, 2, row)?) else { return Ok(Value::Null) };
        let (first, second) = if a.0 > b.0 { (b, a) } else { (a, b) };
        Ok(match (first.1, second.1) {
            (Some(_), Some(_)) if first.0 == second.0 => Value::Bool(true),
            _ if first.0 == second.0 => Value::Null,
            (None, _) => Value::Null,
            (Some(end), _) if second.0 < end => Value::Bool(true),
            (_, None) => Value::Null,
            _ => Value::Bool(false),
        })
    })
}
