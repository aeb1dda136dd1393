//! Tables about tables.
//!
//! What tables there are is itself two tables, [`TABLES`] and [`COLUMNS`], written in the same records and
//! kept in the same segments as all others; DDL is rows. A third, [`SETTINGS`], holds what ALTER DATABASE and ALTER SYSTEM
//! have set. A [`Catalog`] is what those rows say at one
//! lsn, ready for look-ups, together with each table's segments. It is never changed: a record that touches
//! the two tables leaves a new catalog behind ([`Catalog::with`]).
//!
//! ```text
//!   rem_table   id bigint · name text · key text            7 · imu · 0
//!   rem_column  table_id bigint · position integer ·        7 · 0 · ts · bigint · t ·
//!               name text · type text · not_null boolean ·
//!               default_text text
//!   rem_setting scope text · name text · value text         database · synchronous_commit · off
//!   rem_index   id bigint · table_id bigint · name text ·   9 · 7 · imu_t_idx · btree ·
//!               kind text · columns text · include text ·   2 asc last · · unique
//!               flags text
//! ```
//!
//! `key` lists the positions of the key's columns; it is empty where the key is hidden.

mod indexes;

pub use indexes::{index_key, index_row, row_of_index};

use crate::error::{Error, Result, state};
use crate::index::IndexDef;
use crate::table::version::Table;
use crate::table::{ColumnDef, TableDef, TableId};
use crate::value::{Column, Key, Type, Value, key};
use indexes::IndexCatalog;
use remanent_kernels::sort::sort_by;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The table of tables.
pub const TABLES: TableId = 1;
/// The table of columns.
pub const COLUMNS: TableId = 2;
/// The table of settings.
pub const SETTINGS: TableId = 3;
/// The table of indexes, primary keys apart.
pub const INDEXES: TableId = 8;
/// The first number a user's table can have.
pub const FIRST_USER_TABLE: TableId = 16;

/// What tables there are, as of one record or one transaction. Immutable.
pub struct Catalog {
    tables: BTreeMap<TableId, Arc<Table>>,
    names: FxHashMap<String, TableId>,
    /// By scope and name.
    settings: Arc<BTreeMap<(String, String), String>>,
    indexes: Arc<IndexCatalog>,
    version: u64,
}

/// What a stored setting is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// New sessions (ALTER DATABASE).
    Database,
    /// The store, and new sessions where nothing is said for the database (ALTER SYSTEM).
    System,
}

impl Scope {
    /// As it is stored. Do not change.
    pub fn as_str(self) -> &'static str {
        match self {
            Scope::Database => "database",
            Scope::System => "system",
        }
    }

    /// The one that is stored so.
    pub fn of(text: &str) -> Option<Self> {
        [Scope::Database, Scope::System].into_iter().find(|scope| scope.as_str() == text)
    }
}

/// No two catalogs have the same version.
static NEXT_VERSION: AtomicU64 = AtomicU64::new(1);

/// Rows of the two tables that a record adds, and keys that it removes.
#[derive(Default)]
pub struct Delta {
    /// Per table: keys removed.
    pub deletes: Vec<(TableId, Key)>,
    /// Per table: rows added, all stored columns.
    pub rows: Vec<(TableId, Vec<Column>)>,
}

/// The definitions of the catalog's own tables.
pub fn system_tables() -> [TableDef; 4] {
    let column = |name: &str, ty, not_null| ColumnDef { name: name.into(), ty, not_null, default: None };
    [
        TableDef {
            id: TABLES,
            name: "rem_table".into(),
            columns: vec![
                column("id", Type::Int8, true),
                column("name", Type::Text, true),
                column("key", Type::Text, true),
            ],
            key: vec![0],
        },
        TableDef {
            id: COLUMNS,
            name: "rem_column".into(),
            columns: vec![
                column("table_id", Type::Int8, true),
                column("position", Type::Int4, true),
                column("name", Type::Text, true),
                column("type", Type::Text, true),
                column("not_null", Type::Bool, true),
                column("default_text", Type::Text, false),
            ],
            key: vec![0, 1],
        },
        TableDef {
            id: SETTINGS,
            name: "rem_setting".into(),
            columns: vec![
                column("scope", Type::Text, true),
                column("name", Type::Text, true),
                column("value", Type::Text, true),
            ],
            key: vec![0, 1],
        },
        indexes::table(),
    ]
}

