//! `.type()` `.size()` `.abs()` `.floor()` `.ceiling()` `.double()` `.keyvalue()` `.datetime()`.

use super::eval::{Fail, Item, Search, soft};
use remanent_storage::error::{Error, Result, SqlState};
use remanent_storage::value::json::{Json, JsonbRef, Kind};
use remanent_storage::value::{Decimal, Numeric, Type, Value};

/// What is asked of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the variants are the methods' names")]
pub enum Method {
    Type,
    Size,
    Abs,
    Floor,
    Ceiling,
    Double,
    KeyValue,
    Datetime,
}

/// By their names.
pub static METHODS: &[(&str, Method)] = &[
    ("type", Method::Type),
    ("size", Method::Size),
    ("abs", Method::Abs),
    ("floor", Method::Floor),
    ("ceiling", Method::Ceiling),
    ("double", Method::Double),
    ("keyvalue", Method::KeyValue),
    ("datetime", Method::Datetime),
];

impl Method {
    /// It is asked of arrays too.
    pub fn takes_arrays(self) -> bool {
        matches!(self, Method::Type | Method::Size)
    }

    fn name(self) -> &'static str {
        METHODS.iter().find(|(_, method)| *method == self).map_or("", |(name, _)| name)
    }

    /// A failure for an item that is not of the right kind.
    fn refuse<T>(self, state: &'static str, wanted: &str) -> Search<T> {
        soft(state, format!("jsonpath item method .{}() can only be applied to {wanted}", self.name()))
    }

    /// What it makes of an item; `size` is how many elements it has.
    pub fn of<'a>(self, item: &Item<'a>, size: usize, root: &Item<'a>) -> Search<Vec<Item<'a>>> {
        let number = |number: Numeric| Ok(vec![Item::Made(Json::Number(number).encode())]);
        let numeric = |op: fn(&Numeric) -> Result<Numeric>| match item.number() {
            Some(value) => number(op(&value)?),
            None => self.refuse("22036", "a numeric value"),
        };
        match self {
            Method::Type => Ok(vec![Item::Made(Json::String(type_of(item)).encode())]),
            Method::Size => number(Decimal::from(size as i64).into()),
            Method::Abs => numeric(|value| Ok(value.abs())),
            Method::Floor => numeric(Numeric::floor),
            Method::Ceiling => numeric(Numeric::ceil),
            Method::Double => self.double(item),
            Method::KeyValue => self.key_values(item, root),
            Method::Datetime => self.datetime(item),
        }
    }

    fn double<'a>(self, item: &Item<'a>) -> Search<Vec<Item<'a>>> {
        let parse = |text: &str| match Value::parse(text, Type::Float8) {
            Ok(Value::Float8(value)) if value.is_finite() => Some(value),
            _ => None,
        };
        if let Some(number) = item.number() {
            return match parse(&number.to_string()) {
                Some(_) => Ok(vec![item.clone()]),
                None => soft(
                    "22036",
                    "numeric argument of jsonpath item method .double() is out of range for type double precision",
                ),
            };
        }
        let Some(text) = item.view().and_then(|view| view.text().map(str::to_string)) else {
            return self.refuse("22036", "a string or numeric value");
        };
        match parse(&text) {
            Some(value) => Ok(vec![Item::Made(Json::Number(Numeric::from_f64(value)).encode())]),
            None => soft(
                "22036",
                "string argument of jsonpath item method .double() is not a valid representation of a double precision number",
            ),
        }
    }

    fn key_values<'a>(self, item: &Item<'a>, root: &Item<'a>) -> Search<Vec<Item<'a>>> {
        let Some(view) = item.view().filter(|view| view.kind() == Kind::Object) else {
            return self.refuse("2203C", "an object");
        };
        let id = root.view().and_then(|root| view.offset_in(root)).unwrap_or(0);
        let id = Json::Number(Decimal::from(id as i64).into()).encode();
        let pair = |(key, value): (&str, JsonbRef<'_>)| {
            Item::Made(
                Json::Object(vec![
                    ("id".to_string(), Json::Whole(id.clone())),
                    ("key".to_string(), Json::String(key.to_string())),
                    ("value".to_string(), Json::Whole(value.to_owned())),
                ])
                .encode(),
            )
        };
        Ok(view.pairs().map(pair).collect())
    }

    /// Dates and times in ISO 8601's forms.
    fn datetime<'a>(self, item: &Item<'a>) -> Search<Vec<Item<'a>>> {
        let Some(text) = item.view().and_then(|view| view.text().map(str::to_string)) else {
            return self.refuse("22031", "a string");
        };
        let unknown = || {
            let message = format!("datetime format is not recognized: \"{text}\"");
            Fail::Soft(
                Error::new(SqlState("22031"), message)
                    .with_hint("Use a datetime template argument to specify the input data format."),
            )
        };
        let (ty, east) = form(&text).ok_or_else(unknown)?;
        let value = Value::parse(&text, ty).map_err(|_| unknown())?;
        Ok(vec![Item::Time(value, east)])
    }
}

