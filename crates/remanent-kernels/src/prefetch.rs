//! Asking the processor for memory that is read soon: what is fetched while something else is computed is not waited for.

/// Asks for the cache lines of `bytes`. A hint: where a processor takes none, nothing happens.
#[inline]
#[allow(unsafe_code, reason = "the instruction is given a pointer, which it does not follow for the program")]
pub fn prefetch(bytes: &[u8]) {
    #[cfg(target_arch = "x86_64")]
    for line in bytes.chunks(64) {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: the instruction is part of the target's baseline, and faults on no address.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(line.as_ptr().cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = bytes;
}
