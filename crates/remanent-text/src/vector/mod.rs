//! The layout of a `tsvector`, and how it is read and made.
//!
//! | size | is |
//! |---|---|
//! | 4 | the bytes that PostgreSQL would take for it |
//! | 4 | n: how many lexemes |
//! | | n entries |
//! | 4 n | where each entry ends, counted from the first one's begin |
//!
//! An entry is a byte (0 with positions, 1 without), the lexeme, a zero, and, if there are positions, 256 less their count
//! (1 byte) and each of them (2 bytes): the place in 14 bits, below it the weight, all bits inverted.
//!
//! All numbers are big-endian. Lexemes are unique and ascend bytewise, positions within a lexeme ascend; so equal values are
//! equal bytes, a lexeme is found by halving, and values are in PostgreSQL's order (by size, number of lexemes, then lexeme by
//! lexeme, where more positions are less) where their bytes are in theirs. An empty value may also be no bytes at all.
//!
//! ```text
//! 'cat':3A 'sat'   0000001b 00000002   00 636174 00 ff fff0   01 736174 00   00000008 0000000d
//! ```
//!
//! Limits, which are PostgreSQL's: texts end at a zero character, a lexeme below 2 KB, 256 positions each, positions to 16,383, 1 MB in all. Bytes that
//! are no such layout read as fewer lexemes, never as a panic.

mod build;
mod change;
pub(crate) mod parse;

pub use build::{Builder, Entry, build};
pub use change::{concat, delete, filter, of_lexemes, set_weight, strip};
pub use parse::{parse, print};

/// A lexeme is shorter than this many bytes.
pub const LEXEME_MAX: usize = 2048;
/// The last position there is; what comes later stands there, too.
pub const POSITION_MAX: u32 = 16_383;
/// A lexeme has at most so many positions.
pub const POSITIONS_MAX: usize = 256;
/// Lexemes and positions together may not take more bytes than this (counted as PostgreSQL lays them out).
pub const BYTES_MAX: usize = (1 << 20) - 1;

/// A text up to its first zero character, which none of PostgreSQL's has and the layout cannot hold.
pub(crate) fn without_zero(text: &str) -> &str {
    text.split('\0').next().unwrap_or_default()
}

/// How much a position counts: D, the default, to A.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names are PostgreSQL's")]
pub enum Weight {
    D,
    C,
    B,
    A,
}

impl Weight {
    /// All, from least to most.
    pub const ALL: [Weight; 4] = [Weight::D, Weight::C, Weight::B, Weight::A];

    /// The weight that a letter names, in either case.
    pub fn of_letter(letter: char) -> Option<Self> {
        Weight::ALL.into_iter().find(|w| w.letter() == letter.to_ascii_uppercase())
    }

    /// Its letter.
    pub fn letter(self) -> char {
        match self {
            Weight::A => 'A',
            Weight::B => 'B',
            Weight::C => 'C',
            Weight::D => 'D',
        }
    }

    /// Its bit in a set of weights: 1 for D to 8 for A.
    pub fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// Where a lexeme stands in a document, and with what weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position(pub(crate) u16);

impl Position {
    /// A position; beyond the last one there is, it is the last.
    pub fn new(position: u32, weight: Weight) -> Self {
        Position(position.min(POSITION_MAX) as u16 | (weight as u16) << 14)
    }

    /// The place, counted from 1.
    pub fn place(self) -> u16 {
        self.0 & 0x3fff
    }

    /// The weight.
    pub fn weight(self) -> Weight {
        Weight::ALL[usize::from(self.0 >> 14)]
    }
}

/// The positions of one lexeme, as stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Positions<'a>(&'a [u8]);

impl Positions<'_> {
    /// How many.
    pub fn len(self) -> usize {
        self.0.len() / 2
    }

    /// True if there are none: nothing is known of where the lexeme stands.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The `i`th; none beyond the end.
    pub fn get(self, i: usize) -> Option<Position> {
        let bytes = self.0.get(2 * i..)?.first_chunk::<2>()?;
        let stored = !u16::from_be_bytes(*bytes);
        Some(Position(stored.rotate_right(2)))
    }
}

impl<'a> IntoIterator for Positions<'a> {
    type Item = Position;
    type IntoIter = PositionIter<'a>;

    fn into_iter(self) -> PositionIter<'a> {
        PositionIter { positions: self, next: 0 }
    }
}

/// The positions of a lexeme, one after the other.
#[derive(Debug)]
pub struct PositionIter<'a> {
    positions: Positions<'a>,
    next: usize,
}

