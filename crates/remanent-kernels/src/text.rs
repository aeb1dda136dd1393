//! Looking through text: for the few bytes that mean something, for texts in many strings at once; and strings as views.
//!
//! A view is 16 bytes, Arrow's BinaryView: the length in the low 32 bits; up to 12 bytes follow inline, of longer strings the
//! first four, the number of a buffer and the offset in it.

use crate::wide::dispatch;
use std::ops::Range;

/// Bytes looked at together.
const LANES: usize = 16;

/// How many bytes come before the first that is one of four; all of them where there is none.
pub fn before_any(bytes: &[u8], of: [u8; 4]) -> usize {
    let [a, b, c, d] = of;
    let is = |byte: u8| byte == a || byte == b || byte == c || byte == d;
    let mut at = 0;
    for lanes in bytes.chunks_exact(LANES) {
        if lanes.iter().fold(false, |any, &byte| any | is(byte)) {
            break;
        }
        at += LANES;
    }
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|&byte| is(byte)).unwrap_or(rest.len())
}

/// The longest string that lies in its view.
const INLINE: usize = 12;

/// Appends the views of strings that lie in `data`, which is buffer `buffer` from `base` on; false where one lies outside.
pub fn views(data: &[u8], strings: &[Range<usize>], buffer: u32, base: usize, out: &mut Vec<u128>) -> bool {
    out.reserve(strings.len());
    for string in strings {
        let Some(text) = data.get(string.clone()) else { return false };
        // The first 16 bytes from where it begins, where there are so many: what is too much is masked.
        let head = match data.get(string.start..string.start + 16) {
            Some(head) => head.try_into().map_or(0, u128::from_le_bytes),
            None => text.iter().take(16).rev().fold(0, |head, &byte| head << 8 | u128::from(byte)),
        };
        let len = text.len();
        out.push(match len <= INLINE {
            true => (head & ((1 << (8 * len)) - 1)) << 32 | len as u128,
            false => {
                let place = u128::from(buffer) | u128::from((base + string.start) as u32) << 32;
                place << 64 | (head & 0xffff_ffff) << 32 | len as u128
            }
        });
    }
    true
}

dispatch! {
    /// True if one of the strings has so many bytes.
    pub fn any_of_length(views: &[u128], len: u32) -> bool {
        views.chunks(64).any(|some| some.iter().fold(false, |any, &view| any | (view as u32 == len)))
    }
}

/// What a string has to have: a beginning, texts one behind the other, an end, none of them overlapping.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sought {
    /// It begins with that.
    pub first: Vec<u8>,
    /// It has these, in that order.
    pub middle: Vec<Vec<u8>>,
    /// It ends with that.
    pub last: Vec<u8>,
}

impl Sought {
    /// True if a string has all of it.
    pub fn is_in(&self, text: &[u8]) -> bool {
        let Some(mut rest) = self.between(text) else { return false };
        for sought in &self.middle {
            let Some(at) = find(rest, sought) else { return false };
            rest = &rest[at + sought.len()..];
        }
        true
    }

    /// What lies between the beginning and the end.
    #[inline(always)]
    fn between<'a>(&self, text: &'a [u8]) -> Option<&'a [u8]> {
        let rest = if self.first.is_empty() { text } else { text.strip_prefix(&self.first[..])? };
        if self.last.is_empty() { Some(rest) } else { rest.strip_suffix(&self.last[..]) }
    }

    /// The bytes that a string has at least.
    fn least(&self) -> usize {
        self.first.len() + self.middle.iter().map(Vec::len).sum::<usize>() + self.last.len()
    }

    #[inline(always)]
    fn is_at(&self, view: u128, least: usize, buffers: &[&[u8]], cursor: &mut Cursor) -> bool {
        let len = view as u32 as usize;
        if len < least {
            return false;
        }
        let Some((sought, others)) = self.middle.split_first() else {
            return string(&view.to_le_bytes(), buffers).is_some_and(|text| self.between(text).is_some());
        };
        if len <= INLINE {
            return self.is_in(&view.to_le_bytes()[4..4 + len]);
        }
        let (number, at) = ((view >> 64) as u32 as usize, (view >> 96) as u32 as usize);
        let Some(buffer) = buffers.get(number) else { return false };
        let Some(rest) = buffer.get(at..at + len).and_then(|text| self.between(text)) else { return false };
        let start = at + self.first.len();
        let Some(hit) = cursor.first(number, buffer, start..start + rest.len(), sought) else { return false };
        let mut rest = &rest[hit - start + sought.len()..];
        for sought in others {
            let Some(at) = find_in(rest, sought) else { return false };
            rest = &rest[at + sought.len()..];
        }
        true
    }
}

