//! What the catalog says, for `\d` and its kin.
//!
//! Everything comes through [`relations`], [`indexes`], [`columns`] and [`definition`]; what the catalog learns to
//! say is added there, and shows in all commands and in completion.

use super::Session;
use crate::failure::Result;
use crate::output::table::print_titled;
use crate::output::{Cells, Head};
use remanent::sql::vocabulary::quote_ident;
use remanent::{Connection, TableDef, Type, params};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Something that has columns.
pub struct Relation {
    pub schema: String,
    pub kind: &'static str,
    pub table: Arc<TableDef>,
}

/// An index of a table.
pub struct Index {
    pub name: String,
    pub primary: bool,
    pub unique: bool,
    /// It belongs to a constraint of its name.
    pub constraint: bool,
    /// The statement that makes it.
    pub definition: String,
}

impl Index {
    /// How it is kept, and what it indexes: `btree (a, b)`.
    fn content(&self) -> &str {
        self.definition.split_once(" USING ").map_or("", |(_, content)| content)
    }
}

/// Enum types.
const TYPES: &str = "SELECT nspname, typname, string_agg(enumlabel, ', ' ORDER BY enumsortorder), \
     coalesce(obj_description(t.oid, 'pg_type'), '') \
     FROM pg_type t JOIN pg_namespace n ON n.oid = typnamespace LEFT JOIN pg_enum e ON enumtypid = t.oid \
     WHERE typtype = 'e' GROUP BY t.oid, nspname, typname ORDER BY 1, 2";

/// All relations, in order of name.
pub fn relations(conn: &Connection) -> Result<Vec<Relation>> {
    let of = |table: Arc<TableDef>| Relation { schema: table.schema.clone(), kind: "table", table };
    Ok(conn.tables()?.into_iter().map(of).collect())
}

/// The indexes of a table, the primary key first.
pub fn indexes(conn: &Connection, table: &TableDef) -> Result<Vec<Index>> {
    let sql =
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = $1 AND tablename = $2 ORDER BY 1";
    let mut found = Vec::new();
    for row in conn.query(sql, params![table.schema.as_str(), table.name.as_str()])? {
        let row = row?;
        let (name, definition): (String, String) = (row.get(0)?, row.get(1)?);
        let constraint = table.constraints.iter().any(|held| held.name == name);
        let primary = constraint && name == table.key_name();
        let unique = definition.starts_with("CREATE UNIQUE");
        found.push(Index { name, primary, unique, constraint, definition });
    }
    found.sort_by_key(|index| (!index.primary, !index.unique));
    Ok(found)
}

/// The foreign keys of a table, and those that refer to it, as psql shows them.
fn foreign_keys(conn: &Connection, table: &TableDef) -> Result<Vec<String>> {
    let own = format!(" REFERENCES {}.{}(", quote_ident(&table.schema), quote_ident(&table.name));
    // The schema that names are looked for in anyway is left out.
    let text = |text: &str| text.replacen(" REFERENCES public.", " REFERENCES ", 1);
    let mut notes = Vec::new();
    let mut list = |title: &str, mut lines: Vec<(String, String)>| {
        lines.sort();
        if !lines.is_empty() {
            notes.push(title.to_owned());
            notes.extend(lines.into_iter().map(|(_, line)| line));
        }
    };
    let keys = table.constraints.iter().filter(|held| held.is_foreign_key());
    let line = |name: &str, of: &str| (name.to_owned(), format!("    \"{name}\" {}", text(of)));
    list("Foreign-key constraints:", keys.map(|held| line(&held.name, &held.text)).collect());
    let mut referring = Vec::new();
    for child in conn.tables()? {
        let keys = child.constraints.iter().filter(|held| held.is_foreign_key() && held.text.contains(&own));
        referring.extend(keys.map(|held| {
            let of =
                format!("    TABLE \"{}\" CONSTRAINT \"{}\" {}", child.name, held.name, text(&held.text));
            (held.name.clone(), of)
        }));
    }
    list("Referenced by:", referring);
    Ok(notes)
}

/// For each column: name, type, `not null`, default; what is said of it, where that is asked for.
fn columns(conn: &Connection, table: &TableDef, said: Option<&Said>) -> Result<Vec<Cells>> {
    let row = |(c, position): (&remanent::ColumnDef, i32)| {
        let null = if c.not_null { "not null" } else { "" };
        let mut row = vec![
            Some(c.name.clone()),
            Some(conn.type_name(c.ty)?),
            Some(null.to_owned()),
            Some(c.default.clone().unwrap_or_default()),
        ];
        row.extend(said.map(|said| Some(said.of(table, position))));
        Ok(row)
    };
    table.columns.iter().take(table.visible()).zip(1..).map(row).collect()
}

/// The comments of relations and their columns, by schema, relation and the column's number from 1.
pub struct Said(BTreeMap<(String, String, i32), String>);

