//! (compare)
