//! One row of each series: DISTINCT ON with ORDER BY, `last(value, time)`, `max(time)` and their kin under GROUP BY, DISTINCT.
//!
//! Where an index or the primary key begins with the columns of the series and goes on with the order, the scan walks it and leaps
//! from the first row of a series to the next series ([`IndexOrder::groups`]):
//!
//! ```text
//! SELECT DISTINCT ON (sensor) sensor, at, v FROM imu ORDER BY sensor, at DESC          primary key (sensor, at)
//!
//! Unique
//!   Sort                                                  a row of each sensor
//!     Index Scan Backward using imu_pkey                  c 9 ← leap ─ b 7 ← leap ─ a 8
//! ```
//!
//! The nodes above stay as they are; they see fewer rows. A condition must speak of the series, or say where the time begins
//! (ends, for the first row): of what it leaves of a series the row that is delivered is one, or it leaves nothing.
//!
//! Limits: the time must be NOT NULL where an aggregate leaves out NULLs.

use super::access::{Known, direction};
use super::estimate;
use super::ranges::comparison;
use crate::sql::expr::{EvalContext, Expr};
use crate::sql::functions::Cmp;
use crate::sql::plan::{Access, AggregateCall, IndexOrder, Plan, SortKey};
use remanent_storage::index::IndexDef;
use remanent_storage::table::TableDef;
use std::sync::Arc;

/// Leaping to a series costs as much as so many rows of a scan.
const LEAP: f64 = 100.0;

/// Which row of which series, in terms of a plan's columns.
struct Wanted {
    /// What makes a series.
    series: Vec<Expr>,
    /// The first row in this order.
    order: Vec<SortKey>,
    /// Rows without a time do not count.
    timed: bool,
}

/// The input of DISTINCT ON.
pub fn of_rows(input: Plan, series: &[Expr], ctx: &EvalContext<'_>) -> Plan {
    match input {
        Plan::Sort { input, keys } => {
            let order = keys.iter().filter(|key| !series.contains(&key.expr)).cloned().collect();
            let wanted = Wanted { series: series.to_vec(), order, timed: false };
            Plan::Sort { input: Box::new(narrowed(*input, &wanted, &[], ctx)), keys }
        }
        other => other,
    }
}

/// The input of DISTINCT.
pub fn of_distinct(input: Plan, ctx: &EvalContext<'_>) -> Plan {
    let fields = input.fields();
    let series = fields.iter().enumerate().map(|(i, field)| Expr::column(i, field.ty)).collect();
    narrowed(input, &Wanted { series, order: Vec::new(), timed: false }, &[], ctx)
}

/// The input of a grouping.
pub fn of_groups(input: Plan, group: &[Expr], calls: &[AggregateCall], ctx: &EvalContext<'_>) -> Plan {
    let Some(order) = order_of(calls) else { return input };
    let wanted = Wanted { series: group.to_vec(), timed: !order.is_empty(), order };
    narrowed(input, &wanted, &[], ctx)
}

/// The one order whose first row is all that some aggregates look at; None: there is none.
pub fn order_of(calls: &[AggregateCall]) -> Option<Vec<SortKey>> {
    let mut order: Option<SortKey> = None;
    for call in calls {
        if call.distinct || call.filter.is_some() || !call.order.is_empty() {
            return None;
        }
        let (time, descending) = match (call.aggregate.function.name, call.aggregate.args.as_slice()) {
            ("min", [time]) | ("first", [_, time]) => (time, false),
            ("max", [time]) | ("last", [_, time]) => (time, true),
            _ => return None,
        };
        let key = SortKey { expr: time.clone(), descending, nulls_first: descending };
        if !matches!(time, Expr::Column { .. }) || order.as_ref().is_some_and(|held| *held != key) {
            return None;
        }
        order = Some(key);
    }
    Some(order.into_iter().collect())
}

