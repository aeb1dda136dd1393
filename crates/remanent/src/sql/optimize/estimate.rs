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
        Plan::Filter { input, predicate } => {
            let all = rows(input);
            all * selectivity(predicate, input, all)
        }
        Plan::Project { input, .. } | Plan::Sort { input, .. } | Plan::LockRows { input, .. } => rows(input),
        Plan::Join { .. } => join_rows(plan),
        Plan::Aggregate { group, .. } if group.is_empty() => 1.0,
        Plan::Aggregate { input, group, .. } => {
            let all = rows(input);
            let groups: f64 = group.iter().map(|key| distinct_of(key, input, all)).product();
            groups.min(all).max(1.0)
        }
        Plan::Apply { left, .. } | Plan::ProjectSet { input: left, .. } => rows(left) * 10.0,
        Plan::Asof { left, .. } => rows(left),
        Plan::Function { .. } | Plan::Given { .. } => 1000.0,
        Plan::SetOp { left, .. } | Plan::Window { input: left, .. } | Plan::Gapfill { input: left, .. } => {
            rows(left)
        }
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
    let matching = equal(&keys, (left, of_left), (right, of_right));
    // A filter over both sides: its columns are those of neither.
    let rest = filter.as_ref().map_or(1.0, |filter| selectivity(filter, &Plan::one_row(), 1.0));
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

/// The part of all pairs for which the keys are equal; each side with its rows.
pub fn equal(keys: &[(&Expr, &Expr)], left: (&Plan, f64), right: (&Plan, f64)) -> f64 {
    if keys.is_empty() {
        return 1.0;
    }
    // A combination of keys has no more values than its table has rows.
    let (mut all_left, mut most_left, mut all_right, mut most_right) = (1.0, 0.0f64, 1.0, 0.0f64);
    for (l, r) in keys {
        all_left *= distinct_of(l, left.0, left.1);
        most_left = most_left.max(origin_rows(l, left.0, left.1));
        all_right *= distinct_of(r, right.0, right.1);
        most_right = most_right.max(origin_rows(r, right.0, right.1));
    }
    1.0 / all_left.min(most_left).max(all_right.min(most_right)).max(1.0)
}

/// The rows of the table that a key comes from.
fn origin_rows(key: &Expr, plan: &Plan, rows: f64) -> f64 {
    match key {
        Expr::Column { index, .. } => origin(plan, *index).map_or(rows, |(stats, ..)| table_rows(stats)),
        _ => rows,
    }
}

/// How many distinct values an expression over a plan of so many rows has, whatever conditions on other columns leave of
/// them.
pub fn distinct_of(expr: &Expr, plan: &Plan, rows: f64) -> f64 {
    match expr {
        Expr::Column { index, ty } => match origin(plan, *index) {
            Some((stats, column, key)) => distinct(stats, column, *ty, key),
            None => rows,
        },
        Expr::Cast { expr, .. } => distinct_of(expr, plan, rows),
        Expr::Literal { .. } | Expr::Param { .. } => 1.0,
        _ => (rows * 0.1).max(1.0),
    }
}

fn distinct(stats: &Statistics, column: usize, ty: Type, key: bool) -> f64 {
    let rows = table_rows(stats);
    if key || ty == Type::Bool {
        return if key { rows } else { 2.0 };
    }
    let whole = matches!(ty, Type::Int2 | Type::Int4 | Type::Int8 | Type::Date);
    let range = stats.range(column).filter(|_| whole);
    let range = range.and_then(|(low, high)| Some(number(&high)? - number(&low)? + 1.0));
    // Numbers that lie close together are told by zone maps alone: nothing is read for them.
    if let Some(range) = range
        && range * CLOSE < rows
    {
        return range;
    }
    let seen = match stats.sample(column) {
        Some(sample) if sample.recur => sample.distinct as f64,
        Some(sample) => rows * sample.distinct as f64 / sample.rows.max(1) as f64,
        None => (rows * 0.1).max(1.0),
    };
    match range {
        // What comes in no order may not have come twice yet.
        Some(range) if seen * 2.0 >= rows => range.min(rows),
        Some(range) => range.min(seen),
        None => seen,
    }
}

/// Where each number of a column's range comes so often in the mean, the range is taken for how many there are.
const CLOSE: f64 = 8.0;

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
