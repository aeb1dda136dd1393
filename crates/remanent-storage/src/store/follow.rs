//! A store that another process writes: reading along.
//!
//! # Model
//!
//! A follower opens the directory without the lock file. It loads the tables from the manifest as recovery does,
//! replays the log with the same `apply`, in memory only, and goes on from there: the writer's notice
//! ([`board`](crate::txn::board)) says up to which record everything is committed, and [`Tail`] hands those over.
//!
//! ```text
//!   statement ─→ refresh: one read of the notice ── unchanged ─→ snapshot
//!                  │ records committed since           │ the manifest was changed
//!                  ▼                                   ▼
//!                Tail::follow → replay → apply      adopt: new cold segments, hot rows up to the flush go
//! ```
//!
//! There is no thread: a statement begins with [`Follower::refresh`], so it sees every commit that was acknowledged
//! before it began, and a process that asks nothing costs nothing. Between statements it stands still, and what it still
//! needs (its slot, see `readers`) is kept for it up to the writer's `follower_budget`.
//!
//! # Lives of writers
//!
//! - *A writer lives* (it holds `LOCK`, and the notice is its own): the follower goes up to what it announced.
//! - *None lives*: everything up to the end of the log counts, as for the next recovery: nothing else can come
//!   before that. A damaged log is the same error as there.
//! - *One is opening*: the notice is empty. The log up to its end counts, as long as the notice stays so.
//! - *Another life* (the epoch has risen) or a log that was recycled under it: the follower loads everything anew.
//!   Snapshots in use keep their tables; the new ones begin where the new state stands, never before the old one.
//!
//! # Invariants
//!
//! 1. What is visible is a prefix of the log, and never shrinks.
//! 2. Nothing in the directory is written but the follower's slot and the followers' word ([`ReadOnly`]).
//! 3. One thread at a time goes on (`turn`); no lock is held meanwhile.
//!
//! # Limits
//!
//! Hot memory is what the writer has not flushed. While everything is loaded anew the old rows are still there.
//! Where no slot can be made (a read-only medium, another user's directory) nothing is kept: if a writer lives all the same, a
//! statement may hear that its snapshot is too old (72000), and it is as fresh as a writer is to whom nobody listens (`PACE`).

use super::Options;
use super::adopt;
use super::manifest::{self, State};
use super::open;
use super::readers::{Needs, Slot};
use crate::error::{Error, Result, state};
use crate::log::Tail;
use crate::segment::blob;
use crate::table::files;
use crate::table::version::{ColdHandle, Table};
use crate::txn::board::{FILE_NAME, NOTICE, Notice, WORD};
use crate::txn::core::{Core, Start};
use crate::world::sync::atomic::{AtomicU64, Ordering};
use crate::world::sync::{Mutex, Turn};
use crate::world::{Disk, Entry, File, FileLock, OpenMode, World, join, mutation};
use crate::{Epoch, Lsn};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

/// Numbers of hot segments, which are this process's own, begin here, far from those of the writer's files.
const OWN_FILES: u32 = 1 << 31;

/// How often a load is tried again that a writer came between.
const LOADS: u32 = 50;

/// How often a notice is read again that is just being written.
const LOOKS: u32 = 100;

/// How long opening waits for a writer to say which of the last records are committed.
const PATIENCE: Duration = Duration::from_secs(1);

const PAUSE: Duration = Duration::from_millis(1);

/// What a follower's store has beside its core.
pub(super) struct Follower {
    /// The outside, the directory not closed to writing.
    world: World,
    dir: PathBuf,
    options: Options,
    notices: OnceLock<Arc<dyn File>>,
    slot: Mutex<Option<Slot>>,
    /// The notice that was followed last.
    seen: Mutex<[u8; NOTICE]>,
    /// How often everything was loaded.
    loads: AtomicU64,
    turn: Turn,
    place: Mutex<Option<Box<Place>>>,
}

/// Where a follower stands.
struct Place {
    tail: Tail,
    epoch: Epoch,
    generation: u64,
    /// Segments that are no longer in the newest tables, and the generation that named them: snapshots may use them.
    old: Vec<(u64, Vec<Weak<ColdHandle>>)>,
}

/// A state that was loaded from the directory.
struct Loaded {
    core: Core,
    place: Box<Place>,
    notice: [u8; NOTICE],
}

