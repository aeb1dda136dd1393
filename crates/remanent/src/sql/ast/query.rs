//! Queries: SELECT, VALUES, set operations, FROM.

use super::{ColumnDefinition, Expr, Ident, Name, Span, Statement, Window};
use std::sync::Arc;

/// A query with what stands around its body.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// WITH
    pub with: Option<With>,
    /// SELECT, VALUES or a set operation.
    pub body: QueryBody,
    /// ORDER BY
    pub order_by: Vec<OrderBy>,
    /// LIMIT or FETCH FIRST; None: all (LIMIT ALL, LIMIT NULL is a literal).
    pub limit: Option<Expr>,
    /// FETCH FIRST … WITH TIES
    pub with_ties: bool,
    /// OFFSET
    pub offset: Option<Expr>,
    /// FOR UPDATE, FOR SHARE, …
    pub locking: Vec<Locking>,
    /// Where it was written, parentheses around it apart.
    pub span: Span,
}

/// What a query computes.
#[derive(Debug, Clone, PartialEq)]
pub enum QueryBody {
    /// SELECT; `TABLE t` is `SELECT * FROM t`.
    Select(Box<Select>),
    /// VALUES: at least one row. Rows may differ in length here.
    Values(Vec<Vec<Expr>>),
    /// UNION, INTERSECT, EXCEPT
    Set {
        /// Which of them.
        op: SetOp,
        /// ALL: duplicates stay.
        all: bool,
        /// The query before it.
        left: Box<Query>,
        /// The query behind it.
        right: Box<Query>,
    },
}

/// A set operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the variants are the SQL words")]
pub enum SetOp {
    Union,
    Intersect,
    Except,
}

/// One SELECT.
#[derive(Debug, Clone, PartialEq)]
pub struct Select {
    /// DISTINCT
    pub distinct: Distinct,
    /// The select list; may be empty.
    pub items: Vec<SelectItem>,
    /// FROM; what is separated by commas.
    pub from: Vec<TableRef>,
    /// WHERE
    pub filter: Option<Expr>,
    /// GROUP BY
    pub group_by: Vec<GroupItem>,
    /// GROUP BY DISTINCT
    pub group_distinct: bool,
    /// HAVING
    pub having: Option<Expr>,
    /// WINDOW
    pub windows: Vec<(Ident, Window)>,
    /// Where it was written.
    pub span: Span,
}

/// DISTINCT
#[derive(Debug, Clone, PartialEq)]
pub enum Distinct {
    /// All rows.
    No,
    /// DISTINCT
    Rows,
    /// DISTINCT ON (…)
    On(Vec<Expr>),
}

/// One item of a select list or of RETURNING.
#[derive(Debug, Clone, PartialEq)]
pub struct SelectItem {
    /// The expression; may be a [`super::ExprKind::Star`].
    pub expr: Expr,
    /// AS
    pub alias: Option<Ident>,
}

/// One item of GROUP BY.
#[derive(Debug, Clone, PartialEq)]
pub enum GroupItem {
    /// An expression, an output column's name or its number; a row is its elements.
    Expr(Expr),
    /// `()`
    Empty,
    /// ROLLUP (…)
    Rollup(Vec<Expr>),
    /// CUBE (…)
    Cube(Vec<Expr>),
    /// GROUPING SETS (…)
    Sets(Vec<GroupItem>),
}

/// One item of ORDER BY.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderBy {
    /// An expression, an output column's name or its number.
    pub expr: Expr,
    /// DESC
    pub descending: bool,
    /// NULLS FIRST or LAST; None: last when ascending, first when descending.
    pub nulls_first: Option<bool>,
    /// `USING op`
    pub using: Option<super::Op>,
}

/// FOR UPDATE and its kin.
#[derive(Debug, Clone, PartialEq)]
pub struct Locking {
    /// How strong.
    pub strength: LockStrength,
    /// OF: these tables only.
    pub of: Vec<Name>,
    /// What to do about rows that are locked.
    pub wait: LockWait,
    /// Where it was written.
    pub span: Span,
}

/// How strong a row lock is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the variants are the SQL words")]
pub enum LockStrength {
    Update,
    NoKeyUpdate,
    Share,
    KeyShare,
}

