//! Leaves of the dictionary of an inverted part.
//!
//! Numbers are little-endian; offsets count from the page's beginning, where its header is (16 bytes). A leaf (position: the number
//! of its first item):
//!
//! | offset | size | what |
//! |---|---|---|
//! | 16 | 2 | n, number of items |
//! | 18 | 2 | k, number of restarts |
//! | 20 | 2 k | where every [`RESTART`]th item's entry begins, counted from the first |
//! | 20 + 2 k | | the entries |
//!
//! An entry: how many bytes it shares with the item before (0 at a restart), how many follow, these; how many rows; twice the
//! length of the list, plus 1 where it follows here; the list, or where it begins in the stream, and in an index of texts where its
//! places begin in theirs, and how many bytes they are. All numbers are varints.
//!
//! Example: the items `0061` (row 3) and `0062` (rows 3, 4 and 300) are
//! `0200 0100 0000  00 02 0061 01 03 03  01 01 62 03 09 0300a702`.

use super::postings::{ListAt, ListPlace};
use crate::index::tree::LEAF_BYTES;
use crate::segment::encoding::{Cursor, Parse, put_varint};
use crate::segment::page::{PAGE_HEADER, le16};

/// Items between two that are written whole.
const RESTART: u32 = 16;

/// A leaf in the making.
#[derive(Default)]
pub(super) struct LeafWriter {
    restarts: Vec<u16>,
    entries: Vec<u8>,
    count: u32,
    first: Vec<u8>,
    last: Vec<u8>,
}

impl LeafWriter {
    /// True if an item with such a list fits.
    pub fn takes(&self, item: &[u8], list: &ListAt) -> bool {
        let inline = match &list.place {
            ListPlace::Inline(bytes) => bytes.len(),
            ListPlace::Stream(..) => 15,
        };
        self.count == 0
            || self.entries.len() + 2 * self.restarts.len() + item.len() + inline + 30 <= LEAF_BYTES
    }

    /// The first item and the last; None where there is none.
    pub fn ends(&self) -> Option<(&[u8], &[u8])> {
        (self.count > 0).then_some((self.first.as_slice(), self.last.as_slice()))
    }

    /// Adds an item, which is above the last.
    pub fn push(&mut self, item: &[u8], list: &ListAt, placed: bool) {
        let shared = match self.count.is_multiple_of(RESTART) {
            true => {
                self.restarts.push(self.entries.len() as u16);
                0
            }
            false => self.last.iter().zip(item).take_while(|(a, b)| a == b).count(),
        };
        let out = &mut self.entries;
        put_varint(shared as u64, out);
        put_varint((item.len() - shared) as u64, out);
        out.extend_from_slice(&item[shared..]);
        put_varint(list.count.into(), out);
        match &list.place {
            ListPlace::Inline(bytes) => {
                put_varint(bytes.len() as u64 * 2 + 1, out);
                out.extend_from_slice(bytes);
            }
            ListPlace::Stream(start, len, (places, size)) => {
                put_varint(u64::from(*len) * 2, out);
                put_varint(*start, out);
                if placed {
                    put_varint(*places, out);
                    put_varint(u64::from(*size), out);
                }
            }
        }
        if self.count == 0 {
            self.first = item.to_vec();
        }
        item.clone_into(&mut self.last);
        self.count += 1;
    }

    /// The body of the page, and how many items it holds; the writer is empty afterwards.
    pub fn take(&mut self) -> (Vec<u8>, u32) {
        let done = std::mem::take(self);
        let mut body = (done.count as u16).to_le_bytes().to_vec();
        body.extend_from_slice(&(done.restarts.len() as u16).to_le_bytes());
        done.restarts.iter().for_each(|restart| body.extend_from_slice(&restart.to_le_bytes()));
        body.extend_from_slice(&done.entries);
        (body, done.count)
    }
}

/// A parsed leaf, read from some item on.
pub(super) struct Leaf<'a> {
    restarts: &'a [u8],
    entries: &'a [u8],
    cursor: Cursor<'a>,
    /// Items that are left, and the present one.
    left: usize,
    count: usize,
    item: Vec<u8>,
    placed: bool,
}

impl<'a> Leaf<'a> {
    /// From a page with its header, before its first item; `placed`: of an index of texts.
    pub fn parse(page: &'a [u8], placed: bool) -> Parse<Self> {
        let mut cursor = Cursor { rest: page.get(PAGE_HEADER..).unwrap_or_default() };
        let (count, restarts) = (usize::from(cursor.u16()?), usize::from(cursor.u16()?));
        if restarts != count.div_ceil(RESTART as usize) {
            return Err("a leaf does not count its items");
        }
        let restarts = cursor.take(2 * restarts)?;
        Ok(Leaf { restarts, entries: cursor.rest, cursor, left: count, count, item: Vec::new(), placed })
    }

