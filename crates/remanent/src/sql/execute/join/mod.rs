//! Joins: one input is held in memory behind a hash table, the other streams past it.
//!
//! The held side's rows are numbered by their key ([`Grouping`]) and listed by number, in order of arrival. Each row
//! of the streaming side looks its key up and pairs with the rows listed there. Without keys every row has the same
//! (empty) key, and the join is the product of its inputs. What else must hold is checked on the pairs. Semi and anti
//! joins make no pairs where the key alone decides. Where unmatched rows of the held side come out too (or, in a semi
//! join that holds its left side, matched ones), they are marked as pairs are found and come out last.
//!
//! A held side that does not fit in memory is parted by its keys and laid down ([`super::partition`]), then the streaming
//! side likewise, and each pair of parts is a join of its own.
//!
//! Invariants: a NULL in a key matches nothing; columns come out in the plan's order whichever side is held; what neither
//! comes out nor is read by the filter is neither kept nor copied; `NotIn` and `Single` hold their right side.

mod disk;
mod sides;

use super::gather::{self, Feed};
use super::grouping::{Grouping, Looked};
use super::laid::Laid;
use super::project::evaluate;
use super::sieve::{self, KeyFilter, Pushed};
use super::subquery::too_many_rows;
use super::{Input, Operator, Report, Reservation, Rows, Run, open_sieved, pull, types};
use crate::sql::expr::Expr;
use crate::sql::plan::{JoinKind, Plan, Side};
use remanent_kernels::table::MISSING;
use remanent_storage::error::{Error, Result};
use remanent_storage::value::column::BATCH_ROWS;
use remanent_storage::value::{Batch, Buffer, Column, Type};
use remanent_storage::world::mutation;
use sides::{Held, Streaming, rows_without_null};
use std::sync::Arc;

/// True if a join hands on what it makes of each streaming row, and nothing after the last: whoever reads that side in parts may
/// do so beside others, and the streaming side; None: something else comes out at the end.
pub fn streams(plan: &Plan) -> Option<&Plan> {
    let Plan::Join { left, right, kind, build, .. } = plan else { return None };
    let (_, held_last) = last(*kind, *build == Side::Left);
    let probe: &Plan = if *build == Side::Left { right } else { left };
    (held_last == Last::None).then_some(probe)
}

