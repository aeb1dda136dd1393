//! Subqueries that depend on the row around them become joins.
//!
//! | condition or value | becomes |
//! |---|---|
//! | `EXISTS (…)`, `x IN (…)`, `x = ANY (…)` | a semi join |
//! | `NOT EXISTS (…)` | an anti join |
//! | `x NOT IN (…)`, `x <> ALL (…)` that does not depend on the row | a join of its own kind |
//! | `(SELECT aggregate …)` | a left join with the aggregates of all groups |
//! | `(SELECT column …)` | a left join that fails where a row has two matches |
//! | `EXISTS (…)` within another condition | a left join with the distinct keys |
//! | LATERAL | a join |
//!
//! What can be taken apart is decided by [`lift`]; the rest stays what it is and is run for each distinct combination of
//! values (after the idea of unnesting in Neumann and Kemper, "Unnesting Arbitrary Queries", 2015, for queries whose
//! dependence is by conditions).
//!
//! Invariant: a value that a CASE might not ask for is not made a join that can fail.

use super::lift::{collects, equal, equality, lift, reads};
use crate::sql::expr::{EvalContext, Expr, Subquery, SubqueryKind};
use crate::sql::functions::Cmp;
use crate::sql::plan::{JoinKind, Plan, Side};
use remanent_storage::value::{Type, Value};
use std::sync::Arc;

/// Makes joins of subqueries, innermost first.
pub fn run(plan: Plan, _: &EvalContext<'_>) -> Plan {
    unnest(plan)
}

fn unnest(plan: Plan) -> Plan {
    let plan = plan.map_children(&mut unnest);
    let plan = plan.map_exprs(&mut |expr| {
        if !expr.has_subquery() {
            return expr;
        }
        expr.transform(&mut |part| match part {
            Expr::Subquery(mut subquery) => {
                subquery.plan = Arc::new(unnest(Arc::unwrap_or_clone(subquery.plan)));
                Expr::Subquery(subquery)
            }
            other => other,
        })
    });
    match plan {
        Plan::Filter { input, predicate } if predicate.has_subquery() => filter(*input, predicate),
        Plan::Project { input, exprs, names } if exprs.iter().any(Expr::has_subquery) => {
            let mut over = Widened { plan: *input };
            let exprs = exprs.into_iter().map(|expr| over.values(expr)).collect();
            Plan::Project { input: Box::new(over.plan), exprs, names }
        }
        Plan::Aggregate { input, group, mut aggregates, sets } => {
            let mut over = Widened { plan: *input };
            let group = group.into_iter().map(|expr| over.values(expr)).collect();
            for expr in aggregates.iter_mut().flat_map(|call| call.exprs_mut()) {
                let taken = std::mem::replace(expr, Expr::Unknown { text: None, at: 0 });
                *expr = over.values(taken);
            }
            Plan::Aggregate { input: Box::new(over.plan), group, aggregates, sets }
        }
        Plan::Apply { left, right, args, outer, filter } => apply(*left, *right, args, outer, filter),
        other => other,
    }
}

/// A filter's conditions with subqueries, above those without.
fn filter(input: Plan, predicate: Expr) -> Plan {
    let fields = input.fields();
    let (with, without): (Vec<Expr>, Vec<Expr>) =
        predicate.into_conjuncts().into_iter().partition(Expr::has_subquery);
    let mut over = Widened { plan: input.filtered(without) };
    let mut rest = Vec::new();
    for condition in with {
        match condition {
            Expr::Subquery(subquery) => match over.member(*subquery, false) {
                Ok(()) => {}
                Err(subquery) => rest.push(over.values(Expr::Subquery(subquery))),
            },
            Expr::Not(inner) => match *inner {
                Expr::Subquery(subquery) => match over.member(*subquery, true) {
                    Ok(()) => {}
                    Err(subquery) => rest.push(over.values(Expr::Not(Box::new(Expr::Subquery(subquery))))),
                },
                other => rest.push(over.values(Expr::Not(Box::new(other)))),
            },
            other => rest.push(over.values(other)),
        }
    }
    let plan = over.plan.filtered(rest);
    match plan.width() == fields.len() {
        true => plan,
        false => Plan::Project {
            exprs: fields.iter().enumerate().map(|(i, field)| Expr::column(i, field.ty)).collect(),
            names: fields.into_iter().map(|field| field.name).collect(),
            input: Box::new(plan),
        },
    }
}

