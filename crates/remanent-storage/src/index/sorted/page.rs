//! Leaves and inner pages of a sorted part.
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
//! An inner page (stream 1; position: the number of its first leaf) says where leaves are:
//!
//! | offset | size | what |
//! |---|---|---|
//! | 16 | 2 | k, number of leaves |
//! | 18 | 2 | length of the prefix that all fences share |
//! | 20 | 2 k | end of each fence's rest, counted from the first rest |
//! | 20 + 2 k | 20 k | per leaf: locator (16 bytes), number of its first entry u32 |
//! | 20 + 22 k | | the prefix, then the rests |
//!
//! The fence of a leaf is above the last key of the leaf before (or equal to it, where a key goes on) and not above its own
//! first key.
//!
//! Example: a leaf of the smallint keys 5 (rows 3 and 9) and 7 (row 4), `01 8005` and `01 8007`, is
//! `0200 0300 0200  0100 0200  0200 0300  03000000 09000000 04000000  0180 05 07`.

use crate::segment::encoding::{Cursor, Parse};
use crate::segment::page::{Locator, PAGE_HEADER, le16, le32};

/// Strings in ascending order that share a prefix.
struct Keys<'a> {
    len: usize,
    ends: &'a [u8],
    prefix: &'a [u8],
    rests: &'a [u8],
}

impl<'a> Keys<'a> {
    fn rest(&self, i: usize) -> Parse<&'a [u8]> {
        let start = if i == 0 { 0 } else { le16(self.ends, 2 * i - 2) };
        let range = usize::from(start)..usize::from(le16(self.ends, 2 * i));
        self.rests.get(range).ok_or("a key lies outside its page")
    }

    /// How many are below `key`, or not above it (`equal`).
    fn before(&self, key: &[u8], equal: bool) -> Parse<usize> {
        let n = key.len().min(self.prefix.len());
        match self.prefix[..n].cmp(&key[..n]) {
            std::cmp::Ordering::Less => return Ok(self.len),
            std::cmp::Ordering::Greater => return Ok(0),
            // The key ends within the prefix: all are above it.
            std::cmp::Ordering::Equal if n < self.prefix.len() => return Ok(0),
            std::cmp::Ordering::Equal => {}
        }
        let key = &key[n..];
        let (mut low, mut high) = (0, self.len);
        while low < high {
            let middle = (low + high) / 2;
            let rest = self.rest(middle)?;
            match rest < key || equal && rest == key {
                true => low = middle + 1,
                false => high = middle,
            }
        }
        Ok(low)
    }

    fn copy(&self, i: usize, out: &mut Vec<u8>) -> Parse<()> {
        out.clear();
        out.extend_from_slice(self.prefix);
        out.extend_from_slice(self.rest(i)?);
        Ok(())
    }
}

/// Strings as both kinds of page write them: the length of the prefix, ends, and the strings themselves.
fn packed(keys: &[&[u8]]) -> (u16, Vec<u8>, Vec<u8>) {
    let (first, last) = (keys.first().copied().unwrap_or_default(), keys.last().copied().unwrap_or_default());
    let shared = first.iter().zip(last).take_while(|(a, b)| a == b).count();
    let (mut ends, mut bytes) = (Vec::with_capacity(2 * keys.len()), first[..shared].to_vec());
    for key in keys {
        bytes.extend_from_slice(key.get(shared..).unwrap_or_default());
        ends.extend_from_slice(&((bytes.len() - shared) as u16).to_le_bytes());
    }
    (shared as u16, ends, bytes)
}

/// A leaf in the making.
#[derive(Default)]
pub(super) struct LeafWriter {
    keys: Vec<u8>,
    ends: Vec<usize>,
    counts: Vec<u16>,
    ordinals: Vec<u8>,
}

/// What a leaf may take before its prefix is taken out.
const LEAF_BYTES: usize = 8 << 10;

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

/// Where a leaf is.
#[derive(Clone)]
pub(super) struct LeafAt {
    pub at: Locator,
    /// The number of its first entry.
    pub first: u32,
}

/// An inner page in the making.
#[derive(Default)]
pub(super) struct InnerWriter {
    fences: Vec<Vec<u8>>,
    leaves: Vec<LeafAt>,
    bytes: usize,
}

impl InnerWriter {
    /// The first fence; None where there is no leaf.
    pub fn first(&self) -> Option<&[u8]> {
        self.fences.first().map(Vec::as_slice)
    }

    /// True if a leaf with a fence of so many bytes fits.
    pub fn takes(&self, fence: usize) -> bool {
        self.fences.is_empty() || self.bytes + fence + 22 <= LEAF_BYTES
    }

    /// Adds a leaf.
    pub fn push(&mut self, fence: Vec<u8>, leaf: LeafAt) {
        self.bytes += fence.len() + 22;
        self.fences.push(fence);
        self.leaves.push(leaf);
    }

    /// The body of the page, and how many leaves it names; the writer is empty afterwards.
    pub fn take(&mut self) -> (Vec<u8>, u32) {
        let fences: Vec<&[u8]> = self.fences.iter().map(Vec::as_slice).collect();
        let (shared, ends, bytes) = packed(&fences);
        let mut body = (fences.len() as u16).to_le_bytes().to_vec();
        body.extend_from_slice(&shared.to_le_bytes());
        body.extend_from_slice(&ends);
        for leaf in &self.leaves {
            leaf.at.encode(&mut body);
            body.extend_from_slice(&leaf.first.to_le_bytes());
        }
        body.extend_from_slice(&bytes);
        let leaves = self.leaves.len() as u32;
        *self = InnerWriter::default();
        (body, leaves)
    }
}

/// A parsed inner page.
pub(super) struct Inner<'a> {
    fences: Keys<'a>,
    leaves: &'a [u8],
}

impl<'a> Inner<'a> {
    /// From a page with its header.
    pub fn parse(page: &'a [u8]) -> Parse<Self> {
        let mut cursor = Cursor { rest: page.get(PAGE_HEADER..).unwrap_or_default() };
        let (len, shared) = (usize::from(cursor.u16()?), cursor.u16()?);
        let ends = cursor.take(2 * len)?;
        let leaves = cursor.take(20 * len)?;
        let prefix = cursor.take(shared.into())?;
        match len > 0 {
            true => Ok(Inner { fences: Keys { len, ends, prefix, rests: cursor.rest }, leaves }),
            false => Err("an inner page is empty"),
        }
    }

    /// How many leaves.
    pub fn len(&self) -> usize {
        self.fences.len
    }

    /// How many fences are below `key`.
    pub fn below(&self, key: &[u8]) -> Parse<usize> {
        self.fences.before(key, false)
    }

    /// Where a leaf is.
    pub fn leaf(&self, i: usize) -> Parse<LeafAt> {
        let bytes = self.leaves.get(20 * i..20 * i + 20).ok_or("an inner page has fewer leaves")?;
        let at = Locator::decode(bytes.first_chunk().ok_or("a locator ends too early")?);
        Ok(LeafAt { at, first: le32(bytes, 16) })
    }
}

/// The shortest fence between the last key of a leaf and the first of the next.
pub(super) fn fence(last: &[u8], first: &[u8]) -> Vec<u8> {
    let shared = first.iter().zip(last).take_while(|(a, b)| a == b).count();
    first[..first.len().min(shared + 1)].to_vec()
}
