//! `remanent backup DB DIR`: copies a database to a new directory.

use crate::failure::Result;
use crate::term::{self, Paint};
use remanent::Database;
use remanent::error::state;
use std::io::{self, Write};
use std::path::Path;

/// Copies a database that no other process has open. (Where one has: `BACKUP TO 'dir'` in SQL, there.)
pub fn run(db: &Path, to: &Path) -> Result<()> {
    let database = Database::options().create(false).open(db).map_err(|error| match error.state() {
        state::OBJECT_IN_USE => error.with_hint(
            "Where it is open, the SQL statement BACKUP TO 'DIR' makes a copy while writes go on.",
        ),
        _ => error,
    })?;
    let made = database.backup(to)?;
    database.close()?;
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "{}: {} linked, {} copied ({})",
        to.display(),
        term::count(made.linked, "file"),
        term::count(made.copied, "file"),
        term::size(made.bytes)
    )?;
    writeln!(out, "{}", Paint::of(&io::stdout()).good("done"))?;
    Ok(())
}