/// Nothing is wrong, but the directory has changed meanwhile.
fn lost(dir: &Path) -> Error {
    let message = format!("the log of \"{}\" was recycled before it was read", dir.display());
    Error::new(state::SNAPSHOT_TOO_OLD, message)
        .with_hint("Try again; raise the writing process's follower_budget if this happens often.")
}

impl Follower {
    /// Registers and loads. The core is that of the follower's store.
    pub fn open(world: &World, dir: &Path, options: &Options) -> Result<(Follower, Core)> {
        let follower = Follower {
            world: world.clone(),
            dir: dir.to_path_buf(),
            options: options.clone(),
            notices: OnceLock::new(),
            slot: Mutex::new(None),
            seen: Mutex::new([0; NOTICE]),
            loads: AtomicU64::new(0),
            turn: Turn::new(),
            place: Mutex::new(None),
        };
        let core = follower.new_core();
        let loaded = follower.load()?;
        follower.install(&core, loaded, None)?;
        follower.wait_for_the_last(&core)?;
        Ok((follower, core))
    }

    fn new_core(&self) -> Core {
        let disk: Arc<dyn Disk> = Arc::new(ReadOnly(Arc::clone(&self.world.disk)));
        Core::new(Start {
            world: World { disk, ..self.world.clone() },
            dir: self.dir.clone(),
            next_file: OWN_FILES,
            limits: self.options.limits(),
            fixed: self.options.fixed.clone(),
            synchronous_commit: self.options.synchronous_commit,
            blob_file_size: 1,
        })
    }

    /// Takes a slot if there is none, and tells the writer, if there is one, that somebody follows.
    fn call(&self) {
        let there = self.slot.lock().is_some();
        if !there && let Some(slot) = Slot::take(&self.world, &self.dir) {
            *self.slot.lock() = Some(slot);
        }
        if self.slot.lock().is_none() {
            return;
        }
        let path = join(&self.dir, FILE_NAME);
        let file = self.world.disk.open(&path, OpenMode::ReadWrite);
        // Who may not write there is as fresh as a writer is to whom nobody listens.
        let _ = file.and_then(|file| file.write_at(&1u64.to_le_bytes(), WORD));
    }

    /// How often everything was loaded from the directory.
    pub fn loads(&self) -> u64 {
        self.loads.load(Ordering::Relaxed)
    }

    /// Gives the slot back.
    pub fn leave(&self) {
        let slot = self.slot.lock().take();
        drop(slot);
    }

    /// The notice as it stands; zeros where there is none.
    fn look(&self) -> [u8; NOTICE] {
        const NONE: [u8; NOTICE] = [0; NOTICE];
        if self.notices.get().is_none()
            && let Ok(file) = self.world.disk.open(&join(&self.dir, FILE_NAME), OpenMode::Read)
        {
            let _ = self.notices.set(file);
        }
        let Some(file) = self.notices.get() else { return NONE };
        let mut bytes = NONE;
        for _ in 0..LOOKS {
            if file.read_exact_at(&mut bytes, 0).is_err() {
                return NONE;
            }
            if bytes == NONE || Notice::decode(&bytes).is_some() {
                return bytes;
            }
        }
        NONE
    }

    /// Makes everything visible that the writer has announced. Errors: damage, files that cannot be read.
    pub fn refresh(&self, core: &Core) -> Result<()> {
        if self.look() == *self.seen.lock() {
            return Ok(());
        }
        let _turn = self.turn.take();
        let bytes = self.look();
        if bytes == *self.seen.lock() {
            return Ok(());
        }
        let old = self.place.lock().take();
        let old = match (old, Notice::decode(&bytes)) {
            (Some(mut place), Some(notice)) if place.epoch == notice.epoch => {
                if let Ok(true) = self.go_on(core, &mut place, &notice) {
                    self.stand(core, place, bytes);
                    return Ok(());
                }
                Some(place)
            }
            // Another life; or one that is about to begin, and this one may not have seen the end of the last.
            (old, _) => old,
        };
        // Anew, also where a file was damaged or gone: the newest state may not need it any more.
        self.load().and_then(|loaded| self.install(core, loaded, old))
    }

