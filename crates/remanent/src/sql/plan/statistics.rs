//! What is known of a table's rows without reading them, for estimates.

use remanent_storage::table::version::Table;
use remanent_storage::value::{Column, ColumnData, Value};
use rustc_hash::{FxHashSet, FxHasher};
use std::fmt;
use std::hash::Hasher;
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

    /// What two vectors of a column on disk show, of 1,024 rows each at most, far from each other.
    pub fn sample(&self, column: usize) -> Option<Sample> {
        let version = self.table.upgrade()?.version();
        let largest = version.cold.iter().max_by_key(|cold| cold.segment.rows())?;
        let middle = largest.segment.vectors() / 2;
        let rows = largest.segment.read(column, middle).ok()?;
        let Some(mut seen) = values_of(&rows) else {
            return Some(Sample { distinct: rows.len(), rows: rows.len(), recur: false });
        };
        let mut sample =
            Sample { distinct: seen.len(), rows: rows.len(), recur: seen.len() * 2 < rows.len() };
        if middle > 0
            && let Ok(others) = largest.segment.read(column, middle / 2)
            && let Some(others_seen) = values_of(&others)
        {
            let (before, least) = (seen.len(), seen.len().min(others_seen.len()));
            let sum = before + others_seen.len();
            seen.extend(others_seen);
            sample.recur = (sum - seen.len()) * 2 > least;
            sample.distinct = if sample.recur { seen.len() } else { sum };
            sample.rows += others.len();
        }
        Some(sample)
    }
}

/// Rows that were looked at, for how many distinct values there are in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// How many distinct values there were among them, those of each place apart where they do not recur.
    pub distinct: usize,
    /// How many rows that were.
    pub rows: usize,
    /// The values come again everywhere: there are hardly more than these.
    pub recur: bool,
}

/// The distinct values of a vector, as numbers that stand for them; None: of those it would take too long to tell.
fn values_of(rows: &Column) -> Option<FxHashSet<i64>> {
    let hash = |bytes: &[u8]| {
        let mut hasher = FxHasher::default();
        hasher.write(bytes);
        hasher.finish() as i64
    };
    Some(match rows.data() {
        ColumnData::Dictionary { values, .. } => (0..values.len()).map(|i| hash(values.bytes(i))).collect(),
        ColumnData::Constant(one) => match one.data() {
            ColumnData::Bytes(_) => [hash(one.bytes(0))].into_iter().collect(),
            _ => values_of(one)?,
        },
        ColumnData::I16(values) => values.iter().map(|&v| i64::from(v)).collect(),
        ColumnData::I32(values) => values.iter().map(|&v| i64::from(v)).collect(),
        ColumnData::I64(values) => values.iter().copied().collect(),
        _ => return None,
    })
}

impl fmt::Debug for Statistics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Statistics").field("rows", &self.rows).finish_non_exhaustive()
    }
}
