//! Dates and timestamps from and to text, as PostgreSQL's `DateStyle = 'ISO, MDY'`.
//!
//! Input is cut into fields (`datetime_fields`), which are then given a meaning one by one, as `DecodeDateTime` does:
//!
//! ```text
//! 2024-01-02 03:04:05.5+02     2024-01-02T03:04:05Z     20240102 030405     January 2, 2024 3:04 PM
//! 1/2/2024     02-Jan-2024     2024.002     J2460312     99-01-08 BC is refused, 0099-01-08 BC is read
//! epoch     infinity     -infinity
//! ```
//!
//! A zone may be an offset, an abbreviation or a place ([`Zone::meant`]); a moment without one is meant in the zone that the
//! caller gives.
//!
//! Limits: `now`, `today`, `tomorrow` and `yesterday` are 0A000 here, for they need a clock: whoever has one replaces
//! them before.

use super::datetime_fields::{Fault, Field, Kind, Read, fraction_micros, split, split_time};
use super::interval::MICROS_PER_DAY;
use super::timetz::TimeTz;
use super::{Type, Zone, datetime, zone};
use crate::error::{Error, Result, state};
use std::fmt;

/// `Value::parse` for [`Type::Date`].
pub(super) fn parse_date(text: &str) -> Result<i32> {
    let read = || {
        Ok(match decode(text)? {
            Decoded::Infinity => datetime::DATE_INFINITY,
            Decoded::NegInfinity => datetime::DATE_NEG_INFINITY,
            Decoded::Moment(m) => datetime::date_in_range(m.year, m.month, m.day).ok_or(Fault::Range)?,
        })
    };
    read().map_err(|fault| error(fault, text, Type::Date))
}

/// `Value::parse` for [`Type::Timestamp`]: a zone is read and ignored, as PostgreSQL does.
pub(super) fn parse_timestamp(text: &str) -> Result<i64> {
    read_timestamp(text, None).map_err(|fault| error(fault, text, Type::Timestamp))
}

/// `Value::parse` for [`Type::Timestamptz`]: without a zone it is in this one.
pub(super) fn parse_timestamptz(text: &str, zone: &Zone) -> Result<i64> {
    read_timestamp(text, Some(zone)).map_err(|fault| error(fault, text, Type::Timestamptz))
}

/// `Value::parse` for [`Type::Time`]: a date before it is read and ignored, a zone too.
pub(super) fn parse_time(text: &str) -> Result<i64> {
    let read = || match read_time(text)? {
        // Without a day nobody knows how far from UTC a place is.
        (Moment { zone: Given::Place(zone), .. }, false) if zone.offset().is_none() => Err(Fault::Format),
        (moment, _) => Ok(moment.micros),
    };
    read().map_err(|fault| error(fault, text, Type::Time))
}

/// `Value::parse` for times with a zone: without one it is in this one, without a date it is the zone's of a moment.
pub(super) fn parse_timetz(text: &str, zone: &Zone, now: i64) -> Result<TimeTz> {
    let read = || {
        let (moment, dated) = read_time(text)?;
        let east_on_day = |zone: &Zone| {
            let days = datetime::date_in_range(moment.year, moment.month, moment.day).ok_or(Fault::Range)?;
            let local = i64::from(days) * MICROS_PER_DAY + moment.micros;
            Ok(((local - zone.moment(local).ok_or(Fault::Range)?) / 1_000_000) as i32)
        };
        let east = match &moment.zone {
            Given::Offset(east) => *east as i32,
            Given::Place(zone) if dated => east_on_day(zone)?,
            Given::Place(zone) => zone.offset().ok_or(Fault::Format)?,
            Given::Nothing if dated => east_on_day(zone)?,
            Given::Nothing => zone.east(now),
        };
        Ok(TimeTz { micros: moment.micros, east })
    };
    read().map_err(|fault| error(fault, text, Type::Other(super::kinds::Kind::TimeTz, 0)))
}

