//! What others may learn of a session: what its transaction is at, which tables it sees.

use super::Session;
use crate::{Result, TransactionStatus};
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

    /// [`crate::Connection::tables`]
    pub(crate) fn tables(&mut self) -> Result<Vec<Arc<TableDef>>> {
        match &mut self.block {
            Some(block) if !self.signals.has_failed(block.number) => Ok(block.txn()?.catalog().tables()),
            _ => Ok(self.begin_txn()?.catalog().tables()),
        }
    }
}