/// What to do about rows that are locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the variants are the SQL words")]
pub enum LockWait {
    Wait,
    NoWait,
    SkipLocked,
}

/// WITH
#[derive(Debug, Clone, PartialEq)]
pub struct With {
    /// RECURSIVE
    pub recursive: bool,
    /// The named queries.
    pub ctes: Vec<Cte>,
    /// Where it was written.
    pub span: Span,
}

/// One named query.
#[derive(Debug, Clone, PartialEq)]
pub struct Cte {
    /// Its name.
    pub name: Ident,
    /// Its columns' names, where given.
    pub columns: Vec<Ident>,
    /// `(NOT) MATERIALIZED`
    pub materialized: Option<bool>,
    /// A query, INSERT, UPDATE or DELETE.
    pub statement: Arc<Statement>,
    /// SEARCH
    pub search: Option<Search>,
    /// CYCLE
    pub cycle: Option<Cycle>,
}

/// `SEARCH DEPTH FIRST BY a, b SET c`
#[derive(Debug, Clone, PartialEq)]
pub struct Search {
    /// BREADTH
    pub breadth: bool,
    /// By which columns.
    pub by: Vec<Ident>,
    /// The column that is added.
    pub set: Ident,
}

/// `CYCLE a, b SET c TO x DEFAULT y USING d`
#[derive(Debug, Clone, PartialEq)]
pub struct Cycle {
    /// The columns that come again.
    pub by: Vec<Ident>,
    /// The column that says so.
    pub set: Ident,
    /// What it says then, and else.
    pub values: Option<(Expr, Expr)>,
    /// The column of the path.
    pub path: Ident,
}

/// One item of FROM.
#[derive(Debug, Clone, PartialEq)]
pub struct TableRef {
    /// What it is.
    pub kind: TableKind,
    /// AS
    pub alias: Option<TableAlias>,
    /// Where it was written.
    pub span: Span,
}

/// What an item of FROM can be.
#[derive(Debug, Clone, PartialEq)]
pub enum TableKind {
    /// A table, a view or a named query.
    Table {
        /// Its name.
        name: Name,
        /// ONLY: without what inherits from it.
        only: bool,
        /// TABLESAMPLE
        sample: Option<Box<Sample>>,
    },
    /// `(SELECT …)`
    Query {
        /// The query.
        query: Box<Query>,
        /// It may refer to what stands before it.
        lateral: bool,
    },
    /// `f(x)`, `ROWS FROM (f(x), g(y))`
    Function {
        /// The calls, each with the columns it is said to return. Never empty.
        calls: Vec<(Expr, Vec<ColumnDefinition>)>,
        /// Written with ROWS FROM.
        rows_from: bool,
        /// It may refer to what stands before it.
        lateral: bool,
        /// WITH ORDINALITY
        ordinality: bool,
    },
    /// Two items joined.
    Join(Box<Join>),
}

/// Two items of FROM joined.
#[derive(Debug, Clone, PartialEq)]
pub struct Join {
    /// How.
    pub kind: JoinKind,
    /// The item before JOIN.
    pub left: TableRef,
    /// The item behind JOIN.
    pub right: TableRef,
    /// On which condition.
    pub condition: JoinCondition,
}

/// How two items are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the variants are the SQL words")]
pub enum JoinKind {
    Inner,
    Left,
    Right,
    Full,
    Cross,
    /// ASOF JOIN, as DuckDB has it.
    Asof,
    AsofLeft,
}

/// The condition of a join.
#[derive(Debug, Clone, PartialEq)]
pub enum JoinCondition {
    /// CROSS JOIN
    None,
    /// NATURAL: equal on all columns of the same name.
    Natural,
    /// ON
    On(Expr),
    /// USING (columns) [AS alias]
    Using(Vec<Ident>, Option<Ident>),
}

/// AS name (columns)
#[derive(Debug, Clone, PartialEq)]
pub struct TableAlias {
    /// The name.
    pub name: Ident,
    /// The columns' new names, first ones first.
    pub columns: Vec<Ident>,
}

/// TABLESAMPLE
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// `bernoulli`, `system`, …
    pub method: Name,
    /// Its arguments.
    pub args: Vec<Expr>,
    /// REPEATABLE
    pub seed: Option<Expr>,
}
