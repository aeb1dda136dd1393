//! What a connection is between statements: its transaction, its settings, its prepared texts.
//!
//! ```text
//!              BEGIN, begin()                        a statement fails
//!   idle ─────────────────────────▶ in a block ─────────────────────────▶ failed
//!    ▲ ◀───────────────────────────────┘ ▲  COMMIT, ROLLBACK                │ │
//!    │                                   └──────────────────────────────────┘ │ ROLLBACK TO a savepoint
//!    └────────────────────────────────────────────────────────────────────────┘ ROLLBACK, COMMIT (which rolls back)
//! ```
//!
//! Idle, each statement is a transaction of its own. Several statements in one text are one block that nobody began
//! ([`Block::implicit`]): committed at the end, rolled back at the first error.
//!
//! | file | holds |
//! |---|---|
//! | `block` | an open transaction: its savepoints, its end, its rest between calls |
//! | `modes` | BEGIN, COMMIT, SAVEPOINT, SET TRANSACTION |
//! | `config` | SET, SHOW, RESET |
//! | `copy` | COPY |
//! | `look` | what others may learn of it |
//!
//! Life of a statement here: [`Session::run`] → a transaction → [`Ready`] made or found fresh against that transaction's
//! catalog → read by key ([`point`]) or [`execute`], which under READ COMMITTED runs it again on a new snapshot for as
//! long as it meets rows that changed under it → commit where it stands alone.
//!
//! Invariants:
//! 1. A block is failed exactly when [`Signals::failed`] is its number; numbers are never given twice. So rows that are
//!    read after their statement returned can make their transaction fail, and no other.
//! 2. A [`Ready`] runs only in a transaction whose catalog has the version it was made with.
//! 3. A failed block holds no lock but those from before its innermost savepoint: what failed is undone at once.
//! 4. Between calls, where `idle_in_transaction_session_timeout` is set, the transaction lies in a place from which an
//!    alarm takes it when the time is up ([`Entered`]).

mod block;
mod config;
mod copy;
mod look;
mod maintain;
mod modes;
mod temporary;

pub(crate) use block::Entered;
pub(crate) use copy::CHUNK;

use crate::rows::Rows;
use crate::settings::Settings;
use crate::sql::ast::{self, Isolation, StatementKind, TransactionModes};
use crate::sql::execute::{Context, MemoryBudget};
use crate::sql::expr::{EvalContext, Planner};
use crate::sql::functions::sequence::Given;
use crate::sql::functions::system::Instance;
use crate::sql::plan::Plan;
use crate::sql::{self, Execution, Prepared, ResultColumn, parse};
use crate::{Error, Result, Type, Value};
use block::{Block, Idle};
use remanent_storage::error::state;
use remanent_storage::store::Store;
use remanent_storage::txn::locker::SessionLocks;
use remanent_storage::txn::temporary::temporary_schema;
use remanent_storage::txn::{Interrupt, Txn};
use rustc_hash::FxHashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How many texts a session keeps prepared, and how long each may be.
const CACHED_TEXTS: usize = 64;
const CACHED_BYTES: usize = 2048;

/// What the connections of a database share.
pub(crate) struct Shared {
    pub(crate) store: Arc<Store>,
    /// What functions know of the database.
    pub(crate) instance: Arc<Instance>,
    /// What running statements may hold.
    pub(crate) memory: Arc<MemoryBudget>,
}

/// What reaches a session from outside of its calls.
pub(crate) struct Signals {
    /// The number of the block that failed last.
    failed: AtomicU64,
}

impl Signals {
    /// Makes a block fail.
    pub(crate) fn fail(&self, number: u64) {
        self.failed.store(number, Ordering::Relaxed);
    }

    fn has_failed(&self, number: u64) -> bool {
        self.failed.load(Ordering::Relaxed) == number
    }

    /// Makes a block sound again.
    fn revive(&self, number: u64) {
        let _ = self.failed.compare_exchange(number, 0, Ordering::Relaxed, Ordering::Relaxed);
    }
}

/// One session.
pub(crate) struct Session {
    shared: Arc<Shared>,
    interrupt: Arc<Interrupt>,
    pub(crate) signals: Arc<Signals>,
    /// Shared with the statements that run; changed as a copy.
    settings: Arc<Settings>,
    /// Advisory locks that outlive transactions.
    locks: Arc<SessionLocks>,
    /// The numbers that sequences gave it.
    given: Arc<Given>,
    block: Option<Block>,
    /// Where the block's transaction lies between two calls.
    idle: Option<Idle>,
    /// How many blocks there were.
    blocks: u64,
    cache: FxHashMap<String, Work>,
}

