//! What words became, remembered: a few thousand words are most of any text, and to stem one takes a microsecond.
//!
//! Each thread that stems has a table of [`SETS`] sets of two entries (512 KB, of which it has what it has touched). An entry is a word with its
//! language and what became of it, 16 bytes each. A word that is not there takes the place of the one of its set that was asked for less
//! recently.
//!
//! ```text
//! waiting, english      77 61 69 74 69 6e 67 00 … 04    →    77 61 69 74 00 … 04
//! the, english          74 68 65 00 … 04                →    00 … ff
//! ```
//!
//! Limits: words of more than [`WORD_MAX`] bytes are not remembered.

use std::cell::RefCell;

/// Sets of two entries in a thread's table.
const SETS: usize = 1 << 13;
/// The most bytes of a word, and of what becomes of it.
const WORD_MAX: usize = 15;
/// In place of a length: the word is a stop word.
const STOP: u8 = u8::MAX;

/// A word and its language, or what became of it and its length.
type Packed = u128;

thread_local! {
    static TABLE: RefCell<Vec<[[Packed; 2]; 2]>> = const { RefCell::new(Vec::new()) };
}

/// Bytes, zeros behind them, and a number.
fn pack(bytes: &[u8], last: u8) -> Option<[u8; 16]> {
    let mut packed = [0; 16];
    packed.get_mut(..WORD_MAX)?.get_mut(..bytes.len())?.copy_from_slice(bytes);
    packed[WORD_MAX] = last;
    Some(packed)
}

/// The same byte in all of them.
const fn all(byte: u8) -> Packed {
    Packed::from_le_bytes([byte; 16])
}

/// Letters of ASCII in lower case, sixteen at once; bytes beyond ASCII are none.
fn lower(packed: Packed) -> Packed {
    // The highest bit of each byte says that it is no less than A, and that it is behind Z.
    let (letters, behind) = (packed + all(128 - b'A'), packed + all(127 - b'Z'));
    packed | ((letters ^ behind) & all(0x80)) >> 2
}

/// A word of a language by which it is remembered, in any case if it is ASCII; None of one that is not.
pub(crate) fn key(language: usize, word: &str) -> Option<u128> {
    let language = u8::try_from(language).ok()?;
    let mut packed = Packed::from_le_bytes(pack(word.as_bytes(), 0)?);
    if packed & all(0x80) == 0 {
        packed = lower(packed);
    }
    (!word.is_empty()).then_some(packed | Packed::from(language) << (8 * WORD_MAX))
}

/// Where the entries of a word are.
fn set_of(key: Packed) -> usize {
    let (low, high) = (key as u64, (key >> 64) as u64);
    let mixed = (low ^ high.rotate_left(29)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    ((mixed ^ mixed >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 40) as usize % SETS
}

/// What became of a word, behind what is there: Some(false) of a stop word, of which nothing is left. None: that is not known.
pub(crate) fn recall(key: u128, out: &mut String) -> Option<bool> {
    let found = TABLE.try_with(|table| {
        let mut table = table.borrow_mut();
        let set = table.get_mut(set_of(key))?;
        if set[0][0] != key {
            set.swap(0, 1);
        }
        (set[0][0] == key).then_some(set[0][1])
    });
    let bytes = found.ok()??.to_le_bytes();
    if bytes[WORD_MAX] == STOP {
        return Some(false);
    }
    out.push_str(std::str::from_utf8(bytes.get(..bytes[WORD_MAX].into())?).ok()?);
    Some(true)
}

/// Remembers what became of a word that was not known: None of a stop word.
pub(crate) fn remember(key: u128, lexeme: Option<&str>) {
    let packed = lexeme.map_or(pack(&[], STOP), |lexeme| pack(lexeme.as_bytes(), lexeme.len() as u8));
    let Some(packed) = packed else { return };
    let _ = TABLE.try_with(|table| {
        let mut table = table.borrow_mut();
        if table.is_empty() {
            *table = vec![[[0; 2]; 2]; SETS];
        }
        // Whoever was looked for in vain has moved the one that was asked for last behind the other.
        if let Some(set) = table.get_mut(set_of(key)) {
            set[0] = [key, Packed::from_le_bytes(packed)];
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recalled(language: usize, word: &str) -> Option<Option<String>> {
        let mut out = String::new();
        let known = recall(key(language, word)?, &mut out)?;
        Some(known.then_some(out))
    }

    #[test]
    fn words_of_a_language_are_remembered_in_any_case() {
        remember(key(4, "Waiting").unwrap(), Some("wait"));
        remember(key(4, "the").unwrap(), None);
        remember(key(4, "\u{e9}t\u{e9}").unwrap(), Some("\u{e9}t"));
        assert_eq!(recalled(4, "wAITING"), Some(Some("wait".to_owned())));
        assert_eq!(recalled(4, "The"), Some(None));
        assert_eq!(recalled(4, "\u{e9}t\u{e9}"), Some(Some("\u{e9}t".to_owned())));
        assert_eq!(recalled(5, "waiting"), None);
        assert_eq!(recalled(4, "waitin"), None);
    }

    #[test]
    fn letters_are_made_small_as_the_library_does() {
        for byte in 0..128u8 {
            let text = [byte, b'Q', byte, b'q'];
            let packed = lower(Packed::from_le_bytes(pack(&text, 0).unwrap())).to_le_bytes();
            assert_eq!(packed[..4], text.to_ascii_lowercase());
        }
    }

    #[test]
    fn long_words_and_long_stems_are_not() {
        assert_eq!(key(1, "fifteen letters!"), None);
        assert_eq!(key(1, ""), None);
        let long = key(1, "fifteen letters").unwrap();
        remember(long, Some("fifteen letters!"));
        assert_eq!(recalled(1, "fifteen letters"), None);
        remember(long, Some("fifteen letters"));
        assert_eq!(recalled(1, "fifteen letters"), Some(Some("fifteen letters".to_owned())));
    }

    #[test]
    fn more_words_than_there_are_entries_never_become_each_other() {
        for round in 0..2 {
            for i in 0..40_000u32 {
                let word = format!("word{i}");
                let known = recalled(2, &word);
                assert!(known.is_none() || known == Some(Some(format!("w{i}"))), "{round} {word}");
                if known.is_none() {
                    remember(key(2, &word).unwrap(), Some(&format!("w{i}")));
                }
            }
        }
    }
}