/// A dependent join, as a join where its right side can be taken apart.
fn apply(left: Plan, right: Plan, args: Vec<(usize, Expr)>, outer: bool, filter: Option<Expr>) -> Plan {
    let slots: Vec<usize> = args.iter().map(|(slot, _)| *slot).collect();
    let (width, right_width) = (left.width(), right.width());
    let lifted = lift(right.clone(), &slots);
    let Some((lifted, conditions)) = lifted else {
        return Plan::Apply { left: Box::new(left), right: Box::new(right), args, outer, filter };
    };
    let mut all: Vec<Expr> =
        conditions.into_iter().map(|condition| settle(shift(condition, width), &args)).collect();
    all.extend(filter);
    let kind = if outer { JoinKind::Left } else { JoinKind::Inner };
    let plan = join(left, lifted, kind, all);
    let fields = plan.fields();
    let kept = width + right_width;
    match fields.len() == kept {
        true => plan,
        false => Plan::Project {
            exprs: (0..kept).map(|i| Expr::column(i, fields[i].ty)).collect(),
            names: fields.into_iter().take(kept).map(|field| field.name).collect(),
            input: Box::new(plan),
        },
    }
}

/// A plan that was joined with what subqueries need; its original columns come first.
struct Widened {
    plan: Plan,
}

impl Widened {
    /// A condition that is a subquery, or (`negated`) says that one is not true, as a semi or anti join.
    fn member(&mut self, subquery: Subquery, negated: bool) -> Result<(), Box<Subquery>> {
        let slots: Vec<usize> = subquery.args.iter().map(|(slot, _)| *slot).collect();
        let equalities = |subquery: &Subquery| match &subquery.test {
            Some(test) => test.clone().into_conjuncts().iter().all(|part| part_is(part, Cmp::Eq)),
            None => false,
        };
        let kind = match (subquery.kind, negated) {
            _ if subquery.volatile || subquery.left.iter().any(Expr::is_volatile) => {
                return Err(Box::new(subquery));
            }
            (SubqueryKind::Exists, false) | (SubqueryKind::Any, false) => JoinKind::Semi,
            (SubqueryKind::Exists, true) => JoinKind::Anti,
            // NULL as a constant compares to NULL, and that is no key by which the join finds out about NULLs.
            _ if subquery.left.iter().any(|e| e.columns_used().is_empty()) => return Err(Box::new(subquery)),
            (SubqueryKind::Any, true) if subquery.left.len() == 1 && equalities(&subquery) => JoinKind::NotIn,
            (SubqueryKind::All, false)
                if subquery.left.len() == 1
                    && subquery.test.as_ref().is_some_and(|test| part_is(test, Cmp::Ne)) =>
            {
                JoinKind::NotIn
            }
            _ => return Err(Box::new(subquery)),
        };
        let plan = match subquery.kind {
            SubqueryKind::Exists => bare(Plan::clone(&subquery.plan)),
            _ => Plan::clone(&subquery.plan),
        };
        // Run once beforehand it costs nothing per row.
        let alone = subquery.kind == SubqueryKind::Exists && slots.is_empty();
        let lifted = (!alone).then(|| lift(plan, &slots)).flatten();
        let Some((right, conditions)) = lifted.filter(|(_, c)| kind != JoinKind::NotIn || c.is_empty())
        else {
            return Err(Box::new(subquery));
        };
        let width = self.plan.width();
        let mut all: Vec<Expr> =
            conditions.into_iter().map(|condition| settle(shift(condition, width), &subquery.args)).collect();
        if let Some(test) = &subquery.test {
            let test = compared(test.clone(), &subquery.left, width);
            all.push(match subquery.kind {
                SubqueryKind::All => inverted(test),
                _ => test,
            });
        }
        // A product of both sides is worse than to run the subquery for the values that there are.
        if !all.iter().flat_map(|part| part.clone().into_conjuncts()).any(|part| part_is(&part, Cmp::Eq)) {
            return Err(Box::new(subquery));
        }
        let all = all.into_iter().flat_map(Expr::into_conjuncts).collect();
        let plan = std::mem::replace(&mut self.plan, Plan::one_row());
        self.plan = join(plan, right, kind, all);
        Ok(())
    }

