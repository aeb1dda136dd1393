//! Which lsn is visible, who still looks at an older one, and what tables there were then.
//!
//! Taking a snapshot reads the published lsn and registers it in one step, and asking which versions
//! are reachable looks at the registered and the published together; so a version that was found
//! unreachable can never be needed by a snapshot taken later.

use crate::Lsn;
use crate::catalog::Catalog;
use crate::map::SortedMap;
use crate::world::sync::Mutex;
use std::sync::Arc;

/// The visible lsn and the snapshots in use.
pub struct Snapshots {
    state: Mutex<State>,
}

struct State {
    published: Lsn,
    catalog: Arc<Catalog>,
    active: SortedMap<Lsn, u32>,
}

/// A registered snapshot: rows visible at `lsn` stay reachable until it is dropped.
pub struct Snapshot {
    /// The newest record it sees.
    pub lsn: Lsn,
    /// The tables it sees.
    pub catalog: Arc<Catalog>,
    home: Arc<Snapshots>,
}

impl Drop for Snapshot {
    fn drop(&mut self) {
        let mut state = self.home.state.lock();
        if let Some(count) = state.active.get_mut(&self.lsn) {
            *count -= 1;
            if *count == 0 {
                state.active.remove(&self.lsn);
            }
        }
    }
}

/// The snapshots in use at one moment, for deciding what may go.
#[derive(Clone)]
pub struct Reach {
    published: Lsn,
    active: Vec<Lsn>,
}

impl Reach {
    /// True if some snapshot, in use or yet to come, sees a version made by `created` and deleted by `deleted`.
    pub fn sees(&self, created: Lsn, deleted: Lsn) -> bool {
        if deleted > self.published {
            return true;
        }
        let first = self.active.partition_point(|&s| s < created);
        self.active.get(first).is_some_and(|&s| s < deleted)
    }

    /// The oldest lsn that any snapshot, in use or yet to come, looks from.
    pub fn horizon(&self) -> Lsn {
        self.active.first().copied().unwrap_or(self.published)
    }
}

impl Snapshots {
    /// Nothing but the catalog's own tables is visible yet.
    pub fn new(published: Lsn, catalog: Arc<Catalog>) -> Self {
        Snapshots { state: Mutex::new(State { published, catalog, active: SortedMap::new() }) }
    }

    /// A snapshot of what is visible now.
    pub fn take(self: &Arc<Self>) -> Snapshot {
        let mut state = self.state.lock();
        let lsn = state.published;
        *state.active.or_default(lsn) += 1;
        Snapshot { lsn, catalog: Arc::clone(&state.catalog), home: Arc::clone(self) }
    }

    /// The newest visible record.
    pub fn published(&self) -> Lsn {
        self.state.lock().published
    }

    /// The catalog as of the newest visible record.
    pub fn catalog(&self) -> Arc<Catalog> {
        Arc::clone(&self.state.lock().catalog)
    }

    /// Makes a record visible, with the catalog it leaves behind where it changed that.
    pub fn publish(&self, lsn: Lsn, catalog: Option<Arc<Catalog>>) {
        let mut state = self.state.lock();
        debug_assert!(lsn > state.published, "records become visible in log order");
        state.published = lsn;
        if let Some(catalog) = catalog {
            state.catalog = catalog;
        }
    }

    /// Makes another state visible, which holds everything up to `lsn`, at or behind what is visible: the same rows in
    /// other segments, or a later state as a whole. Snapshots in use keep what they see.
    pub fn replace(&self, lsn: Lsn, catalog: Arc<Catalog>) {
        let mut state = self.state.lock();
        debug_assert!(lsn >= state.published, "what is visible stays visible");
        state.published = lsn;
        state.catalog = catalog;
    }

    /// The snapshots in use just now.
    pub fn reach(&self) -> Reach {
        let state = self.state.lock();
        Reach { published: state.published, active: state.active.keys().copied().collect() }
    }
}
