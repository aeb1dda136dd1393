//! `remanent salvage DB DIR`: copies what can be read of a damaged database to a new one.

use crate::failure::{Failure, Result};
use crate::term::{self, Paint};
use std::io::{self, Write};
use std::path::Path;

/// Saves what can be read; a failure that has been said where anything could not be.
pub fn run(db: &Path, to: &Path) -> Result<()> {
    let report = remanent::salvage(db, to)?;
    let paint = Paint::of(&io::stdout());
    let mut out = io::stdout().lock();
    for loss in &report.losses {
        writeln!(out, "{} {loss}", paint.error("damaged:"))?;
    }
    for table in &report.tables {
        write!(out, "{}: {} saved", table.name, term::count(table.rows, "row"))?;
        if table.lost > 0 {
            write!(out, ", {}", paint.error(&format!("{} lost", term::count(table.lost, "row"))))?;
        }
        writeln!(
            out,
            "{}",
            if table.doubtful { "; some may be older than the last that was there" } else { "" }
        )?;
    }
    if report.losses.is_empty() {
        writeln!(out, "{}", paint.good("everything was saved"))?;
        return Ok(());
    }
    Err(Failure::Said)
}
