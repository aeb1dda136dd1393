//! Functions in FROM, and functions that return rows in a select list.

use super::expr::{Clause, Place, SETS};
use super::from::{FromItem, renamed};
use super::names::output_name;
use super::scope::Scope;
use super::select::Item;
use super::{Binder, refuse};
use crate::sql::ast::{self, ColumnDefinition, ExprKind, FunctionCall, Name, Span, TableAlias};
use crate::sql::expr::Expr;
use crate::sql::functions::series::{UNNEST_LEXEMES, columns_of, set_function};
use crate::sql::plan::{Field, Plan, SetCall, SetSource};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::Type;

impl Binder<'_> {
    /// `f(x)`, `ROWS FROM (…)` in FROM. Its arguments may name what stands to its left.
    pub(super) fn function_table(
        &mut self,
        calls: &[(ast::Expr, Vec<ColumnDefinition>)],
        ordinality: bool,
        alias: Option<&TableAlias>,
        span: Span,
    ) -> Result<FromItem> {
        let (mut bound, mut fields, mut named) = (Vec::with_capacity(calls.len()), Vec::new(), false);
        for (call, columns) in calls {
            if ordinality && let Some(column) = columns.first() {
                let message = "WITH ORDINALITY cannot be used with a column definition list";
                return Err(Error::new(state::SYNTAX_ERROR, message).at(column.span.at()));
            }
            if self.record_call(call, columns, &mut bound, &mut fields)?
                || self.wide_call(call, &mut bound, &mut fields)?
            {
                named = true;
                continue;
            }
            let source = self.table_call(call)?;
            fields.push(Field::new(output_name(call), source.ty));
            bound.push(source);
        }
        let first = || calls.first().map_or(String::new(), |(call, _)| output_name(call));
        let name = alias.map_or_else(first, |alias| alias.name.name.clone());
        if let (Some(alias), [only], false) = (alias, fields.as_mut_slice(), named) {
            // The alias of a function with one column is that column's name too.
            only.name.clone_from(&alias.name.name);
        }
        fields.extend(ordinality.then(|| Field::new("ordinality", Type::Int8)));
        if fields.is_empty() {
            return Err(refuse("a function without columns", span));
        }
        let fields = renamed(fields, &name, alias)?;
        let mut scope = Scope::relation(&name, None, fields.iter().cloned());
        if fields.len() == 1 && !named {
            scope.mark_scalar();
        }
        let plan = Plan::Function { calls: bound, ordinality, fields: fields.clone() };
        Ok(FromItem { plan: self.typed(plan, &fields, span.at())?, scope })
    }

    /// A call that makes several columns, as the calls that make one each: `unnest(a, b)`, `json_each(j)`. False where it
    /// is none.
    fn wide_call(
        &mut self,
        call: &ast::Expr,
        bound: &mut Vec<SetCall>,
        fields: &mut Vec<Field>,
    ) -> Result<bool> {
        let ExprKind::Function(function) = &call.kind else { return Ok(false) };
        let own = is_own(&function.name);
        let (name, at) = (function.name.last(), function.name.span.at());
        let columns = match self.unnests_lexemes(function)? {
            true => columns_of(UNNEST_LEXEMES),
            false => columns_of(name),
        };
        let several = name == "unnest" && function.args.len() > 1;
        if !own || !several && columns.is_empty() {
            return Ok(false);
        }
        let scope = Scope::default();
        if several {
            for arg in self.exprs(&function.args, &mut Place::new(&scope, Clause::From))? {
                let source = self.set_call(name, vec![arg], at)?;
                fields.push(Field::new(name.to_string(), source.ty));
                bound.push(source);
            }
        }
        for (column, part) in columns {
            let args = self.again(&function.args)?;
            let source = self.set_call(part, args, at)?;
            fields.push(Field::new((*column).to_string(), source.ty));
            bound.push(source);
        }
        Ok(true)
    }

    /// True for `unnest` of a tsvector.
    fn unnests_lexemes(&mut self, function: &FunctionCall) -> Result<bool> {
        if function.name.last() != "unnest" || function.args.len() != 1 {
            return Ok(false);
        }
        let args = self.again(&function.args)?;
        Ok(args.first().is_some_and(|arg| Type::from_name("tsvector") == Some(arg.ty())))
    }

    /// The arguments once more: each of the calls has its own.
    fn again(&mut self, args: &[ast::Expr]) -> Result<Vec<Expr>> {
        let scope = Scope::default();
        self.exprs(args, &mut Place::new(&scope, Clause::From))
    }

    fn table_call(&mut self, call: &ast::Expr) -> Result<SetCall> {
        let scope = Scope::default();
        let mut place = Place::new(&scope, Clause::From);
        if let ExprKind::Function(function) = &call.kind
            && let Some(name) = set_name(function)
        {
            let args = self.arguments(function, &mut place)?;
            return self.set_call(name, args, function.name.span.at());
        }
        let expr = self.expr(call, &mut place)?;
        let expr = self.resolver.finish(expr)?;
        Ok(SetCall { source: SetSource::Value, ty: expr.ty(), args: vec![expr] })
    }

    pub(super) fn set_call(&mut self, name: &str, args: Vec<Expr>, at: usize) -> Result<SetCall> {
        let Some(function) = set_function(name) else { return Err(Error::internal("no such function")) };
        let (args, ty) = self.resolver.set_call(function, args, at)?;
        Ok(SetCall { source: SetSource::Rows(function), args, ty })
    }

    /// A function that returns rows, in a select list: a stand-in column.
    pub(super) fn set_in_list(&mut self, call: &FunctionCall, place: &mut Place<'_>) -> Result<Expr> {
        let at = call.name.span.at();
        let not_allowed = |what: &str| {
            let message = format!("set-returning functions are not allowed in {what}");
            Err(Error::new(state::FEATURE_NOT_SUPPORTED, message).at(at))
        };
        let listed = matches!(place.clause, Clause::Select | Clause::OrderBy) && place.aggregates.is_some();
        if !listed && place.clause != Clause::GroupBy {
            return not_allowed(place.clause.place());
        }
        if place.inside_aggregate {
            let message = "aggregate function calls cannot contain set-returning function calls";
            return Err(Error::new(state::FEATURE_NOT_SUPPORTED, message).at(at));
        }
        if place.inside_window {
            let message = "window function calls cannot contain set-returning function calls";
            return Err(Error::new(state::FEATURE_NOT_SUPPORTED, message).at(at));
        }
        if place.lazy {
            return not_allowed("CASE or COALESCE");
        }
        let seen = place.seen.len();
        let args = self.arguments(call, place)?;
        let seen = place.seen[seen..].to_vec();
        let wide = wide_columns(call);
        if wide.is_empty() {
            return self.set_column(call.name.last(), args, seen, place.clause, at);
        }
        let (mut names, mut columns) = (Vec::with_capacity(wide.len()), Vec::with_capacity(wide.len()));
        for (name, part) in wide {
            names.push((*name).to_string());
            columns.push(self.set_column(part, args.clone(), seen.clone(), place.clause, at)?);
        }
        self.made(&names, columns, at)
    }

    /// The stand-in column of one that makes values.
    fn set_column(
        &mut self,
        name: &str,
        args: Vec<Expr>,
        seen: Vec<(usize, usize)>,
        clause: Clause,
        at: usize,
    ) -> Result<Expr> {
        let bound = self.set_call(name, args, at)?;
        let ty = bound.ty;
        // Below the list, the same call is that of the list.
        let again = |(held, _): &(SetCall, _)| {
            clause != Clause::Select
                && held.ty == ty
                && held.args == bound.args
                && held.source.name() == bound.source.name()
                && !bound.args.iter().any(Expr::is_volatile)
        };
        if let Some(k) = self.sets.iter().position(again) {
            return Ok(Expr::column(SETS + k, ty));
        }
        self.sets.push((bound, seen));
        Ok(Expr::column(SETS + self.sets.len() - 1, ty))
    }

    /// The node that computes the functions that return rows, above what they are computed from.
    /// Of those that GROUP BY names, where `groups` are given: they are grouped by.
    pub(super) fn project_set(
        &mut self,
        plan: Plan,
        items: &mut [Item],
        groups: Option<&mut [Expr]>,
    ) -> Plan {
        if self.sets.is_empty() {
            return plan;
        }
        let sets = std::mem::take(&mut self.sets);
        let named = |expr: &Expr, k: usize| {
            expr.any(&mut |e| matches!(e, Expr::Column { index, .. } if *index == SETS + k))
        };
        // Those that are wanted, and those that are within their arguments, which come before them.
        let mut wanted: Vec<bool> = (0..sets.len())
            .map(|k| groups.as_ref().is_none_or(|groups| groups.iter().any(|group| named(group, k))))
            .collect();
        for (outer, (call, _)) in sets.iter().enumerate().rev() {
            for inner in 0..outer {
                wanted[inner] |= wanted[outer] && call.args.iter().any(|arg| named(arg, inner));
            }
        }
        let mut kept = 0;
        let mut places: Vec<usize> = Vec::with_capacity(sets.len());
        for wanted in &wanted {
            places.push(SETS + kept);
            kept += usize::from(!wanted);
        }
        let remap = |expr: Expr, places: &[usize]| {
            expr.remap_columns(&|column| {
                column.checked_sub(SETS).and_then(|k| places.get(k)).copied().unwrap_or(column)
            })
        };
        // Level by level: first those without others in their arguments.
        let mut plan = plan;
        let mut left: Vec<usize> = (0..sets.len()).filter(|&k| wanted[k]).collect();
        while !left.is_empty() {
            let waits =
                |k: &usize| left.iter().any(|inner| sets[*k].0.args.iter().any(|arg| named(arg, *inner)));
            let (later, now): (Vec<usize>, Vec<usize>) = left.iter().partition(|k| waits(k));
            let (width, mut calls) = (plan.width(), Vec::with_capacity(now.len()));
            for &k in &now {
                let mut call = sets[k].0.clone();
                call.args = call.args.into_iter().map(|arg| remap(arg, &places)).collect();
                calls.push(call);
            }
            now.iter().enumerate().for_each(|(i, &k)| places[k] = width + i);
            plan = Plan::ProjectSet { input: Box::new(plan), calls };
            left = later;
        }
        for ((mut call, seen), wanted) in sets.into_iter().zip(&wanted) {
            if !wanted {
                call.args = call.args.into_iter().map(|arg| remap(arg, &places)).collect();
                self.sets.push((call, seen));
            }
        }
        let exprs = items.iter_mut().map(|item| &mut item.expr).chain(groups.into_iter().flatten());
        for expr in exprs {
            let taken = std::mem::replace(expr, Expr::Unknown { text: None, at: 0 });
            *expr = remap(taken, &places);
        }
        plan
    }
}

/// True for the name of a function of ours: without a schema, or in that of PostgreSQL's; helpers of information_schema are in that.
fn is_own(name: &Name) -> bool {
    name.qualifier().is_none_or(|schema| match schema.name.as_str() {
        "information_schema" => name.last().starts_with("_pg_"),
        schema => schema == "pg_catalog",
    })
}

/// The columns of a call of a function that returns rows of several, and what makes each.
pub fn wide_columns(call: &FunctionCall) -> &'static [(&'static str, &'static str)] {
    let own = is_own(&call.name);
    let columns = columns_of(call.name.last());
    if own && columns.len() > 1 { columns } else { &[] }
}

/// The name of a call of a function that returns rows.
pub fn set_name(call: &FunctionCall) -> Option<&str> {
    let own = is_own(&call.name);
    set_function(call.name.last()).filter(|_| own).map(|function| function.name)
}
