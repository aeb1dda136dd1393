//! Finding the rows nearest to a vector.
//!
//! With c the centroid of x's list, r = x - c and m the mean of all vectors,
//!
//! ```text
//!   |q - x|²  =  |q - c|²  +  (|r|² + 2 <r, c - m>)  -  2 <r, q - m>
//!   -<q, x>   =  -<q, c>   -  <r, m>                 -    <r, q - m>
//! ```
//!
//! The middle is stored, the last is estimated from bits with tables that are the same for all lists.
//!
//! A row is a candidate while its estimate less the error it may have is below the k-th least estimate with that error added.
//! Candidates are read in full, the best first, until the next could not be among the k best.
//!
//! A filter that lets a share s of the rows pass makes the k nearest of those left the k / s nearest of all: so far the search has
//! to go at least. Where what passes lies elsewhere than the query, the k-th is one of more: how many other rows were nearer than it,
//! by their estimates, says how far the search has to go ([`Found::rank`]).

use super::NearVector;
use super::build::search_order;
use super::cold::{Loaded, VectorCold};
use super::effort::{deviations, wanted};
use super::metric::Metric;
use crate::error::Result;
use crate::index::{Hit, Hits, ScoreBound};
use crate::segment::RowSet;
use remanent_kernels::quantized::{BLOCK, Tables};
use remanent_kernels::sort::sort_by;
use std::collections::BinaryHeap;

/// What reading a row in full costs, as the estimates of so many.
const EXACT: f64 = 60.0;
/// Rows that are read in full at a time.
const BATCH: usize = 64;

/// Of fewer dimensions than these, bits say too little: the rows of the lists are compared in full, which are a few bytes each.
const FEW_DIMENSIONS: usize = 16;
/// An error that leaves no row out.
const ANYTHING: f32 = 1e30;

/// A number that is ordered.
#[derive(PartialEq, Clone, Copy)]
struct Score(f32, u32);

impl Eq for Score {}

impl PartialOrd for Score {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Score {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0).then(self.1.cmp(&other.1))
    }
}

/// The `count` least scores.
struct Best {
    heap: BinaryHeap<Score>,
    count: usize,
}

impl Best {
    fn new(count: usize) -> Self {
        Best { heap: BinaryHeap::new(), count }
    }

    /// The greatest of them; infinite while there are too few.
    fn bar(&self) -> f32 {
        match self.heap.peek() {
            Some(worst) if self.is_full() => worst.0,
            _ => f32::INFINITY,
        }
    }

    fn is_full(&self) -> bool {
        self.heap.len() >= self.count
    }

    fn offer(&mut self, score: Score) {
        if !self.is_full() {
            self.heap.push(score);
        } else if self.heap.peek().is_some_and(|worst| score < *worst) {
            self.heap.pop();
            self.heap.push(score);
        }
    }
}

/// The rows that were found, the nearest first.
struct Ranked {
    rows: std::vec::IntoIter<Score>,
}

impl Hits for Ranked {
    fn next(&mut self, out: &mut Vec<Hit>, max: usize) -> Result<bool> {
        let hit = |Score(score, ordinal)| Hit { ordinal, score: score.into() };
        out.extend(self.rows.by_ref().take(max).map(hit));
        Ok(self.rows.len() > 0)
    }
}

