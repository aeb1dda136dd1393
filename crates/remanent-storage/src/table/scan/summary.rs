//! What zone maps say of rows that need not be read.
//!
//! A *stretch* is some whole vectors of a cold segment of which the scan would look at every row: none is deleted, newer than the
//! snapshot, or changed by the transaction itself. [`TableScan::stretches`] finds them, and tells of each between which values
//! some columns lie. Who sees from these that the condition holds for all rows asks for the sums of other columns
//! ([`Stretch::summary`]) and takes the stretch out of the scan ([`TableScan::leave_out`]); what is left is read as ever.
//!
//! ```text
//!   column at   │ Monday 03:10 … 07:43      │ 07:43 … 12:16      │      its pages say where stretches end
//!   column v    │ sum 71.5  │ sum 70.2  │ sum 69.9  │ …               whole pages are known,
//!               └── stretch ────────────────┘▒▒▒▒▒▒▒▒                 vectors of the others are read (▒)
//! ```
//!
//! Limits: where the transaction itself has deleted or changed rows by their keys, all is read; so it is of what an index names,
//! and of segments that have rows newer than the snapshot.

use super::{TableScan, VECTOR_ROWS};
use crate::error::Result;
use crate::segment::cold::{Sum, Zone};
use crate::segment::deletes::RowSet;
use crate::table::version::ColdHandle;
use crate::value::{Column, Value};
use crate::world::mutation;
use std::ops::Range;
use std::sync::Arc;

/// Most rows of a stretch: one deleted row is in the way of no more than these.
const MOST: u32 = 16 * VECTOR_ROWS as u32;

/// Some vectors of a cold segment, of which a scan would look at every row.
pub struct Stretch {
    cold: Arc<ColdHandle>,
    rows: Range<u32>,
}

/// What is wanted of a column.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted {
    /// Its sum.
    pub sum: bool,
    /// Its least value.
    pub least: bool,
    /// Its greatest value.
    pub greatest: bool,
}

/// What is known of a column's values in a stretch.
#[derive(Debug, Default)]
pub struct Summary {
    /// How many are not NULL.
    pub count: i64,
    /// Their sum, where it is wanted; None: there is none.
    pub sum: Option<Sum>,
    /// The least and the greatest, likewise.
    pub range: Option<(Value, Value)>,
    /// Vectors of which nothing of that is known: they are to be read.
    pub unread: Vec<u32>,
}

impl Summary {
    /// Takes in what is known of a page; false: that is not enough, and nothing was taken in.
    fn add(&mut self, zone: Zone, wanted: Wanted) -> bool {
        let count = zone.rows.saturating_sub(zone.nulls);
        if count == 0 {
            return true;
        }
        let sum = match (self.sum, zone.sum.filter(|_| wanted.sum)) {
            (None, sum) => sum,
            (Some(Sum::Int(a)), Some(Sum::Int(b))) => a.checked_add(b).map(Sum::Int),
            (Some(Sum::Float(a)), Some(Sum::Float(b))) => Some(Sum::Float(a + b)),
            _ => None,
        };
        // Whether infinity is a value or too large a sum is for those to say who see the values.
        let finite = sum.is_some_and(|sum| !matches!(sum, Sum::Float(sum) if !sum.is_finite()));
        // -0.0 is kept as 0.0.
        let signed = |value: &Value| match value {
            Value::Float8(v) => *v == 0.0,
            Value::Float4(v) => *v == 0.0,
            _ => false,
        };
        let kept = |(least, most): &(Value, Value)| {
            !(wanted.least && signed(least) || wanted.greatest && signed(most))
        };
        let ends = wanted.least || wanted.greatest;
        let range = zone.range.filter(|range| ends && kept(range));
        if (wanted.sum && !finite) || (ends && range.is_none()) {
            return false;
        }
        self.count += i64::from(count);
        self.sum = sum;
        self.range = match (self.range.take(), range) {
            (Some((low, high)), Some((least, most))) => Some((
                if least.compare(&low).is_lt() { least } else { low },
                if most.compare(&high).is_gt() { most } else { high },
            )),
            (known, range) => known.or(range),
        };
        true
    }
}

impl Stretch {
    /// How many rows.
    pub fn rows(&self) -> u32 {
        self.rows.end - self.rows.start
    }

    /// How many vectors.
    pub fn vectors(&self) -> usize {
        self.rows().div_ceil(VECTOR_ROWS as u32) as usize
    }

