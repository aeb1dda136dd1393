//! How large things are: tables, and the directory. For people who ask; nothing here decides anything.

use super::open::{LOG_FOLDER, TMP_FOLDER};
use super::readers;
use super::{Inner, Store};
use crate::catalog::Catalog;
use crate::error::{Error, Result};
use crate::table::TableId;
use crate::table::files;
use crate::table::version::ColdHandle;
use rustc_hash::FxHashMap;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Where large values are.
const BLOB_FOLDER: &str = "blob";

/// What a table takes now, whatever any snapshot sees.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TableSize {
    /// Its rows, those that are deleted and not merged away yet included.
    pub rows: u64,
    /// Those of them that are in memory.
    pub hot_rows: u64,
    /// Bytes of these.
    pub hot_bytes: u64,
    /// Its cold segments.
    pub segments: u64,
    /// Bytes of their files.
    pub segment_bytes: u64,
    /// Bytes of the files of their indexes.
    pub index_bytes: u64,
}

impl Store {
    /// The newest catalog.
    pub fn catalog(&self) -> Arc<Catalog> {
        self.inner.core.snapshots.catalog()
    }

    /// The size of the table with that (already folded) name; None where there is none.
    pub fn table_size(&self, name: &str) -> Option<TableSize> {
        self.table_size_of(self.inner.core.snapshots.catalog().table(name)?.id)
    }

    /// The size of the table with that number; None where there is none.
    pub fn table_size_of(&self, table: TableId) -> Option<TableSize> {
        let catalog = self.inner.core.snapshots.catalog();
        let table = catalog.by_id(table)?;
        let version = table.version();
        let mut size = TableSize { segments: version.cold.len() as u64, ..TableSize::default() };
        for hot in version.hots() {
            size.hot_rows += hot.segment.rows() as u64;
            size.hot_bytes += hot.charged.load(Ordering::Relaxed) as u64;
        }
        let parts = match version.cold.is_empty() {
            true => FxHashMap::default(),
            false => self.inner.lengths_of_segments(),
        };
        size.rows = size.hot_rows;
        for cold in &version.cold {
            size.rows += u64::from(cold.segment.rows());
            size.segment_bytes += cold.bytes;
            let part = cold.files.iter().skip(1).filter_map(|file| file.file_name()?.to_str());
            size.index_bytes += part.filter_map(|name| parts.get(name)).sum::<u64>();
        }
        Some(size)
    }

    /// Bytes of all files in the directory, the log made in advance and files that wait to be removed included.
    pub fn disk_size(&self) -> Result<u64> {
        let core = &self.inner.core;
        let folders = [files::FOLDER, LOG_FOLDER, TMP_FOLDER, BLOB_FOLDER, readers::FOLDER];
        let mut size = 0;
        for dir in folders.into_iter().map(|folder| core.dir.join(folder)).chain([core.dir.clone()]) {
            match core.world.disk.list(&dir) {
                Ok(entries) => size += entries.iter().map(|entry| entry.len).sum::<u64>(),
                Err(e) if e.kind() == ErrorKind::NotFound => {}
                Err(e) => return Err(Error::io("list", &dir, &e)),
            }
        }
        Ok(size)
    }
}

impl Inner {
    /// How long the files of segments, parts and marks are, by name.
    pub(super) fn lengths_of_segments(&self) -> FxHashMap<String, u64> {
        let core = &self.core;
        let listed = core.world.disk.list(&core.dir.join(files::FOLDER)).unwrap_or_default();
        listed.into_iter().map(|entry| (entry.name, entry.len)).collect()
    }
}

/// Bytes of the files of a segment and of its parts, and of the large values that it names.
pub(super) fn bytes_of(cold: &ColdHandle, lengths: &FxHashMap<String, u64>) -> u64 {
    let length =
        |path: &Path| path.file_name().and_then(|name| lengths.get(name.to_str()?)).copied().unwrap_or(0);
    let files: u64 = cold.files.iter().map(|path| length(path)).sum();
    files + cold.parts.all().iter().map(|part| length(&part.path)).sum::<u64>() + cold.blobs.bytes()
}
