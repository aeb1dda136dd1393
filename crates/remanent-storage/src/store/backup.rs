//! A copy of the database at one lsn, made while writes go on.
//!
//! 1. A flush, so that little of the copy has to come from the log. (If it fails, more does.)
//! 2. For a moment nobody else works on segments: the manifest is read, the log up to the newest visible record is copied
//!    into a file of its own, so are the small files of delete marks; the table versions are held.
//! 3. The segments are linked, or copied where links are not possible. Flushes and merges go on: what they replace keeps its
//!    files as long as the versions are held (design rule 6).
//! 4. The copy's manifest is written last.
//!
//! Until then the directory holds a file `BACKUP.unfinished`, and opening it says so. The copy is a database of its own:
//! it has another identity, and opening it is all there is to restoring.
//!
//! Not guaranteed: a linked file is the same file. Damage of the device, or a program that writes into it, reaches both;
//! for a copy that survives the device, back up to another one.

use super::Inner;
use super::manifest::{self, Edit, State};
use super::open::{self, LOG_FOLDER, TMP_FOLDER};
use crate::Lsn;
use crate::error::{Error, Result, state};
use crate::index::PRIMARY;
use crate::index::parts::PartHandle;
use crate::log::LogCopy;
use crate::segment::blob;
use crate::table::files;
use crate::table::version::{KeyFile, TableVersion};
use crate::txn::Interrupt;
use crate::world::{Disk, OpenMode, copy, join, mutation};
use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Says that a directory holds a copy that was not finished.
pub(super) const UNFINISHED: &str = "BACKUP.unfinished";

/// What a backup made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Backup {
    /// The last record whose changes it has.
    pub lsn: Lsn,
    /// Files in it that are links.
    pub linked: u64,
    /// Files in it that were written.
    pub copied: u64,
    /// The bytes of those.
    pub bytes: u64,
}

/// What keeps files that are to be copied.
#[derive(Default)]
struct Kept {
    versions: Vec<Arc<TableVersion>>,
    /// Parts go before their segments.
    _parts: Vec<Arc<PartHandle>>,
    keys: Vec<Arc<KeyFile>>,
}

/// A backup in the making.
struct Target<'a> {
    inner: &'a Inner,
    dir: &'a Path,
    interrupt: &'a Interrupt,
    /// Files that are there, in order.
    files: Vec<PathBuf>,
    made: Backup,
}

impl Inner {
    /// See [`Store::backup`](super::Store::backup).
    pub(super) fn backup(&self, dir: &Path, interrupt: &Interrupt) -> Result<Backup> {
        self.core.check_open()?;
        let mut target = Target { inner: self, dir, interrupt, files: Vec::new(), made: Backup::default() };
        let done = target.prepare().and_then(|()| {
            // Without it the copy takes more from the log; what else a failure means, the steps behind it find out.
            let _ = self.flush_all();
            target.fill()
        });
        if done.is_err() {
            target.clean_up();
        }
        done.map(|()| target.made)
    }

    /// What to copy, held fast: the manifest's state, the newest visible record, the versions and handles that keep files.
    fn hold(&self) -> Result<(State, Lsn, Kept)> {
        let state = self.manifest.state();
        let lsn = self.core.apply_written()?;
        let catalog = self.core.snapshots.catalog();
        let dropped = self.core.dropped.lock().clone();
        if mutation("unpinned_backup") {
            return Ok((state, lsn, Kept::default()));
        }
        let tables = || catalog.all().chain(&dropped);
        let keys = tables().flat_map(|table| table.key_files(lsn)).collect();
        let versions: Vec<_> = tables().map(|table| table.version()).collect();
        let parts = versions.iter().flat_map(|version| &version.cold).flat_map(|cold| cold.parts.all());
        let _parts = parts.collect();
        Ok((state, lsn, Kept { versions, _parts, keys }))
    }
}