/// A time, and whether the text has a date too.
fn read_time(text: &str) -> Read<(Moment, bool)> {
    let fields = split(text, is_keyword).ok_or(Fault::Format)?;
    if let [only] = fields.as_slice()
        && only.text == "allballs"
    {
        return Ok((Moment { year: 0, month: 0, day: 0, micros: 0, zone: Given::Offset(0) }, false));
    }
    // Digits are a time unless there is a date: "040506".
    let (decoder, dated) = match decode_fields(&fields, mask::DATE) {
        Ok(decoder) => (decoder, false),
        Err(_) => (decode_fields(&fields, 0)?, true),
    };
    if !decoder.has(mask::TIME) {
        return Err(Fault::Format);
    }
    Ok((decoder.finish()?, dated))
}

fn read_timestamp(text: &str, zone: Option<&Zone>) -> Read<i64> {
    Ok(match decode(text)? {
        Decoded::Infinity => datetime::INFINITY,
        Decoded::NegInfinity => datetime::NEG_INFINITY,
        Decoded::Moment(m) => {
            // The day before the first is fine where the zone brings the moment into range.
            if !(-4713..=294_277).contains(&m.year) {
                return Err(Fault::Range);
            }
            let days = datetime::days_from_civil(m.year, m.month, m.day);
            let east = match (zone, &m.zone) {
                (Some(_), Given::Offset(east)) => *east,
                (Some(zone), Given::Nothing) | (Some(_), Given::Place(zone)) => {
                    let midnight = i64::from(days).checked_mul(MICROS_PER_DAY);
                    let local = midnight.and_then(|t| t.checked_add(m.micros)).ok_or(Fault::Range)?;
                    let utc = zone.moment(local).ok_or(Fault::Range)?;
                    (local - utc) / 1_000_000
                }
                (None, _) => 0,
            };
            datetime::timestamp_in_range(days, m.micros - east * 1_000_000).ok_or(Fault::Range)?
        }
    })
}

/// PostgreSQL's errors for a text that is no date or time.
pub(super) fn error(fault: Fault, text: &str, ty: Type) -> Error {
    let overflow =
        |what| Error::new(state::DATETIME_FIELD_OVERFLOW, format!("{what} out of range: \"{text}\""));
    match fault {
        Fault::Format => {
            let message = format!("invalid input syntax for type {}: \"{text}\"", input_name(ty));
            Error::new(state::INVALID_DATETIME_FORMAT, message)
        }
        Fault::Overflow if ty == Type::Interval => {
            let message = format!("interval field value out of range: \"{text}\"");
            Error::new(state::INTERVAL_FIELD_OVERFLOW, message)
        }
        Fault::Overflow => overflow("date/time field value"),
        Fault::MonthDay => overflow("date/time field value")
            .with_hint("The order of numbers is year-month-day, or month/day/year."),
        Fault::Displacement => {
            Error::new(state::INVALID_TIME_ZONE, format!("time zone displacement out of range: \"{text}\""))
        }
        Fault::Zone(name) => zone::unknown(&name),
        Fault::Clock(word) => Error::new(
            state::FEATURE_NOT_SUPPORTED,
            format!("\"{word}\" is not supported inside a literal of type {}", input_name(ty)),
        )
        .with_hint("Use now() or current_date."),
        Fault::Range => match ty {
            Type::Interval => datetime::out_of_range("interval"),
            Type::Date => overflow("date"),
            _ => overflow("timestamp"),
        },
    }
}

/// The type as PostgreSQL's input functions call it.
fn input_name(ty: Type) -> String {
    match ty {
        Type::Timestamp => "timestamp".to_string(),
        Type::Time => "time".to_string(),
        _ => ty.to_string(),
    }
}

enum Decoded {
    Infinity,
    NegInfinity,
    Moment(Moment),
}

/// A moment by the calendar; all fields in range, `micros` since midnight (24:00:00 and 23:59:60 are there).
struct Moment {
    year: i32,
    month: u8,
    day: u8,
    micros: i64,
    zone: Given,
}

/// What a text says of the zone.
enum Given {
    Nothing,
    /// Seconds east of UTC.
    Offset(i64),
    Place(Zone),
}

/// What a word means.
#[derive(Clone, Copy)]
enum Word {
    Month(i32),
    Weekday,
    Ignored,
    Pm(bool),
    Bc(bool),
    Utc,
    /// `T` before a time.
    Time,
    Julian,
    Epoch,
    Infinity,
    Clock,
}

