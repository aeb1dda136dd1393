//! Paged files: the container of cold segments (`.seg`) and index parts (`.idx`).
//!
//! A paged file is written once, front to back, and never changed. It is a run of
//! checksummed *pages*, then a *footer* that says where they are, then a *tail* that says
//! where the footer is. Its reader reads pages by position through the
//! [`PageCache`]; each page is verified once, when it enters the cache.
//!
//! | offset | size | what |
//! |---|---|---|
//! | 0 | 7 | magic: `REMCOLD` or `REMPART` |
//! | 7 | 1 | version |
//! | 8 | 4 | CRC-32C of bytes 0 to 8 |
//! | 12 | 4 | the format's own, of a part zero |
//! | 16 | | pages, without gaps |
//! | f | n | the footer: what it holds is the format's own |
//! | f + n | 32 | the tail |
//!
//! | offset in page | size | what |
//! |---|---|---|
//! | 0 | 4 | CRC-32C of the rest of the page |
//! | 4 | 4 | length of the page |
//! | 8 | 4 | stream: which of the file's sequences of pages this is (a column's number) |
//! | 12 | 4 | position in the stream (the first row) |
//! | 16 | | body |
//!
//! | offset in tail | size | what |
//! |---|---|---|
//! | 0 | 8 | f, the footer's offset |
//! | 8 | 4 | n, the footer's length |
//! | 12 | 4 | CRC-32C of the footer |
//! | 16 | 4 | the table whose rows these are; 0: it is not said |
//! | 20 | 4 | CRC-32C of bytes 0 to 20 of the tail |
//! | 24 | 8 | magic and version again |
//!
//! All numbers are little-endian. Example, a part with one page (stream 1, position 5, body `aa bb`) and the
//! footer `cc`:
//!
//! ```text
//! 0000  52454d50415254 01 9dffbe4e 00000000
//! 0010  bc705b0f 12000000 01000000 05000000 aabb
//! 0022  cc
//! 0023  2200000000000000 01000000 45bab3dc 00000000 197aff31 52454d50415254 01
//! ```
//!
//! What makes every damaged byte show: header, footer and tail have checksums; the footer
//! names each page's offset, length and checksum again ([`Locator`]), so a stale page that
//! is whole in itself is noticed too; the tail ends the file exactly.
//!
//! Limits: the body of a page is at most [`BODY_MAX`] bytes unless it holds one oversized
//! value; a footer is read as a whole.

use super::cache::PageCache;
use crate::error::{Error, Result};
use crate::value::Buffer;
use crate::world::{Disk, File, OpenMode, mutation};
use remanent_kernels::sort::sort_by;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// What a page may hold beside its header, except for one oversized value: 16 KB of encoded data (the unit of
/// checksum) and what describes them, so that two vectors of incompressible 8-byte values share a page.
pub const BODY_MAX: usize = (16 << 10) + 512;
/// Length of a page's header.
pub const PAGE_HEADER: usize = 16;
const FILE_HEADER: usize = 16;
const TAIL: usize = 32;
/// Background writes go to the disk in slices of this size, each synced (design section 7).
const SLICE: usize = 512 << 10;

/// A format that is stored in a paged file: seven letters and a version.
pub type Magic = [u8; 8];

/// Where a page is, and what it is if it is whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Locator {
    /// Offset in the file.
    pub offset: u64,
    /// Length with its header.
    pub len: u32,
    /// The checksum at its beginning.
    pub crc: u32,
}

impl Locator {
    /// Length of the persisted form.
    pub const SIZE: usize = 16;

    /// Appends the persisted form: offset, len, crc.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.offset.to_le_bytes());
        out.extend_from_slice(&self.len.to_le_bytes());
        out.extend_from_slice(&self.crc.to_le_bytes());
    }

    /// Reads the persisted form.
    pub fn decode(bytes: &[u8; Self::SIZE]) -> Self {
        Locator { offset: le64(bytes, 0), len: le32(bytes, 8), crc: le32(bytes, 12) }
    }
}

/// The little-endian number at `at`; 0 where the bytes end before it does (callers have checked).
pub(crate) fn le32(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).map_or(0, |b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
}

/// As [`le32`], two bytes.
pub(crate) fn le16(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).map_or(0, |b| u16::from_le_bytes([b[0], b[1]]))
}

/// As [`le32`], eight bytes.
pub(crate) fn le64(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..at + 8).map_or(0, |b| u64::from_le_bytes(b.try_into().unwrap_or_default()))
}

