//! A disk in memory that does what disks do: it forgets, tears, fails, fills up and rots, when the seed or the test
//! says so.
//!
//! ```
//! use remanent_storage::world::sim::{Fault, Op, SimDisk, Survival};
//! use remanent_storage::world::{Disk, OpenMode};
//! use std::path::Path;
//!
//! let disk = SimDisk::new(1);
//! disk.create_dir(Path::new("/db"))?;
//! let file = disk.open(Path::new("/db/a"), OpenMode::CreateNew)?;
//! file.write_at(b"kept", 0)?;
//! file.sync()?;
//! disk.sync_dir(Path::new("/db"))?;
//! file.write_at(b"lost", 4)?;
//! disk.crash_with(Survival::Nothing);
//! assert!(file.read_at(&mut [0; 4], 0).is_err()); // a handle does not outlive the power
//! assert_eq!(disk.contents("/db/a").unwrap(), b"kept");
//!
//! disk.inject(Fault::on(Op::Sync)); // the next sync fails
//! let file = disk.open(Path::new("/db/a"), OpenMode::ReadWrite)?;
//! assert!(file.sync().is_err());
//! assert!(file.sync().is_ok()); // and the next one lies: what the first dropped stays lost
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! What survives a power loss is said in `image`. Every call panics if the thread holds a lock of
//! [`sync`](crate::world::sync) (design rule 10), and is a point where the simulated scheduler may switch.
#![allow(clippy::disallowed_types, reason = "the simulator stands on std")]

mod fault;
mod file;

pub use fault::{Counters, Fault, Op};

use super::image::{Inode, Names, Survival};
use super::rng::Rng;
use super::scheduler;
use crate::world::sync::assert_unlocked;
use crate::world::{Disk, Entry, File, FileLock, OpenMode};
use file::{SimFile, SimLock};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What every call says between the moment the power goes and [`SimDisk::crash`].
pub const POWER_LOSS: &str = "simulated power loss";

/// A simulated disk. Clones are the same disk; [`fork`](SimDisk::fork) makes another, and
/// [`process`](SimDisk::process) is the same one as another process sees it.
#[derive(Clone)]
pub struct SimDisk {
    process: u32,
    state: Arc<Mutex<State>>,
    hook: Arc<Mutex<Option<Hook>>>,
}

/// What is to be done before a call, and how many calls come first.
struct Hook {
    of: String,
    calls: u64,
    body: Box<dyn FnOnce() + Send>,
}

#[derive(Clone)]
struct State {
    rng: Rng,
    inodes: BTreeMap<u64, Inode>,
    inode_next: u64,
    names: Names,
    dirs: BTreeSet<PathBuf>,
    /// Who holds which lock: its process, and the number of the guard.
    locks: BTreeMap<PathBuf, (u32, u64)>,
    lock_next: u64,
    /// Processes that were killed in this life.
    dead: BTreeSet<u32>,
    /// Rises with every crash and restart; handles of an earlier one are dead.
    life: u64,
    powered: bool,
    /// The power goes at the change of this number.
    crash_at: Option<u64>,
    faults: Vec<Fault>,
    capacity: u64,
    syncs_lie: bool,
    counters: Counters,
}

/// What is to become of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Succeeds,
    /// A fault is planted here.
    Fails,
    /// It is done, but the power goes before anybody hears of it.
    Unheard,
}

fn power_loss() -> Error {
    Error::other(POWER_LOSS)
}

fn planted(op: Op, path: &Path) -> Error {
    Error::other(format!("simulated fault: {op:?} of {}", path.display()))
}

/// Without "." components and trailing slashes, so that equal paths compare equal.
fn clean(path: &Path) -> PathBuf {
    path.components().collect()
}

