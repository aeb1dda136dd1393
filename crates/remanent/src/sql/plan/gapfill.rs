//! Buckets of time that have no rows, filled.

use crate::sql::expr::Expr;

/// Which buckets there are, and what stands in those that have no row. Rows come in order of groups and time; columns that
/// are neither, and not filled, are NULL there.
#[derive(Debug, Clone)]
pub struct Gaps {
    /// The column with the bucket's beginning.
    pub time: usize,
    /// The columns that make a series; each has all buckets.
    pub groups: Vec<usize>,
    /// How wide a bucket is.
    pub width: Expr,
    /// The time zone whose clocks buckets follow.
    pub zone: Option<Expr>,
    /// What the first bucket holds; true: what comes right behind that.
    pub start: (Expr, bool),
    /// Where the last bucket begins before; true: or there.
    pub finish: (Expr, bool),
    /// The columns that are filled.
    pub fills: Vec<(usize, Fill)>,
}

/// How a column is filled. Arguments are columns of the input, read of the first row of a series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fill {
    /// The last value carried forward.
    Last {
        /// What stands there before the first row.
        before: Option<usize>,
        /// Whether NULLs of rows are filled, too.
        nulls: Option<usize>,
    },
    /// On the line between neighbours.
    Line {
        /// Time and value before the first row.
        before: Option<(usize, usize)>,
        /// Time and value behind the last.
        behind: Option<(usize, usize)>,
    },
}

impl Gaps {
    /// Its expressions, which read no column.
    pub fn exprs(&self) -> impl Iterator<Item = &Expr> {
        [&self.width, &self.start.0, &self.finish.0].into_iter().chain(&self.zone)
    }

    /// The same, to be changed.
    pub fn exprs_mut(&mut self) -> impl Iterator<Item = &mut Expr> {
        [&mut self.width, &mut self.start.0, &mut self.finish.0].into_iter().chain(&mut self.zone)
    }
}
