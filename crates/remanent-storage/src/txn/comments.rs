//! Comments follow what they are about: a relation and its parts under other names, and under another number where the
//! relation was laid out anew; they go with it.

use super::Txn;
use crate::catalog::EntryKind;
use crate::catalog::comments::{PartKind, Subject};
use crate::error::Result;
use crate::table::{TableDef, TableId};
use std::sync::Arc;

/// A comment that is held while its object is replaced: its part of the relation (none: of the relation itself), its text.
type Held = (Option<(PartKind, String)>, String);

impl Txn {
    /// Says something of a relation or a part of it (`on`, a [`Subject`]), or nothing any more. `name` is locked: the
    /// relation's, or its index's.
    /// `Error::restart` where another transaction has changed or dropped it.
    pub fn comment(&mut self, def: &Arc<TableDef>, name: &str, on: &str, text: Option<&str>) -> Result<()> {
        self.lock_name(&def.schema, name)?;
        self.check_current(def)?;
        self.permanent |= !def.is_temporary();
        self.set_entry(EntryKind::Comment, on, text)
    }

    /// What is said of a relation and its parts.
    pub(super) fn held_comments(&self, id: TableId) -> Vec<Held> {
        let held = |(subject, text): (Subject<'_>, &str)| {
            let part = match subject {
                Subject::Part(_, kind, name) => Some((kind, name.to_string())),
                _ => None,
            };
            (part, text.to_string())
        };
        self.catalog().comments_of(id).map(held).collect()
    }

    /// Says that of a relation, of those parts of it that are there; indexes may yet come.
    pub(super) fn say_again(&mut self, def: &TableDef, held: &[Held]) -> Result<()> {
        for (part, text) in held {
            let on = match part {
                None => Subject::Relation(def.id),
                // Its time may be of another type now.
                Some((PartKind::Downsampled, _)) => continue,
                Some((kind, name)) if has_part(def, *kind, name) => Subject::Part(def.id, *kind, name),
                Some(_) => continue,
            };
            self.set_entry(EntryKind::Comment, &on.to_string(), Some(text))?;
        }
        Ok(())
    }

    /// Nothing is said of a relation any more.
    pub(super) fn forget_comments(&mut self, id: TableId) -> Result<()> {
        let names: Vec<String> = self.catalog().comments_of(id).map(|(on, _)| on.to_string()).collect();
        names.iter().try_for_each(|name| self.set_entry(EntryKind::Comment, name, None))
    }

    /// What is said of an index is said of it under another name, or, None, not any more.
    pub(super) fn move_index_comment(&mut self, table: TableId, from: &str, to: Option<&str>) -> Result<()> {
        let on = Subject::Part(table, PartKind::Index, from);
        let Some(text) = self.catalog().comment(on).map(str::to_string) else { return Ok(()) };
        self.set_entry(EntryKind::Comment, &on.to_string(), None)?;
        match to {
            Some(to) => {
                let on = Subject::Part(table, PartKind::Index, to).to_string();
                self.set_entry(EntryKind::Comment, &on, Some(&text))
            }
            None => Ok(()),
        }
    }

    /// The comments of a relation follow the parts that another definition calls otherwise; those of parts that it has no
    /// more go.
    pub(super) fn follow_names(&mut self, old: &TableDef, new: &TableDef) -> Result<()> {
        for (part, text) in self.held_comments(old.id) {
            let Some((kind, name)) = part else { continue };
            if kind == PartKind::Index {
                let renamed = old.has_key_named(&name) && !new.has_key_named(&name);
                let to = new.key_name();
                if renamed {
                    self.move_index_comment(old.id, &name, (!new.key.is_empty()).then_some(to.as_str()))?;
                }
                continue;
            }
            if has_part(new, kind, &name) {
                continue;
            }
            self.set_entry(EntryKind::Comment, &Subject::Part(old.id, kind, &name).to_string(), None)?;
            if let Some(to) = renamed(old, new, kind, &name) {
                let on = Subject::Part(old.id, kind, to).to_string();
                self.set_entry(EntryKind::Comment, &on, Some(&text))?;
            }
        }
        Ok(())
    }
}

fn has_part(def: &TableDef, kind: PartKind, name: &str) -> bool {
    match kind {
        PartKind::Column => def.column(name).is_some(),
        PartKind::Constraint => def.constraints.iter().any(|held| held.name == name),
        PartKind::Index | PartKind::Commit | PartKind::Downsampled => true,
    }
}

/// What a part is called in another definition that has as many: one name changes in a statement.
fn renamed<'n>(old: &TableDef, new: &'n TableDef, kind: PartKind, name: &str) -> Option<&'n str> {
    match kind {
        PartKind::Column if old.columns.len() == new.columns.len() => {
            new.columns.get(old.column(name)?).map(|column| column.name.as_str())
        }
        PartKind::Constraint if old.constraints.len() == new.constraints.len() => {
            let place = old.constraints.iter().position(|held| held.name == name)?;
            let (before, after) = (old.constraints.get(place)?, new.constraints.get(place)?);
            (before.text == after.text).then_some(after.name.as_str())
        }
        _ => None,
    }
}
