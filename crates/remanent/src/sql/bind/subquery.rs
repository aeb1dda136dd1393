//! Queries within expressions and in FROM that may refer to the query around them.
//!
//! Each query around is a [`Frame`] with the columns that can be named. A name that means nothing within a subquery is
//! looked up in the frames, innermost first; what it finds becomes a parameter, and the frame remembers which column's
//! value that parameter must have when the subquery is run. So a subquery's plan reads parameters where others would read
//! columns of the row around, and is a plan like any other.
//!
//! ```text
//! SELECT (SELECT max(y) FROM u WHERE u.k = t.k) FROM t
//!
//! plan of the subquery: … Filter (column k of u = $1)      arguments: $1 is column k of t
//! ```
//!
//! Items of FROM see those to their left only where they say LATERAL or are functions; their frames are opened for that.

use super::call::{aggregates_allowed, joined};
use super::expr::{AGGREGATES, Clause, Place, SETS, operator};
use super::rows::Row;
use super::scope::Scope;
use super::{Binder, Relation, refuse};
use crate::sql::ast::{self, ExprKind, Name, Query, Span};
use crate::sql::execute::is_volatile;
use crate::sql::expr::{Expr, Subquery, SubqueryKind};
use crate::sql::optimize::{plan_reads, reads};
use crate::sql::plan::{AggregateCall, Plan};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::{Array, Type};
use std::sync::Arc;

/// A parameter, the position of its column, and where that was first named.
type Named = (usize, usize, usize);

/// The columns of a query around, and which of them were named.
pub struct Frame {
    scope: Scope,
    /// Parameters, the positions of their columns, and where they were first named.
    args: Vec<Named>,
    /// How deep the query is in others.
    level: usize,
    /// For what stands to the left in FROM: whether the item being bound may name it.
    lateral: Option<bool>,
    /// Aggregates of its columns that were called within, what stands for each, and where.
    aggregates: Vec<(usize, AggregateCall, usize)>,
}

/// An expression with a query in it that was bound.
pub struct Alike {
    /// As it is written.
    text: String,
    expr: Expr,
    /// The columns that it names, and where.
    seen: Vec<(usize, usize)>,
}

