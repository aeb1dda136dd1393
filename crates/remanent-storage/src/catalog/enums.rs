//! Enum types: entries of the catalog, each under its number.
//!
//! A value is stored as its *place*: one or two bytes in most types, ordered as the values were declared. A value that is added
//! between two others gets a place between theirs, which is there however many come ([`between`]), so what is stored, keys of
//! indexes too, never changes. What a place is called is in the catalog only.
//!
//! ```text
//!   CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy')      sad 40, ok 80, happy c0
//!   ALTER TYPE mood ADD VALUE 'fine' BEFORE 'happy'      fine a0
//!   ALTER TYPE mood ADD VALUE 'glad'                     glad e0
//!   ALTER TYPE mood RENAME VALUE 'ok' TO 'so so'         so so 80
//! ```
//!
//! The entry's text is the schema, the name, and for each value its label and its place in hexadecimal digits, each with its
//! length before it. Places are not empty and do not end in `00`.

use super::{Catalog, EntryKind, damaged};
use crate::error::{Error, Result, SqlState, state};
use crate::value::types::MARK;
use crate::value::{Type, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// An enum type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnumDef {
    /// Its number.
    pub id: u32,
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// Its values, in order.
    pub labels: Vec<Label>,
}

/// A value of an enum type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// What it is called.
    pub text: String,
    /// Where it stands.
    pub place: Box<[u8]>,
    /// It was added by the transaction that sees it, after the type was made: it must not be used yet.
    pub fresh: bool,
}

impl Label {
    /// Of a value that others may use.
    pub fn new(text: &str, place: Vec<u8>) -> Self {
        Label { text: text.to_string(), place: place.into(), fresh: false }
    }
}

/// 55P04
const UNSAFE_NEW_ENUM_VALUE: SqlState = SqlState("55P04");

/// All enum types, by number.
pub type Enums = BTreeMap<u32, Arc<EnumDef>>;

impl EnumDef {
    /// With these values, in order.
    pub fn new(schema: &str, name: &str, labels: &[&str]) -> Self {
        let mut places = Vec::with_capacity(labels.len());
        spread(&[], None, labels.len(), &mut places);
        let labels = labels.iter().zip(places).map(|(text, place)| Label::new(text, place)).collect();
        EnumDef { id: 0, schema: schema.to_string(), name: name.to_string(), labels }
    }

    /// The type of its values.
    pub fn ty(&self) -> Type {
        Type::Enum(self.id)
    }

    /// The value of that label.
    pub fn label(&self, text: &str) -> Option<&Label> {
        self.labels.iter().find(|label| label.text == text)
    }

    /// What stands at a place.
    pub fn at(&self, place: &[u8]) -> Option<&Label> {
        let found = self.labels.binary_search_by(|label| (*label.place).cmp(place)).ok()?;
        self.labels.get(found)
    }

    /// A value as SQL has it.
    pub fn value(&self, label: &Label) -> Value {
        Value::Enum(self.id, label.place.clone())
    }

    /// The value of a label, or an array of labels' values: what a text or texts say; 22P02 where there is no such value, 55P04
    /// where it must not be used yet.
    pub fn read(&self, text: &Value) -> Result<Value> {
        match text {
            Value::Text(text) => {
                let label = self.label(text).ok_or_else(|| {
                    let message = format!("invalid input value for enum {}: \"{text}\"", self.ty());
                    Error::new(state::INVALID_TEXT_REPRESENTATION, message)
                })?;
                self.usable(label).map(|label| self.value(label))
            }
            Value::Array(texts) => Ok(texts.map(self.ty(), &mut |text| self.read(text))?.into()),
            Value::Null => Ok(Value::Null),
            other => Err(Error::internal(format!("{other} was read as a value of an enum type"))),
        }
    }

