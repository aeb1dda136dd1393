//! What all transactions of a store share, and the one `apply`.
//!
//! # Life of a commit (design section 4), in functions
//!
//! 1. `Txn::{insert, update, delete}` take key locks and buffer.
//! 2. [`Core::commit`] encodes the record, then enters the sequencer: [`Log::append`] and the queue, O(1).
//! 3. [`Log::sync_to`] (or `write_to`) writes and syncs once for all that wait.
//! 4. [`Core::settle`] applies what is committed, in log order, under the apply lock: [`Core::apply`] installs
//!    rows and marks, then [`Snapshots::publish`] makes the record visible. Recovery calls the same `apply`.
//! 5. The transaction releases its locks and returns.
//!
//! # Invariants
//!
//! 1. The queue holds the appended and unapplied records in log order.
//! 2. Nothing is applied before it is committed: durable, or written where `synchronous_commit` is off and all
//!    before it are committed (design rules 2 and 3).
//! 3. The apply lock is never held across I/O: rows to be marked were located at the statement, and a swap of
//!    segments leaves a forward behind (`table::version`).

use crate::Lsn;
use crate::catalog::{CHANGING, Catalog, Delta, EntryKind, FIRST_USER_TABLE};
use crate::error::{Error, Result, state};
use crate::index::IndexId;
use crate::log::{Log, Status, Ticket};
use crate::segment::PageCache;
use crate::segment::blob::BlobFiles;
use crate::segment::deletes::{Deletes, RowSet};
use crate::table::files;
use crate::table::gone::DeletedRows;
use crate::table::version::Table;
use crate::table::{TableDef, TableId};
use crate::txn::Interrupt;
use crate::txn::board::Board;
use crate::txn::change::{Change, NewRow, TableChange};
use crate::txn::gate::Gate;
use crate::txn::handles::ColdInfo;
use crate::txn::locks::Locks;
use crate::txn::sequence::Sequences;
use crate::txn::serial::footprint::Footprint;
use crate::txn::serial::{Hit, Reader, Serial, Test};
use crate::txn::snapshot::{Snapshot, Snapshots};
use crate::txn::space::Space;
use crate::txn::sync_timer::SyncTimer;
use crate::txn::tuning::{Limits, Tuning};
use crate::txn::turns::Turns;
use crate::value::{ColumnData, Type, Value};
use crate::world::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use crate::world::sync::{Mutex, MutexGuard};
use crate::world::{World, mutation};
use rustc_hash::FxHashSet;
use std::cell::OnceCell;
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

/// What all transactions of a store share.
pub struct Core {
    /// The outside.
    pub world: World,
    /// The database directory.
    pub dir: PathBuf,
    /// The write-ahead log; None in a store opened for reading.
    pub log: Option<Log>,
    /// Where commits are announced to other processes; None in a store opened for reading.
    pub board: Option<Board>,
    /// Visible lsn, catalog, snapshots in use.
    pub snapshots: Arc<Snapshots>,
    /// Key and table locks.
    pub locks: Locks,
    /// Where sequences stand.
    pub sequences: Sequences,
    /// What was committed while serializable transactions are open.
    pub serial: Arc<Serial>,
    /// Verified pages of cold files.
    pub cache: Arc<PageCache>,
    /// Files of large values.
    pub blobs: Arc<BlobFiles>,
    /// Files to be removed.
    pub retired: Arc<Mutex<Vec<PathBuf>>>,
    /// Memory of hot segments, and who waits for less of it.
    pub gate: Gate,
    /// Commits that are under way.
    pub turns: Arc<Turns>,
    /// Who syncs commits that did not wait for it.
    pub sync_timer: SyncTimer,
    /// Who refuses writes when the device is nearly full.
    pub(super) space: Space,
    /// Tables that were dropped and whose files are still there.
    pub dropped: Mutex<Vec<Arc<Table>>>,
    /// The default of transactions.
    pub synchronous_commit: bool,
    /// What can be set while the store is open.
    pub tuning: Tuning,
    /// Bytes that running statements may hold, for whoever runs them.
    pub statements: Arc<AtomicUsize>,
    spill: AtomicUsize,
    queue: Mutex<VecDeque<Arc<Pending>>>,
    apply: Mutex<()>,
    next_file: AtomicU32,
    next_table: AtomicU32,
    next_enum: AtomicU32,
    next_txn: AtomicU64,
    closed: AtomicBool,
    /// The last record by which rows leave by their age that has its place in the log.
    swept: AtomicU64,
    /// Indexes that transactions are making: their parts are kept though no catalog knows them.
    pub making: Mutex<Vec<IndexId>>,
    /// What ends statements of transactions that nobody set another for: nothing.
    pub uninterrupted: Arc<Interrupt>,
    /// Why no more writes are accepted.
    broken: OnceLock<Error>,
    /// Why no more records are applied: one could not be, and none may come before it.
    halted: OnceLock<Error>,
}

