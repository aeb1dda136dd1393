//! Indexes made, dropped and searched.
//!
//! ```text
//!   CREATE INDEX   the parts of cold segments are written while others go on; then the table is locked, the parts that are
//!                  still missing are made, a unique index is checked, and a row goes to rem_index
//!   COMMIT         `apply` makes the index one of those that the table's segments keep parts of
//!   ROLLBACK       the parts are forgotten, their files go with the next round of the background
//!   DROP INDEX     the row goes; so do the parts, once the drop is committed
//! ```
//!
//! A part that is missing later (a crash took it before the manifest knew it, a merge began before the index) is made by the
//! background; until then its segment is scanned.

use super::{Rows, Scan, Txn, refuse_system};
use crate::catalog::comments::{PartKind, Subject};
use crate::catalog::{self, EntryKind};
use crate::error::{Error, Result, state};
use crate::index::{self, IndexDef, IndexId};
use crate::table::ordered::{OrderedScan, Walk, first_duplicate, missing};
use crate::table::rewrite::write_part;
use crate::table::scan::Own;
use crate::table::version::{ColdHandle, Table};
use crate::table::{IndexProbe, ScanRequest, TableDef, TableId, files};
use crate::txn::core::Core;
use crate::txn::keys::KeyRun;
use crate::txn::locks::{Mode, Target};
use crate::txn::unique::described;
use crate::value::{Column, Key, Physical, Value};
use std::ops::Bound;
use std::sync::Arc;

/// How often what came meanwhile is made up for without a lock on the table.
const ROUNDS: usize = 2;

/// Indexes whose parts are being made by a transaction that has not committed yet.
#[derive(Default)]
pub(super) struct Making(Vec<(IndexId, Arc<Table>)>);

impl Txn {
    /// Makes an index of the table `def.table`; its number is given here. Errors: 42P07 the name is taken, 42704 there is no
    /// such kind, 23505 two rows have the same key, 54000 a key is too long.
    pub fn create_index(&mut self, def: IndexDef) -> Result<Arc<IndexDef>> {
        self.core.writable()?;
        if def.has_parts() {
            index::kind(&def.kind)?;
        }
        let known = self.catalog().by_id(def.table).cloned();
        let table = known.ok_or_else(|| Error::internal("an index of a table that there is not"))?;
        refuse_system(&table.def)?;
        self.lock_name(&table.def.schema, &def.name)?;
        self.refuse_taken(&table.def.schema, &def.name)?;
        let types = def.columns.iter().filter_map(|&c| table.types.get(c).copied()).collect();
        let def = Arc::new(IndexDef { id: self.core.new_table(), types, ..def });
        if def.has_parts() {
            self.making(&def, &table);
            for _ in 0..ROUNDS {
                self.make_parts(&table, &def)?;
            }
        }
        self.lock(Target::Table(table.def.id), Mode::Update)?;
        self.check_current(&table.def)?;
        if def.has_parts() {
            self.fill_index(&table, &def)?;
        }
        self.describe_index(&def)?;
        Ok(def)
    }

    /// Makes what is missing of an index whose table is held alone, and checks the rows.
    fn fill_index(&mut self, table: &Arc<Table>, def: &Arc<IndexDef>) -> Result<()> {
        self.core.gate.take(table.add_index(def)?);
        self.make_parts(table, def)?;
        if let Some(writes) = self.writes.get_mut(&table.def.id) {
            for cold in writes.own_segments() {
                make_part(&self.core, def, cold)?;
            }
        }
        self.check_lengths(table, def)?;
        if def.unique {
            self.check_no_duplicate(table, def)?;
        }
        Ok(())
    }

    /// The row of an index comes to the catalog.
    pub(super) fn describe_index(&mut self, def: &IndexDef) -> Result<()> {
        self.note_permanent(def.table);
        let row = catalog::row_of_index(def)?;
        let system = self.system(catalog::INDEXES)?;
        self.insert_stored(&system, &row, None, None)?;
        self.refresh_catalog()?;
        self.renew_indexes(def.table);
        Ok(())
    }

    /// Drops an index. `Error::restart` where another transaction has changed its table or dropped it.
    pub fn drop_index(&mut self, def: &Arc<IndexDef>) -> Result<()> {
        self.hold_index(def)?;
        self.forget_index(def)?;
        self.refresh_catalog()?;
        self.move_index_comment(def.table, &def.name, None)?;
        self.renew_indexes(def.table);
        Ok(())
    }

