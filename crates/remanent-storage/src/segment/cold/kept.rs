//! Chunks as reads of single rows keep them: every value lies where its row says.
//!
//! Where one value costs decoding all of a chunk (bins) or a block of them (short strings), the chunk is decoded once and kept in
//! the page cache, among the pages and under their budget. What is kept says all that is known of the chunk, so that the next
//! read needs neither the page nor the footer, and no checksum: it was made of a page that had been verified.
//!
//! | size | what |
//! |---|---|
//! | 4 | number of rows |
//! | 1 | 0: carriers; 1: byte strings; 2: codes |
//! | 1 | 1: some rows are NULL |
//! | 2 | of codes: how many entries the dictionary has |
//! | 4 | of codes: the first row of the page, by which the dictionary is kept |
//! | 8 per 64 rows | where rows are NULL: validity, as in a page |
//! | | carriers or codes, 8 bytes each; strings and dictionaries as [`Bytes::decoded`] |
//!
//! ```text
//!   "idle", "taxi", "idle"   rows 4096 …   name (column, 4096)          3 rows, codes 0 1 0, page 0
//!                                          name (column, dictionary, 0) ends 4 8, "idletaxi"
//! ```

use super::Stored;
use crate::segment::encoding::bytes::Bytes;
use crate::segment::encoding::ints::Ints;
use crate::segment::encoding::{Cursor, Parse};
use crate::segment::format::{Chunk, Dictionary, Section, VECTOR_ROWS};
use crate::value::{Buffer, Physical};
use crate::world::mutation;

/// Set in what the cache calls an offset, where a decoded chunk is meant and not a page; no file is so long. And beside it, where
/// a decoded dictionary is.
const DECODED: u64 = 1 << 63;
const DICTIONARY: u64 = 1 << 62;

/// What the values of a kept chunk are.
const CARRIERS: u8 = 0;
const STRINGS: u8 = 1;
const CODES: u8 = 2;

/// What reads single rows of a chunk, told what holds their bytes.
pub(super) type Read<'r> = dyn FnMut(&Chunk<'_>, &Buffer<u8>) -> Parse<()> + 'r;

/// The same, told the place of a row too.
pub(super) type ReadAt<'r> = dyn FnMut(&Chunk<'_>, usize, &Buffer<u8>) -> Parse<()> + 'r;

/// What is kept of a chunk, of the page that begins with the row `page`.
fn keep(chunk: &Chunk<'_>, values: &Section<'_>, narrow: bool, page: u32) -> Parse<Vec<u8>> {
    let entries = chunk.dictionary.as_ref();
    let (kind, body) = match (values, entries.map(|entries| &entries.values)) {
        (Section::Bytes(strings), _) => (STRINGS, strings.decoded()?),
        (Section::Floats(floats), _) => (CARRIERS, floats.decoded(narrow)?),
        (Section::Ints(codes), Some(Section::Ints(entries))) => (CARRIERS, codes.decoded_by(entries)?),
        (Section::Ints(codes), Some(_)) => (CODES, codes.decoded()?),
        (Section::Ints(ints), None) => (CARRIERS, ints.decoded()?),
    };
    let bits = chunk.validity.unwrap_or_default();
    let mut out = Vec::with_capacity(12 + bits.len() + body.len());
    out.extend_from_slice(&(chunk.rows as u32).to_le_bytes());
    out.extend_from_slice(&[kind, u8::from(chunk.validity.is_some())]);
    out.extend_from_slice(&(entries.map_or(0, |entries| entries.len) as u16).to_le_bytes());
    out.extend_from_slice(&page.to_le_bytes());
    out.extend_from_slice(bits);
    out.extend_from_slice(&body);
    Ok(out)
}

