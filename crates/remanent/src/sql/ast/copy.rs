//! COPY.

use super::{Expr, Ident, Name, Span, Statement};
use std::sync::Arc;

/// COPY
#[derive(Debug, Clone, PartialEq)]
pub struct Copy {
    /// What is read or written.
    pub what: Copied,
    /// FROM (true) or TO.
    pub from: bool,
    /// The other end.
    pub end: CopyEnd,
    /// WITH: as written, in order.
    pub options: Vec<CopyOption>,
    /// WHERE
    pub filter: Option<Expr>,
}

/// What COPY reads or writes.
#[derive(Debug, Clone, PartialEq)]
pub enum Copied {
    /// A table.
    Table {
        /// Its name.
        name: Name,
        /// Some of its columns; empty: all.
        columns: Vec<Ident>,
    },
    /// The rows of a statement.
    Query(Arc<Statement>),
}

/// Where COPY reads from or writes to.
#[derive(Debug, Clone, PartialEq)]
pub enum CopyEnd {
    /// STDIN, STDOUT: what the program that runs the statement hands in or takes.
    Program,
    /// A file.
    File(String),
    /// PROGRAM: a command of the operating system.
    Command(String, Span),
}

/// An option of COPY.
#[derive(Debug, Clone, PartialEq)]
pub struct CopyOption {
    /// In lower case unless it was quoted.
    pub name: Ident,
    /// What it is set to.
    pub value: CopyValue,
}

/// What an option of COPY is set to.
#[derive(Debug, Clone, PartialEq)]
pub enum CopyValue {
    /// Nothing was said.
    None,
    /// A word, a string or a number.
    Text(String),
    /// `*`
    Star,
    /// `(a, b)`
    List(Vec<Ident>),
}
