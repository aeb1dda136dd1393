//! What is asked of an inverted index: a tree of items.
//!
//! `All` of nothing is every row, `Any` of nothing is none.

use crate::index::primary::hash::hash;

/// The most bytes of an item in an index.
pub const ITEM_MAX: usize = 128;
/// What is kept of a longer one before the hash of it all.
pub(super) const KEPT: usize = ITEM_MAX - 8;

/// A test of what stands behind the beginning of items.
#[derive(Debug, Clone)]
pub struct Like {
    /// What the test is given.
    pub word: Vec<u8>,
    /// And how much may differ.
    pub edits: u8,
    /// The test: of these two and the rest of an item.
    pub holds: fn(&[u8], u8, &[u8]) -> bool,
}

/// Which items rows have.
#[derive(Debug, Clone, PartialEq)]
pub enum Items {
    /// That one.
    Item(Vec<u8>),
    /// One that begins so.
    Prefix(Vec<u8>),
    /// One that begins so, for whose rest a test holds, or may hold where it is kept shortened.
    Like(Vec<u8>, Like),
    /// All of these.
    All(Vec<Items>),
    /// One of these.
    Any(Vec<Items>),
    /// Not these: every other row, also one that is in no list. It says what no other row has, so it is never said of more than is meant.
    Not(Box<Items>),
}

impl Items {
    /// An item as it is kept.
    pub fn item(mut bytes: Vec<u8>) -> Self {
        shorten(&mut bytes, 0);
        Items::Item(bytes)
    }

    /// What begins so, of what is kept.
    pub fn prefix(mut bytes: Vec<u8>) -> Self {
        bytes.truncate(KEPT);
        Items::Prefix(bytes)
    }

    /// Every row.
    pub fn everything() -> Self {
        Items::All(Vec::new())
    }

    /// True if no row is excluded.
    pub fn is_everything(&self) -> bool {
        match self {
            Items::Item(_) | Items::Prefix(_) | Items::Like(..) | Items::Not(_) => false,
            Items::All(parts) => parts.iter().all(Items::is_everything),
            Items::Any(parts) => parts.iter().any(Items::is_everything),
        }
    }
}

impl PartialEq for Like {
    fn eq(&self, other: &Self) -> bool {
        self.word == other.word && self.edits == other.edits
    }
}

impl Like {
    /// True if the rest of an item behind its first `skip` bytes may be meant; `exact`: if it is. What is kept shortened may be, but
    /// is longer than any that is.
    pub(super) fn admits(&self, item: &[u8], skip: usize, exact: bool) -> bool {
        let rest = item.get(skip..).unwrap_or_default();
        if item.len() >= ITEM_MAX { !exact } else { (self.holds)(&self.word, self.edits, rest) }
    }
}

/// Makes the bytes from `start` on an item that is short enough. Beginnings stay what they are; two of a hash are taken for the same.
pub(super) fn shorten(bytes: &mut Vec<u8>, start: usize) {
    let item = bytes.get(start..).unwrap_or_default();
    if item.len() > ITEM_MAX {
        let hash = hash(item);
        bytes.truncate(start + KEPT);
        bytes.extend_from_slice(&hash.to_be_bytes());
    }
}
