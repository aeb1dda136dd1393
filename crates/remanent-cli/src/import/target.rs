//! The tables that rows go to: made for the file, or there already.

use super::Options;
use super::names::{Names, quoted, sql_name};
use crate::failure::{Failure, Result};
use crate::term::Paint;
use remanent::{Connection, TableDef, Type, params};
use std::io::Write;
use std::sync::Arc;

/// What a file has for one table.
#[derive(Debug, Clone)]
pub struct Found {
    /// What the table would be called.
    pub name: String,
    /// Its columns as the file calls them, and the types that would hold them. None: they have no names.
    pub columns: Vec<(String, String)>,
    /// The columns have no names in the file.
    pub nameless: bool,
    /// Something to say of it.
    pub note: Option<String>,
}

/// A table, and which columns of it the file has.
pub struct Target {
    /// Its name in SQL.
    pub name: String,
    /// Its name for people.
    pub called: String,
    /// True if it was there before.
    pub exists: bool,
    /// Of each column of the file: its name in the table and its type; None where the table has no such column.
    pub columns: Vec<Option<(String, Type)>>,
    /// For people: their types as they are written.
    types: Vec<String>,
    note: Option<String>,
}

impl Target {
    /// The table of that name for what was found; made where there is none.
    pub fn of(found: &Found, options: &Options, conn: &Connection) -> Result<Target> {
        let tables = conn.tables()?;
        let called = || sql_name(&format!("{}{}", options.prefix, found.name));
        let wanted = options.table.clone().unwrap_or_else(called);
        match tables.iter().find(|def| def.is_table() && is_called(def, &wanted)) {
            Some(def) => Ok(Target::existing(found, def)),
            None => Target::create(found, &wanted, conn),
        }
    }

    fn existing(found: &Found, def: &Arc<TableDef>) -> Target {
        let mut names = Names::default();
        let mut columns: Vec<Option<(String, Type)>> = Vec::new();
        for (i, (name, _)) in found.columns.iter().enumerate() {
            let free = |name: &str| {
                let column = def.columns.iter().find(|column| column.name == name)?;
                let taken = columns.iter().flatten().any(|(taken, _)| taken == name);
                (!taken).then_some(column)
            };
            // As it is called, or as it would be called in a table made for it.
            let made = names.unique(&sql_name(name));
            let column = match found.nameless {
                true => def.columns.get(i),
                false => free(name).or_else(|| free(&made)),
            };
            columns.push(column.map(|column| (column.name.clone(), column.ty)));
        }
        let types =
            columns.iter().map(|c| c.as_ref().map_or_else(String::new, |(_, ty)| ty.to_string())).collect();
        let name = format!("{}.{}", quoted(&def.schema), quoted(&def.name));
        let called = match def.schema.as_str() {
            "public" => def.name.clone(),
            schema => format!("{schema}.{}", def.name),
        };
        Target { name, called, exists: true, columns, types, note: found.note.clone() }
    }

    fn create(found: &Found, name: &str, conn: &Connection) -> Result<Target> {
        let mut names = Names::default();
        let mut columns = Vec::new();
        let mut written = Vec::new();
        for (name, ty) in &found.columns {
            let name = names.unique(&sql_name(name));
            written.push(format!("{} {ty}", quoted(&name)));
            columns.push(name);
        }
        let (name, called) = (name.split('.').map(quoted).collect::<Vec<_>>().join("."), name.to_owned());
        conn.execute(&format!("CREATE TABLE {name} ({})", written.join(", ")), params![])?;
        // What the words mean is the database's to say.
        let rows = conn.query(&format!("SELECT * FROM {name} LIMIT 0"), params![])?;
        let columns =
            columns.into_iter().zip(rows.columns().iter()).map(|(name, c)| Some((name, c.ty()))).collect();
        let types = found.columns.iter().map(|(_, ty)| ty.clone()).collect();
        Ok(Target { name, called, exists: false, columns, types, note: found.note.clone() })
    }

    /// Says what it is, before anything is loaded.
    pub fn show(&self, out: &mut dyn Write, paint: Paint) -> Result<()> {
        let what = if self.exists { "into" } else { "creating" };
        writeln!(out, "{what} table {}", paint.name(&self.called))?;
        let columns: Vec<_> =
            self.columns.iter().zip(&self.types).filter_map(|(c, ty)| Some((&c.as_ref()?.0, ty))).collect();
        let widest = columns.iter().map(|(name, _)| crate::term::width(name)).max().unwrap_or(0);
        for (name, ty) in columns {
            let space = " ".repeat(widest - crate::term::width(name));
            writeln!(out, "  {name}{space}  {}", paint.dim(ty))?;
        }
        if let Some(note) = &self.note {
            writeln!(out, "  {}", paint.dim(note))?;
        }
        Ok(out.flush()?)
    }

    /// 42703 for a column of the file that the table does not have.
    pub fn all_columns(&self, found: &Found, file: &std::path::Path) -> Result<()> {
        match self.columns.iter().position(Option::is_none) {
            None => Ok(()),
            Some(i) => {
                let name = found.columns.get(i).map_or("", |(name, _)| name);
                let what = format!(
                    "table \"{}\" has no column \"{name}\", which \"{}\" has",
                    self.called,
                    file.display()
                );
                let hint = "ALTER TABLE … ADD COLUMN makes it; --table NAME imports into another table.";
                Err(Failure::Other(what, Some(hint.into())))
            }
        }
    }

    /// COPY into it from what the program hands over, with the columns that it has.
    pub fn copy(&self, options: &str) -> String {
        let columns: Vec<_> = self.columns.iter().flatten().map(|(name, _)| quoted(name)).collect();
        let columns = if columns.is_empty() { String::new() } else { format!(" ({})", columns.join(", ")) };
        format!("COPY {}{columns} FROM STDIN{options}", self.name)
    }
}

fn is_called(def: &TableDef, name: &str) -> bool {
    def.name == name && def.schema == "public" || format!("{}.{}", def.schema, def.name) == name
}