/// The type that a text in one of ISO 8601's forms has, and by how many seconds its zone is east of UTC.
fn form(text: &str) -> Option<(Type, i32)> {
    let shaped = |text: &str, shape: &str| {
        text.len() == shape.len()
            && text
                .bytes()
                .zip(shape.bytes())
                .all(|(b, s)| if s == b'0' { b.is_ascii_digit() } else { b == s })
    };
    let clock = |text: &str| match text.split_once('.') {
        Some((time, part)) => {
            shaped(time, "00:00:00")
                && (1..=6).contains(&part.len())
                && part.bytes().all(|b| b.is_ascii_digit())
        }
        None => shaped(text, "00:00:00"),
    };
    if shaped(text, "0000-00-00") {
        return Some((Type::Date, 0));
    }
    if clock(text) {
        return Some((Type::Time, 0));
    }
    let (date, time) = text.split_at_checked(10)?;
    let time = time.strip_prefix([' ', 'T'])?;
    if !shaped(date, "0000-00-00") {
        return None;
    }
    if clock(time) {
        return Some((Type::Timestamp, 0));
    }
    let at = time.rfind(['+', '-'])?;
    let (time, zone) = time.split_at(at);
    let (hours, minutes) = zone[1..].split_once(':').unwrap_or((&zone[1..], "00"));
    if !clock(time) || !shaped(hours, "00") || !shaped(minutes, "00") {
        return None;
    }
    let seconds = hours.parse::<i32>().ok()? * 3600 + minutes.parse::<i32>().ok()? * 60;
    Some((Type::Timestamptz, if zone.starts_with('-') { -seconds } else { seconds }))
}

/// As JSON has it: `2017-03-10T10:00:00+03:00`.
pub fn written(time: &Value, east: i32) -> String {
    let local = match time {
        Value::Timestamptz(t) => Value::Timestamp(t + i64::from(east) * 1_000_000),
        other => other.clone(),
    };
    let text = local.to_string().replacen(' ', "T", 1);
    match time {
        Value::Timestamptz(_) => {
            let sign = if east < 0 { '-' } else { '+' };
            format!("{text}{sign}{:02}:{:02}", east.abs() / 3600, east.abs() / 60 % 60)
        }
        _ => text,
    }
}

fn type_of(item: &Item<'_>) -> String {
    match item {
        Item::Time(time, _) => time.type_of().map_or(String::new(), |ty| ty.to_string()),
        _ => match item.kind() {
            Some(Kind::Bool(_)) => "boolean",
            Some(Kind::Number) => "number",
            Some(Kind::String) => "string",
            Some(Kind::Array) => "array",
            Some(Kind::Object) => "object",
            _ => "null",
        }
        .to_string(),
    }
}
