//! Spans of time, as PostgreSQL keeps them: months, days and microseconds apart.

/// A span of time. The three parts are kept apart because their lengths differ by where they are added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Interval {
    /// Calendar months.
    pub months: i32,
    /// Calendar days.
    pub days: i32,
    /// Microseconds.
    pub micros: i64,
}