fn word(text: &str) -> Option<Word> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let month = |m: &str| text == m || (text.len() == 3 && m.starts_with(text));
    if let Some(m) = MONTHS.iter().position(|m| month(m)) {
        return Some(Word::Month(m as i32 + 1));
    }
    Some(match text {
        "sept" => Word::Month(9),
        "sun" | "sunday" | "mon" | "monday" | "tue" | "tues" | "tuesday" | "wed" | "weds" | "wednesday"
        | "thu" | "thur" | "thurs" | "thursday" | "fri" | "friday" | "sat" | "saturday" => Word::Weekday,
        "at" | "on" => Word::Ignored,
        "am" => Word::Pm(false),
        "pm" => Word::Pm(true),
        "ad" => Word::Bc(false),
        "bc" => Word::Bc(true),
        "z" | "utc" | "gmt" | "ut" | "uct" | "zulu" => Word::Utc,
        "t" => Word::Time,
        "j" | "jd" | "julian" => Word::Julian,
        "epoch" => Word::Epoch,
        "infinity" | "inf" => Word::Infinity,
        "now" | "today" | "tomorrow" | "yesterday" => Word::Clock,
        _ => return None,
    })
}

/// True for the words that PostgreSQL's `datetktbl` lists, and so end before a digit or a plus sign.
pub(super) fn is_keyword(text: &str) -> bool {
    let unit =
        matches!(text, "d" | "h" | "m" | "mm" | "s" | "y" | "dow" | "doy" | "isodow" | "isoyear" | "dst");
    unit || (word(text).is_some() && !matches!(text, "utc" | "gmt" | "ut" | "uct" | "zulu" | "z" | "inf"))
}

/// Which parts are known already.
mod mask {
    pub const YEAR: u32 = 1;
    pub const MONTH: u32 = 2;
    pub const DAY: u32 = 4;
    pub const DATE: u32 = YEAR | MONTH | DAY;
    pub const DAY_OF_YEAR: u32 = 8;
    pub const TIME: u32 = 16;
    pub const ZONE: u32 = 32;
    pub const MERIDIAN: u32 = 64;
    pub const ERA: u32 = 128;
    pub const WEEKDAY: u32 = 256;
}

/// A label that says what the next field is.
#[derive(Clone, Copy, PartialEq)]
enum Label {
    None,
    Time,
    Julian,
}

struct Decoder {
    year: i32,
    month: i32,
    day: i32,
    hour: i64,
    minute: i64,
    micros: i64,
    known: u32,
    day_of_year: i32,
    text_month: bool,
    two_digit_year: bool,
    julian: bool,
    bc: bool,
    pm: Option<bool>,
    zone: Given,
    label: Label,
}

fn decode(text: &str) -> Read<Decoded> {
    let fields = split(text, is_keyword).ok_or(Fault::Format)?;
    if let [only] = fields.as_slice() {
        match only.text.as_str() {
            "infinity" | "inf" => return Ok(Decoded::Infinity),
            "-infinity" | "-inf" => return Ok(Decoded::NegInfinity),
            "epoch" => {
                return Ok(Decoded::Moment(Moment {
                    year: 1970,
                    month: 1,
                    day: 1,
                    micros: 0,
                    zone: Given::Offset(0),
                }));
            }
            _ => {}
        }
    }
    decode_fields(&fields, 0)?.finish().map(Decoded::Moment)
}

/// Gives the fields a meaning; `known` is what to believe known already.
fn decode_fields(fields: &[Field], known: u32) -> Read<Decoder> {
    let mut decoder = Decoder {
        year: 0,
        month: 0,
        day: 0,
        hour: 0,
        minute: 0,
        micros: 0,
        known,
        day_of_year: 0,
        text_month: false,
        two_digit_year: false,
        julian: false,
        bc: false,
        pm: None,
        zone: Given::Nothing,
        label: Label::None,
    };
    for (i, field) in fields.iter().enumerate() {
        decoder.field(field, fields.get(i + 1))?;
    }
    Ok(decoder)
}

fn integer(text: &str) -> Read<i32> {
    match !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        true => text.parse().map_err(|_| Fault::Overflow),
        false => Err(Fault::Format),
    }
}

