//! (datetime)

pub(super) static FUNCTIONS: &[super::Function] = &[];
