//! The part of a plan's rows for which a condition is true: from what is known of its columns, else a guess by its kind.

use super::estimate::{distinct_of, number, origin};
use super::ranges::comparison;
use crate::sql::expr::Expr;
use crate::sql::functions::Cmp;
use crate::sql::plan::Plan;
use crate::sql::plan::strategy::share;

/// Of a comparison of which nothing is known.
const COMPARISON: f64 = 0.3;
/// Of a pattern that may stand anywhere.
const PATTERN: f64 = 0.05;
/// What a range leaves at least.
const LEAST: f64 = 0.0001;

/// The part of the rows of `plan`, which has so many, for which a condition over its columns is true.
pub fn selectivity(condition: &Expr, plan: &Plan, rows: f64) -> f64 {
    match condition {
        Expr::And(parts) => conjunction(parts, plan, rows),
        Expr::Or(parts) => {
            1.0 - parts.iter().map(|part| 1.0 - selectivity(part, plan, rows)).product::<f64>()
        }
        Expr::Not(part) => 1.0 - selectivity(part, plan, rows),
        Expr::In { expr, list, set, negated } => {
            let items = list.len() + set.as_ref().map_or(0, |set| set.values().len());
            let part = (items as f64 / distinct_of(expr, plan, rows).max(1.0)).min(0.9);
            if *negated { 1.0 - part } else { part }
        }
        Expr::IsNull { negated, .. } => {
            if *negated {
                0.95
            } else {
                0.05
            }
        }
        Expr::Call { function, .. } if function.name.contains("~~") => {
            if function.name.starts_with('!') {
                1.0 - PATTERN
            } else {
                PATTERN
            }
        }
        Expr::Call { function, .. }
            if share(function.name).is_some() && condition.as_comparison().is_none() =>
        {
            share(function.name).unwrap_or(0.5)
        }
        other => match other.as_comparison() {
            Some((Cmp::Eq, left, right)) => one_of(left, right, plan, rows),
            Some((Cmp::Ne, left, right)) => 1.0 - one_of(left, right, plan, rows),
            Some(_) => part_of_range(other, plan).map_or(COMPARISON, |(part, _)| part.max(LEAST)),
            None => 0.5,
        },
    }
}

fn one_of(left: &Expr, right: &Expr, plan: &Plan, rows: f64) -> f64 {
    1.0 / distinct_of(left, plan, rows).max(distinct_of(right, plan, rows)).max(1.0)
}

/// Conditions are independent, but for the two ends of one range.
fn conjunction(parts: &[Expr], plan: &Plan, rows: f64) -> f64 {
    let mut ranges: Vec<(usize, f64)> = Vec::new();
    let mut rest = 1.0;
    for part in parts {
        match part_of_range(part, plan) {
            Some((share, column)) => match ranges.iter_mut().find(|(held, _)| *held == column) {
                Some((_, held)) => *held += share - 1.0,
                None => ranges.push((column, share)),
            },
            None => rest *= selectivity(part, plan, rows),
        }
    }
    ranges.iter().map(|(_, share)| share.max(LEAST)).product::<f64>() * rest
}

/// The part of a column's range that a comparison with a constant leaves, and which column.
fn part_of_range(condition: &Expr, plan: &Plan) -> Option<(f64, usize)> {
    let range = comparison(condition)?;
    let Expr::Literal { value, .. } = &range.value else { return None };
    let (stats, column, _) = origin(plan, range.column)?;
    let (low, high) = stats.range(column)?;
    let (low, high, value) = (number(&low)?, number(&high)?, number(value)?);
    if high <= low {
        return None;
    }
    let below = ((value - low) / (high - low)).clamp(0.0, 1.0);
    match range.op {
        Cmp::Lt | Cmp::Le => Some((below, range.column)),
        Cmp::Gt | Cmp::Ge => Some((1.0 - below, range.column)),
        Cmp::Eq | Cmp::Ne => None,
    }
}
