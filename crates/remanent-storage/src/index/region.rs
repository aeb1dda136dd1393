//! What a spatial index is asked: which rows lie in a region, which are the nearest.

use std::sync::Arc;

/// A box along x, y and z; what it does not say reaches from minus infinity to infinity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Region {
    /// The least numbers.
    pub low: [f64; 3],
    /// The greatest.
    pub high: [f64; 3],
}

/// Where the nearest are asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Nearest {
    /// The box around the place.
    pub from: Region,
    /// What a distance is.
    pub measure: Measure,
    /// So many rows are wanted. As boxes know distances by bounds only, more may come: all that may be among the first.
    pub count: usize,
    /// The place, where the distance from it in the plane is what the statement orders by.
    pub spot: Option<Spot>,
}

/// A place in the plane of a frame.
#[derive(Debug, Clone, PartialEq)]
pub struct Spot {
    /// The number of its frame.
    pub frame: i32,
    /// Of a point: where it is.
    pub at: Option<[f64; 2]>,
    /// Its bytes, as a column has them.
    pub bytes: Arc<[u8]>,
}

/// What a distance is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// In the plane of x and y.
    Plane,
    /// In space.
    Space,
    /// In metres on the globe, of boxes in a globe of radius 1.
    Globe,
}
