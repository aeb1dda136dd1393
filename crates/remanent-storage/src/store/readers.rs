//! The slots of followers, and what the writer keeps for them.
//!
//! # Model
//!
//! A process that follows the database has a file in `readers/` and holds its lock. In it stands what it still needs:
//! records of the log above an lsn, the files that the manifest named after a number of its edits (the *generation*, see
//! [`board`](crate::txn::board)), and the large values of rows that its oldest snapshot sees: a blob file that only rows in
//! memory name dies with a record (DROP, TRUNCATE), and the manifest never knew of it. A process that dies lets go of the lock, so nobody waits for the dead:
//! the writer removes their slots when it comes by.
//!
//! ```text
//!   generation   5          6               7
//!   edit         adds 41    adds 42         adds 43, forgets 41 and 42
//!   slot A       needs 5 ───────────────────→ 41 and 42 are kept
//!   slot B                                  needs 7: nothing of that
//! ```
//!
//! The writer looks at the slots only when it has something to remove or to recycle. It keeps at most
//! `follower_budget` bytes for all of them together, files and log; past that the oldest go, and the follower that
//! needed them hears of it (72000) if it does: most likely it was asleep and goes on from the newest state.
//!
//! A slot is registered before its follower reads the manifest, and the writer reads the slots after the manifest has
//! forgotten a file: whoever is not seen there reads a manifest that does not name it.
//!
//! # Format
//!
//! A slot is 48 bytes, little-endian. Anything else in the file: its owner needs everything.
//!
//! | offset | size | field |
//! |---:|---:|---|
//! | 0 | 8 | magic `REMSLOT`, version 2 |
//! | 8 | 8 | the writer's epoch whose generations are meant |
//! | 16 | 8 | the last record that is not needed |
//! | 24 | 8 | the oldest generation whose files are needed |
//! | 32 | 8 | the lsn of the oldest snapshot |
//! | 40 | 4 | zero |
//! | 44 | 4 | CRC-32C of bytes 0..44 |

use super::Inner;
use crate::error::Result;
use crate::segment::blob;
use crate::table::files;
use crate::world::{File, FileLock, OpenMode, World, join, mutation};
use crate::{Epoch, Lsn};
use rustc_hash::FxHashMap;
use std::collections::VecDeque;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The folder of the slots.
pub(super) const FOLDER: &str = "readers";

const MAGIC: [u8; 8] = *b"REMSLOT\x02";
const SLOT: usize = 48;

/// What a follower needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Needs {
    /// Whose generations are meant.
    pub epoch: Epoch,
    /// The last record that it does not need.
    pub lsn: Lsn,
    /// The oldest generation whose files it needs.
    pub generation: u64,
    /// The oldest snapshot that it reads from.
    pub snapshot: Lsn,
}

impl Needs {
    const EVERYTHING: Needs = Needs { epoch: 0, lsn: 0, generation: 0, snapshot: 0 };

    fn encode(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        for field in [self.epoch, self.lsn, self.generation, self.snapshot] {
            bytes.extend_from_slice(&field.to_le_bytes());
        }
        bytes.extend_from_slice(&[0; 4]);
        bytes.extend_from_slice(&crc32c::crc32c(&bytes).to_le_bytes());
        bytes
    }

    fn decode(bytes: &[u8; SLOT]) -> Option<Needs> {
        let (body, crc) = bytes.split_last_chunk::<4>()?;
        if crc32c::crc32c(body).to_le_bytes() != *crc || !body.starts_with(&MAGIC) {
            return None;
        }
        let word = |i: usize| body.get(8 * i..)?.first_chunk().map(|b| u64::from_le_bytes(*b));
        Some(Needs { epoch: word(1)?, lsn: word(2)?, generation: word(3)?, snapshot: word(4)? })
    }
}

/// A follower's place in `readers/`, held until dropped.
pub(super) struct Slot {
    world: World,
    path: PathBuf,
    file: Arc<dyn File>,
    told: Needs,
    _lock: Box<dyn FileLock>,
}

