//! FROM: tables, subqueries and joins.

use super::expr::{Clause, Place};
use super::scope::Scope;
use super::{Binder, Relation, check_schema, refuse};
use crate::sql::ast::{self, Ident, JoinCondition, Name, Query, Span, TableAlias, TableKind, TableRef};
use crate::sql::expr::Expr;
use crate::sql::plan::{Field, JoinKind, Plan, Side};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::table::TableDef;
use std::sync::Arc;

/// How many nodes the references to queries of WITH may add to a plan: each is a copy.
const MAX_REPEATED: usize = 10_000;
/// How deep the plan of a query of WITH may be where it is referred to.
const MAX_CHAIN: usize = 100;

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
            let right = self.table_ref(item)?;
            joined = Some(match joined {
                None => right,
                Some(left) => FromItem {
                    scope: left.scope.join(right.scope, item.span.at())?,
                    plan: join(left.plan, right.plan, JoinKind::Inner, None),
                },
            });
        }
        Ok(joined.unwrap_or_else(|| FromItem { plan: Plan::one_row(), scope: Scope::default() }))
    }

    fn table_ref(&mut self, item: &TableRef) -> Result<FromItem> {
        match &item.kind {
            TableKind::Table { name, sample, .. } => {
                if let Some(sample) = sample {
                    return Err(refuse("TABLESAMPLE", sample.method.span));
                }
                self.named(name, item.alias.as_ref())
            }
            TableKind::Query { lateral: true, .. } => Err(refuse("LATERAL", item.span)),
            TableKind::Query { query, .. } => self.derived(query, item.alias.as_ref(), item.span),
            TableKind::Function { .. } => Err(refuse("a function in FROM", item.span)),
            TableKind::Join(join) => {
                if let Some(alias) = &item.alias {
                    return Err(refuse("the alias of a join", alias.name.span));
                }
                self.joined(join, item.span)
            }
        }
    }

    /// A table or a query of WITH.
    fn named(&mut self, name: &Name, alias: Option<&TableAlias>) -> Result<FromItem> {
        if let Some(simple) = name.simple()
            && let Some((_, relation)) = self.ctes.iter().rev().find(|(cte, _)| cte == simple)
        {
            let relation = relation.clone();
            let (nodes, depth) = relation.plan.size();
            self.repeated += nodes;
            if self.repeated > MAX_REPEATED || depth > MAX_CHAIN {
                let message = "the queries of WITH are repeated too often or build too deeply on each other";
                return Err(Error::new(state::STATEMENT_TOO_COMPLEX, message).at(name.span.at()));
            }
            let mut item = named_relation(relation, simple, alias)?;
            item.scope.mark_with_query();
            return Ok(item);
        }
        if check_schema(name)?
            && self.look_up(name.last()).is_none()
            && let Some(plan) = self.system_view(name.last())
        {
            let fields = plan.fields();
            return named_relation(Relation::new(plan, fields), name.last(), alias);
        }
        let table = self.table(name)?;
        let called = alias.map_or(table.name.as_str(), |alias| &alias.name.name);
        let width = table.columns.len();
        let mut columns: Vec<usize> = (0..width).collect();
        let locked = self.locking.of_relation(called).is_some();
        columns.extend((locked && table.key.is_empty()).then_some(width));
        let place = columns.len();
        let plan = self.scan(&table, called, columns, locked);
        let mut fields = plan.fields();
        let hidden = fields.split_off(width);
        let fields = renamed(fields, called, alias)?;
        let mut scope = Scope::relation(called, Some(Arc::clone(&table)), fields);
        if locked {
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
        let table_rows = self.catalog.by_id(table.id).map_or(0, |table| {
            let version = table.version();
            let hot: usize = version.hots().map(|hot| hot.segment.rows()).sum();
            let cold: u64 = version.cold.iter().map(|cold| u64::from(cold.segment.rows())).sum();
            hot as u64 + cold
        });
        Plan::Scan {
            table: Arc::clone(table),
            alias: alias.to_string(),
            columns,
            ranges: Vec::new(),
            row_ids,
            table_rows,
        }
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
            ast::JoinKind::Inner | ast::JoinKind::Cross => JoinKind::Inner,
            ast::JoinKind::Left | ast::JoinKind::Right => JoinKind::Left,
            ast::JoinKind::Full => return Err(refuse("FULL JOIN", span)),
        };
        let exchanged = node.kind == ast::JoinKind::Right;
        let mut left = self.table_ref(&node.left)?;
        let mut right = self.table_ref(&node.right)?;
        if kind == JoinKind::Left {
            (if exchanged { &mut left } else { &mut right }).scope.make_nullable();
        }
        let natural: Vec<Ident>;
        let using: &[Ident] = match &node.condition {
            JoinCondition::Using(_, Some(alias)) => return Err(refuse("an alias of USING", alias.span)),
            JoinCondition::Using(columns, None) => columns,
            JoinCondition::Natural => {
                let names = left.scope.common_names(&right.scope);
                natural = names.map(|name| Ident { name: name.to_string(), span }).collect();
                &natural
            }
            JoinCondition::None | JoinCondition::On(_) => &[],
        };
        let (mut merged, mut conditions) = (Vec::new(), Vec::new());
        let width = left.scope.width();
        for column in using {
            let (l, r) = (left.scope.using(column, "left")?, right.scope.using(column, "right")?);
            let (a, b) = (left.scope.column(l), right.scope.column(r).remap_columns(&|i| i + width));
            conditions.push(self.resolver.binary("=", a, b, column.span.at())?);
            merged.push(if exchanged { (r + width, l) } else { (l, r + width) });
        }
        let mut scope = left.scope.join(right.scope, node.right.span.at())?;
        scope.merge(&merged);
        if let JoinCondition::On(condition) = &node.condition {
            conditions.push(self.condition(condition, &mut Place::new(&scope, Clause::On))?);
        }
        let filter = (!conditions.is_empty()).then(|| Expr::conjunction(conditions));
        let plan = match exchanged {
            false => join(left.plan, right.plan, kind, filter),
            true => right_join(left.plan, right.plan, filter),
        };
        Ok(FromItem { plan, scope })
    }
}

