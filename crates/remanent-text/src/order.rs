//! Sorting: one sort for all lists of this crate, so that the program holds it once.

use std::cmp::Ordering;

/// Sorts numbers by what they stand for.
pub(crate) fn sort(items: &mut [u32], compare: &dyn Fn(u32, u32) -> Ordering) {
    items.sort_unstable_by(|&a, &b| compare(a, b));
}
