//! COPY: what its options mean, which columns it reads or writes, and, for COPY FROM, the INSERT that its rows go through.
//!
//! The rows of COPY FROM are an input like any other ([`Plan::Given`]), so defaults, WHERE and all that INSERT checks are
//! where they are for INSERT.

use super::expr::{Clause, Place};
use super::scope::Scope;
use super::{Binder, refuse};
use crate::sql::ast::{Copied, Copy, CopyEnd, CopyOption, CopyValue, Ident, Span};
use crate::sql::plan::{Field, Given, Plan};
use remanent_storage::catalog::Catalog;
use remanent_storage::catalog::enums::EnumDef;
use remanent_storage::error::{Error, Result, SqlState, state};
use remanent_storage::table::{Generated, RelationKind, TableDef};
use std::sync::Arc;

/// How rows are written as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyFormat {
    /// csv, not text.
    pub csv: bool,
    /// What stands between two fields.
    pub delimiter: u8,
    /// What stands for NULL.
    pub null: String,
    /// The first line names the columns.
    pub header: Header,
    /// csv: what stands around fields.
    pub quote: u8,
    /// csv: what stands before a quote within a field.
    pub escape: u8,
}

impl CopyFormat {
    /// csv with its defaults but for what stands between two fields.
    pub fn csv(delimiter: u8) -> Self {
        let (header, quote) = (Header::No, b'"');
        CopyFormat { csv: true, delimiter, null: String::new(), header, quote, escape: quote }
    }
}

/// What the first line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Header {
    /// A row.
    No,
    /// The columns' names.
    Yes,
    /// The columns' names, which must be those of the table.
    Match,
}

/// COPY as it is run.
#[derive(Debug)]
pub struct BoundCopy {
    /// The table, where it is one.
    pub table: Option<Arc<TableDef>>,
    /// The table's columns, by position, in the order of the fields.
    pub columns: Vec<usize>,
    /// How rows are written.
    pub format: CopyFormat,
    /// Of each field: it is put in quotes (TO), a NULL without quotes is text (FROM), a NULL in quotes is NULL (FROM).
    pub force_quote: Vec<bool>,
    /// See above.
    pub force_not_null: Vec<bool>,
    /// See above.
    pub force_null: Vec<bool>,
    /// Of each field of COPY FROM: the enum type of its column.
    pub enums: Vec<Option<Arc<EnumDef>>>,
    /// For COPY FROM: the INSERT, and where its rows are put.
    pub insert: Option<(Plan, Given)>,
}

/// Binds COPY. `fields` are the columns of the query that it copies, where it copies one.
pub fn bind_copy(copy: &Copy, catalog: &Catalog, path: &[String], fields: &[String]) -> Result<BoundCopy> {
    if let CopyEnd::Command(_, span) = copy.end {
        return Err(refuse("COPY with PROGRAM", span));
    }
    let mut binder = Binder::new(catalog, Vec::new(), 0, path);
    let options = Options::of(&copy.options, copy.from)?;
    let (table, columns, names) = match &copy.what {
        Copied::Table { name, columns } => {
            // As PostgreSQL: without a position.
            let table = binder.table(name).map_err(|error| error.without_position())?;
            check_kind(&table, copy.from)?;
            let columns = positions(columns, &table)?;
            let names =
                columns.iter().filter_map(|&i| table.columns.get(i)).map(|c| c.name.clone()).collect();
            (Some(table), columns, names)
        }
        Copied::Query(_) => (None, Vec::new(), fields.to_vec()),
    };
    let flags = |wanted: &Wanted, what: &str| wanted.flags(what, &names, table.as_deref());
    let force_quote = flags(&options.force_quote, "FORCE_QUOTE")?;
    let force_not_null = flags(&options.force_not_null, "FORCE_NOT_NULL")?;
    let force_null = flags(&options.force_null, "FORCE_NULL")?;
    let insert = match &table {
        Some(table) if copy.from => Some(binder.copy_insert(copy, table, &columns)?),
        _ => None,
    };
    let enumeration = |&i: &usize| {
        let column = table.as_ref().and_then(|table| table.columns.get(i))?;
        column.ty.enumeration().and_then(|id| catalog.enums().get(&id).cloned())
    };
    let enums = columns.iter().map(enumeration).collect();
    Ok(BoundCopy {
        table,
        columns,
        format: options.format,
        force_quote,
        force_not_null,
        force_null,
        enums,
        insert,
    })
}

