//! Queries: SELECT in its forms, set operations, WITH, and the ORDER BY and LIMIT around them.

use super::super::tree::Sql;
use super::super::types::Ty;
use super::schema::Table;
use super::{Column, Maker};

/// A query and what it answers.
pub(super) struct Query {
    pub sql: Sql,
    pub columns: Vec<(String, Ty)>,
}

impl Maker<'_> {
    /// A query as a statement.
    pub(super) fn whole_query(&mut self) -> Sql {
        let tables = self.tables.len();
        let with = if self.chance(18) { self.with() } else { Sql::nothing() };
        let query = self.query(None, 2);
        self.tables.truncate(tables);
        let order = self.order(&query.columns);
        Sql::Seq(vec![with, query.sql, order])
    }

    /// `WITH …`, whose names are tables from here on.
    fn with(&mut self) -> Sql {
        let mut parts = Vec::new();
        let recursive = self.chance(35);
        for i in 0..1 + self.below(2) {
            let name = format!("w{}", i + 1);
            let (head, query) = match recursive && i == 0 {
                true => self.recursive(&name),
                false => {
                    let hint = *self.pick(&["", "", "MATERIALIZED ", "NOT MATERIALIZED "]);
                    (format!("{name} AS {hint}("), self.query(None, 1))
                }
            };
            parts.push(Sql::Seq(vec![Sql::text(head), query.sql, Sql::text(")")]));
            self.tables.push(Table::of_query(name, &query.columns));
        }
        let word = if recursive { "WITH RECURSIVE " } else { "WITH " };
        Sql::Seq(vec![Sql::text(word), Sql::list(parts), Sql::text(" ")])
    }

    fn recursive(&mut self, name: &str) -> (String, Query) {
        let (ty, seed, step) = *self.pick(&[
            ("text", "'a'::text", "x || n::text"),
            ("numeric", "1.5::numeric", "x * 2"),
            ("integer", "3", "x + n"),
            ("date", "date '2024-01-31'", "(x + interval '1 month')::date"),
            ("boolean", "true", "NOT x"),
        ]);
        let all = *self.pick(&["ALL", "ALL", ""]);
        let sql = match self.chance(60) {
            true => Sql::text(format!(
                "SELECT 1, {seed} UNION {all} SELECT n + 1, {step} FROM {name} WHERE n < 6"
            )),
            false => {
                let table = self.some_table();
                Sql::text(format!(
                    "SELECT 1, {seed} UNION {all} SELECT w.n + 1, {step} FROM {name} w JOIN {} AS r ON r.id = w.n \
                     WHERE w.n < 4",
                    table.name
                ))
            }
        };
        let columns = vec![("n".to_owned(), Ty::of("integer")), ("x".to_owned(), Ty::of(ty))];
        (format!("{name} (n, x) AS ("), Query { sql, columns })
    }

    /// A total ORDER BY with a LIMIT, either or neither.
    fn order(&mut self, columns: &[(String, Ty)]) -> Sql {
        if self.chance(35) || columns.iter().any(|(_, ty)| !ty.info().comparable) {
            return Sql::nothing();
        }
        if columns.len() > 1 && self.rng.one_in(12) {
            // With its ties LIMIT needs no total order.
            let first = format!(" ORDER BY 1 FETCH FIRST {} ROWS WITH TIES", 1 + self.below(5));
            self.representative = true;
            return Sql::optional(vec![Sql::text(first)]);
        }
        let keys: Vec<_> = (1..=columns.len())
            .map(|ordinal| {
                let direction = *self.pick(&["", "", " DESC", " ASC"]);
                let nulls = *self.pick(&["", "", " NULLS FIRST", " NULLS LAST"]);
                format!("{ordinal}{direction}{nulls}")
            })
            .collect();
        let limit = match self.below(9) {
            0 => format!(" LIMIT {}", self.below(12)),
            1 => format!(" LIMIT {} OFFSET {}", self.below(8), self.below(6)),
            2 => format!(" OFFSET {} ROWS FETCH NEXT {} ROWS ONLY", self.below(4), self.below(9)),
            3 => " LIMIT ALL OFFSET 1".to_owned(),
            4 => format!(" FETCH FIRST {} ROWS WITH TIES", 1 + self.below(5)),
            _ => String::new(),
        };
        let limit = if limit.is_empty() { Sql::nothing() } else { Sql::optional(vec![Sql::text(limit)]) };
        Sql::Order(Box::new(Sql::Seq(vec![Sql::text(format!(" ORDER BY {}", keys.join(", "))), limit])))
    }

    /// A query, of those types where they are given, over the tables and what is in scope.
    pub(super) fn query(&mut self, types: Option<&[Ty]>, depth: usize) -> Query {
        let outer = self.scope.clone();
        let grouped = self.grouped.take();
        let types = match types {
            Some(types) => types.to_vec(),
            None => (0..1 + self.below(4))
                .map(|_| if self.chance(60) { self.everyday() } else { self.any_type() })
                .collect(),
        };
        let sql = match self.below(20) {
            0..3 if depth > 0 => self.set_operation(&types, depth),
            3..7 => self.grouping(&types, depth),
            7..9 => self.windowed(&types, depth),
            9 => self.distinct(&types, depth),
            10 => self.values_of(&types),
            _ => self.plain(&types, depth),
        };
        self.scope = outer;
        self.grouped = grouped;
        let columns = types.iter().enumerate().map(|(i, ty)| (format!("c{}", i + 1), *ty)).collect();
        Query { sql, columns }
    }

    fn everyday(&mut self) -> Ty {
        Ty::of(self.pick::<&str>(&[
            "integer",
            "bigint",
            "text",
            "numeric",
            "double precision",
            "date",
            "boolean",
            "smallint",
        ]))
    }

    /// `expression AS c1, …`
    pub(super) fn items(
        &mut self,
        types: &[Ty],
        depth: usize,
        item: &mut dyn FnMut(&mut Self, Ty, usize) -> Sql,
    ) -> Sql {
        let mut items = Vec::new();
        for (i, ty) in types.iter().enumerate() {
            let value = item(self, *ty, depth);
            items.push(Sql::Seq(vec![value, Sql::optional(vec![Sql::text(format!(" AS c{}", i + 1))])]));
        }
        Sql::list(items)
    }

    pub(super) fn filter(&mut self) -> Sql {
        if self.chance(45) {
            return Sql::nothing();
        }
        let condition = self.condition(3);
        Sql::optional(vec![Sql::text(" WHERE "), condition])
    }

    fn plain(&mut self, types: &[Ty], depth: usize) -> Sql {
        if self.chance(4) {
            let items = self.items(types, 2, &mut |maker, ty, depth| maker.expr(ty, depth));
            return Sql::Seq(vec![Sql::text("SELECT "), items]);
        }
        let from = self.from(depth);
        let items = self.items(types, 2, &mut |maker, ty, depth| maker.expr(ty, depth));
        let filter = self.filter();
        Sql::Seq(vec![Sql::text("SELECT "), items, Sql::text(" FROM "), from, filter])
    }

    fn distinct(&mut self, types: &[Ty], depth: usize) -> Sql {
        self.representative = true;
        let from = self.from(depth);
        let items = self.items(types, 1, &mut |maker, ty, depth| maker.expr(ty, depth));
        let filter = self.filter();
        let keys = self.keys();
        if keys.is_empty() || self.chance(50) {
            return Sql::Seq(vec![Sql::text("SELECT DISTINCT "), items, Sql::text(" FROM "), from, filter]);
        }
        let on = self.ordered_column();
        let on = on.map_or("1".to_owned(), |column| column.sql);
        let direction = *self.pick(&["", " DESC", " NULLS FIRST"]);
        let order = if on == "1" { keys.join(", ") } else { format!("{on}{direction}, {}", keys.join(", ")) };
        let on = if on == "1" { keys[0].clone() } else { on };
        Sql::Seq(vec![
            Sql::text(format!("SELECT * FROM (SELECT DISTINCT ON ({on}) ")),
            items,
            Sql::text(" FROM "),
            from,
            filter,
            Sql::text(format!(" ORDER BY {order}) AS once")),
        ])
    }

    fn values_of(&mut self, types: &[Ty]) -> Sql {
        let rows = 1 + self.below(3);
        let row = |_| {
            let values = types.iter().map(|ty| self.literal(*ty)).collect();
            Sql::Seq(vec![Sql::text("("), Sql::List(values, ", ", types.len()), Sql::text(")")])
        };
        let rows = (0..rows).map(row).collect();
        let names: Vec<_> = (1..=types.len()).map(|i| format!("c{i}")).collect();
        Sql::Seq(vec![
            Sql::text("SELECT * FROM (VALUES "),
            Sql::list(rows),
            Sql::text(format!(") AS vs ({})", names.join(", "))),
        ])
    }

    fn set_operation(&mut self, types: &[Ty], depth: usize) -> Sql {
        let operator = *self.pick(&[
            "UNION",
            "UNION ALL",
            "UNION ALL",
            "INTERSECT",
            "EXCEPT",
            "INTERSECT ALL",
            "EXCEPT ALL",
        ]);
        self.representative = true;
        let one = self.query(Some(types), depth - 1);
        let other = self.query(Some(types), depth - 1);
        Sql::Seq(vec![
            Sql::text("("),
            one.sql,
            Sql::text(format!(") {operator} (")),
            other.sql,
            Sql::text(")"),
        ])
    }

    /// What tells the rows in scope apart.
    pub(super) fn keys(&self) -> Vec<String> {
        let keys = self.scope.iter().filter(|column| column.key && column.ty.info().comparable);
        keys.map(|column| column.sql.clone()).collect()
    }

    /// A column in scope that has an order.
    pub(super) fn ordered_column(&mut self) -> Option<Column> {
        let ordered: Vec<Column> =
            self.scope.iter().filter(|column| column.ty.info().comparable).cloned().collect();
        match ordered.is_empty() {
            true => None,
            false => Some(self.pick(&ordered).clone()),
        }
    }
}
