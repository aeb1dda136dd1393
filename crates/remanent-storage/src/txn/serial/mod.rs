//! SERIALIZABLE: what a transaction has read is tested at its commit against what others have committed meanwhile
//! (precision locking: Jordan, Banerjee, Batman, "Precision Locks", SIGMOD 1981; at commit, as in Neumann, Mühlbauer,
//! Kemper, "Fast Serializable Multi-Version Concurrency Control", SIGMOD 2015).
//!
//! | file | holds |
//! |---|---|
//! | `reads` | what one transaction has read: keys, and predicates over columns |
//! | `footprint` | what one record changed: keys, old and new images of rows |
//!
//! # Model
//!
//! ```text
//!   log          … 70   71   72   73   74
//!   snapshot S = 70 ┘    │    │    │    │
//!   window             [71] [72] [73]   │       footprints, kept while somebody's snapshot is older
//!   commit of S               tests 71, 72 and 73, then becomes record 74
//! ```
//!
//! A serializable transaction takes its snapshot and its place in the window in one step ([`Serial::join`]). While the
//! window is open every record leaves its [`Footprint`] there when it enters the log. At commit a transaction that wrote
//! tests its [`Reads`] against all footprints since its snapshot, in rounds: outside of the sequencer while
//! the backlog is long, the last short one inside ([`Test::finish`] with a budget of row comparisons and without I/O),
//! together with its own append. A hit is 40001.
//!
//! ```text
//!   T1  SELECT count(*) FROM duty WHERE on_call        → 2, remembers the predicate
//!   T2  SELECT count(*) FROM duty WHERE on_call        → 2, remembers the predicate
//!   T1  UPDATE duty SET on_call = false WHERE id = 1   COMMIT: nothing since its snapshot; record 71
//!   T2  UPDATE duty SET on_call = false WHERE id = 2   COMMIT: the old image of row 1 in record 71 qualifies → 40001
//! ```
//!
//! # Why this is serializable
//!
//! Claim: the serializable transactions that commit have the effect of running one after the other, those with a record
//! in the order of the log, each of those that wrote nothing right after the record its snapshot ends with.
//!
//! 1. *Snapshots are prefixes of the log* (design rule 2), so a transaction that only reads sees exactly what its place
//!    in that order shows. It is never tested and never fails.
//! 2. *Reads of one that wrote.* Let its snapshot be S and its record c. Between S and c stand exactly the records it
//!    tested: the place in the window was taken with the snapshot under the sequencer's lock, footprints enter under that
//!    lock, and the last round shares it with the append of c. A read by key says something else only if a record inserts
//!    or deletes that key, or changes the row under it in a column that was read; a scan only if a row that qualified
//!    goes (its old image meets every condition), one that qualifies comes (its new image does), or a row changes in a
//!    column that was read, for the answer or for the condition, and qualifies before or after. Footprints tell all of
//!    these. No hit means that every read would say the same right before c, own writes on top in both cases. What is
//!    remembered may be more than what was read (conditions that cannot be remembered are left out), what a footprint
//!    says may be vaguer than what changed (columns that are unknown qualify, and differ): both only add hits.
//! 3. *Writes.* Replacing or deleting a row asks that its newest version is the one in S, under a key lock that is held to
//!    the end (first updater wins); inserting asks that no version lives, under the same lock. So what a write found still
//!    holds right before c, and write-write conflicts need no test. A duplicate key (23505) shows a row that may be newer
//!    than S: that key counts as read, and the transaction is tested even if it writes nothing ([`Reader::beyond`]).
//! 4. *DDL.* A statement is bound against the catalog of S, and all that it takes from there are the definitions of the
//!    tables it names, or that there are none of these names. Definitions never change; a table is made or dropped. So
//!    the names are read ([`Reads::name`]), and a record that makes or drops one of these hits; what it does to the rows of a
//!    table that it drops needs no images, for who read them has read the name. Where an older record did so that left
//!    no names (it was prepared while nobody was serializable), it hits everyone. Own DDL is rows of the catalog's
//!    tables, written under locks on their names, and reads the name where it finds it taken.
//! 5. *Order.* All of 2 to 4 speak of one point, right before c, so a transaction's reads and writes happen there at
//!    once; by induction over the log, the run is the serial one.
//!
//! # Not guaranteed
//!
//! Transactions of other levels write without being tested: serializability is among the serializable ones. What
//! identity columns, `random()` and the clock give is not part of it. An error of a statement (40001 of a row that was
//! changed, rolled back to a savepoint) tells that something has changed; so does one that names a table which is not there.
//!
//! # Limits
//!
//! The window holds at most its limit in bytes ([`Serial::new`]); when more comes, the oldest go, and a transaction that
//! would need them fails with 40001. `reads` and `footprint` say what they make coarser when it gets too long.

