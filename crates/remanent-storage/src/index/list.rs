//! Which indexes the segments of a table keep parts of.
//!
//! The catalog says which indexes there are. This list is what flush, merge, loads and new hot segments go by: it has the
//! indexes of the newest catalog, and those that a transaction is making. A part that is missing costs time, not answers, so
//! nobody needs the two to agree at every moment.

use super::{IndexDef, IndexId};
use crate::world::sync::RwLock;
use std::sync::Arc;

/// Index definitions, shared and replaced as a whole.
pub type Indexes = Arc<[Arc<IndexDef>]>;

/// The indexes that the segments of one table keep parts of.
pub struct IndexList(RwLock<Indexes>);

impl Default for IndexList {
    fn default() -> Self {
        IndexList(RwLock::new(Arc::new([])))
    }
}

impl IndexList {
    /// The indexes just now.
    pub fn get(&self) -> Indexes {
        Arc::clone(&self.0.read())
    }

    /// A list of its own with those that there are just now.
    pub fn again(&self) -> Self {
        IndexList(RwLock::new(self.get()))
    }

    /// True if there is none.
    pub fn is_empty(&self) -> bool {
        self.0.read().is_empty()
    }

    /// Adds an index, or says anew what it is.
    pub fn add(&self, def: &Arc<IndexDef>) {
        let mut list = self.0.write();
        if !list.contains(def) {
            let others = list.iter().filter(|held| held.id != def.id).cloned();
            *list = others.chain([Arc::clone(def)]).collect();
        }
    }

    /// Keeps those indexes for which `keep` is true; the numbers of the others.
    pub fn retain(&self, keep: &dyn Fn(IndexId) -> bool) -> Vec<IndexId> {
        let mut list = self.0.write();
        let gone: Vec<IndexId> = list.iter().map(|def| def.id).filter(|id| !keep(*id)).collect();
        if !gone.is_empty() {
            *list = list.iter().filter(|def| keep(def.id)).cloned().collect();
        }
        gone
    }
}
