//! What a column without a name keeps is read rather than computed, where computing it takes long: `to_tsvector` of a table that
//! has an index on it.
//!
//! Only below projections and groupings, which say which columns come out; what stands between them and the scan is a condition
//! at most.

use crate::sql::expr::{EvalContext, Expr};
use crate::sql::plan::{AggregateCall, Plan};
use remanent_storage::value::Type;
use remanent_storage::value::kinds::Kind;

/// Puts columns in the place of what they keep.
pub fn run(plan: Plan, ctx: &EvalContext<'_>) -> Plan {
    if !ctx.planner.index_scans {
        return plan;
    }
    plan.transform(&mut |node| match node {
        Plan::Project { mut input, mut exprs, names } => {
            let mut own: Vec<&mut Expr> = exprs.iter_mut().collect();
            replace(&mut input, &mut own);
            Plan::Project { input, exprs, names }
        }
        Plan::Aggregate { mut input, mut group, mut aggregates, sets } => {
            let calls = aggregates.iter_mut().flat_map(AggregateCall::exprs_mut);
            let mut own: Vec<&mut Expr> = group.iter_mut().chain(calls).collect();
            replace(&mut input, &mut own);
            Plan::Aggregate { input, group, aggregates, sets }
        }
        other => other,
    })
}

fn replace(input: &mut Plan, exprs: &mut [&mut Expr]) {
    let (scan, mut predicate) = match input {
        Plan::Filter { input, predicate } => (&mut **input, Some(predicate)),
        other => (other, None),
    };
    let Plan::Scan { columns, row_ids: false, indexes: Some(indexes), .. } = scan else { return };
    for (position, kept) in &indexes.kept {
        if kept.ty() != Type::Other(Kind::TsVector, 0) || matches!(kept, Expr::Column { .. }) {
            continue;
        }
        let place = |column: usize| columns.iter().position(|&at| at == column);
        if kept.columns_used().into_iter().any(|column| place(column).is_none()) {
            continue;
        }
        let here = kept.clone().remap_columns(&|column| place(column).unwrap_or(column));
        let mut all = exprs.iter().map(|expr| &**expr).chain(predicate.as_deref());
        if !all.any(|expr| expr.any(&mut |part| *part == here)) {
            continue;
        }
        let at = place(*position).unwrap_or_else(|| {
            columns.push(*position);
            columns.len() - 1
        });
        for expr in exprs.iter_mut().map(|expr| &mut **expr).chain(predicate.as_deref_mut()) {
            let taken = std::mem::replace(expr, Expr::Unknown { text: None, at: 0 });
            *expr = taken.transform(&mut |part| match part == here {
                true => Expr::column(at, kept.ty()),
                false => part,
            });
        }
    }
}
