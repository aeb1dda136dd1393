//! SELECT: the list, WHERE, DISTINCT; what each clause adds to the plan.

use super::expr::{Clause, Place};
use super::from::FromItem;
use super::names::output_name;
use super::query::Target;
use super::scope::Scope;
use super::{Binder, Relation, refuse};
use crate::sql::ast::{self, Distinct, ExprKind, OrderBy, Select, SelectItem};
use crate::sql::expr::Expr;
use crate::sql::plan::{AggregateCall, Field, JoinKind, Plan, RowLock, Side, SortKey};
use remanent_storage::error::{Error, Result, state};

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
}

impl Item {
    /// An item of a known type.
    pub fn new(expr: Expr, name: String, at: usize, seen: Vec<(usize, usize)>) -> Self {
        Item { expr, name, at, seen, untyped: false }
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
        if let Some((name, _)) = select.windows.first() {
            return Err(refuse("WINDOW", name.span));
        }
        let distinct = match &select.distinct {
            Distinct::No => false,
            Distinct::Rows => true,
            Distinct::On(exprs) => {
                let span = exprs.first().map_or(select.span, |expr| expr.span);
                return Err(refuse("DISTINCT ON", span));
            }
        };
        let FromItem { mut plan, scope } = self.from(&select.from)?;
        let mut aggregates = Vec::new();
        let mut items = self.items(&select.items, &scope, &mut aggregates, targets)?;
        let visible = items.len();
        let untyped = (0..visible).filter(|&i| items[i].untyped).collect();
        if let Some(filter) = &select.filter {
            plan = self.filter(plan, filter, &scope)?;
        }
        let having = self.having(select.having.as_ref(), &scope, &mut aggregates)?;
        let mut place = Place::grouped(&scope, Clause::OrderBy, &mut aggregates);
        let order = self.order_by(order_by, &mut items, distinct, &mut place)?;
        let group = self.group_by(select, &items[..visible], &scope)?;
        let grouped = !aggregates.is_empty();
        if !group.is_empty() || !select.group_by.is_empty() || grouped || having.is_some() {
            plan = self.grouped(plan, group, aggregates, having, &mut items, &scope)?;
        }
        let tables = self.row_locks(select, grouped, &scope, &mut items)?;
        let locks = (!tables.is_empty()).then(|| (tables, self.locks_one_by_one()));
        let mut relation = project(plan, items, visible, &order, distinct, locks);
        relation.untyped = untyped;
        Ok(relation)
    }

    /// The select list with its stars expanded.
    fn items(
        &mut self,
        list: &[SelectItem],
        scope: &Scope,
        aggregates: &mut Vec<AggregateCall>,
        targets: Option<&[Target]>,
    ) -> Result<Vec<Item>> {
        let mut items = Vec::with_capacity(list.len());
        for written in list {
            let at = written.expr.span.at();
            if let ExprKind::Star(of) = &written.expr.kind {
                if of.is_none() && scope.width() == 0 {
                    let message = "SELECT * with no tables specified is not valid";
                    return Err(Error::new(state::SYNTAX_ERROR, message).at(at));
                }
                for (position, name) in scope.star(of.as_ref())? {
                    items.push(Item::new(scope.column(position), name, at, vec![(position, at)]));
                }
                continue;
            }
            let mut place = Place::grouped(scope, Clause::Select, aggregates);
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
            items.push(Item { expr, name, at, seen, untyped });
        }
        Ok(items)
    }

    /// WHERE. Conditions `x (NOT) IN (SELECT …)` become joins, the others a filter below them.
    pub(super) fn filter(&mut self, plan: Plan, filter: &ast::Expr, scope: &Scope) -> Result<Plan> {
        let parts: &[ast::Expr] = match &filter.kind {
            ExprKind::And(parts) => parts,
            _ => std::slice::from_ref(filter),
        };
        let is_membership = |part: &&ast::Expr| matches!(part.kind, ExprKind::InQuery { .. });
        if !parts.iter().any(|part| is_membership(&part)) {
            let predicate = self.condition(filter, &mut Place::new(scope, Clause::Where))?;
            return Ok(Plan::Filter { input: Box::new(plan), predicate });
        }
        let mut conditions = Vec::new();
        for part in parts.iter().filter(|part| !is_membership(part)) {
            conditions.push(self.condition(part, &mut Place::new(scope, Clause::Where))?);
        }
        let mut plan = plan.filtered(conditions);
        for part in parts.iter().filter(is_membership) {
            plan = self.membership(plan, part, scope)?;
        }
        Ok(plan)
    }

    /// `x (NOT) IN (SELECT y …)` as a join that keeps the rows with, or without, a partner.
    fn membership(&mut self, plan: Plan, condition: &ast::Expr, scope: &Scope) -> Result<Plan> {
        let ExprKind::InQuery { expr, query, negated } = &condition.kind else {
            return Err(Error::internal("not a membership test"));
        };
        let mut place = Place::new(scope, Clause::Where);
        let wanted = match &expr.kind {
            ExprKind::Row(parts) if !negated => self.exprs(parts, &mut place)?,
            _ => vec![self.expr(expr, &mut place)?],
        };
        let relation = self.nested(query, &place)?;
        let at = condition.span.at();
        if relation.fields.len() != wanted.len() {
            let many = if relation.fields.len() > wanted.len() { "many" } else { "few" };
            return Err(Error::new(state::SYNTAX_ERROR, format!("subquery has too {many} columns")).at(at));
        }
        let mut conditions = Vec::with_capacity(wanted.len());
        for (i, (left, field)) in wanted.into_iter().zip(&relation.fields).enumerate() {
            let right = Expr::column(plan.width() + i, field.ty);
            conditions.push(self.resolver.binary("=", left, right, at)?);
        }
        Ok(Plan::Join {
            left: Box::new(plan),
            right: Box::new(relation.plan),
            kind: if *negated { JoinKind::Anti } else { JoinKind::Semi },
            keys: Vec::new(),
            filter: Some(Expr::conjunction(conditions)),
            build: Side::Right,
            output: None,
        })
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

/// The nodes above FROM, WHERE and GROUP BY: the list, DISTINCT, the order, and what drops the hidden columns.
fn project(
    plan: Plan,
    items: Vec<Item>,
    visible: usize,
    order: &[(usize, bool, bool)],
    distinct: bool,
    locks: Option<(Vec<RowLock>, bool)>,
) -> Relation {
    let hidden = items.len() > visible;
    let (exprs, names): (Vec<Expr>, Vec<String>) =
        items.into_iter().map(|item| (item.expr, item.name)).unzip();
    let mut fields: Vec<Field> =
        exprs.iter().zip(&names).map(|(expr, name)| Field::new(name, expr.ty())).collect();
    let types: Vec<_> = exprs.iter().map(Expr::ty).collect();
    let mut plan = Plan::Project { input: Box::new(plan), exprs, names };
    if distinct {
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
