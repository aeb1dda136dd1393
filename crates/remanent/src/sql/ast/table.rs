//! CREATE TABLE and ALTER TABLE.

use super::{Expr, Ident, Name, Query, SequenceOption, Span, TypeName};

/// CREATE TABLE
#[derive(Debug, Clone, PartialEq)]
pub struct CreateTable {
    /// The table.
    pub name: Name,
    /// IF NOT EXISTS
    pub if_not_exists: bool,
    /// TEMPORARY, UNLOGGED
    pub persistence: Persistence,
    /// What stands in the parentheses, in order.
    pub elements: Vec<TableElement>,
    /// WITH (…)
    pub options: Vec<StorageOption>,
    /// ON COMMIT
    pub on_commit: OnCommit,
}

/// One item between the parentheses of CREATE TABLE.
#[derive(Debug, Clone, PartialEq)]
pub enum TableElement {
    /// A column.
    Column(ColumnDefinition),
    /// A constraint.
    Constraint(TableConstraint),
    /// LIKE
    Like(Like),
}

/// LIKE table INCLUDING …
#[derive(Debug, Clone, PartialEq)]
pub struct Like {
    /// The table.
    pub table: Name,
    /// INCLUDING (true) and EXCLUDING, with the word, in order.
    pub options: Vec<(bool, Ident)>,
    /// Where it was written.
    pub span: Span,
}

/// What becomes of a temporary table at the end of a transaction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the variants are the SQL words")]
pub enum OnCommit {
    #[default]
    PreserveRows,
    DeleteRows,
    Drop,
}

/// How long a table lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the variants are the SQL words")]
pub enum Persistence {
    Permanent,
    Temporary,
    Unlogged,
}

/// `name = value` of WITH (…)
#[derive(Debug, Clone, PartialEq)]
pub struct StorageOption {
    /// The option.
    pub name: Name,
    /// Its value; None: true.
    pub value: Option<Expr>,
}

/// One column of CREATE TABLE, or of a function's result.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnDefinition {
    /// Its name.
    pub name: Ident,
    /// Its type.
    pub ty: TypeName,
    /// COLLATE
    pub collation: Option<Name>,
    /// Its constraints in order.
    pub constraints: Vec<ColumnConstraint>,
    /// Where it was written.
    pub span: Span,
}

/// A constraint of one column.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnConstraint {
    /// CONSTRAINT name
    pub name: Option<Ident>,
    /// What it says.
    pub kind: ColumnConstraintKind,
    /// DEFERRABLE, NOT VALID, …
    pub attributes: ConstraintAttributes,
    /// Where it was written.
    pub span: Span,
}

/// What a constraint of a column can be.
#[derive(Debug, Clone, PartialEq)]
pub enum ColumnConstraintKind {
    /// NOT NULL
    NotNull,
    /// NULL
    Null,
    /// DEFAULT; the text of the default is the expression's span.
    Default(Expr),
    /// PRIMARY KEY
    PrimaryKey,
    /// UNIQUE; true: NULLS NOT DISTINCT
    Unique(bool),
    /// CHECK
    Check(Expr),
    /// REFERENCES
    References(References),
    /// GENERATED ALWAYS AS (…) STORED
    Generated(Expr),
    /// GENERATED ALWAYS (true) or BY DEFAULT (false) AS IDENTITY
    Identity(bool, Vec<SequenceOption>),
}

/// What may stand behind a constraint.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ConstraintAttributes {
    /// DEFERRABLE (true), NOT DEFERRABLE
    pub deferrable: Option<bool>,
    /// INITIALLY DEFERRED (true), INITIALLY IMMEDIATE
    pub deferred: Option<bool>,
    /// NOT VALID
    pub not_valid: bool,
    /// NO INHERIT
    pub no_inherit: bool,
}

/// A constraint of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct TableConstraint {
    /// CONSTRAINT name
    pub name: Option<Ident>,
    /// What it says.
    pub kind: TableConstraintKind,
    /// DEFERRABLE, NOT VALID, …
    pub attributes: ConstraintAttributes,
    /// Where it was written.
    pub span: Span,
}

/// What a constraint of a table can be.
#[derive(Debug, Clone, PartialEq)]
pub enum TableConstraintKind {
    /// PRIMARY KEY (columns)
    PrimaryKey(Vec<Ident>),
    /// UNIQUE (columns); true: NULLS NOT DISTINCT
    Unique(Vec<Ident>, bool),
    /// CHECK
    Check(Expr),
    /// FOREIGN KEY (columns) REFERENCES …
    ForeignKey(Vec<Ident>, References),
}

