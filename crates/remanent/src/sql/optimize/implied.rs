//! What an OR over several tables says of each of them alone.
//!
//! `(a.n = 'F' AND b.n = 'G') OR (a.n = 'G' AND b.n = 'F')` can only be true where `a.n = 'F' OR a.n = 'G'`, which then is
//! checked at `a`'s scan. The condition itself stays.
//!
//! Limits: inner joins; every branch must say something of the table by itself.

use crate::sql::expr::{EvalContext, Expr};
use crate::sql::plan::{JoinKind, Plan};
use std::ops::Range;

/// Adds what follows from the conditions above every chain of joins.
pub fn run(plan: Plan, _: &EvalContext<'_>) -> Plan {
    plan.transform(&mut |node| match node {
        Plan::Filter { input, predicate } => {
            let mut tables = Vec::new();
            columns(&input, 0, &mut tables);
            let mut all = predicate.into_conjuncts();
            let implied: Vec<Expr> =
                all.iter().flat_map(|part| tables.iter().filter_map(|table| of_table(part, table))).collect();
            all.extend(implied);
            input.filtered(all)
        }
        other => other,
    })
}

/// Which columns are of which input of a chain of inner joins; one input alone is no chain.
fn columns(plan: &Plan, start: usize, tables: &mut Vec<Range<usize>>) {
    let Plan::Join { left, right, kind: JoinKind::Inner, .. } = plan else { return };
    let width = left.width();
    for (side, start) in [(left, start), (right, start + width)] {
        match &**side {
            Plan::Join { kind: JoinKind::Inner, .. } => columns(side, start, tables),
            _ => tables.push(start..start + side.width()),
        }
    }
}

/// What a condition says of the columns of one table.
fn of_table(condition: &Expr, table: &Range<usize>) -> Option<Expr> {
    let Expr::Or(branches) = condition else { return None };
    let inside = |expr: &Expr| {
        let used = expr.columns_used();
        !used.is_empty() && used.iter().all(|column| table.contains(column))
    };
    if inside(condition) || condition.is_volatile() || condition.has_subquery() {
        return None;
    }
    let of_branch = |branch: &Expr| {
        let own: Vec<Expr> =
            branch.clone().into_conjuncts().into_iter().filter(|part| inside(part)).collect();
        (!own.is_empty()).then(|| Expr::conjunction(own))
    };
    branches.iter().map(of_branch).collect::<Option<Vec<Expr>>>().map(Expr::Or)
}
