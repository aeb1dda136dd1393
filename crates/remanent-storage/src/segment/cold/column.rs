//! One column on its way into a segment: rows to vectors, vectors to chunks, chunks to pages.
//!
//! A page is begun in one of two modes, by what suits its first vector: *direct*, where each
//! vector is a section of its own, or *dictionary*, where vectors are codes into distinct
//! values that the page holds once. It is closed when the next vector does not fit, or when the mode no longer pays.

use super::bundle::Bundle;
use super::dictionary::{Dictionary, Repeats};
use super::pending::Pending;
use super::zones::ZoneBuilder;
use crate::error::Result;
use crate::segment::encoding::Effort;
use crate::segment::encoding::bytes::{self, Packer};
use crate::segment::encoding::floats;
use crate::segment::encoding::ints;
use crate::segment::format::{
    ALL_NULL, ALL_VALID, COLUMN_HEADER, DICTIONARY, NARROW, PAGE_VECTORS, PART, PageAt, SOME_NULL,
    VECTOR_ROWS, layout_tag,
};
use crate::segment::page::{BODY_MAX, PAGE_HEADER, PagedWriter};
use crate::value::kinds::Kind;
use crate::value::{Column, Physical, Type};
use rustc_hash::FxHashSet;

/// What a page with a dictionary of many strings may hold: its chunks begin at places of 16 bits.
const LARGE_MAX: usize = 60 << 10;
/// A section of fewer bytes than this is not worth a dictionary.
const DICTIONARY_LEAST: usize = 512;
/// Most uncompressed bytes of strings in a chunk that is a part of a vector: what a single read decompresses.
const PART_MAX: usize = 64 << 10;

/// Writes the pages of one column.
pub(super) struct ColumnWriter {
    ty: Type,
    /// Whether zone maps are kept: for columns, not for the created lsns.
    zoned: bool,
    /// Rows are searched by this column: its values should decode alone.
    pub(super) keyed: bool,
    /// Its size matters more than the time it takes to write.
    pub(super) thorough: bool,
    stream: u32,
    /// The first row of `pending`.
    row: u32,
    pending: Pending,
    packer: Packer,
    /// What is known of its strings.
    repeats: Repeats,
    page: Page,
    pub(super) pages: Vec<PageAt>,
    pub(super) zones: Vec<Vec<u8>>,
}

/// A page under construction.
struct Page {
    first_row: u32,
    rows: u32,
    flags: u8,
    /// Where each chunk begins in `chunks`.
    offsets: Vec<usize>,
    chunks: Vec<u8>,
    dictionary: Dictionary,
    zone: ZoneBuilder,
}

impl Page {
    fn new(ty: Type, first_row: u32) -> Self {
        Page {
            first_row,
            rows: 0,
            flags: 0,
            offsets: Vec::new(),
            chunks: Vec::new(),
            dictionary: Dictionary::default(),
            zone: ZoneBuilder::new(ty),
        }
    }

    /// True if one more chunk fits.
    fn fits(&self, chunk: &[u8]) -> bool {
        let body = self.chunks.len() + chunk.len() + self.dictionary.size();
        let head = COLUMN_HEADER - PAGE_HEADER + 2 * (self.offsets.len() + 1);
        let most = if self.dictionary.is_large() { LARGE_MAX } else { BODY_MAX };
        self.offsets.len() < PAGE_VECTORS && head + body <= most
    }

    fn add(&mut self, chunk: &[u8], rows: usize) {
        self.rows += rows as u32;
        match self.offsets.last() {
            Some(&last) if self.chunks[last..] == *chunk => self.offsets.push(last),
            _ => {
                self.offsets.push(self.chunks.len());
                self.chunks.extend_from_slice(chunk);
            }
        }
    }

