//! `time_bucket_gapfill` in GROUP BY: rows for buckets that have none, and what `locf` and `interpolate` put there.
//!
//! ```text
//! SELECT time_bucket_gapfill('5 min', at) AS bucket, sensor, avg(v), locf(avg(v)), interpolate(avg(v))
//! FROM imu WHERE at >= '2024-01-01' AND at < '2024-01-02' GROUP BY bucket, sensor
//!
//! Project
//!   GapFill                                   every sensor has every bucket
//!     Sort (sensor, bucket)
//!       Project (the grouping's columns, then the arguments of locf and interpolate)
//!         Aggregate
//! ```
//!
//! HAVING sees the rows that there are. Where the buckets begin and end is said by arguments or by conditions of WHERE that compare
//! the time with something that reads no column.
//!
//! Limits: records as arguments of interpolate are written `(time, value)` or as subqueries whose list is that.

use super::Binder;
use super::select::Item;
use crate::sql::ast::{self, ExprKind, FunctionCall, Literal, QueryBody};
use crate::sql::execute::missing_bound;
use crate::sql::expr::{CastContext, Expr};
use crate::sql::functions::Cmp;
use crate::sql::functions::bucket::{GAPFILL, INTERPOLATE, LOCF, outside};
use crate::sql::functions::missing::is_missing;
use crate::sql::functions::parameters::{Missing, parameters};
use crate::sql::plan::{Fill, Gaps, Plan, SortKey};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::{Type, Value};

