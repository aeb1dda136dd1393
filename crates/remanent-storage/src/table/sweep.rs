//! Rows that leave by their age: what a record says of them, and where they lie.
//!
//! A sweep names no row. It says which ones go, by a column's value and by when they came, and that means the same rows
//! wherever the record is applied: after other flushes and merges, in a process that follows, in a recovery.
//!
//! ```text
//!   record 900    imu: at < 12:00, of the rows that came up to record 899
//!
//!   segment 7     [09:14 … 10:02]     all of it, by its zone maps; nothing is read
//!   segment 9     [11:58 … 12:41]     one page of `at` is read
//!   hot           [12:41 … 12:50]     nothing; a row of 11:00 that comes in record 901 stays until the next sweep
//! ```
//!
//! # Invariants
//!
//! 1. The rows are those of which [`Sweep::takes`] holds and that no record before the sweep's has deleted. Neither changes with
//!    where rows lie, so two who apply the same records have the same rows.
//! 2. Cold rows and those of full chunks are looked for before the record gets its place ([`Sweep::find`]); the last rows of a hot
//!    segment, which may be numbered anew until then, when it is applied ([`Swept::mark`]).
//! 3. Who sweeps holds off flushes until the record is applied, so that the hot segments are those that were looked at.

use super::gone::{Gone, Home};
use super::lifetime::number;
use super::version::{ColdHandle, HotHandle, TableVersion};
use crate::Lsn;
use crate::error::Result;
use crate::segment::deletes::RowSet;
use crate::segment::hot::{HotView, LIVE};
use crate::value::{Column, Value};
use crate::world::mutation;
use std::ops::Range;
use std::sync::Arc;

/// Which rows of a table leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sweep {
    /// The stored column that says how old a row is.
    pub column: u32,
    /// Rows with at least this value ([`number`]) …
    pub low: i64,
    /// … and less than that.
    pub high: i64,
    /// Only rows that came with this record or before.
    pub upto: Lsn,
}

/// Where such rows lie.
#[derive(Clone)]
pub struct Swept {
    sweep: Sweep,
    rows: Gone,
    /// The hot segments, and from where on their rows are looked at when they are marked.
    tails: Vec<(Arc<HotHandle>, u32)>,
    count: u64,
}

impl Sweep {
    /// True if a row leaves that has this value and came with that record.
    pub fn takes(&self, value: &Value, created: Lsn) -> bool {
        created <= self.upto && number(value).is_some_and(|n| self.low <= n && n < self.high)
    }

    /// The place of the column among stored ones.
    pub fn at(&self) -> usize {
        self.column as usize
    }

    /// Looks for the rows that leave. Reads what zone maps leave open.
    pub fn find(&self, version: &TableVersion) -> Result<Swept> {
        let mut swept = Swept { sweep: *self, rows: Gone::default(), tails: Vec::new(), count: 0 };
        for hot in version.hots() {
            let mut views = hot.segment.views(&[self.at()]);
            let Some(last) = views.pop() else { continue };
            swept.count += self.of_view(&last).len();
            swept.tails.push((Arc::clone(hot), last.base));
            let mut rows = RowSet::new();
            views.iter().for_each(|view| rows.union_with(&self.of_view(view)));
            swept.add(Home::Hot(Arc::clone(hot)), rows);
        }
        for cold in version.cold.iter().filter(|cold| cold.created.0 <= self.upto) {
            let mut rows = self.of_cold(cold)?;
            cold.deletes.read().take_from(&mut rows);
            swept.add(Home::Cold(Arc::clone(cold)), rows);
        }
        Ok(swept)
    }

    fn of_view(&self, view: &HotView) -> RowSet {
        let Some(column) = view.columns().get(self.at()) else { return RowSet::new() };
        let lives = |&i: &usize| view.deleted(i) == LIVE && self.takes(&column.value(i), view.created(i));
        (0..view.rows).filter(lives).map(|i| view.base + i as u32).collect()
    }

    /// The rows of a cold segment, deleted ones too.
    fn of_cold(&self, cold: &ColdHandle) -> Result<RowSet> {
        let (segment, mut rows) = (&cold.segment, RowSet::new());
        let apart = |(low, high): (&Value, &Value)| match (number(low), number(high)) {
            (Some(low), Some(high)) => high < self.low || low >= self.high,
            _ => false,
        };
        if segment.range(self.at())?.is_some_and(apart) {
            return Ok(rows);
        }
        for page in 0.. {
            let Some(zone) = segment.zone(self.at(), page)? else { break };
            let extent = zone.first_row..zone.first_row.saturating_add(zone.rows);
            match &zone.range {
                None if zone.nulls == zone.rows => {}
                Some((low, high)) if apart((low, high)) => {}
                Some((low, high))
                    if zone.nulls == 0
                        && cold.created.1 <= self.upto
                        && self.takes(low, 0)
                        && self.takes(high, 0) =>
                {
                    rows.insert_range(extent);
                }
                _ => self.read(cold, extent, &mut rows)?,
            }
        }
        Ok(rows)
    }

    /// Looks at some rows of a cold segment one by one.
    fn read(&self, cold: &ColdHandle, extent: Range<u32>, rows: &mut RowSet) -> Result<()> {
        let segment = &cold.segment;
        for vector in 0..segment.vectors() {
            let of_vector = segment.rows_of(vector);
            if of_vector.end <= extent.start || of_vector.start >= extent.end {
                continue;
            }
            let column: Column = segment.read(self.at(), vector)?;
            let created = segment.created(vector)?;
            for (i, row) in of_vector.enumerate().filter(|(_, row)| extent.contains(row)) {
                if self.takes(&column.value(i), created.get(i).copied().unwrap_or(0)) {
                    rows.insert(row);
                }
            }
        }
        Ok(())
    }
}

impl Swept {
    fn add(&mut self, home: Home, rows: RowSet) {
        if !rows.is_empty() {
            self.count += rows.len();
            self.rows.add(home, rows);
        }
    }

    /// How many rows there were when they were looked for.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Marks them as deleted by the record `lsn`; those that others have deleted meanwhile keep their mark. Only under the
    /// store's apply lock.
    pub fn mark(&self, lsn: Lsn) {
        self.rows.mark(lsn);
        for (hot, first) in self.tails.iter().filter(|_| !mutation("sweep_forgets_the_tail")) {
            let takes = |value: &Value, created| self.sweep.takes(value, created);
            hot.segment.mark_last(lsn, *first, self.sweep.at(), &takes);
        }
    }
}
