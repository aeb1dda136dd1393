//! The files of index parts: pages in streams, written once, read through the page cache.
//!
//! A part is a paged file ([`segment::page`](crate::segment::page)) with magic `REMPART`.
//! The kind of index decides what its streams and pages hold and puts a description, with
//! the [`Locator`]s of its pages, into the footer.

use crate::error::{Error, Result};
use crate::segment::page::{Locator, Magic, PageCheck, PagedReader, PagedWriter};
use crate::segment::{ColdSegment, PageCache};
use crate::value::Buffer;
use crate::world::Disk;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const MAGIC: Magic = *b"REMPART\x01";

/// Writes one part. Dropped before `finish`, it leaves a partial file for the caller to remove.
pub struct PartWriter<'a> {
    disk: &'a dyn Disk,
    pages: PagedWriter,
    footer: Vec<u8>,
    memory: usize,
}

impl<'a> PartWriter<'a> {
    /// Creates the file of a part.
    pub fn create(disk: &'a dyn Disk, path: &Path) -> Result<Self> {
        let pages = PagedWriter::create(disk, path, MAGIC)?;
        Ok(PartWriter { disk, pages, footer: Vec::new(), memory: usize::MAX })
    }

    /// The same for who may hold about so many bytes while the part is built.
    pub fn within(self, memory: usize) -> Self {
        PartWriter { memory, ..self }
    }

    /// How many bytes may be held while the part is built.
    pub fn memory(&self) -> usize {
        self.memory
    }

    /// A disk and the path of a file beside the part, for what does not fit in memory while it is built. Whoever makes the
    /// file removes it; what a crash leaves of it is removed when the store is opened.
    pub fn scratch(&self) -> (&'a dyn Disk, PathBuf) {
        (self.disk, self.pages.path().with_extension("idx.tmp"))
    }

    /// Appends a page (at most [`BODY_MAX`](crate::segment::page::BODY_MAX) bytes, oversized values apart); the
    /// parts of `body` are written one after the other.
    pub fn page(&mut self, stream: u32, position: u32, body: &[&[u8]]) -> Result<Locator> {
        self.pages.page(stream, position, body)
    }

    /// Sets the description of the part, which its kind reads first.
    pub fn footer(&mut self, footer: Vec<u8>) {
        self.footer = footer;
    }

    /// Writes the footer and syncs; returns the file's length. Syncing the directory is the caller's work.
    pub fn finish(self) -> Result<u64> {
        self.pages.finish(&self.footer)
    }
}

/// Reads one part. Making one does no I/O.
pub struct PartReader(PagedReader);

impl PartReader {
    /// The part in a file. `file_id` names it in the cache: never given twice, and apart from those of segments.
    pub fn new(disk: Arc<dyn Disk>, path: PathBuf, file_id: u64, cache: Arc<PageCache>) -> Self {
        PartReader(PagedReader::new(disk, path, file_id, MAGIC, cache))
    }

    /// The part of an index in a file beside those of its segment.
    pub fn beside(segment: &ColdSegment, path: PathBuf, index: super::IndexId) -> Self {
        PartReader(segment.file().beside(path, Self::file_id(index, segment.file_id()), MAGIC))
    }

    /// The number in the cache of the part of an index for a segment.
    pub fn file_id(index: super::IndexId, segment: u32) -> u64 {
        (u64::from(index) + 1) << 32 | u64::from(segment)
    }

    /// A page through the cache, header and body.
    pub fn page(&self, at: Locator, stream: u32, position: u32) -> Result<Buffer<u8>> {
        self.0.page(at, stream, position)
    }

    /// The description of the part, and its offset, which is where the pages end. Read anew at each call.
    pub fn footer(&self) -> Result<(Vec<u8>, u64)> {
        self.0.footer()
    }

    /// Damage at an offset of this file.
    pub fn corrupt(&self, offset: u64, what: impl std::fmt::Display) -> Error {
        self.0.corrupt(offset, what)
    }

    /// Reads all pages anew and reports what is damaged; see [`PagedReader::verify`].
    pub fn verify(
        &self,
        pages: Vec<(Locator, u32, u32)>,
        footer: u64,
        check: &mut PageCheck<'_>,
        report: &mut dyn FnMut(Error),
    ) {
        self.0.verify(pages, footer, check, report);
    }
}
