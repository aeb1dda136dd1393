//! What a column of a file holds, learnt from all of its values.
//!
//! ```text
//! 1, 2, 3            bigint               2020-01-01                    date
//! 1, 2.5, 1e9        double precision     2020-01-01T12:00:00           timestamp
//! 18446744073709551615    numeric         2020-01-01 12:00:00+02        timestamptz
//! true, false        boolean              a0eebc99-9c0b-…               uuid
//! {"a": 1}           jsonb                007, x, what is mixed         text
//! ```
//!
//! A number with zeros before it is no number: it is a code of some sort, and the zeros are part of it.

use remanent::json::{Item, Node, parse};
use remanent::{Type, Value};

/// What values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    /// There was none.
    #[default]
    Empty,
    Bool,
    Int,
    /// Whole numbers beyond bigint.
    Long,
    Float,
    Date,
    Timestamp,
    Timestamptz,
    Uuid,
    Json,
    Text,
}

impl Kind {
    /// The SQL type that holds such values.
    pub fn sql_type(self) -> &'static str {
        match self {
            Kind::Bool => "boolean",
            Kind::Int => "bigint",
            Kind::Long => "numeric",
            Kind::Float => "double precision",
            Kind::Date => "date",
            Kind::Timestamp => "timestamp",
            Kind::Timestamptz => "timestamptz",
            Kind::Uuid => "uuid",
            Kind::Json => "jsonb",
            Kind::Empty | Kind::Text => "text",
        }
    }

    /// What holds values of both.
    pub fn with(self, other: Kind) -> Kind {
        use Kind::*;
        match (self, other) {
            (a, b) if a == b => a,
            (Empty, kind) | (kind, Empty) => kind,
            (Int | Long | Float, Float) | (Float, Int | Long) => Float,
            (Int, Long) | (Long, Int) => Long,
            (Date, Timestamp) | (Timestamp, Date) => Timestamp,
            _ => Text,
        }
    }

    /// As [`with`](Kind::with) for values of JSON, which a document can hold whatever they are.
    pub fn with_json(self, other: Kind) -> Kind {
        match (self, other) {
            (Kind::Json, _) | (_, Kind::Json) => Kind::Json,
            (a, b) => a.with(b),
        }
    }

    /// Of a text without a type. `so_far`: what those before it were, which saves looking for what cannot matter.
    pub fn of_text(text: &str, so_far: Kind) -> Kind {
        if so_far == Kind::Text {
            return Kind::Text;
        }
        let first = text.as_bytes().first().copied().unwrap_or(b' ');
        match first {
            b'0'..=b'9' | b'-' | b'+' | b'.' => match number(text) {
                Kind::Text => written(text),
                kind => kind,
            },
            b'{' | b'[' if parse(text, true).is_ok() => Kind::Json,
            b't' | b'f' | b'T' | b'F' if is_any(text, &["true", "false", "t", "f"]) => Kind::Bool,
            b'n' | b'N' | b'i' | b'I' if is_any(text, &["nan", "inf", "infinity"]) => Kind::Float,
            _ => written(text),
        }
    }

    /// Of a value of JSON.
    pub fn of_json(node: &Node, text: &str) -> Kind {
        match &node.item {
            Item::Null => Kind::Empty,
            Item::Bool(_) => Kind::Bool,
            Item::Number => number(text.get(node.span.clone()).unwrap_or_default()),
            // For these JSON has no number, so they are written as texts.
            Item::String(text) if ["NaN", "Infinity", "-Infinity"].contains(&text.as_str()) => Kind::Float,
            Item::String(text) => written(text),
            Item::Array(_) | Item::Object(_) => Kind::Json,
        }
    }
}