/// The same rows of a plan, or fewer of each series: the one that is wanted among them.
fn narrowed(plan: Plan, wanted: &Wanted, conjuncts: &[Expr], ctx: &EvalContext<'_>) -> Plan {
    match plan {
        Plan::Filter { input, predicate } if conjuncts.is_empty() => {
            let conjuncts = predicate.clone().into_conjuncts();
            Plan::Filter { input: Box::new(narrowed(*input, wanted, &conjuncts, ctx)), predicate }
        }
        Plan::Project { input, exprs, names } if conjuncts.is_empty() => {
            let below = |expr: &Expr| match expr {
                Expr::Column { index, .. } => exprs.get(*index).cloned(),
                _ => None,
            };
            let series = wanted.series.iter().map(below).collect::<Option<Vec<_>>>();
            let order =
                wanted.order.iter().map(|key| Some(SortKey { expr: below(&key.expr)?, ..key.clone() }));
            let input = match (series, order.collect::<Option<Vec<_>>>()) {
                (Some(series), Some(order)) => {
                    narrowed(*input, &Wanted { series, order, timed: wanted.timed }, &[], ctx)
                }
                _ => *input,
            };
            Plan::Project { input: Box::new(input), exprs, names }
        }
        Plan::Scan { .. } => leaping(plan, wanted, conjuncts, ctx),
        other => other,
    }
}

fn leaping(mut scan: Plan, wanted: &Wanted, conjuncts: &[Expr], ctx: &EvalContext<'_>) -> Plan {
    let all = estimate::rows(&scan);
    let series: f64 = wanted.series.iter().map(|expr| estimate::distinct_of(expr, &scan, all)).product();
    let Plan::Scan { table, columns, stats, indexes: Some(indexes), access, .. } = &mut scan else {
        return scan;
    };
    if series * LEAP > stats.rows as f64 && ctx.planner.seq_scans {
        return scan;
    }
    let known = Known::new(columns, indexes, conjuncts);
    let mut defs = indexes.defs.iter().filter(|def| def.is_sorted() && known.implies(def));
    // Conditions that an index was to be asked for are about series: there are no fewer rows.
    if let Some(found) = defs.find_map(|def| walk(def, table, &known, wanted, conjuncts)) {
        *access = Some(Box::new(found));
    }
    scan
}

/// The walk over an index that delivers a row of each series.
fn walk(
    def: &Arc<IndexDef>,
    table: &TableDef,
    known: &Known,
    wanted: &Wanted,
    conjuncts: &[Expr],
) -> Option<Access> {
    let place = |expr: &Expr| match known.named(expr) {
        Expr::Column { index, .. } => known.column(index),
        _ => None,
    };
    let pinned = known.pinned(def);
    let single = pinned.equal.iter().all(|equal| equal.count() == 1);
    let pinned = if single { pinned } else { Access::all(def) };
    let (fixed, free) = def.columns.split_at(pinned.equal.len());
    let series = wanted.series.iter().map(place).collect::<Option<Vec<usize>>>()?;
    let mut named: Vec<usize> = series.into_iter().filter(|column| !fixed.contains(column)).collect();
    remanent_kernels::sort::sort_by(&mut named, &Ord::cmp);
    named.dedup();
    let groups = fixed.len() + named.len();
    let begins = free.get(..named.len())?.iter().all(|column| named.contains(column));
    if !begins || groups == 0 {
        return None;
    }
    let keys: Vec<SortKey> =
        wanted.order.iter().map(|key| SortKey { expr: known.named(&key.expr), ..key.clone() }).collect();
    let in_series = |column: usize| def.columns.iter().take(groups).any(|held| *held == column);
    let free_key = |key: &&SortKey| !place(&key.expr).is_some_and(in_series);
    let keys: Vec<&SortKey> = keys.iter().filter(free_key).collect();
    let backward = direction(def, table, known.columns(), &keys, groups)?;
    let time = keys.first().and_then(|key| place(&key.expr));
    let has_time = |time: usize| table.columns.get(time).is_some_and(|column| column.not_null);
    if wanted.timed && !time.is_none_or(has_time) {
        return None;
    }
    let descending = keys.first().is_some_and(|key| key.descending);
    let safe = |part: &Expr| {
        let of_series =
            part.columns_used().into_iter().all(|index| known.column(index).is_some_and(in_series));
        let of_time = || {
            let Some(range) = comparison(part) else { return false };
            let opens = match range.op {
                Cmp::Gt | Cmp::Ge => descending,
                Cmp::Lt | Cmp::Le => !descending,
                _ => false,
            };
            opens && time.is_some() && known.column(range.column) == time && time.is_some_and(has_time)
        };
        !part.is_volatile() && (of_series || of_time())
    };
    if !conjuncts.iter().all(safe) {
        return None;
    }
    let order = IndexOrder { backward, groups, keys: Vec::new() };
    Some(Access { order: Some(order), ..pinned })
}
