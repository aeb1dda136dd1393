//! What one transaction changed: the body of its log record.
//!
//! # Layout (version 2; 3 where there is a sweep)
//!
//! ```text
//!   u8      version
//!   varint  tables
//!   each:   varint table · varint schema version · varint section length · section
//!   section:
//!     varint  attached files; each: varint file · varint rows · varint bytes · bytes min key ·
//!             bytes max key · varint marks, each varint ordinal (ascending, as differences)
//!     varint  deleted keys;   each: bytes key
//!     varint  batches;        each: the stored columns (`value::codec`)
//!     varint  origins;        each: varint rows · u8 kind (0 insert, 1 update) · for 1: bytes mask
//!     varint  files of keys;  each: varint file · varint keys · varint bytes · bytes min key · bytes max key
//!     version 3: varint sweeps; each: varint column · zigzag low · zigzag high · varint lsn
//!     nothing, or where rows of attached files name large values, for each attached file:
//!             varint blob files, each varint file · varint bytes named
//! ```
//!
//! Version 1 ends before the files of keys. A file of keys (`segment::keys`) holds more deleted keys than fit here. A sweep
//! (`table::sweep`) says which rows leave by their age: with low ≤ value < high in that column, of those that came up to that
//! lsn; it comes before rows.
//!
//! An update is the old key among the deleted keys and the new image among the rows, whose origin
//! says which columns were assigned (bit i of the mask: column i). Within a table, deletes come
//! before rows. Tables of the catalog come first, so that a reader knows a table before its rows.
//! The section length lets a reader pass over a table that was dropped later in the log.
//!
//! Limits: a body holds at most 16 MB; what is larger goes to cold segments named as attached, and to files of keys.

use crate::error::{Error, Result, state};
use crate::segment::Shape;
use crate::table::sweep::Sweep;
use crate::table::version::Table;
use crate::table::{TableDef, TableId};
use crate::value::bytes::{Reader, put_bytes, put_varint, unzigzag, zigzag};
use crate::value::codec::{decode_batch, encode_batch, encode_row};
use crate::value::{Column, Key, Type, Value};
use std::sync::Arc;

const VERSION: u8 = 2;
/// The version of a record with a sweep: older programs must not read it as one without.
const VERSION_SWEEP: u8 = 3;
/// The oldest version that is read.
const VERSION_MIN: u8 = 1;

/// The largest body a record may have.
pub const BODY_MAX: usize = 16 << 20;

/// What one transaction changed.
#[derive(Debug, Default)]
pub struct Change {
    /// Table by table, those of the catalog first.
    pub tables: Vec<TableChange>,
}

/// What one transaction changed in one table.
#[derive(Debug, Default)]
pub struct TableChange {
    /// The table.
    pub table: TableId,
    /// The version of its definition that the rows were written under.
    pub schema_version: u32,
    /// Rows that lie in cold segments already.
    pub attached: Vec<Attached>,
    /// Keys of the committed rows that are deleted or replaced.
    pub deletes: Vec<Key>,
    /// New rows, all stored columns, in batches.
    pub rows: Vec<Vec<Column>>,
    /// One more row, after those. A record that was read has none.
    pub row: Option<NewRow>,
    /// Where the rows come from, run by run.
    pub origins: Vec<Origin>,
    /// More keys of committed rows that are deleted or replaced.
    pub key_files: Vec<KeyRange>,
    /// Committed rows that leave by their age.
    pub sweeps: Vec<Sweep>,
    /// Of a record that was read: the columns of the table as the sweeps count them, where it has others now.
    pub then: Option<Arc<Shape>>,
}

/// The one row of a record that changes no other, apart from `rows` to spare it the columns.
#[derive(Debug)]
pub struct NewRow {
    /// Its key, which is declared.
    pub key: Key,
    /// All stored columns, each [plain](crate::value::codec::is_plain).
    pub values: Box<[Value]>,
    /// About how many bytes it takes in memory.
    pub bytes: usize,
}

/// A file of keys that a transaction wrote before its record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRange {
    /// Its number.
    pub file: u32,
    /// How many of its keys count.
    pub keys: u64,
    /// The length of the file.
    pub bytes: u64,
    /// No key in it is smaller.
    pub min_key: Vec<u8>,
    /// No key in it is greater.
    pub max_key: Vec<u8>,
}

/// A run of rows with the same origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// How many rows.
    pub rows: u32,
    /// None: inserted. Otherwise bit i of byte i / 8 says that column i was assigned.
    pub updated: Option<Box<[u8]>>,
}

