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
        Ok(())
    }

    fn open(&self, _def: &IndexDef, _part: PartReader, _segment: Arc<ColdSegment>) -> Result<Box<dyn Part>> {
        Err(Error::internal("frame"))
    }
}

/// stand-in
pub struct PrimaryHot {
    columns: Vec<usize>,
    map: rustc_hash::FxHashMap<Vec<u8>, u32>,
    prev: Vec<Option<u32>>,
    keys: Vec<Vec<u8>>,
}
impl PrimaryHot {
    /// x
    pub fn new(columns: Vec<usize>) -> Self {
        PrimaryHot { columns, map: Default::default(), prev: vec![], keys: vec![] }
    }
    /// x
    pub fn newest(&self, key: &[u8]) -> Option<u32> {
        self.map.get(key).copied()
    }
    /// x
    pub fn older(&self, o: u32) -> Option<u32> {
        self.prev[o as usize]
    }
}
impl Part for PrimaryHot {
    fn cost(&self, _probe: &Probe) -> Option<Cost> {
        None
    }
    fn search<'a>(
        &'a self,
        _p: &'a Probe,
        _w: Option<&'a RowSet>,
        _s: &'a ProbeStats,
        _b: &'a ScoreBound,
    ) -> Result<Box<dyn Hits + 'a>> {
        Err(Error::internal("frame"))
    }
    fn memory(&self) -> usize {
        self.keys.len() * 60
    }
}
impl HotPart for PrimaryHot {
    fn insert(&mut self, first: u32, columns: &[Column]) -> Result<()> {
        for i in 0..columns[0].len() {
            let mut k = vec![];
            for &c in &self.columns {
                crate::value::key::encode_column_row(&mut k, &columns[c], i);
            }
            self.prev.push(self.map.insert(k.clone(), first + i as u32));
            self.keys.push(k);
        }
        Ok(())
    }
    fn truncate(&mut self, _len: u32) {}
    fn retain_from(&mut self, first: u32, keep: &[bool]) {
        let keys = std::mem::take(&mut self.keys);
        self.map.clear();
        self.prev.clear();
        for (i, k) in keys.into_iter().enumerate() {
            if i < first as usize || keep[i - first as usize] {
                let o = self.keys.len() as u32;
                self.prev.push(self.map.insert(k.clone(), o));
                self.keys.push(k);
            }
        }
    }
}
/// stand-in
pub struct PrimaryCold {
    columns: Vec<usize>,
    segment: Arc<ColdSegment>,
}
impl PrimaryCold {
    /// x
    pub fn open(columns: Vec<usize>, _part: PartReader, segment: Arc<ColdSegment>) -> Self {
        PrimaryCold { columns, segment }
    }
    /// x
    pub fn find(&self, key: &[u8]) -> Result<std::ops::Range<u32>> {
        let (mut lo, mut n) = (0, 0);
        for v in 0..self.segment.vectors() {
            let cols = self.columns.iter().map(|&c| self.segment.read(c, v)).collect::<Result<Vec<_>>>()?;
            for i in 0..cols[0].len() {
                let mut k = vec![];
                for c in &cols {
                    crate::value::key::encode_column_row(&mut k, c, i);
                }
                if k == key {
                    if n == 0 {
                        lo = v * 1024 + i as u32;
                    }
                    n += 1;
                }
            }
        }
        Ok(lo..lo + n)
    }
    /// x
    pub fn verify(&self, _r: &mut dyn FnMut(Error)) {}
}
