//! The items of a value, per operator class.
//!
//! | class | items | first byte |
//! |---|---|---|
//! | `jsonb_ops` | keys of the object at the top | `K` |
//! | | keys below it | `k` |
//! | | strings, [`END`], their place | `s` |
//! | | numbers, as keys of a sorted index, their place | `n` |
//! | | true and false, their place | `b` |
//! | | null, its place | `z` |
//! | `jsonb_path_ops` | of each scalar: a hash of the keys that lead to it and of itself | `p` |
//! | `array_ops` | elements that are not NULL, as keys of a sorted index | `e` |
//! | `tsvector_ops`, `bm25_ops` | lexemes | `t` |
//! | all | a value has none of these | `-` |
//!
//! Before that stands the number of the column. Persisted, do not change.
//!
//! A place is the steps that lead to a scalar: [`STEP`] and a key, or [`WITHIN`] into an array. So an item of `jsonb_ops` says where
//! its scalar is, and what `@>` asks for is often said by items alone ([`json_contained`]); its beginning says that the scalar is
//! anywhere, for jsonpath. Of a place longer than [`PLACE_MAX`] stands its hash ([`LONG`]). None of these bytes occurs in UTF-8.
//!
//! ```text
//!   {"a": 1, "b": ["x"]}      K a   K b   n 1 STEP a   s x END STEP b WITHIN
//! ```
//!
//! In `jsonb_path_ops` arrays add nothing to a path, as a lax path looks into them by itself.

use super::items::{ITEM_MAX, Items, shorten};
use crate::index::IndexDef;
use crate::index::primary::hash::hash;
use crate::value::json::{JsonbRef, Kind};
use crate::value::key::encode_value;
use crate::value::{Column, Value};

const TOP: u8 = b'K';
const KEY: u8 = b'k';
const STRING: u8 = b's';
const NUMBER: u8 = b'n';
const BOOL: u8 = b'b';
const NULL: u8 = b'z';
const PATH: u8 = b'p';
const ELEMENT: u8 = b'e';
const NONE: u8 = b'-';

/// Ends a string.
const END: u8 = 0xfc;
/// Before the hash of a place.
const LONG: u8 = 0xfd;
/// Before a key.
const STEP: u8 = 0xfe;
/// Into an array.
const WITHIN: u8 = 0xff;
/// The most bytes of a place.
const PLACE_MAX: usize = 48;

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
    /// Where in the value it is, where that is said, and where each of these ends.
    places: Vec<u8>,
    place_ends: Vec<usize>,
    column: u8,
}

/// An item of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RowItem<'a> {
    /// The item.
    pub bytes: &'a [u8],
    /// How often it is there.
    pub times: u32,
    /// Where, as lists keep it ([`places`](super::places)); nothing where that is not said.
    pub places: &'a [u8],
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
        self.place_ends.push(self.places.len());
    }

    /// Forgets all.
    fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
        self.times.clear();
        self.places.clear();
        self.place_ends.clear();
    }

    /// Says where the last item is.
    #[cfg(feature = "text")]
    pub(super) fn place(&mut self, write: &mut dyn FnMut(&mut Vec<u8>)) {
        write(&mut self.places);
        if let Some(last) = self.place_ends.last_mut() {
            *last = self.places.len();
        }
    }

    /// Says how often the last item is there.
    pub(super) fn repeat(&mut self, times: u32) {
        if let Some(last) = self.times.last_mut() {
            *last = times;
        }
    }

    /// All items, the same one maybe several times.
    pub fn iter(&self) -> impl Iterator<Item = RowItem<'_>> {
        let (mut start, mut place) = (0, 0);
        self.ends.iter().zip(&self.place_ends).zip(&self.times).map(move |((&end, &place_end), &times)| {
            let (from, place_from) =
                (std::mem::replace(&mut start, end), std::mem::replace(&mut place, place_end));
            RowItem { bytes: &self.bytes[from..end], times, places: &self.places[place_from..place_end] }
        })
    }

    /// Each item once, in order.
    pub fn distinct(&self) -> Vec<&[u8]> {
        self.counted().into_iter().map(|item| item.bytes).collect()
    }

    /// Each item once, in order, and how often and where it is there.
    pub fn counted(&self) -> Vec<RowItem<'_>> {
        let mut items: Vec<RowItem<'_>> = self.iter().collect();
        items.sort_unstable();
        items.dedup_by_key(|item| item.bytes);
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
        self.list.clear();
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
    json_items(JsonbRef::new(column.bytes(row)), &mut Vec::new(), list);
}

fn json_items(value: JsonbRef<'_>, place: &mut Vec<u8>, list: &mut ItemList) {
    let here = place.len();
    match value.kind() {
        Kind::Object => {
            for (key, value) in value.pairs() {
                list.push(key_kind(place), &mut |out| out.extend_from_slice(key.as_bytes()));
                place.push(STEP);
                place.extend_from_slice(key.as_bytes());
                json_items(value, place, list);
                place.truncate(here);
            }
        }
        Kind::Array => {
            place.push(WITHIN);
            value.elements().for_each(|value| json_items(value, place, list));
            place.truncate(here);
        }
        _ => list.push(scalar_kind(value), &mut |out| {
            write_whole(value, out);
            write_place(place, out);
        }),
    }
}

/// What keys of an object are as items.
fn key_kind(place: &[u8]) -> u8 {
    if place.is_empty() { TOP } else { KEY }
}

