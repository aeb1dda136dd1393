//! (vector)
