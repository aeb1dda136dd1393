//! Functions of text search that return rows.

use super::super::series::{Listed, SetFunction, SetRows, UNNEST_LEXEMES, set};
use super::super::{REGCONFIG, Signature, TEXT, TSVECTOR};
use super::vectors::text;
use super::{STRINGS, array};
use crate::sql::expr::EvalContext;
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::text_search::config_of;
use remanent_storage::value::{Array, Element, Type, Value};
use remanent_text::config::{Config, Lexed, describe};
use remanent_text::parser::{KINDS, Kind, Parser};
use remanent_text::vector::lexemes;

const PLACES: Type = Type::Array(Element::of(Type::Int2));
static PARSED: &[Signature] = &[(&[TEXT, TEXT], Type::Text)];
static NUMBERED: &[Signature] = &[(&[TEXT, TEXT], Type::Int4)];
static TYPED: &[Signature] = &[(&[TEXT], Type::Text)];
static DEBUG: &[Signature] = &[(&[REGCONFIG, TEXT], Type::Text), (&[TEXT], Type::Text)];
static DEBUG_ARRAYS: &[Signature] = &[(&[REGCONFIG, TEXT], STRINGS), (&[TEXT], STRINGS)];

/// The functions of one column.
pub static FUNCTIONS: &[SetFunction] = &[
    set("@ts_lexeme", &[(&[TSVECTOR], Type::Text)], |a, ty, _| {
        unnest(a, ty, &|lexeme, _| Ok(Value::Text(text(lexeme))))
    }),
    set("@ts_positions", &[(&[TSVECTOR], PLACES)], |a, ty, _| unnest(a, ty, &positions)),
    set("@ts_weights", &[(&[TSVECTOR], STRINGS)], |a, ty, _| unnest(a, ty, &weights)),
    set("@ts_tokid", NUMBERED, |a, ty, _| parse(a, ty, &|kind, _| Value::Int4(kind as i32))),
    set("@ts_token", PARSED, |a, ty, _| parse(a, ty, &|_, token| Value::from(token))),
    set("@ts_type_tokid", &[(&[TEXT], Type::Int4)], |a, ty, _| {
        types(a, ty, &|kind| Value::Int4(kind as i32))
    }),
    set("@ts_type_alias", TYPED, |a, ty, _| types(a, ty, &|kind| Value::from(describe(kind).0))),
    set("@ts_type_description", TYPED, |a, ty, _| types(a, ty, &|kind| Value::from(describe(kind).1))),
    set("@ts_debug_alias", DEBUG, |a, ty, ctx| {
        debug(a, ty, ctx, &|_, kind, _| Ok(Value::from(describe(kind).0)))
    }),
    set("@ts_debug_description", DEBUG, |a, ty, ctx| {
        debug(a, ty, ctx, &|_, kind, _| Ok(Value::from(describe(kind).1)))
    }),
    set("@ts_debug_token", DEBUG, |a, ty, ctx| debug(a, ty, ctx, &|_, _, token| Ok(Value::from(token)))),
    set("@ts_debug_dictionaries", DEBUG_ARRAYS, |a, ty, ctx| {
        debug(a, ty, ctx, &|config, kind, _| {
            let folds = config.folds(kind).then(|| "unaccent".to_owned());
            array(folds.into_iter().chain(config.dictionary_name(kind)).collect())
        })
    }),
    set("@ts_debug_dictionary", DEBUG, |a, ty, ctx| {
        debug(a, ty, ctx, &|config, kind, _| {
            Ok(config.dictionary_name(kind).map_or(Value::Null, Value::Text))
        })
    }),
    set("@ts_debug_lexemes", DEBUG_ARRAYS, |a, ty, ctx| {
        debug(a, ty, ctx, &|config, kind, token| match config.lex(kind, token) {
            Lexed::Ignored => Ok(Value::Null),
            Lexed::Stop => array(Vec::new()),
            Lexed::Lexeme(lexeme) => array(vec![lexeme]),
        })
    }),
];

