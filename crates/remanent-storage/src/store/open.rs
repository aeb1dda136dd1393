//! Opening and creating a directory, and recovery.

use super::backup::UNFINISHED;
use super::clock::Clock;
use super::follow::Follower;
use super::manifest::{self, Edit, Manifest, SegmentMeta, State};
use super::{Inner, Options, readers};
use crate::Lsn;
use crate::catalog::{self, Catalog, Delta};
use crate::error::{Error, Result, state};
use crate::log::{Log, LogOptions, Record};
use crate::map::SortedMap;
use crate::segment::blob;
use crate::segment::deletes::{Deletes, RowSet};
use crate::segment::keys::read_keys;
use crate::segment::marks::{MarkEntry, read_marks};
use crate::table::gone::{DeletedRows, Home};
use crate::table::scan::{Own, TableScan, no_sieve};
use crate::table::version::{ColdHandle, Table};
use crate::table::{ScanRequest, TableDef, TableId, files};
use crate::txn::board::{self, Board};
use crate::txn::change::{ChangeReader, RowsOf, TableChange};
use crate::txn::core::{Core, Start};
use crate::txn::handles::ColdInfo;
use crate::txn::snapshot::Snapshots;
use crate::txn::tuning::MEMORY_MIN;
use crate::value::Column;
use crate::world::meter::{Meter, Written};
use crate::world::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use crate::world::sync::{Condvar, Mutex};
use crate::world::{FileLock, World};
use remanent_kernels::sort::sort_by;
use rustc_hash::FxHashSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// The folder of the log.
pub(in crate::store) const LOG_FOLDER: &str = "wal";
/// Spills and unfinished work; emptied at open.
pub(super) const TMP_FOLDER: &str = "tmp";
/// The lock file.
pub(super) const LOCK_FILE: &str = "LOCK";
/// The manifest file, which says that a directory is a database.
const MANIFEST_FILE: &str = "MANIFEST";

/// Opens a directory: lock, manifest, catalog, log.
pub(super) fn open(world: World, dir: &Path, options: Options) -> Result<Inner> {
    if options.memory_limit < MEMORY_MIN {
        let message =
            format!("memory_limit is {} bytes; at least {MEMORY_MIN} are needed", options.memory_limit);
        return Err(Error::new(state::INVALID_PARAMETER_VALUE, message));
    }
    if !(options.background_cpu > 0.0 && options.background_cpu <= 1.0) || options.background_bandwidth == 0 {
        let message = format!(
            "background_cpu is {} and background_bandwidth {}: the one is above 0 and up to 1, the other above 0",
            options.background_cpu, options.background_bandwidth
        );
        return Err(Error::new(state::INVALID_PARAMETER_VALUE, message));
    }
    let exists = prepare_directory(&world, dir, &options)?;
    let meter = Meter::new(&world, dir);
    let world = meter.world(&world);
    if options.read_only {
        return follow(&world, dir, options, meter);
    }
    let lock = take_lock(&world, dir)?;
    // From here on what the writer before has announced is void.
    let pace = if options.background { board::PACE } else { Duration::ZERO };
    let mut board = Board::open(&world, dir, pace)?;
    let folder = dir.join(readers::FOLDER);
    world.disk.create_dir(&folder).map_err(|e| Error::io("create", &folder, &e))?;
    // Another process may have made the database while this one waited for nothing.
    let exists = exists || has_manifest(&world, dir)?;
    let (manifest, state) = match exists {
        true => Manifest::open(&world.disk, dir)?,
        false => create(&world, dir)?,
    };
    let epoch = state.epoch + 1;
    manifest.commit(&[Edit::Epoch { epoch }])?;
    board.set_epoch(epoch);
    let mut core = Core::new(Start {
        world: world.clone(),
        dir: dir.to_path_buf(),
        next_file: state.next_file.max(1),
        limits: options.limits(),
        fixed: options.fixed.clone(),
        synchronous_commit: options.synchronous_commit,
        blob_file_size: options.blob_file_size,
    });
    let present = list(&world, &dir.join(files::FOLDER))?;
    let blobs = world.disk.list(&dir.join(blob::FOLDER)).unwrap_or_default();
    let names = present.iter().chain(blobs.iter().map(|entry| &entry.name));
    names.filter_map(|name| files::number(name)).for_each(|n| core.raise_next_file(n));
    state.tables().for_each(|table| core.raise_next_table(table));
    // A part of an index that is gone must not be taken for one of another.
    state.segments.values().flat_map(|s| &s.meta.parts).for_each(|&index| core.raise_next_table(index));
    let marks = load_marks(&core, &state)?;
    load_tables(&mut core, &state, &marks.by_segment)?;
    // A log that is to stay short is made of short files.
    let file_size = options.log_file_size.min((options.log_limit / 16).max(16 << 10));
    let log_options = LogOptions { file_size, ..log_options(&state) };
    let log = Log::open(&world, &dir.join(LOG_FOLDER), log_options, state.log_floor, epoch, &mut |record| {
        replay(&core, &record)
    })?;
    core.log = Some(log);
    core.tune();
    let state = forget_dropped(&core, &manifest, state)?;
    let mut orphans = orphans(&core, &state, &present);
    let folder = dir.join(blob::FOLDER);
    if world.disk.exists(&folder).map_err(|e| Error::io("look for", &folder, &e))? {
        let blobs = world.disk.list(&folder).map_err(|e| Error::io("list", &folder, &e))?;
        orphans.extend(core.blobs.survey(&blobs));
    }
    let orphans = readers::leftovers(&world, dir, orphans);
    if !readers::survey(&world, dir).is_empty() {
        board.inherit();
    }
    core.board = Some(board);
    core.announce();
    let inner = assemble(core, options, Some(lock), manifest, &state, marks.runs, meter);
    inner.keep.lock().files = orphans;
    Ok(inner)
}

