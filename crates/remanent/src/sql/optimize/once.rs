//! What is the same for all rows of one execution is computed once in it.
//!
//! ```text
//! ORDER BY at <-> ST_MakePoint($1, $2), WHERE words @@ to_tsquery($1) AND ts_rank(words, to_tsquery($1)) > 0.1
//!                 └─ once ───────────┘                 └─ once ─────┘                   └─ the same ─┘
//! ```
//!
//! Folding has computed what is the same in every execution; this is about parameters and `now()`. The last pass, since what
//! it wraps is a node of its own to those before. A computation that fails is made again by whoever asks next.
//!
//! Limits: no subqueries, which are remembered apart; not in VALUES, nor where a statement asks only once.

use crate::sql::expr::{EvalContext, Expr};
use crate::sql::plan::Plan;
use std::sync::atomic::{AtomicU64, Ordering};

/// Numbers no two computations share, also of a statement and a query in it, which are planned apart.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// Wraps such parts of all expressions.
pub fn run(plan: Plan, _: &EvalContext<'_>) -> Plan {
    let mut known = Vec::new();
    plan.transform(&mut |node| match node {
        Plan::Values { .. } | Plan::PointGet { .. } | Plan::Limit { .. } => node,
        node => node.map_exprs(&mut |expr| wrapped(expr, &mut known)),
    })
}

fn wrapped(mut expr: Expr, known: &mut Vec<Expr>) -> Expr {
    match expr {
        Expr::Column { .. } | Expr::Literal { .. } | Expr::Param { .. } | Expr::Once { .. } => expr,
        Expr::Call { .. } | Expr::Cast { .. }
            if expr.is_constant() && !expr.is_immutable() && !expr.has_subquery() =>
        {
            let held = known.iter().find(|held| matches!(held, Expr::Once { expr: of, .. } if **of == expr));
            if let Some(held) = held {
                return held.clone();
            }
            let once = Expr::Once { number: NEXT.fetch_add(1, Ordering::Relaxed), expr: Box::new(expr) };
            known.push(once.clone());
            once
        }
        _ => {
            expr.for_each_child_mut(&mut |child| {
                let taken = std::mem::replace(child, Expr::Unknown { text: None, at: 0 });
                *child = wrapped(taken, known);
            });
            expr
        }
    }
}
