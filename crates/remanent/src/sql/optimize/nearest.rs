//! ORDER BY with LIMIT that an index ranks: the scan delivers little more than the rows that come first.
//!
//! The order is one operator or function of a column and what is constant, which a line of
//! [`RANKINGS`](crate::sql::plan::strategy::RANKINGS) knows for an index of the table. Conditions stay: the scan applies them before
//! the index ranks what is left, so as many rows come out as there would be without the index. The rows' order is made again
//! above, exactly, and where a segment has no part of the index all of its rows are delivered.
//!
//! Not where the condition may say something else each time it is asked, nor over joins.

use crate::sql::expr::{EvalContext, Expr};
use crate::sql::plan::strategy::rankings;
use crate::sql::plan::{Plan, Ranked, SortKey};
use std::sync::Arc;

/// Finds scans whose first rows an index knows.
pub fn run(plan: Plan, ctx: &EvalContext<'_>) -> Plan {
    if !ctx.planner.index_scans {
        return plan;
    }
    plan.transform(&mut |node| match node {
        Plan::TopN { mut input, keys, limit, offset } => {
            if let [key] = keys.as_slice() {
                rank(&mut input, key, &key.expr, &limit, offset.as_ref());
            }
            Plan::TopN { input, keys, limit, offset }
        }
        other => other,
    })
}

fn rank(plan: &mut Plan, key: &SortKey, expr: &Expr, limit: &Expr, offset: Option<&Expr>) {
    match plan {
        Plan::Project { input, exprs, .. } => {
            if exprs.iter().any(Expr::is_volatile) {
                return;
            }
            // What the projection computes is ordered by, or columns that it hands on are.
            let mut reads = true;
            let below = expr.clone().transform(&mut |part| match part {
                Expr::Column { index, .. } => match exprs.get(index) {
                    Some(expr) => expr.clone(),
                    None => {
                        reads = false;
                        part
                    }
                },
                other => other,
            });
            if reads {
                rank(input, key, &below, limit, offset);
            }
        }
        Plan::Filter { input, predicate } if !predicate.is_volatile() => {
            if matches!(input.as_ref(), Plan::Scan { .. }) {
                rank(input, key, expr, limit, offset);
            }
        }
        Plan::Scan { columns, indexes: Some(indexes), access, ranked, .. } => {
            if access.as_ref().is_some_and(|access| access.order.is_some()) {
                return;
            }
            let Expr::Call { function, args, .. } = expr else { return };
            let defs = indexes.defs.iter().filter(|def| def.filter.is_none());
            let found = defs
                .flat_map(|def| def.columns.iter().enumerate().map(move |(i, c)| (def, i, *c)))
                .find_map(|(def, i, column)| {
                    let is_column = |arg: &Expr| match arg {
                        Expr::Column { index, .. } => columns.get(*index) == Some(&column),
                        _ => false,
                    };
                    // What ranks the greatest first is never NULL.
                    let ranking = rankings(def, i, function.name).find(|ranking| {
                        ranking.descending == key.descending && (ranking.descending || !key.nulls_first)
                    })?;
                    let mut others = args.clone();
                    others.remove(args.iter().position(is_column)?);
                    (others.len() == ranking.others && others.iter().all(Expr::is_constant)).then(|| Ranked {
                        index: Arc::clone(def),
                        ranking,
                        column: i,
                        args: others,
                        limit: limit.clone(),
                        offset: offset.cloned(),
                    })
                });
            *ranked = found.map(Box::new);
        }
        _ => {}
    }
}
