//! BM25: how well a document satisfies a query, given what is known of all documents (Robertson and Zaragoza, "The Probabilistic
//! Relevance Framework: BM25 and Beyond", 2009; the inverse document frequency as Lucene has it, never below zero).
//!
//! ```text
//! score = Σ over words   idf · tf · (k1 + 1) / (tf + k1 · (1 − b + b · length / average length))
//! idf   = ln(1 + (documents − with the word + ½) / (with the word + ½))
//! ```
//!
//! Words under `!` do not count. An inverted index computes the same sum from postings with [`Corpus::idf`] and [`Corpus::score`];
//! this module's [`score`] is what its answer must equal.

use crate::matching::Matcher;
use crate::query::{Item, Operand, lefts};
use crate::rank::WEIGHTS;
use crate::vector::{Positions, Vector, Weight};

/// How soon more of the same word counts no more.
pub const K1: f32 = 1.2;
/// How much the length of a document counts.
pub const B: f32 = 0.75;

/// What is known of all documents.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Corpus {
    /// How many there are.
    pub documents: u64,
    /// How long they are on average, in words.
    pub average_length: f32,
}

impl Corpus {
    /// How much a word counts that so many documents have.
    pub fn idf(&self, with_word: u64) -> f32 {
        let (all, with) = (self.documents.max(with_word) as f64, with_word as f64);
        (1.0 + (all - with + 0.5) / (with + 0.5)).ln() as f32
    }

    /// What a word of that [`idf`](Corpus::idf) adds to the score of a document of `length` words that has it `frequency` times
    /// (weighted, where fields have weights).
    pub fn score(&self, idf: f32, frequency: f32, length: u32) -> f32 {
        let average = if self.average_length > 0.0 { self.average_length } else { 1.0 };
        let scale = K1 * (1.0 - B + B * length as f32 / average);
        idf * frequency * (K1 + 1.0) / (frequency + scale)
    }
}

/// How long a document is, in words: what the average is of.
pub fn length(vector: &[u8]) -> u32 {
    Vector::new(vector).iter().map(|lexeme| lexeme.positions.len().max(1) as u32).sum()
}

/// How often a lexeme counts: positions by their weight, relative to D.
pub fn frequency(positions: Positions<'_>, weights: &[f32; 4]) -> f32 {
    let of = |weight: Weight| weights[weight as usize] / weights[0].max(f32::MIN_POSITIVE);
    match positions.len() {
        0 => 1.0,
        _ => positions.into_iter().map(|p| of(p.weight())).sum(),
    }
}

/// All weights alike.
pub const FLAT: [f32; 4] = [1.0; 4];
/// As `ts_rank` weighs them.
pub const BY_FIELD: [f32; 4] = WEIGHTS;

/// The words of a query that count, each once: those under an even number of `!`.
pub fn scored_words(query: &[u8]) -> Vec<Operand<'_>> {
    let items = Matcher::new(query).items;
    let lefts = lefts(&items);
    let mut negated = vec![false; items.len()];
    let mut found: Vec<Operand<'_>> = Vec::new();
    for (i, item) in items.iter().enumerate() {
        if let Item::Word(word) = item {
            if !negated[i] && !found.contains(word) {
                found.push(*word);
            }
            continue;
        }
        negated[i + 1] = negated[i] != (*item == Item::Not);
        if item.operands() > 1 {
            negated[lefts[i]] = negated[i];
        }
    }
    found.reverse();
    found
}

/// The score of a document; `with_word` says how many documents have a word (a prefix: any word that begins so).
///
/// ```
/// use remanent_text::bm25::{Corpus, FLAT, score};
/// let corpus = Corpus { documents: 10, average_length: 4.0 };
/// let vector = remanent_text::vector::parse("cat:1,3 sat:2").unwrap();
/// let query = remanent_text::query::parse("cat & !dog").unwrap().0;
/// let score = score(&corpus, &vector, &query, &FLAT, &|_| 2);
/// assert!((score - 2.1913).abs() < 0.001, "{score}");
/// ```
pub fn score(
    corpus: &Corpus,
    vector: &[u8],
    query: &[u8],
    weights: &[f32; 4],
    with_word: &dyn Fn(&Operand<'_>) -> u64,
) -> f32 {
    let length = length(vector);
    let vector = Vector::new(vector);
    let mut sum = 0.0;
    for word in scored_words(query) {
        let found = vector.matching(word.text, word.prefix);
        let times: f32 = found.map(|(_, lexeme)| frequency(lexeme.positions, weights)).sum();
        if times > 0.0 {
            sum += corpus.score(corpus.idf(with_word(&word)), times, length);
        }
    }
    sum
}
