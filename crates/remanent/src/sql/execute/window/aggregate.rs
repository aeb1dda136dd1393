//! Aggregates over frames, without looking at every row of every frame.
//!
//! - A frame that is the whole partition: one state a partition.
//! - Frames that begin with their partition: the rows between one frame's end and the next one's have a state of their
//!   own, and running states are made by adding those up.
//! - Any others: a segment tree of states over each partition (Leis et al., "Efficient Processing of Window Functions in
//!   Analytical SQL Queries", 2015); a frame adds up at most two nodes a level.
//!
//! All states are groups of one [`Accumulator`](crate::sql::functions::aggregate::Accumulator): rows are fed to it once,
//! as whole columns, and states are added up within it.

use super::{FRAME, Frames, Sorted};
use crate::sql::execute::Run;
use crate::sql::functions::aggregate::{Accumulator, Aggregate};
use crate::sql::plan::WindowCall;
use remanent_storage::error::Result;
use remanent_storage::value::{Batch, Column};

/// The values of an aggregate over each row's frame.
pub fn values(
    aggregate: &Aggregate,
    call: &WindowCall,
    sorted: &Sorted,
    args: &[Column],
    frames: &Frames,
    env: &Run<'_>,
) -> Result<Column> {
    let len = sorted.rows.rows;
    let mut fed = Fed::new(aggregate.accumulator(), call, &sorted.rows, args, env)?;
    if frames.whole {
        fed.rows(sorted.partitions.len() - 1, &sorted.partition_of)?;
        return Ok(fed.state.finish()?.gather(&sorted.partition_of));
    }
    if frames.from_start {
        return Ok(running(fed, sorted, frames, None)?.0);
    }
    let mut memory = env.context.memory.reserve();
    let mut leaves = vec![0u32; len];
    for bounds in sorted.partitions.windows(2) {
        let (start, end) = (bounds[0], bounds[1]);
        (start..end).for_each(|row| leaves[row] = (2 * start + (end - start) + (row - start)) as u32);
    }
    fed.rows(3 * len, &leaves)?;
    memory.hold(fed.state.memory().saturating_sub(FRAME * len))?;
    let state = fed.state.as_mut();
    for bounds in sorted.partitions.windows(2) {
        env.context.interrupt.check()?;
        let (start, end) = (bounds[0], bounds[1]);
        let tree = Tree { base: 2 * start, len: end - start };
        tree.build(state)?;
        for row in start..end {
            for (from, to) in frames.pieces(row) {
                tree.add(state, from.saturating_sub(start), to.saturating_sub(start), 2 * len + row)?;
            }
        }
    }
    let all = fed.state.finish()?;
    Ok(all.slice(2 * len, len))
}

/// Values, and a state to go on with.
type GoneOn = (Column, Option<Box<dyn Accumulator>>);

/// A state that the rows are fed to.
struct Fed<'a> {
    state: Box<dyn Accumulator>,
    args: &'a [Column],
    /// FILTER: the rows that count.
    chosen: Option<Vec<u32>>,
    len: usize,
}

impl<'a> Fed<'a> {
    fn new(
        state: Box<dyn Accumulator>,
        call: &WindowCall,
        rows: &Batch,
        args: &'a [Column],
        env: &Run<'_>,
    ) -> Result<Self> {
        let chosen = match &call.filter {
            Some(filter) => Some(filter.filter(rows, &env.eval())?.to_vec()),
            None => None,
        };
        Ok(Fed { state, args, chosen, len: rows.rows })
    }

    /// Feeds all rows, each to its group.
    fn rows(&mut self, groups: usize, of: &[u32]) -> Result<()> {
        self.state.resize(groups);
        match &self.chosen {
            None => self.state.update(Some(of), self.args, self.len),
            Some(chosen) => {
                let of: Vec<u32> = chosen.iter().map(|&row| of[row as usize]).collect();
                let rows = Batch::new(self.args.to_vec(), self.len);
                let args: Vec<Column> = rows.columns.iter().map(|column| column.gather(chosen)).collect();
                self.state.update(Some(&of), &args, chosen.len())
            }
        }
    }
}

