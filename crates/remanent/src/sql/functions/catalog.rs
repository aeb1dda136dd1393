//! What programs ask of objects of pg_catalog besides definitions (PostgreSQL's manual, 9.26.2 to 9.26.4): whether the path
//! finds them, who owns them.
//!
//! ```text
//! SELECT relname FROM pg_class WHERE pg_table_is_visible(oid)
//! ```
//!
//! Limits: there is one owner, who may do everything. Of what there is not (functions by oid, triggers, statistics) nothing
//! is defined: NULL.

use super::{Args, BOOL, Function, INT4, NAME, OID, REGCLASS, Signature, TEXT, f};
use crate::sql::bind::{format_type, path_finds, schema_of_type, serial_sequence};
use remanent_storage::catalog::Catalog;
use remanent_storage::error::Result;
use remanent_storage::value::{Column, Type, Value};

static OF_OID: &[Signature] = &[(&[OID], Type::Text)];
static OF_OID_PRETTY: &[Signature] = &[(&[OID], Type::Text), (&[OID, BOOL], Type::Text)];
static VISIBLE: &[Signature] = &[(&[OID], Type::Bool)];
pub(super) static FUNCTIONS: &[Function] = &[
    f("pg_get_userbyid", &[(&[OID], Type::Name)], |args| {
        args.map(&mut |row| {
            Ok(Value::Text(match args.columns[0].value(row) {
                Value::Int8(OWNER_OID) => OWNER.to_string(),
                other => format!("unknown (OID={other})"),
            }))
        })
    })
    .stable(),
    f("pg_table_is_visible", VISIBLE, |args| {
        visible(args, &|catalog, path, oid| path_finds(catalog, path, oid))
    })
    .stable(),
    f("pg_type_is_visible", VISIBLE, |args| {
        visible(args, &|catalog, path, oid| {
            let schema = schema_of_type(catalog, oid)?;
            Some(path.contains(&schema) || !format_type(catalog, path, oid, None).contains('.'))
        })
    })
    .stable(),
    f("pg_collation_is_visible", VISIBLE, |args| visible(args, &|_, _, _| Some(true))).stable(),
    f("pg_function_is_visible", VISIBLE, nothing).stable(),
    f("pg_operator_is_visible", VISIBLE, nothing).stable(),
    f("pg_opclass_is_visible", VISIBLE, nothing).stable(),
    f("pg_opfamily_is_visible", VISIBLE, nothing).stable(),
    f("pg_conversion_is_visible", VISIBLE, nothing).stable(),
    f("pg_statistics_obj_is_visible", VISIBLE, nothing).stable(),
    f("pg_ts_config_is_visible", VISIBLE, nothing).stable(),
    f("pg_ts_dict_is_visible", VISIBLE, nothing).stable(),
    f("pg_ts_parser_is_visible", VISIBLE, nothing).stable(),
    f("pg_ts_template_is_visible", VISIBLE, nothing).stable(),
    f("pg_relation_is_publishable", &[(&[OID], Type::Bool)], |args| visible(args, &|_, _, _| Some(true)))
        .stable(),
    f("pg_get_partkeydef", OF_OID, nothing).stable(),
    f("pg_get_ruledef", OF_OID_PRETTY, nothing).stable(),
    f("pg_get_triggerdef", OF_OID_PRETTY, nothing).stable(),
    f("pg_get_functiondef", OF_OID, nothing).stable(),
    f("pg_get_function_arguments", OF_OID, nothing).stable(),
    f("pg_get_function_identity_arguments", OF_OID, nothing).stable(),
    f("pg_get_function_result", OF_OID, nothing).stable(),
    f("pg_get_function_sqlbody", OF_OID, nothing).stable(),
    f("pg_get_statisticsobjdef", OF_OID, nothing).stable(),
    f("pg_get_statisticsobjdef_columns", OF_OID, nothing).stable(),
    f("pg_tablespace_location", OF_OID, |args| args.map(&mut |_| Ok(Value::from("")))).stable(),
    f("pg_get_serial_sequence", &[(&[TEXT, TEXT], Type::Text)], |args| {
        args.map(&mut |row| match args.ctx.catalog {
            Some(catalog) => {
                let found = serial_sequence(catalog, args.ctx.path, args.text(0, row)?, args.text(1, row)?);
                Ok(found?.map_or(Value::Null, Value::Text))
            }
            None => Ok(Value::Null),
        })
    })
    .stable(),
    f("pg_encoding_to_char", &[(&[INT4], Type::Name)], |args| {
        args.map(&mut |row| {
            Ok(Value::from(if args.columns[0].value(row) == Value::Int4(UTF8) { "UTF8" } else { "" }))
        })
    })
    .stable(),
    f("pg_char_to_encoding", &[(&[NAME], Type::Int4)], |args| {
        args.map(&mut |row| {
            let name = args.text(0, row)?.to_ascii_lowercase().replace('-', "");
            Ok(Value::Int4(if name == "utf8" || name == "unicode" { UTF8 } else { -1 }))
        })
    })
    .stable(),
    f("getdatabaseencoding", &[(&[], Type::Name)], |args| {
        Column::constant(args.ty, &Value::from("UTF8"), args.rows)
    })
    .stable(),
    f("pg_client_encoding", &[(&[], Type::Name)], |args| {
        Column::constant(args.ty, &Value::from("UTF8"), args.rows)
    })
    .stable(),
    f("pg_my_temp_schema", &[(&[], Type::Oid)], |args| Column::constant(args.ty, &Value::Int8(0), args.rows))
        .stable(),
    f("pg_is_other_temp_schema", &[(&[OID], Type::Bool)], |args| args.map(&mut |_| Ok(Value::Bool(false))))
        .stable(),
    f("pg_sequence_last_value", &[(&[REGCLASS], Type::Int8)], super::sequence::last_value).volatile(),
];

/// The one owner and its oid.
pub(super) const OWNER: &str = "remanent";
pub(super) const OWNER_OID: i64 = 10;
/// The number of the one encoding.
const UTF8: i32 = 6;

fn nothing(args: &Args<'_>) -> Result<Column> {
    Ok(Column::null(args.ty, args.rows))
}

/// What is said of an object on a path.
type Said<'a> = &'a dyn Fn(&Catalog, &[String], i64) -> Option<bool>;

fn visible(args: &Args<'_>, of: Said<'_>) -> Result<Column> {
    args.map(&mut |row| match (args.columns[0].value(row), args.ctx.catalog) {
        (Value::Int8(oid), Some(catalog)) => {
            Ok(of(catalog, args.ctx.path, oid).map_or(Value::Null, Value::Bool))
        }
        _ => Ok(Value::Null),
    })
}
