//! The distinct values of a page.
//!
//! Most dictionaries are small: they pay from the first vector on. Strings that hardly repeat within a vector may all the same come
//! from some thousand that repeat from vector to vector, such as messages of a program with a number in each. Whether they do is
//! looked at over the vectors of some pages ([`Repeats`]); from then on pages begin with *large* dictionaries, whose strings are
//! stored as codes of substrings, and who looks for a text looks into each string once a page.
//!
//! ```text
//!   16 vectors   "fan fault 17", "steady 3", …     16,384 rows, 4,000 distinct       as they are: 5 bytes a row
//!   large        4,000 entries of some 5 bytes, a code of 12 bits a row              3 bytes a row
//! ```

use crate::segment::encoding::bytes::{self, Packer, Strings};
use crate::segment::encoding::{ENDS_MAX, Effort, ints};
use remanent_kernels::bitpack::{packed_len, width_of};
use remanent_kernels::fsst::Symbols;
use rustc_hash::{FxHashMap, FxHashSet, FxHasher};
use std::hash::Hasher;

/// Most entries of a dictionary, and most bytes of its strings.
const ENTRIES_MAX: usize = 1024;
const ENTRY_BYTES_MAX: usize = 8 << 10;
/// Most bytes of the strings of a large one.
const LARGE_BYTES_MAX: usize = 96 << 10;
/// What the symbols of a large one take at most, and the heads of its sections.
const TABLE_MAX: usize = 8 + 255 * 8 + 64;
/// So many vectors are looked at, and so many not after that.
const LOOKED_AT: usize = 16;
const PASSED: usize = 128;
/// A large dictionary has at most one entry for so many rows of its page.
const ROWS_EACH: usize = 3;

/// The distinct values of a page, of either kind.
#[derive(Default)]
pub(super) struct Dictionary {
    carriers: Vec<i64>,
    carrier_codes: FxHashMap<i64, u16>,
    strings: Strings,
    /// By hash; of two strings with the same hash the second is refused.
    string_codes: FxHashMap<u64, u16>,
    /// Of a large one: the strings as codes of substrings, and where each ends in them.
    large: Option<(Vec<i64>, Vec<u8>)>,
}

fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(bytes);
    hasher.write_usize(bytes.len());
    hasher.finish()
}

impl Dictionary {
    /// One of up to 4,096 strings.
    pub(super) fn large() -> Self {
        Dictionary { large: Some(Default::default()), ..Dictionary::default() }
    }

    pub(super) fn is_large(&self) -> bool {
        self.large.is_some()
    }

    pub(super) fn len(&self) -> usize {
        self.carriers.len() + self.strings.len()
    }

    /// The codes of carriers; None where there would be too many distinct ones.
    pub(super) fn carriers(&mut self, values: &[i64]) -> Option<Vec<i64>> {
        let mut codes = Vec::with_capacity(values.len());
        let mut last = None;
        for &value in values {
            let code = match last {
                Some((v, code)) if v == value => code,
                _ => match self.carrier_codes.get(&value) {
                    Some(&code) => code,
                    None if self.carriers.len() == ENTRIES_MAX => return None,
                    None => {
                        let code = self.carriers.len() as u16;
                        self.carrier_codes.insert(value, code);
                        self.carriers.push(value);
                        code
                    }
                },
            };
            last = Some((value, code));
            codes.push(i64::from(code));
        }
        Some(codes)
    }

    /// The codes of strings; None where there would be too many distinct ones, or too long.
    pub(super) fn strings(&mut self, values: &Strings, repeats: &Repeats) -> Option<Vec<i64>> {
        let (most, bytes_most) = match self.is_large() {
            true => (ENDS_MAX, LARGE_BYTES_MAX),
            false => (ENTRIES_MAX, ENTRY_BYTES_MAX),
        };
        let mut codes = Vec::with_capacity(values.len());
        for i in 0..values.len() {
            let bytes = values.get(i);
            let hash = hash(bytes);
            let code = match self.string_codes.get(&hash) {
                Some(&code) if self.strings.get(code.into()) == bytes => code,
                Some(_) => return None,
                None => {
                    if self.strings.len() == most || self.strings.data.len() + bytes.len() > bytes_most {
                        return None;
                    }
                    if let (Some((ends, codes)), Some(symbols)) = (&mut self.large, &repeats.symbols) {
                        symbols.encode(bytes, codes);
                        ends.push(codes.len() as i64);
                    }
                    let code = self.strings.len() as u16;
                    self.string_codes.insert(hash, code);
                    self.strings.push(bytes);
                    code
                }
            };
            codes.push(i64::from(code));
        }
        Some(codes)
    }

