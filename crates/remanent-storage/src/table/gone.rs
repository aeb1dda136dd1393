//! Committed rows that a transaction deletes, by where they lie: a set of ordinals for each segment.
//!
//! A million rows take a bit each or less, where their keys would take hundreds. The price is that ordinals mean something
//! only as long as the segment lasts, so the sets follow where flush and merge take their rows:
//!
//! ```text
//!   statement 1   segment 7 {0 … 999999}                 found by a scan
//!   a merge       segments 7 and 8 → 12
//!   statement 2   segment 12 {0, 2, 4 …}                 Gone::at, by 7's forward
//!   commit        12's deletes get one mark of one set   Gone::mark
//! ```
//!
//! # Invariants
//!
//! 1. Only who holds the table alone has such sets: nobody else appends to its hot segment, so the ordinals of hot rows stay
//!    until a flush moves them. (A sweep has only rows of full chunks, whose ordinals stay anyway.)
//! 2. A segment is in the list once.
//!
//! Limits: the log never sees this; it speaks of keys.

use super::sweep::Swept;
use super::version::{ColdHandle, HotHandle, Located, TableVersion};
use crate::Lsn;
use crate::segment::deletes::RowSet;
use crate::world::mutation;
use std::sync::Arc;

/// A segment that has such rows.
#[derive(Clone)]
pub enum Home {
    /// In memory.
    Hot(Arc<HotHandle>),
    /// On disk.
    Cold(Arc<ColdHandle>),
}

impl Home {
    /// The segment's number.
    pub fn id(&self) -> u32 {
        match self {
            Home::Hot(hot) => hot.segment.id(),
            Home::Cold(cold) => cold.id,
        }
    }

    /// Where a located row lies, by its ordinal; None where there is no row of that key.
    pub fn of(located: &Located, key: &[u8]) -> Option<(Home, u32)> {
        match located {
            Located::Cold(cold, ordinal) => Some((Home::Cold(Arc::clone(cold)), *ordinal)),
            Located::Hot(hot) => Some((Home::Hot(Arc::clone(hot)), hot.segment.newest(key)?.ordinal)),
        }
    }

    fn is_in(&self, version: &TableVersion) -> bool {
        match self {
            Home::Hot(hot) => version.hots().any(|other| hot.is(other)),
            Home::Cold(cold) => version.cold.iter().any(|other| cold.is(other)),
        }
    }

    /// Where the rows of a set went when the segment was replaced, if it was; None: nowhere.
    fn follow(&self, rows: &RowSet) -> Option<Option<(Home, RowSet)>> {
        let forward = match self {
            Home::Hot(hot) => hot.forward.get()?,
            Home::Cold(cold) => cold.forward.get()?,
        };
        if mutation("gone_left_behind") {
            return None;
        }
        Some(forward.target.as_ref().map(|to| (Home::Cold(Arc::clone(to)), forward.map.moved(rows))))
    }
}

/// Which rows of which segments. Cloning shares.
#[derive(Clone, Default)]
pub struct Gone(Vec<(Home, Arc<RowSet>)>);

impl Gone {
    /// True if there is no row.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many rows.
    pub fn count(&self) -> u64 {
        self.0.iter().map(|(_, rows)| rows.len()).sum()
    }

    /// Those of one segment.
    pub fn rows(&self, segment: u32) -> Option<&Arc<RowSet>> {
        self.0.iter().find(|(home, _)| home.id() == segment).map(|(_, rows)| rows)
    }

    /// True if that row of a segment is among them.
    pub fn contains(&self, segment: u32, ordinal: u32) -> bool {
        self.rows(segment).is_some_and(|rows| rows.contains(ordinal))
    }

    /// Adds a row; false if it was there.
    pub fn insert(&mut self, home: &Home, ordinal: u32) -> bool {
        let id = home.id();
        let at = self.0.iter().position(|(other, _)| other.id() == id).unwrap_or_else(|| {
            self.0.push((home.clone(), Arc::default()));
            self.0.len() - 1
        });
        self.0.get_mut(at).is_some_and(|(_, rows)| Arc::make_mut(rows).insert(ordinal))
    }

    /// Adds rows of a segment.
    pub fn add(&mut self, home: Home, rows: RowSet) {
        let id = home.id();
        match self.0.iter_mut().find(|(other, _)| other.id() == id) {
            Some((_, there)) => Arc::make_mut(there).union_with(&rows),
            None => self.0.push((home, Arc::new(rows))),
        }
    }

    /// The same rows where they lie in a version of the table, which is no older than where they were found; None: there
    /// they are already.
    pub fn at(&self, version: &TableVersion) -> Option<Gone> {
        if self.0.iter().all(|(home, _)| home.is_in(version)) {
            return None;
        }
        let mut moved = Gone::default();
        for (home, rows) in &self.0 {
            let (mut home, mut rows) = (home.clone(), rows.as_ref().clone());
            let lost = loop {
                if home.is_in(version) {
                    break false;
                }
                match home.follow(&rows) {
                    Some(Some(next)) => (home, rows) = next,
                    Some(None) => break true,
                    None => break false,
                }
            };
            if !lost {
                moved.add(home, rows);
            }
        }
        Some(moved)
    }

    /// Marks the rows as deleted by the record `lsn`, wherever flush and merge have moved them. Only under the store's apply
    /// lock.
    pub fn mark(&self, lsn: Lsn) {
        for (home, rows) in &self.0 {
            let mut moved: Option<(Home, RowSet)> = None;
            let lost = loop {
                let (home, rows) = moved.as_ref().map_or((home, rows.as_ref()), |(home, rows)| (home, rows));
                match home.follow(rows) {
                    Some(Some(next)) => moved = Some(next),
                    Some(None) => break true,
                    None => break false,
                }
            };
            let (home, rows) = moved.as_ref().map_or((home, rows.as_ref()), |(home, rows)| (home, rows));
            match home {
                _ if lost || mutation("drop_delete_marks") => {}
                Home::Hot(hot) => hot.segment.mark_rows(lsn, rows),
                Home::Cold(cold) => cold.deletes.write().mark_set(lsn, rows),
            }
        }
    }
}

/// The committed rows that a record deletes in one table: single ones, and many.
#[derive(Clone, Default)]
pub struct DeletedRows {
    /// One for each key that the record holds, in that order.
    pub each: Vec<Located>,
    /// Those whose keys are in files.
    pub many: Gone,
    /// Those that leave by their age, sweep by sweep.
    pub swept: Vec<Swept>,
}