    /// An expression whose subqueries are columns of the widened plan, where they can be.
    fn values(&mut self, expr: Expr) -> Expr {
        self.rewrite(expr, false)
    }

    /// `lazy`: its value might not be asked for.
    fn rewrite(&mut self, mut expr: Expr, lazy: bool) -> Expr {
        if let Expr::Subquery(subquery) = expr {
            return self.value(*subquery, lazy);
        }
        let lazy = lazy || matches!(expr, Expr::Case { .. } | Expr::Coalesce { .. });
        expr.for_each_child_mut(&mut |child| {
            if child.has_subquery() {
                let taken = std::mem::replace(child, Expr::Unknown { text: None, at: 0 });
                *child = self.rewrite(taken, lazy);
            }
        });
        expr
    }

    fn value(&mut self, subquery: Subquery, lazy: bool) -> Expr {
        if subquery.args.is_empty() || subquery.volatile {
            return Expr::Subquery(Box::new(subquery));
        }
        let done = match subquery.kind {
            SubqueryKind::Scalar(ty) => match self.aggregate(&subquery) {
                None if !lazy => self.single(&subquery, ty),
                done => done,
            },
            SubqueryKind::Exists => self.marked(&subquery),
            SubqueryKind::Any | SubqueryKind::All => None,
        };
        done.unwrap_or_else(|| Expr::Subquery(Box::new(subquery)))
    }

    /// `(SELECT f(aggregates) FROM … WHERE inner = outer)`: joined with the aggregates of all groups.
    fn aggregate(&mut self, subquery: &Subquery) -> Option<Expr> {
        let slots: Vec<usize> = subquery.args.iter().map(|(slot, _)| *slot).collect();
        let (exprs, aggregate) = match Plan::clone(&subquery.plan) {
            Plan::Project { input, exprs, .. } => (exprs, *input),
            other => (Vec::new(), other),
        };
        let Plan::Aggregate { input, group, aggregates, sets } = aggregate else { return None };
        let own = aggregates.iter().flat_map(|call| call.exprs());
        if !group.is_empty() || !sets.is_empty() || own.into_iter().any(|e| reads(e, &slots)) {
            return None;
        }
        if collects(&input, &aggregates) {
            return None;
        }
        let (core, conditions) = lift(*input, &slots)?;
        let (mut group, mut all) = (Vec::new(), Vec::new());
        let width = self.plan.width();
        for condition in &conditions {
            let (inner, outer, flipped) = equality(condition, &slots)?;
            let column = Expr::column(width + group.len(), inner.ty());
            all.push(equal(condition, column, settle(outer, &subquery.args), flipped));
            group.push(inner);
        }
        if group.is_empty() {
            return None;
        }
        // Where a row has no group: what the aggregate of nothing is.
        let column = |k: usize| {
            let call = aggregates.get(k)?;
            let column = Expr::column(width + group.len() + k, call.aggregate.ty);
            Some(match call.aggregate.function.name {
                "count" => {
                    let none = Expr::Literal { value: Value::Int8(0), ty: Type::Int8 };
                    Expr::Coalesce { args: vec![column, none], ty: Type::Int8 }
                }
                _ => column,
            })
        };
        let value = match exprs.first() {
            None => column(0)?,
            // The aggregate's columns are told apart from those of the row around before that one comes in.
            Some(expr) => settle(expr.clone().remap_columns(&|i| i + AGGREGATED), &subquery.args).transform(
                &mut |part| match part {
                    Expr::Column { index, ty } if index >= AGGREGATED => {
                        column(index - AGGREGATED).unwrap_or(Expr::Column { index, ty })
                    }
                    other => other,
                },
            ),
        };
        let right = Plan::Aggregate { input: Box::new(core), group, aggregates, sets };
        let plan = std::mem::replace(&mut self.plan, Plan::one_row());
        self.plan = join(plan, right, JoinKind::Left, all);
        Some(value)
    }

    /// `(SELECT column FROM … WHERE inner = outer)`: joined with the one match of each row.
    fn single(&mut self, subquery: &Subquery, ty: Type) -> Option<Expr> {
        let slots: Vec<usize> = subquery.args.iter().map(|(slot, _)| *slot).collect();
        let (right, conditions) = lift(Plan::clone(&subquery.plan), &slots)?;
        if !conditions.iter().any(|condition| equality(condition, &slots).is_some()) {
            return None;
        }
        let width = self.plan.width();
        let all = conditions.into_iter().map(|c| settle(shift(c, width), &subquery.args)).collect();
        let plan = std::mem::replace(&mut self.plan, Plan::one_row());
        self.plan = join(plan, right, JoinKind::Single, all);
        Some(Expr::column(width, ty))
    }

