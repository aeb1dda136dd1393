//! Plans: what a statement does, as data.
//!
//! A [`Plan`] is a tree. Each node delivers rows of columns; its expressions speak of the columns of its input
//! by position, a join's of those of its left input followed by those of its right. The binder makes a plan that
//! says what the statement means; each pass of [`super::optimize`] turns it into one that means the same and
//! costs less; [`super::execute`] builds one operator a node. There is one kind of plan from beginning to
//! end, so that it can be printed after every step (`EXPLAIN`, and the golden files of the passes).
//!
//! ```text
//! SELECT b, count(*) FROM t WHERE a > 5 GROUP BY b ORDER BY 2 LIMIT 3
//!
//! Limit                                          TopN
//!   ->  Sort                                       Sort Key: count(*)
//!         Sort Key: count(*)                       ->  HashAggregate
//!         ->  HashAggregate               =>             Group Key: b
//!               Group Key: b                             ->  Seq Scan on t
//!               ->  Seq Scan on t                              Range Cond: (a > 5)
//!                     Filter: (a > 5)                          Filter: (a > 5)
//! ```
//!
//! | file | holds |
//! |---|---|
//! | `mod` | [`Plan`] and its parts |
//! | `walk` | visiting and rewriting children and expressions |
//! | `fields` | names and types of what a node delivers |
//! | `display` | the text of EXPLAIN |

mod display;
mod fields;
mod walk;

pub use fields::Field;

use crate::sql::expr::Expr;
use crate::sql::functions::Cmp;
use crate::sql::functions::aggregate::Aggregate;
use remanent_storage::table::{ColumnDef, TableDef};
use remanent_storage::txn::locker::RowWait;
use remanent_storage::txn::locks::Mode;
use remanent_storage::value::Type;
use std::sync::Arc;

/// What a statement does.
#[derive(Debug, Clone)]
pub enum Plan {
    /// Rows of expressions. One row without columns is a SELECT without FROM; no row is a proven nothing.
    Values {
        /// The rows; each as long as `fields`.
        rows: Arc<Vec<Vec<Expr>>>,
        /// Names and types of the columns.
        fields: Vec<Field>,
    },
    /// The visible rows of a table.
    Scan {
        /// The table.
        table: Arc<TableDef>,
        /// What the statement calls it.
        alias: String,
        /// Which columns, by position; `table.columns.len()` is the hidden `row_id`.
        columns: Vec<usize>,
        /// What lets the scan skip rows; a filter above says it again.
        ranges: Vec<RangeCond>,
        /// A last column says where each row lies.
        row_ids: bool,
        /// How many rows the table had when the statement was bound, deleted ones included.
        table_rows: u64,
    },
    /// The one row of a table with that primary key.
    PointGet {
        /// The table.
        table: Arc<TableDef>,
        /// What the statement calls it.
        alias: String,
        /// Which columns, by position.
        columns: Vec<usize>,
        /// The values of the key's columns in key order; none reads a column.
        key: Vec<Expr>,
        /// A last column says where the row lies.
        row_ids: bool,
    },
    /// The rows for which a condition is true.
    Filter {
        /// Where rows come from.
        input: Box<Plan>,
        /// The condition.
        predicate: Expr,
    },
    /// Computed columns.
    Project {
        /// Where rows come from.
        input: Box<Plan>,
        /// One a column.
        exprs: Vec<Expr>,
        /// The columns' names.
        names: Vec<String>,
    },
    /// Pairs of rows.
    Join {
        /// The one input.
        left: Box<Plan>,
        /// The other.
        right: Box<Plan>,
        /// Which rows.
        kind: JoinKind,
        /// What must be equal: expressions over the left and over the right input, of one type. Empty: all pairs.
        keys: Vec<(Expr, Expr)>,
        /// What else must hold, over both.
        filter: Option<Expr>,
        /// Which input is held in memory.
        build: Side,
        /// Which columns are delivered, of the left input's followed by the right one's; None: all. Where the right
        /// side is not delivered at all (`kind`), of the left one's.
        output: Option<Vec<usize>>,
    },
    /// One row a group: the grouping expressions, then the aggregates.
    Aggregate {
        /// Where rows come from.
        input: Box<Plan>,
        /// What makes a group; empty: all rows are one, even if there is none.
        group: Vec<Expr>,
        /// What is computed of each.
        aggregates: Vec<AggregateCall>,
    },
    /// Each distinct row once.
    Distinct {
        /// Where rows come from.
        input: Box<Plan>,
    },
    /// Rows in order.
    Sort {
        /// Where rows come from.
        input: Box<Plan>,
        /// By what.
        keys: Vec<SortKey>,
    },
    /// The first rows in order.
    TopN {
        /// Where rows come from.
        input: Box<Plan>,
        /// By what.
        keys: Vec<SortKey>,
        /// How many, after those skipped.
        limit: Expr,
        /// How many are skipped.
        offset: Option<Expr>,
    },
    /// Some of the rows.
    Limit {
        /// Where rows come from.
        input: Box<Plan>,
        /// How many, after those skipped; NULL or None: all.
        limit: Option<Expr>,
        /// How many are skipped; NULL or None: none.
        offset: Option<Expr>,
    },
    /// The rows of the inputs, one input after the other.
    Append {
        /// The inputs; their types agree.
        inputs: Vec<Plan>,
    },
    /// Locks rows of tables as they pass: FOR UPDATE and its kin. What has changed since the snapshot is a restart.
    LockRows {
        /// Where rows come from.
        input: Box<Plan>,
        /// Whose rows.
        tables: Vec<RowLock>,
        /// No row is locked before it is asked for: there is a LIMIT above.
        one_by_one: bool,
    },
    /// Inserts rows.
    Insert {
        /// Into which table.
        table: Arc<TableDef>,
        /// All its declared columns, in order, each of the declared type.
        input: Box<Plan>,
    },
    /// Replaces rows.
    Update {
        /// Of which table.
        table: Arc<TableDef>,
        /// The key columns, where the row lies, then the new row: all declared columns.
        input: Box<Plan>,
        /// The columns that the statement sets, by position.
        assigned: Vec<usize>,
    },
    /// Deletes rows.
    Delete {
        /// Of which table.
        table: Arc<TableDef>,
        /// The key columns, then where the row lies.
        input: Box<Plan>,
    },
    /// Makes a table.
    CreateTable {
        /// Its name.
        name: String,
        /// Its columns.
        columns: Vec<ColumnDef>,
        /// Positions of the key's columns.
        key: Vec<usize>,
        /// A table of that name is fine, whatever it holds.
        if_not_exists: bool,
    },
    /// Drops tables.
    DropTable {
        /// Their names.
        names: Vec<String>,
        /// A missing one is fine.
        if_exists: bool,
    },
    /// Empties tables.
    Truncate {
        /// Their names.
        names: Vec<String>,
    },
    /// Prints a plan.
    Explain {
        /// The plan.
        plan: Box<Plan>,
        /// The subqueries it refers to.
        subplans: Vec<SubPlan>,
        /// With the output columns of every node.
        verbose: bool,
    },
}

