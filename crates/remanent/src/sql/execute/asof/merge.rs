//! ASOF joins of more right rows than memory holds: both sides are sorted by key and value, and walked along together.
//!
//! ```text
//! left  ts   3     7        8                >=: the last right row passed, <=: the one that comes next,
//! right ts 1   4 5     7 7      9            if its key is the left row's
//! ```
//!
//! At hand are a batch of left rows, one of right rows, and the right row before it. Left rows of one batch may meet rows of many right
//! ones: of each batch those that are met are copied before it goes.
//!
//! Left rows come out by key and value.
//!
//! Limits: keys and values are computed anew of what lay on disk, so they are not volatile.

use super::{Met, known};
use crate::sql::execute::project::evaluate;
use crate::sql::execute::rowkey::{KeyLayout, RowKeys};
use crate::sql::execute::{Input, Rows, Run, pull};
use crate::sql::expr::Expr;
use crate::sql::functions::Cmp;
use remanent_storage::error::Result;
use remanent_storage::value::{Batch, Column, Type};
use std::cmp::Ordering;

/// Two sorted sides.
pub struct Merge {
    left: Input,
    right: Input,
    /// The keys and, last, the value of either side's rows.
    left_exprs: Vec<Expr>,
    right_exprs: Vec<Expr>,
    op: Cmp,
    /// The keys with the value, and without it.
    layouts: [KeyLayout; 2],
    /// A right row of NULLs.
    nulls: Vec<Column>,
    /// The right rows at hand, and how many of them lie before the left row; None: there are no more.
    at_hand: Option<At>,
    begun: bool,
    /// The right row before those, if there is one.
    before: Option<At>,
}

/// Right rows and what they are compared by.
struct At {
    rows: Batch,
    /// With the value, and without.
    keys: [RowKeys; 2],
    passed: usize,
}

/// Where the right row is that a left one meets.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Nowhere,
    Before,
    AtHand(u32),
}

impl Merge {
    /// Of sides sorted by these expressions, which are of the same types; `left op right`.
    /// `types`: of the right columns.
    pub fn new(
        (left, left_exprs): (Input, Vec<Expr>),
        (right, right_exprs): (Input, Vec<Expr>),
        types: &[Type],
        op: Cmp,
    ) -> Self {
        let nulls = types.iter().map(|&ty| Column::null(ty, 1)).collect();
        let types = || right_exprs.iter().map(Expr::ty);
        let keys = right_exprs.len().saturating_sub(1);
        let layouts = [KeyLayout::unordered(types()), KeyLayout::unordered(types().take(keys))];
        Merge {
            left,
            right,
            left_exprs,
            right_exprs,
            op,
            layouts,
            nulls,
            at_hand: None,
            begun: false,
            before: None,
        }
    }

    /// Bytes that the sorts laid down.
    pub fn spilled(&self) -> u64 {
        self.left.report().spilled + self.right.report().spilled
    }

    /// The next left rows.
    pub fn next(&mut self, env: &Run<'_>) -> Result<Option<Met>> {
        let Some(left) = pull(&mut self.left, env)? else { return Ok(None) };
        let left = left.compact();
        let values = evaluate(&self.left_exprs, &left, env)?;
        let keys = self.encode(&values, left.rows)?;
        let mut right = Rows::new(self.nulls.iter().map(Column::ty));
        let mut met = Vec::with_capacity(left.rows);
        // Those of the last left rows, whose right rows are not copied yet.
        let mut places: Vec<Place> = Vec::new();
        for row in 0..left.rows {
            let valid = values.iter().all(|column| column.is_valid(row));
            while valid && self.is_behind(&keys[0], row) {
                self.pass(&keys[0], row);
                if self.at_hand.as_ref().is_none_or(|at| at.passed == at.rows.rows) {
                    self.copy(&mut places, &mut right);
                    self.go_on(env)?;
                }
            }
            let place = if valid { self.place(&keys[1], row) } else { Place::Nowhere };
            met.push((place != Place::Nowhere).then_some(row as u32));
            places.push(place);
        }
        self.copy(&mut places, &mut right);
        let null = right.len as u32;
        right.append(&self.nulls, 1, None);
        Ok(Some(Met { left, right: right.finish(), null, met }))
    }

