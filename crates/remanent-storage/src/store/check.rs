//! Verifying a closed database: every file, every checksum, every promise of one file about another.
//!
//! [`check`] reads everything and changes nothing. It goes on after damage as far as what is left allows: a damaged
//! manifest or catalog ends it early, since without them nobody knows what the other files are.

use super::Options;
use super::manifest::{self, State};
use super::open;
use super::salvage::{Loss, lost_rows, lost_value};
use crate::error::{Error, Result, state};
use crate::index::{IndexDef, Part};
use crate::log;
use crate::segment::blob::{blob_file, verify};
use crate::segment::marks::verify_marks;
use crate::table::scan::{Own, TableScan, no_sieve};
use crate::table::version::{ColdHandle, Table};
use crate::table::{ScanRequest, TableDef, files};
use crate::txn::core::{Core, Start};
use crate::txn::tuning::Limits;
use crate::world::World;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a check found.
#[derive(Debug, Default)]
pub struct Report {
    /// Every damage: which file, at which byte, what.
    pub damage: Vec<Error>,
    /// What of that costs rows: of which table, how many, which keys.
    pub lost: Vec<Loss>,
    /// Cold segments that were read.
    pub segments: usize,
    /// Their rows.
    pub rows: u64,
    /// Records of the log that were read.
    pub records: u64,
    /// User tables.
    pub tables: usize,
    /// Large values that were read.
    pub values: u64,
}

/// Memory for pages while checking.
const CHECK_MEMORY: usize = 64 << 20;

/// Verifies the database in a directory. Errors: 55006 somebody has it open, 3D000 it is no database.
pub fn check(world: &World, dir: &Path) -> Result<Report> {
    if !open::has_manifest(world, dir)? {
        return Err(Error::new(
            state::INVALID_CATALOG_NAME,
            format!("\"{}\" is not a Remanent database: it has no MANIFEST", dir.display()),
        ));
    }
    let _lock = open::take_lock_to_look(world, dir)?;
    let mut report = Report::default();
    let state = manifest::verify(world.disk.as_ref(), dir, &mut |e| report.damage.push(e));
    let Some(state) = state else { return Ok(report) };
    check_log(world, dir, &state, &mut report);
    check_marks(world, dir, &state, &mut report);
    if let Err(e) = check_tables(world, dir, &state, &mut report) {
        report.damage.push(e);
    }
    Ok(report)
}

fn check_log(world: &World, dir: &Path, state: &State, report: &mut Report) {
    let options = open::log_options(state);
    let damage = &mut report.damage;
    match log::verify(
        world.disk.as_ref(),
        &dir.join(open::LOG_FOLDER),
        &options,
        state.log_floor,
        state.epoch,
        &mut |e| damage.push(e),
    ) {
        Ok(records) => report.records = records,
        Err(e) => report.damage.push(e),
    }
}

fn check_marks(world: &World, dir: &Path, state: &State, report: &mut Report) {
    let runs = state.marks.keys().map(|&file| files::marks(dir, file));
    let own = state.segments.values().filter(|s| s.meta.deletes > 0);
    let own = own.map(|s| files::deletes(dir, s.meta.id, s.meta.deletes));
    for path in runs.chain(own) {
        verify_marks(world.disk.as_ref(), &path, &mut |e| report.damage.push(e));
    }
}

