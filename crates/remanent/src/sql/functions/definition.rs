//! Definitions by the numbers of pg_catalog (PostgreSQL's manual, 9.26.6).
//!
//! ```text
//! SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute
//! SELECT pg_get_indexdef(indexrelid) FROM pg_index
//! ```
//!
//! Limits: definitions are shown as they were written, not as PostgreSQL would print their trees.

use super::{Args, BOOL, Function, INT4, OID, Signature, TEXT, f};
use crate::sql::bind::{class_oid, defined, format_type};
use remanent_storage::catalog::Catalog;
use remanent_storage::error::Result;
use remanent_storage::value::{Column, Type, Value};

static OF_OBJECT: &[Signature] = &[(&[OID], Type::Text), (&[OID, BOOL], Type::Text)];
static OF_VIEW: &[Signature] = &[
    (&[OID], Type::Text),
    (&[TEXT], Type::Text),
    (&[OID, BOOL], Type::Text),
    (&[TEXT, BOOL], Type::Text),
    (&[OID, INT4], Type::Text),
];
static OF_INDEX: &[Signature] = &[(&[OID], Type::Text), (&[OID, INT4, BOOL], Type::Text)];

pub(super) static FUNCTIONS: &[Function] = &[
    f("format_type", &[(&[OID, INT4], Type::Text)], |args| {
        each(args, &|args, catalog, oid, row| {
            let modifier = match args.columns[1].value(row) {
                Value::Int4(modifier) => Some(modifier),
                _ => None,
            };
            Some(format_type(catalog, args.ctx.path, oid, modifier))
        })
    })
    .stable()
    .sees_null(),
    f("pg_get_constraintdef", OF_OBJECT, of_object).stable(),
    f("pg_get_viewdef", OF_VIEW, of_view).stable(),
    f("pg_get_indexdef", OF_INDEX, of_object).stable(),
    f("pg_get_expr", &[(&[TEXT, OID], Type::Text), (&[TEXT, OID, BOOL], Type::Text)], |args| {
        args.map(&mut |row| args.columns[0].value(row).loaded())
    })
    .stable(),
];

/// Of a view by its number or its name.
fn of_view(args: &Args<'_>) -> Result<Column> {
    args.map_all(&mut |row| {
        let Some(catalog) = args.ctx.catalog else { return Ok(Value::Null) };
        let oid = match args.columns[0].value(row) {
            Value::Text(name) => class_oid(&name, catalog, args.ctx.path)?,
            Value::Int8(oid) => oid,
            _ => return Ok(Value::Null),
        };
        Ok(defined(catalog, args.ctx.path, oid, 0).map_or(Value::Null, Value::Text))
    })
}

fn of_object(args: &Args<'_>) -> Result<Column> {
    each(args, &|args, catalog, oid, row| {
        // Of a column of an index it would be that column's alone.
        let column = args.columns.get(1).filter(|column| column.ty() == Type::Int4).map(|c| c.value(row));
        match column {
            Some(Value::Int4(column)) if column != 0 => {
                defined(catalog, args.ctx.path, oid, usize::try_from(column).ok()?)
            }
            _ => defined(catalog, args.ctx.path, oid, 0),
        }
    })
}

/// What is said of the object whose number is the first argument; NULL for NULL, and for none.
fn each(args: &Args<'_>, of: &dyn Fn(&Args<'_>, &Catalog, i64, usize) -> Option<String>) -> Result<Column> {
    args.map_all(&mut |row| {
        let (Value::Int8(oid), Some(catalog)) = (args.columns[0].value(row), args.ctx.catalog) else {
            return Ok(Value::Null);
        };
        Ok(of(args, catalog, oid, row).map_or(Value::Null, Value::Text))
    })
}
