//! One projection instead of two, and none where it would change nothing.

use super::push_filters::inline;
use crate::sql::expr::{EvalContext, Expr};
use crate::sql::plan::Plan;

/// Merges projections, inputs first.
pub fn run(plan: Plan, _: &EvalContext<'_>) -> Plan {
    plan.transform(&mut |node| match node {
        Plan::Project { input, exprs, names } => match *input {
            Plan::Project { input, exprs: inner, .. } if mergeable(&exprs, &inner) => {
                let exprs = exprs.into_iter().map(|expr| inline(expr, &inner)).collect();
                plain(*input, exprs, names)
            }
            other => plain(other, exprs, names),
        },
        other => other,
    })
}

/// A projection, unless it hands on all columns as they are.
fn plain(input: Plan, exprs: Vec<Expr>, names: Vec<String>) -> Plan {
    let same = |(i, expr): (usize, &Expr)| matches!(expr, Expr::Column { index, .. } if *index == i);
    match exprs.len() == input.width() && exprs.iter().enumerate().all(same) {
        true => input,
        false => Plan::Project { input: Box::new(input), exprs, names },
    }
}

/// True if no work is done twice: what is more than a column or a constant is used at most once, and nothing is volatile.
fn mergeable(outer: &[Expr], inner: &[Expr]) -> bool {
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
