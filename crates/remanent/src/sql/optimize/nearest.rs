//! ORDER BY with LIMIT that an index ranks: the scan delivers little more than the rows that come first.
//!
//! The order is one operator or function of a column and what is constant, or a sum of some of one index's columns, which a line of
//! [`RANKINGS`](crate::sql::plan::strategy::RANKINGS) knows for an index of the table. Conditions stay: the scan applies them before
//! the index ranks what is left, so as many rows come out as there would be without the index. Where a segment has no part of the
//! index all of its rows are delivered, and the rows' order is made above.
//!
//! What the rows are ordered by is a last column of the scan, which the index knows exactly or the scan computes, and a projection
//! comes after the first rows are chosen:
//!
//! ```text
//!   TopN by at <-> $1                     Project id
//!     Project id, at <-> $1     becomes     TopN by #2
//!       Scan id, at                           Scan id, at, the value of at <-> $1
//! ```
//!
//! Not where the condition may say something else each time it is asked, nor over joins.

use super::push_filters::inline;
use crate::sql::expr::{EvalContext, Expr};
use crate::sql::plan::strategy::{Ranking, rankings};
use crate::sql::plan::{Plan, Ranked, RankedTerm, SortKey};
use remanent_storage::index::IndexDef;
use remanent_storage::value::Type;
use std::sync::Arc;

/// Finds scans whose first rows an index knows.
pub fn run(plan: Plan, ctx: &EvalContext<'_>) -> Plan {
    if !ctx.planner.index_scans {
        return plan;
    }
    let mut scored = false;
    let plan = plan.transform(&mut |node| match node {
        Plan::TopN { mut input, keys, limit, offset } => {
            if let [key] = keys.as_slice() {
                rank(&mut input, key, &key.expr, &limit, offset.as_ref());
                if let Some((rows, exprs, names)) = score(&mut input, &key.expr) {
                    scored = true;
                    let expr = Expr::column(rows.width() - 1, Type::Float8);
                    let keys = vec![SortKey { expr, ..*key }];
                    let first = Plan::TopN { input: Box::new(rows), keys, limit, offset };
                    return Plan::Project { input: Box::new(first), exprs, names };
                }
            }
            Plan::TopN { input, keys, limit, offset }
        }
        other => other,
    });
    // The new projections may stand below others.
    if scored { super::merge_projects::run(plan, ctx) } else { plan }
}

/// Has a ranked scan deliver what it is ordered by: the scan with its filter, and the expressions and names of a projection of that
/// which delivers what `plan` did. None: `plan` is something else, and as it was.
fn score(plan: &mut Plan, key: &Expr) -> Option<(Plan, Vec<Expr>, Vec<String>)> {
    let (rows, value, given) = match plan {
        Plan::Project { input, exprs, names } => {
            (&mut **input, inline(key.clone(), exprs), Some((exprs, names)))
        }
        rows => (rows, key.clone(), None),
    };
    let (width, mut read) = (rows.width(), 0);
    let scan = match &*rows {
        Plan::Filter { input, predicate } => {
            read |= columns(predicate);
            input
        }
        scan => scan,
    };
    if !matches!(scan, Plan::Scan { ranked: Some(_), .. }) || value.ty() != Type::Float8 {
        return None;
    }
    let (mut exprs, names) = match given {
        Some((exprs, names)) => (std::mem::take(exprs), std::mem::take(names)),
        None => {
            let fields = rows.fields().into_iter().enumerate();
            fields.map(|(i, field)| (Expr::column(i, field.ty), field.name)).unzip()
        }
    };
    for expr in &mut exprs {
        let taken = std::mem::replace(expr, Expr::Unknown { text: None, at: 0 });
        *expr = taken.transform(&mut |part| match part == value {
            true => Expr::column(width, Type::Float8),
            false => part,
        });
        read |= columns(expr);
    }
    let nothing = Plan::Values { rows: Arc::default(), fields: Vec::new() };
    let mut rows = std::mem::replace(rows, nothing);
    let scan = match &mut rows {
        Plan::Filter { input, .. } => input,
        scan => scan,
    };
    if let Plan::Scan { ranked: Some(ranked), .. } = scan {
        ranked.spared = columns(&value) & !read;
        ranked.value = Some(Arc::new(value));
    }
    Some((rows, exprs, names))
}

