//! CREATE TABLE, DROP TABLE and TRUNCATE.

use super::{Binder, check_schema, refuse, types};
use crate::sql::ast::{
    ColumnConstraintKind, ColumnDefinition, CreateTable, DropTable, Ident, Name, Persistence, Span,
    TableConstraintKind, Truncate,
};
use crate::sql::plan::Plan;
use remanent_storage::error::{Error, Result, state};
use remanent_storage::table::ColumnDef;

/// The most columns a table can have, as in PostgreSQL.
const MAX_COLUMNS: usize = 1600;

impl Binder<'_> {
    /// CREATE TABLE.
    pub(super) fn create_table(&mut self, create: &CreateTable) -> Result<Plan> {
        match create.persistence {
            Persistence::Permanent => {}
            Persistence::Temporary => return Err(refuse("a temporary table", create.name.span)),
            Persistence::Unlogged => return Err(refuse("an unlogged table", create.name.span)),
        }
        if let Some(option) = create.options.first() {
            return Err(refuse(format!("storage parameter \"{}\"", option.name.last()), option.name.span));
        }
        in_our_schema(&create.name)?;
        if create.columns.len() > MAX_COLUMNS {
            let message = format!("tables can have at most {MAX_COLUMNS} columns");
            return Err(
                Error::new(state::TOO_MANY_COLUMNS, message).at(create.columns[MAX_COLUMNS].span.at())
            );
        }
        let name = create.name.last().to_string();
        let mut key = Key { table: &name, columns: None };
        let mut columns: Vec<ColumnDef> = Vec::with_capacity(create.columns.len());
        for definition in &create.columns {
            if columns.iter().any(|held| held.name == definition.name.name) {
                let message = format!("column \"{}\" specified more than once", definition.name.name);
                return Err(Error::new(state::DUPLICATE_COLUMN, message).at(definition.name.span.at()));
            }
            let column = self.column_definition(definition, columns.len(), &mut key)?;
            columns.push(column);
        }
        for constraint in &create.constraints {
            match &constraint.kind {
                TableConstraintKind::PrimaryKey(names) => {
                    let positions = key_positions(names, &columns)?;
                    key.set(positions, constraint.span)?;
                }
                TableConstraintKind::Unique(_) => return Err(refuse("UNIQUE", constraint.span)),
                TableConstraintKind::Check(_) => return Err(refuse("CHECK", constraint.span)),
                TableConstraintKind::ForeignKey(..) => return Err(refuse("FOREIGN KEY", constraint.span)),
            }
        }
        let key = key.columns.unwrap_or_default();
        for &position in &key {
            columns[position].not_null = true;
        }
        Ok(Plan::CreateTable { name, columns, key, if_not_exists: create.if_not_exists })
    }

    fn column_definition(
        &mut self,
        definition: &ColumnDefinition,
        position: usize,
        key: &mut Key<'_>,
    ) -> Result<ColumnDef> {
        let name = definition.name.name.clone();
        if let Some(collation) =
            definition.collation.as_ref().filter(|c| !matches!(c.last(), "C" | "POSIX" | "default"))
        {
            return Err(refuse(format!("collation \"{}\"", collation.last()), collation.span));
        }
        let ty = types::resolve(&definition.ty)?;
        let mut column = ColumnDef { name, ty, not_null: false, default: None };
        let mut nullable: Option<bool> = None;
        for constraint in &definition.constraints {
            let refused = match &constraint.kind {
                kind @ (ColumnConstraintKind::NotNull | ColumnConstraintKind::Null) => {
                    let null = matches!(kind, ColumnConstraintKind::Null);
                    if nullable.is_some_and(|held| held != null) {
                        let message = format!(
                            "conflicting NULL/NOT NULL declarations for column \"{}\" of table \"{}\"",
                            column.name, key.table
                        );
                        return Err(Error::new(state::SYNTAX_ERROR, message).at(constraint.span.at()));
                    }
                    nullable = Some(null);
                    column.not_null = !null;
                    continue;
                }
                ColumnConstraintKind::Default(expr) => {
                    if column.default.is_some() {
                        let message = format!(
                            "multiple default values specified for column \"{}\" of table \"{}\"",
                            column.name, key.table
                        );
                        return Err(Error::new(state::SYNTAX_ERROR, message).at(constraint.span.at()));
                    }
                    self.default_expr(expr, &column.name, ty)?;
                    column.default = Some(expr.to_string());
                    continue;
                }
                ColumnConstraintKind::PrimaryKey => {
                    key.set(vec![position], constraint.span)?;
                    continue;
                }
                ColumnConstraintKind::Unique => "UNIQUE",
                ColumnConstraintKind::Check(_) => "CHECK",
                ColumnConstraintKind::References(_) => "REFERENCES",
                ColumnConstraintKind::Generated(_) => "a generated column",
                ColumnConstraintKind::Identity(_) => "an identity column",
            };
            return Err(refuse(refused, constraint.span));
        }
        Ok(column)
    }

    /// DROP TABLE.
    pub(super) fn drop_table(&mut self, drop: &DropTable) -> Result<Plan> {
        let mut names: Vec<String> = Vec::with_capacity(drop.names.len());
        for name in &drop.names {
            let known = check_schema(name)? && self.look_up(name.last()).is_some();
            if !known && !drop.if_exists {
                let message = format!("table \"{}\" does not exist", name.last());
                return Err(Error::new(state::UNDEFINED_TABLE, message).at(name.span.at()));
            }
            if known && !names.iter().any(|held| held == name.last()) {
                names.push(name.last().to_string());
            }
        }
        Ok(Plan::DropTable { names, if_exists: drop.if_exists })
    }

    /// TRUNCATE. There are no sequences and no foreign keys, so IDENTITY and CASCADE reach nothing.
    pub(super) fn truncate(&mut self, truncate: &Truncate) -> Result<Plan> {
        let mut names: Vec<String> = Vec::with_capacity(truncate.names.len());
        for name in &truncate.names {
            if !check_schema(name)? || self.catalog.table(name.last()).is_none() {
                let message = format!("relation \"{}\" does not exist", name.last());
                return Err(Error::new(state::UNDEFINED_TABLE, message).at(name.span.at()));
            }
            if !names.iter().any(|held| held == name.last()) {
                names.push(name.last().to_string());
            }
        }
        Ok(Plan::Truncate { names })
    }
}

