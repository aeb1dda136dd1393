//! jsonb: JSON as bytes in which a key or an element is found without reading the rest.
//!
//! Persisted, do not renumber. Numbers are little-endian; an end counts from the first byte after the ends.
//!
//! ```text
//! null, false, true   00, 01, 02
//! number              03, a numeric's bytes (`numeric/bytes`)
//! string              04, UTF-8
//! array               05  count:u32  end:u32 of each element    the elements
//! object              06  count:u32  end:u32 of each key, then of each value    the keys, the values
//! ```
//!
//! Keys are sorted by length, then bytes (as PostgreSQL keeps them), and are unique. Example: `{"a": true}` is
//! `06 01000000 01000000 02000000 61 02`.
//!
//! The order of values is PostgreSQL's (`compareJsonbContainers`): object > array > boolean > number > string > null; of
//! two arrays or objects the one with more members is greater; then member by member. An empty array at the top is least of all.

use super::text::{Item, Node, parse, write_string};
use crate::error::{Error, Result, state};
use crate::value::Numeric;
use std::cmp::Ordering;
use std::fmt;

const NULL: u8 = 0;
const FALSE: u8 = 1;
const TRUE: u8 = 2;
const NUMBER: u8 = 3;
const STRING: u8 = 4;
const ARRAY: u8 = 5;
const OBJECT: u8 = 6;

/// A value of jsonb.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Jsonb(Vec<u8>);

/// A value within one.
#[derive(Debug, Clone, Copy)]
pub struct JsonbRef<'a>(&'a [u8]);

/// A value taken apart, to be changed and put together again.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the variants are JSON's words")]
pub enum Json {
    Null,
    Bool(bool),
    Number(Numeric),
    String(String),
    Array(Vec<Json>),
    /// In any order; of equal keys the last counts.
    Object(Vec<(String, Json)>),
    /// A value that is put together already.
    Whole(Jsonb),
}

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the variants are JSON's words")]
pub enum Kind {
    Null,
    Bool(bool),
    Number,
    String,
    Array,
    Object,
}

fn key_order(a: &[u8], b: &[u8]) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

impl Json {
    /// Puts it together.
    pub fn encode(&self) -> Jsonb {
        let mut out = Vec::new();
        self.write(&mut out);
        Jsonb(out)
    }

    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Json::Null => out.push(NULL),
            Json::Bool(v) => out.push(if *v { TRUE } else { FALSE }),
            Json::Number(n) => {
                out.push(NUMBER);
                n.encode(out);
            }
            Json::String(text) => {
                out.push(STRING);
                out.extend_from_slice(text.as_bytes());
            }
            Json::Array(items) => write_members(ARRAY, &[], items.iter(), out),
            Json::Object(pairs) => {
                let mut pairs: Vec<&(String, Json)> = pairs.iter().collect();
                remanent_kernels::sort::sort_by(&mut pairs, &|a, b| {
                    key_order(a.0.as_bytes(), b.0.as_bytes())
                });
                // The sort is stable: of equal keys the last stays.
                let mut kept: Vec<&(String, Json)> = Vec::with_capacity(pairs.len());
                for pair in pairs {
                    match kept.last_mut() {
                        Some(last) if last.0 == pair.0 => *last = pair,
                        _ => kept.push(pair),
                    }
                }
                let keys: Vec<&str> = kept.iter().map(|pair| pair.0.as_str()).collect();
                write_members(OBJECT, &keys, kept.iter().map(|pair| &pair.1), out);
            }
            Json::Whole(whole) => out.extend_from_slice(&whole.0),
        }
    }

    fn of_node(node: &Node, text: &str) -> Result<Json> {
        Ok(match &node.item {
            Item::Null => Json::Null,
            Item::Bool(v) => Json::Bool(*v),
            Item::Number => Json::Number(text[node.span.clone()].parse()?),
            Item::String(text) => Json::String(text.clone()),
            Item::Array(items) => {
                Json::Array(items.iter().map(|item| Json::of_node(item, text)).collect::<Result<_>>()?)
            }
            Item::Object(pairs) => {
                let pair = |(key, value): &(String, Node)| Ok((key.clone(), Json::of_node(value, text)?));
                Json::Object(pairs.iter().map(pair).collect::<Result<_>>()?)
            }
        })
    }
}

fn write_members<'a>(
    tag: u8,
    keys: &[&str],
    values: impl ExactSizeIterator<Item = &'a Json>,
    out: &mut Vec<u8>,
) {
    let count = values.len();
    out.push(tag);
    out.extend_from_slice(&(count as u32).to_le_bytes());
    let table = out.len();
    out.resize(table + 4 * (count + keys.len()), 0);
    let base = out.len();
    let end = |out: &mut Vec<u8>, i: usize| {
        let end = (out.len() - base) as u32;
        out[table + 4 * i..table + 4 * i + 4].copy_from_slice(&end.to_le_bytes());
    };
    for (i, key) in keys.iter().enumerate() {
        out.extend_from_slice(key.as_bytes());
        end(out, i);
    }
    for (i, value) in values.enumerate() {
        value.write(out);
        end(out, keys.len() + i);
    }
}

