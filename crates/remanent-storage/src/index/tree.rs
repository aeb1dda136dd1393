//! The tree over the leaves of a part: pages of sorted keys, found through one level of inner pages.
//!
//! What a leaf holds is its kind's own; here is only which keys it begins and ends with.
//!
//! An inner page (the stream is its kind's own; position: the number of its first leaf) says where leaves are:
//!
//! | offset | size | what |
//! |---|---|---|
//! | 16 | 2 | k, number of leaves |
//! | 18 | 2 | length of the prefix that all fences share |
//! | 20 | 2 k | end of each fence's rest, counted from the first rest |
//! | 20 + 2 k | 20 k | per leaf: locator (16 bytes), number of its first entry u32 |
//! | 20 + 22 k | | the prefix, then the rests |
//!
//! The footer of a part holds, of each inner page, its locator, the number of its first leaf u32, its first fence after its length.
//!
//! The fence of a leaf is above the last key of the leaf before (or equal to it, where a key goes on) and not above its own
//! first key.
//!
//! How a key is found: the footer's fences name the inner page, its fences the leaf.

use super::{PartReader, PartWriter};
use crate::error::{Error, Result};
use crate::segment::encoding::{Cursor, Parse};
use crate::segment::page::{Locator, PAGE_HEADER, le16, le32};
use crate::value::Buffer;

/// What a leaf may take, and an inner page, before prefixes are taken out.
pub(super) const LEAF_BYTES: usize = 8 << 10;

/// Strings in ascending order that share a prefix.
pub(super) struct Keys<'a> {
    pub len: usize,
    pub ends: &'a [u8],
    pub prefix: &'a [u8],
    pub rests: &'a [u8],
}

impl<'a> Keys<'a> {
    fn rest(&self, i: usize) -> Parse<&'a [u8]> {
        let start = if i == 0 { 0 } else { le16(self.ends, 2 * i - 2) };
        let range = usize::from(start)..usize::from(le16(self.ends, 2 * i));
        self.rests.get(range).ok_or("a key lies outside its page")
    }

    /// How many are below `key`, or not above it (`equal`).
    pub fn before(&self, key: &[u8], equal: bool) -> Parse<usize> {
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

    pub fn copy(&self, i: usize, out: &mut Vec<u8>) -> Parse<()> {
        out.clear();
        out.extend_from_slice(self.prefix);
        out.extend_from_slice(self.rest(i)?);
        Ok(())
    }
}

/// Strings as both kinds of page write them: the length of the prefix, ends, and the strings themselves.
pub(super) fn packed(keys: &[&[u8]]) -> (u16, Vec<u8>, Vec<u8>) {
    let (first, last) = (keys.first().copied().unwrap_or_default(), keys.last().copied().unwrap_or_default());
    let shared = first.iter().zip(last).take_while(|(a, b)| a == b).count();
    let (mut ends, mut bytes) = (Vec::with_capacity(2 * keys.len()), first[..shared].to_vec());
    for key in keys {
        bytes.extend_from_slice(key.get(shared..).unwrap_or_default());
        ends.extend_from_slice(&((bytes.len() - shared) as u16).to_le_bytes());
    }
    (shared as u16, ends, bytes)
}

/// Where an inner page is.
struct InnerAt {
    at: Locator,
    /// The number of its first leaf.
    first: u32,
    /// Its first fence.
    fence: Vec<u8>,
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
struct InnerWriter {
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
struct Inner<'a> {
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
fn fence(last: &[u8], first: &[u8]) -> Vec<u8> {
    let shared = first.iter().zip(last).take_while(|(a, b)| a == b).count();
    first[..first.len().min(shared + 1)].to_vec()
}

/// Appends bytes after their length.
pub(super) fn put(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
    out.extend_from_slice(bytes);
}

/// What [`put`] has appended.
pub(super) fn take(cursor: &mut Cursor<'_>) -> Parse<Vec<u8>> {
    let n = cursor.u32()? as usize;
    Ok(cursor.take(n)?.to_vec())
}

/// A tree in the making.
pub(super) struct TreeWriter {
    stream: u32,
    inner: InnerWriter,
    tree: Tree,
    /// Leaves in inner pages that are written.
    covered: u32,
    /// The last key of the leaf before.
    before: Vec<u8>,
}

impl TreeWriter {
    /// Inner pages go to that stream.
    pub fn new(stream: u32) -> Self {
        let tree = Tree { stream, leaves: 0, inner: Vec::new() };
        TreeWriter { stream, inner: InnerWriter::default(), tree, covered: 0, before: Vec::new() }
    }

    /// A leaf was written; `first` is the number of its first entry.
    pub fn push(
        &mut self,
        out: &mut PartWriter<'_>,
        at: Locator,
        first: u32,
        keys: (&[u8], &[u8]),
    ) -> Result<()> {
        let fence = fence(&self.before, keys.0);
        keys.1.clone_into(&mut self.before);
        if !self.inner.takes(fence.len()) {
            self.end_inner(out)?;
        }
        self.inner.push(fence, LeafAt { at, first });
        self.tree.leaves += 1;
        Ok(())
    }

    fn end_inner(&mut self, out: &mut PartWriter<'_>) -> Result<()> {
        let Some(fence) = self.inner.first().map(<[u8]>::to_vec) else { return Ok(()) };
        let first = self.covered;
        let (body, leaves) = self.inner.take();
        let at = out.page(self.stream, first, &[&body])?;
        self.tree.inner.push(InnerAt { at, first, fence });
        self.covered += leaves;
        Ok(())
    }

