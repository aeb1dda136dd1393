//! Which conditions are never true of a row that an outer join has extended with NULLs: above such a condition those rows
//! do not matter, and the join need not make them.

use crate::sql::expr::Expr;
use crate::sql::plan::JoinKind;
use std::ops::Range;

/// The kind of join that is enough below these conditions over its columns, of which the first `width` are the left
/// side's.
pub fn weakened(kind: JoinKind, conditions: &[Expr], width: usize) -> JoinKind {
    let rejects = |side: Range<usize>| conditions.iter().any(|condition| rejects(condition, &side));
    let (left, right) = (rejects(0..width), rejects(width..usize::MAX));
    match kind {
        JoinKind::Left if right => JoinKind::Inner,
        JoinKind::Right if left => JoinKind::Inner,
        JoinKind::Full => match (left, right) {
            (true, true) => JoinKind::Inner,
            // Rows without a left partner do not matter.
            (true, false) => JoinKind::Left,
            (false, true) => JoinKind::Right,
            (false, false) => JoinKind::Full,
        },
        other => other,
    }
}

/// True if a condition is not true where all columns of a side are NULL.
fn rejects(condition: &Expr, side: &Range<usize>) -> bool {
    match condition {
        Expr::And(parts) => parts.iter().any(|part| rejects(part, side)),
        Expr::Or(parts) => parts.iter().all(|part| rejects(part, side)),
        Expr::IsNull { expr, negated: true } => is_null(expr, side),
        Expr::Not(inner) => is_null(inner, side),
        other => is_null(other, side),
    }
}

/// True if an expression is NULL where all columns of a side are.
fn is_null(expr: &Expr, side: &Range<usize>) -> bool {
    match expr {
        Expr::Column { index, .. } => side.contains(index),
        Expr::Call { function, args, .. } => function.strict && args.iter().any(|arg| is_null(arg, side)),
        Expr::Cast { expr, .. } | Expr::Not(expr) | Expr::In { expr, .. } => is_null(expr, side),
        _ => false,
    }
}
