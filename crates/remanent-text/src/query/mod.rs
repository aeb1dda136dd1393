//! The layout of a `tsquery`, and how its tree is walked.
//!
//! The tree is a list of items: an operator, then its right operand, then its left one (`!` has one, its right one).
//! An empty query is no bytes at all.
//!
//! | first byte | then | is |
//! |---|---|---|
//! | 1 | flags (1: bits 0 to 3 the weights D to A, bit 4 prefix, bits 5 and 6 edits), length (2), the lexeme | a word |
//! | 2 | | `!` |
//! | 3 | | `&` |
//! | 4 | | `\|` |
//! | 5 | distance (2) | `<N>` |
//!
//! All numbers are little-endian. Equal queries are equal bytes; their order is that of their bytes, where PostgreSQL goes by
//! checksums and lets weights not count.
//!
//! ```text
//! 'fat' & 'rat':*    03  01 10 0300 726174  01 00 0300 666174
//! ```
//!
//! Read from its end, the list is a postfix form: `fat` `rat` `&`. So no walk here recurses, and no query is nested
//! too deep for the stack. What evaluates a query takes items in reverse order and keeps the operands on a stack of its own,
//! the left one below the right one:
//!
//! ```
//! use remanent_text::query::{Item, items, parse};
//! let query = parse("fat & !rat").unwrap().0;
//! let mut stack: Vec<bool> = Vec::new();
//! for item in items(&query).into_iter().rev() {
//!     let truth = match item {
//!         Item::Word(word) => word.text == b"fat",
//!         Item::Not => !stack.pop().unwrap(),
//!         Item::And | Item::Phrase(_) => { let (r, l) = (stack.pop().unwrap(), stack.pop().unwrap()); l & r }
//!         Item::Or => { let (r, l) = (stack.pop().unwrap(), stack.pop().unwrap()); l | r }
//!     };
//!     stack.push(truth);
//! }
//! assert_eq!(stack, [true]);
//! ```
//!
//! [`items`] only returns whole trees: where a query is not empty, such a stack never runs empty and ends with one item.

mod change;
mod near;
mod parse;
mod print;
mod rewrite;

pub use change::{and, contains, negated, or, phrase, required};
pub use parse::{Empty, parse};
pub(crate) use parse::{Marks, Parts, Sort, assemble};
pub use print::print;
pub use rewrite::rewrite;

use crate::vector::{LEXEME_MAX, Lexeme, Vector, Weight};
use near::is_near;

/// The farthest that the operands of `<N>` may be apart.
pub const DISTANCE_MAX: u16 = 16_384;

/// The most edits after which a word still stands for a lexeme.
pub const EDITS_MAX: u8 = 2;

/// A word of a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operand<'a> {
    /// The lexeme: UTF-8.
    pub text: &'a [u8],
    /// A set of [`Weight::bit`]s, of which a position must have one; 0: any, also none.
    pub weights: u8,
    /// True if it stands for all lexemes that begin with it.
    pub prefix: bool,
    /// It stands for all lexemes that so many edits make of it: 0, 1 or 2; never with `prefix`.
    pub edits: u8,
}

impl<'a> Operand<'a> {
    /// True if a position of that weight will do.
    pub fn admits(&self, weight: Weight) -> bool {
        self.weights == 0 || self.weights & weight.bit() != 0
    }

    /// True if it stands for one lexeme: itself.
    pub fn is_exact(&self) -> bool {
        !self.prefix && self.edits == 0
    }

    /// The bytes that every lexeme begins with for which it stands.
    pub fn beginning(&self) -> &'a [u8] {
        if self.edits > 0 { &[] } else { self.text }
    }

    /// True if it stands for a lexeme.
    pub fn names(&self, lexeme: &[u8]) -> bool {
        match (self.prefix, self.edits) {
            (true, _) => lexeme.starts_with(self.text),
            (_, 0) => lexeme == self.text,
            (_, edits) => is_near(self.text, lexeme, edits.into()),
        }
    }

    /// The lexemes of a tsvector for which it stands, each with its number.
    pub fn within<'v>(self, vector: Vector<'v>) -> impl Iterator<Item = (usize, Lexeme<'v>)> + use<'a, 'v> {
        let first = if self.edits > 0 { 0 } else { vector.lower_bound(self.text) };
        let all = (first..vector.len()).map_while(move |i| Some((i, vector.get(i)?)));
        all.take_while(move |(_, lexeme)| self.edits > 0 || self.names(lexeme.text))
            .filter(move |(_, lexeme)| self.edits == 0 || self.names(lexeme.text))
    }
}

