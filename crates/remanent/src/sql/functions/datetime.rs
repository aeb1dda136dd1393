//! Dates, times and intervals: the clock, arithmetic, parts, bins.
//!
//! The calendar itself is [`remanent_storage::value::datetime`]; here it meets columns. Moments (timestamptz) are UTC; what
//! clocks show is a matter of the session's zone ([`super::zone`]).

use super::support::{f64s, i64s, intervals};
use super::{Args, DATE, FLOAT8, Function, INT4, INTERVAL, Signature, TEXT, TIMESTAMP, TIMESTAMPTZ, f, zone};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::datetime::{self, Extracted, Field};
use remanent_storage::value::{Buffer, Column, ColumnBuilder, Interval, Type, Value, Zone};

static CLOCK: &[Signature] = &[(&[], Type::Timestamptz)];
static CLOCK_TO: &[Signature] = &[(&[], Type::Timestamptz), (&[INT4], Type::Timestamptz)];
static PARTS: [Signature; 4] = [
    (&[TEXT, TIMESTAMP], Type::Numeric(None)),
    (&[TEXT, TIMESTAMPTZ], Type::Numeric(None)),
    (&[TEXT, DATE], Type::Numeric(None)),
    (&[TEXT, INTERVAL], Type::Numeric(None)),
];
static FLOAT_PARTS: [Signature; 4] = [
    (&[TEXT, TIMESTAMP], Type::Float8),
    (&[TEXT, TIMESTAMPTZ], Type::Float8),
    (&[TEXT, DATE], Type::Float8),
    (&[TEXT, INTERVAL], Type::Float8),
];
static JUSTIFY: &[Signature] = &[(&[INTERVAL], Type::Interval)];
static MAKE_MOMENT: &[Signature] = &[
    (&[INT4, INT4, INT4, INT4, INT4, FLOAT8], Type::Timestamptz),
    (&[INT4, INT4, INT4, INT4, INT4, FLOAT8, TEXT], Type::Timestamptz),
];
static MAKE_INTERVAL: &[Signature] = &[
    (&[], Type::Interval),
    (&[INT4], Type::Interval),
    (&[INT4, INT4], Type::Interval),
    (&[INT4, INT4, INT4], Type::Interval),
    (&[INT4, INT4, INT4, INT4], Type::Interval),
    (&[INT4, INT4, INT4, INT4, INT4], Type::Interval),
    (&[INT4, INT4, INT4, INT4, INT4, INT4], Type::Interval),
    (&[INT4, INT4, INT4, INT4, INT4, INT4, FLOAT8], Type::Interval),
];

