//! Whether documents satisfy a query, told from where lists say that they have its words.
//!
//! The rows that have what the query needs are found by their items; of these, one after the other, each word's positions are looked up
//! and the query is asked as it is of a document ([`Matcher`]), so that what is not known here is not known there either.
//!
//! ```text
//!   slip <-> on      rows with both: 7, 90       slip at 3, on at 4: row 7       slip at 9, on at 2: not row 90
//! ```

use super::cold::InvertedCold;
use super::items::Items;
use super::places;
use super::postings::{Blocks, ListReader, Rows};
use super::search;
use super::text::named;
use super::words::Satisfying;
use crate::error::Result;
use remanent_text::matching::Matcher;
use remanent_text::query::Item;
use remanent_text::vector::Position;

/// The rows that satisfy a query, ascending, in a part whose lists say where lexemes stand.
pub(super) fn find(part: &InvertedCold, asked: &Satisfying) -> Result<Vec<u32>> {
    let mut rows = search::find(part, &asked.items, None, true)?;
    if rows.is_empty() {
        return Ok(rows);
    }
    let query = remanent_text::query::items(&asked.query);
    let mut words: Vec<Option<Word<'_>>> = Vec::with_capacity(query.len());
    for item in &query {
        words.push(match item {
            Item::Word(word) => match named(asked.column, word) {
                Items::Item(item) => part.list_of(&item)?.map(|list| Word::new(part, list)).transpose()?,
                _ => None,
            },
            _ => None,
        });
    }
    let matcher = Matcher::new(&asked.query);
    let mut kept = 0;
    for at in 0..rows.len() {
        let row = rows[at];
        for word in words.iter_mut().flatten() {
            word.seek(row)?;
        }
        let positions =
            |at: usize| words.get(at)?.as_ref().filter(|word| word.here).map(|word| &word.positions[..]);
        if matcher.satisfied(&positions) {
            rows[kept] = row;
            kept += 1;
        }
    }
    rows.truncate(kept);
    Ok(rows)
}

/// The list of a word, walked from row to row.
struct Word<'a> {
    part: &'a InvertedCold,
    list: ListReader<'a>,
    blocks: Blocks,
    /// The block in hand, whether its places are, and where the walk stands in it.
    number: usize,
    rows: Rows,
    placed: bool,
    at: usize,
    buffer: Vec<u8>,
    /// The row at hand has the word, and there.
    here: bool,
    positions: Vec<Position>,
}

impl<'a> Word<'a> {
    fn new(part: &'a InvertedCold, list: ListReader<'a>) -> Result<Self> {
        let blocks = list.blocks()?;
        let (rows, buffer) = (Rows::default(), Vec::new());
        Ok(Word {
            part,
            list,
            blocks,
            number: usize::MAX,
            rows,
            placed: false,
            at: 0,
            buffer,
            here: false,
            positions: Vec::new(),
        })
    }

    /// Goes to a row that is not before the one at hand.
    fn seek(&mut self, row: u32) -> Result<()> {
        let number = self.blocks.skips.partition_point(|skip| skip.last < row);
        if number != self.number {
            self.list.load(&self.blocks, number, &mut self.buffer, &mut self.rows)?;
            (self.number, self.placed, self.at) = (number, false, 0);
        }
        let rest = self.rows.rows.get(self.at..).unwrap_or_default();
        self.at += rest.partition_point(|&at| at < row);
        self.here = self.rows.rows.get(self.at) == Some(&row);
        if self.here {
            if !self.placed {
                self.list.load_places(&self.blocks, number, &mut self.rows)?;
                self.placed = true;
            }
            let read = places::read(self.rows.places.get(self.at), &mut self.positions);
            read.map_err(|what| self.part.corrupt(what))?;
        }
        Ok(())
    }
}
