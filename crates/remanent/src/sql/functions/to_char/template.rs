//! Templates of dates and times: what `YYYY-MM-DD HH24:MI` is made of.
//!
//! ```text
//! 'FMDay, DDth "at" HH24'  →  Day (FM) · ", " · DD (th) · ' ' · "at" · ' ' · HH24
//! ```
//!
//! Keywords count in capitals or in small letters, not mixed, but for the three ways of writing names. The rules are those of
//! PostgreSQL 15, section 9.8.

/// What a keyword stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// AM, with or without points.
    Meridian,
    /// AD, with or without points.
    Era,
    Century,
    /// A name, whole or of three letters.
    Month,
    Mon,
    Day,
    Dy,
    DayOfYear,
    IsoDayOfYear,
    DayOfMonth,
    DayOfWeek,
    IsoDayOfWeek,
    /// So many digits of the fraction of a second.
    Fraction(u8),
    Exact,
    Hour24,
    Hour12,
    IsoWeek,
    /// So many digits of the year.
    IsoYear(u8),
    Julian,
    Minute,
    MonthNumber,
    Millisecond,
    Offset,
    Quarter,
    Roman,
    SecondsOfDay,
    Second,
    ZoneHours,
    ZoneMinutes,
    Zone,
    Microsecond,
    WeekOfYear,
    WeekOfMonth,
    /// `Y,YYY`
    CommaYear,
    Year(u8),
}

/// Keywords in capitals, longer ones before those they begin with.
static KEYWORDS: &[(&str, Field)] = &[
    ("A.D.", Field::Era),
    ("A.M.", Field::Meridian),
    ("AD", Field::Era),
    ("AM", Field::Meridian),
    ("B.C.", Field::Era),
    ("BC", Field::Era),
    ("CC", Field::Century),
    ("DAY", Field::Day),
    ("DDD", Field::DayOfYear),
    ("DD", Field::DayOfMonth),
    ("DY", Field::Dy),
    ("D", Field::DayOfWeek),
    ("FF1", Field::Fraction(1)),
    ("FF2", Field::Fraction(2)),
    ("FF3", Field::Fraction(3)),
    ("FF4", Field::Fraction(4)),
    ("FF5", Field::Fraction(5)),
    ("FF6", Field::Fraction(6)),
    ("FX", Field::Exact),
    ("HH24", Field::Hour24),
    ("HH12", Field::Hour12),
    ("HH", Field::Hour12),
    ("IDDD", Field::IsoDayOfYear),
    ("ID", Field::IsoDayOfWeek),
    ("IW", Field::IsoWeek),
    ("IYYY", Field::IsoYear(4)),
    ("IYY", Field::IsoYear(3)),
    ("IY", Field::IsoYear(2)),
    ("I", Field::IsoYear(1)),
    ("J", Field::Julian),
    ("MI", Field::Minute),
    ("MM", Field::MonthNumber),
    ("MONTH", Field::Month),
    ("MON", Field::Mon),
    ("MS", Field::Millisecond),
    ("OF", Field::Offset),
    ("P.M.", Field::Meridian),
    ("PM", Field::Meridian),
    ("Q", Field::Quarter),
    ("RM", Field::Roman),
    ("SSSSS", Field::SecondsOfDay),
    ("SSSS", Field::SecondsOfDay),
    ("SS", Field::Second),
    ("TZH", Field::ZoneHours),
    ("TZM", Field::ZoneMinutes),
    ("TZ", Field::Zone),
    ("US", Field::Microsecond),
    ("WW", Field::WeekOfYear),
    ("W", Field::WeekOfMonth),
    ("Y,YYY", Field::CommaYear),
    ("YYYY", Field::Year(4)),
    ("YYY", Field::Year(3)),
    ("YY", Field::Year(2)),
    ("Y", Field::Year(1)),
];

/// How a keyword's letters are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Letters {
    Upper,
    Lower,
    /// As a name: the first one in capitals.
    Title,
}