/// Builds the operators of a join, given what others know of the rows that they want. With a feed, those of the streaming side read
/// what it brings.
pub fn open(plan: &Plan, pushed: Pushed, feed: Option<&Feed>, env: &Run<'_>) -> Result<Input> {
    let Plan::Join { left, right, kind, keys, filter, build, output } = plan else {
        return Err(Error::internal("not a join"));
    };
    if *kind == JoinKind::NotIn && filter.is_some() {
        return Err(Error::internal("NOT IN on more than equality"));
    }
    let (left_keys, right_keys): (Vec<Expr>, Vec<Expr>) = keys.iter().cloned().unzip();
    let held_is_left = *build == Side::Left;
    let (probe, held, probe_keys, held_keys) = match build {
        Side::Left => (right, left, right_keys, left_keys),
        Side::Right => (left, right, left_keys, right_keys),
    };
    let width = left.width();
    let both = width + right.width();
    let delivered = if kind.delivers_right() { both } else { width };
    let output = output.clone().unwrap_or_else(|| (0..delivered).collect());
    // A pair has the columns that come out, then those that only the filter reads.
    let mut pair = output.clone();
    for column in filter.iter().flat_map(Expr::columns_used) {
        if !pair.contains(&column) {
            pair.push(column);
        }
    }
    let place = |column: usize| pair.iter().position(|&held| held == column).unwrap_or(column);
    let filter = filter.clone().map(|filter| filter.remap_columns(&place));
    let mut held_columns = Vec::new();
    let pair = pair.iter().map(|&column| match ((column < width) == held_is_left, column < width) {
        (false, true) => PairColumn::Streaming(column),
        (false, false) => PairColumn::Streaming(column - width),
        (true, is_left) => {
            held_columns.push(if is_left { column } else { column - width });
            PairColumn::Held(held_columns.len() - 1)
        }
    });
    let pair: Vec<PairColumn> = pair.collect();
    // To be parted, rows must have their keys with them.
    if env.context.spill.is_some() {
        for column in held_keys.iter().flat_map(Expr::columns_used) {
            if !held_columns.contains(&column) {
                held_columns.push(column);
            }
        }
    }
    let kept = |column: usize| held_columns.iter().position(|&at| at == column).unwrap_or(column);
    let kept_keys: Vec<Expr> = held_keys.iter().map(|key| key.clone().remap_columns(&kept)).collect();
    let (held_types, probe_types) = (types(held), types(probe));
    let (streaming_last, held_last) = last(*kind, held_is_left);
    let mut below = sieve::below(plan, &pushed);
    let (mut to_right, mut to_left) = (below.pop().unwrap_or_default(), below.pop().unwrap_or_default());
    let (to_probe, to_held) = match build {
        Side::Left => (&mut to_right, to_left),
        Side::Right => (&mut to_left, to_right),
    };
    let mut filters = Vec::new();
    if streaming_last != Last::Unmatched && *kind != JoinKind::NotIn {
        for (place, key) in probe_keys.iter().enumerate() {
            if let (Expr::Column { index, ty }, Some(filter)) = (key, KeyFilter::of(key.ty())) {
                debug_assert_eq!(*ty, held_keys[place].ty());
                to_probe.push((*index, Arc::clone(&filter)));
                filters.push((place, filter, Vec::new()));
            }
        }
    }
    let to_probe = std::mem::take(to_probe);
    let probe_rows = match feed {
        Some(feed) => gather::below(probe, to_probe, feed, env)?,
        None => open_sieved(probe, to_probe, env)?,
    };
    Ok(Box::new(HashJoin {
        probe: probe_rows,
        held_input: Some(open_sieved(held, to_held, env)?),
        filters,
        kept_keys,
        level: 0,
        parts: Vec::new(),
        part: None,
        again: None,
        held_rest: None,
        not_empty: false,
        spilled: 0,
        held_types: held_columns.iter().filter_map(|&column| held_types.get(column).copied()).collect(),
        probe_types,
        held_columns,
        probe_keys,
        held_keys,
        filter,
        kind: *kind,
        streaming_last,
        held_last,
        at_end: None,
        pair,
        output: output.len(),
        held: Arc::default(),
        matched: Vec::new(),
        looked: Looked::new(),
        streaming: None,
        memory: env.context.memory.reserve(),
    }))
}

/// Which rows of a side come out apart from pairs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    None,
    /// Those without a match.
    Unmatched,
    /// Those with one.
    Matched,
}

/// What comes out of the streaming and of the held side.
fn last(kind: JoinKind, held_is_left: bool) -> (Last, Last) {
    let (left, right) = match kind {
        JoinKind::Inner => (Last::None, Last::None),
        JoinKind::Left | JoinKind::Single => (Last::Unmatched, Last::None),
        JoinKind::Right => (Last::None, Last::Unmatched),
        JoinKind::Full => (Last::Unmatched, Last::Unmatched),
        JoinKind::Semi => (Last::Matched, Last::None),
        JoinKind::Anti | JoinKind::NotIn => (Last::Unmatched, Last::None),
    };
    if held_is_left { (right, left) } else { (left, right) }
}

