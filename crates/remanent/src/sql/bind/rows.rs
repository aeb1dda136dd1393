//! Whole rows as values: `t`, where t is a relation; `ROW(a, b)`; `(t).a`.
//!
//! A row is a call that makes a value of type record of its columns ([`MADE`]), so that whatever takes a value of any type
//! takes it: `row_to_json(t)`, `count(t)`, `array_agg(t)`, `SELECT t`. What looks into such a call is taken from its arguments:
//!
//! ```text
//! t IS NULL         a IS NULL AND b IS NULL
//! (t).a             a
//! row_to_json(t)    Call row_to_json (Call "@row" (Literal 'a\0b', a, b))
//! ```
//!
//! A relation that may be missing, the other side of an outer join, is NULL where it is: where one of its columns is NULL
//! that cannot be so in a row, or all of them. What stands behind LATERAL has a column of its own for that (`marked` in `from`).
//!
//! Limits: the type is always `record`, whose fields no one knows but the binder; so the fields of a row that comes out of a
//! subquery, of an array or of CASE cannot be named, and no column of a table holds rows.

use super::expr::{Clause, Place};
use super::scope::Scope;
use super::{Binder, refuse};
use crate::sql::ast::{self, Distinct, ExprKind, Ident, Name, QueryBody};
use crate::sql::expr::Expr;
use crate::sql::functions::record::{IS_NULL, MADE};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::record::RECORD;
use remanent_storage::value::{Type, Value};

/// A relation's row.
pub struct Row<C> {
    /// Its columns, with their names.
    pub columns: Vec<(C, String)>,
    /// It is missing where all of these are NULL; empty: it never is.
    pub missing: Vec<C>,
    /// It is the value of its one column.
    pub scalar: bool,
}

impl<C> Row<C> {
    /// The same of what stands at these positions.
    pub fn with(self, read: &mut dyn FnMut(C) -> Expr) -> Row<Expr> {
        Row {
            columns: self.columns.into_iter().map(|(column, name)| (read(column), name)).collect(),
            missing: self.missing.into_iter().map(read).collect(),
            scalar: self.scalar,
        }
    }
}

impl Scope {
    /// The row of a relation here; None: there is none of that name.
    pub fn row(&self, name: &Name) -> Option<Row<usize>> {
        let columns = self.star(Some(name)).ok()?;
        let relation = self.relation_named(name)?;
        let mut missing = Vec::new();
        if relation.nullable && relation.present.is_some() {
            missing.extend(relation.present);
        } else if relation.nullable {
            let table = relation.table.as_ref().map_or(&[][..], |table| &table.columns);
            let never = table.iter().zip(&columns).filter(|(column, _)| column.not_null);
            missing.extend(never.map(|(_, (position, _))| *position).take(1));
            if missing.is_empty() {
                missing.extend(columns.iter().map(|(position, _)| *position));
            }
        }
        Some(Row { columns, missing, scalar: relation.scalar })
    }
}