    /// 55P04 for a value that must not be used yet.
    pub fn usable<'l>(&self, label: &'l Label) -> Result<&'l Label> {
        if !label.fresh {
            return Ok(label);
        }
        let message = format!("unsafe use of new value \"{}\" of enum type {}", label.text, self.ty());
        Err(Error::new(UNSAFE_NEW_ENUM_VALUE, message)
            .with_hint("New enum values must be committed before they can be used."))
    }

    /// The label of a value as a text, or the labels of an array's values.
    pub fn show(&self, value: &Value) -> Result<Value> {
        match value {
            Value::Enum(_, place) => match self.at(place) {
                Some(label) => Ok(Value::Text(label.text.clone())),
                None => Err(damaged(&format!("there is a value that the enum type {} has not", self.name))),
            },
            Value::Array(values) => Ok(values.map(Type::Text, &mut |value| self.show(value))?.into()),
            other => Ok(other.clone()),
        }
    }

    /// With one value more, before the one at that position.
    pub fn with_label(&self, text: &str, position: usize) -> Self {
        let place = |i: Option<usize>| i.and_then(|i| self.labels.get(i)).map(|label| &*label.place);
        let low = place(position.checked_sub(1)).unwrap_or_default();
        let mut new = self.clone();
        new.labels
            .insert(position.min(self.labels.len()), Label::new(text, between(low, place(Some(position)))));
        new
    }

    /// As the entry says it, and, behind `!`, which values are fresh.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let mut put = |part: &str| text.push_str(&format!("{} {part}\n", part.len()));
        put(&self.schema);
        put(&self.name);
        for label in &self.labels {
            put(&label.text);
            let place: String = label.place.iter().map(|byte| format!("{byte:02x}")).collect();
            put(&format!("{}{place}", if label.fresh { "!" } else { "" }));
        }
        text
    }

    /// What [`text`](EnumDef::text) wrote; None: it was something else.
    pub fn of_text(id: u32, text: &str) -> Option<Self> {
        let (mut parts, mut rest) = (Vec::new(), text);
        while !rest.is_empty() {
            let (length, behind) = rest.split_once(' ')?;
            let part = behind.get(..length.parse().ok()?)?;
            rest = behind.get(part.len()..)?.strip_prefix('\n')?;
            parts.push(part);
        }
        let [schema, name, labels @ ..] = parts.as_slice() else { return None };
        let (pairs, []) = labels.as_chunks::<2>() else { return None };
        let label = |[text, place]: &[&str; 2]| {
            let fresh = place.starts_with('!');
            Some(Label { fresh, ..Label::new(text, bytes_of(place.trim_start_matches('!'))?) })
        };
        let labels = pairs.iter().map(label);
        let labels: Vec<Label> = labels.collect::<Option<_>>()?;
        let ordered = labels.iter().zip(labels.iter().skip(1)).all(|(a, b)| a.place < b.place);
        let def = EnumDef { id, schema: schema.to_string(), name: name.to_string(), labels };
        ordered.then_some(def)
    }
}

fn bytes_of(digits: &str) -> Option<Vec<u8>> {
    let pair = |i: usize| u8::from_str_radix(digits.get(2 * i..2 * i + 2)?, 16).ok();
    let bytes: Vec<u8> = (0..digits.len().div_ceil(2)).map(pair).collect::<Option<_>>()?;
    // Only so is there a place between any two.
    bytes.last().is_some_and(|last| *last != 0).then_some(bytes)
}

/// A place greater than `low` (none: empty) and less than `high` (None: there is no upper end), as short as it can be.
pub fn between(low: &[u8], high: Option<&[u8]>) -> Vec<u8> {
    let mut place = Vec::new();
    let mut high = high;
    loop {
        let i = place.len();
        let from = low.get(i).copied().map_or(0, u16::from);
        let to = high.map_or(256, |high| high.get(i).copied().map_or(0, u16::from));
        if to > from + 1 {
            place.push(((from + to) / 2) as u8);
            return place;
        }
        // No room at this byte: behind `low` there is, for what follows has no upper end where it is less than `high` here.
        place.push(from as u8);
        if to != from {
            high = None;
        }
    }
}

/// So many places between two, evenly.
fn spread(low: &[u8], high: Option<&[u8]>, count: usize, out: &mut Vec<Vec<u8>>) {
    if count == 0 {
        return;
    }
    let middle = between(low, high);
    spread(low, Some(&middle), count / 2, out);
    let right = count - 1 - count / 2;
    out.push(middle.clone());
    spread(&middle, high, right, out);
}

impl Catalog {
    /// The enum types, by number.
    pub fn enums(&self) -> &Arc<Enums> {
        &self.enums
    }

