//! Tables about tables.
//!
//! What relations there are is itself three tables, [`TABLES`], [`COLUMNS`] and [`CONSTRAINTS`], written in the same records
//! and kept in the same segments as all others; DDL is rows. A fourth, [`ENTRIES`], holds what has no rows and no columns:
//! stored settings, schemas, comments. A [`Catalog`] is what those rows say at one
//! lsn, ready for look-ups, together with each table's segments. It is never changed: a record that touches
//! these tables leaves a new catalog behind ([`Catalog::with`]). The rows of one relation are always written together.
//! A fifth, [`INDEXES`], holds the indexes: each is in the schema of its table and goes with it.
//!
//! ```text
//!   rem_table       id bigint · schema text · name text ·       17 · public · imu · r · 0 · NULL
//!                   kind text · key text · definition text
//!   rem_column      table_id bigint · position integer ·        17 · 0 · ts · bigint · t · NULL · NULL
//!                   name text · type text · not_null boolean ·
//!                   default_text text · generated text
//!   rem_constraint  table_id bigint · position integer ·        17 · 0 · imu_ts_check · CHECK (ts > 0)
//!                   name text · definition text
//!   rem_entry       kind text · name text · value text          database · synchronous_commit · off
//!   rem_index       id bigint · table_id bigint · name text ·   19 · 17 · imu_t_idx · btree ·
//!                   kind text · columns text · include text ·   2 asc last · · unique
//!                   flags text
//! ```
//!
//! `kind` is `r`, `v` or `S` as in PostgreSQL's pg_class; `key` lists the positions of the key's columns; it is empty where
//! the key is hidden. `rows` reads and writes the rows.

pub mod comments;
pub mod enums;
mod indexes;
mod rows;

pub use indexes::{index_key, index_row, row_of_index};
pub use rows::{Described, column_row, constraint_row, rows_of, system_tables, table_row};

use crate::error::{Error, Result, state};
use crate::index::IndexDef;
use crate::map::SortedMap;
use crate::table::version::Table;
use crate::table::{ConstraintDef, PUBLIC, TableDef, TableId};
use crate::value::{Column, Key, Type, Value, key};
use crate::world::sync::atomic::{AtomicU64, Ordering};
use enums::Enums;
use indexes::IndexCatalog;
use remanent_kernels::sort::sort_by;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// The table of tables.
pub const TABLES: TableId = 1;
/// The table of columns.
pub const COLUMNS: TableId = 2;
/// The table of what is stored under a name and has no rows of its own.
pub const ENTRIES: TableId = 3;
/// The table of constraints.
pub const CONSTRAINTS: TableId = 4;
/// The table of indexes, primary keys apart.
pub const INDEXES: TableId = 5;
/// The tables of the catalog that a change of relations and entries touches, in the order of their numbers.
pub const CHANGING: [TableId; 5] = [TABLES, COLUMNS, ENTRIES, CONSTRAINTS, INDEXES];
/// The schema of the catalog's own tables.
pub const SYSTEM_SCHEMA: &str = "pg_catalog";
/// The first number a user's table can have.
pub const FIRST_USER_TABLE: TableId = 16;

/// What tables there are, as of one record or one transaction. Immutable.
pub struct Catalog {
    tables: SortedMap<TableId, Arc<Table>>,
    /// By schema and name.
    names: FxHashMap<String, FxHashMap<String, TableId>>,
    /// By kind and name.
    entries: Arc<Entries>,
    /// What the entries say of them.
    enums: Arc<Enums>,
    indexes: Arc<IndexCatalog>,
    version: u64,
}

type Entries = SortedMap<(String, String), String>;

/// What an entry of [`ENTRIES`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// A setting of new sessions (ALTER DATABASE).
    Database,
    /// A setting of the store, and of new sessions where nothing is said for the database (ALTER SYSTEM).
    System,
    /// A schema; its value says nothing.
    Schema,
    /// What COMMENT ON says of the object that the name describes ([`comments::Subject`]).
    Comment,
    /// An enum type ([`enums`]).
    Enum,
}

impl EntryKind {
    const ALL: [EntryKind; 5] =
        [EntryKind::Database, EntryKind::System, EntryKind::Schema, EntryKind::Comment, EntryKind::Enum];

