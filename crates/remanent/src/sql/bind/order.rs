//! ORDER BY: output columns by name or number, or expressions.
//!
//! A bare name means an output column first, then a column of FROM; within an expression, names mean columns of FROM
//! only. What is not in the select list is added to it, hidden.

use super::Binder;
use super::expr::Place;
use super::names::output_name;
use super::refuse;
use super::select::Item;
use crate::sql::ast::{ExprKind, Literal, OrderBy};
use crate::sql::expr::{Expr, needs_order};
use crate::sql::plan::{Field, SortKey};
use remanent_storage::error::{Error, Result, state};

/// The order that an item asks for, before it is known which column holds its expression.
pub fn direction(item: &OrderBy) -> Result<(bool, bool)> {
    let descending = match &item.using {
        Some(op) if op.schema.is_some() => return Err(refuse("ORDER BY … USING", op.span)),
        Some(op) if !matches!(&*op.name, "<" | ">") => {
            let message = format!("operator {} is not a valid ordering operator", op.name);
            return Err(Error::new(state::WRONG_OBJECT_TYPE, message).at(op.span.at()));
        }
        Some(op) => op.name == ">",
        None => item.descending,
    };
    Ok((descending, item.nulls_first.unwrap_or(descending)))
}

/// The key on an output column.
fn key(item: &OrderBy, expr: Expr) -> Result<SortKey> {
    let (descending, nulls_first) = direction(item)?;
    Ok(SortKey { expr, descending, nulls_first })
}

/// The place in a list that a number means, as in `ORDER BY 2`; None: not a number. 42P10 where there is none.
pub fn position(expr: &crate::sql::ast::Expr, len: usize, clause: &str) -> Result<Option<usize>> {
    match &expr.kind {
        ExprKind::Literal(Literal::Integer(n)) => {
            let place = usize::try_from(*n).ok().and_then(|n| n.checked_sub(1)).filter(|&n| n < len);
            let error = || {
                let message = format!("{clause} position {n} is not in select list");
                Error::new(state::INVALID_COLUMN_REFERENCE, message).at(expr.span.at())
            };
            place.map(Some).ok_or_else(error)
        }
        ExprKind::Literal(literal) if !matches!(literal, Literal::Null) => {
            let message = format!("non-integer constant in {clause}");
            Err(Error::new(state::SYNTAX_ERROR, message).at(expr.span.at()))
        }
        _ => Ok(None),
    }
}

impl Binder<'_> {
    /// The keys of ORDER BY over a select list, to which hidden items are added. Keys hold positions of items.
    pub(super) fn order_by(
        &mut self,
        order_by: &[OrderBy],
        items: &mut Vec<Item>,
        distinct: bool,
        place: &mut Place<'_>,
    ) -> Result<Vec<(usize, bool, bool)>> {
        let visible = items.len();
        let keys = self.order_by_of(order_by, items, visible, distinct, place)?;
        for ((found, ..), written) in keys.iter().zip(order_by) {
            needs_order(items[*found].expr.ty(), written.expr.span.at())?;
        }
        Ok(keys)
    }

    /// As [`order_by`](Self::order_by), where names and numbers mean the first `visible` items.
    pub(super) fn order_by_of(
        &mut self,
        order_by: &[OrderBy],
        items: &mut Vec<Item>,
        visible: usize,
        distinct: bool,
        place: &mut Place<'_>,
    ) -> Result<Vec<(usize, bool, bool)>> {
        let mut keys = Vec::with_capacity(order_by.len());
        for item in order_by {
            let (descending, nulls_first) = direction(item)?;
            let found = match self.output_column(item, &items[..visible])? {
                Some(found) => found,
                None => {
                    place.seen.clear();
                    let expr = self.expr(&item.expr, place)?;
                    let expr = self.resolver.finish(expr)?;
                    let at = item.expr.span.at();
                    match items.iter().position(|held| held.expr == expr && !expr.is_volatile()) {
                        Some(found) => found,
                        None if distinct => {
                            let message =
                                "for SELECT DISTINCT, ORDER BY expressions must appear in select list";
                            return Err(Error::new(state::INVALID_COLUMN_REFERENCE, message).at(at));
                        }
                        None => {
                            let seen = std::mem::take(&mut place.seen);
                            items.push(Item::new(expr, output_name(&item.expr), at, seen));
                            items.len() - 1
                        }
                    }
                }
            };
            keys.push((found, descending, nulls_first));
        }
        Ok(keys)
    }

    /// The item that a number or a bare name means.
    fn output_column(&self, item: &OrderBy, items: &[Item]) -> Result<Option<usize>> {
        if let Some(found) = position(&item.expr, items.len(), "ORDER BY")? {
            return Ok(Some(found));
        }
        let ExprKind::Column(name) = &item.expr.kind else { return Ok(None) };
        let Some(name) = name.simple() else { return Ok(None) };
        let mut found: Option<usize> = None;
        for (i, held) in items.iter().enumerate().filter(|(_, held)| held.name == name) {
            match found {
                Some(first) if items[first].expr != held.expr => {
                    let message = format!("ORDER BY \"{name}\" is ambiguous");
                    return Err(Error::new(state::AMBIGUOUS_COLUMN, message).at(item.expr.span.at()));
                }
                Some(_) => {}
                None => found = Some(i),
            }
        }
        Ok(found)
    }

    /// The keys of ORDER BY over the output of VALUES or UNION.
    pub(super) fn order_by_output(&mut self, order_by: &[OrderBy], fields: &[Field]) -> Result<Vec<SortKey>> {
        let items: Vec<Item> = (fields.iter().enumerate())
            .map(|(i, field)| Item::new(Expr::column(i, field.ty), field.name.clone(), 0, Vec::new()))
            .collect();
        let mut keys = Vec::with_capacity(order_by.len());
        for item in order_by {
            match self.output_column(item, &items)? {
                Some(found) => {
                    needs_order(fields[found].ty, item.expr.span.at())?;
                    keys.push(key(item, Expr::column(found, fields[found].ty))?);
                }
                None => {
                    if let ExprKind::Column(name) = &item.expr.kind
                        && name.simple().is_some()
                    {
                        let message = format!("column \"{}\" does not exist", name.last());
                        return Err(Error::new(state::UNDEFINED_COLUMN, message).at(item.expr.span.at()));
                    }
                    let message = "invalid UNION/INTERSECT/EXCEPT ORDER BY clause";
                    return Err(Error::new(state::FEATURE_NOT_SUPPORTED, message)
                        .with_detail("Only result column names can be used, not expressions or functions.")
                        .with_hint("Add the expression/function to every SELECT, or move the UNION into a FROM clause.")
                        .at(item.expr.span.at()));
                }
            }
        }
        Ok(keys)
    }
}
