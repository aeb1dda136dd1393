//! What inverted indexes (`USING gin`, `USING bm25`) are asked for.

use super::{Question, Strategy};
use crate::sql::functions::jsonpath::items::{Wanted, path_items};
use remanent_storage::error::Result;
use remanent_storage::index::inverted::extract::{element, json_contained, json_has, without_items};
use remanent_storage::index::{Items, Probe};
use remanent_storage::value::kinds::Kind;
use remanent_storage::value::{Array, Value};
use remanent_storage::world::mutation;

const fn of(
    class: &'static str,
    function: &'static str,
    column: usize,
    share: f64,
    probe: fn(&Question<'_>) -> Result<Option<Probe>>,
) -> Strategy {
    Strategy { kind: "gin", class, function, column, share, probe }
}

/// Documents and arrays. The shares are PostgreSQL's (`contsel` and its kin, `matchingsel`).
pub(super) static GIN: &[Strategy] = &[
    of("jsonb_ops", "@>", 0, 0.01, contained),
    of("jsonb_ops", "<@", 1, 0.01, contained),
    of("jsonb_ops", "?", 0, 0.01, key),
    of("jsonb_ops", "?|", 0, 0.01, any_key),
    of("jsonb_ops", "?&", 0, 0.01, all_keys),
    of("jsonb_ops", "@?", 0, 0.01, path_exists),
    of("jsonb_ops", "@@", 0, 0.01, path_matches),
    of("jsonb_path_ops", "@>", 0, 0.01, contained),
    of("jsonb_path_ops", "<@", 1, 0.01, contained),
    of("jsonb_path_ops", "@?", 0, 0.01, path_exists),
    of("jsonb_path_ops", "@@", 0, 0.01, path_matches),
    of("array_ops", "@>", 0, 0.005, has_all),
    of("array_ops", "<@", 1, 0.005, has_all),
    of("array_ops", "&&", 0, 0.01, has_any),
    of("array_ops", "&&", 1, 0.01, has_any),
    of("array_ops", "<@", 0, 0.005, has_no_other),
    of("array_ops", "@>", 1, 0.005, has_no_other),
    of("array_ops", "=", 0, 0.005, is),
    of("array_ops", "=", 1, 0.005, is),
];

/// Text.
#[cfg(feature = "text")]
pub(super) static TEXT: &[Strategy] = &[
    of("tsvector_ops", "@@", 0, 0.005, matching),
    of("tsvector_ops", "@@", 1, 0.005, matching),
    Strategy { kind: "bm25", ..of("bm25_ops", "@@", 0, 0.005, matching) },
    Strategy { kind: "bm25", ..of("bm25_ops", "@@", 1, 0.005, matching) },
];

#[cfg(feature = "text")]
fn matching(question: &Question<'_>) -> Result<Option<Probe>> {
    use remanent_storage::index::inverted::text;
    let [Value::Other(Kind::TsQuery, query)] = question.args else { return Ok(None) };
    Ok(text::probe(question.column, query))
}

/// The documents of a column that satisfy a query best; none is known of all documents: that is counted. None where an index does not
/// know it.
#[cfg(feature = "text")]
pub fn best_words(
    column: usize,
    weight: f64,
    query: &[u8],
    corpus: Vec<i64>,
) -> Option<remanent_storage::index::WordField> {
    use remanent_storage::index::inverted::words::WORD_MAX;
    let words = remanent_text::bm25::words(query);
    let known = words.iter().all(|word| word.weights == 0 && word.text.len() <= WORD_MAX);
    let fits = corpus.is_empty() || remanent_text::bm25::Scorer::new(query, &corpus).is_some();
    (known && fits).then(|| remanent_storage::index::WordField {
        column,
        weight,
        query: query.into(),
        corpus,
    })
}

/// Items, and whether no row has them but those that are asked for.
type Asked = (Items, bool);

/// Asks for items where that excludes some row.
fn asked((items, exact): Asked) -> Result<Option<Probe>> {
    let probe = if exact || mutation("recheck_skipped") { Probe::Exact } else { Probe::Items };
    Ok((!items.is_everything()).then(|| probe(items)))
}

/// Several as one.
fn joined(parts: Vec<Asked>, join: fn(Vec<Items>) -> Items) -> Asked {
    let exact = parts.iter().all(|part| part.1);
    (join(parts.into_iter().map(|part| part.0).collect()), exact)
}

fn contained(question: &Question<'_>) -> Result<Option<Probe>> {
    let [Value::Jsonb(part)] = question.args else { return Ok(None) };
    asked(json_contained(question.column, question.index.class(question.column), part.view()))
}

fn key(question: &Question<'_>) -> Result<Option<Probe>> {
    let [Value::Text(key)] = question.args else { return Ok(None) };
    asked(json_has(question.column, key))
}

/// The keys of an array; NULLs ask for nothing.
fn keys(question: &Question<'_>) -> Option<Vec<Asked>> {
    let [Value::Array(keys)] = question.args else { return None };
    let key = |value: &Value| match value {
        Value::Text(key) => Some(json_has(question.column, key)),
        _ => None,
    };
    Some(keys.values().iter().filter_map(key).collect())
}

fn any_key(question: &Question<'_>) -> Result<Option<Probe>> {
    keys(question).map_or(Ok(None), |keys| asked(joined(keys, Items::Any)))
}

fn all_keys(question: &Question<'_>) -> Result<Option<Probe>> {
    keys(question).map_or(Ok(None), |keys| asked(joined(keys, Items::All)))
}

fn path(question: &Question<'_>, wanted: Wanted) -> Result<Option<Probe>> {
    let [Value::Other(Kind::JsonPath, path)] = question.args else { return Ok(None) };
    let whole = question.index.class(question.column) == "jsonb_path_ops";
    // What is no path is an error of whoever looks at a row.
    let path = String::from_utf8_lossy(path);
    path_items(&path, wanted, question.column, whole).map_or(Ok(None), |items| asked((items, false)))
}

fn path_exists(question: &Question<'_>) -> Result<Option<Probe>> {
    path(question, Wanted::Item)
}

fn path_matches(question: &Question<'_>) -> Result<Option<Probe>> {
    path(question, Wanted::True)
}

/// An array and the items of its elements, NULLs left out.
fn elements<'a>(question: &Question<'a>) -> Option<(&'a Array, Vec<Asked>)> {
    let [Value::Array(array)] = question.args else { return None };
    let items = array.values().iter().filter(|value| !value.is_null());
    Some((array, items.map(|value| element(question.column, value)).collect()))
}

fn has_all(question: &Question<'_>) -> Result<Option<Probe>> {
    let Some((array, items)) = elements(question) else { return Ok(None) };
    // NULL is in no array.
    let never = array.values().iter().any(Value::is_null);
    asked(if never { (Items::Any(Vec::new()), true) } else { joined(items, Items::All) })
}

fn has_any(question: &Question<'_>) -> Result<Option<Probe>> {
    elements(question).map_or(Ok(None), |(_, items)| asked(joined(items, Items::Any)))
}

/// Each element is one of these; the array without elements is within any.
fn has_no_other(question: &Question<'_>) -> Result<Option<Probe>> {
    let Some((_, mut items)) = elements(question) else { return Ok(None) };
    items.push((without_items(question.column), false));
    asked(joined(items, Items::Any))
}

fn is(question: &Question<'_>) -> Result<Option<Probe>> {
    let Some((_, items)) = elements(question) else { return Ok(None) };
    let all = joined(items, Items::All).0;
    asked((if all.is_everything() { without_items(question.column) } else { all }, false))
}
