//! COPY between a table and the shell: the lines that follow the statement, and where answers go.
//!
//! ```text
//! COPY t FROM STDIN;      the next lines are data, up to \. or the end
//! 1 (tab) x
//! \.
//! \copy t FROM data.csv CSV      as COPY with a file, whose name needs no quotes
//! ```

use super::Session;
use super::input::Lines;
use crate::failure::{Failure, Result};
use remanent::sql::ast::{CopyEnd, StatementKind};
use remanent::sql::parse::parse;
use remanent::sql::vocabulary::quote_literal;
use std::io::{self, Read, Write};

/// For a COPY that is with the shell: true if it reads from it.
pub fn reads(statement: &str) -> Option<bool> {
    if !statement.get(..4)?.eq_ignore_ascii_case("copy") {
        return None;
    }
    match parse(statement).ok()?.pop()?.kind {
        StatementKind::Copy(copy) if copy.end == CopyEnd::Program => Some(copy.from),
        _ => None,
    }
}

impl Session {
    /// COPY FROM STDIN: what follows are its rows; after all of `-c`, those of the standard input.
    pub(super) fn copy_in(&mut self, statement: &str, lines: &mut Lines<'_>) -> Result<u64> {
        if !self.typed && !lines.is_spent_command() {
            return self.copy_lines(statement, lines);
        }
        if self.typed {
            self.say("Enter data to be copied followed by a newline.\nEnd with a backslash and a period on a line by itself, or an EOF signal.")?;
        }
        let mut input = io::BufReader::new(io::stdin().lock());
        self.copy_lines(statement, &mut Lines::new("standard input", &mut input))
    }

    fn copy_lines(&mut self, statement: &str, lines: &mut Lines<'_>) -> Result<u64> {
        let mut data = Data { lines, line: Vec::new(), at: 0, ended: false };
        let done = self.conn.copy_in(statement, &mut data);
        // What is left of the data of a COPY that failed is no SQL.
        let drained = io::copy(&mut data, &mut io::sink());
        let count = done?;
        drained.map_err(|e| Failure::other(format!("could not read the data of COPY: {e}")))?;
        Ok(count)
    }

    /// COPY TO STDOUT: its rows go where answers go.
    pub(super) fn copy_out(&mut self, statement: &str) -> Result<u64> {
        let progress = self.progress();
        let mut out = Closing { out: &mut progress.before(self.out.writer()), closed: false };
        match self.conn.copy_out(statement, &mut out) {
            Err(_) if out.closed => Err(Failure::Closed),
            done => Ok(done?),
        }
    }

    /// `\copy …`
    pub(super) fn copy_command(&mut self, args: &str, lines: &mut Lines<'_>) -> Result<()> {
        let statement = format!("COPY {}", with_quotes(args));
        let mut cutter = crate::script::Cutter::default();
        cutter.push(&statement)?;
        // It has no semicolon, so it goes to the end.
        while let Some(statement) = cutter.next() {
            self.statement(statement, None, lines)?;
        }
        match cutter.finish() {
            Some(statement) => self.statement(statement, None, lines),
            None => Ok(()),
        }
    }
}

/// The arguments of `\copy` with quotes around the name of the file, as COPY wants it.
fn with_quotes(args: &str) -> String {
    let mut depth = 0;
    let mut after = false;
    let mut out = String::new();
    for (part, kind) in crate::script::pieces(args) {
        use crate::script::Kind;
        match part.trim() {
            _ if kind == Kind::Other => {
                depth += part.matches('(').count() as i32 - part.matches(')').count() as i32;
            }
            word if depth == 0
                && kind == Kind::Word
                && ["from", "to"].contains(&word.to_lowercase().as_str()) =>
            {
                out.push_str(part);
                after = true;
                break;
            }
            _ => {}
        }
        out.push_str(part);
    }
    let rest = args.get(out.len()..).unwrap_or_default();
    let name = rest.trim_start();
    let end = name.find(char::is_whitespace).unwrap_or(name.len());
    let (name, tail) = name.split_at(end);
    let known = ["stdin", "stdout", "program"].contains(&name.to_lowercase().as_str());
    match after && !name.is_empty() && !known && !name.starts_with('\'') {
        true => format!("{out} {}{tail}", quote_literal(name)),
        false => args.to_owned(),
    }
}

/// The lines of a script up to `\.`.
struct Data<'a, 'l> {
    lines: &'a mut Lines<'l>,
    line: Vec<u8>,
    at: usize,
    ended: bool,
}

impl Read for Data<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.line.len() && !self.ended {
            (self.line, self.at) = (self.lines.next_bytes()?, 0);
            let text = self.line.strip_suffix(b"\n").unwrap_or(&self.line);
            if text.strip_suffix(b"\r").unwrap_or(text) == b"\\." || self.line.is_empty() {
                self.ended = true;
                self.line.clear();
            }
        }
        let rest = self.line.get(self.at..).unwrap_or_default();
        let len = rest.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..len), rest.get(..len)) {
            to.copy_from_slice(from);
        }
        self.at += len;
        Ok(len)
    }
}

/// A writer that remembers that nobody reads any more.
struct Closing<'a> {
    out: &'a mut dyn Write,
    closed: bool,
}

impl Write for Closing<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes).inspect_err(|e| self.closed |= e.kind() == io::ErrorKind::BrokenPipe)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush().inspect_err(|e| self.closed |= e.kind() == io::ErrorKind::BrokenPipe)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_get_their_quotes() {
        for (args, expected) in [
            ("t from data.csv csv", "t from 'data.csv' csv"),
            ("t (a, b) TO /tmp/x (format csv)", "t (a, b) TO '/tmp/x' (format csv)"),
            ("(select a from t) to out.txt", "(select a from t) to 'out.txt'"),
            ("t from stdin", "t from stdin"),
            ("t from 'a b'", "t from 'a b'"),
            ("t", "t"),
        ] {
            assert_eq!(with_quotes(args), expected);
        }
    }

    #[test]
    fn copies_with_the_shell() {
        assert_eq!(reads("copy t from stdin"), Some(true));
        assert_eq!(reads("COPY (SELECT 1) TO STDOUT"), Some(false));
        assert_eq!((reads("COPY t FROM 'x'"), reads("SELECT 1"), reads("copæ")), (None, None, None));
    }
}
