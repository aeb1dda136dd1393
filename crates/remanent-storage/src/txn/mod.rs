//! Transactions: snapshots, private segments, key locks, commit.
//!
//! | file | holds |
//! |---|---|
//! | `core` | [`Core`]: what all transactions share; commit and the one `apply` |
//! | `handles` | handles on the store's files |
//! | `sync_timer` | who syncs what did not wait for it |
//! | `space` | space on the device, and who is refused for it |
//! | `gate` | who slows writers |
//! | `board` | what the writer tells the processes that follow it |
//! | `snapshot` | the visible lsn and the snapshots in use |
//! | `locks` | row, table and advisory locks, deadlocks |
//! | `locker` | what a statement locks while it reads |
//! | `interrupt` | what ends a statement before its time |
//! | `define` | tables made and dropped: a transaction's own catalog |
//! | `foreign` | foreign keys: parents looked for and kept, children looked for |
//! | `insert`, `delete` | rows into a transaction, and out of the table |
//! | `alone` | one row that is a transaction of its own |
//! | `index`, `unique` | indexes made and dropped; keys of unique ones locked and looked for |
//! | `sweep` | rows that leave by their age |
//! | `spill` | a transaction larger than memory: cold segments of its own |
//! | `large` | its large values, in and out |
//! | `writes` | a transaction's private segment |
//! | `keys` | keys in a row; own rows by key |
//! | `change` | what a transaction changed, as the body of its record |
//! | `sequence` | numbers that are never given twice |
//! | `serial` | SERIALIZABLE: what was read, tested at commit |
//! | `tuning` | limits that can be set while the store is open |
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
//! A transaction may be larger than memory: rows go to cold segments of its own, and of many deletes in one table only
//! sets of ordinals stay, their keys in a file; for both it holds the table alone ([`Mode::Update`] on the table, which waits for
//! others that write there).
//!
//! Limits: the deletes of one transaction in very many tables, each of them few, have to fit a record (16 MB, else 54000).

mod alone;
pub mod board;
pub mod change;
mod comments;
pub mod core;
mod define;
mod delete;
mod enums;
pub mod foreign;
pub mod gate;
pub mod handles;
pub mod index;
mod insert;
mod interrupt;
pub mod keys;
mod large;
pub mod locker;
pub mod locks;
pub mod sequence;
pub mod serial;
pub mod snapshot;
pub mod space;
mod spill;
mod sweep;
pub mod sync_timer;
pub mod temporary;
pub mod tuning;
pub mod turns;
pub mod unique;
pub mod writes;

use crate::catalog::{Catalog, FIRST_USER_TABLE, TABLES};
use crate::error::{Error, Result, state};
use crate::map::SortedMap;
use crate::segment::hot::LIVE;
use crate::table::ordered::OrderedScan;
use crate::table::scan::{self, Own, Sieve, TableScan, sieved};
use crate::table::version::{Table, TableVersion};
use crate::table::{RowId, ScanRequest, TableDef, TableId};
use crate::txn::change::{BODY_MAX, Change};
use crate::txn::core::{Commit, Core};
use crate::txn::large::{Carrier, Large};
use crate::txn::locker::{LockedTable, Locker, RowWait, SessionLocks};
use crate::txn::locks::{Held, Mode, Owner, Target as LockTarget, Wait};
use crate::txn::serial::Reader;
use crate::txn::serial::footprint::{Footprint, Names, Touched};
use crate::txn::snapshot::Snapshot;
use crate::txn::writes::{Mark, TableWrites};
use crate::value::{Batch, Key, Value};
use crate::world::mutation;
use std::sync::{Arc, OnceLock};

pub use insert::failing_row;
pub use interrupt::Interrupt;

/// One transaction: reads a snapshot, buffers its writes, commits them as one record of the log.
/// Dropping it rolls back.
pub struct Txn {
    core: Arc<Core>,
    owner: Owner,
    snapshot: Arc<Snapshot>,
    /// What was visible when it began.
    begun: crate::Lsn,
    /// The catalog with this transaction's own DDL; None without any.
    own_catalog: Option<OwnCatalog>,
    /// Values that it added to enum types: the types' numbers, and the places.
    added_labels: Vec<(u32, Box<[u8]>)>,
    writes: SortedMap<TableId, Box<TableWrites>>,
    held: Held,
    /// What is locked while statements read; made when first asked for.
    locker: OnceLock<Arc<Locker>>,
    session: Option<Arc<SessionLocks>>,
    durable: bool,
    interrupt: Arc<Interrupt>,
    /// What it reads, where it is serializable.
    reader: Option<Box<Reader>>,
    large: Large,
    /// The sequences that it made.
    sequences: Vec<TableId>,
    making: index::Making,
    /// What foreign keys have still to look at.
    open: foreign::Open,
    /// All its statements share one snapshot.
    keeps_snapshot: bool,
    /// It has changed what others see of the catalog.
    permanent: bool,
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
    marks: SortedMap<TableId, Mark>,
    catalog: Option<OwnCatalog>,
    /// How many locks were held, by the transaction and by its locker.
    held: (usize, usize),
    open: foreign::Mark,
}

