//! Numbers come back from bins, and nothing else does.

use remanent_kernels::bins::{decode, encode};

/// A small generator (splitmix64), so that a seed says everything.
fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (*state ^ *state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}

fn bytes(values: &[u64]) -> Vec<u8> {
    let mut out = Vec::new();
    encode(values, &mut out);
    out
}

/// Encodes, decodes, compares; returns how many bytes it took.
fn check(values: &[u64]) -> usize {
    let body = bytes(values);
    let mut back = vec![0; values.len()];
    assert_eq!(decode(&body, &mut back), Some(()), "{values:?}");
    assert_eq!(back, values);
    body.len()
}

#[test]
fn the_example_of_the_format() {
    assert_eq!(bytes(&[0, 0, 3]), [0x02, 0x30]);
}

#[test]
fn all_lengths_and_widths_come_back() {
    let mut seed = 1;
    for n in (1..70).chain([255, 256, 257, 258, 259, 511, 512, 1021, 1022, 1023, 1024]) {
        for width in [0, 1, 2, 8, 31, 32, 33, 55, 56, 57, 58, 63, 64] {
            let mask = if width == 64 { u64::MAX } else { (1 << width) - 1 };
            check(&(0..n).map(|_| random(&mut seed) & mask).collect::<Vec<_>>());
            // Few large ones among many small ones, and numbers of every magnitude.
            let skewed = |seed: &mut u64| match random(seed) % 20 {
                0 => random(seed) & mask,
                _ => (random(seed) % 5) & mask,
            };
            check(&(0..n).map(|_| skewed(&mut seed)).collect::<Vec<_>>());
            let magnitudes = |seed: &mut u64| (random(seed) & mask).checked_shr(random(seed) as u32 % 64);
            check(&(0..n).map(|_| magnitudes(&mut seed).unwrap_or(0)).collect::<Vec<_>>());
        }
    }
}

#[test]
fn more_distinct_numbers_than_bins_come_back() {
    let mut seed = 4;
    for distinct in [255, 256, 257, 300, 500] {
        let of: Vec<u64> = (0..distinct).map(|_| random(&mut seed)).collect();
        check(&(0..1024).map(|_| of[random(&mut seed) as usize % of.len()]).collect::<Vec<_>>());
    }
}

#[test]
fn sizes_come_near_the_entropy() {
    let mut seed = 2;
    // A number in 16 is 1, the others 0: 0.34 bits each, 43 bytes.
    let rare: Vec<u64> = (0..1024).map(|_| u64::from(random(&mut seed).is_multiple_of(16))).collect();
    assert!(check(&rare) <= 52, "{}", check(&rare));
    // Noise costs its own bits: 10 bits are 1,280 bytes.
    let noise: Vec<u64> = (0..1024).map(|_| random(&mut seed) % 1000).collect();
    assert!(check(&noise) <= 1284, "{}", check(&noise));
    // Three values of 64 bits: 1.58 bits each, 203 bytes, and the values.
    let few: [u64; 3] = std::array::from_fn(|_| random(&mut seed));
    let few: Vec<u64> = (0..1024).map(|_| few[random(&mut seed) as usize % 3]).collect();
    assert!(check(&few) <= 240, "{}", check(&few));
    // The sum of eight dice of 256: a bell. Its entropy is 9.8 bits, 1,254 bytes.
    let bell: Vec<u64> = (0..1024).map(|_| (0..8).map(|_| random(&mut seed) % 256).sum()).collect();
    assert!(check(&bell) <= 1330, "{}", check(&bell));
}

#[test]
fn damaged_bodies_are_refused_or_decode_to_something() {
    let mut seed = 3;
    for n in [1usize, 9, 100, 300, 1024] {
        let values: Vec<u64> = (0..n).map(|_| random(&mut seed) >> (random(&mut seed) % 64)).collect();
        let body = bytes(&values);
        let mut out = vec![0; n];
        for len in 0..body.len() {
            assert_eq!(decode(&body[..len], &mut out), None, "{len} of {} bytes", body.len());
        }
        for _ in 0..2000 {
            let mut wrong = body.clone();
            let at = random(&mut seed) as usize % wrong.len().min(64);
            wrong[at] ^= 1 << (random(&mut seed) % 8);
            let _ = decode(&wrong, &mut out);
        }
        let noise: Vec<u8> = (0..4000).map(|_| random(&mut seed) as u8).collect();
        for start in 0..3000 {
            let _ = decode(&noise[start..start + 1000], &mut out);
        }
    }
    assert_eq!(decode(&[], &mut [0]), None);
    assert_eq!(decode(&[0], &mut []), None);
    assert_eq!(decode(&[0], &mut [0; 1025]), None);
}