    /// As it is stored. Do not change.
    pub fn as_str(self) -> &'static str {
        match self {
            EntryKind::Database => "database",
            EntryKind::System => "system",
            EntryKind::Schema => "schema",
            EntryKind::Comment => "comment",
            EntryKind::Enum => "enum",
        }
    }

    /// The one that is stored so.
    pub fn of(text: &str) -> Option<Self> {
        EntryKind::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// No two catalogs have the same version.
static NEXT_VERSION: AtomicU64 = AtomicU64::new(1);

/// Rows of the catalog's tables that a record adds, and keys that it removes.
#[derive(Default)]
pub struct Delta {
    /// Per table: keys removed.
    pub deletes: Vec<(TableId, Key)>,
    /// Per table: rows added, all stored columns.
    pub rows: Vec<(TableId, Vec<Column>)>,
}

impl Catalog {
    /// The catalog that knows only the given tables of the catalog itself.
    pub fn new(system: impl IntoIterator<Item = Arc<Table>>) -> Self {
        let tables = system.into_iter().map(|t| (t.def.id, t)).collect();
        Catalog::assemble(tables, Arc::default(), Arc::default(), Arc::default())
    }

    fn assemble(
        tables: SortedMap<TableId, Arc<Table>>,
        entries: Arc<Entries>,
        enums: Arc<Enums>,
        indexes: Arc<IndexCatalog>,
    ) -> Self {
        let mut names: FxHashMap<String, FxHashMap<String, TableId>> = FxHashMap::default();
        for table in tables.values() {
            let of_schema = match names.get_mut(&table.def.schema) {
                Some(held) => held,
                None => names.entry(table.def.schema.clone()).or_default(),
            };
            of_schema.insert(table.def.name.clone(), table.def.id);
        }
        Catalog {
            tables,
            names,
            entries,
            enums,
            indexes,
            version: NEXT_VERSION.fetch_add(1, Ordering::Relaxed),
        }
    }

    /// The catalog after rows came and went. `make` gives a new definition its segments.
    pub fn with(&self, delta: &Delta, make: &mut dyn FnMut(TableDef) -> Arc<Table>) -> Result<Self> {
        let mut tables = self.tables.clone();
        for (table, key) in &delta.deletes {
            if *table == TABLES {
                let id = key::decode(key.as_bytes(), &[Type::Int8])?;
                tables.remove(&rows::table_id(id.first())?);
            }
        }
        for (id, def) in rows::definitions(delta)? {
            if def.key.iter().any(|&k| k >= def.columns.len()) {
                return Err(damaged(&format!("the key of table {id} names a column that is not there")));
            }
            if !def.layout_fits() {
                return Err(damaged(&format!("table {id} has other columns than its rows")));
            }
            tables.insert(id, make(def));
        }
        let indexes = IndexCatalog::with(&self.indexes, delta, &tables)?;
        let entries = self.entries_with(delta)?;
        let enums = match Arc::ptr_eq(&entries, &self.entries) {
            true => Arc::clone(&self.enums),
            false => Arc::new(enums::of_entries(&entries)?),
        };
        Ok(Catalog::assemble(tables, entries, enums, indexes))
    }

    fn entries_with(&self, delta: &Delta) -> Result<Arc<Entries>> {
        let gone = delta.deletes.iter().filter(|(t, _)| *t == ENTRIES);
        let new = delta.rows.iter().filter(|(t, _)| *t == ENTRIES);
        let mut entries = Arc::clone(&self.entries);
        for (_, key) in gone {
            match key::decode(key.as_bytes(), &[Type::Text, Type::Text])?.as_slice() {
                [Value::Text(kind), Value::Text(name)] => {
                    Arc::make_mut(&mut entries).remove(&(kind.clone(), name.clone()));
                }
                _ => return Err(damaged("a key of rem_entry is not two texts")),
            }
        }
        for (_, rows) in new {
            for i in 0..rows.first().map_or(0, Column::len) {
                let values: Vec<Value> = rows.iter().map(|column| column.value(i)).collect();
                let [Value::Text(kind), Value::Text(name), Value::Text(value)] = values.as_slice() else {
                    return Err(damaged("a row of rem_entry is not three texts"));
                };
                Arc::make_mut(&mut entries).insert((kind.clone(), name.clone()), value.clone());
            }
        }
        Ok(entries)
    }

    /// The entries of a kind: names and values.
    pub fn entries(&self, kind: EntryKind) -> impl Iterator<Item = (&str, &str)> {
        let of = self.entries.iter().filter(move |((of, _), _)| of == kind.as_str());
        of.map(|((_, name), value)| (name.as_str(), value.as_str()))
    }

    /// The value of an entry.
    pub fn entry(&self, kind: EntryKind, name: &str) -> Option<&str> {
        self.entries.get(&(kind.as_str().to_string(), name.to_string())).map(String::as_str)
    }

    /// The same tables, some of them with other segments. Statements keep their plans.
    pub fn with_segments(&self, tables: impl IntoIterator<Item = Arc<Table>>) -> Self {
        let mut all = self.tables.clone();
        all.extend(tables.into_iter().map(|table| (table.def.id, table)));
        let (names, entries) = (self.names.clone(), Arc::clone(&self.entries));
        let (enums, indexes) = (Arc::clone(&self.enums), Arc::clone(&self.indexes));
        Catalog { tables: all, names, entries, enums, indexes, version: self.version }
    }

    /// The indexes of a table, in the order they were made; the primary key is not among them.
    pub fn indexes_of(&self, table: TableId) -> &[Arc<IndexDef>] {
        self.indexes.of(table)
    }

    /// The index of that schema with that (already folded) name, primary keys apart.
    pub fn index(&self, schema: &str, name: &str) -> Option<&Arc<IndexDef>> {
        let within = |def: &&Arc<IndexDef>| {
            def.name == name && self.by_id(def.table).is_some_and(|table| table.def.schema == schema)
        };
        self.indexes.all().find(within)
    }

    /// The table of that schema whose primary key is called so.
    pub fn keyed(&self, schema: &str, name: &str) -> Option<&Arc<TableDef>> {
        let user = self.tables.range(FIRST_USER_TABLE..).map(|(_, table)| &table.def);
        user.filter(|def| def.schema == schema).find(|def| def.has_key_named(name))
    }

    /// True if a relation, an index or a primary key of that schema is called so: they share their names.
    pub fn is_taken(&self, schema: &str, name: &str) -> bool {
        self.relation(schema, name).is_some()
            || self.index(schema, name).is_some()
            || self.keyed(schema, name).is_some()
    }

    /// The relation of that schema with that (already folded) name.
    pub fn relation(&self, schema: &str, name: &str) -> Option<&Arc<TableDef>> {
        let id = self.names.get(schema)?.get(name)?;
        self.tables.get(id).map(|table| &table.def)
    }

    /// The relations of a schema, by number.
    pub fn in_schema(&self, schema: &str) -> Vec<Arc<TableDef>> {
        let mut ids: Vec<TableId> =
            self.names.get(schema).into_iter().flat_map(|of| of.values().copied()).collect();
        ids.sort_unstable();
        ids.iter().filter_map(|id| self.tables.get(id)).map(|table| Arc::clone(&table.def)).collect()
    }

    /// The relation with that name in `public`, or else among the catalog's own tables.
    pub fn table(&self, name: &str) -> Option<&Arc<TableDef>> {
        self.relation(PUBLIC, name).or_else(|| self.relation(SYSTEM_SCHEMA, name))
    }

    /// The segments of a table.
    pub fn by_id(&self, id: TableId) -> Option<&Arc<Table>> {
        self.tables.get(&id)
    }

    /// All tables, those of the catalog first.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Table>> {
        self.tables.values()
    }

    /// All relations a user made, by schema and name.
    pub fn relations(&self) -> Vec<Arc<TableDef>> {
        let user = self.tables.range(FIRST_USER_TABLE..);
        let mut relations: Vec<_> = user.map(|(_, t)| Arc::clone(&t.def)).collect();
        sort_by(&mut relations, &|a, b| (&a.schema, &a.name).cmp(&(&b.schema, &b.name)));
        relations
    }

    /// The foreign keys whose text has a name in it, with the table each is of: those that refer to a table of that name are among
    /// them.
    pub fn referring(&self, name: &str) -> Vec<(&Arc<TableDef>, &ConstraintDef)> {
        let user = self.tables.range(FIRST_USER_TABLE..).map(|(_, table)| &table.def);
        let all = user.flat_map(|def| def.constraints.iter().map(move |held| (def, held)));
        let keys = all.filter(|(_, held)| held.is_foreign_key());
        keys.filter(|(_, held)| held.text.contains(name)).collect()
    }

    /// All tables a user made, views and sequences left out, by schema and name.
    pub fn tables(&self) -> Vec<Arc<TableDef>> {
        let mut tables = self.relations();
        tables.retain(|def| def.is_table());
        tables
    }

    /// Differs whenever the content does: prepared statements keep their plan while it stays.
    pub fn version(&self) -> u64 {
        self.version
    }
}

fn damaged(what: &str) -> Error {
    Error::new(state::DATA_CORRUPTED, format!("the catalog is damaged: {what}"))
}
