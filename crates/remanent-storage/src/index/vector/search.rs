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
use super::cold::{ListAt, Loaded, RowIn, VectorCold, block_len, long_a_page, long_record, rows_a_page};
use super::effort::{Apex, deviations, stretch, wanted};
use super::metric::{Metric, Target};
use crate::error::Result;
use crate::index::{Hit, Hits, ScoreBound};
use crate::segment::RowSet;
use crate::segment::page::PAGE_HEADER;
use crate::value::{Buffer, Type};
use remanent_kernels::nibbles;
use remanent_kernels::prefetch::prefetch;
use remanent_kernels::quantized::{BLOCK, ERROR, Estimate, LENGTH, Near, Tables};
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
    let lists = wanted(&loaded.footer.efforts, nearest.recall, rank, loaded.footer.lists.len());
    let estimates = lists as f64 / loaded.footer.lists.len().max(1) as f64 * rows + 1000.0;
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
                Metric::Jaccard => f64::INFINITY,
                _ => 1.0,
            };
            let (query, target) = (&query, &target);
            let mut search =
                Search { part, loaded, metric, query, target, within, nearest, rank, stretch, bound: 0.0 };
            search.bound = search.bar(bound.get());
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
            if i + 1 < batch.len() {
                prefetch(column.bytes(i + 1));
            }
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
    /// How much farther than the k-th by estimates candidates may lie: under metrics whose order estimates do not know. 1: no farther.
    stretch: f64,
    /// The k-th best distance so far in other parts.
    bound: f64,
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
    /// A page of lists that is needed next.
    ahead: Option<(u32, Buffer<u8>)>,
    /// Rows of a page of lists that may be near.
    near: Vec<Near>,
    /// Rows of the list that is looked at, of which the first estimate tells too little.
    doubtful: Vec<Doubtful>,
}

/// A row whose long code is to be read.
struct Doubtful {
    /// Its place in the list.
    place: u32,
    low: f32,
    row: RowIn,
}

impl Found {
    fn new(count: usize) -> Self {
        let (upper, nearest) = (Best::new(count), Best::new(count));
        Found {
            upper,
            candidates: Vec::new(),
            nearest,
            others: Vec::new(),
            ahead: None,
            near: Vec::new(),
            doubtful: Vec::new(),
        }
    }

    /// Which of all rows the k-th within the set is, or would be where there are enough as near as `bound`: the nearest first.
    fn rank(&mut self, bound: f64) -> usize {
        let bar = self.nearest.bar().min(bound);
        self.others.retain(|estimate| f64::from(*estimate) <= bar);
        self.others.len() + self.nearest.count
    }
}

/// What a query asks of all lists.
struct Asked {
    tables: Tables,
    long: nibbles::Query,
    /// By list.
    apexes: Vec<Apex>,
    /// The error of an estimate, of a vector times its factor.
    errors: f32,
    /// How often the inner product counts in a distance.
    times: f32,
}

