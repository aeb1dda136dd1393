//! The primary key: from a key to the rows that have it.
//!
//! | file | holds |
//! |---|---|
//! | `hot` | [`PrimaryHot`]: a hash table from keys to the newest row, older versions chained |
//! | `cold` | [`PrimaryCold`]: fences and a filter over rows in key order |
//! | `filter` | split-block Bloom filters |
//! | `hash` | the hash of keys: in memory and in filters on disk |
//!
//! A segment may hold several versions of a row, one created when the other was deleted.
//! Both parts know all of them; which one a snapshot sees is the table's business.
//!
//! How a point read runs: [`PrimaryHot::newest`] and, through [`PrimaryHot::older`], the versions before it;
//! then, segment by segment, [`PrimaryCold::find`], which gives the ordinals of all versions at once since cold rows
//! lie in key order, versions of a key from the oldest to the newest.
//!
//! In order of its keys the cold part is walked as it lies; the hot part knows the least and the greatest key of each chunk
//! of rows ([`PrimaryHot::spread`]), and `table::ordered` sorts those chunks that it reaches.
//!
//! Limits: the hot part cannot serve ranges.

mod cold;
mod filter;
pub mod hash;
mod hot;

pub use cold::PrimaryCold;
pub use hot::PrimaryHot;

use super::{HotPart, IndexDef, IndexKind, Method, Part, PartReader, PartWriter};
use crate::error::Result;
use crate::segment::ColdSegment;
use std::sync::Arc;

/// The primary key as statements know it: not as a kind of index.
pub(super) static METHOD: Method = Method {
    names: &["primary"],
    columns: true,
    unique: true,
    ordered: false,
    include: false,
    classes: &[],
    parameters: &[],
};

/// The primary key as a kind of index.
pub struct Primary;

impl IndexKind for Primary {
    fn method(&self) -> &'static Method {
        &METHOD
    }

    fn hot(&self, def: &IndexDef) -> Box<dyn HotPart> {
        Box::new(PrimaryHot::new(def.columns.clone()))
    }

    fn build(&self, def: &IndexDef, segment: &ColdSegment, out: &mut PartWriter<'_>) -> Result<()> {
        cold::build(&def.columns, segment, out)
    }

    fn open(&self, def: &IndexDef, part: PartReader, segment: Arc<ColdSegment>) -> Result<Box<dyn Part>> {
        Ok(Box::new(PrimaryCold::open(def.columns.clone(), part, segment)))
    }
}
