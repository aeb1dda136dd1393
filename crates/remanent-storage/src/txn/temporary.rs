//! Temporary relations: those of the schema `pg_temp_N` of session N, which no other session sees.
//!
//! They are relations like all others: in the catalog, in the log, in hot rows and cold segments, so they may be larger than
//! memory and have indexes and constraints. What sets them apart:
//!
//! ```text
//!   a commit that changes nothing else     does not wait for its sync (a crash takes them anyway)
//!   ON COMMIT DELETE ROWS                  what the transaction wrote in them is forgotten: it never reaches the log
//!   ON COMMIT DROP                         they are dropped in the record of the transaction that made them
//!   the session ends                       they are dropped (`drop_temporary`)
//!   a crash                                they are dropped when the database is opened to be written
//! ```
//!
//! Limits: their rows do pass through the log. A view of a table with ON COMMIT DROP stays, and reads nothing.

use super::Txn;
use crate::catalog::FIRST_USER_TABLE;
use crate::catalog::comments::{DELETE_ROWS, DROP, PartKind, Subject};
use crate::error::Result;
use crate::table::{RelationKind, TEMPORARY, TableDef, TableId, is_temporary};
use std::sync::Arc;

/// The schema of a session's temporary relations.
pub fn temporary_schema(session: u64) -> String {
    format!("{TEMPORARY}{session}")
}

impl Txn {
    /// True if nothing that it changes outlives its session.
    pub(super) fn is_temporary(&self) -> bool {
        let user = self.writes.iter().filter(|(id, writes)| **id >= FIRST_USER_TABLE && !writes.is_empty());
        !self.permanent && user.into_iter().all(|(_, writes)| writes.table.def.is_temporary())
    }

    /// An index of that table comes or goes.
    pub(super) fn note_permanent(&mut self, table: TableId) {
        let known = self.catalog().by_id(table).is_some_and(|table| table.def.is_temporary());
        self.permanent |= !known;
    }

    /// What ON COMMIT says of tables happens.
    pub(super) fn end_temporary(&mut self) -> Result<()> {
        let session = self.session.as_ref().filter(|session| session.made_temporary());
        let Some(session) = session.map(|session| session.id()) else { return Ok(()) };
        let wrote = |txn: &Txn| txn.writes.values().any(|writes| writes.table.def.is_temporary());
        if self.own_catalog.is_none() && !wrote(self) {
            return Ok(());
        }
        for def in self.catalog().in_schema(&temporary_schema(session)) {
            let says =
                |what: &str| self.catalog().comment(Subject::Part(def.id, PartKind::Commit, what)).is_some();
            match (says(DROP), says(DELETE_ROWS)) {
                (true, _) => self.drop_with_sequences(&def)?,
                (_, true) => {
                    if let Some(mut writes) = self.writes.remove(&def.id) {
                        writes.abandon();
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Drops the temporary relations of a session, or, None, of all.
    pub fn drop_temporary(&mut self, session: Option<u64>) -> Result<()> {
        let wanted = |def: &TableDef| match session {
            Some(session) => def.schema == temporary_schema(session),
            None => is_temporary(&def.schema),
        };
        for def in self.catalog().relations().into_iter().filter(|def| wanted(def)) {
            self.drop_relation(&def)?;
        }
        Ok(())
    }

    fn drop_with_sequences(&mut self, def: &Arc<TableDef>) -> Result<()> {
        for other in self.catalog().in_schema(&def.schema) {
            if let RelationKind::Sequence(rules) = &other.kind
                && rules.owner.as_ref().is_some_and(|[_, table, _]| *table == def.name)
            {
                self.drop_relation(&other)?;
            }
        }
        self.drop_relation(def)
    }
}
