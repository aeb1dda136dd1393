//! The rows that have what a word of a query stands for, as the walk for the best documents goes through them.
//!
//! A word is one list, read block by block, or several joined in memory: those of all lexemes that a prefix or a word with edits
//! stands for.

use super::cold::InvertedCold;
use super::counts::{Bounds, LengthsReader};
use super::items::Items;
use super::postings::{Blocks, ListReader, Rows};
use super::search::Postings;
use super::text::named;
use crate::error::{Error, Result};
use remanent_kernels::postings::Weighing;
use remanent_kernels::sort::sort_by;
use remanent_text::bm25::{B, K1, Scorer};
use remanent_text::query::Operand;

/// The rows of a word, as a list or as several joined.
pub(super) enum Word<'a> {
    One(ListReader<'a>),
    /// Rows and how often each has any of them, ascending.
    Joined(Vec<(u32, u32)>),
}

/// The rows of a column that have what a word stands for; None: no row.
pub(super) fn rows_of<'a>(
    part: &'a InvertedCold,
    column: usize,
    word: &Operand<'_>,
) -> Result<Option<Word<'a>>> {
    let items = named(column, word);
    let lists = match &items {
        Items::Item(item) => return Ok(part.list_of(item)?.map(Word::One)),
        Items::Prefix(prefix) => part.lists_of(prefix, &|_| true)?,
        Items::Like(prefix, like) => part.lists_of(prefix, &|item| like.admits(item, prefix.len(), true))?,
        _ => return Err(Error::internal("a word is one item, or some")),
    };
    let mut all: Vec<(u32, u32)> = Vec::new();
    for list in lists {
        list.each(&mut |rows| {
            all.extend(rows.rows.iter().zip(&rows.more).map(|(&row, &more)| (row, more.saturating_add(1))));
        })?;
    }
    sort_by(&mut all, &|a, b| a.0.cmp(&b.0));
    all.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 = kept.1.saturating_add(next.1);
        }
        same
    });
    Ok((!all.is_empty()).then_some(Word::Joined(all)))
}

impl Word<'_> {
    pub fn count(&self) -> i64 {
        match self {
            Word::One(list) => list.count().into(),
            Word::Joined(rows) => rows.len() as i64,
        }
    }

    pub fn among(&self, listed: &[u32], out: &mut Vec<u32>) -> Result<()> {
        match self {
            Word::One(list) => list.among(listed, out),
            Word::Joined(rows) => {
                let rows: Vec<u32> = rows.iter().map(|(row, _)| *row).collect();
                super::search::common(&rows, listed, out);
                Ok(())
            }
        }
    }
}

/// The list of one word, from some row on.
pub(super) struct Cursor<'a> {
    list: Option<(ListReader<'a>, Blocks)>,
    /// The block in hand, and the place in it.
    rows: Rows,
    at: usize,
    /// The number of the block behind it.
    next: usize,
    buffer: Vec<u8>,
    /// The block that was last asked for what it adds: up to which row it goes, and what that is.
    known: (Option<u32>, f64),
    /// Which field, which of its words, which of all.
    pub field: usize,
    pub word: usize,
    pub slot: usize,
    /// What it adds to the score of any row at most.
    pub most: f64,
}

/// A field ready to be computed.
pub(super) struct Field<'a> {
    pub scorer: Scorer<'a>,
    pub weight: f64,
    pub lengths: LengthsReader<'a>,
}

impl Field<'_> {
    /// What makes a word's score, times `weight`.
    pub fn weighing(&self, word: usize, weight: f64) -> Weighing {
        let (idf, average_length) = self.scorer.weights(word);
        Weighing { idf: idf * weight, k1: K1, b: B, average_length }
    }

    fn most(&self, bounds: &Bounds, word: usize) -> f64 {
        bounds.most_of(&self.scorer, word) * self.weight
    }
}

impl<'a> Cursor<'a> {
    pub fn new(of: Word<'a>, field: &mut Field<'_>, place: (usize, usize, usize)) -> Result<Self> {
        let mut cursor = Cursor {
            list: None,
            rows: Rows::default(),
            at: 0,
            next: 0,
            buffer: Vec::new(),
            known: (None, 0.0),
            field: place.0,
            word: place.1,
            slot: place.2,
            most: 0.0,
        };
        match of {
            Word::Joined(rows) => {
                cursor.rows.more = rows.iter().map(|(_, times)| times - 1).collect();
                cursor.rows.rows = rows.into_iter().map(|(row, _)| row).collect();
            }
            Word::One(list) => {
                let blocks = list.blocks()?;
                list.load(&blocks, 0, &mut cursor.buffer, &mut cursor.rows)?;
                cursor.next = 1;
                cursor.list = Some((list, blocks));
            }
        }
        let bounds = match &cursor.list {
            Some((_, Blocks { skips, rest: Some(rest) })) => skips.iter().fold(*rest, |mut all, skip| {
                all.join(&skip.bounds);
                all
            }),
            _ => cursor.held_bounds(field)?,
        };
        cursor.most = field.most(&bounds, cursor.word);
        Ok(cursor)
    }

