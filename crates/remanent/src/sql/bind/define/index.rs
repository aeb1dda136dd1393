//! CREATE INDEX, DROP INDEX, ALTER INDEX, REINDEX, and the indexes of UNIQUE constraints.
//!
//! An index is in the schema of its table and shares its names with relations and primary keys. A UNIQUE constraint is two
//! things of one name: its text among the table's constraints, and an index that says it belongs to it.
//!
//! What an index on an expression or with WHERE needs of a row is kept in the table: a column without a name, behind those
//! that have one, generated like any other ([`ColumnDef::name`]). Its making therefore copies the table; when no index names
//! it any more it keeps NULLs, until the rows are copied for another reason.

use super::alter::Altering;
use super::constraint::{has_constraint, taken_constraint};
use super::define;
use super::drop::Dropping;
use super::method::{class_of, method_of, parameters, parameters_text};
use super::names::{has_schema, kind_word, made_up, meant, unknown_schema};
use super::table::NewTable;
use crate::sql::ast::{
    self, AlterIndex, ConflictKey, CreateIndex, DropIndex, ExprKind, Ident, IndexKey, Name, Reindex, Span,
};
use crate::sql::bind::expr::Clause;
use crate::sql::bind::names::output_name;
use crate::sql::bind::{Binder, refuse};
use crate::sql::expr::Expr;
use crate::sql::parse::parse_expr;
use crate::sql::plan::{Define, Step};
use remanent_storage::catalog::SYSTEM_SCHEMA;
use remanent_storage::catalog::comments::PartKind;
use remanent_storage::error::{Error, Result, state};
use remanent_storage::index::{IndexDef, KeyOrder, Method, PRIMARY};
use remanent_storage::table::{ColumnDef, ConstraintDef, Generated, TableDef};
use remanent_storage::value::{Type, Value};
use std::sync::Arc;

/// The most columns an index can have, as in PostgreSQL.
const MAX_COLUMNS: usize = 32;

/// What the name of an index leads to.
pub(super) enum Named {
    Index(Arc<IndexDef>),
    /// The primary key of that table.
    Key(Arc<TableDef>),
    /// No index at all.
    Relation(Arc<TableDef>),
}

/// An index that a table gets, which may have no name yet.
pub(super) struct Fresh {
    pub def: IndexDef,
    /// It is the index of a UNIQUE constraint.
    pub constraint: bool,
    /// What is kept for it: positions from [`KEPT`] on are of these.
    pub kept: Vec<ColumnDef>,
    pub span: Span,
    /// What is said of it.
    pub comment: Option<String>,
}

/// Behind all positions of columns.
pub(super) const KEPT: usize = 1 << 20;

