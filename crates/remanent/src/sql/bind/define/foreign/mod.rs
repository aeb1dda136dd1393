//! FOREIGN KEY: what is stored of one, what it means, and what becomes of it when the tables change.
//!
//! | file | holds |
//! |---|---|
//! | `mod` | what a constraint declares, and what of it is refused |
//! | `stored` | its text, and what that means |
//! | `depend` | DROP, TRUNCATE, RENAME and ALTER of what it refers to |
//!
//! Stored is a text that names the parent with its schema and all columns: `FOREIGN KEY (a) REFERENCES public.p(id)`. Names
//! follow RENAME ([`Binder::follow_parent`]); where a table gets another number, by TRUNCATE or when its rows are copied, they
//! lead to the new one.

mod depend;
mod stored;

pub(crate) use stored::constraints_named;

use super::alter::{Altering, constraint_place};
use super::constraint::{has_constraint, taken_constraint};
use super::names::{has_schema, made_up, unknown_schema};
use super::options::refuse_parent;
use super::table::NewTable;
use crate::sql::ast::{
    ConstraintAttributes, Ident, Name, ReferenceAction, References, Span, TableConstraintKind,
};
use crate::sql::bind::Binder;
use crate::sql::parse::parse_constraint;
use crate::sql::plan::Step;
use remanent_storage::catalog::FIRST_USER_TABLE;
use remanent_storage::error::{Error, Result, state};
use remanent_storage::index::IndexDef;
use remanent_storage::table::{ConstraintDef, Generated, TableDef};
use stored::{comparable, is_key, places, text};

/// A foreign key that a table gets.
pub(super) struct NewKey {
    pub name: Option<Ident>,
    pub columns: Vec<Ident>,
    pub references: References,
    pub attributes: ConstraintAttributes,
}

fn invalid(message: &str) -> Error {
    Error::new(state::INVALID_FOREIGN_KEY, message)
}

