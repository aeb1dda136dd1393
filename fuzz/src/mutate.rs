//! Changed inputs from valid ones, by a seed: what a fuzzer does, without its guidance.

use remanent_storage::world::sim::Rng;

/// Numbers at which lengths and counts go wrong.
const EDGES: [u64; 14] = [
    0,
    1,
    0x7f,
    0x80,
    0xff,
    0x100,
    0x7fff,
    0xffff,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    i64::MAX as u64,
    i64::MIN as u64,
    u64::MAX,
];

/// A changed copy of one of `seeds`, which must not be empty.
pub fn mutate(seeds: &[Vec<u8>], rng: &mut Rng) -> Vec<u8> {
    let mut bytes = pick(seeds, rng).clone();
    for _ in 0..1 + rng.below(4) {
        change(&mut bytes, seeds, rng);
    }
    bytes
}

fn pick<'a>(seeds: &'a [Vec<u8>], rng: &mut Rng) -> &'a Vec<u8> {
    &seeds[rng.below(seeds.len() as u64) as usize]
}

fn change(bytes: &mut Vec<u8>, seeds: &[Vec<u8>], rng: &mut Rng) {
    let len = bytes.len();
    let at = rng.below(len as u64 + 1) as usize;
    let run = (1 + rng.below(16)) as usize;
    let end = (at + run).min(len);
    match rng.below(9) {
        0 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << rng.below(8);
            }
        }
        1 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = rng.below(256) as u8;
            }
        }
        2 => {
            // A number at the edge, in 1, 2, 4 or 8 bytes.
            let edge = EDGES[rng.below(EDGES.len() as u64) as usize].to_le_bytes();
            let wide = 1 << rng.below(4);
            bytes.iter_mut().skip(at).zip(&edge[..wide]).for_each(|(to, from)| *to = *from);
        }
        3 => {
            // A little more or less.
            if let Some(byte) = bytes.get_mut(at) {
                *byte = byte.wrapping_add(rng.below(5) as u8).wrapping_sub(2);
            }
        }
        4 => bytes.truncate(at),
        5 => drop(bytes.drain(at..end)),
        6 => {
            let copied = bytes[at..end].to_vec();
            let to = rng.below(len as u64 + 1) as usize;
            bytes.splice(to..to, copied);
        }
        7 => {
            let other = pick(seeds, rng);
            let from = rng.below(other.len() as u64 + 1) as usize;
            let piece = &other[from..other.len().min(from + 4 * run)];
            bytes.splice(at..at.min(len), piece.iter().copied());
        }
        _ => {
            let other = pick(seeds, rng);
            let from = rng.below(other.len() as u64 + 1) as usize;
            let piece = &other[from..other.len().min(from + run)];
            bytes.iter_mut().skip(at).zip(piece).for_each(|(to, from)| *to = *from);
        }
    }
    bytes.truncate(1 << 20);
}
