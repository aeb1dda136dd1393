//! What most text consists of, read at once: words of ASCII letters, and what stands between two words.
//!
//! The machine reads them by the rules of its states `BASE`, `IN_ASCII_WORD` and `IN_SPACE`, a character at a time. Here is what
//! these come to where none of them tries anything; what may be more than that, and what is not ASCII, is left to the machine.
//!
//! ```text
//! fat cat, rat.org      asciiword fat, blank, asciiword cat, blank; rat. may begin a host
//! ```

use super::Kind;

/// A letter.
const LETTER: u8 = 1;
/// Behind letters, it ends their word.
const ENDS_WORD: u8 = 2;
/// It begins what stands between tokens; it goes on with it; it ends it.
const BEGINS_BLANK: u8 = 4;
const BLANK: u8 = 8;
const ENDS_BLANK: u8 = 16;

/// What bytes are.
static CLASSES: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 128 {
        let c = byte as u8;
        let class = &mut classes[byte];
        if c.is_ascii_alphabetic() {
            *class |= LETTER;
        } else if !c.is_ascii_digit() && !matches!(c, b'.' | b'-' | b'_' | b'@' | b':' | b'/') {
            *class |= ENDS_WORD;
        }
        if c.is_ascii_alphanumeric() || matches!(c, b'<' | b'-' | b'+' | b'&' | b'/') {
            *class |= ENDS_BLANK;
        } else {
            *class |= BLANK;
            if !matches!(c, b'~' | b'.') {
                *class |= BEGINS_BLANK;
            }
        }
        byte += 1;
    }
    classes
}

fn is(byte: u8, class: u8) -> bool {
    CLASSES[usize::from(byte)] & class != 0
}

/// How many bytes from the second on are of a class, where the one behind them, if there is one, is of another.
fn stretch(rest: &[u8], class: u8, end: u8) -> Option<usize> {
    let more = rest.get(1..)?;
    let len = more.iter().position(|&byte| !is(byte, class)).unwrap_or(more.len());
    more.get(len).is_none_or(|&byte| is(byte, end)).then_some(1 + len)
}

/// The token that comes next between tokens, and how many bytes it has.
pub(super) fn token(rest: &[u8]) -> Option<(Kind, usize)> {
    let &first = rest.first()?;
    if is(first, LETTER) {
        return Some((Kind::AsciiWord, stretch(rest, LETTER, ENDS_WORD)?));
    }
    let len = if is(first, BEGINS_BLANK) { stretch(rest, BLANK, ENDS_BLANK)? } else { return None };
    Some((Kind::Blank, len))
}
