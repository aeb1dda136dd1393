//! Dates, times and intervals as a template says: `to_char`.

use super::template::{DAYS, Field, Keyword, Letters, MONTHS, Node, ROMAN, ordinal};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::datetime::{self, civil_from_days, days_from_civil};
use remanent_storage::value::{Interval, Zone};
use std::fmt::Write;

/// The parts that templates name. Of an interval, all but the calendar's.
#[derive(Default)]
pub struct Moment {
    /// None: an interval.
    days: Option<i32>,
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
    micros: i64,
    /// Of a moment: by how many seconds its zone is east of UTC, and what clocks call it.
    zone: Option<(i32, String)>,
}

impl Moment {
    /// A finite moment as clocks in a zone show it.
    pub fn of_moment(t: i64, zone: &Zone) -> Moment {
        let named = Some((zone.east(t), zone.abbreviation(t)));
        Moment { zone: named, ..Moment::of_timestamp(zone.local(t)) }
    }

    /// A finite timestamp.
    pub fn of_timestamp(t: i64) -> Moment {
        let (days, micros) = datetime::split(t);
        let (year, month, day) = civil_from_days(days);
        let mut moment = Moment {
            days: Some(days),
            year: year.into(),
            month: month.into(),
            day: day.into(),
            ..Moment::default()
        };
        moment.set_time(micros);
        moment
    }

    pub fn of_interval(span: Interval) -> Moment {
        let mut moment = Moment {
            year: (span.months / 12).into(),
            month: (span.months % 12).into(),
            day: span.days.into(),
            ..Moment::default()
        };
        moment.set_time(span.micros);
        moment
    }

    fn set_time(&mut self, micros: i64) {
        self.hour = micros / 3_600_000_000;
        self.minute = micros / 60_000_000 % 60;
        self.second = micros / 1_000_000 % 60;
        self.micros = micros % 1_000_000;
    }

    fn is_interval(&self) -> bool {
        self.days.is_none()
    }

    /// As it is written: there is no year 0.
    fn shown_year(&self, year: i64) -> i64 {
        if !self.is_interval() && year <= 0 { 1 - year } else { year }
    }

    fn day_of_year(&self) -> i64 {
        match self.days {
            Some(days) => i64::from(days - days_from_civil(self.year as i32, 1, 1)) + 1,
            // About how many days it is.
            None => (self.year * 12 + self.month) * 30 + self.day,
        }
    }

    /// From Sunday, 0. 2000-01-01 was a Saturday.
    fn weekday(&self) -> i64 {
        (i64::from(self.days.unwrap_or(0)) + 6).rem_euclid(7)
    }

    fn iso_week(&self) -> (i64, i64) {
        let (year, week) = datetime::iso_week(self.days.unwrap_or(0));
        (year.into(), week.into())
    }
}

/// Appends the moment as the template says.
pub fn write(nodes: &[Node], moment: &Moment, out: &mut String) -> Result<()> {
    for node in nodes {
        match node {
            Node::Space(c) | Node::Separator(c) | Node::Char(c) => out.push(*c),
            Node::Keyword(keyword) => push(keyword, moment, out)?,
        }
    }
    Ok(())
}

/// A number of so many digits, or one more behind a minus; unfilled: of as many as it has.
fn push_number(keyword: &Keyword, value: i64, width: usize, out: &mut String) {
    let begin = out.len();
    let width = if keyword.unfilled { 0 } else { width + usize::from(value < 0) };
    let _ = write!(out, "{value:0width$}");
    if let Some(letters) = keyword.ordinal {
        let ending = ordinal(&out[begin..]);
        out.push_str(&cased(ending, letters));
    }
}

fn cased(name: &str, letters: Letters) -> String {
    match letters {
        Letters::Upper => name.to_ascii_uppercase(),
        Letters::Lower => name.to_ascii_lowercase(),
        Letters::Title => name.to_owned(),
    }
}

/// A name, filled with blanks up to that width.
fn push_name(keyword: &Keyword, name: &str, width: usize, out: &mut String) {
    let width = if keyword.unfilled || keyword.local { 0 } else { width };
    let _ = write!(out, "{:width$}", cased(name, keyword.letters));
}