/// Opens a directory for reading, beside its writer or without one.
fn follow(world: &World, dir: &Path, options: Options, meter: Arc<Meter>) -> Result<Inner> {
    let (follower, core) = Follower::open(world, dir, &options)?;
    let state = manifest::peek(&*core.world.disk, dir)?;
    let manifest = Manifest::read_only(&core.world.disk, dir, state.clone());
    let inner = assemble(core, options, None, manifest, &state, SortedMap::new(), meter);
    Ok(Inner { follower: Some(follower), ..inner })
}

fn assemble(
    core: Core,
    options: Options,
    lock: Option<Box<dyn FileLock>>,
    manifest: Manifest,
    state: &State,
    runs: SortedMap<u32, FxHashSet<u32>>,
    meter: Arc<Meter>,
) -> Inner {
    let clock = Mutex::new(Clock::of(state.clock, core.world.monotonic()));
    Inner {
        core: Arc::new(core),
        options,
        lock: Mutex::new(lock),
        follower: None,
        keep: Mutex::default(),
        manifest,
        busy: Mutex::new(false),
        free: Condvar::new(),
        merging: AtomicBool::new(false),
        stop: AtomicBool::new(false),
        clock,
        alarms: Default::default(),
        marks: Mutex::new(runs),
        floor: AtomicU64::new(state.log_floor),
        seen: AtomicU64::new(0),
        meter,
        written_before: Written::of(&state.written),
    }
}

pub(in crate::store) fn has_manifest(world: &World, dir: &Path) -> Result<bool> {
    let path = dir.join(MANIFEST_FILE);
    world.disk.exists(&path).map_err(|e| match e.kind() {
        ErrorKind::NotADirectory => {
            let message = format!("\"{}\" is a file, and a database is a directory", dir.display());
            Error::new(state::INVALID_CATALOG_NAME, message)
        }
        _ => Error::io("look for", &path, &e),
    })
}

/// How the log of this database is read and written.
pub(super) fn log_options(state: &State) -> LogOptions {
    LogOptions { salt: state.identity as u32, ..LogOptions::default() }
}

