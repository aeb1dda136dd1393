//! LIMIT meets ORDER BY: only the best rows are kept. On its way down a limit passes projections, so that they compute
//! only what comes out.

use crate::sql::expr::{EvalContext, Expr};
use crate::sql::plan::Plan;

/// Pushes every limit down.
pub fn run(plan: Plan, _: &EvalContext<'_>) -> Plan {
    walk(plan)
}

fn walk(plan: Plan) -> Plan {
    let plan = match plan {
        Plan::Limit { input, limit, offset, ties } if ties.is_empty() => limited(*input, limit, offset),
        other => other,
    };
    plan.map_children(&mut walk)
}

fn limited(input: Plan, limit: Option<Expr>, offset: Option<Expr>) -> Plan {
    match (input, limit) {
        // Of a volatile function it matters for which rows it is called: those that OFFSET skips are among them.
        (Plan::Project { input, exprs, names }, limit)
            if offset.is_none() || !exprs.iter().any(Expr::is_volatile) =>
        {
            Plan::Project { input: Box::new(limited(*input, limit, offset)), exprs, names }
        }
        (Plan::Sort { input, keys }, Some(limit)) => Plan::TopN { input, keys, limit, offset },
        (input, limit) => Plan::Limit { input: Box::new(input), limit, offset, ties: Vec::new() },
    }
}
