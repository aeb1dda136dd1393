//! An open transaction: its savepoints, its end, and its rest between two calls.
//!
//! When a statement fails, what it and its transaction did since the innermost savepoint is undone at once and the
//! locks of that are given back, as in PostgreSQL: those who wait need not wait for the ROLLBACK. Where there is no
//! savepoint nothing is left, and the block only waits for its end.

use super::Session;
use super::config::Changed;
use crate::sql::ast::{Isolation, TransactionModes};
use crate::{Error, Result};
use remanent_storage::error::state;
use remanent_storage::store::alarms::Alarm;
use remanent_storage::txn::{self, Txn};
use remanent_storage::world::mutation;
use remanent_storage::world::sync::Mutex;
use std::cell::RefMut;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// An open transaction.
pub(super) struct Block {
    /// None: nothing is left of it, since a statement failed or nobody called for too long.
    txn: Option<Txn>,
    pub(super) number: u64,
    /// When it began: `now()`.
    pub(super) now: i64,
    pub(super) modes: TransactionModes,
    /// True after its first statement.
    pub(super) started: bool,
    /// True for several statements in one text that nobody called a transaction.
    pub(super) implicit: bool,
    /// What becomes of the settings, where it changed one.
    pub(super) changed: Option<Box<Changed>>,
    /// Outermost first; of those of one name the last counts.
    savepoints: Vec<Savepoint>,
    /// It was ended for nobody called.
    timed_out: bool,
}

struct Savepoint {
    name: String,
    at: txn::Savepoint,
    modes: TransactionModes,
    settings: Arc<crate::settings::Settings>,
    changed: Option<Box<Changed>>,
}

/// Where a block's transaction lies between two calls, and the alarm that takes it from there.
pub(super) struct Idle {
    place: Arc<Mutex<Option<Txn>>>,
    alarm: Alarm,
}

impl Block {
    pub(super) fn new(txn: Txn, number: u64, now: i64, modes: TransactionModes, implicit: bool) -> Self {
        Block {
            txn: Some(txn),
            number,
            now,
            modes,
            started: false,
            implicit,
            changed: None,
            savepoints: Vec::new(),
            timed_out: false,
        }
    }

    pub(super) fn txn(&mut self) -> Result<&mut Txn> {
        let gone = self.txn.is_none().then(|| self.in_failed());
        self.txn
            .as_mut()
            .ok_or_else(|| gone.unwrap_or_else(|| Error::internal("a block lost its transaction")))
    }

    pub(super) fn read_committed(&self) -> bool {
        !matches!(self.modes.isolation, Some(Isolation::RepeatableRead | Isolation::Serializable))
    }

    /// A new snapshot, where statements have their own; before the first, for all of them.
    pub(super) fn begin_statement(&mut self) -> Result<()> {
        let serializable = self.modes.isolation == Some(Isolation::Serializable);
        if !self.read_committed() {
            self.txn()?.keep_snapshot();
        }
        if serializable && !self.started && self.modes.read_only != Some(true) {
            self.txn()?.begin_serializable();
        } else if self.read_committed() || !self.started || mutation("weak_snapshot") {
            // One that only reads is serializable by its snapshot.
            self.txn()?.begin_statement();
        }
        self.started = true;
        Ok(())
    }

    /// True within a savepoint.
    pub(super) fn is_nested(&self) -> bool {
        !self.savepoints.is_empty()
    }

    /// Why it runs no statement any more.
    #[cold]
    pub(super) fn in_failed(&self) -> Error {
        match self.timed_out {
            true => {
                let message = "the transaction was rolled back, since it was idle for longer than \
                               idle_in_transaction_session_timeout";
                Error::new(state::IDLE_IN_TRANSACTION_SESSION_TIMEOUT, message)
                    .with_hint("ROLLBACK, then begin again.")
            }
            false => {
                let message =
                    "current transaction is aborted, commands ignored until end of transaction block";
                Error::new(state::IN_FAILED_SQL_TRANSACTION, message)
            }
        }
    }

    fn find(&self, name: &str) -> Result<usize> {
        self.savepoints.iter().rposition(|savepoint| savepoint.name == name).ok_or_else(|| {
            Error::new(state::INVALID_SAVEPOINT, format!("savepoint \"{name}\" does not exist"))
        })
    }

    /// Undoes what a failed statement and its transaction did since the innermost savepoint.
    fn undo_failed(&mut self) {
        match (self.savepoints.last(), &mut self.txn) {
            (Some(savepoint), Some(txn)) => txn.undo_to(&savepoint.at),
            _ => self.txn = None,
        }
    }
}

impl Session {
    /// SAVEPOINT
    pub(crate) fn savepoint(&mut self, name: &str) -> Result<()> {
        self.check_block()?;
        let settings = self.settings.clone();
        let block = self.block_for("SAVEPOINT")?;
        let at = block.txn()?.savepoint();
        let (name, modes, changed) = (name.to_string(), block.modes, block.changed.clone());
        block.savepoints.push(Savepoint { name, at, modes, settings, changed });
        Ok(())
    }

    /// RELEASE SAVEPOINT: it and those after it are forgotten, what was done since stays.
    pub(crate) fn release(&mut self, name: &str) -> Result<()> {
        self.check_block()?;
        let block = self.block_for("RELEASE SAVEPOINT")?;
        let position = block.find(name)?;
        block.savepoints.truncate(position);
        Ok(())
    }

