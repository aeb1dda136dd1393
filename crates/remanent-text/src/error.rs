//! What can be wrong with a document or a query: a SQLSTATE and PostgreSQL's message.

/// The result of what reads input.
pub type Result<T> = std::result::Result<T, Error>;

/// An input that is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// The SQLSTATE, as PostgreSQL 15 gives it.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
}

/// The SQLSTATEs of this crate.
pub mod code {
    /// The input cannot be read.
    pub const SYNTAX: &str = "42601";
    /// More than fits.
    pub const LIMIT: &str = "54000";
    /// Nested too deep.
    pub const DEPTH: &str = "54001";
    /// A text is no value of its type.
    pub const TEXT: &str = "22P02";
    /// A number is too large.
    pub const RANGE: &str = "22003";
    /// A parameter is none of those there are.
    pub const PARAMETER: &str = "22023";
    /// PostgreSQL reports it as internal.
    pub const INTERNAL: &str = "XX000";
}

impl Error {
    /// An error of that code.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Error { code, message: message.into() }
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
