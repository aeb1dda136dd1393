//! Putting records into files: one contiguous buffer, one `write_at`, the next file when one is full.

use super::files::Used;
use super::format::{FILE_HEADER, FRAME_HEADER, FileHeader, FrameHeader, Kind, seed};
use super::queue::Entry;
use super::read::{End, Found};
use super::{FileRef, Log};
use crate::Lsn;
use crate::error::{Error, Result};
use crate::world::join;
use std::path::PathBuf;

/// A buffer above this is given back after use.
const KEEP_BUFFER: usize = 1 << 20;

/// The end of the log, owned by the one thread that writes.
pub(super) struct Writer {
    pub file: FileRef,
    pub path: PathBuf,
    pub number: u64,
    pub seed: u32,
    /// Where the next byte goes; 0: the file's header is not written yet.
    pub offset: u64,
    /// How long the file is made.
    pub base: u64,
    /// Where it is full: at `base`, or where its one larger record ends.
    pub capacity: u64,
    /// Header CRC of the last frame written.
    pub chain: u32,
    /// Lsn of the last record written.
    pub lsn: Lsn,
    /// What the next write puts at `offset`, and how chain and lsn stand behind it.
    pub buffer: Vec<u8>,
    pub next_chain: u32,
    pub next_lsn: Lsn,
    /// Leftovers of a failed write may lie at `offset`.
    pub torn: bool,
}

impl Writer {
    /// Goes on where a walk ended.
    pub fn at(found: Found, end: &End, file_size: u64) -> Writer {
        // A file that was never begun may be unfinished; then it grows as it is written.
        let base = if end.offset == 0 { found.len.max(file_size) } else { found.len };
        Writer {
            file: found.file,
            path: found.path,
            number: found.number,
            seed: found.seed,
            offset: end.offset,
            base,
            capacity: base,
            chain: end.tip.chain,
            lsn: end.tip.lsn,
            buffer: Vec::new(),
            next_chain: end.tip.chain,
            next_lsn: end.tip.lsn,
            torn: false,
        }
    }

    /// Seals a frame into the buffer.
    fn push(&mut self, entry: &Entry, terms: &Terms) {
        if self.offset == 0 && self.buffer.is_empty() {
            let header = FileHeader {
                file: self.number,
                first: self.next_lsn + 1,
                epoch: terms.epoch,
                durable: terms.durable,
                chain: self.next_chain,
            };
            self.buffer.extend_from_slice(&header.encode(self.seed));
        }
        self.next_lsn += u64::from(entry.kind == Kind::Record);
        let header = FrameHeader {
            kind: entry.kind,
            len: entry.body.len() as u32,
            epoch: terms.epoch,
            lsn: self.next_lsn,
            time: entry.time,
            durable: terms.durable,
            chain: self.next_chain,
            body_crc: crc32c::crc32c(&entry.body),
            attempt: terms.attempt,
            crc: 0,
        };
        let (bytes, crc) = header.encode(self.seed);
        self.buffer.extend_from_slice(&bytes);
        self.buffer.extend_from_slice(&entry.body);
        self.next_chain = crc;
    }

    /// Bytes that fit behind what is written and buffered.
    fn room(&self) -> u64 {
        self.capacity.saturating_sub(self.end())
    }

    fn end(&self) -> u64 {
        self.offset + self.buffer.len() as u64
    }

    /// Forgets what is buffered.
    fn reset(&mut self) {
        self.buffer.clear();
        self.next_chain = self.chain;
        self.next_lsn = self.lsn;
    }
}

/// What all frames of one write say.
pub(super) struct Terms {
    pub epoch: u64,
    pub durable: Lsn,
    pub attempt: u32,
    /// A sync follows at once.
    pub synced: bool,
}

impl Log {
    /// Writes a batch: one `write_at` per file it touches, or one `put_at` where no sync follows. On an error, what was written is published, the rest
    /// is to be forgotten.
    pub(super) fn write_batch(&self, writer: &mut Writer, batch: &[Entry], terms: &Terms) -> Result<()> {
        writer.reset();
        for entry in batch {
            let size = (FRAME_HEADER + entry.body.len()) as u64;
            if writer.room() < size && writer.end() > 0 {
                self.write_buffer(writer, terms)?;
                self.begin_file(writer)?;
            }
            if writer.end() == 0 {
                // A record larger than a file makes its file larger.
                writer.capacity = writer.base.max(FILE_HEADER as u64 + size);
            }
            writer.push(entry, terms);
        }
        self.write_buffer(writer, terms)
    }

    fn write_buffer(&self, writer: &mut Writer, terms: &Terms) -> Result<()> {
        if writer.buffer.is_empty() {
            return Ok(());
        }
        let written = match terms.synced {
            true => writer.file.write_at(&writer.buffer, writer.offset),
            false => writer.file.put_at(&writer.buffer, writer.offset),
        };
        writer.torn = written.is_err();
        written.map_err(|e| Error::io("write to", &writer.path, &e))?;
        let bytes = writer.buffer.len() as u64;
        writer.offset += bytes;
        writer.chain = writer.next_chain;
        writer.lsn = writer.next_lsn;
        writer.buffer.clear();
        writer.buffer.shrink_to(KEEP_BUFFER);
        let mut shared = self.shared.lock();
        shared.publish(writer.lsn, terms.durable, bytes);
        if let Some(used) = shared.used.back_mut() {
            used.len = used.len.max(writer.offset);
        }
        Ok(())
    }

    /// Goes on in the next file.
    fn begin_file(&self, writer: &mut Writer) -> Result<()> {
        let ready = self.take_file()?;
        writer.file.put_end();
        let mut shared = self.shared.lock();
        let left = std::mem::replace(&mut shared.active, ready.file.clone());
        shared.unsynced.push(left);
        shared.used.push_back(Used { number: ready.number, first: writer.lsn + 1, len: ready.len });
        shared.stats.files += 1;
        drop(shared);
        writer.path = join(&self.dir, &super::read::file_name(ready.number));
        writer.seed = seed(self.options.salt, ready.number);
        writer.number = ready.number;
        writer.file = ready.file;
        writer.base = ready.len;
        writer.capacity = ready.len;
        writer.offset = 0;
        Ok(())
    }

    /// Overwrites the beginning of what a failed write may have left, durably: its records were reported failed,
    /// so no recovery may find them (invariant 3).
    pub(super) fn wipe(&self, writer: &mut Writer) -> Result<()> {
        writer.reset();
        if !writer.torn {
            return Ok(());
        }
        let room = writer.capacity.saturating_sub(writer.offset).min(FILE_HEADER as u64);
        let zeros = [0; FILE_HEADER];
        let zeros = zeros.get(..room as usize).unwrap_or_default();
        let wiped = match writer.file.write_at(zeros, writer.offset) {
            // Where not even this has room there are no leftovers, or the file system writes elsewhere: cutting needs none.
            Err(e) if e.kind() == std::io::ErrorKind::StorageFull => writer.file.set_len(writer.offset),
            written => written,
        };
        let wiped = wiped.and_then(|()| writer.file.sync());
        wiped.map_err(|e| Error::io("clean up after a failed write to", &writer.path, &e))?;
        writer.torn = false;
        Ok(())
    }
}
