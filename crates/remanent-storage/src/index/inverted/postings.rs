//! Lists of rows on disk.
//!
//! A list is blocks of [`BLOCK`] rows and a rest:
//!
//! | size | what |
//! |---|---|
//! | 4 | the first row of a block |
//! | 1 | width |
//! | 128 × width | per row: how far it is from the one before, less 1, packed (`remanent_kernels::bitpack`); 0 for the first |
//! | | … further blocks |
//! | | the rest: per row, how far it is from the one before, less 1, as a varint; of the very first: itself |
//! | 8 each | of each block: its last row u32, where it ends u32, counted from the list's beginning |
//!
//! In an index for ranking ([`counts`](super::counts)) there is more: behind the rows of a block how often each has the item, less 1
//! (width, then packed in the same way); behind those of the rest the same, a byte each; behind what is said of a block its
//! bounds (7 bytes), and behind all of that, of a list in the stream, those of the rest.
//!
//! In an index of texts there is where rows have the item ([`places`](super::places)), row by row: of a list in the dictionary behind
//! the rest; of one in the stream in a stream of its own, as only phrases and weights ask for it. Behind what is said of a block
//! stands where its places end (4 bytes), counted from where those of the list begin.
//!
//! Lists lie one after the other in a stream of bytes that is cut into pages of [`CHUNK`] bytes, whatever lies there. Short ones
//! ([`INLINE_MAX`]) lie in the dictionary.
//!
//! Example: the rows 3, 4 and 300 are `03 00 a702`.

use super::counts::Bounds;
use super::places::{Places, UNKNOWN};
use super::search::{Postings, common};
use crate::error::{Error, Result};
use crate::index::{PartReader, PartWriter};
use crate::segment::encoding::{Cursor, Parse, put_varint};
use crate::segment::page::{Locator, PAGE_HEADER};
use remanent_kernels::bitpack::{BLOCK, pack, packed_len, unpack_u32, width_of};
use remanent_kernels::postings::read_steps;

/// Bytes of the stream in a page.
pub(super) const CHUNK: usize = 16 << 10;
/// The most bytes of a list that lies in the dictionary.
pub(super) const INLINE_MAX: usize = 64;
/// What is said of a block behind the lists.
const SKIP: usize = 8;
/// And where its places end.
const PLACES_END: usize = 4;

/// What lists say beside rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Says {
    /// How often rows have the item.
    pub times: bool,
    /// Where.
    pub places: bool,
}

/// The bytes of lists, written page by page.
pub(super) struct StreamWriter {
    stream: u32,
    buffer: Vec<u8>,
    pages: Vec<Locator>,
}

impl StreamWriter {
    /// Pages go to that stream.
    pub fn new(stream: u32) -> Self {
        StreamWriter { stream, buffer: Vec::new(), pages: Vec::new() }
    }

    /// Where the next byte will be.
    pub fn len(&self) -> u64 {
        (self.pages.len() * CHUNK + self.buffer.len()) as u64
    }

    fn write(&mut self, out: &mut PartWriter<'_>, bytes: &[u8]) -> Result<()> {
        self.buffer.extend_from_slice(bytes);
        while self.buffer.len() >= CHUNK {
            self.page(out, CHUNK)?;
        }
        Ok(())
    }

    fn page(&mut self, out: &mut PartWriter<'_>, len: usize) -> Result<()> {
        let at = out.page(self.stream, self.pages.len() as u32, &[&self.buffer[..len]])?;
        self.pages.push(at);
        self.buffer.drain(..len);
        Ok(())
    }

    /// Writes what is left; where the pages are.
    pub fn finish(mut self, out: &mut PartWriter<'_>) -> Result<Vec<Locator>> {
        if !self.buffer.is_empty() {
            let len = self.buffer.len();
            self.page(out, len)?;
        }
        Ok(self.pages)
    }
}

/// The streams that lists are written to.
pub(super) struct Streams {
    pub lists: StreamWriter,
    pub places: StreamWriter,
}

