//! Making tsvectors: of entries in any order, and of the words of a document.

use super::{BYTES_MAX, HEADER, LEXEME_MAX, POSITION_MAX, POSITIONS_MAX, Position, Weight, size_with};
use crate::error::{Error, Result, code};
use crate::order::sort;

/// A lexeme with its positions, to be put into a tsvector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The lexeme.
    pub text: Vec<u8>,
    /// Where it stands, in any order.
    pub positions: Vec<Position>,
}

/// The layout, piece by piece; lexemes must come in order.
pub(super) struct Writer {
    /// The value, whose first numbers are still open, up to where the last entry ends.
    bytes: Vec<u8>,
    ends: Vec<u8>,
    size: usize,
}

/// What stands before the entries.
const NUMBERS: usize = 8;

impl Writer {
    pub(super) fn new() -> Self {
        Writer { bytes: vec![0; NUMBERS], ends: Vec::new(), size: 0 }
    }

    pub(super) fn lexeme(&mut self, text: &[u8], positions: &mut dyn Iterator<Item = Position>) {
        let bytes = &mut self.bytes;
        let begin = bytes.len();
        bytes.push(1);
        bytes.extend_from_slice(text);
        bytes.push(0);
        let counted = bytes.len();
        for position in positions {
            if bytes.len() == counted {
                bytes.push(0);
            }
            let stored = position.place() << 2 | position.weight() as u16;
            bytes.extend_from_slice(&(!stored).to_be_bytes());
        }
        let count = (bytes.len() - counted) / 2;
        if count > 0 {
            bytes[begin] = 0;
            bytes[counted] = (POSITIONS_MAX - count) as u8;
        }
        self.size = size_with(self.size, text.len(), count);
        self.ends.extend_from_slice(&((bytes.len() - NUMBERS) as u32).to_be_bytes());
    }

    /// The value; 54000 if it is too large.
    pub(super) fn finish(self) -> Result<Vec<u8>> {
        let Writer { mut bytes, ends, size } = self;
        check_size(size)?;
        bytes[..4].copy_from_slice(&((HEADER + ends.len() + size) as u32).to_be_bytes());
        bytes[4..NUMBERS].copy_from_slice(&(ends.len() as u32 / 4).to_be_bytes());
        bytes.extend_from_slice(&ends);
        Ok(bytes)
    }
}

pub(super) fn check_size(size: usize) -> Result<()> {
    match size <= BYTES_MAX {
        true => Ok(()),
        false => Err(Error::new(
            code::LIMIT,
            format!("string is too long for tsvector ({size} bytes, max {BYTES_MAX} bytes)"),
        )),
    }
}

/// 54000 for a lexeme of so many bytes, if that is too many.
pub(super) fn check_length(length: usize) -> Result<()> {
    match length < LEXEME_MAX {
        true => Ok(()),
        false => {
            let message = format!("word is too long ({length} bytes, max {} bytes)", LEXEME_MAX - 1);
            Err(Error::new(code::LIMIT, message))
        }
    }
}

/// A tsvector of lexemes in any order; those that recur are put together, of equal positions the heaviest stays.
/// 54000 if it is too large.
pub fn build(mut entries: Vec<Entry>) -> Result<Vec<u8>> {
    let mut order: Vec<u32> = (0..entries.len() as u32).collect();
    sort(&mut order, &|a, b| entries[a as usize].text.cmp(&entries[b as usize].text).then(a.cmp(&b)));
    let mut out = Writer::new();
    let mut at = 0;
    while at < order.len() {
        let Entry { text, mut positions } = take(&mut entries, order[at]);
        at += 1;
        while at < order.len() && entries[order[at] as usize].text == text {
            positions.append(&mut take(&mut entries, order[at]).positions);
            at += 1;
        }
        tidy(&mut positions);
        out.lexeme(&text, &mut positions.into_iter());
    }
    out.finish()
}

fn take(entries: &mut [Entry], i: u32) -> Entry {
    std::mem::replace(&mut entries[i as usize], Entry { text: Vec::new(), positions: Vec::new() })
}

