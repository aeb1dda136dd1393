//! Windows over rows that come in order, of which some are held at a time: from a sort on disk, where there are more than memory holds,
//! or as they are, where any order will do.
//!
//! Partitions that fit are worked on as ever, as many together as there is room for. One that does not is worked on in pieces: of each
//! the values come out that no later row can change, and those rows stay that later values look back at.
//!
//! ```text
//! lag(x, 2)   avg(x) OVER (… ROWS 100 PRECEDING)   sum(x) OVER (ORDER BY t)
//!
//!   rows of the partition   ├───gone───┼───held, done───┼───held, ready───┼───held, not ready───┼───to come───┤
//!                                      │ looked back at                   │ their frames end farther on
//!   what is gone is known by numbers (row_number, rank), by its first row (first_value), or as the state of an aggregate (sum)
//! ```
//!
//! | a call | takes |
//! |---|---|
//! | `row_number`, `rank`, `dense_rank` | how many rows came before |
//! | `lag`, `lead` by a constant | so many rows |
//! | frames with both ends near the row | the rows from one end to the other |
//! | aggregates, `first_value`, `last_value` of frames from the first row to near the row | the state, and the row's peers |
//! | of whole partitions; `ntile`, `percent_rank`, `cume_dist` | the rows are laid down once more, counted first |
//! | all else | the whole partition in memory, and 53200 where it does not fit |
//!
//! Limits: what is looked back at, the peers of a row where the frame ends with them, and three times as much must fit in memory.

use super::aggregate::{fed, go_on};
use super::frame::Frames;
use super::{Before, Over, Sorted, integer};
use crate::sql::execute::laid::Laid;
use crate::sql::execute::project::evaluate;
use crate::sql::execute::rowkey::RowKeys;
use crate::sql::execute::{Input, Reservation, Rows, Run, pull};
use crate::sql::functions::aggregate::Accumulator;
use crate::sql::plan::{Bound, FrameExclude, FrameUnit, WindowCall, WindowFunction};
use remanent_storage::error::{Error, Result};
use remanent_storage::value::column::BATCH_ROWS;
use remanent_storage::value::{Batch, Column};

/// What rows at hand may take at first, where there is memory for that: a share of what operators may hold.
const SHARE: usize = 64;
const ROOM_MIN: usize = 16 << 10;
const ROOM_MAX: usize = 4 << 20;
/// Rows that are taken at hand together.
const TOGETHER: usize = 256;
/// Rows in order with the values of calls over them.
pub struct Stream {
    /// The rows in order.
    input: Input,
    /// It has no more.
    ended: bool,
    /// Of what it gave, the rows that are not at hand yet.
    next: Batch,
    /// The rows at hand; the first of them have come out already.
    held: Batch,
    done: usize,
    /// What came before them of the partition they begin with.
    before: Before,
    /// By call, what is known of that partition; None: it has just begun.
    known: Option<Vec<Known>>,
    /// Bytes that rows at hand may have.
    room: usize,
    /// A partition that was counted: its rows, how many they are, and those behind them, at hand and not.
    counted: Option<(Laid, usize, [Batch; 2])>,
    laid: u64,
}

/// What a call has to know of the rows of a partition that are gone.
#[derive(Default)]
struct Known {
    /// Its arguments for the first row.
    first: Vec<Column>,
    /// The state of an aggregate of the rows before this one of those at hand.
    state: Option<Box<dyn Accumulator>>,
    passed: usize,
    /// The value that all rows have.
    whole: Option<Column>,
}

/// What a call takes of a partition that does not fit in memory.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    /// Numbers only.
    Nothing,
    /// The row so far behind it, or before.
    Beside(i64),
    /// The rows of its frame.
    Frame,
    /// What the rows from the first one on came to.
    State,
    /// What all rows come to.
    Total,
    /// All rows at once.
    All,
}