/// A page that was found without a footer.
#[derive(Debug, Clone, Copy)]
pub struct FoundPage {
    /// Where it is.
    pub at: Locator,
    /// Its stream.
    pub stream: u32,
    /// Its position there.
    pub position: u32,
    /// Of a column page: how many rows it holds.
    pub rows: u32,
}

/// Looks into a page that is whole: the page, its stream, its position.
pub type PageCheck<'a> = dyn FnMut(&[u8], u32, u32) -> Result<()> + 'a;

/// Writes a paged file. Dropped before `finish`, it leaves a partial file for the caller to remove.
pub struct PagedWriter {
    file: Arc<dyn File>,
    path: PathBuf,
    magic: Magic,
    /// Bytes that are written and synced.
    flushed: u64,
    buffer: Vec<u8>,
    owner: u32,
}

impl PagedWriter {
    /// Creates the file.
    pub fn create(disk: &dyn Disk, path: &Path, magic: Magic) -> Result<Self> {
        let file = disk.open(path, OpenMode::CreateNew).map_err(|e| Error::io("create", path, &e))?;
        let mut buffer = Vec::with_capacity(SLICE / 4);
        buffer.extend_from_slice(&magic);
        buffer.extend_from_slice(&crc32c::crc32c(&magic).to_le_bytes());
        buffer.extend_from_slice(&[0; 4]);
        Ok(PagedWriter { file, path: path.to_path_buf(), magic, flushed: 0, buffer, owner: 0 })
    }

    /// Says whose rows these are, for whoever finds the file without a manifest.
    pub fn owned_by(&mut self, table: u32) {
        self.owner = table;
    }

    /// Puts a mark into the header, before the first page.
    pub fn marked(&mut self, mark: u32) {
        if let (0, Some(place)) = (self.flushed, self.buffer.get_mut(12..FILE_HEADER)) {
            place.copy_from_slice(&mark.to_le_bytes());
        }
    }

    /// The file's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Bytes that are written and synced.
    pub fn written(&self) -> u64 {
        self.flushed
    }

    /// Appends a page; the parts of `body` are written one after the other.
    pub fn page(&mut self, stream: u32, position: u32, body: &[&[u8]]) -> Result<Locator> {
        let len = PAGE_HEADER + body.iter().map(|part| part.len()).sum::<usize>();
        let len = u32::try_from(len).map_err(|_| Error::internal("a page of 4 GB or more"))?;
        let (offset, start) = (self.flushed + self.buffer.len() as u64, self.buffer.len());
        self.buffer.extend_from_slice(&[0; 4]);
        for field in [len, stream, position] {
            self.buffer.extend_from_slice(&field.to_le_bytes());
        }
        body.iter().for_each(|part| self.buffer.extend_from_slice(part));
        let crc = crc32c::crc32c(&self.buffer[start + 4..]);
        self.buffer[start..start + 4].copy_from_slice(&crc.to_le_bytes());
        self.flush(SLICE)?;
        Ok(Locator { offset, len, crc })
    }

    /// Writes footer and tail and syncs; returns the file's length. Syncing the directory is the caller's work.
    pub fn finish(mut self, footer: &[u8]) -> Result<u64> {
        let offset = self.flushed + self.buffer.len() as u64;
        let len = u32::try_from(footer.len()).map_err(|_| Error::internal("a footer of 4 GB or more"))?;
        self.buffer.extend_from_slice(footer);
        let start = self.buffer.len();
        self.buffer.extend_from_slice(&offset.to_le_bytes());
        for field in [len, crc32c::crc32c(footer), self.owner] {
            self.buffer.extend_from_slice(&field.to_le_bytes());
        }
        let crc = crc32c::crc32c(&self.buffer[start..]);
        self.buffer.extend_from_slice(&crc.to_le_bytes());
        self.buffer.extend_from_slice(&self.magic);
        self.flush(1)?;
        Ok(self.flushed)
    }

    /// Bytes buffered.
    pub fn memory(&self) -> usize {
        self.buffer.capacity()
    }

    /// Writes what is buffered in synced slices, if it is at least `least` bytes.
    fn flush(&mut self, least: usize) -> Result<()> {
        let mut done = 0;
        while self.buffer.len() - done >= least.max(1) {
            let slice = &self.buffer[done..self.buffer.len().min(done + SLICE)];
            self.file.write_at(slice, self.flushed).map_err(|e| Error::io("write to", &self.path, &e))?;
            self.file.sync().map_err(|e| Error::io("sync", &self.path, &e))?;
            self.flushed += slice.len() as u64;
            done += slice.len();
        }
        self.buffer.drain(..done);
        Ok(())
    }
}

