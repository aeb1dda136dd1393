//! CREATE INDEX, DROP INDEX, REINDEX.

use super::{ConflictKey, Expr, Ident, Name, Span, StatementKind, StorageOption};

impl StatementKind {
    /// What it is called, where it cannot be one of several statements of a transaction.
    pub fn alone(&self) -> Option<&'static str> {
        match self {
            StatementKind::CreateIndex(create) if create.concurrently => Some("CREATE INDEX CONCURRENTLY"),
            StatementKind::DropIndex(drop) if drop.concurrently => Some("DROP INDEX CONCURRENTLY"),
            StatementKind::Reindex(reindex) if reindex.concurrently => Some("REINDEX CONCURRENTLY"),
            _ => None,
        }
    }
}

/// CREATE INDEX
#[derive(Debug, Clone, PartialEq)]
pub struct CreateIndex {
    /// UNIQUE
    pub unique: bool,
    /// CONCURRENTLY
    pub concurrently: bool,
    /// IF NOT EXISTS
    pub if_not_exists: bool,
    /// Its name; None: one is made up.
    pub name: Option<Ident>,
    /// ON ONLY
    pub only: bool,
    /// The table.
    pub table: Name,
    /// USING
    pub method: Option<Ident>,
    /// What it is ordered by.
    pub keys: Vec<IndexKey>,
    /// INCLUDE
    pub include: Vec<Ident>,
    /// NULLS NOT DISTINCT
    pub nulls_not_distinct: bool,
    /// WITH (…)
    pub options: Vec<StorageOption>,
    /// WHERE
    pub filter: Option<Expr>,
    /// Where it was written.
    pub span: Span,
}

/// One column or expression of an index.
#[derive(Debug, Clone, PartialEq)]
pub struct IndexKey {
    /// The column or expression, its collation, its operator class.
    pub key: ConflictKey,
    /// ASC (false) or DESC (true)
    pub descending: Option<bool>,
    /// NULLS FIRST (true) or LAST (false)
    pub nulls_first: Option<bool>,
}

/// DROP INDEX
#[derive(Debug, Clone, PartialEq)]
pub struct DropIndex {
    /// CONCURRENTLY
    pub concurrently: bool,
    /// The indexes.
    pub names: Vec<Name>,
    /// IF EXISTS
    pub if_exists: bool,
    /// CASCADE; otherwise RESTRICT.
    pub cascade: bool,
}

/// ALTER INDEX … RENAME TO
#[derive(Debug, Clone, PartialEq)]
pub struct AlterIndex {
    /// The index.
    pub name: Name,
    /// IF EXISTS
    pub if_exists: bool,
    /// Its new name.
    pub to: Ident,
}

/// REINDEX
#[derive(Debug, Clone, PartialEq)]
pub struct Reindex {
    /// INDEX, TABLE, SCHEMA, DATABASE or SYSTEM, in lower case.
    pub object: String,
    /// CONCURRENTLY
    pub concurrently: bool,
    /// What.
    pub name: Name,
}
