//! Small columns share pages: a table of twenty columns and two hundred rows is one page, not twenty.

use crate::error::Result;
use crate::segment::format::{BUNDLED_HEADER, BUNDLED_MAX, Bundled, PageAt};
use crate::segment::page::{BODY_MAX, Locator, PagedWriter};

/// Collects column pages that are small into pages of the file.
pub(super) struct Bundle {
    stream: u32,
    body: Vec<u8>,
    /// The bundles that are written.
    pub(super) pages: Vec<Locator>,
}

impl Bundle {
    pub(super) fn new(stream: u32) -> Self {
        Bundle { stream, body: Vec::new(), pages: Vec::new() }
    }

    /// Takes in the only page of a column, given as its body's parts; None where it is too large. Where its bundle is
    /// in the file is told by [`finish`](Bundle::finish).
    pub(super) fn add(
        &mut self,
        column: u32,
        parts: &[&[u8]],
        out: &mut PagedWriter,
    ) -> Result<Option<PageAt>> {
        let len: usize = parts.iter().map(|part| part.len()).sum();
        let Some(number) = u16::try_from(column).ok().filter(|_| len <= BUNDLED_MAX) else {
            return Ok(None);
        };
        if self.body.len() + BUNDLED_HEADER + len > BODY_MAX {
            self.write(out)?;
        }
        self.body.extend_from_slice(&number.to_le_bytes());
        self.body.extend_from_slice(&(len as u16).to_le_bytes());
        // With a header of its own the page would begin as long before its body as a page of the file does.
        let (bundle, start) = (self.pages.len() as u32, self.body.len() as u32);
        parts.iter().for_each(|part| self.body.extend_from_slice(part));
        let at = Locator { offset: 0, len: 0, crc: 0 };
        Ok(Some(PageAt { at, first_row: 0, bundled: Some(Bundled { bundle, start, len: len as u32 }) }))
    }

    fn write(&mut self, out: &mut PagedWriter) -> Result<()> {
        if !self.body.is_empty() {
            self.pages.push(out.page(self.stream, self.pages.len() as u32, &[&self.body])?);
            self.body.clear();
        }
        Ok(())
    }

    /// Writes what is left; returns where the bundles are.
    pub(super) fn finish(mut self, out: &mut PagedWriter) -> Result<Vec<Locator>> {
        self.write(out)?;
        Ok(self.pages)
    }
}
