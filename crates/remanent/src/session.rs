//! What a connection is between statements: its transaction, its settings, its prepared texts.
//!
//! ```text
//!              BEGIN, begin()                        a statement fails
//!   idle ─────────────────────────▶ in a block ─────────────────────────▶ failed
//!    ▲ ◀───────────────────────────────┘ COMMIT, ROLLBACK                   │
//!    └──────────────────────────────────────────────────────────────────────┘ ROLLBACK, COMMIT (which rolls back)
//! ```
//!
//! Idle, each statement is a transaction of its own. Several statements in one text are one block that nobody began
//! ([`Block::implicit`]): committed at the end, rolled back at the first error.
//!
//! Life of a statement here: [`Session::run`] → a transaction → [`Ready`] made or found fresh against that transaction's
//! catalog → read by key ([`point`]) or [`execute`], which under READ COMMITTED runs it again on a new snapshot for as
//! long as it meets rows that changed under it → commit where it stands alone.
//!
//! Invariants:
//! 1. A block is failed exactly when [`Signals::failed`] is its number; numbers are never given twice. So rows that are
//!    read after their statement returned can make their transaction fail, and no other.
//! 2. A [`Ready`] runs only in a transaction whose catalog has the version it was made with.

use crate::rows::Rows;
use crate::settings::Settings;
use crate::sql::ast::{self, Isolation, StatementKind, TransactionModes, TransactionStatement};
use crate::sql::execute::{Context, MemoryBudget};
use crate::sql::{self, Execution, Prepared, ResultColumn, parse};
use crate::{Error, Result, Type, Value};
use remanent_storage::error::state;
use remanent_storage::store::Store;
use remanent_storage::txn::{Interrupt, Txn};
use rustc_hash::FxHashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How many texts a session keeps prepared, and how long each may be.
const CACHED_TEXTS: usize = 64;
const CACHED_BYTES: usize = 2048;

/// What the connections of a database share.
pub(crate) struct Shared {
    pub(crate) store: Arc<Store>,
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
}

/// One session.
pub(crate) struct Session {
    shared: Arc<Shared>,
    interrupt: Arc<Interrupt>,
    pub(crate) signals: Arc<Signals>,
    settings: Settings,
    /// SET SESSION CHARACTERISTICS
    defaults: TransactionModes,
    block: Option<Block>,
    /// How many blocks there were.
    blocks: u64,
    cache: FxHashMap<String, Work>,
}

/// An open transaction.
struct Block {
    txn: Txn,
    number: u64,
    /// When it began: `now()`.
    now: i64,
    modes: TransactionModes,
    /// True after its first statement.
    started: bool,
    /// True for several statements in one text that nobody called a transaction.
    implicit: bool,
    /// The settings when it first changed one, and those it changed for its own duration only.
    before: Option<(Settings, Vec<String>)>,
}

impl Block {
    fn read_committed(&self) -> bool {
        self.modes.isolation != Some(Isolation::RepeatableRead)
    }

    /// A new snapshot, where statements have their own.
    fn begin_statement(&mut self) {
        if self.read_committed() || !self.started {
            self.txn.begin_statement();
        }
        self.started = true;
    }
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
    columns: Arc<[ResultColumn]>,
}

impl Work {
    fn of(statement: ast::Statement) -> Self {
        match sql::is_preparable(&statement) {
            true => Work::Data(Arc::new(statement), None),
            false => Work::Session(Arc::new(statement)),
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
        let session = Session {
            shared: Arc::clone(shared),
            interrupt: Arc::clone(interrupt),
            signals: Arc::new(Signals { failed: AtomicU64::new(0) }),
            settings: Settings::default(),
            defaults: TransactionModes::default(),
            block: None,
            blocks: 0,
            cache: FxHashMap::default(),
        };
        // 57P01 where the database is closed.
        session.begin_txn().map(drop)?;
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
        }
        Ok(affected + done?)
    }

