//! Transactions: snapshots, private segments, key locks, commit.
//!
//! | file | holds |
//! |---|---|
//! | `core` | [`Core`]: what all transactions share; commit and the one `apply` |
//! | `board` | what the writer tells the processes that follow it |
//! | `snapshot` | the visible lsn and the snapshots in use |
//! | `locks` | row, table and advisory locks, deadlocks |
//! | `locker` | what a statement locks while it reads |
//! | `interrupt` | what ends a statement before its time |
//! | `define` | tables made and dropped: a transaction's own catalog |
//! | `writes` | a transaction's private segment |
//! | `change` | what a transaction changed, as the body of its record |
//! | `serial` | SERIALIZABLE: what was read, tested at commit |
//!
//! A [`Txn`] reads a snapshot and buffers its writes. Under READ COMMITTED each statement begins with a new
//! snapshot ([`Txn::begin_statement`]). A write locks its key first; when the row has changed since the
//! snapshot, the write is [`Error::restart`]: the caller rolls back to the statement's [`Savepoint`], begins the
//! statement again and runs it on the new snapshot. The locks it has taken stay, so it gets further each time.
//!
//! ```text
//!   T1  UPDATE counter SET n = n + 1   reads n = 7, locks, buffers n = 8
//!   T2  UPDATE counter SET n = n + 1   reads n = 7, waits for T1's lock
//!   T1  COMMIT                         record, sync, apply, release
//!   T2                                 wakes: the row is newer than its snapshot → restart → reads 8, buffers 9
//! ```
//!
//! Limits: a transaction that deletes or replaces more committed rows than one record can name (16 MB of keys)
//! fails with 54000 at commit.

pub mod board;
pub mod change;
pub mod core;
mod define;
mod interrupt;
pub mod locker;
pub mod locks;
pub mod serial;
pub mod snapshot;
pub mod writes;

use crate::catalog::{Catalog, FIRST_USER_TABLE};
use crate::error::{Error, Result, state};
use crate::segment::deletes::Deletes;
use crate::table::rewrite::{MemoryRows, Target, write_segment};
use crate::table::scan::{Own, TableScan};
use crate::table::version::{Located, Newest, Table};
use crate::table::{RowId, ScanRequest, TableDef, TableId};
use crate::txn::change::{BODY_MAX, Change};
use crate::txn::core::{ColdInfo, Commit, Core};
use crate::txn::locker::{LockedTable, Locker, SessionLocks};
use crate::txn::locks::{Held, Mode, Owner, Target as LockTarget, Wait};
use crate::txn::serial::Reader;
use crate::txn::serial::footprint::{Footprint, Touched};
use crate::txn::snapshot::Snapshot;
use crate::txn::writes::{KeyRun, Mark, TableWrites};
use crate::value::{Batch, Column, ColumnData, Key, Type, Value};
use crate::world::mutation;
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

pub use interrupt::Interrupt;

/// One transaction: reads a snapshot, buffers its writes, commits them as one record of the log.
/// Dropping it rolls back.
pub struct Txn {
    core: Arc<Core>,
    owner: Owner,
    snapshot: Arc<Snapshot>,
    /// The catalog with this transaction's own DDL; None without any.
    own_catalog: Option<OwnCatalog>,
    writes: BTreeMap<TableId, TableWrites>,
    held: Held,
    /// What is locked while statements read; made when first asked for.
    locker: OnceLock<Arc<Locker>>,
    session: Option<Arc<SessionLocks>>,
    durable: bool,
    interrupt: Arc<Interrupt>,
    /// What it reads, where it is serializable.
    reader: Option<Box<Reader>>,
}

/// A catalog with a transaction's own DDL.
#[derive(Clone)]
struct OwnCatalog {
    catalog: Arc<Catalog>,
    /// The version of the committed catalog that it was made from.
    base: u64,
}

/// A place in a transaction to come back to, as often as wanted.
#[derive(Clone)]
pub struct Savepoint {
    marks: BTreeMap<TableId, Mark>,
    catalog: Option<OwnCatalog>,
    /// How many locks were held, by the transaction and by its locker.
    held: (usize, usize),
}

/// The visible rows of one table, batch by batch. Independent of the transaction that made it:
/// rows written after it began are not delivered.
pub struct Scan {
    scan: TableScan,
    /// Keeps what the scan can still see.
    _snapshot: Arc<Snapshot>,
}

