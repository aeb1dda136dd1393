//! Searching a tree of boxes, hot or cold: what meets a region, or what is nearest.
//!
//! The nearest are found best first (Hjaltason and Samet 1999): a heap holds nodes by their least distance, and the nearest is opened
//! next. It ends where the least distance is more than the greatest of as many rows as are wanted: whatever their distances are, they
//! come before. All rows are left whose least distance is not more than that.

use super::Area;
use crate::error::Result;
use crate::index::{Hit, Hits, Nearest, Region, ScoreBound, Spot};
use crate::segment::RowSet;
use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

/// What a node has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Child {
    /// Another node.
    Node(u64),
    /// A row.
    Row(u32),
}

/// A tree of boxes.
pub trait Tree {
    /// Calls for each child of a node that meets a region, and perhaps others, in any order; of no node: for the first ones.
    fn open(&mut self, node: Option<u64>, wanted: &Region, visit: &mut dyn FnMut(&Area, Child))
    -> Result<()>;

    /// The rows that have no box, in order.
    fn hollow(&self) -> &[u32];

    /// The distances of rows, ascending ones, from a place; None: not all of them are in its frame, or it is not known here.
    fn distances(&self, _spot: &Spot, _rows: &[u32]) -> Result<Option<Vec<f64>>> {
        Ok(None)
    }
}

/// All rows whose boxes meet a region, by ordinal.
pub fn region<'a>(
    tree: &mut dyn Tree,
    region: &Region,
    within: Option<&'a RowSet>,
) -> Result<Box<dyn Hits + 'a>> {
    let (mut open, mut rows) = (Vec::new(), Vec::new());
    let mut node = None;
    loop {
        tree.open(node, region, &mut |area, child| {
            if area.meets(region) {
                match child {
                    Child::Node(node) => open.push(node),
                    Child::Row(row) if within.is_none_or(|within| within.contains(row)) => rows.push(row),
                    Child::Row(_) => {}
                }
            }
        })?;
        node = open.pop();
        if node.is_none() {
            break;
        }
    }
    rows.sort_unstable();
    Ok(Box::new(Rows { rows, at: 0 }))
}

struct Rows {
    rows: Vec<u32>,
    at: usize,
}

impl Hits for Rows {
    fn next(&mut self, out: &mut Vec<Hit>, max: usize) -> Result<bool> {
        let rest = self.rows.get(self.at..).unwrap_or_default();
        let taken = &rest[..rest.len().min(max)];
        out.extend(taken.iter().map(|&ordinal| Hit { ordinal, score: 0.0 }));
        self.at += taken.len();
        Ok(self.at < self.rows.len())
    }
}

/// A distance, in the order of numbers.
#[derive(PartialEq)]
struct Farthest(f64);

impl Eq for Farthest {}

impl PartialOrd for Farthest {
    fn partial_cmp(&self, other: &Farthest) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Farthest {
    fn cmp(&self, other: &Farthest) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// Most searches hold no more nodes and rows than this.
const MANY: usize = 128;
/// So many rows are measured at a time, beside as many as are wanted.
const TOGETHER: usize = 32;

/// The rows that may be the nearest to a place.
pub struct Nearby<'a, T> {
    tree: T,
    near: &'a Nearest,
    /// The greatest distances that the nearest rows may have, as many as are wanted.
    known: BinaryHeap<Farthest>,
    within: Option<&'a RowSet>,
    bound: &'a ScoreBound,
    /// Nodes to open, the nearest first: their least distances, none below 0, as bits, whose order is that of the numbers.
    nodes: BinaryHeap<Reverse<(u64, u64)>>,
    /// Rows that were met, with their least distances.
    rows: Vec<(f64, u32)>,
    started: bool,
    /// How many of the rows without a box were given.
    hollow: usize,
    /// Of all that was given the distances were known.
    exact: bool,
}

impl<'a, T: Tree> Nearby<'a, T> {
    /// Before the first row.
    pub fn new(tree: T, near: &'a Nearest, within: Option<&'a RowSet>, bound: &'a ScoreBound) -> Self {
        let known = BinaryHeap::with_capacity(near.count.saturating_add(1).min(MANY));
        let (nodes, rows) = (BinaryHeap::with_capacity(MANY), Vec::with_capacity(MANY));
        let exact = near.spot.is_some();
        Nearby { tree, near, known, within, bound, nodes, rows, started: false, hollow: 0, exact }
    }

    /// What is farther is not wanted.
    fn limit(&self) -> f64 {
        limit(&self.known, self.near.count).min(self.bound.get())
    }