impl Stream {
    /// Over rows in order.
    pub fn new(input: Input, over: &Over, env: &Run<'_>) -> Self {
        Stream {
            input,
            ended: false,
            next: nothing(over),
            held: nothing(over),
            done: 0,
            before: Before::default(),
            known: None,
            room: room(env),
            counted: None,
            laid: 0,
        }
    }

    /// Bytes that were laid down, here and by the sort, if there is one.
    pub fn spilled(&self, sorts: bool) -> u64 {
        self.laid + if sorts { self.input.report().spilled } else { 0 }
    }

    /// The next rows, with one more column a call.
    pub fn next(&mut self, over: &Over, memory: &mut Reservation, env: &Run<'_>) -> Result<Option<Batch>> {
        loop {
            self.fill(over, memory, env)?;
            if self.held.rows == 0 {
                return Ok(None);
            }
            let mut sorted = sorted(over, self.held.clone(), env)?;
            let (first, last) = (sorted.partitions.get(1), sorted.partitions.iter().nth_back(1));
            let (first, last) = (first.copied().unwrap_or(0), last.copied().unwrap_or(0));
            let (several, ended) = (last > 0, self.ended());
            if self.known.is_none() && (several || ended) && self.counted.is_none() {
                // Whole partitions.
                let end = if ended { self.held.rows } else { last };
                if end < self.held.rows {
                    sorted = self::sorted(over, self.held.slice(0, end), env)?;
                }
                self.held = self.from(end);
                return over.with_values(sorted, env).map(Some);
            }
            if several {
                sorted = self::sorted(over, self.held.slice(0, first), env)?;
            }
            if self.known.is_none() {
                self.known = Some(over.calls.iter().map(|_| Known::default()).collect());
                let takes = takes(over, env)?;
                if takes.contains(&Takes::Total) && !takes.contains(&Takes::All) && self.counted.is_none() {
                    self.count(over, &takes, memory, env)?;
                    continue;
                }
            }
            let complete = several || ended;
            let rows = self.piece(over, sorted, complete, env)?;
            if complete {
                match self.counted.take() {
                    Some((_, _, rest)) => [self.held, self.next] = rest,
                    None => self.held = self.from(first),
                }
                (self.known, self.done, self.before) = (None, 0, Before::default());
                self.room = room(env);
            }
            if let Some(rows) = rows {
                return Ok(Some(rows));
            }
        }
    }

    /// No row comes after those at hand, of the partition that was counted, or at all.
    fn ended(&self) -> bool {
        self.next.rows == 0 && self.counted.as_ref().map_or(self.ended, |(laid, ..)| laid.is_empty())
    }

    /// The rows at hand from one on, in buffers of their own.
    fn from(&self, start: usize) -> Batch {
        let rows = self.held.slice(start, self.held.rows - start);
        Batch::new(rows.columns.iter().map(|column| column.compact()).collect(), rows.rows)
    }

    /// Takes as many rows at hand as there is room for, some more at least.
    fn fill(&mut self, over: &Over, memory: &mut Reservation, env: &Run<'_>) -> Result<()> {
        let mut rows = Rows::new(over.types.iter().copied());
        rows.append(&self.held.columns, self.held.rows, None);
        self.held = nothing(over);
        while rows.len <= self.done || rows.memory() + rows.len < self.room {
            if self.next.rows == 0 {
                let next = match &mut self.counted {
                    Some((laid, ..)) => laid.take()?,
                    None if self.ended => None,
                    None => pull(&mut self.input, env)?,
                };
                let Some(next) = next else {
                    self.ended |= self.counted.is_none();
                    break;
                };
                self.next = next.compact();
            }
            let taken = self.next.rows.min(TOGETHER);
            rows.append(&self.next.slice(0, taken).columns, taken, None);
            self.next = self.next.slice(taken, self.next.rows - taken);
            let bytes = 2 * rows.memory() + (16 + over.beside) * rows.len;
            match self.room == room(env) {
                true => memory.exceed(bytes),
                false => memory.hold(bytes)?,
            }
        }
        let len = rows.len;
        self.held = Batch::new(rows.finish(), len);
        Ok(())
    }