impl Scan {
    /// The next rows: at most 2,048, never an empty batch; None at the end.
    #[allow(clippy::should_implement_trait, reason = "an iterator of results cannot be read with `?` alone")]
    pub fn next(&mut self) -> Result<Option<Batch>> {
        self.scan.next()
    }
}

impl Txn {
    /// Begins a transaction with a snapshot of what is visible now.
    pub fn new(core: Arc<Core>, durable: bool) -> Self {
        let snapshot = Arc::new(core.snapshots.take());
        let id = core.new_txn();
        Txn {
            owner: Owner { txn: id, session: id },
            core,
            snapshot,
            own_catalog: None,
            writes: BTreeMap::new(),
            held: Held::default(),
            locker: OnceLock::new(),
            session: None,
            durable,
            interrupt: Arc::default(),
            reader: None,
        }
    }

    /// Makes it serializable, with a new snapshot: call it once, before the first read. Every read is remembered from
    /// here on, and a commit whose reads no longer hold is 40001.
    pub fn begin_serializable(&mut self) {
        let (snapshot, reader) = self.core.begin_serializable();
        self.snapshot = Arc::new(snapshot);
        self.reader = Some(Box::new(reader));
    }

    /// True after [`begin_serializable`](Txn::begin_serializable).
    pub fn is_serializable(&self) -> bool {
        self.reader.is_some()
    }

    /// Makes it part of a session: before its first statement.
    pub fn set_session(&mut self, session: &Arc<SessionLocks>) {
        self.owner.session = session.id();
        self.session = Some(Arc::clone(session));
    }

    /// What statements take locks with while they read.
    pub fn locker(&self) -> &Arc<Locker> {
        self.locker.get_or_init(|| Arc::new(Locker::new(&self.core, self.owner, self.session.clone())))
    }

    /// The catalog as this transaction sees it, its own changes included.
    pub fn catalog(&self) -> &Arc<Catalog> {
        self.own_catalog.as_ref().map_or(&self.snapshot.catalog, |own| &own.catalog)
    }

    /// Begins a statement: under READ COMMITTED, takes a new snapshot.
    pub fn begin_statement(&mut self) {
        if self.core.snapshots.published() != self.snapshot.lsn {
            self.snapshot = Arc::new(self.core.snapshots.take());
        }
        if self.own_catalog.as_ref().is_some_and(|own| own.base != self.snapshot.catalog.version()) {
            // What fails here is damage, which the next change of the catalog reports.
            let _ = self.refresh_catalog();
        }
    }

    /// What ends the running statement from another thread.
    pub fn set_interrupt(&mut self, interrupt: Arc<Interrupt>) {
        self.interrupt = interrupt;
    }

    /// False: commit returns once the record is written, before it is synced.
    pub fn set_synchronous_commit(&mut self, durable: bool) {
        self.durable = durable;
    }

    fn table(&self, def: &TableDef) -> Result<Arc<Table>> {
        let found = self.catalog().by_id(def.id).filter(|t| t.def.name == def.name).cloned();
        found.ok_or_else(|| undefined_table(&def.name))
    }

    /// Begins a scan of a table at this snapshot, own writes included.
    pub fn scan(&self, table: &Arc<TableDef>, request: &ScanRequest) -> Result<Scan> {
        self.core.check_open()?;
        let table = self.table(table)?;
        if let Some(reader) = &self.reader {
            reader.reads.borrow_mut().scan(table.def.id, request);
        }
        let own = self.writes.get(&table.def.id).map_or_else(Own::default, TableWrites::for_scan);
        let version = table.version();
        let key = table.def.key_columns();
        let scan = TableScan::new(&version, self.snapshot.lsn, request, &table.types, &key, own)?;
        Ok(Scan { scan, _snapshot: Arc::clone(&self.snapshot) })
    }

    /// The row with that key, if it is visible: the wanted columns in order.
    pub fn get(&self, table: &Arc<TableDef>, key: &Key, columns: &[usize]) -> Result<Option<Vec<Value>>> {
        self.core.check_open()?;
        let Some(table) = self.catalog().by_id(table.id) else { return Err(undefined_table(&table.name)) };
        let mut row = Vec::with_capacity(columns.len());
        if let Some(writes) = self.writes.get(&table.def.id) {
            if writes.get(key, columns, &mut row)? {
                return Ok(Some(row));
            }
            if writes.hides(key.as_bytes()) {
                return Ok(None);
            }
        }
        if let Some(reader) = &self.reader {
            reader.reads.borrow_mut().key(table.def.id, key, columns);
        }
        let found = table.version().get(key.as_bytes(), self.snapshot.lsn, columns, &mut row)?;
        Ok(found.then_some(row))
    }

