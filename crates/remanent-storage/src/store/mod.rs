//! Everything under one directory: open, recover, background work, budgets.
//!
//! | file | holds |
//! |---|---|
//! | `open` | opening, creating, recovery |
//! | `flush` | hot rows to cold segments; the log floor |
//! | `merge` | cold segments to fewer; delete marks folded |
//! | `draft` | a manifest edit in the making |
//! | `alarms` | what happens at a time |
//! | `background` | the threads that do this, and who may do it when |
//! | `pace` | how fast they may go |
//! | `parts` | parts of indexes made where they are missing, forgotten where no index needs them |
//! | `blobs` | when large values ask for a flush or a merge; moving them out of mostly dead files |
//! | `backup` | a copy at one lsn while writes go on |
//! | `salvage` | what can be read of a damaged database |
//! | `check` | verifying every checksum of a closed database |
//! | `manifest` | what the directory consists of |
//! | `follow` | reading along where another process writes |
//! | `adopt` | what its flushes and merges made, taken over there |
//! | `sizes` | how large tables and the directory are |
//! | `readers` | who follows, and what the writer keeps for them |
//!
//! # Life of a directory
//!
//! [`Store::open`] takes the lock file, reads the manifest, raises the epoch, loads the catalog from its cold
//! segments, and replays the log above its floor through the same `apply` as a commit. From then on commits go
//! to the log and to hot segments; the background flushes and merges, each ending in one manifest edit, and lets
//! the log recycle what no table needs any more. [`Store::close`] flushes, so that the next open replays nothing.
//!
//! # Invariants
//!
//! 1. One thread at a time changes the manifest and what segments there are: the one that holds [`Inner::exclusive`].
//!    One thread at a time merges ([`Inner::try_merging`]); it writes without holding the former.
//! 2. A table's `flushed` lsn C in the manifest says: every change up to C is in its listed segments and marks, and
//!    recovery skips it. The catalog's tables are flushed together, so they are always of the same C.
//! 3. The log's floor is below the oldest unflushed change of every table ([`Inner::advance_log`]).
//! 4. A file is removed only after the manifest that forgot it is durable and the last reader has let go of it
//!    (design rule 6): `ColdHandle::obsolete`, then its `Drop`, then [`Inner::remove_retired`].

mod adopt;
pub mod alarms;
mod background;
pub mod backup;
mod blobs;
pub mod check;
mod clock;
mod downsample;
mod draft;
mod flush;
mod follow;
pub mod manifest;
mod merge;
mod open;
mod pace;
mod parts;
mod readers;
mod retire;
pub mod salvage;
mod sizes;
pub mod spill;

pub use sizes::TableSize;

use crate::error::Result;
use crate::log::LogOptions;
use crate::map::SortedMap;
use crate::store::backup::Backup;
use crate::store::follow::Follower;
use crate::store::manifest::Manifest;
use crate::store::readers::Keep;
use crate::table::TableDef;
use crate::txn::core::Core;
use crate::txn::locker::SessionLocks;
use crate::txn::sequence::Asker;
use crate::txn::tuning::Limits;
use crate::txn::{Interrupt, Txn};
use crate::world::meter::{Meter, Written};
use crate::world::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use crate::world::sync::{Condvar, Mutex};
use crate::world::{FileLock, Thread, World};
use rustc_hash::FxHashSet;
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
    /// Bytes of the device that are left to other programs: below that, rows are refused (53100); deleting goes on.
    pub min_free_space: u64,
    /// No writes, and no lock: follows what another process writes, or reads what is there if none does.
    pub read_only: bool,
    /// Bytes on disk, of files and of log, that are kept for followers at most (module `readers`).
    pub follower_budget: u64,
    /// Create the directory if it is missing.
    pub create: bool,
    /// Bytes of log after which the tables that hold it back are flushed: bounds the replay after a crash.
    pub log_limit: u64,
    /// Bytes of one file of the log; a file is made before it is needed.
    pub log_file_size: u64,
    /// Bytes after which a file of large values takes no more. Of them follow how many bytes of large values rows in memory
    /// may name (twice as many), and how many dead ones are borne before living values are moved (four times as many).
    pub blob_file_size: u64,
    /// The share of a processor that flush and merge may take, above 0 and up to 1.
    pub background_cpu: f64,
    /// Bytes per second that a flush or merge may write.
    pub background_bandwidth: u64,
    /// The names of limits ([`Limits::NAMES`]) that stay as they are here, whatever ALTER SYSTEM has stored.
    pub fixed: Vec<&'static str>,
    /// False: no threads; whoever opened the store calls [`Store::maintain`]. For simulations.
    pub background: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            memory_limit: 256 << 20,
            synchronous_commit: true,
            wal_writer_delay: Duration::from_millis(200),
            min_free_space: 16 << 20,
            read_only: false,
            follower_budget: 256 << 20,
            create: true,
            log_limit: 64 << 20,
            log_file_size: LogOptions::default().file_size,
            blob_file_size: 32 << 20,
            background_cpu: 1.0,
            background_bandwidth: u64::MAX,
            fixed: Vec::new(),
            background: true,
        }
    }
}

