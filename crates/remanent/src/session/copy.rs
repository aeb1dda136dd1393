//! COPY between tables and files, or the program that runs it.
//!
//! COPY FROM is one statement of the open transaction, or a transaction of its own: all its rows or none. Files are the
//! user's and none of the database's disk (`world/outside.rs`).

use super::{Session, Work, no_transaction, read_only_error};
use crate::rows::Rows;
use crate::sql::ast::{Copied, Copy, CopyEnd, Isolation, StatementKind, TransactionModes};
use crate::sql::bind::{BoundCopy, bind_copy};
use crate::sql::execute::{Context, CopyIn, CopyOut, Policy, Rejected};
use crate::sql::parse;
use crate::sql::vocabulary::quote_ident;
use crate::{Error, Result};
use remanent_storage::error::state;
use remanent_storage::table::TableDef;
use remanent_storage::txn::Txn;
use remanent_storage::value::{Batch, ColumnBuilder};
use remanent_storage::world::outside;
use std::io::{ErrorKind, Read, Write};
use std::path::Path;
use std::sync::Arc;

/// How much is read or written at a time.
pub(crate) const CHUNK: usize = 256 << 10;

/// COPY FROM on its way.
pub(crate) struct CopyingIn {
    copy: CopyIn,
    context: Context,
    target: Target,
}

/// COPY TO on its way.
pub(crate) struct CopyingOut {
    /// What is written, until it is taken.
    pub(crate) rows: Option<Rows>,
    pub(crate) out: CopyOut,
    /// The transaction that ends with it.
    own: bool,
}

/// Where its rows go.
enum Target {
    /// Into a transaction of its own.
    Own(Option<Box<Txn>>),
    /// Into the open one, of that number.
    Block(u64),
}

impl Session {
    /// COPY as it comes in a text: with a file.
    pub(super) fn copy(&mut self, copy: &Copy) -> Result<Rows> {
        let CopyEnd::File(path) = &copy.end else {
            let (what, call) = match copy.from {
                true => ("COPY FROM STDIN", "copy_in"),
                false => ("COPY TO STDOUT", "copy_out"),
            };
            // What PROGRAM is told comes first.
            if let CopyEnd::Command(..) = copy.end {
                self.bind(copy, &[])?;
            }
            let message = format!("{what} is not supported here");
            return Err(Error::new(state::FEATURE_NOT_SUPPORTED, message)
                .with_hint(format!("Call Connection::{call}, or name a file.")));
        };
        let path = Path::new(path);
        let affected = match copy.from {
            true => {
                let mut copying = self.begin_copy(copy, Policy::Fail)?;
                let done = open(path).and_then(|mut file| {
                    let mut chunk = vec![0; CHUNK];
                    loop {
                        let read = file.read(&mut chunk).map_err(|e| Error::io("read file", path, &e))?;
                        match chunk.get(..read) {
                            Some([]) | None => return Ok(()),
                            Some(bytes) => self.feed_copy(&mut copying, bytes)?,
                        }
                    }
                });
                self.failing(done)?;
                self.finish_copy(&mut copying)?;
                self.end_copy(copying)?
            }
            false => {
                let file = self.check_block().and_then(|()| self.ready_copy(copy)).and_then(|work| {
                    let file = outside::writer(path).map_err(|e| not_open(path, "writing", &e))?;
                    Ok((file, work))
                });
                let (mut file, work) = self.failing(file)?;
                let mut copying = self.begin_copy_out(copy, work)?;
                let failed = |e: std::io::Error| Error::io("write to file", path, &e);
                let done = copying.write(&mut |bytes| file.write_all(bytes).map_err(failed));
                self.end_copy_out(&copying, done)?
            }
        };
        Ok(Rows::written(affected))
    }

    /// The COPY that a text consists of, which must be with the program.
    pub(crate) fn parse_copy(&mut self, text: &str, from: bool) -> Result<Copy> {
        self.begin_call();
        let parsed = parse::parse(text);
        let mut statements = self.failing(parsed)?;
        match (statements.pop().map(|statement| statement.kind), statements.is_empty()) {
            (Some(StatementKind::Copy(copy)), true) if copy.from == from && copy.end == CopyEnd::Program => {
                Ok(*copy)
            }
            _ => {
                let what = if from { "COPY … FROM STDIN" } else { "COPY … TO STDOUT" };
                let message = format!("the statement is not one {what}");
                self.failing(Err(Error::new(state::SYNTAX_ERROR, message)))
            }
        }
    }

    /// COPY FROM begins.
    pub(crate) fn begin_copy(&mut self, copy: &Copy, policy: Policy) -> Result<CopyingIn> {
        self.check_block()?;
        let begun = self.bound_to_write(copy);
        let (bound, target, context, again) = self.failing(begun)?;
        Ok(CopyingIn { copy: CopyIn::new(bound, policy, again, &context), context, target })
    }

