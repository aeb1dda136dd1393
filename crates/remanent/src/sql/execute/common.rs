//! What several expressions compute of the same rows, computed once.
//!
//! ```text
//!   sum(a * (1 - b)), sum(a * (1 - b) * (1 + c))      columns a, b, c
//!   shared   a * (1 - b)                              column 3
//!   sum(column 3), sum(column 3 * (1 + c))
//! ```
//!
//! Limits: only what is computed of every row: arguments of functions and what is converted, not what CASE, AND and the like decide
//! about.

use crate::sql::expr::Expr;

/// Takes out of expressions over `width` columns what they compute more than once: these are further columns, in that order, of
/// which each may read those before.
pub fn take_common(exprs: &mut [&mut Expr], width: usize) -> Vec<Expr> {
    let mut shared = Vec::new();
    loop {
        let mut calls = Vec::new();
        exprs.iter().for_each(|expr| find(expr, &mut calls));
        let twice = |call: &&&Expr| calls.iter().filter(|other| other == call).count() > 1;
        // What contains another comes before it.
        let Some(common) = calls.iter().find(twice).map(|call| Expr::clone(call)) else { return shared };
        let column = Expr::Column { index: width + shared.len(), ty: common.ty() };
        exprs.iter_mut().for_each(|expr| replace(expr, &common, &column));
        shared.push(common);
    }
}

fn find<'a>(expr: &'a Expr, calls: &mut Vec<&'a Expr>) {
    match expr {
        Expr::Call { args, .. } => {
            if !expr.is_volatile() && !expr.has_subquery() && !expr.columns_used().is_empty() {
                calls.push(expr);
            }
            args.iter().for_each(|arg| find(arg, calls));
        }
        Expr::Cast { expr, .. } => find(expr, calls),
        _ => {}
    }
}

fn replace(expr: &mut Expr, common: &Expr, column: &Expr) {
    if expr == common {
        *expr = column.clone();
        return;
    }
    match expr {
        Expr::Call { args, .. } => args.iter_mut().for_each(|arg| replace(arg, common, column)),
        Expr::Cast { expr, .. } => replace(expr, common, column),
        _ => {}
    }
}
