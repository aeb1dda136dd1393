//! The write-ahead log: every change of the database is one record here, and the order here is the order everywhere.
//!
//! # Model
//!
//! A [`Record`] gets the next [`Lsn`] when it is appended. Three watermarks follow it: *appended* ≥ *written* (handed
//! to the file) ≥ *durable* (synced). The log lives in `wal/0000000001.log` and its successors, filled with
//! zeros ahead of need, so that a commit is one write and one `fdatasync` and changes no metadata.
//! `format.rs` has the bytes, `read.rs` the walk and what it takes for damage.
//!
//! ```text
//!  append ──► queue ──► one write_at ──► written ──► one sync ──► durable
//!   (lsn)      ▲        by the first       (off: acknowledged      (on: acknowledged
//!              │        thread that waits   here)                   here)
//!              └─ others append meanwhile; the next round takes all of them
//! ```
//!
//! # Life of a commit
//!
//! 1. [`Log::append`] gives the record its lsn and queues it: constant time, no I/O, no checksum.
//! 2. [`Log::sync_to`]: the first thread to come leads a *round*. It takes the whole queue, seals it (chain, checksums)
//!    into one buffer, writes that at once, syncs, and moves the watermarks. Threads that come while it syncs wait
//!    for the next round, which one of them leads. [`Log::write_to`] stops after the write.
//! 3. A mutex guards the queue and the watermarks only. Who writes owns the `Writer` meanwhile (it is taken out of the
//!    mutex); who syncs owns the round. So nothing is locked across I/O (design rule 10), and
//!    a thread may write while another syncs.
//!
//! # What a failure does
//!
//! (A sync that fails while a spare file is being made throws that file away and poisons nothing: nothing relies on
//! it yet.)
//!
//! - A *write* fails (full disk): what it left is overwritten with zeros, every record that was not yet written
//!   fails, their lsns are given again. Each [`Ticket`] names its attempt, so an old one stays failed. The attempt
//!   stands in each frame too, so leftovers never join the chain. Later appends may succeed.
//! - A *sync* fails, or leftovers cannot be overwritten: the log is poisoned for ever (design rule 4). Nobody
//!   knows which bytes the device has; what was written stays readable, nothing more is accepted.
//! - A *crash*: [`Log::open`] replays the chain, cuts the torn end or reports damage, makes what it replayed durable before
//!   anybody sees it, and wipes the place of the cut, so that no later crash can complete what was cut. It
//!   may crash itself at any point and be run again.
//!
//! # Example
//!
//! ```
//! use remanent_storage::{log::{Log, LogOptions}, world::World};
//! # let dir = tempfile::tempdir().unwrap();
//! # let dir = dir.path().join("wal");
//! # let options = LogOptions { file_size: 8192, ..LogOptions::default() };
//! let world = World::real();
//! let log = Log::open(&world, &dir, options.clone(), 0, 1, &mut |_| Ok(()))?;
//! let ticket = log.append(b"first".to_vec())?;
//! log.sync_to(&ticket)?;
//! assert_eq!((ticket.lsn, log.durable()), (1, 1));
//! drop(log); // no close: as if the process had died
//!
//! let mut seen = Vec::new();
//! let log = Log::open(&world, &dir, options, 0, 2, &mut |record| Ok(seen.push(record.body)))?;
//! assert_eq!(seen, [b"first"]);
//! log.close()?;
//! # Ok::<(), remanent_storage::Error>(())
//! ```
//!
//! # Not guaranteed
//!
//! - Damage of records that no later write called durable (those since the last sync before an idle mark) is
//!   indistinguishable from a torn end, and is cut. [`Log::idle_mark`] and [`Log::close`] keep that window short.
//! - The wall time of records may go back when the machine's clock does.

mod copy;
mod files;
mod format;
mod open;
mod queue;
mod read;
mod round;
mod salvage;
mod tail;
mod writer;

pub use copy::LogCopy;
pub use format::BODY_MAX;
pub use read::{records, verify};
pub use salvage::{find_salt, salvage};
pub use tail::Tail;

use crate::error::{Error, Result, state};
use crate::world::sync::{Condvar, Mutex};
use crate::world::{Disk, World};
use crate::{Epoch, Lsn};
use queue::{Entry, Shared};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// One change, as the log hands it back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Which life of the log wrote it.
    pub epoch: Epoch,
    /// Its position.
    pub lsn: Lsn,
    /// When it was appended: microseconds since 2000-01-01 UTC.
    pub time: i64,
    /// What it says; the log does not look inside.
    pub body: Vec<u8>,
}

/// How a log is kept.
#[derive(Debug, Clone)]
pub struct LogOptions {
    /// Bytes per file.
    pub file_size: u64,
    /// How many files are kept ready beyond the one in use at least. What recycling frees above that is kept as far as
    /// one round of it used lately; the rest is deleted.
    pub ready: usize,
    /// Any number that differs from database to database, and stays. Bytes of another database's log (a backup
    /// stored as a value, say) are then never taken for this one's.
    pub salt: u32,
}

