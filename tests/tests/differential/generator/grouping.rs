//! GROUP BY, GROUPING SETS, HAVING, and aggregates with DISTINCT, ORDER BY and FILTER.

use super::super::tree::Sql;
use super::super::types::Ty;
use super::template::Template;
use super::{Column, Maker};

/// Aggregates whose result shows the order of rows.
const ORDERED: [&str; 6] =
    ["array_agg(", "string_agg(", "json_agg(", "jsonb_agg(", "json_object_agg(", "jsonb_object_agg("];

impl Maker<'_> {
    /// A query with groups.
    pub(super) fn grouping(&mut self, types: &[Ty], depth: usize) -> Sql {
        self.representative = true;
        let from = self.from(depth.min(1));
        let filter = self.filter();
        let mut keys: Vec<Column> = Vec::new();
        for _ in 0..self.below(4) {
            if let Some(column) = self.ordered_column()
                && keys.iter().all(|key| key.sql != column.sql)
            {
                keys.push(column);
            }
        }
        if self.chance(20) {
            let ty = self.ordered_type();
            let sql = self.expr(ty, 1).to_string();
            // A constant that a grouping set leaves out is NULL there by the standard, but not in PostgreSQL 15.
            if self.scope.iter().any(|column| sql.contains(&column.sql)) {
                keys.push(Column { sql: format!("({sql})"), ty, key: false });
            }
        }
        let inner = std::mem::replace(&mut self.scope, keys.clone());
        self.grouped = Some(inner);
        let items = self.items(types, 2, &mut |maker, ty, depth| maker.item_of_group(ty, depth));
        let by = self.group_by(&keys);
        let having = match self.chance(25) {
            true => {
                let condition = self.condition(2);
                Sql::optional(vec![Sql::text(" HAVING "), condition])
            }
            false => Sql::nothing(),
        };
        self.grouped = None;
        Sql::Seq(vec![Sql::text("SELECT "), items, Sql::text(" FROM "), from, filter, by, having])
    }

    fn item_of_group(&mut self, ty: Ty, depth: usize) -> Sql {
        let aggregate = if self.chance(55) { self.aggregate(ty, depth) } else { None };
        aggregate.map_or_else(|| self.expr(ty, depth), |sql| Sql::Expr(ty, Box::new(sql)))
    }

    fn group_by(&mut self, keys: &[Column]) -> Sql {
        let names: Vec<&str> = keys.iter().map(|key| key.sql.as_str()).collect();
        if names.is_empty() {
            return Sql::text(if self.chance(20) { " GROUP BY ()" } else { "" });
        }
        let all = names.join(", ");
        Sql::text(match self.below(10) {
            0 => format!(" GROUP BY ROLLUP ({all})"),
            1 => format!(" GROUP BY CUBE ({all})"),
            2 => format!(" GROUP BY GROUPING SETS (({all}), ({}), ())", names[0]),
            3 => format!(" GROUP BY GROUPING SETS ({all}), {}", names[0]),
            _ => format!(" GROUP BY {all}"),
        })
    }

    /// An aggregate that gives a type, over the rows of the group.
    pub(super) fn aggregate(&mut self, ty: Ty, depth: usize) -> Option<Sql> {
        let templates = self.words.aggregates.giving(ty);
        if templates.is_empty() {
            return None;
        }
        let template: Template = self.pick(templates).clone();
        let inner = self.grouped.take()?;
        let keys = std::mem::replace(&mut self.scope, inner.clone());
        let filled = self.fill(&template, ty, depth.min(2) - 1);
        let call = self.dressed(filled);
        self.grouped = Some(inner);
        self.scope = keys;
        Some(call)
    }

    /// `name(arguments)` with DISTINCT, ORDER BY or FILTER.
    fn dressed(&mut self, call: Sql) -> Sql {
        let Sql::Seq(mut parts) = call else { return call };
        let name = parts[0].to_string();
        let floats = |part: &Sql| matches!(part, Sql::Expr(ty, _) if matches!(ty.info().name, "real" | "double precision"));
        if parts.iter().any(floats) && !["min(", "max(", "count("].contains(&name.as_str()) {
            self.approximate = true;
        }
        let one = parts.len() == 3 && matches!(&parts[1], Sql::Expr(ty, _) if ty.info().comparable);
        if ORDERED.contains(&name.as_str()) {
            let keys = self.keys();
            if !keys.is_empty() {
                let direction = *self.pick(&["", " DESC"]);
                parts.insert(parts.len() - 1, Sql::text(format!(" ORDER BY {}{direction}", keys.join(", "))));
            }
        } else if one && self.chance(20) {
            parts.insert(1, Sql::text("DISTINCT "));
        }
        if self.chance(15) {
            let condition = self.condition(1);
            parts.push(Sql::optional(vec![Sql::text(" FILTER (WHERE "), condition, Sql::text(")")]));
        }
        Sql::Seq(parts)
    }
}
