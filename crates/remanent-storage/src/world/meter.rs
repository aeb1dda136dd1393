//! Counting what is written, for people whose cards wear out.
//!
//! One disk around the real one, through which all files of a store are written, so that no write is forgotten. What a
//! write is for follows from the folder of its file; who writes segments says so ([`Meter::world_for`]).
//!
//! ```text
//!   wal/…  log      seg/…  flush, merge or load      blob/…  blobs      MANIFEST  manifest      all else  other
//! ```
//!
//! Counted are bytes that were handed to the system, and that it accepted: the zeros of a log file made in advance, and
//! what a failed commit takes back, too. What a device makes of them (whole blocks, its own moves) no program can know.

use super::{Disk, Entry, File, FileLock, OpenMode, World};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What bytes are written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The log.
    Log,
    /// Hot rows becoming cold segments, and their delete marks.
    Flush,
    /// Cold segments becoming fewer.
    Merge,
    /// Segments of bulk loads and large transactions.
    Load,
    /// Large values.
    Blobs,
    /// Which files there are.
    Manifest,
    /// Spills, backups, announcements to other processes.
    Other,
}

/// Bytes written, by purpose.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    /// The log.
    pub log: u64,
    /// Flushes: rows leaving memory, and delete marks.
    pub flush: u64,
    /// Merges.
    pub merge: u64,
    /// Bulk loads and large transactions.
    pub load: u64,
    /// Large values.
    pub blobs: u64,
    /// The manifest.
    pub manifest: u64,
    /// Everything else: spills, backups, announcements.
    pub other: u64,
}

impl Written {
    /// All of it.
    pub fn total(&self) -> u64 {
        self.each().into_iter().fold(0, |sum, (_, bytes)| sum.saturating_add(bytes))
    }

    /// Each with its name. The order is persisted in the manifest: append only.
    pub fn each(&self) -> [(&'static str, u64); 7] {
        [
            ("log", self.log),
            ("flush", self.flush),
            ("merge", self.merge),
            ("load", self.load),
            ("blobs", self.blobs),
            ("manifest", self.manifest),
            ("other", self.other),
        ]
    }

    /// Of numbers in the order of [`each`](Written::each); those that are missing are 0.
    pub fn of(numbers: &[u64]) -> Self {
        let at = |i: usize| numbers.get(i).copied().unwrap_or(0);
        Written {
            log: at(0),
            flush: at(1),
            merge: at(2),
            load: at(3),
            blobs: at(4),
            manifest: at(5),
            other: at(6),
        }
    }

    /// The sums.
    pub fn and(&self, other: &Written) -> Self {
        let (a, b) = (self.each(), other.each());
        Written::of(&a.iter().zip(b).map(|(a, b)| a.1.saturating_add(b.1)).collect::<Vec<_>>())
    }
}

/// The counters of one opening of a store.
pub struct Meter {
    /// The disk that is not counted.
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    counts: [AtomicU64; 7],
}

impl Meter {
    /// Counters for the store in that directory.
    pub fn new(world: &World, dir: &Path) -> Arc<Self> {
        Arc::new(Meter { disk: Arc::clone(&world.disk), dir: dir.to_path_buf(), counts: Default::default() })
    }

    /// The world with a disk that counts.
    pub fn world(self: &Arc<Self>, world: &World) -> World {
        self.world_for(world, Purpose::Load)
    }

    /// The same for someone who writes segments for that purpose.
    pub fn world_for(self: &Arc<Self>, world: &World, segments: Purpose) -> World {
        World { disk: Arc::new(Metered { meter: Arc::clone(self), segments }), ..world.clone() }
    }

    /// What was written so far.
    pub fn written(&self) -> Written {
        let counts: Vec<u64> = self.counts.iter().map(|count| count.load(Ordering::Relaxed)).collect();
        Written::of(&counts)
    }

    fn purpose(&self, path: &Path, segments: Purpose) -> Purpose {
        let Ok(inside) = path.strip_prefix(&self.dir) else { return Purpose::Other };
        match inside.iter().next().and_then(|first| first.to_str()) {
            Some("wal") => Purpose::Log,
            Some("seg") => segments,
            Some("blob") => Purpose::Blobs,
            Some(name) if name.starts_with("MANIFEST") => Purpose::Manifest,
            _ => Purpose::Other,
        }
    }
}

/// A disk that counts what is written through it.
struct Metered {
    meter: Arc<Meter>,
    segments: Purpose,
}

impl Disk for Metered {
    fn create_dir(&self, path: &Path) -> io::Result<()> {
        self.meter.disk.create_dir(path)
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<Entry>> {
        self.meter.disk.list(dir)
    }

    fn exists(&self, path: &Path) -> io::Result<bool> {
        self.meter.disk.exists(path)
    }

    fn open(&self, path: &Path, mode: OpenMode) -> io::Result<Arc<dyn File>> {
        let file = self.meter.disk.open(path, mode)?;
        if mode == OpenMode::Read {
            return Ok(file);
        }
        let place = self.meter.purpose(path, self.segments) as usize;
        Ok(Arc::new(MeteredFile { file, meter: Arc::clone(&self.meter), place }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.meter.disk.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.meter.disk.remove(path)
    }

    fn hard_link(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.meter.disk.hard_link(from, to)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        self.meter.disk.sync_dir(dir)
    }

    fn lock(&self, path: &Path, holder: &str) -> io::Result<Box<dyn FileLock>> {
        self.meter.disk.lock(path, holder)
    }

    fn holder(&self, path: &Path) -> io::Result<Option<String>> {
        self.meter.disk.holder(path)
    }

    fn free_space(&self, path: &Path) -> io::Result<Option<u64>> {
        self.meter.disk.free_space(path)
    }
}

struct MeteredFile {
    file: Arc<dyn File>,
    meter: Arc<Meter>,
    place: usize,
}

impl MeteredFile {
    fn count(&self, bytes: usize) {
        if let Some(count) = self.meter.counts.get(self.place) {
            count.fetch_add(bytes as u64, Ordering::Relaxed);
        }
    }
}

impl File for MeteredFile {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        self.file.read_at(buf, offset)
    }

    fn write_at(&self, buf: &[u8], offset: u64) -> io::Result<()> {
        self.file.write_at(buf, offset)?;
        self.count(buf.len());
        Ok(())
    }

    fn prefill_at(&self, buf: &[u8], offset: u64) -> io::Result<()> {
        self.file.prefill_at(buf, offset)?;
        self.count(buf.len());
        Ok(())
    }

    fn put_at(&self, buf: &[u8], offset: u64) -> io::Result<()> {
        self.file.put_at(buf, offset)?;
        self.count(buf.len());
        Ok(())
    }

    fn put_end(&self) {
        self.file.put_end();
    }

    fn sync(&self) -> io::Result<()> {
        self.file.sync()
    }

    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.file.set_len(len)
    }
}
