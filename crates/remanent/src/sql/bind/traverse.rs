//! SEARCH and CYCLE of recursive queries, which are written as the columns that they add (SQL:2023, 7.17).
//!
//! ```text
//! g (id) AS (first UNION ALL step) SEARCH DEPTH FIRST BY id SET path
//!
//! g (id, path) AS (SELECT l.*, ARRAY[ROW(l.id)] FROM (first) l (id)
//!                  UNION ALL SELECT x.id, x.path || ARRAY[ROW(x.id)] FROM (step, and g.path) x (id, path))
//! ```
//!
//! BREADTH FIRST counts instead: `ROW(0, l.id)`, `ROW((x.path).f1 + 1, x.id)`. CYCLE keeps the path too, and whether the row is
//! on it; such rows go no further.
//!
//! Limits: what is wrong in such a query has no position; no view holds one.

use super::with::named;
use super::{Binder, refuse};
use crate::sql::ast::{Cte, Expr, ExprKind, Ident, Query, QueryBody, SelectItem, SetOp, TableKind, TableRef};
use crate::sql::parse::{parse_expr, parse_query};
use remanent_storage::error::{Error, Result, state};

impl Binder<'_> {
    /// A query with SEARCH or CYCLE as one without.
    pub(super) fn traversed(&mut self, cte: &Cte, query: &Query) -> Result<(Cte, Query)> {
        let side = |which: &str, what: &str| {
            let message = format!("with a SEARCH or CYCLE clause, the {which} {what}");
            Error::new(state::FEATURE_NOT_SUPPORTED, message)
        };
        let QueryBody::Set { op: SetOp::Union, all, left, right } = &query.body else {
            return Err(Error::new(state::SYNTAX_ERROR, "WITH query is not recursive").at(cte.name.span.at()));
        };
        if self.written.is_some() || query.with.is_some() {
            return Err(refuse("SEARCH or CYCLE in a view or behind WITH", cte.name.span));
        }
        let mut step = Query::clone(right);
        let (QueryBody::Select(_), QueryBody::Select(select)) = (&left.body, &mut step.body) else {
            return Err(side("sides", "of the UNION must be SELECT"));
        };
        let Some(held) = select.from.iter().find_map(|item| reference(item, &cte.name.name)) else {
            let what = format!(
                "to WITH query \"{}\" must be at the top level of its right-hand SELECT",
                cte.name.name
            );
            return Err(side("recursive reference", &what));
        };
        let columns: Vec<String> =
            named(self.query(left, None)?.fields, cte)?.into_iter().map(|field| field.name).collect();
        let of = |alias: &str, names: &[String]| {
            names.iter().map(|name| format!("{alias}.{}", quoted(name))).collect::<Vec<_>>().join(", ")
        };
        let row = |alias: &str, by: &[Ident]| {
            let names: Vec<String> = by.iter().map(|name| name.name.clone()).collect();
            match names.iter().find(|name| !columns.contains(*name)) {
                None => Ok(of(alias, &names)),
                Some(name) => {
                    let message = format!("column \"{name}\" not in WITH query column list");
                    Err(Error::new(state::SYNTAX_ERROR, message).at(cte.name.span.at()))
                }
            }
        };
        // The columns that are added: their names, and what they are at first and in each step.
        let mut added: Vec<(&Ident, String, String)> = Vec::new();
        if let Some(search) = &cte.search {
            let (first, next, path) = (
                row("l", &search.by)?,
                row("x", &search.by)?,
                of("x", std::slice::from_ref(&search.set.name)),
            );
            added.push(match search.breadth {
                true => {
                    (&search.set, format!("ROW(0::bigint, {first})"), format!("ROW(({path}).f1 + 1, {next})"))
                }
                false => {
                    (&search.set, format!("ARRAY[ROW({first})]"), format!("{path} || ARRAY[ROW({next})]"))
                }
            });
        }
        let mut filter = None;
        if let Some(cycle) = &cte.cycle {
            let (first, next, path) =
                (row("l", &cycle.by)?, row("x", &cycle.by)?, of("x", std::slice::from_ref(&cycle.path.name)));
            let (is, not) = match &cycle.values {
                Some((is, not)) => (is.to_string(), not.to_string()),
                None => ("true".to_string(), "false".to_string()),
            };
            let test = format!("CASE WHEN ROW({next}) = ANY ({path}) THEN {is} ELSE {not} END");
            added.push((&cycle.set, not, test));
            added.push((
                &cycle.path,
                format!("ARRAY[ROW({first})]"),
                format!("{path} || ARRAY[ROW({next})]"),
            ));
            filter = Some(parse_expr(&format!(
                "{} <> {is}",
                of(&quoted(&held), std::slice::from_ref(&cycle.set.name))
            ))?);
        }
        let mut items = Vec::new();
        let own = |names: &[String]| -> Result<Vec<SelectItem>> {
            let item = |name: &String| {
                Ok(SelectItem {
                    expr: parse_expr(&of(&quoted(&held), std::slice::from_ref(name)))?,
                    alias: None,
                })
            };
            names.iter().map(item).collect()
        };
        for item in std::mem::take(&mut select.items) {
            match &item.expr.kind {
                ExprKind::Star(Some(name)) if name.simple() == Some(&held) => items.extend(own(&columns)?),
                ExprKind::Star(None) => return Err(refuse("SELECT * with SEARCH or CYCLE", item.expr.span)),
                _ => items.push(item),
            }
        }
        let new: Vec<String> = added.iter().map(|(name, ..)| name.name.clone()).collect();
        items.extend(own(&new)?);
        select.items = items;
        if let Some(filter) = filter {
            let span = filter.span;
            select.filter = Some(match select.filter.take() {
                Some(held) => Expr { kind: ExprKind::And(vec![held, filter]), span },
                None => filter,
            });
        }
        let list = |names: &[String]| names.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ");
        let firsts: Vec<&str> = added.iter().map(|(_, first, _)| first.as_str()).collect();
        let nexts: Vec<&str> = added.iter().map(|(.., next)| next.as_str()).collect();
        let (base, every) = (list(&columns), list(&[columns.clone(), new.clone()].concat()));
        let text = format!(
            "SELECT l.*, {} FROM ({left}) l ({base}) UNION {} SELECT {}, {} FROM ({step}) x ({every})",
            firsts.join(", "),
            if *all { "ALL" } else { "" },
            of("x", &columns),
            nexts.join(", "),
        );
        let ident = |name: &String| Ident { name: name.clone(), span: cte.name.span };
        let columns = columns.iter().chain(&new).map(ident).collect();
        Ok((Cte { columns, search: None, cycle: None, ..cte.clone() }, parse_query(&text)?.0))
    }
}

fn quoted(name: &str) -> String {
    crate::sql::ast::quote_ident(name)
}

/// What a query of WITH is called where an item of FROM reads it.
fn reference(item: &TableRef, name: &str) -> Option<String> {
    match &item.kind {
        TableKind::Table { name: read, .. } if read.simple() == Some(name) => {
            Some(item.alias.as_ref().map_or(name, |alias| &alias.name.name).to_string())
        }
        TableKind::Join(join) => reference(&join.left, name).or_else(|| reference(&join.right, name)),
        _ => None,
    }
}
