//! Cold segments: immutable rows in a file.

use super::cache::PageCache;
use crate::Lsn;
use crate::error::{Error, Result};
use crate::value::{Buffer, Column, Type, Value};
use crate::world::Disk;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Rows of a vector: the unit that is decoded alone.
pub const VECTOR_ROWS: usize = 1024;

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

/// What is known of a page without reading it.
#[derive(Debug, Clone, PartialEq)]
pub struct Zone {
    /// The first row.
    pub first_row: u32,
    /// How many rows.
    pub rows: u32,
    /// How many of them are NULL.
    pub nulls: u32,
}

/// Writes a cold segment.
pub struct ColdWriter {
    _private: (),
}

impl ColdWriter {
    /// Creates the file of a segment with these columns.
    pub fn create(_disk: &dyn Disk, _path: &Path, _types: &[Type]) -> Result<ColdWriter> {
        Err(Error::internal("frame"))
    }

    /// Appends rows in segment order: a column per type, and each row's created lsn.
    pub fn append(&mut self, _columns: &[Column], _created: &[Lsn]) -> Result<()> {
        Err(Error::internal("frame"))
    }

    /// Writes what is left and the footer, and syncs. Syncing the directory is the caller's work.
    pub fn finish(self) -> Result<ColdSummary> {
        Err(Error::internal("frame"))
    }
}

/// An immutable segment in a file. Shared by `Arc`; reads go through the page cache.
pub struct ColdSegment {
    _private: (),
}

impl ColdSegment {
    /// The segment in a file; no I/O. `file_id` names the file in the cache.
    pub fn open(
        _disk: Arc<dyn Disk>,
        _path: PathBuf,
        _file_id: u32,
        _types: Vec<Type>,
        _rows: u32,
        _created: (Lsn, Lsn),
        _cache: Arc<PageCache>,
    ) -> ColdSegment {
        ColdSegment { _private: () }
    }

    /// How many rows.
    pub fn rows(&self) -> u32 {
        0
    }

    /// How many vectors of up to 1,024 rows.
    pub fn vectors(&self) -> u32 {
        0
    }

    /// One vector of a column.
    pub fn read(&self, _column: usize, _vector: u32) -> Result<Column> {
        Err(Error::internal("frame"))
    }

    /// One value.
    pub fn value(&self, _column: usize, _ordinal: u32) -> Result<Value> {
        Err(Error::internal("frame"))
    }

    /// The chosen rows of a column, in the chosen order.
    pub fn gather(&self, _column: usize, _ordinals: &[u32]) -> Result<Column> {
        Err(Error::internal("frame"))
    }

    /// The created lsns of one vector.
    pub fn created(&self, _vector: u32) -> Result<Buffer<u64>> {
        Err(Error::internal("frame"))
    }

    /// False if no row of the vector can have a value within the bounds.
    pub fn may_match(
        &self,
        _column: usize,
        _vector: u32,
        _low: Bound<&Value>,
        _high: Bound<&Value>,
    ) -> Result<bool> {
        Err(Error::internal("frame"))
    }

    /// The zone map of a column's page; None past the last page.
    pub fn zone(&self, _column: usize, _page: usize) -> Result<Option<Zone>> {
        Err(Error::internal("frame"))
    }

    /// Reads every byte and reports everything that is damaged.
    pub fn verify(&self, _report: &mut dyn FnMut(Error)) {}

    /// Bytes held outside the page cache.
    pub fn memory(&self) -> usize {
        0
    }
}
