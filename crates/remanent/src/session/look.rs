//! What others may learn of a session: what its transaction is at, which tables it sees.

use super::Session;
use crate::{Result, TransactionStatus, Type, sql};
use remanent_storage::catalog::Catalog;
use remanent_storage::table::TableDef;
use std::sync::Arc;

impl Session {
    /// [`crate::Connection::status`]
    pub(crate) fn status(&self) -> TransactionStatus {
        match &self.block {
            None => TransactionStatus::Idle,
            Some(block) if self.signals.has_failed(block.number) => TransactionStatus::Failed,
            Some(_) => TransactionStatus::Open,
        }
    }

    /// [`crate::Connection::type_name`]
    pub(crate) fn type_name(&mut self, ty: Type) -> Result<String> {
        let catalog = self.catalog()?;
        let name = ty.to_string();
        Ok(sql::spelled(&name, &catalog, &self.path()).unwrap_or(name))
    }

    /// [`crate::Connection::tables`]
    pub(crate) fn tables(&mut self) -> Result<Vec<Arc<TableDef>>> {
        let mut tables = self.catalog()?.tables();
        let path = self.path();
        tables.retain(|def| !def.is_temporary() || path.contains(&def.schema));
        Ok(tables)
    }

    /// The catalog as the session's transaction sees it.
    fn catalog(&mut self) -> Result<Arc<Catalog>> {
        match &mut self.block {
            Some(block) if !self.signals.has_failed(block.number) => Ok(Arc::clone(block.txn()?.catalog())),
            _ => Ok(Arc::clone(self.begin_txn()?.catalog())),
        }
    }
}
