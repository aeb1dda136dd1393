//! Statements.

use super::{
    AlterEnum, AlterIndex, AlterSequence, AlterTable, Comment, CreateEnum, CreateIndex, CreateSchema,
    CreateSequence, CreateTable, CreateTableAs, CreateView, Discard, DropIndex, DropObjects, Expr, Ident,
    Maintain, Merge, Name, Query, Reindex, SelectItem, SetConstraints, Span, Subscript, TableRef, Truncate,
    With,
};

/// One statement of a script.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// What it is.
    pub kind: StatementKind,
    /// Where it was written, without the semicolon.
    pub span: Span,
    /// The highest `$n` in it; 0: none.
    pub params: u32,
}

/// What a statement can be.
#[derive(Debug, Clone, PartialEq)]
pub enum StatementKind {
    /// SELECT, VALUES, TABLE
    Query(Box<Query>),
    /// INSERT
    Insert(Box<Insert>),
    /// UPDATE
    Update(Box<Update>),
    /// DELETE
    Delete(Box<Delete>),
    /// MERGE
    Merge(Box<Merge>),
    /// CREATE TABLE
    CreateTable(Box<CreateTable>),
    /// CREATE TABLE … AS, SELECT … INTO
    CreateTableAs(Box<CreateTableAs>),
    /// ALTER TABLE, and what of it goes for views and sequences
    AlterTable(Box<AlterTable>),
    /// CREATE SEQUENCE
    CreateSequence(Box<CreateSequence>),
    /// ALTER SEQUENCE with options
    AlterSequence(Box<AlterSequence>),
    /// CREATE VIEW
    CreateView(Box<CreateView>),
    /// CREATE SCHEMA
    CreateSchema(Box<CreateSchema>),
    /// CREATE EXTENSION
    CreateExtension(Ident),
    /// ALTER SCHEMA … RENAME TO
    RenameSchema(Ident, Ident),
    /// CREATE TYPE … AS ENUM
    CreateEnum(Box<CreateEnum>),
    /// ALTER TYPE of an enum
    AlterEnum(Box<AlterEnum>),
    /// DROP TABLE, VIEW, SEQUENCE, SCHEMA, TYPE
    Drop(Box<DropObjects>),
    /// CREATE INDEX
    CreateIndex(Box<CreateIndex>),
    /// DROP INDEX
    DropIndex(DropIndex),
    /// ALTER INDEX
    AlterIndex(AlterIndex),
    /// REINDEX
    Reindex(Reindex),
    /// TRUNCATE
    Truncate(Truncate),
    /// DISCARD
    Discard(Discard),
    /// COMMENT ON
    Comment(Box<Comment>),
    /// EXPLAIN
    Explain(Box<Explain>),
    /// BEGIN, COMMIT, ROLLBACK, SAVEPOINT, …
    Transaction(TransactionStatement),
    /// SET
    Set(Set),
    /// SET CONSTRAINTS
    SetConstraints(SetConstraints),
    /// SHOW; None: SHOW ALL
    Show(Option<Name>),
    /// RESET; None: RESET ALL
    Reset(Option<Name>),
    /// ALTER DATABASE, ALTER SYSTEM
    Alter(Box<Alter>),
    /// CHECKPOINT, VACUUM, ANALYZE
    Maintain(Maintain),
    /// COPY
    Copy(Box<super::Copy>),
    /// BACKUP TO 'directory'
    Backup(String),
}

/// INSERT
#[derive(Debug, Clone, PartialEq)]
pub struct Insert {
    /// WITH
    pub with: Option<With>,
    /// Into which table.
    pub table: Name,
    /// AS
    pub alias: Option<Ident>,
    /// The columns given; empty: all, in order.
    pub columns: Vec<Target>,
    /// OVERRIDING SYSTEM VALUE (true) or USER VALUE (false)
    pub overriding_system: Option<bool>,
    /// The rows; None: DEFAULT VALUES. In a VALUES body [`super::ExprKind::Default`] may stand for a value.
    pub source: Option<Box<Query>>,
    /// ON CONFLICT
    pub on_conflict: Option<OnConflict>,
    /// RETURNING
    pub returning: Vec<SelectItem>,
}

/// ON CONFLICT
#[derive(Debug, Clone, PartialEq)]
pub struct OnConflict {
    /// Which conflict; None: any.
    pub target: Option<ConflictTarget>,
    /// DO UPDATE SET …; None: DO NOTHING
    pub update: Option<ConflictUpdate>,
    /// Where it was written.
    pub span: Span,
}

/// The unique index or constraint whose conflict is meant.
#[derive(Debug, Clone, PartialEq)]
pub enum ConflictTarget {
    /// ON CONSTRAINT
    Constraint(Ident),
    /// `(columns or expressions) [WHERE …]`
    Index {
        /// The indexed columns or expressions.
        keys: Vec<ConflictKey>,
        /// The predicate of a partial index.
        filter: Option<Expr>,
        /// Where it begins.
        at: Span,
    },
}