/// The string of a view.
fn string<'a>(view: &'a [u8; 16], buffers: &[&'a [u8]]) -> Option<&'a [u8]> {
    let word = |at: usize| view[at..at + 4].iter().rev().fold(0, |word, &byte| word << 8 | usize::from(byte));
    match word(0) {
        len if len <= INLINE => view.get(4..4 + len),
        len => buffers.get(word(8))?.get(word(12)..word(12) + len),
    }
}

/// How far a search goes on beyond the end of a string whose neighbour comes next.
const AHEAD: usize = 4096;

/// Where a text is in a buffer. Strings mostly lie one behind the other: then a whole stretch of them is searched at once,
/// and those without the text are passed over.
#[derive(Default)]
struct Cursor {
    buffer: usize,
    /// What was searched, and the first place of the text in it.
    searched: Range<usize>,
    hit: Option<usize>,
    /// Where the last string ended.
    end: usize,
}

impl Cursor {
    /// The first place of a text in a string: all strings are asked for the same text.
    #[inline(always)]
    fn first(&mut self, number: usize, buffer: &[u8], string: Range<usize>, sought: &[u8]) -> Option<usize> {
        let same = self.buffer == number;
        let searched = same && self.searched.start <= string.start && string.end <= self.searched.end;
        if !searched || self.hit.is_some_and(|hit| hit < string.start) {
            let follows = searched || same && (self.end..self.end + 64).contains(&string.start);
            let ahead = if follows { (string.start + AHEAD).min(buffer.len()) } else { 0 };
            self.buffer = number;
            self.searched = string.start..ahead.max(string.end);
            let found = buffer.get(self.searched.clone()).and_then(|stretch| find_in(stretch, sought));
            self.hit = found.map(|at| string.start + at);
        }
        self.end = string.end;
        self.hit.filter(|hit| hit + sought.len() <= string.end)
    }
}

dispatch! {
    /// The mask of the strings that have what is sought; 64 to a word, the lowest bit first.
    pub fn mask_of(sought: &Sought, views: &[u128], buffers: &[&[u8]], out: &mut Vec<u64>) {
        let (mut cursor, least) = (Cursor::default(), sought.least());
        for strings in views.chunks(64) {
            let mut word = 0;
            for (bit, &view) in strings.iter().enumerate() {
                word |= u64::from(sought.is_at(view, least, buffers, &mut cursor)) << bit;
            }
            out.push(word);
        }
    }
}

dispatch! {
    /// Where `needle` first is in `text`, both UTF-8.
    pub fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
        find_in(text, needle)
    }
}