impl Options {
    /// Those that can be set later.
    pub fn limits(&self) -> Limits {
        Limits {
            memory_limit: self.memory_limit,
            wal_writer_delay: self.wal_writer_delay,
            min_free_space: self.min_free_space,
            follower_budget: self.follower_budget,
            background_cpu: self.background_cpu,
            background_bandwidth: self.background_bandwidth,
        }
    }
}

/// One open database directory.
pub struct Store {
    inner: Arc<Inner>,
    threads: Mutex<Vec<Box<dyn Thread>>>,
    spill: Arc<spill::Spill>,
}

/// What the store and its threads share.
pub(crate) struct Inner {
    pub(crate) core: Arc<Core>,
    options: Options,
    lock: Mutex<Option<Box<dyn FileLock>>>,
    /// What a store opened for reading goes by.
    follower: Option<Follower>,
    /// What is kept for such stores of other processes.
    keep: Mutex<Keep>,
    manifest: Manifest,
    /// True while someone works on segments or the manifest.
    busy: Mutex<bool>,
    free: Condvar,
    /// True while someone merges.
    merging: AtomicBool,
    stop: AtomicBool,
    /// What rows that leave by their age go by.
    clock: Mutex<Option<clock::Clock>>,
    alarms: alarms::Alarms,
    /// Marks files, and which of their segments still need them.
    marks: Mutex<SortedMap<u32, FxHashSet<u32>>>,
    /// The log floor in the manifest.
    floor: AtomicU64,
    /// The durable lsn that the background saw last.
    seen: AtomicU64,
    /// Counts what is written.
    meter: Arc<Meter>,
    /// What had been written before.
    written_before: Written,
}

/// Counters of a store, for people who count flash wear and for tests.
#[derive(Debug, Clone, Default)]
pub struct Stats {
    /// The newest visible record.
    pub lsn: u64,
    /// Bytes in hot segments.
    pub hot_bytes: usize,
    /// Cold segments of all tables.
    pub segments: usize,
    /// Bytes of their files.
    pub segment_bytes: u64,
    /// Bytes of log that recovery would read.
    pub log_bytes: u64,
    /// Bytes written to files since the store was opened, by what for.
    pub written: Written,
    /// The same since the database was made. What a crash kept from the manifest (since the last flush) is missing.
    pub written_ever: Written,
    /// Bytes written to the log since the store was opened.
    pub log_written: u64,
    /// Syncs of the log since the store was opened.
    pub log_syncs: u64,
    /// Bytes written by flushes since the store was opened.
    pub flush_written: u64,
    /// Bytes written by merges since the store was opened.
    pub merge_written: u64,
    /// Bytes of the files with large values, and how many of them rows name (dead rows included until merged).
    pub blob_bytes: u64,
    /// How many of those are named.
    pub blob_named: u64,
    /// Bytes of large values written since the store was opened, moved ones included.
    pub blob_written: u64,
    /// Bytes in the page cache.
    pub cache_bytes: usize,
    /// Pages that had to be read from a file since the store was opened.
    pub cache_misses: u64,
    /// Sessions that wait for a lock.
    pub lock_waits: usize,
    /// How often a store opened for reading has loaded everything; 1 as long as it could read along.
    pub loads: u64,
}

