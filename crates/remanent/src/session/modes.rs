//! BEGIN, COMMIT, ROLLBACK, SAVEPOINT, SET TRANSACTION: what begins and ends transactions, and what they may do.

use super::Session;
use super::block::Block;
use crate::settings::{self, Settings};
use crate::sql::ast::{SetConstraints, TransactionModes, TransactionStatement};
use crate::sql::bind::constraints_named;
use crate::{Error, Result};
use remanent_storage::error::state;

impl Session {
    pub(super) fn open(&mut self, modes: TransactionModes, implicit: bool) -> Result<u64> {
        let defaults = self.settings.defaults();
        let modes = TransactionModes {
            isolation: modes.isolation.or(defaults.isolation),
            read_only: modes.read_only.or(defaults.read_only),
            deferrable: modes.deferrable.or(defaults.deferrable),
        };
        let txn = self.begin_own()?;
        self.blocks += 1;
        let (number, now) = (self.blocks, self.shared.store.world().clock.now());
        self.block = Some(Block::new(txn, number, now, modes, implicit));
        Ok(number)
    }

    /// [`crate::Connection::begin`]
    pub(crate) fn begin(&mut self) -> Result<u64> {
        if self.block.is_some() {
            let message = "there is already a transaction in progress";
            return Err(Error::new(state::ACTIVE_SQL_TRANSACTION, message)
                .with_hint("Commit it or roll it back first; a connection has one at a time."));
        }
        self.open(TransactionModes::default(), false)
    }

    /// The number of the open block.
    pub(crate) fn open_block(&self) -> Option<u64> {
        self.block.as_ref().map(|block| block.number)
    }

    pub(super) fn transaction(&mut self, statement: &TransactionStatement) -> Result<()> {
        use TransactionStatement as T;
        match statement {
            T::Begin(modes) => {
                self.check_block()?;
                match &mut self.block {
                    // As in PostgreSQL, where a second BEGIN is a warning only.
                    Some(block) => {
                        block.implicit = false;
                        self.set_modes(*modes)
                    }
                    None => self.open(*modes, false).map(drop),
                }
            }
            T::Commit(chain) => self.end_by_statement(*chain, true),
            T::Rollback(chain) => self.end_by_statement(*chain, false),
            T::Savepoint(name) => self.savepoint(&name.name),
            T::Release(name) => self.release(&name.name),
            T::RollbackTo(name) => self.rollback_to(&name.name),
            T::Set(modes) => {
                self.check_block()?;
                self.set_modes(*modes)
            }
            T::SetSession(modes) => {
                self.check_block()?;
                self.change_settings(false, &|settings| set_defaults(settings, *modes))
            }
        }
    }

    /// COMMIT and ROLLBACK. Outside of a block they do nothing, as in PostgreSQL, where that is a warning only.
    fn end_by_statement(&mut self, chain: bool, commit: bool) -> Result<()> {
        let Some(block) = self.block.take() else {
            if chain {
                let message = "AND CHAIN can only be used in transaction blocks";
                return Err(Error::new(state::NO_ACTIVE_SQL_TRANSACTION, message));
            }
            return Ok(());
        };
        let modes = block.modes;
        let commit = commit && self.commits(&block);
        self.end(block, commit)?;
        if chain { self.open(modes, false).map(drop) } else { Ok(()) }
    }

    /// SET CONSTRAINTS. Outside of a block it does nothing, as in PostgreSQL, where that is a warning only.
    pub(super) fn set_constraints(&mut self, set: &SetConstraints) -> Result<()> {
        self.check_block()?;
        let path = self.path();
        let Some(block) = &mut self.block else {
            return constraints_named(&set.names, set.deferred, self.begin_txn()?.catalog(), &path).map(drop);
        };
        block.begin_statement()?;
        let txn = block.txn()?;
        let named = constraints_named(&set.names, set.deferred, txn.catalog(), &path)?;
        txn.set_constraints((!set.names.is_empty()).then_some(&named), set.deferred)
    }

    /// SET TRANSACTION. Outside of a block it does nothing, as in PostgreSQL, where that is a warning only.
    pub(super) fn set_modes(&mut self, modes: TransactionModes) -> Result<()> {
        let Some(block) = &mut self.block else { return Ok(()) };
        let late = |message: &str| Err(Error::new(state::ACTIVE_SQL_TRANSACTION, message));
        if modes.isolation.is_some_and(|new| new != block.modes.isolation.unwrap_or(new)) {
            if block.started {
                return late("SET TRANSACTION ISOLATION LEVEL must be called before any query");
            }
            if block.is_nested() {
                return late("SET TRANSACTION ISOLATION LEVEL must not be called in a subtransaction");
            }
        }
        if modes.read_only == Some(false) && block.modes.read_only == Some(true) {
            if block.is_nested() {
                return late("cannot set transaction read-write mode inside a read-only transaction");
            }
            if block.started {
                return late("transaction read-write mode must be set before any query");
            }
        }
        if modes.deferrable.is_some() {
            if block.is_nested() {
                return late("SET TRANSACTION [NOT] DEFERRABLE cannot be called within a subtransaction");
            }
            if block.started {
                return late("SET TRANSACTION [NOT] DEFERRABLE must be called before any query");
            }
        }
        block.modes.isolation = modes.isolation.or(block.modes.isolation);
        block.modes.read_only = modes.read_only.or(block.modes.read_only);
        block.modes.deferrable = modes.deferrable.or(block.modes.deferrable);
        Ok(())
    }
}

/// SET SESSION CHARACTERISTICS
fn set_defaults(settings: &mut Settings, modes: TransactionModes) -> Result<()> {
    let switch = |on: bool| if on { "on" } else { "off" };
    if let Some(isolation) = modes.isolation {
        settings.set("default_transaction_isolation", Some(settings::isolation_words(Some(isolation))))?;
    }
    if let Some(on) = modes.read_only {
        settings.set("default_transaction_read_only", Some(switch(on)))?;
    }
    match modes.deferrable {
        Some(on) => settings.set("default_transaction_deferrable", Some(switch(on))),
        None => Ok(()),
    }
}
