//! DBSCAN (Ester et al. 1996): what lies close together, in numbered clusters.
//!
//! A shape is in the *core* of a cluster if so many, with itself, are no farther from it than the reach. All of these are of its
//! cluster: other cores join theirs to it, what is no core is of the first that finds it.
//!
//! ```
//! use remanent_shapes::{cluster::Clusters, parse};
//! let shapes = ["POINT(0 0)", "POINT(1 0)", "POINT(9 0)"].map(|text| parse(text).ok().map(|geometry| geometry.shape));
//! let mut clusters = Clusters::new(&shapes, 1.0, 2);
//! (0..3).for_each(|i| clusters.visit(i));
//! assert_eq!(clusters.numbers(), [Some(0), Some(0), None]);
//! ```
//!
//! With fewer than two shapes a core everything is one, what is empty and what is missing, too. Clusters are numbered by the row that
//! stands for them, the first one of the largest that was joined, as in PostGIS; there the order of joining is that of a tree, so
//! that of many rows the same clusters may have other numbers.

use crate::bounds::Bounds;
use crate::distance::closest;
use crate::locate::Parts;
use crate::shape::Shape;

/// Shapes that are joined to clusters, one [`visit`](Clusters::visit) after the other.
pub struct Clusters<'a> {
    parts: Vec<Option<Parts<'a>>>,
    reach: f64,
    least: usize,
    /// Those with an extent by where they begin along x: whoever is near begins between two places of this order.
    order: Vec<(f64, usize)>,
    widest: f64,
    /// Who stands for whom, and how many they are.
    parents: Vec<usize>,
    sizes: Vec<usize>,
    core: Vec<bool>,
    inside: Vec<bool>,
}

impl<'a> Clusters<'a> {
    /// No clusters yet of these shapes; None: no shape. `least`: so many no farther than `reach` are a core.
    pub fn new(shapes: &'a [Option<Shape>], reach: f64, least: usize) -> Self {
        let parts: Vec<Option<Parts<'a>>> =
            shapes.iter().map(|shape| shape.as_ref().map(Parts::new)).collect();
        let boxes = || parts.iter().enumerate().filter_map(|(i, part)| Some((i, part.as_ref()?.bounds?)));
        let mut order: Vec<(f64, usize)> = boxes().map(|(i, bounds)| (bounds.low[0], i)).collect();
        order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let widest = boxes().map(|(_, bounds)| bounds.high[0] - bounds.low[0]).fold(0.0, f64::max);
        let n = shapes.len();
        let alone = least <= 1;
        Clusters {
            parts,
            reach,
            least,
            order,
            widest,
            parents: (0..n).collect(),
            sizes: vec![1; n],
            core: vec![alone; n],
            inside: vec![alone; n],
        }
    }

    /// Joins what is near to one of them. All are to be visited once, in order.
    pub fn visit(&mut self, at: usize) {
        let Some(around) = self.bounds(at).map(|bounds| bounds.expanded(self.reach, 2)) else { return };
        let from = around.low[0] - self.widest;
        let start = self.order.partition_point(|&(low, _)| low < from);
        let candidates = self.order.iter().skip(start).take_while(|&&(low, _)| low <= around.high[0]);
        let mut candidates: Vec<usize> = candidates.map(|&(_, i)| i).collect();
        candidates.retain(|&i| self.bounds(i).is_some_and(|bounds| bounds.meets(&around)));
        candidates.sort_unstable();
        let mut near = Vec::new();
        for other in candidates {
            let core = near.len() >= self.least;
            // Nothing can be learned of these any more.
            if core && (self.root(at) == self.root(other) || self.inside[other] && !self.core[other]) {
                continue;
            }
            if !self.is_near(at, other) {
                continue;
            }
            if core {
                self.join(at, other);
                continue;
            }
            near.push(other);
            if near.len() >= self.least {
                (self.core[at], self.inside[at]) = (true, true);
                (0..near.len()).for_each(|i| self.join(at, near[i]));
            }
        }
    }

    /// The number of each shape's cluster; None: of none.
    pub fn numbers(mut self) -> Vec<Option<u32>> {
        let roots: Vec<usize> = (0..self.parents.len()).map(|i| self.root(i)).collect();
        let mut known: Vec<usize> =
            roots.iter().zip(&self.inside).filter(|(_, inside)| **inside).map(|(root, _)| *root).collect();
        known.sort_unstable();
        known.dedup();
        let number = |i: usize| known.binary_search(&roots[i]).ok().map(|number| number as u32);
        let counts = |i: usize| self.inside[i] && self.parts[i].is_some();
        (0..roots.len()).map(|i| number(i).filter(|_| counts(i))).collect()
    }

    fn bounds(&self, at: usize) -> Option<Bounds> {
        self.parts.get(at)?.as_ref()?.bounds
    }

    fn is_near(&self, a: usize, b: usize) -> bool {
        let (Some(mine), Some(theirs)) = (&self.parts[a], &self.parts[b]) else { return false };
        closest(mine, theirs, self.reach).is_some_and(|gap| gap.distance <= self.reach)
    }

    /// Who stands for its cluster.
    fn root(&mut self, mut at: usize) -> usize {
        while self.parents[at] != at {
            self.parents[at] = self.parents[self.parents[at]];
            at = self.parents[at];
        }
        at
    }

    /// What is near to a core is of its cluster, unless it is of another and no core.
    fn join(&mut self, core: usize, other: usize) {
        if self.inside[other] && !self.core[other] {
            return;
        }
        self.inside[other] = true;
        let (a, b) = (self.root(core), self.root(other));
        if a == b {
            return;
        }
        let (less, more) = if (self.sizes[a], b) < (self.sizes[b], a) { (a, b) } else { (b, a) };
        self.parents[less] = more;
        self.sizes[more] += self.sizes[less];
    }
}
