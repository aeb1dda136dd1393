//! What a session leaves behind when it ends, or says DISCARD: temporary relations, settings, locks, plans.

use super::Session;
use crate::sql::ast::Discard;
use crate::{Error, Result};
use remanent_storage::error::state;
use remanent_storage::txn::temporary::temporary_schema;

impl Session {
    /// DISCARD.
    pub(super) fn discard(&mut self, what: Discard) -> Result<()> {
        self.check_block()?;
        match what {
            Discard::Plans => self.cache.clear(),
            Discard::Sequences => self.given.forget(),
            Discard::Temporary => match &mut self.block {
                Some(block) => {
                    block.begin_statement()?;
                    block.txn()?.drop_temporary(Some(self.locks.id()))?;
                }
                None => self.drop_temporary()?,
            },
            Discard::All => {
                if self.block.as_ref().is_some_and(|block| !block.implicit) {
                    let message = "DISCARD ALL cannot run inside a transaction block";
                    return Err(Error::new(state::ACTIVE_SQL_TRANSACTION, message));
                }
                self.reset_all()?;
                self.cache.clear();
                self.given.forget();
                self.locks.unlock_all();
                self.discard(Discard::Temporary)?;
            }
        }
        Ok(())
    }

    /// Drops the session's temporary relations, in a transaction of their own.
    pub(super) fn drop_temporary(&mut self) -> Result<()> {
        if !self.locks.made_temporary() {
            return Ok(());
        }
        let session = self.locks.id();
        let mut txn = self.begin_own()?;
        if txn.catalog().in_schema(&temporary_schema(session)).is_empty() {
            return Ok(());
        }
        // Nobody asked for this, so nobody ends it.
        txn.set_interrupt(Default::default());
        txn.drop_temporary(Some(session))?;
        txn.commit()
    }
}
