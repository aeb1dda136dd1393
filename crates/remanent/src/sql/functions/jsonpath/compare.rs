//! Comparisons of items.

use super::eval::{Fail, Item, Search};
use crate::sql::functions::Cmp;
use crate::sql::functions::zone::value_in;
use remanent_storage::error::{Error, state};
use remanent_storage::value::json::{JsonbRef, Kind};
use remanent_storage::value::timetz::{self, TimeTz};
use remanent_storage::value::{Type, Value, Zone};
use std::cmp::Ordering;

/// The order of two items; None: they have none. With a zone given, of times with a zone and without one, too.
pub fn compare(cmp: Cmp, a: &Item<'_>, b: &Item<'_>, zone: Option<(&Zone, i64)>) -> Search<Option<bool>> {
    let null = |item: &Item<'_>| item.kind() == Some(Kind::Null);
    if null(a) != null(b) {
        return Ok(Some(cmp == Cmp::Ne));
    }
    if let (Item::Time(a, _), Item::Time(b, _)) = (a, b) {
        return Ok(times(a, b, zone)?.map(|order| cmp.holds(order)));
    }
    let (Some(a), Some(b)) = (a.view(), b.view()) else { return Ok(None) };
    Ok(scalars(a, b).map(|order| cmp.holds(order)))
}

fn scalars(a: JsonbRef<'_>, b: JsonbRef<'_>) -> Option<Ordering> {
    Some(match (a.kind(), b.kind()) {
        (Kind::Null, Kind::Null) => Ordering::Equal,
        (Kind::Bool(a), Kind::Bool(b)) => a.cmp(&b),
        (Kind::Number, Kind::Number) => a.number()?.cmp(&b.number()?),
        (Kind::String, Kind::String) => a.text()?.cmp(b.text()?),
        _ => return None,
    })
}

/// The order of two dates or times; a time of day has none with a date.
fn times(a: &Value, b: &Value, zone: Option<(&Zone, i64)>) -> Search<Option<Ordering>> {
    let (Some(left), Some(right)) = (a.type_of(), b.type_of()) else { return Ok(None) };
    if left == right {
        return Ok(Some(a.compare(b)));
    }
    let of_day = |ty: Type| matches!(ty, Type::Time | Type::Other(..));
    if of_day(left) != of_day(right) {
        return Ok(None);
    }
    let has_zone = |ty: Type| matches!(ty, Type::Timestamptz | Type::Other(..));
    let zoned = has_zone(left) || has_zone(right);
    if zoned && zone.is_none() {
        let (from, to) = match if has_zone(left) { right } else { left } {
            Type::Date => ("date", "timestamptz"),
            Type::Time => ("time", "timetz"),
            _ => ("timestamp", "timestamptz"),
        };
        let message = format!("cannot convert value from {from} to {to} without time zone usage");
        return Err(Fail::Hard(
            Error::new(state::FEATURE_NOT_SUPPORTED, message)
                .with_hint("Use *_tz() function for time zone support."),
        ));
    }
    let to = if zoned { Type::Timestamptz } else { Type::Timestamp };
    let (zone, now) = zone.unwrap_or((&Zone::UTC, 0));
    let as_one = |value: &Value| match value {
        Value::Time(micros) => {
            let time = TimeTz { micros: *micros, east: zone.east(now) };
            Ok(Value::Other(timetz::TIMETZ.kind, time.encode().into()))
        }
        Value::Other(..) => Ok(value.clone()),
        _ => value_in(value.clone(), to, zone),
    };
    Ok(Some(as_one(a)?.compare(&as_one(b)?)))
}

/// Whether a string begins with another; None where either is none.
pub fn starts_with(a: &Item<'_>, b: &Item<'_>) -> Option<bool> {
    let (a, b) = (a.view()?, b.view()?);
    Some(a.text()?.starts_with(b.text()?))
}
