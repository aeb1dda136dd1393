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
//! | `access` | how a scan uses an index |
//! | `strategy` | which operators which kinds of index answer |
//! | `define` | what a statement about definitions does |
//! | `determined` | which columns of a grouping follow from others |
//! | `foreign` | what becomes of the rows that name a row which goes |
//! | `walk` | visiting and rewriting children and expressions |
//! | `fields` | names and types of what a node delivers |
//! | `statistics` | what is known of a table's rows |
//! | `display`, `tree` | what EXPLAIN says, and how it is printed |

pub mod access;
pub mod define;
pub mod determined;
mod display;
mod fields;
mod foreign;
mod gapfill;
mod given;
mod statistics;
pub mod strategy;
mod tree;
mod walk;
mod window;

pub use access::{Access, Asked, Counted, Equal, IndexOrder, Ranked, RankedTerm, TableIndexes};
pub use define::{Commented, Define, Rules, Step};
pub use display::ExplainOptions;
pub use fields::{Field, Shape};
pub use foreign::{Referred, Response};
pub use gapfill::{Fill, Gaps};
pub use given::Given;
pub use statistics::Statistics;
pub use tree::Measured;
pub use window::{Bound, Frame, FrameExclude, FrameUnit, WindowCall, WindowFunction};

use crate::sql::expr::Expr;
use crate::sql::functions::Cmp;
use crate::sql::functions::aggregate::Aggregate;
use crate::sql::functions::series::SetFunction;
use remanent_storage::index::IndexId;
use remanent_storage::table::{TableDef, TableId};
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
        /// Those of the first 64 columns, by bits, that nothing reads but the filter above.
        tested: u64,
        /// What lets the scan skip rows; a filter above says it again.
        ranges: Vec<RangeCond>,
        /// A last column says where each row lies.
        row_ids: bool,
        /// What is known of the table's rows.
        stats: Statistics,
        /// The table's indexes; None: it has none but its key.
        indexes: Option<TableIndexes>,
        /// The index that is used.
        access: Option<Box<Access>>,
        /// The index that ranks its rows: of each segment that has a part of it, the first ones suffice.
        ranked: Option<Box<Ranked>>,
        /// The index that counts its rows for `bm25_corpus`: of segments that have a part of it, none is wanted.
        counted: Option<Box<Counted>>,
        /// A grouping above takes of whole pages what zone maps say of them.
        summarised: bool,
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
    /// A join whose right input depends on the left row: it is run once for each distinct combination of `args`.
    Apply {
        /// The one input.
        left: Box<Plan>,
        /// The other, which reads the arguments as parameters.
        right: Box<Plan>,
        /// Which parameters, and their values over the left input.
        args: Vec<(usize, Expr)>,
        /// A left row without a partner comes out beside NULLs.
        outer: bool,
        /// What else must hold of a pair, over both.
        filter: Option<Expr>,
    },
    /// Left rows with the nearest right row each: ASOF JOIN.
    Asof {
        /// The one input.
        left: Box<Plan>,
        /// The other.
        right: Box<Plan>,
        /// What must be equal, over the left and over the right input, of one type.
        keys: Vec<(Expr, Expr)>,
        /// By what the nearest is found, likewise.
        by: (Expr, Expr),
        /// How the two must compare: `left op right`; never `=` or `<>`.
        op: Cmp,
        /// A left row without a match comes out beside NULLs.
        outer: bool,
        /// What must hold of the pair, or it is no match.
        filter: Option<Expr>,
    },
    /// The rows of functions side by side; the arguments read no column.
    Function {
        /// The calls.
        calls: Vec<SetCall>,
        /// WITH ORDINALITY: a last column counts the rows.
        ordinality: bool,
        /// The columns.
        fields: Vec<Field>,
    },
    /// Rows that whoever runs the plan puts there: COPY FROM.
    Given {
        /// Where they are put.
        rows: Given,
        /// Their columns.
        fields: Vec<Field>,
    },
    /// Rows as often as the longest of some calls has rows, with a column for each call.
    ProjectSet {
        /// Where rows come from.
        input: Box<Plan>,
        /// The calls.
        calls: Vec<SetCall>,
    },
    /// One row a group: the grouping expressions, then the aggregates.
    Aggregate {
        /// Where rows come from.
        input: Box<Plan>,
        /// What makes a group; empty: all rows are one, even if there is none.
        group: Vec<Expr>,
        /// What is computed of each.
        aggregates: Vec<AggregateCall>,
        /// GROUPING SETS: for each set, which of `group` count; the others are NULL. A last column then says which set
        /// a row is of. Empty: all of `group` count.
        sets: Vec<Vec<bool>>,
    },
    /// Each distinct row once.
    Distinct {
        /// Where rows come from.
        input: Box<Plan>,
    },
    /// The rows in order of partitions and of `order`, each with the values of window functions behind its columns.
    Window {
        /// Where rows come from.
        input: Box<Plan>,
        /// PARTITION BY
        partition: Vec<Expr>,
        /// ORDER BY
        order: Vec<SortKey>,
        /// What is computed of each row.
        calls: Vec<WindowCall>,
    },
    /// The rows, and one for each bucket of time that has none.
    Gapfill {
        /// Where rows come from, in order of series and time.
        input: Box<Plan>,
        /// Which buckets.
        gaps: Box<Gaps>,
    },
    /// Of the rows that agree in some expressions, the first.
    DistinctOn {
        /// Where rows come from.
        input: Box<Plan>,
        /// What they agree in.
        keys: Vec<Expr>,
    },
    /// INTERSECT, EXCEPT: the rows of the left input that the right one has, or has not. NULLs are equal.
    SetOp {
        /// True for EXCEPT.
        op: SetOp,
        /// ALL: as often as the counts say; otherwise once.
        all: bool,
        /// The one input.
        left: Box<Plan>,
        /// The other; the types agree.
        right: Box<Plan>,
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
        /// WITH TIES: the order of the input; rows that are equal to the last in it come too.
        ties: Vec<SortKey>,
    },
    /// Named queries whose rows several readers share, and what reads them.
    With {
        /// The queries; each may read those before it.
        queries: Vec<WithQuery>,
        /// What is delivered.
        input: Box<Plan>,
    },
    /// The rows of a named query, or within the step of a recursive one, its newest rows.
    WithScan {
        /// Which one.
        id: usize,
        /// What the statement calls it.
        alias: String,
        /// The columns.
        fields: Vec<Field>,
        /// Something of its WITH writes: its rows may be known only then.
        written: bool,
    },
    /// WITH RECURSIVE: the first rows, then what the step makes of the newest rows, until it makes none.
    Recursive {
        /// The number by which the step reads the newest rows.
        id: usize,
        /// The first rows.
        first: Box<Plan>,
        /// Reads a [`Plan::WithScan`] of that number.
        step: Box<Plan>,
        /// UNION: a row that came before is not new.
        distinct: bool,
        /// The columns.
        fields: Vec<Field>,
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
        /// What is computed and checked of each row.
        rules: Option<Arc<Rules>>,
        /// ON CONFLICT
        conflict: Option<Box<Conflict>>,
        /// RETURNING
        returning: Option<Returning>,
    },
    /// Replaces rows.
    Update {
        /// Of which table.
        table: Arc<TableDef>,
        /// The key columns, where the row lies, then the new row: all declared columns; then what RETURNING reads; then what the
        /// rules read of the old row.
        input: Box<Plan>,
        /// The columns that the statement sets, by position.
        assigned: Vec<usize>,
        /// What is computed and checked of each new row.
        rules: Option<Arc<Rules>>,
        /// RETURNING
        returning: Option<Returning>,
    },
    /// Deletes rows.
    Delete {
        /// Of which table.
        table: Arc<TableDef>,
        /// The key columns, then where the row lies, then what RETURNING reads; then what the rules read of the row.
        input: Box<Plan>,
        /// The foreign keys that refer to its rows.
        rules: Option<Arc<Rules>>,
        /// RETURNING
        returning: Option<Returning>,
    },
    /// Inserts, updates and deletes rows of one table, each row once: MERGE.
    Merge {
        /// The statements, in the order in which they write.
        actions: Vec<Plan>,
    },
    /// Changes definitions.
    Define(Box<Define>),
    /// Prints a plan.
    Explain {
        /// The plan.
        plan: Box<Plan>,
        /// The subqueries it refers to.
        subplans: Vec<SubPlan>,
        /// How, and whether the plan is run.
        options: ExplainOptions,
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
    /// Pairs that match, and each right row without a match beside NULLs.
    Right,
    /// Pairs that match, and the rows of both sides without a match beside NULLs.
    Full,
    /// As `Left`, but a left row with two matches is an error: a subquery used as an expression.
    Single,
    /// Left rows with a match: `IN (SELECT …)`. The right side's columns are not delivered.
    Semi,
    /// Left rows without a match: `NOT EXISTS`. The right side's columns are not delivered.
    Anti,
    /// Left rows without a match, by the logic of `NOT IN`: none at all where the right side has a NULL, and none
    /// whose own key is NULL unless the right side is empty. The right side's columns are not delivered.
    NotIn,
}