impl Decoder {
    /// Notes that a part is known; twice is a fault.
    fn mark(&mut self, parts: u32) -> Read<()> {
        if self.known & parts != 0 {
            return Err(Fault::Format);
        }
        self.known |= parts;
        Ok(())
    }

    fn has(&self, parts: u32) -> bool {
        self.known & parts == parts
    }

    fn field(&mut self, field: &Field, next: Option<&Field>) -> Read<()> {
        let text = field.text.as_str();
        match (field.kind, self.label) {
            (Kind::Number, Label::Julian) => self.julian_day(text),
            (Kind::Date, Label::Julian) => {
                // "J2451187-08": the number, then an offset.
                let at = text.find(['-', '+']).ok_or(Fault::Format)?;
                self.julian_day(&text[..at])?;
                self.zone(&text[at..])
            }
            (Kind::Number, Label::Time) => {
                self.label = Label::None;
                self.run_together(text, self.known | mask::DATE)
            }
            (Kind::Time, Label::None | Label::Time) => {
                self.label = Label::None;
                self.time(text)
            }
            (Kind::Date, label) if label == Label::Time || self.has(mask::MONTH | mask::DAY) => {
                self.label = Label::None;
                self.zone_or_run_together(text, label)
            }
            (_, Label::Time | Label::Julian) => Err(Fault::Format),
            (Kind::Date, _) => self.date(text),
            (Kind::Zone, _) => self.zone(text),
            (Kind::Number, _) => self.number(text),
            (Kind::Text | Kind::Special, _) => self.word(text, next),
        }
    }

    fn julian_day(&mut self, text: &str) -> Read<()> {
        self.label = Label::None;
        let (day, fraction) = text.split_once('.').unwrap_or((text, ""));
        self.mark(mask::DATE)?;
        self.julian = true;
        let days = integer(day)?.checked_sub(datetime::JULIAN_EPOCH).ok_or(Fault::Overflow)?;
        let (year, month, day) = datetime::civil_from_days(days);
        (self.year, self.month, self.day) = (year, month.into(), day.into());
        if text.contains('.') {
            self.mark(mask::TIME)?;
            if !fraction.bytes().all(|b| b.is_ascii_digit()) {
                return Err(Fault::Format);
            }
            let part: f64 = format!("0.{fraction}0").parse().map_err(|_| Fault::Format)?;
            self.micros = (part * MICROS_PER_DAY as f64) as i64;
        }
        Ok(())
    }

    /// A field with `-`, `/` or `.` inside after the date is known: a zone's name, or `hhmmss-zone`.
    fn zone_or_run_together(&mut self, text: &str, label: Label) -> Read<()> {
        if !text.starts_with(|c: char| c.is_ascii_digit()) && label == Label::None {
            return self.place(text);
        }
        if self.has(mask::TIME) {
            return Err(Fault::Format);
        }
        let at = text.find('-').ok_or(Fault::Format)?;
        self.zone(&text[at..])?;
        self.run_together(&text[..at], self.known)
    }

    /// The name or abbreviation of a zone.
    fn place(&mut self, text: &str) -> Read<()> {
        self.zone = Given::Place(Zone::meant(text).map_err(|_| Fault::Zone(text.to_string()))?);
        self.mark(mask::ZONE)
    }

    fn time(&mut self, text: &str) -> Read<()> {
        (self.hour, self.minute, self.micros) = split_time(text)?;
        if self.hour > 24 || (self.hour == 24 && (self.minute > 0 || self.micros > 0)) {
            return Err(Fault::Overflow);
        }
        self.mark(mask::TIME)
    }

    fn zone(&mut self, text: &str) -> Read<()> {
        self.mark(mask::ZONE)?;
        let sign = if text.starts_with('-') { -1 } else { 1 };
        let body = text.get(1..).unwrap_or_default();
        let mut parts = body.split(':');
        let first = parts.next().unwrap_or_default();
        let mut hour = integer(first)?;
        let (mut minute, mut second) = (0, 0);
        match parts.next() {
            Some(m) => {
                minute = integer(m)?;
                second = parts.next().map_or(Ok(0), integer)?;
            }
            None if first.len() > 2 => (hour, minute) = (hour / 100, hour % 100),
            None => {}
        }
        if parts.next().is_some() {
            return Err(Fault::Format);
        }
        if hour > 15 || minute > 59 || second > 59 {
            return Err(Fault::Displacement);
        }
        self.zone = Given::Offset(i64::from(sign * (hour * 3600 + minute * 60 + second)));
        Ok(())
    }

