//! Dates and times read as a template says: `to_timestamp`, `to_date`.
//!
//! ```text
//! to_timestamp('05 Dec 2000', 'DD Mon YYYY')   2000-12-05 00:00:00+00
//! to_date('2021-w27-4', 'IYYY-"w"IW-ID')       2021-07-08
//! ```
//!
//! As PostgreSQL does it: blanks before fields are skipped, a separator of the template takes one of the text or none, another
//! character takes one whatever it is; with FX the widths are exact. A field that is 0 counts as not given.

use super::template::{self, DAYS, Field, Keyword, MONTHS, Node, ROMAN};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::Value;
use remanent_storage::value::datetime::{self, civil_from_days, days_from_civil, days_in_month, is_leap};
use remanent_storage::value::interval::MICROS_PER_DAY;
use remanent_storage::value::kinds::Kind;
use remanent_storage::value::timetz::TimeTz;

const HINT: &str = "If your source string is not fixed-width, try using the \"FM\" modifier.";

/// What was read; 0: not given.
#[derive(Default)]
pub struct Read {
    hour: i64,
    minute: i64,
    second: i64,
    seconds: i64,
    millis: i64,
    micros: i64,
    /// How many digits of the second `FF1` to `FF6` keep.
    digits: Option<u8>,
    afternoon: i64,
    twelve: bool,
    weekday: i64,
    day: i64,
    day_of_year: i64,
    month: i64,
    year: i64,
    year_digits: u8,
    before_christ: i64,
    century: i64,
    week: i64,
    week_of_month: i64,
    julian: i64,
    zone_sign: i64,
    zone_hours: i64,
    zone_minutes: i64,
    /// Some(true): fields of ISO weeks, Some(false): of the calendar.
    iso: Option<bool>,
}

fn invalid(message: String) -> Error {
    Error::new(state::INVALID_DATETIME_FORMAT, message)
}

/// Microseconds since 2000 of what the text says, UTC where it says in which zone; the text is the one that errors name.
pub fn read(nodes: &[Node], text: &str) -> Result<(i64, Read)> {
    finish(nodes, text, false)
}

/// `strict`: as the SQL standard has it, each character of the text answers to one of the template.
fn finish(nodes: &[Node], text: &str, strict: bool) -> Result<(i64, Read)> {
    let read = Read::default();
    let mut reader = Reader { nodes, text, rest: text, read, exact: strict, strict, extra: 0 };
    reader.run()?;
    let (digits, moment) = (reader.read.digits, reader.read.moment(text)?);
    Ok((digits.map_or(Ok(moment), |digits| datetime::round_to(moment, digits))?, reader.read))
}

/// What a text says by a template of the SQL standard, as a value of the type that the template has, and by how many seconds
/// its zone is east of UTC.
pub fn standard(template: &str, text: &str) -> Result<(Value, i32)> {
    let (nodes, other) = template::parse_noting(template);
    if let Some(other) = other {
        return Err(invalid(format!("invalid datetime format separator: \"{other}\"")));
    }
    let (t, read) = finish(&nodes, text, true)?;
    let mut parts = [false; 3];
    for node in &nodes {
        if let Node::Keyword(keyword) = node
            && let Some(part) = parts.get_mut(part_of(keyword.field))
        {
            *part = true;
        }
    }
    let east = read.east();
    let local = (t + east * 1_000_000).rem_euclid(MICROS_PER_DAY);
    let value = match parts {
        [true, true, true] => Value::Timestamptz(t),
        [true, true, false] => Value::Timestamp(t),
        [true, false, false] => Value::Date(datetime::date_of_timestamp(t)),
        [false, true, true] => {
            let time = TimeTz { micros: local, east: east as i32 };
            Value::Other(Kind::TimeTz, time.encode().into())
        }
        [false, true, false] => Value::Time(local),
        [true, false, true] => return Err(invalid("datetime format is zoned but not timed".to_owned())),
        [false, false, _] => {
            return Err(invalid("datetime format is not dated and not timed".to_owned()));
        }
    };
    Ok((value, east as i32))
}