impl Binder<'_> {
    /// CREATE INDEX.
    pub(super) fn create_index(&mut self, create: &CreateIndex) -> Result<Define> {
        let table = self.table(&create.table).map_err(Error::without_position)?;
        if !table.is_table() {
            let message = format!("cannot create index on relation \"{}\"", table.name);
            let detail = format!("This operation is not supported for {}s.", kind_word(&table));
            return Err(Error::new(state::WRONG_OBJECT_TYPE, message).with_detail(detail));
        }
        if create.keys.len() + create.include.len() > MAX_COLUMNS {
            let message = format!("cannot use more than {MAX_COLUMNS} columns in an index");
            return Err(Error::new(state::TOO_MANY_COLUMNS, message));
        }
        let (kind, method) = method_of(create)?;
        let mut a = Altering::new(&table, self.catalog.indexes_of(table.id));
        let mut def = new_index(create.unique, create.nulls_not_distinct);
        def.kind = kind.to_string();
        def.parameters = parameters(create, method)?;
        let mut labels: Vec<String> = Vec::new();
        for key in &create.keys {
            let (position, label) = match self.document(key, &def, method, &a)? {
                Some(document) => (self.index_key(&document, &mut a)?.0, output_name(&key.key.expr)),
                None => self.index_key(key, &mut a)?,
            };
            let ty = a.def().columns[position].ty;
            def.classes.push(class_of(kind, method, key.key.class.as_ref(), ty)?);
            def.columns.push(position);
            labels.push(label);
            let descending = key.descending.unwrap_or(false);
            def.orders.push(KeyOrder { descending, nulls_first: key.nulls_first.unwrap_or(descending) });
        }
        for column in &create.include {
            def.include.push(position(column, &table)?);
            labels.push(column.name.clone());
        }
        if let Some(filter) = &create.filter {
            self.new_index_expr(filter, Clause::IndexWhere, &a.new.def)?;
            def.filter = Some(a.keep(filter.to_string(), Type::Bool));
        }
        def.name = match &create.name {
            Some(name) => name.name.clone(),
            None => self.free_name(&table, &labels, "idx", &|_| false),
        };
        if create.if_not_exists && self.catalog.is_taken(&table.schema, &def.name) {
            return Ok(define("CREATE INDEX", &table.name, Vec::new()));
        }
        let name = def.name.clone();
        a.new.indexes.push(def.clone());
        if !a.rewrite {
            self.check_options(&a.new)?;
            let of = (table.schema.clone(), table.name.clone());
            let step = Step::Index { table: of, def, or_leave: create.if_not_exists };
            return Ok(define("CREATE INDEX", &name, vec![step]));
        }
        Ok(define("CREATE INDEX", &name, self.altered(a)?))
    }

    /// What an index for text search keeps of a text: its document in the index's language. None where the key is none.
    fn document(
        &mut self,
        key: &IndexKey,
        def: &IndexDef,
        method: &Method,
        a: &Altering,
    ) -> Result<Option<IndexKey>> {
        let expr = &key.key.expr;
        if !method.takes_language() || !self.index_expr(expr, Clause::Index, &a.new.def)?.ty().is_text() {
            return Ok(None);
        }
        let language = def.parameter("language").unwrap_or_else(|| Method::standard_language());
        let folds = def.parameter("accents") == Some("fold") && !language.ends_with(Method::FOLDING);
        let ending = if folds { Method::FOLDING } else { "" };
        let language = language.replace('\'', "''");
        let document = parse_expr(&format!("to_tsvector('{language}{ending}', {expr})"))?;
        Ok(Some(IndexKey { key: ConflictKey { expr: document, ..key.key.clone() }, ..key.clone() }))
    }

    /// The column that a key of an index orders by, and what names are made of.
    fn index_key(&mut self, key: &IndexKey, a: &mut Altering) -> Result<(usize, String)> {
        let ConflictKey { expr, collation, .. } = &key.key;
        if let Some(collation) = collation.as_ref().filter(|c| !matches!(c.last(), "C" | "POSIX" | "default"))
        {
            return Err(refuse(format!("collation \"{}\"", collation.last()), collation.span));
        }
        if let ExprKind::Column(Name { parts, .. }) = &expr.kind
            && let [ident] = parts.as_slice()
        {
            let position = position(ident, &a.old)?;
            return Ok((position, ident.name.clone()));
        }
        let bound = self.new_index_expr(expr, Clause::Index, &a.new.def)?;
        let label = match output_name(expr) {
            name if name == "?column?" => "expr".to_string(),
            name => name,
        };
        Ok((a.keep(expr.to_string(), bound.ty()), label))
    }

    /// What is kept for indexes that are gone goes, the rest is of the type that it has over the new columns.
    pub(super) fn renew_kept(&mut self, a: &mut Altering) -> Result<()> {
        for position in (a.new.def.visible()..a.new.def.columns.len()).rev() {
            match a.new.def.columns[position].default.clone() {
                Some(text) => {
                    let is_bool = a.new.def.columns[position].ty == Type::Bool;
                    let clause = if is_bool { Clause::IndexWhere } else { Clause::Index };
                    let bound = self.index_expr(&parse_expr(&text)?, clause, &a.new.def)?;
                    a.def().columns[position].ty = bound.ty();
                    a.sources[position] = Expr::Literal { value: Value::Null, ty: bound.ty() };
                }
                None => a.remove_column(position),
            }
        }
        Ok(())
    }

    /// DROP INDEX.
    pub(super) fn drop_index(&mut self, drop: &DropIndex) -> Result<Define> {
        if drop.concurrently && drop.names.len() > 1 {
            let message = "DROP INDEX CONCURRENTLY does not support dropping multiple objects";
            return Err(Error::new(state::FEATURE_NOT_SUPPORTED, message));
        }
        let mut found: Vec<Arc<IndexDef>> = Vec::with_capacity(drop.names.len());
        for name in &drop.names {
            let needed = |name: &str, table: &str| {
                let message = format!(
                    "cannot drop index {name} because constraint {name} on table {table} requires it"
                );
                Error::new(state::DEPENDENT_OBJECTS_STILL_EXIST, message)
                    .with_hint(format!("You can drop constraint {name} on table {table} instead."))
            };
            let named = match self.named_index(name) {
                Err(_) if drop.if_exists => None,
                named => named?,
            };
            match named {
                Some(Named::Index(def)) if def.constraint => {
                    return Err(needed(&def.name, &self.table_of(&def)?.name));
                }
                Some(Named::Index(def)) if found.contains(&def) => {}
                Some(Named::Index(def)) => found.push(def),
                Some(Named::Key(table)) => return Err(needed(&table.key_name(), &table.name)),
                Some(Named::Relation(def)) => {
                    let kind = kind_word(&def);
                    let message = format!("\"{}\" is not an index", def.name);
                    let hint = format!("Use DROP {} to remove a {kind}.", kind.to_uppercase());
                    return Err(Error::new(state::WRONG_OBJECT_TYPE, message).with_hint(hint));
                }
                None if drop.if_exists => {}
                None => {
                    let message = format!("index \"{}\" does not exist", name.last());
                    return Err(Error::new(state::UNDEFINED_OBJECT, message));
                }
            }
        }
        let mut dropping = Dropping::default();
        for def in &found {
            let table = self.table_of(def)?;
            self.lose_index(def, &table, &mut dropping)?;
        }
        let names: Vec<String> = found.iter().map(|def| def.name.clone()).collect();
        let lost = dropping.steps(&format!("index {}", names.join(", ")), drop.cascade)?;
        let left = self.left_by(&found);
        let steps = lost.into_iter().chain(found.into_iter().map(Step::DropIndex)).chain(left).collect();
        Ok(Define { tag: "DROP INDEX", names, steps })
    }

    /// The steps that end keeping what only these indexes name.
    fn left_by(&self, gone: &[Arc<IndexDef>]) -> Vec<Step> {
        let mut tables: Vec<u32> = gone.iter().map(|def| def.table).collect();
        tables.sort_unstable();
        tables.dedup();
        let mut steps = Vec::new();
        for old in tables.into_iter().filter_map(|table| self.catalog.by_id(table)) {
            let old = Arc::clone(&old.def);
            let left = self.catalog.indexes_of(old.id).iter().filter(|def| !gone.contains(def));
            let named: Vec<usize> = left.flat_map(|def| def.read().collect::<Vec<_>>()).collect();
            let mut new = TableDef::clone(&old);
            let visible = new.visible();
            for (position, column) in new.columns.iter_mut().enumerate().skip(visible) {
                if !named.contains(&position) {
                    (column.default, column.generated) = (None, Generated::No);
                }
            }
            if new != *old {
                steps.push(Step::Alter { old, new });
            }
        }
        steps
    }

    /// ALTER INDEX … RENAME TO.
    pub(super) fn rename_index(&mut self, alter: &AlterIndex) -> Result<Define> {
        let renamed = |table: &Arc<TableDef>, name: &str| {
            let mut new = TableDef::clone(table);
            new.constraints.iter_mut().filter(|held| held.name == name).for_each(|held| {
                held.name.clone_from(&alter.to.name);
            });
            Step::Alter { old: Arc::clone(table), new }
        };
        let steps = match self.named_index(&alter.name)? {
            Some(Named::Index(def)) => {
                let of = if def.constraint { Some(renamed(&self.table_of(&def)?, &def.name)) } else { None };
                of.into_iter().chain([Step::RenameIndex(def, alter.to.name.clone())]).collect()
            }
            Some(Named::Key(table)) => vec![renamed(&table, &table.key_name())],
            Some(Named::Relation(def)) => {
                let message = format!("\"{}\" is not an index", def.name);
                return Err(Error::new(state::WRONG_OBJECT_TYPE, message));
            }
            None if alter.if_exists => Vec::new(),
            None => return Err(no_relation(&alter.name)),
        };
        Ok(define("ALTER INDEX", alter.name.last(), steps))
    }

    /// REINDEX.
    pub(super) fn reindex(&mut self, reindex: &Reindex) -> Result<Define> {
        let of_table = |table: &Arc<TableDef>| self.catalog.indexes_of(table.id).to_vec();
        let defs = match reindex.object.as_str() {
            "index" => match self.named_index(&reindex.name)? {
                Some(Named::Index(def)) => vec![def],
                // The primary key is the order of the rows; there is nothing to make anew.
                Some(Named::Key(_)) => Vec::new(),
                Some(Named::Relation(def)) => {
                    let message = format!("\"{}\" is not an index", def.name);
                    return Err(Error::new(state::WRONG_OBJECT_TYPE, message));
                }
                None => return Err(no_relation(&reindex.name)),
            },
            "table" if self.is_index(&reindex.name) => {
                let message = format!("\"{}\" is not a table or materialized view", reindex.name.last());
                return Err(Error::new(state::WRONG_OBJECT_TYPE, message));
            }
            "table" => of_table(&self.table(&reindex.name).map_err(Error::without_position)?),
            "schema" => {
                let schema = reindex.name.last();
                if !has_schema(self.catalog, schema) {
                    return Err(unknown_schema(schema));
                }
                let tables = self.catalog.tables().into_iter().filter(|table| table.schema == schema);
                tables.flat_map(|table| of_table(&table)).collect()
            }
            other => {
                let feature = format!("REINDEX {}", other.to_ascii_uppercase());
                return Err(refuse(feature, reindex.name.span));
            }
        };
        Ok(define("REINDEX", reindex.name.last(), defs.into_iter().map(Step::Rebuild).collect()))
    }

    /// What the name of an index leads to, in its schema or by the path; 3F000 where there is no such schema.
    pub(super) fn named_index(&self, name: &Name) -> Result<Option<Named>> {
        if name.parts.len() > 2 {
            return Err(refuse("a reference to another database", name.span));
        }
        self.note(name.last());
        let schemas: Vec<&str> = match name.qualifier() {
            Some(schema) if !has_schema(self.catalog, &schema.name) => {
                return Err(unknown_schema(&schema.name));
            }
            Some(schema) => vec![meant(&schema.name, self.path)],
            None => self.path.iter().map(String::as_str).chain([SYSTEM_SCHEMA]).collect(),
        };
        let (catalog, last) = (self.catalog, name.last());
        let within = |schema: &str| {
            let index = catalog.index(schema, last).map(|def| Named::Index(Arc::clone(def)));
            let key = || catalog.keyed(schema, last).map(|table| Named::Key(Arc::clone(table)));
            let other = || catalog.relation(schema, last).map(|def| Named::Relation(Arc::clone(def)));
            index.or_else(key).or_else(other)
        };
        Ok(schemas.into_iter().find_map(within))
    }

    /// True if the name is an index's.
    pub(super) fn is_index(&self, name: &Name) -> bool {
        matches!(self.named_index(name), Ok(Some(Named::Index(_) | Named::Key(_))))
    }

    pub(super) fn table_of(&self, def: &IndexDef) -> Result<Arc<TableDef>> {
        let table = self.catalog.by_id(def.table).map(|table| Arc::clone(&table.def));
        table.ok_or_else(|| Error::internal("an index without a table"))
    }

    /// Names the indexes that a definition got, and adds the constraints that they belong to. One that says what the primary key
    /// of the same statement or another one says is left out, as in PostgreSQL.
    pub(super) fn finish_indexes(&mut self, new: &mut NewTable) -> Result<()> {
        let fresh = std::mem::take(&mut new.fresh);
        let (first, key) = (new.indexes.len(), new.fresh_key.then(|| new.def.key.clone()));
        new.fresh_key = false;
        for Fresh { mut def, constraint, kept, span, comment } in fresh {
            let first_kept = new.def.columns.len();
            new.def.columns.extend(kept);
            let named = def.columns.iter_mut().chain(&mut def.filter);
            named.filter(|column| **column >= KEPT).for_each(|column| *column = *column - KEPT + first_kept);
            let key_says = key.as_ref() == Some(&def.columns);
            let held = new.indexes[first..].iter_mut().find(|held| {
                held.constraint
                    && held.columns == def.columns
                    && held.nulls_not_distinct == def.nulls_not_distinct
            });
            if constraint && def.name.is_empty() && (key_says || held.is_some()) {
                continue;
            }
            if def.name.is_empty() {
                let taken = |name: &str| has_constraint(&new.def, name) || new.is_called(name);
                let columns = def.columns.iter().chain(&def.include).filter_map(|&c| new.def.columns.get(c));
                let labels: Vec<String> = columns.map(label_of).collect();
                def.name = self.free_name(&new.def, &labels, if constraint { "key" } else { "idx" }, &taken);
            } else if has_constraint(&new.def, &def.name) {
                let name = Ident { name: def.name, span };
                return Err(taken_constraint(&name, &new.def));
            }
            if constraint {
                let columns: Vec<String> =
                    def.columns.iter().map(|&c| ast::quote_ident(&new.def.columns[c].name)).collect();
                let same = if def.nulls_not_distinct { "NULLS NOT DISTINCT " } else { "" };
                let text = format!("UNIQUE {same}({})", columns.join(", "));
                new.def.constraints.push(ConstraintDef { name: def.name.clone(), text });
            }
            new.comments.extend(comment.map(|text| (PartKind::Index, def.name.clone(), text)));
            new.indexes.push(def);
        }
        Ok(())
    }

    /// A name that nothing else has: table, columns and a label, shortened to fit; with a number where that is taken.
    fn free_name(
        &self,
        table: &TableDef,
        columns: &[String],
        label: &str,
        taken: &dyn Fn(&str) -> bool,
    ) -> String {
        // As in PostgreSQL, two columns are not called the same.
        let mut names: Vec<String> = Vec::with_capacity(columns.len());
        for column in columns {
            let mut name = column.clone();
            let mut number = 1;
            while names.contains(&name) {
                name = format!("{column}{number}");
                number += 1;
            }
            names.push(name);
        }
        let taken = |name: &str| self.catalog.is_taken(&table.schema, name) || taken(name);
        made_up(&table.name, Some(&names.join("_")), label, &taken)
    }
}

