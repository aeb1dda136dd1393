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
use crate::catalog::{self, Catalog, Delta};
use crate::error::{Error, Result, state};
use crate::index::PartReader;
use crate::index::primary::PrimaryCold;
use crate::log::{Log, Status, Ticket};
use crate::segment::deletes::{Deletes, RowSet};
use crate::segment::{ColdSegment, PageCache};
use crate::table::files;
use crate::table::policy::DEPTH_CAP;
use crate::table::version::{ColdHandle, Located, Table};
use crate::table::{TableDef, TableId};
use crate::txn::Interrupt;
use crate::txn::board::Board;
use crate::txn::change::{Change, TableChange};
use crate::txn::locks::Locks;
use crate::txn::serial::footprint::Footprint;
use crate::txn::serial::{Hit, Reader, Serial, Test};
use crate::txn::snapshot::{Reach, Snapshot, Snapshots};
use crate::value::{ColumnData, Type, Value};
use crate::world::sync::{Condvar, Mutex, MutexGuard};
use crate::world::{World, mutation};
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// The index number of the primary key, in the names of part files.
pub const PRIMARY: u32 = 0;

/// Where merges do not keep up: how long a commit waits for each segment above [`DEPTH_CAP`] and each so many bytes of
/// rows, and how long at most.
const DEPTH_PAUSE: Duration = Duration::from_micros(50);
const DEPTH_BYTES: usize = 16 << 10;
const DEPTH_PAUSE_MAX: Duration = Duration::from_millis(50);
/// Shorter pauses are not worth a call of the system: few rows do no harm.
const DEPTH_PAUSE_MIN: Duration = Duration::from_micros(20);

/// How long a commit of that many bytes waits where a key is covered by so many segments above the cap.
fn brake(over: usize, bytes: usize) -> Duration {
    let pause = DEPTH_PAUSE.mul_f64(over.min(DEPTH_CAP) as f64 * bytes as f64 / DEPTH_BYTES as f64);
    if pause < DEPTH_PAUSE_MIN { Duration::ZERO } else { pause.min(DEPTH_PAUSE_MAX) }
}

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
    /// What was committed while serializable transactions are open.
    pub serial: Arc<Serial>,
    /// Verified pages of cold files.
    pub cache: Arc<PageCache>,
    /// Files to be removed.
    pub retired: Arc<Mutex<Vec<PathBuf>>>,
    /// Memory of hot segments, and who waits for less of it.
    pub gate: Gate,
    /// Who syncs commits that did not wait for it.
    pub sync_timer: SyncTimer,
    /// Who refuses writes when the device is nearly full.
    space: Space,
    /// Tables that were dropped and whose files are still there.
    pub dropped: Mutex<Vec<Arc<Table>>>,
    /// The default of transactions.
    pub synchronous_commit: bool,
    /// Bytes of private rows after which a transaction moves them to a cold segment of its own.
    pub spill: usize,
    queue: Mutex<VecDeque<Arc<Pending>>>,
    apply: Mutex<()>,
    next_file: AtomicU32,
    next_table: AtomicU32,
    next_txn: AtomicU64,
    closed: AtomicBool,
    /// Why no more writes are accepted.
    broken: OnceLock<Error>,
    /// Why no more records are applied: one could not be, and none may come before it.
    halted: OnceLock<Error>,
}

struct Pending {
    ticket: Ticket,
    durable: bool,
    tables: Vec<TableChange>,
    located: Vec<Vec<Located>>,
    /// None where no serializable transaction was open when it was prepared.
    footprint: Option<Arc<Footprint>>,
}

/// What a transaction hands over at its commit.
pub struct Commit<'a> {
    /// What it changed.
    pub change: Change,
    /// Where the rows lie that it deletes: `located[t][i]` that of `change.tables[t].deletes[i]`.
    pub located: Vec<Vec<Located>>,
    /// Whether it waits for its sync.
    pub durable: bool,
    /// What it read, where that must still hold.
    pub reader: Option<&'a Reader>,
    /// What others test their reads against.
    pub footprint: Option<Arc<Footprint>>,
}

