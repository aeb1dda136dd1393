//! (math)

pub(super) static FUNCTIONS: &[super::Function] = &[];
