//! `remanent DB`: running statements and commands, from arguments, files, a pipe or a person.
//!
//! A [`Session`] is one connection with what the user has set: the form of answers, where they go. It is fed lines;
//! those that begin with a dot or a backslash while no statement is begun are commands ([`commands`]), the rest is SQL.
//! Each statement runs as soon as its semicolon is there.
//!
//! | file | holds |
//! |---|---|
//! | [`input`] | lines of files and pipes |
//! | [`commands`] | `.tables`, `\d` and the others: a table of names, words of help and functions |
//! | [`describe`] | what `\d` and its kin print |
//! | [`terminal`] | the prompt: editing, history, colours |
//! | [`complete`] | what the Tab key offers |
//! | [`highlight`] | colours of SQL |
//! | [`copy`] | COPY with the lines that follow |
//! | [`plot`] | `.plot` |
//! | [`output`] | where answers go |

mod commands;
mod complete;
mod copy;
mod describe;
mod highlight;
mod input;
mod output;
mod plot;
mod settings;
mod terminal;

use crate::args::Script;
use crate::failure::{Failure, Result};
use crate::output::{Format, print};
use crate::progress::Progress;
use crate::script::{Cutter, Statement};
use crate::term::{self, Paint};
use input::Lines;
use output::Output;
use remanent::{Connection, Database, TransactionStatus, params};
use settings::Settings;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// How deep scripts may read scripts.
const DEPTH_MAX: u32 = 32;

/// Runs all scripts on one connection; where there are none, what a person types or what comes through a pipe. Scripts
/// end at the first failure, a person is told of it.
pub fn run(db: &Path, scripts: &[Script], format: Format, read_only: bool) -> Result<()> {
    let database = Database::options().read_only(read_only).open(db)?;
    let conn = database.connect()?;
    let typed = scripts.is_empty() && io::stdin().is_terminal() && io::stdout().is_terminal();
    let mut session = Session::new(conn, format, typed);
    let done = match scripts {
        [] if typed => terminal::run(&mut session, db),
        [] => session.read("standard input", &mut io::stdin().lock()),
        _ => scripts.iter().try_for_each(|script| match script {
            Script::Text(text) => session.feed(&mut Lines::new(input::COMMAND, &mut text.as_bytes()), None),
            Script::File(path) => session.read_file(path),
        }),
    };
    // What was answered before a failure is printed before the failure is.
    let flushed = session.out.flush();
    done.and(flushed)?;
    drop(session);
    Ok(database.close()?)
}

/// A connection and what its user has set.
pub struct Session {
    conn: Connection,
    settings: Settings,
    out: Output,
    /// A person is there: failures do not end it.
    typed: bool,
    /// Set by Ctrl-C.
    stop: Arc<AtomicBool>,
    /// The statement that ran last, for `\e`.
    last: String,
    /// What `\e` has left to be edited further.
    edited: Option<String>,
    /// How many scripts are being read.
    depth: u32,
    quit: bool,
}

impl Session {
    fn new(conn: Connection, format: Format, typed: bool) -> Self {
        Session {
            conn,
            settings: Settings { format, ..Settings::default() },
            out: Output::standard(),
            typed,
            stop: Arc::default(),
            last: String::new(),
            edited: None,
            depth: 0,
            quit: false,
        }
    }

    /// Runs a file.
    fn read_file(&mut self, path: &Path) -> Result<()> {
        if path.is_dir() {
            return Err(Failure::other(format!("\"{}\" is a directory, not a script", path.display())));
        }
        let mut file = std::fs::File::open(path).map_err(|e| Failure::file("open", path, &e))?;
        self.read(&path.display().to_string(), &mut file)
    }

    /// Runs what a reader delivers, as it comes.
    fn read(&mut self, name: &str, input: &mut dyn io::Read) -> Result<()> {
        if self.depth >= DEPTH_MAX {
            return Err(Failure::other(format!(
                "\"{name}\" is read by a script that is read by {DEPTH_MAX} others"
            )));
        }
        self.depth += 1;
        let mut input = io::BufReader::with_capacity(64 << 10, input);
        let done = self.feed(&mut Lines::new(name, &mut input), Some(name));
        self.depth -= 1;
        done
    }