/// A statement that can be run.
#[derive(Clone)]
pub(crate) enum Work {
    /// Nothing.
    Empty,
    /// One that reads or writes tables, prepared when it first meets a catalog.
    Data(Arc<ast::Statement>, Option<Arc<Ready>>),
    /// One of the session itself.
    Session(Arc<ast::Statement>),
}

/// A statement prepared against one version of the catalog.
pub(crate) struct Ready {
    prepared: Prepared,
    /// The schemas it was made with.
    path: Arc<[String]>,
    planner: Planner,
    columns: Arc<[ResultColumn]>,
}

impl Work {
    fn of(statement: Arc<ast::Statement>) -> Self {
        match sql::is_preparable(&statement) {
            true => Work::Data(statement, None),
            false => Work::Session(statement),
        }
    }

    /// The result's columns, as far as they are known.
    pub(crate) fn columns(&self) -> &[ResultColumn] {
        match self {
            Work::Data(_, Some(ready)) => &ready.columns,
            _ => &[],
        }
    }

    /// The parameters' types, as far as they are known.
    pub(crate) fn params(&self) -> &[Type] {
        match self {
            Work::Data(_, Some(ready)) => ready.prepared.params(),
            _ => &[],
        }
    }
}

impl Session {
    pub(crate) fn new(shared: &Arc<Shared>, interrupt: &Arc<Interrupt>) -> Result<Self> {
        // 57P01 where the database is closed.
        let txn = shared.store.begin(None)?;
        let locks = shared.store.session();
        let mut settings = Settings::of(&shared.store, txn.catalog());
        if !shared.store.options().read_only {
            settings.set_temporary(&temporary_schema(locks.id()));
        }
        let session = Session {
            shared: Arc::clone(shared),
            interrupt: Arc::clone(interrupt),
            signals: Arc::new(Signals { failed: AtomicU64::new(0) }),
            settings: Arc::new(settings),
            given: Arc::new(Given::new(&locks)),
            locks,
            block: None,
            idle: None,
            blocks: 0,
            cache: FxHashMap::default(),
        };
        Ok(session)
    }

    // Texts.

    /// Runs a text to its end; how many rows were written.
    pub(crate) fn execute_text(&mut self, text: &str, params: &[Value]) -> Result<u64> {
        let mut affected = 0;
        let rows = self.text(text, params, &mut affected)?;
        let block = self.open_block();
        let done = rows.finish();
        if let (Err(_), Some(number)) = (&done, block) {
            self.signals.fail(number);
            self.undo_failed();
        }
        Ok(affected + done?)
    }

    /// Runs a text; the rows of its last statement.
    pub(crate) fn query_text(&mut self, text: &str, params: &[Value]) -> Result<Rows> {
        self.text(text, params, &mut 0)
    }

    fn text(&mut self, text: &str, params: &[Value], affected: &mut u64) -> Result<Rows> {
        self.interrupt.clear();
        let cached = self.cache.get(text).cloned();
        let known = cached.is_some();
        let mut work = match cached {
            Some(work) => work,
            None => match self.parse(text)? {
                Parsed::One(work) => work,
                Parsed::Script(_) if !params.is_empty() => {
                    let message = "cannot insert multiple commands into a prepared statement";
                    return self.failing(Err(Error::new(state::SYNTAX_ERROR, message)
                        .with_hint("Pass parameters to one statement at a time.")));
                }
                Parsed::Script(statements) => return self.script(statements, affected),
            },
        };
        let made_with = version(&work);
        let rows = self.run_one(&mut work, params)?;
        let stable = matches!(&work, Work::Data(_, Some(ready)) if !ready.prepared.defines());
        if stable && text.len() <= CACHED_BYTES && (!known || version(&work) != made_with) {
            if self.cache.len() >= CACHED_TEXTS {
                self.cache.clear();
            }
            self.cache.insert(text.to_string(), work);
        }
        Ok(rows)
    }

