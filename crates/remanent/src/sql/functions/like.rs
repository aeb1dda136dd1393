//! LIKE and ILIKE.

/// The literal text with which everything matching a LIKE pattern begins, and whether the pattern is nothing but
/// that text (then LIKE is `=`). For access paths.
pub fn like_prefix(pattern: &str) -> (String, bool) {
    let _ = pattern;
    unimplemented!()
}
