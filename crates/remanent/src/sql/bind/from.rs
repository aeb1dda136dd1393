//! FROM: tables, subqueries and joins.

use super::expr::{Clause, Place};
use super::scope::Scope;
use super::{Binder, Relation, refuse};
use crate::sql::ast::{self, Ident, JoinCondition, Name, Query, Span, TableAlias, TableKind, TableRef};
use crate::sql::expr::Expr;
use crate::sql::plan::{Field, JoinKind, Plan, Side, Statistics, TableIndexes};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::table::version::Table;
use remanent_storage::table::{RelationKind, TableDef};
use remanent_storage::value::Value;
use std::sync::Arc;

/// An item of FROM: its rows and the names of their columns.
pub struct FromItem {
    pub plan: Plan,
    pub scope: Scope,
}

impl Binder<'_> {
    /// The items of FROM, all pairs of them; without FROM one row.
    pub(super) fn from(&mut self, items: &[TableRef]) -> Result<FromItem> {
        let mut joined: Option<FromItem> = None;
        for item in items {
            joined = Some(match joined {
                None => self.table_ref(item)?,
                Some(left) => self.beside(left, item)?,
            });
        }
        Ok(joined.unwrap_or_else(|| FromItem { plan: Plan::one_row(), scope: Scope::default() }))
    }

    /// Another item of FROM beside those before it.
    pub(super) fn beside(&mut self, left: FromItem, item: &TableRef) -> Result<FromItem> {
        let (right, args) = self.right_of(&left.scope, item)?;
        Ok(FromItem {
            scope: left.scope.join(right.scope)?,
            plan: joined(left.plan, right.plan, JoinKind::Inner, args, None),
        })
    }

    /// An item of FROM that may refer to what stands before it, and what it reads of that.
    fn right_of(&mut self, left: &Scope, item: &TableRef) -> Result<(FromItem, Vec<(usize, Expr)>)> {
        self.begin_frame(left.clone(), Some(false));
        let right = self.table_ref(item);
        let args = self.end_lateral()?;
        Ok((right?, args))
    }

    fn table_ref(&mut self, item: &TableRef) -> Result<FromItem> {
        match &item.kind {
            TableKind::Table { name, sample, .. } => {
                if let Some(sample) = sample {
                    return Err(refuse("TABLESAMPLE", sample.method.span));
                }
                self.named(name, item.alias.as_ref())
            }
            TableKind::Query { query, lateral } => {
                self.laterally(*lateral, &mut |b| b.derived(query, item.alias.as_ref(), item.span))
            }
            TableKind::Function { calls, ordinality, .. } => self.laterally(true, &mut |b| {
                b.function_table(calls, *ordinality, item.alias.as_ref(), item.span)
            }),
            TableKind::Join(join) => {
                let joined = self.joined(join, item.span)?;
                match &item.alias {
                    Some(alias) => aliased(joined, alias),
                    None => Ok(joined),
                }
            }
        }
    }

    /// A table or a query of WITH.
    fn named(&mut self, name: &Name, alias: Option<&TableAlias>) -> Result<FromItem> {
        if let Some(item) = self.with_query(name, alias)? {
            return Ok(item);
        }
        if self.look_up(name)?.is_none()
            && let Some(plan) = self.information(name)
        {
            let fields = plan.fields();
            let item = named_relation(Relation::new(plan, fields), name.last(), alias)?;
            return Ok(within(item, name.qualifier().map_or("pg_catalog", |schema| &schema.name), alias));
        }
        if self.look_up(name)?.is_none()
            && name.qualifier().is_none_or(|schema| schema.name == "pg_catalog")
            && let Some(plan) = self.system_view(name.last())
        {
            let fields = plan.fields();
            return named_relation(Relation::new(plan, fields), name.last(), alias);
        }
        let table = self.table(name)?;
        if let Some(written) = &mut self.written {
            written.table(name, &table);
        }
        if let RelationKind::View(text) = &table.kind {
            if self.locking.of_relation(alias.map_or(&table.name, |alias| &alias.name.name)).is_some() {
                return Err(refuse("locking rows of a view", name.span));
            }
            let FromItem { plan, scope } = self.view(&table, text)?;
            let fields = scope.visible().map(|(_, field)| field).collect();
            let item = named_relation(Relation::new(plan, fields), name.last(), alias)?;
            return Ok(within(item, &table.schema, alias));
        }
        if let RelationKind::Sequence(_) = table.kind {
            let plan = self.sequence_row(&table);
            let fields = plan.fields();
            let item = named_relation(Relation::new(plan, fields), name.last(), alias)?;
            return Ok(within(item, &table.schema, alias));
        }
        let called = alias.map_or(table.name.as_str(), |alias| &alias.name.name);
        let width = table.columns.len();
        let mut columns: Vec<usize> = (0..width).collect();
        let locked = self.locking.of_relation(called).is_some();
        columns.extend((locked && table.key.is_empty()).then_some(width));
        let place = columns.len();
        let plan = self.scan(&table, called, columns, locked);
        // As `Plan::fields` has them, without the relation, which a scope knows itself.
        let fields = table.columns.iter().map(|column| Field::new(column.name.as_str(), column.ty)).collect();
        let fields = with_names(fields, called, alias)?;
        let mut scope = Scope::relation(called, Some(Arc::clone(&table)), fields);
        if locked {
            let hidden = plan.fields().split_off(width);
            scope.identify(hidden, table.key_columns().into_iter().chain([place]).collect());
        }
        Ok(FromItem { scope, plan })
    }

    /// A scan of these columns of a table.
    pub(super) fn scan(
        &self,
        table: &Arc<TableDef>,
        alias: &str,
        columns: Vec<usize>,
        row_ids: bool,
    ) -> Plan {
        let known = self.catalog.by_id(table.id);
        let indexes = known.and_then(|known| self.indexes_of(known));
        Plan::Scan {
            table: Arc::clone(table),
            alias: alias.to_string(),
            columns,
            tested: 0,
            ranges: Vec::new(),
            row_ids,
            stats: known.map_or_else(Statistics::default, Statistics::of),
            indexes,
            access: None,
            ranked: None,
            counted: None,
            summarised: false,
        }
    }

    /// The indexes of a table, and what their expressions and conditions are.
    fn indexes_of(&self, table: &Arc<Table>) -> Option<TableIndexes> {
        let mut indexes = TableIndexes::of(table, self.catalog.indexes_of(table.def.id))?;
        let mut binder = Binder::new(self.catalog, Vec::new(), 0, self.path);
        for position in table.def.visible()..table.def.columns.len() {
            let text = table.def.columns.get(position).and_then(|column| column.default.as_deref());
            // What cannot be bound is not recognised in a query.
            if let Some(expr) = text.and_then(|text| binder.kept(text, position, &table.def).ok()) {
                indexes.kept.push((position, expr));
            }
        }
        Some(indexes)
    }

    fn derived(&mut self, query: &Query, alias: Option<&TableAlias>, span: Span) -> Result<FromItem> {
        let Some(alias) = alias else {
            let message = match query.body {
                ast::QueryBody::Values(_) => "VALUES in FROM must have an alias",
                _ => "subquery in FROM must have an alias",
            };
            let hint = match query.body {
                ast::QueryBody::Values(_) => "For example, FROM (VALUES ...) [AS] foo.",
                _ => "For example, FROM (SELECT ...) [AS] foo.",
            };
            return Err(Error::new(state::SYNTAX_ERROR, message).with_hint(hint).at(span.at()));
        };
        let locking = self.with_locking(query, &alias.name.name);
        let relation = self.query(locking.as_ref().unwrap_or(query), None)?;
        named_relation(relation, &alias.name.name, Some(alias))
    }

    fn joined(&mut self, node: &ast::Join, span: Span) -> Result<FromItem> {
        let kind = match node.kind {
            ast::JoinKind::Asof | ast::JoinKind::AsofLeft => {
                let left = self.table_ref(&node.left)?;
                let (mut right, args) = self.right_of(&left.scope, &node.right)?;
                if !args.is_empty() {
                    return Err(refuse("LATERAL in an ASOF join", node.right.span));
                }
                let outer = node.kind == ast::JoinKind::AsofLeft;
                if outer {
                    right.scope.make_nullable();
                }
                return self.asof(left, right, &node.condition, outer, span);
            }
            ast::JoinKind::Inner | ast::JoinKind::Cross => JoinKind::Inner,
            ast::JoinKind::Left => JoinKind::Left,
            ast::JoinKind::Right => JoinKind::Right,
            ast::JoinKind::Full => JoinKind::Full,
        };
        self.missing += usize::from(kind.extends_left());
        let left = self.table_ref(&node.left);
        self.missing -= usize::from(kind.extends_left());
        let mut left = left?;
        self.missing += usize::from(kind.extends_right());
        let right = self.right_of(&left.scope, &node.right);
        self.missing -= usize::from(kind.extends_right());
        let (mut right, args) = right?;
        if !args.is_empty() && kind.extends_left() {
            let message = "invalid reference to FROM-clause entry";
            return Err(Error::new(state::INVALID_COLUMN_REFERENCE, message)
                .with_detail("The combining JOIN type must be INNER or LEFT for a LATERAL reference.")
                .at(node.right.span.at()));
        }
        if kind.extends_left() {
            left.scope.make_nullable();
        }
        if kind.extends_right() {
            right.scope.make_nullable();
            // What depends on the left row may be a row of NULLs: something else has to tell whether there is one.
            if !args.is_empty() && right.scope.relations().len() == 1 {
                right = marked(right);
            }
        }
        let natural: Vec<Ident>;
        let (using, alias): (&[Ident], Option<&Ident>) = match &node.condition {
            JoinCondition::Using(columns, alias) => (columns, alias.as_ref()),
            JoinCondition::Natural => {
                let names = left.scope.common_names(&right.scope);
                natural = names.map(|name| Ident { name: name.to_string(), span }).collect();
                (&natural, None)
            }
            JoinCondition::None | JoinCondition::On(_) => (&[], None),
        };
        let (mut pairs, mut conditions) = (Vec::new(), Vec::new());
        let width = left.scope.width();
        for column in using {
            let (l, r) = (left.scope.using(column, "left")?, right.scope.using(column, "right")?);
            let (a, b) = (left.scope.column(l), right.scope.column(r).remap_columns(&|i| i + width));
            conditions.push(self.resolver.binary("=", a, b, column.span.at())?);
            pairs.push((l, r + width));
        }
        let mut scope = left.scope.join(right.scope)?;
        if let JoinCondition::On(condition) = &node.condition {
            conditions.push(self.condition(condition, &mut Place::new(&scope, Clause::On))?);
        }
        let filter = (!conditions.is_empty()).then(|| Expr::conjunction(conditions));
        let plan = joined(left.plan, right.plan, kind, args, filter);
        let (plan, merged) = self.merge(plan, &mut scope, &pairs, kind, span)?;
        if let Some(alias) = alias {
            scope.add_relation(alias, merged)?;
        }
        Ok(FromItem { plan, scope })
    }

    /// Makes one visible column of each two of USING: that of the side whose rows all come out, or either one where
    /// those of both do. Their positions.
    fn merge(
        &mut self,
        plan: Plan,
        scope: &mut Scope,
        pairs: &[(usize, usize)],
        kind: JoinKind,
        span: Span,
    ) -> Result<(Plan, Vec<usize>)> {
        let mut merged: Vec<usize> =
            pairs.iter().map(|&(l, r)| if kind == JoinKind::Right { r } else { l }).collect();
        let mut plan = plan;
        if kind == JoinKind::Full && !pairs.is_empty() {
            let fields = plan.fields();
            let mut exprs: Vec<Expr> =
                fields.iter().enumerate().map(|(i, field)| Expr::column(i, field.ty)).collect();
            let mut names: Vec<String> = fields.into_iter().map(|field| field.name).collect();
            for (&(l, r), place) in pairs.iter().zip(&mut merged) {
                let both = vec![scope.column(l), scope.column(r)];
                let (args, ty) = self.resolver.unify(both, "JOIN/USING", &[span.at()])?;
                *place = scope.add_merged(l, ty);
                names.push(names.get(l).cloned().unwrap_or_default());
                exprs.push(Expr::Coalesce { args, ty });
            }
            plan = Plan::Project { input: Box::new(plan), exprs, names };
        }
        let visible = pairs.iter().zip(&merged).map(|(&(l, r), &place)| (place, l, r)).collect::<Vec<_>>();
        scope.merge(&visible);
        Ok((plan, merged))
    }
}

