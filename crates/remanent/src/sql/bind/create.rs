//! CREATE TABLE, DROP TABLE and TRUNCATE.

use super::index::{UniqueConstraint, constraint_columns};
use super::{Binder, check_schema, refuse, types};
use crate::sql::ast::{
    ColumnConstraintKind, ColumnDefinition, CreateTable, DropTable, Name, Persistence, Span,
    TableConstraintKind, Truncate,
};
use crate::sql::plan::Plan;
use remanent_storage::error::{Error, Result, state};
use remanent_storage::index::IndexDef;
use remanent_storage::table::{ColumnDef, TableDef};

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
        let mut unique: Vec<UniqueConstraint<'_>> = Vec::new();
        for definition in &create.columns {
            if columns.iter().any(|held| held.name == definition.name.name) {
                let message = format!("column \"{}\" specified more than once", definition.name.name);
                return Err(Error::new(state::DUPLICATE_COLUMN, message).at(definition.name.span.at()));
            }
            let column = self.column_definition(definition, columns.len(), &mut key, &mut unique)?;
            columns.push(column);
        }
        for constraint in &create.constraints {
            match &constraint.kind {
                TableConstraintKind::PrimaryKey(names) => {
                    let positions = constraint_columns(names, &columns, "primary key", constraint.span)?;
                    key.set(positions, constraint.span)?;
                }
                TableConstraintKind::Unique(names, nulls_not_distinct) => unique.push(UniqueConstraint {
                    name: constraint.name.as_ref(),
                    columns: constraint_columns(names, &columns, "unique", constraint.span)?,
                    nulls_not_distinct: *nulls_not_distinct,
                    span: constraint.span,
                }),
                TableConstraintKind::Check(_) => return Err(refuse("CHECK", constraint.span)),
                TableConstraintKind::ForeignKey(..) => return Err(refuse("FOREIGN KEY", constraint.span)),
            }
        }
        let key = key.columns.unwrap_or_default();
        for &position in &key {
            columns[position].not_null = true;
        }
        let indexes = self.unique_indexes(&name, &columns, &key, &unique)?;
        Ok(Plan::CreateTable { name, columns, key, indexes, if_not_exists: create.if_not_exists })
    }

    /// The indexes of UNIQUE constraints. One that says what the primary key or another one says is left out, as in
    /// PostgreSQL.
    fn unique_indexes(
        &self,
        name: &str,
        columns: &[ColumnDef],
        key: &[usize],
        unique: &[UniqueConstraint<'_>],
    ) -> Result<Vec<IndexDef>> {
        let table = TableDef { id: 0, name: name.to_string(), columns: columns.to_vec(), key: key.to_vec() };
        let (mut indexes, mut names) =
            (Vec::<IndexDef>::new(), vec![name.to_string(), format!("{name}_pkey")]);
        for constraint in unique {
            let same = |def: &IndexDef| {
                def.columns == constraint.columns && def.nulls_not_distinct == constraint.nulls_not_distinct
            };
            let known = indexes.iter().any(same) || !key.is_empty() && constraint.columns == key;
            if known && constraint.name.is_none() {
                continue;
            }
            let UniqueConstraint { name, columns, nulls_not_distinct, span } = constraint;
            let def = self.unique_index(&table, *name, columns.clone(), *nulls_not_distinct, &names);
            if names.contains(&def.name) {
                let message = format!("relation \"{}\" already exists", def.name);
                return Err(Error::new(state::DUPLICATE_TABLE, message).at(span.at()));
            }
            names.push(def.name.clone());
            indexes.push(def);
        }
        Ok(indexes)
    }

    fn column_definition<'a>(
        &mut self,
        definition: &'a ColumnDefinition,
        position: usize,
        key: &mut Key<'_>,
        unique: &mut Vec<UniqueConstraint<'a>>,
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
                ColumnConstraintKind::Unique(nulls_not_distinct) => {
                    unique.push(UniqueConstraint {
                        name: constraint.name.as_ref(),
                        columns: vec![position],
                        nulls_not_distinct: *nulls_not_distinct,
                        span: constraint.span,
                    });
                    continue;
                }
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
            if !known && self.catalog.index(name.last()).is_some() {
                return Err(Error::new(
                    state::WRONG_OBJECT_TYPE,
                    format!("\"{}\" is not a table", name.last()),
                )
                .with_hint("Use DROP INDEX to remove an index."));
            }
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

fn in_our_schema(name: &Name) -> Result<()> {
    match (check_schema(name)?, name.qualifier()) {
        (false, Some(schema)) => {
            let message = format!("schema \"{}\" does not exist", schema.name);
            Err(Error::new(state::INVALID_SCHEMA_NAME, message).at(schema.span.at()))
        }
        _ => Ok(()),
    }
}
