//! Constant folding: what is the same in every execution is computed once, now.

use crate::sql::expr::{EvalContext, Expr};
use crate::sql::plan::Plan;

/// Folds every expression.
pub fn run(plan: Plan, ctx: &EvalContext<'_>) -> Plan {
    plan.transform(&mut |node| match &node {
        // Constants are most of a long VALUES list; they need no folding.
        Plan::Values { rows, .. } if rows.iter().flatten().all(is_leaf) => node,
        _ => node.map_exprs(&mut |expr| if is_leaf(&expr) { expr } else { expr.fold(ctx) }),
    })
}

fn is_leaf(expr: &Expr) -> bool {
    matches!(expr, Expr::Column { .. } | Expr::Literal { .. } | Expr::Param { .. })
}
