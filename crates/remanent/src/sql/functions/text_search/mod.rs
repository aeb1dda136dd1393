//! Full-text search (PostgreSQL's manual, chapter 12 and 9.13): what `remanent_text` computes, as functions and operators.
//!
//! ```text
//! SELECT title FROM articles WHERE to_tsvector('english', body) @@ websearch_to_tsquery('english', 'cat -dog')
//! ```
//!
//! | file | holds |
//! |---|---|
//! | `mod` | the entries |
//! | `document` | to_tsvector, to_tsquery and their kin; unaccent |
//! | `vectors` | what makes a tsvector of another; arrays of lexemes |
//! | `queries` | `@@`; what makes a tsquery of others |
//! | `rank` | ts_rank, ts_rank_cd |
//! | `bm25` | bm25_score |
//! | `headline` | ts_headline |
//! | `sets` | functions that return rows |
//!
//! A configuration is an argument of type regconfig; without one it is the session's `default_text_search_config`, and the
//! function is stable.

pub(in crate::sql) mod bm25;
mod document;
mod headline;
mod queries;
mod rank;
pub mod sets;
mod vectors;

use super::{
    Arg, Args, Function, INT4, JSON, JSONB, Kernel, REGCONFIG, Signature, TEXT, TEXTS, TSQUERY, TSVECTOR, f,
};
use crate::sql::expr::EvalContext;
use queries::Join;
use remanent_storage::error::{Error, Result};
use remanent_storage::value::kinds::Kind;
use remanent_storage::value::text_search::{config_of, configuration};
use remanent_storage::value::{Array, Column, ColumnBuilder, Element, Type, Value};
use remanent_text::config::Config;
use remanent_text::document::Notation;

const V: Type = Type::Other(Kind::TsVector, 0);
const Q: Type = Type::Other(Kind::TsQuery, 0);
const NUMBERS: Type = Type::Array(Element::of(Type::Int8));
const FLOAT4S: Arg = Arg::Is(Type::Array(Element::of(Type::Float4)));
const STRINGS: Type = Type::Array(Element::of(Type::Text));

static OF_TEXT: &[Signature] = &[(&[TEXT], Q)];
static OF_CONFIG: &[Signature] = &[(&[REGCONFIG, TEXT], Q)];
static DOCUMENT: &[Signature] = &[(&[TEXT], V), (&[JSON], V), (&[JSONB], V)];
static CONFIGURED: &[Signature] =
    &[(&[REGCONFIG, TEXT], V), (&[REGCONFIG, JSON], V), (&[REGCONFIG, JSONB], V)];
static TWO_VECTORS: &[Signature] = &[(&[TSVECTOR, TSVECTOR], V)];
static TWO_QUERIES: &[Signature] = &[(&[TSQUERY, TSQUERY], Q)];
static CONTAINS: &[Signature] = &[(&[TSQUERY, TSQUERY], Type::Bool)];
static MATCH: &[Signature] = &[(&[TSVECTOR, TSQUERY], Type::Bool), (&[TSQUERY, TSVECTOR], Type::Bool)];
static MATCH_TEXT: &[Signature] = &[(&[TEXT, TEXT], Type::Bool), (&[TEXT, TSQUERY], Type::Bool)];
static RANK: &[Signature] = &[
    (&[TSVECTOR, TSQUERY], Type::Float4),
    (&[TSVECTOR, TSQUERY, INT4], Type::Float4),
    (&[FLOAT4S, TSVECTOR, TSQUERY], Type::Float4),
    (&[FLOAT4S, TSVECTOR, TSQUERY, INT4], Type::Float4),
];
static SCORE: &[Signature] =
    &[(&[TSVECTOR, TSQUERY], Type::Float8), (&[TEXT, TEXT], Type::Float8), (&[TEXT, TSQUERY], Type::Float8)];