    /// A statement to run more than once.
    pub(crate) fn prepare(&mut self, text: &str) -> Result<Work> {
        let mut work = match self.parse(text)? {
            Parsed::One(work) => work,
            Parsed::Script(_) => {
                let message = "cannot insert multiple commands into a prepared statement";
                return self.failing(Err(Error::new(state::SYNTAX_ERROR, message)));
            }
        };
        let done = self.make_ready(&mut work);
        self.failing(done).map(|()| work)
    }

    fn make_ready(&mut self, work: &mut Work) -> Result<()> {
        let Work::Data(statement, ready) = work else { return Ok(()) };
        self.check_block()?;
        let context = self.context();
        match &mut self.block {
            Some(block) => {
                block.begin_statement()?;
                let txn = block.txn()?;
                let ready = fresh(statement, ready, txn, &context)?;
                txn.read_names(ready.prepared.names());
                Ok(())
            }
            None => fresh(statement, ready, &self.begin_txn()?, &context).map(drop),
        }
    }

    fn parse(&mut self, text: &str) -> Result<Parsed> {
        let parsed = parse::parse(text);
        let mut statements = self.failing(parsed)?;
        Ok(match (statements.pop(), statements.is_empty()) {
            (None, _) => Parsed::One(Work::Empty),
            (Some(only), true) => Parsed::One(Work::of(Arc::new(only))),
            (Some(last), false) => {
                statements.push(last);
                Parsed::Script(statements)
            }
        })
    }

    /// Runs several statements as one transaction, where they do not begin and end their own.
    fn script(&mut self, statements: Vec<ast::Statement>, affected: &mut u64) -> Result<Rows> {
        let done = self.script_statements(statements, affected);
        match self.block.take_if(|block| block.implicit) {
            None => done,
            Some(block) => {
                let ended = self.end(block, done.is_ok());
                ended.and(done)
            }
        }
    }

    fn script_statements(&mut self, statements: Vec<ast::Statement>, affected: &mut u64) -> Result<Rows> {
        let mut last = Rows::none();
        for statement in statements {
            let done = last.finish();
            *affected += self.failing(done)?;
            let mut work = Work::of(Arc::new(statement));
            if self.block.is_none() && !is_transaction(&work) {
                self.open(TransactionModes::default(), true)?;
            }
            last = self.run_one(&mut work, &[])?;
        }
        Ok(last)
    }

    // Statements.

    /// Runs one statement. An error makes the open transaction fail.
    pub(crate) fn run(&mut self, work: &mut Work, params: &[Value]) -> Result<Rows> {
        self.interrupt.clear();
        self.run_one(work, params)
    }

    fn run_one(&mut self, work: &mut Work, params: &[Value]) -> Result<Rows> {
        for (name, value, local) in self.given.wanted() {
            let done = self.set(&name, value.as_deref(), local);
            self.failing(done)?;
        }
        self.settings.begin_statement(&self.interrupt);
        let done = match work {
            Work::Data(statement, ready) => match self.block.is_some() {
                // One that runs alone does so when it begins its transaction.
                true => {
                    let fresh = self.shared.store.refresh();
                    fresh.and_then(|()| self.run_in_block(statement, ready, params))
                }
                false => self.run_alone(statement, ready, params),
            },
            _ if !params.is_empty() => {
                let message = format!("{} parameters are given, but the statement has 0", params.len());
                Err(Error::new(state::UNDEFINED_PARAMETER, message))
            }
            Work::Session(statement) => self.run_session(&statement.kind),
            Work::Empty => Ok(Rows::none()),
        };
        Ok(self.failing(done)?.in_zone(self.settings.zone()))
    }

    fn run_alone(
        &mut self,
        statement: &Arc<ast::Statement>,
        slot: &mut Option<Arc<Ready>>,
        params: &[Value],
    ) -> Result<Rows> {
        let mut txn = self.begin_txn()?;
        let ready = match slot {
            Some(ready) if self.fits(ready, &txn) => Arc::clone(ready),
            _ => fresh(statement, slot, &txn, &self.context())?,
        };
        if let Some(rows) = point(&ready, &txn, params)? {
            return Ok(rows);
        }
        if self.settings.read_only() {
            refuse_writes(statement, &ready)?;
        }
        txn.set_interrupt(Arc::clone(&self.interrupt));
        txn.set_session(&self.locks);
        let interrupt = Arc::clone(&self.interrupt);
        let _hurry = ready.prepared.writes_row().then(|| interrupt.hurry());
        let serializable = self.settings.defaults().isolation == Some(Isolation::Serializable);
        let short = !serializable || ready.prepared.inserts_row();
        if short && let Some(written) = write_row(&ready, &mut txn, params, &self.eval(params), true)? {
            // Mostly it has committed on its way.
            if txn.has_writes() {
                self.commit(txn)?;
            }
            return Ok(Rows::wrote(&ready.columns, written));
        }
        let context = self.context();
        if serializable && ready.prepared.writes() {
            txn.begin_serializable();
            txn.keep_snapshot();
        }
        let (ready, execution) = execute(statement, slot, &mut txn, params, &context, !serializable)?;
        if ready.prepared.writes() {
            self.interrupt.check()?;
            self.commit(txn)?;
        }
        Ok(Rows::running(Arc::clone(&ready.columns), execution, None))
    }