pub(super) static FUNCTIONS: &[Function] = &[
    f("now", CLOCK, |a| clock(a, a.ctx.now)).stable(),
    f("transaction_timestamp", CLOCK, |a| clock(a, a.ctx.now)).stable(),
    f("statement_timestamp", CLOCK, |a| clock(a, a.ctx.statement_now)).stable(),
    f("clock_timestamp", CLOCK, |a| clock(a, a.ctx.world.clock.now())).volatile(),
    f("current_timestamp", CLOCK_TO, |a| clock(a, a.ctx.now)).stable(),
    f("localtimestamp", &[(&[], Type::Timestamp), (&[INT4], Type::Timestamp)], |a| clock(a, a.ctx.now))
        .stable(),
    f("localtime", &[(&[], Type::Time), (&[INT4], Type::Time)], |a| {
        super::cast::cast_column(&clock(a, a.ctx.now)?, Type::Time)
    })
    .stable(),
    f("current_date", &[(&[], Type::Date)], |a| {
        let today = Value::Date(datetime::date_of_timestamp(a.ctx.zone.local(a.ctx.now)));
        Column::constant(Type::Date, &today, a.rows)
    })
    .stable(),
    f("+", &[(&[TIMESTAMP, INTERVAL], Type::Timestamp)], |a| shift(a, 0, 1, datetime::timestamp_plus)),
    f("+", &[(&[INTERVAL, TIMESTAMP], Type::Timestamp)], |a| shift(a, 1, 0, datetime::timestamp_plus)),
    f("-", &[(&[TIMESTAMP, INTERVAL], Type::Timestamp)], |a| shift(a, 0, 1, datetime::timestamp_minus)),
    f("+", &[(&[TIMESTAMPTZ, INTERVAL], Type::Timestamptz)], |a| shift_moment(a, 0, 1, Ok)).stable(),
    f("+", &[(&[INTERVAL, TIMESTAMPTZ], Type::Timestamptz)], |a| shift_moment(a, 1, 0, Ok)).stable(),
    f("-", &[(&[TIMESTAMPTZ, INTERVAL], Type::Timestamptz)], |a| shift_moment(a, 0, 1, Interval::neg))
        .stable(),
    f("+", &[(&[DATE, INTERVAL], Type::Timestamp)], |a| shift(a, 0, 1, datetime::timestamp_plus)),
    f("+", &[(&[INTERVAL, DATE], Type::Timestamp)], |a| shift(a, 1, 0, datetime::timestamp_plus)),
    f("-", &[(&[DATE, INTERVAL], Type::Timestamp)], |a| shift(a, 0, 1, datetime::timestamp_minus)),
    f(
        "-",
        &[(&[TIMESTAMP, TIMESTAMP], Type::Interval), (&[TIMESTAMPTZ, TIMESTAMPTZ], Type::Interval)],
        |a| {
            let (x, y) = (i64s(&a.columns[0])?, i64s(&a.columns[1])?);
            a.map(&mut |i| Ok(Value::Interval(datetime::timestamp_diff(x[i], y[i])?)))
        },
    ),
    f("+", &[(&[DATE, INT4], Type::Date)], |a| days(a, 0, 1, datetime::date_plus_days)),
    f("+", &[(&[INT4, DATE], Type::Date)], |a| days(a, 1, 0, datetime::date_plus_days)),
    f("-", &[(&[DATE, INT4], Type::Date)], |a| days(a, 0, 1, datetime::date_minus_days)),
    f("-", &[(&[DATE, DATE], Type::Int4)], |a| days(a, 0, 1, datetime::date_minus_date)),
    f("+", &[(&[INTERVAL, INTERVAL], Type::Interval)], |a| spans(a, Interval::add)),
    f("-", &[(&[INTERVAL, INTERVAL], Type::Interval)], |a| spans(a, Interval::sub)),
    f("-", JUSTIFY, |a| span(a, Interval::neg)),
    f("*", &[(&[INTERVAL, FLOAT8], Type::Interval)], |a| scale(a, 0, 1, Interval::mul)),
    f("*", &[(&[FLOAT8, INTERVAL], Type::Interval)], |a| scale(a, 1, 0, Interval::mul)),
    f("/", &[(&[INTERVAL, FLOAT8], Type::Interval)], |a| scale(a, 0, 1, Interval::div)),
    f("justify_hours", JUSTIFY, |a| span(a, Interval::justify_hours)),
    f("justify_days", JUSTIFY, |a| span(a, Interval::justify_days)),
    f("justify_interval", JUSTIFY, |a| span(a, Interval::justify_interval)),
    f(
        "date_trunc",
        &[(&[TEXT, TIMESTAMP], Type::Timestamp), (&[TEXT, TIMESTAMPTZ], Type::Timestamptz)],
        date_trunc,
    ),
    f("date_trunc", &[(&[TEXT, INTERVAL], Type::Interval)], |a| {
        let x = intervals(&a.columns[1])?;
        each_field(a, Type::Interval, &mut |field, i| Ok(Some(Value::Interval(x[i].trunc(field)?))))
    }),
    f(
        "date_bin",
        &[
            (&[INTERVAL, TIMESTAMP, TIMESTAMP], Type::Timestamp),
            (&[INTERVAL, TIMESTAMPTZ, TIMESTAMPTZ], Type::Timestamptz),
        ],
        |a| {
            let (stride, t, origin) = (intervals(&a.columns[0])?, i64s(&a.columns[1])?, i64s(&a.columns[2])?);
            a.map_int(&mut |i| datetime::date_bin(stride[i], t[i], origin[i]))
        },
    ),
    f("extract", &PARTS, extract),
    f("date_part", &FLOAT_PARTS, extract),
    f(
        "age",
        &[(&[TIMESTAMP, TIMESTAMP], Type::Interval), (&[TIMESTAMPTZ, TIMESTAMPTZ], Type::Interval)],
        |a| {
            let (x, y) = (clocks(a, 0)?, clocks(a, 1)?);
            a.map(&mut |i| Ok(Value::Interval(datetime::age(x[i], y[i])?)))
        },
    ),
    f("age", &[(&[TIMESTAMP], Type::Interval), (&[TIMESTAMPTZ], Type::Interval)], |a| {
        let today = datetime::date_of_timestamp(a.ctx.zone.local(a.ctx.now));
        let (today, x) = (datetime::timestamp_of_date(today)?, clocks(a, 0)?);
        a.map(&mut |i| Ok(Value::Interval(datetime::age(today, x[i])?)))
    })
    .stable(),
    f("to_timestamp", &[(&[FLOAT8], Type::Timestamptz)], to_timestamp),
    f("make_date", &[(&[INT4, INT4, INT4], Type::Date)], |a| {
        let parts = [i64s(&a.columns[0])?, i64s(&a.columns[1])?, i64s(&a.columns[2])?];
        a.map_int(&mut |i| {
            let [y, m, d] = [0, 1, 2].map(|k: usize| parts[k][i] as i32);
            datetime::make_date(y, m, d).map(i64::from)
        })
    }),
    f("make_timestamp", &[(&[INT4, INT4, INT4, INT4, INT4, FLOAT8], Type::Timestamp)], make_timestamp),
    f("make_timestamptz", MAKE_MOMENT, make_timestamp).stable(),
    f("make_interval", MAKE_INTERVAL, make_interval),
    f("isfinite", &[(&[TIMESTAMP], Type::Bool), (&[TIMESTAMPTZ], Type::Bool)], |a| {
        let x = i64s(&a.columns[0])?;
        a.map_bool(&mut |i| Ok(!datetime::is_infinite(x[i])))
    }),
    f("isfinite", &[(&[DATE], Type::Bool)], |a| {
        let x = i64s(&a.columns[0])?;
        a.map_bool(&mut |i| Ok(!datetime::is_infinite_date(x[i] as i32)))
    }),
    f("isfinite", &[(&[INTERVAL], Type::Bool)], |a| a.map_bool(&mut |_| Ok(true))),
];