    /// Inserts rows: all declared columns, in order, each of the declared type (for a table with a hidden key
    /// the key is made here). NOT NULL is checked here (23502), so is the key (23505).
    pub fn insert(&mut self, table: &Arc<TableDef>, rows: &Batch) -> Result<()> {
        refuse_system(table)?;
        self.core.admit_space(false)?;
        let table = self.begin_write(table)?;
        let rows = rows.compact();
        let mut columns: Vec<Column> = rows.columns.iter().map(Column::flatten).collect();
        if table.def.key.is_empty() {
            let first = table.reserve_row_ids(rows.rows);
            let ids: Vec<i64> = (first..first + rows.rows as i64).collect();
            columns.push(Column::flat(Type::Int8, ColumnData::I64(ids.into()), None));
        }
        self.insert_stored(&table, &columns, None)
    }

    /// As [`insert`](Txn::insert) for those rows whose keys are free; the others, ascending: their key is that of a
    /// living row, or of a row before them. Their keys are locked.
    pub fn insert_free(&mut self, table: &Arc<TableDef>, rows: &Batch) -> Result<Vec<u32>> {
        refuse_system(table)?;
        if table.key.is_empty() {
            return self.insert(table, rows).map(|()| Vec::new());
        }
        self.core.admit_space(false)?;
        let table = self.begin_write(table)?;
        let rows = rows.compact();
        let columns: Vec<Column> = rows.columns.iter().map(Column::flatten).collect();
        check_not_null(&table.def, &columns)?;
        let keys = KeyRun::of(&key_columns(&table.def, &columns));
        let taken = self.taken(&table, &keys, false)?;
        taken.iter().for_each(|&row| self.saw_newest(&table, keys.get(row as usize)));
        let mut next = taken.iter().copied().peekable();
        let free: Vec<u32> = (0..rows.rows as u32).filter(|row| next.next_if_eq(row).is_none()).collect();
        if !free.is_empty() {
            let columns: Vec<Column> = columns.iter().map(|column| column.gather(&free)).collect();
            self.writes(&table)?.push(&columns, &keys.gather(&free), None);
            self.spill_when_large(&table)?;
        }
        Ok(taken)
    }

    /// As [`insert`](Txn::insert) for one row, a value for each declared column.
    pub fn insert_row(&mut self, table: &Arc<TableDef>, row: &[&Value]) -> Result<()> {
        refuse_system(table)?;
        self.core.admit_space(false)?;
        let table = self.begin_write(table)?;
        for (i, value) in row.iter().enumerate() {
            if value.is_null() && is_required(&table.def, i) {
                return Err(null_violation(&table.def, i, row.iter().map(|&v| v.clone()).collect()));
            }
        }
        if table.def.key.is_empty() {
            let id = Value::Int8(table.reserve_row_ids(1));
            let row: Vec<&Value> = row.iter().copied().chain([&id]).collect();
            self.writes(&table)?.push_row(&row, &KeyRun::of_row([&id].into_iter()))?;
        } else {
            let key = || table.def.key.iter().filter_map(|&k| row.get(k).copied());
            let keys = KeyRun::of_row(key());
            if self.first_taken(&table, &keys)?.is_some() {
                self.saw_newest(&table, keys.get(0));
                return Err(duplicate_key(&table.def, &key().collect::<Vec<_>>()));
            }
            self.writes(&table)?.push_row(row, &keys)?;
        }
        self.spill_when_large(&table)
    }

    /// Deletes rows that a scan of this statement delivered: their key columns and where they lie. A row that
    /// another transaction changed since the snapshot is `Error::restart`.
    pub fn delete(&mut self, table: &Arc<TableDef>, keys: &Batch, at: &[RowId]) -> Result<()> {
        refuse_system(table)?;
        let table = self.begin_write(table)?;
        self.delete_stored(&table, &keys_of(&keys.compact()), at, None)
    }

