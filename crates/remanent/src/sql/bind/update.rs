//! UPDATE and DELETE: a scan of the table with where each row lies, filtered.

use super::Binder;
use super::expr::{Clause, Place};
use super::foreign::{Writes, read_old};
use super::from::FromItem;
use super::insert::{not_given, target_column};
use super::query::column_places;
use super::scope::Scope;
use super::through::{DELETES, Does, Through, UPDATES};
use crate::sql::ast::{self, Delete, ExprKind, Ident, Name, PathStep, Update};
use crate::sql::expr::Expr;
use crate::sql::expr::coerce::family;
use crate::sql::plan::{Plan, Returning};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::table::{ColumnDef, Generated, TableDef};
use remanent_storage::value::Type;
use std::sync::Arc;

/// The rows that a statement changes.
pub(super) struct Changed {
    pub table: Arc<TableDef>,
    pub scope: Scope,
    pub plan: Plan,
    /// The key's columns and where the row lies.
    pub identity: Vec<Expr>,
    /// The view that shows them.
    pub through: Option<Through>,
}

impl Binder<'_> {
    /// UPDATE.
    pub(super) fn update(&mut self, update: &Update) -> Result<Plan> {
        let changed = self.changed(&update.table, update.alias.as_ref(), UPDATES)?;
        let table = Arc::clone(&changed.table);
        let set = match &changed.through {
            Some(through) => through.assignments(&update.set, &table, UPDATES)?,
            None => update.set.clone(),
        };
        let several = !update.from.is_empty();
        let changed = self.beside_changed(changed, &update.from)?;
        let mut plan = match &update.filter {
            Some(filter) => self.filter(changed.plan.clone(), filter, &changed.scope)?,
            None => changed.plan.clone(),
        };
        let returning = self.returning(&update.returning, &changed.scope, &table)?;
        let mut new: Vec<New> = vec![New::Kept; table.columns.len()];
        for assignment in &set {
            self.assignment(assignment, &table, &changed.scope, &mut new)?;
        }
        let assigned = assigned(&table, &new);
        let mut exprs = changed.identity.clone();
        exprs.extend(new.into_iter().zip(&table.columns).enumerate().map(|(i, (new, c))| new.value(i, c.ty)));
        if several {
            // A row that several others meet is updated by one of them.
            plan = Plan::DistinctOn { input: Box::new(plan), keys: changed.identity.clone() };
        }
        let mut names: Vec<String> = identity_names(&table).collect();
        names.extend(table.columns.iter().map(|c| c.name.clone()));
        let returning = returned(returning, &changed, &mut exprs, &mut names);
        let mut rules = self.rules_of(&table, Writes::Updates(&assigned))?;
        if let Some(through) = &changed.through {
            rules = through.checked(rules, &table)?;
        }
        read_old(rules.as_deref(), &mut exprs, &mut names);
        let input = Box::new(Plan::Project { input: Box::new(plan), exprs, names });
        Ok(Plan::Update { table, input, assigned, rules, returning })
    }

    /// DELETE.
    pub(super) fn delete(&mut self, delete: &Delete) -> Result<Plan> {
        let changed = self.changed(&delete.table, delete.alias.as_ref(), DELETES)?;
        let several = !delete.using.is_empty();
        let changed = self.beside_changed(changed, &delete.using)?;
        let mut plan = changed.plan.clone();
        if let Some(filter) = &delete.filter {
            plan = self.filter(plan, filter, &changed.scope)?;
        }
        if several {
            plan = Plan::DistinctOn { input: Box::new(plan), keys: changed.identity.clone() };
        }
        let table = Arc::clone(&changed.table);
        let (mut exprs, mut names) = (changed.identity.clone(), identity_names(&table).collect::<Vec<_>>());
        if !delete.returning.is_empty() {
            exprs.extend((0..table.columns.len()).map(|i| Expr::column(i, table.columns[i].ty)));
            names.extend(table.columns.iter().map(|column| column.name.clone()));
        }
        let returning = self.returning(&delete.returning, &changed.scope, &table)?;
        let returning = returned(returning, &changed, &mut exprs, &mut names);
        let rules = self.rules_of(&table, Writes::Deletes)?;
        read_old(rules.as_deref(), &mut exprs, &mut names);
        let input = Box::new(Plan::Project { input: Box::new(plan), exprs, names });
        Ok(Plan::Delete { table, input, rules, returning })
    }

    /// The rows that are changed beside those of FROM or USING.
    fn beside_changed(&mut self, changed: Changed, items: &[ast::TableRef]) -> Result<Changed> {
        let Changed { table, scope, plan, identity, through } = changed;
        let mut item = FromItem { plan, scope };
        for other in items {
            item = self.beside(item, other)?;
        }
        Ok(Changed { table, scope: item.scope, plan: item.plan, identity, through })
    }

    /// All columns of the table, its hidden key where it has one, and where each row lies.
    pub(super) fn changed(&mut self, name: &Name, alias: Option<&Ident>, does: Does) -> Result<Changed> {
        if let Some(view) = self.written_view(name)? {
            let called = alias.map_or(view.name.as_str(), |alias| &alias.name).to_string();
            return self.changed_through(&view, &called, does);
        }
        let table = self.written_table(name)?;
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
        let mut fields = plan.fields();
        let hidden = fields.split_off(width);
        let mut scope = Scope::relation(called, Some(Arc::clone(&table)), fields);
        // Other relations come behind the columns that no name means.
        scope.identify(hidden, Vec::new());
        Ok(Changed { scope, plan, identity, table, through: None })
    }

    /// An item of SET: the new values of its columns.
    pub(super) fn assignment(
        &mut self,
        assignment: &ast::Assignment,
        table: &Arc<TableDef>,
        scope: &Scope,
        new: &mut [New],
    ) -> Result<()> {
        let at = assignment.value.span.at();
        if let (ExprKind::Subquery(query), true) = (&assignment.value.kind, assignment.multiple) {
            let mut place = Place::new(scope, Clause::Set);
            let values = match self.row_of(query, assignment.targets.len(), at, &mut place) {
                Err(error)
                    if error.state() == state::SYNTAX_ERROR
                        && error.message().starts_with("subquery has") =>
                {
                    let message = "number of columns does not match number of values";
                    return Err(Error::new(state::SYNTAX_ERROR, message).at(at));
                }
                values => values?,
            };
            let places = column_places(query);
            for (i, (target, value)) in assignment.targets.iter().zip(values).enumerate() {
                let at = places.get(i).copied().unwrap_or(at);
                self.assign(target, value, at, table, scope, new)?;
            }
            return Ok(());
        }
        if let (ExprKind::Row(values), true) = (&assignment.value.kind, assignment.multiple)
            && values
                .iter()
                .any(|value| matches!(value.kind, ExprKind::Star(_) | ExprKind::Field { field: None, .. }))
        {
            let values = self.fields(values, &mut Place::new(scope, Clause::Set))?;
            if values.len() != assignment.targets.len() {
                let message = "number of columns does not match number of values";
                return Err(Error::new(state::SYNTAX_ERROR, message).at(at));
            }
            for (target, value) in assignment.targets.iter().zip(values) {
                self.assign(target, value, at, table, scope, new)?;
            }
            return Ok(());
        }
        let values: Vec<&ast::Expr> = match (&assignment.value.kind, assignment.multiple) {
            (ExprKind::Row(values), true) => values.iter().collect(),
            _ => vec![&assignment.value],
        };
        if values.len() != assignment.targets.len() {
            let message = "number of columns does not match number of values";
            return Err(Error::new(state::SYNTAX_ERROR, message).at(at));
        }
        for (target, value) in assignment.targets.iter().zip(values) {
            if let ExprKind::Default = value.kind {
                if !target.path.is_empty() {
                    let message = "cannot set an array element to DEFAULT";
                    return Err(Error::new(state::FEATURE_NOT_SUPPORTED, message).at(target.column.span.at()));
                }
                let position = self.free_column(target, table, new)?;
                new[position] = New::Whole(self.default(&table.columns[position])?);
                continue;
            }
            let expr = self.expr(value, &mut Place::new(scope, Clause::Set))?;
            self.assign(target, expr, value.span.at(), table, scope, new)?;
        }
        Ok(())
    }

    /// The position of a column that no item before sets (42601, later); of parts of one there may be several.
    fn free_column(&mut self, target: &ast::Target, table: &TableDef, new: &[New]) -> Result<usize> {
        let position = target_column(target, table)?;
        let free = match new[position] {
            New::Kept => true,
            New::Whole(_) => false,
            New::Part(_) => !target.path.is_empty(),
        };
        if !free {
            let message = format!("multiple assignments to same column \"{}\"", target.column.name);
            self.refuse_later(Err(Error::new(state::SYNTAX_ERROR, message)));
        }
        Ok(position)
    }

    /// A value becomes a column's new one, or a part of it.
    fn assign(
        &mut self,
        target: &ast::Target,
        value: Expr,
        at: usize,
        table: &TableDef,
        scope: &Scope,
        new: &mut [New],
    ) -> Result<()> {
        let position = self.free_column(target, table, new)?;
        let column = &table.columns[position];
        self.refuse_later(refuse_value(column));
        new[position] = match target.path.is_empty() {
            true => New::Whole(self.resolver.assign(value, column.ty, &column.name, at)?),
            false => {
                let of = std::mem::replace(&mut new[position], New::Kept).value(position, column.ty);
                New::Part(self.assigned_part(of, target, value, &mut Place::new(scope, Clause::Set))?)
            }
        };
        Ok(())
    }

    /// What becomes of a value of a column when something is assigned to a part of it.
    pub(super) fn assigned_part(
        &mut self,
        of: Expr,
        target: &ast::Target,
        value: Expr,
        place: &mut Place<'_>,
    ) -> Result<Expr> {
        let (name, at) = (&target.column.name, target.column.span.at());
        let mut places = Vec::with_capacity(target.path.len());
        for step in &target.path {
            places.push(match step {
                PathStep::Subscript(subscript) => self.subscripted(subscript, place)?,
                PathStep::Field(field) => {
                    let message = format!(
                        "cannot assign to field \"{}\" of column \"{name}\" because its type {} is not a composite type",
                        field.name,
                        family(of.ty())
                    );
                    return Err(Error::new(state::DATATYPE_MISMATCH, message).at(at));
                }
            });
        }
        self.resolver.assign_at(of, places, value, name, at)
    }
}