    /// Gives an index another name; 42P07 where it is taken.
    pub fn rename_index(&mut self, def: &Arc<IndexDef>, name: &str) -> Result<()> {
        let table = self.hold_index(def)?;
        self.lock_name(&table.schema, name)?;
        self.refuse_taken(&table.schema, name)?;
        self.forget_index(def)?;
        self.describe_index(&IndexDef { name: name.to_string(), ..IndexDef::clone(def) })?;
        self.move_index_comment(def.table, &def.name, Some(name))
    }

    /// Makes the parts of an index anew, under another number.
    pub fn rebuild_index(&mut self, def: &Arc<IndexDef>) -> Result<()> {
        let on = Subject::Part(def.table, PartKind::Index, &def.name);
        let comment = self.catalog().comment(on).map(str::to_string);
        self.drop_index(def)?;
        self.create_index(IndexDef::clone(def))?;
        match comment {
            Some(text) => self.set_entry(EntryKind::Comment, &on.to_string(), Some(&text)),
            None => Ok(()),
        }
    }

    /// Holds the table of an index alone; `Error::restart` where either is not any more what this transaction sees.
    fn hold_index(&mut self, def: &Arc<IndexDef>) -> Result<Arc<TableDef>> {
        self.core.writable()?;
        let table = self.catalog().by_id(def.table).map(|table| Arc::clone(&table.def));
        let table = table.ok_or_else(Error::restart)?;
        self.lock_name(&table.schema, &def.name)?;
        self.lock_alone(&table)?;
        match self.catalog().indexes_of(def.table).contains(def) {
            true => Ok(table),
            false => Err(Error::restart()),
        }
    }

    /// The row of an index goes from the catalog.
    pub(super) fn forget_index(&mut self, def: &IndexDef) -> Result<()> {
        self.note_permanent(def.table);
        let system = self.system(catalog::INDEXES)?;
        self.delete_stored(&system, &KeyRun::of_keys(&[catalog::index_key(def.id)]), &[], None)
    }

    /// What this transaction writes in a table from here on keeps the indexes that there are now.
    pub(super) fn renew_indexes(&mut self, table: TableId) {
        let indexes = self.indexes_to_keep(&self.core.snapshots.catalog(), table);
        if let Some(writes) = self.writes.get_mut(&table) {
            writes.set_indexes(&indexes);
        }
    }

    /// The primary keys of the visible rows with these values in an index, own rows included: for who looks a row up by a
    /// unique index. Where `newest`, committed rows that are newer than the snapshot count too.
    pub fn find_by_index(&self, def: &Arc<IndexDef>, values: &[Value], newest: bool) -> Result<Vec<Key>> {
        let Some(table) = self.catalog().by_id(def.table).cloned() else { return Ok(Vec::new()) };
        let mut key_of = Vec::new();
        def.encode_values(&mut key_of, values);
        let columns = table.def.key_columns();
        let span = def.span(values, Bound::Unbounded, Bound::Unbounded);
        let mut read = columns.clone();
        read.extend(&def.columns);
        let probes = vec![IndexProbe::of_spans(def, [span])];
        let request = ScanRequest { columns: read, probes, ..ScanRequest::default() };
        let mut found = Vec::new();
        let mut scan = match newest {
            true => self.scan_newest(&table, &request)?,
            false => self.scan(&table.def, &request)?,
        };
        while let Some(batch) = scan.next()? {
            let batch = batch.compact();
            let (keys, held) = batch.columns.split_at(columns.len());
            for row in 0..batch.rows {
                let own: Vec<Value> = held.iter().map(|column| column.value(row)).collect();
                let mut held_key = Vec::new();
                def.encode_values(&mut held_key, &own);
                if held_key == key_of {
                    found.push(Key::from_row(&keys.iter().collect::<Vec<_>>(), row));
                }
            }
        }
        Ok(found)
    }

    /// Begins a scan in the order of an index, own writes included; None where that cannot be had, and the caller sorts.
    pub fn scan_ordered(
        &self,
        table: &Arc<TableDef>,
        request: &ScanRequest,
        walk: &Walk,
    ) -> Result<Option<Scan>> {
        self.core.check_open()?;
        let table = self.table(table)?;
        self.note_scan(&table, request);
        let Some(scan) = self.ordered_at(&table, request, walk, self.snapshot.lsn)? else { return Ok(None) };
        let (scan, carrier) = (Rows::Ordered(Box::new(scan)), self.carrier(&table.version()));
        Ok(Some(Scan { scan, carrier, snapshot: Arc::clone(&self.snapshot) }))
    }