    /// Replaces rows that a scan of this statement delivered by new ones (all declared columns, in order).
    /// `assigned` are the columns that the statement sets.
    pub fn update(
        &mut self,
        table: &Arc<TableDef>,
        keys: &Batch,
        at: &[RowId],
        rows: &Batch,
        assigned: &[usize],
    ) -> Result<()> {
        refuse_system(table)?;
        self.core.admit_space(false)?;
        let table = self.begin_write(table)?;
        let keys = keys.compact();
        let mut columns: Vec<Column> = rows.compact().columns.iter().map(Column::flatten).collect();
        if table.def.key.is_empty() {
            columns.extend(keys.columns.iter().map(Column::flatten));
        }
        let new_keys = KeyRun::of(&key_columns(&table.def, &columns));
        self.delete_stored(&table, &keys_of(&keys), at, Some(&new_keys))?;
        let mut mask = vec![0u8; table.def.columns.len().div_ceil(8)];
        for &column in assigned {
            if let Some(byte) = mask.get_mut(column / 8) {
                *byte |= 1 << (column % 8);
            }
        }
        self.insert_stored(&table, &columns, Some(mask.into()))
    }

    /// A place to come back to.
    pub fn savepoint(&self) -> Savepoint {
        let marks = self.writes.iter().map(|(id, writes)| (*id, writes.mark())).collect();
        let held = (self.held.len(), self.locker.get().map_or(0, |locker| locker.len()));
        Savepoint { marks, catalog: self.own_catalog.clone(), held }
    }

    /// Undoes the writes since a savepoint; locks stay, so that a statement that runs again gets further.
    pub fn rollback_to(&mut self, savepoint: &Savepoint) {
        for (id, writes) in &mut self.writes {
            writes.rollback_to(savepoint.marks.get(id).unwrap_or(&Mark::default()));
        }
        self.own_catalog = savepoint.catalog.clone();
    }

    /// Undoes the writes since a savepoint and gives back the locks taken since.
    pub fn undo_to(&mut self, savepoint: &Savepoint) {
        self.rollback_to(savepoint);
        self.writes.retain(|id, writes| match savepoint.marks.get(id) {
            Some(mark) => {
                writes.exclusive = mark.exclusive;
                true
            }
            None => {
                writes.abandon();
                false
            }
        });
        self.core.locks.release_from(self.owner, &mut self.held, savepoint.held.0);
        if let Some(locker) = self.locker.get() {
            locker.release_from(savepoint.held.1);
        }
    }

    /// True if there is something to commit.
    pub fn has_writes(&self) -> bool {
        self.writes.values().any(|w| !w.is_empty())
    }

    /// Commits; when it returns, the changes are visible and (unless synchronous_commit is off) durable.
    pub fn commit(mut self) -> Result<()> {
        self.core.check_open()?;
        if !self.has_writes() {
            return match &self.reader {
                Some(reader) if reader.beyond.get() => self.core.test(reader),
                _ => Ok(()),
            };
        }
        self.leave_dropped();
        let held: usize = self.writes.values().map(TableWrites::memory).sum();
        self.core.gate.brake(&self.core.world, held);
        if held > BODY_MAX / 2 {
            let tables: Vec<TableId> =
                self.writes.keys().copied().filter(|&t| t >= FIRST_USER_TABLE).collect();
            for table in tables {
                self.spill(table)?;
            }
        }
        let mut change = Change::default();
        let mut located = Vec::new();
        let mut touched = self.core.serial.is_open().then(Vec::new);
        for writes in self.writes.values_mut().filter(|w| !w.is_empty()) {
            let (table, rows) = writes.finish();
            if let Some(touched) = &mut touched {
                touched.push(Touched::of(&writes.table, &table, self.snapshot.lsn));
            }
            change.tables.push(table);
            located.push(rows);
        }
        if change.tables.iter().any(|table| !table.attached.is_empty()) {
            // A record may name only files that a crash leaves in place.
            self.core.sync_folder()?;
        }
        if mutation("early_lock_release") {
            self.core.locks.release(self.owner, &mut self.held);
        }
        let done = self.core.commit(Commit {
            change,
            located,
            durable: self.durable,
            reader: self.reader.as_deref(),
            footprint: touched.map(|touched| Arc::new(Footprint::of(touched))),
        });
        if done.is_ok() || self.core.is_broken() {
            // The files belong to the record: after a failed sync or apply too, since the disk may have it all the same.
            self.writes.clear();
        }
        done.map(|_| ())
    }

