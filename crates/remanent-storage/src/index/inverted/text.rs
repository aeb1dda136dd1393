//! Lexemes of a tsvector, and what a tsquery asks of them (`tsvector_ops`, `bm25_ops`).
//!
//! ```text
//! fat & (rat:* | !cat)      lexeme fat AND NOT (lexeme cat AND NOT a lexeme that begins with rat)
//! !cat | fat <-> rat        any row
//! ```
//!
//! Where a lexeme stands and with which weight is no part of an item: phrases ask for their words, weights for nothing. What that leaves
//! open is decided by the positions that lists keep ([`satisfy`](super::satisfy)), but for prefixes and words with edits.

use super::extract::ItemList;
use super::items::{ITEM_MAX, Items, KEPT, Like};
use super::places;
use super::words::{Satisfying, WORD_MAX};
use crate::index::Probe;
use crate::value::Column;
use remanent_text::bm25::frequency;
use remanent_text::query::{Item, Operand, items};
use remanent_text::vector::lexemes;

/// What an item of this class begins with, behind its column. Persisted, do not change.
const LEXEME: u8 = b't';
/// What lies deeper in a query excludes no row.
const DEPTH: usize = 64;

/// The lexemes of a row.
pub(super) fn extract(column: &Column, row: usize, list: &mut ItemList) {
    for (text, positions) in lexemes(column.bytes(row)) {
        list.push(LEXEME, &mut |out| out.extend_from_slice(text));
        list.repeat(frequency(positions.len()));
        list.place(&mut |out| places::write(positions, out));
    }
}

/// What an index of a column is asked for a tsquery; None where every row may be meant.
pub fn probe(column: usize, query: &[u8]) -> Option<Probe> {
    let (items, exact) = matching(column, query);
    if items.is_everything() {
        return None;
    }
    let mut words = remanent_text::query::words(query);
    // Where each word is one list, positions decide.
    Some(match exact {
        true => Probe::Exact(items),
        false if words.all(|word| word.is_exact() && word.text.len() <= ITEM_MAX - 3) => {
            Probe::Satisfying(Satisfying { items, column, query: query.into() })
        }
        false => Probe::Items(items),
    })
}

/// The rows whose tsvector has what a tsquery asks for. True: no others.
///
/// Lexemes say all of words without weights that are joined outside of phrases. What is not meant is told from what is: where no other
/// word has to be there, every row may be meant, and NULL is not.
fn matching(column: usize, query: &[u8]) -> (Items, bool) {
    let mut stack: Vec<Part> = Vec::new();
    for item in items(query).into_iter().rev() {
        let part = match item {
            Item::Word(word) => Part { exact: is_said(&word), ..Part::of(named(column, &word)) },
            Item::Not => match stack.pop() {
                Some(Part { exact: true, items, negated, depth }) => {
                    Part { items, exact: true, negated: !negated, depth }
                }
                _ => Part::of(Items::everything()),
            },
            Item::And => joined(&mut stack, true),
            Item::Or => joined(&mut stack, false),
            Item::Phrase(_) => {
                let start = stack.len().saturating_sub(2);
                // Under a phrase, what must not be there may be elsewhere.
                stack.get_mut(start..).unwrap_or_default().iter_mut().for_each(Part::forget_negated);
                Part { exact: false, ..joined(&mut stack, true) }
            }
        };
        stack.push(part);
    }
    // The empty query fits nothing.
    let Some(mut whole) = stack.pop() else { return (Items::Any(Vec::new()), true) };
    if whole.negated {
        whole.forget_negated();
    }
    (whole.items, whole.exact)
}

/// True if exactly the items of a word are those of rows that have it.
fn is_said(word: &Operand<'_>) -> bool {
    let most = match (word.edits, word.prefix) {
        (0, false) => ITEM_MAX - 3,
        (0, true) => KEPT - 2,
        _ => WORD_MAX,
    };
    word.weights == 0 && word.text.len() <= most
}

/// What is known of a part of a query.
struct Part {
    items: Items,
    /// No other rows have them.
    exact: bool,
    /// All rows but these.
    negated: bool,
    /// How deep it is.
    depth: usize,
}

impl Part {
    fn of(items: Items) -> Self {
        Part { items, exact: false, negated: false, depth: 0 }
    }

    /// Rows that must not have something may be any.
    fn forget_negated(&mut self) {
        let items = std::mem::replace(&mut self.items, Items::everything());
        *self = match self.negated {
            true => Part::of(Items::everything()),
            false => Part { exact: false, items: without_not(items), ..*self },
        };
    }
}

/// The same without what must not be there.
fn without_not(items: Items) -> Items {
    let all = |parts: Vec<Items>| {
        parts.into_iter().filter(|part| !matches!(part, Items::Not(_))).map(without_not).collect()
    };
    match items {
        Items::All(parts) => Items::All(all(parts)),
        Items::Any(parts) => Items::Any(all(parts)),
        other => other,
    }
}

/// The rows of a column that have what a word stands for.
pub(super) fn named(column: usize, word: &Operand<'_>) -> Items {
    let lexeme = [&[column as u8, LEXEME], word.text].concat();
    if word.edits > 0 {
        let like = Like { word: word.text.to_vec(), edits: word.edits, holds };
        return Items::Like(vec![column as u8, LEXEME], like);
    }
    if word.prefix { Items::prefix(lexeme) } else { Items::item(lexeme) }
}

/// True if so many edits make a lexeme of a word.
fn holds(word: &[u8], edits: u8, lexeme: &[u8]) -> bool {
    Operand { text: word, weights: 0, prefix: false, edits }.names(lexeme)
}

/// The two on top of the stack as one; what is joined alike already is not nested.
fn joined(stack: &mut Vec<Part>, all: bool) -> Part {
    let two = stack.split_off(stack.len().saturating_sub(2));
    let count = two.iter().filter(|part| part.negated).count();
    let negated = if all { count == two.len() } else { count > 0 };
    // Those that are not one of two are neither, and so on.
    let (all, exact) = (all != negated, two.iter().all(|part| part.exact));
    if negated && !exact {
        return Part::of(Items::everything());
    }
    let (mut parts, mut depth) = (Vec::new(), 0);
    for part in two {
        let items = match part.negated == negated {
            true => part.items,
            false => Items::Not(Box::new(part.items)),
        };
        match (items, all) {
            (Items::All(more), true) | (Items::Any(more), false) => {
                parts.extend(more);
                depth = depth.max(part.depth);
            }
            (items, _) => {
                parts.push(items);
                depth = depth.max(part.depth + 1);
            }
        }
    }
    let open = all && parts.iter().all(|part| matches!(part, Items::Not(_)));
    if depth > DEPTH || open {
        return Part::of(Items::everything());
    }
    Part { items: if all { Items::All(parts) } else { Items::Any(parts) }, exact, negated, depth }
}
