//! Strings as codes of frequent substrings, each string alone.
//!
//! A table has up to 255 *symbols* of 1 to 8 bytes. A string becomes a code per symbol; code 255 says that the next
//! byte stands for itself. Text shrinks to a half or a third, any string decodes without its neighbours, and equal
//! strings have equal codes. After Boncz, Neumann and Leis, "FSST: Fast random access string compression" (VLDB 2020):
//! symbols are found in rounds, each of which codes a sample with the symbols so far and keeps, of them and of
//! the pairs that follow one another, those that cover most.
//!
//! The persisted table: how many symbols there are of each length, 1 to 8 (a byte each), then their bytes, those of
//! length 1 first. A symbol's code is its place.
//!
//! Example: the table of "n" and "na" is `01 01 00 00 00 00 00 00 6e 6e61`; with it "banana" is `ff 62 ff 61 01 01`.
//!
//! Limits: training takes about 0.5 ms for the 16 KB it looks at.

use crate::sort::sort_by;

/// Most symbols; the code after the last is the escape.
const SYMBOLS_MAX: usize = 255;
const ESCAPE: u8 = 255;
/// Longest symbol.
const LEN_MAX: usize = 8;
/// Bytes of a sample, and rounds of training.
const SAMPLE: usize = 16 << 10;
const ROUNDS: usize = 5;

/// A substring, its bytes from the lowest on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Symbol {
    word: u64,
    len: u8,
}

impl Symbol {
    fn mask(len: u8) -> u64 {
        u64::MAX >> (64 - 8 * u32::from(len))
    }

    /// One byte of its own.
    fn byte(byte: u8) -> Self {
        Symbol { word: byte.into(), len: 1 }
    }

    /// This symbol and as much of the next as fits.
    fn join(self, next: Symbol) -> Self {
        let len = (self.len + next.len).min(LEN_MAX as u8);
        let word = self.word | next.word.checked_shl(8 * u32::from(self.len)).unwrap_or(0);
        Symbol { word: word & Self::mask(len), len }
    }
}

/// A table of symbols.
#[derive(Debug, Clone)]
pub struct Symbols {
    /// By code: ascending in length.
    symbols: Vec<Symbol>,
    /// Symbols with their codes by first byte, the longest first: those of byte b are `by_byte[starts[b]..starts[b + 1]]`.
    by_byte: Vec<(u64, u64, Code)>,
    starts: [u16; 257],
}

/// What is found: a code and how many bytes it stands for.
#[derive(Debug, Clone, Copy)]
struct Code {
    code: u8,
    len: u8,
}

/// The next 8 bytes, zeros past the end.
#[inline]
fn word_at(bytes: &[u8], at: usize) -> u64 {
    let rest = &bytes[at..];
    match rest.first_chunk() {
        Some(word) => u64::from_le_bytes(*word),
        None => rest.iter().rev().fold(0, |word, &b| word << 8 | u64::from(b)),
    }
}

impl Symbols {
    fn new(mut symbols: Vec<Symbol>) -> Self {
        sort_by(&mut symbols, &|a, b| (a.len, a.word).cmp(&(b.len, b.word)));
        let of = |(code, symbol): (usize, &Symbol)| {
            (symbol.word, Symbol::mask(symbol.len), Code { code: code as u8, len: symbol.len })
        };
        let mut by_byte: Vec<(u64, u64, Code)> = symbols.iter().enumerate().map(of).collect();
        sort_by(&mut by_byte, &|a, b| (a.0 as u8, b.2.code).cmp(&(b.0 as u8, a.2.code)));
        let mut starts = [0; 257];
        for byte in 0..=255u8 {
            starts[usize::from(byte) + 1] = by_byte.partition_point(|held| held.0 as u8 <= byte) as u16;
        }
        Symbols { symbols, by_byte, starts }
    }

    /// A table for strings like those that lie one after the other in `data`, each ending where `ends` says.
    #[inline(never)]
    pub fn train(data: &[u8], ends: &[i64]) -> Self {
        // Some strings, in no rhythm that theirs could meet, cut where they are very long.
        let step = data.len().div_ceil(SAMPLE).max(1) as u32;
        let mut sample: Vec<&[u8]> = Vec::new();
        let mut start = 0;
        for (i, &end) in ends.iter().enumerate() {
            if ((i as u32).wrapping_mul(0x9e37_79b9) >> 16).is_multiple_of(step) {
                let string = data.get(start..end as usize).unwrap_or_default();
                sample.push(&string[..string.len().min(SAMPLE / 4)]);
            }
            start = end as usize;
        }
        let mut table = Symbols::new(Vec::new());
        for round in 1..=ROUNDS {
            table = table.better(&sample, round == ROUNDS);
        }
        table
    }

