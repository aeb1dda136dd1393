//! GROUP BY, HAVING, and what stands above a grouping.
//!
//! Expressions of the list, HAVING and ORDER BY are bound over FROM first, aggregates being stand-in columns
//! ([`AGGREGATES`]). Once the grouping is known they are rewritten over its output: what equals a grouping expression
//! becomes its column, a stand-in becomes the aggregate's column, and any other column is an error (42803), unless the
//! grouping holds the primary key of its table, on which all its columns depend.

use super::expr::{AGGREGATES, Clause, Place};
use super::order::position;
use super::scope::Scope;
use super::select::Item;
use super::{Binder, refuse};
use crate::sql::ast::{self, ExprKind, GroupItem, Select};
use crate::sql::expr::Expr;
use crate::sql::plan::{AggregateCall, Plan};
use remanent_storage::error::{Error, Result, state};

impl Binder<'_> {
    /// The expressions of GROUP BY: numbers and names of output columns, or expressions over FROM.
    pub(super) fn group_by(&mut self, select: &Select, items: &[Item], scope: &Scope) -> Result<Vec<Expr>> {
        if select.group_distinct && !select.group_by.is_empty() {
            return Err(refuse("GROUP BY DISTINCT", select.span));
        }
        let mut group: Vec<Expr> = Vec::new();
        for item in &select.group_by {
            let written: &[ast::Expr] = match item {
                GroupItem::Expr(ast::Expr { kind: ExprKind::Row(parts), .. }) => parts,
                GroupItem::Expr(expr) => std::slice::from_ref(expr),
                GroupItem::Empty => &[],
                GroupItem::Rollup(_) => return Err(refuse("ROLLUP", select.span)),
                GroupItem::Cube(_) => return Err(refuse("CUBE", select.span)),
                GroupItem::Sets(_) => return Err(refuse("GROUPING SETS", select.span)),
            };
            for expr in written {
                let bound = self.group_item(expr, items, scope)?;
                if !group.contains(&bound) {
                    group.push(bound);
                }
            }
        }
        Ok(group)
    }

    fn group_item(&mut self, expr: &ast::Expr, items: &[Item], scope: &Scope) -> Result<Expr> {
        let output = |found: usize| {
            let item: &Item = &items[found];
            match item.expr.any(&mut |e| matches!(e, Expr::Column { index, .. } if *index >= AGGREGATES)) {
                true => {
                    let message = "aggregate functions are not allowed in GROUP BY";
                    Err(Error::new(state::GROUPING_ERROR, message).at(item.at))
                }
                false => Ok(item.expr.clone()),
            }
        };
        if let Some(found) = position(expr, items.len(), "GROUP BY")? {
            return output(found);
        }
        if let ExprKind::Column(name) = &expr.kind
            && let Some(simple) = name.simple()
            && !scope.has(simple)
        {
            let mut named = items.iter().enumerate().filter(|(_, item)| item.name == simple);
            if let Some((found, first)) = named.next() {
                if named.any(|(_, other)| other.expr != first.expr) {
                    let message = format!("GROUP BY \"{simple}\" is ambiguous");
                    return Err(Error::new(state::AMBIGUOUS_COLUMN, message).at(name.span.at()));
                }
                return output(found);
            }
        }
        let bound = self.expr(expr, &mut Place::new(scope, Clause::GroupBy))?;
        self.resolver.finish(bound)
    }

    /// The grouping, HAVING above it, and the items rewritten over it.
    pub(super) fn grouped(
        &mut self,
        plan: Plan,
        group: Vec<Expr>,
        aggregates: Vec<AggregateCall>,
        having: Option<Item>,
        items: &mut [Item],
        scope: &Scope,
    ) -> Result<Plan> {
        let mut over = Regroup { group, scope };
        for item in items.iter_mut() {
            over.rewrite(&mut item.expr, &item.seen)?;
        }
        let mut having = having;
        if let Some(having) = &mut having {
            over.rewrite(&mut having.expr, &having.seen)?;
        }
        let groups = over.group.len();
        let settle = |index: usize| match index.checked_sub(AGGREGATES) {
            Some(k) => groups + k,
            None => index,
        };
        for item in items {
            let expr = std::mem::replace(&mut item.expr, Expr::Unknown { text: None, at: 0 });
            item.expr = expr.remap_columns(&settle);
        }
        let plan = Plan::Aggregate { input: Box::new(plan), group: over.group, aggregates };
        Ok(match having {
            Some(having) => plan.filtered(vec![having.expr.remap_columns(&settle)]),
            None => plan,
        })
    }
}

struct Regroup<'s> {
    group: Vec<Expr>,
    scope: &'s Scope,
}

impl Regroup<'_> {
    /// Rewrites an expression over FROM into one over the grouping's columns; aggregates stay stand-ins.
    fn rewrite(&mut self, expr: &mut Expr, seen: &[(usize, usize)]) -> Result<()> {
        if let Some(found) = self.group.iter().position(|held| held == expr) {
            *expr = Expr::column(found, expr.ty());
            return Ok(());
        }
        if let Expr::Column { index, ty } = expr {
            if *index >= AGGREGATES {
                return Ok(());
            }
            if !self.depends_on_group(*index) {
                return Err(self.ungrouped(*index, seen));
            }
            self.group.push(Expr::column(*index, *ty));
            *index = self.group.len() - 1;
            return Ok(());
        }
        let mut result = Ok(());
        expr.for_each_child_mut(&mut |child| {
            if result.is_ok() {
                result = self.rewrite(child, seen);
            }
        });
        result
    }

    /// True if the grouping holds the primary key of the column's table.
    fn depends_on_group(&self, column: usize) -> bool {
        let relation = self.scope.relation_of(column);
        let Some(table) = &relation.table else { return false };
        let grouped = |&key: &usize| {
            let position = relation.columns.start + key;
            self.group.iter().any(|held| matches!(held, Expr::Column { index, .. } if *index == position))
        };
        !table.key.is_empty() && table.key.iter().all(grouped)
    }

    fn ungrouped(&self, column: usize, seen: &[(usize, usize)]) -> Error {
        let message = format!(
            "column \"{}\" must appear in the GROUP BY clause or be used in an aggregate function",
            self.scope.full_name(column)
        );
        let error = Error::new(state::GROUPING_ERROR, message);
        match seen.iter().find(|(position, _)| *position == column) {
            Some((_, at)) => error.at(*at),
            None => error,
        }
    }
}