fn clock(args: &Args<'_>, time: i64) -> Result<Column> {
    let precision = args.columns.first().filter(|c| !c.is_empty() && c.is_valid(0)).map(|c| c.value(0));
    let time = match precision {
        Some(Value::Int4(precision)) => datetime::round_to(time, precision.clamp(0, 6) as u8)?,
        _ => time,
    };
    match args.ty {
        Type::Timestamptz => Column::constant(args.ty, &Value::Timestamptz(time), args.rows),
        _ => Column::constant(Type::Timestamp, &Value::Timestamp(args.ctx.zone.local(time)), args.rows),
    }
}

/// A time, or the midnight of a date, plus or minus an interval.
fn shift(args: &Args<'_>, time: usize, by: usize, op: fn(i64, Interval) -> Result<i64>) -> Result<Column> {
    let (t, by) = (i64s(&args.columns[time])?, intervals(&args.columns[by])?);
    let date = args.columns[time].ty() == Type::Date;
    args.map_int(&mut |i| {
        let t = if date { datetime::timestamp_of_date(t[i] as i32)? } else { t[i] };
        op(t, by[i])
    })
}

/// A moment and an interval, in the session's zone.
fn shift_moment(
    args: &Args<'_>,
    time: usize,
    by: usize,
    sign: fn(Interval) -> Result<Interval>,
) -> Result<Column> {
    let (t, by) = (i64s(&args.columns[time])?, intervals(&args.columns[by])?);
    args.map_int(&mut |i| zone::plus(t[i], sign(by[i])?, args.ctx.zone))
}

/// What clocks show at the times of an argument: of moments those of the session's zone.
fn clocks(args: &Args<'_>, i: usize) -> Result<Buffer<i64>> {
    let times = i64s(&args.columns[i])?;
    let zone = args.ctx.zone;
    match args.columns[i].ty() == Type::Timestamptz && !zone.is_utc() {
        true => Ok(times.iter().map(|&t| zone.local(t)).collect::<Vec<_>>().into()),
        false => Ok(times),
    }
}

fn days(args: &Args<'_>, date: usize, by: usize, op: fn(i32, i32) -> Result<i32>) -> Result<Column> {
    let (x, y) = (i64s(&args.columns[date])?, i64s(&args.columns[by])?);
    args.map_int(&mut |i| op(x[i] as i32, y[i] as i32).map(i64::from))
}

fn span(args: &Args<'_>, op: fn(Interval) -> Result<Interval>) -> Result<Column> {
    let x = intervals(&args.columns[0])?;
    args.map(&mut |i| Ok(Value::Interval(op(x[i])?)))
}

fn spans(args: &Args<'_>, op: fn(Interval, Interval) -> Result<Interval>) -> Result<Column> {
    let (x, y) = (intervals(&args.columns[0])?, intervals(&args.columns[1])?);
    args.map(&mut |i| Ok(Value::Interval(op(x[i], y[i])?)))
}

