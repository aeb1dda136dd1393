//! How many rows a plan will deliver, roughly: enough to tell a big input from a small one.
//!
//! A table's size is what it was when the statement was bound. How many distinct values a column has is known for keys and
//! bounded by the range of whole numbers and dates; of others a sample of one vector tells. Conditions are taken to be
//! independent of each other, values to be spread evenly over their range, and the values of the smaller side of a join to
//! occur in the larger one (Selinger et al., "Access Path Selection in a Relational Database Management System", 1979).

use super::selectivity::selectivity;
use crate::sql::expr::Expr;
use crate::sql::plan::{JoinKind, Plan, Statistics};
use remanent_storage::value::{Type, Value};

/// A table that is still empty will be filled; its statements may be prepared already.
const ROWS_MIN: f64 = 1000.0;

/// The rows that a plan delivers.
pub fn rows(plan: &Plan) -> f64 {
    match plan {
        Plan::Values { rows, .. } => rows.len() as f64,
        Plan::Scan { stats, .. } => table_rows(stats),
        Plan::PointGet { .. } => 1.0,
        Plan::Filter { input, predicate } => rows(input) * selectivity(predicate, input),
        Plan::Project { input, .. } | Plan::Sort { input, .. } | Plan::LockRows { input, .. } => rows(input),
        Plan::Join { .. } => join_rows(plan),
        Plan::Aggregate { group, .. } if group.is_empty() => 1.0,
        Plan::Aggregate { input, group, .. } => {
            let groups: f64 = group.iter().map(|key| distinct_of(key, input)).product();
            groups.min(rows(input)).max(1.0)
        }
        Plan::Apply { left, .. } | Plan::ProjectSet { input: left, .. } => rows(left) * 10.0,
        Plan::Asof { left, .. } => rows(left),
        Plan::Function { .. } => 1000.0,
        Plan::SetOp { left, .. } | Plan::Window { input: left, .. } => rows(left),
        Plan::With { input, .. } => rows(input),
        Plan::WithScan { .. } | Plan::Recursive { .. } => 1000.0,
        Plan::Distinct { input } | Plan::DistinctOn { input, .. } => (rows(input) * 0.1).max(1.0),
        Plan::TopN { input, limit, .. } => rows(input).min(count(limit)),
        Plan::Limit { input, limit, .. } => rows(input).min(limit.as_ref().map_or(f64::INFINITY, count)),
        Plan::Append { inputs } => inputs.iter().map(rows).sum(),
        _ => 1.0,
    }
}

fn table_rows(stats: &Statistics) -> f64 {
    match stats.rows {
        0 => ROWS_MIN,
        rows => rows as f64,
    }
}

fn count(limit: &Expr) -> f64 {
    match limit {
        Expr::Literal { value: Value::Int8(n), .. } => *n as f64,
        _ => 1000.0,
    }
}

fn join_rows(plan: &Plan) -> f64 {
    let Plan::Join { left, right, kind, keys, filter, .. } = plan else { return 1.0 };
    let (of_left, of_right) = (rows(left), rows(right));
    let keys: Vec<(&Expr, &Expr)> = keys.iter().map(|(l, r)| (l, r)).collect();
    let matching = equal(&keys, left, right);
    // A filter over both sides: its columns are those of neither.
    let rest = filter.as_ref().map_or(1.0, |filter| selectivity(filter, &Plan::one_row()));
    let pairs = of_left * of_right * matching * rest;
    // The part of the left rows that have a partner.
    let partner = (of_right * matching * rest).min(1.0);
    match kind {
        JoinKind::Inner => pairs,
        JoinKind::Left | JoinKind::Single => pairs.max(of_left),
        JoinKind::Right => pairs.max(of_right),
        JoinKind::Full => pairs.max(of_left).max(of_right),
        JoinKind::Semi => of_left * partner,
        JoinKind::Anti | JoinKind::NotIn => of_left * (1.0 - partner).max(0.1),
    }
}