fn check_tables(world: &World, dir: &Path, state: &State, report: &mut Report) -> Result<()> {
    let mut core = Core::new(Start {
        world: world.clone(),
        dir: dir.to_path_buf(),
        next_file: state.next_file.max(1),
        limits: Options { memory_limit: CHECK_MEMORY, ..Options::default() }.limits(),
        fixed: Limits::NAMES.to_vec(),
        synchronous_commit: true,
        blob_file_size: 1,
    });
    // Rows of the catalog that are deleted name tables that are gone. What is damaged here was reported before.
    let marks = open::load_marks(&core, state).map(|marks| marks.by_segment).unwrap_or_default();
    open::load_tables(&mut core, state, &marks)?;
    // Recovery, in memory only: a record must be applicable, and it may name segments that the manifest does not know yet.
    let (folder, options) = (dir.join(open::LOG_FOLDER), open::log_options(state));
    let replayed = log::records(world.disk.as_ref(), &folder, &options, state.log_floor, &mut |record| {
        open::replay(&core, &record)
    });
    report.damage.extend(replayed.err());
    let catalog = core.snapshots.catalog();
    report.tables = catalog.tables().len();
    let dropped = std::mem::take(&mut *core.dropped.lock());
    for table in catalog.all().chain(&dropped) {
        for cold in &table.version().cold {
            check_segment(world, &table.def, cold, report);
            for def in catalog.indexes_of(table.def.id).iter().filter(|def| def.has_parts()) {
                check_part(world, def, cold, report);
            }
        }
    }
    for table in catalog.all() {
        check_values(&core, table, report);
    }
    for segment in state.segments.values() {
        let known = |id| catalog.by_id(id).is_some() || dropped.iter().any(|table| table.def.id == id);
        if !known(segment.table) {
            // What a crash left of a dropped table; the next open forgets it.
            let path = files::segment(dir, segment.meta.id);
            if !world.disk.exists(&path).unwrap_or(false) {
                report.damage.push(Error::corrupt(&path, 0, "the file is missing"));
            }
        }
    }
    Ok(())
}

/// Reads every large value that a row names.
fn check_values(core: &Core, table: &Table, report: &mut Report) {
    let version = table.version();
    if version.cold.iter().all(|c| c.blobs.is_empty()) && version.hots().all(|h| h.blobs.is_empty()) {
        return;
    }
    let columns = (0..table.types.len()).collect();
    let request = ScanRequest { columns, ..ScanRequest::default() };
    let (lsn, key) = (core.snapshots.published(), table.def.key_columns());
    let Ok(mut scan) = TableScan::new(&version, lsn, &request, &table.types, &key, Own::default()) else {
        return;
    };
    // An error here is a damaged page, which was reported before.
    while let Ok(Some(batch)) = scan.next(&mut no_sieve) {
        let batch = batch.compact();
        for column in &batch.columns {
            for (row, reference) in column.references() {
                report.values += 1;
                let verified =
                    reference.and_then(|r| verify(&*core.world.disk, &blob_file(&core.dir, r.file), &r));
                let Err(e) = verified else { continue };
                if !report.damage.iter().any(|known| known.message() == e.message()) {
                    report.damage.push(e.clone());
                }
                report.lost.push(lost_value(&table.def, e, &batch.columns, row));
            }
        }
    }
}

/// Reads the part of an index, if there is one, and compares it with the rows.
fn check_part(world: &World, def: &Arc<IndexDef>, cold: &ColdHandle, report: &mut Report) {
    let Some(part) = cold.parts.get(def.id) else { return };
    if !world.disk.exists(&part.path).unwrap_or(false) {
        return report.damage.push(Error::corrupt(&part.path, 0, "the file is missing"));
    }
    let before = report.damage.len();
    match part.open(def, &cold.segment) {
        Ok(opened) => opened.verify(&mut |e| report.damage.push(e)),
        Err(e) => report.damage.push(e),
    }
    // What is damaged was reported; rows that cannot be read are, too.
    if report.damage.len() == before
        && let Ok(false) = part.open(def, &cold.segment).and_then(|part| part.agrees(def))
    {
        let what = format!("index \"{}\" does not have the keys of its rows", def.name);
        report.damage.push(Error::corrupt(&part.path, 0, what));
    }
}

fn check_segment(world: &World, def: &TableDef, cold: &ColdHandle, report: &mut Report) {
    report.segments += 1;
    report.rows += u64::from(cold.segment.rows());
    let missing = |path: &PathBuf| !world.disk.exists(path).unwrap_or(false);
    for path in cold.files.iter().filter(|path| missing(path)) {
        report.damage.push(Error::corrupt(path, 0, "the file is missing"));
    }
    if cold.files.iter().all(|path| !missing(path)) {
        cold.primary.verify(&mut |e| report.damage.push(e));
    }
    let before = report.damage.len();
    cold.segment.verify(&mut |e| report.damage.push(e));
    if report.damage.len() > before {
        let deletes = cold.deletes.read().clone();
        let mut deleted = deletes.settled().clone();
        deletes.recent().iter().for_each(|(_, rows)| deleted.union_with(rows));
        report.lost.extend(lost_rows(&cold.segment, &deleted, def));
    }
}