    /// A field of digits, perhaps with a fraction, outside of a date.
    fn number(&mut self, text: &str) -> Read<()> {
        let whole = text.split('.').next().unwrap_or_default();
        let has_point = text.contains('.');
        if has_point && self.known & mask::DATE == 0 {
            return self.date(text);
        }
        let together = match has_point {
            true => whole.len() > 2,
            false => text.len() >= 6 && (!self.has(mask::DATE) || !self.has(mask::TIME)),
        };
        if together {
            return self.run_together(text, self.known);
        }
        let part = self.date_number(text, self.known)?;
        self.mark(part)
    }

    /// `yyyymmdd`, `hhmmss` or `hhmm`; `known` is what to believe known.
    fn run_together(&mut self, text: &str, known: u32) -> Read<()> {
        let (digits, fraction) = match text.split_once('.') {
            Some((digits, fraction)) => (digits, Some(fraction)),
            None => (text, None),
        };
        if !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Fault::Format);
        }
        let n = digits.len();
        if fraction.is_none() && known & mask::DATE != mask::DATE {
            if n < 6 {
                return Err(Fault::Format);
            }
            self.day = integer(&digits[n - 2..])?;
            self.month = integer(&digits[n - 4..n - 2])?;
            self.year = integer(&digits[..n - 4])?;
            self.two_digit_year = n == 6;
            return self.mark(mask::DATE);
        }
        if known & mask::TIME != 0 || (n != 6 && n != 4) {
            return Err(Fault::Format);
        }
        self.hour = integer(&digits[..2])?.into();
        self.minute = integer(&digits[2..4])?.into();
        let second: i64 = integer(digits.get(4..).filter(|s| !s.is_empty()).unwrap_or("0"))?.into();
        let micros = fraction.map_or(Some(0), fraction_micros).ok_or(Fault::Format)?;
        self.micros = second * 1_000_000 + micros;
        if self.minute > 59 || second > 60 || self.hour > 24 {
            return Err(Fault::Overflow);
        }
        if self.hour == 24 && (self.minute > 0 || self.micros > 0) {
            return Err(Fault::Overflow);
        }
        self.mark(mask::TIME)
    }

    /// A field with the whole date in it: `2024-01-02`, `1/2/2024`, `2-Jan-2024`, `2024.002`.
    fn date(&mut self, text: &str) -> Read<()> {
        if self.known & mask::DATE != 0 {
            return Err(Fault::Format);
        }
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(first) = rest.bytes().next() {
            let same = |b: u8| {
                if first.is_ascii_digit() { b.is_ascii_digit() } else { b.is_ascii_alphabetic() }
            };
            let len = rest.bytes().position(|b| !same(b)).unwrap_or(rest.len());
            match len {
                0 => rest = &rest[1..],
                _ => {
                    parts.push(&rest[..len]);
                    rest = &rest[len..];
                }
            }
        }
        let mut known = self.known & !mask::ZONE;
        let is_word = |part: &&&str| part.starts_with(|c: char| c.is_ascii_alphabetic());
        for part in parts.iter().filter(is_word) {
            match word(part) {
                Some(Word::Month(month)) if known & mask::MONTH == 0 => {
                    known |= mask::MONTH;
                    self.month = month;
                    self.text_month = true;
                }
                Some(Word::Ignored) => {}
                _ => return Err(Fault::Format),
            }
        }
        for part in parts.iter().filter(|part| !is_word(part)) {
            let found = self.date_number(part, known)?;
            if known & found != 0 {
                return Err(Fault::Format);
            }
            known |= found;
        }
        // Nothing but a zone may stand before a date in one piece.
        if known & !mask::DAY_OF_YEAR != mask::DATE {
            return Err(Fault::Format);
        }
        self.known |= known;
        Ok(())
    }

    /// Gives one number its meaning by what is known; returns it.
    fn date_number(&mut self, text: &str, known: u32) -> Read<u32> {
        let whole = text.split('.').next().unwrap_or_default();
        let value = integer(whole)?;
        if text.contains('.') {
            if whole.len() > 2 {
                self.run_together(text, known | mask::DATE)?;
                return Ok(0);
            }
            return Err(Fault::Format);
        }
        let digits = text.len();
        let date = known & mask::DATE;
        if digits == 3 && date == mask::YEAR && (1..=366).contains(&value) {
            self.day_of_year = value;
            return Ok(mask::DAY_OF_YEAR | mask::MONTH | mask::DAY);
        }
        let part = match date {
            0 if digits >= 3 => mask::YEAR,
            0 | mask::YEAR | mask::DAY => mask::MONTH,
            mask::MONTH if self.text_month && digits >= 3 => mask::YEAR,
            mask::MONTH => mask::DAY,
            d if d == mask::YEAR | mask::MONTH => {
                if self.text_month && digits >= 3 && self.two_digit_year {
                    // What was taken for the year was the day.
                    self.day = self.year;
                    (self.year, self.two_digit_year) = (value, false);
                    return Ok(mask::DAY);
                }
                mask::DAY
            }
            d if d == mask::MONTH | mask::DAY => mask::YEAR,
            mask::DATE => {
                self.run_together(text, known)?;
                return Ok(0);
            }
            _ => return Err(Fault::Format),
        };
        match part {
            mask::YEAR => (self.year, self.two_digit_year) = (value, digits <= 2),
            mask::MONTH => self.month = value,
            _ => self.day = value,
        }
        Ok(part)
    }

    fn word(&mut self, text: &str, next: Option<&Field>) -> Read<()> {
        let Some(word) = word(text) else {
            // Before anything is a zone there must be a time or a date.
            return match self.known & (mask::DATE | mask::TIME) {
                0 => Err(Fault::Format),
                _ => self.place(text).map_err(|_| Fault::Format),
            };
        };
        match word {
            Word::Month(month) => {
                // "8 Jan 1999": the number before was taken for the month.
                if self.has(mask::MONTH)
                    && !self.text_month
                    && !self.has(mask::DAY)
                    && (1..=31).contains(&self.month)
                {
                    self.day = self.month;
                    self.known = self.known & !mask::MONTH | mask::DAY;
                }
                (self.month, self.text_month) = (month, true);
                self.mark(mask::MONTH)
            }
            Word::Weekday => self.mark(mask::WEEKDAY),
            Word::Ignored => Ok(()),
            Word::Pm(pm) => {
                self.pm = Some(pm);
                self.mark(mask::MERIDIAN)
            }
            Word::Bc(bc) => {
                self.bc = bc;
                self.mark(mask::ERA)
            }
            Word::Utc => {
                self.zone = Given::Offset(0);
                self.mark(mask::ZONE)
            }
            Word::Time => {
                let follows = next.is_some_and(|f| matches!(f.kind, Kind::Number | Kind::Time | Kind::Date));
                if !self.has(mask::DATE) || !follows {
                    return Err(Fault::Format);
                }
                self.label = Label::Time;
                Ok(())
            }
            Word::Julian => {
                self.label = Label::Julian;
                Ok(())
            }
            Word::Clock => Err(Fault::Clock(text.to_string())),
            Word::Epoch | Word::Infinity => Err(Fault::Format),
        }
    }

    fn finish(mut self) -> Read<Moment> {
        if self.label != Label::None {
            return Err(Fault::Format);
        }
        self.validate_date()?;
        if let Some(pm) = self.pm {
            if self.hour > 12 {
                return Err(Fault::Overflow);
            }
            self.hour = self.hour % 12 + if pm { 12 } else { 0 };
        }
        if !self.has(mask::DATE) {
            return Err(Fault::Format);
        }
        let micros = (self.hour * 60 + self.minute) * 60_000_000 + self.micros;
        // Fractions of a leap second at the end of the day.
        if micros > MICROS_PER_DAY {
            return Err(Fault::Overflow);
        }
        let (month, day) = (self.month as u8, self.day as u8);
        Ok(Moment { year: self.year, month, day, micros, zone: self.zone })
    }

    fn validate_date(&mut self) -> Read<()> {
        if self.month == 0 && self.day == 0 && self.year == 0 {
            // Only a time was asked for.
            return Ok(());
        }
        if self.has(mask::YEAR) && !self.julian {
            if self.bc {
                self.year = if self.year > 0 { 1 - self.year } else { return Err(Fault::Overflow) };
            } else if self.two_digit_year {
                self.year += if self.year < 70 { 2000 } else { 1900 };
            } else if self.year <= 0 {
                return Err(Fault::Overflow);
            }
        }
        if self.has(mask::DAY_OF_YEAR) {
            let days =
                datetime::date_in_range(self.year, 1, 1).ok_or(Fault::Overflow)? + self.day_of_year - 1;
            let (year, month, day) = datetime::civil_from_days(days);
            (self.year, self.month, self.day) = (year, month.into(), day.into());
        }
        if self.has(mask::MONTH) && !(1..=12).contains(&self.month) {
            return Err(Fault::MonthDay);
        }
        if self.has(mask::DAY) && !(1..=31).contains(&self.day) {
            return Err(Fault::MonthDay);
        }
        if self.has(mask::DATE) && self.day > datetime::days_in_month(self.year, self.month as u8).into() {
            return Err(Fault::Overflow);
        }
        Ok(())
    }
}

