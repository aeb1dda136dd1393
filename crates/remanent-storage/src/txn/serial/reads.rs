//! What a serializable transaction has read, in a form that rows can be tested against.
//!
//! A read by key is the key, whether or not there was a row. A scan is its table and what all wanted rows have in
//! common: ranges of columns, and the statement's own condition where that can be evaluated later ([`RowTest`]).
//!
//! ```text
//!   SELECT … WHERE id = 7                      key 7
//!   SELECT … WHERE at > 10 AND kind = 'a'      ranges at (10, ∞), kind ['a', 'a']
//!   SELECT … WHERE at > 10 AND a + b = 3       range at (10, ∞), then the test
//!   SELECT count(*) FROM t                     the whole table
//! ```
//!
//! # Limits
//!
//! A transaction that reads more than [`MAX_KEYS`] keys of a table has read all between the least and the greatest of
//! them; one that makes more than [`MAX_PREDICATES`] different scans of a table has read the whole of it.

use super::footprint::Image;
use crate::table::{ColumnRange, RowTest, ScanRequest, TableId};
use crate::value::{Batch, Column, Key, Value};
use rustc_hash::{FxHashMap, FxHashSet};
use std::ops::Bound;

/// Keys of one table that are remembered each for itself.
pub const MAX_KEYS: usize = 16 << 10;

/// Scans of one table that are remembered each for itself.
pub const MAX_PREDICATES: usize = 256;

/// What one transaction has read, table by table.
#[derive(Default)]
pub struct Reads {
    tables: FxHashMap<TableId, TableReads>,
}

/// What one transaction has read of one table.
#[derive(Default)]
pub struct TableReads {
    keys: FxHashSet<Key>,
    /// The least and greatest of keys that became too many.
    span: Option<(Key, Key)>,
    predicates: Vec<Predicate>,
    /// Everything; the rest is empty.
    whole: bool,
}

/// The rows that one scan wanted.
struct Predicate {
    /// All of them hold.
    ranges: Vec<ColumnRange>,
    /// The statement's condition, over these columns.
    test: Option<(Vec<usize>, RowTest)>,
}

impl Reads {
    /// Nothing was read.
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty()
    }

    /// What was read of a table.
    pub fn table(&self, table: TableId) -> Option<&TableReads> {
        self.tables.get(&table)
    }

    /// A read by key.
    pub fn key(&mut self, table: TableId, key: &Key) {
        let reads = self.tables.entry(table).or_default();
        if reads.whole || reads.keys.contains(key) {
            return;
        }
        match &mut reads.span {
            None if reads.keys.len() < MAX_KEYS => {
                reads.keys.insert(key.clone());
            }
            None => {
                reads.keys.insert(key.clone());
                let keys = std::mem::take(&mut reads.keys);
                let ends = (keys.iter().min().cloned(), keys.iter().max().cloned());
                if let (Some(least), Some(greatest)) = ends {
                    reads.span = Some((least, greatest));
                }
            }
            Some((least, _)) if key < least => *least = key.clone(),
            Some((_, greatest)) if key > greatest => *greatest = key.clone(),
            Some(_) => {}
        }
    }

    /// A scan.
    pub fn scan(&mut self, table: TableId, request: &ScanRequest) {
        let reads = self.tables.entry(table).or_default();
        if reads.whole {
            return;
        }
        let test = request.test.clone().map(|test| (request.columns.clone(), test));
        // With the same ranges, one without a test wants more.
        let known = |p: &Predicate| p.test.is_none() && p.ranges == request.ranges;
        if reads.predicates.iter().any(known) {
            return;
        }
        let everything = request.ranges.is_empty() && test.is_none();
        if everything || reads.predicates.len() >= MAX_PREDICATES {
            *reads = TableReads { whole: true, ..TableReads::default() };
            return;
        }
        reads.predicates.push(Predicate { ranges: request.ranges.clone(), test });
    }
}

impl TableReads {
    /// True if all of the table was read.
    pub fn whole(&self) -> bool {
        self.whole
    }

    /// About how many comparisons a row takes.
    pub fn width(&self) -> usize {
        let of = |p: &Predicate| 1 + if p.test.is_some() { 8 } else { 0 };
        self.predicates.iter().map(of).sum()
    }

    /// True if that key was read by itself.
    pub fn has_key(&self, key: &[u8]) -> bool {
        self.whole
            || self.keys.contains(key)
            || self.span.as_ref().is_some_and(|(a, b)| a.as_bytes() <= key && key <= b.as_bytes())
    }

    /// True if some key between the two was read by itself.
    pub fn has_key_between(&self, low: &[u8], high: &[u8]) -> bool {
        self.whole
            || self.keys.iter().any(|key| low <= key.as_bytes() && key.as_bytes() <= high)
            || self.span.as_ref().is_some_and(|(a, b)| a.as_bytes() <= high && low <= b.as_bytes())
    }

    /// True if some scan wanted, or may have wanted, a row of the image.
    pub fn wants(&self, image: &Image) -> bool {
        (self.whole && image.rows > 0) || self.predicates.iter().any(|p| p.wants(image))
    }

    /// True if some scan may have wanted a row whose column `column` is between two values and whose other columns are
    /// not known.
    pub fn wants_between(&self, column: usize, low: &Value, high: &Value) -> bool {
        let apart = |range: &ColumnRange| {
            range.column == column && (below(high, &range.low) || above(low, &range.high))
        };
        self.whole || self.predicates.iter().any(|p| !p.ranges.iter().any(apart))
    }
}

impl Predicate {
    fn wants(&self, image: &Image) -> bool {
        let mut rows: Vec<u32> = (0..image.rows as u32).collect();
        for range in &self.ranges {
            if let Some(column) = image.column(range.column) {
                rows.retain(|&row| within(column, row as usize, range));
            }
            if rows.is_empty() {
                return false;
            }
        }
        let Some((columns, test)) = &self.test else { return true };
        let known: Option<Vec<Column>> =
            columns.iter().map(|&c| image.column(c).map(|column| column.gather(&rows))).collect();
        known.is_none_or(|columns| test.holds(&Batch::new(columns, rows.len())))
    }
}

fn within(column: &Column, row: usize, range: &ColumnRange) -> bool {
    if !column.is_valid(row) {
        return false;
    }
    let value = column.value(row);
    !below(&value, &range.low) && !above(&value, &range.high)
}

/// True if a value is too small for a lower end.
fn below(value: &Value, low: &Bound<Value>) -> bool {
    match low {
        Bound::Included(low) => value.compare(low).is_lt(),
        Bound::Excluded(low) => value.compare(low).is_le(),
        Bound::Unbounded => false,
    }
}

/// True if a value is too great for an upper end.
fn above(value: &Value, high: &Bound<Value>) -> bool {
    match high {
        Bound::Included(high) => value.compare(high).is_gt(),
        Bound::Excluded(high) => value.compare(high).is_ge(),
        Bound::Unbounded => false,
    }
}
