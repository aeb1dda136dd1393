//! The outside world behind small facades: files, clock, randomness, locks, threads.
//!
//! Everything the engine does to the outside goes through a [`World`], so the very same code runs on the real
//! machine ([`World::real`]) and inside a simulation that tears writes, loses unsynced data, fails syncs, fills up,
//! flips bits, and picks the next thread at every wait from a seed (`sim::SimWorld`, feature `simulation`).
//!
//! ```
//! use remanent_storage::world::{OpenMode, World};
//! use std::path::Path;
//!
//! // Code under test takes a world and cannot tell which.
//! fn write_durably(world: &World, dir: &Path, bytes: &[u8]) -> std::io::Result<()> {
//!     let file = world.disk.open(&dir.join("new"), OpenMode::CreateNew)?;
//!     file.write_at(bytes, 0)?;
//!     file.sync()?; // the bytes, before the name
//!     world.disk.rename(&dir.join("new"), &dir.join("current"))?;
//!     world.disk.sync_dir(dir)
//! }
//! # let dir = tempfile::tempdir().unwrap();
//! write_durably(&World::real(), dir.path(), b"on the real disk")?;
//! # #[cfg(feature = "simulation")] {
//! use remanent_storage::world::sim::SimWorld;
//! let sim = SimWorld::new(42);
//! let world = sim.world();
//! sim.run(move || {
//!     world.disk.create_dir(Path::new("/db"))?;
//!     write_durably(&world, Path::new("/db"), b"on a simulated one")
//! })?;
//! sim.disk().crash();
//! assert_eq!(sim.disk().contents("/db/current").unwrap(), b"on a simulated one");
//! # }
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! What every world promises is written at the methods below and tested by `tests/world_contract.rs`, one suite
//! for all of them. What a power loss may take: every byte written since the last [`File::sync`] of its file, and
//! every creation, renaming and removal since the last [`Disk::sync_dir`] of its directory, each in any part and
//! order.

pub mod meter;
mod mutation;
pub mod outside;
mod real;
#[cfg(feature = "simulation")]
pub mod sim;
pub mod sync;
pub mod zones;

pub use mutation::mutation;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// One directory entry: its file name and its length in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The file name without its directory.
    pub name: String,
    /// Length in bytes.
    pub len: u64,
}

/// How a file is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenMode {
    /// Existing file, reads only.
    Read,
    /// Existing file, reads and writes.
    ReadWrite,
    /// A new file, reads and writes; an existing one of that name is an error.
    CreateNew,
}

/// A file system. Thread-safe.
pub trait Disk: Send + Sync {
    /// Creates a directory and its missing parents; an existing one is fine. Durable when it returns.
    fn create_dir(&self, path: &Path) -> io::Result<()>;
    /// The files (not directories) in a directory, sorted by name.
    fn list(&self, dir: &Path) -> io::Result<Vec<Entry>>;
    /// True if a file or a directory of that name exists.
    fn exists(&self, path: &Path) -> io::Result<bool>;
    /// Opens or creates a file. A created name is durable after `sync_dir`: syncing the file alone
    /// does not make its name survive a power loss.
    fn open(&self, path: &Path, mode: OpenMode) -> io::Result<Arc<dyn File>>;
    /// Renames atomically, replacing the target. Durable after `sync_dir`.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file. Durable after `sync_dir`.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Gives a file a second name; an existing `to` is an error. Both names mean the same bytes until one is removed.
    /// Durable after `sync_dir`. An error where the file system cannot, or where `to` lies on another one.
    fn hard_link(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Makes creations, links, renames and removals in a directory durable.
    fn sync_dir(&self, dir: &Path) -> io::Result<()>;
    /// Takes the exclusive lock of a lock file (created if missing) and writes `holder` into it.
    /// When another process (or another call in this one) has it: `ErrorKind::WouldBlock`, whose message is the
    /// content found there.
    /// The lock is released when the returned guard is dropped or the process dies.
    fn lock(&self, path: &Path, holder: &str) -> io::Result<Box<dyn FileLock>>;
    /// What the holder of a lock file wrote into it; None while nobody holds the lock or the file is missing. To look is
    /// to take it shared for a moment where the system knows no other way, which `lock` therefore bears with.
    fn holder(&self, path: &Path) -> io::Result<Option<String>>;
    /// Bytes free for this user on the device that holds `path`; None where it cannot be told.
    fn free_space(&self, path: &Path) -> io::Result<Option<u64>>;
}

/// An exclusive lock on a lock file, held until dropped.
pub trait FileLock: Send + Sync {}

/// An open file. Positioned reads and writes; thread-safe.
pub trait File: Send + Sync {
    /// Reads up to `buf.len()` bytes at `offset`; fewer only at the end of the file.
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize>;
    /// Writes all of `buf` at `offset`, extending the file where needed.
    fn write_at(&self, buf: &[u8], offset: u64) -> io::Result<()>;
    /// As [`write_at`](File::write_at), where much smaller writes will follow: in the way that makes these cheap.
    fn prefill_at(&self, buf: &[u8], offset: u64) -> io::Result<()> {
        self.write_at(buf, offset)
    }
    /// As [`write_at`](File::write_at), for small pieces one behind the other which nobody syncs right away, in a file that has bytes there
    /// already: in the way that makes these cheap. Who reads the file sees them, and a [`sync`](File::sync) makes them durable.
    fn put_at(&self, buf: &[u8], offset: u64) -> io::Result<()> {
        self.write_at(buf, offset)
    }
    /// No more pieces follow for now: what was held for them is given back.
    fn put_end(&self) {}
    /// Makes all written data and the length durable (`fdatasync`).
    fn sync(&self) -> io::Result<()>;
    /// The length in bytes.
    fn len(&self) -> io::Result<u64>;
    /// True if the file holds no bytes.
    fn is_empty(&self) -> io::Result<bool> {
        Ok(self.len()? == 0)
    }
    /// Truncates or extends with zeros.
    fn set_len(&self, len: u64) -> io::Result<()>;

