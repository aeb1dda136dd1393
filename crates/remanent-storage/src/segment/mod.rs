//! Where rows lie: in memory (hot) and on disk (cold).
//!
//! | file | holds |
//! |---|---|
//! | `hot` | [`hot::HotSegment`]: the newest rows of a table, in memory |
