//! COPY: rows as text, and text as rows.
//!
//! | file | holds |
//! |---|---|
//! | `mod` | [`CopyIn`]: bytes, as they come, into rows and into an INSERT |
//! | `records` | where a line ends, and where the data does |
//! | `fields` | a line as fields |
//! | `write` | a row as a line |
//!
//! What is held is one line and one batch of rows.

mod fields;
mod records;
mod write;

pub use write::CopyOut;

use super::{Context, Env, write::write as write_plan};
use crate::sql::bind::{BoundCopy, Header};
use fields::Fields;
use records::Records;
use remanent_storage::error::{Error, Result, SqlState, state};
use remanent_storage::txn::Txn;
use remanent_storage::value::column::BATCH_ROWS;
use remanent_storage::value::{Batch, ColumnBuilder, Type, Value};
use std::borrow::Cow;

/// 22P04
const BAD_COPY_FILE_FORMAT: SqlState = SqlState("22P04");
/// Rows of so many bytes are handed on, however few they are.
const BATCH_BYTES: usize = 4 << 20;
/// How much of a line an error shows.
const SHOWN: usize = 100;

fn bad_format(message: impl Into<String>) -> Error {
    Error::new(BAD_COPY_FILE_FORMAT, message)
}

/// COPY FROM on its way: it is given bytes as they come, and writes rows into a transaction.
pub struct CopyIn {
    bound: BoundCopy,
    types: Vec<Type>,
    records: Records,
    fields: Fields,
    builders: Vec<ColumnBuilder>,
    /// Of each row of the builders: its line, and where in `raw` its text ends.
    lines: Vec<(u64, usize)>,
    raw: Vec<u8>,
    header: Header,
    /// The end of the data was seen; what follows is not read.
    ended: bool,
    affected: u64,
}

impl CopyIn {
    /// For a bound COPY FROM.
    pub fn new(bound: BoundCopy) -> Self {
        let column = |&i: &usize| bound.table.as_ref().and_then(|table| table.columns.get(i)).map(|c| c.ty);
        let types: Vec<Type> = bound.columns.iter().filter_map(column).collect();
        let builders = types.iter().copied().map(ColumnBuilder::new).collect();
        CopyIn {
            records: Records::new(&bound.format),
            fields: Fields::default(),
            types,
            builders,
            lines: Vec::new(),
            raw: Vec::new(),
            header: bound.format.header,
            ended: false,
            affected: 0,
            bound,
        }
    }

    /// How many rows were written.
    pub fn affected(&self) -> u64 {
        self.affected
    }

    /// More bytes.
    pub fn feed(&mut self, bytes: &[u8], txn: &mut Txn, context: &Context) -> Result<()> {
        self.records.push(bytes);
        self.take(false, txn, context)
    }

    /// There are no more: the last rows are written.
    pub fn finish(&mut self, txn: &mut Txn, context: &Context) -> Result<()> {
        self.take(true, txn, context)?;
        self.write(txn, context)
    }

    fn take(&mut self, last: bool, txn: &mut Txn, context: &Context) -> Result<()> {
        while !self.ended {
            match self.records.next(last) {
                Ok(records::Next::More) => return Ok(()),
                Ok(records::Next::End) => self.ended = true,
                Ok(records::Next::Line) => {
                    let line = self.records.line();
                    let header = std::mem::replace(&mut self.header, Header::No);
                    let done = match header {
                        Header::No => self.row(),
                        Header::Yes => Ok(()),
                        Header::Match => self.match_header(),
                    };
                    if let Err((error, column)) = done.map_err(|e| *e) {
                        return Err(self.at(error, line, column.as_deref(), true));
                    }
                    if self.lines.len() == BATCH_ROWS || self.raw.len() >= BATCH_BYTES {
                        self.write(txn, context)?;
                    }
                }
                Err(error) => return Err(self.at(error, self.records.line(), None, false)),
            }
        }
        Ok(())
    }

    /// The line at hand as a row. An error comes with what to say of the column.
    fn row(&mut self) -> std::result::Result<(), Box<(Error, Option<String>)>> {
        let plain = |error: Error| Box::new((error, None));
        let line = text(self.records.bytes()).map_err(plain)?;
        self.fields.split(line, &self.bound.format).map_err(plain)?;
        let (wanted, found) = (self.types.len(), self.fields.len());
        if found > wanted && !(wanted == 0 && line.is_empty()) {
            return Err(plain(bad_format("extra data after last expected column")));
        }
        let mut failed = None;
        for (i, (builder, &ty)) in self.builders.iter_mut().zip(&self.types).enumerate() {
            let done = match i < found {
                true => {
                    let is = |flags: &[bool]| flags.get(i).copied().unwrap_or(false);
                    let (not_null, null) = (is(&self.bound.force_not_null), is(&self.bound.force_null));
                    let value = self.fields.value(i, &self.bound.format, not_null, null);
                    push(builder, ty, value).map_err(|error| (error, Some(value.map(str::to_string))))
                }
                false => Err((missing(&self.bound, i), None)),
            };
            if let Err((error, value)) = done {
                failed = Some((error, i, value));
                break;
            }
        }
        match failed {
            None => {
                self.raw.extend_from_slice(self.records.bytes());
                self.lines.push((self.records.line(), self.raw.len()));
                Ok(())
            }
            Some((error, i, value)) => {
                let name = column_name(&self.bound, i);
                let said = value.map(|value| match value {
                    Some(value) => format!(", column {name}: \"{}\"", shown(&value)),
                    None => format!(", column {name}: null input"),
                });
                Err(Box::new((error, said)))
            }
        }
    }