/// One list in the making.
pub(super) struct ListWriter {
    says: Says,
    /// The rows of the block in hand, how often they have the item, less 1, and what that comes to.
    block: Vec<u32>,
    more: Vec<u8>,
    bounds: Bounds,
    /// Where they have it, and how many bytes that took before.
    places: Vec<u8>,
    places_written: u32,
    /// Whether there is one before it, and how long the list is so far.
    last: Option<u32>,
    written: u32,
    skips: Vec<u8>,
    count: u32,
}

/// Where a list is, as the dictionary says.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ListAt {
    /// How many rows.
    pub count: u32,
    /// Its bytes, or where they begin in the stream and how many they are.
    pub place: ListPlace,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum ListPlace {
    Inline(Vec<u8>),
    Stream(u64, u32, PlacesAt),
}

/// Where the places of a list begin in their stream, and how many bytes they are; nothing where there are none.
pub(super) type PlacesAt = (u64, u32);

/// A row that has an item.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Posting<'a> {
    pub row: u32,
    /// How often it has it, less 1.
    pub more: u8,
    /// How long its document is.
    pub length: u32,
    /// Where the item is, where that is said.
    pub places: &'a [u8],
}

impl ListWriter {
    pub fn new(says: Says) -> Self {
        ListWriter {
            says,
            block: Vec::new(),
            more: Vec::new(),
            bounds: Bounds::NONE,
            places: Vec::new(),
            places_written: 0,
            last: None,
            written: 0,
            skips: Vec::new(),
            count: 0,
        }
    }

    /// Adds a row, which is not below the last; the last one again adds nothing.
    pub fn push(&mut self, posting: Posting<'_>, to: &mut Streams, out: &mut PartWriter<'_>) -> Result<()> {
        let Posting { row, more, length, places } = posting;
        if self.block.last().copied().or(self.last) == Some(row) {
            return Ok(());
        }
        self.count += 1;
        self.block.push(row);
        if self.says.times {
            self.more.push(more);
            self.bounds.add(more, length);
        }
        if self.says.places {
            self.places.extend_from_slice(if places.is_empty() { UNKNOWN } else { places });
        }
        if self.block.len() == BLOCK { self.end_block(to, out) } else { Ok(()) }
    }

    fn end_block(&mut self, to: &mut Streams, out: &mut PartWriter<'_>) -> Result<()> {
        let (Some(&first), Some(&last)) = (self.block.first(), self.block.last()) else { return Ok(()) };
        let steps = self.block.windows(2).map(|pair| u64::from(pair[1] - pair[0] - 1));
        let steps: Vec<u64> = std::iter::once(0).chain(steps).collect();
        let width = width_of(steps.iter().copied().max().unwrap_or(0));
        let mut bytes = first.to_le_bytes().to_vec();
        bytes.push(width as u8);
        pack(&steps, width, &mut bytes);
        if self.says.times {
            let more: Vec<u64> = self.more.drain(..).map(u64::from).collect();
            let width = width_of(more.iter().copied().max().unwrap_or(0));
            bytes.push(width as u8);
            pack(&more, width, &mut bytes);
        }
        to.lists.write(out, &bytes)?;
        self.written += bytes.len() as u32;
        self.skips.extend_from_slice(&last.to_le_bytes());
        self.skips.extend_from_slice(&self.written.to_le_bytes());
        if self.says.times {
            std::mem::replace(&mut self.bounds, Bounds::NONE).encode(&mut self.skips);
        }
        if self.says.places {
            to.places.write(out, &self.places)?;
            self.places_written += self.places.len() as u32;
            self.places.clear();
            self.skips.extend_from_slice(&self.places_written.to_le_bytes());
        }
        self.last = Some(last);
        self.block.clear();
        Ok(())
    }

