//! Tables made, dropped and truncated: rows in the catalog's tables, and a catalog of the transaction's own until it commits.
//!
//! ```text
//!   CREATE TABLE t    lock the name; rows in rem_table and rem_column; the own catalog has t, nobody else's does
//!   DROP TABLE t      lock the name and, alone, the table; the rows go; what was written in t stays until the commit,
//!                     for the drop may be rolled back to a savepoint
//!   TRUNCATE t        drops t and makes a table of the same name and columns with a number of its own
//! ```
//!
//! Settings that are stored are rows of `rem_setting`, changed in the same way under a lock on their key.
//!
//! So what TRUNCATE takes away is gone for new snapshots at once, old ones go on reading it, and its files go with the last of
//! them. Who waited to write in it goes on in the new table ([`Txn`] says restart).
//!
//! Names are locked as rows of table 0, so two who make the same table wait for each other.

use super::{OwnCatalog, Txn, refuse_system, undefined_table};
use crate::catalog::{self, Scope};
use crate::error::{Error, Result, state};
use crate::index::IndexDef;
use crate::table::{ColumnDef, TableDef};
use crate::txn::keys::KeyRun;
use crate::txn::locks::{Mode, Target};
use crate::value::{Column, Key, Type, Value};
use std::sync::Arc;

impl Txn {
    /// Makes a table; 42P07 where the name is taken.
    pub fn create_table(&mut self, name: &str, columns: Vec<ColumnDef>, key: Vec<usize>) -> Result<()> {
        self.lock_name(name)?;
        if self.catalog().table(name).is_some() || self.committed_name(name) || self.has_index(name) {
            self.read_names([name].into_iter());
            if let Some(reader) = &self.reader {
                // It may be newer than the snapshot.
                reader.beyond.set(true);
            }
            return Err(Error::new(state::DUPLICATE_TABLE, format!("relation \"{name}\" already exists"))
                .with_hint("Choose another name, or use CREATE TABLE IF NOT EXISTS."));
        }
        let def = TableDef { id: self.core.new_table(), name: name.to_string(), columns, key };
        let (table_row, column_rows) = catalog::rows_of(&def)?;
        for (id, rows) in [(catalog::TABLES, table_row), (catalog::COLUMNS, column_rows)] {
            let system = self.system(id)?;
            self.insert_stored(&system, &rows, None, None)?;
        }
        self.refresh_catalog()
    }

    /// Drops a table; 42P01 where there is none.
    pub fn drop_table(&mut self, name: &str) -> Result<()> {
        self.lock_name(name)?;
        let def = self.catalog().table(name).cloned().ok_or_else(|| undefined_table(name))?;
        refuse_system(&def)?;
        self.lock(Target::Table(def.id), Mode::Update)?;
        let id = Value::Int8(def.id.into());
        let mut keys = vec![(catalog::TABLES, vec![id.clone()])];
        let positions = 0..def.columns.len() as i32;
        keys.extend(positions.map(|p| (catalog::COLUMNS, vec![id.clone(), Value::Int4(p)])));
        for (system, key) in keys {
            let system = self.system(system)?;
            self.delete_stored(&system, &KeyRun::of_keys(&[Key::encode(&key)]), &[], None)?;
        }
        for index in self.catalog().indexes_of(def.id).to_vec() {
            self.forget_index(&index)?;
        }
        // Its rows stay here: the drop may be rolled back. Commit leaves them out.
        self.refresh_catalog()
    }

    /// Stores a setting, or forgets it. A later commit of another transaction about the same one is `Error::restart`.
    pub fn set_setting(&mut self, scope: Scope, name: &str, value: Option<&str>) -> Result<()> {
        let system = self.system(catalog::SETTINGS)?;
        let texts = [scope.as_str(), name].map(|text| Value::Text(text.to_string()));
        let key = Key::encode(&texts);
        self.lock(Target::Row(catalog::SETTINGS, key.clone()), Mode::Update)?;
        let newest = self.core.snapshots.catalog();
        let own = self.writes.get(&catalog::SETTINGS).is_some_and(|writes| writes.hides(key.as_bytes()));
        if !own && newest.setting(scope, name) != self.snapshot.catalog.setting(scope, name) {
            return Err(Error::restart());
        }
        if self.catalog().setting(scope, name).is_some() {
            self.delete_stored(&system, &KeyRun::of_keys(&[key]), &[], None)?;
        }
        if let Some(value) = value {
            let values = texts.into_iter().chain([Value::Text(value.to_string())]);
            let row =
                values.map(|value| Column::from_values(Type::Text, [value])).collect::<Result<Vec<_>>>()?;
            self.insert_stored(&system, &row, None, None)?;
        }
        self.refresh_catalog()
    }

    /// Empties a table; 42P01 where there is none.
    pub fn truncate_table(&mut self, name: &str) -> Result<()> {
        let def = self.catalog().table(name).cloned().ok_or_else(|| undefined_table(name))?;
        let indexes = self.catalog().indexes_of(def.id).to_vec();
        self.drop_table(name)?;
        self.create_table(name, def.columns.clone(), def.key.clone())?;
        let new = self.catalog().table(name).map(|table| table.id).ok_or_else(|| undefined_table(name))?;
        for index in indexes {
            self.create_index(IndexDef { table: new, ..index.as_ref().clone() })?;
        }
        Ok(())
    }

    /// Two transactions that make or drop a table of the same name wait for each other.
    pub(super) fn lock_name(&mut self, name: &str) -> Result<()> {
        self.core.writable()?;
        self.lock(Target::Row(0, Key(name.as_bytes().into())), Mode::Update)
    }

    /// True if the newest catalog has the name and this transaction has not dropped it.
    pub(super) fn committed_name(&self, name: &str) -> bool {
        let newest = self.core.snapshots.catalog();
        let Some(def) = newest.table(name) else { return false };
        let key = Key::encode(&[Value::Int8(def.id.into())]);
        !self.writes.get(&catalog::TABLES).is_some_and(|w| w.hides(key.as_bytes()))
    }

    /// The catalog after this transaction's own DDL.
    pub(super) fn refresh_catalog(&mut self) -> Result<()> {
        let mut changes = Vec::new();
        for id in [catalog::TABLES, catalog::COLUMNS, catalog::SETTINGS, catalog::INDEXES] {
            if let Some(writes) = self.writes.get_mut(&id) {
                changes.push(writes.finish().0);
            }
        }
        // Tables of this transaction's that have segments already keep them.
        let before = self.own_catalog.as_ref().map(|own| Arc::clone(&own.catalog));
        let core = &self.core;
        let mut delta = catalog::Delta::default();
        for change in changes {
            delta.deletes.extend(change.deletes.into_iter().map(|key| (change.table, key)));
            delta.rows.extend(change.rows.into_iter().map(|rows| (change.table, rows)));
        }
        let base = &self.snapshot.catalog;
        let new = base.with(&delta, &mut |def| match before.as_ref().and_then(|b| b.by_id(def.id)) {
            Some(table) => Arc::clone(table),
            None => core.new_table_segments(def),
        })?;
        let base = base.version();
        self.own_catalog = Some(OwnCatalog { catalog: Arc::new(new), base });
        Ok(())
    }
}
