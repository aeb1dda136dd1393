//! Blocks of LZ4: here because decompressing them is a tight loop, compiled where it is called from.

/// Decompresses a block that fills `out`; false where it does not.
pub fn decompress(block: &[u8], out: &mut [u8]) -> bool {
    lz4_flex::block::decompress_into(block, out).is_ok_and(|n| n == out.len())
}
