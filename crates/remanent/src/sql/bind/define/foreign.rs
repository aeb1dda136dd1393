//! FOREIGN KEY: what is stored of one, what it means, and what a statement has to do about it.
//!
//! Stored is its text, which names the parent with its schema and all columns: `FOREIGN KEY (a) REFERENCES public.p(id)`. Names
//! follow RENAME ([`Binder::follow_parent`]); where a table gets another number, by TRUNCATE or when its rows are copied, they
//! lead to the new one.

use super::alter::{Altering, constraint_place};
use super::constraint::{has_constraint, taken_constraint};
use super::drop::{Dropping, described};
use super::names::{has_schema, made_up, unknown_schema};
use super::table::NewTable;
use crate::sql::ast::{
    ConstraintAttributes, Ident, Name, ReferenceAction, References, Span, TableConstraint, TableConstraintKind,
};
use crate::sql::bind::Binder;
use crate::sql::expr::CastContext;
use crate::sql::expr::coerce::{can_convert, family};
use crate::sql::functions::cast::cast_value;
use crate::sql::parse::parse_constraint;
use crate::sql::plan::{Referred, Step};
use remanent_storage::catalog::{Catalog, FIRST_USER_TABLE};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::index::IndexDef;
use remanent_storage::table::{ConstraintDef, Generated, TableDef, TableId};
use remanent_storage::txn::foreign::ForeignKey;
use remanent_storage::value::{Type, Value};
use std::sync::{Arc, OnceLock};

/// The most columns of a foreign key, as in PostgreSQL.
const MAX_COLUMNS: usize = 32;

/// A foreign key that a table gets.
pub(super) struct NewKey {
    pub name: Option<Ident>,
    pub columns: Vec<Ident>,
    pub references: References,
    pub attributes: ConstraintAttributes,
    pub span: Span,
}

/// A foreign key that was read from its text.
pub(super) struct Stored {
    pub child: Arc<TableDef>,
    /// The name of the constraint.
    pub name: String,
    pub columns: Vec<Ident>,
    pub references: References,
    pub attributes: ConstraintAttributes,
}

impl Stored {
    /// What a text says; None where it says something else.
    pub fn of(child: &Arc<TableDef>, held: &ConstraintDef) -> Result<Option<Self>> {
        if !held.is_foreign_key() {
            return Ok(None);
        }
        let parsed = parse_constraint(&held.text)?;
        let TableConstraintKind::ForeignKey(columns, references) = parsed.kind else { return Ok(None) };
        let (child, name, attributes) = (Arc::clone(child), held.name.clone(), parsed.attributes);
        Ok(Some(Stored { child, name, columns, references, attributes }))
    }

    /// True if it refers to that table.
    pub fn refers_to(&self, parent: &TableDef) -> bool {
        let name = &self.references.table;
        name.last() == parent.name && name.qualifier().is_some_and(|schema| schema.name == parent.schema)
    }

    /// As it is stored.
    pub fn text(&self) -> String {
        text(self.columns.clone(), self.references.clone(), self.attributes)
    }

    /// True if it is a constraint of that table.
    fn is_of(&self, table: &TableDef) -> bool {
        self.child.id == table.id
    }
}

fn text(columns: Vec<Ident>, references: References, attributes: ConstraintAttributes) -> String {
    let kind = TableConstraintKind::ForeignKey(columns, references);
    let deferred = attributes.deferred.filter(|deferred| *deferred);
    let deferrable = attributes.deferrable.filter(|deferrable| *deferrable).or(deferred);
    let attributes = ConstraintAttributes { deferrable, deferred, no_inherit: false, ..attributes };
    TableConstraint { name: None, kind, attributes, span: Span::default() }.to_string()
}

/// A value as one of another type, for comparison; None: that type has none that is equal.
fn convert(value: &Value, to: Type) -> Option<Value> {
    let converted = cast_value(value.clone(), family(to)).ok()?;
    let from = value.type_of()?;
    // From one kind of moment or float to another that knows less.
    let exact = !matches!((kin(from), kin(family(to))), (Some(a), Some(b)) if a == b)
        || cast_value(converted.clone(), from).ok().as_ref() == Some(value);
    exact.then_some(converted)
}

/// Types that compare with each other as they are.
fn kin(ty: Type) -> Option<u8> {
    match ty {
        Type::Int2 | Type::Int4 | Type::Int8 => Some(0),
        Type::Float4 | Type::Float8 => Some(1),
        Type::Date | Type::Timestamp | Type::Timestamptz => Some(2),
        _ => None,
    }
}

