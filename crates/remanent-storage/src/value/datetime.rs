//! Calendar arithmetic: dates, timestamps and what SQL's functions do with them.
//!
//! A date is a number of days, a timestamp a number of microseconds since 2000-01-01 (PostgreSQL's epoch), both on
//! the proleptic Gregorian calendar; years are astronomical (0 is 1 BC). The least number is -infinity, the greatest
//! infinity. A `timestamptz` counts in UTC, and UTC is the only zone here, so the functions serve both.
//!
//! ```
//! use remanent_storage::value::{datetime, Interval, Type, Value};
//! let Value::Timestamp(t) = Value::parse("2024-01-31 12:00", Type::Timestamp).unwrap() else { panic!() };
//! let later = datetime::timestamp_plus(t, Interval { months: 1, days: 0, micros: 0 }).unwrap();
//! assert_eq!(Value::Timestamp(later).to_string(), "2024-02-29 12:00:00");
//! ```
//!
//! The rules are PostgreSQL 15's (`timestamp.c`, `date.c`); out of range is 22008. The day count is Howard Hinnant's
//! "chrono-Compatible Low-Level Date Algorithms".
//! Limits: 4714-11-24 BC to 294276 AD for timestamps, to 5874897 AD for dates.

use super::interval::MICROS_PER_DAY;
use super::{Decimal, Interval, Numeric, Type, decimal};
use crate::error::{Error, Result, state};

/// The date -infinity.
pub const DATE_NEG_INFINITY: i32 = i32::MIN;
/// The date infinity.
pub const DATE_INFINITY: i32 = i32::MAX;
/// The timestamp -infinity.
pub const NEG_INFINITY: i64 = i64::MIN;
/// The timestamp infinity.
pub const INFINITY: i64 = i64::MAX;
/// 4714-11-24 BC, where Julian days begin.
pub const DATE_MIN: i32 = -2_451_545;
/// 5874897-12-31.
pub const DATE_MAX: i32 = 2_145_031_948;
/// 4714-11-24 BC.
pub const TIMESTAMP_MIN: i64 = DATE_MIN as i64 * MICROS_PER_DAY;
/// The last microsecond of 294276.
pub const TIMESTAMP_MAX: i64 = 9_223_371_331_200_000_000 - 1;
/// The Julian day of 2000-01-01.
pub const JULIAN_EPOCH: i32 = 2_451_545;
/// Days from 1970-01-01 to 2000-01-01.
const UNIX_EPOCH_DAYS: i32 = 10_957;
const MICROS_PER_SECOND: i64 = 1_000_000;
const MICROS_PER_HOUR: i64 = 3600 * MICROS_PER_SECOND;

pub(super) fn out_of_range(what: &str) -> Error {
    Error::new(state::DATETIME_FIELD_OVERFLOW, format!("{what} out of range"))
}

/// Days since 2000-01-01 of a day of the calendar. The month is 1 to 12; the day may be past the month's end. Wraps
/// where the year is beyond ±5,800,000.
pub fn days_from_civil(year: i32, month: u8, day: u8) -> i32 {
    // Years begin in March, so that the leap day is the last.
    let (m, d) = (i64::from(month), i64::from(day));
    let y = i64::from(year) - i64::from(m <= 2);
    let era = y.div_euclid(400);
    let of_era = y.rem_euclid(400);
    let of_year = (153 * ((m + 9) % 12) + 2) / 5 + d - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    // 0000-03-01 is 730,425 days before 2000-01-01.
    (days - 730_425) as i32
}

/// Year, month and day of days since 2000-01-01.
pub fn civil_from_days(days: i32) -> (i32, u8, u8) {
    let z = i64::from(days) + 730_425;
    let (era, of_era) = (z.div_euclid(146_097), z.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year as i32, month as u8, day as u8)
}

