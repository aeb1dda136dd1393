//! A join whose held side does not fit in memory: both sides are parted by their keys, and each pair of parts is a join of its
//! own.
//!
//! Rows that cannot be parted, or no further, since they have no key or all the same one, are held in pieces (block nested loops):
//!
//! ```text
//!   held:  a b c d e      streaming: 1 2 3      a b: 1 2 3 pass      c d: 1 2 3 pass      e: 1 2 3 pass
//! ```
//!
//! Whether a held row has a match is known when all streaming rows have passed its piece; whether a streaming row has one is not known
//! before the last. So where that is asked of the streaming side, the sides change places first.
//!
//! Limits: where it is asked of both sides (FULL), and for NOT IN and scalar subqueries, rows of one key must fit in memory.

use super::{HashJoin, Last, PairColumn};
use crate::sql::execute::laid::Laid;
use crate::sql::execute::partition::{LEVELS, Nothing, Partitions};
use crate::sql::execute::{Input, Operator, Run, pull};
use crate::sql::plan::JoinKind;
use remanent_storage::error::{Error, Result};
use remanent_storage::value::Batch;
use remanent_storage::value::column::BATCH_ROWS;
use std::sync::Arc;

impl HashJoin {
    /// Drains both sides to disk: the rows that were held so far and do not fit, and those to come.
    pub(super) fn hold_on_disk(
        &mut self,
        (first, mut input): (Batch, Input),
        one_key: bool,
        mut has_null: bool,
        full: Error,
        env: &Run<'_>,
    ) -> Result<()> {
        // What was parted before and has one key all the same will not come apart.
        let level = if one_key && self.level >= 2 && self.may_hold_pieces(env) { LEVELS } else { self.level };
        let (keys, types) = (self.kept_keys.clone(), self.held_types.clone());
        let Ok(mut held) = Partitions::new(keys, types, level, full.clone(), env) else {
            return self.hold_in_pieces((first, input), full, env);
        };
        held.add(&first, env)?;
        drop(first);
        self.memory.hold(0)?;
        self.filters.clear();
        while let Some(batch) = pull(&mut input, env)? {
            let (batch, _) = self.keyed(batch, &mut has_null, env)?;
            held.add(&Batch::new(self.kept(&batch), batch.rows), env)?;
        }
        drop(input);
        self.not_empty = true;
        self.spilled += held.bytes;
        let held = held.finish(env)?;
        if self.kind == JoinKind::NotIn && has_null {
            return Ok(());
        }
        let (keys, types) = (self.probe_keys.clone(), self.probe_types.clone());
        let mut probe = Partitions::new(keys, types, self.level, full, env)?;
        while let Some(batch) = pull(&mut self.probe, env)? {
            probe.add(&batch, env)?;
        }
        self.spilled += probe.bytes;
        let nothing = |part: Option<Input>| part.unwrap_or_else(|| Box::new(Nothing));
        for (held, probe) in held.into_iter().zip(probe.finish(env)?) {
            if held.is_some() || probe.is_some() {
                self.parts.push((nothing(held), nothing(probe)));
            }
        }
        Ok(())
    }

    /// The join of a pair of parts.
    pub(super) fn of_part(&self, held: Input, probe: Input, env: &Run<'_>) -> Box<HashJoin> {
        Box::new(HashJoin {
            held_input: Some(held),
            held_columns: (0..self.held_types.len()).collect(),
            held_keys: self.kept_keys.clone(),
            level: self.level + 1,
            ..self.like(probe, env)
        })
    }

    fn may_hold_pieces(&self, env: &Run<'_>) -> bool {
        env.context.spill.is_some()
            && (self.streaming_last == Last::None || self.held_last == Last::None)
            && !matches!(self.kind, JoinKind::NotIn | JoinKind::Single)
    }

    /// Lays down both sides, and holds the first piece.
    fn hold_in_pieces(
        &mut self,
        (first, mut input): (Batch, Input),
        full: Error,
        env: &Run<'_>,
    ) -> Result<()> {
        if !self.may_hold_pieces(env) {
            return Err(full);
        }
        let (mut held, mut probe) = (Laid::default(), Laid::default());
        for at in (0..first.rows).step_by(BATCH_ROWS) {
            held.push(first.slice(at, BATCH_ROWS.min(first.rows - at)), env)?;
        }
        drop(first);
        self.memory.hold(0)?;
        self.filters.clear();
        while let Some(batch) = pull(&mut input, env)? {
            let (batch, _) = self.keyed(batch, &mut false, env)?;
            held.push(Batch::new(self.kept(&batch), batch.rows), env)?;
        }
        while let Some(batch) = pull(&mut self.probe, env)? {
            probe.push(batch, env)?;
        }
        self.spilled += (held.bytes() + probe.bytes()).max(1);
        self.held_keys = self.kept_keys.clone();
        if self.streaming_last != Last::None {
            std::mem::swap(&mut held, &mut probe);
            std::mem::swap(&mut self.held_types, &mut self.probe_types);
            std::mem::swap(&mut self.held_keys, &mut self.probe_keys);
            std::mem::swap(&mut self.held_last, &mut self.streaming_last);
            self.kept_keys = self.held_keys.clone();
            for column in &mut self.pair {
                *column = match *column {
                    PairColumn::Streaming(i) => PairColumn::Held(i),
                    PairColumn::Held(i) => PairColumn::Streaming(i),
                };
            }
        }
        self.held_columns = (0..self.held_types.len()).collect();
        self.again = Some(Arc::new(probe));
        self.held_rest = Some(held.into_input());
        self.next_piece(env).map(drop)
    }

    /// Holds the next piece, and lets the streaming rows pass anew; false: there is none.
    pub(super) fn next_piece(&mut self, env: &Run<'_>) -> Result<bool> {
        let (Some(held), Some(probe)) = (self.held_rest.take(), &self.again) else { return Ok(false) };
        self.probe = Box::new(Again { rows: Arc::clone(probe), at: 0 });
        (self.held, self.at_end) = (Arc::default(), None);
        self.memory.hold(0)?;
        self.hold(held, env)?;
        Ok(true)
    }
}

/// Rows that are read several times.
struct Again {
    rows: Arc<Laid>,
    at: usize,
}

impl Operator for Again {
    fn next(&mut self, _: &Run<'_>) -> Result<Option<Batch>> {
        self.at += 1;
        self.rows.get(self.at - 1)
    }
}