/// Of what a field is part: 0 of a date, 1 of a time, 2 of a zone.
fn part_of(field: Field) -> usize {
    use Field as F;
    match field {
        F::Exact => 3,
        F::Zone | F::Offset | F::ZoneHours | F::ZoneMinutes => 2,
        F::Meridian
        | F::Fraction(_)
        | F::Hour24
        | F::Hour12
        | F::Minute
        | F::Millisecond
        | F::Microsecond
        | F::Second
        | F::SecondsOfDay => 1,
        _ => 0,
    }
}

struct Reader<'a> {
    nodes: &'a [Node],
    text: &'a str,
    rest: &'a str,
    read: Read,
    exact: bool,
    strict: bool,
    /// Characters skipped beyond those that the template asked for.
    extra: i64,
}

impl Reader<'_> {
    fn next_is(&self, test: fn(char) -> bool) -> bool {
        self.rest.chars().next().is_some_and(test)
    }

    fn advance(&mut self, chars: usize) {
        for _ in 0..chars {
            let length = self.rest.chars().next().map_or(0, char::len_utf8);
            self.rest = self.rest.get(length..).unwrap_or("");
        }
    }

    fn skip_blanks(&mut self) {
        let rest = self.rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '\x0b');
        self.extra += (self.rest.len() - rest.len()) as i64;
        self.rest = rest;
    }

    fn run(&mut self) -> Result<()> {
        let nodes = self.nodes;
        for (i, node) in nodes.iter().enumerate() {
            if self.rest.is_empty() && self.strict {
                return Err(invalid("input string is too short for datetime format".to_owned()));
            }
            if self.rest.is_empty() {
                break;
            }
            if self.strict
                && let Node::Space(c) | Node::Separator(c) | Node::Char(c) = node
                && !self.rest.starts_with(*c)
            {
                let what = if matches!(node, Node::Char(_)) { "character" } else { "separator" };
                return Err(invalid(format!("unmatched format {what} \"{c}\"")));
            }
            let field = match node {
                Node::Keyword(keyword) => Some(keyword),
                _ => None,
            };
            if !self.exact && field.is_none_or(|k| k.field != Field::Exact) && (field.is_some() || i == 0) {
                self.skip_blanks();
            }
            match node {
                Node::Space(_) | Node::Separator(_) if self.exact => self.advance(1),
                Node::Space(_) | Node::Separator(_) => {
                    self.extra -= 1;
                    if self.next_is(|c| c.is_ascii_whitespace() || c.is_ascii_punctuation()) {
                        self.advance(1);
                        self.extra += 1;
                    }
                }
                Node::Char(_) if !self.exact && self.extra > 0 => self.extra -= 1,
                Node::Char(_) => self.advance(1),
                Node::Keyword(keyword) => {
                    self.field(keyword, ends_number(nodes, i))?;
                    if keyword.ordinal.is_some() && keyword.field != Field::Exact && is_number(keyword.field)
                    {
                        self.advance(2);
                    }
                    if !self.exact {
                        self.extra = 0;
                        self.skip_blanks();
                    }
                }
            }
        }
        if self.strict && !self.rest.trim_start().is_empty() {
            let message = "trailing characters remain in input string after datetime format";
            return Err(invalid(message.to_owned()));
        }
        Ok(())
    }

    /// An integer of so many characters, or of as many as there are where nothing else tells where it ends.
    fn integer(&mut self, keyword: &Keyword, open: bool, length: usize) -> Result<(i64, usize)> {
        let begin = self.rest;
        let bare = begin.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '\x0b');
        let wide = keyword.unfilled || open;
        let end = bare.char_indices().nth(length).map_or(bare.len(), |(at, _)| at);
        let source = if wide { bare } else { bare.get(..end).unwrap_or("") };
        let there = bare.chars().take(length).count();
        let name = keyword.text;
        if !wide && there < length {
            return Err(invalid(format!("source string too short for \"{name}\" formatting field"))
                .with_detail(format!("Field requires {length} characters, but only {there} remain."))
                .with_hint(HINT));
        }
        let sign = usize::from(source.starts_with(['-', '+']));
        let digits = source.get(sign..).unwrap_or("");
        let digits = digits.len() - digits.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let used = if digits == 0 { 0 } else { sign + digits };
        let shown: String = bare.chars().take(length).collect();
        if !wide && used > 0 && used < source.len() {
            return Err(invalid(format!("invalid value \"{shown}\" for \"{name}\""))
                .with_detail(format!("Field requires {length} characters, but only {used} could be parsed."))
                .with_hint(HINT));
        }
        if used == 0 {
            return Err(invalid(format!("invalid value \"{shown}\" for \"{name}\""))
                .with_detail("Value must be an integer."));
        }
        let value = source.get(..used).and_then(|digits| digits.parse::<i32>().ok()).ok_or_else(|| {
            let message = format!("value for \"{name}\" in source string is out of range");
            Error::new(state::DATETIME_FIELD_OVERFLOW, message).with_detail(format!(
                "Value must be in the range {} to {}.",
                i32::MIN,
                i32::MAX
            ))
        })?;
        self.rest = bare.get(used..).unwrap_or("");
        Ok((value.into(), begin.len() - self.rest.len()))
    }

    /// The place in the list of the name that the text begins with.
    fn name(&mut self, keyword: &Keyword, names: &[&str], letters: usize) -> Result<i64> {
        for (i, name) in names.iter().enumerate() {
            let name = name.get(..letters.min(name.len())).unwrap_or(name);
            let part = self.rest.get(..name.len());
            if part.is_some_and(|part| part.eq_ignore_ascii_case(name)) {
                self.rest = self.rest.get(name.len()..).unwrap_or("");
                return Ok(i as i64);
            }
        }
        let shown = self.rest.split(|c: char| c.is_ascii_whitespace()).next().unwrap_or("");
        Err(invalid(format!("invalid value \"{shown}\" for \"{}\"", keyword.text))
            .with_detail("The given value did not match any of the allowed values for this field."))
    }

    fn field(&mut self, keyword: &Keyword, open: bool) -> Result<()> {
        use Field as F;
        let field = keyword.field;
        let iso = matches!(field, F::IsoDayOfYear | F::IsoDayOfWeek | F::IsoWeek | F::IsoYear(_));
        if iso || is_of_calendar(field) {
            if self.read.iso.is_some_and(|before| before != iso) {
                return Err(invalid("invalid combination of date conventions".to_owned()).with_hint(
                    "Do not mix Gregorian and ISO week date conventions in a formatting template.",
                ));
            }
            self.read.iso = Some(iso);
        }
        let number = |reader: &mut Self, length| reader.integer(keyword, open, length);
        let width = keyword.text.len();
        match field {
            F::Exact => self.exact = true,
            F::Meridian => {
                let names: &[&str] = if keyword.points { &["a.m.", "p.m."] } else { &["am", "pm"] };
                let after = self.name(keyword, names, 4)?;
                set(&mut self.read.afternoon, after, keyword)?;
                self.read.twelve = true;
            }
            F::Era => {
                let names: &[&str] = if keyword.points { &["a.d.", "b.c."] } else { &["ad", "bc"] };
                let era = self.name(keyword, names, 4)?;
                set(&mut self.read.before_christ, era, keyword)?;
            }
            F::Hour12 | F::Hour24 => {
                let (value, _) = number(self, 2)?;
                set(&mut self.read.hour, value, keyword)?;
                self.read.twelve |= field == F::Hour12;
            }
            F::Minute => {
                let value = number(self, 2)?.0;
                set(&mut self.read.minute, value, keyword)?;
            }
            F::Second => {
                let value = number(self, 2)?.0;
                set(&mut self.read.second, value, keyword)?;
            }
            F::Millisecond => {
                let (value, used) = number(self, 3)?;
                set(&mut self.read.millis, value, keyword)?;
                self.read.millis *= scale(3, used);
            }
            F::Microsecond | F::Fraction(_) => {
                if let F::Fraction(digits) = field {
                    self.read.digits = Some(digits);
                }
                let (value, used) = number(self, self.read.digits.unwrap_or(6).into())?;
                set(&mut self.read.micros, value, keyword)?;
                self.read.micros *= scale(6, used);
            }
            F::SecondsOfDay => {
                let value = number(self, width)?.0;
                set(&mut self.read.seconds, value, keyword)?;
            }
            F::Zone | F::Offset => {
                let message = format!("formatting field \"{}\" is only supported in to_char", keyword.text);
                return Err(Error::new(state::FEATURE_NOT_SUPPORTED, message));
            }
            F::ZoneHours => {
                // A minus may have been taken for a separator.
                let before = self.text.get(..self.text.len() - self.rest.len()).unwrap_or("");
                let signed = self.next_is(|c| matches!(c, '+' | '-' | ' '));
                let minus = self.rest.starts_with('-') || !signed && self.extra > 0 && before.ends_with('-');
                self.read.zone_sign = if minus { -1 } else { 1 };
                if self.next_is(|c| matches!(c, '+' | '-' | ' ')) {
                    self.advance(1);
                }
                let value = number(self, 2)?.0;
                set(&mut self.read.zone_hours, value, keyword)?;
            }
            F::ZoneMinutes => {
                if self.read.zone_sign == 0 {
                    self.read.zone_sign = 1;
                }
                let value = number(self, 2)?.0;
                set(&mut self.read.zone_minutes, value, keyword)?;
            }
            F::Month => {
                let value = self.name(keyword, &MONTHS, 9)? + 1;
                set(&mut self.read.month, value, keyword)?;
            }
            F::Mon => {
                let value = self.name(keyword, &MONTHS, 3)? + 1;
                set(&mut self.read.month, value, keyword)?;
            }
            F::MonthNumber => {
                let value = number(self, 2)?.0;
                set(&mut self.read.month, value, keyword)?;
            }
            F::Roman => {
                // Longer ones first: VIII before VII before VI.
                let mut order: Vec<usize> = (0..ROMAN.len()).collect();
                let length = |i: &usize| ROMAN.get(*i).map_or(0, |name| name.len());
                remanent_kernels::sort::sort_by(&mut order, &|a, b| length(b).cmp(&length(a)));
                let names: Vec<&str> = order.iter().filter_map(|&i| ROMAN.get(i).copied()).collect();
                let found = self.name(keyword, &names, 4)? as usize;
                set(&mut self.read.month, order.get(found).map_or(0, |&i| i as i64 + 1), keyword)?;
            }
            F::Day => {
                let value = self.name(keyword, &DAYS, 9)? + 1;
                set(&mut self.read.weekday, value, keyword)?;
            }
            F::Dy => {
                let value = self.name(keyword, &DAYS, 3)? + 1;
                set(&mut self.read.weekday, value, keyword)?;
            }
            F::DayOfYear | F::IsoDayOfYear => {
                let value = number(self, 3)?.0;
                set(&mut self.read.day_of_year, value, keyword)?;
            }
            F::DayOfMonth => {
                let value = number(self, 2)?.0;
                set(&mut self.read.day, value, keyword)?;
            }
            F::DayOfWeek => {
                let value = number(self, 1)?.0;
                set(&mut self.read.weekday, value, keyword)?;
            }
            F::IsoDayOfWeek => {
                let (value, _) = number(self, 1)?;
                set(&mut self.read.weekday, if value >= 7 { 1 } else { value + 1 }, keyword)?;
            }
            F::WeekOfYear | F::IsoWeek => {
                let value = number(self, 2)?.0;
                set(&mut self.read.week, value, keyword)?;
            }
            F::Quarter => _ = number(self, 1)?,
            F::Century => {
                let value = number(self, 2)?.0;
                set(&mut self.read.century, value, keyword)?;
            }
            F::WeekOfMonth => {
                let value = number(self, 1)?.0;
                set(&mut self.read.week_of_month, value, keyword)?;
            }
            F::Julian => {
                let value = number(self, 1)?.0;
                set(&mut self.read.julian, value, keyword)?;
            }
            F::CommaYear => self.comma_year(keyword)?,
            F::Year(digits) | F::IsoYear(digits) => {
                let (mut value, used) = number(self, digits.into())?;
                if digits < 4 && used < 4 {
                    value = near_2020(value);
                }
                set(&mut self.read.year, value, keyword)?;
                self.read.year_digits = digits;
            }
        }
        Ok(())
    }

    fn comma_year(&mut self, keyword: &Keyword) -> Result<()> {
        let bad = || invalid("invalid input string for \"Y,YYY\"".to_owned());
        let (thousands, rest) = self.rest.split_once(',').ok_or_else(bad)?;
        let digits: String = rest.chars().take(3).take_while(char::is_ascii_digit).collect();
        let (thousands, years): (i32, i32) =
            (thousands.parse().map_err(|_| bad())?, digits.parse().map_err(|_| bad())?);
        set(&mut self.read.year, i64::from(thousands) * 1000 + i64::from(years), keyword)?;
        self.read.year_digits = 4;
        self.rest = rest.get(digits.len()..).unwrap_or("");
        Ok(())
    }
}

