//! CHECKPOINT, VACUUM, ANALYZE: what the background does anyway, asked for.
//!
//! CHECKPOINT moves all rows that are in memory to files. VACUUM and ANALYZE find nothing to do: rows that nobody sees any more are
//! dropped by merges, and what plans know of tables is kept with their segments. They look whether the tables are there.

use super::Session;
use crate::sql::ast::Maintain;
use crate::sql::bind::relation_of_text;
use crate::{Error, Result};
use remanent_storage::catalog::Catalog;
use remanent_storage::error::state;

impl Session {
    pub(super) fn maintain(&mut self, maintain: &Maintain) -> Result<()> {
        self.check_block()?;
        if maintain.what == "CHECKPOINT" {
            return self.shared.store.flush();
        }
        let path = self.path();
        match &mut self.block {
            Some(block) if maintain.what == "VACUUM" && !block.implicit => {
                let message = "VACUUM cannot run inside a transaction block";
                Err(Error::new(state::ACTIVE_SQL_TRANSACTION, message))
            }
            Some(block) => {
                block.begin_statement()?;
                there_are(maintain, block.txn()?.catalog(), &path)
            }
            None => there_are(maintain, self.begin_own()?.catalog(), &path),
        }
    }
}

/// 42P01 and 42703 for tables and columns that there are not.
fn there_are(maintain: &Maintain, catalog: &Catalog, path: &[String]) -> Result<()> {
    for (table, columns) in &maintain.tables {
        let def = relation_of_text(&table.to_string(), catalog, path)?;
        if let Some(missing) = columns.iter().find(|column| def.column(&column.name).is_none()) {
            let message = format!("column \"{}\" of relation \"{}\" does not exist", missing.name, def.name);
            return Err(Error::new(state::UNDEFINED_COLUMN, message));
        }
    }
    Ok(())
}
