//! Window functions, over total orders where the order shows, with frames of all kinds.

use super::super::tree::Sql;
use super::super::types::Ty;
use super::Maker;

impl Maker<'_> {
    /// A query with window functions.
    pub(super) fn windowed(&mut self, types: &[Ty], depth: usize) -> Sql {
        // min() of 0 and -0 is either.
        self.representative = true;
        let from = self.from(depth.min(1));
        let filter = self.filter();
        let items = self.items(types, 1, &mut |maker, ty, depth| match maker.chance(75) {
            true => maker.over(ty, depth),
            false => maker.expr(ty, depth),
        });
        Sql::Seq(vec![Sql::text("SELECT "), items, Sql::text(" FROM "), from, filter])
    }

    /// A window function that gives a type.
    fn over(&mut self, ty: Ty, depth: usize) -> Sql {
        let keys = self.keys();
        let ranking: &[&str] = match ty.info().name {
            "bigint" => &["row_number()", "rank()", "dense_rank()", "count(*)"],
            "double precision" => &["percent_rank()", "cume_dist()"],
            "integer" => &["ntile(3)", "ntile(2)"],
            _ => &[],
        };
        if !ranking.is_empty() && self.chance(60) {
            let name = *self.pick(ranking);
            let window = self.window(&keys, name == "count(*)");
            return Sql::text(format!("{name} OVER {window}"));
        }
        let value = self.expr(ty, depth);
        let ordered =
            ty.info().comparable && !matches!(ty.info().name, "boolean" | "bytea" | "uuid" | "jsonb");
        let (head, tail) = match self.below(if ordered { 9 } else { 7 }) {
            0 => ("lag(", ")"),
            1 => ("lead(", ")"),
            2 => ("lag(", ", 2)"),
            3 => ("lead(", ", 1, NULL)"),
            4 => ("first_value(", ")"),
            5 => ("last_value(", ")"),
            6 => ("nth_value(", ", 2)"),
            7 => ("min(", ")"),
            _ => ("max(", ")"),
        };
        let window = self.window(&keys, !head.starts_with("la") || head == "last_value(");
        let call = vec![Sql::text(head), value, Sql::text(format!("{tail} OVER {window}"))];
        Sql::Expr(ty, Box::new(Sql::Seq(call)))
    }

    /// `(PARTITION BY … ORDER BY … frame)`
    fn window(&mut self, keys: &[String], framed: bool) -> String {
        let mut parts = Vec::new();
        if self.chance(50)
            && let Some(column) = self.ordered_column()
        {
            parts.push(format!("PARTITION BY {}", column.sql));
        }
        let mut order: Vec<String> = Vec::new();
        if self.chance(50)
            && let Some(column) = self.ordered_column()
        {
            let direction = *self.pick(&["", " DESC", " NULLS FIRST", " DESC NULLS LAST"]);
            order.push(format!("{}{direction}", column.sql));
        }
        order.extend(keys.iter().cloned());
        if order.is_empty() {
            return format!("({})", parts.join(" "));
        }
        parts.push(format!("ORDER BY {}", order.join(", ")));
        if framed && self.chance(60) {
            let mode = *self.pick(&["ROWS", "GROUPS", "ROWS", "RANGE"]);
            let bounds: &[&str] = match mode {
                "RANGE" => {
                    &["UNBOUNDED PRECEDING", "BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING", "CURRENT ROW"]
                }
                _ => &[
                    "1 PRECEDING",
                    "BETWEEN 2 PRECEDING AND 1 FOLLOWING",
                    "BETWEEN 1 FOLLOWING AND 3 FOLLOWING",
                    "BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING",
                    "BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING",
                    "BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING",
                ],
            };
            let exclude = *self.pick(&[
                "",
                "",
                " EXCLUDE CURRENT ROW",
                " EXCLUDE TIES",
                " EXCLUDE GROUP",
                " EXCLUDE NO OTHERS",
            ]);
            parts.push(format!("{mode} {}{exclude}", self.pick(bounds)));
        }
        format!("({})", parts.join(" "))
    }
}
