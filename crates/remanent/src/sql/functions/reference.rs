//! Objects of the catalog by name: regclass, regtype, regnamespace, regproc, regrole (PostgreSQL's manual, 8.19 and 9.26.3).
//!
//! ```text
//! SELECT 'imu'::regclass::oid, to_regclass('nothing'), pg_typeof(1)
//! ```
//!
//! Names are looked up, and found for numbers, when a statement runs.

use super::catalog::{OWNER, OWNER_OID};
use super::{
    ANY, Args, Function, INT8, REGCLASS, REGNAMESPACE, REGPROC, REGROLE, REGTYPE, Signature, TEXT, f,
};
use crate::sql::ast::quote_ident;
use crate::sql::bind::{
    class_name, class_oid, format_type, procedure_named, procedures, schema_named, schema_of_oid, type_named,
};
use remanent_storage::catalog::Catalog;
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::{Column, Type, Value};
use std::sync::Arc;

/// The number of the object of a name; the second argument says where the name is written, or -1.
pub(crate) const NUMBER_OF: &str = "@number_of";
/// The name of the object of a number.
pub(crate) const NAME_OF: &str = "@name_of";

static OF_OBJECT: &[Signature] = &[
    (&[REGCLASS], Type::Text),
    (&[REGTYPE], Type::Text),
    (&[REGNAMESPACE], Type::Text),
    (&[REGPROC], Type::Text),
    (&[REGROLE], Type::Text),
];

pub(super) static FUNCTIONS: &[Function] = &[
    f(NUMBER_OF, &[(&[TEXT, INT8], Type::Regclass)], |args| {
        args.map(&mut |row| {
            let at = match args.columns[1].value(row) {
                Value::Int8(at) => usize::try_from(at).ok(),
                _ => None,
            };
            let found = number(args, args.ty, args.text(0, row)?);
            found.map(Value::Int8).map_err(|error| match at {
                Some(at) => error.at(at),
                None => error,
            })
        })
    })
    .stable(),
    f(NAME_OF, OF_OBJECT, |args| {
        let ty = args.columns[0].ty();
        args.map(&mut |row| match args.columns[0].value(row) {
            Value::Int8(oid) => Ok(Value::Text(name(catalog(args)?, args.ctx.path, ty, oid))),
            _ => Ok(Value::Null),
        })
    })
    .stable(),
    f("to_regclass", &[(&[TEXT], Type::Regclass)], |args| if_there(args, state::UNDEFINED_TABLE)).stable(),
    f("to_regtype", &[(&[TEXT], Type::Regtype)], |args| if_there(args, state::UNDEFINED_OBJECT)).stable(),
    f("to_regrole", &[(&[TEXT], Type::Regrole)], |args| if_there(args, state::UNDEFINED_OBJECT)).stable(),
    f("to_regproc", &[(&[TEXT], Type::Regproc)], |args| if_there(args, state::UNDEFINED_FUNCTION)).stable(),
    f("to_regnamespace", &[(&[TEXT], Type::Regnamespace)], |args| if_there(args, state::INVALID_SCHEMA_NAME))
        .stable(),
    f("pg_typeof", &[(&[ANY], Type::Regtype)], |args| {
        // The resolver says which type it is.
        let oid = args.columns.get(1).filter(|c| !c.is_empty()).map_or(Value::Null, |c| c.value(0));
        Column::constant(args.ty, &oid, args.rows)
    })
    .sees_null(),
];

fn catalog<'a>(args: &Args<'a>) -> Result<&'a Arc<Catalog>> {
    args.ctx.catalog.ok_or_else(|| {
        let message = "names of objects can be asked only by a statement of a session";
        Error::new(state::FEATURE_NOT_SUPPORTED, message)
    })
}

fn number(args: &Args<'_>, ty: Type, text: &str) -> Result<i64> {
    if text == "-" {
        return Ok(0);
    }
    if let Ok(Value::Int8(oid)) = Value::parse(text, Type::Oid) {
        return Ok(oid);
    }
    match ty {
        Type::Regtype => type_named(text, catalog(args)?, args.ctx.path),
        Type::Regnamespace => schema_named(text, catalog(args)?, args.ctx.path),
        Type::Regproc => procedure_named(text),
        Type::Regrole => match text.trim().trim_matches('"') {
            OWNER => Ok(OWNER_OID),
            _ => Err(Error::new(state::UNDEFINED_OBJECT, format!("role \"{text}\" does not exist"))),
        },
        _ => class_oid(text, catalog(args)?, args.ctx.path),
    }
}

/// The object of a name, NULL where there is none; what is no name is an error all the same.
fn if_there(args: &Args<'_>, missing: remanent_storage::error::SqlState) -> Result<Column> {
    args.map(&mut |row| {
        let text = args.text(0, row)?;
        // Unlike a literal, a number is no object here.
        if text.trim().parse::<u64>().is_ok() {
            return Ok(Value::Null);
        }
        match number(args, args.ty, text) {
            Ok(oid) => Ok(Value::Int8(oid)),
            Err(error) if [missing, state::INVALID_SCHEMA_NAME].contains(&error.state()) => Ok(Value::Null),
            Err(error) => Err(error),
        }
    })
}

/// What a number of an object prints as.
pub(crate) fn name(catalog: &Catalog, path: &[String], ty: Type, oid: i64) -> String {
    let found = match ty {
        _ if oid == 0 => return "-".to_string(),
        Type::Regtype => Some(format_type(catalog, path, oid, None)).filter(|name| name != "???"),
        Type::Regnamespace => schema_of_oid(catalog, oid).map(|name| quote_ident(&name)),
        Type::Regproc => procedures().find(|(_, number)| *number == oid).map(|(name, _)| name),
        Type::Regrole => (oid == OWNER_OID).then(|| OWNER.to_string()),
        _ => class_name(catalog, path, oid),
    };
    found.unwrap_or_else(|| oid.to_string())
}