impl Binder<'_> {
    /// The arguments of a function whose parameters have names; None: of another one, or as they stand.
    pub(super) fn arranged(&self, call: &FunctionCall) -> Result<Option<Arranged>> {
        let name = call.name.last();
        let (names, missing) = parameters(name);
        let named = call.args.iter().any(|arg| matches!(arg.kind, ExprKind::NamedArg { .. }));
        if names.is_empty() && named && !is_missing(name) {
            return Err(self.unknown_call(call));
        }
        if names.is_empty() || !named && name != INTERPOLATE {
            return Ok(None);
        }
        let mut places: Vec<Option<ast::Expr>> = vec![None; names.len()];
        let mut behind = false;
        for (i, arg) in call.args.iter().enumerate() {
            let (place, value) = match &arg.kind {
                ExprKind::NamedArg { name: parameter, value } => {
                    behind = true;
                    let place = names.iter().position(|known| *known == parameter.name);
                    (place.ok_or_else(|| self.unknown_call(call))?, value.as_ref())
                }
                _ if behind => {
                    let message = "positional argument cannot follow named argument";
                    return Err(Error::new(state::SYNTAX_ERROR, message).at(arg.span.at()));
                }
                _ => (i, arg),
            };
            let slot = places.get_mut(place).ok_or_else(|| self.unknown_call(call))?;
            if slot.replace(value.clone()).is_some() {
                let message = format!("argument name \"{}\" used more than once", names[place]);
                return Err(Error::new(state::SYNTAX_ERROR, message).at(arg.span.at()));
            }
        }
        Ok(Some(match name {
            INTERPOLATE => points(places, call),
            "time_bucket" => self.bucket(places, call)?,
            GAPFILL => filled(places, call),
            _ => {
                while places.last().is_some_and(Option::is_none) {
                    places.pop();
                }
                let fill = |place: Option<ast::Expr>| match (place, missing) {
                    (Some(given), _) => Ok(given),
                    (None, Missing::Refused) => Err(self.unknown_call(call)),
                    (None, Missing::Null) => Ok(null(call)),
                    (None, Missing::Is(text)) => Ok(literal(call, Literal::String(text.to_string()))),
                };
                Arranged { args: places.into_iter().map(fill).collect::<Result<_>>()?, third: None }
            }
        }))
    }

    pub(super) fn unknown_call(&self, call: &FunctionCall) -> Error {
        let message = format!("function {} does not exist", call.name.last());
        Error::new(state::UNDEFINED_FUNCTION, message).at(call.name.span.at())
    }

    fn bucket(&self, mut places: Vec<Option<ast::Expr>>, call: &FunctionCall) -> Result<Arranged> {
        let zoned = places.get(2).is_some_and(Option::is_some);
        let (origin, offset) = (places[3].is_some(), places[4].is_some());
        if zoned {
            return Ok(Arranged { args: trimmed(places, call), third: None });
        }
        if origin && offset {
            return Err(self.unknown_call(call));
        }
        places.remove(2);
        if offset {
            places.remove(2);
        }
        let third = if offset { Some(Third::Span) } else { origin.then_some(Third::Time) };
        Ok(Arranged { args: trimmed(places, call), third })
    }

    /// Gives an argument the type that its name says.
    pub(super) fn third(&mut self, args: &mut [Expr], third: Third, at: usize) -> Result<()> {
        let to = match third {
            Third::Span => Some(Type::Interval),
            Third::Time => args.get(1).and_then(Expr::known_type),
        };
        if let (Some(arg), Some(to)) = (args.get_mut(2), to)
            && arg.known_type().is_none()
        {
            *arg = self.resolver.cast(arg.clone(), to, CastContext::Implicit, at)?;
        }
        Ok(())
    }

    /// What stands above a grouping by [`GAPFILL`]; nothing above another.
    pub(super) fn gapfill(&mut self, plan: Plan, items: &mut [Item]) -> Result<Plan> {
        let mut exprs: Vec<&mut Expr> = items.iter_mut().map(|item| &mut item.expr).collect();
        exprs.extend(self.windows.iter_mut().flat_map(|window| window.exprs_mut()));
        let Some((group, predicate)) = grouping(&plan) else { return nothing(plan, &exprs) };
        let is_filled = |expr: &&Expr| is_call(expr, &[GAPFILL]);
        let mut filled = group.iter().enumerate().filter(|(_, expr)| is_filled(expr));
        let Some((time, Expr::Call { args, ty, .. })) = filled.next() else {
            let hidden = group.iter().any(|expr| expr.any(&mut |e| is_call(e, &[GAPFILL])));
            return if hidden { Err(no_top_level()) } else { nothing(plan, &exprs) };
        };
        if filled.next().is_some() {
            return Err(unsupported("multiple time_bucket_gapfill calls not allowed"));
        }
        let mut args = args.iter();
        let (Some(width), Some(of)) = (args.next(), args.next()) else { return Ok(plan) };
        if !width.columns_used().is_empty() {
            let message = "invalid time_bucket_gapfill argument: bucket_width must be a simple expression";
            return Err(Error::new(state::INVALID_PARAMETER_VALUE, message));
        }
        let zone = args.as_slice().first().filter(|arg| arg.ty() == Type::Text).cloned();
        let mut ends = args.skip(usize::from(zone.is_some())).cloned();
        let ends = [ends.next(), ends.next()];
        let bound = |given: Option<Expr>, lower: bool| match given {
            Some(expr) if !is_null(&expr) => {
                // What a number lies in is asked with an argument that reads no row.
                match expr.columns_used().is_empty() {
                    true => Some((expr, false)),
                    false => None,
                }
            }
            _ => inferred(predicate, of, lower),
        };
        let [start, finish] = ends;
        let start = bound(start, true).ok_or_else(|| missing_bound("start"))?;
        let finish = bound(finish, false).ok_or_else(|| missing_bound("finish"))?;
        let gaps = Gaps {
            time,
            groups: (0..group.len()).filter(|&i| i != time).collect(),
            width: width.clone(),
            zone,
            start,
            finish,
            fills: Vec::new(),
        };
        let ty = *ty;
        let (start, finish) = (gaps.start.0.clone(), gaps.finish.0.clone());
        let start = self.resolver.cast(start, ty, CastContext::Explicit, 0)?;
        let finish = self.resolver.cast(finish, ty, CastContext::Explicit, 0)?;
        let gaps = Gaps { start: (start, gaps.start.1), finish: (finish, gaps.finish.1), ..gaps };
        let mut exprs: Vec<&mut Expr> = items.iter_mut().map(|item| &mut item.expr).collect();
        exprs.extend(self.windows.iter_mut().flat_map(|window| window.exprs_mut()));
        Ok(above(plan, gaps, exprs))
    }
}

