//! `bm25_corpus` of a whole table that an index counts: only rows of segments without a part of the index are read.
//!
//! Where the query has words with weights, or ones longer than an index tells apart, it cannot; that is known when it runs.

use crate::sql::expr::EvalContext;
use crate::sql::plan::{AggregateCall, Counted, Plan};
use remanent_storage::index::kind;
use std::sync::Arc;

/// Finds such groupings.
pub fn run(plan: Plan, ctx: &EvalContext<'_>) -> Plan {
    if !ctx.planner.index_scans {
        return plan;
    }
    plan.transform(&mut |mut node| {
        if let Plan::Aggregate { input, group, aggregates, sets } = &mut node
            && group.is_empty()
            && sets.is_empty()
            && let [call] = aggregates.as_slice()
        {
            count(input, call);
        }
        node
    })
}

fn count(input: &mut Plan, call: &AggregateCall) {
    let Plan::Scan { columns, ranges, row_ids: false, indexes: Some(indexes), access: None, counted, .. } =
        input
    else {
        return;
    };
    let plain = !call.distinct && call.filter.is_none() && call.order.is_empty() && ranges.is_empty();
    let [document, query] = call.aggregate.args.as_slice() else { return };
    if !plain || call.aggregate.function.name != "bm25_corpus" || !query.is_constant() {
        return;
    }
    let crate::sql::expr::Expr::Column { index, .. } = document else { return };
    let Some(position) = columns.get(*index) else { return };
    let found = indexes.defs.iter().filter(|def| def.filter.is_none() && counts(&def.kind)).find_map(|def| {
        let column = def.columns.iter().position(|column| column == position)?;
        Some(Counted { index: Arc::clone(def), column, query: query.clone() })
    });
    *counted = found.map(Box::new);
}

/// True for kinds of index that count documents.
fn counts(name: &str) -> bool {
    kind(name).is_ok_and(|kind| kind.method().takes_language())
}