impl SimDisk {
    /// An empty disk.
    pub fn new(seed: u64) -> SimDisk {
        let state = State {
            rng: Rng::new(seed ^ 0xd15c_d15c_d15c_d15c),
            inodes: BTreeMap::new(),
            inode_next: 1,
            names: Names::default(),
            dirs: [PathBuf::from("/"), PathBuf::new()].into(),
            locks: BTreeMap::new(),
            lock_next: 0,
            dead: BTreeSet::new(),
            life: 0,
            powered: true,
            crash_at: None,
            faults: Vec::new(),
            capacity: 1 << 40,
            syncs_lie: false,
            counters: Counters::default(),
        };
        SimDisk { process: 0, state: Arc::new(Mutex::new(state)), hook: Arc::default() }
    }

    fn lock_state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A copy of everything, unsynced changes included, that goes on apart and draws from another seed. Handles
    /// and file locks stay with the original, as after [`restart`](SimDisk::restart).
    pub fn fork(&self, seed: u64) -> SimDisk {
        let mut state = self.lock_state().clone();
        state.rng = Rng::new(seed ^ 0xd15c_d15c_d15c_d15c);
        state.end_life();
        SimDisk { process: 0, state: Arc::new(Mutex::new(state)), hook: Arc::default() }
    }

    /// The same disk, as the process of that number sees it; the others go on when it is [killed](SimDisk::kill).
    pub fn process(&self, process: u32) -> SimDisk {
        SimDisk { process, ..self.clone() }
    }

    /// Kills a process: its locks are free, its handles dead, and each of its later calls fails. What it has written
    /// is there for the others. A crash or a restart lets its number be used again.
    pub fn kill(&self, process: u32) {
        let mut st = self.lock_state();
        st.dead.insert(process);
        st.locks.retain(|_, (holder, _)| *holder != process);
    }

    /// Pulls the plug and puts it back: the seed decides what of the unsynced survives. Handles and file locks
    /// are gone, planted faults too.
    pub fn crash(&self) {
        self.crash_with(Survival::Seeded);
    }

    /// As [`crash`](SimDisk::crash), and the caller says what survives.
    pub fn crash_with(&self, survival: Survival) {
        let mut st = self.lock_state();
        let State { rng, inodes, names, .. } = &mut *st;
        for inode in inodes.values_mut() {
            inode.power_loss(survival, rng);
        }
        names.power_loss(survival, rng);
        for (path, inode) in names.iter() {
            if let Some(inode) = inodes.get_mut(&inode) {
                inode.name.clone_from(path);
            }
        }
        st.end_life();
        st.forget_unreachable();
    }

    /// Kills the process and lets it start again: handles, file locks and planted faults are gone; every
    /// completed write is still there, though no more durable than before.
    pub fn restart(&self) {
        self.lock_state().end_life();
    }

    /// The power goes at the `n`-th change from now (0: the next): that call may or may not take effect, and from
    /// there on every call fails with [`POWER_LOSS`] until [`crash`](SimDisk::crash) or
    /// [`restart`](SimDisk::restart).
    pub fn crash_after(&self, n: u64) {
        let mut st = self.lock_state();
        st.crash_at = Some(st.counters.changes + n);
    }

    /// Runs `body` once, after `calls` more calls on paths that contain `of` and before the next takes effect, in the
    /// thread that makes that call: something else that happens right there. It must not wait for that thread.
    pub fn hook(&self, of: &str, calls: u64, body: impl FnOnce() + Send + 'static) {
        let hook = Hook { of: of.to_owned(), calls, body: Box::new(body) };
        *self.hook.lock().unwrap_or_else(PoisonError::into_inner) = Some(hook);
    }

    /// Takes back what [`hook`](SimDisk::hook) planted; false if it has run.
    pub fn unhook(&self) -> bool {
        self.hook.lock().unwrap_or_else(PoisonError::into_inner).take().is_some()
    }

