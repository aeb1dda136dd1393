//! Enum types made, changed and dropped: entries of the catalog, under the locks that keep who uses a type apart from who
//! drops it.
//!
//! ```text
//!   CREATE TYPE    lock the name, which types share with relations; an entry under a number of its own
//!   ALTER TYPE     the same entry with another text; the rows stay as they are
//!   DROP TYPE      lock the entry alone: who makes a column of the type holds it shared
//! ```

use super::Txn;
use crate::catalog::enums::EnumDef;
use crate::catalog::{self, EntryKind};
use crate::error::{Error, Result, state};
use crate::table::TableDef;
use crate::txn::locks::{Mode, Target};
use crate::value::{Key, Type, Value};

impl Txn {
    /// Makes an enum type; its number is given here. 42710 where the name is taken, by a relation too.
    pub fn create_enum(&mut self, mut def: EnumDef) -> Result<()> {
        self.lock_name(&def.schema, &def.name)?;
        self.refuse_taken_type(&def.schema, &def.name)?;
        def.id = self.core.new_enum();
        if def.id >= Type::ENUMS {
            return Err(Error::new(state::PROGRAM_LIMIT_EXCEEDED, "there are too many enum types"));
        }
        self.set_entry(EntryKind::Enum, &def.id.to_string(), Some(&def.text()))
    }

    /// Gives an enum type another definition. 42710 where its new name is taken; `Error::restart` where another transaction
    /// has changed or dropped it.
    pub fn alter_enum(&mut self, new: &EnumDef) -> Result<()> {
        let mut new = new.clone();
        new.labels.iter_mut().for_each(|label| label.fresh = false);
        let old = self.catalog().enums().get(&new.id).cloned().ok_or_else(Error::restart)?;
        self.lock_name(&old.schema, &old.name)?;
        let added = new.labels.iter().filter(|label| old.at(&label.place).is_none());
        self.added_labels.extend(added.map(|label| (new.id, label.place.clone())));
        if (&old.schema, &old.name) != (&new.schema, &new.name) {
            self.lock_name(&new.schema, &new.name)?;
            self.refuse_taken_type(&new.schema, &new.name)?;
        }
        self.set_entry(EntryKind::Enum, &new.id.to_string(), Some(&new.text()))
    }

    /// Drops an enum type that nothing uses. `Error::restart` where another transaction has changed it, or uses it now.
    pub fn drop_enum(&mut self, id: u32) -> Result<()> {
        let def = self.catalog().enums().get(&id).cloned().ok_or_else(Error::restart)?;
        self.lock_name(&def.schema, &def.name)?;
        self.set_entry(EntryKind::Enum, &id.to_string(), None)?;
        let newest = self.core.snapshots.catalog();
        let uses = |def: &TableDef| def.columns.iter().any(|column| column.ty.enumeration() == Some(id));
        let known =
            |def: &TableDef| self.snapshot.catalog.by_id(def.id).is_some_and(|table| uses(&table.def));
        match newest.relations().iter().any(|def| uses(def) && !known(def)) {
            true => Err(Error::restart()),
            false => Ok(()),
        }
    }

    fn refuse_taken_type(&mut self, schema: &str, name: &str) -> Result<()> {
        let newest = self.core.snapshots.catalog();
        let committed = newest.enumeration(schema, name).filter(|def| !self.hides_enum(def.id));
        let taken = self.catalog().enumeration(schema, name).is_some() || committed.is_some();
        match taken || self.catalog().relation(schema, name).is_some() {
            true => Err(Error::new(state::DUPLICATE_OBJECT, format!("type \"{name}\" already exists"))),
            false => Ok(()),
        }
    }

    /// 42710 where an enum type has the name that a relation is to get.
    pub(super) fn refuse_name_of_type(&mut self, schema: &str, name: &str) -> Result<()> {
        let newest = self.core.snapshots.catalog();
        let committed = newest.enumeration(schema, name).filter(|def| !self.hides_enum(def.id));
        if self.catalog().enumeration(schema, name).is_none() && committed.is_none() {
            return Ok(());
        }
        let message = format!("type \"{name}\" already exists");
        Err(Error::new(state::DUPLICATE_OBJECT, message).with_hint(
            "A relation has an associated type of the same name, so you must use a name that doesn't conflict with any existing type.",
        ))
    }

    /// True for one that this transaction has changed or dropped.
    fn hides_enum(&self, id: u32) -> bool {
        let key = entry_key(id);
        self.writes.get(&catalog::ENTRIES).is_some_and(|writes| writes.hides(key.as_bytes()))
    }

    /// Nobody drops the types of a definition's columns while this transaction lasts; `Error::restart` where someone has.
    pub(super) fn hold_types(&mut self, def: &TableDef) -> Result<()> {
        let mut held: Vec<u32> = def.columns.iter().filter_map(|column| column.ty.enumeration()).collect();
        held.sort_unstable();
        held.dedup();
        for id in held {
            self.lock(Target::Row(catalog::ENTRIES, entry_key(id)), Mode::Share)?;
            let there = self.core.snapshots.catalog().enums().contains_key(&id);
            if !there && self.snapshot.catalog.enums().contains_key(&id) {
                return Err(Error::restart());
            }
        }
        Ok(())
    }
}

fn entry_key(id: u32) -> Key {
    Key::encode(&[Value::from(EntryKind::Enum.as_str()), Value::Text(id.to_string())])
}