/// RETURNING over the rows as the input delivers them; what it reads of other tables is delivered too.
fn returned(
    returning: Option<Returning>,
    changed: &Changed,
    exprs: &mut Vec<Expr>,
    names: &mut Vec<String>,
) -> Option<Returning> {
    let mut returning = returning?;
    if let Some(through) = &changed.through {
        returning = through.returning(returning);
    }
    let (width, first) = (changed.table.columns.len(), changed.identity.len());
    returning.exprs = returning
        .exprs
        .into_iter()
        .map(|expr| {
            expr.transform(&mut |part| match part {
                Expr::Column { index, ty } if index >= width => {
                    let column = Expr::Column { index, ty };
                    let held = exprs.iter().skip(first + width).position(|held| *held == column);
                    let place = held.unwrap_or_else(|| {
                        exprs.push(column);
                        names.push(String::new());
                        exprs.len() - 1 - first - width
                    });
                    Expr::Column { index: width + place, ty }
                }
                other => other,
            })
        })
        .collect();
    Some(returning)
}

/// What an UPDATE makes of a column.
#[derive(Debug, Clone)]
pub(super) enum New {
    /// Nothing.
    Kept,
    /// Another value.
    Whole(Expr),
    /// Its value with other parts; more parts may follow.
    Part(Expr),
}

