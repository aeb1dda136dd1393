//! RETURNING and ON CONFLICT: what is said of the rows that a statement writes.

use super::expr::{Clause, Place};
use super::insert::target_column;
use super::names::output_name;
use super::scope::Scope;
use super::{Binder, refuse};
use crate::sql::ast::{self, ConflictTarget, ExprKind, OnConflict, SelectItem};
use crate::sql::expr::Expr;
use crate::sql::plan::{Conflict, Field, Returning};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::table::TableDef;
use std::sync::Arc;

impl Binder<'_> {
    /// RETURNING, over the columns of a scope; None where nothing is returned.
    pub(super) fn returning(&mut self, list: &[SelectItem], scope: &Scope) -> Result<Option<Returning>> {
        if list.is_empty() {
            return Ok(None);
        }
        let mut returning = Returning { exprs: Vec::new(), names: Vec::new() };
        for item in list {
            if let ExprKind::Star(of) = &item.expr.kind {
                for (position, name) in scope.star(of.as_ref())? {
                    returning.exprs.push(scope.column(position));
                    returning.names.push(name);
                }
                continue;
            }
            let expr = self.expr(&item.expr, &mut Place::new(scope, Clause::Returning))?;
            let expr = self.resolver.finish(expr)?;
            refuse_dependent(&expr, &item.expr)?;
            returning.exprs.push(expr);
            returning.names.push(match &item.alias {
                Some(alias) => alias.name.clone(),
                None => output_name(&item.expr),
            });
        }
        Ok(Some(returning))
    }

    /// ON CONFLICT on the primary key of a table.
    pub(super) fn on_conflict(
        &mut self,
        conflict: &OnConflict,
        table: &Arc<TableDef>,
        scope: &Scope,
    ) -> Result<Conflict> {
        match &conflict.target {
            Some(target) => self.conflict_target(target, conflict, table)?,
            None if conflict.update.is_some() => {
                let message = "ON CONFLICT DO UPDATE requires inference specification or constraint name";
                return Err(Error::new(state::SYNTAX_ERROR, message)
                    .with_hint("For example, ON CONFLICT (column_name).")
                    .at(conflict.span.at()));
            }
            None => {}
        }
        let Some(update) = &conflict.update else {
            return Ok(Conflict { update: None, assigned: Vec::new(), filter: None });
        };
        let fields = table.columns.iter().map(|column| Field::new(&column.name, column.ty));
        let excluded = Scope::relation("excluded", None, fields);
        let both = scope.clone().join(excluded)?;
        let mut new: Vec<Option<Expr>> = vec![None; table.columns.len()];
        for assignment in &update.set {
            self.assignment(assignment, table, &both, &mut new)?;
        }
        let filter = match &update.filter {
            Some(filter) => {
                let bound = self.condition(filter, &mut Place::new(&both, Clause::Where))?;
                refuse_dependent(&bound, filter)?;
                Some(bound)
            }
            None => None,
        };
        for (expr, assignment) in new.iter().flatten().zip(&update.set) {
            refuse_dependent(expr, &assignment.value)?;
        }
        let assigned = (0..new.len()).filter(|&i| new[i].is_some()).collect();
        let kept =
            |(i, expr): (usize, Option<Expr>)| expr.unwrap_or_else(|| Expr::column(i, table.columns[i].ty));
        let update = Some(new.into_iter().enumerate().map(kept).collect());
        Ok(Conflict { update, assigned, filter })
    }

    /// The conflict that is meant must be that of the primary key; 42P10 where there is no such constraint.
    fn conflict_target(
        &mut self,
        target: &ConflictTarget,
        conflict: &OnConflict,
        table: &Arc<TableDef>,
    ) -> Result<()> {
        let keys = match target {
            ConflictTarget::Constraint(name) => {
                if !table.key.is_empty() && name.name == table.key_name() {
                    return Ok(());
                }
                let message =
                    format!("constraint \"{}\" for table \"{}\" does not exist", name.name, table.name);
                return Err(Error::new(state::UNDEFINED_OBJECT, message).at(name.span.at()));
            }
            ConflictTarget::Index { keys, .. } => keys,
        };
        let mut columns = Vec::with_capacity(keys.len());
        for key in keys {
            let ExprKind::Column(name) = &key.expr.kind else {
                return Err(refuse("ON CONFLICT on an expression", key.expr.span));
            };
            let ident = name.parts.last().cloned().ok_or_else(|| Error::internal("a name without parts"))?;
            let named = ast::Target { column: ident, path: Vec::new() };
            let position = target_column(&named, table).map_err(|_| {
                let message = format!("column \"{}\" does not exist", name.last());
                Error::new(state::UNDEFINED_COLUMN, message).at(name.span.at())
            })?;
            if !columns.contains(&position) {
                columns.push(position);
            }
        }
        let meant = columns.len() == table.key.len() && table.key.iter().all(|key| columns.contains(key));
        if !meant || table.key.is_empty() {
            let message = "there is no unique or exclusion constraint matching the ON CONFLICT specification";
            return Err(Error::new(state::INVALID_COLUMN_REFERENCE, message).at(conflict.span.at()));
        }
        Ok(())
    }
}

/// What is computed while rows are written cannot run a subquery that depends on them.
fn refuse_dependent(expr: &Expr, written: &ast::Expr) -> Result<()> {
    let dependent = |e: &Expr| matches!(e, Expr::Subquery(subquery) if !subquery.args.is_empty() || subquery.test.is_some());
    match expr.any(&mut |e| dependent(e)) {
        true => Err(refuse("a subquery that depends on the row being written", written.span)),
        false => Ok(()),
    }
}
