//! The documents that score best by BM25, without scoring all.
//!
//! Lists are walked side by side, a window of rows at a time, in which each adds to its rows' sums (*MaxScore*, Turtle and Flood 1995,
//! with bounds of blocks as in Ding and Suel 2011, and sums of a window as in Mallia, Suel and Tonellotto 2024).
//! What a word adds at most is known of each list and of each block of it ([`Bounds`](super::counts::Bounds)). Once `count` rows are found, words that
//! together add no more than the worst of these need not be walked: who has none of the others cannot come in. Where the blocks at
//! hand add no more than that, all rows up to the end of the first of them are passed over, and blocks in between are not read.
//!
//! ```text
//! slip  most 4.1   [1 … 90] [97 … 400] …      worst of 10: 4.5      rows with `slip` or `floor` only: no
//! floor most 2.0   [3 … 70] …                                       the walk is over the rows with `gripper`,
//! gripper 5.2      [40 … 900] …                                     and asks the others for those whose sums may do
//! ```
//!
//! A score is computed from the same numbers in the same order as [`Scorer::score`] does, so it is the same to the last bit. A prefix or
//! a word with edits is one word: the lists of what it stands for are joined in memory.

use super::cold::InvertedCold;
use super::cursor::{Cursor, Field, rows_of};
use super::postings::Rows;
use super::words::{BestWords, WordField};
use crate::error::{Error, Result};
use crate::index::{Hit, Hits, ProbeStats, ScoreBound};
use crate::segment::RowSet;
use remanent_kernels::postings::{add, take_above};
use remanent_kernels::sort::sort_by;
use remanent_text::bm25::Scorer;
use remanent_text::query::Operand;
use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::ops::Range;

/// What is rounded is rounded by less than this.
const SLACK: f64 = 1.0 + 1e-9;
/// Rows that are looked through at once.
const WINDOW: usize = 4096;
/// A list that has so many times the rows of those that are walked is asked for some rows rather than walked.
const ASKED: u64 = 6;
/// Where fewer rows than one in so many of the lists' are within, they are looked up one by one.
const FEW: u64 = 8;

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
    let exact = matches!(best.fields.as_slice(), [field] if field.weight == 1.0);
    Ok(Box::new(Best { hits: hits.into_iter(), exact }))
}

struct Best {
    hits: std::vec::IntoIter<Hit>,
    /// A score is the function's value, and not a sum of some, which may be rounded in another order.
    exact: bool,
}

impl Hits for Best {
    fn next(&mut self, out: &mut Vec<Hit>, max: usize) -> Result<bool> {
        out.extend(self.hits.by_ref().take(max));
        Ok(self.hits.len() > 0)
    }

