//! The hash of keys. Filters on disk hold it: it must never change.
//!
//! 16 bytes at a time are folded into the state by a 64 × 64 → 128 bit multiplication whose
//! halves are combined by xor (the mixing step of Wang Yi's wyhash,
//! <https://github.com/wangyi-fudan/wyhash>). A last piece of fewer bytes is padded with
//! zeros; the length is mixed in, so padding makes no collisions.
//!
//! Limits: not keyed. Whoever chooses keys can choose colliding ones and make a hot table
//! or a filter slow, but not wrong.

/// Odd, half of the bits set, without structure: digits of π.
const K1: u64 = 0x243f_6a88_85a3_08d3;
const K2: u64 = 0x1319_8a2e_0370_7344;

#[inline]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

#[inline]
fn word(bytes: &[u8]) -> u64 {
    match bytes.first_chunk() {
        Some(bytes) => u64::from_le_bytes(*bytes),
        None => bytes.iter().rev().fold(0, |word, &b| word << 8 | u64::from(b)),
    }
}

/// The hash of a key's bytes. Persisted: do not change.
pub fn hash(bytes: &[u8]) -> u64 {
    let mut state = K1 ^ bytes.len() as u64;
    for piece in bytes.chunks(16) {
        let (low, high) = piece.split_at(piece.len().min(8));
        state = fold(word(low) ^ state ^ K1, word(high) ^ state.rotate_left(32) ^ K2);
    }
    fold(state ^ K2, K1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_changes() {
        let hashes =
            [&b""[..], b"a", b"\x01\x80\0\0\0\0\0\0\x07", b"a key of more than sixteen bytes"].map(hash);
        let expected =
            [0x161c_6290_d637_1f63, 0xe007_8484_5041_6cbe, 0x6c75_1c28_b2e0_9f76, 0x6b94_2ead_94eb_77af];
        assert_eq!(hashes, expected);
    }

    #[test]
    fn neighbours_spread_over_all_bits() {
        let mut ones = [0u32; 64];
        for i in 0..4096u64 {
            let hash = hash(&i.to_be_bytes());
            ones.iter_mut().enumerate().for_each(|(bit, n)| *n += (hash >> bit & 1) as u32);
        }
        assert!(ones.iter().all(|n| (1848..2248).contains(n)), "{ones:?}");
    }
}