/// Reads a paged file, pages through the cache. Making one does no I/O; the file is opened at the first read.
pub struct PagedReader {
    disk: Arc<dyn Disk>,
    path: PathBuf,
    id: u64,
    magic: Magic,
    cache: Arc<PageCache>,
    file: OnceLock<Arc<dyn File>>,
}

impl PagedReader {
    /// A reader of the file; `id` is its number in the cache, never given twice.
    pub fn new(disk: Arc<dyn Disk>, path: PathBuf, id: u64, magic: Magic, cache: Arc<PageCache>) -> Self {
        PagedReader { disk, path, id, magic, cache, file: OnceLock::new() }
    }

    /// A reader of another file, on the same disk and through the same cache.
    pub fn beside(&self, path: PathBuf, id: u64, magic: Magic) -> Self {
        PagedReader::new(Arc::clone(&self.disk), path, id, magic, Arc::clone(&self.cache))
    }

    /// The file's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file's number in the cache.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// The cache that pages go through.
    pub fn cache(&self) -> &Arc<PageCache> {
        &self.cache
    }

    /// Damage at an offset of this file.
    pub fn corrupt(&self, offset: u64, what: impl std::fmt::Display) -> Error {
        Error::corrupt(&self.path, offset, what)
    }

    /// The file. Opening waits for nobody: of two threads that meet here, one opens in vain.
    fn file(&self) -> Result<&Arc<dyn File>> {
        if let Some(file) = self.file.get() {
            return Ok(file);
        }
        let file =
            self.disk.open(&self.path, OpenMode::Read).map_err(|e| Error::io("open", &self.path, &e))?;
        let _ = self.file.set(file);
        self.file.get().ok_or_else(|| Error::internal("a cell that was just set is empty"))
    }

    fn read(&self, offset: u64, len: usize) -> Result<Vec<u8>> {
        let mut bytes = vec![0; len];
        self.file()?.read_exact_at(&mut bytes, offset).map_err(|e| match e.kind() {
            std::io::ErrorKind::UnexpectedEof => self.corrupt(offset, "the file ends too early"),
            _ => Error::io(&format!("read at byte {offset} of"), &self.path, &e),
        })?;
        Ok(bytes)
    }

    /// The page at `at`, which must be that of this stream and position; header and body.
    pub fn page(&self, at: Locator, stream: u32, position: u32) -> Result<Buffer<u8>> {
        self.cache.get_or_load(self.id, at.offset, || self.read_page(at, stream, position))
    }

    /// As [`page`](PagedReader::page), past the cache: reads from the disk and leaves no trace.
    pub fn read_page(&self, at: Locator, stream: u32, position: u32) -> Result<Vec<u8>> {
        if (at.len as usize) < PAGE_HEADER {
            return Err(self.corrupt(at.offset, "a page shorter than its header"));
        }
        let page = self.read(at.offset, at.len as usize)?;
        let what = if mutation("skip_page_checksum") {
            return Ok(page);
        } else if crc32c::crc32c(&page[4..]) != le32(&page, 0) {
            "a page does not match its checksum"
        } else if le32(&page, 0) != at.crc || le32(&page, 4) != at.len {
            "a page is not the one that was written there"
        } else if le32(&page, 8) != stream || le32(&page, 12) != position {
            "a page of another place lies here"
        } else {
            return Ok(page);
        };
        Err(self.corrupt(at.offset, what))
    }

    /// Reads and verifies header, tail and footer; returns the footer and its offset.
    pub fn footer(&self) -> Result<(Vec<u8>, u64)> {
        match self.marked_footer()? {
            (footer, offset, 0) => Ok((footer, offset)),
            _ => Err(self.corrupt(12, "the header is of another format")),
        }
    }

