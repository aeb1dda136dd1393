//! Full-text search: what PostgreSQL's `tsvector` and `tsquery` are and do.
#![forbid(unsafe_code)]

pub mod error;
mod order;
pub mod query;
pub mod vector;
