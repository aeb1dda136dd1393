//! MERGE.

use super::{Assignment, Expr, Ident, Name, TableRef, Target, With};

/// MERGE INTO a table USING rows ON a condition, and what becomes of those that meet and of those that meet none.
#[derive(Debug, Clone, PartialEq)]
pub struct Merge {
    /// WITH
    pub with: Option<With>,
    /// Into which table.
    pub table: Name,
    /// ONLY
    pub only: bool,
    /// AS
    pub alias: Option<Ident>,
    /// USING
    pub source: TableRef,
    /// ON
    pub on: Expr,
    /// WHEN, in order.
    pub whens: Vec<MergeWhen>,
}

/// `WHEN [NOT] MATCHED [AND condition] THEN action`
#[derive(Debug, Clone, PartialEq)]
pub struct MergeWhen {
    /// The row of the source meets one of the table.
    pub matched: bool,
    /// AND
    pub condition: Option<Expr>,
    /// THEN
    pub action: MergeAction,
}

/// What MERGE does with a row.
#[derive(Debug, Clone, PartialEq)]
pub enum MergeAction {
    /// UPDATE SET
    Update(Vec<Assignment>),
    /// DELETE
    Delete,
    /// INSERT
    Insert {
        /// The columns given; empty: all, in order.
        columns: Vec<Target>,
        /// OVERRIDING SYSTEM VALUE (true) or USER VALUE (false)
        overriding_system: Option<bool>,
        /// VALUES; None: DEFAULT VALUES
        values: Option<Vec<Expr>>,
    },
    /// DO NOTHING
    Nothing,
}
