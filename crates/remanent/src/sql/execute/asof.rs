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
//! Right rows that do not fit in memory are parted by those keys, the left ones likewise, and each pair of parts is a join of its own
//! ([`super::partition`]).
//!
//! Limits: right rows of one key, and all of them where there is no key, must fit in memory.
//!
//! Invariants: of right rows with one value, the one that came last is met; a NULL in a key or a value meets nothing; what
//! else must hold is checked on the nearest row only.

use super::grouping::Grouping;
use super::partition::{Nothing, Partitions};
use super::project::evaluate;
use super::rowkey::{KeyLayout, KeyPart, RowKeys};
use super::sort::Keys;
use super::{Input, Operator, Report, Reservation, Rows, Run, open as open_plan, pull, types};
use crate::sql::expr::Expr;
use crate::sql::functions::Cmp;
use crate::sql::plan::Plan;
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
        left: open_plan(left, env)?,
        right: Some(open_plan(right, env)?),
        right_types: types(right),
        left_types: types(left),
        level: 0,
        pending: Vec::new(),
        spilled: 0,
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
    left: Input,
    /// None once it is held.
    right: Option<Input>,
    right_types: Vec<Type>,
    left_types: Vec<Type>,
    /// How often the rows at hand were parted.
    level: u32,
    /// Left and right rows yet to be joined, and how often they were parted.
    pending: Vec<(Input, Input, u32)>,
    spilled: u64,
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