    /// Ends the list; the writer is empty afterwards.
    pub fn finish(&mut self, to: &mut Streams, out: &mut PartWriter<'_>) -> Result<ListAt> {
        let mut rest = Vec::new();
        let mut next = self.last.map_or(0, |last| last + 1);
        for &row in &self.block {
            put_varint((row - next).into(), &mut rest);
            next = row.saturating_add(1);
        }
        rest.extend_from_slice(&self.more);
        let mut done = std::mem::replace(self, ListWriter::new(self.says));
        if done.skips.is_empty() && rest.len() + done.places.len() <= INLINE_MAX {
            rest.extend_from_slice(&done.places);
            return Ok(ListAt { count: done.count, place: ListPlace::Inline(rest) });
        }
        if done.says.times {
            done.bounds.encode(&mut done.skips);
        }
        rest.extend_from_slice(&done.skips);
        let (start, places) =
            (to.lists.len() - u64::from(done.written), to.places.len() - u64::from(done.places_written));
        to.lists.write(out, &rest)?;
        to.places.write(out, &done.places)?;
        let places = match done.says.places {
            true => (places, done.places_written + done.places.len() as u32),
            false => (0, 0),
        };
        let place = ListPlace::Stream(start, done.written + rest.len() as u32, places);
        Ok(ListAt { count: done.count, place })
    }
}

/// The bytes of lists, read through the cache.
#[derive(Clone, Copy)]
pub(super) struct StreamReader<'a> {
    pub part: &'a PartReader,
    pub stream: u32,
    pub pages: &'a [Locator],
}

/// What the lists of a part lie in.
#[derive(Clone, Copy)]
pub(super) struct ListsReader<'a> {
    pub lists: StreamReader<'a>,
    pub places: StreamReader<'a>,
    /// Rows of the segment.
    pub rows: u32,
    pub says: Says,
}

impl StreamReader<'_> {
    /// The bytes from `start` on.
    fn read(&self, start: u64, len: usize, out: &mut Vec<u8>) -> Result<()> {
        out.clear();
        let mut at = start;
        while out.len() < len {
            let (number, within) = ((at / CHUNK as u64) as usize, (at % CHUNK as u64) as usize);
            let Some(&page) = self.pages.get(number) else { return Err(self.part.corrupt(0, OUTSIDE)) };
            let bytes = self.part.page(page, self.stream, number as u32)?;
            let body = bytes.get(PAGE_HEADER + within..).filter(|body| !body.is_empty());
            let Some(body) = body else { return Err(self.part.corrupt(page.offset, OUTSIDE)) };
            let taken = &body[..body.len().min(len - out.len())];
            out.extend_from_slice(taken);
            at += taken.len() as u64;
        }
        Ok(())
    }
}

const OUTSIDE: &str = "a list of rows lies outside its pages";

/// A list on disk.
pub(super) struct ListReader<'a> {
    of: ListsReader<'a>,
    at: ListAt,
}

/// The rows of a block in ascending order, and how often they have the item, less 1, where that is said.
fn unpack(bytes: &[u8], counted: bool, out: &mut Rows) -> Parse<()> {
    let mut cursor = Cursor { rest: bytes };
    let (first, width) = (cursor.u32()?, u32::from(cursor.u8()?));
    let packed = packed_len(BLOCK, width.min(32));
    if width > 32 || cursor.rest.len() < packed || !counted && cursor.rest.len() > packed {
        return Err("a block of rows has the wrong length");
    }
    let Rows { rows, more, .. } = out;
    rows.resize(BLOCK, 0);
    unpack_u32(cursor.take(packed)?, width, 0, rows);
    let mut next = first;
    for row in rows {
        let at = next.checked_add(*row).ok_or("rows of a list are too large")?;
        *row = at;
        next = at.checked_add(1).ok_or("rows of a list are too large")?;
    }
    if counted {
        let width = u32::from(cursor.u8()?);
        if width > 8 || cursor.rest.len() != packed_len(BLOCK, width) {
            return Err("a block of rows has the wrong length");
        }
        more.resize(BLOCK, 0);
        unpack_u32(cursor.rest, width, 0, more);
    }
    Ok(())
}

/// The rows behind the blocks; what comes after them.
fn unpack_rest<'a>(
    bytes: &'a [u8],
    count: usize,
    last: Option<u32>,
    counted: bool,
    out: &mut Rows,
) -> Parse<&'a [u8]> {
    let next = last.map_or(0, |last| u64::from(last) + 1);
    let read =
        read_steps(bytes, count, next, &mut out.rows).ok_or("rows of a list are too large or too few")?;
    let mut cursor = Cursor { rest: bytes.get(read..).unwrap_or_default() };
    if counted {
        out.more.extend(cursor.take(count)?.iter().map(|&more| u32::from(more)));
    }
    Ok(cursor.rest)
}

