//! Boxes of 32-bit floats, rounded outwards, and the least distance from a place to what lies in one.

use crate::index::{Measure, Region};
use crate::world::mutation;
use remanent_shapes::bounds::Bounds;
use remanent_shapes::geodesic;

/// A box along x, y and z that holds what it was made of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    /// The least numbers.
    pub low: [f32; 3],
    /// The greatest.
    pub high: [f32; 3],
}

/// The greatest 32-bit float that is not greater.
fn down(number: f64) -> f32 {
    let near = number as f32;
    if f64::from(near) > number { near.next_down() } else { near }
}

fn up(number: f64) -> f32 {
    let near = number as f32;
    if f64::from(near) < number { near.next_up() } else { near }
}

/// The length of a way: of numbers whose squares are some, without the care that others need.
fn length(x: f64, y: f64, z: f64) -> f64 {
    let square = x * x + y * y + z * z;
    if (1e-200..1e200).contains(&square) { square.sqrt() } else { x.hypot(y).hypot(z) }
}

impl Area {
    /// What nothing lies in.
    pub const NONE: Area = Area { low: [f32::INFINITY; 3], high: [f32::NEG_INFINITY; 3] };

    /// Around a box; None: some of its numbers are none.
    pub fn of(bounds: &Bounds) -> Option<Area> {
        let mut numbers = bounds.low.iter().chain(&bounds.high);
        let sound = numbers.all(|number| !number.is_nan());
        sound.then(|| Area { low: bounds.low.map(down), high: bounds.high.map(up) })
    }

    /// What meets a region meets this as well.
    pub fn around(region: &Region) -> Area {
        // A step more: of points only the lesser corner is kept.
        let low = region.low.map(|number| down(number).next_down());
        Area { low, high: region.high.map(up) }
    }

    /// Where everything lies that is no farther from a place.
    pub fn reach(from: &Region, measure: Measure, limit: f64) -> Region {
        // A little more, for what is rounded.
        let by = limit * if mutation("short_reach") { 0.5 } else { 1.000_000_001 };
        let (axes, by) = match measure {
            Measure::Plane => (2, by),
            Measure::Space => (3, by),
            Measure::Globe => (3, geodesic::chord_of(by) * 1.000_000_001),
        };
        let mut region = Region { low: [f64::NEG_INFINITY; 3], high: [f64::INFINITY; 3] };
        for axis in 0..axes {
            (region.low[axis], region.high[axis]) = (from.low[axis] - by, from.high[axis] + by);
        }
        region
    }

    /// Grows to hold another.
    pub fn grow(&mut self, other: &Area) {
        for axis in 0..3 {
            self.low[axis] = self.low[axis].min(other.low[axis]);
            self.high[axis] = self.high[axis].max(other.high[axis]);
        }
    }

    /// Both together.
    pub fn with(mut self, other: &Area) -> Area {
        self.grow(other);
        self
    }

    /// True if a region has a point in common with it.
    pub fn meets(&self, region: &Region) -> bool {
        (0..3).all(|axis| {
            f64::from(self.low[axis]) <= region.high[axis] && region.low[axis] <= f64::from(self.high[axis])
        })
    }

    /// Its middle along an axis, doubled.
    pub fn middle(&self, axis: usize) -> f32 {
        // Halves first: the sum of two large numbers is none.
        self.low[axis] / 2.0 + self.high[axis] / 2.0
    }

    /// The sum of its extents: what grows the least is a good home.
    pub fn girth(&self) -> f32 {
        (0..3).map(|axis| self.high[axis] - self.low[axis]).sum()
    }

    /// No more than the distance from a place to anything in it.
    pub fn distance(&self, from: &Region, measure: Measure) -> f64 {
        let gap = |axis: usize| {
            let gap = f64::from(self.low[axis]) - from.high[axis];
            gap.max(from.low[axis] - f64::from(self.high[axis])).max(0.0)
        };
        match measure {
            Measure::Plane => length(gap(0), gap(1), 0.0),
            Measure::Space => length(gap(0), gap(1), gap(2)),
            Measure::Globe => geodesic::at_least(length(gap(0), gap(1), gap(2))),
        }
    }

    /// No less than the distance from a place to anything in it.
    pub fn farthest(&self, from: &Region, measure: Measure) -> f64 {
        let span = |axis: usize| {
            let span = f64::from(self.high[axis]) - from.low[axis];
            span.max(from.high[axis] - f64::from(self.low[axis])).max(0.0)
        };
        // A little more, for what is rounded.
        1.000_000_001
            * match measure {
                Measure::Plane => length(span(0), span(1), 0.0),
                Measure::Space => length(span(0), span(1), span(2)),
                Measure::Globe => geodesic::at_most(length(span(0), span(1), span(2))),
            }
    }
}
