//! A join whose held side does not fit in memory: both sides are parted by their keys, and each pair of parts is a join of its
//! own.

use super::HashJoin;
use crate::sql::execute::partition::{Nothing, Partitions};
use crate::sql::execute::{Input, Run, pull};
use crate::sql::plan::JoinKind;
use remanent_storage::error::{Error, Result};
use remanent_storage::value::Batch;

impl HashJoin {
    /// Drains both sides to disk.
    pub(super) fn hold_on_disk(
        &mut self,
        mut input: Input,
        mut held: Partitions,
        mut has_null: bool,
        env: &Run<'_>,
    ) -> Result<()> {
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
        let full = Error::internal("a join without a place on disk");
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
}