    fn run_hook(&self, path: &Path) {
        let due = {
            let mut hook = self.hook.lock().unwrap_or_else(PoisonError::into_inner);
            match hook.as_mut().filter(|hook| path.to_string_lossy().contains(&hook.of)) {
                Some(Hook { calls: 0, .. }) => hook.take(),
                Some(Hook { calls, .. }) => {
                    *calls -= 1;
                    None
                }
                None => None,
            }
        };
        if let Some(hook) = due {
            (hook.body)();
        }
    }

    /// True while the power is there.
    pub fn is_powered(&self) -> bool {
        self.lock_state().powered
    }

    /// Plants a fault. A failed write may have written some of its bytes; a failed sync has made some of what
    /// was unsynced durable and forgets that the rest ever needed it.
    pub fn inject(&self, fault: Fault) {
        self.lock_state().faults.push(fault);
    }

    /// How many planted faults have not struck, or strike for ever.
    pub fn faults(&self) -> usize {
        self.lock_state().faults.len()
    }

    /// Digs out all faults that have not struck.
    pub fn clear_faults(&self) {
        self.lock_state().faults.clear();
    }

    /// From now on syncs of files report success and do nothing, as a device with a careless cache does.
    pub fn lie_about_syncs(&self, lie: bool) {
        self.lock_state().syncs_lie = lie;
    }

    /// The size of the device in bytes; pages of 4 KB count once they are written. 1 TB at first.
    pub fn set_capacity(&self, bytes: u64) {
        self.lock_state().capacity = bytes;
    }

    /// Bytes in use, as [`set_capacity`](SimDisk::set_capacity) counts them.
    pub fn used(&self) -> u64 {
        self.lock_state().used()
    }

    /// How often the disk was called so far.
    pub fn counters(&self) -> Counters {
        self.lock_state().counters
    }

    /// All files, in order of their paths.
    pub fn files(&self) -> Vec<PathBuf> {
        self.lock_state().names.iter().map(|(path, _)| path.clone()).collect()
    }

    /// What a file holds, to look at from outside: no call is counted and none fails. None: there is no such file.
    pub fn contents(&self, path: impl AsRef<Path>) -> Option<Vec<u8>> {
        let st = self.lock_state();
        let inode = st.names.get(&clean(path.as_ref()))?;
        Some(st.inodes.get(&inode)?.now().to_vec())
    }

    /// What of a file is sure to survive a power loss now. None: not even its name.
    pub fn durable_contents(&self, path: impl AsRef<Path>) -> Option<Vec<u8>> {
        let st = self.lock_state();
        let inode = st.names.get_durable(&clean(path.as_ref()))?;
        Some(st.inodes.get(&inode)?.durable().to_vec())
    }

    /// Puts a durable file there, with its directory; an existing one is replaced.
    pub fn put(&self, path: impl AsRef<Path>, contents: &[u8]) {
        let path = clean(path.as_ref());
        let mut st = self.lock_state();
        let dir = path.parent().map(Path::to_path_buf).unwrap_or_default();
        st.dirs.extend(dir.ancestors().map(Path::to_path_buf));
        let inode = st.create(&path);
        st.names.sync(&dir);
        if let Some(inode) = st.inodes.get_mut(&inode) {
            inode.write(contents, 0);
            inode.sync();
        }
    }

    /// Flips one bit of a file on the device: bit `bit % 8` of byte `bit / 8`.
    ///
    /// # Panics
    /// If there is no such file or the bit lies beyond its end.
    pub fn flip_bit(&self, path: impl AsRef<Path>, bit: u64) {
        self.tamper(path.as_ref(), |bytes| {
            let mut byte = [0];
            assert_eq!(bytes.read(&mut byte, bit / 8), 1, "bit {bit} lies beyond the end");
            bytes.write(&[byte[0] ^ (1 << (bit % 8))], bit / 8);
        });
    }

    /// Cuts or extends a file on the device.
    ///
    /// # Panics
    /// If there is no such file.
    pub fn truncate(&self, path: impl AsRef<Path>, len: u64) {
        self.tamper(path.as_ref(), |bytes| bytes.set_len(len));
    }