/// Puts a value where none or the same was.
fn set(slot: &mut i64, value: i64, keyword: &Keyword) -> Result<()> {
    if *slot != 0 && *slot != value {
        return Err(invalid(format!(
            "conflicting values for \"{}\" field in formatting string",
            keyword.text
        ))
        .with_detail("This value contradicts a previous setting for the same field type."));
    }
    *slot = value;
    Ok(())
}

/// What a fraction of so many digits is multiplied by.
fn scale(digits: u32, used: usize) -> i64 {
    10i64.pow(digits.saturating_sub(used as u32))
}

/// The year nearest to 2020 that ends so.
fn near_2020(year: i64) -> i64 {
    match year {
        0..70 => year + 2000,
        70..100 => year + 1900,
        100..520 => year + 2000,
        520..1000 => year + 1000,
        _ => year,
    }
}

fn is_of_calendar(field: Field) -> bool {
    use Field as F;
    matches!(
        field,
        F::Century
            | F::DayOfYear
            | F::DayOfMonth
            | F::DayOfWeek
            | F::MonthNumber
            | F::Month
            | F::Mon
            | F::Roman
            | F::WeekOfYear
            | F::WeekOfMonth
            | F::CommaYear
            | F::Year(_)
    )
}

/// True for fields that are written in digits.
fn is_number(field: Field) -> bool {
    use Field as F;
    !matches!(
        field,
        F::Meridian
            | F::Era
            | F::Month
            | F::Mon
            | F::Day
            | F::Dy
            | F::Exact
            | F::Offset
            | F::Roman
            | F::ZoneHours
            | F::Zone
    )
}

