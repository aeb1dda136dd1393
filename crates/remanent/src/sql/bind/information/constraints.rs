//! Constraints, as information_schema shows them.

use super::{named, text, yes};
use crate::sql::ast::{TableConstraint, TableConstraintKind};
use crate::sql::bind::Binder;
use crate::sql::bind::define::mentions;
use crate::sql::parse::parse_constraint;
use crate::sql::plan::Referred;
use remanent_storage::catalog::Catalog;
use remanent_storage::table::{ConstraintDef, TableDef};
use remanent_storage::value::Value;
use std::sync::Arc;

/// Each constraint of each table; what cannot be read as one is left out.
pub(super) fn each_constraint(
    catalog: &Catalog,
    of: &mut dyn FnMut(&Arc<TableDef>, &ConstraintDef, TableConstraint),
) {
    for def in catalog.tables() {
        for constraint in &def.constraints {
            if let Ok(parsed) = parse_constraint(&constraint.text) {
                of(&def, constraint, parsed);
            }
        }
    }
}

/// What a constraint refers to, where it is a foreign key.
pub(super) fn referred(
    catalog: &Catalog,
    def: &Arc<TableDef>,
    held: &ConstraintDef,
) -> Option<Arc<Referred>> {
    Binder::new(catalog, Vec::new(), 0, &[]).foreign_key(def, held).ok().flatten()
}

pub(super) fn table_constraints(catalog: &Catalog) -> Vec<Vec<Value>> {
    let mut rows = Vec::new();
    each_constraint(catalog, &mut |def, constraint, parsed| {
        let kind = match parsed.kind {
            TableConstraintKind::PrimaryKey(_) => "PRIMARY KEY",
            TableConstraintKind::Unique(..) => "UNIQUE",
            TableConstraintKind::Check(_) => "CHECK",
            TableConstraintKind::ForeignKey(..) => "FOREIGN KEY",
        };
        let mut row = vec![text(&def.schema), text(&constraint.name)];
        row.extend(named(def));
        let due = [parsed.attributes.deferrable, parsed.attributes.deferred];
        row.extend([text(kind)].into_iter().chain(due.map(|said| yes(said == Some(true)))));
        rows.push(row);
    });
    rows
}

pub(super) fn check_constraints(catalog: &Catalog) -> Vec<Vec<Value>> {
    let mut rows = Vec::new();
    each_constraint(catalog, &mut |def, constraint, parsed| {
        if let TableConstraintKind::Check(condition) = parsed.kind {
            let clause = Value::Text(format!("({condition})"));
            rows.push(vec![text(&def.schema), text(&constraint.name), clause]);
        }
    });
    rows
}

pub(super) fn key_columns(catalog: &Catalog) -> Vec<Vec<Value>> {
    let mut rows = Vec::new();
    each_constraint(catalog, &mut |def, constraint, parsed| {
        let columns = match parsed.kind {
            TableConstraintKind::PrimaryKey(columns)
            | TableConstraintKind::Unique(columns, _)
            | TableConstraintKind::ForeignKey(columns, _) => columns,
            TableConstraintKind::Check(_) => return,
        };
        let referred = referred(catalog, def, constraint);
        for (column, position) in columns.iter().zip(1..) {
            let there = referred.as_ref().and_then(|referred| {
                let other = referred.key.referred.get(position as usize - 1)?;
                let place = referred.key.index.columns.iter().position(|held| held == other)?;
                i32::try_from(place + 1).ok()
            });
            let mut row = vec![text(&def.schema), text(&constraint.name)];
            row.extend(named(def));
            row.extend([text(&column.name), Value::Int4(position), there.map_or(Value::Null, Value::Int4)]);
            rows.push(row);
        }
    });
    rows
}

pub(super) fn referential_constraints(catalog: &Catalog) -> Vec<Vec<Value>> {
    let mut rows = Vec::new();
    each_constraint(catalog, &mut |def, constraint, _| {
        let Some(referred) = referred(catalog, def, constraint) else { return };
        let key = &referred.key;
        let unique = match key.index.constraint {
            true => [text(&key.parent.schema), text(&key.index.name)],
            false => [Value::Null, Value::Null],
        };
        let mut row = vec![text(&def.schema), text(&constraint.name)];
        row.extend(unique);
        row.push(text(if key.full { "FULL" } else { "NONE" }));
        row.extend([referred.on_update, referred.on_delete].map(|action| text(action.words())));
        rows.push(row);
    });
    rows
}

pub(super) fn constraint_columns(catalog: &Catalog) -> Vec<Vec<Value>> {
    let mut rows = Vec::new();
    each_constraint(catalog, &mut |def, constraint, parsed| {
        let all = || def.columns.iter().take(def.visible()).map(|column| column.name.clone());
        let (of, columns): (&TableDef, Vec<String>) = match &parsed.kind {
            TableConstraintKind::PrimaryKey(columns) | TableConstraintKind::Unique(columns, _) => {
                (def, columns.iter().map(|column| column.name.clone()).collect())
            }
            TableConstraintKind::Check(_) => {
                (def, all().filter(|name| mentions(&constraint.text, name)).collect())
            }
            TableConstraintKind::ForeignKey(_, references) => {
                let schema = references.table.qualifier().map_or("", |schema| &schema.name);
                let Some(parent) = catalog.relation(schema, references.table.last()) else { return };
                (parent, references.columns.iter().map(|column| column.name.clone()).collect())
            }
        };
        for column in columns {
            let mut row = named(of);
            row.extend([Value::Text(column), text(&def.schema), text(&constraint.name)]);
            rows.push(row);
        }
    });
    rows
}