struct Pending {
    ticket: Ticket,
    durable: bool,
    tables: Vec<TableChange>,
    located: Vec<DeletedRows>,
    /// None where no serializable transaction was open when it was prepared.
    footprint: Option<Arc<Footprint>>,
}

/// What a transaction hands over at its commit.
pub struct Commit<'a> {
    /// What it changed.
    pub change: Change,
    /// Where the rows lie that it deletes: `located[t]` those of `change.tables[t]`.
    pub located: Vec<DeletedRows>,
    /// Whether it waits for its sync.
    pub durable: bool,
    /// What it read, where that must still hold.
    pub reader: Option<&'a Reader>,
    /// What others test their reads against.
    pub footprint: Option<Arc<Footprint>>,
    /// What was visible when it began: rows that were swept up to then were never located.
    pub begun: Lsn,
}

impl Pending {
    fn footprint(&self) -> Arc<Footprint> {
        self.footprint.clone().unwrap_or_else(|| Arc::new(Footprint::late(&self.tables)))
    }
}

/// Most bytes of private rows of a table in memory, whatever the memory limit.
const SPILL_MAX: usize = 8 << 20;

/// What each may have of the memory limit: half for rows, those of serializable transactions included, a quarter for
/// caches, a quarter for running statements.
struct Shares {
    hot: usize,
    serial: usize,
    cache: usize,
    statements: usize,
    /// Of a transaction's rows, before they go to a file.
    spill: usize,
}

impl Shares {
    fn of(limit: usize) -> Self {
        Shares {
            hot: limit / 2 - limit / 32,
            serial: limit / 32,
            cache: limit / 4,
            statements: limit / 4,
            spill: (limit / 32).max(16 << 10),
        }
    }
}

/// What [`Core::new`] starts from.
pub struct Start {
    /// The outside.
    pub world: World,
    /// The database directory.
    pub dir: PathBuf,
    /// The first file number that is free.
    pub next_file: u32,
    /// What can be set later, at first.
    pub limits: Limits,
    /// Which of them stay, since the opener said so.
    pub fixed: Vec<&'static str>,
    /// The default of transactions.
    pub synchronous_commit: bool,
    /// Bytes after which a file of large values takes no more.
    pub blob_file_size: u64,
}

