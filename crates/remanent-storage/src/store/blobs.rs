//! What becomes of large values while segments are flushed and merged.
//!
//! A blob file goes when nobody names it. Rows name it as long as they lie in a segment, dead or not, so segments with
//! large values are flushed and merged for that reason too, however few bytes their rows are:
//!
//! 1. A hot segment that names more than [`HOT_FILES`] files' worth of bytes is flushed, so that what dies goes within so
//!    many bytes of new values; so is one that names a mostly dead file.
//! 2. A table is flushed whose segments with as many dead rows as a merge rewrites a segment for, some of them unflushed
//!    deletions, name more than a share of a file ([`RIPE_SHARE`]): a merge drops only what is flushed as deleted.
//! 3. Where dead bytes in files add up to more than is borne ([`BlobFiles::sparse`](crate::segment::blob::BlobFiles::sparse)),
//!    segments that name mostly dead files are rewritten one by one, and their values in such files are moved to a new
//!    one ([`Moving`]). This is the only case in which a value is copied.
//!
//! What this bounds: files hold at most 1.5 times the named bytes, or those and four files' worth, whichever is more;
//! named are the living values, those of dead rows (at most 40 % of a segment's rows), and what snapshots still see.

use super::Inner;
use crate::error::Result;
use crate::segment::blob::Uses;
use crate::segment::hot::LIVE;
use crate::table::ordinals::OrdinalMap;
use crate::table::policy::DEAD_SHARE;
use crate::table::rewrite::{MergedRows, SortedBatch, SortedRows};
use crate::table::version::ColdHandle;
use crate::table::version::Table;
use crate::txn::core::Core;
use crate::value::blob::{Blob, Blobs, Hold, Reference};
use crate::value::{Column, ColumnBuilder};
use rustc_hash::FxHashSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// A hot segment names at most so many files' worth of large values before it is flushed.
const HOT_FILES: u64 = 2;

/// Dead rows are not flushed for this reason before their segments name more than such a share of a file: a row that is
/// replaced once a second must not be a flush a second.
const RIPE_SHARE: u64 = 4;

/// True if so many of the rows are dead that they are worth writing anew.
fn ripe(dead: u64, rows: u64) -> bool {
    dead > 0 && dead as f64 > rows as f64 * DEAD_SHARE
}

impl Inner {
    /// True if a flush of a table would let large values go.
    pub(super) fn blobs_ask_for_a_flush(&self, table: &Arc<Table>) -> bool {
        let version = table.version();
        if table.oldest_unflushed() == LIVE {
            return false;
        }
        let file = self.core.blobs.file_size();
        let mut ripe_bytes = 0;
        for hot in version.hots().filter(|hot| !hot.blobs.is_empty()) {
            let bytes = hot.blobs.bytes();
            let sparse = self.core.blobs.sparse();
            if bytes > HOT_FILES.saturating_mul(file) || hot.blobs.names_any(&sparse) {
                return true;
            }
            let (rows, dead) = hot.segment.marked();
            ripe_bytes += if ripe(dead as u64, rows as u64) { bytes } else { 0 };
        }
        for cold in version.cold.iter().filter(|cold| !cold.blobs.is_empty()) {
            let deletes = cold.deletes.read().clone();
            let unflushed = !deletes.since(table.flushed()).is_empty();
            if unflushed && ripe(deletes.count(), cold.segment.rows().into()) {
                ripe_bytes += cold.blobs.bytes();
            }
        }
        ripe_bytes > file / RIPE_SHARE
    }

    /// A segment that names mostly dead files, where these are too many.
    pub(super) fn sparse_blobs(&self, table: &Arc<Table>) -> Option<Vec<u32>> {
        let version = table.version();
        let listed = version.cold.iter().filter(|c| !c.blobs.is_empty() && c.listed.load(Ordering::Acquire));
        let listed: Vec<_> = listed.collect();
        if listed.is_empty() {
            return None;
        }
        let sparse = self.core.blobs.sparse();
        let found = listed.iter().find(|cold| cold.blobs.names_any(&sparse));
        found.map(|cold| vec![cold.id])
    }
}

/// The rows of a merge, with their values in mostly dead files moved to a new one.
pub(super) struct Moving<'a> {
    core: &'a Core,
    rows: MergedRows<'a>,
    sparse: FxHashSet<u32>,
    uses: Arc<Uses>,
    written: FxHashSet<u32>,
}

impl<'a> Moving<'a> {
    pub(super) fn new(core: &'a Core, rows: MergedRows<'a>, table: &Table) -> Self {
        let named = table.version().cold.iter().any(|cold| !cold.blobs.is_empty());
        let sparse = if named { core.blobs.sparse() } else { FxHashSet::default() };
        let uses = Arc::new(Uses::new(&core.blobs));
        Moving { core, rows, sparse, uses, written: FxHashSet::default() }
    }

    /// Makes the moved values durable; they are held as long as what this returns.
    pub(super) fn finish(self) -> Result<Arc<Uses>> {
        self.core.sync_blobs(&self.written)?;
        Ok(self.uses)
    }

    fn moved(&mut self, column: &Column) -> Result<Option<Column>> {
        let references = column.references();
        let concerned = |r: &Result<Reference>| r.as_ref().is_ok_and(|r| self.sparse.contains(&r.file));
        if !references.iter().any(|(_, reference)| concerned(reference)) {
            return Ok(None);
        }
        let hold: Hold = self.uses.clone();
        let blobs = Blobs::new(self.core.blobs.clone(), hold);
        let mut builder = ColumnBuilder::with_capacity(column.ty(), column.len());
        for row in 0..column.len() {
            if !column.is_valid(row) {
                builder.push_null();
                continue;
            }
            let reference = Reference::decode(column.bytes(row))?.filter(|r| self.sparse.contains(&r.file));
            let Some(reference) = reference else {
                builder.push_bytes(column.bytes(row));
                continue;
            };
            let mut reader = Blob::stored(column.ty(), blobs.clone(), reference).reader()?;
            let number = || self.core.new_file();
            let ty = crate::value::Type::Bytea;
            match self.core.blobs.write_from(ty, &mut reader, &self.uses, &number)? {
                Ok(moved) => {
                    self.written.insert(moved.file);
                    builder.push_bytes(&moved.encode());
                }
                Err(small) => builder.push_bytes(&small),
            }
        }
        Ok(Some(builder.finish()))
    }
}

impl SortedRows for Moving<'_> {
    fn sources(&self) -> Vec<Arc<ColdHandle>> {
        self.rows.sources()
    }

    fn maps(&self) -> Vec<OrdinalMap> {
        self.rows.maps()
    }

    fn next(&mut self) -> Result<Option<SortedBatch>> {
        let Some(mut batch) = self.rows.next()? else { return Ok(None) };
        if !self.sparse.is_empty() {
            for i in 0..batch.columns.len() {
                let moved = batch.columns.get(i).map(|column| self.moved(column)).transpose()?.flatten();
                if let (Some(moved), Some(slot)) = (moved, batch.columns.get_mut(i)) {
                    *slot = moved;
                }
            }
        }
        Ok(Some(batch))
    }
}
