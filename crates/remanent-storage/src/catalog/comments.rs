//! What is said of objects, by COMMENT ON and by ON COMMIT of temporary tables: entries under names that say which object is meant.
//!
//! ```text
//!   17                  the relation with the number 17       'inertial unit'
//!   17 column ax        its column                            'acceleration, m/s²'
//!   17 constraint pos   its constraint
//!   17 index imu_ax     its index, the primary key's too
//!   17 commit drop      its rows, or it with them, go when a transaction commits
//!   17 downsampled upto its rows before that time are buckets   '820540800000000'
//!   schema lab          a schema
//!   type 3              an enum type
//!   database            the database
//! ```
//!
//! The number of a relation stays when its name changes, and is another one where its rows are laid out anew; who changes a
//! definition lets its comments follow (`txn/comments.rs`).

use super::{Catalog, EntryKind};
use crate::table::TableId;
use std::fmt;

/// What a comment is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject<'a> {
    /// A relation.
    Relation(TableId),
    /// A part of a relation, by its name.
    Part(TableId, PartKind, &'a str),
    /// A schema.
    Schema(&'a str),
    /// An enum type.
    Type(u32),
    /// The database.
    Database,
}

/// A part of a relation that can have a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartKind {
    /// A column.
    Column,
    /// A constraint.
    Constraint,
    /// An index.
    Index,
    /// No part: what a commit does with a temporary table, [`DROP`] or [`DELETE_ROWS`].
    Commit,
    /// No part: up to which time rows have been put into buckets.
    Downsampled,
}

/// The table goes with the transaction that made it.
pub const DROP: &str = "drop";
/// The rows go with the transaction that wrote them.
pub const DELETE_ROWS: &str = "delete rows";

/// As stored. Do not change.
const PARTS: [(PartKind, &str); 5] = [
    (PartKind::Column, "column"),
    (PartKind::Constraint, "constraint"),
    (PartKind::Index, "index"),
    (PartKind::Commit, "commit"),
    (PartKind::Downsampled, "downsampled"),
];

impl fmt::Display for Subject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Subject::Relation(id) => write!(f, "{id}"),
            Subject::Part(id, kind, name) => {
                let word = PARTS.iter().find(|(known, _)| known == kind).map_or("", |(_, word)| word);
                write!(f, "{id} {word} {name}")
            }
            Subject::Schema(name) => write!(f, "schema {name}"),
            Subject::Type(id) => write!(f, "type {id}"),
            Subject::Database => f.write_str("database"),
        }
    }
}

impl<'a> Subject<'a> {
    /// What the name of an entry says; None where it says nothing known.
    pub fn of(name: &'a str) -> Option<Self> {
        let (first, rest) = name.split_once(' ').unwrap_or((name, ""));
        match (first, rest) {
            ("database", "") => return Some(Subject::Database),
            ("type", id) => return id.parse().ok().map(Subject::Type),
            ("schema", schema) => return Some(Subject::Schema(schema)),
            _ => {}
        }
        let id = first.parse().ok()?;
        if rest.is_empty() {
            return Some(Subject::Relation(id));
        }
        let (word, name) = rest.split_once(' ')?;
        PARTS.iter().find(|(_, known)| *known == word).map(|(kind, _)| Subject::Part(id, *kind, name))
    }
}

impl Catalog {
    /// What is said of an object.
    pub fn comment(&self, on: Subject<'_>) -> Option<&str> {
        self.entry(EntryKind::Comment, &on.to_string())
    }

    /// Everything that is said.
    pub fn comments(&self) -> impl Iterator<Item = (Subject<'_>, &str)> {
        self.entries(EntryKind::Comment).filter_map(|(name, text)| Some((Subject::of(name)?, text)))
    }

    /// What is said of a relation and its parts.
    pub fn comments_of(&self, id: TableId) -> impl Iterator<Item = (Subject<'_>, &str)> {
        self.comments().filter(move |(subject, _)| match subject {
            Subject::Relation(of) | Subject::Part(of, ..) => *of == id,
            _ => false,
        })
    }
}