impl Binder<'_> {
    /// An expression with a query in it. Beside GROUP BY and DISTINCT, those that are written alike are one and the same, so that what the list says
    /// equals what is grouped by.
    pub(super) fn with_subquery(&mut self, expr: &ast::Expr, place: &mut Place<'_>) -> Result<Expr> {
        let Some(known) = &self.alike else { return self.new_subquery(expr, place) };
        let text = expr.to_string();
        if let Some(found) = known.iter().find(|held| held.text == text) {
            place.seen.extend(&found.seen);
            return Ok(found.expr.clone());
        }
        let before = place.seen.len();
        let bound = self.new_subquery(expr, place)?;
        if let Some(known) = self.alike.as_mut().filter(|_| !bound.is_volatile()) {
            let seen = place.seen.get(before..).unwrap_or_default().to_vec();
            known.push(Alike { text, expr: bound.clone(), seen });
        }
        Ok(bound)
    }

    fn new_subquery(&mut self, expr: &ast::Expr, place: &mut Place<'_>) -> Result<Expr> {
        match &expr.kind {
            ExprKind::Subquery(query) => self.scalar_subquery(query, expr.span.at(), place),
            ExprKind::Exists(query) => self.exists(query, place),
            ExprKind::ArrayQuery(query) => self.array_subquery(query, place),
            ExprKind::InQuery { expr, query, negated, by } => {
                let test = self.quantified(expr, "=", false, query, by.at(), place)?;
                Ok(if *negated { Expr::Not(Box::new(test)) } else { test })
            }
            ExprKind::Quantified { left, op, all, right } => match &right.kind {
                ExprKind::Subquery(query) => {
                    self.quantified(left, operator(op)?, *all, query, op.span.at(), place)
                }
                _ => {
                    let (left, array) = (self.expr(left, place)?, self.expr(right, place)?);
                    self.resolver.quantified(operator(op)?, left, array, *all, op.span.at())
                }
            },
            _ => Err(Error::internal("an expression has no subquery")),
        }
    }

    /// `(SELECT …)` as a value.
    pub(super) fn scalar_subquery(
        &mut self,
        query: &Query,
        at: usize,
        place: &mut Place<'_>,
    ) -> Result<Expr> {
        let (relation, args) = self.nested(query, place)?;
        let [field] = relation.fields.as_slice() else {
            return Err(Error::new(state::SYNTAX_ERROR, "subquery must return only one column").at(at));
        };
        Ok(subquery(SubqueryKind::Scalar(field.ty), relation.plan, args))
    }

    /// `ARRAY (SELECT …)`: array_agg over its rows, in their order; without rows the empty array.
    pub(super) fn array_subquery(&mut self, query: &Query, place: &mut Place<'_>) -> Result<Expr> {
        let at = query.span.at();
        let (relation, args) = self.nested(query, place)?;
        let [field] = relation.fields.as_slice() else {
            return Err(Error::new(state::SYNTAX_ERROR, "subquery must return only one column").at(at));
        };
        let aggregate = self.resolver.aggregate("array_agg", vec![Expr::column(0, field.ty)], at)?;
        let ty = aggregate.ty;
        let Type::Array(element) = ty else { return Err(Error::internal("array_agg makes no array")) };
        let call = AggregateCall { aggregate, distinct: false, filter: None, order: Vec::new() };
        let input = Box::new(relation.plan);
        let list = Plan::Aggregate { input, group: Vec::new(), aggregates: vec![call], sets: Vec::new() };
        let empty = Expr::Literal { value: Array::empty(element.ty()).into(), ty };
        let plan = Plan::Project {
            input: Box::new(list),
            exprs: vec![Expr::Coalesce { args: vec![Expr::column(0, ty), empty], ty }],
            names: vec!["array".to_string()],
        };
        Ok(subquery(SubqueryKind::Scalar(ty), plan, args))
    }

    /// `EXISTS (SELECT …)`
    pub(super) fn exists(&mut self, query: &Query, place: &mut Place<'_>) -> Result<Expr> {
        let (relation, args) = self.nested(query, place)?;
        Ok(subquery(SubqueryKind::Exists, relation.plan, args))
    }

    /// `left op ANY (SELECT …)` or ALL; IN is `= ANY`. The left side may be a row.
    pub(super) fn quantified(
        &mut self,
        left: &ast::Expr,
        op: &str,
        all: bool,
        query: &Query,
        at: usize,
        place: &mut Place<'_>,
    ) -> Result<Expr> {
        let left = match &left.kind {
            ExprKind::Row(parts) => self.exprs(parts, place)?,
            _ => vec![self.expr(left, place)?],
        };
        let (relation, args) = self.nested(query, place)?;
        let (wide, wanted) = (relation.fields.len(), left.len());
        if wide != wanted {
            let many = if wide > wanted { "many" } else { "few" };
            return Err(Error::new(state::SYNTAX_ERROR, format!("subquery has too {many} columns")).at(at));
        }
        let columns = |from: usize| {
            relation.fields.iter().enumerate().map(move |(i, f)| Expr::column(from + i, f.ty)).collect()
        };
        // The operator decides what types the left side has.
        let right: Vec<Expr> = columns(SUBQUERY);
        let test = match wanted {
            1 => {
                let mut pair = left.into_iter().zip(right);
                let Some((left, right)) = pair.next() else { return Err(Error::internal("no operand")) };
                self.resolver.binary(op, left, right, at)?
            }
            _ => self.rows_compared(op, left, right, at)?,
        };
        self.resolver.condition(test.clone(), "ANY/ALL", at)?;
        let (left, test) = taken_apart(test);
        let set = |e: &Expr| matches!(e, Expr::Column { index, .. } if *index >= SETS);
        if left.iter().any(|e| e.any(&mut |part| set(part))) {
            let message = "row comparison operator must not return a set";
            return Err(Error::new(state::DATATYPE_MISMATCH, message).at(at));
        }
        let kind = if all { SubqueryKind::All } else { SubqueryKind::Any };
        let Expr::Subquery(mut bound) = subquery(kind, relation.plan, args) else {
            return Err(Error::internal("not a subquery"));
        };
        let width = left.len();
        let settle = |column: usize| if of_subquery(column) { column - SUBQUERY + width } else { column };
        bound.test = Some(test.remap_columns(&settle));
        bound.left = left;
        Ok(Expr::Subquery(bound))
    }

    /// `(a, b) op (SELECT x, y …)`: the comparison with the one row.
    pub(super) fn row_subquery(
        &mut self,
        left: &ast::Expr,
        op: &str,
        query: &Query,
        at: usize,
        place: &mut Place<'_>,
    ) -> Result<Expr> {
        let ExprKind::Row(left) = &left.kind else { return Err(Error::internal("not a row")) };
        let left = self.exprs(left, place)?;
        let right = self.row_of(query, left.len(), at, place)?;
        self.rows_compared(op, left, right, at)
    }

    /// The columns of a query's one row, each as a value of its own.
    pub(super) fn row_of(
        &mut self,
        query: &Query,
        width: usize,
        at: usize,
        place: &mut Place<'_>,
    ) -> Result<Vec<Expr>> {
        let (relation, args) = self.nested(query, place)?;
        if relation.fields.len() != width {
            let many = if relation.fields.len() > width { "many" } else { "few" };
            return Err(Error::new(state::SYNTAX_ERROR, format!("subquery has too {many} columns")).at(at));
        }
        let one = |(i, field): (usize, &crate::sql::plan::Field)| {
            let plan = Plan::Project {
                input: Box::new(relation.plan.clone()),
                exprs: vec![Expr::column(i, field.ty)],
                names: vec![field.name.clone()],
            };
            subquery(SubqueryKind::Scalar(field.ty), plan, args.clone())
        };
        Ok(relation.fields.iter().enumerate().map(one).collect())
    }

    /// A query that may refer to the scope of `place`; what it reads of it.
    fn nested(&mut self, query: &Query, place: &mut Place<'_>) -> Result<(Relation, Vec<(usize, Expr)>)> {
        let refused = match place.clause {
            Clause::Default => Some("cannot use subquery in DEFAULT expression"),
            Clause::Check => Some("cannot use subquery in check constraint"),
            Clause::Using => Some("cannot use subquery in transform expression"),
            Clause::Generated => Some("cannot use subquery in column generation expression"),
            Clause::CopyFrom => Some("cannot use subquery in COPY FROM WHERE condition"),
            Clause::Index => Some("cannot use subquery in index expression"),
            Clause::IndexWhere => Some("cannot use subquery in index predicate"),
            _ => None,
        };
        if let Some(message) = refused {
            return Err(Error::new(state::FEATURE_NOT_SUPPORTED, message).at(query.span.at()));
        }
        let alike = self.alike.take();
        self.begin_frame(place.scope.clone(), None);
        let bound = self.query(query, None);
        self.alike = alike;
        let Frame { scope, args, aggregates, .. } = self.end_frame()?;
        let bound = bound?;
        if !place.inside_aggregate {
            place.seen.extend(args.iter().map(|&(_, position, at)| (position, at)));
        }
        let mut args = values(&scope, args);
        for (slot, call, at) in aggregates {
            aggregates_allowed(place, at)?;
            args.push((slot, joined(call, place)?));
        }
        Ok((bound, args))
    }

    /// How many columns were named of each query around.
    pub(super) fn named_around(&self) -> Vec<usize> {
        self.outer.iter().map(|frame| frame.args.len()).collect()
    }

    /// An aggregate of nothing but columns of a query around belongs to that query: the parameter that stands for it.
    /// `before`: what was named of the queries around before it.
    pub(super) fn aggregate_around(
        &mut self,
        call: &AggregateCall,
        before: &[usize],
        span: Span,
    ) -> Result<Option<Expr>> {
        let has = |test: &mut dyn FnMut(&Expr) -> bool| call.exprs().any(|expr| expr.any(test));
        if has(&mut |e| matches!(e, Expr::Column { .. })) {
            return Ok(None);
        }
        let mut frames = self.outer.iter_mut().zip(before).rev();
        let named = frames.find_map(|(frame, before)| {
            let read = |slots: &[usize]| call.exprs().any(|expr| reads(expr, slots));
            let nested = read(&frame.aggregates.iter().map(|(slot, ..)| *slot).collect::<Vec<_>>());
            let slots: Vec<usize> = frame.args.iter().map(|(slot, ..)| *slot).collect();
            (nested || read(&slots)).then_some((frame, before, slots, nested))
        });
        let Some((frame, before, slots, nested)) = named else { return Ok(None) };
        if nested {
            let message = "aggregate function calls cannot be nested";
            return Err(Error::new(state::GROUPING_ERROR, message).at(span.at()));
        }
        if has(&mut |e| matches!(e, Expr::Subquery(subquery) if plan_reads(&subquery.plan, &slots))) {
            return Err(refuse("an aggregate of a subquery over columns of the query around", span));
        }
        if frame.lateral.is_some() {
            let message = "aggregate functions are not allowed in FROM clause of their own query level";
            return Err(Error::new(state::GROUPING_ERROR, message).at(span.at()));
        }
        let mut call = call.clone();
        for expr in call.exprs_mut() {
            let taken = std::mem::replace(expr, Expr::Unknown { text: None, at: 0 });
            *expr = taken.transform(&mut |e| match &e {
                Expr::Param { index, .. } => match frame.args.iter().find(|(slot, ..)| slot == index) {
                    Some((_, position, _)) => frame.scope.column(*position),
                    None => e,
                },
                _ => e,
            });
        }
        frame.args.truncate(*before);
        let (slot, ty) = (self.slots, call.aggregate.ty);
        self.slots += 1;
        frame.aggregates.push((slot, call, span.at()));
        Ok(Some(Expr::Param { index: slot, ty: Some(ty), at: span.at() }))
    }

    /// How many queries within expressions are being bound, one within the other.
    pub(super) fn nesting(&self) -> usize {
        self.outer.iter().filter(|frame| frame.lateral.is_none()).count()
    }

    /// From here on what is bound may name these columns; `lateral` says that they stand to the left in FROM.
    pub(super) fn begin_frame(&mut self, scope: Scope, lateral: Option<bool>) {
        self.outer.push(Frame {
            scope,
            args: Vec::new(),
            level: self.level,
            lateral,
            aggregates: Vec::new(),
        });
    }

    fn end_frame(&mut self) -> Result<Frame> {
        self.outer.pop().ok_or_else(|| Error::internal("no query around"))
    }

    /// Ends the frame of what stands to the left in FROM: what was named of it.
    pub(super) fn end_lateral(&mut self) -> Result<Vec<(usize, Expr)>> {
        let Frame { scope, args, .. } = self.end_frame()?;
        Ok(values(&scope, args))
    }

    /// Binds an item of FROM that may, or may not, name what stands to its left.
    pub(super) fn laterally<T>(
        &mut self,
        open: bool,
        bind: &mut dyn FnMut(&mut Self) -> Result<T>,
    ) -> Result<T> {
        let level = self.level;
        let own = |frame: &Frame| frame.lateral.is_some() && frame.level == level;
        let before: Vec<Option<bool>> = self.outer.iter().map(|frame| frame.lateral).collect();
        self.outer.iter_mut().filter(|frame| own(frame)).for_each(|frame| frame.lateral = Some(open));
        let bound = bind(self);
        self.outer.iter_mut().zip(before).for_each(|(frame, lateral)| frame.lateral = lateral);
        bound
    }

    /// What a name means in the queries around: a parameter that has that column's value. None: nothing.
    pub(super) fn outer_column(&mut self, name: &Name) -> Result<Option<Expr>> {
        for frame in self.outer.iter_mut().rev().filter(|frame| frame.lateral != Some(false)) {
            match frame.scope.resolve(name) {
                Ok(position) => return Ok(Some(frame.read(position, name.span.at(), &mut self.slots))),
                Err(error) if error.state() == state::AMBIGUOUS_COLUMN => return Err(error),
                Err(error) if frame.scope.has_relation_of(name) => return Err(error),
                Err(_) => {}
            }
        }
        Ok(None)
    }

    /// The columns of a relation in the queries around, as [`Scope::row`] has them. None: there is none of that name.
    pub(super) fn outer_row(&mut self, name: &Name) -> Option<Row<Expr>> {
        for frame in self.outer.iter_mut().rev().filter(|frame| frame.lateral != Some(false)) {
            if let Some(row) = frame.scope.row(name) {
                let at = name.span.at();
                return Some(row.with(&mut |position| frame.read(position, at, &mut self.slots)));
            }
        }
        None
    }
}

