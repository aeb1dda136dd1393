//! Bits that are set: of strings of bits as bytes, taken together.
//!
//! ```
//! use remanent_kernels::count;
//! assert_eq!(count::differing(&[0b1100], &[0b1010]), 2);
//! assert_eq!(count::shared(&[0b1100], &[0b1010], 0xff), (1, 3));
//! ```

use crate::wide::dispatch;

/// Sums `f` over words of both, bytes behind the last word one by one. What one has more of does not count.
#[inline(always)]
fn fold(a: &[u8], b: &[u8], mut f: impl FnMut(u64, u64)) {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    for (x, y) in a.iter().zip(b) {
        f(u64::from_le_bytes(*x), u64::from_le_bytes(*y));
    }
    for (x, y) in a_rest.iter().zip(b_rest) {
        f((*x).into(), (*y).into());
    }
}

dispatch! {
    /// In how many bits they differ.
    pub fn differing(a: &[u8], b: &[u8]) -> u32 {
        let mut sum = 0;
        fold(a, b, |x, y| sum += (x ^ y).count_ones());
        sum
    }
}

dispatch! {
    /// How many bits are set in both, and how many in either; of each byte those of `mask` count.
    pub fn shared(a: &[u8], b: &[u8], mask: u8) -> (u32, u32) {
        let mask = u64::from_le_bytes([mask; 8]);
        let (mut both, mut either) = (0, 0);
        fold(a, b, |x, y| {
            both += (x & y & mask).count_ones();
            either += ((x | y) & mask).count_ones();
        });
        (both, either)
    }
}