/// Where `needle` first is in `text`. Places whose first and last byte fit are found many at once and looked at one by one
/// (Muła, "SIMD-friendly algorithms for substring searching", 2018); for long needles, where that could take their
/// product, the standard library's search is used if both are UTF-8.
#[inline(always)]
pub(crate) fn find_in(text: &[u8], needle: &[u8]) -> Option<usize> {
    let (Some(&first), Some(&last)) = (needle.first(), needle.last()) else { return Some(0) };
    if needle.len() > 64
        && let (Ok(text), Ok(needle)) = (std::str::from_utf8(text), std::str::from_utf8(needle))
    {
        return text.find(needle);
    }
    let places = (text.len() + 1).checked_sub(needle.len())?;
    let (begins, ends) = (&text[..places], &text[needle.len() - 1..]);
    let is = |at: usize| text[at..].starts_with(needle);
    let mut at = 0;
    while let (Some(begin), Some(end)) = (begins.get(at..at + 32), ends.get(at..at + 32)) {
        let mut fits = [0u8; 32];
        for j in 0..32 {
            fits[j] = u8::from((begin[j] == first) & (end[j] == last));
        }
        if fits != [0; 32]
            && let Some(j) = (0..32).find(|&j| fits[j] != 0 && is(at + j))
        {
            return Some(at + j);
        }
        at += 32;
    }
    (at..places).find(|&at| begins[at] == first && ends[at] == last && is(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_is_found_wherever_it_is() {
        for len in 0..70 {
            let plain = vec![b'x'; len];
            assert_eq!(before_any(&plain, *b",\"\r\n"), len);
            for at in 0..len {
                for special in *b",\"\r\n" {
                    let mut text = plain.clone();
                    text[at..].fill(special);
                    assert_eq!(before_any(&text, *b",\"\r\n"), at);
                }
            }
        }
    }

    /// Strings of all lengths over few letters, in order, in no order, shared, from two buffers.
    fn strings() -> Vec<String> {
        let mut x = 7u64;
        let mut next = move |below: u64| {
            x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (x >> 33) % below
        };
        let mut letters =
            |len: u64| (0..len).map(|_| ["a", "b", "ab", "é"][next(4) as usize]).collect::<String>();
        (0..600).map(|i| letters(i % 23)).collect()
    }

    #[test]
    fn views_hold_their_strings() {
        let strings = strings();
        let data: Vec<u8> = strings.concat().into_bytes();
        let mut ranges = Vec::new();
        let mut at = 0;
        for string in &strings {
            ranges.push(at..at + string.len());
            at += string.len();
        }
        let mut out = Vec::new();
        // The data stand behind five bytes of buffer 1.
        assert!(views(&data, &ranges, 1, 5, &mut out));
        let whole = [b"12345", &data[..]].concat();
        for (view, text) in out.iter().zip(&strings) {
            assert_eq!(string(&view.to_le_bytes(), &[b"", &whole]), Some(text.as_bytes()));
        }
        let outside = 3..data.len() + 1;
        assert!(!views(&data, std::slice::from_ref(&outside), 0, 0, &mut out));
    }

    #[test]
    fn many_are_searched_as_each_alone() {
        let strings = strings();
        let data: Vec<u8> = strings.concat().into_bytes();
        let (mut ranges, mut at) = (Vec::new(), 0);
        for string in &strings {
            ranges.push(at..at + string.len());
            at += string.len();
        }
        let (mut ascending, mut other) = (Vec::new(), Vec::new());
        assert!(views(&data, &ranges, 0, 0, &mut ascending) && views(&data, &ranges, 1, 0, &mut other));
        let scattered: Vec<u128> = (0..700)
            .map(|i| if i % 3 == 0 { other[i * 257 % 600] } else { ascending[i * 263 % 600] })
            .collect();
        let texts = ["", "a", "b", "ab", "aba", "é", "bbbb", "abéab"];
        for first in texts {
            for last in texts {
                for middle in
                    [vec![], vec!["ab"], vec!["é"], vec!["ba", "b"], vec!["aa", "é", "b"], vec!["bbbbb"]]
                {
                    let own = |text: &str| text.as_bytes().to_vec();
                    let middle = middle.into_iter().map(own).collect();
                    let sought = Sought { first: own(first), middle, last: own(last) };
                    for views in [&ascending, &scattered, &ascending[100..133].to_vec()] {
                        let mut mask = Vec::new();
                        mask_of(&sought, views, &[&data, &data], &mut mask);
                        for (row, view) in views.iter().enumerate() {
                            let view = view.to_le_bytes();
                            let text = string(&view, &[&data, &data]).unwrap();
                            assert_eq!(
                                mask[row / 64] >> (row % 64) & 1 == 1,
                                sought.is_in(text),
                                "{sought:?} {row}"
                            );
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_needle_is_found_wherever_it_is() {
        let found = |text: &str, needle: &str| find(text.as_bytes(), needle.as_bytes());
        let long = "na".repeat(50);
        for (text, needle) in
            [("banana", "nan"), ("banana", "banana"), ("banana", ""), ("banana", "a"), ("banana", "nab")]
        {
            assert_eq!(found(text, needle), text.find(needle), "{needle} in {text}");
        }
        assert_eq!(found("ban", "bana"), None);
        // Beyond the places that are looked at together, and for long needles.
        for before in [0, 1, 31, 32, 33, 70] {
            let text = format!("{}xyz{}", "na".repeat(before), "na".repeat(40));
            assert_eq!(found(&text, "xyz"), Some(2 * before));
            assert_eq!(found(&text, "xy"), Some(2 * before));
        }
        assert_eq!(found(&format!("x{long}"), &long), Some(1));
        assert_eq!(found(&format!("x{long}"), &format!("{long}x")), None);
    }
}
