//! Relations made, changed and dropped: rows in the catalog's tables, and a catalog of the transaction's own until it commits.
//!
//! ```text
//!   CREATE TABLE t    lock the name; rows in rem_table and rem_column; the own catalog has t, nobody else's does
//!   DROP TABLE t      lock the name and, alone, the table; the rows go; what was written in t stays until the commit,
//!                     for the drop may be rolled back to a savepoint
//!   TRUNCATE t        drops t and makes a table of the same name and columns with a number of its own
//!   ALTER TABLE t     lock the table alone; other rows in the catalog's tables under the same number: t keeps its segments.
//!                     Columns come and go so, too ([`Txn::reshape`]); else, where rows are laid out otherwise, as TRUNCATE,
//!                     and the rows are copied
//! ```
//!
//! Entries (stored settings, schemas, comments) are rows of `rem_entry`, changed in the same way under a lock on their key.
//!
//! So what TRUNCATE takes away is gone for new snapshots at once, old ones go on reading it, and its files go with the last of
//! them. Who waited to write in it goes on in the new table ([`Txn`] says restart).
//!
//! Names are locked as rows of table 0, so two who make the same table wait for each other.

use super::{OwnCatalog, Txn, refuse_system, undefined_table};
use crate::catalog::{self, EntryKind};
use crate::error::{Error, Result, state};
use crate::index::IndexDef;
use crate::table::{ColumnDef, PUBLIC, RelationKind, TableDef, TableId, is_temporary};
use crate::txn::keys::KeyRun;
use crate::txn::locks::{Mode, Target};
use crate::value::{Column, Key, Type, Value};
use crate::world::mutation;
use std::sync::Arc;

impl Txn {
    /// Makes a table in `public`; 42P07 where the name is taken.
    pub fn create_table(&mut self, name: &str, columns: Vec<ColumnDef>, key: Vec<usize>) -> Result<()> {
        self.create(TableDef::new(0, name, columns, key)).map(drop)
    }

    /// Makes a relation, which gets a number of its own; 42P07 where the name is taken.
    pub fn create(&mut self, mut def: TableDef) -> Result<Arc<TableDef>> {
        self.lock_name(&def.schema, &def.name)?;
        let hint = "Choose another name, or use CREATE TABLE IF NOT EXISTS.";
        self.refuse_taken(&def.schema, &def.name).map_err(|error| error.with_hint(hint))?;
        self.refuse_name_of_type(&def.schema, &def.name)?;
        if let Some(session) = self.session.as_ref().filter(|_| def.is_temporary()) {
            session.note_temporary();
        }
        if !def.key.is_empty() {
            let key = def.key_name();
            self.lock_name(&def.schema, &key)?;
            self.refuse_taken(&def.schema, &key)?;
        }
        (def.id, def.layout) = (self.core.new_table(), None);
        self.describe(&def)?;
        if matches!(def.kind, RelationKind::Sequence(_)) {
            self.begin_sequence(&def)?;
        }
        self.defined(def.id)
    }

    pub(super) fn refuse_taken(&mut self, schema: &str, name: &str) -> Result<()> {
        if !self.catalog().is_taken(schema, name) && !self.committed_name(schema, name) {
            return Ok(());
        }
        self.read_names([name].into_iter());
        if let Some(reader) = &self.reader {
            // It may be newer than the snapshot.
            reader.beyond.set(true);
        }
        Err(Error::new(state::DUPLICATE_TABLE, format!("relation \"{name}\" already exists")))
    }

    pub(super) fn defined(&self, id: TableId) -> Result<Arc<TableDef>> {
        let found = self.catalog().by_id(id).map(|table| Arc::clone(&table.def));
        found.ok_or_else(|| Error::internal("a relation that was just made is not there"))
    }

    /// Drops a table of `public`; 42P01 where there is none.
    pub fn drop_table(&mut self, name: &str) -> Result<()> {
        self.lock_name(PUBLIC, name)?;
        let def = self.catalog().table(name).cloned().ok_or_else(|| undefined_table(name))?;
        self.drop_relation(&def)
    }

    /// Drops a relation. `Error::restart` where another transaction has changed or dropped it.
    pub fn drop_relation(&mut self, def: &Arc<TableDef>) -> Result<()> {
        self.lock_name(&def.schema, &def.name)?;
        refuse_system(def)?;
        self.lock(Target::Table(def.id), Mode::Update)?;
        self.check_current(def)?;
        // Its rows stay here: the drop may be rolled back. Commit leaves them out.
        self.forget(def)?;
        for index in self.catalog().indexes_of(def.id).to_vec() {
            self.forget_index(&index)?;
        }
        self.refresh_catalog()?;
        self.forget_comments(def.id)
    }

