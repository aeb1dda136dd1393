//! Ordered-set aggregates: `percentile_cont(0.5) WITHIN GROUP (ORDER BY x)`, `rank(5) WITHIN GROUP (ORDER BY x)`.
//!
//! Such a call is a function ([`ordered_set`](crate::sql::functions)) of its direct arguments and of what array_agg makes of
//! the ordering columns, so that groups, FILTER, grouping sets and spilling are those of any aggregate:
//!
//! ```text
//! percentile_cont(f) WITHIN GROUP (ORDER BY x DESC)   →   percentile_cont(f, array_agg(x ORDER BY x DESC))
//! rank(a, b) WITHIN GROUP (ORDER BY x, y DESC)        →   rank('al' 'df', a, b, array_agg(x), array_agg(y))
//! ```
//!
//! Limits: no ordering by arrays, since an array of arrays has one shape (0A000).

use super::Binder;
use super::call::{aggregates_allowed, joined};
use super::expr::{Clause, Place};
use super::refuse;
use super::window::is_window_function;
use crate::sql::ast::FunctionCall;
use crate::sql::expr::Expr;
use crate::sql::functions::aggregate::is_aggregate;
use crate::sql::functions::ordered_set::{Set, set_of};
use crate::sql::plan::{AggregateCall, SortKey};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::{Type, Value};

