//! Saving what can be read of a damaged database into a new one.
//!
//! # Model
//!
//! Nothing here goes through the store that failed to open: what is there is read as what it is, files of pages and frames
//! with checksums, each of which is whole or is not. A row is saved when all its columns come from whole pages, or when the
//! record of the log that made it is whole. So no saved row was ever different; what can be wrong is that an *older* state
//! of it is shown, where the record or the mark that replaced or deleted it is what was lost. The report says where that
//! can be.
//!
//! | what is damaged | what is done |
//! |---|---|
//! | a page of a segment | the rows that have a column in it are lost, and counted |
//! | a segment's footer | its pages are found without it |
//! | a part of an index | nothing is lost; the new database makes its own |
//! | a file of delete marks | rows may come back, except those whose later version or deletion is known from elsewhere |
//! | a page of a large value, or its file | the rows that name it are lost, and counted |
//! | a record of the log | it is left out, those behind it are not |
//! | the manifest | the frames that are whole are read; segments that none names are found in the folder, and say themselves whose they are |
//! | the catalog | tables are made from their segments: `table_17 (column_1, …)` |
//!
//! # How
//!
//! 1. [`source`] finds the pieces: segments with their tables and marks, the log's records above the floor.
//! 2. The catalog's two tables are read like any others, from them come the definitions.
//! 3. Each table: the log's changes become facts about keys ([`versions`]); where something says what rows exist is damaged
//!    (the manifest, marks), the rows of all its segments do too. Then every segment is read, vector by vector, and what
//!    is the newest version of its key is inserted into the new database; last come the rows of the log.
//!
//! # Limits
//!
//! Nobody may have the source open; it is not locked, because nothing is ever written there. Where facts are needed of all
//! rows of a table they take memory for each key. Hidden keys are given anew.

mod definitions;
mod manifest;
mod rows;
mod source;
mod target;
mod values;
mod versions;

pub use rows::{Loss, lost_rows};
pub(in crate::store) use values::lost_value;

use crate::error::{Error, Result, state};
use crate::store::open;
use crate::world::World;
use remanent_kernels::sort::sort_by;
use std::path::Path;

/// What was saved, and what was not.
#[derive(Debug, Default)]
pub struct SalvageReport {
    /// The tables that were saved, by name.
    pub tables: Vec<SavedTable>,
    /// What could not be read, and what that means for rows.
    pub losses: Vec<Loss>,
}

/// One table that was saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedTable {
    /// Its name.
    pub name: String,
    /// Rows in the new database.
    pub rows: u64,
    /// Rows that are known to be lost.
    pub lost: u64,
    /// True: what was lost may have replaced or deleted rows that are shown now.
    pub doubtful: bool,
}

/// Copies every readable row of the database in `from` into a new one in `to`. Nothing is written in `from`, which nobody
/// may have open for writing. Damage is in the report; errors are those of the new database, 55006 a process writes `from`, 3D000 where `from` holds nothing of a
/// database, 58P02 where `to` is not empty.
pub fn salvage(world: &World, from: &Path, to: &Path) -> Result<SalvageReport> {
    if open::has_manifest(world, to)? {
        let message = format!("\"{}\" holds a database already", to.display());
        return Err(
            Error::new(state::DUPLICATE_FILE, message).with_hint("Give a directory that is new or empty.")
        );
    }
    open::nobody_writes(world, from)?;
    let mut report = SalvageReport::default();
    let source = source::Source::read(world, from, &mut report.losses)?;
    let mut target = target::Target::create(world, to)?;
    let tables = definitions::read(&source, &mut report.losses);
    for form in &tables {
        let saved = rows::save(&source, form, &mut target, &mut report.losses)?;
        report.tables.push(saved);
    }
    for index in definitions::indexes(&source, &mut report.losses) {
        let Some(form) = tables.iter().find(|form| form.def.id == index.table) else { continue };
        if let Err(e) = target.index(&form.def, index) {
            // Rows that came back may have a key twice; columns that are not known have none.
            report.losses.push(Loss::of(e).because("the index is not made"));
        }
    }
    target.set(&definitions::entries(&source, &mut report.losses), &tables)?;
    // Who began meanwhile has changed what was read.
    open::nobody_writes(world, from)?;
    target.finish()?;
    sort_by(&mut report.tables, &|a, b| a.name.cmp(&b.name));
    Ok(report)
}
