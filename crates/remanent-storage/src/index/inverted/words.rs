//! What an index of texts is asked: which documents satisfy a query, and which do best.

use super::items::Items;

/// The rows whose sums of scores are greatest.
#[derive(Debug, Clone, PartialEq)]
pub struct BestWords {
    /// What is added, in this order.
    pub fields: Vec<WordField>,
    /// So many rows are wanted.
    pub count: usize,
}

/// The score of one column's documents, times a weight.
#[derive(Debug, Clone, PartialEq)]
pub struct WordField {
    /// Which column of the index.
    pub column: usize,
    /// Not below zero.
    pub weight: f64,
    /// A tsquery. None of its words that count has weights, and none is longer than [`WORD_MAX`].
    pub query: Box<[u8]>,
    /// What is known of all documents; none where just that is asked for.
    pub corpus: Vec<i64>,
}

/// The rows whose tsvector satisfies a query. All of its words stand for one lexeme each, which an index keeps as it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Satisfying {
    /// What such rows have; others may have it too.
    pub items: Items,
    /// Which column of the index.
    pub column: usize,
    /// A tsquery.
    pub query: Box<[u8]>,
}

/// Longer words are not told from each other by what an index keeps of them.
pub const WORD_MAX: usize = 56;