impl Store {
    /// Opens or creates a directory and recovers what its log holds. Errors: 55006 another process writes it, 3D000
    /// it is no database, XX001 damage, 58xxx files.
    pub fn open(world: World, path: &Path, options: Options) -> Result<Arc<Store>> {
        let inner = Arc::new(open::open(world, path, options)?);
        let threads = if inner.options.background && !inner.options.read_only {
            background::start(&inner)?
        } else {
            Vec::new()
        };
        let spill = Arc::new(spill::Spill::new(&inner.core.world, &inner.core.dir));
        Ok(Arc::new(Store { inner, threads: Mutex::new(threads), spill }))
    }

    /// Begins a transaction. `synchronous_commit`: None takes the store's.
    pub fn begin(&self, synchronous_commit: Option<bool>) -> Result<Txn> {
        let core = &self.inner.core;
        self.refresh()?;
        Ok(Txn::new(Arc::clone(core), synchronous_commit.unwrap_or(core.synchronous_commit)))
    }

    /// A new session, for [`Txn::set_session`]: whose transactions wait together, and who holds advisory locks beyond
    /// them.
    pub fn session(&self) -> Arc<SessionLocks> {
        Arc::new(SessionLocks::new(&self.inner.core))
    }

    /// Makes visible what another process has committed, where the store is open for reading: for the beginning of a
    /// statement. Errors: XX001 damage, 58xxx files; the next call tries again.
    pub fn refresh(&self) -> Result<()> {
        self.inner.core.check_open()?;
        match &self.inner.follower {
            Some(follower) => follower.refresh(&self.inner.core),
            None => Ok(()),
        }
    }

    /// Moves all hot rows to cold segments now.
    pub fn flush(&self) -> Result<()> {
        self.inner.core.check_open()?;
        self.inner.flush_all()
    }

    /// Does once what the background does all the time: flush what is due, merge, recycle, clean up.
    pub fn maintain(&self) -> Result<()> {
        self.inner.core.check_open()?;
        self.inner.ring_alarms();
        self.inner.maintain()
    }

    /// Copies the database, as of one lsn, to a directory that is new or empty, while writes go on; files that never
    /// change are linked where the file system allows it. The copy is a database: opening it restores it. Errors: 58P02
    /// the directory is not empty, 57014 the interrupt, 53100 and 58xxx files; nothing is left behind then, and after a
    /// crash in the middle the directory says that it is no database (3D000).
    pub fn backup(&self, dir: &Path, interrupt: &Interrupt) -> Result<Backup> {
        self.inner.backup(dir, interrupt)
    }

    /// The next number of a sequence.
    pub fn next_value(&self, sequence: &TableDef, asker: &Asker<'_>) -> Result<i64> {
        self.inner.core.next_value(sequence, asker)
    }

    /// Lets a sequence go on behind `last`, or with it where that was not `called`.
    pub fn set_value(&self, sequence: &TableDef, last: i64, called: bool, asker: &Asker<'_>) -> Result<()> {
        self.inner.core.set_value(sequence, last, called, asker)
    }

    /// Where a sequence stands: the last number, and whether it was given.
    pub fn last_value(&self, sequence: &TableDef) -> Result<(i64, bool)> {
        self.inner.core.last_value(sequence)
    }