fn scale(
    args: &Args<'_>,
    span: usize,
    by: usize,
    op: fn(Interval, f64) -> Result<Interval>,
) -> Result<Column> {
    let (x, by) = (intervals(&args.columns[span])?, f64s(&args.columns[by])?);
    args.map(&mut |i| Ok(Value::Interval(op(x[i], by[i])?)))
}

/// Row by row with the field that argument 0 names for values of that type; None gives NULL.
fn each_field(
    args: &Args<'_>,
    ty: Type,
    f: &mut dyn FnMut(Field, usize) -> Result<Option<Value>>,
) -> Result<Column> {
    let fixed = match args.columns[0].as_constant() {
        Some(_) if args.rows > 0 => Some(Field::of(args.text(0, 0)?, ty)?),
        _ => None,
    };
    let mut out = ColumnBuilder::new(args.ty);
    for row in 0..args.rows {
        let value = match (args.is_valid(row), fixed) {
            (false, _) => None,
            (true, Some(field)) => f(field, row)?,
            (true, None) => f(Field::of(args.text(0, row)?, ty)?, row)?,
        };
        match value {
            Some(value) => out.push(&value)?,
            None => out.push_null(),
        }
    }
    Ok(out.finish())
}

fn date_trunc(args: &Args<'_>) -> Result<Column> {
    let t = i64s(&args.columns[1])?;
    let cut = |field: Field, t: i64| match args.ty {
        Type::Timestamptz => zone::trunc(field, t, args.ctx.zone),
        ty => datetime::date_trunc(field, t, ty),
    };
    // The frequent case, without reading the field for each row.
    if args.columns[0].as_constant().is_some() && args.rows > 0 {
        let field = Field::of(args.text(0, 0)?, args.ty)?;
        return args.map_int(&mut |i| cut(field, t[i]));
    }
    args.map_int(&mut |i| cut(Field::of(args.text(0, i)?, args.ty)?, t[i]))
}

/// extract (numeric) and date_part (double precision).
fn extract(args: &Args<'_>) -> Result<Column> {
    let column = &args.columns[1];
    let float = args.ty == Type::Float8;
    // date_part of a date is that of its midnight.
    let ty = if float && column.ty() == Type::Date { Type::Timestamp } else { column.ty() };
    let value = |found: Extracted| -> Result<Option<Value>> {
        Ok(match float {
            true => found.float().map(Value::Float8),
            false => found.numeric().map(Value::Numeric),
        })
    };
    match column.ty() {
        Type::Interval => {
            let x = intervals(column)?;
            each_field(args, ty, &mut |field, i| value(x[i].extract(field)?))
        }
        Type::Date if float => {
            let x = i64s(column)?;
            each_field(args, ty, &mut |field, i| {
                let midnight = datetime::timestamp_of_date(x[i] as i32)?;
                value(datetime::extract_timestamp(field, midnight, ty)?)
            })
        }
        Type::Date => {
            let x = i64s(column)?;
            each_field(args, ty, &mut |field, i| value(datetime::extract_date(field, x[i] as i32)?))
        }
        _ => {
            let (x, clocks) = (i64s(column)?, clocks(args, 1)?);
            let zone = if ty == Type::Timestamptz { args.ctx.zone } else { &Zone::UTC };
            each_field(args, ty, &mut |field, i| {
                // Seconds since 1970 are the same everywhere.
                let t = if field == Field::Epoch { x[i] } else { clocks[i] };
                let found = datetime::extract_timestamp(field, t, ty)?;
                value(match field {
                    Field::Timezone | Field::TimezoneHour | Field::TimezoneMinute
                        if !datetime::is_infinite(t) =>
                    {
                        let east = zone.east(x[i]);
                        let part = match field {
                            Field::Timezone => east,
                            Field::TimezoneHour => east / 3600,
                            _ => east / 60 % 60,
                        };
                        Extracted::Number(part.into())
                    }
                    _ => found,
                })
            })
        }
    }
}

/// Seconds from 1970-01-01 to 2000-01-01.
const UNIX_SECONDS: f64 = 946_684_800.0;

