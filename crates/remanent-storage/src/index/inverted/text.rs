//! Lexemes of a tsvector, and what a tsquery asks of them (`tsvector_ops`, `bm25_ops`).
//!
//! ```text
//! fat & (rat:* | !cat)      lexeme fat AND (a lexeme that begins with rat OR any row)
//! ```
//!
//! Where a lexeme stands and with which weight is no part of an item: phrases ask for their words, weights for nothing.

use super::extract::ItemList;
use super::items::{Items, Like};
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
    }
}

/// The rows whose tsvector has what a tsquery asks for.
pub fn matching(column: usize, query: &[u8]) -> Items {
    // Each with how deep it is.
    let mut stack: Vec<(Items, usize)> = Vec::new();
    for item in items(query).into_iter().rev() {
        let part = match item {
            Item::Word(word) => (named(column, &word), 0),
            Item::Not => {
                stack.pop();
                (Items::everything(), 0)
            }
            Item::And | Item::Phrase(_) => joined(&mut stack, true),
            Item::Or => joined(&mut stack, false),
        };
        stack.push(part);
    }
    // The empty query fits nothing.
    stack.pop().map_or(Items::Any(Vec::new()), |(items, _)| items)
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
fn joined(stack: &mut Vec<(Items, usize)>, all: bool) -> (Items, usize) {
    let (mut parts, mut depth) = (Vec::new(), 0);
    let start = stack.len().saturating_sub(2);
    for (items, below) in stack.drain(start..) {
        match (items, all) {
            (Items::All(more), true) | (Items::Any(more), false) => {
                parts.extend(more);
                depth = depth.max(below);
            }
            (items, _) => {
                parts.push(items);
                depth = depth.max(below + 1);
            }
        }
    }
    match (depth > DEPTH, all) {
        (true, _) => (Items::everything(), 0),
        (false, true) => (Items::All(parts), depth),
        (false, false) => (Items::Any(parts), depth),
    }
}