impl JoinKind {
    /// True if the right side's columns are delivered.
    pub fn delivers_right(self) -> bool {
        !matches!(self, JoinKind::Semi | JoinKind::Anti | JoinKind::NotIn)
    }

    /// True if the left side's columns may be NULL because a row had no match.
    pub fn extends_left(self) -> bool {
        matches!(self, JoinKind::Right | JoinKind::Full)
    }

    /// True if the right side's columns may be NULL because a row had no match.
    pub fn extends_right(self) -> bool {
        matches!(self, JoinKind::Left | JoinKind::Full | JoinKind::Single)
    }
}

/// INTERSECT or EXCEPT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the variants are the SQL words")]
pub enum SetOp {
    Intersect,
    Except,
}

/// A query of WITH.
#[derive(Debug, Clone)]
pub struct WithQuery {
    /// Its number in the statement.
    pub id: usize,
    /// Its name.
    pub name: String,
    /// Its rows.
    pub plan: Plan,
    /// (NOT) MATERIALIZED.
    pub materialized: Option<bool>,
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
    /// ORDER BY: in which order the rows of a group are fed.
    pub order: Vec<SortKey>,
}

impl AggregateCall {
    /// The expressions over the input.
    pub fn exprs(&self) -> impl Iterator<Item = &Expr> {
        self.aggregate.args.iter().chain(self.order.iter().map(|key| &key.expr)).chain(&self.filter)
    }

