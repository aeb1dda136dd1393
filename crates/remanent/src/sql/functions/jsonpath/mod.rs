//! SQL/JSON paths (PostgreSQL's manual, 9.16.2): `@?` `@@`, jsonb_path_query and its kin.
//!
//! ```text
//! jsonb_path_query('{"a": [1, 2, 3]}', '$.a[*] ? (@ >= $least)', '{"least": 2}')    2 and 3
//! ```
//!
//! | file | holds |
//! |---|---|
//! | `mod` | the entries |
//! | `lex` | the words of a path |
//! | `parse` | [`parse::Path`]: the tree of a path |
//! | `eval` | what a path makes of a value |
//! | `method` | `.size()` `.double()` and their kin |
//! | `items` | what a path says to an inverted index |
//! | `compare` | comparisons of items |
//! | `print` | the text of a path |
//!
//! A value of the type is the text of a path ([`remanent_storage::value::jsonpath`]), read again where it changes from row to
//! row. Limits: the ids of `.keyvalue()` tell objects apart, but are other numbers than
//! PostgreSQL's; like_regex has the limits of [`super::regexp`]; paths of more than 500 steps or
//! 100 levels are refused (54001).

mod compare;
mod eval;
pub mod items;
mod lex;
mod method;
mod parse;
mod print;

use super::series::{Listed, SetFunction, SetRows, set};
use super::support::utf8;
use super::{Args, BOOL, Function, JSONB, JSONPATH, Signature, f};
use crate::sql::expr::EvalContext;
use eval::{Asked, Found, evaluate};
use parse::Path;
use remanent_storage::error::{Error, Result, SqlState};
use remanent_storage::value::json::{Json, JsonbRef, Kind};
use remanent_storage::value::{Column, Jsonb, Type, Value};

static FINDS: &[Signature] = &[
    (&[JSONB, JSONPATH], Type::Jsonb),
    (&[JSONB, JSONPATH, JSONB], Type::Jsonb),
    (&[JSONB, JSONPATH, JSONB, BOOL], Type::Jsonb),
];
static TESTS: &[Signature] = &[
    (&[JSONB, JSONPATH], Type::Bool),
    (&[JSONB, JSONPATH, JSONB], Type::Bool),
    (&[JSONB, JSONPATH, JSONB, BOOL], Type::Bool),
];
static OPERATOR: &[Signature] = &[(&[JSONB, JSONPATH], Type::Bool)];

pub(super) static FUNCTIONS: &[Function] = &[
    f("@?", OPERATOR, |a| each(a, Ask { silent: true, unset: true, ..EXISTS }, exists)),
    f("@@", OPERATOR, |a| each(a, Ask { silent: true, unset: true, ..ALL }, matches)),
    f("jsonb_path_exists", TESTS, |a| each(a, EXISTS, exists)),
    f("jsonb_path_exists_tz", TESTS, |a| each(a, Ask { zones: true, ..EXISTS }, exists)).stable(),
    f("jsonb_path_match", TESTS, |a| each(a, ALL, matches)),
    f("jsonb_path_match_tz", TESTS, |a| each(a, Ask { zones: true, ..ALL }, matches)).stable(),
    f("jsonb_path_query_array", FINDS, |a| each(a, ALL, array)),
    f("jsonb_path_query_array_tz", FINDS, |a| each(a, Ask { zones: true, ..ALL }, array)).stable(),
    f("jsonb_path_query_first", FINDS, |a| each(a, ALL, first)),
    f("jsonb_path_query_first_tz", FINDS, |a| each(a, Ask { zones: true, ..ALL }, first)).stable(),
];

/// What stands in FROM.
pub static SETS: &[SetFunction] = &[
    set("jsonb_path_query", FINDS, |a, ty, ctx| query(a, ty, ctx, ALL)),
    set("jsonb_path_query_tz", FINDS, |a, ty, ctx| query(a, ty, ctx, Ask { zones: true, ..ALL })),
];

/// How the path of a text is printed.
pub fn canonical(text: &str) -> Result<String> {
    Path::parse(text).map(|path| path.to_string())
}

