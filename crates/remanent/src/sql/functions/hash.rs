//! `hashtext`, `hashtextextended`: numbers for texts, as programs make them for advisory locks. They are PostgreSQL's: those of
//! Bob Jenkins' lookup3 (2006), read as a little-endian machine reads.
//!
//! ```text
//! pg_advisory_xact_lock(hashtext('orders/17'))
//! ```

use super::support::i64s;
use super::{Function, INT8, TEXT, f};
use remanent_storage::value::Type;

pub(super) static FUNCTIONS: &[Function] = &[
    f("hashtext", &[(&[TEXT], Type::Int4)], |a| {
        a.map_int(&mut |row| Ok((hash(a.text(0, row)?.as_bytes(), 0) as u32 as i32).into()))
    }),
    f("hashtextextended", &[(&[TEXT, INT8], Type::Int8)], |a| {
        let seeds = i64s(&a.columns[1])?;
        a.map_int(&mut |row| Ok(hash(a.text(0, row)?.as_bytes(), seeds[row] as u64) as i64))
    }),
];

fn mix([mut a, mut b, mut c]: [u32; 3]) -> [u32; 3] {
    for turn in [4, 6, 8, 16, 19, 4] {
        a = a.wrapping_sub(c) ^ c.rotate_left(turn);
        c = c.wrapping_add(b);
        (a, b, c) = (b, c, a);
    }
    [a, b, c]
}

fn hash(bytes: &[u8], seed: u64) -> u64 {
    let mut state = [0x9e37_79b9_u32.wrapping_add(bytes.len() as u32).wrapping_add(3_923_095); 3];
    if seed != 0 {
        state[0] = state[0].wrapping_add((seed >> 32) as u32);
        state[1] = state[1].wrapping_add(seed as u32);
        state = mix(state);
    }
    let (blocks, rest) = bytes.as_chunks::<12>();
    let mut last = [0; 12];
    last[..rest.len()].copy_from_slice(rest);
    // The lowest byte of the last word is the length's.
    last[8..].rotate_right(1);
    for (i, block) in blocks.iter().chain([&last]).enumerate() {
        for (word, bytes) in state.iter_mut().zip(block.as_chunks::<4>().0) {
            *word = word.wrapping_add(u32::from_le_bytes(*bytes));
        }
        if i < blocks.len() {
            state = mix(state);
        }
    }
    let [mut a, mut b, mut c] = state;
    for turn in [14, 11, 25, 16, 4, 14, 24] {
        c = (c ^ b).wrapping_sub(b.rotate_left(turn));
        (a, b, c) = (b, c, a);
    }
    u64::from(a) << 32 | u64::from(b)
}
