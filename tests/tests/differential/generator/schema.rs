//! Tables and their rows.
//!
//! Columns are named after their types, so that those of one name have one type wherever they are: `USING` and `NATURAL`
//! find partners. Each table has `id`, which tells its rows apart.

use super::super::tree::Sql;
use super::super::types::Ty;
use super::expr::quote;
use super::{Column, Errors, Maker, Statement};
use remanent_storage::world::sim::Rng;

/// A table.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its columns.
    pub fields: Vec<Field>,
    /// True if a primary key keeps `id` apart.
    pub keyed: bool,
    /// The next `id` that no row has.
    pub next: i64,
}

/// A column of a table.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: Ty,
    /// As CREATE TABLE has it.
    declared: String,
    /// False: its value is computed.
    pub written: bool,
    /// True if it belongs to what tells rows apart.
    pub key: bool,
}

impl Table {
    /// The name under which a WITH clause makes a query a table.
    pub(super) fn of_query(name: String, columns: &[(String, Ty)]) -> Table {
        let field = |(name, ty): &(String, Ty)| Field {
            name: name.clone(),
            ty: *ty,
            declared: String::new(),
            written: false,
            key: ty.info().comparable,
        };
        Table { name, fields: columns.iter().map(field).collect(), keyed: false, next: 0 }
    }

    /// Its columns under an alias.
    pub(super) fn columns(&self, alias: &str) -> Vec<Column> {
        let column =
            |field: &Field| Column { sql: format!("{alias}.{}", field.name), ty: field.ty, key: field.key };
        self.fields.iter().map(column).collect()
    }

    /// The columns one may write, `id` first.
    pub fn written(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| field.written)
    }
}

/// What a column of a type is called.
fn short(ty: Ty) -> String {
    let name = ty.info().name;
    let list = name.ends_with("[]");
    let short = match name.trim_end_matches("[]") {
        "boolean" => "b",
        "smallint" => "i2",
        "integer" => "i",
        "bigint" => "i8",
        "real" => "f4",
        "double precision" => "f",
        "numeric" => "n",
        "text" => "s",
        "character varying" => "v",
        "bpchar" => "c",
        "bytea" => "y",
        "uuid" => "u",
        "date" => "d",
        "time without time zone" => "t",
        "timestamp without time zone" => "ts",
        "timestamp with time zone" => "tz",
        "interval" => "iv",
        "json" => "j",
        _ => "jb",
    };
    if list { format!("{short}_a") } else { short.to_owned() }
}

