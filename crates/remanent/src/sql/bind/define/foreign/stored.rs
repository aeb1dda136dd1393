//! A foreign key as it is stored, and what it means.

use crate::sql::ast::{
    ConstraintAttributes, Ident, Name, References, Span, TableConstraint, TableConstraintKind,
};
use crate::sql::bind::Binder;
use crate::sql::bind::define::names::{has_schema, unknown_schema};
use crate::sql::expr::CastContext;
use crate::sql::expr::coerce::{can_convert, family};
use crate::sql::functions::cast::cast_value;
use crate::sql::parse::parse_constraint;
use crate::sql::plan::Referred;
use remanent_storage::catalog::Catalog;
use remanent_storage::error::{Error, Result, state};
use remanent_storage::index::IndexDef;
use remanent_storage::table::{ConstraintDef, TableDef, TableId};
use remanent_storage::txn::foreign::ForeignKey;
use remanent_storage::value::{Type, Value};
use std::sync::{Arc, OnceLock};

/// The most columns of a foreign key, as in PostgreSQL.
const MAX_COLUMNS: usize = 32;

/// A foreign key that was read from its text.
pub(in crate::sql::bind::define) struct Stored {
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
    pub fn is_of(&self, table: &TableDef) -> bool {
        self.child.id == table.id
    }
}

pub(super) fn text(columns: Vec<Ident>, references: References, attributes: ConstraintAttributes) -> String {
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
    match ty.plain() {
        Type::Int2 | Type::Int4 | Type::Int8 => Some(0),
        Type::Float4 | Type::Float8 => Some(1),
        Type::Date | Type::Timestamp | Type::Timestamptz => Some(2),
        _ => None,
    }
}

/// True if a child's values can be compared with a parent's.
pub(super) fn comparable(child: Type, parent: Type) -> bool {
    child.same_values(parent)
        || kin(child).is_some() && kin(child) == kin(parent)
        || can_convert(Some(child), family(parent), CastContext::Implicit)
}

impl Binder<'_> {
    /// The foreign keys that refer to a table.
    pub(in crate::sql::bind::define) fn referring(&self, parent: &TableDef) -> Result<Vec<Stored>> {
        let mut found = Vec::new();
        for (child, held) in self.catalog.referring(&parent.name) {
            found.extend(Stored::of(child, held)?.filter(|stored| stored.refers_to(parent)));
        }
        Ok(found)
    }

    /// What a stored foreign key means.
    pub(in crate::sql::bind) fn foreign_key(
        &self,
        child: &Arc<TableDef>,
        held: &ConstraintDef,
    ) -> Result<Option<Arc<Referred>>> {
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
        let gone =
            || Error::internal(format!("what the constraint \"{}\" refers to is not there", stored.name));
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
}

/// Where columns stand that a foreign key names.
pub(super) fn places(names: &[Ident], table: &TableDef) -> Result<Vec<usize>> {
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
pub(super) fn is_key(def: &IndexDef, columns: &[usize], table: &TableDef) -> bool {
    def.unique
        && def.filter.is_none()
        && def.columns.len() == columns.len()
        && def.columns.iter().all(|column| *column < table.visible() && columns.contains(column))
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
