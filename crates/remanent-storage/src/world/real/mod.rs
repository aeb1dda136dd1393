//! The real world: files, clock and threads of the operating system, through `std`.
//!
//! Little here is clever, and nothing is hidden: one [`write_at`](File::write_at) is one `pwrite`, one
//! [`sync`](File::sync) is one `fdatasync`, so that a commit costs what the log asked for and `strace` can count it. Small
//! pieces that nobody syncs are put into memory that is the file's ([`put_at`](File::put_at), `window.rs`).
//!
//! ```
//! use remanent_storage::world::{OpenMode, World};
//! # let dir = tempfile::tempdir().unwrap();
//! # let dir = dir.path();
//! let world = World::real();
//! let file = world.disk.open(&dir.join("a"), OpenMode::CreateNew)?;
//! file.write_at(b"remanence", 0)?;
//! file.sync()?; // the bytes are durable ...
//! world.disk.sync_dir(dir)?; // ... and now so is the name
//! assert_eq!(file.len()?, 9);
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! Limits: Unix only (positioned I/O); lock files use `flock`, which some network file systems do not honour.
#![allow(clippy::disallowed_types, clippy::disallowed_methods, reason = "this is the facade")]

#[cfg(target_os = "linux")]
mod window;

use super::{Clock, Disk, Entry, File, FileLock, OpenMode, Thread, Threads, World};
use remanent_kernels::sort::sort_by;
use std::collections::hash_map::RandomState;
use std::fs::{self, TryLockError};
use std::hash::BuildHasher;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
#[cfg(target_os = "linux")]
use window::Pieces;

/// 2000-01-01 00:00:00 UTC in microseconds since 1970-01-01.
const EPOCH_2000_US: i64 = 946_684_800_000_000;

impl World {
    /// The real machine.
    pub fn real() -> World {
        World { disk: Arc::new(RealDisk), clock: Arc::new(RealClock), threads: Arc::new(RealThreads) }
    }
}

struct RealDisk;

impl Disk for RealDisk {
    fn create_dir(&self, path: &Path) -> io::Result<()> {
        let mut missing = Vec::new();
        let mut at = path;
        while !at.as_os_str().is_empty() && !at.try_exists()? {
            missing.push(at);
            match at.parent() {
                Some(parent) => at = parent,
                None => break,
            }
        }
        for dir in missing.into_iter().rev() {
            match fs::create_dir(dir) {
                Err(e) if e.kind() != io::ErrorKind::AlreadyExists => return Err(e),
                _ => self.sync_dir(&parent_of(dir))?,
            }
        }
        match fs::metadata(path)?.is_dir() {
            true => Ok(()),
            false => Err(io::ErrorKind::NotADirectory.into()),
        }
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<Entry>> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(dir)? {
            let entry = entry?;
            // A file may be removed between the listing and the look at it.
            let meta = match entry.metadata() {
                Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
                meta => meta?,
            };
            if meta.is_file() {
                let name = entry.file_name().to_string_lossy().into_owned();
                entries.push(Entry { name, len: meta.len() });
            }
        }
        sort_by(&mut entries, &|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }

    fn exists(&self, path: &Path) -> io::Result<bool> {
        path.try_exists()
    }

    fn open(&self, path: &Path, mode: OpenMode) -> io::Result<Arc<dyn File>> {
        let mut options = fs::OpenOptions::new();
        options.read(true);
        match mode {
            OpenMode::Read => &mut options,
            OpenMode::ReadWrite => options.write(true),
            OpenMode::CreateNew => options.write(true).create_new(true),
        };
        Ok(Arc::new(RealFile::new(options.open(path)?)))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn hard_link(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::hard_link(from, to)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        fs::File::open(dir)?.sync_all()
    }

    fn lock(&self, path: &Path, holder: &str) -> io::Result<Box<dyn FileLock>> {
        let file = fs::OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        // Somebody may just be looking whether it is held, which takes microseconds.
        let mut looks = LOOKS;
        while let Err(refused) = file.try_lock() {
            match refused {
                TryLockError::WouldBlock if looks > 0 => std::thread::sleep(LOOK),
                TryLockError::WouldBlock => {
                    return Err(io::Error::new(io::ErrorKind::WouldBlock, words(&file)));
                }
                TryLockError::Error(e) => return Err(e),
            }
            looks -= 1;
        }
        file.write_all_at(holder.as_bytes(), 0)?;
        file.set_len(holder.len() as u64)?;
        Ok(Box::new(RealLock(file)))
    }

    fn holder(&self, path: &Path) -> io::Result<Option<String>> {
        let file = match fs::File::open(path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file?,
        };
        match file.try_lock_shared() {
            Ok(()) => Ok(None),
            Err(TryLockError::WouldBlock) => Ok(Some(words(&file))),
            Err(TryLockError::Error(e)) => Err(e),
        }
    }

    fn free_space(&self, path: &Path) -> io::Result<Option<u64>> {
        let stat = rustix::fs::statvfs(path)?;
        Ok(Some(stat.f_bavail.saturating_mul(stat.f_frsize)))
    }
}

/// How often a lock is tried again that somebody may only be looking at, and after how long.
const LOOKS: u32 = 5;
const LOOK: Duration = Duration::from_millis(1);

/// What stands in a lock file.
fn words(file: &fs::File) -> String {
    let mut found = [0; 256];
    let len = file.read_at(&mut found, 0).unwrap_or(0);
    String::from_utf8_lossy(found.get(..len).unwrap_or_default()).into_owned()
}

/// The directory that holds the entry of `path`; "." for a bare name.
fn parent_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
        _ => PathBuf::from("."),
    }
}

