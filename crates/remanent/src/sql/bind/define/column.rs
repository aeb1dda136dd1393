//! Columns: type, constraints, default, identity.

use super::foreign::NewKey;
use super::index::unique_index;
use super::names::made_up;
use super::table::NewTable;
use crate::sql::ast::{
    self, ColumnConstraint, ColumnConstraintKind, ColumnDefinition, ConstraintAttributes, Ident, Name,
    SequenceOption, Span, TypeName,
};
use crate::sql::bind::hidden::refuse_system_name;
use crate::sql::bind::{Binder, refuse};
use crate::sql::parse::parse_expr;
use remanent_storage::error::{Error, Result, state};
use remanent_storage::table::{ColumnDef, Generated};
use remanent_storage::value::Type;

/// The integer type of `serial` and its kin.
fn serial(ty: &TypeName) -> Option<Type> {
    Some(match ty.name.simple()? {
        "smallserial" | "serial2" => Type::Int2,
        "serial" | "serial4" => Type::Int4,
        "bigserial" | "serial8" => Type::Int8,
        _ => return None,
    })
}

/// What is said more than once, or against what was said.
fn twice(what: &str, new: &NewTable, column: &str, span: Option<Span>) -> Error {
    twice_as(&format!("{what} specified for"), new, column, span)
}

fn twice_as(what: &str, new: &NewTable, column: &str, span: Option<Span>) -> Error {
    let message = format!("{what} column \"{column}\" of table \"{}\"", new.def.name);
    let error = Error::new(state::SYNTAX_ERROR, message);
    match span {
        Some(span) => error.at(span.at()),
        None => error,
    }
}

/// A default text that takes the next number of a sequence.
pub(super) fn next_of(schema: &str, sequence: &str) -> String {
    let name = match schema {
        remanent_storage::table::PUBLIC => ast::quote_ident(sequence),
        _ => format!("{}.{}", ast::quote_ident(schema), ast::quote_ident(sequence)),
    };
    format!("nextval({})", ast::quote_literal(&name))
}

/// 0A000 where a column is to be compared otherwise than by its bytes.
pub(in crate::sql::bind) fn plain_collation(written: &ColumnDefinition) -> Result<()> {
    match written.collation.as_ref().filter(|c| !matches!(c.last(), "C" | "POSIX" | "default")) {
        Some(collation) => Err(refuse(format!("collation \"{}\"", collation.last()), collation.span)),
        None => Ok(()),
    }
}