    /// Gives a relation another definition, under the same number and with the rows it has, which must be laid out as
    /// before. 42P07 where its new name is taken; `Error::restart` where another transaction has changed or dropped it.
    pub fn alter(&mut self, old: &Arc<TableDef>, mut new: TableDef) -> Result<Arc<TableDef>> {
        refuse_system(old)?;
        self.lock_name(&old.schema, &old.name)?;
        self.lock(Target::Table(old.id), Mode::Update)?;
        self.check_current(old)?;
        if (&new.schema, &new.name) != (&old.schema, &old.name) {
            self.lock_name(&new.schema, &new.name)?;
            self.refuse_taken(&new.schema, &new.name)?;
            self.refuse_name_of_type(&new.schema, &new.name)?;
        }
        self.refuse_taken_below(old, &new)?;
        new.id = old.id;
        self.forget(old)?;
        self.describe(&new)?;
        self.follow_names(old, &new)?;
        self.defined(old.id)
    }

    /// As [`alter`](Txn::alter), where the new definition has other columns: see [`TableDef::reshape`]. Indexes that name columns by other
    /// positions from here on are given as they are then. Nothing is written of the rows. False, and nothing is done, where they
    /// have to be copied: this transaction has written in the table, or a value is large.
    pub fn reshape(
        &mut self,
        old: &Arc<TableDef>,
        mut new: TableDef,
        gone: &[usize],
        values: &[(usize, Value)],
        indexes: &[IndexDef],
    ) -> Result<bool> {
        let written = self.writes.get(&old.id).is_some_and(|writes| !writes.is_empty());
        if written || !new.reshape(old, gone, values) {
            return Ok(false);
        }
        // What this transaction said of them before makes no sense of the new columns.
        indexes.iter().try_for_each(|index| self.forget_index(index))?;
        let new = self.alter(old, new)?;
        // What was undone was written under another definition.
        self.writes.remove(&old.id);
        for index in indexes {
            self.describe_index(index)?;
            if let Some(table) = self.catalog().by_id(new.id) {
                table.indexes.add(&Arc::new(index.clone()));
            }
        }
        Ok(true)
    }

    /// 42P07 where a name of its key or an index, new or in another schema, is taken.
    fn refuse_taken_below(&mut self, old: &TableDef, new: &TableDef) -> Result<()> {
        let key = (!new.key.is_empty()).then(|| (old.key_name(), new.key_name()));
        let indexes = self.catalog().indexes_of(old.id).to_vec();
        let indexes = indexes.iter().map(|def| (def.name.clone(), def.name.clone()));
        for (before, name) in key.into_iter().chain(indexes) {
            if before != name || old.schema != new.schema {
                self.lock_name(&new.schema, &name)?;
                self.refuse_taken(&new.schema, &name)?;
            }
        }
        Ok(())
    }

    /// Drops a relation and makes another one in its place, with no rows.
    pub fn replace(&mut self, old: &Arc<TableDef>, new: TableDef) -> Result<Arc<TableDef>> {
        let comments = self.held_comments(old.id);
        self.drop_relation(old)?;
        let new = self.create(new)?;
        self.say_again(&new, &comments)?;
        let new = self.defined(new.id)?;
        let table = self.begin_write(&new, 0)?;
        self.lock(Target::Table(new.id), Mode::Update)?;
        let writes = self.writes(&table)?;
        (writes.exclusive, writes.rewritten) = (true, true);
        Ok(new)
    }

    /// Puts an empty table with the same definition and indexes in the place of one.
    pub fn empty(&mut self, old: &Arc<TableDef>) -> Result<Arc<TableDef>> {
        let indexes = self.catalog().indexes_of(old.id).to_vec();
        let new = self.replace(old, TableDef::clone(old))?;
        for index in indexes {
            self.create_index(IndexDef { table: new.id, ..IndexDef::clone(&index) })?;
        }
        Ok(new)
    }

    /// Holds a table alone until the transaction ends; `Error::restart` where another one has changed or dropped it.
    pub fn lock_alone(&mut self, def: &Arc<TableDef>) -> Result<()> {
        self.core.writable()?;
        self.lock(Target::Table(def.id), Mode::Update)?;
        self.check_current(def)
    }

    /// The same for who reads all its rows by the statement's snapshot: `Error::restart`, too, where there are newer ones. They may have
    /// come while it waited.
    pub fn lock_all_rows(&mut self, def: &Arc<TableDef>) -> Result<()> {
        self.lock_alone(def)?;
        match self.table(def)?.changed() > self.snapshot.lsn && !mutation("copies_an_old_snapshot") {
            true => Err(Error::restart()),
            false => Ok(()),
        }
    }