/// The part of all pairs for which the keys are equal.
pub fn equal(keys: &[(&Expr, &Expr)], left: &Plan, right: &Plan) -> f64 {
    if keys.is_empty() {
        return 1.0;
    }
    let of = |plan: &Plan, side: &dyn Fn(&(&Expr, &Expr)) -> f64| {
        let all: f64 = keys.iter().map(side).product();
        // A combination of keys has no more values than its table has rows.
        all.min(keys.iter().map(|key| origin_rows(key, plan, left)).fold(0.0, f64::max))
    };
    let distinct_left = of(left, &|(key, _)| distinct_of(key, left));
    let distinct_right = of(right, &|(_, key)| distinct_of(key, right));
    1.0 / distinct_left.max(distinct_right).max(1.0)
}

fn origin_rows((l, r): &(&Expr, &Expr), plan: &Plan, left: &Plan) -> f64 {
    let key = if std::ptr::eq(plan, left) { l } else { r };
    match key {
        Expr::Column { index, .. } => origin(plan, *index).map_or_else(|| rows(plan), |(stats, ..)| table_rows(stats)),
        _ => rows(plan),
    }
}

/// How many distinct values an expression has, whatever conditions on other columns leave of them.
pub fn distinct_of(expr: &Expr, plan: &Plan) -> f64 {
    match expr {
        Expr::Column { index, ty } => match origin(plan, *index) {
            Some((stats, column, key)) => distinct(stats, column, *ty, key),
            None => rows(plan),
        },
        Expr::Cast { expr, .. } => distinct_of(expr, plan),
        Expr::Literal { .. } | Expr::Param { .. } => 1.0,
        _ => (rows(plan) * 0.1).max(1.0),
    }
}

fn distinct(stats: &Statistics, column: usize, ty: Type, key: bool) -> f64 {
    let rows = table_rows(stats);
    if key || ty == Type::Bool {
        return if key { rows } else { 2.0 };
    }
    let whole = matches!(ty, Type::Int2 | Type::Int4 | Type::Int8 | Type::Date);
    if let (true, Some((low, high))) = (whole, stats.range(column))
        && let (Some(low), Some(high)) = (number(&low), number(&high))
    {
        return (high - low + 1.0).min(rows);
    }
    match stats.sample(column) {
        Some((distinct, of)) if distinct * 2 < of => distinct as f64,
        Some((distinct, of)) => rows * distinct as f64 / of.max(1) as f64,
        None => (rows * 0.1).max(1.0),
    }
}

/// The table that a column of a plan comes from as it is, its position there, and whether it alone is the table's key.
pub fn origin(plan: &Plan, column: usize) -> Option<(&Statistics, usize, bool)> {
    match plan {
        Plan::Scan { table, columns, stats, .. } => {
            let position = *columns.get(column)?;
            Some((stats, position, table.key_columns() == [position]))
        }
        Plan::Filter { input, .. }
        | Plan::Sort { input, .. }
        | Plan::TopN { input, .. }
        | Plan::Limit { input, .. }
        | Plan::Distinct { input } => origin(input, column),
        Plan::Project { input, exprs, .. } | Plan::Aggregate { input, group: exprs, .. } => {
            match exprs.get(column)? {
                Expr::Column { index, .. } => origin(input, *index),
                _ => None,
            }
        }
        Plan::Join { left, right, output, .. } => {
            let column = output.as_ref().map_or(Some(column), |output| output.get(column).copied())?;
            match column.checked_sub(left.width()) {
                None => origin(left, column),
                Some(column) => origin(right, column),
            }
        }
        _ => None,
    }
}

/// A value of an ordered type as a number that compares as it does.
pub fn number(value: &Value) -> Option<f64> {
    Some(match value {
        Value::Int2(v) => f64::from(*v),
        Value::Int4(v) | Value::Date(v) => f64::from(*v),
        Value::Int8(v) | Value::Timestamp(v) | Value::Timestamptz(v) => *v as f64,
        Value::Float4(v) => f64::from(*v),
        Value::Float8(v) => *v,
        Value::Numeric(v) => v.to_f64(),
        _ => return None,
    })
}
