//! Everything that can end the program early, and how it is said on standard error.

use crate::script::Statement;
use crate::term::{Paint, first_columns, width};
use crate::ulog;
use std::fmt;
use std::io::{self, Write};
use unicode_width::UnicodeWidthChar;

/// The result of a part of the program.
pub type Result<T> = std::result::Result<T, Failure>;

/// What to do about a bad record.
const ASIDE: &str =
    "Nothing was imported. To put such records aside and import the rest, add --skip-errors FILE.";

/// Columns of an offending line that are shown on either side of the caret.
const CONTEXT: usize = 60;

/// Why the program ends early.
#[derive(Debug)]
pub enum Failure {
    /// The command line cannot be understood.
    Usage(String),
    /// The database refused something; where it was one statement of a script, which.
    Database(remanent::Error, Option<Box<Source>>),
    /// A record of a file is no row of its table.
    Row {
        /// Why.
        error: remanent::Error,
        /// Where it stands.
        place: String,
        /// The record.
        text: String,
    },
    /// A log file cannot be imported.
    Log(ulog::Error),
    /// Anything else that a sentence explains, and perhaps a second one what to do.
    Other(String, Option<String>),
    /// It has been said already; only the exit status remains.
    Said,
    /// Nobody reads our output any more: the end, quietly.
    Closed,
}

/// A statement that failed, with the script around it.
#[derive(Debug)]
pub struct Source {
    /// What to call the script: "stdin", a file's name, or nothing for `-c`.
    pub name: Option<String>,
    /// The lines of the script that it stands in.
    pub lines: String,
    /// Where in them it begins.
    pub start: usize,
    /// The number of the first of them in the script.
    pub line: usize,
}

impl Failure {
    /// A failure that one sentence explains.
    pub fn other(what: impl Into<String>) -> Self {
        Failure::Other(what.into(), None)
    }

    /// A file that the operating system refused. `action` reads like "read".
    pub fn file(action: &str, path: &std::path::Path, error: &io::Error) -> Self {
        Failure::other(format!("could not {action} \"{}\": {error}", path.display()))
    }

    /// An error of what was read from a file; its context says where.
    pub fn in_file(error: remanent::Error, path: &std::path::Path) -> Self {
        let place =
            error.context().and_then(|context| context.split_once(", ")).map(|(_, place)| place.to_owned());
        match place {
            Some(place) => {
                let line = place.split(':').next().unwrap_or_default().to_owned();
                let text = String::new();
                Failure::Row { error, place: format!("{}, {line}", path.display()), text }
            }
            None => Failure::from(error),
        }
    }

    /// A statement of a script that failed.
    pub fn statement(error: remanent::Error, name: Option<&str>, at: Statement<'_>) -> Self {
        let source = Source {
            name: name.map(str::to_owned),
            lines: at.lines.to_owned(),
            start: at.start,
            line: at.line,
        };
        Failure::Database(error, Some(Box::new(source)))
    }

    /// The exit status: 2 where the command line was wrong, 0 where the reader left, otherwise 1.
    pub fn status(&self) -> u8 {
        match self {
            Failure::Usage(_) => 2,
            Failure::Closed => 0,
            _ => 1,
        }
    }

