//! CREATE and DROP SCHEMA; CREATE EXTENSION.

use super::define;
use super::drop::{Dropping, described};
use super::enums;
use super::names::{has_schema, unknown_schema};
use crate::sql::ast::{CreateSchema, DropObjects};
use crate::sql::bind::{Binder, refuse};
use crate::sql::expr::enums::type_name;
use crate::sql::plan::{Define, Step};
use remanent_storage::catalog::EntryKind;
use remanent_storage::catalog::comments::Subject;
use remanent_storage::catalog::enums::EnumDef;
use remanent_storage::error::{Error, Result, state};
use remanent_storage::table::PUBLIC;
use std::sync::Arc;

/// The extensions of PostgreSQL whose types and functions are built in.
const BUILT_IN: &[&str] = &[
    "vector",
    #[cfg(feature = "shapes")]
    "postgis",
    #[cfg(feature = "text")]
    "unaccent",
];

/// CREATE EXTENSION: there is nothing to do for one that is built in, however often it is asked for.
pub(super) fn create_extension(name: &str) -> Result<Define> {
    match BUILT_IN.contains(&name) {
        true => Ok(define("CREATE EXTENSION", name, Vec::new())),
        false => {
            Err(Error::new(state::FEATURE_NOT_SUPPORTED, format!("extension \"{name}\" is not available"))
                .with_hint(format!("Built in is what {} have.", BUILT_IN.join(", "))))
        }
    }
}

impl Binder<'_> {
    /// CREATE SCHEMA.
    pub(super) fn create_schema(&mut self, create: &CreateSchema) -> Result<Define> {
        let name = &create.name.name;
        if has_schema(self.catalog, name) {
            if create.if_not_exists {
                return Ok(define("CREATE SCHEMA", name, Vec::new()));
            }
            let message = format!("schema \"{name}\" already exists");
            return Err(Error::new(state::DUPLICATE_SCHEMA, message));
        }
        if name.starts_with("pg_") {
            let message = format!("unacceptable schema name \"{name}\"");
            return Err(Error::new(state::RESERVED_NAME, message)
                .with_detail("The prefix \"pg_\" is reserved for system schemas."));
        }
        let step = Step::Entry { kind: EntryKind::Schema, name: name.clone(), value: Some(String::new()) };
        Ok(define("CREATE SCHEMA", name, vec![step]))
    }

    /// DROP SCHEMA.
    pub(super) fn drop_schemas(&mut self, drop: &DropObjects) -> Result<Define> {
        let (mut dropping, mut names) = (Dropping::default(), Vec::new());
        for name in &drop.names {
            let schema = name.last().to_string();
            if !has_schema(self.catalog, &schema) {
                if drop.if_exists {
                    continue;
                }
                return Err(unknown_schema(&schema).at(name.span.at()));
            }
            if self.catalog.entry(EntryKind::Schema, &schema).is_none() {
                return match schema == PUBLIC {
                    true => Err(refuse("dropping the schema public", name.span)),
                    false => {
                        let message = format!(
                            "cannot drop schema {schema} because it is required by the database system"
                        );
                        Err(Error::new(state::DEPENDENT_OBJECTS_STILL_EXIST, message))
                    }
                };
            }
            names.push(schema);
        }
        for def in self.catalog.relations() {
            if names.contains(&def.schema) && !dropping.has(&def) {
                // What goes with a column goes without a word.
                if !self.is_owned(&def) {
                    dropping.dependents.push(format!(
                        "{} depends on schema {}",
                        described(&def, self.path),
                        def.schema
                    ));
                }
                dropping.relations.push(def.clone());
                self.take_along(&def, &mut dropping)?;
            }
        }
        let types: Vec<Arc<EnumDef>> =
            self.catalog.enums().values().filter(|def| names.contains(&def.schema)).cloned().collect();
        for def in &types {
            let of = type_name(def, self.path);
            dropping.dependents.push(format!("type {of} depends on schema {}", def.schema));
        }
        let mut dependents = Vec::new();
        let unused = self.used_no_more(&types, &dropping, &mut dependents)?;
        dropping.dependents.extend(dependents);
        let what = match names.as_slice() {
            [only] => format!("schema {only}"),
            _ => "desired object(s)".to_string(),
        };
        let mut steps = unused;
        steps.extend(dropping.steps(&what, drop.cascade)?);
        steps.extend(enums::dropped(&types));
        for name in &names {
            let comment = Subject::Schema(name).to_string();
            for (kind, name) in [(EntryKind::Schema, name.clone()), (EntryKind::Comment, comment)] {
                steps.push(Step::Entry { kind, name, value: None });
            }
        }
        Ok(Define { tag: "DROP SCHEMA", names, steps })
    }
}
