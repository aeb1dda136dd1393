//! What EXPLAIN ANALYZE measures: each operator is wrapped in one that counts its rows and its time.
//!
//! Nothing of it exists in a statement that is not watched. Times are those of pulling, inputs included.

use super::gather::Feed;
use super::{Input, Operator, Run};
use crate::sql::plan::{Measured, Plan};
use remanent_storage::error::Result;
use remanent_storage::map::SortedMap;
use remanent_storage::table::scan::Touched;
use remanent_storage::value::Batch;
use remanent_storage::world::World;
use remanent_storage::world::sync::Mutex;
use std::sync::Arc;
use std::time::Duration;

/// What an operator says of itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct Report {
    /// The most memory it held, in bytes.
    pub memory: usize,
    /// Bytes that it laid down on disk.
    pub spilled: u64,
    /// How many threads helped.
    pub workers: usize,
    /// What it read and skipped.
    pub touched: Option<Touched>,
}

/// What the operators of one statement took, by the address of their node.
pub struct Watch {
    world: World,
    nodes: Mutex<SortedMap<usize, Measured>>,
}

impl Watch {
    /// Of nothing yet.
    pub fn new(world: &World) -> Arc<Self> {
        Arc::new(Watch { world: world.clone(), nodes: Mutex::default() })
    }

    /// What a node took; None: it never ran.
    pub fn of(&self, plan: &Plan) -> Option<Measured> {
        self.nodes.lock().get(&address(plan)).cloned()
    }

    /// Adds what one run of a node took.
    pub fn add(&self, plan: &Plan, measured: Measured) {
        self.add_to(address(plan), measured);
    }

    fn add_to(&self, node: usize, measured: Measured) {
        self.nodes.lock().or_default(node).add(measured);
    }

    /// The operator of a node, watched.
    pub fn wrap(self: &Arc<Self>, plan: &Plan, input: Input) -> Input {
        let measured = Measured { loops: 1, ..Measured::default() };
        Box::new(Watched { input, node: address(plan), watch: Arc::clone(self), measured })
    }

    /// Time since some instant.
    pub fn now(&self) -> Duration {
        self.world.clock.monotonic()
    }
}

fn address(plan: &Plan) -> usize {
    std::ptr::from_ref(plan).addr()
}

struct Watched {
    input: Input,
    node: usize,
    watch: Arc<Watch>,
    measured: Measured,
}

impl Operator for Watched {
    fn next(&mut self, env: &Run<'_>) -> Result<Option<Batch>> {
        let begun = self.watch.now();
        let batch = self.input.next(env);
        let took = self.watch.now().saturating_sub(begun);
        self.measured.total += took;
        if self.measured.rows == 0 {
            self.measured.first += took;
        }
        if let Ok(Some(batch)) = &batch {
            self.measured.rows += batch.len() as u64;
        }
        batch
    }

    fn prepare(&mut self, env: &Run<'_>) -> Result<bool> {
        let begun = self.watch.now();
        let prepared = self.input.prepare(env);
        let took = self.watch.now().saturating_sub(begun);
        self.measured.total += took;
        self.measured.first += took;
        prepared
    }

    fn again(&self, feed: &Feed, env: &Run<'_>) -> Option<Input> {
        let (input, watch) = (self.input.again(feed, env)?, Arc::clone(&self.watch));
        let measured = Measured { loops: 1, ..Measured::default() };
        Some(Box::new(Watched { input, node: self.node, watch, measured }))
    }

    fn report(&self) -> Report {
        self.input.report()
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let Report { memory, spilled, workers, touched } = self.input.report();
        let measured = Measured { memory, spilled, workers, touched, ..std::mem::take(&mut self.measured) };
        self.watch.add_to(self.node, measured);
    }
}
