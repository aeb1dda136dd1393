//! A transaction larger than memory: its rows go to cold segments of its own, which its record names.
//!
//! ```text
//!   rows in memory ── 512 KB at memory_limit 16 MB ──→ seg 51, 52 … 58 ── eight of a size ──→ seg 59 … ──→ Attach{59, …}
//! ```
//!
//! Limits: the segments since the last savepoint are merged, not those before it.

use super::Txn;
use crate::error::Result;
use crate::segment::deletes::Deletes;
use crate::table::TableId;
use crate::table::rewrite::{MemoryRows, MergedRows, SortedRows, Target, Written, write_segment};
use crate::table::version::{ColdHandle, Table};
use crate::txn::Interrupt;
use crate::txn::core::Core;
use crate::txn::handles::ColdInfo;
use crate::txn::locks::{Mode, Wait};
use std::sync::Arc;

impl Txn {
    /// Moves the private rows of a table to a cold segment of this transaction's own.
    pub(super) fn spill(&mut self, id: TableId) -> Result<()> {
        let Txn { core, writes, held, interrupt, owner, .. } = self;
        let Some(writes) = writes.get_mut(&id) else { return Ok(()) };
        let table = Arc::clone(&writes.table);
        if !writes.exclusive {
            core.locks.take_rows(*owner, held, id, Mode::Update, Wait::Block, interrupt)?;
            writes.exclusive = true;
        }
        let Some(chunks) = writes.to_spill() else { return Ok(()) };
        core.admit_space(true)?;
        let mut rows = MemoryRows::new(chunks, &table.shape, &table.def.key_columns());
        let mut written = write(core, &table, &mut rows, interrupt)?;
        let map = written.maps.pop().unwrap_or_default();
        writes.spilled(open(core, &table, written), map);
        while let Some((sources, dead)) = writes.to_merge() {
            let keep =
                |source: usize, ordinal: u32, _| dead.get(source).is_none_or(|dead| !dead.contains(ordinal));
            let mut rows = MergedRows::new(&sources, &table, Box::new(keep))?;
            let written = write(core, &table, &mut rows, interrupt)?;
            writes.merged((written.rows > 0).then(|| open(core, &table, written)));
        }
        Ok(())
    }
}

fn write(core: &Core, table: &Table, rows: &mut dyn SortedRows, interrupt: &Interrupt) -> Result<Written> {
    let target = Target {
        world: &core.world,
        dir: &core.dir,
        id: core.new_file(),
        table,
        cache: &core.cache,
        // A load waits for this; a merge of the background's will be thorough.
        thorough: false,
    };
    write_segment(&target, rows, &mut |_| interrupt.check())
}

fn open(core: &Core, table: &Table, written: Written) -> Arc<ColdHandle> {
    let info = ColdInfo {
        id: written.id,
        level: 0,
        rows: written.rows,
        bytes: written.bytes,
        min_key: written.min_key,
        max_key: written.max_key,
        created: (0, 0),
        blobs: written.blobs,
        parts: written.parts,
    };
    core.open_cold(table, info, Deletes::default(), false)
}
