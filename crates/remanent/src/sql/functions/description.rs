//! Comments by the numbers of their objects (PostgreSQL's manual, 9.26.6).
//!
//! ```text
//! SELECT obj_description(oid, 'pg_class') FROM pg_class WHERE relname = 'imu'
//! SELECT attname, col_description(attrelid, attnum) FROM pg_attribute
//! ```

use super::{Args, Function, INT4, OID, Signature, TEXT, f};
use crate::sql::bind::{class_of, descriptions};
use remanent_storage::error::Result;
use remanent_storage::value::{Column, Type, Value};
use rustc_hash::FxHashMap;

static OF_CLASS: &[Signature] = &[(&[OID, TEXT], Type::Text)];

pub(super) static FUNCTIONS: &[Function] = &[
    f("obj_description", &[(&[OID, TEXT], Type::Text), (&[OID], Type::Text)], of_object).stable(),
    f("shobj_description", OF_CLASS, of_object).stable(),
    f("col_description", &[(&[OID, INT4], Type::Text)], |args| {
        look_up(args, &|args, row| match args.columns[1].value(row) {
            Value::Int4(part @ 1..) => Some((class_of("pg_class"), part)),
            _ => None,
        })
    })
    .stable(),
];

fn of_object(args: &Args<'_>) -> Result<Column> {
    look_up(args, &|args, row| match args.columns.get(1).map(|class| class.value(row)) {
        None => Some((None, 0)),
        Some(Value::Text(name)) => class_of(&name).map(|class| (Some(class), 0)),
        Some(_) => None,
    })
}

/// The class of an object (None: any), and the number of a part of it; 0: the whole.
type Wanted = (Option<i64>, i32);

/// What is said of the object in the first argument; `what` says None for nothing.
fn look_up(args: &Args<'_>, what: &dyn Fn(&Args<'_>, usize) -> Option<Wanted>) -> Result<Column> {
    let mut known: FxHashMap<(i64, i32), Vec<(i64, &str)>> = FxHashMap::default();
    for said in args.ctx.catalog.map(|catalog| descriptions(catalog)).unwrap_or_default() {
        known.entry((said.oid, said.part)).or_default().push((said.class, said.text));
    }
    args.map(&mut |row| {
        let (Value::Int8(oid), Some((class, part))) = (args.columns[0].value(row), what(args, row)) else {
            return Ok(Value::Null);
        };
        let of = known.get(&(oid, part)).into_iter().flatten();
        let found = of.clone().find(|(of, _)| class.is_none_or(|class| class == *of));
        Ok(found.map_or(Value::Null, |(_, text)| Value::from(*text)))
    })
}