/// A relation with a column that is true in each of its rows.
pub(super) fn marked(mut item: FromItem) -> FromItem {
    let fields = item.plan.fields();
    let mut exprs: Vec<Expr> =
        fields.iter().enumerate().map(|(i, field)| Expr::column(i, field.ty)).collect();
    let mut names: Vec<String> = fields.into_iter().map(|field| field.name).collect();
    exprs.push(Expr::literal(Value::Bool(true)));
    names.push("present".to_string());
    item.scope.add_present();
    FromItem { plan: Plan::Project { input: Box::new(item.plan), exprs, names }, ..item }
}

/// A join under a name of its own: its visible columns are those of one relation.
fn aliased(item: FromItem, alias: &TableAlias) -> Result<FromItem> {
    let (positions, fields): (Vec<usize>, Vec<Field>) = item.scope.visible().unzip();
    let fields = renamed(fields, &alias.name.name, Some(alias))?;
    let exprs = positions.into_iter().zip(&fields).map(|(i, field)| Expr::column(i, field.ty)).collect();
    let names = fields.iter().map(|field| field.name.clone()).collect();
    let plan = Plan::Project { input: Box::new(item.plan), exprs, names };
    Ok(FromItem { scope: Scope::relation(&alias.name.name, None, fields), plan })
}

