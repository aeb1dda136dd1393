//! Searching a tree of boxes, hot or cold: what meets a region, or what is nearest.
//!
//! The nearest are found best first (Hjaltason and Samet 1999): a heap holds nodes and rows by their least distance; what
//! is on top is opened if it is a node, and is the next row otherwise. It ends where the least distance is more than the
//! greatest of as many rows as are wanted: whatever their distances are, they come before.

use super::Area;
use crate::error::Result;
use crate::index::{Hit, Hits, Nearest, Region, ScoreBound};
use crate::segment::RowSet;
use std::cmp::Ordering;
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

/// A child and its least distance; the nearest is the greatest, as a heap has it.
struct Near {
    score: f64,
    child: Child,
}

impl Near {
    /// Of equal distances nodes are opened first, and rows come by ordinal.
    fn key(&self) -> (bool, u64) {
        match self.child {
            Child::Node(node) => (false, node),
            Child::Row(row) => (true, row.into()),
        }
    }
}

impl PartialEq for Near {
    fn eq(&self, other: &Near) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Near {}

impl PartialOrd for Near {
    fn partial_cmp(&self, other: &Near) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Near {
    fn cmp(&self, other: &Near) -> Ordering {
        other.score.total_cmp(&self.score).then_with(|| other.key().cmp(&self.key()))
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

/// The rows that may be the nearest to a place.
pub struct Nearby<'a, T> {
    tree: T,
    near: &'a Nearest,
    /// The greatest distances that the nearest rows may have, as many as are wanted.
    known: BinaryHeap<Farthest>,
    within: Option<&'a RowSet>,
    bound: &'a ScoreBound,
    heap: BinaryHeap<Near>,
    started: bool,
    /// How many of the rows without a box were given.
    hollow: usize,
}

impl<'a, T: Tree> Nearby<'a, T> {
    /// Before the first row.
    pub fn new(tree: T, near: &'a Nearest, within: Option<&'a RowSet>, bound: &'a ScoreBound) -> Self {
        let (heap, known) = (BinaryHeap::new(), BinaryHeap::new());
        Nearby { tree, near, known, within, bound, heap, started: false, hollow: 0 }
    }

    /// What is farther is not wanted.
    fn limit(&self) -> f64 {
        limit(&self.known, self.near.count).min(self.bound.get())
    }

    fn open(&mut self, node: Option<u64>) -> Result<()> {
        let mut least = self.limit();
        let (near, within, heap, known) = (self.near, self.within, &mut self.heap, &mut self.known);
        self.tree.open(node, &Area::reach(&near.from, near.measure, least), &mut |area, child| {
            let score = area.distance(&near.from, near.measure);
            if score > least {
                return;
            }
            if let Child::Row(row) = child {
                if within.is_some_and(|within| !within.contains(row)) {
                    return;
                }
                let farthest = area.farthest(&near.from, near.measure);
                if farthest < limit(known, near.count) {
                    known.push(Farthest(farthest));
                    if known.len() > near.count {
                        known.pop();
                    }
                    least = least.min(limit(known, near.count));
                }
            }
            heap.push(Near { score, child });
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
        let start = out.len();
        while let Some(Near { score, child }) = self.heap.pop() {
            if score > self.limit() {
                break;
            }
            match child {
                Child::Node(node) => self.open(Some(node))?,
                Child::Row(ordinal) => out.push(Hit { ordinal, score }),
            }
        }
        // The worst that the best may be: no row is nearer than it should be for another part to be left out.
        let mut known = std::mem::take(&mut self.known).into_sorted_vec().into_iter();
        for hit in &mut out[start..] {
            hit.score = known.next().map_or(f64::INFINITY, |last| last.0);
        }
        let full = out.len().saturating_add(max.min(self.near.count).saturating_sub(out.len() - start));
        self.rest(out, full);
        Ok(false)
    }
}

impl<T: Tree> Nearby<'_, T> {
    /// Appends rows without a box.
    fn rest(&mut self, out: &mut Vec<Hit>, full: usize) {
        if self.bound.get() < f64::INFINITY {
            return;
        }
        while out.len() < full {
            let Some(&ordinal) = self.tree.hollow().get(self.hollow) else { return };
            self.hollow += 1;
            if self.within.is_none_or(|within| within.contains(ordinal)) {
                out.push(Hit { ordinal, score: f64::INFINITY });
            }
        }
    }
}
