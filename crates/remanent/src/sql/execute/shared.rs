//! The queries of WITH that several readers share: computed once, as far as anyone asks.
//!
//! A query's batches are kept as they are computed; each reader has its own place in them. Who comes to the end of what
//! is there pulls the next batch.
//!
//! Invariants: no lock is held while a batch is computed; a query is begun again each time its WITH is opened (within a
//! subquery that is run for several rows, once for each), and readers that began before keep what they read from.

use super::{Input, Operator, Reservation, Run, pull};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::map::SortedMap;
use remanent_storage::value::{Batch, Column};
use remanent_storage::world::sync::Mutex;
use std::sync::Arc;

/// The shared queries of one statement, by number.
#[derive(Default)]
pub struct SharedQueries(Mutex<SortedMap<usize, Arc<Mutex<Query>>>>);

struct Query {
    /// None: it is at its end, or being pulled from just now.
    input: Option<Input>,
    batches: Vec<Batch>,
    done: bool,
    memory: Option<Reservation>,
    held: usize,
}

impl SharedQueries {
    /// A query whose rows come from an input.
    pub fn begin(&self, id: usize, input: Input) {
        self.put(id, Query { input: Some(input), batches: Vec::new(), done: false, memory: None, held: 0 });
    }

    /// A query whose rows are known.
    pub fn known(&self, id: usize, batches: Vec<Batch>, memory: Option<Reservation>) {
        self.put(id, Query { input: None, batches, done: true, memory, held: 0 });
    }

    /// A query whose rows will be known before they are read: those of a statement that writes.
    pub fn expect(&self, id: usize) {
        self.put(id, Query { input: None, batches: Vec::new(), done: false, memory: None, held: 0 });
    }

    /// The rows of an expected query: for readers that began already, too.
    pub fn fulfil(&self, id: usize, batches: Vec<Batch>, memory: Reservation) {
        if let Some(query) = self.0.lock().get(&id) {
            let mut query = query.lock();
            (query.batches, query.done, query.memory) = (batches, true, Some(memory));
        }
    }

    fn put(&self, id: usize, query: Query) {
        self.0.lock().insert(id, Arc::new(Mutex::new(query)));
    }

    /// A reader of a query, from its first row on.
    pub fn read(&self, id: usize) -> Result<Input> {
        let found = self.0.lock().get(&id).cloned();
        let query = found.ok_or_else(|| Error::internal("a query of WITH is read before it was begun"))?;
        Ok(Box::new(Reader { query, at: 0 }))
    }
}

struct Reader {
    query: Arc<Mutex<Query>>,
    at: usize,
}

impl Operator for Reader {
    fn next(&mut self, env: &Run<'_>) -> Result<Option<Batch>> {
        let mut input = {
            let mut query = self.query.lock();
            if let Some(batch) = query.batches.get(self.at) {
                self.at += 1;
                return Ok(Some(batch.clone()));
            }
            match (query.input.take(), query.done) {
                (_, true) => return Ok(None),
                (Some(input), false) => input,
                // What is run once for each row, or round by round, is run before anything is written.
                (None, false) => {
                    let message =
                        "a recursive or LATERAL query over what a statement of WITH writes is not supported";
                    return Err(Error::new(state::FEATURE_NOT_SUPPORTED, message));
                }
            }
        };
        let batch = pull(&mut input, env)?;
        let mut query = self.query.lock();
        let Some(batch) = batch else {
            query.done = true;
            return Ok(None);
        };
        query.held += batch.columns.iter().map(Column::weight).sum::<usize>();
        let held = query.held;
        query.memory.get_or_insert_with(|| env.context.memory.reserve()).hold(held)?;
        query.batches.push(batch.clone());
        query.input = Some(input);
        self.at += 1;
        Ok(Some(batch))
    }
}
