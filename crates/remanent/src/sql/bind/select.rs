//! SELECT: the list, WHERE, DISTINCT; what each clause adds to the plan.

use super::expr::{Clause, Place};
use super::from::FromItem;
use super::names::output_name;
use super::query::Target;
use super::scope::Scope;
use super::{Binder, Relation, rows};
use crate::sql::ast::{self, Distinct, ExprKind, OrderBy, Select, SelectItem};
use crate::sql::expr::{Expr, needs_equality};
use crate::sql::plan::{AggregateCall, Field, Plan, RowLock, Shape, SortKey};
use remanent_storage::error::{Error, Result, SqlState, state};

/// One item of the select list, or one that ORDER BY added.
pub struct Item {
    /// What it computes.
    pub expr: Expr,
    /// What it is called.
    pub name: String,
    /// Where it was written.
    pub at: usize,
    /// The columns it names outside of aggregates, each with where.
    pub seen: Vec<(usize, usize)>,
    /// It is a constant without a type.
    pub untyped: bool,
    /// The fields of its rows.
    pub row: Option<Shape>,
}

impl Item {
    /// An item of a known type.
    pub fn new(expr: Expr, name: String, at: usize, seen: Vec<(usize, usize)>) -> Self {
        Item { expr, name, at, seen, untyped: false, row: None }
    }
}

impl Binder<'_> {
    /// A SELECT with the ORDER BY behind it.
    pub(super) fn select(
        &mut self,
        select: &Select,
        order_by: &[OrderBy],
        targets: Option<&[Target]>,
    ) -> Result<Relation> {
        self.named_windows.clone_from(&select.windows);
        for (i, (name, _)) in select.windows.iter().enumerate() {
            if select.windows.iter().take(i).any(|(held, _)| held.name == name.name) {
                let message = format!("window \"{}\" is already defined", name.name);
                return Err(Error::new(SqlState("42P20"), message).at(name.span.at()));
            }
        }
        let distinct = matches!(select.distinct, Distinct::Rows);
        let held = self.alike.take();
        let FromItem { mut plan, scope } = self.from(&select.from)?;
        let matched = !select.group_by.is_empty() || !matches!(select.distinct, Distinct::No);
        self.alike = matched.then(Vec::new);
        let mut aggregates = Vec::new();
        let mut items = self.items(&select.items, &scope, &mut aggregates, targets)?;
        let visible = items.len();
        let untyped = (0..visible).filter(|&i| items[i].untyped).collect();
        if let Some(filter) = &select.filter {
            plan = self.filter(plan, filter, &scope)?;
        }
        let having = self.having(select.having.as_ref(), &scope, &mut aggregates)?;
        let mut place = Place::grouped(&scope, Clause::OrderBy, &mut aggregates);
        let mut order = self.order_by(order_by, &mut items, distinct, &mut place)?;
        for item in items[..visible].iter().filter(|_| distinct) {
            needs_equality(item.expr.ty(), Some(item.at))?;
        }
        let on = match &select.distinct {
            Distinct::On(exprs) => {
                Some(self.distinct_on(exprs, &mut items, visible, &mut order, &mut place)?)
            }
            _ => None,
        };
        let mut group = self.group_by(select, &items[..visible], &scope)?;
        self.alike = held;
        plan = self.project_set(plan, &mut items, Some(&mut group.exprs));
        let grouped = !aggregates.is_empty();
        let makes_groups = !select.group_by.is_empty() || grouped || !self.groupings.is_empty();
        if makes_groups || having.is_some() {
            plan = self.grouped(plan, group, aggregates, having, &mut items, &scope)?;
        }
        plan = self.gapfill(plan, &mut items)?;
        let grouped = grouped || !self.windows.is_empty();
        let grouped = grouped || !self.sets.is_empty();
        plan = self.windows(plan, &mut items);
        plan = self.project_set(plan, &mut items, None);
        let tables = self.row_locks(select, grouped, &scope, &mut items)?;
        let locks = (!tables.is_empty()).then(|| (tables, self.locks_one_by_one()));
        let kept = if distinct { Kept::Distinct } else { on.map_or(Kept::All, Kept::First) };
        let mut relation = project(plan, items, visible, &order, kept, locks);
        relation.untyped = untyped;
        Ok(relation)
    }

    /// The select list with its stars expanded.
    pub(super) fn items(
        &mut self,
        list: &[SelectItem],
        scope: &Scope,
        aggregates: &mut Vec<AggregateCall>,
        targets: Option<&[Target]>,
    ) -> Result<Vec<Item>> {
        let mut items = Vec::with_capacity(list.len());
        for written in list {
            let at = written.expr.span.at();
            if matches!(written.expr.kind, ExprKind::Star(None)) && scope.width() == 0 {
                let message = "SELECT * with no tables specified is not valid";
                return Err(Error::new(state::SYNTAX_ERROR, message).at(at));
            }
            let mut place = Place::grouped(scope, Clause::Select, aggregates);
            if let Some(columns) = self.star(&written.expr, &mut place)? {
                let seen = place.seen;
                items.extend(columns.into_iter().map(|(expr, name)| {
                    let row = rows::shape(&expr, scope);
                    Item { row, ..Item::new(expr, name, at, seen.clone()) }
                }));
                continue;
            }
            let expr = self.expr(&written.expr, &mut place)?;
            let seen = place.seen;
            let untyped = expr.known_type().is_none();
            let target = targets.and_then(|targets| targets.get(items.len()));
            let expr = match target {
                Some(target) if expr.known_type().is_none() => {
                    self.resolver.assign(expr, target.ty, &target.name, at)?
                }
                _ => self.resolver.finish(expr)?,
            };
            let name = match &written.alias {
                Some(alias) => alias.name.clone(),
                None => output_name(&written.expr),
            };
            let row = rows::shape(&expr, scope);
            items.push(Item { expr, name, at, seen, untyped, row });
        }
        Ok(items)
    }

    /// WHERE.
    pub(super) fn filter(&mut self, plan: Plan, filter: &ast::Expr, scope: &Scope) -> Result<Plan> {
        let predicate = self.condition(filter, &mut Place::new(scope, Clause::Where))?;
        Ok(Plan::Filter { input: Box::new(plan), predicate })
    }

    /// DISTINCT ON: the positions of its expressions among the items; the order begins with them.
    fn distinct_on(
        &mut self,
        exprs: &[ast::Expr],
        items: &mut Vec<Item>,
        visible: usize,
        order: &mut Vec<(usize, bool, bool)>,
        place: &mut Place<'_>,
    ) -> Result<Vec<usize>> {
        let mut on = Vec::with_capacity(exprs.len());
        for expr in exprs {
            let written = OrderBy { expr: expr.clone(), descending: false, nulls_first: None, using: None };
            let keys = self.order_by_of(&[written], items, visible, false, place)?;
            for (item, ..) in &keys {
                needs_equality(items[*item].expr.ty(), Some(expr.span.at()))?;
            }
            on.extend(
                keys.into_iter().map(|(item, ..)| item).filter(|item| !on.contains(item)).collect::<Vec<_>>(),
            );
        }
        let leading = order.iter().take(on.len());
        if leading.clone().any(|(item, ..)| !on.contains(item)) {
            let at = exprs.first().map_or(0, |expr| expr.span.at());
            let message = "SELECT DISTINCT ON expressions must match initial ORDER BY expressions";
            return Err(Error::new(state::INVALID_COLUMN_REFERENCE, message).at(at));
        }
        let ordered: Vec<usize> = leading.map(|(item, ..)| *item).collect();
        let missing =
            on.iter().copied().filter(|item| !ordered.contains(item)).map(|item| (item, false, false));
        let place = ordered.len();
        order.splice(place..place, missing.collect::<Vec<_>>());
        Ok(on)
    }

    fn having(
        &mut self,
        having: Option<&ast::Expr>,
        scope: &Scope,
        aggregates: &mut Vec<AggregateCall>,
    ) -> Result<Option<Item>> {
        let Some(having) = having else { return Ok(None) };
        let mut place = Place::grouped(scope, Clause::Having, aggregates);
        let expr = self.condition(having, &mut place)?;
        let seen = place.seen;
        Ok(Some(Item::new(expr, String::new(), having.span.at(), seen)))
    }
}

