//! `remanent check DB`: verifies every checksum and prints what is damaged.

use crate::demo::disk_use;
use crate::failure::{Failure, Result};
use crate::term::{self, Paint};
use remanent::Database;
use std::io::{self, Write};
use std::path::Path;

/// Verifies a database; a failure that has been said where anything is damaged.
pub fn run(db: &Path) -> Result<()> {
    let report = Database::check(db)?;
    let paint = Paint::of(&io::stdout());
    let mut out = io::stdout().lock();
    for error in &report.damage {
        writeln!(out, "{} {}", paint.error("damaged:"), error.message())?;
        if let Some(detail) = error.detail() {
            writeln!(out, "  {detail}")?;
        }
    }
    for loss in &report.lost {
        writeln!(out, "{} {loss}", paint.error("lost:"))?;
    }
    let (bytes, files) = disk_use(db);
    let what = format!(
        "{}: {} in {}; {}, {} in segments, {} in the log, {}",
        db.display(),
        term::size(bytes),
        term::count(files, "file"),
        term::count(report.tables as u64, "table"),
        term::count(report.rows, "row"),
        term::count(report.records, "record"),
        term::count(report.values, "large value"),
    );
    if report.damage.is_empty() {
        writeln!(out, "{what}\n{}", paint.good("no damage"))?;
        return Ok(());
    }
    let damaged = term::count(report.damage.len() as u64, "damaged place");
    writeln!(out, "{what}\n{}", paint.error(&damaged))?;
    Err(Failure::Said)
}