    /// The enum type of that schema with that name.
    pub fn enumeration(&self, schema: &str, name: &str) -> Option<&Arc<EnumDef>> {
        self.enums.values().find(|def| def.name == name && def.schema == schema)
    }

    /// Says of values, by their types' numbers and their places, that they are new.
    pub(crate) fn mark_fresh(&mut self, added: &[(u32, Box<[u8]>)]) {
        for (id, place) in added {
            let Some(def) = Arc::make_mut(&mut self.enums).get_mut(id) else { continue };
            let label = Arc::make_mut(def).labels.iter_mut().find(|label| label.place == *place);
            label.into_iter().for_each(|label| label.fresh = true);
        }
    }

    /// A text with the names of enum types, as `name` writes them, and the labels of their values, for the marks that stand
    /// for them; None where there is none.
    pub fn spelled(&self, text: &str, name: &dyn Fn(&EnumDef) -> String) -> Option<String> {
        text.contains(MARK).then(|| {
            let mut out = String::with_capacity(text.len());
            for (i, part) in text.split(MARK).enumerate() {
                match self.meant(part, name).filter(|_| i % 2 == 1) {
                    Some(name) => out.push_str(&name),
                    None => out.push_str(part),
                }
            }
            out
        })
    }

    fn meant(&self, mark: &str, name: &dyn Fn(&EnumDef) -> String) -> Option<String> {
        if let Some(id) = mark.strip_prefix("enum ") {
            return self.enums.get(&id.parse().ok()?).map(|def| name(def));
        }
        let (id, place) = mark.split_once(':')?;
        let def = self.enums.get(&id.parse().ok()?)?;
        def.at(&bytes_of(place)?).map(|label| label.text.clone())
    }
}

/// What the entries say.
pub(super) fn of_entries(entries: &super::Entries) -> Result<Enums> {
    let kind = EntryKind::Enum.as_str();
    let of = entries.range((kind.to_string(), String::new())..).take_while(|((of, _), _)| of == kind);
    let mut enums = Enums::new();
    for ((_, name), text) in of {
        let def = name.parse().ok().and_then(|id| EnumDef::of_text(id, text));
        let def = def.ok_or_else(|| damaged(&format!("the enum type {name} makes no sense")))?;
        enums.insert(def.id, Arc::new(def));
    }
    Ok(enums)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_always_a_place_between() {
        for (low, high, expected) in [
            (&[][..], None, &[0x80][..]),
            (&[0x80], None, &[0xc0]),
            (&[0xfe], None, &[0xff]),
            (&[0xff], None, &[0xff, 0x80]),
            (&[0x40], Some(&[0x41][..]), &[0x40, 0x80]),
            (&[], Some(&[0x01]), &[0x00, 0x80]),
            (&[0x40, 0xff], Some(&[0x41]), &[0x40, 0xff, 0x80]),
            (&[0x40], Some(&[0x40, 0x01]), &[0x40, 0x00, 0x80]),
            (&[0x40, 0x10], Some(&[0x40, 0x12]), &[0x40, 0x11]),
        ] {
            assert_eq!(between(low, high), expected, "{low:02x?} {high:02x?}");
        }
    }

    /// Wherever values are added, again and again, they stay in order and their places short.
    #[test]
    fn values_stay_in_order() {
        for at in [0, 1, usize::MAX] {
            let mut def = EnumDef::new("public", "t", &["a", "b"]);
            for i in 0..1000 {
                def = def.with_label(&i.to_string(), at.min(def.labels.len()));
            }
            let places: Vec<_> = def.labels.iter().map(|label| &label.place).collect();
            assert!(places.is_sorted_by(|a, b| a < b));
            assert!(places.iter().all(|place| place.len() <= 140 && place.last() != Some(&0)));
            assert_eq!(EnumDef::of_text(0, &def.text()), Some(def));
        }
        let many: Vec<String> = (0..1000).map(|i| i.to_string()).collect();
        let def = EnumDef::new("public", "t", &many.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(def.labels.is_sorted_by(|a, b| a.place < b.place));
        assert!(def.labels.iter().all(|label| label.place.len() <= 2));
    }
}
