//! A seeded source of choices: SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number
//! generators", OOPSLA 2014). Small, fast, the same on every platform; not for secrets.

/// A stream of numbers that the seed decides.
///
/// ```
/// use remanent_storage::world::sim::Rng;
/// let (mut a, mut b) = (Rng::new(7), Rng::new(7));
/// assert_eq!((a.next(), a.below(10)), (b.next(), b.below(10)));
/// ```
#[derive(Debug, Clone)]
pub struct Rng(u64);

impl Rng {
    /// The stream of a seed.
    pub const fn new(seed: u64) -> Rng {
        Rng(seed)
    }

    /// Any number.
    #[allow(clippy::should_implement_trait, reason = "a stream without end")]
    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`; 0 for `n` = 0.
    pub const fn below(&mut self, n: u64) -> u64 {
        // The bias of the product is below n / 2^64.
        ((self.next() as u128 * n as u128) >> 64) as u64
    }

    /// True once in `n` calls on average; never for `n` = 0.
    pub const fn one_in(&mut self, n: u64) -> bool {
        n > 0 && self.below(n) == 0
    }

    /// One of these, each as likely; `items` is not empty.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len() as u64) as usize]
    }

    /// A stream of its own: what is drawn from it does not change what this one gives.
    pub const fn split(&mut self) -> Rng {
        Rng(self.next())
    }
}