    fn run_in_block(
        &mut self,
        statement: &Arc<ast::Statement>,
        slot: &mut Option<Arc<Ready>>,
        params: &[Value],
    ) -> Result<Rows> {
        self.check_block()?;
        let mut context = self.context();
        let Some(block) = &mut self.block else { return Err(Error::internal("no block is open")) };
        block.begin_statement()?;
        context.now = block.now;
        let (again, only_reads) = (block.read_committed(), block.modes.read_only == Some(true));
        let (number, txn) = (block.number, block.txn()?);
        let ready = fresh(statement, slot, txn, &context)?;
        txn.read_names(ready.prepared.names());
        if let Some(rows) = point(&ready, txn, params)? {
            return Ok(rows);
        }
        if only_reads {
            refuse_writes(statement, &ready)?;
        }
        if let Some(what) = statement.kind.alone() {
            let message = format!("{what} cannot run inside a transaction block");
            return Err(Error::new(state::ACTIVE_SQL_TRANSACTION, message));
        }
        if let Some(written) = write_row(&ready, txn, params, &context.eval(params), false)? {
            return Ok(Rows::wrote(&ready.columns, written));
        }
        let (ready, execution) = execute(statement, slot, txn, params, &context, again)?;
        let signals = Some((Arc::clone(&self.signals), number));
        Ok(Rows::running(Arc::clone(&ready.columns), execution, signals))
    }

    /// What the session gives a statement that begins now, on its own.
    pub(crate) fn context(&self) -> Context {
        let world = self.shared.store.world().clone();
        let now = world.clock.now();
        let (interrupt, memory) = (Arc::clone(&self.interrupt), Arc::clone(&self.shared.memory));
        let spill = self.shared.store.spill().cloned();
        let instance = Some(Arc::clone(&self.shared.instance));
        self.given.set_durable(self.settings.synchronous_commit());
        self.given.set_read_only(match &self.block {
            Some(block) => block.modes.read_only == Some(true),
            None => self.settings.read_only(),
        });
        let (path, given) = (self.settings.path(), Some(Arc::clone(&self.given)));
        let settings = Some(Arc::clone(&self.settings));
        let zone = self.settings.zone().clone();
        Context {
            world,
            interrupt,
            memory,
            spill,
            instance,
            now,
            statement_now: now,
            path,
            given,
            zone,
            settings,
            planner: self.settings.planner(),
        }
    }

    /// The same for the expressions of a statement that takes the short path: nothing of it is held beyond that.
    fn eval<'a>(&'a self, params: &'a [Value]) -> EvalContext<'a> {
        let world = self.shared.store.world();
        let now = world.clock.now();
        self.given.set_durable(self.settings.synchronous_commit());
        EvalContext {
            params,
            now,
            statement_now: now,
            interrupt: &self.interrupt,
            world,
            locks: None,
            subqueries: None,
            instance: Some(&self.shared.instance),
            catalog: None,
            path: self.settings.schemas(),
            given: Some(&self.given),
            zone: self.settings.zone(),
            settings: Some(&self.settings),
            kept: None,
            planner: self.settings.planner(),
        }
    }

    /// True if a statement was prepared for a transaction's catalog and the session's settings.
    fn fits(&self, ready: &Ready, txn: &Txn) -> bool {
        let settings = &*self.settings;
        ready.prepared.catalog_version() == txn.catalog().version()
            && *ready.path == *settings.schemas()
            && ready.prepared.zone() == settings.zone()
            && ready.planner == settings.planner()
            && ready.prepared.searches_as(Some(settings))
    }