/// From seconds since 1970.
fn to_timestamp(args: &Args<'_>) -> Result<Column> {
    let seconds = f64s(&args.columns[0])?;
    args.map_int(&mut |i| {
        let s = seconds[i];
        if s.is_nan() {
            return Err(Error::new(state::DATETIME_FIELD_OVERFLOW, "timestamp cannot be NaN"));
        }
        if s.is_infinite() {
            return Ok(if s < 0.0 { datetime::NEG_INFINITY } else { datetime::INFINITY });
        }
        let micros = ((s - UNIX_SECONDS) * 1e6).round_ties_even();
        if micros < datetime::TIMESTAMP_MIN as f64 || micros > datetime::TIMESTAMP_MAX as f64 {
            let message = format!("timestamp out of range: \"{}\"", Value::Float8(s));
            return Err(Error::new(state::DATETIME_FIELD_OVERFLOW, message));
        }
        Ok(micros as i64)
    })
}

fn make_timestamp(args: &Args<'_>) -> Result<Column> {
    let mut parts = Vec::new();
    for column in &args.columns[..5] {
        parts.push(i64s(column)?);
    }
    let seconds = f64s(&args.columns[5])?;
    args.map_int(&mut |i| {
        let [year, month, day, hour, minute] = [0, 1, 2, 3, 4].map(|k: usize| parts[k][i]);
        let s = seconds[i];
        let date = datetime::make_date(year as i32, month as i32, day as i32)?;
        let time = super::time::time_of(hour, minute, s)?;
        let midnight = datetime::timestamp_of_date(date)?;
        let local = datetime::timestamp_plus(midnight, Interval { months: 0, days: 0, micros: time })?;
        match (args.ty, args.columns.len()) {
            (Type::Timestamptz, 7) => zone::moment(local, &zone_east(args.text(6, i)?)?),
            (Type::Timestamptz, _) => zone::moment(local, args.ctx.zone),
            _ => Ok(local),
        }
    })
}

/// A zone by name, or as a signed number of hours east of UTC, `+5:30` or `+0530`.
fn zone_east(text: &str) -> Result<Zone> {
    let refused = |what: &str| Err(Error::new(state::INVALID_PARAMETER_VALUE, what.to_string()));
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return refused(&format!("invalid input syntax for type numeric time zone: \"{text}\"")).map_err(
            |error| error.with_hint("Numeric time zones must have \"-\" or \"+\" as first character."),
        );
    }
    let Some(number) = text.strip_prefix(['+', '-']) else { return Zone::meant(text) };
    let whole = |part: &str| part.parse::<i32>().ok().filter(|_| part.bytes().all(|b| b.is_ascii_digit()));
    let parts: Option<Vec<i32>> = number.split(':').map(whole).collect();
    let (hours, minutes, seconds) = match parts.as_deref() {
        Some([one]) if number.len() > 2 => (one / 100, one % 100, 0),
        Some([hours]) => (*hours, 0, 0),
        Some([hours, minutes]) => (*hours, *minutes, 0),
        Some([hours, minutes, seconds]) => (*hours, *minutes, *seconds),
        _ => return refused(&format!("invalid input syntax for type numeric time zone: \"{text}\"")),
    };
    if hours > 15 || minutes > 59 || seconds > 59 {
        return refused(&format!("numeric time zone \"{text}\" out of range"));
    }
    let east = hours * 3600 + minutes * 60 + seconds;
    Ok(Zone::fixed(if text.starts_with('-') { -east } else { east }))
}

/// Years, months, weeks, days, hours, minutes, seconds; those left out are 0.
fn make_interval(args: &Args<'_>) -> Result<Column> {
    let mut parts = Vec::new();
    for column in args.columns.iter().take(6) {
        parts.push(i64s(column)?);
    }
    let seconds = args.columns.get(6).map(f64s).transpose()?;
    args.map(&mut |i| {
        let part = |k: usize| parts.get(k).map_or(0, |p| p[i]);
        let out_of_range = || Error::new(state::DATETIME_FIELD_OVERFLOW, "interval out of range");
        let seconds = seconds.as_ref().map_or(0.0, |s| (s[i] * 1e6).round_ties_even());
        // 2^63 is exact as a double; this also refuses NaN and infinities.
        if seconds.is_nan() || seconds.abs() >= -(i64::MIN as f64) {
            return Err(out_of_range());
        }
        let time = (part(4) * 60 + part(5)).checked_mul(60_000_000);
        let micros = time.and_then(|t| t.checked_add(seconds as i64)).ok_or_else(out_of_range)?;
        let narrow = |v: i64| i32::try_from(v).map_err(|_| out_of_range());
        Ok(Value::Interval(Interval {
            months: narrow(part(0) * 12 + part(1))?,
            days: narrow(part(2) * 7 + part(3))?,
            micros,
        }))
    })
}
