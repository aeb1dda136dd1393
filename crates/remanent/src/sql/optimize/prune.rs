//! Columns that nobody reads are neither read nor computed nor carried.
//!
//! [`prune`] walks from the root with the columns that are needed of a node and answers with the node's replacement and
//! where each old column is now. A node may deliver more than was needed (a filter's own columns); the order of the
//! columns never changes, so that where all are needed nothing moves.

use crate::sql::expr::{EvalContext, Expr};
use crate::sql::plan::{AggregateCall, Plan, WithQuery};
use std::sync::Arc;

/// Prunes everything below the root, of which all columns are needed.
pub fn run(plan: Plan, _: &EvalContext<'_>) -> Plan {
    let all = vec![true; plan.width()];
    prune(plan, all).0
}

/// Where each column is now; [`GONE`] where it is not delivered any more.
type Moved = Vec<usize>;
const GONE: usize = usize::MAX;

fn prune(mut plan: Plan, needed: Vec<bool>) -> (Plan, Moved) {
    if let Plan::Scan { columns, row_ids, tested, .. } = &mut plan {
        let (kept, moved) = keep(std::mem::take(columns), &needed);
        (*columns, *tested) = (kept, 0);
        let (has_row_ids, moved) = keep_row_ids(*row_ids, columns.len(), &needed, moved);
        *row_ids = has_row_ids;
        return (plan, moved);
    }
    match plan {
        Plan::PointGet { table, alias, columns, key, row_ids } => {
            let (columns, moved) = keep(columns, &needed);
            let (row_ids, moved) = keep_row_ids(row_ids, columns.len(), &needed, moved);
            (Plan::PointGet { table, alias, columns, key, row_ids }, moved)
        }
        Plan::Values { rows, fields } if needed.contains(&false) => {
            let rows = rows.iter().map(|row| keep(row.clone(), &needed).0).collect();
            let (fields, moved) = keep(fields, &needed);
            (Plan::Values { rows: Arc::new(rows), fields }, moved)
        }
        Plan::Filter { input, mut predicate } => {
            let above = needed.clone();
            let (mut input, moved) = child(*input, needed, [&predicate]);
            remap(&mut predicate, &moved);
            if let Plan::Scan { tested, .. } = &mut input {
                for (&at, _) in moved.iter().zip(above).filter(|(at, needed)| !needed && **at < 64) {
                    *tested |= 1 << at;
                }
            }
            (Plan::Filter { input: Box::new(input), predicate }, moved)
        }
        Plan::Project { input, exprs, names } => {
            let (mut exprs, moved) = keep(exprs, &needed);
            let (names, _) = keep(names, &needed);
            let nothing = vec![false; input.width()];
            let (input, inner) = child(*input, nothing, &exprs);
            exprs.iter_mut().for_each(|expr| remap(expr, &inner));
            (Plan::Project { input: Box::new(input), exprs, names }, moved)
        }
        Plan::Join { .. } => join(plan, needed),
        Plan::Apply { .. } => apply(plan, needed),
        Plan::Asof { left, right, mut keys, mut by, op, outer, mut filter } => {
            let width = left.width();
            let mut both = needed;
            filter.iter().for_each(|filter| mark(&mut both, filter));
            let right_needed = both.split_off(width);
            let pairs = || keys.iter().chain([&by]);
            let (left, mut moved) = child(*left, both, pairs().map(|(left, _)| left));
            let (right, right_moved) = child(*right, right_needed, pairs().map(|(_, right)| right));
            for (l, r) in keys.iter_mut().chain([&mut by]) {
                remap(l, &moved);
                remap(r, &right_moved);
            }
            let start = left.width();
            moved.extend(right_moved.into_iter().map(|at| if at == GONE { GONE } else { start + at }));
            filter.iter_mut().for_each(|filter| remap(filter, &moved));
            (Plan::Asof { left: Box::new(left), right: Box::new(right), keys, by, op, outer, filter }, moved)
        }
        Plan::ProjectSet { input, mut calls } => {
            // How many rows there are depends on every call.
            let width = input.width();
            let mut below = needed;
            below.truncate(width);
            let (input, mut moved) = child(*input, below, calls.iter().flat_map(|call| &call.args));
            calls.iter_mut().flat_map(|call| &mut call.args).for_each(|arg| remap(arg, &moved));
            let start = input.width();
            moved.extend((0..calls.len()).map(|i| start + i));
            (Plan::ProjectSet { input: Box::new(input), calls }, moved)
        }
        Plan::Aggregate { input, group, aggregates, sets } => {
            aggregate(*input, group, aggregates, sets, &needed)
        }
        Plan::Window { input, mut partition, mut order, calls } => {
            let width = input.width();
            let (mut calls, kept) = keep(calls, needed.get(width..).unwrap_or_default());
            if calls.is_empty() {
                let (input, mut moved) = child(*input, needed[..width].to_vec(), []);
                moved.extend(kept);
                return (input, moved);
            }
            let order_exprs = order.iter().map(|key| &key.expr);
            let used = partition.iter().chain(order_exprs).chain(calls.iter().flat_map(|call| call.exprs()));
            let (input, mut moved) = child(*input, needed[..width].to_vec(), used);
            partition.iter_mut().for_each(|expr| remap(expr, &moved));
            order.iter_mut().for_each(|key| remap(&mut key.expr, &moved));
            calls.iter_mut().flat_map(|call| call.exprs_mut()).for_each(|expr| remap(expr, &moved));
            let start = input.width();
            moved.extend(kept.into_iter().map(|at| if at == GONE { GONE } else { start + at }));
            (Plan::Window { input: Box::new(input), partition, order, calls }, moved)
        }
        Plan::DistinctOn { input, mut keys } => {
            let (input, moved) = child(*input, needed, &keys);
            keys.iter_mut().for_each(|key| remap(key, &moved));
            (Plan::DistinctOn { input: Box::new(input), keys }, moved)
        }
        Plan::With { queries, input } => {
            let whole = |query: WithQuery| {
                let all = vec![true; query.plan.width()];
                WithQuery { plan: exactly(query.plan, &all), ..query }
            };
            let queries = queries.into_iter().map(whole).collect();
            let (input, moved) = prune(*input, needed);
            (Plan::With { queries, input: Box::new(input) }, moved)
        }
        Plan::Sort { input, mut keys } => {
            let (input, moved) = child(*input, needed, keys.iter().map(|key| &key.expr));
            keys.iter_mut().for_each(|key| remap(&mut key.expr, &moved));
            (Plan::Sort { input: Box::new(input), keys }, moved)
        }
        Plan::TopN { input, mut keys, limit, offset } => {
            let (input, moved) = child(*input, needed, keys.iter().map(|key| &key.expr));
            keys.iter_mut().for_each(|key| remap(&mut key.expr, &moved));
            (Plan::TopN { input: Box::new(input), keys, limit, offset }, moved)
        }
        Plan::Limit { input, limit, offset, mut ties } => {
            let (input, moved) = child(*input, needed, ties.iter().map(|key| &key.expr));
            ties.iter_mut().for_each(|key| remap(&mut key.expr, &moved));
            (Plan::Limit { input: Box::new(input), limit, offset, ties }, moved)
        }
        Plan::LockRows { input, mut tables, one_by_one } => {
            let mut needed = needed;
            let identity = tables.iter().flat_map(|lock| &lock.identity);
            identity.for_each(|&at| needed.get_mut(at).into_iter().for_each(|needed| *needed = true));
            let (input, moved) = prune(*input, needed);
            let places = tables.iter_mut().flat_map(|lock| &mut lock.identity);
            places.for_each(|at| *at = moved.get(*at).copied().unwrap_or(GONE));
            (Plan::LockRows { input: Box::new(input), tables, one_by_one }, moved)
        }
        Plan::Append { inputs } => {
            let inputs = inputs.into_iter().map(|input| exactly(input, &needed)).collect();
            let (_, moved) = keep(vec![(); needed.len()], &needed);
            (Plan::Append { inputs }, moved)
        }
        // Every column counts: rows are compared, stored or printed whole.
        other => {
            let plan = other.map_children(&mut |input| {
                let all = vec![true; input.width()];
                prune(input, all).0
            });
            let all = (0..needed.len()).collect();
            (plan, all)
        }
    }
}

