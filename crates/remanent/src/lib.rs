//! Remanent: one embedded engine for data of every shape. (frame)
pub mod sql;
pub use remanent_storage::error::{self, Error, Result};
pub use remanent_storage::value::{Type, Value};
