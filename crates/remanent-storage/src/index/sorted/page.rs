//! Leaves of a sorted part.
//!
//! Numbers are little-endian; offsets count from the page's beginning, where its header is (16 bytes).
//!
//! A leaf (stream 0; position: the number of its first entry) holds distinct keys and the rows of each:
//!
//! | offset | size | what |
//! |---|---|---|
//! | 16 | 2 | k, number of distinct keys |
//! | 18 | 2 | n, number of rows |
//! | 20 | 2 | length of the prefix that all keys share |
//! | 22 | 2 k | end of each key's rest, counted from the first rest |
//! | 22 + 2 k | 2 k | how many rows there are up to and with each key |
//! | 22 + 4 k | 4 n | the rows' ordinals, ascending within a key |
//! | 22 + 4 k + 4 n | | the prefix, then the rests |
//!
//! Example: a leaf of the smallint keys 5 (rows 3 and 9) and 7 (row 4), `01 8005` and `01 8007`, is
//! `0200 0300 0200  0100 0200  0200 0300  03000000 09000000 04000000  0180 05 07`.

use crate::index::tree::{Keys, LEAF_BYTES, packed};
use crate::segment::encoding::{Cursor, Parse};
use crate::segment::page::{PAGE_HEADER, le16, le32};

/// A leaf in the making.
#[derive(Default)]
pub(super) struct LeafWriter {
    keys: Vec<u8>,
    ends: Vec<usize>,
    counts: Vec<u16>,
    ordinals: Vec<u8>,
}

impl LeafWriter {
    /// True if there is no entry.
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// The last key.
    pub fn last(&self) -> Option<&[u8]> {
        self.key(self.ends.len().checked_sub(1)?)
    }

    /// The first key.
    pub fn first(&self) -> Option<&[u8]> {
        self.key(0)
    }

    fn key(&self, i: usize) -> Option<&[u8]> {
        let start = if i == 0 { 0 } else { *self.ends.get(i - 1)? };
        self.keys.get(start..*self.ends.get(i)?)
    }

    /// True if an entry with a key of so many bytes fits.
    pub fn takes(&self, key: usize) -> bool {
        self.is_empty() || 4 * self.ends.len() + self.ordinals.len() + self.keys.len() + key + 8 <= LEAF_BYTES
    }

    /// Adds an entry, which is not below the last.
    pub fn push(&mut self, key: &[u8], ordinal: u32) {
        if self.last() != Some(key) {
            self.keys.extend_from_slice(key);
            self.ends.push(self.keys.len());
            self.counts.push(self.counts.last().copied().unwrap_or(0));
        }
        self.ordinals.extend_from_slice(&ordinal.to_le_bytes());
        if let Some(count) = self.counts.last_mut() {
            *count += 1;
        }
    }

    /// The body of the page; the writer is empty afterwards. Also how many rows it holds.
    pub fn take(&mut self) -> (Vec<u8>, u32) {
        let keys: Vec<&[u8]> = (0..self.ends.len()).filter_map(|i| self.key(i)).collect();
        let (shared, ends, bytes) = packed(&keys);
        let rows = self.counts.last().copied().unwrap_or(0);
        let mut body = Vec::with_capacity(6 + 2 * ends.len() + self.ordinals.len() + bytes.len());
        for field in [keys.len() as u16, rows, shared] {
            body.extend_from_slice(&field.to_le_bytes());
        }
        body.extend_from_slice(&ends);
        self.counts.iter().for_each(|count| body.extend_from_slice(&count.to_le_bytes()));
        body.extend_from_slice(&self.ordinals);
        body.extend_from_slice(&bytes);
        *self = LeafWriter::default();
        (body, rows.into())
    }
}

/// A parsed leaf.
pub(super) struct Leaf<'a> {
    keys: Keys<'a>,
    counts: &'a [u8],
    ordinals: &'a [u8],
}

impl<'a> Leaf<'a> {
    /// From a page with its header.
    pub fn parse(page: &'a [u8]) -> Parse<Self> {
        let mut cursor = Cursor { rest: page.get(PAGE_HEADER..).unwrap_or_default() };
        let (len, rows, shared) = (cursor.u16()?, cursor.u16()?, cursor.u16()?);
        let (len, rows) = (usize::from(len), usize::from(rows));
        let ends = cursor.take(2 * len)?;
        let counts = cursor.take(2 * len)?;
        let ordinals = cursor.take(4 * rows)?;
        let prefix = cursor.take(shared.into())?;
        match len > 0 && usize::from(le16(counts, 2 * len - 2)) == rows {
            true => Ok(Leaf { keys: Keys { len, ends, prefix, rests: cursor.rest }, counts, ordinals }),
            false => Err("a leaf does not count its rows"),
        }
    }

    /// How many entries.
    pub fn rows(&self) -> usize {
        self.ordinals.len() / 4
    }

    /// How many entries have keys below `key`.
    pub fn below(&self, key: &[u8]) -> Parse<usize> {
        Ok(self.start(self.keys.before(key, false)?))
    }

    /// The first entry of a distinct key.
    fn start(&self, key: usize) -> usize {
        if key == 0 { 0 } else { usize::from(le16(self.counts, 2 * key - 2)) }
    }

    /// The row of an entry.
    pub fn ordinal(&self, entry: usize) -> u32 {
        le32(self.ordinals, 4 * entry)
    }

    /// The number of the distinct key of an entry.
    fn distinct(&self, entry: usize) -> usize {
        let (mut low, mut high) = (0, self.keys.len);
        while low < high {
            let middle = (low + high) / 2;
            if usize::from(le16(self.counts, 2 * middle)) <= entry { low = middle + 1 } else { high = middle }
        }
        low
    }

    /// Puts the key of an entry into `out`.
    pub fn key(&self, entry: usize, out: &mut Vec<u8>) -> Parse<()> {
        self.keys.copy(self.distinct(entry), out)
    }
}