/// Some rows of a list, ascending, how often each has the item, less 1, and where, if that was asked for; nothing of what is not said.
#[derive(Default)]
pub(super) struct Rows {
    pub rows: Vec<u32>,
    pub more: Vec<u32>,
    pub places: Places,
}

/// What is said of a block.
pub(super) struct Skip {
    /// Its last row.
    pub last: u32,
    end: u32,
    pub bounds: Bounds,
    places_end: u32,
}

/// Where the blocks of a list are.
pub(super) struct Blocks {
    pub skips: Vec<Skip>,
    /// What the rows behind them have at most; None where nobody has said it.
    pub rest: Option<Bounds>,
}

impl<'a> ListReader<'a> {
    pub fn new(of: ListsReader<'a>, at: ListAt) -> Self {
        ListReader { of, at }
    }

    fn corrupt(&self, what: &'static str) -> Error {
        self.of.lists.part.corrupt(0, what)
    }

    /// How many bytes say where blocks are.
    fn said(&self) -> usize {
        let blocks = self.at.count as usize / BLOCK;
        let places = if self.of.says.places { PLACES_END } else { 0 };
        match self.of.says.times {
            true => (SKIP + Bounds::SIZE + places) * blocks + Bounds::SIZE,
            false => (SKIP + places) * blocks,
        }
    }

    /// Where the blocks are.
    pub fn blocks(&self) -> Result<Blocks> {
        let ListPlace::Stream(start, len, _) = self.at.place else {
            return Ok(Blocks { skips: Vec::new(), rest: None });
        };
        let size = self.said();
        let before = (len as usize).checked_sub(size).ok_or_else(|| self.corrupt(OUTSIDE))?;
        let mut bytes = Vec::new();
        self.of.lists.read(start + before as u64, size, &mut bytes)?;
        let blocks = self.parse(&bytes).map_err(|what| self.corrupt(what))?;
        let mut ends = blocks.skips.iter().map(|skip| skip.end);
        match blocks.skips.is_sorted_by(|a, b| a.last < b.last)
            && ends.clone().is_sorted()
            && ends.next_back().unwrap_or(0) <= before as u32
        {
            true => Ok(blocks),
            false => Err(self.corrupt("the blocks of a list do not follow one another")),
        }
    }

    fn parse(&self, bytes: &[u8]) -> Parse<Blocks> {
        let mut cursor = Cursor { rest: bytes };
        let (blocks, says) = (self.at.count as usize / BLOCK, self.of.says);
        let mut skips = Vec::with_capacity(blocks);
        for _ in 0..blocks {
            let (last, end) = (cursor.u32()?, cursor.u32()?);
            let bounds = if says.times { Bounds::decode(&mut cursor)? } else { Bounds::NONE };
            let places_end = if says.places { cursor.u32()? } else { 0 };
            skips.push(Skip { last, end, bounds, places_end });
        }
        let rest = if says.times { Some(Bounds::decode(&mut cursor)?) } else { None };
        Ok(Blocks { skips, rest })
    }

    /// Reads a block; the one behind the last is the rest, which may have no row.
    pub fn load(&self, blocks: &Blocks, number: usize, buffer: &mut Vec<u8>, out: &mut Rows) -> Result<()> {
        out.rows.clear();
        out.more.clear();
        out.places.clear();
        let before = number.checked_sub(1).and_then(|before| blocks.skips.get(before));
        let at = before.map_or(0, |skip| skip.end);
        let block = blocks.skips.get(number);
        let rest_count = self.at.count as usize % BLOCK;
        if block.is_none() && rest_count == 0 {
            return Ok(());
        }
        let bytes: &[u8] = match &self.at.place {
            ListPlace::Inline(bytes) => bytes,
            ListPlace::Stream(start, len, _) => {
                let end = match block {
                    Some(skip) => Some(skip.end as usize),
                    None => (*len as usize).checked_sub(self.said()),
                };
                let size = end.and_then(|end| end.checked_sub(at as usize));
                let size = size.ok_or_else(|| self.corrupt(OUTSIDE))?;
                self.of.lists.read(start + u64::from(at), size, buffer)?;
                buffer
            }
        };
        let counted = self.of.says.times;
        let done = match block {
            Some(_) => unpack(bytes, counted, out).map(|()| &[][..]),
            None => unpack_rest(bytes, rest_count, before.map(|skip| skip.last), counted, out),
        };
        let after = done.map_err(|what| self.corrupt(what))?;
        match &self.at.place {
            ListPlace::Inline(_) if self.of.says.places => out.places.bytes.extend_from_slice(after),
            _ if !after.is_empty() => return Err(self.corrupt("a list of rows does not end where it should")),
            _ => {}
        }
        self.check(&out.rows, block.map(|skip| skip.last))
    }