    /// Flushes, stops background work, releases the directory. Later calls are 57P01.
    pub fn close(&self) -> Result<()> {
        if self.inner.core.check_open().is_err() {
            return Ok(());
        }
        let flushed = match self.inner.options.read_only {
            true => Ok(()),
            false => {
                let settled = self.inner.core.settle_sequences();
                let flushed = self.inner.flush_all().and_then(|()| self.inner.merge_small());
                flushed.and_then(|()| self.inner.settle_parts()).and(settled)
            }
        };
        self.inner.core.close();
        self.inner.stop.store(true, Ordering::Release);
        self.inner.core.gate.call();
        self.inner.core.sync_timer.call();
        self.inner.alarms.call();
        if let Some(board) = &self.inner.core.board {
            board.wake();
        }
        let threads = std::mem::take(&mut *self.threads.lock());
        threads.into_iter().for_each(Thread::join);
        let ended = match (&self.inner.core.log, self.inner.options.read_only) {
            // One more edit, of little worth, after the last one: damage to that one is then told from a torn end.
            (Some(log), false) => {
                let shed = log.shed(LogOptions::default().ready);
                let kept = self.inner.kept_edits();
                log.close().and_then(|()| self.inner.commit_edits(&kept)).and(shed.map(drop))
            }
            _ => Ok(()),
        };
        self.inner.remove_retired();
        if let Some(follower) = &self.inner.follower {
            follower.leave();
        }
        let lock = self.inner.lock.lock().take();
        drop(lock);
        flushed.and(ended)
    }

    /// Counters.
    pub fn stats(&self) -> Stats {
        let inner = &self.inner;
        let core = &inner.core;
        let (mut segments, mut segment_bytes) = (0, 0);
        for table in core.snapshots.catalog().all() {
            let version = table.version();
            segments += version.cold.len();
            segment_bytes += version.cold.iter().map(|c| c.bytes).sum::<u64>();
        }
        let log =
            core.log.as_ref().map(|log| (log.bytes_since(inner.floor.load(Ordering::Acquire)), log.stats()));
        let (log_bytes, log) = log.unwrap_or_default();
        let written = inner.meter.written();
        Stats {
            lsn: core.snapshots.published(),
            hot_bytes: core.gate.used(),
            segments,
            segment_bytes,
            log_bytes,
            written,
            written_ever: inner.written_ever(),
            log_written: written.log,
            log_syncs: log.syncs,
            flush_written: written.flush,
            merge_written: written.merge,
            blob_bytes: core.blobs.sizes().0,
            blob_named: core.blobs.sizes().1,
            blob_written: core.blobs.written(),
            cache_bytes: core.cache.used(),
            cache_misses: core.cache.misses(),
            lock_waits: core.locks.waiting(),
            loads: inner.follower.as_ref().map_or(0, Follower::loads),
        }
    }

    /// What can be set while it is open, as it is now.
    pub fn limits(&self) -> Limits {
        self.inner.core.tuning.limits()
    }

    /// Bytes that running statements may hold together, now and later.
    pub fn statement_memory(&self) -> Arc<AtomicUsize> {
        Arc::clone(&self.inner.core.statements)
    }

    /// How it was opened.
    pub fn options(&self) -> &Options {
        &self.inner.options
    }

    /// Bytes that the store may hold in memory.
    pub fn memory_limit(&self) -> usize {
        self.inner.core.tuning.limits().memory_limit
    }

    /// Where statements lay down rows that do not fit in memory; None: nowhere, since the store is only read.
    pub fn spill(&self) -> Option<&Arc<spill::Spill>> {
        (!self.inner.options.read_only).then_some(&self.spill)
    }

    /// What ends the statements of a new session before their time.
    pub fn new_interrupt(&self) -> Arc<Interrupt> {
        let core = &self.inner.core;
        Arc::new(Interrupt::new(Arc::clone(&core.world.clock), Arc::clone(&core.turns)))
    }

    /// The world the store lives in.
    pub fn world(&self) -> &World {
        &self.inner.core.world
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        let _ = self.close();
    }
}