impl Slot {
    /// Registers; None where nothing can be written: then nothing is kept for this follower.
    pub fn take(world: &World, dir: &Path) -> Option<Slot> {
        let folder = dir.join(FOLDER);
        for _ in 0..8 {
            let process = world.threads.process();
            let path = join(&folder, &format!("{process}-{:016x}", world.random()));
            let lock = match world.disk.lock(&path, &process.to_string()) {
                Ok(lock) => lock,
                // A writer that came by has it, to remove a dead one's.
                Err(e) if e.kind() == ErrorKind::WouldBlock => continue,
                Err(_) => return None,
            };
            // A writer that came by before the lock was held has taken it for a dead one's.
            if let Ok(file) = world.disk.open(&path, OpenMode::ReadWrite) {
                let (world, told) = (world.clone(), Needs::EVERYTHING);
                return Some(Slot { world, path, file, told, _lock: lock });
            }
        }
        None
    }

    /// Says what is needed from now on.
    pub fn tell(&mut self, needs: Needs) {
        if needs != self.told && self.file.write_at(&needs.encode(), 0).is_ok() {
            self.told = needs;
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let _ = self.world.disk.remove(&self.path);
    }
}

/// What the followers that live need; removes the slots of the dead.
pub(super) fn survey(world: &World, dir: &Path) -> Vec<Needs> {
    let disk = &world.disk;
    let folder = dir.join(FOLDER);
    let slots = disk.list(&folder).unwrap_or_default();
    let mut needs = Vec::new();
    for slot in slots {
        let path = join(&folder, &slot.name);
        // Locked while it is removed, so that it is not just being registered.
        if let Ok(None) = disk.holder(&path)
            && let Ok(_dead) = disk.lock(&path, "")
        {
            let _ = disk.remove(&path);
            continue;
        }
        let mut bytes = [0; SLOT];
        let read = disk.open(&path, OpenMode::Read).and_then(|file| file.read_exact_at(&mut bytes, 0));
        let said = read.ok().and_then(|()| Needs::decode(&bytes));
        needs.push(said.unwrap_or(Needs::EVERYTHING));
    }
    needs
}

/// A file that the manifest has forgotten, or that rows named which are gone.
pub(super) struct Kept {
    /// Followers of this generation and later ones do not know it.
    pub generation: u64,
    /// Snapshots of this record and later ones do not see it; 0: the generation says all.
    pub lsn: Lsn,
    pub path: PathBuf,
    pub bytes: u64,
}

/// What is kept for followers.
#[derive(Default)]
pub(super) struct Keep {
    /// By generation.
    pub files: VecDeque<Kept>,
    /// Up to where the log was given back.
    pub recycled: Lsn,
    /// Bytes of log above that and up to the floor.
    pub log: u64,
}

impl Keep {
    fn bytes(&self) -> u64 {
        self.log + self.files.iter().map(|kept| kept.bytes).sum::<u64>()
    }
}

impl Inner {
    /// What living followers need. None: there are none.
    fn followers(&self) -> Option<Needs> {
        let epoch = self.core.log.as_ref().map_or(0, |log| log.epoch());
        let needs = survey(&self.core.world, &self.core.dir);
        if mutation("ignore_readers") {
            return None;
        }
        // Generations of another life say nothing here: whoever still needs those needs all that was left then.
        let generation = |n: &Needs| if n.epoch == epoch { n.generation } else { 0 };
        Some(Needs {
            epoch,
            lsn: needs.iter().map(|n| n.lsn).min()?,
            generation: needs.iter().map(generation).min()?,
            snapshot: needs.iter().map(|n| n.snapshot).min()?,
        })
    }

    /// Notices followers that came or left, and tells them where the writer is.
    pub(super) fn tend_followers(&self) {
        let Some(board) = &self.core.board else { return };
        board.recount(&|| !survey(&self.core.world, &self.core.dir).is_empty());
        if board.behind(self.core.snapshots.published()) {
            self.core.announce();
        }
    }

