//! Who may do what (PostgreSQL's manual, 9.26.2): the one user may do everything with what there is.
//!
//! ```text
//! SELECT has_table_privilege('imu', 'select'), has_schema_privilege('remanent', 'public', 'usage')
//! ```
//!
//! A user, an object or a privilege of a name that there is not is an error; an object of a number that there is not, NULL.
//! Limits: functions, languages, servers and tablespaces are not looked for.

use super::{Args, Function, INT2, OID, Signature, TEXT, f};
use crate::sql::bind::{class_name, class_oid, schema_named, schema_of_oid, schema_of_type, type_named};
use remanent_storage::catalog::Catalog;
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::{Column, Type, Value};

static OBJECT: &[Signature] = &[
    (&[TEXT, TEXT], Type::Bool),
    (&[OID, TEXT], Type::Bool),
    (&[TEXT, TEXT, TEXT], Type::Bool),
    (&[TEXT, OID, TEXT], Type::Bool),
    (&[OID, TEXT, TEXT], Type::Bool),
    (&[OID, OID, TEXT], Type::Bool),
];
static COLUMN: &[Signature] = &[
    (&[TEXT, TEXT, TEXT], Type::Bool),
    (&[TEXT, INT2, TEXT], Type::Bool),
    (&[OID, TEXT, TEXT], Type::Bool),
    (&[OID, INT2, TEXT], Type::Bool),
    (&[TEXT, TEXT, TEXT, TEXT], Type::Bool),
    (&[TEXT, OID, TEXT, TEXT], Type::Bool),
    (&[TEXT, OID, INT2, TEXT], Type::Bool),
];

const TABLE: &str = "select insert update delete truncate references trigger rule";

pub(super) static FUNCTIONS: &[Function] = &[
    f("has_table_privilege", OBJECT, |a| may(a, 1, TABLE, relation)).stable(),
    f("has_any_column_privilege", OBJECT, |a| may(a, 1, TABLE, relation)).stable(),
    f("has_sequence_privilege", OBJECT, |a| may(a, 1, "usage select update", relation)).stable(),
    f("has_column_privilege", COLUMN, |a| may(a, 2, TABLE, relation)).stable(),
    f("has_schema_privilege", OBJECT, |a| may(a, 1, "create usage", schema)).stable(),
    f("has_type_privilege", OBJECT, |a| may(a, 1, "usage", type_of)).stable(),
    f("has_database_privilege", OBJECT, |a| may(a, 1, "create connect temporary temp", database)).stable(),
    f("has_function_privilege", OBJECT, |a| may(a, 1, "execute", anything)).stable(),
    f("has_language_privilege", OBJECT, |a| may(a, 1, "usage", anything)).stable(),
    f("has_foreign_data_wrapper_privilege", OBJECT, |a| may(a, 1, "usage", anything)).stable(),
    f("has_server_privilege", OBJECT, |a| may(a, 1, "usage", anything)).stable(),
    f("has_tablespace_privilege", OBJECT, |a| may(a, 1, "create", anything)).stable(),
    f("pg_has_role", OBJECT, |a| may(a, 1, "usage member", role)).stable(),
];

/// True if there is the object; an error for a name that none has.
type Find = fn(&Args<'_>, &Value) -> Result<bool>;

/// The last argument names privileges; `parts` before it say of what, and who one more, if there is.
fn may(args: &Args<'_>, parts: usize, privileges: &str, find: Find) -> Result<Column> {
    args.map(&mut |row| {
        let last = args.columns.len().saturating_sub(1);
        let object = last.saturating_sub(parts);
        if object > 0 {
            role(args, &args.columns[0].value(row))?;
        }
        for word in args.text(last, row)?.split(',') {
            let word = word.trim().to_ascii_lowercase();
            let bare = word.strip_suffix(" with grant option").or(word.strip_suffix(" with admin option"));
            let bare = bare.unwrap_or(&word);
            if !privileges.split(' ').any(|known| known == bare) {
                let message = format!("unrecognized privilege type: \"{}\"", word.to_ascii_lowercase());
                return Err(Error::new(state::INVALID_PARAMETER_VALUE, message));
            }
        }
        Ok(if find(args, &args.columns[object].value(row))? { Value::Bool(true) } else { Value::Null })
    })
}

fn role(_: &Args<'_>, who: &Value) -> Result<bool> {
    match who {
        Value::Text(name) if !["remanent", "public", "pg_monitor"].contains(&name.as_str()) => {
            Err(Error::new(state::UNDEFINED_OBJECT, format!("role \"{name}\" does not exist")))
        }
        _ => Ok(true),
    }
}

/// Whether there is the object of that number; an error where there is none of that name.
fn found(
    args: &Args<'_>,
    object: &Value,
    named: fn(&str, &Catalog, &[String]) -> Result<i64>,
    numbered: fn(&Catalog, &[String], i64) -> bool,
) -> Result<bool> {
    let Some(catalog) = args.ctx.catalog else { return Ok(true) };
    match object {
        Value::Text(name) => named(name, catalog, args.ctx.path).map(|_| true),
        Value::Int8(oid) => Ok(numbered(catalog, args.ctx.path, *oid)),
        _ => Ok(false),
    }
}

fn relation(args: &Args<'_>, object: &Value) -> Result<bool> {
    found(args, object, class_oid, |catalog, path, oid| class_name(catalog, path, oid).is_some())
}

fn schema(args: &Args<'_>, object: &Value) -> Result<bool> {
    found(args, object, schema_named, |catalog, _, oid| schema_of_oid(catalog, oid).is_some())
}

fn type_of(args: &Args<'_>, object: &Value) -> Result<bool> {
    found(args, object, type_named, |catalog, _, oid| schema_of_type(catalog, oid).is_some())
}

fn database(args: &Args<'_>, object: &Value) -> Result<bool> {
    match (object, args.ctx.instance) {
        (Value::Text(name), Some(instance)) if **name != *instance.name => {
            let message = format!("database \"{name}\" does not exist");
            Err(Error::new(state::INVALID_CATALOG_NAME, message))
        }
        _ => Ok(true),
    }
}

fn anything(_: &Args<'_>, _: &Value) -> Result<bool> {
    Ok(true)
}