    /// The head of the page's body, chunk offsets included, and its dictionary.
    fn head(&self, physical: Physical, codes: bool, repeats: &Repeats) -> (Vec<u8>, Vec<u8>) {
        let mut dictionary = Vec::new();
        self.dictionary.write(codes, repeats, &mut dictionary);
        let mut head = vec![self.offsets.len() as u8, self.flags, layout_tag(physical), 0];
        head.extend_from_slice(&self.rows.to_le_bytes());
        head.extend_from_slice(&(self.dictionary.len() as u16).to_le_bytes());
        let start = COLUMN_HEADER + 2 * self.offsets.len() + dictionary.len();
        for offset in &self.offsets {
            head.extend_from_slice(&((start + offset) as u16).to_le_bytes());
        }
        (head, dictionary)
    }
}

impl ColumnWriter {
    pub(super) fn new(ty: Type, stream: u32, zoned: bool) -> Self {
        let (pending, page) = (Pending::new(ty.physical()), Page::new(ty, 0));
        ColumnWriter {
            ty,
            zoned,
            keyed: false,
            thorough: false,
            stream,
            row: 0,
            pending,
            packer: Packer::default(),
            repeats: Repeats::default(),
            page,
            pages: Vec::new(),
            zones: Vec::new(),
        }
    }

    fn effort(&self) -> Effort {
        match (self.thorough, self.keyed) {
            (false, _) => Effort::Fast,
            (true, false) => Effort::Thorough,
            (true, true) => Effort::Keyed,
        }
    }

    /// True if no row was appended.
    pub(super) fn is_empty(&self) -> bool {
        self.row == 0 && self.pending.rows == 0
    }

    /// Appends rows.
    pub(super) fn append(&mut self, column: &Column, out: &mut PagedWriter) -> Result<()> {
        let mut start = 0;
        while start < column.len() {
            let n = (VECTOR_ROWS - self.pending.rows).min(column.len() - start);
            self.pending.push(&column.slice(start, n));
            start += n;
            if self.pending.rows == VECTOR_ROWS {
                self.vector(out)?;
            }
        }
        Ok(())
    }

    /// Writes what is left; a small column goes into a bundle.
    pub(super) fn finish(&mut self, bundle: &mut Bundle, out: &mut PagedWriter) -> Result<()> {
        if self.pending.rows > 0 {
            self.vector(out)?;
        }
        if !self.pages.is_empty() || self.page.offsets.is_empty() {
            return self.close(out);
        }
        let (head, dictionary) = self.page.head(self.ty.physical(), self.thorough, &self.repeats);
        match bundle.add(self.stream, &[&head, &dictionary, &self.page.chunks], out)? {
            None => self.close(out),
            Some(page) => {
                self.pages.push(page);
                let page = std::mem::replace(&mut self.page, Page::new(self.ty, 0));
                self.zones.extend(self.zoned.then(|| page.zone.finish()));
                Ok(())
            }
        }
    }

    pub(super) fn memory(&self) -> usize {
        let dictionary = &self.page.dictionary;
        self.pending.memory()
            + self.page.chunks.capacity()
            + dictionary.memory()
            + self.repeats.memory()
            + self.pages.capacity() * size_of::<PageAt>()
            + self.zones.capacity() * 64
    }

    /// Puts the pending vector into a page.
    fn vector(&mut self, out: &mut PagedWriter) -> Result<()> {
        let narrow = if self.pending.settle() { NARROW } else { 0 };
        let rows = self.pending.rows;
        let mut chunk = Vec::new();
        if !self.page.offsets.is_empty() {
            let same = self.page.flags & NARROW == narrow || self.pending.nulls == rows;
            if !(same && self.encode(self.page.flags & DICTIONARY != 0, &mut chunk) && self.page.fits(&chunk))
            {
                self.close(out)?;
            }
        }
        if self.page.offsets.is_empty() {
            self.page.flags = narrow;
            if self.with_large(&mut chunk) || self.with_dictionary(&mut chunk) {
                self.page.flags |= DICTIONARY;
            } else {
                self.page.dictionary = Dictionary::default();
                if self.too_long() || !(self.encode(false, &mut chunk) && self.page.fits(&chunk)) {
                    return self.parts(out);
                }
            }
        }
        self.page.zone.add(self.ty, &self.pending, 0, rows);
        self.page.add(&chunk, rows);
        if self.ty.is_text() && !self.keyed {
            self.repeats.see(&self.pending.strings, chunk.len(), &self.page.dictionary);
        }
        self.next();
        Ok(())
    }