    /// Follows the log and the manifest; false if that leads no further.
    fn go_on(&self, core: &Core, place: &mut Place, notice: &Notice) -> Result<bool> {
        let follow = |place: &mut Place, until: Lsn| {
            let reached = place.tail.follow(until, &mut |record| open::replay(core, &record));
            let dropped = std::mem::take(&mut *core.dropped.lock());
            let hot = dropped.iter().flat_map(|table| table.version().hots().cloned().collect::<Vec<_>>());
            core.gate.give_back(hot.map(|hot| hot.charged.load(Ordering::Relaxed)).sum());
            let cold = dropped.iter().flat_map(|table| table.version().cold.clone());
            place.leave_behind(cold.collect());
            reached
        };
        if !follow(place, notice.committed)? {
            return Ok(false);
        }
        if notice.generation == place.generation {
            return Ok(true);
        }
        let state = manifest::peek(&*core.world.disk, &self.dir)?;
        if state.epoch != place.epoch || !follow(place, flushed(&state))? {
            return Ok(false);
        }
        if mutation("skip_adopt") {
            place.generation = notice.generation;
            return Ok(true);
        }
        let Some(gone) = adopt::adopt(core, &state)? else { return Ok(false) };
        place.leave_behind(gone);
        place.generation = notice.generation;
        Ok(true)
    }

    /// Notes how far it has come, for itself and for the writer.
    fn stand(&self, core: &Core, mut place: Box<Place>, notice: [u8; NOTICE]) {
        place.old.retain(|(_, segments)| segments.iter().any(|s| s.strong_count() > 0));
        let oldest = place.old.iter().map(|(generation, _)| *generation).min();
        let generation = oldest.map_or(place.generation, |oldest| oldest.min(place.generation));
        let snapshot = core.snapshots.reach().horizon();
        let needs = Needs { epoch: place.epoch, lsn: core.snapshots.published(), generation, snapshot };
        let slot = self.slot.lock().take();
        if let Some(mut slot) = slot {
            slot.tell(needs);
            *self.slot.lock() = Some(slot);
        }
        *self.place.lock() = Some(place);
        *self.seen.lock() = notice;
    }

    /// Loads the newest state from the directory, as often as a writer comes between.
    fn load(&self) -> Result<Loaded> {
        // Also after the first time: a writer may just have made the folder for it.
        self.call();
        let lock = join(&self.dir, open::LOCK_FILE);
        let mut failed = None;
        for _ in 0..LOADS {
            let before = self.look();
            let holder = self.world.disk.holder(&lock).map_err(|e| Error::io("look at", &lock, &e))?;
            let own = |n: &Notice| holder.as_ref().is_some_and(|h| h.trim() == n.process.to_string());
            let notice = Notice::decode(&before).filter(own);
            match self.load_once(notice) {
                Ok((core, place)) => {
                    // Without a writer's word the whole log counts, if nobody began to write meanwhile.
                    if notice.is_some() || self.look() == before {
                        return Ok(Loaded { core, place, notice: before });
                    }
                }
                Err(e) => failed = Some(e),
            }
            self.world.sleep(PAUSE);
            // An error that stays though nothing changes is one.
            if self.look() == before
                && let Some(error) = failed.take_if(|e| e.state() != state::SNAPSHOT_TOO_OLD)
            {
                return Err(error);
            }
        }
        Err(failed.unwrap_or_else(|| lost(&self.dir)))
    }

    /// Recovery in memory, up to what the writer announced, or to the end of the log.
    fn load_once(&self, notice: Option<Notice>) -> Result<(Core, Box<Place>)> {
        let mut core = self.new_core();
        let disk = Arc::clone(&core.world.disk);
        let state = manifest::peek(&*disk, &self.dir)?;
        if notice.is_some_and(|notice| notice.epoch != state.epoch) {
            // The manifest of a writer that is just taking over.
            return Err(lost(&self.dir));
        }
        let marks = open::load_marks(&core, &state)?;
        open::load_tables(&mut core, &state, &marks.by_segment)?;
        let options = open::log_options(&state);
        let mut tail = Tail::new(&disk, &self.dir.join(open::LOG_FOLDER), &options, state.log_floor);
        let until = notice.map_or(Lsn::MAX, |notice| notice.committed.max(flushed(&state)));
        let reached = tail.follow(until, &mut |record| open::replay(&core, &record))?;
        match notice {
            Some(_) if !reached => return Err(lost(&self.dir)),
            Some(_) => {}
            None => tail.judge(state.epoch)?,
        }
        core.dropped.lock().clear();
        let generation = notice.map_or(0, |notice| notice.generation);
        Ok((core, Box::new(Place { tail, epoch: state.epoch, generation, old: Vec::new() })))
    }

