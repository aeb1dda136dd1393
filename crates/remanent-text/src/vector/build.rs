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
    ends: Vec<u8>,
    entries: Vec<u8>,
    size: usize,
}

impl Writer {
    pub(super) fn new() -> Self {
        Writer { ends: Vec::new(), entries: Vec::new(), size: 0 }
    }

    pub(super) fn lexeme(&mut self, text: &[u8], positions: &mut dyn Iterator<Item = Position>) {
        let begin = self.entries.len();
        self.entries.push(1);
        self.entries.extend_from_slice(text);
        self.entries.push(0);
        let counted = self.entries.len();
        for position in positions {
            if self.entries.len() == counted {
                self.entries.push(0);
            }
            let stored = position.place() << 2 | position.weight() as u16;
            self.entries.extend_from_slice(&(!stored).to_be_bytes());
        }
        let count = (self.entries.len() - counted) / 2;
        if count > 0 {
            self.entries[begin] = 0;
            self.entries[counted] = (POSITIONS_MAX - count) as u8;
        }
        self.size = size_with(self.size, text.len(), count);
        self.ends.extend_from_slice(&(self.entries.len() as u32).to_be_bytes());
    }

    /// The value; 54000 if it is too large.
    pub(super) fn finish(self) -> Result<Vec<u8>> {
        check_size(self.size)?;
        let mut bytes = Vec::with_capacity(8 + self.ends.len() + self.entries.len());
        bytes.extend_from_slice(&((HEADER + self.ends.len() + self.size) as u32).to_be_bytes());
        bytes.extend_from_slice(&(self.ends.len() as u32 / 4).to_be_bytes());
        bytes.extend_from_slice(&self.entries);
        bytes.extend_from_slice(&self.ends);
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
        let mut order: Vec<u32> = (0..self.words.len() as u32).collect();
        sort(&mut order, &|a, b| self.text(a).cmp(self.text(b)).then(a.cmp(&b)));
        let mut out = Writer::new();
        let mut rest = order.as_slice();
        let mut positions: Vec<Position> = Vec::new();
        while let Some(&first) = rest.first() {
            let text = self.text(first);
            let same = rest.iter().take_while(|&&word| self.text(word) == text).count();
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