    fn tamper(&self, path: &Path, change: impl Fn(&mut super::image::Bytes)) {
        let mut st = self.lock_state();
        let inode = st.names.get(&clean(path));
        match inode.and_then(|inode| st.inodes.get_mut(&inode)) {
            Some(inode) => inode.tamper(change),
            None => panic!("there is no {} to tamper with", path.display()),
        }
    }

    /// One call: a point where threads may switch, then the verdict, then the effect.
    fn call<R>(
        &self,
        op: Op,
        path: &Path,
        detail: fmt::Arguments<'_>,
        effect: impl FnOnce(&mut State, Verdict) -> Result<R>,
    ) -> Result<R> {
        assert_unlocked(format_args!("{op:?} of {}", path.display()));
        self.run_hook(path);
        let me = scheduler::current();
        if let Some(me) = &me {
            me.disk_call(format_args!("{op:?} {} {detail}", path.display()));
        }
        let result = {
            let mut st = self.lock_state();
            let alive = match st.dead.contains(&self.process) {
                true => Err(Error::other("the simulated process was killed")),
                false => Ok(()),
            };
            alive.and_then(|()| st.verdict(op, path)).and_then(|verdict| match (verdict, op) {
                (Verdict::Fails, op) if !matches!(op, Op::Write | Op::Sync | Op::SyncDir) => {
                    Err(planted(op, path))
                }
                (Verdict::Unheard, _) => {
                    let _ = effect(&mut st, verdict);
                    Err(power_loss())
                }
                _ => effect(&mut st, verdict),
            })
        };
        if let Some(me) = &me {
            me.disk_call(format_args!("{op:?} {}", if result.is_ok() { "done" } else { "failed" }));
        }
        result
    }
}

impl State {
    fn end_life(&mut self) {
        self.life += 1;
        self.powered = true;
        self.crash_at = None;
        self.faults.clear();
        self.locks.clear();
        self.dead.clear();
        self.inodes.values_mut().for_each(|inode| inode.open = 0);
    }

    /// What is to become of this call; an error if there is no power for it.
    fn verdict(&mut self, op: Op, path: &Path) -> Result<Verdict> {
        if !self.powered {
            return Err(power_loss());
        }
        let counters = &mut self.counters;
        match op {
            Op::Read => counters.reads += 1,
            Op::Write => counters.writes += 1,
            Op::Sync => counters.syncs += 1,
            Op::SyncDir => counters.dir_syncs += 1,
            _ => {}
        }
        if op.changes() {
            counters.changes += 1;
            if self.crash_at.is_some_and(|at| counters.changes > at) {
                self.powered = false;
                return if self.rng.one_in(2) { Ok(Verdict::Unheard) } else { Err(power_loss()) };
            }
        }
        let text = path.to_string_lossy();
        let mut struck = None;
        for (i, fault) in self.faults.iter_mut().enumerate() {
            if fault.strikes(op, &text) {
                struck = struck.or(Some(i));
            }
        }
        let Some(i) = struck else { return Ok(Verdict::Succeeds) };
        if !self.faults[i].forever {
            self.faults.remove(i);
        }
        Ok(Verdict::Fails)
    }

    fn used(&self) -> u64 {
        self.inodes.values().map(|inode| inode.now().allocated()).sum()
    }

    fn is_dir(&self, path: &Path) -> bool {
        self.dirs.contains(path)
    }

    fn parent_exists(&self, path: &Path) -> Result<()> {
        match path.parent() {
            Some(dir) if self.is_dir(dir) => Ok(()),
            _ => Err(ErrorKind::NotFound.into()),
        }
    }

    fn create(&mut self, path: &Path) -> u64 {
        let inode = self.inode_next;
        self.inode_next += 1;
        self.inodes.insert(inode, Inode::new(path));
        self.names.link(path, inode);
        inode
    }