/// The primary key being declared.
struct Key<'a> {
    table: &'a str,
    columns: Option<Vec<usize>>,
}

impl Key<'_> {
    fn set(&mut self, columns: Vec<usize>, span: Span) -> Result<()> {
        if self.columns.is_some() {
            let message = format!("multiple primary keys for table \"{}\" are not allowed", self.table);
            return Err(Error::new(state::INVALID_TABLE_DEFINITION, message).at(span.at()));
        }
        self.columns = Some(columns);
        Ok(())
    }
}

fn key_positions(names: &[Ident], columns: &[ColumnDef]) -> Result<Vec<usize>> {
    let mut positions = Vec::with_capacity(names.len());
    for name in names {
        let Some(position) = columns.iter().position(|column| column.name == name.name) else {
            let message = format!("column \"{}\" named in key does not exist", name.name);
            return Err(Error::new(state::UNDEFINED_COLUMN, message).at(name.span.at()));
        };
        if positions.contains(&position) {
            let message = format!("column \"{}\" appears twice in primary key constraint", name.name);
            return Err(Error::new(state::DUPLICATE_COLUMN, message).at(name.span.at()));
        }
        positions.push(position);
    }
    Ok(positions)
}

fn in_our_schema(name: &Name) -> Result<()> {
    match (check_schema(name)?, name.qualifier()) {
        (false, Some(schema)) => {
            let message = format!("schema \"{}\" does not exist", schema.name);
            Err(Error::new(state::INVALID_SCHEMA_NAME, message).at(schema.span.at()))
        }
        _ => Ok(()),
    }
}
