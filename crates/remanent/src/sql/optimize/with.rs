//! Queries of WITH that are read once, or are NOT MATERIALIZED, are put where they are read; those that nobody reads are
//! dropped. The others are computed once and shared.
//!
//! A query stays shared where it is MATERIALIZED, recursive, volatile, locks rows or writes, and where what reads it is
//! run more than once itself.

use crate::sql::expr::{EvalContext, Expr};
use crate::sql::plan::{Plan, WithQuery};
use std::sync::Arc;

/// How many nodes the copies of one query may add to a plan.
const MAX_COPIED: usize = 1_000;

/// Settles every WITH, outer ones first.
pub fn run(plan: Plan, _: &EvalContext<'_>) -> Plan {
    settle(plan)
}

fn settle(plan: Plan) -> Plan {
    let plan = match plan {
        Plan::With { queries, input } => with(queries, *input),
        other => other,
    };
    let plan = plan.map_children(&mut settle);
    plan.map_exprs(&mut |expr| {
        if !expr.has_subquery() {
            return expr;
        }
        in_subqueries(expr, &mut settle)
    })
}

fn with(queries: Vec<WithQuery>, mut input: Plan) -> Plan {
    let mut kept: Vec<WithQuery> = Vec::new();
    // The last first: what reads it stands behind it.
    for query in queries.into_iter().rev() {
        let mut reads = Reads::default();
        reads.count(&input, query.id, false);
        kept.iter().for_each(|later| reads.count(&later.plan, query.id, false));
        if reads.all == 0 && !query.plan.writes() {
            continue;
        }
        let (nodes, _) = query.plan.size();
        let copied = query.materialized == Some(false) && nodes * reads.all <= MAX_COPIED;
        let once = query.materialized.is_none() && reads.all == 1 && !reads.repeated;
        if (copied || once) && movable(&query.plan) {
            input = replace(input, &query);
            kept = kept
                .into_iter()
                .map(|later| WithQuery { plan: replace(later.plan, &query), ..later })
                .collect();
            continue;
        }
        kept.push(query);
    }
    kept.reverse();
    match kept.is_empty() {
        true => input,
        false => Plan::With { queries: kept, input: Box::new(input) },
    }
}

/// How often a query is read.
#[derive(Default)]
struct Reads {
    all: usize,
    /// One of them is in what is run more than once.
    repeated: bool,
}

impl Reads {
    fn count(&mut self, plan: &Plan, id: usize, repeated: bool) {
        if matches!(plan, Plan::WithScan { id: read, .. } if *read == id) {
            self.all += 1;
            self.repeated |= repeated;
        }
        plan.for_each_expr(&mut |expr| {
            expr.walk(&mut |part| {
                if let Expr::Subquery(subquery) = part {
                    self.count(&subquery.plan, id, repeated || !subquery.args.is_empty());
                }
            });
        });
        match plan {
            Plan::Apply { left, right, .. } | Plan::Recursive { first: left, step: right, .. } => {
                self.count(left, id, repeated);
                self.count(right, id, true);
            }
            _ => plan.for_each_child(&mut |child| self.count(child, id, repeated)),
        }
    }
}

/// True if it does not matter when, and how often, a plan is run.
fn movable(plan: &Plan) -> bool {
    let mut volatile = false;
    plan.for_each_expr(&mut |expr| volatile = volatile || expr.is_volatile());
    !volatile
        && !plan.writes()
        && !matches!(plan, Plan::LockRows { .. } | Plan::Recursive { .. })
        && !plan.any_child(&mut |child| !movable(child))
}

/// A plan with a query in the place of what reads it.
fn replace(plan: Plan, query: &WithQuery) -> Plan {
    plan.transform(&mut |node| {
        let node = node.map_exprs(&mut |expr| match expr.has_subquery() {
            true => in_subqueries(expr, &mut |plan| replace(plan, query)),
            false => expr,
        });
        match node {
            Plan::WithScan { id, .. } if id == query.id => query.plan.clone(),
            other => other,
        }
    })
}

/// Rewrites the plans of the subqueries of an expression.
fn in_subqueries(expr: Expr, rewrite: &mut dyn FnMut(Plan) -> Plan) -> Expr {
    expr.transform(&mut |part| match part {
        Expr::Subquery(mut subquery) => {
            subquery.plan = Arc::new(rewrite(Arc::unwrap_or_clone(subquery.plan)));
            Expr::Subquery(subquery)
        }
        other => other,
    })
}
