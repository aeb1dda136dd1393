//! Moments in the session's time zone: conversions that depend on it, calendar arithmetic, AT TIME ZONE.
//!
//! ```text
//! SET TIME ZONE 'Europe/Oslo'
//! timestamptz '2024-03-30 12:00' + interval '1 day'     noon the next day, 23 hours later
//! timestamptz '2024-07-01 10:00' AT TIME ZONE 'UTC'     2024-07-01 08:00
//! ```

use super::cast::{cast_column, cast_value};
use super::support::{i64s, intervals};
use super::{Args, Function, INTERVAL, Signature, TEXT, TIMESTAMP, TIMESTAMPTZ, f};
use crate::sql::expr::coerce::family;
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::datetime::{self, Field};
use remanent_storage::value::kinds::Kind;
use remanent_storage::value::record::RECORD;
use remanent_storage::value::timetz::TimeTz;
use remanent_storage::value::{Column, ColumnBuilder, Interval, Type, Value, Zone};

const TIMETZ: Type = Type::Other(Kind::TimeTz, 0);
static AT: &[Signature] = &[
    (&[TEXT, TIMESTAMPTZ], Type::Timestamp),
    (&[TEXT, TIMESTAMP], Type::Timestamptz),
    (&[INTERVAL, TIMESTAMPTZ], Type::Timestamp),
    (&[INTERVAL, TIMESTAMP], Type::Timestamptz),
];

pub(super) static FUNCTIONS: &[Function] = &[
    f("timezone", AT, timezone),
    f("date_trunc", &[(&[TEXT, TIMESTAMPTZ, TEXT], Type::Timestamptz)], |a| {
        let t = i64s(&a.columns[1])?;
        a.map_int(&mut |i| {
            trunc(Field::of(a.text(0, i)?, Type::Timestamptz)?, t[i], &Zone::meant(a.text(2, i)?)?)
        })
    })
    .stable(),
];

/// The moment at which clocks in a zone show that.
pub fn moment(local: i64, zone: &Zone) -> Result<i64> {
    let message = "timestamp out of range";
    zone.moment(local).ok_or_else(|| Error::new(state::DATETIME_FIELD_OVERFLOW, message))
}

/// What clocks in a zone show at a moment.
fn shown(t: i64, zone: &Zone) -> Result<i64> {
    let local = zone.local(t);
    match datetime::is_infinite(t) || (datetime::TIMESTAMP_MIN..=datetime::TIMESTAMP_MAX).contains(&local) {
        true => Ok(local),
        false => Err(Error::new(state::DATETIME_FIELD_OVERFLOW, "timestamp out of range")),
    }
}

/// A moment and an interval: months and days are those of the calendar in the zone.
pub fn plus(t: i64, span: Interval, zone: &Zone) -> Result<i64> {
    if zone.is_utc() || span.months == 0 && span.days == 0 {
        return datetime::timestamp_plus(t, span);
    }
    let mut t = t;
    let of = |months, days| Interval { months, days, micros: 0 };
    for part in [of(span.months, 0), of(0, span.days)] {
        if part.months != 0 || part.days != 0 {
            t = moment(datetime::timestamp_plus(zone.local(t), part)?, zone)?;
        }
    }
    datetime::timestamp_plus(t, Interval { months: 0, days: 0, micros: span.micros })
}

/// date_trunc of a moment. Where the clocks have been set back an hour is the one it was.
pub fn trunc(field: Field, t: i64, zone: &Zone) -> Result<i64> {
    if zone.is_utc() || datetime::is_infinite(t) {
        return datetime::date_trunc(field, t, Type::Timestamptz);
    }
    let local = zone.local(t);
    let cut = datetime::date_trunc(field, local, Type::Timestamptz)?;
    match field {
        Field::Microsecond | Field::Millisecond | Field::Second | Field::Minute | Field::Hour => {
            Ok(cut - (local - t))
        }
        _ => moment(cut, zone),
    }
}