impl Binder<'_> {
    /// 42809 for a call of an ordered-set aggregate without WITHIN GROUP that could have it.
    pub(super) fn without_group(&mut self, call: &FunctionCall, place: &mut Place<'_>) -> Result<()> {
        let (name, at) = (call.name.last(), call.name.span.at());
        match set_of(name) {
            Some(Set::Of) => {
                let args = self.exprs(&call.args, place)?;
                match self.resolver.call(name, args, at) {
                    // Which type it would be of is asked later.
                    Err(error) if error.state() != state::DATATYPE_MISMATCH => return Err(error),
                    _ => {}
                }
            }
            Some(Set::Hypothetical) if !call.args.is_empty() => drop(self.exprs(&call.args, place)?),
            _ => return Ok(()),
        }
        let message = format!("WITHIN GROUP is required for ordered-set aggregate {name}");
        Err(Error::new(state::WRONG_OBJECT_TYPE, message).at(at))
    }

    /// A call with WITHIN GROUP.
    pub(super) fn within_group(&mut self, call: &FunctionCall, place: &mut Place<'_>) -> Result<Expr> {
        let (name, at) = (call.name.last(), call.name.span.at());
        let own = call.name.qualifier().is_none_or(|schema| schema.name == "pg_catalog");
        let set = set_of(name).filter(|_| own);
        if set.is_some() {
            aggregates_allowed(place, at)?;
            if call.over.is_some() {
                let message = format!("OVER is not supported for ordered-set aggregate {name}");
                return Err(Error::new(state::FEATURE_NOT_SUPPORTED, message).at(at));
            }
        }
        let direct = self.direct_args(call, place)?;
        let clause = place.clause;
        place.inside_aggregate = true;
        let keys = self.aggregate_order(&call.within_group, place);
        place.clause = Clause::Filter;
        let filter = call.filter.as_ref().map(|filter| self.condition(filter, place)).transpose();
        place.inside_aggregate = false;
        place.clause = clause;
        let (keys, filter) = (keys?, filter?);
        if let Some(key) = keys.iter().find(|key| matches!(key.expr.ty(), Type::Array(_))) {
            return Err(refuse(format!("WITHIN GROUP ordered by {}", key.expr.ty()), call.name.span));
        }
        match set {
            Some(Set::Of) => self.ordered_set(call, direct, keys, filter, place),
            Some(Set::Hypothetical) => self.hypothetical(call, direct, keys, filter, place),
            None => Err(self.no_ordered_set(call, direct, keys)),
        }
    }

    /// Direct arguments may name what is grouped by, and call no aggregate.
    fn direct_args(&mut self, call: &FunctionCall, place: &mut Place<'_>) -> Result<Vec<Expr>> {
        let mut args = Vec::with_capacity(call.args.len());
        for arg in &call.args {
            let outer = std::mem::replace(&mut place.inside_aggregate, true);
            let bound = self.expr(arg, place);
            place.inside_aggregate = outer;
            let bound = bound?;
            place.seen.extend(bound.columns_used().into_iter().map(|column| (column, arg.span.at())));
            args.push(bound);
        }
        Ok(args)
    }

    /// percentile_cont and its kin: of one column, in order.
    fn ordered_set(
        &mut self,
        call: &FunctionCall,
        direct: Vec<Expr>,
        keys: Vec<SortKey>,
        filter: Option<Expr>,
        place: &mut Place<'_>,
    ) -> Result<Expr> {
        let at = call.name.span.at();
        let args = direct.into_iter().chain(keys.iter().map(|key| key.expr.clone())).collect();
        let mut resolved = self.resolver.call(call.name.last(), args, at)?;
        if let (Expr::Call { args, .. }, Some(key)) = (&mut resolved, keys.into_iter().next())
            && let Some(value) = args.last_mut()
        {
            let order = vec![SortKey { expr: value.clone(), ..key }];
            *value = self.listed(value.clone(), order, filter, call, place)?;
        }
        Ok(resolved)
    }

    /// rank and its kin: where a row of the direct arguments would stand.
    fn hypothetical(
        &mut self,
        call: &FunctionCall,
        direct: Vec<Expr>,
        keys: Vec<SortKey>,
        filter: Option<Expr>,
        place: &mut Place<'_>,
    ) -> Result<Expr> {
        let (name, at) = (call.name.last(), call.name.span.at());
        if direct.len() != keys.len() {
            let hint = format!(
                "To use the hypothetical-set aggregate {name}, the number of hypothetical direct arguments (here {}) must match the number of ordering columns (here {}).",
                direct.len(),
                keys.len()
            );
            let all = direct.into_iter().chain(keys.into_iter().map(|key| key.expr)).collect();
            return Err(self.resolver.no_function(name, all, at).with_hint(hint));
        }
        let (mut shape, mut row, mut columns) = (String::new(), Vec::new(), Vec::new());
        for ((value, key), written) in direct.into_iter().zip(keys).zip(&call.args) {
            shape.push(if key.descending { 'd' } else { 'a' });
            shape.push(if key.nulls_first { 'f' } else { 'l' });
            let places = [written.span.at(); 2];
            let (pair, _) = self.resolver.unify(vec![key.expr, value], "WITHIN GROUP", &places)?;
            let mut pair = pair.into_iter();
            if let (Some(key), Some(value)) = (pair.next(), pair.next()) {
                columns.push(self.listed(key, Vec::new(), filter.clone(), call, place)?);
                row.push(value);
            }
        }
        let shape = Expr::Literal { value: Value::Text(shape), ty: Type::Text };
        let args = std::iter::once(shape).chain(row).chain(columns).collect();
        self.resolver.call(name, args, at)
    }

    /// The values of a group as an array.
    fn listed(
        &mut self,
        value: Expr,
        order: Vec<SortKey>,
        filter: Option<Expr>,
        call: &FunctionCall,
        place: &mut Place<'_>,
    ) -> Result<Expr> {
        self.refuse_outer(std::slice::from_ref(&value), call)?;
        let aggregate = self.resolver.aggregate("array_agg", vec![value], call.name.span.at())?;
        joined(AggregateCall { aggregate, distinct: false, filter, order }, place)
    }

    /// What is wrong with WITHIN GROUP behind another function.
    fn no_ordered_set(&mut self, call: &FunctionCall, direct: Vec<Expr>, keys: Vec<SortKey>) -> Error {
        let (name, at) = (call.name.last(), call.name.span.at());
        let args = direct.into_iter().chain(keys.into_iter().map(|key| key.expr)).collect();
        let message = match is_aggregate(name) || is_window_function(name) {
            true => match self.resolver.aggregate(name, args, at) {
                Err(error) => return error,
                Ok(_) => format!("{name} is not an ordered-set aggregate, so it cannot have WITHIN GROUP"),
            },
            false => match self.resolver.call(name, args, at) {
                Err(error) => return error,
                Ok(_) => format!("WITHIN GROUP specified, but {name} is not an aggregate function"),
            },
        };
        Error::new(state::WRONG_OBJECT_TYPE, message).at(at)
    }
}