/// True for a leap year.
pub fn is_leap(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// How many days a month (1 to 12) has.
pub fn days_in_month(year: i32, month: u8) -> u8 {
    match month {
        2 => 28 + u8::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// A date from its parts, as `make_date`: a negative year is BC; 22008 where there is no such day.
pub fn make_date(year: i32, month: i32, day: i32) -> Result<i32> {
    let bad = || {
        let message = format!("date field value out of range: {year}-{month:02}-{day:02}");
        Error::new(state::DATETIME_FIELD_OVERFLOW, message)
    };
    let astronomical = if year < 0 { year.checked_add(1).ok_or_else(bad)? } else { year };
    let (Ok(m), Ok(d)) = (u8::try_from(month), u8::try_from(day)) else { return Err(bad()) };
    let calendar = (1..=12).contains(&m) && d >= 1 && d <= days_in_month(astronomical, m);
    if year == 0 || !calendar {
        return Err(bad());
    }
    date_in_range(astronomical, m, d).ok_or_else(|| {
        let message = format!("date out of range: {year}-{month:02}-{day:02}");
        Error::new(state::DATETIME_FIELD_OVERFLOW, message)
    })
}

/// The date of a valid day of the calendar; None beyond the limits.
pub(super) fn date_in_range(year: i32, month: u8, day: u8) -> Option<i32> {
    // Outside of these years the day count could wrap.
    if !(-4713..=5_874_897).contains(&year) {
        return None;
    }
    Some(days_from_civil(year, month, day)).filter(|d| (DATE_MIN..=DATE_MAX).contains(d))
}

/// The timestamp at so many microseconds after midnight of a date; None beyond the limits.
pub(super) fn timestamp_in_range(days: i32, micros: i64) -> Option<i64> {
    let t = i64::from(days).checked_mul(MICROS_PER_DAY)?.checked_add(micros)?;
    (TIMESTAMP_MIN..=TIMESTAMP_MAX).contains(&t).then_some(t)
}

/// True for ±infinity.
pub fn is_infinite(t: i64) -> bool {
    t == INFINITY || t == NEG_INFINITY
}

/// True for ±infinity.
pub fn is_infinite_date(d: i32) -> bool {
    d == DATE_INFINITY || d == DATE_NEG_INFINITY
}

/// Days since 2000-01-01 and microseconds since midnight.
pub fn split(t: i64) -> (i32, i64) {
    (t.div_euclid(MICROS_PER_DAY) as i32, t.rem_euclid(MICROS_PER_DAY))
}

/// Midnight of a date, `date::timestamp`.
pub fn timestamp_of_date(d: i32) -> Result<i64> {
    match d {
        DATE_INFINITY => Ok(INFINITY),
        DATE_NEG_INFINITY => Ok(NEG_INFINITY),
        d => timestamp_in_range(d, 0)
            .ok_or_else(|| Error::new(state::DATETIME_FIELD_OVERFLOW, "date out of range for timestamp")),
    }
}

/// The date of a timestamp, `timestamp::date`.
pub fn date_of_timestamp(t: i64) -> i32 {
    match t {
        INFINITY => DATE_INFINITY,
        NEG_INFINITY => DATE_NEG_INFINITY,
        t => split(t).0,
    }
}

/// `date + integer`; infinities stay.
pub fn date_plus_days(d: i32, days: i32) -> Result<i32> {
    if is_infinite_date(d) {
        return Ok(d);
    }
    d.checked_add(days).filter(|d| (DATE_MIN..=DATE_MAX).contains(d)).ok_or_else(|| out_of_range("date"))
}

/// `date - integer`; infinities stay.
pub fn date_minus_days(d: i32, days: i32) -> Result<i32> {
    if is_infinite_date(d) {
        return Ok(d);
    }
    d.checked_sub(days).filter(|d| (DATE_MIN..=DATE_MAX).contains(d)).ok_or_else(|| out_of_range("date"))
}

/// `date - date` in days.
pub fn date_minus_date(a: i32, b: i32) -> Result<i32> {
    match is_infinite_date(a) || is_infinite_date(b) {
        true => Err(Error::new(state::DATETIME_FIELD_OVERFLOW, "cannot subtract infinite dates")),
        false => a.checked_sub(b).ok_or_else(|| out_of_range("date")),
    }
}

/// `timestamp + interval`: months first (a day past the month's end becomes its last), then days, then time.
/// Infinities stay.
pub fn timestamp_plus(t: i64, span: Interval) -> Result<i64> {
    if is_infinite(t) {
        return Ok(t);
    }
    let moved = || {
        let (mut days, time) = split(t);
        if span.months != 0 {
            let (year, month, day) = civil_from_days(days);
            let months = i64::from(year) * 12 + i64::from(month) - 1 + i64::from(span.months);
            let (year, month) = (i32::try_from(months.div_euclid(12)).ok()?, months.rem_euclid(12) as u8 + 1);
            days = date_in_range(year, month, day.min(days_in_month(year, month)))?;
        }
        days = days.checked_add(span.days)?;
        // The day must exist as a timestamp even where the time takes it back, as in PostgreSQL.
        let t = timestamp_in_range(days, time)?.checked_add(span.micros)?;
        (TIMESTAMP_MIN..=TIMESTAMP_MAX).contains(&t).then_some(t)
    };
    moved().ok_or_else(|| out_of_range("timestamp"))
}

/// `timestamp - interval`.
pub fn timestamp_minus(t: i64, span: Interval) -> Result<i64> {
    timestamp_plus(t, span.neg()?)
}

/// `timestamp - timestamp`: days and time, no months.
pub fn timestamp_diff(a: i64, b: i64) -> Result<Interval> {
    if is_infinite(a) || is_infinite(b) {
        return Err(infinite_difference());
    }
    let micros = a.checked_sub(b).ok_or_else(|| out_of_range("interval"))?;
    Interval { months: 0, days: 0, micros }.justify_hours()
}

fn infinite_difference() -> Error {
    Error::new(state::DATETIME_FIELD_OVERFLOW, "cannot subtract infinite timestamps")
}

/// `age(a, b)`: years, months, days and time between two timestamps by the calendar.
pub fn age(a: i64, b: i64) -> Result<Interval> {
    if is_infinite(a) || is_infinite(b) {
        return Err(infinite_difference());
    }
    let (later, earlier, sign) = if a < b { (b, a, -1) } else { (a, b, 1) };
    let ((late_day, late_time), (early_day, early_time)) = (split(later), split(earlier));
    let (late, early) = (civil_from_days(late_day), civil_from_days(early_day));
    let mut micros = late_time - early_time;
    let mut days = i32::from(late.2) - i32::from(early.2);
    let mut months = (late.0 - early.0) * 12 + i32::from(late.1) - i32::from(early.1);
    if micros < 0 {
        (micros, days) = (micros + MICROS_PER_DAY, days - 1);
    }
    while days < 0 {
        // As in PostgreSQL, what is borrowed is the length of the earlier one's month.
        days += i32::from(days_in_month(early.0, early.1));
        months -= 1;
    }
    Ok(Interval { months: months * sign, days: days * sign, micros: micros * i64::from(sign) })
}

/// A part of a date, a time or an interval, as `extract` and `date_trunc` name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Field {
    Microsecond,
    Millisecond,
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
    Decade,
    Century,
    Millennium,
    Dow,
    Isodow,
    Doy,
    Isoyear,
    Julian,
    Epoch,
    Timezone,
    TimezoneHour,
    TimezoneMinute,
}

impl Field {
    /// By a name that PostgreSQL knows (`hour`, `hours`, `hr`, `h` …); only the first ten letters count, as there.
    pub fn parse(name: &str) -> Option<Field> {
        let lower = name.to_ascii_lowercase();
        if let Some(field) = Field::parse_unit(&lower) {
            return Some(field);
        }
        Some(match lower.get(..10).unwrap_or(&lower) {
            "dow" => Field::Dow,
            "isodow" => Field::Isodow,
            "doy" => Field::Doy,
            "isoyear" => Field::Isoyear,
            "julian" | "jd" | "j" => Field::Julian,
            "epoch" => Field::Epoch,
            "timezone" => Field::Timezone,
            "timezone_h" => Field::TimezoneHour,
            "timezone_m" => Field::TimezoneMinute,
            _ => return None,
        })
    }

    /// By the lower-case name of a unit of intervals.
    pub(super) fn parse_unit(lower: &str) -> Option<Field> {
        Some(match lower.get(..10).unwrap_or(lower) {
            "us" | "usec" | "usecs" | "usecond" | "useconds" | "microsecon" => Field::Microsecond,
            "ms" | "msec" | "msecs" | "msecond" | "mseconds" | "millisecon" => Field::Millisecond,
            "s" | "sec" | "secs" | "second" | "seconds" => Field::Second,
            "m" | "min" | "mins" | "minute" | "minutes" => Field::Minute,
            "h" | "hr" | "hrs" | "hour" | "hours" => Field::Hour,
            "d" | "day" | "days" => Field::Day,
            "w" | "week" | "weeks" => Field::Week,
            "mon" | "mons" | "month" | "months" => Field::Month,
            "qtr" | "quarter" => Field::Quarter,
            "y" | "yr" | "yrs" | "year" | "years" => Field::Year,
            "dec" | "decs" | "decade" | "decades" => Field::Decade,
            "c" | "cent" | "century" | "centuries" => Field::Century,
            "mil" | "mils" | "millennia" | "millennium" => Field::Millennium,
            _ => return None,
        })
    }

    /// [`parse`](Field::parse), or PostgreSQL's 22023 that names the type.
    pub fn of(name: &str, ty: Type) -> Result<Field> {
        Field::parse(name).ok_or_else(|| unrecognized(name, ty))
    }

    pub(super) fn unsupported(self, ty: Type) -> Error {
        let message = format!("unit \"{}\" not supported for type {ty}", self.name());
        Error::new(state::FEATURE_NOT_SUPPORTED, message)
    }

    /// What `date_trunc` says of a field that it cannot cut at.
    pub(super) fn untruncatable(self, ty: Type) -> Error {
        match self {
            Field::Dow | Field::Isodow | Field::Doy | Field::Isoyear | Field::Julian | Field::Epoch => {
                unrecognized(self.name(), ty)
            }
            _ => self.unsupported(ty),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Field::Microsecond => "microseconds",
            Field::Millisecond => "milliseconds",
            Field::Second => "second",
            Field::Minute => "minute",
            Field::Hour => "hour",
            Field::Day => "day",
            Field::Week => "week",
            Field::Month => "month",
            Field::Quarter => "quarter",
            Field::Year => "year",
            Field::Decade => "decade",
            Field::Century => "century",
            Field::Millennium => "millennium",
            Field::Dow => "dow",
            Field::Isodow => "isodow",
            Field::Doy => "doy",
            Field::Isoyear => "isoyear",
            Field::Julian => "julian",
            Field::Epoch => "epoch",
            Field::Timezone => "timezone",
            Field::TimezoneHour => "timezone_hour",
            Field::TimezoneMinute => "timezone_minute",
        }
    }
}

fn unrecognized(name: &str, ty: Type) -> Error {
    let message = format!("unit \"{}\" not recognized for type {ty}", name.to_ascii_lowercase());
    Error::new(state::INVALID_PARAMETER_VALUE, message)
}

/// What [`extract_timestamp`] and its kin found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Extracted {
    /// A number.
    Number(Decimal),
    /// The field has no value in ±infinity.
    Null,
    /// The field grows without bound with the timestamp, which is ±infinity.
    Infinite {
        /// -infinity
        negative: bool,
    },
}

impl Extracted {
    /// The result of `extract`: None is NULL.
    pub fn numeric(self) -> Option<Numeric> {
        match self {
            Extracted::Number(v) => Some(v.into()),
            Extracted::Null => None,
            Extracted::Infinite { negative } => {
                Some(if negative { Numeric::NegativeInfinity } else { Numeric::Infinity })
            }
        }
    }

    /// The result of `date_part`: None is NULL.
    pub fn float(self) -> Option<f64> {
        match self {
            Extracted::Number(v) => Some(v.to_f64()),
            Extracted::Null => None,
            Extracted::Infinite { negative: true } => Some(f64::NEG_INFINITY),
            Extracted::Infinite { negative: false } => Some(f64::INFINITY),
        }
    }
}

pub(super) fn number(mantissa: impl Into<i128>, scale: u8) -> Extracted {
    Extracted::Number(Decimal { mantissa: mantissa.into(), scale })
}

fn extract_infinite(field: Field, negative: bool) -> Extracted {
    match field {
        Field::Year
        | Field::Decade
        | Field::Century
        | Field::Millennium
        | Field::Isoyear
        | Field::Julian
        | Field::Epoch => Extracted::Infinite { negative },
        _ => Extracted::Null,
    }
}

/// `extract(field from timestamp)`; `ty` is [`Type::Timestamp`] or [`Type::Timestamptz`] (in UTC).
pub fn extract_timestamp(field: Field, t: i64, ty: Type) -> Result<Extracted> {
    let zoned = matches!(field, Field::Timezone | Field::TimezoneHour | Field::TimezoneMinute);
    if zoned && ty != Type::Timestamptz {
        return Err(field.unsupported(ty));
    }
    if is_infinite(t) {
        return Ok(extract_infinite(field, t < 0));
    }
    let (days, time) = split(t);
    Ok(match field {
        Field::Microsecond => number(time % (60 * MICROS_PER_SECOND), 0),
        Field::Millisecond => number(time % (60 * MICROS_PER_SECOND), 3),
        Field::Second => number(time % (60 * MICROS_PER_SECOND), 6),
        Field::Minute => number(time / (60 * MICROS_PER_SECOND) % 60, 0),
        Field::Hour => number(time / MICROS_PER_HOUR, 0),
        Field::Timezone | Field::TimezoneHour | Field::TimezoneMinute => number(0, 0),
        Field::Epoch => {
            let unix = i128::from(UNIX_EPOCH_DAYS) * i128::from(MICROS_PER_DAY);
            number(i128::from(t) + unix, 6)
        }
        Field::Julian => {
            let fraction = Decimal::from(time).div(MICROS_PER_DAY.into()).ok_or_else(decimal::overflow)?;
            Extracted::Number(Decimal::from(days + JULIAN_EPOCH).add(fraction).ok_or_else(decimal::overflow)?)
        }
        _ => extract_days(field, days),
    })
}

/// `extract(field from date)`.
pub fn extract_date(field: Field, d: i32) -> Result<Extracted> {
    match field {
        Field::Microsecond
        | Field::Millisecond
        | Field::Second
        | Field::Minute
        | Field::Hour
        | Field::Timezone
        | Field::TimezoneHour
        | Field::TimezoneMinute => Err(field.unsupported(Type::Date)),
        _ if is_infinite_date(d) => Ok(extract_infinite(field, d < 0)),
        _ => Ok(extract_days(field, d)),
    }
}

fn extract_days(field: Field, days: i32) -> Extracted {
    let (year, month, day) = civil_from_days(days);
    let era = |n: i32| if year > 0 { (year + n - 1) / n } else { -((n - year) / n) };
    let weekday = (i64::from(days) + 6).rem_euclid(7); // 2000-01-01 was a Saturday
    match field {
        Field::Day => number(day, 0),
        Field::Month => number(month, 0),
        Field::Quarter => number((month - 1) / 3 + 1, 0),
        Field::Year => number(if year > 0 { year } else { year - 1 }, 0),
        Field::Decade => number(year.div_euclid(10), 0),
        Field::Century => number(era(100), 0),
        Field::Millennium => number(era(1000), 0),
        Field::Dow => number(weekday, 0),
        Field::Isodow => number(if weekday == 0 { 7 } else { weekday }, 0),
        Field::Doy => number(days - days_from_civil(year, 1, 1) + 1, 0),
        Field::Week => number(iso_week(days).1, 0),
        Field::Isoyear => {
            let year = iso_week(days).0;
            number(if year > 0 { year } else { year - 1 }, 0)
        }
        Field::Julian => number(i64::from(days) + i64::from(JULIAN_EPOCH), 0),
        Field::Epoch => number((i64::from(days) + i64::from(UNIX_EPOCH_DAYS)) * 86_400, 0),
        _ => Extracted::Null,
    }
}

/// The Monday of a day's ISO week.
fn monday(days: i32) -> i32 {
    days - (i64::from(days) + 5).rem_euclid(7) as i32
}

/// The ISO year and week of a day: a week belongs to the year of its Thursday.
pub fn iso_week(days: i32) -> (i32, i32) {
    let thursday = monday(days) + 3;
    let year = civil_from_days(thursday).0;
    (year, (thursday - days_from_civil(year, 1, 1)) / 7 + 1)
}

/// `date_trunc(field, timestamp)`; `ty` is [`Type::Timestamp`] or [`Type::Timestamptz`] (in UTC).
pub fn date_trunc(field: Field, t: i64, ty: Type) -> Result<i64> {
    let unit = match field {
        Field::Microsecond => 1,
        Field::Millisecond => 1000,
        Field::Second => MICROS_PER_SECOND,
        Field::Minute => 60 * MICROS_PER_SECOND,
        Field::Hour => MICROS_PER_HOUR,
        Field::Day => MICROS_PER_DAY,
        Field::Week
        | Field::Month
        | Field::Quarter
        | Field::Year
        | Field::Decade
        | Field::Century
        | Field::Millennium => 0,
        _ => return Err(field.untruncatable(ty)),
    };
    if is_infinite(t) {
        return Ok(t);
    }
    if unit > 0 {
        return t.checked_sub(t.rem_euclid(unit)).ok_or_else(|| out_of_range("timestamp"));
    }
    let days = split(t).0;
    let (year, month, _) = civil_from_days(days);
    // Centuries and millennia begin in years 1, 101 …, and backwards in years -99, -199 ….
    let era = |n: i32| if year > 0 { (year + n - 1) / n * n - (n - 1) } else { -((n - year) / n) * n + 1 };
    let first = match field {
        Field::Week => Some(monday(days)),
        Field::Month => date_in_range(year, month, 1),
        Field::Quarter => date_in_range(year, (month - 1) / 3 * 3 + 1, 1),
        Field::Year => date_in_range(year, 1, 1),
        Field::Decade => date_in_range(year.div_euclid(10) * 10, 1, 1),
        Field::Century => date_in_range(era(100), 1, 1),
        _ => date_in_range(era(1000), 1, 1),
    };
    first.and_then(|d| timestamp_in_range(d, 0)).ok_or_else(|| out_of_range("timestamp"))
}

/// `date_bin(stride, timestamp, origin)`: the beginning of the bin that holds the timestamp.
pub fn date_bin(stride: Interval, t: i64, origin: i64) -> Result<i64> {
    if is_infinite(t) {
        return Ok(t);
    }
    if is_infinite(origin) {
        return Err(out_of_range("origin"));
    }
    if stride.months != 0 {
        return Err(Error::new(
            state::FEATURE_NOT_SUPPORTED,
            "timestamps cannot be binned into intervals containing months or years",
        ));
    }
    let width = i64::from(stride.days)
        .checked_mul(MICROS_PER_DAY)
        .and_then(|days| days.checked_add(stride.micros))
        .ok_or_else(|| out_of_range("interval"))?;
    if width <= 0 {
        return Err(Error::new(state::DATETIME_FIELD_OVERFLOW, "stride must be greater than zero"));
    }
    let since = t.checked_sub(origin).ok_or_else(|| out_of_range("interval"))?;
    t.checked_sub(since.rem_euclid(width))
        .filter(|t| *t >= TIMESTAMP_MIN)
        .ok_or_else(|| out_of_range("timestamp"))
}

/// Rounds a timestamp's microseconds to `precision` (0 to 6) decimals of seconds.
pub fn round_to(t: i64, precision: u8) -> Result<i64> {
    if is_infinite(t) || precision >= 6 {
        return Ok(t);
    }
    let unit = 10i64.pow(u32::from(6 - precision));
    // Half away from the epoch, as PostgreSQL's AdjustTimestampForTypmod.
    let half = if t >= 0 { unit / 2 } else { -unit / 2 };
    t.checked_add(half).map(|t| t / unit * unit).ok_or_else(|| out_of_range("timestamp"))
}
