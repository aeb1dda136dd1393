//! The primary key: from a key to the rows that have it.

use super::{
    Cost, Hits, HotPart, IndexDef, IndexKind, Part, PartReader, PartWriter, Probe, ProbeStats, ScoreBound,
};
use crate::error::{Error, Result};
use crate::segment::{ColdSegment, RowSet};
use crate::value::Column;
use std::sync::Arc;

/// The primary key as a kind of index.
pub struct Primary;

impl IndexKind for Primary {
    fn name(&self) -> &'static str {
        "primary"
    }

    fn hot(&self, def: &IndexDef) -> Box<dyn HotPart> {
        Box::new(PrimaryHot::new(def.columns.clone()))
    }

    fn build(&self, _def: &IndexDef, _segment: &ColdSegment, _out: &mut PartWriter) -> Result<()> {
        Err(Error::internal("frame"))
    }

    fn open(&self, _def: &IndexDef, _part: PartReader, _segment: Arc<ColdSegment>) -> Result<Box<dyn Part>> {
        Err(Error::internal("frame"))
    }
}

/// The primary key beside a hot segment.
pub struct PrimaryHot {
    columns: Vec<usize>,
}

impl PrimaryHot {
    /// An empty part over these columns of the segment.
    pub fn new(columns: Vec<usize>) -> Self {
        PrimaryHot { columns }
    }

    /// The newest row with that (encoded) key.
    pub fn newest(&self, _key: &[u8]) -> Option<u32> {
        None
    }

    /// The next older row with the same key as `ordinal`.
    pub fn older(&self, _ordinal: u32) -> Option<u32> {
        None
    }
}

impl Part for PrimaryHot {
    fn cost(&self, _probe: &Probe) -> Option<Cost> {
        None
    }

    fn search<'a>(
        &'a self,
        _probe: &'a Probe,
        _within: Option<&'a RowSet>,
        _stats: &'a ProbeStats,
        _bound: &'a ScoreBound,
    ) -> Result<Box<dyn Hits + 'a>> {
        Err(Error::internal("frame"))
    }

    fn memory(&self) -> usize {
        0
    }
}

impl HotPart for PrimaryHot {
    fn insert(&mut self, _first_ordinal: u32, _columns: &[Column]) -> Result<()> {
        let _ = &self.columns;
        Err(Error::internal("frame"))
    }

    fn truncate(&mut self, _len: u32) {}

    fn retain_from(&mut self, _first: u32, _keep: &[bool]) {}
}

/// The primary key of a cold segment.
pub struct PrimaryCold {
    _private: (),
}

impl PrimaryCold {
    /// Opens a part over these columns of the segment; no I/O.
    pub fn open(_columns: Vec<usize>, _part: PartReader, _segment: Arc<ColdSegment>) -> Self {
        PrimaryCold { _private: () }
    }

    /// The rows with that (encoded) key: ordinals `[start, end)`, empty where there is none.
    pub fn find(&self, _key: &[u8]) -> Result<std::ops::Range<u32>> {
        Err(Error::internal("frame"))
    }
}