    /// Reads exactly `buf.len()` bytes at `offset`, or `UnexpectedEof`.
    fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()> {
        match self.read_at(buf, offset)? {
            n if n == buf.len() => Ok(()),
            _ => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}

/// Wall and monotonic time.
pub trait Clock: Send + Sync {
    /// Microseconds since 2000-01-01 00:00:00 UTC (PostgreSQL's epoch), as `timestamptz` holds it.
    fn now(&self) -> i64;
    /// Time since some fixed instant; never goes back.
    fn monotonic(&self) -> Duration;
}

/// A thread that was started through [`World::spawn`].
pub trait Thread: Send {
    /// Waits for its end. A panic inside it is resumed here.
    fn join(self: Box<Self>);
}

/// Starts threads and puts the caller to sleep.
pub trait Threads: Send + Sync {
    /// Starts a thread.
    fn spawn(&self, name: &str, body: Box<dyn FnOnce() + Send>) -> io::Result<Box<dyn Thread>>;
    /// Sleeps at least that long.
    fn sleep(&self, time: Duration);
    /// Lets other threads have the processor that wait for one.
    fn yield_now(&self);
    /// From now on the calling thread runs where others leave a processor idle, or less than they do, where the system
    /// knows of such a thing.
    fn give_way(&self) {}
    /// The number of this process, for messages to other processes.
    fn process(&self) -> u32 {
        std::process::id()
    }
    /// A random number, from the operating system or from the seed.
    fn random(&self) -> u64;
}

/// One world: what the engine sees of the outside. Cheap to clone.
#[derive(Clone)]
pub struct World {
    /// Files.
    pub disk: Arc<dyn Disk>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Threads and randomness.
    pub threads: Arc<dyn Threads>,
}

impl World {
    /// Microseconds since 2000-01-01 00:00:00 UTC.
    pub fn now(&self) -> i64 {
        self.clock.now()
    }

    /// Time since some fixed instant; never goes back.
    pub fn monotonic(&self) -> Duration {
        self.clock.monotonic()
    }

    /// Starts a thread.
    pub fn spawn(&self, name: &str, body: impl FnOnce() + Send + 'static) -> io::Result<Box<dyn Thread>> {
        self.threads.spawn(name, Box::new(body))
    }

    /// Sleeps at least that long.
    pub fn sleep(&self, time: Duration) {
        self.threads.sleep(time);
    }

    /// A random number, from the operating system or from the seed.
    pub fn random(&self) -> u64 {
        self.threads.random()
    }
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("World")
    }
}

/// Copies are written in slices of this size, each synced, so that the device's queue is short when a commit's sync
/// arrives (design section 7).
const COPY_SLICE: usize = 512 << 10;

/// Copies the first `len` bytes of a file to a new one, synced; the name is durable after `sync_dir`. `step` is called
/// before each slice; an error from it ends the copy. What was written of a copy that failed is the caller's to remove.
pub fn copy(
    disk: &dyn Disk,
    from: &Path,
    to: &Path,
    len: u64,
    step: &mut dyn FnMut() -> io::Result<()>,
) -> io::Result<()> {
    let source = disk.open(from, OpenMode::Read)?;
    let target = disk.open(to, OpenMode::CreateNew)?;
    let mut slice = vec![0; COPY_SLICE.min(usize::try_from(len).unwrap_or(COPY_SLICE))];
    let mut at = 0;
    while at < len {
        step()?;
        let want = slice.len().min(usize::try_from(len - at).unwrap_or(COPY_SLICE));
        let part = slice.get_mut(..want).unwrap_or_default();
        source.read_exact_at(part, at)?;
        target.write_at(part, at)?;
        target.sync()?;
        at += want as u64;
    }
    target.sync()
}

/// The path of `name` in `dir`; shorthand for `dir.join(name)`.
pub fn join(dir: &Path, name: &str) -> PathBuf {
    dir.join(name)
}
