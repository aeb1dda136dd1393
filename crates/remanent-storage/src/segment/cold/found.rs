//! Reading what is left of a damaged file.
//!
//! Pages say themselves what they are ([`page`](crate::segment::page)), so a segment whose footer is gone can be read all the
//! same; and where a page is gone, the rows that have all their columns in other pages can.

use super::{ColdSegment, Known, Stored, VECTOR_ROWS, read_footer};
use crate::Lsn;
use crate::error::{Error, Result};
use crate::segment::cache::PageCache;
use crate::segment::format::{BUNDLED_HEADER, Bundled, ColumnPages, Footer, MAGIC, PageAt};
use crate::segment::page::{FoundPage, PAGE_HEADER, PagedReader};
use crate::segment::shape::{Shape, mark};
use crate::value::{Column, Type};
use crate::world::Disk;
use remanent_kernels::sort::sort_by;
use std::path::PathBuf;
use std::sync::Arc;

/// What a file says of itself.
#[derive(Debug, Clone)]
pub struct Described {
    /// Whose rows they are; 0: it is not said.
    pub table: u32,
    /// How many rows.
    pub rows: u32,
    /// The oldest and the newest created lsn; both 0 in a segment that a transaction wrote.
    pub created: (Lsn, Lsn),
    /// The types of its columns.
    pub types: Vec<Type>,
}

/// The rows of a vector that can be read.
pub struct ReadableRows {
    /// Which they are.
    pub ordinals: Vec<u32>,
    /// All their columns.
    pub columns: Vec<Column>,
    /// Who made them.
    pub created: Vec<Lsn>,
}

impl ColdSegment {
    /// What a file says of itself in its footer, which is verified.
    pub fn describe(
        disk: Arc<dyn Disk>,
        path: PathBuf,
        file_id: u32,
        cache: Arc<PageCache>,
    ) -> Result<Described> {
        let file = PagedReader::new(disk, path, file_id.into(), MAGIC, cache);
        let (footer, offset) = read_footer(&file)?;
        let columns = footer.columns.len().saturating_sub(1);
        let types = footer.columns.iter().take(columns).map(|column| Type::of_tag(column.tag));
        let types = types.collect::<Option<Vec<_>>>();
        let types = types.ok_or_else(|| file.corrupt(offset, "the footer names an unknown type"))?;
        Ok(Described { table: file.owner()?, rows: footer.rows, created: footer.created, types })
    }

    /// The rows of a vector that can be read in all columns; what is damaged is reported.
    pub fn readable(&self, vector: u32, report: &mut dyn FnMut(Error)) -> Result<ReadableRows> {
        let (first, rows) = self.extent(vector)?;
        let columns: Result<Vec<Column>> = (0..self.types().len()).map(|c| self.read(c, vector)).collect();
        if let (Ok(columns), Ok(created)) = (columns, self.created(vector)) {
            let ordinals = (first..first + rows as u32).collect();
            return Ok(ReadableRows { ordinals, columns, created: created.to_vec() });
        }
        let mut ordinals: Vec<u32> = (first..first + rows as u32).collect();
        let one_lsn = self.created.0 == self.created.1;
        for column in 0..self.types().len() {
            let Err(error) = self.read(column, vector) else { continue };
            report(error);
            ordinals.retain(|&row| self.value(column, row).is_ok());
        }
        if let (false, Err(error)) = (one_lsn, self.created(vector)) {
            report(error);
            ordinals.retain(|&row| self.created_at(row).is_ok());
        }
        let columns =
            (0..self.types().len()).map(|c| self.gather(c, &ordinals)).collect::<Result<Vec<_>>>()?;
        let created = match one_lsn {
            true => vec![self.created.0; ordinals.len()],
            false => self.stored().created_of(&ordinals)?,
        };
        Ok(ReadableRows { ordinals, columns, created })
    }
}

impl Stored {
    /// The mark of the columns that the file has, though its footer may be damaged.
    pub fn mark(&self) -> Result<u32> {
        let said =
            self.file.marked_footer().ok().and_then(|(bytes, offset, _)| Footer::decode(&bytes, offset).ok());
        said.map_or_else(|| self.file.mark(), |footer| Ok(mark(&footer.numbers)))
    }

    /// Where the footer cannot be read: finds the pages of a file with the columns `held` without it. Only for reading rows; zone
    /// maps are not looked for.
    pub fn find_pages(&self, held: &Shape) -> Result<()> {
        if self.footer().is_ok() {
            return Ok(());
        }
        let bundle_stream = held.types().len() as u32 + 2;
        let mut columns: Vec<ColumnPages> = held
            .types()
            .iter()
            .chain([&Type::Int8])
            .map(|&ty| ColumnPages { tag: ty.tag(), pages: Vec::new() })
            .collect();
        for page in self.file.find_pages(bundle_stream + 1)? {
            if page.stream == bundle_stream {
                self.find_bundled(&page, &mut columns);
            } else if let Some(column) =
                columns.get_mut(page.stream as usize).filter(|_| page.position < self.rows)
            {
                column.pages.push(PageAt { at: page.at, first_row: page.position, bundled: None });
            }
        }
        for column in &mut columns {
            sort_by(&mut column.pages, &|a, b| a.first_row.cmp(&b.first_row));
            column.pages.dedup_by_key(|page| page.first_row);
        }
        let (zones, bundles, numbers) = (Vec::new(), Vec::new(), held.numbers().to_vec());
        let footer = Footer { rows: self.rows, created: self.created, columns, zones, bundles, numbers };
        let _ = self.known.set(Known { footer, types: held.types().to_vec() });
        Ok(())
    }

    /// The column pages in a bundle. What is not as it should be ends the search in it.
    fn find_bundled(&self, bundle: &FoundPage, columns: &mut [ColumnPages]) {
        let Ok(page) = self.file.page(bundle.at, bundle.stream, bundle.position) else { return };
        let mut at = PAGE_HEADER;
        while let Some(&[a, b, c, d]) = page.get(at..).and_then(<[u8]>::first_chunk) {
            let (column, len) = (u16::from_le_bytes([a, b]), u16::from_le_bytes([c, d]));
            let start = at + BUNDLED_HEADER - PAGE_HEADER;
            at += BUNDLED_HEADER + usize::from(len);
            let Some(column) = columns.get_mut(usize::from(column)).filter(|_| at <= page.len()) else {
                return;
            };
            let bundled = Bundled { bundle: bundle.position, start: start as u32, len: len.into() };
            column.pages.push(PageAt { at: bundle.at, first_row: 0, bundled: Some(bundled) });
        }
    }

    /// The rows of a vector.
    pub fn rows_of(&self, vector: u32) -> std::ops::Range<u32> {
        let first = vector.saturating_mul(VECTOR_ROWS as u32);
        first..self.rows.min(first.saturating_add(VECTOR_ROWS as u32))
    }
}