impl Asof {
    /// None: the right rows do not fit, and are pending in parts, as the left ones are.
    fn hold(&mut self, mut input: Input, env: &Run<'_>) -> Result<Option<Held>> {
        let mut grouping = Grouping::new(self.right_keys.iter().map(Expr::ty));
        let (mut rows, mut numbers) = (Rows::new(self.right_types.iter().copied()), Vec::new());
        let (mut groups, mut values): (Vec<u32>, Vec<Column>) = (Vec::new(), Vec::new());
        while let Some(batch) = pull(&mut input, env)? {
            let mut batch = batch.compact();
            let mut keys = evaluate(&self.right_keys, &batch, env)?;
            keys.push(self.by.1.evaluate(&batch, &env.eval())?);
            if keys.iter().any(|column| column.null_count() > 0) {
                let valid = |row: &u32| keys.iter().all(|column| column.is_valid(*row as usize));
                let chosen: Vec<u32> = (0..batch.rows as u32).filter(valid).collect();
                keys = keys.iter().map(|column| column.gather(&chosen)).collect();
                batch.selection = Some(chosen.into());
                batch = batch.compact();
            }
            let Some(value) = keys.pop() else { return Err(Error::internal("no value")) };
            grouping.insert(&keys, batch.rows, &mut numbers)?;
            groups.extend_from_slice(&numbers);
            values.push(value.flatten());
            rows.append(&batch.columns, batch.rows, None);
            if let Err(full) = self.memory.hold(rows.memory() + grouping.memory() + groups.capacity() * 32) {
                drop((grouping, groups, values));
                let len = rows.len;
                self.lay_down(Batch::new(rows.finish(), len), input, full, env)?;
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

    /// Parts the right rows, those so far and those to come, and the left ones.
    fn lay_down(&mut self, first: Batch, mut rest: Input, full: Error, env: &Run<'_>) -> Result<()> {
        let part = |keys: &[Expr], types: &[Type]| {
            Partitions::new(keys.to_vec(), types.to_vec(), self.level, full.clone(), env)
        };
        let mut right = part(&self.right_keys, &self.right_types)?;
        let mut left = part(&self.left_keys, &self.left_types)?;
        right.add(&first, env)?;
        drop(first);
        self.memory.hold(0)?;
        while let Some(batch) = pull(&mut rest, env)? {
            right.add(&batch, env)?;
        }
        while let Some(batch) = pull(&mut self.left, env)? {
            left.add(&batch, env)?;
        }
        self.spilled += left.bytes + right.bytes;
        let level = self.level + 1;
        for (left, right) in left.finish(env)?.into_iter().zip(right.finish(env)?) {
            // Without a left row nothing comes out.
            let right = right.unwrap_or_else(|| Box::new(Nothing));
            self.pending.extend(left.map(|left| (left, right, level)));
        }
        Ok(())
    }
}

/// The rows by group, then value, then arrival.
fn in_order(values: &RowKeys, groups: &[u32], layout: &KeyLayout, env: &Run<'_>) -> Result<Vec<u32>> {
    let sorted_already = (1..groups.len()).all(|row| {
        groups[row - 1] < groups[row] || groups[row - 1] == groups[row] && !less(values, row, values, row - 1)
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

fn less(a: &RowKeys, i: usize, b: &RowKeys, j: usize) -> bool {
    match (a, b) {
        (RowKeys::Words(a), RowKeys::Words(b)) => a[i] < b[j],
        _ => a.bytes(i) < b.bytes(j),
    }
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
            Cmp::Gt | Cmp::Le => less(&self.values, at, wanted, row),
            _ => !less(wanted, row, &self.values, at),
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
        loop {
            if let Some(right) = self.right.take() {
                self.held = self.hold(right, env)?;
            }
            if let Some(batch) = self.some(env)? {
                return Ok(Some(batch));
            }
            let Some((left, right, level)) = self.pending.pop() else { return Ok(None) };
            (self.left, self.right, self.held, self.level) = (left, Some(right), None, level);
            self.memory.hold(0)?;
        }
    }

    fn report(&self) -> Report {
        Report { memory: self.memory.peak(), spilled: self.spilled, ..Report::default() }
    }
}

impl Asof {
    /// The next rows that come out, of those at hand.
    fn some(&mut self, env: &Run<'_>) -> Result<Option<Batch>> {
        let Some(held) = &mut self.held else { return Ok(None) };
        while let Some(batch) = pull(&mut self.left, env)? {
            let batch = batch.compact();
            let keys = evaluate(&self.left_keys, &batch, env)?;
            let value = self.by.0.evaluate(&batch, &env.eval())?;
            let mut numbers = Vec::new();
            held.keys.find(&keys, batch.rows, &mut numbers)?;
            let wanted = self.layout.encode(std::slice::from_ref(&value), batch.rows)?;
            let mut met: Vec<Option<u32>> = Vec::with_capacity(batch.rows);
            for (row, &number) in numbers.iter().enumerate() {
                let known = value.is_valid(row) && keys.iter().all(|key| key.is_valid(row));
                met.push(if known { held.nearest(self.op, number, &wanted, row) } else { None });
            }
            let pairs = pairs(held, &batch, &met);
            if let Some(filter) = &self.filter {
                let passed = filter.filter(&pairs, &env.eval())?;
                let mut next = passed.iter().copied().peekable();
                for (row, met) in met.iter_mut().enumerate() {
                    *met = met.filter(|_| next.next_if_eq(&(row as u32)).is_some());
                    while next.peek().is_some_and(|&passed| passed as usize <= row) {
                        next.next();
                    }
                }
            }
            let mut out = match self.filter.is_some() && self.outer {
                true => self::pairs(held, &batch, &met),
                false => pairs,
            };
            if !self.outer {
                let kept: Vec<u32> =
                    (0u32..).zip(&met).filter(|(_, met)| met.is_some()).map(|(row, _)| row).collect();
                if kept.is_empty() {
                    continue;
                }
                out.selection = (kept.len() < out.rows).then(|| kept.into());
            }
            return Ok(Some(out));
        }
        Ok(None)
    }
}

/// The left rows beside those they meet, or NULLs.
fn pairs(held: &Held, batch: &Batch, met: &[Option<u32>]) -> Batch {
    let null = held.values.len() as u32;
    let places: Vec<u32> = met.iter().map(|met| met.unwrap_or(null)).collect();
    let right = held.columns.iter().map(|column| column.gather(&places));
    Batch::new(batch.columns.iter().cloned().chain(right).collect(), batch.rows)
}
