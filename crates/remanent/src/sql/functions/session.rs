//! What a session can be asked: its settings, its schemas.
//!
//! `set_config` takes effect with the session's next statement. There are no users: whoever is asked for is `remanent`.

use super::system::instance;
use super::{Args, BOOL, FLOAT8, Function, INT4, TEXT, f};
use crate::sql::bind::has_schema;
use remanent_storage::error::{Error, Result, state};
use remanent_storage::table::is_temporary;
use remanent_storage::value::{Array, Column, Element, Type, Value};

/// What every question for a user is answered with.
const USER: &str = "remanent";

/// A setting as `pg_settings` shows it: 0 its value, 1 where that comes from, 2 what RESET makes of it.
pub(crate) const SETTING: &str = "@setting";

pub(super) static FUNCTIONS: &[Function] = &[
    f("version", &[(&[], Type::Text)], |a| {
        text(a, concat!("PostgreSQL 15.0 (Remanent ", env!("CARGO_PKG_VERSION"), ")"))
    })
    .stable(),
    f("current_user", &[(&[], Type::Text)], |a| text(a, USER)).stable(),
    f("current_role", &[(&[], Type::Text)], |a| text(a, USER)).stable(),
    f("session_user", &[(&[], Type::Text)], |a| text(a, USER)).stable(),
    f("user", &[(&[], Type::Text)], |a| text(a, USER)).stable(),
    f("current_schema", &[(&[], Type::Text)], |a| {
        let first = schemas(a).into_iter().next();
        Column::constant(Type::Text, &first.map_or(Value::Null, Value::Text), a.rows)
    })
    .stable(),
    f("current_schemas", &[(&[BOOL], Type::Array(Element::of(Type::Text)))], current_schemas).stable(),
    f("current_setting", &[(&[TEXT], Type::Text), (&[TEXT, BOOL], Type::Text)], current_setting).volatile(),
    f(SETTING, &[(&[TEXT, INT4], Type::Text)], |a| {
        let limits = instance(a)?.store.limits();
        let settings = a.ctx.settings.ok_or_else(no_session)?;
        let before = settings.before();
        a.map(&mut |row| {
            let name = a.text(0, row)?;
            match a.columns[1].value(row) {
                Value::Int4(1) => Ok(settings.source(name)?.map_or(Value::Null, Value::from)),
                Value::Int4(2) => before.bare(name, &limits).map(Value::Text),
                _ => settings.bare(name, &limits).map(Value::Text),
            }
        })
    })
    .volatile(),
    f("set_config", &[(&[TEXT, TEXT, BOOL], Type::Text)], set_config).volatile().sees_null(),
    f("setseed", &[(&[FLOAT8], Type::Text)], setseed).volatile(),
];

fn text(args: &Args<'_>, text: &str) -> Result<Column> {
    Column::constant(args.ty, &Value::from(text), args.rows)
}

/// The schemas of the path that there are.
fn schemas(args: &Args<'_>) -> Vec<String> {
    let there = |name: &&String| args.ctx.catalog.is_none_or(|catalog| has_schema(catalog, name));
    let exists = |name: &&String| !is_temporary(name) && there(name);
    args.ctx.path.iter().filter(exists).cloned().collect()
}

fn current_schemas(args: &Args<'_>) -> Result<Column> {
    args.map(&mut |row| {
        let implicit = args.columns[0].value(row) == Value::Bool(true);
        let own = implicit.then(|| "pg_catalog".to_string());
        let all = own.into_iter().chain(schemas(args)).map(Value::Text).collect();
        Ok(Array::list(Type::Text, all)?.into())
    })
}

fn current_setting(args: &Args<'_>) -> Result<Column> {
    let limits = instance(args)?.store.limits();
    let settings = args.ctx.settings.ok_or_else(no_session)?;
    args.map(&mut |row| match settings.show(args.text(0, row)?, &limits) {
        Ok((_, value)) => Ok(Value::Text(value)),
        Err(_) if args.columns.get(1).is_some_and(|c| c.value(row) == Value::Bool(true)) => Ok(Value::Null),
        Err(error) => Err(error),
    })
}

fn set_config(args: &Args<'_>) -> Result<Column> {
    let (Some(settings), Some(given)) = (args.ctx.settings, args.ctx.given) else { return Err(no_session()) };
    let limits = instance(args)?.store.limits();
    args.map_all(&mut |row| {
        let [name, value, local] = [0, 1, 2].map(|i| args.columns[i].value(row));
        let Value::Text(name) = name else {
            return Err(Error::new(state::NULL_VALUE_NOT_ALLOWED, "SET requires parameter name"));
        };
        let value = if let Value::Text(value) = value { Some(value) } else { None };
        let mut changed = settings.clone();
        changed.set(&name, value.as_deref())?;
        let shown = changed.show(&name, &limits)?.1;
        given.want(name, value, local == Value::Bool(true));
        Ok(Value::Text(shown))
    })
}

/// `random()` of this session begins anew.
fn setseed(args: &Args<'_>) -> Result<Column> {
    let given = args.ctx.given.ok_or_else(no_session)?;
    let seeds = super::support::f64s(&args.columns[0])?;
    args.map(&mut |row| {
        let seed = seeds[row];
        if !(-1.0..=1.0).contains(&seed) {
            let seed = Value::Float8(seed);
            let message = format!("setseed parameter {seed} is out of allowed range [-1,1]");
            return Err(Error::new(state::INVALID_PARAMETER_VALUE, message));
        }
        given.seed(seed);
        Ok(Value::from(""))
    })
}

fn no_session() -> Error {
    let message = "this can be asked only by a statement of a session";
    Error::new(state::FEATURE_NOT_SUPPORTED, message)
}
