//! Constant folding: what is the same in every execution is computed once, now.

use crate::sql::expr::{EvalContext, Expr};
use crate::sql::plan::Plan;

/// Folds every expression.
pub fn run(mut plan: Plan, ctx: &EvalContext<'_>) -> Plan {
    fold(&mut plan, ctx);
    plan
}

fn fold(plan: &mut Plan, ctx: &EvalContext<'_>) {
    plan.for_each_child_mut(&mut |child| fold(child, ctx));
    // Constants are most of a long VALUES list; they need no folding, and columns compared with parameters neither.
    let mut settled = true;
    plan.for_each_expr(&mut |expr| settled = settled && is_settled(expr));
    if !settled {
        plan.for_each_expr_mut(&mut |expr| {
            if !is_settled(expr) {
                *expr = std::mem::replace(expr, Expr::Unknown { text: None, at: 0 }).fold(ctx);
            }
        });
    }
}

/// True for an expression that folding leaves as it is, as can be seen at once.
fn is_settled(expr: &Expr) -> bool {
    match expr {
        Expr::Call { args, .. } => {
            let open = |arg: &Expr| matches!(arg, Expr::Column { .. } | Expr::Param { .. });
            !args.is_empty() && args.iter().all(open)
        }
        Expr::Column { .. } | Expr::Literal { .. } | Expr::Param { .. } => true,
        _ => false,
    }
}