impl Binder<'_> {
    /// The INSERT that the rows of COPY FROM go through.
    fn copy_insert(
        &mut self,
        copy: &Copy,
        table: &Arc<TableDef>,
        columns: &[usize],
    ) -> Result<(Plan, Given)> {
        let field = |column: &remanent_storage::table::ColumnDef| Field::new(&column.name, column.ty);
        let given = Given::default();
        let fields = columns.iter().filter_map(|&i| table.columns.get(i)).map(field).collect();
        let mut exprs = Vec::with_capacity(table.columns.len());
        for (position, column) in table.columns.iter().enumerate() {
            exprs.push(match columns.iter().position(|&given| given == position) {
                Some(i) => crate::sql::expr::Expr::column(i, column.ty),
                None => self.default(column)?,
            });
        }
        let names = table.columns.iter().map(|column| column.name.clone()).collect();
        let rows = Plan::Given { rows: given.clone(), fields };
        let mut input = Plan::Project { input: Box::new(rows), exprs, names };
        if let Some(filter) = &copy.filter {
            let scope =
                Scope::relation(&table.name, Some(Arc::clone(table)), table.columns.iter().map(field));
            let predicate = self.condition(filter, &mut Place::new(&scope, Clause::CopyFrom))?;
            let predicate = self.resolver.finish(predicate)?;
            input = Plan::Filter { input: Box::new(input), predicate };
        }
        let rules = self.rules_of(table, super::foreign::Writes::Inserts(&[]))?;
        let (input, table) = (Box::new(input), Arc::clone(table));
        let insert = Plan::Insert { input, conflict: None, rules, returning: None, table };
        Ok((insert, given))
    }
}

/// The positions of the columns named, or of all.
fn positions(named: &[Ident], table: &TableDef) -> Result<Vec<usize>> {
    if named.is_empty() {
        let stored = |&i: &usize| table.columns.get(i).is_some_and(|c| c.generated == Generated::Stored);
        return Ok((0..table.columns.len()).filter(|i| !stored(i)).collect());
    }
    let mut positions = Vec::with_capacity(named.len());
    for Ident { name, .. } in named {
        let Some(position) = table.column(name) else { return Err(no_column(name, table)) };
        if table.columns.get(position).is_some_and(|column| column.generated == Generated::Stored) {
            let message = format!("column \"{name}\" is a generated column");
            return Err(Error::new(state::INVALID_COLUMN_REFERENCE, message)
                .with_detail("Generated columns cannot be used in COPY."));
        }
        if positions.contains(&position) {
            let message = format!("column \"{name}\" specified more than once");
            return Err(Error::new(state::DUPLICATE_COLUMN, message));
        }
        positions.push(position);
    }
    Ok(positions)
}

/// 42809 for what has no rows of its own.
fn check_kind(table: &TableDef, from: bool) -> Result<()> {
    let (what, hint) = match (&table.kind, from) {
        (RelationKind::Table, _) => return Ok(()),
        (RelationKind::View(_), true) => {
            ("view", "To enable copying to a view, provide an INSTEAD OF INSERT trigger.")
        }
        (RelationKind::View(_), false) => ("view", "Try the COPY (SELECT ...) TO variant."),
        (RelationKind::Sequence(_), _) => ("sequence", ""),
    };
    let direction = if from { "to" } else { "from" };
    let message = format!("cannot copy {direction} {what} \"{}\"", table.name);
    let error = Error::new(state::WRONG_OBJECT_TYPE, message);
    Err(if hint.is_empty() { error } else { error.with_hint(hint) })
}

fn no_column(name: &str, table: &TableDef) -> Error {
    let message = format!("column \"{name}\" of relation \"{}\" does not exist", table.name);
    Error::new(state::UNDEFINED_COLUMN, message)
}

/// Columns that an option is for.
#[derive(Default)]
enum Wanted {
    #[default]
    None,
    All,
    Some(Vec<String>),
}

impl Wanted {
    fn is_some(&self) -> bool {
        !matches!(self, Wanted::None)
    }

    /// Which of the fields are meant.
    fn flags(&self, what: &str, fields: &[String], table: Option<&TableDef>) -> Result<Vec<bool>> {
        let mut flags = vec![matches!(self, Wanted::All); fields.len()];
        let Wanted::Some(names) = self else { return Ok(flags) };
        for (i, name) in names.iter().enumerate() {
            let field = fields.iter().position(|field| field == name);
            match field.and_then(|field| flags.get_mut(field)) {
                Some(flag) => *flag = true,
                None if table.is_some_and(|table| table.column(name).is_some()) => {
                    let message = format!("{what} column \"{name}\" not referenced by COPY");
                    return Err(Error::new(state::INVALID_COLUMN_REFERENCE, message));
                }
                None => {
                    return Err(match table {
                        Some(table) => no_column(name, table),
                        None => {
                            Error::new(state::UNDEFINED_COLUMN, format!("column \"{name}\" does not exist"))
                        }
                    });
                }
            }
            if names.get(..i).is_some_and(|before| before.contains(name)) {
                let message = format!("column \"{name}\" specified more than once");
                return Err(Error::new(state::DUPLICATE_COLUMN, message));
            }
        }
        Ok(flags)
    }
}

