//! A manifest edit in the making, with the files that are written for it.
//!
//! Nobody knows of them until the edit is durable. If it never becomes so the files are removed, so that work which fails
//! again and again does not fill the disk; only after a failed sync of the manifest they stay, because then nobody
//! knows whether it names them.

use super::Inner;
use super::manifest::Edit;
use crate::error::Result;
use crate::index::PRIMARY;
use crate::segment::marks::{MarkEntry, write_marks};
use crate::table::files;
use crate::table::rewrite::Written;
use crate::world::meter::{Purpose, Written as Bytes};
use rustc_hash::FxHashSet;
use std::path::PathBuf;

/// Edits, and new files that they name.
pub(super) struct Draft<'a> {
    inner: &'a Inner,
    edits: Vec<Edit>,
    files: Vec<PathBuf>,
    /// Runs of marks among the files, with the segments that need them.
    runs: Vec<(u32, FxHashSet<u32>)>,
}

impl<'a> Draft<'a> {
    /// An edit that changes nothing yet.
    pub fn new(inner: &'a Inner) -> Self {
        Draft { inner, edits: Vec::new(), files: Vec::new(), runs: Vec::new() }
    }

    /// Adds edits.
    pub fn add(&mut self, edits: impl IntoIterator<Item = Edit>) {
        self.edits.extend(edits);
    }

    /// Takes charge of the files of a segment that was just written.
    pub fn segment(&mut self, written: &Written) {
        if written.rows > 0 {
            let dir = &self.inner.core.dir;
            self.files.push(files::segment(dir, written.id));
            let parts = written.parts.iter().copied().chain([PRIMARY]);
            self.files.extend(parts.map(|part| files::part(dir, written.id, part)));
        }
    }

    /// Writes marks as one run and adds the edit that lists it.
    pub fn run(&mut self, marks: &[MarkEntry]) -> Result<()> {
        if marks.is_empty() {
            return Ok(());
        }
        let file = self.inner.core.new_file();
        let bytes = self.marks(files::marks(&self.inner.core.dir, file), marks)?;
        self.runs.push((file, marks.iter().map(|m| m.segment).collect()));
        self.add([Edit::AddMarks { file, bytes }]);
        Ok(())
    }

    /// Writes marks to a file; returns its length.
    pub fn marks(&mut self, path: PathBuf, marks: &[MarkEntry]) -> Result<u64> {
        self.files.push(path.clone());
        let inner = self.inner;
        let world = inner.meter.world_for(&inner.core.world, Purpose::Flush);
        write_marks(world.disk.as_ref(), &path, marks)
    }

    /// True if there is nothing to commit.
    pub fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// Makes it durable: first the names of the files, then the edit.
    pub fn commit(mut self) -> Result<()> {
        let core = &self.inner.core;
        self.edits.push(Edit::NextFile { id: core.next_file() });
        self.edits.extend(self.inner.kept_edits());
        core.sync_folder()?;
        self.inner.commit_edits(&self.edits)?;
        self.files.clear();
        self.inner.marks.lock().extend(self.runs.drain(..));
        Ok(())
    }
}

impl Drop for Draft<'_> {
    fn drop(&mut self) {
        if !self.inner.manifest.is_poisoned() {
            self.inner.core.retired.lock().append(&mut self.files);
        }
    }
}

impl Inner {
    /// Bytes written since the database was made, as far as the manifest and this opening know.
    pub(super) fn written_ever(&self) -> Bytes {
        self.written_before.and(&self.meter.written())
    }

    /// That, and the time that is known, to be kept.
    pub(super) fn kept_edits(&self) -> Vec<Edit> {
        let bytes = self.written_ever().each().map(|(_, bytes)| bytes).to_vec();
        [Edit::Written { bytes }].into_iter().chain(self.clock_edit()).collect()
    }

    /// Commits edits. After a failed sync every later write of the database is refused (design rule 4).
    pub(super) fn commit_edits(&self, edits: &[Edit]) -> Result<()> {
        self.manifest.commit(edits).map_err(|e| match self.manifest.is_poisoned() {
            true => self.core.poison(&e),
            false => e,
        })?;
        if let Some(board) = &self.core.board {
            board.edited();
            self.core.announce();
        }
        Ok(())
    }
}
