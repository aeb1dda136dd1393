//! Searching a tree of boxes, hot or cold: what meets a region, or what is nearest.
//!
//! The nearest are found best first (Hjaltason and Samet 1999): a heap holds nodes and rows by their least distance; what
//! is on top is opened if it is a node, and is the next row otherwise.

use super::Area;
use crate::error::Result;
use crate::index::{Hit, Hits, Measure, Region, ScoreBound};
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
    /// Calls for each child of a node, in any order; of no node: for the first ones.
    fn open(&mut self, node: Option<u64>, visit: &mut dyn FnMut(&Area, Child)) -> Result<()>;

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
        tree.open(node, &mut |area, child| {
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

/// The rows by their distance from a place.
pub struct Nearest<'a, T> {
    tree: T,
    from: &'a Region,
    measure: Measure,
    within: Option<&'a RowSet>,
    bound: &'a ScoreBound,
    heap: BinaryHeap<Near>,
    started: bool,
    /// How many of the rows without a box were given.
    hollow: usize,
}

impl<'a, T: Tree> Nearest<'a, T> {
    /// Before the first row.
    pub fn new(
        tree: T,
        from: &'a Region,
        measure: Measure,
        within: Option<&'a RowSet>,
        bound: &'a ScoreBound,
    ) -> Self {
        let heap = BinaryHeap::new();
        Nearest { tree, from, measure, within, bound, heap, started: false, hollow: 0 }
    }

    fn open(&mut self, node: Option<u64>) -> Result<()> {
        let (from, measure, within, heap) = (self.from, self.measure, self.within, &mut self.heap);
        let bound = self.bound.get();
        self.tree.open(node, &mut |area, child| {
            let score = area.distance(from, measure);
            let wanted = match child {
                Child::Row(row) => within.is_none_or(|within| within.contains(row)),
                Child::Node(_) => true,
            };
            if wanted && score <= bound {
                heap.push(Near { score, child });
            }
        })
    }
}

impl<T: Tree> Hits for Nearest<'_, T> {
    fn next(&mut self, out: &mut Vec<Hit>, max: usize) -> Result<bool> {
        if !self.started {
            self.started = true;
            self.open(None)?;
        }
        let full = out.len().saturating_add(max);
        while out.len() < full {
            let Some(Near { score, child }) = self.heap.pop() else {
                return Ok(self.rest(out, full));
            };
            if score > self.bound.get() {
                return Ok(false);
            }
            match child {
                Child::Node(node) => self.open(Some(node))?,
                Child::Row(ordinal) => out.push(Hit { ordinal, score }),
            }
        }
        Ok(true)
    }
}

impl<T: Tree> Nearest<'_, T> {
    /// Appends rows without a box; false if there are no more.
    fn rest(&mut self, out: &mut Vec<Hit>, full: usize) -> bool {
        if self.bound.get() < f64::INFINITY {
            return false;
        }
        while out.len() < full {
            let Some(&ordinal) = self.tree.hollow().get(self.hollow) else { return false };
            self.hollow += 1;
            if self.within.is_none_or(|within| within.contains(ordinal)) {
                out.push(Hit { ordinal, score: f64::INFINITY });
            }
        }
        true
    }
}
