//! Entries (a key and what is noted of it) sorted in bounded memory, for parts that are written in the order of their keys.
//!
//! [`RUN_BYTES`] of them, or fewer where memory is short ([`run_bytes`]), are sorted in memory at a time, one for one ([`Sorter`]) or gathered by their keys
//! ([`groups`](super::groups)); where there is more than one such run, runs go to a scratch file and are merged ([`Runs`]).
//!
//! A run in the scratch file is blocks: length u32, CRC-32C u32 of what follows, then entries: length of the key u16, key,
//! length of the note u16, note. The file does not outlive the build.

use super::PartWriter;
use crate::error::{Error, Result};
use crate::segment::page::{le16, le32};
use crate::world::{Disk, File, OpenMode};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Keys that are sorted in memory at once.
const RUN_BYTES: usize = 8 << 20;
/// And at the least.
const RUN_BYTES_MIN: usize = 256 << 10;
/// What an entry takes there beside its key.
const ENTRY_BYTES: usize = 16;
/// A block of a run.
const BLOCK_BYTES: usize = 16 << 10;

/// The most bytes of an entry in a run beside its key's and its note's lengths: both are lengths of two bytes.
const ENTRY_MAX: usize = 2 << 16;

/// Takes an entry: its key, its ordinal, the note.
type EachEntry<'a> = &'a mut dyn FnMut(&[u8], u32, u8) -> Result<()>;

/// Takes an entry: its key, the note.
pub(super) type EachNote<'a> = &'a mut dyn FnMut(&[u8], &[u8]) -> Result<()>;

/// How many bytes of keys are sorted in memory at once for a part.
pub(super) fn run_bytes(out: &PartWriter<'_>) -> usize {
    out.memory().clamp(RUN_BYTES_MIN, RUN_BYTES)
}

/// Takes entries in any order and gives them back in the order of keys, those of a key by ordinal.
pub(super) struct Sorter<'a> {
    entries: Entries,
    most: usize,
    runs: Runs<'a>,
}

impl<'a> Sorter<'a> {
    /// Runs, if there are some, lie beside the part.
    pub fn new(out: &PartWriter<'a>) -> Self {
        Sorter { entries: Entries::default(), most: run_bytes(out), runs: Runs::new(out.scratch()) }
    }

    /// Takes an entry, whose key is shorter than 64 KB, with a note. Those of a key come by rising ordinals.
    pub fn push(&mut self, key: &[u8], ordinal: u32, note: u8) -> Result<()> {
        if self.entries.memory() + key.len() + ENTRY_BYTES > self.most {
            self.add()?;
        }
        self.entries.push(key, ordinal, note);
        Ok(())
    }

    /// Gives all of them.
    pub fn finish(mut self, entry: EachEntry<'_>) -> Result<()> {
        if self.runs.is_empty() {
            self.entries.sort();
            return self.entries.each(entry);
        }
        self.add()?;
        self.runs.merge(&mut |key, note| entry(key, le32(note, 0), note.get(4).copied().unwrap_or(0)))
    }

    /// Makes a run of the entries in memory.
    fn add(&mut self) -> Result<()> {
        let mut entries = std::mem::take(&mut self.entries);
        entries.sort();
        self.runs.add(&mut |write| {
            entries.each(&mut |key, ordinal, note| {
                let [a, b, c, d] = ordinal.to_le_bytes();
                write(key, &[a, b, c, d, note])
            })
        })
    }
}

/// Entries in memory.
#[derive(Default)]
struct Entries {
    keys: Vec<u8>,
    /// Where each key begins, its length, the note, its row.
    list: Vec<(u32, u16, u8, u32)>,
    /// They were not added in order.
    unsorted: bool,
}

impl Entries {
    fn memory(&self) -> usize {
        self.keys.len() + self.list.len() * ENTRY_BYTES
    }

    fn key(&self, entry: &(u32, u16, u8, u32)) -> &[u8] {
        &self.keys[entry.0 as usize..entry.0 as usize + usize::from(entry.1)]
    }

    fn push(&mut self, key: &[u8], ordinal: u32, note: u8) {
        // Ordinals rise, so rows of a key are in order when keys are.
        self.unsorted |= self.list.last().is_some_and(|last| self.key(last) > key);
        self.list.push((self.keys.len() as u32, key.len() as u16, note, ordinal));
        self.keys.extend_from_slice(key);
    }

    fn sort(&mut self) {
        if !self.unsorted {
            return;
        }
        let mut list = std::mem::take(&mut self.list);
        list.sort_unstable_by(|a, b| self.key(a).cmp(self.key(b)).then(a.3.cmp(&b.3)));
        self.list = list;
    }

    fn each(&self, entry: EachEntry<'_>) -> Result<()> {
        self.list.iter().try_for_each(|e| entry(self.key(e), e.3, e.2))
    }
}

/// Sorted runs in a file, which goes with this. Of equal keys those of an earlier run come first.
pub(super) struct Runs<'a> {
    disk: &'a dyn Disk,
    path: PathBuf,
    file: Option<Arc<dyn File>>,
    len: u64,
    /// Where each run lies.
    runs: Vec<(u64, u64)>,
}

impl Drop for Runs<'_> {
    fn drop(&mut self) {
        if self.file.is_some() {
            // What stays behind is removed when the store is opened.
            let _ = self.disk.remove(&self.path);
        }
    }
}