impl Altering {
    /// The position of a column that keeps an expression for indexes; one that does already is taken again.
    fn keep(&mut self, text: String, ty: Type) -> usize {
        let visible = self.new.def.visible();
        let kept = |column: &ColumnDef| column.default.as_ref() == Some(&text) && column.ty == ty;
        if let Some(place) = self.new.def.columns[visible..].iter().position(kept) {
            return visible + place;
        }
        let column =
            ColumnDef { generated: Generated::Stored, default: Some(text), ..ColumnDef::new("", ty) };
        self.def().columns.push(column);
        self.sources.push(Expr::Literal { value: Value::Null, ty });
        self.rewrite = true;
        self.new.def.columns.len() - 1
    }
}

/// What names are made of for a column: its name, or for what is kept for an index the function that makes it.
fn label_of(column: &ColumnDef) -> String {
    match &column.default {
        Some(text) if column.name.is_empty() => match parse_expr(text).map(|expr| output_name(&expr)) {
            Ok(name) if name != "?column?" => name,
            _ => "expr".to_string(),
        },
        _ => column.name.clone(),
    }
}

/// The steps that give a table that was just made its indexes.
pub(super) fn index_steps(table: &TableDef, indexes: Vec<IndexDef>) -> impl Iterator<Item = Step> + use<> {
    let of = (table.schema.clone(), table.name.clone());
    indexes.into_iter().map(move |def| Step::Index { table: of.clone(), def, or_leave: false })
}

