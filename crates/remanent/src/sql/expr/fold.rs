//! Constant folding.

use super::eval::membership;
use super::members::FEW;
use super::{EvalContext, Expr, Members};
use crate::sql::functions::Cmp;
use crate::sql::functions::cast::cast_value;
use remanent_storage::value::{Type, Value};
use std::sync::Arc;

impl Expr {
    /// Computes what is immutable now, so that it is not computed per row, and drops what
    /// cannot matter (`x AND true`). A constant compared with a column gets the column's type where it can, so that
    /// keys and zone maps can be asked. A part whose computation fails stays as it is: it fails when and if
    /// it is evaluated.
    pub fn fold(self, ctx: &EvalContext<'_>) -> Expr {
        self.transform(&mut |expr| simplify(expr, ctx))
    }

    /// The value of a literal.
    fn as_literal(&self) -> Option<&Value> {
        match self {
            Expr::Literal { value, .. } => Some(value),
            _ => None,
        }
    }

    fn is_null_literal(&self) -> bool {
        self.as_literal().is_some_and(Value::is_null)
    }
}

/// Simplifies one node whose parts are simple already.
fn simplify(expr: Expr, ctx: &EvalContext<'_>) -> Expr {
    match expr {
        Expr::And(parts) => connect(parts, false),
        Expr::Or(parts) => connect(parts, true),
        Expr::Case { operand: None, branches, otherwise, ty } => case(branches, otherwise, ty),
        Expr::Coalesce { args, ty } => coalesce(args, ty),
        Expr::Call { function, args, ty } if function.strict && args.iter().any(Expr::is_null_literal) => {
            // Strict: NULL, whatever the others are; unless the computation of another failed, or it is asked each time.
            match args.iter().any(|arg| arg.is_volatile() || arg.any(&mut failed)) {
                true => Expr::Call { function, args, ty },
                false => Expr::Literal { value: Value::Null, ty },
            }
        }
        other => gather(retype_constant(compute(other, ctx))),
    }
}

/// Many constants to look a value up in become a set.
fn gather(mut expr: Expr) -> Expr {
    match &mut expr {
        Expr::In { expr: of, list, set: set @ None, .. } if list.len() > FEW => {
            let (constants, others): (Vec<Expr>, Vec<Expr>) =
                std::mem::take(list).into_iter().partition(|item| item.as_literal().is_some());
            let values = constants.iter().filter_map(Expr::as_literal).cloned().collect();
            match Members::new(of.ty(), values) {
                Ok(members) if constants.len() > FEW => (*list, *set) = (others, Some(Arc::new(members))),
                _ => *list = constants.into_iter().chain(others).collect(),
            }
        }
        Expr::Call { function, args, .. } => {
            if let Some((left, Expr::Literal { value: Value::Array(array), .. }, negated)) =
                membership(function, args)
                && array.values().len() > FEW
                && let Ok(members) = Members::new(array.element(), array.values().to_vec())
            {
                let (expr, set) = (Box::new(left.clone()), Some(Arc::new(members)));
                return Expr::In { expr, list: Vec::new(), set, negated };
            }
        }
        _ => {}
    }
    expr
}

/// True for a node that would have been computed, had it not failed.
fn failed(expr: &Expr) -> bool {
    let mut constant = matches!(expr, Expr::Call { .. } | Expr::Cast { .. });
    expr.for_each_child(&mut |child| constant &= child.as_literal().is_some());
    constant && expr.is_immutable()
}

/// The value, where all parts are literals and nothing outside matters.
fn compute(expr: Expr, ctx: &EvalContext<'_>) -> Expr {
    let mut constant = !matches!(expr, Expr::Literal { .. } | Expr::Unknown { .. } | Expr::Operand { .. });
    expr.for_each_child(&mut |child| constant &= child.as_literal().is_some());
    if !constant || !expr.is_immutable() {
        return expr;
    }
    match expr.value(ctx) {
        Ok(value) => Expr::Literal { value, ty: expr.ty() },
        Err(_) => expr,
    }
}