    fn open(&mut self, node: Option<u64>) -> Result<()> {
        let mut least = self.limit();
        let Nearby { near, within, nodes, rows, known, .. } = self;
        self.tree.open(node, &Area::reach(&near.from, near.measure, least), &mut |area, child| {
            let score = area.distance(&near.from, near.measure);
            if score > least {
                return;
            }
            let row = match child {
                Child::Node(node) => return nodes.push(Reverse((score.to_bits(), node))),
                Child::Row(row) => row,
            };
            if within.is_some_and(|within| !within.contains(row)) {
                return;
            }
            let farthest = area.farthest(&near.from, near.measure);
            let full = known.len() >= near.count;
            if !full || known.peek().is_some_and(|last| farthest < last.0) {
                known.push(Farthest(farthest));
                if full {
                    known.pop();
                }
                least = least.min(limit(known, near.count));
            }
            rows.push((score, row));
        })
    }
}

/// Within what as many rows lie as are wanted.
fn limit(known: &BinaryHeap<Farthest>, count: usize) -> f64 {
    known.peek().filter(|_| known.len() >= count).map_or(f64::INFINITY, |last| last.0)
}

impl<T: Tree> Hits for Nearby<'_, T> {
    fn next(&mut self, out: &mut Vec<Hit>, max: usize) -> Result<bool> {
        if !self.started {
            self.started = true;
            self.open(None)?;
        }
        while let Some(Reverse((score, node))) = self.nodes.pop() {
            if f64::from_bits(score) > self.limit() {
                break;
            }
            self.open(Some(node))?;
        }
        let (start, limit) = (out.len(), self.limit());
        self.rows.retain(|(score, _)| *score <= limit);
        self.rows.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        out.extend(self.rows.drain(..).map(|(score, ordinal)| Hit { ordinal, score }));
        if let (true, Some(spot)) = (self.exact, &self.near.spot) {
            let measured = self.measured(spot, &out[start..])?;
            self.exact = measured.is_some();
            if let Some(measured) = measured {
                out.truncate(start);
                out.extend(measured);
            }
        }
        let full = start.saturating_add(max.min(self.near.count));
        if self.exact {
            out[start..].sort_unstable_by(|a, b| a.score.total_cmp(&b.score).then(a.ordinal.cmp(&b.ordinal)));
            out.truncate(full);
            self.rest(out, full);
            return Ok(false);
        }
        // The worst that the best may be: no row is nearer than it should be for another part to be left out.
        let mut known = std::mem::take(&mut self.known).into_sorted_vec().into_iter();
        for hit in &mut out[start..] {
            hit.score = known.next().map_or(f64::INFINITY, |last| last.0);
        }
        self.rest(out, full);
        Ok(false)
    }

    fn exact(&self) -> bool {
        self.exact
    }
}

impl<T: Tree> Nearby<'_, T> {
    /// Those of rows, which come by their least distances, that may be among the first, with their distances: the nearest are read until
    /// the next cannot be among them. None: distances are not known.
    fn measured(&self, spot: &Spot, rows: &[Hit]) -> Result<Option<Vec<Hit>>> {
        let count = self.near.count;
        let (mut best, mut measured): (BinaryHeap<Farthest>, Vec<Hit>) = Default::default();
        let mut rest = rows;
        let mut size = count.saturating_add(TOGETHER);
        while let Some(next) = rest.first() {
            if next.score > limit(&best, count).min(self.bound.get()) {
                break;
            }
            let (batch, more) = rest.split_at(size.min(rest.len()));
            (rest, size) = (more, TOGETHER);
            let mut ordinals: Vec<u32> = batch.iter().map(|hit| hit.ordinal).collect();
            ordinals.sort_unstable();
            let Some(distances) = self.tree.distances(spot, &ordinals)? else { return Ok(None) };
            for (ordinal, score) in ordinals.into_iter().zip(distances) {
                measured.push(Hit { ordinal, score });
                best.push(Farthest(score));
                if best.len() > count {
                    best.pop();
                }
            }
        }
        Ok(Some(measured))
    }

    /// Appends rows without a box.
    fn rest(&mut self, out: &mut Vec<Hit>, full: usize) {
        if self.bound.get() < f64::INFINITY {
            return;
        }
        while out.len() < full {
            let Some(&ordinal) = self.tree.hollow().get(self.hollow) else { return };
            self.hollow += 1;
            if self.within.is_none_or(|within| within.contains(ordinal)) {
                out.push(Hit { ordinal, score: if self.exact { f64::NAN } else { f64::INFINITY } });
            }
        }
    }
}