impl Frame {
    /// The parameter that has the value of a column, which is named somewhere.
    fn read(&mut self, position: usize, at: usize, slots: &mut usize) -> Expr {
        let slot = match self.args.iter().find(|(_, held, _)| *held == position) {
            Some(&(slot, ..)) => slot,
            None => {
                self.args.push((*slots, position, at));
                *slots += 1;
                *slots - 1
            }
        };
        Expr::Param { index: slot, ty: Some(self.scope.column(position).ty()), at }
    }
}

/// Columns from here on stand for those of the subquery until it is known how many stand before them.
const SUBQUERY: usize = usize::MAX / 16;

/// Those behind are of the row around: its aggregates, window functions and sets, which have no places yet.
fn of_subquery(column: usize) -> bool {
    (SUBQUERY..AGGREGATES).contains(&column)
}

fn values(scope: &Scope, args: Vec<Named>) -> Vec<(usize, Expr)> {
    args.into_iter().map(|(slot, position, _)| (slot, scope.column(position))).collect()
}

fn subquery(kind: SubqueryKind, plan: Plan, args: Vec<(usize, Expr)>) -> Expr {
    let volatile = is_volatile(&plan);
    Expr::Subquery(Box::new(Subquery {
        kind,
        plan: Arc::new(plan),
        args,
        left: Vec::new(),
        test: None,
        volatile,
    }))
}

/// A comparison as the values of the row around that it reads, and the test with columns in their place.
fn taken_apart(test: Expr) -> (Vec<Expr>, Expr) {
    let mut left: Vec<Expr> = Vec::new();
    let test = outermost(test, &mut left);
    (left, test)
}

fn outermost(mut test: Expr, left: &mut Vec<Expr>) -> Expr {
    let of_row = !test.any(&mut |e| matches!(e, Expr::Column { index, .. } if of_subquery(*index)));
    if of_row {
        let ty = test.ty();
        let place = left.iter().position(|held| *held == test && !held.is_volatile()).unwrap_or_else(|| {
            left.push(test);
            left.len() - 1
        });
        return Expr::column(place, ty);
    }
    test.for_each_child_mut(&mut |child| {
        let taken = std::mem::replace(
            child,
            Expr::Literal { value: remanent_storage::value::Value::Null, ty: Type::Bool },
        );
        *child = outermost(taken, left);
    });
    test
}