/// The text of a date.
pub(super) fn write_date(f: &mut fmt::Formatter<'_>, d: i32) -> fmt::Result {
    match d {
        datetime::DATE_INFINITY => f.write_str("infinity"),
        datetime::DATE_NEG_INFINITY => f.write_str("-infinity"),
        d => {
            let year = write_day(f, d)?;
            f.write_str(if year > 0 { "" } else { " BC" })
        }
    }
}

fn write_day(f: &mut fmt::Formatter<'_>, d: i32) -> std::result::Result<i32, fmt::Error> {
    let (year, month, day) = datetime::civil_from_days(d);
    let shown = if year > 0 { year } else { 1 - year };
    write!(f, "{shown:04}-{month:02}-{day:02}")?;
    Ok(year)
}

/// The text of a timestamp, and by how many seconds it is east of UTC where that is to be told.
pub(super) fn write_timestamp(f: &mut fmt::Formatter<'_>, t: i64, east: Option<i32>) -> fmt::Result {
    if datetime::is_infinite(t) {
        return f.write_str(if t < 0 { "-infinity" } else { "infinity" });
    }
    let (days, time) = datetime::split(t);
    let year = write_day(f, days)?;
    let seconds = time / 1_000_000;
    write!(f, " {:02}:{:02}:", seconds / 3600, seconds / 60 % 60)?;
    write_seconds(f, time % 60_000_000)?;
    if let Some(east) = east {
        write_offset(f, east)?;
    }
    f.write_str(if year > 0 { "" } else { " BC" })
}

