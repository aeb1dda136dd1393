//! Spatial indexes: rows by the boxes around their places (`USING gist`, and by other names).
//!
//! | file | holds |
//! |---|---|
//! | `area` | [`Area`]: a box of 32-bit floats, rounded outwards; how far from a place it is |
//! | `hilbert` | the order in which boxes are packed |
//! | `hot` | [`SpatialHot`]: an R-tree in memory, grown row by row |
//! | `cold` | [`SpatialCold`]: a packed R-tree in pages |
//! | `page` | the layout of these pages |
//! | `build` | writing a part |
//! | `walk` | searching either: all that meet a box, or the nearest first |
//!
//! ```text
//!   row      0            1          2                 3
//!   place    POINT(1 1)   NULL       LINESTRING(…)     POINT EMPTY
//!   entries  (box, 0)     none: 1    (box, 2)          none: 3
//! ```
//!
//! Two probes ([`Probe::Region`](super::Probe::Region), [`Probe::Nearest`](super::Probe::Nearest)) are answered. Boxes are a little larger than what they hold, so a
//! region names more rows than lie in it, and a distance is a little less than the true one: whoever asks looks at the
//! rows themselves. Of the nearest all come that may be among the first, by their boxes; where the distance is that in the plane, a cold
//! part reads them, the nearest box first, until none that is left can be among the first, and names the nearest with their distances
//! ([`Hits::exact`](super::Hits::exact)). Rows without a box
//! come last, so that each row comes once.
//!
//! The boxes of geographies lie in space, on a globe of radius 1 ([`geodesic::bounds`]).
//!
//! Limits: one column; rows whose column is large lie in the tree like any other.

mod area;
mod build;
mod cold;
mod hilbert;
mod hot;
mod page;
mod walk;

pub use area::Area;
pub use cold::SpatialCold;
pub use hot::SpatialHot;

use super::method::{Accepts, Class, Method, Parameter};
use super::{HotPart, IndexDef, IndexKind, Part, PartReader, PartWriter};
use crate::error::Result;
use crate::segment::ColdSegment;
use crate::value::kinds::Kind;
use crate::value::{Column, Type};
use remanent_shapes::bounds::Bounds;
use remanent_shapes::geodesic;
use std::sync::Arc;

const GEOMETRY: Type = Type::Other(Kind::Geometry, 0);
const GEOGRAPHY: Type = Type::Other(Kind::Geography, 0);

/// Spatial indexes as statements know them. All operator classes of a type are one: boxes have as many axes as the column.
static METHOD: Method = Method {
    names: &["gist", "spgist", "rtree", "spatial"],
    columns: false,
    unique: false,
    ordered: false,
    include: false,
    classes: &[
        Class::of("gist_geometry_ops_2d", GEOMETRY),
        Class::also("gist_geometry_ops_nd", GEOMETRY),
        Class::of("gist_geography_ops", GEOGRAPHY),
    ],
    parameters: &[
        Parameter { name: "fillfactor", accepts: Accepts::Integer(10, 100) },
        Parameter { name: "buffering", accepts: Accepts::Word(&["on", "off", "auto"]) },
    ],
};

/// Spatial indexes as a kind.
pub struct Spatial;

impl IndexKind for Spatial {
    fn method(&self) -> &'static Method {
        &METHOD
    }

    fn hot(&self, def: &IndexDef) -> Box<dyn HotPart> {
        Box::new(SpatialHot::new(def.clone()))
    }

    fn build(&self, def: &IndexDef, segment: &ColdSegment, out: &mut PartWriter<'_>) -> Result<()> {
        build::build(def, segment, out)
    }

    fn open(&self, def: &IndexDef, part: PartReader, segment: Arc<ColdSegment>) -> Result<Box<dyn Part>> {
        Ok(Box::new(SpatialCold::open(def, part, segment)))
    }
}

/// The box of a row; None: it has none (NULL, empty, or numbers that are none).
fn area_of(column: &Column, row: usize) -> Option<Area> {
    if !column.is_valid(row) {
        return None;
    }
    let bytes = column.bytes(row);
    let bounds = match column.ty() {
        Type::Other(Kind::Geography, _) => geodesic::bounds_of_bytes(bytes),
        _ => Bounds::of_bytes(bytes),
    };
    Area::of(&bounds?)
}