impl Pending {
    fn footprint(&self) -> Arc<Footprint> {
        self.footprint.clone().unwrap_or_else(|| Arc::new(Footprint::late(&self.tables)))
    }
}

/// Slows writers whose rows outrun the flush, and tells the background that there is work.
pub struct Gate {
    limit: usize,
    used: AtomicUsize,
    /// How many segments more than [`DEPTH_CAP`] cover some key while a merge is due there.
    depth_over: AtomicUsize,
    /// Bytes of rows that ever came.
    taken: AtomicU64,
    /// Set by whoever wants the background to look; the background waits on the condition.
    pub wanted: Mutex<bool>,
    /// Notified when `wanted` is set.
    pub wake: Condvar,
    /// The last error of background work; None while it succeeds.
    pub trouble: Mutex<Option<Error>>,
}

/// Wakes the thread that syncs commits which did not wait for their sync.
pub struct SyncTimer {
    /// How long such a commit may stay unsynced.
    pub delay: Duration,
    /// What waits for its sync.
    pub unsynced: Mutex<Unsynced>,
    /// Notified when something begins to wait, and at the end.
    pub wake: Condvar,
}

/// Since when commits wait for their sync, by the monotonic clock.
#[derive(Debug, Default)]
pub struct Unsynced {
    /// The oldest that no sync has begun for.
    pub oldest: Option<Duration>,
    /// The oldest of those that are being synced.
    pub syncing: Option<Duration>,
}

impl SyncTimer {
    fn new(delay: Duration) -> Self {
        SyncTimer { delay, unsynced: Mutex::default(), wake: Condvar::default() }
    }

    /// A commit begins to wait for its sync. True if others have waited too long: then it must sync itself, so that what
    /// a crash can take never spans more than the delay.
    fn arm(&self, now: Duration) -> bool {
        let mut unsynced = self.unsynced.lock();
        let oldest = unsynced.syncing.or(unsynced.oldest);
        if unsynced.oldest.is_none() {
            unsynced.oldest = Some(now);
            self.wake.notify_one();
        }
        oldest.is_some_and(|since| now.saturating_sub(since) > self.delay)
    }

    /// Wakes the thread though nothing waits.
    pub fn call(&self) {
        let _unsynced = self.unsynced.lock();
        self.wake.notify_one();
    }
}

/// Refuses writes before the device is full, so that other programs live on and deleting still works.
pub struct Space {
    /// Bytes of the device that are left to others.
    min: u64,
    /// When it was looked at last, in microseconds of the monotonic clock, plus one; how much was free then; how many
    /// bytes of rows had been written.
    looked: AtomicU64,
    free: AtomicU64,
    written: AtomicU64,
}

/// How long an answer about free space is good for, unless much is written meanwhile.
const SPACE_LOOK: Duration = Duration::from_millis(100);

impl Gate {
    fn new(limit: usize) -> Self {
        Gate {
            limit,
            used: AtomicUsize::new(0),
            depth_over: AtomicUsize::new(0),
            taken: AtomicU64::new(0),
            wanted: Mutex::new(false),
            wake: Condvar::new(),
            trouble: Mutex::new(None),
        }
    }

    /// Bytes in hot segments.
    pub fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    /// Hot memory after which a flush begins.
    pub fn flush_at(&self) -> usize {
        self.limit / 4
    }

    /// Bytes that a flush has moved to disk.
    pub fn give_back(&self, bytes: usize) {
        let less = |used: usize| Some(used.saturating_sub(bytes));
        // In one step: of two who looked first, both could take what only one may.
        let _ = self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }

    /// The background says how many segments cover some key that a merge is due for.
    pub fn set_depth(&self, depth: usize) {
        self.depth_over.store(depth.saturating_sub(DEPTH_CAP), Ordering::Relaxed);
    }

    /// Slows a commit of that many bytes where merges do not keep up.
    pub fn brake(&self, world: &World, bytes: usize) {
        let over = self.depth_over.load(Ordering::Relaxed);
        let pause = if over == 0 { Duration::ZERO } else { brake(over, bytes) };
        if !pause.is_zero() {
            world.threads.sleep(pause);
        }
    }

