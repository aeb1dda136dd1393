//! What can be wrong with a log file, said in one line.

use std::fmt;
use std::path::{Path, PathBuf};

/// The result of reading a log.
pub type Result<T> = std::result::Result<T, Error>;

/// What sort of failure it was, for callers that treat them differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The operating system could not read the file.
    Io,
    /// The file is not a ULog file, or needs a newer reader.
    Unsupported,
    /// The file ends inside a message.
    Truncated,
    /// Bytes that a correct log cannot hold.
    Damaged,
}

/// A failure while reading a log: which file, at which byte, and what.
#[derive(Debug, Clone)]
pub struct Error(Box<Inner>);

#[derive(Debug, Clone)]
struct Inner {
    kind: Kind,
    path: PathBuf,
    offset: u64,
    what: String,
}

impl Error {
    /// A failure of that kind in the message or header that begins at `offset`.
    pub fn new(kind: Kind, path: &Path, offset: u64, what: impl Into<String>) -> Self {
        Error(Box::new(Inner { kind, path: path.to_owned(), offset, what: what.into() }))
    }

    /// What sort of failure it was.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// The first byte that could not be used: everything before it was read in full.
    pub fn offset(&self) -> u64 {
        self.0.offset
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { kind, path, offset, what } = &*self.0;
        let path = path.display();
        match kind {
            Kind::Io => write!(f, "could not read \"{path}\" at byte {offset}: {what}"),
            Kind::Unsupported => write!(f, "\"{path}\" cannot be imported (byte {offset}): {what}"),
            Kind::Truncated => write!(f, "\"{path}\" is truncated at byte {offset}: {what}"),
            Kind::Damaged => write!(f, "\"{path}\" is damaged at byte {offset}: {what}"),
        }
    }
}

impl std::error::Error for Error {}