    /// Writes what is left.
    pub fn finish(mut self, out: &mut PartWriter<'_>) -> Result<Tree> {
        self.end_inner(out)?;
        Ok(self.tree)
    }
}

/// Where the leaves of a part are.
pub(super) struct Tree {
    stream: u32,
    /// How many.
    pub leaves: u32,
    inner: Vec<InnerAt>,
}

/// A leaf that was read.
pub(super) struct Read {
    /// Where it is.
    pub at: LeafAt,
    /// The page with its header.
    pub page: Buffer<u8>,
}

impl Tree {
    /// Appends the inner pages, as a footer holds them; how many leaves there are is written elsewhere.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&(self.inner.len() as u32).to_le_bytes());
        for page in &self.inner {
            page.at.encode(out);
            out.extend_from_slice(&page.first.to_le_bytes());
            put(out, &page.fence);
        }
    }

    /// From a footer at `end`.
    pub fn decode(cursor: &mut Cursor<'_>, leaves: u32, stream: u32, end: u64) -> Parse<Self> {
        let mut inner: Vec<InnerAt> = Vec::new();
        for _ in 0..cursor.u32()? {
            let at = locator(cursor, end)?;
            let first = cursor.u32()?;
            if inner.last().map_or(first != 0, |last| first <= last.first) || first >= leaves {
                return Err("the inner pages do not follow one another");
            }
            inner.push(InnerAt { at, first, fence: take(cursor)? });
        }
        match inner.is_empty() == (leaves == 0) {
            true => Ok(Tree { stream, leaves, inner }),
            false => Err("there are no inner pages"),
        }
    }

    /// Bytes in memory.
    pub fn memory(&self) -> usize {
        self.inner.iter().map(|page| size_of::<InnerAt>() + page.fence.capacity()).sum()
    }

    /// Looks into an inner page.
    fn inner<T>(
        &self,
        part: &PartReader,
        page: &InnerAt,
        look: &dyn Fn(&Inner<'_>) -> Parse<T>,
    ) -> Result<T> {
        let bytes = part.page(page.at, self.stream, page.first)?;
        let found = Inner::parse(&bytes).and_then(|inner| look(&inner));
        found.map_err(|what| part.corrupt(page.at.offset, what))
    }

    /// Reads a leaf by its number, which there is; its pages are those of `stream`.
    pub fn read(&self, part: &PartReader, stream: u32, number: u32) -> Result<Read> {
        let page = self.inner.partition_point(|page| page.first <= number);
        let Some(page) = page.checked_sub(1).and_then(|page| self.inner.get(page)) else {
            return Err(Error::internal("a leaf that there is not"));
        };
        let at = self.inner(part, page, &|inner| inner.leaf((number - page.first) as usize))?;
        let page = part.page(at.at, stream, at.first)?;
        Ok(Read { at, page })
    }

    /// The leaf that [`find`](Tree::find) finds, and its number.
    pub fn read_at(&self, part: &PartReader, stream: u32, key: &[u8]) -> Result<(u32, Read)> {
        let page = self.inner.partition_point(|page| page.fence.as_slice() < key);
        if let Some(page) = page.checked_sub(1).and_then(|page| self.inner.get(page)) {
            // Mostly the inner page that finds the leaf also says where it is.
            let (below, at) = self.inner(part, page, &|inner| {
                let below = inner.below(key)?;
                Ok((below, below.checked_sub(1).map(|leaf| inner.leaf(leaf)).transpose()?))
            })?;
            if let Some(at) = at {
                let number = page.first.saturating_add(below as u32).saturating_sub(1);
                let page = part.page(at.at, stream, at.first)?;
                return Ok((number, Read { at, page }));
            }
        }
        let number = self.find(part, key)?;
        Ok((number, self.read(part, stream, number)?))
    }

    /// The leaf that holds the first key that is not below `key`, unless that is the first of the next.
    pub fn find(&self, part: &PartReader, key: &[u8]) -> Result<u32> {
        let page = self.inner.partition_point(|page| page.fence.as_slice() < key);
        let Some(page) = page.checked_sub(1).and_then(|page| self.inner.get(page)) else { return Ok(0) };
        let below = self.inner(part, page, &|inner| inner.below(key))?;
        Ok(page.first.saturating_add(below as u32).saturating_sub(1))
    }

    /// All its pages: locator, stream, position.
    pub fn pages(&self, part: &PartReader, stream: u32) -> Result<Vec<(Locator, u32, u32)>> {
        let mut pages: Vec<(Locator, u32, u32)> = Vec::new();
        for page in &self.inner {
            pages.push((page.at, self.stream, page.first));
            let all = &|inner: &Inner<'_>| (0..inner.len()).map(|i| inner.leaf(i)).collect::<Parse<Vec<_>>>();
            pages.extend(self.inner(part, page, all)?.into_iter().map(|leaf| (leaf.at, stream, leaf.first)));
        }
        Ok(pages)
    }
}

/// Where a page is, as a footer at `end` says.
pub(super) fn locator(cursor: &mut Cursor<'_>, end: u64) -> Parse<Locator> {
    let at = cursor.take(Locator::SIZE)?.first_chunk().ok_or("a locator ends too early")?;
    let at = Locator::decode(at);
    match at.offset.checked_add(at.len.into()).is_some_and(|past| past <= end) {
        true => Ok(at),
        false => Err("the footer names a page outside the file"),
    }
}
