//! Spans of time, as PostgreSQL keeps them: months, days and microseconds apart.
//!
//! ```
//! use remanent_storage::value::{Interval, Type, Value};
//! let Value::Interval(i) = Value::parse("1 month 15 days", Type::Interval).unwrap() else { panic!() };
//! assert_eq!(i, Interval { months: 1, days: 15, micros: 0 });
//! assert_eq!(Value::Interval(i.mul(1.5).unwrap()).to_string(), "1 mon 37 days 12:00:00");
//! ```
//!
//! Rust's `==` compares the three parts; SQL compares by length ([`Interval::compare`]: a month is 30 days, a day
//! 24 hours). The arithmetic follows PostgreSQL 15's `timestamp.c`; out of range is 22008.

use super::Type;
use super::datetime::{self, Extracted, Field, number};
use crate::error::{Error, Result, state};
use std::cmp::Ordering;

/// Microseconds in a day of 24 hours.
pub const MICROS_PER_DAY: i64 = 86_400_000_000;
/// Days that a month counts for where intervals are compared, as in PostgreSQL.
pub const DAYS_PER_MONTH: i32 = 30;

/// A span of time. The three parts are kept apart because their lengths differ by where they are added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Interval {
    /// Calendar months.
    pub months: i32,
    /// Calendar days.
    pub days: i32,
    /// Microseconds.
    pub micros: i64,
}

fn out_of_range() -> Error {
    datetime::out_of_range("interval")
}

impl Interval {
    /// What intervals are compared by: microseconds, a month being 30 days and a day 24 hours.
    pub fn comparable(self) -> i128 {
        let days = i128::from(self.months) * i128::from(DAYS_PER_MONTH) + i128::from(self.days);
        days * i128::from(MICROS_PER_DAY) + i128::from(self.micros)
    }

    /// An interval that compares equal to so many microseconds, with days and time justified;
    /// None where there is none.
    pub fn from_comparable(micros: i128) -> Option<Self> {
        let day = i128::from(MICROS_PER_DAY);
        let month = day * i128::from(DAYS_PER_MONTH);
        let months = (micros / month).clamp(i32::MIN.into(), i32::MAX.into());
        let rest = micros - months * month;
        let days = (rest / day).clamp(i32::MIN.into(), i32::MAX.into());
        let micros = i64::try_from(rest - days * day).ok()?;
        Some(Interval { months: months as i32, days: days as i32, micros })
    }

    /// SQL's order.
    pub fn compare(self, other: Self) -> Ordering {
        self.comparable().cmp(&other.comparable())
    }

    /// The sum, part by part.
    #[allow(clippy::should_implement_trait, reason = "fails, so it is not the operator")]
    pub fn add(self, other: Self) -> Result<Self> {
        let sum = || {
            Some(Interval {
                months: self.months.checked_add(other.months)?,
                days: self.days.checked_add(other.days)?,
                micros: self.micros.checked_add(other.micros)?,
            })
        };
        sum().ok_or_else(out_of_range)
    }

    /// The difference, part by part.
    #[allow(clippy::should_implement_trait, reason = "fails, so it is not the operator")]
    pub fn sub(self, other: Self) -> Result<Self> {
        let difference = || {
            Some(Interval {
                months: self.months.checked_sub(other.months)?,
                days: self.days.checked_sub(other.days)?,
                micros: self.micros.checked_sub(other.micros)?,
            })
        };
        difference().ok_or_else(out_of_range)
    }

    /// The same span backwards.
    #[allow(clippy::should_implement_trait, reason = "fails, so it is not the operator")]
    pub fn neg(self) -> Result<Self> {
        Interval::default().sub(self)
    }

    /// `factor` times this span; fractions of months become days (30 to a month), those of days become time.
    #[allow(clippy::should_implement_trait, reason = "fails, so it is not the operator")]
    pub fn mul(self, factor: f64) -> Result<Self> {
        self.scaled(|part| part * factor)
    }

    /// This span divided; 22012 where the divisor is 0.
    #[allow(clippy::should_implement_trait, reason = "fails, so it is not the operator")]
    pub fn div(self, divisor: f64) -> Result<Self> {
        if divisor == 0.0 {
            return Err(Error::new(state::DIVISION_BY_ZERO, "division by zero"));
        }
        self.scaled(|part| part / divisor)
    }

    fn scaled(self, scale: impl Fn(f64) -> f64) -> Result<Self> {
        // Rounding to microseconds, so that the fraction of 0.1 months does not leave 1e-16 days.
        let round = |v: f64| (v * 1e6).round_ties_even() / 1e6;
        let whole = |v: f64| {
            let fits = v >= f64::from(i32::MIN) && v <= f64::from(i32::MAX);
            if fits { Ok(v as i32) } else { Err(out_of_range()) }
        };
        let (exact_months, exact_days) = (scale(self.months.into()), scale(self.days.into()));
        let (months, days) = (whole(exact_months)?, whole(exact_days)?);
        let month_days = round((exact_months - f64::from(months)) * f64::from(DAYS_PER_MONTH));
        let day_part = exact_days - f64::from(days) + month_days - month_days.trunc();
        let mut seconds = round(day_part * 86_400.0);
        let carried = (seconds / 86_400.0).trunc();
        seconds -= carried * 86_400.0;
        let days = days
            .checked_add(carried as i32)
            .and_then(|days| days.checked_add(month_days as i32))
            .ok_or_else(out_of_range)?;
        let micros = (scale(self.micros as f64) + seconds * 1e6).round_ties_even();
        // -2^63 and 2^63 are exact as floats.
        let limit = -(i64::MIN as f64);
        if !(-limit..limit).contains(&micros) {
            return Err(out_of_range());
        }
        Ok(Interval { months, days, micros: micros as i64 })
    }