    /// HEADER MATCH: the line at hand must name the columns.
    fn match_header(&mut self) -> std::result::Result<(), Box<(Error, Option<String>)>> {
        let plain = |error: Error| Box::new((error, None));
        let line = text(self.records.bytes()).map_err(plain)?;
        self.fields.split(line, &self.bound.format).map_err(plain)?;
        let (found, wanted) = (self.fields.len(), self.types.len());
        if found != wanted {
            let message = format!("wrong number of fields in header line: got {found}, expected {wanted}");
            return Err(plain(bad_format(message)));
        }
        for i in 0..wanted {
            let (name, field) = (column_name(&self.bound, i), i + 1);
            let got = match self.fields.value(i, &self.bound.format, false, false) {
                Some(got) if got == name => continue,
                Some(got) => format!("\"{got}\""),
                None => format!("null value (\"{}\")", self.bound.format.null),
            };
            let message =
                format!("column name mismatch in header line field {field}: got {got}, expected \"{name}\"");
            return Err(plain(bad_format(message)));
        }
        Ok(())
    }

    /// Writes the rows so far.
    fn write(&mut self, txn: &mut Txn, context: &Context) -> Result<()> {
        context.interrupt.check()?;
        let rows = self.lines.len();
        if rows == 0 {
            return Ok(());
        }
        let columns = self.builders.iter_mut().zip(&self.types);
        let columns = columns.map(|(b, &ty)| std::mem::replace(b, ColumnBuilder::new(ty)).finish()).collect();
        let batch = Batch::new(columns, rows);
        context.interrupt.count(rows);
        let before = txn.savepoint();
        match self.insert(batch.clone(), txn, context) {
            Ok(affected) => {
                self.affected += affected;
                self.lines.clear();
                self.raw.clear();
                Ok(())
            }
            Err(error) if error.is_restart() || error.state() == state::QUERY_CANCELED => Err(error),
            Err(error) => {
                // The first row that fails alone: the shortest beginning of the batch that fails.
                let (mut good, mut bad, mut reason) = (0, rows, error);
                while bad - good > 1 {
                    let middle = good + (bad - good) / 2;
                    txn.rollback_to(&before);
                    match self.insert(batch.slice(0, middle), txn, context) {
                        Ok(_) => good = middle,
                        Err(error) => (bad, reason) = (middle, error),
                    }
                }
                let start = good.checked_sub(1).and_then(|i| self.lines.get(i)).map_or(0, |(_, end)| *end);
                let (line, end) = self.lines.get(good).copied().unwrap_or_default();
                // As PostgreSQL: what is found of a row alone shows the row, what is found in an index only its line.
                let alone = reason.state() != state::UNIQUE_VIOLATION;
                let text = self.raw.get(start..end).filter(|_| alone).map(String::from_utf8_lossy);
                let what = text.map(|text| format!(": \"{}\"", shown(&text)));
                Err(self.at(reason, line, what.as_deref(), false))
            }
        }
    }

    fn insert(&self, batch: Batch, txn: &mut Txn, context: &Context) -> Result<u64> {
        let Some((plan, given)) = &self.bound.insert else {
            return Err(Error::internal("COPY FROM without a table"));
        };
        given.put(batch);
        Ok(write_plan(plan, txn, &Env::new(context.clone(), Vec::new(), None))?.affected)
    }

    /// An error with PostgreSQL's CONTEXT line, as its last line of detail.
    fn at(&self, error: Error, line: u64, column: Option<&str>, known: bool) -> Error {
        let table = self.bound.table.as_ref().map_or("", |table| &table.name);
        let what = match (column, known) {
            (Some(column), _) => column.to_string(),
            (None, true) => format!(": \"{}\"", shown(&String::from_utf8_lossy(self.records.bytes()))),
            (None, false) => String::new(),
        };
        // Text that is not UTF-8 is not shown.
        let what = if error.state() == state::CHARACTER_NOT_IN_REPERTOIRE && column.is_none() {
            String::new()
        } else {
            what
        };
        let context = format!("COPY {table}, line {line}{what}");
        let detail = match error.detail() {
            Some(detail) => format!("{detail}\n{context}"),
            None => context,
        };
        error.with_detail(detail)
    }
}

fn column_name(bound: &BoundCopy, field: usize) -> &str {
    let position = bound.columns.get(field).copied().unwrap_or_default();
    bound.table.as_ref().and_then(|table| table.columns.get(position)).map_or("", |column| &column.name)
}

fn missing(bound: &BoundCopy, field: usize) -> Error {
    bad_format(format!("missing data for column \"{}\"", column_name(bound, field)))
}

fn push(builder: &mut ColumnBuilder, ty: Type, value: Option<&str>) -> Result<()> {
    match (ty, value) {
        (_, None) => builder.push_null(),
        (Type::Text, Some(text)) => builder.push_bytes(text.as_bytes()),
        (ty, Some(text)) => builder.push(&Value::parse(text, ty)?)?,
    }
    Ok(())
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
        let first = bytes.first().copied().unwrap_or(0);
        let length = match first {
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
