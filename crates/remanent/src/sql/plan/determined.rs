//! Which of the columns that make a group need comparing.
//!
//! ```text
//! SELECT c.id, c.name, c.address, sum(o.price) FROM customers c JOIN orders o ON … GROUP BY c.id, c.name, c.address
//! ```
//!
//! Where a table's whole primary key is among them, its other columns are the same in all rows of a group, also in
//! rows that an outer join filled with NULLs: then the key is NULL too, and only then. Reading a wide text for each row
//! to find that out again is most of what such a grouping costs.
//!
//! Limits: only columns that come from a table as they are; keys of joined tables that follow from each other are compared.

use super::Plan;
use crate::sql::expr::Expr;
use remanent_storage::table::TableDef;

/// For each of `group` over the rows of a plan whether it needs comparing.
pub fn compared(input: &Plan, group: &[Expr]) -> Vec<bool> {
    let origins: Vec<Option<Origin<'_>>> = group
        .iter()
        .map(|expr| match expr {
            Expr::Column { index, .. } => origin(input, *index),
            _ => None,
        })
        .collect();
    let there = |scan: &Plan, position: usize| {
        origins.iter().flatten().any(|other| std::ptr::eq(other.scan, scan) && other.position == position)
    };
    let follows = |Origin { scan, table, position }: &Origin<'_>| {
        let key = &table.key;
        !key.is_empty() && !key.contains(position) && key.iter().all(|&part| there(scan, part))
    };
    origins.iter().map(|origin| !origin.as_ref().is_some_and(follows)).collect()
}

/// Where a column comes from.
struct Origin<'a> {
    scan: &'a Plan,
    table: &'a TableDef,
    position: usize,
}

fn origin(plan: &Plan, at: usize) -> Option<Origin<'_>> {
    match plan {
        Plan::Scan { table, columns, .. } => {
            columns.get(at).map(|&position| Origin { scan: plan, table, position })
        }
        Plan::Filter { input, .. } | Plan::Sort { input, .. } | Plan::Limit { input, .. } => {
            origin(input, at)
        }
        Plan::Project { input, exprs, .. } => match exprs.get(at)? {
            Expr::Column { index, .. } => origin(input, *index),
            _ => None,
        },
        Plan::Join { left, right, kind, output, .. } => {
            let at = output.as_ref().map_or(Some(at), |output| output.get(at).copied())?;
            match at.checked_sub(left.width()) {
                None => origin(left, at),
                Some(at) if kind.delivers_right() => origin(right, at),
                Some(_) => None,
            }
        }
        _ => None,
    }
}
