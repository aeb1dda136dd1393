//! `@@`, and what makes a tsquery of others.

use super::super::Args;
use super::{Q, V, map_bytes, session_config};
use remanent_storage::error::Result;
use remanent_storage::value::text_search::refused;
use remanent_storage::value::{Column, Value};
use remanent_text::document::{self, Notation};
use remanent_text::matching::Matcher;
use remanent_text::query;

/// What joins two queries.
#[derive(Debug, Clone, Copy)]
pub(super) enum Join {
    And,
    Or,
    /// With a distance, if there is a third argument.
    Phrase,
}

/// A tsvector against a tsquery, in either order. A query that is the same for all rows is read once.
pub(super) fn matches(args: &Args<'_>) -> Result<Column> {
    let (vector, query) = if args.columns[0].ty() == V { (0, 1) } else { (1, 0) };
    let (vector, query) = (&args.columns[vector], &args.columns[query]);
    let fixed = query.as_constant().filter(|_| args.rows > 0).map(|query| Matcher::new(query.bytes(0)));
    args.map_bool(&mut |row| {
        Ok(match &fixed {
            Some(matcher) => matcher.matches(vector.bytes(row)),
            None => Matcher::new(query.bytes(row)).matches(vector.bytes(row)),
        })
    })
}

/// A text against a tsquery, or one that is read as `plainto_tsquery` does.
pub(super) fn matches_text(args: &Args<'_>) -> Result<Column> {
    let config = session_config(args.ctx)?;
    let read = args.columns[1].ty() != Q;
    args.map_bool(&mut |row| {
        let vector = document::to_vector(config, &[args.text(0, row)?]).map_err(refused)?;
        if !read {
            return Ok(Matcher::new(args.columns[1].bytes(row)).matches(&vector));
        }
        let (query, _) = document::to_query(config, Notation::Plain, args.text(1, row)?).map_err(refused)?;
        Ok(Matcher::new(&query).matches(&vector))
    })
}

pub(super) fn join(args: &Args<'_>, how: Join) -> Result<Column> {
    map_bytes(args, &mut |row| {
        let (a, b) = (args.columns[0].bytes(row), args.columns[1].bytes(row));
        match how {
            Join::And => Ok(query::and(a, b)),
            Join::Or => Ok(query::or(a, b)),
            Join::Phrase => {
                let distance = match args.columns.get(2).map(|column| column.value(row)) {
                    Some(Value::Int4(distance)) => distance.into(),
                    _ => 1,
                };
                query::phrase(a, b, distance).map_err(refused)
            }
        }
    })
}

pub(super) fn negated(args: &Args<'_>) -> Result<Column> {
    map_bytes(args, &mut |row| Ok(query::negated(args.columns[0].bytes(row))))
}

/// True if the query that is argument `whole` has all words of the other.
pub(super) fn contains(args: &Args<'_>, whole: usize) -> Result<Column> {
    let (whole, part) = (&args.columns[whole], &args.columns[1 - whole]);
    args.map_bool(&mut |row| Ok(query::contains(whole.bytes(row), part.bytes(row))))
}

pub(super) fn count(args: &Args<'_>) -> Result<Column> {
    args.map_int(&mut |row| Ok(query::count(args.columns[0].bytes(row)) as i64))
}

pub(super) fn required(args: &Args<'_>) -> Result<Column> {
    args.map_text(&mut |row, out| {
        out.push_str(&query::required(args.columns[0].bytes(row)));
        Ok(())
    })
}

pub(super) fn rewrite(args: &Args<'_>) -> Result<Column> {
    map_bytes(args, &mut |row| {
        let [query, target, substitute] = [0, 1, 2].map(|i| args.columns[i].bytes(row));
        query::rewrite(query, target, substitute).map_err(refused)
    })
}