    fn next(&mut self) {
        self.row += self.pending.rows as u32;
        self.pending.clear();
    }

    /// Encodes the pending vector as a chunk; false where the page's dictionary does not take it.
    fn encode(&mut self, dictionary: bool, chunk: &mut Vec<u8>) -> bool {
        chunk.clear();
        if !dictionary {
            self.direct(0, self.pending.rows, chunk);
            return true;
        }
        let rows = &self.pending;
        if self.write_validity(0, rows.rows, chunk) {
            return true;
        }
        let (before, strings) = (self.page.dictionary.len(), !rows.strings.is_empty());
        let codes = match strings {
            true => self.page.dictionary.strings(&rows.strings, &self.repeats),
            false => self.page.dictionary.carriers(&rows.carriers),
        };
        let added = self.page.dictionary.len() - before;
        if let Some(codes) = codes {
            let plan = ints::plan(&codes, self.effort());
            let pays = match strings {
                true => added <= rows.rows / 2 || self.page.dictionary.is_large(),
                false => plan.size + 8 * added < ints::plan(&rows.carriers, Effort::Fast).size,
            };
            let mut section = Vec::with_capacity(plan.size);
            plan.write(&codes, &mut section);
            chunk.extend_from_slice(&section);
            if (pays || before == 0) && self.page.fits(chunk) {
                return true;
            }
        }
        self.page.dictionary.truncate(before);
        false
    }

    /// Tries to begin the page with a dictionary of many strings, where they repeat from page to page.
    fn with_large(&mut self, chunk: &mut Vec<u8>) -> bool {
        if self.pending.strings.is_empty() || !self.repeats.suggest_large() {
            return false;
        }
        self.page.dictionary = Dictionary::large();
        if self.encode(true, chunk) && self.page.dictionary.len() > 0 {
            return true;
        }
        self.page.dictionary = Dictionary::default();
        false
    }

    /// Tries to begin the page with a dictionary.
    fn with_dictionary(&mut self, chunk: &mut Vec<u8>) -> bool {
        let rows = &self.pending;
        if rows.nulls == rows.rows || rows.rows < 2 {
            return false;
        }
        if !rows.strings.is_empty() {
            return self.encode(true, chunk) && 2 * self.page.dictionary.len() <= self.pending.rows;
        }
        let sample: FxHashSet<i64> = rows.carriers.iter().step_by(rows.rows.div_ceil(64)).copied().collect();
        let direct = ints::plan(&rows.carriers, Effort::Fast).size;
        if direct < DICTIONARY_LEAST || sample.len() > 48 {
            return false;
        }
        // A float may be cheaper as digits.
        let mut plain = Vec::new();
        self.direct(0, self.pending.rows, &mut plain);
        if !self.encode(true, chunk) {
            return false;
        }
        let size = chunk.len() + self.page.dictionary.size();
        size + size / 8 < plain.len()
    }

    /// Appends the validity of rows; true if all are NULL and nothing follows.
    fn write_validity(&self, start: usize, end: usize, chunk: &mut Vec<u8>) -> bool {
        let rows = &self.pending;
        let nulls = match rows.nulls {
            0 => 0,
            _ => (start..end).filter(|&i| !rows.is_valid(i)).count(),
        };
        if nulls == 0 {
            chunk.push(ALL_VALID);
        } else if nulls == end - start {
            chunk.push(ALL_NULL);
        } else {
            chunk.push(SOME_NULL);
            let bits = rows.validity(start, end);
            (0..(end - start).div_ceil(64))
                .for_each(|i| chunk.extend_from_slice(&bits.word(i).to_le_bytes()));
        }
        nulls == end - start
    }

