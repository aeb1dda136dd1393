//! (conditional)

pub(super) static FUNCTIONS: &[super::Function] = &[];