struct HashJoin {
    probe: Input,
    probe_types: Vec<Type>,
    /// None once it is drained into `held`.
    held_input: Option<Input>,
    /// The columns of that input that are kept.
    held_columns: Vec<usize>,
    held_types: Vec<Type>,
    probe_keys: Vec<Expr>,
    held_keys: Vec<Expr>,
    /// The held keys over the kept columns.
    kept_keys: Vec<Expr>,
    /// How often the rows at hand were parted.
    level: u32,
    /// Pairs of parts to be joined, and the one at hand.
    parts: Vec<(Input, Input)>,
    part: Option<Box<HashJoin>>,
    /// Held piece by piece: the streaming rows, which pass each of them, and the held rows after the piece at hand.
    again: Option<Arc<Laid>>,
    held_rest: Option<Input>,
    /// Some part of the held side has rows.
    not_empty: bool,
    spilled: u64,
    /// By the place of their key: what the scans of the streaming side wait for, and the keys so far.
    filters: Vec<(usize, Arc<KeyFilter>, Vec<i64>)>,
    /// Over the columns of a pair.
    filter: Option<Expr>,
    kind: JoinKind,
    streaming_last: Last,
    held_last: Last,
    /// Once the streaming side is at its end: the held rows that come out last, and how many did.
    at_end: Option<(Vec<u32>, usize)>,
    /// The columns of a pair.
    pair: Vec<PairColumn>,
    /// How many of them come out, the first ones.
    output: usize,
    /// Shared with those who stream past it in other threads.
    held: Arc<Held>,
    /// Which held rows have a match; where the key alone decides, which keys. Empty where nobody asks.
    matched: Vec<bool>,
    looked: Looked,
    streaming: Option<Streaming>,
    memory: Reservation,
}

/// Where a column of a pair comes from.
#[derive(Clone, Copy)]
enum PairColumn {
    /// That column of the streaming batch.
    Streaming(usize),
    /// That one of the kept columns.
    Held(usize),
}

impl Operator for HashJoin {
    fn next(&mut self, env: &Run<'_>) -> Result<Option<Batch>> {
        self.hold_all(env)?;
        while self.part.is_some() || !self.parts.is_empty() {
            if let Some(part) = &mut self.part
                && let Some(batch) = part.next(env)?
            {
                return Ok(Some(batch));
            }
            self.part = self.parts.pop().map(|(held, probe)| self.of_part(held, probe, env));
            if self.part.is_none() {
                return Ok(None);
            }
        }
        if self.spilled > 0 && self.again.is_none() || self.is_hopeless() {
            return Ok(None);
        }
        loop {
            env.context.interrupt.check()?;
            if self.at_end.is_some() {
                let rows = self.held_rows();
                if rows.is_none() && self.next_piece(env)? {
                    continue;
                }
                if rows.is_none() && self.held_last == Last::None {
                    // There may be more to stream past: who has nothing to add is fed in parts.
                    self.at_end = None;
                }
                return Ok(rows);
            }
            let by_key_alone = self.by_key_alone();
            let Some(streaming) = &mut self.streaming else {
                match pull(&mut self.probe, env)? {
                    Some(batch) => self.streaming = Some(self.look_up(batch, env)?),
                    None => self.at_end = Some((self.held_at_end(), 0)),
                }
                continue;
            };
            let (left, right) = match by_key_alone {
                false => streaming.pairs(&self.held),
                true => Default::default(),
            };
            let output = match left.is_empty() {
                false => self.output(&left, right, env)?,
                true => self.last_rows()?,
            };
            if left.is_empty() {
                self.streaming = None;
            }
            if let Some(batch) = output {
                return Ok(Some(batch));
            }
        }
    }

    fn prepare(&mut self, env: &Run<'_>) -> Result<bool> {
        self.hold_all(env)?;
        match self.spilled {
            _ if self.is_hopeless() => Ok(true),
            0 => self.probe.prepare(env),
            _ => Ok(false),
        }
    }

    fn again(&self, feed: &Feed, env: &Run<'_>) -> Option<Input> {
        if self.held_input.is_some() || self.spilled > 0 {
            return None;
        }
        let probe = self.probe.again(feed, env)?;
        Some(Box::new(HashJoin { held: Arc::clone(&self.held), ..self.like(probe, env) }))
    }

    fn report(&self) -> Report {
        Report { memory: self.memory.peak(), spilled: self.spilled, ..Report::default() }
    }
}

