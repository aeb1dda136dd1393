//! The documents that score best by BM25, without scoring all.
//!
//! Lists are walked side by side, from row to row (*MaxScore*, Turtle and Flood 1995, with bounds of blocks as in Ding and Suel 2011).
//! What a word adds at most is known of each list and of each block of it ([`Bounds`]). Once `count` rows are found, words that
//! together add no more than the worst of these need not be walked: who has none of the others cannot come in. Where the blocks at
//! hand add no more than that, all rows up to the end of the first of them are passed over, and blocks in between are not read.
//!
//! ```text
//! slip  most 4.1   [1 … 90] [97 … 400] …      worst of 10: 4.5      rows with `slip` or `floor` only: no
//! floor most 2.0   [3 … 70] …                                       the walk is over the rows with `gripper`,
//! gripper 5.2      [40 … 900] …                                     and asks the others for these
//! ```
//!
//! A score is computed from the same numbers in the same order as [`Scorer::score`] does, so it is the same to the last bit. A prefix or
//! a word with edits is one word: the lists of what it stands for are joined in memory.

use super::cold::InvertedCold;
use super::counts::{Bounds, LengthsReader};
use super::items::{ITEM_MAX, Items};
use super::postings::{Blocks, ListReader, Rows};
use super::search::Postings;
use super::text::named;
use super::words::{BestWords, WordField};
use crate::error::{Error, Result};
use crate::index::{Hit, Hits, ProbeStats, ScoreBound};
use crate::segment::RowSet;
use remanent_kernels::sort::sort_by;
use remanent_text::bm25::Scorer;
use remanent_text::query::Operand;
use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// What is rounded is rounded by less than this.
const SLACK: f64 = 1.0 + 1e-9;
/// Where fewer rows than one in so many of the lists' are within, they are looked up one by one.
const FEW: u64 = 8;

/// The rows of a word, as a list or as several joined.
enum Word<'a> {
    One(ListReader<'a>),
    /// Rows and how often each has any of them, ascending.
    Joined(Vec<(u32, u32)>),
}

/// The rows of a column that have what a word stands for; None: no row.
fn rows_of<'a>(part: &'a InvertedCold, column: usize, word: &Operand<'_>) -> Result<Option<Word<'a>>> {
    let items = named(column, word);
    let lists = match &items {
        Items::Item(item) => return Ok(part.list_of(item)?.map(Word::One)),
        Items::Prefix(prefix) => part.lists_of(prefix, &|_| true)?,
        // What is kept shortened is longer than any that is meant.
        Items::Like(prefix, like) => {
            part.lists_of(prefix, &|item| item.len() < ITEM_MAX && like.admits(item, prefix.len()))?
        }
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

/// What BM25 has to know of the documents of a column, of the rows that are within.
pub(super) fn stats(part: &InvertedCold, best: &BestWords, within: Option<&RowSet>) -> Result<ProbeStats> {
    let [field] = best.fields.as_slice() else {
        return Err(Error::internal("one column is counted at a time"));
    };
    let words = remanent_text::bm25::words(&field.query);
    let mut numbers = vec![0i64; 2 + words.len()];
    // Few rows that are left out are taken away from all; of few that are in, these are counted.
    let all = part.rows_in_segment();
    let out = within.map(|within| {
        let mut out = RowSet::new();
        out.insert_range(0..all);
        out.subtract(within);
        out
    });
    let (listed, sign): (Option<Vec<u32>>, i64) = match (within, &out) {
        (Some(within), Some(out)) if within.len() < out.len() => (Some(within.iter().collect()), 1),
        (_, Some(out)) => (Some(out.iter().collect()), -1),
        _ => (None, 0),
    };
    if sign <= 0 {
        let (documents, total) = part.documents(field.column)?;
        (numbers[0], numbers[1]) = (documents.into(), i64::try_from(total).unwrap_or(i64::MAX));
    }
    if let Some(listed) = &listed {
        let mut lengths = part.lengths(field.column)?;
        for &row in listed {
            if let Some(length) = lengths.get(row)? {
                numbers[0] += sign;
                numbers[1] += sign * i64::from(length);
            }
        }
    }
    let mut found = Vec::new();
    for (number, word) in numbers[2..].iter_mut().zip(&words) {
        let Some(rows) = rows_of(part, field.column, word)? else { continue };
        if sign <= 0 {
            *number += rows.count();
        }
        if let Some(listed) = &listed {
            found.clear();
            rows.among(listed, &mut found)?;
            *number += sign * found.len() as i64;
        }
    }
    Ok(ProbeStats { numbers })
}

impl Word<'_> {
    fn count(&self) -> i64 {
        match self {
            Word::One(list) => list.count().into(),
            Word::Joined(rows) => rows.len() as i64,
        }
    }

    fn among(&self, listed: &[u32], out: &mut Vec<u32>) -> Result<()> {
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
struct Cursor<'a> {
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
    field: usize,
    word: usize,
    slot: usize,
    /// What it adds to the score of any row at most.
    most: f64,
}

/// A field ready to be computed.
struct Field<'a> {
    scorer: Scorer<'a>,
    weight: f64,
    lengths: LengthsReader<'a>,
}

impl Field<'_> {
    fn most(&self, bounds: &Bounds, word: usize) -> f64 {
        bounds.most_of(&self.scorer, word) * self.weight
    }
}