/// True if a child's values can be compared with a parent's.
fn comparable(child: Type, parent: Type) -> bool {
    child.same_values(parent)
        || kin(child).is_some() && kin(child) == kin(parent)
        || can_convert(Some(child), family(parent), CastContext::Implicit)
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
        let columns = places(&key.columns, &new.def)?;
        let set = places(&key.references.set_columns, &new.def)?;
        if let Some(other) = set.iter().find(|column| !columns.contains(column)) {
            let name = &new.def.columns[*other].name;
            let message =
                format!("column \"{name}\" referenced in ON DELETE SET action must be part of foreign key");
            return Err(Error::new(state::INVALID_COLUMN_REFERENCE, message));
        }
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
            Some(name) if has_constraint(&new.def, &name.name) => return Err(taken_constraint(name, &new.def)),
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
        let references = References { table, columns: named, ..key.references.clone() };
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
                    .find(|schema| **schema == new.def.schema || self.catalog.relation(schema, name.last()).is_some())
                    .is_some_and(|schema| *schema == new.def.schema),
            }
    }

    /// True if a table of a schema has a constraint that is called so.
    fn has_constraint(&self, schema: &str, name: &str) -> bool {
        self.catalog.all().any(|table| table.def.schema == schema && has_constraint(&table.def, name))
    }

    /// The steps that make foreign keys of a table hold.
    pub(super) fn refer_steps(def: &TableDef, referring: &[(String, bool)]) -> impl Iterator<Item = Step> + use<> {
        let table = (def.schema.clone(), def.name.clone());
        let step = move |(name, validate): (String, bool)| Step::Refer { table: table.clone(), name, validate };
        referring.to_vec().into_iter().map(step)
    }

    /// The foreign keys that refer to a table.
    pub(super) fn referring(&self, parent: &TableDef) -> Result<Vec<Stored>> {
        let mut found = Vec::new();
        for (child, held) in self.catalog.referring(&parent.name) {
            found.extend(Stored::of(child, held)?.filter(|stored| stored.refers_to(parent)));
        }
        Ok(found)
    }

    /// What a stored foreign key means.
    pub(in crate::sql::bind) fn foreign_key(&self, child: &Arc<TableDef>, held: &ConstraintDef) -> Result<Option<Arc<Referred>>> {
        match Stored::of(child, held)? {
            Some(stored) => self.resolved(stored).map(|referred| Some(Arc::new(referred))),
            None => Ok(None),
        }
    }

    pub(in crate::sql::bind) fn foreign_keys_to(&self, parent: &TableDef) -> Result<Vec<Arc<Referred>>> {
        self.referring(parent)?.into_iter().map(|stored| self.resolved(stored).map(Arc::new)).collect()
    }

    fn resolved(&self, stored: Stored) -> Result<Referred> {
        let name = &stored.references.table;
        let schema = name.qualifier().map_or("", |schema| &schema.name);
        let gone = || Error::internal(format!("what the constraint \"{}\" refers to is not there", stored.name));
        let parent = self.catalog.relation(schema, name.last()).cloned().ok_or_else(gone)?;
        self.note(&parent.name);
        let columns = places(&stored.columns, &stored.child)?;
        let referred = places(&stored.references.columns, &parent)?;
        let primary = Arc::new(parent.primary());
        let key = (!parent.key.is_empty()).then_some(&primary);
        let all = key.into_iter().chain(self.catalog.indexes_of(parent.id));
        let index = all.into_iter().find(|def| is_key(def, &referred, &parent)).cloned().ok_or_else(gone)?;
        let set = match stored.references.set_columns.is_empty() {
            true => columns.clone(),
            false => places(&stored.references.set_columns, &stored.child)?,
        };
        let key = ForeignKey {
            name: stored.name,
            child: stored.child,
            columns,
            parent,
            referred,
            index,
            full: stored.references.full,
            deferrable: stored.attributes.deferrable == Some(true),
            deferred: stored.attributes.deferred == Some(true),
            convert,
        };
        Ok(Referred {
            key: Arc::new(key),
            on_delete: stored.references.on_delete,
            on_update: stored.references.on_update,
            set,
            deleted: OnceLock::new(),
            updated: OnceLock::new(),
        })
    }

    /// What refers to a table that goes loses the constraint, or keeps the table.
    pub(super) fn lose_parent(&self, parent: &TableDef, dropping: &mut Dropping) -> Result<()> {
        for stored in self.referring(parent)? {
            if !stored.is_of(parent) && !dropping.has(&stored.child) {
                let (on, of) = (described(&stored.child, self.path), described(parent, self.path));
                dropping.dependents.push(format!("constraint {} on {on} depends on {of}", stored.name));
                dropping.change(&stored.child).constraints.retain(|held| held.name != stored.name);
            }
        }
        Ok(())
    }

    /// The same for something of a table: those foreign keys that `use` it, which depend on `what`.
    pub(super) fn lose_part(
        &self,
        uses: &dyn Fn(&ForeignKey) -> bool,
        what: &str,
        dropping: &mut Dropping,
        a: &mut Altering,
    ) -> Result<()> {
        for referred in self.foreign_keys_to(&a.old)? {
            let key = &referred.key;
            let itself = key.child.id == a.old.id;
            if !uses(key) || itself && !has_constraint(&a.new.def, &key.name) {
                continue;
            }
            let on = described(&key.child, self.path);
            dropping.dependents.push(format!("constraint {} on {on} depends on {what}", key.name));
            match itself {
                true => a.def().constraints.retain(|held| held.name != key.name),
                false => dropping.change(&key.child).constraints.retain(|held| held.name != key.name),
            }
        }
        Ok(())
    }

    /// DROP CONSTRAINT: the foreign keys that need a unique key go with it, where CASCADE was said.
    pub(super) fn lose_key(&self, name: &Ident, cascade: bool, a: &mut Altering) -> Result<()> {
        let mut dropping = Dropping::default();
        let uses = |key: &ForeignKey| key.index.constraint && key.index.name == name.name;
        self.lose_part(&uses, &format!("index {}", name.name), &mut dropping, a)?;
        let what = format!("constraint {} on {}", name.name, described(&a.old, self.path));
        a.before.extend(dropping.steps(&what, cascade)?);
        Ok(())
    }

    /// DROP INDEX: the same for a unique index without a constraint.
    pub(super) fn lose_index(&self, def: &IndexDef, parent: &TableDef, dropping: &mut Dropping) -> Result<()> {
        for referred in self.foreign_keys_to(parent)? {
            let key = &referred.key;
            if key.index.id == def.id {
                let on = described(&key.child, self.path);
                dropping.dependents.push(format!("constraint {} on {on} depends on index {}", key.name, def.name));
                dropping.change(&key.child).constraints.retain(|held| held.name != key.name);
            }
        }
        Ok(())
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

    /// A column has another type: foreign keys over it must make sense of that, and are looked at again.
    pub(super) fn retyped_keys(&self, position: usize, a: &mut Altering) -> Result<()> {
        let name = a.new.def.columns[position].name.clone();
        let old = Arc::clone(&a.old);
        for held in &old.constraints {
            let Some(referred) = self.foreign_key(&old, held)? else { continue };
            self.retyped_key(&referred.key, &name, a)?;
        }
        for referred in self.foreign_keys_to(&old)? {
            if referred.key.child.id != old.id {
                self.retyped_key(&referred.key, &name, a)?;
            }
        }
        Ok(())
    }

    fn retyped_key(&self, key: &ForeignKey, name: &str, a: &mut Altering) -> Result<()> {
        let is_new = |table: &TableDef| table.id == a.old.id;
        let child = if is_new(&key.child) { &a.new.def } else { &*key.child };
        let parent = if is_new(&key.parent) { &a.new.def } else { &*key.parent };
        for (&column, &other) in key.columns.iter().zip(&key.referred) {
            let (from, to) = (&key.child.columns[column].name, &key.parent.columns[other].name);
            let of_child = key.child.id == a.old.id && from == name;
            let of_parent = key.parent.id == a.old.id && to == name;
            if let (true, Some(column), Some(other)) =
                (of_child || of_parent, child.column(from), parent.column(to))
            {
                check_types(&key.name, child, column, parent, other)?;
                let table = (key.child.schema.clone(), key.child.name.clone());
                a.after.push(Step::Refer { table, name: key.name.clone(), validate: true });
                return Ok(());
            }
        }
        Ok(())
    }

    /// TRUNCATE: the tables that refer to those that are emptied must be emptied too.
    pub(super) fn truncate_referring(&self, emptied: &mut Vec<Arc<TableDef>>, cascade: bool) -> Result<()> {
        let mut next = 0;
        while let Some(parent) = emptied.get(next).cloned() {
            next += 1;
            for stored in self.referring(&parent)? {
                let child = stored.child;
                if emptied.iter().any(|held| held.id == child.id) {
                    continue;
                }
                if !cascade {
                    let message = "cannot truncate a table referenced in a foreign key constraint";
                    let (of, to) = (&child.name, &parent.name);
                    return Err(Error::new(state::FEATURE_NOT_SUPPORTED, message)
                        .with_detail(format!("Table \"{of}\" references \"{to}\"."))
                        .with_hint(format!(
                            "Truncate table \"{of}\" at the same time, or use TRUNCATE ... CASCADE."
                        )));
                }
                emptied.push(child);
            }
        }
        Ok(())
    }

    /// A column has another name, in the foreign keys of its table and in those that refer to it.
    pub(super) fn follow_column(&self, column: &Ident, to: &Ident, a: &mut Altering) -> Result<()> {
        let rename = |names: &mut Vec<Ident>| {
            names.iter_mut().filter(|held| held.name == column.name).for_each(|held| held.name.clone_from(&to.name));
        };
        let old = Arc::clone(&a.old);
        for held in a.def().constraints.iter_mut() {
            if let Some(mut stored) = Stored::of(&old, held)? {
                rename(&mut stored.columns);
                rename(&mut stored.references.set_columns);
                if stored.refers_to(&old) {
                    rename(&mut stored.references.columns);
                }
                held.text = stored.text();
            }
        }
        self.follow_parent(
            &|stored| {
                if !stored.is_of(&old) {
                    rename(&mut stored.references.columns);
                }
            },
            a,
        )
    }

    /// Foreign keys that name a table do so by another name from here on.
    pub(super) fn follow_parent(&self, change: &dyn Fn(&mut Stored), a: &mut Altering) -> Result<()> {
        let mut changed = Dropping::default();
        for mut stored in self.referring(&a.old)? {
            let itself = stored.is_of(&a.old);
            let own = || a.new.def.constraints.iter().find(|held| held.name == stored.name);
            if let Some(held) = own().filter(|_| itself) {
                // As the actions before have left it.
                match Stored::of(&stored.child, held)? {
                    Some(now) => stored = now,
                    None => continue,
                }
            }
            change(&mut stored);
            let def = if itself { a.def() } else { changed.change(&stored.child) };
            let held = def.constraints.iter_mut().find(|held| held.name == stored.name);
            held.into_iter().for_each(|held| held.text = stored.text());
        }
        a.after.extend(changed.altered.into_values().map(|(old, new)| Step::Alter { old, new }));
        Ok(())
    }
}

