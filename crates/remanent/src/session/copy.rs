//! COPY between tables and files, or the program that runs it.
//!
//! COPY FROM is one statement of the open transaction, or a transaction of its own: all its rows or none. Files are the
//! user's, outside of the database, so they are opened with what the operating system has.

use super::{Session, Work, no_transaction, read_only_error};
use crate::rows::Rows;
use crate::sql::ast::{Copied, Copy, CopyEnd, StatementKind};
use crate::sql::bind::{BoundCopy, bind_copy};
use crate::sql::execute::{Context, CopyIn, CopyOut};
use crate::sql::parse;
use crate::sql::vocabulary::quote_ident;
use crate::{Error, Result};
use remanent_storage::error::state;
use remanent_storage::txn::Txn;
use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

/// How much is read or written at a time.
pub(crate) const CHUNK: usize = 256 << 10;

/// COPY FROM on its way.
pub(crate) struct CopyingIn {
    copy: CopyIn,
    context: Context,
    target: Target,
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
                let mut copying = self.begin_copy(copy)?;
                let mut file = open(path)?;
                let mut chunk = vec![0; CHUNK];
                loop {
                    let read = file.read(&mut chunk).map_err(|e| Error::io("read file", path, &e))?;
                    match chunk.get(..read) {
                        Some([]) | None => break self.end_copy(copying)?,
                        Some(bytes) => self.feed_copy(&mut copying, bytes)?,
                    }
                }
            }
            false => {
                let (rows, out) = self.copy_rows(copy)?;
                let mut file = File::create(path).map_err(|e| not_open(path, "writing", &e))?;
                let failed = |e: std::io::Error| Error::io("write to file", path, &e);
                write_rows(rows, &out, &mut |bytes| file.write_all(bytes).map_err(failed))?
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
    pub(crate) fn begin_copy(&mut self, copy: &Copy) -> Result<CopyingIn> {
        self.check_block()?;
        let bound = self.bind(copy, &[]);
        let bound = self.failing(bound)?;
        let mut context = self.context();
        let target = match &self.block {
            Some(block) if block.modes.read_only == Some(true) => {
                return self.failing(Err(read_only_error("execute COPY FROM")));
            }
            Some(block) => {
                context.now = block.now;
                Target::Block(block.number)
            }
            None if self.settings.read_only() => return Err(read_only_error("execute COPY FROM")),
            None => Target::Own(Some(Box::new(self.begin_own()?))),
        };
        Ok(CopyingIn { copy: CopyIn::new(bound), context, target })
    }

    /// More bytes for COPY FROM.
    pub(crate) fn feed_copy(&mut self, copying: &mut CopyingIn, bytes: &[u8]) -> Result<()> {
        let CopyingIn { copy, context, target } = copying;
        self.in_copy(target, &mut |txn| copy.feed(bytes, txn, context))
    }

    /// COPY FROM ends; how many rows it wrote.
    pub(crate) fn end_copy(&mut self, mut copying: CopyingIn) -> Result<u64> {
        let CopyingIn { copy, context, target } = &mut copying;
        self.in_copy(target, &mut |txn| copy.finish(txn, context))?;
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
    pub(crate) fn copy_rows(&mut self, copy: &Copy) -> Result<(Rows, CopyOut)> {
        self.check_block()?;
        let statement = match &copy.what {
            Copied::Query(statement) => {
                let returns = match &statement.kind {
                    StatementKind::Insert(insert) => !insert.returning.is_empty(),
                    StatementKind::Update(update) => !update.returning.is_empty(),
                    StatementKind::Delete(delete) => !delete.returning.is_empty(),
                    _ => true,
                };
                if !returns {
                    let message = "COPY query must have a RETURNING clause";
                    return self.failing(Err(Error::new(state::FEATURE_NOT_SUPPORTED, message)));
                }
                (**statement).clone()
            }
            Copied::Table { name, .. } => {
                let bound = self.bind(copy, &[]);
                let bound = self.failing(bound)?;
                let columns = bound.columns.iter().filter_map(|&i| bound.table.as_ref()?.columns.get(i));
                let columns: Vec<String> = columns.map(|column| quote_ident(&column.name)).collect();
                let text = format!("SELECT {} FROM {name}", columns.join(", "));
                parse::parse(&text)?.pop().ok_or_else(|| Error::internal("a query is empty"))?
            }
        };
        let rows = self.run(&mut Work::of(statement), &[])?;
        let names: Vec<String> = rows.columns().iter().map(|column| column.name.clone()).collect();
        let bound = self.bind(copy, &names);
        let bound = self.failing(bound)?;
        Ok((rows, CopyOut::new(&bound)))
    }

    fn bind(&mut self, copy: &Copy, fields: &[String]) -> Result<BoundCopy> {
        match &mut self.block {
            Some(block) => {
                block.begin_statement()?;
                bind_copy(copy, block.txn()?.catalog(), fields)
            }
            None => bind_copy(copy, self.begin_txn()?.catalog(), fields),
        }
    }
}

/// Writes all rows, a chunk at a time; how many there were.
pub(crate) fn write_rows(
    rows: Rows,
    out: &CopyOut,
    write: &mut dyn FnMut(&[u8]) -> Result<()>,
) -> Result<u64> {
    let mut bytes = Vec::new();
    let mut count = 0;
    out.header(&mut rows.columns().iter().map(|column| column.name.as_str()), &mut bytes);
    for row in rows {
        out.row(row?.values(), &mut bytes)?;
        count += 1;
        if bytes.len() >= CHUNK {
            write(&bytes)?;
            bytes.clear();
        }
    }
    write(&bytes)?;
    Ok(count)
}

fn open(path: &Path) -> Result<File> {
    let file = File::open(path).map_err(|e| not_open(path, "reading", &e))?;
    match file.metadata() {
        Ok(meta) if meta.is_dir() => {
            let message = format!("\"{}\" is a directory", path.display());
            Err(Error::new(state::WRONG_OBJECT_TYPE, message))
        }
        _ => Ok(file),
    }
}

fn not_open(path: &Path, what: &str, error: &std::io::Error) -> Error {
    let error = Error::io("open file", path, error);
    let message = error.message().replacen("\": ", &format!("\" for {what}: "), 1);
    Error::new(error.state(), message)
}
