//! `count(x)` where x is never NULL is `count(*)`, which needs no column at all.

use crate::sql::expr::{EvalContext, Expr};
use crate::sql::plan::Plan;
use remanent_storage::value::Value;

/// Rewrites the counts of every grouping.
pub fn run(plan: Plan, _: &EvalContext<'_>) -> Plan {
    plan.transform(&mut |node| match node {
        Plan::Aggregate { input, group, mut aggregates, sets } => {
            for call in aggregates.iter_mut().filter(|call| !call.distinct) {
                let aggregate = &mut call.aggregate;
                if aggregate.function.name == "count"
                    && aggregate.args.iter().all(|arg| never_null(arg, &input))
                {
                    aggregate.args.clear();
                }
            }
            Plan::Aggregate { input, group, aggregates, sets }
        }
        other => other,
    })
}

/// True if an expression over the columns of `input` is never NULL.
fn never_null(expr: &Expr, input: &Plan) -> bool {
    match expr {
        Expr::Literal { value, .. } => !matches!(value, Value::Null),
        Expr::Column { index, .. } => column_never_null(*index, input),
        _ => false,
    }
}

fn column_never_null(column: usize, plan: &Plan) -> bool {
    match plan {
        Plan::Scan { table, columns, .. } | Plan::PointGet { table, columns, .. } => {
            match columns.get(column) {
                Some(&position) => table.columns.get(position).is_none_or(|column| column.not_null),
                None => true,
            }
        }
        Plan::Project { input, exprs, .. } => exprs.get(column).is_some_and(|expr| never_null(expr, input)),
        Plan::Filter { input, .. }
        | Plan::Sort { input, .. }
        | Plan::TopN { input, .. }
        | Plan::Limit { input, .. }
        | Plan::Distinct { input } => column_never_null(column, input),
        Plan::Join { left, right, kind, output: None, .. } => match column.checked_sub(left.width()) {
            None => !kind.extends_left() && column_never_null(column, left),
            Some(column) => !kind.extends_right() && column_never_null(column, right),
        },
        _ => false,
    }
}