static HEADLINE: &[Signature] = &[
    (&[TEXT, TSQUERY], Type::Text),
    (&[TEXT, TSQUERY, TEXT], Type::Text),
    (&[JSON, TSQUERY], Type::Json),
    (&[JSON, TSQUERY, TEXT], Type::Json),
    (&[JSONB, TSQUERY], Type::Jsonb),
    (&[JSONB, TSQUERY, TEXT], Type::Jsonb),
];
static CONFIGURED_HEADLINE: &[Signature] = &[
    (&[REGCONFIG, TEXT, TSQUERY], Type::Text),
    (&[REGCONFIG, TEXT, TSQUERY, TEXT], Type::Text),
    (&[REGCONFIG, JSON, TSQUERY], Type::Json),
    (&[REGCONFIG, JSON, TSQUERY, TEXT], Type::Json),
    (&[REGCONFIG, JSONB, TSQUERY], Type::Jsonb),
    (&[REGCONFIG, JSONB, TSQUERY, TEXT], Type::Jsonb),
];

pub(super) static FUNCTIONS: &[Function] = &[
    f("to_tsvector", DOCUMENT, document::to_vector).stable(),
    f("to_tsvector", CONFIGURED, document::to_vector),
    f("json_to_tsvector", &[(&[JSON, JSONB], V)], document::json_to_vector).stable(),
    f("json_to_tsvector", &[(&[REGCONFIG, JSON, JSONB], V)], document::json_to_vector),
    f("jsonb_to_tsvector", &[(&[JSONB, JSONB], V)], document::json_to_vector).stable(),
    f("jsonb_to_tsvector", &[(&[REGCONFIG, JSONB, JSONB], V)], document::json_to_vector),
    f("to_tsquery", OF_TEXT, TO_QUERY).stable(),
    f("to_tsquery", OF_CONFIG, TO_QUERY),
    f("plainto_tsquery", OF_TEXT, PLAIN).stable(),
    f("plainto_tsquery", OF_CONFIG, PLAIN),
    f("phraseto_tsquery", OF_TEXT, PHRASE).stable(),
    f("phraseto_tsquery", OF_CONFIG, PHRASE),
    f("websearch_to_tsquery", OF_TEXT, WEB).stable(),
    f("websearch_to_tsquery", OF_CONFIG, WEB),
    f("get_current_ts_config", &[(&[], Type::Other(Kind::RegConfig, 0))], document::current).stable(),
    f("unaccent", &[(&[TEXT], Type::Text), (&[TEXT, TEXT], Type::Text)], document::unaccent),
    f("ts_lexize", &[(&[TEXT, TEXT], STRINGS)], document::lexize),
    f("@@", MATCH, queries::matches),
    f("@@", MATCH_TEXT, queries::matches_text).stable(),
    f("ts_match_vq", &[(&[TSVECTOR, TSQUERY], Type::Bool)], queries::matches),
    f("ts_match_qv", &[(&[TSQUERY, TSVECTOR], Type::Bool)], queries::matches),
    f("ts_match_tq", &[(&[TEXT, TSQUERY], Type::Bool)], queries::matches_text).stable(),
    f("ts_match_tt", &[(&[TEXT, TEXT], Type::Bool)], queries::matches_text).stable(),
    f("&&", TWO_QUERIES, |a| queries::join(a, Join::And)),
    f("tsquery_and", TWO_QUERIES, |a| queries::join(a, Join::And)),
    f("||", TWO_QUERIES, |a| queries::join(a, Join::Or)),
    f("tsquery_or", TWO_QUERIES, |a| queries::join(a, Join::Or)),
    f("<->", TWO_QUERIES, |a| queries::join(a, Join::Phrase)),
    f("tsquery_phrase", &[(&[TSQUERY, TSQUERY], Q), (&[TSQUERY, TSQUERY, INT4], Q)], |a| {
        queries::join(a, Join::Phrase)
    }),
    f("!!", &[(&[TSQUERY], Q)], queries::negated),
    f("tsquery_not", &[(&[TSQUERY], Q)], queries::negated),
    f("@>", CONTAINS, |a| queries::contains(a, 0)),
    f("tsq_mcontains", CONTAINS, |a| queries::contains(a, 0)),
    f("<@", CONTAINS, |a| queries::contains(a, 1)),
    f("tsq_mcontained", CONTAINS, |a| queries::contains(a, 1)),
    f("numnode", &[(&[TSQUERY], Type::Int4)], queries::count),
    f("querytree", &[(&[TSQUERY], Type::Text)], queries::required),
    f("ts_rewrite", &[(&[TSQUERY, TSQUERY, TSQUERY], Q)], queries::rewrite),
    f("||", TWO_VECTORS, vectors::concat),
    f("tsvector_concat", TWO_VECTORS, vectors::concat),
    f("strip", &[(&[TSVECTOR], V)], vectors::strip),
    f("length", &[(&[TSVECTOR], Type::Int4)], vectors::length),
    f("setweight", &[(&[TSVECTOR, TEXT], V), (&[TSVECTOR, TEXT, TEXTS], V)], vectors::set_weight),
    f("ts_delete", &[(&[TSVECTOR, TEXT], V), (&[TSVECTOR, TEXTS], V)], vectors::delete),
    f("ts_filter", &[(&[TSVECTOR, TEXTS], V)], vectors::filter),
    f("array_to_tsvector", &[(&[TEXTS], V)], vectors::of_array),
    f("tsvector_to_array", &[(&[TSVECTOR], STRINGS)], vectors::to_array),
    f("ts_rank", RANK, |a| rank::rank(a, remanent_text::rank::rank)),
    f("ts_rank_cd", RANK, |a| rank::rank(a, remanent_text::rank::rank_covers)),
    f("bm25_score", SCORE, bm25::alone).stable().sees_null(),
    f("bm25_score", &[(&[TSVECTOR, TSQUERY, Arg::Is(NUMBERS)], Type::Float8)], bm25::score).sees_null(),
    f("ts_headline", HEADLINE, headline::headline).stable(),
    f("ts_headline", CONFIGURED_HEADLINE, headline::headline),
];

