//! A condition that gives the whole primary key reads one row by it, instead of scanning.

use super::ranges::comparison;
use crate::sql::expr::{EvalContext, Expr};
use crate::sql::functions::Cmp;
use crate::sql::plan::Plan;

/// Finds the scans that read one row.
pub fn run(plan: Plan, _: &EvalContext<'_>) -> Plan {
    plan.transform(&mut |node| match node {
        Plan::Filter { input, predicate } => point(*input, predicate),
        other => other,
    })
}

fn point(input: Plan, predicate: Expr) -> Plan {
    let Plan::Scan { table, alias, columns, row_ids, .. } = &input else {
        return Plan::Filter { input: Box::new(input), predicate };
    };
    let mut parts = predicate.clone().into_conjuncts();
    let mut key = Vec::with_capacity(table.key.len());
    for &position in &table.key {
        let equality = |part: &Expr| match comparison(part) {
            Some(range) => range.op == Cmp::Eq && columns.get(range.column) == Some(&position),
            None => false,
        };
        let Some(found) = parts.iter().position(equality) else { break };
        key.extend(comparison(&parts.remove(found)).map(|range| range.value));
    }
    if table.key.is_empty() || key.len() < table.key.len() {
        return Plan::Filter { input: Box::new(input), predicate };
    }
    let get = Plan::PointGet {
        table: table.clone(),
        alias: alias.clone(),
        columns: columns.clone(),
        key,
        row_ids: *row_ids,
    };
    get.filtered(parts)
}