/// The lock lives as long as the open file.
struct RealLock(#[allow(dead_code, reason = "held for its drop")] fs::File);

impl FileLock for RealLock {}

struct RealFile {
    file: fs::File,
    #[cfg(target_os = "linux")]
    pieces: Pieces,
}

impl RealFile {
    fn new(file: fs::File) -> Self {
        RealFile {
            file,
            #[cfg(target_os = "linux")]
            pieces: Pieces::default(),
        }
    }
}

/// What is written before smaller writes is written a page at a time. Linux keeps in memory what one write brings as one piece, if it
/// can, and ext4 then looks at each block of the piece whenever something is written to it: that made a small write three to ten
/// times as dear.
const PIECE: usize = 4 << 10;

impl File for RealFile {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut done = 0;
        while let Some(rest) = buf.get_mut(done..).filter(|rest| !rest.is_empty()) {
            match self.file.read_at(rest, offset.saturating_add(done as u64)) {
                Ok(0) => break,
                Ok(n) => done += n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(done)
    }

    fn write_at(&self, buf: &[u8], offset: u64) -> io::Result<()> {
        self.file.write_all_at(buf, offset)
    }

    fn prefill_at(&self, buf: &[u8], offset: u64) -> io::Result<()> {
        let mut at = offset;
        for piece in buf.chunks(PIECE) {
            self.file.write_all_at(piece, at)?;
            at = at.saturating_add(piece.len() as u64);
        }
        Ok(())
    }

    #[cfg(target_os = "linux")]
    fn put_at(&self, buf: &[u8], offset: u64) -> io::Result<()> {
        match self.pieces.put(&self.file, buf, offset) {
            true => Ok(()),
            false => self.write_at(buf, offset),
        }
    }

    #[cfg(target_os = "linux")]
    fn put_end(&self) {
        self.pieces.end();
    }

    #[cfg(target_os = "linux")]
    fn sync(&self) -> io::Result<()> {
        self.pieces.around(|| self.file.sync_data())
    }

    #[cfg(not(target_os = "linux"))]
    fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.put_end();
        self.file.set_len(len)
    }
}

struct RealClock;

impl Clock for RealClock {
    fn now(&self) -> i64 {
        let micros = |d: Duration| i64::try_from(d.as_micros()).unwrap_or(i64::MAX);
        let unix = match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(after) => micros(after),
            Err(before) => -micros(before.duration()),
        };
        unix.saturating_sub(EPOCH_2000_US)
    }

    fn monotonic(&self) -> Duration {
        static START: OnceLock<Instant> = OnceLock::new();
        START.get_or_init(Instant::now).elapsed()
    }
}

struct RealThreads;

struct RealThread(JoinHandle<()>);

impl Thread for RealThread {
    fn join(self: Box<Self>) {
        if let Err(panic) = self.0.join() {
            std::panic::resume_unwind(panic);
        }
    }
}

impl Threads for RealThreads {
    fn spawn(&self, name: &str, body: Box<dyn FnOnce() + Send>) -> io::Result<Box<dyn Thread>> {
        // The name is cut at a NUL, which the operating system cannot take.
        let name = name.split('\0').next().unwrap_or_default().to_owned();
        Ok(Box::new(RealThread(std::thread::Builder::new().name(name).spawn(body)?)))
    }

    fn sleep(&self, time: Duration) {
        std::thread::sleep(time);
    }

    fn yield_now(&self) {
        std::thread::yield_now();
    }

    #[cfg(target_os = "linux")]
    fn give_way(&self) {
        // On Linux this is of the thread, not of the process. A refusal leaves it as it is.
        let _ = rustix::process::nice(10);
    }

    fn random(&self) -> u64 {
        // Each RandomState has new keys, which std draws from the operating system.
        RandomState::new().hash_one(0u8)
    }
}