/// True if what follows field `i` is no digit, so that its own end tells itself.
fn ends_number(nodes: &[Node], i: usize) -> bool {
    if let Some(Node::Keyword(Keyword { ordinal: Some(_), .. })) = nodes.get(i) {
        return true;
    }
    match nodes.get(i + 1) {
        Some(Node::Keyword(next)) => !is_number(next.field),
        Some(Node::Char(c) | Node::Space(c) | Node::Separator(c)) => !c.is_ascii_digit(),
        None => true,
    }
}

impl Read {
    /// The text says in which zone.
    pub fn is_zoned(&self) -> bool {
        self.zone_sign != 0
    }

    /// By how many seconds the zone is east of UTC.
    pub fn east(&self) -> i64 {
        self.zone_sign * (self.zone_hours * 60 + self.zone_minutes) * 60
    }

    fn moment(&self, text: &str) -> Result<i64> {
        let out_of_range = || {
            let message = format!("date/time field value out of range: \"{text}\"");
            Error::new(state::DATETIME_FIELD_OVERFLOW, message)
        };
        let (hour, minute, second) = self.time()?;
        let days = self.days(&out_of_range)?;
        let micros = self.millis * 1000 + self.micros;
        let in_range = (0..24).contains(&hour)
            && (0..60).contains(&minute)
            && (0..60).contains(&second)
            && (0..1_000_000).contains(&micros)
            && (0..=15).contains(&self.zone_hours)
            && (0..60).contains(&self.zone_minutes);
        if !in_range {
            return Err(out_of_range());
        }
        let seconds = (hour * 60 + minute) * 60 + second - self.east();
        let t = i64::from(days) as i128 * 86_400_000_000 + i128::from(seconds * 1_000_000 + micros);
        i64::try_from(t)
            .ok()
            .filter(|t| (datetime::TIMESTAMP_MIN..=datetime::TIMESTAMP_MAX).contains(t))
            .ok_or_else(|| {
                Error::new(state::DATETIME_FIELD_OVERFLOW, format!("timestamp out of range: \"{text}\""))
            })
    }

