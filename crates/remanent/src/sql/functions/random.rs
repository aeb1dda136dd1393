//! Random numbers as PostgreSQL 15 makes them from a seed: xoroshiro128** (Blackman and Vigna 2018), seeded by splitmix64.

/// A sequence of numbers.
#[derive(Debug, Clone, Copy)]
pub struct Generator([u64; 2]);

impl Generator {
    /// The sequence that a seed in [-1, 1] begins.
    pub fn of_fraction(seed: f64) -> Self {
        Generator::new((((1u64 << 52) - 1) as f64 * seed) as i64 as u64)
    }

    /// The sequence that a seed begins.
    pub fn new(mut seed: u64) -> Self {
        let mut next = || {
            seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut word = seed;
            word = (word ^ word >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            word = (word ^ word >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
            word ^ word >> 31
        };
        Generator([next(), next()])
    }

    /// The next number, in [0, 1).
    pub fn fraction(&mut self) -> f64 {
        let [a, b] = self.0;
        let word = a.wrapping_mul(5).rotate_left(7).wrapping_mul(9);
        let mixed = a ^ b;
        self.0 = [a.rotate_left(24) ^ mixed ^ mixed << 16, mixed.rotate_left(37)];
        (word >> 12) as f64 / (1u64 << 52) as f64
    }
}