    /// Appends the chunk of rows without a dictionary.
    fn direct(&mut self, start: usize, end: usize, chunk: &mut Vec<u8>) {
        let rows = &self.pending;
        if self.write_validity(start, end, chunk) {
            return;
        }
        if !rows.strings.is_empty() {
            // Searches read vectors one by one, and floats have little that repeats.
            let packs = !matches!(self.ty, Type::Vector(_) | Type::Other(Kind::HalfVec, _));
            (self.packer.lz4, self.packer.codes) = (packs && !self.keyed, packs && self.thorough);
            return bytes::write(&self.pending.strings, start, end, &mut self.packer, chunk);
        }
        let carriers = &rows.carriers[start..end];
        let narrow = match self.ty.physical() {
            Physical::F32 => true,
            Physical::F64 => false,
            _ => return ints::plan(carriers, self.effort()).write(carriers, chunk),
        };
        // Digits are nearly always smaller than bits: these are planned with care only where there are none.
        let plan = ints::plan(carriers, Effort::Fast);
        if !floats::write(carriers, narrow, plan.size - plan.size / 8, self.effort(), chunk) {
            let plan = if self.thorough { ints::plan(carriers, self.effort()) } else { plan };
            plan.write(carriers, chunk);
        }
    }

    /// True if the vector has more bytes than one chunk should decompress to.
    fn too_long(&self) -> bool {
        self.pending.strings.data.len() > PART_MAX
    }

    /// Writes the pending vector, which is too large for one page, as pages that hold a part each. The page under
    /// construction is empty.
    fn parts(&mut self, out: &mut PagedWriter) -> Result<()> {
        let mut start = 0;
        let (mut chunk, mut target) = (Vec::new(), BODY_MAX * 7 / 8);
        while start < self.pending.rows {
            // As many rows as may fit, judged by how well the part before compressed.
            let strings = &self.pending.strings;
            let from = strings.start(start) + target;
            let mut end = strings.ends.partition_point(|&e| e as usize <= from).max(start + 1);
            loop {
                chunk.clear();
                self.page.dictionary = Dictionary::default();
                self.direct(start, end, &mut chunk);
                if self.page.fits(&chunk) || end == start + 1 {
                    break;
                }
                end = start + (end - start) / 2;
            }
            let strings = &self.pending.strings;
            let raw = strings.start(end) - strings.start(start);
            target = (raw * (BODY_MAX * 7 / 8) / chunk.len().max(1)).clamp(BODY_MAX / 2, PART_MAX);
            self.page.first_row = self.row + start as u32;
            self.page.flags = PART | self.page.flags & NARROW;
            self.page.zone.add(self.ty, &self.pending, start, end);
            self.page.add(&chunk, end - start);
            self.close(out)?;
            start = end;
        }
        self.next();
        self.page.first_row = self.row;
        Ok(())
    }

    /// Writes the page under construction, if it holds anything, and begins the next.
    fn close(&mut self, out: &mut PagedWriter) -> Result<()> {
        let next = self.page.first_row + self.page.rows;
        let page = std::mem::replace(&mut self.page, Page::new(self.ty, next));
        if page.offsets.is_empty() {
            return Ok(());
        }
        self.repeats.closed(&page.dictionary, page.rows as usize);
        let (head, dictionary) = page.head(self.ty.physical(), self.thorough, &self.repeats);
        let at = out.page(self.stream, page.first_row, &[&head, &dictionary, &page.chunks])?;
        self.pages.push(PageAt { at, first_row: page.first_row, bundled: None });
        if self.zoned {
            self.zones.push(page.zone.finish());
        }
        Ok(())
    }
}
