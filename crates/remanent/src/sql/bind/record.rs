//! Functions in FROM whose columns the statement gives: `jsonb_to_record(j) AS x(a int, b text)`; or a table:
//! `jsonb_populate_record(NULL::t, j)`, whose record before is NULL.

use super::Binder;
use super::define::names::look_up;
use super::define::{MAX_COLUMNS, plain_collation};
use super::expr::{Clause, Place};
use super::refuse;
use super::scope::Scope;
use crate::sql::ast::{self, ColumnDefinition, ExprKind, Literal};
use crate::sql::expr::coerce::family;
use crate::sql::expr::{CastContext, Expr};
use crate::sql::functions::json::record::{POPULATES, RECORD, RECORDS, form};
use crate::sql::plan::{Field, Plan, SetCall};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::{Type, Value};

impl Binder<'_> {
    /// A call with a list of columns, or of a function that wants one: one call a column, all of which make texts, and what
    /// the texts become. False where it is neither.
    pub(super) fn record_call(
        &mut self,
        call: &ast::Expr,
        columns: &[ColumnDefinition],
        bound: &mut Vec<SetCall>,
        fields: &mut Vec<Field>,
    ) -> Result<bool> {
        let known = match &call.kind {
            ExprKind::Function(function) => {
                let own = function.name.qualifier().is_none_or(|schema| schema.name == "pg_catalog");
                let written = function.name.last();
                let like = POPULATES.iter().find(|(name, _)| own && *name == written);
                let name = like.map_or(written, |(_, like)| like);
                let known = RECORDS.iter().find(|(known, _)| own && *known == name);
                match (known, like, function.args.as_slice()) {
                    (Some((name, _)), None, args) => Some((*name, function, None, args)),
                    (Some((name, _)), Some(_), [base, args @ ..]) => {
                        let null = |expr: &ast::Expr| matches!(expr.kind, ExprKind::Literal(Literal::Null));
                        match &base.kind {
                            ExprKind::Cast { expr, ty, .. } if null(expr) => {
                                Some((*name, function, Some(ty), args))
                            }
                            _ => return Err(refuse("a row as a value", base.span)),
                        }
                    }
                    _ => None,
                }
            }
            _ => None,
        };
        let wrong = |only: &str, at: usize| {
            let message = format!("a column definition list is {only} for functions returning \"record\"");
            Err(Error::new(state::SYNTAX_ERROR, message).at(at))
        };
        let Some((name, function, of, args)) = known else {
            return columns.first().map_or(Ok(false), |column| wrong("only allowed", column.span.at()));
        };
        let at = function.name.span.at();
        if let Some(of) = of.filter(|of| of.name.simple() != Some("record")) {
            if let Some(column) = columns.first() {
                return wrong("only allowed", column.span.at());
            }
            // A view would not know what it depends on.
            if self.written.is_some() {
                return Err(refuse("a table as a type", of.span));
            }
            self.note(of.name.last());
            let table = look_up(&of.name, self.catalog, self.path)?.cloned().ok_or_else(|| {
                let message = format!("type \"{}\" does not exist", of.name);
                Error::new(state::UNDEFINED_OBJECT, message).at(of.span.at())
            })?;
            for column in table.columns.iter().filter(|column| !column.name.is_empty()) {
                self.record_column(&column.name, column.ty, (name, args, at), bound, fields)?;
            }
            return Ok(true);
        }
        if columns.is_empty() {
            return wrong("required", call.span.at());
        }
        if columns.len() > MAX_COLUMNS {
            let message = format!("column definition lists can have at most {MAX_COLUMNS} entries");
            return Err(Error::new(state::TOO_MANY_COLUMNS, message).at(at));
        }
        for (i, column) in columns.iter().enumerate() {
            if columns.iter().take(i).any(|before| before.name.name == column.name.name) {
                let message = format!("column name \"{}\" specified more than once", column.name.name);
                return Err(Error::new(state::DUPLICATE_COLUMN, message).at(column.span.at()));
            }
            plain_collation(column)?;
            let ty = self.resolve_type(&column.ty)?;
            self.record_column(&column.name.name, ty, (name, args, at), bound, fields)?;
        }
        Ok(true)
    }

    /// One column of a call: of which function, with which arguments, written where.
    fn record_column(
        &mut self,
        column: &str,
        ty: Type,
        (name, args, at): (&str, &[ast::Expr], usize),
        bound: &mut Vec<SetCall>,
        fields: &mut Vec<Field>,
    ) -> Result<()> {
        let scope = Scope::default();
        let args = self.exprs(args, &mut Place::new(&scope, Clause::From))?;
        let Ok([mut doc]) = <[Expr; 1]>::try_from(args) else {
            let message = format!("function {name} takes one argument");
            return Err(Error::new(state::UNDEFINED_FUNCTION, message).at(at));
        };
        if doc.known_type().is_none() {
            let to = if name.starts_with("jsonb") { Type::Jsonb } else { Type::Json };
            doc = self.resolver.cast(doc, to, CastContext::Implicit, at)?;
        }
        let mut args = vec![doc];
        let told = [column, name, form(ty)];
        args.extend(told.map(|text| Expr::Literal { value: Value::from(text), ty: Type::Text }));
        bound.push(self.set_call(RECORD, args, at)?);
        fields.push(Field::new(column.to_string(), ty));
        Ok(())
    }

    /// Above calls whose texts stand for columns of other types: what makes those of them.
    pub(super) fn typed(&mut self, plan: Plan, fields: &[Field], at: usize) -> Result<Plan> {
        let Plan::Function { calls, ordinality, fields: made } = plan else { return Ok(plan) };
        let same = calls.iter().zip(fields).all(|(call, field)| call.ty == field.ty);
        if same {
            return Ok(Plan::Function { calls, ordinality, fields: made });
        }
        let (mut texts, mut exprs) = (made, Vec::with_capacity(fields.len()));
        for (i, field) in fields.iter().enumerate() {
            let ty = calls.get(i).map_or(field.ty, |call| call.ty);
            if let Some(made) = texts.get_mut(i) {
                made.ty = ty;
            }
            // As a value that is read: what is too long for its column is an error, and not cut.
            let whole =
                self.resolver.cast(Expr::column(i, ty), family(field.ty), CastContext::Explicit, at)?;
            let expr = self.resolver.cast(whole, field.ty, CastContext::Assignment, at)?;
            exprs.push(self.resolver.finish(expr)?);
        }
        let names = fields.iter().map(|field| field.name.clone()).collect();
        let input = Box::new(Plan::Function { calls, ordinality, fields: texts });
        Ok(Plan::Project { input, exprs, names })
    }
}
