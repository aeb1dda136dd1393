//! (arithmetic)
