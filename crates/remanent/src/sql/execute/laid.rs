//! Batches that wait to be read, in order of arrival: in memory, and on disk from where on memory is short.
//!
//! What RETURNING, the queries of WITH and statements that are run to their end hand on lies here, and the keys that foreign keys look for. At most half of what
//! operators may hold is taken for it, since those that sort and join do more with memory.
//!
//! ```text
//! let mut kept = Laid::new(env);
//! kept.push(batch, env)?;
//! kept.get(0)?;                  // the same batch, as often as somebody asks
//! let rows = kept.into_input();  // once, each forgotten as it is read
//! ```

use super::{Env, Input, Operator, Reservation, Run};
use remanent_storage::error::Result;
use remanent_storage::store::spill::{SpillFile, SpillPage};
use remanent_storage::value::{Batch, Column, Type};
use std::collections::VecDeque;

/// Batches in order.
#[derive(Default)]
pub struct Laid {
    /// None: nothing is on disk.
    file: Option<SpillFile>,
    /// The batches on disk, their types and how many rows they have; they come first.
    pages: VecDeque<(SpillPage, Vec<Type>, usize)>,
    /// Those in memory, and their bytes.
    batches: VecDeque<Batch>,
    held: usize,
    /// None: nothing came.
    memory: Option<Reservation>,
}

impl Laid {
    /// True if nothing is left.
    pub fn is_empty(&self) -> bool {
        self.pages.is_empty() && self.batches.is_empty()
    }

    /// Bytes on disk.
    pub fn bytes(&self) -> u64 {
        self.pages.iter().map(|(page, ..)| page.bytes()).sum()
    }

    /// Adds rows; 53200 where memory is short and there is no disk.
    pub fn push(&mut self, batch: Batch, env: &Env) -> Result<()> {
        let memory = self.memory.get_or_insert_with(|| env.context.memory.reserve());
        self.held += batch.columns.iter().map(Column::weight).sum::<usize>();
        self.batches.push_back(batch);
        let Err(full) = memory.hold_half(self.held) else { return Ok(()) };
        let Some(spill) = &env.context.spill else { return memory.hold(self.held).or(Err(full)) };
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(spill.create()?),
        };
        for batch in self.batches.drain(..) {
            let batch = batch.compact();
            let flat = |column: &Column| Ok(column.loaded()?.flatten());
            let columns = batch.columns.iter().map(flat).collect::<Result<Vec<_>>>()?;
            let types = columns.iter().map(Column::ty).collect();
            self.pages.push_back((file.write(&columns)?, types, batch.rows));
        }
        self.held = 0;
        memory.hold(0)
    }

    /// The batch that came as the `at`-th; None: there are not so many.
    pub fn get(&self, at: usize) -> Result<Option<Batch>> {
        match (&self.file, self.pages.get(at)) {
            (Some(file), Some((page, types, rows))) => Ok(Some(Batch::new(file.read(*page, types)?, *rows))),
            _ => Ok(at.checked_sub(self.pages.len()).and_then(|at| self.batches.get(at)).cloned()),
        }
    }

    /// The first batch that is there, which is forgotten.
    pub fn take(&mut self) -> Result<Option<Batch>> {
        let first = self.get(0)?;
        if self.pages.pop_front().is_none() {
            self.batches.pop_front();
        }
        Ok(first)
    }

    /// All of them, to be read once.
    pub fn into_input(self) -> Input {
        Box::new(self)
    }
}

impl Operator for Laid {
    fn next(&mut self, _: &Run<'_>) -> Result<Option<Batch>> {
        self.take()
    }
}
