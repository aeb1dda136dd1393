//! Printing the answer of a statement: as an aligned table, as CSV or as JSON.
//!
//! | file | prints |
//! |---|---|
//! | [`table`] | columns aligned for reading |
//! | [`csv`] | RFC 4180, for other programs |
//! | [`json`] | an array of objects, for other programs |
//!
//! Rows are printed as they come: the memory used does not depend on how many there are.

pub mod csv;
pub mod json;
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
}

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

/// Prints an answer; how many rows it had.
pub fn print(rows: Rows, format: Format, out: &mut dyn Write, paint: Paint) -> Result<u64> {
    let heads = Head::of(&rows);
    let width = heads.len();
    // A value is its text, or None for NULL.
    let cells = rows.map(|row| {
        let row = row?;
        let text = |i| match row.value(i).loaded()? {
            value if value.is_null() => Ok(None),
            value => Ok(Some(value.to_string())),
        };
        (0..width).map(text).collect::<remanent::Result<Vec<_>>>()
    });
    match format {
        Format::Table => table::print(&heads, cells, out, paint),
        Format::Csv => csv::print(&heads, cells, out),
        Format::Json => json::print(&heads, cells, out),
    }
}
