//! Rows that do not come from the database: they are put where a plan finds them, batch by batch.

use remanent_storage::value::Batch;
use remanent_storage::world::sync::Mutex;
use std::fmt;
use std::sync::Arc;

/// A place for one batch. Clones are the same place.
#[derive(Clone, Default)]
pub struct Given(Arc<Mutex<Option<Batch>>>);

impl Given {
    /// The rows of the next run.
    pub fn put(&self, batch: Batch) {
        *self.0.lock() = Some(batch);
    }

    /// The rows, if they have not been taken.
    pub fn take(&self) -> Option<Batch> {
        self.0.lock().take()
    }
}

impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Given")
    }
}
