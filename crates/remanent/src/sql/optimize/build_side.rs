//! Which input of a join is held in memory: the smaller one. Of the right side of a semi or anti join only the keys are held,
//! and the left one need not be drained before anything comes out: it is held only where it is much smaller.

use super::estimate::rows;
use crate::sql::expr::EvalContext;
use crate::sql::plan::{JoinKind, Plan, Side};

/// A row that is held with its columns, in rows of which the keys are held.
const KEYS_ONLY: f64 = 4.0;

/// Chooses for every join that can hold either.
pub fn run(plan: Plan, _: &EvalContext<'_>) -> Plan {
    plan.transform(&mut |node| match node {
        Plan::Join { left, right, kind, keys, filter, output, .. }
            if !matches!(kind, JoinKind::NotIn | JoinKind::Single) =>
        {
            let dear = if matches!(kind, JoinKind::Semi | JoinKind::Anti) { KEYS_ONLY } else { 1.0 };
            let build = if rows(&left) * dear < rows(&right) { Side::Left } else { Side::Right };
            Plan::Join { left, right, kind, keys, filter, build, output }
        }
        other => other,
    })
}
