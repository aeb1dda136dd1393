//! The queries of WITH that several readers share: computed once, as far as anyone asks.
//!
//! A query's batches are kept as they are computed ([`Laid`]); each reader has its own place in them. Who comes to the end of what
//! is there pulls the next batch.
//!
//! Invariants: no lock is held while a batch is computed; a query is begun again each time its WITH is opened (within a
//! subquery that is run for several rows, once for each), and readers that began before keep what they read from.

use super::laid::Laid;
use super::{Input, Operator, Run, pull};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::map::SortedMap;
use remanent_storage::value::Batch;
use remanent_storage::world::sync::Mutex;
use std::sync::Arc;

/// The shared queries of one statement, by number.
#[derive(Default)]
pub struct SharedQueries(Mutex<SortedMap<usize, Arc<Mutex<Query>>>>);

struct Query {
    /// None: it is at its end.
    input: Option<Input>,
    rows: Laid,
    done: bool,
}

impl SharedQueries {
    /// A query whose rows come from an input.
    pub fn begin(&self, id: usize, input: Input) {
        self.put(id, Query { input: Some(input), rows: Laid::default(), done: false });
    }

    /// A query whose rows are known.
    pub fn known(&self, id: usize, rows: Laid) {
        self.put(id, Query { input: None, rows, done: true });
    }

    /// A query whose rows will be known before they are read: those of a statement that writes.
    pub fn expect(&self, id: usize) {
        self.put(id, Query { input: None, rows: Laid::default(), done: false });
    }

    /// The rows of an expected query: for readers that began already, too.
    pub fn fulfil(&self, id: usize, rows: Laid) {
        if let Some(query) = self.0.lock().get(&id) {
            *query.lock() = Query { input: None, rows, done: true };
        }
    }

    fn put(&self, id: usize, query: Query) {
        // What was there may have a file, which goes without a lock being held.
        let _before = self.0.lock().insert(id, Arc::new(Mutex::new(query)));
    }

    /// A reader of a query, from its first row on.
    pub fn read(&self, id: usize) -> Result<Input> {
        let found = self.0.lock().get(&id).cloned();
        let query = found.ok_or_else(|| Error::internal("a query of WITH is read before it was begun"))?;
        Ok(Box::new(Reader { query, at: 0 }))
    }
}

impl Query {
    /// The batch that comes as the `at`-th.
    fn get(&mut self, at: usize, env: &Run<'_>) -> Result<Option<Batch>> {
        let known = self.rows.get(at)?;
        if known.is_some() || self.done {
            return Ok(known);
        }
        let Some(input) = &mut self.input else {
            // What reads a table that is written, once for each row or round by round, is run before anything is written.
            let message = "a correlated, recursive or LATERAL query over what a statement of WITH returns and over the table that it \
                           writes is not supported";
            return Err(Error::new(state::FEATURE_NOT_SUPPORTED, message));
        };
        let next = pull(input, env)?;
        match &next {
            Some(batch) => self.rows.push(batch.clone(), env)?,
            None => (self.input, self.done) = (None, true),
        }
        Ok(next)
    }
}

struct Reader {
    query: Arc<Mutex<Query>>,
    at: usize,
}

impl Operator for Reader {
    fn next(&mut self, env: &Run<'_>) -> Result<Option<Batch>> {
        // Reading may take the disk: meanwhile the query is out of its place.
        let nothing = Query { input: None, rows: Laid::default(), done: false };
        let mut query = std::mem::replace(&mut *self.query.lock(), nothing);
        let batch = query.get(self.at, env);
        *self.query.lock() = query;
        self.at += 1;
        batch
    }
}
