//! CREATE INDEX, DROP INDEX, REINDEX, and the indexes of UNIQUE constraints.

use super::{Binder, check_schema, refuse};
use crate::sql::ast::{ConflictKey, CreateIndex, DropIndex, ExprKind, Ident, IndexKey, Name, Reindex, Span};
use crate::sql::plan::{IndexChange, Plan};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::index::{IndexDef, KeyOrder};
use remanent_storage::table::{ColumnDef, TableDef};

/// The most columns an index can have, as in PostgreSQL.
const MAX_COLUMNS: usize = 32;
/// The longest name, in bytes.
const NAME_MAX: usize = 63;
/// Access methods of PostgreSQL that there are not here.
const OTHER_METHODS: &[&str] = &["hash", "gist", "spgist", "gin", "brin"];

impl Binder<'_> {
    /// CREATE INDEX.
    pub(super) fn create_index(&mut self, create: &CreateIndex) -> Result<Plan> {
        let method = create.method.as_ref().filter(|method| method.name != "btree");
        if let Some(method) = method {
            if OTHER_METHODS.contains(&method.name.as_str()) {
                return Err(refuse(format!("CREATE INDEX USING {}", method.name), method.span));
            }
            let message = format!("access method \"{}\" does not exist", method.name);
            return Err(Error::new(state::UNDEFINED_OBJECT, message));
        }
        let table = self.table(&create.table).map_err(|error| error.without_position())?;
        if let Some(filter) = &create.filter {
            return Err(refuse("a partial index", filter.span));
        }
        if let Some(option) = create.options.iter().find(|option| option.name.last() != "fillfactor") {
            let message = format!("unrecognized parameter \"{}\"", option.name.last());
            return Err(Error::new(state::INVALID_PARAMETER_VALUE, message));
        }
        if create.keys.len() + create.include.len() > MAX_COLUMNS {
            let message = format!("cannot use more than {MAX_COLUMNS} columns in an index");
            return Err(Error::new(state::TOO_MANY_COLUMNS, message));
        }
        let mut def = new_index(&table, create.unique, create.nulls_not_distinct);
        for key in &create.keys {
            let position = key_column(key, &table)?;
            def.columns.push(position);
            def.types.extend(table.columns.get(position).map(|column| column.ty));
            let descending = key.descending.unwrap_or(false);
            def.orders.push(KeyOrder { descending, nulls_first: key.nulls_first.unwrap_or(descending) });
        }
        for column in &create.include {
            def.include.push(position(column, &table.columns)?);
        }
        def.name = match &create.name {
            Some(name) => {
                check_schema(name)?;
                name.last().to_string()
            }
            None => {
                let columns = def.columns.iter().chain(&def.include);
                let names = columns.filter_map(|&c| table.columns.get(c)).map(|column| column.name.as_str());
                self.free_name(&table.name, &names.collect::<Vec<_>>(), "idx", &[])
            }
        };
        Ok(Plan::Index(Box::new(IndexChange::Create { def, if_not_exists: create.if_not_exists })))
    }

    /// DROP INDEX.
    pub(super) fn drop_index(&mut self, drop: &DropIndex) -> Result<Plan> {
        if drop.concurrently && drop.names.len() > 1 {
            let message = "DROP INDEX CONCURRENTLY does not support dropping multiple objects";
            return Err(Error::new(state::FEATURE_NOT_SUPPORTED, message));
        }
        let mut names: Vec<String> = Vec::with_capacity(drop.names.len());
        for name in &drop.names {
            let known = check_schema(name)? && self.is_index(name, drop.if_exists)?;
            if let Some(def) = self.catalog.index(name.last()).filter(|def| known && def.constraint) {
                return Err(self.needed(&def.name, self.table_name(def.table)));
            }
            if known && !names.iter().any(|held| held == name.last()) {
                names.push(name.last().to_string());
            }
        }
        Ok(Plan::Index(Box::new(IndexChange::Drop { names, if_exists: drop.if_exists })))
    }

    /// REINDEX.
    pub(super) fn reindex(&mut self, reindex: &Reindex) -> Result<Plan> {
        let names = match reindex.object.as_str() {
            "index" => {
                self.is_index(&reindex.name, false).map_err(|error| match error.state() {
                    state::UNDEFINED_OBJECT => {
                        let message = format!("relation \"{}\" does not exist", reindex.name.last());
                        Error::new(state::UNDEFINED_TABLE, message)
                    }
                    _ => error,
                })?;
                vec![reindex.name.last().to_string()]
            }
            "table" => {
                let table = self.table(&reindex.name).map_err(|error| error.without_position())?;
                self.catalog.indexes_of(table.id).iter().map(|def| def.name.clone()).collect()
            }
            other => {
                let feature = format!("REINDEX {}", other.to_ascii_uppercase());
                return Err(refuse(feature, reindex.name.span));
            }
        };
        // The primary key is part of the rows' order; there is nothing to make anew.
        let names = names.into_iter().filter(|name| self.catalog.index(name).is_some()).collect();
        Ok(Plan::Index(Box::new(IndexChange::Rebuild(names))))
    }

    /// True if there is an index of that name; 42704 or 42809 where there is not, unless a missing one is fine.
    fn is_index(&self, name: &Name, missing_ok: bool) -> Result<bool> {
        let name = name.last();
        if self.catalog.index(name).is_some() {
            return Ok(true);
        }
        let of_key = name.strip_suffix("_pkey").and_then(|table| self.catalog.table(table));
        if let Some(table) = of_key.filter(|table| !table.key.is_empty()) {
            return Err(self.needed(name, table.name.clone()));
        }
        if self.catalog.table(name).is_some() {
            return Err(Error::new(state::WRONG_OBJECT_TYPE, format!("\"{name}\" is not an index"))
                .with_hint("Use DROP TABLE to remove a table."));
        }
        match missing_ok {
            true => Ok(false),
            false => Err(Error::new(state::UNDEFINED_OBJECT, format!("index \"{name}\" does not exist"))),
        }
    }

    fn needed(&self, name: &str, table: String) -> Error {
        let message =
            format!("cannot drop index {name} because constraint {name} on table {table} requires it");
        Error::new(state::DEPENDENT_OBJECTS_STILL_EXIST, message)
            .with_hint(format!("You can drop constraint {name} on table {table} instead."))
    }

    fn table_name(&self, id: u32) -> String {
        self.catalog.by_id(id).map_or_else(String::new, |table| table.def.name.clone())
    }

    /// The index of a UNIQUE constraint of a table that is being made, or of one that there is. `others`: names that are
    /// taken besides those of the catalog.
    pub(super) fn unique_index(
        &self,
        table: &TableDef,
        name: Option<&Ident>,
        columns: Vec<usize>,
        nulls_not_distinct: bool,
        others: &[String],
    ) -> IndexDef {
        let mut def = new_index(table, true, nulls_not_distinct);
        def.constraint = true;
        def.types = columns.iter().filter_map(|&c| table.columns.get(c)).map(|column| column.ty).collect();
        def.orders = vec![KeyOrder::default(); columns.len()];
        def.columns = columns;
        def.name = match name {
            Some(name) => name.name.clone(),
            None => {
                let names = def.columns.iter().filter_map(|&c| table.columns.get(c));
                let names: Vec<&str> = names.map(|column| column.name.as_str()).collect();
                self.free_name(&table.name, &names, "key", others)
            }
        };
        def
    }

    /// A name that no relation has: table, columns and a label, shortened to fit; with a number where that is taken.
    fn free_name(&self, table: &str, columns: &[&str], label: &str, others: &[String]) -> String {
        let columns = columns.join("_");
        let taken = |name: &str| {
            self.catalog.table(name).is_some()
                || self.catalog.index(name).is_some()
                || others.iter().any(|other| other == name)
        };
        let mut number = 0;
        loop {
            let label = if number == 0 { label.to_string() } else { format!("{label}{number}") };
            let name = made_name(table, &columns, &label);
            if !taken(&name) {
                return name;
            }
            number += 1;
        }
    }
}