impl Said {
    fn read(conn: &Connection) -> Result<Said> {
        let sql = "SELECT nspname, relname, objsubid, description FROM pg_description \
             JOIN pg_class c ON c.oid = objoid JOIN pg_namespace n ON n.oid = relnamespace WHERE classoid = 1259";
        let mut said = BTreeMap::new();
        for row in conn.query(sql, params![])? {
            let row = row?;
            said.insert((row.get(0)?, row.get(1)?, row.get(2)?), row.get(3)?);
        }
        Ok(Said(said))
    }

    fn of(&self, table: &TableDef, position: i32) -> String {
        let subject = (table.schema.clone(), table.name.clone(), position);
        self.0.get(&subject).cloned().unwrap_or_default()
    }
}

/// The statements that make a table and its indexes; foreign keys come when all tables are there ([`reference()`]).
pub fn definition(conn: &Connection, table: &TableDef) -> Result<String> {
    let mut parts: Vec<String> = Vec::new();
    for column in table.columns.iter().take(table.visible()) {
        let mut part = format!("{} {}", quote_ident(&column.name), conn.type_name(column.ty)?);
        if let Some(default) = &column.default {
            part.push_str(&format!(" DEFAULT {default}"));
        }
        if column.not_null {
            part.push_str(" NOT NULL");
        }
        parts.push(part);
    }
    for constraint in table.constraints.iter().filter(|held| !held.is_foreign_key()) {
        parts.push(match constraint.text.starts_with("PRIMARY KEY") {
            true => constraint.text.clone(),
            false => format!("CONSTRAINT {} {}", quote_ident(&constraint.name), constraint.text),
        });
    }
    let with = match table.options.is_empty() {
        true => String::new(),
        false => format!(" WITH ({})", options(table, &|value| format!("'{}'", value.replace('\'', "''")))),
    };
    let (name, parts) = (quote_ident(&table.name), parts.join(",\n    "));
    let mut text = format!("CREATE TABLE {name} (\n    {parts}\n){with};");
    for index in indexes(conn, table)?.iter().filter(|index| !index.constraint) {
        text.push_str(&format!("\n{};", index.definition));
    }
    Ok(text)
}

/// `name=value, …`
fn options(table: &TableDef, write: &dyn Fn(&str) -> String) -> String {
    let each = table.options.iter().map(|(name, value)| format!("{name}={}", write(value)));
    each.collect::<Vec<_>>().join(", ")
}

/// The statement that adds a foreign key.
fn reference(table: &TableDef, held: &remanent::ConstraintDef) -> String {
    let (table, name) = (quote_ident(&table.name), quote_ident(&held.name));
    format!("ALTER TABLE {table} ADD CONSTRAINT {name} {};", held.text)
}

impl Session {
    /// `\d NAME`: all relations of that name or pattern, each with its columns; with what is said of them where `more`.
    pub(super) fn describe(&mut self, pattern: &str, more: bool) -> Result<()> {
        let said = if more { Some(Said::read(&self.conn)?) } else { None };
        let found = self.matching(pattern)?;
        if found.is_empty() {
            return self.nothing(pattern);
        }
        for relation in found {
            let title = format!("Table \"{}.{}\"", relation.schema, relation.table.name);
            let mut notes = Vec::new();
            for (i, index) in indexes(&self.conn, &relation.table)?.iter().enumerate() {
                if i == 0 {
                    notes.push("Indexes:".to_owned());
                }
                let kind = match (index.primary, index.constraint, index.unique) {
                    (true, ..) => "PRIMARY KEY, ",
                    (_, true, _) => "UNIQUE CONSTRAINT, ",
                    (.., true) => "UNIQUE, ",
                    _ => "",
                };
                notes.push(format!("    \"{}\" {kind}{}", index.name, index.content()));
            }
            notes.extend(foreign_keys(&self.conn, &relation.table)?);
            let text = said.as_ref().map(|said| said.of(&relation.table, 0)).unwrap_or_default();
            if !text.is_empty() {
                notes.push(format!("Description: {text}"));
            }
            if more && !relation.table.options.is_empty() {
                notes.push(format!("Options: {}", options(&relation.table, &str::to_owned)));
            }
            notes.push(String::new());
            let names = ["Column", "Type", "Nullable", "Default", "Description"];
            let heads = heads(&names[..if more { 5 } else { 4 }]);
            let (rows, style) = (columns(&self.conn, &relation.table, said.as_ref())?, self.style());
            print_titled(&title, &heads, rows, &notes, style, self.out.writer())?;
        }
        Ok(())
    }

    /// `\dt`, `\d`, `\dv`: a list of relations of some kinds; with what is said of them where `more`.
    pub(super) fn list(&mut self, kinds: &[&str], pattern: &str, more: bool) -> Result<()> {
        let found = self.matching(pattern)?;
        let said = if more { Some(Said::read(&self.conn)?) } else { None };
        let row = |r: &Relation| {
            let mut row = [&*r.schema, &r.table.name, r.kind].map(|c| Some(c.to_owned())).to_vec();
            row.extend(said.as_ref().map(|said| Some(said.of(&r.table, 0))));
            row
        };
        let rows: Vec<Cells> = found.iter().filter(|r| kinds.contains(&r.kind)).map(row).collect();
        let names = ["Schema", "Name", "Type", "Description"];
        self.listing("List of relations", &names[..if more { 4 } else { 3 }], rows, pattern)
    }

