//! Constraints: what is stored of them, and what they are called.

use super::names::made_up;
use super::view::PATH;
use crate::sql::ast::{self, ConstraintAttributes, Ident, TableConstraint, TableConstraintKind};
use crate::sql::bind::expr::{Clause, Place};
use crate::sql::bind::scope::Scope;
use crate::sql::bind::{Binder, refuse};
use crate::sql::expr::Expr;
use crate::sql::parse::{parse_constraint, parse_expr};
use crate::sql::plan::{Field, Rules};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::table::{ConstraintDef, Generated, TableDef};
use remanent_storage::value::Type;
use std::sync::Arc;

/// The columns of a table under its name.
pub fn scope_of(def: &TableDef) -> Scope {
    let fields = def.columns.iter().map(|column| Field::new(&column.name, column.ty));
    Scope::relation(&def.name, None, fields)
}

impl Binder<'_> {
    /// Adds a CHECK constraint to a definition. Its condition is over the columns that the definition has.
    pub(super) fn add_check(
        &mut self,
        def: &mut TableDef,
        name: Option<&Ident>,
        condition: &ast::Expr,
        attributes: &ConstraintAttributes,
    ) -> Result<()> {
        let used = self.check(condition, def)?.1;
        let name = match name {
            Some(given) => {
                if def.constraints.iter().any(|held| held.name == given.name) {
                    let message = format!("check constraint \"{}\" already exists", given.name);
                    return Err(Error::new(state::DUPLICATE_OBJECT, message));
                }
                given.name.clone()
            }
            None => {
                // Of one column: called after it.
                let column = match used.as_slice() {
                    [only] => def.columns.get(*only).map(|column| column.name.as_str()),
                    _ => None,
                };
                made_up(&def.name, column, "check", &|name| has_constraint(def, name))
            }
        };
        let not_valid = attributes.not_valid;
        let attributes = ConstraintAttributes { not_valid, ..ConstraintAttributes::default() };
        let constraint = TableConstraint {
            name: None,
            kind: TableConstraintKind::Check(condition.clone()),
            attributes,
            span: condition.span,
        };
        let text =
            self.stored(constraint.to_string(), &mut |binder, text| match parse_constraint(text)?.kind {
                TableConstraintKind::Check(condition) => binder.check(&condition, def).map(drop),
                _ => Ok(()),
            })?;
        def.constraints.push(ConstraintDef { name, text });
        Ok(())
    }

    /// A condition over a table's columns, and which of them it reads.
    pub(super) fn check(&mut self, condition: &ast::Expr, def: &TableDef) -> Result<(Expr, Vec<usize>)> {
        let scope = scope_of(def);
        let mut place = Place::new(&scope, Clause::Check);
        let bound = self.condition(condition, &mut place)?;
        let mut used: Vec<usize> = place.seen.iter().map(|(position, _)| *position).collect();
        remanent_kernels::sort::sort_by(&mut used, &Ord::cmp);
        used.dedup();
        Ok((self.resolver.finish(bound)?, used))
    }

    /// The expression of a generated column, converted to its type.
    pub(super) fn generation(
        &mut self,
        written: &ast::Expr,
        position: usize,
        def: &TableDef,
    ) -> Result<Expr> {
        let scope = scope_of(def);
        let mut place = Place::new(&scope, Clause::Generated);
        let bound = self.expr(written, &mut place)?;
        for (used, at) in &place.seen {
            let column = &def.columns[*used];
            if *used == position || column.generated == Generated::Stored {
                let message = format!(
                    "cannot use generated column \"{}\" in column generation expression",
                    column.name
                );
                return Err(Error::new(state::INVALID_OBJECT_DEFINITION, message)
                    .with_detail("A generated column cannot reference another generated column.")
                    .at(*at));
            }
        }
        let column = &def.columns[position];
        let bound = self.resolver.assign(bound, column.ty, &column.name, written.span.at())?;
        let bound = self.resolver.finish(bound)?;
        if !bound.is_of_row() {
            let message = "generation expression is not immutable";
            return Err(Error::new(state::INVALID_OBJECT_DEFINITION, message).at(written.span.at()));
        }
        Ok(bound)
    }

    /// The expression of a new index.
    pub(super) fn new_index_expr(
        &mut self,
        written: &ast::Expr,
        clause: Clause,
        def: &TableDef,
    ) -> Result<Expr> {
        let bound = self.index_expr(written, clause, def)?;
        if bound.is_lasting() { Ok(bound) } else { Err(not_immutable(clause)) }
    }

    /// What is kept of a row for an index, over the table's columns: an expression, or whether a condition holds.
    pub(in crate::sql::bind) fn kept(&mut self, text: &str, position: usize, def: &TableDef) -> Result<Expr> {
        let written = parse_expr(text)?;
        let ty = def.columns.get(position).map(|column| column.ty);
        let clause = if ty == Some(Type::Bool) { Clause::IndexWhere } else { Clause::Index };
        let bound = self.index_expr(&written, clause, def)?;
        match ty {
            Some(ty) if ty == bound.ty() => Ok(bound),
            _ => Err(Error::internal("what is kept for an index has another type")),
        }
    }

    /// An expression of an index.
    pub(super) fn index_expr(&mut self, written: &ast::Expr, clause: Clause, def: &TableDef) -> Result<Expr> {
        let scope = scope_of(def);
        let mut place = Place::new(&scope, clause);
        let bound = match clause {
            Clause::IndexWhere => self.condition(written, &mut place)?,
            _ => self.expr(written, &mut place)?,
        };
        let bound = self.resolver.finish(bound)?;
        if !bound.is_of_row() {
            return Err(not_immutable(clause));
        }
        Ok(bound)
    }

    /// What is computed and checked of a table's rows; None where nothing is.
    pub(in crate::sql::bind) fn rules(&mut self, table: &Arc<TableDef>) -> Result<Option<Arc<Rules>>> {
        self.rules_where(table, &|_| true)
    }

    /// The same, with those constraints only that `wanted` says.
    pub(in crate::sql::bind) fn rules_where(
        &mut self,
        table: &Arc<TableDef>,
        wanted: &dyn Fn(&TableConstraint) -> bool,
    ) -> Result<Option<Arc<Rules>>> {
        let path = std::mem::replace(&mut self.path, PATH.as_slice());
        let rules = self.stored_rules(table, wanted);
        self.path = path;
        rules
    }

    fn stored_rules(
        &mut self,
        table: &Arc<TableDef>,
        wanted: &dyn Fn(&TableConstraint) -> bool,
    ) -> Result<Option<Arc<Rules>>> {
        let (mut generated, mut checks) = (Vec::new(), Vec::new());
        for (position, column) in table.columns.iter().enumerate() {
            if let (Generated::Stored, Some(text)) = (column.generated, &column.default) {
                generated.push(match column.name.is_empty() {
                    true => (position, self.kept(text, position, table)?),
                    false => (position, self.generation(&parse_expr(text)?, position, table)?),
                });
            }
        }
        let mut constraints: Vec<&ConstraintDef> = table.constraints.iter().collect();
        remanent_kernels::sort::sort_by(&mut constraints, &|a, b| a.name.cmp(&b.name));
        for constraint in constraints.into_iter().filter(|held| held.text.starts_with("CHECK")) {
            let parsed = parse_constraint(&constraint.text)?;
            if let TableConstraintKind::Check(condition) = &parsed.kind
                && wanted(&parsed)
            {
                checks.push((constraint.name.clone(), self.check(condition, table)?.0));
            }
        }
        if generated.is_empty() && checks.is_empty() {
            return Ok(None);
        }
        Ok(Some(Arc::new(Rules { generated, checks, ..Rules::new(table) })))
    }

    /// What no constraint but a foreign key may say.
    pub(super) fn refuse_deferred(
        &self,
        attributes: &ConstraintAttributes,
        what: &str,
        span: ast::Span,
    ) -> Result<()> {
        if attributes.deferrable == Some(true) || attributes.deferred == Some(true) {
            return match what {
                "CHECK" => {
                    let message = "misplaced DEFERRABLE clause";
                    Err(Error::new(state::SYNTAX_ERROR, message).at(span.at()))
                }
                _ => Err(refuse(format!("a deferrable {what} constraint"), span)),
            };
        }
        Ok(())
    }
}

/// True if a table's constraint has that name.
pub fn has_constraint(def: &TableDef, name: &str) -> bool {
    def.constraints.iter().any(|held| held.name == name)
}

/// 42710
pub fn taken_constraint(name: &Ident, def: &TableDef) -> Error {
    let message = format!("constraint \"{}\" for relation \"{}\" already exists", name.name, def.name);
    Error::new(state::DUPLICATE_OBJECT, message).at(name.span.at())
}

fn not_immutable(clause: Clause) -> Error {
    let what = if clause == Clause::IndexWhere { "predicate" } else { "expression" };
    let message = format!("functions in index {what} must be marked IMMUTABLE");
    Error::new(state::INVALID_OBJECT_DEFINITION, message)
}
