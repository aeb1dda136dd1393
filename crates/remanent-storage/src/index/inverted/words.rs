//! What an index for ranking (`USING bm25`) is asked: which documents satisfy queries best.

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

/// Longer words are not told from each other by what an index keeps of them.
pub const WORD_MAX: usize = 56;