    /// `\dT`: the enum types, with their values and what is said of them.
    pub(super) fn list_types(&mut self, pattern: &str) -> Result<()> {
        let mut rows: Vec<Cells> = Vec::new();
        for row in self.conn.query(TYPES, params![])? {
            let row = row?;
            let cells: Vec<Option<String>> = (0..4).map(|i| row.get(i)).collect::<remanent::Result<_>>()?;
            let named = |i: usize| cells.get(i).cloned().flatten().unwrap_or_default();
            if matches(pattern, &named(1)) || matches(pattern, &format!("{}.{}", named(0), named(1))) {
                rows.push(cells);
            }
        }
        self.listing("List of data types", &["Schema", "Name", "Elements", "Description"], rows, pattern)
    }

    /// `\di`: the indexes of all tables; those whose name, or whose table's name, is meant.
    pub(super) fn list_indexes(&mut self, pattern: &str) -> Result<()> {
        let mut rows = Vec::new();
        for relation in relations(&self.conn)? {
            for index in indexes(&self.conn, &relation.table)? {
                if matches(pattern, &index.name) || matches(pattern, &relation.table.name) {
                    let row = [&*relation.schema, &index.name, "index", &relation.table.name];
                    rows.push(row.map(|c| Some(c.to_owned())).to_vec());
                }
            }
        }
        self.listing("List of indexes", &["Schema", "Name", "Type", "Table"], rows, pattern)
    }

    /// `.schema`: the statements that make the tables.
    pub(super) fn definitions(&mut self, pattern: &str) -> Result<()> {
        let found = self.matching(pattern)?;
        if found.is_empty() && !pattern.is_empty() {
            return self.nothing(pattern);
        }
        for relation in found {
            let text = definition(&self.conn, &relation.table)?;
            writeln!(self.out.writer(), "{text}")?;
        }
        for relation in self.matching(pattern)? {
            for held in relation.table.constraints.iter().filter(|held| held.is_foreign_key()) {
                writeln!(self.out.writer(), "{}", reference(&relation.table, held))?;
            }
        }
        Ok(())
    }

    fn matching(&self, pattern: &str) -> Result<Vec<Relation>> {
        let mut found = relations(&self.conn)?;
        found.retain(|r| {
            matches(pattern, &r.table.name) || matches(pattern, &format!("{}.{}", r.schema, r.table.name))
        });
        Ok(found)
    }

    fn listing(&mut self, title: &str, columns: &[&str], rows: Vec<Cells>, pattern: &str) -> Result<()> {
        if rows.is_empty() {
            return self.nothing(pattern);
        }
        let style = self.style();
        print_titled(title, &heads(columns), rows, &[], style, self.out.writer())
    }

    fn nothing(&mut self, pattern: &str) -> Result<()> {
        let out = self.out.writer();
        Ok(match pattern {
            "" => writeln!(out, "Did not find any relations."),
            _ => writeln!(out, "Did not find any relation named \"{pattern}\"."),
        }?)
    }
}

fn heads(names: &[&str]) -> Vec<Head> {
    names.iter().map(|name| Head { name: (*name).to_owned(), ty: Type::Text }).collect()
}

/// True for a name that a pattern means, as psql reads it: `*` and `?` stand for any characters and one; letters are
/// small unless in double quotes. The empty pattern means all.
pub fn matches(pattern: &str, name: &str) -> bool {
    if pattern.is_empty() {
        return true;
    }
    let mut parts = Vec::new();
    let mut quoted = false;
    for c in pattern.chars() {
        match c {
            '"' => quoted = !quoted,
            '*' if !quoted => parts.push(Part::Any),
            '?' if !quoted => parts.push(Part::One),
            c if quoted => parts.push(Part::Is(c)),
            c => parts.extend(c.to_lowercase().map(Part::Is)),
        }
    }
    // Which prefixes of the pattern match what was read of the name so far.
    let mut reached = vec![false; parts.len() + 1];
    reached[0] = true;
    let spread = |reached: &mut Vec<bool>| {
        for (i, part) in parts.iter().enumerate() {
            reached[i + 1] |= reached[i] && matches!(part, Part::Any);
        }
    };
    spread(&mut reached);
    for c in name.chars() {
        let mut next = vec![false; parts.len() + 1];
        for (i, part) in parts.iter().enumerate() {
            match part {
                Part::Any => next[i] |= reached[i],
                Part::One => next[i + 1] |= reached[i],
                Part::Is(wanted) => next[i + 1] |= reached[i] && *wanted == c,
            }
        }
        spread(&mut next);
        reached = next;
    }
    reached.last().copied().unwrap_or(false)
}

enum Part {
    Any,
    One,
    Is(char),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, name, expected) in [
            ("", "anything", true),
            ("t", "t", true),
            ("T", "t", true),
            ("\"T\"", "t", false),
            ("\"T\"", "T", true),
            ("s*", "sensor", true),
            ("*s", "sensors", true),
            ("s?n*r", "sensor", true),
            ("s", "sensor", false),
            ("*", "", true),
            ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "aXbYbZ", false),
            ("public.t", "public.t", true),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }
}