    /// Removes files that the manifest has forgotten and nobody reads any more, in this process or another.
    pub(super) fn remove_retired(&self) {
        let retired = std::mem::take(&mut *self.core.retired.lock());
        let blobs = self.dead_blobs();
        let published = self.core.snapshots.published();
        let mut files = std::mem::take(&mut self.keep.lock().files);
        if retired.is_empty() && blobs.is_empty() && files.is_empty() {
            return;
        }
        let generation = self.core.board.as_ref().map_or(0, |board| board.generation());
        let followers = self.followers();
        let fresh = retired.len() + blobs.len() > 0;
        let sizes = if followers.is_some() && fresh { self.sizes() } else { FxHashMap::default() };
        let retired = retired.into_iter().map(|path| (0, path));
        files.extend(retired.chain(blobs.into_iter().map(|path| (published, path))).map(|(lsn, path)| {
            let bytes = path.file_name().and_then(|name| sizes.get(&*name.to_string_lossy()));
            Kept { generation, lsn, bytes: bytes.copied().unwrap_or(0), path }
        }));
        let needed = |kept: &Kept| {
            followers.is_some_and(|needs| needs.generation < kept.generation || needs.snapshot < kept.lsn)
        };
        let (mut keep, gone): (VecDeque<Kept>, VecDeque<Kept>) = files.into_iter().partition(needed);
        let mut bytes = self.keep.lock().log + keep.iter().map(|kept| kept.bytes).sum::<u64>();
        for kept in gone {
            self.remove(&kept.path);
        }
        while bytes > self.core.tuning.limits().follower_budget
            && let Some(oldest) = keep.pop_front()
        {
            bytes -= oldest.bytes;
            self.remove(&oldest.path);
        }
        let mut kept = self.keep.lock();
        keep.append(&mut kept.files);
        kept.files = keep;
    }

    fn remove(&self, path: &Path) {
        // What cannot be removed now is an orphan, which the next open removes.
        let _ = self.core.world.disk.remove(path);
    }

    /// Files of large values that no row names any more. What deleted the rows is durable first: else a crash would bring
    /// them back without their values.
    fn dead_blobs(&self) -> Vec<PathBuf> {
        let Some(log) = self.core.log.as_ref().filter(|_| !self.core.is_broken()) else { return Vec::new() };
        let dead = self.core.blobs.take_dead();
        if dead.is_empty() || log.sync_all().is_ok() { dead } else { Vec::new() }
    }

    /// The lengths of the files in `seg/` and `blob/`, by name.
    fn sizes(&self) -> FxHashMap<String, u64> {
        let folder = |name: &str| self.core.world.disk.list(&self.core.dir.join(name)).unwrap_or_default();
        let entries = folder(files::FOLDER).into_iter().chain(folder(blob::FOLDER));
        entries.map(|entry| (entry.name, entry.len)).collect()
    }

    /// Gives back the log up to the floor, but for what followers need of it.
    pub(super) fn recycle_log(&self, floor: Lsn) -> Result<()> {
        let Some(log) = &self.core.log else { return Ok(()) };
        if self.keep.lock().recycled >= floor {
            return Ok(());
        }
        let needs = self.followers().filter(|_| !mutation("recycle_past_followers"));
        let held = needs.map_or(floor, |needs| needs.lsn.min(floor));
        let bytes = log.bytes_since(held).saturating_sub(log.bytes_since(floor));
        let over = {
            let mut keep = self.keep.lock();
            keep.log = bytes;
            let over = keep.bytes() > self.core.tuning.limits().follower_budget;
            if over {
                keep.log = 0;
            }
            over
        };
        let upto = if over { floor } else { held };
        log.recycle(upto)?;
        self.keep.lock().recycled = upto;
        Ok(())
    }
}

/// Files that are left over when a database is opened: whoever followed the life before may still read them.
pub(super) fn leftovers(world: &World, dir: &Path, orphans: Vec<PathBuf>) -> VecDeque<Kept> {
    if orphans.is_empty() || (survey(world, dir).is_empty() || mutation("ignore_readers")) {
        for path in orphans {
            let _ = world.disk.remove(&path);
        }
        return VecDeque::new();
    }
    let size = |path: &Path| world.disk.open(path, OpenMode::Read).and_then(|file| file.len()).unwrap_or(0);
    orphans.into_iter().map(|path| Kept { generation: 1, lsn: 0, bytes: size(&path), path }).collect()
}