/// What a scalar is as an item.
fn scalar_kind(value: JsonbRef<'_>) -> u8 {
    match value.kind() {
        Kind::String => STRING,
        Kind::Number => NUMBER,
        Kind::Bool(_) => BOOL,
        _ => NULL,
    }
}

/// A scalar, so that none that is longer begins so.
fn write_whole(value: JsonbRef<'_>, out: &mut Vec<u8>) {
    write_scalar(value, out);
    if value.kind() == Kind::String {
        out.push(END);
    }
}

fn write_place(place: &[u8], out: &mut Vec<u8>) {
    if place.len() > PLACE_MAX {
        out.push(LONG);
        out.extend_from_slice(&hash(place).to_be_bytes());
    } else {
        out.extend_from_slice(place);
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

/// True if an item is kept as it is, and no other one as the same.
fn is_whole(item: &[u8]) -> bool {
    item.len() < ITEM_MAX
}

/// The rows of a column that have a key anywhere.
pub fn json_key(column: usize, key: &str) -> Items {
    Items::Any([TOP, KEY].map(|kind| Items::item([&[column as u8, kind], key.as_bytes()].concat())).into())
}

/// The rows that have a scalar anywhere.
pub fn json_value(column: usize, value: JsonbRef<'_>) -> Items {
    let mut item = vec![column as u8, scalar_kind(value)];
    write_whole(value, &mut item);
    Items::prefix(item)
}

/// The rows that have a string that begins so.
pub fn json_begins(column: usize, text: &str) -> Items {
    Items::prefix([&[column as u8, STRING], text.as_bytes()].concat())
}

/// The rows for which `?` is true: at the top is an object with that key, an array with that string, or the string. True: no others.
pub fn json_has(column: usize, key: &str) -> (Items, bool) {
    let item = |kind, more: &[u8]| [&[column as u8, kind], key.as_bytes(), more].concat();
    let items = [item(TOP, &[]), item(STRING, &[END, WITHIN]), item(STRING, &[END])];
    let exact = items.iter().all(|item| is_whole(item));
    (Items::Any(items.map(Items::item).into()), exact)
}

/// The rows whose value has all that another one has, as far as items say it. True: no others.
///
/// They say it of objects, which have one value at a place, and of an element of an array that is one scalar, or leads to one. Two
/// scalars of an element may be those of two elements; that something is an object or an array is said by what is in it.
pub fn json_contained(column: usize, class: &str, value: JsonbRef<'_>) -> (Items, bool) {
    if class == "jsonb_path_ops" {
        let mut list = ItemList { column: column as u8, ..ItemList::default() };
        paths(value, Path::default(), &mut list);
        return (
            Items::All(list.distinct().into_iter().map(|item| Items::Item(item.to_vec())).collect()),
            false,
        );
    }
    let mut wanted = Wanted { column, place: Vec::new(), items: Vec::new(), exact: true };
    if wanted.add(value) == 1 && !matches!(value.kind(), Kind::Array | Kind::Object) {
        // At the top an array contains a scalar that it has.
        wanted.place.push(WITHIN);
        wanted.add(value);
        return (Items::Any(wanted.items), wanted.exact);
    }
    (Items::All(wanted.items), wanted.exact)
}

/// What a value that contains another one has.
struct Wanted {
    column: usize,
    place: Vec<u8>,
    items: Vec<Items>,
    exact: bool,
}

impl Wanted {
    /// Adds the items of a value at the place in hand; how many scalars it has.
    fn add(&mut self, value: JsonbRef<'_>) -> usize {
        let (here, mut scalars) = (self.place.len(), 0);
        match value.kind() {
            Kind::Object => {
                for (key, value) in value.pairs() {
                    let before = self.items.len();
                    self.place.push(STEP);
                    self.place.extend_from_slice(key.as_bytes());
                    scalars += self.add(value);
                    self.place.truncate(here);
                    if self.items.len() == before {
                        let item = [&[self.column as u8, key_kind(&self.place)], key.as_bytes()].concat();
                        self.items.push(Items::item(item));
                    }
                }
            }
            Kind::Array => {
                self.place.push(WITHIN);
                for value in value.elements() {
                    let of_element = self.add(value);
                    self.exact &= of_element == 1;
                    scalars += of_element;
                }
                self.place.truncate(here);
            }
            _ => {
                let mut item = vec![self.column as u8, scalar_kind(value)];
                write_whole(value, &mut item);
                write_place(&self.place, &mut item);
                self.exact &= is_whole(&item) && self.place.len() <= PLACE_MAX;
                self.items.push(Items::item(item));
                scalars = 1;
            }
        }
        self.exact &= scalars > 0;
        scalars
    }
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
        self.then(scalar_kind(value), &bytes).to_be_bytes()
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

/// The rows of a column whose array has an element that is equal. True: no others.
pub fn element(column: usize, value: &Value) -> (Items, bool) {
    let mut item = vec![column as u8, ELEMENT];
    encode_value(&mut item, value);
    // Of other types what is equal is not always the same bytes.
    let plain = matches!(
        value,
        Value::Bool(_)
            | Value::Int2(_)
            | Value::Int4(_)
            | Value::Int8(_)
            | Value::Date(_)
            | Value::Timestamp(_)
            | Value::Timestamptz(_)
            | Value::Text(_)
            | Value::Uuid(_)
    );
    let exact = plain && is_whole(&item);
    (Items::item(item), exact)
}