fn push(keyword: &Keyword, moment: &Moment, out: &mut String) -> Result<()> {
    let number = |value: i64, width: usize, out: &mut String| push_number(keyword, value, width, out);
    let east = moment.zone.as_ref().map_or(0, |(east, _)| *east);
    if moment.is_interval() && of_the_calendar(keyword.field) {
        return Err(Error::new(
            state::INVALID_DATETIME_FORMAT,
            "invalid format specification for an interval value",
        )
        .with_hint("Intervals are not tied to specific calendar dates."));
    }
    let month = (moment.month - 1) as usize;
    let named = MONTHS.get(month).copied().unwrap_or("");
    match keyword.field {
        Field::Meridian => {
            let after = moment.hour % 24 >= 12;
            let text = match (after, keyword.points) {
                (true, true) => "P.M.",
                (true, false) => "PM",
                (false, true) => "A.M.",
                (false, false) => "AM",
            };
            out.push_str(&cased(text, keyword.letters));
        }
        Field::Era => {
            let text = match (moment.year <= 0, keyword.points) {
                (true, true) => "B.C.",
                (true, false) => "BC",
                (false, true) => "A.D.",
                (false, false) => "AD",
            };
            out.push_str(&cased(text, keyword.letters));
        }
        Field::Hour12 => {
            let hour = moment.hour % 12;
            number(if hour == 0 { 12 } else { hour }, 2, out);
        }
        Field::Hour24 => number(moment.hour, 2, out),
        Field::Minute => number(moment.minute, 2, out),
        Field::Second => number(moment.second, 2, out),
        Field::Fraction(digits) => {
            let whole = Keyword { unfilled: false, ..keyword.clone() };
            let value = moment.micros / 10i64.pow(6 - u32::from(digits));
            push_number(&whole, value, digits.into(), out);
        }
        Field::Millisecond => {
            push_number(&Keyword { unfilled: false, ..keyword.clone() }, moment.micros / 1000, 3, out);
        }
        Field::Microsecond => {
            push_number(&Keyword { unfilled: false, ..keyword.clone() }, moment.micros, 6, out)
        }
        Field::SecondsOfDay => number((moment.hour * 60 + moment.minute) * 60 + moment.second, 0, out),
        Field::Zone => {
            out.push_str(&moment.zone.as_ref().map_or(String::new(), |(_, name)| match keyword.letters {
                Letters::Lower => name.to_lowercase(),
                _ => name.clone(),
            }))
        }
        Field::ZoneHours => {
            let _ = write!(out, "{}{:02}", if east < 0 { '-' } else { '+' }, east.abs() / 3600);
        }
        Field::ZoneMinutes => {
            let _ = write!(out, "{:02}", east.abs() / 60 % 60);
        }
        Field::Offset => {
            let width = if keyword.unfilled { 0 } else { 2 };
            let _ = write!(out, "{}{:0width$}", if east < 0 { '-' } else { '+' }, east.abs() / 3600);
            if east.abs() / 60 % 60 != 0 {
                let _ = write!(out, ":{:02}", east.abs() / 60 % 60);
            }
        }
        // An interval of no month has no name of one.
        Field::Month => push_name(keyword, named, 9, out),
        Field::Mon => push_name(keyword, named.get(..3).unwrap_or(""), 0, out),
        Field::MonthNumber => number(moment.month, 2, out),
        Field::Day => push_name(keyword, DAYS.get(moment.weekday() as usize).copied().unwrap_or(""), 9, out),
        Field::Dy => {
            let name = DAYS.get(moment.weekday() as usize).and_then(|name| name.get(..3));
            push_name(keyword, name.unwrap_or(""), 0, out);
        }
        Field::DayOfYear => number(moment.day_of_year(), 3 - usize::from(moment.day_of_year() < 0), out),
        Field::IsoDayOfYear => {
            let (_, week) = moment.iso_week();
            number((week - 1) * 7 + (moment.weekday() + 6) % 7 + 1, 3, out);
        }
        Field::DayOfMonth => number(moment.day, 2 - usize::from(moment.day < 0), out),
        Field::DayOfWeek => number(moment.weekday() + 1, 0, out),
        Field::IsoDayOfWeek => number(if moment.weekday() == 0 { 7 } else { moment.weekday() }, 0, out),
        Field::WeekOfYear => {
            let week = (moment.day_of_year() - 1) / 7 + 1;
            number(week, 2 - usize::from(week < 0), out);
        }
        Field::IsoWeek => number(moment.iso_week().1, 2, out),
        Field::Quarter if moment.month == 0 => {}
        Field::Quarter => number((moment.month - 1) / 3 + 1, 0, out),
        Field::Century => {
            let century = match moment.year {
                year if moment.is_interval() => year / 100,
                year if year > 0 => (year - 1) / 100 + 1,
                year => year / 100 - 1,
            };
            number(century, if century.abs() <= 99 { 2 } else { 0 }, out);
        }
        Field::CommaYear => {
            let year = moment.shown_year(moment.year);
            let _ = write!(out, "{},{:03}", year / 1000, year % 1000);
        }
        Field::Year(digits) => {
            let year = moment.shown_year(moment.year);
            let year = if digits == 4 { year } else { year % 10i64.pow(digits.into()) };
            number(year, digits.into(), out);
        }
        Field::IsoYear(digits) => {
            let year =
                if moment.is_interval() { moment.year } else { moment.shown_year(moment.iso_week().0) };
            let year = if digits == 4 { year } else { year % 10i64.pow(digits.into()) };
            number(year, digits.into(), out);
        }
        Field::Roman if moment.month == 0 && moment.year == 0 => {}
        Field::Roman => {
            // Of intervals before zero PostgreSQL counts from the end.
            let month = match moment.month {
                1.. => month,
                0 if moment.year < 0 => 0,
                0 => 11,
                before => (before + 12).clamp(0, 11) as usize,
            };
            push_name(keyword, ROMAN.get(month).copied().unwrap_or(""), 4, out);
        }
        Field::WeekOfMonth => number((moment.day - 1) / 7 + 1, 0, out),
        Field::Julian => {
            let of_calendar = moment.days.map(|days| i64::from(days) + i64::from(datetime::JULIAN_EPOCH));
            number(of_calendar.unwrap_or_else(|| julian(moment.year, moment.month, moment.day)), 0, out);
        }
        Field::Exact => {}
    }
    Ok(())
}

/// The Julian day of parts that may be no day at all (Fliegel and Van Flandern 1968, as PostgreSQL extends it).
fn julian(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year + 4800, month + 1) } else { (year + 4799, month + 13) };
    let century = year / 100;
    year * 365 - 32_167 + year / 4 - century + century / 4 + 7834 * month / 256 + day
}

/// True for what only a day of the calendar has.
fn of_the_calendar(field: Field) -> bool {
    use Field as F;
    matches!(
        field,
        F::Era
            | F::Month
            | F::Mon
            | F::Day
            | F::Dy
            | F::DayOfWeek
            | F::IsoDayOfWeek
            | F::Zone
            | F::ZoneHours
            | F::ZoneMinutes
            | F::Offset
    )
}
