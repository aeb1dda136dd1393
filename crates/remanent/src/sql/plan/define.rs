//! What a statement about definitions does: steps over the catalog, and rows where it moves any.
//!
//! ```text
//! CREATE TABLE t (a serial CHECK (a > 0))     Create t · Create t_a_seq
//! ALTER TABLE t ADD c int DEFAULT 7   Reshape t
//! ALTER TABLE t ADD CHECK (b < a)             Check that no row fails · Alter t
//! ALTER TABLE t ALTER a TYPE text             Rewrite t from its rows
//! ```
//!
//! The binder settles what all of them say; running them changes the transaction's catalog one by one.

use super::{Plan, Referred};
use crate::sql::expr::Expr;
use remanent_storage::catalog::EntryKind;
use remanent_storage::catalog::comments::PartKind;
use remanent_storage::catalog::enums::EnumDef;
use remanent_storage::error::Error;
use remanent_storage::index::IndexDef;
use remanent_storage::table::TableDef;
use remanent_storage::txn::foreign::ForeignKey;
use std::sync::Arc;

/// What a statement about definitions does.
#[derive(Debug, Clone)]
pub struct Define {
    /// What it calls itself: CREATE TABLE.
    pub tag: &'static str,
    /// What it is about, for EXPLAIN.
    pub names: Vec<String>,
    /// In order.
    pub steps: Vec<Step>,
}

/// One change.
#[derive(Debug, Clone)]
#[allow(clippy::large_enum_variant, reason = "a statement has few steps")]
pub enum Step {
    /// Makes a relation.
    Create {
        /// What it is; its number comes when it is made.
        def: TableDef,
        /// Where another one has the name already, this is the last step.
        or_leave: bool,
    },
    /// Gives a relation another definition; its rows stay.
    Alter {
        /// What it was.
        old: Arc<TableDef>,
        /// What it is from here on.
        new: TableDef,
    },
    /// Drops a relation.
    Drop(Arc<TableDef>),
    /// Puts an empty table in the place of one.
    Empty(Arc<TableDef>),
    /// Puts a sequence that goes on elsewhere in the place of one.
    Restart {
        /// What it was.
        old: Arc<TableDef>,
        /// What it is from here on.
        new: TableDef,
        /// The last number, and whether it was given; None: as it stands now.
        at: Option<(i64, bool)>,
    },
    /// Puts a table with the rows of a plan in the place of one.
    Rewrite {
        /// What it was.
        old: Arc<TableDef>,
        /// What it is from here on.
        new: TableDef,
        /// All its columns.
        rows: Plan,
        /// What the rows must meet.
        rules: Option<Arc<Rules>>,
    },
    /// Gives a table other columns, its rows stay; or, where they have to be copied after all, does what that takes.
    Reshape {
        /// What it was.
        old: Arc<TableDef>,
        /// What it is from here on.
        new: TableDef,
        /// The columns that go, by their positions in the old one.
        gone: Vec<usize>,
        /// The new columns, and what they are in the rows that there are: the same in all of them.
        values: Vec<(usize, Expr)>,
        /// Indexes whose columns are elsewhere, as they are from here on.
        indexes: Vec<IndexDef>,
        /// The steps behind it.
        made: Vec<Step>,
        /// What is done in place of it and of those: one of them puts another table in its place.
        copied: Vec<Step>,
    },
    /// Makes an index.
    Index {
        /// The schema and name of its table, which a step before may have made.
        table: (String, String),
        /// What it is; its number and its table's come when it is made.
        def: IndexDef,
        /// Where something has the name already, this is the last step.
        or_leave: bool,
    },
    /// Drops an index.
    DropIndex(Arc<IndexDef>),
    /// Gives an index another name.
    RenameIndex(Arc<IndexDef>, String),
    /// Makes an index anew from the rows.
    Rebuild(Arc<IndexDef>),
    /// Fills the table that a step before made with rows.
    Fill {
        /// Its schema and name.
        name: (String, String),
        /// All its columns.
        rows: Plan,
    },
    /// Fails where a plan has a row; the table is held alone from here on.
    Check {
        /// Whose rows.
        table: Arc<TableDef>,
        /// Those that fail.
        rows: Plan,
        /// The error.
        error: Error,
    },
    /// A foreign key begins to hold: parent and child are held alone from here on, so that nobody writes in them who does not know of
    /// it.
    Refer {
        /// The schema and name of the child.
        table: (String, String),
        /// The name of the constraint.
        name: String,
        /// 23503 where a row of the child has no parent.
        validate: bool,
    },
    /// Makes an enum type; its number comes when it is made.
    CreateEnum(EnumDef),
    /// Gives the enum type of its number another definition.
    AlterEnum(EnumDef),
    /// Drops the enum type with that number.
    DropEnum(u32),
    /// Says something of an object, or, None, nothing any more.
    Comment(Commented, Option<String>),
    /// Stores an entry of the catalog, or forgets it.
    Entry {
        /// What it is.
        kind: EntryKind,
        /// Its name.
        name: String,
        /// Its value; None: there is none any more.
        value: Option<String>,
    },
}

/// What COMMENT ON speaks of.
#[derive(Debug, Clone)]
pub enum Commented {
    /// A relation, which a step before may have made, by schema and name, or a part of it.
    Relation((String, String), Option<(PartKind, String)>),
    /// The database, if it has this name.
    Database(String),
}

impl Step {
    /// The plan of its rows, where it has one.
    pub fn plan(&self) -> Option<&Plan> {
        match self {
            Step::Rewrite { rows, .. } | Step::Fill { rows, .. } | Step::Check { rows, .. } => Some(rows),
            Step::Reshape { copied, .. } => copied.iter().find_map(Step::plan),
            _ => None,
        }
    }

    /// The plan of its rows, to be changed.
    pub fn plan_mut(&mut self) -> Option<&mut Plan> {
        match self {
            Step::Rewrite { rows, .. } | Step::Fill { rows, .. } | Step::Check { rows, .. } => Some(rows),
            Step::Reshape { copied, .. } => copied.iter_mut().find_map(Step::plan_mut),
            _ => None,
        }
    }
}

/// What is computed and checked of each row before it is stored, and what its foreign keys want. The expressions are over the
/// table's columns.
#[derive(Debug, Clone)]
pub struct Rules {
    /// Whose rows.
    pub table: Arc<TableDef>,
    /// Columns that are computed from the others.
    pub generated: Vec<(usize, Expr)>,
    /// Conditions that must not be false, by name in its order.
    pub checks: Vec<(String, Expr)>,
    /// Conditions of views that must be true of rows that were stored, by the views' names, in their order.
    pub views: Vec<(String, Expr)>,
    /// Foreign keys of the table that the statement touches.
    pub references: Vec<Arc<ForeignKey>>,
    /// Foreign keys that refer to what it touches.
    pub referred: Vec<Arc<Referred>>,
    /// The columns of old rows that these need, by position. An UPDATE and a DELETE get them behind everything else.
    pub old: Vec<usize>,
}

impl Rules {
    /// None yet.
    pub fn new(table: &Arc<TableDef>) -> Self {
        let (generated, checks, views) = (Vec::new(), Vec::new(), Vec::new());
        let (table, references, referred) = (Arc::clone(table), Vec::new(), Vec::new());
        Rules { table, generated, checks, views, references, referred, old: Vec::new() }
    }
}
