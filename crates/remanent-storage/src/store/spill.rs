//! Rows that statements lay down outside of memory: files in `tmp/` that live as long as what reads them.
//!
//! ```text
//! let spill = store.spill()?;              // None: the store is only read
//! let mut file = spill.create()?;           // tmp/0000000001.tmp
//! let page = file.write(&columns)?;         // checksummed; 53100 on a full device
//! let columns = file.read(page, &types)?;   // XX001 where the bytes are not those written
//! drop(file);                               // removed
//! ```
//!
//! A page is one batch of columns in the log's form ([`encode_batch`]) behind its CRC-32C. Nothing here is synced or
//! survives the process: opening a store empties `tmp/`.

use super::open::TMP_FOLDER;
use crate::error::{Error, Result};
use crate::value::bytes::Reader;
use crate::value::codec::{decode_batch, encode_batch};
use crate::value::{Column, Type};
use crate::world::sync::atomic::{AtomicU64, Ordering};
use crate::world::{File, OpenMode, World, mutation};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Bytes of the checksum before a page.
const CRC_BYTES: usize = 4;

/// Where the statements of a store lay down rows.
pub struct Spill {
    world: World,
    dir: PathBuf,
    next: AtomicU64,
}

/// One file of rows, removed when it is dropped.
pub struct SpillFile {
    world: World,
    path: PathBuf,
    file: Arc<dyn File>,
    len: u64,
}

/// Where a batch lies in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpillPage {
    offset: u64,
    len: usize,
}

impl SpillPage {
    /// How many bytes it takes.
    pub fn bytes(&self) -> u64 {
        self.len as u64
    }
}

impl Spill {
    /// In the store under a directory.
    pub(crate) fn new(world: &World, dir: &Path) -> Self {
        Spill { world: world.clone(), dir: dir.join(TMP_FOLDER), next: AtomicU64::new(1) }
    }

    /// A new, empty file.
    pub fn create(&self) -> Result<SpillFile> {
        let disk = &self.world.disk;
        disk.create_dir(&self.dir).map_err(|e| Error::io("create", &self.dir, &e))?;
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let path = self.dir.join(format!("{number:010}.tmp"));
        let file = disk.open(&path, OpenMode::CreateNew).map_err(|e| Error::io("create", &path, &e))?;
        Ok(SpillFile { world: self.world.clone(), path, file, len: 0 })
    }
}

impl std::fmt::Debug for Spill {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Spill").field("dir", &self.dir).finish_non_exhaustive()
    }
}

impl SpillFile {
    /// Adds a batch of flat, equally long columns.
    pub fn write(&mut self, columns: &[Column]) -> Result<SpillPage> {
        let mut bytes = vec![0; CRC_BYTES];
        encode_batch(&mut bytes, columns);
        let crc = crc32c::crc32c(&bytes[CRC_BYTES..]);
        bytes[..CRC_BYTES].copy_from_slice(&crc.to_le_bytes());
        self.file.write_at(&bytes, self.len).map_err(|e| Error::io("write to", &self.path, &e))?;
        let page = SpillPage { offset: self.len, len: bytes.len() };
        self.len += bytes.len() as u64;
        Ok(page)
    }

    /// A batch of columns of these types.
    pub fn read(&self, page: SpillPage, types: &[Type]) -> Result<Vec<Column>> {
        let mut bytes = vec![0; page.len];
        self.file.read_exact_at(&mut bytes, page.offset).map_err(|e| Error::io("read", &self.path, &e))?;
        let (crc, body) = bytes.split_at(CRC_BYTES);
        if crc32c::crc32c(body).to_le_bytes() != *crc && !mutation("spill_unchecked") {
            return Err(Error::corrupt(&self.path, page.offset, "the checksum of spilled rows does not fit"));
        }
        let damaged = |_| Error::corrupt(&self.path, page.offset, "spilled rows cannot be read");
        decode_batch(&mut Reader::new(body), types).map_err(damaged)
    }
}

impl Drop for SpillFile {
    fn drop(&mut self) {
        // What stays behind is removed when the store is opened.
        let _ = self.world.disk.remove(&self.path);
    }
}
