//! Letters without their accents, as PostgreSQL's `unaccent` writes them.
//!
//! ```text
//! Café → Cafe    Ærøskøbing → AEroskobing    Ώρα → Ωρα    ½ → 1/2    e + U+0301 → e    й → й
//! ```
//!
//! The table says of each character what the rules that PostgreSQL 15 is delivered with say: letters that Unicode decomposes
//! into one of Latin or Greek and marks, ligatures and letters with strokes by CLDR's `Latin-ASCII`, signs and widths by the
//! same. `accents.txt` has a line for each stretch of code points: the first one in hexadecimal, then for it and those behind it
//! what they become: a character, or some in braces; `_` stands for one that stays. Marks that vanish are in [`vanishes`].
//! Limits: of Cyrillic only ё is there, of other scripts nothing; case stays.

use std::sync::OnceLock;

static STRETCHES: &str = include_str!("../accents.txt");

/// The same text without accents, behind what is there.
pub fn fold(text: &str, out: &mut String) {
    if text.is_ascii() {
        return out.push_str(text);
    }
    for c in text.chars() {
        match replacement(c) {
            Some(plain) => out.push_str(plain),
            None => out.push(c),
        }
    }
}

/// What a character becomes. None: it stays.
fn replacement(c: char) -> Option<&'static str> {
    static TABLE: OnceLock<Vec<(u32, &'static str)>> = OnceLock::new();
    let code = u32::from(c);
    if code < 0xa1 {
        return None;
    }
    if vanishes(code) {
        return Some("");
    }
    let table = TABLE.get_or_init(read);
    let place = table.binary_search_by_key(&code, |entry| entry.0).ok()?;
    table.get(place).map(|entry| entry.1)
}

/// True for combining marks.
fn vanishes(code: u32) -> bool {
    matches!(code, 0x300..=0x362 | 0x20dd..=0x20e0 | 0x20e2..=0x20e4)
}

fn read() -> Vec<(u32, &'static str)> {
    let mut table = Vec::with_capacity(1600);
    for (first, mut rest) in STRETCHES.lines().filter_map(|line| line.split_once(' ')) {
        let mut code = u32::from_str_radix(first, 16).unwrap_or(u32::MAX);
        while let Some(c) = rest.chars().next() {
            let (from, to, len) = match c {
                // What stands between braces may be a brace.
                '{' => {
                    let end =
                        rest.bytes().skip(2).position(|byte| byte == b'}').map_or(rest.len(), |at| at + 2);
                    (1, end, end + 1)
                }
                c => (0, c.len_utf8(), c.len_utf8()),
            };
            if c != '_' {
                table.push((code, rest.get(from..to).unwrap_or_default()));
            }
            rest = rest.get(len..).unwrap_or_default();
            code = code.saturating_add(1);
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> String {
        let mut out = String::from("=");
        fold(text, &mut out);
        out.split_off(1)
    }

    #[test]
    fn letters_lose_their_accents() {
        assert_eq!(folded("Café, Ærøskøbing; groß ŁÓDŹ"), "Cafe, AEroskobing; gross LODZ");
        assert_eq!(folded("Ώρα ἀρχή ё й"), "Ωρα αρχη е й");
        assert_eq!(folded("e\u{301}\u{20dd}x"), "ex");
        assert_eq!(folded("½ ㎏ ⒇ ｛＿｝ ︷"), "1/2 kg (20) {_} {");
        assert_eq!(folded("plain"), "plain");
    }

    #[test]
    fn the_table_is_sorted_and_its_signs_are_read() {
        let table = read();
        assert_eq!(table.len(), 1544);
        assert!(table.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(table.iter().all(|(_, plain)| !plain.is_empty() && plain.len() <= 5));
    }
}