/// The row of [`TABLES`] and the rows of [`COLUMNS`] that describe a table.
pub fn rows_of(def: &TableDef) -> Result<(Vec<Column>, Vec<Column>)> {
    let id = Value::Int8(def.id.into());
    let key: Vec<String> = def.key.iter().map(usize::to_string).collect();
    let table = vec![
        Column::from_values(Type::Int8, [id.clone()])?,
        Column::from_values(Type::Text, [Value::Text(def.name.clone())])?,
        Column::from_values(Type::Text, [Value::Text(key.join(","))])?,
    ];
    let count = def.columns.len();
    let each = |f: &dyn Fn(&ColumnDef) -> Value| def.columns.iter().map(f).collect::<Vec<_>>();
    let columns = vec![
        Column::from_values(Type::Int8, vec![id; count])?,
        Column::from_values(Type::Int4, (0..count as i32).map(Value::Int4))?,
        Column::from_values(Type::Text, each(&|c| Value::Text(c.name.clone())))?,
        Column::from_values(Type::Text, each(&|c| Value::Text(c.ty.to_string())))?,
        Column::from_values(Type::Bool, each(&|c| Value::Bool(c.not_null)))?,
        Column::from_values(Type::Text, each(&|c| c.default.clone().map_or(Value::Null, Value::Text)))?,
    ];
    Ok((table, columns))
}

impl Catalog {
    /// The catalog that knows only the given tables of the catalog itself.
    pub fn new(system: impl IntoIterator<Item = Arc<Table>>) -> Self {
        let tables = system.into_iter().map(|t| (t.def.id, t)).collect();
        Catalog::assemble(tables, Arc::default(), Arc::default())
    }

    fn assemble(
        tables: BTreeMap<TableId, Arc<Table>>,
        settings: Arc<BTreeMap<(String, String), String>>,
        indexes: Arc<IndexCatalog>,
    ) -> Self {
        let names = tables.values().map(|t| (t.def.name.clone(), t.def.id)).collect();
        Catalog { tables, names, settings, indexes, version: NEXT_VERSION.fetch_add(1, Ordering::Relaxed) }
    }

    /// The catalog after rows came and went. `make` gives a new definition its segments.
    pub fn with(&self, delta: &Delta, make: &mut dyn FnMut(TableDef) -> Arc<Table>) -> Result<Self> {
        let mut tables = self.tables.clone();
        for (table, key) in &delta.deletes {
            if *table == TABLES {
                let id = key::decode(key.as_bytes(), &[Type::Int8])?;
                tables.remove(&table_id(id.first())?);
            }
        }
        let mut new: BTreeMap<TableId, TableDef> = BTreeMap::new();
        for (_, rows) in delta.rows.iter().filter(|(t, _)| *t == TABLES) {
            for i in 0..rows.first().map_or(0, Column::len) {
                let def = table_row(rows, i)?;
                new.insert(def.id, def);
            }
        }
        let mut columns: BTreeMap<(TableId, i32), ColumnDef> = BTreeMap::new();
        for (_, rows) in delta.rows.iter().filter(|(t, _)| *t == COLUMNS) {
            for i in 0..rows.first().map_or(0, Column::len) {
                let (table, position, column) = column_row(rows, i)?;
                columns.insert((table, position), column);
            }
        }
        for ((table, _), column) in columns {
            if let Some(def) = new.get_mut(&table) {
                def.columns.push(column);
            }
        }
        for (id, def) in new {
            if def.key.iter().any(|&k| k >= def.columns.len()) {
                return Err(damaged(&format!("the key of table {id} names a column that is not there")));
            }
            tables.insert(id, make(def));
        }
        let indexes = IndexCatalog::with(&self.indexes, delta, &tables)?;
        Ok(Catalog::assemble(tables, self.settings_with(delta)?, indexes))
    }

    fn settings_with(&self, delta: &Delta) -> Result<Arc<BTreeMap<(String, String), String>>> {
        let gone = delta.deletes.iter().filter(|(t, _)| *t == SETTINGS);
        let new = delta.rows.iter().filter(|(t, _)| *t == SETTINGS);
        let mut settings = Arc::clone(&self.settings);
        for (_, key) in gone {
            match key::decode(key.as_bytes(), &[Type::Text, Type::Text])?.as_slice() {
                [Value::Text(scope), Value::Text(name)] => {
                    Arc::make_mut(&mut settings).remove(&(scope.clone(), name.clone()));
                }
                _ => return Err(damaged("a key of rem_setting is not two texts")),
            }
        }
        for (_, rows) in new {
            for i in 0..rows.first().map_or(0, Column::len) {
                let values: Vec<Value> = rows.iter().map(|column| column.value(i)).collect();
                let [Value::Text(scope), Value::Text(name), Value::Text(value)] = values.as_slice() else {
                    return Err(damaged("a row of rem_setting is not three texts"));
                };
                Arc::make_mut(&mut settings).insert((scope.clone(), name.clone()), value.clone());
            }
        }
        Ok(settings)
    }