    /// The expressions over the input, to be changed.
    pub fn exprs_mut(&mut self) -> impl Iterator<Item = &mut Expr> {
        let order = self.order.iter_mut().map(|key| &mut key.expr);
        self.aggregate.args.iter_mut().chain(order).chain(&mut self.filter)
    }
}

impl PartialEq for AggregateCall {
    fn eq(&self, other: &Self) -> bool {
        let (a, b) = (&self.aggregate, &other.aggregate);
        std::ptr::eq(a.function, b.function)
            && a.args == b.args
            && self.distinct == other.distinct
            && self.filter == other.filter
            && self.order == other.order
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

/// A subquery that does not depend on the row: run once, before the statement; its result is a parameter.
#[derive(Debug, Clone)]
pub struct SubPlan {
    /// Which parameter.
    pub slot: usize,
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

/// A call whose rows are those of a column.
#[derive(Debug, Clone)]
pub struct SetCall {
    /// What is called.
    pub source: SetSource,
    /// Its arguments.
    pub args: Vec<Expr>,
    /// The column's type.
    pub ty: Type,
}

/// What makes the rows of a call.
#[derive(Debug, Clone, Copy)]
pub enum SetSource {
    /// A function that returns rows.
    Rows(&'static SetFunction),
    /// One row: the one argument.
    Value,
}

impl SetSource {
    /// What is called.
    pub fn name(self) -> Option<&'static str> {
        match self {
            SetSource::Rows(function) => Some(function.name),
            SetSource::Value => None,
        }
    }
}

/// RETURNING: what comes out of a statement that writes.
#[derive(Debug, Clone)]
pub struct Returning {
    /// Over the row as it is now (DELETE: as it was), then what else the input delivers behind it.
    pub exprs: Vec<Expr>,
    /// The columns' names.
    pub names: Vec<String>,
}

/// ON CONFLICT.
#[derive(Debug, Clone)]
pub struct Conflict {
    /// The indexes whose conflicts are meant ([`PRIMARY`](remanent_storage::index::PRIMARY): the primary key); None: all.
    pub arbiters: Option<Vec<IndexId>>,
    /// DO UPDATE: for each column of the table its new value over the row that is there, followed by the row that was
    /// to be inserted; None: DO NOTHING.
    pub update: Option<Vec<Expr>>,
    /// The columns that it sets, by position.
    pub assigned: Vec<usize>,
    /// WHERE, over the same.
    pub filter: Option<Expr>,
    /// What the row that is there must be like to be updated, by the views through which it is, over the same.
    pub visible: Vec<(String, Expr)>,
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
        match self {
            Plan::With { queries, input } => {
                input.writes() || queries.iter().any(|query| query.plan.writes())
            }
            Plan::Explain { plan, options, .. } => options.analyze && plan.writes(),
            Plan::Insert { .. }
            | Plan::Update { .. }
            | Plan::Delete { .. }
            | Plan::Merge { .. }
            | Plan::Define(_) => true,
            _ => false,
        }
    }

    /// True if all that it writes are rows of temporary tables.
    pub fn writes_temporary_only(&self) -> bool {
        match self {
            Plan::With { queries, input } => {
                let others = queries.iter().map(|query| &query.plan).chain([&**input]);
                others.filter(|plan| plan.writes()).all(Plan::writes_temporary_only)
            }
            Plan::Insert { table, .. } | Plan::Update { table, .. } | Plan::Delete { table, .. } => {
                table.is_temporary()
            }
            Plan::Merge { actions } => actions.iter().all(Plan::writes_temporary_only),
            Plan::Explain { plan, .. } => plan.writes_temporary_only(),
            _ => false,
        }
    }

    /// True if rows come out, though there may be none.
    pub fn returns_rows(&self) -> bool {
        match self {
            Plan::With { input, .. } => input.returns_rows(),
            Plan::Insert { returning, .. }
            | Plan::Update { returning, .. }
            | Plan::Delete { returning, .. } => returning.is_some(),
            Plan::Define(_) | Plan::Merge { .. } => false,
            _ => true,
        }
    }

    /// Of a scan whose rows an index ranks, filtered or not: by what, where its values are the last column.
    pub fn ranked_by(&self) -> Option<&Expr> {
        match self {
            Plan::Scan { ranked, .. } => ranked.as_ref()?.value.as_deref(),
            Plan::Filter { input, .. } => input.ranked_by(),
            _ => None,
        }
    }

    /// True if running it opens plans while rows come out already, which needs the transaction.
    pub fn opens_late(&self) -> bool {
        let mut late = matches!(self, Plan::Apply { .. } | Plan::Recursive { .. });
        self.for_each_expr(&mut |expr| late = late || expr.has_subquery());
        late || self.any_child(&mut Plan::opens_late)
    }

    /// True if what it so opens reads rows of one of these tables.
    pub fn reads_late(&self, tables: &[TableId]) -> bool {
        let opens = matches!(self, Plan::Apply { .. } | Plan::Recursive { .. });
        let found = opens && self.any_child(&mut |child| child.reads(tables));
        let found = found || self.in_subqueries(&mut |plan| plan.scans(tables));
        found || self.any_child(&mut |child| child.reads_late(tables))
    }

    /// True if it, or a subquery in it, reads rows of one of these tables.
    pub fn reads(&self, tables: &[TableId]) -> bool {
        self.any_within(&mut |plan| plan.scans(tables))
    }

    fn scans(&self, tables: &[TableId]) -> bool {
        match self {
            Plan::Scan { table, .. } | Plan::PointGet { table, .. } => tables.contains(&table.id),
            _ => false,
        }
    }

    /// True if a node is one, of it or of the subqueries in it.
    pub fn any_within(&self, test: &mut dyn FnMut(&Plan) -> bool) -> bool {
        test(self) || self.in_subqueries(test) || self.any_child(&mut |child| child.any_within(test))
    }

    fn in_subqueries(&self, test: &mut dyn FnMut(&Plan) -> bool) -> bool {
        let mut found = false;
        self.for_each_expr(&mut |expr| {
            found =
                found || expr.any(&mut |part| matches!(part, Expr::Subquery(s) if s.plan.any_within(test)));
        });
        found
    }

    /// Adds the tables whose rows it writes.
    pub fn written(&self, tables: &mut Vec<TableId>) {
        match self {
            Plan::Insert { table, .. } | Plan::Update { table, .. } | Plan::Delete { table, .. } => {
                tables.push(table.id);
            }
            Plan::Merge { actions } => actions.iter().for_each(|action| action.written(tables)),
            _ => {}
        }
    }
}
