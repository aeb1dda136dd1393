//! ORDER BY with LIMIT that an index ranks: the scan delivers little more than the rows that come first.
//!
//! The order is one operator or function of a column and what is constant, or a sum of some of one index's columns, which a line of
//! [`RANKINGS`](crate::sql::plan::strategy::RANKINGS) knows for an index of the table. Conditions stay: the scan applies them before
//! the index ranks what is left, so as many rows come out as there would be without the index. The rows' order is made again
//! above, exactly, and where a segment has no part of the index all of its rows are delivered. Where the index says the very value that
//! is ordered by, it comes with the rows and is not computed again ([`hand_up`]).
//!
//! Not where the condition may say something else each time it is asked, nor over joins.

use crate::sql::expr::{EvalContext, Expr};
use crate::sql::plan::access::Score;
use crate::sql::plan::strategy::{Ranking, rankings};
use crate::sql::plan::{Plan, Ranked, RankedTerm, SortKey};
use remanent_storage::index::IndexDef;
use std::sync::Arc;

/// Finds scans whose first rows an index knows.
pub fn run(plan: Plan, ctx: &EvalContext<'_>) -> Plan {
    if !ctx.planner.index_scans {
        return plan;
    }
    plan.transform(&mut |node| match node {
        Plan::TopN { mut input, keys, limit, offset } => {
            if let [key] = keys.as_slice()
                && let Some(value) = rank(&mut input, key, &key.expr, &limit, offset.as_ref())
            {
                hand_up(&mut input, &value);
            }
            Plan::TopN { input, keys, limit, offset }
        }
        other => other,
    })
}

/// Has an index rank a scan; what is ranked by, over the scan's columns, where the index says that of the first rows.
fn rank(plan: &mut Plan, key: &SortKey, expr: &Expr, limit: &Expr, offset: Option<&Expr>) -> Option<Expr> {
    match plan {
        Plan::Project { input, exprs, .. } => {
            if exprs.iter().any(Expr::is_volatile) {
                return None;
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
            if reads { rank(input, key, &below, limit, offset) } else { None }
        }
        Plan::Filter { input, predicate } if !predicate.is_volatile() => match input.as_ref() {
            Plan::Scan { .. } => rank(input, key, expr, limit, offset),
            _ => None,
        },
        Plan::Scan { columns, indexes: Some(indexes), access, ranked, .. } => {
            if access.as_ref().is_some_and(|access| access.order.is_some()) {
                return None;
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
                let found = Ranked { index, ranking, terms, limit, offset, score: None };
                (ordered && (alone || ranking.adds)).then_some((found, alone && ranking.exact))
            });
            let says = found.as_ref().is_some_and(|(_, says)| *says);
            *ranked = found.map(|(found, _)| Box::new(found));
            says.then(|| expr.clone())
        }
        _ => None,
    }
}

/// What a projection over a scan computes of a value that the index says is read of the scan, which need not read then what only that
/// is computed of. A sum is not, as it may be rounded in another order.
fn hand_up(plan: &mut Plan, value: &Expr) {
    let Plan::Project { input, exprs, .. } = plan else { return };
    let scan = match input.as_mut() {
        Plan::Filter { input, .. } => input.as_mut(),
        other => other,
    };
    let at = scan.width();
    let Plan::Scan { columns, ranked: Some(ranked), .. } = scan else { return };
    for expr in exprs.iter_mut() {
        let taken = std::mem::replace(expr, Expr::Unknown { text: None, at: 0 });
        *expr = taken.transform(&mut |part| if part == *value { Expr::column(at, value.ty()) } else { part });
    }
    let mut spared = 0;
    for column in 0..columns.len().min(64) {
        if !exprs.iter().any(|expr| expr.columns_used().contains(&column)) {
            spared |= 1 << column;
        }
    }
    ranked.score = Some(Score { expr: value.clone(), spared });
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
