//! COPY: rows as text, and text as rows.
//!
//! | file | holds |
//! |---|---|
//! | `mod` | [`CopyIn`]: bytes, as they come, into rows and into an INSERT |
//! | `reader` | [`CopyReader`]: bytes, as they come, into lines and fields |
//! | `records` | where a line ends, and where the data does |
//! | `fields` | a line as fields |
//! | `values` | a field as a value |
//! | `load` | the INSERT, and which row it was that failed |
//! | `write` | a row as a line |
//!
//! What is held is one line and one batch of rows. Lines of some length count against the connection's memory.

mod fields;
mod load;
mod reader;
mod records;
mod values;
mod write;

pub use reader::{CopyReader, Next};
pub use write::CopyOut;

use super::{Context, Reservation};
use crate::sql::bind::{BoundCopy, Header};
use load::{Bad, Load, is_of_a_row};
use remanent_kernels::sort::sort_by;
use remanent_storage::error::{Error, Result, SqlState, state};
use remanent_storage::txn::Txn;
use remanent_storage::value::{Type, Zone};
use std::borrow::Cow;

/// 22P04
const BAD_COPY_FILE_FORMAT: SqlState = SqlState("22P04");
/// How much of a line an error shows.
const SHOWN: usize = 100;
/// Shorter lines are not counted as memory.
const LONG_LINE: usize = 1 << 20;

fn bad_format(message: impl Into<String>) -> Error {
    Error::new(BAD_COPY_FILE_FORMAT, message)
}

/// A line of the data that is no row of the table.
#[derive(Debug, Clone)]
pub struct Rejected {
    /// Its number, from 1; of one that goes over several lines, that of the last.
    pub line: u64,
    /// The column that does not fit, where it is one.
    pub column: Option<String>,
    /// The line, without its end; what is not UTF-8 in it as U+FFFD.
    pub text: String,
    /// Why.
    pub error: Error,
}

/// What to do about lines that are no rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// The first is an error.
    Fail,
    /// They are told by [`CopyIn::rejected`].
    Skip,
}

/// COPY FROM on its way: it is given bytes as they come, and writes rows into a transaction.
pub struct CopyIn {
    bound: BoundCopy,
    reader: CopyReader,
    load: Load,
    header: Header,
    /// The end of the data was seen; what follows is not read.
    ended: bool,
    affected: u64,
    policy: Policy,
    rejected: Vec<Rejected>,
    memory: Reservation,
}

/// What is wrong with the line at hand, and of which column: its name, and what stands there.
type Wrong = Box<(Error, Option<(String, Option<String>)>)>;

fn plain(error: Error) -> Wrong {
    Box::new((error, None))
}

impl CopyIn {
    /// For a bound COPY FROM. `again`: where the snapshot is too old for a row, a new one may be taken.
    pub fn new(bound: BoundCopy, policy: Policy, again: bool, context: &Context) -> Self {
        let column = |&i: &usize| bound.table.as_ref().and_then(|table| table.columns.get(i)).map(|c| c.ty);
        let types: Vec<Type> = bound.columns.iter().filter_map(column).collect();
        CopyIn {
            reader: CopyReader::new(&bound.format),
            load: Load::new(types, again),
            header: bound.format.header,
            ended: false,
            affected: 0,
            policy,
            rejected: Vec::new(),
            memory: context.memory.reserve(),
            bound,
        }
    }

    /// How many rows were written.
    pub fn affected(&self) -> u64 {
        self.affected
    }

    /// The lines that were left out since the last call, in order, as far as all before them are written.
    pub fn rejected(&mut self) -> Vec<Rejected> {
        sort_by(&mut self.rejected, &|a, b| a.line.cmp(&b.line));
        let known = match self.load.first() {
            Some(first) => self.rejected.partition_point(|rejected| rejected.line < first),
            None => self.rejected.len(),
        };
        self.rejected.drain(..known).collect()
    }

