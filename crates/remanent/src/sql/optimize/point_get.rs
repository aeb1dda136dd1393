//! A condition that gives the whole primary key reads one row by it, instead of scanning.

use super::ranges::comparison;
use crate::sql::expr::{EvalContext, Expr};
use crate::sql::functions::Cmp;
use crate::sql::plan::Plan;

/// Finds the scans that read one row.
pub fn run(plan: Plan, _: &EvalContext<'_>) -> Plan {
    let wanted = |node: &Plan| match node {
        Plan::Filter { input, .. } => matches!(&**input, Plan::Scan { table, .. } if !table.key.is_empty()),
        _ => false,
    };
    plan.transform_where(&wanted, &mut |node| match node {
        Plan::Filter { input, predicate } => point(*input, predicate),
        other => other,
    })
}

fn point(input: Plan, predicate: Expr) -> Plan {
    let Plan::Scan { table, columns, .. } = &input else {
        return Plan::Filter { input: Box::new(input), predicate };
    };
    let mut parts = predicate.into_conjuncts();
    // Of each part of the key the first condition that gives it, and its value.
    let (mut given, mut key) = (Vec::with_capacity(table.key.len()), Vec::with_capacity(table.key.len()));
    for &position in &table.key {
        let value = |(at, part): (usize, &Expr)| match comparison(part) {
            Some(range) if range.op == Cmp::Eq && columns.get(range.column) == Some(&position) => {
                Some((at, range.value))
            }
            _ => None,
        };
        let Some((at, value)) = parts.iter().enumerate().find_map(value) else { break };
        given.push(at);
        key.push(value);
    }
    if key.len() < table.key.len() {
        return Plan::Filter { input: Box::new(input), predicate: Expr::conjunction(parts) };
    }
    let Plan::Scan { table, alias, columns, row_ids, .. } = input else {
        return input.filtered(parts);
    };
    let mut at = 0;
    parts.retain(|_| {
        at += 1;
        !given.contains(&(at - 1))
    });
    Plan::PointGet { table, alias, columns, key, row_ids }.filtered(parts)
}
