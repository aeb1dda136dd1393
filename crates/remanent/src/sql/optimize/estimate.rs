//! How many rows a plan will deliver, roughly: enough to tell a big input from a small one.
//!
//! A table's size is what it was when the statement was bound; how selective conditions are is guessed from their kind.

use crate::sql::expr::Expr;
use crate::sql::functions::Cmp;
use crate::sql::plan::{JoinKind, Plan};
use remanent_storage::value::Value;

/// The rows that a plan delivers.
pub fn rows(plan: &Plan) -> f64 {
    match plan {
        Plan::Values { rows, .. } => rows.len() as f64,
        // A table that is still empty will be filled; its statements may be prepared already.
        Plan::Scan { table_rows, .. } => (*table_rows as f64).max(1000.0),
        Plan::PointGet { .. } => 1.0,
        Plan::Filter { input, predicate } => rows(input) * selectivity(predicate),
        Plan::Project { input, .. } | Plan::Sort { input, .. } | Plan::LockRows { input, .. } => rows(input),
        Plan::Join { left, right, kind, keys, filter, .. } => {
            let (left, right) = (rows(left), rows(right));
            let pairs = match keys.is_empty() {
                true => left * right,
                // One side's key is taken to be unique.
                false => left.min(right).max(left * right / left.max(right).max(1.0)),
            };
            let pairs = pairs * filter.as_ref().map_or(1.0, selectivity);
            match kind {
                JoinKind::Inner => pairs,
                JoinKind::Left | JoinKind::Single => pairs.max(left),
                JoinKind::Right => pairs.max(right),
                JoinKind::Full => pairs.max(left).max(right),
                JoinKind::Semi | JoinKind::Anti | JoinKind::NotIn => left * 0.5,
            }
        }
        Plan::Aggregate { group, .. } if group.is_empty() => 1.0,
        Plan::Apply { left, .. } | Plan::ProjectSet { input: left, .. } => rows(left) * 10.0,
        Plan::Asof { left, .. } => rows(left),
        Plan::Function { .. } | Plan::Given { .. } => 1000.0,
        Plan::SetOp { left, .. } | Plan::Window { input: left, .. } => rows(left),
        Plan::With { input, .. } => rows(input),
        Plan::WithScan { .. } | Plan::Recursive { .. } => 1000.0,
        Plan::Aggregate { input, .. } | Plan::Distinct { input } | Plan::DistinctOn { input, .. } => {
            (rows(input) * 0.1).max(1.0)
        }
        Plan::TopN { input, limit, .. } => rows(input).min(count(limit)),
        Plan::Limit { input, limit, .. } => rows(input).min(limit.as_ref().map_or(f64::INFINITY, count)),
        Plan::Append { inputs } => inputs.iter().map(rows).sum(),
        _ => 1.0,
    }
}

fn count(limit: &Expr) -> f64 {
    match limit {
        Expr::Literal { value: Value::Int8(n), .. } => *n as f64,
        _ => 1000.0,
    }
}

/// The part of the rows for which a condition is true.
fn selectivity(condition: &Expr) -> f64 {
    match condition {
        Expr::And(parts) => parts.iter().map(selectivity).product(),
        Expr::Or(parts) => parts.iter().map(selectivity).sum::<f64>().min(1.0),
        Expr::In { list, negated: false, .. } => (list.len() as f64 * 0.01).min(0.5),
        other => match other.as_comparison() {
            Some((Cmp::Eq, ..)) => 0.01,
            Some((Cmp::Ne, ..)) => 0.99,
            Some(_) => 0.3,
            None => 0.5,
        },
    }
}