/// Arguments in their places.
pub(super) struct Arranged {
    /// As the function takes them.
    pub args: Vec<ast::Expr>,
    /// What the third one is, where only its name says so.
    pub third: Option<Third>,
}

/// What an argument is that was given by its name.
#[derive(Clone, Copy)]
pub(super) enum Third {
    /// Of the type of the one before it.
    Time,
    /// An interval.
    Span,
}

fn null(call: &FunctionCall) -> ast::Expr {
    literal(call, Literal::Null)
}

fn literal(call: &FunctionCall, literal: Literal) -> ast::Expr {
    ast::Expr { kind: ExprKind::Literal(literal), span: call.name.span }
}

/// NULL where nothing is given, but at the end.
fn trimmed(mut places: Vec<Option<ast::Expr>>, call: &FunctionCall) -> Vec<ast::Expr> {
    while places.last().is_some_and(Option::is_none) {
        places.pop();
    }
    places.into_iter().map(|place| place.unwrap_or_else(|| null(call))).collect()
}

fn filled(mut places: Vec<Option<ast::Expr>>, call: &FunctionCall) -> Arranged {
    let bounded = places[3].is_some() || places[4].is_some();
    for place in &mut places[3..] {
        *place = place.take().or_else(|| bounded.then(|| null(call)));
    }
    if places[2].is_none() {
        places.remove(2);
    }
    Arranged { args: trimmed(places, call), third: None }
}

/// `interpolate(value, (time, value), (time, value))`: each record becomes its parts.
fn points(places: Vec<Option<ast::Expr>>, call: &FunctionCall) -> Arranged {
    let [value, before, behind] = [0, 1, 2].map(|i| places.get(i).cloned().flatten());
    let mut args = vec![value.unwrap_or_else(|| null(call))];
    if before.is_some() || behind.is_some() {
        for record in [before, behind] {
            args.extend(match record.as_ref().map(parts) {
                Some(Some(parts)) => parts,
                // It is no record: the types will say so.
                Some(None) => record.into_iter().chain([null(call)]).collect(),
                None => vec![null(call), null(call)],
            });
        }
    }
    Arranged { args, third: None }
}

/// The two parts of a record, of a row or a subquery that returns one.
fn parts(record: &ast::Expr) -> Option<Vec<ast::Expr>> {
    match &record.kind {
        ExprKind::Row(parts) if parts.len() == 2 => Some(parts.clone()),
        ExprKind::Literal(Literal::Null) => Some(vec![record.clone(), record.clone()]),
        ExprKind::Subquery(query) => {
            let QueryBody::Select(select) = &query.body else { return None };
            let [item] = select.items.as_slice() else { return None };
            let ExprKind::Row(parts) = &item.expr.kind else { return None };
            let [_, _] = parts.as_slice() else { return None };
            let one = |part: &ast::Expr| {
                let (mut query, mut select) = (query.clone(), select.clone());
                if let Some(item) = select.items.first_mut() {
                    item.expr = part.clone();
                }
                query.body = QueryBody::Select(select);
                ast::Expr { kind: ExprKind::Subquery(query), span: record.span }
            };
            Some(parts.iter().map(one).collect())
        }
        _ => None,
    }
}

/// The expressions of the grouping that a plan ends with, and the condition below it.
fn grouping(plan: &Plan) -> Option<(&[Expr], Option<&Expr>)> {
    match plan {
        Plan::Filter { input, .. } => grouping(input),
        Plan::Aggregate { input, group, sets, .. } if sets.is_empty() => {
            let predicate = match input.as_ref() {
                Plan::Filter { predicate, .. } => Some(predicate),
                _ => None,
            };
            Some((group, predicate))
        }
        _ => None,
    }
}