/// Positions ascending and each once, with the heaviest weight; as many as there may be.
fn tidy(positions: &mut Vec<Position>) {
    if positions.len() < 2 {
        return;
    }
    // The place, then the weight from heavy to light.
    let key = |p: &Position| u32::from(p.place()) << 2 | (3 - p.weight() as u32);
    let mut keys: Vec<u32> = positions.iter().map(key).collect();
    sort(&mut keys, &|a, b| a.cmp(&b));
    positions.clear();
    for key in keys {
        let position = Position::new(key >> 2, Weight::ALL[3 - (key & 3) as usize]);
        let last = positions.last().map(|p| p.place());
        if positions.len() == POSITIONS_MAX || last == Some(POSITION_MAX as u16) {
            break;
        }
        if last != Some(position.place()) {
            positions.push(position);
        }
    }
}

/// The words of a document, as they come.
///
/// Bytes of all lexemes lie in one buffer; a word is 12 bytes beside it.
#[derive(Debug, Default)]
pub struct Builder {
    text: Vec<u8>,
    words: Vec<Word>,
    position: u32,
}

#[derive(Debug, Clone, Copy)]
struct Word {
    begin: u32,
    len: u16,
    position: u16,
}

impl Builder {
    /// No words yet.
    pub fn new() -> Self {
        Builder::default()
    }

    /// How many words.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Goes on to the next position, as a stop word does.
    pub fn advance(&mut self) {
        self.position = self.position.saturating_add(1);
    }

    /// Makes room for the words of a text of so many bytes.
    pub(crate) fn reserve(&mut self, bytes: usize) {
        self.text.reserve(bytes);
        self.words.reserve(bytes / 8);
    }

    /// Adds a lexeme at the current position. 54000 beyond 4 GB.
    pub fn push(&mut self, lexeme: &str) -> Result<()> {
        if lexeme.len() >= LEXEME_MAX {
            return Ok(());
        }
        let Ok(begin) = u32::try_from(self.text.len()) else {
            return check_size(self.text.len());
        };
        self.text.extend_from_slice(lexeme.as_bytes());
        let position = self.position.min(POSITION_MAX) as u16;
        self.words.push(Word { begin, len: lexeme.len() as u16, position });
        Ok(())
    }

    fn text(&self, word: u32) -> &[u8] {
        let Word { begin, len, .. } = self.words[word as usize];
        &self.text[begin as usize..begin as usize + usize::from(len)]
    }

    /// The tsvector. 54000 if it is too large.
    pub fn finish(&self) -> Result<Vec<u8>> {
        // Most lexemes differ in the bytes that are compared first.
        let beginning = |word: u32| {
            let mut first = [0; 8];
            first.iter_mut().zip(self.text(word)).for_each(|(to, from)| *to = *from);
            u64::from_be_bytes(first)
        };
        let mut order: Vec<u32> = (0..self.words.len() as u32).collect();
        let first: Vec<u64> = order.iter().map(|&word| beginning(word)).collect();
        let compare = |a: u32, b: u32| {
            let first = first[a as usize].cmp(&first[b as usize]);
            first.then_with(|| self.text(a).cmp(self.text(b))).then(a.cmp(&b))
        };
        sort(&mut order, &compare);
        let mut out = Writer::new();
        out.bytes.reserve(self.text.len() + 8 * self.words.len());
        out.ends.reserve(4 * self.words.len());
        let mut rest = order.as_slice();
        let mut positions: Vec<Position> = Vec::new();
        while let Some((&word, more)) = rest.split_first() {
            let text = self.text(word);
            let same = 1 + more.iter().take_while(|&&word| self.text(word) == text).count();
            positions.clear();
            for &word in &rest[..same] {
                let place = self.words[word as usize].position;
                let last = positions.last().map(|p| p.place());
                // PostgreSQL stops one before the limit here.
                if positions.len() == POSITIONS_MAX - 1 || last == Some(POSITION_MAX as u16) {
                    break;
                }
                if last != Some(place) {
                    positions.push(Position::new(place.into(), Weight::D));
                }
            }
            out.lexeme(text, &mut positions.iter().copied());
            rest = &rest[same..];
        }
        out.finish()
    }
}
