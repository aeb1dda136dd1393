//! The engine under SQL: log, segments, indexes, transactions, on a real or simulated world.
//!
//! The modules are layers: each imports only those listed below it (a test in
//! `tests/` checks it).
//!
//! | module | holds |
//! |---|---|
//! | [`store`] | open, recover, manifest, background work, budgets |
//! | [`txn`] | snapshots, key locks, commit |
//! | [`catalog`] | tables about tables, read through the same segments |
//! | [`table`] | one hot + many cold segments; flush and merge |
//! | [`index`] | the index traits and the primary key |
//! | [`segment`] | hot, cold, file format, pages, encodings, deletes |
//! | [`log`] | the write-ahead log |
//! | [`value`] | types, values, columns, key order |
//! | [`world`] | files, clock, randomness, locks, threads: real and simulated |
//! | [`map`] | a map for what is counted in tens |
//! | [`error`] | SQLSTATE, message, detail, hint, position |

pub mod catalog;
pub mod error;
pub mod index;
pub mod log;
pub mod map;
pub mod segment;
pub mod store;
pub mod table;
pub mod txn;
pub mod value;
pub mod world;

pub use error::{Error, Result};

/// A position in the log: dense, one per record, starting at 1. It is the commit
/// timestamp and the snapshot. 0 is before everything.
pub type Lsn = u64;

/// Which life of the log a record belongs to; rises at every writing open.
pub type Epoch = u64;
