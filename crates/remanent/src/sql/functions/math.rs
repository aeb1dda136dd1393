//! (math)