    /// `Error::restart` where a relation or its indexes are not any more what this transaction sees. It must be locked.
    pub(super) fn check_current(&self, def: &Arc<TableDef>) -> Result<()> {
        let own = self.catalog().by_id(def.id).is_some_and(|table| table.def == *def);
        let (seen, newest) = (&self.snapshot.catalog, self.core.snapshots.catalog());
        let same = seen.by_id(def.id).is_none_or(|table| {
            newest.by_id(def.id).is_some_and(|new| new.def == table.def)
                && newest.indexes_of(def.id) == seen.indexes_of(def.id)
        });
        match own && same {
            true => Ok(()),
            false => Err(Error::restart()),
        }
    }

    /// The rows of the catalog's tables that describe a relation come.
    fn describe(&mut self, def: &TableDef) -> Result<()> {
        self.hold_types(def)?;
        self.permanent |= !def.is_temporary();
        for (table, rows) in catalog::rows_of(def)? {
            let system = self.system(table)?;
            self.insert_stored(&system, &rows, None, None)?;
        }
        self.refresh_catalog()
    }

    /// They go.
    fn forget(&mut self, def: &TableDef) -> Result<()> {
        self.permanent |= !def.is_temporary();
        let id = Value::Int8(def.id.into());
        let positions = |n: usize| (0..n as i32).map(|p| vec![id.clone(), Value::Int4(p)]).collect();
        let keys: [(TableId, Vec<Vec<Value>>); 3] = [
            (catalog::TABLES, vec![vec![id.clone()]]),
            (catalog::COLUMNS, positions(def.columns.len())),
            (catalog::CONSTRAINTS, positions(def.constraints.len())),
        ];
        for (table, keys) in keys {
            let system = self.system(table)?;
            for key in keys {
                self.delete_stored(&system, &KeyRun::of_keys(&[Key::encode(&key)]), &[], None)?;
            }
        }
        Ok(())
    }

    /// Stores an entry, or forgets it. A later commit of another transaction about the same one is `Error::restart`.
    pub fn set_entry(&mut self, kind: EntryKind, name: &str, value: Option<&str>) -> Result<()> {
        // Who says something of a temporary relation knows that it is one.
        self.permanent |= kind != EntryKind::Comment;
        let system = self.system(catalog::ENTRIES)?;
        let texts = [kind.as_str(), name].map(|text| Value::Text(text.to_string()));
        let key = Key::encode(&texts);
        self.lock(Target::Row(catalog::ENTRIES, key.clone()), Mode::Update)?;
        let newest = self.core.snapshots.catalog();
        let own = self.writes.get(&catalog::ENTRIES).is_some_and(|writes| writes.hides(key.as_bytes()));
        if !own && newest.entry(kind, name) != self.snapshot.catalog.entry(kind, name) {
            return Err(Error::restart());
        }
        if self.catalog().entry(kind, name).is_some() {
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
        self.empty(&def).map(drop)
    }

    /// Two transactions that make or drop a table of the same name wait for each other, whatever its schema; but for those of
    /// a session, which nobody else sees.
    pub(super) fn lock_name(&mut self, schema: &str, name: &str) -> Result<()> {
        self.core.writable()?;
        let key = if is_temporary(schema) { [schema, "\0", name].concat() } else { name.to_string() };
        self.lock(Target::Row(0, Key(key.into_bytes().into())), Mode::Update)
    }

    /// True if the newest catalog has the name, of a relation, an index or a key, and this transaction has not dropped it.
    fn committed_name(&self, schema: &str, name: &str) -> bool {
        let newest = self.core.snapshots.catalog();
        let kept = |table: TableId, id: u32| {
            let key = Key::encode(&[Value::Int8(id.into())]);
            !self.writes.get(&table).is_some_and(|writes| writes.hides(key.as_bytes()))
        };
        let relations = [newest.relation(schema, name), newest.keyed(schema, name)];
        relations.into_iter().flatten().any(|def| kept(catalog::TABLES, def.id))
            || newest.index(schema, name).is_some_and(|def| kept(catalog::INDEXES, def.id))
    }

    /// The catalog after this transaction's own DDL.
    pub(super) fn refresh_catalog(&mut self) -> Result<()> {
        let mut changes = Vec::new();
        for id in catalog::CHANGING {
            if let Some(writes) = self.writes.get(&id) {
                changes.push(writes.so_far());
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
        let mut new = base.with(&delta, &mut |def| {
            let own = before.as_ref().and_then(|own| own.by_id(def.id));
            let known = base.by_id(def.id).filter(|table| *table.def == def).or(own);
            let known = known.or_else(|| base.by_id(def.id));
            core.table_of(def, known)
        })?;
        new.mark_fresh(&self.added_labels);
        let base = base.version();
        self.own_catalog = Some(OwnCatalog { catalog: Arc::new(new), base });
        Ok(())
    }
}
