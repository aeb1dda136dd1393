//! Finding the rows nearest to a vector.
//!
//! With c the centroid of x's list, r = x - c and m the mean of all vectors,
//!
//! ```text
//!   |q - x|²  =  |q - c|²  +  (|r|² + 2 <r, c - m>)  -  2 <r, q - m>
//!   -<q, x>   =  -<q, c>   -  <r, m>                 -    <r, q - m>
//! ```
//!
//! The middle is stored, the last is estimated: from one bit a dimension for all rows of a list, with tables that are the same for
//! all lists, and from four bits a dimension for the rows that this leaves in doubt.
//!
//! A row is in doubt while its estimate less the error it may have is not above the k-th least of the longer estimates so far, with
//! their error added; it is a candidate if the same is true of its longer estimate. Candidates are read in full, the best first, until
//! the next could not be among the k best.
//!
//! A filter that lets a share s of the rows pass makes the k nearest of those left the k / s nearest of all: so far the search has
//! to go at least. Where what passes lies elsewhere than the query, the k-th is one of more: how many other rows were nearer than it,
//! by their estimates, says how far the search has to go ([`Found::rank`]).

use super::NearVector;
use super::build::search_order;
use super::cold::{ListAt, Loaded, RowIn, VectorCold};
use super::effort::{deviations, stretch, wanted};
use super::metric::{Metric, Target};
use crate::error::Result;
use crate::index::{Hit, Hits, ScoreBound};
use crate::segment::RowSet;
use crate::value::{Buffer, Type};
use remanent_kernels::nibbles;
use remanent_kernels::quantized::{BLOCK, ERROR, Estimate, LENGTH, Tables};
use remanent_kernels::sort::sort_by;
use std::collections::BinaryHeap;

/// What reading a row in full costs, as the estimates of so many.
const EXACT: f64 = 60.0;
/// Rows that are read in full at a time.
const BATCH: usize = 16;

/// Of fewer dimensions than these, bits say too little: the rows of the lists are compared in full, which are a few bytes each.
const FEW_DIMENSIONS: usize = 16;
/// An error that leaves no row out.
const ANYTHING: f32 = 1e30;

/// A number that is ordered, and a row.
#[derive(PartialEq, Clone, Copy)]
struct Score(f64, u32);

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
    fn bar(&self) -> f64 {
        match self.heap.peek() {
            Some(worst) if self.is_full() => worst.0,
            _ => f64::INFINITY,
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
        let hit = |Score(score, ordinal)| Hit { ordinal, score };
        out.extend(self.rows.by_ref().take(max).map(hit));
        Ok(self.rows.len() > 0)
    }

    fn exact(&self) -> bool {
        true
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
    let ty = part.segment.types().get(part.column).copied().unwrap_or(Type::Vector(None));
    let target = Target::new(metric, ty, &nearest.to);
    // A vector of length 0 is equally far from all under cosine.
    let few = passed <= 2.0 * count as f64 || passed * EXACT <= estimates + EXACT * 4.0 * count as f64;
    match within {
        Some(within) if few => compare(part, &target, within.iter(), &mut best)?,
        None if few => compare(part, &target, 0..loaded.footer.rows, &mut best)?,
        _ if !directed => {}
        _ => {
            let stretch = match metric {
                Metric::L1 => f64::from(stretch(&loaded.footer.stretches, nearest.recall)),
                _ => 1.0,
            };
            let query = &query;
            let target = &target;
            let search = Search { part, loaded, metric, query, target, within, nearest, rank, stretch };
            search.run(lists, bound, &mut best)?;
        }
    }
    let mut rows = best.heap.into_sorted_vec();
    if rows.len() < nearest.count {
        // Those without a vector are last, and all of them are equal; before them, all others where the query has no direction.
        let outside = part.outside(&loaded.footer)?;
        let without: RowSet = outside.iter().copied().collect();
        let others = (0..if directed { 0 } else { loaded.footer.rows }).filter(|row| !without.contains(*row));
        let found: RowSet = rows.iter().map(|score| score.1).collect();
        let fits = |row: &u32| within.is_none_or(|set| set.contains(*row)) && !found.contains(*row);
        let left = others.chain(outside).filter(fits).take(nearest.count - rows.len());
        rows.extend(left.map(|row| Score(f64::NAN, row)));
    }
    Ok(Box::new(Ranked { rows: rows.into_iter() }))
}

/// Reads rows in full and offers them.
fn compare(
    part: &VectorCold,
    target: &Target<'_>,
    mut rows: impl Iterator<Item = u32>,
    best: &mut Best,
) -> Result<()> {
    loop {
        let batch: Vec<u32> = rows.by_ref().take(1024).collect();
        if batch.is_empty() {
            return Ok(());
        }
        let column = part.segment.gather(part.column, &batch)?;
        for (i, &ordinal) in batch.iter().enumerate().filter(|(i, _)| column.is_valid(*i)) {
            let distance = target.distance(column.bytes(i));
            if !distance.is_nan() {
                best.offer(Score(distance, ordinal));
            }
        }
    }
}

struct Search<'a> {
    part: &'a VectorCold,
    loaded: &'a Loaded,
    metric: Metric,
    /// Prepared.
    query: &'a [f32],
    target: &'a Target<'a>,
    within: Option<&'a RowSet>,
    nearest: &'a NearVector,
    /// Which of all rows the last one wanted is, where those within the set lie as all do.
    rank: f64,
    /// How much farther than the k-th by estimates candidates may lie: under L1, whose order estimates do not know.
    stretch: f64,
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
    /// The page of long codes that was read last.
    held: Option<(u32, Buffer<u8>)>,
}

