//! Printing the answer of a statement.
//!
//! | file | prints |
//! |---|---|
//! | [`table`] | columns aligned for reading, cut to the terminal |
//! | [`mod@line`] | one line a value, for wide rows |
//! | [`markdown`] | a table for documents |
//! | [`csv`] | RFC 4180, for other programs |
//! | [`json`] | an array of objects, for other programs |
//!
//! Rows are printed as they come: the memory used does not depend on how many there are.

pub mod csv;
pub mod json;
pub mod line;
pub mod markdown;
pub mod table;

use crate::failure::Result;
use crate::term::Paint;
use remanent::{Rows, Type};
use std::io::Write;

/// In which form answers are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// Aligned, with a heading and the number of rows.
    #[default]
    Table,
    /// `--csv`
    Csv,
    /// `--json`
    Json,
    /// A table of Markdown.
    Markdown,
    /// A line a value.
    Line,
}

/// The forms by name.
pub const FORMATS: &[(&str, Format)] = &[
    ("table", Format::Table),
    ("csv", Format::Csv),
    ("json", Format::Json),
    ("markdown", Format::Markdown),
    ("line", Format::Line),
];

/// How answers look.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// Their form.
    pub format: Format,
    /// Tables too wide for the terminal are printed a line a value.
    pub auto: bool,
    /// Their colours.
    pub paint: Paint,
    /// The columns of the terminal; None: as wide as they are.
    pub width: Option<usize>,
}

impl Style {
    /// Tables as they are, for files and tests.
    #[cfg(test)]
    pub fn plain() -> Self {
        Style { format: Format::Table, auto: false, paint: Paint::plain(), width: None }
    }
}

/// The text of each value of a row; None for NULL.
pub type Cells = Vec<Option<String>>;

/// A column of an answer: its name and type.
#[derive(Debug, Clone)]
pub struct Head {
    /// As the statement names it.
    pub name: String,
    /// What it holds.
    pub ty: Type,
}

impl Head {
    /// The columns of an answer.
    pub fn of(rows: &Rows) -> Vec<Head> {
        rows.columns().iter().map(|c| Head { name: c.name().to_owned(), ty: c.ty() }).collect()
    }

    /// True for numbers, which align at their right end.
    pub fn is_number(&self) -> bool {
        matches!(
            self.ty,
            Type::Int2 | Type::Int4 | Type::Int8 | Type::Float4 | Type::Float8 | Type::Numeric(_)
        )
    }
}

/// Prints an answer; how many rows it had. `each` is asked before every row and may end it.
pub fn print(
    rows: Rows,
    style: Style,
    out: &mut dyn Write,
    each: &mut dyn FnMut() -> remanent::Result<()>,
) -> Result<u64> {
    let heads = Head::of(&rows);
    let mut cells = cells(rows).map(|row| each().and(row));
    print_cells(&heads, &mut cells, style, out)
}

/// The rows of an answer as texts.
pub fn cells(rows: Rows) -> impl Iterator<Item = remanent::Result<Cells>> {
    let (width, zone) = (rows.columns().len(), rows.zone().clone());
    rows.map(move |row| {
        let row = row?;
        let text = |i| match row.value(i).loaded()? {
            value if value.is_null() => Ok(None),
            value => Ok(Some(value.text_in(&zone))),
        };
        (0..width).map(text).collect()
    })
}

/// Prints rows of texts.
pub fn print_cells(
    heads: &[Head],
    rows: &mut dyn Iterator<Item = remanent::Result<Cells>>,
    style: Style,
    out: &mut dyn Write,
) -> Result<u64> {
    match style.format {
        Format::Table => table::print(heads, rows, style, out),
        Format::Csv => csv::print(heads, rows, out),
        Format::Json => json::print(heads, rows, out),
        Format::Markdown => markdown::print(heads, rows, out),
        Format::Line => line::print(heads, rows, style, out),
    }
}
