//! Queries: WITH, then SELECT, VALUES, UNION and its kin, then ORDER BY and LIMIT.

use super::expr::{Clause, Place};
use super::locking::Clauses;
use super::scope::Scope;
use super::with::around;
use super::{Binder, Relation};
use crate::sql::ast::{self, ExprKind, Query, QueryBody, SetOp};
use crate::sql::expr::coerce::family;
use crate::sql::expr::{CastContext, Expr, needs_equality};
use crate::sql::plan::{self, Field, Plan};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::Type;
use std::sync::Arc;

/// A column that a query's rows are inserted into: constants and parameters take its type.
pub struct Target {
    /// The column's name.
    pub name: String,
    /// Its type.
    pub ty: Type,
}

impl Binder<'_> {
    /// A query. With `targets`, the source of an INSERT.
    pub(super) fn query(&mut self, query: &Query, targets: Option<&[Target]>) -> Result<Relation> {
        let outer_queries = self.queries.len();
        let outer_locking = std::mem::take(&mut self.locking);
        let outer_groupings = std::mem::take(&mut self.groupings);
        let outer_sets = std::mem::take(&mut self.sets);
        let outer_windows = (std::mem::take(&mut self.windows), std::mem::take(&mut self.named_windows));
        self.level += 1;
        let bound = self.query_with(query, targets);
        self.level -= 1;
        (self.locking, self.groupings) = (outer_locking, outer_groupings);
        self.sets = outer_sets;
        (self.windows, self.named_windows) = outer_windows;
        self.queries.truncate(outer_queries);
        bound
    }

    fn query_with(&mut self, query: &Query, targets: Option<&[Target]>) -> Result<Relation> {
        let queries = match &query.with {
            Some(with) => self.with(with)?,
            None => Vec::new(),
        };
        self.refuse_locking(query)?;
        self.locking = Clauses::of(query);
        let mut relation = match &query.body {
            QueryBody::Select(select) => self.select(select, &query.order_by, targets)?,
            QueryBody::Values(rows) => {
                let relation = self.values(rows, targets)?;
                self.ordered(relation, &query.order_by)?
            }
            QueryBody::Set { op, all, left, right } => {
                let relation = self.set_operation(*op, left, right, *all)?;
                self.ordered(relation, &query.order_by)?
            }
        };
        let limit = self.row_count(query.limit.as_ref(), Clause::Limit)?;
        let offset = self.row_count(query.offset.as_ref(), Clause::Offset)?;
        if limit.is_some() || offset.is_some() {
            relation.plan = match (&query.limit, query.with_ties) {
                (Some(_), true) => with_ties(relation.plan, limit, offset)?,
                _ => Plan::Limit { input: Box::new(relation.plan), limit, offset, ties: Vec::new() },
            };
        }
        relation.plan = around(queries, relation.plan);
        Ok(relation)
    }

    /// VALUES: columns are called column1, column2, …; each has the common type of its values.
    fn values(&mut self, rows: &[Vec<ast::Expr>], targets: Option<&[Target]>) -> Result<Relation> {
        let scope = Scope::default();
        let width = rows.first().map_or(0, Vec::len);
        let mut bound = Vec::with_capacity(rows.len());
        for row in rows {
            if row.len() != width {
                let at = row.first().map_or(0, |expr| expr.span.at());
                return Err(
                    Error::new(state::SYNTAX_ERROR, "VALUES lists must all be the same length").at(at)
                );
            }
            bound.push(self.exprs(row, &mut Place::new(&scope, Clause::Values))?);
        }
        let (mut fields, mut untyped) = (Vec::with_capacity(width), Vec::new());
        for column in 0..width {
            let at = rows[0][column].span.at();
            let exprs: Vec<&Expr> = bound.iter().map(|row| &row[column]).collect();
            let places: Vec<usize> = rows.iter().map(|row| row[column].span.at()).collect();
            let mut ty = self.resolver.common_type(&exprs, "VALUES", &places)?;
            if exprs.iter().any(|expr| expr.known_type().is_none()) {
                ty = family(ty);
            }
            if exprs.iter().all(|expr| expr.known_type().is_none()) {
                untyped.push(column);
                ty = targets.and_then(|targets| targets.get(column)).map_or(ty, |target| target.ty);
            }
            for (row, written) in bound.iter_mut().zip(rows) {
                let expr = std::mem::replace(&mut row[column], Expr::Unknown { text: None, at });
                let at = written[column].span.at();
                row[column] = self.resolver.cast(expr, ty, CastContext::Implicit, at)?;
            }
            fields.push(Field::new(format!("column{}", column + 1), ty));
        }
        let plan = Plan::Values { rows: Arc::new(bound), fields: fields.clone() };
        Ok(Relation { untyped, ..Relation::new(plan, fields) })
    }

    /// UNION, INTERSECT, EXCEPT [ALL]: names are the left side's, types common to both.
    fn set_operation(&mut self, op: SetOp, left: &Query, right: &Query, all: bool) -> Result<Relation> {
        let name = match op {
            SetOp::Union => "UNION",
            SetOp::Intersect => "INTERSECT",
            SetOp::Except => "EXCEPT",
        };
        let (ours_places, places) = (column_places(left), column_places(right));
        let at = places.first().copied().unwrap_or(right.span.at());
        let (left, right) = self.union_sides(left, right)?;
        if left.fields.len() != right.fields.len() {
            let message = format!("each {name} query must have the same number of columns");
            return Err(Error::new(state::SYNTAX_ERROR, message).at(at));
        }
        let columns = |relation: &Relation| -> Vec<Expr> {
            relation.fields.iter().enumerate().map(|(i, field)| Expr::column(i, field.ty)).collect()
        };
        let (mut ours, mut theirs) = (columns(&left), columns(&right));
        let merges = op != SetOp::Union || !all;
        let mut fields = left.fields.clone();
        for (i, field) in fields.iter_mut().enumerate() {
            field.relation = None;
            let place = places.get(i).or(places.last()).copied().unwrap_or(at);
            field.ty = self.resolver.common_type(&[&ours[i], &theirs[i]], name, &[place])?;
            if merges {
                let typed = !left.untyped.contains(&i) || right.untyped.contains(&i);
                let places = if typed { &ours_places } else { &places };
                needs_equality(field.ty, places.get(i).or(places.last()).copied())?;
            }
            for side in [&mut ours, &mut theirs] {
                side[i] = self.resolver.cast(side[i].clone(), field.ty, CastContext::Implicit, at)?;
            }
        }
        let names: Vec<String> = fields.iter().map(|field| field.name.clone()).collect();
        let side = |plan: Plan, exprs: Vec<Expr>| Plan::Project {
            input: Box::new(plan),
            exprs,
            names: names.clone(),
        };
        let untyped = left.untyped.iter().copied().filter(|i| right.untyped.contains(i)).collect();
        let (left, right) = (side(left.plan, ours), side(right.plan, theirs));
        let op = match op {
            SetOp::Union => {
                let append = Plan::Append { inputs: vec![left, right] };
                let plan = if all { append } else { Plan::Distinct { input: Box::new(append) } };
                return Ok(Relation { untyped, ..Relation::new(plan, fields) });
            }
            SetOp::Intersect => plan::SetOp::Intersect,
            SetOp::Except => plan::SetOp::Except,
        };
        let plan = Plan::SetOp { op, all, left: Box::new(left), right: Box::new(right) };
        Ok(Relation { untyped, ..Relation::new(plan, fields) })
    }

    /// The sides of a UNION; a constant without a type takes the other side's.
    fn union_sides(&mut self, left: &Query, right: &Query) -> Result<(Relation, Relation)> {
        let targets = |relation: &Relation| -> Vec<Target> {
            // A constant has no precision or length, and so the common type has none.
            let target = |field: &Field| Target { name: field.name.clone(), ty: family(field.ty) };
            relation.fields.iter().map(target).collect()
        };
        // Constants of VALUES are text by themselves.
        let values = |query: &Query| matches!(query.body, QueryBody::Values(_));
        let mut first = self.query(left, None)?;
        // A parameter is of the other side's type, too.
        if let Plan::Project { exprs, .. } = &first.plan {
            for expr in first.untyped.iter().filter_map(|&column| exprs.get(column)) {
                self.resolver.forget(expr);
            }
        }
        let mut second = self.query(right, (!values(right)).then(|| targets(&first)).as_deref())?;
        if !values(left) && !first.untyped.is_empty() {
            first = self.query(left, Some(&targets(&second)))?;
        }
        for (relation, query) in [(&mut first, left), (&mut second, right)] {
            if values(query) {
                relation.untyped.clear();
            }
        }
        Ok((first, second))
    }

    /// ORDER BY over something that is not a SELECT: its columns by name or number.
    fn ordered(&mut self, relation: Relation, order_by: &[ast::OrderBy]) -> Result<Relation> {
        if order_by.is_empty() {
            return Ok(relation);
        }
        let keys = self.order_by_output(order_by, &relation.fields)?;
        Ok(Relation::new(Plan::Sort { input: Box::new(relation.plan), keys }, relation.fields))
    }

    /// The argument of LIMIT or OFFSET, as bigint.
    fn row_count(&mut self, expr: Option<&ast::Expr>, clause: Clause) -> Result<Option<Expr>> {
        let Some(expr) = expr else { return Ok(None) };
        let at = expr.span.at();
        let scope = Scope::default();
        let bound = self.expr(expr, &mut Place::new(&scope, clause))?;
        self.resolver.argument(bound, Type::Int8, clause.name(), at).map(Some)
    }
}