    /// The symbols, and pairs of them, that cover most of the sample. `last`: those that do not pay for
    /// themselves are left out.
    fn better(&self, sample: &[&[u8]], last: bool) -> Self {
        // Symbols by their codes, bytes without a symbol behind them.
        let known = |code: usize| self.symbols.get(code).copied().unwrap_or_else(|| Symbol::byte(code as u8));
        let (mut singles, mut pairs) = ([0usize; 512], Vec::new());
        for string in sample {
            let (mut at, mut before) = (0, None::<usize>);
            while at < string.len() {
                let (code, len) = match self.longest(word_at(string, at), string.len() - at) {
                    Some(found) => (found.code.into(), found.len.into()),
                    None => (256 + usize::from(string[at]), 1),
                };
                singles[code] += 1;
                pairs.extend(before.filter(|_| !last).map(|before| (before << 9 | code) as u32));
                before = Some(code);
                at += len;
            }
        }
        pairs.sort_unstable();
        let joined = |same: &[u32]| {
            let pair = same[0] as usize;
            (known(pair >> 9).join(known(pair & 511)), same.len())
        };
        let mut found: Vec<(Symbol, usize)> = pairs.chunk_by(|a, b| a == b).map(joined).collect();
        let single = |(code, &count): (usize, &usize)| (count > 0).then(|| (known(code), count));
        found.extend(singles.iter().enumerate().filter_map(single));
        found.sort_unstable();
        let mut gains: Vec<(usize, Symbol)> = Vec::new();
        for same in found.chunk_by(|a, b| a.0 == b.0) {
            let (symbol, count) = (same[0].0, same.iter().map(|found| found.1).sum::<usize>());
            let len = usize::from(symbol.len);
            // A byte of its own takes two without a symbol; a longer one is covered by shorter ones otherwise.
            let pays = if last { count * len > 2 * (len + 1) } else { count > 1 };
            if pays {
                gains.push((count * len, symbol));
            }
        }
        gains.sort_unstable_by(|a, b| b.cmp(a));
        Symbols::new(gains.into_iter().take(SYMBOLS_MAX).map(|(_, symbol)| symbol).collect())
    }

    /// The code of the longest symbol that the `len` bytes from `word` on begin with.
    #[inline]
    fn longest(&self, word: u64, len: usize) -> Option<Code> {
        let first = usize::from(word as u8);
        let codes = &self.by_byte[usize::from(self.starts[first])..usize::from(self.starts[first + 1])];
        let found = codes.iter().find(|held| word & held.1 == held.0 && usize::from(held.2.len) <= len)?;
        Some(found.2)
    }

    /// Appends the codes of a string.
    #[inline(never)]
    pub fn encode(&self, string: &[u8], out: &mut Vec<u8>) {
        let mut at = 0;
        while at < string.len() {
            match self.longest(word_at(string, at), string.len() - at) {
                Some(found) => {
                    out.push(found.code);
                    at += usize::from(found.len);
                }
                None => {
                    out.extend_from_slice(&[ESCAPE, string[at]]);
                    at += 1;
                }
            }
        }
    }

    /// Appends the persisted table.
    pub fn write(&self, out: &mut Vec<u8>) {
        let of = |len: u8| self.symbols.iter().filter(move |s| s.len == len);
        (1..=LEN_MAX as u8).for_each(|len| out.push(of(len).count() as u8));
        self.symbols.iter().for_each(|s| out.extend_from_slice(&s.word.to_le_bytes()[..usize::from(s.len)]));
    }
}

/// Symbols by code, ready to decode with.
pub struct Decoder {
    symbols: [([u8; 8], u8); 256],
}

/// How long the table that these bytes begin with is; None where it is no table.
pub fn table_len(bytes: &[u8]) -> Option<usize> {
    let counts = bytes.first_chunk::<LEN_MAX>()?;
    let count: usize = counts.iter().map(|&n| usize::from(n)).sum();
    let bytes: usize = counts.iter().enumerate().map(|(i, &n)| (i + 1) * usize::from(n)).sum();
    (count <= SYMBOLS_MAX).then_some(LEN_MAX + bytes)
}

impl Decoder {
    /// Reads a table, of which [`table_len`] has said that it is one.
    pub fn new(table: &[u8]) -> Option<Self> {
        let (counts, mut rest) = table.split_first_chunk::<LEN_MAX>()?;
        let mut symbols = [([0; 8], 0); 256];
        let mut slots = symbols.iter_mut();
        for (i, &count) in counts.iter().enumerate() {
            for _ in 0..count {
                let (bytes, after) = rest.split_at_checked(i + 1)?;
                let slot = slots.next()?;
                slot.0[..=i].copy_from_slice(bytes);
                slot.1 = i as u8 + 1;
                rest = after;
            }
        }
        Some(Decoder { symbols })
    }

    /// Appends the string of these codes; None where they are none.
    #[inline(never)]
    pub fn decode(&self, codes: &[u8], out: &mut Vec<u8>) -> Option<()> {
        let mut end = out.len();
        out.resize(end + codes.len() * LEN_MAX, 0);
        let mut codes = codes.iter();
        while let Some(&code) = codes.next() {
            let (bytes, len) = if code == ESCAPE {
                ([*codes.next()?, 0, 0, 0, 0, 0, 0, 0], 1)
            } else {
                self.symbols[usize::from(code)]
            };
            if len == 0 {
                return None;
            }
            out.get_mut(end..end + LEN_MAX)?.copy_from_slice(&bytes);
            end += usize::from(len);
        }
        out.truncate(end);
        Some(())
    }
}