    /// Before the first item of a restart.
    fn restart(&mut self, i: usize) -> Parse<()> {
        let start = usize::from(le16(self.restarts, 2 * i));
        self.cursor.rest = self.entries.get(start..).ok_or("an item lies outside its page")?;
        self.left = self.count - i * RESTART as usize;
        self.item.clear();
        Ok(())
    }

    /// The next item and its list; None behind the last.
    pub fn next(&mut self) -> Parse<Option<(&[u8], ListAt)>> {
        if !self.next_item()? {
            return Ok(None);
        }
        let list = self.list()?;
        Ok(Some((&self.item, list)))
    }

    /// Reads the next item, behind which its list is; false behind the last.
    fn next_item(&mut self) -> Parse<bool> {
        if self.left == 0 {
            return Ok(false);
        }
        self.left -= 1;
        let (shared, rest) = (self.cursor.varint()? as usize, self.cursor.varint()? as usize);
        if shared > self.item.len() {
            return Err("an item shares more than there is");
        }
        self.item.truncate(shared);
        self.item.extend_from_slice(self.cursor.take(rest)?);
        Ok(true)
    }

    /// The list behind an item.
    fn list(&mut self) -> Parse<ListAt> {
        let count = u32::try_from(self.cursor.varint()?).map_err(|_| "a list is too long")?;
        let len = self.cursor.varint()?;
        let size = u32::try_from(len / 2).map_err(|_| "a list is too long")?;
        let place = match len % 2 {
            1 => ListPlace::Inline(self.cursor.take(size as usize)?.to_vec()),
            _ => {
                let (start, mut places) = (self.cursor.varint()?, (0, 0));
                if self.placed {
                    let (at, len) = (self.cursor.varint()?, self.cursor.varint()?);
                    places = (at, u32::try_from(len).map_err(|_| "a list is too long")?);
                }
                ListPlace::Stream(start, size, places)
            }
        };
        Ok(ListAt { count, place })
    }

    /// Passes the list behind an item.
    fn skip_list(&mut self) -> Parse<()> {
        self.cursor.varint()?;
        let len = self.cursor.varint()?;
        if len % 2 == 1 {
            return self.cursor.take((len / 2) as usize).map(|_| ());
        }
        for _ in 0..if self.placed { 3 } else { 1 } {
            self.cursor.varint()?;
        }
        Ok(())
    }

    /// The number of the last restart whose item is not above `item`; 0 where there is none.
    fn restart_before(&self, item: &[u8]) -> Parse<usize> {
        let (mut low, mut high) = (0, self.restarts.len() / 2);
        while low < high {
            let middle = (low + high) / 2;
            let start = usize::from(le16(self.restarts, 2 * middle));
            let mut cursor =
                Cursor { rest: self.entries.get(start..).ok_or("an item lies outside its page")? };
            let (_, len) = (cursor.varint()?, cursor.varint()?);
            if cursor.take(len as usize)? <= item { low = middle + 1 } else { high = middle }
        }
        Ok(low.saturating_sub(1))
    }

    /// Goes to the last restart whose item is not above `item`; what is not below it comes later.
    pub fn seek(&mut self, item: &[u8]) -> Parse<()> {
        let restart = self.restart_before(item)?;
        self.restart(restart)
    }

    /// The list of an item, if it is here.
    ///
    /// Items are compared where they differ from the one before: one that shares more with it than that shares with `item` is below
    /// `item` as that is, one that shares less is above.
    pub fn find(&mut self, item: &[u8]) -> Parse<Option<ListAt>> {
        self.seek(item)?;
        // How much the item before shares with the wanted one, which it is below.
        let mut same = 0;
        while self.left > 0 {
            self.left -= 1;
            let (shared, len) = (self.cursor.varint()? as usize, self.cursor.varint()? as usize);
            let rest = self.cursor.take(len)?;
            if shared < same {
                break;
            }
            if shared == same {
                let wanted = item.get(same..).unwrap_or_default();
                let more = rest.iter().zip(wanted).take_while(|(a, b)| a == b).count();
                match (rest.get(more), wanted.get(more)) {
                    (None, None) => return self.list().map(Some),
                    (Some(_), None) => break,
                    (Some(at), Some(sought)) if at > sought => break,
                    _ => same += more,
                }
            }
            self.skip_list()?;
        }
        Ok(None)
    }
}