/// A keyword with what stands around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keyword {
    pub field: Field,
    pub letters: Letters,
    /// With points: `A.M.`.
    pub points: bool,
    /// FM: not filled with blanks and zeros.
    pub unfilled: bool,
    /// TM: names of the locale, which are not filled either.
    pub local: bool,
    /// TH or th: with an ordinal's ending.
    pub ordinal: Option<Letters>,
    /// As it was written.
    pub text: &'static str,
}

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    Keyword(Keyword),
    /// White space.
    Space(char),
    /// A character that is neither letter nor digit.
    Separator(char),
    /// Another character, or one in quotes.
    Char(char),
}

/// `text` begins with the word in capitals or in small letters.
fn begins(text: &str, word: &str) -> Option<Letters> {
    let part = text.get(..word.len())?;
    if part == word {
        return Some(Letters::Upper);
    }
    part.bytes().eq(word.bytes().map(|b| b.to_ascii_lowercase())).then_some(Letters::Lower)
}

fn keyword(text: &str) -> Option<(Field, Letters, &'static str)> {
    for (word, field) in
        [("Month", Field::Month), ("Mon", Field::Mon), ("Day", Field::Day), ("Dy", Field::Dy)]
    {
        if text.starts_with(word) {
            return Some((field, Letters::Title, word));
        }
    }
    KEYWORDS.iter().find_map(|(word, field)| begins(text, word).map(|letters| (*field, letters, *word)))
}

/// The pieces of a template.
pub fn parse(template: &str) -> Vec<Node> {
    parse_noting(template).0
}

/// The same, and the first character that the SQL standard has not in templates.
pub fn parse_noting(template: &str) -> (Vec<Node>, Option<char>) {
    let (mut nodes, mut rest, mut other) = (Vec::new(), template, None);
    while !rest.is_empty() {
        let (mut unfilled, mut local, mut at) = (false, false, rest);
        if begins(at, "FM").is_some() {
            (unfilled, at) = (true, &at[2..]);
        } else if begins(at, "TM").is_some() {
            (local, at) = (true, &at[2..]);
        }
        if let Some((field, letters, text)) = keyword(at) {
            at = &at[text.len()..];
            let mut ordinal = None;
            if at.starts_with("TH") || at.starts_with("th") {
                ordinal = Some(if at.starts_with("TH") { Letters::Upper } else { Letters::Lower });
                at = &at[2..];
            } else if begins(at, "SP").is_some() {
                at = &at[2..];
            }
            let points = text.contains('.');
            nodes.push(Node::Keyword(Keyword { field, letters, points, unfilled, local, ordinal, text }));
            rest = at;
            continue;
        }
        // A prefix in front of no keyword is dropped.
        let mut chars = at.chars();
        let Some(mut c) = chars.next() else { break };
        if c == '"' {
            rest = quoted(chars.as_str(), &mut nodes);
            continue;
        }
        if c == '\\' && chars.as_str().starts_with('"') {
            c = '"';
            chars.next();
        }
        if !"-./,':; ".contains(c) {
            other = other.or(Some(c));
        }
        nodes.push(match c {
            c if c.is_ascii_whitespace() => Node::Space(c),
            '!'..='~' if !c.is_ascii_alphanumeric() => Node::Separator(c),
            c => Node::Char(c),
        });
        rest = chars.as_str();
    }
    (nodes, other)
}

/// The characters up to the closing quote; what is behind it.
fn quoted<'a>(text: &'a str, nodes: &mut Vec<Node>) -> &'a str {
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => break,
            '\\' => nodes.extend(chars.next().map(Node::Char)),
            c => nodes.push(Node::Char(c)),
        }
    }
    chars.as_str()
}

/// The ending of an ordinal.
pub fn ordinal(digits: &str) -> &'static str {
    let digits = digits.as_bytes();
    let last = digits.last().copied().unwrap_or(b'0');
    let before = digits.len().checked_sub(2).and_then(|i| digits.get(i));
    match (before, last) {
        (Some(b'1'), _) => "th",
        (_, b'1') => "st",
        (_, b'2') => "nd",
        (_, b'3') => "rd",
        _ => "th",
    }
}

pub const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
/// From Sunday.
pub const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
pub const ROMAN: [&str; 12] = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"];
