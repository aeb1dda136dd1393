//! FROM clauses: tables, derived tables, VALUES, functions that return rows, and joins of them.

use super::super::tree::Sql;
use super::super::types::Ty;
use super::expr::link;
use super::{Column, Maker};

impl Maker<'_> {
    /// The items of a FROM clause; their columns are in scope afterwards, before those of `outer`.
    pub(super) fn from(&mut self, depth: usize) -> Sql {
        let outer = std::mem::take(&mut self.scope);
        let mut joined = self.item(depth);
        let more = [0, 0, 1, 1, 1, 2];
        for _ in 0..*self.pick(&more) {
            joined = self.join(joined, depth);
        }
        if self.chance(6) {
            let before = std::mem::take(&mut self.scope);
            let other = self.item(0);
            self.scope.splice(0..0, before);
            joined = Sql::Seq(vec![joined, Sql::text(", "), other]);
        }
        if self.chance(40) {
            self.scope.extend(outer);
        }
        joined
    }

    /// A FROM clause and a condition over it, in parentheses, neither of which can fail; every other time of an ASOF join.
    pub fn partition(&mut self) -> (String, String) {
        self.begin(true, 0);
        let from = if self.chance(50) { self.asof() } else { self.from(1) };
        let condition = self.condition(3);
        (from.to_string(), format!("({condition})"))
    }

    /// `a ASOF JOIN b ON a.x = b.x AND a.y >= b.id`: `id` is unique, so that there is one nearest row.
    fn asof(&mut self) -> Sql {
        let (one, other) = (self.some_table(), self.some_table());
        let (first, second) = (self.alias(), self.alias());
        let (left, right) = (one.columns(&first), other.columns(&second));
        self.scope = left.iter().chain(&right).cloned().collect();
        let numbers = ["integer", "bigint", "smallint"].map(Ty::of);
        let compared: Vec<&Column> = left.iter().filter(|column| numbers.contains(&column.ty)).collect();
        let compared = self.pick(&compared).sql.clone();
        let operator = *self.pick(&[">=", ">", "<=", "<"]);
        let kind = *self.pick(&["ASOF JOIN", "ASOF LEFT JOIN"]);
        let equal = match link(&left, &right) {
            Some(link) if self.chance(60) => format!("{link} AND "),
            _ => String::new(),
        };
        Sql::text(format!(
            "{} AS {first} {kind} {} AS {second} ON {equal}{compared} {operator} {second}.id",
            one.name, other.name
        ))
    }

    fn join(&mut self, left: Sql, depth: usize) -> Sql {
        let before = self.scope.clone();
        let lateral = self.chance(10);
        let right = match lateral {
            true => self.lateral(&before),
            false => {
                self.scope.clear();
                self.item(depth)
            }
        };
        let after = self.scope.clone();
        self.scope.splice(0..0, before.iter().cloned());
        let kind = match self.below(if lateral { 5 } else { 10 }) {
            0..3 => "JOIN",
            3 => "CROSS JOIN",
            4..7 => "LEFT JOIN",
            7 => "RIGHT JOIN",
            _ => "FULL JOIN",
        };
        let mut parts = vec![left, Sql::text(format!(" {kind} ")), right];
        let link = link(&before, &after);
        match (kind, link) {
            ("CROSS JOIN", _) => {}
            (_, Some(_)) if shares_id(&before, &after) && self.chance(15) => {
                parts.push(Sql::text(" USING (id)"));
            }
            ("FULL JOIN", Some(link)) => parts.push(Sql::text(format!(" ON {link}"))),
            ("FULL JOIN", None) => parts.push(Sql::text(" ON true")),
            (_, Some(link)) if self.chance(75) => {
                parts.push(Sql::text(format!(" ON {link}")));
                if self.chance(35) {
                    let condition = self.condition(2);
                    parts.push(Sql::optional(vec![Sql::text(" AND "), condition]));
                }
            }
            _ => {
                let condition = self.condition(2);
                parts.extend([Sql::text(" ON "), condition]);
            }
        }
        Sql::Seq(parts)
    }

    /// A LATERAL query over what stands left of it; it alone is in scope afterwards.
    fn lateral(&mut self, before: &[Column]) -> Sql {
        let table = self.some_table();
        let (inner, alias) = (self.alias(), self.alias());
        self.scope = table.columns(&inner);
        let keys: Vec<_> =
            self.scope.iter().filter(|column| column.key).map(|column| column.sql.clone()).collect();
        self.scope.extend(before.iter().cloned());
        let condition = self.condition(2);
        let ty = self.ordered_type();
        let value = self.expr(ty, 2);
        let sql = Sql::Seq(vec![
            Sql::text(format!("LATERAL (SELECT {} AS k, ", keys.join(", "))),
            value,
            Sql::text(format!(" AS x FROM {} AS {inner}", table.name)),
            Sql::optional(vec![Sql::text(" WHERE "), condition]),
            Sql::optional(vec![Sql::text(format!(" ORDER BY {} LIMIT 2", keys.join(", ")))]),
            Sql::text(format!(") AS {alias}")),
        ]);
        self.scope = vec![
            Column { sql: format!("{alias}.k"), ty: table.fields[0].ty, key: true },
            Column { sql: format!("{alias}.x"), ty, key: false },
        ];
        sql
    }

    /// One item; its columns are added to the scope.
    fn item(&mut self, depth: usize) -> Sql {
        let alias = self.alias();
        match self.below(20) {
            0..3 if depth > 0 => {
                let saved = std::mem::take(&mut self.scope);
                let query = self.query(None, depth - 1);
                self.scope = saved;
                for (name, ty) in &query.columns {
                    let key = ty.info().comparable;
                    self.scope.push(Column { sql: format!("{alias}.{name}"), ty: *ty, key });
                }
                Sql::Seq(vec![Sql::text("("), query.sql, Sql::text(format!(") AS {alias}"))])
            }
            3 => self.values(&alias),
            4 => self.series(&alias),
            _ => {
                let table = self.some_table();
                self.scope.extend(table.columns(&alias));
                let only = if self.chance(4) { "ONLY " } else { "" };
                Sql::text(format!("{only}{} AS {alias}", table.name))
            }
        }
    }

    fn values(&mut self, alias: &str) -> Sql {
        let types = [Ty::of("integer"), self.ordered_type()];
        let rows = 1 + self.below(4);
        let row = |_| {
            let values = types.iter().map(|ty| self.literal(*ty)).collect();
            Sql::Seq(vec![Sql::text("("), Sql::List(values, ", ", 2), Sql::text(")")])
        };
        let rows: Vec<_> = (0..rows).map(row).collect();
        for (name, ty) in [("v1", types[0]), ("v2", types[1])] {
            self.scope.push(Column { sql: format!("{alias}.{name}"), ty, key: true });
        }
        Sql::Seq(vec![Sql::text("(VALUES "), Sql::list(rows), Sql::text(format!(") AS {alias} (v1, v2)"))])
    }

    fn series(&mut self, alias: &str) -> Sql {
        let (sql, ty, ordinal) = match self.below(6) {
            0 => ("generate_series(1, 5)", "integer", false),
            1 => ("generate_series(0::bigint, 10, 3)", "bigint", false),
            2 => (
                "generate_series(timestamp '2024-01-30', '2024-02-02', interval '1 day')",
                "timestamp without time zone",
                false,
            ),
            3 => ("unnest('{3,1,NULL,2}'::integer[]) WITH ORDINALITY", "integer", true),
            4 => ("unnest(ARRAY['a','b',NULL])", "text", false),
            _ => ("generate_subscripts('{7,8,9}'::integer[], 1)", "integer", false),
        };
        self.scope.push(Column { sql: format!("{alias}.x"), ty: Ty::of(ty), key: true });
        if ordinal {
            self.scope.push(Column { sql: format!("{alias}.o"), ty: Ty::of("bigint"), key: true });
        }
        Sql::text(format!("{sql} AS {alias} ({})", if ordinal { "x, o" } else { "x" }))
    }
}

/// True if both sides have one column `id`.
fn shares_id(one: &[Column], other: &[Column]) -> bool {
    let ids = |columns: &[Column]| columns.iter().filter(|column| column.sql.ends_with(".id")).count();
    ids(one) == 1 && ids(other) == 1
}