const TO_QUERY: Kernel = |args| document::to_query(args, Notation::Query);
const PLAIN: Kernel = |args| document::to_query(args, Notation::Plain);
const PHRASE: Kernel = |args| document::to_query(args, Notation::Phrase);
const WEB: Kernel = |args| document::to_query(args, Notation::Web);

/// The configuration of a row, and the place of the first argument behind it.
fn config(args: &Args<'_>, row: usize) -> Result<(Config, usize)> {
    match args.columns.first() {
        Some(column) if column.ty() == Type::Other(Kind::RegConfig, 0) => {
            let found = config_of(column.bytes(row));
            Ok((found.ok_or_else(|| Error::internal("a regconfig is none"))?, 1))
        }
        _ => Ok((session_config(args.ctx)?, 0)),
    }
}

/// The session's configuration.
fn session_config(ctx: &EvalContext<'_>) -> Result<Config> {
    match ctx.settings {
        Some(settings) => configuration(&settings.text_search_config()),
        None => Ok(Config::standard()),
    }
}

/// Row by row over the valid rows, for results that are bytes.
fn map_bytes(args: &Args<'_>, f: &mut dyn FnMut(usize) -> Result<Vec<u8>>) -> Result<Column> {
    let mut out = ColumnBuilder::new(args.ty);
    for row in 0..args.rows {
        match args.is_valid(row) {
            true => out.push_bytes(&f(row)?),
            false => out.push_null(),
        }
    }
    Ok(out.finish())
}

/// The elements of an array of texts; None for NULL.
fn elements(args: &Args<'_>, i: usize, row: usize) -> Vec<Option<String>> {
    let text = |value: &Value| if let Value::Text(text) = value { Some(text.clone()) } else { None };
    match args.columns[i].value(row) {
        Value::Array(array) => array.values().iter().map(text).collect(),
        _ => Vec::new(),
    }
}

/// Texts as an array.
fn array(texts: Vec<String>) -> Result<Value> {
    Ok(Array::list(Type::Text, texts.into_iter().map(Value::Text).collect())?.into())
}
