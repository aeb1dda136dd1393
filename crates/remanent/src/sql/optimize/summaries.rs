//! Groups by what is stored of whole pages: `count`, `sum`, `avg`, `min` and `max` of plain columns over a range of rows.
//!
//! Where the least and the greatest value of a page's columns qualify and belong to one group, so do all between them, and the
//! page's zone map has what the aggregates want. That holds for conditions `column op constant`, and for groups by columns and
//! by what rises with them: `time_bucket`, `date_bin`, `date_trunc`. The pass marks the scans below such groupings; whether
//! there are such pages is seen when they are read (`execute/summary.rs`).
//!
//! Limits: GROUPING SETS, DISTINCT, FILTER and expressions within aggregates read all rows; so does what goes by clocks that are set
//! back (`date_trunc` of timestamptz outside of UTC and its like: [`by_clock`]).

use super::comparison;
use crate::sql::expr::{EvalContext, Expr};
use crate::sql::plan::{AggregateCall, Plan};
use remanent_storage::value::{Physical, Type};

/// Marks the scans.
pub fn run(plan: Plan, ctx: &EvalContext<'_>) -> Plan {
    if !ctx.planner.summaries {
        return plan;
    }
    plan.transform(&mut |mut node| {
        if let Plan::Aggregate { input, group, aggregates, sets } = &mut node
            && sets.is_empty()
            && group.iter().all(rises)
            && aggregates.iter().all(is_known)
        {
            mark(input);
        }
        node
    })
}

fn mark(input: &mut Plan) {
    let (scan, convex) = match input {
        Plan::Filter { input, predicate } => {
            (&mut **input, predicate.clone().into_conjuncts().iter().all(is_range))
        }
        scan => (scan, true),
    };
    if let Plan::Scan { row_ids: false, access: None, ranked: None, counted: None, summarised, .. } = scan {
        *summarised = convex;
    }
}

/// True if a condition holds for all values between two for which it holds, none of them NULL.
fn is_range(part: &Expr) -> bool {
    let not_null =
        matches!(part, Expr::IsNull { expr, negated: true } if matches!(**expr, Expr::Column { .. }));
    not_null || (comparison(part).is_some() && !part.has_subquery())
}

/// True if what makes groups never falls while a column rises, and equal values of it look the same.
fn rises(expr: &Expr) -> bool {
    let column = |expr: &Expr| matches!(expr, Expr::Column { .. });
    match expr {
        Expr::Column { ty, .. } => matches!(ty, Type::Text | Type::Bool) || is_whole(*ty),
        Expr::Cast { expr, to: Type::Date } => {
            column(expr) && matches!(expr.ty(), Type::Timestamp | Type::Timestamptz)
        }
        Expr::Call { function, args, .. } => {
            let place = matches!(function.name, "time_bucket" | "date_bin" | "date_trunc");
            let [first, moved, rest @ ..] = args.as_slice() else { return false };
            // A zone's clocks are set back, and an offset of months makes one day of several.
            let steady = |arg: &Expr| arg.is_constant() && arg.ty() == moved.ty();
            place
                && first.is_constant()
                && !expr.has_subquery()
                && column(moved)
                && is_whole(moved.ty())
                && rest.iter().all(steady)
        }
        _ => false,
    }
}

/// True if what makes groups goes by the clocks of the session's zone.
pub fn by_clock(expr: &Expr) -> bool {
    let of = |arg: &Expr| arg.ty() == Type::Timestamptz;
    match expr {
        Expr::Cast { expr, .. } => of(expr),
        Expr::Call { function, args, .. } => function.name == "date_trunc" && args.iter().any(of),
        _ => false,
    }
}

fn is_whole(ty: Type) -> bool {
    let time = matches!(ty, Type::Date | Type::Timestamp | Type::Timestamptz);
    time || matches!(ty, Type::Int2 | Type::Int4 | Type::Int8)
}

/// True if zone maps have what an aggregate wants.
fn is_known(call: &AggregateCall) -> bool {
    let plain = !call.distinct && call.filter.is_none() && call.order.is_empty();
    let number = |ty: Type| is_whole(ty) || matches!(ty, Type::Float4 | Type::Float8);
    plain
        && match (call.aggregate.function.name, call.aggregate.args.as_slice()) {
            ("count", [] | [Expr::Column { .. }]) => true,
            ("sum" | "avg", [Expr::Column { ty, .. }]) => number(*ty) || ty.fixed_scale().is_some(),
            ("min" | "max", [Expr::Column { ty, .. }]) => {
                // Others would be shown with a scale that is not their own.
                let short = ty.fixed_scale().is_some() && ty.physical() == Physical::I64;
                number(*ty) || short || *ty == Type::Time
            }
            _ => false,
        }
}
