//! An open database directory.

use crate::connection::Connection;
use crate::session::Shared;
use crate::sql::execute::MemoryBudget;
use crate::sql::functions::jsonpath::canonical;
use crate::sql::functions::system::Instance;
use crate::{Backup, Error, Report, Result, Stats};
use remanent_storage::error::state;
use remanent_storage::store::{self, Store};
use remanent_storage::txn::Interrupt;
use remanent_storage::value::jsonpath;
use remanent_storage::world::World;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// An open database. Clones are handles to the same one; when the last is dropped, it closes.
#[derive(Clone)]
pub struct Database {
    handle: Arc<Handle>,
}

/// Closes the store when the last clone goes.
struct Handle {
    shared: Arc<Shared>,
}

impl Drop for Handle {
    fn drop(&mut self) {
        let _ = self.shared.store.close();
    }
}

impl Database {
    /// Opens the database in a directory, or creates one there. Errors: 55006 another process writes it, 3D000 the
    /// directory holds something else, XX001 it is damaged, 58xxx and 53100 what the operating system says.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Database::options().open(path)
    }

    /// How to open one otherwise.
    pub fn options() -> Options {
        Options { options: store::Options::default() }
    }

    /// Verifies every checksum of a database that nobody has open. What is damaged is in the report; an error is that
    /// it could not be checked at all.
    pub fn check(path: impl AsRef<Path>) -> Result<Report> {
        store::check::check(&World::real(), path.as_ref())
    }

    /// A new session. 57P01 once the database is closed.
    pub fn connect(&self) -> Result<Connection> {
        Connection::new(&self.handle.shared)
    }

    /// Moves all rows that are in memory to files now.
    pub fn flush(&self) -> Result<()> {
        self.handle.shared.store.flush()
    }

    /// One round of what the background does: what is due is flushed, merged and made of indexes. For simulations without
    /// threads.
    #[doc(hidden)]
    pub fn maintain(&self) -> Result<()> {
        self.handle.shared.store.maintain()
    }

    /// Copies the database, as of one instant, to a directory that is new or empty, while writes go on. Files that never
    /// change are linked where the file system allows it, so a copy on the same device takes little time and space; for one
    /// that survives the device, name a directory on another. Opening the copy restores it. Errors: 58P02 the directory
    /// is not empty, 53100 and 58xxx what the operating system says; then nothing is left behind. A directory where a
    /// crash cut this short is no database (3D000). In SQL: `BACKUP TO 'dir'`.
    pub fn backup(&self, path: impl AsRef<Path>) -> Result<Backup> {
        self.handle.shared.store.backup(path.as_ref(), &Interrupt::default())
    }

    /// Closes the database: everything is on disk and the directory is free when this returns. Connections that are
    /// still around get 57P01 from then on. While other clones live it is 55006, and they stay open.
    pub fn close(self) -> Result<()> {
        match Arc::try_unwrap(self.handle) {
            Ok(handle) => handle.shared.store.close(),
            Err(_) => {
                let message = "the database cannot be closed while other clones of its handle live";
                Err(Error::new(state::OBJECT_IN_USE, message)
                    .with_hint("Drop them first; the last one closes it."))
            }
        }
    }

    /// Counters: memory, segments, log, bytes written.
    pub fn stats(&self) -> Stats {
        self.handle.shared.store.stats()
    }
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Database")
    }
}

/// How a database is opened. What is said here wins over what is stored (ALTER DATABASE, ALTER SYSTEM), for as long as
/// this program has the database open; the defaults below are for what neither says.
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// let db = remanent::Database::options().memory_limit(64 << 20).open(dir.path().join("robot.rem"))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Options {
    options: store::Options,
}

impl Options {
    /// The program has said it, so what is stored does not count.
    fn fixed(mut self, name: &'static str) -> Self {
        self.options.fixed.retain(|known| *known != name);
        self.options.fixed.push(name);
        self
    }

    /// Bytes that rows in memory, caches, statements and background work may hold together. Default: 256 MB.
    pub fn memory_limit(mut self, bytes: usize) -> Self {
        self.options.memory_limit = bytes;
        self.fixed("memory_limit")
    }

    /// False: a commit returns when it is written, before it is synced; a power cut may lose the last
    /// [`wal_writer_delay`](Options::wal_writer_delay). Default: true. `SET synchronous_commit` overrides it for a
    /// session.
    pub fn synchronous_commit(mut self, on: bool) -> Self {
        self.options.synchronous_commit = on;
        self.fixed("synchronous_commit")
    }