/// A plan without gaps to fill: nothing may speak of them.
fn nothing(plan: Plan, exprs: &[&mut Expr]) -> Result<Plan> {
    let called = |names: &[&str]| exprs.iter().any(|expr| expr.any(&mut |e| is_call(e, names)));
    if !called(&[GAPFILL, LOCF, INTERPOLATE]) {
        return Ok(plan);
    }
    if called(&[GAPFILL]) {
        return Err(no_top_level());
    }
    Err(outside(if called(&[LOCF]) { LOCF } else { INTERPOLATE }))
}

fn no_top_level() -> Error {
    unsupported("no top level time_bucket_gapfill in group by clause")
}

fn unsupported(message: &str) -> Error {
    Error::new(state::FEATURE_NOT_SUPPORTED, message)
}

fn is_call(expr: &Expr, names: &[&str]) -> bool {
    matches!(expr, Expr::Call { function, .. } if names.contains(&function.name))
}

fn is_null(expr: &Expr) -> bool {
    matches!(expr, Expr::Literal { value: Value::Null, .. })
}

/// A bound that a condition gives a time; true: what comes right behind it.
fn inferred(predicate: Option<&Expr>, of: &Expr, lower: bool) -> Option<(Expr, bool)> {
    let plain = |expr: &Expr| match expr {
        Expr::Cast { expr, .. } => expr.as_ref() == of,
        expr => expr == of,
    };
    predicate?.clone().into_conjuncts().into_iter().find_map(|part| {
        let Expr::Call { function, args, .. } = part else { return None };
        let (op, [left, right]) = (function.comparison()?, <[Expr; 2]>::try_from(args).ok()?);
        let (op, bound) = match (plain(&left), plain(&right)) {
            (true, false) => (op, right),
            (false, true) => (op.flipped(), left),
            _ => return None,
        };
        let found = bound.columns_used().is_empty();
        match (op, lower) {
            (Cmp::Ge, true) | (Cmp::Lt, false) if found => Some((bound, false)),
            (Cmp::Gt, true) | (Cmp::Le, false) if found => Some((bound, true)),
            (Cmp::Eq, _) if found => Some((bound, !lower)),
            _ => None,
        }
    })
}

/// The nodes above a grouping; calls of locf and interpolate become their columns.
fn above(plan: Plan, mut gaps: Gaps, exprs: Vec<&mut Expr>) -> Plan {
    let fields = plan.fields();
    let mut all: Vec<Expr> = fields.iter().enumerate().map(|(i, field)| Expr::column(i, field.ty)).collect();
    let mut known: Vec<(Expr, usize)> = Vec::new();
    for expr in exprs {
        let taken = std::mem::replace(expr, Expr::Unknown { text: None, at: 0 });
        *expr = taken.transform(&mut |part| {
            let Expr::Call { function, args, ty } = &part else { return part };
            if ![LOCF, INTERPOLATE].contains(&function.name) {
                return part;
            }
            if let Some((_, column)) = known.iter().find(|(held, _)| *held == part) {
                return Expr::column(*column, *ty);
            }
            let column = all.len();
            all.extend(args.iter().cloned());
            let arg = |i: usize| (i < args.len()).then_some(column + i);
            let fill = match function.name {
                LOCF => Fill::Last { before: arg(1), nulls: arg(2) },
                _ => Fill::Line { before: arg(1).zip(arg(2)), behind: arg(3).zip(arg(4)) },
            };
            gaps.fills.push((column, fill));
            let ty = *ty;
            known.push((part, column));
            Expr::column(column, ty)
        });
    }
    let names = (0..all.len()).map(|i| fields.get(i).map_or_else(String::new, |field| field.name.clone()));
    let names = names.collect();
    let key = |&column: &usize| SortKey {
        expr: Expr::column(column, fields.get(column).map_or(Type::Text, |field| field.ty)),
        descending: false,
        nulls_first: false,
    };
    let keys = gaps.groups.iter().chain([&gaps.time]).map(key).collect();
    let input = Plan::Project { input: Box::new(plan), exprs: all, names };
    Plan::Gapfill { input: Box::new(Plan::Sort { input: Box::new(input), keys }), gaps: Box::new(gaps) }
}
