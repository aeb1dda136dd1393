//! ASOF joins: each left row meets the nearest right row before it (or behind it), by a time or any other ordered value.
//!
//! ```text
//! FROM frames f ASOF JOIN poses p ON f.robot = p.robot AND f.at >= p.at
//!
//! robot 1, poses at 10, 20, 30:   frame at 25 → pose at 20      frame at 5 → none
//! ```
//!
//! The right rows are held, numbered by the keys that must be equal, and sorted by number and value. A left row is looked
//! up in its key's range by a search that gallops from where the row before it was found: left rows that come in order of
//! time take a few steps each, whatever the size of the other side.
//!
//! Where the right rows do not fit in memory both sides are sorted on disk and walked along together ([`merge`]).
//!
//! Invariants: of right rows with one value, the one that came last is met; a NULL in a key or a value meets nothing; what
//! else must hold is checked on the nearest row only.

mod merge;

use super::grouping::Grouping;
use super::project::evaluate;
use super::rowkey::{KeyLayout, KeyPart, RowKeys};
use super::sort::{Keys, Sort};
use super::{Input, Operator, Report, Reservation, Rows, Run, open as open_plan, pull, types};
use crate::sql::expr::Expr;
use crate::sql::functions::Cmp;
use crate::sql::plan::Plan;
use merge::Merge;
use remanent_kernels::table::MISSING;
use remanent_storage::error::{Error, Result};
use remanent_storage::value::{Batch, Column, Type};

/// Builds the operator of an ASOF join.
pub fn open(plan: &Plan, env: &Run<'_>) -> Result<Input> {
    let Plan::Asof { left, right, keys, by, op, outer, filter } = plan else {
        return Err(Error::internal("not an ASOF join"));
    };
    let (left_keys, right_keys): (Vec<Expr>, Vec<Expr>) = keys.iter().cloned().unzip();
    Ok(Box::new(Asof {
        left: Some(open_plan(left, env)?),
        right: Some(open_plan(right, env)?),
        right_types: types(right),
        left_types: types(left),
        merge: None,
        layout: KeyLayout::ordered(vec![KeyPart::unordered(by.0.ty())]),
        left_keys,
        right_keys,
        by: by.clone(),
        op: *op,
        outer: *outer,
        filter: filter.clone(),
        held: None,
        memory: env.context.memory.reserve(),
    }))
}

struct Asof {
    /// None once it is sorted.
    left: Option<Input>,
    /// None once it is held.
    right: Option<Input>,
    right_types: Vec<Type>,
    left_types: Vec<Type>,
    /// Where the right rows did not fit in memory.
    merge: Option<Merge>,
    layout: KeyLayout,
    left_keys: Vec<Expr>,
    right_keys: Vec<Expr>,
    by: (Expr, Expr),
    /// `left op right`
    op: Cmp,
    outer: bool,
    filter: Option<Expr>,
    held: Option<Held>,
    memory: Reservation,
}

/// The right side, sorted.
struct Held {
    /// Its columns, and a last row of NULLs.
    columns: Vec<Column>,
    keys: Grouping,
    /// The rows of key `k` are those from `starts[k]` to `starts[k + 1]`.
    starts: Vec<u32>,
    /// The values, one a row.
    values: RowKeys,
    /// Where the last search of each key ended.
    cursors: Vec<u32>,
}

/// The rows of a right batch that may be met, and their keys and values: those without a NULL in either.
fn known(batch: &Batch, exprs: &[Expr], env: &Run<'_>) -> Result<(Batch, Vec<Column>)> {
    let batch = batch.compact();
    let keys = evaluate(exprs, &batch, env)?;
    if keys.iter().all(|column| column.null_count() == 0) {
        return Ok((batch, keys));
    }
    let valid = |row: &u32| keys.iter().all(|column| column.is_valid(*row as usize));
    let chosen: Vec<u32> = (0..batch.rows as u32).filter(valid).collect();
    let keys = keys.iter().map(|column| column.gather(&chosen)).collect();
    let batch = Batch { selection: Some(chosen.into()), ..batch };
    Ok((batch.compact(), keys))
}