    /// Reads a partition to its end, for what has to be known of all of it before the first value; its rows are to be read again.
    fn count(&mut self, over: &Over, takes: &[Takes], memory: &mut Reservation, env: &Run<'_>) -> Result<()> {
        let mut laid = Laid::default();
        let mut total = 0;
        loop {
            let sorted = sorted(over, self.held.clone(), env)?;
            let end = sorted.partitions.get(1).copied().unwrap_or(0);
            let rows = self.held.slice(self.done, end - self.done);
            for ((call, known), _) in over
                .calls
                .iter()
                .zip(self.known.iter_mut().flatten())
                .zip(takes)
                .filter(|(_, takes)| **takes == Takes::Total)
            {
                let args = evaluate(&call.args, &rows, env)?;
                known.count(call, &rows, &args, env)?;
            }
            for at in (0..rows.rows).step_by(BATCH_ROWS) {
                laid.push(rows.slice(at, BATCH_ROWS.min(rows.rows - at)), env)?;
            }
            total += rows.rows;
            if end < self.held.rows || self.ended() {
                for known in self.known.iter_mut().flatten() {
                    if let Some(state) = &mut known.state.take() {
                        known.whole = Some(state.finish()?);
                    }
                }
                self.laid += laid.bytes();
                let next = std::mem::replace(&mut self.next, nothing(over));
                self.counted = Some((laid, total, [self.from(end), next]));
                (self.held, self.done) = (nothing(over), 0);
                return Ok(());
            }
            // Where the next partition begins is seen beside a row of this one.
            (self.held, self.done) = (self.from(end - 1), 1);
            self.fill(over, memory, env)?;
        }
    }

    /// The values that no later row can change, of rows of one partition; None: there is none yet, and room for more rows is made.
    fn piece(
        &mut self,
        over: &Over,
        mut sorted: Sorted,
        complete: bool,
        env: &Run<'_>,
    ) -> Result<Option<Batch>> {
        let (len, done) = (sorted.rows.rows, self.done);
        (sorted.before, sorted.total) = (self.before, self.counted.as_ref().map(|(_, total, _)| *total));
        let takes = takes(over, env)?;
        let mut ready = len;
        let mut looked = Vec::new();
        for (call, &takes) in over.calls.iter().zip(&takes) {
            let args = evaluate(&call.args, &sorted.rows, env)?;
            let frames = match takes {
                Takes::Frame | Takes::State => Some(Frames::new(call, &over.order, &sorted, env)?),
                _ => None,
            };
            if !complete {
                ready = ready.min(takes.ready(call, &sorted, frames.as_ref()));
            }
            looked.push((args, frames));
        }
        if ready <= done {
            if !complete {
                self.room = self.room.saturating_mul(2);
            }
            return Ok(None);
        }
        let mut needed = ready;
        let mut values = Vec::new();
        let calls = over.calls.iter().zip(self.known.iter_mut().flatten()).zip(&takes);
        for (((call, known), takes), (args, frames)) in calls.zip(looked) {
            if self.before.rows == 0 && done == 0 {
                known.first = args.iter().map(|arg| arg.slice(0, 1).compact()).collect();
            }
            needed = needed.min(takes.needed(frames.as_ref(), ready));
            let value = match (&known.whole, takes) {
                (Some(whole), _) => whole.gather(&vec![0; len]),
                (None, Takes::State) => known.go_on(call, &sorted, &args, frames, ready - 1, env)?,
                (None, Takes::Total) if sorted.total.is_some() => {
                    over.call(call, &sorted, &known.first, None, env)?
                }
                _ => over.call(call, &sorted, &args, frames, env)?,
            };
            values.push(value.slice(done, ready - done));
        }
        let mut out = sorted.rows.slice(done, ready - done);
        out.columns.extend(values);
        if !complete {
            // Where the partition ends is seen beside one of its rows.
            let kept = needed.min(len - 1);
            self.before = sorted.behind(kept);
            self.held = self.from(kept);
            self.done = ready - kept;
            self.known
                .iter_mut()
                .flatten()
                .for_each(|known| known.passed = known.passed.saturating_sub(kept));
            let weight = self.held.columns.iter().map(Column::weight).sum::<usize>();
            self.room = self.room.max(3 * weight);
        }
        Ok(Some(out))
    }
}

