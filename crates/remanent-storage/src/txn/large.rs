//! A transaction's large values: to their files on the way in, as handles on the way out.
//!
//! In: what is inserted or updated goes through [`Txn::store_large`], which writes values of [`LARGE`] bytes and more to a
//! blob file and leaves references in their places; a value that came from this store by reference keeps it. The files
//! are synced before the record is written ([`Core::sync_blobs`]). Out: what scans and reads by key deliver says of its
//! references what reads them ([`Carrier`]). The columns of a key never hold references.

use super::{Rows, Scan, Txn};
use crate::error::Result;
use crate::segment::blob::Uses;
use crate::table::TableDef;
use crate::table::scan::{Sieve, TableScan, Touched, no_sieve};
use crate::txn::core::Core;
use crate::value::blob::{Blob, BlobStore, Blobs, Content, Hold, LARGE, REFERENCE, Reference};
use crate::value::{Batch, Column, ColumnBuilder, Type, Value};
use rustc_hash::FxHashSet;
use std::sync::Arc;

/// Bytes of large values that a batch of a scan names at most, but for its first row: whoever reads them holds no more.
const BATCH_BYTES: usize = 8 << 20;

/// What a transaction holds of large values.
#[derive(Default)]
pub(super) struct Large {
    /// The files that its rows name; they stay as long as something reads them. Made when first asked for: most
    /// transactions have none.
    uses: Option<Arc<Uses>>,
    /// Those it wrote to.
    written: FxHashSet<u32>,
}

impl Large {
    fn uses(&mut self, core: &Core) -> &Arc<Uses> {
        self.uses.get_or_insert_with(|| Arc::new(Uses::new(&core.blobs)))
    }

    /// The files that its rows name.
    pub(super) fn named(&self) -> Option<Arc<Uses>> {
        self.uses.clone()
    }

    /// Syncs what was written.
    pub(super) fn sync(&mut self, core: &Core) -> Result<()> {
        core.sync_blobs(&self.written)?;
        self.written.clear();
        Ok(())
    }

    fn write(&mut self, core: &Core, bytes: &[u8]) -> Result<Reference> {
        core.admit_space(true)?;
        let reference = core.blobs.write(bytes, self.uses(core), &|| core.new_file())?;
        self.written.insert(reference.file);
        Ok(reference)
    }

    /// What a column holds for a large value: a reference, or its bytes where they are few.
    fn store(
        &mut self,
        core: &Core,
        ty: Type,
        content: Content,
    ) -> Result<std::result::Result<Reference, Vec<u8>>> {
        let mut reader: Box<dyn std::io::Read + Send> = match content {
            Content::Stored(blobs, reference) if blobs.is_of(&store(core)) => {
                self.uses(core).add(reference.file, 0);
                return Ok(Ok(reference));
            }
            Content::Stored(blobs, reference) => Box::new(Blob::stored(ty, blobs, reference).reader()?),
            Content::Small(bytes) => Box::new(std::io::Cursor::new(bytes)),
            Content::Given(reader) => reader,
        };
        core.admit_space(true)?;
        let stored = core.blobs.write_from(ty, &mut reader, self.uses(core), &|| core.new_file())?;
        if let Ok(reference) = &stored {
            self.written.insert(reference.file);
        }
        Ok(stored)
    }

    fn blobs(&mut self, core: &Core) -> Blobs {
        let hold: Hold = self.uses(core).clone();
        Blobs::new(store(core), hold)
    }
}

fn store(core: &Core) -> Arc<dyn BlobStore> {
    core.blobs.clone()
}

/// A reference or bytes as a plain value of a stored column.
fn raw(ty: Type, bytes: Vec<u8>) -> Value {
    match ty {
        ty if ty.is_text() => Value::Text(String::from_utf8_lossy(&bytes).into_owned()),
        _ => Value::Bytea(bytes),
    }
}

impl Txn {
    /// What a parameter's reader delivers, stored: the value itself where it is small, else a handle on it. Others stay.
    pub fn settle(&mut self, value: &mut Value) -> Result<()> {
        let Value::Blob(blob) = &*value else { return Ok(()) };
        let ty = blob.ty();
        self.core.writable()?;
        match self.large.store(&self.core, ty, blob.take()?)? {
            Ok(reference) => {
                blob.settle(Content::Stored(self.large.blobs(&self.core), reference));
            }
            Err(bytes) => {
                blob.settle(Content::Small(bytes.as_slice().into()));
                *value = blob.value()?;
            }
        }
        Ok(())
    }

