//! What refers to a table when that is dropped, emptied, renamed or changed.

use super::check_types;
use super::stored::Stored;
use crate::sql::ast::Ident;
use crate::sql::bind::Binder;
use crate::sql::bind::define::alter::Altering;
use crate::sql::bind::define::constraint::has_constraint;
use crate::sql::bind::define::drop::{Dropping, described};
use crate::sql::plan::Step;
use remanent_storage::error::{Error, Result, state};
use remanent_storage::index::IndexDef;
use remanent_storage::table::TableDef;
use remanent_storage::txn::foreign::ForeignKey;
use std::sync::Arc;

impl Binder<'_> {
    /// What refers to a table that goes loses the constraint, or keeps the table.
    pub(in crate::sql::bind::define) fn lose_parent(
        &self,
        parent: &TableDef,
        dropping: &mut Dropping,
    ) -> Result<()> {
        for stored in self.referring(parent)? {
            if !stored.is_of(parent) && !dropping.has(&stored.child) {
                let (on, of) = (described(&stored.child, self.path), described(parent, self.path));
                dropping.dependents.push(format!("constraint {} on {on} depends on {of}", stored.name));
                dropping.change(&stored.child).constraints.retain(|held| held.name != stored.name);
            }
        }
        Ok(())
    }

    /// The same for something of a table: those foreign keys that `use` it, which depend on `what`.
    pub(in crate::sql::bind::define) fn lose_part(
        &self,
        uses: &dyn Fn(&ForeignKey) -> bool,
        what: &str,
        dropping: &mut Dropping,
        a: &mut Altering,
    ) -> Result<()> {
        for referred in self.foreign_keys_to(&a.old)? {
            let key = &referred.key;
            let itself = key.child.id == a.old.id;
            if !uses(key) || itself && !has_constraint(&a.new.def, &key.name) {
                continue;
            }
            let on = described(&key.child, self.path);
            dropping.dependents.push(format!("constraint {} on {on} depends on {what}", key.name));
            match itself {
                true => a.def().constraints.retain(|held| held.name != key.name),
                false => dropping.change(&key.child).constraints.retain(|held| held.name != key.name),
            }
        }
        Ok(())
    }

    /// DROP CONSTRAINT: the foreign keys that need a unique key go with it, where CASCADE was said.
    pub(in crate::sql::bind::define) fn lose_key(
        &self,
        name: &Ident,
        cascade: bool,
        a: &mut Altering,
    ) -> Result<()> {
        let mut dropping = Dropping::default();
        let uses = |key: &ForeignKey| key.index.constraint && key.index.name == name.name;
        self.lose_part(&uses, &format!("index {}", name.name), &mut dropping, a)?;
        let what = format!("constraint {} on {}", name.name, described(&a.old, self.path));
        a.before.extend(dropping.steps(&what, cascade)?);
        Ok(())
    }

    /// DROP INDEX: the same for a unique index without a constraint.
    pub(in crate::sql::bind::define) fn lose_index(
        &self,
        def: &IndexDef,
        parent: &TableDef,
        dropping: &mut Dropping,
    ) -> Result<()> {
        for referred in self.foreign_keys_to(parent)? {
            let key = &referred.key;
            if key.index.id == def.id {
                let on = described(&key.child, self.path);
                dropping
                    .dependents
                    .push(format!("constraint {} on {on} depends on index {}", key.name, def.name));
                dropping.change(&key.child).constraints.retain(|held| held.name != key.name);
            }
        }
        Ok(())
    }

    /// A column has another type: foreign keys over it must make sense of that, and are looked at again.
    pub(in crate::sql::bind::define) fn retyped_keys(&self, position: usize, a: &mut Altering) -> Result<()> {
        let name = a.new.def.columns[position].name.clone();
        let old = Arc::clone(&a.old);
        for held in &old.constraints {
            let Some(referred) = self.foreign_key(&old, held)? else { continue };
            self.retyped_key(&referred.key, &name, a)?;
        }
        for referred in self.foreign_keys_to(&old)? {
            if referred.key.child.id != old.id {
                self.retyped_key(&referred.key, &name, a)?;
            }
        }
        Ok(())
    }

    fn retyped_key(&self, key: &ForeignKey, name: &str, a: &mut Altering) -> Result<()> {
        let is_new = |table: &TableDef| table.id == a.old.id;
        let child = if is_new(&key.child) { &a.new.def } else { &*key.child };
        let parent = if is_new(&key.parent) { &a.new.def } else { &*key.parent };
        for (&column, &other) in key.columns.iter().zip(&key.referred) {
            let (from, to) = (&key.child.columns[column].name, &key.parent.columns[other].name);
            let of_child = key.child.id == a.old.id && from == name;
            let of_parent = key.parent.id == a.old.id && to == name;
            if let (true, Some(column), Some(other)) =
                (of_child || of_parent, child.column(from), parent.column(to))
            {
                check_types(&key.name, child, column, parent, other)?;
                let table = (key.child.schema.clone(), key.child.name.clone());
                a.after.push(Step::Refer { table, name: key.name.clone(), validate: true });
                return Ok(());
            }
        }
        Ok(())
    }

    /// TRUNCATE: the tables that refer to those that are emptied must be emptied too.
    pub(in crate::sql::bind::define) fn truncate_referring(
        &self,
        emptied: &mut Vec<Arc<TableDef>>,
        cascade: bool,
    ) -> Result<()> {
        let mut next = 0;
        while let Some(parent) = emptied.get(next).cloned() {
            next += 1;
            for stored in self.referring(&parent)? {
                let child = stored.child;
                if emptied.iter().any(|held| held.id == child.id) {
                    continue;
                }
                if !cascade {
                    let message = "cannot truncate a table referenced in a foreign key constraint";
                    let (of, to) = (&child.name, &parent.name);
                    return Err(Error::new(state::FEATURE_NOT_SUPPORTED, message)
                        .with_detail(format!("Table \"{of}\" references \"{to}\"."))
                        .with_hint(format!(
                            "Truncate table \"{of}\" at the same time, or use TRUNCATE ... CASCADE."
                        )));
                }
                emptied.push(child);
            }
        }
        Ok(())
    }

    /// A column has another name, in the foreign keys of its table and in those that refer to it.
    pub(in crate::sql::bind::define) fn follow_column(
        &self,
        column: &Ident,
        to: &Ident,
        a: &mut Altering,
    ) -> Result<()> {
        let rename = |names: &mut Vec<Ident>| {
            names
                .iter_mut()
                .filter(|held| held.name == column.name)
                .for_each(|held| held.name.clone_from(&to.name));
        };
        let old = Arc::clone(&a.old);
        for held in a.def().constraints.iter_mut() {
            if let Some(mut stored) = Stored::of(&old, held)? {
                rename(&mut stored.columns);
                rename(&mut stored.references.set_columns);
                if stored.refers_to(&old) {
                    rename(&mut stored.references.columns);
                }
                held.text = stored.text();
            }
        }
        self.follow_parent(
            &|stored| {
                if !stored.is_of(&old) {
                    rename(&mut stored.references.columns);
                }
            },
            a,
        )
    }

    /// Foreign keys that name a table do so by another name from here on.
    pub(in crate::sql::bind::define) fn follow_parent(
        &self,
        change: &dyn Fn(&mut Stored),
        a: &mut Altering,
    ) -> Result<()> {
        let mut changed = Dropping::default();
        for mut stored in self.referring(&a.old)? {
            let itself = stored.is_of(&a.old);
            let own = || a.new.def.constraints.iter().find(|held| held.name == stored.name);
            if let Some(held) = own().filter(|_| itself) {
                // As the actions before have left it.
                match Stored::of(&stored.child, held)? {
                    Some(now) => stored = now,
                    None => continue,
                }
            }
            change(&mut stored);
            let def = if itself { a.def() } else { changed.change(&stored.child) };
            let held = def.constraints.iter_mut().find(|held| held.name == stored.name);
            held.into_iter().for_each(|held| held.text = stored.text());
        }
        a.after.extend(changed.altered.into_values().map(|(old, new)| Step::Alter { old, new }));
        Ok(())
    }
}
