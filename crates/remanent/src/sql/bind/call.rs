//! Calls of functions and of aggregates.

use super::define::names::{has_schema, unknown_schema};
use super::expr::{AGGREGATES, Clause, GROUPINGS, Place};
use super::function::{set_name, wide_columns};
use super::tile::TILE;
use super::window::{is_window_function, without_over};
use super::with::INVALID_RECURSION;
use super::{Binder, refuse};
use crate::sql::ast::{ExprKind, FunctionCall, OrderBy};
use crate::sql::expr::{Expr, needs_equality, needs_order};
use crate::sql::functions::advisory::takes_locks;
use crate::sql::functions::aggregate::{self, Aggregate, is_aggregate};
use crate::sql::functions::lookup;
use crate::sql::functions::missing::is_missing;
use crate::sql::plan::{AggregateCall, SortKey};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::Type;

impl Binder<'_> {
    /// A call of a function or an aggregate.
    pub(super) fn call(&mut self, call: &FunctionCall, place: &mut Place<'_>) -> Result<Expr> {
        let (name, at) = (call.name.last(), call.name.span.at());
        if call.variadic {
            if set_name(call).is_some() || is_aggregate(name) || call.over.is_some() {
                return Err(refuse("VARIADIC", call.name.span));
            }
            let args = self.exprs(&call.args, place)?;
            return self.resolver.spread(name, args, at);
        }
        if !call.within_group.is_empty() {
            return self.within_group(call, place);
        }
        if let Some(over) = &call.over {
            return self.window_call(call, over, place);
        }
        self.without_group(call, place)?;
        if set_name(call).is_some() || !wide_columns(call).is_empty() {
            return self.set_in_list(call, place);
        }
        if is_window_function(name) {
            return Err(without_over(call));
        }
        let own = call.name.qualifier().is_none_or(|schema| schema.name == "pg_catalog");
        if own && name == "grouping" {
            return self.grouping(call, place);
        }
        if own && is_aggregate(name) && !of_an_array(call) {
            return self.aggregate(call, place);
        }
        // What is no function at all is refused as such below.
        let exists = !lookup(name).is_empty() || is_missing(name) || matches!(name, "coalesce");
        let not_aggregate = |what: &str| {
            let message = format!("{what} specified, but {name} is not an aggregate function");
            Err(Error::new(state::WRONG_OBJECT_TYPE, message).at(at))
        };
        if call.distinct && exists {
            return not_aggregate("DISTINCT");
        }
        if call.filter.is_some() && exists {
            return not_aggregate("FILTER");
        }
        if !call.order_by.is_empty() && exists {
            return not_aggregate("ORDER BY");
        }
        let args = self.arguments(call, place)?;
        if !own {
            if let Some(schema) =
                call.name.qualifier().filter(|schema| !has_schema(self.catalog, &schema.name))
            {
                return Err(unknown_schema(&schema.name).at(at));
            }
            let message = format!("function {call_name} does not exist", call_name = written(call));
            return Err(Error::new(state::UNDEFINED_FUNCTION, message).at(at));
        }
        self.at_once |= takes_locks(name);
        if matches!(name, "coalesce" | "greatest" | "least") && !args.is_empty() {
            let places: Vec<usize> = call.args.iter().map(|arg| arg.span.at()).collect();
            return self.resolver.unified(name, args, &places);
        }
        self.resolver.call(name, args, at)
    }

    /// The arguments of a call as its function takes them.
    pub(super) fn arguments(&mut self, call: &FunctionCall, place: &mut Place<'_>) -> Result<Vec<Expr>> {
        let arranged = self.arranged(call)?;
        let mut args = self.exprs(arranged.as_ref().map_or(&call.args, |arranged| &arranged.args), place)?;
        if let Some(third) = arranged.and_then(|arranged| arranged.third) {
            self.third(&mut args, third, call.name.span.at())?;
        }
        Ok(args)
    }

    /// A call of an aggregate: it joins the aggregates of the query, and a column stands for it.
    fn aggregate(&mut self, call: &FunctionCall, place: &mut Place<'_>) -> Result<Expr> {
        let at = call.name.span.at();
        if call.name.last() == "count" && call.args.is_empty() && !call.star {
            let message = "count(*) must be used to call a parameterless aggregate function";
            return Err(Error::new(state::WRONG_OBJECT_TYPE, message).at(at));
        }
        let allowed = aggregates_allowed(place, at);
        let (clause, inside) = (place.clause, place.inside_aggregate);
        place.inside_aggregate = true;
        let named = self.named_around();
        let tile = call.name.last() == TILE;
        let args = if tile { self.tile(call, place) } else { self.exprs(&call.args, place) };
        let order = self.aggregate_order(&call.order_by, place);
        place.clause = Clause::Filter;
        let filter = call.filter.as_ref().map(|filter| self.condition(filter, place)).transpose();
        place.inside_aggregate = inside;
        place.clause = clause;
        let args = args?;
        if place.scope.relations().iter().any(|relation| relation.recursive) {
            let message = "aggregate functions are not allowed in a recursive query's recursive term";
            return Err(Error::new(INVALID_RECURSION, message).at(at));
        }
        let aggregate = match aggregate::lookup(TILE).next().filter(|_| tile) {
            Some(function) => Aggregate { function, args, ty: Type::Bytea },
            None => self.resolver.aggregate(call.name.last(), args, at)?,
        };
        for (arg, written) in aggregate.args.iter().zip(&call.args).filter(|_| call.distinct) {
            needs_equality(arg.ty(), Some(written.span.at()))?;
        }
        let order = self.feeding_order(order?, call, &aggregate)?;
        let bound = AggregateCall { aggregate, distinct: call.distinct, filter: filter?, order };
        if let Some(outer) = self.aggregate_around(&bound, &named, call.name.span)? {
            return Ok(outer);
        }
        allowed?;
        joined(bound, place)
    }
}