    /// What is stored for that scope, by name.
    pub fn settings(&self, scope: Scope) -> impl Iterator<Item = (&str, &str)> {
        let of = self.settings.iter().filter(move |((of, _), _)| of == scope.as_str());
        of.map(|((_, name), value)| (name.as_str(), value.as_str()))
    }

    /// What is stored under that name.
    pub fn setting(&self, scope: Scope, name: &str) -> Option<&str> {
        self.settings(scope).find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// The same tables, some of them with other segments. Statements keep their plans.
    pub fn with_segments(&self, tables: impl IntoIterator<Item = Arc<Table>>) -> Self {
        let mut all = self.tables.clone();
        all.extend(tables.into_iter().map(|table| (table.def.id, table)));
        let (names, settings) = (self.names.clone(), Arc::clone(&self.settings));
        let indexes = Arc::clone(&self.indexes);
        Catalog { tables: all, names, settings, indexes, version: self.version }
    }

    /// The indexes of a table, in the order they were made; the primary key is not among them.
    pub fn indexes_of(&self, table: TableId) -> &[Arc<IndexDef>] {
        self.indexes.of(table)
    }

    /// The index with that (already folded) name.
    pub fn index(&self, name: &str) -> Option<&Arc<IndexDef>> {
        self.indexes.named(name)
    }

    /// The definition of the table with that (already folded) name.
    pub fn table(&self, name: &str) -> Option<&Arc<TableDef>> {
        self.names.get(name).and_then(|id| self.tables.get(id)).map(|t| &t.def)
    }

    /// The segments of a table.
    pub fn by_id(&self, id: TableId) -> Option<&Arc<Table>> {
        self.tables.get(&id)
    }

    /// All tables, those of the catalog first.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Table>> {
        self.tables.values()
    }

    /// All tables a user made, by name.
    pub fn tables(&self) -> Vec<Arc<TableDef>> {
        let user = self.tables.range(FIRST_USER_TABLE..);
        let mut tables: Vec<_> = user.map(|(_, t)| Arc::clone(&t.def)).collect();
        sort_by(&mut tables, &|a, b| a.name.cmp(&b.name));
        tables
    }

    /// Differs whenever the content does: prepared statements keep their plan while it stays.
    pub fn version(&self) -> u64 {
        self.version
    }
}

/// What a row of [`TABLES`] says; its columns are elsewhere.
pub fn table_row(rows: &[Column], i: usize) -> Result<TableDef> {
    let [id, name, key] = rows else { return Err(damaged("a row of rem_table has the wrong columns")) };
    let key = match key.value(i) {
        Value::Text(key) if key.is_empty() => Vec::new(),
        Value::Text(key) => {
            let positions = key.split(',').map(str::parse).collect::<std::result::Result<_, _>>();
            positions.map_err(|_| damaged("a key in rem_table is no list of numbers"))?
        }
        _ => return Err(damaged("a key in rem_table is NULL")),
    };
    let Value::Text(name) = name.value(i) else { return Err(damaged("a name in rem_table is NULL")) };
    Ok(TableDef { id: table_id(Some(&id.value(i)))?, name, columns: Vec::new(), key })
}

/// What a row of [`COLUMNS`] says: of which table, at which position.
pub fn column_row(rows: &[Column], i: usize) -> Result<(TableId, i32, ColumnDef)> {
    let [table, position, name, ty, not_null, default] = rows else {
        return Err(damaged("a row of rem_column has the wrong columns"));
    };
    match (position.value(i), name.value(i), ty.value(i), not_null.value(i), default.value(i)) {
        (Value::Int4(position), Value::Text(name), Value::Text(ty), Value::Bool(not_null), default) => {
            let known = Type::from_name(&ty);
            let ty = known.ok_or_else(|| damaged(&format!("rem_column has the unknown type \"{ty}\"")))?;
            let default = match default {
                Value::Text(text) => Some(text),
                _ => None,
            };
            let table = table_id(Some(&table.value(i)))?;
            Ok((table, position, ColumnDef { name, ty, not_null, default }))
        }
        _ => Err(damaged("a row of rem_column has a NULL")),
    }
}

fn table_id(value: Option<&Value>) -> Result<TableId> {
    match value {
        Some(Value::Int8(id)) => {
            TableId::try_from(*id).map_err(|_| damaged("a table number is out of range"))
        }
        _ => Err(damaged("a table number is missing")),
    }
}

fn damaged(what: &str) -> Error {
    Error::new(state::DATA_CORRUPTED, format!("the catalog is damaged: {what}"))
}
