//! Rows as values: what makes one, and what asks whether all of it is NULL.
//!
//! ```text
//! SELECT t FROM t        Call "@row" (Literal 'a\0b', Column 0, Column 1)
//! ```
//!
//! The binder calls those that have no name to write.

use super::json::{self, Form};
use super::{ANY, Args, BOOL, Function, INT4, RECORD, TEXT, f};
use remanent_storage::error::Result;
use remanent_storage::value::{Column, Type, Value, record};

/// A row of its fields' names, a NUL between them, and the fields.
pub(crate) const MADE: &str = "@row";
/// The field of a row at a place, of the type that the call has.
pub(crate) const FIELD: &str = "@field";
/// IS NULL, or, if the second argument says so, IS NOT NULL: of the row and all its fields.
pub(crate) const IS_NULL: &str = "@row_is_null";

pub(super) static FUNCTIONS: &[Function] = &[
    f("row_to_json", &[(&[RECORD], Type::Json), (&[RECORD, BOOL], Type::Json)], |a| {
        json::convert(a, Form::Text)
    })
    .stable(),
    f(MADE, &[(&[TEXT], record::RECORD)], made).sees_null(),
    f(MADE, &[(&[TEXT, ANY], record::RECORD)], made).variadic().sees_null(),
    f(FIELD, &[(&[RECORD, INT4], Type::Text)], |args| {
        args.map_all(&mut |row| {
            let (Value::Other(_, bytes), Value::Int4(place)) =
                (args.columns[0].value(row), args.columns[1].value(row))
            else {
                return Ok(Value::Null);
            };
            let field = record::fields(&bytes)?.into_iter().nth(usize::try_from(place).unwrap_or(usize::MAX));
            Ok(field.map_or(Value::Null, |(.., value)| value))
        })
    }),
    f(IS_NULL, &[(&[RECORD, BOOL], Type::Bool)], |args| {
        args.map_all(&mut |row| {
            let negated = args.columns[1].value(row) == Value::Bool(true);
            Ok(Value::Bool(match args.columns[0].value(row) {
                Value::Other(_, bytes) => {
                    let fields = record::fields(&bytes)?;
                    fields.iter().all(|(.., value)| value.is_null() != negated)
                }
                _ => !negated,
            }))
        })
    })
    .sees_null(),
];

fn made(args: &Args<'_>) -> Result<Column> {
    let Some((names, fields)) = args.columns.split_first() else {
        return Ok(Column::null(args.ty, args.rows));
    };
    let names = if args.rows > 0 { names.value(0) } else { Value::Null };
    let names = if let Value::Text(names) = names { names } else { String::new() };
    args.map_all(&mut |row| {
        let mut out = Vec::new();
        for (name, field) in names.split('\0').zip(fields) {
            record::put(&mut out, name, field.ty(), &field.value(row));
        }
        Ok(record::value(out))
    })
}
