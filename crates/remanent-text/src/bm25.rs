//! BM25: how well a document satisfies a query, given what is known of all documents (Robertson and Zaragoza, "The Probabilistic
//! Relevance Framework: BM25 and Beyond", 2009; the inverse document frequency as Lucene has it, never below zero).
//!
//! ```text
//! score = Σ over words   idf · tf · (k1 + 1) / (tf + k1 · (1 − b + b · length / average length))
//! idf   = ln(1 + (documents − with the word + ½) / (with the word + ½))
//! ```
//!
//! What is known of all documents are numbers: how many there are, how long they are together, and of each word of the query that
//! counts ([`words`]) how many have it. [`count`] adds a document to them.
//!
//! ```
//! use remanent_text::bm25::{Scorer, count, words};
//! let query = remanent_text::query::parse("cat & !dog").unwrap().0;
//! let documents = ["cat:1,3 sat:2", "dog:1", "sat:1 mat:2"].map(|text| remanent_text::vector::parse(text).unwrap());
//! let words = words(&query);
//! let mut corpus = vec![0; 2 + words.len()];
//! documents.iter().for_each(|document| count(document, &words, &mut corpus));
//! assert_eq!(corpus, [3, 6, 1]);
//! let scorer = Scorer::new(&query, &corpus).unwrap();
//! assert!((scorer.score(&documents[0]) - 1.1824).abs() < 0.0001);
//! assert_eq!(scorer.score(&documents[1]), 0.0);
//! ```
//!
//! Words under `!` do not count, and a word counts once however often the query says it. Of a word with weights (`cat:A`) only the
//! positions count that have one of them.

use crate::query::{Item, Operand, items, lefts};
use crate::vector::{Lexeme, Vector};

/// How soon more of the same word counts no more.
pub const K1: f64 = 1.2;
/// How much the length of a document counts.
pub const B: f64 = 0.75;

/// How long a document is, in words: what the average is of.
pub fn length(vector: &[u8]) -> u32 {
    let of = |lexeme: Lexeme<'_>| lexeme.positions.len().max(1) as u32;
    Vector::new(vector).iter().map(of).fold(0, u32::saturating_add)
}

/// How often a lexeme stands in a document.
pub fn frequency(positions: usize) -> u32 {
    positions.max(1) as u32
}

/// How often a document has what a word of a query stands for.
pub fn times(vector: &[u8], word: &Operand<'_>) -> u32 {
    let admitted = |(_, lexeme): (usize, Lexeme<'_>)| match word.weights {
        0 => frequency(lexeme.positions.len()),
        _ if lexeme.positions.is_empty() => 1,
        _ => lexeme.positions.into_iter().filter(|position| word.admits(position.weight())).count() as u32,
    };
    word.within(Vector::new(vector)).map(admitted).sum()
}

/// The words of a query that count, each once, as they are written: those under an even number of `!`.
pub fn words(query: &[u8]) -> Vec<Operand<'_>> {
    let items = items(query);
    let lefts = lefts(&items);
    let mut negated = vec![false; items.len()];
    let mut found: Vec<Operand<'_>> = Vec::new();
    for (i, item) in items.iter().enumerate() {
        if let Item::Word(word) = item {
            if !negated[i] {
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
    let mut unique: Vec<Operand<'_>> = Vec::with_capacity(found.len());
    for word in found {
        if !unique.contains(&word) {
            unique.push(word);
        }
    }
    unique
}

/// Adds a document to what is known of all.
pub fn count(vector: &[u8], words: &[Operand<'_>], corpus: &mut [i64]) {
    let numbers = [1, length(vector).into()].into_iter();
    let with_word = words.iter().map(|word| i64::from(times(vector, word) > 0));
    for (sum, more) in corpus.iter_mut().zip(numbers.chain(with_word)) {
        *sum = sum.saturating_add(more);
    }
}

/// A query that documents are scored by.
#[derive(Debug, Clone)]
pub struct Scorer<'a> {
    words: Vec<Operand<'a>>,
    /// How much each of them counts.
    idf: Vec<f64>,
    average_length: f64,
}

impl<'a> Scorer<'a> {
    /// Of a query, given what is known of all documents; None where these are not the numbers of this query.
    pub fn new(query: &'a [u8], corpus: &[i64]) -> Option<Self> {
        let words = words(query);
        let [documents, length, with_word @ ..] = corpus else { return None };
        if with_word.len() != words.len() || corpus.iter().any(|&number| number < 0) {
            return None;
        }
        let idf = |&with: &i64| {
            let (all, with) = ((*documents).max(with) as f64, with as f64);
            (1.0 + (all - with + 0.5) / (with + 0.5)).ln()
        };
        let average_length = if *length > 0 { *length as f64 / (*documents).max(1) as f64 } else { 1.0 };
        Some(Scorer { words, idf: with_word.iter().map(idf).collect(), average_length })
    }

    /// The words that count.
    pub fn words(&self) -> &[Operand<'a>] {
        &self.words
    }

    /// How much a word counts; how long a document is on average.
    pub fn weights(&self, word: usize) -> (f64, f64) {
        (self.idf.get(word).copied().unwrap_or(0.0), self.average_length)
    }

    /// What a word adds to the score of a document of that length that has it so often. More where it stands more often or the
    /// document is shorter.
    pub fn of_word(&self, word: usize, times: u32, length: u32) -> f64 {
        let (times, (idf, average_length)) = (f64::from(times), self.weights(word));
        let scale = K1 * (1.0 - B + B * f64::from(length) / average_length);
        idf * times * (K1 + 1.0) / (times + scale)
    }

    /// The score of a document of that length that has each word so often.
    pub fn sum(&self, times: &[u32], length: u32) -> f64 {
        let one = |sum: f64, (word, &times): (usize, &u32)| match times {
            0 => sum,
            _ => sum + self.of_word(word, times, length),
        };
        times.iter().enumerate().fold(0.0, one)
    }

    /// The score of a document.
    pub fn score(&self, vector: &[u8]) -> f64 {
        let times: Vec<u32> = self.words.iter().map(|word| times(vector, word)).collect();
        match times.iter().all(|&times| times == 0) {
            true => 0.0,
            false => self.sum(&times, length(vector)),
        }
    }
}