    /// Runs lines. `name` is what to call them where something in them fails.
    fn feed(&mut self, lines: &mut Lines<'_>, name: Option<&str>) -> Result<()> {
        let mut cutter = Cutter::default();
        while !self.quit {
            if !lines.has_more_at_once() {
                // Who waits for the answer before the next statement gets it.
                self.out.flush()?;
            }
            let Some(line) = lines.next()? else { break };
            match cutter.is_idle().then(|| commands::command(&line)).flatten() {
                Some(command) => self.command(command, lines)?,
                None => {
                    cutter.push(&line)?;
                    while let Some(statement) = cutter.next() {
                        self.statement(statement, name, lines)?;
                    }
                }
            }
        }
        match cutter.finish() {
            Some(statement) if !self.quit => self.statement(statement, name, lines),
            _ => Ok(()),
        }
    }

    fn statement(
        &mut self,
        statement: Statement<'_>,
        name: Option<&str>,
        lines: &mut Lines<'_>,
    ) -> Result<()> {
        if statement.text.is_empty() {
            return Ok(());
        }
        if self.typed {
            statement.text.clone_into(&mut self.last);
        }
        let started = Instant::now();
        self.stop.store(false, Ordering::Relaxed);
        let was = self.conn.status();
        let done = self.answer(statement, was, lines).map_err(|failure| match failure {
            Failure::Database(e, None) => Failure::statement(e, name, statement),
            other => other,
        });
        if self.settings.timing && done.is_ok() {
            writeln!(self.out.writer(), "Time: {:.3} ms", started.elapsed().as_secs_f64() * 1e3)?;
        }
        done
    }

    /// Runs a statement and prints its answer.
    fn answer(
        &mut self,
        statement: Statement<'_>,
        was: TransactionStatus,
        lines: &mut Lines<'_>,
    ) -> Result<()> {
        match copy::reads(statement.text) {
            None => {}
            Some(true) => {
                let count = self.copy_in(statement.text, lines)?;
                if self.tells() {
                    writeln!(self.out.writer(), "COPY {count}")?;
                }
                return Ok(());
            }
            Some(false) => return self.copy_out(statement.text).map(drop),
        }
        let progress = self.progress();
        let rows = self.conn.query(statement.text, params![])?;
        let (style, tells) = (self.style(), self.tells());
        let out = &mut progress.before(self.out.writer());
        if rows.columns().is_empty() {
            let affected = rows.affected();
            rows.into_iter().try_for_each(|row| row.map(drop))?;
            if tells {
                writeln!(out, "{}", tag(statement, affected, was))?;
            }
            return Ok(());
        }
        let stop = &self.stop;
        print(rows, style, out, &mut || match stop.load(Ordering::Relaxed) {
            true => Err(canceled()),
            false => Ok(()),
        })?;
        Ok(())
    }

    /// Statements without an answer say what they did.
    fn tells(&self) -> bool {
        matches!(self.settings.format, Format::Table | Format::Line)
    }

    /// A spinner, where a person waits.
    fn progress(&self) -> Progress {
        match self.typed {
            true => Progress::start(self.conn.interrupter()),
            false => Progress::none(),
        }
    }

    fn paint(&self) -> Paint {
        if self.out.is_standard() { Paint::of(&io::stdout()) } else { Paint::plain() }
    }

    fn style(&self) -> crate::output::Style {
        let width = if self.typed && self.out.is_standard() { term::columns() } else { None };
        self.settings.style(self.paint(), width)
    }
}

/// What a statement that was stopped ends with.
fn canceled() -> remanent::Error {
    remanent::Error::new(remanent::error::state::QUERY_CANCELED, "canceling statement due to user request")
}

/// What psql prints for a statement without an answer: its first words, and how many rows it touched.
fn tag(statement: Statement<'_>, affected: u64, was: TransactionStatus) -> String {
    // Words between the verb and what it is about.
    let skipped =
        ["OR", "REPLACE", "TEMP", "TEMPORARY", "GLOBAL", "LOCAL", "UNLOGGED", "UNIQUE", "RECURSIVE"];
    let words: Vec<_> = statement.words().filter(|w| !skipped.contains(&w.as_str())).take(2).collect();
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["INSERT", ..] => format!("INSERT 0 {affected}"),
        [verb @ ("UPDATE" | "DELETE" | "MERGE" | "COPY"), ..] => format!("{verb} {affected}"),
        ["TRUNCATE", ..] => "TRUNCATE TABLE".to_owned(),
        ["START", ..] => "START TRANSACTION".to_owned(),
        ["COMMIT" | "END", ..] if was == TransactionStatus::Failed => "ROLLBACK".to_owned(),
        ["END", ..] => "COMMIT".to_owned(),
        ["ABORT", ..] => "ROLLBACK".to_owned(),
        [verb @ ("CREATE" | "DROP" | "ALTER"), what] => format!("{verb} {what}"),
        [verb, ..] => (*verb).to_owned(),
        [] => String::new(),
    }
}