    fn encode(&self, values: &[Column], rows: usize) -> Result<[RowKeys; 2]> {
        let keys = values.get(..values.len().saturating_sub(1)).unwrap_or_default();
        Ok([self.layouts[0].encode(values, rows)?, self.layouts[1].encode(keys, rows)?])
    }

    /// The next right row lies before a left row's place: below its value, or not above it.
    fn is_behind(&self, left: &RowKeys, row: usize) -> bool {
        match &self.at_hand {
            Some(at) => self.lies_before(&at.keys[0], at.passed, left, row),
            None => !self.begun,
        }
    }

    fn lies_before(&self, right: &RowKeys, at: usize, left: &RowKeys, row: usize) -> bool {
        match right.compare(at, left, row) {
            Ordering::Less => true,
            Ordering::Equal => !matches!(self.op, Cmp::Gt | Cmp::Le),
            Ordering::Greater => false,
        }
    }

    /// Passes the right rows at hand that lie before a left row's place.
    fn pass(&mut self, left: &RowKeys, row: usize) {
        let Some(at) = &self.at_hand else { return };
        // In steps twice as large each, then by halves.
        let (mut low, mut step) = (at.passed, 1);
        while low + step < at.rows.rows && self.lies_before(&at.keys[0], low + step, left, row) {
            low += step;
            step *= 2;
        }
        let mut high = at.rows.rows.min(low + step);
        while low < high {
            let middle = low.midpoint(high);
            match self.lies_before(&at.keys[0], middle, left, row) {
                true => low = middle + 1,
                false => high = middle,
            }
        }
        if let Some(at) = &mut self.at_hand {
            at.passed = low;
        }
    }

    /// Takes the next right rows at hand, of which the last one before is kept.
    fn go_on(&mut self, env: &Run<'_>) -> Result<()> {
        if let Some(at) = self.at_hand.take()
            && let Some(last) = at.rows.rows.checked_sub(1)
        {
            let row = at.rows.slice(last, 1);
            let row = Batch::new(row.columns.iter().map(Column::compact).collect(), 1);
            let (row, values) = known(&row, &self.right_exprs, env)?;
            self.before = Some(At { keys: self.encode(&values, row.rows)?, rows: row, passed: 1 });
        }
        self.begun = true;
        while let Some(batch) = pull(&mut self.right, env)? {
            let (rows, values) = known(&batch, &self.right_exprs, env)?;
            if rows.rows > 0 {
                self.at_hand = Some(At { keys: self.encode(&values, rows.rows)?, rows, passed: 0 });
                break;
            }
        }
        Ok(())
    }

    /// What a left row meets, with all right rows passed that lie before its place.
    fn place(&self, left: &RowKeys, row: usize) -> Place {
        let is_its = |at: &At, place: usize| {
            place < at.rows.rows && at.keys[1].compare(place, left, row) == Ordering::Equal
        };
        let passed = self.at_hand.as_ref().map_or(0, |at| at.passed);
        let wanted = match self.op {
            Cmp::Ge | Cmp::Gt => passed.checked_sub(1),
            _ => Some(passed),
        };
        match (wanted, &self.at_hand, &self.before) {
            (Some(place), Some(at), _) if is_its(at, place) => Place::AtHand(place as u32),
            (None, _, Some(before)) if is_its(before, 0) => Place::Before,
            _ => Place::Nowhere,
        }
    }

    /// Copies the right rows of places, in order; a row of NULLs for those that meet none.
    fn copy(&self, places: &mut Vec<Place>, right: &mut Rows) {
        for run in places.chunk_by(|a, b| std::mem::discriminant(a) == std::mem::discriminant(b)) {
            match (run.first(), &self.at_hand, &self.before) {
                (Some(Place::AtHand(_)), Some(at), _) => {
                    let row = |place: &Place| if let Place::AtHand(row) = place { Some(*row) } else { None };
                    let chosen: Vec<u32> = run.iter().filter_map(row).collect();
                    right.append(&at.rows.columns, at.rows.rows, Some(&chosen));
                }
                (Some(Place::Before), _, Some(before)) => {
                    right.append(&before.rows.columns, 1, Some(&vec![0; run.len()]));
                }
                _ => right.append(&self.nulls, 1, Some(&vec![0; run.len()])),
            }
        }
        places.clear();
    }
}