/// A right join: a left join with its sides exchanged, and the columns put back in order.
fn right_join(left: Plan, right: Plan, filter: Option<Expr>) -> Plan {
    let (fields, other) = (left.fields(), right.fields());
    let (width, other_width) = (fields.len(), other.len());
    let exchange = |column: usize| if column < width { column + other_width } else { column - width };
    let filter = filter.map(|filter| filter.remap_columns(&exchange));
    let all: Vec<Field> = fields.into_iter().chain(other).collect();
    Plan::Project {
        input: Box::new(join(right, left, JoinKind::Left, filter)),
        exprs: all.iter().enumerate().map(|(i, field)| Expr::column(exchange(i), field.ty)).collect(),
        names: all.into_iter().map(|field| field.name).collect(),
    }
}

/// All pairs of rows that meet a condition.
pub fn join(left: Plan, right: Plan, kind: JoinKind, filter: Option<Expr>) -> Plan {
    let (left, right) = (Box::new(left), Box::new(right));
    Plan::Join { left, right, kind, keys: Vec::new(), filter, build: Side::Right, output: None }
}

fn named_relation(relation: Relation, name: &str, alias: Option<&TableAlias>) -> Result<FromItem> {
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
fn renamed(mut fields: Vec<Field>, called: &str, alias: Option<&TableAlias>) -> Result<Vec<Field>> {
    let names = alias.map_or(&[][..], |alias| &alias.columns);
    if let Some(extra) = names.get(fields.len()) {
        let message = format!(
            "table \"{called}\" has {} columns available but {} columns specified",
            fields.len(),
            names.len()
        );
        return Err(Error::new(state::INVALID_COLUMN_REFERENCE, message).at(extra.span.at()));
    }
    for (field, name) in fields.iter_mut().zip(names) {
        field.name.clone_from(&name.name);
    }
    for field in &mut fields {
        field.relation = Some(called.to_string());
    }
    Ok(fields)
}
