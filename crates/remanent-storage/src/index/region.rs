//! What a spatial index is asked: which rows lie in a region, which are the nearest.

/// A box along x, y and z; what it does not say reaches from minus infinity to infinity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Region {
    /// The least numbers.
    pub low: [f64; 3],
    /// The greatest.
    pub high: [f64; 3],
}

/// Where the nearest are asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Nearest {
    /// The box around the place.
    pub from: Region,
    /// What a distance is.
    pub measure: Measure,
    /// So many rows are wanted. As boxes know distances by bounds only, more may come: all that may be among the first.
    pub count: usize,
    /// Of a point in the plane: where it is, if the distances of rows that are points are what the statement orders by.
    pub point: Option<Spot>,
}

/// A point in the plane of a frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spot {
    /// The number of its frame.
    pub frame: i32,
    /// Along the axes.
    pub at: [f64; 2],
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
