//! Tight loops over plain slices: bit packing, filters, aggregates, distances.
//!
//! A leaf crate that knows nothing of types, tables or disks, always compiled at
//! `opt-level = 3`, and the home of most of the workspace's `unsafe` (SIMD).
//! Functions here are not generic across the crate boundary unless they are tiny:
//! a generic would be compiled in its caller, at its caller's opt-level.
#![deny(unsafe_code)]

pub mod arith;
pub mod bins;
pub mod bitpack;
mod bits;
pub mod boxes;
pub mod carrier;
pub mod cluster;
pub mod compare;
pub mod count;
pub mod distance;
pub mod fsst;
pub mod half;
pub mod members;
pub mod nibbles;
pub mod order;
pub mod postings;
pub mod prefetch;
pub mod quantized;
pub mod short;
pub mod sort;
pub mod sums;
pub mod table;
pub mod text;
mod wide;
