//! (arithmetic)

pub(super) static FUNCTIONS: &[super::Function] = &[];
