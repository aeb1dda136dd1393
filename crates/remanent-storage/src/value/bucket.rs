//! Times put into buckets of a width, as TimescaleDB's `time_bucket` does.
//!
//! ```text
//!   width 5 min       … 09:55  10:00  10:05 …        as far as the origin says: a Monday, 2000-01-03
//!   width 3 months    … 2024-01-01  2024-04-01 …     whole months; the day of the origin says nothing
//! ```
//!
//! A day has 24 hours here. Who wants those of a time zone asks with what its clocks show.

use super::Interval;
use super::datetime::{
    civil_from_days, date_of_timestamp, days_from_civil, is_infinite, timestamp_of_date, timestamp_plus,
};
use super::interval::MICROS_PER_DAY;
use crate::error::{Error, Result, state};

/// Monday, 2000-01-03: where buckets begin that are no months.
pub const ORIGIN: i64 = 2 * MICROS_PER_DAY;

/// The beginning of the bucket that a number is in; 22023 for a width below 1, 22008 where the beginning is out of range.
pub fn whole(width: i64, value: i64, origin: i64, least: i64, greatest: i64) -> Result<i64> {
    if width <= 0 {
        return Err(not_positive());
    }
    let below = value.wrapping_sub(origin % width);
    let origin = origin % width;
    if origin > 0 && value < least.saturating_add(origin)
        || origin < 0 && value > greatest.saturating_add(origin)
    {
        return Err(out_of_range());
    }
    let begins = below.checked_sub(below.rem_euclid(width)).filter(|begins| *begins >= least);
    begins.and_then(|begins| begins.checked_add(origin)).ok_or_else(out_of_range)
}

/// The same of a time and an interval. Without an origin buckets begin as [`ORIGIN`] says, months with a January of 2000.
pub fn of(width: Interval, t: i64, origin: Option<i64>) -> Result<i64> {
    if is_infinite(t) {
        return Ok(t);
    }
    match Width::of(width)? {
        Width::Micros(width) => whole(width, t, origin.unwrap_or(ORIGIN), i64::MIN + 1, i64::MAX - 1),
        Width::Months(width) => {
            let month = |t: i64| {
                let (year, month, _) = civil_from_days(date_of_timestamp(t));
                i64::from(year) * 12 + i64::from(month) - 1
            };
            let origin = origin.map_or(2000 * 12, month);
            let begins = whole(width.into(), month(t), origin, i32::MIN.into(), i32::MAX.into())?;
            let year = i32::try_from(begins.div_euclid(12)).map_err(|_| out_of_range())?;
            timestamp_of_date(days_from_civil(year, begins.rem_euclid(12) as u8 + 1, 1))
        }
    }
}

/// The beginning of the bucket behind the one that begins there.
pub fn next(width: Interval, begins: i64) -> Result<i64> {
    Width::of(width)?;
    timestamp_plus(begins, width)
}

/// How wide a bucket is.
enum Width {
    Micros(i64),
    Months(i32),
}

impl Width {
    fn of(width: Interval) -> Result<Self> {
        let Interval { months, days, micros } = width;
        if months != 0 {
            return match (days, micros) {
                (0, 0) if months > 0 => Ok(Width::Months(months)),
                (0, 0) => Err(not_positive()),
                _ => {
                    let message = "month intervals cannot have day or time component";
                    Err(Error::new(state::INVALID_PARAMETER_VALUE, message))
                }
            };
        }
        let all = i64::from(days).checked_mul(MICROS_PER_DAY).and_then(|days| days.checked_add(micros));
        match all {
            Some(1..) => Ok(Width::Micros(all.unwrap_or(1))),
            Some(_) => Err(not_positive()),
            None => Err(Error::new(state::DATETIME_FIELD_OVERFLOW, "interval out of range")),
        }
    }
}

fn not_positive() -> Error {
    Error::new(state::INVALID_PARAMETER_VALUE, "period must be greater than 0")
}

fn out_of_range() -> Error {
    Error::new(state::DATETIME_FIELD_OVERFLOW, "timestamp out of range")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_lie_in_the_bucket_that_begins_at_or_before_them() {
        for (width, value, origin, begins) in [
            (5, 7, 0, 5),
            (5, -1, 0, -5),
            (5, -5, 0, -5),
            (5, 7, 3, 3),
            (5, 2, 3, -2),
            (5, 7, 13, 3),
            (10, 7, -4, 6),
            (i64::MAX, -1, 0, i64::MIN + 1),
        ] {
            assert_eq!(
                whole(width, value, origin, i64::MIN, i64::MAX).unwrap(),
                begins,
                "{width} {value} {origin}"
            );
        }
        assert!(whole(0, 1, 0, i64::MIN, i64::MAX).is_err());
        assert!(whole(1000, i64::MIN, 0, i64::MIN, i64::MAX).is_err());
        assert!(whole(1000, i64::MIN, 999, i64::MIN, i64::MAX).is_err());
        assert!(whole(1000, i64::MAX, -999, i64::MIN, i64::MAX).is_err());
    }
}