impl Core {
    /// A store's core whose tables are still to be loaded. `log` is set once recovery has read it.
    pub fn new(start: Start) -> Self {
        let catalog = Arc::new(Catalog::new([]));
        let shares = Shares::of(start.limits.memory_limit);
        Core {
            turns: Arc::new(Turns::new(Arc::clone(&start.world.threads))),
            blobs: Arc::new(BlobFiles::new(
                Arc::clone(&start.world.disk),
                &start.dir,
                start.blob_file_size.max(1),
            )),
            cache: Arc::new(PageCache::new(shares.cache)),
            gate: Gate::new(shares.hot),
            serial: Arc::new(Serial::new(shares.serial)),
            spill: AtomicUsize::new(shares.spill),
            statements: Arc::new(AtomicUsize::new(shares.statements)),
            world: start.world,
            dir: start.dir,
            log: None,
            board: None,
            snapshots: Arc::new(Snapshots::new(0, catalog)),
            locks: Locks::default(),
            sequences: Sequences::default(),
            retired: Arc::default(),
            sync_timer: SyncTimer::new(start.limits.wal_writer_delay),
            space: Space::new(start.limits.min_free_space),
            dropped: Mutex::default(),
            synchronous_commit: start.synchronous_commit,
            tuning: Tuning::new(start.limits, start.fixed),
            queue: Mutex::default(),
            apply: Mutex::new(()),
            next_file: AtomicU32::new(start.next_file),
            next_table: AtomicU32::new(FIRST_USER_TABLE),
            next_enum: AtomicU32::new(1),
            next_txn: AtomicU64::new(1),
            closed: AtomicBool::new(false),
            swept: AtomicU64::new(0),
            making: Mutex::default(),
            uninterrupted: Arc::default(),
            broken: OnceLock::new(),
            halted: OnceLock::new(),
        }
    }

    /// Lets the limits that the newest catalog holds begin to hold.
    pub fn tune(&self) {
        let catalog = self.snapshots.catalog();
        let Some(limits) = self.tuning.take_over(catalog.entries(EntryKind::System)) else { return };
        let shares = Shares::of(limits.memory_limit);
        self.cache.set_budget(shares.cache);
        self.gate.set_limit(shares.hot);
        self.serial.set_limit(shares.serial);
        self.spill.store(shares.spill, Ordering::Relaxed);
        self.statements.store(shares.statements, Ordering::Relaxed);
        self.space.set_min(limits.min_free_space);
        self.sync_timer.set_delay(limits.wal_writer_delay);
        self.sync_timer.call();
        self.gate.call();
    }

    /// Bytes of private rows after which a transaction moves them to a cold segment of its own.
    pub fn spill(&self) -> usize {
        self.spill.load(Ordering::Relaxed).min(SPILL_MAX)
    }

    /// The same of a table whose rows are all written anew, once and for long: in few segments searches are quicker.
    pub fn spill_rewritten(&self) -> usize {
        self.spill.load(Ordering::Relaxed).min(8 * SPILL_MAX)
    }

    /// A file number that was never used.
    pub fn new_file(&self) -> u32 {
        self.next_file.fetch_add(1, Ordering::Relaxed)
    }

    /// The file number that comes next.
    pub fn next_file(&self) -> u32 {
        self.next_file.load(Ordering::Relaxed)
    }

    /// Numbers up to that one are taken.
    pub fn raise_next_file(&self, taken: u32) {
        self.next_file.fetch_max(taken.saturating_add(1), Ordering::Relaxed);
    }

    /// A table number that neither the log nor the manifest knows.
    pub fn new_table(&self) -> TableId {
        self.next_table.fetch_add(1, Ordering::Relaxed)
    }

    /// The number of an enum type that no catalog since the store was opened knows.
    pub fn new_enum(&self) -> u32 {
        let known = self.snapshots.catalog().enums().last_key_value().map_or(0, |(id, _)| id + 1);
        self.next_enum.fetch_max(known, Ordering::Relaxed);
        self.next_enum.fetch_add(1, Ordering::Relaxed)
    }

    /// Table numbers up to that one are taken.
    pub fn raise_next_table(&self, taken: TableId) {
        self.next_table.fetch_max(taken.saturating_add(1), Ordering::Relaxed);
    }

    /// A transaction's number.
    pub fn new_txn(&self) -> u64 {
        self.next_txn.fetch_add(1, Ordering::Relaxed)
    }

    /// Ends the store's life: every later call is 57P01.
    pub fn close(&self) {
        self.closed.store(true, Ordering::Release);
    }

    /// 57P01 after [`close`](Core::close).
    pub fn check_open(&self) -> Result<()> {
        match self.closed.load(Ordering::Acquire) {
            true => Err(Error::new(state::DATABASE_CLOSED, "the database is closed")
                .with_hint("Open it again with Database::open.")),
            false => Ok(()),
        }
    }

