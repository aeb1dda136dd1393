//! JSON: an array of objects, or objects one after the other (NDJSON, JSON lines). An object is a row, a key a column.
//!
//! Values are cut out of the text one by one and given to the engine's parser, so one is in memory at a time. In a file of
//! JSON lines (`.ndjson`, `.jsonl`) a line that is no object is a bad line and the next one is read; in `.json` what is no
//! JSON ends it, for nobody can tell where the next value begins.

use super::kinds::Kind;
use super::load::{Chunk, Load};
use super::target::{Found, Target};
use super::{Source, open, stem};
use crate::failure::{Failure, Result};
use remanent::error::state;
use remanent::json::{Item, Node, parse};
use remanent::{Error, Rejected, Type};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};

/// The longest value.
const VALUE_MAX: usize = 64 << 20;
/// The most columns that a table may have, as in PostgreSQL.
const KEYS_MAX: usize = 1600;

/// The keys and what they hold.
pub fn survey(source: &Source) -> Result<Vec<Found>> {
    let (mut keys, mut wrong) = (Keys::default(), None);
    let mut values = Values::open(source)?;
    while let Some((line, text)) = values.next()? {
        // What is no object has no say in the types.
        match object(text) {
            Ok((text, pairs)) => keys.add(pairs, text, source)?,
            Err((error, _)) if wrong.is_none() => {
                let place = format!("{}, line {line}", source.path.display());
                let text = String::from_utf8_lossy(text).into_owned();
                wrong = Some(Failure::Row { error, place, text });
            }
            Err(_) => {}
        }
        source.count(1);
    }
    // Nothing to make a table of, and why.
    if let (true, None, Some(wrong)) = (keys.keys.is_empty(), &source.options.table, wrong) {
        return Err(wrong);
    }
    let columns = keys.columns().collect();
    Ok(vec![Found { name: stem(&source.path), columns, nameless: false, note: None }])
}

/// The keys of objects, in the order of their appearance, and what they hold.
#[derive(Default)]
pub struct Keys {
    places: BTreeMap<String, usize>,
    keys: Vec<(String, Kind)>,
}

impl Keys {
    fn kind(&mut self, key: String) -> Option<&mut Kind> {
        let keys = &mut self.keys;
        let place = *self.places.entry(key).or_insert_with_key(|key| {
            keys.push((key.clone(), Kind::Empty));
            keys.len() - 1
        });
        keys.get_mut(place).map(|(_, kind)| kind)
    }

    /// Those of one object more.
    pub fn add(&mut self, pairs: Vec<(String, Node)>, text: &str, source: &Source) -> Result<()> {
        for (key, node) in pairs {
            if let Some(kind) = self.kind(key) {
                *kind = kind.with_json(Kind::of_json(&node, text));
            }
        }
        match self.keys.len() <= KEYS_MAX {
            true => Ok(()),
            false => {
                let what = format!("\"{}\" has more than {KEYS_MAX} different keys", source.path.display());
                Err(Failure::Other(what, Some("A table has no room for so many columns.".into())))
            }
        }
    }

    /// A key that is of that type of JSON Schema, whatever the values look like.
    #[cfg(feature = "mcap")]
    pub fn expect(&mut self, key: &str, ty: &str) {
        let kind = match ty {
            "number" => Kind::Float,
            "integer" => Kind::Int,
            "boolean" => Kind::Bool,
            "array" | "object" => Kind::Json,
            // What texts say is found out: times are strings.
            _ => Kind::Empty,
        };
        if let Some(slot) = self.kind(key.to_owned()) {
            *slot = slot.with_json(kind);
        }
    }

    /// As columns.
    pub fn columns(&self) -> impl Iterator<Item = (String, String)> {
        self.keys.iter().map(|(name, kind)| (name.clone(), kind.sql_type().to_owned()))
    }
}

/// The rows.
pub fn load(source: &Source, found: &[Found], targets: &[Target], load: &mut Load<'_>) -> Result<()> {
    let (Some(found), Some(target)) = (found.first(), targets.first()) else { return Ok(()) };
    let mut chunk = Chunk::new(target.copy(""));
    let mut values = Values::open(source)?;
    while let Some((line, text)) = values.next()? {
        match object(text).and_then(|(text, pairs)| row(found, target, &pairs, text, &mut chunk)) {
            Ok(()) => {
                chunk.end_row(line, load)?;
                source.count(1);
            }
            Err((error, column)) => {
                let text = String::from_utf8_lossy(text).into_owned();
                chunk.drop_row();
                // What was before it is told before it.
                chunk.flush(load)?;
                load.reject(line, Rejected { line, column, text, error })?;
            }
        }
    }
    chunk.flush(load)
}