/// One column or expression of a conflict target.
#[derive(Debug, Clone, PartialEq)]
pub struct ConflictKey {
    /// The column or expression.
    pub expr: Expr,
    /// COLLATE
    pub collation: Option<Name>,
    /// The operator class.
    pub class: Option<Name>,
}

/// DO UPDATE
#[derive(Debug, Clone, PartialEq)]
pub struct ConflictUpdate {
    /// SET
    pub set: Vec<Assignment>,
    /// WHERE
    pub filter: Option<Expr>,
}

/// A column that is written, or a part of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// The column.
    pub column: Ident,
    /// `.field` and `[subscript]` behind it.
    pub path: Vec<PathStep>,
}

/// One step into a column's value.
#[derive(Debug, Clone, PartialEq)]
pub enum PathStep {
    /// `.field`
    Field(Ident),
    /// `[1]`, `[1:2]`
    Subscript(Box<Subscript>),
}

/// `column = value`, `(a, b) = row`
#[derive(Debug, Clone, PartialEq)]
pub struct Assignment {
    /// What is written: one target, or several for `(a, b) = …`.
    pub targets: Vec<Target>,
    /// Written with parentheses: the value is a row or a query of several columns.
    pub multiple: bool,
    /// The value; may be [`super::ExprKind::Default`].
    pub value: Expr,
}

/// UPDATE
#[derive(Debug, Clone, PartialEq)]
pub struct Update {
    /// WITH
    pub with: Option<With>,
    /// Which table.
    pub table: Name,
    /// ONLY
    pub only: bool,
    /// AS
    pub alias: Option<Ident>,
    /// SET
    pub set: Vec<Assignment>,
    /// FROM
    pub from: Vec<TableRef>,
    /// WHERE
    pub filter: Option<Expr>,
    /// RETURNING
    pub returning: Vec<SelectItem>,
}

/// DELETE
#[derive(Debug, Clone, PartialEq)]
pub struct Delete {
    /// WITH
    pub with: Option<With>,
    /// From which table.
    pub table: Name,
    /// ONLY
    pub only: bool,
    /// AS
    pub alias: Option<Ident>,
    /// USING
    pub using: Vec<TableRef>,
    /// WHERE
    pub filter: Option<Expr>,
    /// RETURNING
    pub returning: Vec<SelectItem>,
}

/// EXPLAIN
#[derive(Debug, Clone, PartialEq)]
pub struct Explain {
    /// `(ANALYZE, FORMAT json)`; the old words ANALYZE and VERBOSE come as options too. The value is the word
    /// as written, folded; None: none.
    pub options: Vec<(Ident, Option<String>)>,
    /// What is explained.
    pub statement: Statement,
}

/// A statement about transactions.
#[derive(Debug, Clone, PartialEq)]
pub enum TransactionStatement {
    /// BEGIN, START TRANSACTION
    Begin(TransactionModes),
    /// COMMIT, END; true: AND CHAIN
    Commit(bool),
    /// ROLLBACK, ABORT; true: AND CHAIN
    Rollback(bool),
    /// SAVEPOINT
    Savepoint(Ident),
    /// RELEASE SAVEPOINT
    Release(Ident),
    /// ROLLBACK TO SAVEPOINT
    RollbackTo(Ident),
    /// SET TRANSACTION
    Set(TransactionModes),
    /// SET SESSION CHARACTERISTICS AS TRANSACTION
    SetSession(TransactionModes),
}

/// The modes of a transaction; None: the default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TransactionModes {
    /// ISOLATION LEVEL
    pub isolation: Option<Isolation>,
    /// READ ONLY (true), READ WRITE (false)
    pub read_only: Option<bool>,
    /// `(NOT) DEFERRABLE`
    pub deferrable: Option<bool>,
}

/// How far transactions see each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the variants are the SQL words")]
pub enum Isolation {
    ReadUncommitted,
    ReadCommitted,
    RepeatableRead,
    Serializable,
}

/// ALTER DATABASE or ALTER SYSTEM: a change of what is stored
#[derive(Debug, Clone, PartialEq)]
pub struct Alter {
    /// Which database; None: ALTER SYSTEM.
    pub database: Option<Ident>,
    /// What becomes of which setting.
    pub change: SettingChange,
}

/// A change of stored settings.
#[derive(Debug, Clone, PartialEq)]
pub enum SettingChange {
    /// SET: the values, each a literal, words as strings.
    Set(Name, Vec<Expr>),
    /// SET … FROM CURRENT: what it is in the session.
    FromCurrent(Name),
    /// RESET; None: ALL
    Reset(Option<Name>),
}

/// SET
#[derive(Debug, Clone, PartialEq)]
pub struct Set {
    /// Which setting; SET TIME ZONE is `timezone`.
    pub name: Name,
    /// LOCAL: until the end of the transaction.
    pub local: bool,
    /// The values, each a literal, words as strings; None: DEFAULT.
    pub values: Option<Vec<Expr>>,
}