/// A grouping needs all that makes its groups, but only the aggregates that are wanted.
fn aggregate(
    input: Plan,
    mut group: Vec<Expr>,
    aggregates: Vec<AggregateCall>,
    sets: Vec<Vec<bool>>,
    needed: &[bool],
) -> (Plan, Moved) {
    let (groups, all) = (group.len(), aggregates.len());
    let of_aggregates = needed.get(groups..groups + all).unwrap_or_default();
    let (mut aggregates, kept) = keep(aggregates, of_aggregates);
    let used = group.iter().chain(aggregates.iter().flat_map(|call| call.exprs()));
    let nothing = vec![false; input.width()];
    let (input, inner) = child(input, nothing, used);
    group.iter_mut().for_each(|expr| remap(expr, &inner));
    for call in &mut aggregates {
        call.exprs_mut().for_each(|expr| remap(expr, &inner));
    }
    let place = |at: usize| if at == GONE { GONE } else { groups + at };
    let mut moved: Moved = (0..groups).chain(kept.into_iter().map(place)).collect();
    moved.extend((!sets.is_empty()).then_some(groups + aggregates.len()));
    (Plan::Aggregate { input: Box::new(input), group, aggregates, sets }, moved)
}

/// The column behind the `columns` kept ones that says where a row lies stays where it is needed.
fn keep_row_ids(row_ids: bool, columns: usize, needed: &[bool], mut moved: Moved) -> (bool, Moved) {
    let row_ids = row_ids && needed.last() == Some(&true);
    moved.resize(needed.len(), GONE);
    if row_ids && let Some(last) = moved.last_mut() {
        *last = columns;
    }
    (row_ids, moved)
}

