//! RETURNING and ON CONFLICT: what is said of the rows that a statement writes.

use super::expr::{Clause, Place};
use super::insert::target_column;
use super::names::output_name;
use super::scope::Scope;
use super::update::{New, assigned};
use super::{Binder, refuse};
use crate::sql::ast::{self, ConflictTarget, ExprKind, OnConflict, SelectItem};
use crate::sql::expr::Expr;
use crate::sql::plan::{Conflict, Returning};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::index::{IndexDef, IndexId, PRIMARY};
use remanent_storage::table::TableDef;
use std::sync::Arc;

impl Binder<'_> {
    /// RETURNING, over the columns of a scope; None where nothing is returned.
    pub(super) fn returning(
        &mut self,
        list: &[SelectItem],
        scope: &Scope,
        table: &TableDef,
    ) -> Result<Option<Returning>> {
        if list.is_empty() {
            return Ok(None);
        }
        let mut returning = Returning { exprs: Vec::new(), names: Vec::new() };
        for item in list {
            let mut place = Place::new(scope, Clause::Returning);
            if let Some(columns) = self.star(&item.expr, &mut place)? {
                for (expr, name) in columns {
                    returning.exprs.push(expr);
                    returning.names.push(name);
                }
                continue;
            }
            let expr = self.expr(&item.expr, &mut place)?;
            let expr = self.resolver.finish(expr)?;
            self.refuse_dependent(&expr, &item.expr, table)?;
            returning.exprs.push(expr);
            returning.names.push(match &item.alias {
                Some(alias) => alias.name.clone(),
                None => output_name(&item.expr),
            });
        }
        Ok(Some(returning))
    }

    /// ON CONFLICT. `excluded`: the names of the row that was to be inserted, as wide as those of the row that is there.
    pub(super) fn on_conflict(
        &mut self,
        conflict: &OnConflict,
        table: &Arc<TableDef>,
        scope: &Scope,
        excluded: Scope,
    ) -> Result<Conflict> {
        let arbiters = match &conflict.target {
            Some(target) => Some(self.conflict_target(target, conflict, table)?),
            None if conflict.update.is_some() => {
                let message = "ON CONFLICT DO UPDATE requires inference specification or constraint name";
                return Err(Error::new(state::SYNTAX_ERROR, message)
                    .with_hint("For example, ON CONFLICT (column_name).")
                    .at(conflict.span.at()));
            }
            None => None,
        };
        let Some(update) = &conflict.update else {
            let (assigned, visible) = (Vec::new(), Vec::new());
            return Ok(Conflict { arbiters, update: None, assigned, filter: None, visible });
        };
        let both = scope.clone().join(excluded)?;
        let mut new: Vec<New> = vec![New::Kept; table.columns.len()];
        for assignment in &update.set {
            self.assignment(assignment, table, &both, &mut new)?;
        }
        let filter = match &update.filter {
            Some(filter) => {
                let bound = self.condition(filter, &mut Place::new(&both, Clause::Where))?;
                self.refuse_dependent(&bound, filter, table)?;
                Some(bound)
            }
            None => None,
        };
        for (expr, assignment) in new.iter().filter_map(New::expr).zip(&update.set) {
            self.refuse_dependent(expr, &assignment.value, table)?;
        }
        let assigned = assigned(table, &new);
        let values = new.into_iter().zip(&table.columns).enumerate();
        let update = Some(values.map(|(i, (new, column))| new.value(i, column.ty)).collect());
        Ok(Conflict { arbiters, update, assigned, filter, visible: Vec::new() })
    }

    /// What depends on a row that is written is computed while rows are written: it would see those of the table that already were.
    fn refuse_dependent(&self, expr: &Expr, written: &ast::Expr, table: &TableDef) -> Result<()> {
        let sees = |e: &Expr| match e {
            Expr::Subquery(subquery) => self.writes_beside || subquery.plan.reads(&[table.id]),
            _ => false,
        };
        // Others are run before: unless it is left open whether they are.
        let late = |e: &Expr| match e {
            Expr::Subquery(subquery) => !subquery.args.is_empty() || subquery.test.is_some(),
            Expr::Case { .. } | Expr::Coalesce { .. } => true,
            _ => false,
        };
        match expr.any(&mut |e| late(e) && e.any(&mut |within| sees(within))) {
            true => {
                Err(refuse("a subquery of the table that depends on the row being written", written.span))
            }
            false => Ok(()),
        }
    }

    /// The indexes whose conflict is meant; 42P10 where there is no such constraint.
    fn conflict_target(
        &mut self,
        target: &ConflictTarget,
        conflict: &OnConflict,
        table: &Arc<TableDef>,
    ) -> Result<Vec<IndexId>> {
        let indexes = self.catalog.indexes_of(table.id);
        let (keys, filter, at) = match target {
            ConflictTarget::Constraint(name) => {
                if !table.key.is_empty() && name.name == table.key_name() {
                    return Ok(vec![PRIMARY]);
                }
                if let Some(def) = indexes.iter().find(|def| def.name == name.name && def.constraint) {
                    return Ok(vec![def.id]);
                }
                let message =
                    format!("constraint \"{}\" for table \"{}\" does not exist", name.name, table.name);
                return Err(Error::new(state::UNDEFINED_OBJECT, message).at(name.span.at()));
            }
            ConflictTarget::Index { keys, filter, at } => (keys, filter, at.at()),
        };
        let mut columns = Vec::with_capacity(keys.len());
        for key in keys {
            let ExprKind::Column(name) = &key.expr.kind else {
                // The one that is kept for an index; without such a one no index fits.
                let text = key.expr.to_string();
                let kept = table.columns.iter().skip(table.visible());
                let place = kept.into_iter().position(|column| column.default.as_ref() == Some(&text));
                columns.push(place.map_or(usize::MAX, |place| table.visible() + place));
                continue;
            };
            let ident = name.parts.last().cloned().ok_or_else(|| Error::internal("a name without parts"))?;
            let named = ast::Target { column: ident, path: Vec::new() };
            let position = target_column(&named, table).map_err(|_| {
                let message = format!("column \"{}\" does not exist", name.last());
                Error::new(state::UNDEFINED_COLUMN, message).at(at)
            })?;
            if !columns.contains(&position) {
                columns.push(position);
            }
        }
        let meant = |key: &[usize]| {
            !key.is_empty()
                && key.iter().all(|column| columns.contains(column))
                && columns.iter().all(|column| key.contains(column))
        };
        // A partial index is meant where the same condition is said.
        let said = filter.as_ref().map(ToString::to_string);
        let holds = |def: &IndexDef| {
            def.filter.is_none_or(|c| {
                said.is_some() && table.columns.get(c).and_then(|c| c.default.clone()) == said
            })
        };
        let unique = indexes.iter().filter(|def| def.unique && meant(&def.columns) && holds(def));
        let unique = unique.map(|def| def.id);
        let arbiters: Vec<IndexId> = meant(&table.key).then_some(PRIMARY).into_iter().chain(unique).collect();
        if arbiters.is_empty() {
            let message = "there is no unique or exclusion constraint matching the ON CONFLICT specification";
            return Err(Error::new(state::INVALID_COLUMN_REFERENCE, message).at(conflict.span.at()));
        }
        Ok(arbiters)
    }
}
