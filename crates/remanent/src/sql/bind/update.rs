//! UPDATE and DELETE: a scan of the table with where each row lies, filtered.

use super::expr::{Clause, Place};
use super::insert::target_column;
use super::scope::Scope;
use super::{Binder, refuse};
use crate::sql::ast::{self, Delete, ExprKind, Ident, Name, Update};
use crate::sql::expr::Expr;
use crate::sql::plan::Plan;
use remanent_storage::error::{Error, Result, state};
use remanent_storage::table::TableDef;
use remanent_storage::value::Type;
use std::sync::Arc;

/// The rows that a statement changes.
struct Changed {
    table: Arc<TableDef>,
    scope: Scope,
    plan: Plan,
    /// The key's columns and where the row lies.
    identity: Vec<Expr>,
}

impl Binder<'_> {
    /// UPDATE.
    pub(super) fn update(&mut self, update: &Update) -> Result<Plan> {
        if let Some(with) = &update.with {
            return Err(refuse("WITH before UPDATE", with.span));
        }
        if let Some(item) = update.from.first() {
            return Err(refuse("UPDATE … FROM", item.span));
        }
        if let Some(item) = update.returning.first() {
            return Err(refuse("RETURNING", item.expr.span));
        }
        let changed = self.changed(&update.table, update.alias.as_ref())?;
        let table = &changed.table;
        let mut new: Vec<Option<Expr>> = vec![None; table.columns.len()];
        for assignment in &update.set {
            self.assignment(assignment, &changed, &mut new)?;
        }
        let assigned = (0..new.len()).filter(|&i| new[i].is_some()).collect();
        let kept =
            |(i, expr): (usize, Option<Expr>)| expr.unwrap_or_else(|| Expr::column(i, table.columns[i].ty));
        let mut exprs = changed.identity.clone();
        exprs.extend(new.into_iter().enumerate().map(kept));
        let plan = match &update.filter {
            Some(filter) => self.filter(changed.plan.clone(), filter, &changed.scope)?,
            None => changed.plan.clone(),
        };
        let names = identity_names(table).chain(table.columns.iter().map(|c| c.name.clone())).collect();
        let input = Box::new(Plan::Project { input: Box::new(plan), exprs, names });
        Ok(Plan::Update { table: Arc::clone(table), input, assigned })
    }

    /// DELETE.
    pub(super) fn delete(&mut self, delete: &Delete) -> Result<Plan> {
        if let Some(with) = &delete.with {
            return Err(refuse("WITH before DELETE", with.span));
        }
        if let Some(item) = delete.using.first() {
            return Err(refuse("DELETE … USING", item.span));
        }
        if let Some(item) = delete.returning.first() {
            return Err(refuse("RETURNING", item.expr.span));
        }
        let Changed { table, scope, mut plan, identity } =
            self.changed(&delete.table, delete.alias.as_ref())?;
        if let Some(filter) = &delete.filter {
            plan = self.filter(plan, filter, &scope)?;
        }
        let names = identity_names(&table).collect();
        let input = Box::new(Plan::Project { input: Box::new(plan), exprs: identity, names });
        Ok(Plan::Delete { table, input })
    }

    /// All columns of the table, its hidden key where it has one, and where each row lies.
    fn changed(&mut self, name: &Name, alias: Option<&Ident>) -> Result<Changed> {
        let table = self.table(name)?;
        let called = alias.map_or(table.name.as_str(), |alias| &alias.name);
        let width = table.columns.len();
        let mut columns: Vec<usize> = (0..width).collect();
        columns.extend(table.key.is_empty().then_some(width));
        let place = columns.len();
        let ty = |position: usize| table.columns.get(position).map_or(Type::Int8, |column| column.ty);
        let mut identity: Vec<Expr> =
            table.key_columns().into_iter().map(|position| Expr::column(position, ty(position))).collect();
        identity.push(Expr::column(place, Type::Int8));
        let plan = self.scan(&table, called, columns, true);
        let fields = plan.fields().into_iter().take(width);
        let scope = Scope::relation(called, Some(Arc::clone(&table)), fields);
        Ok(Changed { scope, plan, identity, table })
    }

    fn assignment(
        &mut self,
        assignment: &ast::Assignment,
        changed: &Changed,
        new: &mut [Option<Expr>],
    ) -> Result<()> {
        let values: Vec<&ast::Expr> = match (&assignment.value.kind, assignment.multiple) {
            (ExprKind::Row(values), true) => values.iter().collect(),
            (ExprKind::Subquery(_), true) => {
                return Err(refuse("assignment of a subquery to several columns", assignment.value.span));
            }
            _ => vec![&assignment.value],
        };
        if values.len() != assignment.targets.len() {
            let message = "number of columns does not match number of values";
            return Err(Error::new(state::SYNTAX_ERROR, message).at(assignment.value.span.at()));
        }
        for (target, value) in assignment.targets.iter().zip(values) {
            let position = target_column(target, &changed.table)?;
            if new[position].is_some() {
                let message = format!("multiple assignments to same column \"{}\"", target.column.name);
                return Err(Error::new(state::SYNTAX_ERROR, message).at(target.column.span.at()));
            }
            let column = &changed.table.columns[position];
            new[position] = Some(match &value.kind {
                ExprKind::Default => self.default(column)?,
                _ => {
                    let expr = self.expr(value, &mut Place::new(&changed.scope, Clause::Set))?;
                    self.resolver.assign(expr, column.ty, &column.name, value.span.at())?
                }
            });
        }
        Ok(())
    }
}

fn identity_names(table: &TableDef) -> impl Iterator<Item = String> {
    let name = |position: usize| match table.columns.get(position) {
        Some(column) => format!("old {}", column.name),
        None => "row_id".to_string(),
    };
    table.key_columns().into_iter().map(name).chain(["ctid".to_string()])
}