/// One table whose rows are locked.
#[derive(Debug, Clone)]
pub struct RowLock {
    /// The table.
    pub table: Arc<TableDef>,
    /// What the statement calls it.
    pub alias: String,
    /// How strong.
    pub mode: Mode,
    /// What to do about rows that others have locked.
    pub wait: RowWait,
    /// The positions of the key's columns in the input, then of where the row lies.
    pub identity: Vec<usize>,
}

/// Which rows a join delivers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JoinKind {
    /// Pairs that match.
    Inner,
    /// Those, and each left row without a match beside NULLs.
    Left,
    /// Left rows with a match: `IN (SELECT …)`. The right side's columns are not delivered.
    Semi,
    /// Left rows without a match, by the logic of `NOT IN`: none at all where the right side has a NULL, and none
    /// whose own key is NULL unless the right side is empty. The right side's columns are not delivered.
    Anti,
}

/// One input of a join.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The left one.
    Left,
    /// The right one.
    Right,
}

/// A condition on a column that lets a scan skip rows: `column op value`.
#[derive(Debug, Clone, PartialEq)]
pub struct RangeCond {
    /// The column's position in the table.
    pub column: usize,
    /// The comparison; never `<>`.
    pub op: Cmp,
    /// Of the column's type; reads no column.
    pub value: Expr,
}

/// A call of an aggregate as written.
#[derive(Debug, Clone)]
pub struct AggregateCall {
    /// The function and its arguments.
    pub aggregate: Aggregate,
    /// DISTINCT: equal arguments count once.
    pub distinct: bool,
    /// FILTER: only rows for which this is true.
    pub filter: Option<Expr>,
}

impl PartialEq for AggregateCall {
    fn eq(&self, other: &Self) -> bool {
        let (a, b) = (&self.aggregate, &other.aggregate);
        std::ptr::eq(a.function, b.function)
            && a.args == b.args
            && self.distinct == other.distinct
            && self.filter == other.filter
    }
}

/// One item of ORDER BY.
#[derive(Debug, Clone, PartialEq)]
pub struct SortKey {
    /// By what.
    pub expr: Expr,
    /// DESC
    pub descending: bool,
    /// NULLs before all values.
    pub nulls_first: bool,
}

/// A subquery that does not depend on the row: run once, before the statement; its result is the parameter
/// behind those of the user.
#[derive(Debug, Clone)]
pub struct SubPlan {
    /// What its result is.
    pub kind: SubPlanKind,
    /// How it is computed.
    pub plan: Plan,
}

/// What the result of a subquery is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubPlanKind {
    /// The one value of its one row, or NULL where it has none; 21000 where it has more.
    Scalar(Type),
    /// Whether it has a row.
    Exists,
}

impl Plan {
    /// One row without columns.
    pub fn one_row() -> Plan {
        Plan::Values { rows: Arc::new(vec![Vec::new()]), fields: Vec::new() }
    }

    /// No row, of the columns that this plan would deliver.
    pub fn nothing(&self) -> Plan {
        Plan::Values { rows: Arc::new(Vec::new()), fields: self.fields() }
    }

    /// This plan's rows for which all of `conjuncts` are true.
    pub fn filtered(self, conjuncts: Vec<Expr>) -> Plan {
        match conjuncts.is_empty() {
            true => self,
            false => Plan::Filter { input: Box::new(self), predicate: Expr::conjunction(conjuncts) },
        }
    }

    /// True if running it changes the database.
    pub fn writes(&self) -> bool {
        matches!(
            self,
            Plan::Insert { .. }
                | Plan::Update { .. }
                | Plan::Delete { .. }
                | Plan::CreateTable { .. }
                | Plan::DropTable { .. }
                | Plan::Truncate { .. }
        )
    }
}