    fn run_session(&mut self, statement: &StatementKind) -> Result<Rows> {
        match statement {
            StatementKind::Transaction(transaction) => self.transaction(transaction).map(|()| Rows::none()),
            StatementKind::Copy(copy) => self.copy(copy),
            StatementKind::Discard(what) => self.discard(*what).map(|()| Rows::none()),
            StatementKind::Maintain(maintain) => self.maintain(maintain).map(|()| Rows::none()),
            StatementKind::Alter(alter) => self.alter(alter).map(|()| Rows::none()),
            StatementKind::Backup(_) if self.block.is_some() => {
                let message = "BACKUP cannot run inside a transaction block";
                Err(Error::new(state::ACTIVE_SQL_TRANSACTION, message)
                    .with_hint("It has a snapshot of its own; run it outside."))
            }
            StatementKind::Backup(dir) => {
                self.shared.store.backup(Path::new(dir), &self.interrupt).map(|_| Rows::none())
            }
            StatementKind::SetConstraints(set) => self.set_constraints(set).map(|()| Rows::none()),
            _ => {
                self.check_block()?;
                self.setting(statement)
            }
        }
    }

    // Transactions.

    /// The schemas for names without one.
    pub(crate) fn path(&self) -> Arc<[String]> {
        self.settings.path()
    }

    /// A new transaction. 57P01 where the database is closed.
    pub(crate) fn begin_txn(&self) -> Result<Txn> {
        self.shared.store.begin(Some(self.settings.synchronous_commit()))
    }

    /// One that lives longer than a statement.
    pub(crate) fn begin_own(&self) -> Result<Txn> {
        let mut txn = self.begin_txn()?;
        txn.set_interrupt(Arc::clone(&self.interrupt));
        txn.set_session(&self.locks);
        Ok(txn)
    }

    /// One that appends rows; 25006 where `default_transaction_read_only` is on.
    pub(crate) fn begin_own_to_write(&self) -> Result<Txn> {
        match self.settings.read_only() {
            true => Err(read_only_error("append rows")),
            false => self.begin_own(),
        }
    }

    /// What is asked from here on to end is what begins now.
    pub(crate) fn begin_call(&self) {
        self.interrupt.clear();
        self.settings.begin_statement(&self.interrupt);
    }

    /// Commits, with the session's `synchronous_commit`.
    pub(crate) fn commit(&self, mut txn: Txn) -> Result<()> {
        txn.set_synchronous_commit(self.settings.synchronous_commit());
        txn.commit()
    }

    /// Does something in the open block as a statement of its own.
    pub(crate) fn in_block(
        &mut self,
        number: u64,
        work: &mut dyn FnMut(&mut Txn) -> Result<()>,
    ) -> Result<()> {
        self.begin_call();
        let done = match &mut self.block {
            Some(block) if block.number != number => return Err(no_transaction()),
            None => return Err(no_transaction()),
            Some(block) if self.signals.has_failed(number) => Err(block.in_failed()),
            Some(block) if block.modes.read_only == Some(true) => Err(read_only_error("append rows")),
            Some(block) => block.begin_statement().and_then(|()| work(block.txn()?)),
        };
        self.failing(done)
    }

    /// 25P02 in a failed block, 25P03 in one that was idle too long.
    fn check_block(&self) -> Result<()> {
        match &self.block {
            Some(block) if self.signals.has_failed(block.number) => Err(block.in_failed()),
            _ => Ok(()),
        }
    }

    /// An error in which enum types and their values are spelled as the catalog at hand has them.
    pub(crate) fn spelled(&mut self, error: Error) -> Error {
        if !error.speaks_in_marks() {
            return error;
        }
        let path = self.path();
        let catalog = match &mut self.block {
            Some(block) => block.txn().map(|txn| Arc::clone(txn.catalog())),
            None => self.begin_txn().map(|txn| Arc::clone(txn.catalog())),
        };
        match catalog {
            Ok(catalog) => sql::spelled_error(error, &catalog, &path),
            Err(_) => error,
        }
    }

    /// An error makes the open block fail.
    fn failing<T>(&mut self, done: Result<T>) -> Result<T> {
        let done = done.map_err(|error| self.spelled(error));
        if let (Err(_), Some(block)) = (&done, &self.block) {
            self.signals.fail(block.number);
            self.undo_failed();
        }
        done
    }
}

/// What a text consists of.
enum Parsed {
    One(Work),
    /// Two or more.
    Script(Vec<ast::Statement>),
}