/// Whether an aggregate may be called here.
pub(super) fn aggregates_allowed(place: &Place<'_>, at: usize) -> Result<()> {
    let grouping = |message: String| Err(Error::new(state::GROUPING_ERROR, message).at(at));
    if place.inside_aggregate && place.clause != Clause::Filter {
        return grouping("aggregate function calls cannot be nested".to_string());
    }
    if place.aggregates.is_none() || place.inside_aggregate {
        return grouping(format!("aggregate functions are not allowed in {}", place.clause.place()));
    }
    Ok(())
}

/// An aggregate joins those of the query; the column that stands for it.
pub(super) fn joined(bound: AggregateCall, place: &mut Place<'_>) -> Result<Expr> {
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

/// Aggregates whose result depends on the order of their input.
const ORDERED: &[&str] = &[
    "string_agg",
    "array_agg",
    "json_agg",
    "jsonb_agg",
    "json_object_agg",
    "jsonb_object_agg",
    "st_collect",
    "st_makeline",
    TILE,
];

impl Binder<'_> {
    /// ORDER BY within an aggregate.
    pub(super) fn aggregate_order(
        &mut self,
        items: &[OrderBy],
        place: &mut Place<'_>,
    ) -> Result<Vec<SortKey>> {
        let mut keys = Vec::with_capacity(items.len());
        for item in items {
            let (descending, nulls_first) = super::order::direction(item)?;
            let expr = self.expr(&item.expr, place)?;
            let expr = self.resolver.finish(expr)?;
            needs_order(expr.ty(), item.expr.span.at())?;
            keys.push(SortKey { expr, descending, nulls_first });
        }
        Ok(keys)
    }

    /// The order in which an aggregate is fed: none where it does not matter, that of the arguments for DISTINCT.
    fn feeding_order(
        &mut self,
        mut order: Vec<SortKey>,
        call: &FunctionCall,
        aggregate: &Aggregate,
    ) -> Result<Vec<SortKey>> {
        let matters = ORDERED.contains(&aggregate.function.name);
        if !call.distinct {
            return Ok(if matters { order } else { Vec::new() });
        }
        if let Some(place) = order.iter().position(|key| !aggregate.args.contains(&key.expr)) {
            let at = call.order_by.get(place).map_or(call.name.span.at(), |item| item.expr.span.at());
            let message = "in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list";
            return Err(Error::new(state::INVALID_COLUMN_REFERENCE, message).at(at));
        }
        if !matters {
            return Ok(Vec::new());
        }
        for arg in &aggregate.args {
            if !order.iter().any(|key| key.expr == *arg) {
                order.push(SortKey { expr: arg.clone(), descending: false, nulls_first: false });
            }
        }
        Ok(order)
    }

    /// An aggregate of nothing but columns of a query around belongs to that query, which is not supported.
    pub(super) fn refuse_outer(&self, args: &[Expr], call: &FunctionCall) -> Result<()> {
        let outer = |e: &Expr| matches!(e, Expr::Param { index, .. } if *index >= self.params);
        let own = args.iter().any(|arg| arg.any(&mut |e| matches!(e, Expr::Column { .. })));
        match !own && args.iter().any(|arg| arg.any(&mut |e| outer(e))) {
            true => Err(refuse("an aggregate of columns of the query around", call.name.span)),
            false => Ok(()),
        }
    }

    /// `grouping(a, b)`: which of its arguments the row's grouping set leaves out, a bit each.
    fn grouping(&mut self, call: &FunctionCall, place: &mut Place<'_>) -> Result<Expr> {
        let at = call.name.span.at();
        if place.aggregates.is_none() || place.inside_aggregate {
            let message = format!("grouping operations are not allowed in {}", place.clause.place());
            return Err(Error::new(state::GROUPING_ERROR, message).at(at));
        }
        if call.args.len() > 31 {
            let message = "GROUPING must have fewer than 32 arguments";
            return Err(Error::new(state::TOO_MANY_ARGUMENTS, message).at(at));
        }
        let seen = place.seen.len();
        let args = self.exprs(&call.args, place)?;
        place.seen.truncate(seen);
        let places = call.args.iter().map(|arg| arg.span.at());
        self.groupings.push(args.into_iter().zip(places).collect());
        Ok(Expr::column(GROUPINGS + self.groupings.len() - 1, Type::Int4))
    }
}

fn volatile(call: &AggregateCall) -> bool {
    call.exprs().any(Expr::is_volatile)
}

fn written(call: &FunctionCall) -> String {
    call.name.parts.iter().map(|part| part.name.as_str()).collect::<Vec<_>>().join(".")
}

/// True for a call of a function that has the name of an aggregate of one argument (`ST_Collect`): it is of two, or of an array,
/// which is told by how it is written.
fn of_an_array(call: &FunctionCall) -> bool {
    if lookup(call.name.last()).is_empty() {
        return false;
    }
    match call.args.as_slice() {
        [one] => match &one.kind {
            ExprKind::Array(_) | ExprKind::ArrayQuery(_) => true,
            ExprKind::Cast { ty, .. } => !ty.array.is_empty(),
            ExprKind::Function(inner) => inner.name.last() == "array_agg",
            _ => false,
        },
        several => !several.is_empty(),
    }
}