impl Target<'_> {
    fn disk(&self) -> &dyn Disk {
        &*self.inner.core.world.disk
    }

    /// Makes the directory, which must be new or empty, and says in it that the copy is not finished.
    fn prepare(&mut self) -> Result<()> {
        let disk = &*self.inner.core.world.disk;
        let folders = ["", files::FOLDER, LOG_FOLDER, TMP_FOLDER].map(|folder| self.dir.join(folder));
        for folder in folders.iter().chain([&self.dir.join(blob::FOLDER)]) {
            let there = disk.exists(folder).map_err(|e| Error::io("look for", folder, &e))?;
            let listed = if there { disk.list(folder) } else { Ok(Vec::new()) };
            if !listed.map_err(|e| Error::io("list", folder, &e))?.is_empty() {
                let message =
                    format!("cannot back up to \"{}\": the directory is not empty", self.dir.display());
                return Err(Error::new(state::DUPLICATE_FILE, message)
                    .with_hint("Give a directory that is new or empty."));
            }
        }
        for folder in &folders {
            disk.create_dir(folder).map_err(|e| Error::io("create directory", folder, &e))?;
        }
        let mark = join(self.dir, UNFINISHED);
        disk.open(&mark, OpenMode::CreateNew).map_err(|e| Error::io("create", &mark, &e))?;
        self.files.push(mark);
        self.sync_dir("")
    }

    fn fill(&mut self) -> Result<()> {
        let core = &self.inner.core;
        let work = self.inner.exclusive();
        let (state, lsn, kept) = self.inner.hold()?;
        self.made.lsn = lsn;
        let identity = core.world.threads.random();
        self.log(&state, lsn, identity as u32)?;
        for &file in state.marks.keys() {
            self.take(files::marks(&core.dir, file))?;
        }
        for segment in state.segments.values().map(|s| &s.meta).filter(|s| s.deletes > 0) {
            self.take(files::deletes(&core.dir, segment.id, segment.deletes))?;
        }
        drop(work);
        for segment in state.segments.values().map(|s| &s.meta) {
            self.take(files::segment(&core.dir, segment.id))?;
            for &part in &segment.parts {
                self.take(files::part(&core.dir, segment.id, part))?;
            }
        }
        for cold in kept.versions.iter().flat_map(|version| &version.cold) {
            // Those that only the log names.
            if cold.created.1 <= lsn && !state.segments.contains_key(&cold.id) {
                self.take(files::segment(&core.dir, cold.id))?;
                self.take(files::part(&core.dir, cold.id, PRIMARY))?;
            }
        }
        for file in &kept.keys {
            self.take(file.path.clone())?;
        }
        self.blobs(&kept.versions)?;
        drop(kept);
        [files::FOLDER, LOG_FOLDER, ""].into_iter().try_for_each(|folder| self.sync_dir(folder))?;
        let mut edits = state.edits();
        // The copy counts for itself what is written.
        edits.retain(|edit| !matches!(edit, Edit::Written { .. }));
        edits.retain(|edit| !matches!(edit, Edit::Identity { .. }));
        edits.insert(0, Edit::Identity { id: identity });
        manifest::Manifest::create(&core.world.disk, self.dir, &edits)?;
        // It is a database from here on: a mark that stays is removed when it is opened.
        let _ = self.disk().remove(&join(self.dir, UNFINISHED));
        let _ = self.sync_dir("");
        Ok(())
    }

    /// Writes the records that the copy's recovery needs.
    fn log(&mut self, state: &State, lsn: Lsn, salt: u32) -> Result<()> {
        let (from, to) = (self.inner.core.dir.join(LOG_FOLDER), self.dir.join(LOG_FOLDER));
        let (floor, epoch) = (state.log_floor, state.epoch);
        let time = self.inner.core.world.now();
        let options = &open::log_options(state);
        self.files.push(to.join(crate::log::FIRST_FILE));
        let log = LogCopy { from: &from, options, floor, up_to: lsn.max(floor), to: &to, salt, epoch, time };
        self.made.bytes += log.write(self.disk())?;
        self.made.copied += 1;
        Ok(())
    }

    /// Gives the copy the large values that its rows name. A file that takes more meanwhile may be linked all the same:
    /// whoever opens the copy adds to none that it finds, and what the database adds nobody names there.
    fn blobs(&mut self, versions: &[Arc<TableVersion>]) -> Result<()> {
        let mut named = BTreeSet::new();
        for version in versions {
            let cold = version.cold.iter().flat_map(|cold| cold.blobs.list());
            let hot = version.hots().flat_map(|hot| hot.blobs.list());
            named.extend(cold.chain(hot).map(|(file, _)| file));
        }
        if named.is_empty() {
            return Ok(());
        }
        let folder = self.dir.join(blob::FOLDER);
        self.disk().create_dir(&folder).map_err(|e| Error::io("create directory", &folder, &e))?;
        for file in named {
            let path = blob::blob_file(&self.inner.core.dir, file);
            // Of rows that were dead before the database was opened, recovery may name files that are gone.
            if self.disk().exists(&path).map_err(|e| Error::io("look for", &path, &e))? {
                self.take_to(blob::FOLDER, path)?;
            }
        }
        self.sync_dir(blob::FOLDER)
    }

    /// Gives the copy an immutable file of the database.
    fn take(&mut self, from: PathBuf) -> Result<()> {
        self.take_to(files::FOLDER, from)
    }

    fn take_to(&mut self, folder: &str, from: PathBuf) -> Result<()> {
        self.inner.core.check_open()?;
        self.interrupt.check()?;
        let Some(name) = from.file_name() else { return Ok(()) };
        let to = self.dir.join(folder).join(name);
        self.files.push(to.clone());
        match self.disk().hard_link(&from, &to) {
            Ok(()) => {
                self.made.linked += 1;
                return Ok(());
            }
            Err(e) if e.kind() == ErrorKind::NotFound => return Err(Error::io("link", &from, &e)),
            // Another file system, or one that has no links.
            Err(_) => {}
        }
        let file = self.disk().open(&from, OpenMode::Read).map_err(|e| Error::io("open", &from, &e))?;
        let len = file.len().map_err(|e| Error::io("look at", &from, &e))?;
        let (closing, interrupt) = (&self.inner.stop, self.interrupt);
        let mut stopped = || match interrupt.check().is_err() || closing.load(Ordering::Relaxed) {
            true => Err(ErrorKind::Interrupted.into()),
            false => Ok(()),
        };
        copy(self.disk(), &from, &to, len, &mut stopped).map_err(|e| {
            let why = interrupt.check().and_then(|()| self.inner.core.check_open());
            why.err().unwrap_or_else(|| Error::io("copy", &from, &e))
        })?;
        self.made.copied += 1;
        self.made.bytes += len;
        Ok(())
    }

    fn sync_dir(&self, folder: &str) -> Result<()> {
        let dir = if folder.is_empty() { self.dir.to_path_buf() } else { self.dir.join(folder) };
        self.disk().sync_dir(&dir).map_err(|e| Error::io("sync", &dir, &e))
    }

    /// Removes what was made: first what makes it a database, last what says that it is none. What cannot be removed
    /// stays, and so does that.
    fn clean_up(&mut self) {
        let Some((mark, files)) = self.files.split_first() else { return };
        let gone = |file: &PathBuf| {
            let removed = self.disk().remove(file);
            removed.is_ok() || removed.is_err_and(|e| e.kind() == ErrorKind::NotFound)
        };
        let manifests = ["MANIFEST.new", manifest::FILE_NAME].map(|name| join(self.dir, name));
        let mut folders = vec![files::FOLDER, LOG_FOLDER];
        folders
            .extend(self.disk().exists(&self.dir.join(blob::FOLDER)).unwrap_or(true).then_some(blob::FOLDER));
        let all = manifests.iter().all(gone)
            && self.sync_dir("").is_ok()
            && files.iter().all(gone)
            && folders.iter().all(|folder| self.sync_dir(folder).is_ok());
        if all {
            gone(mark);
        }
    }
}