    fn time(&self) -> Result<(i64, i64, i64)> {
        let (mut hour, mut minute, mut second) =
            (self.seconds / 3600, self.seconds / 60 % 60, self.seconds % 60);
        for (slot, given) in [(&mut hour, self.hour), (&mut minute, self.minute), (&mut second, self.second)]
        {
            if given != 0 {
                *slot = given;
            }
        }
        if self.twelve {
            if !(1..=12).contains(&hour) {
                return Err(invalid(format!("hour \"{hour}\" is invalid for the 12-hour clock"))
                    .with_hint("Use the 24-hour clock, or give an hour between 1 and 12."));
            }
            hour = hour % 12 + if self.afternoon != 0 { 12 } else { 0 };
        }
        Ok((hour, minute, second))
    }

    /// The year as the calendar counts, with a year 0; None: not given.
    fn calendar_year(&self) -> Option<i64> {
        let before = self.before_christ != 0;
        let century = if before { -self.century } else { self.century };
        if self.year != 0 && self.century != 0 && self.year_digits <= 2 {
            let within = self.year % 100;
            return Some(match (within, century >= 0) {
                (0, true) => century * 100,
                (0, false) => century * 100 + 1,
                (_, true) => within + (century - 1) * 100,
                (_, false) => (century + 1) * 100 - within + 1,
            });
        }
        if self.year != 0 {
            let year = if before { -self.year } else { self.year };
            return Some(if year < 0 { year + 1 } else { year });
        }
        (self.century != 0).then(|| if century >= 0 { (century - 1) * 100 + 1 } else { century * 100 + 1 })
    }

