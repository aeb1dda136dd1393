//! array_agg and the aggregates of JSON: what keeps all values of a group.

use super::{Accumulator, AggregateFunction, aggregate, settled};
use crate::sql::functions::array::nested;
use crate::sql::functions::json::{self, Form};
use crate::sql::functions::{ANY, ARRAY, ELEMENT};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::{Array, Column, Element, Type, Value};

pub(super) static AGGREGATES: &[AggregateFunction] = &[
    aggregate(
        "array_agg",
        &[(&[ELEMENT], Type::Array(Element::ANY)), (&[ARRAY], Type::Array(Element::ANY))],
        |args, ty| {
            make(if matches!(args.first(), Some(Type::Array(_))) { Kind::Nested } else { Kind::Array }, ty)
        },
    ),
    aggregate("json_agg", &[(&[ANY], Type::Json)], |_, ty| make(Kind::Json(Form::Text), ty)),
    aggregate("jsonb_agg", &[(&[ANY], Type::Jsonb)], |_, ty| make(Kind::Json(Form::Binary), ty)),
    aggregate("json_object_agg", &[(&[ANY, ANY], Type::Json)], |_, ty| make(Kind::Object(Form::Text), ty)),
    aggregate("jsonb_object_agg", &[(&[ANY, ANY], Type::Jsonb)], |_, ty| {
        make(Kind::Object(Form::Binary), ty)
    }),
];

/// What becomes of the values.
#[derive(Clone, Copy)]
enum Kind {
    /// The elements of an array.
    Array,
    /// The rows of one with a dimension more.
    Nested,
    /// The elements of a JSON array.
    Json(Form),
    /// Keys and values of an object, in turns.
    Object(Form),
}

fn make(kind: Kind, ty: Type) -> Box<dyn Accumulator> {
    Box::new(Listing { kind, ty, groups: Vec::new(), bytes: 0 })
}

/// All values, NULLs too.
struct Listing {
    kind: Kind,
    ty: Type,
    groups: Vec<Vec<Value>>,
    bytes: usize,
}

impl Accumulator for Listing {
    fn resize(&mut self, groups: usize) {
        self.groups.resize(groups.max(self.groups.len()), Vec::new());
    }

    fn update(&mut self, groups: Option<&[u32]>, args: &[Column], rows: usize) -> Result<()> {
        let columns: Vec<Column> = args.iter().map(settled).collect();
        for row in 0..rows {
            let group = &mut self.groups[groups.map_or(0, |g| g[row] as usize)];
            for (i, column) in columns.iter().enumerate() {
                let value = column.value(row).loaded()?;
                if matches!(self.kind, Kind::Object(_)) && i == 0 && value.is_null() {
                    return Err(Error::new(state::INVALID_PARAMETER_VALUE, "field name must not be null"));
                }
                self.bytes += remanent_storage::txn::writes::value_weight(&value) + size_of::<Value>();
                group.push(value);
            }
        }
        Ok(())
    }

    fn merge(&mut self, into: usize, from: usize) -> Result<()> {
        let more = self.groups[from].clone();
        self.groups[into].extend(more);
        Ok(())
    }

    fn finish(&mut self) -> Result<Column> {
        let groups = std::mem::take(&mut self.groups);
        let one = |values: Vec<Value>| -> Result<Value> {
            if values.is_empty() {
                return Ok(Value::Null);
            }
            let element = if let Type::Array(element) = self.ty { element.ty() } else { Type::Text };
            Ok(match self.kind {
                Kind::Array => Array::list(element, values)?.into(),
                Kind::Nested => nested(element, values)?.into(),
                Kind::Json(form) => json::array_of(&values, form, true)?,
                Kind::Object(form) => json::object_of(&values, form)?,
            })
        };
        let values = groups.into_iter().map(one).collect::<Result<Vec<_>>>()?;
        Column::from_values(self.ty, values)
    }

    fn memory(&self) -> usize {
        2 * self.bytes + self.groups.capacity() * size_of::<Vec<Value>>()
    }
}
