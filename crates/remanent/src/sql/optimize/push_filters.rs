//! Conditions move towards the tables: fewer rows to join, sort and group, and scans that can skip.
//!
//! A condition passes a projection by taking its expressions in, a join to the side that has all its columns, a
//! grouping if it speaks of grouping columns only, a sort and DISTINCT as it is. It stays above LIMIT, above
//! the NULL-extended side of a left join, and wherever something volatile would be evaluated differently often.
//! Conditions above an inner join and its own are the same thing; an outer join under a condition that its NULLs cannot
//! meet is an inner one.

use super::null_rejecting::weakened;
use crate::sql::expr::{EvalContext, Expr};
use crate::sql::plan::{JoinKind, Plan, WithQuery};

/// Pushes every filter down.
pub fn run(plan: Plan, _: &EvalContext<'_>) -> Plan {
    push(plan, Vec::new())
}

/// The rows of a plan for which all conditions hold, these being checked as early as may be.
fn push(plan: Plan, conditions: Vec<Expr>) -> Plan {
    match plan {
        Plan::Filter { input, predicate } => {
            let mut all = predicate.into_conjuncts();
            all.extend(conditions);
            push(*input, all)
        }
        Plan::Project { input, exprs, names } => {
            let passes = |condition: &Expr| {
                !condition.is_volatile()
                    && condition
                        .columns_used()
                        .iter()
                        .all(|&i| exprs.get(i).is_some_and(|e| !e.is_volatile()))
            };
            let (below, above) = split(conditions, passes);
            let below = below.into_iter().map(|condition| inline(condition, &exprs)).collect();
            let input = Box::new(push(*input, below));
            Plan::Project { input, exprs, names }.filtered(above)
        }
        Plan::Join { .. } => join(plan, conditions),
        Plan::Aggregate { input, group, aggregates, sets } => {
            let passes = |condition: &Expr| {
                !group.is_empty()
                    && sets.is_empty()
                    && !condition.is_volatile()
                    && condition
                        .columns_used()
                        .iter()
                        .all(|&i| group.get(i).is_some_and(|e| !e.is_volatile()))
            };
            let (below, above) = split(conditions, passes);
            let below = below.into_iter().map(|condition| inline(condition, &group)).collect();
            let input = Box::new(push(*input, below));
            Plan::Aggregate { input, group, aggregates, sets }.filtered(above)
        }
        Plan::Distinct { input } => {
            let (below, above) = split(conditions, |condition| !condition.is_volatile());
            Plan::Distinct { input: Box::new(push(*input, below)) }.filtered(above)
        }
        Plan::Sort { input, keys } => {
            let (below, above) = split(conditions, |condition| !condition.is_volatile());
            Plan::Sort { input: Box::new(push(*input, below)), keys }.filtered(above)
        }
        Plan::Append { inputs } => {
            let (below, above) = split(conditions, |condition| !condition.is_volatile());
            let inputs = inputs.into_iter().map(|input| push(input, below.clone())).collect();
            Plan::Append { inputs }.filtered(above)
        }
        Plan::SetOp { op, all, left, right } => {
            let (below, above) = split(conditions, |condition| !condition.is_volatile());
            let (left, right) = (push(*left, below.clone()), push(*right, below));
            Plan::SetOp { op, all, left: Box::new(left), right: Box::new(right) }.filtered(above)
        }
        Plan::With { queries, input } => {
            let query = |query: WithQuery| WithQuery { plan: push(query.plan, Vec::new()), ..query };
            let queries = queries.into_iter().map(query).collect();
            Plan::With { queries, input: Box::new(push(*input, conditions)) }
        }
        Plan::Asof { left, right, keys, by, op, outer, filter } => {
            let width = left.width();
            let on_left = |condition: &Expr| {
                !condition.is_volatile() && condition.columns_used().iter().all(|&column| column < width)
            };
            let (below, above) = split(conditions, on_left);
            let (left, right) = (Box::new(push(*left, below)), Box::new(push(*right, Vec::new())));
            Plan::Asof { left, right, keys, by, op, outer, filter }.filtered(above)
        }
        Plan::Apply { left, right, args, outer, filter } => {
            let width = left.width();
            let on_left = |condition: &Expr| {
                !condition.is_volatile() && condition.columns_used().iter().all(|&column| column < width)
            };
            let (below, above) = split(conditions, on_left);
            let left = Box::new(push(*left, below));
            let right = Box::new(push(*right, Vec::new()));
            Plan::Apply { left, right, args, outer, filter }.filtered(above)
        }
        other => other.map_children(&mut |child| push(child, Vec::new())).filtered(conditions),
    }
}

fn join(plan: Plan, conditions: Vec<Expr>) -> Plan {
    let Plan::Join { left, right, kind, keys, filter, build, output } = plan else { return plan };
    let width = left.width();
    let kind = weakened(kind, &conditions, width);
    let on_left = |condition: &Expr| {
        !condition.is_volatile() && condition.columns_used().iter().all(|&column| column < width)
    };
    let on_right = |condition: &Expr| {
        let used = condition.columns_used();
        !condition.is_volatile() && !used.is_empty() && used.iter().all(|&column| column >= width)
    };
    let own = filter.map(Expr::into_conjuncts).unwrap_or_default();
    let (to_left, to_right, own, above) = match kind {
        JoinKind::Inner => {
            let (volatile, all) = split(own.into_iter().chain(conditions).collect(), Expr::is_volatile);
            let (to_left, rest) = split(all, on_left);
            let (to_right, own) = split(rest, on_right);
            (to_left, to_right, own, volatile)
        }
        JoinKind::Right => {
            let (to_right, above) = split(conditions, on_right);
            let (to_left, own) = split(own, on_left);
            (to_left, to_right, own, above)
        }
        JoinKind::Full => (Vec::new(), Vec::new(), own, conditions),
        JoinKind::Left | JoinKind::Single => {
            // What ON says of the left side decides about partners, not about rows.
            let (to_left, above) = split(conditions, on_left);
            let (to_right, own) = split(own, on_right);
            (to_left, to_right, own, above)
        }
        JoinKind::Semi | JoinKind::Anti | JoinKind::NotIn => {
            let (to_left, above) = split(conditions, |condition| !condition.is_volatile());
            // What NOT IN compares with stays whole: its NULLs matter.
            let (to_right, own) = split(own, |c| kind != JoinKind::NotIn && on_right(c));
            (to_left, to_right, own, above)
        }
    };
    let to_right = to_right.into_iter().map(|c: Expr| c.remap_columns(&|column| column - width)).collect();
    let plan = Plan::Join {
        left: Box::new(push(*left, to_left)),
        right: Box::new(push(*right, to_right)),
        kind,
        keys,
        filter: (!own.is_empty()).then(|| Expr::conjunction(own)),
        build,
        output,
    };
    plan.filtered(above)
}

/// The conditions that pass a test, and the others, each in order.
fn split(conditions: Vec<Expr>, passes: impl Fn(&Expr) -> bool) -> (Vec<Expr>, Vec<Expr>) {
    conditions.into_iter().partition(passes)
}

/// A condition over computed columns as one over what they are computed from.
pub fn inline(condition: Expr, exprs: &[Expr]) -> Expr {
    condition.transform(&mut |part| match part {
        Expr::Column { index, ty } => exprs.get(index).cloned().unwrap_or(Expr::Column { index, ty }),
        other => other,
    })
}