    fn ordered_at(
        &self,
        table: &Arc<Table>,
        request: &ScanRequest,
        walk: &Walk,
        lsn: crate::Lsn,
    ) -> Result<Option<OrderedScan>> {
        let version = table.version();
        let writes = self.writes.get(&table.def.id);
        let own = writes.map_or_else(Own::default, |writes| writes.for_scan(&version));
        let key = table.def.key_columns();
        OrderedScan::new(&version, lsn, request, walk, &table.types, &key, own)
    }

    fn making(&mut self, def: &Arc<IndexDef>, table: &Arc<Table>) {
        self.core.making.lock().push(def.id);
        self.making.0.push((def.id, Arc::clone(table)));
    }

    /// The transaction is over: what it made is in the catalog, or goes.
    pub(super) fn end_making(&mut self) {
        let made = std::mem::take(&mut self.making.0);
        if made.is_empty() {
            return;
        }
        let catalog = self.core.snapshots.catalog();
        for (id, table) in &made {
            let lives = catalog.indexes_of(table.def.id).iter().any(|def| def.id == *id);
            if !lives {
                table.retain_indexes(&|other| other != *id);
            }
        }
        self.core.making.lock().retain(|id| made.iter().all(|(made, _)| made != id));
    }

    /// Makes the parts that the cold segments of a table lack.
    fn make_parts(&self, table: &Table, def: &Arc<IndexDef>) -> Result<()> {
        for cold in &table.version().cold {
            self.interrupt.check()?;
            if cold.parts.get(def.id).is_none() {
                self.core.admit_space(true)?;
                make_part(&self.core, def, cold)?;
            }
        }
        Ok(())
    }

    /// 54000 where a row that is there has a key that is too long.
    fn check_lengths(&self, table: &Arc<Table>, def: &IndexDef) -> Result<()> {
        if !def.is_sorted() || !def.types.iter().any(|ty| ty.physical() == Physical::Bytes) {
            return Ok(());
        }
        let request = ScanRequest { columns: def.columns.clone(), ..ScanRequest::default() };
        let mut scan = self.scan_newest(table, &request)?;
        while let Some(batch) = scan.next()? {
            let batch = batch.compact();
            let mut columns: Vec<Column> = table.types.iter().map(|&ty| Column::null(ty, 0)).collect();
            for (&c, column) in def.columns.iter().zip(&batch.columns) {
                if let Some(place) = columns.get_mut(c) {
                    *place = column.loaded()?;
                }
            }
            def.check_lengths(&columns)?;
        }
        Ok(())
    }

    fn check_no_duplicate(&self, table: &Arc<Table>, def: &Arc<IndexDef>) -> Result<()> {
        let walk = Walk { index: Arc::clone(def), span: Default::default(), backward: false, groups: 0 };
        let request = ScanRequest::default();
        let mut scan = self.ordered_at(table, &request, &walk, self.core.snapshots.published())?;
        for _ in 0..ROUNDS {
            // A flush meanwhile knows nothing of an index on columns that came with this transaction.
            if scan.is_none() {
                self.core.gate.take(table.add_index(def)?);
                self.make_parts(table, def)?;
                scan = self.ordered_at(table, &request, &walk, self.core.snapshots.published())?;
            }
        }
        let mut scan = scan.ok_or_else(missing)?;
        // Only asked where two keys are equal; what cannot be decoded counts.
        let counts = |key: &[u8]| {
            def.nulls_not_distinct || !def.decode(key).is_ok_and(|values| values.iter().any(Value::is_null))
        };
        match first_duplicate(&mut scan, &counts)? {
            None => Ok(()),
            Some(key) => {
                let message = format!("could not create unique index \"{}\"", def.name);
                let detail = described(&table.def, def, &def.decode(&key)?, "is duplicated");
                Err(Error::new(state::UNIQUE_VIOLATION, message).with_detail(detail))
            }
        }
    }
}

/// Writes the part of an index for a segment, and gives it to that.
pub fn make_part(core: &Core, def: &Arc<IndexDef>, cold: &ColdHandle) -> Result<()> {
    if cold.parts.get(def.id).is_none() {
        write_part_file(core, def, cold)?;
        cold.parts.add(core.part_handle(cold.id, def.id));
    }
    Ok(())
}

/// Writes the file of the part of an index for a segment that has none.
pub fn write_part_file(core: &Core, def: &Arc<IndexDef>, cold: &ColdHandle) -> Result<()> {
    let disk = core.world.disk.as_ref();
    let path = files::part(&core.dir, cold.id, def.id);
    // What a failed attempt has left.
    let _ = disk.remove(&path);
    let written = write_part(disk, &core.dir, def, &cold.segment);
    if written.is_err() {
        let _ = disk.remove(&path);
    }
    written.map(drop)
}