impl<'a> Runs<'a> {
    /// None yet, in a file of that name.
    pub fn new((disk, path): (&'a dyn Disk, PathBuf)) -> Self {
        Runs { disk, path, file: None, len: 0, runs: Vec::new() }
    }

    /// True if there is none.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    fn file(&mut self) -> Result<Arc<dyn File>> {
        if let Some(file) = &self.file {
            return Ok(Arc::clone(file));
        }
        let _ = self.disk.remove(&self.path);
        let file = self.disk.open(&self.path, OpenMode::CreateNew);
        let file = file.map_err(|e| Error::io("create", &self.path, &e))?;
        self.file = Some(Arc::clone(&file));
        Ok(file)
    }

    /// Writes a run of the entries that `each` gives in order.
    pub fn add(&mut self, each: &mut dyn FnMut(EachNote<'_>) -> Result<()>) -> Result<()> {
        let (file, start) = (self.file()?, self.len);
        let mut block = vec![0; 8];
        let (path, len) = (&self.path, &mut self.len);
        let mut flush = |block: &mut Vec<u8>| -> Result<()> {
            let body = (block.len() - 8) as u32;
            let crc = crc32c::crc32c(&block[8..]);
            block[..4].copy_from_slice(&body.to_le_bytes());
            block[4..8].copy_from_slice(&crc.to_le_bytes());
            file.write_at(block, *len).map_err(|e| Error::io("write to", path, &e))?;
            *len += block.len() as u64;
            block.truncate(8);
            Ok(())
        };
        each(&mut |key, note| {
            for bytes in [key, note] {
                block.extend_from_slice(&(bytes.len() as u16).to_le_bytes());
                block.extend_from_slice(bytes);
            }
            if block.len() >= BLOCK_BYTES { flush(&mut block) } else { Ok(()) }
        })?;
        if block.len() > 8 {
            flush(&mut block)?;
        }
        self.runs.push((start, self.len));
        Ok(())
    }

    /// All entries of all runs in order.
    pub fn merge(&mut self, entry: EachNote<'_>) -> Result<()> {
        let file = self.file()?;
        let mut heads = Vec::new();
        for &(at, end) in &self.runs {
            let mut run =
                Run { file: &*file, path: &self.path, at, end, block: Vec::new(), place: 0, entry: None };
            run.next()?;
            heads.push(run);
        }
        // A heap of run numbers, the least head on top.
        let mut heap: Vec<usize> = (0..heads.len()).filter(|&i| heads[i].entry.is_some()).collect();
        (0..heap.len() / 2).rev().for_each(|i| sink(&mut heap, &heads, i));
        while let Some(&top) = heap.first() {
            if let Some((key, note)) = heads[top].head() {
                entry(key, note)?;
            }
            heads[top].next()?;
            if heads[top].entry.is_none() {
                heap.swap_remove(0);
            }
            sink(&mut heap, &heads, 0);
        }
        Ok(())
    }
}

/// Lets an item of a heap sink to where it belongs.
fn sink(heap: &mut [usize], heads: &[Run<'_>], mut at: usize) {
    let key = |run: usize| (heads[run].head().map(|(key, _)| key), run);
    loop {
        let least = [2 * at + 1, 2 * at + 2].into_iter().filter(|&child| child < heap.len()).fold(
            at,
            |least, child| {
                if key(heap[child]) < key(heap[least]) { child } else { least }
            },
        );
        if least == at {
            return;
        }
        heap.swap(at, least);
        at = least;
    }
}

/// Where a merge stands in a run.
struct Run<'a> {
    file: &'a dyn File,
    path: &'a Path,
    at: u64,
    end: u64,
    block: Vec<u8>,
    place: usize,
    /// The present entry: where its key lies in the block, and where its note ends.
    entry: Option<(usize, usize, usize)>,
}

impl Run<'_> {
    fn head(&self) -> Option<(&[u8], &[u8])> {
        let (start, end, last) = self.entry?;
        Some((self.block.get(start..end)?, self.block.get(end + 2..last)?))
    }

    fn next(&mut self) -> Result<()> {
        self.entry = None;
        if self.place == self.block.len() {
            if self.at >= self.end {
                return Ok(());
            }
            let read = |at: u64, bytes: &mut [u8]| {
                self.file.read_exact_at(bytes, at).map_err(|e| Error::io("read", self.path, &e))
            };
            let mut head = [0; 8];
            read(self.at, &mut head)?;
            let mut block = vec![0; (le32(&head, 0) as usize).min(BLOCK_BYTES + ENTRY_MAX + 4)];
            read(self.at + 8, &mut block)?;
            if crc32c::crc32c(&block) != le32(&head, 4) {
                return Err(Error::corrupt(self.path, self.at, "the checksum of sorted keys does not fit"));
            }
            self.at += 8 + block.len() as u64;
            (self.block, self.place) = (block, 0);
        }
        let start = self.place + 2;
        let end = start + self.length(self.place);
        let last = end + 2 + self.length(end);
        if last > self.block.len() {
            return Err(Error::corrupt(self.path, self.at, "sorted keys end too early"));
        }
        self.entry = Some((start, end, last));
        self.place = last;
        Ok(())
    }

    /// A length in the block; of one that lies outside, nothing.
    fn length(&self, at: usize) -> usize {
        if at + 2 <= self.block.len() { le16(&self.block, at).into() } else { 0 }
    }
}
