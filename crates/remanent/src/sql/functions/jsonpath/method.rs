//! `.type()` `.size()` `.abs()` `.floor()` `.ceiling()` `.double()` `.keyvalue()` `.datetime()`.

use super::super::to_char::read::standard;
use super::eval::{Fail, Item, Search, soft};
use remanent_storage::error::{Error, Result, SqlState};
use remanent_storage::value::json::{Json, JsonbRef, Kind};
use remanent_storage::value::timetz::TimeTz;
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

    /// Its name.
    pub fn name(self) -> &'static str {
        METHODS.iter().find(|(_, method)| *method == self).map_or("", |(name, _)| name)
    }

    /// A failure for an item that is not of the right kind.
    fn refuse<T>(self, state: &'static str, wanted: &str) -> Search<T> {
        soft(state, format!("jsonpath item method .{}() can only be applied to {wanted}", self.name()))
    }

    /// What it makes of an item; how many elements the item has, and the method's argument.
    pub fn of<'a>(
        self,
        item: &Item<'a>,
        (size, template): (usize, Option<&str>),
        root: &Item<'a>,
    ) -> Search<Vec<Item<'a>>> {
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
            Method::Datetime => self.datetime(item, template),
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

    /// Dates and times, by a template or in ISO 8601's forms.
    fn datetime<'a>(self, item: &Item<'a>, template: Option<&str>) -> Search<Vec<Item<'a>>> {
        let Some(text) = item.view().and_then(|view| view.text().map(str::to_string)) else {
            return self.refuse("22031", "a string");
        };
        if let Some(template) = template {
            let (value, east) = standard(template, &text).map_err(Fail::Soft)?;
            return Ok(vec![Item::Time(value, east)]);
        }
        let (value, east) = iso(&text).ok_or_else(|| {
            let message = format!("datetime format is not recognized: \"{text}\"");
            Fail::Soft(
                Error::new(SqlState("22031"), message)
                    .with_hint("Use a datetime template argument to specify the input data format."),
            )
        })?;
        Ok(vec![Item::Time(value, east)])
    }
}

/// A text in one of ISO 8601's forms: a date, a time, both, with and without a zone.
fn iso(text: &str) -> Option<(Value, i32)> {
    for date in ["", "yyyy-mm-dd", "yyyy-mm-dd ", "yyyy-mm-dd\"T\""] {
        for time in ["", "HH24:MI:SS", "HH24:MI:SS.US"] {
            for zone in ["", "TZH", "TZH:TZM"] {
                if let Ok(read) = standard(&[date, time, zone].concat(), text) {
                    return Some(read);
                }
            }
        }
    }
    None
}

/// As JSON has it: `2017-03-10T10:00:00+03:00`.
pub fn written(time: &Value, east: i32) -> String {
    let (local, zoned) = match time {
        Value::Timestamptz(t) => (Value::Timestamp(t + i64::from(east) * 1_000_000), true),
        Value::Other(_, bytes) => {
            (TimeTz::decode(bytes).map_or(Value::Null, |time| Value::Time(time.micros)), true)
        }
        other => (other.clone(), false),
    };
    let text = local.to_string().replacen(' ', "T", 1);
    if !zoned {
        return text;
    }
    let sign = if east < 0 { '-' } else { '+' };
    format!("{text}{sign}{:02}:{:02}", east.abs() / 3600, east.abs() / 60 % 60)
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