/// AND or OR without the parts that decide nothing; `decides` is the value that decides all.
fn connect(parts: Vec<Expr>, decides: bool) -> Expr {
    let mut kept: Vec<Expr> = Vec::with_capacity(parts.len());
    for part in parts {
        match part {
            Expr::And(inner) if !decides => kept.extend(inner),
            Expr::Or(inner) if decides => kept.extend(inner),
            part => match part.as_literal() {
                Some(Value::Bool(b)) if *b == decides => return part,
                Some(Value::Bool(_)) => {}
                _ => kept.push(part),
            },
        }
    }
    match kept.len() {
        0 => Expr::Literal { value: Value::Bool(!decides), ty: Type::Bool },
        1 => kept.remove(0),
        _ if decides => Expr::Or(kept),
        _ => Expr::And(kept),
    }
}

fn case(branches: Vec<(Expr, Expr)>, otherwise: Box<Expr>, ty: Type) -> Expr {
    let mut kept = Vec::with_capacity(branches.len());
    let mut otherwise = otherwise;
    for (condition, result) in branches {
        match condition.as_literal() {
            Some(Value::Bool(true)) => {
                otherwise = Box::new(result);
                break;
            }
            Some(_) => {}
            None => kept.push((condition, result)),
        }
    }
    match kept.is_empty() {
        true => *otherwise,
        false => Expr::Case { operand: None, branches: kept, otherwise, ty },
    }
}

fn coalesce(args: Vec<Expr>, ty: Type) -> Expr {
    let mut kept = Vec::with_capacity(args.len());
    for arg in args {
        let literal = arg.as_literal().map(Value::is_null);
        if literal != Some(true) {
            kept.push(arg);
        }
        if literal == Some(false) {
            break;
        }
    }
    match kept.len() {
        0 => Expr::Literal { value: Value::Null, ty },
        1 => kept.remove(0),
        _ => Expr::Coalesce { args: kept, ty },
    }
}

/// `bigint column = integer constant`: the constant becomes a bigint, which changes no answer.
fn retype_constant(mut expr: Expr) -> Expr {
    if expr.as_comparison().is_none() {
        return expr;
    }
    if let Expr::Call { args, .. } = &mut expr
        && let [left, right] = args.as_mut_slice()
    {
        match (&*left, &*right) {
            (Expr::Column { ty, .. }, Expr::Literal { .. }) => retype(right, *ty),
            (Expr::Literal { .. }, Expr::Column { ty, .. }) => retype(left, *ty),
            _ => {}
        }
    }
    by_day(&expr).unwrap_or(expr)
}

/// `date column < timestamp` as a comparison of days, which is cheaper and which zone maps understand. None: it is something
/// else, or only some instant within a day would be equal.
fn by_day(expr: &Expr) -> Option<Expr> {
    let (cmp, left, right) = expr.as_comparison()?;
    let (cmp, column, &at) = match (left, right) {
        (Expr::Column { ty: Type::Date, .. }, Expr::Literal { value: Value::Timestamp(at), .. }) => {
            (cmp, left, at)
        }
        (Expr::Literal { value: Value::Timestamp(at), .. }, Expr::Column { ty: Type::Date, .. }) => {
            (cmp.flipped(), right, at)
        }
        _ => return None,
    };
    let day = i32::try_from(at.div_euclid(DAY)).ok().filter(|_| at != i64::MIN && at != i64::MAX)?;
    let cmp = match (cmp, at.rem_euclid(DAY) == 0) {
        (cmp, true) => cmp,
        (Cmp::Lt | Cmp::Le, false) => Cmp::Le,
        (Cmp::Gt | Cmp::Ge, false) => Cmp::Gt,
        (Cmp::Eq | Cmp::Ne, false) => return None,
    };
    let day = Expr::Literal { value: Value::Date(day), ty: Type::Date };
    Some(Expr::Call { function: cmp.function()?, args: vec![column.clone(), day], ty: Type::Bool })
}

/// Microseconds.
const DAY: i64 = 86_400_000_000;

fn retype(literal: &mut Expr, to: Type) {
    use Type::*;
    let Expr::Literal { value, ty } = literal else { return };
    let exact = match (*ty, to) {
        (from, to) if from == to => false,
        (Int2 | Int4 | Int8, Int2 | Int4 | Int8) | (Float4, Float8) => true,
        (Date | Timestamp | Timestamptz, Timestamp | Timestamptz) => true,
        _ => false,
    };
    // An integer out of the column's range stays what it is.
    if exact && let Ok(cast) = cast_value(value.clone(), to) {
        (*value, *ty) = (cast, to);
    }
}