impl Jsonb {
    /// Reads text; 22P02 for what is no JSON.
    pub fn parse(text: &str) -> Result<Self> {
        Ok(Json::of_node(&parse(text, true)?, text)?.encode())
    }

    /// From stored bytes, which are checked through and through; `XX001` where they are damaged.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        match JsonbRef(bytes).is_sound(0) {
            true => Ok(Jsonb(bytes.to_vec())),
            false => Err(Error::new(state::DATA_CORRUPTED, "damaged bytes: a value is not a jsonb")),
        }
    }

    /// From bytes of a column: whoever filled it has checked them.
    pub(in crate::value) fn trusted(bytes: &[u8]) -> Self {
        Jsonb(bytes.to_vec())
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// To look into it.
    pub fn view(&self) -> JsonbRef<'_> {
        JsonbRef(&self.0)
    }
}

impl<'a> JsonbRef<'a> {
    /// Of bytes of a jsonb column.
    pub fn new(bytes: &'a [u8]) -> Self {
        JsonbRef(bytes)
    }

    /// A copy.
    pub fn to_owned(self) -> Jsonb {
        Jsonb(self.0.to_vec())
    }

    /// What it is. What is damaged is null.
    pub fn kind(self) -> Kind {
        match self.0.first() {
            Some(&FALSE) => Kind::Bool(false),
            Some(&TRUE) => Kind::Bool(true),
            Some(&NUMBER) => Kind::Number,
            Some(&STRING) => Kind::String,
            Some(&ARRAY) => Kind::Array,
            Some(&OBJECT) => Kind::Object,
            _ => Kind::Null,
        }
    }

    fn word(self, at: usize) -> usize {
        let bytes = self.0.get(at..).and_then(<[u8]>::first_chunk);
        bytes.map_or(0, |word| u32::from_le_bytes(*word) as usize)
    }

    /// How many elements or pairs; 0 for other values.
    pub fn count(self) -> usize {
        match self.kind() {
            Kind::Array | Kind::Object => self.word(1),
            _ => 0,
        }
    }

