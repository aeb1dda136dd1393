//! What must be equal across a join becomes its keys, so that rows find their partners by hashing.
//!
//! `left = right` is a key where one side reads only the join's left input and the other only its right one. Sides of
//! two types get the one in which both can be told apart exactly.

use crate::sql::expr::coerce::equatable;
use crate::sql::expr::{EvalContext, Expr};
use crate::sql::functions::Cmp;
use crate::sql::plan::Plan;
use remanent_storage::value::Type;

/// Finds the keys of every join.
pub fn run(plan: Plan, _: &EvalContext<'_>) -> Plan {
    plan.transform(&mut |node| match node {
        Plan::Join { left, right, kind, mut keys, filter, build, output } => {
            let width = left.width();
            let mut rest = Vec::new();
            for condition in filter.map(Expr::into_conjuncts).unwrap_or_default() {
                match key(&condition, width) {
                    Some(key) => keys.push(key),
                    None => rest.push(condition),
                }
            }
            let filter = (!rest.is_empty()).then(|| Expr::conjunction(rest));
            Plan::Join { left, right, kind, keys, filter, build, output }
        }
        other => other,
    })
}

/// The two sides of an equality across a join whose left input has `width` columns.
fn key(condition: &Expr, width: usize) -> Option<(Expr, Expr)> {
    let (Cmp::Eq, a, b) = condition.as_comparison()? else { return None };
    if condition.is_volatile() {
        return None;
    }
    let (on_left, on_right) = (
        |e: &Expr| e.columns_used().iter().all(|&column| column < width),
        |e: &Expr| e.columns_used().iter().all(|&column| column >= width),
    );
    let (left, right) = match () {
        _ if on_left(a) && on_right(b) => (a, b),
        _ if on_left(b) && on_right(a) => (b, a),
        _ => return None,
    };
    let ty = equatable(left.ty(), right.ty())?;
    let right = right.clone().remap_columns(&|column| column - width);
    Some((cast(left.clone(), ty), cast(right, ty)))
}

fn cast(expr: Expr, to: Type) -> Expr {
    if expr.ty() == to { expr } else { Expr::Cast { expr: Box::new(expr), to } }
}