impl Maker<'_> {
    pub(super) fn some_table(&mut self) -> Table {
        let at = self.below(self.tables.len());
        self.tables[at].clone()
    }

    /// A few tables with rows: the statements that make them.
    pub fn schema(&mut self) -> Vec<Statement> {
        let mut out = Vec::new();
        for i in 0..2 + self.below(2) {
            self.begin(true, 0);
            let (table, create) = self.new_table(format!("t{}", i + 1));
            out.push(create);
            self.tables.push(table);
            let rows = if self.chance(10) { 0 } else { 6 + self.below(18) };
            if rows > 0 {
                out.push(self.fill_table(i, rows));
            }
        }
        for child in 0..self.tables.len() {
            let key = self.foreign_key(child);
            out.extend(key);
        }
        out
    }

    /// A foreign key of a table to itself or another one, for the rows that are written from here on.
    fn foreign_key(&mut self, child: usize) -> Option<Statement> {
        const ACTIONS: [&str; 5] = ["NO ACTION", "RESTRICT", "CASCADE", "SET NULL", "SET DEFAULT"];
        const DUE: [&str; 3] = ["", " DEFERRABLE", " DEFERRABLE INITIALLY DEFERRED"];
        let rng = self.keys.as_mut()?;
        if rng.below(100) >= 40 {
            return None;
        }
        let parent = rng.below(self.tables.len() as u64) as usize;
        let (child, parent) = (&self.tables[child], &self.tables[parent]);
        let whole = |field: &&Field| {
            field.written
                && field.name != "id"
                && matches!(field.ty.info().name, "integer" | "bigint" | "smallint")
        };
        let fields: Vec<&Field> = child.fields.iter().filter(whole).collect();
        if fields.is_empty() || !parent.keyed {
            return None;
        }
        let field = fields[rng.below(fields.len() as u64) as usize];
        let action = |rng: &mut Rng| ACTIONS[rng.below(ACTIONS.len() as u64) as usize];
        let (deleted, updated) = (action(rng), action(rng));
        let due = DUE[rng.below(DUE.len() as u64) as usize];
        let sql = format!(
            "ALTER TABLE {} ADD FOREIGN KEY ({}) REFERENCES {} ON DELETE {deleted} ON UPDATE {updated}{due} NOT VALID",
            child.name, field.name, parent.name
        );
        let statement = self.statement(Sql::text(sql), Errors::Certain);
        Some(Statement { writes: true, ..statement })
    }

    fn new_table(&mut self, name: String) -> (Table, Statement) {
        let keyed = !self.chance(20);
        let id = *self.pick(match keyed {
            true => &[
                "integer PRIMARY KEY",
                "bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY",
                "bigint NOT NULL PRIMARY KEY",
            ],
            false => &["integer NOT NULL", "bigint"],
        });
        let ty = Ty::of(if id.starts_with("bigint") { "bigint" } else { "integer" });
        let mut fields = vec![Field { name: "id".into(), ty, declared: id.into(), written: true, key: true }];
        for _ in 0..4 + self.below(5) {
            let field = self.new_field(&fields);
            fields.push(field);
        }
        let mut items: Vec<Sql> =
            fields.iter().map(|field| Sql::text(format!("{} {}", field.name, field.declared))).collect();
        if self.chance(25) {
            items.push(Sql::text("CONSTRAINT named CHECK (id > -1000 AND id IS NOT NULL)"));
        }
        let sql = Sql::Seq(vec![
            Sql::text(format!("CREATE TABLE {name} (")),
            Sql::List(items, ", ", 1),
            Sql::text(")"),
        ]);
        let statement = Statement { writes: true, ..self.statement(sql, Errors::Certain) };
        (Table { name, fields, keyed, next: 1 }, statement)
    }

    fn new_field(&mut self, before: &[Field]) -> Field {
        // Everyday types more often: joins want partners.
        let everyday = ["integer", "text", "numeric", "bigint", "double precision", "date", "boolean"];
        let ty = if self.chance(45) { Ty::of(self.pick::<&str>(&everyday)) } else { self.any_type() };
        let mut name = short(ty);
        while before.iter().any(|field| field.name == name) {
            name.push('x');
        }
        let mut declared = (*self.pick(ty.info().declared)).to_owned();
        let mut written = true;
        let value = *self.pick(&ty.info().values[..ty.info().tame.min(3)]);
        match self.below(12) {
            0 => declared += &format!(" DEFAULT {}", quote(value)),
            1 => declared += &format!(" NOT NULL DEFAULT {}", quote(value)),
            2 if ty.info().comparable => declared += &format!(" CHECK ({name} IS NULL OR {name} = {name})"),
            3 => {
                self.scope = before
                    .iter()
                    .filter(|field| field.written)
                    .map(|field| Column { sql: field.name.clone(), ty: field.ty, key: false })
                    .collect();
                declared += &format!(" GENERATED ALWAYS AS ({}) STORED", self.generated(ty));
                written = false;
                self.scope.clear();
            }
            _ => {}
        }
        Field { name, ty, declared, written, key: false }
    }

    /// An expression of columns for a generated one; of few forms, for most types allow few that do not depend on the session.
    fn generated(&mut self, ty: Ty) -> String {
        let name = |maker: &Self, of: &str| {
            let found = maker.scope.iter().find(|column| column.ty == Ty::of(of));
            found.map_or(format!("NULL::{of}"), |column| column.sql.clone())
        };
        match ty.info().name {
            "integer" => format!("coalesce(length({}), 0)", name(self, "text")),
            "bigint" => format!("{}::bigint * 2", name(self, "integer")),
            "text" => format!("upper({}) || '!'", name(self, "text")),
            "boolean" => format!("{} > 2", name(self, "integer")),
            "double precision" => format!("{}::double precision / 2", name(self, "integer")),
            other => format!("CASE WHEN {} > 1 THEN NULL::{other} END", name(self, "integer")),
        }
    }

    /// The first rows of a table.
    fn fill_table(&mut self, table: usize, rows: usize) -> Statement {
        let fields: Vec<Field> = self.tables[table].written().cloned().collect();
        let names: Vec<_> = fields.iter().map(|field| field.name.clone()).collect();
        let mut lines = Vec::new();
        for _ in 0..rows {
            let values: Vec<_> = fields.iter().map(|field| self.stored(table, field)).collect();
            lines.push(Sql::text(format!("({})", values.join(", "))));
        }
        let name = self.tables[table].name.clone();
        let sql = Sql::Seq(vec![
            Sql::text(format!("INSERT INTO {name} ({}) VALUES ", names.join(", "))),
            Sql::list(lines),
        ]);
        Statement { writes: true, looks_at: Some(name), ..self.statement(sql, Errors::Any) }
    }

    /// A value for a column: one that fits.
    pub(super) fn stored(&mut self, table: usize, field: &Field) -> String {
        if field.name == "id" {
            let table = &mut self.tables[table];
            table.next += 1;
            return (table.next - 1).to_string();
        }
        if field.declared.contains("DEFAULT") && self.chance(10) {
            return "DEFAULT".to_owned();
        }
        if !field.declared.contains("NOT NULL") && self.chance(15) {
            return "NULL".to_owned();
        }
        let info = field.ty.info();
        let narrow = field.declared.contains('(') && !field.declared.contains("CHECK");
        let count = if narrow || self.chance(60) { info.tame } else { info.values.len() };
        quote(self.pick::<&str>(&info.values[..count]))
    }
}