fn join(plan: Plan, needed: Vec<bool>) -> (Plan, Moved) {
    let Plan::Join { left, right, kind, mut keys, mut filter, build, output: None } = plan else {
        let all = (0..needed.len()).collect();
        return (plan, all);
    };
    let width = left.width();
    // The filter speaks of both sides, also where the right one is not delivered.
    let mut both = needed.clone();
    both.resize(width + right.width(), false);
    filter.iter().for_each(|filter| mark(&mut both, filter));
    let right_needed = both.split_off(width);
    let (left, left_moved) = child(*left, both, keys.iter().map(|(key, _)| key));
    let (right, right_moved) = child(*right, right_needed, keys.iter().map(|(_, key)| key));
    for (l, r) in &mut keys {
        remap(l, &left_moved);
        remap(r, &right_moved);
    }
    let start = left.width();
    let place = |at: usize| if at == GONE { GONE } else { start + at };
    let inner: Moved = left_moved.into_iter().chain(right_moved.into_iter().map(place)).collect();
    filter.iter_mut().for_each(|filter| remap(filter, &inner));
    let delivered = inner.into_iter().take(needed.len()).collect();
    let (output, moved) = keep(delivered, &needed);
    let all = if kind.delivers_right() { start + right.width() } else { start };
    let output = (output.len() < all).then_some(output);
    let (left, right) = (Box::new(left), Box::new(right));
    (Plan::Join { left, right, kind, keys, filter, build, output }, moved)
}

fn apply(plan: Plan, needed: Vec<bool>) -> (Plan, Moved) {
    let Plan::Apply { left, right, mut args, outer, mut filter } = plan else {
        let all = (0..needed.len()).collect();
        return (plan, all);
    };
    let width = left.width();
    let mut both = needed;
    filter.iter().for_each(|filter| mark(&mut both, filter));
    let right_needed = both.split_off(width);
    let (left, mut moved) = child(*left, both, args.iter().map(|(_, arg)| arg));
    args.iter_mut().for_each(|(_, arg)| remap(arg, &moved));
    let (right, right_moved) = prune(*right, right_needed);
    let start = left.width();
    moved.extend(right_moved.into_iter().map(|at| if at == GONE { GONE } else { start + at }));
    filter.iter_mut().for_each(|filter| remap(filter, &moved));
    (Plan::Apply { left: Box::new(left), right: Box::new(right), args, outer, filter }, moved)
}

/// Prunes an input of which these columns are needed, and those of these expressions.
fn child<'e>(input: Plan, mut needed: Vec<bool>, exprs: impl IntoIterator<Item = &'e Expr>) -> (Plan, Moved) {
    exprs.into_iter().for_each(|expr| mark(&mut needed, expr));
    prune(input, needed)
}

/// A plan that delivers the needed columns and no other.
fn exactly(plan: Plan, needed: &[bool]) -> Plan {
    let fields = plan.fields();
    let (plan, moved) = prune(plan, needed.to_vec());
    let kept: Vec<usize> = (0..needed.len()).filter(|&i| needed[i]).collect();
    if plan.width() == kept.len() {
        return plan;
    }
    let exprs = kept.iter().map(|&i| Expr::column(moved[i], fields[i].ty)).collect();
    let names = kept.iter().map(|&i| fields[i].name.clone()).collect();
    Plan::Project { input: Box::new(plan), exprs, names }
}

fn mark(needed: &mut [bool], expr: &Expr) {
    expr.walk(&mut |part| {
        if let Expr::Column { index, .. } = part
            && let Some(needed) = needed.get_mut(*index)
        {
            *needed = true;
        }
    });
}

fn remap(expr: &mut Expr, moved: &Moved) {
    expr.remap(&|column| moved.get(column).copied().unwrap_or(GONE));
}

/// The items that are needed, and where each is now.
fn keep<T>(items: Vec<T>, needed: &[bool]) -> (Vec<T>, Moved) {
    let (mut kept, mut moved) = (Vec::with_capacity(items.len()), Vec::with_capacity(items.len()));
    for (i, item) in items.into_iter().enumerate() {
        match needed.get(i) {
            Some(false) => moved.push(GONE),
            _ => {
                moved.push(kept.len());
                kept.push(item);
            }
        }
    }
    (kept, moved)
}
