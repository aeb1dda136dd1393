//! Saving what can be read of a damaged database.

use crate::{Result, SalvageReport};
use remanent_storage::store::salvage;
use remanent_storage::world::World;
use std::path::Path;

/// Copies every row that can be read of a damaged database in `from` into a new one in `to`, and reports what could not be,
/// by table and reason. No row is copied that was ever different; but where the record or the mark is lost that replaced or
/// deleted one, an older state of it may be shown, and the table is called doubtful. Nothing is written in `from`, which no
/// process may have open. Errors are those of the new database, 3D000 where `from` holds nothing of a database and 58P02
/// where `to` holds one.
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let (old, new) = (dir.path().join("old.rem"), dir.path().join("new.rem"));
/// # remanent::Database::open(&old)?.connect()?.execute("CREATE TABLE t (a int); INSERT INTO t VALUES (1)", ())?;
/// let report = remanent::salvage(&old, &new)?;
/// for table in &report.tables {
///     println!("{}: {} rows saved, {} lost", table.name, table.rows, table.lost);
/// }
/// # assert_eq!((report.tables[0].rows, report.losses.len()), (1, 0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn salvage(from: impl AsRef<Path>, to: impl AsRef<Path>) -> Result<SalvageReport> {
    salvage::salvage(&World::real(), from.as_ref(), to.as_ref())
}
