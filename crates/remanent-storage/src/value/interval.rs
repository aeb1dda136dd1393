//! Spans of time, as PostgreSQL keeps them: months, days and microseconds apart.

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

/// Microseconds in a day of 24 hours.
pub const MICROS_PER_DAY: i64 = 86_400_000_000;
/// Days that a month counts for where intervals are compared, as in PostgreSQL.
pub const DAYS_PER_MONTH: i32 = 30;

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
}