impl Asof {
    /// None: the right rows do not fit, and both sides are to be merged.
    fn hold(&mut self, mut input: Input, env: &Run<'_>) -> Result<Option<Held>> {
        let exprs: Vec<Expr> = self.right_keys.iter().chain([&self.by.1]).cloned().collect();
        let mut grouping = Grouping::new(self.right_keys.iter().map(Expr::ty));
        let (mut rows, mut numbers) = (Rows::new(self.right_types.iter().copied()), Vec::new());
        let (mut groups, mut values): (Vec<u32>, Vec<Column>) = (Vec::new(), Vec::new());
        while let Some(batch) = pull(&mut input, env)? {
            let (batch, mut keys) = known(&batch, &exprs, env)?;
            let Some(value) = keys.pop() else { return Err(Error::internal("no value")) };
            grouping.insert(&keys, batch.rows, &mut numbers)?;
            groups.extend_from_slice(&numbers);
            values.push(value.flatten());
            rows.append(&batch.columns, batch.rows, None);
            if let Err(full) = self.memory.hold(rows.memory() + grouping.memory() + groups.capacity() * 32) {
                drop((grouping, groups, values));
                let len = rows.len;
                self.sort(Batch::new(rows.finish(), len), input, exprs, full, env)?;
                return Ok(None);
            }
        }
        let ty = self.by.1.ty();
        let value = match values.is_empty() {
            true => Column::null(ty, 0),
            false => Column::concat(ty, &values),
        };
        drop(values);
        let encoded = self.layout.encode(std::slice::from_ref(&value), rows.len)?;
        let order = in_order(&encoded, &groups, &self.layout, env)?;
        let mut starts = vec![0u32; grouping.len() + 1];
        groups.iter().for_each(|&group| starts[group as usize + 1] += 1);
        for group in 0..grouping.len() {
            starts[group + 1] += starts[group];
        }
        let values = self.layout.encode(&[value.gather(&order)], rows.len)?;
        let null = rows.len as u32;
        let nulls: Vec<Column> = self.right_types.iter().map(|&ty| Column::null(ty, 1)).collect();
        rows.append(&nulls, 1, None);
        let places: Vec<u32> = order.into_iter().chain([null]).collect();
        let columns = rows.finish().into_iter().map(|column| column.gather(&places)).collect();
        let cursors = starts[..grouping.len()].to_vec();
        Ok(Some(Held { columns, keys: grouping, starts, values, cursors }))
    }

    /// Sorts the right rows, those so far and those to come, and the left ones, by key and value.
    fn sort(
        &mut self,
        first: Batch,
        rest: Input,
        right: Vec<Expr>,
        full: Error,
        env: &Run<'_>,
    ) -> Result<()> {
        let left: Vec<Expr> = self.left_keys.iter().chain([&self.by.0]).cloned().collect();
        // Keys are made anew of what lay on disk.
        if left.iter().chain(&right).any(Expr::is_volatile) {
            return Err(full);
        }
        let Some(rows) = self.left.take() else { return Err(Error::internal("left rows that were read")) };
        let layout = KeyLayout::unordered(right.iter().map(Expr::ty));
        let mut keys = Keys::new(&layout);
        keys.append(&layout.encode(&evaluate(&right, &first, env)?, first.rows)?, None);
        let order = keys.order(&env.context.interrupt)?;
        drop(keys);
        let by = |exprs: &[Expr]| (exprs.to_vec(), layout.clone());
        let held = (first.columns, &order[..]);
        let sorted = Sort::begun(rest, self.right_types.clone(), by(&right), held, full, env)?;
        self.memory.hold(0)?;
        let left_rows = Sort::by(rows, self.left_types.clone(), by(&left), env);
        self.merge = Some(Merge::new(
            (Box::new(left_rows), left),
            (Box::new(sorted), right),
            &self.right_types,
            self.op,
        ));
        Ok(())
    }
}

/// The rows by group, then value, then arrival.
fn in_order(values: &RowKeys, groups: &[u32], layout: &KeyLayout, env: &Run<'_>) -> Result<Vec<u32>> {
    let sorted_already = (1..groups.len()).all(|row| {
        groups[row - 1] < groups[row]
            || groups[row - 1] == groups[row] && values.compare(row, values, row - 1).is_ge()
    });
    if sorted_already {
        return Ok((0..groups.len() as u32).collect());
    }
    let mut keys = Keys::new(layout);
    keys.append(values, None);
    let by_value = keys.order(&env.context.interrupt)?;
    // A stable distribution by group.
    let mut next = vec![0u32; groups.iter().max().map_or(0, |&most| most as usize + 2)];
    groups.iter().for_each(|&group| next[group as usize + 1] += 1);
    for group in 1..next.len() {
        next[group] += next[group - 1];
    }
    let mut order = vec![0u32; groups.len()];
    for row in by_value {
        let place = &mut next[groups[row as usize] as usize];
        order[*place as usize] = row;
        *place += 1;
    }
    Ok(order)
}