/// A cold segment that a transaction wrote before its record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attached {
    /// Its number.
    pub file: u32,
    /// Its rows.
    pub rows: u32,
    /// The length of its file.
    pub bytes: u64,
    /// Its smallest key.
    pub min_key: Vec<u8>,
    /// Its largest key.
    pub max_key: Vec<u8>,
    /// Rows of it that the same transaction deleted again, ascending.
    pub marks: Vec<u32>,
    /// The files with large values that its rows name, and how many bytes of each.
    pub blobs: Vec<(u32, u64)>,
    /// The indexes that its writer has made parts of. The record does not say so: whoever reads it makes them again.
    pub parts: Vec<u32>,
}

impl Change {
    /// True if rows leave by their age.
    pub fn has_sweeps(&self) -> bool {
        self.tables.iter().any(|table| !table.sweeps.is_empty())
    }

    /// The body of the record; 54000 where it would be too large.
    pub fn encode(&self) -> Result<Vec<u8>> {
        let version = if self.has_sweeps() { VERSION_SWEEP } else { VERSION };
        // Most records are of one row.
        let (mut out, mut section) = (Vec::with_capacity(256), Vec::with_capacity(240));
        out.push(version);
        put_varint(&mut out, self.tables.len() as u64);
        for table in &self.tables {
            section.clear();
            table.encode(version, &mut section);
            put_varint(&mut out, table.table.into());
            put_varint(&mut out, table.schema_version.into());
            put_bytes(&mut out, &section);
        }
        if out.len() > BODY_MAX {
            return Err(Error::new(
                state::PROGRAM_LIMIT_EXCEEDED,
                format!("transaction changes {} MB at once; a record of the log holds 16", out.len() >> 20),
            )
            .with_hint("Split the change into several transactions."));
        }
        Ok(out)
    }
}

impl TableChange {
    fn encode(&self, version: u8, out: &mut Vec<u8>) {
        put_varint(out, self.attached.len() as u64);
        for file in &self.attached {
            put_varint(out, file.file.into());
            put_varint(out, file.rows.into());
            put_varint(out, file.bytes);
            put_bytes(out, &file.min_key);
            put_bytes(out, &file.max_key);
            put_varint(out, file.marks.len() as u64);
            let mut last = 0;
            for &mark in &file.marks {
                put_varint(out, (mark - last).into());
                last = mark;
            }
        }
        put_varint(out, self.deletes.len() as u64);
        for key in &self.deletes {
            put_bytes(out, key.as_bytes());
        }
        put_varint(out, (self.rows.len() + usize::from(self.row.is_some())) as u64);
        for batch in &self.rows {
            encode_batch(out, batch);
        }
        if let Some(row) = &self.row {
            encode_row(out, &row.values);
        }
        put_varint(out, self.origins.len() as u64);
        for origin in &self.origins {
            put_varint(out, origin.rows.into());
            match &origin.updated {
                None => out.push(0),
                Some(mask) => {
                    out.push(1);
                    put_bytes(out, mask);
                }
            }
        }
        put_varint(out, self.key_files.len() as u64);
        for file in &self.key_files {
            put_varint(out, file.file.into());
            put_varint(out, file.keys);
            put_varint(out, file.bytes);
            put_bytes(out, &file.min_key);
            put_bytes(out, &file.max_key);
        }
        if version == VERSION_SWEEP {
            put_varint(out, self.sweeps.len() as u64);
            for sweep in &self.sweeps {
                put_varint(out, sweep.column.into());
                put_varint(out, zigzag(sweep.low));
                put_varint(out, zigzag(sweep.high));
                put_varint(out, sweep.upto);
            }
        }
        if self.attached.iter().all(|file| file.blobs.is_empty()) {
            return;
        }
        for file in &self.attached {
            put_varint(out, file.blobs.len() as u64);
            for &(blob, bytes) in &file.blobs {
                put_varint(out, blob.into());
                put_varint(out, bytes);
            }
        }
    }

    fn decode(header: Header<'_>, version: u8, of: &RowsOf) -> Result<Self> {
        let older = match &of.def {
            Some(def) => def.older(header.schema_version)?,
            None => None,
        };
        let types = older.as_ref().map_or(of.types.as_slice(), |older| older.then.types());
        let r = &mut Reader::new(header.section);
        let mut change = header.empty();
        change.then = older.as_ref().map(|older| Arc::clone(&older.then));
        change.decode_attached(r)?;
        for _ in 0..r.count(1)? {
            change.deletes.push(Key(r.bytes()?.into()));
        }
        for _ in 0..r.count(1)? {
            let rows = decode_batch(r, types)?;
            change.rows.push(match &older {
                Some(older) => older.fit(&rows),
                None => rows,
            });
        }
        for _ in 0..r.count(2)? {
            let rows = narrow(r.varint()?)?;
            let updated = match r.u8()? {
                0 => None,
                1 => Some(r.bytes()?.into()),
                kind => return Err(r.corrupt(format_args!("unknown row origin {kind}"))),
            };
            change.origins.push(Origin { rows, updated });
        }
        for _ in 0..if version > 1 { r.count(5)? } else { 0 } {
            change.key_files.push(KeyRange {
                file: narrow(r.varint()?)?,
                keys: r.varint()?,
                bytes: r.varint()?,
                min_key: r.bytes()?.to_vec(),
                max_key: r.bytes()?.to_vec(),
            });
        }
        for _ in 0..if version >= VERSION_SWEEP { r.count(4)? } else { 0 } {
            let column = narrow(r.varint()?)?;
            if column as usize >= types.len() {
                return Err(r.corrupt(format_args!("a sweep by column {column} of {}", types.len())));
            }
            let (low, high) = (unzigzag(r.varint()?), unzigzag(r.varint()?));
            change.sweeps.push(Sweep { column, low, high, upto: r.varint()? });
        }
        if !r.is_empty() {
            for file in &mut change.attached {
                for _ in 0..r.count(2)? {
                    file.blobs.push((narrow(r.varint()?)?, r.varint()?));
                }
            }
        }
        r.finish()?;
        Ok(change)
    }