    /// Tells the background to look.
    pub fn call(&self) {
        let mut wanted = self.wanted.lock();
        if !*wanted {
            *wanted = true;
            self.wake.notify_one();
        }
    }

    /// Says anew how many bytes there are.
    pub fn set_used(&self, bytes: usize) {
        self.used.store(bytes, Ordering::Relaxed);
    }

    /// Bytes that have come into hot segments.
    pub fn take(&self, bytes: usize) {
        let before = self.used.fetch_add(bytes, Ordering::Relaxed);
        self.taken.fetch_add(bytes as u64, Ordering::Relaxed);
        if before + bytes > self.flush_at() && before <= self.flush_at() {
            self.call();
        }
    }

    /// Waits where hot memory is above half of the limit: longer the nearer the limit is, at the limit until it
    /// falls. Where the background cannot make room for ten seconds, 53200.
    fn admit(&self, world: &World, interrupt: &Interrupt) -> Result<()> {
        let (start, half) = (self.limit / 2, self.limit / 4);
        let mut used = self.used();
        if used <= start {
            return Ok(());
        }
        self.call();
        let begun = world.clock.monotonic();
        loop {
            let over = (used - start).min(half) as u64;
            let pause = Duration::from_micros(20 + 4_000 * over / half.max(1) as u64);
            world.threads.sleep(pause);
            used = self.used();
            if used < start + half {
                return Ok(());
            }
            interrupt.check()?;
            let full = self.trouble.lock().clone().filter(|why| why.state() == state::DISK_FULL);
            if let Some(why) = full {
                return Err(
                    why.with_detail("Rows in memory wait to be flushed, and there is no space for them.")
                );
            }
            if world.clock.monotonic().saturating_sub(begun) > Duration::from_secs(10) {
                let why = self.trouble.lock().clone();
                let e = Error::new(
                    state::OUT_OF_MEMORY,
                    format!("memory limit reached: {used} bytes of rows wait to be flushed"),
                );
                return Err(match why {
                    Some(why) => e.with_detail(format!("The last flush failed: {why}")),
                    None => {
                        e.with_hint("Write more slowly, or open the database with a larger memory_limit.")
                    }
                });
            }
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
    /// Bytes for hot segments and caches together.
    pub memory_limit: usize,
    /// The default of transactions.
    pub synchronous_commit: bool,
    /// How long a commit may stay unsynced that did not wait for it.
    pub wal_writer_delay: Duration,
    /// Bytes of the device that are left to others.
    pub min_free_space: u64,
}

impl Core {
    /// A store's core whose tables are still to be loaded. `log` is set once recovery has read it.
    pub fn new(start: Start) -> Self {
        let catalog = Arc::new(Catalog::new([]));
        Core {
            cache: Arc::new(PageCache::new(start.memory_limit / 4)),
            gate: Gate::new(start.memory_limit / 2 - start.memory_limit / 32),
            serial: Arc::new(Serial::new(start.memory_limit / 32)),
            spill: (start.memory_limit / 32).clamp(16 << 10, 8 << 20),
            world: start.world,
            dir: start.dir,
            log: None,
            board: None,
            snapshots: Arc::new(Snapshots::new(0, catalog)),
            locks: Locks::default(),
            retired: Arc::default(),
            sync_timer: SyncTimer::new(start.wal_writer_delay),
            space: Space {
                min: start.min_free_space,
                looked: AtomicU64::new(0),
                free: AtomicU64::new(u64::MAX),
                written: AtomicU64::new(0),
            },
            dropped: Mutex::default(),
            synchronous_commit: start.synchronous_commit,
            queue: Mutex::default(),
            apply: Mutex::new(()),
            next_file: AtomicU32::new(start.next_file),
            next_table: AtomicU32::new(catalog::FIRST_USER_TABLE),
            next_txn: AtomicU64::new(1),
            closed: AtomicBool::new(false),
            broken: OnceLock::new(),
            halted: OnceLock::new(),
        }
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

    /// Waits where writers outrun the flush.
    pub fn admit(&self, interrupt: &Interrupt) -> Result<()> {
        self.gate.admit(&self.world, interrupt)
    }

    /// 53100 where the device has less free than `min_free_space`: for whatever adds rows. `much`: looks anew, since a lot
    /// is about to be written; otherwise an answer is good for a tenth of a second.
    pub fn admit_space(&self, much: bool) -> Result<()> {
        let space = &self.space;
        if space.min == 0 || mutation("ignore_free_space") {
            return Ok(());
        }
        let now = u64::try_from(self.world.monotonic().as_micros()).unwrap_or(u64::MAX - 1) + 1;
        let taken = self.gate.taken.load(Ordering::Relaxed);
        let looked = space.looked.load(Ordering::Relaxed);
        let written = taken.saturating_sub(space.written.load(Ordering::Relaxed));
        let old = now.saturating_sub(looked) > SPACE_LOOK.as_micros() as u64;
        if much || looked == 0 || old || written > space.min / 8 {
            space.free.store(self.free_space(), Ordering::Relaxed);
            space.looked.store(now, Ordering::Relaxed);
            space.written.store(taken, Ordering::Relaxed);
        }
        let free = space.free.load(Ordering::Relaxed);
        if free >= space.min {
            return Ok(());
        }
        let message = format!("no more rows are taken: the device has {free} bytes free");
        Err(Error::new(state::DISK_FULL, message)
            .with_detail(format!("min_free_space leaves {} bytes to other programs.", space.min))
            .with_hint("Free space on the device, delete rows or drop tables, then try again."))
    }

    /// Bytes free on the device; as many as can be where it cannot be told.
    pub fn free_space(&self) -> u64 {
        self.world.disk.free_space(&self.dir).ok().flatten().unwrap_or(u64::MAX)
    }

    /// True if the device has room for a file of so many bytes, made for no reason that cannot wait.
    pub fn has_room(&self, bytes: u64) -> bool {
        self.free_space() >= bytes.saturating_add(self.space.min / 2)
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
        let Commit { change, located, durable, reader, footprint } = commit;
        let log = self.writable()?;
        let body = change.encode()?;
        let (ticket, _forgotten) = {
            let mut queue = match reader {
                None => self.queue.lock(),
                Some(reader) => self.tested(&mut reader.test())?,
            };
            let ticket = log.append(body)?;
            let pending = Pending { ticket, durable, tables: change.tables, located, footprint };
            let forgotten = match self.serial.is_open() {
                true => self.serial.push(pending.footprint()),
                false => Vec::new(),
            };
            queue.push_back(Arc::new(pending));
            (ticket, forgotten)
        };
        if durable && !mutation("acknowledge_before_sync") {
            log.sync_to(&ticket)?
        } else {
            log.write_to(&ticket)?
        }
        if !durable && self.sync_timer.arm(self.world.monotonic()) {
            log.sync_to(&ticket)?;
        }
        self.settle(log, &ticket)?;
        if let Some(board) = &self.board {
            board.commit(ticket.lsn, &|| (self.snapshots.published(), log.durable()));
        }
        Ok(ticket.lsn)
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
    /// recovery alike. `located[t][i]` is where the row of `tables[t].deletes[i]` lies. Under the apply lock.
    pub fn apply(&self, lsn: Lsn, tables: &[TableChange], located: &[Vec<Located>]) -> Result<()> {
        let mut catalog = self.snapshots.catalog();
        let reach = self.snapshots.reach();
        let changed = self.preview_catalog(&catalog, tables)?;
        if let Some(new) = &changed {
            catalog = Arc::clone(new);
        }
        for (change, located) in tables.iter().zip(located) {
            if let Some(table) = catalog.by_id(change.table) {
                self.apply_table(table, lsn, change, located, &reach)?;
            }
        }
        if changed.is_some() {
            let before = self.snapshots.catalog();
            let gone = before.all().filter(|table| catalog.by_id(table.def.id).is_none());
            self.dropped.lock().extend(gone.cloned());
        }
        self.snapshots.publish(lsn, changed);
        Ok(())
    }

    /// The catalog that a record leaves behind, if it touches the catalog's tables.
    pub fn preview_catalog(&self, catalog: &Catalog, tables: &[TableChange]) -> Result<Option<Arc<Catalog>>> {
        let mut delta = Delta::default();
        let own = tables.iter().filter(|t| t.table == catalog::TABLES || t.table == catalog::COLUMNS);
        for change in own {
            delta.deletes.extend(change.deletes.iter().map(|key| (change.table, key.clone())));
            delta.rows.extend(change.rows.iter().map(|rows| (change.table, rows.clone())));
        }
        if delta.deletes.is_empty() && delta.rows.is_empty() {
            return Ok(None);
        }
        let new = catalog.with(&delta, &mut |def| self.new_table_segments(def))?;
        Ok(Some(Arc::new(new)))
    }

    /// An empty table of that definition.
    pub fn new_table_segments(&self, def: TableDef) -> Arc<Table> {
        self.raise_next_table(def.id);
        Arc::new(Table::new(Arc::new(def), self.new_file()))
    }

    /// Installs one record's change of one table. Under the apply lock.
    pub fn apply_table(
        &self,
        table: &Table,
        lsn: Lsn,
        change: &TableChange,
        located: &[Located],
        reach: &Reach,
    ) -> Result<()> {
        for (key, row) in change.deletes.iter().zip(located) {
            row.mark(key.as_bytes(), lsn);
        }
        let version = table.version();
        for rows in &change.rows {
            let (bytes, dropped) = version.hot.segment.append(lsn, rows, &|c, d| reach.sees(c, d))?;
            version.hot.charged.fetch_add(bytes, Ordering::Relaxed);
            version.hot.charged.fetch_sub(dropped, Ordering::Relaxed);
            self.gate.take(bytes);
            self.gate.give_back(dropped);
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

    /// A handle on a cold segment; reads nothing yet.
    pub fn open_cold(
        &self,
        table: &Table,
        info: ColdInfo,
        deletes: Deletes,
        listed: bool,
    ) -> Arc<ColdHandle> {
        let path = files::segment(&self.dir, info.id);
        let part = files::part(&self.dir, info.id, PRIMARY);
        let disk = &self.world.disk;
        let segment = Arc::new(ColdSegment::open(
            Arc::clone(disk),
            path.clone(),
            info.id,
            table.types.clone(),
            info.rows,
            info.created,
            Arc::clone(&self.cache),
        ));
        let file_id = PartReader::file_id(PRIMARY, info.id);
        let reader = PartReader::new(Arc::clone(disk), part.clone(), file_id, Arc::clone(&self.cache));
        let primary = PrimaryCold::open(table.def.key_columns(), reader, Arc::clone(&segment));
        Arc::new(ColdHandle {
            id: info.id,
            level: info.level,
            bytes: info.bytes,
            min_key: info.min_key,
            max_key: info.max_key,
            created: info.created,
            segment,
            primary: Arc::new(primary),
            deletes: crate::world::sync::RwLock::new(deletes),
            generation: AtomicU32::new(0),
            listed: AtomicBool::new(listed),
            forward: OnceLock::new(),
            obsolete: AtomicBool::new(false),
            files: vec![path, part],
            retired: Arc::clone(&self.retired),
        })
    }
}

/// What is known of a cold segment without reading it.
pub struct ColdInfo {
    /// Its number.
    pub id: u32,
    /// How often its rows were merged.
    pub level: u8,
    /// Its rows.
    pub rows: u32,
    /// The length of its file.
    pub bytes: u64,
    /// Its smallest key.
    pub min_key: Vec<u8>,
    /// Its largest key.
    pub max_key: Vec<u8>,
    /// The lsn of its oldest and newest row.
    pub created: (Lsn, Lsn),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_brake_grows_with_depth_and_bytes_and_spares_single_rows() {
        let micros = |over, bytes| brake(over, bytes).as_micros();
        assert_eq!(
            [(1, 100), (8, 100), (1, 16 << 10), (3, 32 << 10)].map(|(o, b)| micros(o, b)),
            [0, 0, 50, 300]
        );
        assert_eq!(
            [(8, 16 << 20), (100, 16 << 20), (100, 16 << 10)].map(|(o, b)| micros(o, b)),
            [50_000, 50_000, 400]
        );
    }
}
