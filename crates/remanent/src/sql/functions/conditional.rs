//! (conditional)
