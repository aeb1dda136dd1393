//! A vector index beside a hot segment: nothing. Hot rows are few, and a scan compares them one by one.

use crate::error::{Error, Result};
use crate::index::{Cost, Hits, HotPart, Part, Probe, ProbeStats, ScoreBound};
use crate::segment::RowSet;
use crate::value::Column;

/// It knows no row.
pub struct VectorHot;

impl Part for VectorHot {
    fn cost(&self, _: &Probe) -> Option<Cost> {
        None
    }

    fn search<'a>(
        &'a self,
        _: &'a Probe,
        _: Option<&'a RowSet>,
        _: &'a ProbeStats,
        _: &'a ScoreBound,
    ) -> Result<Box<dyn Hits + 'a>> {
        Err(Error::internal("hot rows have no vector index"))
    }

    fn memory(&self) -> usize {
        0
    }
}

impl HotPart for VectorHot {
    fn insert(&mut self, _: u32, _: &[Column]) -> Result<()> {
        Ok(())
    }

    fn truncate(&mut self, _: u32) {}

    fn retain_from(&mut self, _: u32, _: &[bool]) {}
}
