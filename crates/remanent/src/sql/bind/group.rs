//! GROUP BY, HAVING, and what stands above a grouping.
//!
//! Expressions of the list, HAVING and ORDER BY are bound over FROM first, aggregates being stand-in columns
//! ([`AGGREGATES`]). Once the grouping is known they are rewritten over its output: what equals a grouping expression
//! becomes its column, a stand-in becomes the aggregate's column, and any other column is an error (42803), unless the
//! grouping holds the primary key of its table, on which all its columns depend.

use super::Binder;
use super::expr::{AGGREGATES, Clause, GROUPINGS, Place, SETS, WINDOWS};
use super::order::position;
use super::scope::Scope;
use super::select::Item;
use crate::sql::ast::{self, ExprKind, GroupItem, Select};
use crate::sql::expr::{Expr, needs_equality};
use crate::sql::functions::Arg;
use crate::sql::plan::{AggregateCall, Plan};
use remanent_storage::error::{Error, Result, SqlState, state};
use remanent_storage::table::TableId;
use remanent_storage::value::{Type, Value};

impl Binder<'_> {
    /// GROUP BY: numbers and names of output columns, or expressions over FROM; and its grouping sets.
    pub(super) fn group_by(&mut self, select: &Select, items: &[Item], scope: &Scope) -> Result<Grouping> {
        let mut group = Grouping::default();
        let mut sets: Vec<Vec<usize>> = vec![Vec::new()];
        for item in &select.group_by {
            let own = self.grouping_sets(item, items, scope, &mut group.exprs)?;
            if sets.len().saturating_mul(own.len()) > MAX_SETS {
                let message = format!("too many grouping sets present (maximum {MAX_SETS})");
                return Err(Error::new(state::STATEMENT_TOO_COMPLEX, message).at(select.span.at()));
            }
            let all = |set: &Vec<usize>| {
                own.iter().map(|own| set.iter().chain(own).copied().collect()).collect::<Vec<_>>()
            };
            sets = sets.iter().flat_map(all).collect();
        }
        if sets.len() > 1 || select.group_by.iter().any(|item| matches!(item, GroupItem::Sets(_))) {
            let kept = |set: &Vec<usize>| (0..group.exprs.len()).map(|i| set.contains(&i)).collect();
            group.sets = sets.iter().map(kept).collect();
            if select.group_distinct {
                let mut distinct: Vec<Vec<bool>> = Vec::new();
                group.sets.retain(|set| {
                    let new = !distinct.contains(set);
                    distinct.push(set.clone());
                    new
                });
            }
            if let [only] = group.sets.as_slice()
                && only.iter().all(|kept| *kept)
            {
                group.sets.clear();
            }
        }
        Ok(group)
    }

    /// The sets that an item of GROUP BY means; each lists positions among the expressions, which it adds to.
    fn grouping_sets(
        &mut self,
        item: &GroupItem,
        items: &[Item],
        scope: &Scope,
        group: &mut Vec<Expr>,
    ) -> Result<Vec<Vec<usize>>> {
        let mut units = |b: &mut Self, exprs: &[ast::Expr]| {
            exprs.iter().map(|expr| b.grouping_unit(expr, items, scope, group)).collect::<Result<Vec<_>>>()
        };
        Ok(match item {
            GroupItem::Expr(expr) => units(self, std::slice::from_ref(expr))?,
            GroupItem::Empty => vec![Vec::new()],
            GroupItem::Rollup(exprs) => {
                let units = units(self, exprs)?;
                (0..=units.len()).rev().map(|len| units[..len].concat()).collect()
            }
            GroupItem::Cube(exprs) => {
                let units = units(self, exprs)?;
                if units.len() > 12 {
                    let message = "CUBE is limited to 12 elements";
                    return Err(Error::new(state::TOO_MANY_COLUMNS, message));
                }
                let chosen = |mask: usize| {
                    let bit = |i: usize| mask >> (units.len() - 1 - i) & 1 == 1;
                    (0..units.len()).filter(|&i| bit(i)).flat_map(|i| units[i].clone()).collect()
                };
                (0..1usize << units.len()).rev().map(chosen).collect()
            }
            GroupItem::Sets(parts) => {
                let mut sets = Vec::new();
                for part in parts {
                    sets.extend(self.grouping_sets(part, items, scope, group)?);
                }
                sets
            }
        })
    }

    /// An expression, or the several of a row: positions among the expressions of GROUP BY.
    fn grouping_unit(
        &mut self,
        expr: &ast::Expr,
        items: &[Item],
        scope: &Scope,
        group: &mut Vec<Expr>,
    ) -> Result<Vec<usize>> {
        let written: &[ast::Expr] = match &expr.kind {
            ExprKind::Row(parts) => parts,
            _ => std::slice::from_ref(expr),
        };
        let mut positions = Vec::with_capacity(written.len());
        for expr in written {
            let bound = self.group_item(expr, items, scope)?;
            needs_equality(bound.ty(), Some(expr.span.at()))?;
            let held = group.iter().position(|held| *held == bound && !bound.is_volatile());
            positions.push(held.unwrap_or_else(|| {
                group.push(bound);
                group.len() - 1
            }));
        }
        Ok(positions)
    }

    fn group_item(&mut self, expr: &ast::Expr, items: &[Item], scope: &Scope) -> Result<Expr> {
        let output = |found: usize| {
            let item: &Item = &items[found];
            let names = |columns: std::ops::Range<usize>| {
                item.expr.any(&mut |e| matches!(e, Expr::Column { index, .. } if columns.contains(index)))
            };
            match names(AGGREGATES..SETS) {
                true if names(WINDOWS..SETS) => {
                    let message = "window functions are not allowed in GROUP BY";
                    Err(Error::new(SqlState("42P20"), message).at(item.at))
                }
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
        group: Grouping,
        aggregates: Vec<AggregateCall>,
        having: Option<Item>,
        items: &mut [Item],
        scope: &Scope,
    ) -> Result<Plan> {
        let groupings = self.grouping_calls(&group)?;
        let Grouping { exprs, sets } = group;
        let mut over = Regroup { group: exprs, sets, keyless: self.keyless, scope };
        for item in items.iter_mut() {
            over.rewrite(&mut item.expr, &item.seen)?;
        }
        let mut having = having;
        if let Some(having) = &mut having {
            over.rewrite(&mut having.expr, &having.seen)?;
        }
        let mut windows = std::mem::take(&mut self.windows);
        for window in &mut windows {
            let seen = window.seen.clone();
            window.exprs_mut().try_for_each(|expr| over.rewrite(expr, &seen))?;
        }
        let mut sets_calls = std::mem::take(&mut self.sets);
        for (call, seen) in &mut sets_calls {
            call.args.iter_mut().try_for_each(|arg| over.rewrite(arg, seen))?;
        }
        let (groups, set) = (over.group.len(), over.group.len() + aggregates.len());
        let settle = |expr: Expr| {
            expr.transform(&mut |part| match part {
                Expr::Column { index, .. } if (GROUPINGS..WINDOWS).contains(&index) => {
                    grouping_value(groupings.get(index - GROUPINGS).map_or(&[], Vec::as_slice), set)
                }
                Expr::Column { index, ty } if (AGGREGATES..GROUPINGS).contains(&index) => {
                    Expr::Column { index: groups + index - AGGREGATES, ty }
                }
                other => other,
            })
        };
        for item in items {
            let expr = std::mem::replace(&mut item.expr, Expr::Unknown { text: None, at: 0 });
            item.expr = settle(expr);
        }
        for expr in windows.iter_mut().flat_map(|window| window.exprs_mut()) {
            let taken = std::mem::replace(expr, Expr::Unknown { text: None, at: 0 });
            *expr = settle(taken);
        }
        self.windows = windows;
        for arg in sets_calls.iter_mut().flat_map(|(call, _)| &mut call.args) {
            let taken = std::mem::replace(arg, Expr::Unknown { text: None, at: 0 });
            *arg = settle(taken);
        }
        self.sets = sets_calls;
        let plan = Plan::Aggregate { input: Box::new(plan), group: over.group, aggregates, sets: over.sets };
        Ok(match having {
            Some(having) => plan.filtered(vec![settle(having.expr)]),
            None => plan,
        })
    }

    /// For each grouping() of the query, its value in each grouping set.
    fn grouping_calls(&self, group: &Grouping) -> Result<Vec<Vec<i32>>> {
        let mut calls = Vec::with_capacity(self.groupings.len());
        for args in &self.groupings {
            let mut positions = Vec::with_capacity(args.len());
            for (arg, at) in args {
                let found = group.exprs.iter().position(|held| held == arg);
                positions.push(found.ok_or_else(|| {
                    let message =
                        "arguments to GROUPING must be grouping expressions of the associated query level";
                    Error::new(state::GROUPING_ERROR, message).at(*at)
                })?);
            }
            let value = |set: &Vec<bool>| {
                positions
                    .iter()
                    .fold(0, |bits, &at| bits << 1 | i32::from(!set.get(at).copied().unwrap_or(true)))
            };
            calls.push(match group.sets.is_empty() {
                true => vec![0],
                false => group.sets.iter().map(value).collect(),
            });
        }
        Ok(calls)
    }
}

/// What grouping() is, given its value in each set and the column that says which set a row is of.
fn grouping_value(values: &[i32], set: usize) -> Expr {
    let int = |value: i32| Expr::Literal { value: Value::Int4(value), ty: Type::Int4 };
    let first = values.first().copied().unwrap_or(0);
    if values.iter().all(|value| *value == first) {
        return int(first);
    }
    let is = |n: usize| {
        let args = vec![Expr::column(set, Type::Int4), int(n as i32)];
        let equal = crate::sql::functions::lookup("=").iter().find(|f| {
            f.signatures.iter().any(|(args, _)| *args == [Arg::Is(Type::Int4), Arg::Is(Type::Int4)])
        });
        equal.map(|function| Expr::Call { function, args, ty: Type::Bool })
    };
    let branches = values.iter().enumerate().filter_map(|(n, &value)| Some((is(n)?, int(value)))).collect();
    Expr::Case { operand: None, branches, otherwise: Box::new(int(first)), ty: Type::Int4 }
}

/// GROUP BY as bound.
#[derive(Default)]
pub struct Grouping {
    /// The expressions over FROM.
    pub exprs: Vec<Expr>,
    /// For each grouping set, which of them it keeps; empty: there is one, which keeps all.
    pub sets: Vec<Vec<bool>>,
}

/// How many grouping sets a query can have, as in PostgreSQL.
const MAX_SETS: usize = 4096;

struct Regroup<'s> {
    group: Vec<Expr>,
    /// The grouping sets: what is added is in all of them.
    sets: Vec<Vec<bool>>,
    keyless: Option<TableId>,
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
            self.sets.iter_mut().for_each(|set| set.push(true));
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

    /// True if the grouping, each set of it, holds the primary key of the column's table.
    fn depends_on_group(&self, column: usize) -> bool {
        let relation = self.scope.relation_of(column);
        let Some(table) = &relation.table else { return false };
        let grouped = |&key: &usize| {
            let position = relation.columns.get(key).copied().unwrap_or(usize::MAX);
            let is_key = |held: &Expr| matches!(held, Expr::Column { index, .. } if *index == position);
            let found = self.group.iter().position(is_key);
            found.is_some_and(|place| self.sets.iter().all(|set| set.get(place) == Some(&true)))
        };
        !table.key.is_empty() && self.keyless != Some(table.id) && table.key.iter().all(grouped)
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