/// `table_columns_label`, the longer of the first two cut until it fits.
fn made_name(table: &str, columns: &str, label: &str) -> String {
    let room = NAME_MAX.saturating_sub(label.len() + 2);
    let (mut first, mut second) = (table.len(), columns.len());
    while first + second > room {
        if first > second { first -= 1 } else { second -= 1 }
    }
    let cut = |text: &str, mut len: usize| {
        while !text.is_char_boundary(len) {
            len -= 1;
        }
        text.get(..len).unwrap_or_default().to_string()
    };
    format!("{}_{}_{label}", cut(table, first), cut(columns, second))
}

fn new_index(table: &TableDef, unique: bool, nulls_not_distinct: bool) -> IndexDef {
    IndexDef {
        id: 0,
        table: table.id,
        name: String::new(),
        kind: "btree".to_string(),
        columns: Vec::new(),
        types: Vec::new(),
        orders: Vec::new(),
        include: Vec::new(),
        unique,
        nulls_not_distinct,
        constraint: false,
    }
}

/// The column that a key of an index names; expressions and other collations are refused.
fn key_column(key: &IndexKey, table: &TableDef) -> Result<usize> {
    let ConflictKey { expr, collation, class } = &key.key;
    if let Some(collation) = collation.as_ref().filter(|c| !matches!(c.last(), "C" | "POSIX" | "default")) {
        return Err(refuse(format!("collation \"{}\"", collation.last()), collation.span));
    }
    if let Some(class) = class.as_ref().filter(|class| !class.last().ends_with("_ops")) {
        let message =
            format!("operator class \"{}\" does not exist for access method \"btree\"", class.last());
        return Err(Error::new(state::UNDEFINED_OBJECT, message));
    }
    match &expr.kind {
        ExprKind::Column(name) if name.parts.len() == 1 => match name.parts.first() {
            Some(ident) => position(ident, &table.columns),
            None => Err(Error::internal("a name without parts")),
        },
        _ => Err(refuse("an index on an expression", expr.span)),
    }
}