/// What is said behind WITH.
struct Options {
    format: CopyFormat,
    force_quote: Wanted,
    force_not_null: Wanted,
    force_null: Wanted,
}

/// FORMAT
#[derive(Clone, Copy, PartialEq)]
enum Written {
    Text,
    Csv,
    Binary(Span),
}

/// The same before the defaults are known.
#[derive(Default)]
struct Said {
    format: Option<Written>,
    freeze: Option<bool>,
    delimiter: Option<String>,
    null: Option<String>,
    header: Option<Header>,
    quote: Option<String>,
    escape: Option<String>,
    encoding: Option<()>,
    force_quote: Wanted,
    force_not_null: Wanted,
    force_null: Wanted,
}

impl Options {
    /// The checks are PostgreSQL's, in its order (`ProcessCopyOptions`).
    fn of(options: &[CopyOption], from: bool) -> Result<Options> {
        let mut said = Said::default();
        for option in options {
            said.add(option, from)?;
        }
        let csv = match said.format {
            Some(Written::Binary(at)) => return Err(refuse("COPY in binary format", at)),
            format => format == Some(Written::Csv),
        };
        let delimiter = said.delimiter.clone().unwrap_or_else(|| if csv { "," } else { "\t" }.to_string());
        let null = said.null.clone().unwrap_or_else(|| if csv { "" } else { "\\N" }.to_string());
        let quote = said.quote.clone().unwrap_or_else(|| "\"".to_string());
        let escape = said.escape.clone().unwrap_or_else(|| quote.clone());
        let [delimiter_byte] = *delimiter.as_bytes() else {
            return unsupported("COPY delimiter must be a single one-byte character");
        };
        if matches!(delimiter_byte, b'\r' | b'\n') {
            return invalid("COPY delimiter cannot be newline or carriage return");
        }
        if null.contains(['\r', '\n']) {
            return invalid("COPY null representation cannot use newline or carriage return");
        }
        // What a backslash makes special.
        if !csv
            && (delimiter_byte.is_ascii_lowercase()
                || delimiter_byte.is_ascii_digit()
                || b"\\.".contains(&delimiter_byte))
        {
            return invalid(&format!("COPY delimiter cannot be \"{delimiter}\""));
        }
        let only_csv = |given: bool, what: &str| match given && !csv {
            true => unsupported(&format!("COPY {what} available only in CSV mode")),
            false => Ok(()),
        };
        only_csv(said.quote.is_some(), "quote")?;
        let [quote_byte] = *quote.as_bytes() else {
            return unsupported("COPY quote must be a single one-byte character");
        };
        if csv && delimiter_byte == quote_byte {
            return invalid("COPY delimiter and quote must be different");
        }
        only_csv(said.escape.is_some(), "escape")?;
        let [escape_byte] = *escape.as_bytes() else {
            return unsupported("COPY escape must be a single one-byte character");
        };
        let only = |given: bool, what: &str, fits: bool, direction: &str| {
            only_csv(given, what)?;
            match given && !fits {
                true => unsupported(&format!("COPY {what} only available using COPY {direction}")),
                false => Ok(()),
            }
        };
        only(said.force_quote.is_some(), "force quote", !from, "TO")?;
        only(said.force_not_null.is_some(), "force not null", from, "FROM")?;
        only(said.force_null.is_some(), "force null", from, "FROM")?;
        if null.as_bytes().contains(&delimiter_byte) {
            return unsupported("COPY delimiter must not appear in the NULL specification");
        }
        if csv && null.as_bytes().contains(&quote_byte) {
            return unsupported("CSV quote character must not appear in the NULL specification");
        }
        let header = said.header.unwrap_or(Header::No);
        let format = CopyFormat {
            csv,
            delimiter: delimiter_byte,
            null,
            header,
            quote: quote_byte,
            escape: escape_byte,
        };
        let Said { force_quote, force_not_null, force_null, .. } = said;
        Ok(Options { format, force_quote, force_not_null, force_null })
    }
}