pub mod footprint;
pub mod reads;

use crate::catalog::Catalog;
use crate::error::{Error, state};
use crate::map::SortedMap;
use crate::table::TableId;
use crate::world::mutation;
use crate::world::sync::Mutex;
use crate::world::sync::atomic::{AtomicUsize, Ordering};
use footprint::Footprint;
use reads::Reads;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::sync::Arc;

/// Footprints that a round takes from the window at once: bounds how long its lock is held.
const CHUNK: usize = 128;

/// Comparisons that the first round inside the sequencer may make (about 10 µs); each next one may make twice as many,
/// so that testing catches up with writers however fast they are.
const INSIDE: usize = 256;

/// Where the footprints of records are kept while a serializable transaction is open.
pub struct Serial {
    /// How many such transactions there are.
    open: AtomicUsize,
    limit: AtomicUsize,
    window: Mutex<Window>,
}

/// Positions count records that came into the window; they never go back, as lsns do after a failed write.
#[derive(Default)]
struct Window {
    records: VecDeque<Arc<Footprint>>,
    /// The position of the first record that is kept.
    first: u64,
    bytes: usize,
    /// How many need the records from a position on.
    members: SortedMap<u64, u32>,
}

impl Window {
    fn end(&self) -> u64 {
        self.first + self.records.len() as u64
    }

    fn push(&mut self, footprint: Arc<Footprint>) {
        self.bytes += footprint.bytes();
        self.records.push_back(footprint);
    }

    /// Takes the oldest out as long as `too_old` says so. They are freed by the caller, without the lock.
    fn drain(&mut self, too_old: impl Fn(&Window) -> bool) -> Vec<Arc<Footprint>> {
        let mut gone = Vec::new();
        while too_old(self) {
            let Some(oldest) = self.records.pop_front() else { break };
            self.first += 1;
            self.bytes -= oldest.bytes();
            gone.push(oldest);
        }
        gone
    }
}

impl Serial {
    /// A window of at most `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Serial { open: AtomicUsize::new(0), limit: AtomicUsize::new(limit), window: Mutex::default() }
    }

    /// Another limit, from the next record on.
    pub fn set_limit(&self, limit: usize) {
        self.limit.store(limit, Ordering::Relaxed);
    }

    /// True if records leave footprints now.
    pub fn is_open(&self) -> bool {
        self.open.load(Ordering::Acquire) > 0
    }

    /// A place for a snapshot taken just now. `unseen` are the footprints of the records in the log that the snapshot
    /// does not see, in log order. Under the sequencer's lock, snapshot and all.
    pub fn join(self: &Arc<Self>, unseen: Vec<Arc<Footprint>>) -> Member {
        let mut window = self.window.lock();
        let known = unseen.len() as u64;
        if window.members.is_empty() {
            unseen.into_iter().for_each(|footprint| window.push(footprint));
        }
        // In an open window they are the last that came.
        let from = window.end().saturating_sub(known);
        *window.members.or_default(from) += 1;
        self.open.fetch_add(1, Ordering::AcqRel);
        Member { serial: Arc::clone(self), from }
    }

    /// A record has entered the log. Under the sequencer's lock, where it must not be dropped what comes back.
    #[must_use = "to be dropped without the lock"]
    pub fn push(&self, footprint: Arc<Footprint>) -> Vec<Arc<Footprint>> {
        let mut window = self.window.lock();
        if window.members.is_empty() {
            return vec![footprint];
        }
        window.push(footprint);
        let limit = self.limit.load(Ordering::Relaxed);
        window.drain(|window| window.bytes > limit)
    }

    /// Bytes in the window.
    pub fn bytes(&self) -> usize {
        self.window.lock().bytes
    }
}

/// A transaction's place in the window; what comes after it is kept until it is dropped, or until that is too much.
pub struct Member {
    serial: Arc<Serial>,
    from: u64,
}