    /// The stored form of rows: large values in files, references in their places; None where nothing changes.
    pub(super) fn store_large(&mut self, def: &TableDef, columns: &[Column]) -> Result<Option<Vec<Column>>> {
        let concerned = |(i, column): (usize, &Column)| {
            column.blobs().is_some() || (column.may_be_large() && !def.key.contains(&i))
        };
        if !columns.iter().enumerate().any(concerned) {
            return Ok(None);
        }
        let stored = columns.iter().enumerate().map(|(i, column)| match concerned((i, column)) {
            true => self.store_column(column),
            false => Ok(column.clone()),
        });
        stored.collect::<Result<_>>().map(Some)
    }

    fn store_column(&mut self, column: &Column) -> Result<Column> {
        let blobs = column.blobs().cloned();
        let ty = column.ty();
        let mut builder = ColumnBuilder::with_capacity(ty, column.len());
        for row in 0..column.len() {
            let bytes = column.bytes(row);
            let reference = match &blobs {
                _ if !column.is_valid(row) => {
                    builder.push_null();
                    continue;
                }
                Some(blobs) => Reference::decode(bytes)?.map(|r| Content::Stored(blobs.clone(), r)),
                None => None,
            };
            match reference {
                Some(content) => match self.large.store(&self.core, ty, content)? {
                    Ok(reference) => builder.push_bytes(&reference.encode()),
                    Err(bytes) => builder.push_bytes(&bytes),
                },
                // What only looks like a reference becomes a large value, so that no stored one is mistaken.
                None if bytes.len() >= LARGE || Reference::is(bytes) => {
                    builder.push_bytes(&self.large.write(&self.core, bytes)?.encode());
                }
                None => builder.push_bytes(bytes),
            }
        }
        Ok(builder.finish())
    }

    /// As [`store_large`](Self::store_large) for one row.
    pub(super) fn store_large_row(&mut self, def: &TableDef, row: &[&Value]) -> Result<Option<Vec<Value>>> {
        let large = |value: &Value| match value {
            Value::Text(text) => text.len() >= LARGE || text.len() == REFERENCE,
            Value::Bytea(bytes) => bytes.len() >= LARGE || bytes.len() == REFERENCE,
            Value::Blob(_) => true,
            _ => false,
        };
        if !row.iter().any(|value| large(value)) {
            return Ok(None);
        }
        let mut stored = Vec::with_capacity(row.len());
        for (i, &value) in row.iter().enumerate() {
            let bytes = match value {
                _ if def.key.contains(&i) => None,
                Value::Blob(blob) => {
                    let mut value = value.clone();
                    self.settle(&mut value)?;
                    stored.push(match (value, blob.stored_content()?) {
                        (Value::Blob(_), Content::Stored(_, reference)) => {
                            raw(blob.ty(), reference.encode().to_vec())
                        }
                        (value, _) => value.loaded()?,
                    });
                    continue;
                }
                Value::Text(text) => Some(text.as_bytes()),
                Value::Bytea(bytes) => Some(bytes.as_slice()),
                _ => None,
            };
            let bytes = bytes.filter(|bytes| bytes.len() >= LARGE || Reference::is(bytes));
            stored.push(match (bytes, value.type_of()) {
                (Some(bytes), Some(ty)) => {
                    let reference = self.large.write(&self.core, bytes)?;
                    raw(ty, reference.encode().to_vec())
                }
                _ => value.clone(),
            });
        }
        Ok(Some(stored))
    }

    /// Values of stored columns, as they are handed out: a reference becomes a handle. `row` was read while its files
    /// were held.
    pub(super) fn hand_out(&self, row: &mut [Value]) -> Result<()> {
        for value in row {
            let bytes = match &*value {
                Value::Text(text) if text.len() == REFERENCE => text.as_bytes(),
                Value::Bytea(bytes) if bytes.len() == REFERENCE => bytes,
                _ => continue,
            };
            let Some(reference) = Reference::decode(bytes)? else { continue };
            let ty = value.type_of().unwrap_or(Type::Bytea);
            let hold: Hold = Arc::new(Uses::of(&self.core.blobs, &[(reference.file, 0)]));
            *value = Value::Blob(Blob::stored(ty, Blobs::new(store(&self.core), hold), reference));
        }
        Ok(())
    }
}

