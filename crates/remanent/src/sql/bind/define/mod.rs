//! Statements about definitions: what they say becomes steps over the catalog ([`Define`]).
//!
//! | file | holds |
//! |---|---|
//! | `table` | CREATE TABLE |
//! | `column` | a column's definition: type, constraints, default, identity |
//! | `constraint` | CHECK; names of constraints |
//! | `foreign` | FOREIGN KEY |
//! | `index` | indexes, and those of UNIQUE constraints |
//! | `method` | USING, operator classes, WITH of CREATE INDEX |
//! | `sequence` | CREATE and ALTER SEQUENCE, the sequences of columns |
//! | `alter`, `alter_column`, `rename` | ALTER TABLE |
//! | `options` | WITH, SET and RESET of a table |
//! | `like` | CREATE TABLE AS; LIKE |
//! | `view` | CREATE VIEW; what a view means |
//! | `schema` | CREATE and DROP SCHEMA; CREATE EXTENSION |
//! | `drop` | DROP, TRUNCATE |
//! | `enums` | enum types |
//! | `comment` | COMMENT ON |
//! | `names` | where a name leads, and names that are made up |

mod alter;
mod alter_column;
mod column;
mod comment;
mod constraint;
mod drop;
mod enums;
mod foreign;
mod index;
mod like;
mod method;
pub(in crate::sql::bind) mod names;
mod options;
mod rename;
mod schema;
mod sequence;
mod table;
mod view;

pub(super) use alter_column::mentions;
pub(super) use column::plain_collation;
pub(crate) use foreign::constraints_named;
pub(super) use index::index_text;
pub(super) use names::look_up;
pub(crate) use names::{has_schema, relation_of_text};
pub(super) use view::{PATH, Written};

pub(super) use self::table::MAX_COLUMNS;
use self::table::NewTable;
use super::{Binder, refuse};
use crate::sql::ast::{Statement, StatementKind};
use crate::sql::plan::{Define, Plan, Step};
use remanent_storage::error::{Error, Result};

impl Binder<'_> {
    /// A statement about definitions.
    pub(super) fn define(&mut self, statement: &Statement) -> Result<Plan> {
        let define = match &statement.kind {
            StatementKind::CreateTable(create) => self.create_table(create)?,
            StatementKind::CreateTableAs(create) => self.create_table_as(create)?,
            StatementKind::AlterTable(alter) => self.alter_table(alter)?,
            StatementKind::CreateIndex(create) => self.create_index(create)?,
            StatementKind::DropIndex(drop) => self.drop_index(drop)?,
            StatementKind::AlterIndex(alter) => self.rename_index(alter)?,
            StatementKind::Reindex(reindex) => self.reindex(reindex)?,
            StatementKind::CreateSequence(create) => self.create_sequence(create)?,
            StatementKind::AlterSequence(alter) => self.alter_sequence(alter)?,
            StatementKind::Drop(drop) => self.drop(drop)?,
            StatementKind::Truncate(truncate) => self.truncate(truncate)?,
            StatementKind::CreateView(create) => self.create_view(create)?,
            StatementKind::CreateSchema(create) => self.create_schema(create)?,
            StatementKind::CreateExtension(name) => schema::create_extension(&name.name)?,
            StatementKind::RenameSchema(..) => return Err(refuse("ALTER SCHEMA", statement.span)),
            StatementKind::CreateEnum(create) => self.create_enum(create)?,
            StatementKind::AlterEnum(alter) => self.alter_enum(alter)?,
            StatementKind::Comment(comment) => self.comment(comment)?,
            _ => return Err(Error::internal("a statement of the session was prepared")),
        };
        Ok(Plan::Define(Box::new(define)))
    }
}

fn define(tag: &'static str, name: &str, steps: Vec<Step>) -> Define {
    Define { tag, names: vec![name.to_string()], steps }
}
