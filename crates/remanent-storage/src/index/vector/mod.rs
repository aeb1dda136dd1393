//! Vector indexes: the rows whose vectors are nearest to one (`USING hnsw`, `ivfflat`, `diskann` or `vector`).
//!
//! Whatever the statement calls it, it is one structure: rows are in *lists*, each with a centroid; a vector is kept in its list as
//! one bit a dimension ([`quantized`](remanent_kernels::quantized)); the best by these bits are read in full from the segment and
//! ranked exactly.
//!
//! | file | holds |
//! |---|---|
//! | `metric` | distances, and reading vectors of either type |
//! | `build` | writing a part: centroids, lists, effort |
//! | `effort` | how many lists a recall takes, measured on rows of the segment |
//! | `cold` | [`VectorCold`]: the layout, and checking it |
//! | `search` | finding the nearest rows |
//! | `hot` | [`VectorHot`]: nothing; hot rows are compared one by one |
//!
//! ```text
//!   query q ──→ the lists most likely to hold what is near, as many as the recall takes ──→ estimates of their rows
//!           ──→ those that may be among the k best, by the estimate's error ──→ exact distances ──→ k rows
//! ```
//!
//! Strings of bits are vectors of zeros and ones: the Hamming distance is the squared Euclidean one of them.
//!
//! A filter comes first: `within` holds the rows that passed it. Where few passed, all of them are compared exactly; else lists are
//! searched until the effort is met that a k-th neighbour among all rows of rank k / share would take.
//!
//! Recall is kept, not hoped for: [`effort`] finds, when a part is written, how many lists the neighbours of some of its own rows
//! lie in. Rows without a vector, and those of length 0 under cosine, come last.
//!
//! Limits: one column, of a type with a length; a table of several segments searches each.

mod build;
mod cold;
mod effort;
mod hot;
mod metric;
mod search;

pub use cold::VectorCold;
pub use hot::VectorHot;
pub use metric::{Metric, dimensions};

use super::method::{Accepts, Class, Method, Parameter, Takes};
use super::{HotPart, IndexDef, IndexKind, MergeSource, Part, PartReader, PartWriter};
use crate::error::Result;
use crate::segment::ColdSegment;
use crate::value::Type;
use crate::value::kinds::Kind;
use std::sync::Arc;

const fn class(name: &'static str, ty: Type, default: bool) -> Class {
    Class { name, takes: Takes::Vectors(ty), default }
}

const HALFVEC: Type = Type::Other(Kind::HalfVec, 0);
const BIT: Type = Type::Other(Kind::Bit, 0);

static METHOD: Method = Method {
    names: &["vector", "hnsw", "ivfflat", "diskann"],
    columns: false,
    unique: false,
    ordered: false,
    include: false,
    classes: &[
        class("vector_l2_ops", Type::Vector(None), true),
        class("vector_ip_ops", Type::Vector(None), false),
        class("vector_cosine_ops", Type::Vector(None), false),
        class("vector_l1_ops", Type::Vector(None), false),
        class("halfvec_l2_ops", HALFVEC, true),
        class("halfvec_ip_ops", HALFVEC, false),
        class("halfvec_cosine_ops", HALFVEC, false),
        class("halfvec_l1_ops", HALFVEC, false),
        class("bit_hamming_ops", BIT, true),
        class("bit_jaccard_ops", BIT, false),
    ],
    // Those of pgvector's kinds are taken and mean nothing: recall says what is wanted.
    parameters: &[
        Parameter { name: "recall", accepts: Accepts::Number(0.5, 1.0) },
        Parameter { name: "lists", accepts: Accepts::Integer(1, 1024) },
        Parameter { name: "m", accepts: Accepts::Integer(2, 100) },
        Parameter { name: "ef_construction", accepts: Accepts::Integer(4, 1000) },
    ],
};

/// The share of the true neighbours that a search finds where nothing else is said.
pub const RECALL: f64 = 0.95;

/// What an index is asked for: rows near to a vector.
#[derive(Debug, Clone)]
pub struct NearVector {
    /// The vector.
    pub to: Vec<f32>,
    /// How many rows.
    pub count: usize,
    /// The share of the true neighbours that is to be among them, on average; below 1.
    pub recall: f64,
}

/// Vector indexes as a kind.
pub struct Vectors;

impl IndexKind for Vectors {
    fn method(&self) -> &'static Method {
        &METHOD
    }

    fn hot(&self, _: &IndexDef) -> Box<dyn HotPart> {
        Box::new(VectorHot)
    }

    fn build(&self, def: &IndexDef, segment: &ColdSegment, out: &mut PartWriter<'_>) -> Result<()> {
        build::build(def, segment, None, out)
    }

    fn merge(
        &self,
        def: &IndexDef,
        sources: &[MergeSource<'_>],
        segment: &ColdSegment,
        out: &mut PartWriter<'_>,
    ) -> Result<()> {
        // The centroids of the largest source do, where the others have not much to say.
        let parts = sources.iter().filter_map(|source| source.part?.as_any()?.downcast_ref::<VectorCold>());
        let largest = parts.max_by_key(|part| part.rows());
        let enough = |part: &&VectorCold| part.rows().saturating_mul(2) >= segment.rows();
        build::build(def, segment, largest.filter(enough), out)
    }

    fn open(&self, def: &IndexDef, part: PartReader, segment: Arc<ColdSegment>) -> Result<Box<dyn Part>> {
        Ok(Box::new(VectorCold::open(def, part, segment)))
    }
}
