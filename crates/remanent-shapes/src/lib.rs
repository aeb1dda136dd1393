//! Places: points, lines and polygons, as values and in their forms.
//!
//! A leaf crate that knows nothing of the engine. Names and meaning are PostGIS's (3.3), and so are the messages of
//! errors; their SQLSTATEs are those that PostgreSQL has for bad input (PostGIS says XX000 of everything).
//!
//! ```text
//! text ──wkt, json──┐                             ┌── access, measure, distance, relate, edit, …
//!                   ├─→ Geometry ←─ binary ─→ bytes
//! bytes ──binary────┘                             └── bounds (no Geometry is made of them)
//! ```
//!
//! A value in a column is its EWKB, little-endian ([`binary`]): printed as hexadecimal digits it is what PostGIS
//! prints. Functions work on a [`Geometry`], decoded; what is asked of every row (the box, a distance between two
//! points) is answered from the bytes.
//!
//! ```
//! let lake = remanent_shapes::parse("POLYGON((0 0,4 0,4 3,0 0))").unwrap();
//! assert_eq!(remanent_shapes::measure::area(&lake.shape), 6.0);
//! assert_eq!(remanent_shapes::wkt::print(&lake, 15, true), "POLYGON((0 0,4 0,4 3,0 0))");
//! ```
//!
//! Limits: straight edges only (curves, TIN and polyhedral surfaces are refused); M is kept, not computed with;
//! collections nest [`DEPTH_MAX`] deep.

pub mod access;
pub mod binary;
pub mod bounds;
pub mod cluster;
pub mod distance;
pub mod edit;
pub mod frame;
pub mod geodesic;
pub mod hull;
pub mod json;
pub mod locate;
pub mod make;
pub mod measure;
pub mod number;
pub mod overlay;
pub mod plane;
pub mod relate;
pub mod shape;
pub mod simplify;
pub mod solid;
pub mod tile;
pub mod valid;
pub mod wkt;

pub use shape::{Coord, Geometry, Kind, Shape};

/// So deep may collections lie within each other.
pub const DEPTH_MAX: usize = 64;

/// What is wrong with an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// The SQLSTATE.
    pub state: &'static str,
    /// What happened.
    pub message: String,
    /// What to do, or where.
    pub hint: Option<String>,
}

/// A result, or what is wrong with the input.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// The text or the bytes are no geometry (22P02).
    pub fn syntax(message: impl Into<String>) -> Error {
        Error { state: "22P02", message: message.into(), hint: None }
    }

    /// A geometry that the function cannot take (22023).
    pub fn value(message: impl Into<String>) -> Error {
        Error { state: "22023", message: message.into(), hint: None }
    }

    /// What PostGIS has and we have not (0A000).
    pub fn unsupported(message: impl Into<String>) -> Error {
        Error { state: "0A000", message: message.into(), hint: None }
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// A geometry from any of the forms that PostGIS takes as a literal: EWKT, EWKB in hexadecimal digits, GeoJSON; from a
/// box as ST_Extent writes it.
pub fn parse(text: &str) -> Result<Geometry> {
    match text.bytes().next() {
        None => Err(Error::syntax("parse error - invalid geometry")),
        Some(b'0') => binary::from_hex(text),
        Some(b'{') => json::parse(text, 0),
        Some(_) => match make::parse_box(text) {
            Some(bounds) => Ok(make::of_box(0, &bounds)),
            None => wkt::parse(text),
        },
    }
}
