//! What an index for ranking (`USING bm25`) keeps beside lists of rows: how often each row has an item, how long each row's
//! documents are, and what that comes to for a block of a list at most.
//!
//! The *bounds* of a block: of the rows that have the item once, twice, or more often, the length of the shortest document
//! (u16 each, 65,535 standing for all that is longer), and how often a row has it at most, less 1 (u8).
//!
//! A page of lengths (position: the column's number times the pages of a column, plus the page's) is of [`PAGE_ROWS`] rows: a byte,
//! how many bytes a number takes (1, 2 or 4); of each row the length of its document and 1, 0 where it has none.

use crate::error::Result;
use crate::index::{PartReader, PartWriter};
use crate::segment::encoding::{Cursor, Parse};
use crate::segment::page::{Locator, PAGE_HEADER};
use crate::value::Buffer;
#[cfg(feature = "text")]
use remanent_kernels::postings::gather;
#[cfg(feature = "text")]
use remanent_text::bm25::Scorer;

const OUTSIDE: &str = "a row lies outside the lengths of documents";
/// Rows whose lengths lie in a page.
const PAGE_ROWS: usize = 2048;

/// What the rows of a block have at most.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bounds {
    shortest: [u16; 3],
    /// How often a row has the item at most, less 1.
    most: u8,
}

impl Bounds {
    /// Bytes of one.
    pub const SIZE: usize = 7;
    /// Of no row.
    pub const NONE: Bounds = Bounds { shortest: [u16::MAX; 3], most: 0 };

    /// Takes in a row that has the item `more` times more than once, in a document of that length.
    pub fn add(&mut self, more: u8, length: u32) {
        if let Some(shortest) = self.shortest.get_mut(usize::from(more.min(2))) {
            *shortest = (*shortest).min(u16::try_from(length).unwrap_or(u16::MAX));
        }
        self.most = self.most.max(more);
    }

    /// Takes in those of another block.
    pub fn join(&mut self, other: &Bounds) {
        self.shortest.iter_mut().zip(other.shortest).for_each(|(own, other)| *own = (*own).min(other));
        self.most = self.most.max(other.most);
    }

    pub fn encode(&self, out: &mut Vec<u8>) {
        self.shortest.iter().for_each(|shortest| out.extend_from_slice(&shortest.to_le_bytes()));
        out.push(self.most);
    }

    pub fn decode(cursor: &mut Cursor<'_>) -> Parse<Self> {
        Ok(Bounds { shortest: [cursor.u16()?, cursor.u16()?, cursor.u16()?], most: cursor.u8()? })
    }

    /// What a word adds to the score of a row at most.
    #[cfg(feature = "text")]
    pub fn most_of(&self, scorer: &Scorer<'_>, word: usize) -> f64 {
        let times = [1, 2, u32::from(self.most).saturating_add(1).max(3)];
        let of = |(times, &shortest): (u32, &u16)| scorer.of_word(word, times, shortest.into());
        times.into_iter().zip(&self.shortest).map(of).fold(0.0, f64::max)
    }
}

/// How long the documents of a column are.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Lengths {
    /// How many rows have one.
    pub documents: u32,
    /// How long they are together.
    pub total: u64,
    /// Where the pages are.
    pub pages: Vec<Locator>,
}

/// The lengths of a column's documents on their way into pages: of each row that and 1, 0 where it has none.
#[derive(Debug, Clone, Default)]
pub(super) struct LengthsWriter(Vec<u32>);

impl LengthsWriter {
    /// Of so many rows, none of which has a document yet.
    pub fn new(rows: u32) -> Self {
        LengthsWriter(vec![0; rows as usize])
    }

    /// A row's document.
    pub fn set(&mut self, row: u32, length: u32) {
        if let Some(slot) = self.0.get_mut(row as usize) {
            *slot = length.saturating_add(1);
        }
    }

    pub fn get(&self, row: u32) -> u32 {
        self.0.get(row as usize).map_or(0, |slot| slot.saturating_sub(1))
    }

    /// Writes the pages of column number `column`.
    pub fn write(&self, stream: u32, column: usize, out: &mut PartWriter<'_>) -> Result<Lengths> {
        let mut lengths = Lengths::default();
        let first = column * self.0.len().div_ceil(PAGE_ROWS);
        for (number, rows) in self.0.chunks(PAGE_ROWS).enumerate() {
            let most = rows.iter().copied().max().unwrap_or(0);
            let width = match most {
                0..=0xff => 1,
                0x100..=0xffff => 2,
                _ => 4,
            };
            let mut body = vec![width as u8];
            rows.iter().for_each(|row| body.extend_from_slice(&row.to_le_bytes()[..width]));
            lengths.pages.push(out.page(stream, (first + number) as u32, &[&body])?);
            let documents = rows.iter().filter(|row| **row > 0);
            documents.for_each(|row| {
                lengths.documents += 1;
                lengths.total += u64::from(row - 1);
            });
        }
        Ok(lengths)
    }
}

/// The lengths of a column's documents, read page by page and held.
pub(super) struct LengthsReader<'a> {
    part: &'a PartReader,
    stream: u32,
    lengths: &'a Lengths,
    /// The position of the first page.
    first: u32,
    held: Vec<Option<Buffer<u8>>>,
}

impl<'a> LengthsReader<'a> {
    /// Of column number `column`.
    pub fn new(part: &'a PartReader, stream: u32, lengths: &'a Lengths, column: usize) -> Self {
        let first = (column * lengths.pages.len()) as u32;
        LengthsReader { part, stream, lengths, first, held: vec![None; lengths.pages.len()] }
    }

    /// Of a page, how many bytes a number takes, and these numbers.
    fn page(&mut self, number: usize) -> Result<(usize, &[u8])> {
        let outside = || self.part.corrupt(0, OUTSIDE);
        let (Some(slot), Some(&at)) = (self.held.get_mut(number), self.lengths.pages.get(number)) else {
            return Err(outside());
        };
        if slot.is_none() {
            *slot = Some(self.part.page(at, self.stream, self.first + number as u32)?);
        }
        let body = slot.as_ref().and_then(|page| page.get(PAGE_HEADER..)?.split_first());
        body.map(|(&width, rows)| (usize::from(width), rows)).ok_or_else(outside)
    }

    /// The length of a row's document; None where it has none.
    pub fn get(&mut self, row: u32) -> Result<Option<u32>> {
        let (width, rows) = self.page(row as usize / PAGE_ROWS)?;
        let at = row as usize % PAGE_ROWS * width;
        let length = rows.get(at..at + width).and_then(|bytes| {
            let mut four = [0; 4];
            four.get_mut(..width)?.copy_from_slice(bytes);
            Some(u32::from_le_bytes(four))
        });
        Ok(length.ok_or_else(|| self.part.corrupt(0, OUTSIDE))?.checked_sub(1))
    }

    /// Those of rows that ascend; 0 of one that has none.
    #[cfg(feature = "text")]
    pub fn of(&mut self, mut rows: &[u32], out: &mut Vec<u32>) -> Result<()> {
        out.clear();
        while let Some(&first) = rows.first() {
            let number = first as usize / PAGE_ROWS;
            let base = (number * PAGE_ROWS) as u32;
            let here = rows.partition_point(|&row| row - base < PAGE_ROWS as u32);
            let (these, others) = rows.split_at(here);
            let (width, numbers) = self.page(number)?;
            let found = gather(numbers, width, base, these, out);
            found.ok_or_else(|| self.part.corrupt(0, OUTSIDE))?;
            rows = others;
        }
        out.iter_mut().for_each(|length| *length = length.saturating_sub(1));
        Ok(())
    }
}