    fn decode_attached(&mut self, r: &mut Reader<'_>) -> Result<()> {
        for _ in 0..r.count(5)? {
            let mut file = Attached {
                file: narrow(r.varint()?)?,
                rows: narrow(r.varint()?)?,
                bytes: r.varint()?,
                min_key: r.bytes()?.to_vec(),
                max_key: r.bytes()?.to_vec(),
                marks: Vec::new(),
                blobs: Vec::new(),
                parts: Vec::new(),
            };
            let mut last = 0u32;
            for _ in 0..r.count(1)? {
                last = last.checked_add(narrow(r.varint()?)?).ok_or_else(|| r.corrupt("a mark overflows"))?;
                file.marks.push(last);
            }
            self.attached.push(file);
        }
        Ok(())
    }
}

fn narrow(n: u64) -> Result<u32> {
    u32::try_from(n).map_err(|_| Error::new(state::DATA_CORRUPTED, format!("number {n} is out of range")))
}

/// What stands before a table's section, and the section.
struct Header<'a> {
    table: TableId,
    schema_version: u32,
    section: &'a [u8],
}

impl Header<'_> {
    fn empty(&self) -> TableChange {
        TableChange { table: self.table, schema_version: self.schema_version, ..TableChange::default() }
    }
}

/// What the rows of a table are.
#[derive(Clone, Default)]
pub struct RowsOf {
    /// The types of its stored columns.
    pub types: Vec<Type>,
    /// Its definition, which knows the earlier ones; None: there was no other.
    pub def: Option<Arc<TableDef>>,
}

impl RowsOf {
    /// Those of a table.
    pub fn table(table: &Table) -> Self {
        RowsOf { types: table.types.clone(), def: Some(Arc::clone(&table.def)) }
    }
}

/// Reads a record's body table by table, so that what an early table says (the catalog) is known before the
/// next is read.
pub struct ChangeReader<'a> {
    reader: Reader<'a>,
    version: u8,
    left: usize,
}

impl<'a> ChangeReader<'a> {
    /// Begins with a record's body.
    pub fn new(body: &'a [u8]) -> Result<Self> {
        let mut reader = Reader::new(body);
        let version = reader.u8()?;
        if !(VERSION_MIN..=VERSION_SWEEP).contains(&version) {
            let message = format!(
                "the log has a record of version {version}; this program reads versions {VERSION_MIN} to {VERSION_SWEEP}"
            );
            return Err(Error::new(state::FEATURE_NOT_SUPPORTED, message)
                .with_hint("Open the database with the program version that wrote it."));
        }
        let left = reader.count(3)?;
        Ok(ChangeReader { reader, version, left })
    }

    fn header(&mut self) -> Result<Option<Header<'a>>> {
        if self.left == 0 {
            self.reader.finish()?;
            return Ok(None);
        }
        self.left -= 1;
        let (table, schema_version) = (narrow(self.reader.varint()?)?, narrow(self.reader.varint()?)?);
        Ok(Some(Header { table, schema_version, section: self.reader.bytes()? }))
    }

    /// The next table's change, but only the segments that it names: for that the table need not be known.
    pub fn next_attached(&mut self) -> Result<Option<Option<TableChange>>> {
        let Some(header) = self.header()? else { return Ok(None) };
        let mut change = header.empty();
        change.decode_attached(&mut Reader::new(header.section))?;
        Ok(Some(Some(change)))
    }

    /// The next table's change. `rows` says what rows of a table are; None passes over it. Rows that were written under an earlier
    /// definition come as those of that one.
    pub fn next(
        &mut self,
        rows: impl FnOnce(TableId) -> Result<Option<RowsOf>>,
    ) -> Result<Option<Option<TableChange>>> {
        let Some(header) = self.header()? else { return Ok(None) };
        let Some(of) = rows(header.table)? else { return Ok(Some(None)) };
        TableChange::decode(header, self.version, &of).map(|change| Some(Some(change)))
    }
}