impl Drop for Member {
    fn drop(&mut self) {
        let gone = {
            let mut window = self.serial.window.lock();
            if let Some(count) = window.members.get_mut(&self.from) {
                *count -= 1;
                if *count == 0 {
                    window.members.remove(&self.from);
                }
            }
            self.serial.open.fetch_sub(1, Ordering::AcqRel);
            let oldest = window.members.keys().next().copied().unwrap_or(u64::MAX);
            window.drain(|window| window.first < oldest)
        };
        drop(gone);
    }
}

/// The serializable side of one transaction.
pub struct Reader {
    member: Member,
    /// What it has read so far.
    pub reads: RefCell<Reads>,
    /// True if it saw something that may be newer than its snapshot: it is tested even if it wrote nothing.
    pub beyond: Cell<bool>,
}

impl Reader {
    /// One that has read nothing yet.
    pub fn new(member: Member) -> Self {
        Reader { member, reads: RefCell::default(), beyond: Cell::new(false) }
    }

    /// Begins the test at commit.
    pub fn test(&self) -> Test<'_> {
        Test { reader: self, next: self.member.from, inside: INSIDE }
    }
}

/// Why a transaction cannot commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hit {
    /// A record changed what it read of that table.
    Table(TableId),
    /// The catalog changed.
    Catalog,
    /// Records are missing.
    Forgotten,
}

/// A transaction's test, and how far it has come.
pub struct Test<'a> {
    reader: &'a Reader,
    next: u64,
    inside: usize,
}

impl Test<'_> {
    /// Tests what has come until now. Outside of the sequencer; takes as long as it takes.
    pub fn catch_up(&mut self) -> Result<(), Hit> {
        let end = self.reader.member.serial.window.lock().end();
        self.run(end, usize::MAX).map(drop)
    }

    /// The round inside the sequencer: true if everything is tested; false if that is more work than may be done here:
    /// the caller leaves, catches up and comes back, when more may be done.
    pub fn finish(&mut self) -> Result<bool, Hit> {
        let budget = self.inside;
        self.inside = budget.saturating_mul(2);
        self.run(u64::MAX, budget)
    }

    /// True at `end`; false when the budget is spent.
    fn run(&mut self, end: u64, mut budget: usize) -> Result<bool, Hit> {
        if mutation("weak_serializable") {
            return Ok(true);
        }
        let reads = self.reader.reads.borrow();
        while self.next < end {
            let chunk = self.chunk(end)?;
            if chunk.is_empty() {
                return Ok(true);
            }
            for footprint in &chunk {
                let work = footprint.work(&reads);
                if work > budget {
                    return Ok(false);
                }
                budget -= work;
                if footprint.defines(&reads) {
                    return Err(Hit::Catalog);
                }
                if let Some(table) = footprint.hits(&reads) {
                    return Err(Hit::Table(table));
                }
                self.next += 1;
            }
        }
        Ok(true)
    }

    fn chunk(&self, end: u64) -> Result<Vec<Arc<Footprint>>, Hit> {
        let window = self.reader.member.serial.window.lock();
        let Some(skip) = self.next.checked_sub(window.first) else {
            return Err(Hit::Forgotten);
        };
        let most = CHUNK.min(usize::try_from(end - self.next).unwrap_or(CHUNK));
        let skip = usize::try_from(skip).unwrap_or(usize::MAX);
        Ok(window.records.range(skip.min(window.records.len())..).take(most).cloned().collect())
    }
}

impl Hit {
    /// As the user gets to see it.
    pub fn error(self, catalog: &Catalog) -> Error {
        let message = "could not serialize access due to read/write dependencies among transactions";
        let error = Error::new(state::SERIALIZATION_FAILURE, message);
        let retry = "The transaction might succeed if retried.";
        match self {
            Hit::Table(table) => {
                let name = catalog.by_id(table).map_or("", |table| table.def.name.as_str());
                let detail = "A transaction that committed meanwhile changed what was read of table";
                error.with_detail(format!("{detail} \"{name}\".")).with_hint(retry)
            }
            Hit::Catalog => error
                .with_detail("A transaction that committed meanwhile made, changed or dropped a table.")
                .with_hint(retry),
            Hit::Forgotten => error
                .with_detail("Other transactions changed more meanwhile than is kept to compare with.")
                .with_hint(
                    "Make serializable transactions shorter, or open the database with a larger memory_limit.",
                ),
        }
    }
}

#[cfg(test)]
mod tests;
