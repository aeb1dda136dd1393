//! Open files and held locks of a simulated disk. Those of an earlier life are dead.

use super::{Op, SimDisk, State, Verdict, planted};
use crate::world::{File, FileLock};
use std::fmt;
use std::hash::Hasher;
use std::io::{Error, ErrorKind, Result};
use std::path::PathBuf;

pub(super) struct SimLock {
    pub(super) disk: SimDisk,
    pub(super) path: PathBuf,
    pub(super) life: u64,
    pub(super) guard: u64,
}

impl FileLock for SimLock {}

impl Drop for SimLock {
    fn drop(&mut self) {
        let mut st = self.disk.lock_state();
        if st.life == self.life && st.locks.get(&self.path).is_some_and(|(_, guard)| *guard == self.guard) {
            st.locks.remove(&self.path);
        }
    }
}

pub(super) struct SimFile {
    pub(super) disk: SimDisk,
    pub(super) inode: u64,
    pub(super) life: u64,
    pub(super) writable: bool,
}

impl SimFile {
    /// What the file is called now; renamed files are traced and faulted under their new name.
    fn name(&self) -> PathBuf {
        let st = self.disk.lock_state();
        st.inodes.get(&self.inode).map(|inode| inode.name.clone()).unwrap_or_default()
    }

    fn call<R>(
        &self,
        op: Op,
        detail: fmt::Arguments<'_>,
        effect: impl FnOnce(&mut State, Verdict) -> Result<R>,
    ) -> Result<R> {
        let name = self.name();
        self.disk.call(op, &name, detail, |st, verdict| {
            if st.life != self.life {
                return Err(Error::other("the simulated file was opened before the crash"));
            }
            if op.changes() && !self.writable {
                return Err(Error::new(ErrorKind::PermissionDenied, "the file is open for reading only"));
            }
            effect(st, verdict)
        })
    }
}

impl Drop for SimFile {
    fn drop(&mut self) {
        let mut st = self.disk.lock_state();
        if st.life == self.life
            && let Ok(inode) = st.inode(self.inode)
        {
            inode.open -= 1;
        }
    }
}

/// A fingerprint of what is written, so that two traces that are equal wrote the same bytes.
fn fingerprint(data: &[u8]) -> u64 {
    let mut hasher = rustc_hash::FxHasher::default();
    hasher.write(data);
    hasher.finish()
}

impl File for SimFile {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> Result<usize> {
        self.call(Op::Read, format_args!("{offset}+{}", buf.len()), |st, _| {
            let n = st.inode(self.inode)?.now().read(buf, offset);
            st.counters.bytes_read += n as u64;
            Ok(n)
        })
    }

    fn write_at(&self, buf: &[u8], offset: u64) -> Result<()> {
        let detail = format_args!("{offset}+{} {:x}", buf.len(), fingerprint(buf));
        self.call(Op::Write, detail, |st, verdict| {
            st.write(self.inode, buf, offset, verdict)?;
            match verdict {
                Verdict::Fails => Err(planted(Op::Write, &st.inode(self.inode)?.name)),
                _ => Ok(()),
            }
        })
    }

    fn sync(&self) -> Result<()> {
        self.call(Op::Sync, format_args!(""), |st, verdict| {
            let State { inodes, rng, syncs_lie, .. } = st;
            match inodes.get_mut(&self.inode) {
                Some(inode) if verdict == Verdict::Fails => {
                    inode.sync_failed(rng);
                    Err(planted(Op::Sync, &inode.name))
                }
                Some(inode) if !*syncs_lie => {
                    inode.sync();
                    Ok(())
                }
                _ => Ok(()),
            }
        })
    }

    fn len(&self) -> Result<u64> {
        self.call(Op::Len, format_args!(""), |st, _| Ok(st.inode(self.inode)?.now().len()))
    }

    fn set_len(&self, len: u64) -> Result<()> {
        self.call(Op::SetLen, format_args!("{len}"), |st, _| {
            if len > i64::MAX as u64 {
                return Err(ErrorKind::InvalidInput.into());
            }
            st.inode(self.inode)?.set_len(len);
            Ok(())
        })
    }
}
