//! ASOF joins, as DuckDB has them: `ON a.k = b.k AND a.at >= b.at`. One comparison says which row is nearest, equalities
//! which rows come into question; what speaks of the right side alone chooses among its rows, and what else there is
//! must hold of the nearest one.

use super::expr::{Clause, Place};
use super::from::FromItem;
use super::{Binder, refuse};
use crate::sql::ast::{Expr as Written, Ident, JoinCondition, Span};
use crate::sql::expr::Expr;
use crate::sql::expr::coerce::equatable;
use crate::sql::functions::Cmp;
use crate::sql::plan::Plan;
use remanent_storage::error::{Error, Result, state};

impl Binder<'_> {
    /// `left ASOF [LEFT] JOIN right`
    pub(super) fn asof(
        &mut self,
        left: FromItem,
        right: FromItem,
        condition: &JoinCondition,
        outer: bool,
        span: Span,
    ) -> Result<FromItem> {
        let width = left.scope.width();
        let (mut pairs, mut conditions): (Vec<(usize, usize, usize)>, Vec<Expr>) = Default::default();
        if let JoinCondition::Using(columns, alias) = condition {
            if let Some(alias) = alias {
                return Err(refuse("an alias of USING in an ASOF join", alias.span));
            }
            self.asof_using(columns, &left, &right, &mut pairs, &mut conditions)?;
        }
        let mut scope = left.scope.join(right.scope)?;
        match condition {
            JoinCondition::On(condition) => conditions.push(self.asof_on(condition, &scope)?),
            JoinCondition::Using(..) => {}
            JoinCondition::None | JoinCondition::Natural => {
                return Err(refuse("an ASOF join without ON", span));
            }
        }
        scope.merge(&pairs);
        let (mut keys, mut by, mut of_right, mut rest) = (Vec::new(), None, Vec::new(), Vec::new());
        for part in conditions.into_iter().flat_map(Expr::into_conjuncts) {
            let used = part.columns_used();
            match (sides(&part, width), &by) {
                (Some((Cmp::Eq, l, r)), _) => keys.push((l, r)),
                (Some((op, l, r)), None) if op != Cmp::Ne => by = Some((op, l, r)),
                _ if !used.is_empty() && used.iter().all(|&column| column >= width) => {
                    of_right.push(part.remap_columns(&|column| column - width));
                }
                _ => rest.push(part),
            }
        }
        let Some((op, l, r)) = by else {
            let message = "an ASOF join needs a comparison with <, <=, > or >= of its two sides";
            return Err(Error::new(state::FEATURE_NOT_SUPPORTED, message)
                .with_hint("For example, ON a.k = b.k AND a.at >= b.at.")
                .at(span.at()));
        };
        let plan = Plan::Asof {
            left: Box::new(left.plan),
            right: Box::new(right.plan.filtered(of_right)),
            keys,
            by: (l, r),
            op,
            outer,
            filter: (!rest.is_empty()).then(|| Expr::conjunction(rest)),
        };
        Ok(FromItem { plan, scope })
    }

    fn asof_on(&mut self, condition: &Written, scope: &super::scope::Scope) -> Result<Expr> {
        self.condition(condition, &mut Place::new(scope, Clause::On))
    }

    /// USING: all columns but the last are equal; by the last one the left row comes at or behind the right one.
    fn asof_using(
        &mut self,
        columns: &[Ident],
        left: &FromItem,
        right: &FromItem,
        pairs: &mut Vec<(usize, usize, usize)>,
        conditions: &mut Vec<Expr>,
    ) -> Result<()> {
        let width = left.scope.width();
        for (i, column) in columns.iter().enumerate() {
            let (l, r) = (left.scope.using(column, "left")?, right.scope.using(column, "right")?);
            let (a, b) = (left.scope.column(l), right.scope.column(r).remap_columns(&|i| i + width));
            let op = if i + 1 == columns.len() { ">=" } else { "=" };
            conditions.push(self.resolver.binary(op, a, b, column.span.at())?);
            pairs.push((l, l, r + width));
        }
        Ok(())
    }
}

/// A comparison of the left side with the right one, both in one type.
fn sides(part: &Expr, width: usize) -> Option<(Cmp, Expr, Expr)> {
    let (op, a, b) = part.as_comparison()?;
    if part.is_volatile() || part.has_subquery() {
        return None;
    }
    let of_left = |e: &Expr| {
        let used = e.columns_used();
        !used.is_empty() && used.iter().all(|&column| column < width)
    };
    let of_right = |e: &Expr| {
        let used = e.columns_used();
        !used.is_empty() && used.iter().all(|&column| column >= width)
    };
    let (op, left, right) = match () {
        _ if of_left(a) && of_right(b) => (op, a, b),
        _ if of_left(b) && of_right(a) => (op.flipped(), b, a),
        _ => return None,
    };
    let ty = equatable(left.ty(), right.ty())?;
    let cast = |expr: Expr| match expr.ty() == ty {
        true => expr,
        false => Expr::Cast { expr: Box::new(expr), to: ty },
    };
    Some((op, cast(left.clone()), cast(right.clone().remap_columns(&|column| column - width))))
}