/// The index of a UNIQUE constraint.
pub(super) fn unique_index(
    name: Option<&Ident>,
    columns: Vec<usize>,
    nulls_not_distinct: bool,
    span: Span,
) -> Fresh {
    let name = name.map_or_else(String::new, |name| name.name.clone());
    let orders = vec![KeyOrder::default(); columns.len()];
    let def = IndexDef { name, columns, orders, constraint: true, ..new_index(true, nulls_not_distinct) };
    Fresh { def, constraint: true, kept: Vec::new(), span, comment: None }
}

/// An index as CREATE INDEX writes it, whole, as pg_get_indexdef does.
pub fn index_text(table: &TableDef, def: &IndexDef) -> String {
    let quoted = |&c: &usize| match table.columns.get(c) {
        Some(column) if !column.name.is_empty() => ast::quote_ident(&column.name),
        // What is no call stands in parentheses of its own.
        _ if table.label(c).starts_with('(') => format!("({})", table.label(c)),
        _ => table.label(c),
    };
    let key = |(i, (column, order)): (usize, (&usize, &KeyOrder))| {
        let class = def.classes.get(i).filter(|class| !class.is_empty());
        let class = class.map_or_else(String::new, |class| format!(" {class}"));
        let nulls = match (order.descending, order.nulls_first) {
            (false, true) => " NULLS FIRST",
            (true, false) => " NULLS LAST",
            _ => "",
        };
        format!("{}{class}{}{nulls}", quoted(column), if order.descending { " DESC" } else { "" })
    };
    let keys: Vec<String> = def.columns.iter().zip(&def.orders).enumerate().map(key).collect();
    let method = if def.id == PRIMARY { "btree" } else { &def.kind };
    let mut text = format!(
        "CREATE {}INDEX {} ON {}.{} USING {method} ({})",
        if def.unique { "UNIQUE " } else { "" },
        ast::quote_ident(&def.name),
        ast::quote_ident(&table.schema),
        ast::quote_ident(&table.name),
        keys.join(", ")
    );
    if !def.include.is_empty() {
        let columns: Vec<String> = def.include.iter().map(quoted).collect();
        text.push_str(&format!(" INCLUDE ({})", columns.join(", ")));
    }
    if def.nulls_not_distinct {
        text.push_str(" NULLS NOT DISTINCT");
    }
    text.push_str(&parameters_text(def));
    if let Some(filter) = def.filter.and_then(|filter| table.columns.get(filter)) {
        text.push_str(&format!(" WHERE ({})", filter.default.as_deref().unwrap_or_default()));
    }
    text
}

fn no_relation(name: &Name) -> Error {
    Error::new(state::UNDEFINED_TABLE, format!("relation \"{name}\" does not exist"))
}

fn new_index(unique: bool, nulls_not_distinct: bool) -> IndexDef {
    IndexDef {
        id: 0,
        table: 0,
        name: String::new(),
        kind: "btree".to_string(),
        columns: Vec::new(),
        types: Vec::new(),
        orders: Vec::new(),
        classes: Vec::new(),
        parameters: Vec::new(),
        include: Vec::new(),
        unique,
        nulls_not_distinct,
        constraint: false,
        filter: None,
    }
}

/// The position of a column; 42703, which PostgreSQL reports without a position.
fn position(name: &Ident, table: &TableDef) -> Result<usize> {
    table.column(&name.name).ok_or_else(|| {
        Error::new(state::UNDEFINED_COLUMN, format!("column \"{}\" does not exist", name.name))
    })
}