/// Makes the directory and its folders where that is asked for; true if a database is there.
fn prepare_directory(world: &World, dir: &Path, options: &Options) -> Result<bool> {
    let disk = &world.disk;
    let there = disk.exists(dir).map_err(|e| Error::io("look for", dir, &e))?;
    if there && has_manifest(world, dir)? {
        return Ok(true);
    }
    if !options.create || options.read_only {
        let e =
            Error::new(state::INVALID_CATALOG_NAME, format!("database \"{}\" does not exist", dir.display()));
        return Err(e.with_hint("Open it with the option create, or check the path."));
    }
    if there {
        let unfinished = dir.join(UNFINISHED);
        if disk.exists(&unfinished).map_err(|e| Error::io("look for", &unfinished, &e))? {
            let message = format!("\"{}\" holds a backup that was not finished", dir.display());
            return Err(Error::new(state::INVALID_CATALOG_NAME, message)
                .with_hint("Remove the directory and back up again."));
        }
        let own =
            |name: &String| name == LOCK_FILE || name == board::FILE_NAME || name.starts_with(MANIFEST_FILE);
        if let Some(stranger) = list(world, dir)?.into_iter().find(|name| !own(name)) {
            return Err(Error::new(
                state::INVALID_CATALOG_NAME,
                format!(
                    "\"{}\" is not a Remanent database: it holds \"{stranger}\" and no {MANIFEST_FILE}",
                    dir.display()
                ),
            )
            .with_hint("Give a new or empty directory."));
        }
        for folder in [files::FOLDER, LOG_FOLDER, blob::FOLDER] {
            // Never begin anew over what is left of a database: its files would be taken for orphans.
            let path = dir.join(folder);
            let exists = disk.exists(&path).map_err(|e| Error::io("look for", &path, &e))?;
            if exists && !list(world, &path)?.is_empty() {
                return Err(Error::new(
                    state::DATA_CORRUPTED,
                    format!(
                        "\"{}\" holds files of a database, but its {MANIFEST_FILE} is missing",
                        dir.display()
                    ),
                )
                .with_hint(
                    "Restore the MANIFEST from a copy; without it nobody knows what the other files are.",
                ));
            }
        }
    }
    // A path that was mistyped must not leave folders behind.
    let parent = dir.parent().filter(|parent| !parent.as_os_str().is_empty());
    if let Some(parent) = parent.filter(|_| !there)
        && !disk.exists(parent).map_err(|e| Error::io("look for", parent, &e))?
    {
        let message =
            format!("could not create \"{}\": there is no directory \"{}\"", dir.display(), parent.display());
        return Err(Error::new(state::UNDEFINED_FILE, message)
            .with_hint("Check the path, or make that directory first."));
    }
    disk.create_dir(dir).map_err(|e| Error::io("create", dir, &e))?;
    Ok(false)
}

/// 55006: another process writes the database.
fn in_use(dir: &Path, process: &str) -> Error {
    let message = format!("database \"{}\" is in use by process {}", dir.display(), process.trim());
    Error::new(state::OBJECT_IN_USE, message)
}

/// The lock of a database that is looked at as a whole, while nobody may write it. None where the lock file cannot be
/// written (a read-only medium, another user's directory), and nobody holds it. 55006 where somebody writes: what such a
/// one has half written would look like damage.
pub(super) fn take_lock_to_look(world: &World, dir: &Path) -> Result<Option<Box<dyn FileLock>>> {
    let path = dir.join(LOCK_FILE);
    let process = world.threads.process().to_string();
    match world.disk.lock(&path, &process) {
        Ok(lock) => return Ok(Some(lock)),
        Err(e) if e.kind() == ErrorKind::WouldBlock => return Err(in_use_whole(dir, &e.to_string())),
        Err(e) if matches!(e.kind(), ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied) => {}
        Err(e) => return Err(Error::io("lock", &path, &e)),
    }
    nobody_writes(world, dir).map(|()| None)
}

/// 55006 where a process writes the database.
pub(super) fn nobody_writes(world: &World, dir: &Path) -> Result<()> {
    let path = dir.join(LOCK_FILE);
    match world.disk.holder(&path) {
        Ok(None) => Ok(()),
        Ok(Some(process)) => Err(in_use_whole(dir, &process)),
        // Where it cannot be told, nothing is to be said: a damaged medium is what salvage is for.
        Err(_) => Ok(()),
    }
}