impl Search<'_> {
    fn run(&self, lists: usize, bound: &ScoreBound, best: &mut Best) -> Result<()> {
        let Search { loaded, metric, query, .. } = *self;
        let inner = metric == Metric::Inner;
        let mut turned: Vec<f32> = query.iter().zip(&loaded.mean).map(|(q, mean)| q - mean).collect();
        let apexes = loaded.apexes(metric, query, &turned);
        let length = turned.iter().map(|x| x * x).sum::<f32>().sqrt();
        let few = query.len() < FEW_DIMENSIONS;
        let errors = if few { ANYTHING } else { deviations(self.nearest.recall) * length };
        loaded.rotation.apply(&mut turned);
        let (tables, long) = (Tables::new(&turned), nibbles::Query::new(&turned));
        let asked = Asked { tables, long, apexes, errors, times: if inner { 1.0 } else { 2.0 } };
        let mut found = Found::new(best.count);
        self.walk(&asked, lists, &mut found)?;
        let Found { upper, mut candidates, .. } = found;
        let bar = self.reach(&upper);
        candidates.retain(|candidate| candidate.0 <= bar || candidate.0.is_nan());
        sort_by(&mut candidates, &|a, b| a.cmp(b));
        self.rank(&candidates, bound, best)
    }

    /// How far away candidates may lie by their estimates.
    fn reach(&self, upper: &Best) -> f64 {
        let bar = match self.stretch {
            1.0 => upper.bar(),
            f64::INFINITY => f64::INFINITY,
            stretch => upper.bar().max(0.0) * stretch,
        };
        bar.min(self.bound)
    }

    /// Into how many lists to look where so much was found.
    fn lists(&self, found: &mut Found) -> usize {
        if self.within.is_none() {
            return 0;
        }
        let rank = found.rank(self.bound) as f64;
        // Twice as far is still chance.
        if rank <= 2.0 * self.rank {
            return 0;
        }
        // The rows within the set are the last of so many, of which fewer are found than of all.
        let lost = (1.0 - self.nearest.recall) / 4.0;
        wanted(&self.loaded.footer.efforts, 1.0 - lost, rank, self.loaded.footer.lists.len())
    }

    /// Looks into lists, so many at least.
    fn walk(&self, asked: &Asked, mut lists: usize, found: &mut Found) -> Result<()> {
        let mut order = self.loaded.order(&asked.apexes, lists + 1);
        let mut looked = 0;
        while let Some(list) = order.get(looked) {
            if looked >= lists && (found.candidates.len() >= found.upper.count || self.bound.is_finite()) {
                lists = lists.max(self.lists(found));
                if looked >= lists {
                    break;
                }
            }
            looked += 1;
            self.list(asked, list as usize, order.get(looked), found)?;
        }
        Ok(())
    }

    /// Looks at the rows of a list. `next`: the list that comes next, perhaps.
    fn list(&self, asked: &Asked, list: usize, next: Option<u32>, found: &mut Found) -> Result<()> {
        let Search { part, loaded, .. } = *self;
        let (Some(&at), Some(&apex)) = (loaded.footer.lists.get(list), asked.apexes.get(list)) else {
            return Ok(());
        };
        let (len, a_page) = (block_len(loaded.dim()), rows_a_page(loaded.dim()));
        let by = Estimate { base: apex.base, times: asked.times, slack: asked.errors * ERROR };
        // Estimates have 32 bits.
        let bar = self.reach(&found.upper) as f32;
        let mut near = std::mem::take(&mut found.near);
        for (number, first) in (at.page..).zip((0..at.rows).step_by(a_page)) {
            let page = match found.ahead.take().filter(|held| held.0 == number) {
                Some((_, page)) => page,
                None => part.page_of_lists(&loaded.footer, number)?,
            };
            let (blocks, rows) = (page.get(PAGE_HEADER..).unwrap_or_default(), (at.rows - first) as usize);
            let rows = rows.min(a_page);
            if blocks.len() < rows.div_ceil(BLOCK) * len {
                return Err(part.part.corrupt(0, "a list has no such block"));
            }
            near.clear();
            asked.tables.scan(blocks, len, rows, &by, bar, &mut near);
            for near in &near {
                let (block, place) = (near.place as usize / BLOCK, near.place as usize % BLOCK);
                let row =
                    blocks.get(block * len..(block + 1) * len).and_then(|block| RowIn::read(block, place));
                row.into_iter()
                    .for_each(|row| self.meet(&by, (first + near.place, near.estimate), row, found));
            }
        }
        found.near = near;
        let next = next.and_then(|next| loaded.footer.lists.get(next as usize));
        if let Some(next) = next.filter(|next| next.rows > 0) {
            let bytes = part.page_of_lists(&loaded.footer, next.page)?;
            prefetch(bytes.get(..(PAGE_HEADER + len).min(bytes.len())).unwrap_or_default());
            found.ahead = Some((next.page, bytes));
        }
        self.doubtful(asked, apex, at, found)
    }

    /// Takes note of a row whose estimate may be near: its place in its list, and that.
    fn meet(&self, by: &Estimate, (place, estimate): (u32, f32), row: RowIn, found: &mut Found) {
        if self.within.is_some_and(|set| !set.contains(row.ordinal)) {
            if f64::from(estimate) <= found.nearest.bar() {
                found.others.push(estimate);
            }
            return;
        }
        let low = estimate - by.times * by.slack * row.factor;
        // What is near by Jaccard may be farther by the angle than others that are not: only exact distances leave rows out.
        if self.metric == Metric::Jaccard {
            found.candidates.push(Score(low.into(), row.ordinal));
            found.nearest.offer(Score(estimate.into(), row.ordinal));
            return;
        }
        found.doubtful.push(Doubtful { place, low, row });
    }

    /// Reads the long codes of the rows of a list that are in doubt.
    fn doubtful(&self, asked: &Asked, apex: Apex, at: ListAt, found: &mut Found) -> Result<()> {
        let Search { part, loaded, .. } = *self;
        let mut rows = std::mem::take(&mut found.doubtful);
        let mut bar = self.reach(&found.upper) as f32;
        let error = asked.times * asked.errors * LENGTH * at.tangent;
        let a_page = long_a_page(loaded.dim()) as u32;
        for of_page in rows.chunk_by(|a, b| a.place / a_page == b.place / a_page) {
            let Some(first) = of_page.first() else { continue };
            let page = part.long_page(&loaded.footer, at.long + first.place / a_page)?;
            let place = |row: &Doubtful| (row.place % a_page) as usize;
            of_page.iter().for_each(|row| prefetch(long_record(&page, loaded.dim(), place(row))));
            for doubtful in of_page {
                let Doubtful { low, row, .. } = doubtful;
                if *low > bar {
                    continue;
                }
                let (code, factor) = part.long(&page, loaded.dim(), place(doubtful))?;
                let estimate = apex.base + row.constant - asked.times * factor * asked.long.product(code);
                let error = error * row.factor;
                if self.within.is_some() {
                    found.nearest.offer(Score(estimate.into(), row.ordinal));
                }
                if estimate - error > bar {
                    continue;
                }
                found.candidates.push(Score((estimate - error).into(), row.ordinal));
                found.upper.offer(Score((estimate + error).into(), row.ordinal));
                bar = self.reach(&found.upper) as f32;
            }
        }
        rows.clear();
        found.doubtful = rows;
        Ok(())
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