fn is_any(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// A number, or text.
fn number(text: &str) -> Kind {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let padded = digits.len() > 1
        && digits.starts_with('0')
        && digits.as_bytes().get(1).is_some_and(u8::is_ascii_digit);
    match () {
        () if padded => Kind::Text,
        () if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => match text.parse::<i64>() {
            Ok(_) => Kind::Int,
            Err(_) => Kind::Long,
        },
        () if text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b))
            && digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
            && Value::parse(text, Type::Float8).is_ok() =>
        {
            Kind::Float
        }
        () if is_any(digits, &["inf", "infinity"]) => Kind::Float,
        () => Kind::Text,
    }
}

/// A time or a uuid, or text.
fn written(text: &str) -> Kind {
    let bytes = text.as_bytes();
    let is = |ty| Value::parse(text, ty).is_ok();
    let digits = |range: std::ops::Range<usize>| {
        bytes.get(range).is_some_and(|part| part.iter().all(u8::is_ascii_digit))
    };
    let dated = digits(0..4)
        && digits(5..7)
        && digits(8..10)
        && bytes.get(4) == Some(&b'-')
        && bytes.get(7) == Some(&b'-');
    if dated && bytes.len() == 10 && is(Type::Date) {
        return Kind::Date;
    }
    let timed =
        dated && matches!(bytes.get(10), Some(b' ' | b'T')) && digits(11..13) && bytes.get(13) == Some(&b':');
    if timed {
        let zoned = bytes.get(14..).is_some_and(|rest| rest.iter().any(|b| b"+-Zz".contains(b)));
        return match zoned {
            true if is(Type::Timestamptz) => Kind::Timestamptz,
            false if is(Type::Timestamp) => Kind::Timestamp,
            _ => Kind::Text,
        };
    }
    match bytes.len() == 36 && bytes.get(8) == Some(&b'-') && is(Type::Uuid) {
        true => Kind::Uuid,
        false => Kind::Text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        for (text, kind) in [
            ("1", Kind::Int),
            ("-9223372036854775808", Kind::Int),
            ("9223372036854775808", Kind::Long),
            ("0", Kind::Int),
            ("007", Kind::Text),
            ("-01", Kind::Text),
            ("0.5", Kind::Float),
            ("-.5e-3", Kind::Float),
            ("1e400", Kind::Text),
            ("1.2.3", Kind::Text),
            ("-", Kind::Text),
            ("+1", Kind::Text),
            ("NaN", Kind::Float),
            ("-Infinity", Kind::Float),
            ("n", Kind::Text),
            ("True", Kind::Bool),
            ("tr", Kind::Text),
            ("2020-02-29", Kind::Date),
            ("2021-02-29", Kind::Text),
            ("2020-1-1", Kind::Text),
            ("2020-01-01 12:00", Kind::Timestamp),
            ("2020-01-01T12:00:00.123456", Kind::Timestamp),
            ("2020-01-01T12:00:00Z", Kind::Timestamptz),
            ("2020-01-01 12:00:00-03:30", Kind::Timestamptz),
            ("2020-01-01 x", Kind::Text),
            ("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", Kind::Uuid),
            ("{\"a\": [1]}", Kind::Json),
            ("{a}", Kind::Text),
            ("", Kind::Text),
            (" 1", Kind::Text),
        ] {
            assert_eq!(Kind::of_text(text, Kind::Empty), kind, "{text}");
        }
    }

    #[test]
    fn mixtures() {
        let all = |texts: &[&str]| {
            texts.iter().fold(Kind::Empty, |kind, text| kind.with(Kind::of_text(text, kind)))
        };
        assert_eq!(all(&["1", "2.5", "3"]), Kind::Float);
        assert_eq!(all(&["1", "18446744073709551615"]), Kind::Long);
        assert_eq!(all(&["2020-01-01", "2020-01-01 10:00"]), Kind::Timestamp);
        assert_eq!(all(&["2020-01-01", "2020-01-01 10:00Z"]), Kind::Text);
        assert_eq!(all(&["1", "true"]), Kind::Text);
        assert_eq!(all(&["1", "[1]"]), Kind::Text);
        assert_eq!(Kind::Int.with_json(Kind::Json), Kind::Json);
        assert_eq!(all(&[]).sql_type(), "text");
    }
}
