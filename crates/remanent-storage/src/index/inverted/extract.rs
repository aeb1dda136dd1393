//! The items of a value, per operator class.
//!
//! | class | items | first byte |
//! |---|---|---|
//! | `jsonb_ops` | keys, and strings in arrays | `k` |
//! | | other strings | `s` |
//! | | numbers, as keys of a sorted index | `n` |
//! | | true and false | `b` |
//! | | null | `z` |
//! | `jsonb_path_ops` | of each scalar: a hash of the keys that lead to it and of itself | `p` |
//! | `array_ops` | elements that are not NULL, as keys of a sorted index | `e` |
//! | `tsvector_ops`, `bm25_ops` | lexemes | `t` |
//! | all | a value has none of these | `-` |
//!
//! Before that stands the number of the column. Persisted, do not change.
//!
//! Which these are follows PostgreSQL (`jsonb_gin.c`): a string of an array counts as a key because `?` asks for both. Arrays add
//! nothing to a path, as a lax path looks into them by itself.

use super::items::{Items, shorten};
use crate::index::IndexDef;
use crate::index::primary::hash::hash;
use crate::value::json::{JsonbRef, Kind};
use crate::value::key::encode_value;
use crate::value::{Column, Value};

const KEY: u8 = b'k';
const STRING: u8 = b's';
const NUMBER: u8 = b'n';
const BOOL: u8 = b'b';
const NULL: u8 = b'z';
const PATH: u8 = b'p';
const ELEMENT: u8 = b'e';
const NONE: u8 = b'-';

/// Appends the items of row `row` of a column to a list.
type Extract = fn(&Column, usize, &mut ItemList);

/// What takes values apart, per operator class.
static CLASSES: &[(&str, Extract)] = &[
    ("jsonb_ops", json),
    ("jsonb_path_ops", json_paths),
    ("array_ops", elements),
    #[cfg(feature = "text")]
    ("tsvector_ops", super::text::extract),
    #[cfg(feature = "text")]
    ("bm25_ops", super::text::extract),
];

/// The items of one row; of every column, one after the other.
#[derive(Default)]
pub struct ItemList {
    bytes: Vec<u8>,
    /// Where each ends.
    ends: Vec<usize>,
    /// How often each is in the value, where that is counted.
    times: Vec<u32>,
    column: u8,
}

impl ItemList {
    /// Begins an item that is a `kind`, with these bytes; it may be a duplicate.
    pub(super) fn push(&mut self, kind: u8, write: &mut dyn FnMut(&mut Vec<u8>)) {
        let start = self.bytes.len();
        self.bytes.extend([self.column, kind]);
        write(&mut self.bytes);
        shorten(&mut self.bytes, start);
        self.ends.push(self.bytes.len());
        self.times.push(1);
    }

    /// Says how often the last item is there.
    pub(super) fn repeat(&mut self, times: u32) {
        if let Some(last) = self.times.last_mut() {
            *last = times;
        }
    }

    /// All items, the same one maybe several times.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| &self.bytes[start..end])
    }

    /// Each item once, in order.
    pub fn distinct(&self) -> Vec<&[u8]> {
        self.counted().into_iter().map(|(item, _)| item).collect()
    }

    /// Each item once, in order, and how often it is there.
    pub fn counted(&self) -> Vec<(&[u8], u32)> {
        let mut items: Vec<(&[u8], u32)> = self.iter().zip(self.times.iter().copied()).collect();
        items.sort_unstable();
        items.dedup_by_key(|(item, _)| *item);
        items
    }
}

/// Takes the rows of an index apart.
pub struct Extractor<'a> {
    def: &'a IndexDef,
    columns: Vec<(usize, Extract)>,
    list: ItemList,
}

impl<'a> Extractor<'a> {
    /// Of an index whose classes are known here; columns of others have no items.
    pub fn new(def: &'a IndexDef) -> Self {
        let of = |(i, &column): (usize, &usize)| {
            let class = def.class(i);
            CLASSES.iter().find(|(name, _)| *name == class).map(|(_, extract)| (column, *extract))
        };
        Extractor {
            def,
            columns: def.columns.iter().enumerate().filter_map(of).collect(),
            list: ItemList::default(),
        }
    }

    /// The items of a row; None where it is not in the index. `columns` are all columns of the segment.
    pub fn row(&mut self, columns: &[Column], row: usize) -> Option<&ItemList> {
        self.list.bytes.clear();
        self.list.ends.clear();
        self.list.times.clear();
        if !self.def.holds(columns, row) {
            return None;
        }
        for (i, (column, extract)) in self.columns.iter().enumerate() {
            let Some(column) = columns.get(*column).filter(|column| column.is_valid(row)) else { continue };
            self.list.column = i as u8;
            let before = self.list.ends.len();
            extract(column, row, &mut self.list);
            if self.list.ends.len() == before {
                self.list.push(NONE, &mut |_| {});
                self.list.repeat(0);
            }
        }
        Some(&self.list)
    }
}

/// Which column of the index an item is of.
pub(super) fn column_of(item: &[u8]) -> usize {
    item.first().map_or(usize::MAX, |&column| column.into())
}

