//! Calls of window functions, and which rows around each row they see.
//!
//! ```text
//! sum(x) FILTER (WHERE y) OVER (PARTITION BY k ORDER BY t ROWS BETWEEN 2 PRECEDING AND CURRENT ROW EXCLUDE TIES)
//! call                    the plan's node has these       frame: unit, start, end, what is left out
//! ```

use crate::sql::expr::Expr;
use crate::sql::functions::aggregate::Aggregate;
use remanent_storage::value::Type;

/// A window function.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the variants are SQL's functions")]
pub enum WindowFunction {
    RowNumber,
    Rank,
    DenseRank,
    PercentRank,
    CumeDist,
    Ntile,
    Lag,
    Lead,
    FirstValue,
    LastValue,
    NthValue,
    /// The number of the row's cluster among those of its partition.
    #[cfg(feature = "shapes")]
    Cluster,
    /// An aggregate over the frame.
    Aggregate(Aggregate),
}

impl WindowFunction {
    /// It looks at the rows of a frame.
    pub fn has_frame(&self) -> bool {
        use WindowFunction::{Aggregate, FirstValue, LastValue, NthValue};
        matches!(self, FirstValue | LastValue | NthValue | Aggregate(_))
    }
}

/// A call of a window function.
#[derive(Debug, Clone)]
pub struct WindowCall {
    /// The function.
    pub function: WindowFunction,
    /// Its arguments.
    pub args: Vec<Expr>,
    /// The result's type.
    pub ty: Type,
    /// FILTER: only rows for which this is true.
    pub filter: Option<Expr>,
    /// Which rows it sees of a row's partition.
    pub frame: Frame,
}

impl WindowCall {
    /// Its expressions.
    pub fn exprs(&self) -> impl Iterator<Item = &Expr> {
        let Frame { start, end, range_key, .. } = &self.frame;
        let bounds = start.exprs().into_iter().chain(end.exprs());
        self.args.iter().chain(&self.filter).chain(range_key).chain(bounds.flatten())
    }

    /// Its expressions, to be changed.
    pub fn exprs_mut(&mut self) -> impl Iterator<Item = &mut Expr> {
        let Frame { start, end, range_key, .. } = &mut self.frame;
        let bounds = start.exprs_mut().into_iter().chain(end.exprs_mut());
        self.args.iter_mut().chain(&mut self.filter).chain(range_key).chain(bounds.flatten())
    }
}

/// The frame of a window.
#[derive(Debug, Clone)]
pub struct Frame {
    /// What offsets count.
    pub unit: FrameUnit,
    /// Where it starts.
    pub start: Bound,
    /// Where it ends.
    pub end: Bound,
    /// What is left out.
    pub exclude: FrameExclude,
    /// For RANGE with an offset: the key in a type in which the offset can be added to it.
    pub range_key: Option<Expr>,
}

impl Frame {
    /// One of its ends is so many rows, groups or so much away.
    pub fn has_offset(&self) -> bool {
        [&self.start, &self.end].iter().any(|bound| matches!(bound, Bound::Offset { .. }))
    }
}

/// What offsets of a frame count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the variants are the SQL words")]
pub enum FrameUnit {
    Rows,
    Range,
    Groups,
}

/// What is left out of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the variants are the SQL words")]
pub enum FrameExclude {
    NoOthers,
    CurrentRow,
    Group,
    Ties,
}

/// An end of a frame.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the variants are the SQL words")]
pub enum Bound {
    UnboundedPreceding,
    CurrentRow,
    UnboundedFollowing,
    /// So much before or behind.
    Offset {
        /// How much; reads no column.
        offset: Expr,
        /// For RANGE: the key of the row with the offset added or taken away.
        value: Option<Expr>,
        /// Before.
        preceding: bool,
    },
}

impl Bound {
    fn exprs(&self) -> [Option<&Expr>; 2] {
        match self {
            Bound::Offset { offset, value, .. } => [Some(offset), value.as_ref()],
            _ => [None, None],
        }
    }

    fn exprs_mut(&mut self) -> [Option<&mut Expr>; 2] {
        match self {
            Bound::Offset { offset, value, .. } => [Some(offset), value.as_mut()],
            _ => [None, None],
        }
    }
}
