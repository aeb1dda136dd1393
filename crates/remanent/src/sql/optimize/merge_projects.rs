//! One projection instead of two, none where it would change nothing, and none below a grouping, which computes what it
//! groups by and aggregates itself.

use super::push_filters::inline;
use crate::sql::expr::{EvalContext, Expr};
use crate::sql::plan::{AggregateCall, Plan};

/// Merges projections, inputs first.
pub fn run(plan: Plan, _: &EvalContext<'_>) -> Plan {
    let wanted = |node: &Plan| match node {
        Plan::Project { input, exprs, .. } => {
            matches!(**input, Plan::Project { .. }) || hands_on(input, exprs)
        }
        Plan::Aggregate { input, .. } => matches!(**input, Plan::Project { .. }),
        _ => false,
    };
    plan.transform_where(&wanted, &mut |node| match node {
        Plan::Project { input, exprs, names } => match *input {
            Plan::Project { input, exprs: inner, .. } if mergeable(&exprs, &inner) => {
                let exprs = exprs.into_iter().map(|expr| inline(expr, &inner)).collect();
                plain(*input, exprs, names)
            }
            other => plain(other, exprs, names),
        },
        Plan::Aggregate { input, mut group, mut aggregates, sets } => match *input {
            Plan::Project { input, exprs: inner, .. } if computed(&group, &aggregates, &inner) => {
                let own = group.iter_mut().chain(aggregates.iter_mut().flat_map(AggregateCall::exprs_mut));
                for expr in own {
                    let taken = std::mem::replace(expr, Expr::Unknown { text: None, at: 0 });
                    *expr = inline(taken, &inner);
                }
                Plan::Aggregate { input, group, aggregates, sets }
            }
            other => Plan::Aggregate { input: Box::new(other), group, aggregates, sets },
        },
        other => other,
    })
}

/// A projection, unless it hands on all columns as they are.
fn plain(input: Plan, exprs: Vec<Expr>, names: Vec<String>) -> Plan {
    match hands_on(&input, &exprs) {
        true => input,
        false => Plan::Project { input: Box::new(input), exprs, names },
    }
}

/// True for a projection that hands on all columns as they are.
fn hands_on(input: &Plan, exprs: &[Expr]) -> bool {
    let same = |(i, expr): (usize, &Expr)| matches!(expr, Expr::Column { index, .. } if *index == i);
    exprs.iter().enumerate().all(same) && exprs.len() == input.width()
}

/// True if a grouping can compute what a projection below it does.
fn computed(group: &[Expr], aggregates: &[AggregateCall], inner: &[Expr]) -> bool {
    let own = group.iter().chain(aggregates.iter().flat_map(AggregateCall::exprs));
    mergeable(own, inner) && !inner.iter().any(Expr::has_subquery)
}

/// True if no work is done twice: what is more than a column or a constant is used at most once, and nothing is volatile.
fn mergeable<'a>(outer: impl IntoIterator<Item = &'a Expr>, inner: &[Expr]) -> bool {
    let mut uses = vec![0usize; inner.len()];
    for expr in outer {
        expr.walk(&mut |part| {
            if let Expr::Column { index, .. } = part
                && let Some(count) = uses.get_mut(*index)
            {
                *count += 1;
            }
        });
    }
    let simple =
        |expr: &Expr| matches!(expr, Expr::Column { .. } | Expr::Literal { .. } | Expr::Param { .. });
    inner.iter().zip(uses).all(|(expr, uses)| simple(expr) || uses <= 1 && !expr.is_volatile())
}
