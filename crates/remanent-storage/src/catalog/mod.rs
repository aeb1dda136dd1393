//! What tables there are, as one transaction sees it.

use crate::table::TableDef;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// What tables there are, as one transaction sees it. Immutable; a change is a new catalog.
#[derive(Debug, Default)]
pub struct Catalog {
    tables: FxHashMap<String, Arc<TableDef>>,
    version: u64,
}

impl Catalog {
    /// The table of that (already folded) name.
    pub fn table(&self, name: &str) -> Option<&Arc<TableDef>> {
        self.tables.get(name)
    }

    /// All tables a user made, by name.
    pub fn tables(&self) -> Vec<Arc<TableDef>> {
        let mut tables: Vec<_> = self.tables.values().cloned().collect();
        tables.sort_by(|a, b| a.name.cmp(&b.name));
        tables
    }

    /// Differs whenever the content does: prepared statements keep their plan while it stays.
    pub fn version(&self) -> u64 {
        self.version
    }
}
