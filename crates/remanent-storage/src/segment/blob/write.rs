//! Writing one large value: pages into a buffer, the buffer to the file in slices.

use super::files::Writable;
use super::{HEADER, PAGE, page_crc};
use crate::error::{Error, Result};
use crate::value::blob::{Reference, not_text, too_long};
use crate::value::column::VALUE_MAX;

/// Bytes that are written at once (design section 7: the device's queue stays short).
const WRITE_SLICE: usize = 512 << 10;

/// A value on its way into a file.
pub(super) struct ValueWriter<'a> {
    file: &'a mut Writable,
    start: u64,
    /// Pages that are not written yet; the last may be unfinished.
    buffer: Vec<u8>,
    /// Where the unfinished page begins in the buffer.
    page: usize,
    pages: u32,
    len: usize,
    crc: u32,
}

impl<'a> ValueWriter<'a> {
    pub(super) fn new(file: &'a mut Writable) -> Self {
        let start = file.end;
        ValueWriter { file, start, buffer: Vec::new(), page: 0, pages: 0, len: 0, crc: 0 }
    }

    /// Adds bytes. 54000 where the value becomes too long.
    pub(super) fn write(&mut self, mut bytes: &[u8]) -> Result<()> {
        if self.len + bytes.len() > VALUE_MAX {
            return Err(too_long());
        }
        self.len += bytes.len();
        while !bytes.is_empty() {
            if self.buffer.len() == self.page {
                self.buffer.resize(self.page + HEADER, 0);
            }
            let room = PAGE - (self.buffer.len() - self.page - HEADER);
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            self.buffer.extend_from_slice(now);
            bytes = later;
            if now.len() == room {
                self.end_page();
                if self.buffer.len() + HEADER + PAGE > WRITE_SLICE {
                    self.flush()?;
                }
            }
        }
        Ok(())
    }

    fn end_page(&mut self) {
        let offset = self.file.end + self.page as u64;
        let data = (self.buffer.len() - self.page - HEADER) as u32;
        let Some(page) = self.buffer.get_mut(self.page..) else { return };
        let says = [self.pages, data, 0].map(u32::to_le_bytes).concat();
        if let Some(fields) = page.get_mut(4..HEADER) {
            fields.copy_from_slice(&says);
        }
        let crc = page.get(4..).map_or(0, |rest| page_crc(self.file.number, offset, rest)).to_le_bytes();
        if let Some(sum) = page.get_mut(..4) {
            sum.copy_from_slice(&crc);
        }
        self.crc = crc32c::crc32c_append(self.crc, &crc);
        self.pages += 1;
        self.page = self.buffer.len();
    }

    fn flush(&mut self) -> Result<()> {
        let file = &mut *self.file;
        file.handle.write_at(&self.buffer, file.end).map_err(|e| Error::io("write", &file.path, &e))?;
        file.end += self.buffer.len() as u64;
        self.buffer.clear();
        self.page = 0;
        Ok(())
    }

    /// Writes the rest; where the value lies.
    pub(super) fn finish(mut self) -> Result<Reference> {
        if self.buffer.len() > self.page || self.pages == 0 {
            if self.buffer.len() == self.page {
                self.buffer.resize(self.page + HEADER, 0);
            }
            self.end_page();
        }
        self.flush()?;
        Ok(Reference { file: self.file.number, offset: self.start, len: self.len as u32, crc: self.crc })
    }
}

/// Tests piece by piece that bytes are UTF-8 without a zero.
#[derive(Default)]
pub(super) struct TextCheck {
    /// The beginning of a character whose end is still to come.
    open: Vec<u8>,
}

impl TextCheck {
    pub(super) fn add(&mut self, bytes: &[u8]) -> Result<()> {
        if bytes.contains(&0) {
            return Err(not_text());
        }
        self.open.extend_from_slice(bytes);
        let sound = match std::str::from_utf8(&self.open) {
            Ok(_) => self.open.len(),
            Err(e) if e.error_len().is_none() => e.valid_up_to(),
            Err(_) => return Err(not_text()),
        };
        self.open.drain(..sound);
        Ok(())
    }

    pub(super) fn finish(&self) -> Result<()> {
        if self.open.is_empty() { Ok(()) } else { Err(not_text()) }
    }
}
