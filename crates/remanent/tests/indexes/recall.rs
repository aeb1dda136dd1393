//! Recall that is measured, beside the recall that was asked for.
//!
//! Each query finds a share of its true neighbours: a number from 0 to 1. Whatever these numbers' distribution, the mean of n of them
//! lies at x or below with a probability of at most exp(-n · KL(x ‖ r)) where r is what is expected of it (Hoeffding 1963, theorem 1).
//! A test fails where that is less than one in a million: then the setting is not kept, and it was not chance. Nothing is assumed of
//! how the neighbours of one query depend on each other.

/// One in a million, as the exponent of e.
const CHANCE: f64 = 13.815_510_557_964_274;

/// The shares that queries found.
#[derive(Default, Debug, Clone, Copy)]
pub struct Found {
    sum: f64,
    queries: f64,
}

impl Found {
    /// One query's: so many of so many.
    pub fn add(&mut self, found: usize, of: usize) {
        if of > 0 {
            self.sum += found as f64 / of as f64;
            self.queries += 1.0;
        }
    }

    /// The share that was found, over all queries.
    pub fn mean(&self) -> f64 {
        self.sum / self.queries.max(1.0)
    }

    /// Panics if the setting is not kept.
    pub fn assert_keeps(&self, setting: f64, what: &str) {
        let (mean, n) = (self.mean(), self.queries);
        println!("{what}: {mean:.4} of {setting} over {n} queries");
        let surprise = n * divergence(mean, setting);
        assert!(mean >= setting || surprise < CHANCE, "{what}: {mean:.4} of {setting} over {n} queries");
    }
}

/// KL(x ‖ r): how much a coin that falls on x differs from one that should fall on r.
fn divergence(x: f64, r: f64) -> f64 {
    let term = |a: f64, b: f64| if a > 0.0 { a * (a / b).ln() } else { 0.0 };
    term(x, r) + term(1.0 - x, 1.0 - r)
}

#[test]
fn what_cannot_be_chance_is_told_from_what_can() {
    let keeps = |found: usize, of: usize, setting: f64| {
        let mut all = Found::default();
        (0..of).for_each(|i| all.add(usize::from(i < found), 1));
        std::panic::catch_unwind(|| all.assert_keeps(setting, "")).is_ok()
    };
    // Of 1,000 at 0.95 there are 904 or fewer once in ten billion times, 930 every five hundredth time.
    assert!(keeps(930, 1000, 0.95) && keeps(1000, 1000, 0.95));
    assert!(!keeps(904, 1000, 0.95) && !keeps(0, 20, 0.95));
}