    /// Forgets the entries from `len` on.
    pub(super) fn truncate(&mut self, len: usize) {
        let keep = |code: &u16| usize::from(*code) < len;
        self.carriers.truncate(len);
        self.carrier_codes.retain(|_, code| keep(code));
        self.strings.data.truncate(if len < self.strings.len() {
            self.strings.start(len)
        } else {
            self.strings.data.len()
        });
        self.strings.ends.truncate(len);
        if let Some((ends, codes)) = &mut self.large {
            ends.truncate(len);
            codes.truncate(ends.last().map_or(0, |&end| end as usize));
        }
        self.string_codes.retain(|_, code| keep(code));
    }

    /// About how many bytes its section takes, at most.
    pub(super) fn size(&self) -> usize {
        if self.len() == 0 {
            0
        } else if let Some((ends, codes)) = &self.large {
            TABLE_MAX + ends.len() * 2 + codes.len()
        } else {
            32 + self.carriers.len() * 8 + self.strings.len() * 4 + self.strings.data.len()
        }
    }

    pub(super) fn memory(&self) -> usize {
        let large = self.large.as_ref().map_or(0, |(ends, codes)| ends.capacity() * 8 + codes.capacity());
        self.len() * 32 + self.strings.memory() + large
    }

    pub(super) fn write(&self, codes: bool, repeats: &Repeats, out: &mut Vec<u8>) {
        if let (Some((ends, codes)), Some(symbols)) = (&self.large, &repeats.symbols) {
            let mut table = Vec::new();
            symbols.write(&mut table);
            bytes::write_codes(ends, &table, codes, out);
        } else if !self.carriers.is_empty() {
            ints::plan(&self.carriers, Effort::Fast).write(&self.carriers, out);
        } else if !self.strings.is_empty() {
            let mut packer = Packer::new(false, codes);
            bytes::write(&self.strings, 0, self.strings.len(), &mut packer, out);
        }
    }
}

/// What is known of the strings of a column as it is written.
#[derive(Default)]
pub(super) struct Repeats {
    /// The symbols of large dictionaries, once there are any; whether the next page has one.
    symbols: Option<Symbols>,
    large: bool,
    /// Of the vectors that were looked at: hashes of distinct strings, the bytes of these, and how many vectors, rows, and bytes
    /// on disk there are.
    seen: FxHashSet<u64>,
    bytes: usize,
    vectors: usize,
    rows: usize,
    stored: usize,
    /// The size of the page's dictionary so far.
    before: usize,
    /// So many vectors are passed over.
    pass: usize,
}

impl Repeats {
    /// True if the next page may begin with a large dictionary.
    pub(super) fn suggest_large(&self) -> bool {
        self.large
    }

    /// Looks at a vector that was stored in so many bytes, with that dictionary if there is one.
    pub(super) fn see(&mut self, strings: &Strings, stored: usize, dictionary: &Dictionary) {
        let grown = dictionary.size().saturating_sub(self.before);
        self.before = dictionary.size();
        if self.large || self.pass > 0 {
            self.pass = self.pass.saturating_sub(1);
            return;
        }
        let before = self.seen.len();
        for i in 0..strings.len() {
            let string = strings.get(i);
            if self.seen.insert(hash(string)) {
                self.bytes += string.len();
            }
        }
        self.vectors += 1;
        self.rows += strings.len();
        self.stored += stored + grown;
        // Where nearly every string is new there will be no end of them.
        let new = (self.seen.len() - before) * 32 > strings.len() * 31;
        if new || self.seen.len() > ENDS_MAX || self.bytes > LARGE_BYTES_MAX {
            self.look_away();
        } else if self.vectors == LOOKED_AT {
            let entries = self.seen.len();
            let codes = LOOKED_AT * packed_len(self.rows / LOOKED_AT, width_of(entries as u64));
            // Strings shrink to about half.
            let size = codes + entries * 2 + self.bytes / 2 + TABLE_MAX / 2;
            if entries * ROWS_EACH <= self.rows && size <= self.stored {
                self.symbols = Some(Symbols::train(&strings.data, &strings.ends));
                self.large = true;
            }
            self.look_away();
        }
    }

    /// A page with that dictionary has ended.
    pub(super) fn closed(&mut self, dictionary: &Dictionary, rows: usize) {
        self.before = 0;
        if dictionary.is_large() && dictionary.len() * ROWS_EACH > rows {
            self.large = false;
            self.look_away();
        }
    }

    fn look_away(&mut self) {
        (self.seen, self.pass) = (FxHashSet::default(), PASSED);
        (self.bytes, self.vectors, self.rows, self.stored) = (0, 0, 0, 0);
    }

    /// Bytes held.
    pub(super) fn memory(&self) -> usize {
        self.seen.capacity() * 9 + self.symbols.as_ref().map_or(0, |_| 5 << 10)
    }
}