impl Binder<'_> {
    /// Adds the foreign keys that a definition got, now that all its columns and indexes are known.
    pub(super) fn finish_foreign_keys(&mut self, new: &mut NewTable) -> Result<()> {
        for key in std::mem::take(&mut new.foreign) {
            let name = self.add_foreign_key(&key, new)?;
            new.referring.push((name, !key.attributes.not_valid));
        }
        Ok(())
    }

    /// What a constraint of a new table says of its foreign key is right at once; what it says of others is refused.
    fn add_foreign_key(&mut self, key: &NewKey, new: &mut NewTable) -> Result<String> {
        if key.attributes.no_inherit {
            let message = "FOREIGN KEY constraints cannot be marked NO INHERIT";
            return Err(Error::new(state::FEATURE_NOT_SUPPORTED, message));
        }
        let itself = self.is_itself(&key.references.table, new);
        let known = match itself {
            true => None,
            false => {
                let found = self.look_up(&key.references.table)?.cloned();
                Some(found.ok_or_else(|| self.no_parent(&key.references.table))?)
            }
        };
        let (parent, indexes) = match &known {
            None => (&new.def, new.indexes.iter().collect::<Vec<_>>()),
            Some(parent) => {
                let indexes = self.catalog.indexes_of(parent.id);
                (&**parent, indexes.iter().map(|def| &**def).collect())
            }
        };
        if !parent.is_table() {
            let message = format!("referenced relation \"{}\" is not a table", parent.name);
            return Err(Error::new(state::WRONG_OBJECT_TYPE, message));
        }
        if parent.id < FIRST_USER_TABLE && !itself {
            let message = format!("permission denied: \"{}\" is a system catalog", parent.name);
            return Err(Error::new(state::INSUFFICIENT_PRIVILEGE, message));
        }
        refuse_parent(parent, key.references.table.span)?;
        let columns = places(&key.columns, &new.def)?;
        refuse_set(&columns, &key.references, &new.def)?;
        let referred = referred_columns(&key.references.columns, parent, &indexes)?;
        refuse_generated(&columns, &key.references, &new.def)?;
        if columns.len() != referred.len() {
            return Err(invalid("number of referencing and referenced columns for foreign key disagree"));
        }
        let label = || {
            let names: Vec<&str> = key.columns.iter().map(|column| column.name.as_str()).collect();
            names.join("_")
        };
        let name = match &key.name {
            Some(name) if has_constraint(&new.def, &name.name) => {
                return Err(taken_constraint(name, &new.def));
            }
            Some(name) => name.name.clone(),
            None => {
                let schema = &new.def.schema;
                let taken = |name: &str| has_constraint(&new.def, name) || self.has_constraint(schema, name);
                made_up(&new.def.name, Some(&label()), "fkey", &taken)
            }
        };
        for (&column, &other) in columns.iter().zip(&referred) {
            check_types(&name, &new.def, column, parent, other)?;
        }
        let table = Name { parts: vec![ident(&parent.schema), ident(&parent.name)], span: Span::default() };
        let named = referred.iter().map(|&column| ident(&parent.columns[column].name)).collect();
        let mut references = References { table, columns: named, ..key.references.clone() };
        let mut set = Vec::new();
        references.set_columns.retain(|column| {
            !set.contains(&column.name) && {
                set.push(column.name.clone());
                true
            }
        });
        let text = text(key.columns.clone(), references, key.attributes);
        new.def.constraints.push(ConstraintDef { name: name.clone(), text });
        Ok(name)
    }

    /// Why a name leads to no table that can be referred to.
    fn no_parent(&self, name: &Name) -> Error {
        if let Some(schema) = name.qualifier().filter(|schema| !has_schema(self.catalog, &schema.name)) {
            return unknown_schema(&schema.name);
        }
        match self.information(name) {
            Some(_) => {
                let message = format!("permission denied: \"{}\" is a system catalog", name.last());
                Error::new(state::INSUFFICIENT_PRIVILEGE, message)
            }
            None => self.unknown_table(name).without_position(),
        }
    }

    /// True if a name means the table that is being defined.
    fn is_itself(&self, name: &Name, new: &NewTable) -> bool {
        let schema = name.qualifier().map(|schema| schema.name.as_str());
        name.last() == new.def.name
            && match schema {
                Some(schema) => schema == new.def.schema,
                // The first schema of the path that has the name, or gets it.
                None => self
                    .path
                    .iter()
                    .find(|schema| {
                        **schema == new.def.schema || self.catalog.relation(schema, name.last()).is_some()
                    })
                    .is_some_and(|schema| *schema == new.def.schema),
            }
    }

    /// True if a table of a schema has a constraint that is called so.
    fn has_constraint(&self, schema: &str, name: &str) -> bool {
        self.catalog.all().any(|table| table.def.schema == schema && has_constraint(&table.def, name))
    }

    /// The steps that make foreign keys of a table hold.
    pub(super) fn refer_steps(
        def: &TableDef,
        referring: Vec<(String, bool)>,
    ) -> impl Iterator<Item = Step> + use<> {
        let table = (def.schema.clone(), def.name.clone());
        let step =
            move |(name, validate): (String, bool)| Step::Refer { table: table.clone(), name, validate };
        referring.into_iter().map(step)
    }

    /// VALIDATE CONSTRAINT
    pub(super) fn validated_constraint(&mut self, name: &Ident, a: &mut Altering) -> Result<()> {
        let place = constraint_place(name, &a.new.def)?;
        let mut parsed = parse_constraint(&a.new.def.constraints[place].text)?;
        match &parsed.kind {
            TableConstraintKind::ForeignKey(..) | TableConstraintKind::Check(_)
                if !parsed.attributes.not_valid =>
            {
                return Ok(());
            }
            TableConstraintKind::Check(condition) => self.validated(&name.name, condition, a)?,
            TableConstraintKind::ForeignKey(..) => a.new.referring.push((name.name.clone(), true)),
            TableConstraintKind::PrimaryKey(_) | TableConstraintKind::Unique(..) => {
                let message = format!(
                    "constraint \"{}\" of relation \"{}\" is not a foreign key or check constraint",
                    name.name, a.new.def.name
                );
                return Err(Error::new(state::WRONG_OBJECT_TYPE, message));
            }
        }
        parsed.attributes.not_valid = false;
        a.def().constraints[place].text = parsed.to_string();
        Ok(())
    }
}