fn in_use_whole(dir: &Path, process: &str) -> Error {
    in_use(dir, process).with_hint(
        "What it is writing would look like damage. Close the database there, or let that process make a copy \
         (BACKUP TO 'dir', Database::backup) and use this on the copy.",
    )
}

pub(super) fn take_lock(world: &World, dir: &Path) -> Result<Box<dyn FileLock>> {
    let path = dir.join(LOCK_FILE);
    let holder = world.threads.process().to_string();
    world.disk.lock(&path, &holder).map_err(|e| match e.kind() {
        ErrorKind::WouldBlock => in_use(dir, &e.to_string()).with_hint(
            "One process at a time writes. To read beside it, open the database read-only (read_only(true), or \
             remanent --read-only); for several writers, let one process serve the others.",
        ),
        _ => Error::io("lock", &path, &e),
    })
}

fn create(world: &World, dir: &Path) -> Result<(Manifest, State)> {
    let disk = &world.disk;
    for folder in [files::FOLDER, LOG_FOLDER, TMP_FOLDER] {
        let path = dir.join(folder);
        disk.create_dir(&path).map_err(|e| Error::io("create", &path, &e))?;
    }
    let identity = world.threads.random();
    let edits = [Edit::Identity { id: identity }, Edit::NextFile { id: 1 }];
    let manifest = Manifest::create(disk, dir, &edits)?;
    disk.sync_dir(dir).map_err(|e| Error::io("sync", dir, &e))?;
    if let Some(parent) = dir.parent().filter(|p| !p.as_os_str().is_empty()) {
        // A parent that cannot be synced (another user's) only risks the directory's name.
        let _ = disk.sync_dir(parent);
    }
    let state = manifest.state();
    Ok((manifest, state))
}

/// The names of the files in a folder.
fn list(world: &World, dir: &Path) -> Result<Vec<String>> {
    let entries = world.disk.list(dir).map_err(|e| Error::io("list", dir, &e))?;
    Ok(entries.into_iter().map(|entry| entry.name).collect())
}

/// The delete marks that files hold.
pub(super) struct Marks {
    pub(super) by_segment: SortedMap<u32, Deletes>,
    runs: SortedMap<u32, FxHashSet<u32>>,
}

pub(super) fn load_marks(core: &Core, state: &State) -> Result<Marks> {
    let disk = core.world.disk.as_ref();
    let live: FxHashSet<u32> = state.segments.keys().copied().collect();
    let mut marks = Marks { by_segment: SortedMap::new(), runs: SortedMap::new() };
    let mut entries: Vec<MarkEntry> = Vec::new();
    for segment in state.segments.values().map(|s| &s.meta).filter(|s| s.deletes > 0) {
        entries.extend(read_marks(disk, &files::deletes(&core.dir, segment.id, segment.deletes))?);
    }
    for &file in state.marks.keys() {
        let run = read_marks(disk, &files::marks(&core.dir, file))?;
        let needed = run.iter().map(|e| e.segment).filter(|s| live.contains(s)).collect();
        marks.runs.insert(file, needed);
        entries.extend(run);
    }
    // Settled first, then by lsn: marks are added in log order.
    sort_by(&mut entries, &|a, b| a.lsn.cmp(&b.lsn));
    let mut settled: SortedMap<u32, RowSet> = SortedMap::new();
    for entry in entries.iter().filter(|e| e.lsn == 0) {
        settled.or_default(entry.segment).union_with(&entry.rows);
    }
    for (segment, rows) in settled {
        marks.by_segment.insert(segment, Deletes::from_settled(rows));
    }
    for entry in entries.iter().filter(|e| e.lsn != 0) {
        marks.by_segment.or_default(entry.segment).mark_set(entry.lsn, &entry.rows);
    }
    Ok(marks)
}