    /// More bytes.
    pub fn feed(&mut self, bytes: &[u8], txn: &mut Txn, context: &Context) -> Result<()> {
        self.reader.push(bytes);
        self.take(false, txn, context)
    }

    /// There are no more: the last rows are written.
    pub fn finish(&mut self, txn: &mut Txn, context: &Context) -> Result<()> {
        self.take(true, txn, context)?;
        self.write(txn, context)?;
        txn.settle_foreign_keys()
    }

    fn take(&mut self, last: bool, txn: &mut Txn, context: &Context) -> Result<()> {
        while !self.ended {
            let done = match self.reader.next(last) {
                Ok(Next::More) => break,
                Ok(Next::End) => {
                    self.ended = true;
                    Ok(())
                }
                Ok(Next::Line) => self.line(&context.zone),
                Err(error) => Err(self.in_line(error, self.reader.line(), String::new())),
            };
            if let Err(error) = done {
                // As in PostgreSQL, rows before it are checked before it, but for their keys.
                return Err(match self.write(txn, context) {
                    Err(first) if first.state() != state::UNIQUE_VIOLATION => first,
                    _ => error,
                });
            }
            if self.load.is_full() {
                self.write(txn, context)?;
            }
        }
        // The line, its fields, their column and what is shown of it.
        let long = if self.reader.held() > LONG_LINE { 4 * self.reader.held() } else { 0 };
        self.memory.hold(long).map_err(|e| e.with_detail(format!("A line of the data needs {long} bytes.")))
    }

    /// The line at hand: names, or a row.
    fn line(&mut self, zone: &Zone) -> Result<()> {
        let (done, is_row) = match std::mem::replace(&mut self.header, Header::No) {
            Header::No => (self.row(zone), true),
            Header::Yes => (Ok(()), false),
            Header::Match => (self.match_header().map_err(plain), false),
        };
        let Err(wrong) = done else { return Ok(()) };
        let ((error, column), line) = (*wrong, self.reader.line());
        self.load.undo();
        if is_row && self.policy == Policy::Skip && is_of_a_row(&error) {
            let text = String::from_utf8_lossy(self.reader.bytes()).into_owned();
            self.rejected.push(Rejected { line, column: column.map(|(name, _)| name), text, error });
            return Ok(());
        }
        let what = match column {
            Some((name, Some(value))) => format!(", column {name}: \"{}\"", shown(&value)),
            Some((name, None)) => format!(", column {name}: null input"),
            // Text that is not UTF-8 is not shown.
            None if text(self.reader.bytes()).is_err() => String::new(),
            None => format!(": \"{}\"", shown(&String::from_utf8_lossy(self.reader.bytes()))),
        };
        Err(self.in_line(error, line, what))
    }

    /// The line at hand as a row.
    fn row(&mut self, zone: &Zone) -> std::result::Result<(), Wrong> {
        self.reader.split().map_err(plain)?;
        let (wanted, found) = (self.load.builders.len(), self.reader.len());
        if found > wanted && !(wanted == 0 && self.reader.bytes().is_empty()) {
            return Err(plain(bad_format("extra data after last expected column")));
        }
        for i in 0..wanted {
            if i >= found {
                return Err(plain(missing(&self.bound, i)));
            }
            let is = |flags: &[bool]| flags.get(i).copied().unwrap_or(false);
            let (not_null, null) = (is(&self.bound.force_not_null), is(&self.bound.force_null));
            let value = self.reader.value(i, not_null, null);
            if let Some(builder) = self.load.builders.get_mut(i)
                && let Err(error) =
                    values::push(builder, value, self.bound.enums.get(i).and_then(Option::as_deref), zone)
            {
                let name = column_name(&self.bound, i).to_string();
                return Err(Box::new((error, Some((name, value.map(str::to_string))))));
            }
        }
        self.load.row(self.reader.line(), self.reader.bytes());
        Ok(())
    }

