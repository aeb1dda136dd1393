//! Full-text search: what PostgreSQL's `tsvector` and `tsquery` are and do.
#![forbid(unsafe_code)]

pub mod accents;
pub mod bm25;
pub mod config;
pub mod document;
pub mod error;
pub mod headline;
pub mod matching;
mod order;
pub mod parser;
pub mod query;
pub mod rank;
#[cfg(feature = "snowball")]
mod stems;
pub mod vector;
