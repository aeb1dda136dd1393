//! Where a name leads, and names that are made up.

use crate::sql::ast::{Name, Persistence};
use crate::sql::bind::{Binder, refuse};
use crate::sql::parse::parse_name;
use remanent_storage::catalog::{Catalog, EntryKind, SYSTEM_SCHEMA};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::table::{PUBLIC, RelationKind, TableDef, is_temporary};
use std::sync::Arc;

/// The most bytes of a name, as in PostgreSQL.
const NAME_BYTES: usize = 63;

/// The relation of a name as text, as functions take it; 42P01, 3F000.
pub(crate) fn relation_of_text<'c>(
    text: &str,
    catalog: &'c Catalog,
    path: &[String],
) -> Result<&'c Arc<TableDef>> {
    let invalid = |_| Error::new(state::INVALID_NAME, "invalid name syntax");
    let name = parse_name(text.trim()).map_err(invalid)?;
    let found = look_up(&name, catalog, path)?;
    found.ok_or_else(|| {
        let missing = name.qualifier().filter(|schema| !has_schema(catalog, &schema.name));
        match missing {
            Some(schema) => unknown_schema(&schema.name),
            None => Error::new(state::UNDEFINED_TABLE, format!("relation \"{name}\" does not exist")),
        }
    })
}

/// The relation of a name: in its schema, or in the first of the path that has it.
pub fn look_up<'c>(name: &Name, catalog: &'c Catalog, path: &[String]) -> Result<Option<&'c Arc<TableDef>>> {
    if name.parts.len() > 2 {
        return Err(refuse("a reference to another database", name.span));
    }
    Ok(match name.qualifier() {
        Some(schema) => catalog.relation(meant(&schema.name, path), name.last()),
        None => {
            let mut schemas = path.iter().map(String::as_str).chain([SYSTEM_SCHEMA]);
            schemas.find_map(|schema| catalog.relation(schema, name.last()))
        }
    })
}

/// The schema that is meant: `pg_temp` is the session's own.
pub fn meant<'s>(schema: &'s str, path: &'s [String]) -> &'s str {
    match schema {
        "pg_temp" => path.iter().find(|schema| is_temporary(schema)).map_or(schema, String::as_str),
        _ => schema,
    }
}

/// True for a schema that there is.
pub fn has_schema(catalog: &Catalog, name: &str) -> bool {
    matches!(name, PUBLIC | SYSTEM_SCHEMA | "information_schema" | "pg_temp")
        || is_temporary(name)
        || catalog.entry(EntryKind::Schema, name).is_some()
}

pub fn unknown_schema(name: &str) -> Error {
    Error::new(state::INVALID_SCHEMA_NAME, format!("schema \"{name}\" does not exist"))
}

/// What a relation is, as messages say it.
pub fn kind_word(def: &TableDef) -> &'static str {
    match def.kind {
        RelationKind::Table => "table",
        RelationKind::View(_) => "view",
        RelationKind::Sequence(_) => "sequence",
    }
}

/// A name of its own made of two and a word: `t_a_check`; the longer ones are cut, and a number tells it from those that are
/// `taken`.
pub fn made_up(first: &str, second: Option<&str>, word: &str, taken: &dyn Fn(&str) -> bool) -> String {
    let mut number = 0;
    loop {
        let label = if number == 0 { word.to_string() } else { format!("{word}{number}") };
        let name = composed(first, second, &label);
        if !taken(&name) {
            return name;
        }
        number += 1;
    }
}

/// PostgreSQL's makeObjectName.
fn composed(first: &str, second: Option<&str>, label: &str) -> String {
    let fixed = label.len() + 1 + usize::from(second.is_some());
    let room = NAME_BYTES.saturating_sub(fixed);
    let (mut one, mut two) = (first.len(), second.map_or(0, str::len));
    while one + two > room {
        if one > two { one -= 1 } else { two -= 1 }
    }
    let cut = |text: &str, len: usize| text[..text.floor_char_boundary(len)].to_string();
    match second {
        Some(second) => format!("{}_{}_{label}", cut(first, one), cut(second, two)),
        None => format!("{}_{label}", cut(first, one)),
    }
}

impl Binder<'_> {
    /// Where a new relation of that name goes, a temporary one into the session's own schema.
    pub(super) fn target_of(
        &self,
        name: &Name,
        persistence: Persistence,
        what: &str,
    ) -> Result<(String, String)> {
        let own = |schema: &str| schema == "pg_temp" || self.temporary == Some(schema);
        let said = name.qualifier().map(|schema| own(&schema.name));
        match persistence {
            Persistence::Unlogged => return Err(refuse(format!("an unlogged {what}"), name.span)),
            Persistence::Permanent if said != Some(true) => return self.target(name),
            Persistence::Temporary if said == Some(false) => {
                let message = "cannot create temporary relation in non-temporary schema";
                return Err(Error::new(state::INVALID_TABLE_DEFINITION, message).at(name.span.at()));
            }
            _ => {}
        }
        match self.temporary {
            Some(schema) => Ok((schema.to_string(), name.last().to_string())),
            None => Err(Error::new(
                state::READ_ONLY_SQL_TRANSACTION,
                "a session that only reads along cannot make temporary relations",
            )),
        }
    }

    /// Where a new object of that name goes: its schema and its own name. 3F000 where there is no such schema.
    pub(super) fn target(&self, name: &Name) -> Result<(String, String)> {
        if name.parts.len() > 2 {
            return Err(refuse("a reference to another database", name.span));
        }
        let schema = match name.qualifier() {
            Some(schema) => {
                if !has_schema(self.catalog, &schema.name) {
                    return Err(unknown_schema(&schema.name).at(schema.span.at()));
                }
                schema.name.clone()
            }
            None => match self.path.iter().find(|s| !is_temporary(s) && has_schema(self.catalog, s)) {
                Some(schema) => schema.clone(),
                None => {
                    let message = "no schema has been selected to create in";
                    return Err(Error::new(state::INVALID_SCHEMA_NAME, message).at(name.span.at()));
                }
            },
        };
        if matches!(schema.as_str(), SYSTEM_SCHEMA | "information_schema") {
            let message = format!("permission denied to create \"{schema}.{}\"", name.last());
            return Err(Error::new(state::INSUFFICIENT_PRIVILEGE, message)
                .with_detail("System catalog modifications are currently disallowed."));
        }
        Ok((schema, name.last().to_string()))
    }
}