/// A join, dependent where the right side reads something of the left row.
fn joined(left: Plan, right: Plan, kind: JoinKind, args: Vec<(usize, Expr)>, filter: Option<Expr>) -> Plan {
    if args.is_empty() {
        return join(left, right, kind, filter);
    }
    let (left, right) = (Box::new(left), Box::new(right));
    Plan::Apply { left, right, args, outer: kind == JoinKind::Left, filter }
}

/// All pairs of rows that meet a condition.
pub fn join(left: Plan, right: Plan, kind: JoinKind, filter: Option<Expr>) -> Plan {
    let (left, right) = (Box::new(left), Box::new(right));
    Plan::Join { left, right, kind, keys: Vec::new(), filter, build: Side::Right, output: None }
}

/// A relation that has no alias may be named with its schema.
fn within(item: FromItem, schema: &str, alias: Option<&TableAlias>) -> FromItem {
    match alias {
        Some(_) => item,
        None => FromItem { scope: item.scope.within(schema), ..item },
    }
}

pub fn named_relation(relation: Relation, name: &str, alias: Option<&TableAlias>) -> Result<FromItem> {
    let called = alias.map_or(name, |alias| &alias.name.name);
    let fields = renamed(relation.fields, called, alias)?;
    let scope = Scope::relation(called, None, fields.iter().cloned());
    // The names go into the plan too, so that EXPLAIN speaks of the columns as the statement does.
    let mut plan = relation.plan;
    if let Plan::Values { fields: held, .. } = &mut plan {
        held.clone_from(&fields);
    }
    Ok(FromItem { plan, scope })
}

/// Columns under the names of an alias, of which there may be fewer; 42P10 where there are more.
pub fn renamed(fields: Vec<Field>, called: &str, alias: Option<&TableAlias>) -> Result<Vec<Field>> {
    let mut fields = with_names(fields, called, alias)?;
    for field in &mut fields {
        field.relation = Some(called.to_string());
    }
    Ok(fields)
}

/// The same, which keep the relation that they have.
fn with_names(mut fields: Vec<Field>, called: &str, alias: Option<&TableAlias>) -> Result<Vec<Field>> {
    let names = alias.map_or(&[][..], |alias| &alias.columns);
    let visible = fields.iter().filter(|field| !field.name.is_empty()).count();
    if names.len() > visible {
        let message = format!(
            "table \"{called}\" has {visible} columns available but {} columns specified",
            names.len()
        );
        return Err(Error::new(state::INVALID_COLUMN_REFERENCE, message));
    }
    for (field, name) in fields.iter_mut().zip(names) {
        field.name.clone_from(&name.name);
    }
    Ok(fields)
}