    /// Runs a text; the rows of its last statement.
    pub(crate) fn query_text(&mut self, text: &str, params: &[Value]) -> Result<Rows> {
        self.text(text, params, &mut 0)
    }

    fn text(&mut self, text: &str, params: &[Value], affected: &mut u64) -> Result<Rows> {
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
        let rows = self.run(&mut work, params)?;
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
                block.begin_statement();
                fresh(statement, ready, &block.txn, &context).map(drop)
            }
            None => fresh(statement, ready, &self.begin_txn()?, &context).map(drop),
        }
    }

    fn parse(&mut self, text: &str) -> Result<Parsed> {
        let parsed = parse::parse(text);
        let mut statements = self.failing(parsed)?;
        Ok(match (statements.pop(), statements.is_empty()) {
            (None, _) => Parsed::One(Work::Empty),
            (Some(only), true) => Parsed::One(Work::of(only)),
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
            Some(block) if done.is_ok() => {
                self.end_settings(&block, true);
                self.commit(block.txn)?;
                done
            }
            Some(block) => {
                self.end_settings(&block, false);
                done
            }
        }
    }

    fn script_statements(&mut self, statements: Vec<ast::Statement>, affected: &mut u64) -> Result<Rows> {
        let mut last = Rows::none();
        for statement in statements {
            *affected += last.finish().inspect_err(|_| self.fail())?;
            let mut work = Work::of(statement);
            if self.block.is_none() && !is_transaction(&work) {
                self.open(TransactionModes::default(), true)?;
            }
            last = self.run(&mut work, &[])?;
        }
        Ok(last)
    }

    // Statements.

    /// Runs one statement. An error makes the open transaction fail.
    pub(crate) fn run(&mut self, work: &mut Work, params: &[Value]) -> Result<Rows> {
        self.interrupt.clear();
        let done = match work {
            Work::Data(statement, ready) => match self.block.is_some() {
                true => self.run_in_block(statement, ready, params),
                false => self.run_alone(statement, ready, params),
            },
            _ if !params.is_empty() => {
                let message = format!("{} parameters are given, but the statement has 0", params.len());
                Err(Error::new(state::UNDEFINED_PARAMETER, message))
            }
            Work::Session(statement) => self.run_session(&statement.kind),
            Work::Empty => Ok(Rows::none()),
        };
        self.failing(done)
    }

    fn run_alone(
        &mut self,
        statement: &Arc<ast::Statement>,
        slot: &mut Option<Arc<Ready>>,
        params: &[Value],
    ) -> Result<Rows> {
        let mut txn = self.begin_txn()?;
        if let Some(rows) = point(slot, &txn, params)? {
            return Ok(rows);
        }
        let context = self.context();
        let ready = fresh(statement, slot, &txn, &context)?;
        if let Some(rows) = point(slot, &txn, params)? {
            return Ok(rows);
        }
        if ready.prepared.writes() && self.defaults.read_only == Some(true) {
            return Err(read_only(statement));
        }
        txn.set_interrupt(Arc::clone(&self.interrupt));
        if insert_row(&ready, &mut txn, params)? {
            self.commit(txn)?;
            return Ok(Rows::inserted_one(&ready.columns));
        }
        let (ready, execution) = execute(statement, slot, &mut txn, params, &context, true)?;
        if ready.prepared.writes() {
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
        block.begin_statement();
        context.now = block.now;
        let ready = fresh(statement, slot, &block.txn, &context)?;
        if let Some(rows) = point(slot, &block.txn, params)? {
            return Ok(rows);
        }
        if ready.prepared.writes() && block.modes.read_only == Some(true) {
            return Err(read_only(statement));
        }
        if insert_row(&ready, &mut block.txn, params)? {
            return Ok(Rows::inserted_one(&ready.columns));
        }
        let again = block.read_committed();
        let (ready, execution) = execute(statement, slot, &mut block.txn, params, &context, again)?;
        let signals = Some((Arc::clone(&self.signals), block.number));
        Ok(Rows::running(Arc::clone(&ready.columns), execution, signals))
    }

    /// What the session gives a statement that begins now, on its own.
    fn context(&self) -> Context {
        let world = self.shared.store.world().clone();
        let now = world.clock.now();
        let (interrupt, memory) = (Arc::clone(&self.interrupt), Arc::clone(&self.shared.memory));
        Context { world, interrupt, memory, now, statement_now: now }
    }

    fn run_session(&mut self, statement: &StatementKind) -> Result<Rows> {
        match statement {
            StatementKind::Transaction(transaction) => self.transaction(transaction).map(|()| Rows::none()),
            _ => {
                self.check_block()?;
                self.setting(statement)
            }
        }
    }

    // Transactions.

    /// A new transaction. 57P01 where the database is closed.
    pub(crate) fn begin_txn(&self) -> Result<Txn> {
        self.shared.store.begin(self.settings.synchronous_commit())
    }

    /// Commits, with the session's `synchronous_commit`.
    pub(crate) fn commit(&self, mut txn: Txn) -> Result<()> {
        if let Some(on) = self.settings.synchronous_commit() {
            txn.set_synchronous_commit(on);
        }
        txn.commit()
    }

    fn open(&mut self, modes: TransactionModes, implicit: bool) -> Result<u64> {
        if modes.isolation == Some(Isolation::Serializable) {
            let message = "the isolation level SERIALIZABLE is not supported";
            return Err(Error::new(state::FEATURE_NOT_SUPPORTED, message)
                .with_hint("REPEATABLE READ gives each transaction one snapshot."));
        }
        let modes = TransactionModes {
            isolation: modes.isolation.or(self.defaults.isolation),
            read_only: modes.read_only.or(self.defaults.read_only),
            deferrable: modes.deferrable,
        };
        let mut txn = self.begin_txn()?;
        txn.set_interrupt(Arc::clone(&self.interrupt));
        self.blocks += 1;
        let (number, now) = (self.blocks, self.shared.store.world().clock.now());
        self.block = Some(Block { txn, number, now, modes, started: false, implicit, before: None });
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

    fn transaction(&mut self, statement: &TransactionStatement) -> Result<()> {
        use TransactionStatement as T;
        match statement {
            T::Begin(modes) => match &mut self.block {
                // As in PostgreSQL, where a second BEGIN is a warning only.
                Some(block) => {
                    block.implicit = false;
                    self.check_block()
                }
                None => self.open(*modes, false).map(drop),
            },
            T::Commit(chain) => self.end_by_statement(*chain, true),
            T::Rollback(chain) => self.end_by_statement(*chain, false),
            T::Set(modes) => self.set_modes(*modes),
            T::SetSession(modes) => {
                self.check_block()?;
                self.defaults.isolation = modes.isolation.or(self.defaults.isolation);
                self.defaults.read_only = modes.read_only.or(self.defaults.read_only);
                Ok(())
            }
            T::Savepoint(_) | T::Release(_) | T::RollbackTo(_) => {
                Err(Error::new(state::FEATURE_NOT_SUPPORTED, "savepoints are not supported"))
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
        let commit = commit && !self.signals.has_failed(block.number);
        self.end(block, commit)?;
        if chain { self.open(modes, false).map(drop) } else { Ok(()) }
    }

    fn end(&mut self, block: Block, commit: bool) -> Result<()> {
        let done = if commit { self.commit(block.txn) } else { Ok(()) };
        if let Some((before, local)) = block.before {
            self.leave_settings(before, &local, commit && done.is_ok());
        }
        done
    }

    /// [`crate::Transaction::commit`]
    pub(crate) fn commit_block(&mut self, number: u64) -> Result<()> {
        let block = self.block.take_if(|block| block.number == number).ok_or_else(no_transaction)?;
        let failed = self.signals.has_failed(number);
        self.end(block, !failed)?;
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
        let block = self.block.take_if(|block| block.number == number).ok_or_else(no_transaction)?;
        self.end(block, false)
    }

    /// Does something in the open block as a statement of its own.
    pub(crate) fn in_block(
        &mut self,
        number: u64,
        work: &mut dyn FnMut(&mut Txn) -> Result<()>,
    ) -> Result<()> {
        let done = match &mut self.block {
            Some(block) if block.number != number => Err(no_transaction()),
            None => Err(no_transaction()),
            Some(_) if self.signals.has_failed(number) => Err(in_failed()),
            Some(block) if block.modes.read_only == Some(true) => Err(read_only_error("append rows")),
            Some(block) => {
                block.begin_statement();
                work(&mut block.txn)
            }
        };
        self.failing(done)
    }

    /// SET TRANSACTION
    fn set_modes(&mut self, modes: TransactionModes) -> Result<()> {
        self.check_block()?;
        let Some(block) = &mut self.block else { return Ok(()) };
        if modes.isolation == Some(Isolation::Serializable) {
            let message = "the isolation level SERIALIZABLE is not supported";
            return Err(Error::new(state::FEATURE_NOT_SUPPORTED, message));
        }
        if block.started && modes.isolation.is_some() {
            let message = "SET TRANSACTION ISOLATION LEVEL must be called before any query";
            return Err(Error::new(state::ACTIVE_SQL_TRANSACTION, message));
        }
        block.modes.isolation = modes.isolation.or(block.modes.isolation);
        block.modes.read_only = modes.read_only.or(block.modes.read_only);
        Ok(())
    }

    /// 25P02 in a failed block.
    fn check_block(&self) -> Result<()> {
        match &self.block {
            Some(block) if self.signals.has_failed(block.number) => Err(in_failed()),
            _ => Ok(()),
        }
    }

    fn fail(&self) {
        if let Some(block) = &self.block {
            self.signals.fail(block.number);
        }
    }

    /// An error makes the open block fail.
    fn failing<T>(&self, done: Result<T>) -> Result<T> {
        if done.is_err() {
            self.fail();
        }
        done
    }

    // Settings.

    fn setting(&mut self, statement: &StatementKind) -> Result<Rows> {
        match statement {
            StatementKind::Set(set) => {
                let value = set
                    .values
                    .as_ref()
                    .map(|values| values.iter().map(setting_text).collect::<Vec<_>>().join(", "));
                self.change_setting(&joined(&set.name), set.local, |settings, name| {
                    settings.set(name, value.as_deref())
                })
            }
            StatementKind::Reset(Some(name)) => {
                self.change_setting(&joined(name), false, |settings, name| settings.set(name, None))
            }
            StatementKind::Reset(None) => self.change_setting("", false, |settings, _| {
                settings.reset();
                Ok(())
            }),
            StatementKind::Show(Some(name)) => self.show(&joined(name)),
            _ => {
                let column = |name: &str| ResultColumn { name: name.to_string(), ty: Type::Text };
                let row = |(name, value): (&str, &str)| vec![Value::from(name), Value::from(value)];
                Ok(Rows::ready(
                    Arc::new([column("name"), column("setting")]),
                    self.settings.all().map(row).collect(),
                ))
            }
        }
    }

    fn change_setting(
        &mut self,
        name: &str,
        local: bool,
        change: impl FnOnce(&mut Settings, &str) -> Result<()>,
    ) -> Result<Rows> {
        let before = self.settings.clone();
        change(&mut self.settings, name)?;
        match &mut self.block {
            Some(block) => {
                let (_, locals) = block.before.get_or_insert_with(|| (before, Vec::new()));
                locals.retain(|other| other != name);
                if local {
                    locals.push(name.to_string());
                }
            }
            // Until the end of the transaction, which is now.
            None if local => self.settings = before,
            None => {}
        }
        Ok(Rows::none())
    }

    fn end_settings(&mut self, block: &Block, committed: bool) {
        if let Some((before, local)) = &block.before {
            self.leave_settings(before.clone(), local, committed);
        }
    }

    /// What a transaction set stays if it committed, but for what it set LOCAL.
    fn leave_settings(&mut self, before: Settings, local: &[String], committed: bool) {
        match committed {
            true => local.iter().for_each(|name| self.settings.restore(name, &before)),
            false => self.settings = before,
        }
    }

    fn show(&self, name: &str) -> Result<Rows> {
        let modes = self.block.as_ref().map_or(self.defaults, |block| block.modes);
        let level = |isolation| match isolation {
            Some(Isolation::RepeatableRead) => "repeatable read",
            Some(Isolation::ReadUncommitted) => "read uncommitted",
            _ => "read committed",
        };
        let switch = |on: bool| if on { "on" } else { "off" };
        let (name, value) = match name {
            "transaction_isolation" => (name, level(modes.isolation).to_string()),
            "default_transaction_isolation" => (name, level(self.defaults.isolation).to_string()),
            "transaction_read_only" => (name, switch(modes.read_only == Some(true)).to_string()),
            "default_transaction_read_only" => {
                (name, switch(self.defaults.read_only == Some(true)).to_string())
            }
            "memory_limit" => (name, self.shared.store.memory_limit().to_string()),
            _ => self.settings.show(name)?,
        };
        let column = ResultColumn { name: name.to_string(), ty: Type::Text };
        Ok(Rows::ready(Arc::new([column]), vec![vec![Value::from(value)]]))
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
    {
        return Ok(Arc::clone(ready));
    }
    let prepared = sql::prepare(statement, catalog, &[], context)?;
    let columns = prepared.columns().into();
    Ok(Arc::clone(slot.insert(Arc::new(Ready { prepared, columns }))))
}

/// The short path of a read by the whole key; None where this is none, or not prepared for this catalog.
fn point(slot: &Option<Arc<Ready>>, txn: &Txn, params: &[Value]) -> Result<Option<Rows>> {
    match slot {
        Some(ready) if ready.prepared.catalog_version() == txn.catalog().version() => {
            let Some(point) = ready.prepared.point() else { return Ok(None) };
            let row = point.read(&ready.prepared, txn, params)?;
            Ok(Some(Rows::one(Arc::clone(&ready.columns), row)))
        }
        _ => Ok(None),
    }
}

/// The short path of an INSERT of one row; false where this is none. It has nothing to undo when it fails, and nothing of
/// a snapshot to meet changed.
fn insert_row(ready: &Ready, txn: &mut Txn, params: &[Value]) -> Result<bool> {
    match ready.prepared.insert_row() {
        Some(insert) => insert.run(&ready.prepared, txn, params),
        None => Ok(false),
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

fn joined(name: &ast::Name) -> String {
    name.parts.iter().map(|part| part.name.as_str()).collect::<Vec<_>>().join(".")
}

fn setting_text(value: &ast::Expr) -> String {
    match &value.kind {
        ast::ExprKind::Literal(ast::Literal::String(text)) => text.clone(),
        _ => value.to_string(),
    }
}

fn no_transaction() -> Error {
    Error::new(state::NO_ACTIVE_SQL_TRANSACTION, "the transaction has already ended")
}

fn in_failed() -> Error {
    let message = "current transaction is aborted, commands ignored until end of transaction block";
    Error::new(state::IN_FAILED_SQL_TRANSACTION, message)
}

fn read_only(statement: &ast::Statement) -> Error {
    read_only_error(match statement.kind {
        StatementKind::Insert(_) => "execute INSERT",
        StatementKind::Update(_) => "execute UPDATE",
        StatementKind::Delete(_) => "execute DELETE",
        StatementKind::CreateTable(_) | StatementKind::CreateTableAs(_) => "execute CREATE TABLE",
        StatementKind::DropTable(_) => "execute DROP TABLE",
        _ => "write",
    })
}

fn read_only_error(what: &str) -> Error {
    let message = format!("cannot {what} in a read-only transaction");
    Error::new(state::READ_ONLY_SQL_TRANSACTION, message)
}
