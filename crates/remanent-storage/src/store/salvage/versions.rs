//! Which of the versions of a key that were found is the one to keep.
//!
//! Every version of a row is known by its key and the record that made it, wherever copies of it lie. What was found of a
//! key is a set of facts, each with an lsn; the latest counts:
//!
//! ```text
//!   lsn 5  made            (a cold segment)
//!   lsn 7  deleted         (a record of the log: an UPDATE deletes and makes)
//!   lsn 7  made            (the same record)           <- the row to keep
//!   lsn 5  made, deleted   (the marks of that segment) <- older
//! ```

use crate::Lsn;
use crate::value::Key;
use rustc_hash::FxHashMap;

/// What is known of a key at an lsn; the later of two at the same lsn counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fact {
    /// What was there before is gone.
    Deleted,
    /// A row was made.
    Made,
    /// A row was made, and that row is gone, or was taken already.
    Gone,
}

/// The latest fact of every key that was looked at.
#[derive(Default)]
pub struct Versions(FxHashMap<Key, (Lsn, Fact)>);

impl Versions {
    /// Adds a fact.
    pub fn add(&mut self, key: Key, lsn: Lsn, fact: Fact) {
        let newest = self.0.entry(key).or_insert((lsn, fact));
        *newest = (*newest).max((lsn, fact));
    }

    /// True, once, if the row of that key which the record `lsn` made is the one to keep. Of a key without facts it is.
    pub fn take(&mut self, key: &Key, lsn: Lsn) -> bool {
        match self.0.get_mut(key) {
            None => true,
            Some(newest) if *newest == (lsn, Fact::Made) => {
                newest.1 = Fact::Gone;
                true
            }
            Some(_) => false,
        }
    }

    /// True if what is known last of a key is that it is gone.
    pub fn is_gone(&self, key: &Key) -> bool {
        self.0.get(key).is_some_and(|newest| newest.1 != Fact::Made)
    }
}
