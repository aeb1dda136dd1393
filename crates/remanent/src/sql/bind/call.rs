//! Calls of functions and of aggregates.

use super::expr::{AGGREGATES, Clause, Place};
use super::{Binder, refuse};
use crate::sql::ast::FunctionCall;
use crate::sql::expr::Expr;
use crate::sql::functions::aggregate::is_aggregate;
use crate::sql::plan::AggregateCall;
use remanent_storage::error::{Error, Result, state};

impl Binder<'_> {
    /// A call of a function or an aggregate.
    pub(super) fn call(&mut self, call: &FunctionCall, place: &mut Place<'_>) -> Result<Expr> {
        let (name, at) = (call.name.last(), call.name.span.at());
        for (present, what) in [
            (call.over.is_some(), "a window function"),
            (call.variadic, "VARIADIC"),
            (!call.within_group.is_empty(), "WITHIN GROUP"),
            (!call.order_by.is_empty(), "ORDER BY within an aggregate"),
        ] {
            if present {
                return Err(refuse(what, call.name.span));
            }
        }
        let own = call.name.qualifier().is_none_or(|schema| schema.name == "pg_catalog");
        if own && is_aggregate(name) {
            return self.aggregate(call, place);
        }
        let not_aggregate = |what: &str| {
            let message = format!("{what} specified, but {name} is not an aggregate function");
            Err(Error::new(state::WRONG_OBJECT_TYPE, message).at(at))
        };
        if call.distinct {
            return not_aggregate("DISTINCT");
        }
        if call.filter.is_some() {
            return not_aggregate("FILTER");
        }
        let args = self.exprs(&call.args, place)?;
        if !own {
            let message = format!("function {call_name} does not exist", call_name = written(call));
            return Err(Error::new(state::UNDEFINED_FUNCTION, message).at(at));
        }
        self.resolver.call(name, args, at)
    }

    /// A call of an aggregate: it joins the aggregates of the query, and a column stands for it.
    fn aggregate(&mut self, call: &FunctionCall, place: &mut Place<'_>) -> Result<Expr> {
        let at = call.name.span.at();
        if call.name.last() == "count" && call.args.is_empty() && !call.star {
            let message = "count(*) must be used to call a parameterless aggregate function";
            return Err(Error::new(state::WRONG_OBJECT_TYPE, message).at(at));
        }
        let grouping = |message: String| Err(Error::new(state::GROUPING_ERROR, message).at(at));
        if place.inside_aggregate && place.clause != Clause::Filter {
            return grouping("aggregate function calls cannot be nested".to_string());
        }
        if place.aggregates.is_none() || place.inside_aggregate {
            return grouping(format!("aggregate functions are not allowed in {}", place.clause.place()));
        }
        let clause = place.clause;
        place.inside_aggregate = true;
        let args = self.exprs(&call.args, place);
        place.clause = Clause::Filter;
        let filter = call.filter.as_ref().map(|filter| self.condition(filter, place)).transpose();
        place.inside_aggregate = false;
        place.clause = clause;
        let aggregate = self.resolver.aggregate(call.name.last(), args?, at)?;
        let bound = AggregateCall { aggregate, distinct: call.distinct, filter: filter? };
        let Some(aggregates) = &mut place.aggregates else {
            return Err(Error::internal("no place for aggregates"));
        };
        let ty = bound.aggregate.ty;
        let k = aggregates.iter().position(|held| *held == bound && !volatile(held)).unwrap_or_else(|| {
            aggregates.push(bound);
            aggregates.len() - 1
        });
        Ok(Expr::column(AGGREGATES + k, ty))
    }
}

fn volatile(call: &AggregateCall) -> bool {
    call.aggregate.args.iter().chain(&call.filter).any(Expr::is_volatile)
}

fn written(call: &FunctionCall) -> String {
    call.name.parts.iter().map(|part| part.name.as_str()).collect::<Vec<_>>().join(".")
}
