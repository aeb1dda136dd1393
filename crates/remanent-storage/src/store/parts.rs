//! Parts of indexes that segments lack are made, and those that no index needs are forgotten.
//!
//! Flush, merge and loads write the parts of the indexes that there are. What is left to do here:
//!
//! - a segment came without one: a record of the log attached it and a crash came before its parts were known, or its merge began
//!   before the index was made;
//! - a part that CREATE INDEX or this module has made is to be known to the manifest;
//! - an index was dropped, or its making rolled back: the manifest forgets its parts, then their files go.
//!
//! A part is a function of its segment, which never changes, so nothing here has to meet a record at the right moment.

use super::Inner;
use super::manifest::{Edit, State};
use crate::error::Result;
use crate::index::{IndexId, PRIMARY};
use crate::table::version::{ColdHandle, Table};
use crate::txn::index::write_part_file;
use crate::world::mutation;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// What a segment's parts are to be in the manifest, and which of them go.
struct Change {
    cold: Arc<ColdHandle>,
    forgotten: Vec<IndexId>,
}

impl Inner {
    /// One round; quick where there is nothing to do.
    pub(super) fn tend_parts(&self) -> Result<()> {
        // One at a time writes parts.
        let Some(_merging) = self.try_merging() else { return Ok(()) };
        let catalog = self.core.snapshots.catalog();
        for table in catalog.all() {
            self.make_missing(table)?;
        }
        self.settle_parts()
    }

    /// Makes the manifest say which parts there are, and makes none.
    pub(super) fn settle_parts(&self) -> Result<()> {
        let _work = self.exclusive();
        self.list_parts()
    }

    fn make_missing(&self, table: &Table) -> Result<()> {
        for def in table.indexes.get().iter() {
            // Whoever makes it does this himself.
            if self.core.making.lock().contains(&def.id) || mutation("part_not_rebuilt") {
                continue;
            }
            for cold in &table.version().cold {
                self.core.check_open()?;
                if self.stop.load(Ordering::Acquire) || cold.parts.get(def.id).is_some() {
                    continue;
                }
                write_part_file(&self.core, def, cold)?;
                // Nobody forgets parts just now. Of an index that was dropped meanwhile the part may have been forgotten already,
                // and a file of that name goes when its turn comes.
                let _work = self.exclusive();
                let handle = self.core.part_handle(cold.id, def.id);
                match table.indexes.get().iter().any(|held| held.id == def.id) {
                    true => drop(cold.parts.add(handle)),
                    false => handle.obsolete.store(true, Ordering::Release),
                }
            }
        }
        Ok(())
    }

    /// Makes the manifest say which parts there are. Only while `exclusive` is held.
    fn list_parts(&self) -> Result<()> {
        let catalog = self.core.snapshots.catalog();
        let (mut edits, mut changes) = (Vec::new(), Vec::new());
        let mut state: Option<State> = None;
        for table in catalog.all() {
            let version = table.version();
            // Parts first: whoever adds one has said before what for.
            let there: Vec<Vec<IndexId>> = version.cold.iter().map(|cold| cold.parts.ids()).collect();
            let making = self.core.making.lock().clone();
            let indexes = table.indexes.get();
            if indexes.is_empty() && there.iter().all(Vec::is_empty) {
                continue;
            }
            let needed = |id: &IndexId| making.contains(id) || indexes.iter().any(|def| def.id == *id);
            let state = state.get_or_insert_with(|| self.manifest.state());
            for (cold, there) in version.cold.iter().zip(there) {
                let (kept, forgotten): (Vec<_>, Vec<_>) = there.into_iter().partition(needed);
                let mut parts: Vec<IndexId> = std::iter::once(PRIMARY).chain(kept).collect();
                parts.sort_unstable();
                if let Some(entry) = state.segments.get(&cold.id) {
                    let mut listed = entry.meta.parts.clone();
                    listed.sort_unstable();
                    if listed != parts {
                        edits.push(Edit::SetParts { segment: cold.id, parts });
                    }
                }
                if !forgotten.is_empty() {
                    changes.push(Change { cold: Arc::clone(cold), forgotten });
                }
            }
        }
        if !edits.is_empty() {
            self.core.sync_folder()?;
            self.commit_edits(&edits)?;
        }
        for Change { cold, forgotten } in changes {
            forgotten.into_iter().for_each(|id| cold.parts.forget(id));
        }
        Ok(())
    }
}