/// Which rows of a select list come out.
enum Kept {
    All,
    Distinct,
    /// DISTINCT ON: the first of those that agree in these items.
    First(Vec<usize>),
}

/// True if rows are ordered before the list is computed: `nextval('s')` in it counts the rows as they come out, and what LIMIT leaves away
/// takes no number.
fn volatile_above(exprs: &[Expr], visible: usize, order: &[(usize, bool, bool)]) -> bool {
    let by = |&(item, ..): &(usize, bool, bool)| !exprs[item].is_volatile() && !exprs[item].has_subquery();
    !order.is_empty() && exprs.iter().take(visible).any(Expr::is_volatile) && order.iter().all(by)
}

/// The nodes above FROM, WHERE and GROUP BY: the list, DISTINCT, the order, and what drops the hidden columns.
fn project(
    plan: Plan,
    items: Vec<Item>,
    visible: usize,
    order: &[(usize, bool, bool)],
    kept: Kept,
    locks: Option<(Vec<RowLock>, bool)>,
) -> Relation {
    let hidden = items.len() > visible;
    let field = |item: &Item| Field { row: item.row.clone(), ..Field::new(&item.name, item.expr.ty()) };
    let mut fields: Vec<Field> = items.iter().map(field).collect();
    let (mut exprs, mut names): (Vec<Expr>, Vec<String>) =
        items.into_iter().map(|item| (item.expr, item.name)).unzip();
    if matches!(kept, Kept::All) && locks.is_none() && volatile_above(&exprs, visible, order) {
        let key = |&(item, descending, nulls_first): &(usize, bool, bool)| SortKey {
            expr: exprs[item].clone(),
            descending,
            nulls_first,
        };
        let keys = order.iter().map(key).collect();
        exprs.truncate(visible);
        names.truncate(visible);
        fields.truncate(visible);
        let input = Box::new(Plan::Sort { input: Box::new(plan), keys });
        return Relation::new(Plan::Project { input, exprs, names }, fields);
    }
    let types: Vec<_> = exprs.iter().map(Expr::ty).collect();
    let mut plan = Plan::Project { input: Box::new(plan), exprs, names };
    if let Kept::Distinct = kept {
        plan = Plan::Distinct { input: Box::new(plan) };
    }
    if !order.is_empty() {
        let key = |&(item, descending, nulls_first): &(usize, bool, bool)| SortKey {
            expr: Expr::column(item, types[item]),
            descending,
            nulls_first,
        };
        plan = Plan::Sort { input: Box::new(plan), keys: order.iter().map(key).collect() };
    }
    if let Kept::First(on) = kept {
        let keys = on.into_iter().map(|item| Expr::column(item, types[item])).collect();
        plan = Plan::DistinctOn { input: Box::new(plan), keys };
    }
    if let Some((tables, one_by_one)) = locks {
        plan = Plan::LockRows { input: Box::new(plan), tables, one_by_one };
    }
    fields.truncate(visible);
    if hidden {
        plan = Plan::Project {
            input: Box::new(plan),
            exprs: (0..visible).map(|i| Expr::column(i, types[i])).collect(),
            names: fields.iter().map(|field| field.name.clone()).collect(),
        };
    }
    Relation::new(plan, fields)
}
