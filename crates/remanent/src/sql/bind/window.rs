//! Window functions: calls with OVER, and the windows they name.
//!
//! A call joins the windows of the query and a stand-in column stands for it ([`WINDOWS`]), as for aggregates. Once FROM,
//! WHERE and the grouping are planned, calls over the same window become one [`Plan::Window`] above them, and the
//! stand-ins its columns.

use super::Binder;
use super::expr::{Clause, Place, SETS, WINDOWS};
use super::function::set_name;
use super::select::Item;
use crate::sql::ast::{self, FunctionCall, Over};
use crate::sql::expr::coerce::family;
use crate::sql::expr::{CastContext, Expr, needs_equality, needs_order};
use crate::sql::functions::aggregate::is_aggregate;
use crate::sql::plan::{Bound, Frame, FrameExclude, FrameUnit, Plan, SortKey, WindowCall, WindowFunction};
use remanent_storage::error::{Error, Result, SqlState, state};
use remanent_storage::value::Type;
#[cfg(feature = "shapes")]
use remanent_storage::value::kinds::Kind;

/// 42P20
const WINDOWING_ERROR: SqlState = SqlState("42P20");

/// A call as bound, with its window.
pub struct BoundWindow {
    pub partition: Vec<Expr>,
    pub order: Vec<SortKey>,
    pub call: WindowCall,
    /// The columns it names, each with where.
    pub seen: Vec<(usize, usize)>,
}

impl BoundWindow {
    /// All its expressions, to be changed.
    pub fn exprs_mut(&mut self) -> impl Iterator<Item = &mut Expr> {
        let order = self.order.iter_mut().map(|key| &mut key.expr);
        self.partition.iter_mut().chain(order).chain(self.call.exprs_mut())
    }
}

/// The functions that need OVER.
static WINDOW_FUNCTIONS: &[(&str, WindowFunction)] = &[
    ("row_number", WindowFunction::RowNumber),
    ("rank", WindowFunction::Rank),
    ("dense_rank", WindowFunction::DenseRank),
    ("percent_rank", WindowFunction::PercentRank),
    ("cume_dist", WindowFunction::CumeDist),
    ("ntile", WindowFunction::Ntile),
    ("lag", WindowFunction::Lag),
    ("lead", WindowFunction::Lead),
    ("first_value", WindowFunction::FirstValue),
    ("last_value", WindowFunction::LastValue),
    ("nth_value", WindowFunction::NthValue),
    #[cfg(feature = "shapes")]
    ("st_clusterdbscan", WindowFunction::Cluster),
];

/// True if that is the name of a function that needs OVER.
pub fn is_window_function(name: &str) -> bool {
    function(name).is_some()
}

fn function(name: &str) -> Option<WindowFunction> {
    WINDOW_FUNCTIONS.iter().find(|(known, _)| *known == name).map(|(_, function)| function.clone())
}

/// The names of all of them.
pub fn window_functions() -> impl Iterator<Item = &'static str> {
    WINDOW_FUNCTIONS.iter().map(|(name, _)| *name)
}

fn windowing(message: impl Into<String>, at: usize) -> Error {
    Error::new(WINDOWING_ERROR, message).at(at)
}

