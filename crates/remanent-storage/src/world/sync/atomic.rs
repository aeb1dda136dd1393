//! The atomics of a simulation: before each access the seed may let another thread go first.
//!
//! The interface is that of `std::sync::atomic`, which the product uses itself; only what the engine calls is here. One
//! thread runs at a time, so what is explored are the interleavings of accesses, each seen by all at once. What weaker
//! orders would allow beyond that is not.
//!
//! The counters of [`Meter`](crate::world::Meter) are read by nobody who decides by them, and stay with `std`.

use super::simulated::before_access;
pub use std::sync::atomic::Ordering;

macro_rules! atomic {
    ($name:ident, $value:ty, $doc:literal) => {
        #[doc = $doc]
        #[derive(Debug, Default)]
        pub struct $name(std::sync::atomic::$name);

        impl $name {
            /// One that holds `value`.
            pub const fn new(value: $value) -> Self {
                Self(std::sync::atomic::$name::new(value))
            }

            /// What it holds.
            pub fn load(&self, order: Ordering) -> $value {
                before_access();
                self.0.load(order)
            }

            /// Holds `value` from now on.
            pub fn store(&self, value: $value, order: Ordering) {
                before_access();
                self.0.store(value, order)
            }

            /// Holds `value` from now on; what it held before.
            pub fn swap(&self, value: $value, order: Ordering) -> $value {
                before_access();
                self.0.swap(value, order)
            }
        }
    };
}

macro_rules! number {
    ($name:ident, $value:ty, $doc:literal) => {
        atomic!($name, $value, $doc);

        impl $name {
            /// Adds; what it held before.
            pub fn fetch_add(&self, value: $value, order: Ordering) -> $value {
                before_access();
                self.0.fetch_add(value, order)
            }

            /// Subtracts; what it held before.
            pub fn fetch_sub(&self, value: $value, order: Ordering) -> $value {
                before_access();
                self.0.fetch_sub(value, order)
            }

            /// Holds the larger from now on; what it held before.
            pub fn fetch_max(&self, value: $value, order: Ordering) -> $value {
                before_access();
                self.0.fetch_max(value, order)
            }

            /// Holds the smaller from now on; what it held before.
            pub fn fetch_min(&self, value: $value, order: Ordering) -> $value {
                before_access();
                self.0.fetch_min(value, order)
            }

            /// Holds what `next` makes of what it holds, unless that is None; what it held before.
            pub fn fetch_update(
                &self,
                set: Ordering,
                fetch: Ordering,
                next: impl FnMut($value) -> Option<$value>,
            ) -> Result<$value, $value> {
                before_access();
                self.0.fetch_update(set, fetch, next)
            }

            /// Holds `next` from now on if it holds `present`; what it held before, as an error if that was another.
            pub fn compare_exchange(
                &self,
                present: $value,
                next: $value,
                set: Ordering,
                fetch: Ordering,
            ) -> Result<$value, $value> {
                before_access();
                self.0.compare_exchange(present, next, set, fetch)
            }

            /// What it holds, where nobody else can look.
            pub fn get_mut(&mut self) -> &mut $value {
                self.0.get_mut()
            }

            /// The value, when there is no other owner.
            pub fn into_inner(self) -> $value {
                self.0.into_inner()
            }
        }
    };
}

atomic!(AtomicBool, bool, "A truth value that threads share.");
number!(AtomicI64, i64, "A signed number of 64 bits that threads share.");
number!(AtomicU8, u8, "A number of 8 bits that threads share.");
number!(AtomicU32, u32, "A number of 32 bits that threads share.");
number!(AtomicU64, u64, "A number of 64 bits that threads share.");
number!(AtomicUsize, usize, "A number of a word that threads share.");
