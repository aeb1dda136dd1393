//! RENAME and SET SCHEMA: what speaks of a relation or a column by its name speaks of it by the new one.

use super::alter::Altering;
use super::alter_column::mentions;
use super::column;
use super::drop::{owns, uses_sequence};
use super::names::{has_schema, unknown_schema};
use crate::sql::ast::Ident;
use crate::sql::bind::{Binder, refuse};
use crate::sql::parse::renamed_in;
use crate::sql::plan::Step;
use remanent_storage::error::{Error, Result, state};
use remanent_storage::table::{Generated, RelationKind, TableDef};
use std::sync::Arc;

impl Binder<'_> {
    pub(super) fn renamed_relation(&mut self, to: &Ident, a: &mut Altering) -> Result<()> {
        if !self.views_of(&a.old)?.is_empty() {
            return Err(refuse("renaming what a view reads", to.span));
        }
        let (old, schema) = (Arc::clone(&a.old), a.new.def.schema.clone());
        a.def().name.clone_from(&to.name);
        self.follow_parent(&|stored| stored.references.table.parts[1] = to.clone(), a)?;
        self.follow_name(&old, &[&schema, &to.name], a)
    }

    pub(super) fn moved(&mut self, schema: &Ident, a: &mut Altering) -> Result<()> {
        if !has_schema(self.catalog, &schema.name) {
            return Err(unknown_schema(&schema.name).at(schema.span.at()));
        }
        if !self.views_of(&a.old)?.is_empty() {
            return Err(refuse("moving what a view reads to another schema", schema.span));
        }
        let old = Arc::clone(&a.old);
        a.def().schema.clone_from(&schema.name);
        self.follow_parent(&|stored| stored.references.table.parts[0] = schema.clone(), a)?;
        for other in self.catalog.relations() {
            if let RelationKind::Sequence(rules) = &other.kind
                && owns(&other, &old, None)
            {
                let [_, table, column] = rules.owner.clone().unwrap_or_default();
                let mut rules = rules.clone();
                rules.owner = Some([schema.name.clone(), table, column]);
                let kind = RelationKind::Sequence(rules);
                let new = TableDef { kind, schema: schema.name.clone(), ..TableDef::clone(&other) };
                for column in &mut a.def().columns {
                    if column.default.as_ref().is_some_and(|text| uses_sequence(text, &other)) {
                        column.default = Some(column::next_of(&schema.name, &other.name));
                    }
                }
                a.after.push(Step::Alter { old: other, new });
            }
        }
        Ok(())
    }

    /// What speaks of a relation by its name speaks of it by the new one.
    pub(super) fn follow_name(
        &mut self,
        old: &Arc<TableDef>,
        to: &[&str; 2],
        a: &mut Altering,
    ) -> Result<()> {
        let [schema, name] = to.map(str::to_string);
        for other in self.catalog.relations() {
            if let RelationKind::Sequence(rules) = &other.kind
                && owns(&other, old, None)
            {
                let [.., column] = rules.owner.clone().unwrap_or_default();
                let mut rules = rules.clone();
                rules.owner = Some([schema.clone(), name.clone(), column]);
                let kind = RelationKind::Sequence(rules);
                let new = TableDef { kind, ..TableDef::clone(&other) };
                a.after.push(Step::Alter { old: other, new });
            } else if matches!(old.kind, RelationKind::Sequence(_)) {
                let mut new = TableDef::clone(&other);
                for column in &mut new.columns {
                    if column.default.as_ref().is_some_and(|text| uses_sequence(text, old)) {
                        column.default = Some(column::next_of(&schema, &name));
                    }
                }
                if new != *other {
                    a.after.push(Step::Alter { old: other, new });
                }
            }
        }
        Ok(())
    }

    pub(super) fn renamed_column(&mut self, column: &Ident, to: &Ident, a: &mut Altering) -> Result<()> {
        let position = a.new.def.column(&column.name).ok_or_else(|| {
            let message = format!("column \"{}\" does not exist", column.name);
            Error::new(state::UNDEFINED_COLUMN, message).at(column.span.at())
        })?;
        if a.new.def.column(&to.name).is_some() {
            let message = format!("column \"{}\" of relation \"{}\" already exists", to.name, a.new.def.name);
            return Err(Error::new(state::DUPLICATE_COLUMN, message).at(to.span.at()));
        }
        if to.name.contains(['\n', '\r']) && !a.new.def.options.is_empty() {
            // Options are kept a line each.
            return Err(refuse("a name of two lines in a table with options", to.span));
        }
        if self.views_of(&a.old)?.iter().any(|(_, text)| mentions(text, &column.name)) {
            return Err(refuse("renaming a column that a view reads", column.span));
        }
        self.follow_column(column, to, a)?;
        for constraint in a.def().constraints.iter_mut().filter(|held| !held.is_foreign_key()) {
            constraint.text = renamed_in(&constraint.text, &column.name, &to.name);
        }
        for held in a.def().columns.iter_mut().filter(|held| held.generated == Generated::Stored) {
            held.default = held.default.take().map(|text| renamed_in(&text, &column.name, &to.name));
        }
        super::options::follow_column(a.def(), &column.name, &to.name);
        a.def().columns[position].name.clone_from(&to.name);
        for other in self.catalog.relations() {
            if let RelationKind::Sequence(rules) = &other.kind
                && owns(&other, &a.old, Some(&column.name))
            {
                let [schema, table, _] = rules.owner.clone().unwrap_or_default();
                let mut rules = rules.clone();
                rules.owner = Some([schema, table, to.name.clone()]);
                let kind = RelationKind::Sequence(rules);
                let new = TableDef { kind, ..TableDef::clone(&other) };
                a.after.push(Step::Alter { old: other, new });
            }
        }
        Ok(())
    }
}