    /// HEADER MATCH: the line at hand must name the columns.
    fn match_header(&mut self) -> Result<()> {
        self.reader.split()?;
        let (found, wanted) = (self.reader.len(), self.load.builders.len());
        if found != wanted {
            let message = format!("wrong number of fields in header line: got {found}, expected {wanted}");
            return Err(bad_format(message));
        }
        for i in 0..wanted {
            let (name, field) = (column_name(&self.bound, i), i + 1);
            let got = match self.reader.value(i, false, false) {
                Some(got) if got == name => continue,
                Some(got) => format!("\"{got}\""),
                None => format!("null value (\"{}\")", self.bound.format.null),
            };
            let message =
                format!("column name mismatch in header line field {field}: got {got}, expected \"{name}\"");
            return Err(bad_format(message));
        }
        Ok(())
    }

    /// Writes the rows so far.
    fn write(&mut self, txn: &mut Txn, context: &Context) -> Result<()> {
        context.interrupt.check()?;
        let mut skipped = Vec::new();
        let skip = (self.policy == Policy::Skip).then_some(&mut skipped);
        let done = self.load.write(&self.bound, txn, context, skip);
        for Bad { line, text, error } in skipped {
            let text = String::from_utf8_lossy(&text).into_owned();
            self.rejected.push(Rejected { line, column: None, text, error });
        }
        match done {
            Ok(affected) => {
                context.interrupt.count(affected as usize);
                self.affected += affected;
            }
            // What is of no row has no line.
            Err(Bad { error, .. }) if !is_of_a_row(&error) => return Err(error),
            Err(Bad { line, text, error }) => {
                // As PostgreSQL: what is found of a row alone shows the row, what is found in an index only its line.
                let what = match error.state() == state::UNIQUE_VIOLATION {
                    true => String::new(),
                    false => format!(": \"{}\"", shown(&String::from_utf8_lossy(&text))),
                };
                return Err(self.in_line(error, line, what));
            }
        }
        Ok(())
    }

    /// An error with PostgreSQL's CONTEXT line.
    fn in_line(&self, error: Error, line: u64, what: String) -> Error {
        let table = self.bound.table.as_ref().map_or("", |table| &table.name);
        error.with_context(format!("COPY {table}, line {line}{what}"))
    }
}

fn column_name(bound: &BoundCopy, field: usize) -> &str {
    let position = bound.columns.get(field).copied().unwrap_or_default();
    bound.table.as_ref().and_then(|table| table.columns.get(position)).map_or("", |column| &column.name)
}

fn missing(bound: &BoundCopy, field: usize) -> Error {
    bad_format(format!("missing data for column \"{}\"", column_name(bound, field)))
}

/// As much of a text as an error shows.
fn shown(text: &str) -> Cow<'_, str> {
    match text.len() <= SHOWN {
        true => Cow::Borrowed(text),
        false => {
            let end = (0..=SHOWN).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(0);
            Cow::Owned(format!("{}...", text.get(..end).unwrap_or_default()))
        }
    }
}

/// Bytes as text; 22021 where they are none.
fn text(bytes: &[u8]) -> Result<&str> {
    let bad = |bytes: &[u8]| {
        let length = match bytes.first().copied().unwrap_or(0) {
            0xc0..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf7 => 4,
            _ => 1,
        };
        let codes: Vec<String> = bytes.iter().take(length).map(|byte| format!("0x{byte:02x}")).collect();
        let message = format!("invalid byte sequence for encoding \"UTF8\": {}", codes.join(" "));
        Error::new(state::CHARACTER_NOT_IN_REPERTOIRE, message)
    };
    let text =
        std::str::from_utf8(bytes).map_err(|e| bad(bytes.get(e.valid_up_to()..).unwrap_or_default()))?;
    match text.contains('\0') {
        true => Err(bad(&[0])),
        false => Ok(text),
    }
}