    /// The log, or 25006 in a store opened for reading.
    pub fn writable(&self) -> Result<&Log> {
        self.check_open()?;
        if let Some(error) = self.broken.get() {
            return Err(error.clone());
        }
        self.log.as_ref().ok_or_else(|| {
            Error::new(state::READ_ONLY_SQL_TRANSACTION, "cannot write: the database is open read-only")
        })
    }

    /// Makes the names of new files in `seg/` durable. After a failure nobody knows which of them are, and a later sync
    /// may succeed without having done it: every later write is 58030 (design rule 4).
    pub fn sync_folder(&self) -> Result<()> {
        if let Some(error) = self.broken.get() {
            return Err(error.clone());
        }
        let folder = self.dir.join(files::FOLDER);
        self.world.disk.sync_dir(&folder).map_err(|e| self.poison(&Error::io("sync", &folder, &e)))
    }

    /// A sync failed: accepts no more writes, for ever. Returns the error that says so.
    pub fn poison(&self, cause: &Error) -> Error {
        let error = self.broken.get_or_init(|| {
            Error::new(state::IO_ERROR, format!("the database accepts no more writes: {}", cause.message()))
                .with_detail("A sync failed, so nobody knows what the device has kept. Reads go on.")
                .with_hint("Look after the device, then open the database again.")
        });
        error.clone()
    }

    /// True after a failure that leaves in doubt what the disk has: no more writes.
    pub fn is_broken(&self) -> bool {
        self.broken.get().is_some() || self.log.as_ref().is_some_and(|log| log.poisoned().is_some())
    }

    /// Slows a statement that adds so many bytes of rows where writers outrun the flush.
    pub fn admit(&self, interrupt: &Interrupt, bytes: usize) -> Result<()> {
        self.gate.admit(&self.world, interrupt, bytes)
    }

    /// The apply lock: what happens under it happens between two records. Never held across I/O.
    pub fn between_records<T>(&self, f: impl FnOnce(Lsn) -> T) -> T {
        let _apply = self.apply.lock();
        f(self.snapshots.published())
    }

    /// Applies everything that is committed by now; returns the newest visible record, which is written to the log.
    pub fn apply_written(&self) -> Result<Lsn> {
        if let Some(log) = &self.log {
            log.sync_all()?;
            let _apply = self.apply.lock();
            self.apply_committed(log)?;
        }
        Ok(self.snapshots.published())
    }

    /// Gives a change its place in the log, waits until it is committed, applies it. Returns its lsn. 40001 where what
    /// its reader read has changed: then nothing has happened.
    pub fn commit(&self, commit: Commit<'_>) -> Result<Lsn> {
        let Commit { mut change, mut located, durable, reader, footprint, begun } = commit;
        let log = self.writable()?;
        let _under_way = self.turns.commit();
        let mut looked = begun;
        let (ticket, _forgotten) = loop {
            self.leave_swept(&mut looked, &mut change, &mut located)?;
            let body = change.encode()?;
            let mut queue = match reader {
                None => self.queue.lock(),
                Some(reader) => self.tested(&mut reader.test())?,
            };
            if self.swept.load(Ordering::Acquire) > looked {
                continue;
            }
            let ticket = log.append(body)?;
            if change.has_sweeps() {
                self.swept.store(ticket.lsn, Ordering::Release);
            }
            let pending = Pending { ticket, durable, tables: change.tables, located, footprint };
            let forgotten = match self.serial.is_open() {
                true => self.serial.push(pending.footprint()),
                false => Vec::new(),
            };
            queue.push_back(Arc::new(pending));
            break (ticket, forgotten);
        };
        if durable && !mutation("acknowledge_before_sync") {
            log.sync_to(&ticket)?
        } else {
            log.write_to(&ticket)?
        }
        let now = self.world.monotonic();
        if !durable && self.sync_timer.arm(now) {
            log.sync_to(&ticket)?;
        }
        self.settle(log, &ticket)?;
        if let Some(board) = &self.board {
            board.commit(ticket.lsn, now, &|| (self.snapshots.published(), log.durable()));
        }
        Ok(ticket.lsn)
    }