    /// Undoes everything.
    pub fn rollback(self) {}

    /// Forgets what it wrote in tables that it has dropped.
    fn leave_dropped(&mut self) {
        let catalog = Arc::clone(self.catalog());
        self.writes.retain(|id, writes| {
            let stays = catalog.by_id(*id).is_some();
            if !stays {
                writes.abandon();
            }
            stays
        });
    }

    fn lock(&mut self, target: LockTarget, mode: Mode) -> Result<()> {
        let Txn { core, held, owner, interrupt, .. } = self;
        core.locks.take(*owner, held, target, mode, Wait::Block, interrupt).map(drop)
    }

    /// A table whose rows are to be locked while they are read, kept from being dropped.
    pub fn lock_rows_of(&self, def: &TableDef) -> Result<LockedTable> {
        self.core.writable()?;
        let table = self.table(def)?;
        let locked = LockedTable::new(table, self.snapshot.lsn);
        let own = self.snapshot.catalog.by_id(def.id).is_none();
        self.locker().table(&locked, own, &self.interrupt)?;
        Ok(locked)
    }

    /// True if the newest version of that row is this transaction's own.
    pub fn owns(&self, def: &TableDef, key: &Key) -> Result<bool> {
        match self.writes.get(&def.id) {
            Some(writes) => {
                Ok(writes.own(key.as_bytes()).is_some() || writes.attached_row(key.as_bytes())?.is_some())
            }
            None => Ok(false),
        }
    }

    fn begin_write(&mut self, def: &Arc<TableDef>) -> Result<Arc<Table>> {
        self.core.writable()?;
        self.core.admit(&self.interrupt)?;
        let table = self.table(def)?;
        if !self.writes.contains_key(&def.id) {
            self.lock(LockTarget::Table(def.id), Mode::Share)?;
            // Made by this transaction, or still there now that it cannot be dropped any more.
            let own = self.snapshot.catalog.by_id(def.id).is_none();
            let still = own || self.core.snapshots.catalog().by_id(def.id).is_some();
            if !still {
                return Err(undefined_table(&def.name));
            }
            self.writes.insert(def.id, TableWrites::new(Arc::clone(&table)));
        }
        Ok(table)
    }

    fn system(&mut self, id: TableId) -> Result<Arc<Table>> {
        self.core.writable()?;
        let found = self.catalog().by_id(id).cloned();
        let table = found.ok_or_else(|| Error::internal("the catalog's own tables are missing"))?;
        self.writes.entry(id).or_insert_with(|| TableWrites::new(Arc::clone(&table)));
        Ok(table)
    }

    fn writes(&mut self, table: &Table) -> Result<&mut TableWrites> {
        self.writes.get_mut(&table.def.id).ok_or_else(|| Error::internal("a write was not begun"))
    }

    /// Adds rows, all stored columns, whose keys must be new.
    fn insert_stored(
        &mut self,
        table: &Arc<Table>,
        columns: &[Column],
        updated: Option<Box<[u8]>>,
    ) -> Result<()> {
        check_not_null(&table.def, columns)?;
        let fresh = table.def.key.is_empty() && updated.is_none();
        let key_columns = key_columns(&table.def, columns);
        let keys = KeyRun::of(&key_columns);
        if !fresh {
            let taken = self.first_taken(table, &keys)?;
            if let Some(row) = taken {
                self.saw_newest(table, keys.get(row));
                let values: Vec<Value> = key_columns.iter().map(|c| c.value(row)).collect();
                return Err(duplicate_key(&table.def, &values.iter().collect::<Vec<_>>()));
            }
        }
        self.writes(table)?.push(columns, &keys, updated);
        self.spill_when_large(table)
    }

    fn spill_when_large(&mut self, table: &Table) -> Result<()> {
        let (memory, spill) = (self.writes(table)?.memory(), self.core.spill);
        if memory > spill && table.def.id >= FIRST_USER_TABLE {
            self.spill(table.def.id)?;
        }
        Ok(())
    }

    /// A row under that key was found that may be newer than the snapshot.
    fn saw_newest(&self, table: &Table, key: &[u8]) {
        if let Some(reader) = &self.reader {
            reader.beyond.set(true);
            reader.reads.borrow_mut().key(table.def.id, &Key(key.into()), &[]);
        }
    }

