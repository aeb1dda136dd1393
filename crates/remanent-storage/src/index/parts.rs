//! The parts that a cold segment has of secondary indexes.
//!
//! A part may come later than its segment and go before it, so the list changes while readers hold the segment: who searches a
//! part holds it, and its file goes with the last who does. A segment without a part of an index is scanned.
//!
//! ```text
//!   written by flush, merge, a load, CREATE INDEX or the background ──→ in the list ──→ listed in the manifest
//!   DROP INDEX, a rolled back CREATE INDEX ──→ out of the manifest, out of the list ──→ retired with its last reader
//! ```

use super::{IndexDef, IndexId, Part, PartReader};
use crate::error::Result;
use crate::segment::ColdSegment;
use crate::world::sync::atomic::{AtomicBool, Ordering};
use crate::world::sync::{Mutex, RwLock};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

/// The part of one index for one cold segment.
pub struct PartHandle {
    /// The index.
    pub index: IndexId,
    /// Its file.
    pub path: PathBuf,
    /// Nobody needs it any more: dropping the last handle retires the file.
    pub obsolete: AtomicBool,
    retired: Arc<Mutex<Vec<PathBuf>>>,
    part: OnceLock<Box<dyn Part>>,
}

impl Drop for PartHandle {
    fn drop(&mut self) {
        if self.obsolete.load(Ordering::Acquire) {
            self.retired.lock().push(std::mem::take(&mut self.path));
        }
    }
}

/// The parts of one cold segment, for all handles on it.
#[derive(Default, Clone)]
pub struct Parts(Arc<RwLock<Vec<Arc<PartHandle>>>>);

impl PartHandle {
    /// A part in a file; nothing is read.
    pub fn new(index: IndexId, path: PathBuf, retired: &Arc<Mutex<Vec<PathBuf>>>) -> Arc<Self> {
        Arc::new(PartHandle {
            index,
            path,
            obsolete: AtomicBool::new(false),
            retired: Arc::clone(retired),
            part: OnceLock::new(),
        })
    }

    /// The part, opened; of two threads that meet, one opens in vain.
    pub fn open(&self, def: &IndexDef, segment: &Arc<ColdSegment>) -> Result<&dyn Part> {
        if self.part.get().is_none() {
            let reader = PartReader::beside(segment, self.path.clone(), self.index);
            let _ = self.part.set(super::kind(&def.kind)?.open(def, reader, Arc::clone(segment))?);
        }
        let part = self.part.get().map(|part| part.as_ref());
        part.ok_or_else(|| crate::error::Error::internal("a cell that was just set is empty"))
    }
}

impl Parts {
    /// The part of an index, if there is one.
    pub fn get(&self, index: IndexId) -> Option<Arc<PartHandle>> {
        self.0.read().iter().find(|part| part.index == index).cloned()
    }

    /// All parts.
    pub fn all(&self) -> Vec<Arc<PartHandle>> {
        self.0.read().clone()
    }

    /// The indexes that there is a part of.
    pub fn ids(&self) -> Vec<IndexId> {
        self.0.read().iter().map(|part| part.index).collect()
    }

    /// Adds a part; false if there is one.
    pub fn add(&self, part: Arc<PartHandle>) -> bool {
        let mut parts = self.0.write();
        let new = parts.iter().all(|held| held.index != part.index);
        if new {
            parts.push(part);
        }
        new
    }

    /// Makes the list what another process says; `make` gives a handle.
    pub fn adopt(&self, ids: &[IndexId], make: &dyn Fn(IndexId) -> Arc<PartHandle>) {
        let mut parts = self.0.write();
        parts.retain(|part| ids.contains(&part.index));
        for &id in ids.iter().filter(|&&id| id != super::PRIMARY) {
            if parts.iter().all(|part| part.index != id) {
                parts.push(make(id));
            }
        }
    }

    /// Takes a part out; its file goes with the last reader.
    pub fn forget(&self, index: IndexId) {
        let gone: Vec<_> = self.0.write().extract_if(.., |part| part.index == index).collect();
        gone.iter().for_each(|part| part.obsolete.store(true, Ordering::Release));
    }

    /// The segment goes, and its parts with it.
    pub fn obsolete(&self) {
        self.0.read().iter().for_each(|part| part.obsolete.store(true, Ordering::Release));
    }
}