    fn find(&self, path: &Path) -> Result<u64> {
        match self.names.get(path) {
            Some(inode) => Ok(inode),
            None if self.is_dir(path) => Err(ErrorKind::IsADirectory.into()),
            None => Err(ErrorKind::NotFound.into()),
        }
    }

    fn inode(&mut self, inode: u64) -> Result<&mut Inode> {
        self.inodes.get_mut(&inode).ok_or_else(|| Error::other("the simulated file is gone"))
    }

    /// Writes what fits, as much of it as the verdict allows.
    fn write(&mut self, inode: u64, data: &[u8], offset: u64, verdict: Verdict) -> Result<()> {
        if offset.checked_add(data.len() as u64).is_none_or(|end| end > i64::MAX as u64) {
            return Err(ErrorKind::FileTooLarge.into());
        }
        let upto = match verdict {
            Verdict::Fails => self.rng.below(data.len() as u64 + 1) as usize,
            _ => data.len(),
        };
        let free = self.capacity.saturating_sub(self.used());
        let mut fits = upto;
        let file = self.inode(inode)?;
        if file.now().would_allocate(offset, fits) > free {
            // Page by page, as the operating system does: a full disk leaves a part of the write behind.
            let (mut least, mut most) = (0, fits);
            while least + 1 < most {
                let middle = least + (most - least) / 2;
                match file.now().would_allocate(offset, middle) <= free {
                    true => least = middle,
                    false => most = middle,
                }
            }
            fits = least;
        }
        if fits > 0 {
            file.write(data.get(..fits).unwrap_or_default(), offset);
        }
        self.counters.bytes_written += fits as u64;
        match fits < upto {
            true => Err(ErrorKind::StorageFull.into()),
            false => Ok(()),
        }
    }

    fn forget_unreachable(&mut self) {
        let reachable = self.names.reachable();
        self.inodes.retain(|id, inode| inode.open > 0 || reachable.contains(id));
    }
}

impl Disk for SimDisk {
    fn create_dir(&self, path: &Path) -> Result<()> {
        let path = clean(path);
        self.call(Op::CreateDir, &path, format_args!(""), |st, _| {
            match path.ancestors().find(|dir| st.names.get(dir).is_some()) {
                Some(_) => Err(ErrorKind::NotADirectory.into()),
                None => {
                    st.dirs.extend(path.ancestors().map(Path::to_path_buf));
                    Ok(())
                }
            }
        })
    }

    fn list(&self, dir: &Path) -> Result<Vec<Entry>> {
        let dir = clean(dir);
        self.call(Op::List, &dir, format_args!(""), |st, _| {
            if !st.is_dir(&dir) {
                return Err(if st.names.get(&dir).is_some() {
                    ErrorKind::NotADirectory
                } else {
                    ErrorKind::NotFound
                }
                .into());
            }
            let entry = |(path, inode): (&PathBuf, u64)| {
                let name = path.strip_prefix(&dir).ok()?.to_string_lossy().into_owned();
                let here = path.parent() == Some(&dir);
                here.then(|| Entry { name, len: st.inodes.get(&inode).map_or(0, |i| i.now().len()) })
            };
            let mut entries: Vec<Entry> = st.names.iter().filter_map(entry).collect();
            entries.sort_unstable_by(|a, b| a.name.cmp(&b.name));
            Ok(entries)
        })
    }

    fn exists(&self, path: &Path) -> Result<bool> {
        let path = clean(path);
        self.call(Op::Exists, &path, format_args!(""), |st, _| {
            Ok(st.names.get(&path).is_some() || st.is_dir(&path))
        })
    }

