//! The `remanent` program.
mod ulog;

fn main() {}
