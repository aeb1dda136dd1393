//! Scans that find their rows by an index.
//!
//! Two questions are asked of each index of a table:
//!
//! - *Which rows*: conditions that say what its first columns are equal to, and between which ends the next lies. The index
//!   that names the fewest rows is taken where those are few ([`SHARE`]). Its parts are asked how many they are as far as
//!   the values are known; otherwise the average number of rows of a key is taken.
//! - *In which order*: an ORDER BY with LIMIT that is the order of an index, forward or backward, walks the index and stops
//!   early, where that visits few rows of a large table ([`WALK`]).
//!
//! The filter stays above the scan: an index names a superset of the rows, never less.

use super::estimate;
use super::ranges::{comparison, conditions};
use crate::sql::expr::{EvalContext, Expr};
use crate::sql::functions::Cmp;
use crate::sql::plan::access::spans;
use crate::sql::plan::{Access, IndexOrder, Plan, RangeCond, SortKey, TableIndexes};
use remanent_storage::index::{IndexDef, KeySpan};
use remanent_storage::table::IndexProbe;
use remanent_storage::value::Value;
use std::sync::Arc;

/// One row in so many, at most, is found by an index.
pub const SHARE: f64 = 10.0;
/// A row that is read by a walk over an index costs as much as so many of a scan.
const WALK: f64 = 100.0;
/// So many values of an IN list, at most, are looked up one by one.
const LIST_MAX: usize = 1000;

/// Finds the scans that use an index.
pub fn run(plan: Plan, ctx: &EvalContext<'_>) -> Plan {
    plan.transform(&mut |node| match node {
        Plan::Filter { input, predicate } => {
            Plan::Filter { input: Box::new(by_index(*input, &predicate, ctx)), predicate }
        }
        Plan::TopN { input, keys, limit, offset } => walk(*input, keys, limit, offset),
        other => other,
    })
}

/// A scan under a condition.
fn by_index(input: Plan, predicate: &Expr, ctx: &EvalContext<'_>) -> Plan {
    let Plan::Scan { table, alias, columns, ranges, row_ids, stats, indexes: Some(indexes), access: None } =
        input
    else {
        return input;
    };
    let conjuncts = predicate.clone().into_conjuncts();
    let known = |def: &Arc<IndexDef>| access_of(def, &columns, &conjuncts);
    let candidates = indexes.defs.iter().filter_map(known);
    let priced = candidates.filter_map(|access| Some((rows(&access, &indexes, stats.rows, ctx)?, access)));
    let best = priced.min_by(|a, b| a.0.total_cmp(&b.0));
    let few = |rows: f64| rows * SHARE <= (stats.rows as f64).max(1000.0);
    let access = best.filter(|(rows, _)| few(*rows)).map(|(_, access)| Box::new(access));
    Plan::Scan { table, alias, columns, ranges, row_ids, stats, indexes: Some(indexes), access }
}

/// What conditions say of the first columns of an index; None: nothing.
fn access_of(def: &Arc<IndexDef>, columns: &[usize], conjuncts: &[Expr]) -> Option<Access> {
    let mut found = Access { index: Arc::clone(def), equal: Vec::new(), low: None, high: None, order: None };
    let mut values = 1;
    for &column in &def.columns {
        let here = |index: usize| columns.get(index) == Some(&column);
        if let Some(list) = conjuncts.iter().find_map(|part| equal(part, &here)) {
            values *= list.len();
            if values > LIST_MAX {
                break;
            }
            found.equal.push(list);
            continue;
        }
        for range in conjuncts.iter().flat_map(conditions).filter(|range| here(range.column)) {
            let RangeCond { op, value, .. } = range;
            match op {
                Cmp::Gt | Cmp::Ge => found.low = found.low.or(Some((op == Cmp::Ge, value))),
                Cmp::Lt | Cmp::Le => found.high = found.high.or(Some((op == Cmp::Le, value))),
                Cmp::Eq | Cmp::Ne => {}
            }
        }
        break;
    }
    let says = !found.equal.is_empty() || found.low.is_some() || found.high.is_some();
    says.then_some(found)
}

/// The values that a condition allows for a column: `=`, IN.
fn equal(condition: &Expr, here: &dyn Fn(usize) -> bool) -> Option<Vec<Expr>> {
    if let Some(range) = comparison(condition).filter(|range| range.op == Cmp::Eq && here(range.column)) {
        return Some(vec![range.value]);
    }
    match condition {
        Expr::In { expr, list, negated: false } => match expr.as_ref() {
            Expr::Column { index, ty } if here(*index) => {
                let literal = |item: &Expr| match item {
                    Expr::Literal { ty: of, .. } => super::ranges::comparable(*ty, *of).then(|| item.clone()),
                    _ => None,
                };
                list.iter().map(literal).collect()
            }
            _ => None,
        },
        _ => None,
    }
}