impl New {
    /// What it makes; None: nothing.
    pub(super) fn expr(&self) -> Option<&Expr> {
        match self {
            New::Kept => None,
            New::Whole(expr) | New::Part(expr) => Some(expr),
        }
    }

    /// The value of the column in that position.
    pub(super) fn value(self, position: usize, ty: Type) -> Expr {
        match self {
            New::Kept => Expr::column(position, ty),
            New::Whole(expr) | New::Part(expr) => expr,
        }
    }
}

/// 428C9 for a column that takes no value but DEFAULT.
fn refuse_value(column: &ColumnDef) -> Result<()> {
    match column.generated {
        Generated::Stored | Generated::Always => {
            Err(not_given(column, "column \"", "\" can only be updated to DEFAULT"))
        }
        _ => Ok(()),
    }
}

pub(super) fn identity_names(table: &TableDef) -> impl Iterator<Item = String> {
    let name = |position: usize| match table.columns.get(position) {
        Some(column) => format!("old {}", column.name),
        None => "row_id".to_string(),
    };
    table.key_columns().into_iter().map(name).chain(["ctid".to_string()])
}

/// The columns that a statement changes: those it sets, and those that are computed anew.
pub(super) fn assigned(table: &TableDef, new: &[New]) -> Vec<usize> {
    assigned_with(table, &|i| new.get(i).is_some_and(|new| new.expr().is_some()))
}

/// The same for who sets columns otherwise.
pub(super) fn assigned_with(table: &TableDef, sets: &dyn Fn(usize) -> bool) -> Vec<usize> {
    let computed =
        |i: usize| table.columns.get(i).is_some_and(|column| column.generated == Generated::Stored);
    (0..table.columns.len()).filter(|&i| sets(i) || computed(i)).collect()
}
