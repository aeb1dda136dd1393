//! Which rows a row's frame has: ROWS counts rows, GROUPS groups of peers, RANGE goes by the values of ORDER BY.
//!
//! A frame is a range of positions within the partition; EXCLUDE takes a range out of it, which leaves up to three.
//! The ends of RANGE with an offset are found by binary search among the keys, which are compared in encoded form: the
//! binder made expressions of them (`key - offset`, `key + offset`).

use super::Sorted;
use crate::sql::execute::Run;
use crate::sql::execute::rowkey::{KeyLayout, KeyPart, RowKeys};
use crate::sql::expr::Expr;
use crate::sql::plan::{Bound, Frame, FrameExclude, FrameUnit, SortKey, WindowCall};
use remanent_storage::error::{Error, Result, SqlState};
use remanent_storage::value::Value;

/// The frames of all rows.
pub struct Frames {
    /// The first position of each, and the one behind the last; never beyond the partition, maybe empty.
    pub starts: Vec<usize>,
    pub ends: Vec<usize>,
    /// What EXCLUDE takes out of each: a range, and whether the row itself stays.
    excluded: Option<(Vec<(usize, usize)>, bool)>,
    /// Every frame is its whole partition.
    pub whole: bool,
    /// Every frame begins with its partition, and nothing is taken out.
    pub from_start: bool,
}

impl Frames {
    /// The frames of a call.
    pub fn new(call: &WindowCall, order: &[SortKey], sorted: &Sorted, env: &Run<'_>) -> Result<Self> {
        let Frame { unit, start, end, exclude, range_key } = &call.frame;
        let len = sorted.rows.rows;
        let ends = Ends { unit: *unit, sorted, range_key: range_key.as_ref(), order, env };
        let starts = ends.of(start, true)?;
        let mut ends = ends.of(end, false)?;
        for row in 0..len {
            ends[row] = ends[row].max(starts[row]);
        }
        let excluded = match exclude {
            FrameExclude::NoOthers => None,
            FrameExclude::CurrentRow => Some(((0..len).map(|row| (row, row + 1)).collect(), false)),
            FrameExclude::Group => Some(((0..len).map(|row| sorted.peers(row)).collect(), false)),
            FrameExclude::Ties => Some(((0..len).map(|row| sorted.peers(row)).collect(), true)),
        };
        let from_start = matches!(start, Bound::UnboundedPreceding) && excluded.is_none();
        let last = matches!(end, Bound::UnboundedFollowing)
            || order.is_empty() && matches!(end, Bound::CurrentRow) && *unit != FrameUnit::Rows;
        Ok(Frames { starts, ends, excluded, whole: from_start && last, from_start })
    }

    /// The ranges of a row's frame in order; some may be empty.
    pub fn pieces(&self, row: usize) -> [(usize, usize); 3] {
        let (start, end) = (self.starts[row], self.ends[row]);
        let Some((excluded, itself)) = &self.excluded else { return [(start, end), (end, end), (end, end)] };
        let (from, to) = excluded[row];
        let before = (start, end.min(from.max(start)));
        let behind = (start.max(to.min(end)), end);
        let own = match *itself && row >= start && row < end {
            true => (row, row + 1),
            false => (behind.0, behind.0),
        };
        [before, own, behind]
    }
}

/// What finds the ends of frames.
struct Ends<'a> {
    unit: FrameUnit,
    sorted: &'a Sorted,
    range_key: Option<&'a Expr>,
    order: &'a [SortKey],
    env: &'a Run<'a>,
}