impl HashJoin {
    /// Drains the held side, if that is not done.
    fn hold_all(&mut self, env: &Run<'_>) -> Result<()> {
        match self.held_input.take() {
            Some(input) => self.hold(input, env),
            None => Ok(()),
        }
    }

    /// True if what is held leaves no row to come.
    fn is_hopeless(&self) -> bool {
        match self.kind {
            _ if self.spilled > 0 => false,
            JoinKind::NotIn => self.held.has_null && !mutation("not_in_without_null"),
            // Nothing is held: only what needs no match can come out.
            _ => self.held.grouping.is_none() && self.streaming_last != Last::Unmatched,
        }
    }

    /// A join like this of other rows, of which none is held.
    fn like(&self, probe: Input, env: &Run<'_>) -> HashJoin {
        HashJoin {
            probe,
            probe_types: self.probe_types.clone(),
            held_input: None,
            held_columns: self.held_columns.clone(),
            held_types: self.held_types.clone(),
            probe_keys: self.probe_keys.clone(),
            held_keys: self.held_keys.clone(),
            kept_keys: self.kept_keys.clone(),
            level: self.level,
            parts: Vec::new(),
            part: None,
            again: None,
            held_rest: None,
            not_empty: self.not_empty,
            spilled: 0,
            filters: Vec::new(),
            filter: self.filter.clone(),
            kind: self.kind,
            streaming_last: self.streaming_last,
            held_last: self.held_last,
            at_end: None,
            pair: self.pair.clone(),
            output: self.output,
            held: Arc::default(),
            matched: Vec::new(),
            looked: Looked::new(),
            streaming: None,
            memory: env.context.memory.reserve(),
        }
    }

    /// True if whether a row comes out depends on its key alone, and pairs need not be made.
    fn by_key_alone(&self) -> bool {
        !self.kind.delivers_right() && self.filter.is_none()
    }

    /// Drains the held side.
    fn hold(&mut self, mut input: Input, env: &Run<'_>) -> Result<()> {
        let mut rows = Rows::new(self.held_types.iter().copied());
        let mut grouping = Grouping::new(self.held_keys.iter().map(Expr::ty));
        let (mut keys, mut numbers, mut has_null) = (Vec::new(), Vec::new(), false);
        while let Some(batch) = pull(&mut input, env)? {
            let (batch, key_columns) = self.keyed(batch, &mut has_null, env)?;
            for (place, _, members) in &mut self.filters {
                let values = sieve::numbers(&key_columns[*place]);
                members.extend_from_slice(values.as_ref().map_or(&[], Buffer::as_slice));
            }
            grouping.insert(&key_columns, batch.rows, &mut numbers)?;
            keys.extend_from_slice(&numbers);
            rows.append(&self.kept(&batch), batch.rows, None);
            let of_filters =
                self.filters.iter().map(|(_, _, members)| members.capacity() * 16).sum::<usize>();
            let held = rows.memory() + grouping.memory() + keys.capacity() * 12 + of_filters;
            if let Err(full) = self.memory.hold(held) {
                self.memory.exceed(held);
                if self.again.is_some() {
                    self.held_rest = Some(input);
                    break;
                }
                let one_key = grouping.len() == 1;
                drop(grouping);
                let len = rows.len;
                let first = Batch::new(rows.finish(), len);
                return self.hold_on_disk((first, input), one_key, has_null, full, env);
            }
        }
        for (_, filter, members) in std::mem::take(&mut self.filters) {
            filter.fill(&members);
        }
        let flags = match (self.held_last, self.by_key_alone()) {
            (Last::None, _) => 0,
            (_, true) => grouping.len(),
            (_, false) => keys.len(),
        };
        self.matched = vec![false; flags];
        if grouping.len() == keys.len() {
            let grouping = (rows.len > 0).then_some(grouping);
            let columns = rows.finish().into_iter().map(Arc::new).collect();
            self.held = Arc::new(Held { columns, grouping, has_null, ..Held::default() });
            return Ok(());
        }
        let mut starts = vec![0u32; grouping.len() + 1];
        keys.iter().for_each(|&key| starts[key as usize + 1] += 1);
        for key in 0..grouping.len() {
            starts[key + 1] += starts[key];
        }
        let mut next = starts.clone();
        let mut listed = vec![0u32; keys.len()];
        for (row, &key) in keys.iter().enumerate() {
            listed[next[key as usize] as usize] = row as u32;
            next[key as usize] += 1;
        }
        let grouping = (rows.len > 0).then_some(grouping);
        let columns = rows.finish().into_iter().map(Arc::new).collect();
        self.held = Arc::new(Held { columns, grouping, has_null, starts, rows: listed });
        Ok(())
    }