/// What is wrong with a value, and of which key.
pub type Wrong = (Error, Option<String>);

/// An object's text and its members.
type Object<'a> = (&'a str, Vec<(String, Node)>);

/// The members of an object.
pub fn object(bytes: &[u8]) -> std::result::Result<Object<'_>, Wrong> {
    let text = std::str::from_utf8(bytes).map_err(|e| {
        let message = format!("invalid byte sequence for encoding \"UTF8\" at byte {}", e.valid_up_to());
        (Error::new(state::CHARACTER_NOT_IN_REPERTOIRE, message), None)
    })?;
    match parse(text, true).map_err(|error| (error, None))?.item {
        Item::Object(pairs) => Ok((text, pairs)),
        _ => Err((Error::new(state::INVALID_TEXT_REPRESENTATION, "a row of JSON must be an object"), None)),
    }
}

/// An object as a row, in the order of the target's columns.
fn row(
    found: &Found,
    target: &Target,
    pairs: &[(String, Node)],
    text: &str,
    chunk: &mut Chunk,
) -> std::result::Result<(), Wrong> {
    fields(found, target, 0, pairs, text, chunk);
    let unknown = pairs.iter().map(|(key, _)| key).find(|key| {
        let place = found.columns.iter().position(|(name, _)| name == *key);
        !place.is_some_and(|i| matches!(target.columns.get(i), Some(Some(_))))
    });
    match unknown {
        None => Ok(()),
        Some(key) => {
            let message = format!("column \"{key}\" of relation \"{}\" does not exist", target.called);
            Err((Error::new(state::UNDEFINED_COLUMN, message), Some(key.clone())))
        }
    }
}

/// The fields of a row, from a column on: the last of equal keys counts.
pub fn fields(
    found: &Found,
    target: &Target,
    first: usize,
    pairs: &[(String, Node)],
    text: &str,
    chunk: &mut Chunk,
) {
    for ((name, _), column) in found.columns.iter().zip(&target.columns).skip(first) {
        let Some((_, ty)) = column else { continue };
        match pairs.iter().rev().find(|(key, _)| key == name) {
            None => chunk.field(None),
            Some((_, node)) => chunk.field(field(node, text, *ty).as_deref()),
        }
    }
}

/// A value of JSON as the text of a type.
fn field<'a>(node: &'a Node, text: &'a str, ty: Type) -> Option<std::borrow::Cow<'a, str>> {
    let written = text.get(node.span.clone()).unwrap_or_default();
    match (&node.item, ty) {
        (Item::Null, _) => None,
        (_, Type::Json | Type::Jsonb) => Some(written.into()),
        (Item::String(text), _) => Some(text.as_str().into()),
        (Item::Array(_), Type::Array(_)) => {
            let mut out = String::new();
            array(node, text, &mut out);
            Some(out.into())
        }
        _ => Some(written.into()),
    }
}

/// An array of JSON as SQL writes it.
fn array(node: &Node, text: &str, out: &mut String) {
    match &node.item {
        Item::Null => out.push_str("NULL"),
        Item::Array(elements) => {
            out.push('{');
            for (i, element) in elements.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                array(element, text, out);
            }
            out.push('}');
        }
        item => {
            let written = match item {
                Item::String(text) => text,
                _ => text.get(node.span.clone()).unwrap_or_default(),
            };
            out.push('"');
            for c in written.chars() {
                if matches!(c, '"' | '\\') {
                    out.push('\\');
                }
                out.push(c);
            }
            out.push('"');
        }
    }
}

/// Values one by one, each with the line it begins in.
struct Values<'a> {
    source: &'a Source,
    input: BufReader<Box<dyn Read>>,
    lines: bool,
    value: Vec<u8>,
    line: u64,
    /// The array that holds all values: not seen yet, open, closed.
    array: Option<bool>,
}

impl<'a> Values<'a> {
    fn open(source: &'a Source) -> Result<Self> {
        let input = BufReader::with_capacity(256 << 10, open(&source.path)?);
        let lines = source.extension != "json";
        Ok(Values { source, input, lines, value: Vec::new(), line: 1, array: None })
    }

