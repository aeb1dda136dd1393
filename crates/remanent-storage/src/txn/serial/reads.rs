//! What a serializable transaction has read, in a form that rows can be tested against.
//!
//! A read by key is the key, whether or not there was a row. A scan is its table and what all wanted rows have in
//! common: ranges of columns, and the statement's own condition where that can be evaluated later ([`RowTest`]).
//!
//! ```text
//!   SELECT … WHERE id = 7                      key 7
//!   SELECT … WHERE at > 10 AND kind = 'a'      ranges at (10, ∞), kind ['a', 'a']
//!   SELECT … WHERE at > 10 AND a + b = 3       range at (10, ∞), then the test
//!   SELECT count(*) FROM t                     all rows, no column
//! ```
//!
//! A statement also reads the definitions of the tables that it names, whether they are there or not: a record that makes
//! or drops a table of that name changes what was read.
//!
//! Both say which columns were read: a row that changed in others only is the same to them.
//!
//! # Limits
//!
//! A transaction that reads more than [`MAX_KEYS`] keys of a table has read all between the least and the greatest of
//! them; one that makes more than [`MAX_PREDICATES`] different scans of a table has read the whole of it.

use super::footprint::Image;
use crate::map::SortedMap;
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
    tables: SortedMap<TableId, TableReads>,
    /// Tables whose definitions were looked up.
    names: FxHashSet<String>,
}

/// What one transaction has read of one table.
#[derive(Default)]
pub struct TableReads {
    keys: FxHashMap<Key, ColumnSet>,
    /// The least and greatest of keys that became too many.
    span: Option<(Key, Key)>,
    predicates: Vec<Predicate>,
    /// Everything; the rest is empty.
    whole: bool,
}

/// The rows that one scan wanted, and which of their columns.
struct Predicate {
    /// All of them hold.
    ranges: Vec<ColumnRange>,
    /// The statement's condition, over these columns.
    test: Option<(Vec<usize>, RowTest)>,
    /// The columns that were read, for the answer or for the condition.
    columns: ColumnSet,
}

/// Columns by position: a bit each, those from 63 on together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ColumnSet(u64);

impl ColumnSet {
    /// Columns from here on are one.
    const LAST: usize = 63;

    /// These columns.
    pub fn of(columns: impl IntoIterator<Item = usize>) -> Self {
        ColumnSet(columns.into_iter().fold(0, |bits, column| bits | 1 << column.min(ColumnSet::LAST)))
    }

    /// Those of both.
    pub fn and(self, other: ColumnSet) -> Self {
        ColumnSet(self.0 | other.0)
    }

    /// True if it is among them.
    pub fn has(self, column: usize) -> bool {
        self.0 & 1 << column.min(ColumnSet::LAST) != 0
    }
}

impl Reads {
    /// Nothing was read.
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty() && self.names.is_empty()
    }

    /// What was read of a table.
    pub fn table(&self, table: TableId) -> Option<&TableReads> {
        self.tables.get(&table)
    }

    /// A statement asked what the table of that name is, or whether there is one.
    pub fn name(&mut self, name: &str) {
        if !self.names.contains(name) {
            self.names.insert(name.to_string());
        }
    }

    /// True if that was asked.
    pub fn has_name(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// A read of columns of a row by its key.
    pub fn key(&mut self, table: TableId, key: &Key, columns: &[usize]) {
        let reads = self.tables.or_default(table);
        if reads.whole {
            return;
        }
        let columns = ColumnSet::of(columns.iter().copied());
        if let Some(known) = reads.keys.get_mut(key) {
            *known = known.and(columns);
            return;
        }
        match &mut reads.span {
            None => {
                reads.keys.insert(key.clone(), columns);
                if reads.keys.len() > MAX_KEYS {
                    let keys = std::mem::take(&mut reads.keys);
                    reads.span = keys.keys().min().cloned().zip(keys.keys().max().cloned());
                }
            }
            Some((least, _)) if key < least => *least = key.clone(),
            Some((_, greatest)) if key > greatest => *greatest = key.clone(),
            Some(_) => {}
        }
    }

    /// A scan.
    pub fn scan(&mut self, table: TableId, request: &ScanRequest) {
        let reads = self.tables.or_default(table);
        if reads.whole {
            return;
        }
        let of_ranges = request.ranges.iter().map(|range| range.column);
        let columns = ColumnSet::of(request.columns.iter().copied().chain(of_ranges));
        // With the same ranges, one without a test wants more rows.
        let wider = |p: &&mut Predicate| p.test.is_none() && p.ranges == request.ranges;
        if let Some(known) = reads.predicates.iter_mut().find(wider) {
            known.columns = known.columns.and(columns);
            return;
        }
        if reads.predicates.len() >= MAX_PREDICATES {
            *reads = TableReads { whole: true, ..TableReads::default() };
            return;
        }
        let test = request.test.clone().map(|test| (request.columns.clone(), test));
        reads.predicates.push(Predicate { ranges: request.ranges.clone(), test, columns });
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
        self.keys.contains_key(key) || self.in_span(key)
    }

    fn in_span(&self, key: &[u8]) -> bool {
        self.span.as_ref().is_some_and(|(a, b)| a.as_bytes() <= key && key <= b.as_bytes())
    }

    /// True if that key was read by itself, with columns that `changed` says of that they are others now.
    pub fn has_changed(&self, key: &[u8], changed: impl FnOnce(ColumnSet) -> bool) -> bool {
        self.keys.get(key).is_some_and(|&columns| changed(columns)) || self.in_span(key)
    }

    /// True if some key between the two was read by itself.
    pub fn has_key_between(&self, low: &[u8], high: &[u8]) -> bool {
        self.keys.keys().any(|key| low <= key.as_bytes() && key.as_bytes() <= high)
            || self.span.as_ref().is_some_and(|(a, b)| a.as_bytes() <= high && low <= b.as_bytes())
    }

    /// True if some scan wanted, or may have wanted, a row of the image.
    pub fn wants(&self, image: &Image) -> bool {
        let all = 0..image.rows as u32;
        self.predicates.iter().any(|p| p.wants(image, all.clone().collect()))
    }

    /// True if some scan wanted, or may have wanted, a row before or after it changed in the columns that were read.
    pub fn wants_change(&self, before: &Image, after: &Image) -> bool {
        self.predicates.iter().any(|p| {
            let rows = 0..before.rows as u32;
            let rows: Vec<u32> = rows.filter(|&row| before.differs(after, row as usize, p.columns)).collect();
            !rows.is_empty() && (p.wants(before, rows.clone()) || p.wants(after, rows))
        })
    }

    /// True if some scan may have wanted a row whose column `column` is between two values and whose other columns are
    /// not known.
    pub fn wants_between(&self, column: usize, low: &Value, high: &Value) -> bool {
        let apart = |range: &ColumnRange| {
            range.column == column && (below(high, &range.low) || above(low, &range.high))
        };
        self.predicates.iter().any(|p| !p.ranges.iter().any(apart))
    }

    /// True if there was any scan.
    pub fn scanned(&self) -> bool {
        !self.predicates.is_empty()
    }
}

impl Predicate {
    /// True if one of these rows qualifies, or may.
    fn wants(&self, image: &Image, mut rows: Vec<u32>) -> bool {
        for range in &self.ranges {
            if let Some(column) = image.column(range.column) {
                rows.retain(|&row| within(column, row as usize, range));
            }
        }
        if rows.is_empty() {
            return false;
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