    /// Locks keys; the first that a living row has, or that comes twice.
    fn first_taken(&mut self, table: &Arc<Table>, keys: &KeyRun) -> Result<Option<usize>> {
        Ok(self.taken(table, keys, true)?.first().map(|&row| row as usize))
    }

    /// Locks keys; those that a living row has, or that came before, or only the first of them.
    fn taken(&mut self, table: &Arc<Table>, keys: &KeyRun, first_only: bool) -> Result<Vec<u32>> {
        let Txn { core, writes, held, interrupt, owner, .. } = self;
        let writes = writes.get(&table.def.id).ok_or_else(|| Error::internal("a write was not begun"))?;
        let mut seen = (!keys.ascends()).then(FxHashSet::default);
        let mut version = table.version();
        let mut taken = Vec::new();
        for row in 0..keys.len() {
            if first_only && !taken.is_empty() {
                break;
            }
            let key = keys.get(row);
            if seen.as_mut().is_some_and(|seen| !seen.insert(key)) {
                taken.push(row as u32);
                continue;
            }
            let early =
                mutation("check_then_act") && !version.newest(key)?.is_some_and(|newest| newest.lives);
            // Who replaces a row has locked its key already.
            if !writes.exclusive && !writes.hides(key) {
                let target = LockTarget::Row(table.def.id, Key(key.into()));
                core.locks.take(*owner, held, target, Mode::Update, Wait::Block, interrupt)?;
                // What was committed before the lock was ours may be in newer segments.
                version = table.version();
            }
            let own = writes.own(key).is_some() || writes.attached_row(key)?.is_some();
            if own || !writes.hides(key) && !early && version.newest(key)?.is_some_and(|newest| newest.lives)
            {
                taken.push(row as u32);
            }
        }
        Ok(taken)
    }

    /// Deletes rows by key: own ones, or committed ones that are as the snapshot saw them. `new` are the keys of the
    /// rows that take their places.
    fn delete_stored(
        &mut self,
        table: &Arc<Table>,
        keys: &[Key],
        at: &[RowId],
        new: Option<&KeyRun>,
    ) -> Result<()> {
        let snapshot = self.snapshot.lsn;
        for (i, key) in keys.iter().enumerate() {
            let Txn { core, writes, held, interrupt, owner, .. } = self;
            let writes =
                writes.get_mut(&table.def.id).ok_or_else(|| Error::internal("a write was not begun"))?;
            let stays = new.is_some_and(|new| new.get(i) == key.as_bytes());
            let mode = if stays { Mode::NoKeyUpdate } else { Mode::Update };
            if !writes.exclusive {
                let target = LockTarget::Row(table.def.id, key.clone());
                core.locks.take(*owner, held, target, mode, Wait::Block, interrupt)?;
            }
            if let Some(ordinal) = writes.own(key.as_bytes()) {
                writes.kill(ordinal);
                continue;
            }
            if let Some((which, ordinal)) = writes.attached_row(key.as_bytes())? {
                writes.kill_attached(which, ordinal);
                continue;
            }
            if writes.hides(key.as_bytes()) {
                // Delivered by a scan that began before this statement deleted it: nothing is left to do.
                continue;
            }
            match locate(table, key, at.get(i))? {
                Some(newest)
                    if newest.lives && (newest.created <= snapshot || mutation("weak_first_updater")) =>
                {
                    writes.hide(key.clone(), newest.located);
                }
                // Changed or deleted since the snapshot.
                _ => return Err(Error::restart()),
            }
        }
        Ok(())
    }

    /// Moves the private rows of a table to a cold segment of this transaction's own.
    fn spill(&mut self, id: TableId) -> Result<()> {
        let Txn { core, writes, held, interrupt, owner, .. } = self;
        let Some(writes) = writes.get_mut(&id) else { return Ok(()) };
        let table = Arc::clone(&writes.table);
        if !writes.exclusive {
            core.locks.take(*owner, held, LockTarget::Table(id), Mode::Update, Wait::Block, interrupt)?;
            writes.exclusive = true;
        }
        let Some(chunks) = writes.to_spill() else { return Ok(()) };
        core.admit_space(true)?;
        let target = Target {
            world: &core.world,
            dir: &core.dir,
            id: core.new_file(),
            table: &table,
            cache: &core.cache,
            // A load waits for this; a merge will be thorough.
            thorough: false,
        };
        let mut rows = MemoryRows::new(chunks, &table.types, &table.def.key_columns());
        let mut written = write_segment(&target, &mut rows, &mut |_| interrupt.check())?;
        let map = written.maps.pop().unwrap_or_default();
        let info = ColdInfo {
            id: written.id,
            level: 0,
            rows: written.rows,
            bytes: written.bytes,
            min_key: written.min_key,
            max_key: written.max_key,
            created: (0, 0),
        };
        let cold = core.open_cold(&table, info, Deletes::default(), false);
        writes.spilled(cold, map);
        Ok(())
    }
}