impl Known {
    /// Adds rows to what is known of all of them.
    fn count(&mut self, call: &WindowCall, rows: &Batch, args: &[Column], env: &Run<'_>) -> Result<()> {
        if rows.rows == 0 {
            return Ok(());
        }
        let one = |at: usize| args.first().map(|arg| arg.slice(at, 1).compact());
        match &call.function {
            WindowFunction::Aggregate(aggregate) => {
                let state = self.state.take().unwrap_or_else(|| aggregate.accumulator());
                self.state = Some(fed(state, call, rows, args, env)?);
            }
            WindowFunction::FirstValue if self.whole.is_none() => self.whole = one(0),
            WindowFunction::LastValue => self.whole = one(rows.rows - 1),
            _ => {}
        }
        Ok(())
    }

    /// The values of frames that begin with the partition.
    fn go_on(
        &mut self,
        call: &WindowCall,
        sorted: &Sorted,
        args: &[Column],
        frames: Option<Frames>,
        last: usize,
        env: &Run<'_>,
    ) -> Result<Column> {
        let frames = frames.ok_or_else(|| Error::internal("a frame that was not looked at"))?;
        match &call.function {
            WindowFunction::Aggregate(aggregate) => {
                let state = self.state.take().unwrap_or_else(|| aggregate.accumulator());
                let (values, state) = go_on(state, call, sorted, args, &frames, (self.passed, last), env)?;
                self.state = state;
                self.passed = self.passed.max(frames.ends[last]);
                Ok(values)
            }
            WindowFunction::FirstValue => {
                let value = self.first.first().ok_or_else(|| Error::internal("no argument"))?;
                let both = Column::concat(call.ty, &[value.clone(), Column::null(call.ty, 1)]);
                let empty = |end: &usize| u32::from(end + sorted.before.rows == 0);
                Ok(both.gather(&frames.ends.iter().map(empty).collect::<Vec<_>>()))
            }
            _ => super::in_frame(sorted, call, args, &frames),
        }
    }
}

impl Takes {
    /// How many of some rows of a partition have values that later rows cannot change.
    fn ready(self, call: &WindowCall, sorted: &Sorted, frames: Option<&Frames>) -> usize {
        let len = sorted.rows.rows;
        match self {
            Takes::Nothing => len,
            Takes::Beside(offset) => len.saturating_sub(offset.clamp(0, i64::MAX) as usize),
            Takes::Frame | Takes::State => {
                frames.and_then(|frames| frames.ends.iter().position(|&end| end >= len)).unwrap_or(len)
            }
            Takes::Total if matches!(call.function, WindowFunction::CumeDist) => {
                sorted.peers.iter().nth_back(1).copied().unwrap_or(0)
            }
            Takes::Total => len,
            Takes::All => 0,
        }
    }

    /// The first row that is needed for the values of those from `ready` on.
    fn needed(self, frames: Option<&Frames>, ready: usize) -> usize {
        match (self, frames) {
            (Takes::Beside(offset), _) => ready.saturating_sub(offset.min(0).unsigned_abs() as usize),
            // Ends of frames only move forward.
            (Takes::Frame, Some(frames)) => {
                frames.starts.get(ready).or(frames.starts.last()).copied().unwrap_or(0)
            }
            (Takes::State, Some(frames)) => frames.ends.get(ready - 1).map_or(0, |end| end.saturating_sub(1)),
            _ => ready,
        }
    }
}

