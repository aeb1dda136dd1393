//! COMMENT ON.
//!
//! ```text
//! COMMENT ON COLUMN imu.ax IS 'm/s²'      the entry "17 column ax" of the catalog; IS NULL and IS '' end it
//! ```

use super::define;
use super::index::Named;
use super::names::{has_schema, kind_word, unknown_schema};
use crate::sql::ast::{Comment, CommentOn, Ident, Name, ObjectKind};
use crate::sql::bind::{Binder, refuse};
use crate::sql::plan::{Commented, Define, Step};
use remanent_storage::catalog::EntryKind;
use remanent_storage::catalog::comments::{PartKind, Subject};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::index::IndexDef;
use remanent_storage::table::{RelationKind, TableDef};
use std::sync::Arc;

/// Nothing is said of an index any more.
pub(super) fn forgotten(table: &TableDef, index: &IndexDef) -> Step {
    let of = part(table, PartKind::Index, &index.name);
    Step::Comment(of, None)
}

fn part(table: &TableDef, kind: PartKind, name: &str) -> Commented {
    Commented::Relation((table.schema.clone(), table.name.clone()), Some((kind, name.to_string())))
}

fn wrong(name: &str, wanted: &str) -> Error {
    let article = if wanted.starts_with('i') { "an" } else { "a" };
    Error::new(state::WRONG_OBJECT_TYPE, format!("\"{name}\" is not {article} {wanted}"))
}

impl Binder<'_> {
    /// COMMENT ON.
    pub(super) fn comment(&mut self, comment: &Comment) -> Result<Define> {
        // An empty text is none, as in PostgreSQL.
        let text = comment.text.clone().filter(|text| !text.is_empty());
        let of = match &comment.on {
            CommentOn::Object(ObjectKind::Schema, name) => {
                if !has_schema(self.catalog, name.last()) {
                    return Err(unknown_schema(name.last()));
                }
                let subject = Subject::Schema(name.last()).to_string();
                let step = Step::Entry { kind: EntryKind::Comment, name: subject, value: text };
                return Ok(define("COMMENT", name.last(), vec![step]));
            }
            CommentOn::Object(ObjectKind::Database, name) => Commented::Database(name.last().to_string()),
            CommentOn::Object(ObjectKind::Type, name) => {
                let def = self.changed_enum(name).map_err(|error| match error.state() {
                    state::WRONG_OBJECT_TYPE => refuse("COMMENT ON a type of the system", name.span),
                    _ => error,
                })?;
                let subject = Subject::Type(def.id).to_string();
                let step = Step::Entry { kind: EntryKind::Comment, name: subject, value: text };
                return Ok(define("COMMENT", name.last(), vec![step]));
            }
            CommentOn::Object(kind, name) => self.commented(*kind, name)?,
            CommentOn::Column(name) => self.commented_column(name)?,
            CommentOn::Constraint(constraint, table) => {
                let def = self.described_relation(table)?;
                if !def.constraints.iter().any(|held| held.name == constraint.name) {
                    let message = format!(
                        "constraint \"{}\" for table \"{}\" does not exist",
                        constraint.name, def.name
                    );
                    return Err(Error::new(state::UNDEFINED_OBJECT, message));
                }
                part(&def, PartKind::Constraint, &constraint.name)
            }
        };
        let name = match &of {
            Commented::Relation((_, name), _) | Commented::Database(name) => name.clone(),
        };
        Ok(define("COMMENT", &name, vec![Step::Comment(of, text)]))
    }

    /// A relation or an index.
    fn commented(&mut self, kind: ObjectKind, name: &Name) -> Result<Commented> {
        let named = self.named_index(name)?;
        let (table, index) = match named.ok_or_else(|| self.unknown_relation(name))? {
            Named::Index(def) => (self.table_of(&def)?, def.name.clone()),
            Named::Key(table) => (Arc::clone(&table), table.key_name()),
            Named::Relation(def) if kind_word(&def) == kind.word() => {
                return Ok(Commented::Relation((def.schema.clone(), def.name.clone()), None));
            }
            Named::Relation(_) => return Err(wrong(name.last(), kind.word())),
        };
        match kind {
            ObjectKind::Index => Ok(part(&table, PartKind::Index, &index)),
            _ => Err(wrong(name.last(), kind.word())),
        }
    }

    fn commented_column(&mut self, name: &Name) -> Result<Commented> {
        let Some((column, table)) = name.parts.split_last().filter(|(_, table)| !table.is_empty()) else {
            return Err(Error::new(state::SYNTAX_ERROR, "column name must be qualified"));
        };
        let table: &[Ident] = table;
        let table = Name { parts: table.to_vec(), span: name.span };
        let unsupported = |kind: &str| {
            let message = format!("cannot set comment on relation \"{}\"", table.last());
            let detail = format!("This operation is not supported for {kind}.");
            Error::new(state::WRONG_OBJECT_TYPE, message).with_detail(detail)
        };
        if self.is_index(&table) {
            return Err(unsupported("indexes"));
        }
        let def = self.described_relation(&table)?;
        if let RelationKind::Sequence(_) = def.kind {
            return Err(unsupported("sequences"));
        }
        if def.column(&column.name).is_none() {
            let message = format!("column \"{}\" of relation \"{}\" does not exist", column.name, def.name);
            return Err(Error::new(state::UNDEFINED_COLUMN, message));
        }
        Ok(part(&def, PartKind::Column, &column.name))
    }

    fn described_relation(&self, name: &Name) -> Result<Arc<TableDef>> {
        self.look_up(name)?.cloned().ok_or_else(|| self.unknown_relation(name))
    }

    /// 42P01, or 3F000, without a position and a guess, as PostgreSQL says it here.
    fn unknown_relation(&self, name: &Name) -> Error {
        match name.qualifier().filter(|schema| !has_schema(self.catalog, &schema.name)) {
            Some(schema) => unknown_schema(&schema.name),
            None => Error::new(state::UNDEFINED_TABLE, format!("relation \"{name}\" does not exist")),
        }
    }
}
