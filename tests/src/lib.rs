//! Tests across crates live in `tests/` beside this file; shared helpers live here.
