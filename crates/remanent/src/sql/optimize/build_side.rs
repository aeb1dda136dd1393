//! Which input of a join is held in memory: the smaller one.

use super::estimate::rows;
use crate::sql::expr::EvalContext;
use crate::sql::plan::{JoinKind, Plan, Side};

/// Chooses for every join that can hold either.
pub fn run(plan: Plan, _: &EvalContext<'_>) -> Plan {
    plan.transform(&mut |node| match node {
        Plan::Join { left, right, kind, keys, filter, output, .. }
            if !matches!(kind, JoinKind::NotIn | JoinKind::Single) =>
        {
            let build = if rows(&left) < rows(&right) { Side::Left } else { Side::Right };
            Plan::Join { left, right, kind, keys, filter, build, output }
        }
        other => other,
    })
}
