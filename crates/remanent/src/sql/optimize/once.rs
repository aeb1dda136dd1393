//! What is the same for all rows of one execution is computed once in it.
//!
//! ```text
//! ORDER BY at <-> ST_MakePoint($1, $2), WHERE words @@ to_tsquery($1) AND ts_rank(words, to_tsquery($1)) > 0.1
//!                 └─ once ───────────┘                 └─ once ─────┘                   └─ the same ─┘
//! ```
//!
//! Folding has computed what is the same in every execution; this is about parameters and `now()`. The last pass, since what
//! it wraps is a node of its own to those before. A computation that fails is made again by whoever asks next. Each node is looked
//! at once, in its place: most statements have nothing to wrap.
//!
//! A query that is run before the statement shares what both compute ([`share`]).
//!
//! Limits: no other subqueries, which are remembered apart; not in VALUES, nor where a statement asks only once; the first [`MOST`]
//! computations of a statement, since each is compared with those before it and found by its number among them.

use crate::sql::expr::{EvalContext, Expr};
use crate::sql::functions::Volatility;
use crate::sql::plan::{Plan, SubPlan};
use std::sync::atomic::{AtomicU64, Ordering};

/// So many computations are kept.
const MOST: usize = 64;

/// Numbers no two computations share, also of a statement and a query in it, which are planned apart.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// Wraps such parts of all expressions.
pub fn run(mut plan: Plan, _: &EvalContext<'_>) -> Plan {
    visit(&mut plan, &mut Vec::new());
    plan
}

fn visit(plan: &mut Plan, known: &mut Vec<Expr>) {
    if !matches!(plan, Plan::Values { .. } | Plan::PointGet { .. } | Plan::Limit { .. }) {
        plan.for_each_expr_mut(&mut |expr| {
            if look(expr, known) == Kind::Once && is_call(expr) {
                wrap(expr, known);
            }
        });
    }
    plan.for_each_child_mut(&mut |child| visit(child, known));
}

/// Lets queries that are run before a statement, and with its parameters, share what both compute.
pub fn share(plan: &Plan, subplans: &mut [SubPlan]) {
    let mut known = Vec::new();
    if !subplans.is_empty() {
        collect(plan, &mut known);
    }
    if !known.is_empty() {
        subplans.iter_mut().for_each(|subplan| renumber(&mut subplan.plan, &known));
    }
}

fn collect(plan: &Plan, known: &mut Vec<Expr>) {
    plan.for_each_expr(&mut |expr| {
        expr.any(&mut |part| {
            known.extend(matches!(part, Expr::Once { .. }).then(|| part.clone()));
            false
        });
    });
    plan.for_each_child(&mut |child| collect(child, known));
}

fn renumber(plan: &mut Plan, known: &[Expr]) {
    fn of(expr: &mut Expr, known: &[Expr]) {
        let Expr::Once { number, expr: own } = expr else {
            return expr.for_each_child_mut(&mut |child| of(child, known));
        };
        let same = known.iter().find_map(|held| match held {
            Expr::Once { number, expr } if expr == own => Some(*number),
            _ => None,
        });
        *number = same.unwrap_or(*number);
    }
    plan.for_each_expr_mut(&mut |expr| of(expr, known));
    plan.for_each_child_mut(&mut |child| renumber(child, known));
}

/// For how long an expression has one value.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// In every execution.
    Always,
    /// In one execution.
    Once,
    /// For a row.
    Row,
}

/// Wraps the parts of an expression, but for what is wrapped with all of it, and tells for how long it has one value.
fn look(expr: &mut Expr, known: &mut Vec<Expr>) -> Kind {
    let mut kind = match expr {
        Expr::Once { .. } => return Kind::Once,
        Expr::Column { .. } | Expr::Operand { .. } | Expr::Subquery(_) => Kind::Row,
        Expr::Param { .. } => Kind::Once,
        Expr::Call { function, .. } => match function.volatility {
            Volatility::Immutable => Kind::Always,
            Volatility::Stable => Kind::Once,
            Volatility::Volatile => Kind::Row,
        },
        _ => Kind::Always,
    };
    let (mut number, mut wanted) = (0, Vec::new());
    expr.for_each_child_mut(&mut |child| {
        let of_child = look(child, known);
        if of_child == Kind::Once && is_call(child) {
            wanted.push(number);
        }
        kind = kind.max(of_child);
        number += 1;
    });
    if !wanted.is_empty() && (kind == Kind::Row || !is_call(expr)) {
        let (mut number, mut wanted) = (0, wanted.into_iter().peekable());
        expr.for_each_child_mut(&mut |child| {
            if wanted.next_if_eq(&number).is_some() {
                wrap(child, known);
            }
            number += 1;
        });
    }
    kind
}

/// True for what costs more to compute than to look up.
fn is_call(expr: &Expr) -> bool {
    matches!(expr, Expr::Call { .. } | Expr::Cast { .. })
}

fn wrap(expr: &mut Expr, known: &mut Vec<Expr>) {
    let held = known.iter().find(|held| matches!(held, Expr::Once { expr: of, .. } if **of == *expr));
    if let Some(held) = held {
        *expr = held.clone();
        return;
    }
    if known.len() == MOST {
        return;
    }
    let of = Box::new(std::mem::replace(expr, Expr::Unknown { text: None, at: 0 }));
    *expr = Expr::Once { number: NEXT.fetch_add(1, Ordering::Relaxed), expr: of };
    known.push(expr.clone());
}