/// A node of a query's tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item<'a> {
    /// A word.
    Word(Operand<'a>),
    /// `!`
    Not,
    /// `&`
    And,
    /// `|`
    Or,
    /// `<N>`: the right operand ends N positions behind the left one.
    Phrase(u16),
}

impl Item<'_> {
    /// How many operands it has.
    pub fn operands(&self) -> usize {
        match self {
            Item::Word(_) => 0,
            Item::Not => 1,
            Item::And | Item::Or | Item::Phrase(_) => 2,
        }
    }
}

/// The items of a query, as stored: each operator before its right operand, that before its left one. Bytes that are no such
/// layout read as the empty query.
pub fn items(bytes: &[u8]) -> Vec<Item<'_>> {
    let mut found = Vec::new();
    let mut rest = bytes;
    // How many operands are still to come.
    let mut missing = 1usize;
    while missing > 0 {
        let Some((item, after)) = item(rest) else { return Vec::new() };
        missing = missing - 1 + item.operands();
        found.push(item);
        rest = after;
    }
    if rest.is_empty() { found } else { Vec::new() }
}

fn item(bytes: &[u8]) -> Option<(Item<'_>, &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    Some(match tag {
        1 => {
            let (&[flags, low, high], rest) = rest.split_first_chunk::<3>()?;
            let (text, rest) = rest.split_at_checked(u16::from_le_bytes([low, high]).into())?;
            let (prefix, edits) = (flags & 16 != 0, flags >> 5 & 3);
            (Item::Word(Operand { text, weights: flags & 15, prefix, edits }), rest)
        }
        2 => (Item::Not, rest),
        3 => (Item::And, rest),
        4 => (Item::Or, rest),
        5 => {
            let (distance, rest) = rest.split_first_chunk::<2>()?;
            (Item::Phrase(u16::from_le_bytes(*distance)), rest)
        }
        _ => return None,
    })
}

/// Appends an item's bytes.
pub(crate) fn write(item: &Item<'_>, out: &mut Vec<u8>) {
    match item {
        Item::Word(word) => {
            let flags = word.weights & 15 | u8::from(word.prefix) << 4 | (word.edits & 3) << 5;
            let [low, high] = (word.text.len() as u16).to_le_bytes();
            out.extend_from_slice(&[1, flags, low, high]);
            out.extend_from_slice(word.text);
        }
        Item::Not => out.push(2),
        Item::And => out.push(3),
        Item::Or => out.push(4),
        Item::Phrase(distance) => {
            out.push(5);
            out.extend_from_slice(&distance.to_le_bytes());
        }
    }
}

/// True for the bytes of a tsquery.
pub fn is_valid(bytes: &[u8]) -> bool {
    let items = items(bytes);
    let sound = |item: &Item<'_>| match item {
        Item::Word(word) => {
            let fits = (1..LEXEME_MAX).contains(&word.text.len()) && !word.text.contains(&0);
            let marked = word.edits <= EDITS_MAX && !(word.prefix && word.edits > 0);
            fits && marked && std::str::from_utf8(word.text).is_ok()
        }
        _ => true,
    };
    bytes.is_empty() || !items.is_empty() && items.iter().all(sound)
}

/// How many nodes the tree has.
pub fn count(bytes: &[u8]) -> usize {
    items(bytes).len()
}

/// The words of a query, in the order in which it is written.
pub fn words(bytes: &[u8]) -> impl Iterator<Item = Operand<'_>> {
    items(bytes).into_iter().rev().filter_map(|item| match item {
        Item::Word(word) => Some(word),
        _ => None,
    })
}

/// Where the operands of each item begin: `left[i]` of an operator at `i` with two operands; its right one is at `i + 1`.
pub(crate) fn lefts(items: &[Item<'_>]) -> Vec<usize> {
    let mut lefts = vec![0; items.len()];
    // Beginnings of whole subtrees, the nearest last.
    let mut roots: Vec<usize> = Vec::new();
    for (i, item) in items.iter().enumerate().rev() {
        if item.operands() > 0 {
            roots.pop();
        }
        if item.operands() > 1 {
            lefts[i] = roots.pop().unwrap_or(0);
        }
        roots.push(i);
    }
    lefts
}
