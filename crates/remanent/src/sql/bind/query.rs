//! Queries: WITH, then SELECT, VALUES or UNION, then ORDER BY and LIMIT.

use super::expr::{Clause, Place};
use super::locking::Clauses;
use super::scope::Scope;
use super::{Binder, Relation, refuse};
use crate::sql::ast::{self, Query, QueryBody, SetOp, StatementKind, With};
use crate::sql::expr::{CastContext, Expr};
use crate::sql::plan::{Field, Plan};
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
        let outer_ctes = self.ctes.len();
        let outer_locking = std::mem::take(&mut self.locking);
        let bound = self.query_with(query, targets);
        self.locking = outer_locking;
        self.ctes.truncate(outer_ctes);
        bound
    }

    fn query_with(&mut self, query: &Query, targets: Option<&[Target]>) -> Result<Relation> {
        if let Some(with) = &query.with {
            self.with(with)?;
        }
        self.refuse_locking(query)?;
        self.locking = Clauses::of(query);
        if let (true, Some(limit)) = (query.with_ties, &query.limit) {
            return Err(refuse("WITH TIES", limit.span));
        }
        let mut relation = match &query.body {
            QueryBody::Select(select) => self.select(select, &query.order_by, targets)?,
            QueryBody::Values(rows) => {
                let relation = self.values(rows)?;
                self.ordered(relation, &query.order_by)?
            }
            QueryBody::Set { op: SetOp::Union, all, left, right } => {
                let relation = self.union(left, right, *all)?;
                self.ordered(relation, &query.order_by)?
            }
            QueryBody::Set { op: SetOp::Intersect, .. } => return Err(refuse("INTERSECT", query.span)),
            QueryBody::Set { op: SetOp::Except, .. } => return Err(refuse("EXCEPT", query.span)),
        };
        let limit = self.row_count(query.limit.as_ref(), Clause::Limit)?;
        let offset = self.row_count(query.offset.as_ref(), Clause::Offset)?;
        if limit.is_some() || offset.is_some() {
            relation.plan = Plan::Limit { input: Box::new(relation.plan), limit, offset };
        }
        Ok(relation)
    }

    fn with(&mut self, with: &With) -> Result<()> {
        if with.recursive {
            return Err(refuse("WITH RECURSIVE", with.span));
        }
        for cte in &with.ctes {
            let StatementKind::Query(query) = &cte.statement.kind else {
                return Err(refuse("a statement that writes in WITH", cte.name.span));
            };
            let mut relation = self.query(query, None)?;
            if let Some(extra) = cte.columns.get(relation.fields.len()) {
                let message = format!(
                    "WITH query \"{}\" has {} columns available but {} columns specified",
                    cte.name.name,
                    relation.fields.len(),
                    cte.columns.len()
                );
                return Err(Error::new(state::INVALID_COLUMN_REFERENCE, message).at(extra.span.at()));
            }
            for (field, name) in relation.fields.iter_mut().zip(&cte.columns) {
                field.name.clone_from(&name.name);
            }
            self.ctes.push((cte.name.name.clone(), relation));
        }
        Ok(())
    }

    /// VALUES: columns are called column1, column2, …; each has the common type of its values.
    fn values(&mut self, rows: &[Vec<ast::Expr>]) -> Result<Relation> {
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
        let mut fields = Vec::with_capacity(width);
        for column in 0..width {
            let at = rows[0][column].span.at();
            let exprs: Vec<&Expr> = bound.iter().map(|row| &row[column]).collect();
            let ty = self.resolver.common_type(&exprs, "VALUES", at)?;
            for (row, written) in bound.iter_mut().zip(rows) {
                let expr = std::mem::replace(&mut row[column], Expr::Unknown { text: None, at });
                let at = written[column].span.at();
                row[column] = self.resolver.cast(expr, ty, CastContext::Implicit, at)?;
            }
            fields.push(Field::new(format!("column{}", column + 1), ty));
        }
        Ok(Relation::new(Plan::Values { rows: Arc::new(bound), fields: fields.clone() }, fields))
    }

    /// UNION [ALL]: names are the left side's, types common to both.
    fn union(&mut self, left: &Query, right: &Query, all: bool) -> Result<Relation> {
        let at = match &right.body {
            QueryBody::Select(select) => select.items.first().map_or(right.span, |item| item.expr.span).at(),
            _ => right.span.at(),
        };
        let (left, right) = self.union_sides(left, right)?;
        if left.fields.len() != right.fields.len() {
            let message = "each UNION query must have the same number of columns";
            return Err(Error::new(state::SYNTAX_ERROR, message).at(at));
        }
        let columns = |relation: &Relation| -> Vec<Expr> {
            relation.fields.iter().enumerate().map(|(i, field)| Expr::column(i, field.ty)).collect()
        };
        let (mut ours, mut theirs) = (columns(&left), columns(&right));
        let mut fields = left.fields.clone();
        for (i, field) in fields.iter_mut().enumerate() {
            field.relation = None;
            field.ty = self.resolver.common_type(&[&ours[i], &theirs[i]], "UNION", at)?;
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
        let append = Plan::Append { inputs: vec![side(left.plan, ours), side(right.plan, theirs)] };
        let plan = if all { append } else { Plan::Distinct { input: Box::new(append) } };
        Ok(Relation::new(plan, fields))
    }

    /// The sides of a UNION; a constant without a type takes the other side's.
    fn union_sides(&mut self, left: &Query, right: &Query) -> Result<(Relation, Relation)> {
        let targets = |relation: &Relation| -> Vec<Target> {
            let target = |field: &Field| Target { name: field.name.clone(), ty: field.ty };
            relation.fields.iter().map(target).collect()
        };
        let mut first = self.query(left, None)?;
        let untyped = |relation: &Relation, i: usize| relation.untyped.contains(&i);
        let known = (0..first.fields.len()).all(|i| !untyped(&first, i));
        let second = self.query(right, known.then(|| targets(&first)).as_deref())?;
        if !known {
            first = self.query(left, Some(&targets(&second)))?;
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