impl Binder<'_> {
    /// What the name of a relation, here or in the queries around, is as a value; None: there is none of that name.
    pub(super) fn whole_row(&mut self, name: &Name, place: &mut Place<'_>) -> Result<Option<Expr>> {
        let at = name.span.at();
        let row = match place.scope.row(name) {
            Some(row) => {
                if !place.inside_aggregate {
                    let named = row.columns.iter().map(|(position, _)| (*position, at));
                    place.seen.extend(named);
                }
                row.with(&mut |position| place.scope.column(position))
            }
            None => match self.outer_row(name) {
                Some(row) => row,
                None => return Ok(None),
            },
        };
        if matches!(
            place.clause,
            Clause::Default | Clause::Check | Clause::Generated | Clause::Index | Clause::IndexWhere
        ) {
            return Err(refuse("a whole row as a value here", name.span));
        }
        let (mut columns, names): (Vec<Expr>, Vec<String>) = row.columns.into_iter().unzip();
        if row.scalar {
            return Ok(columns.pop());
        }
        let made = self.made(&names, columns, at)?;
        let tests = row.missing.into_iter().map(|column| self.resolver.is_null(column, false));
        let tests = tests.collect::<Result<Vec<_>>>()?;
        if tests.is_empty() {
            return Ok(Some(made));
        }
        let null = Expr::Literal { value: Value::Null, ty: RECORD };
        let branches = vec![(Expr::conjunction(tests), null)];
        Ok(Some(Expr::Case { operand: None, branches, otherwise: Box::new(made), ty: RECORD }))
    }

    /// `ROW(a, t.*)`
    pub(super) fn row(&mut self, parts: &[ast::Expr], at: usize, place: &mut Place<'_>) -> Result<Expr> {
        let parts = self.fields(parts, place)?;
        let names = (1..=parts.len()).map(|n| format!("f{n}")).collect::<Vec<_>>();
        self.made(&names, parts, at)
    }

    /// What stands between the parentheses of a row, stars expanded.
    pub(super) fn fields(&mut self, parts: &[ast::Expr], place: &mut Place<'_>) -> Result<Vec<Expr>> {
        let mut fields = Vec::with_capacity(parts.len());
        for part in parts {
            let Some(of) = self.star(part, place)? else {
                fields.push(self.expr(part, place)?);
                continue;
            };
            for (position, _) in place.scope.star(of)? {
                if !place.inside_aggregate {
                    place.seen.push((position, part.span.at()));
                }
                fields.push(place.scope.column(position));
            }
        }
        Ok(fields)
    }

    /// What `*`, `t.*` or `(t).*` is a star of; None: it is something else.
    pub(super) fn star<'e>(
        &mut self,
        written: &'e ast::Expr,
        place: &Place<'_>,
    ) -> Result<Option<Option<&'e Name>>> {
        Ok(match &written.kind {
            ExprKind::Star(of) => Some(of.as_ref()),
            ExprKind::Field { expr, field: None } => self.relation_meant(expr, place)?.map(Some),
            _ => None,
        })
    }

    fn made(&mut self, names: &[String], columns: Vec<Expr>, at: usize) -> Result<Expr> {
        let mut args = vec![Expr::literal(Value::Text(names.join("\0")))];
        for column in columns {
            args.push(self.resolver.finish(column)?);
        }
        self.resolver.call(MADE, args, at)
    }

    /// `(x).field`
    pub(super) fn field(&mut self, of: &ast::Expr, field: &Ident, place: &mut Place<'_>) -> Result<Expr> {
        if let Some(name) = self.relation_meant(of, place)? {
            let parts = name.parts.iter().chain([field]).cloned().collect();
            return self.expr(&column(Name { parts, span: of.span }), place);
        }
        let row = self.expr(of, place)?;
        if let Some((names, columns)) = parts(&row) {
            let found = names.split('\0').zip(columns).find(|(name, _)| *name == field.name);
            return found.map(|(_, column)| column.clone()).ok_or_else(|| {
                let message = format!("could not identify column \"{}\" in record data type", field.name);
                Error::new(state::UNDEFINED_COLUMN, message).at(of.span.at())
            });
        }
        if row.known_type() == Some(RECORD)
            && let Some(inner) = field_within(of, field)
        {
            return self.expr(&inner, place);
        }
        Err(match row.known_type() {
            Some(RECORD) => refuse("a field of such a row", of.span),
            ty => {
                let ty = ty.map_or_else(|| "unknown".to_string(), |ty| ty.to_string());
                let message = format!(
                    "column notation .{} applied to type {ty}, which is not a composite type",
                    field.name
                );
                Error::new(state::WRONG_OBJECT_TYPE, message).at(of.span.at())
            }
        })
    }

    /// The relation that `(t)` names, if it names one and no column.
    fn relation_meant<'e>(&mut self, of: &'e ast::Expr, place: &Place<'_>) -> Result<Option<&'e Name>> {
        let ExprKind::Column(name) = &of.kind else { return Ok(None) };
        let named = place.scope.resolve(name).is_ok() || self.outer_column(name)?.is_some();
        Ok((name.simple().is_some() && !named).then_some(name))
    }

    /// IS (NOT) NULL of a value: of a row it asks all its fields.
    pub(super) fn is_null(&mut self, value: Expr, negated: bool) -> Result<Expr> {
        if value.known_type() != Some(RECORD) {
            return self.resolver.is_null(value, negated);
        }
        match parts(&value) {
            Some((_, columns)) if !columns.is_empty() => {
                let tests = columns.iter().map(|column| self.resolver.is_null(column.clone(), negated));
                Ok(Expr::conjunction(tests.collect::<Result<_>>()?))
            }
            _ => {
                let negated = Expr::Literal { value: Value::Bool(negated), ty: Type::Bool };
                self.resolver.call(IS_NULL, vec![value, negated], 0)
            }
        }
    }
}

/// The names of a row's fields and the fields, where an expression is such a row, or that or NULL.
fn parts(row: &Expr) -> Option<(&str, &[Expr])> {
    match row {
        Expr::Case { operand: None, otherwise, branches, .. } if is_missing(branches) => parts(otherwise),
        Expr::Call { function, args, .. } if function.name == MADE => match args.split_first() {
            Some((Expr::Literal { value: Value::Text(names), .. }, columns)) => Some((names, columns)),
            _ => None,
        },
        _ => None,
    }
}

/// True for the branches that [`Binder::whole_row`] makes.
fn is_missing(branches: &[(Expr, Expr)]) -> bool {
    matches!(branches, [(_, Expr::Literal { value: Value::Null, ty: RECORD })])
}

/// `(SELECT (row).field …)` in the place of `(SELECT row …).field`, where that is the same.
fn field_within(of: &ast::Expr, field: &Ident) -> Option<ast::Expr> {
    let ExprKind::Subquery(query) = &of.kind else { return None };
    let mut query = query.clone();
    // What ORDER BY names by its place, or as the output is called, would be another.
    let by_column = |key: &ast::OrderBy| matches!(&key.expr.kind, ExprKind::Column(_));
    let QueryBody::Select(select) = &mut query.body else { return None };
    let (Distinct::No, [item]) = (&select.distinct, select.items.as_mut_slice()) else { return None };
    if matches!(item.expr.kind, ExprKind::Star(_)) || !query.order_by.iter().all(by_column) {
        return None;
    }
    let span = item.expr.span;
    let row = std::mem::replace(&mut item.expr, ast::Expr { span, kind: ExprKind::Default });
    item.expr.kind = ExprKind::Field { expr: Box::new(row), field: Some(field.clone()) };
    item.alias = None;
    Some(ast::Expr { span: of.span, kind: ExprKind::Subquery(query) })
}

fn column(name: Name) -> ast::Expr {
    ast::Expr { span: name.span, kind: ExprKind::Column(name) }
}