    /// Says it on `out`.
    pub fn report(&self, out: &mut impl Write, paint: Paint) -> io::Result<()> {
        let error = paint.error("error");
        match self {
            Failure::Usage(what) => {
                writeln!(out, "{error}: {what}\ntry: remanent --help")
            }
            Failure::Database(e, source) => {
                writeln!(out, "{error} {}: {}", e.code(), e.message())?;
                if let Some(source) = source {
                    source.show(e.position(), out, paint)?;
                }
                notes(out, paint, e.detail(), e.hint(), e.context())
            }
            Failure::Row { error: e, place, text } => {
                writeln!(out, "{error} {}: {}", e.code(), e.message())?;
                writeln!(out, "  {}", paint.dim(&format!("in {place}")))?;
                let text = visible(text);
                let (shown, cut) = first_columns(&text, CONTEXT);
                if !text.is_empty() {
                    writeln!(out, "  {} {shown}{}", paint.dim("|"), if cut { "…" } else { "" })?;
                }
                notes(out, paint, e.detail(), e.hint().or(Some(ASIDE)), None)
            }
            Failure::Log(e) => {
                let partly = matches!(e.kind(), ulog::Kind::Truncated | ulog::Kind::Damaged);
                let hint = "Nothing was imported. To import what comes before that byte, add --partial.";
                writeln!(out, "{error}: {e}")?;
                notes(out, paint, None, partly.then_some(hint), None)
            }
            Failure::Other(what, hint) => {
                writeln!(out, "{error}: {what}")?;
                notes(out, paint, None, hint.as_deref(), None)
            }
            Failure::Said | Failure::Closed => Ok(()),
        }
    }
}

fn notes(
    out: &mut impl Write,
    paint: Paint,
    detail: Option<&str>,
    hint: Option<&str>,
    context: Option<&str>,
) -> io::Result<()> {
    for (name, text) in [("detail", detail), ("hint", hint), ("context", context)] {
        if let Some(text) = text {
            writeln!(out, "{}: {text}", paint.dim(name))?;
        }
    }
    Ok(())
}

impl Source {
    /// The offending line with a caret below it, or the script's name and line where no position is known.
    fn show(&self, position: Option<usize>, out: &mut impl Write, paint: Paint) -> io::Result<()> {
        let at = self.start.saturating_add(position.unwrap_or(0));
        let at = (0..=at.min(self.lines.len())).rev().find(|i| self.lines.is_char_boundary(*i)).unwrap_or(0);
        let (before, after) = self.lines.split_at(at);
        let line = before.matches('\n').count() + self.line;
        if self.name.is_some() || position.is_none() {
            let name = self.name.as_deref().unwrap_or("statement");
            if self.name.is_some() || self.lines.trim().contains('\n') {
                writeln!(out, "  {}", paint.dim(&format!("in {name}, line {line}")))?;
            }
        }
        if position.is_none() {
            return Ok(());
        }
        let head = visible(before.rsplit('\n').next().unwrap_or_default());
        let tail = visible(after.split('\n').next().unwrap_or_default());
        let (head, clipped) = last_columns(&head, CONTEXT);
        let (tail, cut) = first_columns(&tail, CONTEXT);
        let (left, right) = (if clipped { "…" } else { "" }, if cut { "…" } else { "" });
        let number = line.to_string();
        let caret = " ".repeat(width(left) + width(head));
        writeln!(out, "  {} {left}{head}{tail}{right}", paint.dim(&format!("{number} |")))?;
        writeln!(
            out,
            "  {} {caret}{}",
            paint.dim(&format!("{} |", " ".repeat(number.len()))),
            paint.error("^")
        )
    }
}

/// Control characters as spaces, so that the caret stands where it should and a script cannot play the terminal.
fn visible(text: &str) -> String {
    text.trim_end_matches('\r').chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// The end of a text that fits, and whether something was left out before it.
fn last_columns(text: &str, columns: usize) -> (&str, bool) {
    let mut used = 0;
    for (i, c) in text.char_indices().rev() {
        used += c.width().unwrap_or(0);
        if used > columns {
            let from = i + c.len_utf8();
            return (text.get(from..).unwrap_or_default(), true);
        }
    }
    (text, false)
}

impl From<remanent::Error> for Failure {
    fn from(error: remanent::Error) -> Self {
        Failure::Database(error, None)
    }
}

impl From<ulog::Error> for Failure {
    fn from(error: ulog::Error) -> Self {
        Failure::Log(error)
    }
}

/// Errors of standard output; errors of files are made with [`Failure::file`].
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::Closed,
            _ => Failure::other(format!("could not write the output: {error}")),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = Vec::new();
        self.report(&mut text, Paint::plain()).map_err(|_| fmt::Error)?;
        f.write_str(String::from_utf8_lossy(&text).trim_end())
    }
}