    /// Rows of the held side and their keys, without those whose key is NULL where nobody asks for them.
    fn keyed(&self, batch: Batch, has_null: &mut bool, env: &Run<'_>) -> Result<(Batch, Vec<Column>)> {
        let mut batch = batch.compact();
        let mut keys = evaluate(&self.held_keys, &batch, env)?;
        // Rows that come out unmatched are kept; their keys are never looked up.
        if self.held_last != Last::Unmatched
            && let Some(valid) = rows_without_null(&keys, batch.rows)
        {
            *has_null = true;
            keys = keys.iter().map(|column| column.gather(&valid)).collect();
            batch.selection = Some(valid.into());
            batch = batch.compact();
        }
        Ok((batch, keys))
    }

    fn kept(&self, batch: &Batch) -> Vec<Column> {
        self.held_columns.iter().map(|&i| batch.columns[i].clone()).collect()
    }

    fn look_up(&mut self, batch: Batch, env: &Run<'_>) -> Result<Streaming> {
        let key_columns = evaluate(&self.probe_keys, &batch, env)?;
        let rows = batch.len();
        let mut keys = Vec::new();
        match &self.held.grouping {
            Some(grouping) => grouping.look_up(&key_columns, rows, &mut self.looked, &mut keys)?,
            None => keys.resize(rows, MISSING),
        }
        // The held side has no NULL key, but the table's encoding of NULL is a key like any other.
        if let Some(valid) = rows_without_null(&key_columns, rows) {
            let mut kept = vec![MISSING; rows];
            valid.iter().for_each(|&row| kept[row as usize] = keys[row as usize]);
            keys = kept;
        }
        if self.by_key_alone() && self.held_last != Last::None {
            for &key in keys.iter().filter(|key| **key != MISSING) {
                self.matched[key as usize] = true;
            }
        }
        let matched = match self.streaming_last {
            Last::None => Vec::new(),
            // NULL NOT IN (…) is not true, unless there is nothing in the list.
            _ if self.kind == JoinKind::NotIn && (self.not_empty || self.held.grouping.is_some()) => (0
                ..rows)
                .map(|row| keys[row] != MISSING || key_columns.iter().any(|column| !column.is_valid(row)))
                .collect(),
            _ if self.by_key_alone() => keys.iter().map(|&key| key != MISSING).collect(),
            _ => vec![false; rows],
        };
        Ok(Streaming { batch, keys, row: 0, paired: 0, matched })
    }