/// The nearest rows of a part, `within` a set if there is one.
pub fn search<'a>(
    part: &'a VectorCold,
    nearest: &NearVector,
    within: Option<&RowSet>,
    bound: &ScoreBound,
) -> Result<Box<dyn Hits + 'a>> {
    let loaded = part.loaded()?;
    let metric = loaded.footer.metric;
    let mut query = nearest.to.clone();
    let directed = metric.prepare(&mut query);
    let rows = f64::from(loaded.footer.rows).max(1.0);
    let passed = within.map_or(rows, |within| within.len() as f64);
    let count = nearest.count.min(passed as usize);
    let rank = nearest.count as f64 * rows / passed.max(1.0);
    let lists = wanted(&loaded.footer.efforts, nearest.recall, rank, loaded.half.len());
    let estimates = lists as f64 / loaded.half.len().max(1) as f64 * rows + 1000.0;
    let mut best = Best::new(count);
    // A vector of length 0 is equally far from all under cosine.
    let few = passed <= 2.0 * count as f64 || passed * EXACT <= estimates + EXACT * 4.0 * count as f64;
    match within {
        Some(within) if few => compare(part, metric, &query, within.iter(), &mut best)?,
        None if few => compare(part, metric, &query, 0..loaded.footer.rows, &mut best)?,
        _ if !directed => {}
        _ => {
            let search = Search { part, loaded, metric, query: &query, within, nearest, rank };
            search.run(lists, bound, &mut best)?;
        }
    }
    let mut rows = best.heap.into_sorted_vec();
    if rows.len() < nearest.count {
        // Those without a vector are last, and all of them are equal.
        let found: RowSet = rows.iter().map(|score| score.1).collect();
        let outside = part.outside(&loaded.footer)?.into_iter();
        let left = outside.filter(|row| within.is_none_or(|set| set.contains(*row)) && !found.contains(*row));
        let missing = nearest.count - rows.len();
        rows.extend(left.take(missing).map(|row| Score(f32::INFINITY, row)));
    }
    if !directed && rows.len() < nearest.count {
        let found: RowSet = rows.iter().map(|score| score.1).collect();
        let fits = |row: &u32| within.is_none_or(|set| set.contains(*row)) && !found.contains(*row);
        let missing = nearest.count - rows.len();
        let more = (0..loaded.footer.rows).filter(fits).take(missing);
        rows.extend(more.map(|row| Score(f32::INFINITY, row)));
    }
    Ok(Box::new(Ranked { rows: rows.into_iter() }))
}

/// Reads rows in full and offers them.
fn compare(
    part: &VectorCold,
    metric: Metric,
    query: &[f32],
    rows: impl Iterator<Item = u32>,
    best: &mut Best,
) -> Result<()> {
    let mut rows = rows.peekable();
    while rows.peek().is_some() {
        let batch: Vec<u32> = rows.by_ref().take(1024).collect();
        let column = part.segment.gather(part.column, &batch)?;
        for (i, &ordinal) in batch.iter().enumerate().filter(|(i, _)| column.is_valid(*i)) {
            let distance = metric.distance(column.ty(), column.bytes(i), query);
            if !distance.is_nan() {
                best.offer(Score(distance, ordinal));
            }
        }
    }
    Ok(())
}

struct Search<'a> {
    part: &'a VectorCold,
    loaded: &'a Loaded,
    metric: Metric,
    query: &'a [f32],
    within: Option<&'a RowSet>,
    nearest: &'a NearVector,
    /// Which of all rows the last one wanted is, where those within the set lie as all do.
    rank: f64,
}

/// What a search has found.
struct Found {
    /// The k least upper ends of estimates.
    upper: Best,
    /// Rows that may be among the k best, with the lower ends of their estimates.
    candidates: Vec<Score>,
    /// The k least estimates.
    nearest: Best,
    /// Estimates of rows without the set, of those that may come before the k-th within.
    others: Vec<f32>,
}

impl Found {
    fn new(count: usize) -> Self {
        let (upper, nearest) = (Best::new(count), Best::new(count));
        Found { upper, candidates: Vec::new(), nearest, others: Vec::new() }
    }

    /// Which of all rows the k-th within the set is, the nearest first.
    fn rank(&mut self) -> usize {
        let bar = self.nearest.bar();
        self.others.retain(|estimate| *estimate <= bar);
        self.others.len() + self.nearest.count
    }
}

