//! Conditions that say nothing, and plans that deliver nothing.
//!
//! - Of a conjunction, TRUE and repetitions go; where one part is FALSE or NULL no row passes.
//! - `NOT (a < b)` is `a >= b` (both are NULL when either side is) and `NOT (a OR b)` is `NOT a AND NOT b`, which other
//!   passes understand.
//! - `a AND b OR a AND c` is `a AND (b OR c)`: so what every branch says of two tables joins them.
//! - A filter above a filter is one filter.
//! - What is built on an empty input is empty, but for a grouping without GROUP BY.

use crate::sql::expr::{EvalContext, Expr};
use crate::sql::plan::{JoinKind, Plan};
use remanent_storage::value::{Type, Value};

/// Simplifies every node, inputs first.
pub fn run(plan: Plan, _: &EvalContext<'_>) -> Plan {
    plan.transform_where(&|plan| !is_plain(plan), &mut node)
}

/// True for what can be seen at once to have nothing that could go: most conditions compare columns with constants.
fn is_plain(plan: &Plan) -> bool {
    match plan {
        Plan::Scan { .. } | Plan::PointGet { .. } | Plan::Values { .. } => true,
        Plan::Filter { input, predicate: Expr::Call { args, .. } } => {
            let leaf =
                |arg: &Expr| matches!(arg, Expr::Column { .. } | Expr::Literal { .. } | Expr::Param { .. });
            args.iter().all(leaf) && matches!(**input, Plan::Scan { .. })
        }
        Plan::Project { input, .. } => !is_empty(input),
        _ => false,
    }
}

fn node(plan: Plan) -> Plan {
    match plan {
        Plan::Filter { input, predicate } => filter(*input, predicate),
        Plan::Join { left, right, kind, keys, filter, build, output } => {
            let filter = filter.map(|filter| conjuncts(filter).map(Expr::conjunction));
            let never = matches!(filter, Some(None));
            let filter = filter.flatten().filter(|filter| !is_bool(filter, true));
            let plan = Plan::Join { left, right, kind, keys, filter, build, output };
            match never && matches!(kind, JoinKind::Inner | JoinKind::Semi) || has_empty_input(&plan) {
                true => plan.nothing(),
                false if never => with_false(plan),
                false => plan,
            }
        }
        Plan::Limit { limit: Some(Expr::Literal { value: Value::Int8(0), .. }), .. } => plan.nothing(),
        Plan::Aggregate { ref group, ref sets, .. } if group.is_empty() || !sets.is_empty() => plan,
        Plan::Project { .. }
        | Plan::Aggregate { .. }
        | Plan::Distinct { .. }
        | Plan::Sort { .. }
        | Plan::Limit { .. }
            if has_empty_input(&plan) =>
        {
            plan.nothing()
        }
        other => other,
    }
}

fn filter(input: Plan, predicate: Expr) -> Plan {
    let (input, predicate) = match input {
        Plan::Filter { input, predicate: inner } => (*input, Expr::And(vec![inner, predicate])),
        other => (other, predicate),
    };
    match conjuncts(predicate) {
        Some(parts) if !is_empty(&input) => input.filtered(parts),
        _ => input.nothing(),
    }
}

/// The parts that say something; None: the condition is never true.
fn conjuncts(predicate: Expr) -> Option<Vec<Expr>> {
    let mut parts: Vec<Expr> = Vec::new();
    for part in predicate.transform(&mut |part| common(negation(part))).into_conjuncts() {
        match &part {
            Expr::Literal { value: Value::Bool(true), .. } => {}
            Expr::Literal { .. } => return None,
            _ if !part.is_volatile() && parts.contains(&part) => {}
            _ => parts.push(part),
        }
    }
    Some(parts)
}

/// `NOT (a < b)` as `a >= b`, `NOT NOT a` as `a`, `NOT (a OR b)` as `NOT a AND NOT b`.
fn negation(expr: Expr) -> Expr {
    let Expr::Not(inner) = expr else { return expr };
    let each = |parts: Vec<Expr>| parts.into_iter().map(|part| negation(Expr::Not(Box::new(part)))).collect();
    match *inner {
        Expr::And(parts) => Expr::Or(each(parts)),
        Expr::Or(parts) => Expr::And(each(parts)),
        Expr::Not(inner) => *inner,
        Expr::IsNull { expr, negated } => Expr::IsNull { expr, negated: !negated },
        Expr::Call { function, args, ty } => {
            match function.comparison().and_then(|cmp| cmp.negated().function()) {
                Some(function) => Expr::Call { function, args, ty },
                None => Expr::Not(Box::new(Expr::Call { function, args, ty })),
            }
        }
        other => Expr::Not(Box::new(other)),
    }
}

/// `a AND b OR a AND c` as `a AND (b OR c)`.
fn common(expr: Expr) -> Expr {
    let Expr::Or(parts) = expr else { return expr };
    let mut branches: Vec<Vec<Expr>> = parts.into_iter().map(Expr::into_conjuncts).collect();
    let Some((first, others)) = branches.split_first() else { return Expr::Or(Vec::new()) };
    let everywhere = |part: &&Expr| !part.is_volatile() && others.iter().all(|branch| branch.contains(part));
    let mut shared: Vec<Expr> = first.iter().filter(everywhere).cloned().collect();
    branches.iter_mut().for_each(|branch| branch.retain(|part| !shared.contains(part)));
    if branches.iter().all(|branch| !branch.is_empty()) {
        shared.push(Expr::Or(branches.into_iter().map(Expr::conjunction).collect()));
    }
    Expr::conjunction(shared)
}

fn is_bool(expr: &Expr, wanted: bool) -> bool {
    matches!(expr, Expr::Literal { value: Value::Bool(value), .. } if *value == wanted)
}

fn with_false(plan: Plan) -> Plan {
    match plan {
        Plan::Join { left, right, kind, keys, build, output, .. } => {
            let filter = Some(Expr::Literal { value: Value::Bool(false), ty: Type::Bool });
            Plan::Join { left, right, kind, keys, filter, build, output }
        }
        other => other,
    }
}

fn is_empty(plan: &Plan) -> bool {
    matches!(plan, Plan::Values { rows, .. } if rows.is_empty())
}

/// True where an input delivers nothing and therefore the plan does not either.
fn has_empty_input(plan: &Plan) -> bool {
    match plan {
        Plan::Join { left, right, kind: JoinKind::Inner | JoinKind::Semi, .. } => {
            is_empty(left) || is_empty(right)
        }
        Plan::Join { right, kind: JoinKind::Right, .. } => is_empty(right),
        Plan::Join { left, right, kind: JoinKind::Full, .. } => is_empty(left) && is_empty(right),
        Plan::Join { left, .. } => is_empty(left),
        _ => !plan.any_child(&mut |child| !is_empty(child)),
    }
}