    /// Reads where the rows of a block that was loaded have the item.
    pub fn load_places(&self, blocks: &Blocks, number: usize, out: &mut Rows) -> Result<()> {
        if let ListPlace::Stream(_, _, (start, len)) = self.at.place {
            let before = number.checked_sub(1).and_then(|before| blocks.skips.get(before));
            let from = before.map_or(0, |skip| skip.places_end);
            let to = blocks.skips.get(number).map_or(len, |skip| skip.places_end);
            let size = to.checked_sub(from).ok_or_else(|| self.corrupt(OUTSIDE))?;
            self.of.places.read(start + u64::from(from), size as usize, &mut out.places.bytes)?;
        }
        out.places.split(out.rows.len()).map_err(|what| self.corrupt(what))
    }

    /// Calls `each` with those blocks of the list that may be wanted: `wanted` is told the last row of a block, None for what
    /// comes behind the blocks. `places`: and where rows have the item, if that is said.
    fn read(
        &self,
        places: bool,
        wanted: &mut dyn FnMut(Option<u32>) -> bool,
        each: &mut dyn FnMut(&Rows),
    ) -> Result<()> {
        let (mut rows, mut buffer, blocks) = (Rows::default(), Vec::new(), self.blocks()?);
        for number in 0..=blocks.skips.len() {
            if wanted(blocks.skips.get(number).map(|skip| skip.last)) {
                self.load(&blocks, number, &mut buffer, &mut rows)?;
                if !rows.rows.is_empty() {
                    if places && self.of.says.places {
                        self.load_places(&blocks, number, &mut rows)?;
                    }
                    each(&rows);
                }
            }
        }
        Ok(())
    }

    /// Rows rise within a block by construction; they end where it is said, and in the segment.
    fn check(&self, rows: &[u32], last: Option<u32>) -> Result<()> {
        let end = rows.last().copied();
        match (last.is_none() || last == end) && end.is_none_or(|end| end < self.of.rows) {
            true => Ok(()),
            false => Err(self.corrupt("a list names a row that its segment has not")),
        }
    }

    /// Calls `each` with all rows, block by block.
    pub fn each(&self, each: &mut dyn FnMut(&Rows)) -> Result<()> {
        self.read(false, &mut |_| true, each)
    }

    /// The same, and where rows have the item.
    pub fn each_placed(&self, each: &mut dyn FnMut(&Rows)) -> Result<()> {
        self.read(true, &mut |_| true, each)
    }
}

impl Postings for ListReader<'_> {
    fn count(&self) -> u32 {
        self.at.count
    }

    fn all(&self, out: &mut Vec<u32>) -> Result<()> {
        self.each(&mut |rows| out.extend_from_slice(&rows.rows))
    }

    fn among(&self, wanted: &[u32], out: &mut Vec<u32>) -> Result<()> {
        // Those that lie behind the blocks that were passed.
        let left = std::cell::Cell::new(wanted);
        self.read(
            false,
            &mut |last| match (left.get(), last) {
                ([], _) => false,
                ([first, ..], Some(last)) => *first <= last,
                _ => true,
            },
            &mut |rows| {
                let rows = rows.rows.as_slice();
                let (Some(&last), wanted) = (rows.last(), left.get()) else { return };
                let (here, behind) = wanted.split_at(wanted.partition_point(|&row| row <= last));
                common(rows, here, out);
                left.set(behind);
            },
        )
    }
}
