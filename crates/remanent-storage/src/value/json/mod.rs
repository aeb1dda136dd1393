//! JSON: its text as PostgreSQL reads it, and its binary form.
//!
//! | file | holds |
//! |---|---|
//! | `text` | [`parse`]: text to a tree of [`Node`]s that know where they stand: SQL's `json` is its text |
//! | `binary` | [`Jsonb`], [`JsonbRef`]: SQL's `jsonb`: keys sorted, the last of equal keys kept, numbers exact |
//!
//! Limits: nested [`MAX_DEPTH`] deep (54001 beyond, as PostgreSQL's stack has an end too).

mod binary;
mod text;

pub use binary::{Json, Jsonb, JsonbRef, Kind};
pub use text::{Item, Node, parse, write_string};

/// The deepest nesting.
pub const MAX_DEPTH: usize = 1000;
