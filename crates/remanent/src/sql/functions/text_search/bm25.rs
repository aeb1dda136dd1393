//! `bm25_score`: a document's score among all documents of its table, or among those whose numbers are given.
//!
//! ```text
//! bm25_score(note, 'slip')    is    bm25_score(to_tsvector(note), plainto_tsquery('slip'),
//!                                       (SELECT bm25_corpus(to_tsvector(note), plainto_tsquery('slip')) FROM notes))
//! ```
//!
//! What is missing is put there before a statement runs (`optimize/texts.rs`). A document that is NULL scores 0.

use super::super::Args;
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::{Column, ColumnBuilder, Value};
use remanent_text::bm25::Scorer;

/// Of a call that nothing was put into.
pub(super) fn alone(_: &Args<'_>) -> Result<Column> {
    let message = "bm25_score is not told here which documents there are";
    let hint = "Its document must be made of columns of one table, and its query be the same for all rows. Otherwise give it a \
                third argument, of bm25_corpus.";
    Err(Error::new(state::FEATURE_NOT_SUPPORTED, message).with_hint(hint))
}

/// A document, a query, what `bm25_corpus` says of the query.
pub(super) fn score(args: &Args<'_>) -> Result<Column> {
    let [document, query, corpus] = args.columns else { return Err(Error::internal("not three arguments")) };
    let mut out = ColumnBuilder::new(args.ty);
    let mut row = 0;
    while row < args.rows {
        let same = query.as_constant().is_some() && corpus.as_constant().is_some();
        let end = if same { args.rows } else { row + 1 };
        let numbers = numbers(&corpus.value(row)).filter(|_| query.is_valid(row));
        let Some(numbers) = numbers else {
            for row in row..end {
                match query.is_valid(row) && !document.is_valid(row) {
                    true => out.push(&Value::Float8(0.0))?,
                    false => out.push_null(),
                }
            }
            row = end;
            continue;
        };
        let scorer = Scorer::new(query.bytes(row), &numbers).ok_or_else(foreign)?;
        for row in row..end {
            let score = if document.is_valid(row) { scorer.score(document.bytes(row)) } else { 0.0 };
            out.push(&Value::Float8(score))?;
        }
        row = end;
    }
    Ok(out.finish())
}

/// The numbers of a corpus; None for NULL.
pub(in crate::sql) fn numbers(corpus: &Value) -> Option<Vec<i64>> {
    let Value::Array(array) = corpus else { return None };
    let number = |value: &Value| if let Value::Int8(number) = value { *number } else { -1 };
    Some(array.values().iter().map(number).collect())
}

fn foreign() -> Error {
    let message = "the numbers of documents are not of this query";
    Error::new(state::INVALID_PARAMETER_VALUE, message)
        .with_hint("They are what bm25_corpus gives for the same query.")
}
