//! (string)

pub(super) static FUNCTIONS: &[super::Function] = &[];
