//! INSERT: every row becomes a full row of the table, in its columns' order and types.

use super::expr::{Clause, Place};
use super::foreign::Writes;
use super::query::Target;
use super::scope::Scope;
use super::{Binder, Relation};
use crate::sql::ast::{self, ExprKind, Insert, PathStep, Query, QueryBody, Subscript};
use crate::sql::expr::Expr;
use crate::sql::parse::parse_expr;
use crate::sql::plan::{Field, Plan};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::table::{ColumnDef, Generated, TableDef};
use remanent_storage::value::{Type, Value};
use std::sync::Arc;

impl Binder<'_> {
    /// INSERT.
    pub(super) fn insert(&mut self, insert: &Insert) -> Result<Plan> {
        if let Some(view) = self.written_view(&insert.table)? {
            return self.insert_through(insert, &view);
        }
        let table = self.written_table(&insert.table)?;
        let columns = target_columns(&insert.columns, &table)?;
        let input = match &insert.source {
            None => self.insert_rows(&table, &[], &[Vec::new()], insert)?,
            Some(query) => match plain_values(query) {
                Some(rows) => self.insert_rows(&table, &columns, rows, insert)?,
                None => self.insert_query(&table, &columns, query, insert)?,
            },
        };
        let called = insert.alias.as_ref().map_or(table.name.as_str(), |alias| &alias.name).to_string();
        let fields = || table.columns.iter().map(|column| Field::new(&column.name, column.ty));
        let scope = Scope::relation(&called, Some(Arc::clone(&table)), fields());
        let conflict = match &insert.on_conflict {
            Some(conflict) => {
                let excluded = Scope::relation("excluded", None, fields());
                Some(Box::new(self.on_conflict(conflict, &table, &scope, excluded)?))
            }
            None => None,
        };
        let returning = self.returning(&insert.returning, &scope, &table)?;
        let set = conflict.as_ref().map_or(&[][..], |conflict| &conflict.assigned);
        let rules = self.rules_of(&table, Writes::Inserts(set))?;
        Ok(Plan::Insert { input: Box::new(input), conflict, rules, returning, table })
    }

    /// Rows of VALUES: each value takes the type of its column at once, so that constants need no conversion.
    fn insert_rows(
        &mut self,
        table: &Arc<TableDef>,
        columns: &[Given<'_>],
        rows: &[Vec<ast::Expr>],
        insert: &Insert,
    ) -> Result<Plan> {
        let at = insert.source.as_ref().map_or(insert.table.span.at(), |query| query.span.at());
        let scope = Scope::default();
        let mut defaults: Vec<Option<Expr>> = vec![None; table.columns.len()];
        let mut full = Vec::with_capacity(rows.len());
        for row in rows {
            if row.len() != rows[0].len() {
                let at = row.first().map_or(at, |expr| expr.span.at());
                return Err(
                    Error::new(state::SYNTAX_ERROR, "VALUES lists must all be the same length").at(at)
                );
            }
            full.push(self.insert_row(
                table,
                columns,
                row,
                insert.overriding_system,
                &scope,
                &mut defaults,
            )?);
        }
        let fields = table.columns.iter().map(|column| Field::new(&column.name, column.ty)).collect();
        Ok(Plan::Values { rows: Arc::new(full), fields })
    }

    /// One row of values, with the defaults of the columns that it does not give.
    pub(super) fn insert_row(
        &mut self,
        table: &TableDef,
        columns: &[Given<'_>],
        row: &[ast::Expr],
        overriding_system: Option<bool>,
        scope: &Scope,
        defaults: &mut [Option<Expr>],
    ) -> Result<Vec<Expr>> {
        check_width(columns, row.len(), |extra| row[extra].span.at())?;
        let mut values: Vec<Option<Expr>> = vec![None; table.columns.len()];
        for (given, written) in columns.iter().zip(row) {
            if matches!(written.kind, ExprKind::Default) {
                continue;
            }
            let column = &table.columns[given.position];
            let overridden = self.may_give(column, overriding_system);
            let expr = self.expr(written, &mut Place::new(scope, Clause::Values))?;
            if overridden {
                continue;
            }
            let held = values[given.position].take();
            values[given.position] = Some(self.given(given, column, held, expr, written.span.at())?);
        }
        for (position, value) in values.iter_mut().enumerate().filter(|(_, value)| value.is_none()) {
            if defaults[position].is_none() {
                defaults[position] = Some(self.default(&table.columns[position])?);
            }
            value.clone_from(&defaults[position]);
        }
        Ok(values.into_iter().flatten().collect())
    }

    /// Rows of any other query.
    fn insert_query(
        &mut self,
        table: &Arc<TableDef>,
        columns: &[Given<'_>],
        query: &Query,
        insert: &Insert,
    ) -> Result<Plan> {
        let target = |given: &Given<'_>| {
            let column = &table.columns[given.position];
            let ty = match (column.ty, &given.target) {
                (Type::Array(element), Some(target)) if is_element(target) => element.ty(),
                (ty, _) => ty,
            };
            Target { name: column.name.clone(), ty }
        };
        let targets: Vec<Target> = columns.iter().map(target).collect();
        let Relation { plan, fields, .. } = self.query(query, Some(&targets))?;
        check_width(columns, fields.len(), |extra| match &query.body {
            QueryBody::Select(select) => {
                select.items.get(extra).map_or(query.span.at(), |i| i.expr.span.at())
            }
            _ => query.span.at(),
        })?;
        let mut exprs: Vec<Option<Expr>> = vec![None; table.columns.len()];
        for (i, (given, field)) in columns.iter().zip(&fields).enumerate() {
            let column = &table.columns[given.position];
            let at = match &query.body {
                QueryBody::Select(select) => {
                    select.items.get(i).map_or(query.span.at(), |i| i.expr.span.at())
                }
                _ => insert.table.span.at(),
            };
            if self.may_give(column, insert.overriding_system) {
                continue;
            }
            let held = exprs[given.position].take();
            exprs[given.position] = Some(self.given(given, column, held, Expr::column(i, field.ty), at)?);
        }
        let mut all = Vec::with_capacity(exprs.len());
        for (expr, column) in exprs.into_iter().zip(&table.columns) {
            all.push(match expr {
                Some(expr) => expr,
                None => self.default(column)?,
            });
        }
        let names = table.columns.iter().map(|column| column.name.clone()).collect();
        Ok(Plan::Project { input: Box::new(plan), exprs: all, names })
    }

    /// The value of a column for which a value is given, or one for a part of it beside others.
    fn given(
        &mut self,
        given: &Given<'_>,
        column: &ColumnDef,
        held: Option<Expr>,
        value: Expr,
        at: usize,
    ) -> Result<Expr> {
        match given.target {
            Some(target) if !target.path.is_empty() => {
                let of = held.unwrap_or(Expr::Literal { value: Value::Null, ty: column.ty });
                let scope = Scope::default();
                self.assigned_part(of, target, value, &mut Place::new(&scope, Clause::Values))
            }
            _ => self.resolver.assign(value, column.ty, &column.name, at),
        }
    }

    /// Whether the value that a statement gives for a column is passed over in favour of the default (OVERRIDING USER VALUE);
    /// 428C9, later, where none may be given.
    fn may_give(&mut self, column: &ColumnDef, overriding_system: Option<bool>) -> bool {
        match (column.generated, overriding_system) {
            (Generated::Stored, _) | (Generated::Always, None) => {
                let error = not_given(column, "cannot insert a non-DEFAULT value into column \"", "\"");
                self.refuse_later(Err(error));
                false
            }
            (Generated::Always | Generated::ByDefault, overriding) => overriding == Some(false),
            (Generated::No, _) => false,
        }
    }

    /// The value of a column that a statement leaves out.
    pub(super) fn default(&mut self, column: &ColumnDef) -> Result<Expr> {
        match &column.default {
            // Computed when the rest of the row is known.
            _ if column.generated == Generated::Stored => {
                Ok(Expr::Literal { value: Value::Null, ty: column.ty })
            }
            None => Ok(Expr::Literal { value: Value::Null, ty: column.ty }),
            Some(text) => {
                let written = parse_expr(text)?;
                let path = std::mem::replace(&mut self.path, super::define::PATH.as_slice());
                let bound = self.default_expr(&written, &column.name, column.ty);
                self.path = path;
                bound
            }
        }
    }

    /// A DEFAULT expression, converted to its column's type.
    pub(super) fn default_expr(&mut self, written: &ast::Expr, column: &str, ty: Type) -> Result<Expr> {
        let scope = Scope::default();
        let expr = self.expr(written, &mut Place::new(&scope, Clause::Default))?;
        self.resolver.assign(expr, ty, column, written.span.at())
    }
}

/// 428C9: a column's values do not come from statements.
pub fn not_given(column: &ColumnDef, before: &str, behind: &str) -> Error {
    let error = Error::new(state::GENERATED_ALWAYS, format!("{before}{}{behind}", column.name));
    let inserts = before.starts_with("cannot insert");
    match column.generated {
        Generated::Stored => error.with_detail(format!("Column \"{}\" is a generated column.", column.name)),
        _ => {
            let detail =
                format!("Column \"{}\" is an identity column defined as GENERATED ALWAYS.", column.name);
            let error = error.with_detail(detail);
            if inserts { error.with_hint("Use OVERRIDING SYSTEM VALUE to override.") } else { error }
        }
    }
}

/// A column that an INSERT gives, and where it was named.
pub(super) struct Given<'a> {
    position: usize,
    target: Option<&'a ast::Target>,
}

