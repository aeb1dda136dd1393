//! Sorting where speed does not matter but size does.
//!
//! Each type and each order that the standard library's sort is called with costs 3 to 6 KB of code. Lists of files, tables
//! or options are short: for them [`sort_by`] sorts *positions*, with one copy of the algorithm for all types, and then
//! moves the items, which is a few instructions a type.
//!
//! ```
//! let mut tables = vec![("wind", 2), ("airspeed", 7), ("wind", 1)];
//! remanent_kernels::sort::sort_by(&mut tables, &|a, b| a.0.cmp(b.0));
//! assert_eq!(tables, [("airspeed", 7), ("wind", 2), ("wind", 1)]);
//! ```
//!
//! Limits: fewer than 2^32 items; a comparison is a call, so sort rows and numbers with the standard library.

use std::cmp::Ordering;

/// Sorts in O(n log n) comparisons; equal items keep their order.
pub fn sort_by<T>(items: &mut [T], order: &dyn Fn(&T, &T) -> Ordering) {
    let mut from =
        positions(items.len() as u32, &|a, b| match (items.get(a as usize), items.get(b as usize)) {
            (Some(a), Some(b)) => order(a, b),
            _ => Ordering::Equal,
        });
    // Item `from[i]` belongs at i. Earlier swaps may have moved it: follow where it went.
    for i in 0..from.len() {
        let mut source = from[i] as usize;
        while source < i {
            source = from[source] as usize;
        }
        from[i] = source as u32;
        items.swap(i, source);
    }
}

/// The numbers below `n` in that order.
fn positions(n: u32, order: &dyn Fn(u32, u32) -> Ordering) -> Vec<u32> {
    let mut positions: Vec<u32> = (0..n).collect();
    positions.sort_by(|&a, &b| order(a, b));
    positions
}

#[cfg(test)]
mod tests {
    use super::sort_by;

    #[test]
    fn items_come_in_order_and_equal_ones_stay() {
        let mut seed = 1u64;
        for n in 0..200usize {
            let mut items: Vec<(u64, usize)> = (0..n)
                .map(|i| {
                    seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                    ((seed >> 33) % 20, i)
                })
                .collect();
            let mut expected = items.clone();
            expected.sort_by_key(|item| item.0);
            sort_by(&mut items, &|a, b| a.0.cmp(&b.0));
            assert_eq!(items, expected);
        }
    }
}