/// 42804 where two columns cannot be compared.
pub(super) fn check_types(name: &str, child: &TableDef, column: usize, parent: &TableDef, other: usize) -> Result<()> {
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

/// Where columns stand that a foreign key names.
fn places(names: &[Ident], table: &TableDef) -> Result<Vec<usize>> {
    if names.len() > MAX_COLUMNS {
        let message = format!("cannot have more than {MAX_COLUMNS} keys in a foreign key");
        return Err(Error::new(state::TOO_MANY_COLUMNS, message));
    }
    let place = |name: &Ident| {
        table.column(&name.name).ok_or_else(|| {
            let message =
                format!("column \"{}\" referenced in foreign key constraint does not exist", name.name);
            Error::new(state::UNDEFINED_COLUMN, message)
        })
    };
    names.iter().map(place).collect()
}

/// True if a unique index has just these columns.
fn is_key(def: &IndexDef, columns: &[usize], table: &TableDef) -> bool {
    def.unique
        && def.filter.is_none()
        && def.columns.len() == columns.len()
        && def.columns.iter().all(|column| *column < table.visible() && columns.contains(column))
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
pub(super) fn altered_constraint(name: &Ident, attributes: ConstraintAttributes, a: &mut Altering) -> Result<()> {
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

/// SET CONSTRAINTS: the constraints of these names, each with its table. 42704 where there is none, 42809 where one cannot be
/// `deferred`.
pub(crate) fn constraints_named(
    names: &[Name],
    deferred: bool,
    catalog: &Catalog,
    path: &[String],
) -> Result<Vec<(TableId, String)>> {
    let mut found = Vec::new();
    for name in names {
        let schemas: Vec<&str> = match name.qualifier() {
            Some(schema) if !has_schema(catalog, &schema.name) => return Err(unknown_schema(&schema.name)),
            Some(schema) => vec![&schema.name],
            None => path.iter().map(String::as_str).collect(),
        };
        let within = |schema: &str| {
            let tables = catalog.tables().into_iter().filter(|table| table.schema == schema);
            let held = |table: Arc<TableDef>| {
                let held = table.constraints.iter().find(|held| held.name == name.last()).cloned();
                held.map(|held| (table, held))
            };
            tables.filter_map(held).collect::<Vec<_>>()
        };
        let of = schemas.into_iter().map(within).find(|of| !of.is_empty()).ok_or_else(|| {
            Error::new(state::UNDEFINED_OBJECT, format!("constraint \"{}\" does not exist", name.last()))
        })?;
        for (table, held) in of {
            if parse_constraint(&held.text)?.attributes.deferrable == Some(true) {
                found.push((table.id, held.name));
            } else if deferred {
                let message = format!("constraint \"{}\" is not deferrable", name.last());
                return Err(Error::new(state::WRONG_OBJECT_TYPE, message));
            }
        }
    }
    Ok(found)
}