    /// COPY FROM bound to a table that stays what it is from here on, and whether its snapshot may move.
    fn bound_to_write(&mut self, copy: &Copy) -> Result<(BoundCopy, Target, Context, bool)> {
        let mut context = self.context();
        let read_only = match &self.block {
            Some(block) => block.modes.read_only == Some(true),
            None => self.settings.read_only(),
        };
        let serializable = self.settings.defaults().isolation == Some(Isolation::Serializable);
        let mut own = match self.block {
            Some(_) => None,
            None => Some(Box::new(self.begin_own()?)),
        };
        if let Some(txn) = own.as_mut().filter(|_| serializable && !read_only) {
            txn.begin_serializable();
            txn.keep_snapshot();
        }
        loop {
            let (txn, again) = match (&mut own, &mut self.block) {
                (Some(txn), _) => (&mut **txn, !serializable),
                (None, Some(block)) => {
                    block.begin_statement()?;
                    context.now = block.now;
                    let again = block.read_committed();
                    (block.txn()?, again)
                }
                (None, None) => return Err(Error::internal("COPY without a transaction")),
            };
            let bound = bind_copy(copy, txn.catalog(), &context.path, &[])?;
            if read_only {
                return Err(read_only_error("execute COPY FROM"));
            }
            let Some(table) = &bound.table else { return Err(Error::internal("COPY FROM without a table")) };
            txn.read_names([table.name.as_str()].into_iter());
            // Nothing is written yet, but the table is held.
            match txn.insert(table, &no_rows(table)) {
                Err(error) if again && error.is_restart() => {
                    context.interrupt.check()?;
                    txn.begin_statement();
                }
                done => {
                    done?;
                    let target = match (own, &self.block) {
                        (None, Some(block)) => Target::Block(block.number),
                        (own, _) => Target::Own(own),
                    };
                    return Ok((bound, target, context, again));
                }
            }
        }
    }

    /// More bytes for COPY FROM.
    pub(crate) fn feed_copy(&mut self, copying: &mut CopyingIn, bytes: &[u8]) -> Result<()> {
        let CopyingIn { copy, context, target } = copying;
        self.in_copy(target, &mut |txn| copy.feed(bytes, txn, context))
    }

    /// All bytes of COPY FROM are there.
    pub(crate) fn finish_copy(&mut self, copying: &mut CopyingIn) -> Result<()> {
        let CopyingIn { copy, context, target } = copying;
        self.in_copy(target, &mut |txn| copy.finish(txn, context))
    }

    /// COPY FROM ends; how many rows it wrote.
    pub(crate) fn end_copy(&mut self, mut copying: CopyingIn) -> Result<u64> {
        let target = &mut copying.target;
        if let Target::Own(txn) = target
            && let Some(txn) = txn.take()
        {
            self.interrupt.check()?;
            self.commit(*txn)?;
        }
        Ok(copying.copy.affected())
    }

    /// COPY FROM ends early: it leaves nothing behind.
    pub(crate) fn abort_copy(&mut self, copying: &CopyingIn) {
        if let Target::Block(number) = copying.target {
            self.signals.fail(number);
            self.undo_failed();
        }
    }

    /// Goes on with a statement in the open block.
    fn continue_block(&mut self, number: u64, work: &mut dyn FnMut(&mut Txn) -> Result<()>) -> Result<()> {
        let done = match &mut self.block {
            Some(block) if block.number == number && !self.signals.has_failed(number) => work(block.txn()?),
            _ => return Err(no_transaction()),
        };
        self.failing(done)
    }

    fn in_copy(&mut self, target: &mut Target, work: &mut dyn FnMut(&mut Txn) -> Result<()>) -> Result<()> {
        match target {
            Target::Block(number) => self.continue_block(*number, work),
            Target::Own(Some(txn)) => work(txn),
            Target::Own(None) => Err(Error::internal("COPY has ended")),
        }
    }

    /// COPY TO begins: its rows, and how to write them.
    pub(crate) fn copy_rows(&mut self, copy: &Copy) -> Result<CopyingOut> {
        let work = self.check_block().and_then(|()| self.ready_copy(copy));
        let work = self.failing(work)?;
        self.begin_copy_out(copy, work)
    }