/// Loads the catalog's own tables, then, by what they say, all others.
pub(super) fn load_tables(core: &mut Core, state: &State, marks: &SortedMap<u32, Deletes>) -> Result<()> {
    let system: Vec<Arc<Table>> =
        catalog::system_tables().into_iter().map(|def| load_table(core, state, marks, def)).collect();
    let seen = system.iter().map(|t| t.flushed()).max().unwrap_or(0);
    let mut delta = Delta::default();
    for table in &system {
        let request = ScanRequest { columns: (0..table.types.len()).collect(), ..ScanRequest::default() };
        let version = table.version();
        let key = table.def.key_columns();
        let mut scan = TableScan::new(&version, seen, &request, &table.types, &key, Own::default())?;
        while let Some(batch) = scan.next(&mut no_sieve)? {
            delta.rows.push((table.def.id, batch.compact().columns.iter().map(Column::flatten).collect()));
        }
    }
    let empty = Catalog::new(system);
    let full = empty.with(&delta, &mut |def| load_table(core, state, marks, def))?;
    for table in full.all() {
        for def in full.indexes_of(table.def.id) {
            core.raise_next_table(def.id);
            table.add_index(def)?;
        }
    }
    core.snapshots = Arc::new(Snapshots::new(state.log_floor, Arc::new(full)));
    Ok(())
}

fn load_table(core: &Core, state: &State, marks: &SortedMap<u32, Deletes>, def: TableDef) -> Arc<Table> {
    let table = core.new_table_segments(def);
    let mut version = table.version().as_ref().clone();
    for segment in state.segments_of(table.def.id) {
        let deletes = marks.get(&segment.id).cloned().unwrap_or_default();
        version.cold.push(open_segment(core, &table, segment, deletes));
    }
    table.publish(version);
    if let Some(&lsn) = state.flushed.get(&table.def.id) {
        table.set_flushed(lsn);
    }
    if let Some(&next) = state.next_row_id.get(&table.def.id) {
        table.raise_row_id(next);
    }
    table
}

/// A handle on a segment that the manifest names.
pub(super) fn open_segment(
    core: &Core,
    table: &Table,
    segment: &SegmentMeta,
    deletes: Deletes,
) -> Arc<ColdHandle> {
    let cold = core.open_cold(table, cold_info(segment), deletes, true);
    cold.generation.store(segment.deletes, Ordering::Release);
    cold
}

fn cold_info(segment: &SegmentMeta) -> ColdInfo {
    ColdInfo {
        id: segment.id,
        level: segment.level,
        rows: segment.rows,
        bytes: segment.bytes,
        min_key: segment.min_key.clone(),
        max_key: segment.max_key.clone(),
        created: (segment.created_min, segment.created_max),
        blobs: segment.blobs.clone(),
        parts: segment.parts.clone(),
    }
}

/// Applies one record of the log again, as its commit did: what a table has flushed already is passed over.
/// Nothing else runs yet, so rows may be located with I/O.
pub(super) fn replay(core: &Core, record: &Record) -> Result<()> {
    let base = core.snapshots.catalog();
    let catalog_flushed = base.by_id(catalog::TABLES).map_or(0, |t| t.flushed());
    let mut reader = ChangeReader::new(&record.body)?;
    let mut tables = Vec::new();
    let mut located = Vec::new();
    let mut known = Arc::clone(&base);
    loop {
        let types = |id: TableId| {
            // Also of a table that is dropped later: as long as the log speaks of it, its number is taken.
            core.raise_next_table(id);
            if id >= catalog::FIRST_USER_TABLE
                && !tables.is_empty()
                && let Some(after) = core.preview_catalog(&base, &tables)?
            {
                known = after;
            }
            match known.by_id(id) {
                Some(table) => Ok(Some(RowsOf::table(table))),
                // Dropped later: the flushed catalog does not know it any more.
                None if record.lsn <= catalog_flushed => Ok(None),
                None => Err(Error::new(
                    state::DATA_CORRUPTED,
                    format!("record {} of the log changes table {id}, which does not exist", record.lsn),
                )),
            }
        };
        let Some(change) = reader.next(types)? else { break };
        let Some(change) = change else { continue };
        let Some(table) = known.by_id(change.table) else { continue };
        if record.lsn <= table.flushed() {
            continue;
        }
        located.push(locate(core, table, &change, record.lsn)?);
        tables.push(change);
    }
    core.apply(record.lsn, &tables, &located)
}