    fn open(&self, path: &Path, mode: OpenMode) -> Result<Arc<dyn File>> {
        let path = clean(path);
        let op = if mode == OpenMode::CreateNew { Op::Create } else { Op::Open };
        let (inode, life) = self.call(op, &path, format_args!("{mode:?}"), |st, _| {
            let inode = match mode {
                OpenMode::CreateNew => {
                    st.parent_exists(&path)?;
                    if st.names.get(&path).is_some() || st.is_dir(&path) {
                        return Err(ErrorKind::AlreadyExists.into());
                    }
                    st.create(&path)
                }
                _ => st.find(&path)?,
            };
            st.inode(inode)?.open += 1;
            Ok((inode, st.life))
        })?;
        Ok(Arc::new(SimFile { disk: self.clone(), inode, life, writable: mode != OpenMode::Read }))
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<()> {
        let (from, to) = (clean(from), clean(to));
        self.call(Op::Rename, &from, format_args!("to {}", to.display()), |st, _| {
            let inode = st.find(&from)?;
            st.parent_exists(&to)?;
            if st.is_dir(&to) {
                return Err(ErrorKind::IsADirectory.into());
            }
            if from != to {
                st.names.rename(&from, &to, inode);
                st.inode(inode)?.name = to.clone();
            }
            Ok(())
        })
    }

    fn remove(&self, path: &Path) -> Result<()> {
        let path = clean(path);
        self.call(Op::Remove, &path, format_args!(""), |st, _| {
            st.find(&path)?;
            st.names.unlink(&path);
            Ok(())
        })
    }

    fn hard_link(&self, from: &Path, to: &Path) -> Result<()> {
        let (from, to) = (clean(from), clean(to));
        self.call(Op::HardLink, &from, format_args!("as {}", to.display()), |st, _| {
            let inode = st.find(&from)?;
            st.parent_exists(&to)?;
            if st.names.get(&to).is_some() || st.is_dir(&to) {
                return Err(ErrorKind::AlreadyExists.into());
            }
            st.names.link(&to, inode);
            Ok(())
        })
    }

    fn sync_dir(&self, dir: &Path) -> Result<()> {
        let dir = clean(dir);
        self.call(Op::SyncDir, &dir, format_args!(""), |st, verdict| {
            if !st.is_dir(&dir) {
                return Err(ErrorKind::NotFound.into());
            }
            if verdict == Verdict::Fails {
                let State { names, rng, .. } = st;
                names.sync_failed(&dir, rng);
                return Err(planted(Op::SyncDir, &dir));
            }
            st.names.sync(&dir);
            st.forget_unreachable();
            Ok(())
        })
    }

    fn lock(&self, path: &Path, holder: &str) -> Result<Box<dyn FileLock>> {
        let path = clean(path);
        let (life, guard) = self.call(Op::Lock, &path, format_args!(""), |st, _| {
            let inode = match st.names.get(&path) {
                Some(inode) => inode,
                None => {
                    st.parent_exists(&path)?;
                    st.create(&path)
                }
            };
            if st.locks.contains_key(&path) {
                let found = st.inode(inode)?.now().to_vec();
                return Err(Error::new(ErrorKind::WouldBlock, String::from_utf8_lossy(&found).into_owned()));
            }
            let file = st.inode(inode)?;
            file.write(holder.as_bytes(), 0);
            file.set_len(holder.len() as u64);
            st.lock_next += 1;
            st.locks.insert(path.clone(), (self.process, st.lock_next));
            Ok((st.life, st.lock_next))
        })?;
        Ok(Box::new(SimLock { disk: self.clone(), path, life, guard }))
    }

    fn holder(&self, path: &Path) -> Result<Option<String>> {
        let path = clean(path);
        self.call(Op::Exists, &path, format_args!("held"), |st, _| {
            let inode = st.names.get(&path).filter(|_| st.locks.contains_key(&path));
            let bytes = inode.map(|inode| st.inode(inode).map(|inode| inode.now().to_vec())).transpose()?;
            Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
        })
    }

    fn free_space(&self, path: &Path) -> Result<Option<u64>> {
        self.call(Op::FreeSpace, path, format_args!(""), |st, _| {
            Ok(Some(st.capacity.saturating_sub(st.used())))
        })
    }
}
