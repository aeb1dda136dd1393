//! How fast background work may go: its share of a processor and of the disk.
//!
//! Work is done in steps (about a thousand rows). Between two steps [`Pace::step`] sleeps for as long as the share of
//! the processor asks, and until the bytes written so far fit the bandwidth:
//!
//! ```text
//! share 0.25:          work 1 ms, sleep 3 ms, work 1 ms, sleep 3 ms ...
//! bandwidth 4 MB/s:    512 KB written 50 ms after the beginning: sleep 75 ms
//! ```
//!
//! Before that it gives its turn to commits ([`Turns`](crate::txn::turns::Turns)). A flush that writers wait for is not held back: they would wait longer for the sake of their own speed.
//!
//! Limits: one flush or merge is paced, not their sum (a flush within a merge has its own); the index parts of a segment, about a tenth of it, are not.

use super::Inner;
use crate::error::Result;
use crate::table::rewrite::{SortedRows, Target, Written, write_segment};
use crate::table::version::Table;
use crate::world::meter::Purpose;
use std::time::Duration;

/// The longest sleep between two steps, so that a store that closes need not wait for it.
const PAUSE_MAX: Duration = Duration::from_millis(100);

/// One piece of work and how far it has come.
pub(super) struct Pace<'a> {
    inner: &'a Inner,
    begun: Duration,
    /// When the step began that is going on.
    step: Duration,
    /// True for work that writers may come to wait for.
    urgent: bool,
}

impl Inner {
    /// Writes rows of a table as a new cold segment, at the pace of background work. `urgent`: see [`Pace::new`];
    /// `purpose`: what the bytes count for.
    /// `between` is called between two steps; an error from it ends the work.
    pub(super) fn write_paced(
        &self,
        table: &Table,
        rows: &mut dyn SortedRows,
        urgent: bool,
        purpose: Purpose,
        between: &mut dyn FnMut() -> Result<()>,
    ) -> Result<Written> {
        let core = &self.core;
        let world = &self.meter.world_for(&core.world, purpose);
        let (dir, id) = (&*core.dir, core.new_file());
        let target = Target { world, dir, id, table, cache: &core.cache, thorough: true };
        let mut pace = Pace::new(self, urgent);
        write_segment(&target, rows, &mut |bytes| {
            pace.step(bytes);
            between()
        })
    }
}

impl<'a> Pace<'a> {
    /// Work that begins now. `urgent`: it is not held back while rows in memory wait for it.
    pub fn new(inner: &'a Inner, urgent: bool) -> Self {
        let now = inner.core.world.monotonic();
        Pace { inner, begun: now, step: now, urgent }
    }

    /// Between two steps; `written` are the bytes so far.
    pub fn step(&mut self, written: u64) {
        self.inner.core.turns.give();
        let world = &self.inner.core.world;
        let options = self.inner.core.tuning.limits();
        if options.background_cpu >= 1.0 && options.background_bandwidth == u64::MAX {
            return;
        }
        let now = world.monotonic();
        let gate = &self.inner.core.gate;
        if !self.urgent || gate.used() <= gate.flush_at() * 3 / 2 {
            let share = options.background_cpu.clamp(0.01, 1.0);
            let rest = now.saturating_sub(self.step).mul_f64(1.0 / share - 1.0);
            let due = self.begun
                + Duration::from_secs_f64(written as f64 / options.background_bandwidth.max(1) as f64);
            let pause = rest.max(due.saturating_sub(now)).min(PAUSE_MAX);
            if !pause.is_zero() {
                world.sleep(pause);
            }
        }
        self.step = world.monotonic();
    }
}