    fn exact(&self) -> bool {
        self.exact
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

    /// Takes a row if it is better than the worst; of two that are as good, the first one is.
    fn take(&mut self, row: u32, score: f64) {
        let (new, full) = (Found(score, row), self.found.len() >= self.count);
        let better = !full || self.found.peek().is_some_and(|worst| new < *worst);
        if better && score > -self.bound.get() {
            self.found.push(new);
            if full {
                self.found.pop();
            }
        }
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
                let score = self.score(row)?;
                self.take(row, score);
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
        let mut window = Window::of(&self.cursors);
        let mut walked = 0;
        loop {
            let threshold = self.threshold();
            while sums.get(walked).is_some_and(|sum| sum * SLACK <= threshold) {
                walked += 1;
            }
            let walked = self.worth_asking(walked);
            let others = walked.checked_sub(1).and_then(|last| sums.get(last)).copied().unwrap_or(0.0);
            let Some((row, until)) = self.next_row(walked, others, threshold)? else {
                window.leave();
                return Ok(());
            };
            let rows = row..row.saturating_add(WINDOW as u32).min(until.saturating_add(1));
            self.look_through(rows, walked, &sums, &mut window)?;
        }
    }

    /// Of so many lists that need not be walked, how many are not: to ask one for a row costs as much as to walk over many.
    fn worth_asking(&self, walked: usize) -> usize {
        let mut rows: u64 = self.cursors.iter().skip(walked).map(Cursor::len).sum();
        if rows == 0 {
            return walked;
        }
        let mut asked = walked;
        for list in self.cursors.iter().take(walked).rev() {
            if list.len() > rows * ASKED {
                break;
            }
            rows += list.len();
            asked -= 1;
        }
        asked
    }

    /// The first row that a walked list has and that may come in, and the row up to which blocks were looked at; all of the
    /// lists are there or behind it. None: there is none.
    fn next_row(&mut self, walked: usize, others: f64, threshold: f64) -> Result<Option<(u32, u32)>> {
        loop {
            let rows = self.cursors.iter().skip(walked).filter_map(Cursor::row);
            let Some(row) = rows.min() else { return Ok(None) };
            let (mut from, mut until);
            from = row;
            loop {
                let mut most = others;
                until = u32::MAX;
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
                return Ok(Some((row, until)));
            }
            self.cursors.iter_mut().skip(walked).try_for_each(|cursor| cursor.seek(from))?;
        }
    }

    /// Scores those of some rows that may come in, and passes all of them in the walked lists.
    fn look_through(
        &mut self,
        rows: Range<u32>,
        walked: usize,
        sums: &[f64],
        window: &mut Window,
    ) -> Result<()> {
        // Of one column the weight comes last, as in the score itself.
        let single = self.fields.len() == 1;
        let weight = if let [field] = self.fields.as_slice() { field.weight } else { 1.0 };
        let Window { held, lengths, scores, found } = window;
        for slot in 0..self.times.len() {
            let mut lists = self.cursors.iter_mut().zip(held.iter_mut()).skip(walked);
            let Some((cursor, held)) = lists.find(|(cursor, _)| cursor.slot == slot) else { continue };
            held.rows.clear();
            held.more.clear();
            cursor.take_below(rows.end, held)?;
            let Some(field) = self.fields.get_mut(cursor.field) else { continue };
            field.lengths.of(&held.rows, lengths)?;
            let word = field.weighing(cursor.word, if single { 1.0 } else { field.weight });
            add(&word, &held.rows, &held.more, lengths, rows.start, scores);
        }
        let others = walked.checked_sub(1).and_then(|last| sums.get(last)).copied().unwrap_or(0.0);
        let least = (self.threshold() / SLACK - others) / weight;
        found.clear();
        for held in held.iter().skip(walked) {
            take_above(&held.rows, rows.start, least, scores, found);
        }
        if walked > 0 {
            // The others are asked from row to row.
            sort_by(found, &|a, b| a.0.cmp(&b.0));
        }
        for &(row, sum) in found.iter() {
            if self.within.is_some_and(|within| !within.contains(row)) {
                continue;
            }
            if walked == 0 && single {
                self.take(row, weight * sum);
            } else if self.gather(row, weight * sum, walked, sums, held)? {
                let score = self.score(row)?;
                self.take(row, score);
            }
        }
        Ok(())
    }

    /// Counts the words of a row that was passed in the walked lists, where the sum of their scores is known; false once it cannot
    /// come in.
    fn gather(&mut self, row: u32, sum: f64, walked: usize, sums: &[f64], held: &[Rows]) -> Result<bool> {
        self.times.fill(0);
        let (mut sum, threshold) = (sum, self.threshold());
        let (asked, lists) = self.cursors.split_at_mut(walked);
        for (cursor, held) in lists.iter().zip(held.iter().skip(walked)) {
            if let Ok(at) = held.rows.binary_search(&row) {
                self.times[cursor.slot] = held.more.get(at).map_or(0, |more| more.saturating_add(1));
            }
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

/// Some rows that follow one another, while they are looked through.
#[derive(Default)]
struct Window {
    /// What each list has of them.
    held: Vec<Rows>,
    lengths: Vec<u32>,
    /// What was added up of each row; zeros between two times.
    scores: Vec<f64>,
    found: Vec<(u32, f64)>,
}

thread_local! {
    /// What the last search of this thread has left: to make it anew for each part took a fifteenth of a statement's time.
    static LEFT: RefCell<Window> = RefCell::default();
}

/// Of so many lists memory is left for the next search, 0.6 MB.
const LEAVE: usize = 16;

impl Window {
    fn of(cursors: &[Cursor<'_>]) -> Self {
        let mut window = LEFT.take();
        window.held.resize_with(cursors.len(), Rows::default);
        window.scores.resize(WINDOW, 0.0);
        window
    }

    /// Leaves memory to the next search; whoever ended by an error does not.
    fn leave(mut self) {
        self.held.truncate(LEAVE);
        LEFT.set(self);
    }
}

/// What the word of a list adds to the score of the row at hand.
fn adds(cursor: &Cursor<'_>, row: u32, fields: &mut [Field<'_>]) -> Result<f64> {
    let Some(field) = fields.get_mut(cursor.field) else { return Ok(0.0) };
    let length = field.lengths.get(row)?.unwrap_or(0);
    Ok(field.weight * field.scorer.of_word(cursor.word, cursor.times(), length))
}