/// By how many seconds a zone is ahead of UTC: `+02`, `-03:30`.
pub(super) fn write_offset(f: &mut fmt::Formatter<'_>, east: i32) -> fmt::Result {
    let (sign, east) = (if east < 0 { '-' } else { '+' }, east.abs());
    write!(f, "{sign}{:02}", east / 3600)?;
    if east % 3600 != 0 {
        write!(f, ":{:02}", east / 60 % 60)?;
    }
    if east % 60 != 0 {
        write!(f, ":{:02}", east % 60)?;
    }
    Ok(())
}

/// The text of a time of day; 24:00:00 is one.
pub(super) fn write_time(f: &mut fmt::Formatter<'_>, t: i64) -> fmt::Result {
    write!(f, "{:02}:{:02}:", t / 3_600_000_000, t / 60_000_000 % 60)?;
    write_seconds(f, t % 60_000_000)
}

/// Two digits of seconds and their fraction without zeros at its end; `micros` is below a minute.
pub(super) fn write_seconds(f: &mut fmt::Formatter<'_>, micros: i64) -> fmt::Result {
    let (seconds, mut fraction) = (micros / 1_000_000, micros % 1_000_000);
    write!(f, "{seconds:02}")?;
    if fraction == 0 {
        return Ok(());
    }
    let mut width = 6;
    while fraction % 10 == 0 {
        (fraction, width) = (fraction / 10, width - 1);
    }
    write!(f, ".{fraction:0width$}")
}