/// About how many rows an access names; None where that cannot be said.
fn rows(access: &Access, indexes: &TableIndexes, table_rows: u64, ctx: &EvalContext<'_>) -> Option<f64> {
    let literal = |expr: &Expr| matches!(expr, Expr::Literal { .. });
    if access.exprs().all(literal) {
        let Ok(spans) = spans(access, ctx) else { return None };
        let probe = IndexProbe { index: Arc::clone(&access.index), spans };
        return indexes.estimate(&probe).map(|estimate| estimate.rows);
    }
    let probe = IndexProbe { index: Arc::clone(&access.index), spans: vec![KeySpan::default()] };
    let estimate = indexes.estimate(&probe)?;
    let all = estimate.all.max(table_rows as f64).max(1.0);
    let (width, equal) = (access.index.columns.len() as f64, access.equal.len() as f64);
    let distinct = match access.index.unique && access.equal.len() == access.index.columns.len() {
        true => all,
        false => estimate.distinct.max(1.0).powf(equal / width),
    };
    let lists: usize = access.equal.iter().map(Vec::len).product();
    let ends = [&access.low, &access.high].iter().filter(|end| end.is_some()).count();
    Some(all / distinct * lists as f64 * 0.2f64.powi(ends as i32))
}

/// ORDER BY with LIMIT.
fn walk(input: Plan, keys: Vec<SortKey>, limit: Expr, offset: Option<Expr>) -> Plan {
    let bounded = |expr: &Expr| match expr {
        Expr::Literal { value: Value::Int8(n), .. } => Some(*n as f64),
        _ => None,
    };
    let wanted = bounded(&limit).zip(offset.as_ref().map_or(Some(0.0), bounded)).map(|(a, b)| a + b);
    let Some(wanted) = wanted else { return Plan::TopN { input: Box::new(input), keys, limit, offset } };
    let share = (estimate::rows(&input) / bottom_rows(&input).max(1.0)).clamp(1e-9, 1.0);
    match ordered(input, &keys, wanted / share, &[]) {
        Ok(input) => Plan::Limit { input: Box::new(input), limit: Some(limit), offset, ties: Vec::new() },
        Err(input) => Plan::TopN { input: Box::new(input), keys, limit, offset },
    }
}

fn bottom_rows(plan: &Plan) -> f64 {
    match plan {
        Plan::Filter { input, .. } | Plan::Project { input, .. } => bottom_rows(input),
        other => estimate::rows(other),
    }
}

/// The same rows in the order of `keys`, if an index has it and `visited` rows are few; Err: as it was.
fn ordered(plan: Plan, keys: &[SortKey], visited: f64, conjuncts: &[Expr]) -> Result<Plan, Plan> {
    match plan {
        Plan::Filter { input, predicate } => {
            let conjuncts = predicate.clone().into_conjuncts();
            match ordered(*input, keys, visited, &conjuncts) {
                Ok(input) => Ok(Plan::Filter { input: Box::new(input), predicate }),
                Err(input) => Err(Plan::Filter { input: Box::new(input), predicate }),
            }
        }
        Plan::Project { input, exprs, names } => {
            let below = |key: &SortKey| match &key.expr {
                Expr::Column { index, .. } => {
                    Some(SortKey { expr: exprs.get(*index)?.clone(), ..key.clone() })
                }
                _ => None,
            };
            let done = match keys.iter().map(below).collect::<Option<Vec<_>>>() {
                Some(keys) => ordered(*input, &keys, visited, &[]),
                None => Err(*input),
            };
            match done {
                Ok(input) => Ok(Plan::Project { input: Box::new(input), exprs, names }),
                Err(input) => Err(Plan::Project { input: Box::new(input), exprs, names }),
            }
        }
        Plan::Scan { table, alias, columns, ranges, row_ids, stats, indexes, access } => {
            let walked = |def: &Arc<IndexDef>| {
                let single = |access: &Access| access.equal.iter().all(|list| list.len() == 1);
                let pinned = access_of(def, &columns, conjuncts).filter(single);
                let empty = || Access {
                    index: Arc::clone(def),
                    equal: Vec::new(),
                    low: None,
                    high: None,
                    order: None,
                };
                let pinned = pinned.unwrap_or_else(empty);
                let backward = direction(def, &columns, keys, pinned.equal.len())?;
                Some(Box::new(Access { order: Some(IndexOrder { backward, keys: keys.to_vec() }), ..pinned }))
            };
            let order = match (&indexes, &access) {
                (Some(indexes), None) if visited * WALK <= stats.rows as f64 => {
                    indexes.defs.iter().find_map(walked)
                }
                (_, Some(access)) => walked(&access.index),
                _ => None,
            };
            let found = order.is_some();
            let access = order.or(access);
            let scan = Plan::Scan { table, alias, columns, ranges, row_ids, stats, indexes, access };
            if found { Ok(scan) } else { Err(scan) }
        }
        other => Err(other),
    }
}

/// In which direction an index has the order of `keys` behind its first `skip` columns; true: backward.
fn direction(def: &IndexDef, columns: &[usize], keys: &[SortKey], skip: usize) -> Option<bool> {
    let mut rest = def.columns.iter().zip(&def.orders).skip(skip);
    let mut direction = None;
    for key in keys {
        let (&column, order) = rest.next()?;
        let Expr::Column { index, .. } = &key.expr else { return None };
        let backward = key.descending != order.descending;
        let same = columns.get(*index) == Some(&column)
            && (key.nulls_first != order.nulls_first) == backward
            && *direction.get_or_insert(backward) == backward;
        if !same {
            return None;
        }
    }
    direction
}