/// Where the rows lie that a record deletes.
pub(super) fn locate(core: &Core, table: &Table, change: &TableChange, lsn: u64) -> Result<DeletedRows> {
    let version = table.version();
    let newest = |key: &[u8]| match version.newest(key)? {
        Some(newest) if newest.lives => Ok(newest.located),
        _ => {
            let name = &table.def.name;
            let message = format!("record {lsn} of the log deletes a row of \"{name}\" that is not there");
            Err(Error::new(state::DATA_CORRUPTED, message))
        }
    };
    let mut rows = DeletedRows::default();
    for key in &change.deletes {
        rows.each.push(newest(key.as_bytes())?);
    }
    for sweep in &change.sweeps {
        rows.swept.push(match &change.then {
            Some(then) => sweep.find(&table.version_by(then))?,
            None => sweep.find(&version)?,
        });
    }
    for range in &change.key_files {
        let path = files::keys(&core.dir, range.file);
        read_keys(&*core.world.disk, &path, range.keys, &mut |key| {
            if let Some((home, ordinal)) = Home::of(&newest(key)?, key) {
                rows.many.insert(&home, ordinal);
            }
            Ok(())
        })?;
    }
    Ok(rows)
}

/// A crash between the flush of a catalog without a table and the edit that drops the table leaves its segments behind:
/// drops them now.
fn forget_dropped(core: &Core, manifest: &Manifest, state: State) -> Result<State> {
    let catalog = core.snapshots.catalog();
    let dropped = core.dropped.lock().iter().map(|table| table.def.id).collect::<FxHashSet<_>>();
    let gone = state.tables().filter(|&id| catalog.by_id(id).is_none() && !dropped.contains(&id));
    let edits: Vec<Edit> = gone.map(|table| Edit::DropTable { table }).collect();
    if edits.is_empty() {
        return Ok(state);
    }
    manifest.commit(&edits)?;
    Ok(manifest.state())
}

/// The segments' files that neither the manifest nor the log's tail names: the remains of work that a crash cut short,
/// or of what was kept for followers. Empties the folder of spills.
fn orphans(core: &Core, state: &State, present: &[String]) -> Vec<PathBuf> {
    let mut named: FxHashSet<String> = FxHashSet::default();
    let mut name = |path: PathBuf| {
        named.extend(path.file_name().map(|n| n.to_string_lossy().into_owned()));
    };
    for table in core.snapshots.catalog().all().chain(core.dropped.lock().iter()) {
        for cold in &table.version().cold {
            cold.files.iter().cloned().for_each(&mut name);
        }
        table.key_files(Lsn::MAX).iter().for_each(|file| name(file.path.clone()));
    }
    for segment in state.segments.values().map(|s| &s.meta) {
        name(files::segment(&core.dir, segment.id));
        segment.parts.iter().for_each(|&part| name(files::part(&core.dir, segment.id, part)));
        if segment.deletes > 0 {
            name(files::deletes(&core.dir, segment.id, segment.deletes));
        }
    }
    state.marks.keys().for_each(|&file| name(files::marks(&core.dir, file)));
    // A backup that was finished, but for this.
    let unfinished = core.dir.join(UNFINISHED);
    if core.world.disk.exists(&unfinished).unwrap_or(false) {
        let _ = core.world.disk.remove(&unfinished);
    }
    let tmp = core.dir.join(TMP_FOLDER);
    for file in list(&core.world, &tmp).unwrap_or_default() {
        let _ = core.world.disk.remove(&tmp.join(file));
    }
    let folder = core.dir.join(files::FOLDER);
    let orphans = present.iter().filter(|file| !named.contains(*file));
    // A part that an index lacks is made again under the same name, so what is there goes at once. No manifest has named it.
    let catalog = core.snapshots.catalog();
    let mut made_again: FxHashSet<PathBuf> = FxHashSet::default();
    for table in catalog.all() {
        for def in catalog.indexes_of(table.def.id) {
            made_again.extend(table.version().cold.iter().map(|c| files::part(&core.dir, c.id, def.id)));
        }
    }
    let orphans = orphans.map(|file| folder.join(file));
    let (parts, others): (Vec<PathBuf>, Vec<PathBuf>) = orphans.partition(|path| made_again.contains(path));
    for part in parts {
        let _ = core.world.disk.remove(&part);
    }
    others
}
