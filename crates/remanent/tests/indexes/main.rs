//! Whatever is asked of a table by its indexes is what a scan says, beside inserts, updates, deletes, rollbacks, flushes, merges,
//! indexes made and dropped, power losses and reopening.

mod harness;
mod items;
mod keys;
#[cfg(feature = "shapes")]
mod places;
mod retired;
