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
//! What has been made a row in a subquery is taken apart as it comes ([`FIELD`]); which fields it has goes from the list of
//! the subquery to the names of its columns (`Field::row`).
//!
//! Limits: the type is always `record`, whose fields no one knows but the binder; so the fields of a row that comes out of an
//! array or of UNION cannot be named, and no column of a table holds rows.

use super::expr::{Clause, Place};
use super::scope::Scope;
use super::{Binder, refuse};
use crate::sql::ast::{self, Distinct, ExprKind, Ident, Name, QueryBody};
use crate::sql::expr::Expr;
use crate::sql::functions::lookup;
use crate::sql::functions::record::{FIELD, IS_NULL, MADE};
use crate::sql::plan::Shape;
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
            match self.star(part, place)? {
                Some(columns) => fields.extend(columns.into_iter().map(|(expr, _)| expr)),
                None => fields.push(self.expr(part, place)?),
            }
        }
        Ok(fields)
    }

    /// What `*`, `t.*`, `(t).*` or `(value).*` stands for, with names; None: it is something else.
    pub(super) fn star(
        &mut self,
        written: &ast::Expr,
        place: &mut Place<'_>,
    ) -> Result<Option<Vec<(Expr, String)>>> {
        let of = match &written.kind {
            ExprKind::Star(of) => of.as_ref(),
            ExprKind::Field { expr, field: None } => match self.relation_meant(expr, place)? {
                Some(name) => Some(name),
                None => {
                    let row = self.expr(expr, place)?;
                    let shape = shape(&row, place.scope).ok_or_else(|| unknown(&row, "*", expr))?;
                    let fields = shape.iter().enumerate();
                    return Ok(Some(
                        fields.map(|(i, (name, ty))| (part(&row, i, *ty), name.clone())).collect(),
                    ));
                }
            },
            _ => return Ok(None),
        };
        let at = written.span.at();
        let columns = match (place.scope.star(of), of) {
            (Ok(columns), _) => columns,
            (Err(error), Some(name)) => {
                let row = self.outer_row(name).ok_or(error)?;
                if let Some(written_out) = &mut self.written {
                    let column =
                        |(_, column): &(Expr, String)| format!("{name}.{}", ast::quote_ident(column));
                    let text = row.columns.iter().map(column).collect::<Vec<_>>().join(", ");
                    written_out.replace(written.span, text);
                }
                return Ok(Some(row.columns));
            }
            (Err(error), None) => return Err(error),
        };
        if let Some(written_out) = self.written.as_mut().filter(|_| place.clause == Clause::Select) {
            written_out.star(written.span, &columns, place.scope);
        }
        if !place.inside_aggregate {
            place.seen.extend(columns.iter().map(|(position, _)| (*position, at)));
        }
        Ok(Some(columns.into_iter().map(|(position, name)| (place.scope.column(position), name)).collect()))
    }

    pub(super) fn made(&mut self, names: &[String], columns: Vec<Expr>, at: usize) -> Result<Expr> {
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
        if let Some(shape) = shape(&row, place.scope) {
            let found = shape.iter().position(|(name, _)| *name == field.name);
            return found.map(|i| part(&row, i, shape[i].1)).ok_or_else(|| {
                let message = format!("could not identify column \"{}\" in record data type", field.name);
                Error::new(state::UNDEFINED_COLUMN, message).at(of.span.at())
            });
        }
        if row.known_type() == Some(RECORD)
            && let Some(inner) = field_within(of, field)
        {
            return self.expr(&inner, place);
        }
        Err(unknown(&row, &field.name, of))
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

/// The fields of the rows that an expression over a scope makes; None: they are not known.
pub fn shape(row: &Expr, scope: &Scope) -> Option<Shape> {
    let common = |rows: &mut dyn Iterator<Item = &Expr>| {
        let mut rows = rows.filter(|row| !matches!(row, Expr::Literal { value: Value::Null, .. }));
        let first = shape(rows.next()?, scope)?;
        rows.all(|row| shape(row, scope).as_ref() == Some(&first)).then_some(first)
    };
    match row {
        _ if row.known_type() != Some(RECORD) => None,
        Expr::Column { index, .. } => scope.row_of(*index),
        Expr::Coalesce { args, .. } => common(&mut args.iter()),
        Expr::Case { branches, otherwise, .. } => {
            common(&mut branches.iter().map(|(_, row)| row).chain([&**otherwise]))
        }
        _ => {
            let (names, columns) = parts(row)?;
            Some(
                names
                    .split('\0')
                    .zip(columns)
                    .map(|(name, column)| (name.to_string(), column.ty()))
                    .collect(),
            )
        }
    }
}

/// A field of a row by its place.
fn part(row: &Expr, place: usize, ty: Type) -> Expr {
    if let Some(column) = parts(row).and_then(|(_, columns)| columns.get(place)) {
        return column.clone();
    }
    let place =
        Expr::Literal { value: Value::Int4(i32::try_from(place).unwrap_or(i32::MAX)), ty: Type::Int4 };
    match lookup(FIELD).first() {
        Some(function) => Expr::Call { function, args: vec![row.clone(), place], ty },
        None => Expr::Literal { value: Value::Null, ty },
    }
}

/// The error for a field that cannot be told of a value.
fn unknown(row: &Expr, field: &str, of: &ast::Expr) -> Error {
    match row.known_type() {
        Some(RECORD) => refuse("a field of such a row", of.span),
        ty => {
            let ty = ty.map_or_else(|| "unknown".to_string(), |ty| ty.to_string());
            let message = match field {
                "*" => format!("type {ty} is not composite"),
                _ => format!("column notation .{field} applied to type {ty}, which is not a composite type"),
            };
            Error::new(state::WRONG_OBJECT_TYPE, message).at(of.span.at())
        }
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