/// How a function asks.
#[derive(Clone, Copy)]
struct Ask {
    /// The first item is enough.
    first: bool,
    /// Errors of the path are none.
    silent: bool,
    /// Variables are null.
    unset: bool,
    /// Times without a zone may be compared with those that have one.
    zones: bool,
}

const ALL: Ask = Ask { first: false, silent: false, unset: false, zones: false };
const EXISTS: Ask = Ask { first: true, ..ALL };

/// What becomes of what was found, and whether errors are none.
type Answer = fn(Found<'_>, bool) -> Result<Value>;

fn each(args: &Args<'_>, ask: Ask, answer: Answer) -> Result<Column> {
    let mut known: Option<(String, Path)> = None;
    args.map(&mut |row| {
        let text = args.text(1, row)?;
        if known.as_ref().is_none_or(|(held, _)| held != text) {
            known = Some((text.to_string(), Path::parse(text)?));
        }
        let Some((_, path)) = &known else { return Err(Error::internal("no path was read")) };
        let silent = ask.silent || args.columns.get(3).is_some_and(|c| c.value(row) == Value::Bool(true));
        let vars = args.columns.get(2).map(|column| JsonbRef::new(column.bytes(row)));
        let asked = asked(vars, Ask { silent, ..ask }, args.ctx)?;
        answer(evaluate(path, JsonbRef::new(args.columns[0].bytes(row)), &asked)?, silent)
    })
}

fn asked<'a>(vars: Option<JsonbRef<'a>>, ask: Ask, ctx: &'a EvalContext<'_>) -> Result<Asked<'a>> {
    if vars.is_some_and(|vars| vars.kind() != Kind::Object) {
        let detail = "Jsonpath parameters should be encoded as key-value pairs of \"vars\" object.";
        return Err(Error::new(SqlState("22023"), "\"vars\" argument is not an object").with_detail(detail));
    }
    let zone = ask.zones.then_some((ctx.zone, ctx.now));
    Ok(Asked { vars, unset: ask.unset, first: ask.first, silent: ask.silent, zone, interrupt: ctx.interrupt })
}

fn exists(found: Found<'_>, _: bool) -> Result<Value> {
    Ok(if found.failed { Value::Null } else { Value::Bool(found.any) })
}

fn matches(found: Found<'_>, silent: bool) -> Result<Value> {
    if let [only] = found.items.as_slice() {
        match only.kind() {
            Some(Kind::Bool(value)) => return Ok(Value::Bool(value)),
            Some(Kind::Null) => return Ok(Value::Null),
            _ => {}
        }
    }
    match silent {
        true => Ok(Value::Null),
        false => Err(Error::new(SqlState("22038"), "single boolean result is expected")),
    }
}

fn array(found: Found<'_>, _: bool) -> Result<Value> {
    let items = found.items.into_iter().map(|item| Json::Whole(item.into_json())).collect();
    Ok(Value::Jsonb(Json::Array(items).encode()))
}

fn first(found: Found<'_>, _: bool) -> Result<Value> {
    Ok(found.items.into_iter().next().map_or(Value::Null, |item| Value::Jsonb(item.into_json())))
}

fn query(args: &[Value], ty: Type, ctx: &EvalContext<'_>, ask: Ask) -> Result<Box<dyn SetRows>> {
    let [Value::Jsonb(json), Value::Other(_, path), more @ ..] = args else {
        return Err(Error::internal("a path of something else"));
    };
    let vars = more.first().and_then(|vars| if let Value::Jsonb(vars) = vars { Some(vars) } else { None });
    let silent = matches!(more.get(1), Some(Value::Bool(true)));
    let asked = asked(vars.map(Jsonb::view), Ask { silent, ..ask }, ctx)?;
    let path = Path::parse(utf8(path)?)?;
    let found = evaluate(&path, json.view(), &asked)?;
    Ok(Listed::boxed(ty, found.items.into_iter().map(|item| Value::Jsonb(item.into_json())).collect()))
}