impl<'a> Cursor<'a> {
    fn new(of: Word<'a>, field: &mut Field<'_>, place: (usize, usize, usize)) -> Result<Self> {
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
    fn row(&self) -> Option<u32> {
        self.rows.rows.get(self.at).copied()
    }

    /// How often the row at hand has the word.
    fn times(&self) -> u32 {
        self.rows.more.get(self.at).map_or(0, |more| more.saturating_add(1))
    }

    fn advance(&mut self) -> Result<()> {
        self.at += 1;
        if self.at == self.rows.rows.len() { self.load(self.next) } else { Ok(()) }
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
    fn seek(&mut self, row: u32) -> Result<()> {
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

    /// What the word adds at most to the rows from `row` on, and up to which of them that is known.
    fn block(&mut self, row: u32, field: &Field<'_>) -> (f64, u32) {
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

/// A row that was found; the greatest is the worst.
#[derive(PartialEq)]
struct Found(f64, u32);

impl Eq for Found {}

impl PartialOrd for Found {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Found {
    fn cmp(&self, other: &Self) -> Ordering {
        other.0.total_cmp(&self.0).then(self.1.cmp(&other.1))
    }
}

struct Search<'a> {
    fields: Vec<Field<'a>>,
    /// From what adds least to what adds most.
    cursors: Vec<Cursor<'a>>,
    /// Where the words of each field begin among all; how often the row at hand has each.
    begins: Vec<usize>,
    times: Vec<u32>,
    within: Option<&'a RowSet>,
    bound: &'a ScoreBound,
    count: usize,
    found: BinaryHeap<Found>,
}

/// The rows that score best, then those that score nothing, as many as are wanted.
pub(super) fn search<'a>(
    part: &'a InvertedCold,
    best: &'a BestWords,
    within: Option<&'a RowSet>,
    bound: &'a ScoreBound,
) -> Result<Box<dyn Hits + 'a>> {
    let mut search = Search {
        fields: Vec::with_capacity(best.fields.len()),
        cursors: Vec::new(),
        begins: Vec::new(),
        times: Vec::new(),
        within,
        bound,
        count: best.count,
        found: BinaryHeap::new(),
    };
    best.fields.iter().try_for_each(|field| search.add(part, field))?;
    sort_by(&mut search.cursors, &|a, b| a.most.total_cmp(&b.most));
    let lists: u64 = search.cursors.iter().map(|cursor| cursor.len()).sum();
    match within {
        Some(within) if within.len() * FEW < lists => search.each_of(within)?,
        _ => search.best()?,
    }
    let mut rows: Vec<Found> = search.found.into_vec();
    sort_by(&mut rows, &|a, b| a.cmp(b));
    let mut hits: Vec<Hit> = rows.iter().map(|row| Hit { ordinal: row.1, score: -row.0 }).collect();
    // Whoever scores nothing is as good as any other who does.
    if hits.len() < best.count && bound.get() >= 0.0 {
        let known: RowSet = hits.iter().map(|hit| hit.ordinal).collect();
        let missing = best.count - hits.len();
        let others: Box<dyn Iterator<Item = u32>> = match within {
            Some(within) => Box::new(within.iter()),
            None => Box::new(0..part.rows_in_segment()),
        };
        let others = others.filter(|&row| !known.contains(row)).take(missing);
        hits.extend(others.map(|ordinal| Hit { ordinal, score: 0.0 }));
    }
    Ok(Box::new(Best(hits.into_iter())))
}

struct Best(std::vec::IntoIter<Hit>);

impl Hits for Best {
    fn next(&mut self, out: &mut Vec<Hit>, max: usize) -> Result<bool> {
        out.extend(self.0.by_ref().take(max));
        Ok(self.0.len() > 0)
    }
}

impl Cursor<'_> {
    /// How many rows its list has.
    fn len(&self) -> u64 {
        match &self.list {
            Some((list, _)) => list.count().into(),
            None => self.rows.rows.len() as u64,
        }
    }
}

impl<'a> Search<'a> {
    fn add(&mut self, part: &'a InvertedCold, of: &'a WordField) -> Result<()> {
        let scorer = Scorer::new(&of.query, &of.corpus);
        let scorer =
            scorer.ok_or_else(|| Error::internal("the numbers of documents are of another query"))?;
        let words: Vec<Operand<'a>> = scorer.words().to_vec();
        let mut field = Field { scorer, weight: of.weight, lengths: part.lengths(of.column)? };
        let (number, first) = (self.fields.len(), self.times.len());
        self.begins.push(first);
        self.times.resize(first + words.len(), 0);
        for (i, word) in words.iter().enumerate() {
            if let Some(rows) = rows_of(part, of.column, word)? {
                self.cursors.push(Cursor::new(rows, &mut field, (number, i, first + i))?);
            }
        }
        self.fields.push(field);
        Ok(())
    }

    /// What a row must exceed to come in.
    fn threshold(&self) -> f64 {
        let own = self.found.peek().filter(|_| self.found.len() >= self.count).map(|worst| worst.0);
        own.unwrap_or(f64::NEG_INFINITY).max(-self.bound.get())
    }

    /// The score of the row whose words are counted, as the function computes it.
    fn score(&mut self, row: u32) -> Result<f64> {
        let mut sum = 0.0;
        for (i, field) in self.fields.iter_mut().enumerate() {
            let begin = self.begins.get(i).copied().unwrap_or(0);
            let end = self.begins.get(i + 1).copied().unwrap_or(self.times.len());
            let times = self.times.get(begin..end).unwrap_or_default();
            if times.iter().any(|&times| times > 0) {
                let length = field.lengths.get(row)?.unwrap_or(0);
                sum += field.weight * field.scorer.sum(times, length);
            }
        }
        Ok(sum)
    }

    fn take(&mut self, row: u32) -> Result<()> {
        let score = self.score(row)?;
        if score > self.threshold() {
            self.found.push(Found(score, row));
            if self.found.len() > self.count {
                self.found.pop();
            }
        }
        Ok(())
    }

    /// Scores each of some rows.
    fn each_of(&mut self, rows: &RowSet) -> Result<()> {
        for row in rows.iter() {
            self.times.fill(0);
            let mut any = false;
            for cursor in &mut self.cursors {
                cursor.seek(row)?;
                if cursor.row() == Some(row) {
                    self.times[cursor.slot] = cursor.times();
                    any = true;
                }
            }
            if any {
                self.take(row)?;
            }
        }
        Ok(())
    }

    /// Finds the best of all rows.
    fn best(&mut self) -> Result<()> {
        let sums: Vec<f64> = self
            .cursors
            .iter()
            .scan(0.0, |sum, cursor| {
                *sum += cursor.most;
                Some(*sum)
            })
            .collect();
        let mut walked = 0;
        loop {
            let threshold = self.threshold();
            while sums.get(walked).is_some_and(|sum| sum * SLACK <= threshold) {
                walked += 1;
            }
            let others = walked.checked_sub(1).and_then(|last| sums.get(last)).copied().unwrap_or(0.0);
            let Some(row) = self.next_row(walked, others, threshold)? else { return Ok(()) };
            if self.within.is_some_and(|within| !within.contains(row)) {
                for cursor in self.cursors.iter_mut().skip(walked).filter(|cursor| cursor.row() == Some(row))
                {
                    cursor.advance()?;
                }
                continue;
            }
            if self.gather(row, walked, &sums, threshold)? {
                self.take(row)?;
            }
        }
    }

    /// The first row that a walked list has and that may come in; all of them are there or behind it. None: there is none.
    fn next_row(&mut self, walked: usize, others: f64, threshold: f64) -> Result<Option<u32>> {
        loop {
            let rows = self.cursors.iter().skip(walked).filter_map(Cursor::row);
            let Some(row) = rows.min() else { return Ok(None) };
            let mut from = row;
            loop {
                let (mut most, mut until) = (others, u32::MAX);
                for cursor in self.cursors.iter_mut().skip(walked) {
                    let (adds, last) = cursor.block(from, &self.fields[cursor.field]);
                    most += adds;
                    until = until.min(last);
                }
                if most * SLACK > threshold {
                    break;
                }
                match until.checked_add(1) {
                    Some(next) => from = next,
                    None => return Ok(None),
                }
            }
            if from == row {
                return Ok(Some(row));
            }
            self.cursors.iter_mut().skip(walked).try_for_each(|cursor| cursor.seek(from))?;
        }
    }

    /// Counts the words of a row, and passes it in the walked lists; false once it cannot come in.
    fn gather(&mut self, row: u32, walked: usize, sums: &[f64], threshold: f64) -> Result<bool> {
        self.times.fill(0);
        let mut sum = 0.0;
        let (asked, lists) = self.cursors.split_at_mut(walked);
        for cursor in lists.iter_mut().filter(|cursor| cursor.row() == Some(row)) {
            self.times[cursor.slot] = cursor.times();
            sum += adds(cursor, row, &mut self.fields)?;
            cursor.advance()?;
        }
        for (cursor, most) in asked.iter_mut().zip(sums).rev() {
            if (sum + most) * SLACK <= threshold {
                return Ok(false);
            }
            cursor.seek(row)?;
            if cursor.row() == Some(row) {
                self.times[cursor.slot] = cursor.times();
                sum += adds(cursor, row, &mut self.fields)?;
            }
        }
        Ok(true)
    }
}

/// What the word of a list adds to the score of the row at hand.
fn adds(cursor: &Cursor<'_>, row: u32, fields: &mut [Field<'_>]) -> Result<f64> {
    let Some(field) = fields.get_mut(cursor.field) else { return Ok(0.0) };
    let length = field.lengths.get(row)?.unwrap_or(0);
    Ok(field.weight * field.scorer.of_word(cursor.word, cursor.times(), length))
}