impl Drop for Txn {
    fn drop(&mut self) {
        for writes in self.writes.values_mut() {
            writes.abandon();
        }
        self.core.locks.release(self.owner, &mut self.held);
        if let Some(locker) = self.locker.get() {
            locker.release_from(0);
        }
    }
}

/// The newest committed version of a key. Where a scan said that the row lies in a cold segment which still has
/// it, that is asked first.
fn locate(table: &Table, key: &Key, at: Option<&RowId>) -> Result<Option<Newest>> {
    let version = table.version();
    if let Some(at) = at
        && let Some(cold) = version.cold.iter().find(|c| c.id == at.segment)
    {
        let lives = cold.deletes.read().deleted_at(at.ordinal).is_none();
        if lives {
            let located = Located::Cold(Arc::clone(cold), at.ordinal);
            return Ok(Some(Newest { located, created: cold.created_at(at.ordinal)?, lives }));
        }
    }
    version.newest(key.as_bytes())
}

/// The key's columns among a row's.
fn key_columns<'a>(def: &TableDef, columns: &'a [Column]) -> Vec<&'a Column> {
    def.key_columns().into_iter().filter_map(|k| columns.get(k)).collect()
}

fn keys_of(keys: &Batch) -> Vec<Key> {
    let columns: Vec<&Column> = keys.columns.iter().collect();
    (0..keys.rows).map(|row| Key::from_row(&columns, row)).collect()
}

fn undefined_table(name: &str) -> Error {
    Error::new(state::UNDEFINED_TABLE, format!("relation \"{name}\" does not exist"))
}

fn refuse_system(def: &TableDef) -> Result<()> {
    match def.id < FIRST_USER_TABLE {
        true => Err(Error::new(
            state::INSUFFICIENT_PRIVILEGE,
            format!("permission denied: \"{}\" is a system catalog", def.name),
        )
        .with_hint("Use CREATE TABLE and DROP TABLE.")),
        false => Ok(()),
    }
}

fn check_not_null(def: &TableDef, columns: &[Column]) -> Result<()> {
    for (i, column) in columns.iter().take(def.columns.len()).enumerate() {
        if column.null_count() > 0 && is_required(def, i) {
            let row = (0..column.len()).find(|&row| !column.is_valid(row)).unwrap_or(0);
            let values = columns[..def.columns.len()].iter().map(|c| c.value(row)).collect();
            return Err(null_violation(def, i, values));
        }
    }
    Ok(())
}

fn is_required(def: &TableDef, column: usize) -> bool {
    def.key.contains(&column) || def.columns.get(column).is_some_and(|c| c.not_null)
}

#[cold]
fn null_violation(def: &TableDef, column: usize, row: Vec<Value>) -> Error {
    let name = def.columns.get(column).map_or("", |c| &c.name);
    let message =
        format!("null value in column \"{name}\" of relation \"{}\" violates not-null constraint", def.name);
    let values: Vec<String> =
        row.iter().map(|v| if v.is_null() { "null".to_string() } else { v.to_string() }).collect();
    Error::new(state::NOT_NULL_VIOLATION, message)
        .with_detail(format!("Failing row contains ({}).", values.join(", ")))
}

#[cold]
fn duplicate_key(def: &TableDef, key: &[&Value]) -> Error {
    let names: Vec<&str> = def.key.iter().map(|&k| def.columns[k].name.as_str()).collect();
    let values: Vec<String> = key.iter().map(|v| v.to_string()).collect();
    Error::new(
        state::UNIQUE_VIOLATION,
        format!("duplicate key value violates unique constraint \"{}_pkey\"", def.name),
    )
    .with_detail(format!("Key ({})=({}) already exists.", names.join(", "), values.join(", ")))
}
