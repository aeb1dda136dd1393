//! DROP and TRUNCATE.
//!
//! What goes with an object silently: the sequences of a table's columns. What depends on it otherwise keeps it (2BP01), or
//! with CASCADE goes, or loses the part that depends: a default that takes numbers of a dropped sequence.

use super::names::{has_schema, kind_word, unknown_schema};
use crate::sql::ast::{self, DropObjects, Name, ObjectKind, Truncate};
use crate::sql::bind::{Binder, refuse};
use crate::sql::plan::{Define, Step};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::map::SortedMap;
use remanent_storage::table::{RelationKind, TableDef, TableId};
use std::sync::Arc;

/// What a DROP takes along.
#[derive(Default)]
pub(super) struct Dropping {
    /// Relations that go, those that were named first.
    pub relations: Vec<Arc<TableDef>>,
    /// Tables that lose something.
    pub altered: SortedMap<TableId, (Arc<TableDef>, TableDef)>,
    /// What depends on what was named, as PostgreSQL says it.
    pub dependents: Vec<String>,
}

impl Dropping {
    pub fn has(&self, def: &TableDef) -> bool {
        self.relations.iter().any(|held| held.id == def.id)
    }

    /// The definition that a table is to have, to be changed.
    pub fn change(&mut self, def: &Arc<TableDef>) -> &mut TableDef {
        &mut self.altered.or_insert_with(def.id, || (Arc::clone(def), TableDef::clone(def))).1
    }

    /// The steps, or 2BP01 where something depends and CASCADE was not said.
    pub fn steps(self, what: &str, cascade: bool) -> Result<Vec<Step>> {
        if !self.dependents.is_empty() && !cascade {
            let message = format!("cannot drop {what} because other objects depend on it");
            return Err(Error::new(state::DEPENDENT_OBJECTS_STILL_EXIST, message)
                .with_detail(self.dependents.join("\n"))
                .with_hint("Use DROP ... CASCADE to drop the dependent objects too."));
        }
        let gone: Vec<TableId> = self.relations.iter().map(|def| def.id).collect();
        let altered = self.altered.into_iter().filter(|(id, _)| !gone.contains(id));
        let alter = altered.map(|(_, (old, new))| Step::Alter { old, new });
        Ok(alter.chain(self.relations.into_iter().map(Step::Drop)).collect())
    }
}

/// True if a default takes numbers of a sequence.
pub(super) fn uses_sequence(default: &str, sequence: &TableDef) -> bool {
    let name = ast::quote_ident(&sequence.name);
    let full = format!("{}.{name}", ast::quote_ident(&sequence.schema));
    default.contains("nextval(")
        && [name, full].iter().any(|name| default.contains(&ast::quote_literal(name)))
}

/// True if a sequence belongs to a column of a table, or to that column.
pub(super) fn owns(sequence: &TableDef, table: &TableDef, column: Option<&str>) -> bool {
    match &sequence.kind {
        RelationKind::Sequence(rules) => rules.owner.as_ref().is_some_and(|[schema, name, of]| {
            *schema == table.schema && *name == table.name && column.is_none_or(|column| column == of)
        }),
        _ => false,
    }
}

/// As messages name it: with its schema where the path would not find it.
pub(super) fn described(def: &TableDef, path: &[String]) -> String {
    match path.contains(&def.schema) {
        true => format!("{} {}", kind_word(def), def.name),
        false => format!("{} {}.{}", kind_word(def), def.schema, def.name),
    }
}

