//! Enum types: their values as labels and back, and what values there are (PostgreSQL's manual, 9.10).
//!
//! ```text
//! SELECT enum_first(NULL::mood), enum_range('ok'::mood, NULL)
//! ```
//!
//! Labels can be renamed, so what speaks of them is stable, not immutable: no index keeps it.
//!
//! The last argument of each, which the [`Resolver`](crate::sql::expr::Resolver) adds, is the type's definition as the
//! catalog stores it.

use super::array::SAME;
use super::{ANY, Arg, Args, Function, TEXT, f};
use remanent_storage::catalog::enums::EnumDef;
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::{Array, Column, Element, Type, Value};

/// A value's label; of an array, its values'.
pub(crate) const LABEL: &str = "@enum_label";
/// The value of a label; of an array of texts, theirs.
pub(crate) const VALUE: &str = "@enum_value";

const ITSELF: Type = Type::Array(Element::ITSELF);
const ENUM: Arg = Arg::Enum;

pub(super) static FUNCTIONS: &[Function] = &[
    f(LABEL, &[(&[ANY, TEXT], Type::Text)], |args| {
        let def = definition(args)?;
        args.map(&mut |row| def.show(&args.columns[0].value(row)))
    })
    .stable(),
    f(VALUE, &[(&[ANY, TEXT], Type::Text)], |args| {
        let def = definition(args)?;
        args.map(&mut |row| def.read(&args.columns[0].value(row).loaded()?))
    })
    .stable(),
    f("enum_first", &[(&[ENUM], ITSELF)], |args| end(args, true)).sees_null(),
    f("enum_last", &[(&[ENUM], ITSELF)], |args| end(args, false)).sees_null(),
    f("enum_range", &[(&[ENUM], SAME), (&[ENUM, ENUM], SAME)], range).sees_null(),
];

/// The definition in the last argument, of the type that goes in or comes out.
fn definition(args: &Args<'_>) -> Result<EnumDef> {
    let of = |column: &Column| column.ty().enumeration();
    let id = args.ty.enumeration().or_else(|| args.columns.first().and_then(of));
    let text = args.columns.last().filter(|column| !column.is_empty()).map(|column| column.value(0));
    match (id, text) {
        (Some(id), Some(Value::Text(text))) => EnumDef::of_text(id, &text),
        _ => None,
    }
    .ok_or_else(|| Error::internal("a function of an enum type was called without its definition"))
}

fn end(args: &Args<'_>, first: bool) -> Result<Column> {
    let def = definition(args)?;
    let label = if first { def.labels.first() } else { def.labels.last() };
    let label = label.ok_or_else(|| {
        let message = format!("enum {} contains no values", def.ty());
        Error::new(state::OBJECT_NOT_IN_PREREQUISITE_STATE, message)
    })?;
    let value = def.value(def.usable(label)?);
    Column::constant(args.ty, &value, args.rows)
}

/// The values from one to another; NULL stands for the first and the last.
fn range(args: &Args<'_>) -> Result<Column> {
    let def = definition(args)?;
    let limits = args.columns.len() == 3;
    args.map_all(&mut |row| {
        let limit = |i: usize| args.columns.get(i).filter(|_| limits).map_or(Value::Null, |c| c.value(row));
        let (low, high) = (limit(0), limit(1));
        let mut values = Vec::new();
        for label in &def.labels {
            let value = def.value(label);
            let within = (low.is_null() || low.compare(&value).is_le())
                && (high.is_null() || value.compare(&high).is_le());
            if within {
                values.push(def.value(def.usable(label)?));
            }
        }
        Ok(Array::list(def.ty(), values)?.into())
    })
}
