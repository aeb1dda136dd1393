//! Statements about definitions: what they say becomes steps over the catalog ([`Define`]).
//!
//! | file | holds |
//! |---|---|
//! | `table` | CREATE TABLE |
//! | `column` | a column's definition: type, constraints, default, identity |
//! | `constraint` | CHECK; names of constraints |
//! | `sequence` | CREATE and ALTER SEQUENCE, the sequences of columns |
//! | `drop` | DROP, TRUNCATE |
//! | `names` | where a name leads, and names that are made up |

mod column;
mod constraint;
mod drop;
mod names;
mod sequence;
mod table;

pub(super) use names::look_up;
pub(crate) use names::relation_of_text;

use super::{Binder, refuse};
use crate::sql::ast::{Statement, StatementKind};
use crate::sql::plan::{Define, Plan, Step};
use remanent_storage::error::{Error, Result};

impl Binder<'_> {
    /// A statement about definitions.
    pub(super) fn define(&mut self, statement: &Statement) -> Result<Plan> {
        let define = match &statement.kind {
            StatementKind::CreateTable(create) => self.create_table(create)?,
            StatementKind::CreateTableAs(create) => {
                return Err(refuse("CREATE TABLE AS", create.name.span));
            }
            StatementKind::CreateSequence(create) => self.create_sequence(create)?,
            StatementKind::AlterSequence(alter) => self.alter_sequence(alter)?,
            StatementKind::Drop(drop) => self.drop(drop)?,
            StatementKind::Truncate(truncate) => self.truncate(truncate)?,
            StatementKind::AlterTable(_)
            | StatementKind::CreateView(_)
            | StatementKind::CreateSchema(_)
            | StatementKind::RenameSchema(..)
            | StatementKind::CreateEnum(_)
            | StatementKind::AlterEnum(_)
            | StatementKind::Comment(_) => return Err(refuse("this statement", statement.span)),
            _ => return Err(Error::internal("a statement of the session was prepared")),
        };
        Ok(Plan::Define(Box::new(define)))
    }
}

fn define(tag: &'static str, name: &str, steps: Vec<Step>) -> Define {
    Define { tag, names: vec![name.to_string()], steps }
}
