//! What else there is to create, drop and describe: sequences, views, schemas, enum types.

use super::{Ident, Name, Persistence, Query, Span, StorageOption, TypeName};

/// CREATE SEQUENCE
#[derive(Debug, Clone, PartialEq)]
pub struct CreateSequence {
    /// The sequence.
    pub name: Name,
    /// IF NOT EXISTS
    pub if_not_exists: bool,
    /// TEMPORARY, UNLOGGED
    pub persistence: Persistence,
    /// Its options in order.
    pub options: Vec<SequenceOption>,
}

/// ALTER SEQUENCE
#[derive(Debug, Clone, PartialEq)]
pub struct AlterSequence {
    /// The sequence.
    pub name: Name,
    /// IF EXISTS
    pub if_exists: bool,
    /// What changes.
    pub options: Vec<SequenceOption>,
}

/// An option of a sequence.
#[derive(Debug, Clone, PartialEq)]
pub struct SequenceOption {
    /// What it says.
    pub kind: SequenceOptionKind,
    /// Where it was written.
    pub span: Span,
}

/// What an option of a sequence can be.
#[derive(Debug, Clone, PartialEq)]
pub enum SequenceOptionKind {
    /// AS
    As(TypeName),
    /// INCREMENT BY
    Increment(i64),
    /// MINVALUE; None: NO MINVALUE
    MinValue(Option<i64>),
    /// MAXVALUE; None: NO MAXVALUE
    MaxValue(Option<i64>),
    /// START WITH
    Start(i64),
    /// RESTART WITH; None: with the start
    Restart(Option<i64>),
    /// CACHE
    Cache(i64),
    /// CYCLE (true), NO CYCLE
    Cycle(bool),
    /// OWNED BY; None: NONE
    OwnedBy(Option<Name>),
    /// SEQUENCE NAME, of an identity column
    Name(Name),
}

/// CREATE VIEW
#[derive(Debug, Clone, PartialEq)]
pub struct CreateView {
    /// The view.
    pub name: Name,
    /// OR REPLACE
    pub or_replace: bool,
    /// TEMPORARY
    pub persistence: Persistence,
    /// RECURSIVE
    pub recursive: bool,
    /// The columns' names, first ones first.
    pub columns: Vec<Ident>,
    /// WITH (…)
    pub options: Vec<StorageOption>,
    /// What it shows.
    pub query: Query,
    /// WITH LOCAL (true) or CASCADED CHECK OPTION
    pub check_option: Option<bool>,
}

/// CREATE SCHEMA
#[derive(Debug, Clone, PartialEq)]
pub struct CreateSchema {
    /// Its name.
    pub name: Ident,
    /// IF NOT EXISTS
    pub if_not_exists: bool,
}

/// CREATE TYPE … AS ENUM
#[derive(Debug, Clone, PartialEq)]
pub struct CreateEnum {
    /// The type.
    pub name: Name,
    /// Its values in order, each a string.
    pub labels: Vec<Ident>,
}

/// ALTER TYPE of an enum
#[derive(Debug, Clone, PartialEq)]
pub struct AlterEnum {
    /// The type.
    pub name: Name,
    /// What changes.
    pub change: EnumChange,
}

/// A change of an enum type. Values are strings.
#[derive(Debug, Clone, PartialEq)]
pub enum EnumChange {
    /// ADD VALUE, BEFORE (true) or AFTER another one
    Add {
        /// The value.
        label: Ident,
        /// IF NOT EXISTS
        if_not_exists: bool,
        /// Where; None: last.
        place: Option<(bool, Ident)>,
    },
    /// RENAME VALUE … TO
    Rename(Ident, Ident),
    /// RENAME TO; the name is no string
    RenameTo(Ident),
    /// SET SCHEMA; the name is no string
    SetSchema(Ident),
}

/// What kinds of objects DROP drops and COMMENT ON describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the variants are the SQL words")]
pub enum ObjectKind {
    Table,
    View,
    Sequence,
    Schema,
    Type,
    Index,
    Database,
}

impl ObjectKind {
    /// As SQL writes it, in lower case.
    pub fn word(self) -> &'static str {
        match self {
            ObjectKind::Table => "table",
            ObjectKind::View => "view",
            ObjectKind::Sequence => "sequence",
            ObjectKind::Schema => "schema",
            ObjectKind::Type => "type",
            ObjectKind::Index => "index",
            ObjectKind::Database => "database",
        }
    }
}

/// DROP
#[derive(Debug, Clone, PartialEq)]
pub struct DropObjects {
    /// What is dropped.
    pub kind: ObjectKind,
    /// Their names.
    pub names: Vec<Name>,
    /// IF EXISTS
    pub if_exists: bool,
    /// CASCADE; otherwise RESTRICT.
    pub cascade: bool,
}

/// TRUNCATE
#[derive(Debug, Clone, PartialEq)]
pub struct Truncate {
    /// The tables.
    pub names: Vec<Name>,
    /// RESTART IDENTITY; otherwise CONTINUE IDENTITY.
    pub restart: bool,
    /// CASCADE; otherwise RESTRICT.
    pub cascade: bool,
}

/// COMMENT ON
#[derive(Debug, Clone, PartialEq)]
pub struct Comment {
    /// What is described.
    pub on: CommentOn,
    /// The description; None: there is none any more.
    pub text: Option<String>,
}

/// What COMMENT ON describes.
#[derive(Debug, Clone, PartialEq)]
pub enum CommentOn {
    /// An object of its own.
    Object(ObjectKind, Name),
    /// A column: its table's name and its own.
    Column(Name),
    /// A constraint of a table.
    Constraint(Ident, Name),
}

/// SET CONSTRAINTS
#[derive(Debug, Clone, PartialEq)]
pub struct SetConstraints {
    /// Which; empty: ALL.
    pub names: Vec<Name>,
    /// DEFERRED; otherwise IMMEDIATE.
    pub deferred: bool,
}

/// CHECKPOINT, VACUUM, ANALYZE
#[derive(Debug, Clone, PartialEq)]
pub struct Maintain {
    /// Which of them.
    pub what: &'static str,
    /// The tables that are named, and columns of them.
    pub tables: Vec<(Name, Vec<Ident>)>,
}

/// DISCARD
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the variants are the SQL words")]
pub enum Discard {
    All,
    Plans,
    Sequences,
    Temporary,
}

impl Discard {
    /// All of them, as SQL writes them, in lower case.
    pub const WORDS: [(Discard, &'static str); 5] = [
        (Discard::All, "all"),
        (Discard::Plans, "plans"),
        (Discard::Sequences, "sequences"),
        (Discard::Temporary, "temp"),
        (Discard::Temporary, "temporary"),
    ];
}