    /// EXISTS as a value: joined with the distinct keys that exist.
    fn marked(&mut self, subquery: &Subquery) -> Option<Expr> {
        let slots: Vec<usize> = subquery.args.iter().map(|(slot, _)| *slot).collect();
        let (right, conditions) = lift(bare(Plan::clone(&subquery.plan)), &slots)?;
        let width = self.plan.width();
        let (mut keys, mut all) = (Vec::new(), Vec::new());
        for condition in &conditions {
            let (inner, outer, flipped) = equality(condition, &slots)?;
            let column = Expr::column(width + keys.len(), inner.ty());
            all.push(equal(condition, column, settle(outer, &subquery.args), flipped));
            keys.push(inner);
        }
        let first = keys.first()?.ty();
        let fields = right.fields();
        let name = |key: &Expr| match key {
            Expr::Column { index, .. } => fields.get(*index).map(|field| field.name.clone()),
            _ => None,
        };
        let names = keys.iter().map(|key| name(key).unwrap_or_else(|| "key".to_string())).collect();
        let keys = Plan::Project { input: Box::new(right), exprs: keys, names };
        let right = Plan::Distinct { input: Box::new(keys) };
        let plan = std::mem::replace(&mut self.plan, Plan::one_row());
        self.plan = join(plan, right, JoinKind::Left, all);
        // A key that is NULL matches nothing, so a match has none.
        Some(Expr::IsNull { expr: Box::new(Expr::column(width, first)), negated: true })
    }
}

/// Columns from here on stand for those of an aggregate while an expression is moved.
const AGGREGATED: usize = usize::MAX / 4;

fn join(left: Plan, right: Plan, kind: JoinKind, conditions: Vec<Expr>) -> Plan {
    Plan::Join {
        left: Box::new(left),
        right: Box::new(right),
        kind,
        keys: Vec::new(),
        filter: (!conditions.is_empty()).then(|| Expr::conjunction(conditions)),
        build: Side::Right,
        output: None,
    }
}

/// A query of which only matters whether it has rows.
fn bare(plan: Plan) -> Plan {
    match plan {
        Plan::Project { input, .. } | Plan::Sort { input, .. } | Plan::Distinct { input } => bare(*input),
        Plan::Limit {
            input,
            limit: Some(Expr::Literal { value: Value::Int8(1..), .. }),
            offset: None,
            ..
        }
        | Plan::Limit { input, limit: None, offset: None, .. } => bare(*input),
        other => other,
    }
}

/// A condition over the right side as one over both.
fn shift(condition: Expr, width: usize) -> Expr {
    condition.remap_columns(&|column| column + width)
}

/// An expression with the arguments in the place of their parameters.
fn settle(expr: Expr, args: &[(usize, Expr)]) -> Expr {
    expr.transform(&mut |part| match part {
        Expr::Param { index, ty, at } => match args.iter().find(|(slot, _)| *slot == index) {
            Some((_, arg)) => arg.clone(),
            None => Expr::Param { index, ty, at },
        },
        other => other,
    })
}

/// The comparison of a subquery's rows as a condition over both sides.
fn compared(test: Expr, left: &[Expr], width: usize) -> Expr {
    test.transform(&mut |part| match part {
        Expr::Column { index, ty } => match left.get(index) {
            Some(left) => left.clone(),
            None => Expr::column(index - left.len() + width, ty),
        },
        other => other,
    })
}

fn part_is(part: &Expr, wanted: Cmp) -> bool {
    part.as_comparison().is_some_and(|(cmp, ..)| cmp == wanted)
}

/// `a = b` for `a <> b`.
fn inverted(test: Expr) -> Expr {
    match test {
        Expr::Call { function, args, ty } if function.comparison() == Some(Cmp::Ne) => {
            match Cmp::Eq.function() {
                Some(equal) => Expr::Call { function: equal, args, ty },
                None => Expr::Call { function, args, ty },
            }
        }
        other => other,
    }
}