    /// The i-th of all members: elements, or keys and then values.
    fn member(self, i: usize) -> &'a [u8] {
        let members = if self.kind() == Kind::Object { 2 * self.count() } else { self.count() };
        let base = 5 + 4 * members;
        let start = if i == 0 { 0 } else { self.word(5 + 4 * (i - 1)) };
        self.0.get(base + start..base + self.word(5 + 4 * i)).unwrap_or_default()
    }

    /// Element i, which there is.
    pub fn element(self, i: usize) -> JsonbRef<'a> {
        JsonbRef(self.member(i))
    }

    /// The elements of an array.
    pub fn elements(self) -> impl Iterator<Item = JsonbRef<'a>> {
        let count = if self.kind() == Kind::Array { self.count() } else { 0 };
        (0..count).map(move |i| self.element(i))
    }

    /// The pairs of an object.
    pub fn pairs(self) -> impl Iterator<Item = (&'a str, JsonbRef<'a>)> {
        let count = if self.kind() == Kind::Object { self.count() } else { 0 };
        (0..count).map(move |i| (utf8(self.member(i)), JsonbRef(self.member(count + i))))
    }

    /// The value of a key of an object.
    pub fn get(self, key: &str) -> Option<JsonbRef<'a>> {
        if self.kind() != Kind::Object {
            return None;
        }
        let count = self.count();
        let (mut low, mut high) = (0, count);
        while low < high {
            let middle = (low + high) / 2;
            match key_order(self.member(middle), key.as_bytes()) {
                Ordering::Less => low = middle + 1,
                Ordering::Equal => return Some(JsonbRef(self.member(count + middle))),
                Ordering::Greater => high = middle,
            }
        }
        None
    }

    /// Element i of an array; a negative one counts from the end.
    pub fn at(self, i: i64) -> Option<JsonbRef<'a>> {
        let count = if self.kind() == Kind::Array { self.count() as i64 } else { 0 };
        let i = if i < 0 { count + i } else { i };
        (0..count).contains(&i).then(|| self.element(i as usize))
    }

    /// The text of a string.
    pub fn text(self) -> Option<&'a str> {
        (self.kind() == Kind::String).then(|| utf8(&self.0[1..]))
    }

    /// A number.
    pub fn number(self) -> Option<Numeric> {
        (self.kind() == Kind::Number).then(|| Numeric::decode(&self.0[1..]))?
    }

    /// Taken apart one level; what is within stays as it is.
    pub fn open(self) -> Json {
        match self.kind() {
            Kind::Null => Json::Null,
            Kind::Bool(v) => Json::Bool(v),
            Kind::Number => Json::Number(self.number().unwrap_or(Numeric::ZERO)),
            Kind::String => Json::String(self.text().unwrap_or_default().to_string()),
            Kind::Array => Json::Array(self.elements().map(|item| Json::Whole(item.to_owned())).collect()),
            Kind::Object => Json::Object(
                self.pairs().map(|(key, v)| (key.to_string(), Json::Whole(v.to_owned()))).collect(),
            ),
        }
    }

    /// True where every end, number and text is as it should be.
    fn is_sound(self, depth: usize) -> bool {
        let Some(tag) = self.0.first() else { return false };
        if depth > super::MAX_DEPTH + 1 {
            return false;
        }
        match *tag {
            NULL | FALSE | TRUE => self.0.len() == 1,
            NUMBER => Numeric::decode(&self.0[1..]).is_some_and(|n| n.scale().is_some()),
            STRING => std::str::from_utf8(&self.0[1..]).is_ok(),
            ARRAY | OBJECT => {
                let count = self.word(1);
                let members = if *tag == OBJECT { count.saturating_mul(2) } else { count };
                let Some(base) = members.checked_mul(4).and_then(|n| n.checked_add(5)) else { return false };
                if base > self.0.len() {
                    return false;
                }
                let ends = || (0..members).map(|i| self.word(5 + 4 * i));
                let size = self.0.len() - base;
                if !ends().is_sorted() || ends().next_back().unwrap_or(0) != size {
                    return false;
                }
                let keys = members - count;
                let key = |i: usize| std::str::from_utf8(self.member(i)).is_ok();
                let rising = |i: usize| i == 0 || key_order(self.member(i - 1), self.member(i)).is_lt();
                (0..keys).all(|i| key(i) && rising(i))
                    && (keys..members).all(|i| JsonbRef(self.member(i)).is_sound(depth + 1))
            }
            _ => false,
        }
    }

    /// PostgreSQL's order.
    pub fn compare(self, other: JsonbRef<'_>) -> Ordering {
        let least = |v: JsonbRef<'_>| v.kind() == Kind::Array && v.count() == 0;
        match (least(self), least(other)) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            _ => self.compare_within(other),
        }
    }

    fn compare_within(self, other: JsonbRef<'_>) -> Ordering {
        let rank = |kind| match kind {
            Kind::Null => 0,
            Kind::String => 1,
            Kind::Number => 2,
            Kind::Bool(_) => 3,
            Kind::Array => 4,
            Kind::Object => 5,
        };
        match (self.kind(), other.kind()) {
            (Kind::Bool(a), Kind::Bool(b)) => a.cmp(&b),
            (Kind::String, Kind::String) => self.text().cmp(&other.text()),
            (Kind::Number, Kind::Number) => self.number().cmp(&other.number()),
            (Kind::Array, Kind::Array) => self.count().cmp(&other.count()).then_with(|| {
                let mut orders = self.elements().zip(other.elements()).map(|(a, b)| a.compare_within(b));
                orders.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
            }),
            (Kind::Object, Kind::Object) => self.count().cmp(&other.count()).then_with(|| {
                let pairs = self.pairs().zip(other.pairs());
                let mut orders = pairs.map(|((a, x), (b, y))| a.cmp(b).then_with(|| x.compare_within(y)));
                orders.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
            }),
            (a, b) => rank(a).cmp(&rank(b)),
        }
    }
}

fn utf8(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or("\u{fffd}")
}

impl fmt::Display for JsonbRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind() {
            Kind::Null => f.write_str("null"),
            Kind::Bool(v) => write!(f, "{v}"),
            Kind::Number => self.number().unwrap_or(Numeric::ZERO).fmt(f),
            Kind::String => write_string(f, self.text().unwrap_or_default()),
            Kind::Array => {
                f.write_str("[")?;
                for (i, item) in self.elements().enumerate() {
                    f.write_str(if i > 0 { ", " } else { "" })?;
                    item.fmt(f)?;
                }
                f.write_str("]")
            }
            Kind::Object => {
                f.write_str("{")?;
                for (i, (key, value)) in self.pairs().enumerate() {
                    f.write_str(if i > 0 { ", " } else { "" })?;
                    write_string(f, key)?;
                    f.write_str(": ")?;
                    value.fmt(f)?;
                }
                f.write_str("}")
            }
        }
    }
}

impl fmt::Display for Jsonb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.view().fmt(f)
    }
}