/// The functions whose columns have names: of each its name and the function that makes it.
pub static COLUMNS: &[(&str, &[(&str, &str)])] = &[
    (UNNEST_LEXEMES, &[("lexeme", "@ts_lexeme"), ("positions", "@ts_positions"), ("weights", "@ts_weights")]),
    ("ts_parse", &[("tokid", "@ts_tokid"), ("token", "@ts_token")]),
    (
        "ts_token_type",
        &[("tokid", "@ts_type_tokid"), ("alias", "@ts_type_alias"), ("description", "@ts_type_description")],
    ),
    (
        "ts_debug",
        &[
            ("alias", "@ts_debug_alias"),
            ("description", "@ts_debug_description"),
            ("token", "@ts_debug_token"),
            ("dictionaries", "@ts_debug_dictionaries"),
            ("dictionary", "@ts_debug_dictionary"),
            ("lexemes", "@ts_debug_lexemes"),
        ],
    ),
];

type Rows = Result<Box<dyn SetRows>>;
type Positions<'a> = remanent_text::vector::Positions<'a>;

/// A row for each lexeme.
fn unnest(args: &[Value], ty: Type, f: &dyn Fn(&[u8], Positions<'_>) -> Result<Value>) -> Rows {
    let [Value::Other(_, bytes)] = args else { return Err(Error::internal("unnest of something else")) };
    let rows: Result<Vec<Value>> = lexemes(bytes).map(|(lexeme, positions)| f(lexeme, positions)).collect();
    Ok(Listed::boxed(ty, rows?))
}

fn positions(_: &[u8], positions: Positions<'_>) -> Result<Value> {
    let places: Vec<Value> = positions.into_iter().map(|p| Value::Int2(p.place() as i16)).collect();
    if places.is_empty() { Ok(Value::Null) } else { Ok(Array::list(Type::Int2, places)?.into()) }
}

fn weights(_: &[u8], positions: Positions<'_>) -> Result<Value> {
    let weights: Vec<String> = positions.into_iter().map(|p| p.weight().letter().to_string()).collect();
    if weights.is_empty() { Ok(Value::Null) } else { array(weights) }
}

/// There is one parser.
fn check_parser(name: &Value) -> Result<()> {
    match name {
        Value::Text(name) if name == "default" || name == "pg_catalog.default" => Ok(()),
        name => {
            let message = format!("text search parser \"{name}\" does not exist");
            Err(Error::new(state::UNDEFINED_OBJECT, message))
        }
    }
}

/// A row for each token.
fn parse(args: &[Value], ty: Type, f: &dyn Fn(Kind, &str) -> Value) -> Rows {
    let [name, Value::Text(text)] = args else { return Err(Error::internal("ts_parse of something else")) };
    check_parser(name)?;
    Ok(Listed::boxed(ty, Parser::new(text).map(|token| f(token.kind, token.text)).collect()))
}

/// A row for each kind of token.
fn types(args: &[Value], ty: Type, f: &dyn Fn(Kind) -> Value) -> Rows {
    args.iter().try_for_each(check_parser)?;
    Ok(Listed::boxed(ty, KINDS.iter().map(|&(kind, ..)| f(kind)).collect()))
}

/// A row for each token, with what the configuration makes of it.
fn debug(
    args: &[Value],
    ty: Type,
    ctx: &EvalContext<'_>,
    f: &dyn Fn(Config, Kind, &str) -> Result<Value>,
) -> Rows {
    let (config, text) = match args {
        [Value::Other(_, name), Value::Text(text)] => (config_of(name), text),
        [Value::Text(text)] => (Some(super::session_config(ctx)?), text),
        _ => (None, &String::new()),
    };
    let config = config.ok_or_else(|| Error::internal("a regconfig is none"))?;
    let rows: Result<Vec<Value>> = Parser::new(text).map(|token| f(config, token.kind, token.text)).collect();
    Ok(Listed::boxed(ty, rows?))
}