    /// Whole days of the time become days.
    pub fn justify_hours(self) -> Result<Self> {
        let (whole, mut micros) = (self.micros / MICROS_PER_DAY, self.micros % MICROS_PER_DAY);
        let mut days = self.days.checked_add(whole as i32).ok_or_else(out_of_range)?;
        if days > 0 && micros < 0 {
            (micros, days) = (micros + MICROS_PER_DAY, days - 1);
        } else if days < 0 && micros > 0 {
            (micros, days) = (micros - MICROS_PER_DAY, days + 1);
        }
        Ok(Interval { days, micros, ..self })
    }

    /// Each 30 days become a month.
    pub fn justify_days(self) -> Result<Self> {
        let (whole, mut days) = (self.days / DAYS_PER_MONTH, self.days % DAYS_PER_MONTH);
        let mut months = self.months.checked_add(whole).ok_or_else(out_of_range)?;
        if months > 0 && days < 0 {
            (days, months) = (days + DAYS_PER_MONTH, months - 1);
        } else if months < 0 && days > 0 {
            (days, months) = (days - DAYS_PER_MONTH, months + 1);
        }
        Ok(Interval { months, days, ..self })
    }

    /// Both at once, all parts of one sign.
    pub fn justify_interval(self) -> Result<Self> {
        let all_days = i64::from(self.days) + self.micros / MICROS_PER_DAY;
        let mut micros = self.micros % MICROS_PER_DAY;
        let mut days = (all_days % i64::from(DAYS_PER_MONTH)) as i32;
        let whole = all_days / i64::from(DAYS_PER_MONTH);
        let months = i64::from(self.months) + whole;
        let mut months = i32::try_from(months).map_err(|_| out_of_range())?;
        if months > 0 && (days < 0 || (days == 0 && micros < 0)) {
            (days, months) = (days + DAYS_PER_MONTH, months - 1);
        } else if months < 0 && (days > 0 || (days == 0 && micros > 0)) {
            (days, months) = (days - DAYS_PER_MONTH, months + 1);
        }
        if days > 0 && micros < 0 {
            (micros, days) = (micros + MICROS_PER_DAY, days - 1);
        } else if days < 0 && micros > 0 {
            (micros, days) = (micros - MICROS_PER_DAY, days + 1);
        }
        Ok(Interval { months, days, micros })
    }

    /// `extract(field from interval)`.
    pub fn extract(self, field: Field) -> Result<Extracted> {
        let minute = 60_000_000;
        let (years, months) = (self.months / 12, self.months % 12);
        Ok(match field {
            Field::Microsecond => number(self.micros % minute, 0),
            Field::Millisecond => number(self.micros % minute, 3),
            Field::Second => number(self.micros % minute, 6),
            Field::Minute => number(self.micros / minute % 60, 0),
            Field::Hour => number(self.micros / (60 * minute), 0),
            Field::Day => number(self.days, 0),
            Field::Month => number(months, 0),
            Field::Quarter => number(months / 3 + 1, 0),
            Field::Year => number(years, 0),
            Field::Decade => number(years / 10, 0),
            Field::Century => number(years / 100, 0),
            Field::Millennium => number(years / 1000, 0),
            Field::Epoch => {
                // A year is 365.25 days here, as in PostgreSQL.
                let quarter_days =
                    1461 * i128::from(years) + 120 * i128::from(months) + 4 * i128::from(self.days);
                number(quarter_days * i128::from(MICROS_PER_DAY / 4) + i128::from(self.micros), 6)
            }
            _ => return Err(field.unsupported(Type::Interval)),
        })
    }

    /// `date_trunc(field, interval)`.
    pub fn trunc(self, field: Field) -> Result<Self> {
        let cut_time = |unit: i64| Interval { micros: self.micros / unit * unit, ..self };
        let cut_months = |unit: i32| Interval { months: self.months / unit * unit, days: 0, micros: 0 };
        Ok(match field {
            Field::Microsecond => self,
            Field::Millisecond => cut_time(1000),
            Field::Second => cut_time(1_000_000),
            Field::Minute => cut_time(60_000_000),
            Field::Hour => cut_time(3_600_000_000),
            Field::Day => Interval { micros: 0, ..self },
            Field::Month => cut_months(1),
            Field::Quarter => cut_months(3),
            Field::Year => cut_months(12),
            Field::Decade => cut_months(120),
            Field::Century => cut_months(1200),
            Field::Millennium => cut_months(12_000),
            Field::Week => {
                return Err(field
                    .unsupported(Type::Interval)
                    .with_detail("Months usually have fractional weeks."));
            }
            _ => return Err(field.untruncatable(Type::Interval)),
        })
    }
}
