//! Rows on their way through COPY, and what becomes of those that do not fit.
//!
//! CSV goes to COPY as it is. What is no text goes as COPY's text format, a chunk of rows at a time, so that conversion,
//! defaults, constraints and errors are the same for all files.

use super::Source;
use crate::failure::{Failure, Result};
use remanent::{Connection, Rejected};
use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};

/// Rows of so many bytes are handed on.
const CHUNK: usize = 1 << 20;

/// Loading one file.
pub struct Load<'a> {
    conn: &'a Connection,
    file: &'a Path,
    /// What a record of the file is called: line, row, message.
    pub noun: &'static str,
    aside: Option<Aside>,
    /// Rows that are there.
    pub added: u64,
    /// Rows that were put aside.
    pub skipped: u64,
}

/// The file of what was put aside.
struct Aside {
    path: PathBuf,
    file: Option<BufWriter<File>>,
}

impl<'a> Load<'a> {
    /// Of a source through a connection.
    pub fn new(conn: &'a Connection, source: &'a Source) -> Self {
        let aside = source.options.skip_errors.clone().map(|path| Aside { path, file: None });
        Load { conn, file: &source.path, noun: "line", aside, added: 0, skipped: 0 }
    }

    /// Runs COPY FROM STDIN; `place` makes of a line of its data a number in the file.
    pub fn copy(&mut self, sql: &str, input: &mut dyn Read, place: &dyn Fn(u64) -> u64) -> Result<()> {
        let mut failure = None;
        let conn = self.conn;
        let done = conn.copy_in_skipping(sql, input, |rejected| {
            let error = rejected.error.clone();
            self.reject(place(rejected.line), rejected).map_err(|f| {
                failure = Some(f);
                error
            })
        });
        match (failure, done) {
            (Some(failure), _) => Err(failure),
            (None, Ok(added)) => {
                self.added += added;
                Ok(())
            }
            (None, Err(error)) => Err(Failure::in_file(error, self.file)),
        }
    }

    /// A record that is no row.
    pub fn reject(&mut self, number: u64, rejected: Rejected) -> Result<()> {
        let Some(aside) = &mut self.aside else {
            let column = rejected.column.map(|column| format!(", column {column}")).unwrap_or_default();
            let place = format!("{}, {} {number}{column}", self.file.display(), self.noun);
            return Err(Failure::Row { error: rejected.error, place, text: rejected.text });
        };
        self.skipped += 1;
        let file = self.file.display().to_string();
        aside.add(&[
            &file,
            &number.to_string(),
            rejected.column.as_deref().unwrap_or_default(),
            rejected.error.code(),
            &reason(&rejected.error),
            &rejected.text,
        ])
    }

    /// All of it is there: what was put aside is in its file.
    pub fn finish(&mut self) -> Result<()> {
        match &mut self.aside {
            Some(Aside { path, file: Some(file) }) => {
                file.flush().map_err(|e| Failure::file("write", path, &e))
            }
            _ => Ok(()),
        }
    }
}

/// What is wrong, in a line.
fn reason(error: &remanent::Error) -> String {
    match error.detail() {
        Some(detail) => format!("{} ({detail})", error.message()),
        None => error.message().to_owned(),
    }
}

impl Aside {
    fn add(&mut self, cells: &[&str; 6]) -> Result<()> {
        let failed = |e: &std::io::Error| Failure::file("write", &self.path, e);
        let file = match &mut self.file {
            Some(file) => file,
            slot => {
                let made = File::create(&self.path).map_err(|e| failed(&e))?;
                let file = slot.insert(BufWriter::new(made));
                let names = ["file", "number", "column", "code", "reason", "record"].map(Some);
                crate::output::csv::line(names.into_iter(), file)?;
                file
            }
        };
        crate::output::csv::line(cells.iter().map(|cell| Some(*cell).filter(|cell| !cell.is_empty())), file)
    }
}

/// Rows of one table as COPY's text, on their way in chunks.
pub struct Chunk {
    sql: String,
    bytes: Vec<u8>,
    /// The number in the file of each row.
    places: Vec<u64>,
    /// Where the row at hand begins, and whether it has a field.
    start: usize,
    begun: bool,
}

impl Chunk {
    /// For a statement COPY … FROM STDIN.
    pub fn new(sql: String) -> Self {
        Chunk { sql, bytes: Vec::new(), places: Vec::new(), start: 0, begun: false }
    }

    /// The next field of the row at hand; None is NULL.
    pub fn field(&mut self, text: Option<&str>) {
        if self.begun {
            self.bytes.push(b'\t');
        }
        self.begun = true;
        let Some(text) = text else {
            self.bytes.extend_from_slice(b"\\N");
            return;
        };
        let mut from = 0;
        for (i, byte) in text.bytes().enumerate() {
            let letter = match byte {
                b'\n' => b'n',
                b'\r' => b'r',
                b'\t' => b't',
                b'\\' => b'\\',
                _ => continue,
            };
            self.bytes.extend_from_slice(text.as_bytes().get(from..i).unwrap_or_default());
            self.bytes.extend_from_slice(&[b'\\', letter]);
            from = i + 1;
        }
        self.bytes.extend_from_slice(text.as_bytes().get(from..).unwrap_or_default());
    }

    /// The row at hand is whole.
    pub fn end_row(&mut self, place: u64, load: &mut Load<'_>) -> Result<()> {
        self.bytes.push(b'\n');
        self.places.push(place);
        (self.start, self.begun) = (self.bytes.len(), false);
        if self.bytes.len() >= CHUNK { self.flush(load) } else { Ok(()) }
    }

    /// The row at hand is none.
    pub fn drop_row(&mut self) {
        self.bytes.truncate(self.start);
        self.begun = false;
    }

    /// How many bytes wait.
    #[cfg(feature = "mcap")]
    pub fn held(&self) -> usize {
        self.bytes.len()
    }

    /// Hands the rows so far to the database.
    pub fn flush(&mut self, load: &mut Load<'_>) -> Result<()> {
        if self.places.is_empty() {
            return Ok(());
        }
        let places = std::mem::take(&mut self.places);
        let place = |line: u64| {
            let i = usize::try_from(line).unwrap_or(usize::MAX).saturating_sub(1);
            places.get(i).copied().unwrap_or(line)
        };
        load.copy(&self.sql, &mut self.bytes.as_slice(), &place)?;
        self.bytes.clear();
        self.start = 0;
        Ok(())
    }
}