/// Where the columns of a query are written, all of a star, which comes last, at its place; of set operations those of the first query, of VALUES nowhere.
pub(super) fn column_places(query: &Query) -> Vec<usize> {
    places(query).into_iter().map(|(at, _)| at).collect()
}

/// The same, and whether each is a constant without a type.
fn places(query: &Query) -> Vec<(usize, bool)> {
    let untyped = |expr: &ast::Expr| {
        matches!(expr.kind, ExprKind::Literal(ast::Literal::String(_) | ast::Literal::Null))
    };
    match &query.body {
        QueryBody::Select(select) => {
            select.items.iter().map(|item| (item.expr.span.at(), untyped(&item.expr))).collect()
        }
        QueryBody::Set { left, right, .. } => {
            let mut first = places(left);
            for (ours, theirs) in first.iter_mut().zip(places(right)) {
                if ours.1 && !theirs.1 {
                    *ours = theirs;
                }
            }
            first
        }
        QueryBody::Values(_) => Vec::new(),
    }
}

/// FETCH FIRST … WITH TIES: the limit stands right above the order, below what drops its hidden columns.
fn with_ties(plan: Plan, limit: Option<Expr>, offset: Option<Expr>) -> Result<Plan> {
    match plan {
        Plan::Sort { input, keys } => {
            let input = Box::new(Plan::Sort { input, keys: keys.clone() });
            Ok(Plan::Limit { input, limit, offset, ties: keys })
        }
        Plan::Project { input, exprs, names } if matches!(*input, Plan::Sort { .. }) => {
            let input = Box::new(with_ties(*input, limit, offset)?);
            Ok(Plan::Project { input, exprs, names })
        }
        _ => {
            let message = "WITH TIES cannot be specified without ORDER BY clause";
            Err(Error::new(state::SYNTAX_ERROR, message))
        }
    }
}