/// The state with some rows more in its only group.
pub fn fed(
    state: Box<dyn Accumulator>,
    call: &WindowCall,
    rows: &Batch,
    args: &[Column],
    env: &Run<'_>,
) -> Result<Box<dyn Accumulator>> {
    let mut fed = Fed::new(state, call, rows, args, env)?;
    fed.rows(1, &vec![0; rows.rows])?;
    Ok(fed.state)
}

/// The values over frames that begin with the partition, of which the state has the rows before `passed`; and the state of what the
/// frame of row `last` has.
pub fn go_on(
    state: Box<dyn Accumulator>,
    call: &WindowCall,
    sorted: &Sorted,
    args: &[Column],
    frames: &Frames,
    (passed, last): (usize, usize),
    env: &Run<'_>,
) -> Result<GoneOn> {
    running(Fed::new(state, call, &sorted.rows, args, env)?, sorted, frames, Some((passed, last)))
}

/// Frames that begin with their partition: their ends only move forward. `part`, where these are some rows of one partition: how many
/// of them group 0 of the state has already, and the row after which it is gone on with.
fn running(
    mut fed: Fed<'_>,
    sorted: &Sorted,
    frames: &Frames,
    part: Option<(usize, usize)>,
) -> Result<GoneOn> {
    let len = fed.len;
    let passed = part.map_or(0, |(passed, _)| passed);
    // Steps: each distinct end within a partition. `step_of` is that of the frame, `own` that of the rows before its end.
    let (mut steps, mut step_of, mut own) = (Vec::new(), vec![0u32; len], vec![0u32; len]);
    for bounds in sorted.partitions.windows(2) {
        let (start, end) = (bounds[0], bounds[1]);
        let mut done = start.max(passed);
        let first = steps.len();
        // A step of no rows, for frames that are empty; or of those that the state has.
        steps.push(first);
        for (row, step) in (start..end).zip(&mut step_of[start..end]) {
            let to = frames.ends[row].max(done);
            if to > done {
                steps.push(first);
                own[done..to].fill((steps.len() - 1) as u32);
                done = to;
            }
            *step = (steps.len() - 1) as u32;
        }
        // Rows behind the last frame count nowhere, nor those that count already.
        if done < end || passed > start {
            steps.push(usize::MAX);
            own[done..end].fill((steps.len() - 1) as u32);
            own[start..passed.max(start)].fill((steps.len() - 1) as u32);
        }
    }
    let count = steps.len();
    fed.rows(2 * count, &own)?;
    for (step, &first) in steps.iter().enumerate().filter(|(_, first)| **first != usize::MAX) {
        if step > first {
            fed.state.merge(count + step, count + step - 1)?;
        }
        fed.state.merge(count + step, step)?;
    }
    let places: Vec<u32> = step_of.iter().map(|&step| count as u32 + step).collect();
    let state = match part.and_then(|(_, last)| places.get(last)) {
        Some(&group) => fed.state.of_group(group as usize)?,
        None => None,
    };
    Ok((fed.state.finish()?.gather(&places), state))
}

/// The states of a partition: node `i` has nodes `2i` and `2i + 1` below it, the leaves are the rows.
struct Tree {
    base: usize,
    len: usize,
}

impl Tree {
    fn build(&self, state: &mut dyn Accumulator) -> Result<()> {
        for node in (1..self.len).rev() {
            state.merge(self.base + node, self.base + 2 * node)?;
            state.merge(self.base + node, self.base + 2 * node + 1)?;
        }
        Ok(())
    }

    /// Adds the rows `[from, to)` of the partition to a state, in order.
    fn add(&self, state: &mut dyn Accumulator, from: usize, to: usize, into: usize) -> Result<()> {
        let (mut left, mut right) = (from + self.len, to + self.len);
        let mut behind = Vec::new();
        while left < right {
            if left & 1 == 1 {
                state.merge(into, self.base + left)?;
                left += 1;
            }
            if right & 1 == 1 {
                right -= 1;
                behind.push(self.base + right);
            }
            left /= 2;
            right /= 2;
        }
        behind.into_iter().rev().try_for_each(|node| state.merge(into, node))
    }
}