fn is_transaction(work: &Work) -> bool {
    matches!(work, Work::Session(statement) if matches!(statement.kind, StatementKind::Transaction(_)))
}

/// The version of the catalog that a statement is prepared for.
fn version(work: &Work) -> Option<u64> {
    match work {
        Work::Data(_, Some(ready)) => Some(ready.prepared.catalog_version()),
        _ => None,
    }
}

/// The prepared statement for a transaction's catalog; made where the slot has none that fits.
fn fresh(
    statement: &ast::Statement,
    slot: &mut Option<Arc<Ready>>,
    txn: &Txn,
    context: &Context,
) -> Result<Arc<Ready>> {
    let catalog = txn.catalog();
    if let Some(ready) = slot
        && ready.prepared.catalog_version() == catalog.version()
        && ready.path == context.path
        && *ready.prepared.zone() == context.zone
        && ready.planner == context.planner
        && ready.prepared.searches_as(context.settings.as_deref())
    {
        return Ok(Arc::clone(ready));
    }
    let prepared = sql::prepare(statement, catalog, &[], context)?;
    let columns = prepared.columns().into();
    let (path, planner) = (Arc::clone(&context.path), context.planner);
    Ok(Arc::clone(slot.insert(Arc::new(Ready { prepared, path, planner, columns }))))
}

/// The short path of a read by the whole key; None where this is none.
fn point(ready: &Ready, txn: &Txn, params: &[Value]) -> Result<Option<Rows>> {
    let Some(point) = ready.prepared.point() else { return Ok(None) };
    txn.give_turn();
    let row = point.read(&ready.prepared, txn, params)?;
    Ok(Some(Rows::one(Arc::clone(&ready.columns), row)))
}

/// The short path of a statement that writes one row; None where this has none. It has nothing to undo when it fails.
fn write_row(
    ready: &Ready,
    txn: &mut Txn,
    params: &[Value],
    ctx: &EvalContext<'_>,
    alone: bool,
) -> Result<Option<u64>> {
    match ready.prepared.write_row(txn, params, ctx, alone) {
        // The table was truncated, or the row has changed since the snapshot: the long way prepares anew, or runs again.
        Err(error) if error.is_restart() => Ok(None),
        done => done,
    }
}

/// Runs a statement; where a row changed under it and `again` allows, again on a new snapshot. The locks that it took
/// stay, so it gets further each time.
fn execute(
    statement: &ast::Statement,
    slot: &mut Option<Arc<Ready>>,
    txn: &mut Txn,
    params: &[Value],
    context: &Context,
    again: bool,
) -> Result<(Arc<Ready>, Execution)> {
    loop {
        let ready = fresh(statement, slot, txn, context)?;
        txn.read_names(ready.prepared.names());
        let savepoint = ready.prepared.writes().then(|| txn.savepoint());
        match ready.prepared.execute(txn, params.to_vec(), context) {
            Err(error) if again && error.is_restart() => {
                context.interrupt.check()?;
                if let Some(savepoint) = savepoint {
                    txn.rollback_to(&savepoint);
                }
                txn.begin_statement();
            }
            done => return done.map(|execution| (ready, execution)),
        }
    }
}

fn no_transaction() -> Error {
    Error::new(state::NO_ACTIVE_SQL_TRANSACTION, "the transaction has already ended")
}

/// 25006 for what a read-only transaction does not do.
fn refuse_writes(statement: &ast::Statement, ready: &Ready) -> Result<()> {
    if let (Some(clause), false) = (ready.prepared.locks_rows(), ready.prepared.writes()) {
        return Err(read_only_error(&format!("execute SELECT {clause}")));
    }
    if !ready.prepared.writes() || ready.prepared.plan().writes_temporary_only() {
        return Ok(());
    }
    Err(read_only_error(match statement.kind {
        StatementKind::Insert(_) => "execute INSERT",
        StatementKind::Update(_) => "execute UPDATE",
        StatementKind::Delete(_) => "execute DELETE",
        StatementKind::Merge(_) => "execute MERGE",
        _ => match ready.prepared.plan() {
            Plan::Define(define) => return Err(read_only_error(&format!("execute {}", define.tag))),
            _ => "write",
        },
    }))
}

pub(crate) fn read_only_error(what: &str) -> Error {
    let message = format!("cannot {what} in a read-only transaction");
    Error::new(state::READ_ONLY_SQL_TRANSACTION, message)
}