impl Search<'_> {
    fn run(&self, mut lists: usize, bound: &ScoreBound, best: &mut Best) -> Result<()> {
        let Search { part, loaded, metric, query, .. } = *self;
        let inner = metric == Metric::Inner;
        let dim = query.len() as f32;
        let mut turned: Vec<f32> = query.iter().zip(&loaded.mean).map(|(q, mean)| q - mean).collect();
        let length = |v: &[f32]| v.iter().map(|x| x * x).sum::<f32>();
        let from_mean = length(&turned).sqrt();
        loaded.rotation.apply(&mut turned);
        let tables = Tables::new(&turned);
        let own = length(query);
        let order = search_order(metric, query, &loaded.flat, &loaded.half, &mut Vec::new());
        let mut found = Found::new(best.count);
        let deviations = deviations(self.nearest.recall);
        for (looked, (near, list)) in order.into_iter().enumerate() {
            if looked >= lists && found.upper.is_full() {
                lists = lists.max(self.lists(&mut found));
                if looked >= lists {
                    break;
                }
            }
            let Some(&at) = loaded.footer.lists.get(list as usize) else { continue };
            let base = if inner { near } else { own + 2.0 * near };
            let times = if inner { 1.0 } else { 2.0 };
            // The standard error of the estimate, for vectors whose bits agree with them as those of random ones do.
            let margin = match query.len() < FEW_DIMENSIONS {
                true => ANYTHING,
                false => deviations * times * 0.75 * at.radius * from_mean / dim.sqrt(),
            };
            part.each_block(&loaded.footer, at, &mut |block| {
                self.block(block, &tables, (base, times, margin), &mut found);
            })?;
        }
        let Found { upper, mut candidates, .. } = found;
        let bar = upper.bar();
        candidates.retain(|candidate| candidate.0 <= bar);
        sort_by(&mut candidates, &|a, b| a.cmp(b));
        self.rank(&candidates, bound, best)
    }

    /// Into how many lists to look where so much was found.
    fn lists(&self, found: &mut Found) -> usize {
        let rank = match self.within {
            Some(_) => found.rank() as f64,
            None => return 0,
        };
        // Twice as far is still chance.
        if rank <= 2.0 * self.rank {
            return 0;
        }
        // The rows within the set are the last of so many, of which fewer are found than of all.
        let lost = (1.0 - self.nearest.recall) / 4.0;
        wanted(&self.loaded.footer.efforts, 1.0 - lost, rank, self.loaded.half.len())
    }

    /// Looks at a block.
    fn block(
        &self,
        block: &[u8],
        tables: &Tables,
        (base, times, margin): (f32, f32, f32),
        found: &mut Found,
    ) {
        let mut sums = [0.0; BLOCK];
        tables.scan(block, &mut sums);
        let at = block.len().saturating_sub(12 * BLOCK);
        let numbers = block.get(at..).unwrap_or_default().as_chunks::<4>().0;
        let (Some(constants), Some(factors)) = (numbers.get(..BLOCK), numbers.get(BLOCK..2 * BLOCK)) else {
            return;
        };
        let mut estimates = [0.0f32; BLOCK];
        for i in 0..BLOCK {
            let (constant, factor) = (f32::from_le_bytes(constants[i]), f32::from_le_bytes(factors[i]));
            estimates[i] = base + constant - times * factor * sums[i];
        }
        let mut bar = found.upper.bar();
        for (ordinal, estimate) in VectorCold::ordinals(block).zip(estimates) {
            let low = estimate - margin;
            if low > bar {
                continue;
            }
            if let Some(set) = self.within {
                if !set.contains(ordinal) {
                    if estimate <= found.nearest.bar() {
                        found.others.push(estimate);
                    }
                    continue;
                }
                found.nearest.offer(Score(estimate, ordinal));
            }
            found.candidates.push(Score(low, ordinal));
            found.upper.offer(Score(estimate + margin, ordinal));
            bar = found.upper.bar();
        }
    }

    /// Reads candidates in full, the best first.
    fn rank(&self, candidates: &[Score], bound: &ScoreBound, best: &mut Best) -> Result<()> {
        // Under L1 the estimates are of another distance: all candidates are read.
        let comparable = self.metric != Metric::L1 && self.metric != Metric::Cosine;
        let first = best.count * 2;
        let mut rest = candidates;
        let mut size = first.max(BATCH / 2);
        while let Some(next) = rest.first() {
            let bar = if comparable { best.bar().min(bound.get() as f32) } else { self.bar(best) };
            if next.0 > bar {
                break;
            }
            let (batch, more) = rest.split_at(size.min(rest.len()));
            let mut rows: Vec<u32> = batch.iter().map(|candidate| candidate.1).collect();
            rows.sort_unstable();
            compare(self.part, self.metric, self.query, rows.into_iter(), best)?;
            (rest, size) = (more, BATCH);
        }
        Ok(())
    }

    /// The k-th exact distance as the estimates count: under cosine |q - x|² of vectors of length 1.
    fn bar(&self, best: &Best) -> f32 {
        match self.metric {
            Metric::Cosine if best.bar().is_finite() => 2.0 + 2.0 * best.bar(),
            _ => f32::INFINITY,
        }
    }
}