    /// Leaves out of a change the deletes of rows that have been swept since `looked`, which moves on: nobody replays a delete
    /// of a row that is not there. Sweeps take no locks on rows, so this may come to whoever has located some.
    fn leave_swept(&self, looked: &mut Lsn, change: &mut Change, located: &mut [DeletedRows]) -> Result<()> {
        let last = self.swept.load(Ordering::Acquire);
        if last <= *looked || mutation("deletes_of_swept_rows") {
            *looked = last.max(*looked);
            return Ok(());
        }
        if self.snapshots.published() < last {
            self.apply_written()?;
        }
        for (change, located) in change.tables.iter_mut().zip(located) {
            let lives: Vec<bool> = change
                .deletes
                .iter()
                .zip(&located.each)
                .map(|(key, row)| row.lives(key.as_bytes()))
                .collect();
            let (mut of_keys, mut of_rows) = (lives.iter(), lives.iter());
            change.deletes.retain(|_| of_keys.next().is_none_or(|lives| *lives));
            located.each.retain(|_| of_rows.next().is_none_or(|lives| *lives));
        }
        *looked = last;
        Ok(())
    }

    /// The sequencer, once everything in the log is known not to change what was read: in rounds outside of it, and
    /// the last short one inside.
    fn tested(&self, test: &mut Test<'_>) -> Result<MutexGuard<'_, VecDeque<Arc<Pending>>>> {
        loop {
            let hit = |hit: Hit| hit.error(&self.snapshots.catalog());
            test.catch_up().map_err(hit)?;
            let queue = self.queue.lock();
            match test.finish() {
                Ok(true) => return Ok(queue),
                Ok(false) => {}
                Err(found) => {
                    drop(queue);
                    return Err(hit(found));
                }
            }
        }
    }

    /// Tests what a transaction read that has nothing to commit.
    pub fn test(&self, reader: &Reader) -> Result<()> {
        self.tested(&mut reader.test()).map(drop)
    }

    /// A snapshot of what is visible now, and a place before all records that it does not see.
    pub fn begin_serializable(&self) -> (Snapshot, Reader) {
        let queue = self.queue.lock();
        let snapshot = self.snapshots.take();
        // A record leaves the queue after it has become visible.
        let unseen = queue
            .iter()
            .filter(|pending| pending.ticket.lsn > snapshot.lsn && !mutation("window_without_queue"));
        let member = self.serial.join(unseen.map(|pending| pending.footprint()).collect());
        (snapshot, Reader::new(member))
    }

    /// Tells other processes what is committed and how often the manifest was changed.
    pub fn announce(&self) {
        if let (Some(board), Some(log)) = (&self.board, &self.log) {
            board.announce(Lsn::MAX, &|| (self.snapshots.published(), log.durable()));
        }
    }

    /// Applies committed records in log order until `ticket` is among them.
    fn settle(&self, log: &Log, ticket: &Ticket) -> Result<()> {
        loop {
            let ahead = {
                let _apply = self.apply.lock();
                self.apply_committed(log)?
            };
            if self.snapshots.published() >= ticket.lsn {
                return Ok(());
            }
            // A durable record stands before this one: it is visible only after that (design section 4.4).
            let ahead = ahead.ok_or_else(|| Error::internal("a committed record is not in the queue"))?;
            log.sync_to(&ahead)?;
        }
    }

    /// Applies what is committed; returns the first that is not. Only under the apply lock.
    fn apply_committed(&self, log: &Log) -> Result<Option<Ticket>> {
        loop {
            if let Some(error) = self.halted.get() {
                return Err(error.clone());
            }
            let next = {
                let mut queue = self.queue.lock();
                let Some(front) = queue.front() else { return Ok(None) };
                match log.status(&front.ticket) {
                    Status::Failed(_) => {
                        let failed = queue.pop_front();
                        drop(queue);
                        drop(failed);
                        continue;
                    }
                    Status::Durable => {}
                    Status::Written if !front.durable => {}
                    _ if mutation("acknowledge_before_sync") => {}
                    _ => return Ok(Some(front.ticket)),
                }
                Arc::clone(front)
            };
            if let Err(e) = self.apply(next.ticket.lsn, &next.tables, &next.located) {
                let _ = self.broken.set(e.clone());
                return Err(self.halted.get_or_init(|| e).clone());
            }
            // Only now: a serializable transaction that begins finds it in the queue or in its snapshot.
            let done = self.queue.lock().pop_front();
            drop((done, next));
        }
    }

    /// Installs one committed record and makes it visible: the one way in which anything changes, for commit and
    /// recovery alike. `located[t]` is where the rows lie that `tables[t]` deletes. Under the apply lock.
    pub fn apply(&self, lsn: Lsn, tables: &[TableChange], located: &[DeletedRows]) -> Result<()> {
        let mut catalog = self.snapshots.catalog();
        // Looked at only where the tail of a hot segment is full.
        let reach = OnceCell::new();
        let reachable =
            |created, deleted| reach.get_or_init(|| self.snapshots.reach()).sees(created, deleted);
        let changed = self.preview_catalog(&catalog, tables)?;
        if let Some(new) = &changed {
            self.keep_indexes(&catalog, new)?;
            for table in new.all() {
                let before = catalog.by_id(table.def.id);
                let Some(before) = before.filter(|before| !before.shape.same(&table.shape)) else { continue };
                table.reshape(before.shape.exceeds(&table.shape).then_some(lsn), self.new_file());
            }
            catalog = Arc::clone(new);
        }
        for (change, located) in tables.iter().zip(located) {
            if let Some(table) = catalog.by_id(change.table) {
                self.apply_table(table, lsn, change, located, &reachable)?;
            }
        }
        if changed.is_some() {
            let before = self.snapshots.catalog();
            let gone = before.all().filter(|table| catalog.by_id(table.def.id).is_none());
            let gone: Vec<Arc<Table>> = gone.cloned().collect();
            gone.iter().for_each(|table| self.forget_sequence(table.def.id));
            self.dropped.lock().extend(gone);
        }
        let tune = changed.is_some();
        self.snapshots.publish(lsn, changed);
        if tune {
            self.tune();
        }
        Ok(())
    }

    /// The catalog that a record leaves behind, if it touches the catalog's tables.
    pub fn preview_catalog(&self, catalog: &Catalog, tables: &[TableChange]) -> Result<Option<Arc<Catalog>>> {
        let mut delta = Delta::default();
        let own = tables.iter().filter(|t| CHANGING.contains(&t.table));
        for change in own {
            delta.deletes.extend(change.deletes.iter().map(|key| (change.table, key.clone())));
            delta.rows.extend(change.rows.iter().map(|rows| (change.table, rows.clone())));
        }
        if delta.deletes.is_empty() && delta.rows.is_empty() {
            return Ok(None);
        }
        let new = catalog.with(&delta, &mut |def| {
            let known = catalog.by_id(def.id);
            self.table_of(def, known)
        })?;
        Ok(Some(Arc::new(new)))
    }

    /// The table of a definition: the one that there is, with the segments it has, or an empty one.
    pub fn table_of(&self, def: TableDef, known: Option<&Arc<Table>>) -> Arc<Table> {
        match known {
            Some(table) if *table.def == def => Arc::clone(table),
            Some(table) if table.def.same_rows(&def) => Arc::new(table.redefined(def)),
            _ => self.new_table_segments(def),
        }
    }

    /// An empty table of that definition.
    pub fn new_table_segments(&self, def: TableDef) -> Arc<Table> {
        self.raise_next_table(def.id);
        Arc::new(Table::new(Arc::new(def), self.new_file(), &self.blobs))
    }

    /// Installs one record's change of one table. Under the apply lock.
    pub fn apply_table(
        &self,
        table: &Table,
        lsn: Lsn,
        change: &TableChange,
        located: &DeletedRows,
        reachable: &dyn Fn(Lsn, Lsn) -> bool,
    ) -> Result<()> {
        for (key, row) in change.deletes.iter().zip(&located.each) {
            row.mark(key.as_bytes(), lsn);
        }
        located.many.mark(lsn);
        located.swept.iter().for_each(|rows| rows.mark(lsn));
        for range in &change.key_files {
            self.raise_next_file(range.file);
            table.keep_keys(lsn, Arc::new(self.key_file(range.file)));
        }
        let version = table.version();
        let charge = |(bytes, dropped): (usize, usize)| {
            version.hot.charged.fetch_add(bytes, Ordering::Relaxed);
            self.gate.take(bytes);
            if dropped > 0 {
                version.hot.charged.fetch_sub(dropped, Ordering::Relaxed);
                self.gate.give_back(dropped);
            }
        };
        for rows in &change.rows {
            charge(version.hot.segment.append(lsn, rows, reachable)?);
            if let Some(newest) = version.hot.blobs.add_columns(rows) {
                self.raise_next_file(newest);
            }
        }
        if let Some(NewRow { key, values, bytes }) = &change.row {
            let segment = &version.hot.segment;
            charge(segment.append_row(lsn, key.as_bytes(), values, *bytes, reachable)?);
        }
        if !change.attached.is_empty() {
            let mut version = version.as_ref().clone();
            for file in &change.attached {
                self.raise_next_file(file.file);
                let deletes = Deletes::from_settled(file.marks.iter().copied().collect::<RowSet>());
                let cold = ColdInfo {
                    id: file.file,
                    level: 0,
                    rows: file.rows,
                    bytes: file.bytes,
                    min_key: file.min_key.clone(),
                    max_key: file.max_key.clone(),
                    created: (lsn, lsn),
                    blobs: file.blobs.clone(),
                    parts: file.parts.clone(),
                };
                version.cold.push(self.open_cold(table, cold, deletes, false));
            }
            table.publish(version);
        }
        if table.def.key.is_empty() {
            table.raise_row_id(largest_row_id(change).saturating_add(1));
        }
        table.set_changed(lsn);
        Ok(())
    }

    /// The numbers of these files are taken, whether or not they are still there.
    pub(super) fn raise_blobs(&self, blobs: &[(u32, u64)]) {
        blobs.iter().for_each(|&(file, _)| self.raise_next_file(file));
    }

    /// Makes what was written to these blob files durable: before a record names them.
    pub fn sync_blobs(&self, files: &FxHashSet<u32>) -> Result<()> {
        if files.is_empty() {
            return Ok(());
        }
        self.writable()?;
        self.blobs.sync(files).map_err(|e| self.poison(&e))
    }

    /// Lets the segments of tables keep parts of the indexes that a new catalog has, and no others. Under the apply lock.
    fn keep_indexes(&self, old: &Catalog, new: &Catalog) -> Result<()> {
        for table in new.all() {
            let (before, now) = (old.indexes_of(table.def.id), new.indexes_of(table.def.id));
            for def in now {
                self.raise_next_table(def.id);
                self.gate.take(table.add_index(def)?);
            }
            if before.iter().any(|def| now.iter().all(|held| held.id != def.id)) {
                let making = self.making.lock().clone();
                table.retain_indexes(&|id| making.contains(&id) || now.iter().any(|def| def.id == id));
            }
        }
        Ok(())
    }
}

/// The largest hidden key among a change's rows; 0 if there is none.
fn largest_row_id(change: &TableChange) -> i64 {
    let hidden = change.rows.iter().filter_map(|rows| rows.last());
    let of_rows = hidden.filter_map(|column| match column.data() {
        ColumnData::I64(ids) => ids.iter().copied().max(),
        _ => None,
    });
    let of_files = change.attached.iter().filter_map(|file| {
        match crate::value::key::decode(&file.max_key, &[Type::Int8]).ok()?.first()? {
            Value::Int8(id) => Some(*id),
            _ => None,
        }
    });
    of_rows.chain(of_files).max().unwrap_or(0)
}