/// 42804 where two columns cannot be compared.
fn check_types(name: &str, child: &TableDef, column: usize, parent: &TableDef, other: usize) -> Result<()> {
    let (from, to) = (&child.columns[column], &parent.columns[other]);
    if comparable(from.ty, to.ty) {
        return Ok(());
    }
    let message = format!("foreign key constraint \"{name}\" cannot be implemented");
    Err(Error::new(state::DATATYPE_MISMATCH, message).with_detail(format!(
        "Key columns \"{}\" and \"{}\" are of incompatible types: {} and {}.",
        from.name, to.name, from.ty, to.ty
    )))
}

fn ident(name: &str) -> Ident {
    Ident { name: name.to_string(), span: Span::default() }
}

/// The columns of the parent: those that are named, or its primary key.
fn referred_columns(names: &[Ident], parent: &TableDef, indexes: &[&IndexDef]) -> Result<Vec<usize>> {
    if names.is_empty() {
        if parent.key.is_empty() {
            let message = format!("there is no primary key for referenced table \"{}\"", parent.name);
            return Err(Error::new(state::UNDEFINED_OBJECT, message));
        }
        return Ok(parent.key.clone());
    }
    let columns = places(names, parent)?;
    if (1..columns.len()).any(|i| columns[..i].contains(&columns[i])) {
        return Err(invalid("foreign key referenced-columns list must not contain duplicates"));
    }
    let primary = parent.primary();
    let key = (!parent.key.is_empty()).then_some(&primary);
    match key.into_iter().chain(indexes.iter().copied()).any(|def| is_key(def, &columns, parent)) {
        true => Ok(columns),
        false => Err(invalid(&format!(
            "there is no unique constraint matching given keys for referenced table \"{}\"",
            parent.name
        ))),
    }
}

/// 42601 for an action that would set what is computed.
fn refuse_generated(columns: &[usize], references: &References, def: &TableDef) -> Result<()> {
    use ReferenceAction as R;
    if !columns.iter().any(|&column| def.columns[column].generated == Generated::Stored) {
        return Ok(());
    }
    let event = match (references.on_update, references.on_delete) {
        (R::SetNull | R::SetDefault | R::Cascade, _) => "ON UPDATE",
        (_, R::SetNull | R::SetDefault) => "ON DELETE",
        _ => return Ok(()),
    };
    let message = format!("invalid {event} action for foreign key constraint containing generated column");
    Err(Error::new(state::SYNTAX_ERROR, message))
}

/// ALTER CONSTRAINT: when a foreign key is due.
pub(super) fn altered_constraint(
    name: &Ident,
    attributes: ConstraintAttributes,
    a: &mut Altering,
) -> Result<()> {
    let place = constraint_place(name, &a.new.def)?;
    let held = &a.new.def.constraints[place];
    if !held.is_foreign_key() {
        let message = format!(
            "constraint \"{}\" of relation \"{}\" is not a foreign key constraint",
            name.name, a.new.def.name
        );
        return Err(Error::new(state::WRONG_OBJECT_TYPE, message));
    }
    let parsed = parse_constraint(&held.text)?;
    if let TableConstraintKind::ForeignKey(columns, references) = parsed.kind {
        let attributes = ConstraintAttributes { not_valid: parsed.attributes.not_valid, ..attributes };
        a.def().constraints[place].text = text(columns, references, attributes);
    }
    Ok(())
}

/// 42P10 for a column that ON DELETE SET names beside the key.
fn refuse_set(columns: &[usize], references: &References, def: &TableDef) -> Result<()> {
    let set = places(&references.set_columns, def)?;
    match set.iter().find(|column| !columns.contains(column)) {
        None => Ok(()),
        Some(&other) => {
            let name = &def.columns[other].name;
            let message =
                format!("column \"{name}\" referenced in ON DELETE SET action must be part of foreign key");
            Err(Error::new(state::INVALID_COLUMN_REFERENCE, message))
        }
    }
}
