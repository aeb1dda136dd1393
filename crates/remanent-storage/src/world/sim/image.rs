//! What a disk holds: bytes, names, and which of both would survive a power loss.
//!
//! The model of one file, in the order of time:
//!
//! ```text
//!   durable ----- changes since the last sync, oldest first -----> now
//!             write 0..512 | write 512..1500 | length 4096 | ...
//! ```
//!
//! Reads see `now`. A sync makes `durable` equal to `now`. A power loss keeps `durable` and, of each 512-byte
//! sector that a later write touched, its state after *some* of these writes: none, all, or the first few; each
//! sector chooses apart, so writes are torn and survive out of order. Names (creations, renames, removals) live the
//! same life per directory, apart from the files they name.
//!
//! Limits: a sector that loses power mid-write holds a prefix of the new bytes, then the old ones; it is never
//! unreadable and never loses bytes that were not being written. A directory is durable once created.

use super::rng::Rng;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a device writes as one.
const SECTOR: u64 = 512;
/// What the simulated disk allocates, and what two forks share.
pub(super) const PAGE: usize = 4096;

/// What becomes of the unsynced at a power loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Survival {
    /// Nothing unsynced survives.
    Nothing,
    /// Everything does, as when only the process dies.
    Everything,
    /// The seed decides: nothing, everything, the first few changes, or any mixture of sectors.
    Seeded,
}

/// A sparse array of bytes; clones share their pages.
#[derive(Clone, Default)]
pub(super) struct Bytes {
    pages: BTreeMap<u64, Arc<[u8; PAGE]>>,
    len: u64,
}

/// The pieces of `offset..offset + len` that lie in one unit of `size` bytes each: unit, start in it, length.
fn pieces(offset: u64, len: usize, size: u64) -> impl Iterator<Item = (u64, usize, usize)> {
    let end = offset + len as u64;
    let mut at = offset;
    std::iter::from_fn(move || {
        let unit = at / size;
        let upto = end.min((unit + 1) * size);
        let piece = (unit, (at % size) as usize, (upto - at) as usize);
        let some = at < end;
        at = upto;
        some.then_some(piece)
    })
}

impl Bytes {
    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// Bytes that it takes on the device.
    pub(super) fn allocated(&self) -> u64 {
        (self.pages.len() * PAGE) as u64
    }

    /// Bytes that a write there would newly take.
    pub(super) fn would_allocate(&self, offset: u64, len: usize) -> u64 {
        let Some(last) = (len as u64).checked_sub(1).map(|more| offset + more) else { return 0 };
        let pages = offset / PAGE as u64..=last / PAGE as u64;
        let wanted = pages.end() - pages.start() + 1;
        (wanted - self.pages.range(pages).count() as u64) * PAGE as u64
    }

    pub(super) fn read(&self, buf: &mut [u8], offset: u64) -> usize {
        let len = (self.len.saturating_sub(offset)).min(buf.len() as u64) as usize;
        let mut done = 0;
        for (page, start, count) in pieces(offset, len, PAGE as u64) {
            let to = &mut buf[done..done + count];
            match self.pages.get(&page) {
                Some(page) => to.copy_from_slice(&page[start..start + count]),
                None => to.fill(0),
            }
            done += count;
        }
        len
    }

    pub(super) fn write(&mut self, data: &[u8], offset: u64) {
        let mut done = 0;
        for (page, start, count) in pieces(offset, data.len(), PAGE as u64) {
            let page = self.pages.entry(page).or_insert_with(|| Arc::new([0; PAGE]));
            Arc::make_mut(page)[start..start + count].copy_from_slice(&data[done..done + count]);
            done += count;
        }
        if !data.is_empty() {
            self.len = self.len.max(offset + data.len() as u64);
        }
    }

    pub(super) fn set_len(&mut self, len: u64) {
        if len < self.len {
            self.pages.split_off(&len.div_ceil(PAGE as u64));
            if let Some(page) = self.pages.get_mut(&(len / PAGE as u64)) {
                Arc::make_mut(page)[(len % PAGE as u64) as usize..].fill(0);
            }
        }
        self.len = len;
    }

    pub(super) fn to_vec(&self) -> Vec<u8> {
        let mut all = vec![0; self.len as usize];
        self.read(&mut all, 0);
        all
    }
}

/// One thing done to a file since its last sync.
#[derive(Clone)]
enum Change {
    Write { offset: u64, data: Arc<[u8]> },
    Len(u64),
}

/// One file, whatever its name.
#[derive(Clone, Default)]
pub(super) struct Inode {
    /// Its newest name; what it was called when it has none any more.
    pub(super) name: PathBuf,
    now: Bytes,
    durable: Bytes,
    unsynced: Vec<Change>,
    /// How many handles are open on it.
    pub(super) open: u32,
}

impl Inode {
    pub(super) fn new(name: &Path) -> Inode {
        Inode { name: name.to_owned(), ..Inode::default() }
    }

    pub(super) fn now(&self) -> &Bytes {
        &self.now
    }