    /// The same of a file that may have a mark, and that, which nothing has verified.
    pub fn marked_footer(&self) -> Result<(Vec<u8>, u64, u32)> {
        let len = self.file()?.len().map_err(|e| Error::io("read from", &self.path, &e))?;
        if len < (FILE_HEADER + TAIL) as u64 {
            return Err(self.corrupt(len, "the file ends too early"));
        }
        let header = self.read(0, FILE_HEADER)?;
        if header[..8] != self.magic {
            return Err(self.corrupt(0, "not a file of this kind, or of an unknown version"));
        }
        if le32(&header, 8) != crc32c::crc32c(&header[..8]) {
            return Err(self.corrupt(8, "the header does not match its checksum"));
        }
        let end = len - TAIL as u64;
        let tail = self.read(end, TAIL)?;
        if tail[24..] != self.magic || le32(&tail, 20) != crc32c::crc32c(&tail[..20]) {
            return Err(self.corrupt(end, "the tail does not match its checksum"));
        }
        let (offset, size) = (le64(&tail, 0), le32(&tail, 8));
        if offset < FILE_HEADER as u64 || offset.checked_add(size.into()) != Some(end) {
            return Err(self.corrupt(end, "the tail does not fit the file"));
        }
        let footer = self.read(offset, size as usize)?;
        if crc32c::crc32c(&footer) != le32(&tail, 12) {
            return Err(self.corrupt(offset, "the footer does not match its checksum"));
        }
        Ok((footer, offset, le32(&header, 12)))
    }

    /// The mark of a file whose footer is damaged.
    pub fn mark(&self) -> Result<u32> {
        Ok(le32(&self.read(0, FILE_HEADER)?, 12))
    }

    /// The table that the tail names; 0: none. Only after [`footer`](PagedReader::footer) has found the tail good.
    pub fn owner(&self) -> Result<u32> {
        let len = self.file()?.len().map_err(|e| Error::io("read from", &self.path, &e))?;
        Ok(le32(&self.read(len.saturating_sub(TAIL as u64), TAIL)?, 16))
    }

    /// Every whole page of the streams below `streams`, found without the footer: page after page, and where one is bad,
    /// the next place at which one begins.
    pub fn find_pages(&self, streams: u32) -> Result<Vec<FoundPage>> {
        let len = self.file()?.len().map_err(|e| Error::io("read from", &self.path, &e))?;
        let (mut found, mut at) = (Vec::new(), FILE_HEADER as u64);
        let mut window = Vec::new();
        let mut begin = 0;
        while at + (PAGE_HEADER as u64) < len {
            let inside =
                at.checked_sub(begin).map(|i| i as usize).filter(|i| i + PAGE_HEADER <= window.len());
            let Some(i) = inside else {
                let want = (len - at).min(SLICE as u64) as usize;
                // What the device does not give is passed over.
                match self.read(at, want) {
                    Ok(bytes) => (window, begin) = (bytes, at),
                    Err(_) => at += PAGE_HEADER as u64,
                }
                continue;
            };
            let header = window.get(i..).unwrap_or_default();
            let (crc, size) = (le32(header, 0), le32(header, 4));
            let (stream, position) = (le32(header, 8), le32(header, 12));
            let whole = size as usize > PAGE_HEADER
                && stream < streams
                && at + u64::from(size) <= len
                && self.read(at, size as usize).is_ok_and(|page| {
                    let rows = le32(&page, 20);
                    let good = crc32c::crc32c(&page[4..]) == crc;
                    let place = Locator { offset: at, len: size, crc };
                    found.extend(good.then_some(FoundPage { at: place, stream, position, rows }));
                    good
                });
            at += if whole { u64::from(size) } else { 1 };
        }
        Ok(found)
    }

    /// Reads all pages anew and reports each that is damaged, and each gap between them. `pages` are all pages of
    /// the file with stream and position; `check` looks into each that is whole.
    pub fn verify(
        &self,
        mut pages: Vec<(Locator, u32, u32)>,
        footer: u64,
        check: &mut PageCheck<'_>,
        report: &mut dyn FnMut(Error),
    ) {
        sort_by(&mut pages, &|a, b| a.0.offset.cmp(&b.0.offset));
        let mut expected = FILE_HEADER as u64;
        for (at, stream, position) in pages {
            if at.offset != expected {
                report(self.corrupt(expected, "pages do not follow one another"));
            }
            expected = at.offset.saturating_add(at.len.into());
            let checked = match at.offset <= footer && expected <= footer {
                true => self.read_page(at, stream, position).and_then(|page| check(&page, stream, position)),
                false => Err(self.corrupt(at.offset, "a page lies outside the file")),
            };
            if let Err(error) = checked {
                report(error);
            }
        }
        if expected != footer {
            report(self.corrupt(expected, "the footer does not follow the last page"));
        }
    }
}

impl Drop for PagedReader {
    /// The pages of a file that nobody reads any more are of no use.
    fn drop(&mut self) {
        if self.file.get().is_some() {
            self.cache.invalidate(self.id);
        }
    }
}