    /// ROLLBACK TO SAVEPOINT: what was done since is undone, those after it are forgotten; a failed block goes on.
    pub(crate) fn rollback_to(&mut self, name: &str) -> Result<()> {
        let block = self.block_for("ROLLBACK TO SAVEPOINT")?;
        let position = block.find(name)?;
        block.txn()?;
        block.savepoints.truncate(position + 1);
        let (Some(savepoint), Some(txn)) = (block.savepoints.last(), &mut block.txn) else {
            return Err(Error::internal("a block lost its transaction"));
        };
        txn.undo_to(&savepoint.at);
        let (modes, changed, settings) =
            (savepoint.modes, savepoint.changed.clone(), savepoint.settings.clone());
        (block.modes, block.changed) = (modes, changed);
        let number = block.number;
        self.settings = settings;
        self.signals.revive(number);
        Ok(())
    }

    /// The block that a statement about savepoints is for; 25P01 where nobody began one.
    fn block_for(&mut self, what: &str) -> Result<&mut Block> {
        self.block.as_mut().filter(|block| !block.implicit).ok_or_else(|| {
            let message = format!("{what} can only be used in transaction blocks");
            Error::new(state::NO_ACTIVE_SQL_TRANSACTION, message)
        })
    }

    /// A savepoint of [`crate::Transaction::savepoint`]: its name, which no statement can say.
    pub(crate) fn nameless_savepoint(&mut self, number: u64) -> Result<String> {
        self.begin_call();
        match &self.block {
            Some(block) if block.number == number => {}
            _ => return Err(super::no_transaction()),
        }
        self.blocks += 1;
        let name = format!("\0{}", self.blocks);
        self.savepoint(&name).map(|()| name)
    }

    /// Undoes at once what a failed statement left behind.
    pub(super) fn undo_failed(&mut self) {
        if let Some(block) = self.block.as_mut().filter(|block| self.signals.has_failed(block.number)) {
            block.undo_failed();
        }
    }

    /// Ends a block.
    pub(super) fn end(&mut self, mut block: Block, commit: bool) -> Result<()> {
        let done = match (block.txn.take(), commit) {
            (Some(txn), true) => self.commit(txn),
            (None, true) => Err(block.in_failed()),
            (_, false) => Ok(()),
        };
        if let Some(changed) = block.changed {
            self.leave_settings(*changed, commit && done.is_ok());
        }
        done
    }

    /// [`crate::Transaction::commit`]
    pub(crate) fn commit_block(&mut self, number: u64) -> Result<()> {
        self.begin_call();
        let block = self.block.take_if(|block| block.number == number).ok_or_else(super::no_transaction)?;
        let (failed, timed_out) = (self.signals.has_failed(number), block.timed_out);
        self.end(block, !failed || timed_out)?;
        match failed {
            false => Ok(()),
            true => {
                let message = "the transaction was rolled back, since a statement in it had failed";
                Err(Error::new(state::IN_FAILED_SQL_TRANSACTION, message))
            }
        }
    }

    /// [`crate::Transaction::rollback`]
    pub(crate) fn rollback_block(&mut self, number: u64) -> Result<()> {
        let block = self.block.take_if(|block| block.number == number).ok_or_else(super::no_transaction)?;
        self.end(block, false)
    }

    /// True if COMMIT of this block commits, or says why it cannot.
    pub(super) fn commits(&self, block: &Block) -> bool {
        block.timed_out || !self.signals.has_failed(block.number)
    }

    /// A call begins: the transaction is fetched from where it lay.
    fn wake(&mut self) {
        if let Some(Idle { place, alarm }) = self.idle.take() {
            self.shared.store.cancel_alarm(alarm);
            let txn = place.lock().take();
            if let Some(block) = &mut self.block {
                block.timed_out = txn.is_none();
                block.txn = txn;
                if block.timed_out {
                    self.signals.fail(block.number);
                }
            }
        }
        // What was read after its statement returned may have failed.
        self.undo_failed();
    }

    /// A call ends: the transaction is laid where an alarm finds it.
    fn rest(&mut self) {
        let timeout = self.settings.idle_timeout();
        let Some(block) = self.block.as_mut().filter(|_| !timeout.is_zero()) else { return };
        let Some(txn) = block.txn.take() else { return };
        let place = Arc::new(Mutex::new(Some(txn)));
        let there = Arc::clone(&place);
        let take = Box::new(move || {
            let txn = there.lock().take();
            drop(txn);
        });
        match self.shared.store.set_alarm(timeout, take) {
            Ok(alarm) => self.idle = Some(Idle { place, alarm }),
            // The database is closed, or there are no more threads: the next call will tell.
            Err(_) => block.txn = place.lock().take(),
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.wake();
        self.block = None;
        // Where that fails, the next who opens the database does it.
        let _ = self.drop_temporary();
    }
}

/// A session during a call.
pub(crate) struct Entered<'a>(RefMut<'a, Session>);

impl<'a> Entered<'a> {
    pub(crate) fn new(mut session: RefMut<'a, Session>) -> Self {
        session.wake();
        Entered(session)
    }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        self.0.rest();
    }
}

impl Deref for Entered<'_> {
    type Target = Session;
    fn deref(&self) -> &Session {
        &self.0
    }
}

impl DerefMut for Entered<'_> {
    fn deref_mut(&mut self) -> &mut Session {
        &mut self.0
    }
}