impl Held {
    /// The right row that a left row with this key and value meets; None: none.
    fn nearest(&mut self, op: Cmp, key: u32, wanted: &RowKeys, row: usize) -> Option<u32> {
        if key == MISSING {
            return None;
        }
        let (start, end) = (self.starts[key as usize] as usize, self.starts[key as usize + 1] as usize);
        // How many values lie before the row's place: those below its value, or not above it.
        let before = |at: usize| match op {
            Cmp::Gt | Cmp::Le => self.values.compare(at, wanted, row).is_lt(),
            _ => self.values.compare(at, wanted, row).is_le(),
        };
        let (mut low, mut high);
        let mut cursor = (self.cursors[key as usize] as usize).clamp(start, end);
        let mut step = 1;
        if cursor < end && before(cursor) {
            low = cursor + 1;
            while cursor + step < end && before(cursor + step) {
                low = cursor + step + 1;
                cursor += step;
                step *= 2;
            }
            high = end.min(cursor + step);
        } else {
            (low, high) = (start, cursor);
            while cursor >= start + step && !before(cursor - step) {
                high = cursor - step;
                cursor -= step;
                step *= 2;
            }
            low = low.max(cursor.saturating_sub(step));
        }
        while low < high {
            let middle = low.midpoint(high);
            match before(middle) {
                true => low = middle + 1,
                false => high = middle,
            }
        }
        self.cursors[key as usize] = low as u32;
        match op {
            Cmp::Ge | Cmp::Gt => (low > start).then(|| low as u32 - 1),
            _ => (low < end).then_some(low as u32),
        }
    }
}

impl Operator for Asof {
    fn next(&mut self, env: &Run<'_>) -> Result<Option<Batch>> {
        if let Some(right) = self.right.take() {
            self.held = self.hold(right, env)?;
        }
        loop {
            let rows = match (&mut self.merge, &mut self.held) {
                (Some(merge), _) => merge.next(env)?,
                (None, Some(held)) => self.left.as_mut().map_or(Ok(None), |left| {
                    held.next(left, (&self.left_keys, &self.by.0), (&self.layout, self.op), env)
                })?,
                (None, None) => None,
            };
            let Some(rows) = rows else { return Ok(None) };
            if let Some(out) = self.joined(rows, env)? {
                return Ok(Some(out));
            }
        }
    }

    fn report(&self) -> Report {
        let spilled = self.merge.as_ref().map_or(0, Merge::spilled);
        Report { memory: self.memory.peak(), spilled, ..Report::default() }
    }
}

/// Left rows, and what they meet.
struct Met {
    left: Batch,
    /// Columns of right rows, the last of which is one of NULLs.
    right: Vec<Column>,
    null: u32,
    /// For each left row that of the right one; None: none.
    met: Vec<Option<u32>>,
}

impl Held {
    /// The next left rows.
    fn next(
        &mut self,
        left: &mut Input,
        (keys, by): (&[Expr], &Expr),
        (layout, op): (&KeyLayout, Cmp),
        env: &Run<'_>,
    ) -> Result<Option<Met>> {
        let Some(batch) = pull(left, env)? else { return Ok(None) };
        let batch = batch.compact();
        let keys = evaluate(keys, &batch, env)?;
        let value = by.evaluate(&batch, &env.eval())?;
        let mut numbers = Vec::new();
        self.keys.find(&keys, batch.rows, &mut numbers)?;
        let wanted = layout.encode(std::slice::from_ref(&value), batch.rows)?;
        let mut met: Vec<Option<u32>> = Vec::with_capacity(batch.rows);
        for (row, &number) in numbers.iter().enumerate() {
            let known = value.is_valid(row) && keys.iter().all(|key| key.is_valid(row));
            met.push(if known { self.nearest(op, number, &wanted, row) } else { None });
        }
        let null = self.values.len() as u32;
        Ok(Some(Met { left: batch, right: self.columns.clone(), null, met }))
    }
}

impl Met {
    /// The left rows beside those they meet, or NULLs.
    fn pairs(&self) -> Batch {
        let places: Vec<u32> = self.met.iter().map(|met| met.unwrap_or(self.null)).collect();
        let right = self.right.iter().map(|column| column.gather(&places));
        Batch::new(self.left.columns.iter().cloned().chain(right).collect(), self.left.rows)
    }
}

impl Asof {
    /// What comes out of left rows; None: nothing.
    fn joined(&self, mut rows: Met, env: &Run<'_>) -> Result<Option<Batch>> {
        let mut out = rows.pairs();
        if let Some(filter) = &self.filter {
            let passed = filter.filter(&out, &env.eval())?;
            let mut next = passed.iter().copied().peekable();
            for (row, met) in rows.met.iter_mut().enumerate() {
                *met = met.filter(|_| next.next_if_eq(&(row as u32)).is_some());
                while next.peek().is_some_and(|&passed| passed as usize <= row) {
                    next.next();
                }
            }
            if self.outer {
                out = rows.pairs();
            }
        }
        if !self.outer {
            let kept: Vec<u32> =
                (0u32..).zip(&rows.met).filter(|(_, met)| met.is_some()).map(|(row, _)| row).collect();
            if kept.is_empty() {
                return Ok(None);
            }
            out.selection = (kept.len() < out.rows).then(|| kept.into());
        }
        Ok(Some(out))
    }
}