/// REFERENCES table (columns)
#[derive(Debug, Clone, PartialEq)]
pub struct References {
    /// The table.
    pub table: Name,
    /// Its columns; empty: its primary key.
    pub columns: Vec<Ident>,
    /// MATCH FULL; otherwise SIMPLE.
    pub full: bool,
    /// ON DELETE
    pub on_delete: ReferenceAction,
    /// The columns that SET NULL and SET DEFAULT of ON DELETE are for; empty: all.
    pub set_columns: Vec<Ident>,
    /// ON UPDATE
    pub on_update: ReferenceAction,
}

/// What happens to referencing rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the variants are the SQL words")]
pub enum ReferenceAction {
    NoAction,
    Restrict,
    Cascade,
    SetNull,
    SetDefault,
}

/// CREATE TABLE … AS
#[derive(Debug, Clone, PartialEq)]
pub struct CreateTableAs {
    /// The table.
    pub name: Name,
    /// IF NOT EXISTS
    pub if_not_exists: bool,
    /// TEMPORARY, UNLOGGED
    pub persistence: Persistence,
    /// The columns' names, first ones first.
    pub columns: Vec<Ident>,
    /// WITH (…)
    pub options: Vec<StorageOption>,
    /// ON COMMIT
    pub on_commit: OnCommit,
    /// The rows.
    pub query: Query,
    /// False: WITH NO DATA.
    pub with_data: bool,
}

/// ALTER TABLE, VIEW or SEQUENCE
#[derive(Debug, Clone, PartialEq)]
pub struct AlterTable {
    /// What it calls itself: TABLE, VIEW, SEQUENCE.
    pub kind: RelationWord,
    /// The relation.
    pub name: Name,
    /// IF EXISTS
    pub if_exists: bool,
    /// ONLY
    pub only: bool,
    /// What is done, in order.
    pub actions: Vec<AlterAction>,
}

/// What kind of relation a statement speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the variants are the SQL words")]
pub enum RelationWord {
    Table,
    View,
    Sequence,
}

impl RelationWord {
    /// As SQL writes it.
    pub fn word(self) -> &'static str {
        match self {
            RelationWord::Table => "TABLE",
            RelationWord::View => "VIEW",
            RelationWord::Sequence => "SEQUENCE",
        }
    }
}

/// One action of ALTER TABLE.
#[derive(Debug, Clone, PartialEq)]
pub struct AlterAction {
    /// What it does.
    pub kind: AlterActionKind,
    /// Where it was written.
    pub span: Span,
}

/// What an action of ALTER TABLE can be.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "the fields are the SQL words")]
pub enum AlterActionKind {
    /// ADD COLUMN
    AddColumn { if_not_exists: bool, column: Box<ColumnDefinition> },
    /// DROP COLUMN
    DropColumn { name: Ident, if_exists: bool, cascade: bool },
    /// ALTER COLUMN … TYPE
    SetType { column: Ident, ty: TypeName, collation: Option<Name>, using: Option<Expr> },
    /// SET DEFAULT; None: DROP DEFAULT
    Default { column: Ident, expr: Option<Expr> },
    /// SET NOT NULL (true), DROP NOT NULL
    NotNull { column: Ident, set: bool },
    /// DROP EXPRESSION
    DropExpression { column: Ident, if_exists: bool },
    /// ADD GENERATED ALWAYS (true) or BY DEFAULT AS IDENTITY
    AddIdentity { column: Ident, always: bool, options: Vec<SequenceOption> },
    /// SET GENERATED …, SET and RESTART of its sequence
    SetIdentity { column: Ident, always: Option<bool>, options: Vec<SequenceOption> },
    /// DROP IDENTITY
    DropIdentity { column: Ident, if_exists: bool },
    /// ADD constraint
    AddConstraint(TableConstraint),
    /// ALTER CONSTRAINT
    AlterConstraint { name: Ident, attributes: ConstraintAttributes },
    /// VALIDATE CONSTRAINT
    ValidateConstraint(Ident),
    /// DROP CONSTRAINT
    DropConstraint { name: Ident, if_exists: bool, cascade: bool },
    /// RENAME TO
    Rename(Ident),
    /// RENAME COLUMN … TO
    RenameColumn { column: Ident, to: Ident },
    /// RENAME CONSTRAINT … TO
    RenameConstraint { name: Ident, to: Ident },
    /// SET SCHEMA
    SetSchema(Ident),
    /// SET (…)
    SetOptions(Vec<StorageOption>),
    /// RESET (…)
    ResetOptions(Vec<StorageOption>),
    /// What is recognised and not done: its name.
    Other(String),
}