/// The chunk that was kept, and where it has codes: how many entries their dictionary has, and the first row of its page.
fn view(kept: &[u8]) -> Parse<(Chunk<'_>, Option<(usize, u32)>)> {
    let mut cursor = Cursor { rest: kept };
    let rows = cursor.u32()? as usize;
    let (kind, nulls) = (cursor.u8()?, cursor.u8()?);
    let (entries, page) = (usize::from(cursor.u16()?), cursor.u32()?);
    let validity = match nulls {
        0 => None,
        _ => Some(cursor.take(rows.div_ceil(64) * 8)?),
    };
    let values = match kind {
        STRINGS => Section::Bytes(Bytes::of_decoded(rows, cursor.rest)?),
        _ => Section::Ints(Ints::of_decoded(rows, cursor.rest)?),
    };
    let chunk = Chunk { rows, validity, values: Some(values), dictionary: None };
    Ok((chunk, (kind == CODES).then_some((entries, page))))
}

impl Stored {
    /// What chunks of a column are kept under; the first row makes it a name.
    fn kept_name(column: usize) -> u64 {
        let column = if mutation("confuse_decoded") { 0 } else { column };
        DECODED | (column as u64) << 32
    }

    /// Runs `read` on the chunk of a column that covers a row, told the place of the row in it and what holds the bytes, if
    /// that is kept.
    pub(super) fn read_kept(&self, column: usize, row: u32, read: &mut ReadAt<'_>) -> Option<Parse<()>> {
        let name = Self::kept_name(column);
        // A page may hold a part of a vector. Without the footer, who is not told of one looks in vain.
        let page = self.known.get().and_then(|known| known.footer.columns.get(column)).and_then(|of| {
            let at = of.pages.get(self.place(&of.pages, row))?;
            row.checked_sub(at.first_row)
        });
        let place = page.unwrap_or(row) as usize % VECTOR_ROWS;
        let (file, cache) = (self.file.id(), self.file.cache());
        let kept = cache.get(file, name | u64::from(row - place as u32))?;
        let (mut chunk, codes) = match view(&kept) {
            Ok(view) => view,
            Err(what) => return Some(Err(what)),
        };
        if place >= chunk.rows {
            return None;
        }
        let Some((len, page)) = codes else { return Some(read(&chunk, place, &kept)) };
        let entries = cache.get(file, name | DICTIONARY | u64::from(page))?;
        Some(Bytes::of_decoded(len, &entries).and_then(|entries| {
            chunk.dictionary = Some(Dictionary { len, values: Section::Bytes(entries) });
            read(&chunk, place, &kept)
        }))
    }

    /// Runs `read` on a chunk whose values decode alone, and on what holds their bytes: where one costs decoding others, all are
    /// decoded once and kept. `first` is the first row of the chunk.
    pub(super) fn with_kept(
        &self,
        column: usize,
        first: u32,
        chunk: &Chunk<'_>,
        page: &Buffer<u8>,
        read: &mut Read<'_>,
    ) -> Parse<()> {
        let costs = |entries: &Dictionary<'_>| entries.values.costs();
        let Some(values) =
            chunk.values.filter(|v| v.is_kept() || chunk.dictionary.as_ref().is_some_and(costs))
        else {
            return read(chunk, page);
        };
        let name = Self::kept_name(column);
        let kept = self.kept(name | u64::from(first), &|| {
            let pages = self.pages(column).unwrap_or_default();
            let of_page = pages.get(self.place(pages, first)).map_or(first, |page| page.first_row);
            keep(chunk, &values, self.type_of(column).physical() == Physical::F32, of_page)
        })?;
        let (mut view, codes) = view(&kept)?;
        let of_page;
        if let (Some((len, page)), Some(Section::Bytes(strings))) =
            (codes, chunk.dictionary.map(|entries| entries.values))
        {
            of_page = self.kept(name | DICTIONARY | u64::from(page), &|| strings.decoded())?;
            let values = Section::Bytes(Bytes::of_decoded(len, &of_page)?);
            view.dictionary = Some(Dictionary { len, values });
        }
        read(&view, &kept)
    }

    /// What is kept under a name, made where it is not there.
    fn kept(&self, name: u64, make: &dyn Fn() -> Parse<Vec<u8>>) -> Parse<Buffer<u8>> {
        let (file, cache) = (self.file.id(), self.file.cache());
        if let Some(kept) = cache.get(file, name) {
            return Ok(kept);
        }
        let kept: Buffer<u8> = make()?.into();
        cache.insert(file, name, kept.clone());
        Ok(kept)
    }
}