    fn days(&self, out_of_range: &dyn Fn() -> Error) -> Result<i32> {
        let year_given = self.calendar_year();
        let (mut year, mut month, mut day) = (year_given.unwrap_or(0), 1, 1);
        if !(-4713..=5_874_897).contains(&year) {
            return Err(out_of_range());
        }
        let civil = |days: i64| -> Result<(i64, i64, i64)> {
            let days =
                i32::try_from(days).ok().filter(|d| (datetime::DATE_MIN..=datetime::DATE_MAX).contains(d));
            let (year, month, day) = civil_from_days(days.ok_or_else(out_of_range)?);
            Ok((year.into(), month.into(), day.into()))
        };
        if self.julian != 0 {
            (year, month, day) = civil(self.julian - i64::from(datetime::JULIAN_EPOCH))?;
        }
        let iso = self.iso == Some(true);
        let mut day_of_year = self.day_of_year;
        if self.week != 0 && iso {
            // Weekdays count from Sunday, 1; weeks begin on Monday.
            let weekday = if self.weekday == 0 { 0 } else { (self.weekday + 5) % 7 };
            (year, month, day) = civil(first_monday(year as i32) + (self.week - 1) * 7 + weekday)?;
        } else if self.week != 0 {
            day_of_year = (self.week - 1) * 7 + 1;
        }
        if self.week_of_month != 0 {
            day = (self.week_of_month - 1) * 7 + 1;
        }
        for (slot, given) in [(&mut day, self.day), (&mut month, self.month)] {
            if given != 0 {
                *slot = given;
            }
        }
        if day_of_year != 0 && (month <= 1 || day <= 1) {
            if year == 0 && self.before_christ == 0 {
                return Err(invalid("cannot calculate day of year without year information".to_owned()));
            }
            (year, month, day) = match iso {
                true => civil(first_monday(year as i32) + day_of_year - 1)?,
                false => by_day_of_year(year, month, day, day_of_year),
            };
        }
        let fits = (1..=12).contains(&month)
            && (1..=31).contains(&day)
            && day <= days_in_month(year as i32, month as u8).into();
        if !fits {
            return Err(out_of_range());
        }
        let days = days_from_civil(year as i32, month as u8, day as u8);
        if (datetime::DATE_MIN..=datetime::DATE_MAX).contains(&days) { Ok(days) } else { Err(out_of_range()) }
    }
}

/// Month and day that were not given, by the day of the year.
fn by_day_of_year(year: i64, month: i64, day: i64, of_year: i64) -> (i64, i64, i64) {
    let mut before = 0;
    let mut found = 1;
    while found <= 12 {
        let length = i64::from(days_in_month(if is_leap(year as i32) { 2000 } else { 2001 }, found as u8));
        if of_year <= before + length {
            break;
        }
        before += length;
        found += 1;
    }
    (year, if month <= 1 { found } else { month }, if day <= 1 { of_year - before } else { day })
}

/// The Monday of the first ISO week of a year: the one with January 4th. Days since 2000-01-01.
fn first_monday(year: i32) -> i64 {
    let fourth = i64::from(days_from_civil(year, 1, 4));
    fourth - (fourth + 5).rem_euclid(7)
}