/// The visible rows of one table, batch by batch. Independent of the transaction that made it:
/// rows written after it began are not delivered.
pub struct Scan {
    scan: Rows,
    carrier: Carrier,
    /// Keeps what the scan can still see.
    snapshot: Arc<Snapshot>,
}

/// Where a scan's rows come from.
enum Rows {
    /// Segment by segment.
    Table(Box<TableScan>),
    /// In the order of an index.
    Ordered(Box<OrderedScan>),
}

impl Rows {
    fn next(&mut self, sieve: Sieve<'_>) -> Result<Option<Batch>> {
        let scan = match self {
            Rows::Table(scan) => return scan.next(sieve),
            Rows::Ordered(scan) => scan,
        };
        while let Some(batch) = scan.next()? {
            let batch = sieved(batch, sieve)?;
            if batch.is_some() {
                return Ok(batch);
            }
        }
        Ok(None)
    }

    fn counts(&self) -> &[i64] {
        match self {
            Rows::Table(scan) => &scan.counts().numbers,
            Rows::Ordered(_) => &[],
        }
    }

    fn touched(&self) -> scan::Touched {
        match self {
            Rows::Table(scan) => scan.touched(),
            Rows::Ordered(scan) => scan.touched(),
        }
    }
}

impl Txn {
    /// Begins a transaction with a snapshot of what is visible now.
    pub fn new(core: Arc<Core>, durable: bool) -> Self {
        let snapshot = Arc::new(core.snapshots.take());
        let id = core.new_txn();
        Txn {
            owner: Owner { txn: id, session: id },
            interrupt: Arc::clone(&core.uninterrupted),
            large: Large::default(),
            making: index::Making::default(),
            open: foreign::Open::default(),
            keeps_snapshot: false,
            core,
            begun: snapshot.lsn,
            snapshot,
            own_catalog: None,
            added_labels: Vec::new(),
            writes: SortedMap::new(),
            held: Held::default(),
            locker: OnceLock::new(),
            session: None,
            durable,
            reader: None,
            sequences: Vec::new(),
            permanent: false,
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

    /// A statement looks up these tables: what they are, or that they are not there, counts as read.
    pub fn read_names<'a>(&self, names: impl Iterator<Item = &'a str>) {
        if let Some(reader) = &self.reader {
            let mut reads = reader.reads.borrow_mut();
            names.for_each(|name| reads.name(name));
        }
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

    /// Lets a commit go first that waits for a processor; for those who read in short steps.
    pub fn give_turn(&self) {
        self.core.turns.give();
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
        let found = found.ok_or_else(|| undefined_table(&def.name))?;
        if found.def.generation() != def.generation() || found.def.columns.len() != def.columns.len() {
            // Who keeps a definition for longer than a statement, as an appender does, learns that it is an old one.
            let message = "table row type and query-specified row type do not match";
            return Err(Error::new(state::DATATYPE_MISMATCH, message)
                .with_detail(format!("Table \"{}\" has got other columns meanwhile.", def.name)));
        }
        Ok(found)
    }

    /// Begins a scan of a table at this snapshot, own writes included.
    pub fn scan(&self, table: &Arc<TableDef>, request: &ScanRequest) -> Result<Scan> {
        self.core.check_open()?;
        let table = self.table(table)?;
        self.note_scan(&table, request);
        self.scan_at(&table, request, self.snapshot.lsn)
    }

    /// Remembers a scan, where the transaction is serializable.
    fn note_scan(&self, table: &Table, request: &ScanRequest) {
        if let Some(reader) = &self.reader {
            let mut reads = reader.reads.borrow_mut();
            reads.name(&table.def.name);
            reads.scan(table.def.id, request);
        }
    }

    /// The rows of a table that are the newest now, and the own ones. Of a row that another transaction replaces while the scan is
    /// read, the version that was there is delivered: without an instant of its own the scan would find that deleted, and the new one
    /// came after it began.
    fn scan_newest(&self, table: &Table, request: &ScanRequest) -> Result<Scan> {
        let published = self.core.snapshots.published();
        self.scan_at(table, request, if mutation("newest_without_an_instant") { LIVE - 1 } else { published })
    }

    fn scan_at(&self, table: &Table, request: &ScanRequest, lsn: crate::Lsn) -> Result<Scan> {
        let version = table.version();
        let own =
            self.writes.get(&table.def.id).map_or_else(Own::default, |writes| writes.for_scan(&version));
        let key = table.def.key_columns();
        let scan = TableScan::new(&version, lsn, request, &table.types, &key, own)?;
        let (scan, carrier) = (Rows::Table(Box::new(scan)), self.carrier(&version));
        Ok(Scan { scan, carrier, snapshot: Arc::clone(&self.snapshot) })
    }

    /// What loads the large values of a scan's rows.
    fn carrier(&self, version: &TableVersion) -> Carrier {
        let hot = version.hots().filter(|hot| !hot.blobs.is_empty()).map(|hot| hot.blobs.again());
        Carrier::new(&self.core, self.large.named(), hot.collect())
    }

    /// The row with that key, if it is visible: the wanted columns in order.
    pub fn get(&self, table: &Arc<TableDef>, key: &Key, columns: &[usize]) -> Result<Option<Vec<Value>>> {
        Ok(self.find(table, key, columns)?.map(|(row, _)| row))
    }

    /// As [`get`](Txn::get), and where the row lies, as far as [`update_row`](Txn::update_row) wants to know.
    pub fn find(
        &self,
        table: &Arc<TableDef>,
        key: &Key,
        columns: &[usize],
    ) -> Result<Option<(Vec<Value>, RowId)>> {
        self.core.check_open()?;
        let Some(table) = self.catalog().by_id(table.id) else { return Err(undefined_table(&table.name)) };
        let mut row = Vec::with_capacity(columns.len());
        if let Some(writes) = self.writes.get(&table.def.id) {
            if writes.get(key, columns, &mut row)? {
                self.hand_out(&mut row)?;
                return Ok(Some((row, RowId { segment: RowId::PRIVATE, ordinal: 0 })));
            }
            if writes.hides(key.as_bytes()) {
                return Ok(None);
            }
        }
        if let Some(reader) = &self.reader {
            let mut reads = reader.reads.borrow_mut();
            reads.name(&table.def.name);
            reads.key(table.def.id, key, columns);
        }
        let version = table.version();
        if let Some(writes) = self.writes.get(&table.def.id).filter(|writes| writes.has_gone()) {
            let found = version.find(key.as_bytes(), self.snapshot.lsn)?;
            if found.is_some_and(|at| writes.gone(&version).contains(at.segment, at.ordinal)) {
                return Ok(None);
            }
        }
        let found = version.get(key.as_bytes(), self.snapshot.lsn, columns, &mut row)?;
        self.hand_out(&mut row)?;
        Ok(found.map(|at| (row, at)))
    }

    /// A place to come back to.
    pub fn savepoint(&self) -> Savepoint {
        let marks = self.writes.iter().map(|(id, writes)| (*id, writes.mark())).collect();
        let held = (self.held.len(), self.locker.get().map_or(0, |locker| locker.len()));
        Savepoint { marks, catalog: self.own_catalog.clone(), held, open: self.open.mark() }
    }

    /// Undoes the writes since a savepoint; locks stay, so that a statement that runs again gets further.
    pub fn rollback_to(&mut self, savepoint: &Savepoint) {
        for (id, writes) in self.writes.iter_mut() {
            writes.rollback_to(savepoint.marks.get(id).unwrap_or(&Mark::default()));
        }
        self.open.rollback_to(&savepoint.open);
        self.own_catalog = savepoint.catalog.clone();
        let tables: Vec<TableId> = self.writes.keys().copied().collect();
        tables.into_iter().for_each(|table| self.renew_indexes(table));
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
        self.settle_all()?;
        self.end_temporary()?;
        if !self.has_writes() {
            return match &self.reader {
                Some(reader) if reader.beyond.get() => self.core.test(reader),
                _ => Ok(()),
            };
        }
        self.write_own_sequences()?;
        self.leave_dropped();
        let durable = self.durable && !self.is_temporary();
        let held: usize = self.writes.values().map(|w| w.memory() + w.delete_memory()).sum();
        self.core.gate.brake(&self.core.world, held);
        // What is left of rows that mostly lie in files goes the same way: in memory it would cost the log, and a flush.
        let (all, rest) = (held > BODY_MAX / 2, self.core.spill() / 4);
        let large = |w: &TableWrites| all || w.memory() > rest && !w.own_segments().is_empty();
        let large = self.writes.iter().filter(|(id, w)| **id >= FIRST_USER_TABLE && large(w));
        for table in large.map(|(&id, _)| id).collect::<Vec<TableId>>() {
            self.spill(table)?;
        }
        // A record may reach the disk by itself, so this is done before, whatever `synchronous_commit` says.
        self.large.sync(&self.core)?;
        let mut change = Change::default();
        let mut located = Vec::new();
        let mut touched = self.core.serial.is_open().then(Vec::new);
        let mut names = Names::default();
        for writes in self.writes.values_mut().filter(|w| !w.is_empty()) {
            let (mut table, rows) = writes.finish();
            table.key_files = writes.finish_keys()?;
            if let Some(touched) = &mut touched {
                touched.push(Touched::of(&writes.table, &table, self.snapshot.lsn));
                if table.table == TABLES && !mutation("ddl_without_names") {
                    let known = |id| self.snapshot.catalog.by_id(id).map(|table| table.def.name.clone());
                    names = Names::of(&table, known);
                }
            }
            change.tables.push(table);
            located.push(rows);
        }
        if change.tables.iter().any(|t| !t.attached.is_empty() || !t.key_files.is_empty()) {
            // A record may name only files that a crash leaves in place.
            self.core.sync_folder()?;
        }
        if mutation("early_lock_release") {
            self.core.locks.release(self.owner, &mut self.held);
        }
        let done = self.core.commit(Commit {
            change,
            located,
            durable,
            reader: self.reader.as_deref(),
            footprint: touched.map(|touched| Arc::new(Footprint::of(touched, names))),
            begun: self.begun,
        });
        if done.is_ok() || self.core.is_broken() {
            // The files belong to the record: after a failed sync or apply too, since the disk may have it all the same.
            self.writes.clear();
        }
        if done.is_ok() {
            self.sequences.clear();
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

    /// A table whose rows are to be locked while they are read, kept from being dropped. `Error::restart` where it is not any more what
    /// it was.
    pub fn lock_rows_of(&self, def: &TableDef, mode: Mode, wait: RowWait) -> Result<LockedTable> {
        self.core.writable()?;
        let table = self.table(def)?;
        let locked = self.locker().table(table, self.snapshot.lsn, mode, wait, &self.interrupt)?;
        self.check_newest(def)?;
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

    /// The table, held so that it cannot be dropped, for a statement that adds about so many bytes of rows.
    fn begin_write(&mut self, def: &Arc<TableDef>, bytes: usize) -> Result<Arc<Table>> {
        self.core.writable()?;
        if bytes > 0 {
            self.core.admit(&self.interrupt, bytes)?;
        }
        let table = self.table(def)?;
        // What was undone may have been of a definition with other columns.
        if self.writes.get(&def.id).is_none_or(|writes| !writes.table.shape.same(&table.shape)) {
            self.lock(LockTarget::Table(def.id), Mode::Share)?;
            // Made by this transaction, or still what it was now that it cannot be changed any more.
            self.check_newest(def)?;
            let newest = self.core.snapshots.catalog();
            let mut writes = TableWrites::new(Arc::clone(&table));
            writes.set_indexes(&self.indexes_to_keep(&newest, def.id));
            self.writes.insert(def.id, writes);
        }
        Ok(table)
    }

    fn system(&mut self, id: TableId) -> Result<Arc<Table>> {
        self.core.writable()?;
        let found = self.catalog().by_id(id).cloned();
        let table = found.ok_or_else(|| Error::internal("the catalog's own tables are missing"))?;
        self.writes.or_insert_with(id, || TableWrites::new(Arc::clone(&table)));
        Ok(table)
    }

    fn writes(&mut self, table: &Table) -> Result<&mut TableWrites> {
        let writes = self.writes.get_mut(&table.def.id);
        writes.map(|writes| &mut **writes).ok_or_else(|| Error::internal("a write was not begun"))
    }
}

impl Drop for Txn {
    fn drop(&mut self) {
        for writes in self.writes.values_mut() {
            writes.abandon();
        }
        self.forget_own_sequences();
        self.end_making();
        self.core.locks.release(self.owner, &mut self.held);
        if let Some(locker) = self.locker.get() {
            locker.release_from(0);
        }
    }
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