    pub(super) fn durable(&self) -> &Bytes {
        &self.durable
    }

    pub(super) fn write(&mut self, data: &[u8], offset: u64) {
        self.now.write(data, offset);
        self.unsynced.push(Change::Write { offset, data: data.into() });
    }

    pub(super) fn set_len(&mut self, len: u64) {
        self.now.set_len(len);
        self.unsynced.push(Change::Len(len));
    }

    /// Changes what is on the device behind everybody's back.
    pub(super) fn tamper(&mut self, change: impl Fn(&mut Bytes)) {
        change(&mut self.now);
        change(&mut self.durable);
    }

    /// Everything written is durable now.
    pub(super) fn sync(&mut self) {
        for change in self.unsynced.drain(..) {
            match change {
                Change::Len(len) => self.durable.set_len(len),
                Change::Write { offset, data } => {
                    // What the file holds there now is the sum of all changes; the pages can be shared.
                    for (page, ..) in pieces(offset, data.len(), PAGE as u64) {
                        match self.now.pages.get(&page) {
                            Some(now) => self.durable.pages.insert(page, Arc::clone(now)),
                            None => self.durable.pages.remove(&page),
                        };
                    }
                }
            }
        }
        self.durable.len = self.now.len;
    }

    /// A sync that failed: some of the changes reached the device, and the rest never will, although reads go on
    /// to see them. (Linux marks the pages clean; see "PostgreSQL's fsync surprise", LWN 2018. As there,
    /// a later write to the same 4 KB page takes the whole page along.)
    pub(super) fn sync_failed(&mut self, rng: &mut Rng) {
        let unsynced = std::mem::take(&mut self.unsynced);
        let survival = if rng.one_in(3) { Survival::Nothing } else { Survival::Seeded };
        self.durable = survivors(std::mem::take(&mut self.durable), &unsynced, survival, rng);
    }

    /// The power is gone and back.
    pub(super) fn power_loss(&mut self, survival: Survival, rng: &mut Rng) {
        let unsynced = std::mem::take(&mut self.unsynced);
        self.durable = survivors(std::mem::take(&mut self.durable), &unsynced, survival, rng);
        self.now = self.durable.clone();
        self.open = 0;
    }
}

/// What a file holds after a power loss.
fn survivors(durable: Bytes, unsynced: &[Change], survival: Survival, rng: &mut Rng) -> Bytes {
    let all = unsynced.len();
    match survival {
        Survival::Nothing => durable,
        Survival::Everything => first_of(durable, unsynced, all, rng),
        Survival::Seeded => match rng.below(8) {
            0 => durable,
            1 => first_of(durable, unsynced, all, rng),
            2 | 3 => {
                let count = rng.below(all as u64 + 1) as usize;
                first_of(durable, unsynced, count, rng)
            }
            _ => scattered(durable, unsynced, rng),
        },
    }
}

/// The first `count` changes in order, then the next one torn at any byte.
fn first_of(mut bytes: Bytes, unsynced: &[Change], count: usize, rng: &mut Rng) -> Bytes {
    for (i, change) in unsynced.iter().enumerate().take(count + 1) {
        match change {
            Change::Write { offset, data } if i < count => bytes.write(data, *offset),
            Change::Write { offset, data } => {
                let torn = rng.below(data.len() as u64 + 1) as usize;
                bytes.write(&data[..torn], *offset);
            }
            Change::Len(len) if i < count => bytes.set_len(*len),
            Change::Len(_) => {}
        }
    }
    bytes
}

/// Each sector in the state after some of the changes. A truncation is an order: what came after one that did
/// not survive did not survive either.
fn scattered(mut bytes: Bytes, mut unsynced: &[Change], rng: &mut Rng) -> Bytes {
    let mut len = bytes.len;
    loop {
        let shrinks = |change: &Change| {
            let before = len;
            match change {
                Change::Write { offset, data } => len = len.max(*offset + data.len() as u64),
                Change::Len(new) => len = *new,
            }
            len < before
        };
        let Some(i) = unsynced.iter().position(shrinks) else {
            return scattered_growth(bytes, unsynced, rng);
        };
        bytes = scattered_growth(bytes, &unsynced[..i], rng);
        if rng.one_in(2) {
            return bytes;
        }
        bytes.set_len(len);
        unsynced = &unsynced[i + 1..];
    }
}

