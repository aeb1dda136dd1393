//! Writes a cold segment, column by column, page by page, front to back.

use super::bundle::Bundle;
use super::column::ColumnWriter;
use crate::Lsn;
use crate::error::{Error, Result};
use crate::segment::format::{ColumnPages, Footer, MAGIC, ZONES_PER_PAGE, zone_page};
use crate::segment::page::PagedWriter;
use crate::segment::shape::mark;
use crate::value::{Column, ColumnData, Type, Value};
use crate::world::Disk;
use std::path::Path;

/// What a finished cold segment consists of; the manifest keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColdSummary {
    /// How many rows.
    pub rows: u32,
    /// Length of the file.
    pub bytes: u64,
    /// The oldest created lsn; 0 where there is no row.
    pub created_min: Lsn,
    /// The newest created lsn; 0 where there is no row.
    pub created_max: Lsn,
}

/// Writes a cold segment. Buffers about a page per column. Dropped before `finish`, it leaves a partial file
/// for the caller to remove.
pub struct ColdWriter {
    out: PagedWriter,
    types: Vec<Type>,
    columns: Vec<ColumnWriter>,
    created: ColumnWriter,
    numbers: Vec<u32>,
    rows: u32,
    range: (Lsn, Lsn),
}

impl ColdWriter {
    /// Creates the file of a segment with these columns.
    pub fn create(disk: &dyn Disk, path: &Path, types: &[Type]) -> Result<ColdWriter> {
        let columns = types.iter().enumerate().map(|(i, &ty)| ColumnWriter::new(ty, i as u32, true));
        Ok(ColdWriter {
            out: PagedWriter::create(disk, path, MAGIC)?,
            types: types.to_vec(),
            columns: columns.collect(),
            created: ColumnWriter::new(Type::Int8, types.len() as u32, false),
            numbers: Vec::new(),
            rows: 0,
            range: (Lsn::MAX, 0),
        })
    }

    /// Spends more time on smaller columns, which decode slower: for what is written once and read for long.
    pub fn thorough(mut self) -> Self {
        self.columns.iter_mut().chain([&mut self.created]).for_each(|column| column.thorough = true);
        self
    }

    /// Says which columns rows are searched by: their values decode alone where they can, so that a search reads
    /// them fast.
    pub fn keyed(mut self, columns: &[usize]) -> Self {
        for (number, column) in self.columns.iter_mut().enumerate() {
            column.keyed = columns.contains(&number);
        }
        self
    }

    /// Says the numbers of the columns in their table; none: 0, 1, 2 and so on.
    pub fn numbered(mut self, numbers: &[u32]) -> Self {
        self.numbers = numbers.to_vec();
        self.out.marked(mark(numbers));
        self
    }

    /// Says whose rows these are.
    pub fn owned_by(mut self, table: u32) -> Self {
        self.out.owned_by(table);
        self
    }

    /// Appends rows in segment order: a column per type, and each row's created lsn.
    pub fn append(&mut self, columns: &[Column], created: &[Lsn]) -> Result<()> {
        let fits = columns.len() == self.types.len()
            && columns.iter().all(|c| c.len() == created.len())
            && columns.iter().zip(&self.types).all(|(c, ty)| c.ty().physical() == ty.physical());
        if !fits {
            return Err(Error::internal("rows for a cold segment do not have its columns"));
        }
        let rows = u32::try_from(created.len()).ok().and_then(|n| self.rows.checked_add(n));
        self.rows =
            rows.filter(|&n| n < u32::MAX).ok_or_else(|| Error::internal("a segment of 2^32 rows"))?;
        for (writer, column) in self.columns.iter_mut().zip(columns) {
            writer.append(column, &mut self.out)?;
        }
        let (before, first) = (self.rows - created.len() as u32, self.range.0);
        for &lsn in created {
            self.range = (self.range.0.min(lsn), self.range.1.max(lsn));
        }
        // A column is begun with the first row that another record made.
        if self.range.0 == self.range.1 {
            return Ok(());
        }
        if self.created.is_empty() && before > 0 {
            let rows = Column::constant(Type::Int8, &Value::Int8(first as i64), before as usize)?;
            self.created.append(&rows, &mut self.out)?;
        }
        let lsns: Vec<i64> = created.iter().map(|&lsn| lsn as i64).collect();
        self.created.append(&Column::flat(Type::Int8, ColumnData::I64(lsns.into()), None), &mut self.out)
    }

    /// Writes what is left, the zone maps and the footer, and syncs. Syncing the directory is the caller's work.
    pub fn finish(mut self) -> Result<ColdSummary> {
        let created = if self.rows == 0 { (0, 0) } else { self.range };
        let mut bundle = Bundle::new(self.types.len() as u32 + 2);
        for writer in self.columns.iter_mut().chain([&mut self.created]) {
            writer.finish(&mut bundle, &mut self.out)?;
        }
        let bundles = bundle.finish(&mut self.out)?;
        let zones: Vec<Vec<u8>> =
            self.columns.iter_mut().flat_map(|c| std::mem::take(&mut c.zones)).collect();
        let stream = self.types.len() as u32 + 1;
        let mut zone_pages = Vec::new();
        for (i, zones) in zones.chunks(ZONES_PER_PAGE).enumerate() {
            zone_pages.push(self.out.page(stream, i as u32, &[&zone_page(zones)])?);
        }
        let pages = |ty: Type, writer: ColumnWriter| ColumnPages { tag: ty.tag(), pages: writer.pages };
        let mut columns: Vec<ColumnPages> =
            self.types.iter().zip(self.columns).map(|(&ty, writer)| pages(ty, writer)).collect();
        columns.push(pages(Type::Int8, self.created));
        let (rows, numbers) = (self.rows, self.numbers);
        let footer = Footer { rows, created, columns, zones: zone_pages, bundles, numbers };
        let bytes = self.out.finish(&footer.encode())?;
        Ok(ColdSummary { rows, bytes, created_min: created.0, created_max: created.1 })
    }

    /// Bytes on disk so far.
    pub fn written(&self) -> u64 {
        self.out.written()
    }

    /// Bytes buffered.
    pub fn memory(&self) -> usize {
        let columns: usize = self.columns.iter().map(ColumnWriter::memory).sum();
        columns + self.created.memory() + self.out.memory()
    }
}