    /// With `synchronous_commit` off: how long a commit may stay unsynced, so the most that a power cut can take. It is
    /// synced that much earlier as the device lately needed for a sync; where a device needs longer than ever before, later
    /// commits wait until it is done. Default: 200 ms.
    pub fn wal_writer_delay(mut self, delay: Duration) -> Self {
        self.options.wal_writer_delay = delay;
        self.fixed("wal_writer_delay")
    }

    /// Bytes of the device that are left to other programs: when less is free, rows are refused (53100); reading, deleting
    /// and dropping tables go on. Default: 16 MB, so that a full device can still be cleaned up.
    pub fn min_free_space(mut self, bytes: u64) -> Self {
        self.options.min_free_space = bytes;
        self.fixed("min_free_space")
    }

    /// The share of a processor that background work (flush, merge) may take, above 0 and up to 1: with 0.25 it works a
    /// quarter of the time. Default: 1, but below all other threads in priority. Where writers wait for a flush it is not
    /// held back.
    pub fn background_cpu(mut self, share: f64) -> Self {
        self.options.background_cpu = share;
        self.fixed("background_cpu")
    }

    /// Bytes per second that a flush or merge may write, for slow cards that others use too. Default: no limit.
    pub fn background_bandwidth(mut self, bytes_per_second: u64) -> Self {
        self.options.background_bandwidth = bytes_per_second;
        self.fixed("background_bandwidth")
    }

    /// True: nothing can be written (25006), and no lock is needed: beside a process that writes the database, each
    /// statement sees everything that was committed before it began; without one, what is there. Default: false.
    ///
    /// Files that an open transaction or result still reads are kept by the writing process, up to its
    /// [`follower_budget`](Options::follower_budget); past that such a transaction gets 72000, and the next one sees newer
    /// data. Nothing in the directory is changed but a small file in `readers/` and a word in `READERS`; where even these
    /// cannot be written (another user's directory, a read-only medium) nothing is kept, and a commit may be seen up to 10 ms
    /// late.
    pub fn read_only(mut self, on: bool) -> Self {
        self.options.read_only = on;
        self
    }

    /// Bytes on disk, of replaced files and of log, that this process keeps at most for others that read the database
    /// ([`read_only`](Options::read_only)) and are behind. Default: 256 MB.
    pub fn follower_budget(mut self, bytes: u64) -> Self {
        self.options.follower_budget = bytes;
        self.fixed("follower_budget")
    }

    /// False: a directory that does not exist is an error (58P01). Default: true.
    pub fn create(mut self, on: bool) -> Self {
        self.options.create = on;
        self
    }

    /// Opens the database in a directory, see [`Database::open`].
    pub fn open(self, path: impl AsRef<Path>) -> Result<Database> {
        self.open_in(World::real(), path)
    }

    /// Opens it in another world, such as a simulated one; without threads where `background` is false.
    // Not inlined: a program is compiled for speed, and opening, which it does once, is a good deal of code.
    #[inline(never)]
    #[doc(hidden)]
    pub fn open_in(self, world: World, path: impl AsRef<Path>) -> Result<Database> {
        let path = path.as_ref();
        jsonpath::read_with(canonical);
        let store = Store::open(world, path, self.options)?;
        forget_temporary(&store)?;
        let memory = MemoryBudget::shared(store.statement_memory());
        let name = path.file_stem().map_or("remanent".into(), |stem| stem.to_string_lossy());
        let instance = Arc::new(Instance { store: Arc::clone(&store), name: name.into() });
        let shared = Arc::new(Shared { store, instance, memory });
        Ok(Database { handle: Arc::new(Handle { shared }) })
    }

    /// False: no background threads. For simulations, with [`Options::open_in`].
    #[doc(hidden)]
    pub fn background(mut self, on: bool) -> Self {
        self.options.background = on;
        self
    }
}

/// What sessions of an earlier life left behind that a crash ended goes.
fn forget_temporary(store: &Arc<Store>) -> Result<()> {
    if store.options().read_only {
        return Ok(());
    }
    let mut txn = store.begin(Some(false))?;
    if !txn.catalog().relations().iter().any(|def| def.is_temporary()) {
        return Ok(());
    }
    txn.drop_temporary(None)?;
    txn.commit()
}
