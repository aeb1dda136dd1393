//! Split-block Bloom filters: one cache line per probe.
//!
//! A filter is a run of 32-byte blocks. The upper half of a key's hash picks the block, the
//! lower half sets one bit in each of the block's eight 32-bit words (Putze, Sanders and
//! Singler, "Cache-, hash- and space-efficient Bloom filters", 2007; multipliers as in the
//! Parquet format, <https://parquet.apache.org/docs/file-format/bloomfilter/>). At 10.7 bits per
//! key about one absent key in a hundred passes.

const BLOCK: usize = 32;
/// Bits per key, as a fraction: 12,288 keys fill a page of 16 KB.
const KEYS_PER_BLOCK: usize = 24;

/// Persisted: do not change.
const SALTS: [u32; 8] =
    [0x47b6_137b, 0x4497_4d91, 0x8824_ad5b, 0xa2b7_289d, 0x7054_95c7, 0x2df1_424b, 0x9efc_4947, 0x5c6b_fb31];

/// Bytes of a filter for that many keys.
pub(super) fn size(keys: usize) -> usize {
    keys.div_ceil(KEYS_PER_BLOCK).max(1) * BLOCK
}

fn block_of(filter: usize, hash: u64) -> usize {
    let blocks = (filter / BLOCK) as u64;
    (((hash >> 32) * blocks) >> 32) as usize * BLOCK
}

fn bit(hash: u64, salt: u32) -> u32 {
    1 << ((hash as u32).wrapping_mul(salt) >> 27)
}

/// Adds a key's hash.
pub(super) fn insert(filter: &mut [u8], hash: u64) {
    let at = block_of(filter.len(), hash);
    for (word, salt) in filter[at..at + BLOCK].as_chunks_mut::<4>().0.iter_mut().zip(SALTS) {
        *word = (u32::from_le_bytes(*word) | bit(hash, salt)).to_le_bytes();
    }
}

/// False if the key was not added.
#[inline]
pub(super) fn contains(filter: &[u8], hash: u64) -> bool {
    let at = block_of(filter.len(), hash);
    let Some(block) = filter.get(at..at + BLOCK) else { return true };
    block
        .as_chunks::<4>()
        .0
        .iter()
        .zip(SALTS)
        .all(|(word, salt)| u32::from_le_bytes(*word) & bit(hash, salt) != 0)
}

#[cfg(test)]
mod tests {
    use super::super::hash::hash;
    use super::*;

    #[test]
    fn holds_what_was_added_and_little_else() {
        let mut filter = vec![0; size(12_288)];
        assert_eq!(filter.len(), 16 << 10);
        let key = |i: u64| hash(&i.to_be_bytes());
        (0..12_288).for_each(|i| insert(&mut filter, key(i)));
        assert!((0..12_288).all(|i| contains(&filter, key(i))));
        let wrong = (0..100_000).filter(|i| contains(&filter, key(i + 1_000_000))).count();
        assert!(wrong < 1_500, "{wrong} of 100,000 absent keys passed");
    }
}