impl Said {
    fn add(&mut self, option: &CopyOption, from: bool) -> Result<()> {
        let at = option.name.span;
        match option.name.name.as_str() {
            "format" => {
                let format = match text(option)?.as_str() {
                    "text" => Written::Text,
                    "csv" => Written::Csv,
                    "binary" => Written::Binary(at),
                    other => {
                        let message = format!("COPY format \"{other}\" not recognized");
                        return Err(Error::new(state::INVALID_PARAMETER_VALUE, message).at(at.at()));
                    }
                };
                once(&mut self.format, format, at)
            }
            "freeze" => once(&mut self.freeze, boolean(option)?, at),
            "delimiter" => once(&mut self.delimiter, text(option)?, at),
            "null" => once(&mut self.null, text(option)?, at),
            "header" => once(&mut self.header, header(option, from)?, at),
            "quote" => once(&mut self.quote, text(option)?, at),
            "escape" => once(&mut self.escape, text(option)?, at),
            "encoding" => {
                encoding(&text(option)?, at)?;
                once(&mut self.encoding, (), at)
            }
            "force_quote" => columns(&mut self.force_quote, option, true),
            "force_not_null" => columns(&mut self.force_not_null, option, false),
            "force_null" => columns(&mut self.force_null, option, false),
            other => {
                let message = format!("option \"{other}\" not recognized");
                Err(Error::new(state::SYNTAX_ERROR, message).at(at.at()))
            }
        }
    }
}

fn once<T>(slot: &mut Option<T>, value: T, at: Span) -> Result<()> {
    match slot.replace(value) {
        Some(_) => Err(redundant(at)),
        None => Ok(()),
    }
}

fn redundant(at: Span) -> Error {
    Error::new(state::SYNTAX_ERROR, "conflicting or redundant options").at(at.at())
}

fn columns(slot: &mut Wanted, option: &CopyOption, star: bool) -> Result<()> {
    let at = option.name.span;
    if slot.is_some() {
        return Err(redundant(at));
    }
    *slot = match &option.value {
        CopyValue::Star if star => Wanted::All,
        CopyValue::List(names) => Wanted::Some(names.iter().map(|name| name.name.clone()).collect()),
        _ => {
            let message =
                format!("argument to option \"{}\" must be a list of column names", option.name.name);
            return Err(Error::new(state::INVALID_PARAMETER_VALUE, message).at(at.at()));
        }
    };
    Ok(())
}

fn text(option: &CopyOption) -> Result<String> {
    match &option.value {
        CopyValue::Text(text) => Ok(text.clone()),
        CopyValue::Star => Ok("*".to_string()),
        CopyValue::None | CopyValue::List(_) => {
            let message = format!("{} requires a parameter", option.name.name);
            Err(Error::new(state::SYNTAX_ERROR, message))
        }
    }
}

fn boolean(option: &CopyOption) -> Result<bool> {
    let word = match &option.value {
        CopyValue::None => return Ok(true),
        CopyValue::Text(word) => word.to_ascii_lowercase(),
        _ => String::new(),
    };
    match word.as_str() {
        "true" | "on" | "1" => Ok(true),
        "false" | "off" | "0" => Ok(false),
        _ => {
            let message = format!("{} requires a Boolean value", option.name.name);
            Err(Error::new(state::SYNTAX_ERROR, message))
        }
    }
}

fn header(option: &CopyOption, from: bool) -> Result<Header> {
    match &option.value {
        CopyValue::Text(word) if word.eq_ignore_ascii_case("match") => match from {
            true => Ok(Header::Match),
            false => unsupported(&format!("cannot use \"{word}\" with HEADER in COPY TO")),
        },
        _ => match boolean(option) {
            Ok(true) => Ok(Header::Yes),
            Ok(false) => Ok(Header::No),
            Err(_) => {
                let message = format!("{} requires a Boolean value or \"match\"", option.name.name);
                Err(Error::new(state::SYNTAX_ERROR, message))
            }
        },
    }
}

/// UTF-8 by any of PostgreSQL's names for it; other encodings that it knows are refused.
fn encoding(name: &str, at: Span) -> Result<()> {
    let plain: String =
        name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let known = [
        "latin", "iso8859", "win", "euc", "koi8", "sqlascii", "big5", "gb", "sjis", "shiftjis", "uhc",
        "johab",
    ];
    match plain.as_str() {
        "utf8" | "unicode" => Ok(()),
        other if known.iter().any(|known| other.starts_with(known)) => {
            Err(refuse(format!("COPY in encoding {name}"), at))
        }
        _ => {
            let message = "argument to option \"encoding\" must be a valid encoding name";
            Err(Error::new(state::INVALID_PARAMETER_VALUE, message).at(at.at()))
        }
    }
}

fn fail<T>(state: SqlState, message: &str) -> Result<T> {
    Err(Error::new(state, message))
}

fn unsupported<T>(message: &str) -> Result<T> {
    fail(state::FEATURE_NOT_SUPPORTED, message)
}

fn invalid<T>(message: &str) -> Result<T> {
    fail(state::INVALID_PARAMETER_VALUE, message)
}
