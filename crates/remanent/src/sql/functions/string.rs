//! (string)
