//! (compare)

pub(super) static FUNCTIONS: &[super::Function] = &[];
