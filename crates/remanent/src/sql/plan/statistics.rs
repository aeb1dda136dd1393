//! What is known of a table's rows without reading them, for estimates.

use remanent_storage::table::version::Table;
use remanent_storage::value::{ColumnData, Value};
use std::fmt;
use std::sync::{Arc, Weak};

/// What is known of a table's rows. It holds on to nothing: who asks after the table is gone learns nothing.
#[derive(Clone, Default)]
pub struct Statistics {
    /// How many there were when the statement was bound, deleted ones included.
    pub rows: u64,
    table: Weak<Table>,
}

impl Statistics {
    /// Of a table as it is now.
    pub fn of(table: &Arc<Table>) -> Self {
        let version = table.version();
        let hot: usize = version.hots().map(|hot| hot.segment.rows()).sum();
        let cold: u64 = version.cold.iter().map(|cold| u64::from(cold.segment.rows())).sum();
        Statistics { rows: hot as u64 + cold, table: Arc::downgrade(table) }
    }

    /// The least and the greatest value of a column on disk, by its zone maps.
    pub fn range(&self, column: usize) -> Option<(Value, Value)> {
        let version = self.table.upgrade()?.version();
        let mut all: Option<(Value, Value)> = None;
        for cold in &version.cold {
            let (low, high) = cold.segment.range(column).ok()??;
            all = Some(match all {
                None => (low.clone(), high.clone()),
                Some((least, greatest)) => (
                    if low.compare(&least).is_lt() { low.clone() } else { least },
                    if high.compare(&greatest).is_gt() { high.clone() } else { greatest },
                ),
            });
        }
        all
    }

    /// How many distinct values there are among 1,024 rows of a column on disk, and how many rows that were.
    pub fn sample(&self, column: usize) -> Option<(usize, usize)> {
        let version = self.table.upgrade()?.version();
        let largest = version.cold.iter().max_by_key(|cold| cold.segment.rows())?;
        let rows = largest.segment.read(column, largest.segment.vectors() / 2).ok()?;
        let distinct = match rows.data() {
            ColumnData::Dictionary { values, .. } => values.len(),
            ColumnData::Constant(_) => 1,
            _ => rows.len(),
        };
        Some((distinct, rows.len()))
    }
}

impl fmt::Debug for Statistics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Statistics").field("rows", &self.rows).finish_non_exhaustive()
    }
}