/// As [`scattered`], for changes that never make the file shorter.
fn scattered_growth(mut bytes: Bytes, unsynced: &[Change], rng: &mut Rng) -> Bytes {
    let all = unsynced.len() as u64;
    let whole_one_in = *rng.pick(&[1, 2, 2, 4]);
    let tears_sectors = rng.one_in(4);
    // How many of the changes each sector saw.
    let mut seen: FxHashMap<u64, u64> = FxHashMap::default();
    let mut len = bytes.len;
    let len_seen = if rng.one_in(2) { all } else { rng.below(all + 1) };
    for (i, change) in unsynced.iter().enumerate() {
        let i = i as u64;
        let end = match change {
            Change::Len(new) => *new,
            Change::Write { offset, data } => {
                let mut done = 0;
                for (sector, start, count) in pieces(*offset, data.len(), SECTOR) {
                    let choose = |rng: &mut Rng| match rng.one_in(whole_one_in) {
                        true => all,
                        false => rng.below(all + 1),
                    };
                    let cut = *seen.entry(sector).or_insert_with(|| choose(rng));
                    let count_seen = match i {
                        _ if i < cut => count,
                        _ if i == cut && tears_sectors => rng.below(count as u64 + 1) as usize,
                        _ => 0,
                    };
                    bytes.write(&data[done..done + count_seen], sector * SECTOR + start as u64);
                    done += count;
                }
                *offset + data.len() as u64
            }
        };
        if i < len_seen {
            len = len.max(end);
        }
    }
    bytes.set_len(len);
    bytes
}

/// One thing done to the names of a directory since its last sync.
#[derive(Clone)]
enum NameChange {
    Link { path: PathBuf, inode: u64 },
    Rename { from: PathBuf, to: PathBuf, inode: u64 },
    Unlink { path: PathBuf },
}

impl NameChange {
    fn is_in(&self, dir: &Path) -> bool {
        match self {
            NameChange::Link { path, .. } | NameChange::Unlink { path } => path.parent() == Some(dir),
            NameChange::Rename { from, to, .. } => from.parent() == Some(dir) || to.parent() == Some(dir),
        }
    }

    fn apply(&self, names: &mut BTreeMap<PathBuf, u64>) {
        match self {
            NameChange::Link { path, inode } => {
                names.insert(path.clone(), *inode);
            }
            NameChange::Rename { from, to, inode } => {
                names.remove(from);
                names.insert(to.clone(), *inode);
            }
            NameChange::Unlink { path } => {
                names.remove(path);
            }
        }
    }
}

/// Which name means which file.
#[derive(Clone, Default)]
pub(super) struct Names {
    now: BTreeMap<PathBuf, u64>,
    durable: BTreeMap<PathBuf, u64>,
    unsynced: Vec<NameChange>,
}

impl Names {
    pub(super) fn get(&self, path: &Path) -> Option<u64> {
        self.now.get(path).copied()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&PathBuf, u64)> {
        self.now.iter().map(|(path, inode)| (path, *inode))
    }

    pub(super) fn get_durable(&self, path: &Path) -> Option<u64> {
        self.durable.get(path).copied()
    }

    /// Every file that has a name, or had one that a power loss may bring back.
    pub(super) fn reachable(&self) -> FxHashSet<u64> {
        let unsynced = self.unsynced.iter().filter_map(|change| match change {
            NameChange::Link { inode, .. } | NameChange::Rename { inode, .. } => Some(inode),
            NameChange::Unlink { .. } => None,
        });
        self.now.values().chain(self.durable.values()).chain(unsynced).copied().collect()
    }

    pub(super) fn link(&mut self, path: &Path, inode: u64) {
        self.change(NameChange::Link { path: path.to_owned(), inode });
    }

    pub(super) fn rename(&mut self, from: &Path, to: &Path, inode: u64) {
        self.change(NameChange::Rename { from: from.to_owned(), to: to.to_owned(), inode });
    }

    pub(super) fn unlink(&mut self, path: &Path) {
        self.change(NameChange::Unlink { path: path.to_owned() });
    }

    fn change(&mut self, change: NameChange) {
        change.apply(&mut self.now);
        self.unsynced.push(change);
    }

    /// What was done to the names of `dir` is durable now.
    pub(super) fn sync(&mut self, dir: &Path) {
        let durable = &mut self.durable;
        self.unsynced.retain(|change| {
            let synced = change.is_in(dir);
            if synced {
                change.apply(durable);
            }
            !synced
        });
    }

    /// A sync of a directory that failed: some of it is durable, the rest never will be.
    pub(super) fn sync_failed(&mut self, dir: &Path, rng: &mut Rng) {
        let durable = &mut self.durable;
        self.unsynced.retain(|change| {
            let tried = change.is_in(dir);
            if tried && rng.one_in(2) {
                change.apply(durable);
            }
            !tried
        });
    }

    /// The power is gone and back.
    pub(super) fn power_loss(&mut self, survival: Survival, rng: &mut Rng) {
        let unsynced = std::mem::take(&mut self.unsynced);
        let all = unsynced.len() as u64;
        let (first, one_in) = match (survival, rng.below(4)) {
            (Survival::Nothing, _) | (Survival::Seeded, 0) => (0, 0),
            (Survival::Everything, _) | (Survival::Seeded, 1) => (all, 0),
            (Survival::Seeded, 2) => (rng.below(all + 1), 0),
            (Survival::Seeded, _) => (0, 2),
        };
        for (i, change) in unsynced.iter().enumerate() {
            if (i as u64) < first || rng.one_in(one_in) {
                change.apply(&mut self.durable);
            }
        }
        self.now = self.durable.clone();
    }
}
