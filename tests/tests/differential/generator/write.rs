//! Statements that write, and transactions of them.

use super::super::tree::Sql;
use super::schema::{Field, Table};
use super::{Errors, Maker, Statement};

impl Maker<'_> {
    /// A statement that changes something, or several that belong together.
    pub fn writing(&mut self) -> Vec<Statement> {
        match self.below(20) {
            0..8 => vec![self.insert()],
            8..13 => vec![self.update()],
            13..16 => vec![self.delete()],
            16 => vec![self.writing_with()],
            17 => vec![self.truncate()],
            _ => self.transaction(),
        }
    }

    fn change(&mut self, table: &Table, sql: Sql) -> Statement {
        Statement { writes: true, looks_at: Some(table.name.clone()), ..self.statement(sql, Errors::Any) }
    }

    fn command(&self, sql: &str) -> Statement {
        Statement { writes: true, ..self.statement(Sql::text(sql), Errors::Certain) }
    }

    /// The place of a real table among the tables.
    fn target(&mut self) -> usize {
        self.below(self.tables.len())
    }

    fn returning(&mut self, table: &Table, alias: &str) -> Sql {
        match self.below(6) {
            0 => Sql::optional(vec![Sql::text(" RETURNING *")]),
            1 | 2 => {
                self.scope = table.columns(alias);
                let ty = self.any_type();
                let value = self.expr(ty, 2);
                Sql::optional(vec![Sql::text(format!(" RETURNING {alias}.id, ")), value])
            }
            _ => Sql::nothing(),
        }
    }

    fn insert(&mut self) -> Statement {
        let errors = !self.chance(70);
        self.begin(!errors, 0);
        let at = self.target();
        let table = self.tables[at].clone();
        let mut fields: Vec<Field> = table.written().cloned().collect();
        while fields.len() > 1 && self.chance(25) {
            fields.pop();
        }
        let count = if errors { 1 } else { 1 + self.below(3) };
        let rows = (0..count).map(|_| self.new_row(at, &fields, errors)).collect();
        let names: Vec<_> = fields.iter().map(|field| field.name.as_str()).collect();
        let head = format!("INSERT INTO {} AS n ({}) VALUES ", table.name, names.join(", "));
        let conflict = self.conflict(&table, &fields);
        let returning = self.returning(&table, "n");
        // Otherwise something else may fail than the row, and first.
        let alone = count == 1 && matches!((&conflict, &returning), (Sql::Seq(_), Sql::Seq(_)));
        let sql = Sql::Seq(vec![Sql::text(head), Sql::list(rows), conflict, returning]);
        let mut statement = self.change(&table, sql);
        if alone {
            statement.errors = Errors::Certain;
        }
        statement
    }

    /// Values for a row: with `any`, whatever their types; an `id` of before now and then, where a key notices.
    fn new_row(&mut self, table: usize, fields: &[Field], any: bool) -> Sql {
        let mut values = Vec::new();
        for field in fields {
            let keyed = self.tables[table].keyed;
            values.push(match field.name == "id" {
                true if keyed && self.chance(35) => Sql::text((1 + self.below(20)).to_string()),
                true => Sql::text(self.stored(table, field)),
                false if any && self.chance(25) => self.expr(field.ty, 1),
                false if any && self.chance(10) => {
                    let ty = self.any_type();
                    self.literal(ty)
                }
                false => Sql::text(self.stored(table, field)),
            });
        }
        Sql::Seq(vec![Sql::text("("), Sql::List(values, ", ", fields.len()), Sql::text(")")])
    }

    fn conflict(&mut self, table: &Table, fields: &[Field]) -> Sql {
        if !table.keyed || self.chance(50) {
            return Sql::nothing();
        }
        if self.chance(40) {
            let target = *self.pick(&["", " (id)"]);
            return Sql::optional(vec![Sql::text(format!(" ON CONFLICT{target} DO NOTHING"))]);
        }
        let Some(field) = fields.iter().find(|field| field.name != "id") else { return Sql::nothing() };
        let name = &field.name;
        let value = *self.pick(&["excluded.", "n."]);
        self.scope = table.columns("n");
        let condition = self.condition(2);
        Sql::optional(vec![
            Sql::text(format!(" ON CONFLICT (id) DO UPDATE SET {name} = {value}{name}")),
            Sql::optional(vec![Sql::text(" WHERE "), condition]),
        ])
    }

    fn update(&mut self) -> Statement {
        let errors = self.chance(20);
        self.begin(!errors, 0);
        let at = self.target();
        let table = self.tables[at].clone();
        let other = self.some_table();
        self.scope = table.columns("n");
        let from = other.keyed && self.chance(30);
        if from {
            self.scope.extend(other.columns("o"));
        }
        let fields: Vec<Field> = table.written().filter(|field| field.name != "id").cloned().collect();
        let mut sets = Vec::new();
        for field in fields.iter().take(1 + self.below(2)) {
            let value = match self.below(5) {
                0 => Sql::text("DEFAULT"),
                1 | 2 => Sql::text(self.stored(at, field)),
                _ => self.expr(field.ty, 2),
            };
            sets.push(Sql::Seq(vec![Sql::text(format!("{} = ", field.name)), value]));
        }
        let condition = self.condition(2);
        let mut parts = vec![Sql::text(format!("UPDATE {} AS n SET ", table.name)), Sql::list(sets)];
        match from {
            true => parts.extend([
                Sql::text(format!(" FROM {} AS o WHERE o.id = n.id", other.name)),
                Sql::optional(vec![Sql::text(" AND "), condition]),
            ]),
            false => parts.push(Sql::optional(vec![Sql::text(" WHERE "), condition])),
        }
        // Of a statement with two things wrong it is not said which is found first.
        if !errors {
            parts.push(self.returning(&table, "n"));
        }
        self.change(&table, Sql::Seq(parts))
    }

    fn delete(&mut self) -> Statement {
        self.begin(true, 0);
        let at = self.target();
        let table = self.tables[at].clone();
        let other = self.some_table();
        self.scope = table.columns("n");
        let condition = self.condition(2);
        let some = format!("n.id % 3 = {}", self.below(3));
        let mut parts = vec![Sql::text(format!("DELETE FROM {} AS n", table.name))];
        if self.chance(30) {
            parts.push(Sql::text(format!(" USING {} AS o WHERE o.id = n.id AND ", other.name)));
        } else {
            parts.push(Sql::text(" WHERE "));
        }
        parts.push(Sql::text(some));
        parts.push(Sql::optional(vec![Sql::text(" AND "), condition]));
        parts.push(self.returning(&table, "n"));
        self.change(&table, Sql::Seq(parts))
    }

    fn truncate(&mut self) -> Statement {
        self.begin(true, 0);
        let at = self.target();
        let table = self.tables[at].clone();
        let sql = Sql::text(format!("DELETE FROM {} WHERE id > {}", table.name, self.below(30)));
        self.change(&table, sql)
    }

    /// `WITH gone AS (DELETE … RETURNING …) INSERT … SELECT …` and its kin.
    fn writing_with(&mut self) -> Statement {
        self.begin(true, 0);
        let at = self.target();
        let table = self.tables[at].clone();
        let name = &table.name;
        let id = 1 + self.below(20);
        let sql = match self.below(3) {
            0 => format!(
                "WITH gone AS (DELETE FROM {name} WHERE id = {id} RETURNING id) SELECT count(*), max(g.id) FROM gone g"
            ),
            1 => format!(
                "WITH gone AS (DELETE FROM {name} WHERE id < {id} RETURNING *) SELECT count(*), (SELECT count(*) FROM {name}) FROM gone"
            ),
            _ => format!("WITH n AS (UPDATE {name} SET id = id WHERE id = {id} RETURNING *) SELECT * FROM n"),
        };
        self.change(&table, Sql::text(sql))
    }

    /// BEGIN, changes and savepoints, errors among them, and an end.
    fn transaction(&mut self) -> Vec<Statement> {
        self.begin(true, 0);
        let begin = *self.pick(&["BEGIN", "START TRANSACTION", "BEGIN ISOLATION LEVEL REPEATABLE READ"]);
        let mut out = vec![self.command(begin)];
        for _ in 0..1 + self.below(6) {
            let next = match self.below(12) {
                0 | 1 => self.command("SAVEPOINT a"),
                2 => self.command("ROLLBACK TO a"),
                3 => self.command("RELEASE a"),
                4 => self.command("SAVEPOINT b"),
                5 => self.command("ROLLBACK TO SAVEPOINT b"),
                6 => self.lone_expression(),
                7 => self.command("BEGIN"),
                8 => self.delete(),
                9 => self.update(),
                _ => self.insert(),
            };
            out.push(next);
        }
        let end = *self.pick(&["COMMIT", "ROLLBACK", "END", "COMMIT AND CHAIN"]);
        out.push(self.command(end));
        if end.ends_with("CHAIN") {
            out.push(self.command("ROLLBACK"));
        }
        let tables = self.tables.clone();
        for table in &tables {
            out.push(self.look(&table.name));
        }
        out
    }

    /// The rows of a table.
    pub fn look(&mut self, table: &str) -> Statement {
        self.begin(true, 0);
        self.statement(Sql::text(format!("SELECT * FROM {table}")), Errors::Certain)
    }
}