    /// The pairs as one batch, those that meet the filter selected.
    fn output(&mut self, probe_rows: &[u32], held_rows: Vec<u32>, env: &Run<'_>) -> Result<Option<Batch>> {
        let Some(streaming) = &mut self.streaming else { return Ok(None) };
        let in_batch = streaming.in_batch(probe_rows);
        let codes = Buffer::from(held_rows);
        let column = |column: &PairColumn| match *column {
            PairColumn::Streaming(i) => streaming.batch.columns[i].gather(&in_batch),
            PairColumn::Held(i) => self.held.pick(i, &codes),
        };
        let mut batch = Batch::new(self.pair.iter().map(column).collect(), probe_rows.len());
        if let Some(filter) = &self.filter {
            batch.selection = Some(filter.filter(&batch, &env.eval())?);
        }
        let held_matched = &mut self.matched;
        let (mark_streaming, mark_held, single) =
            (self.streaming_last != Last::None, self.held_last != Last::None, self.kind == JoinKind::Single);
        let mut mark = |i: usize| {
            if mark_held {
                held_matched[codes[i] as usize] = true;
            }
            if mark_streaming {
                let before = std::mem::replace(&mut streaming.matched[probe_rows[i] as usize], true);
                if before && single {
                    return Err(too_many_rows());
                }
            }
            Ok(())
        };
        match &batch.selection {
            _ if !mark_streaming && !mark_held => {}
            Some(chosen) => chosen.iter().try_for_each(|&i| mark(i as usize))?,
            None => (0..probe_rows.len()).try_for_each(mark)?,
        }
        batch.columns.truncate(self.output);
        Ok((self.kind.delivers_right() && !batch.is_empty()).then_some(batch))
    }

    /// What comes out of a batch after its pairs: its rows with, or without, a partner.
    fn last_rows(&mut self) -> Result<Option<Batch>> {
        let Some(streaming) = &mut self.streaming else { return Ok(None) };
        if self.streaming_last == Last::None {
            return Ok(None);
        }
        let wanted = self.streaming_last == Last::Matched;
        let chosen = streaming.matched.iter().enumerate().filter(|(_, matched)| **matched == wanted);
        let rows: Vec<u32> = chosen.map(|(row, _)| row as u32).collect();
        if rows.is_empty() {
            return Ok(None);
        }
        let in_batch = streaming.in_batch(&rows);
        let output = self.pair.iter().take(self.output);
        if self.kind.delivers_right() {
            let column = |column: &PairColumn| match *column {
                PairColumn::Streaming(i) => streaming.batch.columns[i].gather(&in_batch),
                PairColumn::Held(i) => Column::null(self.held_types[i], rows.len()),
            };
            return Ok(Some(Batch::new(output.map(column).collect(), rows.len())));
        }
        let column = |column: &PairColumn| match *column {
            PairColumn::Streaming(i) => Ok(streaming.batch.columns[i].clone()),
            PairColumn::Held(_) => Err(Error::internal("a held column comes out of a semi join")),
        };
        let columns = output.map(column).collect::<Result<_>>()?;
        Ok(Some(Batch { columns, rows: streaming.batch.rows, selection: Some(in_batch.into()) }))
    }

    /// The held rows that come out last, in order of arrival.
    fn held_at_end(&self) -> Vec<u32> {
        let (matched, Held { starts, rows, .. }) = (&self.matched, &*self.held);
        let wanted = self.held_last == Last::Matched;
        let flags = (0u32..).zip(matched).filter(|(_, matched)| **matched == wanted).map(|(i, _)| i);
        if !self.by_key_alone() || starts.is_empty() {
            return flags.collect();
        }
        let listed = |key: u32| &rows[starts[key as usize] as usize..starts[key as usize + 1] as usize];
        let mut all: Vec<u32> = flags.flat_map(|key| listed(key).iter().copied()).collect();
        all.sort_unstable();
        all
    }

    /// The next of the held rows that come out last.
    fn held_rows(&mut self) -> Option<Batch> {
        let (rows, at) = self.at_end.as_mut()?;
        let end = rows.len().min(*at + BATCH_ROWS);
        let chosen = Buffer::from(rows[*at..end].to_vec());
        *at = end;
        if chosen.is_empty() {
            return None;
        }
        let column = |column: &PairColumn| match *column {
            PairColumn::Streaming(i) => Column::null(self.probe_types[i], chosen.len()),
            PairColumn::Held(i) => self.held.pick(i, &chosen),
        };
        Some(Batch::new(self.pair.iter().take(self.output).map(column).collect(), chosen.len()))
    }
}
