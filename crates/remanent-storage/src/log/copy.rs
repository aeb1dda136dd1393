//! A log for a copy of the database: one file with the records that the copy's recovery needs, closed in order.

use super::format::{FileHeader, FrameHeader, Kind, seed};
use super::read::{file_name, records};
use super::{FileRef, LogOptions, Record};
use crate::error::{Error, Result, state};
use crate::world::{Disk, OpenMode, join};
use crate::{Epoch, Lsn};
use std::path::{Path, PathBuf};

/// Written and synced in slices of this size, so as to delay no commit's sync (design section 7).
const SLICE: usize = 512 << 10;

/// What the log of a copy is made from, and what it is to be.
pub struct LogCopy<'a> {
    /// The folder of the log.
    pub from: &'a Path,
    /// How it is written.
    pub options: &'a LogOptions,
    /// The last record that nothing needs any more.
    pub floor: Lsn,
    /// The last record that the copy is to have; written already.
    pub up_to: Lsn,
    /// The folder of the copy's log; there is none in it.
    pub to: &'a Path,
    /// The copy's salt.
    pub salt: u32,
    /// The last life of the log that the copy knows of.
    pub epoch: Epoch,
    /// The time of its closing mark.
    pub time: i64,
}

impl LogCopy<'_> {
    /// Writes and syncs it while the log goes on being written; returns the file's length. Nothing at or below `floor`
    /// may be recycled meanwhile. Syncing the directory is the caller's work.
    pub fn write(&self, disk: &dyn Disk) -> Result<u64> {
        let path = join(self.to, &file_name(1));
        let file = disk.open(&path, OpenMode::CreateNew).map_err(|e| Error::io("create", &path, &e))?;
        let mut out = Out { file, path, seed: seed(self.salt, 1), chain: 0, buffer: Vec::new(), written: 0 };
        let mut last = self.floor;
        records(disk, self.from, self.options, self.floor, &mut |record| {
            if record.lsn <= self.up_to {
                self.begin(&mut out, record.epoch);
                last = record.lsn;
                out.record(&record, self.floor);
            }
            out.flush(SLICE)
        })?;
        if last != self.up_to {
            let message = format!("record {} of the log cannot be read; the copy is to have it", last + 1);
            return Err(Error::new(state::DATA_CORRUPTED, message)
                .with_hint("Run \"remanent check\" on the database to see everything that is damaged."));
        }
        self.begin(&mut out, self.epoch);
        let (epoch, time) = (self.epoch, self.time);
        out.frame(Kind::Close, &Record { epoch, lsn: last, time, body: Vec::new() }, last);
        out.flush(1)?;
        Ok(out.written)
    }

    fn begin(&self, out: &mut Out, epoch: Epoch) {
        if out.buffer.is_empty() && out.written == 0 {
            let (first, durable) = (self.floor + 1, self.floor);
            let header = FileHeader { file: 1, first, epoch, durable, chain: 0 };
            out.buffer.extend_from_slice(&header.encode(out.seed));
        }
    }
}

struct Out {
    file: FileRef,
    path: PathBuf,
    seed: u32,
    chain: u32,
    buffer: Vec<u8>,
    written: u64,
}

impl Out {
    fn record(&mut self, record: &Record, durable: Lsn) {
        self.frame(Kind::Record, record, durable);
    }

    fn frame(&mut self, kind: Kind, record: &Record, durable: Lsn) {
        let header = FrameHeader {
            kind,
            len: record.body.len() as u32,
            epoch: record.epoch,
            lsn: record.lsn,
            time: record.time,
            durable,
            chain: self.chain,
            body_crc: crc32c::crc32c(&record.body),
            attempt: 0,
            crc: 0,
        };
        let (bytes, crc) = header.encode(self.seed);
        self.chain = crc;
        self.buffer.extend_from_slice(&bytes);
        self.buffer.extend_from_slice(&record.body);
    }

    /// Writes what is buffered if it is at least so much.
    fn flush(&mut self, least: usize) -> Result<()> {
        if self.buffer.len() < least {
            return Ok(());
        }
        let done = self.file.write_at(&self.buffer, self.written).and_then(|()| self.file.sync());
        done.map_err(|e| Error::io("write to", &self.path, &e))?;
        self.written += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }
}