/// The rows whose value in a column has no items.
pub fn without_items(column: usize) -> Items {
    Items::item(vec![column as u8, NONE])
}

fn json(column: &Column, row: usize, list: &mut ItemList) {
    let value = JsonbRef::new(column.bytes(row));
    match value.kind() {
        Kind::Array | Kind::Object => json_members(value, list),
        _ => json_scalar(value, true, list),
    }
}

fn json_members(value: JsonbRef<'_>, list: &mut ItemList) {
    let member = |list: &mut ItemList, value: JsonbRef<'_>, element: bool| match value.kind() {
        Kind::Array | Kind::Object => json_members(value, list),
        _ => json_scalar(value, element, list),
    };
    for (key, value) in value.pairs() {
        list.push(KEY, &mut |out| out.extend_from_slice(key.as_bytes()));
        member(list, value, false);
    }
    value.elements().for_each(|value| member(list, value, true));
}

fn json_scalar(value: JsonbRef<'_>, element: bool, list: &mut ItemList) {
    list.push(scalar_kind(value, element), &mut |out| write_scalar(value, out));
}

/// What a scalar is as an item.
fn scalar_kind(value: JsonbRef<'_>, element: bool) -> u8 {
    match value.kind() {
        Kind::String if element => KEY,
        Kind::String => STRING,
        Kind::Number => NUMBER,
        Kind::Bool(_) => BOOL,
        _ => NULL,
    }
}

fn write_scalar(value: JsonbRef<'_>, out: &mut Vec<u8>) {
    match value.kind() {
        Kind::String => out.extend_from_slice(value.text().unwrap_or_default().as_bytes()),
        Kind::Number => {
            if let Some(number) = value.number() {
                encode_value(out, &Value::Numeric(number));
            }
        }
        Kind::Bool(value) => out.push(u8::from(value)),
        _ => {}
    }
}

/// The rows of a column that have a key, or a string in an array.
pub fn json_key(column: usize, key: &str) -> Items {
    Items::item([&[column as u8, KEY], key.as_bytes()].concat())
}

/// The rows that have a scalar; `element`: in an array or at the top.
pub fn json_value(column: usize, value: JsonbRef<'_>, element: bool) -> Items {
    let mut item = vec![column as u8, scalar_kind(value, element)];
    write_scalar(value, &mut item);
    Items::item(item)
}

/// The rows that have a string that begins so.
pub fn json_begins(column: usize, text: &str) -> Items {
    let begins = |kind: u8| Items::prefix([&[column as u8, kind], text.as_bytes()].concat());
    Items::Any(vec![begins(KEY), begins(STRING)])
}

/// The rows whose value has all items that another one has.
pub fn json_contained(column: usize, class: &str, value: JsonbRef<'_>) -> Items {
    let mut list = ItemList { column: column as u8, ..ItemList::default() };
    match (class, value.kind()) {
        ("jsonb_path_ops", _) => paths(value, Path::default(), &mut list),
        (_, Kind::Array | Kind::Object) => json_members(value, &mut list),
        _ => json_scalar(value, true, &mut list),
    }
    Items::All(list.distinct().into_iter().map(|item| Items::Item(item.to_vec())).collect())
}

/// The keys that lead to a value.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Path(u64);

impl Path {
    fn then(self, kind: u8, bytes: &[u8]) -> u64 {
        hash(bytes).wrapping_add(kind.into()).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ self.0.rotate_left(23)
    }

    /// To the value of a key.
    pub fn key(self, key: &str) -> Path {
        Path(self.then(KEY, key.as_bytes()))
    }

    /// The rows of a column that have a scalar there.
    pub fn value(self, column: usize, value: JsonbRef<'_>) -> Items {
        Items::item([&[column as u8, PATH][..], &self.scalar(value)].concat())
    }

    fn scalar(self, value: JsonbRef<'_>) -> [u8; 8] {
        let mut bytes = Vec::new();
        write_scalar(value, &mut bytes);
        self.then(scalar_kind(value, false), &bytes).to_be_bytes()
    }
}

fn json_paths(column: &Column, row: usize, list: &mut ItemList) {
    paths(JsonbRef::new(column.bytes(row)), Path::default(), list);
}

fn paths(value: JsonbRef<'_>, path: Path, list: &mut ItemList) {
    match value.kind() {
        Kind::Object => value.pairs().for_each(|(key, value)| paths(value, path.key(key), list)),
        Kind::Array => value.elements().for_each(|value| paths(value, path, list)),
        _ => {
            let hash = path.scalar(value);
            list.push(PATH, &mut |out| out.extend_from_slice(&hash));
        }
    }
}

fn elements(column: &Column, row: usize, list: &mut ItemList) {
    if let Value::Array(array) = column.value(row) {
        for value in array.values().iter().filter(|value| !value.is_null()) {
            list.push(ELEMENT, &mut |out| encode_value(out, value));
        }
    }
}

/// The rows of a column whose array has an element that is equal.
pub fn element(column: usize, value: &Value) -> Items {
    let mut item = vec![column as u8, ELEMENT];
    encode_value(&mut item, value);
    Items::item(item)
}