impl Default for LogOptions {
    /// 4 MiB per file: small enough that a full spare pair is cheap on an 8 GB card and that a torn end is searched
    /// in a few milliseconds; large enough that the switch to the next file (one more sync) is a rarity beside a
    /// thousand commits.
    fn default() -> Self {
        LogOptions { file_size: 4 << 20, ready: 2, salt: 0 }
    }
}

/// A claim on the fate of one appended record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket {
    /// The record's position, if this attempt succeeds.
    pub lsn: Lsn,
    /// How many writes had failed before: a later record may get the same lsn.
    pub attempt: u32,
}

/// What became of an appended record.
#[derive(Debug, Clone)]
pub enum Status {
    /// In the queue.
    Pending,
    /// Handed to the file; a crash of the machine may still lose it.
    Written,
    /// Synced, and all before it.
    Durable,
    /// It will never be in the log.
    Failed(Error),
}

/// What the log did since it was opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LogStats {
    /// Records written.
    pub records: u64,
    /// Bytes written for them, headers included.
    pub bytes: u64,
    /// Calls of `write_at` for them.
    pub writes: u64,
    /// Rounds synced; each is one sync, and one more where it crossed into a new file.
    pub syncs: u64,
    /// Files begun.
    pub files: u64,
}

/// The write-ahead log of one open database. Thread-safe.
///
/// Invariants:
/// 1. durable ≤ written ≤ appended; records appended and not written are in the queue or with the writer, in order.
/// 2. A frame's durable lsn was durable when the frame was written.
/// 3. What is on disk behind the last written frame never continues the chain: it is zero there, or of an
///    earlier epoch or attempt, or sealed for another file.
/// 4. `poison` and `closed` are never taken back.
pub struct Log {
    world: World,
    dir: PathBuf,
    options: LogOptions,
    epoch: Epoch,
    shared: Mutex<Shared>,
    /// Who waits for an odd or an even round of syncing.
    rounds: [Condvar; 2],
    /// Who waits for the writer.
    writer_free: Condvar,
    /// Who waits for the file that is being made ready.
    prepared: Condvar,
}

impl Log {
    /// Opens the log in `dir`, or begins one, and replays its records above `floor` in order.
    ///
    /// `epoch` is the number of the life that begins now: above all earlier ones, and already durable. `floor` is the
    /// last record that nothing needs any more; it must have been durable in the log. Errors: XX001 damage (with file
    /// and offset), 58xxx files, and whatever `replay` returns.
    pub fn open(
        world: &World,
        dir: &Path,
        options: LogOptions,
        floor: Lsn,
        epoch: Epoch,
        replay: &mut dyn FnMut(Record) -> Result<()>,
    ) -> Result<Log> {
        let mut options = options;
        options.file_size = options.file_size.max(4096);
        let shared = open::open(&*world.disk, dir, &options, floor, epoch, replay)?;
        Ok(Log {
            world: world.clone(),
            dir: dir.to_path_buf(),
            options,
            epoch,
            shared: Mutex::new(shared),
            rounds: [Condvar::new(), Condvar::new()],
            writer_free: Condvar::new(),
            prepared: Condvar::new(),
        })
    }

    /// Queues a record: constant time, no I/O. It is in the log once [`write_to`](Log::write_to) or
    /// [`sync_to`](Log::sync_to) says so. 54000 above [`BODY_MAX`] bytes; 58030 after a failed sync.
    pub fn append(&self, body: Vec<u8>) -> Result<Ticket> {
        if body.len() > BODY_MAX {
            return Err(Error::new(
                state::PROGRAM_LIMIT_EXCEEDED,
                format!("a log record of {} bytes is too large", body.len()),
            )
            .with_detail(format!("The limit is {BODY_MAX} bytes.")));
        }
        let time = self.world.now();
        self.shared.lock().append(Entry::record(time, body))
    }

    /// What became of a record. After a failed sync, one that was written stays `Written`.
    pub fn status(&self, ticket: &Ticket) -> Status {
        self.shared.lock().status(ticket)
    }

    /// Why the log accepts nothing more, if so: a sync failed.
    pub fn poisoned(&self) -> Option<Error> {
        self.shared.lock().poison.clone()
    }

    /// The life of the log that is being written.
    pub fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// The last record that was appended.
    pub fn appended(&self) -> Lsn {
        self.shared.lock().appended
    }

    /// The last record that was written.
    pub fn written(&self) -> Lsn {
        self.shared.lock().written
    }

    /// The last record that was synced.
    pub fn durable(&self) -> Lsn {
        self.shared.lock().durable
    }

    /// Bytes of log behind a record, to within 64 KiB: what recovery would read if that were the floor.
    pub fn bytes_since(&self, lsn: Lsn) -> u64 {
        self.shared.lock().bytes_since(lsn)
    }

    /// Bytes that the log's files take, the ready ones included.
    pub fn size(&self) -> u64 {
        self.shared.lock().size()
    }

    /// What was done since the log was opened.
    pub fn stats(&self) -> LogStats {
        self.shared.lock().stats
    }

    fn disk(&self) -> &dyn Disk {
        &*self.world.disk
    }
}

impl std::fmt::Debug for Log {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Log({})", self.dir.display())
    }
}

/// The name of the first file of a log.
pub const FIRST_FILE: &str = "0000000001.log";

/// A log file that is open.
type FileRef = Arc<dyn crate::world::File>;