impl Iterator for PositionIter<'_> {
    type Item = Position;

    fn next(&mut self) -> Option<Position> {
        let position = self.positions.get(self.next)?;
        self.next += 1;
        Some(position)
    }
}

/// A lexeme of a tsvector with its positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lexeme<'a> {
    /// The lexeme: UTF-8.
    pub text: &'a [u8],
    /// Where it stands.
    pub positions: Positions<'a>,
}

/// A tsvector to look into.
#[derive(Debug, Clone, Copy)]
pub struct Vector<'a> {
    len: usize,
    ends: &'a [u8],
    entries: &'a [u8],
}

fn number(bytes: &[u8], at: usize) -> Option<usize> {
    let four = bytes.get(at..)?.first_chunk::<4>()?;
    usize::try_from(u32::from_be_bytes(*four)).ok()
}

impl<'a> Vector<'a> {
    /// The tsvector of these bytes.
    pub fn new(bytes: &'a [u8]) -> Self {
        let len = number(bytes, 4).unwrap_or(0);
        let rest = bytes.get(8..).unwrap_or_default();
        let table = len.checked_mul(4).and_then(|size| rest.len().checked_sub(size));
        match table.and_then(|at| rest.split_at_checked(at)) {
            Some((entries, ends)) => Vector { len, ends, entries },
            None => Vector { len: 0, ends: &[], entries: &[] },
        }
    }

    /// How many lexemes.
    pub fn len(self) -> usize {
        self.len
    }

    /// True if there are none.
    pub fn is_empty(self) -> bool {
        self.len == 0
    }

    /// The `i`th lexeme; none beyond the end.
    pub fn get(self, i: usize) -> Option<Lexeme<'a>> {
        let begin = if i == 0 { 0 } else { number(self.ends, 4 * (i - 1))? };
        let end = number(self.ends, 4 * i)?;
        let (_, entry) = self.entries.get(begin..end)?.split_first()?;
        let length = entry.iter().position(|&byte| byte == 0)?;
        let (text, rest) = entry.split_at_checked(length)?;
        Some(Lexeme { text, positions: Positions(rest.get(2..).unwrap_or_default()) })
    }

    /// All of them, ascending.
    pub fn iter(self) -> impl Iterator<Item = Lexeme<'a>> {
        (0..self.len).map_while(move |i| self.get(i))
    }

    /// The place of the first lexeme that is not below `text`.
    pub fn lower_bound(self, text: &[u8]) -> usize {
        let (mut low, mut high) = (0, self.len);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.get(middle).is_some_and(|lexeme| lexeme.text < text) {
                true => low = middle + 1,
                false => high = middle,
            }
        }
        low
    }
}

/// What PostgreSQL needs beside the lexemes.
const HEADER: usize = 8;

/// True for the bytes of a tsvector: those that are made when its lexemes are put together again.
pub fn is_valid(bytes: &[u8]) -> bool {
    let mut out = build::Writer::new();
    let mut before: Option<&[u8]> = None;
    for (text, positions) in lexemes(bytes) {
        let places = || positions.into_iter().map(Position::place);
        let sound = before.is_none_or(|before| before < text)
            && !text.is_empty()
            && text.len() < LEXEME_MAX
            && std::str::from_utf8(text).is_ok()
            && positions.len() <= POSITIONS_MAX
            && places().next() != Some(0)
            && places().is_sorted_by(|a, b| a < b);
        if !sound {
            return false;
        }
        out.lexeme(text, &mut positions.into_iter());
        before = Some(text);
    }
    bytes.is_empty() || out.finish().as_deref() == Ok(bytes)
}

/// The size of PostgreSQL's storage after an entry is added to it: positions are aligned and counted.
fn size_with(size: usize, text: usize, positions: usize) -> usize {
    match positions {
        0 => size + text,
        n => (size + text).next_multiple_of(2) + 2 + 2 * n,
    }
}

/// The lexemes of a tsvector, ascending, each with its positions: what an inverted index takes in.
///
/// ```
/// let vector = remanent_text::vector::parse("cat:3A sat").unwrap();
/// let lexemes: Vec<_> = remanent_text::vector::lexemes(&vector).map(|(text, at)| (text, at.len())).collect();
/// assert_eq!(lexemes, [(&b"cat"[..], 1), (&b"sat"[..], 0)]);
/// ```
pub fn lexemes(bytes: &[u8]) -> impl Iterator<Item = (&[u8], Positions<'_>)> {
    Vector::new(bytes).iter().map(|lexeme| (lexeme.text, lexeme.positions))
}
