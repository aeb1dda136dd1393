//! What an output column is called when nothing is said: PostgreSQL's `FigureColname`.

use crate::sql::ast::{Expr, ExprKind, QueryBody};

/// The name of an output column without AS.
pub fn output_name(expr: &Expr) -> String {
    figure(expr).map_or("?column?", |(name, _)| name).to_string()
}

/// A name, and whether it is a strong one: a cast names the column only where nothing stronger does.
fn figure(expr: &Expr) -> Option<(&str, bool)> {
    match &expr.kind {
        ExprKind::Column(name) => Some((name.last(), true)),
        ExprKind::Function(call) => Some((call.name.last(), true)),
        ExprKind::Collate { expr, .. } => figure(expr),
        ExprKind::Subscript { expr, .. } => figure(expr),
        ExprKind::Field { field: Some(field), .. } => Some((&field.name, true)),
        ExprKind::Cast { expr, ty, .. } => match figure(expr) {
            Some((name, true)) => Some((name, true)),
            _ => Some((ty.name.last(), false)),
        },
        ExprKind::Case { otherwise, .. } => match otherwise.as_deref().and_then(figure) {
            Some((name, true)) => Some((name, true)),
            _ => Some(("case", false)),
        },
        ExprKind::Exists(_) => Some(("exists", true)),
        ExprKind::Array(_) | ExprKind::ArrayQuery(_) => Some(("array", true)),
        ExprKind::Row(_) => Some(("row", true)),
        ExprKind::Subquery(query) => match &query.body {
            QueryBody::Select(select) => match select.items.as_slice() {
                [item] => match &item.alias {
                    Some(alias) => Some((&alias.name, true)),
                    None => figure(&item.expr),
                },
                _ => None,
            },
            QueryBody::Values(_) => Some(("column1", true)),
            QueryBody::Set { .. } => None,
        },
        _ => None,
    }
}