impl Found {
    fn new(count: usize) -> Self {
        let (upper, nearest) = (Best::new(count), Best::new(count));
        Found { upper, candidates: Vec::new(), nearest, others: Vec::new(), held: None }
    }

    /// Which of all rows the k-th within the set is, the nearest first.
    fn rank(&mut self) -> usize {
        let bar = self.nearest.bar();
        self.others.retain(|estimate| f64::from(*estimate) <= bar);
        self.others.len() + self.nearest.count
    }
}

/// What is asked of the rows of a list.
struct Asking<'a> {
    tables: &'a Tables,
    long: &'a nibbles::Query,
    /// What makes low estimates of one bit.
    by: Estimate,
    /// The error of the long estimates, as a multiple of the row's factor.
    doubt: f32,
}

impl Search<'_> {
    fn run(&self, mut lists: usize, bound: &ScoreBound, best: &mut Best) -> Result<()> {
        let Search { loaded, metric, query, .. } = *self;
        let inner = metric == Metric::Inner;
        let mut turned: Vec<f32> = query.iter().zip(&loaded.mean).map(|(q, mean)| q - mean).collect();
        let length = |v: &[f32]| v.iter().map(|x| x * x).sum::<f32>();
        let deviations = deviations(self.nearest.recall);
        // Of a vector times its factor.
        let errors =
            if query.len() < FEW_DIMENSIONS { ANYTHING } else { deviations * length(&turned).sqrt() };
        loaded.rotation.apply(&mut turned);
        let (tables, long) = (Tables::new(&turned), nibbles::Query::new(&turned));
        let own = length(query);
        let order = search_order(metric, query, &loaded.flat, &loaded.half, &mut Vec::new());
        let mut found = Found::new(best.count);
        for (looked, (near, list)) in order.into_iter().enumerate() {
            if looked >= lists && found.candidates.len() >= best.count {
                lists = lists.max(self.lists(&mut found));
                if looked >= lists {
                    break;
                }
            }
            let Some(&at) = loaded.footer.lists.get(list as usize) else { continue };
            let times = if inner { 1.0 } else { 2.0 };
            let slack = errors * ERROR;
            let asking = Asking {
                tables: &tables,
                long: &long,
                by: Estimate { base: if inner { near } else { own + 2.0 * near }, times, slack },
                doubt: times * errors * LENGTH * at.tangent,
            };
            self.list(at, &asking, &mut found)?;
        }
        let Found { upper, mut candidates, .. } = found;
        let bar = self.reach(&upper);
        candidates.retain(|candidate| candidate.0 <= bar || candidate.0.is_nan());
        sort_by(&mut candidates, &|a, b| a.cmp(b));
        self.rank(&candidates, bound, best)
    }

    /// How far away candidates may lie by their estimates.
    fn reach(&self, upper: &Best) -> f64 {
        match self.stretch {
            1.0 => upper.bar(),
            f64::INFINITY => f64::INFINITY,
            stretch => upper.bar().max(0.0) * stretch,
        }
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

    /// Looks at the rows of a list.
    fn list(&self, at: ListAt, asking: &Asking<'_>, found: &mut Found) -> Result<()> {
        let footer = &self.loaded.footer;
        let Estimate { base, times, slack } = asking.by;
        let mut first = 0;
        self.part.each_block(footer, at, &mut |block| {
            let mut estimates = [0.0f32; BLOCK];
            // Estimates have 32 bits.
            let mut bar = self.reach(&found.upper) as f32;
            let rows = at.rows.saturating_sub(first).clamp(1, BLOCK as u32);
            let mut left = asking.tables.scan(block, &asking.by, bar, &mut estimates)
                & u32::MAX >> (BLOCK as u32 - rows);
            while left != 0 {
                let i = left.trailing_zeros() as usize;
                left &= left - 1;
                let (Some(&estimate), Some(row)) = (estimates.get(i), RowIn::read(block, i)) else { break };
                let low = estimate - times * slack * row.factor;
                if low > bar {
                    continue;
                }
                if self.within.is_some_and(|set| !set.contains(row.ordinal)) {
                    if f64::from(estimate) <= found.nearest.bar() {
                        found.others.push(estimate);
                    }
                    continue;
                }
                // What is near by Jaccard may be farther by the angle than others that are not: only exact distances leave rows out.
                if self.metric == Metric::Jaccard {
                    found.candidates.push(Score(low.into(), row.ordinal));
                    found.nearest.offer(Score(estimate.into(), row.ordinal));
                    continue;
                }
                let (code, factor) = self.part.long(footer, at, first + i as u32, &mut found.held)?;
                let estimate = base + row.constant - times * factor * asking.long.product(code);
                let doubt = asking.doubt * row.factor;
                if self.within.is_some() {
                    found.nearest.offer(Score(estimate.into(), row.ordinal));
                }
                if estimate - doubt > bar {
                    continue;
                }
                found.candidates.push(Score((estimate - doubt).into(), row.ordinal));
                found.upper.offer(Score((estimate + doubt).into(), row.ordinal));
                bar = self.reach(&found.upper) as f32;
            }
            first += BLOCK as u32;
            Ok(())
        })
    }

    /// Reads candidates in full, the best first.
    fn rank(&self, candidates: &[Score], bound: &ScoreBound, best: &mut Best) -> Result<()> {
        let mut rest = candidates;
        let mut size = best.count + BATCH / 2;
        while let Some(next) = rest.first() {
            let bar = self.bar(best.bar().min(bound.get()));
            if next.0 > bar {
                break;
            }
            let (batch, more) = rest.split_at(size.min(rest.len()));
            let mut rows: Vec<u32> = batch.iter().map(|candidate| candidate.1).collect();
            rows.sort_unstable();
            compare(self.part, self.target, rows.into_iter(), best)?;
            (rest, size) = (more, BATCH);
        }
        Ok(())
    }

    /// A distance as the estimates count.
    fn bar(&self, distance: f64) -> f64 {
        match self.metric {
            _ if distance == f64::INFINITY => distance,
            Metric::L2 if !self.target.is_bits() => distance * distance,
            // Of bits the squared distance is how many differ.
            Metric::L2 | Metric::Inner => distance,
            // |q - x|² of vectors of length 1.
            Metric::Cosine => 2.0 * distance,
            // Of vectors with a common share s of their bits the cosine is 2 s / (1 + s) at least: where they have equally many.
            Metric::Jaccard => {
                let share = 1.0 - distance;
                2.0 - 4.0 * share / (1.0 + share)
            }
            // The estimates are of the Euclidean distance, which is no greater.
            Metric::L1 => distance * distance,
        }
    }
}