/// Those of the first 64 columns, by bits, that an expression reads.
fn columns(expr: &Expr) -> u64 {
    expr.columns_used().into_iter().filter(|column| *column < 64).fold(0, |bits, column| bits | 1 << column)
}

fn rank(plan: &mut Plan, key: &SortKey, expr: &Expr, limit: &Expr, offset: Option<&Expr>) {
    match plan {
        Plan::Project { input, exprs, .. } => {
            if exprs.iter().any(Expr::is_volatile) {
                return;
            }
            // What the projection computes is ordered by, or columns that it hands on are.
            let mut reads = true;
            let below = expr.clone().transform(&mut |part| match part {
                Expr::Column { index, .. } => match exprs.get(index) {
                    Some(expr) => expr.clone(),
                    None => {
                        reads = false;
                        part
                    }
                },
                other => other,
            });
            if reads {
                rank(input, key, &below, limit, offset);
            }
        }
        Plan::Filter { input, predicate } if !predicate.is_volatile() => {
            if matches!(input.as_ref(), Plan::Scan { .. }) {
                rank(input, key, expr, limit, offset);
            }
        }
        Plan::Scan { columns, indexes: Some(indexes), access, ranked, .. } => {
            if access.as_ref().is_some_and(|access| access.order.is_some()) {
                return;
            }
            let mut sum = Vec::new();
            added(expr, &mut sum);
            let found = indexes.defs.iter().filter(|def| def.filter.is_none()).find_map(|def| {
                let mut found = None;
                let terms = sum.iter().map(|(weight, value)| {
                    let (ranking, term) = term(def, value, *weight, columns)?;
                    let same = std::ptr::eq(*found.get_or_insert(ranking), ranking);
                    same.then_some(term)
                });
                let terms = terms.collect::<Option<Vec<RankedTerm>>>()?;
                let ranking = found?;
                // What ranks the greatest first is never NULL.
                let ordered =
                    ranking.descending == key.descending && (ranking.descending || !key.nulls_first);
                let alone = terms.len() == 1 && terms.iter().all(|term| term.weight.is_none());
                let (limit, offset) = (limit.clone(), offset.cloned());
                let index = Arc::clone(def);
                (ordered && (alone || ranking.adds)).then(|| Ranked {
                    index,
                    ranking,
                    terms,
                    limit,
                    offset,
                    value: None,
                    spared: 0,
                })
            });
            *ranked = found.map(Box::new);
        }
        _ => {}
    }
}

/// What a sum is of: values, and what they are multiplied by.
fn added<'a>(expr: &'a Expr, out: &mut Vec<(Option<&'a Expr>, &'a Expr)>) {
    let Expr::Call { function, args, .. } = expr else { return out.push((None, expr)) };
    match (function.name, args.as_slice()) {
        ("+", [left, right]) => {
            added(left, out);
            added(right, out);
        }
        ("*", [weight, value]) | ("*", [value, weight]) if weight.is_constant() && !value.is_constant() => {
            out.push((Some(weight), value));
        }
        _ => out.push((None, expr)),
    }
}

/// A value that an index ranks by, of a scan with these columns.
fn term(
    def: &IndexDef,
    value: &Expr,
    weight: Option<&Expr>,
    columns: &[usize],
) -> Option<(&'static Ranking, RankedTerm)> {
    let Expr::Call { function, args, .. } = value else { return None };
    def.columns.iter().enumerate().find_map(|(i, column)| {
        let is_column = |arg: &Expr| match arg {
            Expr::Column { index, .. } => columns.get(*index) == Some(column),
            _ => false,
        };
        let ranking = rankings(def, i, function.name).next()?;
        let mut others = args.clone();
        others.remove(args.iter().position(is_column)?);
        let fits = others.len() == ranking.others && others.iter().all(Expr::is_constant);
        fits.then(|| (ranking, RankedTerm { weight: weight.cloned(), column: i, args: others }))
    })
}
