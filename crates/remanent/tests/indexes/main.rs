//! Whatever is asked of a table by its indexes is what a scan says, beside inserts, updates, deletes, rollbacks, flushes, merges,
//! indexes made and dropped, power losses and reopening.

mod building;
#[cfg(all(feature = "text", feature = "shapes"))]
mod design;
mod follows;
mod harness;
mod items;
mod keys;
#[cfg(feature = "shapes")]
mod places;
mod recall;
mod retired;
mod sessions;
#[cfg(feature = "shapes")]
mod together;
mod vectors;
#[cfg(feature = "text")]
mod words;