/// True for what means one element, if it means a part at all.
fn is_element(target: &ast::Target) -> bool {
    let at =
        |step: &PathStep| matches!(step, PathStep::Subscript(step) if matches!(**step, Subscript::At(_)));
    !target.path.is_empty() && target.path.iter().all(at)
}

/// The columns given: those named, or all.
pub(super) fn target_columns<'a>(columns: &'a [ast::Target], table: &TableDef) -> Result<Vec<Given<'a>>> {
    if columns.is_empty() {
        return Ok((0..table.visible()).map(|position| Given { position, target: None }).collect());
    }
    let mut given: Vec<Given<'_>> = Vec::with_capacity(columns.len());
    for target in columns {
        let position = target_column(target, table)?;
        let whole = |held: &Given<'_>| held.target.is_none_or(|held| held.path.is_empty());
        if given.iter().any(|held| held.position == position && (whole(held) || target.path.is_empty())) {
            let message = format!("column \"{}\" specified more than once", target.column.name);
            return Err(Error::new(state::DUPLICATE_COLUMN, message).at(target.column.span.at()));
        }
        given.push(Given { position, target: Some(target) });
    }
    Ok(given)
}

/// The position of a column that is written.
pub fn target_column(target: &ast::Target, table: &TableDef) -> Result<usize> {
    let name = &target.column.name;
    table.column(name).ok_or_else(|| {
        let message = format!("column \"{name}\" of relation \"{}\" does not exist", table.name);
        let error = Error::new(state::UNDEFINED_COLUMN, message).at(target.column.span.at());
        match super::scope::nearest(
            name,
            table.columns.iter().take(table.visible()).map(|column| column.name.as_str()),
        ) {
            Some(near) => error.with_hint(format!("Perhaps you meant the column \"{near}\".")),
            None => error,
        }
    })
}

/// The rows of a query that is nothing but VALUES.
fn plain_values(query: &Query) -> Option<&[Vec<ast::Expr>]> {
    let bare = query.with.is_none()
        && query.order_by.is_empty()
        && query.limit.is_none()
        && query.offset.is_none()
        && query.locking.is_empty();
    match &query.body {
        QueryBody::Values(rows) if bare => Some(rows),
        _ => None,
    }
}

/// 42601 where a row is wider than the columns given, or narrower than those named.
fn check_width(columns: &[Given<'_>], width: usize, at: impl Fn(usize) -> usize) -> Result<()> {
    if width > columns.len() {
        let message = "INSERT has more expressions than target columns";
        return Err(Error::new(state::SYNTAX_ERROR, message).at(at(columns.len())));
    }
    match columns.get(width).and_then(|given| given.target) {
        Some(target) => {
            let message = "INSERT has more target columns than expressions";
            Err(Error::new(state::SYNTAX_ERROR, message).at(target.column.span.at()))
        }
        None => Ok(()),
    }
}