    /// Puts a loaded state in the place of what the core has.
    fn install(&self, core: &Core, loaded: Loaded, before: Option<Box<Place>>) -> Result<()> {
        let Loaded { core: new, mut place, notice } = loaded;
        let (lsn, visible) = (new.snapshots.published(), core.snapshots.published());
        if lsn < visible {
            let message =
                format!("the database went back from record {visible} to {lsn} while it was being read");
            return Err(Error::new(state::OBJECT_NOT_IN_PREREQUISITE_STATE, message)
                .with_hint("Open it again: it was probably replaced by an older copy."));
        }
        let catalog = core.snapshots.catalog();
        if let Some(before) = before {
            let same = before.epoch == place.epoch;
            place.old = before.old;
            let tables = catalog.all().cloned().collect::<Vec<Arc<Table>>>();
            place.leave_behind(tables.iter().flat_map(|table| table.version().cold.clone()).collect());
            for (generation, _) in &mut place.old {
                *generation = if same { (*generation).min(before.generation) } else { 0 };
            }
        }
        core.between_records(|_| core.snapshots.replace(lsn, new.snapshots.catalog()));
        core.tune();
        core.gate.set_used(new.gate.used());
        self.loads.fetch_add(1, Ordering::Relaxed);
        self.stand(core, place, notice);
        Ok(())
    }

    /// A writer to whom nobody listened before may not have announced its last commits yet: waits until it has.
    fn wait_for_the_last(&self, core: &Core) -> Result<()> {
        let place = self.place.lock().take();
        let Some(place) = place else { return Ok(()) };
        let (epoch, end) = (place.epoch, place.tail.end());
        *self.place.lock() = Some(place);
        let end = end?;
        let begun = self.world.monotonic();
        while core.snapshots.published() < end {
            let holder = self.world.disk.holder(&join(&self.dir, open::LOCK_FILE));
            let current = Notice::decode(&self.look()).is_some_and(|notice| notice.epoch == epoch);
            let waited = self.world.monotonic().saturating_sub(begun);
            if !current || !matches!(holder, Ok(Some(_))) || waited > PATIENCE {
                break;
            }
            self.world.sleep(PAUSE);
            self.refresh(core)?;
        }
        Ok(())
    }
}

impl Place {
    /// Tables no longer have these segments.
    fn leave_behind(&mut self, segments: Vec<Arc<ColdHandle>>) {
        if !segments.is_empty() {
            self.old.push((self.generation, segments.iter().map(Arc::downgrade).collect()));
        }
    }
}

/// The last record that any table has flushed.
fn flushed(state: &State) -> Lsn {
    state.flushed.values().copied().max().unwrap_or(0).max(state.log_floor)
}

/// A disk that another process writes: changes are refused, and a segment's file that is gone was retired.
struct ReadOnly(Arc<dyn Disk>);

fn refused<T>() -> io::Result<T> {
    Err(io::Error::new(ErrorKind::PermissionDenied, "the database is open read-only"))
}

impl Disk for ReadOnly {
    fn create_dir(&self, _: &Path) -> io::Result<()> {
        refused()
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<Entry>> {
        self.0.list(dir)
    }

    fn exists(&self, path: &Path) -> io::Result<bool> {
        self.0.exists(path)
    }

    fn open(&self, path: &Path, mode: OpenMode) -> io::Result<Arc<dyn File>> {
        if mode != OpenMode::Read {
            return refused();
        }
        let segment =
            path.parent().and_then(Path::file_name).is_some_and(|f| f == files::FOLDER || f == blob::FOLDER);
        self.0.open(path, mode).map_err(|e| match e.kind() {
            ErrorKind::NotFound if segment => {
                io::Error::new(ErrorKind::StaleNetworkFileHandle, "the writing process has retired it")
            }
            _ => e,
        })
    }

    fn rename(&self, _: &Path, _: &Path) -> io::Result<()> {
        refused()
    }

    fn hard_link(&self, _: &Path, _: &Path) -> io::Result<()> {
        refused()
    }

    fn remove(&self, _: &Path) -> io::Result<()> {
        refused()
    }

    fn sync_dir(&self, _: &Path) -> io::Result<()> {
        refused()
    }

    fn lock(&self, _: &Path, _: &str) -> io::Result<Box<dyn FileLock>> {
        refused()
    }

    fn holder(&self, path: &Path) -> io::Result<Option<String>> {
        self.0.holder(path)
    }

    fn free_space(&self, path: &Path) -> io::Result<Option<u64>> {
        self.0.free_space(path)
    }
}
