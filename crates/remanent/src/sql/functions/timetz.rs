//! Times of day with a zone.
//!
//! ```text
//! timetz '10:00+02' AT TIME ZONE 'UTC'        08:00:00+00
//! date '2024-01-01' + timetz '10:00+02'       2024-01-01 08:00:00+00
//! timetz '23:00+02' + interval '3 h'          02:00:00+02
//! ```

use super::support::{i64s, intervals};
use super::time::day_part;
use super::zone::fixed_offset;
use super::{Args, DATE, Function, INT4, INTERVAL, Signature, TEXT, TIME, TIMETZ, f};
use remanent_storage::error::Result;
use remanent_storage::value::datetime::{self, Extracted, Field};
use remanent_storage::value::interval::MICROS_PER_DAY;
use remanent_storage::value::kinds::Kind;
use remanent_storage::value::timetz::{self, TimeTz};
use remanent_storage::value::{Column, Interval, Type, Value, Zone};

const TYPE: Type = Type::Other(Kind::TimeTz, 0);
static AT: &[Signature] = &[(&[TEXT, TIMETZ], TYPE), (&[INTERVAL, TIMETZ], TYPE)];

pub(super) static FUNCTIONS: &[Function] = &[
    f("current_time", &[(&[], TYPE), (&[INT4], TYPE)], |a| {
        let time = value(TimeTz::shown(a.ctx.now, a.ctx.zone));
        let precision = a.columns.first().map_or(Value::Null, |column| column.value(0));
        let time = match precision {
            Value::Int4(precision) => rounded(time, precision.into())?,
            _ => time,
        };
        Column::constant(TYPE, &time, a.rows)
    })
    .stable(),
    f("+", &[(&[TIMETZ, INTERVAL], TYPE)], |a| shift(a, 0, 1, 1)),
    f("+", &[(&[INTERVAL, TIMETZ], TYPE)], |a| shift(a, 1, 0, 1)),
    f("-", &[(&[TIMETZ, INTERVAL], TYPE)], |a| shift(a, 0, 1, -1)),
    f("+", &[(&[DATE, TIMETZ], Type::Timestamptz)], |a| on_day(a, 0, 1)),
    f("+", &[(&[TIMETZ, DATE], Type::Timestamptz)], |a| on_day(a, 1, 0)),
    f("timestamptz", &[(&[DATE, TIMETZ], Type::Timestamptz)], |a| on_day(a, 0, 1)),
    f("timezone", AT, at_zone).stable(),
    f("extract", &[(&[TEXT, TIMETZ], Type::Numeric(None))], extract),
    f("date_part", &[(&[TEXT, TIMETZ], Type::Float8)], extract),
    f("timetz", &[(&[TIMETZ, INT4], TYPE)], |a| {
        let precision = i64s(&a.columns[1])?;
        a.map(&mut |row| rounded(value(time(&a.columns[0], row)), precision[row]))
    }),
    // What has no zone is in the session's, as it is now.
    f("timetz", &[(&[TIME], TYPE)], |a| {
        let times = i64s(&a.columns[0])?;
        let east = a.ctx.zone.east(a.ctx.now);
        a.map(&mut |row| Ok(value(TimeTz { micros: times[row], east })))
    })
    .stable(),
    f("@timetz", &[(&[TEXT], TYPE)], |a| {
        a.map(&mut |row| {
            let bytes = timetz::parse(a.text(0, row)?, a.ctx.zone, a.ctx.now)?;
            Ok(Value::Other(Kind::TimeTz, bytes.into()))
        })
    })
    .stable(),
];

fn value(time: TimeTz) -> Value {
    Value::Other(Kind::TimeTz, time.encode().into())
}

fn rounded(time: Value, precision: i64) -> Result<Value> {
    match time {
        Value::Other(kind, bytes) => kind.fitted(bytes, precision.clamp(0, 6) as u32 + 1),
        other => Ok(other),
    }
}

fn time(column: &Column, row: usize) -> TimeTz {
    TimeTz::decode(column.bytes(row)).unwrap_or(TimeTz { micros: 0, east: 0 })
}

/// A time plus or minus the time of an interval, whose days do not matter.
fn shift(args: &Args<'_>, at: usize, by: usize, sign: i64) -> Result<Column> {
    let by = intervals(&args.columns[by])?;
    args.map(&mut |row| {
        let time = time(&args.columns[at], row);
        let by = by[row].micros.rem_euclid(MICROS_PER_DAY);
        Ok(value(TimeTz { micros: (time.micros + sign * by).rem_euclid(MICROS_PER_DAY), ..time }))
    })
}

/// The moment of a time on a day.
fn on_day(args: &Args<'_>, date: usize, at: usize) -> Result<Column> {
    let date = i64s(&args.columns[date])?;
    args.map_int(&mut |row| {
        let TimeTz { micros, east } = time(&args.columns[at], row);
        let micros = micros - i64::from(east) * 1_000_000;
        let midnight = datetime::timestamp_of_date(date[row] as i32)?;
        datetime::timestamp_plus(midnight, Interval { months: 0, days: 0, micros })
    })
}

/// `time AT TIME ZONE zone`: of a zone with summer time, as it is now.
fn at_zone(args: &Args<'_>) -> Result<Column> {
    args.map(&mut |row| {
        let east = match args.columns[0].value(row) {
            Value::Interval(span) => (fixed_offset(span)? / 1_000_000) as i32,
            _ => Zone::meant(args.text(0, row)?)?.east(args.ctx.now),
        };
        Ok(value(time(&args.columns[1], row).at(east)))
    })
}

fn extract(args: &Args<'_>) -> Result<Column> {
    args.map(&mut |row| {
        let field = Field::of(args.text(0, row)?, TYPE)?;
        let time = time(&args.columns[1], row);
        let seconds = i64::from(time.east);
        let whole = |number: i64| Extracted::Number(number.into());
        let found = match field {
            Field::Timezone => whole(seconds),
            Field::TimezoneHour => whole(seconds / 3600),
            Field::TimezoneMinute => whole(seconds / 60 % 60),
            Field::Epoch => day_part(field, time.micros - seconds * 1_000_000, TYPE)?,
            _ => day_part(field, time.micros, TYPE)?,
        };
        let value = match args.ty {
            Type::Float8 => found.float().map(Value::Float8),
            _ => found.numeric().map(Value::Numeric),
        };
        Ok(value.unwrap_or(Value::Null))
    })
}