    /// The query whose rows COPY TO writes, and how; it has not begun.
    fn ready_copy(&mut self, copy: &Copy) -> Result<(Work, CopyOut)> {
        let statement = match &copy.what {
            Copied::Query(statement) => {
                let returns = match &statement.kind {
                    StatementKind::Insert(insert) => !insert.returning.is_empty(),
                    StatementKind::Update(update) => !update.returning.is_empty(),
                    StatementKind::Delete(delete) => !delete.returning.is_empty(),
                    StatementKind::Merge(_) => {
                        return Err(Error::new(state::FEATURE_NOT_SUPPORTED, "MERGE not supported in COPY"));
                    }
                    _ => true,
                };
                if !returns {
                    let message = "COPY query must have a RETURNING clause";
                    return Err(Error::new(state::FEATURE_NOT_SUPPORTED, message));
                }
                Arc::clone(statement)
            }
            Copied::Table { name, .. } => {
                let bound = self.bind(copy, &[])?;
                let columns = bound.columns.iter().filter_map(|&i| bound.table.as_ref()?.columns.get(i));
                let columns: Vec<String> = columns.map(|column| quote_ident(&column.name)).collect();
                let text = format!("SELECT {} FROM {name}", columns.join(", "));
                Arc::new(parse::parse(&text)?.pop().ok_or_else(|| Error::internal("a query is empty"))?)
            }
        };
        let mut work = Work::of(statement);
        self.make_ready(&mut work)?;
        let names: Vec<String> = work.columns().iter().map(|column| column.name.clone()).collect();
        let out = CopyOut::new(&self.bind(copy, &names)?);
        Ok((work, out))
    }

    fn begin_copy_out(&mut self, copy: &Copy, (mut work, out): (Work, CopyOut)) -> Result<CopyingOut> {
        // What a query writes is undone where its rows cannot be written.
        let writes = matches!(&copy.what, Copied::Query(statement) if !matches!(statement.kind, StatementKind::Query(_)));
        let own = writes && self.block.is_none();
        if own {
            self.open(TransactionModes::default(), true)?;
        }
        match self.run(&mut work, &[]) {
            Ok(rows) => Ok(CopyingOut { rows: Some(rows), out, own }),
            Err(error) => self.end_own(own, Err(error)),
        }
    }

    /// COPY TO has ended, well or not; how many rows it wrote.
    pub(crate) fn end_copy_out(&mut self, copying: &CopyingOut, done: Result<u64>) -> Result<u64> {
        let done = self.failing(done);
        self.end_own(copying.own, done)
    }

    fn end_own<T>(&mut self, own: bool, done: Result<T>) -> Result<T> {
        match self.block.take_if(|block| own && block.implicit) {
            None => done,
            Some(block) => {
                let ended = self.end(block, done.is_ok());
                done.and_then(|done| ended.map(|()| done))
            }
        }
    }

    fn bind(&mut self, copy: &Copy, fields: &[String]) -> Result<BoundCopy> {
        let path = self.path();
        match &mut self.block {
            Some(block) => {
                block.begin_statement()?;
                bind_copy(copy, block.txn()?.catalog(), &path, fields)
            }
            None => bind_copy(copy, self.begin_txn()?.catalog(), &path, fields),
        }
    }
}

impl CopyingIn {
    /// The lines that were left out since the last call.
    pub(crate) fn rejected(&mut self) -> Vec<Rejected> {
        self.copy.rejected()
    }
}

impl CopyingOut {
    /// Writes all rows, a chunk at a time; how many there were.
    pub(crate) fn write(&mut self, write: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<u64> {
        let Some(rows) = self.rows.take() else { return Ok(0) };
        let mut bytes = Vec::new();
        let mut count = 0;
        self.out.header(&mut rows.columns().iter().map(|column| column.name.as_str()), &mut bytes);
        let zone = rows.zone().clone();
        for row in rows {
            self.out.row(row?.values(), &zone, &mut bytes)?;
            count += 1;
            if bytes.len() >= CHUNK {
                write(&bytes)?;
                bytes.clear();
            }
        }
        write(&bytes)?;
        Ok(count)
    }
}

/// An empty batch of a table's rows.
fn no_rows(table: &TableDef) -> Batch {
    Batch::new(table.columns.iter().map(|column| ColumnBuilder::new(column.ty).finish()).collect(), 0)
}

fn open(path: &Path) -> Result<Box<dyn Read>> {
    outside::reader(path).map_err(|e| match e.kind() {
        ErrorKind::IsADirectory => {
            Error::new(state::WRONG_OBJECT_TYPE, format!("\"{}\" is a directory", path.display()))
        }
        _ => not_open(path, "reading", &e),
    })
}

fn not_open(path: &Path, what: &str, error: &std::io::Error) -> Error {
    let state = match error.kind() {
        ErrorKind::IsADirectory => state::WRONG_OBJECT_TYPE,
        _ => Error::io("open", path, error).state(),
    };
    Error::new(state, format!("could not open file \"{}\" for {what}: {error}", path.display()))
}