impl Sorted {
    /// What came before one of these rows, which are of one partition.
    fn behind(&self, row: usize) -> Before {
        let group = self.peers_of.get(row).map_or(0, |&group| group as usize);
        let first = self.peers.get(group).copied().unwrap_or(0);
        let peers = row - first + if group == 0 { self.before.peers } else { 0 };
        Before { rows: self.before.rows + row, groups: self.before.groups + group, peers }
    }
}

/// Bytes of rows at hand where no more are needed.
fn room(env: &Run<'_>) -> usize {
    (env.context.memory.limit() / SHARE).clamp(ROOM_MIN, ROOM_MAX)
}

fn nothing(over: &Over) -> Batch {
    Batch::new(over.types.iter().map(|&ty| Column::null(ty, 0)).collect(), 0)
}

/// Rows in order, with where partitions and peers begin.
fn sorted(over: &Over, rows: Batch, env: &Run<'_>) -> Result<Sorted> {
    let keys = over.layout.encode(&evaluate(&over.exprs, &rows, env)?, rows.rows)?;
    let change = |row: usize| match (&keys, row.checked_sub(1)) {
        (_, None) => u128::BITS as u8,
        (RowKeys::Words(keys), Some(before)) => {
            (u128::BITS - (keys[before] ^ keys[row]).leading_zeros()) as u8
        }
        (_, Some(before)) => u8::from(keys.bytes(before) != keys.bytes(row)),
    };
    let changes: Vec<u8> = (0..rows.rows).map(change).collect();
    over.sorted(rows, &changes, env)
}

/// What each call takes.
fn takes(over: &Over, env: &Run<'_>) -> Result<Vec<Takes>> {
    over.calls.iter().map(|call| takes_of(over, call, env)).collect()
}

fn takes_of(over: &Over, call: &WindowCall, env: &Run<'_>) -> Result<Takes> {
    use WindowFunction::{
        Aggregate, CumeDist, DenseRank, FirstValue, Lag, LastValue, Lead, Ntile, PercentRank, Rank, RowNumber,
    };
    let sign = match &call.function {
        RowNumber | Rank | DenseRank => return Ok(Takes::Nothing),
        PercentRank | CumeDist | Ntile => return Ok(Takes::Total),
        Lag => -1,
        Lead => 1,
        _ => 0,
    };
    if sign != 0 {
        let offset = match call.args.get(1) {
            None => Some(1),
            Some(offset) if !offset.columns_used().is_empty() || !offset.is_constant() => {
                return Ok(Takes::All);
            }
            Some(offset) => integer(&Column::constant(offset.ty(), &offset.value(&env.eval())?, 1)?, 0),
        };
        return Ok(Takes::Beside(sign * offset.unwrap_or(0).max(-i64::MAX)));
    }
    let frame = &call.frame;
    // Without ORDER BY all rows are peers.
    let alike = over.order.is_empty() && frame.unit != FrameUnit::Rows;
    let unbounded = |bound: &Bound, which: fn(&Bound) -> bool| {
        which(bound) || alike && matches!(bound, Bound::CurrentRow)
    };
    let from_start = unbounded(&frame.start, |bound| matches!(bound, Bound::UnboundedPreceding));
    let to_end = unbounded(&frame.end, |bound| matches!(bound, Bound::UnboundedFollowing));
    let goes_on = || match &call.function {
        Aggregate(aggregate) => {
            let mut state = aggregate.accumulator();
            state.resize(1);
            Ok(state.of_group(0)?.is_some())
        }
        FirstValue | LastValue => Ok(true),
        _ => Ok::<_, Error>(false),
    };
    Ok(match (from_start, to_end) {
        (true, true) if frame.exclude == FrameExclude::NoOthers => match &call.function {
            Aggregate(_) | FirstValue | LastValue => Takes::Total,
            _ => Takes::All,
        },
        (true, false) if frame.exclude == FrameExclude::NoOthers && goes_on()? => Takes::State,
        (false, false) => Takes::Frame,
        _ => Takes::All,
    })
}