    /// Of the rows in hand.
    fn held_bounds(&self, field: &mut Field<'_>) -> Result<Bounds> {
        let mut bounds = Bounds::NONE;
        for (&row, &more) in self.rows.rows.iter().zip(&self.rows.more) {
            bounds.add(more.min(u8::MAX.into()) as u8, field.lengths.get(row)?.unwrap_or(0));
        }
        Ok(bounds)
    }

    /// The row at hand; None behind the last.
    pub fn row(&self) -> Option<u32> {
        self.rows.rows.get(self.at).copied()
    }

    /// How often the row at hand has the word.
    pub fn times(&self) -> u32 {
        self.rows.more.get(self.at).map_or(0, |more| more.saturating_add(1))
    }

    fn load(&mut self, number: usize) -> Result<()> {
        self.at = 0;
        self.rows.rows.clear();
        self.next = number + 1;
        match &self.list {
            Some((list, blocks)) if number <= blocks.skips.len() => {
                list.load(blocks, number, &mut self.buffer, &mut self.rows)
            }
            _ => Ok(()),
        }
    }

    /// Goes to the first row that is not below `row`.
    pub fn seek(&mut self, row: u32) -> Result<()> {
        if self.row().is_none_or(|at| at >= row) {
            return Ok(());
        }
        if self.rows.rows.last().is_some_and(|&last| last < row) {
            let Some((_, blocks)) = &self.list else {
                self.rows.rows.clear();
                return Ok(());
            };
            let rest = blocks.skips.get(self.next..).unwrap_or_default();
            let number = self.next + rest.partition_point(|skip| skip.last < row);
            self.load(number)?;
        }
        let rest = self.rows.rows.get(self.at..).unwrap_or_default();
        let mut reach = 1;
        while rest.get(reach).is_some_and(|&at| at < row) {
            reach *= 2;
        }
        let end = rest.len().min(reach + 1);
        self.at += reach / 2 + rest[(reach / 2).min(end)..end].partition_point(|&at| at < row);
        Ok(())
    }

    /// Appends the rows at hand that are below `end`, and how often each has the word, less 1, and passes them.
    pub fn take_below(&mut self, end: u32, out: &mut Rows) -> Result<()> {
        loop {
            let rest = self.rows.rows.get(self.at..).unwrap_or_default();
            let here = match rest.last() {
                Some(&last) if last >= end => rest.partition_point(|&row| row < end),
                _ => rest.len(),
            };
            out.rows.extend_from_slice(&rest[..here]);
            let more = self.rows.more.get(self.at..).unwrap_or_default();
            out.more.extend_from_slice(more.get(..here).unwrap_or_default());
            self.at += here;
            if self.row().is_some() || here == 0 {
                return Ok(());
            }
            self.load(self.next)?;
        }
    }

    /// What the word adds at most to the rows from `row` on, and up to which of them that is known.
    pub fn block(&mut self, row: u32, field: &Field<'_>) -> (f64, u32) {
        if let (Some(last), most) = self.known
            && row <= last
        {
            return (most, last);
        }
        let (most, last) = match (&self.list, self.rows.rows.last()) {
            (_, None) => (0.0, u32::MAX),
            (Some((_, blocks)), Some(&held)) => {
                let from = if row <= held { self.next.saturating_sub(1) } else { self.next };
                let rest = blocks.skips.get(from..).unwrap_or_default();
                let skip = rest.get(rest.partition_point(|skip| skip.last < row));
                match (skip, blocks.rest) {
                    (Some(skip), _) => (field.most(&skip.bounds, self.word), skip.last),
                    (None, Some(rest)) => (field.most(&rest, self.word), u32::MAX),
                    (None, None) => (self.most, u32::MAX),
                }
            }
            (None, _) => (self.most, u32::MAX),
        };
        self.known = (Some(last), most);
        (most, last)
    }
}

impl Cursor<'_> {
    /// How many rows its list has.
    pub fn len(&self) -> u64 {
        match &self.list {
            Some((list, _)) => list.count().into(),
            None => self.rows.rows.len() as u64,
        }
    }
}
