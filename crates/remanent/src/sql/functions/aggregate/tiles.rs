//! ST_AsMVT: rows as a layer of a tile.
//!
//! The binder ([`tile`](crate::sql::bind)) makes of `ST_AsMVT(row, name, extent, geometry, id)` a call of columns: name, extent,
//! the names of the columns that are keys, the geometry, the id, and those columns; what has no form in a tile is text by then.
//! A jsonb is its pairs: of those that are no objects nothing is said, and of arrays, objects and nulls within only their keys.

use super::{Accumulator, AggregateFunction, aggregate, column_of, settled};
use crate::sql::functions::json::doc::{Doc, with_value};
use crate::sql::functions::{ANY, INT4, Signature, TEXT};
use remanent_shapes::binary;
use remanent_shapes::tile::{Layer, Tag};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::json::Kind;
use remanent_storage::value::places::raised;
use remanent_storage::value::{Column, Type, Value};

/// What calls are written as; the row's columns stand in the place of the first argument.
static WRITTEN: &[Signature] = &[
    (&[ANY], Type::Bytea),
    (&[ANY, TEXT], Type::Bytea),
    (&[ANY, TEXT, INT4], Type::Bytea),
    (&[ANY, TEXT, INT4, TEXT], Type::Bytea),
    (&[ANY, TEXT, INT4, TEXT, TEXT], Type::Bytea),
];

pub(super) static AGGREGATES: &[AggregateFunction] =
    &[aggregate("st_asmvt", WRITTEN, |_, _| Box::new(Tiles { groups: Vec::new() }))];

/// A layer, and its name and extent.
#[derive(Default)]
struct Group {
    layer: Layer,
    name: String,
    extent: u32,
}

struct Tiles {
    groups: Vec<Group>,
}

/// Where it was not made of a row, as over a window.
fn no_row() -> Error {
    let message = "pgis_asmvt_transfn: parameter row cannot be other than a rowtype";
    Error::new(state::INVALID_PARAMETER_VALUE, message)
}

/// A jsonb's pairs as tags.
fn pairs(layer: &mut Layer, document: Doc<'_>, tags: &mut Vec<u32>) -> Result<()> {
    if document.kind() != Kind::Object {
        return Ok(());
    }
    for (name, value) in document.pairs() {
        let key = layer.key(name);
        let text = value.text();
        let Value::Text(text) = &text else { continue };
        let tag = match value.kind() {
            Kind::String => Tag::Text(text),
            Kind::Bool(truth) => Tag::Bool(truth),
            Kind::Number => {
                let number: f64 = text.parse().unwrap_or(f64::NAN);
                // Beyond 2⁵³ a double is whole, and says no more than it knows.
                match number.fract() == 0.0 && number.abs() < 9e15 {
                    true => Tag::Int(number as i64),
                    false => Tag::Double(number),
                }
            }
            _ => continue,
        };
        tags.extend([key, layer.value(tag)]);
    }
    Ok(())
}

impl Accumulator for Tiles {
    fn resize(&mut self, groups: usize) {
        self.groups.resize_with(groups.max(self.groups.len()), Group::default);
    }

    fn update(&mut self, groups: Option<&[u32]>, args: &[Column], rows: usize) -> Result<()> {
        let columns: Vec<Column> = args.iter().map(settled).collect();
        let [name, extent, names, geometry, id, columns @ ..] = columns.as_slice() else {
            return Err(no_row());
        };
        if rows == 0 {
            return Ok(());
        }
        let Value::Array(names) = names.value(0) else {
            return Err(no_row());
        };
        let names: Vec<String> = names.values().iter().map(Value::to_string).collect();
        for row in (0..rows).filter(|&row| geometry.is_valid(row)) {
            let Group { layer, name: held, extent: size } =
                &mut self.groups[groups.map_or(0, |g| g[row] as usize)];
            if *size == 0 {
                *size = match extent.value(row) {
                    Value::Int4(0) => 0,
                    Value::Int4(extent) => u32::try_from(extent).unwrap_or(0),
                    _ => 4096,
                };
                if *size == 0 {
                    let message = "mvt_agg_init_context: extent cannot be 0";
                    return Err(Error::new(state::INVALID_PARAMETER_VALUE, message));
                }
                *held = match name.value(row) {
                    Value::Null => "default".to_owned(),
                    name => name.to_string(),
                };
            }
            // Keys come first, in the order of columns: those of documents behind them.
            let mut keys = Vec::with_capacity(columns.len());
            for (name, column) in names.iter().zip(columns) {
                keys.push(if column.ty() == Type::Jsonb { 0 } else { layer.key(name) });
            }
            let mut tags = Vec::with_capacity(2 * columns.len());
            for (key, column) in keys.into_iter().zip(columns) {
                let value = column.value(row).loaded()?;
                let tag = match &value {
                    Value::Null => continue,
                    Value::Jsonb(_) => {
                        with_value(&value, &mut |document| pairs(layer, document, &mut tags))?;
                        continue;
                    }
                    Value::Bool(truth) => Tag::Bool(*truth),
                    Value::Int2(number) => Tag::Int((*number).into()),
                    Value::Int4(number) => Tag::Int((*number).into()),
                    Value::Int8(number) => Tag::Int(*number),
                    Value::Float4(number) => Tag::Float(*number),
                    Value::Float8(number) => Tag::Double(*number),
                    Value::Text(text) | Value::Char(text) => Tag::Text(text),
                    _ => return Err(Error::internal("a value that has no form in a tile")),
                };
                tags.extend([key, layer.value(tag)]);
            }
            let id = match id.value(row) {
                Value::Int2(id) => u64::try_from(id).ok(),
                Value::Int4(id) => u64::try_from(id).ok(),
                Value::Int8(id) => u64::try_from(id).ok(),
                _ => None,
            };
            let shape = binary::parse(geometry.bytes(row)).map_err(raised)?.shape;
            layer.add(&shape, id, tags).map_err(raised)?;
        }
        Ok(())
    }

    fn merge(&mut self, into: usize, from: usize) -> Result<()> {
        let [low, high] = [into.min(from), into.max(from)];
        if low == high {
            return Ok(());
        }
        let (left, right) = self.groups.split_at_mut(high);
        let (into, from) = match (into == low, left.get_mut(low), right.first_mut()) {
            (true, Some(into), Some(from)) => (into, from),
            (false, Some(from), Some(into)) => (into, from),
            _ => return Err(Error::internal("a tile of no group")),
        };
        if into.extent == 0 {
            (into.extent, into.name) = (from.extent, from.name.clone());
        }
        into.layer.join(&from.layer);
        Ok(())
    }

    fn finish(&mut self) -> Result<Column> {
        let groups = std::mem::take(&mut self.groups);
        column_of(Type::Bytea, groups.len(), &mut |group| {
            let Group { layer, name, extent } = &groups[group];
            Ok(Some(Value::Bytea(layer.finish(name, *extent))))
        })
    }

    fn memory(&self) -> usize {
        let layers = self.groups.iter().map(|group| group.layer.memory()).sum::<usize>();
        2 * layers + self.groups.capacity() * size_of::<Group>()
    }
}
