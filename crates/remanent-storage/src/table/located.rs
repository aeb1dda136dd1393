//! A committed row that was found before, wherever flush and merge have moved it since.
//!
//! ```text
//!   statement   row 7 is found in the hot segment, or as row 12 of segment 3      Located
//!   a flush     the hot segment → segment 9, a merge: 3 and 9 → 12                Forward, left in what was replaced
//!   commit      Located::mark follows: row 7 of the hot one → 4 of 9 → 15 of 12
//! ```

use super::ordinals::OrdinalMap;
use super::version::{ColdHandle, HotHandle};
use crate::Lsn;
use crate::segment::hot::LIVE;
use crate::world::mutation;
use std::sync::Arc;

/// Where the rows of a replaced segment went.
pub struct Forward {
    /// Source ordinal → target ordinal.
    pub map: OrdinalMap,
    /// The segment that replaced it; None where no row was left.
    pub target: Option<Arc<ColdHandle>>,
}

/// A committed row that a transaction is going to delete, found at its statement and marked at its commit.
#[derive(Clone)]
pub enum Located {
    /// The newest version of the key in that hot segment.
    Hot(Arc<HotHandle>),
    /// That row of a cold segment.
    Cold(Arc<ColdHandle>, u32),
}

/// Where a located row lies just now.
enum Place {
    Hot(Arc<HotHandle>),
    Cold(Arc<ColdHandle>, u32),
    Nowhere,
}

/// The newest committed version of a key.
pub struct Newest {
    /// Where it is.
    pub located: Located,
    /// Who made it.
    pub created: Lsn,
    /// True if nobody deleted it.
    pub lives: bool,
}

impl Located {
    /// Marks the row as deleted by the record `lsn`, wherever flush and merge have moved it since it was found.
    /// False if it is not there or was deleted already. Only under the store's apply lock.
    pub fn mark(&self, key: &[u8], lsn: Lsn) -> bool {
        let (cold, ordinal) = match self.place(key) {
            Place::Hot(hot) => return hot.segment.mark(lsn, key),
            Place::Cold(cold, ordinal) => (cold, ordinal),
            Place::Nowhere => return false,
        };
        let mut deletes = cold.deletes.write();
        match mutation("drop_delete_marks") {
            true => deletes.deleted_at(ordinal).is_none(),
            false => deletes.mark_one(lsn, ordinal),
        }
    }

    /// True if nobody has deleted the row since it was found.
    pub fn lives(&self, key: &[u8]) -> bool {
        match self.place(key) {
            Place::Hot(hot) => hot.segment.newest(key).is_some_and(|version| version.deleted == LIVE),
            Place::Cold(cold, ordinal) => cold.deletes.read().deleted_at(ordinal).is_none(),
            Place::Nowhere => false,
        }
    }

    /// Where flush and merge have moved the row since it was found.
    fn place(&self, key: &[u8]) -> Place {
        let (mut cold, mut ordinal) = match self {
            Located::Cold(cold, ordinal) => (Arc::clone(cold), *ordinal),
            Located::Hot(hot) => {
                let Some(forward) = hot.forward.get() else { return Place::Hot(Arc::clone(hot)) };
                let newest = hot.segment.newest(key);
                match newest.and_then(|version| forward.follow(version.ordinal)) {
                    Some(row) => row,
                    None => return Place::Nowhere,
                }
            }
        };
        while let Some(forward) = cold.forward.get() {
            if mutation("stale_ordinal_map") {
                break;
            }
            match forward.follow(ordinal) {
                Some((target, row)) => (cold, ordinal) = (target, row),
                None => return Place::Nowhere,
            }
        }
        Place::Cold(cold, ordinal)
    }
}

impl Forward {
    fn follow(&self, ordinal: u32) -> Option<(Arc<ColdHandle>, u32)> {
        Some((Arc::clone(self.target.as_ref()?), self.map.get(ordinal)?))
    }
}