/// Makes the references in a scan's batches readable.
pub(super) struct Carrier {
    core: Arc<Core>,
    /// Files of rows that the scan has taken views of.
    held: Arc<(Option<Arc<Uses>>, Vec<Uses>)>,
    /// Rows that were too much for one batch.
    rest: Option<Batch>,
}

impl Carrier {
    pub(super) fn new(core: &Arc<Core>, own: Option<Arc<Uses>>, hot: Vec<Uses>) -> Self {
        Carrier { core: Arc::clone(core), held: Arc::new((own, hot)), rest: None }
    }

    /// For a part of the same scan.
    fn again(&self) -> Self {
        Carrier { core: Arc::clone(&self.core), held: Arc::clone(&self.held), rest: None }
    }

    fn hand_on(&mut self, batch: Batch) -> Result<Batch> {
        if !batch.columns.iter().any(Column::has_references) {
            return Ok(batch);
        }
        let uses = Arc::new(Uses::new(&self.core.blobs));
        let mut sizes = vec![0; batch.rows];
        let mut columns = batch.columns;
        for column in &mut columns {
            let references = column.references();
            if references.is_empty() {
                continue;
            }
            for (row, reference) in references {
                let reference = reference?;
                uses.add(reference.file, 0);
                if let Some(size) = sizes.get_mut(row) {
                    *size += reference.len as usize;
                }
            }
            let hold: Hold = uses.clone();
            *column = column.clone().with_blobs(&Blobs::new(store(&self.core), hold));
        }
        let batch = Batch { columns, rows: batch.rows, selection: batch.selection };
        Ok(self.cut(batch, &sizes))
    }

    /// The first rows of a batch whose large values are not too many bytes; the others wait.
    fn cut(&mut self, batch: Batch, sizes: &[usize]) -> Batch {
        let place =
            |i: usize| batch.selection.as_ref().map_or(i, |s| s.get(i).map_or(0, |&row| row as usize));
        let mut bytes = 0;
        let fits = |&i: &usize| {
            bytes += sizes.get(place(i)).copied().unwrap_or(0);
            i > 0 && bytes > BATCH_BYTES
        };
        match (0..batch.len()).find(fits) {
            None => batch,
            Some(end) => {
                self.rest = Some(batch.slice(end, batch.len() - end));
                batch.slice(0, end)
            }
        }
    }
}

impl Scan {
    /// The next rows: at most 2,048, never an empty batch; None at the end. Large values are references that the columns
    /// say of ([`Column::blobs`]) what reads them.
    #[allow(clippy::should_implement_trait, reason = "an iterator of results cannot be read with `?` alone")]
    pub fn next(&mut self) -> Result<Option<Batch>> {
        self.next_sieved(&mut no_sieve)
    }

    /// As [`next`](Scan::next); `sieve` sees each block before all of it is read. What it sees of large values are
    /// references.
    pub fn next_sieved(&mut self, sieve: Sieve<'_>) -> Result<Option<Batch>> {
        let batch = match self.carrier.rest.take() {
            Some(rest) => Some(rest),
            None => self.scan.next(sieve)?,
        };
        batch.map(|batch| self.carrier.hand_on(batch)).transpose()
    }

    /// Takes the next rows out as a scan of their own, which another thread may read: see [`TableScan::split`]. None: what is
    /// left does not come apart.
    ///
    /// [`TableScan::split`]: crate::table::scan::TableScan::split
    pub fn split(&mut self, vectors: u32) -> Result<Option<Scan>> {
        let Rows::Table(scan) = &mut self.scan else { return Ok(None) };
        let part = scan.split(vectors)?;
        Ok(part.map(|part| Scan {
            scan: Rows::Table(Box::new(part)),
            carrier: self.carrier.again(),
            snapshot: Arc::clone(&self.snapshot),
        }))
    }

    /// Into how many such parts it comes apart, about.
    pub fn parts(&self, vectors: u32) -> u32 {
        match &self.scan {
            Rows::Table(scan) => scan.parts(vectors),
            Rows::Ordered(_) => 0,
        }
    }

    /// The scan of the table's segments, before anything is read; None: an index says in which order.
    pub fn segments(&mut self) -> Option<&mut TableScan> {
        match &mut self.scan {
            Rows::Table(scan) => Some(scan),
            Rows::Ordered(_) => None,
        }
    }

    /// What an index has counted so far, of rows that are not delivered.
    pub fn counts(&self) -> &[i64] {
        self.scan.counts()
    }

    /// What it has read and skipped so far.
    pub fn touched(&self) -> Touched {
        self.scan.touched()
    }
}