/// The position of a column; 42703, which PostgreSQL reports without a position.
fn position(name: &Ident, columns: &[ColumnDef]) -> Result<usize> {
    columns.iter().position(|column| column.name == name.name).ok_or_else(|| {
        Error::new(state::UNDEFINED_COLUMN, format!("column \"{}\" does not exist", name.name))
    })
}

/// The positions of the columns of a constraint, each once.
pub(super) fn constraint_columns(
    names: &[Ident],
    columns: &[ColumnDef],
    kind: &str,
    span: Span,
) -> Result<Vec<usize>> {
    let mut positions = Vec::with_capacity(names.len());
    for name in names {
        let Some(position) = columns.iter().position(|column| column.name == name.name) else {
            let message = format!("column \"{}\" named in key does not exist", name.name);
            return Err(Error::new(state::UNDEFINED_COLUMN, message).at(span.at()));
        };
        if positions.contains(&position) {
            let message = format!("column \"{}\" appears twice in {kind} constraint", name.name);
            return Err(Error::new(state::DUPLICATE_COLUMN, message).at(span.at()));
        }
        positions.push(position);
    }
    Ok(positions)
}

/// A UNIQUE constraint of CREATE TABLE: its name, its columns, whether NULLs are the same, where it was written.
pub(super) struct UniqueConstraint<'a> {
    pub name: Option<&'a Ident>,
    pub columns: Vec<usize>,
    pub nulls_not_distinct: bool,
    pub span: Span,
}