    /// The next value, with the line it begins in; None at the end.
    fn next(&mut self) -> Result<Option<(u64, &[u8])>> {
        self.value.clear();
        let line = if self.lines { self.next_line()? } else { self.next_value()? };
        Ok(line.map(|line| (line, self.value.as_slice())))
    }

    fn failure(&self, line: u64, what: &str) -> Failure {
        Failure::other(format!("\"{}\" {what}: line {line}", self.source.path.display()))
    }

    fn read_failure(&self, e: &std::io::Error) -> Failure {
        Failure::file("read", &self.source.path, e)
    }

    fn next_line(&mut self) -> Result<Option<u64>> {
        loop {
            self.value.clear();
            let mut limited = Read::take(&mut self.input, VALUE_MAX as u64 + 1);
            let read = limited.read_until(b'\n', &mut self.value).map_err(|e| self.read_failure(&e))?;
            let line = self.line;
            self.line += 1;
            match read {
                0 => return Ok(None),
                read if read > VALUE_MAX => return Err(self.too_long(line)),
                _ => {}
            }
            if !self.value.trim_ascii().is_empty() {
                self.value.truncate(self.value.trim_ascii_end().len());
                return Ok(Some(line));
            }
        }
    }

    fn too_long(&self, line: u64) -> Failure {
        let what = format!("has a value that is longer than {} MB", VALUE_MAX >> 20);
        self.failure(line, &what)
    }

    /// A value of an array, or of several one after the other.
    fn next_value(&mut self) -> Result<Option<u64>> {
        let mut comma = false;
        loop {
            let Some(byte) = self.peek()? else {
                return match self.array {
                    Some(true) => Err(self.failure(self.line, "ends within its array")),
                    _ => Ok(None),
                };
            };
            match (byte, self.array) {
                (b' ' | b'\t' | b'\r' | b'\n', _) => self.skip(byte),
                (b'[', None) => {
                    self.array = Some(true);
                    self.skip(byte);
                }
                (b']', Some(true)) => {
                    self.array = Some(false);
                    self.skip(byte);
                }
                (b',', Some(true)) if !comma => {
                    comma = true;
                    self.skip(byte);
                }
                (_, Some(false)) => return Err(self.failure(self.line, "goes on behind its array")),
                _ => break,
            }
        }
        let line = self.line;
        self.cut()?;
        match self.value.is_empty() {
            true => Err(self.failure(line, "is not JSON")),
            false => Ok(Some(line)),
        }
    }

    fn peek(&mut self) -> Result<Option<u8>> {
        let failed = |e| Failure::file("read", &self.source.path, &e);
        self.input.fill_buf().map(|bytes| bytes.first().copied()).map_err(failed)
    }

    fn skip(&mut self, byte: u8) {
        self.line += u64::from(byte == b'\n');
        self.input.consume(1);
    }

    /// Takes a value: up to where its brackets close, or what separates it from the next.
    fn cut(&mut self) -> Result<()> {
        let (mut depth, mut quoted, mut escaped) = (0usize, false, false);
        loop {
            let bytes = match self.input.fill_buf() {
                Ok([]) => return Ok(()),
                Ok(bytes) => bytes,
                Err(e) => return Err(Failure::file("read", &self.source.path, &e)),
            };
            let mut used = 0;
            let mut done = false;
            for &byte in bytes {
                match byte {
                    _ if escaped => escaped = false,
                    b'\\' if quoted => escaped = true,
                    b'"' => quoted = !quoted,
                    _ if quoted => {}
                    b'{' | b'[' => depth += 1,
                    b'}' | b']' if depth > 0 => depth -= 1,
                    b'}' | b']' | b',' | b' ' | b'\t' | b'\r' | b'\n' if depth == 0 => {
                        done = true;
                        break;
                    }
                    _ => {}
                }
                used += 1;
                self.line += u64::from(byte == b'\n');
                if depth == 0 && !quoted && matches!(byte, b'}' | b']' | b'"') {
                    done = true;
                    break;
                }
            }
            self.value.extend_from_slice(bytes.get(..used).unwrap_or_default());
            self.input.consume(used);
            if self.value.len() > VALUE_MAX {
                return Err(self.too_long(self.line));
            }
            if done {
                return Ok(());
            }
        }
    }
}