/// `time AT TIME ZONE zone`, where the zone may be an interval: by how much it is east.
fn timezone(args: &Args<'_>) -> Result<Column> {
    let t = i64s(&args.columns[1])?;
    let to_local = args.ty == Type::Timestamp;
    let spans = match args.columns[0].ty() {
        Type::Interval => Some(intervals(&args.columns[0])?),
        _ => None,
    };
    let mut known: Option<(String, Zone)> = None;
    args.map_int(&mut |i| {
        if let Some(spans) = &spans {
            let micros = fixed_offset(spans[i])?;
            let micros = if to_local { micros } else { -micros };
            return datetime::timestamp_plus(t[i], Interval { months: 0, days: 0, micros });
        }
        if datetime::is_infinite(t[i]) {
            return Ok(t[i]);
        }
        let name = args.text(0, i)?;
        if known.as_ref().is_none_or(|(held, _)| held != name) {
            known = Some((name.to_string(), Zone::meant(name)?));
        }
        match &known {
            Some((_, zone)) if to_local => shown(t[i], zone),
            Some((_, zone)) => moment(t[i], zone),
            None => Ok(t[i]),
        }
    })
}

/// By how many microseconds the zone is east that an interval is: whole seconds, as a zone has them.
pub(super) fn fixed_offset(span: Interval) -> Result<i64> {
    match span {
        Interval { months: 0, days: 0, micros } => Ok(micros / 1_000_000 * 1_000_000),
        _ => {
            let message =
                format!("interval time zone \"{}\" must not include months or days", Value::Interval(span));
            Err(Error::new(state::INVALID_PARAMETER_VALUE, message))
        }
    }
}

/// True for conversions that ask what clocks show.
fn depends(from: Type, to: Type) -> bool {
    let of = |ty| match ty {
        Type::Array(element) => element.ty(),
        ty => ty,
    };
    let (from, to) = (family(of(from)), family(of(to)));
    let zoned = |ty| ty == Type::Timestamptz || ty == TIMETZ;
    // Rows may hold moments.
    (zoned(from) || zoned(to) || from == RECORD) && from != to
}

/// [`cast_value`] in a zone.
pub fn value_in(value: Value, to: Type, zone: &Zone) -> Result<Value> {
    let from = value.type_of();
    if zone.is_utc() || !from.is_some_and(|from| depends(from, to)) {
        return cast_value(value, to);
    }
    match (value, to) {
        (value, Type::Precise(precise)) if !matches!(value, Value::Text(_) | Value::Char(_)) => {
            precise.fit(value_in(value, precise.plain(), zone)?)
        }
        (Value::Timestamptz(t), Type::Timestamp) => Ok(Value::Timestamp(shown(t, zone)?)),
        (Value::Timestamptz(t), Type::Other(Kind::TimeTz, modifier)) if !datetime::is_infinite(t) => {
            Kind::TimeTz.fitted(TimeTz::shown(t, zone).encode().into(), modifier)
        }
        (Value::Timestamptz(t), Type::Date | Type::Time) => cast_value(Value::Timestamp(zone.local(t)), to),
        (Value::Timestamp(t), Type::Timestamptz) => Ok(Value::Timestamptz(moment(t, zone)?)),
        (Value::Date(day), Type::Timestamptz) => {
            Ok(Value::Timestamptz(moment(datetime::timestamp_of_date(day)?, zone)?))
        }
        (Value::Text(text) | Value::Char(text), to) => Value::parse_in(&text, to, zone),
        (Value::Array(array), Type::Array(element)) => {
            let to = element.ty();
            Ok(array.map(to, &mut |value| value_in(value.clone(), to, zone))?.into())
        }
        (value @ (Value::Timestamptz(_) | Value::Array(_) | Value::Other(Kind::Record, _)), to) => {
            cast_value(Value::Text(value.text_in(zone)), to)
        }
        (value, to) => cast_value(value, to),
    }
}

/// [`cast_column`] in a zone.
pub fn column_in(column: &Column, to: Type, zone: &Zone) -> Result<Column> {
    if zone.is_utc() || !depends(column.ty(), to) {
        return cast_column(column, to);
    }
    if let Some(one) = column.as_constant() {
        return Column::constant(to, &value_in(one.value(0), to, zone)?, column.len());
    }
    let mut out = ColumnBuilder::new(to);
    for row in 0..column.len() {
        match column.is_valid(row) {
            true => out.push(&value_in(column.value(row), to, zone)?)?,
            false => out.push_null(),
        }
    }
    Ok(out.finish())
}