impl Binder<'_> {
    /// DROP.
    pub(super) fn drop(&mut self, drop: &DropObjects) -> Result<Define> {
        let tag = match drop.kind {
            ObjectKind::Table => "DROP TABLE",
            ObjectKind::View => "DROP VIEW",
            ObjectKind::Sequence => "DROP SEQUENCE",
            ObjectKind::Schema => return self.drop_schemas(drop),
            ObjectKind::Index | ObjectKind::Database => {
                return Err(Error::internal("an index or a database among what DROP names"));
            }
            ObjectKind::Type => return self.drop_types(drop),
        };
        let mut dropping = Dropping::default();
        for name in &drop.names {
            if let Some(def) = self.dropped(drop.kind, name, drop.if_exists)?
                && !dropping.has(&def)
            {
                dropping.relations.push(def);
            }
        }
        let what = match dropping.relations.as_slice() {
            [only] => described(only, self.path),
            _ => "desired object(s)".to_string(),
        };
        let named = dropping.relations.clone();
        named.iter().try_for_each(|def| self.take_along(def, &mut dropping))?;
        let names = named.iter().map(|def| def.name.clone()).collect();
        let several = named.len() > 1;
        let steps = dropping.steps(&what, drop.cascade).map_err(|error| match several {
            true => {
                let message = "cannot drop desired object(s) because other objects depend on them";
                let detail = error.detail().unwrap_or_default().to_string();
                let hint = "Use DROP ... CASCADE to drop the dependent objects too.";
                Error::new(state::DEPENDENT_OBJECTS_STILL_EXIST, message).with_detail(detail).with_hint(hint)
            }
            false => error,
        })?;
        Ok(Define { tag, names, steps })
    }

    /// The relation that a DROP names; None where there is none and that is fine.
    fn dropped(&mut self, kind: ObjectKind, name: &Name, if_exists: bool) -> Result<Option<Arc<TableDef>>> {
        let Some(def) = self.look_up(name)?.cloned() else {
            if self.is_index(name) {
                let article = if kind == ObjectKind::View {
                    "a view".to_string()
                } else {
                    format!("a {}", kind.word())
                };
                let message = format!("\"{}\" is not {article}", name.last());
                return Err(Error::new(state::WRONG_OBJECT_TYPE, message)
                    .with_hint("Use DROP INDEX to remove an index."));
            }
            if if_exists {
                return Ok(None);
            }
            if let Some(schema) = name.qualifier().filter(|schema| !has_schema(self.catalog, &schema.name)) {
                return Err(unknown_schema(&schema.name).at(schema.span.at()));
            }
            let message = format!("{} \"{}\" does not exist", kind.word(), name.last());
            return Err(Error::new(state::UNDEFINED_TABLE, message).at(name.span.at()));
        };
        let is = kind_word(&def);
        if is != kind.word() {
            let (article, upper) = (if kind == ObjectKind::View { "a view" } else { "" }, is.to_uppercase());
            let wanted = if article.is_empty() { format!("a {}", kind.word()) } else { article.to_string() };
            let message = format!("\"{}\" is not {wanted}", def.name);
            return Err(Error::new(state::WRONG_OBJECT_TYPE, message)
                .with_hint(format!("Use DROP {upper} to remove a {is}."))
                .at(name.span.at()));
        }
        Ok(Some(def))
    }

    /// Adds what goes with a relation, and what depends on it.
    pub(super) fn take_along(&mut self, def: &Arc<TableDef>, dropping: &mut Dropping) -> Result<()> {
        let all = self.catalog.relations();
        for other in &all {
            if owns(other, def, None) && !dropping.has(other) {
                dropping.relations.push(Arc::clone(other));
                self.take_along(other, dropping)?;
            }
        }
        for (view, _) in self.views_of(def)? {
            if !dropping.has(&view) {
                dropping.dependents.push(format!(
                    "{} depends on {}",
                    described(&view, self.path),
                    described(def, self.path)
                ));
                dropping.relations.push(Arc::clone(&view));
                self.take_along(&view, dropping)?;
            }
        }
        self.lose_parent(def, dropping)?;
        if let RelationKind::Sequence(rules) = &def.kind {
            let owner = rules.owner.as_ref().map(|[schema, table, column]| (schema, table, column));
            for table in &all {
                if dropping.has(table) {
                    continue;
                }
                for (position, column) in table.columns.iter().enumerate() {
                    if !column.default.as_ref().is_some_and(|default| uses_sequence(default, def)) {
                        continue;
                    }
                    let identity = column.generated != remanent_storage::table::Generated::No;
                    if identity && owner == Some((&table.schema, &table.name, &column.name)) {
                        let of = format!("column {} of table {}", column.name, table.name);
                        let message = format!("cannot drop sequence {} because {of} requires it", def.name);
                        return Err(Error::new(state::DEPENDENT_OBJECTS_STILL_EXIST, message)
                            .with_hint(format!("You can drop {of} instead.")));
                    }
                    dropping.dependents.push(format!(
                        "default value for column {} of table {} depends on sequence {}",
                        column.name, table.name, def.name
                    ));
                    dropping.change(table).columns[position].default = None;
                }
            }
        }
        Ok(())
    }

    /// True for a sequence that goes with its column.
    pub(super) fn is_owned(&self, def: &TableDef) -> bool {
        matches!(&def.kind, RelationKind::Sequence(rules) if rules.owner.is_some())
    }

    /// TRUNCATE.
    pub(super) fn truncate(&mut self, truncate: &Truncate) -> Result<Define> {
        let (mut names, mut steps) = (Vec::new(), Vec::new());
        let mut emptied: Vec<Arc<TableDef>> = Vec::new();
        for name in &truncate.names {
            let table = self.look_up(name)?.cloned().ok_or_else(|| self.unknown_table(name))?;
            if !table.is_table() {
                let message = format!("\"{}\" is not a table", table.name);
                return Err(Error::new(state::WRONG_OBJECT_TYPE, message).at(name.span.at()));
            }
            if !emptied.iter().any(|held| held.id == table.id) {
                emptied.push(table);
            }
        }
        self.truncate_referring(&mut emptied, truncate.cascade)?;
        let all = self.catalog.relations();
        for table in emptied {
            names.push(table.name.clone());
            let owned = all.iter().filter(|other| owns(other, &table, None));
            for sequence in owned.filter(|_| truncate.restart) {
                let RelationKind::Sequence(rules) = &sequence.kind else { continue };
                let (old, new) = (Arc::clone(sequence), TableDef::clone(sequence));
                steps.push(Step::Restart { old, new, at: Some((rules.start, false)) });
            }
            steps.push(Step::Empty(table));
        }
        Ok(Define { tag: "TRUNCATE TABLE", names, steps })
    }

    /// A table whose rows a statement changes; 42809 for what is none.
    pub(in crate::sql::bind) fn written_table(&mut self, name: &Name) -> Result<Arc<TableDef>> {
        let table = self.table(name)?;
        match table.is_table() {
            true => Ok(table),
            false => {
                if let RelationKind::View(_) = table.kind {
                    return Err(refuse("changing rows through a view", name.span));
                }
                let message = match table.kind {
                    RelationKind::Sequence(_) => format!("cannot change sequence \"{}\"", table.name),
                    _ => format!("\"{}\" is not a table", table.name),
                };
                Err(Error::new(state::WRONG_OBJECT_TYPE, message).at(name.span.at()))
            }
        }
    }
}
