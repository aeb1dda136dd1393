//! Deliberate faults that prove the tests bite (design section 13).
//!
//! Code asks `mutation("name")` where a named fault may be planted. Without feature
//! `mutations` the answer is a constant false and the fault does not exist in the
//! program; with it, the environment variable `REMANENT_MUTATION` names the one
//! fault that is active. `tests/` runs each named fault and expects a named test to fail.

/// True if the deliberate fault of that name is active.
#[cfg(feature = "mutations")]
pub fn mutation(name: &str) -> bool {
    use std::sync::OnceLock;
    static ACTIVE: OnceLock<Option<String>> = OnceLock::new();
    ACTIVE.get_or_init(|| std::env::var("REMANENT_MUTATION").ok()).as_deref() == Some(name)
}

/// True if the deliberate fault of that name is active: never, in this build.
#[cfg(not(feature = "mutations"))]
#[inline(always)]
pub const fn mutation(_name: &str) -> bool {
    false
}