impl Binder<'_> {
    /// Adds a column to a definition; what it says of the table is left in `new`.
    pub(super) fn add_column(&mut self, written: &ColumnDefinition, new: &mut NewTable) -> Result<()> {
        let name = &written.name.name;
        if new.def.column(name).is_some() {
            let message = format!("column \"{name}\" specified more than once");
            return Err(Error::new(state::DUPLICATE_COLUMN, message).at(written.name.span.at()));
        }
        refuse_system_name(name, Some(written.name.span.at()))?;
        plain_collation(written)?;
        let serial = serial(&written.ty);
        let ty = match serial {
            Some(_) if !written.ty.array.is_empty() => {
                let message = "array of serial is not implemented";
                return Err(Error::new(state::FEATURE_NOT_SUPPORTED, message).at(written.ty.span.at()));
            }
            Some(ty) => ty,
            None => self.resolve_type(&written.ty)?,
        };
        let element = if let Type::Array(element) = ty { element.ty() } else { ty };
        if let Some(collation) = &written.collation
            && !element.is_text()
            && !matches!(element, Type::Char(_))
        {
            let message = format!("collations are not supported by type {ty}");
            return Err(Error::new(state::DATATYPE_MISMATCH, message).at(collation.span.at()));
        }
        new.def.columns.push(ColumnDef::new(name, ty));
        let mut said = Said::default();
        if serial.is_some() {
            said.nullable = Some(false);
            said.default = true;
            self.sequence_of_column(new, None, &[])?;
            column(new).not_null = true;
        }
        for constraint in &written.constraints {
            self.column_constraint(constraint, new, &mut said)?;
        }
        Ok(())
    }

    fn column_constraint(
        &mut self,
        constraint: &ColumnConstraint,
        new: &mut NewTable,
        said: &mut Said,
    ) -> Result<()> {
        let position = new.def.columns.len() - 1;
        let (name, ty) = (new.def.columns[position].name.clone(), new.def.columns[position].ty);
        let at = Some(constraint.span);
        match &constraint.kind {
            kind @ (ColumnConstraintKind::NotNull | ColumnConstraintKind::Null) => {
                let null = matches!(kind, ColumnConstraintKind::Null);
                said.nullability(null, new, &name, constraint.span)?;
                column(new).not_null = !null;
            }
            ColumnConstraintKind::Default(expr) => {
                if said.default {
                    return Err(twice("multiple default values", new, &name, at));
                }
                said.default = true;
                said.one_source(new, &name, constraint.span)?;
                self.default_expr(expr, &name, ty)?;
                let text = self.stored(expr.to_string(), &mut |binder, text| {
                    binder.default_expr(&parse_expr(text)?, &name, ty).map(drop)
                })?;
                column(new).default = Some(text);
            }
            ColumnConstraintKind::PrimaryKey => {
                self.refuse_deferred(&constraint.attributes, "PRIMARY KEY", constraint.span)?;
                self.set_key(new, vec![position], constraint.name.as_ref(), constraint.span)?;
            }
            ColumnConstraintKind::Unique(same) => {
                self.refuse_deferred(&constraint.attributes, "UNIQUE", constraint.span)?;
                let name = constraint.name.as_ref();
                new.fresh.push(unique_index(name, vec![position], *same, constraint.span));
            }
            ColumnConstraintKind::References(references) => new.foreign.push(NewKey {
                name: constraint.name.clone(),
                columns: vec![Ident { name, span: constraint.span }],
                references: references.clone(),
                attributes: ConstraintAttributes { not_valid: false, ..constraint.attributes },
            }),
            ColumnConstraintKind::Check(condition) => {
                self.refuse_deferred(&constraint.attributes, "CHECK", constraint.span)?;
                new.checks.push((constraint.name.clone(), condition.clone(), constraint.attributes));
            }
            ColumnConstraintKind::Generated(expr) => {
                if said.generated {
                    return Err(twice("multiple generation clauses", new, &name, at));
                }
                said.generated = true;
                said.one_source(new, &name, constraint.span)?;
                column(new).generated = Generated::Stored;
                column(new).default = Some(expr.to_string());
                new.generated.push((position, expr.clone()));
            }
            ColumnConstraintKind::Identity(always, options) => {
                if said.identity {
                    return Err(twice_as("multiple identity specifications for", new, &name, at));
                }
                said.identity = true;
                said.one_source(new, &name, constraint.span)?;
                said.nullability(false, new, &name, constraint.span)?;
                if !matches!(ty, Type::Int2 | Type::Int4 | Type::Int8) {
                    let message = "identity column type must be smallint, integer, or bigint";
                    return Err(Error::new(state::INVALID_PARAMETER_VALUE, message));
                }
                let named = options.iter().find_map(|option| match &option.kind {
                    ast::SequenceOptionKind::Name(name) => Some(name),
                    _ => None,
                });
                self.sequence_of_column(new, named, options)?;
                column(new).not_null = true;
                column(new).generated = if *always { Generated::Always } else { Generated::ByDefault };
            }
        }
        Ok(())
    }

    /// Gives the last column a sequence of its own as its default.
    pub(super) fn sequence_of_column(
        &mut self,
        new: &mut NewTable,
        named: Option<&Name>,
        options: &[SequenceOption],
    ) -> Result<()> {
        let (schema, table) = (new.def.schema.clone(), new.def.name.clone());
        let Some(last) = new.def.columns.last() else { return Ok(()) };
        let (column_name, ty) = (last.name.clone(), last.ty);
        let (in_schema, sequence) = match named {
            Some(name) => self.target(name)?,
            None => {
                let others: Vec<&str> = new.sequences.iter().map(|s| s.name.as_str()).collect();
                let taken = |name: &str| {
                    name == table || others.contains(&name) || self.catalog.is_taken(&schema, name)
                };
                (schema.clone(), made_up(&table, Some(&column_name), "seq", &taken))
            }
        };
        let owner = [schema, table, column_name];
        let def = self.sequence(&in_schema, &sequence, options, Some(ty), Some(owner))?;
        column(new).default = Some(next_of(&in_schema, &sequence));
        new.sequences.push(def);
        Ok(())
    }
}

/// The column being declared: the last one.
fn column(new: &mut NewTable) -> &mut ColumnDef {
    let last = new.def.columns.len().saturating_sub(1);
    &mut new.def.columns[last]
}

/// What was said of a column so far.
#[derive(Default)]
struct Said {
    nullable: Option<bool>,
    default: bool,
    generated: bool,
    identity: bool,
}

impl Said {
    fn nullability(&mut self, null: bool, new: &NewTable, column: &str, span: Span) -> Result<()> {
        if self.nullable.is_some_and(|held| held != null) {
            let what = format!(
                "conflicting NULL/NOT NULL declarations for column \"{column}\" of table \"{}\"",
                new.def.name
            );
            return Err(Error::new(state::SYNTAX_ERROR, what).at(span.at()));
        }
        self.nullable = Some(null);
        Ok(())
    }

    /// A column has a default, an expression or an identity.
    fn one_source(&self, new: &NewTable, column: &str, span: Span) -> Result<()> {
        let both = match (self.default, self.generated, self.identity) {
            (true, true, _) => "both default and generation expression",
            (true, _, true) => "both default and identity",
            (_, true, true) => "both identity and generation expression",
            _ => return Ok(()),
        };
        Err(twice(both, new, column, Some(span)))
    }
}