impl Ends<'_> {
    /// One end of every row's frame: its first position, or the one behind its last.
    fn of(&self, bound: &Bound, is_start: bool) -> Result<Vec<usize>> {
        let sorted = self.sorted;
        let rows = 0..sorted.rows.rows;
        Ok(match bound {
            Bound::UnboundedPreceding => rows.map(|row| sorted.partition(row).0).collect(),
            Bound::UnboundedFollowing => rows.map(|row| sorted.partition(row).1).collect(),
            Bound::CurrentRow => match (self.unit, is_start) {
                (FrameUnit::Rows, true) => rows.collect(),
                (FrameUnit::Rows, false) => rows.map(|row| row + 1).collect(),
                (_, true) => rows.map(|row| sorted.peers(row).0).collect(),
                (_, false) => rows.map(|row| sorted.peers(row).1).collect(),
            },
            Bound::Offset { offset, value, preceding } => {
                let offset = self.offset(offset, is_start)?;
                match self.unit {
                    FrameUnit::Rows => {
                        rows.map(|row| self.by_rows(row, offset, *preceding, is_start)).collect()
                    }
                    FrameUnit::Groups => {
                        rows.map(|row| self.by_groups(row, offset, *preceding, is_start)).collect()
                    }
                    FrameUnit::Range => match value {
                        Some(value) => self.by_range(value, is_start)?,
                        None => return Err(Error::internal("a range without its value")),
                    },
                }
            }
        })
    }

    /// The offset, not below zero; for RANGE, whose offset has a type of its own, only checked.
    fn offset(&self, offset: &Expr, is_start: bool) -> Result<i64> {
        let which = if is_start { "starting" } else { "ending" };
        let value = offset.value(&self.env.eval())?;
        let negative = match &value {
            Value::Null => {
                return Err(Error::new(SqlState("22004"), format!("frame {which} offset must not be null")));
            }
            Value::Int8(n) if self.unit != FrameUnit::Range => {
                return match *n >= 0 {
                    true => Ok(*n),
                    false => Err(negative_offset(which)),
                };
            }
            Value::Interval(interval) => {
                let days = i128::from(interval.months) * 30 + i128::from(interval.days);
                days * 86_400_000_000 + i128::from(interval.micros) < 0
            }
            other => other.to_string().starts_with('-'),
        };
        if negative {
            let message = "invalid preceding or following size in window function";
            return Err(Error::new(SqlState("22013"), message));
        }
        Ok(0)
    }

    fn by_rows(&self, row: usize, offset: i64, preceding: bool, is_start: bool) -> usize {
        let (first, end) = self.sorted.partition(row);
        let signed = if preceding { offset.saturating_neg() } else { offset };
        let at = (row as i64).saturating_add(signed).saturating_add(i64::from(!is_start));
        at.clamp(first as i64, end as i64) as usize
    }

    fn by_groups(&self, row: usize, offset: i64, preceding: bool, is_start: bool) -> usize {
        let sorted = self.sorted;
        let (first, end) = sorted.partition(row);
        let (low, high) = (sorted.peers_of[first] as i64, sorted.peers_of[end - 1] as i64);
        let signed = if preceding { offset.saturating_neg() } else { offset };
        let group = (sorted.peers_of[row] as i64).saturating_add(signed);
        match is_start {
            true if group <= low => first,
            true if group > high => end,
            false if group < low => first,
            false if group >= high => end,
            true => sorted.peers[group as usize],
            false => sorted.peers[group as usize + 1],
        }
    }

    fn by_range(&self, value: &Expr, is_start: bool) -> Result<Vec<usize>> {
        let (Some(key), Some(order)) = (self.range_key, self.order.first()) else {
            return Err(Error::internal("a range without its key"));
        };
        let part = KeyPart { ty: key.ty(), descending: order.descending, nulls_first: order.nulls_first };
        let layout = KeyLayout::ordered(vec![part]);
        let (rows, ctx) = (&self.sorted.rows, self.env.eval());
        let keys = layout.encode(&[key.evaluate(rows, &ctx)?], rows.rows)?;
        let wanted = layout.encode(&[value.evaluate(rows, &ctx)?], rows.rows)?;
        let below = |row: usize, of: usize| match (&keys, &wanted) {
            (RowKeys::Words(keys), RowKeys::Words(wanted)) => match is_start {
                true => keys[row] < wanted[of],
                false => keys[row] <= wanted[of],
            },
            _ => match is_start {
                true => keys.bytes(row) < wanted.bytes(of),
                false => keys.bytes(row) <= wanted.bytes(of),
            },
        };
        let find = |row: usize| {
            let (mut low, mut high) = self.sorted.partition(row);
            while low < high {
                let middle = low.midpoint(high);
                match below(middle, row) {
                    true => low = middle + 1,
                    false => high = middle,
                }
            }
            low
        };
        Ok((0..rows.rows).map(find).collect())
    }
}

fn negative_offset(which: &str) -> Error {
    Error::new(SqlState("22013"), format!("frame {which} offset must not be negative"))
}
