//! `remanent check DB`: verifies every checksum and prints what is damaged.

use crate::demo::disk_use;
use crate::failure::{Failure, Result};
use crate::term::{self, Paint};
use remanent::Database;
use std::io::{self, Write};
use std::path::Path;

/// Verifies a database; a failure that has been said where anything is damaged.
pub fn run(db: &Path) -> Result<()> {
    let damage = Database::check(db)?;
    let paint = Paint::of(&io::stdout());
    let mut out = io::stdout().lock();
    for error in &damage {
        writeln!(out, "{} {}", paint.error("damaged:"), error.message())?;
        if let Some(detail) = error.detail() {
            writeln!(out, "  {detail}")?;
        }
    }
    let (bytes, files) = disk_use(db);
    let what = format!("{}: {}, {}", db.display(), term::count(files, "file"), term::size(bytes));
    if damage.is_empty() {
        writeln!(out, "{what}, {}", paint.good("no damage"))?;
        return Ok(());
    }
    writeln!(out, "{what}, {}", paint.error(&term::count(damage.len() as u64, "damaged place")))?;
    Err(Failure::Said)
}
