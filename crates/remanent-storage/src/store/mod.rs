//! Everything under one directory: open, recover, background work, budgets.

pub mod manifest;

use crate::error::{Error, Result};
use crate::txn::Txn;
use crate::world::World;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// How a store is opened.
#[derive(Debug, Clone)]
pub struct Options {
    /// Bytes that hot segments, caches, operators and background work may hold together.
    pub memory_limit: usize,
    /// False: a commit returns when it is written, before it is synced.
    pub synchronous_commit: bool,
    /// With `synchronous_commit` off: how long a commit may stay unsynced.
    pub wal_writer_delay: Duration,
    /// No writes; refused while a writer lives.
    pub read_only: bool,
    /// Create the directory if it is missing.
    pub create: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            memory_limit: 256 << 20,
            synchronous_commit: true,
            wal_writer_delay: Duration::from_millis(200),
            read_only: false,
            create: true,
        }
    }
}

/// One open database directory.
pub struct Store {
    _private: (),
}

impl Store {
    /// Opens or creates a directory and recovers what its log holds.
    pub fn open(_world: World, _path: &Path, _options: Options) -> Result<Arc<Store>> {
        Err(Error::internal("frame"))
    }

    /// Begins a transaction. `synchronous_commit`: None takes the store's.
    pub fn begin(self: &Arc<Self>, _synchronous_commit: Option<bool>) -> Result<Txn> {
        Err(Error::internal("frame"))
    }

    /// Moves all hot rows to cold segments now.
    pub fn flush(&self) -> Result<()> {
        Err(Error::internal("frame"))
    }

    /// Flushes, stops background work, releases the directory. Later calls are 57P01.
    pub fn close(&self) -> Result<()> {
        Err(Error::internal("frame"))
    }
}