    /// Takes in the stretch behind this one; false: it is not the next.
    pub fn extend(&mut self, next: &Stretch) -> bool {
        let follows = self.cold.id == next.cold.id && self.rows.end == next.rows.start;
        if follows {
            self.rows.end = next.rows.end;
        }
        follows
    }

    /// What zone maps say of a stored column.
    pub fn summary(&self, column: usize, wanted: Wanted) -> Result<Summary> {
        let (segment, mut found) = (&self.cold.segment, Summary::default());
        let mut row = self.rows.start;
        while row < self.rows.end {
            let zone = segment.zone_of(column, row)?;
            let end = zone.first_row + zone.rows;
            let whole = zone.first_row == row && end <= self.rows.end;
            let aligned = end == segment.rows() || (end as usize).is_multiple_of(VECTOR_ROWS);
            if whole && aligned && found.add(zone, wanted) {
                row = end;
                continue;
            }
            while row < end.min(self.rows.end) {
                found.unread.push(row / VECTOR_ROWS as u32);
                row += VECTOR_ROWS as u32;
            }
        }
        Ok(found)
    }

    /// A vector of a stored column.
    pub fn read(&self, column: usize, vector: u32) -> Result<Column> {
        self.cold.segment.read(column, vector)
    }
}

impl TableScan {
    /// Shows the stretches of committed rows in order, each with the least and the greatest values that these stored columns
    /// may have in it; no value is NULL, and some may lie within the scan's ranges. To be called before anything is read.
    pub fn stretches(
        &self,
        columns: &[usize],
        see: &mut dyn FnMut(Stretch, Vec<(Value, Value)>) -> Result<()>,
    ) -> Result<()> {
        if !self.hidden.is_empty() || !self.request.probes.is_empty() {
            return Ok(());
        }
        for cold in self.cold.iter().filter(|cold| cold.created.1 <= self.snapshot) {
            if self.skips_segment(cold)? {
                continue;
            }
            let (mut row, all) = (0, cold.segment.rows());
            while row < all {
                let (mut end, mut ends) = (all.min(row.saturating_add(MOST)), Vec::new());
                for &column in columns {
                    let zone = cold.segment.zone_of(column, row)?;
                    end = end.min(zone.first_row + zone.rows);
                    let within = |ends: &(Value, Value)| !self.excludes(column, &ends.0, &ends.1);
                    ends.extend(zone.range.filter(within).filter(|_| zone.nulls == 0));
                }
                if end < all {
                    end -= end % VECTOR_ROWS as u32;
                }
                let rows = row..end.max(row);
                row = if rows.is_empty() { row.saturating_add(VECTOR_ROWS as u32) } else { end };
                if !rows.is_empty() && ends.len() == columns.len() && self.sees_all(cold, &rows) {
                    see(Stretch { cold: Arc::clone(cold), rows }, ends)?;
                }
            }
        }
        Ok(())
    }

    /// True if none of these rows was deleted, by others or by the transaction itself.
    fn sees_all(&self, cold: &ColdHandle, rows: &Range<u32>) -> bool {
        let gone = self.gone.rows(cold.id).map_or(0, |gone| gone.count_in(rows.clone()));
        let deleted = || cold.deletes.read().visible(rows.clone(), self.snapshot).is_some();
        gone == 0 && (mutation("summarise_deleted_rows") || !deleted())
    }

    /// Does not deliver the rows of a stretch, of which that many vectors are read elsewhere.
    pub fn leave_out(&mut self, stretch: &Stretch, read: u64) {
        let left_out = Arc::make_mut(&mut self.left_out);
        let vectors = stretch.rows.start / VECTOR_ROWS as u32..stretch.rows.end.div_ceil(VECTOR_ROWS as u32);
        self.touched.vectors_read += read;
        self.touched.vectors_summarised += (stretch.vectors() as u64).saturating_sub(read);
        match left_out.last_mut().filter(|(id, _)| *id == stretch.cold.id) {
            Some((_, of)) => of.insert_range(vectors),
            None => {
                let mut of = RowSet::new();
                of.insert_range(vectors);
                left_out.push((stretch.cold.id, of));
            }
        }
    }

    /// True if the rows of a vector are not to be delivered.
    pub(super) fn leaves_out(&self, cold: &ColdHandle, vector: u32) -> bool {
        self.left_out.iter().any(|(id, vectors)| *id == cold.id && vectors.contains(vector))
    }
}