impl Binder<'_> {
    /// A call with OVER.
    pub(super) fn window_call(
        &mut self,
        call: &FunctionCall,
        over: &Over,
        place: &mut Place<'_>,
    ) -> Result<Expr> {
        let (name, at) = (call.name.last(), call.name.span.at());
        if !matches!(place.clause, Clause::Select | Clause::OrderBy) || place.aggregates.is_none() {
            return Err(windowing(
                format!("window functions are not allowed in {}", place.clause.place()),
                at,
            ));
        }
        if place.inside_aggregate {
            let message = "aggregate function calls cannot contain window function calls";
            return Err(Error::new(state::GROUPING_ERROR, message).at(at));
        }
        if place.inside_window {
            return Err(windowing("window function calls cannot be nested", at));
        }
        for (present, what) in [
            (call.distinct, "DISTINCT is not implemented for window functions"),
            (!call.order_by.is_empty(), "aggregate ORDER BY is not implemented for window functions"),
            (!call.within_group.is_empty(), "WITHIN GROUP is not supported with OVER"),
        ] {
            if present {
                return Err(Error::new(state::FEATURE_NOT_SUPPORTED, what).at(at));
            }
        }
        let seen = std::mem::take(&mut place.seen);
        place.inside_window = true;
        let bound = self.bound_window(call, over, name, place);
        place.inside_window = false;
        let own = std::mem::replace(&mut place.seen, seen);
        place.seen.extend(own.iter().copied());
        let (partition, order, call) = bound?;
        let ty = call.ty;
        self.windows.push(BoundWindow { partition, order, call, seen: own });
        Ok(Expr::column(WINDOWS + self.windows.len() - 1, ty))
    }

    fn bound_window(
        &mut self,
        call: &FunctionCall,
        over: &Over,
        name: &str,
        place: &mut Place<'_>,
    ) -> Result<(Vec<Expr>, Vec<SortKey>, WindowCall)> {
        let at = call.name.span.at();
        let arranged = self.arranged(call)?;
        let args = self.exprs(arranged.as_ref().map_or(&call.args, |arranged| &arranged.args), place)?;
        let filter = call.filter.as_ref().map(|filter| self.condition(filter, place)).transpose()?;
        let window = self.resolved_window(over)?;
        let mut partition = Vec::with_capacity(window.partition_by.len());
        for expr in &window.partition_by {
            let bound = self.expr(expr, place)?;
            let bound = self.resolver.finish(bound)?;
            needs_equality(bound.ty(), Some(expr.span.at()))?;
            partition.push(bound);
        }
        let mut order = Vec::with_capacity(window.order_by.len());
        for item in &window.order_by {
            let (descending, nulls_first) = super::order::direction(item)?;
            let bound = self.expr(&item.expr, place)?;
            let expr = self.resolver.finish(bound)?;
            needs_order(expr.ty(), item.expr.span.at())?;
            order.push(SortKey { expr, descending, nulls_first });
        }
        let frame = self.frame(window.frame.as_ref(), &order, window.span.at(), place)?;
        let (function, args, ty) = match function(name) {
            Some(function) => {
                if filter.is_some() {
                    let message = "FILTER is not implemented for non-aggregate window functions";
                    return Err(Error::new(state::FEATURE_NOT_SUPPORTED, message).at(at));
                }
                let (args, ty) = self.window_args(&function, name, args, at)?;
                (function, args, ty)
            }
            None if is_aggregate(name) => {
                if name == "count" && args.is_empty() && !call.star {
                    let message = "count(*) must be used to call a parameterless aggregate function";
                    return Err(Error::new(state::WRONG_OBJECT_TYPE, message).at(at));
                }
                let aggregate = self.resolver.aggregate(name, args, at)?;
                let (args, ty) = (aggregate.args.clone(), aggregate.ty);
                (WindowFunction::Aggregate(aggregate), args, ty)
            }
            None => {
                if set_name(call).is_none() {
                    self.resolver.call(name, args, at)?;
                }
                let message =
                    format!("OVER specified, but {name} is not a window function nor an aggregate function");
                return Err(Error::new(state::WRONG_OBJECT_TYPE, message).at(at));
            }
        };
        Ok((partition, order, WindowCall { function, args, ty, filter, frame }))
    }

    /// The arguments of a function that needs OVER, converted, and its type; 42883 where it takes no such.
    fn window_args(
        &mut self,
        function: &WindowFunction,
        name: &str,
        args: Vec<Expr>,
        at: usize,
    ) -> Result<(Vec<Expr>, Type)> {
        use WindowFunction::*;
        let (least, most) = match function {
            RowNumber | Rank | DenseRank | PercentRank | CumeDist => (0, 0),
            Ntile | FirstValue | LastValue => (1, 1),
            NthValue => (2, 2),
            #[cfg(feature = "shapes")]
            Cluster => (3, 3),
            Lag | Lead | Aggregate(_) => (1, 3),
        };
        if args.len() < least || args.len() > most {
            let types: Vec<String> = args.iter().map(|arg| arg.ty().to_string()).collect();
            let message = format!("function {name}({}) does not exist", types.join(", "));
            return Err(Error::new(state::UNDEFINED_FUNCTION, message)
                .with_hint("No function matches the given name and argument types. You might need to add explicit type casts.")
                .at(at));
        }
        let mut args = args.into_iter();
        let implicit = CastContext::Implicit;
        match function {
            RowNumber | Rank | DenseRank => Ok((Vec::new(), Type::Int8)),
            PercentRank | CumeDist => Ok((Vec::new(), Type::Float8)),
            Ntile => {
                let buckets = args.next().ok_or_else(|| Error::internal("no argument"))?;
                Ok((vec![self.resolver.cast(buckets, Type::Int4, implicit, at)?], Type::Int4))
            }
            #[cfg(feature = "shapes")]
            Cluster => {
                let types = [Type::Other(Kind::Geometry, 0), Type::Float8, Type::Int4];
                let args = args.zip(types).map(|(arg, ty)| self.resolver.cast(arg, ty, implicit, at));
                Ok((args.collect::<Result<_>>()?, Type::Int4))
            }
            _ => {
                let value = args.next().ok_or_else(|| Error::internal("no argument"))?;
                let mut value = self.resolver.finish(value)?;
                let second = args.next();
                if let Some(default) = args.next() {
                    let (mut both, ty) = self.resolver.unify(vec![value, default], name, &[at])?;
                    let default = both.pop().ok_or_else(|| Error::internal("no default"))?;
                    value = both.pop().ok_or_else(|| Error::internal("no value"))?;
                    let offset = second.ok_or_else(|| Error::internal("no offset"))?;
                    let offset = self.resolver.cast(offset, Type::Int4, implicit, at)?;
                    let ty = family(ty);
                    let value = self.resolver.cast(value, ty, implicit, at)?;
                    let default = self.resolver.cast(default, ty, implicit, at)?;
                    return Ok((vec![value, offset, default], ty));
                }
                // As of any function, without a precision or a length.
                let ty = family(value.ty());
                let mut all = vec![self.resolver.cast(value, ty, implicit, at)?];
                if let Some(offset) = second {
                    all.push(self.resolver.cast(offset, Type::Int4, implicit, at)?);
                }
                Ok((all, ty))
            }
        }
    }

    /// A window with what the one it names says.
    fn resolved_window(&self, over: &Over) -> Result<ast::Window> {
        let named = |name: &ast::Ident| {
            let found = self.named_windows.iter().rev().find(|(held, _)| held.name == name.name);
            found.map(|(_, window)| window.clone()).ok_or_else(|| {
                let message = format!("window \"{}\" does not exist", name.name);
                Error::new(state::UNDEFINED_OBJECT, message).at(name.span.at())
            })
        };
        match over {
            Over::Name(name) => self.based(&named(name)?),
            Over::Window(window) => self.based(window),
        }
    }

    fn based(&self, window: &ast::Window) -> Result<ast::Window> {
        let Some(base) = &window.base else { return Ok(window.clone()) };
        let place = self.named_windows.iter().rposition(|(held, _)| held.name == base.name);
        let Some((_, held)) = place.and_then(|place| self.named_windows.get(place)) else {
            let message = format!("window \"{}\" does not exist", base.name);
            return Err(Error::new(state::UNDEFINED_OBJECT, message).at(base.span.at()));
        };
        if held.base.as_ref().is_some_and(|name| name.name == base.name) {
            let message = format!("window \"{}\" does not exist", base.name);
            return Err(Error::new(state::UNDEFINED_OBJECT, message).at(base.span.at()));
        }
        let mut from = self.based(held)?;
        let at = window.span.at();
        if !window.partition_by.is_empty() {
            return Err(windowing(
                format!("cannot override PARTITION BY clause of window \"{}\"", base.name),
                at,
            ));
        }
        if !window.order_by.is_empty() && !from.order_by.is_empty() {
            return Err(windowing(
                format!("cannot override ORDER BY clause of window \"{}\"", base.name),
                at,
            ));
        }
        if from.frame.is_some() {
            let message = format!("cannot copy window \"{}\" because it has a frame clause", base.name);
            return Err(windowing(message, at));
        }
        if !window.order_by.is_empty() {
            from.order_by.clone_from(&window.order_by);
        }
        from.frame.clone_from(&window.frame);
        from.span = window.span;
        from.base = None;
        Ok(from)
    }

    /// The frame of a window; without one, up to the row's last peer.
    fn frame(
        &mut self,
        written: Option<&ast::Frame>,
        order: &[SortKey],
        at: usize,
        place: &mut Place<'_>,
    ) -> Result<Frame> {
        let Some(written) = written else {
            return Ok(Frame {
                unit: FrameUnit::Range,
                start: Bound::UnboundedPreceding,
                end: Bound::CurrentRow,
                exclude: FrameExclude::NoOthers,
                range_key: None,
            });
        };
        let unit = match written.unit {
            ast::FrameUnit::Rows => FrameUnit::Rows,
            ast::FrameUnit::Range => FrameUnit::Range,
            ast::FrameUnit::Groups => FrameUnit::Groups,
        };
        if unit == FrameUnit::Groups && order.is_empty() {
            return Err(windowing("GROUPS mode requires an ORDER BY clause", at));
        }
        let exclude = match written.exclude {
            ast::FrameExclude::NoOthers => FrameExclude::NoOthers,
            ast::FrameExclude::CurrentRow => FrameExclude::CurrentRow,
            ast::FrameExclude::Group => FrameExclude::Group,
            ast::FrameExclude::Ties => FrameExclude::Ties,
        };
        let mut range_key = None;
        let start = self.bound(&written.start, unit, order, at, &mut range_key, place)?;
        let end = match &written.end {
            Some(end) => self.bound(end, unit, order, at, &mut range_key, place)?,
            None => Bound::CurrentRow,
        };
        let following = |bound: &Bound| matches!(bound, Bound::Offset { preceding: false, .. });
        let preceding = |bound: &Bound| matches!(bound, Bound::Offset { preceding: true, .. });
        let wrong = match (&start, &end) {
            (Bound::UnboundedFollowing, _) => Some("frame start cannot be UNBOUNDED FOLLOWING"),
            (_, Bound::UnboundedPreceding) => Some("frame end cannot be UNBOUNDED PRECEDING"),
            (Bound::CurrentRow, end) if preceding(end) => {
                Some("frame starting from current row cannot have preceding rows")
            }
            (start, Bound::CurrentRow) if following(start) => {
                Some("frame starting from following row cannot end with current row")
            }
            (start, end) if following(start) && preceding(end) => {
                Some("frame starting from following row cannot have preceding rows")
            }
            _ => None,
        };
        let value = |bound: &ast::FrameBound| match bound {
            ast::FrameBound::Preceding(offset) | ast::FrameBound::Following(offset) => Some(offset.span.at()),
            _ => None,
        };
        match wrong {
            Some(message) => Err(windowing(message, written.end.as_ref().and_then(value).unwrap_or(at))),
            None => Ok(Frame { unit, start, end, exclude, range_key }),
        }
    }

    fn bound(
        &mut self,
        written: &ast::FrameBound,
        unit: FrameUnit,
        order: &[SortKey],
        at: usize,
        range_key: &mut Option<Expr>,
        place: &mut Place<'_>,
    ) -> Result<Bound> {
        let (offset, preceding) = match written {
            ast::FrameBound::UnboundedPreceding => return Ok(Bound::UnboundedPreceding),
            ast::FrameBound::UnboundedFollowing => return Ok(Bound::UnboundedFollowing),
            ast::FrameBound::CurrentRow => return Ok(Bound::CurrentRow),
            ast::FrameBound::Preceding(offset) => (offset, true),
            ast::FrameBound::Following(offset) => (offset, false),
        };
        let bound = self.expr(offset, place)?;
        let name = match unit {
            FrameUnit::Rows => "ROWS",
            FrameUnit::Range => "RANGE",
            FrameUnit::Groups => "GROUPS",
        };
        if !bound.columns_used().is_empty() {
            let message = format!("argument of {name} must not contain variables");
            return Err(Error::new(state::INVALID_COLUMN_REFERENCE, message).at(offset.span.at()));
        }
        if unit != FrameUnit::Range {
            let offset = self.resolver.argument(bound, Type::Int8, name, offset.span.at())?;
            return Ok(Bound::Offset { offset, value: None, preceding });
        }
        let [key] = order else {
            let message = "RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column";
            return Err(windowing(message, at));
        };
        // Beyond the ends of an integer type lie none of its values: a wider type knows no overflow.
        let wide = match key.expr.ty().plain() {
            Type::Int2 | Type::Int4 => Type::Int8,
            Type::Int8 => Type::Numeric(None),
            Type::Float4 => Type::Float8,
            Type::Date => Type::Timestamp,
            other => other,
        };
        let explicit = CastContext::Explicit;
        let wider = self.resolver.cast(key.expr.clone(), wide, explicit, at)?;
        let of = match wide {
            Type::Timestamp | Type::Timestamptz => Type::Interval,
            Type::Int8 | Type::Float8 | Type::Numeric(_) | Type::Interval => wide,
            other => {
                let message =
                    format!("RANGE with offset PRECEDING/FOLLOWING is not supported for column type {other}");
                return Err(Error::new(state::FEATURE_NOT_SUPPORTED, message).at(offset.span.at()));
            }
        };
        let span = offset.span;
        let from = bound.known_type();
        let offset = self.resolver.cast(bound, of, CastContext::Implicit, span.at()).map_err(|error| {
            let Some(from) = from.filter(|_| error.code() == state::CANNOT_COERCE.0) else { return error };
            let message = format!(
                "RANGE with offset PRECEDING/FOLLOWING is not supported for column type {} and offset type {from}",
                key.expr.ty()
            );
            Error::new(state::FEATURE_NOT_SUPPORTED, message).at(span.at())
        })?;
        let op = if preceding == key.descending { "+" } else { "-" };
        let value = self.resolver.binary(op, wider.clone(), offset.clone(), at)?;
        let value = self.resolver.cast(value, wide, explicit, at)?;
        *range_key = Some(wider);
        Ok(Bound::Offset { offset, value: Some(value), preceding })
    }

    /// The nodes that compute the window functions of the query, above what they are computed from.
    pub(super) fn windows(&mut self, mut plan: Plan, items: &mut [Item]) -> Plan {
        let mut places: Vec<usize> = vec![0; self.windows.len()];
        let mut left: Vec<(usize, BoundWindow)> =
            std::mem::take(&mut self.windows).into_iter().enumerate().collect();
        while let Some((_, first)) = left.first() {
            let (partition, order) = (first.partition.clone(), first.order.clone());
            let alike = |w: &BoundWindow| w.partition == partition && w.order == order;
            let (same, others): (Vec<_>, Vec<_>) = left.into_iter().partition(|(_, window)| alike(window));
            left = others;
            let width = plan.width();
            let mut calls = Vec::with_capacity(same.len());
            for (k, window) in same {
                places[k] = width + calls.len();
                calls.push(window.call);
            }
            plan = Plan::Window { input: Box::new(plan), partition, order, calls };
        }
        for item in items {
            let expr = std::mem::replace(&mut item.expr, Expr::Unknown { text: None, at: 0 });
            item.expr = expr.remap_columns(&|column| match column.checked_sub(WINDOWS) {
                Some(k) if column < SETS => places.get(k).copied().unwrap_or(column),
                _ => column,
            });
        }
        plan
    }
}

/// The error for a function that needs OVER and has none.
pub fn without_over(call: &FunctionCall) -> Error {
    let message = format!("window function {} requires an OVER clause", call.name.last());
    Error::new(state::WRONG_OBJECT_TYPE, message).at(call.name.span.at())
}
